// Expressions of definitions: bound, checked, and turned into the text that the catalog keeps.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"
#include "aegis/plan/deparse.h"

namespace aegis::commands {

struct Definition {
  plan::ExprPtr expr;
  std::string sql;            // names sequences with their schema; parses again to the same expression
  std::vector<int> columns;   // used, 0-based
  std::vector<Oid> relations; // of regclass constants
};

Definition define(CommandContext& context, const ast::Node& node, const catalog::Relation* relation, types::Type target,
                  analyzer::DefinitionKind kind);
// From text the catalog holds.
Definition define_sql(CommandContext& context, std::string_view sql, const catalog::Relation* relation, types::Type target,
                      analyzer::DefinitionKind kind);
// How the catalog keeps expressions: names of users' objects have their schemas, so that they mean the same to everybody.
class StoredNames final : public types::ObjectNames {
 public:
  explicit StoredNames(CommandContext& context);
  // With what it needs set; lives as long as this.
  plan::DeparseContext deparse();
  bool lookup(Oid kind, std::string_view name, Oid& object) override { return session_->lookup(kind, name, object); }
  bool name_of(Oid kind, Oid object, std::string& name) override { return session_->name_of(kind, object, name); }
  bool type_name(Oid type, std::string& name) override;
  std::shared_ptr<const types::UserType> user_type(Oid type) override { return session_->user_type(type); }
  void check_domain(Oid domain, const types::Value& value) override { session_->check_domain(domain, value); }

 private:
  catalog::VersionPtr version_;
  types::ObjectNames* session_;
  types::TypeContext types_;
};

// Text of a bound expression; its columns are named as in `relation`, or (null) as they were when it was bound.
std::string definition_text(CommandContext& context, const plan::Expr& expr, const catalog::Relation* relation = nullptr);

// Runs SQL of our own making, with names fully qualified, on the newest state; `consume` sees each chunk.
void run_sql(CommandContext& context, const std::string& sql, const std::function<void(const vector::Chunk&)>& consume);
// Whether it gives any row; the first is put into `row` as texts when not null.
bool finds_row(CommandContext& context, const std::string& sql, std::vector<std::string>* row = nullptr);

}  // namespace aegis::commands
