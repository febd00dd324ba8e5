// The tokens of SQL text. Their numbers are those of grammar/PostgreSQLTokens.tokens (checked in build/).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "aegis/base/error.h"

namespace aegis::parser {

enum TokenType : uint16_t {
  kTokenNone = 0,
#define AEGIS_KEYWORD(token, word, category, bare) KW_##token,
#include "aegis/base/keywords.def"
#undef AEGIS_KEYWORD
  kIdent,
  kSconst,
  kBconst,
  kXconst,
  kIconst,
  kFconst,
  kParam,
  kOp,
  kSubqueryParen,  // an opening parenthesis in front of a subquery
  kInvalid,        // what no rule accepts; where a lexical error happened it is the last token
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kComma,
  kSemicolon,
  kColon,
  kDot,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kCaret,
  kLess,
  kGreater,
  kEqual,
  kTypecast,
  kDotDot,
  kColonEquals,
  kEqualsGreater,
  kLessEquals,
  kGreaterEquals,
  kNotEquals,
  kTokenTypeCount,
};
inline constexpr uint16_t kTokenEof = 0xFFFF;

inline bool is_keyword(uint16_t type) { return type > kTokenNone && type < kIdent; }

struct Token {
  uint16_t type = kTokenEof;
  bool quoted = false;  // an identifier written in double quotes
  int start = 0;        // bytes in the text, half open
  int stop = 0;
  // Identifiers: the folded, truncated name; strings: their value; bit strings: 'b' or 'x' and the digits;
  // numbers and operators: their text ("<>" for "!="); keywords: the word in lower case.
  std::string_view value;
};

struct TokenList {
  std::vector<Token> tokens;         // ends with kTokenEof
  std::optional<SqlError> error;     // what the closing kInvalid token stands for
  std::vector<std::string> notices;  // identifiers that were truncated
};

}  // namespace aegis::parser
