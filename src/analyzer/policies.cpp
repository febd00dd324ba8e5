// Row-level security (rowsecurity.c): what a role may see and write of a table that has policies.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/parser/parser.h"
#include "aegis/plan/walk.h"
#include "query_analyzer.h"

namespace aegis::analyzer {

namespace {

ExprPtr constant_false() { return plan::make_constant({oid::kBool}, types::Value::of_bool(false)); }

ExprPtr any_of(ExprList conditions) {
  if (conditions.empty()) return constant_false();
  if (conditions.size() == 1) return std::move(conditions[0]);
  auto either = std::make_unique<Expr>(ExprKind::Or, Type{oid::kBool});
  either->args = std::move(conditions);
  return either;
}

}  // namespace

bool QueryAnalyzer::is_secured(const catalog::Relation& relation) {
  if (!relation.row_security) return false;
  auto role = context_.catalog.role(check_as_);
  if (role == nullptr || role->superuser || role->bypass_rls) return false;
  if (!relation.force_row_security && catalog::is_member(context_.catalog, check_as_, relation.owner, true)) return false;
  if (!context_.row_security) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "query would be affected by row-level security policy for table \"" + relation.name + "\"");
  }
  return true;
}

ExprPtr QueryAnalyzer::bind_policy(const catalog::Policy& policy, const std::string& sql, const RangeItem& item) {
  AnalyzerContext context{context_.catalog, context_.database, policy.search_path, context_.role, context_.types, sql, context_.temp_schema};
  QueryAnalyzer inner(context, nullptr);
  inner.next_table_ = next_table_;
  inner.next_cte_ = next_cte_;
  inner.view_depth_ = view_depth_;
  inner.locks_ = std::move(locks_);
  inner.permissions_ = std::move(permissions_);
  inner.check_as_ = check_as_;
  inner.secured_ = secured_;
  Scope scope;
  scope.items.push_back(item);
  auto parsed = parser::parse_expression(sql);
  ExprPtr condition = inner.bind_boolean(*parsed.expression, scope, Clause::Where, "POLICY");
  next_table_ = inner.next_table_;
  next_cte_ = inner.next_cte_;
  locks_ = std::move(inner.locks_);
  permissions_ = std::move(inner.permissions_);
  return condition;
}

bool QueryAnalyzer::applies(const catalog::Policy& policy, char command) {
  if (policy.command != '*' && policy.command != command) return false;
  return std::any_of(policy.roles.begin(), policy.roles.end(),
                     [&](Oid role) { return role == kInvalidOid || catalog::is_member(context_.catalog, check_as_, role, true); });
}

// The conditions that rows must meet for the command: what any permissive policy lets through and every restrictive one does.
void QueryAnalyzer::add_policies(const catalog::Relation& relation, char command, const RangeItem& item, ExprList& out) {
  if (std::find(secured_.begin(), secured_.end(), relation.oid) != secured_.end()) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "infinite recursion detected in policy for relation \"" + relation.name + "\"");
  }
  secured_.push_back(relation.oid);
  ExprList permissive;
  bool open = false;
  for (const auto& policy : relation.policies) {
    if (!applies(policy, command)) continue;
    if (policy.permissive && policy.using_sql.empty()) open = open || policy.command == '*' || command != 'a';
    if (policy.using_sql.empty()) continue;
    ExprPtr condition = bind_policy(policy, policy.using_sql, item);
    if (policy.permissive) permissive.push_back(std::move(condition));
    else out.push_back(std::move(condition));
  }
  if (!open) out.push_back(any_of(std::move(permissive)));
  secured_.pop_back();
}

LogicalPtr QueryAnalyzer::secure(LogicalPtr op, const catalog::Relation& relation, std::string_view commands, const RangeItem& item) {
  if (!is_secured(relation)) return op;
  auto filter = std::make_unique<plan::Filter>();
  for (char command : commands) add_policies(relation, command, item, filter->predicates);
  ExprList conjuncts;
  for (auto& predicate : filter->predicates) {
    if (predicate->kind != ExprKind::And) {
      conjuncts.push_back(std::move(predicate));
      continue;
    }
    for (auto& part : predicate->args) conjuncts.push_back(std::move(part));
  }
  for (auto& predicate : conjuncts) predicate->security = true;
  filter->predicates = std::move(conjuncts);
  bool joins = false;
  for (const auto& predicate : filter->predicates) {
    plan::walk(*predicate, [&](const Expr& part) {
      if (part.subquery != nullptr) joins = joins || part.subquery->kind != plan::SubqueryKind::Scalar || !part.subquery->correlated.empty();
      return true;
    });
  }
  filter->children.push_back(std::move(op));
  if (!joins) return filter;
  // The subquery becomes a join; nothing of the statement's may be evaluated below it, on rows that the role must not see.
  auto barrier = std::make_unique<plan::Limit>();
  barrier->children.push_back(std::move(filter));
  return barrier;
}

// What rows must meet: `commands` a (INSERT), w (UPDATE), d (DELETE) and r (to be seen by SELECT). New rows meet WITH CHECK,
// those that are there USING.
void QueryAnalyzer::add_policy_checks(const WriteTarget& target, std::string_view commands, plan::CheckOf of, plan::Write& write) {
  const auto& relation = *target.relation;
  if (!is_secured(relation)) return;
  bool old = of == plan::CheckOf::OldOnUpdate || of == plan::CheckOf::OldOnDelete;
  RangeItem item = row_item(relation, relation.name, write.table);
  auto add = [&](const std::string& policy, ExprPtr condition) {
    plan::Write::Check check{policy, std::move(condition), true, relation.name, of, nullptr};
    write.checks.push_back(std::move(check));
  };
  for (char kind : commands) {
    ExprList permissive;
    std::vector<std::pair<std::string, ExprPtr>> restrictive;
    for (const auto& policy : relation.policies) {
      if (!applies(policy, kind)) continue;
      const std::string& sql = old || kind == 'r' || policy.check_sql.empty() ? policy.using_sql : policy.check_sql;
      ExprPtr condition = sql.empty() ? plan::make_constant({oid::kBool}, types::Value::of_bool(true)) : bind_policy(policy, sql, item);
      if (policy.permissive) permissive.push_back(std::move(condition));
      else restrictive.emplace_back(policy.name, std::move(condition));
    }
    add("", any_of(std::move(permissive)));
    for (auto& [name, condition] : restrictive) add(name, std::move(condition));
  }
}

bool check_policy(const AnalyzerContext& context, const ast::Node& condition, const catalog::Relation& table) {
  return QueryAnalyzer(context, nullptr).check_policy_condition(condition, table);
}

bool QueryAnalyzer::check_policy_condition(const ast::Node& condition, const catalog::Relation& table) {
  Scope scope;
  scope.items.push_back(row_item(table, table.name, new_table()));
  ExprPtr bound = bind_boolean(condition, scope, Clause::Policy, "POLICY");
  return plan::contains(*bound, ExprKind::Subquery);
}

}  // namespace aegis::analyzer
