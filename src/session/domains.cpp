#include "domains.h"

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"

namespace aegis::session {

std::unique_ptr<DomainChecks::Compiled> DomainChecks::compile(std::vector<catalog::ObjectPtr> chain, const catalog::Version& version,
                                                              const analyzer::AnalyzerContext& context, functions::Services& services) {
  auto made = std::make_unique<Compiled>();
  // The checks of the domain at the bottom come first.
  for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
    const auto& domain = static_cast<const catalog::UserType&>(**at);
    if (domain.not_null) made->not_null_of = domain.name;
    catalog::Relation row;
    catalog::Column column;
    column.name = "value";
    column.type = types::base_type(types::Type{domain.oid});
    column.type.typmod = -1;
    column.collation = domain.collation;
    row.columns.push_back(column);
    std::vector<const catalog::Constraint*> ordered;
    for (const auto& check : domain.checks) ordered.push_back(&check);
    std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const auto* check : ordered) {
      auto expr = analyzer::analyze_definition_sql(context, check->check_sql, &row, {types::oid::kBool}, analyzer::DefinitionKind::Check);
      auto evaluator = std::make_unique<executor::RowEvaluator>(*expr, context.types, services);
      made->checks.push_back({domain.name, check->name, std::move(expr), std::move(evaluator)});
    }
    auto schema = version.schema(domain.schema);
    made->schema = schema == nullptr ? "" : schema->name;
  }
  made->made_from = std::move(chain);
  return made;
}

void DomainChecks::check(Oid oid, const types::Value& value, const catalog::Version& version, const analyzer::AnalyzerContext& context,
                         functions::Services& services) {
  std::lock_guard lock(mutex_);
  std::vector<catalog::ObjectPtr> chain;
  for (auto type = version.user_type(oid); type != nullptr && type->typtype == 'd'; type = version.user_type(type->base.oid)) {
    chain.push_back(type);
  }
  if (chain.empty()) throw SqlError(Sqlstate::UndefinedObject, "type with OID " + std::to_string(oid) + " does not exist");
  auto& known = compiled_[oid];
  if (known == nullptr || known->made_from != chain) known = compile(std::move(chain), version, context, services);
  std::shared_ptr<Compiled> compiled = known;
  const auto& domain = static_cast<const catalog::UserType&>(*compiled->made_from[0]);
  if (value.is_null && !compiled->not_null_of.empty()) {
    throw SqlError(Sqlstate::NotNullViolation, "domain " + types::format_type({oid}, context.types.names) + " does not allow null values")
        .schema(compiled->schema)
        .datatype(domain.name);
  }
  if (compiled->checks.empty()) return;
  vector::Chunk row;
  row.add_column(types::base_type(oid));
  row.column(0).reset();
  row.column(0).set(0, value);
  row.set_size(1);
  for (const auto& check : compiled->checks) {
    types::Value verdict = check.evaluator->evaluate(row).get(0);
    if (verdict.is_null || verdict.boolean) continue;
    throw SqlError(Sqlstate::CheckViolation, "value for domain " + types::format_type({oid}, context.types.names) +
                                                 " violates check constraint \"" + check.name + "\"")
        .schema(compiled->schema)
        .datatype(domain.name)
        .constraint(check.name);
  }
}

}  // namespace aegis::session
