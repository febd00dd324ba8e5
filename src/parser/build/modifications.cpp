// INSERT, UPDATE, DELETE and MERGE.
#include "build/builder.h"

namespace aegis::parser {
namespace {

OverridingKind overriding(antlr4::Token* token) {
  if (token == nullptr) return OverridingKind::NotSet;
  return token->getType() == P::USER ? OverridingKind::UserValue : OverridingKind::SystemValue;
}

}  // namespace

Node* Builder::with_statement(P::With_stmtContext* context) {
  if (context->plain_select() != nullptr) return select(context->plain_select(), context->with_clause());
  WithClause* with = with_clause(context->with_clause());
  Node* node = statement(static_cast<antlr4::ParserRuleContext*>(context->children[1]));
  node->location = loc(context->start);
  switch (node->tag) {
    case NodeTag::InsertStmt:
      static_cast<InsertStmt*>(node)->with_clause = with;
      break;
    case NodeTag::UpdateStmt:
      static_cast<UpdateStmt*>(node)->with_clause = with;
      break;
    case NodeTag::DeleteStmt:
      static_cast<DeleteStmt*>(node)->with_clause = with;
      break;
    default:
      static_cast<MergeStmt*>(node)->with_clause = with;
      break;
  }
  return node;
}

Node* Builder::insert(P::Insert_stmtContext* context) {
  auto* node = make<InsertStmt>(context);
  node->relation = range_var(context->any_name());
  if (context->colid() != nullptr) {
    node->relation->alias = make<Alias>(context->colid());
    node->relation->alias->aliasname = word(context->colid());
  }
  P::Insert_restContext* rest = context->insert_rest();
  if (rest->insert_columns() != nullptr) node->cols = insert_columns(rest->insert_columns());
  node->override = overriding(rest->override);
  if (rest->select_stmt() != nullptr) node->select_stmt = select(rest->select_stmt());
  if (context->on_conflict() != nullptr) node->on_conflict_clause = on_conflict(context->on_conflict());
  if (context->returning_clause() != nullptr)
    node->returning_list = target_list(context->returning_clause()->target_list());
  return node;
}

List<ResTarget> Builder::insert_columns(P::Insert_columnsContext* context) {
  return list_of<ResTarget>(context->items,
                            [&](P::Insert_columnContext* item) { return insert_column(item); });
}

ResTarget* Builder::insert_column(P::Insert_columnContext* context) {
  auto* target = make<ResTarget>(context);
  target->name = word(context->colid());
  target->indirection = indirection(context->indirection_el());
  return target;
}

OnConflictClause* Builder::on_conflict(P::On_conflictContext* context) {
  auto* node = make<OnConflictClause>(context);
  if (P::Conflict_targetContext* target = context->conflict_target()) {
    auto* infer = make<InferClause>(target);
    if (target->colid() != nullptr) infer->conname = word(target->colid());
    if (target->index_elems() != nullptr) infer->index_elems = index_elements(target->index_elems());
    if (target->where_clause() != nullptr) infer->where_clause = expression(target->where_clause()->a_expr());
    node->infer = infer;
  }
  if (context->nothing != nullptr) {
    node->action = OnConflictAction::Nothing;
    return node;
  }
  node->action = OnConflictAction::Update;
  node->target_list = set_clauses(context->set_clauses());
  if (context->where_clause() != nullptr) node->where_clause = expression(context->where_clause()->a_expr());
  return node;
}

// A list of columns set from one source becomes one target a column, all sharing the source.
List<ResTarget> Builder::set_clauses(P::Set_clausesContext* context) {
  std::vector<ResTarget*> targets;
  for (P::Set_clauseContext* item : context->items) {
    Node* value = expression(item->a_expr());
    if (item->insert_column() != nullptr) {
      ResTarget* target = insert_column(item->insert_column());
      target->val = value;
      targets.push_back(target);
      continue;
    }
    List<ResTarget> columns = insert_columns(item->insert_columns());
    for (size_t i = 0; i < columns.size(); ++i) {
      auto* source = make<MultiAssignRef>(value->location);
      source->source = value;
      source->colno = static_cast<int>(i) + 1;
      source->ncolumns = static_cast<int>(columns.size());
      columns[i]->val = source;
      targets.push_back(columns[i]);
    }
  }
  return to_list(targets);
}

RangeVar* Builder::modified_relation(P::Dml_relationContext* context) {
  RangeVar* node = relation(context->relation_expr());
  if (context->colid() != nullptr) {
    // A SET after the relation is never its alias; so a second one is the name of a column.
    bool is_set = context->colid()->SET() != nullptr && context->AS() == nullptr;
    if (is_set) syntax_error(token_after(token_after(context->colid())));
    node->alias = make<Alias>(context->colid());
    node->alias->aliasname = word(context->colid());
  }
  return node;
}

Node* Builder::where_or_current(P::Where_or_currentContext* context) {
  if (context == nullptr) return nullptr;
  if (context->a_expr() != nullptr) return expression(context->a_expr());
  auto* node = make<CurrentOfExpr>(context);
  node->cursor_name = word(context->colid());
  return node;
}

Node* Builder::update(P::Update_stmtContext* context) {
  auto* node = make<UpdateStmt>(context);
  node->relation = modified_relation(context->dml_relation());
  node->target_list = set_clauses(context->set_clauses());
  if (context->from_clause() != nullptr) node->from_clause = from_list(context->from_clause()->from_list());
  node->where_clause = where_or_current(context->where_or_current());
  if (context->returning_clause() != nullptr)
    node->returning_list = target_list(context->returning_clause()->target_list());
  return node;
}

Node* Builder::delete_from(P::Delete_stmtContext* context) {
  auto* node = make<DeleteStmt>(context);
  node->relation = modified_relation(context->dml_relation());
  if (context->from_list() != nullptr) node->using_clause = from_list(context->from_list());
  node->where_clause = where_or_current(context->where_or_current());
  if (context->returning_clause() != nullptr)
    node->returning_list = target_list(context->returning_clause()->target_list());
  return node;
}

Node* Builder::merge(P::Merge_stmtContext* context) {
  auto* node = make<MergeStmt>(context);
  node->relation = modified_relation(context->dml_relation());
  node->source_relation = table_ref(context->table_ref());
  node->join_condition = expression(context->a_expr());
  node->merge_when_clauses = list_of<MergeWhenClause>(
      context->merge_when(), [&](P::Merge_whenContext* item) { return merge_when(item); });
  return node;
}

MergeWhenClause* Builder::merge_when(P::Merge_whenContext* context) {
  auto* node = make<MergeWhenClause>(context);
  node->matched = context->not_matched == nullptr;
  if (context->a_expr() != nullptr) node->condition = expression(context->a_expr());
  if (context->nothing != nullptr) return node;
  bool inserts = context->INSERT() != nullptr;
  if (inserts == node->matched) {
    syntax_error(inserts                   ? context->INSERT()->getSymbol()
                 : context->del != nullptr ? context->del
                                           : context->UPDATE()->getSymbol());
  }
  if (context->del != nullptr) {
    node->command_type = MergeCommand::Delete;
  } else if (inserts) {
    node->command_type = MergeCommand::Insert;
    node->override = overriding(context->override);
    if (context->insert_columns() != nullptr) node->target_list = insert_columns(context->insert_columns());
    node->values = expressions(context->expr_list());
  } else {
    node->command_type = MergeCommand::Update;
    node->target_list = set_clauses(context->set_clauses());
  }
  return node;
}

}  // namespace aegis::parser
