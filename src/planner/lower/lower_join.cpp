// Joins: hash, index lookup, nested loop, and lateral ones run again for each outer row.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "lower.h"

namespace aegis::planner {

using plan::JoinType;
using plan::PhysicalPtr;

namespace {

namespace oid = types::oid;

bool keeps_right(JoinType type) {
  return type == JoinType::Inner || type == JoinType::Left || type == JoinType::Right || type == JoinType::Full || type == JoinType::Single;
}

// Where the join's columns are in its output.
std::map<ColumnBinding, uint32_t> joined_layout(const plan::Join& join, const Node& left, const Node& right) {
  auto layout = left.layout;
  uint32_t width = static_cast<uint32_t>(left.op->output.size());
  if (join.type == JoinType::Mark) {
    layout[{join.mark_table, 0}] = width;
  } else if (keeps_right(join.type)) {
    for (const auto& [binding, at] : right.layout) layout[binding] = width + at;
  }
  return layout;
}

std::vector<plan::ColumnInfo> joined_output(JoinType type, const Node& left, const Node& right) {
  auto output = left.op->output;
  if (type == JoinType::Mark) {
    output.push_back({"mark", {oid::kBool}});
  } else if (keeps_right(type)) {
    output.insert(output.end(), right.op->output.begin(), right.op->output.end());
  }
  return output;
}

// Over left columns, then right columns, whatever the join gives.
std::map<ColumnBinding, uint32_t> pair_layout(const Node& left, const Node& right) {
  auto layout = left.layout;
  uint32_t width = static_cast<uint32_t>(left.op->output.size());
  for (const auto& [binding, at] : right.layout) layout[binding] = width + at;
  return layout;
}

bool is_integer(Oid type) { return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8; }
bool is_text(Oid type) { return type == oid::kText || type == oid::kVarchar || type == oid::kName; }

// Equal values of the two types hash alike.
bool hash_alike(Oid a, Oid b) { return a == b || (is_integer(a) && is_integer(b)) || (is_text(a) && is_text(b)); }

void set_cost(plan::PhysicalOp& op, double rows, double own) {
  op.estimated_rows = std::max(1.0, rows);
  for (const auto& column : op.output) {
    const auto* info = types::find_type(column.type.oid);
    op.width += info != nullptr && info->length > 0 ? info->length : 32;
  }
  for (const auto& child : op.children) op.total_cost += child->total_cost;
  op.total_cost += own;
}

}  // namespace

bool Lowering::lower_index_join(plan::Join& join, const BindingSet& needed, Node& out) {
  if (join.type != JoinType::Inner && join.type != JoinType::Left && join.type != JoinType::Semi && join.type != JoinType::Anti &&
      join.type != JoinType::Single) {
    return false;
  }
  LogicalOp* right = join.children[1].get();
  // Projections that only rename are looked through for the columns' names, so only bare tables are taken here.
  plan::Filter* filter = nullptr;
  if (right->kind == LogicalKind::Filter) {
    filter = static_cast<plan::Filter*>(right);
    right = right->children[0].get();
  }
  if (right->kind != LogicalKind::Get) return false;
  auto& get = static_cast<plan::Get&>(*right);
  if (get.relation == nullptr || get.inherits || get.relation->is_partitioned()) return false;
  BindingSet available = binding_set(*join.children[0]);
  static const ExprList kNone;
  AccessPath path = choose_path(get, join.conditions, filter != nullptr ? filter->predicates : kNone, available, state_.context, IndexUse::Lookups);
  if (path.index == nullptr) return false;
  double left_rows = std::max(1.0, join.children[0]->estimated_rows);
  double table_rows = std::max(1.0, state_.context.statistics.row_count(*get.relation));
  double lookup_cost = left_rows * (1.5 + path.rows * 0.5);
  double hash_cost = table_rows * 0.25 + left_rows * 0.1;
  if (lookup_cost > hash_cost && state_.context.options.enable_hashjoin) return false;

  BindingSet wanted = needed;
  for (const auto& condition : join.conditions) add_needed(*condition, wanted);
  if (filter != nullptr) {
    for (const auto& predicate : filter->predicates) add_needed(*predicate, wanted);
  }
  Node left = lower(*join.children[0], wanted);
  auto physical = std::make_unique<plan::IndexJoin>();
  physical->type = join.type;
  physical->relation = get.relation;
  physical->alias = get.alias;
  physical->index = path.index->oid;
  physical->range.equal = bind_all(path.range.equal, left.layout);
  if (path.range.lower) physical->range.lower = bind(*path.range.lower, left.layout);
  if (path.range.upper) physical->range.upper = bind(*path.range.upper, left.layout);
  physical->range.lower_inclusive = path.range.lower_inclusive;
  physical->range.upper_inclusive = path.range.upper_inclusive;
  physical->output = left.op->output;
  auto pair = left.layout;
  uint32_t width = static_cast<uint32_t>(left.op->output.size());
  bool keep = keeps_right(join.type);
  for (size_t i = 0; i < get.columns.size(); ++i) {
    ColumnBinding binding{get.table, static_cast<uint32_t>(i)};
    if (wanted.count(binding) == 0) continue;
    pair[binding] = width + static_cast<uint32_t>(physical->columns.size());
    physical->columns.push_back(get.columns[i]);
    if (keep) physical->output.push_back(get.column_infos[i]);
  }
  physical->filters = bind_all(join.conditions, pair);
  std::vector<const Expr*> covered;
  for (size_t at : path.covered) covered.push_back(physical->filters[at].get());
  if (filter != nullptr) {
    for (auto& predicate : bind_all(filter->predicates, pair)) physical->filters.push_back(std::move(predicate));
    security_first(physical->filters);
  }
  for (size_t i = 0; i < physical->filters.size(); ++i) {
    if (std::find(covered.begin(), covered.end(), physical->filters[i].get()) != covered.end()) physical->covered.push_back(i);
  }
  out.layout = keep ? pair : left.layout;
  physical->children.push_back(std::move(left.op));
  set_cost(*physical, join.estimated_rows, lookup_cost * 0.05);
  out.op = std::move(physical);
  return true;
}

Node Lowering::lower_join(plan::Join& join, const BindingSet& needed) {
  BindingSet left_columns = binding_set(*join.children[0]);
  BindingSet outer;
  for (const auto& binding : free_columns(*join.children[1])) {
    if (left_columns.count(binding) != 0) outer.insert(binding);
  }
  if (!outer.empty() || join.subquery == plan::SubqueryKind::Array) return lower_lateral(join, needed, outer);
  Node indexed;
  if (lower_index_join(join, needed, indexed) || lower_partition_join(join, needed, indexed)) return indexed;

  BindingSet wanted = needed;
  for (const auto& condition : join.conditions) add_needed(*condition, wanted);
  Node left = lower(*join.children[0], wanted);
  Node right = lower(*join.children[1], wanted);
  BindingSet right_columns = binding_set(*join.children[1]);

  ExprList left_keys, right_keys, residual, all;
  std::vector<const functions::Function*> equalities;
  for (const auto& condition : join.conditions) {
    all.push_back(condition->clone());
    bool is_key = false;
    if (is_equality(*condition) &&
        hash_alike(condition->args[0]->type.oid, condition->args[1]->type.oid)) {
      const auto* info = types::find_type(condition->args[0]->type.oid);
      bool hashable = info != nullptr && (info->hash != nullptr || is_integer(info->oid));
      for (int side = 0; side < 2 && hashable && !is_key; ++side) {
        const Expr& mine = *condition->args[side];
        const Expr& other = *condition->args[1 - side];
        BindingSet mine_columns, other_columns;
        collect_columns(mine, mine_columns);
        collect_columns(other, other_columns);
        if (mine_columns.empty() || other_columns.empty()) continue;
        if (!std::includes(left_columns.begin(), left_columns.end(), mine_columns.begin(), mine_columns.end())) continue;
        if (!std::includes(right_columns.begin(), right_columns.end(), other_columns.begin(), other_columns.end())) continue;
        // The equality is called as left = right: for operands the other way round, the commutator.
        const functions::Function* equality = condition->function;
        if (side == 1) {
          const auto* commutator = functions::find_operator(condition->op->commutator);
          if (commutator == nullptr) continue;
          equality = functions::find_function(commutator->function);
        }
        left_keys.push_back(bind(mine, left.layout));
        right_keys.push_back(bind(other, right.layout));
        equalities.push_back(equality);
        is_key = true;
      }
    }
    if (!is_key) residual.push_back(condition->clone());
  }
  bool null_aware_complex = join.type == JoinType::Mark && join.null_aware && (left_keys.size() != 1 || !residual.empty());
  if (left_keys.empty() || null_aware_complex || (!state_.context.options.enable_hashjoin && join.type == JoinType::Inner)) {
    return lower_nested_loop(join, std::move(left), std::move(right), std::move(all));
  }
  // Build the smaller side where the join has a mirror image.
  bool swap = right.op->estimated_rows > left.op->estimated_rows * 1.5 && (join.type == JoinType::Left || join.type == JoinType::Right || join.type == JoinType::Inner);
  if (swap) {
    JoinType mirrored = join.type == JoinType::Left ? JoinType::Right : join.type == JoinType::Right ? JoinType::Left : JoinType::Inner;
    for (auto& equality : equalities) {
      for (const auto* op : functions::find_operators("=")) {
        if (functions::find_function(op->function) != equality) continue;
        const auto* commutator = functions::find_operator(op->commutator);
        if (commutator != nullptr) equality = functions::find_function(commutator->function);
        break;
      }
    }
    return lower_hash_join(join, std::move(right), std::move(left), std::move(right_keys), std::move(left_keys), std::move(equalities), std::move(residual), mirrored);
  }
  return lower_hash_join(join, std::move(left), std::move(right), std::move(left_keys), std::move(right_keys), std::move(equalities), std::move(residual), join.type);
}

Node Lowering::lower_hash_join(plan::Join& join, Node left, Node right, ExprList left_keys, ExprList right_keys,
                               std::vector<const functions::Function*> equalities, ExprList residual, JoinType type) {
  auto physical = std::make_unique<plan::HashJoin>();
  physical->type = type;
  physical->left_keys = std::move(left_keys);
  physical->right_keys = std::move(right_keys);
  physical->equalities = std::move(equalities);
  physical->residual = bind_all(residual, pair_layout(left, right));
  physical->null_aware = join.null_aware;
  physical->output = joined_output(type, left, right);
  Node node;
  node.layout = joined_layout(join, left, right);
  double cost = left.op->estimated_rows * 0.01 + right.op->estimated_rows * 0.02 + join.estimated_rows * 0.01;
  physical->startup_cost = right.op->total_cost;
  physical->children.push_back(std::move(left.op));
  physical->children.push_back(std::move(right.op));
  set_cost(*physical, join.estimated_rows, cost);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_nested_loop(plan::Join& join, Node left, Node right, ExprList conditions) {
  auto physical = std::make_unique<plan::NestedLoop>();
  physical->type = join.type;
  physical->conditions = bind_all(conditions, pair_layout(left, right));
  physical->null_aware = join.null_aware;
  physical->output = joined_output(join.type, left, right);
  Node node;
  node.layout = joined_layout(join, left, right);
  double cost = left.op->estimated_rows * right.op->estimated_rows * 0.0025;
  physical->children.push_back(std::move(left.op));
  physical->children.push_back(std::move(right.op));
  set_cost(*physical, join.estimated_rows, cost);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_lateral(plan::Join& join, const BindingSet& needed, const BindingSet& outer) {
  BindingSet wanted = needed;
  for (const auto& condition : join.conditions) add_needed(*condition, wanted);
  BindingSet left_wanted = wanted;
  left_wanted.insert(outer.begin(), outer.end());
  Node left = lower(*join.children[0], left_wanted);
  LogicalOp& right = *join.children[1];
  bool plain = join.type == JoinType::Inner || (join.type == JoinType::Left && join.conditions.empty());
  if (right.kind == LogicalKind::Function && plain && right.children.empty()) {
    auto& get = static_cast<plan::FunctionGet&>(right);
    auto scan = std::make_unique<plan::FunctionScan>();
    scan->calls = bind_all(get.calls, left.layout);
    scan->column_counts = get.column_counts;
    scan->ordinality = get.ordinality;
    scan->left = join.type == JoinType::Left;
    scan->alias = get.alias;
    scan->output = left.op->output;
    Node node;
    node.layout = left.layout;
    uint32_t width = static_cast<uint32_t>(left.op->output.size());
    for (size_t i = 0; i < get.columns.size(); ++i) node.layout[{get.table, static_cast<uint32_t>(i)}] = width + static_cast<uint32_t>(i);
    scan->output.insert(scan->output.end(), get.columns.begin(), get.columns.end());
    scan->filters = bind_all(join.conditions, node.layout);
    scan->children.push_back(std::move(left.op));
    set_cost(*scan, join.estimated_rows, join.estimated_rows * 0.01);
    node.op = std::move(scan);
    return node;
  }
  if (join.type == JoinType::Right || join.type == JoinType::Full) {
    throw SqlError(Sqlstate::InvalidColumnReference, "invalid reference to FROM-clause entry for a LATERAL item")
        .detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
  }
  auto physical = std::make_unique<plan::Apply>();
  physical->type = join.type;
  physical->null_aware = join.null_aware;
  physical->subquery = join.subquery;
  auto saved = outer_params_;
  for (const auto& binding : outer) {
    uint32_t at = left.layout.at(binding);
    const auto& column = left.op->output[at];
    uint32_t param = state_.new_exec_param(column.type);
    outer_params_[binding] = param;
    physical->exec_params.push_back(param);
    ExprPtr input = plan::make_input(at, column.type, column.name);
    input->collation = column.collation;
    physical->params.push_back(std::move(input));
  }
  Node inner;
  if (join.subquery == plan::SubqueryKind::Array) {
    inner.op = lower_exact(right, {plan::output_bindings(right)[0]});
  } else {
    inner = lower(right, wanted);
  }
  outer_params_ = std::move(saved);
  if (join.subquery == plan::SubqueryKind::Array) {
    // Just the one column, as an array.
    ColumnBinding column = plan::output_bindings(right)[0];
    Oid element = inner.op->output[0].type.oid;
    Oid array = types::is_array(element) ? element : types::type_info(element).array;
    physical->type = JoinType::Left;
    physical->output = left.op->output;
    physical->output.push_back({"array", {array}});
    Node node;
    node.layout = left.layout;
    node.layout[column] = static_cast<uint32_t>(left.op->output.size());
    physical->children.push_back(std::move(left.op));
    physical->children.push_back(std::move(inner.op));
    set_cost(*physical, join.estimated_rows, 1);
    node.op = std::move(physical);
    return node;
  }
  physical->conditions = bind_all(join.conditions, pair_layout(left, inner));
  physical->output = joined_output(join.type, left, inner);
  Node node;
  node.layout = joined_layout(join, left, inner);
  double cost = left.op->estimated_rows * inner.op->total_cost;
  physical->children.push_back(std::move(left.op));
  physical->children.push_back(std::move(inner.op));
  set_cost(*physical, join.estimated_rows, cost);
  node.op = std::move(physical);
  return node;
}

}  // namespace aegis::planner
