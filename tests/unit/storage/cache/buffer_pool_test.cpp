#include "cache/buffer_pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/os/random.h"

namespace aegis::storage {
namespace {

// A file of equal blocks; the n-th one's payload begins with n.
struct Blocks {
  std::unique_ptr<os::FileSystem> files = os::make_memory_file_system();
  uint32_t length;

  explicit Blocks(uint64_t count, uint32_t block_length = 1024, const std::string& path = "blocks") : length(block_length) {
    auto file = files->open(path, os::OpenMode::Truncate);
    std::string block;
    for (uint64_t i = 0; i < count; ++i) {
      block.assign(length - kBlockTrailerBytes, static_cast<char>(i));
      std::memcpy(block.data(), &i, sizeof i);
      seal_block(block);
      file->append(block);
    }
  }
};

uint64_t number_of(const BlockRef& block) {
  uint64_t number;
  std::memcpy(&number, block.payload().data(), sizeof number);
  return number;
}

// Numbers in [0, n) by a power law.
class Zipf {
 public:
  Zipf(uint64_t n, double skew) {
    double sum = 0;
    for (uint64_t i = 0; i < n; ++i) sums_.push_back(sum += 1 / std::pow(static_cast<double>(i + 1), skew));
  }
  uint64_t next(os::Random& random) const {
    auto at = std::lower_bound(sums_.begin(), sums_.end(), random.unit() * sums_.back());
    // Spread, so that neighbours in rank are not neighbours in the file.
    return static_cast<uint64_t>(at - sums_.begin()) * 7919 % sums_.size();
  }

 private:
  std::vector<double> sums_;
};

const char* name_of(CachePolicy policy) {
  return policy == CachePolicy::Lru ? "lru" : policy == CachePolicy::Arc ? "arc" : "tinylfu";
}
constexpr CachePolicy kPolicies[] = {CachePolicy::Lru, CachePolicy::Arc, CachePolicy::TinyLfu};

TEST_CASE("a block is read once and then found") {
  Blocks blocks(10);
  BufferPool pool({});
  auto file = pool.open(*blocks.files, "blocks");
  BufferCounts before = thread_buffer_counts();
  CHECK_FALSE(pool.find(*file, 3 * blocks.length));
  for (int i = 0; i < 3; ++i) CHECK(number_of(pool.read(*file, 3 * blocks.length, blocks.length)) == 3);
  CHECK(pool.find(*file, 3 * blocks.length));
  CHECK(pool.stats().misses == 1);
  CHECK(pool.stats().hits == 3);
  CHECK(pool.stats().read_bytes == blocks.length);
  CHECK(thread_buffer_counts().reads - before.reads == 1);
  CHECK(thread_buffer_counts().hits - before.hits == 3);
}

TEST_CASE("memory stays within the capacity and the pins, whatever the policy") {
  Blocks blocks(4000);
  for (CachePolicy policy : kPolicies) {
    CAPTURE(name_of(policy));
    BufferPool pool({256 << 10, policy, 2});
    auto file = pool.open(*blocks.files, "blocks");
    os::Random random(1);
    std::vector<BlockRef> pins;
    for (int i = 0; i < 20000; ++i) {
      uint64_t n = random.below(4000);
      BlockRef block = pool.read(*file, n * blocks.length, blocks.length);
      REQUIRE(number_of(block) == n);
      if (random.one_in(40)) pins.push_back(std::move(block));
      if (pins.size() > 300) pins.clear();
      block.release();
      if (i % 100 != 0) continue;
      BufferPoolStats stats = pool.stats();
      CHECK(stats.used_bytes <= stats.capacity_bytes + stats.pinned_bytes);
    }
    for (const BlockRef& pin : pins) CHECK(pin.payload().size() == blocks.length - kBlockTrailerBytes);
    pins.clear();
    CHECK(pool.stats().used_bytes <= pool.capacity());
    pool.set_capacity(64 << 10);
    CHECK(pool.stats().used_bytes <= 64 << 10);
    pool.set_policy(policy == CachePolicy::Lru ? CachePolicy::Arc : CachePolicy::Lru);
    for (uint64_t n = 0; n < 500; ++n) CHECK(number_of(pool.read(*file, n * blocks.length, blocks.length)) == n);
    CHECK(pool.stats().used_bytes <= 64 << 10);
    pool.drop(*file);
    CHECK(pool.stats().blocks == 0);
  }
}

TEST_CASE("hit rates of the policies") {
  constexpr uint64_t kBlocks = 10000;
  Blocks blocks(kBlocks, 512);
  Zipf zipf(kBlocks, 0.9);
  double rates[2][3];
  for (int polluted = 0; polluted < 2; ++polluted) {
    for (CachePolicy policy : kPolicies) {
      BufferPool pool({700 << 10, policy, 1});  // about a tenth of the blocks
      auto file = pool.open(*blocks.files, "blocks");
      os::Random random(7);
      uint64_t hits = 0, asked = 0;
      for (int i = 0; i < 200000; ++i) {
        if (polluted == 1 && i % 20000 == 0) {
          for (uint64_t n = 0; n < kBlocks / 2; ++n) pool.read(*file, n * blocks.length, blocks.length);
        }
        uint64_t before = thread_buffer_counts().hits;
        pool.read(*file, zipf.next(random) * blocks.length, blocks.length);
        hits += thread_buffer_counts().hits - before;
        ++asked;
      }
      double rate = static_cast<double>(hits) / static_cast<double>(asked);
      rates[polluted][static_cast<int>(policy)] = rate;
      std::string trace = polluted == 1 ? "zipf 0.9 with scans" : "zipf 0.9";
      MESSAGE(trace << ", " << std::string(name_of(policy)) << ": " << rate);
    }
  }
  for (auto& row : rates) {
    CHECK(row[1] > row[0]);
    CHECK(row[2] > row[0]);
  }
}

TEST_CASE("damage is an error that names the place") {
  Blocks blocks(4);
  blocks.files->open("blocks", os::OpenMode::ReadWrite)->write_at(2 * blocks.length + 77, "!");
  BufferPool pool({});
  auto file = pool.open(*blocks.files, "blocks");
  CHECK(number_of(pool.read(*file, blocks.length, blocks.length)) == 1);
  auto message_of = [&](uint64_t offset, uint32_t length) {
    try {
      pool.read(*file, offset, length);
    } catch (const StorageError& error) {
      CHECK(error.sqlstate() == Sqlstate::DataCorrupted);
      return std::string(error.what());
    }
    return std::string("none");
  };
  for (int i = 0; i < 2; ++i) CHECK(message_of(2048, 1024) == "invalid data in file \"blocks\" at offset 2048");
  CHECK(message_of(1024, 1000) == "invalid data in file \"blocks\" at offset 1024");  // another length than cached
  CHECK(message_of(4096, 1024) == "invalid data in file \"blocks\" at offset 4096");  // behind the end
  CHECK(message_of(0, 2) == "invalid data in file \"blocks\" at offset 0");
  CHECK(number_of(pool.read(*file, 0, blocks.length)) == 0);
  CHECK(pool.stats().blocks == 2);
}

TEST_CASE("a deleted file's pins stay valid") {
  Blocks blocks(4);
  BufferPool pool({});
  auto file = pool.open(*blocks.files, "blocks");
  BlockRef pin = pool.read(*file, 0, blocks.length);
  BlockRef other = pool.find(*file, 0);
  pool.drop(*file);
  CHECK(pool.stats().blocks == 0);
  CHECK(number_of(pin) == 0);
  pin.release();
  CHECK(number_of(other) == 0);
  CHECK(number_of(pool.read(*file, 0, blocks.length)) == 0);
  CHECK(number_of(other) == 0);
}

TEST_CASE("prefetched blocks are hits") {
  Blocks blocks(64);
  BufferPool pool({});
  auto file = pool.open(*blocks.files, "blocks");
  for (uint64_t i = 0; i < 64; ++i) pool.prefetch(*file, i * blocks.length, blocks.length);
  while (pool.stats().reads < 64) std::this_thread::yield();
  for (uint64_t i = 0; i < 64; ++i) CHECK(number_of(pool.read(*file, i * blocks.length, blocks.length)) == i);
  CHECK(pool.stats().misses == 0);
  CHECK(pool.stats().hits == 64);
}

TEST_CASE("many threads read, pin, drop and resize") {
  constexpr uint64_t kBlocks = 300;
  Blocks blocks(kBlocks);
  for (CachePolicy policy : kPolicies) {
    BufferPool pool({64 << 10, policy, 4});
    auto file = pool.open(*blocks.files, "blocks");
    std::vector<std::thread> threads;
    std::atomic<uint64_t> wrong{0};
    for (uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        os::Random random(t);
        std::vector<BlockRef> pins;
        for (int i = 0; i < 10000; ++i) {
          uint64_t n = random.below(kBlocks);
          BlockRef block = pool.read(*file, n * blocks.length, blocks.length);
          if (number_of(block) != n) ++wrong;
          if (random.one_in(10)) pins.push_back(std::move(block));
          if (pins.size() > 20) pins.erase(pins.begin(), pins.begin() + 10);
          if (random.one_in(50)) pool.prefetch(*file, random.below(kBlocks) * blocks.length, blocks.length);
          if (t == 0 && i % 1000 == 500) pool.drop(*file);
          if (t == 1 && i % 1000 == 500) pool.set_capacity((32 + random.below(64)) << 10);
          if (t == 2 && i % 2000 == 500) pool.set_policy(kPolicies[random.below(3)]);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    pool.set_capacity(0);
    // The prefetching thread goes through what is queued, a block at a time.
    bool released = false;
    for (int i = 0; i < 5000 && !released; ++i) {
      if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      released = pool.stats().pinned_bytes == 0;
    }
    CHECK(released);
  }
}

TEST_CASE("readers of one missing block read the file once") {
  Blocks blocks(64, 64 << 10);
  BufferPool pool({});
  auto file = pool.open(*blocks.files, "blocks");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint64_t n = 0; n < 64; ++n) CHECK(number_of(pool.read(*file, n * blocks.length, blocks.length)) == n);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(pool.stats().reads == 64);
}

}  // namespace
}  // namespace aegis::storage
