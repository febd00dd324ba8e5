// Leaves: tables, indexes, generated catalog tables, VALUES, functions.
#include "operators/scans.h"

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/catalog/system.h"
#include "aegis/storage/engine.h"
#include "aegis/types/record.h"
#include "expression/evaluation.h"
#include "operators/late_columns.h"
#include "operators/scan_bounds.h"

namespace aegis::executor {

using vector::kMaxChunkRows;

namespace {

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

class TableScanOperator : public Operator {
 public:
  TableScanOperator(const plan::TableScan& plan, QueryState& query)
      : Operator(plan, query), scan_(plan), table_(find_table(query, *plan.relation)) {
    // Without filters all rows are wanted, and as they are read.
    if (!plan.filters.empty()) late_ = late_columns(plan.columns, plan.filters, *table_);
    map_ = ColumnMap(plan.columns, late_);
  }

  void open() override {
    end_ = table_->end_row();
    next_ = 0;
    table_->activity().scans.fetch_add(1, std::memory_order_relaxed);
  }
  void reset() override {}
  size_t morsels() const override { return (table_->end_row().value + storage::kMorselRows - 1) / storage::kMorselRows; }

  struct State : OperatorState {
    State(const TableScanOperator& op, QueryState& query)
        : late(op.late_, op.scan_.columns, *op.scan_.relation, op.make_chunk()), read(op.map_.make_read_chunk(*op.scan_.relation)), filters(op.scan_.filters, evaluation_context(query)),
          bounds(scan_bounds(op.scan_.filters, op.scan_.columns, query.context.parameters)) {}
    storage::ScanState position;
    bool has_morsel = false;
    LateColumns late;
    Chunk read;
    std::vector<RowId> rows;
    FilterEvaluator filters;
    std::vector<storage::ScanBound> bounds;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this, query_); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (true) {
      if (state.late.pending()) {
        state.late.take(*table_, query_.context.snapshot, out);
        return true;
      }
      if (!state.has_morsel) {
        query_.check_interrupts();
        uint64_t first = next_.fetch_add(storage::kMorselRows);
        if (first >= end_.value) {
          out.set_size(0);
          return false;
        }
        state.position = {.next = RowId(first), .end = RowId(std::min(first + storage::kMorselRows, end_.value)), .bounds = state.bounds};
        state.has_morsel = true;
      }
      if (!table_->scan(query_.context.snapshot, map_.stored, state.position, state.read, state.rows)) {
        state.has_morsel = false;
        if (query_.instrument && !state.bounds.empty()) count_row_groups(state.position);
        continue;
      }
      if (state.late.any()) {
        map_.emit(state.read, state.rows, scan_.relation->oid, state.late.rows());
        size_t passed = state.late.filter(state.filters, state.rows);
        if (query_.instrument) counters().rows_removed += state.rows.size() - passed;
        continue;
      }
      map_.emit(state.read, state.rows, scan_.relation->oid, out);
      if (!state.filters.empty()) {
        size_t before = out.size();
        state.filters.apply(out);
        if (query_.instrument) counters().rows_removed += before - out.size();
      }
      if (out.size() > 0) return true;
    }
  }

 private:
  void count_row_groups(const storage::ScanState& position) {
    counters().row_groups += position.row_groups;
    counters().row_groups_skipped += position.row_groups_skipped;
    counters().blocks_skipped += position.blocks_skipped;
  }

  const plan::TableScan& scan_;
  ColumnMap map_{std::vector<int>()};
  std::vector<bool> late_;
  std::shared_ptr<storage::Table> table_;
  RowId end_;
  std::atomic<uint64_t> next_{0};  // from 0, though the first row is 1: in step with row groups
};

// Rows that somebody else gives.
class ForeignScanOperator : public Operator {
 public:
  ForeignScanOperator(const plan::TableScan& plan, QueryState& query) : Operator(plan, query), scan_(plan), map_(plan.columns) {
    for (auto [at, which] : map_.made) {
      if (which == plan::kRowIdColumn) {
        throw SqlError(Sqlstate::FeatureNotSupported, "cannot update or lock rows of foreign table \"" + plan.relation->name + "\"");
      }
    }
    for (uint32_t column : map_.stored) columns_.push_back(static_cast<int>(column));
  }

  bool parallel_safe() const override { return false; }
  void reset() override {}

  struct State : OperatorState {
    State(const ForeignScanOperator& op, QueryState& query)
        : read(op.map_.make_read_chunk(*op.scan_.relation)), filters(op.scan_.filters, evaluation_context(query)) {}
    std::unique_ptr<functions::SetScan> source;
    Chunk read;
    FilterEvaluator filters;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this, query_); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    if (state.source == nullptr) {
      if (query_.context.foreign == nullptr) throw_not_supported("reading a foreign table here");
      state.source = query_.context.foreign->scan(*scan_.relation, columns_);
    }
    while (true) {
      query_.check_interrupts();
      state.read.reset();
      if (!state.source->next(state.read)) break;
      map_.emit(state.read, {}, scan_.relation->oid, out);
      size_t before = out.size();
      state.filters.apply(out);
      if (query_.instrument) counters().rows_removed += before - out.size();
      if (out.size() > 0) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  const plan::TableScan& scan_;
  ColumnMap map_;
  std::vector<int> columns_;
};

class IndexScanOperator : public Operator {
 public:
  IndexScanOperator(const plan::IndexScan& plan, QueryState& query)
      : Operator(plan, query), scan_(plan), table_(find_table(query, *plan.relation)), late_(late_columns(query, plan, *table_)),
        lookup_(query, plan.relation, plan.index, plan.range, plan.columns, late_) {}

  bool parallel_safe() const override { return false; }
  void reset() override {}

  struct State : OperatorState {
    State(IndexScanOperator& op, QueryState& query)
        : cursor(op.lookup_), filters(op.scan_.filters, evaluation_context(query)),
          late(op.late_, op.scan_.columns, *op.scan_.relation, op.make_chunk()) {
      dummy.set_size(1);
    }
    IndexLookup::Cursor cursor;
    FilterEvaluator filters;
    LateColumns late;
    Chunk dummy;
    bool started = false;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this, query_); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    if (!state.started) {
      state.started = true;
      state.cursor.by_row = !scan_.in_key_order;
      lookup_.start(state.cursor, state.dummy, 0, scan_.backward);
    }
    while (true) {
      if (state.late.pending()) {
        state.late.take(*table_, query_.context.snapshot, out);
        return true;
      }
      Chunk& rows = state.late.any() ? state.late.rows() : out;
      if (!lookup_.next(state.cursor, rows)) break;
      query_.check_interrupts();
      size_t before = rows.size(), passed = 0;
      if (state.late.any()) {
        passed = state.late.filter(state.filters, state.cursor.kept);
      } else {
        state.filters.apply(out);
        passed = out.size();
      }
      if (query_.instrument) counters().rows_removed += before - passed;
      if (passed > 0 && !state.late.any()) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  static std::vector<bool> late_columns(QueryState& query, const plan::IndexScan& plan, const storage::Table& table) {
    // What keys are made of is read in any case.
    std::vector<uint32_t> read;
    if (auto info = query.context.catalog->index(plan.index)) {
      for (const auto& key : info->columns) {
        if (key.column >= 0) read.push_back(static_cast<uint32_t>(key.column));
      }
      if (auto index = query.context.engine.index(info->storage)) read.insert(read.end(), index->definition().inputs.begin(), index->definition().inputs.end());
    }
    return executor::late_columns(plan.columns, plan.filters, table, read);
  }

  const plan::IndexScan& scan_;
  std::shared_ptr<storage::Table> table_;
  std::vector<bool> late_;
  IndexLookup lookup_;
};

class SystemScanOperator : public Operator {
 public:
  SystemScanOperator(const plan::SystemScan& plan, QueryState& query) : Operator(plan, query), scan_(plan) {}

  void open() override {
    if (generated_) return;
    generated_ = true;
    AEGIS_CHECK(query_.context.system != nullptr);
    rows_ = catalog::system_rows(*scan_.source, *query_.context.system);
    query_.check_interrupts();
  }
  void reset() override {}
  bool parallel_safe() const override { return false; }

  struct State : OperatorState {
    State(SystemScanOperator& op, QueryState& query) : filters(op.scan_.filters, evaluation_context(query)) {}
    size_t next = 0;
    FilterEvaluator filters;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this, query_); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (state.next < rows_->chunks.size()) {
      const Chunk& chunk = *rows_->chunks[state.next++];
      for (size_t i = 0; i < scan_.columns.size(); ++i) out.column(i).reference(chunk.column(scan_.columns[i]));
      out.set_size(chunk.size());
      state.filters.apply(out);
      if (out.size() > 0) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  const plan::SystemScan& scan_;
  std::shared_ptr<const catalog::SystemRows> rows_;
  bool generated_ = false;
};

class ValuesOperator : public Operator {
 public:
  ValuesOperator(const plan::ValuesScan& plan, QueryState& query) : Operator(plan, query), values_(plan) {}
  bool parallel_safe() const override { return false; }
  size_t morsels() const override { return 1; }

  struct State : OperatorState {
    size_t next = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    if (state.next >= values_.rows.size()) {
      out.set_size(0);
      return false;
    }
    out.reset();
    size_t count = std::min(vector::chunk_rows(), values_.rows.size() - state.next);
    Chunk one;
    one.set_size(1);
    for (size_t i = 0; i < count; ++i) {
      const auto& row = values_.rows[state.next + i];
      for (size_t c = 0; c < row.size(); ++c) {
        if (row[c]->kind == plan::ExprKind::Constant) {
          out.column(c).set(i, row[c]->value.get());
        } else {
          ExpressionEvaluator evaluator(*row[c], evaluation_context(query_));
          out.column(c).set(i, evaluator.evaluate(one).get(0));
        }
      }
    }
    out.set_size(count);
    state.next += count;
    return true;
  }

 private:
  const plan::ValuesScan& values_;
};

}  // namespace

std::shared_ptr<storage::Table> find_table(QueryState& query, const catalog::Relation& relation) {
  auto table = query.context.engine.table(relation.storage);
  if (table == nullptr) throw SqlError(Sqlstate::UndefinedTable, "relation \"" + relation.name + "\" does not exist");
  return table;
}

Operator* add_operator(QueryState& query, std::unique_ptr<Operator> op) {
  query.owned.push_back(std::move(op));
  return query.owned.back().get();
}

Operator* build_scan(const plan::PhysicalOp& plan, QueryState& query) {
  switch (plan.kind) {
    case plan::PhysicalKind::TableScan:
      if (static_cast<const plan::TableScan&>(plan).relation->is_foreign()) {
        return add_operator(query, std::make_unique<ForeignScanOperator>(static_cast<const plan::TableScan&>(plan), query));
      }
      return add_operator(query, std::make_unique<TableScanOperator>(static_cast<const plan::TableScan&>(plan), query));
    case plan::PhysicalKind::IndexScan:
      if (!static_cast<const plan::IndexScan&>(plan).inverted.empty()) {
        return add_operator(query, make_inverted_scan(static_cast<const plan::IndexScan&>(plan), query));
      }
      return add_operator(query, std::make_unique<IndexScanOperator>(static_cast<const plan::IndexScan&>(plan), query));
    case plan::PhysicalKind::SystemScan: return add_operator(query, std::make_unique<SystemScanOperator>(static_cast<const plan::SystemScan&>(plan), query));
    default: return add_operator(query, std::make_unique<ValuesOperator>(static_cast<const plan::ValuesScan&>(plan), query));
  }
}

IndexLookup::IndexLookup(QueryState& query, catalog::RelationPtr relation, Oid index, const plan::IndexRange& range, const std::vector<int>& columns,
                         const std::vector<bool>& late)
    : query_(query), relation_(std::move(relation)), range_(range), map_(columns, late), stored_(map_.stored), table_(find_table(query, *relation_)) {
  info_ = query.context.catalog->index(index);
  AEGIS_CHECK(info_ != nullptr);
  index_ = query.context.engine.index(info_->storage);
  AEGIS_CHECK(index_ != nullptr);
  // The row may have a newer key than the entry it was found by: read what keys are made of as well, to check.
  for (size_t i = 0; i < info_->columns.size(); ++i) keys_.push_back(index_key_column(*info_, *relation_, i));
  const storage::IndexDefinition& definition = index_->definition();
  if (definition.compute) {
    stored_.insert(stored_.end(), definition.inputs.begin(), definition.inputs.end());
    return;
  }
  for (size_t i = 0; i < keys_.size(); ++i) {
    stored_.push_back(static_cast<uint32_t>(info_->columns[i].column));
    keys_[i].column = static_cast<uint32_t>(map_.stored.size() + i);
  }
}

// The keys the rows in cursor.read have now.
void IndexLookup::compute_keys(Cursor& cursor) const {
  const storage::IndexDefinition& definition = index_->definition();
  cursor.keys.clear();
  if (!definition.compute) {
    storage::encode_keys(cursor.read, keys_, cursor.keys);
    return;
  }
  Chunk inputs;
  for (size_t i = map_.stored.size(); i < stored_.size(); ++i) {
    const Vector& column = cursor.read.column(i);
    inputs.add_column(column.type(), column.physical());
    inputs.column(inputs.column_count() - 1).reference(column);
  }
  inputs.set_size(cursor.read.size());
  definition.compute(inputs, cursor.keys);
}

IndexLookup::Cursor::Cursor(const IndexLookup& lookup) {
  for (uint32_t column : lookup.stored_) read.add_column(lookup.relation_->columns[column].type.oid);
  auto context = evaluation_context(lookup.query_);
  for (const auto& expr : lookup.range_.equal) equal.emplace_back(*expr, context);
  if (lookup.range_.lower) lower = std::make_unique<ExpressionEvaluator>(*lookup.range_.lower, context);
  if (lookup.range_.upper) upper = std::make_unique<ExpressionEvaluator>(*lookup.range_.upper, context);
  entries.resize(256);
}

void IndexLookup::evaluate_bounds(Cursor& cursor, const Chunk& outer) {
  cursor.bound_values.clear();
  for (auto& expr : cursor.equal) cursor.bound_values.push_back(&expr.evaluate(outer));
  if (cursor.lower) cursor.bound_values.push_back(&cursor.lower->evaluate(outer));
  if (cursor.upper) cursor.bound_values.push_back(&cursor.upper->evaluate(outer));
}

void IndexLookup::start(Cursor& cursor, const Chunk& outer, size_t row, bool backward) {
  if (row == 0) evaluate_bounds(cursor, outer);
  cursor.scan = nullptr;
  cursor.rows.clear();
  cursor.done = false;
  index_->activity().scans.fetch_add(1, std::memory_order_relaxed);
  std::string prefix;
  size_t k = 0;
  for (; k < cursor.equal.size(); ++k) {
    Value value = cursor.bound_values[k]->get(row);
    if (value.is_null) {
      cursor.done = true;
      return;
    }
    storage::append_key(prefix, keys_[k], value);
  }
  // Every key column given: a point lookup needs no cursor.
  if (k == keys_.size()) {
    storage::BufferCounts before = storage::thread_buffer_counts();
    index_->lookup(prefix, cursor.rows);
    count_index_blocks(before);
    cursor.point_key = std::move(prefix);
    cursor.is_point = true;
    cursor.point_rows.clear();
    cursor.point_at = 0;
    if (cursor.rows.size() > vector::chunk_rows()) cursor.point_rows.swap(cursor.rows);
    return;
  }
  cursor.is_point = false;
  storage::KeyRange range;
  std::string low = prefix;
  std::string high = prefix;
  bool descending = keys_[k].descending;
  bool bounded_low = false, bounded_high = false, low_inclusive = true, high_inclusive = true;
  size_t at = k;
  auto bound = [&](bool is_lower) {
    Value value = cursor.bound_values[at++]->get(row);
    if (value.is_null) {
      cursor.done = true;
      return;
    }
    bool inclusive = is_lower ? range_.lower_inclusive : range_.upper_inclusive;
    // In a descending column, the greater value comes first.
    bool to_low = is_lower != descending;
    storage::append_key(to_low ? low : high, keys_[k], value);
    (to_low ? bounded_low : bounded_high) = true;
    (to_low ? low_inclusive : high_inclusive) = inclusive;
  };
  if (cursor.lower) bound(true);
  if (cursor.upper && !cursor.done) bound(false);
  if (cursor.done) return;
  // Keys have further columns behind the bound, so bounds are on prefixes.
  if (bounded_low && !low_inclusive) {
    if (!storage::prefix_successor(low)) {
      cursor.done = true;
      return;
    }
  }
  if (!low.empty()) range.lower = low;
  bool open_high = high.empty();
  if (!open_high) {
    if (!bounded_high || high_inclusive) {
      if (storage::prefix_successor(high)) {
        range.upper = high;
        range.upper_inclusive = false;
      }
    } else {
      range.upper = high;
      range.upper_inclusive = false;
    }
  }
  cursor.scan = index_->scan(std::move(range), backward ? storage::ScanDirection::Backward : storage::ScanDirection::Forward);
}

void IndexLookup::count_index_blocks(const storage::BufferCounts& before) {
  const storage::BufferCounts& now = storage::thread_buffer_counts();
  auto& activity = index_->activity();
  if (now.hits != before.hits) activity.blocks_hit.fetch_add(now.hits - before.hits, std::memory_order_relaxed);
  if (now.reads != before.reads) activity.blocks_read.fetch_add(now.reads - before.reads, std::memory_order_relaxed);
}

bool IndexLookup::next(Cursor& cursor, Chunk& out) {
  while (!cursor.done) {
    size_t limit = std::min<size_t>(vector::chunk_rows(), cursor.batch);
    cursor.batch = std::min<size_t>(cursor.batch * 2, kMaxChunkRows);
    if (cursor.is_point) {
      if (!cursor.point_rows.empty()) {
        size_t count = std::min(vector::chunk_rows(), cursor.point_rows.size() - cursor.point_at);
        auto first = cursor.point_rows.begin() + static_cast<ptrdiff_t>(cursor.point_at);
        cursor.rows.assign(first, first + static_cast<ptrdiff_t>(count));
        cursor.point_at += count;
      }
      cursor.done = cursor.point_at == cursor.point_rows.size();
    } else {
      cursor.entries.resize(limit);
      storage::BufferCounts before = storage::thread_buffer_counts();
      size_t count = cursor.scan->next(cursor.entries);
      count_index_blocks(before);
      if (count == 0) {
        cursor.done = true;
        break;
      }
      if (cursor.by_row) {
        std::sort(cursor.entries.begin(), cursor.entries.begin() + static_cast<ptrdiff_t>(count),
                  [](const auto& a, const auto& b) { return a.row.value < b.row.value; });
      }
      cursor.rows.clear();
      for (size_t i = 0; i < count; ++i) cursor.rows.push_back(cursor.entries[i].row);
    }
    if (cursor.rows.empty()) continue;
    index_->activity().entries.fetch_add(cursor.rows.size(), std::memory_order_relaxed);
    table_->fetch(query_.context.snapshot, cursor.rows, stored_, cursor.read, cursor.found);
    size_t kept = 0;
    uint32_t selection[kMaxChunkRows];
    compute_keys(cursor);
    for (size_t i = 0; i < cursor.read.size(); ++i) {
      std::string_view key = cursor.is_point ? std::string_view(cursor.point_key) : cursor.entries[cursor.found[i]].key;
      bool skipped = !cursor.keys.skipped.empty() && cursor.keys.skipped[i] != 0;
      if (!skipped && cursor.keys.keys[i] == key) selection[kept++] = static_cast<uint32_t>(i);
    }
    if (kept == 0) continue;
    index_->activity().rows.fetch_add(kept, std::memory_order_relaxed);
    for (size_t i = 0; i < map_.stored.size(); ++i) {
      if (kept == cursor.read.size()) {
        out.column(map_.stored_at[i]).reference(cursor.read.column(i));
      } else {
        out.column(map_.stored_at[i]).slice(cursor.read.column(i), selection, kept);
      }
    }
    cursor.kept.clear();
    for (size_t i = 0; i < kept; ++i) cursor.kept.push_back(cursor.rows[cursor.found[selection[i]]]);
    for (auto [at, which] : map_.made) {
      if (which == plan::kRowIdColumn) {
        int64_t* ids = out.column(at).start<int64_t>();
        for (size_t i = 0; i < kept; ++i) ids[i] = static_cast<int64_t>(cursor.kept[i].value);
      } else {
        out.column(at).set_constant(Value::of_oid(relation_->oid));
      }
    }
    out.set_size(kept);
    return true;
  }
  out.set_size(0);
  return false;
}

}  // namespace aegis::executor
