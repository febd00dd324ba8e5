#include "large_objects.h"

#include <algorithm>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "routine_runner.h"

namespace aegis::session {
namespace {

using types::Value;

constexpr int32_t kInvWrite = 0x20000;
constexpr int32_t kInvRead = 0x40000;
constexpr size_t kFilePart = 1 << 20;
constexpr int64_t kMaxValue = 0x3fffffff;

// What the system said of a file.
std::string reason(const StorageError& error) {
  std::string text = error.what();
  size_t colon = text.rfind(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

void require_right(bool superuser, const char* function) {
  if (!superuser) throw SqlError(Sqlstate::InsufficientPrivilege, std::string("permission denied for function ") + function);
}

int32_t as_int4(int64_t value, const char* function, int32_t descriptor) {
  if (value > INT32_MAX) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, fmt::format("{} result out of range for large-object descriptor {}", function, descriptor));
  }
  return static_cast<int32_t>(value);
}

}  // namespace

txn::SnapshotHandle LargeObjects::latest() { return session_.transaction_->take_latest_snapshot(); }

// Who writes sees the newest, others what their statement sees.
storage::Snapshot LargeObjects::snapshot(bool writes, txn::SnapshotHandle& hold) {
  if (writes || session_.active_snapshot_ == nullptr || !*session_.active_snapshot_) {
    hold = latest();
    return *hold;
  }
  return **session_.active_snapshot_;
}

Oid LargeObjects::create(Oid number) {
  auto made = std::make_shared<Object>();
  made->oid = session_.instance_.catalog.allocate_oid();
  made->database = session_.database_;
  made->owner = session_.role_;
  if (number == kInvalidOid) {
    number = made->oid;
    while (commands::find_large_object(*session_.version(), session_.database_, number) != nullptr) number = session_.instance_.catalog.allocate_oid();
  }
  made->number = number;
  made->name = std::to_string(number);
  auto tag = txn::LockTag::object(session_.database_, catalog::kPgLargeobjectMetadataOid, number);
  session_.instance_.transactions.locks().lock(*session_.backend_, tag, txn::LockMode::AccessExclusive);
  session_.catalog_changes_->put(std::move(made));
  return number;
}

Oid LargeObjects::create_with(Oid number, std::string_view bytes) {
  Oid made = create(number);
  write(*commands::require_large_object(*session_.version(), session_.database_, made), 0, bytes);
  return made;
}

void LargeObjects::unlink(Oid number) {
  auto version = session_.version();
  auto object = commands::require_large_object(*version, session_.database_, number);
  bool owner = session_.superuser_ || catalog::is_member(*version, session_.role_, object->owner, true);
  if (!owner && !session_.settings_.boolean(Id::lo_compat_privileges)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, fmt::format("must be owner of large object {}", number));
  }
  auto& transactions = session_.instance_.transactions;
  commands::lock_large_object(transactions, *session_.transaction_, object->oid);
  commands::require_large_object(*session_.version(), session_.database_, number);
  for (Open& open : opened_) {
    if (open.used && open.object->oid == object->oid) open.used = false;
  }
  commands::remove_large_object_pages(session_.instance_.engine, transactions, *session_.transaction_, object->oid);
  session_.catalog_changes_->remove(object->oid);
}

std::shared_ptr<const catalog::LargeObject> LargeObjects::find(Oid number, bool reads, bool writes) {
  auto version = session_.version();
  auto object = commands::require_large_object(*version, session_.database_, number);
  if (session_.superuser_ || session_.settings_.boolean(Id::lo_compat_privileges)) return object;
  bool may = (!reads || catalog::has_privilege(*version, session_.role_, *object, 'r')) &&
             (!writes || catalog::has_privilege(*version, session_.role_, *object, 'w'));
  if (!may) throw SqlError(Sqlstate::InsufficientPrivilege, fmt::format("permission denied for large object {}", number));
  return object;
}

int32_t LargeObjects::open(Oid number, int32_t mode) {
  bool writes = (mode & kInvWrite) != 0;
  if ((mode & (kInvRead | kInvWrite)) == 0) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid flags for opening a large object: {}", mode));
  }
  Open made{true, ++serial_, find(number, true, writes), writes, 0};
  size_t at = 0;
  while (at < opened_.size() && opened_[at].used) ++at;
  if (at == opened_.size()) opened_.emplace_back();
  opened_[at] = std::move(made);
  // One that was opened behind a savepoint goes when that is rolled back.
  session_.transaction_->on_abort([this, at, serial = serial_] {
    if (at < opened_.size() && opened_[at].serial == serial) opened_[at].used = false;
  });
  return static_cast<int32_t>(at);
}

LargeObjects::Open& LargeObjects::descriptor(int32_t number) {
  if (number < 0 || static_cast<size_t>(number) >= opened_.size() || !opened_[number].used) {
    throw SqlError(Sqlstate::UndefinedObject, fmt::format("invalid large-object descriptor: {}", number));
  }
  return opened_[number];
}

int64_t LargeObjects::size(const Object& object, bool writes) {
  txn::SnapshotHandle hold;
  return commands::LargeObjectPages(session_.instance_.engine, object.oid, snapshot(writes, hold)).size();
}

std::string LargeObjects::read(const Object& object, bool writes, int64_t offset, int64_t count) {
  txn::SnapshotHandle hold;
  return commands::LargeObjectPages(session_.instance_.engine, object.oid, snapshot(writes, hold)).read(offset, count);
}

void LargeObjects::write(const Object& object, int64_t offset, std::string_view bytes) {
  if (offset + static_cast<int64_t>(bytes.size()) > commands::kMaxLargeObject) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid large object write request size: {}", bytes.size()));
  }
  auto& transactions = session_.instance_.transactions;
  commands::lock_large_object(transactions, *session_.transaction_, object.oid);
  commands::require_large_object(*session_.version(), session_.database_, object.number);
  auto seen = latest();
  commands::LargeObjectPages(session_.instance_.engine, object.oid, *seen).write(transactions, *session_.transaction_, offset, bytes);
}

void LargeObjects::truncate(int32_t number, int64_t length) {
  Open& open = descriptor(number);
  if (!open.writes) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, fmt::format("large object descriptor {} was not opened for writing", number));
  }
  if (length < 0 || length > commands::kMaxLargeObject) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid large object truncation target: {}", length));
  }
  auto& transactions = session_.instance_.transactions;
  commands::lock_large_object(transactions, *session_.transaction_, open.object->oid);
  commands::require_large_object(*session_.version(), session_.database_, open.object->number);
  auto seen = latest();
  commands::LargeObjectPages(session_.instance_.engine, open.object->oid, *seen).truncate(transactions, *session_.transaction_, length);
}

int64_t LargeObjects::seek(Open& open, int64_t offset, int32_t whence) {
  int64_t target = 0;
  if (whence < 0 || whence > 2) throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid whence setting: {}", whence));
  int64_t base = whence == 0 ? 0 : whence == 1 ? open.position : size(*open.object, open.writes);
  if (__builtin_add_overflow(base, offset, &target) || target < 0 || target > commands::kMaxLargeObject) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid large object seek target: {}", target));
  }
  open.position = target;
  return target;
}

std::string LargeObjects::read_fragment(Oid number, int64_t offset, int64_t count) {
  auto object = find(number, true, false);
  if (offset < 0) throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid large object seek target: {}", offset));
  int64_t total = size(*object, false);
  int64_t wanted = count < 0 ? total - offset : std::min(count, total - offset);
  if (wanted > kMaxValue) throw SqlError(Sqlstate::ProgramLimitExceeded, "large object read request is too large");
  return wanted <= 0 ? std::string() : read(*object, false, offset, wanted);
}

Oid LargeObjects::import(std::string_view path, Oid number) {
  std::string name(path);
  auto files = os::make_local_file_system();
  std::unique_ptr<os::File> file;
  try {
    file = files->open(name, os::OpenMode::Read);
  } catch (const StorageError& error) {
    throw SqlError(Sqlstate::UndefinedFile, fmt::format("could not open server file \"{}\": {}", name, reason(error)));
  }
  Oid made = create(number);
  auto object = commands::require_large_object(*session_.version(), session_.database_, made);
  std::string part(kFilePart, '\0');
  for (int64_t offset = 0;;) {
    session_.backend_->check_interrupts();
    size_t count = file->read_at(static_cast<uint64_t>(offset), part);
    write(*object, offset, std::string_view(part).substr(0, count));
    offset += static_cast<int64_t>(count);
    if (count < part.size()) return made;
  }
}

void LargeObjects::export_to(Oid number, std::string_view path) {
  auto object = find(number, true, false);
  std::string name(path);
  auto files = os::make_local_file_system();
  std::unique_ptr<os::File> file;
  try {
    file = files->open(name, os::OpenMode::Truncate);
  } catch (const StorageError& error) {
    throw SqlError(Sqlstate::UndefinedFile, fmt::format("could not create server file \"{}\": {}", name, reason(error)));
  }
  int64_t total = size(*object, false);
  for (int64_t offset = 0; offset < total;) {
    session_.backend_->check_interrupts();
    std::string part = read(*object, false, offset, static_cast<int64_t>(kFilePart));
    if (part.empty()) return;
    file->write_at(static_cast<uint64_t>(offset), part);
    offset += static_cast<int64_t>(part.size());
  }
}

bool LargeObjects::call(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) {
  if (!name.starts_with("be_lo")) return false;
  // Whoever waits for a lock, or has a side effect that would happen twice, does so on a worker.
  session_.need_worker();
  if (transaction_ != session_.transaction_->id().value) {
    transaction_ = session_.transaction_->id().value;
    opened_.clear();
  }
  name.remove_prefix(3);
  auto bytes = [&](std::string text) { return Value::of_string(arena.copy(std::string_view(text))); };
  if (name == "lo_create") {
    result = Value::of_oid(create(arguments[0].oid()));
  } else if (name == "lo_creat") {
    result = Value::of_oid(create(kInvalidOid));
  } else if (name == "lo_from_bytea") {
    result = Value::of_oid(create_with(arguments[0].oid(), arguments[1].text()));
  } else if (name == "lo_open") {
    result = Value::of_i32(open(arguments[0].oid(), arguments[1].i32));
  } else if (name == "lo_close") {
    descriptor(arguments[0].i32).used = false;
    result = Value::of_i32(0);
  } else if (name == "loread") {
    Open& open = descriptor(arguments[0].i32);
    std::string part = read(*open.object, open.writes, open.position, std::max(0, arguments[1].i32));
    open.position += static_cast<int64_t>(part.size());
    result = bytes(std::move(part));
  } else if (name == "lowrite") {
    Open& open = descriptor(arguments[0].i32);
    if (!open.writes) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState,
                     fmt::format("large object descriptor {} was not opened for writing", arguments[0].i32));
    }
    write(*open.object, open.position, arguments[1].text());
    open.position += static_cast<int64_t>(arguments[1].text().size());
    result = Value::of_i32(static_cast<int32_t>(arguments[1].text().size()));
  } else if (name == "lo_lseek") {
    result = Value::of_i32(as_int4(seek(descriptor(arguments[0].i32), arguments[1].i32, arguments[2].i32), "lo_lseek", arguments[0].i32));
  } else if (name == "lo_lseek64") {
    result = Value::of_i64(seek(descriptor(arguments[0].i32), arguments[1].i64, arguments[2].i32));
  } else if (name == "lo_tell") {
    result = Value::of_i32(as_int4(descriptor(arguments[0].i32).position, "lo_tell", arguments[0].i32));
  } else if (name == "lo_tell64") {
    result = Value::of_i64(descriptor(arguments[0].i32).position);
  } else if (name == "lo_truncate" || name == "lo_truncate64") {
    truncate(arguments[0].i32, name == "lo_truncate" ? arguments[1].i32 : arguments[1].i64);
    result = Value::of_i32(0);
  } else if (name == "lo_unlink") {
    unlink(arguments[0].oid());
    result = Value::of_i32(1);
  } else if (name == "lo_get") {
    result = bytes(read_fragment(arguments[0].oid(), 0, -1));
  } else if (name == "lo_get_fragment") {
    if (arguments[2].i32 < 0) throw SqlError(Sqlstate::InvalidParameterValue, "requested length cannot be negative");
    result = bytes(read_fragment(arguments[0].oid(), arguments[1].i64, arguments[2].i32));
  } else if (name == "lo_put") {
    auto object = find(arguments[0].oid(), true, true);
    if (arguments[1].i64 < 0 || arguments[1].i64 > commands::kMaxLargeObject) {
      throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid large object seek target: {}", arguments[1].i64));
    }
    write(*object, arguments[1].i64, arguments[2].text());
    result = Value::of_i32(0);
  } else if (name == "lo_import" || name == "lo_import_with_oid") {
    require_right(session_.superuser_, "lo_import");
    result = Value::of_oid(import(arguments[0].text(), name == "lo_import" ? kInvalidOid : arguments[1].oid()));
  } else if (name == "lo_export") {
    require_right(session_.superuser_, "lo_export");
    export_to(arguments[0].oid(), arguments[1].text());
    result = Value::of_i32(1);
  } else {
    return false;
  }
  return true;
}

// The trigger of extension lo: an object that the row no longer refers to goes.
bool RoutineRunner::fire_lo_manage(const executor::TriggerEvent& event, std::vector<Value>& row) {
  const std::string& name = event.trigger->name;
  if (event.level != "ROW") throw InternalError(name + ": must be fired for row");
  if (event.trigger->arguments.empty()) throw InternalError(name + ": no column name provided in the trigger definition");
  int column = event.table->find_column(event.trigger->arguments[0]);
  if (column < 0) throw InternalError(fmt::format("{}: column \"{}\" does not exist", name, event.trigger->arguments[0]));
  bool removes = event.operation == "DELETE";
  if (event.when == "BEFORE") row = removes ? *event.old_row : *event.new_row;
  if (event.operation != "UPDATE" && !removes) return true;
  const Value& before = (*event.old_row)[static_cast<size_t>(column)];
  if (before.is_null) return true;
  if (!removes) {
    const Value& after = (*event.new_row)[static_cast<size_t>(column)];
    if (!after.is_null && after.oid() == before.oid()) return true;
  }
  if (session_.large_objects_ == nullptr) session_.large_objects_ = std::make_unique<LargeObjects>(session_);
  Arena arena;
  Value argument = Value::of_oid(before.oid()), result;
  session_.large_objects_->call("be_lo_unlink", {&argument, 1}, arena, result);
  return true;
}

}  // namespace aegis::session
