// What full text search asks of the session.
#include <fmt/format.h>

#include "aegis/types/encoding.h"
#include "routine_runner.h"
#include "services.h"

namespace aegis::session {

namespace text_search = functions::text_search;

executor::TextSearchObjects& Services::text_search() {
  std::lock_guard lock(mutex_);
  if (text_search_ == nullptr) {
    auto find = [this](std::string_view name) {
      Oid oid = kInvalidOid;
      session_.types_.names->lookup(types::oid::kRegdictionary, name, oid);
      return oid;
    };
    text_search_ = std::make_unique<executor::TextSearchObjects>([this] { return session_.version(); }, find, session_.instance_.data_directory);
  }
  return *text_search_;
}

std::shared_ptr<const text_search::Configuration> Services::text_search_configuration(Oid oid) { return text_search().configuration(oid); }
std::shared_ptr<const text_search::Dictionary> Services::text_search_dictionary(Oid oid) { return text_search().dictionary(oid); }

void Services::run_query(std::string_view sql, functions::RowReceiver& receiver) {
  RoutineRunner& runner = *session_.routines_;
  auto statements = runner.parse(sql, nullptr);
  if (statements.size() != 1 || statements[0]->kind() != routines::StatementKind::Select) {
    throw SqlError(Sqlstate::FeatureNotSupported, "only a single SELECT is allowed here");
  }
  auto rows = runner.open(statements[0], true);
  std::vector<types::Type> types;
  for (const auto& column : rows->columns()) types.push_back(column.type);
  receiver.columns(types);
  std::vector<types::Value> values(types.size());
  while (const vector::Chunk* chunk = rows->next()) {
    for (size_t row = 0; row < chunk->size(); ++row) {
      for (size_t c = 0; c < values.size(); ++c) values[c] = chunk->column(c).get(row);
      if (!receiver.row(values)) return;
    }
  }
}

namespace {

namespace oid = types::oid;

int find_column(const catalog::Relation& table, const std::string& name, const char* what) {
  int column = table.find_column(name);
  if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, fmt::format("{}column \"{}\" does not exist", what, name));
  return column;
}

// The configuration that a trigger's second argument names, or that the column of that name has.
Oid trigger_configuration(const executor::TriggerEvent& event, const types::TypeContext& types, bool by_column) {
  const std::string& name = event.trigger->arguments[1];
  if (by_column) {
    int column = find_column(*event.table, name, "configuration ");
    if (event.table->columns[static_cast<size_t>(column)].type.oid != oid::kRegconfig) {
      throw SqlError(Sqlstate::DatatypeMismatch, fmt::format("column \"{}\" is not of regconfig type", name));
    }
    const types::Value& value = (*event.new_row)[static_cast<size_t>(column)];
    if (value.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, fmt::format("configuration column \"{}\" must not be null", name));
    return value.oid();
  }
  if (name.find('.') == std::string::npos) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("text search configuration name \"{}\" must be schema-qualified", name));
  }
  Arena arena;
  return types::type_info(oid::kRegconfig).input(types, name, {oid::kRegconfig, -1}, arena).oid();
}

}  // namespace

bool RoutineRunner::fire_text_search(const executor::TriggerEvent& event, std::vector<Value>& row, Arena& arena) {
  const auto& arguments = event.trigger->arguments;
  const catalog::Relation& table = *event.table;
  if (event.level != "ROW") throw InternalError("tsvector_update_trigger: must be fired for row");
  if (event.when != "BEFORE") throw InternalError("tsvector_update_trigger: must be fired BEFORE event");
  if (event.operation != "INSERT" && event.operation != "UPDATE") {
    throw InternalError("tsvector_update_trigger: must be fired for INSERT or UPDATE");
  }
  if (arguments.size() < 3) {
    throw InternalError("tsvector_update_trigger: arguments must be tsvector_field, ts_config, text_field1, ...)");
  }
  int target = find_column(table, arguments[0], "tsvector ");
  if (table.columns[static_cast<size_t>(target)].type.oid != oid::kTsvector) {
    throw SqlError(Sqlstate::DatatypeMismatch, fmt::format("column \"{}\" is not of tsvector type", arguments[0]));
  }
  constexpr Oid kByColumn = 3753;
  Oid configuration = trigger_configuration(event, session_.types_, event.trigger->function == kByColumn);
  bool changed = event.operation == "INSERT";
  std::vector<std::string_view> texts;
  for (size_t i = 2; i < arguments.size(); ++i) {
    auto column = static_cast<size_t>(find_column(table, arguments[i], ""));
    const auto* type = types::find_type(types::base_type(table.columns[column].type.oid));
    if (type == nullptr || type->category != 'S') {
      throw SqlError(Sqlstate::DatatypeMismatch, fmt::format("column \"{}\" is not of a character type", arguments[i]));
    }
    const Value& value = (*event.new_row)[column];
    if (!changed) {
      const Value& old = (*event.old_row)[column];
      changed = old.is_null != value.is_null || (!value.is_null && old.text() != value.text());
    }
    if (!value.is_null) texts.push_back(value.text());
  }
  row = *event.new_row;
  if (!changed) return true;
  std::string vector = text_search::document_vector(*services().text_search_configuration(configuration), services(), texts);
  row[static_cast<size_t>(target)] = Value::of_string(arena.copy(vector));
  return true;
}

}  // namespace aegis::session
