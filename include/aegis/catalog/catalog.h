// The catalog: committed versions of all objects, and transactions' private changes to them.
//
// A Version is an immutable set of objects. A transaction without DDL reads the newest committed one, taken anew by
// each statement; its first DDL statement starts a private copy, to which every change is applied and recorded.
// At publication the recorded changes are applied to the then newest version (object locks keep two transactions
// from changing one object). Changes are made durable as storage metadata in the same commit.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/catalog/objects.h"

namespace aegis::storage {
class Engine;
}
namespace aegis::txn {
class Transaction;
}

namespace aegis::functions {
struct InvertedStrategy;
}

namespace aegis::catalog {

class PartitionMap;
class PartitionMaps;
class SystemTable;
class SystemRowCache;

// Metadata kinds (storage::MetadataKey::kind).
inline constexpr uint32_t kObjectMetadata = 1;    // key: OID, big-endian
inline constexpr uint32_t kSequenceMetadata = 2;  // key: OID, big-endian

class Version {
 public:
  Version();
  // The copy is to be changed: it starts without generated rows.
  Version(const Version& other);

  uint64_t number() const { return number_; }

  // Null when absent.
  ObjectPtr find(Oid oid) const;
  RelationPtr relation(Oid oid) const;
  IndexPtr index(Oid oid) const;
  RoutinePtr routine(Oid oid) const;
  TriggerPtr trigger(Oid oid) const;
  UserTypePtr user_type(Oid oid) const;
  std::shared_ptr<const Schema> schema(Oid oid) const;
  std::shared_ptr<const Role> role(Oid oid) const;
  std::shared_ptr<const Database> database(Oid oid) const;

  Oid find_database(std::string_view name) const;
  Oid find_role(std::string_view name) const;
  Oid find_schema(Oid database, std::string_view name) const;
  // A relation or an index.
  Oid find_relation(Oid schema, std::string_view name, Oid database) const;

  Oid find_event_trigger(Oid database, std::string_view name) const;
  bool has_event_triggers(Oid database) const;
  // By name.
  std::vector<std::shared_ptr<const EventTrigger>> event_triggers(Oid database) const;
  // A foreign-data wrapper, server, publication or subscription; of a user mapping or a publication's member the parent is
  // the server or publication, the name the OID of the user, table or schema.
  Oid find_named(ObjectKind kind, Oid database, std::string_view name, Oid parent = kInvalidOid) const;
  // The objects of one of those kinds, by OID.
  std::vector<ObjectPtr> kept(ObjectKind kind, Oid database) const;
  Oid find_statistics(Oid schema, std::string_view name, Oid database) const;
  // Null when absent.
  std::shared_ptr<const DefaultAcl> default_acl(Oid database, Oid owner, Oid schema, char type) const;
  std::shared_ptr<const Annotation> annotation(Oid database, Oid class_oid, Oid target) const;

  // All overloads of that name in a schema.
  std::vector<RoutinePtr> routines(Oid schema, std::string_view name) const;
  // All operators of that name in a schema.
  std::vector<OperatorPtr> operators(Oid schema, std::string_view name) const;
  OperatorPtr find_operator(Oid oid) const;
  // A cast made by CREATE CAST; null when there is none.
  CastPtr find_cast(Oid database, Oid source, Oid target) const;
  std::shared_ptr<const Extension> find_extension(Oid database, std::string_view name) const;
  // Triggers of a table in the order they fire, which is by name.
  std::vector<TriggerPtr> triggers(Oid table) const;
  // A user-defined type by name, be it a row type, an array or a multirange; kInvalidOid when absent.
  Oid find_type(Oid schema, std::string_view name, Oid database) const;
  // A text search dictionary or configuration; null when absent.
  ObjectPtr find_text_search(ObjectKind kind, Oid schema, std::string_view name, Oid database) const;
  // A user's collation; null when absent.
  std::shared_ptr<const Collation> find_collation(Oid schema, std::string_view name, Oid database) const;
  OperatorFamilyPtr find_operator_family(std::string_view method, Oid schema, std::string_view name, Oid database) const;
  OperatorClassPtr find_operator_class(std::string_view method, Oid schema, std::string_view name, Oid database) const;
  OperatorFamilyPtr operator_family(Oid oid) const;
  OperatorClassPtr operator_class(Oid oid) const;
  // One that was made by CREATE OPERATOR CLASS … DEFAULT; null when there is none.
  OperatorClassPtr default_operator_class(std::string_view method, Oid type, Oid database) const;
  // How keys of a built-in class, or of an extension's, are made; null: not by such keys.
  const functions::InvertedStrategy* inverted_strategy(Oid opclass) const;
  // Objects that are known by their name, with its schema if they have one; null when absent. Shared ones are in database 0.
  ObjectPtr named_object(ObjectKind kind, Oid database, Oid schema, std::string_view name) const;
  // The object that a type belongs to: a UserType or a Relation; null for built-in types.
  ObjectPtr type_owner(Oid type) const;

  // Every object that is shared or in `database`, by OID.
  std::vector<ObjectPtr> objects(Oid database) const;
  std::vector<IndexPtr> indexes_of(const Relation& table) const;

  struct Referencing {
    RelationPtr table;
    const Constraint* constraint;
  };
  // Foreign keys that refer to `table`.
  std::vector<Referencing> referencing(Oid table) const;
  // Tables that inherit from `table` or are its partitions, by OID.
  std::vector<RelationPtr> children(Oid table) const;
  bool has_children(Oid table) const { return children_.count(table) != 0; }
  // The table and all below it, parents first.
  std::vector<RelationPtr> family(Oid table) const;
  // The partitions of a partitioned table; see partition.h.
  std::shared_ptr<const PartitionMap> partitions(const Relation& table) const;

  // Objects with a dependency on `object` (and on that attribute number, unless 0).
  struct Dependent {
    ObjectPtr object;
    Dependency dependency;
  };
  std::vector<Dependent> dependents(Oid object, int32_t column = 0) const;

  // Rows of system catalogs generated from this version; see system.h.
  SystemRowCache& system_rows() const { return *system_rows_; }

 private:
  friend class Catalog;
  friend class CatalogTransaction;
  struct NameKey {
    Oid database;
    Oid schema;
    // 0 database, 1 role, 2 schema, 3 relation, 4 routine (with its input types), 5 trigger (the table as schema), 8 type,
    // 21 operator (with its operand types), 22 cast (the types as schema and name), 23 extension, 41 and 42 text search objects
    int space;
    std::string name;
    friend bool operator==(const NameKey&, const NameKey&) = default;
  };
  struct NameHash {
    size_t operator()(const NameKey& key) const;
  };
  static NameKey name_key(const Object& object);
  static NameKey annotation_key(Oid database, Oid class_oid, Oid target);
  void put(ObjectPtr object);
  void remove(Oid oid);

  uint64_t number_ = 0;
  std::unordered_map<Oid, ObjectPtr> objects_;
  std::unordered_map<NameKey, Oid, NameHash> names_;
  // Routines and operators by schema and name.
  std::unordered_multimap<NameKey, Oid, NameHash> overloads_;
  // Triggers by table.
  std::unordered_multimap<Oid, Oid> table_triggers_;
  // The object each user-defined type belongs to.
  std::unordered_map<Oid, Oid> type_owners_;
  std::vector<Oid> event_triggers_;
  std::set<Oid> kept_;  // objects of the kinds that kept() gives
  // Reverse of Relation::parents.
  std::unordered_multimap<Oid, Oid> children_;
  // Reverse of Object::dependencies and of foreign keys.
  std::unordered_multimap<Oid, Oid> dependents_;
  std::set<Oid> operator_classes_;
  std::shared_ptr<SystemRowCache> system_rows_;
  std::shared_ptr<PartitionMaps> partition_maps_;
};

using VersionPtr = std::shared_ptr<const Version>;

// The labels of an enum or the fields of a composite; null for other types.
std::shared_ptr<const types::UserType> type_definition(const Version& version, Oid type);

class Catalog {
 public:
  // Loads the catalog from the engine's metadata, or creates the initial objects (role `superuser`, databases
  // postgres, template0 and template1, schemas) when there are none.
  Catalog(storage::Engine& engine, std::string_view superuser);

  VersionPtr current() const;
  // A number never given before (in this process) to an object.
  Oid allocate_oid();
  storage::Engine& engine() { return engine_; }

  // The catalogs generated from memory, and views over them; see system.h.
  void install_system_objects(std::vector<ObjectPtr> objects);

 private:
  friend class CatalogTransaction;
  void bootstrap(std::string_view superuser);
  void apply(const std::vector<std::pair<Oid, ObjectPtr>>& changes);

  storage::Engine& engine_;
  mutable std::mutex mutex_;
  VersionPtr current_;
  std::atomic<Oid> next_oid_{kFirstNormalOid};
};

// A transaction's view of the catalog. One a transaction, used by one thread at a time.
class CatalogTransaction {
 public:
  CatalogTransaction(Catalog& catalog, txn::Transaction& transaction);

  // The newest committed version, with this transaction's changes if it made any.
  VersionPtr version();
  bool has_changes() const { return !changes_->list.empty(); }

  // Adds or replaces an object. Throws 42P07 or its kin when another object has the name.
  void put(std::shared_ptr<Object> object);
  void remove(Oid oid);

  Catalog& catalog() { return catalog_; }

  // What was put or removed after the first `from` changes.
  size_t change_count() const { return changes_->list.size(); }
  std::vector<Oid> changed_since(size_t from) const;

 private:
  void record(Oid oid, ObjectPtr object);
  std::shared_ptr<Version> rebuild(const VersionPtr& base) const;

  Catalog& catalog_;
  txn::Transaction& transaction_;
  // Shared with the transaction's hooks, which may outlive this object. Null object: removed.
  struct Changes {
    std::vector<std::pair<Oid, ObjectPtr>> list;
    std::shared_ptr<Version> version;  // base_ with the list applied; null when stale
    bool hooked = false;
  };
  std::shared_ptr<Changes> changes_;
  uint64_t change_count_ = 0;  // never decreases: private version numbers are not used twice
  VersionPtr base_;
};

// A collation by the parts of its name (one part: in the schemas of `path`), the system's included; kInvalidOid: none.
Oid find_collation(const Version& version, Oid database, std::span<const Oid> path, std::span<const std::string_view> name);
// Its own name, without the schema; empty when there is none.
std::string collation_name(const Version& version, Oid collation);

}  // namespace aegis::catalog
