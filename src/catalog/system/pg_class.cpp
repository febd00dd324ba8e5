// pg_class, pg_sequence, pg_rewrite: what relations are.
#include <algorithm>

#include "aegis/catalog/partition.h"
#include "aegis/catalog/told_figures.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/index.h"
#include "aegis/storage/table.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about

// Foreign keys are triggers in PostgreSQL's catalogs.
bool has_triggers(const Version& version, const Relation& relation) {
  for (const auto& constraint : relation.constraints) {
    if (constraint.kind == 'f') return true;
  }
  return !version.referencing(relation.oid).empty() || !version.triggers(relation.oid).empty();
}

int count_checks(const Relation& relation) {
  int count = 0;
  for (const auto& constraint : relation.constraints) count += constraint.kind == 'c';
  return count;
}

uint64_t pages(uint64_t bytes) { return (bytes + 8191) / 8192; }

void set_common(Row& row, const Object& object) {
  row.set(pg_class::oid, object.oid)
      .set(pg_class::relname, object.name)
      .set(pg_class::relnamespace, object.schema)
      .set(pg_class::relowner, object.owner)
      .set(pg_class::reltuples, -1)
      .set(pg_class::relispopulated, true)
      .set_acl(pg_class::relacl, object.acl);
}

void set_told(const SystemContext& context, const Object& object, uint32_t storage, Row& row) {
  auto told = told_figures(context.version, context.database, object.oid, storage);
  if (!told) return;
  row.set_real(pg_class::reltuples, told->tuples).set(pg_class::relpages, told->pages).set(pg_class::relallvisible, told->all_visible);
}

void add_relation(const SystemContext& context, const Relation& relation, Row& row) {
  bool is_system = relation.oid < kFirstNormalOid;
  char kind = is_system && relation.relkind == 'r' && shown_as_view(relation.oid) ? 'v' : relation.relkind;
  bool is_table = kind == 'r';
  set_common(row, relation);
  std::string bound;
  if (relation.relkind == 'm') row.set(pg_class::relispopulated, relation.populated);
  row.set(pg_class::reltype, relation.row_type)
      .set(pg_class::relam, !is_table && kind != 'm' ? 0 : relation.access_method != kInvalidOid ? relation.access_method : 2)
      .set(pg_class::reltablespace, is_system && is_shared_catalog(relation.oid) ? kGlobalTablespace : relation.tablespace)
      .set(pg_class::relfilenode, kind == 'p' ? 0 : is_system ? (is_table ? relation.oid : 0) : relation.storage.value)
      .set(pg_class::relhasindex, !relation.indexes.empty())
      .set(pg_class::relisshared, is_system && is_shared_catalog(relation.oid))
      .set(pg_class::relpersistence, relation.persistence)
      .set(pg_class::relkind, kind)
      .set(pg_class::relnatts, relation.columns.empty() && kind == 'S' ? 3 : relation.columns.size())
      .set(pg_class::reloftype, relation.of_type)
      .set(pg_class::relchecks, count_checks(relation))
      .set(pg_class::relhasrules, kind == 'v' || kind == 'm' || !relation.rules.empty())
      .set(pg_class::relhastriggers, !is_system && has_triggers(context.version, relation))
      .set(pg_class::relrowsecurity, relation.row_security)
      .set(pg_class::relforcerowsecurity, relation.force_row_security)
      .set(pg_class::relhassubclass, context.version.has_children(relation.oid))
      .set(pg_class::relispartition, relation.is_partition())
      .set(pg_class::relreplident, (is_table || kind == 'p' || kind == 'm') && !is_system ? relation.replica_identity : 'n')
      .set_texts(pg_class::reloptions, relation.options);
  if (relation.is_partition()) {
    auto parent = relation.parents.empty() ? nullptr : context.version.relation(relation.parents[0].relation);
    if (parent != nullptr) bound = partition_bound_text(*parent, relation.partition_bound);
    row.set_text_or_null(pg_class::relpartbound, bound);
  }
  if (kind == 'S' || kind == 'v' || kind == 'c') row.set(pg_class::reltuples, kind == 'S' ? 1 : 0);
  auto stored = is_table && !is_system && context.engine != nullptr ? context.engine->table(relation.storage) : nullptr;
  // As of now, once somebody has asked for it by VACUUM or ANALYZE.
  if (stored != nullptr && (stored->activity().analyzes > 0 || stored->activity().vacuums > 0)) {
    storage::TableStatistics statistics = stored->statistics();
    row.set(pg_class::reltuples, statistics.row_count);
    row.set(pg_class::relpages, pages(statistics.size_bytes + statistics.disk_bytes));
  }
  set_told(context, relation, relation.storage.value, row);
  row.emit();
}

bool has_parts(const Version& version, const Index& index) {
  for (const auto& child : version.children(index.table)) {
    for (const auto& part : version.indexes_of(*child)) {
      if (part->parent == index.oid) return true;
    }
  }
  return false;
}

void add_index(const SystemContext& context, const Index& index, Row& row) {
  auto table = context.version.relation(index.table);
  set_common(row, index);
  bool partitioned = table != nullptr && table->is_partitioned();
  row.set(pg_class::relam, access_method(index.method))
      .set(pg_class::reltablespace, index.tablespace)
      .set(pg_class::relfilenode, partitioned ? 0 : index.storage.value)
      .set(pg_class::relpersistence, table == nullptr ? 'p' : table->persistence)
      .set(pg_class::relkind, partitioned ? 'I' : 'i')
      .set(pg_class::relhassubclass, partitioned && has_parts(context.version, index))
      .set(pg_class::relispartition, index.parent != kInvalidOid)
      .set(pg_class::relnatts, index.columns.size() + index.included.size())
      .set(pg_class::relreplident, 'n')
      .set(pg_class::reltuples, 0)
      .set(pg_class::relpages, 1)
      .set_texts(pg_class::reloptions, index.options);
  if (auto stored = context.engine == nullptr ? nullptr : context.engine->index(index.storage)) {
    row.set(pg_class::reltuples, stored->entry_count()).set(pg_class::relpages, pages(stored->size_bytes()));
  }
  set_told(context, index, index.storage.value, row);
  row.emit();
}

}  // namespace

void generate_pg_class(const SystemContext& context, RowSink& sink) {
  Row row(pg_class::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Relation) add_relation(context, static_cast<const Relation&>(*object), row);
    if (object->kind == ObjectKind::Index) add_index(context, static_cast<const Index&>(*object), row);
  }
}

void generate_pg_sequence(const SystemContext& context, RowSink& sink) {
  Row row(pg_sequence::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const Relation&>(*object);
    if (relation.relkind != 'S') continue;
    const auto& sequence = relation.sequence;
    row.set(pg_sequence::seqrelid, relation.oid)
        .set(pg_sequence::seqtypid, sequence.type)
        .set(pg_sequence::seqstart, sequence.start)
        .set(pg_sequence::seqincrement, sequence.increment)
        .set(pg_sequence::seqmax, sequence.maximum)
        .set(pg_sequence::seqmin, sequence.minimum)
        .set(pg_sequence::seqcache, sequence.cache)
        .set(pg_sequence::seqcycle, sequence.cycle)
        .emit();
  }
}

void generate_pg_rewrite(const SystemContext& context, RowSink& sink) {
  Row row(pg_rewrite::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const Relation&>(*object);
    for (const auto& rule : relation.rules) {
      row.set(pg_rewrite::oid, rule.oid)
          .set(pg_rewrite::rulename, rule.name)
          .set(pg_rewrite::ev_class, relation.oid)
          .set(pg_rewrite::ev_type, rule.event)
          .set(pg_rewrite::ev_enabled, rule.enabled)
          .set(pg_rewrite::is_instead, rule.instead)
          .set(pg_rewrite::ev_qual, rule.where_sql.empty() ? std::string("<>") : rule.where_sql)
          .set(pg_rewrite::ev_action, rule.actions.empty() ? std::string("<>") : rule.actions[0])
          .emit();
    }
    if (relation.relkind != 'v' && relation.relkind != 'm') continue;
    row.set(pg_rewrite::oid, rule_oid(relation.oid))
        .set(pg_rewrite::rulename, "_RETURN")
        .set(pg_rewrite::ev_class, relation.oid)
        .set(pg_rewrite::ev_type, '1')
        .set(pg_rewrite::ev_enabled, 'O')
        .set(pg_rewrite::is_instead, true)
        .set(pg_rewrite::ev_qual, "<>")
        .set(pg_rewrite::ev_action, relation.view_sql)
        .emit();
  }
}

}  // namespace aegis::catalog
