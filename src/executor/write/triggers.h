// A table's triggers while one statement writes to it: BEFORE ones change or drop rows, AFTER ones are queued and fired at the
// statement's end, in the order of the rows. Rows that AFTER triggers see as tables are collected by the table that the
// statement names (collect_in), also those of its partitions and children.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "aegis/executor/deferred.h"
#include "aegis/executor/executor.h"
#include "aegis/plan/expression.h"

namespace aegis::executor {

class Triggers {
 public:
  // Empty when the session can't run triggers or they are switched off.
  Triggers(catalog::RelationPtr relation, const ExecutionContext& context);
  ~Triggers();

  bool any() const { return !triggers_.empty() || collector_ != nullptr; }
  bool has(int16_t type) const;  // enabled ones with all these bits of pg_trigger.tgtype, and no others of timing and level

  // `columns`: those that an UPDATE assigns; null: all.
  void before_statement(int16_t event, const std::vector<uint32_t>* columns = nullptr);
  // False: the row is not to be written. `row` is one row and may change.
  bool before_insert(Chunk& row);
  bool before_update(const Chunk& old_row, Chunk& new_row, const std::vector<uint32_t>& columns, std::vector<uint32_t>& changed);
  bool before_delete(const Chunk& old_row);
  // INSTEAD OF triggers of a view do the writing; false: one returned null and the row does not count. `new_row` becomes what they return.
  bool instead_of(int16_t event, const Chunk* old_row, Chunk* new_row);

  // `moved`: half of an UPDATE that takes the row to another partition.
  void inserted(const Chunk& rows, bool moved = false);
  void updated(const Chunk& old_row, const Chunk& new_row, const std::vector<uint32_t>& columns);
  void deleted(const Chunk& old_row, bool moved = false);
  // Fires what was queued, then AFTER STATEMENT triggers of the events that BEFORE was fired for.
  void finish();

  // Rows written go to the tables of `root`'s triggers; nothing happens if these have none.
  void collect_in(Triggers& root);
  void fire_deferred(const DeferredWork::Item& item);

 private:
  struct Prepared;
  struct Event {
    int16_t event;
    std::shared_ptr<const Chunk> old_row, new_row;
    std::vector<uint32_t> columns;
  };
  class Collected;
  enum List : uint8_t { kInserted, kUpdatedOld, kUpdatedNew, kDeleted, kLists };
  bool applies(const Prepared& trigger, int16_t event, const std::vector<uint32_t>* columns) const;
  bool passes(Prepared& trigger, const Chunk* old_row, const Chunk* new_row);
  void collect(List list, const Chunk& rows);
  // The row that the function gave; false for null.
  bool fire(Prepared& trigger, std::string_view when, int16_t event, const Chunk* old_row, const Chunk* new_row, std::vector<Value>& result);

  catalog::RelationPtr relation_;
  const ExecutionContext& context_;
  std::vector<std::unique_ptr<Prepared>> triggers_;
  std::vector<Event> queue_;
  int16_t statement_events_ = 0;
  std::vector<uint32_t> statement_columns_;
  bool all_columns_ = true;
  Arena result_bytes_;
  std::shared_ptr<Collected> lists_[kLists];  // null: no trigger asks for it
  Triggers* collector_ = nullptr;             // whose lists get the rows, if not this one's
  std::vector<int> collector_columns_;        // its columns' places here
};

}  // namespace aegis::executor
