#include "constraints.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/functions/quoting.h"
#include "collation.h"
#include "definition.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "tablespace.h"

namespace aegis::commands {

namespace oid = types::oid;
using functions::quote_identifier;

namespace {

void check_name(CommandContext& context, const catalog::Relation& table, std::string_view name) {
  for (const auto& constraint : table.constraints) {
    if (constraint.name == name) {
      throw SqlError(Sqlstate::DuplicateObject,
                     "constraint \"" + std::string(name) + "\" for relation \"" + table.name + "\" already exists");
    }
  }
}

std::vector<int> key_columns(const catalog::Relation& table, const std::vector<std::string>& names, const char* what, int position) {
  std::vector<int> columns;
  for (const auto& name : names) {
    int column = table.find_column(name);
    if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column \"" + name + "\" named in key does not exist").position(position);
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      throw SqlError(Sqlstate::DuplicateColumn, "column \"" + name + "\" appears twice in " + what).position(position);
    }
    columns.push_back(column);
  }
  return columns;
}

std::vector<std::string> strings(ast::NameList names) { return {names.begin(), names.end()}; }

std::string schema_name(CommandContext& context, const catalog::Relation& table) {
  auto schema = context.catalog_version()->schema(table.schema);
  return schema == nullptr ? std::string() : schema->name;
}

}  // namespace

void validate_check(CommandContext& context, const catalog::Relation& table, const catalog::Constraint& constraint) {
  auto storage = context.engine().table(table.storage);
  if (storage == nullptr || storage->end_row().value <= 1) return;
  auto definition = define_sql(context, constraint.check_sql, &table, {oid::kBool}, analyzer::DefinitionKind::Check);
  executor::RowEvaluator evaluator(*definition.expr, context.types(), context.services());
  vector::Chunk rows;
  std::vector<uint32_t> all;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    rows.add_column(table.columns[i].type.oid);
    all.push_back(static_cast<uint32_t>(i));
  }
  auto snapshot = context.transaction().take_latest_snapshot();
  storage::ScanState state{RowId(1), storage->end_row()};
  std::vector<RowId> ids;
  while (storage->scan(*snapshot, all, state, rows, ids)) {
    auto view = evaluator.evaluate(rows).view();
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!view.valid(i) || view.at<uint8_t>(i) != 0) continue;
      throw SqlError(Sqlstate::CheckViolation, "check constraint \"" + constraint.name + "\" of relation \"" + table.name + "\" is violated by some row")
          .schema(schema_name(context, table))
          .table(table.name)
          .constraint(constraint.name);
    }
  }
}

void validate_not_null(CommandContext& context, const catalog::Relation& table, int column) {
  auto storage = context.engine().table(table.storage);
  if (storage == nullptr || storage->end_row().value <= 1) return;
  vector::Chunk rows;
  rows.add_column(table.columns[column].type.oid);
  std::vector<uint32_t> columns{static_cast<uint32_t>(column)};
  auto snapshot = context.transaction().take_latest_snapshot();
  storage::ScanState state{RowId(1), storage->end_row()};
  std::vector<RowId> ids;
  while (storage->scan(*snapshot, columns, state, rows, ids)) {
    auto view = rows.column(0).view();
    for (size_t i = 0; i < rows.size(); ++i) {
      if (view.valid(i)) continue;
      throw SqlError(Sqlstate::NotNullViolation,
                     "column \"" + table.columns[column].name + "\" of relation \"" + table.name + "\" contains null values")
          .schema(schema_name(context, table))
          .table(table.name)
          .column(table.columns[column].name);
    }
  }
}

void add_check(CommandContext& context, catalog::Relation& table, const ast::Constraint& node, bool validate) {
  auto definition = define(context, *node.raw_expr, &table, {oid::kBool}, analyzer::DefinitionKind::Check);
  catalog::Constraint constraint;
  constraint.kind = 'c';
  constraint.check_sql = definition.sql;
  constraint.columns = definition.columns;
  std::sort(constraint.columns.begin(), constraint.columns.end());
  constraint.no_inherit = node.is_no_inherit;
  constraint.validated = validate ? !node.skip_validation : true;
  if (!node.conname.empty()) {
    check_name(context, table, node.conname);
    constraint.name = node.conname;
  } else {
    std::string column = definition.columns.size() == 1 ? table.columns[definition.columns[0]].name : "";
    constraint.name = choose_constraint_name(context, table, column, "check");
  }
  constraint.oid = context.catalog().allocate_oid();
  if (validate && !node.skip_validation) validate_check(context, table, constraint);
  table.constraints.push_back(std::move(constraint));
}

namespace {

// ADD CONSTRAINT … USING INDEX.
std::shared_ptr<catalog::Index> adopted_index(CommandContext& context, const catalog::Relation& table, const ast::Constraint& node) {
  auto version = context.catalog_version();
  Oid found = version->find_relation(table.schema, node.indexname, context.database());
  auto index = found == kInvalidOid ? nullptr : version->index(found);
  if (index == nullptr) throw SqlError(Sqlstate::UndefinedObject, "index \"" + std::string(node.indexname) + "\" does not exist");
  auto wrong = [&](std::string text) { throw SqlError(Sqlstate::WrongObjectType, std::move(text)); };
  std::string quoted = "\"" + index->name + "\"";
  if (index->constraint != kInvalidOid) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "index " + quoted + " is already associated with a constraint");
  }
  if (index->table != table.oid) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "index " + quoted + " does not belong to table \"" + table.name + "\"");
  }
  if (!index->unique) wrong(quoted + " is not a unique index");
  if (!index->predicate_sql.empty()) wrong(quoted + " is a partial index");
  for (const auto& key : index->columns) {
    if (key.column < 0) wrong("index " + quoted + " contains expressions");
    if (key.descending || key.nulls_first) wrong("index " + quoted + " column number 1 does not have default sorting behavior");
  }
  return copy_of(index);
}

}  // namespace

void defer_clones(CommandContext& context, Oid table, Oid constraint, bool initially_deferred, bool deferrable) {
  for (const auto& child : context.catalog_version()->children(table)) {
    for (size_t i = 0; i < child->constraints.size(); ++i) {
      if (child->constraints[i].parent != constraint) continue;
      auto changed = copy_of(child);
      changed->constraints[i].deferrable = deferrable;
      changed->constraints[i].initially_deferred = initially_deferred;
      context.catalog_changes().put(changed);
      defer_clones(context, child->oid, child->constraints[i].oid, initially_deferred, deferrable);
    }
  }
}

void add_key(CommandContext& context, catalog::Relation& table, const ast::Constraint& node, std::vector<std::string> columns, bool only) {
  if (node.contype == ast::ConstrType::Exclusion) return add_exclusion(context, table, node);
  bool primary = node.contype == ast::ConstrType::Primary;
  const char* what = primary ? "primary key constraint" : "unique constraint";
  if (primary && table.primary_key() != nullptr) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "multiple primary keys for table \"" + table.name + "\" are not allowed");
  }
  std::shared_ptr<catalog::Index> adopted;
  if (!node.indexname.empty()) {
    adopted = adopted_index(context, table, node);
    for (const auto& key : adopted->columns) columns.push_back(table.columns[key.column].name);
  } else if (columns.empty()) {
    columns = strings(node.keys);
  }
  catalog::Constraint constraint;
  constraint.kind = primary ? 'p' : 'u';
  constraint.deferrable = node.deferrable || node.initdeferred;
  constraint.initially_deferred = node.initdeferred;
  constraint.columns = key_columns(table, columns, what, position_of(context, node));
  constraint.oid = context.catalog().allocate_oid();
  if (primary) {
    for (int column : constraint.columns) {
      if (!table.columns[column].not_null) validate_not_null(context, table, column);
      table.columns[column].not_null = true;
    }
  }
  if (!node.conname.empty()) {
    check_name(context, table, node.conname);
    constraint.name = node.conname;
    if (adopted == nullptr || adopted->name != constraint.name) {
      lock_name(context, catalog::kPgClassOid, table.schema, constraint.name);
      if (context.catalog_version()->find_relation(table.schema, constraint.name, context.database()) != kInvalidOid) {
        throw SqlError(Sqlstate::DuplicateTable, "relation \"" + constraint.name + "\" already exists");
      }
    }
  } else if (adopted != nullptr) {
    constraint.name = adopted->name;
  } else if (primary) {
    constraint.name = choose_relation_name(context, table.schema, table.name, "", "pkey");
  } else {
    constraint.name = choose_relation_name(context, table.schema, table.name, joined_names(columns), "key");
  }
  if (adopted != nullptr) {
    if (adopted->name != constraint.name) {
      notice(context, "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"" + adopted->name + "\" to \"" + constraint.name + "\"");
    }
    adopted->name = constraint.name;
    adopted->primary = primary;
    adopted->constraint = constraint.oid;
    adopted->immediate = !constraint.deferrable;
    constraint.index = adopted->oid;
    context.catalog_changes().put(adopted);
  } else {
    auto index = std::make_shared<catalog::Index>();
    index->name = constraint.name;
    index->unique = true;
    index->primary = primary;
    index->nulls_not_distinct = node.nulls_not_distinct;
    index->constraint = constraint.oid;
    index->immediate = !constraint.deferrable;
    index->valid = !only || !table.is_partitioned() || !context.catalog_version()->has_children(table.oid);
    index->columns = plain_index_columns(table, constraint.columns);
    for (auto name : node.including) index->included.push_back(key_columns(table, {std::string(name)}, what, position_of(context, node))[0]);
    index->tablespace = new_tablespace(context, node.indexspace, table.persistence, table.is_partitioned());
    build_index(context, table, index);
    constraint.index = index->oid;
    if (constraint.initially_deferred) defer_clones(context, table.oid, constraint.oid, true);
  }
  table.constraints.push_back(std::move(constraint));
}

// ---- FOREIGN KEY ----
namespace {

bool integer_type(Oid type) { return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8; }
bool text_type(Oid type) { return type == oid::kText || type == oid::kVarchar; }

}  // namespace

void check_key_types(CommandContext& context, types::Type a, types::Type b, const std::string& name, const std::string& from, const std::string& to) {
  if (a.oid == b.oid || (integer_type(a.oid) && integer_type(b.oid)) || (text_type(a.oid) && text_type(b.oid))) return;
  const auto* left = types::find_type(a.oid);
  const auto* right = types::find_type(b.oid);
  if (left != nullptr && right != nullptr && left->category == right->category && left->category != 'A') {
    throw_not_supported("a foreign key between types " + types::format_type({a.oid}) + " and " + types::format_type({b.oid}));
  }
  throw SqlError(Sqlstate::DatatypeMismatch, "foreign key constraint \"" + name + "\" cannot be implemented")
      .detail("Key columns \"" + from + "\" and \"" + to + "\" are of incompatible types: " + types::format_type(a) + " and " +
              types::format_type(b) + ".");
}

namespace {

std::vector<int> reference_columns(const catalog::Relation& table, ast::NameList names) {
  std::vector<int> columns;
  for (auto name : names) {
    int column = table.find_column(name);
    if (column < 0) {
      for (std::string_view system : {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}) {
        if (name == system) throw SqlError(Sqlstate::FeatureNotSupported, "system columns cannot be used in foreign keys");
      }
      throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(name) + "\" referenced in foreign key constraint does not exist");
    }
    columns.push_back(column);
  }
  return columns;
}

// The unique index over exactly the referenced columns.
Oid referenced_index(CommandContext& context, const catalog::Relation& table, const std::vector<int>& columns) {
  auto version = context.catalog_version();
  auto sorted = columns;
  std::sort(sorted.begin(), sorted.end());
  bool deferrable = false;
  for (Oid oid : table.indexes) {
    auto index = version->index(oid);
    if (index == nullptr || !index->unique || !index->predicate_sql.empty() || index->columns.size() != columns.size()) continue;
    std::vector<int> keys;
    for (const auto& key : index->columns) keys.push_back(key.column);
    std::sort(keys.begin(), keys.end());
    if (keys == sorted && index->immediate) return oid;
    deferrable = deferrable || keys == sorted;
  }
  if (deferrable) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot use a deferrable unique constraint for referenced table \"" + table.name + "\"");
  }
  throw SqlError(Sqlstate::InvalidForeignKey, "there is no unique constraint matching given keys for referenced table \"" + table.name + "\"");
}

void check_persistence(const catalog::Relation& table, const catalog::Relation& referenced) {
  auto fail = [](const char* text) { throw SqlError(Sqlstate::InvalidTableDefinition, text); };
  if (table.persistence == 'p' && referenced.persistence != 'p') {
    fail("constraints on permanent tables may reference only permanent tables");
  }
  if (table.persistence == 'u' && referenced.persistence == 't') {
    fail("constraints on unlogged tables may reference only permanent or unlogged tables");
  }
  if (table.persistence == 't' && referenced.persistence != 't') fail("constraints on temporary tables may reference only temporary tables");
}

}  // namespace

void add_foreign_key(CommandContext& context, catalog::Relation& table, const ast::Constraint& node, std::vector<std::string> names,
                     bool validate) {
  if (names.empty()) names = strings(node.fk_attrs);
  catalog::Constraint constraint;
  constraint.kind = 'f';
  std::vector<std::string_view> views(names.begin(), names.end());
  constraint.columns = reference_columns(table, views);
  catalog::Relation* referenced = nullptr;
  std::shared_ptr<catalog::Relation> other;
  auto found = open_relation(context, *node.pktable, txn::LockMode::ShareRowExclusive);
  if (found->oid == table.oid) {
    referenced = &table;
  } else {
    other = copy_of(found);
    referenced = other.get();
  }
  if (referenced->relkind != 'r' && !referenced->is_partitioned()) throw SqlError(Sqlstate::WrongObjectType, "referenced relation \"" + referenced->name + "\" is not a table");
  if (is_system(*context.catalog_version(), *referenced)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + referenced->name + "\" is a system catalog");
  }
  check_persistence(table, *referenced);
  if (node.pk_attrs.empty()) catalog::check_privilege(*context.catalog_version(), context.current_role(), *referenced, 'x');
  auto& key = constraint.foreign_key;
  key.referenced = referenced->oid;
  if (node.pk_attrs.empty()) {
    const auto* primary = referenced->primary_key();
    if (primary == nullptr) {
      throw SqlError(Sqlstate::UndefinedObject, "there is no primary key for referenced table \"" + referenced->name + "\"");
    }
    key.referenced_columns = primary->columns;
    key.referenced_index = primary->index;
    if (primary->deferrable) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot use a deferrable primary key for referenced table \"" + referenced->name + "\"");
    }
  } else {
    key.referenced_columns = reference_columns(*referenced, node.pk_attrs);
    for (int column : key.referenced_columns) {
      bool may = catalog::has_column_privilege(*context.catalog_version(), context.current_role(), *referenced, column, 'x');
      if (!may) catalog::throw_permission_denied(*referenced);
    }
    key.referenced_index = kInvalidOid;
  }
  if (constraint.columns.size() != key.referenced_columns.size()) {
    throw SqlError(Sqlstate::InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree");
  }
  if (key.referenced_index == kInvalidOid) key.referenced_index = referenced_index(context, *referenced, key.referenced_columns);
  if (!node.conname.empty()) {
    check_name(context, table, node.conname);
    constraint.name = node.conname;
  } else {
    constraint.name = choose_constraint_name(context, table, joined_names(names), "fkey");
  }
  for (size_t i = 0; i < constraint.columns.size(); ++i) {
    const auto& from = table.columns[constraint.columns[i]];
    const auto& to = referenced->columns[key.referenced_columns[i]];
    check_key_types(context, from.type, to.type, constraint.name, from.name, to.name);
    bool generated = from.generated != 0;
    if (generated && (node.fk_upd_action == 'n' || node.fk_upd_action == 'd' || node.fk_upd_action == 'c')) {
      throw SqlError(Sqlstate::SyntaxError, "invalid ON UPDATE action for foreign key constraint containing generated column");
    }
    if (generated && (node.fk_del_action == 'n' || node.fk_del_action == 'd')) {
      throw SqlError(Sqlstate::SyntaxError, "invalid ON DELETE action for foreign key constraint containing generated column");
    }
  }
  if (node.fk_upd_action != 0) key.on_update = node.fk_upd_action;
  if (node.fk_del_action != 0) key.on_delete = node.fk_del_action;
  if (node.fk_matchtype != 0) key.match = node.fk_matchtype;
  if (key.match == 'p') throw_not_supported("MATCH PARTIAL", position_of(context, node));
  key.delete_set_columns = reference_columns(table, node.fk_del_set_cols);
  for (int column : key.delete_set_columns) {
    if (std::find(constraint.columns.begin(), constraint.columns.end(), column) == constraint.columns.end()) {
      throw SqlError(Sqlstate::InvalidColumnReference,
                     "column \"" + table.columns[column].name + "\" referenced in ON DELETE SET action must be part of foreign key");
    }
  }
  constraint.deferrable = node.deferrable || node.initdeferred;
  constraint.initially_deferred = node.initdeferred;
  constraint.validated = validate ? !node.skip_validation : true;
  constraint.oid = context.catalog().allocate_oid();
  if (validate && !node.skip_validation) validate_foreign_key(context, table, constraint);
  table.constraints.push_back(std::move(constraint));
}

void validate_foreign_key(CommandContext& context, const catalog::Relation& table, const catalog::Constraint& constraint) {
  auto storage = context.engine().table(table.storage);
  if (storage == nullptr || storage->end_row().value <= 1) return;
  auto version = context.catalog_version();
  const auto& key = constraint.foreign_key;
  auto referenced = key.referenced == table.oid ? std::make_shared<const catalog::Relation>(table) : version->relation(key.referenced);
  std::string columns, on, any_null, missing, all_null;
  for (size_t i = 0; i < constraint.columns.size(); ++i) {
    std::string from = "fk." + quote_identifier(table.columns[constraint.columns[i]].name);
    std::string to = "pk." + quote_identifier(referenced->columns[key.referenced_columns[i]].name);
    if (i > 0) {
      columns += ", ";
      on += " AND ";
      any_null += " AND ";
      all_null += " OR ";
    }
    columns += from;
    const auto& referenced_column = referenced->columns[key.referenced_columns[i]];
    on += from + " = " + to;
    if (referenced_column.collation != table.columns[constraint.columns[i]].collation && types::find_collation(referenced_column.collation) != nullptr) {
      on += " COLLATE " + collation_sql(*version, referenced_column.collation);
    }
    any_null += from + " IS NOT NULL";
    all_null += from + " IS NOT NULL";
    if (i == 0) missing = to + " IS NULL";
  }
  std::string wanted = key.match == 'f' && constraint.columns.size() > 1 ? "(" + all_null + ")" : any_null;
  std::string sql = "SELECT " + columns + " FROM ONLY " + sql_name(*version, table) + " fk LEFT JOIN " + sql_name(*version, *referenced) +
                    " pk ON " + on + " WHERE " + missing + " AND " + wanted + " LIMIT 1";
  std::vector<std::string> row;
  if (!finds_row(context, sql, &row)) return;
  std::string names, values;
  for (size_t i = 0; i < constraint.columns.size(); ++i) {
    if (i > 0) {
      names += ", ";
      values += ", ";
    }
    names += table.columns[constraint.columns[i]].name;
    values += row[i];
  }
  bool mixed = constraint.foreign_key.match == 'f' && std::find(row.begin(), row.end(), "null") != row.end();
  throw SqlError(Sqlstate::ForeignKeyViolation,
                 "insert or update on table \"" + table.name + "\" violates foreign key constraint \"" + constraint.name + "\"")
      .detail(mixed ? "MATCH FULL does not allow mixing of null and nonnull key values." : "Key (" + names + ")=(" + values + ") is not present in table \"" + referenced->name + "\".")
      .schema(schema_name(context, table))
      .table(table.name)
      .constraint(constraint.name);
}

}  // namespace aegis::commands
