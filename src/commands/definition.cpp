#include "definition.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "aegis/functions/user_types.h"
#include "aegis/plan/deparse.h"
#include "names.h"

namespace aegis::commands {

namespace {

using analyzer::DefinitionKind;
using plan::ExprKind;

analyzer::AnalyzerContext with_sql(const analyzer::AnalyzerContext& base, std::string_view sql) {
  return {base.catalog, base.database, base.search_path, base.role, base.types, sql, base.temp_schema};
}

void collect(const plan::Expr& expr, Definition& out) {
  plan::walk(expr, [&](const plan::Expr& part) {
    if (part.kind == ExprKind::Input) {
      int column = static_cast<int>(part.index);
      if (std::find(out.columns.begin(), out.columns.end(), column) == out.columns.end()) out.columns.push_back(column);
    }
    if (part.kind == ExprKind::Constant && part.type.oid == types::oid::kRegclass && !part.value.get().is_null) {
      out.relations.push_back(part.value.get().oid());
    }
    return true;
  });
}

// The constant below length coercions and checks of domains; null when it is something else.
const plan::Expr* literal_of(const plan::Expr& expr) {
  const plan::Expr* at = &expr;
  while (at->kind == ExprKind::Typmod || (at->kind == ExprKind::Call && at->function == &functions::domain_check_function())) at = at->args[0].get();
  return at->kind == ExprKind::Constant ? at : nullptr;
}
bool is_literal(const plan::Expr& expr) { return literal_of(expr) != nullptr; }

Definition finish(CommandContext& context, plan::ExprPtr expr, plan::ExprPtr plain, const catalog::Version& version,
                  const catalog::Relation* relation, types::Type target, DefinitionKind kind) {
  Definition made;
  const plan::Expr* shown = plain ? plain.get() : expr.get();
  if (const plan::Expr* literal = literal_of(*expr)) shown = literal;
  made.sql = definition_text(context, *shown);
  auto again = analyzer::analyze_definition_sql(context.analyzer_context(version), made.sql, relation, target, kind);
  if (definition_text(context, *again) != definition_text(context, *expr)) {
    throw_not_supported("the expression " + made.sql + " in a definition");
  }
  collect(*expr, made);
  made.expr = std::move(expr);
  return made;
}

}  // namespace

StoredNames::StoredNames(CommandContext& context) : version_(context.catalog_version()), session_(context.types().names), types_(context.types()) {
  types_.names = this;
}

plan::DeparseContext StoredNames::deparse() {
  plan::DeparseContext deparse{types_, {}, {}, {}};
  deparse.relation_name = [this](Oid oid) {
    auto object = version_->find(oid);
    return object == nullptr ? std::to_string(oid) : sql_name(*version_, *object);
  };
  deparse.function_name = [this](Oid oid) {
    auto routine = version_->routine(oid);
    return routine == nullptr ? std::string() : sql_name(*version_, *routine);
  };
  deparse.operator_name = [this](Oid oid) {
    auto op = version_->find(oid);
    auto schema = op == nullptr ? nullptr : version_->schema(op->schema);
    if (schema == nullptr) return std::string();
    return "OPERATOR(" + functions::quote_identifier(schema->name) + "." + op->name + ")";
  };
  return deparse;
}

bool StoredNames::type_name(Oid type, std::string& name) {
  auto owner = version_->type_owner(type);
  if (owner == nullptr || owner->oid < kFirstNormalOid) return session_->type_name(type, name);
  std::string plain = owner->name;
  bool array = false;
  if (owner->kind == catalog::ObjectKind::Relation) {
    array = static_cast<const catalog::Relation&>(*owner).array_type == type;
  } else {
    const auto& user = static_cast<const catalog::UserType&>(*owner);
    array = type == user.array_type || type == user.multirange_array;
    if (type == user.multirange || type == user.multirange_array) plain = user.multirange_name;
  }
  auto schema = version_->schema(owner->schema);
  name = (schema == nullptr ? "" : functions::quote_identifier(schema->name) + ".") + functions::quote_identifier(plain) + (array ? "[]" : "");
  return true;
}

std::string definition_text(CommandContext& context, const plan::Expr& expr, const catalog::Relation* relation) {
  StoredNames names(context);
  plan::DeparseContext deparse = names.deparse();
  if (relation != nullptr) {
    deparse.column = [relation](const plan::Expr& column) { return functions::quote_identifier(relation->columns[column.index].name); };
  }
  return plan::deparse(expr, deparse);
}

Definition define(CommandContext& context, const ast::Node& node, const catalog::Relation* relation, types::Type target,
                  DefinitionKind kind) {
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  auto expr = analyzer::analyze_definition(analysis, node, relation, target, kind);
  plan::ExprPtr plain;
  if (target.oid != kInvalidOid && !is_literal(*expr)) plain = analyzer::analyze_definition(analysis, node, relation, {}, kind);
  return finish(context, std::move(expr), std::move(plain), *version, relation, target, kind);
}

Definition define_sql(CommandContext& context, std::string_view sql, const catalog::Relation* relation, types::Type target,
                      DefinitionKind kind) {
  auto version = context.catalog_version();
  Definition made;
  made.expr = analyzer::analyze_definition_sql(context.analyzer_context(*version), sql, relation, target, kind);
  made.sql = sql;
  collect(*made.expr, made);
  return made;
}

void run_sql(CommandContext& context, const std::string& sql, const std::function<void(const vector::Chunk&)>& consume) {
  auto version = context.catalog_version();
  auto parsed = parser::parse(sql);
  std::vector<types::Type> parameters;
  auto bound = analyzer::analyze(with_sql(context.analyzer_context(*version), sql), *parsed.statements.at(0).stmt, parameters);
  auto plan = context.plan(std::move(bound), *version);
  auto snapshot = context.transaction().take_latest_snapshot();
  executor::Execution execution(plan, context.execution_context(*snapshot, version));
  while (const vector::Chunk* chunk = execution.next()) consume(*chunk);
  execution.finish();
}

bool finds_row(CommandContext& context, const std::string& sql, std::vector<std::string>* row) {
  bool found = false;
  run_sql(context, sql, [&](const vector::Chunk& chunk) {
    if (found || chunk.size() == 0) return;
    found = true;
    for (size_t i = 0; row != nullptr && i < chunk.column_count(); ++i) {
      auto value = chunk.column(i).get(0);
      std::string text = value.is_null ? "null" : "";
      if (!value.is_null) types::type_info(chunk.column(i).type()).output(context.types(), value, chunk.column(i).type(), text);
      row->push_back(std::move(text));
    }
  });
  return found;
}

}  // namespace aegis::commands
