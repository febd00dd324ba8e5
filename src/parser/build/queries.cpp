// SELECT, VALUES, set operations, FROM and WITH.
#include "build/builder.h"

namespace aegis::parser {

SelectStmt* Builder::select(P::Select_with_parensContext* context) { return select(context->select_stmt()); }

SelectStmt* Builder::select(P::Select_stmtContext* context) { return select(context->plain_select(), context->with_clause()); }

SelectStmt* Builder::select(P::Plain_selectContext* context, P::With_clauseContext* with) {
  DepthGuard guard(*this);
  SelectStmt* node = set_operations(context->set_expr());
  apply_query_tail(node, context->query_tail(), with);
  return node;
}

// UNION and EXCEPT associate to the left, INTERSECT binds tighter.
SelectStmt* Builder::set_operations(P::Set_exprContext* context) {
  auto tails = context->set_tail();
  SelectStmt* left = select_primary(context->select_primary());
  size_t i = 0;
  auto intersections = [&](SelectStmt* operand) {
    while (i < tails.size() && tails[i]->op->getType() == P::INTERSECT) {
      P::Set_tailContext* tail = tails[i++];
      operand = set_operation(operand, tail, select_primary(tail->select_primary()));
    }
    return operand;
  };
  left = intersections(left);
  while (i < tails.size()) {
    P::Set_tailContext* tail = tails[i++];
    SelectStmt* right = intersections(select_primary(tail->select_primary()));
    left = set_operation(left, tail, right);
  }
  return left;
}

SelectStmt* Builder::set_operation(SelectStmt* left, P::Set_tailContext* tail, SelectStmt* right) {
  auto* node = make<SelectStmt>(left->location);
  switch (tail->op->getType()) {
    case P::UNION:
      node->op = SetOperation::Union;
      break;
    case P::INTERSECT:
      node->op = SetOperation::Intersect;
      break;
    default:
      node->op = SetOperation::Except;
      break;
  }
  node->all = tail->quantifier != nullptr && tail->quantifier->getType() == P::ALL;
  node->larg = left;
  node->rarg = right;
  return node;
}

SelectStmt* Builder::select_primary(P::Select_primaryContext* context) {
  if (auto* simple = context->simple_select()) return simple_select(simple);
  if (auto* parens = context->select_with_parens()) return select(parens);
  auto* node = make<SelectStmt>(context);
  if (auto* values = context->values_clause()) {
    node->values_lists = list_of<ListNode>(
        values->rows, [&](P::Values_rowContext* row) { return list_node(expressions(row->expr_list())); });
    return node;
  }
  // TABLE name is SELECT * FROM name.
  auto* target = make<ResTarget>(-1);
  auto* star = make<ColumnRef>(-1);
  star->star = true;
  target->val = star;
  node->target_list = list<ResTarget>({target});
  node->from_clause = list<Node>({relation(context->relation_expr())});
  return node;
}

SelectStmt* Builder::simple_select(P::Simple_selectContext* context) {
  auto* node = make<SelectStmt>(context);
  node->distinct = context->distinct != nullptr;
  if (node->distinct && context->target_list() == nullptr)
    syntax_error(
        token_after(context->distinct_on != nullptr ? context->distinct_on->stop : context->distinct));
  node->distinct_clause = expressions(context->distinct_on);
  if (context->target_list() != nullptr) node->target_list = target_list(context->target_list());
  if (context->into_clause() != nullptr) node->into_clause = into(context->into_clause());
  if (context->from_clause() != nullptr) node->from_clause = from_list(context->from_clause()->from_list());
  if (context->where_clause() != nullptr) node->where_clause = expression(context->where_clause()->a_expr());
  if (P::Group_clauseContext* group = context->group_clause()) {
    node->group_clause = group_list(group->group_list());
    node->group_distinct = group->quantifier != nullptr && group->quantifier->getType() == P::DISTINCT;
  }
  if (context->having != nullptr) node->having_clause = expression(context->having);
  if (P::Window_clauseContext* windows = context->window_clause()) {
    node->window_clause = list_of<WindowDef>(windows->items, [&](P::Window_definitionContext* item) {
      WindowDef* definition = window(item->window_specification());
      definition->name = word(item->colid());
      return definition;
    });
  }
  return node;
}

List<ResTarget> Builder::target_list(P::Target_listContext* context) {
  return list_of<ResTarget>(context->items, [&](P::Target_elContext* item) {
    auto* target = make<ResTarget>(item);
    if (item->star != nullptr) {
      auto* star = make<ColumnRef>(item);
      star->star = true;
      target->val = star;
      return target;
    }
    target->val = expression(item->a_expr());
    if (item->col_label() != nullptr) target->name = word(item->col_label());
    if (item->bare_col_label() != nullptr) target->name = word(item->bare_col_label());
    return target;
  });
}

IntoClause* Builder::into(P::Into_clauseContext* context) {
  P::Into_targetContext* target = context->into_target();
  auto* node = make<IntoClause>(target);
  node->rel = range_var(target->any_name());
  if (target->temp != nullptr) node->rel->relpersistence = RelPersistence::Temp;
  if (target->unlogged != nullptr) node->rel->relpersistence = RelPersistence::Unlogged;
  return node;
}

NodeList Builder::group_list(P::Group_listContext* context) {
  return list_of<Node>(context->items, [&](P::Group_itemContext* item) { return group_item(item); });
}

Node* Builder::group_item(P::Group_itemContext* context) {
  if (context->a_expr() != nullptr) return expression(context->a_expr());
  DepthGuard guard(*this);
  auto* node = make<GroupingSet>(context);
  if (context->empty != nullptr) return node;
  switch (context->kind->getType()) {
    case P::CUBE:
      node->kind = GroupingSetKind::Cube;
      node->content = expressions(context->expr_list());
      break;
    case P::ROLLUP:
      node->kind = GroupingSetKind::Rollup;
      node->content = expressions(context->expr_list());
      break;
    default:
      node->kind = GroupingSetKind::Sets;
      node->content = group_list(context->group_list());
  }
  return node;
}

List<SortBy> Builder::sort_clause(P::Order_byContext* context) {
  return list_of<SortBy>(context->items, [&](P::Sort_itemContext* item) {
    auto* sort = make<SortBy>(-1);
    sort->node = expression(item->a_expr());
    if (item->qual_all_op() != nullptr) {
      sort->sortby_dir = SortByDir::Using;
      sort->use_op = operator_name(item->qual_all_op());
      sort->location = loc(item->qual_all_op()->start);
    } else if (item->dir != nullptr) {
      sort->sortby_dir = item->dir->getType() == P::ASC ? SortByDir::Asc : SortByDir::Desc;
    }
    if (item->nulls != nullptr) {
      sort->sortby_nulls = item->nulls->getType() == P::FIRST ? SortByNulls::First : SortByNulls::Last;
    }
    return sort;
  });
}

void Builder::reject(const char* message, int location) {
  throw SqlError(Sqlstate::SyntaxError, message).position(character_position(sql_, location));
}

// ORDER BY, LIMIT, locking and WITH of a query that may have some of its own already, inside parentheses.
void Builder::apply_query_tail(SelectStmt* node, P::Query_tailContext* tail, P::With_clauseContext* with) {
  if (tail->order_by() != nullptr) {
    if (!node->sort_clause.empty())
      reject("multiple ORDER BY clauses not allowed", loc(tail->order_by()->items[0]->start));
    node->sort_clause = sort_clause(tail->order_by());
  }
  apply_locking(node, tail->lockings);
  Node* count = nullptr;
  Node* offset = nullptr;
  bool ties = false;
  for (P::Limit_partContext* part : tail->limits) limit_part(part, count, offset, ties);
  if (offset != nullptr) {
    if (node->limit_offset != nullptr) reject("multiple OFFSET clauses not allowed", offset->location);
    node->limit_offset = offset;
  }
  if (count != nullptr) {
    if (node->limit_count != nullptr) reject("multiple LIMIT clauses not allowed", count->location);
    node->limit_count = count;
  }
  if (ties) {
    if (node->sort_clause.empty()) reject("WITH TIES cannot be specified without ORDER BY clause", -1);
    for (LockingClause* locking : node->locking_clause) {
      if (locking->wait_policy == LockWaitPolicy::Skip) {
        reject("SKIP LOCKED and WITH TIES options cannot be used together", -1);
      }
    }
    node->limit_option = LimitOption::WithTies;
  }
  if (with != nullptr) {
    if (node->with_clause != nullptr) reject("multiple WITH clauses not allowed", loc(with->start));
    node->with_clause = with_clause(with);
  }
}

void Builder::limit_part(P::Limit_partContext* part, Node*& count, Node*& offset, bool& ties) {
  size_t kind = part->kind->getType();
  Node*& slot = kind == P::OFFSET ? offset : count;
  if (slot != nullptr) syntax_error(part->start);
  if (part->second != nullptr) {
    reject("LIMIT #,# syntax is not supported", loc(part->start));
  }
  if (part->all != nullptr) {
    slot = null_constant(loc(part->all));
  } else if (!part->a_expr().empty()) {
    slot = expression(part->a_expr(0));
  } else {
    slot = integer_constant(1, -1);
  }
  ties = ties || part->ties != nullptr;
}

void Builder::apply_locking(SelectStmt* node, const std::vector<P::Locking_clauseContext*>& items) {
  std::vector<LockingClause*> clauses(node->locking_clause.begin(), node->locking_clause.end());
  for (P::Locking_clauseContext* item : items) {
    if (item->read != nullptr) continue;
    auto* clause = make<LockingClause>(item);
    if (item->nokey != nullptr)
      clause->strength = LockClauseStrength::ForNoKeyUpdate;
    else if (item->key != nullptr)
      clause->strength = LockClauseStrength::ForKeyShare;
    else if (item->strength->getType() == P::UPDATE)
      clause->strength = LockClauseStrength::ForUpdate;
    else
      clause->strength = LockClauseStrength::ForShare;
    if (item->any_name_list() != nullptr) clause->locked_rels = range_vars(item->any_name_list());
    if (item->wait != nullptr) {
      clause->wait_policy = item->wait->getType() == P::NOWAIT ? LockWaitPolicy::Error : LockWaitPolicy::Skip;
    }
    clauses.push_back(clause);
  }
  node->locking_clause = to_list(clauses);
}

WithClause* Builder::with_clause(P::With_clauseContext* context) {
  auto* node = make<WithClause>(context);
  node->recursive = context->recursive != nullptr;
  node->ctes =
      list_of<CommonTableExpr>(context->items, [&](P::CteContext* item) { return common_table(item); });
  return node;
}

CommonTableExpr* Builder::common_table(P::CteContext* context) {
  auto* node = make<CommonTableExpr>(context);
  node->ctename = word(context->colid());
  node->aliascolnames = paren_names(context->paren_names());
  if (context->materialized != nullptr) {
    node->ctematerialized = context->NOT() != nullptr ? CTEMaterialize::Never : CTEMaterialize::Always;
  }
  node->ctequery = preparable(context->preparable_stmt());
  if (P::Search_clauseContext* search = context->search_clause()) {
    auto* clause = make<CTESearchClause>(search);
    clause->search_col_list = name_list(search->name_list());
    clause->search_breadth_first = search->order->getType() == P::BREADTH;
    clause->search_seq_column = word(search->colid());
    node->search_clause = clause;
  }
  if (P::Cycle_clauseContext* cycle = context->cycle_clause()) node->cycle_clause = cycle_clause(cycle);
  return node;
}

CTECycleClause* Builder::cycle_clause(P::Cycle_clauseContext* context) {
  auto* node = make<CTECycleClause>(context);
  node->cycle_col_list = name_list(context->name_list());
  node->cycle_mark_column = word(context->mark);
  node->cycle_path_column = word(context->path);
  if (context->value != nullptr) {
    node->cycle_mark_value = operand(context->value->c_expr());
    node->cycle_mark_default = operand(context->otherwise->c_expr());
    for (Node* value : {node->cycle_mark_value, node->cycle_mark_default}) {
      if (!is_node<AConst>(value) && !is_node<TypeCast>(value)) syntax_error(context->value->start);
    }
    return node;
  }
  auto boolean = [&](bool value) {
    auto* constant = make<AConst>(-1);
    constant->kind = ConstKind::Boolean;
    constant->boolval = value;
    return constant;
  };
  node->cycle_mark_value = boolean(true);
  node->cycle_mark_default = boolean(false);
  return node;
}

Node* Builder::preparable(P::Preparable_stmtContext* context) {
  return statement(static_cast<antlr4::ParserRuleContext*>(context->children[0]));
}

// ---- FROM ----
NodeList Builder::from_list(P::From_listContext* context) {
  return list_of<Node>(context->items, [&](P::Table_refContext* item) { return table_ref(item); });
}

Node* Builder::table_ref(P::Table_refContext* context) {
  DepthGuard guard(*this);
  Node* left = table_primary(context->table_primary());
  for (P::Join_tailContext* tail : context->joins) left = join(left, tail);
  return left;
}

Node* Builder::join(Node* left, P::Join_tailContext* tail) {
  auto* node = make<JoinExpr>(tail);
  node->larg = left;
  node->is_natural = tail->NATURAL() != nullptr;
  if (tail->kind != nullptr) {
    switch (tail->kind->kind->getType()) {
      case P::FULL:
        node->jointype = JoinType::Full;
        break;
      case P::LEFT:
        node->jointype = JoinType::Left;
        break;
      case P::RIGHT:
        node->jointype = JoinType::Right;
        break;
      default:
        break;
    }
  }
  node->rarg = tail->primary != nullptr ? table_primary(tail->primary) : table_ref(tail->ref);
  if (P::Join_qualContext* qual = tail->join_qual()) {
    if (qual->a_expr() != nullptr) {
      node->quals = expression(qual->a_expr());
    } else {
      node->using_clause = name_list(qual->name_list());
      if (qual->colid() != nullptr) {
        node->join_using_alias = make<Alias>(qual->colid());
        node->join_using_alias->aliasname = word(qual->colid());
      }
    }
  }
  return node;
}

Alias* Builder::alias(P::Alias_clauseContext* context) {
  if (context == nullptr) return nullptr;
  auto* node = make<Alias>(context);
  node->aliasname = word(context->colid());
  node->colnames = paren_names(context->paren_names());
  return node;
}

Node* Builder::table_primary(P::Table_primaryContext* context) {
  if (P::Relation_exprContext* name = context->relation_expr()) {
    RangeVar* node = relation(name);
    node->alias = alias(context->alias_clause());
    if (context->tablesample() != nullptr) return table_sample(node, context->tablesample());
    return node;
  }
  if (P::Table_refContext* inner = context->table_ref()) {
    Node* node = table_ref(inner);
    auto* join = node_cast<JoinExpr>(node);
    if (join == nullptr) syntax_error(token_after(inner));
    if (context->alias_clause() == nullptr) return join;
    if (join->alias != nullptr) syntax_error(context->alias_clause()->start);
    join->alias = alias(context->alias_clause());
    return join;
  }
  bool lateral = context->lateral != nullptr;
  if (P::Select_with_parensContext* query = context->select_with_parens()) {
    auto* node = make<RangeSubselect>(context);
    node->lateral = lateral;
    node->subquery = select(query);
    node->alias = alias(context->alias_clause());
    if (node->alias == nullptr) reject_unnamed_subquery(node->subquery, query);
    return node;
  }
  if (P::XmltableContext* table = context->xmltable()) {
    RangeTableFunc* node = xml_table(table);
    node->lateral = lateral;
    node->alias = alias(context->alias_clause());
    return node;
  }
  RangeFunction* node = range_function(context->func_table());
  node->lateral = lateral;
  if (context->func_alias() != nullptr) apply_function_alias(node, context->func_alias());
  return node;
}

void Builder::reject_unnamed_subquery(Node* query, P::Select_with_parensContext* context) {
  auto* select = node_cast<SelectStmt>(query);
  bool values = select != nullptr && !select->values_lists.empty();
  throw SqlError(Sqlstate::SyntaxError,
                 values ? "VALUES in FROM must have an alias" : "subquery in FROM must have an alias")
      .hint(values ? "For example, FROM (VALUES ...) [AS] foo." : "For example, FROM (SELECT ...) [AS] foo.")
      .position(character_position(sql_, loc(context->start)));
}

Node* Builder::table_sample(RangeVar* relation, P::TablesampleContext* context) {
  auto* node = make<RangeTableSample>(context->function_name());
  node->relation = relation;
  node->method = function_name(context->function_name());
  node->args = expressions(context->expr_list());
  if (context->a_expr() != nullptr) node->repeatable = expression(context->a_expr());
  return node;
}

Node* Builder::windowless_function(P::Windowless_functionContext* context) {
  if (context->special_function() != nullptr) return special_function(context->special_function());
  return function_application(function_name(context->function_name()), context->func_args(),
                              loc(context->start));
}

RangeFunction* Builder::range_function(P::Func_tableContext* context) {
  auto* node = make<RangeFunction>(context);
  node->ordinality = context->ordinality() != nullptr;
  if (context->windowless_function() != nullptr) {
    auto* item = make<RangeFunctionItem>(context);
    item->func = windowless_function(context->windowless_function());
    node->functions = list<RangeFunctionItem>({item});
    return node;
  }
  node->is_rowsfrom = true;
  node->functions = list_of<RangeFunctionItem>(context->items, [&](P::Rows_from_itemContext* item) {
    auto* function = make<RangeFunctionItem>(item);
    function->func = windowless_function(item->windowless_function());
    if (item->table_func_elements() != nullptr)
      function->coldeflist = column_definitions(item->table_func_elements());
    return function;
  });
  return node;
}

void Builder::apply_function_alias(RangeFunction* node, P::Func_aliasContext* context) {
  if (context->colid() != nullptr) {
    node->alias = make<Alias>(context->colid());
    node->alias->aliasname = word(context->colid());
    if (context->name_list() != nullptr) node->alias->colnames = name_list(context->name_list());
  }
  if (context->table_func_elements() != nullptr)
    node->coldeflist = column_definitions(context->table_func_elements());
}

List<ColumnDef> Builder::column_definitions(P::Table_func_elementsContext* context) {
  return list_of<ColumnDef>(context->items,
                            [&](P::Table_func_elementContext* item) { return column_definition(item); });
}

ColumnDef* Builder::column_definition(P::Table_func_elementContext* context) {
  auto* node = make<ColumnDef>(context);
  node->colname = word(context->colid());
  node->type_name = type(context->type_name());
  if (context->any_name() != nullptr) node->coll_clause = collate_clause(context->any_name());
  return node;
}

CollateClause* Builder::collate_clause(P::Any_nameContext* context) {
  if (context == nullptr) return nullptr;
  auto* node = make<CollateClause>(loc(token_before(context)));
  node->collname = any_name(context);
  return node;
}

RangeTableFunc* Builder::xml_table(P::XmltableContext* context) {
  auto* node = make<RangeTableFunc>(context);
  node->rowexpr = operand(context->c_expr());
  node->docexpr = operand(context->xml_passing()->c_expr());
  node->columns = list_of<RangeTableFuncCol>(
      context->columns, [&](P::Xmltable_columnContext* item) { return xml_column(item); });
  node->namespaces = list_of<ResTarget>(context->namespaces, [&](P::Xml_namespaceContext* item) {
    auto* target = make<ResTarget>(item);
    if (item->col_label() != nullptr) target->name = word(item->col_label());
    target->val = expression(item->b_expr());
    return target;
  });
  return node;
}

RangeTableFuncCol* Builder::xml_column(P::Xmltable_columnContext* context) {
  auto* node = make<RangeTableFuncCol>(context);
  node->colname = word(context->colid());
  if (context->type_name() == nullptr) {
    node->for_ordinality = true;
    return node;
  }
  node->type_name = type(context->type_name());
  bool nullability = false;
  auto fail = [&](const std::string& message, antlr4::Token* at) {
    throw SqlError(Sqlstate::SyntaxError, message).position(character_position(sql_, loc(at)));
  };
  for (P::Xmltable_column_optionContext* option : context->options) {
    if (option->dflt != nullptr) {
      if (node->coldefexpr != nullptr) fail("only one DEFAULT value is allowed", option->start);
      node->coldefexpr = expression(option->b_expr());
    } else if (option->word != nullptr) {
      if (text(option->word) == "__pg__is_not_null") {
        fail("option name \"__pg__is_not_null\" cannot be used in XMLTABLE", option->start);
      }
      if (text(option->word) != "path") {
        fail("unrecognized column option \"" + std::string(text(option->word)) + "\"", option->start);
      }
      if (node->colexpr != nullptr) fail("only one PATH value per column is allowed", option->start);
      node->colexpr = expression(option->b_expr());
    } else {
      if (nullability) {
        fail("conflicting or redundant NULL / NOT NULL declarations for column \"" +
                 std::string(node->colname) + "\"",
             option->start);
      }
      nullability = true;
      node->is_not_null = option->NOT() != nullptr;
    }
  }
  return node;
}

}  // namespace aegis::parser
