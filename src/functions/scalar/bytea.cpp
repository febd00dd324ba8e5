#include <algorithm>

#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace {

Text substring(Text bytes, int32_t start, int32_t length) {
  if (length < 0) throw SqlError(Sqlstate::SubstringError, "negative substring length not allowed");
  int64_t first = std::max<int64_t>(start, 1);
  int64_t end = int64_t{start} + length;
  if (end <= first || first > static_cast<int64_t>(bytes.size())) return {};
  return bytes.substr(static_cast<size_t>(first - 1), static_cast<size_t>(end - first));
}
Text substring_from(Text bytes, int32_t start) {
  size_t skip = start <= 1 ? 0 : static_cast<size_t>(start) - 1;
  return bytes.substr(std::min(skip, bytes.size()));
}

std::string overlay(Text bytes, Text piece, int32_t start, int32_t length) {
  if (start <= 0) throw SqlError(Sqlstate::SubstringError, "negative substring length not allowed");
  int32_t end;
  if (__builtin_add_overflow(start, length, &end)) throw_out_of_range("integer");
  std::string out(bytes.substr(0, std::min(static_cast<size_t>(start - 1), bytes.size())));
  out += piece;
  out += end <= 1 ? bytes : bytes.substr(std::min(static_cast<size_t>(end - 1), bytes.size()));
  return out;
}

[[noreturn]] void throw_index(int64_t index, size_t size) {
  throw SqlError(Sqlstate::ArraySubscriptError, "index " + std::to_string(index) + " out of valid range, 0.." +
                                                    std::to_string(static_cast<int64_t>(size) - 1));
}

int32_t get_byte(Text bytes, int32_t index) {
  if (index < 0 || static_cast<size_t>(index) >= bytes.size()) throw_index(index, bytes.size());
  return static_cast<unsigned char>(bytes[static_cast<size_t>(index)]);
}
std::string set_byte(Text bytes, int32_t index, int32_t value) {
  if (index < 0 || static_cast<size_t>(index) >= bytes.size()) throw_index(index, bytes.size());
  std::string out(bytes);
  out[static_cast<size_t>(index)] = static_cast<char>(value);
  return out;
}
int32_t get_bit(Text bytes, int64_t index) {
  if (index < 0 || static_cast<uint64_t>(index) >= bytes.size() * 8) throw_index(index, bytes.size() * 8);
  return (static_cast<unsigned char>(bytes[static_cast<size_t>(index / 8)]) >> (index % 8)) & 1;
}
std::string set_bit(Text bytes, int64_t index, int32_t value) {
  if (index < 0 || static_cast<uint64_t>(index) >= bytes.size() * 8) throw_index(index, bytes.size() * 8);
  if (value != 0 && value != 1) throw SqlError(Sqlstate::InvalidParameterValue, "new bit must be 0 or 1");
  std::string out(bytes);
  char& byte = out[static_cast<size_t>(index / 8)];
  int mask = 1 << (index % 8);
  byte = static_cast<char>(value ? byte | mask : byte & ~mask);
  return out;
}

int64_t bit_count(Text bytes) {
  int64_t sum = 0;
  for (unsigned char c : bytes) sum += __builtin_popcount(c);
  return sum;
}

Text trim(Text bytes, Text set, bool left, bool right) {
  if (set.empty()) return bytes;
  while (left && !bytes.empty() && set.find(bytes.front()) != Text::npos) bytes.remove_prefix(1);
  while (right && !bytes.empty() && set.find(bytes.back()) != Text::npos) bytes.remove_suffix(1);
  return bytes;
}

constexpr ScalarBinding kBindings[] = {
    {"byteaoctetlen", kernel<[](Text a) { return static_cast<int32_t>(a.size()); }>},
    {"bit_length(bytea)", kernel<[](Text a) { return static_cast<int32_t>(a.size() * 8); }>},
    {"byteacat", kernel<[](Text a, Text b) { return std::string(a).append(b); }>},
    {"bytea_substr", kernel<substring>},
    {"bytea_substr_no_len", kernel<substring_from>},
    {"byteaoverlay", kernel<overlay>},
    {"byteaoverlay_no_len",
     kernel<[](Text a, Text b, int32_t s) { return overlay(a, b, s, static_cast<int32_t>(b.size())); }>},
    {"byteapos", kernel<[](Text a, Text b) {
       size_t at = a.find(b);
       return at == Text::npos ? 0 : static_cast<int32_t>(at) + 1;
     }>},
    {"byteatrim", kernel<[](Text a, Text b) { return trim(a, b, true, true); }>},
    {"bytealtrim", kernel<[](Text a, Text b) { return trim(a, b, true, false); }>},
    {"byteartrim", kernel<[](Text a, Text b) { return trim(a, b, false, true); }>},
    {"byteaGetByte", kernel<get_byte>},
    {"byteaSetByte", kernel<set_byte>},
    {"byteaGetBit", kernel<get_bit>},
    {"byteaSetBit", kernel<set_bit>},
    {"bytea_bit_count", kernel<bit_count>},
};

}  // namespace

std::span<const ScalarBinding> bytea_bindings() { return kBindings; }

}  // namespace aegis::functions
