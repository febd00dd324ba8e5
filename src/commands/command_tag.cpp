// The tags PostgreSQL completes statements with (utility.c's CreateCommandTag).
#include "aegis/commands/command.h"

#include "aegis/parser/ast.h"
#include "command_dispatch.h"

namespace aegis::commands {
namespace {

using ast::NodeTag;
using ast::ObjectType;

const char* words_of(ObjectType type) {
  switch (type) {
    case ObjectType::AccessMethod: return "ACCESS METHOD";
    case ObjectType::Aggregate: return "AGGREGATE";
    case ObjectType::Cast: return "CAST";
    case ObjectType::Collation: return "COLLATION";
    case ObjectType::Conversion: return "CONVERSION";
    case ObjectType::Database: return "DATABASE";
    case ObjectType::Domain:
    case ObjectType::Domconstraint: return "DOMAIN";
    case ObjectType::EventTrigger: return "EVENT TRIGGER";
    case ObjectType::Extension: return "EXTENSION";
    case ObjectType::Fdw: return "FOREIGN DATA WRAPPER";
    case ObjectType::ForeignServer: return "SERVER";
    case ObjectType::ForeignTable: return "FOREIGN TABLE";
    case ObjectType::Function: return "FUNCTION";
    case ObjectType::Index: return "INDEX";
    case ObjectType::Language: return "LANGUAGE";
    case ObjectType::Largeobject: return "LARGE OBJECT";
    case ObjectType::Matview: return "MATERIALIZED VIEW";
    case ObjectType::Opclass: return "OPERATOR CLASS";
    case ObjectType::Operator: return "OPERATOR";
    case ObjectType::Opfamily: return "OPERATOR FAMILY";
    case ObjectType::Policy: return "POLICY";
    case ObjectType::Procedure: return "PROCEDURE";
    case ObjectType::Publication: return "PUBLICATION";
    case ObjectType::Role: return "ROLE";
    case ObjectType::Routine: return "ROUTINE";
    case ObjectType::Rule: return "RULE";
    case ObjectType::Schema: return "SCHEMA";
    case ObjectType::Sequence: return "SEQUENCE";
    case ObjectType::StatisticExt: return "STATISTICS";
    case ObjectType::Subscription: return "SUBSCRIPTION";
    case ObjectType::Tablespace: return "TABLESPACE";
    case ObjectType::Transform: return "TRANSFORM";
    case ObjectType::Trigger: return "TRIGGER";
    case ObjectType::TsConfiguration: return "TEXT SEARCH CONFIGURATION";
    case ObjectType::TsDictionary: return "TEXT SEARCH DICTIONARY";
    case ObjectType::TsParser: return "TEXT SEARCH PARSER";
    case ObjectType::TsTemplate: return "TEXT SEARCH TEMPLATE";
    case ObjectType::Attribute:
    case ObjectType::Type: return "TYPE";
    case ObjectType::UserMapping: return "USER MAPPING";
    case ObjectType::View: return "VIEW";
    default: return "TABLE";
  }
}

template <typename T>
const T& as(const ast::Node& node) { return static_cast<const T&>(node); }

std::string with_type(const char* verb, ObjectType type) { return std::string(verb) + " " + words_of(type); }

std::string rename_tag(const ast::RenameStmt& statement) {
  bool part = statement.rename_type == ObjectType::Column || statement.rename_type == ObjectType::Attribute;
  if (part) return with_type("ALTER", statement.rename_type == ObjectType::Attribute ? ObjectType::Type : statement.relation_type);
  return with_type("ALTER", statement.rename_type);
}

struct PlainTag {
  NodeTag node;
  const char* tag;
};

constexpr PlainTag kPlainTags[] = {
    {NodeTag::InsertStmt, "INSERT"},
    {NodeTag::DeleteStmt, "DELETE"},
    {NodeTag::UpdateStmt, "UPDATE"},
    {NodeTag::MergeStmt, "MERGE"},
    {NodeTag::CreateStmt, "CREATE TABLE"},
    {NodeTag::CreateForeignTableStmt, "CREATE FOREIGN TABLE"},
    {NodeTag::CreateSchemaStmt, "CREATE SCHEMA"},
    {NodeTag::CreateTableSpaceStmt, "CREATE TABLESPACE"},
    {NodeTag::DropTableSpaceStmt, "DROP TABLESPACE"},
    {NodeTag::AlterTableSpaceOptionsStmt, "ALTER TABLESPACE"},
    {NodeTag::CreateExtensionStmt, "CREATE EXTENSION"},
    {NodeTag::AlterExtensionStmt, "ALTER EXTENSION"},
    {NodeTag::AlterExtensionContentsStmt, "ALTER EXTENSION"},
    {NodeTag::CreateFdwStmt, "CREATE FOREIGN DATA WRAPPER"},
    {NodeTag::AlterFdwStmt, "ALTER FOREIGN DATA WRAPPER"},
    {NodeTag::CreateForeignServerStmt, "CREATE SERVER"},
    {NodeTag::AlterForeignServerStmt, "ALTER SERVER"},
    {NodeTag::CreateUserMappingStmt, "CREATE USER MAPPING"},
    {NodeTag::AlterUserMappingStmt, "ALTER USER MAPPING"},
    {NodeTag::DropUserMappingStmt, "DROP USER MAPPING"},
    {NodeTag::ImportForeignSchemaStmt, "IMPORT FOREIGN SCHEMA"},
    {NodeTag::CompositeTypeStmt, "CREATE TYPE"},
    {NodeTag::CreateEnumStmt, "CREATE TYPE"},
    {NodeTag::CreateRangeStmt, "CREATE TYPE"},
    {NodeTag::AlterEnumStmt, "ALTER TYPE"},
    {NodeTag::AlterTypeStmt, "ALTER TYPE"},
    {NodeTag::CreateDomainStmt, "CREATE DOMAIN"},
    {NodeTag::AlterDomainStmt, "ALTER DOMAIN"},
    {NodeTag::CopyStmt, "COPY"},
    {NodeTag::ViewStmt, "CREATE VIEW"},
    {NodeTag::IndexStmt, "CREATE INDEX"},
    {NodeTag::RuleStmt, "CREATE RULE"},
    {NodeTag::CreateSeqStmt, "CREATE SEQUENCE"},
    {NodeTag::AlterSeqStmt, "ALTER SEQUENCE"},
    {NodeTag::DoStmt, "DO"},
    {NodeTag::CallStmt, "CALL"},
    {NodeTag::CreatedbStmt, "CREATE DATABASE"},
    {NodeTag::AlterDatabaseStmt, "ALTER DATABASE"},
    {NodeTag::AlterDatabaseRefreshCollStmt, "ALTER DATABASE"},
    {NodeTag::AlterDatabaseSetStmt, "ALTER DATABASE"},
    {NodeTag::DropdbStmt, "DROP DATABASE"},
    {NodeTag::NotifyStmt, "NOTIFY"},
    {NodeTag::ListenStmt, "LISTEN"},
    {NodeTag::UnlistenStmt, "UNLISTEN"},
    {NodeTag::LoadStmt, "LOAD"},
    {NodeTag::ClusterStmt, "CLUSTER"},
    {NodeTag::ExplainStmt, "EXPLAIN"},
    {NodeTag::RefreshMatViewStmt, "REFRESH MATERIALIZED VIEW"},
    {NodeTag::AlterSystemStmt, "ALTER SYSTEM"},
    {NodeTag::VariableShowStmt, "SHOW"},
    {NodeTag::CreateTrigStmt, "CREATE TRIGGER"},
    {NodeTag::CreateEventTrigStmt, "CREATE EVENT TRIGGER"},
    {NodeTag::AlterEventTrigStmt, "ALTER EVENT TRIGGER"},
    {NodeTag::CreatePLangStmt, "CREATE LANGUAGE"},
    {NodeTag::CreateRoleStmt, "CREATE ROLE"},
    {NodeTag::AlterRoleStmt, "ALTER ROLE"},
    {NodeTag::AlterRoleSetStmt, "ALTER ROLE"},
    {NodeTag::DropRoleStmt, "DROP ROLE"},
    {NodeTag::DropOwnedStmt, "DROP OWNED"},
    {NodeTag::ReassignOwnedStmt, "REASSIGN OWNED"},
    {NodeTag::LockStmt, "LOCK TABLE"},
    {NodeTag::ConstraintsSetStmt, "SET CONSTRAINTS"},
    {NodeTag::CheckPointStmt, "CHECKPOINT"},
    {NodeTag::ReindexStmt, "REINDEX"},
    {NodeTag::CreateConversionStmt, "CREATE CONVERSION"},
    {NodeTag::CreateCastStmt, "CREATE CAST"},
    {NodeTag::CreateOpClassStmt, "CREATE OPERATOR CLASS"},
    {NodeTag::CreateOpFamilyStmt, "CREATE OPERATOR FAMILY"},
    {NodeTag::AlterOpFamilyStmt, "ALTER OPERATOR FAMILY"},
    {NodeTag::AlterOperatorStmt, "ALTER OPERATOR"},
    {NodeTag::AlterTSDictionaryStmt, "ALTER TEXT SEARCH DICTIONARY"},
    {NodeTag::AlterTSConfigurationStmt, "ALTER TEXT SEARCH CONFIGURATION"},
    {NodeTag::CreatePolicyStmt, "CREATE POLICY"},
    {NodeTag::AlterPolicyStmt, "ALTER POLICY"},
    {NodeTag::CreateAmStmt, "CREATE ACCESS METHOD"},
    {NodeTag::CreateTransformStmt, "CREATE TRANSFORM"},
    {NodeTag::CreatePublicationStmt, "CREATE PUBLICATION"},
    {NodeTag::AlterPublicationStmt, "ALTER PUBLICATION"},
    {NodeTag::CreateSubscriptionStmt, "CREATE SUBSCRIPTION"},
    {NodeTag::AlterSubscriptionStmt, "ALTER SUBSCRIPTION"},
    {NodeTag::DropSubscriptionStmt, "DROP SUBSCRIPTION"},
    {NodeTag::AlterCollationStmt, "ALTER COLLATION"},
    {NodeTag::CreateStatsStmt, "CREATE STATISTICS"},
    {NodeTag::AlterStatsStmt, "ALTER STATISTICS"},
    {NodeTag::AlterDefaultPrivilegesStmt, "ALTER DEFAULT PRIVILEGES"},
    {NodeTag::TruncateStmt, "TRUNCATE TABLE"},
    {NodeTag::PrepareStmt, "PREPARE"},
    {NodeTag::ExecuteStmt, "EXECUTE"},
    {NodeTag::DeclareCursorStmt, "DECLARE CURSOR"},
    {NodeTag::SecLabelStmt, "SECURITY LABEL"},
    {NodeTag::CommentStmt, "COMMENT"},
    {NodeTag::ReplicaIdentityStmt, "ALTER TABLE"},
};

std::string select_tag(const ast::SelectStmt& statement) {
  const ast::SelectStmt* at = &statement;
  while (at->into_clause == nullptr && at->larg != nullptr) at = at->larg;
  return at->into_clause != nullptr ? "SELECT INTO" : "SELECT";
}

std::string transaction_tag(const ast::TransactionStmt& statement) {
  switch (statement.kind) {
    case ast::TransactionStmtKind::Begin: return "BEGIN";
    case ast::TransactionStmtKind::Start: return "START TRANSACTION";
    case ast::TransactionStmtKind::Commit: return "COMMIT";
    case ast::TransactionStmtKind::Rollback:
    case ast::TransactionStmtKind::RollbackTo: return "ROLLBACK";
    case ast::TransactionStmtKind::Savepoint: return "SAVEPOINT";
    case ast::TransactionStmtKind::Release: return "RELEASE";
    case ast::TransactionStmtKind::Prepare: return "PREPARE TRANSACTION";
    case ast::TransactionStmtKind::CommitPrepared: return "COMMIT PREPARED";
    case ast::TransactionStmtKind::RollbackPrepared: return "ROLLBACK PREPARED";
  }
  return "???";
}

const char* discard_tag(ast::DiscardMode mode) {
  switch (mode) {
    case ast::DiscardMode::All: return "DISCARD ALL";
    case ast::DiscardMode::Plans: return "DISCARD PLANS";
    case ast::DiscardMode::Sequences: return "DISCARD SEQUENCES";
    case ast::DiscardMode::Temp: return "DISCARD TEMP";
  }
  return "DISCARD";
}

}  // namespace

std::string_view object_words(ast::ObjectType type) { return words_of(type); }

std::string command_tag(const ast::Node& node) {
  for (const auto& plain : kPlainTags) {
    if (plain.node == node.tag) return plain.tag;
  }
  switch (node.tag) {
    case NodeTag::SelectStmt: return select_tag(as<ast::SelectStmt>(node));
    case NodeTag::TransactionStmt: return transaction_tag(as<ast::TransactionStmt>(node));
    case NodeTag::DropStmt: return with_type("DROP", as<ast::DropStmt>(node).remove_type);
    case NodeTag::RenameStmt: return rename_tag(as<ast::RenameStmt>(node));
    case NodeTag::AlterObjectDependsStmt: return with_type("ALTER", as<ast::AlterObjectDependsStmt>(node).object_type);
    case NodeTag::AlterObjectSchemaStmt: return with_type("ALTER", as<ast::AlterObjectSchemaStmt>(node).object_type);
    case NodeTag::AlterOwnerStmt: return with_type("ALTER", as<ast::AlterOwnerStmt>(node).object_type);
    case NodeTag::AlterTableStmt: return with_type("ALTER", as<ast::AlterTableStmt>(node).objtype);
    case NodeTag::AlterTableMoveAllStmt: return with_type("ALTER", as<ast::AlterTableMoveAllStmt>(node).objtype);
    case NodeTag::AlterFunctionStmt: return "ALTER FUNCTION";
    case NodeTag::CreateFunctionStmt: return as<ast::CreateFunctionStmt>(node).is_procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
    case NodeTag::DefineStmt: return with_type("CREATE", as<ast::DefineStmt>(node).kind);
    case NodeTag::GrantStmt: return as<ast::GrantStmt>(node).is_grant ? "GRANT" : "REVOKE";
    case NodeTag::GrantRoleStmt: return as<ast::GrantRoleStmt>(node).is_grant ? "GRANT ROLE" : "REVOKE ROLE";
    case NodeTag::CreateTableAsStmt:
      return as<ast::CreateTableAsStmt>(node).objtype == ObjectType::Matview ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS";
    case NodeTag::VacuumStmt: return as<ast::VacuumStmt>(node).is_vacuumcmd ? "VACUUM" : "ANALYZE";
    case NodeTag::VariableSetStmt: {
      auto kind = as<ast::VariableSetStmt>(node).kind;
      return kind == ast::VariableSetKind::Reset || kind == ast::VariableSetKind::ResetAll ? "RESET" : "SET";
    }
    case NodeTag::DiscardStmt: return discard_tag(as<ast::DiscardStmt>(node).target);
    case NodeTag::ClosePortalStmt: return ast::is_given(as<ast::ClosePortalStmt>(node).portalname) ? "CLOSE CURSOR" : "CLOSE CURSOR ALL";
    case NodeTag::FetchStmt: return as<ast::FetchStmt>(node).ismove ? "MOVE" : "FETCH";
    case NodeTag::DeallocateStmt: return ast::is_given(as<ast::DeallocateStmt>(node).name) ? "DEALLOCATE" : "DEALLOCATE ALL";
    default: return "???";
  }
}

}  // namespace aegis::commands
