// A B+tree in an arena for one writer beside readers that take no lock: a reader reads a node, then checks that its version
// is what it was before and even (Leis et al.: "Optimistic Lock Coupling", 2019). Fields of nodes are atomic, so who loses
// the race reads old or new pointers, never freed memory.
//
// A node has the first 16 bytes of each key beside the pointer to the item, so that a search seldom follows it. Full nodes
// are split on the way down. Items are never taken out, so every item that separates two nodes is the right one's first.
#include <array>
#include <cstring>
#include <thread>

#include "lsm/memtable.h"

namespace aegis::storage::lsm {
namespace {

constexpr uint32_t kFanout = 64;

struct Probe {
  uint64_t high;
  uint64_t low;
  std::string_view key;
  uint64_t sequence;

  Probe(std::string_view key, uint64_t sequence) : key(key), sequence(sequence) {
    uint64_t words[2] = {0, 0};
    if (!key.empty()) std::memcpy(words, key.data(), std::min<size_t>(sizeof words, key.size()));
    high = __builtin_bswap64(words[0]);
    low = __builtin_bswap64(words[1]);
  }
};

template <typename T>
class Relaxed {
 public:
  T get() const { return value_.load(std::memory_order_acquire); }
  void set(T value) { value_.store(value, std::memory_order_release); }

 private:
  std::atomic<T> value_{};
};

struct Node {
  const bool is_leaf;
  std::atomic<uint64_t> version{0};  // odd while the writer is in it
  Relaxed<uint32_t> count;
  std::array<Relaxed<uint64_t>, kFanout> high;
  std::array<Relaxed<uint64_t>, kFanout> low;
  std::array<Relaxed<const Entry*>, kFanout> items;

  explicit Node(bool is_leaf) : is_leaf(is_leaf) {}

  uint64_t read_version() const {
    for (;;) {
      uint64_t now = version.load(std::memory_order_acquire);
      if ((now & 1) == 0) return now;
      std::this_thread::yield();
    }
  }
  bool is_still(uint64_t before) const {
    std::atomic_thread_fence(std::memory_order_acquire);
    return version.load(std::memory_order_relaxed) == before;
  }
  // Items before the probe.
  uint32_t lower_bound(const Probe& probe) const {
    uint32_t begin = 0, end = std::min(count.get(), kFanout);
    while (begin < end) {
      uint32_t middle = (begin + end) / 2;
      if (is_before(middle, probe)) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return begin;
  }
  bool is_before(uint32_t i, const Probe& probe) const {
    uint64_t word = high[i].get();
    if (word != probe.high) return word < probe.high;
    word = low[i].get();
    if (word != probe.low) return word < probe.low;
    const Entry* item = items[i].get();
    if (item == nullptr) return false;  // a race, found out later
    int order = item->key.compare(probe.key);
    return order != 0 ? order < 0 : item->sequence > probe.sequence;
  }
  void copy_item(uint32_t to, const Node& from, uint32_t at) {
    high[to].set(from.high[at].get());
    low[to].set(from.low[at].get());
    items[to].set(from.items[at].get());
  }
};

struct LeafNode : Node {
  Relaxed<LeafNode*> next;
  LeafNode() : Node(true) {}
};

struct InnerNode : Node {
  std::array<Relaxed<Node*>, kFanout + 1> children;
  InnerNode() : Node(false) {}
};

// The writer is in the node while this lives.
class Writing {
 public:
  explicit Writing(Node& node) : node_(node) {
    node_.version.store(node_.version.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
  }
  ~Writing() { node_.version.store(node_.version.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

 private:
  Node& node_;
};

class BTreeMemtable final : public Memtable {
 public:
  BTreeMemtable() { root_.store(make_node<LeafNode>(), std::memory_order_release); }
  void add(const Entry& entry) override;
  std::optional<Entry> get(std::string_view key, uint64_t sequence) const override {
    Place place;
    if (!find(Probe(key, sequence), place) || place.item->key != key) return std::nullopt;
    return *place.item;
  }
  std::unique_ptr<EntryCursor> cursor(Direction direction) const override;

 private:
  class Cursor;
  struct Place {
    const LeafNode* leaf = nullptr;
    uint64_t version = 0;
    uint32_t index = 0;
    const Entry* item = nullptr;
  };

  template <typename N>
  N* make_node() {
    count_bytes(sizeof(N));
    return arena_.make<N>();
  }
  // The first item not before the probe; false if there is none.
  bool find(const Probe& probe, Place& place) const;
  // The last item before the probe, null: the last of all.
  const Entry* find_before(const Probe* probe) const;
  bool descend(const Probe* probe, const LeafNode*& leaf, uint64_t& version) const;
  static bool go_on(Place& place);
  void split_child(InnerNode& parent, uint32_t index);

  std::atomic<Node*> root_;
};

// To the leaf that has the last item before the probe if there is such an item; false: try again.
bool BTreeMemtable::descend(const Probe* probe, const LeafNode*& leaf, uint64_t& version) const {
  Node* node = root_.load(std::memory_order_acquire);
  version = node->read_version();
  if (root_.load(std::memory_order_acquire) != node) return false;
  while (!node->is_leaf) {
    auto* inner = static_cast<InnerNode*>(node);
    uint32_t index = probe == nullptr ? std::min(inner->count.get(), kFanout) : inner->lower_bound(*probe);
    Node* child = inner->children[index].get();
    if (child == nullptr || !node->is_still(version)) return false;
    uint64_t child_version = child->read_version();
    if (!node->is_still(version)) return false;
    node = child;
    version = child_version;
  }
  leaf = static_cast<LeafNode*>(node);
  return true;
}

bool BTreeMemtable::find(const Probe& probe, Place& place) const {
  for (;;) {
    if (!descend(&probe, place.leaf, place.version)) continue;
    place.index = place.leaf->lower_bound(probe);
    if (place.index < place.leaf->count.get()) {
      place.item = place.leaf->items[place.index].get();
      if (place.leaf->is_still(place.version)) return true;
      continue;
    }
    const LeafNode* next = place.leaf->next.get();
    if (!place.leaf->is_still(place.version)) continue;
    if (next == nullptr) return false;
    place.leaf = next;
    place.version = next->read_version();
    place.index = 0;
    place.item = next->items[0].get();
    if (next->is_still(place.version)) return true;
  }
}

const Entry* BTreeMemtable::find_before(const Probe* probe) const {
  for (;;) {
    const LeafNode* leaf;
    uint64_t version;
    if (!descend(probe, leaf, version)) continue;
    uint32_t index = probe == nullptr ? std::min(leaf->count.get(), kFanout) : leaf->lower_bound(*probe);
    const Entry* item = index == 0 ? nullptr : leaf->items[index - 1].get();
    if (leaf->is_still(version)) return item;
  }
}

// To the next item of a leaf that has not changed, or of the next leaf; false if that is not so simple.
bool BTreeMemtable::go_on(Place& place) {
  if (++place.index < place.leaf->count.get()) {
    place.item = place.leaf->items[place.index].get();
    return place.leaf->is_still(place.version);
  }
  const LeafNode* next = place.leaf->next.get();
  if (next == nullptr || !place.leaf->is_still(place.version)) return false;
  place.leaf = next;
  place.version = next->read_version();
  place.index = 0;
  place.item = next->items[0].get();
  return next->is_still(place.version);
}

// With the parent not full. What lies at the right end has mostly come in order: it leaves a fuller node behind.
void BTreeMemtable::split_child(InnerNode& parent, uint32_t index) {
  Node& child = *parent.children[index].get();
  bool ascending = index == parent.count.get() && (!child.is_leaf || static_cast<LeafNode&>(child).next.get() == nullptr);
  uint32_t keep = ascending ? kFanout - 8 : kFanout / 2;
  Node* right;
  // An inner node's middle item goes up.
  uint32_t from = child.is_leaf ? keep : keep + 1;
  if (child.is_leaf) {
    auto* leaf = make_node<LeafNode>();
    leaf->next.set(static_cast<LeafNode&>(child).next.get());
    right = leaf;
  } else {
    auto* inner = make_node<InnerNode>();
    for (uint32_t i = from; i <= kFanout; ++i) inner->children[i - from].set(static_cast<InnerNode&>(child).children[i].get());
    right = inner;
  }
  for (uint32_t i = from; i < kFanout; ++i) right->copy_item(i - from, child, i);
  right->count.set(kFanout - from);
  Writing in_parent(parent);
  Writing in_child(child);
  uint32_t count = parent.count.get();
  for (uint32_t i = count; i > index; --i) {
    parent.copy_item(i, parent, i - 1);
    parent.children[i + 1].set(parent.children[i].get());
  }
  parent.copy_item(index, child, keep);
  parent.children[index + 1].set(right);
  parent.count.set(count + 1);
  child.count.set(keep);
  if (child.is_leaf) static_cast<LeafNode&>(child).next.set(static_cast<LeafNode*>(right));
}

void BTreeMemtable::add(const Entry& entry) {
  auto* memory = static_cast<char*>(arena_.allocate(sizeof(Entry) + entry.key.size() + entry.value.size(), alignof(Entry)));
  auto* item = new (memory) Entry(copy_entry(entry, memory + sizeof(Entry)));
  count_entry(sizeof(Entry) + entry.key.size() + entry.value.size());
  Probe probe(item->key, item->sequence);
  Node* node = root_.load(std::memory_order_relaxed);
  if (node->count.get() == kFanout) {
    auto* root = make_node<InnerNode>();
    root->children[0].set(node);
    root_.store(root, std::memory_order_release);
    split_child(*root, 0);
    node = root;
  }
  while (!node->is_leaf) {
    auto* inner = static_cast<InnerNode*>(node);
    uint32_t index = inner->lower_bound(probe);
    if (inner->children[index].get()->count.get() == kFanout) {
      split_child(*inner, index);
      index = inner->lower_bound(probe);
    }
    node = inner->children[index].get();
  }
  uint32_t at = node->lower_bound(probe);
  Writing writing(*node);
  uint32_t count = node->count.get();
  for (uint32_t i = count; i > at; --i) node->copy_item(i, *node, i - 1);
  node->high[at].set(probe.high);
  node->low[at].set(probe.low);
  node->items[at].set(item);
  node->count.set(count + 1);
}

class BTreeMemtable::Cursor final : public EntryCursor {
 public:
  Cursor(const BTreeMemtable& tree, Direction direction) : tree_(tree), direction_(direction) {}

  void seek(const std::string_view* bound) override {
    Probe probe(bound == nullptr ? std::string_view() : *bound, kMaxSequence);
    if (direction_ == Direction::Forward) {
      if (!tree_.find(probe, place_)) place_.item = nullptr;
    } else {
      place_.item = tree_.find_before(bound == nullptr ? nullptr : &probe);
    }
  }
  bool valid() const override { return place_.item != nullptr; }
  const Entry& entry() const override { return *place_.item; }
  void advance() override {
    const Entry& here = *place_.item;
    if (direction_ == Direction::Backward) {
      Probe probe(here.key, here.sequence);
      place_.item = tree_.find_before(&probe);
      return;
    }
    if (go_on(place_)) return;
    // Sequences begin at 1: the place behind one is before the next lower.
    if (!tree_.find(Probe(here.key, here.sequence - 1), place_)) place_.item = nullptr;
  }

 private:
  const BTreeMemtable& tree_;
  Direction direction_;
  Place place_;
};

std::unique_ptr<EntryCursor> BTreeMemtable::cursor(Direction direction) const {
  return std::make_unique<Cursor>(*this, direction);
}

}  // namespace

std::unique_ptr<Memtable> make_btree_memtable() { return std::make_unique<BTreeMemtable>(); }

}  // namespace aegis::storage::lsm
