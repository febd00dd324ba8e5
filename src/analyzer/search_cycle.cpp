// SEARCH and CYCLE of a recursive WITH query, as PostgreSQL rewrites them (rewriteSearchCycle.c): both terms get the columns that
// the clauses name, computed from the query's own columns and from those of the row that the recursion came from.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "aegis/parser/parser.h"
#include "query_analyzer.h"
#include "query_recorder.h"
#include "search_cycle.h"

namespace aegis::analyzer {

using functions::quote_identifier;
using plan::ColumnInfo;

namespace {

bool contains(const std::vector<ColumnInfo>& columns, std::string_view name) {
  return std::any_of(columns.begin(), columns.end(), [&](const ColumnInfo& column) { return column.name == name; });
}

void check_names(const std::vector<ColumnInfo>& columns, ast::NameList names, const char* what, int position) {
  for (size_t i = 0; i < names.size(); ++i) {
    std::string quoted = "\"" + std::string(names[i]) + "\"";
    if (!contains(columns, names[i])) {
      throw SqlError(Sqlstate::SyntaxError, std::string(what) + " column " + quoted + " not in WITH query column list").position(position);
    }
    if (std::find(names.begin(), names.begin() + static_cast<ptrdiff_t>(i), names[i]) != names.begin() + static_cast<ptrdiff_t>(i)) {
      throw SqlError(Sqlstate::DuplicateColumn, std::string(what) + " column " + quoted + " specified more than once").position(position);
    }
  }
}

void check_new(const std::vector<ColumnInfo>& columns, std::string_view name, const char* what, int position) {
  if (!contains(columns, name)) return;
  throw SqlError(Sqlstate::SyntaxError, std::string(what) + " column name \"" + std::string(name) + "\" already used in WITH query column list").position(position);
}

void check_different(std::string_view a, std::string_view b, const char* text, int position) {
  if (a == b) throw SqlError(Sqlstate::SyntaxError, text).position(position);
}

std::string row_text(ast::NameList names, std::string first = {}) {
  std::string out = "ROW(" + std::move(first);
  for (auto name : names) {
    if (out.back() != '(') out += ", ";
    out += quote_identifier(name);
  }
  return out + ")";
}

const plan::WorkTable* find_work_table(const plan::LogicalOp& op, uint32_t cte) {
  if (op.kind == plan::LogicalKind::WorkTable && static_cast<const plan::WorkTable&>(op).cte == cte) return static_cast<const plan::WorkTable*>(&op);
  if (op.kind != plan::LogicalKind::Join && op.kind != plan::LogicalKind::Filter && op.kind != plan::LogicalKind::Function) return nullptr;
  for (const auto& child : op.children) {
    if (const auto* found = find_work_table(*child, cte)) return found;
  }
  return nullptr;
}

}  // namespace

void QueryAnalyzer::begin_search_cycle(const ast::CommonTableExpr& cte, Scope& scope, CteEntry& entry, SearchCycle& out) {
  const auto* search = out.search = cte.search_clause;
  const auto* cycle = out.cycle = cte.cycle_clause;
  if (search == nullptr && cycle == nullptr) return;
  auto* select = ast::node_cast<ast::SelectStmt>(cte.ctequery);
  for (const auto& [side, name] : {std::pair{select->larg, "left"}, std::pair{select->rarg, "right"}}) {
    if (side->op == ast::SetOperation::None) continue;
    throw SqlError(Sqlstate::FeatureNotSupported, "with a SEARCH or CYCLE clause, the " + std::string(name) + " side of the UNION must be a SELECT");
  }
  if (cycle != nullptr) {
    out.mark.push_back(bind(*cycle->cycle_mark_value, scope, Clause::SelectTarget));
    out.mark.push_back(bind(*cycle->cycle_mark_default, scope, Clause::SelectTarget));
    size_t conflict = 0;
    Oid common = coercion_.common_type(out.mark, &conflict);
    if (common == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "CYCLE types " + types::format_type({out.mark[0]->type.oid}) + " and " +
                                                     types::format_type({out.mark[conflict]->type.oid}) + " cannot be matched")
          .position(position(out.mark[conflict]->location));
    }
    out.mark_type = {common, Coercion::common_typmod(out.mark, common)};
    for (auto& value : out.mark) value = coerce_or_throw(std::move(value), {common}, CastContext::Implicit, "CYCLE");
    if (recorder_ != nullptr) {
      recorder_->texts[cycle->cycle_mark_value] = recorder_->text(*out.mark[0]);
      recorder_->texts[cycle->cycle_mark_default] = recorder_->text(*out.mark[1]);
    }
    if (lookup_operator("=", out.mark_type, out.mark_type, -1) == nullptr || common == oid::kPoint) {
      throw SqlError(Sqlstate::UndefinedFunction, "could not identify an equality operator for type " + types::format_type({common}));
    }
  }
  out.columns = entry.columns;
  entry.star_columns = entry.columns.size();
  if (search != nullptr) entry.columns.push_back({std::string(search->search_seq_column), {search->search_breadth_first ? oid::kRecord : oid::kRecordArray}});
  if (cycle != nullptr) {
    entry.columns.push_back({std::string(cycle->cycle_mark_column), out.mark_type, type_collation(out.mark_type.oid)});
    entry.columns.push_back({std::string(cycle->cycle_path_column), {oid::kRecordArray}});
  }
  out.cte = entry.cte;
  out.term = select->rarg;
}

void QueryAnalyzer::check_search_cycle(const SearchCycle& clauses) const {
  const auto* search = clauses.search;
  const auto* cycle = clauses.cycle;
  const auto& columns = clauses.columns;
  if (search != nullptr) {
    int at = position(search->location);
    check_names(columns, search->search_col_list, "search", at);
    check_new(columns, search->search_seq_column, "search sequence", at);
  }
  if (cycle != nullptr) {
    int at = position(cycle->location);
    check_names(columns, cycle->cycle_col_list, "cycle", at);
    check_new(columns, cycle->cycle_mark_column, "cycle mark", at);
    check_new(columns, cycle->cycle_path_column, "cycle path", at);
    check_different(cycle->cycle_mark_column, cycle->cycle_path_column, "cycle mark column name and cycle path column name are the same", at);
  }
  if (search != nullptr && cycle != nullptr) {
    int at = position(search->location);
    check_different(search->search_seq_column, cycle->cycle_mark_column, "search sequence column name and cycle mark column name are the same", at);
    check_different(search->search_seq_column, cycle->cycle_path_column, "search sequence column name and cycle path column name are the same", at);
  }
}

void QueryAnalyzer::add_work_columns(const ast::SelectStmt& select, const plan::LogicalOp& from, std::vector<TargetColumn>& targets) {
  if (search_cycle_ == nullptr || search_cycle_->term != &select) return;
  const auto* work = find_work_table(from, search_cycle_->cte);
  if (work == nullptr) return;
  search_cycle_->found = true;
  for (size_t i = search_cycle_->columns.size(); i < work->columns.size(); ++i) {
    const auto& column = work->columns[i];
    TargetColumn target;
    target.expr = plan::make_column({work->table, static_cast<uint32_t>(i)}, column.type, column.name);
    target.expr->collation = column.collation;
    target.name = column.name;
    targets.push_back(std::move(target));
  }
}

// `op` gives table `table`: the query's own columns and, in the recursive term, those of the clauses as the work table has them.
LogicalPtr QueryAnalyzer::extend_term(LogicalPtr op, uint32_t table, const std::vector<ColumnInfo>& all, const SearchCycle& clauses, bool recursive) {
  size_t own = clauses.columns.size();
  Scope scope;
  scope.items.emplace_back();
  auto& item = scope.items.back();
  item.alias = recursive ? "*TROCRN*" : "*TLOCRN*";
  item.table = table;
  for (size_t i = 0; i < (recursive ? all.size() : own); ++i) {
    item.columns.push_back({all[i].name, all[i].type, all[i].collation, {table, static_cast<uint32_t>(i)}});
  }
  auto column = [&](size_t i) {
    ExprPtr expr = plan::make_column({table, static_cast<uint32_t>(i)}, all[i].type, all[i].name);
    expr->collation = all[i].collation;
    return expr;
  };
  std::vector<parser::ExpressionResult> parsed;
  auto compute = [&](const std::string& text) {
    parsed.push_back(parser::parse_expression(text));
    return bind(*parsed.back().expression, scope, Clause::SelectTarget);
  };
  QueryRecorder* recorder = std::exchange(recorder_, nullptr);
  auto project = std::make_unique<plan::Project>();
  project->table = new_table();
  for (const auto& info : all) project->names.push_back(info.name);
  for (size_t i = 0; i < own; ++i) project->exprs.push_back(column(i));
  auto append = [&](std::string_view name, const std::string& row) {
    std::string one = "ARRAY[" + row + "]";
    return compute(recursive ? "pg_catalog.array_cat(" + quote_identifier(name) + ", " + one + ")" : one);
  };
  size_t next = own;
  if (const auto* search = clauses.search; search != nullptr) {
    if (!search->search_breadth_first) {
      project->exprs.push_back(append(search->search_seq_column, row_text(search->search_col_list)));
    } else {
      std::string row = row_text(search->search_col_list, recursive ? "pg_catalog.int8inc(0::pg_catalog.int8)" : "0::pg_catalog.int8");
      ExprPtr sequence = compute(row);
      if (recursive) {
        auto& depth = sequence->args[0];
        depth->args[0] = make_field(column(next), 0, {"*DEPTH*", {oid::kInt8}, false}, -1);
      }
      project->exprs.push_back(std::move(sequence));
    }
    ++next;
  }
  if (const auto* cycle = clauses.cycle; cycle != nullptr) {
    std::string row = row_text(cycle->cycle_col_list);
    if (recursive) {
      auto choice = std::make_unique<Expr>(ExprKind::Case, clauses.mark_type);
      choice->collation = type_collation(clauses.mark_type.oid);
      choice->args.push_back(compute(row + " OPERATOR(pg_catalog.=) ANY (" + quote_identifier(cycle->cycle_path_column) + ")"));
      choice->args.push_back(clauses.mark[0]->clone());
      choice->args.push_back(clauses.mark[1]->clone());
      project->exprs.push_back(std::move(choice));
      std::string_view unequal = "<>";
      auto filter = std::make_unique<plan::Filter>();
      filter->predicates.push_back(bind_operator(ast::NameList(&unequal, 1), column(next), clauses.mark[0]->clone(), -1));
      filter->children.push_back(std::move(op));
      op = std::move(filter);
    } else {
      project->exprs.push_back(clauses.mark[1]->clone());
    }
    project->exprs.push_back(append(cycle->cycle_path_column, row));
  }
  recorder_ = recorder;
  project->children.push_back(std::move(op));
  return project;
}

}  // namespace aegis::analyzer
