// Positions of the write-ahead log and its files.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/storage/engine.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

storage::Engine& engine_of(const CatalogCall& call) {
  if (call.context.engine == nullptr) throw_not_supported("this function outside of a server");
  return *call.context.engine;
}

Value lsn(Lsn position) { return Value::of_i64(static_cast<int64_t>(position.value)); }

template <Lsn storage::WalStatus::*position>
Value current(const CatalogCall& call) {
  return lsn(engine_of(call).wal_status().*position);
}

// The file that has the byte before the position, as in PostgreSQL, for the end of a file belongs to it.
Value file_name(const CatalogCall& call) {
  uint64_t at = static_cast<uint64_t>(call.arguments[0].i64);
  const storage::LogFileStatus* best = nullptr;
  auto files = engine_of(call).log_files();
  for (const auto& file : files) {
    if (file.state == storage::LogFileStatus::State::Spare || file.start.value >= std::max<uint64_t>(at, 1)) continue;
    if (best == nullptr || file.start > best->start) best = &file;
  }
  if (best == nullptr && !files.empty() && files.front().start.value == at) best = &files.front();
  return best == nullptr ? Value::null() : call.string(best->name);
}

Value switch_file(const CatalogCall& call) {
  auto role = call.version().role(call.context.role);
  if (role == nullptr || !role->superuser) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for function pg_switch_wal");
  }
  return lsn(engine_of(call).switch_log_file());
}

constexpr CatalogFunction kFunctions[] = {
    {"pg_current_wal_lsn", current<&storage::WalStatus::written_lsn>},
    {"pg_current_wal_insert_lsn", current<&storage::WalStatus::insert_lsn>},
    {"pg_current_wal_flush_lsn", current<&storage::WalStatus::durable_lsn>},
    {"pg_walfile_name", file_name},
    {"pg_switch_wal", switch_file},
    {"pg_is_in_recovery", [](const CatalogCall&) { return Value::of_bool(false); }},
    {"pg_last_wal_receive_lsn", [](const CatalogCall&) { return Value::null(); }},
    {"pg_last_wal_replay_lsn", [](const CatalogCall&) { return Value::null(); }},
};

}  // namespace

std::span<const CatalogFunction> log_functions() { return kFunctions; }

}  // namespace aegis::catalog
