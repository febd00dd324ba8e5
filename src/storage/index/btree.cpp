#include "index/btree.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

namespace aegis::storage {
namespace {

uint64_t word_at(std::string_view key, size_t at) {
  uint64_t word = 0;
  if (key.size() > at) std::memcpy(&word, key.data() + at, std::min<size_t>(8, key.size() - at));
  return __builtin_bswap64(word);
}

constexpr uint64_t kLatched = 1;

}  // namespace

TreeEntry* TreeEntry::make(std::string_view key, uint64_t row, bool deleted) {
  auto* entry = static_cast<TreeEntry*>(std::malloc(std::max(sizeof(TreeEntry), size_bytes(key.size()))));
  if (entry == nullptr) throw std::bad_alloc();
  entry->row = row;
  entry->size = static_cast<uint32_t>(key.size());
  entry->deleted = deleted;
  std::memcpy(entry->bytes, key.data(), key.size());
  return entry;
}

TreeProbe::TreeProbe(std::string_view k, uint64_t r) : high(word_at(k, 0)), low(word_at(k, 8)), key(k), row(r) {}

TreeProbe TreeProbe::behind_all() {
  TreeProbe probe({}, 0);
  probe.end = true;
  return probe;
}

// `version` is odd while a writer has the node and grows by two with every change.
struct BTree::Node {
  explicit Node(bool leaf) : is_leaf(leaf) {}

  std::atomic<uint64_t> version{2};
  const bool is_leaf;
  std::atomic<uint32_t> count{0};
  std::array<std::atomic<uint64_t>, kFanout> high{};
  std::array<std::atomic<uint64_t>, kFanout> low{};
  std::array<std::atomic<TreeEntry*>, kFanout> entries{};

  uint64_t read_begin() const {
    for (unsigned spins = 0;; ++spins) {
      uint64_t v = version.load(std::memory_order_acquire);
      if ((v & kLatched) == 0) return v;
      if (spins % 64 == 63) std::this_thread::yield();
    }
  }
  bool unchanged(uint64_t since) const { return version.load(std::memory_order_acquire) == since; }
  bool latch(uint64_t since) {
    return version.compare_exchange_strong(since, since | kLatched, std::memory_order_acq_rel);
  }
  void unlatch() { version.fetch_add(1, std::memory_order_release); }

  // Whether the i-th entry lies before the probe. The node may change under a reader, who then throws this away.
  bool before(uint32_t i, const TreeProbe& probe, bool or_equal) const {
    if (probe.end) return true;
    uint64_t h = high[i].load(std::memory_order_acquire);
    if (h != probe.high) return h < probe.high;
    uint64_t l = low[i].load(std::memory_order_acquire);
    if (l != probe.low) return l < probe.low;
    const TreeEntry* entry = entries[i].load(std::memory_order_acquire);
    if (entry == nullptr) return false;
    int order = entry->key().compare(probe.key);
    if (order != 0) return order < 0;
    return or_equal ? entry->row <= probe.row : entry->row < probe.row;
  }
  // How many entries lie before the probe.
  uint32_t rank(const TreeProbe& probe, bool or_equal) const {
    uint32_t low_index = 0;
    uint32_t high_index = std::min(count.load(std::memory_order_acquire), kFanout);
    while (low_index < high_index) {
      uint32_t middle = (low_index + high_index) / 2;
      if (before(middle, probe, or_equal)) {
        low_index = middle + 1;
      } else {
        high_index = middle;
      }
    }
    return low_index;
  }
  void copy_entry(uint32_t to, const Node& from, uint32_t at) {
    high[to].store(from.high[at].load(std::memory_order_relaxed), std::memory_order_release);
    low[to].store(from.low[at].load(std::memory_order_relaxed), std::memory_order_release);
    entries[to].store(from.entries[at].load(std::memory_order_relaxed), std::memory_order_release);
  }
  void set_entry(uint32_t at, const TreeProbe& probe, TreeEntry* entry) {
    high[at].store(probe.high, std::memory_order_release);
    low[at].store(probe.low, std::memory_order_release);
    entries[at].store(entry, std::memory_order_release);
  }
};

struct BTree::Leaf : Node {
  Leaf() : Node(true) {}
};

// Child i has the entries from separator i - 1 on and before separator i.
struct BTree::Inner : Node {
  Inner() : Node(false) {}
  std::array<std::atomic<Node*>, kFanout + 1> children{};

  // With the latch held.
  void add(const TreeProbe& probe, TreeEntry* separator, Node* right) {
    uint32_t n = count.load(std::memory_order_relaxed);
    uint32_t at = rank(probe, true);
    for (uint32_t i = n; i > at; --i) {
      copy_entry(i, *this, i - 1);
      children[i + 1].store(children[i].load(std::memory_order_relaxed), std::memory_order_release);
    }
    set_entry(at, probe, separator);
    children[at + 1].store(right, std::memory_order_release);
    count.store(n + 1, std::memory_order_release);
  }
};

struct BTree::Position {
  uint64_t version = 0;
  const TreeEntry* lower_fence = nullptr;  // null: none
  const TreeEntry* upper_fence = nullptr;
};

template <typename N>
N* BTree::make_node() {
  auto node = std::make_unique<N>();
  std::lock_guard guard(nodes_mutex_);
  nodes_.push_back(node.get());
  count(0, 0, sizeof(N));
  return node.release();
}

BTree::BTree(Reclaimer& reclaimer) : reclaimer_(reclaimer) { root_ = make_node<Leaf>(); }

BTree::~BTree() {
  for (TreeEntry* separator : separators_) std::free(separator);
  for (Node* node : nodes_) {
    if (node->is_leaf) {
      for (uint32_t i = 0; i < node->count; ++i) std::free(node->entries[i]);
      delete static_cast<Leaf*>(node);
    } else {
      delete static_cast<Inner*>(node);
    }
  }
}

void BTree::count(int64_t total, int64_t live, int64_t bytes) {
  if (total != 0) total_.fetch_add(total, std::memory_order_relaxed);
  if (live != 0) entries_.fetch_add(live, std::memory_order_relaxed);
  bytes_.fetch_add(static_cast<uint64_t>(bytes), std::memory_order_relaxed);
}

BTree::Leaf* BTree::find_leaf(const TreeProbe& probe, bool strictly_before, Position& position) const {
  for (;;) {
    position = {};
    Node* node = root_.load(std::memory_order_acquire);
    uint64_t version = node->read_begin();
    if (node != root_.load(std::memory_order_acquire)) continue;
    bool lost = false;
    while (!node->is_leaf) {
      auto* inner = static_cast<Inner*>(node);
      uint32_t n = inner->count.load(std::memory_order_acquire);
      uint32_t at = inner->rank(probe, !strictly_before);
      const TreeEntry* left = at > 0 ? inner->entries[at - 1].load(std::memory_order_acquire) : nullptr;
      const TreeEntry* right = at < n && at < kFanout ? inner->entries[at].load(std::memory_order_acquire) : nullptr;
      Node* child = inner->children[at].load(std::memory_order_acquire);
      if (child == nullptr || !node->unchanged(version)) {
        lost = true;
        break;
      }
      uint64_t child_version = child->read_begin();
      if (!node->unchanged(version)) {
        lost = true;
        break;
      }
      if (left != nullptr) position.lower_fence = left;
      if (right != nullptr) position.upper_fence = right;
      node = child;
      version = child_version;
    }
    if (lost) continue;
    position.version = version;
    return static_cast<Leaf*>(node);
  }
}

size_t BTree::read_forward(const TreeProbe& from, std::span<const TreeEntry*> out, const TreeEntry*& more) const {
  for (;;) {
    Position position;
    const Leaf* leaf = find_leaf(from, false, position);
    uint32_t n = std::min(leaf->count.load(std::memory_order_acquire), kFanout);
    size_t got = 0;
    uint32_t at = leaf->rank(from, false);
    for (; at < n && got < out.size(); ++at) out[got++] = leaf->entries[at].load(std::memory_order_acquire);
    if (!leaf->unchanged(position.version)) continue;
    // Not at the node's border: whoever asks again goes on from the last entry.
    more = at < n ? out[got - 1] : position.upper_fence;
    return got;
  }
}

size_t BTree::read_backward(const TreeProbe& from, std::span<const TreeEntry*> out, const TreeEntry*& more) const {
  for (;;) {
    Position position;
    const Leaf* leaf = find_leaf(from, true, position);
    size_t got = 0;
    uint32_t at = leaf->rank(from, false);
    for (; at > 0 && got < out.size(); --at) out[got++] = leaf->entries[at - 1].load(std::memory_order_acquire);
    if (!leaf->unchanged(position.version)) continue;
    more = at > 0 ? out[got - 1] : position.lower_fence;
    return got;
  }
}

bool BTree::insert(std::string_view key, uint64_t row, bool deleted) {
  TreeProbe probe(key, row);
  TreeEntry* entry = TreeEntry::make(key, row, deleted);
  bool inserted = false;
  Reclaimer::Pin pin(reclaimer_);
  while (!insert_once(entry, probe, inserted)) {
  }
  if (!inserted) std::free(entry);
  return inserted;
}

// One descent; false when it has to be tried again (somebody was faster, or a node on the way had to be split).
bool BTree::insert_once(TreeEntry* entry, const TreeProbe& probe, bool& inserted) {
  Node* node = root_.load(std::memory_order_acquire);
  uint64_t version = node->read_begin();
  if (node != root_.load(std::memory_order_acquire)) return false;
  Inner* parent = nullptr;
  uint64_t parent_version = 0;
  for (;;) {
    if (node->count.load(std::memory_order_acquire) >= kFanout) {
      split(node, version, parent, parent_version, node->rank(probe, false) >= kFanout);
      return false;
    }
    if (node->is_leaf) break;
    auto* inner = static_cast<Inner*>(node);
    Node* child = inner->children[inner->rank(probe, true)].load(std::memory_order_acquire);
    if (child == nullptr || !node->unchanged(version)) return false;
    uint64_t child_version = child->read_begin();
    if (!node->unchanged(version)) return false;
    parent = inner;
    parent_version = version;
    node = child;
    version = child_version;
  }
  if (!node->latch(version)) return false;
  uint32_t n = node->count.load(std::memory_order_relaxed);
  uint32_t at = node->rank(probe, false);
  if (at < n) {
    TreeEntry* there = node->entries[at].load(std::memory_order_relaxed);
    if (there->row == probe.row && there->key() == probe.key) {
      inserted = there->deleted != entry->deleted;
      if (inserted) node->entries[at].store(entry, std::memory_order_release);
      node->unlatch();
      if (!inserted) return true;
      count(0, entry->deleted ? -2 : 2, 0);
      reclaimer_.retire_unseen(there, std::free);
      return true;
    }
  }
  for (uint32_t i = n; i > at; --i) node->copy_entry(i, *node, i - 1);
  node->set_entry(at, probe, entry);
  node->count.store(n + 1, std::memory_order_release);
  node->unlatch();
  inserted = true;
  count(1, entry->deleted ? -1 : 1, static_cast<int64_t>(entry->size_bytes()));
  return true;
}

// Splits a full node. False when somebody was faster. Keys that come in ascending order leave full nodes behind.
bool BTree::split(Node* node, uint64_t version, Inner* parent, uint64_t parent_version, bool ascending) {
  uint32_t keep = ascending ? kFanout - 2 : kFanout / 2;
  if (parent != nullptr && !parent->latch(parent_version)) return false;
  if (!node->latch(version)) {
    if (parent != nullptr) parent->unlatch();
    return false;
  }
  if (parent == nullptr && node != root_.load(std::memory_order_acquire)) {
    node->unlatch();
    return false;
  }
  Node* right;
  TreeEntry* separator;
  if (node->is_leaf) {
    auto* sibling = make_node<Leaf>();
    split_leaf(static_cast<Leaf*>(node), sibling, keep);
    const TreeEntry* first = sibling->entries[0].load(std::memory_order_relaxed);
    separator = TreeEntry::make(first->key(), first->row);
    {
      std::lock_guard guard(nodes_mutex_);
      separators_.push_back(separator);
    }
    right = sibling;
  } else {
    auto* sibling = make_node<Inner>();
    separator = split_inner(static_cast<Inner*>(node), sibling, keep);
    right = sibling;
  }
  TreeProbe probe(separator->key(), separator->row);
  if (parent != nullptr) {
    parent->add(probe, separator, right);
    parent->unlatch();
  } else {
    auto* root = make_node<Inner>();
    root->set_entry(0, probe, separator);
    root->children[0].store(node, std::memory_order_release);
    root->children[1].store(right, std::memory_order_release);
    root->count.store(1, std::memory_order_release);
    root_.store(root, std::memory_order_release);
  }
  node->unlatch();
  return true;
}

void BTree::split_leaf(Leaf* left, Leaf* right, uint32_t keep) {
  uint32_t n = left->count.load(std::memory_order_relaxed);
  for (uint32_t i = keep; i < n; ++i) right->copy_entry(i - keep, *left, i);
  right->count.store(n - keep, std::memory_order_release);
  left->count.store(keep, std::memory_order_release);
}

// Moves the upper half; the separator between the halves goes up.
TreeEntry* BTree::split_inner(Inner* left, Inner* right, uint32_t keep) {
  uint32_t n = left->count.load(std::memory_order_relaxed);
  for (uint32_t i = keep + 1; i < n; ++i) right->copy_entry(i - keep - 1, *left, i);
  for (uint32_t i = keep + 1; i <= n; ++i) {
    right->children[i - keep - 1].store(left->children[i].load(std::memory_order_relaxed), std::memory_order_release);
  }
  right->count.store(n - keep - 1, std::memory_order_release);
  left->count.store(keep, std::memory_order_release);
  return left->entries[keep].load(std::memory_order_relaxed);
}

bool BTree::erase(std::string_view key, uint64_t row) {
  TreeProbe probe(key, row);
  Reclaimer::Pin pin(reclaimer_);
  for (;;) {
    Position position;
    Leaf* leaf = find_leaf(probe, false, position);
    if (!leaf->latch(position.version)) continue;
    uint32_t n = leaf->count.load(std::memory_order_relaxed);
    uint32_t at = leaf->rank(probe, false);
    TreeEntry* entry = at < n ? leaf->entries[at].load(std::memory_order_relaxed) : nullptr;
    if (entry == nullptr || entry->row != row || entry->key() != key) {
      leaf->unlatch();
      return false;
    }
    for (uint32_t i = at; i + 1 < n; ++i) leaf->copy_entry(i, *leaf, i + 1);
    leaf->count.store(n - 1, std::memory_order_release);
    leaf->unlatch();
    count(-1, entry->deleted ? 1 : -1, -static_cast<int64_t>(entry->size_bytes()));
    reclaimer_.retire_unseen(entry, std::free);
    return true;
  }
}

}  // namespace aegis::storage
