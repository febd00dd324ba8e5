// The plan cache's view of a statement: its text with literals taken out, so that statements that differ in
// literals only share an entry. Costs about as much as lexing; the grammar is not involved. Thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/parser/parser.h"

namespace aegis::parser {

enum class LiteralKind : uint8_t {
  Integer,  // fits an int4
  Float,    // any other number: int8 or numeric, by its value
  String,   // of type unknown: takes its type from where it stands, as a parameter of no type does
};

struct NormalizedLiteral {
  LiteralKind kind;
  std::string text;  // digits, or the string's value
  int location;      // 0-based byte offset in the original text
};

struct NormalizedStatement {
  std::string text;                         // literal i is $(i+1); parses as the original does
  std::vector<NormalizedLiteral> literals;  // a minus sign stays in the text
};

// Only SELECT, INSERT, UPDATE and DELETE (WITH or not) without parameters of their own; nothing otherwise,
// nor for what has a lexical error or very many literals. A literal is taken out only where a parameter means
// the same: in WHERE and ON conditions, SET, INSERT's VALUES, LIMIT and OFFSET. Anywhere else (select lists,
// ORDER BY and GROUP BY, FROM, typed constants, type modifiers, …) it stays in the text. Positions of errors
// met while planning the normalised text do not fit the original: plan the original again to report one.
std::optional<NormalizedStatement> normalize(std::string_view sql, const LexerSettings& settings = {});

}  // namespace aegis::parser
