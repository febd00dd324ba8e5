// Rows of catalog tables that only a session knows. Columns are PostgreSQL's, in its order.
#include <cstdlib>

#include <fmt/format.h>

#include "aegis/commands/large_object.h"
#include "aegis/types/array.h"
#include "aegis/types/time_zone.h"
#include "core.h"
#include "rows.h"

namespace aegis::session {

namespace {

using types::ArrayBuilder;

Value text_array(catalog::RowSink& sink, std::string_view list) {
  ArrayBuilder builder(types::oid::kText);
  while (true) {
    size_t comma = list.find(',');
    builder.add(Value::of_string(sink.arena().copy(list.substr(0, comma))));
    if (comma == std::string_view::npos) return builder.value(sink.arena());
    list.remove_prefix(comma + 1);
  }
}

void add_setting(catalog::RowSink& sink, const settings::SessionValues& values, Id id) {
  const settings::Definition& d = settings::definition(id);
  if ((d.flags & settings::kHidden) != 0) return;
  Row row(sink);
  row.text(d.name).text(values.value(id)).optional(d.unit).text(d.category).text(d.description).optional(d.more);
  row.text(settings::context_name(d.context)).text(settings::type_name(d.type)).text(settings::source_name(values.source(id)));
  row.optional(d.least).optional(d.greatest);
  row.value(d.enum_values.empty() ? Value::null() : text_array(sink, d.enum_values));
  row.text(d.boot).text(values.reset_value(id)).null().null().boolean(false);
  row.add();
}

void add_activity(catalog::RowSink& sink, const types::TypeContext& types, const Activity& activity) {
  Row row(sink);
  row.oid(activity.database).text(activity.database_name).int4(activity.pid).null().oid(activity.role).text(activity.role_name);
  row.text(activity.application_name);
  const types::TypeInfo* inet = types::find_type(types::oid::kInet);
  if (activity.client_address.empty() || inet == nullptr || inet->input == nullptr) {
    row.null();
  } else {
    try {
      row.value(inet->input(types, activity.client_address, {types::oid::kInet, -1}, sink.arena()));
    } catch (const SqlError&) {
      row.null();  // the type can't be read yet
    }
  }
  row.null().int4(activity.client_port).time(activity.backend_start);
  row.time(activity.state == "idle" ? 0 : activity.transaction_start).time(activity.query_start).time(activity.state_change);
  if (activity.state == "idle") {
    row.text("Client").text("ClientRead");
  } else {
    row.null().null();
  }
  row.text(activity.state).null().null().null().text(activity.query).text("client backend");
  row.add();
}

void add_lock(catalog::RowSink& sink, const txn::LockInfo& lock) {
  using txn::LockClass;
  constexpr const char* kClasses[] = {"relation", "object", "tuple", "advisory"};
  Row row(sink);
  row.text(kClasses[static_cast<int>(lock.tag.kind)]).oid(lock.tag.database);
  row.oid(lock.tag.kind == LockClass::Relation ? static_cast<Oid>(lock.tag.object_a) : kInvalidOid);
  row.null().null().null().null();
  if (lock.tag.kind == LockClass::Object) {
    row.oid(static_cast<Oid>(lock.tag.object_a)).oid(lock.tag.object_b).value(Value::of_i16(0));
  } else if (lock.tag.kind == LockClass::Advisory) {
    bool wide = lock.tag.object_c == 1;
    row.value(Value::of_oid(static_cast<Oid>(wide ? lock.tag.object_a >> 32 : lock.tag.object_a)));
    row.value(Value::of_oid(wide ? static_cast<Oid>(lock.tag.object_a) : lock.tag.object_b));
    row.value(Value::of_i16(static_cast<int16_t>(wide ? 1 : 2)));
  } else {
    row.null().null().null();
  }
  row.text(fmt::format("{}/{}", lock.pid, lock.txn.value)).int4(lock.pid).text(txn::lock_mode_name(lock.mode));
  row.boolean(lock.granted).boolean(lock.fast_path).null();
  row.add();
}

// Tables of which nothing can have a row here.
bool is_always_empty(std::string_view table) {
  for (std::string_view name : {"pg_prepared_xacts", "pg_replication_slots", "pg_stat_replication", "pg_file_settings"}) {
    if (table == name) return true;
  }
  return false;
}

void add_zones(catalog::RowSink& sink, int64_t now_unix) {
  for (int i = 0; i < types::time_zone_name_count(); ++i) {
    const types::TimeZone* zone = types::TimeZone::find(types::time_zone_name(i));
    if (zone == nullptr) continue;
    auto local = zone->at(now_unix);
    Row row(sink);
    row.text(types::time_zone_name(i)).text(local.abbreviation);
    row.value(Value::of_interval({int64_t{local.offset} * 1000000, 0, 0})).boolean(local.is_dst);
    row.add();
  }
}

void add_large_objects(Instance& instance, const catalog::Version& version, Oid database, txn::Transaction* transaction,
                       const txn::SnapshotHandle* active, catalog::RowSink& sink) {
  if (transaction == nullptr) return;
  txn::SnapshotHandle latest;
  if (active == nullptr || !*active) latest = transaction->take_latest_snapshot();
  const storage::Snapshot& snapshot = latest ? *latest : **active;
  for (const catalog::ObjectPtr& object : version.objects(database)) {
    if (object->kind != catalog::ObjectKind::LargeObject || object->database != database) continue;
    commands::LargeObjectPages(instance.engine, object->oid, snapshot).for_each([&](int32_t page, std::string_view bytes) {
      Row row(sink);
      row.oid(static_cast<const catalog::LargeObject&>(*object).number).int4(page).text(bytes).add();
    });
  }
}

}  // namespace

void Session::Core::rows_of(std::string_view table, catalog::RowSink& sink, const catalog::Version& version) {
  if (StorageRows(instance_, version, database_, {role_, superuser_}, sink).add(table)) return;
  if (table == "pg_settings") {
    for (size_t i = 0; i < settings::kSettingCount; ++i) add_setting(sink, settings_, static_cast<Id>(i));
    for (const auto& custom : settings_.custom_values()) {
      Row row(sink);
      row.text(custom.name).text(custom.value).null().text("Customized Options").text("").null().text("user").text("string");
      row.text("session").null().null().null().text("").text("").null().null().boolean(false).add();
    }
    return;
  }
  if (table == "pg_stat_activity") {
    for (const Activity& activity : instance_.registry().activities()) add_activity(sink, types_, activity);
    return;
  }
  if (table == "pg_prepared_statements") {
    for (const auto& [name, statement] : statements_) {
      if (name.empty()) continue;
      ArrayBuilder parameters(types::oid::kRegtype);
      for (const Type& type : statement->parameter_types) parameters.add(Value::of_oid(type.oid));
      Row row(sink);
      row.text(name).text(statement->text).time(statement->prepared_at).value(parameters.value(sink.arena()));
      row.boolean(statement->from_sql).value(Value::of_i64(0)).value(Value::of_i64(0)).add();
    }
    return;
  }
  if (table == "pg_cursors") {
    for (const auto& [name, portal] : portals_) {
      if (name.empty()) continue;
      Row row(sink);
      row.text(name).text(portal->source).boolean(portal->holdable).boolean(portal->binary).boolean(portal->scrollable || portal->remembers);
      row.time(portal->created_at).add();
    }
    return;
  }
  if (table == "pg_locks") {
    for (const txn::LockInfo& lock : instance_.transactions.locks().list()) add_lock(sink, lock);
    return;
  }
  if (table == "pg_timezone_names") return add_zones(sink, timestamp_now() / 1000000 + 946684800);
  if (table == "pg_timezone_abbrevs") {
    for (int i = 0; i < types::zone_abbreviation_count(); ++i) {
      const types::ZoneAbbreviation& zone = types::zone_abbreviation(i);
      Row row(sink);
      row.text(zone.name).value(Value::of_interval({int64_t{zone.offset} * 1000000, 0, 0})).boolean(zone.is_dst).add();
    }
    return;
  }
  if (table == "pg_largeobject") return add_large_objects(instance_, version, database_, transaction_.get(), active_snapshot_, sink);
  if (is_always_empty(table)) return;
  throw_not_supported(fmt::format("the catalog table \"{}\"", table));
}

}  // namespace aegis::session
