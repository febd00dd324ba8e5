#include "aegis/base/hash.h"

#include <doctest/doctest.h>

#include <string>

using namespace aegis;

TEST_CASE("crc32c gives the published check value") { CHECK(crc32c("123456789", 9) == 0xe3069283u); }

TEST_CASE("crc32c continues from an earlier checksum") {
  CHECK(crc32c("456789", 6, crc32c("123", 3)) == crc32c("123456789", 9));
}
