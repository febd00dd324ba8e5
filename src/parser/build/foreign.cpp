// Foreign data, publications and subscriptions.
#include "build/builder.h"

namespace aegis::parser {

RoleSpec* Builder::mapped_role(P::Auth_identContext* context) {
  if (context->role_spec() != nullptr) return role(context->role_spec());
  auto* node = make<RoleSpec>(context);
  node->roletype = RoleSpecType::CurrentUser;
  return node;
}

List<DefElem> Builder::fdw_options(const std::vector<P::Fdw_optionContext*>& items) {
  return list_of<DefElem>(items, [&](P::Fdw_optionContext* item) {
    bool given = item->any_name() != nullptr;
    if (given == (item->no != nullptr)) syntax_error(given ? item->any_name()->start : token_after(item));
    return option(item->kind->getType() == P::HANDLER ? "handler" : "validator",
                  given ? qualified_name(item->any_name()) : nullptr, loc(item->start));
  });
}

Node* Builder::create_fdw(P::Create_fdwContext* context) {
  auto* node = make<CreateFdwStmt>(context);
  node->fdwname = word(context->colid());
  node->func_options = fdw_options(context->items);
  node->options = generic_options(context->generic_options());
  return node;
}

Node* Builder::alter_fdw(P::Alter_fdwContext* context) {
  auto* node = make<AlterFdwStmt>(context);
  if (context->items.empty() && context->alter_generic_options() == nullptr)
    syntax_error(token_after(context));
  node->fdwname = word(context->colid());
  node->func_options = fdw_options(context->items);
  node->options = generic_options(context->alter_generic_options());
  return node;
}

std::string_view Builder::server_version(P::Server_versionContext* context) {
  return context->SCONST() != nullptr ? text(context->SCONST()->getSymbol()) : std::string_view();
}

Node* Builder::create_server(P::Create_serverContext* context) {
  auto* node = make<CreateForeignServerStmt>(context);
  node->servername = word(context->server);
  if (context->server_type != nullptr) node->servertype = text(context->server_type);
  if (context->server_version() != nullptr) node->version = server_version(context->server_version());
  node->fdwname = word(context->wrapper);
  node->if_not_exists = context->if_not_exists() != nullptr;
  node->options = generic_options(context->generic_options());
  return node;
}

Node* Builder::alter_server(P::Alter_serverContext* context) {
  auto* node = make<AlterForeignServerStmt>(context);
  node->has_version = context->server_version() != nullptr;
  if (!node->has_version && context->alter_generic_options() == nullptr) syntax_error(token_after(context));
  node->servername = word(context->colid());
  if (node->has_version) node->version = server_version(context->server_version());
  node->options = generic_options(context->alter_generic_options());
  return node;
}

Node* Builder::create_foreign_table(P::Create_foreign_tableContext* context) {
  auto* node = make<CreateForeignTableStmt>(context);
  auto* base = make<CreateStmt>(context);
  base->relation = range_var(context->any_name(0));
  base->if_not_exists = context->if_not_exists() != nullptr;
  if (context->table_elements() != nullptr) base->table_elts = table_elements(context->table_elements());
  if (context->inherits() != nullptr) base->inh_relations = range_vars(context->inherits()->any_name_list());
  if (context->partition_of != nullptr) {
    base->inh_relations = list<RangeVar>({range_var(context->partition_of)});
    if (context->typed_elements() != nullptr) base->table_elts = typed_elements(context->typed_elements());
    base->partbound = partition_bound(context->partition_bound());
  }
  node->base = base;
  node->servername = word(context->server);
  node->options = generic_options(context->generic_options());
  return node;
}

Node* Builder::create_user_mapping(P::Create_user_mappingContext* context) {
  auto* node = make<CreateUserMappingStmt>(context);
  node->user = mapped_role(context->auth_ident());
  node->servername = word(context->colid());
  node->if_not_exists = context->if_not_exists() != nullptr;
  node->options = generic_options(context->generic_options());
  return node;
}

Node* Builder::alter_user_mapping(P::Alter_user_mappingContext* context) {
  auto* node = make<AlterUserMappingStmt>(context);
  node->user = mapped_role(context->auth_ident());
  node->servername = word(context->colid());
  node->options = generic_options(context->alter_generic_options());
  return node;
}

Node* Builder::import_foreign_schema(P::Import_stmtContext* context) {
  auto* node = make<ImportForeignSchemaStmt>(context);
  node->server_name = word(context->server);
  node->remote_schema = word(context->remote);
  node->local_schema = word(context->local);
  if (context->relation_list() != nullptr) {
    node->list_type =
        context->except != nullptr ? ImportForeignSchemaType::Except : ImportForeignSchemaType::LimitTo;
    node->table_list = relations(context->relation_list());
  }
  node->options = generic_options(context->generic_options());
  return node;
}

// ---- Publications ----
// An object without a keyword is of the kind of the one before it.
List<PublicationObjSpec> Builder::publication_objects(P::Publication_objectsContext* context) {
  enum class Kind { Unknown, Table, Schema } previous = Kind::Unknown;
  return list_of<PublicationObjSpec>(context->items, [&](P::Publication_objectContext* item) {
    int location = loc(item->start);
    bool keyword = item->schema != nullptr || item->TABLE() != nullptr;
    if (keyword) previous = item->schema != nullptr ? Kind::Schema : Kind::Table;
    if (previous == Kind::Unknown) {
      throw SqlError(Sqlstate::SyntaxError, "invalid publication object list")
          .detail(
              "One of TABLE or TABLES IN SCHEMA must be specified before a standalone table or schema name.")
          .position(character_position(sql_, location));
    }
    if (previous == Kind::Schema) return publication_schema(item);
    if (item->relation_expr() == nullptr) reject("invalid table name", location);
    auto* node = make<PublicationObjSpec>(location);
    auto* table = make<PublicationTable>(location);
    table->relation = relation(item->relation_expr());
    table->columns = paren_names(item->paren_names());
    if (item->a_expr() != nullptr) table->where_clause = expression(item->a_expr());
    node->pubtable = table;
    return node;
  });
}

PublicationObjSpec* Builder::publication_schema(P::Publication_objectContext* item) {
  bool continued = item->schema == nullptr;
  int location = loc(continued                  ? item->start
                     : item->current != nullptr ? item->current
                                                : item->colid()->start);
  auto* node = make<PublicationObjSpec>(location);
  node->pubobjtype = item->current != nullptr ? PublicationObjSpecType::TablesInCurSchema
                                              : PublicationObjSpecType::TablesInSchema;
  if (item->current != nullptr) return node;
  if (!continued) {
    node->name = word(item->colid());
    return node;
  }
  if (item->a_expr() != nullptr) reject("WHERE clause not allowed for schema", location);
  if (item->paren_names() != nullptr) reject("column specification not allowed for schema", location);
  P::Relation_exprContext* name = item->relation_expr();
  if (name->only != nullptr || name->star != nullptr || !name->any_name()->name_attr().empty()) {
    reject("invalid schema name", location);
  }
  node->name = word(name->any_name()->colid());
  return node;
}

Node* Builder::create_publication(P::Create_publicationContext* context) {
  auto* node = make<CreatePublicationStmt>(context);
  node->pubname = word(context->colid());
  node->for_all_tables = context->all != nullptr;
  if (context->publication_objects() != nullptr)
    node->pubobjects = publication_objects(context->publication_objects());
  node->options = definition(context->with_definition());
  return node;
}

Node* Builder::alter_publication(P::Alter_publicationContext* context) {
  auto* node = make<AlterPublicationStmt>(context);
  node->pubname = word(context->colid());
  node->options = definition(context->definition());
  if (context->action == nullptr) return node;
  node->pubobjects = publication_objects(context->publication_objects());
  switch (context->action->getType()) {
    case P::ADD:
      node->action = AlterPublicationAction::AddObjects;
      break;
    case P::DROP:
      node->action = AlterPublicationAction::DropObjects;
      break;
    default:
      break;
  }
  return node;
}

Node* Builder::create_subscription(P::Create_subscriptionContext* context) {
  auto* node = make<CreateSubscriptionStmt>(context);
  node->subname = word(context->colid());
  node->conninfo = text(context->SCONST()->getSymbol());
  node->publication = name_list(context->name_list());
  node->options = definition(context->with_definition());
  return node;
}

Node* Builder::alter_subscription(P::Alter_subscriptionContext* context) {
  using Type = AlterSubscriptionType;
  auto* node = make<AlterSubscriptionStmt>(context);
  node->subname = word(context->colid());
  node->options = context->definition() != nullptr ? definition(context->definition())
                                                   : definition(context->with_definition());
  bool names_publications = context->name_list() != nullptr;
  if (names_publications) node->publication = name_list(context->name_list());
  int location = loc(context->start);
  switch (context->kind->getType()) {
    case P::SET:
      node->kind = names_publications ? Type::SetPublication : Type::Options;
      break;
    case P::SKIP:
      node->kind = Type::Skip;
      break;
    case P::CONNECTION:
      node->kind = Type::Connection;
      node->conninfo = text(context->SCONST()->getSymbol());
      break;
    case P::REFRESH:
      node->kind = Type::Refresh;
      break;
    case P::ADD:
      node->kind = Type::AddPublication;
      break;
    case P::DROP:
      node->kind = Type::DropPublication;
      break;
    default: {
      node->kind = Type::Enabled;
      bool enable = context->kind->getType() == P::ENABLE;
      node->options = list<DefElem>({option("enabled", boolean_node(enable, location), location)});
    }
  }
  return node;
}

}  // namespace aegis::parser
