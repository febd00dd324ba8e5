#include "aegis/catalog/tablespace.h"

#include "aegis/storage/table.h"

namespace aegis::catalog {

Oid effective_tablespace(const Version& version, Oid database, Oid tablespace) {
  if (tablespace != kInvalidOid) return tablespace;
  auto found = version.database(database);
  return found == nullptr ? kDefaultTablespace : found->tablespace;
}

std::string tablespace_link(Oid tablespace) { return "pg_tblspc/" + std::to_string(tablespace); }

std::string tablespace_folder(Oid tablespace) { return tablespace_link(tablespace) + "/" + storage::kTablespaceFolder + "1"; }

std::string tablespace_directory(const Version& version, Oid database, Oid tablespace) {
  Oid effective = effective_tablespace(version, database, tablespace);
  return effective < kFirstNormalOid ? std::string() : tablespace_folder(effective);
}

Oid find_tablespace(const Version& version, std::string_view name) {
  if (name == "pg_default") return kDefaultTablespace;
  if (name == "pg_global") return kGlobalTablespace;
  auto found = version.named_object(ObjectKind::Tablespace, kInvalidOid, kInvalidOid, name);
  return found == nullptr ? kInvalidOid : found->oid;
}

std::string tablespace_name(const Version& version, Oid tablespace) {
  if (tablespace == kDefaultTablespace) return "pg_default";
  if (tablespace == kGlobalTablespace) return "pg_global";
  auto found = version.find(tablespace);
  return found == nullptr ? std::string() : found->name;
}

}  // namespace aegis::catalog
