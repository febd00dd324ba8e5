// Operands: constants, columns, calls, CASE, rows, arrays, windows.
#include <charconv>

#include "build/builder.h"

namespace aegis::parser {

AConst* Builder::string_constant(std::string_view value, int location) {
  auto* node = make<AConst>(location);
  node->kind = ConstKind::String;
  node->text = value;
  return node;
}

AConst* Builder::integer_constant(int32_t value, int location) {
  auto* node = make<AConst>(location);
  node->kind = ConstKind::Integer;
  node->ival = value;
  return node;
}

AConst* Builder::null_constant(int location) { return make<AConst>(location); }

AConst* Builder::constant(antlr4::Token* token) {
  auto* node = make<AConst>(loc(token));
  std::string_view value = text(token);
  switch (token->getType()) {
    case P::ICONST:
      node->kind = ConstKind::Integer;
      node->ival = integer(token);
      break;
    case P::FCONST:
      node->kind = ConstKind::Float;
      node->text = value;
      break;
    case P::SCONST:
      node->kind = ConstKind::String;
      node->text = value;
      break;
    case P::BCONST:
    case P::XCONST:
      node->kind = ConstKind::BitString;
      node->text = value;
      break;
    case P::TRUE:
    case P::FALSE:
      node->kind = ConstKind::Boolean;
      node->boolval = token->getType() == P::TRUE;
      break;
    default:
      break;
  }
  return node;
}

NodeList Builder::expressions(P::Expr_listContext* context) {
  if (context == nullptr) return {};
  return list_of<Node>(context->items, [&](P::A_exprContext* item) { return expression(item); });
}

Node* Builder::operand(P::C_exprContext* context) {
  DepthGuard guard(*this);
  if (context->constant != nullptr) return constant(context->constant);
  if (auto* name = context->name_expr()) return name_expression(name);
  if (context->param != nullptr)
    return with_indirection(parameter(context->param), context->indirection_el(), context);
  if (auto* query = context->select_with_parens()) return subquery_operand(context, query);
  if (auto* special = context->special_function()) return special_function(special);
  if (auto* typed = context->typed_constant()) return typed_constant(typed);
  if (auto* case_context = context->case_expr()) return case_expression(case_context);
  if (auto* call = context->keyword_function()) return keyword_function(call);
  if (context->array != nullptr) {
    AArrayExpr* node = array_expression(context->array_expr());
    node->location = loc(context->array);
    return node;
  }
  if (context->grouping != nullptr) {
    auto* node = make<GroupingFunc>(context);
    node->args = expressions(context->expr_list());
    return node;
  }
  if (context->row != nullptr) {
    auto* node = make<RowExpr>(context);
    node->args = expressions(context->expr_list());
    return node;
  }
  const auto& items = context->expr_list()->items;
  if (items.size() == 1) return with_indirection(expression(items[0]), context->indirection_el(), context);
  if (!context->indirection_el().empty()) syntax_error(context->indirection_el()[0]->start);
  auto* node = make<RowExpr>(context);
  node->args = expressions(context->expr_list());
  node->row_format = CoercionForm::ImplicitCast;
  return node;
}

Node* Builder::parameter(antlr4::Token* token) {
  auto* node = make<ParamRef>(loc(token));
  std::string_view digits = text(token);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), node->number).ec != std::errc()) {
    throw SqlError(Sqlstate::UndefinedParameter, "there is no parameter $" + std::string(digits))
        .position(character_position(sql_, loc(token)));
  }
  return node;
}

Node* Builder::subquery_operand(P::C_exprContext* context, P::Select_with_parensContext* query) {
  auto* link = make<SubLink>(context);
  link->sub_link_type = context->exists != nullptr  ? SubLinkType::Exists
                        : context->array != nullptr ? SubLinkType::Array
                                                    : SubLinkType::Expr;
  link->subselect = select(query);
  return with_indirection(link, context->indirection_el(), context);
}

Node* Builder::with_indirection(Node* arg, const std::vector<P::Indirection_elContext*>& items,
                                antlr4::ParserRuleContext* context) {
  if (items.empty()) return arg;
  auto* node = make<AIndirection>(-1);
  node->arg = arg;
  node->indirection = indirection(items);
  return node;
}

NodeList Builder::indirection(const std::vector<P::Indirection_elContext*>& items) {
  NodeList result =
      list_of<Node>(items, [&](P::Indirection_elContext* item) { return indirection_element(item); });
  for (size_t i = 0; i + 1 < items.size(); ++i) {
    if (items[i]->star != nullptr) syntax_error_improper_star(items[i]);
  }
  return result;
}

void Builder::syntax_error_improper_star(P::Indirection_elContext* item) {
  throw SqlError(Sqlstate::SyntaxError, "improper use of \"*\"")
      .position(character_position(sql_, loc(item->start)));
}

Node* Builder::indirection_element(P::Indirection_elContext* item) {
  if (item->star != nullptr) return make<AStar>(item);
  if (auto* label = item->col_label()) {
    auto* node = make<String>(label);
    node->sval = word(label);
    return node;
  }
  auto* node = make<AIndices>(item);
  node->is_slice = item->slice != nullptr;
  if (node->is_slice) {
    if (item->lower != nullptr) node->lidx = expression(item->lower);
    if (item->upper != nullptr) node->uidx = expression(item->upper);
  } else {
    node->uidx = expression(item->lower);
  }
  return node;
}

// The leading names of an indirection and, from the first subscript on, the rest.
ColumnRef* Builder::column_ref(std::string_view first, const std::vector<P::Indirection_elContext*>& items,
                               int location, size_t& used) {
  auto* column = make<ColumnRef>(location);
  std::vector<std::string_view> fields{first};
  used = 0;
  while (used < items.size() && items[used]->col_label() != nullptr)
    fields.push_back(word(items[used++]->col_label()));
  if (used < items.size() && items[used]->star != nullptr) {
    if (used + 1 < items.size()) syntax_error_improper_star(items[used]);
    column->star = true;
    ++used;
  }
  column->fields = copy_names(fields);
  return column;
}

Node* Builder::column_or_indirection(std::string_view first,
                                     const std::vector<P::Indirection_elContext*>& items, int location) {
  size_t used;
  ColumnRef* column = column_ref(first, items, location, used);
  if (used == items.size()) return column;
  auto* node = make<AIndirection>(location);
  node->arg = column;
  std::vector<P::Indirection_elContext*> rest(items.begin() + static_cast<ptrdiff_t>(used), items.end());
  node->indirection = indirection(rest);
  return node;
}

Node* Builder::name_expression(P::Name_exprContext* context) {
  antlr4::Token* first = context->start;
  auto items = context->indirection_el();
  if (context->args == nullptr && context->literal == nullptr)
    return column_or_indirection(text(first), items, loc(first));
  size_t used;
  ColumnRef* name = column_ref(text(first), items, loc(first), used);
  if (used < items.size() || name->star)
    syntax_error(context->args != nullptr ? context->args->start : context->literal);
  return call_or_constant(name->fields, context->args, context->func_tail(), context->literal, loc(first));
}

Node* Builder::keyword_function(P::Keyword_functionContext* context) {
  return call_or_constant(names({text(context->start)}), context->args, context->func_tail(),
                          context->literal, loc(context->start));
}

Node* Builder::call_or_constant(NameList name, P::Func_argsContext* args, P::Func_tailContext* tail,
                                antlr4::Token* literal, int location) {
  if (literal == nullptr) {
    FuncCall* call = function_application(name, args, location);
    apply_function_tail(call, tail);
    return call;
  }
  if (args != nullptr && args->items.empty() && args->star == nullptr) syntax_error(literal);
  auto* type_name = make<TypeName>(location);
  type_name->names = name;
  if (args != nullptr) type_name->typmods = literal_typmods(args);
  return type_cast(constant(literal), type_name, -1);
}

NodeList Builder::literal_typmods(P::Func_argsContext* args) {
  if (args->star != nullptr || args->quantifier != nullptr) syntax_error(args->start);
  if (args->order_by() != nullptr) {
    throw SqlError(Sqlstate::SyntaxError, "type modifier cannot have ORDER BY")
        .position(character_position(sql_, loc(args->order_by()->start)));
  }
  return list_of<Node>(args->items, [&](P::Func_argContext* item) {
    if (item->arrow != nullptr) {
      throw SqlError(Sqlstate::SyntaxError, "type modifier cannot have parameter name")
          .position(character_position(sql_, loc(item->start)));
    }
    if (item->variadic != nullptr) syntax_error(item->variadic);
    return expression(item->a_expr());
  });
}

FuncCall* Builder::function_call(NameList name, std::initializer_list<Node*> args, int location) {
  auto* call = make<FuncCall>(location);
  call->funcname = name;
  call->args = list<Node>(args);
  return call;
}

FuncCall* Builder::system_call(std::string_view name, std::initializer_list<Node*> args, int location) {
  FuncCall* call = function_call(names({"pg_catalog", name}), args, location);
  call->funcformat = CoercionForm::SqlSyntax;
  return call;
}

FuncCall* Builder::function_application(NameList name, P::Func_argsContext* args, int location) {
  auto* call = make<FuncCall>(location);
  call->funcname = name;
  call->agg_star = args->star != nullptr;
  call->agg_distinct = args->quantifier != nullptr && args->quantifier->getType() == P::DISTINCT;
  if (args->items.empty() && (args->quantifier != nullptr || args->order_by() != nullptr)) {
    syntax_error(args->order_by() != nullptr ? args->order_by()->start : token_after(args->quantifier));
  }
  for (size_t i = 0; i < args->items.size(); ++i) {
    antlr4::Token* variadic = args->items[i]->variadic;
    if (variadic == nullptr) continue;
    if (args->quantifier != nullptr) syntax_error(variadic);
    if (i + 1 < args->items.size()) syntax_error(token_after(args->items[i]));
    call->func_variadic = true;
  }
  call->args = list_of<Node>(args->items, [&](P::Func_argContext* item) { return function_argument(item); });
  if (args->order_by() != nullptr) call->agg_order = sort_clause(args->order_by());
  return call;
}

Node* Builder::function_argument(P::Func_argContext* item) {
  Node* value = expression(item->a_expr());
  if (item->arrow == nullptr) return value;
  auto* node = make<NamedArgExpr>(item->type_function_name());
  node->name = word(item->type_function_name());
  node->arg = value;
  return node;
}

void Builder::apply_function_tail(FuncCall* call, P::Func_tailContext* tail) {
  if (tail == nullptr) return;
  if (auto* within = tail->within_group()) {
    auto reject = [&](const char* message) {
      throw SqlError(Sqlstate::SyntaxError, message).position(character_position(sql_, loc(within->start)));
    };
    if (!call->agg_order.empty()) reject("cannot use multiple ORDER BY clauses with WITHIN GROUP");
    if (call->agg_distinct) reject("cannot use DISTINCT with WITHIN GROUP");
    if (call->func_variadic) reject("cannot use VARIADIC with WITHIN GROUP");
    call->agg_order = sort_clause(within->order_by());
    call->agg_within_group = true;
  }
  if (auto* filter = tail->filter_clause()) call->agg_filter = expression(filter->a_expr());
  if (auto* over = tail->over_clause()) {
    if (auto* specification = over->window_specification()) {
      call->over = window(specification);
    } else {
      call->over = make<WindowDef>(over->colid());
      call->over->name = word(over->colid());
    }
  }
}

WindowDef* Builder::window(P::Window_specificationContext* context) {
  auto* node = make<WindowDef>(context);
  if (context->base != nullptr) node->refname = word(context->base);
  node->partition_clause = expressions(context->expr_list());
  if (context->order_by() != nullptr) node->order_clause = sort_clause(context->order_by());
  if (context->frame_clause() != nullptr) frame(context->frame_clause(), node);
  return node;
}

void Builder::frame(P::Frame_clauseContext* context, WindowDef* node) {
  auto fail = [&](const char* message, antlr4::Token* at) {
    throw SqlError(Sqlstate::WindowingError, message).position(character_position(sql_, loc(at)));
  };
  int options = kFrameNonDefault;
  switch (context->how->getType()) {
    case P::RANGE:
      options |= kFrameRange;
      break;
    case P::ROWS:
      options |= kFrameRows;
      break;
    default:
      options |= kFrameGroups;
      break;
  }
  int first = frame_bound(context->first, node->start_offset);
  int second = kFrameStartCurrentRow;
  if (context->second != nullptr) second = frame_bound(context->second, node->end_offset);
  antlr4::Token* first_at = context->first->start;
  if (first & kFrameStartUnboundedFollowing) fail("frame start cannot be UNBOUNDED FOLLOWING", first_at);
  if (context->second == nullptr) {
    if (first & kFrameStartOffsetFollowing)
      fail("frame starting from following row cannot end with current row", first_at);
  } else {
    options |= kFrameBetween;
    antlr4::Token* second_at = context->second->start;
    if (second & kFrameStartUnboundedPreceding) fail("frame end cannot be UNBOUNDED PRECEDING", second_at);
    if ((first & kFrameStartCurrentRow) && (second & kFrameStartOffsetPreceding)) {
      fail("frame starting from current row cannot have preceding rows", second_at);
    }
    if ((first & kFrameStartOffsetFollowing) &&
        (second & (kFrameStartOffsetPreceding | kFrameStartCurrentRow))) {
      fail("frame starting from following row cannot have preceding rows", second_at);
    }
  }
  // An end option is its start option shifted by one.
  options |= first | (second << 1);
  if (context->exclude_row != nullptr) options |= kFrameExcludeCurrentRow;
  if (context->exclude != nullptr)
    options |= context->exclude->getType() == P::GROUP ? kFrameExcludeGroup : kFrameExcludeTies;
  node->frame_options = options;
}

int Builder::frame_bound(P::Frame_boundContext* context, Node*& offset) {
  if (context->current != nullptr) return kFrameStartCurrentRow;
  bool preceding = context->direction->getType() == P::PRECEDING;
  if (context->a_expr() == nullptr)
    return preceding ? kFrameStartUnboundedPreceding : kFrameStartUnboundedFollowing;
  offset = expression(context->a_expr());
  return preceding ? kFrameStartOffsetPreceding : kFrameStartOffsetFollowing;
}

Node* Builder::case_expression(P::Case_exprContext* context) {
  auto* node = make<CaseExpr>(context);
  if (context->arg != nullptr) node->arg = expression(context->arg);
  node->args = list_of<CaseWhen>(context->whens, [&](P::Case_whenContext* item) {
    auto* when = make<CaseWhen>(item);
    when->expr = expression(item->condition);
    when->result = expression(item->result);
    return when;
  });
  if (context->otherwise != nullptr) node->defresult = expression(context->otherwise);
  return node;
}

AArrayExpr* Builder::array_expression(P::Array_exprContext* context) {
  DepthGuard guard(*this);
  auto* node = make<AArrayExpr>(context);
  if (context->expr_list() != nullptr) {
    node->elements = expressions(context->expr_list());
  } else {
    node->elements =
        list_of<Node>(context->rows, [&](P::Array_exprContext* row) { return array_expression(row); });
  }
  return node;
}

Node* Builder::typed_constant(P::Typed_constantContext* context) {
  antlr4::Token* literal = context->SCONST()->getSymbol();
  if (context->const_type() != nullptr)
    return type_cast(constant(literal), const_type(context->const_type()), -1);
  TypeName* type_name = system_type("interval", loc(context->start));
  if (context->precision != nullptr) {
    type_name->typmods = list<Node>({integer_constant(kIntervalFullRange, -1), constant(context->precision)});
  } else if (context->interval_fields() != nullptr) {
    type_name->typmods = interval_typmods(context->interval_fields());
  }
  return type_cast(constant(literal), type_name, -1);
}

}  // namespace aegis::parser
