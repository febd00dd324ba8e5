// pg_inherits and pg_partitioned_table: what tables and indexes are below others.
#include "aegis/catalog/partition.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {

using namespace columns;  // NOLINT: the column numbers are what this file is about

void generate_pg_inherits(const SystemContext& context, RowSink& sink) {
  Row row(pg_inherits::kTable, sink);
  auto add = [&](Oid child, Oid parent, int number, bool pending) {
    row.set(pg_inherits::inhrelid, child)
        .set(pg_inherits::inhparent, parent)
        .set(pg_inherits::inhseqno, number)
        .set(pg_inherits::inhdetachpending, pending)
        .emit();
  };
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Relation) {
      int number = 0;
      for (const auto& parent : static_cast<const Relation&>(*object).parents) add(object->oid, parent.relation, ++number, parent.detach_pending);
    } else if (object->kind == ObjectKind::Index) {
      const auto& index = static_cast<const Index&>(*object);
      if (index.parent != kInvalidOid) add(index.oid, index.parent, 1, false);
    }
  }
}

void generate_pg_partitioned_table(const SystemContext& context, RowSink& sink) {
  Row row(pg_partitioned_table::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const Relation&>(*object);
    if (!relation.is_partitioned()) continue;
    std::vector<int> columns;
    std::vector<Oid> classes, collations;
    std::string expressions;
    for (const auto& key : relation.partition_key.columns) {
      columns.push_back(key.column + 1);
      Oid own = default_opclass(relation.partition_key.strategy == 'h' ? 405 : 403, key.type.oid);
      classes.push_back(key.opclass != kInvalidOid ? key.opclass : own);
      Oid of_type = types::type_info(key.type.oid).collation;
      collations.push_back(key.collation != kInvalidOid ? key.collation : of_type);
      if (key.column < 0) expressions += (expressions.empty() ? "" : ", ") + key.sql;
    }
    auto map = context.version.partitions(relation);
    Oid default_part = map->default_part() < 0 ? kInvalidOid : map->parts()[static_cast<size_t>(map->default_part())]->oid;
    row.set(pg_partitioned_table::partrelid, relation.oid)
        .set(pg_partitioned_table::partstrat, relation.partition_key.strategy)
        .set(pg_partitioned_table::partnatts, columns.size())
        .set(pg_partitioned_table::partdefid, default_part)
        .set(pg_partitioned_table::partattrs, int2vector(row.arena(), columns))
        .set(pg_partitioned_table::partclass, oidvector(row.arena(), classes))
        .set(pg_partitioned_table::partcollation, oidvector(row.arena(), collations))
        .set_text_or_null(pg_partitioned_table::partexprs, expressions)
        .emit();
  }
}

}  // namespace aegis::catalog
