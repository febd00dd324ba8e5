// Finding, locking, copying and describing catalog objects.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "aegis/catalog/privileges.h"
#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// Finds by name, locks, and looks again until the name means what was locked. Null when missing_ok and absent.
// The object may be an index.
catalog::ObjectPtr open_object(CommandContext& context, const ast::RangeVar& name, txn::LockMode mode, bool missing_ok = false);
// A relation that is no index; 42809 otherwise.
catalog::RelationPtr open_relation(CommandContext& context, const ast::RangeVar& name, txn::LockMode mode, bool missing_ok = false);
// 42809 `"x" is not a table` unless it is one.
catalog::RelationPtr open_table(CommandContext& context, const ast::RangeVar& name, txn::LockMode mode, bool missing_ok = false);

template <typename T>
std::shared_ptr<T> copy_of(const std::shared_ptr<const T>& object) {
  return std::make_shared<T>(*object);
}

bool is_system(const catalog::Version& version, const catalog::Object& object);
// 42501 unless the current role owns the object or is a superuser, or it is a system catalog.
void check_owner(CommandContext& context, const catalog::Object& object);
// 55006 while statements or cursors of the session use the table, or triggers of it wait to be fired.
void check_not_in_use(CommandContext& context, const catalog::Object& object, const char* command);
void require_superuser(CommandContext& context, std::string message);

using catalog::kind_name;
// "table a", schema-qualified when it is not on the search path.
std::string describe(CommandContext& context, const catalog::Object& object);
std::string visible_name(CommandContext& context, const catalog::Object& object);

void notice(CommandContext& context, std::string message, Sqlstate sqlstate = Sqlstate::SuccessfulCompletion);
void warning(CommandContext& context, std::string message, Sqlstate sqlstate = Sqlstate::Warning);

// ALTER … OWNER TO and REASSIGN OWNED: with a table go its indexes and owned sequences.
void set_owner(CommandContext& context, const catalog::Object& object, Oid owner);
// A copy of any object.
std::shared_ptr<catalog::Object> clone_object(const catalog::Object& object);

int require_column(const catalog::Relation& table, std::string_view name);
// In the table's database, or in another one where it is to be copied.
storage::TableSchema storage_schema(const catalog::Relation& table, const catalog::Version& version, Oid database = kInvalidOid);
// By column: its own method, or the table's.
std::vector<storage::ColumnCompression> storage_compression(const catalog::Relation& table);

}  // namespace aegis::commands
