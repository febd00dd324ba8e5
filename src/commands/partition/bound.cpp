#include "partition/bound.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "aegis/functions/partition_hash.h"
#include "collation.h"
#include "definition.h"
#include "index.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;

constexpr size_t kMaxKeyColumns = 32;

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void require_key_type(const catalog::PartitionColumn& key, char strategy) {
  const auto* info = types::find_type(types::base_type(key.type).oid);
  bool usable = info != nullptr && (strategy == 'h' ? functions::can_partition_by_hash(key.type) : info->compare != nullptr);
  if (usable) return;
  const char* method = strategy == 'h' ? "hash" : "btree";
  throw SqlError(Sqlstate::UndefinedObject, "data type " + types::format_type({key.type.oid}) + " has no default operator class for access method \"" + method + "\"")
      .hint(std::string("You must specify a ") + method + " operator class or define a default " + method + " operator class for the data type.");
}

catalog::PartitionColumn key_of(CommandContext& context, const catalog::Relation& table, const ast::PartitionElem& elem) {
  catalog::PartitionColumn key;
  std::string name(elem.name);
  const auto* ref = ast::node_cast<ast::ColumnRef>(elem.expr);
  if (name.empty() && ref != nullptr && ref->fields.size() == 1 && !ref->star && table.find_column(ref->fields[0]) >= 0) name = ref->fields[0];
  auto at = position_of(context, elem);
  if (!name.empty()) {
    for (std::string_view system : {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"}) {
      if (name == system && table.find_column(name) < 0) {
        throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot use system column \"" + name + "\" in partition key").position(at);
      }
    }
    key.column = table.find_column(name);
    if (key.column < 0) {
      throw SqlError(Sqlstate::UndefinedColumn, "column \"" + name + "\" named in partition key does not exist").position(at);
    }
    const auto& column = table.columns[static_cast<size_t>(key.column)];
    if (column.generated != 0) {
      throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot use generated column in partition key")
          .detail("Column \"" + column.name + "\" is a generated column.")
          .position(at);
    }
    key.type = column.type;
    key.collation = column.collation;
    return key;
  }
  auto definition = define(context, *elem.expr, &table, {}, analyzer::DefinitionKind::PartitionKey);
  if (definition.columns.empty() && definition.expr->kind == plan::ExprKind::Constant) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot use constant expression as partition key");
  }
  if (definition.columns.empty() && !plan::is_volatile(*definition.expr)) {
    bool immutable = true;
    plan::walk(*definition.expr, [&](const plan::Expr& part) {
      immutable = immutable && (part.function == nullptr || part.function->volatility == functions::Volatility::Immutable);
      return true;
    });
    if (immutable) throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot use constant expression as partition key");
  }
  plan::walk(*definition.expr, [&](const plan::Expr& part) {
    if (part.function != nullptr && part.function->volatility != functions::Volatility::Immutable) {
      throw SqlError(Sqlstate::InvalidObjectDefinition, "functions in partition key expression must be marked IMMUTABLE");
    }
    return true;
  });
  for (int column : definition.columns) {
    if (table.columns[static_cast<size_t>(column)].generated == 0) continue;
    throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot use generated column in partition key")
        .detail("Column \"" + table.columns[static_cast<size_t>(column)].name + "\" is a generated column.")
        .position(at);
  }
  if (types::type_info(definition.expr->type.oid).kind == 'p') {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "partition key column " + std::to_string(table.partition_key.columns.size() + 1) +
                                                          " has pseudo-type " + types::format_type({definition.expr->type.oid}));
  }
  key.sql = definition.sql;
  key.type = definition.expr->type;
  key.collation = types::type_info(definition.expr->type.oid).collation == kInvalidOid ? kInvalidOid : definition.expr->collation;
  return key;
}

// One value of a bound, as the catalog keeps it.
class DatumMaker {
 public:
  DatumMaker(CommandContext& context, const catalog::Relation& parent) : context_(context), parent_(parent) {}

  catalog::PartitionDatum make(const ast::Node& node, size_t key) {
    const auto& column = parent_.partition_key.columns[key];
    if (const auto* ref = ast::node_cast<ast::ColumnRef>(&node)) {
      throw SqlError(Sqlstate::InvalidColumnReference, "cannot use column reference in partition bound expression").position(position_of(context_, *ref));
    }
    auto version = context_.catalog_version();
    auto analysis = context_.analyzer_context(*version);
    plan::ExprPtr expr;
    try {
      expr = analyzer::analyze_standalone(analysis, node, column.type);
    } catch (SqlError& error) {
      if (error.fields().sqlstate == Sqlstate::DatatypeMismatch && error.fields().message.starts_with("cannot coerce expression")) {
        auto plain = analyzer::analyze_standalone(analysis, node, {});
        throw SqlError(Sqlstate::DatatypeMismatch, "specified value cannot be cast to type " + types::format_type({column.type.oid}) + " for column \"" +
                                                       key_name(key) + "\"")
            .position(position_of(context_, node));
      }
      if (error.fields().sqlstate == Sqlstate::UndefinedColumn) {
        throw SqlError(Sqlstate::InvalidColumnReference, "cannot use column reference in partition bound expression").position(error.fields().position);
      }
      throw reworded(error);
    }
    if (plan::contains(*expr, plan::ExprKind::Subquery)) {
      throw SqlError(Sqlstate::FeatureNotSupported, "cannot use subquery in partition bound").position(position_of(context_, node));
    }
    Arena arena;
    types::Value value = executor::evaluate_constant(*expr, context_.types(), context_.services(), arena);
    catalog::PartitionDatum datum;
    if (value.is_null) {
      datum.kind = 'n';
      return datum;
    }
    types::TypeContext plain;
    plain.names = context_.types().names;
    types::type_info(column.type.oid).output(plain, value, column.type.oid, datum.text);
    return datum;
  }

  std::string key_name(size_t key) {
    const auto& column = parent_.partition_key.columns[key];
    return column.column < 0 ? column.sql : parent_.columns[static_cast<size_t>(column.column)].name;
  }

 private:
  static SqlError reworded(SqlError& error) {
    ErrorFields fields = error.fields();
    std::string& text = fields.message;
    for (std::string_view place : {"this statement", "VALUES"}) {
      size_t at = text.find(place);
      if (at != std::string::npos) text.replace(at, place.size(), "partition bound");
    }
    if (text == "cannot use subquery in partition bound") text = "cannot use subquery in partition bound";
    SqlError out(fields.sqlstate, text);
    return out.detail(fields.detail).hint(fields.hint).position(fields.position);
  }

  CommandContext& context_;
  const catalog::Relation& parent_;
};

// MINVALUE and MAXVALUE come as column names.
char infinity_of(const ast::Node& node) {
  const auto* ref = ast::node_cast<ast::ColumnRef>(&node);
  if (ref == nullptr || ref->fields.size() != 1 || ref->star) return 0;
  return ref->fields[0] == "minvalue" ? '-' : ref->fields[0] == "maxvalue" ? '+' : '\0';
}

std::vector<catalog::PartitionDatum> range_datums(CommandContext& context, DatumMaker& maker, ast::NodeList nodes) {
  std::vector<catalog::PartitionDatum> datums;
  for (size_t i = 0; i < nodes.size(); ++i) {
    catalog::PartitionDatum datum;
    if (char infinity = infinity_of(*nodes[i])) datum.kind = infinity;
    else datum = maker.make(*nodes[i], i);
    if (datum.kind == 'n') throw SqlError(Sqlstate::InvalidTableDefinition, "cannot specify NULL in range bound");
    char before = datums.empty() ? 'v' : datums.back().kind;
    if (before != 'v' && datum.kind != before) {
      throw SqlError(Sqlstate::DatatypeMismatch, before == '-' ? "every bound following MINVALUE must also be MINVALUE"
                                                               : "every bound following MAXVALUE must also be MAXVALUE")
          .position(position_of(context, *nodes[i]));
    }
    datums.push_back(std::move(datum));
  }
  return datums;
}

std::string datum_list(CommandContext& context, const catalog::Relation& parent, const std::vector<catalog::PartitionDatum>& datums) {
  auto version = context.catalog_version();
  std::string text;
  for (size_t i = 0; i < datums.size(); ++i) {
    text += (i > 0 ? ", " : "") + catalog::partition_datum_text(datums[i], parent.partition_key.columns[i].type, {version.get(), &context.types()});
  }
  return "(" + text + ")";
}

void check_modulus(CommandContext& context, const catalog::Relation& parent, const catalog::PartitionBound& bound) {
  auto map = context.catalog_version()->partitions(parent);
  std::vector<std::pair<int32_t, std::string>> others;
  for (const auto& part : map->parts()) others.emplace_back(part->partition_bound.modulus, part->name);
  std::stable_sort(others.begin(), others.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::pair<int32_t, std::string>* smaller = nullptr;
  const std::pair<int32_t, std::string>* larger = nullptr;
  for (const auto& other : others) {
    if (other.first <= bound.modulus) smaller = &other;
    else if (larger == nullptr) larger = &other;
  }
  auto fail = [](std::string detail) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "every hash partition modulus must be a factor of the next larger modulus").detail(std::move(detail));
  };
  std::string modulus = std::to_string(bound.modulus);
  if (smaller != nullptr && bound.modulus % smaller->first != 0) {
    fail("The new modulus " + modulus + " is not divisible by " + std::to_string(smaller->first) + ", the modulus of existing partition \"" + smaller->second + "\".");
  }
  if (larger != nullptr && larger->first % bound.modulus != 0) {
    fail("The new modulus " + modulus + " is not a factor of " + std::to_string(larger->first) + ", the modulus of existing partition \"" + larger->second + "\".");
  }
}

}  // namespace

void set_partition_key(CommandContext& context, catalog::Relation& table, const ast::PartitionSpec& spec) {
  std::string strategy = lower_case(spec.strategy);
  if (strategy != "range" && strategy != "list" && strategy != "hash") {
    throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized partitioning strategy \"" + std::string(spec.strategy) + "\"");
  }
  auto& key = table.partition_key;
  key.strategy = strategy[0];
  if (key.strategy == 'l' && spec.part_params.size() > 1) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "cannot use \"list\" partition strategy with more than one column");
  }
  if (spec.part_params.size() > kMaxKeyColumns) {
    throw SqlError(Sqlstate::TooManyColumns, "cannot partition using more than " + std::to_string(kMaxKeyColumns) + " columns");
  }
  for (const auto* elem : spec.part_params) {
    auto column = key_of(context, table, *elem);
    if (!elem->collation.empty()) {
      if (types::type_info(column.type.oid).collation == kInvalidOid) {
        throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + types::format_type({column.type.oid}));
      }
      column.collation = resolve_collation(context, elem->collation, elem->location);
    }
    if (key.strategy == 'r' && column.collation != kInvalidOid && types::is_deterministic(column.collation) && !types::orders_by_bytes(column.collation, context.types())) {
      throw_not_supported("ranges of texts that are not ordered by their bytes");
    }
    if (!types::is_deterministic(column.collation)) {
      Oid base = types::base_type(column.type).oid;
      if (base != oid::kText && base != oid::kVarchar && base != oid::kBpchar) throw_not_supported("a partition key of a nondeterministic collation of this type");
    }
    column.opclass = partition_class(context, key.strategy, elem->opclass, column.type);
    if (column.opclass != kInvalidOid) table.dependencies.push_back({column.opclass, 0, 'n'});
    else require_key_type(column, key.strategy);
    key.columns.push_back(std::move(column));
  }
}

catalog::PartitionBound make_bound(CommandContext& context, const catalog::Relation& parent, const ast::PartitionBoundSpec& spec) {
  catalog::PartitionBound bound;
  char strategy = parent.partition_key.strategy;
  bound.strategy = strategy;
  if (spec.is_default) {
    if (strategy == 'h') throw SqlError(Sqlstate::InvalidTableDefinition, "a hash-partitioned table may not have a default partition");
    bound.is_default = true;
    return bound;
  }
  if (spec.strategy != strategy) {
    const char* word = strategy == 'h' ? "hash" : strategy == 'l' ? "list" : "range";
    throw SqlError(Sqlstate::InvalidTableDefinition, std::string("invalid bound specification for a ") + word + " partition")
        .position(position_of(context, spec));
  }
  if (strategy == 'h') {
    auto fail = [](const char* text) { throw SqlError(Sqlstate::InvalidTableDefinition, text); };
    if (spec.modulus <= 0) fail("modulus for hash partition must be an integer value greater than zero");
    if (spec.remainder < 0) fail("remainder for hash partition must be an integer value greater than or equal to zero");
    if (spec.remainder >= spec.modulus) fail("remainder for hash partition must be less than modulus");
    bound.modulus = spec.modulus;
    bound.remainder = spec.remainder;
    return bound;
  }
  DatumMaker maker(context, parent);
  if (strategy == 'l') {
    for (const auto* node : spec.listdatums) {
      auto datum = maker.make(*node, 0);
      bool repeated = std::any_of(bound.values.begin(), bound.values.end(), [&](const auto& d) { return d.kind == datum.kind && d.text == datum.text; });
      if (!repeated) bound.values.push_back(std::move(datum));
    }
    return bound;
  }
  size_t keys = parent.partition_key.columns.size();
  if (spec.lowerdatums.size() != keys) throw SqlError(Sqlstate::InvalidTableDefinition, "FROM must specify exactly one value per partitioning column");
  if (spec.upperdatums.size() != keys) throw SqlError(Sqlstate::InvalidTableDefinition, "TO must specify exactly one value per partitioning column");
  bound.lower = range_datums(context, maker, spec.lowerdatums);
  bound.upper = range_datums(context, maker, spec.upperdatums);
  return bound;
}

void check_bound(CommandContext& context, const catalog::Relation& parent, const std::string& name, const catalog::PartitionBound& bound,
                 const ast::PartitionBoundSpec& spec) {
  auto version = context.catalog_version();
  auto map = version->partitions(parent);
  if (bound.is_default) {
    if (map->default_part() < 0) return;
    const auto& other = map->parts()[static_cast<size_t>(map->default_part())];
    throw SqlError(Sqlstate::InvalidObjectDefinition, "partition \"" + name + "\" conflicts with existing default partition \"" + other->name + "\"")
        .position(position_of(context, spec));
  }
  auto first_position = [&](ast::NodeList nodes) { return nodes.empty() ? position_of(context, spec) : position_of(context, *nodes[0]); };
  if (bound.strategy == 'r' && map->is_empty_range(*version, bound)) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "empty range bound specified for partition \"" + name + "\"")
        .detail("Specified lower bound " + datum_list(context, parent, bound.lower) + " is greater than or equal to upper bound " + datum_list(context, parent, bound.upper) + ".")
        .position(first_position(spec.lowerdatums));
  }
  if (bound.strategy == 'h') check_modulus(context, parent, bound);
  size_t at = 0;
  int other = map->overlapping(*version, bound, &at);
  if (other < 0) return;
  int position = bound.strategy == 'h'   ? position_of(context, spec)
                 : bound.strategy == 'l' ? position_of(context, at < spec.listdatums.size() ? *spec.listdatums[at] : static_cast<const ast::Node&>(spec))
                                         : first_position(spec.lowerdatums);
  throw SqlError(Sqlstate::InvalidObjectDefinition,
                 "partition \"" + name + "\" would overlap partition \"" + map->parts()[static_cast<size_t>(other)]->name + "\"")
      .position(position);
}

void check_default_rows(CommandContext& context, const catalog::Relation& parent, const catalog::PartitionBound& bound, Oid except) {
  auto version = context.catalog_version();
  auto map = version->partitions(parent);
  if (map->default_part() < 0) return;
  auto existing = map->parts()[static_cast<size_t>(map->default_part())];
  if (existing->oid == except) return;
  context.lock_relation(existing->oid, txn::LockMode::AccessExclusive);
  version = context.catalog_version();
  std::string condition = catalog::bound_constraint_text(*version, parent, bound);
  if (condition.empty()) return;
  for (const auto& table : version->family(existing->oid)) {
    if (!table->is_table()) continue;
    if (!finds_row(context, "SELECT 1 FROM ONLY " + sql_name(*version, *table) + " WHERE " + condition + " LIMIT 1")) continue;
    auto schema = version->schema(table->schema);
    throw SqlError(Sqlstate::CheckViolation, "updated partition constraint for default partition \"" + existing->name + "\" would be violated by some row")
        .schema(schema == nullptr ? "" : schema->name)
        .table(existing->name);
  }
}

void check_partition_rows(CommandContext& context, const catalog::Relation& root) {
  auto version = context.catalog_version();
  for (const auto& table : version->family(root.oid)) {
    if (!table->is_table()) continue;
    auto snapshot = context.transaction().take_latest_snapshot();
    if (!executor::has_misplaced_row(table, context.execution_context(*snapshot, version), root.oid)) continue;
    auto schema = version->schema(table->schema);
    auto parent = version->relation(root.parents[0].relation);
    std::string name = root.partition_bound.is_default && root.oid == table->oid ? root.name : table->name;
    (void)parent;
    throw SqlError(Sqlstate::CheckViolation, "partition constraint of relation \"" + name + "\" is violated by some row")
        .schema(schema == nullptr ? "" : schema->name)
        .table(name);
  }
}

}  // namespace aegis::commands
