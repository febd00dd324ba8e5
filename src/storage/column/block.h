// A block: some thousand values of one column, readable on its own.
//
//   flags            bit 0: it has nulls; bits 1-2: BlockCompression; bit 7: references behind it (segment_file.h)
//   [raw size]       varint, if compressed
//   body             [bitmap of valid values] values as their type's encoding has them (encoding.def)
//
// A long block of plain strings may be in frames, of which only those asked for are decompressed. Null values and values that are not there are written as the value before them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/storage/table.h"
#include "aegis/types/value.h"
#include "aegis/vector/vector.h"
#include "column/compression.h"
#include "column/integers.h"

namespace aegis::storage {

using types::PhysicalType;

inline constexpr uint8_t kHasReferences = 0x80;

// Appends values [0, count) of a flat vector. Compression is used where it pays; Auto is LZ4, and Zstd for long texts
// and what LZ4 makes little of.
void encode_block(PhysicalType type, const std::byte* slots, const uint64_t* validity, size_t count,
                  ColumnCompression compression, std::string& out);

// Reads a block in place: its bytes must outlive the reader (but for Bytes::Own), not what it has read.
class BlockReader {
 public:
  enum class Bytes : uint8_t { Borrow, Own };
  // False when the payload is malformed.
  bool open(PhysicalType type, std::string_view payload, size_t count, Bytes bytes = Bytes::Borrow);
  size_t count() const { return count_; }

  // Writes values [from, from + count) to slots [at, at + count) of a flat vector; out-of-line bytes go to its heap.
  // False when the block is malformed.
  bool read(size_t from, size_t count, vector::Vector& out, size_t at);

 private:
  struct Strings {
    std::string_view prefix;
    IntegerStream lengths;
    std::string_view bytes;
    bool has_dictionary = false;
    PackedBits codes;
    std::vector<uint32_t> offsets;  // of the distinct strings, or of all once a single one was asked for
    std::vector<types::StringView> views;
  };

  bool parse(std::string_view body);
  bool parse_strings(std::string_view& in);
  bool parse_plain_strings(std::string_view& in, size_t count);
  void fill_offsets(size_t count);
  void read_integers(size_t from, size_t count, std::byte* out);
  void read_floats(size_t from, size_t count, std::byte* out);
  void read_strings(size_t from, size_t count, types::StringView* out, Arena& heap);
  void read_plain_strings(size_t from, size_t count, types::StringView* out, Arena& heap);
  bool read_numerics(size_t from, size_t count, types::Numeric* out, Arena& heap);
  types::StringView string_at(size_t i, Arena& heap);
  // Makes these bytes of the plain strings valid.
  void need_bytes(size_t from, size_t to);

  PhysicalType type_ = PhysicalType::Bool;
  size_t count_ = 0;
  std::unique_ptr<char[]> raw_;   // of a compressed block
  size_t raw_capacity_ = 0;
  FrameReader frames_;            // of a block that is decompressed as it is read
  bool malformed_ = false;
  const char* validity_ = nullptr;
  uint8_t encoding_ = 0;
  IntegerStream streams_[3];
  uint8_t exponent_ = 0;
  std::vector<std::pair<uint32_t, uint64_t>> exceptions_;
  std::string_view plain_;
  Strings strings_;
};

}  // namespace aegis::storage
