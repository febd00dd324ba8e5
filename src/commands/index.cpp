#include "index.h"

#include "collation.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/catalog_functions.h"
#include "aegis/catalog/operator_classes.h"
#include "aegis/catalog/partition.h"
#include "aegis/functions/function.h"
#include "aegis/functions/inverted.h"
#include "aegis/storage/concurrent_index.h"
#include "definition.h"
#include "names.h"
#include "objects.h"
#include "partition/attach.h"
#include "partition/inherit.h"
#include "table.h"
#include "tablespace.h"

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

// Where different bytes are equal, keys are made of collation keys.
void check_key_collation(const catalog::IndexColumn& key, std::string_view opclass) {
  if (types::is_deterministic(key.collation)) return;
  if (opclass == "text_pattern_ops" || opclass == "varchar_pattern_ops" || opclass == "bpchar_pattern_ops") {
    throw SqlError(Sqlstate::FeatureNotSupported, "nondeterministic collations are not supported for operator class \"" + std::string(opclass) + "\"");
  }
  Oid base = types::base_type(key.type).oid;
  if (key.column < 0 || (base != oid::kText && base != oid::kVarchar && base != oid::kBpchar)) {
    throw_not_supported("an index on an expression or type of a nondeterministic collation");
  }
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
    check_key_collation(key, {});
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
      names += catalog::visible_sql(*context.catalog_version(), context.database(), context.analyzer_context(*context.catalog_version()).search_path, key.sql);
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

// Rows are compared field by field.
void require_ordered_fields(CommandContext& context, Oid type) {
  const auto* info = types::find_type(types::base_type(type));
  while (info != nullptr && types::is_array(info->oid)) info = types::find_type(types::base_type(info->element));
  if (info == nullptr || info->kind != 'c' || context.types().names == nullptr) return;
  auto row = context.types().names->user_type(info->oid);
  if (row == nullptr) return;
  for (const auto& field : row->fields) {
    if (field.dropped) continue;
    const auto* of = types::find_type(types::base_type(field.type.oid));
    if (of == nullptr || of->compare == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction, "could not identify a comparison function for type " + types::format_type({field.type.oid}, context.types().names));
    }
    require_ordered_fields(context, field.type.oid);
  }
}

void build_storage(CommandContext& context, const catalog::Relation& table, const catalog::Index& index, Writers writers = Writers::Wait) {
  if (index.method == "brin") return;  // a segment's zone maps are there without it
  if (!functions::is_inverted_method(index.method)) {
    for (const auto& key : index.columns) require_ordered_fields(context, key.type.oid);
  }
  auto version = context.catalog_version();
  auto definition = executor::make_index_definition(index, table, *version, context.types());
  auto& txn = context.transaction().context();
  if (definition.session) {
    if (writers == Writers::GoOn) context.lock_relation(table.oid, txn::LockMode::Share);
    context.engine().build_index(&txn, definition);
    auto snapshot = context.transaction().take_latest_snapshot();
    auto execution = context.execution_context(*snapshot, version);
    executor::fill_session_index(table, *context.engine().index(index.storage), execution, true);
    return executor::verify_exclusion(table, std::make_shared<catalog::Index>(index), execution);
  }
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
  if (index.exclusion.empty()) return;
  auto snapshot = context.transaction().take_latest_snapshot();
  executor::verify_exclusion(table, std::make_shared<catalog::Index>(index), context.execution_context(*snapshot, version));
}

}  // namespace

void check_unique(CommandContext& context, const catalog::Relation& table, const catalog::Index& index) {
  auto built = context.engine().index(index.storage);
  auto duplicate = context.engine().find_duplicate(context.transaction().context(), *built, !index.nulls_not_distinct);
  if (!duplicate) return;
  SqlError error(Sqlstate::UniqueViolation, "could not create unique index \"" + index.name + "\"");
  std::string key = duplicate_key_text(context, table, index, duplicate->first);
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

// The class of that name, made by a user, that the search path finds; null when there is none.
catalog::OperatorClassPtr made_class(CommandContext& context, const std::string& method, ast::NameList name) {
  auto version = context.catalog_version();
  ast::RangeVar written = range_var(context, name);
  if (!written.schemaname.empty()) {
    Oid schema = find_schema(context, written.schemaname, true);
    return version->find_operator_class(method, schema, written.relname, context.database());
  }
  for (Oid schema : context.analyzer_context(*version).search_path) {
    if (auto found = version->find_operator_class(method, schema, written.relname, context.database())) return found;
  }
  return nullptr;
}

[[noreturn]] void throw_no_class(const std::string& method, const std::string& type) {
  throw SqlError(Sqlstate::UndefinedObject, "data type " + type + " has no default operator class for access method \"" + method + "\"")
      .hint("You must specify an operator class for the index or define a default operator class for the data type.");
}

Oid inverted_class(CommandContext& context, const std::string& method, ast::NameList name, types::Type type) {
  std::string shown = types::format_type({type.oid}, context.types().names);
  auto version = context.catalog_version();
  Oid base = types::base_type(type.oid);
  const auto* fitting = functions::default_inverted_class(method, type.oid);
  if (name.empty()) {
    if (fitting != nullptr) return fitting->oid;
    for (Oid candidate : {base, base == oid::kVarchar ? oid::kText : base == oid::kCidr ? oid::kInet : types::type_info(base).kind == 'e' ? oid::kAnyenum : base}) {
      if (auto made = version->default_operator_class(method, candidate, context.database())) return made->oid;
    }
    throw_no_class(method, shown);
  }
  std::string refused = "operator class \"" + dotted(name) + "\" does not accept data type " + shown;
  if (name.size() == 1 || name.front() == "pg_catalog") {
    for (const auto& known : functions::inverted_classes()) {
      if (known.name != name.back() || known.method != method) continue;
      if (functions::accepts(known, type.oid)) return known.oid;
      throw SqlError(Sqlstate::DatatypeMismatch, refused);
    }
  }
  auto made = made_class(context, method, name);
  if (made == nullptr) {
    throw SqlError(Sqlstate::UndefinedObject, "operator class \"" + dotted(name) + "\" does not exist for access method \"" + method + "\"");
  }
  bool any_enum = made->input == oid::kAnyenum && types::type_info(base).kind == 'e';
  if (!any_enum && !analyzer::is_binary_coercible(context.analyzer_context(*version), base, made->input)) throw SqlError(Sqlstate::DatatypeMismatch, refused);
  return made->oid;
}

// Orders of these are not the types' own.
bool has_other_order(std::string_view opclass) { return opclass == "record_image_ops"; }

bool accepts(CommandContext& context, Oid input, Oid type) {
  const auto& info = types::type_info(type);
  switch (input) {
    case oid::kAnyarray: return types::is_array(type) || type == oid::kInt2vector;
    case oid::kAnyenum: return info.kind == 'e';
    case oid::kAnyrange: return info.kind == 'r';
    case oid::kAnymultirange: return info.kind == 'm';
    case oid::kRecord: return info.kind == 'c' || type == oid::kRecord;
    default: return analyzer::is_binary_coercible(context.analyzer_context(*context.catalog_version()), type, input);
  }
}

void check_built_in_class(CommandContext& context, const std::string& method, ast::NameList name, types::Type type) {
  if (name.empty()) return;
  bool own = name.size() == 1 || name.front() == "pg_catalog";
  Oid found = own ? catalog::find_built_in_opclass(catalog::access_method(method), name.back(), kInvalidOid) : kInvalidOid;
  if (found == kInvalidOid) {
    throw SqlError(Sqlstate::UndefinedObject, "operator class \"" + dotted(name) + "\" does not exist for access method \"" + method + "\"");
  }
  if (!accepts(context, catalog::built_in_opclass_input(found), types::base_type(type.oid))) {
    throw SqlError(Sqlstate::DatatypeMismatch, "operator class \"" + dotted(name) + "\" does not accept data type " + types::format_type({type.oid}, context.types().names));
  }
  if (has_other_order(name.back())) throw_not_supported("an index by operator class \"" + dotted(name) + "\"");
}

// Of btree and hash: 0 unless it is a user's. Keys have their type's own order, so a class with another one is refused.
Oid ordered_class(CommandContext& context, const std::string& method, ast::NameList name, types::Type type) {
  auto version = context.catalog_version();
  auto made = name.empty() ? version->default_operator_class(method, types::base_type(type.oid), context.database()) : made_class(context, method, name);
  if (made == nullptr) {
    check_built_in_class(context, method, name, type);
    return kInvalidOid;
  }
  if (!analyzer::is_binary_coercible(context.analyzer_context(*version), types::base_type(type.oid), made->input)) {
    throw SqlError(Sqlstate::DatatypeMismatch, "operator class \"" + dotted(name) + "\" does not accept data type " + types::format_type({type.oid}, context.types().names));
  }
  auto family = version->operator_family(made->family);
  bool own = false;
  for (const auto& member : family == nullptr ? std::vector<catalog::FamilyMember>() : family->operators) {
    bool equality = member.number == (method == "hash" ? 1 : 3) && member.left == made->input && member.right == made->input;
    auto op = equality ? version->find_operator(member.object) : nullptr;
    own = own || (equality && (op == nullptr || op->orders));
  }
  if (!own) throw_not_supported("an index by the functions of operator class \"" + made->name + "\"");
  return made->oid;
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

// What a method can do.
struct MethodTraits {
  bool unique, included, several, ordered;
};
MethodTraits traits_of(std::string_view method) {
  if (method == "btree") return {true, true, true, true};
  if (method == "gist") return {false, true, true, false};
  if (method == "gin" || method == "brin") return {false, false, true, false};
  if (method == "spgist") return {false, true, false, false};
  return {false, false, false, false};
}

}  // namespace

Oid partition_class(CommandContext& context, char strategy, ast::NameList name, types::Type type) {
  if (strategy != 'h') return ordered_class(context, "btree", name, type);
  auto version = context.catalog_version();
  auto made = name.empty() ? version->default_operator_class("hash", types::base_type(type.oid), context.database()) : made_class(context, "hash", name);
  if (made == nullptr) {
    check_built_in_class(context, "hash", name, type);
    return kInvalidOid;
  }
  std::string shown = types::format_type({type.oid}, context.types().names);
  if (!analyzer::is_binary_coercible(context.analyzer_context(*version), types::base_type(type.oid), made->input)) {
    throw SqlError(Sqlstate::DatatypeMismatch, "operator class \"" + dotted(name) + "\" does not accept data type " + shown);
  }
  catalog::PartitionColumn key;
  key.opclass = made->oid;
  if (catalog::partition_hash_function(*version, key) == kInvalidOid) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "operator class \"" + made->name + "\" of access method hash is missing support function 2 for type " + shown);
  }
  return made->oid;
}

std::string index_method(std::string_view written, bool unique, bool included, size_t columns) {
  std::string method(written.empty() ? "btree" : written);
  if (method != "btree" && method != "hash" && method != "brin" && !functions::is_inverted_method(method)) {
    throw SqlError(Sqlstate::UndefinedObject, "access method \"" + method + "\" does not exist");
  }
  MethodTraits traits = traits_of(method);
  auto refuse = [&](const char* what) { throw SqlError(Sqlstate::FeatureNotSupported, "access method \"" + method + "\" does not support " + what); };
  if (unique && !traits.unique) refuse("unique indexes");
  if (included && !traits.included) refuse("included columns");
  if (columns > 1 && !traits.several) refuse("multicolumn indexes");
  return method;
}

namespace {

// Of brin, which has no entries: what it would summarize is in the segments' zone maps.
Oid summarizing_class(CommandContext& context, const ast::IndexElem& element, types::Type type) {
  Oid method = catalog::access_method("brin");
  Oid base = types::base_type(type.oid);
  std::string shown = types::format_type({type.oid}, context.types().names);
  Oid found = catalog::default_opclass(method, base);
  if (!element.opclass.empty()) {
    std::string_view name = element.opclass.back();
    Oid any = catalog::find_built_in_opclass(method, name, kInvalidOid);
    if (any == kInvalidOid) {
      throw SqlError(Sqlstate::UndefinedObject, "operator class \"" + dotted(element.opclass) + "\" does not exist for access method \"brin\"");
    }
    Oid input = catalog::built_in_opclass_input(any);
    bool fits = input == base || (found != kInvalidOid && catalog::built_in_opclass_input(found) == input);
    if (!fits) throw SqlError(Sqlstate::DatatypeMismatch, "operator class \"" + dotted(element.opclass) + "\" does not accept data type " + shown);
    found = any;
  }
  if (found == kInvalidOid) throw_no_class("brin", shown);
  std::string_view name = catalog::built_in_opclass_name(found);
  for (const auto* option : element.opclassopts) {
    bool multi = name.ends_with("_multi_ops") && option->defname == "values_per_range";
    bool bloom = name.ends_with("_bloom_ops") && (option->defname == "n_distinct_per_range" || option->defname == "false_positive_rate");
    if (multi || bloom) continue;
    if (name.ends_with("_minmax_ops") || name.ends_with("_inclusion_ops")) {
      throw SqlError(Sqlstate::InvalidParameterValue, "operator class " + std::string(name) + " has no options");
    }
    throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized parameter \"" + std::string(option->defname) + "\"");
  }
  return found;
}

// Column names as PostgreSQL gives them to the index's own columns: made unique.
void add_column_name(std::vector<std::string>& names, std::string name) {
  std::string unique = name;
  for (int i = 1; std::find(names.begin(), names.end(), unique) != names.end(); ++i) unique = name + std::to_string(i);
  names.push_back(std::move(unique));
}

void require_no_order(const catalog::Index& index, const ast::IndexElem& element) {
  if (element.ordering != ast::SortByDir::Default) {
    throw SqlError(Sqlstate::FeatureNotSupported, "access method \"" + index.method + "\" does not support ASC/DESC options");
  }
  if (element.nulls_ordering != ast::SortByNulls::Default) {
    throw SqlError(Sqlstate::FeatureNotSupported, "access method \"" + index.method + "\" does not support NULLS FIRST/LAST options");
  }
}
}  // namespace

void add_index_key(CommandContext& context, const ast::IndexElem* element, const catalog::Relation& table, catalog::Index& index, std::vector<std::string>& names) {
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
  if (index.method == "brin") {
    key.opclass = summarizing_class(context, *element, key.type);
    require_no_order(index, *element);
    index.columns.push_back(std::move(key));
    return;
  }
  bool inverted = functions::is_inverted_method(index.method);
  if (inverted && !types::is_deterministic(key.collation)) throw_not_supported("a " + index.method + " index of a nondeterministic collation");
  check_key_collation(key, element->opclass.empty() ? std::string_view() : element->opclass.back());
  if (functions::is_inverted_method(index.method)) {
    key.opclass = inverted_class(context, index.method, element->opclass, key.type);
    if (key.opclass >= kFirstNormalOid) index.dependencies.push_back({key.opclass, 0, 'n'});
  } else {
    key.opclass = ordered_class(context, index.method, element->opclass, key.type);
    if (!element->opclassopts.empty()) {
      Oid used = key.opclass != kInvalidOid ? key.opclass : catalog::default_opclass(catalog::access_method(index.method), key.type.oid);
      std::string name = element->opclass.empty() ? std::string(catalog::built_in_opclass_name(used)) : dotted(element->opclass);
      throw SqlError(Sqlstate::InvalidParameterValue, "operator class " + name + " has no options");
    }
    if (key.opclass >= kFirstNormalOid) index.dependencies.push_back({key.opclass, 0, 'n'});
    require_ordering(key.type);
  }
  if (index.method != "btree") require_no_order(index, *element);
  key.descending = element->ordering == ast::SortByDir::Desc;
  key.nulls_first = element->nulls_ordering == ast::SortByNulls::Default ? key.descending
                                                                        : element->nulls_ordering == ast::SortByNulls::First;
  index.columns.push_back(std::move(key));
}

namespace {

void add_keys(CommandContext& context, const ast::IndexStmt& statement, const catalog::Relation& table, catalog::Index& index,
              std::vector<std::string>& names) {
  for (const auto* element : statement.index_params) add_index_key(context, element, table, index, names);
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

void refuse_foreign_parts(const catalog::Relation& table) {
  throw SqlError(Sqlstate::WrongObjectType, "cannot create unique index on partitioned table \"" + table.name + "\"")
      .detail("Table \"" + table.name + "\" contains partitions that are foreign tables.");
}

CommandResult create_index(const ast::IndexStmt& statement, CommandContext& context) {
  if (statement.concurrent) {
    context.prevent_in_transaction_block("CREATE INDEX CONCURRENTLY");
  }
  auto found = open_relation(context, *statement.relation, statement.concurrent ? txn::LockMode::ShareUpdateExclusive : txn::LockMode::Share);
  if (found->is_foreign() || (!found->is_table() && !found->is_partitioned())) {
    SqlError error(Sqlstate::WrongObjectType, "cannot create index on relation \"" + found->name + "\"");
    throw error.detail(found->is_foreign() ? "This operation is not supported for foreign tables." : found->relkind == 'v' ? "This operation is not supported for views." : "This operation is not supported for sequences.");
  }
  check_owner(context, *found);
  if (found->is_partitioned() && statement.unique && statement.relation->inh) {
    for (const auto& part : context.catalog_version()->family(found->oid)) {
      if (part->is_foreign()) refuse_foreign_parts(*found);
    }
  }
  if (statement.concurrent && found->is_partitioned()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot create index on partitioned table \"" + found->name + "\" concurrently");
  }
  check_not_in_use(context, *found, "CREATE INDEX");
  auto table = copy_of(found);
  auto index = std::make_shared<catalog::Index>();
  index->method = index_method(statement.access_method, statement.unique, !statement.index_including_params.empty(), statement.index_params.size());
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
    index->predicate_sql = predicate.sql;
  }
  index->options = index_options(statement.options);
  index->tablespace = new_tablespace(context, statement.table_space, table->persistence, table->is_partitioned());
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
