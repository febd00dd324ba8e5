// Partition keys and bounds: from the statement to what the catalog keeps, with the checks of new bounds.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// PARTITION BY of a table whose columns are known.
void set_partition_key(CommandContext& context, catalog::Relation& table, const ast::PartitionSpec& spec);
// FOR VALUES … or DEFAULT of a partition of `parent`.
catalog::PartitionBound make_bound(CommandContext& context, const catalog::Relation& parent, const ast::PartitionBoundSpec& spec);
// 42P17 for a bound that is empty or overlaps with another's.
void check_bound(CommandContext& context, const catalog::Relation& parent, const std::string& name, const catalog::PartitionBound& bound,
                 const ast::PartitionBoundSpec& spec);
// 23514 if the default partition has rows of the new one.
void check_default_rows(CommandContext& context, const catalog::Relation& parent, const catalog::PartitionBound& bound, Oid except);
// 23514 if rows of `table` are not of the partition it becomes.
void check_partition_rows(CommandContext& context, const catalog::Relation& table);

}  // namespace aegis::commands
