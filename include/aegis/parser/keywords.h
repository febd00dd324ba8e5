// PostgreSQL 15's keywords and their classes, for the lexer, quote_ident and pg_get_keywords().
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aegis::parser {

enum class KeywordCategory : uint8_t {
  Unreserved,
  ColumnName,    // unreserved, but no function or type name
  TypeFuncName,  // reserved, but may be a function or type name
  Reserved,
};

struct Keyword {
  std::string_view word;  // lower case
  KeywordCategory category;
  bool bare_label;  // may be a column label without AS
};

// Sorted by word.
std::span<const Keyword> keywords();

// `word` must be in lower case; null when it is no keyword.
const Keyword* find_keyword(std::string_view word);

// The identifier as it must be written: quoted when it is not a plain lower-case name or is a keyword that is
// not unreserved, as PostgreSQL's quote_ident() does.
std::string quote_identifier(std::string_view identifier);

}  // namespace aegis::parser
