#include "write_set.h"

#include <algorithm>

#include "aegis/storage/transaction.h"
#include "table/memory_table.h"

namespace aegis::storage {

TxnContext::TxnContext() = default;
TxnContext::~TxnContext() = default;
TxnContext::TxnContext(TxnContext&&) noexcept = default;
TxnContext& TxnContext::operator=(TxnContext&&) noexcept = default;

void WriteSet::add(WriteEntry entry, const std::shared_ptr<MemoryTable>& table) {
  std::lock_guard guard(mutex);
  if (table && (tables.empty() || tables.back() != table)) {
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
  }
  if (entry.kind >= WriteKind::CreateTable) changes_objects = true;
  entries.push_back(entry);
}

}  // namespace aegis::storage
