#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "collation.h"
#include "constraints.h"
#include "definition.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "sequence.h"
#include "table.h"

namespace aegis::commands {

namespace oid = types::oid;
using ast::ConstrType;

namespace {

// serial, bigserial and smallserial are no types but a way to write a column.
Oid serial_type(const ast::TypeName& name) {
  if (name.names.size() != 1 || name.setof || name.pct_type) return kInvalidOid;
  std::string_view base = name.names[0];
  Oid type = base == "serial" || base == "serial4"        ? oid::kInt4
             : base == "bigserial" || base == "serial8"   ? oid::kInt8
             : base == "smallserial" || base == "serial2" ? oid::kInt2
                                                          : kInvalidOid;
  if (type != kInvalidOid && !name.array_bounds.empty()) throw_not_supported("array of serial");
  return type;
}

void check_column_name(const catalog::Relation& table, std::string_view name) {
  for (std::string_view system : {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"}) {
    if (name == system) {
      throw SqlError(Sqlstate::DuplicateColumn, "column name \"" + std::string(name) + "\" conflicts with a system column name");
    }
  }
  if (table.find_column(name) >= 0) {
    throw SqlError(Sqlstate::DuplicateColumn, "column \"" + std::string(name) + "\" specified more than once");
  }
}

types::Type column_type(CommandContext& context, const ast::ColumnDef& definition) {
  auto version = context.catalog_version();
  const auto& name = *definition.type_name;
  if (name.setof) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "column \"" + std::string(definition.colname) + "\" cannot be declared SETOF")
        .position(position_of(context, definition));
  }
  types::Type type = analyzer::resolve_type(context.analyzer_context(*version), name);
  if (types::type_info(type.oid).kind == 'p') {
    throw SqlError(Sqlstate::InvalidTableDefinition, "column \"" + std::string(definition.colname) + "\" has pseudo-type " +
                                                         types::format_type({type.oid}));
  }
  check_type_usage(context, type.oid);
  return type;
}

std::shared_ptr<catalog::Relation> make_owned_sequence(CommandContext& context, const catalog::Relation& table,
                                                       const std::string& column, Oid type, ast::List<ast::DefElem> options) {
  SequenceRequest request;
  request.schema = table.schema;
  request.persistence = table.persistence;
  request.type = type;
  request.owner = table.owner;
  for (const auto* option : options) {
    if (option->defname != "sequence_name") continue;
    auto name = range_var(context, ast::node_cast<ast::QualifiedName>(option->arg)->names);
    request.name = name.relname;
    if (!name.schemaname.empty()) request.schema = find_schema(context, name.schemaname, false);
    lock_name(context, catalog::kPgClassOid, request.schema, request.name);
  }
  if (request.name.empty()) request.name = choose_relation_name(context, table.schema, table.name, column, "seq");
  return make_sequence(context, request, options);
}

class ColumnConstraints {
 public:
  ColumnConstraints(CommandContext& context, catalog::Relation& table, const ast::ColumnDef& definition, PendingColumn& pending,
                    PendingConstraints& out)
      : context_(context), table_(table), definition_(definition), pending_(pending), out_(out) {}

  void run() {
    for (const auto* constraint : definition_.constraints) add(*constraint);
  }

 private:
  catalog::Column& column() { return table_.columns[pending_.column]; }
  [[noreturn]] void fail(std::string text, const ast::Node& node, Sqlstate state = Sqlstate::SyntaxError) {
    throw SqlError(state, std::move(text)).position(position_of(context_, node));
  }
  std::string of_table() { return " for column \"" + column().name + "\" of table \"" + table_.name + "\""; }

  void note_null(bool not_null, const ast::Node& node) {
    if (saw_null_ && column().not_null != not_null) fail("conflicting NULL/NOT NULL declarations" + of_table(), node);
    saw_null_ = true;
    column().not_null = not_null;
  }
  void note_default(const ast::Node& node) {
    if (saw_default_) fail("multiple default values specified" + of_table(), node);
    saw_default_ = true;
  }

  void add(const ast::Constraint& node) {
    switch (node.contype) {
      case ConstrType::Null: return note_null(false, node);
      case ConstrType::NotNull: return note_null(true, node);
      case ConstrType::Default:
        if (pending_.sequence != nullptr && pending_.sequence_kind == 'a') fail("multiple default values specified" + of_table(), node);
        if (column().identity != 0) fail("both default and identity specified" + of_table(), node);
        note_default(node);
        if (pending_.generated_node != nullptr) fail("both default and generation expression specified" + of_table(), node);
        pending_.default_node = node.raw_expr;
        return;
      case ConstrType::Identity: return add_identity(node);
      case ConstrType::Generated:
        if (pending_.generated_node != nullptr) fail("multiple generation clauses specified" + of_table(), node);
        if (saw_default_) fail("both default and generation expression specified" + of_table(), node);
        if (column().identity != 0) fail("both identity and generation expression specified" + of_table(), node);
        column().generated = 's';
        pending_.generated_node = node.raw_expr;
        return;
      case ConstrType::AttrDeferrable:
      case ConstrType::AttrNotDeferrable:
      case ConstrType::AttrDeferred:
      case ConstrType::AttrImmediate: return add_attribute(node);
      default: break;
    }
    if (node.contype == ConstrType::Primary) column().not_null = true;
    sort_constraint(context_, node, {column().name}, out_);
    last_ = node.contype == ConstrType::Foreign                                            ? &out_.foreign_keys
            : node.contype == ConstrType::Primary || node.contype == ConstrType::Unique ? &out_.keys
                                                                                          : nullptr;
  }

  void add_identity(const ast::Constraint& node) {
    if (column().identity != 0) fail("multiple identity specifications" + of_table(), node);
    if (saw_default_ || pending_.sequence != nullptr) fail("both default and identity specified" + of_table(), node);
    if (pending_.generated_node != nullptr) fail("both identity and generation expression specified" + of_table(), node);
    Oid type = column().type.oid;
    if (type != oid::kInt2 && type != oid::kInt4 && type != oid::kInt8) {
      throw SqlError(Sqlstate::InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
    }
    pending_.sequence = make_owned_sequence(context_, table_, column().name, type, node.options);
    pending_.sequence_kind = 'i';
    column().identity = node.generated_when;
    column().identity_sequence = pending_.sequence->oid;
    note_null(true, node);
  }

  void add_attribute(const ast::Constraint& node) {
    const char* clause = node.contype == ConstrType::AttrDeferrable      ? "DEFERRABLE"
                         : node.contype == ConstrType::AttrNotDeferrable ? "NOT DEFERRABLE"
                         : node.contype == ConstrType::AttrDeferred      ? "INITIALLY DEFERRED"
                                                                         : "INITIALLY IMMEDIATE";
    if (last_ == nullptr || last_->empty()) fail(std::string("misplaced ") + clause + " clause", node);
    auto& target = last_->back().node;
    if (node.contype == ConstrType::AttrDeferrable) target.deferrable = true;
    if (node.contype == ConstrType::AttrDeferred) target.deferrable = target.initdeferred = true;
  }

  CommandContext& context_;
  catalog::Relation& table_;
  const ast::ColumnDef& definition_;
  PendingColumn& pending_;
  PendingConstraints& out_;
  std::deque<PendingConstraints::Item>* last_ = nullptr;
  bool saw_null_ = false;
  bool saw_default_ = false;
};

}  // namespace

void sort_constraint(CommandContext& context, const ast::Constraint& node, std::vector<std::string> columns, PendingConstraints& out) {
  switch (node.contype) {
    case ConstrType::Check: out.checks.push_back({node, std::move(columns)}); return;
    case ConstrType::Primary: out.keys.push_front({node, std::move(columns)}); return;
    case ConstrType::Unique: out.keys.push_back({node, std::move(columns)}); return;
    case ConstrType::Foreign: out.foreign_keys.push_back({node, std::move(columns)}); return;
    case ConstrType::Exclusion: out.keys.push_back({node, {}}); return;
    default: break;
  }
  throw_not_supported("this constraint", position_of(context, node));
}

PendingColumn add_column_definition(CommandContext& context, catalog::Relation& table, const ast::ColumnDef& definition,
                                    PendingConstraints& constraints) {
  check_column_name(table, definition.colname);
  if (table.columns.size() >= 1600) throw SqlError(Sqlstate::TooManyColumns, "tables can have at most 1600 columns");
  catalog::Column column;
  column.name = definition.colname;
  Oid serial = serial_type(*definition.type_name);
  column.type = serial != kInvalidOid ? types::Type{serial} : column_type(context, definition);
  column.collation = types::type_info(column.type.oid).collation;
  if (definition.coll_clause != nullptr) {
    if (column.collation == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + types::format_type({column.type.oid}))
          .position(position_of(context, *definition.coll_clause));
    }
    column.collation = resolve_collation(context, definition.coll_clause->collname, definition.coll_clause->location);
  }
  column.compression = column_compression_method(column.type, definition.compression);
  PendingColumn pending;
  pending.column = static_cast<int>(table.columns.size());
  if (serial != kInvalidOid) {
    pending.sequence = make_owned_sequence(context, table, column.name, serial, {});
    column.not_null = true;
    column.default_oid = context.catalog().allocate_oid();
    auto version = context.catalog_version();
    column.default_sql = "nextval(" + functions::quote_literal(sql_name(*version, *pending.sequence)) + "::regclass)";
  }
  table.columns.push_back(std::move(column));
  ColumnConstraints(context, table, definition, pending, constraints).run();
  return pending;
}

PendingColumn merge_column_definition(CommandContext& context, catalog::Relation& table, const ast::ColumnDef& definition,
                                      PendingConstraints& constraints, bool as_partition) {
  PendingColumn pending;
  pending.column = table.find_column(definition.colname);
  std::string name(definition.colname);
  if (pending.column < 0) {
    throw SqlError(Sqlstate::UndefinedColumn, "column \"" + name + "\" does not exist");
  }
  auto& column = table.columns[pending.column];
  if (column.local) {
    throw SqlError(Sqlstate::DuplicateColumn, "column \"" + name + "\" specified more than once");
  }
  if (definition.type_name != nullptr) {
    // Own columns come behind the inherited ones: this one would have been the next.
    size_t own = static_cast<size_t>(std::count_if(table.columns.begin(), table.columns.end(), [](const auto& c) { return c.local; }));
    if (static_cast<size_t>(pending.column) == own || as_partition) {
      notice(context, "merging column \"" + name + "\" with inherited definition");
    } else {
      ErrorFields fields;
      fields.severity = "NOTICE";
      fields.sqlstate = Sqlstate::SuccessfulCompletion;
      fields.message = "moving and merging column \"" + name + "\" with inherited definition";
      fields.detail = "User-specified column moved to the position of the inherited column.";
      context.notice(std::move(fields));
    }
    Oid serial = serial_type(*definition.type_name);
    types::Type type = serial != kInvalidOid ? types::Type{serial} : column_type(context, definition);
    if (type != column.type) {
      throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + name + "\" has a type conflict")
          .detail(types::format_type(column.type, context.types().names) + " versus " + types::format_type(type, context.types().names));
    }
    Oid collation = types::type_info(type.oid).collation;
    if (definition.coll_clause != nullptr) {
      collation = resolve_collation(context, definition.coll_clause->collname, definition.coll_clause->location);
    }
    if (collation != column.collation) {
      throw SqlError(Sqlstate::CollationMismatch, "column \"" + name + "\" has a collation conflict");
    }
    if (serial != kInvalidOid) {
      pending.sequence = make_owned_sequence(context, table, column.name, serial, {});
      column.not_null = true;
      column.default_oid = context.catalog().allocate_oid();
      auto version = context.catalog_version();
      column.default_sql = "nextval(" + functions::quote_literal(sql_name(*version, *pending.sequence)) + "::regclass)";
    }
  }
  column.local = true;
  bool not_null = column.not_null;
  char generated = column.generated;
  ColumnConstraints(context, table, definition, pending, constraints).run();
  column.not_null = column.not_null || not_null;
  if (generated != 0) {
    if (pending.default_node != nullptr) {
      throw SqlError(Sqlstate::InvalidColumnDefinition, "column \"" + name + "\" inherits from generated column but specifies default");
    }
    if (column.identity != 0) {
      throw SqlError(Sqlstate::InvalidColumnDefinition, "column \"" + name + "\" inherits from generated column but specifies identity");
    }
  }
  if (pending.generated_node != nullptr) {
    throw SqlError(Sqlstate::InvalidColumnDefinition, "child column \"" + name + "\" specifies generation expression")
        .hint(generated != 0 ? "Omit the generation expression in the definition of the child table column to inherit the generation expression from the parent table."
                             : "A child table column cannot be generated unless its parent column is.");
  }
  if (as_partition) column.local = false;
  return pending;
}

void set_default(CommandContext& context, catalog::Relation& table, int column, const ast::Node& expression) {
  auto& target = table.columns[column];
  Definition definition;
  try {
    definition = define(context, expression, nullptr, target.type, analyzer::DefinitionKind::Default);
  } catch (SqlError& error) {
    if (error.fields().sqlstate == Sqlstate::DatatypeMismatch && error.fields().message.starts_with("cannot coerce expression")) {
      auto version = context.catalog_version();
      auto plain = analyzer::analyze_definition(context.analyzer_context(*version), expression, nullptr, {}, analyzer::DefinitionKind::Default);
      throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + target.name + "\" is of type " + types::format_type(target.type) +
                                                     " but default expression is of type " + types::format_type(plain->type))
          .hint("You will need to rewrite or cast the expression.");
    }
    throw;
  }
  target.default_sql = definition.sql;
  target.default_oid = context.catalog().allocate_oid();
}

void finish_column(CommandContext& context, catalog::Relation& table, const PendingColumn& pending) {
  auto& column = table.columns[pending.column];
  if (pending.default_node != nullptr) set_default(context, table, pending.column, *pending.default_node);
  if (pending.generated_node == nullptr) return;
  auto definition = define(context, *pending.generated_node, &table, column.type, analyzer::DefinitionKind::Generated);
  for (int used : definition.columns) {
    if (table.columns[used].generated == 0) continue;
    throw SqlError(Sqlstate::InvalidObjectDefinition,
                   "cannot use generated column \"" + table.columns[used].name + "\" in column generation expression")
        .detail(used == pending.column ? "This would cause the generated column to depend on its own value."
                                       : "A generated column cannot reference another generated column.");
  }
  column.default_sql = definition.sql;
  column.default_oid = context.catalog().allocate_oid();
}

void refresh_default_dependencies(CommandContext& context, catalog::Relation& table) {
  std::erase_if(table.dependencies, [](const auto& d) { return d.kind == 'n'; });
  for (const auto& column : table.columns) {
    if (column.dropped || column.default_sql.find("regclass") == std::string::npos) continue;
    auto definition = define_sql(context, column.default_sql, &table, column.type,
                                 column.generated ? analyzer::DefinitionKind::Generated : analyzer::DefinitionKind::Default);
    for (Oid relation : definition.relations) table.dependencies.push_back({relation, 0, 'n'});
  }
}

// ---- LIKE ----

LikeClause copy_columns(CommandContext& context, catalog::Relation& table, const ast::TableLikeClause& like,
                        std::vector<PendingColumn>& pending) {
  LikeClause out;
  out.options = like.options;
  // With the position of a name that does not exist.
  auto version = context.catalog_version();
  analyzer::find_relation(context.analyzer_context(*version), *like.relation, false);
  out.source = open_relation(context, *like.relation, txn::LockMode::AccessShare);
  if (out.source->relkind != 'r' && out.source->relkind != 'p' && !out.source->is_view() && !out.source->is_foreign()) {
    throw SqlError(Sqlstate::WrongObjectType, "relation \"" + out.source->name + "\" is invalid in LIKE clause");
  }
  for (const auto& source : out.source->columns) {
    if (source.dropped) {
      out.columns.push_back(-1);
      continue;
    }
    // One that parents have as well is the same column.
    if (int at = table.find_column(source.name); at >= 0 && table.columns[at].inherit_count > 0 && !table.columns[at].local) {
      notice(context, "merging column \"" + source.name + "\" with inherited definition");
      if (table.columns[at].type != source.type) {
        throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + source.name + "\" has a type conflict")
            .detail(types::format_type(table.columns[at].type, context.types().names) + " versus " + types::format_type(source.type, context.types().names));
      }
      auto& merged = table.columns[at];
      if ((like.options & ast::kLikeStorage) && merged.storage != source.storage) {
        throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + source.name + "\" has a storage parameter conflict")
            .detail(std::string(storage_name(merged.type, merged.storage)) + " versus " + storage_name(source.type, source.storage));
      }
      table.columns[at].local = true;
      table.columns[at].not_null = table.columns[at].not_null || source.not_null;
      out.columns.push_back(at);
      continue;
    }
    check_column_name(table, source.name);
    out.columns.push_back(static_cast<int>(table.columns.size()));
    catalog::Column column;
    column.name = source.name;
    column.type = source.type;
    column.collation = source.collation;
    column.not_null = source.not_null;
    bool keep = source.generated ? (like.options & ast::kLikeGenerated) != 0 : (like.options & ast::kLikeDefaults) != 0;
    if (keep && !source.default_sql.empty()) {
      column.default_sql = source.default_sql;
      column.default_oid = context.catalog().allocate_oid();
      column.generated = source.generated;
    }
    if (like.options & ast::kLikeComments) column.comment = source.comment;
    if (like.options & ast::kLikeCompression) column.compression = source.compression;
    if (like.options & ast::kLikeStorage) column.storage = source.storage;
    table.columns.push_back(std::move(column));
    if (source.identity == 0 || !(like.options & ast::kLikeIdentity)) continue;
    auto sequence = make_owned_sequence(context, table, source.name, source.type.oid, {});
    if (auto original = context.catalog_version()->relation(source.identity_sequence)) {
      sequence->sequence = original->sequence;
      sequence->sequence.owner_table = kInvalidOid;
      restart_sequence(context, *sequence, sequence->sequence.start);
    }
    table.columns.back().identity = source.identity;
    table.columns.back().identity_sequence = sequence->oid;
    PendingColumn column_sequence;
    column_sequence.column = out.columns.back();
    column_sequence.sequence = sequence;
    column_sequence.sequence_kind = 'i';
    pending.push_back(column_sequence);
  }
  return out;
}

void copy_definitions(CommandContext& context, catalog::Relation& table, const LikeClause& like) {
  auto mapped = [&](const std::vector<int>& columns) {
    std::vector<int> result;
    for (int column : columns) result.push_back(like.columns[column]);
    return result;
  };
  if (like.options & ast::kLikeConstraints) {
    for (const auto& source : like.source->constraints) {
      if (source.kind != 'c') continue;
      catalog::Constraint constraint = source;
      constraint.oid = context.catalog().allocate_oid();
      constraint.columns = mapped(source.columns);
      if (!(like.options & ast::kLikeComments)) constraint.comment.clear();
      table.constraints.push_back(std::move(constraint));
    }
  }
  if (!(like.options & ast::kLikeIndexes)) return;
  auto version = context.catalog_version();
  for (const auto& source : version->indexes_of(*like.source)) {
    auto index = std::make_shared<catalog::Index>(*source);
    std::vector<std::string> names;
    for (auto& key : index->columns) {
      if (key.column >= 0) key.column = like.columns[key.column];
      names.push_back(key.column >= 0 ? table.columns[key.column].name : "expr");
    }
    index->included = mapped(source->included);
    if (!(like.options & ast::kLikeComments)) index->comment.clear();
    if (index->primary) names.clear();
    const char* label = !index->exclusion.empty() ? "excl" : index->primary ? "pkey" : index->constraint != kInvalidOid ? "key" : "idx";
    index->name = choose_relation_name(context, table.schema, table.name, joined_names(names), label);
    if (index->constraint == kInvalidOid) {
      build_index(context, table, index);
      continue;
    }
    catalog::Constraint constraint;
    constraint.kind = !index->exclusion.empty() ? 'x' : index->primary ? 'p' : 'u';
    constraint.name = index->name;
    for (const auto& key : index->columns) {
      if (key.column >= 0) constraint.columns.push_back(key.column);
    }
    constraint.oid = context.catalog().allocate_oid();
    index->constraint = constraint.oid;
    build_index(context, table, index);
    constraint.index = index->oid;
    table.constraints.push_back(std::move(constraint));
  }
}

}  // namespace aegis::commands
