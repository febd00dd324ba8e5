#include "type.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "collation.h"
#include "definition_options.h"
#include "names.h"
#include "typed_table.h"
#include "objects.h"
#include "role.h"
#include "rename.h"
#include "rewrite.h"
#include "table.h"

namespace aegis::commands {

using catalog::ObjectKind;

namespace {

constexpr size_t kNameBytes = 63;
constexpr int64_t kLabelGap = int64_t{1} << 36;

void check_label(const std::string& label) {
  if (label.size() <= kNameBytes) return;
  throw SqlError(Sqlstate::InvalidName, "invalid enum label \"" + label + "\"").detail("Labels must be 63 bytes or less.");
}

[[noreturn]] void throw_missing_type(ast::NameList names) {
  throw SqlError(Sqlstate::UndefinedObject, "type \"" + dotted(names) + "\" does not exist");
}

std::string display_type(CommandContext& context, Oid type) { return types::format_type({type, -1}, context.types().names); }

std::shared_ptr<catalog::UserType> begin_type(CommandContext& context, ast::NameList names, char typtype) {
  NewTypeName made = new_type_name(context, names);
  auto type = std::make_shared<catalog::UserType>();
  type->typtype = typtype;
  type->oid = context.catalog().allocate_oid();
  type->array_type = context.catalog().allocate_oid();
  type->database = context.database();
  type->schema = made.schema;
  type->name = made.name;
  type->owner = context.current_role();
  apply_default_privileges(context, *type);
  return type;
}

}  // namespace

NewTypeName new_type_name(CommandContext& context, ast::NameList names) {
  NewName made = creation_name(context, range_var(context, names));
  lock_name(context, catalog::kPgTypeOid, made.schema, made.name);
  auto version = context.catalog_version();
  if (version->find_type(made.schema, made.name, context.database()) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "type \"" + made.name + "\" already exists");
  }
  return {made.schema, made.name};
}

catalog::ObjectPtr open_type(CommandContext& context, ast::NameList names, bool domain) {
  auto version = context.catalog_version();
  Oid type = analyzer::find_user_type(context.analyzer_context(*version), names);
  catalog::ObjectPtr owner = type == kInvalidOid ? nullptr : version->type_owner(type);
  if (owner == nullptr) {
    if (names.size() <= 2 && types::find_type_by_name(names.back()) != nullptr) {
      throw SqlError(Sqlstate::WrongObjectType, domain ? "\"" + dotted(names) + "\" is not a domain"
                                                       : "must be owner of type " + std::string(names.back()));
    }
    throw_missing_type(names);
  }
  bool is_domain = owner->kind == ObjectKind::Type && static_cast<const catalog::UserType&>(*owner).typtype == 'd';
  if (domain && !is_domain) throw SqlError(Sqlstate::WrongObjectType, "\"" + dotted(names) + "\" is not a domain");
  if (owner->kind == ObjectKind::Relation) {
    context.lock_relation(owner->oid, txn::LockMode::AccessExclusive);
  } else {
    auto tag = txn::LockTag::object(context.database(), catalog::kPgTypeOid, owner->oid);
    context.transactions().locks().lock(context.transaction().backend(), tag, txn::LockMode::AccessExclusive);
  }
  owner = context.catalog_version()->type_owner(type);
  if (owner == nullptr) throw_missing_type(names);
  return owner;
}

// ---- Enums ----

CommandResult create_enum(const ast::CreateEnumStmt& statement, CommandContext& context) {
  auto type = begin_type(context, statement.type_name, 'e');
  for (auto value : statement.vals) {
    std::string label(value);
    check_label(label);
    for (const auto& other : type->labels) {
      if (other.name != label) continue;
      throw SqlError(Sqlstate::UniqueViolation, "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"")
          .detail("Key (enumtypid, enumlabel)=(" + std::to_string(type->oid) + ", " + label + ") already exists.");
    }
    auto number = static_cast<int64_t>(type->labels.size()) + 1;
    type->labels.push_back({context.catalog().allocate_oid(), label, static_cast<float>(number), number * kLabelGap});
  }
  context.catalog_changes().put(type);
  return {"CREATE TYPE", {}, {}};
}

namespace {

void rename_label(catalog::UserType& type, const ast::AlterEnumStmt& statement) {
  std::string from(statement.old_val), to(statement.new_val);
  check_label(to);
  auto find = [&](const std::string& name) {
    return std::find_if(type.labels.begin(), type.labels.end(), [&](const auto& l) { return l.name == name; });
  };
  auto old = find(from);
  if (old == type.labels.end()) throw SqlError(Sqlstate::InvalidParameterValue, "\"" + from + "\" is not an existing enum label");
  if (find(to) != type.labels.end()) throw SqlError(Sqlstate::DuplicateObject, "enum label \"" + to + "\" already exists");
  old->name = to;
}

// The number between two neighbours that pg_enum shows; PostgreSQL numbers all labels anew when floats run out.
void set_sort_order(std::vector<catalog::EnumLabel>& labels, size_t at) {
  float before = at > 0 ? labels[at - 1].sort_order : 0;
  if (at + 1 == labels.size()) {
    labels[at].sort_order = at == 0 ? 1 : before + 1;
    return;
  }
  float after = labels[at + 1].sort_order;
  if (at == 0) {
    labels[at].sort_order = after - 1;
    return;
  }
  volatile float middle = (before + after) / 2;
  labels[at].sort_order = middle;
  if (middle != before && middle != after) return;
  for (size_t i = 0; i < labels.size(); ++i) labels[i].sort_order = static_cast<float>(i + 1);
}

void add_label(CommandContext& context, catalog::UserType& type, const std::string& label, size_t at) {
  int64_t position = kLabelGap;
  if (!type.labels.empty()) {
    if (at == type.labels.size()) {
      position = type.labels.back().position + kLabelGap;
    } else if (at == 0) {
      position = type.labels.front().position - kLabelGap;
    } else {
      int64_t before = type.labels[at - 1].position;
      int64_t after = type.labels[at].position;
      position = before + (after - before) / 2;
      // Values are kept as positions, so labels cannot be moved apart.
      if (position == before) throw_not_supported("another label between \"" + type.labels[at - 1].name + "\" and \"" + type.labels[at].name + "\"");
    }
  }
  type.labels.insert(type.labels.begin() + static_cast<long>(at), {context.catalog().allocate_oid(), label, 0, position});
  set_sort_order(type.labels, at);
}

}  // namespace

CommandResult alter_enum(const ast::AlterEnumStmt& statement, CommandContext& context) {
  auto object = open_type(context, statement.type_name);
  if (object->kind != ObjectKind::Type || static_cast<const catalog::UserType&>(*object).typtype != 'e') {
    throw SqlError(Sqlstate::WrongObjectType, dotted(statement.type_name) + " is not an enum");
  }
  check_owner(context, *object);
  auto type = std::make_shared<catalog::UserType>(static_cast<const catalog::UserType&>(*object));
  if (ast::is_given(statement.old_val)) {
    rename_label(*type, statement);
    context.catalog_changes().put(type);
    return {"ALTER TYPE", {}, {}};
  }
  std::string label(statement.new_val);
  check_label(label);
  for (const auto& other : type->labels) {
    if (other.name != label) continue;
    if (!statement.skip_if_new_val_exists) throw SqlError(Sqlstate::DuplicateObject, "enum label \"" + label + "\" already exists");
    notice(context, "enum label \"" + label + "\" already exists, skipping", Sqlstate::DuplicateObject);
    return {"ALTER TYPE", {}, {}};
  }
  size_t at = type->labels.size();
  if (ast::is_given(statement.new_val_neighbor)) {
    at = 0;
    while (at < type->labels.size() && type->labels[at].name != statement.new_val_neighbor) ++at;
    if (at == type->labels.size()) {
      throw SqlError(Sqlstate::InvalidParameterValue, "\"" + std::string(statement.new_val_neighbor) + "\" is not an existing enum label");
    }
    if (statement.new_val_is_after) ++at;
  }
  add_label(context, *type, label, at);
  context.catalog_changes().put(type);
  return {"ALTER TYPE", {}, {}};
}

// ---- Composites ----

namespace {

void require_column_type(CommandContext& context, const std::string& name, types::Type type) {
  const auto* info = types::find_type(type.oid);
  if (info != nullptr && info->kind == 'p') {
    throw SqlError(Sqlstate::InvalidTableDefinition, "column \"" + name + "\" has pseudo-type " + display_type(context, type.oid));
  }
}

catalog::Column attribute_of(CommandContext& context, const ast::ColumnDef& definition) {
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  catalog::Column column;
  column.name = definition.colname;
  column.type = analyzer::resolve_type(analysis, *definition.type_name);
  require_column_type(context, column.name, column.type);
  check_type_usage(context, column.type.oid);
  column.collation = types::type_info(column.type.oid).collation;
  if (definition.coll_clause != nullptr) {
    if (column.collation == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + display_type(context, column.type.oid))
          .position(position_of(context, *definition.coll_clause));
    }
    column.collation = resolve_collation(context, definition.coll_clause->collname, definition.coll_clause->location);
  }
  return column;
}

// Whether values of `type` have values of `part` in them.
bool is_made_of(const catalog::Version& version, Oid type, Oid part, int depth = 0) {
  if (type == part) return true;
  const auto* info = types::find_type(type);
  if (info == nullptr || depth > 32) return false;
  if (info->element != kInvalidOid && is_made_of(version, info->element, part, depth + 1)) return true;
  // A domain over a domain keeps only the bottom in its description.
  if (auto user = version.user_type(type); user != nullptr && user->base.oid != kInvalidOid) {
    if (is_made_of(version, user->base.oid, part, depth + 1)) return true;
  }
  if (info->base != kInvalidOid && is_made_of(version, info->base, part, depth + 1)) return true;
  if (info->kind != 'c') return false;
  auto definition = catalog::type_definition(version, type);
  for (size_t i = 0; definition != nullptr && i < definition->fields.size(); ++i) {
    if (!definition->fields[i].dropped && is_made_of(version, definition->fields[i].type.oid, part, depth + 1)) return true;
  }
  return false;
}

void refuse_used(CommandContext& context, const catalog::Relation& type) {
  for (const auto& use : uses_of_type(context, type.row_type)) {
    if (use.relation->relkind == 'c') continue;
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot alter type \"" + type.name + "\" because column \"" + use.relation->name + "." +
                                                      use.relation->columns[use.column].name + "\" uses it");
  }
}

}  // namespace

void check_not_inside(CommandContext& context, Oid row_type, Oid type) {
  const auto* info = types::find_type(type);
  if (info == nullptr) return;
  if (type == row_type) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "composite type " + display_type(context, row_type) + " cannot be made a member of itself");
  }
  if (info->element != kInvalidOid) check_not_inside(context, row_type, info->element);
  if (info->base != kInvalidOid) check_not_inside(context, row_type, info->base);
  if (info->kind != 'c') return;
  auto definition = catalog::type_definition(*context.catalog_version(), type);
  for (size_t i = 0; definition != nullptr && i < definition->fields.size(); ++i) {
    if (!definition->fields[i].dropped) check_not_inside(context, row_type, definition->fields[i].type.oid);
  }
}

void refuse_used_rows(CommandContext& context, const catalog::Relation& table) {
  for (const auto& use : uses_of_type(context, table.row_type)) {
    char kind = use.relation->relkind;
    if (use.relation->oid == table.oid || (kind != 'r' && kind != 'p' && kind != 'm')) continue;
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot alter " + std::string(table.is_foreign() ? "foreign table" : "table") + " \"" + table.name + "\" because column \"" + use.relation->name + "." +
                                                      use.relation->columns[use.column].name + "\" uses its row type");
  }
}

std::vector<TypeUse> uses_of_type(CommandContext& context, Oid type) {
  std::vector<TypeUse> uses;
  auto version = context.catalog_version();
  for (const auto& object : version->objects(context.database())) {
    if (object->kind != ObjectKind::Relation || object->oid < kFirstNormalOid) continue;
    auto relation = std::static_pointer_cast<const catalog::Relation>(object);
    for (size_t i = 0; i < relation->columns.size(); ++i) {
      const auto& column = relation->columns[i];
      if (column.dropped || column.type.oid < kFirstNormalOid || !is_made_of(*version, column.type.oid, type)) continue;
      uses.push_back({relation, static_cast<int>(i), column.type.oid != type});
    }
  }
  return uses;
}

CommandResult create_composite(const ast::CompositeTypeStmt& statement, CommandContext& context) {
  auto version = context.catalog_version();
  NewName made = creation_name(context, *statement.typevar);
  if (version->find_type(made.schema, made.name, context.database()) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "type \"" + made.name + "\" already exists");
  }
  auto relation = begin_relation(context, *statement.typevar, 'c', false);
  for (const auto* definition : statement.coldeflist) {
    if (relation->find_column(definition->colname) >= 0) {
      throw SqlError(Sqlstate::DuplicateColumn, "column \"" + std::string(definition->colname) + "\" specified more than once");
    }
    relation->columns.push_back(attribute_of(context, *definition));
  }
  context.catalog_changes().put(relation);
  return {"CREATE TYPE", {}, {}};
}

CommandResult alter_composite(const ast::AlterTableStmt& statement, CommandContext& context) {
  std::vector<std::string_view> names;
  if (!statement.relation->schemaname.empty()) names.push_back(statement.relation->schemaname);
  names.push_back(statement.relation->relname);
  auto object = open_type(context, names);
  if (object->kind != ObjectKind::Relation || static_cast<const catalog::Relation&>(*object).relkind != 'c') {
    throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not a composite type");
  }
  check_owner(context, *object);
  for (const auto* command : statement.cmds) {
    auto type = std::make_shared<catalog::Relation>(*context.catalog_version()->relation(object->oid));
    check_typed_tables(context, *type, command->behavior);
    switch (command->subtype) {
      case ast::AlterTableType::AddColumn: {
        auto column = attribute_of(context, *ast::node_cast<ast::ColumnDef>(command->def));
        if (type->find_column(column.name) >= 0) {
          throw SqlError(Sqlstate::DuplicateColumn, "column \"" + column.name + "\" of relation \"" + type->name + "\" already exists");
        }
        check_not_inside(context, type->row_type, column.type.oid);
        type->columns.push_back(std::move(column));
        break;
      }
      case ast::AlterTableType::DropColumn: {
        int column = type->find_column(command->name);
        if (column < 0) {
          std::string text = "column \"" + std::string(command->name) + "\" of relation \"" + type->name + "\" does not exist";
          if (!command->missing_ok) throw SqlError(Sqlstate::UndefinedColumn, text);
          notice(context, text + ", skipping");
          continue;
        }
        type->columns[column].dropped = true;
        type->columns[column].name = "........pg.dropped." + std::to_string(column + 1) + "........";
        break;
      }
      case ast::AlterTableType::AlterColumnType: {
        int column = type->find_column(command->name);
        if (column < 0) {
          throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(command->name) + "\" of relation \"" + type->name + "\" does not exist");
        }
        refuse_used(context, *type);
        auto changed = attribute_of(context, *ast::node_cast<ast::ColumnDef>(command->def));
        check_not_inside(context, type->row_type, changed.type.oid);
        type->columns[column].type = changed.type;
        type->columns[column].collation = changed.collation;
        break;
      }
      default: throw_not_supported("this form of ALTER TYPE");
    }
    context.catalog_changes().put(type);
    for (const auto& table : tables_of_type(context, type->row_type)) alter_typed_table(context, table->oid, *command);
  }
  return {"ALTER TYPE", {}, {}};
}

// ---- Ranges ----

CommandResult create_range(const ast::CreateRangeStmt& statement, CommandContext& context) {
  auto type = begin_type(context, statement.type_name, 'r');
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  std::string multirange;
  for (const auto* option : statement.params) {
    auto* type_name = ast::node_cast<ast::TypeName>(option->arg);
    auto name_of = [&]() -> std::string_view {
      if (type_name != nullptr) return type_name->names.back();
      if (auto* text = ast::node_cast<ast::String>(option->arg)) return text->sval;
      if (auto* name = ast::node_cast<ast::QualifiedName>(option->arg)) return name->names.back();
      return {};
    };
    if (option->defname == "subtype") {
      if (type->base.oid != kInvalidOid) throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, *option));
      if (type_name == nullptr) throw SqlError(Sqlstate::SyntaxError, "subtype must be a type name");
      type->base = {analyzer::resolve_type(analysis, *type_name).oid, -1};
      check_type_usage(context, type->base.oid);
    } else if (option->defname == "multirange_type_name") {
      multirange = name_of();
    } else if (option->defname == "collation") {
      std::vector<std::string_view> names = option_name(*option);
      type->collation = resolve_collation(context, ast::NameList(names.data(), names.size()), -1);
      if (!types::orders_by_bytes(type->collation, context.types())) throw_not_supported("a range type of texts that are not ordered by their bytes");
    } else if (option->defname == "canonical") {
      throw_not_supported("a canonical function of a range type");
    } else if (option->defname != "subtype_diff" && option->defname != "subtype_opclass") {
      throw SqlError(Sqlstate::SyntaxError, "type attribute \"" + std::string(option->defname) + "\" not recognized");
    }
  }
  if (type->base.oid == kInvalidOid) throw SqlError(Sqlstate::SyntaxError, "type attribute \"subtype\" is required");
  const auto& subtype = types::type_info(type->base.oid);
  if (subtype.kind == 'p') {
    throw SqlError(Sqlstate::DatatypeMismatch, "range subtype cannot be " + display_type(context, type->base.oid));
  }
  if (subtype.compare == nullptr) {
    throw SqlError(Sqlstate::UndefinedObject, "data type " + display_type(context, type->base.oid) + " has no default operator class for access method \"btree\"")
        .hint("You must specify an operator class for the range type or define a default operator class for the subtype.");
  }
  if (type->collation == kInvalidOid) type->collation = subtype.collation;
  if (multirange.empty()) {
    size_t at = type->name.find("range");
    multirange = at == std::string::npos ? type->name + "_multirange" : type->name.substr(0, at) + "multirange" + type->name.substr(at + 5);
  }
  if (multirange.size() > kNameBytes) multirange.resize(kNameBytes);
  if (version->find_type(type->schema, multirange, context.database()) != kInvalidOid || multirange == type->name) {
    throw SqlError(Sqlstate::DuplicateObject, "type \"" + multirange + "\" already exists")
        .detail("Failed while creating a multirange type for type \"" + type->name + "\".")
        .hint("You can manually specify a multirange type name using the \"multirange_type_name\" attribute.");
  }
  type->multirange_name = multirange;
  type->multirange = context.catalog().allocate_oid();
  type->multirange_array = context.catalog().allocate_oid();
  context.catalog_changes().put(type);
  return {"CREATE TYPE", {}, {}};
}

// ---- DROP, RENAME ----

void collect_type_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  bool domains = statement.remove_type == ast::ObjectType::Domain;
  for (const auto* node : statement.objects) {
    auto* name = ast::node_cast<ast::TypeName>(node);
    std::vector<std::string_view> names = name != nullptr ? std::vector<std::string_view>(name->names.begin(), name->names.end()) : names_of(*node);
    auto version = context.catalog_version();
    Oid type = analyzer::find_user_type(context.analyzer_context(*version), names);
    auto owner = type == kInvalidOid ? nullptr : version->type_owner(type);
    if (owner == nullptr) {
      if (const auto* built_in = types::find_type_by_name(names.back()); built_in != nullptr && (names.size() == 1 || names[0] == "pg_catalog")) {
        if (domains) throw SqlError(Sqlstate::WrongObjectType, "\"" + dotted(names) + "\" is not a domain");
        throw SqlError(Sqlstate::DependentObjectsStillExist,
                       "cannot drop type " + std::string(built_in->sql_name) + " because it is required by the database system");
      }
      if (names.size() > 1 && context.catalog_version()->find_schema(context.database(), names[names.size() - 2]) == kInvalidOid) {
        std::string text = "schema \"" + std::string(names[names.size() - 2]) + "\" does not exist";
        if (!statement.missing_ok) throw SqlError(Sqlstate::InvalidSchemaName, text);
        notice(context, text + ", skipping");
        continue;
      }
      std::string text = "type \"" + dotted(names) + "\" does not exist";
      if (!statement.missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
      notice(context, text + ", skipping");
      continue;
    }
    owner = open_type(context, names, domains);
    check_owner(context, *owner);
    if (owner->kind == ObjectKind::Relation && static_cast<const catalog::Relation&>(*owner).relkind != 'c') {
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop type " + owner->name + " because " + describe(context, *owner) + " requires it")
          .hint("You can drop " + describe(context, *owner) + " instead.");
    }
    if (owner->kind == ObjectKind::Type) {
      const auto& user = static_cast<const catalog::UserType&>(*owner);
      if (type != user.oid) {
        std::string part = display_type(context, type);
        throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop type " + part + " because type " + display_type(context, user.oid) + " requires it")
            .hint("You can drop type " + display_type(context, user.oid) + " instead.");
      }
    }
    targets.push_back({DropTarget::Part::Whole, owner->oid, 0});
  }
}

namespace {

void rename_attribute(const ast::RenameStmt& statement, CommandContext& context) {
  std::vector<std::string_view> names;
  if (!statement.relation->schemaname.empty()) names.push_back(statement.relation->schemaname);
  names.push_back(statement.relation->relname);
  auto object = open_type(context, names);
  if (object->kind != ObjectKind::Relation || static_cast<const catalog::Relation&>(*object).relkind != 'c') {
    throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not a composite type");
  }
  check_owner(context, *object);
  auto type = std::make_shared<catalog::Relation>(static_cast<const catalog::Relation&>(*object));
  int column = type->find_column(statement.subname);
  if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(statement.subname) + "\" does not exist");
  std::string name(statement.newname);
  if (type->find_column(name) >= 0) {
    throw SqlError(Sqlstate::DuplicateColumn, "column \"" + name + "\" of relation \"" + type->name + "\" already exists");
  }
  type->columns[column].name = name;
  context.catalog_changes().put(type);
}

void rename_domain_constraint(const ast::RenameStmt& statement, CommandContext& context, ast::NameList names) {
  auto object = open_type(context, names, true);
  check_owner(context, *object);
  auto type = std::make_shared<catalog::UserType>(static_cast<const catalog::UserType&>(*object));
  std::string name(statement.newname);
  auto named = [&](std::string_view wanted) {
    return std::find_if(type->checks.begin(), type->checks.end(), [&](const auto& c) { return c.name == wanted; });
  };
  auto at = named(statement.subname);
  if (at == type->checks.end()) {
    throw SqlError(Sqlstate::UndefinedObject, "constraint \"" + std::string(statement.subname) + "\" for domain " + type->name + " does not exist");
  }
  if (named(name) != type->checks.end()) {
    throw SqlError(Sqlstate::DuplicateObject, "constraint \"" + name + "\" for domain " + type->name + " already exists");
  }
  at->name = name;
  context.catalog_changes().put(type);
}

}  // namespace

CommandResult rename_type(const ast::RenameStmt& statement, CommandContext& context) {
  std::string tag = command_tag(statement);
  if (statement.rename_type == ast::ObjectType::Attribute) {
    rename_attribute(statement, context);
    return {"ALTER TYPE", {}, {}};
  }
  auto names = names_of(*statement.object);
  if (statement.rename_type == ast::ObjectType::Domconstraint) {
    rename_domain_constraint(statement, context, names);
    return {"ALTER DOMAIN", {}, {}};
  }
  auto object = open_type(context, names, statement.rename_type == ast::ObjectType::Domain);
  check_owner(context, *object);
  if (object->kind == ObjectKind::Relation && static_cast<const catalog::Relation&>(*object).relkind != 'c') {
    throw SqlError(Sqlstate::WrongObjectType, object->name + " is a table's row type").hint("Use ALTER TABLE instead.");
  }
  std::string name(statement.newname);
  lock_name(context, catalog::kPgTypeOid, object->schema, name);
  if (context.catalog_version()->find_type(object->schema, name, context.database()) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "type \"" + name + "\" already exists");
  }
  DefinitionKeeper definitions(context);
  remember_expressions(context, *object, definitions);
  auto changed = clone_object(*object);
  changed->name = name;
  context.catalog_changes().put(changed);
  definitions.update();
  return {tag, {}, {}};
}

}  // namespace aegis::commands
