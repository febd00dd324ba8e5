#include "rule.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/parser/parser.h"
#include "event_trigger.h"
#include "names.h"
#include "objects.h"
#include "sql_scan.h"

namespace aegis::commands {

namespace {

catalog::RelationPtr open_rule_relation(CommandContext& context, const ast::RangeVar& name, bool missing_ok = false) {
  auto relation = open_relation(context, name, txn::LockMode::AccessExclusive, missing_ok);
  if (relation == nullptr) return nullptr;
  if (relation->relkind != 'r' && relation->relkind != 'p' && !relation->is_view()) {
    throw SqlError(Sqlstate::WrongObjectType, "relation \"" + relation->name + "\" cannot have rules")
        .detail(relation->relkind == 'S' ? "This operation is not supported for sequences." : "This operation is not supported for composite types.");
  }
  if (is_system(*context.catalog_version(), *relation)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + relation->name + "\" is a system catalog");
  }
  check_owner(context, *relation);
  return relation;
}

catalog::Rule* find_rule(catalog::Relation& relation, std::string_view name) {
  auto found = std::find_if(relation.rules.begin(), relation.rules.end(), [&](const auto& rule) { return rule.name == name; });
  return found == relation.rules.end() ? nullptr : &*found;
}

catalog::Rule& require_rule(catalog::Relation& relation, std::string_view name) {
  if (auto* rule = find_rule(relation, name)) return *rule;
  throw SqlError(Sqlstate::UndefinedObject, "rule \"" + std::string(name) + "\" for relation \"" + relation.name + "\" does not exist");
}

// The texts of the condition and the actions, out of the statement's.
struct Parts {
  std::string condition;
  std::vector<std::string> actions;
};

Parts parts_of(const ast::RuleStmt& statement, std::string_view sql) {
  auto words = scan_sql(sql, statement.location > 0 ? static_cast<size_t>(statement.location) : 0);
  size_t end = 0;
  while (end < words.size() && !(words[end].depth == 0 && words[end].is(";"))) ++end;
  size_t i = 0;
  while (i < end && !(words[i].depth == 0 && words[i].is("to"))) ++i;
  size_t where = end, action = i;
  while (action < end && !(words[action].depth == 0 && words[action].is("do"))) {
    if (words[action].depth == 0 && words[action].is("where")) where = action;
    ++action;
  }
  auto text = [&](size_t first, size_t last) { return std::string(sql.substr(words[first].start, words[last - 1].stop - words[first].start)); };
  Parts parts;
  if (where < action) parts.condition = text(where + 1, action);
  ++action;
  if (action < end && (words[action].is("instead") || words[action].is("also"))) ++action;
  if (statement.actions.empty() || action >= end) return parts;
  if (!words[action].is("(")) {
    parts.actions.push_back(text(action, end));
    return parts;
  }
  // ( statement; statement )
  int depth = words[action].depth;
  size_t first = action + 1;
  for (size_t at = first; at < end; ++at) {
    bool closes = words[at].is(")") && words[at].depth == depth;
    bool separates = words[at].is(";") && words[at].depth == depth + 1;
    if (!closes && !separates) continue;
    if (at > first) parts.actions.push_back(text(first, at));
    first = at + 1;
    if (closes) break;
  }
  return parts;
}

// Writes the rule's names with their schemas, so that whoever sets it off need not find them.
void qualify(CommandContext& context, const catalog::Version& version, const catalog::Relation& relation, catalog::Rule& rule) {
  auto analysis = context.analyzer_context(version);
  analysis.search_path = {catalog::kPgCatalogSchema};
  std::string text = analyzer::rule_text(analysis, relation, rule, false);
  auto parsed = parser::parse(text);
  Parts parts = parts_of(static_cast<const ast::RuleStmt&>(*parsed.statements.at(0).stmt), text);
  if (parts.actions.size() != rule.actions.size() || parts.condition.empty() != rule.where_sql.empty()) throw InternalError("a rule was not written as it is");
  rule.where_sql = std::move(parts.condition);
  rule.actions = std::move(parts.actions);
}

}  // namespace

CommandResult create_rule(const ast::RuleStmt& statement, CommandContext& context) {
  auto found = open_rule_relation(context, *statement.relation);
  if (statement.event == ast::RuleEvent::Select) throw_not_supported("a rule ON SELECT");
  if (found->relkind == 'm') {
    throw SqlError(Sqlstate::FeatureNotSupported, "rules on materialized views are not supported");
  }
  auto relation = copy_of(found);
  auto* existing = find_rule(*relation, statement.rulename);
  catalog::Rule rule;
  rule.name = statement.rulename;
  rule.event = statement.event == ast::RuleEvent::Insert ? '3' : statement.event == ast::RuleEvent::Update ? '2' : '4';
  rule.instead = statement.instead;
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  std::vector<const ast::Node*> actions(statement.actions.begin(), statement.actions.end());
  for (const auto* action : actions) {
    if (action->tag == ast::NodeTag::SelectStmt) throw_not_supported("a SELECT as a rule's action");
    if (action->tag == ast::NodeTag::NotifyStmt && statement.where_clause != nullptr) {
      throw SqlError(Sqlstate::InvalidObjectDefinition, "rules with WHERE conditions can only have SELECT, INSERT, UPDATE, or DELETE actions");
    }
  }
  analyzer::check_rule(analysis, *relation, rule.event, statement.where_clause, actions);
  Parts parts = parts_of(statement, context.sql());
  if (parts.actions.size() != actions.size()) throw InternalError("a rule's actions were not found in its statement");
  rule.where_sql = std::move(parts.condition);
  rule.actions = std::move(parts.actions);
  rule.search_path = analysis.search_path;
  qualify(context, *version, *relation, rule);
  if (existing != nullptr && !statement.replace) {
    throw SqlError(Sqlstate::DuplicateObject, "rule \"" + rule.name + "\" for relation \"" + relation->name + "\" already exists");
  }
  rule.oid = existing != nullptr ? existing->oid : context.catalog().allocate_oid();
  if (existing != nullptr) {
    *existing = std::move(rule);
  } else {
    relation->rules.push_back(std::move(rule));
    std::sort(relation->rules.begin(), relation->rules.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  }
  context.catalog_changes().put(relation);
  return {"CREATE RULE", {}, {}};
}

CommandResult drop_rules(const ast::DropStmt& statement, CommandContext& context) {
  for (const auto* node : statement.objects) {
    auto names = ast::node_cast<ast::QualifiedName>(node)->names;
    auto name = range_var(context, names.first(names.size() - 1));
    auto found = open_rule_relation(context, name, statement.missing_ok);
    if (found == nullptr) {
      notice(context, "relation \"" + std::string(name.relname) + "\" does not exist, skipping");
      continue;
    }
    auto relation = copy_of(found);
    if (find_rule(*relation, names.back()) == nullptr && statement.missing_ok) {
      notice(context, "rule \"" + std::string(names.back()) + "\" for relation \"" + relation->name + "\" does not exist, skipping");
      continue;
    }
    if (names.back() == "_RETURN" && relation->is_view()) {
      std::string what = std::string(kind_name(*relation)) + " " + relation->name;
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop rule _RETURN on " + what + " because " + what + " requires it")
          .hint("You can drop " + what + " instead.");
    }
    require_rule(*relation, names.back());
    for (const auto& rule : found->rules) {
      if (rule.name == names.back()) note_dropped(context, catalog::kPgRewriteOid, rule.oid, 0, true, false);
    }
    std::erase_if(relation->rules, [&](const auto& rule) { return rule.name == names.back(); });
    context.catalog_changes().put(relation);
  }
  return {"DROP RULE", {}, {}};
}

CommandResult rename_rule(const ast::RenameStmt& statement, CommandContext& context) {
  auto relation = copy_of(open_rule_relation(context, *statement.relation));
  if (statement.subname == "_RETURN" && relation->is_view()) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "renaming an ON SELECT rule is not allowed");
  }
  auto& rule = require_rule(*relation, statement.subname);
  if (find_rule(*relation, statement.newname) != nullptr || (statement.newname == "_RETURN" && relation->is_view())) {
    throw SqlError(Sqlstate::DuplicateObject, "rule \"" + std::string(statement.newname) + "\" for relation \"" + relation->name + "\" already exists");
  }
  rule.name = statement.newname;
  std::sort(relation->rules.begin(), relation->rules.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  context.catalog_changes().put(relation);
  return {"ALTER RULE", {}, {}};
}

void enable_rule(CommandContext& context, Oid oid, std::string_view name, char enabled) {
  auto relation = copy_of(context.catalog_version()->relation(oid));
  require_rule(*relation, name).enabled = enabled;
  context.catalog_changes().put(relation);
}

void comment_on_rule(CommandContext& context, const ast::RangeVar& name, std::string_view rule, std::string_view text) {
  auto relation = copy_of(open_rule_relation(context, name));
  if (rule == "_RETURN" && relation->is_view()) throw_not_supported("COMMENT on a view's own rule");
  require_rule(*relation, rule).comment = text;
  context.catalog_changes().put(relation);
}

}  // namespace aegis::commands
