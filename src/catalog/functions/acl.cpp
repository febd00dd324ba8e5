#include "functions/acl.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "functions/call.h"

namespace aegis::catalog {

AclItem parse_acl_item(std::string_view text) {
  AclItem item;
  std::string* part = &item.grantee;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        *part += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (!quoted && c == '=' && part == &item.grantee) {
      part = &item.privileges;
    } else if (!quoted && c == '/' && part == &item.privileges) {
      part = &item.grantor;
    } else {
      *part += c;
    }
  }
  if (part == &item.grantee) throw SqlError(Sqlstate::InvalidTextRepresentation, "missing \"=\" sign");
  return item;
}

std::string format_acl_item(const AclItem& item) {
  auto quoted = [](const std::string& name) {
    bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (plain) return name;
    std::string out = "\"";
    for (char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
  };
  return quoted(item.grantee) + "=" + item.privileges + "/" + quoted(item.grantor);
}

std::vector<AclItem> default_acl(const Version& version, const Object& object) {
  auto owner = version.role(object.owner);
  std::string name = owner == nullptr ? std::to_string(object.owner) : owner->name;
  char kind = privilege_kind(object);
  std::vector<AclItem> items;
  std::string to_all = default_public_privileges(kind, object.oid < kFirstNormalOid || (kind == 'n' && object.name == "public"));
  if (!to_all.empty()) items.push_back({"", to_all, name});
  items.push_back({name, std::string(all_privileges(kind)), name});
  return items;
}

std::string default_public_privileges(char kind, bool is_system) {
  switch (kind) {
    case 'd': return "Tc";
    case 'f': return "X";
    case 'T':
    case 'l': return "U";
    case 'n': return is_system ? "U" : "";
    case 'r': return is_system ? "r" : "";
    default: return "";
  }
}

namespace {

std::string quoted_role(std::string_view name) {
  for (char c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return functions::quote_identifier(name);
  }
  return std::string(name);
}

std::string role_name(const Version& version, Oid oid) {
  if (oid == kInvalidOid) return {};
  auto role = version.role(oid);
  return role == nullptr ? std::to_string(oid) : quoted_role(role->name);
}

Value acl_default(const CatalogCall& call) {
  char kind = static_cast<char>(call.arguments[0].i8);
  std::string owner = role_name(call.version(), call.oid(1));
  std::string_view own;
  switch (kind) {
    case 'c': own = ""; break;
    case 'r': own = "arwdDxt"; break;
    case 's': own = "rwU"; break;
    case 'd': own = "CTc"; break;
    case 'f': own = "X"; break;
    case 'l':
    case 'F':
    case 'S':
    case 'T': own = "U"; break;
    case 'n': own = "UC"; break;
    case 't': own = "C"; break;
    case 'p': own = "sA"; break;
    default: throw SqlError(Sqlstate::InternalError, std::string("unrecognized object type abbreviation: ") + kind);
  }
  types::ArrayBuilder items(types::oid::kAclitem);
  std::string to_all = default_public_privileges(kind, false);
  if (!to_all.empty()) items.add(call.string("=" + to_all + "/" + owner));
  if (!own.empty()) items.add(call.string(owner + "=" + std::string(own) + "/" + owner));
  return items.value(call.arena);
}

Value make_acl_item(const CatalogCall& call) {
  struct Letter {
    const char* name;
    char letter;
  };
  constexpr Letter kLetters[] = {{"SELECT", 'r'}, {"INSERT", 'a'}, {"UPDATE", 'w'}, {"DELETE", 'd'}, {"TRUNCATE", 'D'}, {"REFERENCES", 'x'},
                                 {"TRIGGER", 't'}, {"EXECUTE", 'X'}, {"USAGE", 'U'}, {"CREATE", 'C'}, {"TEMP", 'T'}, {"TEMPORARY", 'T'},
                                 {"CONNECT", 'c'}, {"SET", 's'}, {"ALTER SYSTEM", 'A'}};
  std::string privileges;
  std::string_view list = call.text(2);
  while (true) {
    size_t comma = list.find(',');
    std::string word;
    for (char c : list.substr(0, comma)) word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    word.erase(0, word.find_first_not_of(' '));
    bool known = false;
    for (const auto& letter : kLetters) {
      if (word != letter.name) continue;
      known = true;
      privileges += letter.letter;
      if (call.arguments[3].boolean) privileges += '*';
    }
    if (!known) throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized privilege type: \"" + word + "\"");
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return call.string(role_name(call.version(), call.oid(0)) + "=" + privileges + "/" + role_name(call.version(), call.oid(1)));
}

constexpr CatalogFunction kFunctions[] = {
    {"acldefault_sql", acl_default},
    {"makeaclitem", make_acl_item},
};

}  // namespace

std::span<const CatalogFunction> acl_functions() { return kFunctions; }

}  // namespace aegis::catalog
