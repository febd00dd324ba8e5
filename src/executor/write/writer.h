// Writing rows of one table with everything that belongs to it: NOT NULL, CHECK, indexes and foreign keys. Used by the
// INSERT, UPDATE, DELETE and MERGE operators, by COPY, and by foreign key actions on other tables.
//
// Foreign keys are checked at the end of the statement (finish()), as PostgreSQL's immediate constraints are.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "aegis/storage/engine.h"
#include "aegis/txn/transaction_manager.h"
#include "expression/evaluator.h"
#include "operator.h"
#include "write/index_keys.h"
#include "write/row_check.h"

namespace aegis::executor {

class BulkInsert;
class ExclusionCheck;
class PartitionMembership;
class ReferenceChecks;
class Triggers;

class RowWriter {
 public:
  // `checks`: CHECK conditions over the table's columns; null: read from the catalog.
  RowWriter(catalog::RelationPtr relation, const ExecutionContext& context, const std::vector<plan::PhysicalWrite::Check>* checks,
            const std::vector<Value>* exec_params = nullptr);
  ~RowWriter();

  const catalog::Relation& relation() const { return *relation_; }
  Triggers& triggers() { return *triggers_; }
  storage::Table& table() { return *table_; }

  // Rows have all of the table's columns by position.
  Chunk make_row_chunk() const;
  // Throws 23502 or 23514 for the first bad row, or what policies have to say of rows of that kind.
  void check(const Chunk& rows, plan::CheckOf of = plan::CheckOf::Always);
  // Policies on a row that is there, which ON CONFLICT ("new row") or MERGE ("target row") is about to change.
  void check_old(const Chunk& rows, plan::CheckOf of, const char* what);
  // Conditions of views the rows are written through, besides those of the table; others of the list are passed over.
  void add_view_checks(const std::vector<plan::PhysicalWrite::Check>& checks, const std::vector<Value>* exec_params);
  void check_views(const Chunk& rows, plan::CheckOf of = plan::CheckOf::Always);
  // Rows come by way of the partitioned table `root`: they are where they belong, and errors show them as its rows.
  void set_routed(catalog::RelationPtr root);
  // Of a partition, when rows were changed after they were routed: 0A000 if they would have to be elsewhere now.
  void check_still_here(const Chunk& row);
  // Whether all rows of a routed partition belong to it still; `columns` (null: all) were changed.
  bool stays(const Chunk& rows, const std::vector<uint32_t>* columns = nullptr);
  // Inserts checked rows; throws 23505 when a key is there. Returns the first row's id, the others follow.
  RowId insert(const Chunk& rows, bool moved = false);
  // The same without an id, for statements that may write many rows: from some number on they go straight to segments,
  // and are checked for unique keys by finish().
  void insert_many(const Chunk& rows);
  // Begins at once; null if that is not possible here.
  BulkInsert* begin_bulk();
  // Ends what begin_bulk() has begun: further rows go one by one.
  void finish_bulk();
  // Rows need no look at but check() for nulls, which any thread may call then.
  bool rows_are_plain() const;
  // Of the row of a part whose key was there, or could not be computed.
  uint64_t failed_number() const;

  // INSERT … ON CONFLICT: the row that has one of the keys, or an id of 0. `indexes`: the arbiters (empty: all unique).
  RowId find_conflict(const Chunk& rows, size_t row, const std::vector<Oid>& indexes);
  // Inserts one row unless a key appears meanwhile; false then (nothing is left behind).
  bool try_insert(const Chunk& rows, size_t row, RowId* id);

  enum class Outcome : uint8_t { Done, Changed, Gone, Own };
  // Replaces `old_rows[row]` (which `snapshot` saw) by `new_rows[row]`, whose `columns` differ. Changed: a newer version is
  // committed. Own: this statement has changed the row already.
  Outcome update(const storage::Snapshot& snapshot, RowId id, const Chunk& old_rows, const Chunk& new_rows, size_t row, const std::vector<uint32_t>& columns);
  Outcome remove(const storage::Snapshot& snapshot, RowId id, const Chunk& old_rows, size_t row);
  // Removes a row that goes on as `new_row` in another partition: foreign keys see a change.
  Outcome move_out(const storage::Snapshot& snapshot, RowId id, const Chunk& old_row, const Chunk& new_row);
  Outcome lock(const storage::Snapshot& snapshot, RowId id, storage::RowLockMode mode, plan::LockWait wait, bool* skipped);

  // All columns of the row's newest version; false when it is gone.
  bool fetch_latest(RowId id, Chunk& row);
  // All columns of rows that the snapshot sees. Rows it does not see are left out: found[i] is the position in `ids`.
  // Columns marked in `unread`, if it is not empty, are not read: they have an empty text.
  void fetch(const storage::Snapshot& snapshot, const std::vector<RowId>& ids, Chunk& rows, std::vector<uint32_t>& found, const std::vector<bool>& unread = {});
  // Columns with long values of rows to be changed in `changed` (null: removed) that nobody looks at but `used` may.
  // Empty: there are none.
  std::vector<bool> unread_columns(const std::vector<uint32_t>* changed, const std::vector<uint32_t>& used) const;

  // Looks again whether keys of a deferrable constraint's index are there once.
  void check_unique_again(Oid index, const std::vector<RowId>& ids);

  // Checks foreign keys and carries out their actions for all rows written so far.
  void finish();

  bool repeatable_read() const { return context_.transaction.isolation() != txn::Isolation::ReadCommitted; }
  [[noreturn]] static void throw_serialization(bool deleted);

 private:
  struct IndexState {
    catalog::IndexPtr info;
    std::shared_ptr<storage::Index> index;
    storage::IndexDefinition definition;
    storage::KeyBatch keys;
    storage::KeyBatch old_keys;
    std::unique_ptr<ExclusionCheck> exclusion;
    std::vector<RowId> suspects;  // of a deferrable constraint: rows whose key another one may have
  };
  // Row `row`, which is `id`, of an EXCLUDE constraint; `added`: its keys that are to be entered. False: `other` excludes it.
  bool enter_excluded(IndexState& state, const Chunk& rows, size_t row, RowId id, const std::vector<std::string_view>& added, RowId* other);
  [[noreturn]] void throw_excluded(const IndexState& state, const Chunk& rows, size_t row, RowId other);
  // False: another row has the key.
  bool enter_unique(IndexState& state, std::string_view key, RowId id);
  void check_suspects();
  // Before keys are looked for or entered (IndexDefinition::session).
  void fill_session_indexes();
  RowId insert_rows(const Chunk& rows);
  void insert_keys(const Chunk& rows, RowId first);
  [[noreturn]] void throw_duplicate(const IndexState& state, const Chunk& rows, size_t row);
  std::string failing_row(const Chunk& rows, size_t row) const;
  bool uses_column(const IndexState& state, const std::vector<uint32_t>& columns) const;

  catalog::RelationPtr relation_;
  catalog::RelationPtr root_;                         // null: not routed
  std::unique_ptr<PartitionMembership> membership_;   // of partitions
  const ExecutionContext& context_;
  std::shared_ptr<storage::Table> table_;
  std::vector<IndexState> indexes_;
  std::vector<RowCheck> checks_;
  std::vector<plan::ExprPtr> own_checks_;
  std::unique_ptr<ReferenceChecks> references_;
  std::unique_ptr<Triggers> triggers_;
  std::unique_ptr<BulkInsert> bulk_;
  bool filled_ = false;
  bool bulk_refused_ = false;
  bool bulk_done_ = false;
  uint64_t many_ = 0;  // rows insert_many has inserted one by one
  uint64_t failed_number_ = 0;
};

// The text of columns' values, for "Key (a, b)=(1, x)".
std::string key_text(const catalog::Relation& relation, const std::vector<int>& columns, const Chunk& rows, size_t row, const types::TypeContext& types);

}  // namespace aegis::executor
