// Catalog objects as plain structs. A committed object is immutable: a change puts a new copy in its place, so that
// plans may keep the one they were made for.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/types/collation.h"
#include "aegis/types/type.h"

namespace aegis::functions {
struct Function;
struct Operator;
}

namespace aegis::catalog {

using types::Type;

// OIDs that PostgreSQL fixes.
inline constexpr Oid kPgClassOid = 1259;
inline constexpr Oid kPgTypeOid = 1247;
inline constexpr Oid kPgProcOid = 1255;
inline constexpr Oid kPgAttributeOid = 1249;
inline constexpr Oid kPgNamespaceOid = 2615;
inline constexpr Oid kPgConstraintOid = 2606;
inline constexpr Oid kPgAttrdefOid = 2604;
inline constexpr Oid kPgDatabaseOid = 1262;
// Whether a system catalog is that of all databases.
bool is_shared_catalog(Oid relation);
inline constexpr Oid kPgAuthidOid = 1260;
inline constexpr Oid kPgRewriteOid = 2618;
inline constexpr Oid kPgTriggerOid = 2620;
inline constexpr Oid kPgTsDictionaryOid = 3600;
inline constexpr Oid kPgTsConfigurationOid = 3602;
inline constexpr Oid kPgCollationOid = 3456;
inline constexpr Oid kTsDefaultParser = 3722;
inline constexpr Oid kPgLanguageOid = 2612;
inline constexpr Oid kPgOperatorOid = 2617;
inline constexpr Oid kPgCastOid = 2605;
inline constexpr Oid kPgOpclassOid = 2616;
inline constexpr Oid kPgOpfamilyOid = 2753;
inline constexpr Oid kPgAmOid = 2601;
inline constexpr Oid kPgExtensionOid = 3079;
inline constexpr Oid kPgEventTriggerOid = 3466;
inline constexpr Oid kPgStatisticExtOid = 3381;
inline constexpr Oid kPgDefaultAclOid = 826;
inline constexpr Oid kPgTablespaceOid = 1213;
inline constexpr Oid kPgPolicyOid = 3256;
inline constexpr Oid kPgForeignDataWrapperOid = 2328;
inline constexpr Oid kPgForeignServerOid = 1417;
inline constexpr Oid kPgUserMappingOid = 1418;
inline constexpr Oid kPgPublicationOid = 6104;
inline constexpr Oid kPgPublicationRelOid = 6106;
inline constexpr Oid kPgPublicationNamespaceOid = 6237;
inline constexpr Oid kPgSubscriptionOid = 6100;
inline constexpr Oid kPgConversionOid = 2607;
inline constexpr Oid kPgLargeobjectOid = 2613;
inline constexpr Oid kPgLargeobjectMetadataOid = 2995;
inline constexpr Oid kPgParameterAclOid = 6243;
inline constexpr Oid kPgCatalogSchema = 11;
inline constexpr Oid kPublicSchema = 2200;
inline constexpr Oid kInformationSchema = 13000;
inline constexpr Oid kAegisSchema = 15000;  // its relations have the numbers behind it
inline constexpr Oid kBootstrapRole = 10;
inline constexpr Oid kDatabaseOwnerRole = 6171;
using types::kCCollation;
using types::kDefaultCollation;
inline constexpr Oid kDefaultTablespace = 1663;
inline constexpr Oid kGlobalTablespace = 1664;

enum class ObjectKind : uint8_t {
  Database = 1, Role, Schema, Relation, Index, Routine, Trigger, Type = 10, Operator = 21, Cast, Extension,
  EventTrigger = 30, Statistics, DefaultAcl, Annotation,
  TsDictionary = 41, TsConfiguration, OperatorFamily, OperatorClass, Collation = 50,
  ForeignDataWrapper = 60, ForeignServer, UserMapping, Publication, PublicationTable, PublicationSchema, Subscription,
  Tablespace = 70, Conversion, LargeObject, ParameterAcl, AccessMethod
};

// What an object needs to exist. `kind` is PostgreSQL's deptype: n normal, a auto, i internal, e member of an extension.
struct Dependency {
  Oid object = kInvalidOid;
  int32_t column = 0;  // attribute number, 0 the whole object
  char kind = 'n';
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

struct Object {
  ObjectKind kind;
  Oid oid = kInvalidOid;
  Oid database = kInvalidOid;  // 0: shared by all databases
  Oid schema = kInvalidOid;
  std::string name;
  Oid owner = kBootstrapRole;
  std::string comment;
  std::vector<std::string> acl;  // aclitem text forms; empty: the default privileges
  std::vector<Dependency> dependencies;
  explicit Object(ObjectKind k) : kind(k) {}
  virtual ~Object() = default;
};

struct Database : Object {
  bool is_template = false;
  bool allow_connections = true;
  int32_t connection_limit = -1;
  std::string encoding = "UTF8";
  std::string collate = "C.UTF-8";
  std::string ctype = "C.UTF-8";
  char locale_provider = 'c';  // pg_database.datlocprovider
  std::string icu_locale;
  std::vector<std::string> settings;  // name=value, from ALTER DATABASE SET
  Oid tablespace = kDefaultTablespace;
  Database() : Object(ObjectKind::Database) {}
};

struct Role : Object {
  bool superuser = false;
  bool inherit = true;
  bool create_role = false;
  bool create_database = false;
  bool can_login = false;
  bool replication = false;
  bool bypass_rls = false;
  int32_t connection_limit = -1;
  std::string password;     // SCRAM-SHA-256 verifier, empty: none
  std::string valid_until;  // text form of a timestamptz
  std::vector<Oid> member_of;
  std::vector<Oid> admin_of;  // members with ADMIN OPTION, a subset of member_of
  std::vector<std::string> settings;
  Role() : Object(ObjectKind::Role) {}
};

struct Schema : Object {
  Schema() : Object(ObjectKind::Schema) {}
};

struct Column {
  std::string name;
  Type type;
  Oid collation = kInvalidOid;
  bool not_null = false;
  bool dropped = false;
  std::string default_sql;  // expression text; empty: none
  Oid default_oid = kInvalidOid;
  char identity = 0;   // a ALWAYS, d BY DEFAULT
  char generated = 0;  // s STORED: default_sql is the expression
  Oid identity_sequence = kInvalidOid;
  std::string comment;
  int32_t statistics_target = -1;
  // Rows from before ADD COLUMN … DEFAULT have this (the default's text form); storage knows the value.
  std::string missing_text;
  bool has_missing = false;
  char compression = 0;  // COMPRESSION: p pglz, l lz4
  char storage = 0;      // STORAGE, as pg_attribute.attstorage; 0: the type's
  std::vector<std::string> options;  // name=value, SET (n_distinct = …)
  std::vector<std::string> acl;  // GRANT … (column), as Object::acl
  bool local = true;          // defined here, not only by parents
  int32_t inherit_count = 0;  // parents that have it
  std::vector<std::string> foreign_options;  // name=value, OPTIONS (…) of a foreign table's column
};

// Foreign key actions as PostgreSQL's letters: a no action, r restrict, c cascade, n set null, d set default.
struct ForeignKey {
  Oid referenced = kInvalidOid;
  std::vector<int> referenced_columns;  // 0-based
  Oid referenced_index = kInvalidOid;
  char on_update = 'a';
  char on_delete = 'a';
  char match = 's';                // s simple, f full
  std::vector<int> delete_set_columns;  // ON DELETE SET NULL (columns); empty: all
};

struct Constraint {
  Oid oid = kInvalidOid;
  std::string name;
  char kind = 'c';           // c check, p primary key, u unique, f foreign key, x exclusion
  std::vector<int> columns;  // 0-based
  std::string check_sql;
  Oid index = kInvalidOid;   // of p, u and x
  ForeignKey foreign_key;
  bool deferrable = false;
  bool initially_deferred = false;
  bool validated = true;
  bool no_inherit = false;
  std::string comment;
  bool local = true;
  int32_t inherit_count = 0;
  Oid parent = kInvalidOid;  // the constraint of the partitioned table that this one belongs to
};

struct SequenceInfo {
  Oid type = types::oid::kInt8;
  int64_t start = 1;
  int64_t increment = 1;
  int64_t minimum = 1;
  int64_t maximum = INT64_MAX;
  int64_t cache = 1;
  bool cycle = false;
  Oid owner_table = kInvalidOid;  // OWNED BY
  int owner_column = -1;          // 0-based
};

// Row-level security. `roles` has 0 for PUBLIC.
struct Policy {
  Oid oid = kInvalidOid;
  std::string name;
  char command = '*';  // pg_policy.polcmd: r SELECT, a INSERT, w UPDATE, d DELETE, * all
  bool permissive = true;
  std::vector<Oid> roles;
  std::string using_sql, check_sql;
  std::vector<Oid> search_path;  // in which the conditions' names are looked up
  std::string comment;
};

// A table that this one inherits from, or is a partition of.
struct Parent {
  Oid relation = kInvalidOid;
  bool detach_pending = false;
};

// One column or expression of a partition key.
struct PartitionColumn {
  int column = -1;  // 0-based; -1: an expression
  std::string sql;
  Type type;
  Oid collation = kInvalidOid;
  Oid opclass = kInvalidOid;
};

struct PartitionKey {
  char strategy = 0;  // r range, l list, h hash; 0: not partitioned
  std::vector<PartitionColumn> columns;
};

// A value in a partition's bound: v a value (its text form in default settings), n null, - MINVALUE, + MAXVALUE.
struct PartitionDatum {
  char kind = 'v';
  std::string text;
};

struct PartitionBound {
  char strategy = 0;  // as the parent's; 0: no bound
  bool is_default = false;
  int32_t modulus = 0;
  int32_t remainder = 0;
  std::vector<PartitionDatum> values;  // list
  std::vector<PartitionDatum> lower;   // range: from, inclusive
  std::vector<PartitionDatum> upper;   // to, exclusive
};

// A rule of a table or view. `event` is pg_rewrite.ev_type: 2 UPDATE, 3 INSERT, 4 DELETE.
struct Rule {
  Oid oid = kInvalidOid;
  std::string name;
  char event = '3';
  bool instead = false;
  char enabled = 'O';
  std::string where_sql;
  std::vector<std::string> actions;  // statements; none: NOTHING
  std::vector<Oid> search_path;      // in which their names are looked up
  std::string comment;
};

// pg_class's relkind: r table, p partitioned table, v view, S sequence, m materialized view, c composite type,
// f foreign table.
struct Relation : Object {
  char relkind = 'r';
  char persistence = 'p';  // p permanent, u unlogged, t temporary
  char on_commit = 'n';    // of temporary tables: n nothing, d delete rows, D drop
  TableId storage{};       // tables: changes when the table is rewritten or truncated
  std::vector<Column> columns;  // index i is attribute number i + 1, dropped ones stay
  std::vector<Constraint> constraints;
  std::vector<Oid> indexes;
  std::string view_sql;      // views: the SELECT as written
  std::vector<Oid> view_search_path;  // and the schemas its names were looked up in
  char check_option = 'n';   // views: n none, l local, c cascaded
  SequenceInfo sequence;
  Oid row_type = kInvalidOid;
  Oid array_type = kInvalidOid;
  std::vector<std::string> options;  // WITH (name=value, …)
  bool row_security = false;
  bool force_row_security = false;  // for the owner too
  std::vector<Policy> policies;
  std::vector<Parent> parents;       // in the order of INHERITS
  PartitionKey partition_key;        // of partitioned tables
  PartitionBound partition_bound;    // of partitions
  std::vector<Rule> rules;           // in the order of their names
  bool populated = true;             // of materialized views
  Oid of_type = kInvalidOid;         // CREATE TABLE OF
  Oid server = kInvalidOid;          // of foreign tables
  std::vector<std::string> foreign_options;  // name=value
  char replica_identity = 'd';       // pg_class.relreplident
  Oid replica_index = kInvalidOid;   // REPLICA IDENTITY USING INDEX
  Oid tablespace = kInvalidOid;      // 0: the database's
  Oid access_method = kInvalidOid;   // 0: heap
  Relation() : Object(ObjectKind::Relation) {}

  // Has storage of its own. That of a foreign table stays empty, so that ALTER TABLE and constraints need not know of it.
  bool is_table() const { return relkind == 'r' || relkind == 'm' || relkind == 'f'; }
  bool is_view() const { return relkind == 'v' || relkind == 'm'; }
  bool is_partitioned() const { return relkind == 'p'; }
  bool is_foreign() const { return relkind == 'f'; }
  bool is_partition() const { return partition_bound.strategy != 0; }
  // Number of the live column of that name, or -1.
  int find_column(std::string_view name) const;
  const Constraint* primary_key() const;
};

struct IndexColumn {
  int column = -1;     // 0-based; -1: an expression
  std::string sql;     // the expression's text
  Type type;           // of the key
  Oid collation = kInvalidOid;
  bool descending = false;
  bool nulls_first = false;
  Oid opclass = kInvalidOid;  // when it is not the type's default for btree
};

// An index has its own OID and a name in the namespace of relations.
struct Index : Object {
  Oid table = kInvalidOid;
  IndexId storage{};
  std::string method = "btree";
  bool unique = false;
  bool primary = false;
  bool nulls_not_distinct = false;
  bool valid = true;
  Oid constraint = kInvalidOid;  // the constraint it implements
  std::vector<IndexColumn> columns;
  std::vector<int> included;     // INCLUDE columns, 0-based
  std::string predicate_sql;     // partial index
  std::vector<std::string> options;
  Oid parent = kInvalidOid;      // the index of the partitioned table that this one belongs to
  bool immediate = true;         // false: of a deferrable constraint, keys may be there twice until it is checked
  std::vector<Oid> exclusion;    // EXCLUDE: the operator of each column
  Oid tablespace = kInvalidOid;  // 0: the database's
  bool clustered = false;        // what CLUSTER orders the table by unless told
  Index() : Object(ObjectKind::Index) {}
};

struct RoutineArgument {
  std::string name;
  Type type;
  char mode = 'i';  // i in, o out, b inout, v variadic, t a column of RETURNS TABLE
  std::string default_sql;
  bool is_input() const { return mode == 'i' || mode == 'b' || mode == 'v'; }
};

// What an aggregate has besides its arguments and result; the fields are pg_aggregate's.
struct AggregateInfo {
  char kind = 'n';  // n plain, o ordered-set, h hypothetical-set
  int32_t direct_arguments = 0;
  Oid transition = kInvalidOid, final = kInvalidOid, combine = kInvalidOid, serialize = kInvalidOid, deserialize = kInvalidOid;
  bool final_extra = false;
  char final_modify = 'r';
  Oid sort_operator = kInvalidOid;
  Type state;
  int32_t state_bytes = 0;
  bool has_initial = false;
  std::string initial;
  // The moving-aggregate mode is checked and kept; window frames are computed without it, to the same result.
  Oid moving_transition = kInvalidOid, moving_inverse = kInvalidOid, moving_final = kInvalidOid;
  bool moving_final_extra = false;
  char moving_final_modify = 'r';
  Type moving_state;
  int32_t moving_state_bytes = 0;
  bool has_moving_initial = false;
  std::string moving_initial;
};

// A function, procedure or aggregate made by CREATE FUNCTION, CREATE PROCEDURE or CREATE AGGREGATE.
struct Routine : Object {
  char routine_kind = 'f';  // f function, p procedure, a aggregate
  std::string language;     // sql, plpgsql, internal
  std::vector<RoutineArgument> arguments;
  Type result;              // as declared; record when it has several OUT arguments
  bool returns_set = false;
  Oid result_relation = kInvalidOid;  // RETURNS [SETOF] a table's row type
  std::vector<RoutineArgument> result_columns;  // and the columns it had then
  std::string body;         // pg_proc.prosrc
  bool sql_standard_body = false;     // `body` is RETURN … or BEGIN ATOMIC … END
  char volatility = 'v';
  bool strict = false;
  bool security_definer = false;
  bool leakproof = false;
  char parallel = 'u';
  double cost = 100;
  double rows = 0;
  std::vector<std::string> settings;  // name=value, from SET
  std::vector<Oid> search_path;       // of a standard body's names
  AggregateInfo aggregate;            // of aggregates
  Routine() : Object(ObjectKind::Routine) {}

  std::vector<Oid> input_types() const;
  // What the analyzer and the executor know a function by; made once.
  const functions::Function& function() const;

 private:
  struct Record;
  // Copies of the object make their own.
  struct RecordCell {
    RecordCell() = default;
    RecordCell(const RecordCell&) {}
    RecordCell& operator=(const RecordCell&) = delete;
    std::once_flag once;
    std::shared_ptr<const Record> record;
  };
  mutable RecordCell record_;
};

// Bits of pg_trigger.tgtype.
inline constexpr int16_t kTriggerRow = 1;
inline constexpr int16_t kTriggerBefore = 2;
inline constexpr int16_t kTriggerInsert = 4;
inline constexpr int16_t kTriggerDelete = 8;
inline constexpr int16_t kTriggerUpdate = 16;
inline constexpr int16_t kTriggerTruncate = 32;
inline constexpr int16_t kTriggerInstead = 64;

struct Trigger : Object {
  Oid table = kInvalidOid;
  Oid function = kInvalidOid;
  int16_t type = 0;
  char enabled = 'O';              // O, D, R or A, as pg_trigger.tgenabled
  std::vector<int> columns;        // UPDATE OF, 0-based
  std::vector<std::string> arguments;
  std::string when_sql;
  std::string old_table, new_table;  // REFERENCING
  bool deferrable = false;
  bool initially_deferred = false;
  bool is_constraint = false;
  Oid parent = kInvalidOid;  // the trigger of the partitioned table that this one was made for
  Oid constraint_table = kInvalidOid;  // CREATE CONSTRAINT TRIGGER … FROM
  Trigger() : Object(ObjectKind::Trigger) {}
};

// CREATE COLLATION; the fields are pg_collation's.
struct Collation : Object {
  char provider = 'c';
  bool deterministic = true;
  std::string collate, ctype, icu_locale, version;
  types::CollationInfo info() const { return {oid, name, provider, deterministic, provider == 'i' ? -1 : 6, collate, ctype, icu_locale}; }
  Collation() : Object(ObjectKind::Collation) {}
};

using ObjectPtr = std::shared_ptr<const Object>;
using RoutinePtr = std::shared_ptr<const Routine>;
using TriggerPtr = std::shared_ptr<const Trigger>;
// A value of an enum is its label's position: positions never change, and new labels get one between their
// neighbours'. `sort_order` is what pg_enum shows.
struct EnumLabel {
  Oid oid = kInvalidOid;
  std::string name;
  float sort_order = 0;
  int64_t position = 0;
};

// An enum, domain, range, base type or shell (a name that a base type will fill). (A composite type is a relation of
// relkind c.)
struct UserType : Object {
  char typtype = 'e';  // e enum, d domain, r range, b base, p shell
  Oid array_type = kInvalidOid;
  std::vector<EnumLabel> labels;  // in order
  Type base;                      // of a domain the type below, of a range the subtype
  Oid collation = kInvalidOid;
  bool not_null = false;
  std::string default_sql;
  std::vector<Constraint> checks;  // of a domain; check_sql is over VALUE
  Oid multirange = kInvalidOid;
  Oid multirange_array = kInvalidOid;
  std::string multirange_name;
  // Of a base type: its functions, and what CREATE TYPE said of it.
  Oid input = kInvalidOid, output = kInvalidOid, receive = kInvalidOid, send = kInvalidOid;
  std::string representation;  // the symbol of the native input function, which says what values look like
  int32_t length = -1;
  bool by_value = false;
  char alignment = 'i';
  char storage = 'p';
  char category = 'U';
  bool preferred = false;
  char delimiter = ',';
  UserType() : Object(ObjectKind::Type) {}
};

// Made by CREATE OPERATOR. A shell (named as a commutator or negator before it was made) has no function.
struct Operator : Object {
  Oid left = kInvalidOid;  // 0: a prefix operator
  Oid right = kInvalidOid;
  Oid result = kInvalidOid;
  Oid function = kInvalidOid;
  Oid commutator = kInvalidOid;
  Oid negator = kInvalidOid;
  std::string restrict_estimator, join_estimator;
  bool can_hash = false;
  bool can_merge = false;
  bool orders = false;  // functions::Operator::orders
  Operator() : Object(ObjectKind::Operator) {}

  // What the analyzer and EXPLAIN know an operator by; made once.
  const functions::Operator& record() const;

 private:
  struct RecordCell {
    RecordCell() = default;
    RecordCell(const RecordCell&) {}
    RecordCell& operator=(const RecordCell&) = delete;
    std::once_flag once;
    std::shared_ptr<const functions::Operator> record;
  };
  mutable RecordCell record_;
};

// Made by CREATE CAST; context and method are pg_cast's letters.
struct Cast : Object {
  Oid source = kInvalidOid;
  Oid target = kInvalidOid;
  Oid function = kInvalidOid;
  char context = 'e';
  char method = 'f';
  Cast() : Object(ObjectKind::Cast) {}
};

// An operator or a support function of an operator family.
struct FamilyMember {
  Oid oid = kInvalidOid;
  Oid left = kInvalidOid, right = kInvalidOid;
  int32_t number = 0;          // strategy, or support function
  Oid object = kInvalidOid;    // the operator, or the function
  Oid sort_family = kInvalidOid;  // of an operator that index scans order by
  Oid opclass = kInvalidOid;   // the class it came with; 0: loose in the family
};

struct OperatorFamily : Object {
  std::string method;
  std::vector<FamilyMember> operators;
  std::vector<FamilyMember> functions;
  OperatorFamily() : Object(ObjectKind::OperatorFamily) {}
};

struct OperatorClass : Object {
  std::string method;
  Oid family = kInvalidOid;
  Oid input = kInvalidOid;
  Oid key = kInvalidOid;  // STORAGE, when it is another type
  bool is_default = false;
  std::string keys;  // of gin, gist and spgist: the symbol of the support function that says how keys are made
  OperatorClass() : Object(ObjectKind::OperatorClass) {}
};
using OperatorFamilyPtr = std::shared_ptr<const OperatorFamily>;
using OperatorClassPtr = std::shared_ptr<const OperatorClass>;

struct Extension : Object {
  std::string version;
  Extension() : Object(ObjectKind::Extension) {}
};

// A database's event trigger.
struct EventTrigger : Object {
  std::string event;  // ddl_command_start, …
  Oid function = kInvalidOid;
  char enabled = 'O';
  std::vector<std::string> tags;  // WHEN TAG IN; empty: all
  EventTrigger() : Object(ObjectKind::EventTrigger) {}
};

// A combination of values that is common, with its share of the rows and the share it would have if columns were independent.
struct StatisticsItem {
  std::vector<std::string> values;
  std::vector<char> nulls;
  double frequency = 0;
  double base_frequency = 0;
};
struct ExpressionStatistics {
  double null_fraction = 0;
  double average_width = 0;
  double distinct = 0;  // negative: per row
  std::vector<std::string> values;
  std::vector<double> frequencies;
};
// What ANALYZE found, in the text forms of PostgreSQL's types where there are any.
struct BuiltStatistics {
  bool inherited = false;
  std::string ndistinct, dependencies;
  std::vector<StatisticsItem> most_common;
  std::vector<ExpressionStatistics> expressions;
};

// CREATE TABLESPACE. Its files are behind the link pg_tblspc/<oid> in the data directory.
struct Tablespace : Object {
  std::string location;  // empty: in the data directory
  std::vector<std::string> options;
  Tablespace() : Object(ObjectKind::Tablespace) {}
};

struct Conversion : Object {
  std::string source, target;  // names of encodings
  Oid function = kInvalidOid;
  bool is_default = false;
  Conversion() : Object(ObjectKind::Conversion) {}
};

// A large object; its number is its name, and its own OID tells its pages from other databases'.
struct LargeObject : Object {
  Oid number = kInvalidOid;
  LargeObject() : Object(ObjectKind::LargeObject) {}
};

// What GRANT … ON PARAMETER said of a setting.
struct ParameterAcl : Object {
  ParameterAcl() : Object(ObjectKind::ParameterAcl) {}
};

struct AccessMethod : Object {
  char amtype = 'i';  // i index, t table
  Oid handler = kInvalidOid;
  AccessMethod() : Object(ObjectKind::AccessMethod) {}
};

// CREATE STATISTICS.
struct Statistics : Object {
  Oid table = kInvalidOid;
  std::vector<int> columns;              // 0-based
  std::vector<std::string> expressions;
  std::string kinds;                     // pg_statistic_ext.stxkind: d, f, m, e
  int32_t target = -1;
  std::vector<BuiltStatistics> built;    // of the table alone, of it with those below
  Statistics() : Object(ObjectKind::Statistics) {}
};

// ALTER DEFAULT PRIVILEGES: of new objects that `owner` makes in `schema` (0: any). The privileges are its access list.
struct DefaultAcl : Object {
  char object_type = 'r';  // pg_default_acl.defaclobjtype
  DefaultAcl() : Object(ObjectKind::DefaultAcl) {}
};

// The comment and the privileges of an object that is not in the catalog itself, such as a language.
struct Annotation : Object {
  Oid class_oid = kInvalidOid;
  Oid target = kInvalidOid;
  Annotation() : Object(ObjectKind::Annotation) {}
};

// A text search dictionary: a template and its options, as pg_ts_dict's text has them.
struct TsDictionary : Object {
  Oid template_oid = kInvalidOid;
  std::vector<std::string> option_names;
  std::vector<std::string> option_values;
  TsDictionary() : Object(ObjectKind::TsDictionary) {}
};

struct TsMapping {
  int32_t token = 0;
  std::vector<Oid> dictionaries;
};
struct TsConfiguration : Object {
  std::vector<TsMapping> mappings;  // by token
  TsConfiguration() : Object(ObjectKind::TsConfiguration) {}
};

// Options are name=value.
struct ForeignDataWrapper : Object {
  Oid handler = kInvalidOid;
  Oid validator = kInvalidOid;
  std::vector<std::string> options;
  ForeignDataWrapper() : Object(ObjectKind::ForeignDataWrapper) {}
};

struct ForeignServer : Object {
  Oid wrapper = kInvalidOid;
  std::string type, version;  // empty: none
  std::vector<std::string> options;
  ForeignServer() : Object(ObjectKind::ForeignServer) {}
};

struct UserMapping : Object {
  Oid server = kInvalidOid;
  Oid user = kInvalidOid;  // 0: PUBLIC
  std::vector<std::string> options;
  UserMapping() : Object(ObjectKind::UserMapping) {}
};

struct Publication : Object {
  bool all_tables = false;
  bool inserts = true, updates = true, deletes = true, truncates = true;
  bool via_root = false;
  Publication() : Object(ObjectKind::Publication) {}
};

// One table of a publication.
struct PublicationTable : Object {
  Oid publication = kInvalidOid;
  Oid table = kInvalidOid;
  std::string where_sql;
  std::vector<int> columns;  // 0-based; none: all
  PublicationTable() : Object(ObjectKind::PublicationTable) {}
};

// TABLES IN SCHEMA.
struct PublicationSchema : Object {
  Oid publication = kInvalidOid;
  Oid published = kInvalidOid;
  PublicationSchema() : Object(ObjectKind::PublicationSchema) {}
};

// The fields are pg_subscription's.
struct Subscription : Object {
  bool enabled = false, binary = false, stream = false, disable_on_error = false;
  char two_phase = 'd';
  int64_t skip_lsn = 0;
  std::string connection;
  std::string slot;  // empty: NONE
  std::string synchronous_commit = "off";
  std::vector<std::string> publications;
  Subscription() : Object(ObjectKind::Subscription) {}
};

using ObjectPtr = std::shared_ptr<const Object>;
using OperatorPtr = std::shared_ptr<const Operator>;
using CastPtr = std::shared_ptr<const Cast>;
using UserTypePtr = std::shared_ptr<const UserType>;
using RelationPtr = std::shared_ptr<const Relation>;
using IndexPtr = std::shared_ptr<const Index>;

// The durable form of an object. decode_object throws StorageError XX001 for bytes it can't read.
std::string encode_object(const Object& object);
std::shared_ptr<Object> decode_object(std::string_view bytes);

}  // namespace aegis::catalog
