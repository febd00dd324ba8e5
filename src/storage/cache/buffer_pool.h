// Blocks of immutable files in memory, bounded by a capacity.
//
// A block in a file is a payload and the CRC-32C of it (seal_block appends it); it is found by its file and offset, so
// whoever reads a block must always name the same length. The pool checks the checksum when it loads the block.
//
// Invariants: a pinned block is never evicted; memory exceeds the capacity by pinned (and loading) blocks at most; of
// several readers of a missing block one reads the file and the others wait for it. Everything is thread safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "aegis/os/file_system.h"
#include "aegis/storage/buffer_stats.h"
#include "cache/policy.h"

namespace aegis::storage {

inline constexpr size_t kBlockTrailerBytes = sizeof(uint32_t);

// Appends the checksum to a payload that starts at `from`.
void seal_block(std::string& out, size_t from = 0);
[[noreturn]] void throw_corrupted_block(const std::string& file, uint64_t offset);

// An open file that is not written any more. BufferPool::open makes one.
class BlockFile {
 public:
  BlockFile(std::shared_ptr<os::File> file, std::string name, uint64_t id)
      : file_(std::move(file)), name_(std::move(name)), id_(id) {}
  const std::string& name() const { return name_; }
  uint64_t id() const { return id_; }
  os::File& file() const { return *file_; }

 private:
  friend class BufferPool;
  std::shared_ptr<os::File> file_;
  std::string name_;
  uint64_t id_;
};

class BufferPool;

// Keeps a block in memory.
class BlockRef {
 public:
  BlockRef() = default;
  BlockRef(BlockRef&& other) noexcept : pool_(other.pool_), block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef&& other) noexcept {
    if (this != &other) {
      release();
      pool_ = other.pool_;
      block_ = std::exchange(other.block_, nullptr);
    }
    return *this;
  }
  ~BlockRef() { release(); }

  explicit operator bool() const { return block_ != nullptr; }
  // Aligned to 16 bytes.
  std::string_view payload() const { return {block_->data(), block_->length - kBlockTrailerBytes}; }
  void release();

 private:
  friend class BufferPool;
  BlockRef(BufferPool* pool, Block* block) : pool_(pool), block_(block) {}
  BufferPool* pool_ = nullptr;
  Block* block_ = nullptr;
};

class BufferPool {
 public:
  struct Options {
    size_t capacity_bytes = 128 << 20;
    CachePolicy policy = CachePolicy::TinyLfu;
    size_t shards = 0;  // 0: as many as the capacity is worth, 16 at most
  };
  explicit BufferPool(const Options& options);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  std::unique_ptr<BlockFile> open(os::FileSystem& files, const std::string& path);

  // The block of `length` bytes, checksum included, at `offset`. Throws StorageError XX001 when the checksum or the
  // length is wrong, and what reading throws. Blocks larger than the pool are read all the same.
  BlockRef read(const BlockFile& file, uint64_t offset, uint32_t length);
  // Null if it is not in memory.
  BlockRef find(const BlockFile& file, uint64_t offset);
  // Loads in the background; a hint that may be ignored.
  void prefetch(const BlockFile& file, uint64_t offset, uint32_t length);
  // Forgets a file that is deleted. Pins stay valid.
  void drop(const BlockFile& file);

  // Whether somebody may keep blocks of so many bytes pinned for as long as a file is open: an eighth of the pool can be
  // had for that.
  bool reserve_for_keeps(size_t bytes);
  void release_for_keeps(size_t bytes) { kept_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

  void set_capacity(size_t bytes);
  void set_policy(CachePolicy policy);
  size_t capacity() const { return capacity_.load(std::memory_order_relaxed); }
  CachePolicy policy() const;
  BufferPoolStats stats() const;

  struct ResidentBlock {
    uint64_t file;
    uint64_t offset;
    uint32_t length;
    uint32_t pins;
  };
  std::vector<ResidentBlock> resident_blocks() const;
  // Of files that are open, by ResidentBlock::file.
  std::map<uint64_t, std::string> file_names() const;

 private:
  friend class BlockRef;
  struct Shard;
  struct Request {
    std::shared_ptr<os::File> file;
    std::string name;
    BlockKey key;
    uint32_t length;
  };

  Shard& shard_of(uint64_t hash) const;
  BlockRef load(os::File& file, const std::string& name, BlockKey key, uint32_t length, bool wanted);
  void fill(Shard& shard, Block* block, os::File& file, const std::string& name);
  void unpin(Block* block);
  void run_prefetches();

  std::atomic<size_t> capacity_;
  std::atomic<size_t> kept_bytes_{0};
  std::atomic<uint64_t> next_file_{1};
  std::vector<std::unique_ptr<Shard>> shards_;

  mutable std::mutex names_mutex_;
  std::map<uint64_t, std::string> names_;

  std::mutex queue_mutex_;
  std::condition_variable queue_wake_;
  std::deque<Request> queue_;
  bool stopping_ = false;
  std::thread prefetcher_;  // started by the first prefetch
};

}  // namespace aegis::storage
