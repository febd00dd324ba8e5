#include "aegis/types/bit.h"

#include "aegis/types/encoding.h"
#include "binding.h"
#include "compare.h"

namespace aegis::functions {

using types::bit_string;
using types::BitString;
using types::read_bits;

namespace {

template <typename F>
std::string combine(Text a, Text b, const char* what, F&& f) {
  BitString x = read_bits(a), y = read_bits(b);
  if (x.count != y.count) {
    throw SqlError(Sqlstate::StringDataLengthMismatch, std::string("cannot ") + what + " bit strings of different sizes");
  }
  std::string bytes(x.bytes);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(f(static_cast<uint8_t>(x.bytes[i]), static_cast<uint8_t>(y.bytes[i])));
  return bit_string(x.count, std::move(bytes));
}
std::string invert(Text a) {
  BitString x = read_bits(a);
  std::string bytes(x.bytes);
  for (char& c : bytes) c = static_cast<char>(~c);
  return bit_string(x.count, std::move(bytes));
}

// `count` bits of x from position `from`, which may be outside of it.
std::string slice(const BitString& x, int64_t from, int64_t count) {
  std::string bytes(static_cast<size_t>((count + 7) / 8), '\0');
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = from + i;
    if (at < 0 || at >= x.count || !x.bit(static_cast<uint32_t>(at))) continue;
    bytes[static_cast<size_t>(i / 8)] = static_cast<char>(bytes[static_cast<size_t>(i / 8)] | (0x80 >> (i % 8)));
  }
  return bit_string(static_cast<uint32_t>(count), std::move(bytes));
}
std::string concatenate(Text a, Text b) {
  BitString x = read_bits(a), y = read_bits(b);
  std::string bytes((x.count + y.count + 7) / 8, '\0');
  auto put = [&](const BitString& bits, uint32_t at) {
    for (uint32_t i = 0; i < bits.count; ++i) {
      if (bits.bit(i)) bytes[(at + i) / 8] = static_cast<char>(bytes[(at + i) / 8] | (0x80 >> ((at + i) % 8)));
    }
  };
  put(x, 0);
  put(y, x.count);
  return bit_string(x.count + y.count, std::move(bytes));
}
std::string shift(Text a, int64_t left) {
  BitString x = read_bits(a);
  return slice(x, left, x.count);
}

std::string substring(Text a, int32_t start, int32_t length, bool to_end) {
  BitString x = read_bits(a);
  int64_t from = start;
  int64_t end;
  if (to_end) {
    end = int64_t{x.count} + 1;
  } else {
    end = int64_t{start} + length;
    if (length < 0) throw SqlError(Sqlstate::SubstringError, "negative substring length not allowed");
  }
  from = std::max<int64_t>(from, 1);
  end = std::min<int64_t>(end, int64_t{x.count} + 1);
  if (from > x.count || end <= from) return bit_string(0, "");
  return slice(x, from - 1, end - from);
}
std::string overlay(Text a, Text b, int32_t start, int32_t length) {
  if (start <= 0) throw SqlError(Sqlstate::SubstringError, "negative substring length not allowed");
  int32_t next;
  if (__builtin_add_overflow(start, length, &next)) throw SqlError(Sqlstate::NumericValueOutOfRange, "integer out of range");
  std::string head = substring(a, 1, start - 1, false);
  std::string tail = substring(a, next, -1, true);
  return concatenate(concatenate(head, b), tail);
}
int32_t position(Text text, Text wanted) {
  BitString x = read_bits(text), y = read_bits(wanted);
  if (y.count == 0) return x.count == 0 ? 0 : 1;
  for (uint32_t at = 0; at + y.count <= x.count; ++at) {
    uint32_t i = 0;
    while (i < y.count && x.bit(at + i) == y.bit(i)) ++i;
    if (i == y.count) return static_cast<int32_t>(at) + 1;
  }
  return 0;
}

void check_index(const BitString& x, int32_t index) {
  if (index >= 0 && static_cast<uint32_t>(index) < x.count) return;
  throw SqlError(Sqlstate::ArraySubscriptError,
                 "bit index " + std::to_string(index) + " out of valid range (0.." + std::to_string(static_cast<int64_t>(x.count) - 1) + ")");
}
int32_t get_bit(Text a, int32_t index) {
  BitString x = read_bits(a);
  check_index(x, index);
  return x.bit(static_cast<uint32_t>(index));
}
std::string set_bit(Text a, int32_t index, int32_t value) {
  BitString x = read_bits(a);
  check_index(x, index);
  if (value != 0 && value != 1) throw SqlError(Sqlstate::InvalidParameterValue, "new bit must be 0 or 1");
  std::string bytes(x.bytes);
  auto mask = static_cast<uint8_t>(0x80 >> (index % 8));
  auto& byte = reinterpret_cast<uint8_t&>(bytes[static_cast<size_t>(index / 8)]);
  byte = static_cast<uint8_t>(value == 1 ? byte | mask : byte & ~mask);
  return bit_string(x.count, std::move(bytes));
}

// The lowest `typmod` bits of an integer, its sign carried on.
template <typename T>
std::string from_integer(T value, int32_t typmod) {
  int64_t count = typmod <= 0 ? 1 : typmod;
  std::string bytes(static_cast<size_t>((count + 7) / 8), '\0');
  for (int64_t i = 0; i < count; ++i) {
    int64_t place = count - 1 - i;
    bool bit = place >= static_cast<int64_t>(sizeof(T) * 8) ? value < 0 : ((static_cast<int64_t>(value) >> place) & 1) != 0;
    if (bit) bytes[static_cast<size_t>(i / 8)] = static_cast<char>(bytes[static_cast<size_t>(i / 8)] | (0x80 >> (i % 8)));
  }
  return bit_string(static_cast<uint32_t>(count), std::move(bytes));
}
template <typename T>
T to_integer(Text a, const char* name) {
  BitString x = read_bits(a);
  if (x.count > sizeof(T) * 8) throw_out_of_range(name);
  uint64_t value = 0;
  for (uint32_t i = 0; i < x.count; ++i) value = (value << 1) | x.bit(i);
  return static_cast<T>(value);
}

template <bool varying>
Value fit(Call& call, std::span<const Value> row) {
  if (row[1].i32 <= 0) return row[0];
  return types::fit_bits(row[0].text(), row[1].i32, varying, row[2].boolean ? types::CastKind::Explicit : types::CastKind::Implicit, call.arena());
}

int order(const StringView& a, const StringView& b) { return types::compare_bits(a.view(), b.view()); }
using Order = Ordered<order, StringView>;

constexpr ScalarBinding kBindings[] = {
    {"biteq", kernel<Order::equal>}, {"bitne", kernel<Order::unequal>}, {"bitlt", kernel<Order::less>},
    {"bitle", kernel<Order::less_or_equal>}, {"bitgt", kernel<Order::greater>}, {"bitge", kernel<Order::greater_or_equal>},
    {"bitcmp", kernel<Order::order>},
    {"bit_and", kernel<[](Text a, Text b) { return combine(a, b, "AND", [](uint8_t p, uint8_t q) { return p & q; }); }>},
    {"bit_or", kernel<[](Text a, Text b) { return combine(a, b, "OR", [](uint8_t p, uint8_t q) { return p | q; }); }>},
    {"bitxor", kernel<[](Text a, Text b) { return combine(a, b, "XOR", [](uint8_t p, uint8_t q) { return p ^ q; }); }>},
    {"bitnot", kernel<invert>},
    {"bitshiftleft", kernel<[](Text a, int32_t n) { return shift(a, n); }>},
    {"bitshiftright", kernel<[](Text a, int32_t n) { return shift(a, -int64_t{n}); }>},
    {"bitcat", kernel<concatenate>},
    {"bitlength", kernel<[](Text a) { return static_cast<int32_t>(read_bits(a).count); }>},
    {"bitoctetlength", kernel<[](Text a) { return static_cast<int32_t>(read_bits(a).bytes.size()); }>},
    {"bitsubstr", kernel<[](Text a, int32_t s, int32_t l) { return substring(a, s, l, false); }>},
    {"bitsubstr_no_len", kernel<[](Text a, int32_t s) { return substring(a, s, -1, true); }>},
    {"bitoverlay", kernel<overlay>},
    {"bitoverlay_no_len", kernel<[](Text a, Text b, int32_t s) { return overlay(a, b, s, static_cast<int32_t>(read_bits(b).count)); }>},
    {"bitposition", kernel<position>},
    {"bitgetbit", kernel<get_bit>},
    {"bitsetbit", kernel<set_bit>},
    {"bit_bit_count", kernel<[](Text a) {
       int64_t count = 0;
       for (char c : read_bits(a).bytes) count += __builtin_popcount(static_cast<uint8_t>(c));
       return count;
     }>},
    {"bitfromint4", kernel<[](int32_t v, int32_t n) { return from_integer(v, n); }>},
    {"bitfromint8", kernel<[](int64_t v, int32_t n) { return from_integer(v, n); }>},
    {"bittoint4", kernel<[](Text a) { return to_integer<int32_t>(a, "integer"); }>},
    {"bittoint8", kernel<[](Text a) { return to_integer<int64_t>(a, "bigint"); }>},
    {"bit", strict_value_kernel<fit<false>>},
    {"varbit", strict_value_kernel<fit<true>>},
};

}  // namespace

std::span<const ScalarBinding> bit_bindings() { return kBindings; }

}  // namespace aegis::functions
