// A sequence's state as storage metadata: kind kSequenceMetadata, key the OID in big-endian order, bytes the last
// value as a little-endian int64 and one byte is_called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aegis/base/ids.h"

namespace aegis::catalog {

struct SequenceState {
  int64_t last_value = 1;
  bool is_called = false;
};

inline std::string sequence_key(Oid oid) {
  return {static_cast<char>(oid >> 24), static_cast<char>(oid >> 16), static_cast<char>(oid >> 8), static_cast<char>(oid)};
}

inline std::string encode_sequence(const SequenceState& state) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<uint64_t>(state.last_value) >> (8 * i));
  bytes += state.is_called ? '\1' : '\0';
  return bytes;
}

// False when the bytes are none of encode_sequence's.
inline bool decode_sequence(std::string_view bytes, SequenceState& state) {
  if (bytes.size() != 9) return false;
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  state.last_value = static_cast<int64_t>(value);
  state.is_called = bytes[8] != 0;
  return true;
}

}  // namespace aegis::catalog
