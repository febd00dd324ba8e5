// What binding a query found out, kept by its syntax tree's nodes, so that the query can be written as PostgreSQL would.
//
// Texts have marks where a column, a subquery or a line's begin stands: names of tables are only known when all of the query
// is. \1n\2 is reference n, \6n\7 subquery n; \3 \4 \5 are those of plan::DeparseContext::marks_lines.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aegis/parser/ast_queries.h"
#include "aegis/plan/deparse.h"
#include "query_analyzer.h"

namespace aegis::analyzer {

class QueryRecorder {
 public:
  struct Text {
    enum class Kind : uint8_t { Column, Constant, Call, Other };
    std::string sql;
    Kind kind = Kind::Other;
    std::string name;  // of a column
    bool given = false;
  };
  struct Target {
    Text text;
    std::string name;
  };
  struct Query {
    std::vector<Target> targets;
    Text where, having, limit, offset;
    std::vector<Text> order;        // of its sort_clause
    std::vector<Text> distinct_on;
    std::vector<std::vector<Text>> rows;
    std::vector<std::string> windows;  // the definitions of its window_clause
    uint32_t table = 0;                // of the projection
    std::vector<std::string> columns;  // INSERT: those written
    std::vector<Text> values;          // INSERT … VALUES of one row, UPDATE: what is assigned
    std::vector<Target> returning;
  };
  struct Range {
    std::string alias;
    bool aliased = false;
    uint32_t table = 0;
    catalog::RelationPtr relation;
    std::vector<std::string> columns;
    std::vector<std::string> real_columns;
    std::vector<std::string> using_names;
    std::vector<Text> calls;  // of a function's entries
    std::string written;      // XMLTABLE(…)
    Text quals;
  };
  struct SubLink {
    const ast::SubLink* link;
    std::string left;
  };

  QueryRecorder(const AnalyzerContext& context, bool pretty);

  Text text(const plan::Expr& expr);
  Text conjunction(const plan::ExprList& conjuncts);
  std::string window_text(const plan::WindowSpec& window, const std::string& base = {}) { return plan::deparse_window(window, deparse_, base); }
  void add_item(const ast::Node& node, const RangeItem& item, bool aliased);
  // Columns that a join's alias renames.
  void add_join_columns(const ast::Node& node, const RangeItem& item);

  Query& query(const ast::Node& node) { return queries[&node]; }

  std::map<const ast::Node*, Query> queries;
  std::map<const ast::Node*, Range> ranges;
  std::map<const ast::Node*, Text> texts;  // grouping expressions
  std::map<const plan::SubquerySpec*, size_t> link_numbers;
  std::vector<SubLink> links;
  std::map<const plan::WindowSpec*, std::string> window_names;
  std::map<const plan::WindowSpec*, std::string> window_bases;
  struct Reference {
    const ast::Node* range;
    std::string column;  // "*": the whole row
  };
  std::vector<Reference> references;
  bool pretty() const { return deparse_.pretty; }
  const AnalyzerContext& context() const { return context_; }

 private:
  std::string reference(const ast::Node* range, std::string column);
  std::string column_text(const plan::Expr& expr);
  const AnalyzerContext& context_;
  plan::DeparseContext deparse_;
  std::map<uint32_t, const ast::Node*> tables_;
  std::map<plan::ColumnBinding, Reference> renamed_;
};

// Writes a recorded SELECT. `names`: of the view's columns, null: the query's own.
std::string write_query(QueryRecorder& recorder, const ast::SelectStmt& select, const std::vector<std::string>* names);
std::string write_expression(QueryRecorder& recorder, std::string_view text);
// Any statement of a rule's action; OLD and NEW are known names.
std::string write_statement(QueryRecorder& recorder, const ast::Node& statement);

}  // namespace aegis::analyzer
