// Tables whose columns are those of a composite type (CREATE TABLE … OF).
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// Gives a new table the type's columns.
void take_columns_of_type(CommandContext& context, catalog::Relation& table, const ast::TypeName& name);
// 42809 for what the type decides.
void check_typed_alteration(const catalog::Relation& table, ast::AlterTableType subtype);
// ALTER TABLE … OF and NOT OF.
void set_table_type(CommandContext& context, Oid table, const ast::TypeName& name);
void remove_table_type(CommandContext& context, Oid table);
// The typed tables of a composite type.
std::vector<catalog::RelationPtr> tables_of_type(CommandContext& context, Oid row_type);
// 2BP01 unless there are none, or CASCADE was written.
void check_typed_tables(CommandContext& context, const catalog::Relation& type, ast::DropBehavior behavior);
// What was done to the type, done to a table of it.
void alter_typed_table(CommandContext& context, Oid table, const ast::AlterTableCmd& command);

}  // namespace aegis::commands
