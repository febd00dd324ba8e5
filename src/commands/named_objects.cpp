#include "named_objects.h"

#include "aegis/base/error.h"
#include "aegis/catalog/operator_classes.h"
#include "aegis/catalog/tablespace.h"
#include "aegis/commands/large_object.h"
#include "aegis/types/encoding.h"
#include "conversion.h"
#include "names.h"
#include "objects.h"
#include "tablespace.h"

namespace aegis::commands {
namespace {

using ast::ObjectType;
using catalog::ObjectKind;

std::string_view single_name(const ast::Node& object) {
  if (auto* text = ast::node_cast<ast::String>(&object)) return text->sval;
  return names_of(object).back();
}

struct BuiltIn {
  std::string_view name;
  Oid oid;
};
constexpr BuiltIn kLanguages[] = {{"internal", 12}, {"c", 13}, {"sql", 14}, {"plpgsql", 13577}};

Oid built_in(ObjectType type, std::string_view name) {
  if (type == ObjectType::AccessMethod) return catalog::access_method(name);
  for (const auto& language : kLanguages) {
    if (language.name == name) return language.oid;
  }
  return kInvalidOid;
}

}  // namespace

bool is_named_object(ObjectType type) {
  return type == ObjectType::Tablespace || type == ObjectType::Conversion || type == ObjectType::Largeobject || type == ObjectType::AccessMethod;
}

Oid large_object_number(const ast::Node& object) {
  std::string text;
  if (auto* number = ast::node_cast<ast::Integer>(&object)) text = std::to_string(number->ival);
  if (auto* number = ast::node_cast<ast::Float>(&object)) text = number->fval;
  if (auto* number = ast::node_cast<ast::String>(&object)) text = number->sval;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) types::throw_invalid_text("oid", text);
  unsigned long long value = text.size() > 12 ? ~0ULL : std::stoull(text);
  if (value > UINT32_MAX) types::throw_out_of_range("oid", text);
  return static_cast<Oid>(value);
}

catalog::ObjectPtr find_named_object(CommandContext& context, ObjectType type, const ast::Node& object, bool missing_ok) {
  auto version = context.catalog_version();
  if (type == ObjectType::Conversion) return find_conversion(context, names_of(object), missing_ok);
  if (type == ObjectType::Largeobject) {
    Oid number = large_object_number(object);
    return missing_ok ? find_large_object(*version, context.database(), number) : require_large_object(*version, context.database(), number);
  }
  std::string name(single_name(object));
  if (type == ObjectType::Tablespace) {
    Oid oid = catalog::find_tablespace(*version, name);
    if (oid == kInvalidOid && !missing_ok) require_tablespace(context, name);
    auto found = version->find(oid);
    if (found == nullptr && oid != kInvalidOid) throw_not_supported("changing tablespace \"" + name + "\"");
    return found;
  }
  auto found = version->named_object(ObjectKind::AccessMethod, context.database(), kInvalidOid, name);
  if (found != nullptr || missing_ok) return found;
  if (catalog::access_method(name) != kInvalidOid) throw_not_supported("changing access method \"" + name + "\"");
  throw SqlError(Sqlstate::UndefinedObject, "access method \"" + name + "\" does not exist");
}

bool is_built_in_object(ObjectType type, std::string_view name) {
  return (type == ObjectType::Language || type == ObjectType::AccessMethod) && built_in(type, name) != kInvalidOid;
}

void comment_on_built_in(CommandContext& context, ObjectType type, std::string_view name, const std::string& text) {
  Oid oid = built_in(type, name);
  if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedObject, "language \"" + std::string(name) + "\" does not exist");
  if (!context.is_superuser()) {
    throw SqlError(Sqlstate::InsufficientPrivilege, std::string(type == ObjectType::Language ? "must be owner of language " : "must be owner of access method ") + std::string(name));
  }
  Oid catalog_oid = type == ObjectType::Language ? catalog::kPgLanguageOid : catalog::kPgAmOid;
  auto before = context.catalog_version()->annotation(context.database(), catalog_oid, oid);
  auto made = before == nullptr ? std::make_shared<catalog::Annotation>() : copy_of(before);
  if (before == nullptr) {
    made->oid = context.catalog().allocate_oid();
    made->database = context.database();
    made->class_oid = catalog_oid;
    made->target = oid;
    made->name = name;
  }
  made->comment = text;
  context.catalog_changes().put(std::move(made));
}

void rename_tablespace(CommandContext& context, std::string_view before, std::string_view name) {
  Oid oid = require_tablespace(context, before);
  auto found = context.catalog_version()->find(oid);
  if (found == nullptr) throw_not_supported("changing tablespace \"" + std::string(before) + "\"");
  check_owner(context, *found);
  check_tablespace_name(context, name);
  auto changed = clone_object(*found);
  changed->name = name;
  context.catalog_changes().put(std::move(changed));
}

void rename_conversion(CommandContext& context, const ast::Node& object, std::string_view name) {
  auto found = find_named_object(context, ObjectType::Conversion, object);
  check_owner(context, *found);
  check_conversion_name(context, found->schema, name);
  auto changed = clone_object(*found);
  changed->name = name;
  context.catalog_changes().put(std::move(changed));
}

}  // namespace aegis::commands
