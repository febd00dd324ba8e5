// PostgreSQL's regular expressions (ARE, ERE, literal strings) on PCRE2, with limits that bound the time of a
// match: past them 54000 is raised.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "call.h"

namespace aegis::functions {

struct RegexFlags {
  bool ignore_case = false;
  bool expanded = false;
  bool literal = false;
  bool extended_only = false;  // ERE: no backslash escapes of ARE
  bool newline_stops_dot = false;      // . and [^…] do not match a newline
  bool newline_anchors = false;        // ^ and $ match at newlines
  bool global = false;

  // One option letter, as regexp_matches or (?…) in a pattern has it; false when there is none such. "g" is no pattern's.
  bool set(char letter);
};

// Option letters of regexp_matches and its relatives; throws 22023 for an unknown one.
RegexFlags parse_regex_flags(std::string_view letters);

class Regex {
 public:
  // Throws 2201B, "invalid regular expression: …".
  Regex(std::string_view pattern, const RegexFlags& flags);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  struct Group {
    size_t start, end;  // bytes; start == npos: did not take part
  };
  bool matches(std::string_view text) const;
  // The leftmost match at or after byte `from`; groups[0] is the whole match.
  bool search(std::string_view text, size_t from, std::vector<Group>& groups) const;
  size_t group_count() const { return group_count_; }

 private:
  void* code_;   // pcre2_code
  void* data_;   // pcre2_match_data
  void* context_;
  size_t group_count_ = 0;
  bool longest_ = false;
  bool shortest_ = false;
};

// The regex of the pattern and flags, kept with the call while they stay the same.
const Regex& cached_regex(Call& call, std::string_view pattern, const RegexFlags& flags);

// SIMILAR TO's pattern as a regular expression; `escape` empty: none.
// `short_first`: of a pattern with separators, the part before the first one is made to match as little as it can.
std::string similar_to_regex(std::string_view pattern, std::string_view escape, bool short_first = false);

}  // namespace aegis::functions
