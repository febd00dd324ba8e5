// SQL text to raw parse tree. Errors are SqlError with PostgreSQL's messages, SQLSTATEs and positions. Thread
// safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/arena.h"
#include "aegis/parser/ast_queries.h"

namespace aegis::parser {

// The tree lives in the arena and does not refer to the parsed text.
struct ParseResult {
  Arena arena;
  std::vector<ast::RawStmt> statements;  // empty statements are dropped
  std::vector<std::string> notices;      // 42622: identifiers that were truncated
};

// The session's settings that a text from its client is read by. Texts of the catalog are read by the defaults, in which they
// were written.
struct LexerSettings {
  bool standard_conforming_strings = true;
};

// Parses any number of statements separated by semicolons.
ParseResult parse(std::string_view sql, const LexerSettings& settings = {});

struct ExpressionResult {
  Arena arena;
  ast::Node* expression = nullptr;
};
ExpressionResult parse_expression(std::string_view sql);

struct TypeNameResult {
  Arena arena;
  ast::TypeName* type_name = nullptr;
};
// A type as in a cast, e.g. "numeric(10,2)[]" or "setof text".
TypeNameResult parse_type_name(std::string_view sql);

// Turns a node's location (0-based bytes) into an error's position (1-based characters of UTF-8); 0 for -1.
int character_position(std::string_view text, int byte_offset);

}  // namespace aegis::parser
