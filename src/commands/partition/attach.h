// ALTER TABLE … ATTACH PARTITION and DETACH PARTITION, and what a new partition gets from its parent.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

void attach_partition(CommandContext& context, Oid parent, const ast::PartitionCmd& command);
void detach_partition(CommandContext& context, Oid parent, const ast::PartitionCmd& command, bool finalize);

// Indexes, keys, foreign keys and row triggers of the parent, made or matched on a partition in the catalog.
void give_partition_parts(CommandContext& context, Oid parent, Oid partition);
// One constraint or trigger of a partitioned table for the partitions it has.
void clone_foreign_key(CommandContext& context, const catalog::Relation& parent, const catalog::Constraint& constraint, Oid partition, bool validate);
void clone_trigger(CommandContext& context, const catalog::Relation& parent, const catalog::Trigger& trigger, Oid partition);

// ALTER INDEX … ATTACH PARTITION.
void attach_index(CommandContext& context, const catalog::Index& parent, const ast::RangeVar& name);
// The index of the partition that belongs to the parent's: one that is there already, or a new one.
void ensure_partition_index(CommandContext& context, const catalog::Index& parent_index, Oid partition);
// A unique index of a partitioned table must have the whole partition key.
void require_key_columns(const catalog::Relation& table, const catalog::Index& index, const char* constraint_word);

}  // namespace aegis::commands
