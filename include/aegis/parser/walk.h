// The parts of a query's tree.
#pragma once

#include <functional>

#include "aegis/parser/node.h"

namespace aegis::ast {

// Calls `visit` for each node directly below `node`, in the order of the text as far as possible. Nodes that are no part of a
// query or an expression have none.
void for_each_child(const Node& node, const std::function<void(const Node&)>& visit);

}  // namespace aegis::ast
