// Row groups as a table has them: where their blocks are, and which rows were deleted since they were written.
//
// A row that is cleared is invisible to every snapshot for good. Bits are only ever cleared, by one thread at a time
// (the table's mutex), and read by anyone.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "segment/segment_file.h"

namespace aegis::storage {

class RowGroup;

// A block of a column, opened, with what is apart.
class ColumnBlock {
 public:
  // Writes values [from, from + count) of the block to slots [at, ...) of a flat vector. Those apart are read too, or, if
  // `apart` is given, left empty and listed there by slot.
  void read(size_t from, size_t count, vector::Vector& out, size_t at, std::vector<ApartValue>* apart = nullptr);

 private:
  friend class RowGroup;
  friend class RowGroupCursor;
  const RowGroup* group_ = nullptr;
  const ChunkInfo* chunk_ = nullptr;
  size_t block_ = 0;
  BlockRef ref_;
  BlockReader reader_;
  ReferenceList references_;
  std::string own_references_;
};

class RowGroup {
 public:
  RowGroup(std::shared_ptr<const SegmentFile> file, size_t index);
  // A whole one that a transaction has loaded: `creator` is its `begin`.
  RowGroup(std::shared_ptr<const SegmentFile> file, size_t index, uint64_t creator, uint32_t command);
  ~RowGroup();
  RowGroup(const RowGroup&) = delete;
  RowGroup& operator=(const RowGroup&) = delete;

  const SegmentFile& file() const { return *file_; }
  const std::shared_ptr<const SegmentFile>& shared_file() const { return file_; }
  const GroupInfo& info() const { return *info_; }
  size_t index() const { return index_; }  // in the file

  bool has(size_t position) const {
    if (position < info_->first || position >= info_->end) return false;
    auto* bits = present_.load(std::memory_order_acquire);
    return bits == nullptr || ((bits[position >> 6].load(std::memory_order_relaxed) >> (position & 63)) & 1) != 0;
  }
  // Who may see its rows, as a Version has it: 0, the creating transaction while it runs, or its commit timestamp.
  std::atomic<uint64_t> begin{0};
  const uint32_t command = 0;
  // All of [from, to) have rows.
  bool has_all(size_t from, size_t to) const;
  uint32_t row_count() const { return row_count_.load(std::memory_order_relaxed); }
  // Clears a row; false if it was not there.
  bool remove(size_t position);
  // Clears what is cleared there.
  void clear_as(const RowGroup& other);
  // Differs from what the file says.
  bool changed() const { return row_count() != info_->row_count; }
  // The bitmap as bytes, one bit a position; and back.
  std::string encode_present() const;
  bool decode_present(std::string_view bytes);

  // Values [from, from + count), all in one block, to slots [at, ...) of a flat vector. `column` must have a chunk. Those apart
  // are read too, or, if `apart` is given, left empty and listed there by slot.
  void read(size_t column, size_t from, size_t count, vector::Vector& out, size_t at, std::vector<ApartValue>* apart = nullptr) const;
  // A block of a column, which must have values, on its own.
  std::unique_ptr<ColumnBlock> open_owned(size_t column, size_t block) const;
  // References of a block, for positions in it.
  std::vector<ApartValue> references(size_t column, size_t block) const;
  ValueFile* value_file(uint64_t number) const;
  uint64_t value_bytes() const;
  // How many rows from `position` on, at most `count`, all in one block, have about `bytes` of values apart in `columns`.
  size_t rows_of_bytes(std::span<const uint32_t> columns, size_t position, size_t count, uint64_t bytes) const;
  bool has_column(size_t column) const { return column < info_->chunks.size(); }
  uint64_t size_bytes() const;
  uint32_t block_rows() const { return file_->footer().block_rows; }

 private:
  friend class RowGroupCursor;
  friend class ColumnBlock;
  void use_value_files();
  void open_block(const ChunkInfo& chunk, size_t block, ColumnBlock& out, BlockReader::Bytes bytes) const;
  size_t words() const { return (info_->end + 63) / 64; }
  std::atomic<uint64_t>* own_bits();

  std::shared_ptr<const SegmentFile> file_;
  size_t index_;
  const GroupInfo* info_;
  std::atomic<std::atomic<uint64_t>*> present_{nullptr};
  std::atomic<uint32_t> row_count_;
  std::vector<ValueFile*> value_files_;  // used, by number
};

// Reads single values of one column, keeping the last block open.
class RowGroupCursor {
 public:
  void read(const RowGroup& group, size_t column, size_t position, vector::Vector& out, size_t at);

 private:
  ColumnBlock open_;
};

// All row groups of a table, by number. Immutable.
struct GroupMap {
  std::vector<std::shared_ptr<RowGroup>> groups;

  RowGroup* find(uint64_t number) const { return number < groups.size() ? groups[number].get() : nullptr; }
};

}  // namespace aegis::storage
