// A light scan of SQL text that the parser has accepted: where its words, strings and operators are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aegis::commands {

struct SqlWord {
  enum class Kind : unsigned char { Word, Quoted, String, Number, Symbol };
  Kind kind;
  size_t start;
  size_t stop;
  int depth;         // of parentheses and brackets around it
  std::string text;  // words folded to lower case, quoted names without quotes; symbols one character each
  bool is(std::string_view word) const { return (kind == Kind::Word || kind == Kind::Symbol) && text == word; }
  bool is_name() const { return kind == Kind::Word || kind == Kind::Quoted; }
};

std::vector<SqlWord> scan_sql(std::string_view sql, size_t from = 0);

}  // namespace aegis::commands
