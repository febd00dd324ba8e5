#include "lsm/memtable.h"

#include <bit>
#include <new>

namespace aegis::storage::lsm {
namespace {

uint64_t prefix_of(std::string_view key) {
  uint64_t word = 0;
  std::memcpy(&word, key.data(), std::min<size_t>(8, key.size()));
  return __builtin_bswap64(word);
}

}  // namespace

struct Memtable::Node {
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

class Memtable::Cursor final : public EntryCursor {
 public:
  Cursor(const Memtable& table, Direction direction) : table_(table), direction_(direction) {}

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

  const Memtable& table_;
  Direction direction_;
  const Node* node_ = nullptr;
};

Memtable::Memtable() { head_ = make_node({}, kMaxHeight); }

Memtable::Node* Memtable::make_node(const Entry& entry, int height) {
  size_t head = sizeof(Node) + static_cast<size_t>(height) * sizeof(std::atomic<Node*>);
  auto* memory = static_cast<char*>(arena_.allocate(head + entry.key.size() + entry.value.size(), alignof(Node)));
  auto* node = new (memory) Node;
  for (int i = 0; i < height; ++i) new (&node->next[i]) std::atomic<Node*>(nullptr);
  char* bytes = memory + head;
  if (!entry.key.empty()) std::memcpy(bytes, entry.key.data(), entry.key.size());
  if (!entry.value.empty()) std::memcpy(bytes + entry.key.size(), entry.value.data(), entry.value.size());
  node->entry = entry;
  node->entry.key = {bytes, entry.key.size()};
  node->entry.value = {bytes + entry.key.size(), entry.value.size()};
  node->prefix = entry.key.empty() ? 0 : prefix_of(entry.key);
  return node;
}

Memtable::Node* Memtable::find(std::string_view key, uint64_t sequence, Node** before) const {
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

Memtable::Node* Memtable::last() const {
  Node* node = head_;
  for (int level = height_.load(std::memory_order_acquire) - 1; level >= 0; --level) {
    while (Node* next = node->after(level)) node = next;
  }
  return node == head_ ? nullptr : node;
}

void Memtable::add(const Entry& entry) {
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
  count_.fetch_add(1, std::memory_order_relaxed);
  size_t bytes = sizeof(Node) + static_cast<size_t>(height) * sizeof(void*) + entry.key.size() + entry.value.size();
  bytes_.store(bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
}

std::optional<Entry> Memtable::get(std::string_view key, uint64_t sequence) const {
  const Node* node = find(key, sequence, nullptr);
  if (node == nullptr || node->entry.key != key) return std::nullopt;
  return node->entry;
}

std::unique_ptr<EntryCursor> Memtable::cursor(Direction direction) const {
  return std::make_unique<Cursor>(*this, direction);
}

}  // namespace aegis::storage::lsm
