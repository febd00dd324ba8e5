// Names in statements: where new objects go, names PostgreSQL makes up, and locks on names not yet taken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// 1-based position of a node in the statement's text.
int position_of(CommandContext& context, const ast::Node& node);
// a.b.c
std::string dotted(ast::NameList names);
// The parts of a String or QualifiedName.
std::vector<std::string_view> names_of(const ast::Node& node);
std::string display_name(const ast::RangeVar& name);
ast::RangeVar range_var(CommandContext& context, ast::NameList names);

struct NewName {
  Oid schema = kInvalidOid;
  std::string name;
  char persistence = 'p';
};
// Where an object of that name is to be made; checks temporary schemas and cross-database names.
// Throws 42501 unless the current role may create objects in the schema.
void check_may_create(CommandContext& context, Oid schema, int position);
// Throws 42501 unless the current role has USAGE on the type, or on that of an array's elements.
void check_type_usage(CommandContext& context, Oid type);
NewName creation_name(CommandContext& context, const ast::RangeVar& name);
// 3F000 unless missing_ok.
Oid find_schema(CommandContext& context, std::string_view name, bool missing_ok);

// Makes others who create the same name wait for this transaction. `catalog` is the OID of the kind's pg_ table.
void lock_name(CommandContext& context, Oid catalog, Oid scope, std::string_view name);

// name1_name2_label cut to 63 bytes; empty parts are left out.
std::string make_object_name(std::string_view name1, std::string_view name2, std::string_view label);
// The first of name, name1, name2, … that no relation of the schema has, locked.
std::string choose_relation_name(CommandContext& context, Oid schema, std::string_view name1, std::string_view name2,
                                 std::string_view label);
// The same among the schema's constraints and `taken`.
std::string choose_constraint_name(CommandContext& context, const catalog::Relation& table, std::string_view name2,
                                   std::string_view label, const std::vector<std::string>& taken = {});
// a_b of column names, cut as PostgreSQL does.
std::string joined_names(const std::vector<std::string>& names);

// "schema.name" for messages and SQL, quoted where needed.
std::string sql_name(const catalog::Version& version, const catalog::Object& object);

// 42704 unless missing_ok.
Oid find_role(CommandContext& context, const ast::RoleSpec& role, bool missing_ok = false);
Oid find_role(CommandContext& context, std::string_view name, bool missing_ok = false);
bool is_member_of(const catalog::Version& version, Oid role, Oid of);

}  // namespace aegis::commands
