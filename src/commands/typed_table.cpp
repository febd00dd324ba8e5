#include "typed_table.h"

#include "aegis/base/error.h"
#include "names.h"
#include "objects.h"
#include "partition/inherit.h"

namespace aegis::commands {
namespace {

catalog::RelationPtr composite_type(CommandContext& context, const ast::TypeName& name) {
  auto version = context.catalog_version();
  ast::TypeName bare = name;
  bare.location = -1;
  types::Type type = analyzer::resolve_type(context.analyzer_context(*version), bare);
  auto owner = version->type_owner(type.oid);
  auto composite = owner == nullptr ? nullptr : version->relation(owner->oid);
  if (composite == nullptr || composite->relkind != 'c' || composite->row_type != type.oid) {
    throw SqlError(Sqlstate::WrongObjectType, "type " + types::format_type({type.oid}, context.types().names) + " is not a composite type");
  }
  return composite;
}

[[noreturn]] void mismatch(std::string text) { throw SqlError(Sqlstate::DatatypeMismatch, std::move(text)); }

}  // namespace

void take_columns_of_type(CommandContext& context, catalog::Relation& table, const ast::TypeName& name) {
  auto type = composite_type(context, name);
  table.of_type = type->row_type;
  for (const auto& field : type->columns) {
    if (field.dropped) continue;
    catalog::Column column;
    column.name = field.name;
    column.type = field.type;
    column.collation = field.collation;
    column.local = false;  // until all of the definition is read, so that a column written twice is found
    table.columns.push_back(std::move(column));
  }
}

void check_typed_alteration(const catalog::Relation& table, ast::AlterTableType subtype) {
  using ast::AlterTableType;
  if (table.of_type == kInvalidOid) return;
  auto refuse = [](const char* text) { throw SqlError(Sqlstate::WrongObjectType, text); };
  switch (subtype) {
    case AlterTableType::AddColumn: return refuse("cannot add column to typed table");
    case AlterTableType::DropColumn: return refuse("cannot drop column from typed table");
    case AlterTableType::AlterColumnType: return refuse("cannot alter column type of typed table");
    case AlterTableType::AddInherit: return refuse("cannot change inheritance of typed table");
    default: return;
  }
}

void set_table_type(CommandContext& context, Oid oid, const ast::TypeName& name) {
  auto table = copy_of(context.catalog_version()->relation(oid));
  if (!table->parents.empty()) throw SqlError(Sqlstate::WrongObjectType, "typed tables cannot inherit");
  auto type = composite_type(context, name);
  size_t at = 0;
  auto skip_dropped = [&](const catalog::Relation& relation, size_t& position) {
    while (position < relation.columns.size() && relation.columns[position].dropped) ++position;
  };
  for (const auto& field : type->columns) {
    if (field.dropped) continue;
    skip_dropped(*table, at);
    if (at >= table->columns.size()) mismatch("table is missing column \"" + field.name + "\"");
    const auto& column = table->columns[at++];
    if (column.name != field.name) mismatch("table has column \"" + column.name + "\" where type requires \"" + field.name + "\"");
    if (column.type != field.type || column.collation != field.collation) {
      mismatch("table \"" + table->name + "\" has different type for column \"" + column.name + "\"");
    }
  }
  skip_dropped(*table, at);
  if (at < table->columns.size()) mismatch("table has extra column \"" + table->columns[at].name + "\"");
  table->of_type = type->row_type;
  context.catalog_changes().put(table);
}

void remove_table_type(CommandContext& context, Oid oid) {
  auto table = copy_of(context.catalog_version()->relation(oid));
  if (table->of_type == kInvalidOid) throw SqlError(Sqlstate::WrongObjectType, "\"" + table->name + "\" is not a typed table");
  table->of_type = kInvalidOid;
  context.catalog_changes().put(table);
}

std::vector<catalog::RelationPtr> tables_of_type(CommandContext& context, Oid row_type) {
  std::vector<catalog::RelationPtr> found;
  for (const auto& object : context.catalog_version()->objects(context.database())) {
    if (object->kind != catalog::ObjectKind::Relation) continue;
    auto table = std::static_pointer_cast<const catalog::Relation>(object);
    if (table->of_type == row_type && row_type != kInvalidOid) found.push_back(table);
  }
  return found;
}

void check_typed_tables(CommandContext& context, const catalog::Relation& type, ast::DropBehavior behavior) {
  if (behavior == ast::DropBehavior::Cascade || tables_of_type(context, type.row_type).empty()) return;
  throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot alter type \"" + type.name + "\" because it is the type of a typed table")
      .hint("Use ALTER ... CASCADE to alter the typed tables too.");
}

}  // namespace aegis::commands
