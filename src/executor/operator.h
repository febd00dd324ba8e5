// The operator framework. One Operator per plan node and run; one OperatorState per operator and thread.
//
// open() runs once, on one thread, before any state is made: an operator that needs all of its input (a hash table,
// a sort) consumes it there, in parallel, by run_parallel(). next() may then be called by many threads, each with its
// own state. reset() makes the operator ready to be opened again with other exec params (Apply).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "aegis/executor/executor.h"
#include "aegis/executor/in_use.h"
#include "aegis/storage/buffer_stats.h"

namespace aegis::executor {

class Operator;

class OperatorState {
 public:
  virtual ~OperatorState() = default;
  bool counted = false;  // among the threads of the operator's counters
};
using StatePtr = std::unique_ptr<OperatorState>;

// Shared by all operators of a run.
struct QueryState {
  QueryState(std::shared_ptr<const plan::PhysicalPlan> p, ExecutionContext c)
      : plan(std::move(p)), context(std::move(c)), use(context.in_use, *plan) {}

  std::shared_ptr<const plan::PhysicalPlan> plan;
  ExecutionContext context;
  RelationsInUse::Use use;
  bool instrument = false;
  std::vector<std::unique_ptr<Operator>> owned;
  std::unique_ptr<OperatorCounters[]> counters;
  std::atomic<uint64_t> affected_rows{0};

  // Values of exec params. Set before the operators that read them run, so threads only read.
  std::vector<Value> exec_params;
  Arena exec_param_bytes;
  // By CTE number.
  std::vector<Operator*> materialized;
  std::vector<class WorkTable*> work_tables;

  // The pull on the root.
  Operator* root = nullptr;
  StatePtr root_state;
  Chunk output;
  bool opened = false;
  bool done = false;

  void check_interrupts() { context.transaction.backend().check_interrupts(); }
};

class Operator {
 public:
  Operator(const plan::PhysicalOp& plan, QueryState& query) : plan_(plan), query_(query) {}
  virtual ~Operator() = default;

  virtual void open() {
    for (auto* child : children_) child->prepare();
  }
  // open() with timing.
  void prepare();
  virtual StatePtr make_state() = 0;
  // Fills `out` (of this operator's output columns); false at the end, with `out` empty. A true result may have no rows.
  virtual bool next(OperatorState& state, Chunk& out) = 0;
  virtual void reset() {
    for (auto* child : children_) child->reset();
  }
  // False when only one thread may run this operator's pipeline.
  virtual bool parallel_safe() const {
    for (auto* child : children_) {
      if (!child->parallel_safe()) return false;
    }
    return true;
  }
  // How many morsels there are about; fewer than two are not worth a second thread.
  virtual size_t morsels() const { return children_.empty() ? 1 : children_[0]->morsels(); }

  const plan::PhysicalOp& plan() const { return plan_; }
  QueryState& query() { return query_; }
  Chunk make_chunk() const;
  // next() with counting and timing.
  bool pull(OperatorState& state, Chunk& out);

  std::vector<Operator*>& children() { return children_; }

 protected:
  // Adds what this thread has asked of the buffer pool since then.
  void count_blocks(const storage::BufferCounts& before);
  OperatorCounters& counters() { return query_.counters[plan_.id]; }
  // One more part of a spilled hash table, which took so much memory.
  void count_batch(size_t bytes) {
    if (!query_.instrument) return;
    ++counters().batches;
    uint64_t peak = counters().memory_bytes;
    while (bytes > peak && !counters().memory_bytes.compare_exchange_weak(peak, bytes)) {}
  }

  const plan::PhysicalOp& plan_;
  QueryState& query_;
  std::vector<Operator*> children_;
};

// Builds the operators of a plan.
Operator* build_operator(const plan::PhysicalOp& plan, QueryState& query);

// Pulls all of `source` (already open) with as many threads as are worth it. `consume(worker, chunk)` is called with
// worker numbers below `worker_limit`; each number is used by one thread at a time.
size_t worker_limit(const Operator& source, const QueryState& query);
// Calls `work(number)` with the numbers below `workers`, each once at most, in as many threads; 0 is the caller. Returns when
// all that began have ended, with the first error.
void run_workers(QueryState& query, size_t workers, const std::function<void(size_t number)>& work);
void run_parallel(Operator& source, QueryState& query, size_t workers, const std::function<void(size_t worker, Chunk& chunk)>& consume);

}  // namespace aegis::executor
