#include "explain_tree.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>

#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/functions/function.h"
#include "aegis/functions/quoting.h"
#include "aegis/plan/deparse.h"
#include "aegis/types/collation.h"

namespace aegis::plan {
namespace {

using functions::quote_identifier;
using Names = std::vector<std::string>;
using NodePtr = std::unique_ptr<ExplainNode>;

template <typename T>
const T& as(const PhysicalOp& op) { return static_cast<const T&>(op); }

const char* join_words(JoinType type) {
  switch (type) {
    case JoinType::Left:
    case JoinType::Single:
    case JoinType::Mark: return "Left";
    case JoinType::Right: return "Right";
    case JoinType::Full: return "Full";
    case JoinType::Semi: return "Semi";
    case JoinType::Anti: return "Anti";
    case JoinType::Inner: break;
  }
  return "Inner";
}

class TreeBuilder {
 public:
  explicit TreeBuilder(const ExplainInput& input) : input_(input) {
    size_t scans = 0;
    count_scans(*input.plan.root, scans);
    for (const auto& cte : input.plan.ctes) count_scans(*cte, scans);
    for (const auto& sub : input.plan.init_plans) count_scans(*sub.plan, scans);
    prefix_ = scans > 1 || input.options.verbose;
  }

  NodePtr run() {
    std::vector<NodePtr> subplans;
    size_t number = 0;
    for (const auto& cte : input_.plan.ctes) {
      ++number;
      const auto& materialize = as<Materialize>(*cte);
      NodePtr node = build(*materialize.children[0]);
      node->relationship = "InitPlan";
      node->subplan_name = "CTE " + quote_identifier(materialize.name);
      subplans.push_back(std::move(node));
    }
    for (const auto& sub : input_.plan.init_plans) {
      NodePtr node = build(*sub.plan);
      node->relationship = "InitPlan";
      node->subplan_name = "InitPlan " + std::to_string(++number) + " (returns $" + std::to_string(sub.exec_param) + ")";
      subplans.push_back(std::move(node));
    }
    NodePtr root = build(*input_.plan.root);
    root->subplans = std::move(subplans);
    return root;
  }

 private:
  static void count_scans(const PhysicalOp& op, size_t& count) {
    switch (op.kind) {
      case PhysicalKind::TableScan:
      case PhysicalKind::IndexScan:
      case PhysicalKind::SystemScan:
      case PhysicalKind::CteScan:
      case PhysicalKind::FunctionScan:
      case PhysicalKind::IndexJoin: ++count; break;
      case PhysicalKind::Append:
        // PostgreSQL counts the table and its children.
        if (!static_cast<const Append&>(op).alias.empty()) ++count;
        break;
      default: break;
    }
    for (const auto& child : op.children) count_scans(*child, count);
  }

  std::string text(const Expr& expr, const Names& names) {
    DeparseContext context{input_.types, {}, {}, {}};
    context.fold_lists = true;
    context.column = [&](const Expr& column) {
      return column.kind == ExprKind::Input && column.index < names.size() ? names[column.index] : quote_identifier(column.name);
    };
    return deparse(expr, context);
  }
  std::string conjunction(const ExprList& predicates, const Names& names) {
    std::string out;
    for (const auto& predicate : predicates) out += (out.empty() ? "" : " AND ") + text(*predicate, names);
    return predicates.size() > 1 ? "(" + out + ")" : out;
  }
  void property(ExplainNode& node, std::string name, std::string value) { node.properties.push_back({std::move(name), {std::move(value)}, false, false}); }
  void filter(ExplainNode& node, const ExprList& predicates, const Names& names, const char* name = "Filter") {
    if (predicates.empty()) return;
    property(node, name, conjunction(predicates, names));
    if (input_.options.analyze && node.counters.rows_removed > 0) {
      node.properties.push_back({std::string("Rows Removed by ") + name, {std::to_string(static_cast<long long>(node.counters.rows_removed))}, false, true});
    }
  }
  std::string sort_keys(const std::vector<SortKey>& keys, const Names& names, Names* list) {
    std::string out;
    for (const auto& key : keys) {
      bool collate = key.expr->kind == ExprKind::Relabel && key.expr->explicit_collation && key.expr->type.oid == key.expr->args[0]->type.oid;
      std::string one = text(collate ? *key.expr->args[0] : *key.expr, names);
      Oid own = types::type_info(key.expr->type.oid).collation;
      if (own != kInvalidOid && key.expr->collation != own && key.expr->collation != kInvalidOid) {
        if (const auto* collation = types::find_collation(key.expr->collation)) one += " COLLATE " + quote_identifier(collation->name);
      }
      if (key.descending) one += " DESC";
      if (key.nulls_first != key.descending) one += key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
      if (list != nullptr) list->push_back(one);
      out += (out.empty() ? "" : ", ") + one;
    }
    return out;
  }

  static std::string kilobytes(double bytes) { return std::to_string(static_cast<long long>((bytes + 1023) / 1024)); }

  void sort_resources(ExplainNode& node, bool top) {
    if (!input_.options.analyze || node.counters.loops <= 0) return;
    bool spilled = node.counters.spilled_bytes > 0;
    std::string method = spilled ? "external merge" : top ? "top-N heapsort" : "quicksort";
    std::string size = kilobytes(spilled ? node.counters.spilled_bytes : node.counters.memory_bytes);
    const char* type = spilled ? "Disk" : "Memory";
    node.resources = "Sort Method: " + method + "  " + type + ": " + size + "kB";
    node.resource_members = {{"Sort Method", json_text(method)}, {"Sort Space Used", size}, {"Sort Space Type", json_text(type)}};
  }

  void hash_resources(ExplainNode& hash, const ExplainCounters& join) {
    if (!input_.options.analyze || join.loops <= 0) return;
    long long buckets = 1024;
    while (static_cast<double>(buckets) < hash.counters.rows * 2) buckets *= 2;
    auto batches = static_cast<long long>(std::max(join.batches, 1.0));
    std::string memory = kilobytes(join.memory_bytes);
    hash.resources = "Buckets: " + std::to_string(buckets) + "  Batches: " + std::to_string(batches) + "  Memory Usage: " + memory + "kB";
    hash.resource_members = {{"Hash Buckets", std::to_string(buckets)}, {"Hash Batches", std::to_string(batches)}, {"Peak Memory Usage", memory}};
  }

  void grouping_resources(ExplainNode& node) {
    if (!input_.options.analyze || node.counters.loops <= 0) return;
    bool spilled = node.counters.spilled_bytes > 0;
    std::string memory = kilobytes(node.counters.memory_bytes), disk = kilobytes(node.counters.spilled_bytes);
    std::string batches = std::to_string(static_cast<long long>(node.counters.batches) + 1);
    node.resources = "Batches: " + batches + "  Memory Usage: " + memory + "kB";
    if (spilled) node.resources += "  Disk Usage: " + disk + "kB";
    node.resource_members = {{"HashAgg Batches", batches}, {"Peak Memory Usage", memory}, {"Disk Usage", disk}};
  }

  NodePtr make(const PhysicalOp& op, std::string label, std::string node_type) {
    auto node = std::make_unique<ExplainNode>();
    node->label = std::move(label);
    node->node_type = std::move(node_type);
    node->startup_cost = op.startup_cost;
    node->total_cost = op.total_cost;
    node->rows = std::max(1.0, op.estimated_rows);
    node->width = op.width;
    if (input_.options.analyze && input_.counters) node->counters = input_.counters(op.id);
    return node;
  }
  NodePtr child(const PhysicalOp& op, size_t i, const char* relationship = "Outer") {
    NodePtr node = build(*op.children[i]);
    node->relationship = relationship;
    return node;
  }

  // ---- Scans ----
  std::string relation_label(const catalog::Relation& relation, const std::string& alias) {
    std::string name = quote_identifier(relation.name);
    auto schema = input_.catalog.schema(relation.schema);
    if (input_.options.verbose && schema != nullptr) name = quote_identifier(schema->name) + "." + name;
    if (!alias.empty() && alias != relation.name) name += " " + quote_identifier(alias);
    return name;
  }
  void relation_attributes(ExplainNode& node, const catalog::Relation& relation, const std::string& alias) {
    node.attributes.push_back({"Relation Name", json_text(relation.name)});
    auto schema = input_.catalog.schema(relation.schema);
    if (input_.options.verbose && schema != nullptr) node.attributes.push_back({"Schema", json_text(schema->name)});
    node.attributes.push_back({"Alias", json_text(alias.empty() ? relation.name : alias)});
  }
  std::string qualified(const std::string& alias, const std::string& column) {
    return prefix_ && !alias.empty() ? quote_identifier(alias) + "." + quote_identifier(column) : quote_identifier(column);
  }
  Names column_names(const catalog::Relation& relation, const std::string& alias, const std::vector<int>& columns) {
    Names names;
    for (int column : columns) {
      names.push_back(column == kTableOidColumn ? qualified(alias, "tableoid") : column < 0 ? qualified(alias, "ctid") : qualified(alias.empty() ? relation.name : alias, relation.columns[column].name));
    }
    return names;
  }

  // Of a scan's own predicates: PostgreSQL names the table only when asked to be verbose.
  Names scan_names(const catalog::Relation& relation, const std::string& alias, const std::vector<int>& columns) {
    bool saved = prefix_;
    prefix_ = input_.options.verbose;
    Names names = column_names(relation, alias, columns);
    prefix_ = saved;
    return names;
  }

  std::string index_condition(const catalog::Relation& relation, const std::string& alias, const catalog::Index& index, const IndexRange& range,
                              const Names& outer) {
    std::vector<std::string> parts;
    auto key_name = [&](size_t i) {
      if (i >= index.columns.size()) return std::string("?");
      int column = index.columns[i].column;
      if (column < 0) return key_expression(index.columns[i].sql);
      const std::string& name = relation.columns[column].name;
      return input_.options.verbose ? qualified(alias.empty() ? relation.name : alias, name) : quote_identifier(name);
    };
    for (size_t i = 0; i < range.equal.size(); ++i) parts.push_back("(" + key_name(i) + " = " + text(*range.equal[i], outer) + ")");
    size_t next = range.equal.size();
    if (range.lower) parts.push_back("(" + key_name(next) + (range.lower_inclusive ? " >= " : " > ") + text(*range.lower, outer) + ")");
    if (range.upper) parts.push_back("(" + key_name(next) + (range.upper_inclusive ? " <= " : " < ") + text(*range.upper, outer) + ")");
    std::string out;
    for (const auto& part : parts) out += (out.empty() ? "" : " AND ") + part;
    return parts.size() > 1 ? "(" + out + ")" : out;
  }

  // A function's call stands as it is, anything else within parentheses.
  static std::string key_expression(std::string_view sql) {
    auto closes_at_end = [&](size_t open) {
      int depth = 0;
      for (size_t i = open; i < sql.size(); ++i) {
        depth += sql[i] == '(' ? 1 : sql[i] == ')' ? -1 : 0;
        if (depth == 0) return i + 1 == sql.size();
      }
      return false;
    };
    size_t open = sql.find('(');
    if (open == std::string_view::npos || !closes_at_end(open)) return "(" + std::string(sql) + ")";
    bool name = std::all_of(sql.begin(), sql.begin() + static_cast<ptrdiff_t>(open), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '"'; });
    return name ? std::string(sql) : "(" + std::string(sql) + ")";
  }

  static ExprList uncovered(const ExprList& filters, const std::vector<size_t>& covered) {
    ExprList rest;
    for (size_t i = 0; i < filters.size(); ++i) {
      if (std::find(covered.begin(), covered.end(), i) == covered.end()) rest.push_back(filters[i]->clone());
    }
    return rest;
  }

  NodePtr index_scan(const PhysicalOp& op, const catalog::Relation& relation, const std::string& alias, Oid index_oid, const IndexRange& range,
                     bool backward, const Names& outer) {
    auto index = input_.catalog.index(index_oid);
    std::string name = index == nullptr ? std::to_string(index_oid) : index->name;
    NodePtr node = make(op, std::string("Index Scan ") + (backward ? "Backward " : "") + "using " + quote_identifier(name) + " on " + relation_label(relation, alias), "Index Scan");
    node->attributes.push_back({"Scan Direction", backward ? "\"Backward\"" : "\"Forward\""});
    node->attributes.push_back({"Index Name", json_text(name)});
    relation_attributes(*node, relation, alias);
    if (index != nullptr) {
      std::string condition = index_condition(relation, alias, *index, range, outer);
      if (!condition.empty()) property(*node, "Index Cond", condition);
    }
    return node;
  }

  // PostgreSQL's two nodes for what is one here.
  NodePtr inverted_scan(const IndexScan& scan, const std::string& alias) {
    auto index = input_.catalog.index(scan.index);
    std::string name = index == nullptr ? std::to_string(scan.index) : index->name;
    NodePtr node = make(scan, "Bitmap Heap Scan on " + relation_label(*scan.relation, alias), "Bitmap Heap Scan");
    relation_attributes(*node, *scan.relation, alias);
    node->output = column_names(*scan.relation, alias, scan.columns);
    Names names = scan_names(*scan.relation, alias, scan.columns);
    auto part = [&](size_t from, size_t to) {
      ExprList list;
      for (size_t i = from; i < to; ++i) list.push_back(scan.filters[i]->clone());
      return list;
    };
    std::string condition = conjunction(part(0, scan.recheck_count), names);
    property(*node, "Recheck Cond", condition);
    filter(*node, part(scan.recheck_count, scan.filters.size()), names);
    NodePtr below = make(scan, "Bitmap Index Scan on " + quote_identifier(name), "Bitmap Index Scan");
    below->attributes.push_back({"Index Name", json_text(name)});
    below->total_cost = scan.startup_cost;
    below->width = 0;
    below->relationship = "Outer";
    property(*below, "Index Cond", condition);
    node->children.push_back(std::move(below));
    return node;
  }

  // What a foreign table says of where its rows are.
  void foreign_source(ExplainNode& node, const catalog::Relation& table) {
    for (const auto& option : table.foreign_options) {
      for (std::string_view name : {"filename=", "program="}) {
        if (option.starts_with(name)) property(node, name[0] == 'f' ? "Foreign File" : "Foreign Program", option.substr(name.size()));
      }
    }
  }

  NodePtr build_scan(const PhysicalOp& op) {
    switch (op.kind) {
      case PhysicalKind::TableScan: {
        const auto& scan = as<TableScan>(op);
        std::string alias = child_alias_.empty() ? scan.alias : child_alias_;
        const char* kind = scan.relation->is_foreign() ? "Foreign Scan" : "Seq Scan";
        NodePtr node = make(op, std::string(kind) + " on " + relation_label(*scan.relation, alias), kind);
        relation_attributes(*node, *scan.relation, alias);
        node->output = column_names(*scan.relation, alias, scan.columns);
        filter(*node, scan.filters, scan_names(*scan.relation, alias, scan.columns));
        if (scan.relation->is_foreign()) foreign_source(*node, *scan.relation);
        return node;
      }
      case PhysicalKind::IndexScan: {
        const auto& scan = as<IndexScan>(op);
        std::string alias = child_alias_.empty() ? scan.alias : child_alias_;
        if (!scan.inverted.empty()) return inverted_scan(scan, alias);
        NodePtr node = index_scan(op, *scan.relation, alias, scan.index, scan.range, scan.backward, {});
        node->output = column_names(*scan.relation, alias, scan.columns);
        filter(*node, uncovered(scan.filters, scan.covered), scan_names(*scan.relation, alias, scan.columns));
        return node;
      }
      case PhysicalKind::SystemScan: {
        const auto& scan = as<SystemScan>(op);
        std::string name(scan.source->name);
        NodePtr node = make(op, "Seq Scan on " + name + (scan.alias.empty() || scan.alias == name ? "" : " " + quote_identifier(scan.alias)), "Seq Scan");
        node->attributes.push_back({"Relation Name", json_text(name)});
        node->attributes.push_back({"Alias", json_text(scan.alias.empty() ? name : scan.alias)});
        for (int column : scan.columns) {
          node->output.push_back(qualified(scan.alias, column < 0 ? "tableoid" : std::string(scan.source->columns[column].name)));
        }
        filter(*node, scan.filters, node->output);
        return node;
      }
      case PhysicalKind::FunctionScan: return build_function_scan(as<FunctionScan>(op));
      case PhysicalKind::CteScan: {
        const auto& scan = as<CteScan>(op);
        NodePtr node = make(op, "CTE Scan on " + quote_identifier(scan.name), "CTE Scan");
        node->attributes.push_back({"CTE Name", json_text(scan.name)});
        node->attributes.push_back({"Alias", json_text(scan.name)});
        for (const auto& column : op.output) node->output.push_back(qualified(scan.name, column.name));
        filter(*node, scan.filters, node->output);
        return node;
      }
      case PhysicalKind::WorkTableScan: {
        const auto& scan = as<WorkTableScan>(op);
        NodePtr node = make(op, "WorkTable Scan on " + quote_identifier(scan.name), "WorkTable Scan");
        node->attributes.push_back({"CTE Name", json_text(scan.name)});
        for (const auto& column : op.output) node->output.push_back(qualified(scan.name, column.name));
        return node;
      }
      default: break;
    }
    const auto& values = as<ValuesScan>(op);
    if (values.rows.empty()) {
      NodePtr nothing = make(op, "Result", "Result");
      property(*nothing, "One-Time Filter", "false");
      for (const auto& column : op.output) nothing->output.push_back(quote_identifier(column.name));
      return nothing;
    }
    bool one_row = values.rows.size() == 1;
    NodePtr node = one_row ? make(op, "Result", "Result") : make(op, "Values Scan on \"*VALUES*\"", "Values Scan");
    if (!one_row) node->attributes.push_back({"Alias", "\"*VALUES*\""});
    for (size_t i = 0; i < op.output.size(); ++i) {
      node->output.push_back(one_row && i < values.rows[0].size() ? text(*values.rows[0][i], {}) : qualified(one_row ? "" : "*VALUES*", op.output[i].name));
    }
    return node;
  }

  NodePtr build_function_scan(const FunctionScan& scan) {
    std::string name = scan.calls.size() == 1 && scan.calls[0]->function != nullptr ? std::string(scan.calls[0]->function->name) : "";
    std::string alias = scan.alias.empty() || scan.alias == name ? "" : " " + quote_identifier(scan.alias);
    std::string kind = name == "xmltable" ? "Table Function Scan" : "Function Scan";
    NodePtr node = make(scan, kind + " on " + (name.empty() ? quote_identifier(scan.alias) : quote_identifier(name) + alias), kind);
    if (!name.empty()) node->attributes.push_back({"Function Name", json_text(name)});
    node->attributes.push_back({"Alias", json_text(scan.alias.empty() ? name : scan.alias)});
    Names outer;
    NodePtr below;
    if (!scan.children.empty()) {
      below = child(scan, 0);
      outer = below->output;
    }
    node->output = outer;
    for (size_t i = outer.size(); i < scan.output.size(); ++i) node->output.push_back(qualified(scan.alias, scan.output[i].name));
    filter(*node, scan.filters, node->output);
    if (below == nullptr) return node;
    NodePtr join = make(scan, scan.left ? "Nested Loop Left Join" : "Nested Loop", "Nested Loop");
    join->attributes.push_back({"Join Type", scan.left ? "\"Left\"" : "\"Inner\""});
    join->output = node->output;
    node->relationship = "Inner";
    join->children.push_back(std::move(below));
    join->children.push_back(std::move(node));
    return join;
  }

  // ---- Joins ----
  static std::string join_label(const char* method, JoinType type) {
    std::string words = join_words(type);
    if (words == "Inner") return std::string(method) == "Hash" ? "Hash Join" : method;
    return std::string(method) + " " + words + " Join";
  }
  static Names concatenated(const Names& left, const Names& right) {
    Names all = left;
    all.insert(all.end(), right.begin(), right.end());
    return all;
  }
  void join_output(ExplainNode& node, JoinType type, const Names& left, const Names& all, const PhysicalOp& op) {
    if (type == JoinType::Semi || type == JoinType::Anti) node.output = left;
    else if (type == JoinType::Mark) {
      node.output = left;
      node.output.push_back("(hashed SubPlan)");
    } else {
      node.output = all;
    }
    while (node.output.size() < op.output.size()) node.output.push_back(quote_identifier(op.output[node.output.size()].name));
  }

  NodePtr wrapper(const char* label, NodePtr inner) {
    auto node = std::make_unique<ExplainNode>();
    node->label = node->node_type = label;
    node->startup_cost = node->total_cost = inner->total_cost;
    node->rows = inner->rows;
    node->width = inner->width;
    node->counters = inner->counters;
    node->counters.rows_removed = 0;
    node->output = inner->output;
    inner->relationship = "Outer";
    node->relationship = "Inner";
    node->children.push_back(std::move(inner));
    return node;
  }

  NodePtr build_hash_join(const HashJoin& join) {
    NodePtr left = child(join, 0), right = child(join, 1, "Inner");
    NodePtr node = make(join, join_label("Hash", join.type), "Hash Join");
    node->attributes.push_back({"Join Type", json_text(join_words(join.type))});
    std::string condition;
    for (size_t i = 0; i < join.left_keys.size(); ++i) {
      condition += (i > 0 ? " AND " : "") + ("(" + text(*join.left_keys[i], left->output)) + " = " + text(*join.right_keys[i], right->output) + ")";
    }
    property(*node, "Hash Cond", join.left_keys.size() > 1 ? "(" + condition + ")" : condition);
    Names all = concatenated(left->output, right->output);
    filter(*node, join.residual, all, "Join Filter");
    join_output(*node, join.type, left->output, all, join);
    node->children.push_back(std::move(left));
    node->children.push_back(wrapper("Hash", std::move(right)));
    hash_resources(*node->children.back(), node->counters);
    return node;
  }

  NodePtr build_nested_loop(const PhysicalOp& join, JoinType type, const ExprList& conditions, bool materialize) {
    NodePtr left = child(join, 0), right = child(join, 1, "Inner");
    NodePtr node = make(join, join_label("Nested Loop", type), "Nested Loop");
    node->attributes.push_back({"Join Type", json_text(join_words(type))});
    Names all = concatenated(left->output, right->output);
    filter(*node, conditions, all, "Join Filter");
    join_output(*node, type, left->output, all, join);
    node->children.push_back(std::move(left));
    if (materialize) node->children.push_back(wrapper("Materialize", std::move(right)));
    else node->children.push_back(std::move(right));
    return node;
  }

  NodePtr build_index_join(const IndexJoin& join) {
    NodePtr left = child(join, 0);
    NodePtr node = make(join, join_label("Nested Loop", join.type), "Nested Loop");
    node->attributes.push_back({"Join Type", json_text(join_words(join.type))});
    NodePtr inner = index_scan(join, *join.relation, join.alias, join.index, join.range, false, left->output);
    inner->rows = 1;
    inner->startup_cost = 0;
    inner->total_cost = std::max(0.0, join.total_cost - left->total_cost) / std::max(1.0, left->rows);
    inner->relationship = "Inner";
    inner->counters = {};
    inner->counters.rows = node->counters.rows;
    inner->output = column_names(*join.relation, join.alias, join.columns);
    Names all = concatenated(left->output, inner->output);
    filter(*inner, uncovered(join.filters, join.covered), all);
    join_output(*node, join.type, left->output, all, join);
    node->children.push_back(std::move(left));
    node->children.push_back(std::move(inner));
    return node;
  }

  // ---- The rest ----
  NodePtr build_aggregate(const HashAggregate& op) {
    NodePtr below = child(op, 0);
    bool plain = op.groups.empty() && op.sets.empty();
    NodePtr node = make(op, plain ? "Aggregate" : "HashAggregate", "Aggregate");
    node->attributes.push_back({"Strategy", plain ? "\"Plain\"" : "\"Hashed\""});
    node->attributes.push_back({"Partial Mode", "\"Simple\""});
    Names keys;
    for (const auto& group : op.groups) keys.push_back(text(*group, below->output));
    if (op.sets.empty()) {
      if (!keys.empty()) node->properties.push_back({"Group Key", keys, true, false});
    } else {
      for (const auto& set : op.sets) {
        Names some;
        for (uint32_t number : set) some.push_back(keys[number]);
        if (some.empty()) some.push_back("()");
        node->properties.push_back({set.empty() ? "Group Key" : "Hash Key", some, true, false});
      }
    }
    node->output = keys;
    for (const auto& aggregate : op.aggregates) node->output.push_back(text(*aggregate, below->output));
    while (node->output.size() < op.output.size()) node->output.push_back("GROUPING(...)");
    if (!plain) grouping_resources(*node);
    node->children.push_back(std::move(below));
    return node;
  }

  NodePtr build_sorted(const PhysicalOp& op, const std::vector<SortKey>& keys) {
    NodePtr below = child(op, 0);
    NodePtr node = make(op, "Sort", "Sort");
    Names list;
    sort_keys(keys, below->output, &list);
    node->properties.push_back({"Sort Key", list, true, false});
    sort_resources(*node, op.kind == PhysicalKind::TopN);
    node->output = below->output;
    node->children.push_back(std::move(below));
    return node;
  }

  NodePtr pass(const PhysicalOp& op, std::string label, std::string node_type) {
    NodePtr below = child(op, 0);
    NodePtr node = make(op, std::move(label), std::move(node_type));
    node->output = below->output;
    node->children.push_back(std::move(below));
    return node;
  }

  NodePtr build_filter(const PhysicalFilter& op) {
    const PhysicalOp& input = *op.children[0];
    NodePtr below = build(input);
    bool subquery = input.kind == PhysicalKind::Limit || input.kind == PhysicalKind::Sort || input.kind == PhysicalKind::TopN ||
                    input.kind == PhysicalKind::Window || input.kind == PhysicalKind::Append || input.kind == PhysicalKind::SetOp;
    double before = below->counters.rows;
    if (subquery) {
      NodePtr node = make(op, "Subquery Scan", "Subquery Scan");
      node->output = below->output;
      node->counters.rows_removed = std::max(0.0, before - node->counters.rows);
      filter(*node, op.predicates, node->output);
      below->relationship = "Subquery";
      node->children.push_back(std::move(below));
      return node;
    }
    below->rows = std::max(1.0, op.estimated_rows);
    below->total_cost = std::max(below->total_cost, op.total_cost);
    if (input_.options.analyze && input_.counters) {
      auto own = input_.counters(op.id);
      below->counters.rows = own.rows;
      below->counters.blocks_hit = own.blocks_hit;
      below->counters.blocks_read = own.blocks_read;
      below->counters.time_ms = std::max(below->counters.time_ms, own.time_ms);
      below->counters.rows_removed = std::max(0.0, before - own.rows);
    }
    bool constant = input.kind == PhysicalKind::Values && below->node_type == "Result";
    filter(*below, op.predicates, below->output, constant ? "One-Time Filter" : "Filter");
    return below;
  }

  NodePtr build_project(const PhysicalOp& op, const ExprList& exprs) {
    NodePtr below = build(*op.children[0]);
    Names output;
    for (const auto& expr : exprs) output.push_back(text(*expr, below->output));
    if (op.kind == PhysicalKind::ProjectSet) {
      NodePtr node = make(op, "ProjectSet", "ProjectSet");
      below->relationship = "Outer";
      node->output = output;
      node->children.push_back(std::move(below));
      return node;
    }
    // Done by the node below, as PostgreSQL does.
    below->output = std::move(output);
    below->width = op.width;
    return below;
  }

  NodePtr build_write(const PhysicalOp& op) {
    const auto& write = as<PhysicalWrite>(op);
    const char* word = op.kind == PhysicalKind::Insert ? "Insert" : op.kind == PhysicalKind::Update ? "Update" : op.kind == PhysicalKind::Delete ? "Delete" : "Merge";
    NodePtr node = make(op, std::string(word) + " on " + relation_label(*write.relation, ""), "ModifyTable");
    if (write.returning.empty()) {
      node->rows = 0;
      node->width = 0;
    }
    node->attributes.push_back({"Operation", json_text(word)});
    relation_attributes(*node, *write.relation, "");
    if (op.kind == PhysicalKind::Insert && as<PhysicalInsert>(op).conflict != ConflictAction::None) {
      const auto& insert = as<PhysicalInsert>(op);
      property(*node, "Conflict Resolution", insert.conflict == ConflictAction::Nothing ? "NOTHING" : "UPDATE");
      Names indexes;
      for (Oid oid : insert.arbiter_indexes) {
        if (auto index = input_.catalog.index(oid)) indexes.push_back(quote_identifier(index->name));
      }
      if (!indexes.empty()) node->properties.push_back({"Conflict Arbiter Indexes", indexes, true, false});
    }
    for (const auto& column : op.output) node->output.push_back(quote_identifier(column.name));
    if (!op.children.empty()) {
      // PostgreSQL counts a single table below the target as well.
      const PhysicalOp* scan = op.children[0].get();
      while (scan->kind == PhysicalKind::Project || scan->kind == PhysicalKind::Filter) scan = scan->children[0].get();
      if (write.table_oid_column >= 0 && scan->kind == PhysicalKind::TableScan) child_alias_ = as<TableScan>(*scan).alias + "_1";
      if (write.table_oid_column >= 0 && scan->kind == PhysicalKind::IndexScan) child_alias_ = as<IndexScan>(*scan).alias + "_1";
      node->children.push_back(child(op, 0));
      child_alias_.clear();
    }
    if (write.table_oid_column >= 0) show_targets(*node, word);
    return node;
  }

  // The tables below the target, as the scans of them are called.
  void show_targets(ExplainNode& node, const std::string& word) {
    std::vector<std::string> labels;
    std::function<void(const ExplainNode&)> collect = [&](const ExplainNode& at) {
      size_t on = at.label.find(" on ");
      if (at.relationship == "Member" && on != std::string::npos) labels.push_back(at.label.substr(on + 4));
      for (const auto& below : at.children) collect(*below);
    };
    for (const auto& below : node.children) collect(*below);
    if (labels.empty() && !node.children.empty()) {
      const std::string& label = node.children[0]->label;
      size_t on = label.find(" on ");
      if (on != std::string::npos) labels.push_back(label.substr(on + 4));
    }
    for (const auto& label : labels) node.targets.push_back(word + " on " + label);
  }

  NodePtr build_top_n(const TopN& op) {
    NodePtr sort = build_sorted(op, op.keys);
    NodePtr node = wrapper("Limit", std::move(sort));
    node->relationship.clear();
    node->startup_cost = op.startup_cost;
    return node;
  }

  NodePtr build_set_op(const PhysicalSetOp& op) {
    std::string command = op.op == SetOpKind::Except ? "Except" : op.op == SetOpKind::Intersect ? "Intersect" : "Union";
    if (op.all) command += " All";
    NodePtr node = make(op, "HashSetOp " + command, "SetOp");
    node->attributes.push_back({"Strategy", "\"Hashed\""});
    node->attributes.push_back({"Command", json_text(command)});
    for (size_t i = 0; i < op.children.size(); ++i) node->children.push_back(child(op, i, i == 0 ? "Outer" : "Inner"));
    node->output = node->children[0]->output;
    return node;
  }

  NodePtr build_members(const PhysicalOp& op, const char* label, bool members) {
    NodePtr node = make(op, label, label);
    for (size_t i = 0; i < op.children.size(); ++i) {
      node->children.push_back(child(op, i, members ? "Member" : i == 0 ? "Outer" : "Inner"));
    }
    if (!node->children.empty()) node->output = node->children[0]->output;
    return node;
  }

  // The scans of a table's children are called by its alias and a number.
  NodePtr build_append(const Append& op) {
    if (op.alias.empty()) return build_members(op, "Append", true);
    NodePtr node = make(op, op.merge_keys.empty() ? "Append" : "Merge Append", op.merge_keys.empty() ? "Append" : "Merge Append");
    int& number = child_numbers_[op.alias];
    for (size_t i = 0; i < op.children.size(); ++i) {
      child_alias_ = op.alias + "_" + std::to_string(++number);
      auto member = child(op, i, "Member");
      child_alias_.clear();
      bool ran = !input_.options.analyze || member->counters.loops > 0 || op.pruning == nullptr;
      if (ran) node->children.push_back(std::move(member));
    }
    if (!op.children.empty()) {
      std::vector<int> columns;
      for (const auto& column : op.output) node->output.push_back(qualified(op.alias, column.name));
    }
    if (!op.merge_keys.empty()) {
      Names list;
      sort_keys(op.merge_keys, node->output, &list);
      node->properties.insert(node->properties.begin(), {"Sort Key", list, true, false});
    }
    size_t removed = op.children.size() - node->children.size();
    if (removed > 0) property(*node, "Subplans Removed", std::to_string(removed));
    return node;
  }

  NodePtr build(const PhysicalOp& op) {
    NodePtr node = build_kind(op);
    if (input_.options.verbose && op.kind != PhysicalKind::Project) show_output(*node);
    if (input_.options.verbose && op.kind == PhysicalKind::Project) show_output(*node);
    return node;
  }
  void show_output(ExplainNode& node) {
    std::erase_if(node.properties, [](const auto& p) { return p.name == "Output"; });
    if (node.output.empty() || node.node_type == "ModifyTable") return;
    node.properties.insert(node.properties.begin(), {"Output", node.output, true, false});
  }

  NodePtr build_kind(const PhysicalOp& op) {
    switch (op.kind) {
      case PhysicalKind::TableScan:
      case PhysicalKind::IndexScan:
      case PhysicalKind::SystemScan:
      case PhysicalKind::FunctionScan:
      case PhysicalKind::Values:
      case PhysicalKind::CteScan:
      case PhysicalKind::WorkTableScan: return build_scan(op);
      case PhysicalKind::Filter: return build_filter(as<PhysicalFilter>(op));
      case PhysicalKind::Project: return build_project(op, as<PhysicalProject>(op).exprs);
      case PhysicalKind::ProjectSet: return build_project(op, as<ProjectSet>(op).exprs);
      case PhysicalKind::HashJoin: return build_hash_join(as<HashJoin>(op));
      case PhysicalKind::NestedLoop: return build_nested_loop(op, as<NestedLoop>(op).type, as<NestedLoop>(op).conditions, true);
      case PhysicalKind::Apply: return build_nested_loop(op, as<Apply>(op).type, as<Apply>(op).conditions, false);
      case PhysicalKind::IndexJoin: return build_index_join(as<IndexJoin>(op));
      case PhysicalKind::HashAggregate: return build_aggregate(as<HashAggregate>(op));
      case PhysicalKind::Window: {
        NodePtr node = pass(op, "WindowAgg", "WindowAgg");
        Names below = node->output;
        for (const auto& call : as<PhysicalWindow>(op).calls) node->output.push_back(text(*call, below));
        return node;
      }
      case PhysicalKind::Sort: return build_sorted(op, as<PhysicalSort>(op).keys);
      case PhysicalKind::TopN: return build_top_n(as<TopN>(op));
      case PhysicalKind::Limit: return pass(op, "Limit", "Limit");
      case PhysicalKind::DistinctOn: return pass(op, "Unique", "Unique");
      case PhysicalKind::SetOp: return build_set_op(as<PhysicalSetOp>(op));
      case PhysicalKind::Append: return build_append(as<Append>(op));
      case PhysicalKind::RecursiveUnion: return build_members(op, "Recursive Union", false);
      case PhysicalKind::Materialize: return pass(op, "Materialize", "Materialize");
      case PhysicalKind::LockRows: return pass(op, "LockRows", "LockRows");
      case PhysicalKind::Insert:
      case PhysicalKind::Update:
      case PhysicalKind::Delete:
      case PhysicalKind::Merge: return build_write(op);
    }
    return make(op, "Result", "Result");
  }

  const ExplainInput& input_;
  bool prefix_ = false;
  std::string child_alias_;                    // of the scan being shown, below an Append
  std::map<std::string, int> child_numbers_;   // by alias
};

}  // namespace

std::unique_ptr<ExplainNode> build_explain_tree(const ExplainInput& input) { return TreeBuilder(input).run(); }

}  // namespace aegis::plan
