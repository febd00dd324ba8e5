// Runs physical plans.
//
// Chunks are pulled, but by each worker for itself: an Execution's pipelines (from a scan up to the next operator that
// must see all its input) are run by several threads at once, each taking morsels from the shared scan.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/functions/function.h"
#include "aegis/os/memory_budget.h"
#include "aegis/os/temporary_files.h"
#include "aegis/os/thread_pool.h"
#include "aegis/plan/physical.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::executor {

using types::Value;
using vector::Chunk;

class DeferredWork;
class RelationsInUse;

// Rows that AFTER triggers see as tables (REFERENCING … TABLE AS).
class TransitionRows {
 public:
  virtual ~TransitionRows() = default;
  virtual size_t chunk_count() const = 0;
  virtual const Chunk& chunk(size_t i) const = 0;
};
struct TransitionTable {
  std::string name;
  catalog::RelationPtr table;  // whose columns it has
  std::shared_ptr<const TransitionRows> rows;
};

// A trigger to be fired; rows are values by column position, null where there is none.
struct TriggerEvent {
  catalog::TriggerPtr trigger;
  catalog::RelationPtr table;
  std::string_view when;       // BEFORE, AFTER
  std::string_view level;      // ROW, STATEMENT
  std::string_view operation;  // INSERT, UPDATE, DELETE
  const std::vector<Value>* old_row = nullptr;
  const std::vector<Value>* new_row = nullptr;
  std::vector<TransitionTable> transitions;
};

// Runs trigger functions; implemented above. False: the function gave null, else its row is in `row`, bytes in `arena`.
class TriggerRunner {
 public:
  virtual ~TriggerRunner() = default;
  virtual bool fire(const TriggerEvent& event, std::vector<Value>& row, Arena& arena) = 0;
};

// Reads foreign tables; implemented above. The scan's chunks have the given columns (0-based) only; the table outlives it.
class ForeignTables {
 public:
  virtual ~ForeignTables() = default;
  virtual std::unique_ptr<functions::SetScan> scan(const catalog::Relation& table, std::span<const int> columns) = 0;
};

// What one run of a plan works with. Everything referred to outlives the Execution.
struct ExecutionContext {
  txn::TransactionManager& transactions;
  txn::Transaction& transaction;
  const storage::Snapshot& snapshot;
  storage::Engine& engine;
  catalog::VersionPtr catalog;
  Oid database = kInvalidOid;
  std::vector<Oid> search_path;  // to bind expressions kept in the catalog
  Oid temp_schema = kInvalidOid;
  const types::TypeContext& types;
  functions::Services& services;
  const catalog::SystemContext* system = nullptr;  // for generated catalog tables
  std::vector<Value> parameters;                   // of the plan's parameter types
  os::ThreadPool* workers = nullptr;               // null: everything on the calling thread
  size_t parallelism = 1;                          // threads per pipeline at most, the caller's included
  // What one sort, or one hash table, may hold before it puts rows aside in temporary files.
  size_t work_mem_bytes = 64 << 20;
  size_t hash_mem_bytes = 128 << 20;
  TriggerRunner* triggers = nullptr;  // null: triggers don't fire
  DeferredWork* deferred = nullptr;   // null: nothing is deferred
  ForeignTables* foreign = nullptr;   // null: foreign tables cannot be read
  os::TemporaryFiles* temporary_files = nullptr;  // null: everything stays in memory
  RelationsInUse* in_use = nullptr;               // null: nobody asks
};

// Per plan node, for EXPLAIN ANALYZE.
struct OperatorCounters {
  std::atomic<uint64_t> rows{0};
  std::atomic<uint64_t> open_ns{0};     // in open(), children included
  std::atomic<uint64_t> pull_ns{0};     // in next(), of all threads together
  std::atomic<uint64_t> startup_ns{0};  // until the first rows
  std::atomic<uint64_t> loops{0};       // times opened
  std::atomic<uint64_t> threads{0};     // that pulled, over all loops
  std::atomic<uint64_t> rows_removed{0};  // by filters
  std::atomic<uint64_t> memory_bytes{0};
  std::atomic<uint64_t> spilled_bytes{0};
  std::atomic<uint64_t> batches{0};         // that a spilled hash table was worked off in
  std::atomic<uint64_t> blocks_hit{0};    // in the buffer pool, children included
  std::atomic<uint64_t> blocks_read{0};
  std::atomic<uint64_t> row_groups{0};          // of segments, met by a scan with bounds
  std::atomic<uint64_t> row_groups_skipped{0};
  std::atomic<uint64_t> blocks_skipped{0};      // of row groups that were not
};

class Operator;
struct QueryState;

// One run of a plan. Used by one thread at a time.
class Execution {
 public:
  // `instrument`: time every operator (EXPLAIN ANALYZE).
  Execution(std::shared_ptr<const plan::PhysicalPlan> plan, ExecutionContext context, bool instrument = false);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  // The next rows, valid until the next call; null at the end. Throws SqlError. A writer without RETURNING does all its
  // work in the first call and gives null.
  const Chunk* next();
  // Rows inserted, updated, deleted or merged so far, for the command tag.
  uint64_t affected_rows() const;
  // Runs data-modifying WITH queries that the main query did not read to their end. Call after the last next().
  void finish();
  // By PhysicalOp::id.
  const OperatorCounters& counters(uint32_t id) const;
  const plan::PhysicalPlan& plan() const;

 private:
  std::unique_ptr<QueryState> state_;
};

// Evaluates an expression without columns (EXECUTE arguments, LIMIT in commands, defaults); result bytes are in `arena`.
Value evaluate_constant(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services, Arena& arena);

// An expression of parameters only, evaluated again and again. Not reentrant: a function that it calls must not use it.
class ParameterEvaluator {
 public:
  // `expr` must outlive it.
  ParameterEvaluator(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services);
  ~ParameterEvaluator();
  Value evaluate(std::span<const Value> parameters, Arena& arena);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For planner::PlannerContext::fold: null when evaluation fails or needs a session.
plan::ExprPtr fold_expression(const plan::Expr& expr, const types::TypeContext& types);

// For planner::PlannerContext::count_matches: nothing when evaluation fails or needs a session.
std::optional<size_t> count_matches(const plan::ExprList& predicates, const Chunk& rows, const types::TypeContext& types);

// Evaluates expressions over rows outside of a plan (index expressions, CHECK on existing rows, COPY's row filters).
class RowEvaluator {
 public:
  RowEvaluator(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services);
  ~RowEvaluator();
  // Valid until the next call.
  const vector::Vector& evaluate(const Chunk& rows);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Throws 23P01 when rows of the table exclude each other by the index's operators.
void verify_exclusion(const catalog::Relation& relation, const catalog::IndexPtr& info, const ExecutionContext& context);

// Inserts rows outside of a plan (COPY, CREATE TABLE AS): NOT NULL, CHECK, unique indexes and foreign keys as INSERT
// does them. Chunk columns are all of the table's columns by position.
class TableWriter {
 public:
  TableWriter(std::shared_ptr<const catalog::Relation> relation, ExecutionContext context);
  ~TableWriter();
  void insert(const Chunk& rows);
  // For rows that other threads make, in parts: how many a part may have, or 0 where insert() is the only way.
  size_t begin_parts();
  // `make` is called once, by any thread; its rows must have passed check(). What it throws comes out of this or a later
  // call here, in order. `number` is that of its first row.
  void submit_part(std::function<void(std::vector<Chunk>& rows)> make, uint64_t number);
  // Waits for the parts and checks their unique keys; rows that follow come by insert(). finish() does it otherwise.
  void finish_parts();
  // NOT NULL (and CHECK, if begin_parts() gave 0). Any thread after begin_parts().
  void check(const Chunk& rows);
  // Runs checks that belong to the end of the statement (foreign keys, unique keys of many rows).
  void finish();
  // After finish() or finish_parts() has thrown 23505: the number of the row, 0 if that is not known.
  uint64_t failed_number() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Statement triggers of an event that is no query (TRUNCATE).
class StatementTriggers {
 public:
  StatementTriggers(std::shared_ptr<const catalog::Relation> relation, ExecutionContext context);
  ~StatementTriggers();
  void before(int16_t event);
  void after();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether a partition has a row that belongs elsewhere by the bounds in the catalog. `root`: of the tree being attached.
bool has_misplaced_row(const std::shared_ptr<const catalog::Relation>& table, const ExecutionContext& context, Oid root);

// The storage definition of an index: how its keys are computed from rows. Also used when indexes are rebuilt at start.
storage::IndexDefinition make_index_definition(const catalog::Index& index, const catalog::Relation& table,
                                               const catalog::Version& catalog, const types::TypeContext& types);

// Enters the rows that are there into an index whose keys only a session can compute, unless that has been done. Keys that
// fail are errors, or, if it is not strict, left out.
void fill_session_index(const catalog::Relation& relation, storage::Index& index, const ExecutionContext& context, bool strict);

// What WITH (…) of an index says of its files ("filter=ribbon", …); throws 22023 for values that are none. Other options
// are passed over.
storage::IndexFileOverrides index_file_options(const std::vector<std::string>& options);

}  // namespace aegis::executor
