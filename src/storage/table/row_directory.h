// Finds a row's slot from its RowId in constant time. A slot is the address of the newest version, with two low bits:
// a spin latch that writers hold, and whether the row has entries in the row lock table. Readers take no latch.
//
// Blocks of kBlockRows slots hang from buckets that double in size, so nothing ever moves.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <thread>

#include "aegis/base/ids.h"
#include "table/tuple.h"

namespace aegis::storage {

using RowSlot = std::atomic<uint64_t>;
inline constexpr uint64_t kRowLatchBit = 1;
inline constexpr uint64_t kRowLocksBit = 2;
inline constexpr uint64_t kRowFlags = 3;

inline Version* head_of(uint64_t word) { return reinterpret_cast<Version*>(word & ~kRowFlags); }
inline Version* head_of(const RowSlot& slot) { return head_of(slot.load(std::memory_order_acquire)); }

class RowDirectory {
 public:
  static constexpr uint64_t kBlockRows = 1024;

  RowDirectory() = default;
  RowDirectory(const RowDirectory&) = delete;
  RowDirectory& operator=(const RowDirectory&) = delete;
  ~RowDirectory() {
    for (size_t b = 0; b < buckets_.size(); ++b) {
      auto* bucket = buckets_[b].load(std::memory_order_relaxed);
      if (bucket == nullptr) continue;
      for (uint64_t i = 0; i < uint64_t{1} << b; ++i) std::free(bucket[i].load(std::memory_order_relaxed));
      std::free(bucket);
    }
  }

  // Null if no row near it was ever inserted.
  RowSlot* find(RowId row) const {
    RowSlot* block = find_block(row.value / kBlockRows);
    return block == nullptr ? nullptr : block + row.value % kBlockRows;
  }
  RowSlot* find_block(uint64_t block) const {
    size_t b = bucket_of(block);
    auto* bucket = buckets_[b].load(std::memory_order_acquire);
    return bucket == nullptr ? nullptr : bucket[block + 1 - (uint64_t{1} << b)].load(std::memory_order_acquire);
  }
  RowSlot& create(RowId row) {
    uint64_t block = row.value / kBlockRows;
    size_t b = bucket_of(block);
    auto* bucket = buckets_[b].load(std::memory_order_acquire);
    if (bucket == nullptr) bucket = install<std::atomic<RowSlot*>>(buckets_[b], uint64_t{1} << b);
    auto& place = bucket[block + 1 - (uint64_t{1} << b)];
    RowSlot* slots = place.load(std::memory_order_acquire);
    if (slots == nullptr) slots = install<RowSlot>(place, kBlockRows);
    return slots[row.value % kBlockRows];
  }

 private:
  static size_t bucket_of(uint64_t block) { return static_cast<size_t>(std::bit_width(block + 1)) - 1; }

  template <typename T>
  static T* install(std::atomic<T*>& place, uint64_t count) {
    auto* fresh = static_cast<T*>(std::calloc(count, sizeof(T)));
    if (fresh == nullptr) throw std::bad_alloc();
    T* expected = nullptr;
    if (place.compare_exchange_strong(expected, fresh, std::memory_order_acq_rel)) return fresh;
    std::free(fresh);
    return expected;
  }

  std::array<std::atomic<std::atomic<RowSlot*>*>, 44> buckets_{};
};

// Holds a row's latch. unlock_with() installs another head.
class RowLatch {
 public:
  explicit RowLatch(RowSlot& slot) : slot_(slot) {
    for (unsigned spins = 0;; ++spins) {
      word_ = slot_.load(std::memory_order_relaxed);
      if ((word_ & kRowLatchBit) == 0 &&
          slot_.compare_exchange_weak(word_, word_ | kRowLatchBit, std::memory_order_acquire)) {
        return;
      }
      if (spins % 64 == 63) std::this_thread::yield();
    }
  }
  ~RowLatch() { slot_.store(word_, std::memory_order_release); }
  RowLatch(const RowLatch&) = delete;
  RowLatch& operator=(const RowLatch&) = delete;

  Version* head() const { return head_of(word_); }
  void set_head(Version* version) { word_ = reinterpret_cast<uint64_t>(version) | (word_ & kRowFlags); }
  bool has_locks() const { return (word_ & kRowLocksBit) != 0; }
  void set_has_locks(bool value) { word_ = value ? word_ | kRowLocksBit : word_ & ~kRowLocksBit; }

 private:
  RowSlot& slot_;
  uint64_t word_;
};

}  // namespace aegis::storage
