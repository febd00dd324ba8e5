// All matches of a regular expression in a text.
#pragma once

#include <string_view>
#include <vector>

#include "regex.h"

namespace aegis::functions {

using RegexGroups = std::vector<Regex::Group>;

enum class EmptyMatches { Keep, IgnoreForSplit };
std::vector<RegexGroups> find_matches(const Regex& regex, std::string_view text, size_t from, bool all, EmptyMatches empty);
// Captured groups (or the whole match when there are none) as text[].
Value groups_array(const Regex& regex, std::string_view text, const RegexGroups& groups, Arena& arena);
// The pieces between matches.
std::vector<std::string_view> split_by_regex(const Regex& regex, std::string_view text);

}  // namespace aegis::functions
