#include "statistics.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "definition.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

constexpr size_t kMaxDimensions = 8;

struct Elements {
  std::vector<int> columns;
  std::vector<std::string> expressions;
  std::vector<catalog::Dependency> dependencies;
};

bool has_order(Oid type) {
  const auto* info = types::find_type(types::base_type(type));
  return info != nullptr && info->compare != nullptr;
}

std::string type_text(CommandContext& context, Oid type) { return types::format_type({type}, context.types().names); }

void add_column(CommandContext& context, const catalog::Relation& table, std::string_view name, Elements& out) {
  int column = table.find_column(name);
  if (column < 0) {
    for (std::string_view known : {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}) {
      if (name == known) throw SqlError(Sqlstate::FeatureNotSupported, "statistics creation on system columns is not supported");
    }
    throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(name) + "\" does not exist");
  }
  const auto& info = table.columns[column];
  if (!has_order(info.type.oid)) {
    throw SqlError(Sqlstate::FeatureNotSupported, "column \"" + info.name + "\" cannot be used in statistics because its type " +
                                                      type_text(context, info.type.oid) + " has no default btree operator class");
  }
  out.columns.push_back(column);
}

void add_expression(CommandContext& context, const catalog::Relation& table, const ast::Node& node, bool alone, Elements& out) {
  Definition definition = define(context, node, &table, {}, analyzer::DefinitionKind::Statistics);
  if (definition.expr->kind == plan::ExprKind::Input) return add_column(context, table, table.columns[definition.expr->index].name, out);
  if (!alone && !has_order(definition.expr->type.oid)) {
    throw SqlError(Sqlstate::FeatureNotSupported, "expression cannot be used in multivariate statistics because its type " +
                                                      type_text(context, definition.expr->type.oid) + " has no default btree operator class");
  }
  out.expressions.push_back(definition.sql);
  for (int column : definition.columns) out.dependencies.push_back({table.oid, column + 1, 'a'});
  if (definition.columns.empty()) out.dependencies.push_back({table.oid, 0, 'a'});
}

std::string kinds_of(const ast::CreateStatsStmt& statement, const Elements& elements) {
  bool ndistinct = false, dependencies = false, mcv = false;
  for (auto kind : statement.stat_types) {
    if (kind == "ndistinct") ndistinct = true;
    else if (kind == "dependencies") dependencies = true;
    else if (kind == "mcv") mcv = true;
    else throw SqlError(Sqlstate::SyntaxError, "unrecognized statistics kind \"" + std::string(kind) + "\"");
  }
  bool single = elements.columns.empty() && elements.expressions.size() == 1;
  if (single && !statement.stat_types.empty()) {
    throw SqlError(Sqlstate::SyntaxError, "when building statistics on a single expression, statistics kinds may not be specified");
  }
  if (!single && elements.columns.size() + elements.expressions.size() < 2) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "extended statistics require at least 2 columns");
  }
  if (statement.stat_types.empty() && !single) ndistinct = dependencies = mcv = true;
  std::string kinds;
  if (ndistinct) kinds += 'd';
  if (dependencies) kinds += 'f';
  if (mcv) kinds += 'm';
  if (!elements.expressions.empty()) kinds += 'e';
  return kinds;
}

catalog::RelationPtr target_table(const ast::CreateStatsStmt& statement, CommandContext& context) {
  if (statement.relations.size() != 1) throw SqlError(Sqlstate::FeatureNotSupported, "only a single relation is allowed in CREATE STATISTICS");
  const auto* name = ast::node_cast<ast::RangeVar>(statement.relations[0]);
  if (name == nullptr) throw SqlError(Sqlstate::FeatureNotSupported, "CREATE STATISTICS only supports relation names in the FROM clause");
  ast::RangeVar bare = *name;
  bare.location = -1;
  auto object = open_object(context, bare, txn::LockMode::ShareUpdateExclusive);
  auto refuse = [&](const char* kinds) {
    throw SqlError(Sqlstate::WrongObjectType, "cannot define statistics for relation \"" + object->name + "\"")
        .detail(std::string("This operation is not supported for ") + kinds + ".");
  };
  if (object->kind == catalog::ObjectKind::Index) refuse("indexes");
  const auto& relation = static_cast<const catalog::Relation&>(*object);
  switch (relation.relkind) {
    case 'v': refuse("views"); break;
    case 'S': refuse("sequences"); break;
    case 'c': refuse("composite types"); break;
    default: break;
  }
  check_owner(context, relation);
  if (is_system(*context.catalog_version(), relation)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + relation.name + "\" is a system catalog");
  }
  return context.catalog_version()->relation(relation.oid);
}

}  // namespace

CommandResult create_statistics(const ast::CreateStatsStmt& statement, CommandContext& context) {
  auto table = target_table(statement, context);
  NewName name = creation_name(context, range_var(context, statement.defnames));
  if (name.persistence != 't') check_may_create(context, name.schema, 0);
  lock_name(context, catalog::kPgStatisticExtOid, name.schema, name.name);
  if (context.catalog_version()->find_statistics(name.schema, name.name, context.database()) != kInvalidOid) {
    std::string text = "statistics object \"" + name.name + "\" already exists";
    if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateObject, text);
    notice(context, text + ", skipping", Sqlstate::DuplicateObject);
    return {"CREATE STATISTICS", {}, {}};
  }
  if (statement.exprs.size() > kMaxDimensions) throw SqlError(Sqlstate::TooManyColumns, "cannot have more than 8 columns in statistics");
  Elements elements;
  for (const auto* element : statement.exprs) {
    if (element->expr == nullptr) add_column(context, *table, element->name, elements);
    else add_expression(context, *table, *element->expr, statement.exprs.size() == 1, elements);
  }
  auto made = std::make_shared<catalog::Statistics>();
  made->kinds = kinds_of(statement, elements);
  std::sort(elements.columns.begin(), elements.columns.end());
  if (std::adjacent_find(elements.columns.begin(), elements.columns.end()) != elements.columns.end()) {
    throw SqlError(Sqlstate::DuplicateColumn, "duplicate column name in statistics definition");
  }
  auto sorted = elements.expressions;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    throw SqlError(Sqlstate::DuplicateColumn, "duplicate expression in statistics definition");
  }
  made->oid = context.catalog().allocate_oid();
  made->database = context.database();
  made->schema = name.schema;
  made->name = name.name;
  made->owner = context.current_role();
  made->table = table->oid;
  made->columns = elements.columns;
  made->expressions = elements.expressions;
  for (int column : elements.columns) made->dependencies.push_back({table->oid, column + 1, 'a'});
  for (const auto& dependency : elements.dependencies) {
    if (std::find(made->dependencies.begin(), made->dependencies.end(), dependency) == made->dependencies.end()) made->dependencies.push_back(dependency);
  }
  context.catalog_changes().put(made);
  return {"CREATE STATISTICS", {}, {}};
}

StatisticsPtr find_statistics(CommandContext& context, ast::NameList names, bool missing_ok) {
  auto version = context.catalog_version();
  ast::RangeVar name = range_var(context, names);
  std::vector<Oid> schemas;
  if (name.schemaname.empty()) {
    // Names of temporary schemas must be written.
    for (Oid schema : context.search_path()) {
      if (schema != context.temp_schema(false)) schemas.push_back(schema);
    }
  } else if (Oid schema = find_schema(context, name.schemaname, missing_ok); schema != kInvalidOid) {
    schemas.push_back(schema);
  } else {
    notice(context, "schema \"" + std::string(name.schemaname) + "\" does not exist, skipping");
    return nullptr;
  }
  for (Oid schema : schemas) {
    Oid found = version->find_statistics(schema, name.relname, context.database());
    if (found != kInvalidOid) return std::static_pointer_cast<const catalog::Statistics>(version->find(found));
  }
  std::string text = "statistics object \"" + dotted(names) + "\" does not exist";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

CommandResult alter_statistics(const ast::AlterStatsStmt& statement, CommandContext& context) {
  int target = statement.stxstattarget;
  if (target < -1) throw SqlError(Sqlstate::InvalidParameterValue, "statistics target " + std::to_string(target) + " is too low");
  if (target > 10000) {
    warning(context, "lowering statistics target to 10000", Sqlstate::InvalidParameterValue);
    target = 10000;
  }
  auto found = find_statistics(context, statement.defnames, statement.missing_ok);
  if (found == nullptr) return {"ALTER STATISTICS", {}, {}};
  check_owner(context, *found);
  auto changed = copy_of(found);
  changed->target = target;
  context.catalog_changes().put(changed);
  return {"ALTER STATISTICS", {}, {}};
}

}  // namespace aegis::commands
