// Errors as exceptions. Three kinds (see src/base/README.md): SqlError for a user's mistake, StorageError for
// the world's (disk, corruption, memory), InternalError for our own bugs (raised by AEGIS_CHECK).
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace aegis {

// PostgreSQL 15's SQLSTATE codes, named as its condition names are.
enum class Sqlstate : uint16_t {
#define AEGIS_SQLSTATE(name, code, condition) name,
#include "aegis/base/sqlstate.def"
#undef AEGIS_SQLSTATE
};

// The five characters of a code, e.g. "42601".
std::string_view sqlstate_code(Sqlstate state);

// PostgreSQL's condition name, e.g. "syntax_error" (used by PL/pgSQL).
std::string_view sqlstate_condition(Sqlstate state);

// What a client is told about an error or a notice; the letters are the protocol's field codes.
struct ErrorFields {
  Sqlstate sqlstate = Sqlstate::InternalError;  // C
  std::string user_code;                        // C where RAISE gave a code that is none of ours
  std::string severity = "ERROR";               // S and V
  std::string message;                          // M
  std::string detail;                           // D
  std::string hint;                             // H
  int position = 0;                             // P, 1-based, in characters; 0 is none
  int internal_position = 0;                    // p, in internal_query
  std::string internal_query;                   // q, the text inside a function that failed
  std::string context;                          // W
  std::string schema;                           // s
  std::string table;                            // t
  std::string column;                           // c
  std::string datatype;                         // d
  std::string constraint;                       // n
};

// A user's error. Build it with the chained setters: `throw SqlError(Sqlstate::X, "…").hint("…");`
class SqlError : public std::exception {
 public:
  SqlError(Sqlstate sqlstate, std::string message) {
    fields_.sqlstate = sqlstate;
    fields_.message = std::move(message);
  }

  SqlError& severity(std::string value) { fields_.severity = std::move(value); return *this; }
  SqlError& detail(std::string value) { fields_.detail = std::move(value); return *this; }
  SqlError& hint(std::string value) { fields_.hint = std::move(value); return *this; }
  // 1-based character position in the statement's text.
  SqlError& position(int value) { fields_.position = value; return *this; }
  SqlError& context(std::string value) { fields_.context = std::move(value); return *this; }
  SqlError& schema(std::string value) { fields_.schema = std::move(value); return *this; }
  SqlError& table(std::string value) { fields_.table = std::move(value); return *this; }
  SqlError& column(std::string value) { fields_.column = std::move(value); return *this; }
  SqlError& datatype(std::string value) { fields_.datatype = std::move(value); return *this; }
  SqlError& constraint(std::string value) { fields_.constraint = std::move(value); return *this; }

  const ErrorFields& fields() const { return fields_; }
  ErrorFields& fields() { return fields_; }
  const char* what() const noexcept override { return fields_.message.c_str(); }

 private:
  ErrorFields fields_;
};

std::string_view error_code(const ErrorFields& fields);

// The disk, the file system or a checksum failed. `sqlstate` is one of IoError, DiskFull, DataCorrupted, ….
class StorageError : public std::exception {
 public:
  StorageError(Sqlstate sqlstate, std::string message) : sqlstate_(sqlstate), message_(std::move(message)) {}
  Sqlstate sqlstate() const { return sqlstate_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Sqlstate sqlstate_;
  std::string message_;
};

// A bug of ours: in a statement it becomes XX000 and aborts the transaction.
class InternalError : public std::exception {
 public:
  explicit InternalError(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

// Raises 0A000 with PostgreSQL's usual wording, "<feature> is not supported".
[[noreturn]] void throw_not_supported(std::string_view feature, int position = 0);

// The one place where exceptions become what a client sees: SqlError as is, StorageError by its SQLSTATE,
// bad_alloc as 53200, InternalError and anything else as XX000.
ErrorFields error_fields_of(const std::exception& error);

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace aegis

// An invariant of ours, checked in every build.
#define AEGIS_CHECK(condition) \
  (__builtin_expect(static_cast<bool>(condition), 1) ? void() : ::aegis::check_failed(#condition, __FILE__, __LINE__))
