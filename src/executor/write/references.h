// Foreign keys: checks of the rows a statement wrote, and the actions of ON UPDATE and ON DELETE, all at the statement's
// end.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "aegis/executor/deferred.h"
#include "aegis/executor/executor.h"
#include "pipeline/rows.h"

namespace aegis::executor {

class ReferenceChecks {
 public:
  ReferenceChecks(catalog::RelationPtr relation, const ExecutionContext& context);

  bool refers() const { return !outgoing_.empty(); }
  bool is_referenced() const { return !incoming_.empty(); }
  // Whether a change of these columns has to be looked at.
  bool concerns(const std::vector<uint32_t>& columns) const;
  // Marks the columns that foreign keys on either side have.
  void note_columns(std::vector<bool>& columns) const;

  // Rows have all of the table's columns.
  void inserted(const Chunk& rows);
  void deleted(const Chunk& old_row);
  void updated(const Chunk& old_row, const Chunk& new_row, const std::vector<uint32_t>& columns);
  // The row went to another partition of the table that keys refer to.
  void moved(const Chunk& old_row, const Chunk& new_row);
  void finish();
  void check_deferred(const DeferredWork::Item& item);

 private:
  bool is_deferred(const catalog::Constraint& constraint) const;
  void defer(DeferredWork::Kind kind, const catalog::Constraint& constraint, ChunkList& rows);
  // Whether the table has a row still that breaks the foreign key as row `row` of `rows` does.
  bool still_there(const catalog::Constraint& constraint, const Chunk& rows, size_t row);
  struct Outgoing {
    const catalog::Constraint* constraint;
    ChunkList rows;
    std::unordered_set<std::string> seen = {};  // keys of `rows`: one row of each is enough
    size_t seen_bytes = 0;
  };
  void add(Outgoing& outgoing, const Chunk& rows);
  struct Incoming {
    catalog::RelationPtr table;
    const catalog::Constraint* constraint;
    catalog::RelationPtr referenced;      // this table, or a partitioned one above it
    std::vector<int> referenced_columns;  // in this table
    ChunkList deleted;      // old rows
    ChunkList updated_old;  // old rows and, at the same places, new rows
    ChunkList updated_new;
  };
  void check_outgoing(Outgoing& outgoing);
  // Row 0 of `target` becomes row `row` of the other side's column, whose integers may be of another width.
  static void set_converted(Vector& target, const Vector& source, size_t row);
  types::Value default_value(const catalog::Relation& relation, int column, Arena& arena) const;
  void act(Incoming& incoming, const ChunkList& old_rows, const ChunkList* new_rows, char action);

  catalog::RelationPtr relation_;
  const ExecutionContext& context_;
  std::vector<Outgoing> outgoing_;
  std::vector<Incoming> incoming_;
};

}  // namespace aegis::executor
