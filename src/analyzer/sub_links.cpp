// Subqueries in expressions (parse_expr.c).
#include <algorithm>
#include <utility>

#include "aegis/base/error.h"
#include "query_analyzer.h"
#include "query_recorder.h"

namespace aegis::analyzer {

using ast::node_cast;

ExprPtr QueryAnalyzer::bind_sub_link(const ast::SubLink& link, Scope& scope, Clause clause) {
  if (clause == Clause::Check || clause == Clause::Default || clause == Clause::Index || clause == Clause::IndexPredicate ||
      clause == Clause::Generated || clause == Clause::Statistics || clause == Clause::PartitionKey) {
    const char* place = clause == Clause::Check ? "check constraint" : clause == Clause::Default ? "DEFAULT expression"
                        : clause == Clause::Index ? "index expression" : clause == Clause::IndexPredicate ? "index predicate"
                        : clause == Clause::Statistics   ? "statistics expressions"
                        : clause == Clause::PartitionKey ? "partition key expression"
                                                         : "column generation expression";
    throw SqlError(Sqlstate::FeatureNotSupported, std::string("cannot use subquery in ") + place).position(position(link.location));
  }
  Clause around = std::exchange(scope.inner_clause, clause);
  BoundSelect select = bind_query(*link.subselect, &scope);
  scope.inner_clause = around;
  auto expr = std::make_unique<Expr>(ExprKind::Subquery, Type{oid::kBool});
  expr->location = link.location;
  expr->subquery = std::make_unique<plan::SubquerySpec>();
  auto& spec = *expr->subquery;
  spec.correlated = std::move(select.correlated);
  auto require_one = [&] {
    if (select.columns.size() != 1) {
      throw SqlError(Sqlstate::SyntaxError, "subquery must return only one column").position(position(link.location));
    }
  };
  auto left_text = [&](const Expr& comparison) -> std::string {
    if (comparison.kind != ExprKind::And && comparison.kind != ExprKind::Or) {
      return comparison.args.empty() ? std::string() : recorder_->text(*comparison.args[0]).sql;
    }
    std::string list;
    for (const auto& part : comparison.args) {
      if (!part->args.empty()) list += (list.empty() ? "(" : ", ") + recorder_->text(*part->args[0]).sql;
    }
    return list + ")";
  };
  auto compare = [&](plan::SubqueryKind kind) {
    spec.kind = kind;
    ExprPtr test = bind(*link.testexpr, scope, clause);
    ExprList left;
    strip_nullable_row(test);
    if (test->kind == ExprKind::Row) {
      left = std::move(test->args);
    } else {
      left.push_back(std::move(test));
    }
    if (left.size() < select.columns.size()) {
      throw SqlError(Sqlstate::SyntaxError, "subquery has too many columns").position(position(link.location));
    }
    if (left.size() > select.columns.size()) {
      throw SqlError(Sqlstate::SyntaxError, "subquery has too few columns").position(position(link.location));
    }
    ExprList right;
    for (const auto& column : select.columns) {
      right.push_back(plan::make_column(column.binding, column.type, column.name));
      right.back()->collation = column.collation;
    }
    std::string_view equal = "=";
    ast::NameList op = link.oper_name.empty() ? ast::NameList(&equal, 1) : link.oper_name;
    spec.comparison = bind_row_comparison(op, std::move(left), std::move(right), link.location);
    if (recorder_ != nullptr) recorder_->links.push_back({&link, left_text(*spec.comparison)});
  };
  switch (link.sub_link_type) {
    case ast::SubLinkType::Exists: spec.kind = plan::SubqueryKind::Exists; break;
    case ast::SubLinkType::Expr:
      require_one();
      spec.kind = plan::SubqueryKind::Scalar;
      expr->type = select.columns[0].type;
      expr->collation = select.columns[0].collation;
      break;
    case ast::SubLinkType::Array: {
      require_one();
      spec.kind = plan::SubqueryKind::Array;
      Oid of = select.columns[0].type.oid;
      Oid array = element_type(of) != kInvalidOid ? of : array_type(of);
      if (array == kInvalidOid) {
        throw SqlError(Sqlstate::UndefinedObject, "could not find array type for data type " + types::format_type({of})).position(position(link.location));
      }
      expr->type = {array};
      break;
    }
    case ast::SubLinkType::Any: compare(plan::SubqueryKind::Any); break;
    case ast::SubLinkType::All: compare(plan::SubqueryKind::All); break;
    case ast::SubLinkType::RowCompare: compare(plan::SubqueryKind::Row); break;
    case ast::SubLinkType::MultiExpr:
    case ast::SubLinkType::Cte: throw_not_supported("this form of subquery", position(link.location));
  }
  if (recorder_ != nullptr) {
    if (recorder_->links.empty() || recorder_->links.back().link != &link || recorder_->link_numbers.count(&spec) != 0) recorder_->links.push_back({&link, {}});
    recorder_->link_numbers[&spec] = recorder_->links.size() - 1;
  }
  spec.plan = std::move(select.op);
  // Scalar and Array read this column.
  if (!select.columns.empty()) expr->binding = select.columns[0].binding;
  return expr;
}

}  // namespace aegis::analyzer
