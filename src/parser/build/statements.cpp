// The statement list and the dispatch to each statement's builder.
#include "build/builder.h"

namespace aegis::parser {

void Builder::statements(P::Statement_listContext* context, std::vector<RawStmt>& out) {
  auto items = context->statement();
  out.reserve(items.size());
  for (P::StatementContext* item : items) {
    Node* node = statement(static_cast<antlr4::ParserRuleContext*>(item->children[0]));
    int start = loc(item->start);
    out.push_back({node, start, sql_token(item->stop)->stop() - start});
  }
}

Node* Builder::statement(antlr4::ParserRuleContext* context) {
  DepthGuard guard(*this);
  switch (context->getRuleIndex()) {
    case P::RulePlain_select:
      return select(static_cast<P::Plain_selectContext*>(context));
    case P::RuleWith_stmt:
      return with_statement(static_cast<P::With_stmtContext*>(context));
    case P::RuleInsert_stmt:
      return insert(static_cast<P::Insert_stmtContext*>(context));
    case P::RuleUpdate_stmt:
      return update(static_cast<P::Update_stmtContext*>(context));
    case P::RuleDelete_stmt:
      return delete_from(static_cast<P::Delete_stmtContext*>(context));
    case P::RuleMerge_stmt:
      return merge(static_cast<P::Merge_stmtContext*>(context));
    case P::RuleCreate_stmt:
      return create(static_cast<antlr4::ParserRuleContext*>(context->children[0]));
    case P::RuleAlter_stmt:
      return alter(static_cast<antlr4::ParserRuleContext*>(context->children[0]));
    case P::RuleDrop_stmt:
      return drop(static_cast<P::Drop_stmtContext*>(context));
    default:
      return utility(context);
  }
}

}  // namespace aegis::parser
