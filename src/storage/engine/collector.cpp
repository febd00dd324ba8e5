#include "engine/collector.h"

#include <algorithm>

#include "table/memory_table.h"

namespace aegis::storage {

namespace {
// Transactions whose rows are looked at together. More would make the oldest versions wait, fewer would look at hot rows more often.
constexpr size_t kBatchItems = 4096;
}  // namespace

void Collector::add(std::unique_ptr<WriteSet> writes, Timestamp ts) {
  bool supersedes = std::any_of(writes->entries.begin(), writes->entries.end(), [](const WriteEntry& entry) {
    return entry.kind == WriteKind::Update || entry.kind == WriteKind::Delete;
  });
  if (!supersedes) return;
  std::lock_guard guard(mutex_);
  items_.push_back({ts, std::move(writes)});
}

bool Collector::take(Timestamp ts, Batch& batch) {
  batch.items.clear();
  batch.rows.clear();
  {
    std::lock_guard guard(mutex_);
    while (!items_.empty() && items_.front().ts <= ts && batch.items.size() < kBatchItems) {
      batch.items.push_back(std::move(items_.front()));
      items_.pop_front();
    }
  }
  for (const Item& item : batch.items) {
    for (const WriteEntry& entry : item.writes->entries) {
      if (entry.kind == WriteKind::Update || entry.kind == WriteKind::Delete) batch.rows.emplace_back(entry.table, entry.row);
    }
  }
  // Each row once, however often it was changed: a look at it passes all versions that were made since.
  std::sort(batch.rows.begin(), batch.rows.end());
  batch.rows.erase(std::unique(batch.rows.begin(), batch.rows.end()), batch.rows.end());
  return !batch.items.empty();
}

uint64_t Collector::prune(MemoryTable& table, uint64_t row, const LiveSnapshots& live) {
  kept_for_.clear();
  uint64_t count = table.prune(RowId(row), live, &kept_for_);
  for (Timestamp oldest : kept_for_) kept_[oldest][table.shared_from_this()].insert(row);
  return count;
}

// Rows kept for spans that are no more.
uint64_t Collector::look_again(const LiveSnapshots& live) {
  uint64_t count = 0;
  std::vector<Timestamp> gone;
  for (const auto& [oldest, rows] : kept_) {
    auto is_oldest = [ts = oldest](const LiveSnapshots::Span& span) { return span.oldest == ts; };
    if (std::none_of(live.spans.begin(), live.spans.end(), is_oldest)) gone.push_back(oldest);
  }
  for (Timestamp ts : gone) {
    auto kept = kept_.extract(ts);
    for (const auto& [table, rows] : kept.mapped()) {
      for (uint64_t row : rows) count += prune(*table, row, live);
    }
  }
  return count;
}

uint64_t Collector::run(bool& left) {
  std::lock_guard running(run_mutex_);
  LiveSnapshots live = transactions_.live_snapshots();
  const Timestamp until = live.present;  // what is added meanwhile is for the next run
  uint64_t count = look_again(live);
  Batch batch;
  while (take(until, batch)) {
    for (const auto& [table, row] : batch.rows) count += prune(*table, row, live);
    live = transactions_.live_snapshots();
  }
  left = reclaimer_.collect(live);
  std::lock_guard guard(mutex_);
  left = left || !items_.empty();
  return count;
}

}  // namespace aegis::storage
