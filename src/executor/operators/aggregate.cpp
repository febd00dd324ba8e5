// Grouping and aggregation by hash tables: one per worker and grouping set, merged at the end; many groups are merged by
// several threads, each taking parts of the hashes.
//
// A worker whose table has grown past its share of hash_mem takes no more groups: rows of groups it does not have go to
// temporary files by hash, and each part is aggregated on its own afterwards, with what the workers have of it.
#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

#include "aegis/base/error.h"
#include "expression/evaluation.h"
#include "operators/build.h"
#include "operators/grouping.h"
#include "operators/ordered_input.h"
#include "operators/scans.h"
#include "spill/spill_file.h"

namespace aegis::executor {
namespace {

using vector::kMaxChunkRows;

// Beyond so many, workers' groups are merged by several threads.
constexpr size_t kManyGroups = 1 << 14;

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

// One aggregate call of the plan.
struct Call {
  const plan::Expr* expr;
  const functions::AggregateKernel* kernel;
  size_t offset;  // of its state in the payload
  std::vector<types::Type> argument_types;
  functions::CallSite site;
  std::array<std::shared_ptr<void>, 2> caches;
  std::vector<functions::CallSite::Order> within_group;
  // DISTINCT or ORDER BY: input is gathered and fed in order when all of it is there.
  bool gathers;
};

class AggregateOperator : public Operator {
 public:
  AggregateOperator(const plan::HashAggregate& plan, QueryState& query) : Operator(plan, query), aggregate_(plan) {
    children_.push_back(build_operator(*plan.children[0], query));
    calls_.reserve(plan.aggregates.size());
    for (const auto& expr : plan.aggregates) {
      Call call;
      call.expr = expr.get();
      call.kernel = functions::collated_aggregate(*expr->function, expr->collation, query.context.types);
      if (call.kernel == nullptr) throw_not_supported("aggregate function " + std::string(expr->function->name));
      call.offset = payload_bytes_;
      payload_bytes_ += (call.kernel->state_size + 15) / 16 * 16;
      for (const auto& arg : expr->args) call.argument_types.push_back(arg->type);
      call.gathers = expr->aggregate->distinct || !expr->aggregate->order.empty();
      single_thread_ = single_thread_ || call.gathers || call.kernel->combine == nullptr || plan::is_volatile(*expr);
      calls_.push_back(std::move(call));
    }
    for (auto& call : calls_) {
      call.site.arguments = call.argument_types;
      call.site.result = call.expr->type;
      call.site.collation = call.expr->collation;
      call.site.aggregate = call.expr->aggregate->user.get();
      if (call.expr->function->aggregate_kind != 'n') {
        for (const auto& key : call.expr->aggregate->order) call.within_group.push_back({key.descending, key.nulls_first});
        call.site.within_group = call.within_group;
      }
    }
    for (const auto& group : plan.groups) {
      key_types_.push_back(group->type.oid);
      single_thread_ = single_thread_ || plan::is_volatile(*group);
    }
    sets_ = plan.sets;
    if (sets_.empty()) {
      sets_.emplace_back();
      for (uint32_t i = 0; i < plan.groups.size(); ++i) sets_[0].push_back(i);
    }
    bool gathers = std::any_of(calls_.begin(), calls_.end(), [](const Call& call) { return call.gathers; });
    bool computes = std::any_of(plan.groups.begin(), plan.groups.end(), [](const auto& group) { return plan::is_volatile(*group); });
    can_spill_ = query.context.temporary_files != nullptr && sets_.size() == 1 && !sets_[0].empty() && !gathers && !computes;
  }

  // Known once open() has run: parts that were merged apart can be emitted apart.
  bool parallel_safe() const override { return merged_.size() > 1; }
  size_t morsels() const override { return std::max<size_t>(1, merged_.size()); }

  void open() override {
    Operator& source = *children_[0];
    source.prepare();
    size_t limit = single_thread_ ? 1 : worker_limit(source, query_);
    workers_.clear();
    for (size_t i = 0; i < limit; ++i) workers_.push_back(std::make_unique<Worker>(*this));
    size_t share = query_.context.hash_mem_bytes / limit;
    run_parallel(source, query_, limit, [&](size_t number, Chunk& chunk) {
      Worker& worker = *workers_[number];
      if (!consume(worker, chunk)) parts_->add(number, chunk, worker.tables[0]->hashes(), worker.strangers.data(), worker.strangers.size());
      if (can_spill_ && !worker.is_full && worker.tables[0]->memory_bytes() > share) {
        worker.is_full = true;
        std::lock_guard lock(spill_mutex_);
        if (parts_ == nullptr) parts_ = std::make_unique<SpillPartitions>(*query_.context.temporary_files, limit);
      }
    });
    if (parts_ != nullptr) {
      finish_spilling();
      return;
    }
    if (merges_by_part()) {
      merge_parts();
      return;
    }
    for (size_t i = 1; i < workers_.size(); ++i) merge(*workers_[0], *workers_[i]);
    workers_.resize(1);
    for (size_t k = 0; k < calls_.size(); ++k) {
      if (calls_[k].gathers) feed_gathered(*workers_[0], k);
    }
    // The empty grouping set has a row even when there is no input.
    for (size_t s = 0; s < sets_.size(); ++s) {
      if (!sets_[s].empty() || !workers_[0]->tables[s]->rows().empty()) continue;
      std::byte* row;
      std::vector<const Vector*> nulls = workers_[0]->null_keys();
      group_rows(*workers_[0], s, nulls, 1, &row);
    }
    if (query_.instrument) {
      for (const auto& table : workers_[0]->tables) counters().memory_bytes += table->memory_bytes();
    }
  }

  void reset() override {
    Operator::reset();
    workers_.clear();
    parts_ = nullptr;
    deeper_.clear();
    done_.clear();
    by_part_.clear();
    merged_.clear();
    next_output_ = 0;
  }

  struct State : OperatorState {
    GroupTable* table = nullptr;
    size_t set = 0;
    size_t row = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (true) {
      size_t count = state.table == nullptr ? 0 : std::min(vector::chunk_rows(), state.table->rows().size() - state.row);
      if (count > 0) {
        emit(*state.table, state.set, state.table->rows().data() + state.row, count, out);
        state.row += count;
        return true;
      }
      if (!next_table(state)) break;
    }
    out.set_size(0);
    return false;
  }

 private:
  struct Worker {
    explicit Worker(AggregateOperator& op) : groups(op.aggregate_.groups, evaluation_context(op.query_)) {
      for (Oid type : op.key_types_) {
        keys.add_column(type);
        nulls.add_column(type);
        nulls.column(nulls.column_count() - 1).set_constant_null();
      }
      for (size_t s = 0; s < op.sets_.size(); ++s) tables.push_back(std::make_unique<GroupTable>(op.key_types_, op.payload_bytes_));
      for (auto& call : op.calls_) {
        arguments.emplace_back(call.expr->args, evaluation_context(op.query_));
        Chunk chunk;
        for (const auto& type : call.argument_types) chunk.add_column(type.oid);
        argument_chunks.push_back(std::move(chunk));
        if (call.expr->aggregate->filter) {
          filters.push_back(std::make_unique<ExpressionEvaluator>(*call.expr->aggregate->filter, evaluation_context(op.query_)));
        } else {
          filters.push_back(nullptr);
        }
        slicers.emplace_back(argument_inputs(*call.expr));
        std::vector<ExpressionEvaluator> order;
        for (const auto& key : call.expr->aggregate->order) order.emplace_back(*key.expr, evaluation_context(op.query_));
        orders.push_back(std::move(order));
      }
      gathered.resize(op.calls_.size());
      for (const auto& column : op.children_[0]->plan().output) known.add_column(column.type.oid);
    }
    static std::vector<uint32_t> argument_inputs(const plan::Expr& call) {
      std::vector<uint32_t> all;
      auto add = [&](const plan::Expr& expr) {
        for (uint32_t column : input_columns(expr)) all.push_back(column);
      };
      for (const auto& arg : call.args) add(*arg);
      for (const auto& key : call.aggregate->order) add(*key.expr);
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
      return all;
    }
    std::vector<const Vector*> null_keys() {
      std::vector<const Vector*> result;
      for (size_t i = 0; i < nulls.column_count(); ++i) result.push_back(&nulls.column(i));
      return result;
    }

    ProjectionEvaluator groups;
    Chunk keys;
    Chunk nulls;  // one constant null a group, for grouping sets
    std::vector<std::unique_ptr<GroupTable>> tables;
    std::vector<ProjectionEvaluator> arguments;
    std::vector<Chunk> argument_chunks;
    std::vector<std::unique_ptr<ExpressionEvaluator>> filters;
    std::vector<Slicer> slicers;
    std::vector<std::vector<ExpressionEvaluator>> orders;
    std::vector<std::unique_ptr<OrderedInput>> gathered;
    bool is_full = false;              // takes no more groups
    Chunk known;                       // of the last chunk, the rows of groups it has,
    vector::Selection strangers;       // and the others
  };

  void group_rows(Worker& worker, size_t set, const std::vector<const Vector*>& keys, size_t count, std::byte** rows) {
    bool is_new[kMaxChunkRows];
    GroupTable& table = *worker.tables[set];
    table.find_or_insert(keys, count, rows, is_new);
    for (size_t i = 0; i < count; ++i) {
      if (!is_new[i]) continue;
      for (const auto& call : calls_) call.kernel->init(table.payload(rows[i]) + call.offset);
    }
  }

  functions::AggregateContext context_of(Call& call, Arena& arena) {
    return {query_.context.types, query_.context.services, call.site, arena, call.caches.data()};
  }

  // False when rows of groups unknown to a full worker (its `strangers`) are still to be dealt with.
  bool consume(Worker& worker, Chunk& chunk) {
    size_t count = chunk.size();
    if (count == 0) return true;
    worker.groups.evaluate(chunk, worker.keys);
    if (worker.is_full) return consume_known(worker, chunk);
    std::vector<std::vector<std::byte*>> rows(sets_.size(), std::vector<std::byte*>(count));
    for (size_t s = 0; s < sets_.size(); ++s) {
      std::vector<const Vector*> keys = worker.null_keys();
      for (uint32_t group : sets_[s]) keys[group] = &worker.keys.column(group);
      if (keys.empty() && !worker.tables[s]->rows().empty()) {
        std::fill(rows[s].begin(), rows[s].end(), worker.tables[s]->rows()[0]);
        continue;
      }
      if (keys.empty()) {
        group_rows(worker, s, keys, 1, rows[s].data());
        std::fill(rows[s].begin(), rows[s].end(), rows[s][0]);
        continue;
      }
      group_rows(worker, s, keys, count, rows[s].data());
    }
    for (size_t k = 0; k < calls_.size(); ++k) update(worker, k, chunk, rows);
    return true;
  }

  bool consume_known(Worker& worker, Chunk& chunk) {
    size_t count = chunk.size();
    std::vector<const Vector*> keys;
    for (size_t i = 0; i < worker.keys.column_count(); ++i) keys.push_back(&worker.keys.column(i));
    std::vector<std::vector<std::byte*>> rows(1, std::vector<std::byte*>(count));
    worker.tables[0]->find(keys, count, rows[0].data());
    worker.strangers.clear();
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rows[0][i] == nullptr) {
        worker.strangers.push_back(static_cast<uint32_t>(i));
      } else {
        rows[0][kept] = rows[0][i];
        selection[kept++] = static_cast<uint32_t>(i);
      }
    }
    if (kept > 0) {
      worker.known.slice_of(chunk, selection, kept);
      for (size_t k = 0; k < calls_.size(); ++k) update(worker, k, worker.known, rows);
    }
    return worker.strangers.empty();
  }

  void finish_spilling() {
    parts_->finish();
    if (query_.instrument) {
      counters().spilled_bytes += parts_->bytes();
      for (const auto& worker : workers_) counters().memory_bytes += worker->tables[0]->memory_bytes();
    }
    // A single worker has seen all of its groups' rows: they are done, and emitted first.
    if (workers_.size() == 1) return;
    divide();
    workers_.push_back(std::make_unique<Worker>(*this));
  }

  // Sets the workers aside, with their groups by part.
  void divide() {
    for (auto& worker : workers_) done_.push_back(std::move(worker));
    workers_.clear();
    by_part_.resize(done_.size());
    run_workers(query_, done_.size(), [&](size_t) {
      for (size_t i = next_output_++; i < done_.size(); i = next_output_++) {
        by_part_[i].resize(SpillPartitions::kCount);
        done_[i]->tables[0]->for_each([&](uint64_t hash, std::byte* row) { by_part_[i][SpillPartitions::of(hash)].push_back(row); });
      }
    });
    next_output_ = 0;
  }

  bool merges_by_part() const {
    if (workers_.size() == 1 || sets_.size() > 1 || sets_[0].empty()) return false;
    return std::all_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->tables[0]->rows().size() > kManyGroups; });
  }

  void merge_parts() {
    divide();
    merged_.resize(SpillPartitions::kCount);
    run_workers(query_, done_.size(), [&](size_t) {
      for (size_t part = next_output_++; part < merged_.size(); part = next_output_++) {
        merged_[part] = std::make_unique<GroupTable>(key_types_, payload_bytes_);
        for (size_t i = 0; i < done_.size(); ++i) combine_rows(*merged_[part], *done_[i]->tables[0], by_part_[i][part]);
      }
    });
    next_output_ = 0;
    if (query_.instrument) {
      for (const auto& table : merged_) counters().memory_bytes += table->memory_bytes();
    }
    // States may still refer to the workers' memory.
    by_part_.clear();
  }

  // Claims the next table to emit.
  bool next_table(State& state) {
    size_t number = next_output_++;
    state.row = 0;
    state.table = nullptr;
    if (!merged_.empty()) {
      if (number < merged_.size()) state.table = merged_[number].get();
    } else if (number < sets_.size()) {
      state.set = number;
      state.table = workers_[0]->tables[number].get();
    } else if (parts_ != nullptr && number - sets_.size() < SpillPartitions::kCount) {
      aggregate_part(*parts_, number - sets_.size());
      state.table = workers_[0]->tables[0].get();
    } else if (!deeper_.empty()) {
      auto [parts, part] = std::move(deeper_.back());
      deeper_.pop_back();
      aggregate_part(*parts, part);
      state.table = workers_[0]->tables[0].get();
    }
    return state.table != nullptr;
  }

  // Makes workers_[0] the aggregate of one part, or of as many of its groups as there is memory for; the others' rows are divided
  // again.
  void aggregate_part(const SpillPartitions& parts, size_t part) {
    workers_[0] = std::make_unique<Worker>(*this);
    Worker& worker = *workers_[0];
    if (parts.level() == 0) {
      for (size_t i = 0; i < done_.size(); ++i) combine_rows(*worker.tables[0], *done_[i]->tables[0], by_part_[i][part]);
    }
    std::shared_ptr<SpillPartitions> further;
    SpillFile::Reader reader(parts.file(part));
    Chunk chunk = children_[0]->make_chunk();
    while (reader.next(chunk)) {
      query_.check_interrupts();
      if (!consume(worker, chunk)) further->add(0, chunk, worker.tables[0]->hashes(), worker.strangers.data(), worker.strangers.size());
      if (!worker.is_full && parts.level() + 1 < SpillPartitions::kLevels && worker.tables[0]->memory_bytes() > query_.context.hash_mem_bytes) {
        worker.is_full = true;
        further = std::make_shared<SpillPartitions>(*query_.context.temporary_files, 1, parts.level() + 1);
      }
    }
    count_batch(worker.tables[0]->memory_bytes());
    if (further == nullptr) return;
    further->finish();
    if (query_.instrument) counters().spilled_bytes += further->bytes();
    for (size_t p = 0; p < SpillPartitions::kCount; ++p) {
      if (further->file(p).row_count() > 0) deeper_.emplace_back(further, p);
    }
  }

  void update(Worker& worker, size_t k, const Chunk& chunk, const std::vector<std::vector<std::byte*>>& rows) {
    Call& call = calls_[k];
    const Chunk* input = &chunk;
    uint32_t selection[kMaxChunkRows];
    size_t count = chunk.size();
    bool filtered = false;
    if (worker.filters[k] != nullptr) {
      VectorView view = worker.filters[k]->evaluate(chunk).view();
      size_t kept = 0;
      for (size_t i = 0; i < count; ++i) {
        if (view.valid(i) && view.at<uint8_t>(i) != 0) selection[kept++] = static_cast<uint32_t>(i);
      }
      if (kept == 0) return;
      if (kept < count) {
        input = &worker.slicers[k].slice(chunk, selection, kept);
        count = kept;
        filtered = true;
      }
    }
    worker.arguments[k].evaluate(*input, worker.argument_chunks[k]);
    std::vector<const Vector*> arguments;
    for (size_t a = 0; a < call.argument_types.size(); ++a) arguments.push_back(&worker.argument_chunks[k].column(a));
    for (size_t s = 0; s < sets_.size(); ++s) {
      GroupTable& table = *worker.tables[s];
      if (call.gathers) {
        std::vector<std::byte*> groups(count);
        for (size_t i = 0; i < count; ++i) groups[i] = rows[s][filtered ? selection[i] : i];
        gather(worker, k, *input, arguments, groups);
        continue;
      }
      auto context = context_of(call, table.arena());
      if (call.kernel->update_one != nullptr && aggregate_.groups.empty()) {
        call.kernel->update_one(context, arguments, count, table.payload(rows[s][0]) + call.offset);
        continue;
      }
      std::byte* states[kMaxChunkRows];
      for (size_t i = 0; i < count; ++i) states[i] = table.payload(rows[s][filtered ? selection[i] : i]) + call.offset;
      call.kernel->update(context, arguments, count, states);
    }
  }

  void gather(Worker& worker, size_t k, const Chunk& input, const std::vector<const Vector*>& arguments, const std::vector<std::byte*>& groups) {
    std::vector<const Vector*> order;
    for (auto& key : worker.orders[k]) order.push_back(&key.evaluate(input));
    auto& gathered = worker.gathered[k];
    if (gathered == nullptr) gathered = std::make_unique<OrderedInput>(*calls_[k].expr, query_.context.types);
    gathered->add(groups, arguments, order, input.size());
  }

  void feed_gathered(Worker& worker, size_t k) {
    if (worker.gathered[k] == nullptr) return;
    Call& call = calls_[k];
    // A group's row knows nothing of its table; states are at one offset in all of them, and so are arenas' lifetimes.
    GroupTable& table = *worker.tables[0];
    auto context = context_of(call, table.arena());
    worker.gathered[k]->feed([&](std::byte* group, std::span<const Vector* const> arguments, size_t count) {
      std::byte* state = table.payload(group) + call.offset;
      if (call.kernel->update_one != nullptr) {
        call.kernel->update_one(context, arguments, count, state);
      } else {
        std::byte* states[kMaxChunkRows];
        std::fill(states, states + count, state);
        call.kernel->update(context, arguments, count, states);
      }
    });
    worker.gathered[k] = nullptr;
  }

  void merge(Worker& target, Worker& source) {
    for (size_t s = 0; s < sets_.size(); ++s) combine_rows(*target.tables[s], *source.tables[s], source.tables[s]->rows());
  }

  void combine_rows(GroupTable& to, GroupTable& from, const std::vector<std::byte*>& rows) {
    constexpr size_t kAhead = 8;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i + kAhead < rows.size()) __builtin_prefetch(rows[i + kAhead]);
      std::byte* row = rows[i];
      bool is_new;
      std::byte* into = to.find_or_insert_row(row, &is_new);
      for (auto& call : calls_) {
        std::byte* state = to.payload(into) + call.offset;
        if (is_new) call.kernel->init(state);
        auto context = context_of(call, to.arena());
        call.kernel->combine(context, from.payload(row) + call.offset, state);
      }
    }
    query_.check_interrupts();
  }

  void emit(GroupTable& table, size_t set, std::byte* const* rows, size_t count, Chunk& out) {
    size_t column = 0;
    for (; column < key_types_.size(); ++column) table.layout().gather(rows, count, column, out.column(column));
    std::byte* states[kMaxChunkRows];
    for (auto& call : calls_) {
      for (size_t i = 0; i < count; ++i) states[i] = table.payload(rows[i]) + call.offset;
      auto context = context_of(call, table.arena());
      call.kernel->finalize(context, states, count, out.column(column++));
    }
    for (const auto& groups : aggregate_.grouping_calls) {
      int32_t bits = 0;
      for (uint32_t group : groups) {
        bool grouped = std::find(sets_[set].begin(), sets_[set].end(), group) != sets_[set].end();
        bits = (bits << 1) | (grouped ? 0 : 1);
      }
      out.column(column++).set_constant(Value::of_i32(bits));
    }
    out.set_size(count);
  }

  const plan::HashAggregate& aggregate_;
  std::vector<Call> calls_;
  std::vector<Oid> key_types_;
  std::vector<std::vector<uint32_t>> sets_;
  size_t payload_bytes_ = 0;
  bool single_thread_ = false;
  bool can_spill_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;  // after open(), [0] has the groups to emit, unless merged_ has them
  std::vector<std::unique_ptr<GroupTable>> merged_;  // by part
  std::atomic<size_t> next_output_{0};
  std::mutex spill_mutex_;
  std::unique_ptr<SpillPartitions> parts_;
  std::vector<std::pair<std::shared_ptr<SpillPartitions>, size_t>> deeper_;  // parts that were too large, divided again
  std::vector<std::unique_ptr<Worker>> done_;                   // who had groups when their input ended,
  std::vector<std::vector<std::vector<std::byte*>>> by_part_;  // and these by worker and part
};

}  // namespace

Operator* build_aggregate(const plan::HashAggregate& plan, QueryState& query) {
  return add_operator(query, std::make_unique<AggregateOperator>(plan, query));
}

}  // namespace aegis::executor
