#include "engine/collector.h"

#include <algorithm>

#include "table/memory_table.h"

namespace aegis::storage {

void Collector::add(std::unique_ptr<WriteSet> writes, Timestamp ts) {
  bool supersedes = std::any_of(writes->entries.begin(), writes->entries.end(), [](const WriteEntry& entry) {
    return entry.kind == WriteKind::Update || entry.kind == WriteKind::Delete;
  });
  if (!supersedes) return;
  std::lock_guard guard(mutex_);
  items_.push_back({ts, std::move(writes)});
}

uint64_t Collector::run(bool& left) {
  std::lock_guard running(run_mutex_);
  Timestamp horizon = transactions_.horizon();
  uint64_t count = 0;
  for (;;) {
    Item item;
    {
      std::lock_guard guard(mutex_);
      if (items_.empty() || items_.front().ts > horizon) {
        left = !items_.empty();
        break;
      }
      item = std::move(items_.front());
      items_.pop_front();
    }
    for (const WriteEntry& entry : item.writes->entries) {
      if (entry.kind == WriteKind::Update || entry.kind == WriteKind::Delete) {
        count += entry.table->prune(RowId(entry.row), horizon);
      }
    }
  }
  if (reclaimer_.collect(horizon)) left = true;
  return count;
}

}  // namespace aegis::storage
