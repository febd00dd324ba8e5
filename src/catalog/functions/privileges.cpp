// has_<kind>_privilege and pg_has_role in all their argument forms, and the access lists they read.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/catalog/tablespace.h"
#include "functions/acl.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

struct Privilege {
  std::string_view name;
  char letter;
};
constexpr Privilege kPrivileges[] = {{"SELECT", 'r'}, {"INSERT", 'a'}, {"UPDATE", 'w'}, {"DELETE", 'd'}, {"TRUNCATE", 'D'}, {"REFERENCES", 'x'},
                                     {"TRIGGER", 't'}, {"CREATE", 'C'}, {"USAGE", 'U'}, {"CONNECT", 'c'}, {"TEMPORARY", 'T'}, {"TEMP", 'T'},
                                     {"EXECUTE", 'X'}, {"SET", 's'}, {"ALTER SYSTEM", 'A'}};
struct KindOfObject {
  std::string_view name;
  char kind;
  std::string_view letters;
};
constexpr KindOfObject kKinds[] = {{"table", 'r', "rawdDxt"}, {"any_column", 'r', "rawx"}, {"column", 'r', "rawx"}, {"sequence", 's', "rwU"},
                                   {"schema", 'n', "UC"}, {"database", 'd', "CTc"}, {"function", 'f', "X"}, {"type", 'T', "U"},
                                   {"language", 'l', "U"}, {"tablespace", 't', "C"}, {"foreign_data_wrapper", 'F', "U"}, {"server", 'S', "U"},
                                   {"parameter", 'p', "sA"}};

struct Wanted {
  char letter;
  bool grant_option;
};

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::vector<Wanted> parse_privileges(std::string_view list, std::string_view allowed) {
  std::vector<Wanted> wanted;
  while (true) {
    size_t comma = list.find(',');
    std::string word;
    for (char c : list.substr(0, comma)) word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    size_t begin = word.find_first_not_of(" \t\n");
    word = begin == std::string::npos ? "" : word.substr(begin, word.find_last_not_of(" \t\n") - begin + 1);
    std::string_view plain = word;
    constexpr std::string_view kGrant = " WITH GRANT OPTION";
    bool grant = plain.ends_with(kGrant);
    if (grant) plain.remove_suffix(kGrant.size());
    char letter = 0;
    for (const auto& privilege : kPrivileges) {
      if (privilege.name == plain && allowed.find(privilege.letter) != std::string_view::npos) letter = privilege.letter;
    }
    if (letter == 0) throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized privilege type: \"" + trimmed(list.substr(0, comma)) + "\"");
    wanted.push_back({letter, grant});
    if (comma == std::string_view::npos) return wanted;
    list.remove_prefix(comma + 1);
  }
}

Oid role_by_name(const Version& version, std::string_view name) {
  if (name == "public") return kInvalidOid;
  Oid role = version.find_role(name);
  if (role == kInvalidOid) throw SqlError(Sqlstate::UndefinedObject, "role \"" + std::string(name) + "\" does not exist");
  return role;
}

Oid relation_of(const CatalogCall& call, size_t i, bool by_name) { return by_name ? relation_by_name(call, call.text(i)) : call.oid(i); }

struct Target {
  bool exists = true;
  char kind = 0;
  ObjectPtr object;  // null: built in
};

[[noreturn]] void throw_missing(const char* what, std::string_view name) {
  throw SqlError(Sqlstate::UndefinedObject, std::string(what) + " \"" + std::string(name) + "\" does not exist");
}

Target target_of(const CatalogCall& call, const KindOfObject& kind, size_t i, bool by_name) {
  Target target;
  target.kind = kind.kind;
  const Version& version = call.version();
  ObjectPtr object;
  switch (kind.kind) {
    case 'r':
    case 's': object = find_relation_or_index(version, relation_of(call, i, by_name)); break;
    case 'n': {
      Oid oid = by_name ? version.find_schema(call.context.database, call.text(i)) : call.oid(i);
      if (by_name && oid == kInvalidOid) throw SqlError(Sqlstate::InvalidSchemaName, "schema \"" + std::string(call.text(i)) + "\" does not exist");
      object = version.schema(oid);
      break;
    }
    case 'd': {
      Oid oid = by_name ? version.find_database(call.text(i)) : call.oid(i);
      if (by_name && oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + std::string(call.text(i)) + "\" does not exist");
      object = version.database(oid);
      break;
    }
    case 'f': {
      Oid oid = by_name ? kInvalidOid : call.oid(i);
      if (by_name && (call.types.names == nullptr || !call.types.names->lookup(types::oid::kRegprocedure, call.text(i), oid))) {
        throw SqlError(Sqlstate::UndefinedFunction, "function \"" + std::string(call.text(i)) + "\" does not exist");
      }
      object = version.routine(oid);
      target.exists = object != nullptr || functions::find_function(oid) != nullptr;
      if (object == nullptr) return target;
      break;
    }
    case 'T': {
      Oid oid = by_name ? kInvalidOid : call.oid(i);
      if (by_name && (call.types.names == nullptr || !call.types.names->lookup(types::oid::kRegtype, call.text(i), oid))) {
        throw_missing("type", call.text(i));
      }
      return target;
    }
    case 'l':
      if (by_name && call.text(i) != "internal" && call.text(i) != "c" && call.text(i) != "sql" && call.text(i) != "plpgsql") throw_missing("language", call.text(i));
      return target;
    case 't': {
      Oid oid = by_name ? find_tablespace(version, call.text(i)) : call.oid(i);
      if (by_name && oid == kInvalidOid) throw_missing("tablespace", call.text(i));
      object = version.find(oid);
      target.exists = object != nullptr || oid == kDefaultTablespace || oid == kGlobalTablespace;
      if (object == nullptr) return target;
      break;
    }
    case 'p': {
      std::string name(call.text(i));
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      object = version.named_object(ObjectKind::ParameterAcl, kInvalidOid, kInvalidOid, name);
      if (object == nullptr) return target;
      break;
    }
    default: {
      auto wanted = kind.kind == 'F' ? ObjectKind::ForeignDataWrapper : ObjectKind::ForeignServer;
      Oid oid = by_name ? version.find_named(wanted, call.context.database, call.text(i)) : call.oid(i);
      if (by_name && oid == kInvalidOid) throw_missing(kind.kind == 'F' ? "foreign-data wrapper" : "server", call.text(i));
      object = version.find(oid);
      if (object != nullptr && object->kind != wanted) object = nullptr;
      break;
    }
  }
  target.exists = object != nullptr;
  if (object == nullptr) return target;
  target.object = std::move(object);
  return target;
}

bool holds(const Version& version, Oid role, const Target& target, const Wanted& wanted) {
  if (target.object != nullptr) return has_privilege(version, role, *target.object, wanted.letter, wanted.grant_option);
  auto subject = role == kInvalidOid ? nullptr : version.role(role);
  if (subject != nullptr && subject->superuser) return true;
  return !wanted.grant_option && default_public_privileges(target.kind, true).find(wanted.letter) != std::string::npos;
}

Value role_check(const CatalogCall& call, std::string_view form) {
  size_t i = 0;
  const Version& version = call.version();
  Oid member = call.context.role;
  bool by_name = form.ends_with("name");
  if (call.arguments.size() > 2) {
    member = form.starts_with("name") ? role_by_name(version, call.text(0)) : call.oid(0);
    i = 1;
  }
  Oid role = by_name ? role_by_name(version, call.text(i)) : call.oid(i);
  std::string_view list = call.text(i + 1);
  bool result = false;
  while (true) {
    size_t comma = list.find(',');
    std::string word;
    for (char c : list.substr(0, comma)) {
      if (c != ' ') word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    bool admin = false;
    for (std::string_view suffix : {"WITHGRANTOPTION", "WITHADMINOPTION"}) {
      if (!word.ends_with(suffix)) continue;
      admin = true;
      word.resize(word.size() - suffix.size());
    }
    if (word != "USAGE" && word != "MEMBER") {
      throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized privilege type: \"" + std::string(list.substr(0, comma)) + "\"");
    }
    auto subject = version.role(member);
    bool super = subject != nullptr && subject->superuser;
    if (admin) {
      result = result || super || (subject != nullptr && std::find(subject->admin_of.begin(), subject->admin_of.end(), role) != subject->admin_of.end());
    } else {
      result = result || super || is_member(version, member, role, word == "USAGE");
    }
    if (comma == std::string_view::npos) return Value::of_bool(result);
    list.remove_prefix(comma + 1);
  }
}

// A column given by name or number; 0 when the table has none of that number.
int column_of(const CatalogCall& call, const Relation& relation, size_t i, bool by_name) {
  if (!by_name) {
    int number = call.arguments[i].i16;
    bool known = number != 0 && number <= static_cast<int>(relation.columns.size());
    return known && (number < 0 || !relation.columns[number - 1].dropped) ? number : 0;
  }
  int column = relation.find_column(call.text(i));
  if (column < 0) {
    throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(call.text(i)) + "\" of relation \"" + relation.name + "\" does not exist");
  }
  return column + 1;
}

Value object_check(const CatalogCall& call, const KindOfObject& kind, std::string_view form) {
  // The form lists the arguments' kinds: [user_]object, for columns [user_]object_column.
  std::vector<std::string_view> parts;
  while (!form.empty()) {
    size_t end = form.find('_');
    parts.push_back(form.substr(0, end));
    form = end == std::string_view::npos ? std::string_view() : form.substr(end + 1);
  }
  bool column_kind = kind.name == "column";
  size_t object_at = parts.size() - (column_kind ? 2 : 1);
  Oid role = call.context.role;
  if (object_at == 1) role = parts[0] == "name" ? role_by_name(call.version(), call.text(0)) : call.oid(0);
  Target target = target_of(call, kind, object_at, parts[object_at] == "name");
  auto wanted = parse_privileges(call.text(call.arguments.size() - 1), kind.letters);
  if (!target.exists) return Value::null();
  if (column_kind || kind.name == "any_column") {
    auto relation = call.version().relation(relation_of(call, object_at, parts[object_at] == "name"));
    if (relation == nullptr) return Value::null();
    int column = column_kind ? column_of(call, *relation, object_at + 1, parts[object_at + 1] == "name") : 0;
    if (column_kind && column == 0) return Value::null();
    for (const auto& one : wanted) {
      bool any = column_kind ? has_column_privilege(call.version(), role, *relation, column - 1, one.letter, one.grant_option)
                             : has_any_column_privilege(call.version(), role, *relation, one.letter);
      if (any) return Value::of_bool(true);
    }
    return Value::of_bool(false);
  }
  for (const auto& one : wanted) {
    if (holds(call.version(), role, target, one)) return Value::of_bool(true);
  }
  return Value::of_bool(false);
}

}  // namespace

bool privilege_function(const CatalogCall& call, Value& result) {
  std::string_view symbol = call.symbol;
  if (symbol.starts_with("pg_has_role_")) {
    result = role_check(call, symbol.substr(12));
    return true;
  }
  if (!symbol.starts_with("has_")) return false;
  size_t at = symbol.find("_privilege_");
  if (at == std::string_view::npos) return false;
  std::string_view name = symbol.substr(4, at - 4);
  for (const auto& kind : kKinds) {
    if (kind.name != name) continue;
    result = object_check(call, kind, symbol.substr(at + 11));
    return true;
  }
  return false;
}

}  // namespace aegis::catalog
