// CREATE INDEX, and indexes made on behalf of constraints.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// 42809: a unique index would have to hold for partitions that are foreign.
[[noreturn]] void refuse_foreign_parts(const catalog::Relation& table);
CommandResult create_index(const ast::IndexStmt& statement, CommandContext& context);

// Whether others may write to the table while an index is built.
enum class Writers : uint8_t { Wait, GoOn };

// Gives the index its ids, builds it over the table's rows (23505 for duplicates) and adds it to the catalog and to
// `table`, which the caller puts.
void build_index(CommandContext& context, catalog::Relation& table, const std::shared_ptr<catalog::Index>& index,
                 Writers writers = Writers::Wait);
// Builds a catalog index anew for the table's present storage.
void rebuild_index(CommandContext& context, const catalog::Relation& table, const catalog::Index& index);
// 23505 if the built index holds a key twice.
void check_unique(CommandContext& context, const catalog::Relation& table, const catalog::Index& index);
// 42704 unless the type can be a key.
void require_ordering(types::Type type);
// The index columns of plain column numbers.
std::vector<catalog::IndexColumn> plain_index_columns(const catalog::Relation& table, const std::vector<int>& columns);

// Names are made unique as PostgreSQL names an index's columns.
void add_index_key(CommandContext& context, const ast::IndexElem* element, const catalog::Relation& table, catalog::Index& index, std::vector<std::string>& names);
// Checks that the method exists and can do what is asked of it.
std::string index_method(std::string_view written, bool unique, bool included, size_t columns);

// The operator class of a partition key: 0 unless it is a user's.
Oid partition_class(CommandContext& context, char strategy, ast::NameList name, types::Type type);

}  // namespace aegis::commands
