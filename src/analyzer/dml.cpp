// INSERT, UPDATE, DELETE and MERGE (analyze.c, parse_target.c, parse_merge.c).
#include <algorithm>
#include <set>

#include "aegis/base/error.h"
#include "aegis/functions/user_types.h"
#include "aegis/parser/ast_ddl.h"
#include "aegis/parser/parser.h"
#include "aegis/plan/walk.h"
#include "insertable.h"
#include "query_analyzer.h"
#include "query_recorder.h"
#include "write_target.h"

namespace aegis::analyzer {

using ast::node_cast;

namespace {

ExprPtr take_argument(ExprPtr call, size_t i) {
  ExprPtr arg = std::move(call->args[i]);
  return arg;
}

ExprPtr typed_null(Type type) { return plan::make_constant({type.oid, -1}, types::Value::null()); }

}  // namespace

namespace {

// `current` again, for the other places it is needed in.
ExprPtr again(const ExprPtr& current) { return current->clone(); }

}  // namespace

ExprPtr QueryAnalyzer::assign_part(ExprPtr current, Type type, ast::NodeList path, size_t at, ExprPtr value, Scope& scope, const std::string& column,
                                   int location) {
  if (at == path.size()) {
    Type source = value->type;
    ExprPtr result = coercion_.coerce(std::move(value), type, CastContext::Assignment, position(location));
    if (result != nullptr) return result;
    bool is_field = ast::is_node<ast::String>(path[at - 1]);
    throw SqlError(Sqlstate::DatatypeMismatch, is_field ? "subfield \"" + std::string(static_cast<const ast::String*>(path[at - 1])->sval) + "\" is of type " +
                                                              types::format_type({type.oid}, context_.types.names) + " but expression is of type " +
                                                              types::format_type({source.oid}, context_.types.names)
                                                        : "subscripted assignment to \"" + column + "\" requires type " +
                                                              types::format_type({type.oid}, context_.types.names) + " but expression is of type " +
                                                              types::format_type({source.oid}, context_.types.names))
        .hint("You will need to rewrite or cast the expression.")
        .position(position(location));
  }
  Type base = types::base_type(type);
  ExprPtr made;
  if (base.oid != type.oid) current = coerce_or_throw(std::move(current), {base.oid, -1}, CastContext::Implicit, "assignment");
  if (auto* field = node_cast<ast::String>(path[at])) {
    auto definition = type_category(base.oid) == 'C' ? catalog::type_definition(context_.catalog, base.oid) : nullptr;
    if (definition == nullptr) {
      throw SqlError(Sqlstate::DatatypeMismatch, "cannot assign to field \"" + std::string(field->sval) + "\" of column \"" + column +
                                                     "\" because its type " + types::format_type({type.oid}, context_.types.names) + " is not a composite type")
          .position(position(location));
    }
    size_t index = 0;
    while (index < definition->fields.size() && (definition->fields[index].dropped || definition->fields[index].name != field->sval)) ++index;
    if (index == definition->fields.size()) {
      throw SqlError(Sqlstate::UndefinedColumn, "cannot assign to field \"" + std::string(field->sval) + "\" of column \"" + column +
                                                    "\" because there is no such column in data type " + types::format_type({type.oid}, context_.types.names))
          .position(position(location));
    }
    const auto& target = definition->fields[index];
    ExprPtr part = at + 1 < path.size() ? make_field(again(current), index, target, location) : nullptr;
    ExprPtr inner = assign_part(std::move(part), target.type, path, at + 1, std::move(value), scope, column, location);
    ExprList args;
    args.push_back(std::move(current));
    args.push_back(std::move(inner));
    args.push_back(plan::make_constant({oid::kInt4}, types::Value::of_i32(static_cast<int32_t>(index))));
    made = plan::make_call(functions::record_assign_function(), {base.oid, -1}, std::move(args));
  } else {
    made = assign_subscripts(std::move(current), base, path, at, std::move(value), scope, column, location);
  }
  made->location = location;
  return base.oid == type.oid ? std::move(made) : coerce_or_throw(std::move(made), {type.oid, -1}, CastContext::Implicit, "assignment");
}

ExprPtr QueryAnalyzer::assign_subscripts(ExprPtr current, Type type, ast::NodeList path, size_t at, ExprPtr value, Scope& scope,
                                         const std::string& column, int location) {
  std::vector<const ast::AIndices*> subscripts;
  bool slice = false;
  for (; at < path.size(); ++at) {
    auto* indices = node_cast<ast::AIndices>(path[at]);
    if (indices == nullptr) break;
    slice = slice || indices->is_slice;
    subscripts.push_back(indices);
  }
  if (type.oid == oid::kJsonb) {
    if (slice) throw SqlError(Sqlstate::FeatureNotSupported, "jsonb subscript does not support slices").position(position(location));
    ExprList args;
    args.push_back(std::move(current));
    args.push_back(assign_part(nullptr, {oid::kJsonb}, path, at, std::move(value), scope, column, location));
    for (const auto* subscript : subscripts) args.push_back(jsonb_subscript(*subscript->uidx, scope, Clause::UpdateSource));
    return plan::make_call(functions::jsonb_assign_function(), {oid::kJsonb}, std::move(args));
  }
  Oid element = functions::fixed_array_element(type.oid);
  if (element == kInvalidOid) {
    element = element_type(type.oid);
  } else if (slice) {
    throw SqlError(Sqlstate::FeatureNotSupported, "slices of fixed-length arrays not implemented");
  }
  if (element == kInvalidOid || subscripts.empty()) {
    throw SqlError(Sqlstate::DatatypeMismatch, "cannot subscript type " + types::format_type({type.oid}, context_.types.names) +
                                                   " because it does not support subscripting")
        .position(position(location));
  }
  auto bound = [&](const ast::Node* node) -> ExprPtr {
    if (node == nullptr) return plan::make_constant({oid::kInt4}, types::Value::of_i32(1));
    ExprPtr index = bind(*node, scope, Clause::UpdateSource);
    int where = index->location;
    index = coercion_.coerce(std::move(index), {oid::kInt4}, CastContext::Assignment, position(where));
    if (index == nullptr) throw SqlError(Sqlstate::DatatypeMismatch, "array subscript must have type integer").position(position(where));
    return index;
  };
  uint32_t given = slice ? 1u << 30 : 0;
  ExprList bounds;
  for (size_t d = 0; d < subscripts.size(); ++d) {
    const auto& subscript = *subscripts[d];
    // A plain subscript among slices is 1:n.
    bool has_lower = subscript.lidx != nullptr || (slice && !subscript.is_slice);
    if (has_lower) given |= 1u << (2 * d);
    if (subscript.uidx != nullptr) given |= 2u << (2 * d);
    bounds.push_back(bound(subscript.lidx));
    bounds.push_back(bound(subscript.uidx));
  }
  ExprPtr part;
  if (at < path.size() && !slice) {
    part = std::make_unique<Expr>(ExprKind::Subscript, Type{element, -1});
    part->index = static_cast<uint32_t>(subscripts.size());
    part->args.push_back(again(current));
    for (size_t d = 0; d < subscripts.size(); ++d) part->args.push_back(again(bounds[2 * d + 1]));
  }
  Type target{slice ? type.oid : element, type.typmod};
  ExprList args;
  args.push_back(std::move(current));
  args.push_back(assign_part(std::move(part), target, path, at, std::move(value), scope, column, location));
  args.push_back(plan::make_constant({oid::kInt4}, types::Value::of_i32(static_cast<int32_t>(given))));
  for (auto& index : bounds) args.push_back(std::move(index));
  return plan::make_call(functions::array_assign_function(), {type.oid, -1}, std::move(args));
}

ExprPtr QueryAnalyzer::assign(ExprPtr value, const catalog::Relation& relation, int column, int location) {
  const auto& target = relation.columns[column];
  Type source = value->type;
  if (location < 0) location = value->location;
  if (plan::returns_set(*value) && value->kind != ExprKind::Call) {
    throw SqlError(Sqlstate::FeatureNotSupported, "set-returning functions are not allowed here").position(position(location));
  }
  ExprPtr result = coercion_.coerce(std::move(value), target.type, CastContext::Assignment, position(location));
  if (result != nullptr) return result;
  throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + target.name + "\" is of type " + types::format_type({target.type.oid}) +
                                                 " but expression is of type " + types::format_type({source.oid}))
      .hint("You will need to rewrite or cast the expression.")
      .position(position(location));
}

// An expression from the catalog over the columns (table, i).
ExprPtr QueryAnalyzer::stored_expression(std::string_view sql, const catalog::Relation& relation, Type target, Clause clause, uint32_t table) {
  AnalyzerContext context{context_.catalog, context_.database, context_.search_path, context_.role, context_.types, sql, context_.temp_schema};
  QueryAnalyzer inner(context, nullptr);
  auto parsed = parser::parse_expression(sql);
  ExprPtr expr = inner.definition(*parsed.expression, &relation, target, clause);
  plan::rewrite(expr, [&](ExprPtr& part) {
    if (part->kind != ExprKind::Input) return;
    ExprPtr column = plan::make_column({table, part->index}, part->type, part->name);
    column->collation = part->collation;
    part = std::move(column);
  });
  return expr;
}

ExprPtr QueryAnalyzer::default_of(const catalog::Relation& relation, int number) {
  const auto& column = relation.columns[number];
  if (column.dropped) return typed_null({column.type.oid});
  if (column.identity != 0) {
    ExprList args;
    args.push_back(plan::make_constant({oid::kRegclass}, types::Value::of_oid(column.identity_sequence)));
    return assign(plan::make_call(functions::identity_value_function(), {oid::kInt8}, std::move(args)), relation, number, -1);
  }
  std::string_view sql = column.default_sql;
  // A domain's default is that of columns without one of their own.
  auto domain = context_.catalog.user_type(column.type.oid);
  if (sql.empty() && domain != nullptr && domain->typtype == 'b' && !domain->default_sql.empty()) {
    // A base type's default is a value's text.
    auto text = plan::make_constant({oid::kUnknown}, types::Value::of_string(domain->default_sql));
    return assign(std::move(text), relation, number, -1);
  }
  for (auto at = domain; sql.empty() && at != nullptr && at->typtype == 'd'; at = context_.catalog.user_type(at->base.oid)) sql = at->default_sql;
  if (column.generated != 0) return typed_null(column.type);
  if (sql.empty() && domain != nullptr && domain->typtype == 'd') return assign(typed_null({oid::kUnknown}), relation, number, -1);
  if (sql.empty()) return typed_null(column.type);
  AnalyzerContext context{context_.catalog, context_.database, context_.search_path, context_.role, context_.types, sql, context_.temp_schema};
  QueryAnalyzer inner(context, nullptr);
  auto parsed = parser::parse_expression(sql);
  return inner.definition(*parsed.expression, nullptr, column.type, Clause::Default);
}

void QueryAnalyzer::add_checks(plan::Write& write) {
  for (const auto& constraint : write.relation->constraints) {
    if (constraint.kind != 'c') continue;
    write.checks.push_back({constraint.name, stored_expression(constraint.check_sql, *write.relation, {oid::kBool}, Clause::Check, write.table)});
  }
}

// The table's columns given, in their order; -1 for a view's column that can't be assigned, which is refused when it gets a value.
std::vector<int> QueryAnalyzer::insert_columns(ast::List<ast::ResTarget> cols, const WriteTarget& target) {
  const catalog::Relation& relation = *target.relation;
  std::vector<int> columns;
  if (cols.empty() && target.view != nullptr && !target.instead) {
    for (const auto& column : target.view_columns) columns.push_back(column.column);
    return columns;
  }
  if (cols.empty()) {
    for (size_t i = 0; i < relation.columns.size(); ++i) {
      if (!relation.columns[i].dropped) columns.push_back(static_cast<int>(i));
    }
    return columns;
  }
  for (auto* given : cols) {
    int column = target_column(target, given->name, given->location);
    bool repeated = std::find(columns.begin(), columns.end(), column) != columns.end();
    if (repeated) {
      // Several parts of one column may be given.
      for (size_t i = 0; i < columns.size(); ++i) repeated = repeated && (columns[i] != column || (!cols[i]->indirection.empty() && !given->indirection.empty()));
      repeated = !repeated;
    }
    if (repeated) {
      throw SqlError(Sqlstate::DuplicateColumn, "column \"" + std::string(given->name) + "\" specified more than once").position(position(given->location));
    }
    columns.push_back(column);
  }
  return columns;
}

void check_insertable(const catalog::Column& column, ast::OverridingKind overriding) {
  if (column.generated != 0) {
    throw SqlError(Sqlstate::GeneratedAlways, "cannot insert a non-DEFAULT value into column \"" + column.name + "\"")
        .detail("Column \"" + column.name + "\" is a generated column.");
  }
  if (column.identity == 'a' && overriding != ast::OverridingKind::SystemValue) {
    throw SqlError(Sqlstate::GeneratedAlways, "cannot insert a non-DEFAULT value into column \"" + column.name + "\"")
        .detail("Column \"" + column.name + "\" is an identity column defined as GENERATED ALWAYS.")
        .hint("Use OVERRIDING SYSTEM VALUE to override.");
  }
}

// What is given for target i of an INSERT; for a part of a column, coerced to nothing yet: merge_parts() does that.
ExprPtr QueryAnalyzer::assign_given(const ast::InsertStmt& insert, size_t i, ExprPtr expr, const catalog::Relation& relation, int column, Scope& scope,
                                    int location) {
  if (insert.cols.empty() || insert.cols[i]->indirection.empty()) return assign(std::move(expr), relation, column, location);
  if (expr->type.oid != oid::kUnknown) return expr;
  // A literal takes the part's type: it is read by an assignment to a null, whose new part is kept.
  const auto& definition = relation.columns[column];
  ExprPtr made = assign_part(typed_null({definition.type.oid}), definition.type, insert.cols[i]->indirection, 0, std::move(expr), scope, definition.name, location);
  while (true) {
    while (made->kind == ExprKind::Call && made->args.size() == 1) made = take_argument(std::move(made), 0);
    bool assigns = made->kind == ExprKind::Call && (made->function == &functions::array_assign_function() ||
                                                    made->function == &functions::record_assign_function() ||
                                                    made->function == &functions::jsonb_assign_function());
    if (!assigns) return made;
    made = take_argument(std::move(made), 1);
  }
}

// Brings the parts given for one column together: the first place has the column, the others go.
void QueryAnalyzer::merge_parts(const ast::InsertStmt& insert, const catalog::Relation& relation, std::vector<int>& columns, ExprList& provided, Scope& scope) {
  if (insert.cols.empty()) return;
  std::vector<int> kept;
  ExprList values;
  for (size_t i = 0; i < provided.size(); ++i) {
    const auto& definition = relation.columns[columns[i]];
    auto path = insert.cols[i]->indirection;
    if (path.empty()) {
      kept.push_back(columns[i]);
      values.push_back(std::move(provided[i]));
      continue;
    }
    auto earlier = std::find(kept.begin(), kept.end(), columns[i]);
    ExprPtr current = earlier == kept.end() ? typed_null({definition.type.oid}) : std::move(values[earlier - kept.begin()]);
    int location = insert.cols[i]->location;
    ExprPtr made = assign_part(std::move(current), definition.type, path, 0, std::move(provided[i]), scope, definition.name, location);
    if (earlier != kept.end()) {
      values[earlier - kept.begin()] = std::move(made);
    } else {
      kept.push_back(columns[i]);
      values.push_back(std::move(made));
    }
  }
  columns.resize(kept.size());
  std::copy(kept.begin(), kept.end(), columns.begin());
  provided = std::move(values);
}

// The rows to insert; `provided` gets one expression over them for each of the first columns.
LogicalPtr QueryAnalyzer::bind_insert_source(const ast::InsertStmt& insert, const WriteTarget& target, std::span<const int> columns,
                                             Scope& scope, ExprList& provided) {
  const catalog::Relation& relation = *target.named;
  auto check_assignable = [&](size_t i) {
    if (columns[i] < 0) throw_unassignable(target, target.view_columns[i]);
    if (target.view == nullptr || std::find(columns.begin(), columns.begin() + static_cast<ptrdiff_t>(i), columns[i]) == columns.begin() + static_cast<ptrdiff_t>(i)) return;
    // Two columns of a view may be one of the table.
    throw SqlError(Sqlstate::SyntaxError, "multiple assignments to same column \"" + target.relation->columns[columns[i]].name + "\"");
  };
  auto too_many = [&](size_t given, int location) {
    if (given > columns.size()) {
      throw SqlError(Sqlstate::SyntaxError, "INSERT has more expressions than target columns").position(position(location));
    }
    if (given < columns.size() && !insert.cols.empty()) {
      throw SqlError(Sqlstate::SyntaxError, "INSERT has more target columns than expressions").position(position(insert.cols[given]->location));
    }
  };
  // OVERRIDING USER VALUE: identity columns take their sequence's values whatever was given.
  auto ignores = [&](int column) {
    return insert.override == ast::OverridingKind::UserValue && relation.columns[column].identity != 0;
  };
  auto* select = node_cast<ast::SelectStmt>(insert.select_stmt);
  bool plain_values = select != nullptr && !select->values_lists.empty() && select->sort_clause.empty() && select->limit_count == nullptr &&
                      select->limit_offset == nullptr && select->with_clause == nullptr;
  if (insert.select_stmt == nullptr) {
    auto values = std::make_unique<plan::Values>();
    values->table = new_table();
    values->rows.emplace_back();
    return values;
  }
  if (plain_values) {
    auto values = std::make_unique<plan::Values>();
    values->table = new_table();
    size_t width = 0;
    for (auto* row : select->values_lists) {
      std::vector<ValueItem> items = expand_values(row->items, scope, Clause::Values);
      if (row == select->values_lists[0]) width = items.size();
      for (size_t i = 0; i < std::min(width, columns.size()) && row == select->values_lists[0]; ++i) check_assignable(i);
      if (items.size() != width) {
        throw SqlError(Sqlstate::SyntaxError, "VALUES lists must all be the same length").position(position(row->items.empty() ? row->location : row->items[0]->location));
      }
      too_many(width, items.size() > columns.size() ? items[columns.size()].node->location : row->location);
      ExprList exprs;
      for (size_t i = 0; i < width; ++i) {
        const auto& column = relation.columns[columns[i]];
        if (ast::is_node<ast::SetToDefault>(items[i].node)) {
          exprs.push_back(default_of(relation, columns[i]));
          continue;
        }
        if (ignores(columns[i])) {
          exprs.push_back(default_of(relation, columns[i]));
          continue;
        }
        check_insertable(column, insert.override);
        ExprPtr expr = items[i].expr != nullptr ? std::move(items[i].expr) : bind(*items[i].node, scope, Clause::Values);
        int location = expr->location;
        exprs.push_back(assign_given(insert, i, std::move(expr), relation, columns[i], scope, location));
      }
      if (recorder_ != nullptr) {
        std::vector<QueryRecorder::Text> texts;
        for (size_t i = 0; i < exprs.size(); ++i) {
          bool is_default = ast::is_node<ast::SetToDefault>(items[i].node);
          texts.push_back(is_default ? QueryRecorder::Text{"DEFAULT", QueryRecorder::Text::Kind::Other, {}, true} : recorder_->text(*exprs[i]));
        }
        if (select->values_lists.size() == 1) recorder_->query(insert).values = texts;
        recorder_->query(*select).rows.push_back(std::move(texts));
      }
      values->rows.push_back(std::move(exprs));
    }
    for (size_t i = 0; i < width; ++i) {
      const auto& column = relation.columns[columns[i]];
      Type type = values->rows.empty() || i >= values->rows[0].size() || insert.cols.empty() || insert.cols[i]->indirection.empty()
                      ? column.type : values->rows[0][i]->type;
      values->columns.push_back({column.name, type, column.collation});
      provided.push_back(plan::make_column({values->table, static_cast<uint32_t>(i)}, type, column.name));
    }
    return values;
  }
  BoundSelect source = bind_query(*insert.select_stmt, &scope, true);
  too_many(source.columns.size(), insert.select_stmt->location);
  for (size_t i = 0; i < source.columns.size(); ++i) {
    check_assignable(i);
    const auto& column = relation.columns[columns[i]];
    if (ignores(columns[i])) {
      provided.push_back(default_of(relation, columns[i]));
      continue;
    }
    check_insertable(column, insert.override);
    if (source.columns[i].type.oid == oid::kUnknown) {
      coerce_column(source, i, column.type, CastContext::Assignment, "INSERT", provided);
    } else {
      ExprPtr expr = plan::make_column(source.columns[i].binding, source.columns[i].type, source.columns[i].name);
      expr->collation = type_collation(expr->type.oid);
      // PostgreSQL points at the SELECT's expression.
      provided.push_back(assign_given(insert, i, std::move(expr), relation, columns[i], scope, insert.select_stmt->location));
    }
  }
  return std::move(source.op);
}

// One expression a table column: what is provided, defaults for the rest.
ExprList QueryAnalyzer::full_row(const catalog::Relation& relation, std::span<const int> columns, ExprList provided) {
  ExprList row(relation.columns.size());
  for (size_t i = 0; i < provided.size(); ++i) row[columns[i]] = std::move(provided[i]);
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i] == nullptr) row[i] = default_of(relation, static_cast<int>(i));
  }
  return row;
}

LogicalPtr QueryAnalyzer::add_generated(const catalog::Relation& relation, std::unique_ptr<plan::Project> row) {
  bool any = std::any_of(relation.columns.begin(), relation.columns.end(), [](const auto& c) { return c.generated != 0 && !c.dropped; });
  if (!any) return row;
  auto outer = std::make_unique<plan::Project>();
  outer->table = new_table();
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const auto& column = relation.columns[i];
    outer->names.push_back(column.name);
    if (column.generated != 0 && !column.dropped) {
      outer->exprs.push_back(stored_expression(column.default_sql, relation, column.type, Clause::Generated, row->table));
    } else {
      outer->exprs.push_back(plan::make_column({row->table, static_cast<uint32_t>(i)}, row->exprs[i]->type, column.name));
    }
  }
  outer->children.push_back(std::move(row));
  return outer;
}

void QueryAnalyzer::bind_returning(ast::List<ast::ResTarget> list, Scope& scope, plan::Write& write, BoundSelect& returning) {
  if (list.empty()) return;
  for (auto& item : scope.items) {
    if (item.table == write.table && item.get == nullptr) item.table_oid_at = static_cast<int>(write.relation->columns.size());
  }
  std::vector<TargetColumn> targets;
  bind_target_list(list, scope, Clause::Returning, targets);
  write.returning_table = new_table();
  for (size_t i = 0; i < targets.size(); ++i) {
    resolve_unknown(targets[i].expr);
    plan::walk(*targets[i].expr, [&](const Expr& part) {
      if (part.subquery == nullptr) return true;
      const auto& correlated = part.subquery->correlated;
      bool of_row = std::any_of(correlated.begin(), correlated.end(), [&](const auto& binding) { return binding.table == write.table; });
      if (of_row || part.subquery->comparison != nullptr) throw_not_supported("a subquery over the written row in RETURNING", position(part.location));
      return true;
    });
    returning.columns.push_back({targets[i].name, targets[i].expr->type, targets[i].table_oid, targets[i].attribute_number,
                                 {write.returning_table, static_cast<uint32_t>(i)}});
    write.returning_names.push_back(targets[i].name);
    write.returning.push_back(std::move(targets[i].expr));
  }
}

namespace {

void split_conjuncts(ExprPtr expr, ExprList& out) {
  if (expr->kind != ExprKind::And) {
    out.push_back(std::move(expr));
    return;
  }
  for (auto& arg : expr->args) split_conjuncts(std::move(arg), out);
}

bool contains(const ExprList& list, const Expr& wanted) {
  return std::any_of(list.begin(), list.end(), [&](const ExprPtr& expr) { return plan::equal(*expr, wanted); });
}

}  // namespace

// As infer_arbiter_indexes: the columns and expressions named are just the index's, and its predicate follows from the clause's.
bool QueryAnalyzer::serves_inference(const catalog::Index& index, const catalog::Relation& relation, const std::vector<int>& columns,
                                     const ExprList& expressions, const std::vector<Oid>& collations, const ExprList& where) {
  std::vector<int> keys;
  ExprList key_expressions;
  std::vector<Oid> key_collations;
  for (const auto& key : index.columns) {
    if (key.column >= 0) {
      keys.push_back(key.column);
      continue;
    }
    key_expressions.push_back(analyze_definition_sql(context_, key.sql, &relation, {}, DefinitionKind::Check));
    key_collations.push_back(key.collation);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys != columns) return false;
  for (size_t i = 0; i < expressions.size(); ++i) {
    bool found = false;
    for (size_t k = 0; k < key_expressions.size(); ++k) {
      found = found || (plan::equal(*key_expressions[k], *expressions[i]) && (collations[i] == kInvalidOid || collations[i] == key_collations[k]));
    }
    if (!found) return false;
  }
  for (const auto& expr : key_expressions) {
    if (!contains(expressions, *expr)) return false;
  }
  if (index.predicate_sql.empty()) return true;
  ExprList predicate;
  split_conjuncts(analyze_definition_sql(context_, index.predicate_sql, &relation, {oid::kBool}, DefinitionKind::Check), predicate);
  return std::all_of(predicate.begin(), predicate.end(), [&](const ExprPtr& part) { return contains(where, *part); });
}

std::vector<Oid> QueryAnalyzer::infer_arbiters(const ast::InferClause& infer, const WriteTarget& target) {
  const catalog::Relation& relation = *target.relation;
  std::vector<Oid> found;
  if (ast::is_given(infer.conname) && !infer.conname.empty()) {
    for (const auto& constraint : relation.constraints) {
      if (constraint.name != infer.conname) continue;
      if (constraint.index == kInvalidOid) {
        throw SqlError(Sqlstate::WrongObjectType, "constraint in ON CONFLICT clause has no associated index").position(position(infer.location));
      }
      return {constraint.index};
    }
    throw SqlError(Sqlstate::UndefinedObject, "constraint \"" + std::string(infer.conname) + "\" for table \"" + relation.name + "\" does not exist")
        .position(position(infer.location));
  }
  std::vector<int> columns;
  ExprList expressions;
  ExprList where;
  std::vector<Oid> collations;  // that the expressions must have in the index; 0: any
  auto collation_of = [&](const ast::IndexElem& element) -> Oid {
    if (element.collation.empty()) return kInvalidOid;
    auto name = element.collation.back();
    return name == "C" ? catalog::kCCollation : name == "POSIX" ? Oid{951} : catalog::kDefaultCollation;
  };
  auto over_target = [&](const ast::Node& node, Type type) {
    if (target.named != target.relation) throw_not_supported("ON CONFLICT with an expression over a view", position(node.location));
    return definition(node, &relation, type, Clause::Check);
  };
  for (auto* element : infer.index_elems) {
    if (!element->opclass.empty()) throw_not_supported("ON CONFLICT with an operator class", position(element->location));
    if (element->expr != nullptr) {
      expressions.push_back(over_target(*element->expr, {}));
      collations.push_back(collation_of(*element));
      continue;
    }
    if (!element->collation.empty()) throw_not_supported("ON CONFLICT with a column's collation", position(element->location));
    int column = target.named->find_column(element->name);
    if (column < 0) {
      throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(element->name) + "\" does not exist").position(position(element->location));
    }
    columns.push_back(column);
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  if (infer.where_clause != nullptr && target.named == target.relation) split_conjuncts(over_target(*infer.where_clause, {oid::kBool}), where);
  for (const auto& index : context_.catalog.indexes_of(relation)) {
    if (index->unique && index->valid && serves_inference(*index, relation, columns, expressions, collations, where)) found.push_back(index->oid);
  }
  if (found.empty()) {
    throw SqlError(Sqlstate::InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification");
  }
  return found;
}

void QueryAnalyzer::bind_on_conflict(const ast::OnConflictClause& clause, Scope& outer, plan::Insert& insert, WriteTarget& target,
                                     const std::string& alias) {
  insert.conflict = clause.action == ast::OnConflictAction::Update ? plan::ConflictAction::Update : plan::ConflictAction::Nothing;
  if (clause.infer != nullptr) insert.arbiter_indexes = infer_arbiters(*clause.infer, target);
  if (clause.action != ast::OnConflictAction::Update) return;
  if (clause.infer == nullptr) {
    throw SqlError(Sqlstate::SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name")
        .hint("For example, ON CONFLICT (column_name).")
        .position(position(clause.location));
  }
  for (Oid arbiter : insert.arbiter_indexes) {
    auto index = context_.catalog.index(arbiter);
    if (index == nullptr || index->exclusion.empty()) continue;
    throw SqlError(Sqlstate::WrongObjectType, "ON CONFLICT DO UPDATE not supported with exclusion constraints");
  }
  insert.excluded_table = new_table();
  Scope scope;
  scope.parent = outer.parent;
  scope.ctes = outer.ctes;
  scope.items.push_back(target_row(target, alias, insert.table));
  target.base = row_item(*insert.relation, alias, insert.table);
  RangeItem excluded = target_row(target, "excluded", insert.excluded_table);
  excluded.columns_visible = false;
  scope.items.push_back(std::move(excluded));
  bind_set_list(clause.target_list, scope, target, insert.set_columns, insert.set_exprs);
  size_t noted = permissions_.size();
  note_written(target, insert.set_columns, 'w', insert.table);
  for (size_t i = noted; i < permissions_.size(); ++i) permissions_[i].tables.push_back(insert.excluded_table);
  recompute_generated(*insert.relation, insert.set_columns, insert.set_exprs, [&](int column) {
    return plan::make_column({insert.table, static_cast<uint32_t>(column)}, insert.relation->columns[column].type);
  });
  if (clause.where_clause != nullptr) insert.conflict_where = bind_boolean(*clause.where_clause, scope, Clause::Where, "WHERE");
  auto reject = [&](const Expr& expr) {
    plan::walk(expr, [&](const Expr& part) {
      if (part.subquery == nullptr || part.subquery->correlated.empty()) return true;
      throw_not_supported("a correlated subquery in ON CONFLICT DO UPDATE", position(part.location));
    });
  };
  for (const auto& expr : insert.set_exprs) reject(*expr);
  if (insert.conflict_where != nullptr) reject(*insert.conflict_where);
}

LogicalPtr QueryAnalyzer::bind_insert(const ast::InsertStmt& insert, Scope& scope, BoundSelect& returning) {
  if (auto named = context_.catalog.relation(find_relation(context_, *insert.relation, true))) refuse_rules(*named, '3');
  WriteTarget target = find_target(*insert.relation, "INSERT");
  auto op = std::make_unique<plan::Insert>();
  op->relation = target.relation;
  op->table = new_table();
  std::vector<int> columns = insert_columns(insert.cols, target);
  ExprList provided;
  LogicalPtr source = bind_insert_source(insert, target, columns, scope, provided);
  note_written(target, {columns.begin(), columns.begin() + static_cast<ptrdiff_t>(std::min(columns.size(), insert.cols.empty() ? columns.size() : provided.size()))}, 'a', op->table);
  if (recorder_ != nullptr) {
    for (size_t i = 0; i < provided.size() && i < columns.size(); ++i) recorder_->query(insert).columns.push_back(target.named->columns[columns[i]].name);
  }
  merge_parts(insert, *target.named, columns, provided, scope);
  auto row = std::make_unique<plan::Project>();
  row->table = new_table();
  row->exprs = full_row(*target.named, columns, std::move(provided));
  for (const auto& column : target.relation->columns) row->names.push_back(column.name);
  row->children.push_back(std::move(source));
  std::string alias = insert.relation->alias != nullptr ? std::string(insert.relation->alias->aliasname) : std::string(target.name());
  if (target.instead) {
    op->instead_event = catalog::kTriggerInsert;
    op->children.push_back(std::move(row));
    if (insert.on_conflict_clause != nullptr) {
      throw SqlError(Sqlstate::FeatureNotSupported, "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules");
    }
  } else {
    op->children.push_back(add_generated(*target.relation, std::move(row)));
    add_checks(*op);
    add_view_checks(target, *op);
    if (target.relation->row_security) {
      Oid self = std::exchange(check_as_, base_role(target));
      const auto* conflict = insert.on_conflict_clause;
      // Looking for a conflict by an index is reading.
      bool reads = !insert.returning_list.empty() || (conflict != nullptr && conflict->infer != nullptr);
      bool updates = conflict != nullptr && conflict->action == ast::OnConflictAction::Update;
      add_policy_checks(target, reads ? "ra" : "a", updates ? plan::CheckOf::NewOnInsert : plan::CheckOf::Always, *op);
      if (updates) {
        add_policy_checks(target, "wr", plan::CheckOf::OldOnUpdate, *op);
        add_policy_checks(target, "wr", plan::CheckOf::NewOnUpdate, *op);
      }
      check_as_ = self;
    }
  }
  if (insert.on_conflict_clause != nullptr) bind_on_conflict(*insert.on_conflict_clause, scope, *op, target, alias);
  scope.items.clear();
  scope.items.push_back(target_row(target, alias, op->table));
  record_target(*insert.relation, scope.items[0]);
  bind_returning(insert.returning_list, scope, *op, returning);
  record_returning(insert, *op);
  return op;
}

// The target's column as it is.
ExprPtr QueryAnalyzer::base_column(const WriteTarget& target, int column) {
  for (const auto& candidate : target.base.columns) {
    if (candidate.attribute_number == column + 1) return plan::make_column(candidate.binding, candidate.type, candidate.name);
  }
  return typed_null(target.relation->columns[column].type);
}

void QueryAnalyzer::bind_set_list(ast::List<ast::ResTarget> list, Scope& scope, const WriteTarget& into, std::vector<int>& columns, ExprList& exprs) {
  const catalog::Relation& relation = *into.named;
  std::set<int> parts;  // columns of which parts are set
  for (auto* target : list) {
    int column = target_column(into, target->name, target->location);
    auto earlier = std::find(columns.begin(), columns.end(), column);
    if (earlier != columns.end() && (target->indirection.empty() || parts.count(column) == 0)) {
      // Two columns of a view may be one of the table.
      size_t first = static_cast<size_t>(earlier - columns.begin());
      bool same_name = first < list.size() && list[first]->name == target->name;
      throw SqlError(Sqlstate::SyntaxError, "multiple assignments to same column \"" + (same_name ? std::string(target->name) : into.relation->columns[column].name) + "\"")
          .position(same_name ? position(target->location) : 0);
    }
    const ast::Node* value = target->val;
    ExprPtr expr;
    if (auto* multi = node_cast<ast::MultiAssignRef>(value)) {
      if (auto* row = node_cast<ast::RowExpr>(multi->source)) {
        if (static_cast<int>(row->args.size()) != multi->ncolumns) {
          throw SqlError(Sqlstate::SyntaxError, "number of columns does not match number of values").position(position(multi->source->location));
        }
        value = row->args[multi->colno - 1];
      } else if (auto* link = node_cast<ast::SubLink>(multi->source)) {
        BoundSelect select = bind_query(*link->subselect, &scope);
        if (static_cast<int>(select.columns.size()) != multi->ncolumns) {
          throw SqlError(Sqlstate::SyntaxError, "number of columns does not match number of values").position(position(multi->source->location));
        }
        const auto& chosen = select.columns[multi->colno - 1];
        expr = std::make_unique<Expr>(ExprKind::Subquery, chosen.type);
        expr->collation = type_collation(chosen.type.oid);
        expr->location = link->location;
        expr->binding = chosen.binding;
        expr->subquery = std::make_unique<plan::SubquerySpec>();
        expr->subquery->kind = plan::SubqueryKind::Scalar;
        expr->subquery->correlated = std::move(select.correlated);
        expr->subquery->plan = std::move(select.op);
      } else {
        throw SqlError(Sqlstate::FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression")
            .position(position(multi->source->location));
      }
    }
    const auto& definition = relation.columns[column];
    if (expr == nullptr) {
      bool is_default = ast::is_node<ast::SetToDefault>(value);
      if (!is_default && (definition.generated != 0 || definition.identity == 'a')) {
        throw SqlError(Sqlstate::GeneratedAlways, "column \"" + definition.name + "\" can only be updated to DEFAULT")
            .detail("Column \"" + definition.name + (definition.generated != 0 ? "\" is a generated column." : "\" is an identity column defined as GENERATED ALWAYS."));
      }
      expr = is_default ? default_of(relation, column) : bind(*value, scope, Clause::UpdateSource);
    }
    if (definition.generated != 0) continue;  // SET generated = DEFAULT: computed below
    int location = expr->location >= 0 ? expr->location : target->location;
    if (!target->indirection.empty()) {
      ExprPtr current = earlier != columns.end() ? std::move(exprs[earlier - columns.begin()]) : base_column(into, column);
      ExprPtr made = assign_part(std::move(current), definition.type, target->indirection, 0, std::move(expr), scope, definition.name, location);
      if (earlier != columns.end()) {
        exprs[earlier - columns.begin()] = std::move(made);
        continue;
      }
      parts.insert(column);
      exprs.push_back(std::move(made));
    } else {
      exprs.push_back(assign(std::move(expr), relation, column, location));
    }
    columns.push_back(column);
  }
}

void QueryAnalyzer::recompute_generated(const catalog::Relation& relation, std::vector<int>& columns, ExprList& exprs,
                                        const std::function<ExprPtr(int)>& old_column) {
  size_t set_count = columns.size();
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const auto& column = relation.columns[i];
    if (column.generated == 0 || column.dropped) continue;
    uint32_t placeholder = new_table();
    ExprPtr expr = stored_expression(column.default_sql, relation, column.type, Clause::Generated, placeholder);
    plan::rewrite(expr, [&](ExprPtr& part) {
      if (part->kind != ExprKind::Column || part->binding.table != placeholder) return;
      int number = static_cast<int>(part->binding.column);
      for (size_t k = 0; k < set_count; ++k) {
        if (columns[k] != number) continue;
        if (plan::contains(*exprs[k], ExprKind::Subquery)) throw_not_supported("a subquery as the value of a column that a generated column uses");
        part = exprs[k]->clone();
        return;
      }
      part = old_column(number);
    });
    columns.push_back(static_cast<int>(i));
    exprs.push_back(std::move(expr));
  }
}

bool QueryAnalyzer::reads_columns_of(uint32_t table) const {
  return std::any_of(used_columns_.begin(), used_columns_.end(), [&](const auto& used) { return used.first == table; });
}

LogicalPtr QueryAnalyzer::bind_update(const ast::UpdateStmt& update, Scope& scope, BoundSelect& returning) {
  if (auto named = context_.catalog.relation(find_relation(context_, *update.relation, true))) refuse_rules(*named, '2');
  WriteTarget target = find_target(*update.relation, "UPDATE");
  if (target.instead) return bind_instead_update(update, target, scope, returning);
  auto op = std::make_unique<plan::Update>();
  op->relation = target.relation;
  op->table = new_table();
  std::vector<RangeItem> items;
  LogicalPtr source = bind_target_get(*update.relation, target, items, op->row_id, op->table_oid);
  std::string alias = items[0].alias;
  op->target_table = items[0].table;
  scope.items.push_back(std::move(items[0]));
  if (!update.from_clause.empty()) {
    LogicalPtr from = bind_from(update.from_clause, scope);
    auto join = std::make_unique<plan::Join>();
    join->children.push_back(std::move(source));
    join->children.push_back(std::move(from));
    source = std::move(join);
  }
  record_target(*update.relation, scope.items[0]);
  bind_set_list(update.target_list, scope, target, op->set_columns, op->set_exprs);
  if (recorder_ != nullptr) {
    auto& record = recorder_->query(update);
    for (size_t i = 0; i < op->set_columns.size(); ++i) {
      record.columns.push_back(target.named->columns[op->set_columns[i]].name);
      record.values.push_back(recorder_->text(*op->set_exprs[i]));
    }
  }
  size_t noted = permissions_.size();
  note_written(target, op->set_columns, 'w', op->table);
  for (size_t i = noted; i < permissions_.size(); ++i) permissions_[i].tables.push_back(op->target_table);
  recompute_generated(*target.relation, op->set_columns, op->set_exprs, [&](int column) { return base_column(target, column); });
  if (target.relation->row_security) {
    bool reads = update.where_clause != nullptr || !update.returning_list.empty() || reads_columns_of(op->target_table);
    Oid self = std::exchange(check_as_, base_role(target));
    source = secure(std::move(source), *target.relation, reads ? "wr" : "w", target.base);
    add_policy_checks(target, reads ? "rw" : "w", plan::CheckOf::Always, *op);
    check_as_ = self;
  }
  if (update.where_clause != nullptr) {
    auto filter = std::make_unique<plan::Filter>();
    filter->predicates = bind_conjuncts(update.where_clause, scope, Clause::Where, "WHERE");
    if (recorder_ != nullptr) recorder_->query(update).where = recorder_->conjunction(filter->predicates);
    filter->children.push_back(std::move(source));
    source = std::move(filter);
  }
  op->children.push_back(std::move(source));
  add_checks(*op);
  add_view_checks(target, *op);
  scope.items[0] = target_row(target, alias, op->table);
  if (!update.returning_list.empty()) record_target(*update.relation, scope.items[0]);
  bind_returning(update.returning_list, scope, *op, returning);
  record_returning(update, *op);
  return op;
}

LogicalPtr QueryAnalyzer::bind_delete(const ast::DeleteStmt& del, Scope& scope, BoundSelect& returning) {
  if (auto named = context_.catalog.relation(find_relation(context_, *del.relation, true))) refuse_rules(*named, '4');
  WriteTarget target = find_target(*del.relation, "DELETE");
  if (target.instead) return bind_instead_delete(del, target, scope, returning);
  auto op = std::make_unique<plan::Delete>();
  op->relation = target.relation;
  op->table = new_table();
  std::vector<RangeItem> items;
  LogicalPtr source = bind_target_get(*del.relation, target, items, op->row_id, op->table_oid);
  std::string alias = items[0].alias;
  op->target_table = items[0].table;
  size_t noted = permissions_.size();
  note_written(target, {}, 'd', op->table);
  for (size_t i = noted; i < permissions_.size(); ++i) permissions_[i].tables.push_back(op->target_table);
  scope.items.push_back(std::move(items[0]));
  if (!del.using_clause.empty()) {
    LogicalPtr from = bind_from(del.using_clause, scope);
    auto join = std::make_unique<plan::Join>();
    join->children.push_back(std::move(source));
    join->children.push_back(std::move(from));
    source = std::move(join);
  }
  if (target.relation->row_security) {
    bool reads = del.where_clause != nullptr || !del.returning_list.empty() || reads_columns_of(op->target_table);
    Oid self = std::exchange(check_as_, base_role(target));
    source = secure(std::move(source), *target.relation, reads ? "dr" : "d", target.base);
    check_as_ = self;
  }
  if (del.where_clause != nullptr) {
    auto filter = std::make_unique<plan::Filter>();
    record_target(*del.relation, scope.items[0]);
    filter->predicates = bind_conjuncts(del.where_clause, scope, Clause::Where, "WHERE");
    if (recorder_ != nullptr) recorder_->query(del).where = recorder_->conjunction(filter->predicates);
    filter->children.push_back(std::move(source));
    source = std::move(filter);
  }
  op->children.push_back(std::move(source));
  scope.items[0] = target_row(target, alias, op->table);
  record_target(*del.relation, scope.items[0]);
  bind_returning(del.returning_list, scope, *op, returning);
  record_returning(del, *op);
  return op;
}

void QueryAnalyzer::record_target(const ast::RangeVar& name, const RangeItem& item) {
  if (recorder_ == nullptr) return;
  recorder_->add_item(name, item, name.alias != nullptr);
  recorder_->ranges[&name].relation = context_.catalog.relation(find_relation(context_, name, false));
}

void QueryAnalyzer::record_returning(const ast::Node& statement, const plan::Write& write) {
  if (recorder_ == nullptr) return;
  for (size_t i = 0; i < write.returning.size(); ++i) {
    recorder_->query(statement).returning.push_back({recorder_->text(*write.returning[i]), write.returning_names[i]});
  }
}

// Rules are applied before a statement comes here; where they can't be, it must not run as if there were none.
void QueryAnalyzer::refuse_rules(const catalog::Relation& relation, char event) {
  if (context_.rules_applied && view_depth_ == 0) return;
  for (const auto& rule : relation.rules) {
    if (rule.event == event && rule.enabled != 'D' && rule.enabled != 'R') throw_not_supported("rules in this place");
  }
}

BoundSelect QueryAnalyzer::bind_writer(const ast::Node& statement, Scope& scope) {
  const ast::WithClause* with_clause = nullptr;
  switch (statement.tag) {
    case ast::NodeTag::InsertStmt: with_clause = static_cast<const ast::InsertStmt&>(statement).with_clause; break;
    case ast::NodeTag::UpdateStmt: with_clause = static_cast<const ast::UpdateStmt&>(statement).with_clause; break;
    case ast::NodeTag::DeleteStmt: with_clause = static_cast<const ast::DeleteStmt&>(statement).with_clause; break;
    case ast::NodeTag::MergeStmt: with_clause = static_cast<const ast::MergeStmt&>(statement).with_clause; break;
    default: throw_not_supported("this statement here", position(statement.location));
  }
  std::unique_ptr<plan::With> with;
  if (with_clause != nullptr) {
    with = std::make_unique<plan::With>();
    bind_ctes(*with_clause, scope, *with);
  }
  BoundSelect result;
  switch (statement.tag) {
    case ast::NodeTag::InsertStmt: result.op = bind_insert(static_cast<const ast::InsertStmt&>(statement), scope, result); break;
    case ast::NodeTag::UpdateStmt: result.op = bind_update(static_cast<const ast::UpdateStmt&>(statement), scope, result); break;
    case ast::NodeTag::DeleteStmt: result.op = bind_delete(static_cast<const ast::DeleteStmt&>(statement), scope, result); break;
    default: result.op = bind_merge(static_cast<const ast::MergeStmt&>(statement), scope); break;
  }
  if (with != nullptr) attach_with(std::move(with), result);
  return result;
}

}  // namespace aegis::analyzer
