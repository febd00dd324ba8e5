// Publications: their definition only. Nothing streams from them.
#pragma once

#include <memory>
#include <string_view>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_publication(const ast::CreatePublicationStmt& statement, CommandContext& context);
CommandResult alter_publication(const ast::AlterPublicationStmt& statement, CommandContext& context);
// 42704 unless missing_ok, which gives a notice and null.
std::shared_ptr<const catalog::Publication> find_publication(CommandContext& context, std::string_view name, bool missing_ok = false);
// What ALTER … OWNER TO asks of the new owner besides.
void check_publication_owner(CommandContext& context, const catalog::Publication& publication, Oid owner);

// ALTER TABLE … REPLICA IDENTITY.
void set_replica_identity(CommandContext& context, Oid table, const ast::ReplicaIdentityStmt& statement);

}  // namespace aegis::commands
