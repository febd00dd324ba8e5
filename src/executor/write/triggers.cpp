#include "write/triggers.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"

namespace aegis::executor {

using catalog::kTriggerBefore;
using catalog::kTriggerDelete;
using catalog::kTriggerInsert;
using catalog::kTriggerInstead;
using catalog::kTriggerRow;
using catalog::kTriggerUpdate;

namespace {

// OLD.x and NEW.x of a WHEN condition as parameters: old columns first, then new ones.
class RowNames final : public analyzer::VariableScope {
 public:
  explicit RowNames(const catalog::Relation& relation) : relation_(relation) {}
  std::optional<Variable> find(std::span<const std::string_view> names) override {
    if (names.size() != 2 || (names[0] != "old" && names[0] != "new")) return std::nullopt;
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

std::vector<Value> values_of(const Chunk& row) {
  std::vector<Value> values;
  for (size_t c = 0; c < row.column_count(); ++c) values.push_back(row.column(c).get(0));
  return values;
}

}  // namespace

struct Triggers::Prepared {
  catalog::TriggerPtr info;
  plan::ExprPtr condition;
  std::vector<uint32_t> uses;
  std::unique_ptr<ParameterEvaluator> evaluator;
};

Triggers::Triggers(catalog::RelationPtr relation, const ExecutionContext& context) : relation_(std::move(relation)), context_(context) {
  if (context.triggers == nullptr) return;
  for (auto& info : context.catalog->triggers(relation_->oid)) {
    if (info->enabled == 'D' || info->enabled == 'R') continue;
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
  for (uint32_t use : trigger.uses) {
    const Chunk* row = use < width ? old_row : new_row;
    values.push_back(row == nullptr ? Value::null() : row->column(use % width).get(0));
  }
  Arena arena;
  Value result = trigger.evaluator->evaluate(values, arena);
  return !result.is_null && result.boolean;
}

bool Triggers::fire(Prepared& trigger, std::string_view when, int16_t event, const Chunk* old_row, const Chunk* new_row, std::vector<Value>& result) {
  std::vector<Value> old_values, new_values;
  if (old_row != nullptr) old_values = values_of(*old_row);
  if (new_row != nullptr) new_values = values_of(*new_row);
  TriggerEvent description{trigger.info, relation_, when, (trigger.info->type & kTriggerRow) != 0 ? "ROW" : "STATEMENT", operation(event),
                           old_row == nullptr ? nullptr : &old_values, new_row == nullptr ? nullptr : &new_values};
  return context_.triggers->fire(description, result, result_bytes_);
}

void Triggers::before_statement(int16_t event) {
  statement_events_ |= event;
  for (auto& trigger : triggers_) {
    if ((trigger->info->type & (kTriggerRow | kTriggerBefore | kTriggerInstead)) != kTriggerBefore || !applies(*trigger, event, nullptr)) continue;
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

void Triggers::inserted(const Chunk& rows) {
  if (!has(kTriggerRow | kTriggerInsert)) return;
  for (size_t row = 0; row < rows.size(); ++row) queue_.push_back({kTriggerInsert, {}, copy_of(rows, row), {}});
}

void Triggers::updated(const Chunk& old_row, const Chunk& new_row, const std::vector<uint32_t>& columns) {
  if (has(kTriggerRow | kTriggerUpdate)) queue_.push_back({kTriggerUpdate, copy_of(old_row, 0), copy_of(new_row, 0), columns});
}

void Triggers::deleted(const Chunk& old_row) {
  if (has(kTriggerRow | kTriggerDelete)) queue_.push_back({kTriggerDelete, copy_of(old_row, 0), {}, {}});
}

void Triggers::finish() {
  std::vector<Event> queue = std::move(queue_);
  queue_.clear();
  std::vector<Value> ignored;
  for (auto& event : queue) {
    const Chunk* old_row = event.old_row.column_count() > 0 ? &event.old_row : nullptr;
    const Chunk* new_row = event.new_row.column_count() > 0 ? &event.new_row : nullptr;
    for (auto& trigger : triggers_) {
      if ((trigger->info->type & (kTriggerRow | kTriggerBefore | kTriggerInstead)) != kTriggerRow) continue;
      if (!applies(*trigger, event.event, &event.columns) || !passes(*trigger, old_row, new_row)) continue;
      fire(*trigger, "AFTER", event.event, old_row, new_row, ignored);
      result_bytes_.reset();
    }
  }
  for (int16_t event : {kTriggerDelete, kTriggerUpdate, kTriggerInsert}) {
    if ((statement_events_ & event) == 0) continue;
    for (auto& trigger : triggers_) {
      if ((trigger->info->type & (kTriggerRow | kTriggerBefore | kTriggerInstead)) != 0 || !applies(*trigger, event, nullptr)) continue;
      fire(*trigger, "AFTER", event, nullptr, nullptr, ignored);
    }
  }
  statement_events_ = 0;
}

}  // namespace aegis::executor
