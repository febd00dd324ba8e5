#include <algorithm>

#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "regex_match.h"

namespace aegis::functions {

std::vector<RegexGroups> find_matches(const Regex& regex, std::string_view text, size_t from, bool all, EmptyMatches empty) {
  std::vector<RegexGroups> found;
  size_t previous_end = 0;
  size_t at = from;
  RegexGroups groups;
  while (at <= text.size() && regex.search(text, at, groups)) {
    size_t start = groups[0].start;
    size_t end = groups[0].end;
    if (empty == EmptyMatches::Keep || (start < text.size() && end > previous_end)) {
      found.push_back(groups);
      if (!all) break;
    }
    previous_end = end;
    at = end;
    if (start == end) {
      if (at >= text.size()) break;
      at += types::utf8_bytes(text[at]);
    }
  }
  return found;
}

Value groups_array(const Regex& regex, std::string_view text, const RegexGroups& groups, Arena& arena) {
  types::ArrayBuilder builder(types::oid::kText);
  for (size_t i = regex.group_count() > 0 ? 1 : 0; i <= regex.group_count(); ++i) {
    if (groups[i].start == std::string_view::npos) {
      builder.add(Value::null());
    } else {
      builder.add(Value::of_string(text.substr(groups[i].start, groups[i].end - groups[i].start)));
    }
  }
  return builder.value(arena);
}

std::vector<std::string_view> split_by_regex(const Regex& regex, std::string_view text) {
  std::vector<std::string_view> pieces;
  size_t start = 0;
  for (const RegexGroups& match : find_matches(regex, text, 0, true, EmptyMatches::IgnoreForSplit)) {
    pieces.push_back(text.substr(start, match[0].start - start));
    start = match[0].end;
  }
  pieces.push_back(text.substr(start));
  return pieces;
}

namespace {

RegexFlags case_insensitive() {
  RegexFlags flags;
  flags.ignore_case = true;
  return flags;
}

bool regex_matches(Call& call, Text text, Text pattern) { return cached_regex(call, pattern, {}).matches(text); }
bool regex_matches_any_case(Call& call, Text text, Text pattern) {
  return cached_regex(call, pattern, case_insensitive()).matches(text);
}
constexpr auto kMatch = kernel<regex_matches>;
constexpr auto kNoMatch = kernel<[](Call& c, Text a, Text b) { return !regex_matches(c, a, b); }>;
constexpr auto kMatchAnyCase = kernel<regex_matches_any_case>;
constexpr auto kNoMatchAnyCase = kernel<[](Call& c, Text a, Text b) { return !regex_matches_any_case(c, a, b); }>;

RegexFlags flags_without_global(Text letters, const char* function) {
  RegexFlags flags = parse_regex_flags(letters);
  if (flags.global) {
    throw SqlError(Sqlstate::InvalidParameterValue, std::string(function) + " does not support the \"global\" option");
  }
  return flags;
}

[[noreturn]] void throw_bad_parameter(const char* name, int32_t value) {
  throw SqlError(Sqlstate::InvalidParameterValue,
                 std::string("invalid value for parameter \"") + name + "\": " + std::to_string(value));
}
size_t checked_start(Text text, int32_t start) {
  if (start <= 0) throw_bad_parameter("start", start);
  size_t characters = static_cast<size_t>(start - 1);
  size_t at = types::utf8_offset(text, characters);
  // Past the end there is nothing to find, not even the empty match at the end.
  return types::utf8_length(text) < characters ? text.size() + 1 : at;
}

void append_replacement(Text replacement, Text text, const RegexGroups& groups, std::string& out) {
  auto group = [&](size_t i) {
    if (i < groups.size() && groups[i].start != Text::npos) out += text.substr(groups[i].start, groups[i].end - groups[i].start);
  };
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\') {
      out += replacement[i];
      continue;
    }
    if (++i >= replacement.size()) {
      out += '\\';
      break;
    }
    char c = replacement[i];
    if (c >= '1' && c <= '9') {
      group(static_cast<size_t>(c - '0'));
    } else if (c == '&') {
      group(0);
    } else if (c == '\\') {
      out += '\\';
    } else {
      out += '\\';
      out += c;
    }
  }
}

// Replaces the n-th match from `from` on, or every one when n is 0.
std::string replace(const Regex& regex, Text text, Text replacement, size_t from, int32_t n) {
  std::string out;
  size_t copied = 0;
  int32_t index = 0;
  for (const RegexGroups& match : find_matches(regex, text, from, n != 1, EmptyMatches::Keep)) {
    ++index;
    if (n > 0 && index != n) continue;
    out += text.substr(copied, match[0].start - copied);
    append_replacement(replacement, text, match, out);
    copied = match[0].end;
    if (n > 0) break;
  }
  out += text.substr(copied);
  return out;
}

std::string replace_with_flags(Call& call, Text text, Text pattern, Text replacement, Text letters) {
  if (!letters.empty() && letters[0] >= '0' && letters[0] <= '9') {
    throw SqlError(Sqlstate::InvalidParameterValue,
                   "invalid regular expression option: \"" + std::string(letters.substr(0, 1)) + "\"")
        .hint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer "
              "explicitly.");
  }
  RegexFlags flags = parse_regex_flags(letters);
  return replace(cached_regex(call, pattern, flags), text, replacement, 0, flags.global ? 0 : 1);
}

std::string replace_extended(Call& call, Text text, Text pattern, Text replacement, int32_t start, int32_t n, Text letters) {
  size_t from = checked_start(text, start);
  if (n < 0) throw_bad_parameter("n", n);
  RegexFlags flags = parse_regex_flags(letters);
  return replace(cached_regex(call, pattern, flags), text, replacement, from, n);
}

int32_t count(Call& call, Text text, Text pattern, int32_t start, Text letters) {
  size_t from = checked_start(text, start);
  RegexFlags flags = flags_without_global(letters, "regexp_count()");
  return static_cast<int32_t>(find_matches(cached_regex(call, pattern, flags), text, from, true, EmptyMatches::Keep).size());
}

std::optional<Regex::Group> nth_group(Call& call, Text text, Text pattern, int32_t start, int32_t n, Text letters,
                                      int32_t group, const char* function) {
  size_t from = checked_start(text, start);
  if (n <= 0) throw_bad_parameter("n", n);
  if (group < 0) throw_bad_parameter("subexpr", group);
  const Regex& regex = cached_regex(call, pattern, flags_without_global(letters, function));
  auto matches = find_matches(regex, text, from, n > 1, EmptyMatches::Keep);
  if (matches.size() < static_cast<size_t>(n)) return std::nullopt;
  if (static_cast<size_t>(group) > regex.group_count()) return std::nullopt;
  Regex::Group found = matches[static_cast<size_t>(n) - 1][static_cast<size_t>(group)];
  if (found.start == Text::npos) return std::nullopt;
  return found;
}

int32_t instr(Call& call, Text text, Text pattern, int32_t start, int32_t n, int32_t end_option, Text letters, int32_t group) {
  if (end_option != 0 && end_option != 1) {
    if (start <= 0) throw_bad_parameter("start", start);
    if (n <= 0) throw_bad_parameter("n", n);
    throw_bad_parameter("endoption", end_option);
  }
  auto found = nth_group(call, text, pattern, start, n, letters, group, "regexp_instr()");
  if (!found) return 0;
  return static_cast<int32_t>(types::utf8_length(text.substr(0, end_option == 0 ? found->start : found->end))) + 1;
}

std::optional<std::string> substr(Call& call, Text text, Text pattern, int32_t start, int32_t n, Text letters, int32_t group) {
  auto found = nth_group(call, text, pattern, start, n, letters, group, "regexp_substr()");
  if (!found) return std::nullopt;
  return std::string(text.substr(found->start, found->end - found->start));
}

// SUBSTRING(text FROM pattern): the first group, or the whole match when there is none.
std::optional<std::string> substring(Call& call, Text text, Text pattern) {
  const Regex& regex = cached_regex(call, pattern, {});
  RegexGroups groups;
  if (!regex.search(text, 0, groups)) return std::nullopt;
  const Regex::Group& group = groups[regex.group_count() > 0 ? 1 : 0];
  if (group.start == Text::npos) return std::nullopt;
  return std::string(text.substr(group.start, group.end - group.start));
}

std::optional<StringView> first_match(Call& call, Text text, Text pattern, Text letters) {
  RegexFlags flags = parse_regex_flags(letters);
  if (flags.global) {
    throw SqlError(Sqlstate::InvalidParameterValue, "regexp_match() does not support the \"global\" option")
        .hint("Use the regexp_matches function instead.");
  }
  const Regex& regex = cached_regex(call, pattern, flags);
  RegexGroups groups;
  if (!regex.search(text, 0, groups)) return std::nullopt;
  return groups_array(regex, text, groups, call.arena()).string;
}

StringView split_to_array(Call& call, Text text, Text pattern, Text letters) {
  const Regex& regex = cached_regex(call, pattern, flags_without_global(letters, "regexp_split_to_array()"));
  types::ArrayBuilder builder(types::oid::kText);
  for (Text piece : split_by_regex(regex, text)) builder.add(Value::of_string(piece));
  return builder.value(call.arena()).string;
}

Value similar_escape(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  return types::string_value(similar_to_regex(row[0].text(), row[1].is_null ? Text("\\") : row[1].text()), call.arena());
}

constexpr ScalarBinding kBindings[] = {
    {"textregexeq", kMatch},
    {"textregexne", kNoMatch},
    {"texticregexeq", kMatchAnyCase},
    {"texticregexne", kNoMatchAnyCase},
    {"nameregexeq", kMatch},
    {"nameregexne", kNoMatch},
    {"nameicregexeq", kMatchAnyCase},
    {"nameicregexne", kNoMatchAnyCase},
    {"textregexsubstr", kernel<substring>},
    {"substring(text,text,text)", kernel<[](Call& c, Text text, Text pattern, Text escape) {
       return substring(c, text, similar_to_regex(pattern, escape, true));
     }>},
    {"similar_escape", value_kernel<similar_escape>},
    {"similar_to_escape_1", kernel<[](Text a) { return similar_to_regex(a, "\\"); }>},
    {"similar_to_escape_2", kernel<[](Text a, Text b) { return similar_to_regex(a, b); }>},
    {"textregexreplace_noopt",
     kernel<[](Call& c, Text a, Text p, Text r) { return replace(cached_regex(c, p, {}), a, r, 0, 1); }>},
    {"textregexreplace", kernel<replace_with_flags>},
    {"textregexreplace_extended", kernel<replace_extended>},
    {"textregexreplace_extended_no_flags",
     kernel<[](Call& c, Text a, Text p, Text r, int32_t s, int32_t n) { return replace_extended(c, a, p, r, s, n, ""); }>},
    {"textregexreplace_extended_no_n",
     kernel<[](Call& c, Text a, Text p, Text r, int32_t s) { return replace_extended(c, a, p, r, s, 1, ""); }>},
    {"regexp_count", kernel<count>},
    {"regexp_count_no_flags", kernel<[](Call& c, Text a, Text p, int32_t s) { return count(c, a, p, s, ""); }>},
    {"regexp_count_no_start", kernel<[](Call& c, Text a, Text p) { return count(c, a, p, 1, ""); }>},
    {"regexp_instr", kernel<instr>},
    {"regexp_instr_no_subexpr", kernel<[](Call& c, Text a, Text p, int32_t s, int32_t n, int32_t e, Text f) {
       return instr(c, a, p, s, n, e, f, 0);
     }>},
    {"regexp_instr_no_flags", kernel<[](Call& c, Text a, Text p, int32_t s, int32_t n, int32_t e) {
       return instr(c, a, p, s, n, e, "", 0);
     }>},
    {"regexp_instr_no_endoption",
     kernel<[](Call& c, Text a, Text p, int32_t s, int32_t n) { return instr(c, a, p, s, n, 0, "", 0); }>},
    {"regexp_instr_no_n", kernel<[](Call& c, Text a, Text p, int32_t s) { return instr(c, a, p, s, 1, 0, "", 0); }>},
    {"regexp_instr_no_start", kernel<[](Call& c, Text a, Text p) { return instr(c, a, p, 1, 1, 0, "", 0); }>},
    {"regexp_like", kernel<[](Call& c, Text a, Text p, Text f) {
       return cached_regex(c, p, flags_without_global(f, "regexp_like()")).matches(a);
     }>},
    {"regexp_like_no_flags", kMatch},
    {"regexp_match", kernel<first_match>},
    {"regexp_match_no_flags", kernel<[](Call& c, Text a, Text p) { return first_match(c, a, p, ""); }>},
    {"regexp_split_to_array", kernel<split_to_array>},
    {"regexp_split_to_array_no_flags", kernel<[](Call& c, Text a, Text p) { return split_to_array(c, a, p, ""); }>},
    {"regexp_substr", kernel<substr>},
    {"regexp_substr_no_subexpr", kernel<[](Call& c, Text a, Text p, int32_t s, int32_t n, Text f) {
       return substr(c, a, p, s, n, f, 0);
     }>},
    {"regexp_substr_no_flags",
     kernel<[](Call& c, Text a, Text p, int32_t s, int32_t n) { return substr(c, a, p, s, n, "", 0); }>},
    {"regexp_substr_no_n", kernel<[](Call& c, Text a, Text p, int32_t s) { return substr(c, a, p, s, 1, "", 0); }>},
    {"regexp_substr_no_start", kernel<[](Call& c, Text a, Text p) { return substr(c, a, p, 1, 1, "", 0); }>},
};

}  // namespace

std::span<const ScalarBinding> regexp_bindings() { return kBindings; }

}  // namespace aegis::functions
