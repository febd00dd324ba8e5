// pg_index and pg_constraint.
#include "aegis/functions/function.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about

void add_index(Row& row, const Version& version, const Index& index) {
  std::vector<int> key, options;
  std::vector<Oid> collations, classes;
  std::string expressions;
  for (const auto& column : index.columns) {
    key.push_back(column.column + 1);
    options.push_back((column.descending ? 1 : 0) | (column.nulls_first ? 2 : 0));
    const auto* type = types::find_type(column.type.oid);
    collations.push_back(column.collation != kInvalidOid ? column.collation : type == nullptr ? kInvalidOid : type->collation);
    classes.push_back(column.opclass != kInvalidOid ? column.opclass : default_opclass(access_method(index.method), column.type.oid));
    if (column.column < 0) expressions += (expressions.empty() ? "" : ", ") + column.sql;
  }
  for (int included : index.included) key.push_back(included + 1);
  bool immediate = true, identity = false;
  if (auto table = version.relation(index.table)) {
    identity = table->replica_index == index.oid;
    for (const auto& constraint : table->constraints) {
      if (constraint.oid == index.constraint) immediate = !constraint.deferrable;
    }
  }
  row.set(pg_index::indexrelid, index.oid)
      .set(pg_index::indrelid, index.table)
      .set(pg_index::indnatts, key.size())
      .set(pg_index::indnkeyatts, index.columns.size())
      .set(pg_index::indisunique, index.unique)
      .set(pg_index::indnullsnotdistinct, index.nulls_not_distinct)
      .set(pg_index::indisprimary, index.primary)
      .set(pg_index::indisexclusion, !index.exclusion.empty())
      .set(pg_index::indimmediate, immediate)
      .set(pg_index::indisclustered, index.clustered)
      .set(pg_index::indisvalid, index.valid)
      .set(pg_index::indisready, true)
      .set(pg_index::indislive, true)
      .set(pg_index::indisreplident, identity)
      .set(pg_index::indkey, int2vector(row.arena(), key))
      .set(pg_index::indcollation, oidvector(row.arena(), collations))
      .set(pg_index::indclass, oidvector(row.arena(), classes))
      .set(pg_index::indoption, int2vector(row.arena(), options))
      .set_text_or_null(pg_index::indexprs, expressions)
      .set_text_or_null(pg_index::indpred, index.predicate_sql)
      .emit();
}

std::vector<int> attribute_numbers(const std::vector<int>& columns) {
  std::vector<int> numbers;
  for (int column : columns) numbers.push_back(column + 1);
  return numbers;
}

Oid equality(Oid left, Oid right) {
  for (const auto* op : functions::find_operators("=")) {
    if (op->left == left && op->right == right) return op->oid;
  }
  return kInvalidOid;
}

void set_foreign_key(Row& row, const Version& version, const Relation& relation, const Constraint& constraint) {
  const ForeignKey& key = constraint.foreign_key;
  row.set(pg_constraint::confrelid, key.referenced)
      .set(pg_constraint::conindid, key.referenced_index)
      .set(pg_constraint::confupdtype, key.on_update)
      .set(pg_constraint::confdeltype, key.on_delete)
      .set(pg_constraint::confmatchtype, key.match)
      .set(pg_constraint::confkey, int2_array(row.arena(), attribute_numbers(key.referenced_columns)));
  if (!key.delete_set_columns.empty()) {
    row.set(pg_constraint::confdelsetcols, int2_array(row.arena(), attribute_numbers(key.delete_set_columns)));
  }
  auto referenced = version.relation(key.referenced);
  if (referenced == nullptr) return;
  std::vector<Oid> pf, pp, ff;
  for (size_t i = 0; i < key.referenced_columns.size() && i < constraint.columns.size(); ++i) {
    Oid p = referenced->columns[key.referenced_columns[i]].type.oid;
    Oid f = relation.columns[constraint.columns[i]].type.oid;
    pf.push_back(equality(p, f));
    pp.push_back(equality(p, p));
    ff.push_back(equality(f, f));
  }
  row.set(pg_constraint::conpfeqop, oid_array(row.arena(), pf))
      .set(pg_constraint::conppeqop, oid_array(row.arena(), pp))
      .set(pg_constraint::conffeqop, oid_array(row.arena(), ff));
}

void add_constraint(Row& row, const Version& version, const Relation& relation, const Constraint& constraint) {
  row.set(pg_constraint::oid, constraint.oid)
      .set(pg_constraint::conname, constraint.name)
      .set(pg_constraint::connamespace, relation.schema)
      .set(pg_constraint::contype, constraint.kind)
      .set(pg_constraint::condeferrable, constraint.deferrable)
      .set(pg_constraint::condeferred, constraint.initially_deferred)
      .set(pg_constraint::convalidated, constraint.validated)
      .set(pg_constraint::conrelid, relation.oid)
      .set(pg_constraint::conindid, constraint.index)
      .set(pg_constraint::confupdtype, ' ')
      .set(pg_constraint::confdeltype, ' ')
      .set(pg_constraint::confmatchtype, ' ')
      .set(pg_constraint::conislocal, constraint.local)
      .set(pg_constraint::coninhcount, constraint.inherit_count)
      .set(pg_constraint::conparentid, constraint.parent)
      .set(pg_constraint::connoinherit, constraint.kind == 'c' ? constraint.no_inherit : !relation.is_partitioned())
      .set_text_or_null(pg_constraint::conbin, constraint.check_sql);
  auto index = constraint.kind == 'x' ? version.index(constraint.index) : nullptr;
  if (index != nullptr) {
    std::vector<int> keys;
    for (const auto& key : index->columns) keys.push_back(key.column + 1);
    row.set(pg_constraint::conkey, int2_array(row.arena(), keys)).set(pg_constraint::conexclop, oid_array(row.arena(), index->exclusion));
  } else if (!constraint.columns.empty()) {
    row.set(pg_constraint::conkey, int2_array(row.arena(), attribute_numbers(constraint.columns)));
  }
  if (constraint.kind == 'f') set_foreign_key(row, version, relation, constraint);
  row.emit();
}

}  // namespace

void generate_pg_index(const SystemContext& context, RowSink& sink) {
  Row row(pg_index::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Index) add_index(row, context.version, static_cast<const Index&>(*object));
  }
}

void generate_pg_constraint(const SystemContext& context, RowSink& sink) {
  Row row(pg_constraint::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Type) {
      const auto& type = static_cast<const UserType&>(*object);
      for (const auto& check : type.checks) {
        row.set(pg_constraint::oid, check.oid)
            .set(pg_constraint::conname, check.name)
            .set(pg_constraint::connamespace, type.schema)
            .set(pg_constraint::contype, 'c')
            .set(pg_constraint::convalidated, check.validated)
            .set(pg_constraint::contypid, type.oid)
            .set(pg_constraint::confupdtype, ' ')
            .set(pg_constraint::confdeltype, ' ')
            .set(pg_constraint::confmatchtype, ' ')
            .set(pg_constraint::conislocal, true)
            .set_text_or_null(pg_constraint::conbin, check.check_sql)
            .emit();
      }
    }
    if (object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const Relation&>(*object);
    for (const auto& constraint : relation.constraints) add_constraint(row, context.version, relation, constraint);
  }
}

void generate_pg_default_acl(const SystemContext& context, RowSink& sink) {
  Row row(pg_default_acl::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::DefaultAcl) continue;
    row.set(pg_default_acl::oid, object->oid)
        .set(pg_default_acl::defaclrole, object->owner)
        .set(pg_default_acl::defaclnamespace, object->schema)
        .set(pg_default_acl::defaclobjtype, static_cast<const DefaultAcl&>(*object).object_type)
        .set_acl(pg_default_acl::defaclacl, object->acl)
        .emit();
  }
}

void generate_pg_policy(const SystemContext& context, RowSink& sink) {
  Row row(pg_policy::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    for (const auto& policy : static_cast<const Relation&>(*object).policies) {
      row.set(pg_policy::oid, policy.oid)
          .set(pg_policy::polname, policy.name)
          .set(pg_policy::polrelid, object->oid)
          .set(pg_policy::polcmd, policy.command)
          .set(pg_policy::polpermissive, policy.permissive)
          .set_oids(pg_policy::polroles, policy.roles)
          .set_text_or_null(pg_policy::polqual, policy.using_sql)
          .set_text_or_null(pg_policy::polwithcheck, policy.check_sql)
          .emit();
    }
  }
}

void generate_pg_trigger(const SystemContext& context, RowSink& sink) {
  Row row(pg_trigger::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Trigger) continue;
    const auto& trigger = static_cast<const Trigger&>(*object);
    std::vector<int> columns;
    for (int column : trigger.columns) columns.push_back(column + 1);
    std::string arguments;
    for (const auto& argument : trigger.arguments) arguments += argument + std::string(1, '\0');
    row.set(pg_trigger::oid, trigger.oid)
        .set(pg_trigger::tgrelid, trigger.table)
        .set(pg_trigger::tgname, trigger.name)
        .set(pg_trigger::tgfoid, trigger.function)
        .set(pg_trigger::tgparentid, trigger.parent)
        .set(pg_trigger::tgtype, trigger.type)
        .set(pg_trigger::tgenabled, trigger.enabled)
        .set(pg_trigger::tgconstraint, trigger.is_constraint ? trigger.oid : kInvalidOid)
        .set(pg_trigger::tgconstrrelid, trigger.constraint_table)
        .set(pg_trigger::tgisinternal, false)
        .set_text_or_null(pg_trigger::tgoldtable, trigger.old_table)
        .set_text_or_null(pg_trigger::tgnewtable, trigger.new_table)
        .set(pg_trigger::tgdeferrable, trigger.deferrable)
        .set(pg_trigger::tginitdeferred, trigger.initially_deferred)
        .set(pg_trigger::tgnargs, trigger.arguments.size())
        .set(pg_trigger::tgattr, int2vector(row.arena(), columns))
        .set(pg_trigger::tgargs, arguments)
        .set_text_or_null(pg_trigger::tgqual, trigger.when_sql)
        .emit();
  }
}

}  // namespace aegis::catalog
