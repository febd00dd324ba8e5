#include "index/tree_cursor.h"

namespace aegis::storage {

void TreeCursor::fill(const TreeProbe& probe) {
  at_ = 0;
  more_ = nullptr;
  count_ = direction_ == lsm::Direction::Forward ? tree_.read_forward(probe, batch_, more_)
                                                 : tree_.read_backward(probe, batch_, more_);
}

// Goes on where a batch ended, at an entry or at a node's border.
void TreeCursor::fill_on() {
  while (at_ >= count_ && more_ != nullptr) {
    bool behind = direction_ == lsm::Direction::Forward && count_ > 0 && more_ == batch_[count_ - 1];
    fill(TreeProbe(more_->key(), more_->row + (behind ? 1 : 0)));
  }
}

void TreeCursor::show() {
  fill_on();
  if (!valid()) return;
  const TreeEntry& entry = *batch_[at_];
  key_.assign(entry.key());
  append_row(key_, entry.row);
  entry_.key = key_;
  entry_.kind = entry.deleted ? lsm::EntryKind::Delete : lsm::EntryKind::Put;
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
