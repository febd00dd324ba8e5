// ALTER TABLE and its kin (INDEX, SEQUENCE, VIEW, MATERIALIZED VIEW, FOREIGN TABLE), ALTER TYPE, ALTER
// DOMAIN.
#include "build/builder.h"

namespace aegis::parser {

ObjectType Builder::alter_table_kind(P::Alter_table_kindContext* context) {
  if (context->INDEX() != nullptr) return ObjectType::Index;
  if (context->SEQUENCE() != nullptr) return ObjectType::Sequence;
  if (context->MATERIALIZED() != nullptr) return ObjectType::Matview;
  if (context->VIEW() != nullptr) return ObjectType::View;
  if (context->FOREIGN() != nullptr) return ObjectType::ForeignTable;
  return ObjectType::Table;
}

Node* Builder::alter_table(P::Alter_tableContext* context) {
  ObjectType kind = alter_table_kind(context->kind);
  P::Relation_exprContext* name = context->relation_expr();
  bool is_table = kind == ObjectType::Table || kind == ObjectType::ForeignTable;
  if (!is_table && name->only != nullptr) syntax_error(name->only);
  if (!is_table && name->star != nullptr) syntax_error(name->star);
  bool missing_ok = context->if_exists() != nullptr;
  if (P::Rename_actionContext* rename = context->rename_action()) {
    return rename_part(context, kind, rename);
  }
  if (P::Object_changeContext* change = context->object_change()) return change_table(context, kind, change);
  auto* node = make<AlterTableStmt>(context);
  node->relation = relation(name);
  node->objtype = kind;
  node->missing_ok = missing_ok;
  if (P::Partition_cmdContext* partition = context->partition_cmd()) {
    node->cmds = list<AlterTableCmd>({partition_command(partition, kind, missing_ok)});
    return node;
  }
  node->cmds = list_of<AlterTableCmd>(
      context->items, [&](P::Alter_table_cmdContext* item) { return alter_table_command(item); });
  return node;
}

Node* Builder::rename_part(P::Alter_tableContext* context, ObjectType kind, P::Rename_actionContext* rename) {
  bool constraint = rename->constraint != nullptr;
  if (constraint && kind != ObjectType::Table) syntax_error(rename->constraint);
  if (kind == ObjectType::Index || kind == ObjectType::Sequence) syntax_error(token_after(rename->start));
  auto* node = make<RenameStmt>(context);
  node->rename_type = constraint ? ObjectType::Tabconstraint : ObjectType::Column;
  node->relation_type = kind;
  node->relation = relation(context->relation_expr());
  node->subname = word(rename->from_name);
  node->newname = word(rename->to_name);
  node->missing_ok = context->if_exists() != nullptr;
  return node;
}

Node* Builder::change_table(P::Alter_tableContext* context, ObjectType kind,
                            P::Object_changeContext* change) {
  RangeVar* target = relation(context->relation_expr());
  bool missing_ok = context->if_exists() != nullptr;
  if (change->rename != nullptr) {
    auto* node = make<RenameStmt>(context);
    node->rename_type = kind;
    node->relation_type = kind;
    node->relation = target;
    node->newname = word(change->colid());
    node->missing_ok = missing_ok;
    return node;
  }
  if (change->schema != nullptr) {
    if (kind == ObjectType::Index) syntax_error(change->schema);
    auto* node = make<AlterObjectSchemaStmt>(context);
    node->object_type = kind;
    node->relation = target;
    node->newschema = word(change->colid());
    node->missing_ok = missing_ok;
    return node;
  }
  bool depends =
      change->depends != nullptr && !missing_ok && (kind == ObjectType::Matview || kind == ObjectType::Index);
  if (!depends) syntax_error(change->no != nullptr ? token_after(change->no) : change->start);
  auto* node = make<AlterObjectDependsStmt>(context);
  node->object_type = kind;
  node->relation = target;
  node->extname = word(change->colid());
  node->remove = change->no != nullptr;
  return node;
}

AlterTableCmd* Builder::partition_command(P::Partition_cmdContext* context, ObjectType kind,
                                          bool missing_ok) {
  auto* node = make<AlterTableCmd>(context);
  auto* command = make<PartitionCmd>(context);
  bool attach = context->kind->getType() == P::ATTACH;
  bool is_index = kind == ObjectType::Index && !missing_ok;
  if (!is_index && kind != ObjectType::Table) syntax_error(context->start);
  if (is_index && (!attach || context->partition_bound() != nullptr)) {
    syntax_error(attach ? context->partition_bound()->start : context->start);
  }
  if (!is_index && attach && context->partition_bound() == nullptr) syntax_error(token_after(context));
  command->name = range_var(context->any_name());
  if (context->partition_bound() != nullptr) command->bound = partition_bound(context->partition_bound());
  node->subtype = attach ? AlterTableType::AttachPartition : AlterTableType::DetachPartition;
  if (context->how != nullptr) {
    if (context->how->getType() == P::FINALIZE)
      node->subtype = AlterTableType::DetachPartitionFinalize;
    else
      command->concurrent = true;
  }
  node->def = command;
  return node;
}

AlterTableCmd* Builder::alter_table_command(P::Alter_table_cmdContext* context) {
  auto* node = make<AlterTableCmd>(context);
  node->behavior = behavior(context->drop_behavior());
  if (context->alter_generic_options() != nullptr) {
    node->subtype = AlterTableType::GenericOptions;
    node->def = options_node(generic_options(context->alter_generic_options()));
    return node;
  }
  switch (context->kind->getType()) {
    case P::ADD:
      if (context->table_constraint() != nullptr) {
        node->subtype = AlterTableType::AddConstraint;
        node->def = table_constraint(context->table_constraint());
      } else {
        node->subtype = AlterTableType::AddColumn;
        node->def = column(context->column_def());
        node->missing_ok = context->if_not_exists() != nullptr;
      }
      break;
    case P::ALTER:
      if (context->alter_column_action() != nullptr)
        alter_column(node, context);
      else
        alter_constraint(node, context);
      break;
    case P::DROP:
      node->subtype =
          context->constraint != nullptr ? AlterTableType::DropConstraint : AlterTableType::DropColumn;
      node->name = word(context->colid());
      node->missing_ok = context->if_exists() != nullptr;
      break;
    case P::VALIDATE:
      node->subtype = AlterTableType::ValidateConstraint;
      node->name = word(context->colid());
      break;
    case P::SET:
    case P::RESET:
      set_table_property(node, context);
      break;
    case P::ENABLE:
    case P::DISABLE:
      enable_or_disable(node, context);
      break;
    default:
      other_table_command(node, context);
  }
  return node;
}

void Builder::alter_constraint(AlterTableCmd* node, P::Alter_table_cmdContext* context) {
  auto* constraint = make<Constraint>(context);
  node->subtype = AlterTableType::AlterConstraint;
  constraint->contype = ConstrType::Foreign;
  constraint->conname = word(context->name);
  constraint_options(context->constraint_option(), constraint, "FOREIGN KEY", kAllowDeferrable);
  node->def = constraint;
}

void Builder::set_table_property(AlterTableCmd* node, P::Alter_table_cmdContext* context) {
  if (context->reloptions() != nullptr) {
    node->subtype =
        context->kind->getType() == P::SET ? AlterTableType::SetRelOptions : AlterTableType::ResetRelOptions;
    node->def = options_node(reloptions(context->reloptions()));
    return;
  }
  if (context->colid() != nullptr) node->name = word(context->colid());
  switch (context->what->getType()) {
    case P::OIDS:
      node->subtype = AlterTableType::DropOids;
      break;
    case P::CLUSTER:
      node->subtype = AlterTableType::DropCluster;
      break;
    case P::LOGGED:
      node->subtype = AlterTableType::SetLogged;
      break;
    case P::UNLOGGED:
      node->subtype = AlterTableType::SetUnLogged;
      break;
    case P::ACCESS:
      node->subtype = AlterTableType::SetAccessMethod;
      break;
    default:
      node->subtype = AlterTableType::SetTableSpace;
      break;
  }
}

void Builder::enable_or_disable(AlterTableCmd* node, P::Alter_table_cmdContext* context) {
  using T = AlterTableType;
  bool enable = context->kind->getType() == P::ENABLE;
  if (context->what->getType() == P::ROW) {
    node->subtype = enable ? T::EnableRowSecurity : T::DisableRowSecurity;
    return;
  }
  if (context->which != nullptr) {
    bool all = context->which->getType() == P::ALL;
    node->subtype = all ? (enable ? T::EnableTrigAll : T::DisableTrigAll)
                        : (enable ? T::EnableTrigUser : T::DisableTrigUser);
    return;
  }
  bool trigger = context->what->getType() == P::TRIGGER;
  node->name = word(context->name);
  if (!enable) {
    node->subtype = trigger ? T::DisableTrig : T::DisableRule;
  } else if (context->how == nullptr) {
    node->subtype = trigger ? T::EnableTrig : T::EnableRule;
  } else if (context->how->getType() == P::ALWAYS) {
    node->subtype = trigger ? T::EnableAlwaysTrig : T::EnableAlwaysRule;
  } else {
    node->subtype = trigger ? T::EnableReplicaTrig : T::EnableReplicaRule;
  }
}

void Builder::other_table_command(AlterTableCmd* node, P::Alter_table_cmdContext* context) {
  using T = AlterTableType;
  switch (context->kind->getType()) {
    case P::CLUSTER:
      node->subtype = T::ClusterOn;
      node->name = word(context->colid());
      break;
    case P::FORCE:
      node->subtype = context->no != nullptr ? T::NoForceRowSecurity : T::ForceRowSecurity;
      break;
    case P::INHERIT:
      node->subtype = context->no != nullptr ? T::DropInherit : T::AddInherit;
      node->def = range_var(context->any_name());
      break;
    case P::OF: {
      node->subtype = context->no != nullptr ? T::DropOf : T::AddOf;
      if (context->no != nullptr) break;
      auto* type_name = make<TypeName>(context->any_name());
      type_name->names = any_name(context->any_name());
      node->def = type_name;
      break;
    }
    case P::OWNER:
      node->subtype = T::ChangeOwner;
      node->newowner = role(context->role_spec());
      break;
    default: {
      node->subtype = T::ReplicaIdentity;
      auto* identity = make<ReplicaIdentityStmt>(context);
      if (context->identity == nullptr) {
        identity->identity_type = 'i';
        identity->name = word(context->colid());
      } else {
        size_t kind = context->identity->getType();
        identity->identity_type = kind == P::NOTHING ? 'n' : kind == P::FULL ? 'f' : 'd';
      }
      node->def = identity;
    }
  }
}

ListNode* Builder::options_node(List<DefElem> options) { return list_node(as_nodes(options)); }

void Builder::alter_column(AlterTableCmd* node, P::Alter_table_cmdContext* context) {
  using T = AlterTableType;
  P::Alter_column_actionContext* action = context->alter_column_action();
  if (context->colid() != nullptr) {
    node->name = word(context->colid());
  } else {
    antlr4::Token* number = context->ICONST()->getSymbol();
    if (action->kind == nullptr || action->kind->getType() != P::STATISTICS) syntax_error(number);
    int value = integer(number);
    if (value <= 0 || value > INT16_MAX) {
      throw SqlError(Sqlstate::InvalidParameterValue, "column number must be in range from 1 to 32767")
          .position(character_position(sql_, loc(number)));
    }
    node->num = static_cast<int16_t>(value);
  }
  bool drop = action->drop != nullptr;
  if (!action->identity_options.empty()) {
    node->subtype = T::SetIdentity;
    std::vector<DefElem*> options;
    for (P::Alter_identity_optionContext* item : action->identity_options)
      options.push_back(identity_option(item));
    node->def = options_node(to_list(options));
  } else if (action->reloptions() != nullptr) {
    node->subtype = action->reset != nullptr ? T::ResetOptions : T::SetOptions;
    node->def = options_node(reloptions(action->reloptions()));
  } else if (action->column_compression() != nullptr) {
    node->subtype = T::SetCompression;
    node->def =
        string_node(compression(action->column_compression()), loc(action->column_compression()->start));
  } else if (action->alter_generic_options() != nullptr) {
    node->subtype = T::AlterColumnGenericOptions;
    node->def = options_node(generic_options(action->alter_generic_options()));
  } else {
    alter_column_kind(node, action, drop);
  }
}

void Builder::alter_column_kind(AlterTableCmd* node, P::Alter_column_actionContext* action, bool drop) {
  using T = AlterTableType;
  node->missing_ok = action->if_exists() != nullptr;
  switch (action->kind->getType()) {
    case P::DEFAULT:
      node->subtype = T::ColumnDefault;
      if (!drop) node->def = expression(action->a_expr());
      break;
    case P::NULL_:
      node->subtype = drop ? T::DropNotNull : T::SetNotNull;
      break;
    case P::EXPRESSION:
      node->subtype = T::DropExpression;
      break;
    case P::IDENTITY:
      node->subtype = T::DropIdentity;
      break;
    case P::STATISTICS:
      node->subtype = T::SetStatistics;
      node->def =
          integer_node(signed_integer(action->signed_integer()), loc(action->signed_integer()->start));
      break;
    case P::STORAGE:
      node->subtype = T::SetStorage;
      node->def = string_node(word(action->colid()), loc(action->colid()->start));
      break;
    case P::GENERATED: {
      node->subtype = T::AddIdentity;
      auto* identity = make<Constraint>(loc(action->kind));
      identity->contype = ConstrType::Identity;
      identity->generated_when = generated_when(action->generated_when());
      identity->options = sequence_options(action->sequence_options());
      node->def = identity;
      break;
    }
    default: {
      node->subtype = T::AlterColumnType;
      auto* definition = make<ColumnDef>(loc(token_before(action)));
      definition->type_name = type(action->type_name());
      definition->coll_clause = collate_clause(action->any_name());
      if (action->a_expr() != nullptr) definition->raw_default = expression(action->a_expr());
      node->def = definition;
    }
  }
}

DefElem* Builder::identity_option(P::Alter_identity_optionContext* context) {
  int location = loc(context->start);
  if (P::Sequence_optionContext* sequence = context->sequence_option()) {
    DefElem* node = sequence_option(sequence);
    if (node->defname == "as" || node->defname == "restart" || node->defname == "owned_by") {
      reject(("sequence option \"" + std::string(node->defname) + "\" not supported here").c_str(),
             loc(sequence->start));
    }
    return node;
  }
  if (context->kind->getType() == P::GENERATED) {
    return option("generated", integer_node(generated_when(context->generated_when()), location), location);
  }
  return option("restart", context->numeric_only() != nullptr ? numeric(context->numeric_only()) : nullptr,
                location);
}

Node* Builder::alter_all_in_tablespace(P::Alter_all_in_tablespaceContext* context) {
  auto* node = make<AlterTableMoveAllStmt>(context);
  node->orig_tablespacename = word(context->source);
  switch (context->kind->getType()) {
    case P::INDEX:
      node->objtype = ObjectType::Index;
      break;
    case P::MATERIALIZED:
      node->objtype = ObjectType::Matview;
      break;
    default:
      break;
  }
  node->roles = roles(context->role_list());
  node->new_tablespacename = word(context->target);
  node->nowait = context->NOWAIT() != nullptr;
  return node;
}

Node* Builder::alter_sequence(P::Alter_sequenceContext* context) {
  auto* node = make<AlterSeqStmt>(context);
  node->sequence = range_var(context->any_name());
  node->options = sequence_options(context->sequence_options());
  node->missing_ok = context->if_exists() != nullptr;
  return node;
}

// ---- Types and domains ----
Node* Builder::alter_type(P::Alter_typeContext* context) {
  if (context->add_value != nullptr || context->rename_value != nullptr) return alter_enum(context);
  if (context->attribute != nullptr) {
    auto* node = make<RenameStmt>(context);
    node->rename_type = ObjectType::Attribute;
    node->relation_type = ObjectType::Type;
    node->relation = range_var(context->any_name());
    node->subname = word(context->from_name);
    node->newname = word(context->to_name);
    node->behavior = behavior(context->drop_behavior());
    return node;
  }
  if (context->definition() != nullptr) {
    auto* node = make<AlterTypeStmt>(context);
    node->type_name = any_name(context->any_name());
    node->options = operator_definition(context->definition());
    return node;
  }
  auto* node = make<AlterTableStmt>(context);
  node->relation = range_var(context->any_name());
  node->objtype = ObjectType::Type;
  node->cmds = list_of<AlterTableCmd>(context->items,
                                      [&](P::Alter_type_cmdContext* item) { return alter_attribute(item); });
  return node;
}

Node* Builder::alter_enum(P::Alter_typeContext* context) {
  auto* node = make<AlterEnumStmt>(context);
  node->type_name = any_name(context->any_name());
  if (context->rename_value != nullptr) {
    node->old_val = text(context->value);
    node->new_val = text(context->neighbor);
    return node;
  }
  node->new_val = text(context->value);
  node->skip_if_new_val_exists = context->if_not_exists() != nullptr;
  node->new_val_is_after = true;
  if (context->where != nullptr) {
    node->new_val_neighbor = text(context->neighbor);
    node->new_val_is_after = context->where->getType() == P::AFTER;
  }
  return node;
}

AlterTableCmd* Builder::alter_attribute(P::Alter_type_cmdContext* context) {
  auto* node = make<AlterTableCmd>(context);
  node->behavior = behavior(context->drop_behavior());
  switch (context->kind->getType()) {
    case P::ADD:
      node->subtype = AlterTableType::AddColumn;
      node->def = column_definition(context->table_func_element());
      break;
    case P::DROP:
      node->subtype = AlterTableType::DropColumn;
      node->name = word(context->colid());
      node->missing_ok = context->if_exists() != nullptr;
      break;
    default: {
      node->subtype = AlterTableType::AlterColumnType;
      node->name = word(context->colid());
      auto* definition = make<ColumnDef>(context->colid());
      definition->type_name = type(context->type_name());
      definition->coll_clause = collate_clause(context->any_name());
      node->def = definition;
    }
  }
  return node;
}

Node* Builder::alter_domain(P::Alter_domainContext* context) {
  if (context->from_name != nullptr) {
    auto* node = make<RenameStmt>(context);
    node->rename_type = ObjectType::Domconstraint;
    node->object = qualified_name(context->any_name());
    node->subname = word(context->from_name);
    node->newname = word(context->to_name);
    return node;
  }
  auto* node = make<AlterDomainStmt>(context);
  node->type_name = any_name(context->any_name());
  node->behavior = behavior(context->drop_behavior());
  node->missing_ok = context->if_exists() != nullptr;
  bool drop = context->drop != nullptr;
  if (context->table_constraint() != nullptr) {
    node->subtype = 'C';
    node->def = table_constraint(context->table_constraint());
    return node;
  }
  switch (context->kind->getType()) {
    case P::DEFAULT:
      node->subtype = 'T';
      if (!drop) node->def = expression(context->a_expr());
      break;
    case P::NULL_:
      node->subtype = drop ? 'N' : 'O';
      break;
    default:
      node->subtype = drop ? 'X' : 'V';
      node->name = word(context->name);
  }
  return node;
}

}  // namespace aegis::parser
