#include "plan_cache.h"

#include <algorithm>

#include "aegis/catalog/catalog.h"
#include "aegis/os/clock.h"
#include "aegis/storage/engine.h"

namespace aegis::session {

namespace {

constexpr double kShortRows = 200;
constexpr size_t kShortAppend = 64;

uint64_t row_count(const storage::Engine& engine, TableId id) {
  auto table = engine.table(id);
  return table == nullptr ? 0 : table->statistics().row_count;
}

bool is_short_op(const plan::PhysicalOp& op, const storage::Engine& engine) {
  using enum plan::PhysicalKind;
  switch (op.kind) {
    case IndexScan: {
      const auto& scan = static_cast<const plan::IndexScan&>(op);
      if (scan.range.equal.empty() || op.estimated_rows > kShortRows) return false;
      break;
    }
    case TableScan:
      if (static_cast<const plan::TableScan&>(op).relation->is_foreign()) return false;
      if (row_count(engine, static_cast<const plan::TableScan&>(op).relation->storage) > kShortRows) return false;
      break;
    case IndexJoin:
      if (static_cast<const plan::IndexJoin&>(op).range.equal.empty() || op.estimated_rows > kShortRows) return false;
      break;
    case Values:
      if (static_cast<const plan::ValuesScan&>(op).rows.size() > 100) return false;
      break;
    case Append:
      if (op.children.size() > kShortAppend) return false;
      break;
    case Filter:
    case Project:
    case Sort:
    case TopN:
    case Limit:
    case LockRows:
    case Insert:
    case Update:
    case Delete: break;
    case HashAggregate: break;
    default: return false;
  }
  for (const auto& child : op.children) {
    if (!is_short_op(*child, engine)) return false;
  }
  return true;
}

void collect(const plan::PhysicalOp& op, std::vector<TableId>& tables) {
  const catalog::Relation* relation = nullptr;
  if (op.kind == plan::PhysicalKind::TableScan) relation = static_cast<const plan::TableScan&>(op).relation.get();
  if (op.kind == plan::PhysicalKind::IndexScan) relation = static_cast<const plan::IndexScan&>(op).relation.get();
  if (op.kind == plan::PhysicalKind::IndexJoin) relation = static_cast<const plan::IndexJoin&>(op).relation.get();
  if (relation != nullptr) tables.push_back(relation->storage);
  for (const auto& child : op.children) collect(*child, tables);
}

}  // namespace

bool is_short_plan(const plan::PhysicalPlan& plan, const storage::Engine& engine) {
  return !plan.calls_routines && plan.ctes.empty() && plan.init_plans.empty() && is_short_op(*plan.root, engine);
}

void record_sizes(CachedPlan& cached, const storage::Engine& engine) {
  std::vector<TableId> tables;
  collect(*cached.plan->root, tables);
  for (const auto& cte : cached.plan->ctes) collect(*cte, tables);
  for (const auto& init : cached.plan->init_plans) collect(*init.plan, tables);
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  for (TableId table : tables) cached.sizes.push_back({table, row_count(engine, table)});
  cached.checked_us = os::system_clock().monotonic_us();
}

bool is_outgrown(const CachedPlan& cached, const storage::Engine& engine) {
  if (cached.stale.load(std::memory_order_relaxed)) return true;
  int64_t now = os::system_clock().monotonic_us();
  if (now - cached.checked_us.load(std::memory_order_relaxed) < 100'000) return false;
  cached.checked_us.store(now, std::memory_order_relaxed);
  for (const CachedPlan::TableSize& size : cached.sizes) {
    uint64_t rows = row_count(engine, size.table);
    if (rows > 2 * size.rows + 100 || 2 * rows + 100 < size.rows) {
      cached.stale.store(true, std::memory_order_relaxed);
      return true;
    }
  }
  return false;
}

}  // namespace aegis::session
