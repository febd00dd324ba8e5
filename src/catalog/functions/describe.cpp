// Comments and descriptions of objects: obj_description, pg_describe_object, index properties.
#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/functions/function.h"
#include "functions/call.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

Value comment_of(const CatalogCall& call, const std::string& comment) { return comment.empty() ? Value::null() : call.string(comment); }

const Constraint* find_constraint(const SystemContext& context, Oid oid, RelationPtr& table) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    table = std::static_pointer_cast<const Relation>(object);
    for (const auto& constraint : table->constraints) {
      if (constraint.oid == oid) return &constraint;
    }
  }
  return nullptr;
}

bool belongs_to(const Object& object, std::string_view catalog) {
  switch (object.kind) {
    case ObjectKind::Database: return catalog == "pg_database";
    case ObjectKind::Role: return catalog == "pg_authid";
    case ObjectKind::Schema: return catalog == "pg_namespace";
    case ObjectKind::Routine: return catalog == "pg_proc";
    case ObjectKind::Trigger: return catalog == "pg_trigger";
    case ObjectKind::Type: return catalog == "pg_type";
    case ObjectKind::Operator: return catalog == "pg_operator";
    case ObjectKind::Cast: return catalog == "pg_cast";
    case ObjectKind::Collation: return catalog == "pg_collation";
    case ObjectKind::Extension: return catalog == "pg_extension";
    case ObjectKind::EventTrigger: return catalog == "pg_event_trigger";
    case ObjectKind::Statistics: return catalog == "pg_statistic_ext";
    case ObjectKind::TsDictionary: return catalog == "pg_ts_dict";
    case ObjectKind::TsConfiguration: return catalog == "pg_ts_config";
    case ObjectKind::OperatorFamily: return catalog == "pg_opfamily";
    case ObjectKind::OperatorClass: return catalog == "pg_opclass";
    case ObjectKind::ForeignDataWrapper: return catalog == "pg_foreign_data_wrapper";
    case ObjectKind::ForeignServer: return catalog == "pg_foreign_server";
    case ObjectKind::UserMapping: return catalog == "pg_user_mapping";
    case ObjectKind::Publication: return catalog == "pg_publication";
    case ObjectKind::PublicationTable: return catalog == "pg_publication_rel";
    case ObjectKind::PublicationSchema: return catalog == "pg_publication_namespace";
    case ObjectKind::Subscription: return catalog == "pg_subscription";
    case ObjectKind::Tablespace: return catalog == "pg_tablespace";
    case ObjectKind::Conversion: return catalog == "pg_conversion";
    case ObjectKind::LargeObject: return catalog == "pg_largeobject";
    case ObjectKind::ParameterAcl: return false;
    case ObjectKind::AccessMethod: return catalog == "pg_am";
    case ObjectKind::DefaultAcl:
    case ObjectKind::Annotation: return false;
    case ObjectKind::Relation:
    case ObjectKind::Index: return catalog == "pg_class";
  }
  return false;
}

Value obj_description(const CatalogCall& call) {
  std::string_view catalog = call.arguments.size() > 1 ? call.text(1) : std::string_view();
  if (catalog == "pg_constraint") {
    RelationPtr table;
    const auto* constraint = find_constraint(call.context, call.oid(0), table);
    if (constraint != nullptr) return comment_of(call, constraint->comment);
    for (const auto& object : call.version().objects(call.context.database)) {
      if (object->kind != ObjectKind::Type) continue;
      for (const auto& check : static_cast<const UserType&>(*object).checks) {
        if (check.oid == call.oid(0)) return comment_of(call, check.comment);
      }
    }
    return Value::null();
  }
  ObjectPtr object = call.version().find(call.oid(0));
  if (catalog == "pg_largeobject") {
    object = call.version().named_object(ObjectKind::LargeObject, call.context.database, kInvalidOid, std::to_string(call.oid(0)));
  }
  if (catalog == "pg_language" || (catalog == "pg_am" && object == nullptr)) {
    auto note = call.version().annotation(call.context.database, catalog == "pg_am" ? kPgAmOid : kPgLanguageOid, call.oid(0));
    return note == nullptr ? Value::null() : comment_of(call, note->comment);
  }
  if (object == nullptr || (call.arguments.size() > 1 && !belongs_to(*object, catalog))) return Value::null();
  return comment_of(call, object->comment);
}

Value col_description(const CatalogCall& call) {
  auto relation = call.version().relation(call.oid(0));
  int number = call.arguments[1].i32;
  if (relation == nullptr || number < 1 || number > static_cast<int>(relation->columns.size())) return Value::null();
  return comment_of(call, relation->columns[number - 1].comment);
}

Value index_column_has_property(const CatalogCall& call) {
  auto index = call.version().index(call.oid(0));
  int number = call.arguments[1].i32;
  std::string_view property = call.text(2);
  if (index == nullptr || number < 1 || number > static_cast<int>(index->columns.size() + index->included.size())) return Value::null();
  if (property == "returnable") return Value::of_bool(true);
  if (number > static_cast<int>(index->columns.size())) {
    for (auto known : {"asc", "desc", "nulls_first", "nulls_last", "orderable", "distance_orderable", "search_array", "search_nulls"}) {
      if (property == known) return property == "orderable" || property == "distance_orderable" ? Value::of_bool(false) : Value::null();
    }
    return Value::null();
  }
  const auto& column = index->columns[number - 1];
  if (property == "asc") return Value::of_bool(!column.descending);
  if (property == "desc") return Value::of_bool(column.descending);
  if (property == "nulls_first") return Value::of_bool(column.nulls_first);
  if (property == "nulls_last") return Value::of_bool(!column.nulls_first);
  if (property == "orderable" || property == "search_array" || property == "search_nulls") return Value::of_bool(true);
  if (property == "distance_orderable") return Value::of_bool(false);
  return Value::null();
}

Value index_has_property(const CatalogCall& call) {
  if (call.version().index(call.oid(0)) == nullptr) return Value::null();
  for (auto known : {"clusterable", "index_scan", "bitmap_scan", "backward_scan"}) {
    if (call.text(1) == known) return Value::of_bool(true);
  }
  return Value::null();
}

Value indexam_has_property(const CatalogCall& call) {
  bool is_btree = call.oid(0) == access_method("btree");
  if (!is_btree && call.oid(0) != access_method("hash")) return Value::null();
  std::string_view property = call.text(1);
  if (property == "can_order" || property == "can_unique" || property == "can_multi_col" || property == "can_include") return Value::of_bool(is_btree);
  if (property == "can_exclude") return Value::of_bool(true);
  return Value::null();
}

Value get_userbyid(const CatalogCall& call) {
  auto role = call.version().role(call.oid(0));
  return call.string(role == nullptr ? "unknown (OID=" + std::to_string(call.oid(0)) + ")" : role->name);
}

// Bits of the commands a relation takes: 4 UPDATE, 8 INSERT, 16 DELETE.
Value relation_is_updatable(const CatalogCall& call) {
  auto relation = call.version().relation(call.oid(0));
  return Value::of_i32(relation != nullptr && relation->relkind == 'r' ? 28 : 0);
}
Value column_is_updatable(const CatalogCall& call) {
  auto relation = call.version().relation(call.oid(0));
  return Value::of_bool(relation != nullptr && relation->relkind == 'r' && call.arguments[1].i16 > 0);
}
Value relation_is_publishable(const CatalogCall& call) {
  auto relation = call.version().relation(call.oid(0));
  if (relation == nullptr) return Value::null();
  return Value::of_bool((relation->relkind == 'r' || relation->is_partitioned()) && relation->persistence == 'p' && relation->oid >= kFirstNormalOid);
}

// Of the to_reg* functions: null for a name that is not there.
template <Oid kind>
Value to_reg(const CatalogCall& call) {
  std::string_view name = call.text(0);
  if (!name.empty() && (std::isdigit(static_cast<unsigned char>(name[0])) || name == "-")) {
    return name == "-" ? Value::of_oid(0) : Value::of_oid(static_cast<Oid>(std::stoul(std::string(name))));
  }
  Oid found = kInvalidOid;
  try {
    if (call.types.names == nullptr || !call.types.names->lookup(kind, name, found)) return Value::null();
  } catch (const SqlError& error) {
    // More than one candidate is no answer; a malformed name stays an error.
    if (error.fields().sqlstate == Sqlstate::AmbiguousFunction || error.fields().sqlstate == Sqlstate::InvalidSchemaName) return Value::null();
    throw;
  }
  return Value::of_oid(found);
}

Value no_text(const CatalogCall& call) { return call.string(""); }
Value no(const CatalogCall&) { return Value::of_bool(false); }

Value version_of(const CatalogCall& call, const types::CollationInfo& info) {
  auto collator = types::open_collator(info);
  std::string version = collator == nullptr ? std::string() : collator->version();
  return version.empty() ? Value::null() : call.string(version);
}

Value collation_version(const CatalogCall& call) {
  const auto* info = types::find_collation(call.oid(0));
  return info == nullptr || info->provider == 'd' ? Value::null() : version_of(call, *info);
}

Value database_collation_version(const CatalogCall& call) {
  auto database = call.version().database(call.oid(0));
  if (database == nullptr) throw SqlError(Sqlstate::UndefinedObject, "database with OID " + std::to_string(call.oid(0)) + " does not exist");
  return version_of(call, {0, "", database->locale_provider, true, -1, database->collate, database->ctype, database->icu_locale});
}

Value row_security_active(const CatalogCall& call) {
  auto relation = call.version().relation(call.symbol == "row_security_active" ? call.oid(0) : relation_by_name(call, call.text(0)));
  auto role = call.version().role(call.context.role);
  if (relation == nullptr || role == nullptr) return Value::null();
  bool exempt = role->superuser || role->bypass_rls || (!relation->force_row_security && is_member(call.version(), role->oid, relation->owner, true));
  return Value::of_bool(relation->row_security && !exempt);
}

constexpr CatalogFunction kFunctions[] = {
    {"obj_description(oid)", obj_description},
    {"obj_description(oid,name)", obj_description},
    {"shobj_description(oid,name)", obj_description},
    {"col_description(oid,int4)", col_description},
    {"pg_index_column_has_property", index_column_has_property},
    {"pg_index_has_property", index_has_property},
    {"pg_indexam_has_property", indexam_has_property},
    {"pg_get_userbyid", get_userbyid},
    {"pg_relation_is_updatable", relation_is_updatable},
    {"pg_column_is_updatable", column_is_updatable},
    {"pg_relation_is_publishable", relation_is_publishable},
    {"pg_advisory_unlock_all", no_text},
    {"pg_is_in_recovery", no},
    {"row_security_active", row_security_active},
    {"row_security_active_name", row_security_active},
    {"pg_collation_actual_version", collation_version},
    {"pg_database_collation_actual_version", database_collation_version},
    {"to_regclass", to_reg<types::oid::kRegclass>},
    {"to_regtype", to_reg<types::oid::kRegtype>},
    {"to_regproc", to_reg<types::oid::kRegproc>},
    {"to_regprocedure", to_reg<types::oid::kRegprocedure>},
    {"to_regrole", to_reg<types::oid::kRegrole>},
    {"to_regnamespace", to_reg<types::oid::kRegnamespace>},
    {"to_regoper", to_reg<types::oid::kRegoper>},
    {"to_regoperator", to_reg<types::oid::kRegoperator>},
    {"to_regcollation", to_reg<types::oid::kRegcollation>},
};

}  // namespace

std::span<const CatalogFunction> description_functions() { return kFunctions; }

}  // namespace aegis::catalog
