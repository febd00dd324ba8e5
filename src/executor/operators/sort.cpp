// ORDER BY, and ORDER BY with LIMIT (the first rows only are kept).
#include <algorithm>
#include <mutex>

#include "operators/build.h"
#include "operators/scans.h"
#include "operators/sorting.h"

namespace aegis::executor {
namespace {

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

class SortOperator : public Operator {
 public:
  SortOperator(const plan::PhysicalOp& plan, const std::vector<plan::SortKey>& keys, const plan::TopN* top, QueryState& query)
      : Operator(plan, query), keys_(keys), top_(top) {
    children_.push_back(build_operator(*plan.children[0], query));
    for (const auto& key : keys) volatile_ = volatile_ || plan::is_volatile(*key.expr);
  }
  bool parallel_safe() const override { return false; }
  size_t morsels() const override { return 1; }

  void open() override {
    Operator& source = *children_[0];
    runs_.clear();
    files_.clear();
    skip_ = 0;
    size_t keep = SIZE_MAX;
    if (top_ != nullptr) {
      int64_t count = evaluate_limit(top_->count, query_);
      skip_ = static_cast<size_t>(evaluate_offset(top_->offset, query_));
      if (count < INT64_MAX) keep = static_cast<size_t>(count) + skip_;
    }
    limit_ = keep;
    source.prepare();
    size_t limit = volatile_ ? 1 : worker_limit(source, query_);
    for (size_t i = 0; i < limit; ++i) runs_.push_back(new_run());
    if (keep == 0) return;
    // A top-N run is cut back whenever it has grown well past what is kept.
    size_t cut_at = keep == SIZE_MAX ? SIZE_MAX : std::max<size_t>(keep * 4, keep + 16 * vector::kMaxChunkRows);
    // Runs smaller than this would only make more files to merge.
    size_t share = std::max<size_t>(query_.context.work_mem_bytes / limit, 256 << 10);
    run_parallel(source, query_, limit, [&](size_t worker, Chunk& chunk) {
      runs_[worker]->add(chunk);
      if (query_.context.temporary_files != nullptr && runs_[worker]->memory_bytes() > share && runs_[worker]->size() < cut_at) spill(runs_[worker]);
      if (runs_[worker]->size() >= cut_at) {
        runs_[worker]->sort();
        runs_[worker]->truncate(keep);
        compact(runs_[worker]);
      }
    });
    for (auto& run : runs_) {
      run->sort();
      run->truncate(keep);
      if (query_.instrument) counters().memory_bytes += run->memory_bytes();
    }
  }

  void reset() override {
    Operator::reset();
    runs_.clear();
    files_.clear();
  }

  struct State : OperatorState {
    SortMerge merge;
    size_t seen = 0;
    bool started = false;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    if (!state.started) {
      state.started = true;
      state.merge.start(&runs_);
      for (const auto& file : files_) state.merge.add_file(*file, new_run());
    }
    while (state.seen < limit_) {
      size_t want = std::min(vector::chunk_rows(), limit_ - state.seen);
      if (state.seen < skip_) want = std::min(want, skip_ - state.seen);
      if (!state.merge.next(out, want)) return false;
      bool skipped = state.seen < skip_;
      state.seen += out.size();
      if (!skipped) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  std::unique_ptr<SortRun> new_run() { return std::make_unique<SortRun>(keys_, plan_.children[0]->output, evaluation_context(query_)); }

  // Puts a run aside in a file and begins another.
  void spill(std::unique_ptr<SortRun>& run) {
    run->sort();
    run->truncate(limit_);
    auto file = std::make_unique<SpillFile>(*query_.context.temporary_files);
    run->write(*file);
    run = new_run();
    if (query_.instrument) counters().spilled_bytes += file->bytes();
    std::lock_guard lock(files_mutex_);
    files_.push_back(std::move(file));
  }

  // Moves the kept rows to a new run, freeing the others' memory.
  void compact(std::unique_ptr<SortRun>& run) {
    std::vector<std::unique_ptr<SortRun>> old;
    old.push_back(std::move(run));
    run = new_run();
    SortMerge merge;
    merge.start(&old);
    Chunk chunk;
    for (const auto& column : plan_.children[0]->output) chunk.add_column(column.type.oid);
    while (merge.next(chunk, vector::kMaxChunkRows)) run->add(chunk);
  }

  const std::vector<plan::SortKey>& keys_;
  const plan::TopN* top_;
  bool volatile_ = false;
  size_t skip_ = 0;
  size_t limit_ = SIZE_MAX;
  std::vector<std::unique_ptr<SortRun>> runs_;
  std::mutex files_mutex_;
  std::vector<std::unique_ptr<SpillFile>> files_;  // sorted runs
};

}  // namespace

Operator* build_sort(const plan::PhysicalOp& plan, QueryState& query) {
  if (plan.kind == plan::PhysicalKind::TopN) {
    auto& top = static_cast<const plan::TopN&>(plan);
    return add_operator(query, std::make_unique<SortOperator>(plan, top.keys, &top, query));
  }
  return add_operator(query, std::make_unique<SortOperator>(plan, static_cast<const plan::PhysicalSort&>(plan).keys, nullptr, query));
}

}  // namespace aegis::executor
