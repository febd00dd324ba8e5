#include "query_recorder.h"

#include "aegis/functions/quoting.h"

namespace aegis::analyzer {

using functions::quote_identifier;

QueryRecorder::QueryRecorder(const AnalyzerContext& context, bool pretty) : context_(context), deparse_{context.types, {}, {}, {}} {
  deparse_.pretty = pretty;
  deparse_.marks_lines = true;
  deparse_.column = [this](const plan::Expr& expr) { return column_text(expr); };
  deparse_.subquery = [this](const plan::Expr& expr) {
    auto found = link_numbers.find(expr.subquery.get());
    return found == link_numbers.end() ? std::string("(SubPlan)") : "\6" + std::to_string(found->second) + "\7";
  };
  deparse_.relation_name = [this](Oid oid) {
    auto object = context_.catalog.find(oid);
    if (object == nullptr) return std::to_string(oid);
    for (Oid schema : context_.search_path) {
      Oid seen = context_.catalog.find_relation(schema, object->name, context_.database);
      if (seen == oid) return quote_identifier(object->name);
      if (seen != kInvalidOid) break;
    }
    auto schema = context_.catalog.schema(object->schema);
    return (schema == nullptr ? std::string() : quote_identifier(schema->name) + ".") + quote_identifier(object->name);
  };
  deparse_.window = [this](const plan::Expr& expr) {
    if (auto found = window_names.find(expr.window.get()); found != window_names.end()) return quote_identifier(found->second);
    auto base = window_bases.find(expr.window.get());
    return "(" + window_text(*expr.window, base == window_bases.end() ? std::string() : quote_identifier(base->second)) + ")";
  };
}

std::string QueryRecorder::reference(const ast::Node* range, std::string column) {
  references.push_back({range, std::move(column)});
  return "\1" + std::to_string(references.size() - 1) + "\2";
}

std::string QueryRecorder::column_text(const plan::Expr& expr) {
  if (expr.kind == plan::ExprKind::Row) {
    // A whole row: all the columns of one table.
    const ast::Node* range = nullptr;
    for (const auto& arg : expr.args) {
      if (arg->kind == plan::ExprKind::Constant) continue;  // a dropped column
      if (arg->kind != plan::ExprKind::Column || renamed_.count(arg->binding) != 0) return {};
      auto found = tables_.find(arg->binding.table);
      if (found == tables_.end() || (range != nullptr && range != found->second)) return {};
      range = found->second;
    }
    return range == nullptr ? std::string() : reference(range, "*");
  }
  if (auto renamed = renamed_.find(expr.binding); renamed != renamed_.end()) return reference(renamed->second.range, renamed->second.column);
  auto found = tables_.find(expr.binding.table);
  if (found == tables_.end()) return quote_identifier(expr.name);
  return reference(found->second, expr.name);
}

QueryRecorder::Text QueryRecorder::text(const plan::Expr& expr) {
  Text made;
  made.sql = plan::deparse(expr, deparse_);
  made.given = true;
  switch (expr.kind) {
    case plan::ExprKind::Column:
      made.kind = Text::Kind::Column;
      made.name = expr.name;
      if (auto renamed = renamed_.find(expr.binding); renamed != renamed_.end()) made.name = renamed->second.column;
      break;
    case plan::ExprKind::Coalesce:
      if (expr.name.empty()) break;
      made.kind = Text::Kind::Column;
      made.name = expr.name;
      break;
    case plan::ExprKind::Constant: made.kind = Text::Kind::Constant; break;
    case plan::ExprKind::Call:
      made.kind = expr.op == nullptr && made.sql.find(")::") == std::string::npos ? Text::Kind::Call : Text::Kind::Other;
      break;
    case plan::ExprKind::Aggregate:
    case plan::ExprKind::Window: made.kind = Text::Kind::Call; break;
    default: break;
  }
  return made;
}

QueryRecorder::Text QueryRecorder::conjunction(const plan::ExprList& conjuncts) {
  if (conjuncts.size() == 1) return text(*conjuncts[0]);
  Text made;
  made.given = !conjuncts.empty();
  for (const auto& part : conjuncts) {
    std::string sql = plan::deparse(*part, deparse_);
    if (pretty() && part->kind == plan::ExprKind::Or) sql = "(" + sql + ")";
    made.sql += (made.sql.empty() ? "" : " AND ") + sql;
  }
  if (!pretty() && made.given) made.sql = "(" + made.sql + ")";
  return made;
}

void QueryRecorder::add_item(const ast::Node& node, const RangeItem& item, bool aliased) {
  Range& range = ranges[&node];
  range.alias = item.alias;
  range.aliased = aliased;
  range.table = item.table;
  range.relation = item.relation;
  range.columns.clear();
  for (const auto& column : item.columns) range.columns.push_back(column.name);
  tables_[item.table] = &node;
}

void QueryRecorder::add_join_columns(const ast::Node& node, const RangeItem& item) {
  Range& range = ranges[&node];
  range.alias = item.alias;
  range.aliased = true;
  for (const auto& column : item.columns) {
    range.columns.push_back(column.name);
    renamed_[column.binding] = {&node, column.name};
  }
}

}  // namespace aegis::analyzer
