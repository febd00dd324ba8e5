#include "object_names.h"

#include <algorithm>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/functions/quoting.h"
#include "aegis/parser/parser.h"
#include "aegis/types/oids.h"

namespace aegis::session {

namespace oid = types::oid;

namespace {

std::string qualified(const ObjectNames::View& view, Oid schema, std::string_view name) {
  std::string quoted = functions::quote_identifier(name);
  auto found = view.version->schema(schema);
  return found == nullptr ? quoted : functions::quote_identifier(found->name) + "." + quoted;
}

bool find_relation(const ObjectNames::View& view, const std::vector<std::string>& parts, Oid& object) {
  if (parts.size() > 1) {
    Oid schema = view.version->find_schema(view.database, parts[parts.size() - 2]);
    object = schema == kInvalidOid ? kInvalidOid : view.version->find_relation(schema, parts.back(), view.database);
    return object != kInvalidOid;
  }
  for (Oid schema : view.path) {
    object = view.version->find_relation(schema, parts[0], view.database);
    if (object != kInvalidOid) return true;
  }
  return false;
}

Oid find_user_type(const ObjectNames::View& view, const std::vector<std::string>& parts) {
  if (parts.size() > 1) {
    Oid schema = view.version->find_schema(view.database, parts[parts.size() - 2]);
    return schema == kInvalidOid ? kInvalidOid : view.version->find_type(schema, parts.back(), view.database);
  }
  for (Oid schema : view.path) {
    if (Oid type = view.version->find_type(schema, parts[0], view.database); type != kInvalidOid) return type;
  }
  return kInvalidOid;
}

// Also row types, and arrays written with [].
bool find_type(const ObjectNames::View& view, std::string_view name, Oid& object) {
  parser::TypeNameResult parsed = parser::parse_type_name(name);
  const ast::TypeName& type = *parsed.type_name;
  if (type.names.empty()) return false;
  std::vector<std::string> parts(type.names.begin(), type.names.end());
  bool built_in = parts.size() == 1 || parts[parts.size() - 2] == "pg_catalog";
  const types::TypeInfo* info = built_in ? types::find_type_by_name(parts.back()) : nullptr;
  Oid found = info != nullptr ? info->oid : find_user_type(view, parts);
  if (found == kInvalidOid) return false;
  info = types::find_type(found);
  object = !type.array_bounds.empty() && info != nullptr && info->array != kInvalidOid ? info->array : found;
  return true;
}

bool find_function(const ObjectNames::View& view, const std::string& name, Oid kind, Oid& object) {
  size_t open = name.find('(');
  std::vector<std::string> parts = split_name(std::string_view(name).substr(0, open));
  std::vector<const functions::Function*> found;
  std::vector<catalog::RoutinePtr> keep;
  auto take = [&](Oid schema) {
    if (schema == catalog::kPgCatalogSchema) {
      for (const auto* function : functions::find_functions(parts.back())) found.push_back(function);
    }
    for (const auto& routine : view.version->routines(schema, parts.back())) {
      const auto& record = routine->function();
      bool hidden = std::any_of(found.begin(), found.end(), [&](const auto* other) { return std::ranges::equal(other->arguments, record.arguments); });
      if (!hidden) found.push_back(&record);
      keep.push_back(routine);
    }
  };
  if (parts.size() > 1) {
    take(view.version->find_schema(view.database, parts[parts.size() - 2]));
  } else {
    for (Oid schema : view.path) take(schema);
  }
  if (kind == oid::kRegproc) {
    if (found.empty()) return false;
    if (found.size() > 1) {
      throw SqlError(Sqlstate::AmbiguousFunction, fmt::format("more than one function named \"{}\"", name));
    }
    object = found[0]->oid;
    return true;
  }
  if (open == std::string::npos) throw SqlError(Sqlstate::InvalidTextRepresentation, "expected a left parenthesis");
  std::vector<Oid> arguments;
  std::string_view list = std::string_view(name).substr(open + 1);
  list = list.substr(0, list.rfind(')'));
  while (!list.empty()) {
    size_t comma = list.find(',');
    Oid type = kInvalidOid;
    if (!find_type(view, list.substr(0, comma), type)) return false;
    arguments.push_back(type);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  for (const functions::Function* function : found) {
    if (std::equal(function->arguments.begin(), function->arguments.end(), arguments.begin(), arguments.end())) {
      object = function->oid;
      return true;
    }
  }
  return false;
}

// "+" or "+(int4,int4)"; a prefix operator's left type is NONE.
bool find_operator(const ObjectNames::View& view, std::string_view text, Oid kind, Oid& object) {
  size_t open = text.find('(');
  std::string_view name = text.substr(0, open);
  while (!name.empty() && isspace(static_cast<unsigned char>(name.back()))) name.remove_suffix(1);
  if (name.starts_with("pg_catalog.")) name.remove_prefix(11);
  auto found = functions::find_operators(name);
  if (kind == oid::kRegoper) {
    if (found.empty()) return false;
    if (found.size() > 1) throw SqlError(Sqlstate::AmbiguousFunction, fmt::format("more than one operator named {}", name));
    object = found[0]->oid;
    return true;
  }
  if (open == std::string_view::npos) throw SqlError(Sqlstate::InvalidTextRepresentation, "expected a left parenthesis");
  std::string_view list = text.substr(open + 1);
  list = list.substr(0, list.rfind(')'));
  size_t comma = list.find(',');
  if (comma == std::string_view::npos) {
    throw SqlError(Sqlstate::UndefinedParameter, "missing argument").hint("Use NONE to denote the missing argument of a unary operator.");
  }
  std::string left_text;
  for (char c : list.substr(0, comma)) {
    if (c != ' ') left_text += static_cast<char>(tolower(static_cast<unsigned char>(c)));
  }
  Oid left = kInvalidOid;
  Oid right = kInvalidOid;
  if (left_text != "none" && !find_type(view, list.substr(0, comma), left)) return false;
  if (!find_type(view, list.substr(comma + 1), right)) return false;
  for (const functions::Operator* op : found) {
    if (op->left == left && op->right == right) {
      object = op->oid;
      return true;
    }
  }
  return false;
}

bool operator_name(const ObjectNames::View& view, Oid kind, Oid object, const types::ObjectNames* names, std::string& name) {
  catalog::OperatorPtr own = view.version->find_operator(object);
  const functions::Operator* op = own != nullptr ? &own->record() : functions::find_operator(object);
  if (op == nullptr) return false;
  name = op->name;
  if (own != nullptr) {
    bool visible = std::find(view.path.begin(), view.path.end(), own->schema) != view.path.end();
    auto schema = view.version->schema(own->schema);
    if (!visible && schema != nullptr) name = functions::quote_identifier(schema->name) + "." + name;
  }
  if (kind == oid::kRegoper) {
    if (own == nullptr && functions::find_operators(op->name).size() > 1) name = "pg_catalog." + name;
    return true;
  }
  std::string left = op->left == kInvalidOid ? "NONE" : types::format_type({op->left, -1}, names);
  name += fmt::format("({},{})", left, types::format_type({op->right, -1}, names));
  return true;
}

catalog::ObjectKind text_search_kind(Oid kind) {
  return kind == oid::kRegconfig ? catalog::ObjectKind::TsConfiguration : catalog::ObjectKind::TsDictionary;
}

bool find_text_search(const ObjectNames::View& view, const std::vector<std::string>& parts, Oid kind, Oid& object) {
  auto look = [&](Oid schema) {
    auto found = view.version->find_text_search(text_search_kind(kind), schema, parts.back(), view.database);
    if (found != nullptr) object = found->oid;
    return found != nullptr;
  };
  if (parts.size() > 1) {
    Oid schema = view.version->find_schema(view.database, parts[parts.size() - 2]);
    return schema != kInvalidOid && look(schema);
  }
  for (Oid schema : view.path) {
    if (look(schema)) return true;
  }
  return false;
}

bool find_collation(const ObjectNames::View& view, const std::vector<std::string>& parts, Oid& object) {
  std::vector<std::string_view> names(parts.begin(), parts.end());
  object = catalog::find_collation(*view.version, view.database, view.path, names);
  return object != kInvalidOid;
}

bool collation_name(const ObjectNames::View& view, Oid object, std::string& name) {
  std::string bare = catalog::collation_name(*view.version, object);
  if (bare.empty()) return false;
  name = functions::quote_identifier(bare);
  std::string_view parts[] = {bare};
  if (catalog::find_collation(*view.version, view.database, view.path, parts) == object) return true;
  catalog::ObjectPtr owner = view.version->find(object);
  name = owner != nullptr ? qualified(view, owner->schema, bare) : "pg_catalog." + name;
  return true;
}

}  // namespace

std::vector<std::string> split_name(std::string_view text) {
  std::vector<std::string> parts;
  auto fail = [&] { throw SqlError(Sqlstate::InvalidName, "invalid name syntax"); };
  size_t at = 0;
  auto skip = [&] {
    while (at < text.size() && isspace(static_cast<unsigned char>(text[at]))) ++at;
  };
  while (true) {
    skip();
    std::string part;
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at >= text.size()) fail();
        if (text[at] == '"') {
          if (at + 1 < text.size() && text[at + 1] == '"') {
            ++at;
          } else {
            break;
          }
        }
        part.push_back(text[at]);
      }
      ++at;
    } else {
      while (at < text.size() && text[at] != '.' && !isspace(static_cast<unsigned char>(text[at]))) {
        char c = text[at++];
        part.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
      }
      if (part.empty()) fail();
    }
    parts.push_back(std::move(part));
    skip();
    if (at >= text.size()) return parts;
    if (text[at] != '.') fail();
    ++at;
  }
}

ObjectNames::View ObjectNames::view() {
  std::lock_guard lock(mutex_);
  return view_();
}

bool ObjectNames::lookup(Oid kind, std::string_view name, Oid& object) {
  View view = this->view();
  // An operator's own name may look like anything.
  if (kind != oid::kRegoper && kind != oid::kRegoperator && kind != oid::kRegnamespace && kind != oid::kRegrole) {
    std::vector<std::string> parts;
    try {
      parts = split_name(name.substr(0, name.find('(')));
    } catch (const SqlError&) {
      // Whatever reads the whole name says what is wrong with it.
    }
    if (parts.size() == 2 && parts[0] != "pg_temp" && view.version->find_schema(view.database, parts[0]) == kInvalidOid) {
      throw SqlError(Sqlstate::InvalidSchemaName, fmt::format("schema \"{}\" does not exist", parts[0]));
    }
  }
  if (kind == oid::kRegtype) return find_type(view, name, object);
  if (kind == oid::kRegproc || kind == oid::kRegprocedure) return find_function(view, std::string(name), kind, object);
  if (kind == oid::kRegoper || kind == oid::kRegoperator) return find_operator(view, name, kind, object);
  std::vector<std::string> parts = split_name(name);
  if (kind == oid::kRegcollation) return find_collation(view, parts, object);
  if (kind == oid::kRegclass) return find_relation(view, parts, object);
  if (kind == oid::kRegconfig || kind == oid::kRegdictionary) return find_text_search(view, parts, kind, object);
  if (kind == oid::kRegnamespace) {
    object = view.version->find_schema(view.database, parts.back());
    return object != kInvalidOid;
  }
  if (kind == oid::kRegrole) {
    object = view.version->find_role(parts.back());
    return object != kInvalidOid;
  }
  return false;
}

bool ObjectNames::name_of(Oid kind, Oid object, std::string& name) {
  if (kind == oid::kRegtype) {
    if (types::find_type(object) == nullptr && !type_name(object, name)) return false;
    name = types::format_type({object, -1}, this);
    return true;
  }
  if (kind == oid::kRegproc || kind == oid::kRegprocedure) {
    View seen_from = this->view();
    catalog::RoutinePtr routine = seen_from.version->routine(object);
    const functions::Function* function = routine != nullptr ? &routine->function() : functions::find_function(object);
    if (function == nullptr) return false;
    name = functions::quote_identifier(function->name);
    if (routine != nullptr) {
      Oid first = kInvalidOid;
      size_t overloads = 0;
      for (Oid schema : seen_from.path) {
        auto here = seen_from.version->routines(schema, routine->name);
        if (first == kInvalidOid && !here.empty()) first = schema;
        overloads += here.size();
      }
      bool visible = first == routine->schema && (kind == oid::kRegprocedure || overloads == 1);
      if (!visible) name = qualified(seen_from, routine->schema, routine->name);
      if (kind == oid::kRegproc) return true;
    }
    if (kind == oid::kRegproc) {
      if (functions::find_functions(function->name).size() > 1) name = "pg_catalog." + name;
      return true;
    }
    name += "(";
    for (size_t i = 0; i < function->arguments.size(); ++i) {
      name += (i == 0 ? "" : ",") + types::format_type({function->arguments[i], -1}, this);
    }
    name += ")";
    return true;
  }
  View view = this->view();
  if (kind == oid::kRegoper || kind == oid::kRegoperator) return operator_name(view, kind, object, this, name);
  if (kind == oid::kRegcollation) return collation_name(view, object, name);
  if (kind == oid::kRegnamespace) {
    auto schema = view.version->schema(object);
    if (schema != nullptr) name = functions::quote_identifier(schema->name);
    return schema != nullptr;
  }
  if (kind == oid::kRegrole) {
    auto role = view.version->role(object);
    if (role != nullptr) name = functions::quote_identifier(role->name);
    return role != nullptr;
  }
  if (kind == oid::kRegconfig || kind == oid::kRegdictionary) {
    catalog::ObjectPtr found = view.version->find(object);
    if (found == nullptr || found->kind != text_search_kind(kind)) return false;
    Oid seen = kInvalidOid;
    bool visible = find_text_search(view, {found->name}, kind, seen) && seen == object;
    name = visible ? functions::quote_identifier(found->name) : qualified(view, found->schema, found->name);
    return true;
  }
  if (kind != oid::kRegclass) return false;
  catalog::ObjectPtr found = view.version->find(object);
  if (found == nullptr || (found->kind != catalog::ObjectKind::Relation && found->kind != catalog::ObjectKind::Index)) {
    return false;
  }
  Oid seen = kInvalidOid;
  bool visible = find_relation(view, {found->name}, seen) && seen == object;
  name = visible ? functions::quote_identifier(found->name) : qualified(view, found->schema, found->name);
  return true;
}

bool ObjectNames::type_name(Oid type, std::string& name) {
  View view = this->view();
  catalog::ObjectPtr owner = view.version->type_owner(type);
  if (owner == nullptr) return false;
  bool is_array = false;
  Oid element = type;
  std::string plain = owner->name;
  if (owner->kind == catalog::ObjectKind::Relation) {
    const auto& relation = static_cast<const catalog::Relation&>(*owner);
    is_array = relation.array_type == type;
    element = relation.row_type;
  } else {
    const auto& user = static_cast<const catalog::UserType&>(*owner);
    is_array = type == user.array_type || type == user.multirange_array;
    element = user.oid;
    if (type == user.multirange || type == user.multirange_array) {
      plain = user.multirange_name;
      element = user.multirange;
    }
  }
  bool visible = types::find_type_by_name(plain) == nullptr && find_user_type(view, {plain}) == element;
  name = (visible ? functions::quote_identifier(plain) : qualified(view, owner->schema, plain)) + (is_array ? "[]" : "");
  return true;
}

std::shared_ptr<const types::UserType> ObjectNames::user_type(Oid type) {
  std::lock_guard lock(mutex_);
  View view = view_();
  catalog::ObjectPtr owner = view.version->type_owner(type);
  if (owner == nullptr) return nullptr;
  KnownType& known = known_[type];
  if (known.owner != owner) known = {owner, catalog::type_definition(*view.version, type)};
  return known.definition;
}

void ObjectNames::check_domain(Oid domain, const types::Value& value) {
  if (check_) check_(domain, value);
}

}  // namespace aegis::session
