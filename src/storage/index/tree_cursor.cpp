#include "index/tree_cursor.h"

#include <algorithm>

namespace aegis::storage {

void TreeCursor::fill(const TreeProbe& probe) {
  Reclaimer::Pin pin(tree_.reclaimer());
  const TreeEntry* entries[kBatch];
  const TreeEntry* more = nullptr;
  std::span<const TreeEntry*> out(entries, wanted_);
  const bool forward = direction_ == lsm::Direction::Forward;
  at_ = 0;
  count_ = forward ? tree_.read_forward(probe, out, more) : tree_.read_backward(probe, out, more);
  wanted_ = std::min(kBatch, wanted_ * 4);
  more_ = more != nullptr;
  if (more_) {
    // An entry, or a node's border.
    bool behind = forward && count_ > 0 && more == entries[count_ - 1];
    more_row_ = more->row + (behind ? 1 : 0);
    more_key_.assign(more->key());
  }
  keys_.clear();
  for (size_t i = 0; i < count_; ++i) {
    keys_.append(entries[i]->key());
    append_row(keys_, entries[i]->row);
    batch_[i] = {static_cast<uint32_t>(keys_.size()), entries[i]->deleted};
  }
}

void TreeCursor::fill_on() {
  while (at_ >= count_ && more_) {
    std::string key = std::move(more_key_);
    fill(TreeProbe(key, more_row_));
  }
}

void TreeCursor::show() {
  fill_on();
  if (!valid()) return;
  size_t from = at_ == 0 ? 0 : batch_[at_ - 1].end;
  entry_.key = std::string_view(keys_).substr(from, batch_[at_].end - from);
  entry_.kind = batch_[at_].deleted ? lsm::EntryKind::Delete : lsm::EntryKind::Put;
}

void TreeCursor::seek(const std::string_view* bound) {
  if (bound != nullptr) {
    fill(TreeProbe(kIndexOrder.filter_key(*bound), row_of(*bound)));
  } else {
    fill(direction_ == lsm::Direction::Forward ? TreeProbe({}, 0) : TreeProbe::behind_all());
  }
  show();
}

void TreeCursor::advance() {
  ++at_;
  show();
}

}  // namespace aegis::storage
