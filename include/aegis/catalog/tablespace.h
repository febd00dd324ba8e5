// Where relations of a tablespace have their files.
#pragma once

#include <string>

#include "aegis/catalog/catalog.h"

namespace aegis::catalog {

// The tablespace of a relation whose own is `tablespace` (0: the database's).
Oid effective_tablespace(const Version& version, Oid database, Oid tablespace);
// storage::TableSchema::directory for it.
std::string tablespace_directory(const Version& version, Oid database, Oid tablespace);
// pg_tblspc/<oid>, and the engine's folder in it.
std::string tablespace_link(Oid tablespace);
std::string tablespace_folder(Oid tablespace);
// Of pg_default and pg_global too; kInvalidOid when absent.
Oid find_tablespace(const Version& version, std::string_view name);
std::string tablespace_name(const Version& version, Oid tablespace);

}  // namespace aegis::catalog
