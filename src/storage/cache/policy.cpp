#include "cache/policy.h"

namespace aegis::storage {

void BlockList::push_newest(Block& block) {
  block.list = number_;
  block.newer = nullptr;
  block.older = newest_;
  (newest_ != nullptr ? newest_->newer : oldest_) = &block;
  newest_ = &block;
  bytes_ += block.charge();
}

void BlockList::remove(Block& block) {
  (block.newer != nullptr ? block.newer->older : newest_) = block.older;
  (block.older != nullptr ? block.older->newer : oldest_) = block.newer;
  block.newer = block.older = nullptr;
  bytes_ -= block.charge();
}

Block* BlockList::oldest_unpinned() const {
  Block* block = oldest_;
  while (block != nullptr && block->pinned()) block = block->newer;
  return block;
}

namespace {

class LruPolicy final : public Policy {
 public:
  void insert(Block& block) override { list_.push_newest(block); }
  void touch(Block& block) override { list_.touch(block); }
  void remove(Block& block) override { list_.remove(block); }
  Block* evict() override {
    Block* victim = list_.oldest_unpinned();
    if (victim != nullptr) list_.remove(*victim);
    return victim;
  }
  void set_capacity(size_t) override {}
  size_t overhead_bytes() const override { return 0; }
  Block* take_oldest() override {
    Block* block = list_.oldest();
    if (block != nullptr) list_.remove(*block);
    return block;
  }

 private:
  BlockList list_;
};

}  // namespace

std::unique_ptr<Policy> make_lru_policy() { return std::make_unique<LruPolicy>(); }

std::unique_ptr<Policy> make_policy(CachePolicy policy) {
  switch (policy) {
    case CachePolicy::Lru: return make_lru_policy();
    case CachePolicy::Arc: return make_arc_policy();
    case CachePolicy::TinyLfu: return make_tiny_lfu_policy();
  }
  return nullptr;
}

}  // namespace aegis::storage
