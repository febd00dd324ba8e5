// GRANT and REVOKE on objects (aclchk.c, acl.c): access lists are kept as PostgreSQL's aclitem texts.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "foreign_data.h"
#include "named_objects.h"
#include "names.h"
#include "objects.h"
#include "parameter.h"
#include "role.h"
#include "routine.h"

namespace aegis::commands {
namespace {

using ast::ObjectType;
using catalog::AclItem;
using catalog::ObjectKind;

struct Privilege {
  std::string_view name;
  char letter;
};
constexpr Privilege kPrivileges[] = {{"insert", 'a'},  {"select", 'r'},     {"update", 'w'},  {"delete", 'd'}, {"truncate", 'D'}, {"references", 'x'},
                                     {"trigger", 't'}, {"execute", 'X'},    {"usage", 'U'},   {"create", 'C'}, {"temporary", 'T'}, {"temp", 'T'},
                                     {"connect", 'c'},   {"set", 's'},        {"alter system", 'A'}};
constexpr std::string_view kLetterOrder = "arwdDxtXUCTcsA";

bool has(const std::string& privileges, char letter) { return privileges.find(letter) != std::string::npos; }
bool grantable(const std::string& privileges, char letter) {
  size_t at = privileges.find(letter);
  return at != std::string::npos && at + 1 < privileges.size() && privileges[at + 1] == '*';
}
void put(std::string& privileges, char letter, bool present, bool star) {
  std::string out;
  for (char c : kLetterOrder) {
    bool holds = c == letter ? present : has(privileges, c);
    if (!holds) continue;
    out += c;
    if (c == letter ? star : grantable(privileges, c)) out += '*';
  }
  privileges = out;
}

// One access list while privileges are given and taken.
class AccessList {
 public:
  AccessList(std::vector<AclItem> items, std::string owner) : items_(std::move(items)), owner_(std::move(owner)) {}

  void grant(const std::string& grantee, const std::string& grantor, const std::string& letters, bool option) {
    if (option && grantor != owner_) check_circularity(grantee, grantor, letters);
    AclItem& item = find(grantee, grantor);
    for (char letter : letters) put(item.privileges, letter, true, option || grantable(item.privileges, letter));
  }
  void revoke(const std::string& grantee, const std::string& grantor, const std::string& letters, bool option_only, bool cascade) {
    auto at = std::find_if(items_.begin(), items_.end(), [&](const auto& item) { return item.grantee == grantee && item.grantor == grantor; });
    if (at == items_.end()) return;
    std::string lost;
    for (char letter : letters) {
      if (grantable(at->privileges, letter)) lost += letter;
      put(at->privileges, letter, option_only && has(at->privileges, letter), false);
    }
    if (at->privileges.empty()) items_.erase(at);
    if (!lost.empty() && grantee != owner_) revoke_dependents(grantee, lost, cascade);
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const auto& item : items_) out.push_back(format_acl_item(item));
    return out;
  }

 private:
  AclItem& find(const std::string& grantee, const std::string& grantor) {
    for (auto& item : items_) {
      if (item.grantee == grantee && item.grantor == grantor) return item;
    }
    items_.push_back({grantee, "", grantor});
    return items_.back();
  }
  bool may_grant(const std::string& role, char letter) const {
    return role == owner_ || std::any_of(items_.begin(), items_.end(), [&](const auto& item) { return item.grantee == role && grantable(item.privileges, letter); });
  }
  // What `role` passed on and may not pass on any more goes too.
  void revoke_dependents(const std::string& role, const std::string& letters, bool cascade) {
    for (char letter : letters) {
      if (may_grant(role, letter)) continue;
      for (size_t i = 0; i < items_.size();) {
        if (items_[i].grantor != role || !has(items_[i].privileges, letter)) {
          ++i;
          continue;
        }
        if (!cascade) throw SqlError(Sqlstate::DependentObjectsStillExist, "dependent privileges exist").hint("Use CASCADE to revoke them too.");
        std::string grantee = items_[i].grantee;
        revoke(grantee, role, std::string(1, letter), false, true);
        i = 0;
      }
    }
  }
  // The grant options that `grantor` would still have if the grantee's were taken away.
  void check_circularity(const std::string& grantee, const std::string& grantor, const std::string& letters) {
    AccessList without(items_, owner_);
    if (grantee != owner_) {
      for (size_t i = 0; i < without.items_.size();) {
        AclItem item = without.items_[i];
        std::string options;
        for (char letter : kLetterOrder) {
          if (item.grantee == grantee && grantable(item.privileges, letter)) options += letter;
        }
        if (options.empty()) {
          ++i;
          continue;
        }
        without.revoke(grantee, item.grantor, options, false, true);
        i = 0;
      }
    }
    for (char letter : letters) {
      if (!without.may_grant(grantor, letter)) {
        throw SqlError(Sqlstate::InvalidGrantOperation, "grant options cannot be granted back to your own grantor");
      }
    }
  }

  std::vector<AclItem> items_;
  std::string owner_;
};

std::vector<AclItem> parse_all(const std::vector<std::string>& texts) {
  std::vector<AclItem> items;
  for (const auto& text : texts) items.push_back(catalog::parse_acl_item(text));
  return items;
}

class Granting {
 public:
  Granting(const ast::GrantStmt& statement, CommandContext& context) : statement_(statement), context_(context) {
    auto version = context.catalog_version();
    for (const auto* grantee : statement.grantees) {
      bool everyone = grantee->roletype == ast::RoleSpecType::Public;
      if (everyone && statement.is_grant && statement.grant_option) {
        throw SqlError(Sqlstate::InvalidGrantOperation, "grant options can only be granted to roles");
      }
      grantees_.push_back(everyone ? "" : version->role(find_role(context, *grantee))->name);
    }
    if (statement.grantor != nullptr && find_role(context, *statement.grantor) != context.current_role()) {
      throw SqlError(Sqlstate::FeatureNotSupported, "grantor must be current user");
    }
  }

  void apply(const catalog::Object& object) {
    if (object.kind == ObjectKind::Relation && object.oid < kFirstNormalOid) throw_not_supported("GRANT on a system catalog");
    auto changed = clone_object(object);
    std::string all(catalog::all_privileges(catalog::privilege_kind(object)));
    // GRANT … ON TABLE takes sequences too, and everything a table's privileges can say of them.
    std::string letters = statement_.privileges.empty() ? all : wanted(object, all);
    auto items = object.acl.empty() ? catalog::default_acl(*context_.catalog_version(), object) : parse_all(object.acl);
    if (!letters.empty()) {
      changed->acl = change(object, items, {}, letters, "\"" + object.name + "\"", all);
      // No list stands for the default one, so nothing left is said by an item without privileges.
      auto owner = context_.catalog_version()->role(object.owner);
      if (changed->acl.empty() && owner != nullptr) changed->acl.push_back(catalog::format_acl_item({owner->name, "", owner->name}));
    }
    if (object.kind == ObjectKind::Relation) {
      auto& relation = static_cast<catalog::Relation&>(*changed);
      // Taking a privilege on the table takes it on the columns.
      if (!statement_.is_grant && !letters.empty()) {
        for (auto& column : relation.columns) {
          if (!column.acl.empty()) change_column(relation, column, letters, true);
        }
      }
      for (const auto* privilege : statement_.privileges) {
        if (privilege->cols.empty()) continue;
        std::string of_columns = privilege->priv_name.empty() ? "arwx" : std::string(1, letter_of(privilege->priv_name));
        if (of_columns.find_first_not_of("arwx") != std::string::npos) {
          throw SqlError(Sqlstate::InvalidGrantOperation, "invalid privilege type " + upper(privilege->priv_name) + " for column");
        }
        for (auto name : privilege->cols) {
          int number = relation.find_column(name);
          if (number < 0) {
            throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(name) + "\" of relation \"" + relation.name + "\" does not exist");
          }
          change_column(relation, relation.columns[number], of_columns, false);
        }
      }
    } else if (std::any_of(statement_.privileges.begin(), statement_.privileges.end(), [](const auto* p) { return !p->cols.empty(); })) {
      throw SqlError(Sqlstate::InvalidGrantOperation, "column privileges are only valid for relations");
    }
    // A parameter that has no more than everything by default is not kept.
    if (object.kind == ObjectKind::ParameterAcl && is_default(*changed)) {
      if (context_.catalog_version()->find(object.oid) != nullptr) context_.catalog_changes().remove(object.oid);
      return;
    }
    context_.catalog_changes().put(changed);
  }

 private:
  bool is_default(const catalog::Object& object) {
    std::vector<std::string> usual;
    for (const auto& item : catalog::default_acl(*context_.catalog_version(), object)) usual.push_back(catalog::format_acl_item(item));
    return object.acl == usual;
  }

  static std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
  }

  static char letter_of(std::string_view name) {
    const Privilege* known = std::find_if(std::begin(kPrivileges), std::end(kPrivileges), [&](const auto& p) { return p.name == name; });
    if (known == std::end(kPrivileges)) throw SqlError(Sqlstate::SyntaxError, "unrecognized privilege type \"" + std::string(name) + "\"");
    return known->letter;
  }

  std::string wanted(const catalog::Object& object, const std::string& all) {
    std::string letters;
    for (const auto* privilege : statement_.privileges) {
      if (!privilege->cols.empty()) continue;
      char letter = letter_of(privilege->priv_name);
      if (!has(all, letter)) {
        const char* kind = object.kind == ObjectKind::Schema ? "schema" : object.kind == ObjectKind::Database ? "database"
                           : object.kind == ObjectKind::Routine ? "function" : object.kind == ObjectKind::LargeObject ? "large object"
                           : object.kind == ObjectKind::Tablespace ? "tablespace" : object.kind == ObjectKind::ParameterAcl ? "parameter" : object.kind == ObjectKind::Type ? "type" : object.kind == ObjectKind::ForeignDataWrapper ? "foreign-data wrapper"
                           : object.kind == ObjectKind::ForeignServer ? "foreign server" : all == "rwU" ? "sequence" : "relation";
        throw SqlError(Sqlstate::InvalidGrantOperation, "invalid privilege type " + upper(privilege->priv_name) + " for " + kind);
      }
      letters += letter;
    }
    return letters;
  }

  void change_column(const catalog::Relation& relation, catalog::Column& column, const std::string& letters, bool quietly) {
    auto table = relation.acl.empty() ? catalog::default_acl(*context_.catalog_version(), relation) : parse_all(relation.acl);
    column.acl = change(relation, parse_all(column.acl), table, letters, "column \"" + column.name + "\" of relation \"" + relation.name + "\"", "arwx", quietly);
  }

  // As whom the current role grants: the owner, or whichever of its roles may grant most.
  std::string best_grantor(const catalog::Object& object, const std::vector<AclItem>& items, const std::string& letters, std::string& options) {
    auto version = context_.catalog_version();
    auto owner = version->role(object.owner);
    if (context_.is_superuser() || is_member_of(*version, context_.current_role(), catalog::acting_owner(*version, object.owner, context_.database()))) {
      options = letters;
      return owner == nullptr ? "" : owner->name;
    }
    auto self = version->role(context_.current_role());
    std::string best = self->name;
    options.clear();
    for (const auto& item : items) {
      if (item.grantee.empty()) continue;
      Oid role = version->find_role(item.grantee);
      if (role == kInvalidOid || !catalog::is_member(*version, context_.current_role(), role, true)) continue;
      std::string held;
      for (char letter : letters) {
        bool may = std::any_of(items.begin(), items.end(), [&](const auto& other) { return other.grantee == item.grantee && grantable(other.privileges, letter); });
        if (may) held += letter;
      }
      if (held.size() > options.size()) {
        options = held;
        best = item.grantee;
      }
    }
    return best;
  }

  // `above`: the table's list, whose grant options hold for its columns.
  std::vector<std::string> change(const catalog::Object& object, std::vector<AclItem> items, const std::vector<AclItem>& above, const std::string& letters,
                                  const std::string& what, const std::string& all, bool quietly = false) {
    auto version = context_.catalog_version();
    std::vector<AclItem> known = items;
    known.insert(known.end(), above.begin(), above.end());
    std::string options;
    std::string grantor = best_grantor(object, known, letters, options);
    if (options.empty()) {
      bool any = std::any_of(known.begin(), known.end(), [&](const auto& item) {
        Oid role = item.grantee.empty() ? kInvalidOid : version->find_role(item.grantee);
        bool applies = item.grantee.empty() || (role != kInvalidOid && catalog::is_member(*version, context_.current_role(), role, true));
        return applies && item.privileges.find_first_of(all) != std::string::npos;
      });
      if (!any) {
        // PostgreSQL calls views tables here.
        bool table = object.kind == ObjectKind::Relation && static_cast<const catalog::Relation&>(object).relkind != 'S';
        if (table) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for table " + object.name);
        catalog::throw_permission_denied(object);
      }
    }
    if (!quietly && options.size() < letters.size() && (options.empty() || !statement_.privileges.empty())) warn(options.empty(), what);
    auto owner = version->role(object.owner);
    AccessList list(std::move(items), owner == nullptr ? "" : owner->name);
    bool cascade = statement_.behavior == ast::DropBehavior::Cascade;
    for (const auto& grantee : grantees_) {
      if (options.empty()) continue;
      if (statement_.is_grant) list.grant(grantee, grantor, options, statement_.grant_option);
      else list.revoke(grantee, grantor, options, statement_.grant_option, cascade);
    }
    return list.texts();
  }

  void warn(bool none, const std::string& what) {
    ErrorFields fields;
    fields.severity = "WARNING";
    fields.sqlstate = statement_.is_grant ? Sqlstate::WarningPrivilegeNotGranted : Sqlstate::WarningPrivilegeNotRevoked;
    std::string verb = statement_.is_grant ? "were granted" : "could be revoked";
    fields.message = std::string(none ? "no" : "not all") + " privileges " + verb + " for " + what;
    context_.notice(std::move(fields));
  }

  const ast::GrantStmt& statement_;
  CommandContext& context_;
  std::vector<std::string> grantees_;
};

std::string_view name_of(const ast::Node& node) {
  if (auto* text = ast::node_cast<ast::String>(&node)) return text->sval;
  if (auto* name = ast::node_cast<ast::QualifiedName>(&node)) return name->names.back();
  return {};
}

bool is_routine(ObjectType type) { return type == ObjectType::Function || type == ObjectType::Procedure || type == ObjectType::Routine; }

void grant_in_schema(const ast::GrantStmt& statement, CommandContext& context, Granting& granting) {
  for (const auto* node : statement.objects) {
    Oid schema = find_schema(context, name_of(*node), false);
    auto version = context.catalog_version();
    for (const auto& object : version->objects(context.database())) {
      if (object->schema != schema) continue;
      if (object->kind == ObjectKind::Routine) {
        bool procedure = static_cast<const catalog::Routine&>(*object).routine_kind == 'p';
        bool wanted = statement.objtype == ObjectType::Routine || statement.objtype == (procedure ? ObjectType::Procedure : ObjectType::Function);
        if (is_routine(statement.objtype) && wanted) granting.apply(*object);
      } else if (object->kind == ObjectKind::Relation) {
        char kind = static_cast<const catalog::Relation&>(*object).relkind;
        bool wanted = statement.objtype == (kind == 'S' ? ObjectType::Sequence : ObjectType::Table);
        if (wanted && kind != 'c') granting.apply(*object);
      }
    }
  }
}

}  // namespace

CommandResult grant(const ast::GrantStmt& statement, CommandContext& context) {
  std::string tag = statement.is_grant ? "GRANT" : "REVOKE";
  Granting granting(statement, context);
  if (statement.targtype == ast::GrantTargetType::AllInSchema) {
    grant_in_schema(statement, context, granting);
    return {tag, {}, {}};
  }
  for (const auto* node : statement.objects) {
    if (statement.objtype == ObjectType::Table || statement.objtype == ObjectType::Sequence) {
      const auto& name = *ast::node_cast<ast::RangeVar>(node);
      auto relation = open_relation(context, name, txn::LockMode::AccessShare);
      if (statement.objtype == ObjectType::Sequence && relation->relkind != 'S') {
        throw SqlError(Sqlstate::WrongObjectType, "\"" + relation->name + "\" is not a sequence");
      }
      if (relation->relkind == 'c') throw SqlError(Sqlstate::WrongObjectType, "\"" + relation->name + "\" is a composite type");
      granting.apply(*relation);
    } else if (statement.objtype == ObjectType::Schema) {
      granting.apply(*context.catalog_version()->find(find_schema(context, name_of(*node), false)));
    } else if (statement.objtype == ObjectType::Database) {
      Oid oid = context.catalog_version()->find_database(name_of(*node));
      if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + std::string(name_of(*node)) + "\" does not exist");
      granting.apply(*context.catalog_version()->find(oid));
    } else if (statement.objtype == ObjectType::Fdw) {
      granting.apply(*find_wrapper(context, name_of(*node)));
    } else if (statement.objtype == ObjectType::ForeignServer) {
      granting.apply(*find_server(context, name_of(*node)));
    } else if (is_routine(statement.objtype)) {
      granting.apply(*find_routine(context, *ast::node_cast<ast::ObjectWithArgs>(node), statement.objtype));
    } else if (statement.objtype == ObjectType::Type || statement.objtype == ObjectType::Domain) {
      auto* name = ast::node_cast<ast::QualifiedName>(node);
      if (name == nullptr) throw_not_supported(tag + " on this kind of object");
      auto version = context.catalog_version();
      Oid type = analyzer::find_user_type(context.analyzer_context(*version), name->names);
      auto object = type == kInvalidOid ? nullptr : version->find(type);
      if (object == nullptr) throw SqlError(Sqlstate::UndefinedObject, "type \"" + std::string(name->names.back()) + "\" does not exist");
      granting.apply(*object);
    } else if (statement.objtype == ObjectType::Largeobject || statement.objtype == ObjectType::Tablespace) {
      granting.apply(*find_named_object(context, statement.objtype, *node));
    } else if (statement.objtype == ObjectType::ParameterAcl) {
      granting.apply(*parameter_to_grant(context, name_of(*node)));
    } else {
      throw_not_supported(tag + " on this kind of object");
    }
  }
  return {tag, {}, {}};
}

// ---- ALTER DEFAULT PRIVILEGES ----
namespace {

char default_letter(ObjectType type) {
  switch (type) {
    case ObjectType::Table: return 'r';
    case ObjectType::Sequence: return 'S';
    case ObjectType::Type: return 'T';
    case ObjectType::Schema: return 'n';
    default: return 'f';
  }
}

// What a list of new objects' privileges begins with, as GRANT knows them: a sequence's letter is another there.
std::vector<AclItem> built_in(char letter, const std::string& owner) {
  char kind = letter == 'S' ? 's' : letter;
  std::vector<AclItem> items;
  std::string everyone = catalog::default_public_privileges(kind, false);
  if (!everyone.empty()) items.push_back({"", everyone, owner});
  items.push_back({owner, std::string(catalog::all_privileges(kind)), owner});
  return items;
}

std::vector<std::string> texts_of(const std::vector<AclItem>& items) {
  std::vector<std::string> out;
  for (const auto& item : items) out.push_back(format_acl_item(item));
  std::sort(out.begin(), out.end());
  return out;
}

std::string default_letters(const ast::GrantStmt& action, char letter) {
  char kind = letter == 'S' ? 's' : letter;
  std::string all(catalog::all_privileges(kind)), letters;
  for (const auto* privilege : action.privileges) {
    if (!privilege->cols.empty()) throw SqlError(Sqlstate::InvalidGrantOperation, "default privileges cannot be set for columns");
    const Privilege* known = std::find_if(std::begin(kPrivileges), std::end(kPrivileges), [&](const auto& p) { return p.name == privilege->priv_name; });
    if (known == std::end(kPrivileges)) throw SqlError(Sqlstate::SyntaxError, "unrecognized privilege type \"" + std::string(privilege->priv_name) + "\"");
    if (!has(all, known->letter)) {
      std::string name(privilege->priv_name);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      const char* what = letter == 'r' ? "relation" : letter == 'S' ? "sequence" : letter == 'f' ? "function" : letter == 'T' ? "type" : "schema";
      throw SqlError(Sqlstate::InvalidGrantOperation, "invalid privilege type " + name + " for " + what);
    }
    letters += known->letter;
  }
  return letters.empty() ? all : letters;
}

void change_default(CommandContext& context, const ast::GrantStmt& action, const catalog::Role& role, Oid schema, const std::vector<std::string>& grantees) {
  char letter = default_letter(action.objtype);
  auto existing = context.catalog_version()->default_acl(context.database(), role.oid, schema, letter);
  std::vector<AclItem> basis = schema == kInvalidOid ? built_in(letter, role.name) : std::vector<AclItem>();
  AccessList list(existing != nullptr ? parse_all(existing->acl) : basis, role.name);
  std::string letters = default_letters(action, letter);
  for (const auto& grantee : grantees) {
    if (action.is_grant) list.grant(grantee, role.name, letters, action.grant_option);
    else list.revoke(grantee, role.name, letters, action.grant_option, action.behavior == ast::DropBehavior::Cascade);
  }
  auto result = list.texts();
  auto sorted = result;
  std::sort(sorted.begin(), sorted.end());
  if (sorted == texts_of(basis)) {
    if (existing != nullptr) context.catalog_changes().remove(existing->oid);
    return;
  }
  auto changed = std::make_shared<catalog::DefaultAcl>();
  changed->oid = existing != nullptr ? existing->oid : context.catalog().allocate_oid();
  changed->database = context.database();
  changed->owner = role.oid;
  changed->schema = schema;
  changed->object_type = letter;
  changed->acl = std::move(result);
  if (schema != kInvalidOid) changed->dependencies.push_back({schema, 0, 'a'});
  context.catalog_changes().put(changed);
}

}  // namespace

CommandResult alter_default_privileges(const ast::AlterDefaultPrivilegesStmt& statement, CommandContext& context) {
  const auto& action = *statement.action;
  auto version = context.catalog_version();
  std::vector<Oid> roles, schemas;
  for (const auto* option : statement.options) {
    for (const auto* item : ast::node_cast<ast::ListNode>(option->arg)->items) {
      if (option->defname == "roles") roles.push_back(find_role(context, static_cast<const ast::RoleSpec&>(*item)));
      else schemas.push_back(find_schema(context, name_of(*item), false));
    }
  }
  if (!schemas.empty() && action.objtype == ObjectType::Schema) {
    throw SqlError(Sqlstate::InvalidGrantOperation, "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS");
  }
  std::vector<std::string> grantees;
  for (const auto* grantee : action.grantees) {
    bool everyone = grantee->roletype == ast::RoleSpecType::Public;
    if (everyone && action.is_grant && action.grant_option) throw SqlError(Sqlstate::InvalidGrantOperation, "grant options can only be granted to roles");
    grantees.push_back(everyone ? "" : version->role(find_role(context, *grantee))->name);
  }
  if (roles.empty()) roles.push_back(context.current_role());
  if (schemas.empty()) schemas.push_back(kInvalidOid);
  for (Oid role : roles) {
    auto known = version->role(role);
    if (!context.is_superuser() && !is_member_of(*version, context.current_role(), role)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "must be member of role \"" + known->name + "\"");
    }
    for (Oid schema : schemas) change_default(context, action, *known, schema, grantees);
  }
  return {"ALTER DEFAULT PRIVILEGES", {}, {}};
}

void apply_default_privileges(CommandContext& context, catalog::Object& object) {
  char kind = catalog::privilege_kind(object);
  char letter = kind == 's' ? 'S' : kind;
  auto version = context.catalog_version();
  auto everywhere = version->default_acl(object.database, object.owner, kInvalidOid, letter);
  auto here = letter == 'n' ? nullptr : version->default_acl(object.database, object.owner, object.schema, letter);
  auto owner = version->role(object.owner);
  if ((everywhere == nullptr && here == nullptr) || owner == nullptr) return;
  AccessList list(everywhere != nullptr ? parse_all(everywhere->acl) : built_in(letter, owner->name), owner->name);
  if (here != nullptr) {
    for (const auto& item : parse_all(here->acl)) {
      for (char each : kLetterOrder) {
        if (has(item.privileges, each)) list.grant(item.grantee, item.grantor, std::string(1, each), grantable(item.privileges, each));
      }
    }
  }
  auto result = list.texts();
  auto sorted = result;
  std::sort(sorted.begin(), sorted.end());
  if (sorted == texts_of(built_in(letter, owner->name))) return;
  object.acl = std::move(result);
  if (object.acl.empty()) object.acl.push_back(catalog::format_acl_item({owner->name, "", owner->name}));
}

}  // namespace aegis::commands
