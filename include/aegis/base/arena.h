// A bump allocator: memory is freed all at once, destructors are not run. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aegis {

class Arena {
 public:
  // The first block has `first_block_bytes`; later ones double up to 1 MiB. Nothing is allocated until used.
  explicit Arena(size_t first_block_bytes = 4096) : next_block_bytes_(first_block_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept {
    blocks_ = std::move(other.blocks_);
    other.blocks_.clear();
    cursor_ = std::exchange(other.cursor_, nullptr);
    end_ = std::exchange(other.end_, nullptr);
    next_block_bytes_ = other.next_block_bytes_;
    allocated_bytes_ = std::exchange(other.allocated_bytes_, 0);
    return *this;
  }

  // Never null; throws std::bad_alloc. `alignment` is a power of two.
  void* allocate(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    uintptr_t at = (reinterpret_cast<uintptr_t>(cursor_) + alignment - 1) & ~(alignment - 1);
    if (cursor_ == nullptr || at + bytes > reinterpret_cast<uintptr_t>(end_)) return allocate_slow(bytes, alignment);
    cursor_ = reinterpret_cast<std::byte*>(at + bytes);
    return reinterpret_cast<void*>(at);
  }

  template <typename T>
  T* allocate_array(size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  // Constructs a T that is never destroyed: its members must not own anything outside the arena.
  template <typename T, typename... Args>
  T* make(Args&&... args) {
    return new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }

  // A copy of `text` that lives as long as the arena.
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* data = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(data, text.data(), text.size());
    return {data, text.size()};
  }

  template <typename T>
  std::span<T> copy(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    T* data = allocate_array<T>(items.size());
    std::memcpy(data, items.data(), items.size_bytes());
    return {data, items.size()};
  }

  // Frees everything but the largest block, which is used again.
  void reset();

  // Bytes held from the system.
  size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> data;
    size_t size;
  };
  void* allocate_slow(size_t bytes, size_t alignment);

  std::vector<Block> blocks_;
  std::byte* cursor_ = nullptr;
  std::byte* end_ = nullptr;
  size_t next_block_bytes_ = 4096;
  size_t allocated_bytes_ = 0;
};

}  // namespace aegis
