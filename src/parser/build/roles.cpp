// Roles, privileges and default privileges.
#include "build/builder.h"

namespace aegis::parser {
namespace {

// The words CREATE and ALTER ROLE take as options; the value is what the option is set to.
struct RoleFlag {
  std::string_view word;
  std::string_view option;
  bool value;
};
constexpr RoleFlag kRoleFlags[] = {
    {"superuser", "superuser", true},
    {"nosuperuser", "superuser", false},
    {"createrole", "createrole", true},
    {"nocreaterole", "createrole", false},
    {"replication", "isreplication", true},
    {"noreplication", "isreplication", false},
    {"createdb", "createdb", true},
    {"nocreatedb", "createdb", false},
    {"login", "canlogin", true},
    {"nologin", "canlogin", false},
    {"bypassrls", "bypassrls", true},
    {"nobypassrls", "bypassrls", false},
    {"noinherit", "inherit", false},
};

}  // namespace

DefElem* Builder::role_option(P::Role_optionContext* context, RoleOptionUse use) {
  int location = loc(context->start);
  bool creating = use == RoleOptionUse::Create;
  auto only_create = [&] {
    if (!creating) syntax_error(context->start);
  };
  auto members = [&](const char* name) {
    return option(name, list_node(as_nodes(roles(context->role_list()))), location);
  };
  switch (context->kind->getType()) {
    case P::PASSWORD: {
      if (context->unencrypted != nullptr) {
        throw SqlError(Sqlstate::FeatureNotSupported, "UNENCRYPTED PASSWORD is no longer supported")
            .hint("Remove UNENCRYPTED to store the password in encrypted form instead.")
            .position(character_position(sql_, location));
      }
      if (context->SCONST() == nullptr) return option("password", nullptr, location);
      antlr4::Token* literal = context->SCONST()->getSymbol();
      return option("password", string_node(text(literal), loc(literal)), location);
    }
    case P::INHERIT:
      return option("inherit", boolean_node(true, location), location);
    case P::CONNECTION:
      return option("connectionlimit", integer_node(signed_integer(context->signed_integer()), location),
                    location);
    case P::VALID:
      return option("validUntil", string_node(text(context->SCONST()->getSymbol()), location), location);
    case P::USER:
      return members("rolemembers");
    case P::SYSID:
      only_create();
      return option("sysid", integer_node(integer(context->ICONST()->getSymbol()), location), location);
    case P::ADMIN:
      only_create();
      return members("adminmembers");
    case P::ROLE:
      only_create();
      return members(context->in != nullptr ? "addroleto" : "rolemembers");
    case P::GROUP:
      only_create();
      if (context->in == nullptr) syntax_error(context->start);
      return members("addroleto");
    default:
      break;
  }
  std::string_view name = text(context->kind);
  for (const RoleFlag& flag : kRoleFlags) {
    if (flag.word == name) return option(flag.option, boolean_node(flag.value, location), location);
  }
  reject(("unrecognized role option \"" + std::string(name) + "\"").c_str(), location);
}

Node* Builder::create_role(P::Create_roleContext* context) {
  auto* node = make<CreateRoleStmt>(context);
  switch (context->kind->getType()) {
    case P::USER:
      node->stmt_type = RoleStmtType::User;
      break;
    case P::GROUP:
      node->stmt_type = RoleStmtType::Group;
      break;
    default:
      break;
  }
  node->role = role_name(context->role_spec());
  node->options = list_of<DefElem>(
      context->items, [&](P::Role_optionContext* item) { return role_option(item, RoleOptionUse::Create); });
  return node;
}

Node* Builder::alter_role(P::Alter_roleContext* context) {
  auto* node = make<AlterRoleStmt>(context);
  node->role = role(context->role_spec());
  node->options = list_of<DefElem>(
      context->items, [&](P::Role_optionContext* item) { return role_option(item, RoleOptionUse::Alter); });
  return node;
}

Node* Builder::alter_role_set(P::Alter_role_setContext* context) {
  auto* node = make<AlterRoleSetStmt>(context);
  if (context->role_spec() != nullptr) node->role = role(context->role_spec());
  if (context->colid() != nullptr) node->database = word(context->colid());
  node->setstmt = set_or_reset(context->set_reset());
  return node;
}

Node* Builder::alter_group(P::Alter_groupContext* context) {
  auto* node = make<AlterRoleStmt>(context);
  node->role = role(context->role_spec());
  node->action = context->action->getType() == P::ADD ? 1 : -1;
  int location = loc(context->role_list()->start);
  node->options =
      list<DefElem>({option("rolemembers", list_node(as_nodes(roles(context->role_list()))), location)});
  return node;
}

Node* Builder::reassign_owned(P::Reassign_stmtContext* context) {
  auto* node = make<ReassignOwnedStmt>(context);
  node->roles = roles(context->role_list());
  node->newrole = role(context->role_spec());
  return node;
}

// ---- GRANT and REVOKE ----
AccessPriv* Builder::privilege(P::PrivilegeContext* context) {
  auto* node = make<AccessPriv>(context);
  if (context->alter != nullptr) {
    if (context->paren_names() != nullptr) syntax_error(context->paren_names()->start);
    node->priv_name = "alter system";
  } else {
    node->priv_name = text(context->start);
  }
  node->cols = paren_names(context->paren_names());
  return node;
}

List<AccessPriv> Builder::privileges(P::PrivilegesContext* context) {
  if (context->privilege_list() != nullptr) {
    return list_of<AccessPriv>(context->privilege_list()->items,
                               [&](P::PrivilegeContext* item) { return privilege(item); });
  }
  if (context->paren_names() == nullptr) return {};
  auto* all = make<AccessPriv>(context);
  all->cols = paren_names(context->paren_names());
  return list<AccessPriv>({all});
}

List<RoleSpec> Builder::grantees(P::Grantee_listContext* context) {
  return list_of<RoleSpec>(context->items, [&](P::GranteeContext* item) { return role(item->role_spec()); });
}

void Builder::privilege_target(GrantStmt* node, P::Privilege_targetContext* context) {
  auto name_nodes = [&] {
    return list_of<Node>(context->name_list()->items, [&](P::ColidContext* item) -> Node* {
      return string_node(word(item), loc(item->start));
    });
  };
  size_t kind = context->kind != nullptr ? context->kind->getType() : static_cast<size_t>(P::TABLE);
  if (context->all != nullptr) {
    node->targtype = GrantTargetType::AllInSchema;
    switch (kind) {
      case P::SEQUENCES:
        node->objtype = ObjectType::Sequence;
        break;
      case P::FUNCTIONS:
        node->objtype = ObjectType::Function;
        break;
      case P::PROCEDURES:
        node->objtype = ObjectType::Procedure;
        break;
      case P::ROUTINES:
        node->objtype = ObjectType::Routine;
        break;
      default:
        break;
    }
    node->objects = name_nodes();
    return;
  }
  switch (kind) {
    case P::TABLE:
    case P::SEQUENCE:
      node->objtype = kind == P::TABLE ? ObjectType::Table : ObjectType::Sequence;
      node->objects = as_nodes(range_vars(context->any_name_list()));
      return;
    case P::FOREIGN:
      node->objtype = context->wrapper != nullptr ? ObjectType::Fdw : ObjectType::ForeignServer;
      break;
    case P::FUNCTION:
    case P::PROCEDURE:
    case P::ROUTINE:
      node->objtype = kind == P::FUNCTION    ? ObjectType::Function
                      : kind == P::PROCEDURE ? ObjectType::Procedure
                                             : ObjectType::Routine;
      node->objects =
          list_of<Node>(context->function_with_args_list()->items,
                        [&](P::Function_with_argsContext* item) { return function_with_args(item); });
      return;
    case P::DOMAIN:
    case P::TYPE:
      node->objtype = kind == P::DOMAIN ? ObjectType::Domain : ObjectType::Type;
      node->objects = qualified_names(context->any_name_list());
      return;
    case P::LARGE:
      node->objtype = ObjectType::Largeobject;
      node->objects =
          list_of<Node>(context->numbers, [&](P::Numeric_onlyContext* item) { return numeric(item); });
      return;
    case P::PARAMETER:
      node->objtype = ObjectType::ParameterAcl;
      node->objects = list_of<Node>(context->any_name_list()->items, [&](P::Any_nameContext* item) {
        return string_node(dotted(any_name(item)), loc(item->start));
      });
      return;
    case P::DATABASE:
      node->objtype = ObjectType::Database;
      break;
    case P::LANGUAGE:
      node->objtype = ObjectType::Language;
      break;
    case P::SCHEMA:
      node->objtype = ObjectType::Schema;
      break;
    default:
      node->objtype = ObjectType::Tablespace;
      break;
  }
  node->objects = name_nodes();
}

std::string_view Builder::dotted(NameList parts) {
  std::string name;
  for (std::string_view part : parts) {
    if (!name.empty()) name += '.';
    name += part;
  }
  return arena_.copy(name);
}

Node* Builder::grant(P::Grant_stmtContext* context) {
  RoleSpec* grantor = context->granted_by() != nullptr ? role(context->granted_by()->role_spec()) : nullptr;
  if (context->roles != nullptr) {
    auto* node = make<GrantRoleStmt>(context);
    node->granted_roles = list_of<AccessPriv>(context->privilege_list()->items,
                                              [&](P::PrivilegeContext* item) { return privilege(item); });
    node->grantee_roles = roles(context->roles);
    node->admin_opt = context->admin != nullptr;
    node->grantor = grantor;
    return node;
  }
  auto* node = make<GrantStmt>(context);
  node->privileges = privileges(context->privileges());
  privilege_target(node, context->privilege_target());
  node->grantees = grantees(context->grantee_list());
  node->grant_option = context->grant_option() != nullptr;
  node->grantor = grantor;
  return node;
}

// As in PostgreSQL 15, GRANTED BY is accepted and without effect where roles are revoked.
Node* Builder::revoke(P::Revoke_stmtContext* context) {
  RoleSpec* grantor = context->granted_by() != nullptr ? role(context->granted_by()->role_spec()) : nullptr;
  if (context->roles != nullptr) {
    auto* node = make<GrantRoleStmt>(context);
    node->is_grant = false;
    node->granted_roles = list_of<AccessPriv>(context->privilege_list()->items,
                                              [&](P::PrivilegeContext* item) { return privilege(item); });
    node->grantee_roles = roles(context->roles);
    node->admin_opt = context->admin != nullptr;
    node->behavior = behavior(context->drop_behavior());
    return node;
  }
  auto* node = make<GrantStmt>(context);
  node->is_grant = false;
  node->privileges = privileges(context->privileges());
  privilege_target(node, context->privilege_target());
  node->grantees = grantees(context->grantee_list());
  node->grant_option = context->option != nullptr;
  node->grantor = grantor;
  node->behavior = behavior(context->drop_behavior());
  return node;
}

ObjectType Builder::default_acl_target(P::Default_acl_targetContext* context) {
  switch (context->start->getType()) {
    case P::TABLES:
      return ObjectType::Table;
    case P::SEQUENCES:
      return ObjectType::Sequence;
    case P::TYPES:
      return ObjectType::Type;
    case P::SCHEMAS:
      return ObjectType::Schema;
    default:
      return ObjectType::Function;
  }
}

Node* Builder::alter_default_privileges(P::Alter_default_privilegesContext* context) {
  auto* node = make<AlterDefaultPrivilegesStmt>(context);
  node->options = list_of<DefElem>(context->options, [&](P::Default_acl_optionContext* item) {
    int location = loc(item->start);
    if (item->role_list() != nullptr)
      return option("roles", list_node(as_nodes(roles(item->role_list()))), location);
    NodeList schemas = list_of<Node>(item->name_list()->items, [&](P::ColidContext* name) -> Node* {
      return string_node(word(name), loc(name->start));
    });
    return option("schemas", list_node(schemas), location);
  });
  antlr4::ParserRuleContext* statement = context->grant_default();
  if (statement == nullptr) statement = context->revoke_default();
  auto* action = make<GrantStmt>(statement);
  action->targtype = GrantTargetType::Defaults;
  if (P::Grant_defaultContext* grant = context->grant_default()) {
    action->privileges = privileges(grant->privileges());
    action->objtype = default_acl_target(grant->default_acl_target());
    action->grantees = grantees(grant->grantee_list());
    action->grant_option = grant->grant_option() != nullptr;
  } else {
    P::Revoke_defaultContext* revoke = context->revoke_default();
    action->is_grant = false;
    action->privileges = privileges(revoke->privileges());
    action->objtype = default_acl_target(revoke->default_acl_target());
    action->grantees = grantees(revoke->grantee_list());
    action->grant_option = revoke->option != nullptr;
    action->behavior = behavior(revoke->drop_behavior());
  }
  node->action = action;
  return node;
}

}  // namespace aegis::parser
