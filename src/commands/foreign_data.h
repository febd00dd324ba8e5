// Foreign-data wrappers, servers, user mappings and foreign tables.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_wrapper(const ast::CreateFdwStmt& statement, CommandContext& context);
CommandResult alter_wrapper(const ast::AlterFdwStmt& statement, CommandContext& context);
CommandResult create_server(const ast::CreateForeignServerStmt& statement, CommandContext& context);
CommandResult alter_server(const ast::AlterForeignServerStmt& statement, CommandContext& context);
CommandResult create_user_mapping(const ast::CreateUserMappingStmt& statement, CommandContext& context);
CommandResult alter_user_mapping(const ast::AlterUserMappingStmt& statement, CommandContext& context);
CommandResult drop_user_mapping(const ast::DropUserMappingStmt& statement, CommandContext& context);
CommandResult create_foreign_table(const ast::CreateForeignTableStmt& statement, CommandContext& context);
CommandResult import_foreign_schema(const ast::ImportForeignSchemaStmt& statement, CommandContext& context);

// 42704 unless missing_ok, which gives a notice and null.
std::shared_ptr<const catalog::ForeignDataWrapper> find_wrapper(CommandContext& context, std::string_view name, bool missing_ok = false);
std::shared_ptr<const catalog::ForeignServer> find_server(CommandContext& context, std::string_view name, bool missing_ok = false);
// What ALTER … OWNER TO asks of the new owner besides.
void check_wrapper_owner(CommandContext& context, const catalog::ForeignDataWrapper& wrapper, Oid owner);
void check_server_owner(CommandContext& context, const catalog::ForeignServer& server, Oid owner);

// OPTIONS (…) applied to a list of name=value, and checked by the wrapper's validator. `catalog` is the OID of the
// pg_ table the options belong to.
std::vector<std::string> foreign_options(CommandContext& context, std::vector<std::string> options, ast::List<ast::DefElem> changes, Oid catalog,
                                         const catalog::ForeignDataWrapper& wrapper);
// Steps of CREATE FOREIGN TABLE: what a foreign table cannot have, its server, and the options of it and its columns.
void refuse_foreign_constraint(CommandContext& context, const ast::Constraint& constraint);
void refuse_foreign_elements(CommandContext& context, const ast::CreateStmt& statement);
void set_foreign_server(CommandContext& context, catalog::Relation& table, const ast::CreateForeignTableStmt& statement, const catalog::Relation* parent);
void set_foreign_options(CommandContext& context, catalog::Relation& table, const ast::CreateForeignTableStmt& statement);
void set_column_options(CommandContext& context, catalog::Relation& table, int column, ast::List<ast::DefElem> options);
// ALTER FOREIGN TABLE … OPTIONS, of the table or of a column.
void alter_foreign_options(CommandContext& context, Oid table, const ast::AlterTableCmd& command);
// Throws 42809 for parts of ALTER TABLE that foreign tables do not know.
void check_foreign_alteration(const catalog::Relation& table, ast::AlterTableType action);
// Throws 42809 when an index of the partitioned table is unique.
void check_foreign_partition(CommandContext& context, const catalog::Relation& parent, const std::string& message, const char* detail);

// The wrapper of a foreign table, or of one that is being made.
std::shared_ptr<const catalog::ForeignDataWrapper> wrapper_of(const catalog::Version& version, Oid server);

}  // namespace aegis::commands
