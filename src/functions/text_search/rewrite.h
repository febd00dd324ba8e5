// Replaces parts of a tsquery: chains of & and of | are flattened and sorted, so that a part of a chain is found too.
#pragma once

#include <memory>
#include <vector>

#include "aegis/types/text_search.h"

namespace aegis::functions::text_search {

class QueryRewriter {
 public:
  explicit QueryRewriter(const types::TsNode& root);
  ~QueryRewriter();
  // Null `substitute`: the part is dropped. What was put in is not looked at again before next_rule().
  void replace(const types::TsNode& target, const types::TsNode* substitute);
  void next_rule();
  bool is_empty() const { return root_ == nullptr; }
  types::TsNodePtr result();

 private:
  struct Node;
  using NodePtr = std::unique_ptr<Node>;
  static NodePtr flatten(const types::TsNode& node);
  static NodePtr copy(const Node& node);
  static void flatten_chains(Node& node);
  static void sort(Node& node);
  static int compare(const Node& a, const Node& b);
  static NodePtr find(NodePtr node, const Node& target, const Node* substitute);
  static NodePtr match(NodePtr node, const Node& target, const Node* substitute);
  static types::TsNodePtr to_tree(const Node& node);
  NodePtr root_;
};

}  // namespace aegis::functions::text_search
