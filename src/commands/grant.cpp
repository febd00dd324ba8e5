// GRANT and REVOKE on objects: kept as PostgreSQL's aclitem texts.
#include <algorithm>

#include "aegis/base/error.h"
#include "names.h"
#include "objects.h"
#include "role.h"

namespace aegis::commands {
namespace {

using ast::ObjectType;
using catalog::ObjectKind;

struct Privilege {
  std::string_view name;
  char letter;
};
constexpr Privilege kPrivileges[] = {{"insert", 'a'},  {"select", 'r'},     {"update", 'w'},  {"delete", 'd'}, {"truncate", 'D'}, {"references", 'x'},
                                     {"trigger", 't'}, {"execute", 'X'},    {"usage", 'U'},   {"create", 'C'}, {"temporary", 'T'}, {"temp", 'T'},
                                     {"connect", 'c'}};
constexpr std::string_view kLetterOrder = "arwdDxtXUCTc";

struct AclItem {
  std::string grantee;  // quoted; empty: PUBLIC
  std::string letters;  // each with '*' behind it when grantable
  std::string grantor;

  static AclItem parse(const std::string& text) {
    size_t equal = text.find('='), slash = text.rfind('/');
    return {text.substr(0, equal), text.substr(equal + 1, slash - equal - 1), text.substr(slash + 1)};
  }
  std::string text() const { return grantee + "=" + letters + "/" + grantor; }
  bool grantable(char letter) const {
    size_t at = letters.find(letter);
    return at != std::string::npos && at + 1 < letters.size() && letters[at + 1] == '*';
  }
  void set(char letter, bool present, bool grantable_now) {
    std::string out;
    for (char c : kLetterOrder) {
      bool has = letters.find(c) != std::string::npos;
      bool star = grantable(c);
      if (c == letter) {
        has = present;
        star = grantable_now;
      }
      if (!has) continue;
      out += c;
      if (star) out += '*';
    }
    letters = out;
  }
};

std::string all_letters(const catalog::Object& object) {
  switch (object.kind) {
    case ObjectKind::Schema: return "UC";
    case ObjectKind::Database: return "CTc";
    default: return static_cast<const catalog::Relation&>(object).relkind == 'S' ? "rwU" : "arwdDxt";
  }
}

// aclitem quotes names that are not plain.
std::string acl_name(const std::string& name) {
  bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
  if (plain) return name;
  std::string out = "\"";
  for (char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

class Granting {
 public:
  Granting(const ast::GrantStmt& statement, CommandContext& context) : statement_(statement), context_(context) {}

  void apply(const catalog::Object& object) {
    check_owner(context_, object);
    auto version = context_.catalog_version();
    auto changed = clone_object(object);
    std::string owner = acl_name(version->role(object.owner)->name);
    std::string all = all_letters(object);
    std::vector<AclItem> items;
    for (const auto& text : object.acl) items.push_back(AclItem::parse(text));
    if (items.empty()) {
      if (object.kind == ObjectKind::Database) items.push_back({"", "Tc", owner});
      items.push_back({owner, all, owner});
    }
    std::string letters = wanted_letters(object, all);
    for (const auto* grantee : statement_.grantees) {
      std::string name;
      if (grantee->roletype != ast::RoleSpecType::Public) name = acl_name(version->role(find_role(context_, *grantee))->name);
      if (name.empty() && statement_.grant_option && statement_.is_grant) {
        throw SqlError(Sqlstate::InvalidGrantOperation, "grant options can only be granted to roles");
      }
      change(items, name, owner, letters);
    }
    std::erase_if(items, [](const auto& item) { return item.letters.empty(); });
    changed->acl.clear();
    for (const auto& item : items) changed->acl.push_back(item.text());
    context_.catalog_changes().put(changed);
  }

 private:
  std::string wanted_letters(const catalog::Object& object, const std::string& all) {
    if (statement_.privileges.empty()) return all;
    std::string letters;
    for (const auto* privilege : statement_.privileges) {
      if (!privilege->cols.empty()) throw_not_supported("column privileges");
      const Privilege* known = std::find_if(std::begin(kPrivileges), std::end(kPrivileges), [&](const auto& p) { return p.name == privilege->priv_name; });
      if (known == std::end(kPrivileges)) {
        throw SqlError(Sqlstate::SyntaxError, "unrecognized privilege type \"" + std::string(privilege->priv_name) + "\"");
      }
      if (all.find(known->letter) == std::string::npos) {
        std::string upper(privilege->priv_name);
        std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
        const char* kind = object.kind == ObjectKind::Schema ? "schema" : object.kind == ObjectKind::Database ? "database" : all == "rwU" ? "sequence" : "relation";
        throw SqlError(Sqlstate::InvalidGrantOperation, "invalid privilege type " + upper + " for " + kind);
      }
      letters += known->letter;
    }
    return letters;
  }

  void change(std::vector<AclItem>& items, const std::string& name, const std::string& owner, const std::string& letters) {
    auto at = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.grantee == name; });
    if (at == items.end()) {
      if (!statement_.is_grant) return;
      items.push_back({name, "", owner});
      at = items.end() - 1;
    }
    for (char letter : letters) {
      bool has = at->letters.find(letter) != std::string::npos;
      if (statement_.is_grant) at->set(letter, true, statement_.grant_option || at->grantable(letter));
      else if (statement_.grant_option) at->set(letter, has, false);
      else at->set(letter, false, false);
    }
  }

  const ast::GrantStmt& statement_;
  CommandContext& context_;
};

std::string_view name_of(const ast::Node& node) {
  if (auto* text = ast::node_cast<ast::String>(&node)) return text->sval;
  if (auto* name = ast::node_cast<ast::QualifiedName>(&node)) return name->names.back();
  return {};
}

}  // namespace

CommandResult grant(const ast::GrantStmt& statement, CommandContext& context) {
  std::string tag = statement.is_grant ? "GRANT" : "REVOKE";
  Granting granting(statement, context);
  bool relations = statement.objtype == ObjectType::Table || statement.objtype == ObjectType::Sequence;
  if (statement.targtype == ast::GrantTargetType::Defaults) throw_not_supported("ALTER DEFAULT PRIVILEGES");
  if (statement.targtype == ast::GrantTargetType::AllInSchema) {
    for (const auto* node : statement.objects) {
      Oid schema = find_schema(context, name_of(*node), false);
      auto version = context.catalog_version();
      for (const auto& object : version->objects(context.database())) {
        if (object->schema != schema || object->kind != ObjectKind::Relation || !relations) continue;
        bool sequence = static_cast<const catalog::Relation&>(*object).relkind == 'S';
        if (sequence == (statement.objtype == ObjectType::Sequence)) granting.apply(*object);
      }
    }
    return {tag, {}, {}};
  }
  for (const auto* node : statement.objects) {
    if (relations) {
      granting.apply(*open_relation(context, *ast::node_cast<ast::RangeVar>(node), txn::LockMode::AccessShare));
    } else if (statement.objtype == ObjectType::Schema) {
      granting.apply(*context.catalog_version()->find(find_schema(context, name_of(*node), false)));
    } else if (statement.objtype == ObjectType::Database) {
      Oid oid = context.catalog_version()->find_database(name_of(*node));
      if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + std::string(name_of(*node)) + "\" does not exist");
      granting.apply(*context.catalog_version()->find(oid));
    } else {
      throw_not_supported(tag + " on this kind of object");
    }
  }
  return {tag, {}, {}};
}

}  // namespace aegis::commands
