// The BulkLoad: parts become row groups of segment files, their keys entries of index files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aegis/storage/bulk_load.h"
#include "engine/memory_engine.h"
#include "index/index_load.h"
#include "segment/segment_file.h"

namespace aegis::storage {

class SegmentLoad final : public BulkLoad {
 public:
  SegmentLoad(MemoryEngine& engine, TxnContext& txn, std::shared_ptr<MemoryTable> table, std::vector<LoadIndex> indexes);
  ~SegmentLoad() override;

  size_t part_rows() const override { return options_.group_rows; }
  RowId reserve() override { return RowId(table_->reserve_group() * options_.group_rows); }
  std::unique_ptr<Part> encode(RowId first, std::span<const vector::Chunk> rows) const override;
  void add(std::unique_ptr<Part> part) override;
  void finish(const Suspect& suspect) override;

 private:
  struct EncodedPart final : Part {
    EncodedGroup group;
    std::vector<std::unique_ptr<SortedKeys>> keys;  // by index
  };
  void begin_file();
  void finish_file();
  void forget_file();

  MemoryEngine& engine_;
  TxnContext& txn_;
  std::shared_ptr<MemoryTable> table_;
  const SegmentOptions& options_;
  const Layout& layout_;
  const bool sync_;
  std::vector<std::unique_ptr<IndexLoad>> indexes_;
  std::string file_;  // within the data directory
  std::unique_ptr<SegmentWriter> writer_;
  std::unique_ptr<ValueWriter> values_;
  bool any_ = false;
};

}  // namespace aegis::storage
