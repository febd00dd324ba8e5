// Walks over sorted files, over a sorted run of them, and over several sorted sources at once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lsm/sst.h"

namespace aegis::storage::lsm {

// Over files whose keys do not overlap, in order. The files must outlive it.
class RunCursor final : public EntryCursor {
 public:
  RunCursor(std::span<const std::shared_ptr<SstFile>> files, KeyOrder order, Direction direction)
      : files_(files), order_(order), direction_(direction) {}
  void seek(const std::string_view* bound) override;
  bool valid() const override { return valid_; }
  const Entry& entry() const override { return reader_.entry(); }
  void advance() override;

 private:
  // Goes to the first (or last) entry of a block, of the next ones if it is past its end.
  void enter_file(size_t file);
  void enter_block(uint32_t number, bool at_border);
  void settle();

  std::span<const std::shared_ptr<SstFile>> files_;
  KeyOrder order_;
  Direction direction_;
  size_t file_ = 0;
  uint32_t block_ = 0;
  DataBlockReader reader_;
  BlockRef pin_;
  bool valid_ = false;
};

// Over sources, newest first: entries in order of key, of one key in order of sequence (newest first, forward only),
// then of source.
class MergeCursor final : public EntryCursor {
 public:
  MergeCursor(std::vector<std::unique_ptr<EntryCursor>> sources, KeyOrder order, Direction direction)
      : sources_(std::move(sources)), order_(order), direction_(direction) {}
  void seek(const std::string_view* bound) override;
  bool valid() const override { return current_ != kNone; }
  const Entry& entry() const override { return sources_[current_]->entry(); }
  void advance() override;
  // Of the present entry.
  size_t source() const { return current_; }

 private:
  static constexpr size_t kNone = ~size_t{0};
  bool before(size_t a, size_t b) const;
  void sift_down(size_t at);
  void pick() { current_ = heap_.empty() ? kNone : heap_.front(); }

  std::vector<std::unique_ptr<EntryCursor>> sources_;
  KeyOrder order_;
  Direction direction_;
  std::vector<size_t> heap_;
  size_t current_ = kNone;
};

// What a reader at `sequence` sees: of each key the newest entry not newer, unless that is a deletion.
class VisibleCursor {
 public:
  VisibleCursor(std::unique_ptr<MergeCursor> merge, uint64_t sequence) : merge_(std::move(merge)), sequence_(sequence) {}
  void seek(const std::string_view* bound);
  bool valid() const { return valid_; }
  const std::string& key() const { return key_; }
  const std::string& value() const { return value_; }
  EntryKind kind() const { return kind_; }
  void advance() { find(); }

 private:
  void find();

  std::unique_ptr<MergeCursor> merge_;
  uint64_t sequence_;
  bool valid_ = false;
  std::string key_;
  std::string value_;
  EntryKind kind_ = EntryKind::Put;
};

}  // namespace aegis::storage::lsm
