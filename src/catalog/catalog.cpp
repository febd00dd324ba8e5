#include "aegis/catalog/catalog.h"

#include <algorithm>
#include <future>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/catalog/partition.h"
#include "aegis/catalog/system.h"
#include "aegis/functions/inverted.h"
#include "aegis/storage/engine.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::catalog {
namespace {

std::string oid_key(Oid oid) {
  char bytes[4] = {static_cast<char>(oid >> 24), static_cast<char>(oid >> 16), static_cast<char>(oid >> 8),
                   static_cast<char>(oid)};
  return std::string(bytes, 4);
}

[[noreturn]] void throw_duplicate(const Object& object) {
  std::string quoted = "\"" + object.name + "\" already exists";
  switch (object.kind) {
    case ObjectKind::Database: throw SqlError(Sqlstate::DuplicateDatabase, "database " + quoted);
    case ObjectKind::Role: throw SqlError(Sqlstate::DuplicateObject, "role " + quoted);
    case ObjectKind::Schema: throw SqlError(Sqlstate::DuplicateSchema, "schema " + quoted);
    case ObjectKind::Routine: {
      const auto& routine = static_cast<const Routine&>(object);
      throw SqlError(Sqlstate::DuplicateFunction,
                     std::string(routine.routine_kind == 'p' ? "procedure " : routine.routine_kind == 'a' ? "aggregate " : "function ") + quoted + " with same argument types");
    }
    case ObjectKind::Trigger: throw SqlError(Sqlstate::DuplicateObject, "trigger " + quoted);
    case ObjectKind::Type: throw SqlError(Sqlstate::DuplicateObject, "type " + quoted);
    case ObjectKind::Operator: throw SqlError(Sqlstate::DuplicateFunction, "operator " + object.name + " already exists");
    case ObjectKind::Cast: throw SqlError(Sqlstate::DuplicateObject, "cast already exists");
    case ObjectKind::Collation: throw SqlError(Sqlstate::DuplicateObject, "collation " + quoted);
    case ObjectKind::Extension: throw SqlError(Sqlstate::DuplicateObject, "extension " + quoted);
    case ObjectKind::EventTrigger: throw SqlError(Sqlstate::DuplicateObject, "event trigger " + quoted);
    case ObjectKind::Statistics: throw SqlError(Sqlstate::DuplicateObject, "statistics object " + quoted);
    case ObjectKind::DefaultAcl:
    case ObjectKind::Annotation: throw SqlError(Sqlstate::UniqueViolation, "tuple concurrently updated");
    case ObjectKind::TsDictionary:
    case ObjectKind::TsConfiguration: {
      std::string kind = object.kind == ObjectKind::TsDictionary ? "dict" : "config";
      std::string column = object.kind == ObjectKind::TsDictionary ? "dict" : "cfg";
      throw SqlError(Sqlstate::UniqueViolation,
                     "duplicate key value violates unique constraint \"pg_ts_" + kind + "_" + column + "name_index\"")
          .detail("Key (" + column + "name, " + column + "namespace)=(" + object.name + ", " + std::to_string(object.schema) + ") already exists.");
    }
    case ObjectKind::OperatorFamily:
      throw SqlError(Sqlstate::DuplicateObject, "operator family \"" + object.name + "\" for access method \"" + static_cast<const OperatorFamily&>(object).method + "\" already exists");
    case ObjectKind::OperatorClass:
      throw SqlError(Sqlstate::DuplicateObject, "operator class \"" + object.name + "\" for access method \"" + static_cast<const OperatorClass&>(object).method + "\" already exists");
    case ObjectKind::ForeignDataWrapper: throw SqlError(Sqlstate::DuplicateObject, "foreign-data wrapper " + quoted);
    case ObjectKind::ForeignServer: throw SqlError(Sqlstate::DuplicateObject, "server " + quoted);
    case ObjectKind::Publication: throw SqlError(Sqlstate::DuplicateObject, "publication " + quoted);
    case ObjectKind::Subscription: throw SqlError(Sqlstate::DuplicateObject, "subscription " + quoted);
    case ObjectKind::UserMapping:
    case ObjectKind::PublicationTable:
    case ObjectKind::PublicationSchema: throw SqlError(Sqlstate::UniqueViolation, "tuple concurrently updated");
    case ObjectKind::Tablespace: throw SqlError(Sqlstate::DuplicateObject, "tablespace " + quoted);
    case ObjectKind::Conversion: throw SqlError(Sqlstate::DuplicateObject, "conversion " + quoted);
    case ObjectKind::LargeObject:
      throw SqlError(Sqlstate::UniqueViolation, "duplicate key value violates unique constraint \"pg_largeobject_metadata_oid_index\"")
          .detail("Key (oid)=(" + object.name + ") already exists.");
    case ObjectKind::ParameterAcl: throw SqlError(Sqlstate::UniqueViolation, "tuple concurrently updated");
    case ObjectKind::AccessMethod: throw SqlError(Sqlstate::DuplicateObject, "access method " + quoted);
    case ObjectKind::Relation:
    case ObjectKind::Index: break;
  }
  throw SqlError(Sqlstate::DuplicateTable, "relation " + quoted);
}

}  // namespace

Version::Version() : system_rows_(std::make_shared<SystemRowCache>()), partition_maps_(std::make_shared<PartitionMaps>()) {}

Version::Version(const Version& other)
    : number_(other.number_),
      objects_(other.objects_),
      names_(other.names_),
      overloads_(other.overloads_),
      table_triggers_(other.table_triggers_),
      type_owners_(other.type_owners_),
      event_triggers_(other.event_triggers_),
      kept_(other.kept_),
      children_(other.children_),
      dependents_(other.dependents_),
      operator_classes_(other.operator_classes_),
      system_rows_(std::make_shared<SystemRowCache>()),
      partition_maps_(std::make_shared<PartitionMaps>()) {}

size_t Version::NameHash::operator()(const NameKey& key) const {
  return hash_combine(hash_bytes(key.name), (uint64_t{key.database} << 34) ^ (uint64_t{key.schema} << 2) ^ key.space);
}

Version::NameKey Version::annotation_key(Oid database, Oid class_oid, Oid target) { return {database, class_oid, 33, std::to_string(target)}; }

Version::NameKey Version::name_key(const Object& object) {
  switch (object.kind) {
    case ObjectKind::Database: return {0, 0, 0, object.name};
    case ObjectKind::Role: return {0, 0, 1, object.name};
    case ObjectKind::Schema: return {object.database, 0, 2, object.name};
    case ObjectKind::Routine: {
      std::string name = object.name + "(";
      for (Oid type : static_cast<const Routine&>(object).input_types()) name += std::to_string(type) + ",";
      return {object.database, object.schema, 4, std::move(name)};
    }
    case ObjectKind::Trigger: return {object.database, static_cast<const Trigger&>(object).table, 5, object.name};
    case ObjectKind::Type: return {object.database, object.schema, 8, object.name};
    case ObjectKind::Operator: {
      const auto& op = static_cast<const Operator&>(object);
      return {object.database, object.schema, 21, object.name + "(" + std::to_string(op.left) + "," + std::to_string(op.right)};
    }
    case ObjectKind::Cast: {
      const auto& cast = static_cast<const Cast&>(object);
      return {object.database, cast.source, 22, std::to_string(cast.target)};
    }
    case ObjectKind::Extension: return {object.database, 0, 23, object.name};
    case ObjectKind::Collation: return {object.database, object.schema, static_cast<int>(object.kind), object.name};
    case ObjectKind::EventTrigger: return {object.database, 0, 30, object.name};
    case ObjectKind::Statistics: return {object.database, object.schema, 31, object.name};
    case ObjectKind::DefaultAcl:
      return {object.database, object.schema, 32, std::to_string(object.owner) + static_cast<const DefaultAcl&>(object).object_type};
    case ObjectKind::Annotation: return annotation_key(object.database, static_cast<const Annotation&>(object).class_oid, static_cast<const Annotation&>(object).target);
    case ObjectKind::TsDictionary:
    case ObjectKind::TsConfiguration: return {object.database, object.schema, static_cast<int>(object.kind), object.name};
    case ObjectKind::OperatorFamily:
      return {object.database, object.schema, static_cast<int>(object.kind), static_cast<const OperatorFamily&>(object).method + " " + object.name};
    case ObjectKind::OperatorClass:
      return {object.database, object.schema, static_cast<int>(object.kind), static_cast<const OperatorClass&>(object).method + " " + object.name};
    case ObjectKind::ForeignDataWrapper:
    case ObjectKind::ForeignServer:
    case ObjectKind::Publication:
    case ObjectKind::Subscription: return {object.database, 0, static_cast<int>(object.kind), object.name};
    case ObjectKind::UserMapping: {
      const auto& mapping = static_cast<const UserMapping&>(object);
      return {object.database, mapping.server, static_cast<int>(object.kind), std::to_string(mapping.user)};
    }
    case ObjectKind::PublicationTable: {
      const auto& member = static_cast<const PublicationTable&>(object);
      return {object.database, member.publication, static_cast<int>(object.kind), std::to_string(member.table)};
    }
    case ObjectKind::PublicationSchema: {
      const auto& member = static_cast<const PublicationSchema&>(object);
      return {object.database, member.publication, static_cast<int>(object.kind), std::to_string(member.published)};
    }
    case ObjectKind::Tablespace:
    case ObjectKind::Conversion:
    case ObjectKind::LargeObject:
    case ObjectKind::ParameterAcl:
    case ObjectKind::AccessMethod: return {object.database, object.schema, static_cast<int>(object.kind), object.name};
    case ObjectKind::Relation:
    case ObjectKind::Index: break;
  }
  return {object.database, object.schema, 3, object.name};
}

ObjectPtr Version::named_object(ObjectKind kind, Oid database, Oid schema, std::string_view name) const {
  auto found = names_.find({database, schema, static_cast<int>(kind), std::string(name)});
  return found == names_.end() ? nullptr : find(found->second);
}

ObjectPtr Version::find(Oid oid) const {
  auto found = objects_.find(oid);
  return found == objects_.end() ? nullptr : found->second;
}

namespace {

template <typename T>
std::shared_ptr<const T> find_as(const Version& version, Oid oid, ObjectKind kind) {
  ObjectPtr object = version.find(oid);
  return object != nullptr && object->kind == kind ? std::static_pointer_cast<const T>(object) : nullptr;
}

}  // namespace

RelationPtr Version::relation(Oid oid) const { return find_as<Relation>(*this, oid, ObjectKind::Relation); }
UserTypePtr Version::user_type(Oid oid) const { return find_as<UserType>(*this, oid, ObjectKind::Type); }
IndexPtr Version::index(Oid oid) const { return find_as<Index>(*this, oid, ObjectKind::Index); }
RoutinePtr Version::routine(Oid oid) const { return find_as<Routine>(*this, oid, ObjectKind::Routine); }
TriggerPtr Version::trigger(Oid oid) const { return find_as<Trigger>(*this, oid, ObjectKind::Trigger); }
std::shared_ptr<const Schema> Version::schema(Oid oid) const { return find_as<Schema>(*this, oid, ObjectKind::Schema); }
std::shared_ptr<const Role> Version::role(Oid oid) const { return find_as<Role>(*this, oid, ObjectKind::Role); }
std::shared_ptr<const Database> Version::database(Oid oid) const {
  return find_as<Database>(*this, oid, ObjectKind::Database);
}

Oid Version::find_database(std::string_view name) const {
  auto found = names_.find({0, 0, 0, std::string(name)});
  return found == names_.end() ? kInvalidOid : found->second;
}

Oid Version::find_role(std::string_view name) const {
  auto found = names_.find({0, 0, 1, std::string(name)});
  return found == names_.end() ? kInvalidOid : found->second;
}

Oid Version::find_schema(Oid database, std::string_view name) const {
  auto found = names_.find({database, 0, 2, std::string(name)});
  if (found == names_.end()) found = names_.find({0, 0, 2, std::string(name)});
  return found == names_.end() ? kInvalidOid : found->second;
}

Oid Version::find_relation(Oid schema, std::string_view name, Oid database) const {
  auto found = names_.find({database, schema, 3, std::string(name)});
  if (found == names_.end()) found = names_.find({0, schema, 3, std::string(name)});
  return found == names_.end() ? kInvalidOid : found->second;
}

std::shared_ptr<const Annotation> Version::annotation(Oid database, Oid class_oid, Oid target) const {
  for (Oid where : {database, kInvalidOid}) {
    auto found = names_.find(annotation_key(where, class_oid, target));
    if (found != names_.end()) return std::static_pointer_cast<const Annotation>(find(found->second));
  }
  return nullptr;
}

bool Version::has_event_triggers(Oid database) const {
  return std::any_of(event_triggers_.begin(), event_triggers_.end(), [&](Oid oid) { return find(oid)->database == database; });
}

std::vector<std::shared_ptr<const EventTrigger>> Version::event_triggers(Oid database) const {
  std::vector<std::shared_ptr<const EventTrigger>> out;
  for (Oid oid : event_triggers_) {
    auto trigger = std::static_pointer_cast<const EventTrigger>(find(oid));
    if (trigger->database == database) out.push_back(std::move(trigger));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  return out;
}

Oid Version::find_event_trigger(Oid database, std::string_view name) const {
  auto found = names_.find({database, 0, 30, std::string(name)});
  return found == names_.end() ? kInvalidOid : found->second;
}

Oid Version::find_named(ObjectKind kind, Oid database, std::string_view name, Oid parent) const {
  auto found = names_.find({database, parent, static_cast<int>(kind), std::string(name)});
  return found == names_.end() ? kInvalidOid : found->second;
}

std::vector<ObjectPtr> Version::kept(ObjectKind kind, Oid database) const {
  std::vector<ObjectPtr> out;
  for (Oid oid : kept_) {
    auto object = find(oid);
    if (object->kind == kind && object->database == database) out.push_back(std::move(object));
  }
  return out;
}

Oid Version::find_statistics(Oid schema, std::string_view name, Oid database) const {
  auto found = names_.find({database, schema, 31, std::string(name)});
  return found == names_.end() ? kInvalidOid : found->second;
}

std::shared_ptr<const DefaultAcl> Version::default_acl(Oid database, Oid owner, Oid schema, char type) const {
  auto found = names_.find({database, schema, 32, std::to_string(owner) + type});
  return found == names_.end() ? nullptr : std::static_pointer_cast<const DefaultAcl>(find(found->second));
}

std::vector<RoutinePtr> Version::routines(Oid schema, std::string_view name) const {
  std::vector<RoutinePtr> result;
  auto [begin, end] = overloads_.equal_range({0, schema, 4, std::string(name)});
  for (auto at = begin; at != end; ++at) {
    if (auto found = routine(at->second)) result.push_back(std::move(found));
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a->oid < b->oid; });
  return result;
}

std::vector<OperatorPtr> Version::operators(Oid schema, std::string_view name) const {
  std::vector<OperatorPtr> result;
  auto [begin, end] = overloads_.equal_range({0, schema, 21, std::string(name)});
  for (auto at = begin; at != end; ++at) {
    if (auto found = find_operator(at->second)) result.push_back(std::move(found));
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a->oid < b->oid; });
  return result;
}

OperatorPtr Version::find_operator(Oid oid) const { return find_as<Operator>(*this, oid, ObjectKind::Operator); }

CastPtr Version::find_cast(Oid database, Oid source, Oid target) const {
  auto found = names_.find({database, source, 22, std::to_string(target)});
  return found == names_.end() ? nullptr : find_as<Cast>(*this, found->second, ObjectKind::Cast);
}

std::shared_ptr<const Extension> Version::find_extension(Oid database, std::string_view name) const {
  auto found = names_.find({database, 0, 23, std::string(name)});
  return found == names_.end() ? nullptr : find_as<Extension>(*this, found->second, ObjectKind::Extension);
}

std::vector<TriggerPtr> Version::triggers(Oid table) const {
  std::vector<TriggerPtr> result;
  auto [begin, end] = table_triggers_.equal_range(table);
  for (auto at = begin; at != end; ++at) {
    if (auto found = trigger(at->second)) result.push_back(std::move(found));
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  return result;
}

std::vector<ObjectPtr> Version::objects(Oid database) const {
  std::vector<ObjectPtr> result;
  for (const auto& [oid, object] : objects_) {
    if (object->database == kInvalidOid || object->database == database) result.push_back(object);
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a->oid < b->oid; });
  return result;
}

std::vector<IndexPtr> Version::indexes_of(const Relation& table) const {
  std::vector<IndexPtr> result;
  for (Oid oid : table.indexes) {
    if (auto found = index(oid)) result.push_back(std::move(found));
  }
  return result;
}

std::vector<RelationPtr> Version::children(Oid table) const {
  std::vector<RelationPtr> result;
  auto [begin, end] = children_.equal_range(table);
  for (auto at = begin; at != end; ++at) {
    if (auto found = relation(at->second)) result.push_back(std::move(found));
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a->oid < b->oid; });
  return result;
}

std::vector<RelationPtr> Version::family(Oid table) const {
  std::vector<RelationPtr> result;
  if (auto found = relation(table)) result.push_back(std::move(found));
  for (size_t i = 0; i < result.size(); ++i) {
    for (auto& child : children(result[i]->oid)) {
      // By two ways perhaps.
      auto same = [&](const auto& other) { return other->oid == child->oid; };
      if (std::none_of(result.begin(), result.end(), same)) result.push_back(std::move(child));
    }
  }
  return result;
}

std::shared_ptr<const PartitionMap> Version::partitions(const Relation& table) const { return partition_maps_->find(*this, table); }

std::vector<Version::Referencing> Version::referencing(Oid table) const {
  std::vector<Referencing> result;
  auto [begin, end] = dependents_.equal_range(table);
  std::vector<Oid> seen;
  for (auto at = begin; at != end; ++at) {
    RelationPtr other = relation(at->second);
    if (other == nullptr || std::find(seen.begin(), seen.end(), other->oid) != seen.end()) continue;
    seen.push_back(other->oid);
    for (const auto& constraint : other->constraints) {
      if (constraint.kind == 'f' && constraint.foreign_key.referenced == table) result.push_back({other, &constraint});
    }
  }
  std::sort(result.begin(), result.end(),
            [](const auto& a, const auto& b) { return a.constraint->oid < b.constraint->oid; });
  return result;
}

std::vector<Version::Dependent> Version::dependents(Oid object, int32_t column) const {
  std::vector<Dependent> result;
  auto [begin, end] = dependents_.equal_range(object);
  std::vector<Oid> seen;
  for (auto at = begin; at != end; ++at) {
    ObjectPtr other = find(at->second);
    if (other == nullptr || std::find(seen.begin(), seen.end(), other->oid) != seen.end()) continue;
    seen.push_back(other->oid);
    for (const auto& dependency : other->dependencies) {
      if (dependency.object == object && (column == 0 || dependency.column == column)) {
        result.push_back({other, dependency});
      }
    }
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.object->oid < b.object->oid; });
  return result;
}

Oid Version::find_type(Oid schema, std::string_view name, Oid database) const {
  auto of = [&](int space, std::string_view wanted) -> ObjectPtr {
    auto found = names_.find({database, schema, space, std::string(wanted)});
    return found == names_.end() ? nullptr : find(found->second);
  };
  if (ObjectPtr type = of(8, name)) return type->oid;
  if (ObjectPtr relation = of(3, name); relation != nullptr && relation->kind == ObjectKind::Relation) {
    Oid row = static_cast<const Relation&>(*relation).row_type;
    if (row != kInvalidOid) return row;
  }
  if (name.starts_with('_')) {
    if (ObjectPtr type = of(8, name.substr(1))) return static_cast<const UserType&>(*type).array_type;
    ObjectPtr relation = of(3, name.substr(1));
    if (relation != nullptr && relation->kind == ObjectKind::Relation) return static_cast<const Relation&>(*relation).array_type;
  }
  for (const auto& [type, owner] : type_owners_) {
    ObjectPtr object = find(owner);
    if (object == nullptr || object->kind != ObjectKind::Type || object->schema != schema || object->database != database) continue;
    const auto& user = static_cast<const UserType&>(*object);
    if (user.multirange_name == name) return user.multirange;
  }
  return kInvalidOid;
}

ObjectPtr Version::find_text_search(ObjectKind kind, Oid schema, std::string_view name, Oid database) const {
  for (Oid owner : {database, kInvalidOid}) {
    auto found = names_.find({owner, schema, static_cast<int>(kind), std::string(name)});
    if (found != names_.end()) return find(found->second);
  }
  return nullptr;
}

std::shared_ptr<const Collation> Version::find_collation(Oid schema, std::string_view name, Oid database) const {
  auto found = names_.find({database, schema, static_cast<int>(ObjectKind::Collation), std::string(name)});
  return found == names_.end() ? nullptr : find_as<Collation>(*this, found->second, ObjectKind::Collation);
}

OperatorFamilyPtr Version::find_operator_family(std::string_view method, Oid schema, std::string_view name, Oid database) const {
  auto found = names_.find({database, schema, static_cast<int>(ObjectKind::OperatorFamily), std::string(method) + " " + std::string(name)});
  return found == names_.end() ? nullptr : operator_family(found->second);
}
OperatorClassPtr Version::find_operator_class(std::string_view method, Oid schema, std::string_view name, Oid database) const {
  auto found = names_.find({database, schema, static_cast<int>(ObjectKind::OperatorClass), std::string(method) + " " + std::string(name)});
  return found == names_.end() ? nullptr : operator_class(found->second);
}
OperatorFamilyPtr Version::operator_family(Oid oid) const { return find_as<OperatorFamily>(*this, oid, ObjectKind::OperatorFamily); }
OperatorClassPtr Version::operator_class(Oid oid) const { return find_as<OperatorClass>(*this, oid, ObjectKind::OperatorClass); }

OperatorClassPtr Version::default_operator_class(std::string_view method, Oid type, Oid database) const {
  for (const auto& object : operator_classes_) {
    auto found = operator_class(object);
    if (found != nullptr && found->database == database && found->is_default && found->method == method && found->input == type) return found;
  }
  return nullptr;
}

const functions::InvertedStrategy* Version::inverted_strategy(Oid opclass) const {
  if (const auto* known = functions::find_inverted_class(opclass)) return known->strategy;
  auto made = operator_class(opclass);
  return made == nullptr ? nullptr : functions::find_inverted_strategy(made->keys);
}

ObjectPtr Version::type_owner(Oid type) const {
  auto found = type_owners_.find(type);
  return found == type_owners_.end() ? nullptr : find(found->second);
}

namespace {

template <typename F>
void for_each_type(const Object& object, F&& visit) {
  if (object.kind == ObjectKind::Relation) {
    const auto& relation = static_cast<const Relation&>(object);
    if (relation.row_type != kInvalidOid) visit(relation.row_type);
    if (relation.array_type != kInvalidOid) visit(relation.array_type);
  } else if (object.kind == ObjectKind::Type) {
    const auto& type = static_cast<const UserType&>(object);
    for (Oid oid : {type.oid, type.array_type, type.multirange, type.multirange_array}) {
      if (oid != kInvalidOid) visit(oid);
    }
  }
}

void register_array(Oid array, const std::string& name, Oid element) {
  if (array >= kFirstNormalOid) types::register_type(types::describe_array(array, "_" + name, element));
}

// Tells the registry of types what values of this object's types look like. A type's base must be known before it: the
// OIDs of types are in that order.
void register_types(const Object& object) {
  if (object.kind == ObjectKind::Relation) {
    const auto& relation = static_cast<const Relation&>(object);
    if (relation.row_type < kFirstNormalOid) return;
    types::register_type(types::describe_composite(relation.row_type, relation.name, relation.array_type));
    register_array(relation.array_type, relation.name, relation.row_type);
    return;
  }
  if (object.kind == ObjectKind::Collation) types::register_collation(static_cast<const Collation&>(object).info());
  if (object.kind != ObjectKind::Type) return;
  const auto& type = static_cast<const UserType&>(object);
  switch (type.typtype) {
    case 'e': types::register_type(types::describe_enum(type.oid, type.name, type.array_type)); break;
    case 'd':
      types::register_type(types::describe_domain(type.oid, type.name, type.array_type, type.base, type.collation));
      break;
    case 'r':
      types::register_type(types::describe_range(type.oid, type.name, type.array_type, type.base.oid, type.multirange));
      types::register_type(types::describe_multirange(type.multirange, type.multirange_name, type.multirange_array, type.oid));
      register_array(type.multirange_array, type.multirange_name, type.multirange);
      break;
    case 'b': {
      types::BaseTraits traits{type.length, type.by_value, type.alignment, type.storage, type.category, type.preferred, type.collation};
      types::register_type(types::describe_base(type.oid, type.name, type.array_type, type.representation, traits));
      break;
    }
    case 'p': types::register_type(types::describe_shell(type.oid, type.name)); return;
    default: break;
  }
  register_array(type.array_type, type.name, type.oid);
}

}  // namespace

Oid find_collation(const Version& version, Oid database, std::span<const Oid> path, std::span<const std::string_view> name) {
  auto look = [&](Oid schema) -> Oid {
    if (schema == kPgCatalogSchema) {
      for (const auto& info : types::built_in_collations()) {
        if (info.name == name.back()) return info.oid;
      }
    }
    auto found = version.find_collation(schema, name.back(), database);
    return found == nullptr ? kInvalidOid : found->oid;
  };
  if (name.size() > 1) return look(version.find_schema(database, name[name.size() - 2]));
  for (Oid schema : path) {
    if (Oid found = look(schema); found != kInvalidOid) return found;
  }
  return kInvalidOid;
}

std::string collation_name(const Version& version, Oid collation) {
  if (auto object = find_as<Collation>(version, collation, ObjectKind::Collation)) return object->name;
  const auto* info = types::find_collation(collation);
  return info == nullptr ? std::string() : info->name;
}

std::shared_ptr<const types::UserType> type_definition(const Version& version, Oid type) {
  ObjectPtr owner = version.type_owner(type);
  if (owner == nullptr) return nullptr;
  auto made = std::make_shared<types::UserType>();
  if (owner->kind == ObjectKind::Relation) {
    const auto& relation = static_cast<const Relation&>(*owner);
    if (relation.row_type != type) return nullptr;
    for (const auto& column : relation.columns) made->fields.push_back({column.name, column.type, column.dropped});
    return made;
  }
  const auto& user = static_cast<const UserType&>(*owner);
  if (user.oid != type || user.typtype != 'e') return nullptr;
  for (const auto& label : user.labels) made->labels.push_back({label.name, label.position, label.oid});
  return made;
}

void Version::put(ObjectPtr object) {
  NameKey key = name_key(*object);
  auto named = names_.find(key);
  if (named != names_.end() && named->second != object->oid) throw_duplicate(*object);
  remove(object->oid);
  register_types(*object);
  for_each_type(*object, [&](Oid type) { type_owners_[type] = object->oid; });
  names_[std::move(key)] = object->oid;
  for (const auto& dependency : object->dependencies) dependents_.emplace(dependency.object, object->oid);
  if (object->kind == ObjectKind::Relation) {
    for (const auto& constraint : static_cast<const Relation&>(*object).constraints) {
      if (constraint.kind == 'f') dependents_.emplace(constraint.foreign_key.referenced, object->oid);
    }
    for (const auto& parent : static_cast<const Relation&>(*object).parents) children_.emplace(parent.relation, object->oid);
  }
  if (object->kind == ObjectKind::Routine) overloads_.emplace(NameKey{0, object->schema, 4, object->name}, object->oid);
  if (object->kind == ObjectKind::Operator) overloads_.emplace(NameKey{0, object->schema, 21, object->name}, object->oid);
  if (object->kind == ObjectKind::OperatorClass) operator_classes_.insert(object->oid);
  if (object->kind == ObjectKind::Trigger) table_triggers_.emplace(static_cast<const Trigger&>(*object).table, object->oid);
  if (object->kind == ObjectKind::EventTrigger) event_triggers_.push_back(object->oid);
  if (object->kind >= ObjectKind::ForeignDataWrapper && object->kind <= ObjectKind::Subscription) kept_.insert(object->oid);
  objects_[object->oid] = std::move(object);
}

void Version::remove(Oid oid) {
  auto found = objects_.find(oid);
  if (found == objects_.end()) return;
  const Object& object = *found->second;
  auto forget = [&](Oid target) {
    auto [begin, end] = dependents_.equal_range(target);
    for (auto at = begin; at != end;) at = at->second == oid ? dependents_.erase(at) : std::next(at);
  };
  for (const auto& dependency : object.dependencies) forget(dependency.object);
  if (object.kind == ObjectKind::Relation) {
    for (const auto& constraint : static_cast<const Relation&>(object).constraints) {
      if (constraint.kind == 'f') forget(constraint.foreign_key.referenced);
    }
  }
  auto erase_from = [oid](auto& map, const auto& key) {
    auto [begin, end] = map.equal_range(key);
    for (auto at = begin; at != end;) at = at->second == oid ? map.erase(at) : std::next(at);
  };
  if (object.kind == ObjectKind::Relation) {
    for (const auto& parent : static_cast<const Relation&>(object).parents) erase_from(children_, parent.relation);
  }
  if (object.kind == ObjectKind::Routine) erase_from(overloads_, NameKey{0, object.schema, 4, object.name});
  if (object.kind == ObjectKind::Operator) erase_from(overloads_, NameKey{0, object.schema, 21, object.name});
  if (object.kind == ObjectKind::OperatorClass) operator_classes_.erase(oid);
  if (object.kind == ObjectKind::Trigger) erase_from(table_triggers_, static_cast<const Trigger&>(object).table);
  if (object.kind == ObjectKind::EventTrigger) std::erase(event_triggers_, oid);
  kept_.erase(oid);
  for_each_type(object, [&](Oid type) { type_owners_.erase(type); });
  names_.erase(name_key(object));
  objects_.erase(found);
}

Catalog::Catalog(storage::Engine& engine, std::string_view superuser) : engine_(engine) {
  auto version = std::make_shared<Version>();
  version->number_ = 1;
  Oid highest = kFirstNormalOid - 1;
  // In the order of OIDs: types come after those they are made of.
  std::vector<std::shared_ptr<Object>> loaded;
  for (const auto& [key, bytes] : engine.metadata()) {
    if (key.kind == kObjectMetadata) loaded.push_back(decode_object(bytes));
  }
  std::sort(loaded.begin(), loaded.end(), [](const auto& a, const auto& b) { return a->oid < b->oid; });
  for (auto& object : loaded) {
    highest = std::max(highest, object->oid);
    if (object->kind == ObjectKind::Relation) {
      auto& relation = static_cast<Relation&>(*object);
      highest = std::max({highest, relation.storage.value, relation.row_type, relation.array_type});
      for (const auto& constraint : relation.constraints) highest = std::max(highest, constraint.oid);
      for (const auto& column : relation.columns) highest = std::max(highest, column.default_oid);
    } else if (object->kind == ObjectKind::Index) {
      highest = std::max(highest, static_cast<Index&>(*object).storage.value);
    } else if (object->kind == ObjectKind::Type) {
      const auto& type = static_cast<UserType&>(*object);
      highest = std::max({highest, type.array_type, type.multirange, type.multirange_array});
      for (const auto& label : type.labels) highest = std::max(highest, label.oid);
      for (const auto& check : type.checks) highest = std::max(highest, check.oid);
    }
    version->put(std::move(object));
  }
  next_oid_ = highest + 1;
  current_ = std::move(version);
  if (current_->find_role(superuser) == kInvalidOid && current_->objects(0).empty()) bootstrap(superuser);
}

void Catalog::bootstrap(std::string_view superuser) {
  std::vector<ObjectPtr> objects;
  auto role = std::make_shared<Role>();
  role->oid = kBootstrapRole;
  role->name = superuser;
  role->superuser = role->create_role = role->create_database = role->can_login = role->replication = role->bypass_rls = true;
  objects.push_back(role);
  struct Initial {
    Oid oid;
    Oid public_schema;
    const char* name;
    bool is_template;
    bool allow_connections;
  };
  for (auto [oid, public_schema, name, is_template, allow] :
       {Initial{1, 2200, "template1", true, true}, Initial{4, 2201, "template0", true, false},
        Initial{5, 2202, "postgres", false, true}}) {
    auto database = std::make_shared<Database>();
    database->oid = oid;
    database->name = name;
    database->is_template = is_template;
    database->allow_connections = allow;
    if (is_template) {
      database->acl = {"=c/" + std::string(superuser), std::string(superuser) + "=CTc/" + std::string(superuser)};
    }
    if (oid == 1) database->comment = "default template for new databases";
    if (oid == 4) database->comment = "unmodifiable empty database";
    if (oid == 5) database->comment = "default administrative connection database";
    objects.push_back(database);
    auto schema = std::make_shared<Schema>();
    schema->oid = public_schema;
    schema->database = oid;
    schema->name = "public";
    schema->comment = "standard public schema";
    schema->owner = kDatabaseOwnerRole;
    schema->acl = {"pg_database_owner=UC/pg_database_owner", "=U/pg_database_owner"};
    objects.push_back(schema);
  }
  auto version = std::make_shared<Version>(*current_);
  storage::TxnContext txn;
  engine_.begin(txn);
  for (auto& object : objects) {
    engine_.put_metadata(txn, kObjectMetadata, oid_key(object->oid), encode_object(*object));
    version->put(object);
  }
  // Waits for the very end, which a listener may be told of on the log's thread.
  auto done = std::make_shared<std::promise<void>>();
  storage::Engine::CommitOptions options;
  options.on_done = [done](const StorageError* error) {
    error == nullptr ? done->set_value() : done->set_exception(std::make_exception_ptr(*error));
  };
  engine_.commit(std::move(txn), std::move(options));
  done->get_future().get();
  current_ = std::move(version);
}

void Catalog::install_system_objects(std::vector<ObjectPtr> objects) {
  auto version = std::make_shared<Version>(*current());
  for (auto& object : objects) version->put(std::move(object));
  std::lock_guard lock(mutex_);
  current_ = std::move(version);
}

VersionPtr Catalog::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

Oid Catalog::allocate_oid() { return next_oid_.fetch_add(1); }

void Catalog::apply(const std::vector<std::pair<Oid, ObjectPtr>>& changes) {
  std::lock_guard lock(mutex_);
  auto version = std::make_shared<Version>(*current_);
  ++version->number_;
  // Removals first: a name given up may be taken again by a later change.
  for (const auto& [oid, object] : changes) version->remove(oid);
  for (const auto& [oid, object] : changes) {
    if (object == nullptr) {
      version->remove(oid);
    } else {
      version->put(object);
    }
  }
  current_ = std::move(version);
}

CatalogTransaction::CatalogTransaction(Catalog& catalog, txn::Transaction& transaction)
    : catalog_(catalog),
      transaction_(transaction),
      changes_(std::make_shared<Changes>()) {}

VersionPtr CatalogTransaction::version() {
  VersionPtr current = catalog_.current();
  if (changes_->list.empty()) return current;
  // What others have committed since shows as well.
  if (base_ != current || changes_->version == nullptr) {
    changes_->version = rebuild(current);
    base_ = std::move(current);
  }
  return changes_->version;
}

std::shared_ptr<Version> CatalogTransaction::rebuild(const VersionPtr& base) const {
  auto version = std::make_shared<Version>(*base);
  // Apart from all committed numbers, so that a plan made inside is not taken for one of a committed version.
  version->number_ = (uint64_t{transaction_.id().value} << 32) | (uint64_t{1} << 63) | change_count_;
  for (const auto& [oid, object] : changes_->list) version->remove(oid);
  for (const auto& [oid, object] : changes_->list) {
    version->remove(oid);
    if (object != nullptr) version->put(object);
  }
  return version;
}

void CatalogTransaction::record(Oid oid, ObjectPtr object) {
  bool hooks_here = !changes_->hooked;
  if (hooks_here) {
    changes_->hooked = true;
    // Publication order is commit order, so versions follow it too.
    transaction_.on_publish([changes = changes_, catalog = &catalog_](storage::Timestamp) {
      if (!changes->list.empty()) catalog->apply(changes->list);
    });
  }
  size_t before = changes_->list.size();
  transaction_.on_abort([changes = changes_, before, hooks_here] {
    changes->list.resize(before);
    // Rolling back to a savepoint drops the hooks that were set behind it.
    if (hooks_here) changes->hooked = false;
    changes->version = nullptr;
  });
  changes_->list.emplace_back(oid, std::move(object));
  ++change_count_;
  changes_->version = nullptr;
}

void CatalogTransaction::put(std::shared_ptr<Object> object) {
  Version check(*version());
  check.put(object);
  catalog_.engine().put_metadata(transaction_.context(), kObjectMetadata, oid_key(object->oid), encode_object(*object));
  Oid oid = object->oid;
  record(oid, std::move(object));
}

void CatalogTransaction::remove(Oid oid) {
  catalog_.engine().remove_metadata(transaction_.context(), kObjectMetadata, oid_key(oid));
  record(oid, nullptr);
}

std::vector<Oid> CatalogTransaction::changed_since(size_t from) const {
  std::vector<Oid> oids;
  for (size_t i = from; i < changes_->list.size(); ++i) oids.push_back(changes_->list[i].first);
  return oids;
}

}  // namespace aegis::catalog
