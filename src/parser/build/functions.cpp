// Functions, aggregates, operators, triggers, rules, casts and languages.
#include "build/builder.h"

namespace aegis::parser {

FunctionParameterMode Builder::parameter_mode(P::Param_modeContext* context) {
  if (context == nullptr) return FunctionParameterMode::Default;
  if (context->VARIADIC() != nullptr) return FunctionParameterMode::Variadic;
  if (context->INOUT() != nullptr || (context->IN() != nullptr && context->OUT() != nullptr))
    return FunctionParameterMode::InOut;
  return context->OUT() != nullptr ? FunctionParameterMode::Out : FunctionParameterMode::In;
}

FunctionParameter* Builder::function_parameter(P::Func_paramContext* context) {
  auto* node = make<FunctionParameter>(context);
  if (context->type_function_name() != nullptr) node->name = word(context->type_function_name());
  auto modes = context->param_mode();
  if (modes.size() > 1) syntax_error(modes[1]->start);
  if (!modes.empty()) node->mode = parameter_mode(modes[0]);
  node->arg_type = func_type(context->func_type());
  if (context->a_expr() != nullptr) node->defexpr = expression(context->a_expr());
  return node;
}

List<FunctionParameter> Builder::function_parameters(P::Param_listContext* context) {
  if (context == nullptr) return {};
  return list_of<FunctionParameter>(context->items,
                                    [&](P::Func_paramContext* item) { return function_parameter(item); });
}

// A list that names an existing function's arguments has no defaults.
void Builder::reject_defaults(P::Param_listContext* context) {
  if (context == nullptr) return;
  for (P::Func_paramContext* item : context->items) {
    if (item->a_expr() != nullptr)
      syntax_error(item->DEFAULT() != nullptr ? item->DEFAULT()->getSymbol() : item->EQUAL()->getSymbol());
  }
}

// The input arguments' types, which tell overloaded functions apart.
List<TypeName> Builder::input_types(List<FunctionParameter> parameters) {
  std::vector<TypeName*> types;
  for (FunctionParameter* parameter : parameters) {
    if (parameter->mode != FunctionParameterMode::Out && parameter->mode != FunctionParameterMode::Table) {
      types.push_back(parameter->arg_type);
    }
  }
  return to_list(types);
}

ObjectWithArgs* Builder::function_with_args(P::Function_with_argsContext* context) {
  auto* node = make<ObjectWithArgs>(context);
  if (P::Function_name_onlyContext* only = context->function_name_only()) {
    std::vector<std::string_view> parts{text(only->start)};
    for (P::Name_attrContext* attr : only->name_attr()) parts.push_back(word(attr->col_label()));
    node->objname = copy_names(parts);
    node->args_unspecified = true;
    return node;
  }
  reject_defaults(context->param_list());
  node->objname = function_name(context->function_name());
  node->objfuncargs = function_parameters(context->param_list());
  node->objargs = input_types(node->objfuncargs);
  return node;
}

List<FunctionParameter> Builder::aggregate_parameters(P::Aggr_argsContext* context, int* direct_count) {
  *direct_count = -1;
  if (context->star != nullptr) return {};
  if (context->direct == nullptr && context->ordered == nullptr) syntax_error(context->stop);
  reject_defaults(context->direct);
  reject_defaults(context->ordered);
  List<FunctionParameter> direct = function_parameters(context->direct);
  if (context->ordered == nullptr) return direct;
  List<FunctionParameter> ordered = function_parameters(context->ordered);
  *direct_count = static_cast<int>(direct.size());
  std::vector<FunctionParameter*> all(direct.begin(), direct.end());
  if (!direct.empty() && direct.back()->mode == FunctionParameterMode::Variadic) {
    // The aggregated argument repeats the variadic one and is left out.
    if (ordered.size() != 1 || ordered[0]->mode != FunctionParameterMode::Variadic) {
      throw SqlError(Sqlstate::FeatureNotSupported,
                     "an ordered-set aggregate with a VARIADIC direct argument must have one VARIADIC "
                     "aggregated argument "
                     "of the same data type")
          .position(character_position(sql_, ordered[0]->location));
    }
  } else {
    all.insert(all.end(), ordered.begin(), ordered.end());
  }
  return to_list(all);
}

ObjectWithArgs* Builder::aggregate_with_args(P::Aggregate_with_argsContext* context) {
  auto* node = make<ObjectWithArgs>(context);
  node->objname = function_name(context->function_name());
  int direct_count;
  node->objfuncargs = aggregate_parameters(context->aggr_args(), &direct_count);
  node->objargs = input_types(node->objfuncargs);
  return node;
}

ObjectWithArgs* Builder::operator_with_args(P::Operator_with_argsContext* context) {
  auto* node = make<ObjectWithArgs>(context);
  node->objname = operator_name(context->any_operator());
  auto types = context->type_name();
  if (context->COMMA() == nullptr) {
    if (context->leftnone != nullptr) syntax_error(token_after(context->leftnone));
    throw SqlError(Sqlstate::SyntaxError, "missing argument")
        .hint("Use NONE to denote the missing argument of a unary operator.")
        .position(character_position(sql_, loc(context->stop)));
  }
  if (types.empty()) syntax_error(context->rightnone);
  TypeName* left = context->leftnone != nullptr ? nullptr : type(types[0]);
  TypeName* right = context->rightnone != nullptr ? nullptr : type(types.back());
  node->objargs = list<TypeName>({left, right});
  return node;
}

// ---- CREATE FUNCTION ----
Node* Builder::create_function(P::Create_functionContext* context) {
  auto* node = make<CreateFunctionStmt>(context);
  node->is_procedure = context->kind->getType() == P::PROCEDURE;
  node->replace = context->or_replace() != nullptr;
  node->funcname = function_name(context->function_name());
  node->parameters = function_parameters(context->params);
  if (context->RETURNS() != nullptr && node->is_procedure) syntax_error(context->RETURNS()->getSymbol());
  if (context->func_type() != nullptr) node->return_type = func_type(context->func_type());
  if (!context->columns.empty()) table_function(node, context->columns);
  std::vector<DefElem*> options;
  for (P::Function_optionContext* item : context->items) options.push_back(function_option(item));
  node->options = to_list(options);
  if (P::Routine_bodyContext* body = context->routine_body()) node->sql_body = routine_body(body);
  return node;
}

// RETURNS TABLE adds output columns; one column is returned as its type, several as records.
void Builder::table_function(CreateFunctionStmt* node, const std::vector<P::Table_columnContext*>& columns) {
  std::vector<FunctionParameter*> all(node->parameters.begin(), node->parameters.end());
  for (FunctionParameter* parameter : all) {
    if (parameter->mode == FunctionParameterMode::Out || parameter->mode == FunctionParameterMode::InOut) {
      reject("OUT and INOUT arguments aren't allowed in TABLE functions", -1);
    }
  }
  for (P::Table_columnContext* item : columns) {
    auto* column = make<FunctionParameter>(item);
    column->name = word(item->type_function_name());
    column->arg_type = func_type(item->func_type());
    column->mode = FunctionParameterMode::Table;
    all.push_back(column);
  }
  node->parameters = to_list(all);
  if (columns.size() == 1) {
    node->return_type = make<TypeName>(loc(columns[0]->start));
    *node->return_type = *all.back()->arg_type;
  } else {
    node->return_type = system_type("record", loc(columns[0]->start));
  }
  node->return_type->setof = true;
}

Node* Builder::routine_body(P::Routine_bodyContext* context) {
  if (context->a_expr() != nullptr) {
    auto* node = make<ReturnStmt>(context);
    node->returnval = expression(context->a_expr());
    return node;
  }
  std::vector<Node*> body;
  for (P::Routine_statementContext* item : context->routine_stmts) {
    if (item->a_expr() != nullptr) {
      auto* node = make<ReturnStmt>(item);
      node->returnval = expression(item->a_expr());
      body.push_back(node);
    } else if (item->statement() != nullptr) {
      body.push_back(statement(static_cast<antlr4::ParserRuleContext*>(item->statement()->children[0])));
    }
  }
  auto* outer = make<ListNode>(context);
  outer->items = list<Node>({list_node(to_list(body))});
  return outer;
}

DefElem* Builder::function_option(P::Function_optionContext* context) {
  if (context->common_function_option() != nullptr)
    return common_function_option(context->common_function_option());
  int location = loc(context->start);
  switch (context->kind->getType()) {
    case P::AS: {
      auto* code = string_node(text(context->code), loc(context->code));
      if (context->symbol == nullptr) return option("as", list_node(list<Node>({code})), location);
      return option("as",
                    list_node(list<Node>({code, string_node(text(context->symbol), loc(context->symbol))})),
                    location);
    }
    case P::LANGUAGE:
      return option("language",
                    string_node(word(context->word_or_string()), loc(context->word_or_string()->start)),
                    location);
    case P::TRANSFORM:
      return option(
          "transform",
          list_node(list_of<Node>(context->types, [&](P::Type_nameContext* item) { return type(item); })),
          location);
    default:
      return option("window", boolean_node(true, location), location);
  }
}

DefElem* Builder::common_function_option(P::Common_function_optionContext* context) {
  int location = loc(context->start);
  size_t kind = context->kind->getType();
  auto word_option = [&](const char* name) {
    return option(name, string_node(text(context->kind), location), location);
  };
  switch (kind) {
    case P::CALLED:
      return option("strict", boolean_node(false, location), location);
    case P::RETURNS:
    case P::STRICT:
      return option("strict", boolean_node(true, location), location);
    case P::IMMUTABLE:
    case P::STABLE:
    case P::VOLATILE:
      return word_option("volatility");
    case P::SECURITY:
      return option("security", boolean_node(context->security->getType() == P::DEFINER, location), location);
    case P::LEAKPROOF:
      return option("leakproof", boolean_node(context->no == nullptr, location), location);
    case P::COST:
      return option("cost", numeric(context->numeric_only()), location);
    case P::ROWS:
      return option("rows", numeric(context->numeric_only()), location);
    case P::SUPPORT:
      return option("support", qualified_name(context->any_name()), location);
    case P::PARALLEL:
      return option("parallel", string_node(word(context->colid()), loc(context->colid()->start)), location);
    case P::SET:
      return option("set", set_more(context->set_rest_more()), location);
    default:
      return option("set", reset(context->reset_target(), location), location);
  }
}

Node* Builder::alter_function(P::Alter_functionContext* context) {
  auto* node = make<AlterFunctionStmt>(context);
  switch (context->kind->getType()) {
    case P::PROCEDURE:
      node->objtype = ObjectType::Procedure;
      break;
    case P::ROUTINE:
      node->objtype = ObjectType::Routine;
      break;
    default:
      break;
  }
  node->func = function_with_args(context->function_with_args());
  node->actions = list_of<DefElem>(
      context->items, [&](P::Common_function_optionContext* item) { return common_function_option(item); });
  return node;
}

// ---- Aggregates, operators, classes ----
Node* Builder::create_aggregate(P::Create_aggregateContext* context) {
  auto* node = make<DefineStmt>(context);
  node->kind = ObjectType::Aggregate;
  node->replace = context->or_replace() != nullptr;
  node->defnames = function_name(context->function_name());
  if (P::Old_definitionContext* old = context->old_definition()) {
    node->oldstyle = true;
    node->definition = list_of<DefElem>(old->items, [&](P::Old_def_elemContext* item) {
      return option(text(item->IDENT()->getSymbol()), definition_argument(item->def_arg()), loc(item->start));
    });
    return node;
  }
  List<FunctionParameter> parameters = aggregate_parameters(context->aggr_args(), &node->num_direct_args);
  node->args = as_nodes(parameters);
  node->definition = definition(context->definition());
  return node;
}

Node* Builder::create_operator(P::Create_operatorContext* context) {
  auto* node = make<DefineStmt>(context);
  node->kind = ObjectType::Operator;
  node->defnames = operator_name(context->any_operator());
  node->definition = definition(context->definition());
  return node;
}

CreateOpClassItem* Builder::operator_class_item(P::Opclass_itemContext* context) {
  using Type = CreateOpClassItem::ItemType;
  auto* node = make<CreateOpClassItem>(context);
  if (context->ICONST() != nullptr) node->number = integer(context->ICONST()->getSymbol());
  switch (context->kind->getType()) {
    case P::OPERATOR:
      node->itemtype = Type::Operator;
      if (context->operator_with_args() != nullptr) {
        node->name = operator_with_args(context->operator_with_args());
      } else {
        node->name = make<ObjectWithArgs>(context->any_operator());
        node->name->objname = operator_name(context->any_operator());
      }
      if (context->any_name() != nullptr) node->order_family = any_name(context->any_name());
      break;
    case P::FUNCTION:
      node->itemtype = Type::Function;
      node->name = function_with_args(context->function_with_args());
      node->class_args = types(context->type_list());
      break;
    default:
      node->itemtype = Type::StorageType;
      node->storedtype = type(context->type_name());
  }
  return node;
}

List<CreateOpClassItem> Builder::operator_class_items(const std::vector<P::Opclass_itemContext*>& items) {
  return list_of<CreateOpClassItem>(items,
                                    [&](P::Opclass_itemContext* item) { return operator_class_item(item); });
}

Node* Builder::create_operator_class(P::Create_operator_classContext* context) {
  auto* node = make<CreateOpClassStmt>(context);
  node->opclassname = any_name(context->any_name(0));
  node->is_default = context->dflt != nullptr;
  node->datatype = type(context->type_name());
  node->amname = word(context->colid());
  if (context->family != nullptr) node->opfamilyname = any_name(context->family);
  node->items = operator_class_items(context->items);
  return node;
}

Node* Builder::create_operator_family(P::Create_operator_familyContext* context) {
  auto* node = make<CreateOpFamilyStmt>(context);
  node->opfamilyname = any_name(context->any_name());
  node->amname = word(context->colid());
  return node;
}

Node* Builder::alter_operator_family(P::Alter_operator_familyContext* context) {
  auto* node = make<AlterOpFamilyStmt>(context);
  node->opfamilyname = any_name(context->any_name());
  node->amname = word(context->colid());
  node->is_drop = !context->drops.empty();
  if (!node->is_drop) {
    node->items = operator_class_items(context->items);
    return node;
  }
  node->items = list_of<CreateOpClassItem>(context->drops, [&](P::Opclass_dropContext* drop) {
    auto* item = make<CreateOpClassItem>(drop);
    item->itemtype = drop->kind->getType() == P::OPERATOR ? CreateOpClassItem::ItemType::Operator
                                                          : CreateOpClassItem::ItemType::Function;
    item->number = integer(drop->ICONST()->getSymbol());
    item->class_args = types(drop->type_list());
    return item;
  });
  return node;
}

Node* Builder::alter_operator(P::Alter_operatorContext* context) {
  auto* node = make<AlterOperatorStmt>(context);
  node->opername = operator_with_args(context->operator_with_args());
  node->options = operator_definition(context->definition());
  return node;
}

// In ALTER, NONE removes an option instead of being a name.
List<DefElem> Builder::operator_definition(P::DefinitionContext* context) {
  return list_of<DefElem>(context->items, [&](P::Def_elemContext* item) {
    if (item->def_arg() == nullptr) syntax_error(token_after(item));
    Node* arg = item->def_arg()->none != nullptr ? nullptr : definition_argument(item->def_arg());
    return option(word(item->col_label()), arg, loc(item->start));
  });
}

// ---- Triggers ----
Node* Builder::create_trigger(P::Create_triggerContext* context) {
  auto* node = make<CreateTrigStmt>(context);
  node->isconstraint = context->constraint != nullptr;
  check_trigger(context, node->isconstraint);
  node->replace = context->or_replace() != nullptr;
  node->trigname = word(context->trigger_name);
  node->relation = range_var(context->relation);
  switch (context->timing->getType()) {
    case P::BEFORE:
      node->timing = kTriggerBefore;
      break;
    case P::INSTEAD:
      node->timing = kTriggerInstead;
      break;
    default:
      break;
  }
  trigger_events(node, context);
  node->transition_rels =
      list_of<TriggerTransition>(context->transitions, [&](P::Trigger_transitionContext* item) {
        auto* transition = make<TriggerTransition>(item);
        transition->name = word(item->colid());
        transition->is_new = item->which->getType() == P::NEW;
        transition->is_table = item->what->getType() == P::TABLE;
        return transition;
      });
  node->row = context->level != nullptr && context->level->getType() == P::ROW;
  if (context->a_expr() != nullptr) node->when_clause = expression(context->a_expr());
  node->funcname = function_name(context->function_name());
  std::vector<std::string_view> args;
  for (P::Trigger_argContext* arg : context->args) args.push_back(text(arg->start));
  node->args = copy_names(args);
  if (context->constrrel != nullptr) node->constrrel = range_var(context->constrrel);
  auto options = context->constraint_option();
  if (!options.empty()) {
    auto* properties = make<Constraint>(-1);
    constraint_options(options, properties, "TRIGGER", kAllowDeferrable);
    node->deferrable = properties->deferrable;
    node->initdeferred = properties->initdeferred;
  }
  return node;
}

// What only one of the two forms of CREATE TRIGGER has.
void Builder::check_trigger(P::Create_triggerContext* context, bool is_constraint) {
  bool instead = context->timing->getType() == P::INSTEAD;
  if (instead != (context->OF() != nullptr)) syntax_error(token_after(context->timing));
  if (!is_constraint) {
    if (context->FROM() != nullptr) syntax_error(context->FROM()->getSymbol());
    if (!context->constraint_option().empty()) syntax_error(context->constraint_option(0)->start);
    return;
  }
  if (context->timing->getType() != P::AFTER) syntax_error(context->timing);
  if (context->REFERENCING() != nullptr) syntax_error(context->REFERENCING()->getSymbol());
  if (context->level == nullptr) {
    syntax_error(context->WHEN() != nullptr ? context->WHEN()->getSymbol() : context->EXECUTE()->getSymbol());
  }
  if (context->level->getType() != P::ROW) syntax_error(context->level);
}

void Builder::trigger_events(CreateTrigStmt* node, P::Create_triggerContext* context) {
  std::vector<std::string_view> columns;
  for (P::Trigger_eventContext* event : context->events) {
    int16_t bit = 0;
    switch (event->kind->getType()) {
      case P::INSERT:
        bit = kTriggerInsert;
        break;
      case P::DELETE:
        bit = kTriggerDelete;
        break;
      case P::TRUNCATE:
        bit = kTriggerTruncate;
        break;
      default:
        bit = kTriggerUpdate;
        break;
    }
    if (node->events & bit) {
      antlr4::Token* next = token_after(event);
      std::string message =
          "duplicate trigger events specified at or near \"" + std::string(source(next)) + "\"";
      reject(message.c_str(), loc(next));
    }
    node->events = static_cast<int16_t>(node->events | bit);
    if (event->name_list() == nullptr) continue;
    for (P::ColidContext* item : event->name_list()->items) columns.push_back(word(item));
  }
  node->columns = copy_names(columns);
}

// The token as it was written.
std::string_view Builder::source(antlr4::Token* token) {
  const SqlToken* sql = sql_token(token);
  return sql_.substr(static_cast<size_t>(sql->start()), static_cast<size_t>(sql->stop() - sql->start()));
}

Node* Builder::create_event_trigger(P::Create_event_triggerContext* context) {
  auto* node = make<CreateEventTrigStmt>(context);
  node->trigname = word(context->colid());
  node->eventname = word(context->col_label());
  node->whenclause = list_of<DefElem>(context->items, [&](P::Event_trigger_filterContext* item) {
    std::vector<Node*> values;
    for (antlr4::Token* value : item->values) values.push_back(string_node(text(value), loc(value)));
    return option(word(item->colid()), list_node(to_list(values)), loc(item->start));
  });
  node->funcname = function_name(context->function_name());
  return node;
}

// ---- Rules ----
Node* Builder::create_rule(P::Create_ruleContext* context) {
  auto* node = make<RuleStmt>(context);
  node->replace = context->or_replace() != nullptr;
  node->relation = range_var(context->relation);
  node->rulename = word(context->rule_name);
  if (context->where_clause() != nullptr) node->where_clause = expression(context->where_clause()->a_expr());
  switch (context->event->getType()) {
    case P::SELECT:
      node->event = RuleEvent::Select;
      break;
    case P::INSERT:
      node->event = RuleEvent::Insert;
      break;
    case P::UPDATE:
      node->event = RuleEvent::Update;
      break;
    default:
      node->event = RuleEvent::Delete;
      break;
  }
  node->instead = context->instead != nullptr && context->instead->getType() == P::INSTEAD;
  node->actions = list_of<Node>(context->rule_action(), [&](P::Rule_actionContext* item) {
    return statement(static_cast<antlr4::ParserRuleContext*>(item->children[0]));
  });
  return node;
}

// ---- Casts, conversions, transforms, languages ----
Node* Builder::create_cast(P::Create_castContext* context) {
  auto* node = make<CreateCastStmt>(context);
  node->sourcetype = type(context->source);
  node->targettype = type(context->target);
  if (context->function_with_args() != nullptr)
    node->func = function_with_args(context->function_with_args());
  node->inout = context->inout != nullptr;
  if (context->context != nullptr) {
    node->context =
        context->context->getType() == P::IMPLICIT ? CoercionForm::ImplicitCast : CoercionForm::ExplicitCall;
  }
  return node;
}

Node* Builder::create_conversion(P::Create_conversionContext* context) {
  auto* node = make<CreateConversionStmt>(context);
  node->conversion_name = any_name(context->name);
  node->for_encoding_name = text(context->source);
  node->to_encoding_name = text(context->target);
  node->func_name = any_name(context->func);
  node->def = context->dflt != nullptr;
  return node;
}

Node* Builder::create_transform(P::Create_transformContext* context) {
  auto* node = make<CreateTransformStmt>(context);
  node->replace = context->or_replace() != nullptr;
  node->type_name = type(context->type_name());
  node->lang = word(context->colid());
  for (P::Transform_elemContext* item : context->items) {
    ObjectWithArgs*& slot = item->kind->getType() == P::FROM ? node->fromsql : node->tosql;
    if (slot != nullptr) syntax_error(item->start);
    slot = function_with_args(item->function_with_args());
  }
  return node;
}

Node* Builder::create_language(P::Create_languageContext* context) {
  if (context->handler == nullptr) {
    // Without a handler the language is an extension of that name.
    auto* node = make<CreateExtensionStmt>(context);
    node->extname = word(context->colid());
    node->if_not_exists = context->or_replace() != nullptr;
    return node;
  }
  auto* node = make<CreatePLangStmt>(context);
  node->replace = context->or_replace() != nullptr;
  node->plname = word(context->colid());
  node->plhandler = any_name(context->handler);
  if (context->inline_handler != nullptr) node->plinline = any_name(context->inline_handler);
  if (context->validator != nullptr) node->plvalidator = any_name(context->validator);
  node->pltrusted = context->trusted != nullptr;
  return node;
}

}  // namespace aegis::parser
