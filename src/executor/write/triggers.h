// A table's triggers while one statement writes to it: BEFORE ones change or drop rows, AFTER ones are queued and fired at the
// statement's end, in the order of the rows.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "aegis/executor/executor.h"
#include "aegis/plan/expression.h"

namespace aegis::executor {

class Triggers {
 public:
  // Empty when the session can't run triggers or they are switched off.
  Triggers(catalog::RelationPtr relation, const ExecutionContext& context);
  ~Triggers();

  bool any() const { return !triggers_.empty(); }
  bool has(int16_t type) const;  // enabled ones with all these bits of pg_trigger.tgtype, and no others of timing and level

  void before_statement(int16_t event);
  // False: the row is not to be written. `row` is one row and may change.
  bool before_insert(Chunk& row);
  bool before_update(const Chunk& old_row, Chunk& new_row, const std::vector<uint32_t>& columns, std::vector<uint32_t>& changed);
  bool before_delete(const Chunk& old_row);
  // INSTEAD OF triggers of a view do the writing; false: one returned null and the row does not count. `new_row` becomes what they return.
  bool instead_of(int16_t event, const Chunk* old_row, Chunk* new_row);

  void inserted(const Chunk& rows);
  void updated(const Chunk& old_row, const Chunk& new_row, const std::vector<uint32_t>& columns);
  void deleted(const Chunk& old_row);
  // Fires what was queued, then AFTER STATEMENT triggers of the events that BEFORE was fired for.
  void finish();

 private:
  struct Prepared;
  struct Event {
    int16_t event;
    Chunk old_row, new_row;
    std::vector<uint32_t> columns;
  };
  bool applies(const Prepared& trigger, int16_t event, const std::vector<uint32_t>* columns) const;
  bool passes(Prepared& trigger, const Chunk* old_row, const Chunk* new_row);
  // The row that the function gave; false for null.
  bool fire(Prepared& trigger, std::string_view when, int16_t event, const Chunk* old_row, const Chunk* new_row, std::vector<Value>& result);

  catalog::RelationPtr relation_;
  const ExecutionContext& context_;
  std::vector<std::unique_ptr<Prepared>> triggers_;
  std::vector<Event> queue_;
  int16_t statement_events_ = 0;
  Arena result_bytes_;
};

}  // namespace aegis::executor
