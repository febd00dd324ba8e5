// Subscriptions as objects of the catalog: nothing is received for them.
#pragma once

#include <memory>
#include <string_view>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_subscription(const ast::CreateSubscriptionStmt& statement, CommandContext& context);
CommandResult alter_subscription(const ast::AlterSubscriptionStmt& statement, CommandContext& context);
CommandResult drop_subscription(const ast::DropSubscriptionStmt& statement, CommandContext& context);
// 42704 unless missing_ok, which gives a notice and null.
std::shared_ptr<const catalog::Subscription> find_subscription(CommandContext& context, std::string_view name, bool missing_ok = false);
// What ALTER … OWNER TO asks of the new owner besides.
void check_subscription_owner(CommandContext& context, const catalog::Subscription& subscription, Oid owner);

}  // namespace aegis::commands
