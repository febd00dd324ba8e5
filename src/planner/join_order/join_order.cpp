// The order of inner joins: dynamic programming over connected subsets (DPsub), greedy beyond a limit. Other joins
// are leaves of the region above them and roots of those below. Cost is the sum of intermediate sizes (C_out), with
// the build side of a hash join counted a second time.
#include <algorithm>
#include <unordered_map>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "rewriter.h"

namespace aegis::planner {
namespace {

struct Region {
  std::vector<LogicalPtr> leaves;
  ExprList predicates;
};

struct Edge {
  uint64_t leaves = 0;   // those the predicate uses
  double selectivity = 1;
  bool equality = false;
};

struct Candidate {
  double rows = 0;
  double cost = 0;
  uint64_t left = 0;  // 0: a leaf
  uint64_t right = 0;
};

bool is_lateral(LogicalOp& join) {
  BindingSet left = binding_set(*join.children[0]);
  for (const auto& binding : free_columns(*join.children[1])) {
    if (left.count(binding) != 0) return true;
  }
  return false;
}

class JoinOrder {
 public:
  explicit JoinOrder(RewriteState& state) : state_(state) {}

  void run(LogicalPtr& op) {
    push_semijoin(op);
    if (op->kind == LogicalKind::Join && static_cast<plan::Join&>(*op).type == plan::JoinType::Inner && !is_lateral(*op)) {
      Region region;
      collect(std::move(op), region);
      for (auto& leaf : region.leaves) run(leaf);
      op = build(std::move(region));
      return;
    }
    for (auto& child : op->children) run(child);
  }

 private:
  // A semijoin or antijoin that looks at one input of the inner joins below goes down to it, unless those joins leave fewer
  // rows to look at.
  void push_semijoin(LogicalPtr& op) {
    if (op->kind != LogicalKind::Join) return;
    auto& join = static_cast<plan::Join&>(*op);
    if ((join.type != plan::JoinType::Semi && join.type != plan::JoinType::Anti) || join.conditions.empty() || is_lateral(*op)) return;
    BindingSet used;
    for (const auto& condition : join.conditions) collect_columns(*condition, used);
    BindingSet right = binding_set(*join.children[1]);
    for (auto at = used.begin(); at != used.end();) at = right.count(*at) != 0 ? used.erase(at) : std::next(at);
    if (used.empty()) return;
    estimate(*op, state_.context);
    LogicalPtr* target = &join.children[0];
    while (LogicalPtr* below = input_with(**target, used)) {
      if ((*below)->estimated_rows > (*target)->estimated_rows) break;
      target = below;
    }
    if (target == &join.children[0]) return;
    LogicalPtr semijoin = std::move(op);
    op = std::move(semijoin->children[0]);
    semijoin->children[0] = std::move(*target);
    *target = std::move(semijoin);
  }

  // The input of an inner join that has all the columns.
  LogicalPtr* input_with(LogicalOp& op, const BindingSet& columns) {
    if (op.kind != LogicalKind::Join || static_cast<plan::Join&>(op).type != plan::JoinType::Inner || is_lateral(op)) return nullptr;
    for (auto& child : op.children) {
      BindingSet has = binding_set(*child);
      if (std::includes(has.begin(), has.end(), columns.begin(), columns.end())) return &child;
    }
    return nullptr;
  }

  void collect(LogicalPtr op, Region& region) {
    bool inner = op->kind == LogicalKind::Join && static_cast<plan::Join&>(*op).type == plan::JoinType::Inner;
    if (inner && region.leaves.size() < 60 && !is_lateral(*op)) {
      auto& join = static_cast<plan::Join&>(*op);
      for (auto& condition : join.conditions) region.predicates.push_back(std::move(condition));
      collect(std::move(join.children[0]), region);
      collect(std::move(join.children[1]), region);
      return;
    }
    region.leaves.push_back(std::move(op));
  }

  LogicalPtr build(Region region) {
    leaves_ = std::move(region.leaves);
    predicates_ = std::move(region.predicates);
    edges_.clear();
    best_.clear();
    std::vector<BindingSet> columns;
    for (auto& leaf : leaves_) {
      estimate(*leaf, state_.context);
      columns.push_back(binding_set(*leaf));
    }
    for (const auto& predicate : predicates_) edges_.push_back(edge_of(*predicate, columns));
    uint64_t all = leaves_.size() == 64 ? ~uint64_t{0} : (uint64_t{1} << leaves_.size()) - 1;
    for (size_t i = 0; i < leaves_.size(); ++i) best_[uint64_t{1} << i] = {leaves_[i]->estimated_rows, 0, 0, 0};
    if (leaves_.size() <= state_.context.options.exhaustive_join_limit) {
      exhaustive(all);
    } else {
      greedy(all);
    }
    used_.assign(predicates_.size(), false);
    return assemble(all);
  }

  Edge edge_of(const Expr& predicate, const std::vector<BindingSet>& columns) {
    Edge edge;
    auto leaves_of = [&](const Expr& expr) {
      BindingSet used;
      collect_columns(expr, used);
      uint64_t mask = 0;
      for (size_t i = 0; i < columns.size(); ++i) {
        bool any = std::any_of(used.begin(), used.end(), [&](const auto& b) { return columns[i].count(b) != 0; });
        if (any) mask |= uint64_t{1} << i;
      }
      return mask;
    };
    edge.leaves = leaves_of(predicate);
    edge.equality = is_equality(predicate);
    if (!edge.equality) {
      edge.selectivity = predicate.kind == ExprKind::Call ? 1.0 / 3 : 0.5;
      return edge;
    }
    double distinct = 1;
    for (const auto& arg : predicate.args) {
      uint64_t side = leaves_of(*arg);
      if (__builtin_popcountll(side) != 1) continue;
      distinct = std::max(distinct, domain_size(*arg, *leaves_[__builtin_ctzll(side)], state_.context));
    }
    edge.selectivity = 1 / distinct;
    return edge;
  }

  bool connected(uint64_t a, uint64_t b) const {
    return std::any_of(edges_.begin(), edges_.end(), [&](const Edge& e) {
      return (e.leaves & a) != 0 && (e.leaves & b) != 0 && (e.leaves & ~(a | b)) == 0;
    });
  }

  double rows_of(uint64_t set) {
    double rows = 1;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if ((set >> i & 1) != 0) rows *= std::max(1.0, leaves_[i]->estimated_rows);
    }
    // Of several equalities between the same tables, later ones count less: they are rarely independent.
    std::unordered_map<uint64_t, int> seen;
    for (const auto& edge : edges_) {
      if (edge.leaves == 0 || (edge.leaves & ~set) != 0) continue;
      int earlier = seen[edge.leaves]++;
      rows *= earlier == 0 ? edge.selectivity : std::max(edge.selectivity, 0.1);
    }
    return std::max(1.0, rows);
  }

  void consider(uint64_t left, uint64_t right) {
    const Candidate& l = best_[left];
    const Candidate& r = best_[right];
    uint64_t set = left | right;
    auto found = best_.find(set);
    double rows = found != best_.end() ? found->second.rows : rows_of(set);
    // The right side is built into a hash table; a product without a predicate costs what it makes.
    double cost = l.cost + r.cost + rows + 1.5 * r.rows + 0.5 * l.rows;
    if (!connected(left, right)) cost += l.rows * r.rows;
    bool better = found == best_.end() || cost < found->second.cost || (cost == found->second.cost && as_written(left, found->second.left));
    if (better) best_[set] = {rows, cost, left, right};
  }

  // Of equally good joins: the deeper one on the left, then the one whose left side was written first. So rows come in the
  // order that people expect of small tables, and that PostgreSQL gives.
  static bool as_written(uint64_t left, uint64_t other) {
    int size = __builtin_popcountll(left), other_size = __builtin_popcountll(other);
    return size != other_size ? size > other_size : __builtin_ctzll(left) < __builtin_ctzll(other);
  }

  void exhaustive(uint64_t all) {
    for (uint64_t set = 1; set <= all; ++set) {
      if (__builtin_popcountll(set) < 2) continue;
      bool any = false;
      for (int pass = 0; pass < 2 && !any; ++pass) {
        for (uint64_t left = (set - 1) & set; left != 0; left = (left - 1) & set) {
          uint64_t right = set & ~left;
          if (best_.count(left) == 0 || best_.count(right) == 0) continue;
          // Products only where nothing connects the set otherwise, and it is all there is to join.
          if (pass == 0 && !connected(left, right)) continue;
          if (pass == 1 && set != all && !isolated(set)) continue;
          consider(left, right);
          any = true;
        }
      }
    }
    if (best_.count(all) == 0) greedy(all);
  }

  // No predicate leads out of the set: some product is needed anyway.
  bool isolated(uint64_t set) const {
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      for (const auto& edge : edges_) {
        if ((edge.leaves >> i & 1) != 0 && (edge.leaves & ~set) != 0) return false;
      }
    }
    return true;
  }

  void greedy(uint64_t all) {
    std::vector<uint64_t> parts;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if ((all >> i & 1) != 0) parts.push_back(uint64_t{1} << i);
    }
    while (parts.size() > 1) {
      size_t best_i = 0, best_k = 1;
      double best_rows = -1;
      bool best_connected = false;
      for (size_t i = 0; i < parts.size(); ++i) {
        for (size_t k = i + 1; k < parts.size(); ++k) {
          bool linked = connected(parts[i], parts[k]);
          if (best_connected && !linked) continue;
          double rows = rows_of(parts[i] | parts[k]);
          if (best_rows < 0 || (linked && !best_connected) || rows < best_rows) {
            best_i = i;
            best_k = k;
            best_rows = rows;
            best_connected = linked;
          }
        }
      }
      uint64_t left = parts[best_i];
      uint64_t right = parts[best_k];
      consider(left, right);
      consider(right, left);
      parts[best_i] = left | right;
      parts.erase(parts.begin() + best_k);
    }
  }

  LogicalPtr assemble(uint64_t set) {
    const Candidate candidate = best_.at(set);
    if (candidate.left == 0) return std::move(leaves_[__builtin_ctzll(set)]);
    auto join = std::make_unique<plan::Join>();
    join->children.push_back(assemble(candidate.left));
    join->children.push_back(assemble(candidate.right));
    for (size_t i = 0; i < predicates_.size(); ++i) {
      if (used_[i] || (edges_[i].leaves & ~set) != 0) continue;
      // A predicate without columns of the region goes to the topmost join.
      if (edges_[i].leaves == 0 && __builtin_popcountll(set) != static_cast<int>(leaves_.size())) continue;
      used_[i] = true;
      join->conditions.push_back(std::move(predicates_[i]));
    }
    join->estimated_rows = candidate.rows;
    return join;
  }

  RewriteState& state_;
  std::vector<LogicalPtr> leaves_;
  ExprList predicates_;
  std::vector<Edge> edges_;
  std::unordered_map<uint64_t, Candidate> best_;
  std::vector<bool> used_;
};

}  // namespace

void order_joins(LogicalPtr& root, RewriteState& state) {
  // Each region has a JoinOrder of its own: its leaves may be regions again.
  std::function<void(LogicalPtr&)> run = [&](LogicalPtr& op) { JoinOrder(state).run(op); };
  run(root);
}

}  // namespace aegis::planner
