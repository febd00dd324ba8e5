// WITH, also RECURSIVE (parse_cte.c), and UNION, INTERSECT, EXCEPT.
#include <algorithm>

#include "aegis/base/error.h"
#include "collation_keys.h"
#include "query_analyzer.h"
#include "query_recorder.h"
#include "search_cycle.h"

namespace aegis::analyzer {

using ast::node_cast;
using plan::LogicalPtr;

void QueryAnalyzer::attach_with(std::unique_ptr<plan::With> with, BoundSelect& select) {
  with->children.insert(with->children.begin(), std::move(select.op));
  select.op = std::move(with);
}

namespace {

std::vector<plan::ColumnInfo> cte_columns(const ast::CommonTableExpr& cte, const BoundSelect& select, int error_position) {
  if (cte.aliascolnames.size() > select.columns.size()) {
    throw SqlError(Sqlstate::InvalidColumnReference, "WITH query \"" + std::string(cte.ctename) + "\" has " + std::to_string(select.columns.size()) +
                                                         " columns available but " + std::to_string(cte.aliascolnames.size()) + " columns specified")
        .position(error_position);
  }
  std::vector<plan::ColumnInfo> columns;
  for (size_t i = 0; i < select.columns.size(); ++i) {
    std::string name = i < cte.aliascolnames.size() ? std::string(cte.aliascolnames[i]) : select.columns[i].name;
    columns.push_back({std::move(name), select.columns[i].type, select.columns[i].collation});
  }
  return columns;
}

// A projection that gives just the query's columns, in order.
LogicalPtr exact_projection(BoundSelect select, uint32_t table) {
  auto project = std::make_unique<plan::Project>();
  project->table = table;
  for (const auto& column : select.columns) {
    ExprPtr expr = plan::make_column(column.binding, column.type, column.name);
    expr->collation = type_collation(column.type.oid);
    project->exprs.push_back(std::move(expr));
    project->names.push_back(column.name);
  }
  project->children.push_back(std::move(select.op));
  return project;
}

}  // namespace

void QueryAnalyzer::bind_ctes(const ast::WithClause& with, Scope& scope, plan::With& out) {
  // References hold pointers to the records.
  out.ctes.reserve(with.ctes.size());
  for (size_t i = 0; i < with.ctes.size(); ++i) {
    const auto& cte = *with.ctes[i];
    for (size_t k = 0; k < i; ++k) {
      if (with.ctes[k]->ctename == cte.ctename) {
        throw SqlError(Sqlstate::DuplicateAlias, "WITH query name \"" + std::string(cte.ctename) + "\" specified more than once").position(position(cte.location));
      }
    }
  }
  for (const auto* next : ordered_ctes(with)) {
    const auto& cte = *next;
    if (with.recursive && names_itself(cte)) {
      bind_recursive_cte(cte, scope, out);
      continue;
    }
    if (cte.search_clause != nullptr || cte.cycle_clause != nullptr) {
      throw SqlError(Sqlstate::InvalidRecursion, "WITH query is not recursive").position(position(cte.location));
    }
    BoundSelect select = bind_query(*cte.ctequery, &scope);
    // The definition sees outer queries through this level.
    for (const auto& binding : select.correlated) {
      if (std::find(scope.correlated.begin(), scope.correlated.end(), binding) == scope.correlated.end()) scope.correlated.push_back(binding);
    }
    plan::With::Cte record;
    record.cte = next_cte_++;
    record.name = cte.ctename;
    if (cte.ctematerialized == ast::CTEMaterialize::Always) record.materialized = true;
    if (cte.ctematerialized == ast::CTEMaterialize::Never) record.materialized = false;
    record.modifies_data = cte.ctequery->tag != ast::NodeTag::SelectStmt;
    CteEntry entry;
    entry.name = cte.ctename;
    entry.cte = record.cte;
    entry.columns = cte_columns(cte, select, position(cte.location));
    entry.modifies_data = record.modifies_data;
    entry.returns_rows = !select.columns.empty() || !record.modifies_data;
    out.ctes.push_back(std::move(record));
    entry.record = &out.ctes.back();
    out.children.push_back(exact_projection(std::move(select), new_table()));
    scope.ctes.push_back(std::move(entry));
  }
}

void QueryAnalyzer::bind_recursive_cte(const ast::CommonTableExpr& cte, Scope& scope, plan::With& out) {
  std::string name(cte.ctename);
  check_recursion(cte);
  auto* select = node_cast<ast::SelectStmt>(cte.ctequery);
  std::unique_ptr<plan::With> inner_with;
  Scope inner;
  inner.parent = &scope;
  if (select->with_clause != nullptr) {
    inner_with = std::make_unique<plan::With>();
    bind_ctes(*select->with_clause, inner, *inner_with);
  }
  BoundSelect base = bind_query(*select->larg, &inner);
  CteEntry entry;
  entry.name = name;
  entry.cte = next_cte_++;
  entry.columns = cte_columns(cte, base, position(cte.location));
  uint32_t work_references = 0;
  entry.is_work_table = true;
  entry.work_references = &work_references;
  SearchCycle clauses;
  begin_search_cycle(cte, inner, entry, clauses);
  inner.ctes.push_back(entry);
  SearchCycle* outer = std::exchange(search_cycle_, clauses.any() ? &clauses : nullptr);
  BoundSelect step = bind_query(*select->rarg, &inner, true);
  search_cycle_ = outer;
  std::vector<plan::OutputColumn> passed;
  if (clauses.any()) {
    check_search_cycle(clauses);
    if (!clauses.found) {
      throw SqlError(Sqlstate::FeatureNotSupported, "with a SEARCH or CYCLE clause, the recursive reference to WITH query \"" + name +
                                                        "\" must be at the top level of its right-hand SELECT");
    }
    auto first_passed = step.columns.end() - static_cast<ptrdiff_t>(entry.columns.size() - clauses.columns.size());
    passed.assign(first_passed, step.columns.end());
    step.columns.erase(first_passed, step.columns.end());
  }
  if (step.columns.size() != base.columns.size()) {
    throw SqlError(Sqlstate::SyntaxError, "each UNION query must have the same number of columns").position(position(select->rarg->location));
  }
  if (work_references > 1) {
    throw SqlError(Sqlstate::InvalidRecursion, "recursive reference to query \"" + name + "\" must not appear more than once").position(position(cte.location));
  }
  for (const auto& binding : inner.correlated) {
    if (std::find(scope.correlated.begin(), scope.correlated.end(), binding) == scope.correlated.end()) scope.correlated.push_back(binding);
  }
  // The non-recursive term decides the types.
  ExprList converted;
  for (size_t i = 0; i < step.columns.size(); ++i) {
    const auto& column = step.columns[i];
    size_t conflict = 0;
    std::vector<Oid> both{base.columns[i].type.oid, column.type.oid};
    Oid common = coercion_.common_type(both, &conflict);
    int32_t typmod = base.columns[i].type == column.type || column.type.oid == oid::kUnknown ? base.columns[i].type.typmod : -1;
    if (common != base.columns[i].type.oid || typmod != base.columns[i].type.typmod) {
      throw SqlError(Sqlstate::DatatypeMismatch, "recursive query \"" + name + "\" column " + std::to_string(i + 1) + " has type " +
                                                     types::format_type(base.columns[i].type) + " in non-recursive term but type " +
                                                     types::format_type({common == kInvalidOid ? column.type.oid : common, typmod}) + " overall")
          .hint("Cast the output of the non-recursive term to the correct type.")
          .position(position(cte.location));
    }
    coerce_column(step, i, {common}, CastContext::Implicit, "UNION", converted);
    ExprPtr first = plan::make_column(base.columns[i].binding, base.columns[i].type, base.columns[i].name);
    first->collation = base.columns[i].collation;
    first->explicit_collation = base.columns[i].explicit_collation;
    Expr merged(ExprKind::Coalesce, {common, typmod});
    const Expr* sides[] = {first.get(), converted.back().get()};
    derive_collation(merged, sides);
    if (type_collation(common) != kInvalidOid && merged.collation != first->collation) {
      throw SqlError(Sqlstate::CollationMismatch, "recursive query \"" + name + "\" column " + std::to_string(i + 1) + " has collation \"" +
                                                      collation_name(first->collation) + "\" in non-recursive term but collation \"" +
                                                      collation_name(merged.collation) + "\" overall")
          .hint("Use the COLLATE clause to set the collation of the non-recursive term.")
          .position(position(base.columns[i].location));
    }
  }
  auto project = std::make_unique<plan::Project>();
  project->table = new_table();
  for (size_t i = 0; i < converted.size(); ++i) project->names.push_back(entry.columns[i].name);
  project->exprs = std::move(converted);
  for (const auto& column : passed) {
    project->exprs.push_back(plan::make_column(column.binding, column.type, column.name));
    project->exprs.back()->collation = type_collation(column.type.oid);
  }
  for (size_t i = project->names.size(); i < project->exprs.size(); ++i) project->names.push_back(entry.columns[i].name);
  project->children.push_back(std::move(step.op));
  uint32_t base_table = new_table();
  uint32_t step_table = project->table;
  LogicalPtr base_op = exact_projection(std::move(base), base_table);
  LogicalPtr step_op = std::move(project);
  if (clauses.any()) {
    base_op = extend_term(std::move(base_op), base_table, entry.columns, clauses, false);
    step_op = extend_term(std::move(step_op), step_table, entry.columns, clauses, true);
  }

  auto op = std::make_unique<plan::RecursiveUnion>();
  op->table = new_table();
  op->cte = entry.cte;
  op->all = select->all;
  op->columns = entry.columns;
  op->children.push_back(std::move(base_op));
  op->children.push_back(std::move(step_op));
  if (!select->all) {
    for (const auto& column : entry.columns) {
      equality_function(column.type, cte.location);
      if (lookup_operator("=", column.type, column.type, cte.location)->can_hash) continue;
      throw SqlError(Sqlstate::FeatureNotSupported, "could not implement recursive UNION").detail("All column datatypes must be hashable.");
    }
  }
  LogicalPtr definition = std::move(op);
  if (inner_with != nullptr) {
    inner_with->children.insert(inner_with->children.begin(), std::move(definition));
    definition = std::move(inner_with);
  }
  plan::With::Cte record;
  record.cte = next_cte_++;
  record.name = name;
  record.materialized = true;
  out.ctes.push_back(std::move(record));
  out.children.push_back(std::move(definition));
  entry.cte = out.ctes.back().cte;
  entry.record = &out.ctes.back();
  entry.is_work_table = false;
  entry.star_columns = SIZE_MAX;
  entry.work_references = nullptr;
  scope.ctes.push_back(std::move(entry));
}

void QueryAnalyzer::coerce_column(BoundSelect& select, size_t i, Type target, CastContext context, const char* construct, ExprList& wrapped) {
  const auto& column = select.columns[i];
  auto rebuild = [&](Type type) {
    ExprPtr expr = plan::make_column(column.binding, type, column.name);
    expr->collation = type.oid == column.type.oid ? column.collation : type_collation(type.oid);
    expr->explicit_collation = type.oid == column.type.oid && column.explicit_collation;
    expr->location = column.location;
    return expr;
  };
  // A literal or parameter of unknown type takes the target's: change it where it stands.
  if (column.type.oid == oid::kUnknown) {
    plan::LogicalOp* op = select.op.get();
    while (op->kind == plan::LogicalKind::Limit || op->kind == plan::LogicalKind::Sort || op->kind == plan::LogicalKind::With) op = op->children[0].get();
    if (op->kind == plan::LogicalKind::Project && static_cast<plan::Project*>(op)->table == column.binding.table) {
      ExprPtr& expr = static_cast<plan::Project*>(op)->exprs[column.binding.column];
      if (expr->type.oid == oid::kUnknown) expr = coerce_or_throw(std::move(expr), {target.oid}, context, construct);
      if (recorder_ != nullptr) {
        for (auto& [node, record] : recorder_->queries) {
          if (record.table == column.binding.table && column.binding.column < record.targets.size()) record.targets[column.binding.column].text = recorder_->text(*expr);
        }
      }
      select.columns[i].type = expr->type;
      wrapped.push_back(coerce_or_throw(rebuild(expr->type), target, context, construct));
      return;
    }
  }
  wrapped.push_back(coerce_or_throw(rebuild(column.type), target, context, construct));
}

BoundSelect QueryAnalyzer::bind_set_operation(const ast::SelectStmt& select, Scope& scope) {
  const char* name = select.op == ast::SetOperation::Union ? "UNION" : select.op == ast::SetOperation::Intersect ? "INTERSECT" : "EXCEPT";
  BoundSelect left = bind_query(*select.larg, &scope, true);
  BoundSelect right = bind_query(*select.rarg, &scope, true);
  if (left.columns.size() != right.columns.size()) {
    throw SqlError(Sqlstate::SyntaxError, std::string("each ") + name + " query must have the same number of columns").position(position(select.rarg->location));
  }
  for (auto* side : {&left, &right}) {
    for (const auto& binding : side->correlated) {
      // Only what comes from beyond this level; this level has no FROM of its own.
      if (std::find(scope.correlated.begin(), scope.correlated.end(), binding) == scope.correlated.end()) scope.correlated.push_back(binding);
    }
  }
  auto op = std::make_unique<plan::SetOp>();
  op->table = new_table();
  op->all = select.all;
  op->op = select.op == ast::SetOperation::Union       ? plan::SetOpKind::Union
           : select.op == ast::SetOperation::Intersect ? plan::SetOpKind::Intersect
                                                       : plan::SetOpKind::Except;
  ExprList left_exprs;
  ExprList right_exprs;
  BoundSelect result;
  bool by_keys = false;
  for (size_t i = 0; i < left.columns.size(); ++i) {
    std::vector<Oid> both{left.columns[i].type.oid, right.columns[i].type.oid};
    Oid common = coercion_.common_type(both, nullptr);
    if (common == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, std::string(name) + " types " + types::format_type({both[0]}) + " and " + types::format_type({both[1]}) +
                                                     " cannot be matched")
          .position(position(select.rarg->location));
    }
    int32_t typmod = left.columns[i].type == right.columns[i].type ? left.columns[i].type.typmod : -1;
    coerce_column(left, i, {common}, CastContext::Implicit, name, left_exprs);
    coerce_column(right, i, {common}, CastContext::Implicit, name, right_exprs);
    if (!(select.op == ast::SetOperation::Union && select.all)) equality_function({common}, select.location);
    Expr merged(ExprKind::Coalesce, {common, typmod});
    const Expr* sides[] = {left_exprs.back().get(), right_exprs.back().get()};
    derive_collation(merged, sides);
    if (!(select.op == ast::SetOperation::Union && select.all)) {
      if (merged.collation == types::kIndeterminateCollation) {
        throw SqlError(Sqlstate::CollationMismatch, "collation mismatch between implicit collations \"" + collation_name(sides[0]->collation) + "\" and \"" +
                                                        collation_name(sides[1]->collation) + "\"")
            .hint("You can choose the collation by applying the COLLATE clause to one or both expressions.")
            .position(position(right.columns[i].location));
      }
      by_keys = needs_collation_key(merged) || by_keys;
    }
    op->columns.push_back({left.columns[i].name, {common, typmod}, merged.collation});
    result.columns.push_back({left.columns[i].name, {common, typmod}, kInvalidOid, 0, {op->table, static_cast<uint32_t>(i)}, merged.collation});
  }
  auto add = [&](BoundSelect side, ExprList exprs) {
    auto project = std::make_unique<plan::Project>();
    project->table = new_table();
    for (const auto& column : side.columns) project->names.push_back(column.name);
    project->exprs = std::move(exprs);
    project->children.push_back(std::move(side.op));
    op->children.push_back(std::move(project));
  };
  add(std::move(left), std::move(left_exprs));
  add(std::move(right), std::move(right_exprs));
  if (by_keys) result.op = set_operation_by_collation_keys(std::move(op), [&] { return new_table(); });
  else result.op = std::move(op);
  return order_by_output(select, scope, std::move(result));
}

}  // namespace aegis::analyzer
