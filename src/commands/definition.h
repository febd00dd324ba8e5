// Expressions of definitions: bound, checked, and turned into the text that the catalog keeps.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

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
// Text of a bound expression; its columns are named as in `relation`, or (null) as they were when it was bound.
std::string definition_text(CommandContext& context, const plan::Expr& expr, const catalog::Relation* relation = nullptr);

// Runs SQL of our own making, with names fully qualified, on the newest state; `consume` sees each chunk.
void run_sql(CommandContext& context, const std::string& sql, const std::function<void(const vector::Chunk&)>& consume);
// Whether it gives any row; the first is put into `row` as texts when not null.
bool finds_row(CommandContext& context, const std::string& sql, std::vector<std::string>* row = nullptr);

}  // namespace aegis::commands
