// Nodes of the statements that define objects, named as in PostgreSQL's parsenodes.h.
#pragma once

#include "aegis/parser/ast_queries.h"

namespace aegis::ast {

enum class ObjectType : uint8_t {
  AccessMethod,
  Aggregate,
  Amop,
  Amproc,
  Attribute,
  Cast,
  Column,
  Collation,
  Conversion,
  Database,
  Default,
  Defacl,
  Domain,
  Domconstraint,
  EventTrigger,
  Extension,
  Fdw,
  ForeignServer,
  ForeignTable,
  Function,
  Index,
  Language,
  Largeobject,
  Matview,
  Opclass,
  Operator,
  Opfamily,
  ParameterAcl,
  Policy,
  Procedure,
  Publication,
  PublicationNamespace,
  PublicationRel,
  Role,
  Routine,
  Rule,
  Schema,
  Sequence,
  Subscription,
  StatisticExt,
  Tabconstraint,
  Table,
  Tablespace,
  Transform,
  Trigger,
  TsConfiguration,
  TsDictionary,
  TsParser,
  TsTemplate,
  Type,
  UserMapping,
  View,
};
enum class DropBehavior : uint8_t { Restrict, Cascade };

enum class DefElemAction : uint8_t { Unspec, Set, Add, Drop };
// name [= arg]. `arg` is a value node (Integer, Float, Boolean, String), TypeName, QualifiedName, ListNode,
// AStar, …
struct DefElem : NodeOf<NodeTag::DefElem> {
  std::string_view defnamespace;
  std::string_view defname;
  Node* arg = nullptr;
  DefElemAction defaction = DefElemAction::Unspec;
};

enum class RoleSpecType : uint8_t { Cstring, CurrentRole, CurrentUser, SessionUser, Public };
struct RoleSpec : NodeOf<NodeTag::RoleSpec> {
  RoleSpecType roletype = RoleSpecType::Cstring;
  std::string_view rolename;
};

enum class FunctionParameterMode : char {
  In = 'i',
  Out = 'o',
  InOut = 'b',
  Variadic = 'v',
  Table = 't',
  Default = 'd',
};
struct FunctionParameter : NodeOf<NodeTag::FunctionParameter> {
  std::string_view name;
  TypeName* arg_type = nullptr;
  FunctionParameterMode mode = FunctionParameterMode::Default;
  Node* defexpr = nullptr;
};

// A function, aggregate or operator named with its argument types. A null type stands for NONE in an
// operator.
struct ObjectWithArgs : NodeOf<NodeTag::ObjectWithArgs> {
  NameList objname;
  List<TypeName> objargs;
  List<FunctionParameter> objfuncargs;
  bool args_unspecified = false;
};

// ---- Tables ----
struct Constraint;
struct PartitionSpec;
struct PartitionBoundSpec;

struct ColumnDef : NodeOf<NodeTag::ColumnDef> {
  std::string_view colname;
  TypeName* type_name = nullptr;  // null in typed tables and CREATE TABLE … PARTITION OF
  std::string_view compression;
  CollateClause* coll_clause = nullptr;
  Node* raw_default = nullptr;  // only of ALTER COLUMN TYPE … USING; DEFAULT is among the constraints
  List<Constraint> constraints;
  List<DefElem> fdwoptions;
};

// CREATE_TABLE_LIKE_ bits.
enum TableLikeOption : unsigned {
  kLikeComments = 1 << 0,
  kLikeCompression = 1 << 1,
  kLikeConstraints = 1 << 2,
  kLikeDefaults = 1 << 3,
  kLikeGenerated = 1 << 4,
  kLikeIdentity = 1 << 5,
  kLikeIndexes = 1 << 6,
  kLikeStatistics = 1 << 7,
  kLikeStorage = 1 << 8,
  kLikeAll = 0x7FFFFFFF,
};
struct TableLikeClause : NodeOf<NodeTag::TableLikeClause> {
  RangeVar* relation = nullptr;
  unsigned options = 0;
};

struct IndexElem : NodeOf<NodeTag::IndexElem> {
  std::string_view name;  // a column, or
  Node* expr = nullptr;   // an expression
  NameList collation;
  NameList opclass;
  List<DefElem> opclassopts;
  SortByDir ordering = SortByDir::Default;
  SortByNulls nulls_ordering = SortByNulls::Default;
};

enum class ConstrType : uint8_t {
  Null,
  NotNull,
  Default,
  Identity,
  Generated,
  Check,
  Primary,
  Unique,
  Exclusion,
  Foreign,
  AttrDeferrable,
  AttrNotDeferrable,
  AttrDeferred,
  AttrImmediate,
};
// One column and operator of an exclusion constraint.
struct ExclusionElem : NodeOf<NodeTag::ExclusionElem> {
  IndexElem* elem = nullptr;
  NameList oper;
};
struct Constraint : NodeOf<NodeTag::Constraint> {
  ConstrType contype = ConstrType::Null;
  std::string_view conname;
  bool deferrable = false;
  bool initdeferred = false;
  bool is_no_inherit = false;
  Node* raw_expr = nullptr;  // CHECK, DEFAULT, GENERATED
  char generated_when = 0;   // 'a' ALWAYS, 'd' BY DEFAULT
  bool nulls_not_distinct = false;
  NameList keys;
  NameList including;
  List<ExclusionElem> exclusions;
  List<DefElem> options;       // index WITH options; the sequence options of an identity
  std::string_view indexname;  // USING INDEX
  std::string_view indexspace;
  std::string_view access_method;
  Node* where_clause = nullptr;
  RangeVar* pktable = nullptr;
  NameList fk_attrs;
  NameList pk_attrs;
  char fk_matchtype = 0;   // 'f' full, 'p' partial, 's' simple
  char fk_upd_action = 0;  // 'a' no action, 'r' restrict, 'c' cascade, 'n' set null, 'd' set default
  char fk_del_action = 0;
  NameList fk_del_set_cols;
  bool skip_validation = false;
  bool initially_valid = false;
};

struct PartitionElem : NodeOf<NodeTag::PartitionElem> {
  std::string_view name;
  Node* expr = nullptr;
  NameList collation;
  NameList opclass;
};
struct PartitionSpec : NodeOf<NodeTag::PartitionSpec> {
  std::string_view strategy;
  List<PartitionElem> part_params;
};
struct PartitionBoundSpec : NodeOf<NodeTag::PartitionBoundSpec> {
  char strategy = 0;  // 'h', 'l', 'r'; 0 for DEFAULT
  bool is_default = false;
  int modulus = -1;
  int remainder = -1;
  NodeList listdatums;
  NodeList lowerdatums;  // MINVALUE and MAXVALUE are ColumnRefs of that name
  NodeList upperdatums;
};
struct PartitionCmd : NodeOf<NodeTag::PartitionCmd> {
  RangeVar* name = nullptr;
  PartitionBoundSpec* bound = nullptr;
  bool concurrent = false;
};

struct CreateStmt : NodeOf<NodeTag::CreateStmt> {
  RangeVar* relation = nullptr;
  NodeList table_elts;           // ColumnDef, Constraint, TableLikeClause
  List<RangeVar> inh_relations;  // INHERITS, or the parent of PARTITION OF
  PartitionBoundSpec* partbound = nullptr;
  PartitionSpec* partspec = nullptr;
  TypeName* of_typename = nullptr;
  List<DefElem> options;
  OnCommitAction oncommit = OnCommitAction::Noop;
  std::string_view tablespacename;
  std::string_view access_method;
  bool if_not_exists = false;
};
struct CreateForeignTableStmt : NodeOf<NodeTag::CreateForeignTableStmt> {
  CreateStmt* base = nullptr;
  std::string_view servername;
  List<DefElem> options;
};

struct ReplicaIdentityStmt : NodeOf<NodeTag::ReplicaIdentityStmt> {
  char identity_type = 0;  // 'n' nothing, 'f' full, 'd' default, 'i' index
  std::string_view name;
};

enum class AlterTableType : uint8_t {
  AddColumn,
  ColumnDefault,
  CookedColumnDefault,
  DropNotNull,
  SetNotNull,
  DropExpression,
  SetStatistics,
  SetOptions,
  ResetOptions,
  SetStorage,
  SetCompression,
  DropColumn,
  AddIndex,
  AddConstraint,
  AlterConstraint,
  ValidateConstraint,
  AddIndexConstraint,
  DropConstraint,
  AlterColumnType,
  AlterColumnGenericOptions,
  ChangeOwner,
  ClusterOn,
  DropCluster,
  SetLogged,
  SetUnLogged,
  DropOids,
  SetAccessMethod,
  SetTableSpace,
  SetRelOptions,
  ResetRelOptions,
  EnableTrig,
  EnableAlwaysTrig,
  EnableReplicaTrig,
  DisableTrig,
  EnableTrigAll,
  DisableTrigAll,
  EnableTrigUser,
  DisableTrigUser,
  EnableRule,
  EnableAlwaysRule,
  EnableReplicaRule,
  DisableRule,
  AddInherit,
  DropInherit,
  AddOf,
  DropOf,
  ReplicaIdentity,
  EnableRowSecurity,
  DisableRowSecurity,
  ForceRowSecurity,
  NoForceRowSecurity,
  GenericOptions,
  AttachPartition,
  DetachPartition,
  DetachPartitionFinalize,
  AddIdentity,
  SetIdentity,
  DropIdentity,
};
struct AlterTableCmd : NodeOf<NodeTag::AlterTableCmd> {
  AlterTableType subtype = AlterTableType::AddColumn;
  std::string_view name;  // column, constraint, trigger, tablespace, …
  int16_t num = 0;        // column number in ALTER INDEX … ALTER COLUMN n
  RoleSpec* newowner = nullptr;
  Node* def = nullptr;  // ColumnDef, Constraint, expression, ListNode of DefElem, …
  DropBehavior behavior = DropBehavior::Restrict;
  bool missing_ok = false;  // IF EXISTS of a column; IF NOT EXISTS of ADD COLUMN
};
struct AlterTableStmt : NodeOf<NodeTag::AlterTableStmt> {
  RangeVar* relation = nullptr;
  List<AlterTableCmd> cmds;
  ObjectType objtype = ObjectType::Table;
  bool missing_ok = false;
};

struct AlterTableMoveAllStmt : NodeOf<NodeTag::AlterTableMoveAllStmt> {
  std::string_view orig_tablespacename;
  ObjectType objtype = ObjectType::Table;
  List<RoleSpec> roles;
  std::string_view new_tablespacename;
  bool nowait = false;
};

struct CreateTableAsStmt : NodeOf<NodeTag::CreateTableAsStmt> {
  Node* query = nullptr;  // SelectStmt or ExecuteStmt
  IntoClause* into = nullptr;
  ObjectType objtype = ObjectType::Table;  // or Matview
  bool if_not_exists = false;
};
struct RefreshMatViewStmt : NodeOf<NodeTag::RefreshMatViewStmt> {
  bool concurrent = false;
  bool skip_data = false;
  RangeVar* relation = nullptr;
};

enum class ViewCheckOption : uint8_t { None, Local, Cascaded };
struct ViewStmt : NodeOf<NodeTag::ViewStmt> {
  RangeVar* view = nullptr;
  NameList aliases;
  Node* query = nullptr;
  bool replace = false;
  List<DefElem> options;
  ViewCheckOption with_check_option = ViewCheckOption::None;
};

struct IndexStmt : NodeOf<NodeTag::IndexStmt> {
  std::string_view idxname;
  RangeVar* relation = nullptr;
  std::string_view access_method;  // "btree" unless USING is given
  std::string_view table_space;
  List<IndexElem> index_params;
  List<IndexElem> index_including_params;
  List<DefElem> options;
  Node* where_clause = nullptr;
  bool unique = false;
  bool nulls_not_distinct = false;
  bool concurrent = false;
  bool if_not_exists = false;
};

// The options are DefElems: as, cache, cycle, increment, maxvalue, minvalue, owned_by, sequence_name, start,
// restart.
struct CreateSeqStmt : NodeOf<NodeTag::CreateSeqStmt> {
  RangeVar* sequence = nullptr;
  List<DefElem> options;
  bool for_identity = false;
  bool if_not_exists = false;
};
struct AlterSeqStmt : NodeOf<NodeTag::AlterSeqStmt> {
  RangeVar* sequence = nullptr;
  List<DefElem> options;
  bool missing_ok = false;
};

struct StatsElem : NodeOf<NodeTag::StatsElem> {
  std::string_view name;
  Node* expr = nullptr;
};
struct CreateStatsStmt : NodeOf<NodeTag::CreateStatsStmt> {
  NameList defnames;
  NameList stat_types;
  List<StatsElem> exprs;
  NodeList relations;
  bool if_not_exists = false;
};
struct AlterStatsStmt : NodeOf<NodeTag::AlterStatsStmt> {
  NameList defnames;
  int stxstattarget = 0;
  bool missing_ok = false;
};

// ---- Schemas, databases, tablespaces ----
struct CreateSchemaStmt : NodeOf<NodeTag::CreateSchemaStmt> {
  std::string_view schemaname;
  RoleSpec* authrole = nullptr;
  NodeList schema_elts;
  bool if_not_exists = false;
};
struct CreatedbStmt : NodeOf<NodeTag::CreatedbStmt> {
  std::string_view dbname;
  List<DefElem> options;
};
struct AlterDatabaseStmt : NodeOf<NodeTag::AlterDatabaseStmt> {
  std::string_view dbname;
  List<DefElem> options;
};
struct AlterDatabaseRefreshCollStmt : NodeOf<NodeTag::AlterDatabaseRefreshCollStmt> {
  std::string_view dbname;
};
struct VariableSetStmt;
struct AlterDatabaseSetStmt : NodeOf<NodeTag::AlterDatabaseSetStmt> {
  std::string_view dbname;
  VariableSetStmt* setstmt = nullptr;
};
struct DropdbStmt : NodeOf<NodeTag::DropdbStmt> {
  std::string_view dbname;
  bool missing_ok = false;
  List<DefElem> options;
};
struct CreateTableSpaceStmt : NodeOf<NodeTag::CreateTableSpaceStmt> {
  std::string_view tablespacename;
  RoleSpec* owner = nullptr;
  std::string_view location_path;
  List<DefElem> options;
};
struct DropTableSpaceStmt : NodeOf<NodeTag::DropTableSpaceStmt> {
  std::string_view tablespacename;
  bool missing_ok = false;
};
struct AlterTableSpaceOptionsStmt : NodeOf<NodeTag::AlterTableSpaceOptionsStmt> {
  std::string_view tablespacename;
  List<DefElem> options;
  bool is_reset = false;
};

// ---- Types ----
// CREATE AGGREGATE, OPERATOR, TYPE, COLLATION and the text search objects.
struct DefineStmt : NodeOf<NodeTag::DefineStmt> {
  ObjectType kind = ObjectType::Type;
  bool oldstyle = false;
  NameList defnames;
  NodeList args;             // of an aggregate: FunctionParameters
  int num_direct_args = -1;  // of an ordered-set aggregate; -1: plain
  List<DefElem> definition;
  bool if_not_exists = false;
  bool replace = false;
};
struct CompositeTypeStmt : NodeOf<NodeTag::CompositeTypeStmt> {
  RangeVar* typevar = nullptr;
  List<ColumnDef> coldeflist;
};
struct CreateEnumStmt : NodeOf<NodeTag::CreateEnumStmt> {
  NameList type_name;
  NameList vals;
};
struct AlterEnumStmt : NodeOf<NodeTag::AlterEnumStmt> {
  NameList type_name;
  std::string_view old_val;
  std::string_view new_val;
  std::string_view new_val_neighbor;
  bool new_val_is_after = false;
  bool skip_if_new_val_exists = false;
};
struct CreateRangeStmt : NodeOf<NodeTag::CreateRangeStmt> {
  NameList type_name;
  List<DefElem> params;
};
struct AlterTypeStmt : NodeOf<NodeTag::AlterTypeStmt> {
  NameList type_name;
  List<DefElem> options;
};
struct CreateDomainStmt : NodeOf<NodeTag::CreateDomainStmt> {
  NameList domainname;
  TypeName* type_name = nullptr;
  CollateClause* coll_clause = nullptr;
  List<Constraint> constraints;
};
struct AlterDomainStmt : NodeOf<NodeTag::AlterDomainStmt> {
  char subtype =
      0;  // 'T' default, 'N' drop not null, 'O' set not null, 'C' add, 'X' drop, 'V' validate constraint
  NameList type_name;
  std::string_view name;
  Node* def = nullptr;
  DropBehavior behavior = DropBehavior::Restrict;
  bool missing_ok = false;
};

// ---- Functions, casts, operators, languages ----
struct CreateFunctionStmt : NodeOf<NodeTag::CreateFunctionStmt> {
  bool is_procedure = false;
  bool replace = false;
  NameList funcname;
  List<FunctionParameter> parameters;
  TypeName* return_type = nullptr;
  List<DefElem> options;
  Node* sql_body = nullptr;  // ReturnStmt, or a ListNode of one ListNode of statements for BEGIN ATOMIC
};
struct AlterFunctionStmt : NodeOf<NodeTag::AlterFunctionStmt> {
  ObjectType objtype = ObjectType::Function;
  ObjectWithArgs* func = nullptr;
  List<DefElem> actions;
};
struct DoStmt : NodeOf<NodeTag::DoStmt> {
  List<DefElem> args;
};
struct CallStmt : NodeOf<NodeTag::CallStmt> {
  FuncCall* funccall = nullptr;
};
struct AlterOperatorStmt : NodeOf<NodeTag::AlterOperatorStmt> {
  ObjectWithArgs* opername = nullptr;
  List<DefElem> options;
};
struct CreateOpClassItem : NodeOf<NodeTag::CreateOpClassItem> {
  enum class ItemType : uint8_t { Operator = 1, Function = 2, StorageType = 3 };
  ItemType itemtype = ItemType::Operator;
  ObjectWithArgs* name = nullptr;
  int number = 0;
  NameList order_family;
  List<TypeName> class_args;
  TypeName* storedtype = nullptr;
};
struct CreateOpClassStmt : NodeOf<NodeTag::CreateOpClassStmt> {
  NameList opclassname;
  NameList opfamilyname;
  std::string_view amname;
  TypeName* datatype = nullptr;
  List<CreateOpClassItem> items;
  bool is_default = false;
};
struct CreateOpFamilyStmt : NodeOf<NodeTag::CreateOpFamilyStmt> {
  NameList opfamilyname;
  std::string_view amname;
};
struct AlterOpFamilyStmt : NodeOf<NodeTag::AlterOpFamilyStmt> {
  NameList opfamilyname;
  std::string_view amname;
  bool is_drop = false;
  List<CreateOpClassItem> items;
};
struct CreateCastStmt : NodeOf<NodeTag::CreateCastStmt> {
  TypeName* sourcetype = nullptr;
  TypeName* targettype = nullptr;
  ObjectWithArgs* func = nullptr;
  CoercionForm context =
      CoercionForm::ExplicitCast;  // ImplicitCast: AS IMPLICIT; ExplicitCall: AS ASSIGNMENT
  bool inout = false;
};
struct CreateConversionStmt : NodeOf<NodeTag::CreateConversionStmt> {
  NameList conversion_name;
  std::string_view for_encoding_name;
  std::string_view to_encoding_name;
  NameList func_name;
  bool def = false;
};
struct CreateTransformStmt : NodeOf<NodeTag::CreateTransformStmt> {
  bool replace = false;
  TypeName* type_name = nullptr;
  std::string_view lang;
  ObjectWithArgs* fromsql = nullptr;
  ObjectWithArgs* tosql = nullptr;
};
struct CreatePLangStmt : NodeOf<NodeTag::CreatePLangStmt> {
  bool replace = false;
  std::string_view plname;
  NameList plhandler;
  NameList plinline;
  NameList plvalidator;
  bool pltrusted = false;
};
struct CreateAmStmt : NodeOf<NodeTag::CreateAmStmt> {
  std::string_view amname;
  NameList handler_name;
  char amtype = 0;  // 'i' index, 't' table
};

// ---- Triggers, rules, policies ----
// TRIGGER_TYPE_ bits of CreateTrigStmt::timing and ::events.
enum TriggerBits : int16_t {
  kTriggerRow = 1 << 0,
  kTriggerBefore = 1 << 1,
  kTriggerInsert = 1 << 2,
  kTriggerDelete = 1 << 3,
  kTriggerUpdate = 1 << 4,
  kTriggerTruncate = 1 << 5,
  kTriggerInstead = 1 << 6,
};
struct TriggerTransition : NodeOf<NodeTag::TriggerTransition> {
  std::string_view name;
  bool is_new = false;
  bool is_table = false;
};
struct CreateTrigStmt : NodeOf<NodeTag::CreateTrigStmt> {
  bool replace = false;
  bool isconstraint = false;
  std::string_view trigname;
  RangeVar* relation = nullptr;
  NameList funcname;
  NameList args;
  bool row = false;
  int16_t timing = 0;  // kTriggerBefore, kTriggerInstead, 0 for AFTER
  int16_t events = 0;
  NameList columns;
  Node* when_clause = nullptr;
  List<TriggerTransition> transition_rels;
  bool deferrable = false;
  bool initdeferred = false;
  RangeVar* constrrel = nullptr;
};
struct CreateEventTrigStmt : NodeOf<NodeTag::CreateEventTrigStmt> {
  std::string_view trigname;
  std::string_view eventname;
  List<DefElem> whenclause;
  NameList funcname;
};
struct AlterEventTrigStmt : NodeOf<NodeTag::AlterEventTrigStmt> {
  std::string_view trigname;
  char tgenabled = 0;  // 'O' enable, 'R' replica, 'A' always, 'D' disable
};
enum class RuleEvent : uint8_t { Select, Insert, Update, Delete };
struct RuleStmt : NodeOf<NodeTag::RuleStmt> {
  RangeVar* relation = nullptr;
  std::string_view rulename;
  Node* where_clause = nullptr;
  RuleEvent event = RuleEvent::Select;
  bool instead = false;
  NodeList actions;
  bool replace = false;
};
struct CreatePolicyStmt : NodeOf<NodeTag::CreatePolicyStmt> {
  std::string_view policy_name;
  RangeVar* table = nullptr;
  std::string_view cmd_name;  // "all", "select", …
  bool permissive = true;
  List<RoleSpec> roles;
  Node* qual = nullptr;
  Node* with_check = nullptr;
};
struct AlterPolicyStmt : NodeOf<NodeTag::AlterPolicyStmt> {
  std::string_view policy_name;
  RangeVar* table = nullptr;
  List<RoleSpec> roles;
  Node* qual = nullptr;
  Node* with_check = nullptr;
};

// ---- Any object ----
// DROP of most kinds. An element of `objects` is a QualifiedName, a TypeName (types, domains), an
// ObjectWithArgs (functions, operators), or a ListNode: {TypeName, TypeName} a cast, {TypeName, String} a
// transform, {String access method, QualifiedName} an operator class or family. Of a trigger, rule or policy
// it is a QualifiedName: the relation's name and the object's.
struct DropStmt : NodeOf<NodeTag::DropStmt> {
  NodeList objects;
  ObjectType remove_type = ObjectType::Table;
  DropBehavior behavior = DropBehavior::Restrict;
  bool missing_ok = false;
  bool concurrent = false;
};
struct RenameStmt : NodeOf<NodeTag::RenameStmt> {
  ObjectType rename_type = ObjectType::Table;
  ObjectType relation_type = ObjectType::Table;  // of a column or attribute: what holds it
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  std::string_view subname;  // the column, constraint, trigger, rule, or the plain name of a schema, role, …
  std::string_view newname;
  DropBehavior behavior = DropBehavior::Restrict;
  bool missing_ok = false;
};
struct AlterObjectDependsStmt : NodeOf<NodeTag::AlterObjectDependsStmt> {
  ObjectType object_type = ObjectType::Function;
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  std::string_view extname;
  bool remove = false;
};
struct AlterObjectSchemaStmt : NodeOf<NodeTag::AlterObjectSchemaStmt> {
  ObjectType object_type = ObjectType::Table;
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  std::string_view newschema;
  bool missing_ok = false;
};
struct AlterOwnerStmt : NodeOf<NodeTag::AlterOwnerStmt> {
  ObjectType object_type = ObjectType::Table;
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  RoleSpec* newowner = nullptr;
};
struct CommentStmt : NodeOf<NodeTag::CommentStmt> {
  ObjectType objtype = ObjectType::Table;
  Node* object = nullptr;
  std::string_view comment;  // not given: NULL
};
struct SecLabelStmt : NodeOf<NodeTag::SecLabelStmt> {
  ObjectType objtype = ObjectType::Table;
  Node* object = nullptr;
  std::string_view provider;
  std::string_view label;
};

// ---- Text search, collations ----
struct AlterTSDictionaryStmt : NodeOf<NodeTag::AlterTSDictionaryStmt> {
  NameList dictname;
  List<DefElem> options;
};
enum class AlterTSConfigType : uint8_t {
  AddMapping,
  AlterMappingForToken,
  ReplaceDict,
  ReplaceDictForToken,
  DropMapping,
};
struct AlterTSConfigurationStmt : NodeOf<NodeTag::AlterTSConfigurationStmt> {
  AlterTSConfigType kind = AlterTSConfigType::AddMapping;
  NameList cfgname;
  NameList tokentype;
  List<QualifiedName> dicts;
  bool override = false;
  bool replace = false;
  bool missing_ok = false;
};
struct AlterCollationStmt : NodeOf<NodeTag::AlterCollationStmt> {
  NameList collname;
};

// ---- Extensions, foreign data, publications ----
struct CreateExtensionStmt : NodeOf<NodeTag::CreateExtensionStmt> {
  std::string_view extname;
  bool if_not_exists = false;
  List<DefElem> options;
};
struct AlterExtensionStmt : NodeOf<NodeTag::AlterExtensionStmt> {
  std::string_view extname;
  List<DefElem> options;
};
struct AlterExtensionContentsStmt : NodeOf<NodeTag::AlterExtensionContentsStmt> {
  std::string_view extname;
  int action = 1;  // 1 ADD, -1 DROP
  ObjectType objtype = ObjectType::Table;
  Node* object = nullptr;
};
struct CreateFdwStmt : NodeOf<NodeTag::CreateFdwStmt> {
  std::string_view fdwname;
  List<DefElem> func_options;
  List<DefElem> options;
};
struct AlterFdwStmt : NodeOf<NodeTag::AlterFdwStmt> {
  std::string_view fdwname;
  List<DefElem> func_options;
  List<DefElem> options;
};
struct CreateForeignServerStmt : NodeOf<NodeTag::CreateForeignServerStmt> {
  std::string_view servername;
  std::string_view servertype;
  std::string_view version;
  std::string_view fdwname;
  bool if_not_exists = false;
  List<DefElem> options;
};
struct AlterForeignServerStmt : NodeOf<NodeTag::AlterForeignServerStmt> {
  std::string_view servername;
  std::string_view version;
  List<DefElem> options;
  bool has_version = false;
};
struct CreateUserMappingStmt : NodeOf<NodeTag::CreateUserMappingStmt> {
  RoleSpec* user = nullptr;
  std::string_view servername;
  bool if_not_exists = false;
  List<DefElem> options;
};
struct AlterUserMappingStmt : NodeOf<NodeTag::AlterUserMappingStmt> {
  RoleSpec* user = nullptr;
  std::string_view servername;
  List<DefElem> options;
};
struct DropUserMappingStmt : NodeOf<NodeTag::DropUserMappingStmt> {
  RoleSpec* user = nullptr;
  std::string_view servername;
  bool missing_ok = false;
};
enum class ImportForeignSchemaType : uint8_t { All, LimitTo, Except };
struct ImportForeignSchemaStmt : NodeOf<NodeTag::ImportForeignSchemaStmt> {
  std::string_view server_name;
  std::string_view remote_schema;
  std::string_view local_schema;
  ImportForeignSchemaType list_type = ImportForeignSchemaType::All;
  List<RangeVar> table_list;
  List<DefElem> options;
};
struct PublicationTable : NodeOf<NodeTag::PublicationTable> {
  RangeVar* relation = nullptr;
  Node* where_clause = nullptr;
  NameList columns;
};
enum class PublicationObjSpecType : uint8_t { Table, TablesInSchema, TablesInCurSchema };
struct PublicationObjSpec : NodeOf<NodeTag::PublicationObjSpec> {
  PublicationObjSpecType pubobjtype = PublicationObjSpecType::Table;
  std::string_view name;
  PublicationTable* pubtable = nullptr;
};
struct CreatePublicationStmt : NodeOf<NodeTag::CreatePublicationStmt> {
  std::string_view pubname;
  List<DefElem> options;
  List<PublicationObjSpec> pubobjects;
  bool for_all_tables = false;
};
enum class AlterPublicationAction : uint8_t { AddObjects, DropObjects, SetObjects };
struct AlterPublicationStmt : NodeOf<NodeTag::AlterPublicationStmt> {
  std::string_view pubname;
  List<DefElem> options;
  List<PublicationObjSpec> pubobjects;
  bool for_all_tables = false;
  AlterPublicationAction action = AlterPublicationAction::SetObjects;
};
struct CreateSubscriptionStmt : NodeOf<NodeTag::CreateSubscriptionStmt> {
  std::string_view subname;
  std::string_view conninfo;
  NameList publication;
  List<DefElem> options;
};
enum class AlterSubscriptionType : uint8_t {
  Options,
  Connection,
  SetPublication,
  AddPublication,
  DropPublication,
  Refresh,
  Enabled,
  Skip,
};
struct AlterSubscriptionStmt : NodeOf<NodeTag::AlterSubscriptionStmt> {
  AlterSubscriptionType kind = AlterSubscriptionType::Options;
  std::string_view subname;
  std::string_view conninfo;
  NameList publication;
  List<DefElem> options;
};
struct DropSubscriptionStmt : NodeOf<NodeTag::DropSubscriptionStmt> {
  std::string_view subname;
  bool missing_ok = false;
  DropBehavior behavior = DropBehavior::Restrict;
};

}  // namespace aegis::ast
