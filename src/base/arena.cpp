#include "aegis/base/arena.h"

#include <algorithm>

namespace aegis {

constexpr size_t kMaxBlockBytes = 1 << 20;

void* Arena::allocate_slow(size_t bytes, size_t alignment) {
  size_t size = std::max(next_block_bytes_, bytes + alignment);
  blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
  allocated_bytes_ += size;
  next_block_bytes_ = std::min(next_block_bytes_ * 2, kMaxBlockBytes);
  cursor_ = blocks_.back().data.get();
  end_ = cursor_ + size;
  uintptr_t at = (reinterpret_cast<uintptr_t>(cursor_) + alignment - 1) & ~(alignment - 1);
  cursor_ = reinterpret_cast<std::byte*>(at + bytes);
  return reinterpret_cast<void*>(at);
}

void Arena::reset() {
  if (blocks_.empty()) return;
  if (blocks_.size() > 1) {
    auto largest = std::max_element(blocks_.begin(), blocks_.end(),
                                    [](const Block& a, const Block& b) { return a.size < b.size; });
    std::swap(*blocks_.begin(), *largest);
    blocks_.resize(1);
  }
  allocated_bytes_ = blocks_[0].size;
  cursor_ = blocks_[0].data.get();
  end_ = cursor_ + blocks_[0].size;
}

}  // namespace aegis
