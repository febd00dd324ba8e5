// What defining statements share, and the nodes of tables, indexes, sequences and views, named as in
// PostgreSQL's parsenodes.h.
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

}  // namespace aegis::ast
