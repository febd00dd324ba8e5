// pg_get_object_address, pg_identify_object and pg_identify_object_as_address.
#include <array>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "functions/call.h"
#include "functions/catalog_row.h"
#include "aegis/catalog/identify.h"

namespace aegis::catalog {
namespace {

namespace oid = types::oid;
using functions::quote_identifier;
using Names = std::vector<std::string>;

struct Address {
  Oid catalog = kInvalidOid, object = kInvalidOid;
  int column = 0;
};

[[noreturn]] void fail(Sqlstate state, std::string message) { throw SqlError(state, std::move(message)); }

std::string dotted(const Names& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ".") + name;
  return out;
}

struct SchemaCatalog {
  std::string_view type;
  Oid table;
  const char *name, *schema;
};
constexpr SchemaCatalog kPlain[] = {
    {"access method", 2601, "amname", nullptr},      {"database", 1262, "datname", nullptr},      {"extension", 3079, "extname", nullptr},
    {"tablespace", 1213, "spcname", nullptr},        {"role", 1260, "rolname", nullptr},          {"schema", 2615, "nspname", nullptr},
    {"language", 2612, "lanname", nullptr},          {"server", 1417, "srvname", nullptr},        {"foreign-data wrapper", 2328, "fdwname", nullptr},
    {"event trigger", 3466, "evtname", nullptr},     {"publication", 6104, "pubname", nullptr},   {"subscription", 6100, "subname", nullptr},
    {"collation", 3456, "collname", "collnamespace"}, {"conversion", 2607, "conname", "connamespace"},
    {"statistics object", 3381, "stxname", "stxnamespace"},
    {"text search parser", 3601, "prsname", "prsnamespace"},
    {"text search dictionary", 3600, "dictname", "dictnamespace"},
    {"text search template", 3764, "tmplname", "tmplnamespace"},
    {"text search configuration", 3602, "cfgname", "cfgnamespace"},
};
constexpr std::string_view kRelations[] = {"table", "index", "sequence", "view", "materialized view", "foreign table"};
// Known to pg_identify_object only.
constexpr std::string_view kUnsupported[] = {"toast table", "index column", "sequence column", "toast table column", "view column",
                                             "materialized view column", "composite type", "composite type column"};

class AddressFinder {
 public:
  AddressFinder(const CatalogCall& call, std::string_view type, Names names, Names arguments)
      : call_(call), context_(call.context), type_(type), names_(std::move(names)), arguments_(std::move(arguments)) {}

  Address find() {
    for (auto unsupported : kUnsupported) {
      if (type_ == unsupported) fail(Sqlstate::InvalidParameterValue, "unsupported object type \"" + std::string(type_) + "\"");
    }
    check_known();
    check_lengths();
    for (const auto& plain : kPlain) {
      if (type_ == plain.type) return {plain.table, find_named(plain, names_)};
    }
    for (auto relation : kRelations) {
      if (type_ == relation) return {kPgClassOid, find_relation(names_, true)->oid};
    }
    if (type_ == "table column" || type_ == "foreign table column") return find_column();
    if (type_ == "default value") return find_default();
    if (type_ == "table constraint" || type_ == "rule" || type_ == "trigger" || type_ == "policy") return find_part();
    if (type_ == "domain constraint") return find_domain_constraint();
    if (type_ == "type") return {kPgTypeOid, find_type(names_[0])};
    if (type_ == "cast") return find_cast();
    if (type_ == "aggregate" || type_ == "function" || type_ == "procedure" || type_ == "routine") return {kPgProcOid, find_routine()};
    if (type_ == "operator") return {kPgOperatorOid, find_operator()};
    if (type_ == "operator class") return {2616, find_class(names_, "operator class", 2616, "opcmethod", "opcname", "opcnamespace")};
    if (type_ == "operator family") return {2753, find_class(names_, "operator family", 2753, "opfmethod", "opfname", "opfnamespace")};
    if (type_ == "operator of access method") return find_member(2602, "amopfamily", "amoplefttype", "amoprighttype", "amopstrategy", "operator");
    if (type_ == "function of access method") return find_member(2603, "amprocfamily", "amproclefttype", "amprocrighttype", "amprocnum", "function");
    if (type_ == "large object") return find_large_object();
    if (type_ == "default acl") return find_default_acl();
    if (type_ == "user mapping") {
      Oid server = context_.version.find_named(ObjectKind::ForeignServer, context_.database, arguments_[0]);
      Oid user = names_[0] == "public" ? kInvalidOid : context_.version.find_role(names_[0]);
      bool known = server != kInvalidOid && (names_[0] == "public" || user != kInvalidOid);
      Oid found = known ? context_.version.find_named(ObjectKind::UserMapping, context_.database, std::to_string(user), server) : kInvalidOid;
      if (found != kInvalidOid) return {kPgUserMappingOid, found};
      fail(Sqlstate::UndefinedObject, "user mapping for user \"" + names_[0] + "\" on server \"" + arguments_[0] + "\" does not exist");
    }
    if (type_ == "transform") {
      Oid type = find_type(names_[0]);
      find_named(kPlain[6], {arguments_[0]});
      fail(Sqlstate::UndefinedObject, "transform for type " + types::format_type({type}, call_.types.names) + " language \"" + arguments_[0] + "\" does not exist");
    }
    if (type_ == "publication namespace") {
      Oid schema = find_named(kPlain[5], names_), publication = find_named(kPlain[10], {arguments_[0]});
      Oid found = context_.version.find_named(ObjectKind::PublicationSchema, context_.database, std::to_string(schema), publication);
      if (found != kInvalidOid) return {kPgPublicationNamespaceOid, found};
      fail(Sqlstate::UndefinedObject, "publication schema \"" + names_[0] + "\" in publication \"" + arguments_[0] + "\" does not exist");
    }
    if (type_ == "publication relation") {
      Oid table = find_relation(names_, true)->oid, publication = find_named(kPlain[10], {arguments_[0]});
      Oid found = context_.version.find_named(ObjectKind::PublicationTable, context_.database, std::to_string(table), publication);
      if (found != kInvalidOid) return {kPgPublicationRelOid, found};
      fail(Sqlstate::UndefinedObject, "publication relation \"" + dotted(names_) + "\" in publication \"" + arguments_[0] + "\" does not exist");
    }
    throw_not_supported("pg_get_object_address of a " + std::string(type_));
  }

 private:
  void check_known() {
    static constexpr std::string_view kOther[] = {
        "table column", "foreign table column", "default value", "table constraint", "rule", "trigger", "policy", "domain constraint", "type", "cast",
        "aggregate", "function", "procedure", "routine", "operator", "operator class", "operator family", "operator of access method",
        "function of access method", "large object", "default acl", "user mapping", "transform", "publication namespace", "publication relation"};
    for (const auto& plain : kPlain) {
      if (type_ == plain.type) return;
    }
    for (auto list : {std::span<const std::string_view>(kRelations), std::span<const std::string_view>(kOther)}) {
      if (std::find(list.begin(), list.end(), type_) != list.end()) return;
    }
    fail(Sqlstate::InvalidParameterValue, "unrecognized object type \"" + std::string(type_) + "\"");
  }

  bool is_one_of(std::initializer_list<std::string_view> list) const { return std::find(list.begin(), list.end(), type_) != list.end(); }

  void check_lengths() {
    auto names_exactly = [&](size_t n) {
      if (names_.size() != n) fail(Sqlstate::InvalidParameterValue, "name list length must be exactly " + std::to_string(n));
    };
    auto names_at_least = [&](size_t n) {
      if (names_.size() < n) fail(Sqlstate::InvalidParameterValue, "name list length must be at least " + std::to_string(n));
    };
    auto arguments_exactly = [&](size_t n) {
      if (arguments_.size() != n) fail(Sqlstate::InvalidParameterValue, "argument list length must be exactly " + std::to_string(n));
    };
    if (is_one_of({"type", "cast", "domain constraint", "transform", "user mapping", "publication namespace", "large object"})) {
      names_exactly(1);
      if (is_one_of({"cast", "domain constraint", "transform", "user mapping", "publication namespace"})) arguments_exactly(1);
      return;
    }
    if (is_one_of({"publication relation", "default acl"})) arguments_exactly(1);
    if (type_ == "operator") arguments_exactly(2);
    if (is_one_of({"operator class", "operator family"})) names_at_least(2);
    if (is_one_of({"operator of access method", "function of access method"})) {
      names_at_least(3);
      arguments_exactly(2);
    }
    names_at_least(1);
    for (const auto& plain : kPlain) {
      if (type_ == plain.type && plain.schema == nullptr && names_.size() != 1) {
        fail(Sqlstate::InvalidParameterValue, "name list length must be exactly 1");
      }
    }
  }

  // The schemas in which a name may be; its last part is left in `name`.
  std::vector<Oid> schemas_of(const Names& names, std::string& name, bool quoted_error = false) {
    name = names.back();
    if (names.size() == 1) return context_.search_path;
    if (names.size() > 2) {
      auto database = context_.version.database(context_.database);
      if (names.size() > 3) fail(Sqlstate::SyntaxError, "improper qualified name (too many dotted names): " + dotted(names));
      if (database == nullptr || database->name != names[0]) {
        std::string quote = quoted_error ? "\"" : "";
        fail(Sqlstate::FeatureNotSupported, "cross-database references are not implemented: " + quote + dotted(names) + quote);
      }
    }
    const auto& schema = names[names.size() - 2];
    if (schema == "pg_temp") return {context_.temp_schema};
    Oid found = context_.version.find_schema(context_.database, schema);
    if (found == kInvalidOid) fail(Sqlstate::InvalidSchemaName, "schema \"" + schema + "\" does not exist");
    return {found};
  }

  ObjectPtr find_relation(const Names& names, bool typed) {
    std::string name;
    std::vector<Oid> schemas = schemas_of(names, name, true);
    for (Oid schema : schemas) {
      Oid found = context_.version.find_relation(schema, name, context_.database);
      if (found == kInvalidOid) continue;
      auto object = context_.version.find(found);
      if (typed) check_relation(*object);
      return object;
    }
    fail(Sqlstate::UndefinedTable, "relation \"" + dotted(names) + "\" does not exist");
  }

  void check_relation(const Object& object) {
    char relkind = object.kind == ObjectKind::Index ? 'i' : static_cast<const Relation&>(object).relkind;
    bool fits = type_ == "table" ? relkind == 'r' || relkind == 'p' : type_ == "index" ? relkind == 'i' : type_ == "sequence" ? relkind == 'S'
                : type_ == "view" ? relkind == 'v' : type_ == "materialized view" ? relkind == 'm' : type_ == "foreign table" ? relkind == 'f' : type_ == "publication relation";
    if (fits) return;
    fail(Sqlstate::WrongObjectType, "\"" + object.name + "\" is not " + (type_ == "index" ? "an " : "a ") + std::string(type_));
  }

  Oid find_named(const SchemaCatalog& plain, const Names& names) {
    std::string name = names.back();
    std::vector<Oid> schemas;
    if (plain.schema != nullptr) schemas = schemas_of(names, name);
    CatalogRow row;
    if (plain.schema == nullptr) {
      row = find_row(context_, plain.table, [&](const CatalogRow& r) { return r.text(plain.name) == name; });
    }
    for (Oid schema : schemas) {
      row = find_row(context_, plain.table, [&](const CatalogRow& r) { return r.text(plain.name) == name && r.oid(plain.schema) == schema; });
      if (row) break;
    }
    if (row) return row.oid("oid");
    Sqlstate state = plain.type == "database" ? Sqlstate::InvalidCatalogName : plain.type == "schema" ? Sqlstate::InvalidSchemaName : Sqlstate::UndefinedObject;
    std::string subject = plain.type == "collation" ? "collation \"" + dotted(names) + "\" for encoding \"UTF8\""
                                                    : std::string(plain.type) + " \"" + dotted(names) + "\"";
    fail(state, subject + " does not exist");
  }

  RelationPtr table_of_parts(const char* too_short) {
    if (names_.size() < 2) fail(Sqlstate::SyntaxError, too_short);
    auto object = find_relation(Names(names_.begin(), names_.end() - 1), false);
    auto table = context_.version.relation(object->oid);
    if (table == nullptr) fail(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not a table");
    return table;
  }

  Address find_column() {
    auto table = table_of_parts("column name must be qualified");
    int column = table->find_column(names_.back());
    if (column < 0) fail(Sqlstate::UndefinedColumn, "column \"" + names_.back() + "\" of relation \"" + table->name + "\" does not exist");
    return {kPgClassOid, table->oid, column + 1};
  }

  Address find_default() {
    auto table = table_of_parts("column name must be qualified");
    int column = table->find_column(names_.back());
    if (column < 0 || table->columns[column].default_oid == kInvalidOid) {
      fail(Sqlstate::UndefinedColumn, "default value for column \"" + names_.back() + "\" of relation \"" + table->name + "\" does not exist");
    }
    return {kPgAttrdefOid, table->columns[column].default_oid};
  }

  Address find_part() {
    auto table = table_of_parts("must specify relation and object name");
    const auto& name = names_.back();
    if (type_ == "table constraint") {
      for (const auto& constraint : table->constraints) {
        if (constraint.name == name) return {kPgConstraintOid, constraint.oid};
      }
      fail(Sqlstate::UndefinedObject, "constraint \"" + name + "\" for table \"" + table->name + "\" does not exist");
    }
    if (type_ == "rule") {
      if (table->is_view() && name == "_RETURN") return {kPgRewriteOid, table->oid ^ 0x40000000u};
      for (const auto& rule : table->rules) {
        if (rule.name == name) return {kPgRewriteOid, rule.oid};
      }
      fail(Sqlstate::UndefinedObject, "rule \"" + name + "\" for relation \"" + table->name + "\" does not exist");
    }
    if (type_ == "policy") {
      for (const auto& policy : table->policies) {
        if (policy.name == name) return {kPgPolicyOid, policy.oid};
      }
      fail(Sqlstate::UndefinedObject, "policy \"" + name + "\" for table \"" + table->name + "\" does not exist");
    }
    for (const auto& trigger : context_.version.triggers(table->oid)) {
      if (trigger->name == name) return {kPgTriggerOid, trigger->oid};
    }
    fail(Sqlstate::UndefinedObject, "trigger \"" + name + "\" for table \"" + table->name + "\" does not exist");
  }

  Oid find_type(const std::string& text) {
    Oid found = kInvalidOid;
    if (call_.types.names == nullptr || !call_.types.names->lookup(oid::kRegtype, text, found)) {
      fail(Sqlstate::UndefinedObject, "type \"" + text + "\" does not exist");
    }
    return found;
  }

  Address find_domain_constraint() {
    Oid type = find_type(names_[0]);
    auto domain = context_.version.user_type(type);
    if (domain != nullptr) {
      for (const auto& check : domain->checks) {
        if (check.name == arguments_[0]) return {kPgConstraintOid, check.oid};
      }
    }
    fail(Sqlstate::UndefinedObject, "constraint \"" + arguments_[0] + "\" for domain " + types::format_type({type}, call_.types.names) + " does not exist");
  }

  Address find_cast() {
    Oid source = find_type(names_[0]), target = find_type(arguments_[0]);
    auto row = find_row(context_, kPgCastOid, [&](const CatalogRow& r) { return r.oid("castsource") == source && r.oid("casttarget") == target; });
    if (!row) {
      fail(Sqlstate::UndefinedObject, "cast from type " + types::format_type({source}, call_.types.names) + " to type " +
                                          types::format_type({target}, call_.types.names) + " does not exist");
    }
    return {kPgCastOid, row.oid("oid")};
  }

  Oid find_routine() {
    std::vector<Oid> wanted;
    std::string list;
    for (const auto& argument : arguments_) {
      wanted.push_back(find_type(argument));
      list += (list.empty() ? "" : ", ") + types::format_type({wanted.back()}, call_.types.names);
    }
    std::string name;
    auto fits = [&](const functions::Function& function, char kind) {
      if (!std::ranges::equal(function.arguments, wanted)) return false;
      bool aggregate = function.kind == functions::Kind::Aggregate || kind == 'a';
      bool procedure = function.kind == functions::Kind::Procedure || kind == 'p';
      return type_ == "aggregate" ? aggregate : type_ == "procedure" ? procedure : type_ == "function" ? !procedure : true;
    };
    for (Oid schema : schemas_of(names_, name)) {
      for (const auto& routine : context_.version.routines(schema, name)) {
        if (fits(routine->function(), routine->routine_kind)) return routine->oid;
      }
      if (schema != kPgCatalogSchema) continue;
      for (const auto* function : functions::find_functions(name)) {
        if (fits(*function, 0)) return function->oid;
      }
    }
    fail(Sqlstate::UndefinedFunction, std::string(type_) + " " + dotted(names_) + "(" + (type_ == "aggregate" && list.empty() ? "*" : list) + ") does not exist");
  }

  Oid find_operator() {
    Oid left = arguments_[0] == "-" || arguments_[0] == "NONE" ? kInvalidOid : find_type(arguments_[0]);
    Oid right = find_type(arguments_[1]);
    std::string name;
    for (Oid schema : schemas_of(names_, name)) {
      for (const auto& op : context_.version.operators(schema, name)) {
        if (op->left == left && op->right == right) return op->oid;
      }
      if (schema != kPgCatalogSchema) continue;
      for (const auto* op : functions::find_operators(name)) {
        if (op->left == left && op->right == right) return op->oid;
      }
    }
    std::string prefix = left == kInvalidOid ? std::string() : types::format_type({left}, call_.types.names) + " ";
    fail(Sqlstate::UndefinedFunction, "operator does not exist: " + prefix + dotted(names_) + " " + types::format_type({right}, call_.types.names));
  }

  Oid find_class(const Names& given, const char* what, Oid catalog, const char* method_column, const char* name_column, const char* schema_column) {
    auto method = find_row(context_, 2601, [&](const CatalogRow& r) { return r.text("amname") == given[0]; });
    if (!method) fail(Sqlstate::UndefinedObject, "access method \"" + given[0] + "\" does not exist");
    Oid access = method.oid("oid");
    Names rest(given.begin() + 1, given.end());
    std::string name;
    for (Oid schema : schemas_of(rest, name)) {
      auto row = find_row(context_, catalog, [&](const CatalogRow& r) {
        return r.oid(method_column) == access && r.text(name_column) == name && r.oid(schema_column) == schema;
      });
      if (row) return row.oid("oid");
    }
    fail(Sqlstate::UndefinedObject, std::string(what) + " \"" + dotted(rest) + "\" does not exist for access method \"" + given[0] + "\"");
  }

  Address find_member(Oid catalog, const char* family_column, const char* left, const char* right, const char* number, const char* word) {
    Names family_names(names_.begin(), names_.end() - 1);
    Oid family = find_class(family_names, "operator family", 2753, "opfmethod", "opfname", "opfnamespace");
    int wanted = std::atoi(names_.back().c_str());
    Oid types[] = {find_type(arguments_[0]), find_type(arguments_[1])};
    auto row = find_row(context_, catalog, [&](const CatalogRow& r) {
      return r.oid(family_column) == family && r.oid(left) == types[0] && r.oid(right) == types[1] && r.number(number) == wanted;
    });
    if (row) return {catalog, row.oid("oid")};
    Names rest(family_names.begin() + 1, family_names.end());
    fail(Sqlstate::UndefinedObject, std::string(word) + " " + std::to_string(wanted) + " (" + arguments_[0] + ", " + arguments_[1] + ") of operator family " +
                                        dotted(rest) + " for access method " + names_[0] + " does not exist");
  }

  Address find_large_object() {
    Oid wanted = static_cast<Oid>(std::strtoul(names_[0].c_str(), nullptr, 10));
    if (!find_row(context_, 2995, wanted)) fail(Sqlstate::UndefinedObject, "large object " + std::to_string(wanted) + " does not exist");
    return {2613, wanted};
  }

  Address find_default_acl() {
    char letter = arguments_[0].empty() ? 0 : arguments_[0][0];
    const char* words = letter == 'r' ? "tables" : letter == 'S' ? "sequences" : letter == 'f' ? "functions" : letter == 'T' ? "types" : letter == 'n' ? "schemas" : nullptr;
    if (words == nullptr) {
      throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized default ACL object type \"" + std::string(1, letter) + "\"")
          .hint("Valid object types are \"r\", \"S\", \"f\", \"T\", \"n\".");
    }
    Oid role = context_.version.find_role(names_[0]);
    Oid schema = names_.size() > 1 ? context_.version.find_schema(context_.database, names_[1]) : kInvalidOid;
    auto row = role == kInvalidOid || (names_.size() > 1 && schema == kInvalidOid)
                   ? CatalogRow()
                   : find_row(context_, kPgDefaultAclOid, [&](const CatalogRow& r) {
                       return r.oid("defaclrole") == role && r.oid("defaclnamespace") == schema && r.letter("defaclobjtype") == letter;
                     });
    if (row) return {kPgDefaultAclOid, row.oid("oid")};
    std::string in_schema = names_.size() > 1 ? " in schema \"" + names_[1] + "\"" : std::string();
    fail(Sqlstate::UndefinedObject, "default ACL for user \"" + names_[0] + "\"" + in_schema + " on " + words + " does not exist");
  }

  const CatalogCall& call_;
  const SystemContext& context_;
  std::string_view type_;
  Names names_, arguments_;
};

Names list_of(const Value& value) {
  types::ArrayView array(value.text());
  if (array.dimensions() > 1) fail(Sqlstate::InvalidParameterValue, "name or argument lists may not contain nulls");
  Names out;
  for (size_t i = 0; i < array.size(); ++i) {
    Value item = array.get(i);
    if (item.is_null) fail(Sqlstate::InvalidParameterValue, "name or argument lists may not contain nulls");
    out.emplace_back(item.text());
  }
  return out;
}

Value get_object_address(const CatalogCall& call) {
  Address address = AddressFinder(call, call.text(0), list_of(call.arguments[1]), list_of(call.arguments[2])).find();
  types::RecordBuilder record;
  record.add(oid::kOid, Value::of_oid(address.catalog));
  record.add(oid::kOid, Value::of_oid(address.object));
  record.add(oid::kInt4, Value::of_i32(address.column));
  return Value::of_string(record.finish(call.arena));
}

Value text_or_null(const std::optional<std::string>& text) { return text ? Value::of_string(*text) : Value::null(); }

Value identify(const CatalogCall& call) {
  ObjectIdentity found = identify_object(call.context, call.types, call.oid(0), call.oid(1), call.arguments[2].i32);
  types::RecordBuilder record;
  record.add(oid::kText, Value::of_string(found.type));
  record.add(oid::kText, found.found ? text_or_null(found.schema) : Value::null());
  record.add(oid::kText, found.found ? text_or_null(found.name) : Value::null());
  record.add(oid::kText, found.found ? Value::of_string(found.identity) : Value::null());
  return Value::of_string(record.finish(call.arena));
}

Value text_array(const Names& names, Arena& arena) {
  types::ArrayBuilder builder(oid::kText);
  for (const auto& name : names) builder.add(Value::of_string(name));
  return builder.value(arena);
}

Value identify_as_address(const CatalogCall& call) {
  ObjectIdentity found = identify_object(call.context, call.types, call.oid(0), call.oid(1), call.arguments[2].i32);
  types::RecordBuilder record;
  record.add(oid::kText, Value::of_string(found.type));
  Oid array = types::find_type(oid::kText)->array;
  record.add(array, found.found ? text_array(found.names, call.arena) : Value::null());
  record.add(array, found.found ? text_array(found.arguments, call.arena) : Value::null());
  return Value::of_string(record.finish(call.arena));
}

Value describe(const CatalogCall& call) {
  if (call.oid(0) == kInvalidOid && call.oid(1) == kInvalidOid) return Value::null();
  std::string text = describe_object(call.context, call.types, call.oid(0), call.oid(1), call.arguments[2].i32);
  return text.empty() ? Value::null() : call.string(text);
}

constexpr CatalogFunction kFunctions[] = {
    {"pg_get_object_address", get_object_address},
    {"pg_identify_object", identify},
    {"pg_identify_object_as_address", identify_as_address},
    {"pg_describe_object", describe},
};

}  // namespace

std::span<const CatalogFunction> address_functions() { return kFunctions; }

}  // namespace aegis::catalog
