// Nodes of the statements that run, set, show, grant and maintain, named as in PostgreSQL's parsenodes.h.
#pragma once

#include "aegis/parser/ast_ddl.h"

namespace aegis::ast {

// ---- Roles and privileges ----
enum class GrantTargetType : uint8_t { Object, AllInSchema, Defaults };
struct AccessPriv : NodeOf<NodeTag::AccessPriv> {
  std::string_view priv_name;  // not given: ALL, with columns
  NameList cols;
};
struct GrantStmt : NodeOf<NodeTag::GrantStmt> {
  bool is_grant = true;
  GrantTargetType targtype = GrantTargetType::Object;
  ObjectType objtype = ObjectType::Table;
  NodeList
      objects;  // RangeVar, ObjectWithArgs, TypeName, QualifiedName, String, Integer or Float (large objects)
  List<AccessPriv> privileges;  // empty: ALL
  List<RoleSpec> grantees;
  bool grant_option = false;
  RoleSpec* grantor = nullptr;
  DropBehavior behavior = DropBehavior::Restrict;
};
struct GrantRoleStmt : NodeOf<NodeTag::GrantRoleStmt> {
  List<AccessPriv> granted_roles;
  List<RoleSpec> grantee_roles;
  bool is_grant = true;
  bool admin_opt = false;
  RoleSpec* grantor = nullptr;
  DropBehavior behavior = DropBehavior::Restrict;
};
struct AlterDefaultPrivilegesStmt : NodeOf<NodeTag::AlterDefaultPrivilegesStmt> {
  List<DefElem> options;  // schemas, roles
  GrantStmt* action = nullptr;
};
enum class RoleStmtType : uint8_t { Role, User, Group };
struct CreateRoleStmt : NodeOf<NodeTag::CreateRoleStmt> {
  RoleStmtType stmt_type = RoleStmtType::Role;
  std::string_view role;
  List<DefElem> options;
};
struct AlterRoleStmt : NodeOf<NodeTag::AlterRoleStmt> {
  RoleSpec* role = nullptr;
  List<DefElem> options;
  int action = 1;  // of ALTER GROUP: 1 ADD USER, -1 DROP USER
};
struct AlterRoleSetStmt : NodeOf<NodeTag::AlterRoleSetStmt> {
  RoleSpec* role = nullptr;  // null: ALL
  std::string_view database;
  VariableSetStmt* setstmt = nullptr;
};
struct DropRoleStmt : NodeOf<NodeTag::DropRoleStmt> {
  List<RoleSpec> roles;
  bool missing_ok = false;
};
struct DropOwnedStmt : NodeOf<NodeTag::DropOwnedStmt> {
  List<RoleSpec> roles;
  DropBehavior behavior = DropBehavior::Restrict;
};
struct ReassignOwnedStmt : NodeOf<NodeTag::ReassignOwnedStmt> {
  List<RoleSpec> roles;
  RoleSpec* newrole = nullptr;
};

// ---- Settings ----
enum class VariableSetKind : uint8_t { SetValue, SetDefault, SetCurrent, SetMulti, Reset, ResetAll };
// SetMulti: name "TRANSACTION" or "SESSION CHARACTERISTICS" with DefElem args, or "TRANSACTION SNAPSHOT".
struct VariableSetStmt : NodeOf<NodeTag::VariableSetStmt> {
  VariableSetKind kind = VariableSetKind::SetValue;
  std::string_view name;
  NodeList args;  // AConst, TypeCast (of an interval), DefElem
  bool is_local = false;
};
struct VariableShowStmt : NodeOf<NodeTag::VariableShowStmt> {
  std::string_view name;
};
struct AlterSystemStmt : NodeOf<NodeTag::AlterSystemStmt> {
  VariableSetStmt* setstmt = nullptr;
};

// ---- Transactions, locks ----
enum class TransactionStmtKind : uint8_t {
  Begin,
  Start,
  Commit,
  Rollback,
  Savepoint,
  Release,
  RollbackTo,
  Prepare,
  CommitPrepared,
  RollbackPrepared,
};
// Options: transaction_isolation (AConst string), transaction_read_only, transaction_deferrable (AConst
// integer).
struct TransactionStmt : NodeOf<NodeTag::TransactionStmt> {
  TransactionStmtKind kind = TransactionStmtKind::Begin;
  List<DefElem> options;
  std::string_view savepoint_name;
  std::string_view gid;
  bool chain = false;
};
// PostgreSQL's lock mode numbers.
enum class LockMode : uint8_t {
  AccessShare = 1,
  RowShare,
  RowExclusive,
  ShareUpdateExclusive,
  Share,
  ShareRowExclusive,
  Exclusive,
  AccessExclusive,
};
struct LockStmt : NodeOf<NodeTag::LockStmt> {
  List<RangeVar> relations;
  LockMode mode = LockMode::AccessExclusive;
  bool nowait = false;
};
struct ConstraintsSetStmt : NodeOf<NodeTag::ConstraintsSetStmt> {
  List<RangeVar> constraints;  // empty: ALL
  bool deferred = false;
};

// ---- Running ----
struct CopyStmt : NodeOf<NodeTag::CopyStmt> {
  RangeVar* relation = nullptr;
  Node* query = nullptr;
  NameList attlist;
  bool is_from = false;
  bool is_program = false;
  std::string_view filename;  // not given: STDIN or STDOUT
  List<DefElem> options;
  Node* where_clause = nullptr;
};
struct ExplainStmt : NodeOf<NodeTag::ExplainStmt> {
  Node* query = nullptr;
  List<DefElem> options;
};
struct PrepareStmt : NodeOf<NodeTag::PrepareStmt> {
  std::string_view name;
  List<TypeName> argtypes;
  Node* query = nullptr;
};
struct ExecuteStmt : NodeOf<NodeTag::ExecuteStmt> {
  std::string_view name;
  NodeList params;
};
struct DeallocateStmt : NodeOf<NodeTag::DeallocateStmt> {
  std::string_view name;
};  // not given: ALL

// PostgreSQL's CURSOR_OPT_ bits.
enum CursorOption : int {
  kCursorBinary = 0x0001,
  kCursorScroll = 0x0002,
  kCursorNoScroll = 0x0004,
  kCursorInsensitive = 0x0008,
  kCursorAsensitive = 0x0010,
  kCursorHold = 0x0020,
};
struct DeclareCursorStmt : NodeOf<NodeTag::DeclareCursorStmt> {
  std::string_view portalname;
  int options = 0;
  Node* query = nullptr;
};
struct ClosePortalStmt : NodeOf<NodeTag::ClosePortalStmt> {
  std::string_view portalname;
};  // not given: ALL
enum class FetchDirection : uint8_t { Forward, Backward, Absolute, Relative };
inline constexpr int64_t kFetchAll = INT64_MAX;
struct FetchStmt : NodeOf<NodeTag::FetchStmt> {
  FetchDirection direction = FetchDirection::Forward;
  int64_t how_many = 1;
  std::string_view portalname;
  bool ismove = false;
};
struct NotifyStmt : NodeOf<NodeTag::NotifyStmt> {
  std::string_view conditionname;
  std::string_view payload;
};
struct ListenStmt : NodeOf<NodeTag::ListenStmt> {
  std::string_view conditionname;
};
struct UnlistenStmt : NodeOf<NodeTag::UnlistenStmt> {
  std::string_view conditionname;
};  // not given: all

// ---- Maintenance ----
struct TruncateStmt : NodeOf<NodeTag::TruncateStmt> {
  List<RangeVar> relations;
  bool restart_seqs = false;
  DropBehavior behavior = DropBehavior::Restrict;
};
struct VacuumRelation : NodeOf<NodeTag::VacuumRelation> {
  RangeVar* relation = nullptr;
  NameList va_cols;
};
struct VacuumStmt : NodeOf<NodeTag::VacuumStmt> {
  List<DefElem> options;
  List<VacuumRelation> rels;
  bool is_vacuumcmd = true;  // false: ANALYZE
};
struct ClusterStmt : NodeOf<NodeTag::ClusterStmt> {
  RangeVar* relation = nullptr;
  std::string_view indexname;
  List<DefElem> params;
};
enum class ReindexObjectType : uint8_t { Index, Table, Schema, System, Database };
struct ReindexStmt : NodeOf<NodeTag::ReindexStmt> {
  ReindexObjectType kind = ReindexObjectType::Index;
  RangeVar* relation = nullptr;
  std::string_view name;
  List<DefElem> params;
};
struct CheckPointStmt : NodeOf<NodeTag::CheckPointStmt> {};
enum class DiscardMode : uint8_t { All, Plans, Sequences, Temp };
struct DiscardStmt : NodeOf<NodeTag::DiscardStmt> {
  DiscardMode target = DiscardMode::All;
};
struct LoadStmt : NodeOf<NodeTag::LoadStmt> {
  std::string_view filename;
};

}  // namespace aegis::ast
