// Which block leaves a full cache. A policy belongs to one shard of the pool and is called with the shard's lock held.
// Policies count bytes, since blocks differ in size.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "aegis/base/hash.h"

namespace aegis::storage {

enum class CachePolicy : uint8_t { Lru, Arc, TinyLfu };

struct BlockKey {
  uint64_t file = 0;
  uint64_t offset = 0;
  friend bool operator==(const BlockKey&, const BlockKey&) = default;
  uint64_t hash() const { return hash_combine(file, offset); }
};

// A block in memory: this header, then the bytes as they are in the file.
struct alignas(16) Block {
  enum class State : uint8_t { Loading, Ready, Failed };
  // In `pins` of a block that has left the pool while pinned: the last to unpin frees it.
  static constexpr uint32_t kOrphan = uint32_t{1} << 31;

  BlockKey key;
  uint64_t hash = 0;
  Block* chain = nullptr;  // next in the hash bucket
  Block* newer = nullptr;  // in one of the policy's lists
  Block* older = nullptr;
  uint32_t length = 0;
  std::atomic<uint32_t> pins{0};
  std::atomic<State> state{State::Loading};
  uint8_t list = 0;
  bool in_policy = false;
  uint32_t touched = 0;  // the shard's count of uses when the policy last heard of one

  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  // With the allocator's and the hash table's share.
  size_t charge() const { return sizeof(Block) + length + 24; }
  bool pinned() const { return pins.load(std::memory_order_acquire) != 0; }
};

// Blocks from newest to oldest.
class BlockList {
 public:
  explicit BlockList(uint8_t number = 0) : number_(number) {}
  void push_newest(Block& block);
  void remove(Block& block);
  void touch(Block& block) {
    remove(block);
    push_newest(block);
  }
  // The oldest one that may be evicted, null if there is none.
  Block* oldest_unpinned() const;
  Block* oldest() const { return oldest_; }
  size_t bytes() const { return bytes_; }
  bool has(const Block& block) const { return block.list == number_; }

 private:
  Block* newest_ = nullptr;
  Block* oldest_ = nullptr;
  size_t bytes_ = 0;
  uint8_t number_;
};

class Policy {
 public:
  virtual ~Policy() = default;
  virtual void insert(Block& block) = 0;
  virtual void touch(Block& block) = 0;
  virtual void remove(Block& block) = 0;
  // Takes an unpinned block out; null if all are pinned.
  virtual Block* evict() = 0;
  virtual void set_capacity(size_t bytes) = 0;
  // Memory of what it remembers besides the blocks.
  virtual size_t overhead_bytes() const = 0;
  // Moves the blocks to another policy, oldest first.
  virtual Block* take_oldest() = 0;
};

std::unique_ptr<Policy> make_lru_policy();
std::unique_ptr<Policy> make_arc_policy();
std::unique_ptr<Policy> make_tiny_lfu_policy();
std::unique_ptr<Policy> make_policy(CachePolicy policy);

}  // namespace aegis::storage
