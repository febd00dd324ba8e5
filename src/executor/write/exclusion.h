// EXCLUDE constraints: finding rows whose values, compared by the constraint's operators, all fit those of another row. And
// unique indexes whose keys only a session can compute: rows that have the same key.
//
// Candidates come from the constraint's index and are compared one by one, as committed or one's own, and, when another
// running transaction has written them, as that one sees them. A writer looks and enters its keys under the index's latch:
// of two who meet, the second finds the first and waits for its end.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "aegis/executor/executor.h"
#include "aegis/storage/engine.h"

namespace aegis::executor {

class ExclusionCheck {
 public:
  ExclusionCheck(const catalog::Relation& relation, catalog::IndexPtr info, const ExecutionContext& context);
  ~ExclusionCheck();

  // Held while a writer looks and enters its keys.
  std::mutex& latch() const;
  // Whether another row than `self` excludes row `row`. Wait: it depends on a running transaction.
  storage::UniqueResult check(const Chunk& rows, size_t row, RowId self);
  // The same, waiting until it is known.
  storage::UniqueResult decide(const Chunk& rows, size_t row, RowId self);
  // "Key (a, b)=(1, x) conflicts with existing key (a, b)=(1, y)."
  std::string detail(const Chunk& rows, size_t row, RowId other, bool existing);
  // "Key (a, lower(b))=(1, x) already exists." or "... is duplicated."
  std::string duplicate_detail(const Chunk& rows, size_t row, bool existing = true);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aegis::executor
