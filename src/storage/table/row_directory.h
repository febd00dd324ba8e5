// Finds a row's slot from its RowId in constant time. A slot is the address of the newest version, with low bits:
// a spin latch that writers hold, whether the row has entries in the row lock table, and whether the slot's block is being
// taken away. Readers take no latch.
//
// Blocks of slots hang from buckets that double in size, so nothing ever moves. A block without rows can be retired: its
// slots are marked first, so that a writer that found the block before looks for it again.
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
inline constexpr uint64_t kRowRetiredBit = 4;
inline constexpr uint64_t kRowFlags = 7;

inline Version* head_of(uint64_t word) { return reinterpret_cast<Version*>(word & ~kRowFlags); }
inline Version* head_of(const RowSlot& slot) { return head_of(slot.load(std::memory_order_acquire)); }

class RowDirectory {
 public:
  static constexpr uint64_t kMaxBlockRows = 1024;

  // `block_rows` is a power of two.
  explicit RowDirectory(uint64_t block_rows = kMaxBlockRows)
      : shift_(static_cast<unsigned>(std::countr_zero(block_rows))), mask_(block_rows - 1) {}
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

  uint64_t block_rows() const { return mask_ + 1; }
  uint64_t block_of(uint64_t row) const { return row >> shift_; }
  uint64_t index_in_block(uint64_t row) const { return row & mask_; }

  // Null if no row near it is here.
  RowSlot* find(RowId row) const {
    RowSlot* block = find_block(block_of(row.value));
    return block == nullptr ? nullptr : block + index_in_block(row.value);
  }
  RowSlot* find_block(uint64_t block) const {
    size_t b = bucket_of(block);
    auto* bucket = buckets_[b].load(std::memory_order_acquire);
    return bucket == nullptr ? nullptr : bucket[block + 1 - (uint64_t{1} << b)].load(std::memory_order_acquire);
  }
  RowSlot& create(RowId row) {
    uint64_t block = block_of(row.value);
    size_t b = bucket_of(block);
    auto* bucket = buckets_[b].load(std::memory_order_acquire);
    if (bucket == nullptr) bucket = install<std::atomic<RowSlot*>>(buckets_[b], uint64_t{1} << b);
    auto& place = bucket[block + 1 - (uint64_t{1} << b)];
    RowSlot* slots = place.load(std::memory_order_acquire);
    if (slots == nullptr) slots = install<RowSlot>(place, block_rows());
    return slots[index_in_block(row.value)];
  }
  // The first version of a row that is not there yet.
  void put_first(RowId row, Version* version) {
    for (;;) {
      uint64_t expected = 0;
      if (create(row).compare_exchange_strong(expected, reinterpret_cast<uint64_t>(version), std::memory_order_acq_rel)) return;
      std::this_thread::yield();
    }
  }
  // Unlinks a block and returns its memory (for free()) when all its slots are empty; null otherwise.
  void* retire_block(uint64_t block) {
    RowSlot* slots = find_block(block);
    if (slots == nullptr) return nullptr;
    for (uint64_t i = 0; i < block_rows(); ++i) {
      if (slots[i].load(std::memory_order_relaxed) != 0) return nullptr;
    }
    for (uint64_t i = 0; i < block_rows(); ++i) {
      uint64_t expected = 0;
      if (slots[i].compare_exchange_strong(expected, kRowRetiredBit, std::memory_order_acq_rel)) continue;
      while (i > 0) slots[--i].store(0, std::memory_order_release);
      return nullptr;
    }
    size_t b = bucket_of(block);
    buckets_[b].load(std::memory_order_relaxed)[block + 1 - (uint64_t{1} << b)].store(nullptr, std::memory_order_release);
    return slots;
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

  unsigned shift_;
  uint64_t mask_;
  std::array<std::atomic<std::atomic<RowSlot*>*>, 54> buckets_{};
};

// Holds a row's latch. set_head() installs another head when it is let go.
class RowLatch {
 public:
  enum class Missing : uint8_t { Create, Skip };

  // With Skip the latch holds nothing where the directory has no slot for the row.
  RowLatch(RowDirectory& directory, RowId row, Missing missing) {
    for (unsigned spins = 0;; ++spins) {
      slot_ = missing == Missing::Create ? &directory.create(row) : directory.find(row);
      if (slot_ == nullptr) return;
      word_ = slot_->load(std::memory_order_relaxed);
      if ((word_ & (kRowLatchBit | kRowRetiredBit)) == 0 &&
          slot_->compare_exchange_weak(word_, word_ | kRowLatchBit, std::memory_order_acquire)) {
        return;
      }
      if (spins % 64 == 63 || (word_ & kRowRetiredBit) != 0) std::this_thread::yield();
    }
  }
  ~RowLatch() {
    if (slot_ != nullptr) slot_->store(word_, std::memory_order_release);
  }
  RowLatch(const RowLatch&) = delete;
  RowLatch& operator=(const RowLatch&) = delete;

  explicit operator bool() const { return slot_ != nullptr; }
  Version* head() const { return head_of(word_); }
  void set_head(Version* version) { word_ = reinterpret_cast<uint64_t>(version) | (word_ & kRowFlags); }
  bool has_locks() const { return (word_ & kRowLocksBit) != 0; }
  void set_has_locks(bool value) { word_ = value ? word_ | kRowLocksBit : word_ & ~kRowLocksBit; }

 private:
  RowSlot* slot_;
  uint64_t word_ = 0;
};

}  // namespace aegis::storage
