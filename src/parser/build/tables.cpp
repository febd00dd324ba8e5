// CREATE TABLE and what belongs to it: columns, constraints, partitions, indexes, sequences, views.
#include "build/builder.h"

namespace aegis::parser {

RelPersistence Builder::persistence(P::Opt_tempContext* context) {
  if (context == nullptr) return RelPersistence::Permanent;
  return context->unlogged != nullptr ? RelPersistence::Unlogged : RelPersistence::Temp;
}

OnCommitAction Builder::on_commit(P::On_commitContext* context) {
  if (context == nullptr) return OnCommitAction::Noop;
  switch (context->action->getType()) {
    case P::DROP:
      return OnCommitAction::Drop;
    case P::DELETE:
      return OnCommitAction::DeleteRows;
    default:
      return OnCommitAction::PreserveRows;
  }
}

List<DefElem> Builder::with_options(P::With_optionsContext* context) {
  return context == nullptr ? List<DefElem>() : reloptions(context->reloptions());
}

std::string_view Builder::tablespace(P::TablespaceContext* context) {
  return context == nullptr ? std::string_view() : word(context->colid());
}

std::string_view Builder::table_access(P::Table_accessContext* context) {
  return context == nullptr ? std::string_view() : word(context->colid());
}

Node* Builder::create_table(P::Create_tableContext* context) {
  if (context->AS() != nullptr) return create_table_as(context);
  auto* node = make<CreateStmt>(context);
  node->relation = range_var(context->any_name(0));
  node->relation->relpersistence = persistence(context->opt_temp());
  node->if_not_exists = context->if_not_exists() != nullptr;
  if (context->table_elements() != nullptr) node->table_elts = table_elements(context->table_elements());
  if (context->typed_elements() != nullptr) node->table_elts = typed_elements(context->typed_elements());
  if (context->inherits() != nullptr) node->inh_relations = range_vars(context->inherits()->any_name_list());
  if (context->of_type != nullptr) {
    node->of_typename = make<TypeName>(context->of_type);
    node->of_typename->names = any_name(context->of_type);
  }
  if (context->partition_of != nullptr) {
    node->inh_relations = list<RangeVar>({range_var(context->partition_of)});
    node->partbound = partition_bound(context->partition_bound());
  }
  if (context->partition_by() != nullptr) node->partspec = partition_spec(context->partition_by());
  node->options = with_options(context->with_options());
  node->oncommit = on_commit(context->on_commit());
  node->tablespacename = tablespace(context->tablespace());
  node->access_method = table_access(context->table_access());
  return node;
}

Node* Builder::create_table_as(P::Create_tableContext* context) {
  auto* node = make<CreateTableAsStmt>(context);
  auto* target = make<IntoClause>(context->any_name(0));
  target->rel = range_var(context->any_name(0));
  target->rel->relpersistence = persistence(context->opt_temp());
  target->col_names = paren_names(context->columns);
  target->access_method = table_access(context->table_access());
  target->options = with_options(context->with_options());
  target->on_commit = on_commit(context->on_commit());
  target->table_space_name = tablespace(context->tablespace());
  target->skip_data = context->with_data() != nullptr && context->with_data()->no != nullptr;
  node->into = target;
  node->if_not_exists = context->if_not_exists() != nullptr;
  if (context->select_stmt() != nullptr) {
    node->query = select(context->select_stmt());
  } else {
    auto* execute = make<ExecuteStmt>(loc(context->EXECUTE()->getSymbol()));
    execute->name = word(context->prepared);
    if (context->execute_params() != nullptr)
      execute->params = expressions(context->execute_params()->expr_list());
    node->query = execute;
  }
  return node;
}

Node* Builder::create_matview(P::Create_matviewContext* context) {
  auto* node = make<CreateTableAsStmt>(context);
  node->objtype = ObjectType::Matview;
  node->if_not_exists = context->if_not_exists() != nullptr;
  auto* target = make<IntoClause>(context->any_name());
  target->rel = range_var(context->any_name());
  if (context->unlogged != nullptr) target->rel->relpersistence = RelPersistence::Unlogged;
  target->col_names = paren_names(context->columns);
  target->access_method = table_access(context->table_access());
  target->options = reloptions(context->reloptions());
  target->table_space_name = tablespace(context->tablespace());
  target->skip_data = context->with_data() != nullptr && context->with_data()->no != nullptr;
  node->into = target;
  node->query = select(context->select_stmt());
  return node;
}

NodeList Builder::table_elements(P::Table_elementsContext* context) {
  return list_of<Node>(context->items, [&](P::Table_elementContext* item) -> Node* {
    if (item->column_def() != nullptr) return column(item->column_def());
    if (item->table_like() != nullptr) return table_like(item->table_like());
    return table_constraint(item->table_constraint());
  });
}

NodeList Builder::typed_elements(P::Typed_elementsContext* context) {
  return list_of<Node>(context->items, [&](P::Typed_elementContext* item) -> Node* {
    if (item->table_constraint() != nullptr) return table_constraint(item->table_constraint());
    auto* node = make<ColumnDef>(item);
    node->colname = word(item->colid());
    node->constraints = column_constraints(item->column_constraint(), &node->coll_clause);
    return node;
  });
}

ColumnDef* Builder::column(P::Column_defContext* context) {
  auto* node = make<ColumnDef>(context);
  node->colname = word(context->colid());
  node->type_name = type(context->type_name());
  if (context->column_compression() != nullptr)
    node->compression = compression(context->column_compression());
  node->fdwoptions = generic_options(context->generic_options());
  node->constraints = column_constraints(context->column_constraint(), &node->coll_clause);
  return node;
}

std::string_view Builder::compression(P::Column_compressionContext* context) {
  return context->colid() != nullptr ? word(context->colid()) : "default";
}

// COLLATE may stand among the constraints but is kept apart.
List<Constraint> Builder::column_constraints(const std::vector<P::Column_constraintContext*>& items,
                                             CollateClause** collation) {
  std::vector<Constraint*> constraints;
  for (P::Column_constraintContext* item : items) {
    if (item->any_name() == nullptr) {
      constraints.push_back(column_constraint(item));
      continue;
    }
    if (*collation != nullptr) reject("multiple COLLATE clauses not allowed", loc(item->start));
    *collation = collate_clause(item->any_name());
  }
  return to_list(constraints);
}

Constraint* Builder::column_constraint(P::Column_constraintContext* context) {
  auto* node = make<Constraint>(context);
  if (context->name != nullptr) node->conname = word(context->name);
  if (P::Constraint_attrContext* attr = context->constraint_attr()) {
    if (attr->DEFERRABLE() != nullptr) {
      node->contype = attr->NOT() != nullptr ? ConstrType::AttrNotDeferrable : ConstrType::AttrDeferrable;
    } else {
      node->contype =
          attr->when->getType() == P::DEFERRED ? ConstrType::AttrDeferred : ConstrType::AttrImmediate;
    }
    return node;
  }
  fill_column_constraint(node, context->column_constraint_elem());
  return node;
}

void Builder::fill_column_constraint(Constraint* node, P::Column_constraint_elemContext* elem) {
  switch (elem->kind->getType()) {
    case P::NULL_:
      node->contype = elem->NOT() != nullptr ? ConstrType::NotNull : ConstrType::Null;
      break;
    case P::UNIQUE:
    case P::PRIMARY:
      node->contype = elem->kind->getType() == P::UNIQUE ? ConstrType::Unique : ConstrType::Primary;
      node->nulls_not_distinct =
          elem->null_treatment() != nullptr && elem->null_treatment()->NOT() != nullptr;
      node->options = definition(elem->with_definition());
      if (elem->index_tablespace() != nullptr) node->indexspace = word(elem->index_tablespace()->colid());
      break;
    case P::CHECK:
      node->contype = ConstrType::Check;
      node->raw_expr = expression(elem->a_expr());
      node->is_no_inherit = elem->no_inherit() != nullptr;
      node->initially_valid = true;
      break;
    case P::DEFAULT:
      node->contype = ConstrType::Default;
      node->raw_expr = expression(elem->b_expr());
      break;
    case P::GENERATED:
      fill_generated(node, elem);
      break;
    default:
      node->contype = ConstrType::Foreign;
      node->pktable = range_var(elem->any_name());
      node->pk_attrs = paren_names(elem->paren_names());
      fill_foreign_key(node, elem->key_match(), elem->key_action());
      node->initially_valid = true;
  }
}

void Builder::fill_generated(Constraint* node, P::Column_constraint_elemContext* elem) {
  node->generated_when = generated_when(elem->generated_when());
  if (elem->IDENTITY() != nullptr) {
    node->contype = ConstrType::Identity;
    if (elem->sequence_options() != nullptr) node->options = sequence_options(elem->sequence_options());
    return;
  }
  if (node->generated_when != 'a') {
    reject("for a generated column, GENERATED ALWAYS must be specified", loc(elem->generated_when()->start));
  }
  node->contype = ConstrType::Generated;
  node->raw_expr = expression(elem->a_expr());
}

char Builder::generated_when(P::Generated_whenContext* context) {
  return context->ALWAYS() != nullptr ? 'a' : 'd';
}

void Builder::fill_foreign_key(Constraint* node, P::Key_matchContext* match,
                               const std::vector<P::Key_actionContext*>& actions) {
  node->fk_matchtype = 's';
  node->fk_upd_action = 'a';
  node->fk_del_action = 'a';
  if (match != nullptr) {
    switch (match->kind->getType()) {
      case P::FULL:
        node->fk_matchtype = 'f';
        break;
      case P::PARTIAL:
        throw SqlError(Sqlstate::FeatureNotSupported, "MATCH PARTIAL not yet implemented")
            .position(character_position(sql_, loc(match->start)));
      default:
        break;
    }
  }
  bool seen[2] = {false, false};
  for (P::Key_actionContext* action : actions) {
    bool is_delete = action->event->getType() == P::DELETE;
    if (std::exchange(seen[is_delete ? 1 : 0], true)) syntax_error(action->event);
    char code = 'a';
    switch (action->action->getType()) {
      case P::RESTRICT:
        code = 'r';
        break;
      case P::CASCADE:
        code = 'c';
        break;
      case P::NULL_:
        code = 'n';
        break;
      case P::DEFAULT:
        code = 'd';
        break;
      default:
        break;
    }
    (is_delete ? node->fk_del_action : node->fk_upd_action) = code;
    if (action->paren_names() == nullptr) continue;
    if (!is_delete) {
      throw SqlError(Sqlstate::FeatureNotSupported, std::string("a column list with SET ") +
                                                        (code == 'n' ? "NULL" : "DEFAULT") +
                                                        " is only supported for ON DELETE actions")
          .position(character_position(sql_, loc(action->start)));
    }
    node->fk_del_set_cols = paren_names(action->paren_names());
  }
}

TableLikeClause* Builder::table_like(P::Table_likeContext* context) {
  auto* node = make<TableLikeClause>(context);
  node->relation = range_var(context->any_name());
  for (P::Like_optionContext* option : context->like_option()) {
    unsigned bit = 0;
    switch (option->what->getType()) {
      case P::COMMENTS:
        bit = kLikeComments;
        break;
      case P::COMPRESSION:
        bit = kLikeCompression;
        break;
      case P::CONSTRAINTS:
        bit = kLikeConstraints;
        break;
      case P::DEFAULTS:
        bit = kLikeDefaults;
        break;
      case P::IDENTITY:
        bit = kLikeIdentity;
        break;
      case P::GENERATED:
        bit = kLikeGenerated;
        break;
      case P::INDEXES:
        bit = kLikeIndexes;
        break;
      case P::STATISTICS:
        bit = kLikeStatistics;
        break;
      case P::STORAGE:
        bit = kLikeStorage;
        break;
      default:
        bit = kLikeAll;
        break;
    }
    if (option->how->getType() == P::INCLUDING)
      node->options |= bit;
    else
      node->options &= ~bit;
  }
  return node;
}

Constraint* Builder::table_constraint(P::Table_constraintContext* context) {
  P::Table_constraint_elemContext* elem = context->table_constraint_elem();
  auto* node = make<Constraint>(context);
  if (context->name != nullptr) node->conname = word(context->name);
  if (elem->include_columns() != nullptr)
    node->including = paren_names(elem->include_columns()->paren_names());
  node->options = definition(elem->with_definition());
  if (elem->index_tablespace() != nullptr) node->indexspace = word(elem->index_tablespace()->colid());
  if (elem->existing_index() != nullptr) node->indexname = word(elem->existing_index()->colid());
  switch (elem->kind->getType()) {
    case P::CHECK:
      node->contype = ConstrType::Check;
      node->raw_expr = expression(elem->a_expr());
      constraint_options(elem->constraint_option(), node, "CHECK", kAllowNotValid | kAllowNoInherit);
      node->initially_valid = !node->skip_validation;
      break;
    case P::UNIQUE:
    case P::PRIMARY: {
      bool unique = elem->kind->getType() == P::UNIQUE;
      node->contype = unique ? ConstrType::Unique : ConstrType::Primary;
      node->nulls_not_distinct =
          elem->null_treatment() != nullptr && elem->null_treatment()->NOT() != nullptr;
      if (!elem->paren_names().empty()) node->keys = paren_names(elem->paren_names(0));
      constraint_options(elem->constraint_option(), node, unique ? "UNIQUE" : "PRIMARY KEY",
                         kAllowDeferrable);
      break;
    }
    case P::EXCLUDE:
      fill_exclusion(node, elem);
      break;
    default:
      node->contype = ConstrType::Foreign;
      node->pktable = range_var(elem->any_name());
      node->fk_attrs = paren_names(elem->keys);
      node->pk_attrs = paren_names(elem->pk);
      fill_foreign_key(node, elem->key_match(), elem->key_action());
      constraint_options(elem->constraint_option(), node, "FOREIGN KEY", kAllowDeferrable | kAllowNotValid);
      node->initially_valid = !node->skip_validation;
  }
  return node;
}

void Builder::fill_exclusion(Constraint* node, P::Table_constraint_elemContext* elem) {
  node->contype = ConstrType::Exclusion;
  node->access_method = elem->method != nullptr ? word(elem->method) : "btree";
  node->exclusions = list_of<ExclusionElem>(elem->items, [&](P::Exclusion_elemContext* item) {
    auto* exclusion = make<ExclusionElem>(item);
    exclusion->elem = index_element(item->index_elem());
    exclusion->oper = item->any_operator() != nullptr ? operator_name(item->any_operator())
                                                      : operator_name(item->qualified_op());
    return exclusion;
  });
  if (elem->a_expr() != nullptr) node->where_clause = expression(elem->a_expr());
  constraint_options(elem->constraint_option(), node, "EXCLUDE", kAllowDeferrable);
}

// [NOT] DEFERRABLE, INITIALLY …, NOT VALID and NO INHERIT, as far as `allowed` says.
void Builder::constraint_options(const std::vector<P::Constraint_optionContext*>& items, Constraint* node,
                                 const char* kind, int allowed) {
  enum : unsigned {
    kNotDeferrable = 1,
    kDeferrable = 2,
    kImmediate = 4,
    kDeferred = 8,
    kNotValid = 16,
    kNoInherit = 32
  };
  unsigned bits = 0;
  for (P::Constraint_optionContext* item : items) {
    unsigned bit = 0;
    switch (item->kind->getType()) {
      case P::DEFERRABLE:
        bit = item->no != nullptr ? kNotDeferrable : kDeferrable;
        break;
      case P::DEFERRED:
        bit = kDeferred;
        break;
      case P::IMMEDIATE:
        bit = kImmediate;
        break;
      case P::VALID:
        bit = kNotValid;
        break;
      default:
        bit = kNoInherit;
        break;
    }
    unsigned joined = bits | bit;
    int at = loc(item->start);
    if ((joined & (kNotDeferrable | kDeferred)) == (kNotDeferrable | kDeferred)) {
      reject("constraint declared INITIALLY DEFERRED must be DEFERRABLE", at);
    }
    if ((joined & (kNotDeferrable | kDeferrable)) == (kNotDeferrable | kDeferrable) ||
        (joined & (kImmediate | kDeferred)) == (kImmediate | kDeferred)) {
      reject("conflicting constraint properties", at);
    }
    bits = joined;
  }
  auto unsupported = [&](const char* what) {
    throw SqlError(Sqlstate::FeatureNotSupported,
                   std::string(kind) + " constraints cannot be marked " + what);
  };
  if (bits & (kDeferrable | kDeferred)) {
    if (!(allowed & kAllowDeferrable)) unsupported("DEFERRABLE");
    node->deferrable = true;
    node->initdeferred = (bits & kDeferred) != 0;
  }
  if (bits & kNotValid) {
    if (!(allowed & kAllowNotValid)) unsupported("NOT VALID");
    node->skip_validation = true;
  }
  if (bits & kNoInherit) {
    if (!(allowed & kAllowNoInherit)) unsupported("NO INHERIT");
    node->is_no_inherit = true;
  }
}

PartitionSpec* Builder::partition_spec(P::Partition_byContext* context) {
  auto* node = make<PartitionSpec>(context);
  node->strategy = word(context->colid());
  node->part_params = list_of<PartitionElem>(context->items, [&](P::Partition_elemContext* item) {
    auto* elem = make<PartitionElem>(item);
    if (item->colid() != nullptr)
      elem->name = word(item->colid());
    else if (item->windowless_function() != nullptr)
      elem->expr = windowless_function(item->windowless_function());
    else
      elem->expr = expression(item->a_expr());
    if (item->collation != nullptr) elem->collation = any_name(item->collation);
    if (item->opclass != nullptr) elem->opclass = any_name(item->opclass);
    return elem;
  });
  return node;
}

PartitionBoundSpec* Builder::partition_bound(P::Partition_boundContext* context) {
  // Located at WITH, IN or FROM, after FOR VALUES.
  auto* node = make<PartitionBoundSpec>(
      loc(context->dflt != nullptr ? context->start : stream_.get(context->start->getTokenIndex() + 2)));
  if (context->dflt != nullptr) {
    node->is_default = true;
  } else if (context->in != nullptr) {
    node->strategy = 'l';
    node->listdatums = expressions(context->expr_list(0));
  } else if (context->from != nullptr) {
    node->strategy = 'r';
    node->lowerdatums = expressions(context->lower);
    node->upperdatums = expressions(context->upper);
  } else {
    node->strategy = 'h';
    for (P::Hash_boundContext* item : context->items) {
      std::string_view name = word(item->nonreserved_word());
      bool is_modulus = name == "modulus";
      if (!is_modulus && name != "remainder") {
        reject(("unrecognized hash partition bound specification \"" + std::string(name) + "\"").c_str(),
               loc(item->start));
      }
      int& slot = is_modulus ? node->modulus : node->remainder;
      if (slot != -1) {
        throw SqlError(Sqlstate::DuplicateObject, std::string(is_modulus ? "modulus" : "remainder") +
                                                      " for hash partition provided more than once")
            .position(character_position(sql_, loc(item->start)));
      }
      slot = integer(item->ICONST()->getSymbol());
    }
    if (node->modulus == -1) reject("modulus for hash partition must be specified", -1);
    if (node->remainder == -1) reject("remainder for hash partition must be specified", -1);
  }
  return node;
}

// ---- Indexes ----
List<IndexElem> Builder::index_elements(P::Index_elemsContext* context) {
  return list_of<IndexElem>(context->items, [&](P::Index_elemContext* item) { return index_element(item); });
}

IndexElem* Builder::index_element(P::Index_elemContext* context) {
  auto* node = make<IndexElem>(context);
  if (context->colid() != nullptr)
    node->name = word(context->colid());
  else if (context->windowless_function() != nullptr)
    node->expr = windowless_function(context->windowless_function());
  else
    node->expr = expression(context->a_expr());
  if (context->collation != nullptr) node->collation = any_name(context->collation);
  if (context->opclass != nullptr) node->opclass = any_name(context->opclass);
  node->opclassopts = reloptions(context->reloptions());
  if (context->dir != nullptr)
    node->ordering = context->dir->getType() == P::ASC ? SortByDir::Asc : SortByDir::Desc;
  if (context->nulls != nullptr) {
    node->nulls_ordering = context->nulls->getType() == P::FIRST ? SortByNulls::First : SortByNulls::Last;
  }
  return node;
}

Node* Builder::create_index(P::Create_indexContext* context) {
  auto* node = make<IndexStmt>(context);
  if (context->name != nullptr) node->idxname = word(context->name);
  node->if_not_exists = context->if_not_exists() != nullptr;
  node->relation = relation(context->relation_expr());
  node->access_method = context->method != nullptr ? word(context->method) : "btree";
  node->index_params = index_elements(context->index_elems(0));
  if (context->including != nullptr) node->index_including_params = index_elements(context->including);
  node->nulls_not_distinct =
      context->null_treatment() != nullptr && context->null_treatment()->NOT() != nullptr;
  node->options = reloptions(context->reloptions());
  node->table_space = tablespace(context->tablespace());
  if (context->where_clause() != nullptr) node->where_clause = expression(context->where_clause()->a_expr());
  node->unique = context->unique != nullptr;
  node->concurrent = context->concurrently != nullptr;
  return node;
}

// ---- Sequences ----
List<DefElem> Builder::sequence_options(P::Sequence_optionsContext* context) {
  if (context == nullptr) return {};
  return list_of<DefElem>(context->items,
                          [&](P::Sequence_optionContext* item) { return sequence_option(item); });
}

DefElem* Builder::sequence_option(P::Sequence_optionContext* context) {
  int location = loc(context->start);
  Node* number = context->numeric_only() != nullptr ? numeric(context->numeric_only()) : nullptr;
  switch (context->kind->getType()) {
    case P::AS:
      return option("as", type(context->simple_type_name()), location);
    case P::CACHE:
      return option("cache", number, location);
    case P::CYCLE:
      return option("cycle", boolean_node(context->no == nullptr, location), location);
    case P::INCREMENT:
      return option("increment", number, location);
    case P::MAXVALUE:
      return option("maxvalue", number, location);
    case P::MINVALUE:
      return option("minvalue", number, location);
    case P::OWNED:
      return option("owned_by", qualified_name(context->any_name()), location);
    case P::SEQUENCE:
      return option("sequence_name", qualified_name(context->any_name()), location);
    case P::START:
      return option("start", number, location);
    case P::RESTART:
      return option("restart", number, location);
    case P::LOGGED:
      return option("logged", nullptr, location);
    default:
      return option("unlogged", nullptr, location);
  }
}

Node* Builder::create_sequence(P::Create_sequenceContext* context) {
  auto* node = make<CreateSeqStmt>(context);
  node->sequence = range_var(context->any_name());
  node->sequence->relpersistence = persistence(context->opt_temp());
  node->options = sequence_options(context->sequence_options());
  node->if_not_exists = context->if_not_exists() != nullptr;
  return node;
}

// ---- Views ----
Node* Builder::create_view(P::Create_viewContext* context) {
  auto* node = make<ViewStmt>(context);
  node->view = range_var(context->any_name());
  node->view->relpersistence = persistence(context->opt_temp());
  node->aliases = paren_names(context->columns);
  node->replace = context->or_replace() != nullptr;
  node->options = reloptions(context->reloptions());
  SelectStmt* query = select(context->select_stmt());
  if (P::Check_optionContext* check = context->check_option()) {
    node->with_check_option = check->kind != nullptr && check->kind->getType() == P::LOCAL
                                  ? ViewCheckOption::Local
                                  : ViewCheckOption::Cascaded;
  }
  if (context->recursive != nullptr) {
    if (context->columns == nullptr) syntax_error(token_after(context->any_name()));
    if (context->check_option() != nullptr) {
      throw SqlError(Sqlstate::FeatureNotSupported, "WITH CHECK OPTION not supported on recursive views")
          .position(character_position(sql_, loc(context->check_option()->start)));
    }
    query = recursive_view_query(node->view->relname, node->aliases, query);
  }
  node->query = query;
  return node;
}

// WITH RECURSIVE name (columns) AS (query) SELECT columns FROM name.
SelectStmt* Builder::recursive_view_query(std::string_view name, NameList columns, SelectStmt* query) {
  auto* table = make<CommonTableExpr>(-1);
  table->ctename = name;
  table->aliascolnames = columns;
  table->ctequery = query;
  auto* with = make<WithClause>(-1);
  with->recursive = true;
  with->ctes = list<CommonTableExpr>({table});
  std::vector<ResTarget*> targets;
  for (std::string_view& column_name : columns) {
    auto* reference = make<ColumnRef>(-1);
    reference->fields = NameList(&column_name, 1);
    auto* target = make<ResTarget>(-1);
    target->val = reference;
    targets.push_back(target);
  }
  auto* relation = make<RangeVar>(-1);
  relation->relname = name;
  auto* outer = make<SelectStmt>(-1);
  outer->with_clause = with;
  outer->target_list = to_list(targets);
  outer->from_clause = list<Node>({relation});
  return outer;
}

}  // namespace aegis::parser
