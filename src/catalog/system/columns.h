// Numbers of the system catalogs' columns: columns::pg_class::relname.
#pragma once

#include "aegis/base/ids.h"

namespace aegis::catalog::columns {

#define AEGIS_TABLE(oid_number, table)               \
  namespace table {                                  \
  using aegis::Oid;                                  \
  inline constexpr Oid kTable = oid_number;          \
  enum Column : int {
#define AEGIS_COLUMN(column, type, not_null) column,
#define AEGIS_END(table) kColumnCount }; }
#include "system/columns.def"
#undef AEGIS_TABLE
#undef AEGIS_COLUMN
#undef AEGIS_END

}  // namespace aegis::catalog::columns
