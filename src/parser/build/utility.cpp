// Statements that run, fetch, maintain and notify.
#include "build/builder.h"

namespace aegis::parser {

Node* Builder::utility(antlr4::ParserRuleContext* context) {
  switch (context->getRuleIndex()) {
    case P::RuleTransaction_stmt:
      return transaction(static_cast<P::Transaction_stmtContext*>(context));
    case P::RuleSet_stmt:
      return set(static_cast<P::Set_stmtContext*>(context));
    case P::RuleReset_stmt:
      return reset(static_cast<P::Reset_stmtContext*>(context)->reset_target(), loc(context->start));
    case P::RuleShow_stmt:
      return show(static_cast<P::Show_stmtContext*>(context));
    case P::RuleCopy_stmt:
      return copy(static_cast<P::Copy_stmtContext*>(context));
    case P::RuleExplain_stmt:
      return explain(static_cast<P::Explain_stmtContext*>(context));
    case P::RulePrepare_stmt:
      return prepare(static_cast<P::Prepare_stmtContext*>(context));
    case P::RuleExecute_stmt:
      return execute(static_cast<P::Execute_stmtContext*>(context));
    case P::RuleDeallocate_stmt:
      return deallocate(static_cast<P::Deallocate_stmtContext*>(context));
    case P::RuleDeclare_cursor_stmt:
      return declare_cursor(static_cast<P::Declare_cursor_stmtContext*>(context));
    case P::RuleFetch_stmt:
      return fetch(static_cast<P::Fetch_stmtContext*>(context));
    case P::RuleClose_stmt:
      return close_cursor(static_cast<P::Close_stmtContext*>(context));
    case P::RuleTruncate_stmt:
      return truncate(static_cast<P::Truncate_stmtContext*>(context));
    case P::RuleComment_stmt:
      return comment(static_cast<P::Comment_stmtContext*>(context));
    case P::RuleSecurity_label_stmt:
      return security_label(static_cast<P::Security_label_stmtContext*>(context));
    case P::RuleGrant_stmt:
      return grant(static_cast<P::Grant_stmtContext*>(context));
    case P::RuleRevoke_stmt:
      return revoke(static_cast<P::Revoke_stmtContext*>(context));
    case P::RuleVacuum_stmt:
      return vacuum(static_cast<P::Vacuum_stmtContext*>(context));
    case P::RuleAnalyze_stmt:
      return analyze(static_cast<P::Analyze_stmtContext*>(context));
    case P::RuleCluster_stmt:
      return cluster(static_cast<P::Cluster_stmtContext*>(context));
    case P::RuleReindex_stmt:
      return reindex(static_cast<P::Reindex_stmtContext*>(context));
    case P::RuleLock_stmt:
      return lock(static_cast<P::Lock_stmtContext*>(context));
    case P::RuleDo_stmt:
      return do_block(static_cast<P::Do_stmtContext*>(context));
    case P::RuleCall_stmt:
      return call(static_cast<P::Call_stmtContext*>(context));
    case P::RuleRefresh_stmt:
      return refresh(static_cast<P::Refresh_stmtContext*>(context));
    case P::RuleReassign_stmt:
      return reassign_owned(static_cast<P::Reassign_stmtContext*>(context));
    case P::RuleImport_stmt:
      return import_foreign_schema(static_cast<P::Import_stmtContext*>(context));
    case P::RuleCreate_table:
      return create_table(static_cast<P::Create_tableContext*>(context));
    case P::RuleCreate_matview:
      return create_matview(static_cast<P::Create_matviewContext*>(context));
    case P::RulePreparable_stmt:
      return preparable(static_cast<P::Preparable_stmtContext*>(context));
    default:
      return notification_or_simple(context);
  }
}

Node* Builder::notification_or_simple(antlr4::ParserRuleContext* context) {
  switch (context->getRuleIndex()) {
    case P::RuleListen_stmt: {
      auto* node = make<ListenStmt>(context);
      node->conditionname = word(static_cast<P::Listen_stmtContext*>(context)->colid());
      return node;
    }
    case P::RuleUnlisten_stmt: {
      auto* node = make<UnlistenStmt>(context);
      auto* statement = static_cast<P::Unlisten_stmtContext*>(context);
      if (statement->colid() != nullptr) node->conditionname = word(statement->colid());
      return node;
    }
    case P::RuleNotify_stmt: {
      auto* node = make<NotifyStmt>(context);
      auto* statement = static_cast<P::Notify_stmtContext*>(context);
      node->conditionname = word(statement->colid());
      if (statement->SCONST() != nullptr) node->payload = text(statement->SCONST()->getSymbol());
      return node;
    }
    case P::RuleDiscard_stmt: {
      auto* node = make<DiscardStmt>(context);
      switch (static_cast<P::Discard_stmtContext*>(context)->target->getType()) {
        case P::ALL:
          node->target = DiscardMode::All;
          break;
        case P::PLANS:
          node->target = DiscardMode::Plans;
          break;
        case P::SEQUENCES:
          node->target = DiscardMode::Sequences;
          break;
        default:
          node->target = DiscardMode::Temp;
          break;
      }
      return node;
    }
    case P::RuleLoad_stmt: {
      auto* node = make<LoadStmt>(context);
      node->filename = text(static_cast<P::Load_stmtContext*>(context)->SCONST()->getSymbol());
      return node;
    }
    case P::RuleCheckpoint_stmt:
      return make<CheckPointStmt>(context);
    default:
      syntax_error(context->start);
  }
}

// ---- COPY ----
Node* Builder::copy(P::Copy_stmtContext* context) {
  auto* node = make<CopyStmt>(context);
  node->is_from = context->direction->getType() == P::FROM;
  node->is_program = context->program != nullptr;
  P::Copy_fileContext* file = context->copy_file();
  if (file->SCONST() != nullptr) node->filename = text(file->start);
  if (node->is_program && file->SCONST() == nullptr) {
    reject("STDIN/STDOUT not allowed with PROGRAM", loc(file->start));
  }
  std::vector<DefElem*> options;
  if (context->preparable_stmt() != nullptr) {
    node->query = preparable(context->preparable_stmt());
  } else {
    node->relation = range_var(context->any_name());
    node->attlist = paren_names(context->paren_names());
    if (context->binary != nullptr)
      options.push_back(option("format", string_node("binary", loc(context->binary)), loc(context->binary)));
    if (P::Copy_delimiterContext* delimiter = context->copy_delimiter()) {
      antlr4::Token* literal = delimiter->SCONST()->getSymbol();
      options.push_back(option("delimiter", string_node(text(literal), loc(literal)), loc(delimiter->start)));
    }
  }
  if (P::Copy_optionsContext* given = context->copy_options()) {
    for (P::Copy_generic_optionContext* item : given->items) options.push_back(copy_option(item));
    for (P::Copy_old_optionContext* item : given->old_items) options.push_back(copy_option(item));
  }
  node->options = to_list(options);
  if (P::Where_clauseContext* where = context->where_clause()) {
    if (!node->is_from) {
      throw SqlError(Sqlstate::SyntaxError, "WHERE clause not allowed with COPY TO")
          .position(character_position(sql_, loc(where->start)));
    }
    node->where_clause = expression(where->a_expr());
  }
  return node;
}

DefElem* Builder::copy_option(P::Copy_generic_optionContext* context) {
  Node* value = nullptr;
  if (!context->values.empty()) {
    value = list_node(list_of<Node>(
        context->values, [&](P::Boolean_or_stringContext* item) { return boolean_or_string(item); }));
  } else if (context->star != nullptr) {
    value = make<AStar>(loc(context->star));
  } else if (context->numeric_only() != nullptr) {
    value = numeric(context->numeric_only());
  } else if (!context->boolean_or_string().empty()) {
    value = boolean_or_string(context->boolean_or_string(0));
  }
  return option(word(context->col_label()), value, loc(context->start));
}

DefElem* Builder::copy_option(P::Copy_old_optionContext* context) {
  int location = loc(context->start);
  auto literal = [&] {
    return string_node(text(context->SCONST()->getSymbol()), loc(context->SCONST()->getSymbol()));
  };
  switch (context->kind->getType()) {
    case P::BINARY:
      return option("format", string_node("binary", location), location);
    case P::CSV:
      return option("format", string_node("csv", location), location);
    case P::FREEZE:
      return option("freeze", boolean_node(true, location), location);
    case P::HEADER:
      return option("header", boolean_node(true, location), location);
    case P::DELIMITER:
      return option("delimiter", literal(), location);
    case P::NULL_:
      return option("null", literal(), location);
    case P::QUOTE:
      return option("quote", literal(), location);
    case P::ESCAPE:
      return option("escape", literal(), location);
    case P::ENCODING:
      return option("encoding", literal(), location);
    default:
      break;
  }
  const char* name = context->what->getType() == P::QUOTE ? "force_quote"
                     : context->no != nullptr             ? "force_not_null"
                                                          : "force_null";
  if (context->star != nullptr) {
    if (context->what->getType() != P::QUOTE) syntax_error(context->star);
    return option(name, make<AStar>(loc(context->star)), location);
  }
  NodeList columns = list_of<Node>(context->name_list()->items, [&](P::ColidContext* item) -> Node* {
    return string_node(word(item), loc(item->start));
  });
  return option(name, list_node(columns), location);
}

// ---- EXPLAIN and prepared statements ----
List<DefElem> Builder::utility_options(P::Utility_optionsContext* context) {
  if (context == nullptr) return {};
  return list_of<DefElem>(context->items, [&](P::Utility_optionContext* item) {
    Node* value = nullptr;
    if (item->numeric_only() != nullptr) value = numeric(item->numeric_only());
    if (item->boolean_or_string() != nullptr) value = boolean_or_string(item->boolean_or_string());
    std::string_view name = text(item->start);
    return option(name == "analyse" ? "analyze" : name, value, loc(item->start));
  });
}

Node* Builder::explain(P::Explain_stmtContext* context) {
  auto* node = make<ExplainStmt>(context);
  node->query = statement(static_cast<antlr4::ParserRuleContext*>(context->explainable_stmt()->children[0]));
  if (context->utility_options() != nullptr) {
    node->options = utility_options(context->utility_options());
    return node;
  }
  std::vector<DefElem*> options;
  if (context->analyze != nullptr) options.push_back(option("analyze", nullptr, loc(context->analyze)));
  if (context->verbose != nullptr) options.push_back(option("verbose", nullptr, loc(context->verbose)));
  node->options = to_list(options);
  return node;
}

Node* Builder::prepare(P::Prepare_stmtContext* context) {
  auto* node = make<PrepareStmt>(context);
  node->name = word(context->colid());
  node->argtypes = types(context->type_list());
  node->query = preparable(context->preparable_stmt());
  return node;
}

Node* Builder::execute(P::Execute_stmtContext* context) {
  auto* node = make<ExecuteStmt>(context);
  node->name = word(context->colid());
  if (context->execute_params() != nullptr)
    node->params = expressions(context->execute_params()->expr_list());
  return node;
}

Node* Builder::deallocate(P::Deallocate_stmtContext* context) {
  auto* node = make<DeallocateStmt>(context);
  if (context->colid() != nullptr) node->name = word(context->colid());
  return node;
}

// ---- Cursors ----
Node* Builder::declare_cursor(P::Declare_cursor_stmtContext* context) {
  auto* node = make<DeclareCursorStmt>(context);
  node->portalname = word(context->colid());
  for (P::Cursor_optionContext* item : context->options) {
    switch (item->kind->getType()) {
      case P::SCROLL:
        node->options |= item->no != nullptr ? kCursorNoScroll : kCursorScroll;
        break;
      case P::BINARY:
        node->options |= kCursorBinary;
        break;
      case P::ASENSITIVE:
        node->options |= kCursorAsensitive;
        break;
      default:
        node->options |= kCursorInsensitive;
        break;
    }
  }
  if (context->hold != nullptr && context->hold->getType() == P::WITH) node->options |= kCursorHold;
  node->query = select(context->select_stmt());
  return node;
}

Node* Builder::fetch(P::Fetch_stmtContext* context) {
  auto* node = make<FetchStmt>(context);
  node->portalname = word(context->colid());
  node->ismove = context->verb->getType() == P::MOVE;
  if (context->fetch_direction() != nullptr) fetch_direction(node, context->fetch_direction());
  return node;
}

void Builder::fetch_direction(FetchStmt* node, P::Fetch_directionContext* context) {
  bool counted = context->signed_integer() != nullptr;
  if (counted) node->how_many = signed_integer(context->signed_integer());
  if (context->kind == nullptr) return;
  switch (context->kind->getType()) {
    case P::PRIOR:
      node->direction = FetchDirection::Backward;
      break;
    case P::FIRST:
      node->direction = FetchDirection::Absolute;
      break;
    case P::LAST:
      node->direction = FetchDirection::Absolute;
      node->how_many = -1;
      break;
    case P::ALL:
      node->how_many = kFetchAll;
      break;
    case P::ABSOLUTE:
      node->direction = FetchDirection::Absolute;
      break;
    case P::RELATIVE:
      node->direction = FetchDirection::Relative;
      break;
    case P::BACKWARD:
      node->direction = FetchDirection::Backward;
      break;
    default:
      break;
  }
  if (context->all != nullptr) node->how_many = kFetchAll;
}

Node* Builder::close_cursor(P::Close_stmtContext* context) {
  auto* node = make<ClosePortalStmt>(context);
  if (context->colid() != nullptr) node->portalname = word(context->colid());
  return node;
}

// ---- Maintenance ----
Node* Builder::truncate(P::Truncate_stmtContext* context) {
  auto* node = make<TruncateStmt>(context);
  node->relations = relations(context->relation_list());
  node->restart_seqs = context->identity != nullptr && context->identity->getType() == P::RESTART;
  node->behavior = behavior(context->drop_behavior());
  return node;
}

List<VacuumRelation> Builder::vacuum_relations(P::Vacuum_relationsContext* context) {
  if (context == nullptr) return {};
  return list_of<VacuumRelation>(context->items, [&](P::Vacuum_relationContext* item) {
    auto* target = make<VacuumRelation>(item);
    target->relation = range_var(item->any_name());
    target->va_cols = paren_names(item->paren_names());
    return target;
  });
}

Node* Builder::vacuum(P::Vacuum_stmtContext* context) {
  auto* node = make<VacuumStmt>(context);
  node->rels = vacuum_relations(context->vacuum_relations());
  if (context->utility_options() != nullptr) {
    node->options = utility_options(context->utility_options());
    return node;
  }
  std::vector<DefElem*> options;
  auto flag = [&](const char* name, antlr4::Token* token) {
    if (token != nullptr) options.push_back(option(name, nullptr, loc(token)));
  };
  flag("full", context->full);
  flag("freeze", context->freeze);
  flag("verbose", context->verbose);
  flag("analyze", context->analyze);
  node->options = to_list(options);
  return node;
}

Node* Builder::analyze(P::Analyze_stmtContext* context) {
  auto* node = make<VacuumStmt>(context);
  node->is_vacuumcmd = false;
  node->rels = vacuum_relations(context->vacuum_relations());
  node->options = utility_options(context->utility_options());
  if (context->verbose != nullptr) {
    node->options = list<DefElem>({option("verbose", nullptr, loc(context->verbose))});
  }
  return node;
}

Node* Builder::cluster(P::Cluster_stmtContext* context) {
  auto* node = make<ClusterStmt>(context);
  if (context->relation != nullptr) node->relation = range_var(context->relation);
  if (context->index != nullptr) node->indexname = word(context->index);
  if (context->old_index != nullptr) node->indexname = word(context->old_index);
  node->params = utility_options(context->utility_options());
  if (context->utility_options() != nullptr && context->relation == nullptr)
    syntax_error(token_after(context));
  if (context->verbose != nullptr)
    node->params = list<DefElem>({option("verbose", nullptr, loc(context->verbose))});
  return node;
}

Node* Builder::reindex(P::Reindex_stmtContext* context) {
  auto* node = make<ReindexStmt>(context);
  switch (context->kind->getType()) {
    case P::INDEX:
      node->kind = ReindexObjectType::Index;
      break;
    case P::TABLE:
      node->kind = ReindexObjectType::Table;
      break;
    case P::SCHEMA:
      node->kind = ReindexObjectType::Schema;
      break;
    case P::SYSTEM:
      node->kind = ReindexObjectType::System;
      break;
    default:
      node->kind = ReindexObjectType::Database;
      break;
  }
  if (context->any_name() != nullptr) node->relation = range_var(context->any_name());
  if (context->colid() != nullptr) node->name = word(context->colid());
  List<DefElem> given = utility_options(context->utility_options());
  std::vector<DefElem*> params(given.begin(), given.end());
  if (context->CONCURRENTLY() != nullptr) {
    antlr4::Token* token = context->CONCURRENTLY()->getSymbol();
    params.push_back(option("concurrently", nullptr, loc(token)));
  }
  node->params = to_list(params);
  return node;
}

Node* Builder::lock(P::Lock_stmtContext* context) {
  auto* node = make<LockStmt>(context);
  node->relations = relations(context->relation_list());
  node->nowait = context->nowait != nullptr;
  if (context->lock_mode() != nullptr) node->mode = lock_mode(context->lock_mode());
  return node;
}

LockMode Builder::lock_mode(P::Lock_modeContext* context) {
  bool shared = context->second != nullptr && context->second->getType() == P::SHARE;
  switch (context->first->getType()) {
    case P::ACCESS:
      return shared ? LockMode::AccessShare : LockMode::AccessExclusive;
    case P::ROW:
      return shared ? LockMode::RowShare : LockMode::RowExclusive;
    case P::EXCLUSIVE:
      return LockMode::Exclusive;
    default:
      break;
  }
  if (context->row_exclusive != nullptr) return LockMode::ShareRowExclusive;
  return context->second != nullptr ? LockMode::ShareUpdateExclusive : LockMode::Share;
}

Node* Builder::refresh(P::Refresh_stmtContext* context) {
  auto* node = make<RefreshMatViewStmt>(context);
  node->relation = range_var(context->any_name());
  node->concurrent = context->concurrently != nullptr;
  node->skip_data = context->with_data() != nullptr && context->with_data()->no != nullptr;
  return node;
}

Node* Builder::do_block(P::Do_stmtContext* context) {
  auto* node = make<DoStmt>(context);
  node->args = list_of<DefElem>(context->items, [&](P::Do_optionContext* item) {
    int location = loc(item->start);
    if (item->SCONST() != nullptr) return option("as", string_node(text(item->start), location), location);
    return option("language", string_node(word(item->word_or_string()), loc(item->word_or_string()->start)),
                  location);
  });
  return node;
}

Node* Builder::call(P::Call_stmtContext* context) {
  auto* node = make<CallStmt>(context);
  node->funccall = function_application(function_name(context->function_name()), context->func_args(),
                                        loc(context->function_name()->start));
  return node;
}

}  // namespace aegis::parser
