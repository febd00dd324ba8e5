// Work of deferrable constraints that waits for the end of the transaction or for SET CONSTRAINTS … IMMEDIATE: keys to be
// looked for again, rows that foreign keys have to be checked for, and constraint triggers to be fired.
//
// One a session, used by its thread. Rolling back to a savepoint takes back what was added, done or set behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/catalog/objects.h"
#include "aegis/vector/vector.h"

namespace aegis::txn {
class Transaction;
}

namespace aegis::executor {

struct ExecutionContext;

class DeferredWork {
 public:
  // A constraint, or a constraint trigger (by the trigger's OID).
  struct Constraint {
    Oid oid;
    bool deferrable;
    bool initially_deferred;
  };
  enum class Kind : uint8_t { UniqueKeys, ReferringRows, ReferredRows, Trigger };
  struct Item {
    Kind kind;
    Constraint constraint;
    Oid relation = kInvalidOid;
    Oid index = kInvalidOid;  // UniqueKeys
    std::vector<RowId> ids;
    std::vector<std::shared_ptr<const vector::Chunk>> rows;  // ReferringRows: new ones, ReferredRows: old ones
    int16_t event = 0;                                       // Trigger, with its rows
    std::shared_ptr<const vector::Chunk> old_row, new_row;
  };

  DeferredWork();
  ~DeferredWork();

  bool is_deferred(const Constraint& constraint) const;
  void add(txn::Transaction& transaction, Item item);
  // Empty `constraints`: all.
  void set(txn::Transaction& transaction, std::span<const Oid> constraints, bool deferred);
  // Whether there is something to do: whatever is not deferred, at the transaction's end all.
  bool is_due(bool at_end) const;
  // Triggers of the table wait to be fired.
  bool concerns(Oid relation) const;
  // Does what was due when it was called; that may have added more.
  void run(const ExecutionContext& context, bool at_end);
  // The transaction has ended.
  void clear();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace aegis::executor
