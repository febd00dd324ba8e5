// Prepared statements and portals.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aegis/executor/executor.h"
#include "aegis/parser/node.h"
#include "aegis/plan/physical.h"
#include "aegis/protocol/row_encoder.h"
#include "aegis/txn/transaction_manager.h"
#include "plan_cache.h"

namespace aegis::session {

using types::Type;
using types::Value;

struct Statement {
  std::string name;
  std::string text;
  std::shared_ptr<const ParsedText> parsed;  // null: not parsed yet, since its plan was in the cache
  const ast::Node* node = nullptr;           // null with `parsed`: an empty statement
  bool is_query = false;                     // SELECT, VALUES, INSERT, UPDATE, DELETE, MERGE
  std::vector<Type> declared_types;          // by the client, oid 0: unknown
  std::vector<Type> parameter_types;         // as found
  std::string cache_key;                     // the part that the text and the declared types make
  bool cacheable = true;
  CachedPlanPtr plan;
  bool from_sql = false;                     // PREPARE
  int64_t prepared_at = 0;                   // microseconds since 2000-01-01
};
using StatementPtr = std::shared_ptr<Statement>;

struct Portal {
  std::string name;
  StatementPtr statement;
  std::vector<int16_t> result_formats;  // as the client asked: none, one for all, or one a column
  Arena arena;                          // the parameters' bytes
  std::vector<Value> parameters;
  std::string source;                   // the text for pg_cursors

  // A running query. The order matters: the execution goes first.
  CachedPlanPtr plan;
  std::shared_ptr<const catalog::SystemContext> system;
  std::unique_ptr<std::vector<Value>> run_parameters;
  txn::SnapshotHandle snapshot;
  std::unique_ptr<executor::Execution> execution;
  const vector::Chunk* chunk = nullptr;
  size_t chunk_at = 0;

  // Rows that are kept: of a utility statement, and of cursors that can move back or outlive their transaction.
  bool keeps_rows = false;
  std::vector<std::unique_ptr<vector::Chunk>> rows;
  uint64_t row_count = 0;  // kept so far
  uint64_t base = 0;       // rows given before any was kept
  bool complete = false;   // nothing more will come from the execution

  bool started = false;
  bool done = false;
  bool failed = false;  // an error ended its execution
  uint64_t position = 0;  // rows given so far; of a cursor: the row it stands on
  bool at_end = false;    // a cursor stands behind the last row
  std::string tag;        // of a finished statement

  std::vector<plan::OutputColumn> columns;
  std::unique_ptr<protocol::RowEncoder> encoder;

  // WHERE CURRENT OF: the tables whose rows the cursor's rows are, with the columns (behind those of the query) that tell
  // which, and the row it stands on.
  struct Source {
    Oid relation;
    size_t row_id;
    size_t table;
    bool locked;
  };
  std::vector<Source> sources;
  bool simple_scan = false;  // rows come as one table has them
  std::vector<std::pair<Oid, uint64_t>> current;
  size_t kept_width() const { return plan == nullptr ? columns.size() : plan->plan->output.size(); }

  // DECLARE
  bool is_cursor = false;
  bool scrollable = false;
  bool no_scroll = false;
  bool remembers = false;  // neither was asked for: rows are kept, to go back to, while there are not too many
  bool holdable = false;
  bool binary = false;
  bool held = false;      // its transaction has committed
  size_t savepoint_depth = 0;
  int64_t created_at = 0;

  ~Portal() {
    execution.reset();
    snapshot.release();
  }
};

}  // namespace aegis::session
