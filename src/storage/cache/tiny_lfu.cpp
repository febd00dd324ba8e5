// W-TinyLFU (Einziger, Friedman, Manes: "TinyLFU: A Highly Efficient Cache Admission Policy", 2017): new blocks pass a
// small window; to get from there into the main part a block must have been asked for more often, as a count-min
// sketch estimates it, than the block that would have to leave. The main part is a segmented LRU.
#include <algorithm>
#include <bit>
#include <vector>

#include "cache/policy.h"

namespace aegis::storage {
namespace {

// Four rows of 4-bit counters, all halved when as many increments as ten times the blocks have been seen.
class FrequencySketch {
 public:
  void resize(size_t blocks) {
    size_t words = std::bit_ceil(std::max<size_t>(64, blocks));
    if (words == words_.size()) return;
    words_.assign(words, 0);
    sample_ = 10 * words;
    increments_ = 0;
  }

  void increment(uint64_t hash) {
    bool grown = false;
    for (unsigned row = 0; row < 4; ++row) {
      auto [word, shift] = place(hash, row);
      if (((words_[word] >> shift) & 15) == 15) continue;
      words_[word] += uint64_t{1} << shift;
      grown = true;
    }
    if (grown && ++increments_ >= sample_) age();
  }

  unsigned estimate(uint64_t hash) const {
    unsigned least = 15;
    for (unsigned row = 0; row < 4; ++row) {
      auto [word, shift] = place(hash, row);
      least = std::min(least, static_cast<unsigned>((words_[word] >> shift) & 15));
    }
    return least;
  }

  size_t size_bytes() const { return words_.size() * sizeof(uint64_t); }

 private:
  std::pair<size_t, unsigned> place(uint64_t hash, unsigned row) const {
    uint64_t mixed = hash_int(hash + row * 0x9e3779b97f4a7c15ULL);
    // Each row has a quarter of every word.
    return {static_cast<size_t>(mixed) & (words_.size() - 1), row * 16 + static_cast<unsigned>(mixed >> 62) * 4};
  }
  void age() {
    for (uint64_t& word : words_) word = (word >> 1) & 0x7777777777777777ULL;
    increments_ /= 2;
  }

  std::vector<uint64_t> words_;
  size_t sample_ = 0;
  size_t increments_ = 0;
};

enum : uint8_t { kWindow, kProbation, kProtected };

class TinyLfuPolicy final : public Policy {
 public:
  TinyLfuPolicy() { sketch_.resize(0); }

  void insert(Block& block) override {
    sketch_.increment(block.hash);
    window_.push_newest(block);
    // While there is room, nobody has to compete.
    while (window_.bytes() > window_capacity() && total() <= capacity_ && window_.oldest() != &block) {
      Block& oldest = *window_.oldest();
      window_.remove(oldest);
      probation_.push_newest(oldest);
    }
  }

  void touch(Block& block) override {
    sketch_.increment(block.hash);
    if (block.list != kProbation) {
      list_of(block).touch(block);
      return;
    }
    probation_.remove(block);
    protected_.push_newest(block);
    while (protected_.bytes() > protected_capacity() && protected_.oldest() != &block) {
      Block& oldest = *protected_.oldest();
      protected_.remove(oldest);
      probation_.push_newest(oldest);
    }
  }

  void remove(Block& block) override { list_of(block).remove(block); }

  Block* evict() override {
    Block* victim = probation_.oldest_unpinned();
    if (victim == nullptr) victim = protected_.oldest_unpinned();
    Block* candidate = nullptr;
    if (window_.bytes() > window_capacity() || victim == nullptr) candidate = window_.oldest_unpinned();
    if (candidate != nullptr && victim != nullptr && sketch_.estimate(candidate->hash) > sketch_.estimate(victim->hash)) {
      window_.remove(*candidate);
      probation_.push_newest(*candidate);
      candidate = nullptr;
    }
    if (candidate != nullptr) victim = candidate;
    if (victim != nullptr) remove(*victim);
    return victim;
  }

  void set_capacity(size_t bytes) override {
    capacity_ = bytes;
    sketch_.resize(bytes / 4096);
  }

  size_t overhead_bytes() const override { return sketch_.size_bytes(); }

  Block* take_oldest() override {
    for (BlockList* list : {&probation_, &window_, &protected_}) {
      Block* block = list->oldest();
      if (block == nullptr) continue;
      list->remove(*block);
      return block;
    }
    return nullptr;
  }

 private:
  size_t window_capacity() const { return capacity_ / 100; }
  size_t protected_capacity() const { return (capacity_ - window_capacity()) / 10 * 8; }
  size_t total() const { return window_.bytes() + probation_.bytes() + protected_.bytes(); }
  BlockList& list_of(const Block& block) {
    return block.list == kWindow ? window_ : block.list == kProbation ? probation_ : protected_;
  }

  size_t capacity_ = 0;
  BlockList window_{kWindow};
  BlockList probation_{kProbation};
  BlockList protected_{kProtected};
  FrequencySketch sketch_;
};

}  // namespace

std::unique_ptr<Policy> make_tiny_lfu_policy() { return std::make_unique<TinyLfuPolicy>(); }

}  // namespace aegis::storage
