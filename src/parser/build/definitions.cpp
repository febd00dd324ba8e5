// CREATE and ALTER of everything that is no table, function or role.
#include "build/builder.h"

namespace aegis::parser {

Node* Builder::create(antlr4::ParserRuleContext* context) {
  switch (context->getRuleIndex()) {
    case P::RuleCreate_table:
      return create_table(static_cast<P::Create_tableContext*>(context));
    case P::RuleCreate_view:
      return create_view(static_cast<P::Create_viewContext*>(context));
    case P::RuleCreate_index:
      return create_index(static_cast<P::Create_indexContext*>(context));
    case P::RuleCreate_matview:
      return create_matview(static_cast<P::Create_matviewContext*>(context));
    case P::RuleCreate_sequence:
      return create_sequence(static_cast<P::Create_sequenceContext*>(context));
    case P::RuleCreate_function:
      return create_function(static_cast<P::Create_functionContext*>(context));
    case P::RuleCreate_schema:
      return create_schema(static_cast<P::Create_schemaContext*>(context));
    case P::RuleCreate_type:
      return create_type(static_cast<P::Create_typeContext*>(context));
    case P::RuleCreate_domain:
      return create_domain(static_cast<P::Create_domainContext*>(context));
    case P::RuleCreate_trigger:
      return create_trigger(static_cast<P::Create_triggerContext*>(context));
    case P::RuleCreate_database:
      return create_database(static_cast<P::Create_databaseContext*>(context));
    case P::RuleCreate_role:
      return create_role(static_cast<P::Create_roleContext*>(context));
    case P::RuleCreate_extension:
      return create_extension(static_cast<P::Create_extensionContext*>(context));
    case P::RuleCreate_rule:
      return create_rule(static_cast<P::Create_ruleContext*>(context));
    case P::RuleCreate_aggregate:
      return create_aggregate(static_cast<P::Create_aggregateContext*>(context));
    case P::RuleCreate_operator:
      return create_operator(static_cast<P::Create_operatorContext*>(context));
    case P::RuleCreate_operator_class:
      return create_operator_class(static_cast<P::Create_operator_classContext*>(context));
    case P::RuleCreate_operator_family:
      return create_operator_family(static_cast<P::Create_operator_familyContext*>(context));
    case P::RuleCreate_collation:
      return create_collation(static_cast<P::Create_collationContext*>(context));
    case P::RuleCreate_text_search:
      return create_text_search(static_cast<P::Create_text_searchContext*>(context));
    case P::RuleCreate_cast:
      return create_cast(static_cast<P::Create_castContext*>(context));
    case P::RuleCreate_conversion:
      return create_conversion(static_cast<P::Create_conversionContext*>(context));
    case P::RuleCreate_transform:
      return create_transform(static_cast<P::Create_transformContext*>(context));
    case P::RuleCreate_language:
      return create_language(static_cast<P::Create_languageContext*>(context));
    case P::RuleCreate_policy:
      return create_policy(static_cast<P::Create_policyContext*>(context));
    case P::RuleCreate_event_trigger:
      return create_event_trigger(static_cast<P::Create_event_triggerContext*>(context));
    case P::RuleCreate_statistics:
      return create_statistics(static_cast<P::Create_statisticsContext*>(context));
    case P::RuleCreate_tablespace:
      return create_tablespace(static_cast<P::Create_tablespaceContext*>(context));
    case P::RuleCreate_access_method:
      return create_access_method(static_cast<P::Create_access_methodContext*>(context));
    case P::RuleCreate_fdw:
      return create_fdw(static_cast<P::Create_fdwContext*>(context));
    case P::RuleCreate_server:
      return create_server(static_cast<P::Create_serverContext*>(context));
    case P::RuleCreate_foreign_table:
      return create_foreign_table(static_cast<P::Create_foreign_tableContext*>(context));
    case P::RuleCreate_user_mapping:
      return create_user_mapping(static_cast<P::Create_user_mappingContext*>(context));
    case P::RuleCreate_publication:
      return create_publication(static_cast<P::Create_publicationContext*>(context));
    case P::RuleCreate_subscription:
      return create_subscription(static_cast<P::Create_subscriptionContext*>(context));
    default:
      throw SqlError(Sqlstate::FeatureNotSupported, "CREATE ASSERTION is not yet implemented")
          .position(character_position(sql_, loc(context->start)));
  }
}

Node* Builder::alter(antlr4::ParserRuleContext* context) {
  switch (context->getRuleIndex()) {
    case P::RuleAlter_table:
      return alter_table(static_cast<P::Alter_tableContext*>(context));
    case P::RuleAlter_all_in_tablespace:
      return alter_all_in_tablespace(static_cast<P::Alter_all_in_tablespaceContext*>(context));
    case P::RuleAlter_sequence:
      return alter_sequence(static_cast<P::Alter_sequenceContext*>(context));
    case P::RuleAlter_type:
      return alter_type(static_cast<P::Alter_typeContext*>(context));
    case P::RuleAlter_domain:
      return alter_domain(static_cast<P::Alter_domainContext*>(context));
    case P::RuleAlter_role:
      return alter_role(static_cast<P::Alter_roleContext*>(context));
    case P::RuleAlter_role_set:
      return alter_role_set(static_cast<P::Alter_role_setContext*>(context));
    case P::RuleAlter_group:
      return alter_group(static_cast<P::Alter_groupContext*>(context));
    case P::RuleAlter_database:
      return alter_database(static_cast<P::Alter_databaseContext*>(context));
    case P::RuleAlter_function:
      return alter_function(static_cast<P::Alter_functionContext*>(context));
    case P::RuleAlter_operator:
      return alter_operator(static_cast<P::Alter_operatorContext*>(context));
    case P::RuleAlter_operator_family:
      return alter_operator_family(static_cast<P::Alter_operator_familyContext*>(context));
    case P::RuleAlter_default_privileges:
      return alter_default_privileges(static_cast<P::Alter_default_privilegesContext*>(context));
    case P::RuleAlter_extension:
      return alter_extension(static_cast<P::Alter_extensionContext*>(context));
    case P::RuleAlter_system:
      return alter_system(static_cast<P::Alter_systemContext*>(context));
    case P::RuleAlter_tablespace:
      return alter_tablespace(static_cast<P::Alter_tablespaceContext*>(context));
    case P::RuleAlter_policy:
      return alter_policy(static_cast<P::Alter_policyContext*>(context));
    case P::RuleAlter_event_trigger:
      return alter_event_trigger(static_cast<P::Alter_event_triggerContext*>(context));
    case P::RuleAlter_statistics:
      return alter_statistics(static_cast<P::Alter_statisticsContext*>(context));
    case P::RuleAlter_collation:
      return alter_collation(static_cast<P::Alter_collationContext*>(context));
    case P::RuleAlter_text_search:
      return alter_text_search(static_cast<P::Alter_text_searchContext*>(context));
    case P::RuleAlter_fdw:
      return alter_fdw(static_cast<P::Alter_fdwContext*>(context));
    case P::RuleAlter_server:
      return alter_server(static_cast<P::Alter_serverContext*>(context));
    case P::RuleAlter_user_mapping:
      return alter_user_mapping(static_cast<P::Alter_user_mappingContext*>(context));
    case P::RuleAlter_publication:
      return alter_publication(static_cast<P::Alter_publicationContext*>(context));
    case P::RuleAlter_subscription:
      return alter_subscription(static_cast<P::Alter_subscriptionContext*>(context));
    default:
      return alter_object(static_cast<P::Alter_objectContext*>(context));
  }
}

// ---- Schemas, databases, tablespaces ----
Node* Builder::create_schema(P::Create_schemaContext* context) {
  auto* node = make<CreateSchemaStmt>(context);
  if (context->name != nullptr) node->schemaname = word(context->name);
  if (context->role_spec() != nullptr) node->authrole = role(context->role_spec());
  node->if_not_exists = context->if_not_exists() != nullptr;
  if (node->if_not_exists && !context->elements.empty()) {
    throw SqlError(Sqlstate::FeatureNotSupported,
                   "CREATE SCHEMA IF NOT EXISTS cannot include schema elements")
        .position(character_position(sql_, loc(context->elements[0]->start)));
  }
  node->schema_elts = list_of<Node>(context->elements, [&](P::Schema_elementContext* item) {
    auto* element = static_cast<antlr4::ParserRuleContext*>(item->children[0]);
    if (auto* table = dynamic_cast<P::Create_tableContext*>(element);
        table != nullptr && table->AS() != nullptr) {
      syntax_error(table->AS()->getSymbol());
    }
    return element->getRuleIndex() == P::RuleGrant_stmt ? statement(element) : create(element);
  });
  return node;
}

List<DefElem> Builder::database_options(const std::vector<P::Database_optionContext*>& items) {
  return list_of<DefElem>(items, [&](P::Database_optionContext* item) {
    std::string_view name = item->conn != nullptr ? std::string_view("connection_limit") : text(item->start);
    Node* value = nullptr;
    if (item->numeric_only() != nullptr) value = numeric(item->numeric_only());
    if (item->boolean_or_string() != nullptr) value = boolean_or_string(item->boolean_or_string());
    return option(name, value, loc(item->start));
  });
}

Node* Builder::create_database(P::Create_databaseContext* context) {
  auto* node = make<CreatedbStmt>(context);
  node->dbname = word(context->colid());
  node->options = database_options(context->items);
  return node;
}

Node* Builder::alter_database(P::Alter_databaseContext* context) {
  std::string_view name = word(context->colid(0));
  if (context->set_reset() != nullptr) {
    auto* node = make<AlterDatabaseSetStmt>(context);
    node->dbname = name;
    node->setstmt = set_or_reset(context->set_reset());
    return node;
  }
  if (context->refresh != nullptr) {
    auto* node = make<AlterDatabaseRefreshCollStmt>(context);
    node->dbname = name;
    return node;
  }
  auto* node = make<AlterDatabaseStmt>(context);
  node->dbname = name;
  if (context->space != nullptr) {
    Node* space = string_node(word(context->space), loc(context->space->start));
    node->options = list<DefElem>({option("tablespace", space, loc(context->space->start))});
  } else {
    node->options = database_options(context->items);
  }
  return node;
}

Node* Builder::create_tablespace(P::Create_tablespaceContext* context) {
  auto* node = make<CreateTableSpaceStmt>(context);
  node->tablespacename = word(context->colid());
  if (context->role_spec() != nullptr) node->owner = role(context->role_spec());
  node->location_path = text(context->SCONST()->getSymbol());
  node->options = reloptions(context->reloptions());
  return node;
}

Node* Builder::alter_tablespace(P::Alter_tablespaceContext* context) {
  auto* node = make<AlterTableSpaceOptionsStmt>(context);
  node->tablespacename = word(context->colid());
  node->options = reloptions(context->reloptions());
  node->is_reset = context->reset != nullptr;
  return node;
}

// ---- Types ----
Node* Builder::create_type(P::Create_typeContext* context) {
  if (context->composite != nullptr) {
    auto* node = make<CompositeTypeStmt>(context);
    node->typevar = range_var(context->any_name());
    if (context->table_func_elements() != nullptr)
      node->coldeflist = column_definitions(context->table_func_elements());
    return node;
  }
  if (context->enumerated != nullptr) {
    auto* node = make<CreateEnumStmt>(context);
    node->type_name = any_name(context->any_name());
    std::vector<std::string_view> values;
    for (antlr4::Token* value : context->values) values.push_back(text(value));
    node->vals = copy_names(values);
    return node;
  }
  if (context->range != nullptr) {
    auto* node = make<CreateRangeStmt>(context);
    node->type_name = any_name(context->any_name());
    node->params = definition(context->definition());
    return node;
  }
  auto* node = make<DefineStmt>(context);
  node->kind = ObjectType::Type;
  node->defnames = any_name(context->any_name());
  node->definition = definition(context->definition());
  return node;
}

Node* Builder::create_domain(P::Create_domainContext* context) {
  auto* node = make<CreateDomainStmt>(context);
  node->domainname = any_name(context->any_name());
  node->type_name = type(context->type_name());
  node->constraints = column_constraints(context->column_constraint(), &node->coll_clause);
  return node;
}

Node* Builder::create_collation(P::Create_collationContext* context) {
  auto* node = make<DefineStmt>(context);
  node->kind = ObjectType::Collation;
  node->defnames = any_name(context->any_name(0));
  node->if_not_exists = context->if_not_exists() != nullptr;
  if (context->source != nullptr) {
    node->definition =
        list<DefElem>({option("from", qualified_name(context->source), loc(context->source->start))});
  } else {
    node->definition = definition(context->definition());
  }
  return node;
}

Node* Builder::alter_collation(P::Alter_collationContext* context) {
  auto* node = make<AlterCollationStmt>(context);
  node->collname = any_name(context->any_name());
  return node;
}

// ---- Text search ----
Node* Builder::create_text_search(P::Create_text_searchContext* context) {
  auto* node = make<DefineStmt>(context);
  switch (context->kind->getType()) {
    case P::PARSER:
      node->kind = ObjectType::TsParser;
      break;
    case P::DICTIONARY:
      node->kind = ObjectType::TsDictionary;
      break;
    case P::TEMPLATE:
      node->kind = ObjectType::TsTemplate;
      break;
    default:
      node->kind = ObjectType::TsConfiguration;
      break;
  }
  node->defnames = any_name(context->any_name());
  node->definition = definition(context->definition());
  return node;
}

Node* Builder::alter_text_search(P::Alter_text_searchContext* context) {
  if (context->dictionary != nullptr) {
    auto* node = make<AlterTSDictionaryStmt>(context);
    node->dictname = any_name(context->dictionary);
    node->options = definition(context->definition());
    return node;
  }
  auto* node = make<AlterTSConfigurationStmt>(context);
  node->cfgname = any_name(context->configuration);
  node->missing_ok = context->if_exists() != nullptr;
  bool for_tokens = context->name_list() != nullptr;
  if (for_tokens) node->tokentype = name_list(context->name_list());
  if (context->old_dict != nullptr) {
    node->kind = for_tokens ? AlterTSConfigType::ReplaceDictForToken : AlterTSConfigType::ReplaceDict;
    node->replace = true;
    node->dicts = list<QualifiedName>({qualified_name(context->old_dict), qualified_name(context->new_dict)});
    return node;
  }
  switch (context->action->getType()) {
    case P::ADD:
      node->kind = AlterTSConfigType::AddMapping;
      break;
    case P::ALTER:
      node->kind = AlterTSConfigType::AlterMappingForToken;
      node->override = true;
      break;
    default:
      node->kind = AlterTSConfigType::DropMapping;
      break;
  }
  if (context->any_name_list() != nullptr) {
    node->dicts = list_of<QualifiedName>(context->any_name_list()->items,
                                         [&](P::Any_nameContext* item) { return qualified_name(item); });
  }
  return node;
}

// ---- Statistics, access methods, policies, event triggers ----
Node* Builder::create_statistics(P::Create_statisticsContext* context) {
  auto* node = make<CreateStatsStmt>(context);
  node->defnames = any_name(context->any_name());
  node->stat_types = paren_names(context->paren_names());
  node->if_not_exists = context->if_not_exists() != nullptr;
  node->exprs = list_of<StatsElem>(context->items, [&](P::Statistics_paramContext* item) {
    auto* elem = make<StatsElem>(item);
    if (item->colid() != nullptr)
      elem->name = word(item->colid());
    else if (item->windowless_function() != nullptr)
      elem->expr = windowless_function(item->windowless_function());
    else
      elem->expr = expression(item->a_expr());
    return elem;
  });
  node->relations = from_list(context->from_list());
  return node;
}

Node* Builder::alter_statistics(P::Alter_statisticsContext* context) {
  auto* node = make<AlterStatsStmt>(context);
  node->defnames = any_name(context->any_name());
  node->stxstattarget = signed_integer(context->signed_integer());
  node->missing_ok = context->if_exists() != nullptr;
  return node;
}

Node* Builder::create_access_method(P::Create_access_methodContext* context) {
  auto* node = make<CreateAmStmt>(context);
  node->amname = word(context->colid());
  node->amtype = context->kind->getType() == P::INDEX ? 'i' : 't';
  node->handler_name = any_name(context->handler);
  return node;
}

Node* Builder::create_policy(P::Create_policyContext* context) {
  auto* node = make<CreatePolicyStmt>(context);
  node->policy_name = word(context->policy_name);
  node->table = range_var(context->relation);
  if (context->permissive != nullptr) {
    std::string_view kind = text(context->permissive);
    if (kind != "permissive" && kind != "restrictive") {
      throw SqlError(Sqlstate::SyntaxError, "unrecognized row security option \"" + std::string(kind) + "\"")
          .hint("Only PERMISSIVE or RESTRICTIVE policies are supported currently.")
          .position(character_position(sql_, loc(context->permissive)));
    }
    node->permissive = kind == "permissive";
  }
  node->cmd_name = context->command != nullptr ? text(context->command) : "all";
  node->roles = policy_roles(context->role_list());
  if (context->qual != nullptr) node->qual = expression(context->qual);
  if (context->check != nullptr) node->with_check = expression(context->check);
  return node;
}

// A new policy is for PUBLIC unless roles are named.
List<RoleSpec> Builder::policy_roles(P::Role_listContext* context) {
  if (context != nullptr) return roles(context);
  auto* everyone = make<RoleSpec>(-1);
  everyone->roletype = RoleSpecType::Public;
  return list<RoleSpec>({everyone});
}

Node* Builder::alter_policy(P::Alter_policyContext* context) {
  auto* node = make<AlterPolicyStmt>(context);
  node->policy_name = word(context->policy_name);
  node->table = range_var(context->relation);
  node->roles = roles(context->role_list());
  if (context->qual != nullptr) node->qual = expression(context->qual);
  if (context->check != nullptr) node->with_check = expression(context->check);
  return node;
}

Node* Builder::alter_event_trigger(P::Alter_event_triggerContext* context) {
  auto* node = make<AlterEventTrigStmt>(context);
  node->trigname = word(context->colid());
  if (context->enable == nullptr)
    node->tgenabled = 'D';
  else if (context->how == nullptr)
    node->tgenabled = 'O';
  else
    node->tgenabled = context->how->getType() == P::REPLICA ? 'R' : 'A';
  return node;
}

// ---- Extensions ----
Node* Builder::create_extension(P::Create_extensionContext* context) {
  auto* node = make<CreateExtensionStmt>(context);
  node->extname = word(context->colid());
  node->if_not_exists = context->if_not_exists() != nullptr;
  node->options = list_of<DefElem>(context->items, [&](P::Extension_optionContext* item) {
    int location = loc(item->start);
    switch (item->kind->getType()) {
      case P::SCHEMA:
        return option("schema", string_node(word(item->colid()), loc(item->colid()->start)), location);
      case P::VERSION:
        return option("new_version", string_node(word(item->word_or_string()), location), location);
      case P::CASCADE:
        return option("cascade", boolean_node(true, location), location);
      default:
        throw SqlError(Sqlstate::FeatureNotSupported, "CREATE EXTENSION ... FROM is no longer supported")
            .position(character_position(sql_, location));
    }
  });
  return node;
}

Node* Builder::alter_extension(P::Alter_extensionContext* context) {
  if (context->action == nullptr) {
    auto* node = make<AlterExtensionStmt>(context);
    node->extname = word(context->extension);
    node->options = list_of<DefElem>(context->versions, [&](P::Extension_versionContext* item) {
      return option("new_version",
                    string_node(word(item->word_or_string()), loc(item->word_or_string()->start)),
                    loc(item->start));
    });
    return node;
  }
  auto* node = make<AlterExtensionContentsStmt>(context);
  P::Object_refContext* ref = context->object_ref();
  check_nameable(ref);
  node->extname = word(context->extension);
  node->action = context->action->getType() == P::ADD ? 1 : -1;
  node->objtype = object_type(ref);
  switch (node->objtype) {
    case ObjectType::Column:
    case ObjectType::Tabconstraint:
    case ObjectType::Domconstraint:
    case ObjectType::Policy:
    case ObjectType::Rule:
    case ObjectType::Trigger:
    case ObjectType::Largeobject:
      syntax_error(ref->kind);
    default:
      break;
  }
  node->object = object(ref, node->objtype);
  return node;
}

}  // namespace aegis::parser
