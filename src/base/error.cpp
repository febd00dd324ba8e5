#include "aegis/base/error.h"

#include <array>
#include <new>
#include <stdexcept>

namespace aegis {
namespace {

struct SqlstateRecord {
  std::string_view code;
  std::string_view condition;
};

constexpr SqlstateRecord kSqlstates[] = {
#define AEGIS_SQLSTATE(name, code, condition) {code, condition},
#include "aegis/base/sqlstate.def"
#undef AEGIS_SQLSTATE
};

}  // namespace

std::string_view error_code(const ErrorFields& fields) {
  return fields.user_code.empty() ? sqlstate_code(fields.sqlstate) : std::string_view(fields.user_code);
}

std::string_view sqlstate_code(Sqlstate state) { return kSqlstates[static_cast<size_t>(state)].code; }

std::string_view sqlstate_condition(Sqlstate state) { return kSqlstates[static_cast<size_t>(state)].condition; }

void throw_not_supported(std::string_view feature, int position) {
  throw SqlError(Sqlstate::FeatureNotSupported, std::string(feature) + " is not supported").position(position);
}

ErrorFields error_fields_of(const std::exception& error) {
  if (auto* sql = dynamic_cast<const SqlError*>(&error)) return sql->fields();
  ErrorFields fields;
  fields.message = error.what();
  if (auto* storage = dynamic_cast<const StorageError*>(&error)) {
    fields.sqlstate = storage->sqlstate();
    if (storage->sqlstate() == Sqlstate::DiskFull) fields.hint = "Check free disk space.";
  } else if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    fields.sqlstate = Sqlstate::OutOfMemory;
    fields.message = "out of memory";
  } else {
    fields.sqlstate = Sqlstate::InternalError;
  }
  return fields;
}

void check_failed(const char* condition, const char* file, int line) {
  throw InternalError(std::string("check failed: ") + condition + " (" + file + ":" + std::to_string(line) + ")");
}

}  // namespace aegis
