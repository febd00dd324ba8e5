// citext: text whose order and equality are those of its lower-case form.
#include <unicode/uchar.h>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

void citext_sort_key(const Value& value, Oid, std::string& out) {
  std::string_view text = value.text();
  for (size_t at = 0; at < text.size();) {
    char32_t c = utf8_decode(text, at);
    if (c < 0x80) {
      out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    } else {
      utf8_append(static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))), out);
    }
  }
}

namespace {

std::string folded(const Value& value) {
  std::string key;
  citext_sort_key(value, kInvalidOid, key);
  return key;
}

Value input(const TypeContext& context, std::string_view text, Type type, Arena& arena) { return kTextFamily.input(context, text, type, arena); }
Value receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) { return kTextFamily.receive(context, bytes, type, arena); }
void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }
int compare(const Value& a, const Value& b, Oid) {
  int order = folded(a).compare(folded(b));
  return order < 0 ? -1 : order > 0;
}
uint64_t hash(const Value& value, Oid) { return hash_bytes(folded(value)); }

}  // namespace

const Family kCitextFamily = {input, output, receive, output, compare, hash};

}  // namespace aegis::types
