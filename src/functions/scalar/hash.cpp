// PostgreSQL's hash functions with its results (Bob Jenkins' lookup3), for users who partition by them.
#include <cmath>
#include <cstring>

#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "scalar/lookup3.h"

namespace aegis::functions {

namespace {

struct State : Lookup3 {
  using Lookup3::Lookup3;
  uint32_t finish() {
    Lookup3::finish();
    return c;
  }
};

uint32_t hash_text(Text text) {
  State state(static_cast<uint32_t>(text.size()));
  state.add(text);
  return state.finish();
}

uint32_t hash_uint32(uint32_t value) {
  State state(4);
  state.a += value;
  return state.finish();
}

uint32_t hash_int64(int64_t value) {
  auto low = static_cast<uint32_t>(value);
  auto high = static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32);
  return hash_uint32(low ^ (value >= 0 ? high : ~high));
}

uint32_t hash_double(double value) {
  if (value == 0) return 0;
  if (std::isnan(value)) value = std::nan("");
  return hash_text({reinterpret_cast<const char*>(&value), sizeof value});
}

int32_t as_int(uint32_t hash) { return static_cast<int32_t>(hash); }

constexpr ScalarBinding kBindings[] = {
    {"hashint2", kernel<[](int16_t a) { return as_int(hash_uint32(static_cast<uint32_t>(int32_t{a}))); }>},
    {"hashint4", kernel<[](int32_t a) { return as_int(hash_uint32(static_cast<uint32_t>(a))); }>},
    {"hashint8", kernel<[](int64_t a) { return as_int(hash_int64(a)); }>},
    {"timestamp_hash", kernel<[](int64_t a) { return as_int(hash_int64(a)); }>},
    {"time_hash", kernel<[](int64_t a) { return as_int(hash_int64(a)); }>},
    {"hashoid", kernel<[](uint32_t a) { return as_int(hash_uint32(a)); }>},
    {"hashchar", kernel<[](int8_t a) { return as_int(hash_uint32(static_cast<uint32_t>(int32_t{a}))); }>},
    {"hashfloat4", kernel<[](float a) { return as_int(hash_double(a)); }>},
    {"hashfloat8", kernel<[](double a) { return as_int(hash_double(a)); }>},
    {"hashtext", kernel<[](Text a) { return as_int(hash_text(a)); }>},
    {"hashname", kernel<[](Text a) { return as_int(hash_text(a)); }>},
    {"hashvarlena", kernel<[](Text a) { return as_int(hash_text(a)); }>},
    {"hashbpchar", kernel<[](Text a) { return as_int(hash_text(types::trim_trailing_blanks(a))); }>},
    {"uuid_hash", kernel<[](const Uuid& a) {
       return as_int(hash_text({reinterpret_cast<const char*>(a.bytes), sizeof a.bytes}));
     }>},
};

}  // namespace

std::span<const ScalarBinding> hash_bindings() { return kBindings; }

}  // namespace aegis::functions
