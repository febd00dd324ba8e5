// Names, relations, operators, and what every builder needs.
#include <charconv>

#include "build/builder.h"

namespace aegis::parser {
namespace {

// Half of the smallest stack a statement runs on.
constexpr ptrdiff_t kMaxStackBytes = 2 * 1024 * 1024;
thread_local uintptr_t stack_base = 0;

uintptr_t stack_position() { return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)); }

}  // namespace

void set_stack_base() { stack_base = stack_position(); }

void check_stack_depth() {
  ptrdiff_t used = static_cast<ptrdiff_t>(stack_base - stack_position());
  if (used <= kMaxStackBytes && used >= -kMaxStackBytes) return;
  throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded")
      .hint(
          "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the "
          "platform's "
          "stack depth limit is adequate.");
}

void Builder::syntax_error(antlr4::Token* token) { throw_syntax_error(sql_, sql_token(token)->token()); }

// The token that follows, which is where PostgreSQL notices that something is missing.
antlr4::Token* Builder::token_after(antlr4::Token* token) {
  return stream_.get(std::min(token->getTokenIndex() + 1, stream_.size() - 1));
}
antlr4::Token* Builder::token_after(antlr4::ParserRuleContext* context) { return token_after(context->stop); }

antlr4::Token* Builder::token_before(antlr4::ParserRuleContext* context) {
  size_t index = context->start->getTokenIndex();
  return stream_.get(index == 0 ? 0 : index - 1);
}

void throw_syntax_error(std::string_view sql, const Token& token) {
  int position = character_position(sql, token.start);
  if (token.type == kTokenEof)
    throw SqlError(Sqlstate::SyntaxError, "syntax error at end of input").position(position);
  std::string_view near =
      sql.substr(static_cast<size_t>(token.start), static_cast<size_t>(token.stop - token.start));
  throw SqlError(Sqlstate::SyntaxError, "syntax error at or near \"" + std::string(near) + "\"")
      .position(position);
}

int32_t Builder::integer(antlr4::Token* token) {
  std::string_view digits = text(token);
  int32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string_view Builder::concat(std::string_view a, std::string_view b) {
  char* data = arena_.allocate_array<char>(a.size() + b.size() + 1);
  std::copy(a.begin(), a.end(), data);
  std::copy(b.begin(), b.end(), data + a.size());
  return {data, a.size() + b.size()};
}

NameList Builder::copy_names(const std::vector<std::string_view>& parts) {
  return arena_.copy(std::span<const std::string_view>(parts));
}

NameList Builder::names(std::initializer_list<std::string_view> parts) {
  return arena_.copy(std::span<const std::string_view>(parts.begin(), parts.size()));
}

ListNode* Builder::list_node(NodeList items) {
  auto* node = make<ListNode>(items.empty() ? -1 : items[0]->location);
  node->items = items;
  return node;
}

String* Builder::string_node(std::string_view value, int location) {
  auto* node = make<String>(location);
  node->sval = value;
  return node;
}

NameList Builder::any_name(P::Any_nameContext* context) {
  auto attrs = context->name_attr();
  NameList result{arena_.allocate_array<std::string_view>(attrs.size() + 1), attrs.size() + 1};
  result[0] = word(context->colid());
  for (size_t i = 0; i < attrs.size(); ++i) result[i + 1] = word(attrs[i]->col_label());
  return result;
}

QualifiedName* Builder::qualified_name(P::Any_nameContext* context) {
  auto* node = make<QualifiedName>(context);
  node->names = any_name(context);
  return node;
}

NodeList Builder::qualified_names(P::Any_name_listContext* context) {
  return list_of<Node>(context->items, [&](P::Any_nameContext* item) { return qualified_name(item); });
}

NameList Builder::name_list(P::Name_listContext* context) {
  std::vector<std::string_view> parts;
  for (P::ColidContext* item : context->items) parts.push_back(word(item));
  return copy_names(parts);
}

NameList Builder::paren_names(P::Paren_namesContext* context) {
  return context == nullptr ? NameList() : name_list(context->name_list());
}

NameList Builder::function_name(P::Function_nameContext* context) {
  std::vector<std::string_view> parts{text(context->start)};
  for (P::Name_attrContext* attr : context->name_attr()) parts.push_back(word(attr->col_label()));
  return copy_names(parts);
}

// catalog.schema.relation, from the right.
RangeVar* Builder::range_var(P::Any_nameContext* context) {
  auto* node = make<RangeVar>(context);
  auto attrs = context->name_attr();
  std::string_view first = word(context->colid());
  auto attr = [&](size_t i) { return word(attrs[i]->col_label()); };
  switch (attrs.size()) {
    case 0:
      node->relname = first;
      break;
    case 1:
      node->schemaname = first;
      node->relname = attr(0);
      break;
    case 2:
      node->catalogname = first;
      node->schemaname = attr(0);
      node->relname = attr(1);
      break;
    default: {
      std::string name(first);
      for (size_t i = 0; i < attrs.size(); ++i) name += "." + std::string(attr(i));
      throw SqlError(Sqlstate::SyntaxError, "improper qualified name (too many dotted names): " + name)
          .position(character_position(sql_, loc(context->start)));
    }
  }
  return node;
}

List<RangeVar> Builder::range_vars(P::Any_name_listContext* context) {
  return list_of<RangeVar>(context->items, [&](P::Any_nameContext* item) { return range_var(item); });
}

RangeVar* Builder::relation(P::Relation_exprContext* context) {
  RangeVar* node = range_var(context->any_name());
  node->inh = context->only == nullptr;
  return node;
}

List<RangeVar> Builder::relations(P::Relation_listContext* context) {
  return list_of<RangeVar>(context->items, [&](P::Relation_exprContext* item) { return relation(item); });
}

NameList Builder::operator_name(P::Any_operatorContext* context) {
  std::vector<std::string_view> parts;
  for (P::ColidContext* schema : context->schemas) parts.push_back(word(schema));
  parts.push_back(text(context->all_op()->start));
  return copy_names(parts);
}

NameList Builder::operator_name(P::Qualified_opContext* context) {
  return operator_name(context->any_operator());
}

NameList Builder::operator_name(P::Qual_all_opContext* context) {
  if (context->qualified_op() != nullptr) return operator_name(context->qualified_op());
  return names({text(context->all_op()->start)});
}

RoleSpec* Builder::role(P::Role_specContext* context) {
  auto* node = make<RoleSpec>(context);
  if (context->CURRENT_ROLE() != nullptr) {
    node->roletype = RoleSpecType::CurrentRole;
  } else if (context->CURRENT_USER() != nullptr) {
    node->roletype = RoleSpecType::CurrentUser;
  } else if (context->SESSION_USER() != nullptr) {
    node->roletype = RoleSpecType::SessionUser;
  } else if (text(context->start) == "public") {
    node->roletype = RoleSpecType::Public;
  } else if (text(context->start) == "none") {
    throw SqlError(Sqlstate::ReservedName, "role name \"none\" is reserved")
        .position(character_position(sql_, loc(context->start)));
  } else {
    node->rolename = text(context->start);
  }
  return node;
}

// A role that is made, renamed or otherwise must be a plain name.
std::string_view Builder::role_name(P::Role_specContext* context) {
  RoleSpec* spec = role(context);
  auto fail = [&](const std::string& message) {
    throw SqlError(Sqlstate::ReservedName, message).position(character_position(sql_, loc(context->start)));
  };
  switch (spec->roletype) {
    case RoleSpecType::Cstring:
      break;
    case RoleSpecType::Public:
      fail("role name \"public\" is reserved");
      break;
    case RoleSpecType::SessionUser:
      fail("SESSION_USER cannot be used as a role name here");
      break;
    case RoleSpecType::CurrentUser:
      fail("CURRENT_USER cannot be used as a role name here");
      break;
    case RoleSpecType::CurrentRole:
      fail("CURRENT_ROLE cannot be used as a role name here");
      break;
  }
  return spec->rolename;
}

List<RoleSpec> Builder::roles(P::Role_listContext* context) {
  if (context == nullptr) return {};
  return list_of<RoleSpec>(context->items, [&](P::Role_specContext* item) { return role(item); });
}

DropBehavior Builder::behavior(P::Drop_behaviorContext* context) {
  return context != nullptr && context->CASCADE() != nullptr ? DropBehavior::Cascade : DropBehavior::Restrict;
}

// ---- Options ----
DefElem* Builder::option(std::string_view name, Node* arg, int location) {
  auto* node = make<DefElem>(location);
  node->defname = name;
  node->arg = arg;
  return node;
}

Boolean* Builder::boolean_node(bool value, int location) {
  auto* node = make<Boolean>(location);
  node->boolval = value;
  return node;
}

Integer* Builder::integer_node(int32_t value, int location) {
  auto* node = make<Integer>(location);
  node->ival = value;
  return node;
}

Node* Builder::numeric(P::Numeric_onlyContext* context) {
  bool negative = context->sign != nullptr && context->sign->getType() == P::MINUS;
  if (context->value->getType() == P::ICONST) {
    int32_t value = integer(context->value);
    return integer_node(negative ? -value : value, loc(context->start));
  }
  auto* node = make<Float>(context);
  node->fval = negative ? concat("-", text(context->value)) : text(context->value);
  return node;
}

int32_t Builder::signed_integer(P::Signed_integerContext* context) {
  int32_t value = integer(context->ICONST()->getSymbol());
  return context->sign != nullptr && context->sign->getType() == P::MINUS ? -value : value;
}

// TRUE, FALSE, ON, a word or a string, as the string it is.
Node* Builder::boolean_or_string(P::Boolean_or_stringContext* context) {
  return string_node(text(context->start), loc(context->start));
}

Node* Builder::definition_argument(P::Def_argContext* context) {
  if (context == nullptr) return nullptr;
  if (context->func_type() != nullptr) return func_type(context->func_type());
  if (context->numeric_only() != nullptr) return numeric(context->numeric_only());
  if (context->qual_all_op() != nullptr) {
    auto* node = make<QualifiedName>(context);
    node->names = operator_name(context->qual_all_op());
    return node;
  }
  return string_node(text(context->start), loc(context->start));
}

List<DefElem> Builder::definition(P::DefinitionContext* context) {
  if (context == nullptr) return {};
  return list_of<DefElem>(context->items, [&](P::Def_elemContext* item) {
    return option(word(item->col_label()), definition_argument(item->def_arg()), loc(item->start));
  });
}

List<DefElem> Builder::definition(P::With_definitionContext* context) {
  return context == nullptr ? List<DefElem>() : definition(context->definition());
}

List<DefElem> Builder::reloptions(P::ReloptionsContext* context) {
  if (context == nullptr) return {};
  return list_of<DefElem>(context->items, [&](P::ReloptionContext* item) {
    bool qualified = item->second != nullptr;
    DefElem* node = option(word(qualified ? item->second : item->first), definition_argument(item->def_arg()),
                           loc(item->start));
    if (qualified) node->defnamespace = word(item->first);
    return node;
  });
}

List<DefElem> Builder::generic_options(P::Generic_optionsContext* context) {
  if (context == nullptr) return {};
  return list_of<DefElem>(context->items,
                          [&](P::Generic_optionContext* item) { return generic_option(item); });
}

DefElem* Builder::generic_option(P::Generic_optionContext* context) {
  antlr4::Token* value = context->SCONST()->getSymbol();
  return option(word(context->col_label()), string_node(text(value), loc(value)), loc(context->start));
}

List<DefElem> Builder::generic_options(P::Alter_generic_optionsContext* context) {
  if (context == nullptr) return {};
  return list_of<DefElem>(context->items, [&](P::Alter_generic_optionContext* item) {
    DefElem* node = item->generic_option() != nullptr
                        ? generic_option(item->generic_option())
                        : option(word(item->col_label()), nullptr, loc(item->col_label()->start));
    if (item->action != nullptr) {
      switch (item->action->getType()) {
        case P::SET:
          node->defaction = DefElemAction::Set;
          break;
        case P::ADD:
          node->defaction = DefElemAction::Add;
          break;
        default:
          node->defaction = DefElemAction::Drop;
          break;
      }
    }
    return node;
  });
}

}  // namespace aegis::parser
