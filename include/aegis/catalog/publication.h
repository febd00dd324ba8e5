// What publications ask of the tables they publish.
#pragma once

#include <vector>

#include "aegis/catalog/catalog.h"

namespace aegis::catalog {

// A dependency of a publication's member on a column of its list; 'n' is one of its row filter. Shown as 'n' both.
inline constexpr char kColumnListDependency = 'N';

// The index that tells a row apart, as REPLICA IDENTITY says; null when there is none.
IndexPtr replica_index(const Version& version, const Relation& table);
// The members by which a table is published itself, or by a parent whose partition it is.
bool is_published(const Version& version, const Relation& table);
// Throws when a publication could not tell subscribers which row an UPDATE or DELETE of the table changed.
void check_replica_identity(const Version& version, const Relation& table, bool update);

}  // namespace aegis::catalog
