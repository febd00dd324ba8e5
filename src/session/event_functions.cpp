// What the function of an event trigger can ask.
#include "aegis/catalog/identify.h"
#include "aegis/commands/event_state.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "core.h"
#include "services.h"

namespace aegis::session {

namespace oid = types::oid;
using commands::EventState;
using types::Value;

namespace {

[[noreturn]] void outside(std::string_view function, const char* where) {
  throw SqlError(Sqlstate::ERIEEventTriggerProtocolViolated, std::string(function) + "() can only be called in " + where + " function");
}

Value text_or_null(const std::optional<std::string>& text) { return text ? Value::of_string(*text) : Value::null(); }

Value texts(const std::vector<std::string>& list, Arena& arena) {
  types::ArrayBuilder builder(oid::kText);
  for (const auto& text : list) builder.add(Value::of_string(text));
  return builder.value(arena);
}

Value dropped_objects(const EventState& state, Arena& arena) {
  Oid text_array = types::type_info(oid::kText).array;
  types::ArrayBuilder rows(oid::kRecord, types::PhysicalType::String);
  for (const auto& object : state.dropped) {
    types::RecordBuilder row;
    row.add(oid::kOid, Value::of_oid(object.catalog));
    row.add(oid::kOid, Value::of_oid(object.object));
    row.add(oid::kInt4, Value::of_i32(object.column));
    row.add(oid::kBool, Value::of_bool(object.original));
    row.add(oid::kBool, Value::of_bool(object.normal));
    row.add(oid::kBool, Value::of_bool(object.temporary));
    row.add(oid::kText, Value::of_string(object.type));
    row.add(oid::kText, text_or_null(object.schema));
    row.add(oid::kText, text_or_null(object.name));
    row.add(oid::kText, Value::of_string(object.identity));
    row.add(text_array, texts(object.address_names, arena));
    row.add(text_array, texts(object.address_arguments, arena));
    rows.add(Value::of_string(row.finish(arena)));
  }
  return rows.value(arena);
}

Value commands_of(const EventState& state, const catalog::SystemContext& context, const types::TypeContext& types, Arena& arena) {
  types::ArrayBuilder rows(oid::kRecord, types::PhysicalType::String);
  for (const auto& command : state.commands) {
    types::RecordBuilder row;
    auto identity = command.catalog == kInvalidOid ? catalog::ObjectIdentity() : catalog::identify_object(context, types, command.catalog, command.object, command.column);
    // What a later command has dropped again is not told of.
    if (command.catalog != kInvalidOid && !identity.found) continue;
    bool addressed = command.catalog != kInvalidOid;
    std::string type = addressed ? identity.type : command.type;
    row.add(oid::kOid, addressed ? Value::of_oid(command.catalog) : Value::null());
    row.add(oid::kOid, addressed ? Value::of_oid(command.object) : Value::null());
    row.add(oid::kInt4, addressed ? Value::of_i32(command.column) : Value::null());
    row.add(oid::kText, Value::of_string(command.tag));
    row.add(oid::kText, Value::of_string(arena.copy(type)));
    row.add(oid::kText, addressed && identity.schema ? Value::of_string(arena.copy(*identity.schema)) : Value::null());
    row.add(oid::kText, addressed ? Value::of_string(arena.copy(identity.identity)) : Value::null());
    row.add(oid::kBool, Value::of_bool(false));
    row.add(32, Value::null());
    rows.add(Value::of_string(row.finish(arena)));
  }
  return rows.value(arena);
}

}  // namespace

bool Services::event_function(std::string_view name, Arena& arena, Value& result) {
  using Event = EventState::Event;
  const EventState* state = nullptr;
  for (auto at = session_.event_states_.rbegin(); at != session_.event_states_.rend() && state == nullptr; ++at) {
    if (*at != nullptr && (*at)->running != Event::None) state = *at;
  }
  Event running = state == nullptr ? Event::None : state->running;
  if (name == "pg_event_trigger_dropped_objects") {
    if (running != Event::Drop) outside(name, "a sql_drop event trigger");
    result = dropped_objects(*state, arena);
    return true;
  }
  if (name == "pg_event_trigger_ddl_commands") {
    if (state == nullptr) outside(name, "an event trigger");
    result = commands_of(*state, *session_.system_context(session_.version()), session_.types_, arena);
    return true;
  }
  if (running != Event::TableRewrite) outside(name, "a table_rewrite event trigger");
  result = name == "pg_event_trigger_table_rewrite_oid" ? Value::of_oid(state->rewritten) : Value::of_i32(state->rewrite_reason);
  return true;
}

}  // namespace aegis::session
