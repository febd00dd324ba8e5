// Precedence climbing over the flat expressions of the grammar, with PostgreSQL's precedences and its
// non-associative levels.
#include "build/builder.h"

namespace aegis::parser {
namespace {

enum Precedence : int {
  kPrecOr = 1,
  kPrecAnd,
  kPrecNot,
  kPrecIs,
  kPrecComparison,
  kPrecBetween,  // BETWEEN IN LIKE ILIKE SIMILAR
  kPrecOverlaps,
  kPrecOp,
  kPrecAdd,
  kPrecMultiply,
  kPrecPower,
  kPrecAt,
  kPrecCollate,
  kPrecUnaryMinus,
  kPrecTypecast,
};

bool is_nonassociative(int level) {
  return level == kPrecIs || level == kPrecComparison || level == kPrecBetween || level == kPrecOverlaps;
}

int precedence_of(size_t type) {
  switch (type) {
    case P::OR:
      return kPrecOr;
    case P::AND:
      return kPrecAnd;
    case P::IS:
    case P::ISNULL:
    case P::NOTNULL:
      return kPrecIs;
    case P::LESS:
    case P::GREATER:
    case P::EQUAL:
    case P::LESS_EQUALS:
    case P::GREATER_EQUALS:
    case P::NOT_EQUALS:
      return kPrecComparison;
    case P::BETWEEN:
    case P::IN:
    case P::LIKE:
    case P::ILIKE:
    case P::SIMILAR:
      return kPrecBetween;
    case P::OVERLAPS:
      return kPrecOverlaps;
    case P::PLUS:
    case P::MINUS:
      return kPrecAdd;
    case P::STAR:
    case P::SLASH:
    case P::PERCENT:
      return kPrecMultiply;
    case P::CARET:
      return kPrecPower;
    case P::AT:
      return kPrecAt;
    case P::COLLATE:
      return kPrecCollate;
    case P::TYPECAST:
      return kPrecTypecast;
    case P::ESCAPE:
      return 0;
    default:
      return kPrecOp;
  }
}

}  // namespace

// The flat list: operand i is followed by tail i.
struct Builder::FlatTail {
  antlr4::ParserRuleContext* context;
  size_t type;  // the operator's token; OP for OPERATOR(…)
  antlr4::Token* first;
  P::A_tailContext* a;  // one of these two is null
  P::B_tailContext* b;
};

struct Builder::Flat {
  std::vector<FlatTail> tails;
  size_t next = 0;
  bool restricted = false;  // inside BETWEEN's first bound: AND ends it
};

Node* Builder::expression(P::A_exprContext* context) {
  if (context->operand == nullptr) {
    auto* node = make<SetToDefault>(context);
    return node;
  }
  if (context->tails.empty() && context->pre.empty()) return operand(context->operand);
  DepthGuard guard(*this);
  Flat flat;
  load_tails(context, flat);
  Node* result = climb(context->pre, 0, context->operand, flat, kPrecOr);
  if (flat.next < flat.tails.size()) syntax_error(flat.tails[flat.next].first);
  return result;
}

Node* Builder::expression(P::B_exprContext* context) {
  Flat flat;
  flat.tails.reserve(context->tails.size());
  for (P::B_tailContext* tail : context->tails) {
    size_t type = tail->op != nullptr ? tail->op->getType() : static_cast<size_t>(P::OP);
    flat.tails.push_back({tail, type, tail->start, nullptr, tail});
  }
  for (P::Prefix_opContext* prefix : context->pre) {
    if (prefix->op != nullptr && prefix->op->getType() == P::NOT) syntax_error(prefix->op);
  }
  Node* result = climb(context->pre, 0, context->operand, flat, kPrecOr);
  if (flat.next < flat.tails.size()) syntax_error(flat.tails[flat.next].first);
  return result;
}

void Builder::load_tails(P::A_exprContext* context, Flat& flat) {
  flat.tails.reserve(context->tails.size());
  for (P::A_tailContext* tail : context->tails) {
    size_t type = tail->op != nullptr ? tail->op->getType() : static_cast<size_t>(P::OP);
    flat.tails.push_back({tail, type, tail->start, tail, nullptr});
  }
}

// The two parts of `pattern ESCAPE escape` where the grammar sees one expression (SUBSTRING … SIMILAR).
std::pair<Node*, Node*> Builder::split_escape(P::A_exprContext* context) {
  if (context->operand == nullptr) syntax_error(context->start);
  Flat flat;
  load_tails(context, flat);
  Node* pattern = climb(context->pre, 0, context->operand, flat, kPrecOr);
  if (flat.next >= flat.tails.size() || flat.tails[flat.next].type != P::ESCAPE)
    syntax_error(token_after(context));
  P::A_tailContext* tail = flat.tails[flat.next++].a;
  Node* escape = climb(tail->pre, 0, tail->operand, flat, kPrecOr);
  if (flat.next < flat.tails.size()) syntax_error(flat.tails[flat.next].first);
  return {pattern, escape};
}

// Prefix operators from `from` on, their operand, and all tails that bind at least as tightly as `minimum`.
Node* Builder::climb(const std::vector<P::Prefix_opContext*>& prefixes, size_t from,
                     P::C_exprContext* operand_context, Flat& flat, int minimum) {
  Node* left;
  if (from < prefixes.size()) {
    DepthGuard guard(*this);
    P::Prefix_opContext* prefix = prefixes[from];
    size_t type = prefix->op != nullptr ? prefix->op->getType() : static_cast<size_t>(P::OP);
    int level = type == P::NOT ? kPrecNot : type == P::OP ? kPrecOp : kPrecUnaryMinus;
    // Operators of no level of their own are left associative, before an operand too: !!a && b is (!!a) && b.
    Node* argument = climb(prefixes, from + 1, operand_context, flat, type == P::OP ? level + 1 : level);
    left = prefix_expression(prefix, type, argument);
  } else {
    if (operand_context == nullptr) syntax_error(flat.tails[flat.next - 1].first);
    left = operand(operand_context);
  }
  int closed = 0;  // the non-associative level just built, which must not repeat
  while (flat.next < flat.tails.size()) {
    FlatTail tail = flat.tails[flat.next];
    int level = precedence_of(tail.type);
    if (level < minimum || (flat.restricted && tail.type == P::AND)) break;
    if (level == closed) syntax_error(tail.first);
    ++flat.next;
    bool open_ended = false;
    left = apply_tail(left, tail, level, flat, open_ended);
    closed = open_ended && is_nonassociative(level) ? level : 0;
  }
  return left;
}

Node* Builder::prefix_expression(P::Prefix_opContext* prefix, size_t type, Node* argument) {
  int location = loc(prefix->start);
  if (type == P::NOT) return bool_expr(BoolExprType::Not, {argument}, location);
  if (type == P::MINUS) {
    if (auto* constant = node_cast<AConst>(argument); constant != nullptr && negate(constant)) {
      constant->location = location;
      return constant;
    }
  }
  auto* node = make<AExpr>(location);
  node->name = prefix->op != nullptr ? names({text(prefix->op)}) : operator_name(prefix->qualified_op());
  node->rexpr = argument;
  return node;
}

bool Builder::negate(AConst* constant) {
  if (constant->kind == ConstKind::Integer) {
    constant->ival = -constant->ival;
    return true;
  }
  if (constant->kind != ConstKind::Float) return false;
  std::string_view digits = constant->text;
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  constant->text = !digits.empty() && digits[0] == '-' ? digits.substr(1) : concat("-", digits);
  return true;
}

Node* Builder::bool_expr(BoolExprType op, std::initializer_list<Node*> args, int location) {
  auto* node = make<BoolExpr>(location);
  node->boolop = op;
  node->args = list<Node>(args);
  return node;
}

Node* Builder::negated_if(bool negated, Node* node, int location) {
  return negated ? bool_expr(BoolExprType::Not, {node}, location) : node;
}

// AND and OR of what is already such an expression extend it. The room doubles, so a long chain costs linear
// time.
Node* Builder::and_or(BoolExprType op, Node* left, Node* right, int location) {
  auto* chain = node_cast<BoolExpr>(left);
  if (chain == nullptr || chain->boolop != op) return bool_expr(op, {left, right}, location);
  size_t count = chain->args.size();
  if ((count & (count - 1)) == 0) {
    Node** room = arena_.allocate_array<Node*>(count * 2);
    std::copy(chain->args.begin(), chain->args.end(), room);
    chain->args = {room, count};
  }
  chain->args.data()[count] = right;
  chain->args = {chain->args.data(), count + 1};
  return chain;
}

Node* Builder::apply_tail(Node* left, const FlatTail& tail, int level, Flat& flat, bool& open_ended) {
  int location = loc(tail.first);
  if (tail.b != nullptr) return apply_b_tail(left, tail.b, tail.type, level, flat, open_ended);
  P::A_tailContext* context = tail.a;
  if (P::QuantifiedContext* quantified = context->quantified())
    return quantified_expression(left, context, quantified);
  auto right_side = [&](int minimum) {
    open_ended = true;
    DepthGuard guard(*this);
    return climb(context->pre, 0, context->operand, flat, minimum);
  };
  switch (tail.type) {
    case P::AND:
      return and_or(BoolExprType::And, left, right_side(kPrecAnd + 1), location);
    case P::OR:
      return and_or(BoolExprType::Or, left, right_side(kPrecOr + 1), location);
    case P::TYPECAST:
      return type_cast(left, type(context->type_name()), location);
    case P::COLLATE: {
      auto* node = make<CollateClause>(location);
      node->arg = left;
      node->collname = any_name(context->any_name());
      return node;
    }
    case P::AT: {
      Node* zone = right_side(kPrecAt + 1);
      return system_call("timezone", {zone, left}, location);
    }
    case P::ISNULL:
    case P::NOTNULL:
      return null_test(left, tail.type == P::NOTNULL, location);
    case P::IS:
      return is_expression(left, context, flat, open_ended);
    case P::IN:
      return in_expression(left, context);
    case P::BETWEEN:
      return between_expression(left, context, flat, open_ended);
    case P::LIKE:
    case P::ILIKE:
    case P::SIMILAR:
      return like_expression(left, context, flat, open_ended);
    case P::OVERLAPS:
      return overlaps_expression(left, right_side(kPrecOverlaps + 1), location);
    default:
      break;
  }
  auto* node = make<AExpr>(location);
  node->name = context->op != nullptr ? names({text(context->op)}) : operator_name(context->qualified_op());
  node->lexpr = left;
  node->rexpr = right_side(level + 1);
  return node;
}

Node* Builder::apply_b_tail(Node* left, P::B_tailContext* context, size_t type, int level, Flat& flat,
                            bool& open_ended) {
  int location = loc(context->start);
  if (type == P::TYPECAST) return type_cast(left, this->type(context->type_name()), location);
  bool negated = context->negated != nullptr;
  if (type == P::IS && context->test->getType() == P::DOCUMENT) {
    return negated_if(negated, xml_is_document(left, location), location);
  }
  open_ended = true;
  Node* right = climb(context->pre, 0, context->operand, flat, level + 1);
  if (type == P::IS) return distinct_expression(left, right, negated, location);
  auto* node = make<AExpr>(location);
  node->name = context->op != nullptr ? names({text(context->op)}) : operator_name(context->qualified_op());
  node->lexpr = left;
  node->rexpr = right;
  return node;
}

Node* Builder::type_cast(Node* arg, TypeName* type_name, int location) {
  auto* node = make<TypeCast>(location);
  node->arg = arg;
  node->type_name = type_name;
  return node;
}

Node* Builder::null_test(Node* arg, bool negated, int location) {
  auto* node = make<NullTest>(location);
  node->arg = arg;
  node->nulltesttype = negated ? NullTestType::IsNotNull : NullTestType::IsNull;
  return node;
}

Node* Builder::distinct_expression(Node* left, Node* right, bool negated, int location) {
  auto* node = make<AExpr>(location);
  node->kind = negated ? AExprKind::NotDistinct : AExprKind::Distinct;
  node->name = names({"="});
  node->lexpr = left;
  node->rexpr = right;
  return node;
}

Node* Builder::xml_is_document(Node* arg, int location) {
  auto* node = make<XmlExpr>(location);
  node->op = XmlExprOp::Document;
  node->args = list<Node>({arg});
  return node;
}

Node* Builder::is_expression(Node* left, P::A_tailContext* context, Flat& flat, bool& open_ended) {
  int location = loc(context->start);
  bool negated = context->negated != nullptr;
  auto boolean_test = [&](BoolTestType plain, BoolTestType inverse) {
    auto* node = make<BooleanTest>(location);
    node->arg = left;
    node->booltesttype = negated ? inverse : plain;
    return node;
  };
  switch (context->test->getType()) {
    case P::NULL_:
      return null_test(left, negated, location);
    case P::TRUE:
      return boolean_test(BoolTestType::IsTrue, BoolTestType::IsNotTrue);
    case P::FALSE:
      return boolean_test(BoolTestType::IsFalse, BoolTestType::IsNotFalse);
    case P::UNKNOWN:
      return boolean_test(BoolTestType::IsUnknown, BoolTestType::IsNotUnknown);
    case P::DOCUMENT:
      return negated_if(negated, xml_is_document(left, location), location);
    case P::NORMALIZED: {
      Node* call = context->form == nullptr
                       ? system_call("is_normalized", {left}, location)
                       : system_call("is_normalized", {left, normal_form(context->form)}, location);
      return negated_if(negated, call, location);
    }
    default:
      break;
  }
  open_ended = true;
  Node* right = climb(context->pre, 0, context->operand, flat, kPrecIs + 1);
  return distinct_expression(left, right, negated, location);
}

Node* Builder::in_expression(Node* left, P::A_tailContext* context) {
  int location = loc(context->start);
  bool negated = context->negated != nullptr;
  if (P::Select_with_parensContext* query = context->select_with_parens()) {
    auto* link = make<SubLink>(location);
    link->sub_link_type = SubLinkType::Any;
    link->testexpr = left;
    link->subselect = select(query);
    return negated_if(negated, link, location);
  }
  auto* node = make<AExpr>(location);
  node->kind = AExprKind::In;
  node->name = names({negated ? "<>" : "="});
  node->lexpr = left;
  node->rexpr = list_node(expressions(context->expr_list()));
  return node;
}

Node* Builder::between_expression(Node* left, P::A_tailContext* context, Flat& flat, bool& open_ended) {
  DepthGuard guard(*this);
  bool was_restricted = std::exchange(flat.restricted, true);
  Node* lower = climb(context->pre, 0, context->operand, flat, kPrecIs);
  flat.restricted = was_restricted;
  if (flat.next >= flat.tails.size()) syntax_error(token_after(context));
  FlatTail conjunction = flat.tails[flat.next];
  if (conjunction.type != P::AND || conjunction.a->quantified() != nullptr) syntax_error(conjunction.first);
  ++flat.next;
  Node* upper = climb(conjunction.a->pre, 0, conjunction.a->operand, flat, kPrecBetween + 1);
  open_ended = true;
  bool negated = context->negated != nullptr;
  bool symmetric = context->sym != nullptr && context->sym->getType() == P::SYMMETRIC;
  auto* node = make<AExpr>(context);
  node->kind = symmetric ? (negated ? AExprKind::NotBetweenSym : AExprKind::BetweenSym)
                         : (negated ? AExprKind::NotBetween : AExprKind::Between);
  node->name = names({symmetric ? (negated ? "NOT BETWEEN SYMMETRIC" : "BETWEEN SYMMETRIC")
                                : (negated ? "NOT BETWEEN" : "BETWEEN")});
  node->lexpr = left;
  node->rexpr = list_node(list<Node>({lower, upper}));
  return node;
}

std::string_view Builder::like_operator(size_t type, bool negated) {
  if (type == P::LIKE) return negated ? "!~~" : "~~";
  if (type == P::ILIKE) return negated ? "!~~*" : "~~*";
  return negated ? "!~" : "~";
}

Node* Builder::like_expression(Node* left, P::A_tailContext* context, Flat& flat, bool& open_ended) {
  DepthGuard guard(*this);
  size_t type = context->op->getType();
  int location = loc(context->start);
  Node* pattern = climb(context->pre, 0, context->operand, flat, kPrecBetween + 1);
  Node* escape = nullptr;
  if (flat.next < flat.tails.size() && flat.tails[flat.next].type == P::ESCAPE) {
    P::A_tailContext* tail = flat.tails[flat.next++].a;
    escape = climb(tail->pre, 0, tail->operand, flat, kPrecBetween + 1);
  }
  open_ended = true;
  auto* node = make<AExpr>(location);
  node->kind = type == P::LIKE ? AExprKind::Like : type == P::ILIKE ? AExprKind::Ilike : AExprKind::Similar;
  node->name = names({like_operator(type, context->negated != nullptr)});
  node->lexpr = left;
  node->rexpr = pattern;
  if (type == P::SIMILAR || escape != nullptr) {
    FuncCall* call =
        escape == nullptr
            ? function_call(names({"pg_catalog", "similar_to_escape"}), {pattern}, location)
            : function_call(names({"pg_catalog", type == P::SIMILAR ? "similar_to_escape" : "like_escape"}),
                            {pattern, escape}, location);
    node->rexpr = call;
  }
  return node;
}

Node* Builder::overlaps_expression(Node* left, Node* right, int location) {
  auto* left_row = node_cast<RowExpr>(left);
  auto* right_row = node_cast<RowExpr>(right);
  auto check = [&](RowExpr* row, const char* side) {
    if (row != nullptr && row->args.size() == 2) return;
    throw SqlError(Sqlstate::SyntaxError,
                   std::string("wrong number of parameters on ") + side + " side of OVERLAPS expression")
        .position(character_position(sql_, location));
  };
  check(left_row, "left");
  check(right_row, "right");
  return system_call(
      "overlaps", {left_row->args[0], left_row->args[1], right_row->args[0], right_row->args[1]}, location);
}

Node* Builder::quantified_expression(Node* left, P::A_tailContext* context,
                                     P::QuantifiedContext* quantified) {
  NameList oper;
  size_t type = context->op != nullptr ? context->op->getType() : static_cast<size_t>(P::OP);
  if (context->op == nullptr)
    oper = operator_name(context->qualified_op());
  else if (type == P::LIKE || type == P::ILIKE)
    oper = names({like_operator(type, context->negated != nullptr)});
  else if (type == P::AND || type == P::OR || type == P::OVERLAPS || type == P::ESCAPE)
    syntax_error(quantified->start);
  else
    oper = names({text(context->op)});
  bool all = quantified->ALL() != nullptr;
  int location = loc(context->start);
  if (P::Select_with_parensContext* query = quantified->select_with_parens()) {
    auto* link = make<SubLink>(location);
    link->sub_link_type = all ? SubLinkType::All : SubLinkType::Any;
    link->testexpr = left;
    link->oper_name = oper;
    link->subselect = select(query);
    return link;
  }
  auto* node = make<AExpr>(location);
  node->kind = all ? AExprKind::OpAll : AExprKind::OpAny;
  node->name = oper;
  node->lexpr = left;
  node->rexpr = expression(quantified->a_expr());
  return node;
}

}  // namespace aegis::parser
