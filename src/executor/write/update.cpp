// UPDATE, DELETE and MERGE.
#include <algorithm>
#include <unordered_set>

#include "aegis/base/error.h"
#include "operators/build.h"
#include "write/build_write.h"
#include "write/published.h"
#include "write/partition/multi_write.h"
#include "write/partition/routed_writer.h"
#include "write/write_operator.h"

namespace aegis::executor {
namespace {

using Outcome = RowWriter::Outcome;

// As PostgreSQL: what triggers did to a row behind the statement's back is an error, what the statement did itself is not.
[[noreturn]] void throw_modified_by_trigger(const char* to_be) {
  throw SqlError(Sqlstate::TriggeredDataChangeViolation, std::string("tuple to be ") + to_be + " was already modified by an operation triggered by the current command")
      .hint("Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows.");
}

std::vector<RowId> row_ids(const Chunk& input, uint32_t column) {
  std::vector<RowId> ids;
  VectorView view = input.column(column).view();
  for (size_t i = 0; i < input.size(); ++i) ids.emplace_back(view.valid(i) ? static_cast<uint64_t>(view.at<int64_t>(i)) : 0);
  return ids;
}

class UpdateOperator : public WriteOperator {
 public:
  template <typename... Leaf>
  UpdateOperator(const plan::PhysicalUpdate& plan, QueryState& query, RoutedWriter* routed, const Leaf&... leaf)
      : WriteOperator(plan, query, leaf...),
        routed_(routed),
        update_(plan),
        set_(plan.set_exprs, write_context(query)),
        recheck_(plan.recheck, query),
        old_rows_(writer_.make_row_chunk()),
        results_(writer_.make_row_chunk()) {
    for (const auto& expr : plan.set_exprs) set_values_.add_column(expr->type.oid);
    for (int column : plan.set_columns) columns_.push_back(static_cast<uint32_t>(column));
  }

 protected:
  std::vector<int16_t> trigger_events() const override { return {catalog::kTriggerUpdate}; }
  const std::vector<uint32_t>* trigger_columns() const override { return &columns_; }

  bool write(Chunk& input, Chunk& out) override {
    std::vector<RowId> ids = row_ids(input, update_.row_id_column);
    const auto& snapshot = query_.context.snapshot;
    if (!begun_) unread_ = writer_.unread_columns(&columns_, returned_columns());
    begun_ = true;
    writer_.fetch(snapshot, ids, old_rows_, found_, unread_);
    set_.evaluate(input, set_values_);
    Chunk new_rows = changed_rows();
    from_.clear();
    tables_.clear();
    results_.reset();
    bool one_by_one = writer_.triggers().has(catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerUpdate) || !writer_.stays(new_rows, &columns_);
    if (one_by_one) {
      for (size_t k = 0; k < found_.size(); ++k) update_with_triggers(input, new_rows, k, ids[found_[k]]);
      return give(input, from_, results_, out, &tables_);
    }
    check(ids, new_rows);
    for (size_t k = 0; k < found_.size(); ++k) {
      RowId id = ids[found_[k]];
      Outcome outcome = writer_.update(snapshot, id, old_rows_, new_rows, k, columns_);
      if (outcome == Outcome::Done) {
        keep(new_rows, k, found_[k]);
      } else if (outcome != Outcome::Own) {
        retry(input, found_[k], id, outcome);
      }
    }
    return give(input, from_, results_, out, &tables_);
  }

 private:
  // The old rows with the assigned columns replaced.
  Chunk changed_rows() {
    Chunk rows = writer_.make_row_chunk();
    for (size_t c = 0; c < rows.column_count(); ++c) rows.column(c).reference(old_rows_.column(c));
    for (size_t i = 0; i < columns_.size(); ++i) rows.column(columns_[i]).slice(set_values_.column(i), found_.data(), found_.size());
    rows.set_size(old_rows_.size());
    return rows;
  }

  void check(const std::vector<RowId>& ids, const Chunk& rows) {
    try {
      writer_.check(rows);
    } catch (const SqlError&) {
      if (unread_.empty()) throw;
      // The error shows the whole row.
      writer_.fetch(query_.context.snapshot, ids, old_rows_, found_);
      writer_.check(changed_rows());
      throw;
    }
  }

  void keep(const Chunk& rows, size_t row, uint32_t input_row, Oid table = kInvalidOid) {
    count(1);
    if (write_.returning.empty()) return;
    tables_.push_back(table != kInvalidOid ? table : writer_.relation().oid);
    from_.push_back(input_row);
    results_.append(copy_row(rows, row));
  }

  // BEFORE triggers see the row one by one, behind its lock.
  void update_with_triggers(const Chunk& input, const Chunk& new_rows, size_t k, RowId id) {
    bool skipped = false;
    Outcome locked = writer_.lock(query_.context.snapshot, id, storage::RowLockMode::NoKeyUpdate, plan::LockWait::Block, &skipped);
    if (locked == Outcome::Own) {
      if (!touched_.contains(id.value)) throw_modified_by_trigger("updated");
      return;
    }
    if (locked != Outcome::Done) return retry(input, found_[k], id, locked);
    touched_.insert(id.value);
    Chunk old_row = copy_row(old_rows_, k);
    Chunk new_row = copy_row(new_rows, k);
    std::vector<uint32_t> changed;
    if (!writer_.triggers().before_update(old_row, new_row, columns_, changed)) return;
    if (!writer_.stays(new_row)) {
      Outcome moved = move(query_.context.snapshot, id, old_row, new_row, found_[k]);
      if (moved != Outcome::Done && moved != Outcome::Own) retry(input, found_[k], id, moved);
      return;
    }
    writer_.check(new_row);
    Outcome outcome = writer_.update(query_.context.snapshot, id, old_row, new_row, 0, changed);
    if (outcome == Outcome::Done) {
      keep(new_row, 0, found_[k]);
    } else if (outcome == Outcome::Own) {
      throw_modified_by_trigger("updated");
    } else {
      retry(input, found_[k], id, outcome);
    }
  }

  // The row goes to another partition: deleted here, inserted there.
  Outcome move(const storage::Snapshot& snapshot, RowId id, const Chunk& old_row, const Chunk& new_row, uint32_t input_row) {
    writer_.check_views(new_row);
    if (!writer_.triggers().before_delete(old_row)) return Outcome::Done;
    Outcome outcome = writer_.move_out(snapshot, id, old_row, new_row);
    if (outcome != Outcome::Done) return outcome;
    Chunk row = copy_row(new_row, 0);
    if (Oid table = routed_->insert_row(writer_.relation(), row)) keep(row, 0, input_row, table);
    return outcome;
  }

  void retry(const Chunk& input, uint32_t input_row, RowId id, Outcome outcome) {
    while (outcome == Outcome::Changed) {
      if (writer_.repeatable_read()) RowWriter::throw_serialization(false);
      // Locked first, so that the version looked at stays the newest until it is replaced.
      bool skipped = false;
      auto now = query_.context.transaction.take_latest_snapshot();
      if (writer_.lock(*now, id, storage::RowLockMode::NoKeyUpdate, plan::LockWait::Block, &skipped) == Outcome::Gone) return;
      Chunk newest;
      if (!writer_.fetch_latest(id, newest)) return;
      Chunk row = copy_row(input, input_row);
      if (!recheck_.run(newest, id, row)) return;
      set_.evaluate(row, set_values_);
      Chunk changed = copy_row(newest, 0);
      for (size_t i = 0; i < columns_.size(); ++i) changed.column(columns_[i]).set(0, set_values_.column(i).get(0));
      std::vector<uint32_t> columns = columns_;
      if (!writer_.triggers().before_update(newest, changed, columns_, columns)) return;
      auto latest = query_.context.transaction.take_latest_snapshot();
      if (!writer_.stays(changed)) {
        outcome = move(*latest, id, newest, changed, input_row);
        if (outcome == Outcome::Done) return;
        continue;
      }
      writer_.check(changed);
      outcome = writer_.update(*latest, id, newest, changed, 0, columns);
      if (outcome == Outcome::Done) return keep(changed, 0, input_row);
    }
    if (outcome == Outcome::Gone && writer_.repeatable_read()) RowWriter::throw_serialization(true);
  }

  RoutedWriter* routed_;
  const plan::PhysicalUpdate& update_;
  ProjectionEvaluator set_;
  Chunk set_values_;
  Recheck recheck_;
  std::vector<uint32_t> columns_;
  bool begun_ = false;
  std::vector<bool> unread_;  // of old rows
  Chunk old_rows_;
  std::vector<uint32_t> found_;
  std::vector<uint32_t> from_;
  std::vector<Oid> tables_;  // parallel to from_
  Chunk results_;
  std::unordered_set<uint64_t> touched_;  // rows that BEFORE triggers were fired for
};

class DeleteOperator : public WriteOperator {
 public:
  template <typename... Leaf>
  DeleteOperator(const plan::PhysicalDelete& plan, QueryState& query, const Leaf&... leaf)
      : WriteOperator(plan, query, leaf...), delete_(plan), recheck_(plan.recheck, query), old_rows_(writer_.make_row_chunk()), results_(writer_.make_row_chunk()) {}

 protected:
  std::vector<int16_t> trigger_events() const override { return {catalog::kTriggerDelete}; }

  bool write(Chunk& input, Chunk& out) override {
    std::vector<RowId> ids = row_ids(input, delete_.row_id_column);
    const auto& snapshot = query_.context.snapshot;
    if (!begun_) unread_ = writer_.unread_columns(nullptr, returned_columns());
    begun_ = true;
    writer_.fetch(snapshot, ids, old_rows_, found_, unread_);
    from_.clear();
    results_.reset();
    bool triggers = writer_.triggers().has(catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerDelete);
    for (size_t k = 0; k < found_.size(); ++k) {
      RowId id = ids[found_[k]];
      if (triggers && !lock_for_triggers(input, k, id)) continue;
      if (!may_delete(old_rows_, k)) continue;
      Outcome outcome = writer_.remove(snapshot, id, old_rows_, k);
      if (outcome == Outcome::Done) {
        keep(old_rows_, k, found_[k]);
      } else if (outcome != Outcome::Own) {
        retry(input, found_[k], id, outcome);
      } else if (triggers) {
        throw_modified_by_trigger("deleted");
      }
    }
    return give(input, from_, results_, out);
  }

 private:
  // Whether the row is still to be deleted.
  bool lock_for_triggers(const Chunk& input, size_t k, RowId id) {
    bool skipped = false;
    Outcome locked = writer_.lock(query_.context.snapshot, id, storage::RowLockMode::Update, plan::LockWait::Block, &skipped);
    if (locked == Outcome::Done) {
      touched_.insert(id.value);
      return true;
    }
    if (locked != Outcome::Own) {
      retry(input, found_[k], id, locked);
    } else if (!touched_.contains(id.value)) {
      throw_modified_by_trigger("updated");
    }
    return false;
  }

  bool may_delete(const Chunk& rows, size_t row) {
    if (!writer_.triggers().has(catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerDelete)) return true;
    return writer_.triggers().before_delete(copy_row(rows, row));
  }

  void keep(const Chunk& rows, size_t row, uint32_t input_row) {
    count(1);
    if (write_.returning.empty()) return;
    from_.push_back(input_row);
    results_.append(copy_row(rows, row));
  }

  void retry(const Chunk& input, uint32_t input_row, RowId id, Outcome outcome) {
    while (outcome == Outcome::Changed) {
      if (writer_.repeatable_read()) RowWriter::throw_serialization(false);
      // Locked first, so that the version looked at stays the newest until it is replaced.
      bool skipped = false;
      auto now = query_.context.transaction.take_latest_snapshot();
      if (writer_.lock(*now, id, storage::RowLockMode::Update, plan::LockWait::Block, &skipped) == Outcome::Gone) return;
      Chunk newest;
      if (!writer_.fetch_latest(id, newest)) return;
      Chunk row = copy_row(input, input_row);
      if (!recheck_.run(newest, id, row)) return;
      if (!may_delete(newest, 0)) return;
      auto latest = query_.context.transaction.take_latest_snapshot();
      outcome = writer_.remove(*latest, id, newest, 0);
      if (outcome == Outcome::Done) return keep(newest, 0, input_row);
    }
    if (outcome == Outcome::Gone && writer_.repeatable_read()) RowWriter::throw_serialization(true);
  }

  const plan::PhysicalDelete& delete_;
  Recheck recheck_;
  bool begun_ = false;
  std::vector<bool> unread_;  // of old rows
  Chunk old_rows_;
  std::vector<uint32_t> found_;
  std::vector<uint32_t> from_;
  Chunk results_;
  std::unordered_set<uint64_t> touched_;  // rows that BEFORE triggers were fired for
};

class MergeOperator : public WriteOperator {
 public:
  template <typename... Leaf>
  MergeOperator(const plan::PhysicalMerge& plan, QueryState& query, const LeafOf* of, const Leaf&... leaf)
      : WriteOperator(plan, query, leaf...), routed_(of == nullptr ? nullptr : of->routed), root_(of == nullptr ? nullptr : of->root), merge_(plan), old_rows_(writer_.make_row_chunk()) {
    for (const auto& when : plan.whens) {
      conditions_.push_back(when.condition ? std::make_unique<ExpressionEvaluator>(*when.condition, write_context(query)) : nullptr);
      exprs_.push_back(std::make_unique<ProjectionEvaluator>(when.exprs, write_context(query)));
      Chunk values;
      for (const auto& expr : when.exprs) values.add_column(expr->type.oid);
      values_.push_back(std::move(values));
    }
  }

 protected:
  std::vector<int16_t> trigger_events() const override { return merge_events(merge_); }

  bool write(Chunk& input, Chunk&) override {
    std::vector<RowId> ids = row_ids(input, merge_.row_id_column);
    for (size_t row = 0; row < input.size(); ++row) merge_row(input, row, ids[row]);
    return false;
  }

 private:
  void merge_row(const Chunk& input, size_t row, RowId id) {
    bool matched = id.value != 0;
    Chunk one = copy_row(input, row);
    for (size_t k = 0; k < merge_.whens.size(); ++k) {
      const auto& when = merge_.whens[k];
      if (when.matched != matched) continue;
      if (conditions_[k] != nullptr) {
        Value passes = conditions_[k]->evaluate(one).get(0);
        if (passes.is_null || !passes.boolean) continue;
      }
      act(when, k, one, id);
      return;
    }
  }

  void act(const plan::PhysicalMerge::When& when, size_t k, const Chunk& one, RowId id) {
    if (when.action == plan::Merge::Action::Nothing) return;
    if (when.action == plan::Merge::Action::Insert) {
      exprs_[k]->evaluate(one, values_[k]);
      Chunk row = copy_row(values_[k], 0);
      if (routed_ != nullptr) {
        if (routed_->insert_row(*root_, row, false) != kInvalidOid) count(1);
        return;
      }
      if (!writer_.triggers().before_insert(row)) return;
      writer_.check(row, plan::CheckOf::NewOnInsert);
      writer_.insert(row);
      count(1);
      return;
    }
    if (!touched_.insert(id.value).second) {
      throw SqlError(Sqlstate::CardinalityViolation, "MERGE command cannot affect row a second time")
          .hint("Ensure that not more than one source row matches any one target row.");
    }
    const auto& snapshot = query_.context.snapshot;
    std::vector<uint32_t> found;
    writer_.fetch(snapshot, {id}, old_rows_, found);
    if (found.empty()) return;
    Outcome outcome;
    bool deletes = when.action == plan::Merge::Action::Delete;
    writer_.check_old(old_rows_, deletes ? plan::CheckOf::OldOnDelete : plan::CheckOf::OldOnUpdate, "target row");
    if (deletes) {
      if (!writer_.triggers().before_delete(copy_row(old_rows_, 0))) return;
      outcome = writer_.remove(snapshot, id, old_rows_, 0);
    } else {
      exprs_[k]->evaluate(one, values_[k]);
      Chunk changed = copy_row(old_rows_, 0);
      std::vector<uint32_t> columns;
      for (size_t i = 0; i < when.columns.size(); ++i) {
        columns.push_back(static_cast<uint32_t>(when.columns[i]));
        changed.column(when.columns[i]).set(0, values_[k].column(i).get(0));
      }
      std::vector<uint32_t> assigned = columns;
      if (!writer_.triggers().before_update(old_rows_, changed, assigned, columns)) return;
      if (!writer_.stays(changed)) {
        Chunk old_row = copy_row(old_rows_, 0);
        if (!writer_.triggers().before_delete(old_row)) return;
        outcome = writer_.move_out(snapshot, id, old_row, changed);
        if (outcome == Outcome::Done) routed_->insert_row(writer_.relation(), changed);
        if (outcome == Outcome::Done) count(1);
        if (outcome == Outcome::Changed || outcome == Outcome::Gone) RowWriter::throw_serialization(outcome == Outcome::Gone);
        return;
      }
      writer_.check(changed, plan::CheckOf::NewOnUpdate);
      outcome = writer_.update(snapshot, id, old_rows_, changed, 0, columns);
    }
    if (outcome == Outcome::Done) {
      count(1);
    } else if (outcome == Outcome::Changed || outcome == Outcome::Gone) {
      // Choosing among the WHENs anew for a changed row is not done yet, so the statement fails instead of guessing.
      RowWriter::throw_serialization(outcome == Outcome::Gone);
    } else {
      throw_modified_by_trigger("updated or deleted");
    }
  }

  RoutedWriter* routed_;
  catalog::RelationPtr root_;
  const plan::PhysicalMerge& merge_;
  Chunk old_rows_;
  std::vector<std::unique_ptr<ExpressionEvaluator>> conditions_;
  std::vector<std::unique_ptr<ProjectionEvaluator>> exprs_;
  std::vector<Chunk> values_;
  std::unordered_set<uint64_t> touched_;
};

}  // namespace

std::unique_ptr<WriteOperator> make_leaf_update(const plan::PhysicalUpdate& plan, QueryState& query, const LeafOf& leaf) {
  return std::make_unique<UpdateOperator>(plan, query, leaf.routed, leaf);
}
std::unique_ptr<WriteOperator> make_leaf_delete(const plan::PhysicalDelete& plan, QueryState& query, const LeafOf& leaf) {
  return std::make_unique<DeleteOperator>(plan, query, leaf);
}
std::unique_ptr<WriteOperator> make_leaf_merge(const plan::PhysicalMerge& plan, QueryState& query, const LeafOf& leaf) {
  return std::make_unique<MergeOperator>(plan, query, &leaf, leaf);
}

std::vector<int16_t> merge_events(const plan::PhysicalMerge& plan) {
  std::vector<int16_t> events;
  for (const auto& when : plan.whens) {
    int16_t event = when.action == plan::Merge::Action::Insert   ? catalog::kTriggerInsert
                    : when.action == plan::Merge::Action::Update ? catalog::kTriggerUpdate
                    : when.action == plan::Merge::Action::Delete ? catalog::kTriggerDelete
                                                                 : int16_t{0};
    if (event != 0 && std::find(events.begin(), events.end(), event) == events.end()) events.push_back(event);
  }
  return events;
}

Operator* build_update(const plan::PhysicalUpdate& plan, QueryState& query) {
  if (plan.table_oid_column >= 0) return build_multi_update(plan, query);
  return add_operator(query, std::make_unique<UpdateOperator>(plan, query, nullptr));
}
Operator* build_delete(const plan::PhysicalDelete& plan, QueryState& query) {
  if (plan.table_oid_column >= 0) return build_multi_delete(plan, query);
  return add_operator(query, std::make_unique<DeleteOperator>(plan, query));
}
Operator* build_merge(const plan::PhysicalMerge& plan, QueryState& query) {
  if (plan.table_oid_column >= 0) return build_multi_merge(plan, query);
  return add_operator(query, std::make_unique<MergeOperator>(plan, query, nullptr));
}

Operator* build_write(const plan::PhysicalOp& plan, QueryState& query) {
  if (plan.kind != plan::PhysicalKind::LockRows) check_published(static_cast<const plan::PhysicalWrite&>(plan), query);
  switch (plan.kind) {
    case plan::PhysicalKind::Insert: return build_insert(static_cast<const plan::PhysicalInsert&>(plan), query);
    case plan::PhysicalKind::Update: return build_update(static_cast<const plan::PhysicalUpdate&>(plan), query);
    case plan::PhysicalKind::Delete: return build_delete(static_cast<const plan::PhysicalDelete&>(plan), query);
    case plan::PhysicalKind::Merge: return build_merge(static_cast<const plan::PhysicalMerge&>(plan), query);
    default: return build_lock_rows(static_cast<const plan::PhysicalLockRows&>(plan), query);
  }
}

}  // namespace aegis::executor
