#define PCRE2_CODE_UNIT_WIDTH 8
#include "regex.h"

#include <pcre2.h>

#include "aegis/types/encoding.h"
#include "regex_translate.h"

namespace aegis::functions {

namespace {

constexpr uint32_t kMatchLimit = 5000000;
constexpr uint32_t kHeapLimitKib = 64 * 1024;

std::string compile_message(int code) {
  switch (code) {
    case 101: return "invalid escape \\ sequence";
    case 104:
    case 105: return "invalid repetition count(s)";
    case 106: return "brackets [] not balanced";
    case 108:
    case 150: return "invalid character range";
    case 109: return "quantifier operand invalid";
    case 114:
    case 122: return "parentheses () not balanced";
    case 115: return "invalid backreference number";
    case 130: return "invalid character class";
    case 120: return "regular expression is too complex";
    default: {
      PCRE2_UCHAR buffer[256];
      pcre2_get_error_message(code, buffer, sizeof buffer);
      return reinterpret_cast<const char*>(buffer);
    }
  }
}

}  // namespace

bool RegexFlags::set(char letter) {
  switch (letter) {
    case 'b':
    case 'e': extended_only = true; return true;
    case 'c': ignore_case = false; return true;
    case 'i': ignore_case = true; return true;
    case 'm':
    case 'n': newline_stops_dot = newline_anchors = true; return true;
    case 'p': newline_stops_dot = true; newline_anchors = false; return true;
    case 'q': literal = true; return true;
    case 's': newline_stops_dot = newline_anchors = false; return true;
    case 't': expanded = false; return true;
    case 'w': newline_stops_dot = false; newline_anchors = true; return true;
    case 'x': expanded = true; return true;
    default: return false;
  }
}

RegexFlags parse_regex_flags(std::string_view letters) {
  RegexFlags flags;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (letters[i] == 'g') {
      flags.global = true;
    } else if (!flags.set(letters[i])) {
      throw SqlError(Sqlstate::InvalidParameterValue, "invalid regular expression option: \"" +
                                                          std::string(letters.substr(i, types::utf8_bytes(letters[i]))) + "\"");
    }
  }
  return flags;
}

Regex::Regex(std::string_view pattern, const RegexFlags& flags) {
  TranslatedRegex translated = translate_regex(pattern, flags);
  uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NO_UTF_CHECK;
  if (translated.flags.ignore_case) options |= PCRE2_CASELESS;
  if (!translated.flags.newline_stops_dot) options |= PCRE2_DOTALL;
  if (translated.flags.newline_anchors) options |= PCRE2_MULTILINE;
  pcre2_compile_context* compile = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(compile, PCRE2_NEWLINE_LF);
  int error;
  PCRE2_SIZE offset;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.pattern.data()), translated.pattern.size(),
                                   options, &error, &offset, compile);
  pcre2_compile_context_free(compile);
  if (code == nullptr) throw_invalid_regex(compile_message(error));
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  uint32_t groups;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
  group_count_ = groups;
  code_ = code;
  data_ = pcre2_match_data_create(std::max(groups + 1, 64U), nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(context, kMatchLimit);
  pcre2_set_heap_limit(context, kHeapLimitKib);
  context_ = context;
  bool by_length = translated.has_choice && !translated.has_back_reference;
  longest_ = by_length && !translated.prefers_short;
  shortest_ = by_length && translated.prefers_short;
}

Regex::~Regex() {
  pcre2_match_data_free(static_cast<pcre2_match_data*>(data_));
  pcre2_match_context_free(static_cast<pcre2_match_context*>(context_));
  pcre2_code_free(static_cast<pcre2_code*>(code_));
}

namespace {

bool check_match(int result) {
  if (result >= 0) return true;
  if (result == PCRE2_ERROR_NOMATCH) return false;
  throw SqlError(Sqlstate::ProgramLimitExceeded, "regular expression match is too complex");
}

}  // namespace

bool Regex::matches(std::string_view text) const {
  const char* data = text.data() == nullptr ? "" : text.data();
  return check_match(pcre2_match(static_cast<pcre2_code*>(code_), reinterpret_cast<PCRE2_SPTR>(data), text.size(), 0,
                                 PCRE2_NO_UTF_CHECK, static_cast<pcre2_match_data*>(data_),
                                 static_cast<pcre2_match_context*>(context_)));
}

bool Regex::search(std::string_view text, size_t from, std::vector<Group>& groups) const {
  auto* code = static_cast<pcre2_code*>(code_);
  auto* data = static_cast<pcre2_match_data*>(data_);
  auto* context = static_cast<pcre2_match_context*>(context_);
  auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
  auto take = [&] {
    PCRE2_SIZE* ovector = pcre2_get_ovector_pointer(data);
    groups.clear();
    for (size_t i = 0; i <= group_count_; ++i) groups.push_back({ovector[2 * i], ovector[2 * i + 1]});
  };
  if (!check_match(pcre2_match(code, subject, text.size(), from, PCRE2_NO_UTF_CHECK, data, context))) return false;
  take();
  if (!longest_ && !shortest_) return true;
  // POSIX wants the longest (or by preference the shortest) match that starts here: the DFA finds its end.
  int workspace[1000];
  size_t start = groups[0].start;
  uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_ANCHORED | (shortest_ ? PCRE2_DFA_SHORTEST : 0);
  int found = pcre2_dfa_match(code, subject, text.size(), start, options, data, context, workspace, std::size(workspace));
  if (found < 0) return true;
  size_t end = pcre2_get_ovector_pointer(data)[1];
  if (end == groups[0].end) return true;
  if (pcre2_match(code, subject, end, start, PCRE2_NO_UTF_CHECK | PCRE2_ANCHORED | PCRE2_ENDANCHORED, data, context) > 0) take();
  return true;
}

namespace {

struct CachedRegex {
  std::string pattern;
  RegexFlags flags;
  Regex regex;
  CachedRegex(std::string_view p, const RegexFlags& f) : pattern(p), flags(f), regex(p, f) {}
};

bool same(const RegexFlags& a, const RegexFlags& b) {
  return a.ignore_case == b.ignore_case && a.expanded == b.expanded && a.literal == b.literal &&
         a.extended_only == b.extended_only && a.newline_stops_dot == b.newline_stops_dot &&
         a.newline_anchors == b.newline_anchors;
}

}  // namespace

const Regex& cached_regex(Call& call, std::string_view pattern, const RegexFlags& flags) {
  auto* cached = static_cast<CachedRegex*>(call.context.cache.get());
  if (cached != nullptr && cached->pattern == pattern && same(cached->flags, flags)) return cached->regex;
  auto made = std::make_shared<CachedRegex>(pattern, flags);
  call.context.cache = made;
  return made->regex;
}

std::string similar_to_regex(std::string_view pattern, std::string_view escape, bool short_first) {
  if (!escape.empty() && types::utf8_length(escape) != 1) {
    throw SqlError(Sqlstate::InvalidEscapeSequence, "invalid escape string").hint("Escape string must be empty or one character.");
  }
  short_first = short_first && !escape.empty() && pattern.find(std::string(escape) + '"') != std::string_view::npos;
  std::string out = "^(?:";
  bool after_escape = false;
  bool in_class = false;
  int quotes = 0;
  for (size_t i = 0; i < pattern.size();) {
    size_t size = types::utf8_bytes(pattern[i]);
    std::string_view c = pattern.substr(i, size);
    char p = pattern[i];
    i += size;
    if (after_escape) {
      if (p == '"' && !in_class) {
        // Separators of SUBSTRING(… SIMILAR …): the parts before and after match as little as they can.
        if (quotes == 0) out += "){1,1}?(";
        if (quotes == 1) out += "){1,1}(?:";
        if (quotes > 1) {
          throw SqlError(Sqlstate::InvalidUseOfEscapeCharacter,
                         "SQL regular expression may not contain more than two escape-double-quote separators");
        }
        ++quotes;
      } else {
        out += '\\';
        out += c;
      }
      after_escape = false;
    } else if (c == escape) {
      after_escape = true;
    } else if (in_class) {
      if (p == '\\') out += '\\';
      out += c;
      if (p == ']') in_class = false;
    } else if (p == '[') {
      out += '[';
      in_class = true;
    } else if (p == '%') {
      out += short_first && quotes == 0 ? ".*?" : ".*";
    } else if (p == '_') {
      out += '.';
    } else if (p == '(') {
      out += "(?:";
    } else if (p == '\\' || p == '.' || p == '^' || p == '$') {
      out += '\\';
      out += p;
    } else {
      out += c;
      if (short_first && quotes == 0 && (p == '*' || p == '+' || p == '?' || p == '}')) out += '?';
    }
  }
  return out + ")$";
}

}  // namespace aegis::functions
