// Query messages.
#include <fmt/format.h>

#include "aegis/parser/normalize.h"
#include "aegis/types/encoding.h"
#include "command_context.h"
#include "core.h"
#include "services.h"

namespace aegis::session {

namespace {

Oid literal_type(const parser::NormalizedLiteral& literal) {
  switch (literal.kind) {
    case parser::LiteralKind::Integer: return types::oid::kInt4;
    case parser::LiteralKind::String: return kInvalidOid;
    case parser::LiteralKind::Float: break;
  }
  for (char c : literal.text) {
    if (!isdigit(static_cast<unsigned char>(c))) return types::oid::kNumeric;
  }
  if (literal.text.size() > 19) return types::oid::kNumeric;
  __int128 value = 0;
  for (char c : literal.text) value = value * 10 + (c - '0');
  return value <= INT64_MAX ? types::oid::kInt8 : types::oid::kNumeric;
}

void check_text(std::string_view text) {
  size_t bad = types::utf8_find_invalid(text);
  if (bad == std::string_view::npos) return;
  std::string bytes;
  size_t length = std::min(types::utf8_bytes(text[bad]), text.size() - bad);
  for (size_t i = 0; i < std::max<size_t>(length, 1); ++i) {
    bytes += fmt::format("{}0x{:02x}", i == 0 ? "" : " ", static_cast<unsigned char>(text[bad + i]));
  }
  throw SqlError(Sqlstate::CharacterNotInRepertoire, fmt::format("invalid byte sequence for encoding \"UTF8\": {}", bytes));
}

}  // namespace

bool has_moving_literal(std::string_view text) {
  for (size_t quote = text.find('\''); quote != std::string_view::npos; quote = text.find('\'', quote + 1)) {
    size_t at = quote + 1;
    while (at < text.size() && isspace(static_cast<unsigned char>(text[at]))) ++at;
    std::string folded;
    for (size_t i = at; i < std::min(at + 9, text.size()); ++i) {
      folded.push_back(static_cast<char>(tolower(static_cast<unsigned char>(text[i]))));
    }
    for (const char* word : {"now", "today", "tomorrow", "yesterday"}) {
      if (folded.starts_with(word)) return true;
    }
  }
  return false;
}

void Session::Core::start_query(std::string_view text) {
  extended_ = false;
  check_text(text);
  query_.emplace();
  query_->text = text;
  portals_.erase("");
  statements_.erase("");
}

parser::LexerSettings Session::Core::lexer_settings() const { return {settings_.boolean(Id::standard_conforming_strings)}; }

// Repeated statements that touch few rows are recognised by their text without literals.
bool Session::Core::try_fast_query(std::string_view text) {
  auto normalized = parser::normalize(text, lexer_settings());
  if (!normalized || has_moving_literal(normalized->text)) return false;
  if (catalog_changes_ != nullptr && catalog_changes_->has_changes()) return false;
  std::string key = normalized->text;
  std::vector<Type> types;
  for (const auto& literal : normalized->literals) {
    types.push_back({literal_type(literal), -1});
    key += fmt::format("\x02{}", types.back().oid);
  }
  key += environment_key();
  CachedPlanPtr cached = instance_.plan_cache().plans.find(key);
  if (cached != nullptr && cached->plan == nullptr && cached->catalog_version == version()->number()) return false;
  CachedPlanPtr plan = validate(cached);
  try {
    if (plan == nullptr) {
      need_worker();
      parser::ParseResult parsed = parser::parse(normalized->text, lexer_settings());
      if (parsed.statements.size() != 1 || !is_query_node(*parsed.statements[0].stmt)) return false;
      CachedPlanPtr made = build_plan(*parsed.statements[0].stmt, normalized->text, types);
      if (!made->is_short) {
        auto refusal = std::make_shared<CachedPlan>();
        refusal->catalog_version = made->catalog_version;
        made = refusal;
      }
      instance_.plan_cache().plans.put(key, made);
      if (made->plan == nullptr) return false;
      plan = made;
    }
    auto arena = std::make_shared<Arena>();
    std::vector<Value> values;
    for (size_t i = 0; i < normalized->literals.size(); ++i) {
      Type type = plan->plan->parameter_types[i];
      const types::TypeInfo* info = types::find_type(type.oid);
      if (info == nullptr) return false;
      values.push_back(info->input(types_, normalized->literals[i].text, {type.oid, -1}, *arena));
    }
    query_->plan = plan;
    query_->arena = std::move(arena);
    query_->values = std::move(values);
    return true;
  } catch (const SqlError& error) {
    if (error.fields().severity == "FATAL" || error.fields().sqlstate == Sqlstate::QueryCanceled) throw;
    return false;  // the original text gives the error with its position
  }
}

void Session::Core::step_query() {
  QueryRun& query = *query_;
  auto complete = [&](const std::string& tag) {
    if (tag.empty()) return;
    protocol::append_message(commit_ != nullptr ? pending_ : output_, 'C', tag);
  };
  // What deferred constraints left to do may have to wait: the statement is done again on a worker then.
  auto leave_reactor_for_commit = [&](bool last) {
    if (last && !in_block_ && deferred_.is_due(true)) need_worker();
  };
  auto end_transaction = [&] {
    query.ending = true;
    if (!in_block_ && transaction_ != nullptr) start_commit();
  };
  if (query.ending) {
    query_.reset();
    return send_ready();
  }
  // The commit will empty temporary tables: a reactor can't, and could not undo the statement by then.
  if (!on_commit_actions_.empty()) need_worker();
  if (query.parsed == nullptr && query.plan == nullptr) {
    current_text_ = query.text;
    enter_statement(query.text);
    // Texts are shared by sessions that read strings alike.
    bool shared = lexer_settings().standard_conforming_strings;
    if (shared) query.parsed = instance_.plan_cache().texts.find(query.text);
    bool fast = query.parsed == nullptr && !failed_ && try_fast_query(query.text);
    if (!fast && query.parsed == nullptr) {
      need_worker();
      auto parsed = std::make_shared<ParsedText>();
      parsed->text = query.text;
      parsed->result = parser::parse(parsed->text, lexer_settings());
      query.parsed = parsed;
      bool session_only = !parsed->result.statements.empty();
      for (const ast::RawStmt& raw : parsed->result.statements) session_only &= is_session_statement(*raw.stmt);
      if (session_only && shared && query.text.size() < 200) instance_.plan_cache().texts.put(query.text, query.parsed);
      for (const std::string& notice : parsed->result.notices) {
        ErrorFields fields;
        fields.severity = "NOTICE";
        fields.sqlstate = Sqlstate::NameTooLong;
        fields.message = notice;
        commands_->notice(fields);
      }
    }
  }
  if (query.plan != nullptr) {
    ensure_transaction();
    begin_statement_mark();
    Portal portal;
    portal.plan = query.plan;
    portal.parameters = query.values;
    portal.columns = query.plan->plan->output;
    if (!query.plan->is_short) need_worker();
    start_portal(portal);
    send_portal(portal, query.plan->plan->returns_rows);
    leave_reactor_for_commit(true);
    if (statement_savepoint_) transaction_->release(*statement_savepoint_);
    statement_savepoint_.reset();
    end_transaction();
    return complete(portal.tag);
  }
  const auto& statements = query.parsed->result.statements;
  if (statements.empty()) {
    query.ending = true;
    return protocol::append_message(output_, 'I');
  }
  const ast::RawStmt& raw = statements[query.next];
  check_not_failed(raw.stmt);
  implicit_block_ = statements.size() > 1 && !in_block_;
  auto statement = std::make_shared<Statement>();
  statement->parsed = query.parsed;
  statement->node = raw.stmt;
  statement->is_query = is_query_node(*raw.stmt);
  Portal portal;
  portal.statement = statement;
  if (statement->is_query) {
    ensure_transaction();
    statement->cacheable = statements.size() == 1 && !has_moving_literal(query.text);
    statement->cache_key = query.text + '\x03';
    statement->text = query.text;
    portal.plan = plan_statement(*statement);
    if (!portal.plan->is_short) need_worker();
    portal.columns = portal.plan->plan->output;
    if (!portal.plan->plan->parameter_types.empty()) {
      throw SqlError(Sqlstate::UndefinedParameter, "there is no parameter $1");
    }
    begin_statement_mark();
    start_portal(portal);
    send_portal(portal, portal.plan->plan->returns_rows);
    leave_reactor_for_commit(query.next + 1 == statements.size());
    if (statement_savepoint_) transaction_->release(*statement_savepoint_);
    statement_savepoint_.reset();
  } else {
    start_utility(portal);
    send_portal(portal, !portal.columns.empty());
  }
  if (++query.next == statements.size()) end_transaction();
  complete(portal.tag);
}

void Session::Core::send_portal(Portal& portal, bool describe) {
  if (describe) describe_columns(portal.columns, portal.result_formats);
  run_portal(portal, 0, true);
}

}  // namespace aegis::session
