// JSON: a parser with PostgreSQL's errors, and jsonb, whose values are strings of these bytes:
//
//   u8 kind: 0 null, 1 string, 2 number, 3 false, 4 true, 5 array, 6 object
//   string: its bytes
//   number: a Numeric slot, then the magnitude when it is a large one
//   array:  u32 count; u32 end of each element, from the first one's start; the elements
//   object: u32 count; u32 end of each key, from the first one's start; u32 end of each value, from the first one's
//           start; the keys; the values
//
// A string's or number's size follows from what it stands in. Keys are unique and sorted by length, then bytes, so that
// a key is found by bisection. Numbers are little endian and unaligned.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

enum class JsonKind : uint8_t { Null, String, Number, False, True, Array, Object };

// jsonb as it is stored. Borrows the bytes.
class JsonbView {
 public:
  JsonbView() = default;
  explicit JsonbView(std::string_view bytes) : bytes_(bytes) {}

  JsonKind kind() const { return static_cast<JsonKind>(bytes_[0]); }
  bool is_container() const { return kind() >= JsonKind::Array; }
  bool is_bool() const { return kind() == JsonKind::False || kind() == JsonKind::True; }
  std::string_view bytes() const { return bytes_; }
  std::string_view text() const { return bytes_.substr(1); }
  Numeric number() const;
  // Of an array or object.
  uint32_t size() const { return load(1); }
  JsonbView element(uint32_t i) const;
  std::string_view key(uint32_t i) const;
  JsonbView value(uint32_t i) const;
  // Position of a key, -1 if it is not there.
  int find(std::string_view key) const;

 private:
  uint32_t load(size_t at) const {
    uint32_t value;
    std::memcpy(&value, bytes_.data() + at, 4);
    return value;
  }
  std::string_view bytes_;
};

// JSON being built, or as it was parsed.
struct JsonNode {
  JsonKind kind = JsonKind::Null;
  std::string text;              // of a string; of a parsed number its digits
  Numeric number = Numeric::of(0);  // borrows its magnitude
  std::vector<JsonNode> items;   // elements, or values of members
  std::vector<std::string> keys;
  std::string_view jsonb;        // not empty: an encoded value that stands for all of this
  uint32_t start = 0, end = 0;   // where it stands in the text it was parsed from

  static JsonNode of_text(std::string_view text);
  static JsonNode of_bool(bool value);
  static JsonNode of_number(Numeric number);
  static JsonNode of_jsonb(JsonbView view);
  void add(std::string_view key, JsonNode value) {
    keys.emplace_back(key);
    items.push_back(std::move(value));
  }
};

enum class JsonStrings : uint8_t { Keep, Decode };  // Decode also refuses what text cannot hold
// Throws 22P02 and 22P05 with PostgreSQL's details and context. Numbers are not converted.
JsonNode parse_json(std::string_view text, JsonStrings strings);
// Checks only.
void check_json(std::string_view text);

// Encodes; the later of two equal keys wins. Parsed numbers are converted.
std::string encode_jsonb(const JsonNode& node);
Value jsonb_value(const JsonNode& node, Arena& arena);
Value parse_jsonb(std::string_view text, Arena& arena);

void append_json_string(std::string_view text, std::string& out);
void append_jsonb(JsonbView view, std::string& out);
void append_jsonb_pretty(JsonbView view, int level, std::string& out);
int compare_jsonb(JsonbView a, JsonbView b);
bool jsonb_contains(JsonbView container, JsonbView wanted);
// "object", "array", …
const char* json_kind_name(JsonKind kind);
// The order of keys.
int compare_json_keys(std::string_view a, std::string_view b);

}  // namespace aegis::types
