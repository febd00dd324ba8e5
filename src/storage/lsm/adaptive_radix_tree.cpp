// An adaptive radix tree (Leis, Kemper, Neumann, ICDE 2013) in an arena, for one writer beside readers that take no lock.
// Children are added to a node by a releasing store of its count or slot; a node that is full or whose prefix is cut is
// copied, and the copy published in its parent: who still reads the old node finds what was there before.
#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "aegis/base/error.h"
#include "lsm/memtable.h"

namespace aegis::storage::lsm {
namespace {

// A leaf has the newest entry of its key and leads to the older ones.
struct Leaf {
  Entry entry;
  const Leaf* older;
};

struct Node;

// Null, a leaf (lowest bit set) or a node.
using Ref = uintptr_t;
using Slot = std::atomic<Ref>;

Ref ref_of(const Leaf* leaf) { return reinterpret_cast<Ref>(leaf) | 1; }
Ref ref_of(const Node* node) { return reinterpret_cast<Ref>(node); }
bool is_leaf(Ref ref) { return (ref & 1) != 0; }
const Leaf* leaf_of(Ref ref) { return reinterpret_cast<const Leaf*>(ref & ~Ref{1}); }

enum class NodeKind : uint8_t { Few, Some, Many, All };  // 4, 16, 48, 256 children

struct Node {
  NodeKind kind;
  std::atomic<uint16_t> count{0};
  std::string_view prefix;  // bytes of some key
  Slot end{0};              // the leaf of the key that ends here
};

// The first `count` are there, in no order.
template <size_t kSize>
struct ListNode : Node {
  std::array<uint8_t, kSize> bytes{};
  std::array<Slot, kSize> children{};
};
using FewNode = ListNode<4>;
using SomeNode = ListNode<16>;

struct ManyNode : Node {
  std::array<std::atomic<uint8_t>, 256> places{};  // 0: none, else the child's place + 1
  std::array<Slot, 48> children{};
};

struct AllNode : Node {
  std::array<Slot, 256> children{};
};

template <typename N>
auto& as(Node& node) {
  return static_cast<N&>(node);
}

template <size_t kSize>
Slot* find_in_list(ListNode<kSize>& node, uint8_t byte) {
  size_t count = node.count.load(std::memory_order_acquire);
  for (size_t i = 0; i < count; ++i) {
    if (node.bytes[i] == byte) return &node.children[i];
  }
  return nullptr;
}

// The child's slot, null if there is none.
Slot* find_child(Node& node, uint8_t byte) {
  switch (node.kind) {
    case NodeKind::Few: return find_in_list(as<FewNode>(node), byte);
    case NodeKind::Some: return find_in_list(as<SomeNode>(node), byte);
    case NodeKind::Many: {
      uint8_t place = as<ManyNode>(node).places[byte].load(std::memory_order_acquire);
      return place == 0 ? nullptr : &as<ManyNode>(node).children[place - 1];
    }
    case NodeKind::All: {
      Slot& slot = as<AllNode>(node).children[byte];
      return slot.load(std::memory_order_acquire) == 0 ? nullptr : &slot;
    }
  }
  return nullptr;
}

template <size_t kSize>
int nearest_in_list(ListNode<kSize>& node, int from, Direction direction) {
  size_t count = node.count.load(std::memory_order_acquire);
  int best = -1;
  for (size_t i = 0; i < count; ++i) {
    int byte = node.bytes[i];
    if (direction == Direction::Forward ? byte > from && (best < 0 || byte < best) : byte < from && byte > best) best = byte;
  }
  return best;
}

// The nearest byte above (or below) `from` that has a child, -1 if there is none.
int nearest_child(Node& node, int from, Direction direction) {
  if (node.kind == NodeKind::Few) return nearest_in_list(as<FewNode>(node), from, direction);
  if (node.kind == NodeKind::Some) return nearest_in_list(as<SomeNode>(node), from, direction);
  int step = direction == Direction::Forward ? 1 : -1;
  for (int byte = from + step; byte >= 0 && byte < 256; byte += step) {
    if (find_child(node, static_cast<uint8_t>(byte)) != nullptr) return byte;
  }
  return -1;
}

Node& node_of(Ref ref) { return *reinterpret_cast<Node*>(ref); }

size_t common_prefix(std::string_view a, std::string_view b) {
  size_t bound = std::min(a.size(), b.size());
  size_t n = 0;
  while (n < bound && a[n] == b[n]) ++n;
  return n;
}

class AdaptiveRadixTree final : public Memtable {
 public:
  void add(const Entry& entry) override;
  std::optional<Entry> get(std::string_view key, uint64_t sequence) const override;
  std::unique_ptr<EntryCursor> cursor(Direction direction) const override;

 private:
  class Cursor;

  template <typename N>
  N* make_node(NodeKind kind, std::string_view prefix) {
    N* node = arena_.make<N>();
    node->kind = kind;
    node->prefix = prefix;
    count_bytes(sizeof(N));
    return node;
  }
  // Adds a child; a node that is full is replaced in `slot`.
  void add_child(Slot& slot, Node& node, uint8_t byte, Ref child);
  Node* grown(Node& node);
  Node* copy_with_prefix(Node& node, std::string_view prefix);
  // A node at the byte where two ways part: `rest` is what the key has from there on.
  static void put(FewNode& node, std::string_view rest, Ref child);

  mutable Slot root_{0};
};

template <size_t kSize>
void append_to_list(ListNode<kSize>& node, uint8_t byte, Ref child) {
  size_t count = node.count.load(std::memory_order_relaxed);
  node.bytes[count] = byte;
  node.children[count].store(child, std::memory_order_relaxed);
  node.count.store(static_cast<uint16_t>(count + 1), std::memory_order_release);
}

void append(Node& node, uint8_t byte, Ref child) {
  switch (node.kind) {
    case NodeKind::Few: return append_to_list(as<FewNode>(node), byte, child);
    case NodeKind::Some: return append_to_list(as<SomeNode>(node), byte, child);
    case NodeKind::Many: {
      auto& many = as<ManyNode>(node);
      uint16_t count = many.count.load(std::memory_order_relaxed);
      many.children[count].store(child, std::memory_order_relaxed);
      many.count.store(static_cast<uint16_t>(count + 1), std::memory_order_relaxed);
      many.places[byte].store(static_cast<uint8_t>(count + 1), std::memory_order_release);
      return;
    }
    case NodeKind::All:
      node.count.store(static_cast<uint16_t>(node.count.load(std::memory_order_relaxed) + 1), std::memory_order_relaxed);
      as<AllNode>(node).children[byte].store(child, std::memory_order_release);
      return;
  }
}

size_t capacity_of(NodeKind kind) {
  constexpr size_t kCapacities[] = {4, 16, 48, 256};
  return kCapacities[static_cast<size_t>(kind)];
}

void copy_children(Node& from, Node& to) {
  to.end.store(from.end.load(std::memory_order_relaxed), std::memory_order_relaxed);
  for (int byte = nearest_child(from, -1, Direction::Forward); byte >= 0; byte = nearest_child(from, byte, Direction::Forward)) {
    append(to, static_cast<uint8_t>(byte), find_child(from, static_cast<uint8_t>(byte))->load(std::memory_order_relaxed));
  }
}

Node* AdaptiveRadixTree::grown(Node& node) {
  Node* larger = nullptr;
  switch (node.kind) {
    case NodeKind::Few: larger = make_node<SomeNode>(NodeKind::Some, node.prefix); break;
    case NodeKind::Some: larger = make_node<ManyNode>(NodeKind::Many, node.prefix); break;
    case NodeKind::Many:
    case NodeKind::All: larger = make_node<AllNode>(NodeKind::All, node.prefix); break;
  }
  copy_children(node, *larger);
  return larger;
}

Node* AdaptiveRadixTree::copy_with_prefix(Node& node, std::string_view prefix) {
  Node* copy = nullptr;
  switch (node.kind) {
    case NodeKind::Few: copy = make_node<FewNode>(node.kind, prefix); break;
    case NodeKind::Some: copy = make_node<SomeNode>(node.kind, prefix); break;
    case NodeKind::Many: copy = make_node<ManyNode>(node.kind, prefix); break;
    case NodeKind::All: copy = make_node<AllNode>(node.kind, prefix); break;
  }
  copy_children(node, *copy);
  return copy;
}

void AdaptiveRadixTree::add_child(Slot& slot, Node& node, uint8_t byte, Ref child) {
  if (node.count.load(std::memory_order_relaxed) < capacity_of(node.kind)) return append(node, byte, child);
  Node* larger = grown(node);
  append(*larger, byte, child);
  slot.store(ref_of(larger), std::memory_order_release);
}

void AdaptiveRadixTree::put(FewNode& node, std::string_view rest, Ref child) {
  if (rest.empty()) {
    node.end.store(child, std::memory_order_relaxed);
  } else {
    append(node, static_cast<uint8_t>(rest[0]), child);
  }
}

void AdaptiveRadixTree::add(const Entry& entry) {
  auto* memory = static_cast<char*>(arena_.allocate(sizeof(Leaf) + entry.key.size() + entry.value.size(), alignof(Leaf)));
  auto* leaf = new (memory) Leaf{copy_entry(entry, memory + sizeof(Leaf)), nullptr};
  count_entry(sizeof(Leaf) + entry.key.size() + entry.value.size());
  std::string_view key = leaf->entry.key;
  size_t depth = 0;
  auto hang_before = [&](Slot& slot, const Leaf* older) {
    AEGIS_CHECK(older->entry.sequence < entry.sequence);
    leaf->older = older;
    slot.store(ref_of(leaf), std::memory_order_release);
  };
  for (Slot* slot = &root_;;) {
    Ref ref = slot->load(std::memory_order_relaxed);
    if (ref == 0) return slot->store(ref_of(leaf), std::memory_order_release);
    if (is_leaf(ref)) {
      std::string_view other = leaf_of(ref)->entry.key;
      if (other == key) return hang_before(*slot, leaf_of(ref));
      size_t common = common_prefix(key.substr(depth), other.substr(depth));
      auto* node = make_node<FewNode>(NodeKind::Few, key.substr(depth, common));
      put(*node, other.substr(depth + common), ref);
      put(*node, key.substr(depth + common), ref_of(leaf));
      return slot->store(ref_of(static_cast<Node*>(node)), std::memory_order_release);
    }
    Node& node = node_of(ref);
    size_t common = common_prefix(key.substr(depth), node.prefix);
    if (common < node.prefix.size()) {
      auto* above = make_node<FewNode>(NodeKind::Few, node.prefix.substr(0, common));
      append(*above, static_cast<uint8_t>(node.prefix[common]), ref_of(copy_with_prefix(node, node.prefix.substr(common + 1))));
      put(*above, key.substr(depth + common), ref_of(leaf));
      return slot->store(ref_of(static_cast<Node*>(above)), std::memory_order_release);
    }
    depth += common;
    if (depth == key.size()) {
      Ref end = node.end.load(std::memory_order_relaxed);
      if (end != 0) return hang_before(node.end, leaf_of(end));
      return node.end.store(ref_of(leaf), std::memory_order_release);
    }
    auto byte = static_cast<uint8_t>(key[depth++]);
    Slot* child = find_child(node, byte);
    if (child == nullptr) return add_child(*slot, node, byte, ref_of(leaf));
    slot = child;
  }
}

std::optional<Entry> AdaptiveRadixTree::get(std::string_view key, uint64_t sequence) const {
  size_t depth = 0;
  Ref ref = root_.load(std::memory_order_acquire);
  while (ref != 0 && !is_leaf(ref)) {
    Node& node = node_of(ref);
    if (key.substr(depth, node.prefix.size()) != node.prefix) return std::nullopt;
    depth += node.prefix.size();
    if (depth == key.size()) {
      ref = node.end.load(std::memory_order_acquire);
      break;
    }
    Slot* child = find_child(node, static_cast<uint8_t>(key[depth++]));
    if (child == nullptr) return std::nullopt;
    ref = child->load(std::memory_order_acquire);
  }
  if (ref == 0) return std::nullopt;
  const Leaf* leaf = leaf_of(ref);
  if (leaf->entry.key != key) return std::nullopt;
  while (leaf != nullptr && leaf->entry.sequence > sequence) leaf = leaf->older;
  if (leaf == nullptr) return std::nullopt;
  return leaf->entry;
}

// The way from the root: of each node the byte whose child comes next, kEnd for the key that ends there.
class AdaptiveRadixTree::Cursor final : public EntryCursor {
 public:
  Cursor(const AdaptiveRadixTree& tree, Direction direction) : tree_(tree), direction_(direction) {}

  void seek(const std::string_view* bound) override {
    way_.clear();
    leaf_ = nullptr;
    Ref root = tree_.root_.load(std::memory_order_acquire);
    if (root == 0) return;
    if (bound == nullptr) return enter(root);
    seek_from(root, *bound);
    if (direction_ == Direction::Forward) return;
    if (leaf_ != nullptr) {
      step();
    } else {
      way_.clear();
      enter(root);
    }
  }
  bool valid() const override { return leaf_ != nullptr; }
  const Entry& entry() const override { return leaf_->entry; }
  void advance() override {
    leaf_ = leaf_->older;
    if (leaf_ == nullptr) step();
  }

 private:
  static constexpr int kEnd = -1;
  struct Place {
    Node* node;
    int byte;
  };

  // To the first leaf not below the bound.
  void seek_from(Ref ref, std::string_view bound) {
    size_t depth = 0;
    for (;;) {
      if (is_leaf(ref)) {
        leaf_ = leaf_of(ref);
        if (leaf_->entry.key < bound) step(Direction::Forward);
        return;
      }
      Node& node = node_of(ref);
      std::string_view rest = bound.substr(depth);
      size_t common = common_prefix(rest, node.prefix);
      if (common < node.prefix.size()) {
        bool above = common == rest.size() || static_cast<uint8_t>(node.prefix[common]) > static_cast<uint8_t>(rest[common]);
        return above ? enter(ref, Direction::Forward) : step(Direction::Forward);
      }
      depth += common;
      if (depth == bound.size()) return enter(ref, Direction::Forward);
      int byte = static_cast<uint8_t>(bound[depth++]);
      way_.push_back({&node, byte});
      Slot* child = find_child(node, static_cast<uint8_t>(byte));
      if (child == nullptr) return step(Direction::Forward);
      ref = child->load(std::memory_order_acquire);
    }
  }

  void enter(Ref ref) { enter(ref, direction_); }
  void step() { step(direction_); }

  // To the first leaf under `ref`.
  void enter(Ref ref, Direction direction) {
    while (!is_leaf(ref)) {
      Node& node = node_of(ref);
      Ref end = node.end.load(std::memory_order_acquire);
      if (direction == Direction::Forward && end != 0) {
        way_.push_back({&node, kEnd});
        ref = end;
      } else {
        int byte = nearest_child(node, direction == Direction::Forward ? -1 : 256, direction);
        way_.push_back({&node, byte});
        ref = find_child(node, static_cast<uint8_t>(byte))->load(std::memory_order_acquire);
      }
    }
    leaf_ = leaf_of(ref);
  }

  // To the first leaf behind the place where the way leads.
  void step(Direction direction) {
    leaf_ = nullptr;
    for (; !way_.empty(); way_.pop_back()) {
      Place& at = way_.back();
      if (direction == Direction::Backward && at.byte == kEnd) continue;
      int byte = nearest_child(*at.node, at.byte, direction);
      if (byte >= 0) {
        at.byte = byte;
        return enter(find_child(*at.node, static_cast<uint8_t>(byte))->load(std::memory_order_acquire), direction);
      }
      Ref end = at.node->end.load(std::memory_order_acquire);
      if (direction == Direction::Backward && end != 0) {
        at.byte = kEnd;
        leaf_ = leaf_of(end);
        return;
      }
    }
  }

  const AdaptiveRadixTree& tree_;
  Direction direction_;
  std::vector<Place> way_;
  const Leaf* leaf_ = nullptr;
};

std::unique_ptr<EntryCursor> AdaptiveRadixTree::cursor(Direction direction) const {
  return std::make_unique<Cursor>(*this, direction);
}

}  // namespace

std::unique_ptr<Memtable> make_adaptive_radix_tree() { return std::make_unique<AdaptiveRadixTree>(); }

}  // namespace aegis::storage::lsm
