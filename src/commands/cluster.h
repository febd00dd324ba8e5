// CLUSTER, and ALTER TABLE … CLUSTER ON and SET WITHOUT CLUSTER (cluster.c).
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult cluster(const ast::ClusterStmt& statement, CommandContext& context);
// Marks the index as the one that CLUSTER goes by, and no other of the table; none when the name is empty.
void set_clustered_index(CommandContext& context, const catalog::Relation& table, std::string_view index);

}  // namespace aegis::commands
