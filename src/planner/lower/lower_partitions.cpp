// Tables with others below them: a scan for each table that has rows, those left out that can't have any wanted.
#include <algorithm>

#include "aegis/types/collation.h"
#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "aegis/functions/function.h"
#include "lower.h"

namespace aegis::planner {

using catalog::KeyCondition;
using plan::PartitionCondition;
using plan::PartitionPruning;

namespace {

namespace oid = types::oid;
using Op = KeyCondition::Op;

const Expr* strip(const Expr* expr) {
  while (expr->kind == ExprKind::Relabel) expr = expr->args[0].get();
  return expr;
}

Op mirrored(Op op) {
  switch (op) {
    case Op::Less: return Op::Greater;
    case Op::LessEqual: return Op::GreaterEqual;
    case Op::Greater: return Op::Less;
    case Op::GreaterEqual: return Op::LessEqual;
    default: return op;
  }
}

bool comparison_of(std::string_view name, Op& op) {
  if (name == "=") op = Op::Equal;
  else if (name == "<>") op = Op::NotEqual;
  else if (name == "<") op = Op::Less;
  else if (name == "<=") op = Op::LessEqual;
  else if (name == ">") op = Op::Greater;
  else if (name == ">=") op = Op::GreaterEqual;
  else return false;
  return true;
}

// Finds conditions on one partitioned table's key among predicates over a Get's columns.
class KeyMatcher {
 public:
  KeyMatcher(const catalog::Relation& table, const plan::Get& get, const BindingSet& available, const PlannerContext& context)
      : table_(table), available_(available) {
    std::vector<int> to_root = catalog::match_columns(table, *get.relation);
    auto column_of = [&](int number) -> ExprPtr {
      int wanted = to_root[static_cast<size_t>(number)];
      for (size_t i = 0; i < get.columns.size(); ++i) {
        if (get.columns[i] != wanted) continue;
        ExprPtr column = plan::make_column({get.table, static_cast<uint32_t>(i)}, get.column_infos[i].type, get.column_infos[i].name);
        column->collation = get.column_infos[i].collation;
        return column;
      }
      return nullptr;
    };
    for (const auto& key : table.partition_key.columns) {
      if (key.column >= 0) {
        keys_.push_back(column_of(key.column));
        continue;
      }
      ExprPtr expr = context.bind_definition ? context.bind_definition(table, key.sql) : nullptr;
      if (expr != nullptr) {
        plan::rewrite(expr, [&](ExprPtr& part) {
          if (part->kind == ExprKind::Input) part = column_of(static_cast<int>(part->index));
        });
      }
      keys_.push_back(std::move(expr));
    }
  }

  void add(const Expr& predicate, PartitionCondition& out) const {
    switch (predicate.kind) {
      case ExprKind::And:
        for (const auto& arg : predicate.args) add(*arg, out);
        return;
      case ExprKind::Or: return add_or(predicate, out);
      case ExprKind::Call: return add_comparison(predicate, out);
      case ExprKind::InList: return add_in(predicate, out);
      case ExprKind::ArrayCompare: return add_array(predicate, out);
      case ExprKind::NullTest:
        if (int key = find(*predicate.args[0]); key >= 0 && !predicate.row_test) {
          out.compares.push_back({static_cast<size_t>(key), predicate.negated ? Op::IsNotNull : Op::IsNull, nullptr});
        }
        return;
      case ExprKind::BoolTest: return add_bool_test(predicate, out);
      case ExprKind::Not: return add_truth(*predicate.args[0], false, out);
      case ExprKind::Column: return add_truth(predicate, true, out);
      case ExprKind::Constant:
        if (predicate.type.oid == oid::kBool && (predicate.value.get().is_null || !predicate.value.get().boolean)) out.never = true;
        return;
      default: return;
    }
  }

 private:
  int find(const Expr& expr) const {
    const Expr* bare = strip(&expr);
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i] != nullptr && (plan::equal(*keys_[i], *bare) || plan::equal(*keys_[i], expr))) return static_cast<int>(i);
    }
    return -1;
  }

  bool same_collation(const Expr& side, size_t key, const Expr& comparison) const {
    Oid collation = table_.partition_key.columns[key].collation;
    // What is equal by one collation may not be by another.
    if (comparison.collation != collation && !(types::is_deterministic(comparison.collation) && types::is_deterministic(collation))) return false;
    return collation == kInvalidOid || side.collation == kInvalidOid || side.collation == collation;
  }

  ExprPtr value_for(const Expr& expr, size_t key) const {
    if (plan::is_volatile(expr) || !only_uses(expr, available_) || plan::contains(expr, ExprKind::Subquery)) return nullptr;
    return convert_to_key(*strip(&expr), types::base_type(table_.partition_key.columns[key].type.oid));
  }

  void add_or(const Expr& predicate, PartitionCondition& out) const {
    std::vector<PartitionCondition> alternatives;
    for (const auto& arg : predicate.args) {
      PartitionCondition alternative;
      add(*arg, alternative);
      if (alternative.empty()) return;  // any partition may have such rows
      alternatives.push_back(std::move(alternative));
    }
    out.alternatives.push_back(std::move(alternatives));
  }

  void add_comparison(const Expr& predicate, PartitionCondition& out) const {
    Op op;
    if (predicate.op == nullptr || predicate.args.size() != 2 || !comparison_of(predicate.op->standard_name(), op)) return add_truth(predicate, true, out);
    for (int side = 0; side < 2; ++side) {
      int key = find(*predicate.args[static_cast<size_t>(side)]);
      if (key < 0 || !same_collation(*predicate.args[static_cast<size_t>(side)], static_cast<size_t>(key), predicate)) continue;
      ExprPtr value = value_for(*predicate.args[static_cast<size_t>(1 - side)], static_cast<size_t>(key));
      if (value == nullptr) continue;
      out.compares.push_back({static_cast<size_t>(key), side == 0 ? op : mirrored(op), std::move(value)});
      return;
    }
  }

  void add_in(const Expr& predicate, PartitionCondition& out) const {
    int key = find(*predicate.args[0]);
    if (key < 0 || !same_collation(*predicate.args[0], static_cast<size_t>(key), predicate)) return;
    std::vector<PartitionCondition> alternatives;
    std::vector<ExprPtr> values;
    for (size_t i = 1; i < predicate.args.size(); ++i) {
      ExprPtr value = value_for(*predicate.args[i], static_cast<size_t>(key));
      if (value == nullptr) return;
      values.push_back(std::move(value));
    }
    for (auto& value : values) {
      if (predicate.negated) {
        out.compares.push_back({static_cast<size_t>(key), Op::NotEqual, std::move(value)});
        continue;
      }
      PartitionCondition alternative;
      alternative.compares.push_back({static_cast<size_t>(key), Op::Equal, std::move(value)});
      alternatives.push_back(std::move(alternative));
    }
    if (!alternatives.empty()) out.alternatives.push_back(std::move(alternatives));
  }

  void add_array(const Expr& predicate, PartitionCondition& out) const {
    Op op;
    int key = find(*predicate.args[0]);
    const auto* name = predicate.op;
    if (key < 0 || name == nullptr || !comparison_of(name->name, op) || !same_collation(*predicate.args[0], static_cast<size_t>(key), predicate)) return;
    const Expr& array = *strip(predicate.args[1].get());
    Oid type = types::base_type(table_.partition_key.columns[static_cast<size_t>(key)].type.oid);
    const auto* info = types::find_type(array.type.oid);
    bool text = (type == oid::kText || type == oid::kVarchar) && info != nullptr && (info->element == oid::kText || info->element == oid::kVarchar);
    if (info == nullptr || (info->element != type && !text) || plan::is_volatile(array) || !only_uses(array, available_)) return;
    if (op == Op::NotEqual && predicate.use_or) return;
    PartitionCondition::Compare compare{static_cast<size_t>(key), op, array.clone()};
    compare.any_of = predicate.use_or;
    compare.all_of = !predicate.use_or;
    out.compares.push_back(std::move(compare));
  }

  void add_bool_test(const Expr& predicate, PartitionCondition& out) const {
    switch (predicate.bool_test) {
      case plan::BoolTestKind::IsTrue: return add_truth(*predicate.args[0], true, out);
      case plan::BoolTestKind::IsFalse: return add_truth(*predicate.args[0], false, out);
      case plan::BoolTestKind::IsUnknown:
      case plan::BoolTestKind::IsNotUnknown: {
        int key = find(*predicate.args[0]);
        bool is_null = predicate.bool_test == plan::BoolTestKind::IsUnknown;
        if (key >= 0) out.compares.push_back({static_cast<size_t>(key), is_null ? Op::IsNull : Op::IsNotNull, nullptr});
        return;
      }
      case plan::BoolTestKind::IsNotTrue:
      case plan::BoolTestKind::IsNotFalse: {
        int key = find(*predicate.args[0]);
        if (key < 0 || table_.partition_key.columns[static_cast<size_t>(key)].type.oid != oid::kBool) return;
        std::vector<PartitionCondition> alternatives(2);
        bool other = predicate.bool_test == plan::BoolTestKind::IsNotFalse;
        alternatives[0].compares.push_back({static_cast<size_t>(key), Op::Equal, plan::make_constant({oid::kBool}, types::Value::of_bool(other))});
        alternatives[1].compares.push_back({static_cast<size_t>(key), Op::IsNull, nullptr});
        out.alternatives.push_back(std::move(alternatives));
        return;
      }
    }
  }

  // A boolean key that stands for itself.
  void add_truth(const Expr& expr, bool wanted, PartitionCondition& out) const {
    if (expr.type.oid != oid::kBool) return;
    int key = find(expr);
    if (key < 0) {
      if (expr.kind == ExprKind::Not) add_truth(*expr.args[0], !wanted, out);
      return;
    }
    if (table_.partition_key.columns[static_cast<size_t>(key)].type.oid != oid::kBool) return;
    out.compares.push_back({static_cast<size_t>(key), Op::Equal, plan::make_constant({oid::kBool}, types::Value::of_bool(wanted))});
  }

  const catalog::Relation& table_;
  const BindingSet& available_;
  ExprList keys_;
};

bool constant_value(const Expr& expr, types::Value& value) {
  if (expr.kind != ExprKind::Constant) return false;
  value = expr.value.get();
  return true;
}

// Keeps the numbers of leaves that stay, as they are counted then.
void renumber(PartitionPruning& pruning, const std::vector<int>& numbers) {
  for (auto& part : pruning.parts) {
    if (part.below != nullptr) renumber(*part.below, numbers);
    else if (part.leaf >= 0) part.leaf = numbers[static_cast<size_t>(part.leaf)];
  }
}

}  // namespace

std::unique_ptr<PartitionPruning> Lowering::find_leaves(const catalog::RelationPtr& table, const plan::Get& get, const ExprList& predicates,
                                                        const BindingSet& available, std::vector<catalog::RelationPtr>& leaves) {
  auto pruning = std::make_unique<PartitionPruning>();
  pruning->map = state_.context.catalog.partitions(*table);
  if (state_.context.options.enable_partition_pruning) {
    KeyMatcher matcher(*table, get, available, state_.context);
    for (const auto& predicate : predicates) matcher.add(*predicate, pruning->condition);
  }
  for (const auto& part : pruning->map->parts()) {
    PartitionPruning::Part made;
    auto newest = state_.context.catalog.relation(part->oid);
    const auto& child = newest == nullptr ? part : newest;
    if (child->is_partitioned()) {
      made.below = find_leaves(child, get, predicates, available, leaves);
    } else {
      made.leaf = static_cast<int>(leaves.size());
      leaves.push_back(child);
    }
    pruning->parts.push_back(std::move(made));
  }
  return pruning;
}

Node Lowering::lower_family(plan::Get& get, ExprList predicates, const BindingSet& needed) {
  std::vector<catalog::RelationPtr> leaves;
  std::unique_ptr<PartitionPruning> pruning;
  int all = 0;
  if (get.relation->is_partitioned()) {
    if (get.inherits) {
      BindingSet outer;
      for (const auto& [binding, param] : outer_params_) outer.insert(binding);
      pruning = find_leaves(get.relation, get, predicates, outer, leaves);
      all = static_cast<int>(leaves.size());
      std::vector<bool> wanted(leaves.size(), false);
      plan::prune_partitions(*pruning, constant_value, wanted);
      std::vector<catalog::RelationPtr> kept;
      std::vector<int> numbers;
      for (size_t i = 0; i < leaves.size(); ++i) {
        numbers.push_back(wanted[i] ? static_cast<int>(kept.size()) : -1);
        if (wanted[i]) kept.push_back(leaves[i]);
      }
      renumber(*pruning, numbers);
      leaves = std::move(kept);
    }
  } else {
    leaves = state_.context.catalog.family(get.relation->oid);
    std::erase_if(leaves, [](const auto& table) { return !table->is_table(); });
    all = static_cast<int>(leaves.size());
  }
  bool at_run_time = pruning != nullptr && plan::needs_values(*pruning);

  auto append = std::make_unique<plan::Append>();
  Node node;
  plan::Get child;
  child.table = get.table;
  child.alias = get.alias;
  child.column_infos = get.column_infos;
  for (const auto& leaf : leaves) {
    child.relation = leaf;
    child.columns = get.columns;
    if (leaf->oid != get.relation->oid) {
      std::vector<int> map = catalog::match_columns(*get.relation, *leaf);
      for (int& column : child.columns) {
        if (column >= 0) column = map[static_cast<size_t>(column)];
      }
    }
    ExprList own;
    for (const auto& predicate : predicates) own.push_back(predicate->clone());
    Node one = lower_get(child, std::move(own), needed);
    node.layout = one.layout;
    append->children.push_back(std::move(one.op));
  }
  if (append->children.size() == 1 && !at_run_time) {
    node.op = std::move(append->children[0]);
    return node;
  }
  if (append->children.empty()) {
    // Nothing can be there.
    auto nothing = std::make_unique<plan::ValuesScan>();
    BindingSet wanted = needed;
    for (const auto& predicate : predicates) add_needed(*predicate, wanted);
    for (size_t i = 0; i < get.columns.size(); ++i) {
      ColumnBinding binding{get.table, static_cast<uint32_t>(i)};
      if (wanted.count(binding) == 0) continue;
      node.layout[binding] = static_cast<uint32_t>(nothing->output.size());
      nothing->output.push_back(get.column_infos[i]);
    }
    nothing->estimated_rows = 1;
    node.op = std::move(nothing);
    return node;
  }
  append->alias = get.alias.empty() ? get.relation->name : get.alias;
  append->removed = all - static_cast<int>(leaves.size());
  append->output = append->children[0]->output;
  for (const auto& scan : append->children) {
    append->estimated_rows += scan->estimated_rows;
    append->total_cost += scan->total_cost;
    append->width = scan->width;
  }
  if (at_run_time) {
    // Values that come when running: parameters instead of outer columns.
    bind_pruning(*pruning);
    append->pruning = std::move(pruning);
  }
  node.op = std::move(append);
  return node;
}

// Few rows joined with a table of many partitions by an index that they have: the partitions are looked into again for each
// row, those left out that the row's values exclude.
bool Lowering::lower_partition_join(plan::Join& join, const BindingSet& needed, Node& out) {
  using plan::JoinType;
  if (join.type != JoinType::Inner && join.type != JoinType::Left && join.type != JoinType::Semi && join.type != JoinType::Anti) return false;
  LogicalOp* right = join.children[1].get();
  if (right->kind == LogicalKind::Filter) right = right->children[0].get();
  if (right->kind != LogicalKind::Get) return false;
  auto& get = static_cast<plan::Get&>(*right);
  if (!get.inherits || join.conditions.empty()) return false;
  BindingSet available = binding_set(*join.children[0]);
  // One table stands for all: they have the same indexes, or nearly so.
  double leaves = 0, table_rows = 0;
  AccessPath path;
  for (const auto& leaf : state_.context.catalog.family(get.relation->oid)) {
    if (!leaf->is_table()) continue;
    if (leaf->is_foreign()) return false;  // read whole for each outer row
    ++leaves;
    table_rows += state_.context.statistics.row_count(*leaf);
    if (leaves > 1 && path.index == nullptr) return false;
    if (leaves > 1) continue;
    plan::Get child;
    child.table = get.table;
    child.relation = leaf;
    child.columns = get.columns;
    std::vector<int> map = catalog::match_columns(*get.relation, *leaf);
    for (int& column : child.columns) {
      if (column >= 0) column = map[static_cast<size_t>(column)];
    }
    child.column_infos = get.column_infos;
    path = choose_path(child, join.conditions, {}, available, state_.context, IndexUse::Lookups);
  }
  if (path.index == nullptr) return false;
  bool one_each = false;
  if (get.relation->is_partitioned()) {
    PartitionCondition condition;
    KeyMatcher matcher(*get.relation, get, available, state_.context);
    for (const auto& predicate : join.conditions) matcher.add(*predicate, condition);
    std::vector<bool> equal(get.relation->partition_key.columns.size(), false);
    for (const auto& compare : condition.compares) equal[compare.key] = equal[compare.key] || compare.op == Op::Equal;
    one_each = std::all_of(equal.begin(), equal.end(), [](bool e) { return e; });
  }
  double left_rows = std::max(1.0, join.children[0]->estimated_rows);
  double lookup_cost = left_rows * (one_each ? 1 : leaves) * (2 + path.rows * 0.5);
  double hash_cost = table_rows * 0.25 + left_rows * 0.1;
  if (lookup_cost > hash_cost && state_.context.options.enable_hashjoin) return false;

  auto filter = std::make_unique<plan::Filter>();
  if (join.children[1]->kind == LogicalKind::Filter) {
    auto& existing = static_cast<plan::Filter&>(*join.children[1]);
    filter->predicates = std::move(existing.predicates);
    filter->children.push_back(std::move(existing.children[0]));
  } else {
    filter->children.push_back(std::move(join.children[1]));
  }
  filter->estimated_rows = std::max(1.0, path.rows);
  BindingSet outer;
  for (auto& condition : join.conditions) {
    BindingSet used;
    collect_columns(*condition, used);
    for (const auto& binding : used) {
      if (available.count(binding) != 0) outer.insert(binding);
    }
    filter->predicates.push_back(std::move(condition));
  }
  join.conditions.clear();
  join.children[1] = std::move(filter);
  out = lower_lateral(join, needed, outer);
  return true;
}

void Lowering::bind_condition(PartitionCondition& condition) {
  for (auto& compare : condition.compares) {
    if (compare.value != nullptr) compare.value = bind(*compare.value, {});
  }
  for (auto& alternatives : condition.alternatives) {
    for (auto& alternative : alternatives) bind_condition(alternative);
  }
}

void Lowering::bind_pruning(PartitionPruning& pruning) {
  bind_condition(pruning.condition);
  for (auto& part : pruning.parts) {
    if (part.below != nullptr) bind_pruning(*part.below);
  }
}

}  // namespace aegis::planner
