// pg_get_partkeydef, pg_partition_tree and their kin.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "aegis/functions/quoting.h"
#include "functions/call.h"
#include "system/row.h"

namespace aegis::catalog {
namespace {

// A table or index of a partition tree.
struct Member {
  Oid oid = kInvalidOid;
  Oid parent = kInvalidOid;
  bool is_leaf = true;
  bool in_tree = false;  // partitioned, or a partition
};

Member member_of(const Version& version, Oid oid) {
  Member member;
  if (auto relation = version.relation(oid)) {
    member.oid = oid;
    member.is_leaf = !relation->is_partitioned();
    member.in_tree = relation->is_partitioned() || relation->is_partition();
    if (relation->is_partition() && !relation->parents.empty()) member.parent = relation->parents[0].relation;
  } else if (auto index = version.index(oid)) {
    auto table = version.relation(index->table);
    member.oid = oid;
    member.is_leaf = table == nullptr || !table->is_partitioned();
    member.in_tree = !member.is_leaf || index->parent != kInvalidOid;
    member.parent = index->parent;
  }
  return member;
}

std::vector<Oid> members_below(const Version& version, Oid oid) {
  std::vector<Oid> result;
  auto index = version.index(oid);
  for (const auto& child : version.children(index == nullptr ? oid : index->table)) {
    if (!child->is_partition()) continue;
    if (index == nullptr) {
      result.push_back(child->oid);
      continue;
    }
    for (const auto& other : version.indexes_of(*child)) {
      if (other->parent == oid) result.push_back(other->oid);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

Value partition_root(const CatalogCall& call) {
  Member member = member_of(call.version(), call.oid(0));
  if (!member.in_tree) return Value::null();
  while (member.parent != kInvalidOid) member = member_of(call.version(), member.parent);
  return Value::of_oid(member.oid);
}

// Of four numbers a member: itself, its parent, whether it is a leaf, its level.
Value partition_tree(const CatalogCall& call) {
  std::vector<Oid> flat;
  Member root = member_of(call.version(), call.oid(0));
  if (!root.in_tree) return oid_array(call.arena, flat);
  std::vector<std::pair<Oid, Oid>> queue{{root.oid, 0}};
  for (size_t i = 0; i < queue.size(); ++i) {
    auto [oid, level] = queue[i];
    Member member = member_of(call.version(), oid);
    for (Oid number : {oid, member.parent, Oid{member.is_leaf}, level}) flat.push_back(number);
    for (Oid below : members_below(call.version(), oid)) queue.emplace_back(below, level + 1);
  }
  return oid_array(call.arena, flat);
}

Value partition_ancestors(const CatalogCall& call) {
  std::vector<Oid> list;
  Member member = member_of(call.version(), call.oid(0));
  while (member.in_tree) {
    list.push_back(member.oid);
    if (member.parent == kInvalidOid) break;
    member = member_of(call.version(), member.parent);
  }
  return oid_array(call.arena, list);
}

Value get_partkeydef(const CatalogCall& call) {
  auto table = call.version().relation(call.oid(0));
  if (table == nullptr || !table->is_partitioned()) return Value::null();
  std::string text = visible_names(call.context, partition_key_text(*table, false, &call.version()));
  for (const auto& key : table->partition_key.columns) {
    auto made = key.opclass == kInvalidOid ? nullptr : call.version().operator_class(key.opclass);
    if (made == nullptr) continue;
    OperatorClassPtr seen;  // of the name alone
    for (Oid place : call.context.search_path) {
      if (seen == nullptr) seen = call.version().find_operator_class(made->method, place, made->name, call.context.database);
    }
    auto schema = seen == nullptr || seen->oid != made->oid ? nullptr : call.version().schema(made->schema);
    if (schema == nullptr) continue;
    std::string name = functions::quote_identifier(made->name), full = " " + functions::quote_identifier(schema->name) + "." + name;
    if (size_t at = text.find(full); at != std::string::npos) text.replace(at, full.size(), " " + name);
  }
  return call.string(text);
}

Value get_partition_constraintdef(const CatalogCall& call) {
  auto table = call.version().relation(call.oid(0));
  if (table == nullptr || !table->is_partition()) return Value::null();
  std::string text = partition_constraint_text(call.version(), *table, &call.types);
  return text.empty() ? Value::null() : call.string(text);
}

Value hash_partition_key_types(const CatalogCall& call) {
  auto table = call.version().relation(call.oid(0));
  if (table == nullptr) {
    throw SqlError(Sqlstate::InvalidParameterValue, "could not open relation with OID " + std::to_string(call.oid(0)));
  }
  if (table->partition_key.strategy != 'h') throw SqlError(Sqlstate::InvalidParameterValue, "\"" + table->name + "\" is not a hash partitioned table");
  std::vector<Oid> types;
  for (const auto& key : table->partition_key.columns) types.push_back(key.type.oid);
  return oid_array(call.arena, types);
}

Value hash_partition_key_functions(const CatalogCall& call) {
  auto table = call.version().relation(call.oid(0));
  if (table == nullptr) return Value::null();
  std::vector<Oid> functions;
  for (const auto& key : table->partition_key.columns) functions.push_back(partition_hash_function(call.version(), key));
  return oid_array(call.arena, functions);
}

constexpr CatalogFunction kFunctions[] = {
    {"hash_partition_key_functions", hash_partition_key_functions},
    {"hash_partition_key_types", hash_partition_key_types},
    {"pg_get_partkeydef", get_partkeydef},
    {"pg_get_partition_constraintdef", get_partition_constraintdef},
    {"pg_partition_root", partition_root},
    {"pg_partition_tree", partition_tree},
    {"pg_partition_ancestors", partition_ancestors},
};

}  // namespace

std::span<const CatalogFunction> partition_functions() { return kFunctions; }

}  // namespace aegis::catalog
