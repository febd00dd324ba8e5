#include "lsm/filter.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "aegis/base/hash.h"
#include "coding.h"

namespace aegis::storage::lsm {
namespace {

// --- Bloom: kind, then lines of 64 bytes -------------------------------------------------------------------

constexpr size_t kLineBytes = 64;
constexpr unsigned kProbes = 6;
constexpr size_t kBitsPerKey = 10;

size_t line_of(uint64_t hash, size_t lines) {
  return static_cast<size_t>((static_cast<unsigned __int128>(hash) * lines) >> 64);
}

template <typename F>
void for_each_probe(uint64_t hash, F&& probe) {
  uint64_t mixed = hash_int(hash);
  for (unsigned i = 0; i < kProbes; ++i) {
    probe(static_cast<unsigned>(mixed & 511));
    mixed >>= 9;
  }
}

std::string build_bloom(std::span<const uint64_t> hashes) {
  size_t lines = std::max<size_t>(1, (hashes.size() * kBitsPerKey + kLineBytes * 8 - 1) / (kLineBytes * 8));
  std::string out(1 + lines * kLineBytes, '\0');
  out[0] = static_cast<char>(FilterKind::Bloom);
  for (uint64_t hash : hashes) {
    char* line = out.data() + 1 + line_of(hash, lines) * kLineBytes;
    for_each_probe(hash, [&](unsigned bit) { line[bit / 8] = static_cast<char>(line[bit / 8] | 1 << (bit % 8)); });
  }
  return out;
}

bool bloom_has(std::string_view filter, uint64_t hash) {
  size_t lines = (filter.size() - 1) / kLineBytes;
  if (lines == 0) return true;
  const char* line = filter.data() + 1 + line_of(hash, lines) * kLineBytes;
  bool all = true;
  for_each_probe(hash, [&](unsigned bit) { all &= (line[bit / 8] >> (bit % 8) & 1) != 0; });
  return all;
}

// --- Ribbon: kind, seed, slot count, then kResultBits columns of slots as bits ------------------------------
//
// Each key stands for an equation over the slots [start, start + 64): the xor of those its coefficients select is the
// key's fingerprint. Gaussian elimination as keys come in (banding), then back substitution.

constexpr unsigned kResultBits = 7;
constexpr size_t kRibbonHead = 1 + 1 + 4;

struct Equation {
  size_t start;
  uint64_t coefficients;
  uint8_t result;
};

Equation equation_of(uint64_t hash, uint8_t seed, size_t slots) {
  uint64_t a = hash_int(hash + seed * 0x9e3779b97f4a7c15ULL);
  uint64_t b = hash_int(a + 0xbf58476d1ce4e5b9ULL);
  size_t starts = slots - 63;
  return {static_cast<size_t>((static_cast<unsigned __int128>(a) * starts) >> 64), b | 1,
          static_cast<uint8_t>((a ^ b >> 17) & ((1U << kResultBits) - 1))};
}

bool band(std::span<const uint64_t> hashes, uint8_t seed, std::vector<uint64_t>& rows, std::vector<uint8_t>& results) {
  for (uint64_t hash : hashes) {
    Equation e = equation_of(hash, seed, rows.size());
    size_t at = e.start;
    for (;;) {
      if (rows[at] == 0) {
        rows[at] = e.coefficients;
        results[at] = e.result;
        break;
      }
      e.coefficients ^= rows[at];
      e.result ^= results[at];
      if (e.coefficients == 0) {
        if (e.result != 0) return false;
        break;  // the same as what is there
      }
      unsigned shift = static_cast<unsigned>(std::countr_zero(e.coefficients));
      at += shift;
      e.coefficients >>= shift;
    }
  }
  return true;
}

std::string build_ribbon(std::span<const uint64_t> hashes) {
  size_t slots = hashes.size() + hashes.size() / 8 + 128;
  for (unsigned attempt = 0; attempt < 64; ++attempt) {
    std::vector<uint64_t> rows(slots, 0);
    std::vector<uint8_t> results(slots, 0);
    auto seed = static_cast<uint8_t>(attempt);
    if (!band(hashes, seed, rows, results)) {
      slots += slots / 32;
      continue;
    }
    size_t column_bytes = (slots + 7) / 8 + 8;
    std::string out(kRibbonHead + kResultBits * column_bytes, '\0');
    out[0] = static_cast<char>(FilterKind::Ribbon);
    out[1] = static_cast<char>(seed);
    auto count = static_cast<uint32_t>(slots);
    std::memcpy(out.data() + 2, &count, sizeof count);
    for (unsigned bit = 0; bit < kResultBits; ++bit) {
      char* column = out.data() + kRibbonHead + bit * column_bytes;
      uint64_t window = 0;  // the solution of slots [at, at + 64)
      for (size_t at = slots; at-- > 0;) {
        window <<= 1;
        if (rows[at] == 0) continue;
        uint64_t value = (results[at] >> bit & 1U) ^ (static_cast<unsigned>(std::popcount(window & rows[at])) & 1U);
        window |= value;
        column[at / 8] = static_cast<char>(column[at / 8] | static_cast<char>(value << (at % 8)));
      }
    }
    return out;
  }
  return build_bloom(hashes);
}

bool ribbon_has(std::string_view filter, uint64_t hash) {
  uint32_t slots;
  std::memcpy(&slots, filter.data() + 2, sizeof slots);
  size_t column_bytes = (size_t{slots} + 7) / 8 + 8;
  if (slots < 64 || filter.size() < kRibbonHead + kResultBits * column_bytes) return true;
  Equation e = equation_of(hash, static_cast<uint8_t>(filter[1]), slots);
  for (unsigned bit = 0; bit < kResultBits; ++bit) {
    const char* at = filter.data() + kRibbonHead + bit * column_bytes + e.start / 8;
    uint64_t low;
    std::memcpy(&low, at, sizeof low);
    unsigned shift = e.start % 8;
    uint64_t window = low >> shift;
    if (shift != 0) window |= uint64_t{static_cast<uint8_t>(at[8])} << (64 - shift);
    if ((static_cast<unsigned>(std::popcount(window & e.coefficients)) & 1U) != (e.result >> bit & 1U)) return false;
  }
  return true;
}

}  // namespace

std::string build_filter(FilterKind kind, std::span<const uint64_t> hashes) {
  switch (kind) {
    case FilterKind::None: return {};
    case FilterKind::Bloom: return build_bloom(hashes);
    case FilterKind::Ribbon: return build_ribbon(hashes);
  }
  return {};
}

bool filter_may_contain(std::string_view filter, uint64_t hash) {
  if (filter.empty()) return true;
  switch (static_cast<FilterKind>(filter[0])) {
    case FilterKind::Bloom: return bloom_has(filter, hash);
    case FilterKind::Ribbon: return filter.size() < kRibbonHead || ribbon_has(filter, hash);
    case FilterKind::None: return true;
  }
  return true;
}

}  // namespace aegis::storage::lsm
