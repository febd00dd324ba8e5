// What an index has in memory: a B+tree that many threads write to at once (btree.h), or one of the key-value store's
// memtables, whose writers take turns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "lsm/entry.h"
#include "lsm/options.h"

namespace aegis::storage {

class BTree;
class Reclaimer;

class IndexMemtable {
 public:
  static std::shared_ptr<IndexMemtable> make(lsm::MemtableKind kind, Reclaimer& reclaimer);
  virtual ~IndexMemtable() = default;

  // False if the entry is there already. One that says the opposite is replaced. `deleted`: older parts of the index must
  // not be believed.
  virtual bool insert(std::string_view key, uint64_t row, bool deleted = false) = 0;
  // Of each (key, row) the newest entry; keys have the RowId behind (tree_cursor.h). Must not outlive the table.
  virtual std::unique_ptr<lsm::EntryCursor> cursor(lsm::Direction direction) const = 0;
  // Entries less deletions, which may be more.
  virtual int64_t entry_count() const = 0;
  virtual bool empty() const = 0;
  virtual uint64_t size_bytes() const = 0;
  virtual lsm::MemtableKind kind() const = 0;
  // Null if it is another structure.
  virtual BTree* btree() { return nullptr; }
  virtual const BTree* btree() const { return nullptr; }
};

}  // namespace aegis::storage
