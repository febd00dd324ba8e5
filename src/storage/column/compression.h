// LZ4 and Zstd over whole blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "column/encoding.h"

namespace aegis::storage {

enum class CompressionEffort : uint8_t { Fast, Thorough };

// Appends the compressed bytes if they are smaller than `limit`; false, with nothing appended, otherwise.
bool compress(BlockCompression method, std::string_view raw, size_t limit, CompressionEffort effort, std::string& out);
// Fills out[0, size); false if the input does not give exactly that.
bool decompress(BlockCompression method, std::string_view in, char* out, size_t size);

}  // namespace aegis::storage
