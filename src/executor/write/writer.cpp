#include "write/writer.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/executor/deferred.h"
#include "aegis/storage/values_apart.h"
#include "expression/evaluation.h"
#include "aegis/executor/in_use.h"
#include "operators/scans.h"
#include "aegis/catalog/foreign.h"
#include "aegis/catalog/partition.h"
#include "write/bulk_insert.h"
#include "write/exclusion.h"
#include "write/partition/routed_writer.h"
#include "write/partition/router.h"
#include "write/references.h"
#include "write/triggers.h"

namespace aegis::executor {

namespace {

// Rows that a statement writes one by one before it goes over to bulk loading.
constexpr uint64_t kBulkFromRows = 8192;
constexpr size_t kMaxDetailText = 64;  // PostgreSQL cuts long values in "Failing row contains"

std::string value_text(const Vector& column, size_t row, const types::TypeContext& types) {
  Value value = column.get(row);
  if (value.is_null) return "null";
  std::string text;
  types::type_info(column.type()).output(types, value, column.type(), text);
  return text;
}

}  // namespace

std::string key_text(const catalog::Relation& relation, const std::vector<int>& columns, const Chunk& rows, size_t row, const types::TypeContext& types) {
  std::string names, values;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) {
      names += ", ";
      values += ", ";
    }
    names += relation.columns[columns[i]].name;
    values += value_text(rows.column(columns[i]), row, types);
  }
  return "Key (" + names + ")=(" + values + ")";
}

RowWriter::RowWriter(catalog::RelationPtr relation, const ExecutionContext& context, const std::vector<plan::PhysicalWrite::Check>* checks,
                     const std::vector<Value>* exec_params)
    : relation_(std::move(relation)), context_(context) {
  // The plan's relation may be a little older than the catalog the statement runs with.
  if (auto newest = context.catalog->relation(relation_->oid)) relation_ = newest;
  if (relation_->relkind == 'v' || relation_->oid == catalog::kPgClassOid) {  // others do the writing
    references_ = std::make_unique<ReferenceChecks>(relation_, context);
    triggers_ = std::make_unique<Triggers>(relation_, context);
    return;
  }
  if (relation_->is_foreign()) catalog::refuse_foreign_write(*context.catalog, *relation_, "insert into");
  if (relation_->is_partition()) membership_ = std::make_unique<PartitionMembership>(*relation_, context);
  table_ = context.engine.table(relation_->storage);
  if (table_ == nullptr && !relation_->is_partitioned()) throw SqlError(Sqlstate::UndefinedTable, "relation \"" + relation_->name + "\" does not exist");
  for (const auto& info : context.catalog->indexes_of(*relation_)) {
    IndexState state;
    state.info = info;
    state.index = context.engine.index(info->storage);
    if (state.index == nullptr) continue;
    state.definition = state.index->definition();
    if (!info->exclusion.empty() || state.definition.session) state.exclusion = std::make_unique<ExclusionCheck>(*relation_, info, context);
    indexes_.push_back(std::move(state));
  }
  EvaluationContext evaluation{context.types, context.services, &context.parameters, exec_params};
  if (checks != nullptr) {
    for (const auto& check : *checks) checks_.emplace_back(check, evaluation, context_);
  } else {
    analyzer::AnalyzerContext analysis{*context.catalog, context.database, context.search_path, kInvalidOid, context.types, {}, context.temp_schema};
    for (const auto& constraint : relation_->constraints) {
      if (constraint.kind != 'c') continue;
      own_checks_.push_back(analyzer::analyze_definition_sql(analysis, constraint.check_sql, relation_.get(), {types::oid::kBool},
                                                             analyzer::DefinitionKind::Check));
      checks_.emplace_back(constraint.name, *own_checks_.back(), evaluation, context_);
    }
  }
  references_ = std::make_unique<ReferenceChecks>(relation_, context);
  triggers_ = std::make_unique<Triggers>(relation_, context);
}

RowWriter::~RowWriter() = default;

Chunk RowWriter::make_row_chunk() const {
  Chunk chunk;
  for (const auto& column : relation_->columns) chunk.add_column(column.type.oid);
  chunk.reset();
  return chunk;
}

std::string RowWriter::failing_row(const Chunk& rows, size_t row) const {
  std::string text = "Failing row contains (";
  bool first = true;
  const catalog::Relation& shown = root_ == nullptr ? *relation_ : *root_;
  std::vector<int> own = catalog::match_columns(shown, *relation_);
  for (size_t i = 0; i < shown.columns.size(); ++i) {
    if (shown.columns[i].dropped || own[i] < 0) continue;
    if (!first) text += ", ";
    first = false;
    std::string value = value_text(rows.column(static_cast<size_t>(own[i])), row, context_.types);
    if (value.size() > kMaxDetailText) {
      size_t cut = kMaxDetailText;
      while (cut > 0 && (static_cast<uint8_t>(value[cut]) & 0xc0) == 0x80) --cut;
      value = value.substr(0, cut) + "...";
    }
    text += value;
  }
  return text + ").";
}

void RowWriter::check(const Chunk& rows, plan::CheckOf of) {
  auto schema_name = [&] {
    auto schema = context_.catalog->schema(relation_->schema);
    return schema == nullptr ? std::string() : schema->name;
  };
  for (size_t i = 0; i < relation_->columns.size(); ++i) {
    const auto& column = relation_->columns[i];
    if (!column.not_null || column.dropped) continue;
    VectorView view = rows.column(i).view();
    if (view.validity == nullptr) continue;
    for (size_t row = 0; row < rows.size(); ++row) {
      if (view.valid(row)) continue;
      throw SqlError(Sqlstate::NotNullViolation, "null value in column \"" + column.name + "\" of relation \"" + relation_->name +
                                                     "\" violates not-null constraint")
          .detail(failing_row(rows, row))
          .schema(schema_name())
          .table(relation_->name)
          .column(column.name);
    }
  }
  for (auto& check : checks_) {
    if (check.of_view() || (check.of() != plan::CheckOf::Always && check.of() != of)) continue;
    size_t row = check.first_bad(rows);
    if (row == rows.size()) continue;
    throw SqlError(Sqlstate::CheckViolation, "new row for relation \"" + relation_->name + "\" violates check constraint \"" + check.name() + "\"")
        .detail(failing_row(rows, row))
        .schema(schema_name())
        .table(relation_->name)
        .constraint(check.name());
  }
  check_views(rows, of);
  if (membership_ == nullptr || root_ != nullptr) return;
  membership_->start(rows);
  for (size_t row = 0; row < rows.size(); ++row) {
    if (membership_->belongs(rows, row)) continue;
    throw SqlError(Sqlstate::CheckViolation, "new row for relation \"" + relation_->name + "\" violates partition constraint")
        .detail(failing_row(rows, row))
        .schema(schema_name())
        .table(relation_->name);
  }
}

void RowWriter::add_view_checks(const std::vector<plan::PhysicalWrite::Check>& checks, const std::vector<Value>* exec_params) {
  EvaluationContext evaluation{context_.types, context_.services, &context_.parameters, exec_params};
  for (const auto& check : checks) {
    if (check.of_view) checks_.emplace_back(check, evaluation, context_);
  }
}

void RowWriter::check_views(const Chunk& rows, plan::CheckOf of) {
  for (auto& check : checks_) {
    if (!check.of_view() || (check.of() != plan::CheckOf::Always && check.of() != of)) continue;
    size_t row = check.first_bad(rows);
    if (row == rows.size()) continue;
    if (check.policy_table().empty()) {
      throw SqlError(Sqlstate::WithCheckOptionViolation, "new row violates check option for view \"" + check.name() + "\"").detail(failing_row(rows, row));
    }
    throw SqlError(Sqlstate::InsufficientPrivilege, "new row violates row-level security policy " + (check.name().empty() ? "" : "\"" + check.name() + "\" ") +
                                                        "for table \"" + check.policy_table() + "\"");
  }
}

void RowWriter::check_old(const Chunk& rows, plan::CheckOf of, const char* what) {
  for (auto& check : checks_) {
    if (check.of() != of || check.first_bad(rows) == rows.size()) continue;
    throw SqlError(Sqlstate::InsufficientPrivilege, std::string(what) + " violates row-level security policy " + (check.name().empty() ? "" : "\"" + check.name() + "\" ") +
                                                        "(USING expression) for table \"" + check.policy_table() + "\"");
  }
}

void RowWriter::set_routed(catalog::RelationPtr root) { root_ = std::move(root); }

bool RowWriter::stays(const Chunk& rows, const std::vector<uint32_t>* columns) {
  if (membership_ == nullptr || root_ == nullptr || (columns != nullptr && !membership_->concerns(*columns))) return true;
  membership_->start(rows);
  for (size_t row = 0; row < rows.size(); ++row) {
    if (!membership_->belongs(rows, row)) return false;
  }
  return true;
}

void RowWriter::check_still_here(const Chunk& row) {
  if (membership_ == nullptr || root_ == nullptr) return;
  membership_->start(row);
  if (membership_->belongs(row, 0)) return;
  std::string name;
  for (const auto& trigger : context_.catalog->triggers(relation_->oid)) {
    constexpr int16_t kWanted = catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerInsert;
    if ((trigger->type & kWanted) == kWanted && name.empty()) name = trigger->name;
  }
  auto schema = context_.catalog->schema(relation_->schema);
  throw SqlError(Sqlstate::FeatureNotSupported, "moving row to another partition during a BEFORE FOR EACH ROW trigger is not supported")
      .detail("Before executing trigger \"" + name + "\", the row was to be in partition \"" + (schema == nullptr ? "" : schema->name) + "." + relation_->name + "\".");
}

void RowWriter::throw_duplicate(const IndexState& state, const Chunk& rows, size_t row) {
  std::vector<int> columns;
  bool plain = true;
  for (const auto& key : state.info->columns) {
    plain = plain && key.column >= 0;
    columns.push_back(key.column);
  }
  SqlError error(Sqlstate::UniqueViolation, "duplicate key value violates unique constraint \"" + state.info->name + "\"");
  error.detail(plain ? key_text(*relation_, columns, rows, row, context_.types) + " already exists."
                     : ExclusionCheck(*relation_, state.info, context_).duplicate_detail(rows, row));
  auto schema = context_.catalog->schema(relation_->schema);
  if (schema != nullptr) error.schema(schema->name);
  throw error.table(relation_->name).constraint(state.info->name);
}

RowId RowWriter::insert(const Chunk& rows, bool moved) {
  if (rows.size() == 0) return RowId(0);
  RowId first = insert_rows(rows);
  references_->inserted(rows);
  triggers_->inserted(rows, moved);
  return first;
}

void RowWriter::fill_session_indexes() {
  if (filled_) return;
  filled_ = true;
  for (auto& state : indexes_) {
    if (state.definition.session) fill_session_index(*relation_, *state.index, context_, false);
  }
}

RowId RowWriter::insert_rows(const Chunk& rows) {
  fill_session_indexes();
  // Before there is a row: keys that fail are not to be computed again when it is undone.
  for (auto& state : indexes_) new_index_keys(state.definition, rows, context_, state.keys);
  RowId first = table_->insert(context_.transaction.context(), {}, rows);
  insert_keys(rows, first);
  return first;
}

bool RowWriter::rows_are_plain() const { return checks_.empty() && membership_ == nullptr && !references_->refers() && !triggers_->any(); }

BulkInsert* RowWriter::begin_bulk() {
  if (bulk_ || bulk_refused_) return bulk_.get();
  // Without workers this is a thread that must not wait for a disk.
  bulk_refused_ = true;
  if (context_.workers == nullptr || triggers_->any()) return nullptr;
  if (std::any_of(indexes_.begin(), indexes_.end(), [](const auto& state) { return !state.info->immediate || state.exclusion != nullptr; })) return nullptr;
  std::vector<storage::LoadIndex> indexes;
  for (const auto& state : indexes_) indexes.push_back({state.index, state.info->unique, state.info->nulls_not_distinct});
  auto load = context_.engine.begin_load(context_.transaction.context(), table_->id(), std::move(indexes));
  if (load != nullptr) bulk_ = std::make_unique<BulkInsert>(std::move(load), context_);
  return bulk_.get();
}

uint64_t RowWriter::failed_number() const { return failed_number_ != 0 || bulk_ == nullptr ? failed_number_ : bulk_->failed_number(); }

void RowWriter::insert_many(const Chunk& rows) {
  if (rows.size() == 0) return;
  if (!bulk_done_ && many_ >= kBulkFromRows && begin_bulk() != nullptr) {
    bulk_->append(rows);
  } else {
    insert_rows(rows);
    many_ += rows.size();
  }
  references_->inserted(rows);
  triggers_->inserted(rows);
}

void RowWriter::finish_bulk() {
  if (!bulk_ || bulk_done_) return;
  std::vector<Chunk> rest = bulk_->take_rest();
  bulk_done_ = true;
  std::optional<std::pair<RowId, size_t>> worst;  // the first row whose key is there, and by which index
  bulk_->finish([&](size_t index, std::string_view key, RowId row) {
    if (worst && worst->first <= row) return;
    auto result = context_.transactions.check_unique(context_.transaction, *indexes_[index].index, key, row);
    if (!result) worst = {row, index};
  });
  if (!worst) {
    for (const Chunk& rows : rest) insert_rows(rows);
    return;
  }
  failed_number_ = bulk_->number_of(worst->first);
  Chunk rows = make_row_chunk();
  std::vector<uint32_t> found;
  storage::Snapshot own{storage::kLatest, context_.transaction.id(), storage::kEveryCommand};
  fetch(own, {worst->first}, rows, found);
  if (found.empty()) throw InternalError("a row just loaded is not there");
  throw_duplicate(indexes_[worst->second], rows, 0);
}

void RowWriter::insert_keys(const Chunk& rows, RowId first) {
  for (auto& state : indexes_) {
    if (state.exclusion != nullptr) {
      size_t at = 0;
      std::vector<std::string_view> own;
      for (size_t row = 0; row < rows.size(); ++row) {
        own.clear();
        if (state.definition.inverted) {
          for (; at < state.keys.keys.size() && state.keys.rows[at] == row; ++at) own.push_back(state.keys.keys[at]);
        } else if (!state.keys.skipped[row]) {
          own.push_back(state.keys.keys[row]);
        }
        RowId other;
        if (!enter_excluded(state, rows, row, RowId(first.value + row), own, &other)) throw_excluded(state, rows, row, other);
      }
      continue;
    }
    if (state.definition.inverted) {
      for (size_t i = 0; i < state.keys.keys.size(); ++i) state.index->insert(state.keys.keys[i], RowId(first.value + state.keys.rows[i]));
      continue;
    }
    for (size_t row = 0; row < rows.size(); ++row) {
      if (state.keys.skipped[row]) continue;
      RowId id(first.value + row);
      bool can_conflict = state.info->unique && (!state.keys.has_null[row] || state.info->nulls_not_distinct);
      if (!can_conflict) {
        state.index->insert(state.keys.keys[row], id);
        continue;
      }
      if (!enter_unique(state, state.keys.keys[row], id)) throw_duplicate(state, rows, row);
    }
  }
}

bool RowWriter::enter_excluded(IndexState& state, const Chunk& rows, size_t row, RowId id, const std::vector<std::string_view>& added, RowId* other) {
  for (;;) {
    storage::UniqueResult result;
    {
      std::lock_guard guard(state.exclusion->latch());
      result = state.exclusion->check(rows, row, id);
      if (result || !state.info->immediate) {
        for (std::string_view key : added) state.index->insert(key, id);
        if (!result) state.suspects.push_back(id);
        return true;
      }
    }
    *other = result.row;
    if (result.outcome == storage::UniqueOutcome::Conflict) return false;
    context_.transactions.wait_for(context_.transaction, result.holder);
  }
}

void RowWriter::throw_excluded(const IndexState& state, const Chunk& rows, size_t row, RowId other) {
  if (state.info->exclusion.empty()) throw_duplicate(state, rows, row);
  SqlError error(Sqlstate::ExclusionViolation, "conflicting key value violates exclusion constraint \"" + state.info->name + "\"");
  error.detail(state.exclusion->detail(rows, row, other, true));
  auto schema = context_.catalog->schema(relation_->schema);
  if (schema != nullptr) error.schema(schema->name);
  throw error.table(relation_->name).constraint(state.info->name);
}

bool RowWriter::enter_unique(IndexState& state, std::string_view key, RowId id) {
  if (state.info->immediate) return static_cast<bool>(context_.transactions.insert_unique(context_.transaction, *state.index, key, id));
  state.index->insert(key, id);
  // Of two who enter one key at the same time at least one sees the other.
  auto result = state.index->check_unique(context_.transaction.context(), key, id);
  if (result.outcome != storage::UniqueOutcome::Ok) state.suspects.push_back(id);
  return true;
}

void RowWriter::check_suspects() {
  for (auto& state : indexes_) {
    if (state.suspects.empty()) continue;
    std::vector<RowId> ids = std::move(state.suspects);
    state.suspects.clear();
    for (const auto& constraint : relation_->constraints) {
      if (constraint.oid != state.info->constraint) continue;
      DeferredWork::Constraint known{constraint.oid, constraint.deferrable, constraint.initially_deferred};
      if (context_.deferred == nullptr || !context_.deferred->is_deferred(known)) continue;
      context_.deferred->add(context_.transaction, {DeferredWork::Kind::UniqueKeys, known, relation_->oid, state.info->oid, std::move(ids), {}, 0, nullptr, nullptr});
      ids.clear();
    }
    check_unique_again(state.info->oid, ids);
  }
}

void RowWriter::check_unique_again(Oid index, const std::vector<RowId>& ids) {
  fill_session_indexes();
  for (auto& state : indexes_) {
    if (state.info->oid != index) continue;
    for (RowId id : ids) {
      Chunk row;
      if (!fetch_latest(id, row)) continue;
      if (state.exclusion != nullptr) {
        auto result = state.exclusion->decide(row, 0, id);
        if (!result) throw_excluded(state, row, 0, result.row);
        continue;
      }
      index_keys(state.definition, row, context_, state.keys);
      if (state.keys.skipped[0] || (state.keys.has_null[0] && !state.info->nulls_not_distinct)) continue;
      if (!context_.transactions.check_unique(context_.transaction, *state.index, state.keys.keys[0], id)) throw_duplicate(state, row, 0);
    }
  }
}

RowId RowWriter::find_conflict(const Chunk& rows, size_t row, const std::vector<Oid>& indexes) {
  fill_session_indexes();
  for (auto& state : indexes_) {
    if (!state.info->unique && state.exclusion == nullptr) continue;
    if (!indexes.empty() && std::find(indexes.begin(), indexes.end(), state.info->oid) == indexes.end()) continue;
    if (!state.info->immediate) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters")
          .table(relation_->name)
          .constraint(state.info->name);
    }
    if (state.exclusion != nullptr) {
      auto result = state.exclusion->decide(rows, row, RowId(0));
      if (!result) return result.row;
      continue;
    }
    // Keys are computed for the whole chunk once, when its first row is asked for.
    if (row == 0 || state.keys.keys.size() != rows.size()) new_index_keys(state.definition, rows, context_, state.keys);
    if (state.keys.skipped[row] || (state.keys.has_null[row] && !state.info->nulls_not_distinct)) continue;
    auto result = context_.transactions.check_unique(context_.transaction, *state.index, state.keys.keys[row], RowId(0));
    if (result.outcome == storage::UniqueOutcome::Conflict) return result.row;
  }
  return RowId(0);
}

bool RowWriter::try_insert(const Chunk& rows, size_t row, RowId* id) {
  fill_session_indexes();
  auto& context = context_.transaction.context();
  uint64_t mark = context_.engine.mark(context);
  Chunk one = make_row_chunk();
  uint32_t selection = static_cast<uint32_t>(row);
  one.slice_of(rows, &selection, 1);
  std::vector<storage::KeyBatch> all_keys(indexes_.size());
  for (size_t i = 0; i < indexes_.size(); ++i) new_index_keys(indexes_[i].definition, one, context_, all_keys[i]);
  *id = table_->insert(context, {}, one);
  for (size_t i = 0; i < indexes_.size(); ++i) {
    auto& state = indexes_[i];
    storage::KeyBatch& keys = all_keys[i];
    if (state.exclusion != nullptr) {
      if (!state.definition.inverted && keys.skipped[0]) keys.keys.clear();
      RowId other;
      if (enter_excluded(state, one, 0, *id, keys.keys, &other)) continue;
      context_.engine.rollback_to(context, mark);
      return false;
    }
    if (state.definition.inverted) {
      for (std::string_view key : keys.keys) state.index->insert(key, *id);
      continue;
    }
    if (keys.skipped[0]) continue;
    if (!state.info->unique || (keys.has_null[0] && !state.info->nulls_not_distinct)) {
      state.index->insert(keys.keys[0], *id);
      continue;
    }
    if (!enter_unique(state, keys.keys[0], *id)) {
      context_.engine.rollback_to(context, mark);
      return false;
    }
  }
  references_->inserted(one);
  triggers_->inserted(one);
  return true;
}

bool RowWriter::uses_column(const IndexState& state, const std::vector<uint32_t>& columns) const {
  auto changed = [&](uint32_t column) { return std::find(columns.begin(), columns.end(), column) != columns.end(); };
  if (state.definition.compute) return std::any_of(state.definition.inputs.begin(), state.definition.inputs.end(), changed);
  return std::any_of(state.definition.columns.begin(), state.definition.columns.end(), [&](const auto& key) { return changed(key.column); });
}

namespace {

RowWriter::Outcome outcome_of(const storage::WriteResult& result) {
  switch (result.outcome) {
    case storage::WriteOutcome::Ok: return RowWriter::Outcome::Done;
    case storage::WriteOutcome::Updated: return RowWriter::Outcome::Changed;
    case storage::WriteOutcome::Deleted: return RowWriter::Outcome::Gone;
    case storage::WriteOutcome::SelfModified: return RowWriter::Outcome::Own;
    case storage::WriteOutcome::WouldBlock: break;
  }
  throw InternalError("a row write ended while it had to wait");
}

}  // namespace

RowWriter::Outcome RowWriter::update(const storage::Snapshot& snapshot, RowId id, const Chunk& old_rows, const Chunk& new_rows, size_t row,
                                     const std::vector<uint32_t>& columns) {
  // Made for those who look at whole rows: most updates have none.
  Chunk old_row, new_row;
  auto take_rows = [&] {
    if (old_row.column_count() > 0) return;
    uint32_t selection = static_cast<uint32_t>(row);
    old_row = make_row_chunk();
    new_row = make_row_chunk();
    old_row.slice_of(old_rows, &selection, 1);
    new_row.slice_of(new_rows, &selection, 1);
  };
  bool keys_touched = std::any_of(indexes_.begin(), indexes_.end(), [&](const auto& state) { return uses_column(state, columns); });
  if (keys_touched) fill_session_indexes();
  bool references_touched = references_->concerns(columns);
  auto mode = storage::RowLockMode::NoKeyUpdate;
  if (keys_touched || references_touched) take_rows();
  std::vector<IndexState*> changed;
  for (auto& state : indexes_) {
    if (!keys_touched || !uses_column(state, columns)) continue;
    index_keys(state.definition, old_row, context_, state.old_keys);
    new_index_keys(state.definition, new_row, context_, state.keys);
    if (state.definition.inverted || state.exclusion != nullptr) {
      changed.push_back(&state);
      continue;
    }
    bool same = state.old_keys.skipped[0] == state.keys.skipped[0] && state.old_keys.keys[0] == state.keys.keys[0];
    if (same) continue;
    changed.push_back(&state);
    if (state.info->unique) mode = storage::RowLockMode::Update;
  }
  Chunk values;
  for (uint32_t column : columns) values.add_column(new_rows.column(column).type(), new_rows.column(column).physical());
  for (size_t i = 0; i < columns.size(); ++i) values.column(i).reference(new_rows.column(columns[i]));
  values.set_size(new_rows.size());
  auto result = context_.transactions.write_row(context_.transaction, table_->id(), id, [&] {
    return table_->update(context_.transaction.context(), snapshot, id, columns, values, row, mode);
  });
  Outcome outcome = outcome_of(result);
  if (outcome != Outcome::Done) return outcome;
  for (auto* state : changed) {
    if (state->exclusion != nullptr) {
      std::vector<std::string_view> added;
      const auto& old = state->old_keys;
      for (size_t i = 0; i < state->keys.keys.size(); ++i) {
        bool skipped = !state->definition.inverted && state->keys.skipped[0];
        bool had = state->definition.inverted && std::binary_search(old.keys.begin(), old.keys.end(), state->keys.keys[i]);
        if (!skipped && !had) added.push_back(state->keys.keys[i]);
      }
      RowId other;
      if (!enter_excluded(*state, new_row, 0, id, added, &other)) throw_excluded(*state, new_row, 0, other);
      continue;
    }
    if (state->definition.inverted) {
      // Keys of one row are sorted, column by column.
      const auto& old = state->old_keys.keys;
      for (std::string_view key : state->keys.keys) {
        if (!std::binary_search(old.begin(), old.end(), key)) state->index->insert(key, id);
      }
      continue;
    }
    if (state->keys.skipped[0]) continue;
    if (!state->info->unique || (state->keys.has_null[0] && !state->info->nulls_not_distinct)) {
      state->index->insert(state->keys.keys[0], id);
      continue;
    }
    if (!enter_unique(*state, state->keys.keys[0], id)) throw_duplicate(*state, new_row, 0);
  }
  if (references_touched) references_->updated(old_row, new_row, columns);
  if (triggers_->any()) {
    take_rows();
    triggers_->updated(old_row, new_row, columns);
  }
  return outcome;
}

RowWriter::Outcome RowWriter::remove(const storage::Snapshot& snapshot, RowId id, const Chunk& old_rows, size_t row) {
  auto result = context_.transactions.write_row(context_.transaction, table_->id(), id,
                                                [&] { return table_->remove(context_.transaction.context(), snapshot, id); });
  Outcome outcome = outcome_of(result);
  if (outcome == Outcome::Done && (references_->is_referenced() || triggers_->any())) {
    Chunk old_row = make_row_chunk();
    uint32_t selection = static_cast<uint32_t>(row);
    old_row.slice_of(old_rows, &selection, 1);
    if (references_->is_referenced()) references_->deleted(old_row);
    triggers_->deleted(old_row);
  }
  return outcome;
}

RowWriter::Outcome RowWriter::move_out(const storage::Snapshot& snapshot, RowId id, const Chunk& old_row, const Chunk& new_row) {
  auto result = context_.transactions.write_row(context_.transaction, table_->id(), id,
                                                [&] { return table_->remove(context_.transaction.context(), snapshot, id); });
  Outcome outcome = outcome_of(result);
  if (outcome != Outcome::Done) return outcome;
  if (references_->is_referenced()) references_->moved(old_row, new_row);
  triggers_->deleted(old_row, true);
  return outcome;
}

RowWriter::Outcome RowWriter::lock(const storage::Snapshot& snapshot, RowId id, storage::RowLockMode mode, plan::LockWait wait, bool* skipped) {
  *skipped = false;
  auto attempt = [&] { return table_->lock(context_.transaction.context(), snapshot, id, mode); };
  if (wait == plan::LockWait::Block) return outcome_of(context_.transactions.write_row(context_.transaction, table_->id(), id, attempt));
  auto result = attempt();
  if (result.outcome != storage::WriteOutcome::WouldBlock) return outcome_of(result);
  if (wait == plan::LockWait::NoWait) {
    throw SqlError(Sqlstate::LockNotAvailable, "could not obtain lock on row in relation \"" + relation_->name + "\"");
  }
  *skipped = true;
  return Outcome::Done;
}

bool RowWriter::fetch_latest(RowId id, Chunk& row) {
  auto snapshot = context_.transaction.take_latest_snapshot();
  std::vector<RowId> ids{id};
  std::vector<uint32_t> found;
  Chunk borrowed = make_row_chunk();
  fetch(*snapshot, ids, borrowed, found);
  if (found.empty()) return false;
  row = make_row_chunk();
  row.append(borrowed);
  return true;
}

void RowWriter::fetch(const storage::Snapshot& snapshot, const std::vector<RowId>& ids, Chunk& rows, std::vector<uint32_t>& found, const std::vector<bool>& unread) {
  std::vector<uint32_t> columns;
  for (size_t i = 0; i < relation_->columns.size(); ++i) {
    if (unread.empty() || !unread[i]) columns.push_back(static_cast<uint32_t>(i));
  }
  if (unread.empty()) return table_->fetch(snapshot, ids, columns, rows, found);
  Chunk read;
  for (uint32_t column : columns) read.add_column(rows.column(column).type(), rows.column(column).physical());
  table_->fetch(snapshot, ids, columns, read, found);
  for (size_t i = 0; i < unread.size(); ++i) {
    if (unread[i]) rows.column(i).set_constant(Value::of_string(""));
  }
  // What the rows refer to is theirs then.
  for (size_t i = 0; i < columns.size(); ++i) std::swap(rows.column(columns[i]), read.column(i));
  rows.set_size(read.size());
}

std::vector<bool> RowWriter::unread_columns(const std::vector<uint32_t>* changed, const std::vector<uint32_t>& used) const {
  if (relation_->relkind == 'v' || triggers_->any()) return {};
  if (changed != nullptr && membership_ != nullptr && membership_->concerns(*changed)) return {};
  std::vector<bool> read(relation_->columns.size(), false);
  // New rows are looked at, where they differ, with their new values.
  auto note_new = [&](uint32_t column) {
    read[column] = read[column] || changed == nullptr || std::find(changed->begin(), changed->end(), column) == changed->end();
  };
  for (uint32_t column : used) note_new(column);
  if (changed != nullptr) {
    for (const auto& check : checks_) {
      for (uint32_t column : check.inputs()) note_new(column);
    }
    for (const auto& state : indexes_) {
      for (uint32_t column : state.definition.inputs) read[column] = true;
      for (const auto& key : state.info->columns) {
        if (key.column >= 0) read[static_cast<size_t>(key.column)] = true;
      }
    }
  }
  references_->note_columns(read);
  std::vector<bool> unread(read.size(), false);
  bool any = false;
  for (uint32_t column = 0; column < read.size(); ++column) {
    if (read[column] || relation_->columns[column].dropped || !storage::has_values_apart(*table_, column)) continue;
    unread[column] = any = true;
  }
  return any ? unread : std::vector<bool>();
}

void RowWriter::finish() {
  finish_bulk();
  check_suspects();
  references_->finish();
  triggers_->finish();
}

void RowWriter::throw_serialization(bool deleted) {
  throw SqlError(Sqlstate::TRSerializationFailure, std::string("could not serialize access due to concurrent ") + (deleted ? "delete" : "update"));
}

struct TableWriter::State {
  ExecutionContext context;
  RowWriter writer;
  std::unique_ptr<RoutedWriter> routed;  // of a partitioned table
  RelationsInUse::Use use;
  State(catalog::RelationPtr relation, ExecutionContext c) : context(std::move(c)), writer(relation, context, nullptr), use(context.in_use, relation->oid) {
    if (relation->is_partitioned()) routed = std::make_unique<RoutedWriter>(relation, context);
  }
  bool begun = false;
};

TableWriter::TableWriter(std::shared_ptr<const catalog::Relation> relation, ExecutionContext context)
    : state_(std::make_unique<State>(std::move(relation), std::move(context))) {}
TableWriter::~TableWriter() = default;
void TableWriter::insert(const Chunk& rows) {
  auto& writer = state_->writer;
  if (!state_->begun) {
    state_->begun = true;
    writer.triggers().before_statement(catalog::kTriggerInsert);
    if (state_->routed) state_->routed->collect_in(writer.triggers());
  }
  if (state_->routed) return state_->routed->insert(rows);
  bool instead = writer.relation().relkind == 'v';
  if (instead || writer.triggers().has(catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerInsert)) {
    for (size_t row = 0; row < rows.size(); ++row) {
      Chunk one = writer.make_row_chunk();
      for (size_t c = 0; c < rows.column_count(); ++c) one.column(c).set(0, rows.column(c).get(row));
      one.set_size(1);
      if (instead) {
        writer.triggers().instead_of(catalog::kTriggerInsert, nullptr, &one);
        continue;
      }
      if (!writer.triggers().before_insert(one)) continue;
      writer.check(one);
      writer.insert(one);
    }
    return;
  }
  state_->writer.check(rows);
  state_->writer.insert_many(rows);
}
size_t TableWriter::begin_parts() {
  if (!state_->writer.rows_are_plain() || state_->routed) return 0;
  BulkInsert* bulk = state_->writer.begin_bulk();
  return bulk == nullptr ? 0 : bulk->part_rows();
}
void TableWriter::submit_part(std::function<void(std::vector<Chunk>& rows)> make, uint64_t number) {
  state_->writer.begin_bulk()->submit(std::move(make), number);
}
void TableWriter::finish_parts() { state_->writer.finish_bulk(); }
void TableWriter::check(const Chunk& rows) { state_->writer.check(rows); }
uint64_t TableWriter::failed_number() const { return state_->writer.failed_number(); }
void TableWriter::finish() {
  if (state_->routed) state_->routed->finish();
  state_->writer.finish();
}

}  // namespace aegis::executor
