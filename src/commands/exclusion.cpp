// EXCLUDE constraints.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/operator_classes.h"
#include "aegis/functions/function.h"
#include "aegis/functions/inverted.h"
#include "aegis/functions/quoting.h"
#include "constraints.h"
#include "definition.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "tablespace.h"
#include "table.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;
using functions::quote_identifier;

std::string signature(CommandContext& context, const functions::Operator& op) {
  auto text = [&](Oid type) { return types::format_type({type}, context.types().names); };
  return std::string(op.name) + "(" + text(op.left) + "," + text(op.right) + ")";
}

// The operator, as an expression of the key with itself would find it.
const functions::Operator* find_operator(CommandContext& context, const catalog::Relation& table, const catalog::IndexColumn& key, ast::NameList name) {
  std::string operand = key.column >= 0 ? quote_identifier(table.columns[key.column].name) : "(" + key.sql + ")";
  std::string written = std::string(name.back());
  if (name.size() > 1) written = "OPERATOR(" + quote_identifier(name.front()) + "." + written + ")";
  auto definition = define_sql(context, operand + " " + written + " " + operand, &table, {oid::kBool}, analyzer::DefinitionKind::Check);
  const auto* expr = definition.expr.get();
  if (expr->op == nullptr) throw InternalError("an operator was not found as one");
  Oid found = expr->op->oid;
  if (const auto* built_in = functions::find_operator(found)) return built_in;
  return &context.catalog_version()->find_operator(found)->record();
}

void require_member(CommandContext& context, const catalog::Index& index, const catalog::IndexColumn& key, const functions::Operator& op) {
  auto version = context.catalog_version();
  Oid type = types::base_type(key.type.oid);
  bool member;
  std::string family;
  if (functions::is_inverted_method(index.method)) {
    const auto* strategy = version->inverted_strategy(key.opclass);
    auto made = version->operator_class(key.opclass);
    member = strategy != nullptr && strategy->answers(op.name, type, type);
    if (made != nullptr) {
      auto its = version->operator_family(made->family);
      family = its == nullptr ? "" : its->name;
      member = member && its != nullptr && std::any_of(its->operators.begin(), its->operators.end(), [&](const auto& m) { return m.object == op.oid; });
    } else {
      member = member && !op.user_defined;
      family = catalog::built_in_opfamily_name(catalog::built_in_opclass_family(key.opclass));
    }
  } else {
    member = op.standard_name() == "=";
    family = catalog::built_in_opfamily_name(catalog::built_in_opclass_family(catalog::default_opclass(catalog::access_method(index.method), type)));
  }
  if (member) return;
  throw SqlError(Sqlstate::WrongObjectType, "operator " + signature(context, op) + " is not a member of operator family \"" + family + "\"")
      .detail("The exclusion operator must be related to the index operator class for the constraint.");
}

}  // namespace

void add_exclusion(CommandContext& context, catalog::Relation& table, const ast::Constraint& node) {
  if (table.is_partitioned()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "exclusion constraints are not supported on partitioned tables").position(position_of(context, node));
  }
  auto index = std::make_shared<catalog::Index>();
  index->method = index_method(node.access_method, false, !node.including.empty(), node.exclusions.size());
  if (index->method == "gin") {
    throw SqlError(Sqlstate::FeatureNotSupported, "access method \"" + index->method + "\" does not support exclusion constraints");
  }
  std::vector<std::string> names;
  catalog::Constraint constraint;
  constraint.kind = 'x';
  for (const auto* item : node.exclusions) {
    index->exclusion.push_back(kInvalidOid);
    add_index_key(context, item->elem, table, *index, names);
    const auto& key = index->columns.back();
    const auto* op = find_operator(context, table, key, item->oper);
    if (op->commutator != op->oid) {
      throw SqlError(Sqlstate::WrongObjectType, "operator " + signature(context, *op) + " is not commutative")
          .detail("Only commutative operators can be used in exclusion constraints.");
    }
    require_member(context, *index, key, *op);
    index->exclusion.back() = op->oid;
    if (key.column >= 0 && std::find(constraint.columns.begin(), constraint.columns.end(), key.column) == constraint.columns.end()) {
      constraint.columns.push_back(key.column);
    }
  }
  for (auto name : node.including) {
    int column = table.find_column(name);
    if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(name) + "\" named in key does not exist");
    index->included.push_back(column);
  }
  if (node.where_clause != nullptr) {
    auto predicate = define(context, *node.where_clause, &table, {oid::kBool}, analyzer::DefinitionKind::IndexPredicate);
    index->predicate_sql = predicate.sql;
  }
  index->options = index_options(node.options);
  if (!node.conname.empty()) {
    constraint.name = node.conname;
    for (const auto& other : table.constraints) {
      if (other.name != constraint.name) continue;
      throw SqlError(Sqlstate::DuplicateObject, "constraint \"" + constraint.name + "\" for relation \"" + table.name + "\" already exists");
    }
    lock_name(context, catalog::kPgClassOid, table.schema, constraint.name);
    if (context.catalog_version()->find_relation(table.schema, constraint.name, context.database()) != kInvalidOid) {
      throw SqlError(Sqlstate::DuplicateTable, "relation \"" + constraint.name + "\" already exists");
    }
  } else {
    constraint.name = choose_relation_name(context, table.schema, table.name, joined_names(names), "excl");
  }
  constraint.oid = context.catalog().allocate_oid();
  constraint.deferrable = node.deferrable || node.initdeferred;
  constraint.initially_deferred = node.initdeferred;
  index->name = constraint.name;
  index->constraint = constraint.oid;
  index->immediate = !constraint.deferrable;
  index->tablespace = new_tablespace(context, node.indexspace, table.persistence, table.is_partitioned());
  build_index(context, table, index);
  constraint.index = index->oid;
  table.constraints.push_back(std::move(constraint));
}

}  // namespace aegis::commands
