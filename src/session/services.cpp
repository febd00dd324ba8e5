#include "services.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include <fmt/format.h>

#include "aegis/catalog/privileges.h"
#include "aegis/catalog/told_figures.h"
#include "aegis/functions/partition_hash.h"
#include "aegis/functions/quoting.h"
#include "aegis/os/file_system.h"
#include "aegis/os/process.h"
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "command_context.h"
#include "large_objects.h"
#include "report_functions.h"
#include "routine_runner.h"
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

// One of the privileges is enough.
void Services::check_sequence(const catalog::Relation& sequence, std::string_view enough) {
  if (session_.superuser_) return;
  catalog::VersionPtr version = session_.version();
  for (char letter : enough) {
    if (catalog::has_privilege(*version, session_.role_, sequence, letter)) return;
  }
  catalog::throw_permission_denied(sequence);
}

// Without rights, which nextval() has asked for: an identity column's sequence belongs to whoever may write to the table.
int64_t Services::next_value(Oid oid) {
  std::lock_guard lock(mutex_);
  auto relation = sequence(oid);
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

// pg_read_file, pg_read_binary_file and pg_stat_file: of the data directory, or anywhere by a full path.
bool Services::file_function(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  bool stat = name.starts_with("pg_stat_file");
  bool binary = name.starts_with("pg_read_binary_file");
  if (!stat && !binary && !name.starts_with("pg_read_file")) return false;
  if (!session_.superuser_) {
    throw SqlError(Sqlstate::InsufficientPrivilege, fmt::format("permission denied for function {}", stat ? "pg_stat_file" : binary ? "pg_read_binary_file" : "pg_read_file"));
  }
  std::string given(arguments[0].text());
  std::string path = given.starts_with("/") ? given : session_.instance_.data_directory + "/" + given;
  bool missing_ok = (stat && arguments.size() == 2 && arguments[1].boolean) || (arguments.size() == 4 && arguments[3].boolean);
  int64_t offset = !stat && arguments.size() >= 3 ? arguments[1].i64 : 0;
  int64_t length = !stat && arguments.size() >= 3 ? arguments[2].i64 : -1;
  if (arguments.size() >= 3 && length < 0) throw SqlError(Sqlstate::InvalidParameterValue, "requested length cannot be negative");
  auto files = os::make_local_file_system();
  auto kind = files->kind_of(path);
  if (kind == os::FileSystem::PathKind::Absent) {
    result = Value::null();
    if (missing_ok) return true;
    throw SqlError(Sqlstate::UndefinedFile, fmt::format("could not {} file \"{}\"{}: No such file or directory", stat ? "stat" : "open", given, stat ? "" : " for reading"));
  }
  if (stat) return false;
  std::string text = files->read_file(path);
  auto size = static_cast<int64_t>(text.size());
  int64_t from = offset < 0 ? std::max<int64_t>(0, size + offset) : std::min(offset, size);
  std::string_view part = std::string_view(text).substr(static_cast<size_t>(from));
  if (length >= 0 && static_cast<uint64_t>(length) < part.size()) part = part.substr(0, static_cast<size_t>(length));
  if (!binary && (types::utf8_find_invalid(part) != std::string_view::npos || part.find('\0') != std::string_view::npos)) {
    throw SqlError(Sqlstate::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");
  }
  result = Value::of_string(arena.copy(part));
  return true;
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
  if (name == "pg_listening_channels") {
    types::ArrayBuilder channels(types::oid::kText);
    for (const std::string& channel : registry.channels_of(session_.pid_)) channels.add(Value::of_string(arena.copy(std::string_view(channel))));
    result = channels.value(arena);
    return true;
  }
  if (name == "pg_postmaster_start_time" || name == "pg_conf_load_time") {
    Instance& instance = session_.instance_;
    result = Value::of_i64(name == "pg_conf_load_time" ? instance.loaded_at() : instance.started_at());
    return true;
  }
  if (name == "inet_client_addr" || name == "inet_client_port" || name == "inet_server_addr" || name == "inet_server_port") {
    result = Value::null();
    if (session_.address_.is_local) return true;
    if (name == "inet_client_port") result = Value::of_i32(session_.address_.port);
    else if (name == "inet_server_port") result = Value::of_i32(static_cast<int32_t>(session_.settings_.integer(Id::port)));
    else if (name == "inet_client_addr") result = types::type_info(types::oid::kInet).input({}, session_.address_.text, {types::oid::kInet}, arena);
    else return false;
    return true;
  }
  if (name == "pg_last_committed_xact" || name == "pg_xact_commit_timestamp" || name == "pg_xact_commit_timestamp_origin") {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "could not get commit timestamp data")
        .hint("Make sure the configuration parameter \"track_commit_timestamp\" is set.");
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
  if (file_function(name, arguments, arena, result)) return true;
  if (advisory_function(name, arguments, result)) return true;
  if (name.starts_with("pg_stat_") && count_function(name, arguments, result)) return true;
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
  if (name == "write_pg_class") {
    write_pg_class(arguments);
    return true;
  }
  if (name == "pg_sequence_last_value") {
    auto relation = sequence(arguments[0].oid());
    check_sequence(*relation, "rU");
    SequenceStore::State state = session_.instance_.sequences().state(*relation);
    result = state.is_called ? Value::of_i64(state.last) : Value::null();
    return true;
  }
  return false;
}

// pg_stat_get_function_… and pg_stat_get_xact_function_….
bool Services::count_function(std::string_view name, std::span<const Value> arguments, Value& result) {
  FunctionCounts& all = session_.instance_.registry().function_counts();
  auto value_of = [&](std::string_view what, const FunctionCount& count) {
    return what == "calls" ? Value::of_i64(static_cast<int64_t>(count.calls)) : Value::of_f64(what == "total_time" ? count.total_ms : count.self_ms);
  };
  constexpr std::string_view kEnded = "pg_stat_get_function_", kRunning = "pg_stat_get_xact_function_";
  if (name.starts_with(kRunning)) {
    const auto& called = session_.routines_->called();
    auto found = called.find(arguments[0].oid());
    result = found == called.end() ? Value::null() : value_of(name.substr(kRunning.size()), found->second);
    return true;
  }
  if (name.starts_with(kEnded)) {
    Oid function = arguments[0].oid();
    if (session_.instance_.catalog.current()->routine(function) == nullptr) all.forget(function);
    auto found = all.find(function);
    result = found ? value_of(name.substr(kEnded.size()), *found) : Value::null();
    return true;
  }
  if (name == "pg_stat_reset_single_function_counters") {
    if (!session_.superuser_) throw SqlError(Sqlstate::InsufficientPrivilege, fmt::format("permission denied for function {}", name));
    all.forget(arguments[0].oid());
    result = Value::of_i32(0);
    return true;
  }
  return false;
}

// A user's hash operator class at work: its function, and a partition key's value.
Value Services::hash_partition_value(std::span<const Value> arguments, Arena& arena) {
  auto routine = session_.version()->routine(arguments[0].oid());
  const functions::Function* function = routine != nullptr ? &routine->function() : functions::find_function(arguments[0].oid());
  if (function == nullptr || function->arguments.size() != 2) throw InternalError("a partition key's hash function is gone");
  std::vector<types::Type> types{{function->arguments[0]}, {function->arguments[1]}};
  functions::CallSite site{types, {types::oid::kInt8}};
  std::shared_ptr<void> cache;
  functions::CallContext call{session_.types_, *this, site, cache, function};
  Value values[] = {arguments[1], Value::of_i64(static_cast<int64_t>(functions::kPartitionSeed))};
  Value hash;
  if (routine != nullptr) {
    hash = call_routine(call, values, arena);
  } else {
    if (function->kernel == nullptr) throw_not_supported("function " + std::string(function->name));
    vector::Vector first(types[0].oid), second(types[1].oid), out(types::oid::kInt8);
    first.set_constant(values[0]);
    second.set_constant(values[1]);
    const vector::Vector* inputs[] = {&first, &second};
    function->kernel(call, std::span<const vector::Vector* const>(inputs, 2), 1, out);
    hash = out.get(0);
  }
  if (hash.is_null) throw InternalError("function " + std::string(function->name) + " returned NULL");
  return hash;
}

// UPDATE pg_class: an oid, reltuples, relpages and relallvisible.
void Services::write_pg_class(std::span<const Value> row) {
  auto version = session_.version();
  auto object = version->find(row[0].oid());
  if (object == nullptr) return;
  auto& engine = session_.instance_.engine;
  catalog::ToldFigures figures{row[1].f32, row[2].i32, row[3].i32, 0, 0};
  uint32_t storage = 0;
  uint64_t bytes = 0;
  if (object->kind == catalog::ObjectKind::Index) {
    storage = static_cast<const catalog::Index&>(*object).storage.value;
    if (auto stored = engine.index(static_cast<const catalog::Index&>(*object).storage)) {
      figures.rows_then = static_cast<double>(stored->entry_count());
      bytes = stored->size_bytes();
    }
  } else {
    const auto& relation = static_cast<const catalog::Relation&>(*object);
    storage = relation.storage.value;
    if (auto stored = relation.is_table() ? engine.table(relation.storage) : nullptr) {
      auto statistics = stored->statistics();
      figures.rows_then = static_cast<double>(statistics.row_count);
      bytes = statistics.size_bytes + statistics.disk_bytes;
    }
  }
  figures.pages_then = std::ceil(static_cast<double>(bytes) / 8192);
  session_.catalog_changes_->put(catalog::make_told_figures(session_.instance_.catalog, *version, session_.database_, object->oid, storage, figures));
}

bool Services::catalog_function(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  if (name == "check_nextval") {
    std::lock_guard lock(mutex_);
    if (!session_.superuser_) check_sequence(*sequence(arguments[0].oid()), "Uw");
    result = Value::of_bool(true);
    return true;
  }
  // These run queries, whose functions come back here.
  if (XmlMapping::knows(name)) {
    result = XmlMapping(session_).call(name, arguments, arena);
    return true;
  }
  if (is_report_function(name)) {
    result = report_function(*this, session_.types_, name, arguments, arena);
    return true;
  }
  if (name == "currtid_byrelname") {
    result = current_tid(arguments[0].text(), arguments[1], arena);
    return true;
  }
  if (name == "hash_partition_value") {
    result = hash_partition_value(arguments, arena);
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
