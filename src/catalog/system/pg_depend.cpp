// pg_depend, pg_description and pg_shdescription.
#include "aegis/catalog/publication.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about

Oid class_of(const Object& object) {
  switch (object.kind) {
    case ObjectKind::Database: return kPgDatabaseOid;
    case ObjectKind::Role: return kPgAuthidOid;
    case ObjectKind::Schema: return kPgNamespaceOid;
    case ObjectKind::Routine: return kPgProcOid;
    case ObjectKind::Trigger: return kPgTriggerOid;
    case ObjectKind::Type: return kPgTypeOid;
    case ObjectKind::Operator: return kPgOperatorOid;
    case ObjectKind::Cast: return kPgCastOid;
    case ObjectKind::Collation: return kPgCollationOid;
    case ObjectKind::Extension: return kPgExtensionOid;
    case ObjectKind::EventTrigger: return kPgEventTriggerOid;
    case ObjectKind::Statistics: return kPgStatisticExtOid;
    case ObjectKind::DefaultAcl: return kPgDefaultAclOid;
    case ObjectKind::Annotation: return static_cast<const Annotation&>(object).class_oid;
    case ObjectKind::TsDictionary: return kPgTsDictionaryOid;
    case ObjectKind::TsConfiguration: return kPgTsConfigurationOid;
    case ObjectKind::OperatorFamily: return kPgOpfamilyOid;
    case ObjectKind::OperatorClass: return kPgOpclassOid;
    case ObjectKind::ForeignDataWrapper: return kPgForeignDataWrapperOid;
    case ObjectKind::ForeignServer: return kPgForeignServerOid;
    case ObjectKind::UserMapping: return kPgUserMappingOid;
    case ObjectKind::Publication: return kPgPublicationOid;
    case ObjectKind::PublicationTable: return kPgPublicationRelOid;
    case ObjectKind::PublicationSchema: return kPgPublicationNamespaceOid;
    case ObjectKind::Subscription: return kPgSubscriptionOid;
    case ObjectKind::Tablespace: return kPgTablespaceOid;
    case ObjectKind::Conversion: return kPgConversionOid;
    case ObjectKind::LargeObject: return kPgLargeobjectOid;
    case ObjectKind::ParameterAcl: return kPgParameterAclOid;
    case ObjectKind::AccessMethod: return kPgAmOid;
    case ObjectKind::Relation:
    case ObjectKind::Index: return kPgClassOid;
  }
  return kInvalidOid;
}

struct Address {
  Oid catalog;
  Oid object;
  int column = 0;
};

void add_dependency(Row& row, Address from, Address to, char kind) {
  row.set(pg_depend::classid, from.catalog)
      .set(pg_depend::objid, from.object)
      .set(pg_depend::objsubid, from.column)
      .set(pg_depend::refclassid, to.catalog)
      .set(pg_depend::refobjid, to.object)
      .set(pg_depend::refobjsubid, to.column)
      .set(pg_depend::deptype, kind)
      .emit();
}

// On a user-defined type, which dumps must make first.
void add_type_use(Row& row, Address from, Oid type) {
  if (type >= kFirstNormalOid) add_dependency(row, from, {kPgTypeOid, type}, 'n');
}

void add_user_type(Row& row, const UserType& type) {
  Address self{kPgTypeOid, type.oid};
  add_dependency(row, self, {kPgNamespaceOid, type.schema}, 'n');
  if (type.array_type != kInvalidOid) add_dependency(row, {kPgTypeOid, type.array_type}, self, 'i');
  if (type.multirange != kInvalidOid) add_dependency(row, {kPgTypeOid, type.multirange}, self, 'i');
  add_type_use(row, self, type.base.oid);
  for (const auto& check : type.checks) add_dependency(row, {kPgConstraintOid, check.oid}, self, 'a');
}

void add_relation(Row& row, const Relation& relation) {
  Address self{kPgClassOid, relation.oid};
  if (relation.oid >= kFirstNormalOid) {
    if (relation.relkind == 'c') {
      add_dependency(row, self, {kPgTypeOid, relation.row_type}, 'i');
    } else if (relation.relkind == 'r' || relation.relkind == 'p' || relation.relkind == 'v' || relation.is_foreign()) {
      add_dependency(row, {kPgTypeOid, relation.row_type}, self, 'i');
    }
    if (relation.of_type != kInvalidOid) add_dependency(row, self, {kPgTypeOid, relation.of_type}, 'n');
    if (relation.array_type != kInvalidOid) add_dependency(row, {kPgTypeOid, relation.array_type}, {kPgTypeOid, relation.row_type}, 'i');
    for (size_t i = 0; i < relation.columns.size(); ++i) {
      if (relation.columns[i].dropped) continue;
      Address column{kPgClassOid, relation.oid, static_cast<int>(i) + 1};
      add_type_use(row, column, relation.columns[i].type.oid);
      if (relation.columns[i].collation >= kFirstNormalOid) add_dependency(row, column, {kPgCollationOid, relation.columns[i].collation}, 'n');
    }
  }
  add_dependency(row, self, {kPgNamespaceOid, relation.schema}, 'n');
  if (relation.is_foreign()) add_dependency(row, self, {kPgForeignServerOid, relation.server}, 'n');
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const auto& column = relation.columns[i];
    if (column.dropped || column.default_sql.empty()) continue;
    add_dependency(row, {kPgAttrdefOid, column.default_oid}, {kPgClassOid, relation.oid, static_cast<int>(i) + 1}, 'a');
  }
  for (const auto& constraint : relation.constraints) {
    Address address{kPgConstraintOid, constraint.oid};
    for (int column : constraint.columns) add_dependency(row, address, {kPgClassOid, relation.oid, column + 1}, 'a');
    for (int column : constraint.foreign_key.referenced_columns) {
      add_dependency(row, address, {kPgClassOid, constraint.foreign_key.referenced, column + 1}, 'n');
    }
    if (constraint.kind == 'f') add_dependency(row, address, {kPgClassOid, constraint.foreign_key.referenced_index}, 'n');
  }
  for (const auto& parent : relation.parents) add_dependency(row, self, {kPgClassOid, parent.relation}, relation.is_partition() ? 'a' : 'n');
  if (relation.relkind == 'v' || relation.relkind == 'm') {
    add_dependency(row, {kPgRewriteOid, rule_oid(relation.oid)}, self, 'i');
    add_dependency(row, {kPgRewriteOid, rule_oid(relation.oid)}, self, 'n');
  }
}

void add_sequence_owner(Row& row, const Version& version, const Relation& sequence) {
  const SequenceInfo& info = sequence.sequence;
  if (sequence.relkind != 'S' || info.owner_table == kInvalidOid || info.owner_column < 0) return;
  auto table = version.relation(info.owner_table);
  if (table == nullptr) return;
  bool identity = table->columns[info.owner_column].identity != 0;
  add_dependency(row, {kPgClassOid, sequence.oid}, {kPgClassOid, info.owner_table, info.owner_column + 1}, identity ? 'i' : 'a');
}

void add_index(Row& row, const Index& index) {
  Address self{kPgClassOid, index.oid};
  if (index.constraint != kInvalidOid) {
    add_dependency(row, self, {kPgConstraintOid, index.constraint}, 'i');
    return;
  }
  for (const auto& column : index.columns) {
    if (column.column >= 0) add_dependency(row, self, {kPgClassOid, index.table, column.column + 1}, 'a');
  }
  for (int column : index.included) add_dependency(row, self, {kPgClassOid, index.table, column + 1}, 'a');
}

// The dependencies that statements recorded: of a view they belong to its rule, of a table to a column's default.
void add_recorded(Row& row, const Version& version, const Object& object) {
  Address self{class_of(object), object.oid};
  bool is_relation = object.kind == ObjectKind::Relation;
  char relkind = is_relation ? static_cast<const Relation&>(object).relkind : 0;
  if (relkind == 'S' || object.kind == ObjectKind::Index) return;
  if (relkind == 'v') self = {kPgRewriteOid, rule_oid(object.oid)};
  for (const auto& dependency : object.dependencies) {
    auto target = version.find(dependency.object);
    if (target == nullptr || target->oid < kFirstNormalOid || target->oid == object.schema) continue;
    if (relkind == 'r' || relkind == 'p' || relkind == 'f') {
      for (const auto& column : static_cast<const Relation&>(object).columns) {
        if (target->kind != ObjectKind::Relation || column.default_sql.find(target->name) == std::string::npos) continue;
        add_dependency(row, {kPgAttrdefOid, column.default_oid}, {kPgClassOid, target->oid}, 'n');
      }
      continue;
    }
    char kind = dependency.kind == kColumnListDependency ? 'n' : dependency.kind;
    add_dependency(row, self, {class_of(*target), dependency.object, dependency.column}, kind);
  }
}

void add_description(Row& row, Oid object, Oid catalog, int column, std::string_view text) {
  if (text.empty()) return;
  row.set(pg_description::objoid, object)
      .set(pg_description::classoid, catalog)
      .set(pg_description::objsubid, column)
      .set(pg_description::description, text)
      .emit();
}

}  // namespace

void generate_pg_depend(const SystemContext& context, RowSink& sink) {
  Row row(pg_depend::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->schema == kAegisSchema || object->oid == kAegisSchema) {
      Oid catalog = class_of(*object);
      add_dependency(row, {catalog, object->oid}, {kPgExtensionOid, kAegisExtension}, 'e');
    }
    if (object->oid < kFirstNormalOid) continue;
    if (object->kind == ObjectKind::Relation) {
      const auto& relation = static_cast<const Relation&>(*object);
      add_relation(row, relation);
      add_sequence_owner(row, context.version, relation);
    }
    if (object->kind == ObjectKind::Type) add_user_type(row, static_cast<const UserType&>(*object));
    if (object->kind == ObjectKind::Index) add_index(row, static_cast<const Index&>(*object));
    if (object->kind == ObjectKind::Routine) add_dependency(row, {kPgProcOid, object->oid}, {kPgNamespaceOid, object->schema}, 'n');
    add_recorded(row, context.version, *object);
  }
}

void generate_pg_description(const SystemContext& context, RowSink& sink) {
  Row row(pg_description::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Database || object->kind == ObjectKind::Role) continue;
    if (object->kind == ObjectKind::Tablespace) continue;
    if (object->kind == ObjectKind::Annotation) {
      const auto& note = static_cast<const Annotation&>(*object);
      add_description(row, note.target, note.class_oid, 0, note.comment);
      continue;
    }
    Oid number = object->kind == ObjectKind::LargeObject ? static_cast<const LargeObject&>(*object).number : object->oid;
    add_description(row, number, class_of(*object), 0, object->comment);
    if (object->kind == ObjectKind::Type) {
      for (const auto& check : static_cast<const UserType&>(*object).checks) add_description(row, check.oid, kPgConstraintOid, 0, check.comment);
    }
    if (object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const Relation&>(*object);
    for (size_t i = 0; i < relation.columns.size(); ++i) {
      add_description(row, relation.oid, kPgClassOid, static_cast<int>(i) + 1, relation.columns[i].comment);
    }
    for (const auto& constraint : relation.constraints) add_description(row, constraint.oid, kPgConstraintOid, 0, constraint.comment);
    for (const auto& rule : relation.rules) add_description(row, rule.oid, kPgRewriteOid, 0, rule.comment);
    for (const auto& policy : relation.policies) add_description(row, policy.oid, kPgPolicyOid, 0, policy.comment);
  }
}

void generate_pg_shdescription(const SystemContext& context, RowSink& sink) {
  Row row(pg_shdescription::kTable, sink);
  for (const auto& object : context.version.objects(kInvalidOid)) {
    bool shared = object->kind == ObjectKind::Database || object->kind == ObjectKind::Role || object->kind == ObjectKind::Tablespace;
    if (!shared || object->comment.empty()) continue;
    row.set(pg_shdescription::objoid, object->oid)
        .set(pg_shdescription::classoid, class_of(*object))
        .set(pg_shdescription::description, object->comment)
        .emit();
  }
}

}  // namespace aegis::catalog
