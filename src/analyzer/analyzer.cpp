// The module's entry points, type names and relation names.
#include "aegis/analyzer/analyzer.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/parser/parser.h"
#include "aegis/plan/walk.h"
#include "query_analyzer.h"

namespace aegis::analyzer {

using ast::node_cast;

QueryAnalyzer::QueryAnalyzer(const AnalyzerContext& context, std::vector<Type>* parameter_types)
    : context_(context), coercion_(context.types, {&context.catalog, context.database}, parameter_types), parameter_types_(parameter_types), check_as_(context.role) {}

plan::BoundQuery QueryAnalyzer::analyze_statement(const ast::Node& statement) {
  plan::BoundQuery query;
  switch (statement.tag) {
    case ast::NodeTag::InsertStmt: query.command = plan::CommandKind::Insert; break;
    case ast::NodeTag::UpdateStmt: query.command = plan::CommandKind::Update; break;
    case ast::NodeTag::DeleteStmt: query.command = plan::CommandKind::Delete; break;
    case ast::NodeTag::MergeStmt: query.command = plan::CommandKind::Merge; break;
    default: query.command = plan::CommandKind::Select; break;
  }
  BoundSelect select = bind_query(statement, nullptr);
  query.root = std::move(select.op);
  query.output = std::move(select.columns);
  query.returns_rows = query.command == plan::CommandKind::Select || !query.output.empty();
  if (parameter_types_ != nullptr) {
    for (size_t i = 0; i < parameter_types_->size(); ++i) {
      Type& type = (*parameter_types_)[i];
      if (type.oid == kInvalidOid || type.oid == oid::kUnknown) {
        throw SqlError(Sqlstate::IndeterminateDatatype, "could not determine data type of parameter $" + std::to_string(i + 1));
      }
    }
    query.parameter_types = *parameter_types_;
  }
  query.table_count = next_table_;
  query.cte_count = next_cte_;
  query.relations = std::move(locks_);
  query.permissions = std::move(permissions_);
  for (auto& permission : query.permissions) {
    for (auto [table, attribute] : used_columns_) {
      if (std::find(permission.tables.begin(), permission.tables.end(), table) == permission.tables.end()) continue;
      int column = attribute - 1;
      auto map = read_maps_.find(static_cast<size_t>(&permission - query.permissions.data()));
      if (map != read_maps_.end()) column = column >= 0 && static_cast<size_t>(column) < map->second.size() ? map->second[static_cast<size_t>(column)] : -1;
      if (column < 0 && map != read_maps_.end()) continue;
      if (std::find(permission.read.begin(), permission.read.end(), column) == permission.read.end()) permission.read.push_back(column);
    }
  }
  return query;
}

ExprPtr QueryAnalyzer::definition(const ast::Node& node, const catalog::Relation* relation, Type target, Clause clause) {
  Scope scope;
  uint32_t table = new_table();
  if (relation != nullptr) scope.items.push_back(row_item(*relation, relation->name, table));
  ExprPtr expr = bind(node, scope, clause);
  if (target.oid == oid::kBool && clause != Clause::Default) {
    int location = expr->location;
    Type source = expr->type;
    expr = coercion_.coerce(std::move(expr), target, CastContext::Assignment, position(location));
    if (expr == nullptr) {
      const char* construct = clause == Clause::Check ? "CHECK" : "WHERE";
      throw SqlError(Sqlstate::DatatypeMismatch, std::string("argument of ") + construct + " must be type boolean, not type " + types::format_type({source.oid}))
          .position(position(location));
    }
  } else if (target.oid != kInvalidOid) {
    Type source = expr->type;
    int location = expr->location;
    expr = coercion_.coerce(std::move(expr), target, CastContext::Assignment, position(location));
    if (expr == nullptr) {
      throw SqlError(Sqlstate::DatatypeMismatch, "cannot coerce expression of type " + types::format_type({source.oid}) + " to type " + types::format_type({target.oid}))
          .hint("You will need to rewrite or cast the expression.")
          .position(position(location));
    }
  } else {
    resolve_unknown(expr);
  }
  if (clause == Clause::Index || clause == Clause::IndexPredicate || clause == Clause::Generated) {
    bool mutable_call = false;
    plan::walk(*expr, [&](const Expr& part) {
      mutable_call = mutable_call || (part.function != nullptr && part.function->volatility != functions::Volatility::Immutable);
      return true;
    });
    if (mutable_call) {
      throw SqlError(Sqlstate::InvalidObjectDefinition, clause == Clause::Generated ? "generation expression is not immutable"
                                                        : clause == Clause::Index   ? "functions in index expression must be marked IMMUTABLE"
                                                                                    : "functions in index predicate must be marked IMMUTABLE");
    }
  }
  plan::rewrite(expr, [&](ExprPtr& part) {
    if (part->kind != ExprKind::Column || part->binding.table != table) return;
    ExprPtr input = plan::make_input(part->binding.column, part->type, part->name);
    input->collation = part->collation;
    part = std::move(input);
  });
  return expr;
}

plan::BoundQuery analyze(const AnalyzerContext& context, const ast::Node& statement, std::vector<Type>& parameter_types) {
  return QueryAnalyzer(context, &parameter_types).analyze_statement(statement);
}

namespace {

Clause clause_of(DefinitionKind kind) {
  switch (kind) {
    case DefinitionKind::Default: return Clause::Default;
    case DefinitionKind::Check: return Clause::Check;
    case DefinitionKind::IndexExpression: return Clause::Index;
    case DefinitionKind::IndexPredicate: return Clause::IndexPredicate;
    case DefinitionKind::Generated: return Clause::Generated;
    case DefinitionKind::PartitionKey: return Clause::PartitionKey;
    case DefinitionKind::Statistics: return Clause::Statistics;
  }
  return Clause::Default;
}

}  // namespace

ExprPtr analyze_definition(const AnalyzerContext& context, const ast::Node& expression, const catalog::Relation* relation, Type target,
                           DefinitionKind kind) {
  return QueryAnalyzer(context, nullptr).definition(expression, relation, target, clause_of(kind));
}

ExprPtr analyze_definition_sql(const AnalyzerContext& context, std::string_view sql, const catalog::Relation* relation, Type target, DefinitionKind kind) {
  AnalyzerContext inner{context.catalog, context.database, context.search_path, context.role, context.types, sql, context.temp_schema};
  auto parsed = parser::parse_expression(sql);
  return analyze_definition(inner, *parsed.expression, relation, target, kind);
}

ExprPtr analyze_standalone(const AnalyzerContext& context, const ast::Node& expression, Type target) {
  return QueryAnalyzer(context, nullptr).definition(expression, nullptr, target, Clause::Standalone);
}

FunctionMatch match_function(const AnalyzerContext& context, ast::NameList name, std::span<const Oid> types) {
  return QueryAnalyzer(context, nullptr).match_function(name, types);
}
const functions::Function* find_exact_function(const AnalyzerContext& context, ast::NameList name, std::span<const Oid> types) {
  return QueryAnalyzer(context, nullptr).exact_function(name, types);
}
const functions::Operator* find_exact_operator(const AnalyzerContext& context, ast::NameList name, Oid left, Oid right) {
  return QueryAnalyzer(context, nullptr).exact_operator(name, left, right);
}
bool is_binary_coercible(const AnalyzerContext& context, Oid source, Oid target) {
  return is_binary_coercible(Casts{&context.catalog, context.database}, source, target);
}

plan::ExprPtr make_cast(const types::TypeContext& types, Type source, Type target, functions::CastContext context) {
  auto parameter = std::make_unique<Expr>(ExprKind::Param, source);
  parameter->collation = type_collation(source.oid);
  return Coercion(types, {}, nullptr).coerce(std::move(parameter), target, context, 0);
}

plan::ExprPtr analyze_variables(const AnalyzerContext& context, const ast::Node& expression, Type target) {
  std::vector<Type> parameters;
  return QueryAnalyzer(context, &parameters).definition(expression, nullptr, target, Clause::Standalone);
}

plan::ExprPtr analyze_variables_sql(const AnalyzerContext& context, std::string_view sql, Type target) {
  auto parsed = parser::parse_expression(sql);
  return analyze_variables(context, *parsed.expression, target);
}

BoundCall analyze_call(const AnalyzerContext& context, const ast::FuncCall& call) {
  std::vector<Type> parameters;
  return QueryAnalyzer(context, context.variables == nullptr ? nullptr : &parameters).procedure_call(call);
}
namespace {

// table.column%TYPE
Type type_of_column(const AnalyzerContext& context, const ast::TypeName& name, int position) {
  size_t count = name.names.size();
  if (count < 2) throw SqlError(Sqlstate::SyntaxError, "improper %TYPE reference (too few dotted names): " + std::string(name.names.back())).position(position);
  ast::RangeVar table = range_var_of(context, name.names.first(count - 1));
  table.location = name.location;
  auto relation = context.catalog.relation(find_relation(context, table, false));
  int column = relation == nullptr ? -1 : relation->find_column(name.names.back());
  if (column < 0) {
    throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(name.names.back()) + "\" of relation \"" + std::string(table.relname) + "\" does not exist")
        .position(position);
  }
  Type type = relation->columns[column].type;
  if (!name.array_bounds.empty() && element_type(type.oid) == kInvalidOid) type.oid = array_type(type.oid);
  return type;
}

}  // namespace

Oid find_user_type(const AnalyzerContext& context, ast::NameList names) {
  if (names.size() > 1) {
    std::string_view schema_name = names[names.size() - 2];
    Oid schema = schema_name == "pg_temp" ? context.temp_schema : context.catalog.find_schema(context.database, schema_name);
    return schema == kInvalidOid ? kInvalidOid : context.catalog.find_type(schema, names.back(), context.database);
  }
  for (Oid schema : context.search_path) {
    if (Oid type = context.catalog.find_type(schema, names.back(), context.database); type != kInvalidOid) return type;
  }
  return kInvalidOid;
}

Type resolve_type(const AnalyzerContext& context, const ast::TypeName& name) {
  int position = parser::character_position(context.sql, name.location);
  std::string_view base = name.names.back();
  std::string_view schema = name.names.size() > 1 ? name.names[name.names.size() - 2] : std::string_view();
  std::string full = schema.empty() ? std::string(base) : std::string(schema) + "." + std::string(base);
  if (name.pct_type) return type_of_column(context, name, position);
  const types::TypeInfo* info = schema.empty() || schema == "pg_catalog" ? types::find_type_by_name(base) : nullptr;
  if (info == nullptr && name.names.size() <= 2) info = types::find_type(find_user_type(context, name.names));
  if (info == nullptr && !schema.empty() && schema != "pg_temp" && context.catalog.find_schema(context.database, schema) == kInvalidOid) {
    throw SqlError(Sqlstate::InvalidSchemaName, "schema \"" + std::string(schema) + "\" does not exist").position(position);
  }
  if (info == nullptr) {
    throw SqlError(Sqlstate::UndefinedObject, "type \"" + full + "\" does not exist").position(position);
  }
  Type type{info->oid};
  if (!name.typmods.empty()) {
    std::vector<std::string> texts;
    for (auto* node : name.typmods) {
      if (auto* constant = node_cast<ast::AConst>(node)) {
        texts.push_back(constant->kind == ast::ConstKind::Integer ? std::to_string(constant->ival) : std::string(constant->text));
      } else if (auto* ref = node_cast<ast::ColumnRef>(node); ref != nullptr && ref->fields.size() == 1) {
        texts.emplace_back(ref->fields[0]);
      } else {
        throw SqlError(Sqlstate::SyntaxError, "type modifiers must be simple constants or identifiers").position(position);
      }
    }
    if (info->typmod_in == nullptr) {
      throw SqlError(Sqlstate::SyntaxError, "type modifier is not allowed for type \"" + full + "\"").position(position);
    }
    std::vector<std::string_view> views(texts.begin(), texts.end());
    try {
      type.typmod = info->typmod_in(views);
    } catch (SqlError& error) {
      throw error.position(position);
    }
  }
  if (!name.array_bounds.empty() && info->category == 'A' && info->kind == 'b') {
    type.oid = info->oid;
  } else if (!name.array_bounds.empty()) {
    if (info->array == kInvalidOid) {
      throw SqlError(Sqlstate::UndefinedObject, "type \"" + full + "[]\" does not exist").position(position);
    }
    type.oid = info->array;
  }
  return type;
}

void check_schema_usage(const AnalyzerContext& context, Oid schema, int position) {
  if (schema == kInvalidOid || schema == context.temp_schema || context.role == kInvalidOid) return;
  auto object = context.catalog.schema(schema);
  if (object == nullptr || catalog::has_privilege(context.catalog, context.role, *object, 'U')) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for schema " + object->name).position(position);
}

namespace {

// Catalogs that hold secrets or superusers' business.
bool is_guarded(const catalog::Relation& relation) {
  constexpr std::string_view kGuarded[] = {"pg_authid", "pg_shadow", "pg_statistic", "pg_statistic_ext_data", "pg_user_mapping", "pg_largeobject", "pg_subscription",
                                           "pg_file_settings", "pg_hba_file_rules", "pg_ident_file_mappings", "pg_config"};
  return std::find(std::begin(kGuarded), std::end(kGuarded), relation.name) != std::end(kGuarded);
}

}  // namespace

void check_permissions(const catalog::Version& version, const plan::BoundQuery& query) {
  for (const auto& permission : query.permissions) {
    auto role = version.role(permission.role);
    if (role != nullptr && role->superuser) continue;
    auto object = version.find(permission.object);
    if (object == nullptr) continue;
    if (object->kind != catalog::ObjectKind::Relation) {
      for (char letter : permission.letters) catalog::check_privilege(version, permission.role, *object, letter);
      continue;
    }
    const auto& relation = static_cast<const catalog::Relation&>(*object);
    if (relation.oid < kFirstNormalOid) {
      if (is_guarded(relation)) catalog::throw_permission_denied(relation);
      continue;
    }
    auto need_columns = [&](const std::vector<int>& columns, char letter) {
      if (columns.empty() || catalog::has_privilege(version, permission.role, relation, letter)) return;
      for (int column : columns) {
        if (!catalog::has_column_privilege(version, permission.role, relation, column, letter)) catalog::throw_permission_denied(relation);
      }
    };
    auto need_any = [&](char letter) {
      if (!catalog::has_any_column_privilege(version, permission.role, relation, letter)) catalog::throw_permission_denied(relation);
    };
    for (char letter : permission.letters) catalog::check_privilege(version, permission.role, relation, letter);
    for (char letter : permission.any_letters) need_any(letter);
    if (permission.reads && permission.read.empty()) need_any('r');
    need_columns(permission.read, 'r');
    need_columns(permission.inserted, 'a');
    need_columns(permission.updated, 'w');
  }
}

Oid find_relation(const AnalyzerContext& context, const ast::RangeVar& name, bool missing_ok) {
  int position = parser::character_position(context.sql, name.location);
  std::string full = name.schemaname.empty() ? std::string(name.relname) : std::string(name.schemaname) + "." + std::string(name.relname);
  if (!name.catalogname.empty()) {
    auto database = context.catalog.database(context.database);
    if (database == nullptr || database->name != name.catalogname) {
      throw SqlError(Sqlstate::FeatureNotSupported, "cross-database references are not implemented: \"" + std::string(name.catalogname) + "." + full + "\"")
          .position(position);
    }
  }
  if (!name.schemaname.empty()) {
    Oid schema = name.schemaname == "pg_temp" ? context.temp_schema : context.catalog.find_schema(context.database, name.schemaname);
    check_schema_usage(context, schema, position);
    if (schema != kInvalidOid) {
      if (Oid oid = context.catalog.find_relation(schema, name.relname, context.database); oid != kInvalidOid) return oid;
    }
  } else {
    for (Oid schema : context.search_path) {
      if (Oid oid = context.catalog.find_relation(schema, name.relname, context.database); oid != kInvalidOid) return oid;
    }
  }
  if (missing_ok) return kInvalidOid;
  throw SqlError(Sqlstate::UndefinedTable, "relation \"" + full + "\" does not exist").position(position);
}

ast::RangeVar range_var_of(const AnalyzerContext& context, ast::NameList names) {
  ast::RangeVar name;
  if (names.size() > 3) {
    std::string full;
    for (auto part : names) full += (full.empty() ? "" : ".") + std::string(part);
    throw SqlError(Sqlstate::SyntaxError, "improper relation name (too many dotted names): " + full);
  }
  name.relname = names.back();
  if (names.size() >= 2) name.schemaname = names[names.size() - 2];
  if (names.size() == 3) name.catalogname = names[0];
  return name;
}

std::vector<catalog::Dependency> dependencies_of(const plan::BoundQuery& query) {
  std::vector<catalog::Dependency> result;
  auto add = [&](catalog::Dependency dependency) {
    if (std::find(result.begin(), result.end(), dependency) == result.end()) result.push_back(dependency);
  };
  for (const auto& relation : query.relations) {
    if (!relation.inherited) add({relation.relation, 0, 'n'});
  }
  // Which columns of which Get are used.
  std::vector<std::pair<uint32_t, const plan::Get*>> gets;
  std::vector<uint32_t> brought;  // tables of which a primary key brings columns
  std::function<void(plan::LogicalOp&)> collect = [&](plan::LogicalOp& op) {
    plan::for_each_operator(op, [&](plan::LogicalOp& inner) {
      if (inner.kind == plan::LogicalKind::Aggregate) {
        for (const auto& group : static_cast<plan::Aggregate&>(inner).groups) {
          if (group->location == kBroughtByKey) brought.push_back(group->binding.table);
        }
      }
      if (inner.kind == plan::LogicalKind::Get) gets.emplace_back(static_cast<plan::Get&>(inner).table, &static_cast<plan::Get&>(inner));
      plan::for_each_expression(inner, [&](ExprPtr& root) {
        plan::rewrite(root, [&](ExprPtr& part) {
          if (part->subquery) collect(*part->subquery->plan);
        });
      });
    });
  };
  collect(*query.root);
  for (uint32_t number : brought) {
    for (const auto& [table, get] : gets) {
      const auto* key = table == number ? get->relation->primary_key() : nullptr;
      if (key != nullptr) add({key->oid, 0, 'n'});
    }
  }
  plan::rewrite(*query.root, [&](ExprPtr& part) {
    bool of_call = part->kind == ExprKind::Call && part->function != nullptr && part->function->user_defined;
    bool of_column = part->kind == ExprKind::Column || part->kind == ExprKind::Input || part->kind == ExprKind::Param;
    if (part->type.oid >= kFirstNormalOid && !of_call && !of_column) {
      Oid element = types::type_info(part->type.oid).element;
      bool written = part->kind == ExprKind::Constant || part->kind == ExprKind::CastIo || part->kind == ExprKind::Relabel || part->kind == ExprKind::Call ||
                     part->kind == ExprKind::ArrayCast || part->kind == ExprKind::Row;
      if (written) add({element != kInvalidOid ? element : part->type.oid, 0, 'n'});
    }
    if (part->op != nullptr && part->op->user_defined) {
      add({part->op->oid, 0, 'n'});
    } else if (part->function != nullptr && part->function->user_defined) {
      add({part->function->oid, 0, 'n'});
    }
    if (part->kind == ExprKind::Relabel && part->explicit_collation && part->collation >= kFirstNormalOid) add({part->collation, 0, 'n'});
    if (part->kind != ExprKind::Column) return;
    for (const auto& [table, get] : gets) {
      if (table != part->binding.table || part->binding.column >= get->columns.size()) continue;
      int column = get->columns[part->binding.column];
      if (column >= 0) add({get->relation->oid, column + 1, 'n'});
    }
  });
  return result;
}

}  // namespace aegis::analyzer
