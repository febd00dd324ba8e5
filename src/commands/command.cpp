#include "aegis/commands/command.h"

#include "aegis/base/error.h"
#include "aegis/parser/ast.h"
#include "access_method.h"
#include "aggregate.h"
#include "alter_table.h"
#include "base_type.h"
#include "collation.h"
#include "conversion.h"
#include "command_dispatch.h"
#include "copy.h"
#include "database.h"
#include "dependency.h"
#include "event_trigger.h"
#include "explain.h"
#include "extension.h"
#include "foreign_data.h"
#include "index.h"
#include "maintenance.h"
#include "cluster.h"
#include "vacuum.h"
#include "matview.h"
#include "operator.h"
#include "operator_class.h"
#include "parameter.h"
#include "policy.h"
#include "publication.h"
#include "rename.h"
#include "role.h"
#include "routine.h"
#include "rule.h"
#include "schema.h"
#include "sequence.h"
#include "statistics.h"
#include "subscription.h"
#include "table.h"
#include "tablespace.h"
#include "text_search.h"
#include "trigger.h"
#include "truncate.h"
#include "type.h"
#include "view.h"

namespace aegis::commands {

namespace {

template <typename T>
const T& as(const ast::Node& node) { return static_cast<const T&>(node); }

}  // namespace

std::vector<plan::ColumnInfo> describe_command(const ast::Node& statement, CommandContext& context) {
  if (auto* node = ast::node_cast<ast::ExplainStmt>(&statement)) return describe_explain(*node, context);
  return {};
}

namespace {

CommandResult define(const ast::DefineStmt& statement, CommandContext& context) {
  switch (statement.kind) {
    case ast::ObjectType::Aggregate: return create_aggregate(statement, context);
    case ast::ObjectType::Operator: return create_operator(statement, context);
    case ast::ObjectType::Type: return create_base_type(statement, context);
    case ast::ObjectType::Collation: return create_collation(statement, context);
    case ast::ObjectType::TsDictionary:
    case ast::ObjectType::TsConfiguration: return create_text_search(statement, context);
    default: throw_not_supported(command_tag(statement));
  }
}

}  // namespace

CommandResult dispatch_command(const ast::Node& node, CommandContext& context) {
  using ast::NodeTag;
  switch (node.tag) {
    case NodeTag::CreateStmt: return create_table(as<ast::CreateStmt>(node), context);
    case NodeTag::RefreshMatViewStmt: return refresh_matview(as<ast::RefreshMatViewStmt>(node), context);
    case NodeTag::CreateTableAsStmt: return create_table_as(as<ast::CreateTableAsStmt>(node), context);
    case NodeTag::SelectStmt: return select_into(as<ast::SelectStmt>(node), context);
    case NodeTag::IndexStmt: return create_index(as<ast::IndexStmt>(node), context);
    case NodeTag::ViewStmt: return create_view(as<ast::ViewStmt>(node), context);
    case NodeTag::CreateSeqStmt: return create_sequence(as<ast::CreateSeqStmt>(node), context);
    case NodeTag::AlterSeqStmt: return alter_sequence(as<ast::AlterSeqStmt>(node), context);
    case NodeTag::CreateSchemaStmt: return create_schema(as<ast::CreateSchemaStmt>(node), context);
    case NodeTag::DropStmt: return drop_objects(as<ast::DropStmt>(node), context);
    case NodeTag::TruncateStmt: return truncate(as<ast::TruncateStmt>(node), context);
    case NodeTag::CopyStmt: return copy(as<ast::CopyStmt>(node), context);
    case NodeTag::CreateEnumStmt: return create_enum(as<ast::CreateEnumStmt>(node), context);
    case NodeTag::AlterEnumStmt: return alter_enum(as<ast::AlterEnumStmt>(node), context);
    case NodeTag::CompositeTypeStmt: return create_composite(as<ast::CompositeTypeStmt>(node), context);
    case NodeTag::CreateRangeStmt: return create_range(as<ast::CreateRangeStmt>(node), context);
    case NodeTag::CreateDomainStmt: return create_domain(as<ast::CreateDomainStmt>(node), context);
    case NodeTag::AlterDomainStmt: return alter_domain(as<ast::AlterDomainStmt>(node), context);
    case NodeTag::AlterTableStmt:
      if (as<ast::AlterTableStmt>(node).objtype == ast::ObjectType::Type) return alter_composite(as<ast::AlterTableStmt>(node), context);
      return alter_table(as<ast::AlterTableStmt>(node), context);
    case NodeTag::RenameStmt: return rename(as<ast::RenameStmt>(node), context);
    case NodeTag::AlterObjectSchemaStmt: return set_schema(as<ast::AlterObjectSchemaStmt>(node), context);
    case NodeTag::AlterOwnerStmt: return alter_owner(as<ast::AlterOwnerStmt>(node), context);
    case NodeTag::CommentStmt: return comment(as<ast::CommentStmt>(node), context);
    case NodeTag::CreatedbStmt: return create_database(as<ast::CreatedbStmt>(node), context);
    case NodeTag::AlterDatabaseStmt: return alter_database(as<ast::AlterDatabaseStmt>(node), context);
    case NodeTag::AlterDatabaseSetStmt: return alter_database_set(as<ast::AlterDatabaseSetStmt>(node), context);
    case NodeTag::DropdbStmt: return drop_database(as<ast::DropdbStmt>(node), context);
    case NodeTag::CreateRoleStmt: return create_role(as<ast::CreateRoleStmt>(node), context);
    case NodeTag::AlterRoleStmt: return alter_role(as<ast::AlterRoleStmt>(node), context);
    case NodeTag::AlterRoleSetStmt: return alter_role_set(as<ast::AlterRoleSetStmt>(node), context);
    case NodeTag::DropRoleStmt: return drop_role(as<ast::DropRoleStmt>(node), context);
    case NodeTag::GrantRoleStmt: return grant_role(as<ast::GrantRoleStmt>(node), context);
    case NodeTag::AlterDefaultPrivilegesStmt: return alter_default_privileges(as<ast::AlterDefaultPrivilegesStmt>(node), context);
    case NodeTag::GrantStmt: return grant(as<ast::GrantStmt>(node), context);
    case NodeTag::ReassignOwnedStmt: return reassign_owned(as<ast::ReassignOwnedStmt>(node), context);
    case NodeTag::DropOwnedStmt: return drop_owned(as<ast::DropOwnedStmt>(node), context);
    case NodeTag::VacuumStmt: return vacuum(as<ast::VacuumStmt>(node), context);
    case NodeTag::CheckPointStmt: return checkpoint(context);
    case NodeTag::LockStmt: return lock_tables(as<ast::LockStmt>(node), context);
    case NodeTag::ReindexStmt: return reindex(as<ast::ReindexStmt>(node), context);
    case NodeTag::ExplainStmt: return explain(as<ast::ExplainStmt>(node), context);
    case NodeTag::ClusterStmt: return cluster(as<ast::ClusterStmt>(node), context);
    case NodeTag::CreatePolicyStmt: return create_policy(as<ast::CreatePolicyStmt>(node), context);
    case NodeTag::AlterPolicyStmt: return alter_policy(as<ast::AlterPolicyStmt>(node), context);
    case NodeTag::RuleStmt: return create_rule(as<ast::RuleStmt>(node), context);
    case NodeTag::CreateTrigStmt: return create_trigger(as<ast::CreateTrigStmt>(node), context);
    case NodeTag::CreateStatsStmt: return create_statistics(as<ast::CreateStatsStmt>(node), context);
    case NodeTag::AlterStatsStmt: return alter_statistics(as<ast::AlterStatsStmt>(node), context);
    case NodeTag::CreateEventTrigStmt: return create_event_trigger(as<ast::CreateEventTrigStmt>(node), context);
    case NodeTag::AlterEventTrigStmt: return alter_event_trigger(as<ast::AlterEventTrigStmt>(node), context);
    case NodeTag::CreateFdwStmt: return create_wrapper(as<ast::CreateFdwStmt>(node), context);
    case NodeTag::AlterFdwStmt: return alter_wrapper(as<ast::AlterFdwStmt>(node), context);
    case NodeTag::CreateForeignServerStmt: return create_server(as<ast::CreateForeignServerStmt>(node), context);
    case NodeTag::AlterForeignServerStmt: return alter_server(as<ast::AlterForeignServerStmt>(node), context);
    case NodeTag::CreateUserMappingStmt: return create_user_mapping(as<ast::CreateUserMappingStmt>(node), context);
    case NodeTag::AlterUserMappingStmt: return alter_user_mapping(as<ast::AlterUserMappingStmt>(node), context);
    case NodeTag::DropUserMappingStmt: return drop_user_mapping(as<ast::DropUserMappingStmt>(node), context);
    case NodeTag::CreateForeignTableStmt: return create_foreign_table(as<ast::CreateForeignTableStmt>(node), context);
    case NodeTag::ImportForeignSchemaStmt: return import_foreign_schema(as<ast::ImportForeignSchemaStmt>(node), context);
    case NodeTag::CreatePublicationStmt: return create_publication(as<ast::CreatePublicationStmt>(node), context);
    case NodeTag::AlterPublicationStmt: return alter_publication(as<ast::AlterPublicationStmt>(node), context);
    case NodeTag::CreateSubscriptionStmt: return create_subscription(as<ast::CreateSubscriptionStmt>(node), context);
    case NodeTag::AlterSubscriptionStmt: return alter_subscription(as<ast::AlterSubscriptionStmt>(node), context);
    case NodeTag::DropSubscriptionStmt: return drop_subscription(as<ast::DropSubscriptionStmt>(node), context);
    case NodeTag::CreateFunctionStmt: return create_routine(as<ast::CreateFunctionStmt>(node), context);
    case NodeTag::DefineStmt: return define(as<ast::DefineStmt>(node), context);
    case NodeTag::CreateOpClassStmt: return create_operator_class(as<ast::CreateOpClassStmt>(node), context);
    case NodeTag::CreateOpFamilyStmt: return create_operator_family(as<ast::CreateOpFamilyStmt>(node), context);
    case NodeTag::AlterOpFamilyStmt: return alter_operator_family(as<ast::AlterOpFamilyStmt>(node), context);
    case NodeTag::CreateAmStmt: return create_access_method(as<ast::CreateAmStmt>(node), context);
    case NodeTag::CreateTableSpaceStmt: return create_tablespace(as<ast::CreateTableSpaceStmt>(node), context);
    case NodeTag::DropTableSpaceStmt: return drop_tablespace(as<ast::DropTableSpaceStmt>(node), context);
    case NodeTag::AlterTableSpaceOptionsStmt: return alter_tablespace(as<ast::AlterTableSpaceOptionsStmt>(node), context);
    case NodeTag::AlterTableMoveAllStmt: return move_all(as<ast::AlterTableMoveAllStmt>(node), context);
    case NodeTag::CreateConversionStmt: return create_conversion(as<ast::CreateConversionStmt>(node), context);
    case NodeTag::AlterSystemStmt: return alter_system(as<ast::AlterSystemStmt>(node), context);
    case NodeTag::AlterOperatorStmt: return alter_operator(as<ast::AlterOperatorStmt>(node), context);
    case NodeTag::CreateExtensionStmt: return create_extension(as<ast::CreateExtensionStmt>(node), context);
    case NodeTag::AlterExtensionStmt: return alter_extension(as<ast::AlterExtensionStmt>(node), context);
    case NodeTag::CreateCastStmt: return create_cast(as<ast::CreateCastStmt>(node), context);
    case NodeTag::AlterFunctionStmt: return alter_routine(as<ast::AlterFunctionStmt>(node), context);
    case NodeTag::AlterDatabaseRefreshCollStmt: return refresh_database_collation(as<ast::AlterDatabaseRefreshCollStmt>(node), context);
    case NodeTag::AlterCollationStmt: return refresh_collation(as<ast::AlterCollationStmt>(node), context);
    case NodeTag::AlterTSDictionaryStmt: return alter_text_search_dictionary(as<ast::AlterTSDictionaryStmt>(node), context);
    case NodeTag::AlterTSConfigurationStmt: return alter_text_search_configuration(as<ast::AlterTSConfigurationStmt>(node), context);
    case NodeTag::DoStmt: return run_do_block(as<ast::DoStmt>(node), context);
    case NodeTag::CallStmt: return call_procedure(as<ast::CallStmt>(node), context);
    default: break;
  }
  throw_not_supported(command_tag(node));
}

}  // namespace aegis::commands
