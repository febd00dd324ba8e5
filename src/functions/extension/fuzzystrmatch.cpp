// fuzzystrmatch: edit distance (Levenshtein 1966), Soundex (Russell 1918), Metaphone (Philips 1990).
#include <algorithm>
#include <vector>

#include "aegis/base/error.h"
#include "call.h"
#include "extension/bindings.h"

namespace aegis::functions {
namespace {

constexpr size_t kMaxLevenshteinBytes = 255;

std::vector<char32_t> characters(Text text) {
  std::vector<char32_t> list;
  for (size_t at = 0; at < text.size();) list.push_back(types::utf8_decode(text, at));
  return list;
}

struct Costs {
  int32_t insert = 1, remove = 1, substitute = 1;
};

int32_t levenshtein(Text a, Text b, Costs costs) {
  auto source = characters(a), target = characters(b);
  if (source.size() > kMaxLevenshteinBytes || target.size() > kMaxLevenshteinBytes) {
    throw SqlError(Sqlstate::InvalidParameterValue, "levenshtein argument exceeds maximum length of 255 characters");
  }
  std::vector<int32_t> row(target.size() + 1), next(target.size() + 1);
  for (size_t j = 0; j <= target.size(); ++j) row[j] = static_cast<int32_t>(j) * costs.insert;
  for (size_t i = 1; i <= source.size(); ++i) {
    next[0] = static_cast<int32_t>(i) * costs.remove;
    for (size_t j = 1; j <= target.size(); ++j) {
      int32_t change = row[j - 1] + (source[i - 1] == target[j - 1] ? 0 : costs.substitute);
      next[j] = std::min({row[j] + costs.remove, next[j - 1] + costs.insert, change});
    }
    std::swap(row, next);
  }
  return row[target.size()];
}

// The distance, or anything more than `most` when it is more than that.
int32_t bounded(Text a, Text b, Costs costs, int32_t most) {
  int32_t distance = levenshtein(a, b, costs);
  return most >= 0 && distance > most ? most + 1 : distance;
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
char upper_letter(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

char soundex_digit(char letter) {
  constexpr char kDigits[] = "01230120022455012623010202";
  return kDigits[letter - 'A'];
}

std::string soundex(Text text) {
  size_t at = 0;
  while (at < text.size() && !is_letter(text[at])) ++at;
  if (at == text.size()) return "";
  // Each letter is compared with the character right before it, as PostgreSQL does: H and W separate.
  std::string code(1, upper_letter(text[at]));
  for (++at; at < text.size() && code.size() < 4; ++at) {
    if (!is_letter(text[at])) continue;
    char digit = soundex_digit(upper_letter(text[at]));
    bool same = is_letter(text[at - 1]) && soundex_digit(upper_letter(text[at - 1])) == digit;
    if (digit != '0' && !same) code += digit;
  }
  code.resize(4, '0');
  return code;
}

int32_t difference(Text a, Text b) {
  std::string x = soundex(a), y = soundex(b);
  int32_t same = 0;
  for (size_t i = 0; i < 4 && i < x.size() && i < y.size(); ++i) same += x[i] == y[i];
  return same;
}

// --- Metaphone ---

class Metaphone {
 public:
  Metaphone(Text word, size_t most) : most_(most) {
    size_t first = 0;
    while (first < word.size() && !is_letter(word[first])) ++first;
    for (char c : word.substr(first)) word_ += upper_letter(c);
  }

  std::string code() {
    if (word_.empty()) return "";
    first();
    while (at_ < word_.size() && out_.size() < most_) {
      // Doubled letters count once, C apart.
      if (is_letter(here()) && (here() != before() || here() == 'C')) letter();
      ++at_;
    }
    return out_.substr(0, most_);
  }

 private:
  char letter_at(size_t i) const { return i < word_.size() ? word_[i] : '\0'; }
  char here() const { return letter_at(at_); }
  char after(size_t n = 1) const { return letter_at(at_ + n); }
  char before(size_t n = 1) const { return at_ >= n ? word_[at_ - n] : '\0'; }
  static bool vowel(char c) { return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U'; }
  static bool makes_soft(char c) { return c == 'E' || c == 'I' || c == 'Y'; }
  static bool no_ghf(char c) { return c == 'B' || c == 'D' || c == 'H'; }
  static bool affects_h(char c) { return c == 'C' || c == 'G' || c == 'P' || c == 'S' || c == 'T'; }
  void put(const char* letters) { out_ += letters; }

  void first() {
    switch (here()) {
      case 'A':
        if (after() == 'E') {
          put("E");
          at_ = 2;
        } else {
          put("A");
          at_ = 1;
        }
        break;
      case 'G':
      case 'K':
      case 'P':
        if (after() == 'N') {
          put("N");
          at_ = 2;
        }
        break;
      case 'X':
        put("S");
        at_ = 1;
        break;
      case 'E':
      case 'I':
      case 'O':
      case 'U':
        out_ += here();
        at_ = 1;
        break;
      case 'W':
        if (after() == 'R') {
          put("R");
          at_ = 2;
        } else if (after() == 'H' || vowel(after())) {
          put(after() == 'H' ? "H" : "W");
          at_ = 2;
        }
        break;
      default: break;
    }
  }

  void letter() {
    switch (here()) {
      case 'B':
        if (before() != 'M') put("B");
        break;
      case 'C': return soft_or_hard_c();
      case 'D':
        if (after() == 'G' && makes_soft(after(2))) {
          put("J");
          ++at_;
        } else {
          put("T");
        }
        break;
      case 'G': return soft_or_hard_g();
      case 'H':
        if (vowel(after()) && !affects_h(before())) put("H");
        break;
      case 'K':
        if (before() != 'C') put("K");
        break;
      case 'P':
        if (after() == 'H') {
          put("F");
        } else {
          put("P");
        }
        break;
      case 'Q': put("K"); break;
      case 'S':
        if (after() == 'I' && (after(2) == 'O' || after(2) == 'A')) {
          put("X");
        } else if (after() == 'H') {
          put("X");
          ++at_;
        } else if (after() == 'C' && after(2) == 'H' && after(3) == 'W') {
          put("X");
          at_ += 2;
        } else {
          put("S");
        }
        break;
      case 'T':
        if (after() == 'I' && (after(2) == 'O' || after(2) == 'A')) {
          put("X");
        } else if (after() == 'H') {
          put("0");
          ++at_;
        } else if (!(after() == 'C' && after(2) == 'H')) {
          put("T");
        }
        break;
      case 'V': put("F"); break;
      case 'W':
      case 'Y':
        if (vowel(after())) out_ += here();
        break;
      case 'X': put("KS"); break;
      case 'Z': put("S"); break;
      case 'F':
      case 'J':
      case 'L':
      case 'M':
      case 'N':
      case 'R': out_ += here(); break;
      default: break;
    }
  }

  void soft_or_hard_c() {
    if (makes_soft(after())) {
      if (after() == 'I' && after(2) == 'A') {
        put("X");
      } else if (before() != 'S') {
        put("S");
      }
    } else if (after() == 'H') {
      put(after(2) == 'R' || before() == 'S' ? "K" : "X");
      ++at_;
    } else {
      put("K");
    }
  }

  void soft_or_hard_g() {
    if (after() == 'H') {
      if (!(no_ghf(before(3)) || before(4) == 'H')) {
        put("F");
        ++at_;
      }
    } else if (after() == 'N') {
      bool ends = at_ + 2 >= word_.size() || (after(2) == 'E' && after(3) == 'D' && at_ + 4 >= word_.size());
      if (!ends) put("K");
    } else if (makes_soft(after()) && before() != 'G') {
      put("J");
    } else {
      put("K");
    }
  }

  std::string word_;
  size_t most_;
  size_t at_ = 0;
  std::string out_;
};

std::string metaphone(Text text, int32_t most) {
  if (text.size() > 255) throw SqlError(Sqlstate::InvalidParameterValue, "argument exceeds the maximum length of 255 bytes");
  if (most > 255) throw SqlError(Sqlstate::InvalidParameterValue, "output exceeds the maximum length of 255 bytes");
  if (text.empty()) return "";
  if (most <= 0) throw SqlError(Sqlstate::ZeroLengthCharacterString, "output cannot be empty string");
  return Metaphone(text, static_cast<size_t>(most)).code();
}

constexpr ScalarBinding kBindings[] = {
    {"fuzzy_levenshtein", kernel<[](Text a, Text b) { return levenshtein(a, b, {}); }>},
    {"fuzzy_levenshtein_costs", kernel<[](Text a, Text b, int32_t insert, int32_t remove, int32_t substitute) {
       return levenshtein(a, b, {insert, remove, substitute});
     }>},
    {"fuzzy_levenshtein_less_equal", kernel<[](Text a, Text b, int32_t most) { return bounded(a, b, {}, most); }>},
    {"fuzzy_levenshtein_less_equal_costs", kernel<[](Text a, Text b, int32_t insert, int32_t remove, int32_t substitute, int32_t most) {
       return bounded(a, b, {insert, remove, substitute}, most);
     }>},
    {"fuzzy_soundex", kernel<soundex>},
    {"fuzzy_difference", kernel<difference>},
    {"fuzzy_metaphone", kernel<metaphone>},
};

}  // namespace

std::span<const ScalarBinding> fuzzystrmatch_bindings() { return kBindings; }

}  // namespace aegis::functions
