#include "aegis/base/hash.h"
#include "aegis/types/bytea.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

// Digits in pairs, a hyphen allowed after every fourth, braces around it all allowed.
Value input(const TypeContext&, std::string_view text, Type, Arena&) {
  std::string_view rest = text;
  bool braces = !rest.empty() && rest.front() == '{';
  if (braces) rest.remove_prefix(1);
  Uuid uuid;
  auto digit = [&](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
    throw_invalid_text("uuid", text);
  };
  for (int i = 0; i < 16; ++i) {
    if (rest.size() < 2) throw_invalid_text("uuid", text);
    uuid.bytes[i] = static_cast<uint8_t>((digit(rest[0]) << 4) | digit(rest[1]));
    rest.remove_prefix(2);
    if (!rest.empty() && rest[0] == '-' && (i % 2) == 1 && i < 15) rest.remove_prefix(1);
  }
  if (braces) {
    if (rest.empty() || rest[0] != '}') throw_invalid_text("uuid", text);
    rest.remove_prefix(1);
  }
  if (!rest.empty()) throw_invalid_text("uuid", text);
  return Value::of_uuid(uuid);
}

std::string_view bytes_of(const Value& value) {
  return {reinterpret_cast<const char*>(value.uuid.bytes), sizeof value.uuid.bytes};
}

void output(const TypeContext&, const Value& value, Oid, std::string& out) {
  std::string_view bytes = bytes_of(value);
  size_t at = 0;
  for (size_t group : {4, 2, 2, 2, 6}) {
    if (at > 0) out += '-';
    append_hex(bytes.substr(at, group), out);
    at += group;
  }
}
Value receive(const TypeContext&, std::string_view bytes, Type, Arena&) {
  Uuid uuid;
  std::memcpy(uuid.bytes, BinaryReader(bytes).take(16).data(), 16);
  return Value::of_uuid(uuid);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) { out += bytes_of(value); }
int compare(const Value& a, const Value& b, Oid) { return std::memcmp(a.uuid.bytes, b.uuid.bytes, 16); }
uint64_t hash(const Value& value, Oid) { return hash_bytes(bytes_of(value)); }

}  // namespace

const Family kUuidFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
