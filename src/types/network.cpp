#include "aegis/types/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

NetworkAddress read_address(std::string_view value) {
  NetworkAddress address;
  address.v6 = value[0] == 6;
  address.bits = static_cast<uint8_t>(value[1]);
  std::memcpy(address.bytes, value.data() + 2, static_cast<size_t>(address.size()));
  return address;
}
std::string address_bytes(const NetworkAddress& address) {
  std::string out{static_cast<char>(address.v6 ? 6 : 4), static_cast<char>(address.bits)};
  out.append(reinterpret_cast<const char*>(address.bytes), static_cast<size_t>(address.size()));
  return out;
}
std::string host_text(const NetworkAddress& address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes, text, sizeof text);
}
std::string address_text(const NetworkAddress& address, bool always_bits) {
  std::string text = host_text(address);
  return always_bits || address.bits != address.max_bits() ? text + "/" + std::to_string(address.bits) : text;
}
int compare_prefix(const NetworkAddress& a, const NetworkAddress& b, int bits) {
  int whole = bits / 8;
  if (int order = std::memcmp(a.bytes, b.bytes, static_cast<size_t>(whole)); order != 0 || bits % 8 == 0) return order;
  int shift = 8 - bits % 8;
  return (a.bytes[whole] >> shift) - (b.bytes[whole] >> shift);
}
int compare_addresses(const NetworkAddress& a, const NetworkAddress& b) {
  if (a.v6 != b.v6) return a.v6 ? 1 : -1;
  if (int order = compare_prefix(a, b, std::min(a.bits, b.bits)); order != 0) return order;
  if (a.bits != b.bits) return a.bits < b.bits ? -1 : 1;
  return compare_prefix(a, b, a.max_bits());
}
NetworkAddress network_of(NetworkAddress address) {
  for (int i = 0; i < address.size(); ++i) {
    int kept = std::clamp(address.bits - 8 * i, 0, 8);
    address.bytes[i] = static_cast<uint8_t>(address.bytes[i] & (0xFF00 >> kept));
  }
  return address;
}

namespace {

// Address and bits as inet takes them; false when malformed. `bits` is -1 when not given.
bool parse_v4(std::string_view text, bool cidr, NetworkAddress& out, int& bits) {
  size_t at = 0;
  int octets = 0;
  while (octets < 4) {
    int value = 0;
    size_t start = at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) {
      value = value * 10 + (text[at++] - '0');
      if (value > 255) return false;
    }
    if (at == start) return false;
    out.bytes[octets++] = static_cast<uint8_t>(value);
    if (at < text.size() && text[at] == '.' && octets < 4) {
      ++at;
      continue;
    }
    break;
  }
  bits = -1;
  if (at < text.size() && text[at] == '/') {
    std::string_view rest = text.substr(at + 1);
    if (rest.empty() || rest.size() > 2 || rest.find_first_not_of("0123456789") != std::string_view::npos) return false;
    bits = std::stoi(std::string(rest));
    if (bits > 32) return false;
    at = text.size();
  }
  if (at != text.size()) return false;
  if (octets == 4) return true;
  // A short form: of inet only with the mask given, of cidr with the class's mask.
  if (!cidr && bits < 0) return false;
  if (bits < 0) {
    uint8_t first = out.bytes[0];
    int of_class = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8;
    bits = std::max(of_class, octets * 8);
  }
  return true;
}

bool parse_v6(std::string_view text, NetworkAddress& out, int& bits) {
  bits = -1;
  size_t slash = text.find('/');
  std::string address(text.substr(0, slash));
  if (slash != std::string_view::npos) {
    std::string_view rest = text.substr(slash + 1);
    if (rest.empty() || rest.size() > 3 || rest.find_first_not_of("0123456789") != std::string_view::npos) return false;
    if (rest.size() > 1 && rest[0] == '0') return false;
    bits = std::stoi(std::string(rest));
    if (bits > 128) return false;
  }
  return inet_pton(AF_INET6, address.c_str(), out.bytes) == 1;
}

NetworkAddress parse_address(std::string_view text, bool cidr) {
  const char* type = cidr ? "cidr" : "inet";
  NetworkAddress address;
  address.v6 = text.find(':') != std::string_view::npos;
  int bits = -1;
  if (!(address.v6 ? parse_v6(text, address, bits) : parse_v4(text, cidr, address, bits))) throw_invalid_text(type, text);
  address.bits = bits < 0 ? address.max_bits() : bits;
  if (cidr) {
    NetworkAddress network = network_of(address);
    if (std::memcmp(network.bytes, address.bytes, sizeof address.bytes) != 0) {
      throw SqlError(Sqlstate::InvalidTextRepresentation, "invalid cidr value: \"" + std::string(text) + "\"")
          .detail("Value has bits set to right of mask.");
    }
  }
  return address;
}

template <bool cidr>
Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  return string_value(address_bytes(parse_address(text, cidr)), arena);
}
template <bool cidr>
void output(const TypeContext&, const Value& value, Oid, std::string& out) {
  out += address_text(read_address(value.text()), cidr);
}
template <bool cidr>
Value receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  BinaryReader reader(bytes);
  NetworkAddress address;
  int family = reader.int8();
  if (family != 2 && family != 3) throw SqlError(Sqlstate::InvalidBinaryRepresentation, std::string("invalid address family in external \"") + (cidr ? "cidr" : "inet") + "\" value");
  address.v6 = family == 3;
  address.bits = static_cast<uint8_t>(reader.int8());
  reader.int8();
  int size = reader.int8();
  if (address.bits > address.max_bits() || size != address.size()) {
    throw SqlError(Sqlstate::InvalidBinaryRepresentation, std::string("invalid bits in external \"") + (cidr ? "cidr" : "inet") + "\" value");
  }
  std::memcpy(address.bytes, reader.take(static_cast<size_t>(size)).data(), static_cast<size_t>(size));
  return string_value(address_bytes(address), arena);
}
template <bool cidr>
void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  NetworkAddress address = read_address(value.text());
  out += static_cast<char>(address.v6 ? 3 : 2);
  out += static_cast<char>(address.bits);
  out += static_cast<char>(cidr);
  out += static_cast<char>(address.size());
  out.append(reinterpret_cast<const char*>(address.bytes), static_cast<size_t>(address.size()));
}
int compare(const Value& a, const Value& b, Oid) {
  int order = compare_addresses(read_address(a.text()), read_address(b.text()));
  return order < 0 ? -1 : order > 0;
}
uint64_t hash(const Value& value, Oid) { return hash_bytes(value.text()); }

// --- Hardware addresses ---

// Pairs of digits, between which one kind of separator may stand.
bool parse_mac(std::string_view text, size_t least, size_t most, std::string& bytes) {
  text = trim_space(text);
  char separator = 0;
  std::string digits;
  size_t since = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (std::isxdigit(static_cast<unsigned char>(c))) {
      digits += c;
      ++since;
      continue;
    }
    if (c != ':' && c != '-' && c != '.') return false;
    if ((separator != 0 && c != separator) || since == 0 || since % 2 != 0 || i + 1 == text.size()) return false;
    separator = c;
    since = 0;
  }
  if (digits.size() != least * 2 && digits.size() != most * 2) return false;
  for (size_t i = 0; i < digits.size(); i += 2) bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return true;
}

Value mac_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  // Single digits may stand between separators, and octets may be too large to be ones.
  std::string copy(text);
  unsigned v[6];
  char junk[2];
  bool matched = false;
  for (const char* format : {"%x:%x:%x:%x:%x:%x%1s", "%x-%x-%x-%x-%x-%x%1s", "%2x%2x%2x:%2x%2x%2x%1s", "%2x%2x%2x-%2x%2x%2x%1s", "%2x%2x.%2x%2x.%2x%2x%1s",
                             "%2x%2x-%2x%2x-%2x%2x%1s", "%2x%2x%2x%2x%2x%2x%1s"}) {
    if (std::sscanf(copy.c_str(), format, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], junk) == 6) {
      matched = true;
      break;
    }
  }
  if (!matched) throw_invalid_text("macaddr", text);
  std::string bytes;
  for (unsigned octet : v) {
    if (octet > 255) throw SqlError(Sqlstate::NumericValueOutOfRange, "invalid octet value in \"macaddr\" value: \"" + copy + "\"");
    bytes += static_cast<char>(octet);
  }
  return string_value(bytes, arena);
}
Value mac8_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  std::string bytes;
  if (!parse_mac(text, 6, 8, bytes)) throw_invalid_text("macaddr8", text);
  return string_value(bytes.size() == 6 ? widen_mac(bytes) : bytes, arena);
}
void mac_output(const TypeContext&, const Value& value, Oid, std::string& out) { out += mac_text(value.text()); }
Value mac_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) { return string_value(BinaryReader(bytes).take(6), arena); }
Value mac8_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  if (bytes.size() == 6) return string_value(widen_mac(bytes), arena);
  return string_value(BinaryReader(bytes).take(8), arena);
}
void bytes_send(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }
int bytes_compare(const Value& a, const Value& b, Oid) {
  int order = a.text().compare(b.text());
  return order < 0 ? -1 : order > 0;
}

}  // namespace

std::string mac_text(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    char hex[4];
    std::snprintf(hex, sizeof hex, "%02x", static_cast<uint8_t>(c));
    if (!out.empty()) out += ':';
    out += hex;
  }
  return out;
}
std::string widen_mac(std::string_view bytes) { return std::string(bytes.substr(0, 3)) + "\xff\xfe" + std::string(bytes.substr(3)); }

const Family kInetFamily = {input<false>, output<false>, receive<false>, send<false>, compare, hash};
const Family kCidrFamily = {input<true>, output<true>, receive<true>, send<true>, compare, hash};
const Family kMacaddrFamily = {mac_input, mac_output, mac_receive, bytes_send, bytes_compare, hash};
const Family kMacaddr8Family = {mac8_input, mac_output, mac8_receive, bytes_send, bytes_compare, hash};

}  // namespace aegis::types
