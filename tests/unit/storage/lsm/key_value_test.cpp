#include "aegis/storage/key_value.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <thread>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/os/random.h"

namespace aegis::storage {
namespace {

using Model = std::map<std::string, std::string>;

KeyValueOptions tiny_options() {
  KeyValueOptions options;
  options.memtable_bytes = 4096;
  options.block_bytes = 256;
  options.file_bytes = 4096;
  options.level_1_bytes = 16 << 10;
  options.level_ratio = 3;
  options.runs_at_level_0 = 3;
  options.cache_bytes = 64 << 10;
  options.background = false;
  options.value_separation_threshold = 40;
  options.value_file_bytes = 8192;
  return options;
}

std::string random_key(os::Random& random) {
  std::string key = fmt::format("key {:04}", random.below(1500));
  if (random.one_in(10)) key.resize(random.below(key.size() + 1));
  return key;
}

Model contents(KeyValueStore& store, std::shared_ptr<const KeyValueStore::Snapshot> snapshot = nullptr) {
  Model model;
  for (auto cursor = store.scan({}, snapshot); cursor->valid(); cursor->advance()) model[cursor->key()] = cursor->value();
  return model;
}

void check_range(KeyValueStore& store, const Model& model, os::Random& random) {
  KeyValueStore::Range range;
  if (!random.one_in(4)) range.lower = random_key(random);
  if (!random.one_in(4)) range.upper = random_key(random);
  std::vector<std::pair<std::string, std::string>> expected, got;
  for (auto& item : model) {
    if ((!range.lower || item.first >= *range.lower) && (!range.upper || item.first < *range.upper)) expected.push_back(item);
  }
  range.backward = random.one_in(2);
  if (range.backward) std::reverse(expected.begin(), expected.end());
  for (auto cursor = store.scan(range); cursor->valid(); cursor->advance()) got.emplace_back(cursor->key(), cursor->value());
  CHECK(got == expected);
}

void change(KeyValueStore& store, Model& model, os::Random& random, bool synchronous = false) {
  KeyValueBatch batch;
  for (uint64_t i = 0, n = 1 + random.below(4); i < n; ++i) {
    std::string key = random_key(random);
    if (random.one_in(3)) {
      batch.remove(key);
      model.erase(key);
    } else {
      std::string value(random.below(60), static_cast<char>('a' + random.below(26)));
      batch.put(key, value);
      model[key] = value;
    }
  }
  store.write(batch, {synchronous});
}

TEST_CASE("a store agrees with a map through flushes, compactions and restarts") {
  for (int variant = 0; variant < 8; ++variant) {
    uint64_t seed = 100 + static_cast<uint64_t>(variant);
    CAPTURE(seed);
    os::Random random(seed);
    os::FaultyFileSystem durable(seed);
    KeyValueOptions options = tiny_options();
    options.compaction = static_cast<KeyValueOptions::Compaction>(variant % 4);
    options.memtable = static_cast<KeyValueOptions::Memtable>((variant + variant / 3) % 3);
    options.filter = static_cast<KeyValueOptions::Filter>(variant % 3);
    options.compress = variant >= 3;
    options.learned_index = variant != 4;
    auto store = KeyValueStore::open(durable, "kv", options);
    Model model;
    std::vector<std::pair<std::shared_ptr<const KeyValueStore::Snapshot>, Model>> snapshots;
    for (int step = 0; step < 6000; ++step) {
      change(*store, model, random);
      if (random.one_in(60)) store->flush();
      if (random.one_in(150)) store->compact();
      if (random.one_in(1500)) store->compact(true);
      if (random.one_in(400)) snapshots.emplace_back(store->snapshot(), model);
      if (snapshots.size() > 3) snapshots.erase(snapshots.begin() + static_cast<long>(random.below(3)));
      std::string key = random_key(random), value;
      auto expected = model.find(key);
      REQUIRE(store->get(key, value) == (expected != model.end()));
      if (expected != model.end()) REQUIRE(value == expected->second);
      if (step % 200 == 0) check_range(*store, model, random);
      if (!snapshots.empty() && step % 50 == 0) {
        auto& [snapshot, then] = snapshots[random.below(snapshots.size())];
        auto old = then.find(key);
        REQUIRE(store->get(key, value, snapshot.get()) == (old != then.end()));
        if (old != then.end()) REQUIRE(value == old->second);
        if (step % 500 == 0) CHECK(contents(*store, snapshot) == then);
      }
      if (random.one_in(2000)) {
        snapshots.clear();
        store.reset();
        store = KeyValueStore::open(durable, "kv", options);
        CHECK(contents(*store) == model);
      }
    }
    store->verify();
    snapshots.clear();
    CHECK(contents(*store) == model);
    store->compact(true);
    CHECK(contents(*store) == model);
    KeyValueStats stats = store->stats();
    CHECK(stats.compaction_written_bytes > 0);
    CHECK(stats.value_log_bytes > 0);
    CHECK(stats.value_log_garbage_bytes <= stats.value_log_bytes * 2 / 3 + options.value_file_bytes);
    // What nobody needs any more is not on the disk.
    size_t expected_files = 0, found_files = 0;
    for (const auto& level : stats.levels) expected_files += level.files;
    for (const std::string& name : durable.list("kv")) found_files += name.ends_with(".sst") ? 1 : 0;
    CHECK(found_files <= expected_files + 1);
  }
}

TEST_CASE("a crash takes only what was not synchronous, and the last of that") {
  const char* given = std::getenv("AEGIS_TEST_SEEDS");
  uint64_t seeds = given != nullptr ? std::strtoull(given, nullptr, 10) : 40;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    os::Random random(seed);
    os::FaultyFileSystem files(seed);
    KeyValueOptions options = tiny_options();
    options.compaction = static_cast<KeyValueOptions::Compaction>(seed % 3);
    std::vector<Model> states(1);  // after each batch
    size_t acknowledged = 0;
    for (int life = 0; life < 4; ++life) {
      files.crash_after(20 + random.below(600));
      try {
        auto store = KeyValueStore::open(files, "kv", options);
        for (int step = 0; step < 400; ++step) {
          Model next = states.back();
          bool synchronous = random.one_in(3);
          // A batch that fails may or may not have happened.
          states.push_back(next);
          change(*store, states.back(), random, synchronous);
          if (synchronous) acknowledged = states.size() - 1;
          if (random.one_in(40)) store->flush();
          if (random.one_in(40)) store->compact();
        }
      } catch (const StorageError&) {
        CHECK(files.crashed());
      }
      files.restart();
      auto store = KeyValueStore::open(files, "kv", options);
      Model now = contents(*store);
      bool known = false;
      for (size_t i = acknowledged; i < states.size(); ++i) known |= states[i] == now;
      REQUIRE(known);
      store->verify();
      states.assign(1, now);
      acknowledged = 0;
      store->flush();
    }
  }
}

TEST_CASE("a flush or a compaction that fails changes nothing and can be had again") {
  for (uint64_t nth = 1; nth <= 30; ++nth) {
    CAPTURE(nth);
    os::Random random(nth);
    os::FaultyFileSystem files(nth);
    auto store = KeyValueStore::open(files, "kv", tiny_options());
    Model model;
    for (int step = 0; step < 300; ++step) change(*store, model, random);
    store->flush();
    for (int step = 0; step < 20; ++step) change(*store, model, random);
    // The log is not touched from here on.
    files.fail_io_after(nth);
    int failures = 0;
    for (int attempt = 0; attempt < 2; ++attempt) {
      try {
        store->compact();
        store->compact(true);
      } catch (const StorageError&) {
        ++failures;
      }
      CHECK(contents(*store) == model);
    }
    CHECK(failures <= 1);
    store->verify();
    store.reset();
    store = KeyValueStore::open(files, "kv", tiny_options());
    CHECK(contents(*store) == model);
  }
}

TEST_CASE("a full disk stops writers with an error and does not stop readers") {
  os::FaultyFileSystem files(9);
  auto store = KeyValueStore::open(files, "kv", tiny_options());
  Model model;
  os::Random random(9);
  for (int step = 0; step < 300; ++step) change(*store, model, random);
  store->flush();
  Model before = model;
  files.fail_space_after(1);
  bool failed = false;
  try {
    for (int step = 0; step < 10000; ++step) {
      Model next = model;
      change(*store, next, random, true);
      model = next;
    }
  } catch (const StorageError& error) {
    failed = error.sqlstate() == Sqlstate::DiskFull;
  }
  CHECK(failed);
  CHECK(contents(*store) == model);
  files.restore_space();
  store.reset();
  store = KeyValueStore::open(files, "kv", tiny_options());
  change(*store, model, random, true);
  contents(*store);
}

TEST_CASE("the value log is cleaned, but not under a snapshot") {
  os::FaultyFileSystem files(2);
  KeyValueOptions options = tiny_options();
  auto store = KeyValueStore::open(files, "kv", options);
  auto write_all = [&](char letter) {
    for (int i = 0; i < 100; ++i) store->put(std::to_string(i), std::string(1000, letter));
  };
  write_all('a');
  auto snapshot = store->snapshot();
  for (char letter = 'b'; letter < 'k'; ++letter) write_all(letter);
  store->flush();
  store->compact(true);
  Model old = contents(*store, snapshot);
  CHECK(old.size() == 100);
  for (auto& [key, value] : old) CHECK(value == std::string(1000, 'a'));
  old.clear();
  uint64_t before = store->stats().value_log_bytes;
  snapshot.reset();
  store->compact(true);
  store->compact(true);
  CHECK(store->stats().value_log_bytes < before / 2);
  CHECK(store->stats().value_log_bytes < 300'000);
  store.reset();
  store = KeyValueStore::open(files, "kv", options);
  for (auto& [key, value] : contents(*store)) CHECK(value == std::string(1000, 'j'));
  std::string value;
  CHECK(store->get("7", value));
  CHECK(value == std::string(1000, 'j'));
  store.reset();
  // One flipped bit in a value is an error for whoever reads it, and for no one else.
  for (const std::string& name : files.list("kv")) {
    if (!name.ends_with(".vlog")) continue;
    files.open("kv/" + name, os::OpenMode::ReadWrite)->write_at(500, "!");
  }
  store = KeyValueStore::open(files, "kv", options);
  int damaged = 0;
  for (int i = 0; i < 100; ++i) {
    try {
      if (!store->get(std::to_string(i), value)) damaged = 1000;
    } catch (const StorageError& error) {
      CHECK(error.sqlstate() == Sqlstate::DataCorrupted);
      ++damaged;
    }
  }
  CHECK(damaged > 0);
  CHECK(damaged < 50);
  CHECK_THROWS_AS(store->verify(), StorageError);
}

TEST_CASE("readers, writers, flushes and compactions at once") {
  os::FaultyFileSystem files(1);
  KeyValueOptions options = tiny_options();
  options.background = true;
  options.memtable_bytes = 32 << 10;
  auto store = KeyValueStore::open(files, "kv", options);
  constexpr int kPairs = 300;
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  // Both keys of a pair always have the same value.
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      os::Random random(t);
      for (int i = 0; i < 4000; ++i) {
        uint64_t pair = random.below(kPairs);
        KeyValueBatch batch;
        std::string value = fmt::format("{} {}", t, i);
        if (i % 3 == 0) value.resize(100, 'x');
        batch.put(fmt::format("a{}", pair), value);
        batch.put(fmt::format("z{}", pair), value);
        store->write(batch, {i % 100 == 0});
      }
    });
  }
  for (uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      os::Random random(t + 10);
      while (!done) {
        std::string pair = std::to_string(random.below(kPairs)), a, z;
        auto snapshot = store->snapshot();
        bool has_a = store->get("a" + pair, a, snapshot.get());
        bool has_z = store->get("z" + pair, z, snapshot.get());
        if (has_a != has_z || a != z) ++wrong;
        if (random.one_in(50)) {
          Model all = contents(*store);
          for (auto& [key, value] : all) {
            if (key[0] == 'a' && all["z" + key.substr(1)] != value) ++wrong;
          }
        }
      }
    });
  }
  threads[0].join();
  threads[1].join();
  done = true;
  threads[2].join();
  threads[3].join();
  CHECK(wrong == 0);
  CHECK(store->stats().flushed_bytes > 0);
}

}  // namespace
}  // namespace aegis::storage
