// Calls with a syntax of their own, turned into the calls PostgreSQL's grammar makes of them.
#include "build/builder.h"

namespace aegis::parser {

Node* Builder::special_function(P::Special_functionContext* context) {
  DepthGuard guard(*this);
  int location = loc(context->start);
  auto argument = [&] { return expression(context->a_expr(0)); };
  switch (context->kind->getType()) {
    case P::COLLATION:
      return system_call("pg_collation_for", {argument()}, location);
    case P::CAST:
      return type_cast(argument(), type(context->type_name()), location);
    case P::TREAT: {
      TypeName* target = type(context->type_name());
      return function_call(names({"pg_catalog", target->names.back()}), {argument()}, location);
    }
    case P::EXTRACT: {
      antlr4::Token* field = context->extract_field()->start;
      return system_call("extract", {string_constant(text(field), loc(field)), argument()}, location);
    }
    case P::NORMALIZE:
      if (context->form == nullptr) return system_call("normalize", {argument()}, location);
      return system_call("normalize", {argument(), normal_form(context->form)}, location);
    case P::OVERLAY:
      return overlay(context);
    case P::POSITION:
      return system_call("position", {expression(context->haystack), expression(context->needle)}, location);
    case P::SUBSTRING:
      return substring(context);
    case P::TRIM:
      return trim(context);
    case P::NULLIF: {
      auto* node = make<AExpr>(context);
      node->kind = AExprKind::NullIf;
      node->name = names({"="});
      node->lexpr = argument();
      node->rexpr = expression(context->second);
      return node;
    }
    case P::COALESCE: {
      auto* node = make<CoalesceExpr>(context);
      node->args = expressions(context->expr_list());
      return node;
    }
    case P::GREATEST:
    case P::LEAST: {
      auto* node = make<MinMaxExpr>(context);
      node->op = context->kind->getType() == P::GREATEST ? MinMaxOp::Greatest : MinMaxOp::Least;
      node->args = expressions(context->expr_list());
      return node;
    }
    case P::XMLCONCAT:
    case P::XMLELEMENT:
    case P::XMLEXISTS:
    case P::XMLFOREST:
    case P::XMLPARSE:
    case P::XMLPI:
    case P::XMLROOT:
    case P::XMLSERIALIZE:
      return xml_function(context);
    default:
      return sql_value_function(context);
  }
}

// NFC, NFD, NFKC or NFKD as a constant.
Node* Builder::normal_form(antlr4::Token* form) {
  static constexpr std::string_view kUpper[] = {"NFC", "NFD", "NFKC", "NFKD"};
  size_t index = form->getType() == P::NFC    ? 0
                 : form->getType() == P::NFD  ? 1
                 : form->getType() == P::NFKC ? 2
                                              : 3;
  return string_constant(kUpper[index], loc(form));
}

Node* Builder::sql_value_function(P::Special_functionContext* context) {
  using Op = SQLValueFunctionOp;
  auto* node = make<SQLValueFunction>(context);
  antlr4::tree::TerminalNode* precision = context->ICONST();
  if (precision != nullptr) node->typmod = integer(precision->getSymbol());
  auto timed = [&](Op plain, Op with_precision) { return precision != nullptr ? with_precision : plain; };
  switch (context->kind->getType()) {
    case P::CURRENT_DATE:
      node->op = Op::CurrentDate;
      break;
    case P::CURRENT_TIME:
      node->op = timed(Op::CurrentTime, Op::CurrentTimeN);
      break;
    case P::CURRENT_TIMESTAMP:
      node->op = timed(Op::CurrentTimestamp, Op::CurrentTimestampN);
      break;
    case P::LOCALTIME:
      node->op = timed(Op::Localtime, Op::LocaltimeN);
      break;
    case P::LOCALTIMESTAMP:
      node->op = timed(Op::Localtimestamp, Op::LocaltimestampN);
      break;
    case P::CURRENT_ROLE:
      node->op = Op::CurrentRole;
      break;
    case P::CURRENT_USER:
      node->op = Op::CurrentUser;
      break;
    case P::SESSION_USER:
      node->op = Op::SessionUser;
      break;
    case P::USER:
      node->op = Op::User;
      break;
    case P::CURRENT_CATALOG:
      node->op = Op::CurrentCatalog;
      break;
    default:
      node->op = Op::CurrentSchema;
      break;
  }
  return node;
}

Node* Builder::overlay(P::Special_functionContext* context) {
  int location = loc(context->start);
  if (context->args != nullptr) return plain_special(context, "overlay");
  Node* source = expression(context->a_expr(0));
  Node* replacement = expression(context->second);
  Node* from = expression(context->third);
  if (context->fourth == nullptr) return system_call("overlay", {source, replacement, from}, location);
  return system_call("overlay", {source, replacement, from, expression(context->fourth)}, location);
}

// OVERLAY and SUBSTRING with plain arguments are ordinary calls, but for what only aggregates take.
Node* Builder::plain_special(P::Special_functionContext* context, std::string_view name) {
  P::Func_argsContext* args = context->args;
  if (args->star != nullptr) syntax_error(args->star);
  if (args->quantifier != nullptr) syntax_error(args->quantifier);
  if (args->order_by() != nullptr) syntax_error(args->order_by()->start);
  for (P::Func_argContext* item : args->items) {
    if (item->variadic != nullptr) syntax_error(item->variadic);
  }
  return function_application(names({name}), args, loc(context->start));
}

Node* Builder::substring(P::Special_functionContext* context) {
  int location = loc(context->start);
  if (context->args != nullptr) return plain_special(context, "substring");
  Node* source = expression(context->a_expr(0));
  if (context->pattern != nullptr) {
    auto [pattern, escape] = split_escape(context->pattern);
    return system_call("substring", {source, pattern, escape}, location);
  }
  Node* from = nullptr;
  Node* length = nullptr;
  for (P::Substring_partContext* part : context->substring_part()) {
    Node*& slot = part->kind->getType() == P::FROM ? from : length;
    if (slot != nullptr) syntax_error(part->start);
    slot = expression(part->a_expr());
  }
  if (length == nullptr) return system_call("substring", {source, from}, location);
  if (from != nullptr) return system_call("substring", {source, from, length}, location);
  Node* one = integer_constant(1, -1);
  return system_call("substring", {source, one, type_cast(length, system_type("int4", -1), -1)}, location);
}

Node* Builder::trim(P::Special_functionContext* context) {
  std::string_view name = "btrim";
  if (context->side != nullptr) {
    if (context->side->getType() == P::LEADING) name = "ltrim";
    if (context->side->getType() == P::TRAILING) name = "rtrim";
  }
  std::vector<Node*> args;
  for (P::A_exprContext* item : context->expr_list()->items) args.push_back(expression(item));
  if (!context->a_expr().empty()) args.push_back(expression(context->a_expr(0)));
  FuncCall* call = system_call(name, {}, loc(context->start));
  call->args = to_list(args);
  return call;
}

List<ResTarget> Builder::xml_attributes(P::Xml_attribute_listContext* context) {
  return list_of<ResTarget>(context->items, [&](P::Xml_attributeContext* item) {
    auto* target = make<ResTarget>(item);
    if (item->col_label() != nullptr) target->name = word(item->col_label());
    target->val = expression(item->a_expr());
    return target;
  });
}

XmlOptionType Builder::xml_option(antlr4::Token* content) {
  return content->getType() == P::DOCUMENT ? XmlOptionType::Document : XmlOptionType::Content;
}

Node* Builder::xml_function(P::Special_functionContext* context) {
  int location = loc(context->start);
  size_t kind = context->kind->getType();
  if (kind == P::XMLEXISTS) {
    Node* path = operand(context->c_expr());
    return system_call("xmlexists", {path, operand(context->xml_passing()->c_expr())}, location);
  }
  if (kind == P::XMLSERIALIZE) {
    auto* node = make<XmlSerialize>(location);
    node->xmloption = xml_option(context->content);
    node->expr = expression(context->a_expr(0));
    node->type_name = type(context->simple_type_name());
    return node;
  }
  auto* node = make<XmlExpr>(location);
  if (context->col_label() != nullptr) node->name = word(context->col_label());
  switch (kind) {
    case P::XMLCONCAT:
      node->op = XmlExprOp::Concat;
      node->args = expressions(context->expr_list());
      break;
    case P::XMLELEMENT:
      node->op = XmlExprOp::Element;
      node->args = expressions(context->expr_list());
      if (context->xml_attributes() != nullptr)
        node->named_args = xml_attributes(context->xml_attributes()->xml_attribute_list());
      break;
    case P::XMLFOREST:
      node->op = XmlExprOp::Forest;
      node->named_args = xml_attributes(context->xml_attribute_list());
      break;
    case P::XMLPARSE: {
      node->op = XmlExprOp::Parse;
      node->xmloption = xml_option(context->content);
      auto* preserve = make<AConst>(-1);
      preserve->kind = ConstKind::Boolean;
      preserve->boolval = context->whitespace != nullptr && context->whitespace->getType() == P::PRESERVE;
      node->args = list<Node>({expression(context->a_expr(0)), preserve});
      break;
    }
    case P::XMLPI:
      node->op = XmlExprOp::Pi;
      if (!context->a_expr().empty()) node->args = list<Node>({expression(context->a_expr(0))});
      break;
    default: {
      // XMLROOT: PostgreSQL's codes for STANDALONE are yes 0, no 1, no value 2, omitted 3.
      node->op = XmlExprOp::Root;
      Node* version =
          context->second != nullptr ? expression(context->second) : static_cast<Node*>(null_constant(-1));
      int standalone = context->yes != nullptr        ? 0
                       : context->no_value != nullptr ? 2
                       : context->no != nullptr       ? 1
                                                      : 3;
      node->args = list<Node>({expression(context->a_expr(0)), version, integer_constant(standalone, -1)});
    }
  }
  return node;
}

}  // namespace aegis::parser
