// Objects named by their kind, and the statements that apply to most kinds: COMMENT, SECURITY LABEL, RENAME,
// OWNER, SET SCHEMA, DEPENDS, DROP.
#include "build/builder.h"

namespace aegis::parser {
namespace {

ObjectType text_search_type(antlr4::Token* token) {
  switch (token->getType()) {
    case P::PARSER:
      return ObjectType::TsParser;
    case P::DICTIONARY:
      return ObjectType::TsDictionary;
    case P::TEMPLATE:
      return ObjectType::TsTemplate;
    default:
      return ObjectType::TsConfiguration;
  }
}

// By the kind's first word; the words after it are looked at by the caller.
ObjectType object_type_of(size_t token) {
  switch (token) {
    case P::TABLE:
      return ObjectType::Table;
    case P::SEQUENCE:
      return ObjectType::Sequence;
    case P::VIEW:
      return ObjectType::View;
    case P::INDEX:
      return ObjectType::Index;
    case P::COLLATION:
      return ObjectType::Collation;
    case P::CONVERSION:
      return ObjectType::Conversion;
    case P::STATISTICS:
      return ObjectType::StatisticExt;
    case P::COLUMN:
      return ObjectType::Column;
    case P::MATERIALIZED:
      return ObjectType::Matview;
    case P::FOREIGN:
      return ObjectType::ForeignTable;
    case P::DATABASE:
      return ObjectType::Database;
    case P::ROLE:
    case P::USER:
    case P::GROUP:
      return ObjectType::Role;
    case P::SUBSCRIPTION:
      return ObjectType::Subscription;
    case P::TABLESPACE:
      return ObjectType::Tablespace;
    case P::EXTENSION:
      return ObjectType::Extension;
    case P::PUBLICATION:
      return ObjectType::Publication;
    case P::SCHEMA:
      return ObjectType::Schema;
    case P::SERVER:
      return ObjectType::ForeignServer;
    case P::ACCESS:
      return ObjectType::AccessMethod;
    case P::EVENT:
      return ObjectType::EventTrigger;
    case P::LANGUAGE:
      return ObjectType::Language;
    case P::TYPE:
      return ObjectType::Type;
    case P::DOMAIN:
      return ObjectType::Domain;
    case P::AGGREGATE:
      return ObjectType::Aggregate;
    case P::FUNCTION:
      return ObjectType::Function;
    case P::PROCEDURE:
      return ObjectType::Procedure;
    case P::ROUTINE:
      return ObjectType::Routine;
    case P::OPERATOR:
      return ObjectType::Operator;
    case P::CONSTRAINT:
      return ObjectType::Tabconstraint;
    case P::POLICY:
      return ObjectType::Policy;
    case P::RULE:
      return ObjectType::Rule;
    case P::TRIGGER:
      return ObjectType::Trigger;
    case P::TRANSFORM:
      return ObjectType::Transform;
    case P::LARGE:
      return ObjectType::Largeobject;
    default:
      return ObjectType::Cast;
  }
}

}  // namespace

QualifiedName* Builder::name_on_relation(P::Any_nameContext* relation, std::string_view name, int location) {
  auto* node = make<QualifiedName>(location);
  NameList parts = any_name(relation);
  std::vector<std::string_view> all(parts.begin(), parts.end());
  all.push_back(name);
  node->names = copy_names(all);
  return node;
}

ObjectType Builder::object_type(P::Object_refContext* context) {
  size_t kind = context->kind->getType();
  if (context->text_search != nullptr) return text_search_type(context->text_search);
  if (context->wrapper != nullptr) return ObjectType::Fdw;
  if (context->on_domain != nullptr) return ObjectType::Domconstraint;
  if (context->class_or_family != nullptr) {
    return context->class_or_family->getType() == P::CLASS ? ObjectType::Opclass : ObjectType::Opfamily;
  }
  return object_type_of(kind);
}

// The object in the form DropStmt documents.
Node* Builder::object(P::Object_refContext* context, ObjectType type) {
  int location = loc(context->start);
  if (context->function_with_args() != nullptr) return function_with_args(context->function_with_args());
  if (context->aggregate_with_args() != nullptr) return aggregate_with_args(context->aggregate_with_args());
  if (context->operator_with_args() != nullptr) return operator_with_args(context->operator_with_args());
  if (context->numeric_only() != nullptr) return numeric(context->numeric_only());
  if (context->source != nullptr)
    return list_node(list<Node>({this->type(context->source), this->type(context->target)}));
  if (type == ObjectType::Transform) {
    return list_node(list<Node>({this->type(context->type_name(0)),
                                 string_node(word(context->colid()), loc(context->colid()->start))}));
  }
  if (type == ObjectType::Opclass || type == ObjectType::Opfamily) {
    return list_node(list<Node>({string_node(word(context->colid()), loc(context->colid()->start)),
                                 qualified_name(context->any_name())}));
  }
  if (type == ObjectType::Domconstraint) {
    auto* domain = make<TypeName>(context->any_name());
    domain->names = any_name(context->any_name());
    return list_node(list<Node>({domain, string_node(word(context->colid()), loc(context->colid()->start))}));
  }
  if (!context->type_name().empty()) return this->type(context->type_name(0));
  if (context->colid() != nullptr && context->any_name() != nullptr) {
    return name_on_relation(context->any_name(), word(context->colid()), location);
  }
  if (context->any_name() != nullptr) return qualified_name(context->any_name());
  return string_node(word(context->colid()), loc(context->colid()->start));
}

Node* Builder::comment(P::Comment_stmtContext* context) {
  auto* node = make<CommentStmt>(context);
  P::Object_refContext* ref = context->object_ref();
  check_nameable(ref);
  node->objtype = object_type(ref);
  node->object = object(ref, node->objtype);
  if (context->SCONST() != nullptr) node->comment = text(context->SCONST()->getSymbol());
  return node;
}

// USER and GROUP name roles in ALTER only.
void Builder::check_nameable(P::Object_refContext* ref) {
  if (ref->kind->getType() == P::USER || ref->kind->getType() == P::GROUP) syntax_error(ref->kind);
}

Node* Builder::security_label(P::Security_label_stmtContext* context) {
  auto* node = make<SecLabelStmt>(context);
  P::Object_refContext* ref = context->object_ref();
  check_nameable(ref);
  node->objtype = object_type(ref);
  switch (node->objtype) {
    case ObjectType::Operator:
    case ObjectType::Opclass:
    case ObjectType::Opfamily:
    case ObjectType::Tabconstraint:
    case ObjectType::Domconstraint:
    case ObjectType::Policy:
    case ObjectType::Rule:
    case ObjectType::Trigger:
    case ObjectType::Transform:
    case ObjectType::Cast:
      syntax_error(ref->kind);
    default:
      break;
  }
  node->object = object(ref, node->objtype);
  if (context->word_or_string() != nullptr) node->provider = word(context->word_or_string());
  if (context->SCONST() != nullptr) node->label = text(context->SCONST()->getSymbol());
  return node;
}

// ---- ALTER … RENAME, OWNER, SET SCHEMA, DEPENDS ----
Node* Builder::alter_object(P::Alter_objectContext* context) {
  P::If_exists_objectContext* target = context->if_exists_object();
  P::Object_changeContext* change = context->object_change();
  if (target->name != nullptr) {
    // ALTER POLICY name ON relation RENAME TO name
    if (change->rename == nullptr) syntax_error(change->start);
    auto* node = make<RenameStmt>(context);
    node->rename_type = ObjectType::Policy;
    node->relation = range_var(target->relation);
    node->subname = word(target->name);
    node->newname = word(change->colid());
    node->missing_ok = target->policy_exists != nullptr;
    return node;
  }
  P::Object_refContext* ref = target->object_ref();
  ObjectType type = object_type(ref);
  if (change->rename != nullptr) return rename_object(context, ref, type, change);
  if (change->owner != nullptr) return change_owner(context, ref, type, change);
  if (change->schema != nullptr) return change_schema(context, ref, type, change);
  return change_dependency(context, ref, type, change);
}

Node* Builder::rename_object(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                             P::Object_changeContext* change) {
  auto* node = make<RenameStmt>(context);
  node->rename_type = type;
  node->newname = word(change->colid());
  switch (type) {
    case ObjectType::Database:
    case ObjectType::Schema:
    case ObjectType::Tablespace:
    case ObjectType::Role:
      node->subname = word(ref->colid());
      break;
    case ObjectType::Rule:
    case ObjectType::Trigger:
      node->relation = range_var(ref->any_name());
      node->subname = word(ref->colid());
      break;
    case ObjectType::Tabconstraint:
    case ObjectType::Domconstraint:
    case ObjectType::Cast:
    case ObjectType::Transform:
    case ObjectType::Column:
    case ObjectType::Operator:
    case ObjectType::Largeobject:
    case ObjectType::Extension:
    case ObjectType::AccessMethod:
      syntax_error(change->start);
    case ObjectType::Type:
      node->object = type_as_name(ref);
      break;
    case ObjectType::Domain:
      node->object = type_as_name(ref);
      break;
    default:
      node->object = object(ref, type);
  }
  return node;
}

// ALTER TYPE and ALTER DOMAIN take a plain name, no type expression.
QualifiedName* Builder::type_as_name(P::Object_refContext* ref) {
  P::Type_nameContext* context = ref->type_name(0);
  TypeName* type_name = type(context);
  auto* generic = context->simple_type_name()->generic_type();
  if (generic == nullptr || generic->typmods() != nullptr || type_name->setof ||
      !type_name->array_bounds.empty()) {
    syntax_error(context->start);
  }
  auto* node = make<QualifiedName>(context);
  node->names = type_name->names;
  return node;
}

Node* Builder::change_owner(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                            P::Object_changeContext* change) {
  auto* node = make<AlterOwnerStmt>(context);
  node->object_type = type;
  node->newowner = role(change->role_spec());
  switch (type) {
    case ObjectType::Tabconstraint:
    case ObjectType::Domconstraint:
    case ObjectType::Cast:
    case ObjectType::Transform:
    case ObjectType::Column:
    case ObjectType::Policy:
    case ObjectType::Rule:
    case ObjectType::Trigger:
    case ObjectType::Extension:
    case ObjectType::AccessMethod:
    case ObjectType::TsParser:
    case ObjectType::TsTemplate:
    case ObjectType::Role:
      syntax_error(change->start);
    case ObjectType::Type:
    case ObjectType::Domain:
      node->object = type_as_name(ref);
      break;
    default:
      node->object = object(ref, type);
  }
  return node;
}

Node* Builder::change_schema(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                             P::Object_changeContext* change) {
  auto* node = make<AlterObjectSchemaStmt>(context);
  node->object_type = type;
  node->newschema = word(change->colid());
  switch (type) {
    case ObjectType::Aggregate:
    case ObjectType::Collation:
    case ObjectType::Conversion:
    case ObjectType::Extension:
    case ObjectType::Function:
    case ObjectType::Operator:
    case ObjectType::Opclass:
    case ObjectType::Opfamily:
    case ObjectType::Procedure:
    case ObjectType::Routine:
    case ObjectType::StatisticExt:
    case ObjectType::TsParser:
    case ObjectType::TsDictionary:
    case ObjectType::TsTemplate:
    case ObjectType::TsConfiguration:
      node->object = object(ref, type);
      break;
    case ObjectType::Type:
    case ObjectType::Domain:
      node->object = type_as_name(ref);
      break;
    default:
      syntax_error(change->schema);
  }
  return node;
}

Node* Builder::change_dependency(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                                 P::Object_changeContext* change) {
  auto* node = make<AlterObjectDependsStmt>(context);
  node->object_type = type;
  node->extname = word(change->colid());
  node->remove = change->no != nullptr;
  switch (type) {
    case ObjectType::Function:
    case ObjectType::Procedure:
    case ObjectType::Routine:
      node->object = object(ref, type);
      break;
    case ObjectType::Trigger:
      node->relation = range_var(ref->any_name());
      node->object = string_node(word(ref->colid()), loc(ref->colid()->start));
      break;
    default:
      syntax_error(change->start);
  }
  return node;
}

// ---- DROP ----
Node* Builder::drop(P::Drop_stmtContext* context) {
  bool missing_ok = context->if_exists() != nullptr;
  if (context->role != nullptr) {
    auto* node = make<DropRoleStmt>(context);
    node->roles = roles(context->role_list());
    node->missing_ok = missing_ok;
    return node;
  }
  if (context->owned != nullptr) {
    auto* node = make<DropOwnedStmt>(context);
    node->roles = roles(context->role_list());
    node->behavior = behavior(context->drop_behavior());
    return node;
  }
  if (context->database != nullptr) {
    auto* node = make<DropdbStmt>(context);
    node->dbname = word(context->colid());
    node->missing_ok = missing_ok;
    std::vector<DefElem*> options;
    for (antlr4::Token* force : context->force) options.push_back(option("force", nullptr, loc(force)));
    node->options = to_list(options);
    return node;
  }
  if (context->subscription != nullptr) {
    auto* node = make<DropSubscriptionStmt>(context);
    node->subname = word(context->colid());
    node->missing_ok = missing_ok;
    node->behavior = behavior(context->drop_behavior());
    return node;
  }
  if (context->space != nullptr) {
    auto* node = make<DropTableSpaceStmt>(context);
    node->tablespacename = word(context->colid());
    node->missing_ok = missing_ok;
    return node;
  }
  if (context->mapping != nullptr) {
    auto* node = make<DropUserMappingStmt>(context);
    node->user = mapped_role(context->auth_ident());
    node->servername = word(context->colid());
    node->missing_ok = missing_ok;
    return node;
  }
  return drop_objects(context);
}

Node* Builder::drop_objects(P::Drop_stmtContext* context) {
  auto* node = make<DropStmt>(context);
  node->missing_ok = context->if_exists() != nullptr;
  node->behavior = behavior(context->drop_behavior());
  auto name_nodes = [&](P::Name_listContext* names) {
    return list_of<Node>(names->items, [&](P::ColidContext* item) -> Node* {
      return string_node(word(item), loc(item->start));
    });
  };
  if (P::Drop_any_kindContext* kind = context->drop_any_kind()) {
    node->remove_type = kind->text_search != nullptr ? text_search_type(kind->text_search)
                                                     : object_type_of(kind->kind->getType());
    node->objects = qualified_names(context->any_name_list());
  } else if (context->index != nullptr) {
    node->remove_type = ObjectType::Index;
    node->concurrent = true;
    node->objects = qualified_names(context->any_name_list());
  } else if (P::Drop_name_kindContext* kind = context->drop_name_kind()) {
    node->remove_type =
        kind->kind->getType() == P::FOREIGN ? ObjectType::Fdw : object_type_of(kind->kind->getType());
    node->objects = name_nodes(context->name_list());
  } else if (context->on_table != nullptr) {
    node->remove_type = object_type_of(context->on_table->getType());
    node->objects =
        list<Node>({name_on_relation(context->any_name(), word(context->colid()), loc(context->start))});
  } else if (context->type != nullptr) {
    node->remove_type = object_type_of(context->type->getType());
    node->objects =
        list_of<Node>(context->type_list()->items, [&](P::Type_nameContext* item) { return type(item); });
  } else if (context->function != nullptr) {
    node->remove_type = object_type_of(context->function->getType());
    node->objects =
        list_of<Node>(context->function_with_args_list()->items,
                      [&](P::Function_with_argsContext* item) { return function_with_args(item); });
  } else if (context->aggregate != nullptr) {
    node->remove_type = ObjectType::Aggregate;
    node->objects =
        list_of<Node>(context->aggregate_with_args_list()->items,
                      [&](P::Aggregate_with_argsContext* item) { return aggregate_with_args(item); });
  } else if (context->oper != nullptr) {
    node->remove_type = ObjectType::Operator;
    node->objects =
        list_of<Node>(context->operator_with_args_list()->items,
                      [&](P::Operator_with_argsContext* item) { return operator_with_args(item); });
  } else if (context->class_or_family != nullptr) {
    node->remove_type =
        context->class_or_family->getType() == P::CLASS ? ObjectType::Opclass : ObjectType::Opfamily;
    Node* method = string_node(word(context->colid()), loc(context->colid()->start));
    node->objects = list<Node>({list_node(list<Node>({method, qualified_name(context->any_name())}))});
  } else if (context->cast != nullptr) {
    node->remove_type = ObjectType::Cast;
    node->objects = list<Node>({list_node(list<Node>({type(context->source), type(context->target)}))});
  } else {
    node->remove_type = ObjectType::Transform;
    Node* language = string_node(word(context->colid()), loc(context->colid()->start));
    node->objects = list<Node>({list_node(list<Node>({type(context->type_name(0)), language}))});
  }
  return node;
}

}  // namespace aegis::parser
