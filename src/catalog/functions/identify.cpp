#include "aegis/catalog/identify.h"

#include <array>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/functions/quoting.h"
#include "functions/call.h"
#include "functions/catalog_row.h"
#include "system/columns.h"
#include "system/tables.h"
#include "aegis/vector/vector.h"

namespace aegis::catalog {

using functions::quote_identifier;

Value CatalogRow::get(std::string_view column) const {
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    if (table_->columns[i].name == column) return chunk_->column(i).get(at_);
  }
  throw SqlError(Sqlstate::InternalError, "no such catalog column: " + std::string(column));
}

std::string CatalogRow::text(std::string_view column) const {
  Value value = get(column);
  return value.is_null ? std::string() : std::string(value.text());
}

char CatalogRow::letter(std::string_view column) const {
  Value value = get(column);
  for (const auto& info : table_->columns) {
    if (info.name == column && types::type_info(info.type).physical == types::PhysicalType::String) return value.text().empty() ? 0 : value.text()[0];
  }
  return static_cast<char>(value.i8);
}

int CatalogRow::number(std::string_view column) const {
  for (const auto& info : table_->columns) {
    if (info.name == column && info.type == types::oid::kInt2) return get(column).i16;
  }
  return get(column).i32;
}

CatalogRow find_row(const SystemContext& context, Oid table, const std::function<bool(const CatalogRow&)>& matches) {
  CatalogRow row;
  row.table_ = find_system_table(table);
  if (row.table_ == nullptr) return {};
  row.rows_ = system_rows(*row.table_, context);
  for (const auto& chunk : row.rows_->chunks) {
    row.chunk_ = chunk.get();
    for (row.at_ = 0; row.at_ < chunk->size(); ++row.at_) {
      if (matches(row)) return row;
    }
  }
  return {};
}

CatalogRow find_row(const SystemContext& context, Oid table, Oid oid) {
  return find_row(context, table, [oid](const CatalogRow& row) { return row.oid("oid") == oid; });
}

namespace {

namespace oid = types::oid;

std::string schema_name(const SystemContext& context, Oid schema) {
  auto found = context.version.schema(schema);
  if (found == nullptr) return {};
  return found->oid == context.temp_schema && context.temp_schema != kInvalidOid ? "pg_temp" : found->name;
}

// s.name, both quoted; without the schema where the name alone finds it and `short_form`.
std::string qualified(const SystemContext& context, Oid schema, std::string_view name) {
  std::string prefix = schema_name(context, schema);
  return prefix.empty() ? quote_identifier(name) : quote_identifier(prefix) + "." + quote_identifier(name);
}

bool on_path(const SystemContext& context, Oid schema) {
  return std::find(context.search_path.begin(), context.search_path.end(), schema) != context.search_path.end();
}

std::string visible(const SystemContext& context, Oid schema, std::string_view name) {
  return on_path(context, schema) ? quote_identifier(name) : qualified(context, schema, name);
}

std::string role_text(const SystemContext& context, Oid role) {
  auto found = role == kInvalidOid ? nullptr : context.version.role(role);
  return found == nullptr ? "public" : found->name;
}

// --- Relations ---

const char* relation_type(const Object& object) {
  if (object.kind == ObjectKind::Index) return "index";
  switch (static_cast<const Relation&>(object).relkind) {
    case 'v': return "view";
    case 'S': return "sequence";
    case 'm': return "materialized view";
    case 'c': return "composite type";
    case 'f': return "foreign table";
    default: return "table";
  }
}

struct TablePart {
  RelationPtr table;
  std::string name;
};

template <typename F>
TablePart find_part(const SystemContext& context, F matches) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    auto table = std::static_pointer_cast<const Relation>(object);
    std::string name;
    if (matches(*table, name)) return {table, name};
  }
  return {};
}

TablePart find_constraint(const SystemContext& context, Oid oid) {
  return find_part(context, [&](const Relation& table, std::string& name) {
    for (const auto& constraint : table.constraints) {
      if (constraint.oid == oid) return name = constraint.name, true;
    }
    return false;
  });
}

TablePart find_rule(const SystemContext& context, Oid oid) {
  if (auto view = context.version.relation(rule_oid(oid)); view != nullptr && view->is_view()) return {view, "_RETURN"};
  return find_part(context, [&](const Relation& table, std::string& name) {
    for (const auto& rule : table.rules) {
      if (rule.oid == oid) return name = rule.name, true;
    }
    return false;
  });
}

TablePart find_policy(const SystemContext& context, Oid oid) {
  return find_part(context, [&](const Relation& table, std::string& name) {
    for (const auto& policy : table.policies) {
      if (policy.oid == oid) return name = policy.name, true;
    }
    return false;
  });
}

TablePart find_default(const SystemContext& context, Oid oid) {
  return find_part(context, [&](const Relation& table, std::string& name) {
    for (const auto& column : table.columns) {
      if (column.default_oid == oid && !column.dropped && oid != kInvalidOid) return name = column.name, true;
    }
    return false;
  });
}

std::shared_ptr<const UserType> find_domain_of(const SystemContext& context, Oid constraint, std::string& name) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Type) continue;
    auto type = std::static_pointer_cast<const UserType>(object);
    for (const auto& check : type->checks) {
      if (check.oid == constraint) return name = check.name, type;
    }
  }
  return nullptr;
}

std::string relation_text(const SystemContext& context, const Object& object) { return qualified(context, object.schema, object.name); }

std::string describe_relation(const SystemContext& context, const Object& object) {
  return std::string(relation_type(object)) + " " + relation_name(context, object);
}

// --- Routines and types ---

const functions::Function* routine_record(const SystemContext& context, Oid oid, RoutinePtr& keep) {
  keep = context.version.routine(oid);
  return keep != nullptr ? &keep->function() : functions::find_function(oid);
}

const char* routine_type(const functions::Function& function, const RoutinePtr& routine) {
  if (function.kind == functions::Kind::Aggregate || (routine != nullptr && routine->routine_kind == 'a')) return "aggregate";
  if (function.kind == functions::Kind::Procedure || (routine != nullptr && routine->routine_kind == 'p')) return "procedure";
  return "function";
}

std::string type_list(const SystemContext& context, std::span<const Oid> types, bool qualify, const types::ObjectNames* names) {
  std::string out;
  for (Oid type : types) out += (out.empty() ? "" : ",") + (qualify ? qualified_type(context, type) : types::format_type({type}, names));
  return out;
}

bool routine_visible(const SystemContext& context, const functions::Function& function, Oid schema) {
  for (Oid path : context.search_path) {
    if (path == schema) return true;
    for (const auto& other : context.version.routines(path, function.name)) {
      if (std::ranges::equal(other->function().arguments, function.arguments)) return false;
    }
  }
  return false;
}

std::string operator_text(const SystemContext& context, const functions::Operator& op, Oid schema, bool qualify, const types::ObjectNames* names) {
  auto operand = [&](Oid type) { return type == kInvalidOid ? std::string("NONE") : qualify ? qualified_type(context, type) : types::format_type({type}, names); };
  std::string prefix = qualify || !on_path(context, schema) ? quote_identifier(schema_name(context, schema)) + "." : "";
  return prefix + std::string(op.name) + "(" + operand(op.left) + "," + operand(op.right) + ")";
}

const functions::Operator* operator_record(const SystemContext& context, Oid oid, OperatorPtr& keep, Oid& schema) {
  keep = context.version.find_operator(oid);
  schema = keep != nullptr ? keep->schema : kPgCatalogSchema;
  return keep != nullptr ? &keep->record() : functions::find_operator(oid);
}

std::string method_name(const SystemContext& context, Oid method) {
  auto row = find_row(context, 2601, method);
  return row ? row.text("amname") : std::string();
}

// Catalogs of objects that have a name, and perhaps a schema.
struct NamedCatalog {
  Oid table;
  const char* type;         // as pg_identify_object says
  const char* description;  // as pg_describe_object does
  const char* name;         // columns
  const char* schema;       // null: none
};
constexpr NamedCatalog kNamed[] = {
    {3456, "collation", "collation", "collname", "collnamespace"},
    {2607, "conversion", "conversion", "conname", "connamespace"},
    {2612, "language", "language", "lanname", nullptr},
    {2601, "access method", "access method", "amname", nullptr},
    {2615, "schema", "schema", "nspname", nullptr},
    {3381, "statistics object", "statistics object", "stxname", "stxnamespace"},
    {3601, "text search parser", "text search parser", "prsname", "prsnamespace"},
    {3600, "text search dictionary", "text search dictionary", "dictname", "dictnamespace"},
    {3764, "text search template", "text search template", "tmplname", "tmplnamespace"},
    {3602, "text search configuration", "text search configuration", "cfgname", "cfgnamespace"},
    {1260, "role", "role", "rolname", nullptr},
    {1262, "database", "database", "datname", nullptr},
    {1213, "tablespace", "tablespace", "spcname", nullptr},
    {2328, "foreign-data wrapper", "foreign-data wrapper", "fdwname", nullptr},
    {1417, "server", "server", "srvname", nullptr},
    {3079, "extension", "extension", "extname", nullptr},
    {3466, "event trigger", "event trigger", "evtname", nullptr},
    {6104, "publication", "publication", "pubname", nullptr},
    {6100, "subscription", "subscription", "subname", nullptr},
};

const NamedCatalog* named_catalog(Oid catalog) {
  for (const auto& entry : kNamed) {
    if (entry.table == catalog) return &entry;
  }
  return nullptr;
}

// Catalogs of which only the kind is known here.
const char* kind_of_catalog(Oid catalog) {
  switch (catalog) {
    case kPgClassOid: return "relation";
    case kPgProcOid: return "routine";
    case kPgTypeOid: return "type";
    case kPgCastOid: return "cast";
    case kPgConstraintOid: return "constraint";
    case kPgAttrdefOid: return "default value";
    case 2613: return "large object";
    case kPgOperatorOid: return "operator";
    case 2616: return "operator class";
    case 2753: return "operator family";
    case 2602: return "operator of access method";
    case 2603: return "function of access method";
    case kPgRewriteOid: return "rule";
    case kPgTriggerOid: return "trigger";
    case 1418: return "user mapping";
    case kPgDefaultAclOid: return "default acl";
    case kPgPolicyOid: return "policy";
    case 6106: return "publication relation";
    case 6237: return "publication namespace";
    case 3576: return "transform";
    default: break;
  }
  const auto* named = named_catalog(catalog);
  return named == nullptr ? nullptr : named->type;
}

const char* default_acl_words(char type) {
  switch (type) {
    case 'r': return "tables";
    case 'S': return "sequences";
    case 'f': return "functions";
    case 'T': return "types";
    default: return "schemas";
  }
}

class Identifier {
 public:
  Identifier(const SystemContext& context, Oid catalog, Oid object, int column) : context_(context), catalog_(catalog), object_(object), column_(column) {}

  ObjectIdentity run() {
    const char* kind = kind_of_catalog(catalog_);
    if (kind == nullptr) throw SqlError(Sqlstate::InternalError, "unrecognized object class: " + std::to_string(catalog_));
    out_.type = kind;
    switch (catalog_) {
      case kPgClassOid: relation(); break;
      case kPgProcOid: routine(); break;
      case kPgTypeOid: type(); break;
      case kPgCastOid: cast(); break;
      case kPgConstraintOid: constraint(); break;
      case kPgAttrdefOid: default_value(); break;
      case kPgOperatorOid: operator_(); break;
      case 2616: class_or_family("opcmethod", "opcnamespace", "opcname"); break;
      case 2753: class_or_family("opfmethod", "opfnamespace", "opfname"); break;
      case 2602: member("amopfamily", "amoplefttype", "amoprighttype", "amopstrategy", "operator"); break;
      case 2603: member("amprocfamily", "amproclefttype", "amprocrighttype", "amprocnum", "function"); break;
      case kPgRewriteOid: part(find_rule(context_, object_)); break;
      case kPgTriggerOid: trigger(); break;
      case kPgPolicyOid: part(find_policy(context_, object_)); break;
      case kPgDefaultAclOid: default_acl(); break;
      case 2613: large_object(); break;
      case kPgUserMappingOid: user_mapping(); break;
      case kPgPublicationRelOid: publication_table(); break;
      case kPgPublicationNamespaceOid: publication_schema(); break;
      default: named(); break;
    }
    return std::move(out_);
  }

 private:
  void found(std::string identity) {
    out_.found = true;
    out_.identity = std::move(identity);
  }
  void in_schema(Oid schema, const std::string* name = nullptr) {
    if (std::string text = schema_name(context_, schema); !text.empty()) out_.schema = quote_identifier(text);
    if (name != nullptr) out_.name = quote_identifier(*name);
  }
  std::vector<std::string> name_parts(Oid schema, const std::string& name) {
    std::string prefix = schema_name(context_, schema);
    return prefix.empty() ? std::vector<std::string>{name} : std::vector<std::string>{prefix, name};
  }

  void relation() {
    auto object = find_relation_or_index(context_.version, object_);
    if (object == nullptr) {
      if (column_ != 0) out_.type = "table column";
      return;
    }
    out_.type = relation_type(*object);
    std::string text = relation_text(context_, *object);
    out_.names = name_parts(object->schema, object->name);
    if (column_ != 0) {
      out_.type += " column";
      const auto* table = object->kind == ObjectKind::Relation ? static_cast<const Relation*>(object.get()) : nullptr;
      if (table == nullptr || column_ < 1 || column_ > static_cast<int>(table->columns.size()) || table->columns[column_ - 1].dropped) {
        out_.names.clear();
        return;
      }
      const auto& name = table->columns[column_ - 1].name;
      in_schema(object->schema, &object->name);
      out_.names.push_back(name);
      return found(text + "." + quote_identifier(name));
    }
    in_schema(object->schema, &object->name);
    found(text);
  }

  void routine() {
    RoutinePtr keep;
    const auto* function = routine_record(context_, object_, keep);
    if (function == nullptr) return;
    Oid schema = keep != nullptr ? keep->schema : kPgCatalogSchema;
    out_.type = routine_type(*function, keep);
    in_schema(schema);
    out_.names = name_parts(schema, std::string(function->name));
    for (Oid type : function->arguments) out_.arguments.push_back(qualified_type(context_, type));
    found(qualified(context_, schema, function->name) + "(" + type_list(context_, function->arguments, true, nullptr) + ")");
  }

  void type() {
    auto owner = context_.version.type_owner(object_);
    auto* info = types::find_type(object_);
    if (owner == nullptr && (info == nullptr || object_ >= kFirstNormalOid)) {
      auto row = find_row(context_, kPgTypeOid, object_);
      if (!row) return;
      std::string name = row.text("typname");
      in_schema(row.oid("typnamespace"), &name);
      out_.names = {qualified(context_, row.oid("typnamespace"), name)};
      return found(out_.names[0]);
    }
    auto row = find_row(context_, kPgTypeOid, object_);
    if (!row) return;
    std::string name = row.text("typname");
    in_schema(row.oid("typnamespace"), &name);
    std::string text = qualified_type(context_, object_);
    out_.names = {text};
    found(text);
  }

  void cast() {
    auto row = find_row(context_, kPgCastOid, object_);
    if (!row) return;
    std::string source = qualified_type(context_, row.oid("castsource"));
    std::string target = qualified_type(context_, row.oid("casttarget"));
    out_.names = {source};
    out_.arguments = {target};
    found("(" + source + " AS " + target + ")");
  }

  void part(const TablePart& part, bool with_schema = false) {
    if (part.table == nullptr) return;
    if (with_schema) in_schema(part.table->schema);
    out_.names = name_parts(part.table->schema, part.table->name);
    out_.names.push_back(part.name);
    found(quote_identifier(part.name) + " on " + relation_text(context_, *part.table));
  }

  void constraint() {
    if (auto of_table = find_constraint(context_, object_); of_table.table != nullptr) {
      out_.type = "table constraint";
      return part(of_table, true);
    }
    std::string name;
    auto domain = find_domain_of(context_, object_, name);
    if (domain == nullptr) return;
    out_.type = "domain constraint";
    in_schema(domain->schema);
    std::string text = qualified_type(context_, domain->oid);
    out_.names = {text};
    out_.arguments = {name};
    found(quote_identifier(name) + " on " + text);
  }

  void default_value() {
    auto found_part = find_default(context_, object_);
    if (found_part.table == nullptr) return;
    out_.names = name_parts(found_part.table->schema, found_part.table->name);
    out_.names.push_back(found_part.name);
    found("for " + relation_text(context_, *found_part.table) + "." + quote_identifier(found_part.name));
  }

  void operator_() {
    OperatorPtr keep;
    Oid schema = kInvalidOid;
    const auto* op = operator_record(context_, object_, keep, schema);
    if (op == nullptr) return;
    in_schema(schema);
    out_.names = name_parts(schema, std::string(op->name));
    for (Oid type : {op->left, op->right}) {
      if (type != kInvalidOid) out_.arguments.push_back(qualified_type(context_, type));
    }
    found(operator_text(context_, *op, schema, true, nullptr));
  }

  void class_or_family(const char* method, const char* schema, const char* name) {
    auto row = find_row(context_, catalog_, object_);
    if (!row) return;
    std::string text = row.text(name);
    std::string access = method_name(context_, row.oid(method));
    in_schema(row.oid(schema), &text);
    out_.names = name_parts(row.oid(schema), text);
    out_.names.insert(out_.names.begin(), access);
    found(qualified(context_, row.oid(schema), text) + " USING " + quote_identifier(access));
  }

  void member(const char* family, const char* left, const char* right, const char* number, const char* word) {
    auto row = find_row(context_, catalog_, object_);
    if (!row) return;
    auto owner = find_row(context_, 2753, row.oid(family));
    if (!owner) return;
    std::string access = method_name(context_, owner.oid("opfmethod"));
    std::string strategy = std::to_string(row.number(number));
    std::string types[] = {qualified_type(context_, row.oid(left)), qualified_type(context_, row.oid(right))};
    out_.names = name_parts(owner.oid("opfnamespace"), owner.text("opfname"));
    out_.names.insert(out_.names.begin(), access);
    out_.names.push_back(strategy);
    out_.arguments = {types[0], types[1]};
    found(std::string(word) + " " + strategy + " (" + types[0] + ", " + types[1] + ") of " +
          qualified(context_, owner.oid("opfnamespace"), owner.text("opfname")) + " USING " + quote_identifier(access));
  }

  void trigger() {
    auto trigger = context_.version.trigger(object_);
    if (trigger == nullptr) return;
    part({context_.version.relation(trigger->table), trigger->name});
  }

  void default_acl() {
    auto row = find_row(context_, kPgDefaultAclOid, object_);
    if (!row) return;
    auto role = context_.version.role(row.oid("defaclrole"));
    std::string owner = role == nullptr ? std::string() : role->name;
    std::string text = "for role " + quote_identifier(owner);
    out_.names = {owner};
    if (Oid schema = row.oid("defaclnamespace"); schema != kInvalidOid) {
      text += " in schema " + quote_identifier(schema_name(context_, schema));
      out_.names.push_back(schema_name(context_, schema));
    }
    char letter = row.letter("defaclobjtype");
    out_.arguments = {std::string(1, letter)};
    found(text + " on " + default_acl_words(letter));
  }

  void large_object() {
    auto row = find_row(context_, 2995, object_);
    if (!row) return;
    out_.names = {std::to_string(object_)};
    found(std::to_string(object_));
  }

  void user_mapping() {
    auto row = find_row(context_, catalog_, object_);
    if (!row) return;
    auto server = find_row(context_, kPgForeignServerOid, row.oid("umserver"));
    std::string user = role_text(context_, row.oid("umuser")), name = server ? server.text("srvname") : std::string();
    out_.names = {user};
    out_.arguments = {name};
    found(quote_identifier(user) + " on server " + quote_identifier(name));
  }

  void publication_table() {
    auto row = find_row(context_, catalog_, object_);
    auto table = row ? context_.version.relation(row.oid("prrelid")) : nullptr;
    if (table == nullptr) return;
    auto publication = context_.version.find(row.oid("prpubid"));
    std::string name = publication == nullptr ? std::string() : publication->name;
    out_.names = name_parts(table->schema, table->name);
    out_.arguments = {name};
    found(relation_text(context_, *table) + " in publication " + name);
  }

  void publication_schema() {
    auto row = find_row(context_, catalog_, object_);
    if (!row) return;
    auto publication = context_.version.find(row.oid("pnpubid"));
    std::string name = publication == nullptr ? std::string() : publication->name, schema = schema_name(context_, row.oid("pnnspid"));
    out_.names = {schema};
    out_.arguments = {name};
    found(schema + " in publication " + name);
  }

  void named() {
    const auto* entry = named_catalog(catalog_);
    if (entry == nullptr) return;
    auto row = find_row(context_, catalog_, object_);
    if (!row) return;
    std::string name = row.text(entry->name);
    Oid schema = entry->schema == nullptr ? kInvalidOid : row.oid(entry->schema);
    if (catalog_ == kPgNamespaceOid) name = schema_name(context_, object_);
    in_schema(schema, &name);
    out_.names = schema == kInvalidOid ? std::vector<std::string>{name} : name_parts(schema, name);
    found(schema == kInvalidOid ? quote_identifier(name) : qualified(context_, schema, name));
  }

  const SystemContext& context_;
  Oid catalog_, object_;
  int column_;
  ObjectIdentity out_;
};

std::string describe_publication_member(const SystemContext& context, Oid catalog, Oid object) {
  auto row = find_row(context, catalog, object);
  if (!row) return {};
  bool is_table = catalog == kPgPublicationRelOid;
  auto publication = context.version.find(row.oid(is_table ? "prpubid" : "pnpubid"));
  std::string suffix = " in publication " + (publication == nullptr ? std::string() : publication->name);
  if (!is_table) return "publication of schema " + schema_name(context, row.oid("pnnspid")) + suffix;
  auto table = context.version.relation(row.oid("prrelid"));
  return "publication of " + (table == nullptr ? std::string() : describe_relation(context, *table)) + suffix;
}

std::string describe_default_acl(const SystemContext& context, Oid object) {
  auto row = find_row(context, kPgDefaultAclOid, object);
  if (!row) return {};
  char letter = row.letter("defaclobjtype");
  const char* what = letter == 'r' ? "relations" : default_acl_words(letter);
  auto role = context.version.role(row.oid("defaclrole"));
  std::string text = std::string("default privileges on new ") + what + " belonging to role " + (role == nullptr ? "" : role->name);
  if (Oid schema = row.oid("defaclnamespace"); schema != kInvalidOid) text += " in schema " + schema_name(context, schema);
  return text;
}

}  // namespace

std::string qualified_type(const SystemContext& context, Oid type) {
  // Types with a name of their own in SQL's grammar.
  constexpr Oid kSpelled[] = {oid::kBit, oid::kBool, oid::kBpchar, oid::kFloat4, oid::kFloat8, oid::kInt2, oid::kInt4, oid::kInt8, oid::kNumeric,
                              oid::kInterval, oid::kTime, oid::kTimetz, oid::kTimestamp, oid::kTimestamptz, oid::kVarbit, oid::kVarchar};
  if (std::find(std::begin(kSpelled), std::end(kSpelled), type) != std::end(kSpelled)) return types::format_type({type});
  auto row = find_row(context, kPgTypeOid, type);
  if (!row) return "???";
  Oid element = row.oid("typelem");
  if (element != kInvalidOid && row.letter("typcategory") == 'A' && row.oid("typarray") == kInvalidOid) return qualified_type(context, element) + "[]";
  return qualified(context, row.oid("typnamespace"), row.text("typname"));
}

ObjectIdentity identify_object(const SystemContext& context, const types::TypeContext&, Oid catalog, Oid object, int column) {
  return Identifier(context, catalog, object, column).run();
}

std::string describe_object(const SystemContext& context, const types::TypeContext& types, Oid catalog, Oid object, int column) {
  if (kind_of_catalog(catalog) == nullptr) throw SqlError(Sqlstate::InternalError, "unrecognized object class: " + std::to_string(catalog));
  auto on = [&](const char* kind, const TablePart& part) {
    return part.table == nullptr ? std::string() : std::string(kind) + " " + part.name + " on " + describe_relation(context, *part.table);
  };
  switch (catalog) {
    case kPgClassOid: {
      auto relation = find_relation_or_index(context.version, object);
      if (relation == nullptr) return {};
      std::string text = describe_relation(context, *relation);
      if (column == 0) return text;
      const auto* table = relation->kind == ObjectKind::Relation ? static_cast<const Relation*>(relation.get()) : nullptr;
      if (table == nullptr || column < 1 || column > static_cast<int>(table->columns.size()) || table->columns[column - 1].dropped) return {};
      return "column " + table->columns[column - 1].name + " of " + text;
    }
    case kPgProcOid: {
      RoutinePtr keep;
      const auto* function = routine_record(context, object, keep);
      if (function == nullptr) return {};
      Oid schema = keep != nullptr ? keep->schema : kPgCatalogSchema;
      std::string name = routine_visible(context, *function, schema) ? quote_identifier(function->name) : qualified(context, schema, function->name);
      return "function " + name + "(" + type_list(context, function->arguments, false, types.names) + ")";
    }
    case kPgTypeOid: return find_row(context, kPgTypeOid, object) ? "type " + types::format_type({object}, types.names) : std::string();
    case kPgCastOid: {
      auto row = find_row(context, catalog, object);
      if (!row) return {};
      return "cast from " + types::format_type({row.oid("castsource")}, types.names) + " to " + types::format_type({row.oid("casttarget")}, types.names);
    }
    case kPgConstraintOid: {
      if (auto part = find_constraint(context, object); part.table != nullptr) return on("constraint", part);
      std::string name;
      return find_domain_of(context, object, name) == nullptr ? std::string() : "constraint " + name;
    }
    case kPgAttrdefOid: {
      auto part = find_default(context, object);
      return part.table == nullptr ? std::string() : "default value for column " + part.name + " of " + describe_relation(context, *part.table);
    }
    case kPgOperatorOid: {
      OperatorPtr keep;
      Oid schema = kInvalidOid;
      const auto* op = operator_record(context, object, keep, schema);
      return op == nullptr ? std::string() : "operator " + operator_text(context, *op, schema, false, types.names);
    }
    case 2616:
    case 2753: {
      auto row = find_row(context, catalog, object);
      if (!row) return {};
      bool is_class = catalog == 2616;
      return std::string(is_class ? "operator class " : "operator family ") +
             visible(context, row.oid(is_class ? "opcnamespace" : "opfnamespace"), row.text(is_class ? "opcname" : "opfname")) + " for access method " +
             method_name(context, row.oid(is_class ? "opcmethod" : "opfmethod"));
    }
    case kPgRewriteOid: return on("rule", find_rule(context, object));
    case kPgPolicyOid: return on("policy", find_policy(context, object));
    case kPgTriggerOid: {
      auto trigger = context.version.trigger(object);
      return trigger == nullptr ? std::string() : on("trigger", {context.version.relation(trigger->table), trigger->name});
    }
    case kPgDefaultAclOid: return describe_default_acl(context, object);
    case kPgUserMappingOid: {
      auto row = find_row(context, catalog, object);
      if (!row) return {};
      auto server = find_row(context, kPgForeignServerOid, row.oid("umserver"));
      return "user mapping for " + role_text(context, row.oid("umuser")) + " on server " + (server ? server.text("srvname") : std::string());
    }
    case kPgPublicationRelOid:
    case kPgPublicationNamespaceOid: return describe_publication_member(context, catalog, object);
    case 2613: return find_row(context, 2995, object) ? "large object " + std::to_string(object) : std::string();
    default: break;
  }
  const auto* entry = named_catalog(catalog);
  if (entry == nullptr) return {};
  auto row = find_row(context, catalog, object);
  if (!row) return {};
  std::string name = row.text(entry->name);
  if (entry->schema != nullptr) name = visible(context, row.oid(entry->schema), name);
  return std::string(entry->description) + " " + name;
}

}  // namespace aegis::catalog
