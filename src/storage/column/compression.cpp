#include "column/compression.h"

#include <lz4.h>
#include <lz4hc.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "coding.h"

namespace aegis::storage {
namespace {

constexpr int kLz4Level = 4;
constexpr int kZstdLevel = 3;
constexpr int kZstdFastLevel = 1;

struct ZstdContexts {
  ZSTD_CCtx* compress = ZSTD_createCCtx();
  ZSTD_DCtx* decompress = ZSTD_createDCtx();
  ~ZstdContexts() {
    ZSTD_freeCCtx(compress);
    ZSTD_freeDCtx(decompress);
  }
};

ZstdContexts& zstd() {
  thread_local ZstdContexts contexts;
  return contexts;
}

}  // namespace

bool compress(BlockCompression method, std::string_view raw, size_t limit, CompressionEffort effort, std::string& out) {
  bool fast = effort == CompressionEffort::Fast;
  size_t start = out.size();
  out.resize(start + limit);
  size_t size = 0;
  switch (method) {
    case BlockCompression::None: break;
    case BlockCompression::Lz4: {
      auto from = static_cast<int>(raw.size()), to = static_cast<int>(limit);
      int written = fast ? LZ4_compress_default(raw.data(), out.data() + start, from, to)
                         : LZ4_compress_HC(raw.data(), out.data() + start, from, to, kLz4Level);
      size = written > 0 ? static_cast<size_t>(written) : 0;
      break;
    }
    case BlockCompression::ZstdFrames: break;
    case BlockCompression::Zstd: {
      size_t written = ZSTD_compressCCtx(zstd().compress, out.data() + start, limit, raw.data(), raw.size(),
                                         fast ? kZstdFastLevel : kZstdLevel);
      size = ZSTD_isError(written) ? 0 : written;
      break;
    }
  }
  out.resize(start + size);
  return size > 0;
}

bool decompress(BlockCompression method, std::string_view in, char* out, size_t size) {
  switch (method) {
    case BlockCompression::None:
    case BlockCompression::ZstdFrames: return false;
    case BlockCompression::Lz4:
      return LZ4_decompress_safe(in.data(), out, static_cast<int>(in.size()), static_cast<int>(size)) == static_cast<int>(size);
    case BlockCompression::Zstd: return ZSTD_decompressDCtx(zstd().decompress, out, size, in.data(), in.size()) == size;
  }
  return false;
}

bool compress_frames(std::string_view raw, size_t limit, std::string& out) {
  const std::string_view head = raw.substr(0, kFrameHeadBytes);
  std::string sizes, frames;
  if (!compress(BlockCompression::Zstd, head, ZSTD_compressBound(head.size()), CompressionEffort::Thorough, frames)) return false;
  put_varint(sizes, frames.size());
  std::unique_ptr<ZSTD_CDict, size_t (*)(ZSTD_CDict*)> dictionary(ZSTD_createCDict(head.data(), head.size(), kZstdLevel), ZSTD_freeCDict);
  for (size_t at = kFrameHeadBytes; at < raw.size(); at += kFrameBytes) {
    std::string_view piece = raw.substr(at, kFrameBytes);
    size_t start = frames.size();
    frames.resize(start + ZSTD_compressBound(piece.size()));
    size_t written = ZSTD_compress_usingCDict(zstd().compress, frames.data() + start, frames.size() - start, piece.data(), piece.size(),
                                              dictionary.get());
    if (ZSTD_isError(written)) return false;
    frames.resize(start + written);
    put_varint(sizes, written);
    if (sizes.size() + frames.size() >= limit) return false;
  }
  out += sizes;
  out += frames;
  return true;
}

bool FrameReader::open(std::string_view in, char* out, size_t size) {
  frames_.clear();
  out_ = out;
  size_ = size;
  if (size <= kFrameHeadBytes) return false;
  size_t count = 1 + (size - kFrameHeadBytes + kFrameBytes - 1) / kFrameBytes;
  if (count > in.size()) return false;
  std::vector<uint64_t> sizes(count);
  for (uint64_t& bytes : sizes) {
    if (!get_varint(in, bytes)) return false;
  }
  frames_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    if (sizes[i] == 0 || sizes[i] > in.size()) return false;
    frames_[i] = in.substr(0, sizes[i]);
    in.remove_prefix(sizes[i]);
  }
  return in.empty() && decompress(BlockCompression::Zstd, frames_[0], out, kFrameHeadBytes);
}

bool FrameReader::decompress_piece(size_t number) {
  std::string_view& frame = frames_[number];
  if (frame.empty()) return true;
  size_t at = kFrameHeadBytes + (number - 1) * kFrameBytes;
  size_t size = std::min(kFrameBytes, size_ - at);
  size_t written = ZSTD_decompress_usingDict(zstd().decompress, out_ + at, size, frame.data(), frame.size(), out_, kFrameHeadBytes);
  frame = {};
  return written == size;
}

bool FrameReader::need(size_t from, size_t to) {
  if (to <= kFrameHeadBytes || from >= to) return true;
  size_t first = from < kFrameHeadBytes ? 1 : 1 + (from - kFrameHeadBytes) / kFrameBytes;
  size_t last = 1 + (to - 1 - kFrameHeadBytes) / kFrameBytes;
  if (last >= frames_.size()) return false;
  for (size_t i = first; i <= last; ++i) {
    if (!decompress_piece(i)) return false;
  }
  return true;
}

}  // namespace aegis::storage
