// uuid-ossp: UUIDs of versions 1, 3, 4 and 5 (RFC 4122).
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <atomic>
#include <chrono>
#include <cstring>

#include "aegis/base/error.h"
#include "call.h"
#include "extension/bindings.h"

namespace aegis::functions {
namespace {

Uuid finish(Uuid uuid, int version) {
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | (version << 4));
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

void random_bytes(uint8_t* out, size_t size) {
  if (RAND_bytes(out, static_cast<int>(size)) != 1) throw SqlError(Sqlstate::InternalError, "could not generate random values");
}

// A name space of RFC 4122's appendix C; they differ in one digit.
Uuid name_space(uint8_t digit) {
  return {{0x6b, 0xa7, 0xb8, digit, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};
}

Uuid named(const Uuid& space, Text name, const EVP_MD* algorithm, int version) {
  std::string data(reinterpret_cast<const char*>(space.bytes), sizeof space.bytes);
  data += name;
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(data.data(), data.size(), digest, nullptr, algorithm, nullptr);
  Uuid uuid;
  std::memcpy(uuid.bytes, digest, sizeof uuid.bytes);
  return finish(uuid, version);
}

// Time, a clock sequence and a node. The node is random with the multicast bit set, as RFC 4122 (4.5) has it for hosts
// that do not want to tell their address; `fresh_node` takes a new one each time.
Uuid timed(bool fresh_node) {
  static const Uuid node = [] {
    Uuid made;
    random_bytes(made.bytes, sizeof made.bytes);
    return made;
  }();
  static std::atomic<uint64_t> last{0};
  constexpr uint64_t kGregorianOffset = 0x01b21dd213814000;  // 100 ns from 1582-10-15 to 1970-01-01
  auto now = std::chrono::system_clock::now().time_since_epoch();
  uint64_t ticks = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()) / 100 + kGregorianOffset;
  uint64_t before = last.load();
  do {
    if (ticks <= before) ticks = before + 1;
  } while (!last.compare_exchange_weak(before, ticks));
  Uuid uuid = node;
  if (fresh_node) random_bytes(uuid.bytes + 10, 6);
  for (int i = 0; i < 4; ++i) uuid.bytes[i] = static_cast<uint8_t>(ticks >> (24 - 8 * i));
  for (int i = 0; i < 2; ++i) uuid.bytes[4 + i] = static_cast<uint8_t>(ticks >> (40 - 8 * i));
  for (int i = 0; i < 2; ++i) uuid.bytes[6 + i] = static_cast<uint8_t>(ticks >> (56 - 8 * i));
  uuid.bytes[10] |= 1;
  return finish(uuid, 1);
}

Uuid random_uuid() {
  Uuid uuid;
  random_bytes(uuid.bytes, sizeof uuid.bytes);
  return finish(uuid, 4);
}

constexpr ScalarBinding kBindings[] = {
    {"uuid_ossp_nil", kernel<[] { return Uuid{}; }>},
    {"uuid_ossp_ns_dns", kernel<[] { return name_space(0x10); }>},
    {"uuid_ossp_ns_url", kernel<[] { return name_space(0x11); }>},
    {"uuid_ossp_ns_oid", kernel<[] { return name_space(0x12); }>},
    {"uuid_ossp_ns_x500", kernel<[] { return name_space(0x14); }>},
    {"uuid_ossp_v1", kernel<[] { return timed(false); }>},
    {"uuid_ossp_v1mc", kernel<[] { return timed(true); }>},
    {"uuid_ossp_v3", kernel<[](const Uuid& space, Text name) { return named(space, name, EVP_md5(), 3); }>},
    {"uuid_ossp_v4", kernel<[] { return random_uuid(); }>},
    {"uuid_ossp_v5", kernel<[](const Uuid& space, Text name) { return named(space, name, EVP_sha1(), 5); }>},
};

}  // namespace

std::span<const ScalarBinding> uuid_ossp_bindings() { return kBindings; }

}  // namespace aegis::functions
