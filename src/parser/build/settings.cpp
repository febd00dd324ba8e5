// SET, RESET, SHOW and transactions.
#include "build/builder.h"

namespace aegis::parser {

std::string_view Builder::variable_name(P::Var_nameContext* context) {
  if (context->items.size() == 1) return word(context->items[0]);
  std::vector<std::string_view> parts;
  for (P::ColidContext* item : context->items) parts.push_back(word(item));
  return dotted(copy_names(parts));
}

VariableSetStmt* Builder::set_value(std::string_view name, NodeList args, int location) {
  auto* node = make<VariableSetStmt>(location);
  node->name = name;
  node->args = args;
  return node;
}

VariableSetStmt* Builder::set_default(std::string_view name, int location) {
  auto* node = make<VariableSetStmt>(location);
  node->kind = VariableSetKind::SetDefault;
  node->name = name;
  return node;
}

AConst* Builder::string_value(P::Word_or_stringContext* context) {
  return string_constant(word(context), loc(context->start));
}

AConst* Builder::numeric_constant(P::Numeric_onlyContext* context) {
  AConst* node = constant(context->value);
  node->location = loc(context->start);
  if (context->sign != nullptr && context->sign->getType() == P::MINUS) negate(node);
  return node;
}

VariableSetStmt* Builder::generic_set(P::Generic_setContext* context) {
  std::string_view name = variable_name(context->var_name());
  int location = loc(context->start);
  if (context->dflt != nullptr) return set_default(name, location);
  return set_value(name,
                   list_of<Node>(context->items,
                                 [&](P::Var_valueContext* item) -> Node* {
                                   if (item->numeric_only() != nullptr)
                                     return numeric_constant(item->numeric_only());
                                   return string_constant(text(item->start), loc(item->start));
                                 }),
                   location);
}

VariableSetStmt* Builder::set_more(P::Set_rest_moreContext* context) {
  int location = loc(context->start);
  if (context->generic_set() != nullptr) return generic_set(context->generic_set());
  auto literal = [&]() -> Node* {
    return string_constant(text(context->SCONST()->getSymbol()), loc(context->SCONST()->getSymbol()));
  };
  auto given_word = [&]() -> Node* { return string_value(context->word_or_string()); };
  switch (context->kind->getType()) {
    case P::TIME:
      return set_time_zone(context->zone_value(), location);
    case P::CATALOG:
      throw SqlError(Sqlstate::FeatureNotSupported, "current database cannot be changed")
          .position(character_position(sql_, loc(context->SCONST()->getSymbol())));
    case P::SCHEMA:
      return set_value("search_path", list<Node>({literal()}), location);
    case P::NAMES:
      if (context->SCONST() == nullptr) return set_default("client_encoding", location);
      return set_value("client_encoding", list<Node>({literal()}), location);
    case P::ROLE:
      return set_value("role", list<Node>({given_word()}), location);
    case P::SESSION:
      if (context->dflt != nullptr) return set_default("session_authorization", location);
      return set_value("session_authorization", list<Node>({given_word()}), location);
    case P::XML:
      return set_value(
          "xmloption",
          list<Node>({string_constant(context->content->getType() == P::DOCUMENT ? "DOCUMENT" : "CONTENT",
                                      loc(context->content))}),
          location);
    case P::TRANSACTION: {
      VariableSetStmt* node = set_value("TRANSACTION SNAPSHOT", list<Node>({literal()}), location);
      node->kind = VariableSetKind::SetMulti;
      return node;
    }
    default: {
      auto* node = make<VariableSetStmt>(location);
      node->kind = VariableSetKind::SetCurrent;
      node->name = variable_name(context->var_name());
      return node;
    }
  }
}

VariableSetStmt* Builder::set_time_zone(P::Zone_valueContext* context, int location) {
  if (context->dflt != nullptr) return set_default("timezone", location);
  Node* value;
  if (context->interval != nullptr) {
    TypeName* interval = system_type("interval", loc(context->interval));
    if (context->ICONST() != nullptr) {
      interval->typmods =
          list<Node>({integer_constant(kIntervalFullRange, -1), constant(context->ICONST()->getSymbol())});
    } else if (P::Interval_fieldsContext* fields = context->interval_fields()) {
      size_t last = fields->last != nullptr ? fields->last->getType() : fields->first->getType();
      if (fields->first->getType() != P::HOUR || (last != P::HOUR && last != P::MINUTE)) {
        reject("time zone interval must be HOUR or HOUR TO MINUTE", loc(context->start));
      }
      interval->typmods = interval_typmods(fields);
    }
    value = type_cast(constant(context->SCONST()->getSymbol()), interval, -1);
  } else if (context->numeric_only() != nullptr) {
    value = numeric_constant(context->numeric_only());
  } else {
    value = string_constant(text(context->start), loc(context->start));
  }
  return set_value("timezone", list<Node>({value}), location);
}

VariableSetStmt* Builder::set_rest(P::Set_restContext* context) {
  if (context->set_rest_more() != nullptr) return set_more(context->set_rest_more());
  auto* node = make<VariableSetStmt>(context);
  node->kind = VariableSetKind::SetMulti;
  node->name = context->kind->getType() == P::TRANSACTION ? "TRANSACTION" : "SESSION CHARACTERISTICS";
  node->args = as_nodes(transaction_modes(context->transaction_modes()));
  return node;
}

std::string_view Builder::reset_name(P::Reset_targetContext* context) {
  if (context->var_name() != nullptr) return variable_name(context->var_name());
  switch (context->kind->getType()) {
    case P::TIME:
      return "timezone";
    case P::TRANSACTION:
      return "transaction_isolation";
    case P::SESSION:
      return "session_authorization";
    default:
      return "all";
  }
}

VariableSetStmt* Builder::reset(P::Reset_targetContext* context, int location) {
  auto* node = make<VariableSetStmt>(location);
  bool all = context->kind != nullptr && context->kind->getType() == P::ALL;
  node->kind = all ? VariableSetKind::ResetAll : VariableSetKind::Reset;
  if (!all) node->name = reset_name(context);
  return node;
}

VariableSetStmt* Builder::set_or_reset(P::Set_resetContext* context) {
  if (context->set_rest() != nullptr) return set_rest(context->set_rest());
  return reset(context->reset_target(), loc(context->start));
}

Node* Builder::set(P::Set_stmtContext* context) {
  if (context->constraints != nullptr) {
    auto* node = make<ConstraintsSetStmt>(context);
    if (context->any_name_list() != nullptr) node->constraints = range_vars(context->any_name_list());
    node->deferred = context->when->getType() == P::DEFERRED;
    return node;
  }
  VariableSetStmt* node = set_rest(context->set_rest());
  node->location = loc(context->start);
  node->is_local = context->scope != nullptr && context->scope->getType() == P::LOCAL;
  return node;
}

Node* Builder::show(P::Show_stmtContext* context) {
  auto* node = make<VariableShowStmt>(context);
  node->name = reset_name(context->reset_target());
  return node;
}

Node* Builder::alter_system(P::Alter_systemContext* context) {
  auto* node = make<AlterSystemStmt>(context);
  if (context->generic_set() != nullptr) {
    node->setstmt = generic_set(context->generic_set());
    return node;
  }
  node->setstmt = make<VariableSetStmt>(context);
  node->setstmt->kind = context->all != nullptr ? VariableSetKind::ResetAll : VariableSetKind::Reset;
  if (context->all == nullptr) node->setstmt->name = variable_name(context->var_name());
  return node;
}

// ---- Transactions ----
std::string_view Builder::isolation_level(P::Iso_levelContext* context) {
  switch (context->level->getType()) {
    case P::UNCOMMITTED:
      return "read uncommitted";
    case P::COMMITTED:
      return "read committed";
    case P::REPEATABLE:
      return "repeatable read";
    default:
      return "serializable";
  }
}

List<DefElem> Builder::transaction_modes(P::Transaction_modesContext* context) {
  if (context == nullptr) return {};
  return list_of<DefElem>(context->items, [&](P::Transaction_modeContext* item) {
    int location = loc(item->start);
    switch (item->kind->getType()) {
      case P::ISOLATION:
        return option("transaction_isolation",
                      string_constant(isolation_level(item->iso_level()), loc(item->iso_level()->start)),
                      location);
      case P::READ:
        return option("transaction_read_only", integer_constant(item->write->getType() == P::ONLY, location),
                      location);
      default:
        return option("transaction_deferrable", integer_constant(item->no == nullptr, location), location);
    }
  });
}

Node* Builder::transaction(P::Transaction_stmtContext* context) {
  using Kind = TransactionStmtKind;
  auto* node = make<TransactionStmt>(context);
  node->options = transaction_modes(context->transaction_modes());
  node->chain = context->chain != nullptr && context->no == nullptr;
  if (context->colid() != nullptr) node->savepoint_name = word(context->colid());
  if (context->SCONST() != nullptr) node->gid = text(context->SCONST()->getSymbol());
  switch (context->kind->getType()) {
    case P::BEGIN:
      node->kind = Kind::Begin;
      break;
    case P::START:
      node->kind = Kind::Start;
      break;
    case P::COMMIT:
    case P::END:
      node->kind = context->prepared != nullptr ? Kind::CommitPrepared : Kind::Commit;
      break;
    case P::SAVEPOINT:
      node->kind = Kind::Savepoint;
      break;
    case P::RELEASE:
      node->kind = Kind::Release;
      break;
    case P::PREPARE:
      node->kind = Kind::Prepare;
      break;
    default:
      node->kind = context->to != nullptr         ? Kind::RollbackTo
                   : context->prepared != nullptr ? Kind::RollbackPrepared
                                                  : Kind::Rollback;
  }
  return node;
}

}  // namespace aegis::parser
