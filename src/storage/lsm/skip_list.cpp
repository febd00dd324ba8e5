// A skip list in an arena (Pugh, 1990): nodes are linked bottom up by releasing stores and never unlinked.
#include <bit>
#include <new>

#include "lsm/memtable.h"

namespace aegis::storage::lsm {
namespace {

uint64_t prefix_of(std::string_view key) {
  uint64_t word = 0;
  std::memcpy(&word, key.data(), std::min<size_t>(8, key.size()));
  return __builtin_bswap64(word);
}

class SkipList final : public Memtable {
 public:
  SkipList() { head_ = make_node({}, kMaxHeight); }
  void add(const Entry& entry) override;
  std::optional<Entry> get(std::string_view key, uint64_t sequence) const override;
  std::unique_ptr<EntryCursor> cursor(Direction direction) const override;

 private:
  class Cursor;
  struct Node;
  static constexpr int kMaxHeight = 14;

  Node* make_node(const Entry& entry, int height);
  // The first node not before (key, sequence); `before` gets the last nodes before it, by level.
  Node* find(std::string_view key, uint64_t sequence, Node** before) const;
  Node* last() const;

  Node* head_;
  std::atomic<int> height_{1};
  uint64_t random_ = 0x2545f4914f6cdd1dULL;
};

struct SkipList::Node {
  Entry entry;
  uint64_t prefix;  // of the key, so that most comparisons stay in the node
  std::atomic<Node*> next[];

  Node* after(int level) const { return next[level].load(std::memory_order_acquire); }
  bool before(uint64_t other_prefix, std::string_view key, uint64_t sequence) const {
    if (prefix != other_prefix) return prefix < other_prefix;
    int order = entry.key.compare(key);
    return order != 0 ? order < 0 : entry.sequence > sequence;
  }
};

class SkipList::Cursor final : public EntryCursor {
 public:
  Cursor(const SkipList& table, Direction direction) : table_(table), direction_(direction) {}

  void seek(const std::string_view* bound) override {
    if (direction_ == Direction::Forward) {
      node_ = bound == nullptr ? table_.head_->after(0) : table_.find(*bound, kMaxSequence, nullptr);
      return;
    }
    if (bound == nullptr) {
      node_ = table_.last();
    } else {
      go_before(*bound, kMaxSequence);
    }
  }
  bool valid() const override { return node_ != nullptr; }
  const Entry& entry() const override { return node_->entry; }
  void advance() override {
    if (direction_ == Direction::Forward) {
      node_ = node_->after(0);
    } else {
      go_before(node_->entry.key, node_->entry.sequence);
    }
  }

 private:
  void go_before(std::string_view key, uint64_t sequence) {
    Node* before[kMaxHeight];
    table_.find(key, sequence, before);
    node_ = before[0] == table_.head_ ? nullptr : before[0];
  }

  const SkipList& table_;
  Direction direction_;
  const Node* node_ = nullptr;
};

SkipList::Node* SkipList::make_node(const Entry& entry, int height) {
  size_t head = sizeof(Node) + static_cast<size_t>(height) * sizeof(std::atomic<Node*>);
  auto* memory = static_cast<char*>(arena_.allocate(head + entry.key.size() + entry.value.size(), alignof(Node)));
  auto* node = new (memory) Node;
  for (int i = 0; i < height; ++i) new (&node->next[i]) std::atomic<Node*>(nullptr);
  node->entry = copy_entry(entry, memory + head);
  node->prefix = entry.key.empty() ? 0 : prefix_of(entry.key);
  return node;
}

SkipList::Node* SkipList::find(std::string_view key, uint64_t sequence, Node** before) const {
  uint64_t prefix = key.empty() ? 0 : prefix_of(key);
  Node* node = head_;
  int height = height_.load(std::memory_order_acquire);
  if (before != nullptr) std::fill(before + height, before + kMaxHeight, head_);
  Node* bound = nullptr;  // already compared
  for (int level = height - 1;; --level) {
    Node* next = node->after(level);
    while (next != bound && next != nullptr && next->before(prefix, key, sequence)) {
      node = next;
      next = node->after(level);
    }
    bound = next;
    if (before != nullptr) before[level] = node;
    if (level == 0) return next;
  }
}

SkipList::Node* SkipList::last() const {
  Node* node = head_;
  for (int level = height_.load(std::memory_order_acquire) - 1; level >= 0; --level) {
    while (Node* next = node->after(level)) node = next;
  }
  return node == head_ ? nullptr : node;
}

void SkipList::add(const Entry& entry) {
  Node* before[kMaxHeight];
  find(entry.key, entry.sequence, before);
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  // One node in four goes a level higher.
  int height = std::min(kMaxHeight, 1 + std::countr_zero(random_ | uint64_t{1} << 62) / 2);
  if (height > height_.load(std::memory_order_relaxed)) height_.store(height, std::memory_order_release);
  Node* node = make_node(entry, height);
  for (int level = 0; level < height; ++level) {
    node->next[level].store(before[level]->next[level].load(std::memory_order_relaxed), std::memory_order_relaxed);
    before[level]->next[level].store(node, std::memory_order_release);
  }
  count_entry(sizeof(Node) + static_cast<size_t>(height) * sizeof(void*) + entry.key.size() + entry.value.size());
}

std::optional<Entry> SkipList::get(std::string_view key, uint64_t sequence) const {
  const Node* node = find(key, sequence, nullptr);
  if (node == nullptr || node->entry.key != key) return std::nullopt;
  return node->entry;
}

std::unique_ptr<EntryCursor> SkipList::cursor(Direction direction) const {
  return std::make_unique<Cursor>(*this, direction);
}

}  // namespace

std::unique_ptr<Memtable> make_skip_list() { return std::make_unique<SkipList>(); }

}  // namespace aegis::storage::lsm
