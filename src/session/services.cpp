#include "services.h"

#include "routine_runner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include <fmt/format.h>

#include "aegis/catalog/privileges.h"
#include "aegis/functions/quoting.h"
#include "aegis/os/process.h"
#include "aegis/types/encoding.h"
#include "command_context.h"
#include "large_objects.h"
#include "xml_mapping.h"

namespace aegis::session {

using types::Value;

std::string Services::current_user() {
  auto role = session_.version()->role(session_.role_);
  return role == nullptr ? "" : role->name;
}

std::string Services::session_user() {
  auto role = session_.version()->role(session_.session_role_);
  return role == nullptr ? "" : role->name;
}

std::string Services::current_database() { return session_.database_name_; }

std::vector<std::string> Services::current_schemas(bool include_implicit) {
  std::lock_guard lock(mutex_);
  catalog::VersionPtr version = session_.version();
  std::vector<std::string> names;
  const std::string& setting = session_.settings_.value(Id::search_path);
  bool explicit_catalog = setting.find("pg_catalog") != std::string::npos;
  for (Oid oid : session_.search_path(*version)) {
    auto schema = version->schema(oid);
    if (schema == nullptr) continue;
    bool implicit = (oid == catalog::kPgCatalogSchema && !explicit_catalog) || oid == session_.temp_schema_;
    if (!implicit || include_implicit) names.push_back(schema->name);
  }
  return names;
}

int Services::backend_pid() { return session_.pid_; }
int64_t Services::transaction_timestamp() { return session_.types_.transaction_timestamp; }
int64_t Services::statement_timestamp() { return session_.statement_time_; }
int64_t Services::clock_timestamp() { return timestamp_now(); }
uint64_t Services::current_transaction_id() {
  std::lock_guard lock(mutex_);
  uint64_t id = session_.transaction_->id().value;
  if (session_.exposed_transaction_ != id) {
    session_.exposed_transaction_ = id;
    session_.transaction_->on_commit([registry = &session_.instance_.registry(), id] { registry->note_transaction_end(id, true); });
  }
  return id;
}

// pg_current_xact_id_if_assigned and pg_xact_status; a number that nobody was told is as good as none.
bool Services::transaction_function(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  uint64_t own = session_.transaction_->id().value;
  if (name == "pg_current_xact_id_if_assigned") {
    result = session_.exposed_transaction_ == own ? Value::of_i64(static_cast<int64_t>(own)) : Value::null();
    return true;
  }
  if (name != "pg_xact_status") return false;
  auto asked = static_cast<uint64_t>(arguments[0].i64);
  auto word = [&](const char* text) { return Value::of_string(arena.copy(std::string_view(text))); };
  if (asked >= session_.instance_.engine.transactions().next_id().value) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("transaction ID {} is in the future", asked));
  }
  auto known = session_.instance_.registry().transaction_committed(asked);
  auto running = session_.instance_.transactions.running();
  bool is_running = std::any_of(running.begin(), running.end(), [&](const auto& one) { return one.id.value == asked; });
  result = asked == 1 || asked == 2 ? word("committed")
           : known                  ? word(*known ? "committed" : "aborted")
           : is_running             ? word("in progress")
                                    : Value::null();
  return true;
}

const std::string* Services::setting(std::string_view name, bool missing_ok) {
  std::lock_guard lock(mutex_);
  std::optional<std::string> value = session_.settings_.show(name);
  if (!value) {
    if (missing_ok) return nullptr;
    throw SqlError(Sqlstate::UndefinedObject, fmt::format("unrecognized configuration parameter \"{}\"", name));
  }
  std::string& kept = shown_[std::string(name)];
  kept = std::move(*value);
  return &kept;
}

std::string Services::set_setting(std::string_view name, std::string_view value, bool local) {
  std::lock_guard lock(mutex_);
  session_.settings_.set(name, value, local, session_.may_set(name));
  return session_.settings_.show(name).value_or("");
}

catalog::RelationPtr Services::sequence(Oid oid) {
  catalog::VersionPtr version = session_.version();
  auto relation = version->relation(oid);
  if (relation == nullptr) {
    throw SqlError(Sqlstate::UndefinedTable, fmt::format("could not open relation with OID {}", oid));
  }
  if (relation->relkind != 'S') {
    throw SqlError(Sqlstate::WrongObjectType, fmt::format("\"{}\" is not a sequence", relation->name));
  }
  return relation;
}

// One of the privileges is enough. An identity column's sequence belongs to whoever may write to the table.
void Services::check_sequence(const catalog::Relation& sequence, std::string_view enough) {
  if (session_.superuser_) return;
  catalog::VersionPtr version = session_.version();
  auto table = version->relation(sequence.sequence.owner_table);
  int column = sequence.sequence.owner_column;
  if (table != nullptr && column >= 0 && static_cast<size_t>(column) < table->columns.size() && table->columns[column].identity != 0) return;
  for (char letter : enough) {
    if (catalog::has_privilege(*version, session_.role_, sequence, letter)) return;
  }
  catalog::throw_permission_denied(sequence);
}

int64_t Services::next_value(Oid oid) {
  std::lock_guard lock(mutex_);
  auto relation = sequence(oid);
  check_sequence(*relation, "Uw");
  if (session_.read_only_ && relation->persistence != 't') {
    throw SqlError(Sqlstate::ReadOnlySqlTransaction, "cannot execute nextval() in a read-only transaction");
  }
  int64_t value = session_.instance_.sequences().next(*relation);
  session_.sequence_values_[oid] = value;
  session_.last_sequence_ = oid;
  return value;
}

int64_t Services::current_value(Oid oid) {
  std::lock_guard lock(mutex_);
  auto relation = sequence(oid);
  check_sequence(*relation, "rU");
  auto value = session_.sequence_values_.find(oid);
  if (value == session_.sequence_values_.end()) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState,
                   fmt::format("currval of sequence \"{}\" is not yet defined in this session", relation->name));
  }
  return value->second;
}

int64_t Services::last_value() {
  std::lock_guard lock(mutex_);
  auto value = session_.sequence_values_.find(session_.last_sequence_);
  auto relation = session_.version()->relation(session_.last_sequence_);
  if (value == session_.sequence_values_.end() || relation == nullptr) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");
  }
  check_sequence(*relation, "rU");
  return value->second;
}

int64_t Services::set_value(Oid oid, int64_t value, bool is_called) {
  std::lock_guard lock(mutex_);
  auto relation = sequence(oid);
  check_sequence(*relation, "w");
  if (session_.read_only_ && relation->persistence != 't') {
    throw SqlError(Sqlstate::ReadOnlySqlTransaction, "cannot execute setval() in a read-only transaction");
  }
  session_.instance_.sequences().set(*relation, value, is_called);
  if (is_called) session_.sequence_values_[oid] = value;
  return value;
}

// pg_[try_]advisory_[xact_]lock[_shared]_int{8,4} and pg_advisory_unlock[_shared]_int{8,4}, pg_advisory_unlock_all.
bool Services::advisory_function(std::string_view name, std::span<const Value> arguments, Value& result) {
  if (name.find("advisory_") == std::string_view::npos) return false;
  txn::LockManager& locks = session_.instance_.transactions.locks();
  if (name == "pg_advisory_unlock_all") {
    locks.unlock_all_advisory(*session_.backend_);
    result = Value::of_i32(0);
    return true;
  }
  auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  txn::LockTag tag = arguments.size() == 2 ? txn::LockTag::advisory(session_.database_, arguments[0].i32, arguments[1].i32)
                                           : txn::LockTag::advisory(session_.database_, arguments[0].i64);
  txn::LockMode mode = has("_shared") ? txn::LockMode::Share : txn::LockMode::Exclusive;
  if (has("_unlock")) {
    bool held = locks.unlock(*session_.backend_, tag, mode);
    if (!held) {
      SqlError warning(Sqlstate::Warning, fmt::format("you don't own a lock of type {}", txn::lock_mode_name(mode)));
      ErrorFields fields = warning.fields();
      fields.severity = "WARNING";
      session_.commands_->notice(std::move(fields));
    }
    result = Value::of_bool(held);
    return true;
  }
  // A statement that a reactor gave up would take a session's lock twice.
  session_.need_worker();
  bool tries = has("_try_");
  bool granted = locks.lock(*session_.backend_, tag, mode, tries ? txn::LockWait::NoWait : txn::LockWait::Wait,
                            has("_xact_") ? txn::LockOwner::Transaction : txn::LockOwner::Session);
  result = tries ? Value::of_bool(granted) : Value::of_i32(0);
  return true;
}

// What the analyzer can't bind any more is left to the text that the catalog keeps.
bool Services::view_definition(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  auto version = session_.version();
  Oid oid = kInvalidOid;
  if (!name.starts_with("pg_get_viewdef_name")) oid = arguments[0].oid();
  else if (session_.types_.names == nullptr || !session_.types_.names->lookup(types::oid::kRegclass, arguments[0].text(), oid)) return false;
  auto view = version->relation(oid);
  if (view == nullptr || !view->is_view() || view->oid < kFirstNormalOid) return false;
  bool pretty = name == "pg_get_viewdef_wrap" || (name.ends_with("_ext") && arguments[1].boolean);
  try {
    std::string text = analyzer::view_text(session_.analyzer_context(*version, {}), *view, pretty);
    result = Value::of_string(arena.copy(std::string_view(text + ";")));
    return true;
  } catch (const SqlError&) {
    return false;
  }
}

bool Services::rule_definition(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  auto version = session_.version();
  Oid oid = arguments[0].oid();
  bool pretty = name.ends_with("_ext") && arguments[1].boolean;
  for (const auto& object : version->objects(session_.database_)) {
    if (object->kind != catalog::ObjectKind::Relation) continue;
    const auto& relation = static_cast<const catalog::Relation&>(*object);
    for (const auto& rule : relation.rules) {
      if (rule.oid != oid) continue;
      result = Value::of_string(arena.copy(std::string_view(analyzer::rule_text(session_.analyzer_context(*version, {}), relation, rule, pretty))));
      return true;
    }
  }
  return false;
}

bool Services::session_function(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  Registry& registry = session_.instance_.registry();
  auto require_superuser = [&](const char* message) {
    if (!session_.superuser_) throw SqlError(Sqlstate::InsufficientPrivilege, message);
  };
  if (name == "pg_cancel_backend") {
    require_superuser("must be a superuser to cancel superuser query");
    result = Value::of_bool(registry.cancel_by_pid(arguments[0].i32));
    return true;
  }
  if (name == "pg_terminate_backend") {
    require_superuser("must be a superuser to terminate superuser process");
    result = Value::of_bool(registry.terminate(arguments[0].i32));
    return true;
  }
  if (name == "pg_reload_conf") {
    if (!session_.superuser_) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for function pg_reload_conf");
    os::ask_for_reload();
    result = Value::of_bool(true);
    return true;
  }
  if (name == "pg_notify") {
    std::string channel(arguments[0].is_null ? "" : arguments[0].text());
    std::string payload(arguments[1].is_null ? "" : arguments[1].text());
    constexpr size_t kMostPayload = 8000;
    if (channel.empty()) throw SqlError(Sqlstate::InvalidParameterValue, "channel name cannot be empty");
    if (channel.size() >= 64) throw SqlError(Sqlstate::InvalidParameterValue, "channel name too long");
    if (payload.size() >= kMostPayload) throw SqlError(Sqlstate::InvalidParameterValue, "payload string too long");
    session_.notifications_.push_back({session_.pid_, channel, std::move(payload)});
    result = Value::of_i32(0);
    return true;
  }
  if (advisory_function(name, arguments, result)) return true;
  if (transaction_function(name, arguments, arena, result)) return true;
  if (name.starts_with("be_lo")) {
    if (session_.large_objects_ == nullptr) session_.large_objects_ = std::make_unique<LargeObjects>(session_);
    return session_.large_objects_->call(name, arguments, arena, result);
  }
  if (name == "pg_relation_is_updatable" || name == "pg_column_is_updatable") {
    auto version = session_.version();
    auto view = version->relation(arguments[0].oid());
    if (view == nullptr || view->relkind != 'v') return false;
    auto context = session_.analyzer_context(*version, {});
    if (name == "pg_relation_is_updatable") {
      result = Value::of_i32(analyzer::updatable_events(context, *view, arguments[1].boolean));
    } else {
      int column = arguments[1].i16 - 1;
      bool named = column >= 0 && static_cast<size_t>(column) < view->columns.size();
      result = Value::of_bool(named && (analyzer::updatable_events(context, *view, arguments[2].boolean, column) & 20) == 20);
    }
    return true;
  }
  if (name.starts_with("pg_get_ruledef") && rule_definition(name, arguments, arena, result)) return true;
  if (name.starts_with("pg_get_viewdef")) return view_definition(name, arguments, arena, result);
  if (name == "current_of_row" || name == "current_of_table") {
    result = session_.current_of(arguments[0].text(), arguments[1].oid(), name == "current_of_table");
    return true;
  }
  if (name.starts_with("pg_event_trigger_")) return event_function(name, arena, result);
  if (name == "pg_trigger_depth") {
    result = Value::of_i32(session_.routines_->trigger_depth());
    return true;
  }
  if (name == "pg_my_temp_schema") {
    result = Value::of_oid(session_.temp_schema_);
    return true;
  }
  if (name == "_pg_sequence_position" || name == "_pg_sequence_is_called") {
    SequenceStore::State state = session_.instance_.sequences().state(*sequence(arguments[0].oid()));
    result = name == "_pg_sequence_position" ? Value::of_i64(state.last) : Value::of_bool(state.is_called);
    return true;
  }
  if (name == "pg_sequence_last_value") {
    SequenceStore::State state = session_.instance_.sequences().state(*sequence(arguments[0].oid()));
    result = state.is_called ? Value::of_i64(state.last) : Value::null();
    return true;
  }
  return false;
}

bool Services::catalog_function(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  // These run queries, whose functions come back here.
  if (XmlMapping::knows(name)) {
    result = XmlMapping(session_).call(name, arguments, arena);
    return true;
  }
  std::lock_guard lock(mutex_);
  if (session_function(name, arguments, arena, result)) return true;
  CatalogFunctions known = session_.instance_.catalog_functions;
  if (known == nullptr) return false;
  auto context = session_.system_context(session_.version());
  return known(*context, session_.types_, name, arguments, arena, result);
}

void Services::check_interrupts() { session_.backend_->check_interrupts(); }

void Services::sleep(int64_t microseconds) {
  session_.need_worker();
  os::ThreadPool::BlockingScope blocking;
  int64_t end = timestamp_now() + microseconds;
  while (true) {
    session_.backend_->check_interrupts();
    int64_t left = end - timestamp_now();
    if (left <= 0) return;
    std::this_thread::sleep_for(std::chrono::microseconds(std::min<int64_t>(left, 5000)));
  }
}

void Services::notice(ErrorFields fields) {
  std::lock_guard lock(mutex_);
  session_.commands_->notice(std::move(fields));
}

types::Value Services::call_routine(const functions::CallContext& call, std::span<const types::Value> arguments, Arena& arena) {
  return session_.routines_->call_routine(call, arguments, arena);
}

std::unique_ptr<functions::SetScan> Services::scan_routine(const functions::CallContext& call, std::span<const types::Value> arguments) {
  if (call.function->symbol == "transition_rows") return session_.routines_->scan_transition(static_cast<size_t>(arguments[0].i32));
  return session_.routines_->scan_routine(call, arguments);
}

double Services::random() {
  std::lock_guard lock(mutex_);
  return random_.unit();
}

void Services::seed_random(double seed) {
  std::lock_guard lock(mutex_);
  uint64_t bits;
  std::memcpy(&bits, &seed, sizeof bits);
  random_ = os::Random(bits);
}

}  // namespace aegis::session
