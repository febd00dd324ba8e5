// Column and table names inside a query.
#include "aegis/base/error.h"
#include "aegis/catalog/system.h"
#include "aegis/parser/parser.h"
#include "query_analyzer.h"

namespace aegis::analyzer {

int QueryAnalyzer::position(int location) const { return parser::character_position(context_.sql, location); }

ExprPtr QueryAnalyzer::use_column(const RangeColumn& column, Scope& from, Scope& owner, int location) {
  auto note = [&](plan::ColumnBinding binding) {
    for (Scope* scope = &from; scope != &owner; scope = scope->parent) {
      auto& list = scope->correlated;
      if (std::find(list.begin(), list.end(), binding) == list.end()) list.push_back(binding);
    }
  };
  if (column.attribute_number > 0) used_columns_.emplace_back(column.binding.table, column.attribute_number);
  if (column.merged != nullptr) {
    ExprPtr expr = column.merged->clone();
    plan::walk(*expr, [&](const Expr& part) {
      if (part.kind == ExprKind::Column) note(part.binding);
      return true;
    });
    expr->location = location;
    return expr;
  }
  note(column.binding);
  ExprPtr expr = plan::make_column(column.binding, column.type, column.name);
  expr->collation = column.collation;
  expr->location = location;
  return expr;
}

ExprPtr QueryAnalyzer::try_column(std::string_view name, Scope& from, int location) {
  for (Scope* scope = &from; scope != nullptr; scope = scope->parent) {
    const RangeColumn* found = nullptr;
    const RangeItem* owner = nullptr;
    for (const auto& item : scope->items) {
      if (!item.columns_visible) continue;
      for (const auto& column : item.columns) {
        if (column.name != name) continue;
        if (found != nullptr) {
          throw SqlError(Sqlstate::AmbiguousColumn, "column reference \"" + std::string(name) + "\" is ambiguous").position(position(location));
        }
        found = &column;
        owner = &item;
      }
    }
    if (found != nullptr) {
      if (owner->lateral_only) {
        throw SqlError(Sqlstate::InvalidColumnReference, "invalid reference to FROM-clause entry for table \"" + owner->alias + "\"")
            .hint("There is an entry for table \"" + owner->alias + "\", but it cannot be referenced from this part of the query.")
            .position(position(location));
      }
      return use_column(*found, from, *scope, location);
    }
  }
  return nullptr;
}

const RangeItem* QueryAnalyzer::find_item(std::string_view schema, std::string_view alias, Scope& from, Scope** owner, int location) {
  for (Scope* scope = &from; scope != nullptr; scope = scope->parent) {
    const RangeItem* found = nullptr;
    for (const auto& item : scope->items) {
      if (!item.relation_visible || item.alias != alias || item.alias.empty()) continue;
      if (!schema.empty() && item.schema != schema) continue;
      if (found != nullptr) {
        throw SqlError(Sqlstate::AmbiguousAlias, "table reference \"" + std::string(alias) + "\" is ambiguous").position(position(location));
      }
      found = &item;
    }
    if (found != nullptr) {
      if (owner != nullptr) *owner = scope;
      return found;
    }
  }
  return nullptr;
}

// Null where an outer join found no row.
ExprPtr QueryAnalyzer::whole_row(const RangeItem& item, Scope& from, Scope& owner, int location) {
  ExprPtr row = row_of(item, from, owner, location);
  if (!item.nullable || row->kind != ExprKind::Row || row->args.empty()) return row;
  auto is_null = [](ExprPtr value) {
    auto test = std::make_unique<Expr>(ExprKind::NullTest, Type{oid::kBool});
    test->args.push_back(std::move(value));
    return test;
  };
  ExprPtr absent;
  bool has_rows = item.get != nullptr && item.relation != nullptr && item.relation->oid >= kFirstNormalOid && !item.relation->is_foreign() && item.view_of == kInvalidOid;
  if (has_rows) {
    auto& columns = item.get->columns;
    auto at = std::find(columns.begin(), columns.end(), plan::kRowIdColumn);
    uint32_t number = static_cast<uint32_t>(at - columns.begin());
    if (at == columns.end()) {
      columns.push_back(plan::kRowIdColumn);
      item.get->column_infos.push_back({"ctid", {oid::kInt8}});
    }
    RangeColumn row_id{"ctid", {oid::kInt8}, kInvalidOid, {item.table, number}};
    absent = is_null(use_column(row_id, from, owner, location));
  } else {
    // Without an identity, a row of nothing but nulls is taken for none.
    auto all = std::make_unique<Expr>(ExprKind::And, Type{oid::kBool});
    for (const auto& column : row->args) {
      if (column->kind != ExprKind::Constant) all->args.push_back(is_null(column->clone()));
    }
    if (all->args.empty()) return row;
    absent = all->args.size() == 1 ? std::move(all->args[0]) : std::move(all);
  }
  auto choice = std::make_unique<Expr>(ExprKind::Case, row->type);
  choice->location = location;
  choice->row_test = true;
  choice->args.push_back(std::move(absent));
  choice->args.push_back(plan::make_constant(row->type, types::Value::null()));
  choice->args.push_back(std::move(row));
  return choice;
}

ExprPtr QueryAnalyzer::row_of(const RangeItem& item, Scope& from, Scope& owner, int location) {
  // A function's single scalar column is itself when named like its table.
  auto row = std::make_unique<Expr>(ExprKind::Row, Type{oid::kRecord});
  row->location = location;
  row->row_test = true;  // its fields have names
  for (const auto& column : item.columns) {
    auto expr = use_column(column, from, owner, location);
    expr->name = column.name;
    row->args.push_back(std::move(expr));
  }
  // A table's row is of the table's row type, in which dropped columns have their places.
  if (item.relation == nullptr || item.relation->row_type < kFirstNormalOid) return row;
  const auto& columns = item.relation->columns;
  ExprList fields(columns.size());
  for (size_t i = 0; i < item.columns.size(); ++i) {
    int number = item.columns[i].attribute_number;
    if (number < 1 || static_cast<size_t>(number) > columns.size() || fields[number - 1] != nullptr) return row;
    fields[number - 1] = row->args[i]->clone();
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] != nullptr) {
      fields[i]->name = columns[i].name;
      continue;
    }
    if (!columns[i].dropped) return row;
    fields[i] = plan::make_constant({oid::kInt4}, types::Value::null());
  }
  row->args = std::move(fields);
  row->type = {item.relation->row_type, -1};
  return row;
}

namespace {

[[noreturn]] void throw_missing_table(std::string_view name, int position, const Scope& scope) {
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const auto& item : at->items) {
      // The table is there under an alias, or hidden by a join.
      if (item.alias == name) {
        throw SqlError(Sqlstate::UndefinedTable, "invalid reference to FROM-clause entry for table \"" + std::string(name) + "\"")
            .hint("There is an entry for table \"" + std::string(name) + "\", but it cannot be referenced from this part of the query.")
            .position(position);
      }
      if (item.relation != nullptr && item.relation->name == name) {
        throw SqlError(Sqlstate::UndefinedTable, "invalid reference to FROM-clause entry for table \"" + std::string(name) + "\"")
            .hint("Perhaps you meant to reference the table alias \"" + item.alias + "\".")
            .position(position);
      }
    }
  }
  throw SqlError(Sqlstate::UndefinedTable, "missing FROM-clause entry for table \"" + std::string(name) + "\"").position(position);
}

}  // namespace

ExprPtr QueryAnalyzer::system_column(const RangeItem& item, std::string_view name, Scope& scope, Scope& owner, int location) {
  auto read = [&](int column, Type type, int16_t number) {
    // One column of the scan, however often it is named: GROUP BY looks for the same.
    auto& get = *item.get;
    size_t at = 0;
    while (at < get.columns.size() && (get.columns[at] != column || get.column_infos[at].type.oid != type.oid)) ++at;
    if (at == get.columns.size()) {
      get.columns.push_back(column);
      get.column_infos.push_back({std::string(name), type});
    }
    RangeColumn system{std::string(name), type, kInvalidOid, {get.table, static_cast<uint32_t>(at)}, nullptr, get.relation->oid, number};
    return use_column(system, scope, owner, location);
  };
  if (name == "ctid" && item.get != nullptr) return read(plan::kRowIdColumn, {oid::kTid}, -1);
  if (name != "tableoid") return nullptr;
  if (item.get != nullptr) return read(plan::kTableOidColumn, {oid::kOid}, -6);
  if (item.table_oid_at >= 0) {
    RangeColumn system{"tableoid", {oid::kOid}, kInvalidOid, {item.table, static_cast<uint32_t>(item.table_oid_at)}};
    return use_column(system, scope, owner, location);
  }
  if (item.relation == nullptr || catalog::find_system_table(item.relation->oid) == nullptr) return nullptr;
  return plan::make_constant({oid::kOid}, types::Value::of_oid(item.relation->oid));
}

ExprPtr QueryAnalyzer::make_variable(const VariableScope::Variable& variable, int location) {
  if (parameter_types_ == nullptr) {
    throw SqlError(Sqlstate::UndefinedParameter, "a routine's variable cannot be used here").position(position(location));
  }
  if (parameter_types_->size() <= variable.parameter) parameter_types_->resize(variable.parameter + 1, Type{kInvalidOid});
  (*parameter_types_)[variable.parameter] = variable.type;
  auto expr = std::make_unique<Expr>(ExprKind::Param, variable.type);
  expr->index = variable.parameter;
  expr->collation = type_collation(variable.type.oid);
  if (expr->collation == types::kDefaultCollation) expr->collation = variable.collation != kInvalidOid ? variable.collation : context_.variables->collation;
  expr->location = location;
  return expr;
}

// Columns come first in SQL functions; in PL/pgSQL a name that could be both is an error unless told otherwise.
ExprPtr QueryAnalyzer::bind_column_ref(const ast::ColumnRef& ref, Scope& scope, Clause clause) {
  if (context_.variables == nullptr) return bind_column(ref, scope, clause);
  std::vector<std::string_view> names(ref.fields.begin(), ref.fields.end());
  auto find = [&] {
    try {
      return context_.variables->find(names);
    } catch (SqlError& error) {
      // What a definition may not refer to is an error of this place; PL/pgSQL's own errors have none.
      if (error.fields().sqlstate == Sqlstate::InvalidObjectDefinition) error.position(position(ref.location));
      throw;
    }
  };
  auto conflict = context_.variables->conflict();
  if (ref.star) {
    Scope* owner = nullptr;
    std::string_view schema = ref.fields.size() >= 2 ? ref.fields[ref.fields.size() - 2] : std::string_view();
    if (ref.fields.empty() || find_item(schema, ref.fields.back(), scope, &owner, ref.location) != nullptr) return bind_column(ref, scope, clause);
    if (auto variable = find()) return make_variable(*variable, ref.location);
    return bind_column(ref, scope, clause);
  }
  if (conflict != VariableScope::Conflict::UseColumn) {
    auto variable = find();
    if (variable && conflict == VariableScope::Conflict::UseVariable) return make_variable(*variable, ref.location);
    if (variable) {
      ExprPtr column;
      try {
        column = bind_column(ref, scope, clause);
      } catch (const SqlError& error) {
        auto state = error.fields().sqlstate;
        if (state != Sqlstate::UndefinedColumn && state != Sqlstate::UndefinedTable && state != Sqlstate::FeatureNotSupported) throw;
      }
      if (column == nullptr) return make_variable(*variable, ref.location);
      std::string name;
      for (auto part : names) name += (name.empty() ? "" : ".") + std::string(part);
      throw SqlError(Sqlstate::AmbiguousColumn, "column reference \"" + name + "\" is ambiguous")
          .detail("It could refer to either a PL/pgSQL variable or a table column.")
          .position(position(ref.location));
    }
    return bind_column(ref, scope, clause);
  }
  try {
    return bind_column(ref, scope, clause);
  } catch (const SqlError& error) {
    auto state = error.fields().sqlstate;
    if (state != Sqlstate::UndefinedColumn && state != Sqlstate::UndefinedTable) throw;
    if (auto variable = find()) return make_variable(*variable, ref.location);
    throw;
  }
}

ExprPtr QueryAnalyzer::bind_column(const ast::ColumnRef& ref, Scope& scope, Clause clause) {
  if (clause == Clause::Default || clause == Clause::Standalone) {
    if (clause == Clause::Default) {
      throw SqlError(Sqlstate::FeatureNotSupported, "cannot use column reference in DEFAULT expression").position(position(ref.location));
    }
  }
  size_t count = ref.fields.size();
  if (!ref.star && count == 1) {
    if (ExprPtr column = try_column(ref.fields[0], scope, ref.location)) return column;
    const RangeItem* with_system = nullptr;
    for (const auto& item : scope.items) {
      bool has = item.get != nullptr || item.table_oid_at >= 0 || (item.relation != nullptr && scope.items.size() == 1);
      if (!has) continue;
      if (with_system != nullptr && ref.fields[0] == "tableoid") {
        throw SqlError(Sqlstate::AmbiguousColumn, "column reference \"tableoid\" is ambiguous").position(position(ref.location));
      }
      if (with_system == nullptr) with_system = &item;
    }
    if (with_system != nullptr) {
      if (ExprPtr column = system_column(*with_system, ref.fields[0], scope, scope, ref.location)) return column;
    }
    Scope* owner = nullptr;
    if (const RangeItem* item = find_item({}, ref.fields[0], scope, &owner, ref.location)) {
      return whole_row(*item, scope, *owner, ref.location);
    }
    SqlError error(Sqlstate::UndefinedColumn, "column \"" + std::string(ref.fields[0]) + "\" does not exist");
    hint_column(error, {}, ref.fields[0], scope);
    throw error.position(position(ref.location));
  }
  std::string_view schema = count >= 3 ? ref.fields[count - 3] : std::string_view();
  if (ref.star) {
    schema = count >= 2 ? ref.fields[count - 2] : std::string_view();
    Scope* owner = nullptr;
    const RangeItem* item = find_item(schema, ref.fields[count - 1], scope, &owner, ref.location);
    if (item == nullptr) throw_missing_table(ref.fields[count - 1], position(ref.location), scope);
    return whole_row(*item, scope, *owner, ref.location);
  }
  std::string_view table = ref.fields[count - 2];
  std::string_view name = ref.fields[count - 1];
  Scope* owner = nullptr;
  const RangeItem* item = find_item(schema, table, scope, &owner, ref.location);
  if (item == nullptr) throw_missing_table(table, position(ref.location), scope);
  if (item->lateral_only) {
    throw SqlError(Sqlstate::InvalidColumnReference, "invalid reference to FROM-clause entry for table \"" + item->alias + "\"")
        .hint("There is an entry for table \"" + item->alias + "\", but it cannot be referenced from this part of the query.")
        .position(position(ref.location));
  }
  const RangeColumn* found = nullptr;
  for (const auto& column : item->columns) {
    if (column.name != name) continue;
    if (found != nullptr) {
      throw SqlError(Sqlstate::AmbiguousColumn, "column reference \"" + std::string(name) + "\" is ambiguous").position(position(ref.location));
    }
    found = &column;
  }
  if (found != nullptr) return use_column(*found, scope, *owner, ref.location);
  if (ExprPtr column = system_column(*item, name, scope, *owner, ref.location)) return column;
  SqlError error(Sqlstate::UndefinedColumn, "column " + std::string(table) + "." + std::string(name) + " does not exist");
  hint_column(error, table, name, scope);
  throw error.position(position(ref.location));
}

const char* clause_name(Clause clause) {
  switch (clause) {
    case Clause::SelectTarget: return "SELECT";
    case Clause::From: return "FROM";
    case Clause::FromFunction: return "functions in FROM";
    case Clause::JoinOn: return "JOIN conditions";
    case Clause::Where: return "WHERE";
    case Clause::Having: return "HAVING";
    case Clause::GroupBy: return "GROUP BY";
    case Clause::OrderBy: return "ORDER BY";
    case Clause::DistinctOn: return "DISTINCT ON";
    case Clause::Limit: return "LIMIT";
    case Clause::Offset: return "OFFSET";
    case Clause::Values: return "VALUES";
    case Clause::InsertTarget: return "INSERT";
    case Clause::UpdateSource: return "UPDATE";
    case Clause::Returning: return "RETURNING";
    case Clause::Filter: return "FILTER";
    case Clause::WindowPartition: return "window PARTITION BY";
    case Clause::WindowOrder: return "window ORDER BY";
    case Clause::WindowFrame: return "window frame";
    case Clause::AggregateArgument: return "aggregate arguments";
    case Clause::Default: return "DEFAULT expressions";
    case Clause::Check: return "check constraints";
    case Clause::Statistics: return "statistics expressions";
    case Clause::Index: return "index expressions";
    case Clause::IndexPredicate: return "index predicates";
    case Clause::Generated: return "column generation expressions";
    case Clause::Standalone: return "this statement";
    case Clause::Policy: return "policy expressions";
    case Clause::MergeWhen: return "MERGE WHEN conditions";
    case Clause::PartitionKey: return "partition key expressions";
  }
  return "this place";
}

}  // namespace aegis::analyzer
