// Functions and operators of tsquery.
#include <algorithm>

#include "aegis/types/text_search.h"
#include "binding.h"
#include "call.h"
#include "text_search/rewrite.h"

namespace aegis::functions {

using types::TsNode;
using types::TsNodeKind;
using types::TsNodePtr;

namespace {

template <int low, int high>
bool ordered(Text a, Text b) {
  int order = types::compare_tsqueries(a, b);
  return order >= low && order <= high;
}

std::string join(TsNodeKind kind, Text a, Text b, int distance = 0) {
  TsNodePtr left = types::read_tsquery(a), right = types::read_tsquery(b);
  if (left == nullptr) return std::string(b);
  if (right == nullptr) return std::string(a);
  return types::tsquery_bytes(types::make_ts_operator(kind, std::move(left), std::move(right), distance).get());
}

std::string negate(Text a) {
  TsNodePtr operand = types::read_tsquery(a);
  if (operand == nullptr) return std::string(a);
  return types::tsquery_bytes(types::make_ts_operator(TsNodeKind::Not, nullptr, std::move(operand)).get());
}

std::string phrase(Text a, Text b, int32_t distance) {
  if (distance < 0 || distance > types::kTsMaxPosition + 1) {
    throw SqlError(Sqlstate::InvalidParameterValue, "distance in phrase operator must be an integer value between zero and " +
                                                        std::to_string(types::kTsMaxPosition + 1) + " inclusive");
  }
  return join(TsNodeKind::Phrase, a, b, distance);
}

void collect_texts(const TsNode* node, std::vector<std::string>& texts) {
  if (node == nullptr) return;
  if (node->kind == TsNodeKind::Word) texts.push_back(node->text);
  collect_texts(node->left.get(), texts);
  collect_texts(node->right.get(), texts);
}
std::vector<std::string> words_of(Text query) {
  std::vector<std::string> texts;
  collect_texts(types::read_tsquery(query).get(), texts);
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}
bool contains(Text a, Text b) {
  auto words = words_of(a), wanted = words_of(b);
  return std::includes(words.begin(), words.end(), wanted.begin(), wanted.end());
}

// What of a query an index could look for; null when it could look for nothing.
TsNodePtr indexable(TsNodePtr node) {
  switch (node->kind) {
    case TsNodeKind::Word: return node;
    case TsNodeKind::Stop:
    case TsNodeKind::Not: return nullptr;
    case TsNodeKind::Or: {
      TsNodePtr left = indexable(std::move(node->left)), right = indexable(std::move(node->right));
      if (left == nullptr || right == nullptr) return nullptr;
      return types::make_ts_operator(node->kind, std::move(left), std::move(right));
    }
    case TsNodeKind::And:
    case TsNodeKind::Phrase: {
      TsNodePtr left = indexable(std::move(node->left)), right = indexable(std::move(node->right));
      if (left == nullptr) return right;
      if (right == nullptr) return left;
      return types::make_ts_operator(node->kind, std::move(left), std::move(right), node->distance);
    }
  }
  return nullptr;
}
std::string query_tree(Text query) {
  TsNodePtr root = types::read_tsquery(query);
  if (root == nullptr) return "";
  root = indexable(std::move(root));
  std::string out;
  if (root == nullptr) return "T";
  types::append_tsquery(root.get(), out);
  return out;
}

std::string rewrite(Text query, Text target, Text substitute) {
  TsNodePtr root = types::read_tsquery(query);
  TsNodePtr wanted = types::read_tsquery(target);
  if (root == nullptr || wanted == nullptr) return std::string(query);
  text_search::QueryRewriter rewriter(*root);
  rewriter.replace(*wanted, types::read_tsquery(substitute).get());
  return types::tsquery_bytes(rewriter.result().get());
}

class RewriteRules : public RowReceiver {
 public:
  explicit RewriteRules(const TsNode& root) : rewriter_(root) {}
  void columns(std::span<const Type> given) override {
    if (given.size() != 2 || given[0].oid != types::oid::kTsquery || given[1].oid != types::oid::kTsquery) {
      throw SqlError(Sqlstate::InvalidParameterValue, "ts_rewrite query must return two tsquery columns");
    }
  }
  bool row(std::span<const Value> values) override {
    if (values[0].is_null || values[1].is_null) return true;
    TsNodePtr target = types::read_tsquery(values[0].text());
    if (target == nullptr) return true;
    rewriter_.replace(*target, types::read_tsquery(values[1].text()).get());
    rewriter_.next_rule();
    return !rewriter_.is_empty();
  }
  TsNodePtr result() { return rewriter_.result(); }

 private:
  text_search::QueryRewriter rewriter_;
};

std::string rewrite_by_query(Call& call, Text query, Text sql) {
  TsNodePtr root = types::read_tsquery(query);
  if (root == nullptr) return std::string(query);
  RewriteRules rules(*root);
  call.services().run_query(sql, rules);
  return types::tsquery_bytes(rules.result().get());
}

constexpr ScalarBinding kBindings[] = {
    {"tsquery_lt", kernel<ordered<-1, -1>>},
    {"tsquery_le", kernel<ordered<-1, 0>>},
    {"tsquery_eq", kernel<ordered<0, 0>>},
    {"tsquery_ge", kernel<ordered<0, 1>>},
    {"tsquery_gt", kernel<ordered<1, 1>>},
    {"tsquery_ne", kernel<[](Text a, Text b) { return types::compare_tsqueries(a, b) != 0; }>},
    {"tsquery_cmp", kernel<[](Text a, Text b) { return int32_t{types::compare_tsqueries(a, b)}; }>},
    {"tsquery_and", kernel<[](Text a, Text b) { return join(TsNodeKind::And, a, b); }>},
    {"tsquery_or", kernel<[](Text a, Text b) { return join(TsNodeKind::Or, a, b); }>},
    {"tsquery_not", kernel<negate>},
    {"tsquery_phrase", kernel<[](Text a, Text b) { return phrase(a, b, 1); }>},
    {"tsquery_phrase_distance", kernel<phrase>},
    {"tsquery_numnode", kernel<[](Text a) { return static_cast<int32_t>(types::count_ts_nodes(types::read_tsquery(a).get())); }>},
    {"tsquerytree", kernel<query_tree>},
    {"tsq_mcontains", kernel<contains>},
    {"tsq_mcontained", kernel<[](Text a, Text b) { return contains(b, a); }>},
    {"tsquery_rewrite", kernel<rewrite>},
    {"tsquery_rewrite_query", kernel<rewrite_by_query>},
};

}  // namespace

std::span<const ScalarBinding> tsquery_bindings() { return kBindings; }

}  // namespace aegis::functions
