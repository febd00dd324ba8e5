// What the planner is told of tables: their row counts, and a random sample of their rows that is taken when first
// asked for and again when the number of rows has changed by a fifth.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "aegis/planner/planner.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::session {

class TableStatistics : public planner::Statistics {
 public:
  explicit TableStatistics(txn::TransactionManager& transactions) : transactions_(transactions) {}
  double row_count(const catalog::Relation& table) override;
  std::shared_ptr<const planner::TableSample> sample(const catalog::Relation& table, std::span<const int> columns) override;
  // Takes the sample anew, of all columns (ANALYZE).
  void refresh(const catalog::Relation& table);
  // What the last refresh() found; null if there was none since the server began.
  std::shared_ptr<const planner::TableSample> analyzed(const catalog::Relation& table);

 private:
  // The rows chosen; columns are read when first asked for, and only then written, under `mutex`.
  struct Sample : planner::TableSample {
    std::mutex mutex;
    std::vector<std::vector<RowId>> chosen;  // one list a chunk
    std::vector<bool> loaded;                // by column
  };
  std::shared_ptr<Sample> choose_rows(const catalog::Relation& table);
  void keep_visible(const storage::Table& stored, Sample& sample);
  void load(const catalog::Relation& table, Sample& sample, std::span<const int> columns);

  txn::TransactionManager& transactions_;
  std::mutex mutex_;
  std::unordered_map<uint32_t, std::shared_ptr<Sample>> samples_;  // by TableId
  std::unordered_map<uint32_t, std::shared_ptr<Sample>> analyzed_;
};

}  // namespace aegis::session
