// LZ4 and Zstd over whole blocks, and frames: the first kFrameHeadBytes of a long block on their own, what follows in pieces
// of kFrameBytes that refer to the head as their dictionary. So one value costs two short pieces to decompress.
//
//   for the head and each piece its compressed size (varint); then the head and the pieces, each a Zstd frame
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "column/encoding.h"

namespace aegis::storage {

enum class CompressionEffort : uint8_t { Fast, Thorough };

// Appends the compressed bytes if they are smaller than `limit`; false, with nothing appended, otherwise.
bool compress(BlockCompression method, std::string_view raw, size_t limit, CompressionEffort effort, std::string& out);
// Fills out[0, size); false if the input does not give exactly that.
bool decompress(BlockCompression method, std::string_view in, char* out, size_t size);

inline constexpr size_t kFrameHeadBytes = 16 << 10;
inline constexpr size_t kFrameBytes = 8 << 10;

// As compress(); `raw` is longer than the head.
bool compress_frames(std::string_view raw, size_t limit, std::string& out);

// Decompresses frames as they are asked for, in place: `in` and `out` must outlive it.
class FrameReader {
 public:
  // Takes the sizes and decompresses the head; false when they are malformed.
  bool open(std::string_view in, char* out, size_t size);
  void close() { frames_.clear(); }
  bool is_open() const { return !frames_.empty(); }
  // Makes out[from, to) valid.
  bool need(size_t from, size_t to);

 private:
  bool decompress_piece(size_t number);

  std::vector<std::string_view> frames_;  // empty: it is there
  char* out_ = nullptr;
  size_t size_ = 0;
};

}  // namespace aegis::storage
