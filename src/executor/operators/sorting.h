// Sorting rows by normalized keys: byte strings whose memcmp order is the order asked for.
#pragma once

#include <memory>
#include <vector>

#include "aegis/plan/logical.h"
#include "aegis/storage/key_encoding.h"
#include "aegis/types/collation.h"
#include "expression/evaluator.h"
#include "pipeline/rows.h"
#include "spill/spill_file.h"

namespace aegis::executor {

// A run of rows with their keys; one per worker, merged when read. Keys of types that can't be encoded (arrays, records)
// are compared by value.
class SortRun {
 public:
  SortRun(const std::vector<plan::SortKey>& keys, const std::vector<plan::ColumnInfo>& columns, const EvaluationContext& context);

  void add(const Chunk& rows);
  void sort();
  // Writes the sorted rows with their keys, and reads a chunk of such a file as a run.
  void write(SpillFile& file) const;
  Chunk make_spill_chunk() const;
  void load(const Chunk& spilled);
  // Keeps the first `count` rows only (after sort()).
  void truncate(size_t count);
  size_t size() const { return entries_.size(); }
  size_t memory_bytes() const { return arena_.allocated_bytes() + entries_.capacity() * sizeof(Entry); }
  bool less(size_t i, const SortRun& other, size_t k) const { return compare(entries_[i], other, other.entries_[k]) < 0; }
  // The i-th row in order.
  const std::byte* row(size_t i) const { return entries_[i].row; }
  const RowLayout& layout() const { return layout_; }
  bool same_key(size_t i, size_t k) const { return compare(entries_[i], *this, entries_[k]) == 0; }

 private:
  struct Entry {
    uint64_t prefix;
    const char* key;
    uint32_t key_size;
    std::byte* row;
  };
  void add_entry(std::string_view key, std::byte* row);
  int compare(const Entry& a, const SortRun& other, const Entry& b) const;

  const std::vector<plan::SortKey>& keys_;
  RowLayout layout_;  // columns, then (by-value sorting) keys
  size_t column_count_;
  bool by_value_ = false;
  std::vector<ExpressionEvaluator> evaluators_;
  std::vector<Oid> key_types_;
  std::vector<storage::KeyColumn> key_columns_;
  // By key: the collation's, whose sort keys stand for the texts; null: the values themselves.
  std::vector<const types::Collator*> collators_;
  Chunk key_chunk_;
  storage::KeyBatch batch_;
  Arena arena_{1 << 16};
  std::vector<Entry> entries_;
};

// Reads several sorted runs in order, some of them from files.
class SortMerge {
 public:
  void start(std::vector<std::unique_ptr<SortRun>>* runs);
  // `empty_run` makes a run of the kind that was written.
  void add_file(const SpillFile& file, std::unique_ptr<SortRun> empty_run);
  // Fills up to a chunk's columns [0, columns) ; false at the end.
  bool next(Chunk& out, size_t limit);

 private:
  struct Source {
    SortRun* run;  // of a file: the chunk read last
    size_t at = 0;
    std::unique_ptr<SortRun> block;
    std::unique_ptr<SpillFile::Reader> reader;
    Chunk chunk;
  };
  // Reads on in files whose chunk is used up.
  void refill();
  std::vector<Source> sources_;
};

}  // namespace aegis::executor
