#include "table/row_locks.h"

#include <algorithm>

namespace aegis::storage {

std::optional<TxnId> RowLocks::conflict(const TransactionTable& transactions, RowId row, TxnId txn, RowLockMode mode,
                                        bool& empty) {
  Stripe& s = stripe(row);
  std::lock_guard guard(s.mutex);
  empty = true;
  auto found = s.rows.find(row.value);
  if (found == s.rows.end()) return std::nullopt;
  std::optional<TxnId> holder;
  std::erase_if(found->second, [&](const Entry& entry) {
    if (entry.txn == txn) return false;
    if (transactions.status(entry.txn) != TxnStatus::InProgress) return true;
    if (row_locks_conflict(entry.mode, mode)) holder = entry.txn;
    return false;
  });
  empty = found->second.empty();
  if (empty) s.rows.erase(found);
  return holder;
}

bool RowLocks::add(RowId row, TxnId txn, RowLockMode mode) {
  Stripe& s = stripe(row);
  std::lock_guard guard(s.mutex);
  auto& entries = s.rows[row.value];
  for (const Entry& entry : entries) {
    if (entry.txn == txn && entry.mode >= mode) return false;
  }
  entries.push_back({txn, mode});
  return true;
}

bool RowLocks::remove(RowId row, TxnId txn, RowLockMode mode) {
  Stripe& s = stripe(row);
  std::lock_guard guard(s.mutex);
  auto found = s.rows.find(row.value);
  if (found == s.rows.end()) return true;
  auto entry = std::find_if(found->second.begin(), found->second.end(),
                            [&](const Entry& e) { return e.txn == txn && e.mode == mode; });
  if (entry != found->second.end()) found->second.erase(entry);
  if (!found->second.empty()) return false;
  s.rows.erase(found);
  return true;
}

}  // namespace aegis::storage
