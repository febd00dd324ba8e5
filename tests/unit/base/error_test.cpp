#include "aegis/base/error.h"

#include <doctest/doctest.h>

#include <new>

using namespace aegis;

TEST_CASE("SQLSTATE names map to PostgreSQL's codes") {
  CHECK(sqlstate_code(Sqlstate::SyntaxError) == "42601");
  CHECK(sqlstate_code(Sqlstate::FeatureNotSupported) == "0A000");
  CHECK(sqlstate_condition(Sqlstate::UniqueViolation) == "unique_violation");
}

TEST_CASE("every kind of exception maps to its fields") {
  CHECK(error_fields_of(std::bad_alloc()).sqlstate == Sqlstate::OutOfMemory);
  CHECK(error_fields_of(InternalError("x")).sqlstate == Sqlstate::InternalError);
  CHECK(error_fields_of(StorageError(Sqlstate::DiskFull, "x")).sqlstate == Sqlstate::DiskFull);
  auto fields = error_fields_of(SqlError(Sqlstate::SyntaxError, "m").detail("d").position(7));
  CHECK(fields.detail == "d");
  CHECK(fields.position == 7);
}
