#include "aegis/commands/command.h"

#include "aegis/base/error.h"
#include "aegis/parser/ast.h"
#include "copy.h"
#include "dependency.h"
#include "index.h"
#include "schema.h"
#include "sequence.h"
#include "table.h"
#include "truncate.h"
#include "view.h"

namespace aegis::commands {

namespace {

template <typename T>
const T& as(const ast::Node& node) { return static_cast<const T&>(node); }

}  // namespace

std::vector<plan::ColumnInfo> describe_command(const ast::Node& statement, CommandContext& context) { return {}; }

CommandResult execute_command(const ast::Node& node, CommandContext& context) {
  using ast::NodeTag;
  switch (node.tag) {
    case NodeTag::CreateStmt: return create_table(as<ast::CreateStmt>(node), context);
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
    default: break;
  }
  throw_not_supported(command_tag(node));
}

}  // namespace aegis::commands
