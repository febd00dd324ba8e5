// The numbers of encoding.def.
#pragma once

#include <cstdint>

namespace aegis::storage {

#define AEGIS_INTEGERS(name, number)
#define AEGIS_FLOATS(name, number)
#define AEGIS_STRINGS(name, number)
#define AEGIS_NUMERICS(name, number)
#define AEGIS_COMPRESSION(name, number)

#undef AEGIS_INTEGERS
#define AEGIS_INTEGERS(name, number) name = number,
enum class IntegerEncoding : uint8_t {
#include "column/encoding.def"
};
#undef AEGIS_INTEGERS
#define AEGIS_INTEGERS(name, number)

#undef AEGIS_FLOATS
#define AEGIS_FLOATS(name, number) name = number,
enum class FloatEncoding : uint8_t {
#include "column/encoding.def"
};
#undef AEGIS_FLOATS
#define AEGIS_FLOATS(name, number)

#undef AEGIS_STRINGS
#define AEGIS_STRINGS(name, number) name = number,
enum class StringEncoding : uint8_t {
#include "column/encoding.def"
};
#undef AEGIS_STRINGS
#define AEGIS_STRINGS(name, number)

#undef AEGIS_NUMERICS
#define AEGIS_NUMERICS(name, number) name = number,
enum class NumericEncoding : uint8_t {
#include "column/encoding.def"
};
#undef AEGIS_NUMERICS
#define AEGIS_NUMERICS(name, number)

#undef AEGIS_COMPRESSION
#define AEGIS_COMPRESSION(name, number) name = number,
enum class BlockCompression : uint8_t {
#include "column/encoding.def"
};

#undef AEGIS_INTEGERS
#undef AEGIS_FLOATS
#undef AEGIS_STRINGS
#undef AEGIS_NUMERICS
#undef AEGIS_COMPRESSION

}  // namespace aegis::storage
