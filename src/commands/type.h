// CREATE, ALTER and DROP of types and domains.
#pragma once

#include <string>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"
#include "dependency.h"

namespace aegis::commands {

CommandResult create_enum(const ast::CreateEnumStmt& statement, CommandContext& context);
CommandResult alter_enum(const ast::AlterEnumStmt& statement, CommandContext& context);
CommandResult create_composite(const ast::CompositeTypeStmt& statement, CommandContext& context);
CommandResult create_range(const ast::CreateRangeStmt& statement, CommandContext& context);
CommandResult alter_composite(const ast::AlterTableStmt& statement, CommandContext& context);
CommandResult create_domain(const ast::CreateDomainStmt& statement, CommandContext& context);
CommandResult alter_domain(const ast::AlterDomainStmt& statement, CommandContext& context);

// DROP TYPE and DROP DOMAIN.
void collect_type_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets);

// ALTER TYPE | DOMAIN … RENAME, RENAME ATTRIBUTE, RENAME CONSTRAINT.
CommandResult rename_type(const ast::RenameStmt& statement, CommandContext& context);
// The object (a UserType, or the Relation of a composite) that a type's name means; 42704 when absent. `domain`: it must
// be one.
catalog::ObjectPtr open_type(CommandContext& context, ast::NameList names, bool domain = false);

// Relations with a column of the type, or of a domain, array, range or composite over it; `nested` tells which.
struct TypeUse {
  catalog::RelationPtr relation;
  int column;
  bool nested;
};
std::vector<TypeUse> uses_of_type(CommandContext& context, Oid type);

// 42P16 when a row of `row_type` would be part of itself.
void check_not_inside(CommandContext& context, Oid row_type, Oid type);
// 0A000 when values of the table's row type are kept in a column.
void refuse_used_rows(CommandContext& context, const catalog::Relation& table);

// Where a new type goes: 42710 when the name is taken.
struct NewTypeName {
  Oid schema;
  std::string name;
};
NewTypeName new_type_name(CommandContext& context, ast::NameList names);

}  // namespace aegis::commands
