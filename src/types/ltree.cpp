#include "aegis/types/ltree.h"

#include <strings.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cctype>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

constexpr size_t kMaxLabel = 255;
constexpr int kMaxLevels = 65535;

[[noreturn]] void fail(const char* what, std::string detail = {}) {
  SqlError error(Sqlstate::SyntaxError, what);
  if (!detail.empty()) error.detail(std::move(detail));
  throw error;
}

bool is_label_character(char32_t c) {
  if (c < 0x80) return std::isalnum(static_cast<int>(c)) != 0 || c == '_';
  return u_isalnum(static_cast<UChar32>(c));
}

// Characters one by one, with their numbers for errors.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  char32_t next() {
    ++number_;
    return utf8_decode(text_, at_);
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    ++number_;
    return true;
  }
  int number() const { return number_; }  // of the next character, from 1
  std::string_view label() {
    size_t from = at_;
    while (!at_end()) {
      size_t after = at_;
      if (!is_label_character(utf8_decode(text_, after))) break;
      at_ = after;
      ++number_;
    }
    return text_.substr(from, at_ - from);
  }
  void skip_blanks() {
    while (!at_end() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) next();
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
  int number_ = 1;
};

void check_label(std::string_view label, int number) {
  size_t characters = utf8_length(label);
  if (characters <= kMaxLabel) return;
  SqlError error(Sqlstate::NameTooLong, "label string is too long");
  throw error.detail("Label length is " + std::to_string(characters) + ", must be at most " + std::to_string(kMaxLabel) + ", at character " +
                     std::to_string(number) + ".");
}

void check_ltree(std::string_view text) {
  if (text.empty()) return;
  Cursor cursor(text);
  while (true) {
    auto label = cursor.label();
    if (label.empty()) {
      if (cursor.at_end()) fail("ltree syntax error", "Unexpected end of input.");
      fail(("ltree syntax error at character " + std::to_string(cursor.number())).c_str());
    }
    check_label(label, cursor.number());
    if (cursor.at_end()) return;
    if (!cursor.take('.')) fail(("ltree syntax error at character " + std::to_string(cursor.number())).c_str());
  }
}

class LqueryParser {
 public:
  explicit LqueryParser(std::string_view text) : cursor_(text) {}

  std::vector<LqueryLevel> parse() {
    std::vector<LqueryLevel> levels;
    do {
      levels.push_back(level());
    } while (cursor_.take('.'));
    if (!cursor_.at_end()) unexpected();
    return levels;
  }

 private:
  [[noreturn]] void unexpected() {
    if (cursor_.at_end()) fail("lquery syntax error", "Unexpected end of input.");
    fail(("lquery syntax error at character " + std::to_string(cursor_.number())).c_str());
  }

  LqueryLevel level() {
    LqueryLevel made;
    if (cursor_.take('*')) {
      made.low = 0;
      made.high = kMaxLevels;
      if (cursor_.peek() == '{') counts(made);
      return made;
    }
    made.negated = cursor_.take('!');
    do {
      LabelPattern variant;
      int start = cursor_.number();
      variant.text = cursor_.label();
      if (variant.text.empty()) unexpected();
      check_label(variant.text, start + static_cast<int>(utf8_length(variant.text)));
      for (;; ) {
        if (cursor_.take('*')) variant.prefix = true;
        else if (cursor_.take('@')) variant.any_case = true;
        else if (cursor_.take('%')) variant.words = true;
        else break;
      }
      made.variants.push_back(std::move(variant));
    } while (cursor_.take('|'));
    if (cursor_.peek() == '{') {
      made.counted = true;
      counts(made);
    }
    return made;
  }

  int number(const char* which) {
    int start = cursor_.number();
    int64_t value = 0;
    while (std::isdigit(static_cast<unsigned char>(cursor_.peek())) != 0) value = std::min<int64_t>(value * 10 + static_cast<int64_t>(cursor_.next() - '0'), 99999999);
    if (value > kMaxLevels) {
      fail("lquery syntax error", std::string(which) + " limit (" + std::to_string(value) + ") exceeds the maximum allowed (" + std::to_string(kMaxLevels) +
                                      "), at character " + std::to_string(start) + ".");
    }
    return static_cast<int>(value);
  }

  void counts(LqueryLevel& made) {
    cursor_.take('{');
    bool has_low = std::isdigit(static_cast<unsigned char>(cursor_.peek())) != 0;
    made.low = has_low ? number("Low") : 0;
    if (cursor_.take(',')) {
      int start = cursor_.number();
      bool has_high = std::isdigit(static_cast<unsigned char>(cursor_.peek())) != 0;
      made.high = has_high ? number("High") : kMaxLevels;
      if (made.low > made.high) {
        fail("lquery syntax error", "Low limit (" + std::to_string(made.low) + ") is greater than high limit (" + std::to_string(made.high) + "), at character " +
                                        std::to_string(start) + ".");
      }
    } else {
      if (!has_low) unexpected();
      made.high = made.low;
    }
    if (!cursor_.take('}')) unexpected();
  }

  Cursor cursor_;
};

void put_pattern(const LabelPattern& pattern, std::string& out) {
  out += pattern.text;
  if (pattern.words) out += '%';
  if (pattern.any_case) out += '@';
  if (pattern.prefix) out += '*';
}

std::string lquery_text(const std::vector<LqueryLevel>& levels) {
  std::string out;
  for (size_t i = 0; i < levels.size(); ++i) {
    const auto& level = levels[i];
    if (i > 0) out += '.';
    bool star = level.variants.empty();
    if (star) out += '*';
    if (level.negated) out += '!';
    for (size_t v = 0; v < level.variants.size(); ++v) {
      if (v > 0) out += '|';
      put_pattern(level.variants[v], out);
    }
    if (!star && !level.counted) continue;
    std::string low = std::to_string(level.low), high = std::to_string(level.high);
    if (level.low == level.high) out += "{" + low + "}";
    else if (level.low == 0 && level.high == kMaxLevels) out += star ? "" : "{,}";
    else if (level.low == 0) out += "{," + high + "}";
    else if (level.high == kMaxLevels) out += "{" + low + ",}";
    else out += "{" + low + "," + high + "}";
  }
  return out;
}

using Node = std::unique_ptr<LtxtqueryNode>;

class LtxtqueryParser {
 public:
  explicit LtxtqueryParser(std::string_view text) : cursor_(text) {}
  Node parse() {
    Node node = alternatives(0);
    cursor_.skip_blanks();
    if (!cursor_.at_end()) fail("syntax error");
    return node;
  }

 private:
  Node join(char kind, Node left, Node right) {
    Node node = std::make_unique<LtxtqueryNode>();
    node->kind = kind;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }
  bool take(char c) {
    cursor_.skip_blanks();
    return cursor_.take(c);
  }
  Node alternatives(int depth) {
    if (depth > 1000) throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
    Node left = conjunction(depth);
    while (take('|')) left = join('|', std::move(left), conjunction(depth));
    return left;
  }
  Node conjunction(int depth) {
    Node left = operand(depth);
    while (take('&')) left = join('&', std::move(left), operand(depth));
    return left;
  }
  Node operand(int depth) {
    if (depth > 1000) throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
    if (take('!')) return join('!', operand(depth + 1), nullptr);
    if (take('(')) {
      Node inner = alternatives(depth + 1);
      if (!take(')')) fail("syntax error");
      return inner;
    }
    cursor_.skip_blanks();
    auto label = cursor_.label();
    if (label.empty()) fail("operand syntax error");
    Node node = std::make_unique<LtxtqueryNode>();
    node->word.text = label;
    for (;;) {
      if (cursor_.take('*')) node->word.prefix = true;
      else if (cursor_.take('@')) node->word.any_case = true;
      else if (cursor_.take('%')) node->word.words = true;
      else break;
    }
    return node;
  }
  Cursor cursor_;
};

void put_ltxtquery(const LtxtqueryNode& node, bool first, std::string& out) {
  switch (node.kind) {
    case 'w': return put_pattern(node.word, out);
    case '!': {
      bool wraps = node.left->kind != 'w';
      out += wraps ? "!( " : "!";
      put_ltxtquery(*node.left, wraps, out);
      if (wraps) out += " )";
      return;
    }
    default: break;
  }
  bool wraps = node.kind == '|' && !first;
  if (wraps) out += "( ";
  put_ltxtquery(*node.left, false, out);
  out += std::string(" ") + node.kind + " ";
  put_ltxtquery(*node.right, false, out);
  if (wraps) out += " )";
}

Value ltree_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  check_ltree(text);
  return string_value(text, arena);
}
Value lquery_input(const TypeContext&, std::string_view text, Type, Arena& arena) { return string_value(lquery_text(read_lquery(text)), arena); }
Value ltxtquery_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  std::string out;
  put_ltxtquery(*read_ltxtquery(text), true, out);
  return string_value(out, arena);
}
void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }
// A version, then the text.
template <auto read>
Value receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  if (bytes.empty() || bytes[0] != 1) throw SqlError(Sqlstate::ProtocolViolation, "unsupported version number");
  return read(context, bytes.substr(1), type, arena);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  out += '\1';
  out += value.text();
}
int compare(const Value& a, const Value& b, Oid) {
  int order = a.text().compare(b.text());
  return order < 0 ? -1 : order > 0;
}
uint64_t hash(const Value& value, Oid) { return hash_bytes(value.text()); }

bool same(std::string_view a, std::string_view b, bool any_case) {
  return any_case ? strncasecmp(a.data(), b.data(), a.size()) == 0 : a == b;
}

// Words between underscores.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('_', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

std::vector<std::string_view> ltree_labels(std::string_view path) {
  std::vector<std::string_view> labels;
  if (path.empty()) return labels;
  for (size_t at = 0;;) {
    size_t end = path.find('.', at);
    labels.push_back(path.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return labels;
    at = end + 1;
  }
}

bool LabelPattern::matches(std::string_view label) const {
  auto fits = [&](std::string_view wanted, std::string_view found) {
    bool long_enough = found.size() == wanted.size() || (prefix && found.size() > wanted.size());
    return long_enough && same(wanted, found.substr(0, wanted.size()), any_case);
  };
  if (!words) return fits(text, label);
  auto wanted = words_of(text), found = words_of(label);
  return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](auto word) {
    return std::any_of(found.begin(), found.end(), [&](auto other) { return fits(word, other); });
  });
}

bool LqueryLevel::matches(std::string_view label) const {
  if (variants.empty()) return !negated;
  bool any = std::any_of(variants.begin(), variants.end(), [&](const auto& variant) { return variant.matches(label); });
  return any != negated;
}

std::vector<LqueryLevel> read_lquery(std::string_view text) { return LqueryParser(text).parse(); }

bool lquery_matches(const std::vector<LqueryLevel>& query, const std::vector<std::string_view>& labels) {
  size_t count = labels.size();
  std::vector<char> here(count + 1, 0), next;
  here[0] = 1;
  for (const auto& level : query) {
    next.assign(count + 1, 0);
    for (size_t from = 0; from <= count; ++from) {
      if (here[from] == 0) continue;
      for (size_t taken = 0;; ++taken) {
        if (taken >= static_cast<size_t>(level.low)) next[from + taken] = 1;
        if (taken == static_cast<size_t>(level.high) || from + taken == count || !level.matches(labels[from + taken])) break;
      }
    }
    here.swap(next);
  }
  return here[count] != 0;
}

std::unique_ptr<LtxtqueryNode> read_ltxtquery(std::string_view text) { return LtxtqueryParser(text).parse(); }

bool ltxtquery_matches(const LtxtqueryNode& query, const std::vector<std::string_view>& labels) {
  switch (query.kind) {
    case '&': return ltxtquery_matches(*query.left, labels) && ltxtquery_matches(*query.right, labels);
    case '|': return ltxtquery_matches(*query.left, labels) || ltxtquery_matches(*query.right, labels);
    case '!': return !ltxtquery_matches(*query.left, labels);
    default: break;
  }
  return std::any_of(labels.begin(), labels.end(), [&](auto label) { return query.word.matches(label); });
}


extern const Family kLtreeFamily, kLqueryFamily, kLtxtqueryFamily;
void ltree_sort_key(const Value& value, Oid type, std::string& out);

const Family kLtreeFamily = {ltree_input, output, receive<ltree_input>, send, compare, hash};
const Family kLqueryFamily = {lquery_input, output, receive<lquery_input>, send};
const Family kLtxtqueryFamily = {ltxtquery_input, output, receive<ltxtquery_input>, send};

void ltree_sort_key(const Value& value, Oid, std::string& out) { out += value.text(); }

}  // namespace aegis::types
