#include "column/compression.h"

#include <lz4.h>
#include <lz4hc.h>
#include <zstd.h>

#include <memory>

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
    case BlockCompression::None: return false;
    case BlockCompression::Lz4:
      return LZ4_decompress_safe(in.data(), out, static_cast<int>(in.size()), static_cast<int>(size)) == static_cast<int>(size);
    case BlockCompression::Zstd: return ZSTD_decompressDCtx(zstd().decompress, out, size, in.data(), in.size()) == size;
  }
  return false;
}

}  // namespace aegis::storage
