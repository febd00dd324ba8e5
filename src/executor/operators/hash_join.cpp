// Hash join: the right input is built into a table of chained rows, whose directory words carry a 16-bit filter of the
// hashes below (Leis et al., "Morsel-driven parallelism"); the left input probes it.
//
// When the right input does not fit into hash_mem, both inputs are divided by hash into temporary files (Grace join) and
// each thread then joins one partition after the other, with a table of its own.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "aegis/base/error.h"
#include "expression/evaluator.h"
#include "operators/build.h"
#include "operators/scans.h"
#include "pipeline/rows.h"
#include "spill/spill_file.h"

namespace aegis::executor {
namespace {

using plan::JoinType;
using vector::kMaxChunkRows;

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

// A row's header.
struct Header {
  std::byte* next;
  uint64_t hash;
  uint8_t matched;
};
constexpr size_t kHeaderBytes = 24;
constexpr uint64_t kPointerMask = (uint64_t{1} << 48) - 1;

Header& header(std::byte* row) { return *reinterpret_cast<Header*>(row); }
uint64_t tag_of(uint64_t hash) { return uint64_t{1} << (48 + (hash >> 60)); }

class HashJoinOperator : public Operator {
 public:
  HashJoinOperator(const plan::HashJoin& plan, QueryState& query) : Operator(plan, query), join_(plan) {
    children_.push_back(build_operator(*plan.children[0], query));
    children_.push_back(build_operator(*plan.children[1], query));
    std::vector<Oid> types;
    std::vector<PhysicalType> physical;
    for (size_t k = 0; k < plan.right_keys.size(); ++k) {
      types.push_back(plan.right_keys[k]->type.oid);
      physical.push_back(types::physical_type(types.back()));
      equalities_.push_back(slot_equality(plan.left_keys[k]->type.oid, types::physical_type(plan.left_keys[k]->type.oid), physical.back()));
    }
    payload_at_ = types.size();
    keeps_payload_ = outputs_right() || !plan.residual.empty();
    if (keeps_payload_) {
      for (const auto& column : plan.children[1]->output) {
        types.push_back(column.type.oid);
        physical.push_back(types::physical_type(column.type.oid));
      }
    }
    layout_ = RowLayout(std::move(types), std::move(physical), kHeaderBytes);
  }

  bool parallel_safe() const override { return children_[0]->parallel_safe(); }
  size_t morsels() const override { return children_[0]->morsels(); }

  void open() override {
    build();
    children_[0]->prepare();
    if (spilled()) partition_probe();
    active_probers_ = 0;
    unmatched_claimed_ = false;
  }

  void reset() override {
    Operator::reset();
    shared_ = Table();
    build_parts_ = nullptr;
    probe_parts_ = nullptr;
    partitions_.clear();
    row_count_ = 0;
    has_null_key_ = false;
  }

  struct Rows {
    Arena arena{1 << 16};
    std::vector<std::byte*> rows;
    size_t bytes() const { return arena.allocated_bytes() + rows.capacity() * sizeof(std::byte*); }
  };
  struct Table {
    std::vector<std::unique_ptr<Rows>> parts;
    std::vector<uint64_t> directory;
  };
  // A part of both inputs, to be joined by itself.
  struct Partition {
    std::shared_ptr<SpillPartitions> build, probe;
    size_t number;
  };
  struct State : OperatorState {
    State(HashJoinOperator& op)
        : input(op.children_[0]->make_chunk()),
          child(op.spilled() ? nullptr : op.children_[0]->make_state()),
          table(&op.shared_),
          probing(!op.spilled()),
          keys(op.join_.left_keys, evaluation_context(op.query_)),
          residual(op.join_.residual, evaluation_context(op.query_)) {
      for (const auto& key : op.join_.left_keys) key_chunk.add_column(key->type.oid);
      if (!op.join_.residual.empty()) {
        for (const auto& column : op.join_.children[0]->output) pairs.add_column(column.type.oid);
        for (const auto& column : op.join_.children[1]->output) pairs.add_column(column.type.oid);
      }
      ++op.active_probers_;
    }
    Chunk input;
    StatePtr child;
    Table own;     // of the partition being joined
    Table* table;  // the shared one, or own
    Partition partition;  // which the reader reads
    std::unique_ptr<SpillFile::Reader> reader;
    bool probing;
    ProjectionEvaluator keys;
    Chunk key_chunk;
    FilterEvaluator residual;
    Chunk pairs;
    std::vector<VectorView> key_views;
    uint64_t hashes[kMaxChunkRows];
    std::byte* chain[kMaxChunkRows];
    bool key_null[kMaxChunkRows];
    uint8_t matches[kMaxChunkRows];  // surviving matches of each probe row: 0, 1, 2 (many)
    size_t row = 0;
    bool has_input = false;
    // Unmatched build rows, at the end.
    bool emits_unmatched = false;
    size_t part = 0;
    size_t build_row = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    do {
      while (state.probing) {
        if (!state.has_input) {
          query_.check_interrupts();
          bool more = spilled() ? state.reader->next(state.input) : children_[0]->pull(*state.child, state.input);
          if (!more) {
            finish_probing(state);
            break;
          }
          if (state.input.size() == 0) continue;
          start_chunk(state);
        }
        if (state.row < state.input.size()) {
          if (probe(state, out)) return true;
          continue;
        }
        state.has_input = false;
        if (emit_left(state, out)) return true;
      }
      if (state.emits_unmatched && emit_unmatched(state, out)) return true;
    } while (spilled() && start_partition(state));
    out.set_size(0);
    return false;
  }

 private:
  // One thread's part in building.
  struct Worker {
    std::unique_ptr<Rows> rows = std::make_unique<Rows>();
    std::unique_ptr<ProjectionEvaluator> keys;
    Chunk key_chunk;
    Chunk spill_chunk;
    size_t counted_bytes = 0;
    size_t row_count = 0;
    bool has_null_key = false;
  };

  bool spilled() const { return build_parts_ != nullptr; }

  bool outputs_right() const {
    return join_.type == JoinType::Inner || join_.type == JoinType::Left || join_.type == JoinType::Right || join_.type == JoinType::Full ||
           join_.type == JoinType::Single;
  }
  bool keeps_unmatched_build() const { return join_.type == JoinType::Right || join_.type == JoinType::Full; }

  void build() {
    Operator& source = *children_[1];
    source.prepare();
    size_t limit = worker_limit(source, query_);
    std::vector<Worker> workers(limit);
    for (auto& worker : workers) {
      worker.keys = std::make_unique<ProjectionEvaluator>(join_.right_keys, evaluation_context(query_));
      for (const auto& key : join_.right_keys) worker.key_chunk.add_column(key->type.oid);
    }
    std::atomic<size_t> held_bytes{0};
    std::mutex spill_mutex;
    run_parallel(source, query_, limit, [&](size_t number, Chunk& chunk) {
      Worker& worker = workers[number];
      add_rows(worker, chunk);
      size_t now = worker.rows->bytes();
      size_t all = held_bytes += now - worker.counted_bytes;
      worker.counted_bytes = now;
      if (query_.context.temporary_files == nullptr || all <= query_.context.hash_mem_bytes) return;
      {
        std::lock_guard lock(spill_mutex);
        if (!spilled()) build_parts_ = std::make_shared<SpillPartitions>(*query_.context.temporary_files, limit);
      }
      held_bytes -= worker.counted_bytes;
      worker.counted_bytes = 0;
      spill(worker, number);
    });
    for (size_t i = 0; i < limit; ++i) {
      row_count_ += workers[i].row_count;
      has_null_key_ = has_null_key_ || workers[i].has_null_key;
      if (spilled()) {
        spill(workers[i], i);
      } else {
        shared_.parts.push_back(std::move(workers[i].rows));
      }
    }
    if (spilled()) {
      build_parts_->finish();
      if (query_.instrument) counters().spilled_bytes += build_parts_->bytes();
      return;
    }
    fill_directory(shared_);
    if (query_.instrument) {
      for (const auto& part : shared_.parts) counters().memory_bytes += part->bytes();
      counters().memory_bytes += shared_.directory.size() * sizeof(uint64_t);
    }
  }

  void fill_directory(Table& table) {
    size_t rows = 0;
    for (const auto& part : table.parts) rows += part->rows.size();
    size_t size = 1024;
    while (size < rows * 2) size *= 2;
    table.directory.assign(size, 0);
    uint64_t mask = size - 1;
    for (const auto& part : table.parts) {
      for (std::byte* row : part->rows) {
        if (has_null(row)) continue;
        uint64_t hash = header(row).hash;
        uint64_t& word = table.directory[hash & mask];
        header(row).next = reinterpret_cast<std::byte*>(word & kPointerMask);
        word = reinterpret_cast<uint64_t>(row) | (word & ~kPointerMask) | tag_of(hash);
      }
    }
  }

  // Moves a thread's rows to the partitions' files.
  void spill(Worker& worker, size_t number) {
    if (worker.spill_chunk.column_count() == 0) {
      for (size_t c = 0; c < layout_.column_count(); ++c) worker.spill_chunk.add_column(layout_.type(c), layout_.physical(c));
    }
    const auto& rows = worker.rows->rows;
    uint64_t hashes[kMaxChunkRows];
    for (size_t at = 0; at < rows.size(); at += kMaxChunkRows) {
      size_t count = std::min(kMaxChunkRows, rows.size() - at);
      for (size_t c = 0; c < layout_.column_count(); ++c) layout_.gather(rows.data() + at, count, c, worker.spill_chunk.column(c));
      worker.spill_chunk.set_size(count);
      for (size_t i = 0; i < count; ++i) hashes[i] = header(rows[at + i]).hash;
      build_parts_->add(number, worker.spill_chunk, hashes, nullptr, count);
    }
    worker.rows = std::make_unique<Rows>();
  }

  void partition_probe() {
    Operator& source = *children_[0];
    size_t limit = worker_limit(source, query_);
    probe_parts_ = std::make_shared<SpillPartitions>(*query_.context.temporary_files, limit);
    struct Prober {
      std::unique_ptr<ProjectionEvaluator> keys;
      Chunk key_chunk;
    };
    std::vector<Prober> probers(limit);
    for (auto& prober : probers) {
      prober.keys = std::make_unique<ProjectionEvaluator>(join_.left_keys, evaluation_context(query_));
      for (const auto& key : join_.left_keys) prober.key_chunk.add_column(key->type.oid);
    }
    run_parallel(source, query_, limit, [&](size_t number, Chunk& chunk) {
      uint64_t hashes[kMaxChunkRows];
      probers[number].keys->evaluate(chunk, probers[number].key_chunk);
      hash_keys(probers[number].key_chunk, chunk.size(), hashes);
      probe_parts_->add(number, chunk, hashes, nullptr, chunk.size());
    });
    probe_parts_->finish();
    for (size_t p = SpillPartitions::kCount; p-- > 0;) partitions_.push_back({build_parts_, probe_parts_, p});
    if (query_.instrument) counters().spilled_bytes += probe_parts_->bytes();
  }

  // A part whose build rows are more than may be held is divided again; not one that has all of its parent's rows, whose keys
  // are probably all the same.
  bool too_large(const Partition& part) const {
    const SpillFile& file = part.build->file(part.number);
    constexpr size_t kOverhead = 32;  // of a row in memory: its header and the pointer to it
    size_t bytes = file.raw_bytes() + file.row_count() * kOverhead;
    return bytes > query_.context.hash_mem_bytes && part.build->level() + 1 < SpillPartitions::kLevels && !part.build->in_one_part();
  }

  void divide(State& state, const Partition& part) {
    int level = part.build->level() + 1;
    auto build = std::make_shared<SpillPartitions>(*query_.context.temporary_files, 1, level);
    auto probe = std::make_shared<SpillPartitions>(*query_.context.temporary_files, 1, level);
    uint64_t hashes[kMaxChunkRows];
    Chunk chunk;
    for (size_t c = 0; c < layout_.column_count(); ++c) chunk.add_column(layout_.type(c), layout_.physical(c));
    for (SpillFile::Reader reader(part.build->file(part.number)); reader.next(chunk);) {
      query_.check_interrupts();
      hash_keys(chunk, chunk.size(), hashes);
      build->add(0, chunk, hashes, nullptr, chunk.size());
    }
    build->finish();
    for (SpillFile::Reader reader(part.probe->file(part.number)); reader.next(state.input);) {
      query_.check_interrupts();
      state.keys.evaluate(state.input, state.key_chunk);
      hash_keys(state.key_chunk, state.input.size(), hashes);
      probe->add(0, state.input, hashes, nullptr, state.input.size());
    }
    probe->finish();
    if (query_.instrument) counters().spilled_bytes += build->bytes() + probe->bytes();
    std::lock_guard lock(partitions_mutex_);
    for (size_t p = SpillPartitions::kCount; p-- > 0;) partitions_.push_back({build, probe, p});
  }

  // Claims the next partition and loads its build rows; false when all are taken. (A thread that divides one takes its parts,
  // unless others come first.)
  bool start_partition(State& state) {
    Partition part;
    do {
      {
        std::lock_guard lock(partitions_mutex_);
        if (partitions_.empty()) return false;
        part = std::move(partitions_.back());
        partitions_.pop_back();
      }
      if (!too_large(part)) break;
      divide(state, part);
    } while (true);
    state.own = Table();
    state.own.parts.push_back(std::make_unique<Rows>());
    Rows& rows = *state.own.parts[0];
    Chunk chunk;
    for (size_t c = 0; c < layout_.column_count(); ++c) chunk.add_column(layout_.type(c), layout_.physical(c));
    SpillFile::Reader reader(part.build->file(part.number));
    uint64_t hashes[kMaxChunkRows];
    std::byte* made[kMaxChunkRows];
    while (reader.next(chunk)) {
      query_.check_interrupts();
      hash_keys(chunk, chunk.size(), hashes);
      allocate_rows(rows, hashes, nullptr, chunk.size(), made);
      for (size_t c = 0; c < layout_.column_count(); ++c) layout_.store_column(made, chunk.size(), c, chunk.column(c), nullptr, rows.arena);
    }
    fill_directory(state.own);
    count_batch(rows.bytes() + state.own.directory.size() * sizeof(uint64_t));
    state.table = &state.own;
    state.reader = std::make_unique<SpillFile::Reader>(part.probe->file(part.number));
    state.partition = std::move(part);
    state.probing = true;
    state.has_input = false;
    state.emits_unmatched = false;
    return true;
  }

  // Of the first columns, which are the keys.
  void hash_keys(const Chunk& keys, size_t count, uint64_t* hashes) const {
    for (size_t k = 0; k < payload_at_; ++k) {
      vector::hash_vector(keys.column(k), count, k == 0 ? vector::HashMode::Set : vector::HashMode::Combine, hashes);
    }
  }

  void allocate_rows(Rows& rows, const uint64_t* hashes, const uint32_t* selection, size_t count, std::byte** made) const {
    auto* block = static_cast<std::byte*>(rows.arena.allocate(layout_.row_bytes() * std::max<size_t>(count, 1), 16));
    for (size_t i = 0; i < count; ++i) {
      made[i] = block + i * layout_.row_bytes();
      header(made[i]) = {nullptr, hashes[selection == nullptr ? i : selection[i]], 0};
      rows.rows.push_back(made[i]);
    }
  }

  bool has_null(const std::byte* row) const {
    for (size_t k = 0; k < payload_at_; ++k) {
      if (layout_.is_null(row, k)) return true;
    }
    return false;
  }

  void add_rows(Worker& worker, Chunk& chunk) {
    size_t count = chunk.size();
    if (count == 0) return;
    worker.keys->evaluate(chunk, worker.key_chunk);
    uint64_t hashes[kMaxChunkRows];
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      bool null = false;
      for (size_t k = 0; k < payload_at_; ++k) null = null || worker.key_chunk.column(k).is_null(i);
      worker.has_null_key = worker.has_null_key || null;
      if (!null || keeps_unmatched_build()) selection[kept++] = static_cast<uint32_t>(i);
    }
    hash_keys(worker.key_chunk, count, hashes);
    std::byte* rows[kMaxChunkRows];
    allocate_rows(*worker.rows, hashes, selection, kept, rows);
    worker.row_count += kept;
    Arena& arena = worker.rows->arena;
    for (size_t k = 0; k < payload_at_; ++k) layout_.store_column(rows, kept, k, worker.key_chunk.column(k), selection, arena);
    if (!keeps_payload_) return;
    for (size_t c = 0; c < chunk.column_count(); ++c) layout_.store_column(rows, kept, payload_at_ + c, chunk.column(c), selection, arena);
  }

  void start_chunk(State& state) {
    size_t count = state.input.size();
    state.keys.evaluate(state.input, state.key_chunk);
    state.key_views.clear();
    hash_keys(state.key_chunk, count, state.hashes);
    for (size_t k = 0; k < payload_at_; ++k) state.key_views.push_back(state.key_chunk.column(k).view());
    std::memset(state.matches, 0, count);
    std::memset(state.key_null, 0, count);
    for (const auto& view : state.key_views) {
      if (view.validity == nullptr) continue;
      for (size_t i = 0; i < count; ++i) state.key_null[i] |= !view.valid(i);
    }
    const auto& directory = state.table->directory;
    uint64_t mask = directory.size() - 1;
    // In a directory beyond the caches, let the misses overlap; likewise in the rows it leads to.
    constexpr size_t kCachedWords = 1 << 15;
    bool cached = directory.size() <= kCachedWords;
    for (size_t i = 0; i < count && !cached; ++i) __builtin_prefetch(&directory[state.hashes[i] & mask]);
    for (size_t i = 0; i < count; ++i) {
      uint64_t word = directory[state.hashes[i] & mask];
      bool possible = !state.key_null[i] && (word & tag_of(state.hashes[i])) != 0;
      state.chain[i] = possible ? reinterpret_cast<std::byte*>(word & kPointerMask) : nullptr;
      if (!cached) __builtin_prefetch(state.chain[i]);
    }
    state.row = 0;
    state.has_input = true;
  }

  bool same_keys(const State& state, size_t i, const std::byte* row) const {
    for (size_t k = 0; k < payload_at_; ++k) {
      const VectorView& view = state.key_views[k];
      if (!equalities_[k](view, view.index(i), layout_.slot(row, k), join_.left_keys[k]->type.oid)) return false;
    }
    return true;
  }

  // Gathers up to a chunk of matching pairs and emits them; true if `out` has rows.
  bool probe(State& state, Chunk& out) {
    uint32_t left[kMaxChunkRows];
    std::byte* right[kMaxChunkRows];
    size_t pairs = 0;
    size_t count = state.input.size();
    // Without a residual, one match settles a semijoin's row.
    bool first_only = join_.residual.empty() && !outputs_right();
    while (state.row < count && pairs < kMaxChunkRows) {
      size_t i = state.row;
      std::byte* row = state.chain[i];
      while (row != nullptr && pairs < kMaxChunkRows) {
        if (header(row).hash == state.hashes[i] && same_keys(state, i, row)) {
          left[pairs] = static_cast<uint32_t>(i);
          right[pairs++] = row;
          if (first_only) {
            row = nullptr;
            break;
          }
        }
        row = header(row).next;
      }
      state.chain[i] = row;
      if (row == nullptr) ++state.row;
    }
    if (pairs == 0) return false;
    if (!join_.residual.empty()) pairs = filter_pairs(state, left, right, pairs);
    for (size_t p = 0; p < pairs; ++p) {
      uint8_t& matches = state.matches[left[p]];
      if (matches < 2) ++matches;
      if (matches == 2 && join_.type == JoinType::Single) {
        throw SqlError(Sqlstate::CardinalityViolation, "more than one row returned by a subquery used as an expression");
      }
      if (keeps_unmatched_build()) std::atomic_ref<uint8_t>(header(right[p]).matched).store(1, std::memory_order_relaxed);
    }
    if (pairs == 0 || !outputs_right()) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).slice(state.input.column(c), left, pairs);
    for (size_t c = 0; c + payload_at_ < layout_.column_count(); ++c) layout_.gather(right, pairs, payload_at_ + c, out.column(width + c));
    out.set_size(pairs);
    return true;
  }

  size_t filter_pairs(State& state, uint32_t* left, std::byte** right, size_t pairs) {
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) state.pairs.column(c).slice(state.input.column(c), left, pairs);
    for (size_t c = 0; c + payload_at_ < layout_.column_count(); ++c) layout_.gather(right, pairs, payload_at_ + c, state.pairs.column(width + c));
    state.pairs.set_size(pairs);
    uint32_t selection[kMaxChunkRows];
    size_t kept = state.residual.select(state.pairs, selection);
    for (size_t i = 0; i < kept; ++i) {
      left[i] = left[selection[i]];
      right[i] = right[selection[i]];
    }
    return kept;
  }

  // What is known of the probe rows once all their pairs have been seen.
  bool emit_left(State& state, Chunk& out) {
    size_t count = state.input.size();
    if (join_.type == JoinType::Mark) {
      for (size_t c = 0; c < state.input.column_count(); ++c) out.column(c).reference(state.input.column(c));
      auto& mark = out.column(state.input.column_count());
      uint8_t* marks = mark.start<uint8_t>();
      for (size_t i = 0; i < count; ++i) {
        marks[i] = state.matches[i] != 0;
        bool unknown = join_.null_aware && state.matches[i] == 0 && (has_null_key_ || (state.key_null[i] && row_count_ > 0));
        if (unknown) mark.set_null(i);
      }
      out.set_size(count);
      return true;
    }
    bool wants_matched = join_.type == JoinType::Semi;
    bool wants_unmatched = join_.type == JoinType::Anti || join_.type == JoinType::Left || join_.type == JoinType::Full || join_.type == JoinType::Single;
    if (!wants_matched && !wants_unmatched) return false;
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      if ((state.matches[i] != 0) == wants_matched) selection[kept++] = static_cast<uint32_t>(i);
    }
    if (kept == 0) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).slice(state.input.column(c), selection, kept);
    for (size_t c = width; c < out.column_count(); ++c) out.column(c).set_constant_null();
    out.set_size(kept);
    return true;
  }

  void finish_probing(State& state) {
    state.probing = false;
    if (spilled()) {
      state.emits_unmatched = keeps_unmatched_build();
      state.part = 0;
      state.build_row = 0;
      return;
    }
    if (--active_probers_ == 0 && keeps_unmatched_build() && !unmatched_claimed_.exchange(true)) state.emits_unmatched = true;
  }

  bool emit_unmatched(State& state, Chunk& out) {
    std::byte* rows[kMaxChunkRows];
    size_t count = 0;
    const auto& parts = state.table->parts;
    while (count < kMaxChunkRows && state.part < parts.size()) {
      const auto& all = parts[state.part]->rows;
      if (state.build_row >= all.size()) {
        ++state.part;
        state.build_row = 0;
        continue;
      }
      std::byte* row = all[state.build_row++];
      if (header(row).matched == 0) rows[count++] = row;
    }
    if (count == 0) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).set_constant_null();
    for (size_t c = 0; c + payload_at_ < layout_.column_count(); ++c) layout_.gather(rows, count, payload_at_ + c, out.column(width + c));
    out.set_size(count);
    return true;
  }

  const plan::HashJoin& join_;
  RowLayout layout_;
  std::vector<SlotEquality> equalities_;
  size_t payload_at_ = 0;  // the first column behind the keys
  bool keeps_payload_ = true;
  Table shared_;
  std::shared_ptr<SpillPartitions> build_parts_;
  std::shared_ptr<SpillPartitions> probe_parts_;
  std::mutex partitions_mutex_;
  std::vector<Partition> partitions_;  // not joined yet, the next one last
  size_t row_count_ = 0;
  bool has_null_key_ = false;
  std::atomic<int> active_probers_{0};
  std::atomic<bool> unmatched_claimed_{false};
};

}  // namespace

Operator* build_hash_join(const plan::HashJoin& plan, QueryState& query) {
  return add_operator(query, std::make_unique<HashJoinOperator>(plan, query));
}

}  // namespace aegis::executor
