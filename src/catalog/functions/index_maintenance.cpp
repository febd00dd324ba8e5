// What PostgreSQL lets one do to an index by hand. Here there is nothing left to do: the summaries of brin are the segments'
// zone maps, kept with them, and gin has no list of entries that wait.
#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

void check_index(const CatalogCall& call, const char* method, const char* shown) {
  auto object = call.version().find(call.oid(0));
  if (object == nullptr) throw SqlError(Sqlstate::UndefinedTable, "could not open relation with OID " + std::to_string(call.oid(0)));
  auto index = call.version().index(call.oid(0));
  if (index == nullptr) throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not an index");
  if (index->method != method) throw SqlError(Sqlstate::WrongObjectType, "\"" + index->name + "\" is not a " + shown + " index");
  auto role = call.version().role(call.context.role);
  bool owns = role != nullptr && (role->superuser || is_member(call.version(), role->oid, index->owner, true));
  if (!owns) throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of index " + index->name);
}

void check_block(const CatalogCall& call) {
  int64_t block = call.arguments[1].i64;
  if (block < 0 || block > UINT32_MAX) throw SqlError(Sqlstate::NumericValueOutOfRange, "block number out of range: " + std::to_string(block));
}

Value summarize_new_values(const CatalogCall& call) {
  check_index(call, "brin", "BRIN");
  return Value::of_i32(0);
}
Value summarize_range(const CatalogCall& call) {
  check_block(call);
  check_index(call, "brin", "BRIN");
  return Value::of_i32(0);
}
Value desummarize_range(const CatalogCall& call) {
  check_block(call);
  check_index(call, "brin", "BRIN");
  return Value::null();
}
Value clean_pending_list(const CatalogCall& call) {
  check_index(call, "gin", "GIN");
  return Value::of_i64(0);
}

constexpr CatalogFunction kFunctions[] = {
    {"brin_summarize_new_values", summarize_new_values},
    {"brin_summarize_range", summarize_range},
    {"brin_desummarize_range", desummarize_range},
    {"gin_clean_pending_list", clean_pending_list},
};

}  // namespace

std::span<const CatalogFunction> index_functions() { return kFunctions; }

}  // namespace aegis::catalog
