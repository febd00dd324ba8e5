// What the planner is told of tables: their row counts, and a random sample of their rows that is taken when first
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
  std::shared_ptr<const planner::TableSample> sample(const catalog::Relation& table) override;
  // Takes the sample anew (ANALYZE).
  void refresh(const catalog::Relation& table);

 private:
  std::shared_ptr<const planner::TableSample> take_sample(const catalog::Relation& table, double rows);

  txn::TransactionManager& transactions_;
  std::mutex mutex_;
  std::unordered_map<uint32_t, std::shared_ptr<const planner::TableSample>> samples_;  // by TableId
};

}  // namespace aegis::session
