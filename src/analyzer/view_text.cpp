// The definitions of views.
#include <algorithm>

#include "aegis/parser/parser.h"
#include "query_recorder.h"

namespace aegis::analyzer {

namespace {

// A view made with column names is kept as SELECT a, b FROM (query) query(a, b): the query in it.
const ast::SelectStmt& inside(const ast::SelectStmt& select) {
  if (select.from_clause.size() != 1 || select.where_clause != nullptr || select.op != ast::SetOperation::None) return select;
  auto* sub = ast::node_cast<ast::RangeSubselect>(select.from_clause[0]);
  if (sub == nullptr || sub->alias == nullptr || sub->alias->aliasname != "query" || sub->alias->colnames.size() != select.target_list.size()) return select;
  for (size_t i = 0; i < select.target_list.size(); ++i) {
    auto* column = ast::node_cast<ast::ColumnRef>(select.target_list[i]->val);
    if (column == nullptr || column->fields.size() != 1 || column->fields[0] != sub->alias->colnames[i]) return select;
  }
  auto* query = ast::node_cast<ast::SelectStmt>(sub->subquery);
  return query == nullptr ? select : *query;
}

}  // namespace

std::string view_text(const AnalyzerContext& outer, const catalog::Relation& view, bool pretty) {
  AnalyzerContext context{outer.catalog, outer.database, view.view_search_path, outer.role, outer.types, view.view_sql, outer.temp_schema};
  auto parsed = parser::parse(view.view_sql);
  const auto& select = inside(static_cast<const ast::SelectStmt&>(*parsed.statements.at(0).stmt));
  // Names are shown as the reader's search path makes them necessary.
  QueryRecorder recorder(outer, pretty);
  QueryAnalyzer analyzer(context, nullptr);
  analyzer.record_in(recorder);
  analyzer.bind_query(select, nullptr);
  std::vector<std::string> names;
  for (const auto& column : view.columns) names.push_back(column.name);
  return write_query(recorder, select, &names);
}

}  // namespace aegis::analyzer
