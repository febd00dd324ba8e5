#include "aegis/types/hstore.h"

#include <strings.h>

#include <algorithm>
#include <cctype>
#include <deque>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

constexpr uint32_t kNull = ~uint32_t{0};

uint32_t load(std::string_view bytes, size_t at) {
  uint32_t number;
  std::memcpy(&number, bytes.data() + at, 4);
  return number;
}
void store(std::string& out, uint32_t number) { out.append(reinterpret_cast<const char*>(&number), 4); }

bool key_less(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The text form: key => value, …
class HstoreParser {
 public:
  explicit HstoreParser(std::string_view text) : text_(text) {}

  std::string parse() {
    std::vector<HstorePair> pairs;
    while (true) {
      std::string key, value;
      bool quoted = false;
      if (!word(false, key, quoted)) break;
      skip_blanks();
      if (at_ >= text_.size()) ends();
      expect('=');
      expect('>');
      if (!word(true, value, quoted)) ends();
      bool null = !quoted && value.size() == 4 && strncasecmp(value.data(), "null", 4) == 0;
      words_.push_back(std::move(key));
      HstorePair pair{words_.back(), std::nullopt};
      if (!null) {
        words_.push_back(std::move(value));
        pair.value = words_.back();
      }
      pairs.push_back(pair);
      skip_blanks();
      if (at_ >= text_.size()) break;
      expect(',');
    }
    return hstore_bytes(std::move(pairs));
  }

 private:
  [[noreturn]] static void ends() { throw SqlError(Sqlstate::SyntaxError, "Unexpected end of string"); }
  [[noreturn]] void bad() const {
    size_t next = at_;
    utf8_decode(text_, next);
    throw SqlError(Sqlstate::SyntaxError, "Syntax error near \"" + std::string(text_.substr(at_, next - at_)) + "\" at position " + std::to_string(at_));
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void expect(char c) {
    if (at_ >= text_.size()) ends();
    if (text_[at_] != c) bad();
    ++at_;
  }

  // False at the end. A value may have =, and ends at a comma.
  bool word(bool is_value, std::string& out, bool& quoted) {
    skip_blanks();
    if (at_ >= text_.size()) return false;
    quoted = text_[at_] == '"';
    if (quoted) {
      ++at_;
      while (true) {
        if (at_ >= text_.size()) ends();
        char c = text_[at_++];
        if (c == '"') return true;
        if (c == '\\') {
          if (at_ >= text_.size()) ends();
          c = text_[at_++];
        }
        out += c;
      }
    }
    if (text_[at_] == '=' && !is_value) bad();
    bool first = true;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '\\') {
        if (++at_ >= text_.size()) ends();
        out += text_[at_++];
      } else if (is_blank(c) || (!first && c == (is_value ? ',' : '='))) {
        return true;
      } else {
        out += c;
        ++at_;
      }
      first = false;
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::deque<std::string> words_;
};

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) { return string_value(HstoreParser(text).parse(), arena); }

void put_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void output(const TypeContext&, const Value& value, Oid, std::string& out) {
  bool first = true;
  for (const auto& pair : read_hstore(value.text())) {
    if (!first) out += ", ";
    first = false;
    put_quoted(pair.key, out);
    out += "=>";
    if (pair.value) put_quoted(*pair.value, out);
    else out += "NULL";
  }
}

void put_big_endian(std::string& out, uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  auto pairs = read_hstore(value.text());
  put_big_endian(out, static_cast<uint32_t>(pairs.size()));
  for (const auto& pair : pairs) {
    put_big_endian(out, static_cast<uint32_t>(pair.key.size()));
    out += pair.key;
    put_big_endian(out, pair.value ? static_cast<uint32_t>(pair.value->size()) : kNull);
    if (pair.value) out += *pair.value;
  }
}

Value receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  size_t at = 0;
  auto fail = [] { throw SqlError(Sqlstate::ProtocolViolation, "insufficient data left in message"); };
  auto number = [&] {
    if (bytes.size() - at < 4) fail();
    uint32_t n = 0;
    for (int i = 0; i < 4; ++i) n = n << 8 | static_cast<uint8_t>(bytes[at++]);
    return n;
  };
  auto text = [&](uint32_t size) {
    if (size > bytes.size() - at) fail();
    at += size;
    return bytes.substr(at - size, size);
  };
  uint32_t count = number();
  if (count > bytes.size() / 8) {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "number of pairs (" + std::to_string(static_cast<int32_t>(count)) + ") exceeds the maximum allowed (134217727)");
  }
  std::vector<HstorePair> pairs;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t size = number();
    if (static_cast<int32_t>(size) < 0) throw SqlError(Sqlstate::NullValueNotAllowed, "null value not allowed for hstore key");
    HstorePair pair{text(size), std::nullopt};
    size = number();
    if (static_cast<int32_t>(size) >= 0) pair.value = text(size);
    pairs.push_back(pair);
  }
  return string_value(hstore_bytes(std::move(pairs)), arena);
}

int compare(const Value& a, const Value& b, Oid) { return compare_hstore(a.text(), b.text()); }
uint64_t hash(const Value& value, Oid) { return hash_bytes(value.text()); }

}  // namespace

std::vector<HstorePair> read_hstore(std::string_view bytes) {
  std::vector<HstorePair> pairs;
  if (bytes.size() < 4) return pairs;
  uint32_t count = load(bytes, 0);
  size_t at = 4 + size_t{count} * 8;
  pairs.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t key = load(bytes, 4 + size_t{i} * 8), value = load(bytes, 8 + size_t{i} * 8);
    HstorePair pair{bytes.substr(at, key), std::nullopt};
    at += key;
    if (value != kNull) {
      pair.value = bytes.substr(at, value);
      at += value;
    }
    pairs.push_back(pair);
  }
  return pairs;
}

std::string hstore_bytes(std::vector<HstorePair> pairs) {
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return key_less(a.key, b.key); });
  pairs.erase(std::unique(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.key == b.key; }), pairs.end());
  std::string out;
  store(out, static_cast<uint32_t>(pairs.size()));
  for (const auto& pair : pairs) {
    store(out, static_cast<uint32_t>(pair.key.size()));
    store(out, pair.value ? static_cast<uint32_t>(pair.value->size()) : kNull);
  }
  for (const auto& pair : pairs) {
    out += pair.key;
    if (pair.value) out += *pair.value;
  }
  return out;
}

const HstorePair* find_pair(const std::vector<HstorePair>& pairs, std::string_view key) {
  auto at = std::lower_bound(pairs.begin(), pairs.end(), key, [](const auto& pair, std::string_view wanted) { return key_less(pair.key, wanted); });
  return at != pairs.end() && at->key == key ? &*at : nullptr;
}

// The texts one behind the other, then how many there are, then where each ends.
int compare_hstore(std::string_view a, std::string_view b) {
  uint32_t m = load(a, 0), n = load(b, 0);
  if (m == 0 || n == 0) return m == n ? 0 : m < n ? -1 : 1;
  std::string_view x = a.substr(4 + size_t{m} * 8), y = b.substr(4 + size_t{n} * 8);
  if (int order = x.compare(y); order != 0) return order < 0 ? -1 : 1;
  if (m != n) return m < n ? -1 : 1;
  for (uint32_t i = 0; i < 2 * m; ++i) {
    uint32_t p = load(a, 4 + size_t{i} * 4), q = load(b, 4 + size_t{i} * 4);
    if (p == q) continue;
    if (p == kNull || q == kNull) {
      uint32_t left = p == kNull ? 0 : p, right = q == kNull ? 0 : q;
      if (left != right) return left < right ? -1 : 1;
      return q == kNull ? -1 : 1;
    }
    return p < q ? -1 : 1;
  }
  return 0;
}

void hstore_sort_key(const Value& value, Oid, std::string& out) {
  std::string_view bytes = value.text();
  uint32_t count = load(bytes, 0);
  if (count == 0) {
    out += '\0';
    return;
  }
  out += '\1';
  for (char c : bytes.substr(4 + size_t{count} * 8)) {
    out += c;
    if (c == '\0') out += '\xff';
  }
  out.append("\0\1", 2);
  put_big_endian(out, count);
  for (uint32_t i = 0; i < 2 * count; ++i) {
    uint32_t size = load(bytes, 4 + size_t{i} * 4);
    put_big_endian(out, size == kNull ? 0 : size);
    out += size == kNull ? '\1' : '\0';
  }
}

const Family kHstoreFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
