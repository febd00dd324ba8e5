// Index entries of rows that are loaded in bulk: sorted by part, merged and written to files bottom-up, so that an index
// gets them all at once.
//
// Parts that follow one another in key order, as they mostly do, go to the files as they come; the others are kept in
// memory up to a bound and make runs of their own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/storage/bulk_load.h"
#include "index/memory_index.h"

namespace aegis::storage {

// The entries of one part, in order of (key, row).
class SortedKeys {
 public:
  // Keys of rows first, first + 1, ..., in chunks.
  explicit SortedKeys(uint64_t first_row) : first_row_(first_row) {}
  void add(const KeyBatch& batch, size_t rows, bool unique, bool nulls_conflict);
  void sort();

  size_t size() const { return ends_.size(); }
  std::string_view key(size_t i) const {
    size_t from = i == 0 ? 0 : ends_[i - 1];
    return {bytes_.data() + from, ends_[i] - from};
  }
  uint64_t row(size_t i) const { return first_row_ + positions_[i]; }
  // Rows whose keys never conflict (they have nulls), by position; empty: there are none.
  const std::vector<bool>& free_rows() const { return free_; }
  uint64_t first_row() const { return first_row_; }
  size_t size_bytes() const { return bytes_.size() + ends_.size() * 2 * sizeof(uint32_t); }

 private:
  struct Item {
    uint64_t prefix;
    uint32_t from;
    uint32_t size;
    uint32_t position;
  };
  uint64_t first_row_;
  uint32_t rows_ = 0;
  std::string raw_;
  std::vector<Item> items_;
  std::string bytes_;
  std::vector<uint32_t> ends_;
  std::vector<uint32_t> positions_;
  std::vector<bool> free_;
};

class IndexLoad {
 public:
  IndexLoad(std::shared_ptr<MemoryIndex> index, const LoadIndex& how, size_t budget_bytes);

  // Any thread.
  std::unique_ptr<SortedKeys> make(uint64_t first_row, std::span<const vector::Chunk> rows) const;
  void add(std::unique_ptr<SortedKeys> keys);
  // Writes everything out.
  void finish();
  bool has_entries() const { return !runs_.empty(); }
  // After finish(): puts the runs into the index, and returns their files.
  std::vector<std::shared_ptr<lsm::SstFile>> publish();
  // After publish(): calls back with entries that another row may be in the way of.
  void find_suspects(const std::function<void(std::string_view key, RowId row)>& suspect);

  const std::shared_ptr<MemoryIndex>& index() const { return index_; }

 private:
  struct Source {
    std::unique_ptr<SortedKeys> keys;
    size_t at = 0;
  };
  // Writes entries below `limit` (null: all) in order.
  void write(const std::string_view* limit);
  void write_entry(std::string_view key, uint64_t row);
  size_t count_below(std::string_view limit) const;
  bool is_free(uint64_t row) const;
  std::unique_ptr<lsm::MergeCursor> own_cursor() const;

  std::shared_ptr<MemoryIndex> index_;
  const bool unique_;
  const bool nulls_conflict_;
  const size_t budget_;
  std::vector<Source> sources_;
  size_t pending_ = 0;        // entries in sources_
  size_t pending_bytes_ = 0;
  std::vector<std::unique_ptr<lsm::RunWriter>> runs_;  // the last one is being written
  std::string last_entry_;    // of it: key and row
  std::string entry_;
  size_t last_key_size_ = 0;
  bool run_open_ = false;
  std::vector<std::pair<std::string, uint64_t>> duplicates_;
  std::map<uint64_t, std::vector<bool>> free_rows_;  // by a part's first row
  MemoryIndex::RunFiles own_files_;
  std::unique_ptr<MemoryIndex::Others> others_;
};

}  // namespace aegis::storage
