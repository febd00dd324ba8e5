// inet and cidr as values: u8 family (4 or 6), u8 bits of the netmask, then the address's 4 or 16 bytes.
// macaddr is 6 bytes, macaddr8 is 8.
#pragma once

#include <string>
#include <string_view>

#include "aegis/types/value.h"

namespace aegis::types {

struct NetworkAddress {
  bool v6 = false;
  int bits = 0;
  uint8_t bytes[16] = {};

  int size() const { return v6 ? 16 : 4; }
  int max_bits() const { return v6 ? 128 : 32; }
};
NetworkAddress read_address(std::string_view value);
std::string address_bytes(const NetworkAddress& address);
// The address alone, without the mask.
std::string host_text(const NetworkAddress& address);
std::string address_text(const NetworkAddress& address, bool always_bits);
int compare_addresses(const NetworkAddress& a, const NetworkAddress& b);
// Order of the first `bits` bits.
int compare_prefix(const NetworkAddress& a, const NetworkAddress& b, int bits);
// With the bits behind the mask cleared.
NetworkAddress network_of(NetworkAddress address);

std::string mac_text(std::string_view bytes);
// 6 bytes with FF FE in the middle.
std::string widen_mac(std::string_view bytes);

}  // namespace aegis::types
