#include "policy.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "definition.h"
#include "event_trigger.h"
#include "names.h"
#include "objects.h"
#include "role.h"
#include "sql_scan.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

catalog::RelationPtr open_policy_table(CommandContext& context, const ast::RangeVar& name, bool missing_ok = false) {
  auto table = open_table(context, name, txn::LockMode::AccessExclusive, missing_ok);
  if (table == nullptr) return nullptr;
  if (is_system(*context.catalog_version(), *table)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + table->name + "\" is a system catalog");
  }
  check_owner(context, *table);
  return table;
}

// The text in the parentheses behind USING or WITH CHECK.
std::string condition_text(std::string_view sql, int location, std::string_view word) {
  auto words = scan_sql(sql, location > 0 ? static_cast<size_t>(location) : 0);
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i].is(";") && words[i].depth == 0) break;
    if (words[i].depth != 0 || !words[i].is(word) || !words[i + 1].is("(")) continue;
    for (size_t end = i + 2; end < words.size(); ++end) {
      if (words[end].is(")") && words[end].depth == words[i + 1].depth) return std::string(sql.substr(words[i + 1].stop, words[end].start - words[i + 1].stop));
    }
  }
  throw InternalError("a policy's condition was not found in its statement");
}

// Checked, and as the catalog keeps it: deparsed, or as written when it has a subquery.
std::string condition(CommandContext& context, const catalog::Relation& table, const ast::Node* node, const char* clause, int location) {
  if (node == nullptr) return {};
  std::string text = condition_text(context.sql(), location, std::string_view(clause) == "USING" ? "using" : "check");
  auto version = context.catalog_version();
  bool has_subquery;
  try {
    has_subquery = analyzer::check_policy(context.analyzer_context(*version), *node, table);
  } catch (SqlError& error) {
    error.position(0);  // PostgreSQL gives none here
    throw;
  }
  if (has_subquery) return text;
  return define(context, *node, &table, {oid::kBool}, analyzer::DefinitionKind::Check).sql;
}

std::vector<Oid> roles_of(CommandContext& context, ast::List<ast::RoleSpec> given) {
  std::vector<Oid> roles;
  bool everyone = given.empty();
  for (const auto* role : given) everyone = everyone || role->roletype == ast::RoleSpecType::Public;
  if (everyone) {
    if (given.size() > 1) {
      ErrorFields fields;
      fields.severity = "WARNING";
      fields.sqlstate = Sqlstate::InvalidParameterValue;
      fields.message = "ignoring specified roles other than PUBLIC";
      fields.hint = "All roles are members of the PUBLIC role.";
      context.notice(std::move(fields));
    }
    return {kInvalidOid};
  }
  for (const auto* role : given) roles.push_back(find_role(context, *role));
  return roles;
}

catalog::Policy& require_policy(catalog::Relation& table, std::string_view name) {
  for (auto& policy : table.policies) {
    if (policy.name == name) return policy;
  }
  throw SqlError(Sqlstate::UndefinedObject, "policy \"" + std::string(name) + "\" for table \"" + table.name + "\" does not exist");
}

}  // namespace

CommandResult create_policy(const ast::CreatePolicyStmt& statement, CommandContext& context) {
  catalog::Policy policy;
  policy.name = statement.policy_name;
  policy.permissive = statement.permissive;
  policy.command = statement.cmd_name == "select"   ? 'r'
                   : statement.cmd_name == "insert" ? 'a'
                   : statement.cmd_name == "update" ? 'w'
                   : statement.cmd_name == "delete" ? 'd'
                                                    : '*';
  if ((policy.command == 'r' || policy.command == 'd') && statement.with_check != nullptr) {
    throw SqlError(Sqlstate::SyntaxError, "WITH CHECK cannot be applied to SELECT or DELETE");
  }
  if (policy.command == 'a' && statement.qual != nullptr) {
    throw SqlError(Sqlstate::SyntaxError, "only WITH CHECK expression allowed for INSERT");
  }
  policy.roles = roles_of(context, statement.roles);
  auto table = open_policy_table(context, *statement.table);
  policy.using_sql = condition(context, *table, statement.qual, "USING", statement.location);
  policy.check_sql = condition(context, *table, statement.with_check, "WITH CHECK", statement.location);
  auto version = context.catalog_version();
  policy.search_path = context.analyzer_context(*version).search_path;
  for (const auto& other : table->policies) {
    if (other.name == policy.name) {
      throw SqlError(Sqlstate::DuplicateObject, "policy \"" + policy.name + "\" for table \"" + table->name + "\" already exists");
    }
  }
  policy.oid = context.catalog().allocate_oid();
  auto changed = copy_of(table);
  changed->policies.push_back(std::move(policy));
  context.catalog_changes().put(changed);
  return {"CREATE POLICY", {}, {}};
}

CommandResult alter_policy(const ast::AlterPolicyStmt& statement, CommandContext& context) {
  auto table = open_policy_table(context, *statement.table);
  auto changed = copy_of(table);
  auto& policy = require_policy(*changed, statement.policy_name);
  if (!statement.roles.empty()) policy.roles = roles_of(context, statement.roles);
  if ((policy.command == 'r' || policy.command == 'd') && statement.with_check != nullptr) {
    throw SqlError(Sqlstate::SyntaxError, "only USING expression allowed for SELECT, DELETE");
  }
  if (policy.command == 'a' && statement.qual != nullptr) {
    throw SqlError(Sqlstate::SyntaxError, "only WITH CHECK expression allowed for INSERT");
  }
  if (statement.qual != nullptr) policy.using_sql = condition(context, *table, statement.qual, "USING", statement.location);
  if (statement.with_check != nullptr) policy.check_sql = condition(context, *table, statement.with_check, "WITH CHECK", statement.location);
  if (statement.qual != nullptr || statement.with_check != nullptr) {
    auto version = context.catalog_version();
    policy.search_path = context.analyzer_context(*version).search_path;
  }
  context.catalog_changes().put(changed);
  return {"ALTER POLICY", {}, {}};
}

CommandResult drop_policies(const ast::DropStmt& statement, CommandContext& context) {
  for (const auto* node : statement.objects) {
    auto names = ast::node_cast<ast::QualifiedName>(node)->names;
    auto name = range_var(context, names.first(names.size() - 1));
    auto table = open_policy_table(context, name, statement.missing_ok);
    if (table == nullptr) {
      notice(context, "relation \"" + display_name(name) + "\" does not exist, skipping");
      continue;
    }
    auto changed = copy_of(table);
    for (const auto& policy : table->policies) {
      if (policy.name == names.back()) note_dropped(context, catalog::kPgPolicyOid, policy.oid, 0, true, false);
    }
    size_t removed = std::erase_if(changed->policies, [&](const auto& policy) { return policy.name == names.back(); });
    if (removed == 0) {
      if (!statement.missing_ok) require_policy(*changed, names.back());
      notice(context, "policy \"" + std::string(names.back()) + "\" for relation \"" + table->name + "\" does not exist, skipping");
      continue;
    }
    context.catalog_changes().put(changed);
  }
  return {"DROP POLICY", {}, {}};
}

void rename_policy(CommandContext& context, const ast::RangeVar& name, std::string_view from, std::string_view to) {
  auto table = open_policy_table(context, name);
  auto changed = copy_of(table);
  auto& policy = require_policy(*changed, from);
  for (const auto& other : changed->policies) {
    if (other.name == to) {
      throw SqlError(Sqlstate::DuplicateObject, "policy \"" + std::string(to) + "\" for table \"" + table->name + "\" already exists");
    }
  }
  policy.name = to;
  context.catalog_changes().put(changed);
}

}  // namespace aegis::commands
