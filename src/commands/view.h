// CREATE VIEW.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_view(const ast::ViewStmt& statement, CommandContext& context);

// Completes view_sql: no star in it, names as columns() has them when `named`; and the dependencies.
void define_view_query(CommandContext& context, catalog::Relation& view, const plan::BoundQuery& bound, bool named);

// Puts what the options say where it is used.
void apply_view_options(catalog::Relation& view);
// Refuses WITH CHECK OPTION on a view that can't be written through.
void check_updatable(CommandContext& context, const catalog::Relation& view);

// True when the view's text holds a `*` that stands for columns, so that a new column of a table would change it.
bool has_star(std::string_view sql);
// Puts the view's columns and dependencies, bound anew from its text.
void refresh_view_dependencies(CommandContext& context, catalog::Relation& view);

}  // namespace aegis::commands
