// Who uses an object in an expression that the catalog keeps as text: found when the object is to go.
#pragma once

#include <vector>

#include "dependency.h"

namespace aegis::commands {

struct ExpressionUse {
  DropTarget target;
  Oid order;  // the user's number, older ones first
  bool automatic = false;
};

// `column`: 0-based, of a relation, for what policies, rules and triggers use of it; -1: the object as a whole.
std::vector<ExpressionUse> expression_uses(CommandContext& context, const catalog::Object& object, int column = -1);

}  // namespace aegis::commands
