// Writes PostgreSQL's regular expressions as PCRE2's.
#pragma once

#include <string>
#include <string_view>

#include "regex.h"

namespace aegis::functions {

struct TranslatedRegex {
  std::string pattern;
  RegexFlags flags;           // with the pattern's own options
  bool has_back_reference = false;
  bool has_choice = false;    // alternation or a quantifier: the match's length is a matter of preference
  bool prefers_short = false; // the first quantifier with a preference is non-greedy
};

[[noreturn]] void throw_invalid_regex(const std::string& why);
TranslatedRegex translate_regex(std::string_view pattern, RegexFlags flags);

}  // namespace aegis::functions
