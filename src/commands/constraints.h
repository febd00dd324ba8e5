// CHECK, PRIMARY KEY, UNIQUE and FOREIGN KEY of new and of existing tables. `table` is a copy that the caller puts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

void add_check(CommandContext& context, catalog::Relation& table, const ast::Constraint& node, bool validate);
// `columns`: of a column constraint; else the node's keys. `only`: partitions get no such key; theirs are to be attached.
// What ALTER CONSTRAINT says of a constraint goes for those that partitions have of it.
void defer_clones(CommandContext& context, Oid table, Oid constraint, bool initially_deferred, bool deferrable = true);
void add_key(CommandContext& context, catalog::Relation& table, const ast::Constraint& node, std::vector<std::string> columns, bool only = false);
void add_exclusion(CommandContext& context, catalog::Relation& table, const ast::Constraint& node);
void add_foreign_key(CommandContext& context, catalog::Relation& table, const ast::Constraint& node, std::vector<std::string> columns,
                     bool validate);

// Throw 23514, 23503 or 23502 when a row there violates it.
void validate_check(CommandContext& context, const catalog::Relation& table, const catalog::Constraint& constraint);
void validate_foreign_key(CommandContext& context, const catalog::Relation& table, const catalog::Constraint& constraint);
void validate_not_null(CommandContext& context, const catalog::Relation& table, int column);
// Throws unless a foreign key may compare columns `from` and `to` of types `a` and `b`: 42804, 0A000 where PostgreSQL could.
void check_key_types(CommandContext& context, types::Type a, types::Type b, const std::string& name, const std::string& from, const std::string& to);

}  // namespace aegis::commands
