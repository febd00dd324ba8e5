// bit and bit varying: a u32 count of bits, then the bits from the most significant of the first byte on.
#include "aegis/types/bit.h"

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

BitString read_bits(std::string_view bytes) {
  BitString bits;
  std::memcpy(&bits.count, bytes.data(), 4);
  bits.bytes = bytes.substr(4);
  return bits;
}
std::string bit_string(uint32_t count, std::string bytes) {
  bytes.resize((count + 7) / 8);
  if (count % 8 != 0) bytes.back() = static_cast<char>(static_cast<uint8_t>(bytes.back()) & (0xFFu << (8 - count % 8)));
  return std::string(reinterpret_cast<const char*>(&count), 4) + bytes;
}
int compare_bits(std::string_view a, std::string_view b) {
  BitString x = read_bits(a), y = read_bits(b);
  if (int order = x.bytes.compare(y.bytes); order != 0 && x.bytes.substr(0, y.bytes.size()) != y.bytes && y.bytes.substr(0, x.bytes.size()) != x.bytes) {
    return order < 0 ? -1 : 1;
  }
  return x.count < y.count ? -1 : x.count > y.count;
}

Value fit_bits(std::string_view bytes, int32_t typmod, bool varying, CastKind kind, Arena& arena) {
  BitString bits = read_bits(bytes);
  auto wanted = static_cast<uint32_t>(typmod);
  if (bits.count == wanted || (varying && bits.count < wanted)) return string_value(bytes, arena);
  if (kind == CastKind::Implicit) {
    if (varying) throw SqlError(Sqlstate::StringDataRightTruncation, "bit string too long for type bit varying(" + std::to_string(typmod) + ")");
    throw SqlError(Sqlstate::StringDataLengthMismatch,
                   "bit string length " + std::to_string(bits.count) + " does not match type bit(" + std::to_string(typmod) + ")");
  }
  return string_value(bit_string(wanted, std::string(bits.bytes)), arena);
}

namespace {

std::string parse_bits(std::string_view text) {
  bool hex = false;
  std::string_view digits = text;
  if (!text.empty() && (text[0] == 'b' || text[0] == 'B')) {
    digits.remove_prefix(1);
  } else if (!text.empty() && (text[0] == 'x' || text[0] == 'X')) {
    hex = true;
    digits.remove_prefix(1);
  }
  std::string bytes;
  size_t width = hex ? 4 : 1;
  bytes.resize((digits.size() * width + 7) / 8);
  for (size_t i = 0; i < digits.size(); ++i) {
    char c = digits[i];
    int value = c >= '0' && c <= '9' ? c - '0' : hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 16;
    if (value >= (hex ? 16 : 2)) {
      throw SqlError(Sqlstate::InvalidTextRepresentation, "\"" + std::string(digits.substr(i, utf8_bytes(c))) + "\" is not a valid " +
                                                              (hex ? "hexadecimal" : "binary") + " digit");
    }
    size_t at = i * width;
    auto& byte = reinterpret_cast<uint8_t&>(bytes[at / 8]);
    byte = static_cast<uint8_t>(byte | (value << (8 - width - at % 8)));
  }
  return bit_string(static_cast<uint32_t>(digits.size() * width), std::move(bytes));
}

template <bool varying>
Value input(const TypeContext&, std::string_view text, Type type, Arena& arena) {
  std::string bits = parse_bits(text);
  if (type.typmod <= 0) return string_value(bits, arena);
  return fit_bits(arena.copy(std::string_view(bits)), type.typmod, varying, CastKind::Implicit, arena);
}
void output(const TypeContext&, const Value& value, Oid, std::string& out) {
  BitString bits = read_bits(value.text());
  for (uint32_t i = 0; i < bits.count; ++i) out += bits.bit(i) ? '1' : '0';
}
template <bool varying>
Value receive(const TypeContext&, std::string_view bytes, Type type, Arena& arena) {
  BinaryReader reader(bytes);
  int32_t count = reader.int32();
  if (count < 0) throw SqlError(Sqlstate::InvalidBinaryRepresentation, "invalid length in external bit string");
  std::string bits = bit_string(static_cast<uint32_t>(count), std::string(reader.take((static_cast<size_t>(count) + 7) / 8)));
  if (type.typmod <= 0) return string_value(bits, arena);
  return fit_bits(arena.copy(std::string_view(bits)), type.typmod, varying, CastKind::Implicit, arena);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  BitString bits = read_bits(value.text());
  append_int32(out, static_cast<int32_t>(bits.count));
  out += bits.bytes;
}
int compare(const Value& a, const Value& b, Oid) { return compare_bits(a.text(), b.text()); }
uint64_t hash(const Value& value, Oid) { return hash_bytes(value.text()); }

template <bool varying>
int32_t typmod_in(std::span<const std::string_view> arguments) {
  int32_t length = single_typmod(arguments);
  const char* name = varying ? "varbit" : "bit";
  if (length < 1) throw SqlError(Sqlstate::InvalidParameterValue, std::string("length for type ") + name + " must be at least 1");
  if (length > 83886080) throw SqlError(Sqlstate::InvalidParameterValue, std::string("length for type ") + name + " cannot exceed 83886080");
  return length;
}
std::string typmod_out(int32_t typmod) { return typmod < 0 ? "" : "(" + std::to_string(typmod) + ")"; }

}  // namespace

const Family kBitFamily = {input<false>, output, receive<false>, send, compare, hash, typmod_in<false>, typmod_out};
const Family kVarbitFamily = {input<true>, output, receive<true>, send, compare, hash, typmod_in<true>, typmod_out};

}  // namespace aegis::types
