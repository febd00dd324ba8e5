// The generators: one a catalog, in a file of its catalog's name or its family's.
#pragma once

#include "aegis/catalog/operator_classes.h"
#include "aegis/catalog/system.h"

namespace aegis::catalog {

// Of the objects in a catalog version.
#define AEGIS_GENERATOR(table) void generate_##table(const SystemContext& context, RowSink& sink);
// Of PostgreSQL's and the registries' facts, the same in every version.
#define AEGIS_FIXED(table) AEGIS_GENERATOR(table)
#include "system/generators.def"
#undef AEGIS_GENERATOR
#undef AEGIS_FIXED

// What is built in under an extension's name. The schema aegis belongs to one, so that pg_dump leaves it out.
inline constexpr Oid kPlPgSqlExtension = 13559;
inline constexpr Oid kAegisExtension = 13560;

// The rule that PostgreSQL would have for a view: it has no object of its own here.
constexpr Oid rule_oid(Oid view) { return view ^ 0x40000000u; }
// "language = 'english', stopwords = 'english'"
std::string ts_option_text(const TsDictionary& dictionary);
// Whether a catalog is a view in PostgreSQL although it is generated here.
constexpr bool shown_as_view(Oid system_table) { return system_table >= 12000; }

}  // namespace aegis::catalog
