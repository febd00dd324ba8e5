#include "text_search/rewrite.h"

#include <algorithm>

namespace aegis::functions::text_search {

using types::TsNode;
using types::TsNodeKind;
using types::TsNodePtr;

struct QueryRewriter::Node {
  TsNodeKind kind;
  int distance = 0;
  TsNodePtr word;
  std::vector<NodePtr> children;  // the right operand first
  bool fixed = false;             // put in by a rule

  bool is_word() const { return word != nullptr; }
  bool is_chain() const { return kind == TsNodeKind::And || kind == TsNodeKind::Or; }
};

QueryRewriter::QueryRewriter(const TsNode& root) : root_(flatten(root)) {
  flatten_chains(*root_);
  sort(*root_);
}
QueryRewriter::~QueryRewriter() = default;

QueryRewriter::NodePtr QueryRewriter::flatten(const TsNode& node) {
  auto flat = std::make_unique<Node>();
  flat->kind = node.kind;
  flat->distance = node.distance;
  if (!node.is_operator()) {
    flat->word = types::copy_ts_node(node);
    return flat;
  }
  flat->children.push_back(flatten(*node.right));
  if (node.left != nullptr) flat->children.push_back(flatten(*node.left));
  return flat;
}

QueryRewriter::NodePtr QueryRewriter::copy(const Node& node) {
  auto made = std::make_unique<Node>();
  made->kind = node.kind;
  made->distance = node.distance;
  made->fixed = node.fixed;
  if (node.is_word()) made->word = types::copy_ts_node(*node.word);
  for (const NodePtr& child : node.children) made->children.push_back(copy(*child));
  return made;
}

void QueryRewriter::flatten_chains(Node& node) {
  for (NodePtr& child : node.children) flatten_chains(*child);
  if (!node.is_chain()) return;
  std::vector<NodePtr> flat;
  for (NodePtr& child : node.children) {
    if (child->kind != node.kind) {
      flat.push_back(std::move(child));
      continue;
    }
    for (NodePtr& inner : child->children) flat.push_back(std::move(inner));
  }
  node.children = std::move(flat);
}

int QueryRewriter::compare(const Node& a, const Node& b) {
  if (a.is_word() != b.is_word()) return a.is_word() ? 1 : -1;
  if (a.is_word()) return types::compare_ts_nodes(*a.word, *b.word);
  if (a.kind != b.kind) return a.kind > b.kind ? -1 : 1;
  if (a.children.size() != b.children.size()) return a.children.size() > b.children.size() ? -1 : 1;
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (int order = compare(*a.children[i], *b.children[i]); order != 0) return order;
  }
  if (a.kind == TsNodeKind::Phrase && a.distance != b.distance) return a.distance > b.distance ? -1 : 1;
  return 0;
}

void QueryRewriter::sort(Node& node) {
  for (NodePtr& child : node.children) sort(*child);
  if (node.kind == TsNodeKind::Phrase) return;
  std::stable_sort(node.children.begin(), node.children.end(), [](const NodePtr& a, const NodePtr& b) { return compare(*a, *b) < 0; });
}

// Replaces the node itself, or some links of its chain.
QueryRewriter::NodePtr QueryRewriter::match(NodePtr node, const Node& target, const Node* substitute) {
  if (node->fixed || node->is_word() != target.is_word() || node->kind != target.kind) return node;
  auto put_in = [&]() -> NodePtr {
    NodePtr made = copy(*substitute);
    made->fixed = true;
    return made;
  };
  if (node->is_word() || node->children.size() == target.children.size()) {
    if (compare(*node, target) != 0) return node;
    return substitute == nullptr ? nullptr : put_in();
  }
  if (!node->is_chain() || node->children.size() < target.children.size()) return node;
  std::vector<bool> matched(node->children.size());
  size_t i = 0;
  size_t j = 0;
  while (i < node->children.size() && j < target.children.size()) {
    int order = compare(*node->children[i], *target.children[j]);
    if (order > 0) break;
    if (order == 0) {
      matched[i] = true;
      ++j;
    }
    ++i;
  }
  if (j < target.children.size()) return node;
  std::vector<NodePtr> left;
  for (size_t k = 0; k < node->children.size(); ++k) {
    if (!matched[k]) left.push_back(std::move(node->children[k]));
  }
  if (substitute != nullptr) left.push_back(put_in());
  node->children = std::move(left);
  sort(*node);
  return node;
}

QueryRewriter::NodePtr QueryRewriter::find(NodePtr node, const Node& target, const Node* substitute) {
  node = match(std::move(node), target, substitute);
  if (node == nullptr || node->fixed || node->is_word()) return node;
  std::vector<NodePtr> left;
  for (NodePtr& child : node->children) {
    if (NodePtr kept = find(std::move(child), target, substitute)) left.push_back(std::move(kept));
  }
  node->children = std::move(left);
  if (node->children.empty()) return nullptr;
  if (node->children.size() == 1 && node->kind != TsNodeKind::Not) return std::move(node->children[0]);
  return node;
}

void QueryRewriter::replace(const TsNode& target, const TsNode* substitute) {
  if (root_ == nullptr) return;
  NodePtr wanted = flatten(target);
  flatten_chains(*wanted);
  sort(*wanted);
  NodePtr put_in = substitute == nullptr ? nullptr : flatten(*substitute);
  root_ = find(std::move(root_), *wanted, put_in.get());
}

void QueryRewriter::next_rule() {
  struct Clear {
    static void all(Node& node) {
      node.fixed = false;
      for (NodePtr& child : node.children) all(*child);
    }
  };
  if (root_ == nullptr) return;
  Clear::all(*root_);
  flatten_chains(*root_);
  sort(*root_);
}

TsNodePtr QueryRewriter::to_tree(const Node& node) {
  if (node.is_word()) return types::copy_ts_node(*node.word);
  if (node.kind == TsNodeKind::Not) return types::make_ts_operator(node.kind, nullptr, to_tree(*node.children[0]));
  // Of more than two links, the first two are joined, then that with the last, the last but one, ….
  TsNodePtr joined = types::make_ts_operator(node.kind, to_tree(*node.children[1]), to_tree(*node.children[0]), node.distance);
  for (size_t i = node.children.size() - 1; i >= 2; --i) {
    joined = types::make_ts_operator(node.kind, to_tree(*node.children[i]), std::move(joined), node.distance);
  }
  return joined;
}

TsNodePtr QueryRewriter::result() { return root_ == nullptr ? nullptr : to_tree(*root_); }

}  // namespace aegis::functions::text_search
