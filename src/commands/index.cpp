#include "index.h"

#include "collation.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/functions/inverted.h"
#include "aegis/storage/concurrent_index.h"
#include "definition.h"
#include "names.h"
#include "objects.h"
#include "partition/attach.h"
#include "partition/inherit.h"
#include "table.h"

namespace aegis::commands {

namespace oid = types::oid;

void require_ordering(types::Type type) {
  const auto* info = types::find_type(type.oid);
  if (info != nullptr && info->compare != nullptr) return;
  throw SqlError(Sqlstate::UndefinedObject,
                 "data type " + types::format_type({type.oid}) + " has no default operator class for access method \"btree\"")
      .hint("You must specify an operator class for the index or define a default operator class for the data type.");
}

namespace {

// Keys are found by their bytes.
void require_deterministic_key(const catalog::IndexColumn& key) {
  if (!types::is_deterministic(key.collation)) throw_not_supported("an index on a column of a nondeterministic collation");
}

}  // namespace

std::vector<catalog::IndexColumn> plain_index_columns(const catalog::Relation& table, const std::vector<int>& columns) {
  std::vector<catalog::IndexColumn> result;
  for (int column : columns) {
    catalog::IndexColumn key;
    key.column = column;
    key.type = table.columns[column].type;
    key.collation = table.columns[column].collation;
    require_ordering(key.type);
    require_deterministic_key(key);
    result.push_back(std::move(key));
  }
  return result;
}

namespace {

std::string value_text(CommandContext& context, const vector::Vector& column, size_t row) {
  auto value = column.get(row);
  if (value.is_null) return "null";
  std::string text;
  types::type_info(column.type()).output(context.types(), value, column.type(), text);
  return text;
}

// "(a, lower(b))=(1, x)"
std::string duplicate_key_text(CommandContext& context, const catalog::Relation& table, const catalog::Index& index, RowId row) {
  vector::Chunk rows;
  std::vector<uint32_t> all, found;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    rows.add_column(table.columns[i].type.oid);
    all.push_back(static_cast<uint32_t>(i));
  }
  auto snapshot = context.transaction().take_latest_snapshot();
  std::vector<RowId> ids{row};
  context.engine().table(table.storage)->fetch(*snapshot, ids, all, rows, found);
  if (found.empty()) return {};
  std::string names, values;
  for (const auto& key : index.columns) {
    if (!names.empty()) {
      names += ", ";
      values += ", ";
    }
    if (key.column >= 0) {
      names += table.columns[key.column].name;
      values += value_text(context, rows.column(key.column), 0);
    } else {
      auto definition = define_sql(context, key.sql, &table, {}, analyzer::DefinitionKind::IndexExpression);
      executor::RowEvaluator evaluator(*definition.expr, context.types(), context.services());
      names += key.sql;
      values += value_text(context, evaluator.evaluate(rows), 0);
    }
  }
  return "(" + names + ")=(" + values + ")";
}

// Raises what computing the keys of a row that is there raises: rows whose keys failed may be deleted ones.
void check_keys(CommandContext& context, const catalog::Relation& table, const storage::IndexDefinition& definition) {
  auto snapshot = context.transaction().take_latest_snapshot();
  auto stored = context.engine().table(table.storage);
  vector::Chunk inputs;
  for (uint32_t column : definition.inputs) inputs.add_column(table.columns[column].type.oid);
  storage::ScanState state;
  storage::KeyBatch keys;
  std::vector<RowId> rows;
  while (stored->scan(*snapshot, definition.inputs, state, inputs, rows)) definition.compute_or_throw(inputs, keys);
}

void build_storage(CommandContext& context, const catalog::Relation& table, const catalog::Index& index, Writers writers = Writers::Wait) {
  auto version = context.catalog_version();
  auto definition = executor::make_index_definition(index, table, *version, context.types());
  auto& txn = context.transaction().context();
  switch (writers) {
    case Writers::Wait: context.engine().build_index(&txn, definition); break;
    case Writers::GoOn:
      storage::build_index_beside_writers(context.engine(), txn, definition);
      // Those who don't know the index don't ask it whether a key is there.
      if (index.unique) context.lock_relation(table.oid, txn::LockMode::Share);
      break;
  }
  if (definition.failures && definition.failures->count != 0) check_keys(context, table, definition);
  if (index.unique) check_unique(context, table, index);
}

}  // namespace

void check_unique(CommandContext& context, const catalog::Relation& table, const catalog::Index& index) {
  auto built = context.engine().index(index.storage);
  auto duplicate = context.engine().find_duplicate(context.transaction().context(), *built);
  if (!duplicate) return;
  SqlError error(Sqlstate::UniqueViolation, "could not create unique index \"" + index.name + "\"");
  std::string key = duplicate_key_text(context, table, index, duplicate->second);
  if (!key.empty()) error.detail("Key " + key + " is duplicated.");
  if (auto schema = context.catalog_version()->schema(table.schema)) error.schema(schema->name);
  throw error.table(table.name).constraint(index.name);
}

void build_index(CommandContext& context, catalog::Relation& table, const std::shared_ptr<catalog::Index>& index, Writers writers) {
  index->oid = context.catalog().allocate_oid();
  index->storage = IndexId(context.catalog().allocate_oid());
  index->database = table.database;
  index->schema = table.schema;
  index->owner = table.owner;
  index->table = table.oid;
  table.indexes.push_back(index->oid);
  if (!table.is_partitioned()) {
    build_storage(context, table, *index, writers);
    context.catalog_changes().put(index);
    return;
  }
  // Its partitions have the storage.
  index->storage = {};
  require_key_columns(table, *index, nullptr);
  context.catalog_changes().put(index);
  if (!index->valid) return;
  context.catalog_changes().put(std::make_shared<catalog::Relation>(table));
  for (Oid child : lock_children(context, table.oid, txn::LockMode::AccessExclusive)) ensure_partition_index(context, *index, child);
  // One that was made ON ONLY a partition is no whole index.
  auto version = context.catalog_version();
  for (const auto& child : version->children(table.oid)) {
    for (const auto& part : version->indexes_of(*child)) index->valid = index->valid && (part->parent != index->oid || part->valid);
  }
  if (!index->valid) context.catalog_changes().put(std::make_shared<catalog::Index>(*index));
}

void rebuild_index(CommandContext& context, const catalog::Relation& table, const catalog::Index& index) {
  if (table.is_partitioned()) return;
  auto changed = std::make_shared<catalog::Index>(index);
  if (context.engine().index(index.storage) != nullptr) {
    context.engine().drop_index(context.transaction().context(), index.storage);
  }
  changed->storage = IndexId(context.catalog().allocate_oid());
  build_storage(context, table, *changed);
  context.catalog_changes().put(changed);
}

namespace {

void check_operator_class(ast::NameList name) {
  if (name.empty()) return;
  std::string_view base = name.back();
  for (const auto& type : types::all_types()) {
    if (base.size() == type.name.size() + 4 && base.substr(0, type.name.size()) == type.name && base.ends_with("_ops")) return;
  }
  if (base == "text_pattern_ops" || base == "varchar_pattern_ops" || base == "bpchar_pattern_ops") return;
  throw SqlError(Sqlstate::UndefinedObject, "operator class \"" + dotted(name) + "\" does not exist for access method \"btree\"");
}

Oid inverted_class(CommandContext& context, ast::NameList name, types::Type type) {
  std::string shown = types::format_type({type.oid}, context.types().names);
  const auto* fitting = functions::default_inverted_class(type.oid);
  if (name.empty()) {
    if (fitting != nullptr) return fitting->oid;
    throw SqlError(Sqlstate::UndefinedObject, "data type " + shown + " has no default operator class for access method \"gin\"")
        .hint("You must specify an operator class for the index or define a default operator class for the data type.");
  }
  for (const auto& known : functions::inverted_classes()) {
    if (known.name != name.back()) continue;
    if (known.input == types::base_type(type.oid) || fitting == &known) return known.oid;
    throw SqlError(Sqlstate::DatatypeMismatch, "operator class \"" + dotted(name) + "\" does not accept data type " + shown);
  }
  throw SqlError(Sqlstate::UndefinedObject, "operator class \"" + dotted(name) + "\" does not exist for access method \"gin\"");
}

std::string expression_name(const ast::Node& node) {
  if (auto* call = ast::node_cast<ast::FuncCall>(&node)) return std::string(call->funcname.back());
  if (auto* cast = ast::node_cast<ast::TypeCast>(&node)) {
    std::string name = expression_name(*cast->arg);
    return name == "expr" ? std::string(cast->type_name->names.back()) : name;
  }
  if (ast::is_node<ast::CaseExpr>(&node)) return "case";
  if (ast::is_node<ast::CoalesceExpr>(&node)) return "coalesce";
  return "expr";
}

std::string method_of(const ast::IndexStmt& statement) {
  std::string method(statement.access_method);
  if (method.empty() || method == "btree") return "btree";
  if (method == "hash") {
    if (statement.unique) throw SqlError(Sqlstate::FeatureNotSupported, "access method \"hash\" does not support unique indexes");
    if (!statement.index_including_params.empty()) {
      throw SqlError(Sqlstate::FeatureNotSupported, "access method \"hash\" does not support included columns");
    }
    if (statement.index_params.size() > 1) {
      throw SqlError(Sqlstate::FeatureNotSupported, "access method \"hash\" does not support multicolumn indexes");
    }
    return method;
  }
  if (method == "gin") {
    if (statement.unique) throw SqlError(Sqlstate::FeatureNotSupported, "access method \"gin\" does not support unique indexes");
    if (!statement.index_including_params.empty()) {
      throw SqlError(Sqlstate::FeatureNotSupported, "access method \"gin\" does not support included columns");
    }
    return method;
  }
  if (method == "gist" || method == "brin" || method == "spgist") throw_not_supported("access method \"" + method + "\"");
  throw SqlError(Sqlstate::UndefinedObject, "access method \"" + method + "\" does not exist");
}

// Column names as PostgreSQL gives them to the index's own columns: made unique.
void add_column_name(std::vector<std::string>& names, std::string name) {
  std::string unique = name;
  for (int i = 1; std::find(names.begin(), names.end(), unique) != names.end(); ++i) unique = name + std::to_string(i);
  names.push_back(std::move(unique));
}

// Keys are computed below the session, where routines of users cannot run: an index that must not miss a row cannot have them.
// (Others may: no plan reads such an index.)
void require_native(const catalog::Index& index, const plan::Expr& expr) {
  if (!index.unique && index.method != "gin") return;
  plan::walk(expr, [&](const plan::Expr& part) {
    if (part.function != nullptr && part.function->kernel == functions::call_routine_kernel) {
      throw_not_supported((index.unique ? std::string("a unique") : "a " + index.method) + " index on function " + std::string(part.function->name) +
                          ", which is not built in");
    }
    return true;
  });
}

void add_keys(CommandContext& context, const ast::IndexStmt& statement, const catalog::Relation& table, catalog::Index& index,
              std::vector<std::string>& names) {
  for (const auto* element : statement.index_params) {
    catalog::IndexColumn key;
    // (x COLLATE y) is x COLLATE y.
    const ast::Node* expression = element->expr;
    const ast::CollateClause* inner = ast::node_cast<ast::CollateClause>(expression);
    if (inner != nullptr) expression = inner->arg;
    const ast::ColumnRef* ref = ast::node_cast<ast::ColumnRef>(expression);
    std::string_view column = ref != nullptr && ref->fields.size() == 1 && !ref->star ? ref->fields[0] : element->name;
    if (!column.empty()) {
      key.column = table.find_column(column);
      if (key.column < 0) {
        throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(column) + "\" does not exist");
      }
      key.type = table.columns[key.column].type;
      key.collation = table.columns[key.column].collation;
      add_column_name(names, std::string(column));
    } else {
      auto definition = define(context, *expression, &table, {}, analyzer::DefinitionKind::IndexExpression);
      require_native(index, *definition.expr);
      key.sql = definition.sql;
      key.type = definition.expr->type;
      key.collation = types::type_info(key.type.oid).collation == kInvalidOid ? kInvalidOid : definition.expr->collation;
      add_column_name(names, expression_name(*expression));
    }
    ast::NameList collation = !element->collation.empty() ? element->collation : inner != nullptr ? inner->collname : ast::NameList();
    if (!collation.empty()) {
      if (types::type_info(key.type.oid).collation == kInvalidOid) {
        throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + types::format_type({key.type.oid}, context.types().names));
      }
      key.collation = resolve_collation(context, collation, element->location);
    }
    require_deterministic_key(key);
    if (index.method == "gin") {
      key.opclass = inverted_class(context, element->opclass, key.type);
    } else {
      check_operator_class(element->opclass);
      require_ordering(key.type);
    }
    bool ordered = index.method == "btree";
    if (!ordered && element->ordering != ast::SortByDir::Default) {
      throw SqlError(Sqlstate::FeatureNotSupported, "access method \"" + index.method + "\" does not support ASC/DESC options");
    }
    if (!ordered && element->nulls_ordering != ast::SortByNulls::Default) {
      throw SqlError(Sqlstate::FeatureNotSupported, "access method \"" + index.method + "\" does not support NULLS FIRST/LAST options");
    }
    key.descending = element->ordering == ast::SortByDir::Desc;
    key.nulls_first = element->nulls_ordering == ast::SortByNulls::Default ? key.descending
                                                                          : element->nulls_ordering == ast::SortByNulls::First;
    index.columns.push_back(std::move(key));
  }
  for (const auto* element : statement.index_including_params) {
    if (element->expr != nullptr && element->name.empty()) {
      throw SqlError(Sqlstate::FeatureNotSupported, "expressions are not supported in included columns");
    }
    int column = table.find_column(element->name);
    if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(element->name) + "\" does not exist");
    index.included.push_back(column);
    add_column_name(names, std::string(element->name));
  }
}

}  // namespace

CommandResult create_index(const ast::IndexStmt& statement, CommandContext& context) {
  if (statement.concurrent) {
    context.prevent_in_transaction_block("CREATE INDEX CONCURRENTLY");
  }
  auto found = open_relation(context, *statement.relation, statement.concurrent ? txn::LockMode::ShareUpdateExclusive : txn::LockMode::Share);
  if (!found->is_table() && !found->is_partitioned()) {
    SqlError error(Sqlstate::WrongObjectType, "cannot create index on relation \"" + found->name + "\"");
    throw error.detail(found->relkind == 'v' ? "This operation is not supported for views." : "This operation is not supported for sequences.");
  }
  check_owner(context, *found);
  if (statement.concurrent && found->is_partitioned()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot create index on partitioned table \"" + found->name + "\" concurrently");
  }
  auto table = copy_of(found);
  auto index = std::make_shared<catalog::Index>();
  index->method = method_of(statement);
  index->unique = statement.unique;
  index->nulls_not_distinct = statement.nulls_not_distinct;
  if (!statement.idxname.empty()) {
    index->name = statement.idxname;
    lock_name(context, catalog::kPgClassOid, table->schema, index->name);
    if (context.catalog_version()->find_relation(table->schema, index->name, context.database()) != kInvalidOid) {
      if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateTable, "relation \"" + index->name + "\" already exists");
      notice(context, "relation \"" + index->name + "\" already exists, skipping", Sqlstate::DuplicateTable);
      return {"CREATE INDEX", {}, {}};
    }
  }
  std::vector<std::string> names;
  add_keys(context, statement, *table, *index, names);
  if (statement.where_clause != nullptr) {
    auto predicate = define(context, *statement.where_clause, table.get(), {oid::kBool}, analyzer::DefinitionKind::IndexPredicate);
    require_native(*index, *predicate.expr);
    index->predicate_sql = predicate.sql;
  }
  index->options = index_options(statement.options);
  if (index->name.empty()) index->name = choose_relation_name(context, table->schema, table->name, joined_names(names), "idx");
  // ON ONLY: valid once every partition's index has been attached.
  bool only = table->is_partitioned() && !statement.relation->inh;
  if (only && context.catalog_version()->has_children(table->oid)) index->valid = false;
  build_index(context, *table, index, statement.concurrent ? Writers::GoOn : Writers::Wait);
  if (statement.concurrent) {
    // The table may have been granted or renamed meanwhile.
    table = copy_of(context.catalog_version()->relation(table->oid));
    table->indexes.push_back(index->oid);
  }
  context.catalog_changes().put(table);
  return {"CREATE INDEX", {}, {}};
}

}  // namespace aegis::commands
