// Rows of a statement that writes many: gathered to parts, made and encoded by worker threads, and added to the table in
// order (storage/bulk_load.h).
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "aegis/executor/executor.h"
#include "aegis/storage/bulk_load.h"

namespace aegis::executor {

class BulkInsert {
 public:
  BulkInsert(std::unique_ptr<storage::BulkLoad> load, const ExecutionContext& context);
  // Waits for workers; without finish() the statement must be undone.
  ~BulkInsert();
  BulkInsert(const BulkInsert&) = delete;
  BulkInsert& operator=(const BulkInsert&) = delete;

  size_t part_rows() const { return load_->part_rows(); }
  // `make` gives the rows of a part, at most part_rows() of them; some thread calls it once. What it throws comes out of
  // this or a later call, the first failed part's error first. `tag` comes back from number_of.
  using Make = std::function<void(std::vector<Chunk>& rows)>;
  void submit(Make make, uint64_t tag);
  // Copies rows.
  void append(const Chunk& rows);
  // Rows appended that are no part yet and too few to be one.
  std::vector<Chunk> take_rest();
  void finish(const storage::BulkLoad::Suspect& suspect);
  // The tag of the row's part plus its position there; 0 if it was appended.
  uint64_t number_of(RowId row) const;
  // Of the row whose keys could not be computed, after that error.
  uint64_t failed_number() const { return failed_number_; }

 private:
  struct Task;
  void submit_pending();
  // Adds the oldest part, which is made here if nobody has begun.
  void take_oldest();

  std::unique_ptr<storage::BulkLoad> load_;
  const ExecutionContext& context_;
  const size_t bound_;  // parts under way
  std::deque<std::shared_ptr<Task>> tasks_;
  std::vector<std::pair<uint64_t, uint64_t>> tags_;  // (first row, tag)
  std::vector<Chunk> pending_;
  size_t pending_rows_ = 0;
  size_t pending_bytes_ = 0;
  uint64_t failed_number_ = 0;
};

}  // namespace aegis::executor
