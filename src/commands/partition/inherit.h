// Table inheritance, which partitions use as well: what a child takes from its parents when it is made, and what it must
// have to become a child later.
#pragma once

#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// The parents named in CREATE TABLE, locked, and allowed for `table`.
std::vector<catalog::RelationPtr> open_parents(CommandContext& context, const ast::CreateStmt& statement, const catalog::Relation& table);
// Gives a table being made the columns and CHECK constraints of its parents, and notes the parents.
void take_from_parents(CommandContext& context, catalog::Relation& table, const std::vector<catalog::RelationPtr>& parents, bool as_partition);
// A default that several parents disagree on must have been given by now.
void require_one_default(const catalog::Relation& table);
// True when the table has this CHECK from a parent: they are one then.
bool merge_check(CommandContext& context, catalog::Relation& table, const ast::Constraint& node);
// The table's own CHECK constraints under the parents' name.
void inherit_check(CommandContext& context, catalog::Relation& table, const catalog::Constraint& constraint);

// ALTER TABLE … INHERIT and ATTACH PARTITION: what the child must have is counted as inherited. `child` is a copy that the
// caller puts.
void adopt(CommandContext& context, catalog::Relation& child, const catalog::Relation& parent, bool as_partition);
// NO INHERIT and DETACH PARTITION.
void disown(catalog::Relation& child, const catalog::Relation& parent);

void add_inherit(CommandContext& context, Oid child, const ast::RangeVar& parent);
void drop_inherit(CommandContext& context, Oid child, const ast::RangeVar& parent);

// Locks all tables below, and gives them parents first (without the table itself).
std::vector<Oid> lock_descendants(CommandContext& context, Oid table, txn::LockMode mode);
std::vector<Oid> lock_children(CommandContext& context, Oid table, txn::LockMode mode);

}  // namespace aegis::commands
