// ARC (Megiddo, Modha: "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003), counting bytes: blocks seen
// once and blocks seen again share the memory, and the keys of blocks lately evicted from either move the border.
#include <algorithm>
#include <list>
#include <unordered_map>

#include "cache/policy.h"

namespace aegis::storage {
namespace {

enum : uint8_t { kOnce, kAgain };

struct KeyHash {
  size_t operator()(const BlockKey& key) const { return key.hash(); }
};

class ArcPolicy final : public Policy {
 public:
  void insert(Block& block) override {
    auto found = ghosts_.find(block.key);
    if (found == ghosts_.end()) {
      once_.push_newest(block);
      return;
    }
    double charge = static_cast<double>(block.charge());
    double mine = static_cast<double>(std::max<size_t>(1, ghost_bytes_[found->second.list]));
    double other = static_cast<double>(ghost_bytes_[1 - found->second.list]);
    double step = charge * std::max(1.0, other / mine);
    if (found->second.list == kOnce) {
      once_target_ = std::min(static_cast<double>(capacity_), once_target_ + step);
    } else {
      once_target_ = std::max(0.0, once_target_ - step);
    }
    forget(found);
    again_.push_newest(block);
  }

  void touch(Block& block) override {
    (block.list == kOnce ? once_ : again_).remove(block);
    again_.push_newest(block);
  }

  void remove(Block& block) override { (block.list == kOnce ? once_ : again_).remove(block); }

  Block* evict() override {
    bool from_once = static_cast<double>(once_.bytes()) > once_target_;
    Block* victim = (from_once ? once_ : again_).oldest_unpinned();
    if (victim == nullptr) victim = (from_once ? again_ : once_).oldest_unpinned();
    if (victim == nullptr) return nullptr;
    remove(*victim);
    remember(*victim);
    return victim;
  }

  void set_capacity(size_t bytes) override {
    capacity_ = bytes;
    once_target_ = std::min(once_target_, static_cast<double>(bytes));
    trim();
  }

  size_t overhead_bytes() const override { return ghosts_.size() * kGhostBytes; }

  Block* take_oldest() override {
    Block* block = once_.oldest() != nullptr ? once_.oldest() : again_.oldest();
    if (block != nullptr) remove(*block);
    return block;
  }

 private:
  struct Ghost {
    uint8_t list;
    uint32_t charge;
    std::list<BlockKey>::iterator place;
  };
  using Ghosts = std::unordered_map<BlockKey, Ghost, KeyHash>;
  // A map node and a list node with their allocations.
  static constexpr size_t kGhostBytes = 128;

  void remember(const Block& block) {
    auto [item, fresh] = ghosts_.try_emplace(block.key);
    if (!fresh) return;
    queue_[block.list].push_front(block.key);
    item->second = {block.list, static_cast<uint32_t>(block.charge()), queue_[block.list].begin()};
    ghost_bytes_[block.list] += item->second.charge;
    trim();
  }

  void forget(Ghosts::iterator item) {
    ghost_bytes_[item->second.list] -= item->second.charge;
    queue_[item->second.list].erase(item->second.place);
    ghosts_.erase(item);
  }

  // Remembers as many bytes' worth of keys as the cache has bytes, and never spends much memory on it.
  void trim() {
    for (uint8_t list : {kOnce, kAgain}) {
      size_t bound = list == kOnce ? capacity_ - std::min(capacity_, once_.bytes()) : capacity_;
      while (!queue_[list].empty() && (ghost_bytes_[list] > bound || overhead_bytes() > capacity_ / 16)) {
        forget(ghosts_.find(queue_[list].back()));
      }
    }
  }

  size_t capacity_ = 0;
  double once_target_ = 0;
  BlockList once_{kOnce};
  BlockList again_{kAgain};
  Ghosts ghosts_;
  std::list<BlockKey> queue_[2];
  size_t ghost_bytes_[2] = {0, 0};
};

}  // namespace

std::unique_ptr<Policy> make_arc_policy() { return std::make_unique<ArcPolicy>(); }

}  // namespace aegis::storage
