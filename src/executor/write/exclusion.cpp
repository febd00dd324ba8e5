#include "write/exclusion.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/catalog/catalog_functions.h"
#include "aegis/storage/running_writer.h"
#include "aegis/txn/transaction_manager.h"
#include "expression/evaluator.h"
#include "operators/inverted_search.h"
#include "write/index_keys.h"

namespace aegis::executor {

struct ExclusionCheck::State {
  State(const catalog::Relation& r, catalog::IndexPtr i, const ExecutionContext& c)
      : relation(r), info(std::move(i)), context(c), table(c.engine.table(r.storage)), index(c.engine.index(info->storage)) {}

  const catalog::Relation& relation;
  catalog::IndexPtr info;
  const ExecutionContext& context;
  std::shared_ptr<storage::Table> table;
  std::shared_ptr<storage::Index> index;
  std::vector<plan::ExprPtr> keys;
  std::vector<plan::ExprPtr> comparisons;  // over the keys there are, then the new ones
  plan::ExprPtr predicate;
  std::vector<std::string> operators;
  std::vector<std::unique_ptr<ExpressionEvaluator>> key_evaluators, comparison_evaluators;
  std::unique_ptr<ExpressionEvaluator> predicate_evaluator;
  const bool unique = info->exclusion.empty();
  std::string wanted;  // of a unique index: the new key
  std::vector<uint32_t> all;
  Chunk fetched;
  Chunk both;

  void bind();
  Chunk one_row(const Chunk& rows, size_t row) const;
  // False when the predicate leaves the row out, or a key is null. `to`: chunk and first column that get the keys.
  bool takes_part(const Chunk& row, Chunk& to, size_t first);
  std::vector<uint64_t> candidates(const Chunk& row, const std::vector<Value>& values);
  bool conflicts(const storage::Snapshot& snapshot, RowId candidate, const std::vector<Value>& values);
  std::string key_text(const Chunk& row);
};

void ExclusionCheck::State::bind() {
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    fetched.add_column(relation.columns[i].type.oid);
    all.push_back(static_cast<uint32_t>(i));
  }
  analyzer::AnalyzerContext analysis{*context.catalog, context.database, context.search_path, kInvalidOid, context.types, {}, context.temp_schema};
  EvaluationContext evaluation{context.types, context.services, &context.parameters, nullptr};
  size_t width = info->columns.size();
  for (const auto& key : info->columns) {
    if (key.column >= 0) {
      keys.push_back(plan::make_input(static_cast<uint32_t>(key.column), relation.columns[key.column].type, relation.columns[key.column].name));
    } else {
      keys.push_back(analyzer::analyze_definition_sql(analysis, key.sql, &relation, {}, analyzer::DefinitionKind::IndexExpression));
    }
  }
  for (size_t i = 0; i < width && !unique; ++i) {
    Oid oid = info->exclusion[i];
    auto made = context.catalog->find_operator(oid);
    const functions::Operator* op = made != nullptr ? &made->record() : functions::find_operator(oid);
    if (op == nullptr) throw InternalError("an operator of an exclusion constraint is not there");
    operators.emplace_back(op->name);
    const functions::Function* function = functions::find_function(op->function);
    catalog::RoutinePtr routine;
    if (function == nullptr) {
      routine = context.catalog->routine(op->function);
      if (routine != nullptr) function = &routine->function();
    }
    if (function == nullptr) throw InternalError("the function of an operator of an exclusion constraint is not there");
    plan::ExprList args;
    args.push_back(plan::make_input(static_cast<uint32_t>(i), keys[i]->type, ""));
    args.push_back(plan::make_input(static_cast<uint32_t>(width + i), keys[i]->type, ""));
    auto call = plan::make_call(*function, {types::oid::kBool}, std::move(args));
    call->collation = info->columns[i].collation;
    comparisons.push_back(std::move(call));
  }
  if (!info->predicate_sql.empty()) {
    predicate = analyzer::analyze_definition_sql(analysis, info->predicate_sql, &relation, {types::oid::kBool}, analyzer::DefinitionKind::IndexPredicate);
    predicate_evaluator = std::make_unique<ExpressionEvaluator>(*predicate, evaluation);
  }
  for (const auto& expr : keys) key_evaluators.push_back(std::make_unique<ExpressionEvaluator>(*expr, evaluation));
  for (const auto& expr : comparisons) comparison_evaluators.push_back(std::make_unique<ExpressionEvaluator>(*expr, evaluation));
  for (int side = 0; side < 2; ++side) {
    for (const auto& expr : keys) both.add_column(expr->type.oid);
  }
}

Chunk ExclusionCheck::State::one_row(const Chunk& rows, size_t row) const {
  Chunk one;
  for (size_t c = 0; c < rows.column_count(); ++c) one.add_column(rows.column(c).type(), rows.column(c).physical());
  uint32_t selection = static_cast<uint32_t>(row);
  one.slice_of(rows, &selection, 1);
  return one;
}

bool ExclusionCheck::State::takes_part(const Chunk& row, Chunk& to, size_t first) {
  if (predicate_evaluator != nullptr) {
    Value passes = predicate_evaluator->evaluate(row).get(0);
    if (passes.is_null || !passes.boolean) return false;
  }
  for (size_t i = 0; i < key_evaluators.size(); ++i) {
    Value value = key_evaluators[i]->evaluate(row).get(0);
    if (value.is_null && (!unique || !info->nulls_not_distinct)) return false;
    to.column(first + i).set(0, value);
  }
  return true;
}

std::vector<uint64_t> ExclusionCheck::State::candidates(const Chunk& row, const std::vector<Value>& values) {
  if (!index->definition().inverted) {
    storage::KeyBatch batch;
    new_index_keys(index->definition(), row, context, batch);
    std::vector<RowId> ids;
    if (!batch.keys.empty() && batch.skipped[0] == 0) index->lookup(batch.keys[0], ids);
    std::vector<uint64_t> rows;
    for (RowId id : ids) rows.push_back(id.value);
    return rows;
  }
  InvertedSearch search(*index, context.services);
  std::vector<RowSet> sets;
  for (size_t i = 0; i < values.size(); ++i) {
    Oid type = types::base_type(info->columns[i].type.oid);
    const auto* strategy = context.catalog->inverted_strategy(info->columns[i].opclass);
    if (strategy == nullptr || !strategy->answers(operators[i], type, type)) continue;
    sets.push_back(search.find(strategy->query(operators[i], type, type, values[i]), inverted_prefix(i)));
  }
  RowSet rows = InvertedSearch::intersect(std::move(sets));
  return rows.every ? search.all(0) : std::move(rows.rows);
}

bool ExclusionCheck::State::conflicts(const storage::Snapshot& snapshot, RowId candidate, const std::vector<Value>& values) {
  std::vector<RowId> ids{candidate};
  std::vector<uint32_t> found;
  table->fetch(snapshot, ids, all, fetched, found);
  if (found.empty()) return false;
  if (unique) {
    storage::KeyBatch batch;
    index_keys(index->definition(), fetched, context, batch);
    return batch.skipped[0] == 0 && batch.keys[0] == wanted;
  }
  both.reset();
  if (!takes_part(fetched, both, 0)) return false;
  for (size_t i = 0; i < values.size(); ++i) both.column(values.size() + i).set(0, values[i]);
  both.set_size(1);
  for (auto& evaluator : comparison_evaluators) {
    Value fits = evaluator->evaluate(both).get(0);
    if (fits.is_null || !fits.boolean) return false;
  }
  return true;
}

std::string ExclusionCheck::State::key_text(const Chunk& row) {
  std::string names, texts;
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto& key = info->columns[i];
    if (i > 0) {
      names += ", ";
      texts += ", ";
    }
    names += key.column >= 0 ? relation.columns[key.column].name : catalog::visible_sql(*context.catalog, context.database, context.search_path, key.sql);
    Value value = key_evaluators[i]->evaluate(row).get(0);
    if (value.is_null) {
      texts += "null";
    } else {
      types::type_info(keys[i]->type.oid).output(context.types, value, keys[i]->type.oid, texts);
    }
  }
  return "(" + names + ")=(" + texts + ")";
}

ExclusionCheck::ExclusionCheck(const catalog::Relation& relation, catalog::IndexPtr info, const ExecutionContext& context)
    : state_(std::make_unique<State>(relation, std::move(info), context)) {
  state_->bind();
}
ExclusionCheck::~ExclusionCheck() = default;

std::mutex& ExclusionCheck::latch() const {
  static std::mutex latches[64];
  return latches[state_->info->oid % 64];
}

storage::UniqueResult ExclusionCheck::check(const Chunk& rows, size_t row, RowId self) {
  auto& s = *state_;
  Chunk one = s.one_row(rows, row);
  Chunk mine;
  for (const auto& expr : s.keys) mine.add_column(expr->type.oid);
  mine.reset();
  if (!s.takes_part(one, mine, 0)) return {};
  std::vector<Value> values;
  for (size_t i = 0; i < s.keys.size(); ++i) values.push_back(mine.column(i).get(0));
  if (s.unique) {
    storage::KeyBatch batch;
    new_index_keys(s.index->definition(), one, s.context, batch);
    s.wanted = batch.keys[0];
  }
  storage::UniqueResult wait;
  TxnId own = s.context.transaction.id();
  for (uint64_t number : s.candidates(one, values)) {
    RowId candidate(number);
    if (candidate == self) continue;
    auto holder = storage::running_writer(*s.table, candidate);
    if (holder && *holder == own) holder.reset();
    bool conflict = s.conflicts({storage::kLatest, own, storage::kEveryCommand}, candidate, values);
    if (conflict && !holder) return {storage::UniqueOutcome::Conflict, candidate, {}};
    if (!conflict && holder) conflict = s.conflicts({storage::kLatest, *holder, storage::kEveryCommand}, candidate, values);
    if (conflict) wait = {storage::UniqueOutcome::Wait, candidate, *holder};
  }
  return wait;
}

storage::UniqueResult ExclusionCheck::decide(const Chunk& rows, size_t row, RowId self) {
  for (;;) {
    auto result = check(rows, row, self);
    if (result.outcome != storage::UniqueOutcome::Wait) return result;
    state_->context.transactions.wait_for(state_->context.transaction, result.holder);
  }
}

std::string ExclusionCheck::detail(const Chunk& rows, size_t row, RowId other, bool existing) {
  auto& s = *state_;
  std::string mine = s.key_text(s.one_row(rows, row));
  std::vector<RowId> ids{other};
  std::vector<uint32_t> found;
  s.table->fetch({storage::kLatest, s.context.transaction.id(), storage::kEveryCommand}, ids, s.all, s.fetched, found);
  std::string theirs = found.empty() ? mine : s.key_text(s.fetched);
  return "Key " + mine + " conflicts with " + (existing ? "existing " : "") + "key " + theirs + ".";
}

std::string ExclusionCheck::duplicate_detail(const Chunk& rows, size_t row, bool existing) {
  return "Key " + state_->key_text(state_->one_row(rows, row)) + (existing ? " already exists." : " is duplicated.");
}

void verify_exclusion(const catalog::Relation& relation, const catalog::IndexPtr& info, const ExecutionContext& context) {
  auto table = context.engine.table(relation.storage);
  if (table == nullptr || table->end_row().value <= 1) return;
  ExclusionCheck check(relation, info, context);
  Chunk rows;
  std::vector<uint32_t> all;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    rows.add_column(relation.columns[i].type.oid);
    all.push_back(static_cast<uint32_t>(i));
  }
  storage::Snapshot latest{storage::kLatest, context.transaction.id(), storage::kEveryCommand};
  storage::ScanState state{RowId(1), table->end_row()};
  std::vector<RowId> ids;
  while (table->scan(latest, all, state, rows, ids)) {
    context.services.check_interrupts();
    for (size_t row = 0; row < rows.size(); ++row) {
      auto result = check.decide(rows, row, ids[row]);
      if (result) continue;
      bool unique = info->exclusion.empty();
      SqlError error(unique ? Sqlstate::UniqueViolation : Sqlstate::ExclusionViolation,
                     (unique ? "could not create unique index \"" : "could not create exclusion constraint \"") + info->name + "\"");
      auto schema = context.catalog->schema(relation.schema);
      if (schema != nullptr) error.schema(schema->name);
      throw error.detail(unique ? check.duplicate_detail(rows, row, false) : check.detail(rows, row, result.row, false)).table(relation.name).constraint(info->name);
    }
  }
}

}  // namespace aegis::executor
