// Unsigned numbers of a fixed width in bits, little-endian and without gaps. Widths over 56 are stored as 64.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace aegis::storage {

inline constexpr unsigned kMaxPackedWidth = 56;

inline unsigned packed_width(uint64_t largest) {
  auto width = static_cast<unsigned>(std::bit_width(largest));
  return width > kMaxPackedWidth ? 64 : width;
}
inline size_t packed_bytes(size_t count, unsigned width) { return (count * width + 7) / 8; }

inline void pack_bits(const uint64_t* values, size_t count, unsigned width, std::string& out) {
  size_t start = out.size();
  // Room to write whole words.
  out.resize(start + packed_bytes(count, width) + 8, '\0');
  char* data = out.data() + start;
  for (size_t i = 0; i < count; ++i) {
    size_t bit = i * width;
    uint64_t word;
    std::memcpy(&word, data + (bit >> 3), 8);
    word |= values[i] << (bit & 7);
    std::memcpy(data + (bit >> 3), &word, 8);
  }
  out.resize(start + packed_bytes(count, width));
}

struct PackedBits {
  const char* data = nullptr;
  size_t size = 0;  // bytes
  unsigned width = 0;

  uint64_t mask() const { return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }
  uint64_t at(size_t i) const {
    size_t bit = i * width;
    size_t byte = bit >> 3;
    uint64_t word = 0;
    std::memcpy(&word, data + byte, std::min<size_t>(8, size - byte));
    return (word >> (bit & 7)) & mask();
  }
  // Calls store(k, value) for values [from, from + count).
  template <typename Store>
  void unpack(size_t from, size_t count, Store&& store) const {
    if (width == 0) {
      for (size_t k = 0; k < count; ++k) store(k, 0);
      return;
    }
    // Values whose word lies inside.
    size_t safe = size < 8 ? 0 : std::min(from + count, (size - 8) * 8 / width + 1);
    const uint64_t m = mask();
    size_t i = from;
    size_t bit = from * width;
    for (; i < safe; ++i, bit += width) {
      uint64_t word;
      std::memcpy(&word, data + (bit >> 3), 8);
      store(i - from, (word >> (bit & 7)) & m);
    }
    for (; i < from + count; ++i) store(i - from, at(i));
  }
};

}  // namespace aegis::storage
