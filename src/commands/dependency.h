// DROP and what depends on what is dropped: the closure, PostgreSQL's reports, and the removal.
#pragma once

#include <string>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// Something that can be dropped: an object, or a part of a relation.
struct DropTarget {
  enum class Part : uint8_t { Whole, Constraint, Default, Column, Policy, Rule, DomainCheck };
  Part part = Part::Whole;
  Oid object = kInvalidOid;
  uint32_t sub = 0;  // the constraint's, policy's or rule's OID, or the 0-based column
  friend bool operator==(const DropTarget&, const DropTarget&) = default;
};

// Drops the targets with all that depends on them. 2BP01 with Restrict when others depend on them. Notices what
// CASCADE reaches unless `quiet`.
void drop_targets(CommandContext& context, const std::vector<DropTarget>& targets, ast::DropBehavior behavior, bool quiet = false);

CommandResult drop_objects(const ast::DropStmt& statement, CommandContext& context);

}  // namespace aegis::commands
