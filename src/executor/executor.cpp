#include "aegis/executor/executor.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "expression/evaluator.h"
#include "expression/no_services.h"
#include "operator.h"
#include "operators/build.h"
#include "operators/ctes.h"

namespace aegis::executor {

Chunk Operator::make_chunk() const {
  Chunk chunk;
  for (const auto& column : plan_.output) chunk.add_column(column.type.oid);
  return chunk;
}

namespace {

uint64_t now_ns() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

}  // namespace

void Operator::prepare() {
  if (!query_.instrument) return open();
  storage::BufferCounts before = storage::thread_buffer_counts();
  uint64_t start = now_ns();
  open();
  counters().open_ns += now_ns() - start;
  count_blocks(before);
  ++counters().loops;
}

void Operator::count_blocks(const storage::BufferCounts& before) {
  const storage::BufferCounts& now = storage::thread_buffer_counts();
  counters().blocks_hit += now.hits - before.hits;
  counters().blocks_read += now.reads - before.reads;
}

bool Operator::pull(OperatorState& state, Chunk& out) {
  if (!query_.instrument) return next(state, out);
  auto& c = counters();
  if (!state.counted) ++c.threads;
  state.counted = true;
  storage::BufferCounts before = storage::thread_buffer_counts();
  uint64_t start = now_ns();
  bool more = next(state, out);
  c.pull_ns += now_ns() - start;
  count_blocks(before);
  c.rows += out.size();
  uint64_t none = 0;
  if (out.size() > 0 && c.startup_ns.load(std::memory_order_relaxed) == 0) c.startup_ns.compare_exchange_strong(none, c.open_ns + c.pull_ns);
  return more;
}

Operator* build_operator(const plan::PhysicalOp& plan, QueryState& query) {
  switch (plan.kind) {
    case plan::PhysicalKind::TableScan:
    case plan::PhysicalKind::IndexScan:
    case plan::PhysicalKind::SystemScan:
    case plan::PhysicalKind::Values: return build_scan(plan, query);
    case plan::PhysicalKind::FunctionScan: return build_function_scan(static_cast<const plan::FunctionScan&>(plan), query);
    case plan::PhysicalKind::ProjectSet: return build_project_set(static_cast<const plan::ProjectSet&>(plan), query);
    case plan::PhysicalKind::Filter:
    case plan::PhysicalKind::Project:
    case plan::PhysicalKind::Limit:
    case plan::PhysicalKind::DistinctOn:
    case plan::PhysicalKind::Append: return build_simple(plan, query);
    case plan::PhysicalKind::Materialize:
    case plan::PhysicalKind::CteScan:
    case plan::PhysicalKind::WorkTableScan:
    case plan::PhysicalKind::RecursiveUnion: return build_cte(plan, query);
    case plan::PhysicalKind::SetOp: return build_set_op(static_cast<const plan::PhysicalSetOp&>(plan), query);
    case plan::PhysicalKind::HashJoin: return build_hash_join(static_cast<const plan::HashJoin&>(plan), query);
    case plan::PhysicalKind::NestedLoop: return build_nested_loop(static_cast<const plan::NestedLoop&>(plan), query);
    case plan::PhysicalKind::IndexJoin: return build_index_join(static_cast<const plan::IndexJoin&>(plan), query);
    case plan::PhysicalKind::Apply: return build_apply(static_cast<const plan::Apply&>(plan), query);
    case plan::PhysicalKind::HashAggregate: return build_aggregate(static_cast<const plan::HashAggregate&>(plan), query);
    case plan::PhysicalKind::Sort:
    case plan::PhysicalKind::TopN: return build_sort(plan, query);
    case plan::PhysicalKind::Window: return build_window(static_cast<const plan::PhysicalWindow&>(plan), query);
    case plan::PhysicalKind::LockRows:
    case plan::PhysicalKind::Insert:
    case plan::PhysicalKind::Update:
    case plan::PhysicalKind::Delete:
    case plan::PhysicalKind::Merge: return build_write(plan, query);
  }
  throw InternalError("a plan node of this kind cannot be executed");
}

size_t worker_limit(const Operator& source, const QueryState& query) {
  if (query.context.workers == nullptr || !source.parallel_safe()) return 1;
  return std::max<size_t>(1, std::min(query.context.parallelism, source.morsels()));
}

void run_parallel(Operator& source, QueryState& query, size_t workers, const std::function<void(size_t, Chunk&)>& consume) {
  run_workers(query, workers, [&](size_t number) {
    StatePtr state = source.make_state();
    Chunk chunk = source.make_chunk();
    while (source.pull(*state, chunk)) {
      if (chunk.size() > 0) consume(number, chunk);
    }
  });
}

void run_workers(QueryState& query, size_t workers, const std::function<void(size_t)>& work) {
  if (workers <= 1) return work(0);

  // Helpers may start late or, on a busy server, never: the caller works too, and cancels those not begun.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    size_t running = 0;
    bool closed = false;
    std::exception_ptr error;
  };
  auto shared = std::make_shared<Shared>();
  for (size_t number = 1; number < workers; ++number) {
    query.context.workers->submit([shared, number, &work] {
      {
        std::lock_guard lock(shared->mutex);
        if (shared->closed) return;
        ++shared->running;
      }
      std::exception_ptr error;
      try {
        work(number);
      } catch (...) {
        error = std::current_exception();
      }
      std::lock_guard lock(shared->mutex);
      --shared->running;
      if (error && !shared->error) shared->error = error;
      shared->changed.notify_all();
    });
  }
  std::exception_ptr error;
  try {
    work(0);
  } catch (...) {
    error = std::current_exception();
  }
  std::unique_lock lock(shared->mutex);
  shared->closed = true;
  {
    os::ThreadPool::BlockingScope blocking;
    shared->changed.wait(lock, [&] { return shared->running == 0; });
  }
  if (!error) error = shared->error;
  lock.unlock();
  if (error) std::rethrow_exception(error);
}

namespace {

void run_init_plan(const plan::SubPlan& sub, QueryState& query) {
  Operator* op = build_operator(*sub.plan, query);
  op->prepare();
  StatePtr state = op->make_state();
  Chunk chunk = op->make_chunk();
  Value& target = query.exec_params[sub.exec_param];
  Oid type = query.plan->exec_param_types[sub.exec_param].oid;
  switch (sub.kind) {
    case plan::SubqueryKind::Exists: {
      bool found = false;
      while (!found && op->pull(*state, chunk)) found = chunk.size() > 0;
      target = Value::of_bool(found);
      return;
    }
    case plan::SubqueryKind::Array: target = collect_array(*op, *state, chunk, type, query.exec_param_bytes); return;
    default: break;
  }
  size_t rows = 0;
  target = Value::null();
  while (op->pull(*state, chunk)) {
    if (chunk.size() == 0) continue;
    rows += chunk.size();
    if (rows > 1) throw SqlError(Sqlstate::CardinalityViolation, "more than one row returned by a subquery used as an expression");
    target = types::copy_value(chunk.column(0).physical(), chunk.column(0).get(0), query.exec_param_bytes);
  }
}

}  // namespace

Execution::Execution(std::shared_ptr<const plan::PhysicalPlan> plan, ExecutionContext context, bool instrument)
    : state_(std::make_unique<QueryState>(std::move(plan), std::move(context))) {
  QueryState& query = *state_;
  if (query.plan->calls_routines) {
    query.context.workers = nullptr;
    query.context.parallelism = 1;
  }
  query.instrument = instrument;
  query.counters.reset(new OperatorCounters[query.plan->op_count + 1]);
  query.exec_params.resize(query.plan->exec_param_count);
  for (const auto& cte : query.plan->ctes) {
    auto& materialize = static_cast<const plan::Materialize&>(*cte);
    if (query.materialized.size() <= materialize.cte) query.materialized.resize(materialize.cte + 1);
    query.materialized[materialize.cte] = build_operator(*cte, query);
  }
  query.root = build_operator(*query.plan->root, query);
  query.output = query.root->make_chunk();
}

Execution::~Execution() = default;

const Chunk* Execution::next() {
  QueryState& query = *state_;
  if (query.done) return nullptr;
  query.check_interrupts();
  if (!query.opened) {
    query.opened = true;
    for (const auto& sub : query.plan->init_plans) run_init_plan(sub, query);
    query.root->prepare();
    query.root_state = query.root->make_state();
  }
  while (query.root->pull(*query.root_state, query.output)) {
    if (query.output.size() > 0 && query.plan->returns_rows) return &query.output;
  }
  query.done = true;
  return nullptr;
}

void Execution::finish() {
  for (auto* op : state_->materialized) {
    if (op == nullptr) continue;
    auto* materialize = static_cast<MaterializeOperator*>(op);
    if (static_cast<const plan::Materialize&>(materialize->plan()).modifies_data) materialize->run();
  }
}

uint64_t Execution::affected_rows() const { return state_->affected_rows; }
const OperatorCounters& Execution::counters(uint32_t id) const { return state_->counters[id]; }
const plan::PhysicalPlan& Execution::plan() const { return *state_->plan; }

Value evaluate_constant(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services, Arena& arena) {
  std::vector<Value> none;
  ExpressionEvaluator evaluator(expr, {types, services, &none, &none});
  Chunk one;
  one.set_size(1);
  const Vector& result = evaluator.evaluate(one);
  return types::copy_value(result.physical(), result.get(0), arena);
}

struct ParameterEvaluator::State {
  State(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services)
      : evaluator(expr, {types, services, &parameters, &none}) {
    one.set_size(1);
  }
  std::vector<Value> parameters;
  std::vector<Value> none;
  ExpressionEvaluator evaluator;
  Chunk one;
};

ParameterEvaluator::ParameterEvaluator(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services)
    : state_(std::make_unique<State>(expr, types, services)) {}
ParameterEvaluator::~ParameterEvaluator() = default;

Value ParameterEvaluator::evaluate(std::span<const Value> parameters, Arena& arena) {
  state_->parameters.assign(parameters.begin(), parameters.end());
  const Vector& result = state_->evaluator.evaluate(state_->one);
  return types::copy_value(result.physical(), result.get(0), arena);
}

plan::ExprPtr fold_expression(const plan::Expr& expr, const types::TypeContext& types) {
  try {
    NoServices services;
    Arena arena;
    Value value = evaluate_constant(expr, types, services, arena);
    auto constant = plan::make_constant(expr.type, value);
    constant->collation = expr.collation;
    return constant;
  } catch (const std::exception&) {
    // Errors belong to the statement's run, where the expression may turn out not to be needed.
    return nullptr;
  }
}

std::optional<size_t> count_matches(const plan::ExprList& predicates, const Chunk& rows, const types::TypeContext& types) {
  try {
    NoServices services;
    std::vector<Value> none;
    FilterEvaluator filter(predicates, {types, services, &none, &none});
    vector::Selection selection(rows.size());
    return filter.select(rows, selection.data());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

struct RowEvaluator::State {
  std::vector<Value> none;
  ExpressionEvaluator evaluator;
  State(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services)
      : evaluator(expr, {types, services, &none, &none}) {}
};

RowEvaluator::RowEvaluator(const plan::Expr& expr, const types::TypeContext& types, functions::Services& services)
    : state_(std::make_unique<State>(expr, types, services)) {}
RowEvaluator::~RowEvaluator() = default;
const vector::Vector& RowEvaluator::evaluate(const Chunk& rows) { return state_->evaluator.evaluate(rows); }

}  // namespace aegis::executor
