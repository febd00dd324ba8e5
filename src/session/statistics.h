// What the planner is told of tables: their row counts, and columns' statistics from a sample that is taken when first
// asked for and again when the number of rows has changed by a fifth.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "aegis/planner/planner.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::session {

class TableStatistics : public planner::Statistics {
 public:
  explicit TableStatistics(txn::TransactionManager& transactions) : transactions_(transactions) {}
  double row_count(const catalog::Relation& table) override;
  const planner::ColumnStatistics* column(const catalog::Relation& table, int column) override;

 private:
  struct Sample {
    uint64_t row_count = 0;
    size_t column_count = 0;
    std::vector<planner::ColumnStatistics> columns;
  };
  std::shared_ptr<const Sample> take_sample(const catalog::Relation& table, uint64_t rows);

  txn::TransactionManager& transactions_;
  std::mutex mutex_;
  std::unordered_map<uint32_t, std::shared_ptr<const Sample>> samples_;
};

}  // namespace aegis::session
