// pg_trgm: similarity of texts by the trigrams of their words. A word is lower-case letters and digits with two blanks
// before and one behind.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <vector>

#include "aegis/types/array.h"
#include "call.h"
#include "extension/bindings.h"
#include "inverted_keys.h"
#include "unicode.h"

namespace aegis::functions {
namespace {

using Trigram = std::array<char32_t, 3>;

struct Positioned {
  Trigram trigram;
  bool begins_word, ends_word;
};

std::vector<Positioned> trigrams_in_order(Text text) {
  std::vector<Positioned> list;
  std::vector<char32_t> word;
  auto finish = [&] {
    if (word.empty()) return;
    word.insert(word.begin(), 2, U' ');
    word.push_back(U' ');
    for (size_t i = 0; i + 2 < word.size(); ++i) list.push_back({{word[i], word[i + 1], word[i + 2]}, i == 0, i + 3 == word.size()});
    word.clear();
  };
  std::string folded = lower(text);
  for (size_t at = 0; at < folded.size();) {
    char32_t c = types::utf8_decode(folded, at);
    if (is_alphanumeric(c)) {
      word.push_back(c);
    } else {
      finish();
    }
  }
  finish();
  return list;
}

std::vector<Trigram> trigrams(Text text) {
  std::vector<Trigram> list;
  for (const auto& item : trigrams_in_order(text)) list.push_back(item.trigram);
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

float similarity(Text a, Text b) {
  auto x = trigrams(a), y = trigrams(b);
  std::vector<Trigram> both;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  size_t all = x.size() + y.size() - both.size();
  return all == 0 ? 0 : static_cast<float>(both.size()) / static_cast<float>(all);
}

float share(size_t common, size_t first, size_t second) { return static_cast<float>(common) / static_cast<float>(first + second - common); }

// The greatest similarity of the first text with an extent of the second: any run of trigrams, or (strict) of whole
// words. The extent's end moves along; for each end the best begin not before the last one is looked for.
class ExtentSearch {
 public:
  ExtentSearch(Text needle, Text text, bool strict) : strict_(strict) {
    auto wanted = trigrams(needle);
    wanted_count_ = wanted.size();
    std::map<Trigram, size_t> numbers;
    for (const auto& item : trigrams_in_order(text)) {
      auto [at, added] = numbers.try_emplace(item.trigram, numbers.size());
      if (added) wanted_.push_back(std::binary_search(wanted.begin(), wanted.end(), item.trigram));
      extent_.push_back({at->second, item.begins_word, item.ends_word});
    }
    last_.assign(wanted_.size(), -1);
  }

  float best() {
    float greatest = 0;
    for (int i = 0; i < static_cast<int>(extent_.size()); ++i) {
      const Item& item = extent_[static_cast<size_t>(i)];
      if (lower_ >= 0 || wanted_[item.number]) {
        if (last_[item.number] < 0) {
          ++distinct_;
          common_ += wanted_[item.number];
        }
        last_[item.number] = i;
      }
      if (strict_ ? item.ends_word : wanted_[item.number]) greatest = std::max(greatest, end_at(i));
    }
    return greatest;
  }

 private:
  struct Item {
    size_t number;
    bool begins_word, ends_word;
  };

  float end_at(int upper) {
    if (lower_ == -1) {
      lower_ = strict_ ? 0 : upper;
      if (!strict_) distinct_ = 1;
    }
    float current = share(common_, wanted_count_, distinct_);
    size_t common = common_, distinct = distinct_;
    int before = lower_;
    for (int lower = lower_; lower <= upper; ++lower) {
      const Item& item = extent_[static_cast<size_t>(lower)];
      if (!strict_ || item.begins_word) {
        float tried = share(common, wanted_count_, distinct);
        if (tried > current) {
          current = tried;
          distinct_ = distinct;
          common_ = common;
          lower_ = lower;
        }
      }
      if (last_[item.number] == lower) {
        --distinct;
        common -= wanted_[item.number];
      }
    }
    for (int lower = before; lower < lower_; ++lower) {
      size_t number = extent_[static_cast<size_t>(lower)].number;
      if (last_[number] == lower) last_[number] = -1;
    }
    return current;
  }

  bool strict_;
  size_t wanted_count_ = 0;
  std::vector<char> wanted_;  // by trigram number: it is the needle's
  std::vector<Item> extent_;
  std::vector<int> last_;  // by trigram number: where it was seen last in the extent, or -1
  int lower_ = -1;
  size_t distinct_ = 0, common_ = 0;
};

float word_similarity(Text needle, Text text) { return ExtentSearch(needle, text, false).best(); }
float strict_word_similarity(Text needle, Text text) { return ExtentSearch(needle, text, true).best(); }

float threshold(Call& call, std::string_view name, float otherwise) {
  const std::string* given = call.services().setting(name, true);
  return given == nullptr || given->empty() ? otherwise : std::strtof(given->c_str(), nullptr);
}
float limit(Call& call) { return threshold(call, "pg_trgm.similarity_threshold", 0.3f); }
float word_limit(Call& call) { return threshold(call, "pg_trgm.word_similarity_threshold", 0.6f); }
float strict_limit(Call& call) { return threshold(call, "pg_trgm.strict_word_similarity_threshold", 0.5f); }

float set_limit(Call& call, float value) {
  if (value < 0 || value > 1) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("{} is outside the valid range for parameter \"pg_trgm.similarity_threshold\" (0 .. 1)", value));
  }
  call.services().set_setting("pg_trgm.similarity_threshold", fmt::format("{}", value), false);
  return value;
}

std::string show(Call& call, Text text) {
  types::ArrayBuilder list(types::oid::kText);
  for (const Trigram& trigram : trigrams(text)) {
    std::string out;
    for (char32_t c : trigram) types::utf8_append(c, out);
    list.add(Value::of_string(call.arena().copy(out)));
  }
  return std::string(list.finish(call.arena()));
}

[[noreturn]] bool not_called() { throw SqlError(Sqlstate::FeatureNotSupported, "a support function of an index cannot be called"); }

constexpr ScalarBinding kBindings[] = {
    {"trgm_keys", kernel<not_called>},
    {"trgm_set_limit", kernel<set_limit>},
    {"trgm_show_limit", kernel<limit>},
    {"trgm_show", kernel<show>},
    {"trgm_similarity", kernel<similarity>},
    {"trgm_similarity_op", kernel<[](Call& call, Text a, Text b) { return (similarity(a, b) >= limit(call)); }>},
    {"trgm_distance", kernel<[](Text a, Text b) { return 1 - similarity(a, b); }>},
    {"trgm_word_similarity", kernel<word_similarity>},
    {"trgm_word_op", kernel<[](Call& call, Text a, Text b) { return (word_similarity(a, b) >= word_limit(call)); }>},
    {"trgm_word_commutator_op", kernel<[](Call& call, Text a, Text b) { return (word_similarity(b, a) >= word_limit(call)); }>},
    {"trgm_word_distance", kernel<[](Text a, Text b) { return 1 - word_similarity(a, b); }>},
    {"trgm_word_commutator_distance", kernel<[](Text a, Text b) { return 1 - word_similarity(b, a); }>},
    {"trgm_strict_word_similarity", kernel<strict_word_similarity>},
    {"trgm_strict_word_op", kernel<[](Call& call, Text a, Text b) { return (strict_word_similarity(a, b) >= strict_limit(call)); }>},
    {"trgm_strict_word_commutator_op", kernel<[](Call& call, Text a, Text b) { return (strict_word_similarity(b, a) >= strict_limit(call)); }>},
    {"trgm_strict_word_distance", kernel<[](Text a, Text b) { return 1 - strict_word_similarity(a, b); }>},
    {"trgm_strict_word_commutator_distance", kernel<[](Text a, Text b) { return 1 - strict_word_similarity(b, a); }>},
};

// --- Indexes: the trigrams of a text ---

std::string trigram_key(const Trigram& trigram) {
  std::string bytes;
  for (char32_t c : trigram) types::utf8_append(c, bytes);
  return make_key('g', bytes);
}

void trigram_keys(const Value& value, Oid, std::vector<std::string>& keys) {
  for (const Trigram& trigram : trigrams(value.text())) keys.push_back(trigram_key(trigram));
}

// A stretch of a pattern that is in every text it fits. Whether a word goes on beyond an end of it is known only where the
// text's end is meant.
struct Stretch {
  std::string text;
  bool from_start, to_end;
};

void stretch_keys(const Stretch& stretch, std::vector<std::string>& keys) {
  std::vector<char32_t> word;
  bool begins = stretch.from_start;
  auto finish = [&](bool ends) {
    if (word.empty()) return;
    std::vector<char32_t> padded = word;
    if (begins) padded.insert(padded.begin(), 2, U' ');
    if (ends) padded.push_back(U' ');
    for (size_t i = 0; i + 2 < padded.size(); ++i) keys.push_back(trigram_key({padded[i], padded[i + 1], padded[i + 2]}));
    word.clear();
  };
  std::string folded = lower(stretch.text);
  for (size_t at = 0; at < folded.size();) {
    char32_t c = types::utf8_decode(folded, at);
    if (is_alphanumeric(c)) {
      word.push_back(c);
      continue;
    }
    finish(true);
    begins = true;
  }
  finish(stretch.to_end);
}

std::vector<Stretch> like_stretches(std::string_view pattern) {
  std::vector<Stretch> stretches(1, {"", true, false});
  for (size_t at = 0; at < pattern.size(); ++at) {
    char c = pattern[at];
    if (c == '%' || c == '_') {
      stretches.push_back({"", false, false});
      continue;
    }
    if (c == '\\' && at + 1 < pattern.size()) c = pattern[++at];
    stretches.back().text += c;
  }
  stretches.back().to_end = true;
  return stretches;
}

// Of plain expressions only: with a choice, a group or a quantifier of none, nothing is said of what it holds for.
std::vector<Stretch> regex_stretches(std::string_view pattern) {
  std::vector<Stretch> stretches(1, {"", false, false});
  if (pattern.starts_with("***") || pattern.find_first_of("|()") != std::string_view::npos) return {};
  auto cut = [&] { stretches.push_back({"", false, false}); };
  auto drop_last = [&] {
    std::string& text = stretches.back().text;
    while (!text.empty() && (static_cast<uint8_t>(text.back()) & 0xc0) == 0x80) text.pop_back();
    if (!text.empty()) text.pop_back();
  };
  for (size_t at = 0; at < pattern.size(); ++at) {
    char c = pattern[at];
    switch (c) {
      case '*':
      case '?':
        drop_last();
        cut();
        break;
      case '{': return {};
      case '+': cut(); break;
      case '.':
      case '^':
      case '$': cut(); break;
      case '[': {
        size_t end = at + 1;
        if (end < pattern.size() && pattern[end] == '^') ++end;
        if (end < pattern.size() && pattern[end] == ']') ++end;
        end = pattern.find(']', end);
        if (end == std::string_view::npos || pattern.substr(at + 1, end - at - 1).find('[') != std::string_view::npos) return {};
        at = end;
        cut();
        break;
      }
      case '\\': {
        if (at + 1 >= pattern.size()) return {};
        char next = pattern[++at];
        if ((static_cast<uint8_t>(next) & 0x80) != 0) return {};
        if (std::isalnum(static_cast<unsigned char>(next)) != 0) {
          // A class or a constraint; numbers of characters and back references are left alone.
          if (std::string_view("dswDSWmMyYAZ").find(next) == std::string_view::npos) return {};
          cut();
        } else {
          stretches.back().text += next;
        }
        break;
      }
      default: stretches.back().text += c;
    }
  }
  return stretches;
}

bool trigram_answers(std::string_view op, Oid query, Oid) {
  if (query != types::oid::kText && query != types::oid::kVarchar) return false;
  for (std::string_view known : {"%", "~~", "~~*", "~", "~*", "%>", "%>>", "="}) {
    if (op == known) return true;
  }
  return false;
}

InvertedQuery trigram_query(std::string_view op, Oid, Oid, const Value& query) {
  std::vector<std::string> keys;
  if (op.starts_with('~')) {
    for (const auto& stretch : op.starts_with("~~") ? like_stretches(query.text()) : regex_stretches(query.text())) stretch_keys(stretch, keys);
  } else {
    trigram_keys(query, types::oid::kText, keys);
  }
  if (keys.empty()) return ask_every();
  return ask_keys(op.starts_with('%') ? InvertedQuery::Kind::Any : InvertedQuery::Kind::All, keys);
}

}  // namespace

extern const InvertedStrategy kTrigramStrategy;
const InvertedStrategy kTrigramStrategy{"trgm_keys", trigram_keys, trigram_answers, trigram_query};

std::span<const ScalarBinding> trigram_bindings() { return kBindings; }

}  // namespace aegis::functions
