// The newest entries of a tree, in memory. One writer at a time; readers take no lock. Order is by key, of one key the
// newest first; a key's entries are added in the order of their sequences.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "aegis/base/arena.h"
#include "lsm/entry.h"
#include "lsm/options.h"

namespace aegis::storage::lsm {

class Memtable {
 public:
  static std::unique_ptr<Memtable> make(MemtableKind kind);
  virtual ~Memtable() = default;
  Memtable(const Memtable&) = delete;
  Memtable& operator=(const Memtable&) = delete;

  virtual void add(const Entry& entry) = 0;
  // The newest entry of `key` not newer than `sequence`; its bytes live as long as the table.
  virtual std::optional<Entry> get(std::string_view key, uint64_t sequence) const = 0;
  // Must not outlive the table. Backward, of one key any order.
  virtual std::unique_ptr<EntryCursor> cursor(Direction direction) const = 0;

  uint64_t entry_count() const { return count_.load(std::memory_order_relaxed); }
  size_t size_bytes() const { return bytes_.load(std::memory_order_relaxed); }
  bool empty() const { return entry_count() == 0; }

 protected:
  Memtable() = default;
  // The entry with its bytes copied to `to`.
  static Entry copy_entry(const Entry& entry, char* to);
  void count_entry(size_t bytes) {
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    bytes_.store(bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }
  void count_bytes(size_t bytes) { bytes_.store(bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed); }

  Arena arena_{64 << 10};

 private:
  std::atomic<uint64_t> count_{0};
  std::atomic<size_t> bytes_{0};
};

std::unique_ptr<Memtable> make_skip_list();
std::unique_ptr<Memtable> make_adaptive_radix_tree();
std::unique_ptr<Memtable> make_btree_memtable();

}  // namespace aegis::storage::lsm
