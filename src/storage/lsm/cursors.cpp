#include "lsm/cursors.h"

#include <algorithm>

namespace aegis::storage::lsm {

// --- RunCursor ---------------------------------------------------------------------------------------------

void RunCursor::enter_block(uint32_t number, bool at_border) {
  const SstFile& file = *files_[file_];
  block_ = number;
  SstFile::BlockPlace place = file.place_of(number);
  pin_ = file.read_block(place, reader_);
  if (!at_border) return;
  bool good = direction_ == Direction::Forward ? reader_.seek_first() : reader_.seek_last();
  if (!good) file.throw_corrupted(place.offset);
}

void RunCursor::enter_file(size_t file) {
  file_ = file;
  enter_block(direction_ == Direction::Forward ? 0 : files_[file]->block_count() - 1, true);
}

// Past the end of a block, goes on in the next one.
void RunCursor::settle() {
  while (reader_.at_end()) {
    if (direction_ == Direction::Forward) {
      if (block_ + 1 < files_[file_]->block_count()) {
        enter_block(block_ + 1, true);
      } else if (file_ + 1 < files_.size()) {
        enter_file(file_ + 1);
      } else {
        valid_ = false;
        return;
      }
    } else if (block_ > 0) {
      enter_block(block_ - 1, true);
    } else if (file_ > 0) {
      enter_file(file_ - 1);
    } else {
      valid_ = false;
      return;
    }
  }
  valid_ = true;
}

void RunCursor::seek(const std::string_view* bound) {
  valid_ = false;
  if (files_.empty()) return;
  if (bound == nullptr) {
    enter_file(direction_ == Direction::Forward ? 0 : files_.size() - 1);
    settle();
    return;
  }
  // The first file that may have keys not below the bound.
  auto file = std::partition_point(files_.begin(), files_.end(), [&](const auto& f) {
    return order_.less(f->meta().largest, *bound);
  });
  if (file == files_.end()) {
    if (direction_ == Direction::Forward) return;
    enter_file(files_.size() - 1);
    settle();
    return;
  }
  file_ = static_cast<size_t>(file - files_.begin());
  SstFile::BlockPlace place = (*file)->find_block(*bound);
  if (place.number >= (*file)->block_count()) (*file)->throw_corrupted(0);
  block_ = place.number;
  pin_ = (*file)->read_block(place, reader_);
  if (!reader_.seek(order_, *bound)) (*file)->throw_corrupted(place.offset);
  if (direction_ == Direction::Backward) {
    bool good = reader_.at_end() ? reader_.seek_last() : reader_.previous();
    if (!good) (*file)->throw_corrupted(place.offset);
  }
  settle();
}

void RunCursor::advance() {
  bool good = direction_ == Direction::Forward ? reader_.next() : reader_.previous();
  if (!good) files_[file_]->throw_corrupted(0);
  settle();
}

// --- MergeCursor -------------------------------------------------------------------------------------------

bool MergeCursor::before(size_t a, size_t b) const {
  const Entry& x = sources_[a]->entry();
  const Entry& y = sources_[b]->entry();
  int order = order_.compare(x.key, y.key);
  if (order != 0) return direction_ == Direction::Forward ? order < 0 : order > 0;
  if (x.sequence != y.sequence) return x.sequence > y.sequence;
  return a < b;
}

void MergeCursor::sift_down(size_t at) {
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= heap_.size()) return;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], heap_[at])) return;
    std::swap(heap_[child], heap_[at]);
    at = child;
  }
}

void MergeCursor::seek(const std::string_view* bound) {
  heap_.clear();
  for (size_t i = 0; i < sources_.size(); ++i) {
    sources_[i]->seek(bound);
    if (sources_[i]->valid()) heap_.push_back(i);
  }
  for (size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
  pick();
}

void MergeCursor::advance() {
  sources_[current_]->advance();
  if (!sources_[current_]->valid()) {
    heap_.front() = heap_.back();
    heap_.pop_back();
  }
  if (!heap_.empty()) sift_down(0);
  pick();
}

// --- VisibleCursor -----------------------------------------------------------------------------------------

void VisibleCursor::seek(const std::string_view* bound) {
  merge_->seek(bound);
  find();
}

// Looks at all entries of a key, in whatever order they come, then at the next key.
void VisibleCursor::find() {
  while (merge_->valid()) {
    key_.assign(merge_->entry().key);
    bool found = false;
    uint64_t newest = 0;
    size_t source = 0;
    for (; merge_->valid() && merge_->entry().key == key_; merge_->advance()) {
      const Entry& entry = merge_->entry();
      if (entry.sequence > sequence_) continue;
      bool newer = !found || entry.sequence > newest || (entry.sequence == newest && merge_->source() < source);
      if (!newer) continue;
      found = true;
      newest = entry.sequence;
      source = merge_->source();
      kind_ = entry.kind;
      value_.assign(entry.value);
    }
    if (found && kind_ != EntryKind::Delete) {
      valid_ = true;
      return;
    }
  }
  valid_ = false;
}

}  // namespace aegis::storage::lsm
