// Heavyweight locks: objects in PostgreSQL's eight modes, and advisory locks. Waiters queue in order; a wait that
// would close a cycle fails with 40P01. Weak modes on relations take a fast path that touches only the backend.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/txn/fwd.h"

namespace aegis::txn {

// Values are PostgreSQL's lock mode numbers.
enum class LockMode : uint8_t {
  AccessShare = 1,
  RowShare,
  RowExclusive,
  ShareUpdateExclusive,
  Share,
  ShareRowExclusive,
  Exclusive,
  AccessExclusive,
};
// "AccessShareLock", …
const char* lock_mode_name(LockMode mode);
bool lock_modes_conflict(LockMode a, LockMode b);

enum class LockClass : uint8_t {
  Relation,  // object_a: oid
  Object,    // object_a: catalog's oid, object_b: oid
  Tuple,     // object_a: RowId, object_b: storage table; held only while a transaction waits for the row
  Advisory,  // object_a and object_b: the key; object_c: 1 for one bigint key, 2 for two int keys
};

struct LockTag {
  LockClass kind = LockClass::Relation;
  Oid database = 0;
  uint64_t object_a = 0;
  uint32_t object_b = 0;
  uint32_t object_c = 0;
  friend bool operator==(const LockTag&, const LockTag&) = default;
  static LockTag relation(Oid database, Oid relation) { return {LockClass::Relation, database, relation, 0, 0}; }
  static LockTag object(Oid database, Oid catalog, Oid object) {
    return {LockClass::Object, database, catalog, object, 0};
  }
  static LockTag tuple(TableId table, RowId row) { return {LockClass::Tuple, 0, row.value, table.value, 0}; }
  static LockTag advisory(Oid database, int64_t key) {
    return {LockClass::Advisory, database, static_cast<uint64_t>(key), 0, 1};
  }
  static LockTag advisory(Oid database, int32_t key1, int32_t key2) {
    return {LockClass::Advisory, database, static_cast<uint32_t>(key1), static_cast<uint32_t>(key2), 2};
  }
};

enum class LockWait : uint8_t {
  Wait,    // until granted, interrupted, timed out (55P03) or deadlocked (40P01)
  NoWait,  // the caller reports 55P03 with the object's name
};

// Locks of a transaction go when it ends or when the savepoint they came after is rolled back; session locks are
// counted and go by unlock() or with the backend.
enum class LockOwner : uint8_t { Transaction, Session };

// A row of pg_locks.
struct LockInfo {
  LockTag tag;
  LockMode mode;
  int pid = 0;
  TxnId txn{};
  bool granted = false;
  bool fast_path = false;
};

class LockManager {
 public:
  explicit LockManager(TransactionManager& manager);
  ~LockManager();

  // True if granted; false only with NoWait. The backend must be in a transaction for LockOwner::Transaction.
  bool lock(Backend& backend, const LockTag& tag, LockMode mode, LockWait wait = LockWait::Wait,
            LockOwner owner = LockOwner::Transaction);
  // Releases one session lock; false if the backend does not hold it (the caller warns).
  bool unlock(Backend& backend, const LockTag& tag, LockMode mode);
  void unlock_all_advisory(Backend& backend);
  // Whether the backend holds this mode or a stronger one that implies it.
  bool holds(const Backend& backend, const LockTag& tag, LockMode mode) const;
  std::vector<LockInfo> list() const;

 private:
  friend class Transaction;
  friend class TransactionManager;
  friend class Backend;
  struct State;
  void lock_row_turn(Backend& backend, const LockTag& tag);
  void unlock_row_turn(Backend& backend, const LockTag& tag);
  void release_transaction(Backend& backend, size_t down_to);
  void release_session(Backend& backend);

  TransactionManager& manager_;
  std::unique_ptr<State> state_;
};

}  // namespace aegis::txn
