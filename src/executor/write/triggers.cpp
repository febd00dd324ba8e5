#include "write/triggers.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "aegis/types/record.h"
#include "pipeline/rows.h"

namespace aegis::executor {

using catalog::kTriggerBefore;
using catalog::kTriggerDelete;
using catalog::kTriggerInsert;
using catalog::kTriggerInstead;
using catalog::kTriggerRow;
using catalog::kTriggerUpdate;

namespace {

// Uses of a whole row in a WHEN condition, behind those of columns.
constexpr uint32_t kWholeOld = UINT32_MAX - 1;
constexpr uint32_t kWholeNew = UINT32_MAX;
constexpr uint32_t kTableOid = UINT32_MAX - 2;

// OLD.x and NEW.x of a WHEN condition as parameters: old columns first, then new ones.
class RowNames final : public analyzer::VariableScope {
 public:
  explicit RowNames(const catalog::Relation& relation) : relation_(relation) {}
  std::optional<Variable> find(std::span<const std::string_view> names) override {
    if (names.empty() || (names[0] != "old" && names[0] != "new")) return std::nullopt;
    if (names.size() == 1) {
      uses.push_back(names[0] == "new" ? kWholeNew : kWholeOld);
      return Variable{static_cast<uint32_t>(uses.size() - 1), {relation_.row_type}};
    }
    if (names.size() != 2) return std::nullopt;
    if (names[1] == "tableoid") {
      uses.push_back(kTableOid);
      return Variable{static_cast<uint32_t>(uses.size() - 1), {types::oid::kOid}};
    }
    int column = relation_.find_column(names[1]);
    if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column " + std::string(names[0]) + "." + std::string(names[1]) + " does not exist");
    uint32_t base = names[0] == "new" ? static_cast<uint32_t>(relation_.columns.size()) : 0;
    uses.push_back(base + static_cast<uint32_t>(column));
    return Variable{static_cast<uint32_t>(uses.size() - 1), relation_.columns[column].type};
  }
  bool expand(std::span<const std::string_view>, std::vector<std::pair<std::string, Variable>>&) override { return false; }
  std::optional<Variable> parameter(int) override { return std::nullopt; }
  std::vector<uint32_t> uses;

 private:
  const catalog::Relation& relation_;
};

std::string_view operation(int16_t event) {
  return event == kTriggerInsert ? "INSERT" : event == kTriggerUpdate ? "UPDATE" : event == kTriggerDelete ? "DELETE" : "TRUNCATE";
}

Chunk copy_of(const Chunk& rows, size_t row) {
  Chunk one;
  for (size_t c = 0; c < rows.column_count(); ++c) one.add_column(rows.column(c).type(), rows.column(c).physical());
  one.reset();
  for (size_t c = 0; c < rows.column_count(); ++c) one.column(c).set(0, rows.column(c).get(row));
  one.set_size(1);
  return one;
}

Value whole_row(const catalog::Relation& relation, const Chunk& row, Arena& arena) {
  types::RecordBuilder builder;
  for (size_t c = 0; c < relation.columns.size(); ++c) builder.add(relation.columns[c].type.oid, relation.columns[c].dropped ? Value::null() : row.column(c).get(0));
  return Value::of_string(builder.finish(arena));
}

std::shared_ptr<const Chunk> shared_copy(const Chunk& rows, size_t row) { return std::make_shared<const Chunk>(copy_of(rows, row)); }

std::vector<Value> values_of(const Chunk& row) {
  std::vector<Value> values;
  for (size_t c = 0; c < row.column_count(); ++c) values.push_back(row.column(c).get(0));
  return values;
}

}  // namespace

class Triggers::Collected final : public TransitionRows {
 public:
  ChunkList list;
  size_t chunk_count() const override { return list.chunk_count(); }
  const Chunk& chunk(size_t i) const override { return list.chunk(i); }
};

struct Triggers::Prepared {
  catalog::TriggerPtr info;
  DeferredWork::Constraint constraint() const { return {info->oid, info->deferrable, info->initially_deferred}; }
  plan::ExprPtr condition;
  std::vector<uint32_t> uses;
  std::unique_ptr<ParameterEvaluator> evaluator;
};

Triggers::Triggers(catalog::RelationPtr relation, const ExecutionContext& context) : relation_(std::move(relation)), context_(context) {
  if (context.triggers == nullptr) return;
  auto known = context.catalog->triggers(relation_->oid);
  if (known.empty()) return;
  const std::string* role = context.services.setting("session_replication_role", true);
  bool replica = role != nullptr && *role == "replica";
  for (auto& info : known) {
    if (info->enabled == 'D' || info->enabled == (replica ? 'O' : 'R')) continue;
    auto want = [&](bool given, int16_t event, List list) {
      if (given && (info->type & event) != 0 && lists_[list] == nullptr) lists_[list] = std::make_shared<Collected>();
    };
    want(!info->new_table.empty(), kTriggerInsert, kInserted);
    want(!info->old_table.empty(), kTriggerUpdate, kUpdatedOld);
    want(!info->new_table.empty(), kTriggerUpdate, kUpdatedNew);
    want(!info->old_table.empty(), kTriggerDelete, kDeleted);
    auto prepared = std::make_unique<Prepared>();
    prepared->info = info;
    if (!info->when_sql.empty()) {
      RowNames names(*relation_);
      analyzer::AnalyzerContext analysis{*context.catalog, context.database, context.search_path, kInvalidOid, context.types, info->when_sql, context.temp_schema, &names};
      prepared->condition = analyzer::analyze_variables_sql(analysis, info->when_sql, {types::oid::kBool});
      prepared->uses = names.uses;
      prepared->evaluator = std::make_unique<ParameterEvaluator>(*prepared->condition, context.types, context.services);
    }
    triggers_.push_back(std::move(prepared));
  }
}

Triggers::~Triggers() = default;

bool Triggers::has(int16_t type) const {
  constexpr int16_t kShape = kTriggerRow | kTriggerBefore | kTriggerInstead;
  return std::any_of(triggers_.begin(), triggers_.end(), [&](const auto& t) { return (t->info->type & type) == type && (t->info->type & kShape) == (type & kShape); });
}

bool Triggers::applies(const Prepared& trigger, int16_t event, const std::vector<uint32_t>* columns) const {
  if ((trigger.info->type & event) == 0) return false;
  if (event != kTriggerUpdate || trigger.info->columns.empty() || columns == nullptr) return true;
  return std::any_of(trigger.info->columns.begin(), trigger.info->columns.end(),
                     [&](int c) { return std::find(columns->begin(), columns->end(), static_cast<uint32_t>(c)) != columns->end(); });
}

bool Triggers::passes(Prepared& trigger, const Chunk* old_row, const Chunk* new_row) {
  if (trigger.evaluator == nullptr) return true;
  std::vector<Value> values;
  uint32_t width = static_cast<uint32_t>(relation_->columns.size());
  Arena arena;
  for (uint32_t use : trigger.uses) {
    if (use == kTableOid) {
      values.push_back(Value::of_oid(relation_->oid));
      continue;
    }
    if (use == kWholeOld || use == kWholeNew) {
      const Chunk* whole = use == kWholeOld ? old_row : new_row;
      values.push_back(whole == nullptr ? Value::null() : whole_row(*relation_, *whole, arena));
      continue;
    }
    const Chunk* row = use < width ? old_row : new_row;
    values.push_back(row == nullptr ? Value::null() : row->column(use % width).get(0));
  }
  Value result = trigger.evaluator->evaluate(values, arena);
  return !result.is_null && result.boolean;
}

bool Triggers::fire(Prepared& trigger, std::string_view when, int16_t event, const Chunk* old_row, const Chunk* new_row, std::vector<Value>& result) {
  std::vector<Value> old_values, new_values;
  if (old_row != nullptr) old_values = values_of(*old_row);
  if (new_row != nullptr) new_values = values_of(*new_row);
  const auto& info = *trigger.info;
  TriggerEvent description{trigger.info, relation_, when, (info.type & kTriggerRow) != 0 ? "ROW" : "STATEMENT", operation(event),
                           old_row == nullptr ? nullptr : &old_values, new_row == nullptr ? nullptr : &new_values, {}};
  const Triggers& rows = collector_ != nullptr ? *collector_ : *this;
  bool update = event == kTriggerUpdate;
  if (!info.old_table.empty()) description.transitions.push_back({info.old_table, rows.relation_, rows.lists_[update ? kUpdatedOld : kDeleted]});
  if (!info.new_table.empty()) description.transitions.push_back({info.new_table, rows.relation_, rows.lists_[update ? kUpdatedNew : kInserted]});
  return context_.triggers->fire(description, result, result_bytes_);
}

void Triggers::fire_deferred(const DeferredWork::Item& item) {
  for (auto& trigger : triggers_) {
    if (trigger->info->oid != item.constraint.oid) continue;
    std::vector<Value> ignored;
    fire(*trigger, "AFTER", item.event, item.old_row.get(), item.new_row.get(), ignored);
    result_bytes_.reset();
  }
}

void Triggers::collect_in(Triggers& root) {
  if (&root == this || std::all_of(std::begin(root.lists_), std::end(root.lists_), [](const auto& list) { return list == nullptr; })) return;
  collector_ = &root;
  collector_columns_ = catalog::match_columns(*root.relation_, *relation_);
}

void Triggers::collect(List list, const Chunk& rows) {
  if (collector_ == nullptr) {
    if (lists_[list] != nullptr) lists_[list]->list.append(rows);
    return;
  }
  auto& target = collector_->lists_[list];
  if (target == nullptr) return;
  Chunk converted;
  for (const auto& column : collector_->relation_->columns) converted.add_column(column.type.oid);
  converted.reset();
  for (size_t i = 0; i < collector_columns_.size(); ++i) {
    if (collector_columns_[i] < 0) converted.column(i).set_constant_null();
    else converted.column(i).reference(rows.column(static_cast<size_t>(collector_columns_[i])));
  }
  converted.set_size(rows.size());
  target->list.append(converted);
}

void Triggers::before_statement(int16_t event, const std::vector<uint32_t>* columns) {
  statement_events_ |= event;
  all_columns_ = columns == nullptr;
  if (columns != nullptr) statement_columns_ = *columns;
  const std::vector<uint32_t>* assigned = all_columns_ ? nullptr : &statement_columns_;
  for (auto& trigger : triggers_) {
    if ((trigger->info->type & (kTriggerRow | kTriggerBefore | kTriggerInstead)) != kTriggerBefore || !applies(*trigger, event, assigned)) continue;
    if (!passes(*trigger, nullptr, nullptr)) continue;
    std::vector<Value> ignored;
    fire(*trigger, "BEFORE", event, nullptr, nullptr, ignored);
  }
}

bool Triggers::before_insert(Chunk& row) {
  for (auto& trigger : triggers_) {
    if ((trigger->info->type & (kTriggerRow | kTriggerBefore)) != (kTriggerRow | kTriggerBefore) || !applies(*trigger, kTriggerInsert, nullptr)) continue;
    if (!passes(*trigger, nullptr, &row)) continue;
    std::vector<Value> result;
    if (!fire(*trigger, "BEFORE", kTriggerInsert, nullptr, &row, result)) return false;
    Chunk changed = copy_of(row, 0);
    changed.reset();
    for (size_t c = 0; c < result.size(); ++c) changed.column(c).set(0, result[c]);
    changed.set_size(1);
    row = std::move(changed);
    result_bytes_.reset();
  }
  return true;
}

bool Triggers::before_update(const Chunk& old_row, Chunk& new_row, const std::vector<uint32_t>& columns, std::vector<uint32_t>& changed_columns) {
  changed_columns = columns;
  for (auto& trigger : triggers_) {
    if ((trigger->info->type & (kTriggerRow | kTriggerBefore)) != (kTriggerRow | kTriggerBefore) || !applies(*trigger, kTriggerUpdate, &columns)) continue;
    if (!passes(*trigger, &old_row, &new_row)) continue;
    std::vector<Value> result;
    if (!fire(*trigger, "BEFORE", kTriggerUpdate, &old_row, &new_row, result)) return false;
    Chunk changed = copy_of(new_row, 0);
    changed.reset();
    for (size_t c = 0; c < result.size(); ++c) changed.column(c).set(0, result[c]);
    changed.set_size(1);
    new_row = std::move(changed);
    result_bytes_.reset();
    // The function may have written any column.
    changed_columns.clear();
    for (uint32_t c = 0; c < relation_->columns.size(); ++c) {
      if (!relation_->columns[c].dropped) changed_columns.push_back(c);
    }
  }
  return true;
}

bool Triggers::before_delete(const Chunk& old_row) {
  for (auto& trigger : triggers_) {
    if ((trigger->info->type & (kTriggerRow | kTriggerBefore)) != (kTriggerRow | kTriggerBefore) || !applies(*trigger, kTriggerDelete, nullptr)) continue;
    if (!passes(*trigger, &old_row, nullptr)) continue;
    std::vector<Value> result;
    bool go_on = fire(*trigger, "BEFORE", kTriggerDelete, &old_row, nullptr, result);
    result_bytes_.reset();
    if (!go_on) return false;
  }
  return true;
}

bool Triggers::instead_of(int16_t event, const Chunk* old_row, Chunk* new_row) {
  for (auto& trigger : triggers_) {
    if ((trigger->info->type & kTriggerInstead) == 0 || !applies(*trigger, event, nullptr)) continue;
    std::vector<Value> result;
    if (!fire(*trigger, "INSTEAD OF", event, old_row, new_row, result)) return false;
    if (new_row == nullptr) continue;
    Chunk changed = copy_of(*new_row, 0);
    changed.reset();
    for (size_t c = 0; c < result.size(); ++c) changed.column(c).set(0, result[c]);
    changed.set_size(1);
    *new_row = std::move(changed);
    result_bytes_.reset();
  }
  return true;
}

void Triggers::inserted(const Chunk& rows, bool moved) {
  collect(moved ? kUpdatedNew : kInserted, rows);
  if (!has(kTriggerRow | kTriggerInsert)) return;
  for (size_t row = 0; row < rows.size(); ++row) queue_.push_back({kTriggerInsert, nullptr, shared_copy(rows, row), {}});
}

void Triggers::updated(const Chunk& old_row, const Chunk& new_row, const std::vector<uint32_t>& columns) {
  collect(kUpdatedOld, old_row);
  collect(kUpdatedNew, new_row);
  if (has(kTriggerRow | kTriggerUpdate)) queue_.push_back({kTriggerUpdate, shared_copy(old_row, 0), shared_copy(new_row, 0), columns});
}

void Triggers::deleted(const Chunk& old_row, bool moved) {
  collect(moved ? kUpdatedOld : kDeleted, old_row);
  if (has(kTriggerRow | kTriggerDelete)) queue_.push_back({kTriggerDelete, shared_copy(old_row, 0), nullptr, {}});
}

void Triggers::finish() {
  std::vector<Event> queue = std::move(queue_);
  queue_.clear();
  std::vector<Value> ignored;
  for (auto& event : queue) {
    for (auto& trigger : triggers_) {
      if ((trigger->info->type & (kTriggerRow | kTriggerBefore | kTriggerInstead)) != kTriggerRow) continue;
      if (!applies(*trigger, event.event, &event.columns) || !passes(*trigger, event.old_row.get(), event.new_row.get())) continue;
      if (trigger->info->deferrable && context_.deferred != nullptr && context_.deferred->is_deferred(trigger->constraint())) {
        DeferredWork::Item item{DeferredWork::Kind::Trigger, trigger->constraint(), relation_->oid, kInvalidOid, {}, {}, event.event, event.old_row, event.new_row};
        context_.deferred->add(context_.transaction, std::move(item));
        continue;
      }
      fire(*trigger, "AFTER", event.event, event.old_row.get(), event.new_row.get(), ignored);
      result_bytes_.reset();
    }
  }
  const std::vector<uint32_t>* assigned = all_columns_ ? nullptr : &statement_columns_;
  int16_t events = statement_events_;
  statement_events_ = 0;
  for (int16_t event : {kTriggerDelete, kTriggerUpdate, kTriggerInsert, catalog::kTriggerTruncate}) {
    if ((events & event) == 0) continue;
    for (auto& trigger : triggers_) {
      if ((trigger->info->type & (kTriggerRow | kTriggerBefore | kTriggerInstead)) != 0 || !applies(*trigger, event, assigned)) continue;
      if (passes(*trigger, nullptr, nullptr)) fire(*trigger, "AFTER", event, nullptr, nullptr, ignored);
    }
  }
}

struct StatementTriggers::State {
  ExecutionContext context;
  Triggers triggers;
  State(catalog::RelationPtr relation, ExecutionContext c) : context(std::move(c)), triggers(std::move(relation), context) {}
};

StatementTriggers::StatementTriggers(std::shared_ptr<const catalog::Relation> relation, ExecutionContext context)
    : state_(std::make_unique<State>(std::move(relation), std::move(context))) {}
StatementTriggers::~StatementTriggers() = default;
void StatementTriggers::before(int16_t event) { state_->triggers.before_statement(event); }
void StatementTriggers::after() { state_->triggers.finish(); }

}  // namespace aegis::executor
