#include "lsm/memtable.h"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "aegis/os/random.h"

namespace aegis::storage::lsm {
namespace {

constexpr MemtableKind kKinds[] = {MemtableKind::SkipList, MemtableKind::AdaptiveRadixTree, MemtableKind::BTree};

// Keys that are prefixes of each other, share long beginnings, or have every byte.
std::string random_key(os::Random& random) {
  std::string key;
  switch (random.below(4)) {
    case 0:
      for (uint64_t i = random.below(5); i > 0; --i) key.push_back(static_cast<char>(random.below(3)));
      break;
    case 1:
      key = "a long beginning that many keys share " + std::to_string(random.below(3000));
      break;
    case 2:
      key = std::string(random.below(40), 'x') + static_cast<char>(random.below(256));
      break;
    default:
      for (int i = 0; i < 2; ++i) key.push_back(static_cast<char>(random.below(256)));
      break;
  }
  return key;
}

struct Newest {
  uint64_t sequence;
  std::string value;
};

// By key; of each key the versions, oldest first.
using Model = std::map<std::string, std::vector<Newest>>;

void check_walk(const Memtable& table, const Model& model, const std::string* bound, Direction direction) {
  auto cursor = table.cursor(direction);
  std::string_view view = bound != nullptr ? std::string_view(*bound) : std::string_view();
  cursor->seek(bound != nullptr ? &view : nullptr);
  auto expect = [&](const Model::value_type& item) {
    size_t count = item.second.size();
    std::vector<bool> met(count);
    for (size_t i = 0; i < count; ++i, cursor->advance()) {
      REQUIRE(cursor->valid());
      REQUIRE(cursor->entry().key == item.first);
      for (size_t k = 0; k < count; ++k) met[k] = met[k] || item.second[k].sequence == cursor->entry().sequence;
      if (direction == Direction::Forward) REQUIRE(cursor->entry().sequence == item.second[count - 1 - i].sequence);
    }
    for (bool one : met) REQUIRE(one);
  };
  if (direction == Direction::Forward) {
    for (auto at = bound != nullptr ? model.lower_bound(*bound) : model.begin(); at != model.end(); ++at) expect(*at);
  } else {
    for (auto at = bound != nullptr ? model.lower_bound(*bound) : model.end(); at != model.begin();) expect(*--at);
  }
  REQUIRE(!cursor->valid());
}

TEST_CASE("memtables of every kind agree with a map") {
  for (MemtableKind kind : kKinds) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(seed);
      os::Random random(seed);
      auto table = Memtable::make(kind);
      CHECK(table->empty());
      CHECK(!table->get("", kMaxSequence));
      check_walk(*table, {}, nullptr, Direction::Forward);
      check_walk(*table, {}, nullptr, Direction::Backward);
      Model model;
      uint64_t count = seed == 1 ? 200 : 6000;
      for (uint64_t sequence = 1; sequence <= count; ++sequence) {
        std::string key = random_key(random), value = std::to_string(sequence);
        table->add({key, sequence, EntryKind::Put, value});
        model[key].push_back({sequence, value});
      }
      CHECK(table->entry_count() == count);
      for (int i = 0; i < 3000; ++i) {
        std::string key = random_key(random);
        uint64_t sequence = 1 + random.below(count);
        const Newest* expected = nullptr;
        if (auto found = model.find(key); found != model.end()) {
          for (const Newest& version : found->second) {
            if (version.sequence <= sequence) expected = &version;
          }
        }
        auto got = table->get(key, sequence);
        REQUIRE(got.has_value() == (expected != nullptr));
        if (expected != nullptr) REQUIRE(got->value == expected->value);
      }
      for (Direction direction : {Direction::Forward, Direction::Backward}) {
        check_walk(*table, model, nullptr, direction);
        for (int i = 0; i < 20; ++i) {
          std::string bound = random_key(random);
          check_walk(*table, model, &bound, direction);
        }
      }
    }
  }
}

TEST_CASE("readers of a memtable see all that was there when they began") {
  for (MemtableKind kind : kKinds) {
    CAPTURE(static_cast<int>(kind));
    auto table = Memtable::make(kind);
    constexpr uint64_t kCount = 20000;
    std::atomic<uint64_t> written{0};
    std::atomic<bool> wrong{false};
    // The n-th key is a function of n, and each is written once.
    auto key_of = [](uint64_t n) { return std::to_string((n * 7919) % 1000003) + (n % 5 == 0 ? "" : "/suffix"); };
    std::thread reader([&] {
      os::Random random(5);
      while (written.load() < kCount) {
        uint64_t until = written.load(std::memory_order_acquire);
        if (until == 0) continue;
        uint64_t n = 1 + random.below(until);
        auto got = table->get(key_of(n), until);
        if (!got || got->sequence != n) wrong = true;
        if (!random.one_in(64)) continue;
        Direction direction = random.one_in(2) ? Direction::Forward : Direction::Backward;
        uint64_t met = 0;
        std::string last;
        auto cursor = table->cursor(direction);
        for (cursor->seek(nullptr); cursor->valid(); cursor->advance()) {
          std::string key(cursor->entry().key);
          if (!last.empty() && (direction == Direction::Forward ? key <= last : key >= last)) wrong = true;
          last = key;
          if (cursor->entry().sequence <= until) ++met;
        }
        if (met != until) wrong = true;
      }
    });
    for (uint64_t n = 1; n <= kCount; ++n) {
      table->add({key_of(n), n, EntryKind::Put, "v"});
      written.store(n, std::memory_order_release);
    }
    reader.join();
    CHECK(!wrong);
  }
}

}  // namespace
}  // namespace aegis::storage::lsm
