// Explicit row locks (FOR UPDATE and its weaker sisters). A row that is only updated or deleted needs no entry: its
// uncommitted version is the lock. Entries of ended transactions are ignored and removed when met.
// Callers hold the row's latch.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/table.h"
#include "aegis/storage/transaction.h"

namespace aegis::storage {

// PostgreSQL's table of row lock conflicts.
inline bool row_locks_conflict(RowLockMode a, RowLockMode b) {
  return static_cast<int>(a) + static_cast<int>(b) >= 3;
}

class RowLocks {
 public:
  // Another running transaction whose lock conflicts. Sets `empty` when the row has no entries any more.
  std::optional<TxnId> conflict(const TransactionTable& transactions, RowId row, TxnId txn, RowLockMode mode, bool& empty);
  // True if it made an entry, false if the transaction had this mode or a stronger one.
  bool add(RowId row, TxnId txn, RowLockMode mode);
  // Removes one entry of this mode; true if the row has none left.
  bool remove(RowId row, TxnId txn, RowLockMode mode);

 private:
  struct Entry {
    TxnId txn;
    RowLockMode mode;
  };
  struct Stripe {
    std::mutex mutex;
    std::unordered_map<uint64_t, std::vector<Entry>> rows;
  };
  static constexpr size_t kStripes = 16;
  Stripe& stripe(RowId row) { return stripes_[row.value % kStripes]; }

  Stripe stripes_[kStripes];
};

}  // namespace aegis::storage
