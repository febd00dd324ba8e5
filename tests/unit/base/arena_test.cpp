#include "aegis/base/arena.h"

#include <doctest/doctest.h>

using namespace aegis;

TEST_CASE("an arena aligns and keeps earlier allocations") {
  Arena arena(64);
  auto text = arena.copy("abc");
  for (int i = 0; i < 1000; ++i) {
    auto* number = arena.allocate_array<uint64_t>(3);
    CHECK(reinterpret_cast<uintptr_t>(number) % alignof(uint64_t) == 0);
    number[2] = i;
  }
  CHECK(text == "abc");
}

TEST_CASE("reset keeps one block to use again") {
  Arena arena(64);
  for (int i = 0; i < 100; ++i) arena.allocate(1000);
  size_t before = arena.allocated_bytes();
  arena.reset();
  CHECK(arena.allocated_bytes() < before);
  CHECK(arena.allocated_bytes() > 0);
}
