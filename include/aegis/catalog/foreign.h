// What foreign tables are read by.
#pragma once

#include "aegis/catalog/catalog.h"

namespace aegis::catalog {

// The handler of a foreign table's wrapper; 55000 when it has none.
Oid foreign_handler(const Version& version, const Relation& table);
// Throws 0A000: such a table cannot be changed. `verb`: insert into, update, delete from, truncate.
[[noreturn]] void refuse_foreign_write(const Version& version, const Relation& table, std::string_view verb);

}  // namespace aegis::catalog
