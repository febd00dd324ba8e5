// The state of sequences. It belongs to no transaction: nextval is never undone. Logged kLogAhead values ahead, so that
// most calls write nothing; a crash skips the rest.
//
// The form on disk is catalog/sequence.h's. A sequence without metadata is at its start value.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "aegis/base/ids.h"
#include "aegis/catalog/objects.h"
#include "aegis/storage/fwd.h"

namespace aegis::session {

class SequenceStore {
 public:
  explicit SequenceStore(storage::Engine& engine);
  // Throws 2200H at the end of a sequence that does not cycle.
  int64_t next(const catalog::Relation& sequence);
  void set(const catalog::Relation& sequence, int64_t value, bool is_called);
  struct State {
    int64_t last = 0;
    bool is_called = false;
    int logged = 0;  // values that may be given out before the log must be written
  };
  State state(const catalog::Relation& sequence);
  // In memory only (a command has written the log); returns what was there.
  State replace(Oid sequence, State state);

 private:
  State& find(const catalog::Relation& sequence);
  void write(Oid sequence, int64_t last, bool is_called);

  storage::Engine& engine_;
  std::mutex mutex_;
  std::unordered_map<Oid, State> states_;
};

}  // namespace aegis::session
