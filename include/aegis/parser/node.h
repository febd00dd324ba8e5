// The base of the raw parse tree: a node knows its kind and where its text starts. Nodes, lists and strings
// live in the arena of the ParseResult and are never destroyed one by one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace aegis::ast {

enum class NodeTag : uint16_t {
#define AEGIS_AST_NODE(name) name,
#include "aegis/parser/nodes.def"
#undef AEGIS_AST_NODE
};

// The struct's name, e.g. "SelectStmt".
std::string_view node_tag_name(NodeTag tag);

struct Node {
  NodeTag tag;
  // 0-based byte offset in the parsed text, -1 when unknown.
  int location = -1;

 protected:
  explicit Node(NodeTag t) : tag(t) {}
};

template <NodeTag kNodeTag>
struct NodeOf : Node {
  static constexpr NodeTag kTag = kNodeTag;
  NodeOf() : Node(kNodeTag) {}
};

// Null when `node` is null or of another kind.
template <typename T>
T* node_cast(Node* node) {
  return node != nullptr && node->tag == T::kTag ? static_cast<T*>(node) : nullptr;
}
template <typename T>
const T* node_cast(const Node* node) {
  return node != nullptr && node->tag == T::kTag ? static_cast<const T*>(node) : nullptr;
}
template <typename T>
bool is_node(const Node* node) {
  return node != nullptr && node->tag == T::kTag;
}

template <typename T>
using List = std::span<T*>;
using NodeList = std::span<Node*>;
// The parts of a possibly qualified name, outermost first; operator names too.
using NameList = std::span<std::string_view>;
// A string field that was not given has a null data(); a given empty one has not.
inline bool is_given(std::string_view text) { return text.data() != nullptr; }

}  // namespace aegis::ast
