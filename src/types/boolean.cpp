#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

// Any prefix of a word that says which word it is.
Value input(const TypeContext&, std::string_view original, Type, Arena&) {
  std::string_view text = trim_space(original);
  auto is_prefix_of = [&](std::string_view word, size_t least) {
    if (text.size() < least || text.size() > word.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
      if ((text[i] | 0x20) != word[i]) return false;
    }
    return true;
  };
  if (text == "1" || is_prefix_of("true", 1) || is_prefix_of("yes", 1) || is_prefix_of("on", 2)) {
    return Value::of_bool(true);
  }
  if (text == "0" || is_prefix_of("false", 1) || is_prefix_of("no", 1) || is_prefix_of("off", 2)) {
    return Value::of_bool(false);
  }
  throw_invalid_text("boolean", original);
}
void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.boolean ? 't' : 'f'; }
Value receive(const TypeContext&, std::string_view bytes, Type, Arena&) {
  return Value::of_bool(BinaryReader(bytes).int8() != 0);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) { out += static_cast<char>(value.boolean); }
int compare(const Value& a, const Value& b, Oid) { return int{a.boolean} - int{b.boolean}; }
uint64_t hash(const Value& value, Oid) { return hash_int(value.boolean); }

}  // namespace

const Family kBoolFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
