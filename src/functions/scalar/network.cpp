// inet, cidr, macaddr and macaddr8.
#include "aegis/types/network.h"

#include <algorithm>

#include "aegis/types/encoding.h"
#include "binding.h"
#include "compare.h"

namespace aegis::functions {

using types::address_bytes;
using types::NetworkAddress;
using types::read_address;

namespace {

int order(const StringView& a, const StringView& b) { return types::compare_addresses(read_address(a.view()), read_address(b.view())); }
using Order = Ordered<order, StringView>;
int order_bytes(const StringView& a, const StringView& b) { return a.view().compare(b.view()); }
using ByteOrder = Ordered<order_bytes, StringView>;

template <bool strictly>
bool is_inside(Text a, Text b) {
  NetworkAddress x = read_address(a), y = read_address(b);
  if (x.v6 != y.v6) return false;
  return (strictly ? x.bits > y.bits : x.bits >= y.bits) && types::compare_prefix(x, y, y.bits) == 0;
}
bool overlaps(Text a, Text b) {
  NetworkAddress x = read_address(a), y = read_address(b);
  return x.v6 == y.v6 && types::compare_prefix(x, y, std::min(x.bits, y.bits)) == 0;
}

std::string with_mask(Text a, int32_t bits, bool cidr) {
  NetworkAddress address = read_address(a);
  if (bits == -1) bits = address.max_bits();
  if (bits < 0 || bits > address.max_bits()) throw SqlError(Sqlstate::InvalidParameterValue, "invalid mask length: " + std::to_string(bits));
  address.bits = bits;
  return address_bytes(cidr ? types::network_of(address) : address);
}

// The mask itself, or its complement.
NetworkAddress mask_of(const NetworkAddress& address, bool host) {
  NetworkAddress mask = address;
  for (int i = 0; i < mask.size(); ++i) {
    int kept = std::clamp(address.bits - 8 * i, 0, 8);
    auto byte = static_cast<uint8_t>(0xFF00 >> kept);
    mask.bytes[i] = host ? static_cast<uint8_t>(~byte) : byte;
  }
  mask.bits = mask.max_bits();
  return mask;
}
std::string broadcast(Text a) {
  NetworkAddress address = read_address(a);
  NetworkAddress mask = mask_of(address, true);
  for (int i = 0; i < address.size(); ++i) address.bytes[i] |= mask.bytes[i];
  return address_bytes(address);
}

// cidr's short form leaves trailing zero octets out.
std::string abbreviate_cidr(Text a) {
  NetworkAddress address = read_address(a);
  std::string bits = "/" + std::to_string(address.bits);
  if (address.v6) {
    return types::host_text(address) + bits;
  }
  int octets = std::max((address.bits + 7) / 8, 1);
  std::string text;
  for (int i = 0; i < octets; ++i) text += (i > 0 ? "." : "") + std::to_string(address.bytes[i]);
  return text + bits;
}

template <typename F>
std::string combine(Text a, Text b, const char* op, F&& f) {
  NetworkAddress x = read_address(a), y = read_address(b);
  if (x.v6 != y.v6) throw SqlError(Sqlstate::InvalidParameterValue, std::string("cannot ") + op + " inet values of different sizes");
  for (int i = 0; i < x.size(); ++i) x.bytes[i] = static_cast<uint8_t>(f(x.bytes[i], y.bytes[i]));
  x.bits = std::max(x.bits, y.bits);
  return address_bytes(x);
}
std::string invert(Text a) {
  NetworkAddress x = read_address(a);
  for (int i = 0; i < x.size(); ++i) x.bytes[i] = static_cast<uint8_t>(~x.bytes[i]);
  return address_bytes(x);
}
std::string plus(Text a, int64_t addend) {
  NetworkAddress x = read_address(a);
  int carry = 0;
  for (int i = x.size() - 1; i >= 0; --i) {
    carry = x.bytes[i] + static_cast<int>(addend & 0xFF) + carry;
    x.bytes[i] = static_cast<uint8_t>(carry & 0xFF);
    carry >>= 8;
    // What is shifted in carries the sign.
    addend = addend >> 8;
  }
  if (!((addend == 0 && carry == 0) || (addend == -1 && carry == 1))) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "result is out of range");
  }
  return address_bytes(x);
}
int64_t minus(Text a, Text b) {
  NetworkAddress x = read_address(a), y = read_address(b);
  if (x.v6 != y.v6) throw SqlError(Sqlstate::InvalidParameterValue, "cannot subtract inet values of different sizes");
  __int128 result = 0;
  int carry = 1;
  int size = x.size();
  std::string bytes(16, '\0');
  for (int i = size - 1; i >= 0; --i) {
    carry = x.bytes[i] + (~y.bytes[i] & 0xFF) + carry;
    bytes[static_cast<size_t>(16 - size + i)] = static_cast<char>(carry & 0xFF);
    carry >>= 8;
  }
  if (carry == 0) {
    for (int i = 0; i < 16 - size; ++i) bytes[static_cast<size_t>(i)] = '\xff';
  }
  unsigned __int128 raw = 0;
  for (char c : bytes) raw = (raw << 8) | static_cast<uint8_t>(c);
  result = static_cast<__int128>(raw);
  if (result > INT64_MAX || result < INT64_MIN || (carry == 0) != (result < 0)) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "result is out of range");
  }
  return static_cast<int64_t>(result);
}
std::string merge(Text a, Text b) {
  NetworkAddress x = read_address(a), y = read_address(b);
  if (x.v6 != y.v6) throw SqlError(Sqlstate::InvalidParameterValue, "cannot merge addresses from different families");
  int bits = std::min(x.bits, y.bits);
  while (bits > 0 && types::compare_prefix(x, y, bits) != 0) --bits;
  x.bits = bits;
  return address_bytes(types::network_of(x));
}

template <typename F>
std::string combine_bytes(Text a, Text b, F&& f) {
  std::string out(a);
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(f(static_cast<uint8_t>(a[i]), static_cast<uint8_t>(b[i])));
  return out;
}
std::string invert_bytes(Text a) {
  std::string out(a);
  for (char& c : out) c = static_cast<char>(~c);
  return out;
}
std::string keep_maker(Text a) {
  std::string out(a);
  for (size_t i = 3; i < out.size(); ++i) out[i] = '\0';
  return out;
}
std::string narrow_mac(Text a) {
  if (a[3] != '\xff' || a[4] != '\xfe') {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "macaddr8 data out of range to convert to macaddr")
        .hint("Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.");
  }
  return std::string(a.substr(0, 3)) + std::string(a.substr(5));
}

constexpr ScalarBinding kBindings[] = {
    {"network_eq", kernel<Order::equal>}, {"network_ne", kernel<Order::unequal>}, {"network_lt", kernel<Order::less>},
    {"network_le", kernel<Order::less_or_equal>}, {"network_gt", kernel<Order::greater>}, {"network_ge", kernel<Order::greater_or_equal>},
    {"network_cmp", kernel<Order::order>}, {"network_larger", kernel<Order::larger>}, {"network_smaller", kernel<Order::smaller>},
    {"network_sub", kernel<is_inside<true>>},
    {"network_subeq", kernel<is_inside<false>>},
    {"network_sup", kernel<[](Text a, Text b) { return is_inside<true>(b, a); }>},
    {"network_supeq", kernel<[](Text a, Text b) { return is_inside<false>(b, a); }>},
    {"network_overlap", kernel<overlaps>},
    {"inet_abbrev", kernel<[](Text a) { return types::address_text(read_address(a), false); }>},
    {"cidr_abbrev", kernel<abbreviate_cidr>},
    {"inet_set_masklen", kernel<[](Text a, int32_t bits) { return with_mask(a, bits, false); }>},
    {"cidr_set_masklen", kernel<[](Text a, int32_t bits) { return with_mask(a, bits, true); }>},
    {"inet_to_cidr", kernel<[](Text a) { return address_bytes(types::network_of(read_address(a))); }>},
    {"network_network", kernel<[](Text a) { return address_bytes(types::network_of(read_address(a))); }>},
    {"network_netmask", kernel<[](Text a) { return address_bytes(mask_of(read_address(a), false)); }>},
    {"network_hostmask", kernel<[](Text a) { return address_bytes(mask_of(read_address(a), true)); }>},
    {"network_masklen", kernel<[](Text a) { return static_cast<int32_t>(read_address(a).bits); }>},
    {"network_broadcast", kernel<broadcast>},
    {"network_host", kernel<[](Text a) { return types::host_text(read_address(a)); }>},
    {"network_family", kernel<[](Text a) { return read_address(a).v6 ? 6 : 4; }>},
    {"network_show", kernel<[](Text a) { return types::address_text(read_address(a), true); }>},
    {"inetnot", kernel<invert>},
    {"inetand", kernel<[](Text a, Text b) { return combine(a, b, "AND", [](uint8_t p, uint8_t q) { return p & q; }); }>},
    {"inetor", kernel<[](Text a, Text b) { return combine(a, b, "OR", [](uint8_t p, uint8_t q) { return p | q; }); }>},
    {"inetpl", kernel<plus>},
    {"int8pl_inet(int8,inet)", kernel<[](int64_t n, Text a) { return plus(a, n); }>},
    {"inetmi_int8", kernel<[](Text a, int64_t n) { return plus(a, -n); }>},
    {"inetmi", kernel<minus>},
    {"inet_merge", kernel<merge>},
    {"inet_same_family", kernel<[](Text a, Text b) { return read_address(a).v6 == read_address(b).v6; }>},
    {"macaddr_eq", kernel<ByteOrder::equal>}, {"macaddr_ne", kernel<ByteOrder::unequal>}, {"macaddr_lt", kernel<ByteOrder::less>},
    {"macaddr_le", kernel<ByteOrder::less_or_equal>}, {"macaddr_gt", kernel<ByteOrder::greater>}, {"macaddr_ge", kernel<ByteOrder::greater_or_equal>},
    {"macaddr_cmp", kernel<ByteOrder::order>},
    {"macaddr8_eq", kernel<ByteOrder::equal>}, {"macaddr8_ne", kernel<ByteOrder::unequal>}, {"macaddr8_lt", kernel<ByteOrder::less>},
    {"macaddr8_le", kernel<ByteOrder::less_or_equal>}, {"macaddr8_gt", kernel<ByteOrder::greater>}, {"macaddr8_ge", kernel<ByteOrder::greater_or_equal>},
    {"macaddr8_cmp", kernel<ByteOrder::order>},
    {"macaddr_not", kernel<invert_bytes>}, {"macaddr8_not", kernel<invert_bytes>},
    {"macaddr_and", kernel<[](Text a, Text b) { return combine_bytes(a, b, [](uint8_t p, uint8_t q) { return p & q; }); }>},
    {"macaddr8_and", kernel<[](Text a, Text b) { return combine_bytes(a, b, [](uint8_t p, uint8_t q) { return p & q; }); }>},
    {"macaddr_or", kernel<[](Text a, Text b) { return combine_bytes(a, b, [](uint8_t p, uint8_t q) { return p | q; }); }>},
    {"macaddr8_or", kernel<[](Text a, Text b) { return combine_bytes(a, b, [](uint8_t p, uint8_t q) { return p | q; }); }>},
    {"macaddr_trunc", kernel<keep_maker>}, {"macaddr8_trunc", kernel<keep_maker>},
    {"macaddrtomacaddr8", kernel<[](Text a) { return types::widen_mac(a); }>},
    {"macaddr8tomacaddr", kernel<narrow_mac>},
    {"macaddr8_set7bit", kernel<[](Text a) {
       std::string out(a);
       out[0] = static_cast<char>(out[0] | 0x02);
       return out;
     }>},
};

}  // namespace

std::span<const ScalarBinding> network_bindings() { return kBindings; }

}  // namespace aegis::functions
