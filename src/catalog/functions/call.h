// One call of a catalog function, and the tables of them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "aegis/catalog/system.h"
#include "aegis/types/type.h"

namespace aegis::catalog {

using types::Value;

struct CatalogCall {
  const SystemContext& context;
  const types::TypeContext& types;
  std::string_view symbol;
  std::span<const Value> arguments;
  Arena& arena;

  const Version& version() const { return context.version; }
  Oid oid(size_t i) const { return arguments[i].oid(); }
  std::string_view text(size_t i) const { return arguments[i].text(); }
  Value string(std::string_view value) const { return Value::of_string(arena.copy(value)); }
};

struct CatalogFunction {
  std::string_view symbol;
  Value (*call)(const CatalogCall&);
};

std::span<const CatalogFunction> activity_functions();
std::span<const CatalogFunction> definition_functions();
std::span<const CatalogFunction> description_functions();
std::span<const CatalogFunction> foreign_functions();
std::span<const CatalogFunction> index_functions();
std::span<const CatalogFunction> log_functions();
std::span<const CatalogFunction> partition_functions();
std::span<const CatalogFunction> size_functions();
std::span<const CatalogFunction> visibility_functions();
// The families has_<kind>_privilege_<argument kinds> and pg_has_role_…, by name. False: not one of them.
bool privilege_function(const CatalogCall& call, Value& result);
std::span<const CatalogFunction> acl_functions();
std::span<const CatalogFunction> address_functions();
std::span<const CatalogFunction> statistics_functions();

// --- What several files need ---
// A relation or index, null when absent.
ObjectPtr find_relation_or_index(const Version& version, Oid oid);
bool is_visible(const SystemContext& context, const Object& object);
// Its name as the current search path makes it necessary; always with the schema when `qualified`.
std::string relation_name(const SystemContext& context, const Object& object, bool qualified = false);
// 'schema.name'::regclass and the like with the names as they are visible now.
std::string visible_names(const SystemContext& context, std::string_view sql);
// "(a > 0)" without its outer parentheses, if they belong together.
std::string_view without_parentheses(std::string_view sql);
// An expression as pg_get_expr(…, true) shows it: without the parentheses that only make its structure plain.
std::string pretty_expression(std::string_view sql);
std::string column_list(const Relation& relation, const std::vector<int>& columns);
// Raises 42P01 when there is none.
Oid relation_by_name(const CatalogCall& call, std::string_view name);

}  // namespace aegis::catalog
