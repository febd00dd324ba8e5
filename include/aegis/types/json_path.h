// jsonpath: SQL/JSON's path language as a tree. A jsonpath value is the text it was written as, once that is known to
// parse.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/value.h"

namespace aegis::types {

enum class JsonPathKind : uint8_t {
  Null, String, Number, Bool, Variable,  // literals, and $name
  And, Or, Not, IsUnknown,
  Equal, NotEqual, Less, Greater, LessOrEqual, GreaterOrEqual, StartsWith, LikeRegex, Exists,
  Add, Subtract, Multiply, Divide, Modulo, Plus, Minus,
  Root, Current, Last,
  Key, AnyKey, AnyArray, IndexArray, Any, Filter,
  Type, Size, Abs, Floor, Ceiling, Double, Datetime, KeyValue
};

struct JsonPathNode;
using JsonPathPtr = std::unique_ptr<JsonPathNode>;

struct JsonPathNode {
  JsonPathKind kind = JsonPathKind::Null;
  std::string text;    // of a string, variable, key, number (its digits), pattern or datetime() template
  std::string flags;   // of like_regex
  bool boolean = false;
  bool has_text = false;      // datetime() has a template
  uint32_t first = 0, last = 0;  // of **{first to last}; kLastLevel is "last"
  JsonPathPtr left, right;    // operands; of a unary operator or filter the left one
  std::vector<std::pair<JsonPathPtr, JsonPathPtr>> subscripts;  // from, to (may be null)
  JsonPathPtr next;           // the accessor behind
};
inline constexpr uint32_t kLastLevel = UINT32_MAX;

struct JsonPath {
  bool lax = true;
  JsonPathPtr root;
};

// Throws 42601 and 22P02.
JsonPath parse_json_path(std::string_view text);
std::string json_path_text(const JsonPath& path);
const char* json_path_operator(JsonPathKind kind);

}  // namespace aegis::types
