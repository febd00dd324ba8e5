// pg_attribute and pg_attrdef: columns of relations and indexes.
#include <cctype>
#include <string>

#include "aegis/catalog/told_figures.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about

struct Attribute {
  Oid relation;
  int number;
  std::string_view name;
  Type type;
  Oid collation = kInvalidOid;
  bool not_null = false;
};

// The type's part of an attribute. Types that are not built in are rows (composite) or their arrays.
Row& set_attribute(Row& row, const Attribute& attribute) {
  row.set(pg_attribute::attrelid, attribute.relation)
      .set(pg_attribute::attname, attribute.name)
      .set(pg_attribute::atttypid, attribute.type.oid)
      .set(pg_attribute::attstattarget, attribute.number < 0 ? 0 : -1)
      .set(pg_attribute::attnum, attribute.number)
      .set(pg_attribute::attcacheoff, -1)
      .set(pg_attribute::atttypmod, attribute.type.typmod)
      .set(pg_attribute::attnotnull, attribute.not_null)
      .set(pg_attribute::attislocal, true)
      .set(pg_attribute::attcollation, attribute.collation);
  const auto* info = types::find_type(attribute.type.oid);
  bool is_array = info != nullptr && types::is_array(attribute.type.oid);
  row.set(pg_attribute::attlen, info == nullptr ? -1 : info->length)
      .set(pg_attribute::attbyval, info != nullptr && info->by_value)
      .set(pg_attribute::attalign, info == nullptr ? 'd' : info->alignment)
      .set(pg_attribute::attstorage, info == nullptr ? 'x' : info->storage)
      .set(pg_attribute::attndims, is_array && attribute.type.oid != types::oid::kInt2vector && attribute.type.oid != types::oid::kOidvector);
  return row;
}

// A type's own collation stands for an unset one.
Oid collation_of(Type type, Oid collation) {
  if (collation != kInvalidOid) return collation;
  const auto* info = types::find_type(type.oid);
  return info == nullptr ? kInvalidOid : info->collation;
}

void add_system_columns(Row& row, Oid relation) {
  namespace oid = types::oid;
  struct SystemAttribute {
    int number;
    const char* name;
    Oid type;
  };
  for (auto [number, name, type] : {SystemAttribute{-6, "tableoid", oid::kOid}, {-5, "cmax", oid::kCid}, {-4, "xmax", oid::kXid},
                                    {-3, "cmin", oid::kCid}, {-2, "xmin", oid::kXid}, {-1, "ctid", oid::kTid}}) {
    set_attribute(row, {relation, number, name, {type}, kInvalidOid, true}).emit();
  }
}

void add_column(Row& row, const Relation& relation, const Column& column, int number) {
  if (column.dropped) {
    std::string name = "........pg.dropped." + std::to_string(number) + "........";
    set_attribute(row, {relation.oid, number, name, column.type})
        .set(pg_attribute::atttypid, kInvalidOid)
        .set(pg_attribute::attisdropped, true)
        .emit();
    return;
  }
  set_attribute(row, {relation.oid, number, column.name, column.type, collation_of(column.type, column.collation), column.not_null});
  if (column.storage != 0) row.set(pg_attribute::attstorage, column.storage);
  row.set(pg_attribute::atthasdef, !column.default_sql.empty())
      .set(pg_attribute::atthasmissing, column.has_missing)
      .set(pg_attribute::attidentity, column.identity)
      .set_acl(pg_attribute::attacl, column.acl)
      .set(pg_attribute::attgenerated, column.generated)
      .set(pg_attribute::attcompression, column.compression)
      .set_texts(pg_attribute::attoptions, column.options)
      .set(pg_attribute::attstattarget, column.statistics_target)
      .set(pg_attribute::attislocal, column.local)
      .set(pg_attribute::attinhcount, column.inherit_count)
      .set_texts(pg_attribute::attfdwoptions, column.foreign_options)
      .emit();
}

void add_relation(Row& row, const Relation& relation) {
  bool is_table = relation.relkind == 'r' && !shown_as_view(relation.oid);
  if (relation.oid >= kFirstNormalOid) is_table = relation.relkind == 'r' || relation.is_partitioned() || relation.is_foreign();
  if (is_table || relation.relkind == 'm' || relation.relkind == 'S') add_system_columns(row, relation.oid);
  int number = 0;
  for (const auto& column : relation.columns) add_column(row, relation, column, ++number);
  if (relation.relkind == 'S' && relation.columns.empty()) {
    set_attribute(row, {relation.oid, 1, "last_value", {types::oid::kInt8}, kInvalidOid, true}).emit();
    set_attribute(row, {relation.oid, 2, "log_cnt", {types::oid::kInt8}, kInvalidOid, true}).emit();
    set_attribute(row, {relation.oid, 3, "is_called", {types::oid::kBool}, kInvalidOid, true}).emit();
  }
}

// A call gives its function's name to the index's column.
std::string expression_name(std::string_view sql) {
  size_t end = 0;
  if (size_t point = sql.substr(0, sql.find('(')).rfind('.'); point != std::string_view::npos && sql.find('(') != std::string_view::npos) sql.remove_prefix(point + 1);
  while (end < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[end])) || sql[end] == '_')) ++end;
  bool is_call = end > 0 && end < sql.size() && sql[end] == '(' && sql.back() == ')';
  return is_call ? std::string(sql.substr(0, end)) : "expr";
}

void add_index(Row& row, const Version& version, Oid database, const Index& index) {
  auto table = version.relation(index.table);
  auto targets = index_statistics_targets(version, database, index.oid);
  int number = 0;
  int repeats = 0;
  std::vector<std::string> names;
  for (const auto& column : index.columns) {
    ++number;
    std::string name = expression_name(column.sql);
    for (const auto& earlier : names) {
      if (earlier == name && column.column < 0) name = expression_name(column.sql) + std::to_string(++repeats);
    }
    if (column.column >= 0 && table != nullptr) name = table->columns[column.column].name;
    names.push_back(name);
    set_attribute(row, {index.oid, number, name, column.type, collation_of(column.type, column.collation)});
    if (auto target = targets.find(number); target != targets.end()) row.set(pg_attribute::attstattarget, target->second);
    row.emit();
  }
  for (int included : index.included) {
    if (table == nullptr) continue;
    const auto& column = table->columns[included];
    set_attribute(row, {index.oid, ++number, column.name, column.type}).emit();
  }
}

}  // namespace

void generate_pg_attribute(const SystemContext& context, RowSink& sink) {
  Row row(pg_attribute::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Relation) add_relation(row, static_cast<const Relation&>(*object));
    if (object->kind == ObjectKind::Index) add_index(row, context.version, context.database, static_cast<const Index&>(*object));
  }
}

void generate_pg_attrdef(const SystemContext& context, RowSink& sink) {
  Row row(pg_attrdef::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const Relation&>(*object);
    for (size_t i = 0; i < relation.columns.size(); ++i) {
      const auto& column = relation.columns[i];
      if (column.dropped || column.default_sql.empty()) continue;
      row.set(pg_attrdef::oid, column.default_oid)
          .set(pg_attrdef::adrelid, relation.oid)
          .set(pg_attrdef::adnum, i + 1)
          .set(pg_attrdef::adbin, column.default_sql)
          .emit();
    }
  }
}

}  // namespace aegis::catalog
