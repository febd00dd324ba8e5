// Runs the generated parser over a token list.
#pragma once

#include <functional>

#include "PostgreSQLParser.h"
#include "aegis/parser/parser.h"
#include "build/token_stream.h"

namespace aegis::parser {

using P = generated::PostgreSQLParser;

[[noreturn]] void throw_syntax_error(std::string_view sql, const Token& token);

// Remembers where this thread's stack is now; check_stack_depth() throws 54001 when 2 MiB of it are used.
void set_stack_base();
void check_stack_depth();

}  // namespace aegis::parser
