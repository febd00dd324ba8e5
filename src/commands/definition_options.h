// The name = value lists of CREATE AGGREGATE, OPERATOR and TYPE.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// The value as a (qualified) name: of a function, an operator, ….
std::vector<std::string_view> option_name(const ast::DefElem& option);
types::Type option_type(CommandContext& context, const ast::DefElem& option);
// 42601 `x requires a Boolean value`.
bool option_bool(const ast::DefElem& option);
int32_t option_integer(const ast::DefElem& option);
std::string option_text(const ast::DefElem& option);

}  // namespace aegis::commands
