#include "cache/buffer_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "aegis/base/error.h"

namespace aegis::storage {
namespace {

constexpr size_t kMaxShards = 16;
constexpr size_t kMinShardBytes = 1 << 20;
constexpr size_t kMaxQueue = 256;

Block* make_block(BlockKey key, uint64_t hash, uint32_t length) {
  void* memory = std::malloc(sizeof(Block) + length);
  if (memory == nullptr) throw std::bad_alloc();
  auto* block = new (memory) Block;
  block->key = key;
  block->hash = hash;
  block->length = length;
  block->pins.store(1, std::memory_order_relaxed);
  return block;
}

void free_block(Block* block) {
  block->~Block();
  std::free(block);
}

// Whoever finds a block reads it next, all over: its cache lines are asked for at once, together with the header's.
void prefetch_lines(const Block* block, uint32_t length) {
  constexpr uint32_t kStep = 128;  // neighbours come along
  constexpr uint32_t kMaxBytes = 4096;
  const char* bytes = reinterpret_cast<const char*>(block);
  const uint32_t end = std::min<uint32_t>(static_cast<uint32_t>(sizeof(Block)) + length, kMaxBytes);
  for (uint32_t at = 0; at < end; at += kStep) __builtin_prefetch(bytes + at);
}

}  // namespace

BufferCounts& thread_buffer_counts() {
  thread_local BufferCounts counts;
  return counts;
}

void seal_block(std::string& out, size_t from) {
  uint32_t crc = crc32c(out.data() + from, out.size() - from);
  out.append(reinterpret_cast<const char*>(&crc), sizeof crc);
}

void throw_corrupted_block(const std::string& file, uint64_t offset) {
  throw StorageError(Sqlstate::DataCorrupted, fmt::format("invalid data in file \"{}\" at offset {}", file, offset));
}

// A part of the blocks, by hash, with its share of the capacity.
struct BufferPool::Shard {
  mutable std::mutex mutex;
  std::condition_variable loaded;
  std::vector<Block*> buckets = std::vector<Block*>(64, nullptr);
  size_t count = 0;
  std::atomic<size_t> used{0};
  std::atomic<size_t> capacity{0};
  std::atomic<size_t> overhead{0};  // of the policy, as of the last look
  CachePolicy kind{};
  std::unique_ptr<Policy> policy;
  BufferPoolStats stats;
  uint32_t uses = 0;

  // Held for short whiles: who has to wait seldom has to sleep.
  std::unique_lock<std::mutex> lock() {
    std::unique_lock guard(mutex, std::defer_lock);
    for (int i = 0; i < 100; ++i) {
      if (guard.try_lock()) return guard;
      __builtin_ia32_pause();
    }
    guard.lock();
    return guard;
  }
  // What the policy hears of: nothing while the shard is half empty, and of a block's uses that follow each other
  // closely, one. Its lists and counters cost more than the look into the hash table.
  void use(Block& block) {
    ++uses;
    if (used.load(std::memory_order_relaxed) * 2 < capacity.load(std::memory_order_relaxed)) return;
    if (uses - block.touched < count / 16) return;
    block.touched = uses;
    policy->touch(block);
  }

  const Block* first_of(uint64_t hash) const { return buckets[hash & (buckets.size() - 1)]; }
  Block** slot(const BlockKey& key, uint64_t hash) {
    Block** at = &buckets[hash & (buckets.size() - 1)];
    while (*at != nullptr && !((*at)->key == key)) at = &(*at)->chain;
    return at;
  }
  void link(Block* block) {
    if (count >= buckets.size()) grow();
    Block*& head = buckets[block->hash & (buckets.size() - 1)];
    block->chain = head;
    head = block;
    ++count;
    used += block->charge();
  }
  void unlink(Block* block) {
    Block** at = slot(block->key, block->hash);
    *at = block->chain;
    --count;
    used -= block->charge();
  }
  void grow() {
    std::vector<Block*> before(buckets.size() * 2, nullptr);
    before.swap(buckets);
    for (Block* block : before) {
      while (block != nullptr) {
        Block* next = block->chain;
        Block*& head = buckets[block->hash & (buckets.size() - 1)];
        block->chain = head;
        head = block;
        block = next;
      }
    }
  }
  bool is_over() const {
    return used.load(std::memory_order_relaxed) + overhead.load(std::memory_order_relaxed) >
           capacity.load(std::memory_order_relaxed);
  }
  // Evicts until the blocks and the policy's tables fit; the victims are chained, to be freed without the lock.
  Block* make_room() {
    Block* victims = nullptr;
    for (;;) {
      overhead.store(policy->overhead_bytes(), std::memory_order_relaxed);
      if (!is_over()) break;
      Block* victim = policy->evict();
      if (victim == nullptr) break;
      unlink(victim);
      victim->in_policy = false;
      victim->chain = victims;
      victims = victim;
      ++stats.evictions;
    }
    return victims;
  }
  static void free_all(Block* blocks) {
    while (blocks != nullptr) {
      Block* next = blocks->chain;
      free_block(blocks);
      blocks = next;
    }
  }
};

BufferPool::BufferPool(const Options& options) : capacity_(options.capacity_bytes) {
  size_t count = options.shards;
  if (count == 0) count = std::bit_floor(std::clamp<size_t>(options.capacity_bytes / kMinShardBytes, 1, kMaxShards));
  for (size_t i = 0; i < count; ++i) {
    auto& shard = *shards_.emplace_back(std::make_unique<Shard>());
    shard.kind = options.policy;
    shard.policy = make_policy(options.policy);
  }
  set_capacity(options.capacity_bytes);
}

BufferPool::~BufferPool() {
  {
    std::lock_guard guard(queue_mutex_);
    stopping_ = true;
    queue_.clear();
    queue_wake_.notify_all();
  }
  if (prefetcher_.joinable()) prefetcher_.join();
  for (auto& shard : shards_) {
    for (Block* blocks : shard->buckets) Shard::free_all(blocks);
  }
}

std::unique_ptr<BlockFile> BufferPool::open(os::FileSystem& files, const std::string& path) {
  uint64_t id = next_file_++;
  auto file = std::make_unique<BlockFile>(files.open(path, os::OpenMode::Read), path, id);
  std::lock_guard guard(names_mutex_);
  names_[id] = path;
  return file;
}

BufferPool::Shard& BufferPool::shard_of(uint64_t hash) const { return *shards_[(hash >> 40) % shards_.size()]; }

BlockRef BufferPool::read(const BlockFile& file, uint64_t offset, uint32_t length) {
  return load(*file.file_, file.name_, {file.id_, offset}, length, true);
}

BlockRef BufferPool::find(const BlockFile& file, uint64_t offset) {
  BlockKey key{file.id_, offset};
  uint64_t hash = key.hash();
  Shard& shard = shard_of(hash);
  std::lock_guard guard(shard.mutex);
  Block* block = *shard.slot(key, hash);
  if (block == nullptr || block->state.load(std::memory_order_acquire) != Block::State::Ready) return {};
  block->pins.fetch_add(1, std::memory_order_relaxed);
  shard.use(*block);
  ++shard.stats.hits;
  ++thread_buffer_counts().hits;
  return {this, block};
}

// `wanted`: a reader asks; a prefetch finds out that the block is there and is done.
BlockRef BufferPool::load(os::File& file, const std::string& name, BlockKey key, uint32_t length, bool wanted) {
  uint64_t hash = key.hash();
  Shard& shard = shard_of(hash);
  for (;;) {
    std::unique_lock guard = shard.lock();
    if (const Block* first = shard.first_of(hash)) prefetch_lines(first, length);
    Block* block = *shard.slot(key, hash);
    if (block == nullptr) {
      if (length < kBlockTrailerBytes) throw_corrupted_block(name, key.offset);
      block = make_block(key, hash, length);
      shard.link(block);
      if (wanted) {
        ++shard.stats.misses;
        ++thread_buffer_counts().reads;
      }
      ++shard.stats.reads;
      shard.stats.read_bytes += length;
      Block* victims = shard.make_room();
      guard.unlock();
      Shard::free_all(victims);
      fill(shard, block, file, name);
      return {this, block};
    }
    if (!wanted) return {};
    block->pins.fetch_add(1, std::memory_order_relaxed);
    if (block->state.load(std::memory_order_relaxed) == Block::State::Ready) {
      shard.use(*block);
    } else {
      shard.loaded.wait(guard, [&] { return block->state.load(std::memory_order_relaxed) != Block::State::Loading; });
      if (block->state.load(std::memory_order_relaxed) == Block::State::Failed) {
        guard.unlock();
        unpin(block);
        continue;  // whoever read it has the error; this one finds out by itself
      }
      if (block->in_policy) shard.use(*block);
    }
    ++shard.stats.hits;
    guard.unlock();
    ++thread_buffer_counts().hits;
    if (block->length != length) {
      unpin(block);
      throw_corrupted_block(name, key.offset);
    }
    return {this, block};
  }
}

// Reads what the new block stands for. The caller has it pinned; the pin goes with an exception.
void BufferPool::fill(Shard& shard, Block* block, os::File& file, const std::string& name) {
  auto end = [&](Block::State state) {
    Block* victims = nullptr;
    {
      std::lock_guard guard(shard.mutex);
      block->state.store(state, std::memory_order_release);
      bool linked = (block->pins.load(std::memory_order_relaxed) & Block::kOrphan) == 0;
      if (linked && state == Block::State::Ready) {
        shard.policy->insert(*block);
        block->in_policy = true;
        victims = shard.make_room();
      } else if (linked) {
        shard.unlink(block);
        block->pins.fetch_or(Block::kOrphan, std::memory_order_relaxed);
      }
      shard.loaded.notify_all();
    }
    Shard::free_all(victims);
  };
  try {
    bool whole = file.read_at(block->key.offset, {block->data(), block->length}) == block->length;
    uint32_t crc = 0;
    size_t size = block->length - kBlockTrailerBytes;
    if (whole) std::memcpy(&crc, block->data() + size, sizeof crc);
    if (!whole || crc != crc32c(block->data(), size)) throw_corrupted_block(name, block->key.offset);
  } catch (...) {
    end(Block::State::Failed);
    unpin(block);
    throw;
  }
  end(Block::State::Ready);
}

void BlockRef::release() {
  if (block_ == nullptr) return;
  pool_->unpin(std::exchange(block_, nullptr));
}

void BufferPool::unpin(Block* block) {
  Shard& shard = shard_of(block->hash);
  uint32_t before = block->pins.fetch_sub(1, std::memory_order_acq_rel);
  // From here on the block may be gone, unless it is an orphan and ours alone.
  if (before == (Block::kOrphan | 1)) return free_block(block);
  if (before != 1 || !shard.is_over()) return;
  Block* victims;
  {
    std::lock_guard guard(shard.mutex);
    victims = shard.make_room();
  }
  Shard::free_all(victims);
}

std::map<uint64_t, std::string> BufferPool::file_names() const {
  std::lock_guard guard(names_mutex_);
  return names_;
}

void BufferPool::drop(const BlockFile& file) {
  {
    std::lock_guard guard(names_mutex_);
    names_.erase(file.id_);
  }
  {
    std::lock_guard guard(queue_mutex_);
    std::erase_if(queue_, [&](const Request& request) { return request.key.file == file.id_; });
  }
  for (auto& shard : shards_) {
    Block* gone = nullptr;
    {
      std::lock_guard guard(shard->mutex);
      for (Block*& bucket : shard->buckets) {
        Block** at = &bucket;
        while (*at != nullptr) {
          Block* block = *at;
          if (block->key.file != file.id_) {
            at = &block->chain;
            continue;
          }
          *at = block->chain;
          --shard->count;
          shard->used -= block->charge();
          if (block->in_policy) shard->policy->remove(*block);
          block->in_policy = false;
          if (block->pins.fetch_or(Block::kOrphan, std::memory_order_acq_rel) != 0) continue;
          block->chain = gone;
          gone = block;
        }
      }
    }
    Shard::free_all(gone);
  }
}

bool BufferPool::reserve_for_keeps(size_t bytes) {
  if (kept_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= capacity() / 8) return true;
  release_for_keeps(bytes);
  return false;
}

void BufferPool::set_capacity(size_t bytes) {
  capacity_.store(bytes, std::memory_order_relaxed);
  for (auto& shard : shards_) {
    Block* victims;
    {
      std::lock_guard guard(shard->mutex);
      shard->capacity = bytes / shards_.size();
      shard->policy->set_capacity(shard->capacity);
      victims = shard->make_room();
    }
    Shard::free_all(victims);
  }
}

void BufferPool::set_policy(CachePolicy policy) {
  for (auto& shard : shards_) {
    std::lock_guard guard(shard->mutex);
    if (shard->kind == policy) continue;
    auto next = make_policy(policy);
    next->set_capacity(shard->capacity);
    while (Block* block = shard->policy->take_oldest()) next->insert(*block);
    shard->policy = std::move(next);
    shard->kind = policy;
  }
}

CachePolicy BufferPool::policy() const {
  std::lock_guard guard(shards_.front()->mutex);
  return shards_.front()->kind;
}

BufferPoolStats BufferPool::stats() const {
  BufferPoolStats sum;
  sum.capacity_bytes = capacity();
  for (const auto& shard : shards_) {
    std::lock_guard guard(shard->mutex);
    sum.hits += shard->stats.hits;
    sum.misses += shard->stats.misses;
    sum.evictions += shard->stats.evictions;
    sum.reads += shard->stats.reads;
    sum.read_bytes += shard->stats.read_bytes;
    sum.blocks += shard->count;
    sum.used_bytes += shard->used + shard->policy->overhead_bytes();
    for (Block* block : shard->buckets) {
      for (; block != nullptr; block = block->chain) {
        if (block->pinned()) sum.pinned_bytes += block->charge();
      }
    }
  }
  return sum;
}

std::vector<BufferPool::ResidentBlock> BufferPool::resident_blocks() const {
  std::vector<ResidentBlock> blocks;
  for (const auto& shard : shards_) {
    std::lock_guard guard(shard->mutex);
    for (Block* block : shard->buckets) {
      for (; block != nullptr; block = block->chain) {
        blocks.push_back({block->key.file, block->key.offset, block->length, block->pins.load()});
      }
    }
  }
  return blocks;
}

// --- Prefetching ------------------------------------------------------------------------------------------

void BufferPool::prefetch(const BlockFile& file, uint64_t offset, uint32_t length) {
  BlockKey key{file.id_, offset};
  uint64_t hash = key.hash();
  {
    Shard& shard = shard_of(hash);
    std::lock_guard guard(shard.mutex);
    if (*shard.slot(key, hash) != nullptr) return;
  }
  std::lock_guard guard(queue_mutex_);
  if (stopping_ || queue_.size() >= kMaxQueue) return;
  if (!prefetcher_.joinable()) prefetcher_ = std::thread([this] { run_prefetches(); });
  queue_.push_back({file.file_, file.name_, key, length});
  queue_wake_.notify_one();
}

void BufferPool::run_prefetches() {
  std::unique_lock guard(queue_mutex_);
  for (;;) {
    queue_wake_.wait(guard, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Request request = std::move(queue_.front());
    queue_.pop_front();
    guard.unlock();
    try {
      load(*request.file, request.name, request.key, request.length, false);
    } catch (const std::exception&) {
      // Whoever needs the block reads it again and gets the error.
      request.length = 0;
    }
    request.file.reset();
    guard.lock();
  }
}

}  // namespace aegis::storage
