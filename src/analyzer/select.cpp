// SELECT: target lists, ORDER BY, DISTINCT, LIMIT, locking (analyze.c, parse_target.c, parse_clause.c).
#include <algorithm>
#include <utility>

#include "aegis/base/error.h"
#include "collation_keys.h"
#include "query_analyzer.h"
#include "query_recorder.h"

namespace aegis::analyzer {

using ast::node_cast;
using plan::LogicalPtr;

namespace {

// How good a name is: 0 none, 1 a type's, 2 a column's or function's.
int figure_name(const ast::Node& node, std::string& name) {
  switch (node.tag) {
    case ast::NodeTag::ColumnRef: {
      auto& ref = static_cast<const ast::ColumnRef&>(node);
      if (ref.fields.empty() || ref.star) return 0;
      name = ref.fields.back();
      return 2;
    }
    case ast::NodeTag::AIndirection: {
      auto& indirection = static_cast<const ast::AIndirection&>(node);
      for (size_t i = indirection.indirection.size(); i-- > 0;) {
        if (auto* field = node_cast<ast::String>(indirection.indirection[i])) {
          name = field->sval;
          return 2;
        }
      }
      return figure_name(*indirection.arg, name);
    }
    case ast::NodeTag::FuncCall: name = static_cast<const ast::FuncCall&>(node).funcname.back(); return 2;
    case ast::NodeTag::AExpr:
      if (static_cast<const ast::AExpr&>(node).kind != ast::AExprKind::NullIf) return 0;
      name = "nullif";
      return 2;
    case ast::NodeTag::TypeCast: {
      auto& cast = static_cast<const ast::TypeCast&>(node);
      int strength = figure_name(*cast.arg, name);
      if (strength > 1) return strength;
      name = cast.type_name->names.back();
      return 1;
    }
    case ast::NodeTag::CollateClause: return figure_name(*static_cast<const ast::CollateClause&>(node).arg, name);
    case ast::NodeTag::XmlSerialize: name = "xmlserialize"; return 2;
    case ast::NodeTag::XmlExpr:
      switch (static_cast<const ast::XmlExpr&>(node).op) {
        case ast::XmlExprOp::Concat: name = "xmlconcat"; return 2;
        case ast::XmlExprOp::Element: name = "xmlelement"; return 2;
        case ast::XmlExprOp::Forest: name = "xmlforest"; return 2;
        case ast::XmlExprOp::Parse: name = "xmlparse"; return 2;
        case ast::XmlExprOp::Pi: name = "xmlpi"; return 2;
        case ast::XmlExprOp::Root: name = "xmlroot"; return 2;
        case ast::XmlExprOp::Serialize: name = "xmlserialize"; return 2;
        case ast::XmlExprOp::Document: return 0;
      }
      return 0;
    case ast::NodeTag::GroupingFunc: name = "grouping"; return 2;
    case ast::NodeTag::SubLink: {
      auto& link = static_cast<const ast::SubLink&>(node);
      if (link.sub_link_type == ast::SubLinkType::Exists) {
        name = "exists";
        return 2;
      }
      if (link.sub_link_type == ast::SubLinkType::Array) {
        name = "array";
        return 2;
      }
      if (link.sub_link_type != ast::SubLinkType::Expr) return 0;
      auto* select = node_cast<ast::SelectStmt>(link.subselect);
      while (select != nullptr && select->larg != nullptr) select = select->larg;
      if (select == nullptr || select->target_list.empty()) return 0;
      const auto* target = select->target_list[0];
      if (!target->name.empty()) {
        name = target->name;
        return 2;
      }
      return figure_name(*target->val, name);
    }
    case ast::NodeTag::CaseExpr: {
      auto& expr = static_cast<const ast::CaseExpr&>(node);
      int strength = expr.defresult != nullptr ? figure_name(*expr.defresult, name) : 0;
      if (strength > 1) return strength;
      name = "case";
      return 1;
    }
    case ast::NodeTag::AArrayExpr: name = "array"; return 2;
    case ast::NodeTag::RowExpr: name = "row"; return 2;
    case ast::NodeTag::CoalesceExpr: name = "coalesce"; return 2;
    case ast::NodeTag::MinMaxExpr:
      name = static_cast<const ast::MinMaxExpr&>(node).op == ast::MinMaxOp::Greatest ? "greatest" : "least";
      return 2;
    case ast::NodeTag::SQLValueFunction: {
      static constexpr const char* kNames[] = {"current_date", "current_time", "current_time", "current_timestamp", "current_timestamp",
                                               "localtime", "localtime", "localtimestamp", "localtimestamp", "current_role",
                                               "current_user", "user", "session_user", "current_catalog", "current_schema"};
      name = kNames[static_cast<size_t>(static_cast<const ast::SQLValueFunction&>(node).op)];
      return 2;
    }
    default: return 0;
  }
}

}  // namespace

std::string QueryAnalyzer::figure_column_name(const ast::Node& node) {
  std::string name;
  return figure_name(node, name) > 0 ? name : "?column?";
}

namespace {

const char* lock_name(ast::LockClauseStrength strength) {
  switch (strength) {
    case ast::LockClauseStrength::None: return "FOR some";
    case ast::LockClauseStrength::ForKeyShare: return "FOR KEY SHARE";
    case ast::LockClauseStrength::ForShare: return "FOR SHARE";
    case ast::LockClauseStrength::ForNoKeyUpdate: return "FOR NO KEY UPDATE";
    case ast::LockClauseStrength::ForUpdate: return "FOR UPDATE";
  }
  return "";
}

}  // namespace

BoundSelect QueryAnalyzer::bind_query(const ast::Node& query, Scope* parent, bool keep_unknown) {
  Scope scope;
  scope.parent = parent;
  auto windows = std::move(named_windows_);
  named_windows_.clear();
  BoundSelect result = query.tag == ast::NodeTag::SelectStmt ? bind_select(static_cast<const ast::SelectStmt&>(query), scope, keep_unknown)
                                                             : bind_writer(query, scope);
  named_windows_ = std::move(windows);
  result.correlated = std::move(scope.correlated);
  return result;
}

BoundSelect QueryAnalyzer::bind_select(const ast::SelectStmt& select, Scope& scope, bool keep_unknown) {
  std::unique_ptr<plan::With> with;
  if (select.into_clause != nullptr) {  // statements that may have it were given without
    throw SqlError(Sqlstate::SyntaxError, "SELECT ... INTO is not allowed here").position(position(select.into_clause->rel->location));
  }
  auto from_outside = std::exchange(locks_inside_, {});  // not for what WITH has
  if (select.with_clause != nullptr) {
    with = std::make_unique<plan::With>();
    bind_ctes(*select.with_clause, scope, *with);
  }
  BoundSelect result;
  if (!from_outside.empty() && select.op != ast::SetOperation::None) {
    throw SqlError(Sqlstate::FeatureNotSupported, std::string(lock_name(from_outside[0].strength)) + " is not allowed with UNION/INTERSECT/EXCEPT");
  }
  if (select.op == ast::SetOperation::None && select.values_lists.empty()) locks_inside_ = std::move(from_outside);
  if (select.op != ast::SetOperation::None) {
    result = bind_set_operation(select, scope);
  } else if (!select.values_lists.empty()) {
    result = bind_values(select, scope);
  } else {
    result = bind_simple_select(select, scope, keep_unknown);
  }
  if (with != nullptr) attach_with(std::move(with), result);
  return result;
}

void QueryAnalyzer::expand_star(const ast::ColumnRef& ref, Scope& scope, std::vector<TargetColumn>& out) {
  auto add = [&](const RangeColumn& column, Scope& owner) {
    TargetColumn target;
    target.expr = use_column(column, scope, owner, ref.location);
    target.name = column.name;
    target.table_oid = column.table_oid;
    target.attribute_number = column.attribute_number;
    out.push_back(std::move(target));
  };
  if (ref.fields.empty()) {
    bool any = false;
    for (size_t i = 0; i < scope.items.size(); ++i) {
      if (!scope.items[i].columns_visible) continue;
      any = true;
      const auto& columns = scope.items[i].columns;
      for (size_t k = 0; k < columns.size() && k < scope.items[i].star_columns; ++k) add(columns[k], scope);
    }
    if (!any) throw SqlError(Sqlstate::SyntaxError, "SELECT * with no tables specified is not valid").position(position(ref.location));
    return;
  }
  Scope* owner = nullptr;
  std::string_view schema = ref.fields.size() >= 2 ? ref.fields[ref.fields.size() - 2] : std::string_view();
  const RangeItem* item = find_item(schema, ref.fields.back(), scope, &owner, ref.location);
  if (item == nullptr && context_.variables != nullptr) {
    std::vector<std::string_view> names(ref.fields.begin(), ref.fields.end());
    std::vector<std::pair<std::string, VariableScope::Variable>> fields;
    if (context_.variables->expand(names, fields)) {
      for (auto& [name, variable] : fields) {
        TargetColumn target;
        target.expr = make_variable(variable, ref.location);
        target.name = name;
        out.push_back(std::move(target));
      }
      return;
    }
  }
  if (item == nullptr) {
    throw SqlError(Sqlstate::UndefinedTable, "missing FROM-clause entry for table \"" + std::string(ref.fields.back()) + "\"").position(position(ref.location));
  }
  for (size_t k = 0; k < item->columns.size() && k < item->star_columns; ++k) add(item->columns[k], *owner);
}

void QueryAnalyzer::bind_target_list(ast::List<ast::ResTarget> targets, Scope& scope, Clause clause, std::vector<TargetColumn>& out) {
  for (auto* target : targets) {
    if (auto* ref = node_cast<ast::ColumnRef>(target->val); ref != nullptr && ref->star) {
      expand_star(*ref, scope, out);
      continue;
    }
    // (expression).*
    if (auto* indirection = node_cast<ast::AIndirection>(target->val);
        indirection != nullptr && ast::is_node<ast::AStar>(indirection->indirection.back())) {
      ast::AIndirection base = *indirection;
      base.indirection = indirection->indirection.first(indirection->indirection.size() - 1);
      ExprPtr row = base.indirection.empty() ? bind(*indirection->arg, scope, clause) : bind(base, scope, clause);
      strip_nullable_row(row);
      if (row->kind == ExprKind::Row) {
        auto definition = row->type.oid == oid::kRecord ? nullptr : catalog::type_definition(context_.catalog, row->type.oid);
        for (size_t i = 0; i < row->args.size(); ++i) {
          if (definition != nullptr && i < definition->fields.size()) {
            if (!definition->fields[i].dropped) out.push_back({std::move(row->args[i]), definition->fields[i].name});
            continue;
          }
          std::string name = row->args[i]->name.empty() ? "f" + std::to_string(i + 1) : row->args[i]->name;
          out.push_back({std::move(row->args[i]), std::move(name)});
        }
        continue;
      }
      if (Oid type = types::base_type(row->type.oid); type_category(type) == 'C') {
        auto definition = catalog::type_definition(context_.catalog, type);
        for (size_t i = 0; definition != nullptr && i < definition->fields.size(); ++i) {
          const auto& field = definition->fields[i];
          if (field.dropped) continue;
          // Bound anew for each field, since not everything can be copied.
          ExprPtr whole = row != nullptr ? std::move(row)
                          : base.indirection.empty() ? bind(*indirection->arg, scope, clause) : bind(base, scope, clause);
          out.push_back({make_field(std::move(whole), i, field, indirection->location), field.name});
        }
        if (definition != nullptr) continue;
      }
      if (auto known = row->kind == ExprKind::Column ? records_.find(row->binding) : records_.end(); known != records_.end()) {
        for (size_t i = 0; i < known->second.size(); ++i) {
          const auto& [name, type] = known->second[i];
          out.push_back({make_field(row->clone(), i, {name, type, false}, indirection->location), name});
        }
        continue;
      }
      if (row->kind == ExprKind::Call && !row->function->out_types.empty()) {
        for (size_t i = 0; i < row->function->out_types.size(); ++i) {
          auto field = std::make_unique<Expr>(ExprKind::Field, Type{output_type(*row, i)});
          field->index = static_cast<uint32_t>(i);
          field->args.push_back(row->clone());
          field->collation = type_collation(field->type.oid);
          out.push_back({std::move(field), std::string(row->function->out_names[i])});
        }
        continue;
      }
      throw_not_supported("row expansion of this expression", position(indirection->location));
    }
    TargetColumn column;
    column.expr = bind(*target->val, scope, clause);
    column.name = ast::is_given(target->name) && !target->name.empty() ? std::string(target->name) : figure_column_name(*target->val);
    if (column.expr->kind == ExprKind::Column) {
      for (Scope* at = &scope; at != nullptr && column.table_oid == kInvalidOid; at = at->parent) {
        for (const auto& item : at->items) {
          for (const auto& candidate : item.columns) {
            if (candidate.merged == nullptr && candidate.binding == column.expr->binding) {
              column.table_oid = candidate.table_oid;
              column.attribute_number = candidate.attribute_number;
            }
          }
        }
      }
    }
    out.push_back(std::move(column));
  }
}

std::vector<QueryAnalyzer::ValueItem> QueryAnalyzer::expand_values(ast::NodeList nodes, Scope& scope, Clause clause) {
  std::vector<ValueItem> items;
  for (auto* node : nodes) {
    auto* ref = node_cast<ast::ColumnRef>(node);
    auto* indirection = node_cast<ast::AIndirection>(node);
    bool star = (ref != nullptr && ref->star) || (indirection != nullptr && ast::is_node<ast::AStar>(indirection->indirection.back()));
    if (!star) {
      items.push_back({node, nullptr});
      continue;
    }
    ast::ResTarget target;
    target.location = node->location;
    target.val = node;
    ast::ResTarget* one = &target;
    std::vector<TargetColumn> columns;
    bind_target_list(ast::List<ast::ResTarget>(&one, 1), scope, clause, columns);
    for (auto& column : columns) items.push_back({node, std::move(column.expr)});
  }
  return items;
}

size_t QueryAnalyzer::find_order_target(const ast::Node& node, std::vector<TargetColumn>& targets, size_t visible, Scope& scope, Clause clause) {
  const char* place = clause == Clause::OrderBy ? "ORDER BY" : clause == Clause::DistinctOn ? "DISTINCT ON" : "GROUP BY";
  if (auto* ref = node_cast<ast::ColumnRef>(&node); ref != nullptr && ref->fields.size() == 1 && !ref->star) {
    size_t found = targets.size();
    // GROUP BY takes a column of FROM before an output name.
    bool is_input = false;
    if (clause == Clause::GroupBy) {
      for (const auto& item : scope.items) {
        if (!item.columns_visible) continue;
        for (const auto& column : item.columns) is_input = is_input || column.name == ref->fields[0];
      }
    }
    for (size_t i = 0; i < visible && !is_input; ++i) {
      if (targets[i].name != ref->fields[0]) continue;
      if (found < targets.size() && !plan::equal(*targets[found].expr, *targets[i].expr)) {
        throw SqlError(Sqlstate::AmbiguousColumn, std::string(place) + " \"" + std::string(ref->fields[0]) + "\" is ambiguous").position(position(node.location));
      }
      if (found == targets.size()) found = i;
    }
    if (found < targets.size()) return found;
  }
  if (auto* constant = node_cast<ast::AConst>(&node)) {
    if (constant->kind != ast::ConstKind::Integer) {
      throw SqlError(Sqlstate::SyntaxError, std::string("non-integer constant in ") + place).position(position(node.location));
    }
    if (constant->ival < 1 || static_cast<size_t>(constant->ival) > visible) {
      throw SqlError(Sqlstate::InvalidColumnReference, std::string(place) + " position " + std::to_string(constant->ival) + " is not in select list")
          .position(position(node.location));
    }
    return constant->ival - 1;
  }
  ExprPtr expr = bind(node, scope, clause);
  resolve_unknown(expr);
  for (size_t i = 0; i < targets.size(); ++i) {
    if (plan::equal(*targets[i].expr, *expr)) return i;
  }
  TargetColumn hidden;
  hidden.expr = std::move(expr);
  hidden.name = figure_column_name(node);
  targets.push_back(std::move(hidden));
  return targets.size() - 1;
}

plan::SortKey QueryAnalyzer::sort_key(const ast::SortBy& sort, ExprPtr expr) {
  check_sortable(expr->type, expr->location);
  plan::SortKey key;
  switch (sort.sortby_dir) {
    case ast::SortByDir::Default:
    case ast::SortByDir::Asc: break;
    case ast::SortByDir::Desc: key.descending = true; break;
    case ast::SortByDir::Using: {
      std::string_view name = sort.use_op.back();
      bool by_bytes = (name == "~<~" || name == "~>~") && type_collation(expr->type.oid) != kInvalidOid;
      if (by_bytes) expr->collation = types::kCCollation;  // text_pattern_ops
      if (name == ">" || (by_bytes && name == "~>~")) {
        key.descending = true;
      } else if (by_bytes) {
        break;
      } else if (name != "<") {
        throw SqlError(Sqlstate::WrongObjectType, "operator " + std::string(name) + " is not a valid ordering operator")
            .hint("Ordering operators must be \"<\" or \">\" members of btree operator families.")
            .position(position(sort.location));
      }
      break;
    }
  }
  key.nulls_first = sort.sortby_nulls == ast::SortByNulls::Default ? key.descending : sort.sortby_nulls == ast::SortByNulls::First;
  key.expr = std::move(expr);
  return key;
}

LogicalPtr QueryAnalyzer::apply_limit(const ast::SelectStmt& select, Scope& scope, LogicalPtr op, std::vector<plan::SortKey> ties) {
  if (select.limit_count == nullptr && select.limit_offset == nullptr) return op;
  auto limit = std::make_unique<plan::Limit>();
  auto number = [&](const ast::Node* node, Clause clause, const char* construct) -> ExprPtr {
    if (node == nullptr) return nullptr;
    Scope outside;
    outside.parent = scope.parent;
    ExprPtr expr;
    try {
      expr = bind(*node, outside, clause);
      if (recorder_ != nullptr) (clause == Clause::Limit ? recorder_->query(select).limit : recorder_->query(select).offset) = recorder_->text(*expr);
    } catch (SqlError& error) {
      if (error.fields().sqlstate != Sqlstate::UndefinedColumn) throw;
      throw SqlError(Sqlstate::InvalidColumnReference, std::string("argument of ") + construct + " must not contain variables")
          .position(error.fields().position);
    }
    for (const auto& binding : outside.correlated) scope.correlated.push_back(binding);
    int location = expr->location;
    Type from = expr->type;
    expr = coercion_.coerce(std::move(expr), {oid::kInt8}, CastContext::Assignment, position(location));
    if (expr == nullptr) {
      throw SqlError(Sqlstate::DatatypeMismatch, std::string("argument of ") + construct + " must be type bigint, not type " + types::format_type({from.oid}))
          .position(position(location));
    }
    return expr;
  };
  limit->count = number(select.limit_count, Clause::Limit, "LIMIT");
  limit->offset = number(select.limit_offset, Clause::Offset, "OFFSET");
  if (select.limit_option == ast::LimitOption::WithTies) {
    if (ties.empty()) throw SqlError(Sqlstate::SyntaxError, "WITH TIES cannot be specified without ORDER BY clause");
    limit->with_ties = true;
    limit->tie_keys = std::move(ties);
  }
  limit->children.push_back(std::move(op));
  return limit;
}

namespace {

plan::RowLockMode lock_mode(ast::LockClauseStrength strength) {
  switch (strength) {
    case ast::LockClauseStrength::ForKeyShare: return plan::RowLockMode::KeyShare;
    case ast::LockClauseStrength::ForShare: return plan::RowLockMode::Share;
    case ast::LockClauseStrength::ForNoKeyUpdate: return plan::RowLockMode::NoKeyUpdate;
    case ast::LockClauseStrength::None:
    case ast::LockClauseStrength::ForUpdate: break;
  }
  return plan::RowLockMode::Update;
}

}  // namespace

std::vector<QueryAnalyzer::AskedLock> QueryAnalyzer::locks_for(std::string_view alias) const {
  std::vector<AskedLock> asked;
  if (locking_all_ != nullptr) asked = *locking_all_;
  if (locking_ == nullptr) return asked;
  for (auto* clause : locking_->locking_clause) {
    bool named = clause->locked_rels.empty();
    for (auto* relation : clause->locked_rels) named = named || relation->relname == alias;
    if (named) asked.push_back({clause->strength, clause->wait_policy});
  }
  return asked;
}

// Adds the locked tables' RowIds to the targets, as hidden columns, and says which they are. Views and subqueries have
// been asked to lock their own tables.
std::vector<plan::LockRows::Target> QueryAnalyzer::bind_locking(const ast::SelectStmt& select, const std::vector<AskedLock>& from_outside, Scope& scope,
                                                                std::vector<TargetColumn>& targets) {
  std::vector<plan::LockRows::Target> locks;
  auto check = [&](ast::LockClauseStrength strength) {
    auto reject = [&](const char* what) { throw SqlError(Sqlstate::FeatureNotSupported, std::string(lock_name(strength)) + " is not allowed with " + what); };
    if (select.distinct) reject("DISTINCT clause");
    if (!select.group_clause.empty()) reject("GROUP BY clause");
    if (select.having_clause != nullptr) reject("HAVING clause");
    if (scope.has_aggregates) reject("aggregate functions");
    if (scope.has_windows) reject("window functions");
  };
  auto need = [&](Oid relation) {
    add_lock(relation, 2);
    plan::BoundQuery::Permission permission{relation, check_as_};
    permission.any_letters = "w";
    permissions_.push_back(std::move(permission));
  };
  auto lock_item = [&](RangeItem& item, const AskedLock& asked) {
    if (item.view_of != kInvalidOid) need(item.view_of);
    if (item.get == nullptr) return;
    if (item.relation != nullptr && item.relation->relkind == 'm') {
      throw SqlError(Sqlstate::WrongObjectType, "cannot lock rows in materialized view \"" + item.relation->name + "\"");
    }
    plan::RowLockMode mode = lock_mode(asked.strength);
    plan::LockWait wait = asked.wait == ast::LockWaitPolicy::Skip    ? plan::LockWait::Skip
                          : asked.wait == ast::LockWaitPolicy::Error ? plan::LockWait::NoWait
                                                                     : plan::LockWait::Block;
    for (auto& lock : locks) {
      if (lock.row_id.table != item.table) continue;
      lock.mode = std::max(lock.mode, mode);
      lock.wait = std::max(lock.wait, wait);
      return;
    }
    plan::ColumnBinding row_id{item.table, static_cast<uint32_t>(item.get->columns.size())};
    item.get->columns.push_back(plan::kRowIdColumn);
    item.get->column_infos.push_back({"ctid", {oid::kInt8}});
    locks.push_back({item.relation, row_id, mode, wait, table_oid_of(*item.get)});
    need(item.relation->oid);
    targets.push_back({plan::make_column(row_id, {oid::kInt8}, "ctid"), "ctid"});
  };
  for (auto* clause : select.locking_clause) {
    check(clause->strength);
    AskedLock asked{clause->strength, clause->wait_policy};
    if (clause->locked_rels.empty()) {
      for (auto& item : scope.items) lock_item(item, asked);
      continue;
    }
    for (auto* relation : clause->locked_rels) {
      bool found = false;
      for (auto& item : scope.items) {
        if (item.alias != relation->relname) continue;
        found = true;
        if (item.unlockable != nullptr) {
          throw SqlError(Sqlstate::WrongObjectType, std::string(lock_name(clause->strength)) + " cannot be applied to " + item.unlockable).position(position(relation->location));
        }
        lock_item(item, asked);
      }
      if (!found) {
        throw SqlError(Sqlstate::UndefinedTable, "relation \"" + std::string(relation->relname) + "\" in " + lock_name(clause->strength) + " clause not found in FROM clause")
            .position(position(relation->location));
      }
    }
  }
  for (const auto& asked : from_outside) {
    check(asked.strength);
    for (auto& item : scope.items) lock_item(item, asked);
  }
  return locks;
}

BoundSelect QueryAnalyzer::bind_simple_select(const ast::SelectStmt& select, Scope& scope, bool keep_unknown) {
  for (auto* window : select.window_clause) {
    if (named_windows_.count(window->name) != 0) {
      throw SqlError(Sqlstate::WindowingError, "window \"" + std::string(window->name) + "\" is already defined").position(position(window->location));
    }
    named_windows_[std::string(window->name)] = window;
  }
  auto from_outside = std::exchange(locks_inside_, {});
  LogicalPtr op;
  {
    struct Restore {
      QueryAnalyzer& self;
      const ast::SelectStmt* locking;
      const std::vector<AskedLock>* all;
      ~Restore() {
        self.locking_ = locking;
        self.locking_all_ = all;
      }
    } restore{*this, std::exchange(locking_, &select), std::exchange(locking_all_, &from_outside)};
    op = bind_from(select.from_clause, scope);
  }
  std::vector<TargetColumn> targets;
  bind_target_list(select.target_list, scope, Clause::SelectTarget, targets);
  size_t written = targets.size();
  if (search_cycle_ != nullptr) add_work_columns(select, *op, targets);
  size_t visible = targets.size();
  if (!keep_unknown || select.distinct || !select.group_clause.empty()) {
    for (auto& target : targets) resolve_unknown(target.expr);
  }
  if (select.where_clause != nullptr) {
    auto filter = std::make_unique<plan::Filter>();
    filter->predicates = bind_conjuncts(select.where_clause, scope, Clause::Where, "WHERE");
    if (recorder_ != nullptr) recorder_->query(select).where = recorder_->conjunction(filter->predicates);
    filter->children.push_back(std::move(op));
    op = std::move(filter);
  }
  ExprPtr having = select.having_clause != nullptr ? bind_boolean(*select.having_clause, scope, Clause::Having, "HAVING") : nullptr;

  struct Order {
    const ast::SortBy* sort;
    size_t target;
  };
  std::vector<Order> order;
  for (auto* sort : select.sort_clause) {
    size_t target = find_order_target(*sort->node, targets, visible, scope, Clause::OrderBy);
    resolve_unknown(targets[target].expr);
    if (select.distinct && select.distinct_clause.empty() && target >= visible) {
      throw SqlError(Sqlstate::InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
          .position(position(targets[target].expr->location));
    }
    order.push_back({sort, target});
  }
  std::vector<size_t> distinct_on;
  for (auto* node : select.distinct_clause) {
    size_t target = find_order_target(*node, targets, visible, scope, Clause::DistinctOn);
    resolve_unknown(targets[target].expr);
    if (std::find(distinct_on.begin(), distinct_on.end(), target) == distinct_on.end()) distinct_on.push_back(target);
  }

  if (recorder_ != nullptr) {
    auto& record = recorder_->query(select);
    record.targets.clear();
    for (size_t i = 0; i < written; ++i) record.targets.push_back({recorder_->text(*targets[i].expr), targets[i].name});
    if (having != nullptr) record.having = recorder_->text(*having);
    for (const auto& entry : order) record.order.push_back(recorder_->text(*targets[entry.target].expr));
    for (size_t target : distinct_on) record.distinct_on.push_back(recorder_->text(*targets[target].expr));
    for (auto* window : select.window_clause) {
      bool copies = !window->refname.empty();
      record.windows.push_back(recorder_->window_text(*bind_window_def(*window, scope), copies ? std::string(window->refname) : std::string()));
    }
  }
  if (scope.has_aggregates && scope.reads_work_table) {
    throw SqlError(Sqlstate::InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term")
        .position(position(scope.aggregate_location));
  }
  op = bind_grouping(select, scope, std::move(op), targets, visible, having);
  if (scope.has_windows) op = bind_windows(scope, std::move(op), targets);
  auto locks = bind_locking(select, from_outside, scope, targets);

  auto project = std::make_unique<plan::Project>();
  uint32_t table = project->table = new_table();
  if (recorder_ != nullptr) recorder_->query(select).table = table;
  BoundSelect result;
  for (size_t i = 0; i < targets.size(); ++i) {
    auto& target = targets[i];
    if (i < visible) result.columns.push_back({target.name, target.expr->type, target.table_oid, target.attribute_number, {table, static_cast<uint32_t>(i)},
                                              type_collation(target.expr->type.oid) == kInvalidOid ? kInvalidOid : target.expr->collation, target.expr->location, target.expr->explicit_collation});
    note_record({table, static_cast<uint32_t>(i)}, *target.expr);
    project->names.push_back(target.name);
    project->exprs.push_back(std::move(target.expr));
  }
  auto output = [&](size_t i) {
    ExprPtr column = plan::make_column({table, static_cast<uint32_t>(i)}, project->exprs[i]->type, project->names[i]);
    column->collation = project->exprs[i]->collation;
    column->location = project->exprs[i]->location;
    return column;
  };
  std::vector<plan::SortKey> keys;
  std::vector<plan::SortKey> ties;
  for (const auto& entry : order) {
    require_collation(*project->exprs[entry.target]);
    keys.push_back(sort_key(*entry.sort, output(entry.target)));
    ties.push_back(sort_key(*entry.sort, output(entry.target)));
  }
  ExprList on_keys;
  if (!distinct_on.empty()) {
    std::vector<bool> used(distinct_on.size(), false);
    size_t matched = 0;
    for (const auto& entry : order) {
      auto at = std::find(distinct_on.begin(), distinct_on.end(), entry.target);
      if (at == distinct_on.end()) break;
      if (!used[at - distinct_on.begin()]) ++matched;
      used[at - distinct_on.begin()] = true;
    }
    if (matched < distinct_on.size() && order.size() > matched) {
      throw SqlError(Sqlstate::InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
          .position(position(project->exprs[distinct_on[0]]->location));
    }
    for (size_t i = 0; i < distinct_on.size(); ++i) {
      on_keys.push_back(output(distinct_on[i]));
      equality_function(on_keys.back()->type, on_keys.back()->location);
      require_deterministic(*on_keys.back(), "DISTINCT ON");
      if (used[i]) continue;
      plan::SortKey key;
      key.expr = output(distinct_on[i]);
      keys.push_back(std::move(key));
    }
  }
  bool distinct_all = select.distinct && select.distinct_clause.empty(), by_keys = false;
  if (distinct_all) {
    for (size_t i = 0; i < visible; ++i) {
      equality_function(project->exprs[i]->type, project->exprs[i]->location);
      require_collation(*project->exprs[i]);
      by_keys = needs_collation_key(*project->exprs[i]) || by_keys;
    }
  }
  if (by_keys) project->table = new_table();
  project->children.push_back(std::move(op));
  op = std::move(project);
  auto wrap = [&](auto node) {
    node->children.push_back(std::move(op));
    op = std::move(node);
  };
  if (by_keys) {
    std::vector<plan::ColumnInfo> columns;
    const auto& projected = static_cast<const plan::Project&>(*op);
    for (size_t i = 0; i < projected.exprs.size(); ++i) columns.push_back({projected.names[i], projected.exprs[i]->type, projected.exprs[i]->collation});
    uint32_t below = projected.table;
    op = distinct_by_collation_keys(std::move(op), columns, below, table, [&] { return new_table(); });
  } else if (distinct_all) {
    wrap(std::make_unique<plan::Distinct>());
  }
  if (!keys.empty()) {
    auto sort = std::make_unique<plan::Sort>();
    sort->keys = std::move(keys);
    wrap(std::move(sort));
  }
  if (!on_keys.empty()) {
    auto distinct = std::make_unique<plan::Distinct>();
    distinct->keys = std::move(on_keys);
    wrap(std::move(distinct));
  }
  if (!locks.empty()) {
    auto lock = std::make_unique<plan::LockRows>();
    size_t first = targets.size() - locks.size();
    for (size_t i = 0; i < locks.size(); ++i) locks[i].row_id = {table, static_cast<uint32_t>(first + i)};
    lock->targets = std::move(locks);
    wrap(std::move(lock));
  }
  result.op = apply_limit(select, scope, std::move(op), std::move(ties));
  return result;
}

BoundSelect QueryAnalyzer::bind_values(const ast::SelectStmt& select, Scope& scope) {
  size_t width = 0;
  std::vector<ExprList> columns;
  for (auto* row : select.values_lists) {
    std::vector<ValueItem> items = expand_values(row->items, scope, Clause::Values);
    if (row == select.values_lists[0]) {
      width = items.size();
      columns.resize(width);
    }
    if (items.size() != width) {
      throw SqlError(Sqlstate::SyntaxError, "VALUES lists must all be the same length").position(position(row->items.empty() ? row->location : row->items[0]->location));
    }
    for (size_t i = 0; i < width; ++i) {
      if (ast::is_node<ast::SetToDefault>(items[i].node)) {
        throw SqlError(Sqlstate::SyntaxError, "DEFAULT is not allowed in this context").position(position(items[i].node->location));
      }
      columns[i].push_back(items[i].expr != nullptr ? std::move(items[i].expr) : bind(*items[i].node, scope, Clause::Values));
    }
  }
  auto values = std::make_unique<plan::Values>();
  values->table = new_table();
  values->rows.resize(select.values_lists.size());
  std::vector<TargetColumn> targets;
  BoundSelect result;
  for (size_t i = 0; i < width; ++i) {
    size_t conflict = 0;
    Oid common = coercion_.common_type(columns[i], &conflict);
    if (common == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "VALUES types " + types::format_type({columns[i][0]->type.oid}) + " and " +
                                                     types::format_type({columns[i][conflict]->type.oid}) + " cannot be matched")
          .position(position(columns[i][conflict]->location));
    }
    int32_t typmod = Coercion::common_typmod(columns[i], common);
    for (size_t row = 0; row < columns[i].size(); ++row) {
      values->rows[row].push_back(coerce_or_throw(std::move(columns[i][row]), {common}, CastContext::Implicit, "VALUES"));
      if (recorder_ != nullptr) {
        auto& rows = recorder_->query(select).rows;
        rows.resize(select.values_lists.size());
        rows[row].push_back(recorder_->text(*values->rows[row].back()));
      }
    }
    std::string name = "column" + std::to_string(i + 1);
    Type type{common, typmod};
    Expr merged(ExprKind::Coalesce, type);
    std::vector<const Expr*> entries;
    for (const auto& row : values->rows) entries.push_back(row[i].get());
    derive_collation(merged, entries);
    values->columns.push_back({name, type, merged.collation});
    plan::ColumnBinding binding{values->table, static_cast<uint32_t>(i)};
    result.columns.push_back({name, type, kInvalidOid, 0, binding, merged.collation});
    targets.push_back({plan::make_column(binding, type, name), name});
    targets.back().expr->collation = merged.collation;
  }
  result.op = std::move(values);
  return order_by_output(select, scope, std::move(result));
}

// ORDER BY and LIMIT of VALUES and set operations: by output names and positions only.
BoundSelect QueryAnalyzer::order_by_output(const ast::SelectStmt& select, Scope& scope, BoundSelect result) {
  std::vector<plan::SortKey> keys;
  std::vector<plan::SortKey> ties;
  for (auto* sort : select.sort_clause) {
    std::vector<TargetColumn> targets;
    Scope names;
    names.parent = nullptr;
    for (const auto& column : result.columns) {
      TargetColumn target;
      target.expr = plan::make_column(column.binding, column.type, column.name);
      target.expr->collation = column.collation;
      target.name = column.name;
      targets.push_back(std::move(target));
    }
    size_t visible = targets.size();
    size_t found = visible;
    try {
      found = find_order_target(*sort->node, targets, visible, names, Clause::OrderBy);
    } catch (SqlError& error) {
      if (error.fields().sqlstate != Sqlstate::UndefinedColumn || select.op == ast::SetOperation::None) throw;
      if (ast::is_node<ast::ColumnRef>(sort->node)) throw;
    }
    if (found >= visible) {
      throw SqlError(Sqlstate::FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
          .detail("Only result column names can be used, not expressions or functions.")
          .hint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
          .position(position(sort->node->location));
    }
    if (recorder_ != nullptr) {
      recorder_->query(select).order.push_back({std::to_string(found + 1), QueryRecorder::Text::Kind::Constant, {}, true});
    }
    ties.push_back(sort_key(*sort, targets[found].expr->clone()));
    keys.push_back(sort_key(*sort, std::move(targets[found].expr)));
  }
  if (!keys.empty()) {
    auto op = std::make_unique<plan::Sort>();
    op->keys = std::move(keys);
    op->children.push_back(std::move(result.op));
    result.op = std::move(op);
  }
  if (!select.locking_clause.empty()) {
    throw SqlError(Sqlstate::FeatureNotSupported, std::string(lock_name(select.locking_clause[0]->strength)) + " is not allowed with UNION/INTERSECT/EXCEPT");
  }
  result.op = apply_limit(select, scope, std::move(result.op), std::move(ties));
  return result;
}

}  // namespace aegis::analyzer
