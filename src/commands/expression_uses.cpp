#include "expression_uses.h"

#include <algorithm>
#include <cctype>

#include "aegis/base/error.h"
#include "aegis/plan/walk.h"
#include "definition.h"
#include "names.h"

namespace aegis::commands {
namespace {

using analyzer::DefinitionKind;
using catalog::Dependency;
using catalog::ObjectKind;
using Part = DropTarget::Part;

class UseFinder {
 public:
  UseFinder(CommandContext& context, const catalog::Object& object, int column)
      : context_(context), version_(context.catalog_version()), object_(object), column_(column) {
    name_ = object.name;
    if (object.kind == ObjectKind::Relation && column >= 0) name_ = static_cast<const catalog::Relation&>(object).columns[static_cast<size_t>(column)].name;
  }

  std::vector<ExpressionUse> find() {
    for (const auto& other : version_->objects(context_.database())) {
      if (other->oid < kFirstNormalOid) continue;
      switch (other->kind) {
        case ObjectKind::Relation: visit_relation(static_cast<const catalog::Relation&>(*other)); break;
        case ObjectKind::Index: visit_index(static_cast<const catalog::Index&>(*other)); break;
        case ObjectKind::Trigger: visit_trigger(static_cast<const catalog::Trigger&>(*other)); break;
        case ObjectKind::Type: visit_type(static_cast<const catalog::UserType&>(*other)); break;
        case ObjectKind::Routine: visit_routine(static_cast<const catalog::Routine&>(*other)); break;
        case ObjectKind::Statistics: visit_statistics(static_cast<const catalog::Statistics&>(*other)); break;
        case ObjectKind::PublicationTable: visit_publication(static_cast<const catalog::PublicationTable&>(*other)); break;
        default: break;
      }
    }
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
    return std::move(found_);
  }

 private:
  void add(DropTarget target, Oid order, bool automatic = false) { found_.push_back({target, order, automatic}); }

  // Names in texts are as written, or `*` for all columns; what does not have the name need not be bound.
  bool mentions(const std::string& sql) const {
    if (sql.empty()) return false;
    if (column_ >= 0 && sql.find('*') != std::string::npos) return true;
    auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); };
    auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    bool word = !name_.empty() && is_word(name_.front()) && is_word(name_.back());
    for (auto from = sql.begin();;) {
      auto at = std::search(from, sql.end(), name_.begin(), name_.end(), same);
      if (at == sql.end()) return false;
      auto after = at + static_cast<std::ptrdiff_t>(name_.size());
      bool apart = (at == sql.begin() || !is_word(at[-1])) && (after == sql.end() || !is_word(*after));
      if (!word || apart) return true;
      from = at + 1;
    }
  }

  bool is_object(Oid oid) const {
    if (oid == object_.oid) return true;
    if (oid < kFirstNormalOid || (object_.kind != ObjectKind::Type && object_.kind != ObjectKind::Relation)) return false;
    auto owner = version_->type_owner(oid);
    return owner != nullptr && owner->oid == object_.oid;
  }

  bool uses(const plan::Expr& expr) const {
    bool found = false;
    plan::walk(expr, [&](const plan::Expr& part) {
      if (part.op != nullptr && part.op->user_defined) found = found || part.op->oid == object_.oid;
      else if (part.function != nullptr && part.function->user_defined) found = found || part.function->oid == object_.oid;
      else if (part.kind != plan::ExprKind::Input && part.kind != plan::ExprKind::Param) found = found || is_object(part.type.oid);
      if (part.kind == plan::ExprKind::Relabel && part.explicit_collation) found = found || part.collation == object_.oid;
      return !found;
    });
    return found;
  }

  // A text that can't be bound any more uses nothing.
  bool uses(const std::string& sql, const catalog::Relation* relation, types::Type target, DefinitionKind kind) {
    if (column_ >= 0 || !mentions(sql)) return false;
    try {
      return uses(*define_sql(context_, sql, relation, target, kind).expr);
    } catch (const SqlError&) {
      return false;
    }
  }

  bool uses(const std::vector<Dependency>& list) const {
    return std::any_of(list.begin(), list.end(), [&](const Dependency& dependency) {
      return column_ >= 0 ? dependency.object == object_.oid && dependency.column == column_ + 1 : is_object(dependency.object);
    });
  }

  analyzer::AnalyzerContext analysis(const std::vector<Oid>& path, std::string_view sql) {
    auto base = context_.analyzer_context(*version_);
    return {base.catalog, base.database, path, catalog::kBootstrapRole, base.types, sql, base.temp_schema};
  }

  // A condition over the columns of tables, which may have subqueries.
  bool condition_uses(const std::string& sql, const std::string& from, const std::vector<Oid>& path, Oid table) {
    if (!mentions(sql)) return false;
    std::string query = "SELECT 1 FROM " + from + " WHERE (" + sql + ")";
    try {
      auto parsed = parser::parse(query);
      std::vector<types::Type> parameters;
      auto list = analyzer::dependencies_of(analyzer::analyze(analysis(path, query), *parsed.statements.at(0).stmt, parameters));
      std::erase_if(list, [&](const Dependency& dependency) { return dependency.object == table && dependency.column == 0; });
      return uses(list);
    } catch (const SqlError&) {
      return false;
    }
  }

  void visit_relation(const catalog::Relation& table) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const auto& column = table.columns[i];
      if (column.dropped || column.default_sql.empty()) continue;
      auto kind = column.generated != 0 ? DefinitionKind::Generated : DefinitionKind::Default;
      if (!uses(column.default_sql, &table, {}, kind)) continue;
      add({column.generated != 0 ? Part::Column : Part::Default, table.oid, static_cast<uint32_t>(i)}, column.default_oid);
    }
    for (const auto& constraint : table.constraints) {
      if (constraint.kind == 'c' && constraint.local && uses(constraint.check_sql, &table, {types::oid::kBool}, DefinitionKind::Check)) {
        add({Part::Constraint, table.oid, constraint.oid}, constraint.oid);
      }
    }
    for (const auto& key : table.partition_key.columns) {
      bool used = key.opclass == object_.oid || (column_ < 0 && key.collation == object_.oid);
      if (used || (key.column < 0 && uses(key.sql, &table, {}, DefinitionKind::PartitionKey))) add({Part::Whole, table.oid, 0}, table.oid);
    }
    for (const auto& policy : table.policies) {
      std::string from = sql_name(*version_, table);
      if (condition_uses(policy.using_sql, from, policy.search_path, table.oid) || condition_uses(policy.check_sql, from, policy.search_path, table.oid)) {
        add({Part::Policy, table.oid, policy.oid}, policy.oid);
      }
    }
    for (const auto& rule : table.rules) {
      if (rule_uses(table, rule)) add({Part::Rule, table.oid, rule.oid}, rule.oid);
    }
  }

  bool rule_uses(const catalog::Relation& table, const catalog::Rule& rule) {
    bool may = mentions(rule.where_sql) || std::any_of(rule.actions.begin(), rule.actions.end(), [&](const auto& sql) { return mentions(sql); });
    if (!may) return false;
    try {
      std::vector<parser::ParseResult> parsed;
      std::vector<const ast::Node*> actions;
      for (const auto& text : rule.actions) parsed.push_back(parser::parse(text));
      for (const auto& text : parsed) actions.push_back(text.statements.at(0).stmt);
      parser::ParseResult where;
      const ast::Node* condition = nullptr;
      if (!rule.where_sql.empty()) {
        where = parser::parse("SELECT 1 WHERE (" + rule.where_sql + ")");
        condition = static_cast<const ast::SelectStmt*>(where.statements.at(0).stmt)->where_clause;
      }
      return uses(analyzer::check_rule(analysis(rule.search_path, {}), table, rule.event, condition, actions));
    } catch (const SqlError&) {
      return false;
    }
  }

  void visit_index(const catalog::Index& index) {
    auto table = version_->relation(index.table);
    if (table == nullptr || index.constraint != kInvalidOid) return;
    bool used = uses(index.predicate_sql, table.get(), {types::oid::kBool}, DefinitionKind::IndexPredicate);
    for (const auto& key : index.columns) used = used || (key.column < 0 && uses(key.sql, table.get(), {}, DefinitionKind::IndexExpression));
    if (used) add({Part::Whole, index.oid, 0}, index.oid);
  }

  void visit_trigger(const catalog::Trigger& trigger) {
    auto table = version_->relation(trigger.table);
    if (table == nullptr || trigger.parent != kInvalidOid) return;
    std::string name = sql_name(*version_, *table);
    if (condition_uses(trigger.when_sql, name + " AS old, " + name + " AS new", context_.analyzer_context(*version_).search_path, table->oid)) {
      add({Part::Whole, trigger.oid, 0}, trigger.oid);
    }
  }

  void visit_type(const catalog::UserType& type) {
    if (type.typtype != 'd' || type.oid == object_.oid) return;
    if (uses(type.default_sql, nullptr, {}, DefinitionKind::Default)) add({Part::Whole, type.oid, 0}, type.oid);
    catalog::Relation row;
    catalog::Column value;
    value.name = "value";
    value.type = type.base;
    row.columns.push_back(std::move(value));
    for (const auto& check : type.checks) {
      if (uses(check.check_sql, &row, {types::oid::kBool}, DefinitionKind::Check)) add({Part::DomainCheck, type.oid, check.oid}, check.oid);
    }
  }

  void visit_routine(const catalog::Routine& routine) {
    if (routine.oid == object_.oid) return;
    bool used = std::any_of(routine.arguments.begin(), routine.arguments.end(),
                            [&](const auto& argument) { return uses(argument.default_sql, nullptr, {}, DefinitionKind::Default); });
    if (used) add({Part::Whole, routine.oid, 0}, routine.oid);
  }

  void visit_statistics(const catalog::Statistics& statistics) {
    auto table = version_->relation(statistics.table);
    if (table == nullptr) return;
    bool used = std::any_of(statistics.expressions.begin(), statistics.expressions.end(),
                            [&](const auto& sql) { return uses(sql, table.get(), {}, DefinitionKind::Statistics); });
    if (used) add({Part::Whole, statistics.oid, 0}, statistics.oid);
  }

  void visit_publication(const catalog::PublicationTable& member) {
    auto table = version_->relation(member.table);
    if (table != nullptr && uses(member.where_sql, table.get(), {types::oid::kBool}, DefinitionKind::Check)) add({Part::Whole, member.oid, 0}, member.oid);
  }

  CommandContext& context_;
  catalog::VersionPtr version_;
  const catalog::Object& object_;
  int column_;
  std::string name_;
  std::vector<ExpressionUse> found_;
};

}  // namespace

std::vector<ExpressionUse> expression_uses(CommandContext& context, const catalog::Object& object, int column) {
  if (object.oid < kFirstNormalOid) return {};
  return UseFinder(context, object, column).find();
}

}  // namespace aegis::commands
