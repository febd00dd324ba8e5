// INSERT, with ON CONFLICT.
#include <unordered_set>

#include "aegis/base/error.h"
#include "write/build_write.h"
#include "write/published.h"
#include "write/partition/multi_write.h"
#include "write/write_operator.h"

namespace aegis::executor {
namespace {

class InsertOperator : public WriteOperator {
 public:
  template <typename... Leaf>
  InsertOperator(const plan::PhysicalInsert& plan, QueryState& query, const Leaf&... leaf)
      : WriteOperator(plan, query, leaf...), insert_(plan), set_(plan.set_exprs, write_context(query)), results_(writer_.make_row_chunk()) {
    for (int i = 0; i < 2; ++i) {
      for (const auto& column : writer_.relation().columns) both_.add_column(column.type.oid);
    }
    for (const auto& expr : plan.set_exprs) set_values_.add_column(expr->type.oid);
    if (plan.conflict_where) where_ = std::make_unique<ExpressionEvaluator>(*plan.conflict_where, write_context(query));
  }

 protected:
  std::vector<int16_t> trigger_events() const override {
    if (insert_.conflict == plan::ConflictAction::Update) return {catalog::kTriggerInsert, catalog::kTriggerUpdate};
    return {catalog::kTriggerInsert};
  }

  bool write(Chunk& input, Chunk& out) override {
    from_.clear();
    bool row_triggers = writer_.triggers().has(catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerInsert);
    if (insert_.conflict == plan::ConflictAction::None && row_triggers) {
      results_.reset();
      for (size_t row = 0; row < input.size(); ++row) {
        Chunk one = copy_row(input, row);
        if (!writer_.triggers().before_insert(one)) continue;
        writer_.check_still_here(one);
        writer_.check(one);
        writer_.insert(one);
        keep(one, row);
      }
      return give(input, from_, results_, out);
    }
    if (insert_.conflict == plan::ConflictAction::None) {
      writer_.check(input);
      writer_.insert_many(input);
      count(input.size());
      for (size_t i = 0; i < input.size() && !write_.returning.empty(); ++i) from_.push_back(static_cast<uint32_t>(i));
      return give(input, from_, input, out);
    }
    results_.reset();
    for (size_t row = 0; row < input.size(); ++row) insert_or_resolve(input, row);
    return give(input, from_, results_, out);
  }

 private:
  void insert_or_resolve(Chunk& input, size_t row) {
    Chunk one = copy_row(input, row);
    if (!writer_.triggers().before_insert(one)) return;
    writer_.check_still_here(one);
    writer_.check_views(one, plan::CheckOf::NewOnInsert);  // before it is known whether the row is inserted
    while (true) {
      query_.check_interrupts();
      RowId conflict = writer_.find_conflict(one, 0, insert_.arbiter_indexes);
      if (conflict.value == 0) {
        writer_.check(one, plan::CheckOf::NewOnInsert);
        RowId id;
        if (!writer_.try_insert(one, 0, &id)) {
          // Another transaction's row may hold a key that is no arbiter: that is an error, as for a plain INSERT.
          if (!insert_.arbiter_indexes.empty() && writer_.find_conflict(one, 0, insert_.arbiter_indexes).value == 0) writer_.insert(one);
          continue;
        }
        touched_.insert(id.value);
        keep(one, row);
        return;
      }
      check_visible(conflict);
      if (insert_.conflict == plan::ConflictAction::Nothing) return;
      if (update_existing(one, conflict, row)) return;
    }
  }

  // REPEATABLE READ must not act on a row that its snapshot does not show.
  void check_visible(RowId conflict) {
    if (!writer_.repeatable_read() || touched_.count(conflict.value) != 0) return;
    Chunk rows = writer_.make_row_chunk();
    std::vector<uint32_t> found;
    writer_.fetch(query_.context.snapshot, {conflict}, rows, found);
    if (found.empty()) RowWriter::throw_serialization(false);
  }

  void keep(const Chunk& one, size_t row) {
    count(1);
    if (write_.returning.empty()) return;
    from_.push_back(static_cast<uint32_t>(row));
    results_.append(one);
  }

  // False when the row has gone or changed: look for a conflict again.
  bool update_existing(const Chunk& proposed, RowId id, size_t row) {
    auto latest = query_.context.transaction.take_latest_snapshot();
    bool skipped;
    auto locked = writer_.lock(*latest, id, storage::RowLockMode::NoKeyUpdate, plan::LockWait::Block, &skipped);
    if (locked == RowWriter::Outcome::Gone || locked == RowWriter::Outcome::Changed) {
      if (writer_.repeatable_read()) RowWriter::throw_serialization(locked == RowWriter::Outcome::Gone);
      return false;
    }
    if (touched_.count(id.value) != 0) {
      throw SqlError(Sqlstate::CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time")
          .hint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.");
    }
    Chunk existing;
    if (!writer_.fetch_latest(id, existing)) return false;
    size_t width = writer_.relation().columns.size();
    for (size_t c = 0; c < width; ++c) {
      both_.column(c).reference(existing.column(c));
      both_.column(width + c).reference(proposed.column(c));
    }
    both_.set_size(1);
    writer_.check_old(existing, plan::CheckOf::OldOnUpdate, "new row");
    if (where_) {
      Value passes = where_->evaluate(both_).get(0);
      if (passes.is_null || !passes.boolean) return true;
    }
    set_.evaluate(both_, set_values_);
    Chunk changed = copy_row(existing, 0);
    std::vector<uint32_t> columns;
    for (size_t i = 0; i < insert_.set_columns.size(); ++i) {
      columns.push_back(static_cast<uint32_t>(insert_.set_columns[i]));
      changed.column(insert_.set_columns[i]).set(0, set_values_.column(i).get(0));
    }
    std::vector<uint32_t> assigned = columns;
    if (!writer_.triggers().before_update(existing, changed, assigned, columns)) return true;
    if (!writer_.stays(changed)) {
      throw SqlError(Sqlstate::FeatureNotSupported, "invalid ON UPDATE specification")
          .detail("The result tuple would appear in a different partition than the original tuple.");
    }
    writer_.check(changed, plan::CheckOf::NewOnUpdate);
    auto now = query_.context.transaction.take_latest_snapshot();
    auto outcome = writer_.update(*now, id, existing, changed, 0, columns);
    if (outcome != RowWriter::Outcome::Done) return false;
    touched_.insert(id.value);
    keep(changed, row);
    return true;
  }

  const plan::PhysicalInsert& insert_;
  ProjectionEvaluator set_;
  Chunk both_;
  Chunk set_values_;
  std::unique_ptr<ExpressionEvaluator> where_;
  std::unordered_set<uint64_t> touched_;  // rows this statement has written
  std::vector<uint32_t> from_;
  Chunk results_;
};

// A write to a view: its INSTEAD OF triggers get the rows.
class InsteadOperator : public WriteOperator {
 public:
  InsteadOperator(const plan::PhysicalInsert& plan, QueryState& query) : WriteOperator(plan, query), insert_(plan), results_(writer_.make_row_chunk()) {}

 protected:
  std::vector<int16_t> trigger_events() const override { return {insert_.instead_event}; }

  bool write(Chunk& input, Chunk& out) override {
    from_.clear();
    results_.reset();
    size_t width = writer_.relation().columns.size();
    for (size_t row = 0; row < input.size(); ++row) {
      Chunk all = copy_row(input, row);
      Chunk first = part(all, 0, width), second;
      bool updates = insert_.instead_event == catalog::kTriggerUpdate;
      if (updates) second = part(all, width, width);
      Chunk* old_row = insert_.instead_event == catalog::kTriggerInsert ? nullptr : &first;
      Chunk* new_row = updates ? &second : old_row == nullptr ? &first : nullptr;
      if (writer_.relation().oid == catalog::kPgClassOid) {
        write_pg_class(*new_row);
      } else if (!writer_.triggers().instead_of(insert_.instead_event, old_row, new_row)) {
        continue;
      }
      count(1);
      if (write_.returning.empty()) continue;
      from_.push_back(static_cast<uint32_t>(row));
      results_.append(new_row != nullptr ? *new_row : *old_row);
    }
    return give(input, from_, results_, out);
  }

 private:
  // The session keeps the figures; the row's other columns are as they were.
  void write_pg_class(const Chunk& row) {
    std::vector<Value> values;
    for (std::string_view name : {"oid", "reltuples", "relpages", "relallvisible"}) {
      values.push_back(row.column(static_cast<size_t>(writer_.relation().find_column(name))).get(0));
      if (!values.back().is_null) continue;
      throw SqlError(Sqlstate::NotNullViolation, "null value in column \"" + std::string(name) + "\" of relation \"pg_class\" violates not-null constraint");
    }
    Arena arena;
    Value done;
    query_.context.services.catalog_function("write_pg_class", values, arena, done);
  }

  static Chunk part(const Chunk& row, size_t from, size_t count) {
    Chunk some;
    for (size_t c = 0; c < count; ++c) some.add_column(row.column(from + c).type(), row.column(from + c).physical());
    some.reset();
    for (size_t c = 0; c < count; ++c) some.column(c).set(0, row.column(from + c).get(0));
    some.set_size(1);
    return some;
  }

  const plan::PhysicalInsert& insert_;
  std::vector<uint32_t> from_;
  Chunk results_;
};

}  // namespace

std::unique_ptr<WriteOperator> make_leaf_insert(const plan::PhysicalInsert& plan, QueryState& query, const LeafOf& leaf) {
  if (plan.conflict == plan::ConflictAction::Update) check_published(plan, query);
  return std::make_unique<InsertOperator>(plan, query, leaf);
}

Operator* build_insert(const plan::PhysicalInsert& plan, QueryState& query) {
  if (plan.instead_event != 0) return add_operator(query, std::make_unique<InsteadOperator>(plan, query));
  if (plan.relation->is_partitioned()) return build_multi_insert(plan, query);
  return add_operator(query, std::make_unique<InsertOperator>(plan, query));
}

}  // namespace aegis::executor
