// Parse, Bind, Describe, Execute, Close, Sync.
#include <fmt/format.h>

#include "aegis/types/encoding.h"
#include "command_context.h"
#include "core.h"
#include "services.h"

namespace aegis::session {

StatementPtr Session::Core::find_statement(std::string_view name) {
  auto at = statements_.find(name);
  if (at != statements_.end()) return at->second;
  if (name.empty()) throw SqlError(Sqlstate::UndefinedPstatement, "unnamed prepared statement does not exist");
  throw SqlError(Sqlstate::UndefinedPstatement, fmt::format("prepared statement \"{}\" does not exist", name));
}

std::shared_ptr<Portal> Session::Core::find_portal(std::string_view name) {
  auto at = portals_.find(name);
  if (at != portals_.end()) return at->second;
  throw SqlError(Sqlstate::UndefinedCursor, fmt::format("portal \"{}\" does not exist", name));
}

void Session::Core::ensure_parsed(Statement& statement) {
  if (statement.parsed != nullptr) return;
  auto parsed = std::make_shared<ParsedText>();
  parsed->text = statement.text;
  parsed->result = parser::parse(parsed->text, lexer_settings());
  if (parsed->result.statements.size() > 1) {
    throw SqlError(Sqlstate::SyntaxError, "cannot insert multiple commands into a prepared statement");
  }
  statement.parsed = parsed;
  if (!parsed->result.statements.empty()) {
    statement.node = parsed->result.statements[0].stmt;
    statement.is_query = is_query_node(*statement.node);
  }
}

void Session::Core::handle_parse(const protocol::ParseMessage& message) {
  current_text_ = message.query;
  enter_statement(message.query);
  size_t bad = types::utf8_find_invalid(message.query);
  if (bad != std::string_view::npos) {
    throw SqlError(Sqlstate::CharacterNotInRepertoire,
                   fmt::format("invalid byte sequence for encoding \"UTF8\": 0x{:02x}", static_cast<unsigned char>(message.query[bad])));
  }
  if (message.statement.empty()) {
    statements_.erase("");
  } else if (statements_.find(message.statement) != statements_.end()) {
    throw SqlError(Sqlstate::DuplicatePstatement, fmt::format("prepared statement \"{}\" already exists", message.statement));
  }
  auto statement = std::make_shared<Statement>();
  statement->name = message.statement;
  statement->text = message.query;
  statement->prepared_at = timestamp_now();
  statement->cache_key = statement->text + '\x04';
  for (Oid type : message.types) {
    if (type == types::oid::kUnknown) type = kInvalidOid;
    statement->declared_types.push_back({type, -1});
    statement->cache_key += fmt::format("{},", type);
  }
  statement->cacheable = !has_moving_literal(statement->text);
  // A text whose plan is known need not be parsed.
  bool known = false;
  if (statement->cacheable && !failed_ && (catalog_changes_ == nullptr || !catalog_changes_->has_changes())) {
    CachedPlanPtr plan = validate(instance_.plan_cache().plans.find(statement->cache_key + environment_key()));
    if (plan != nullptr) {
      statement->is_query = true;
      statement->plan = plan;
      statement->parameter_types = plan->plan->parameter_types;
      known = true;
    }
  }
  if (!known) {
    if (auto parsed = instance_.plan_cache().texts.find(message.query);
        parsed != nullptr && parsed->result.statements.size() == 1) {
      statement->parsed = parsed;
      statement->node = parsed->result.statements[0].stmt;
      statement->is_query = is_query_node(*statement->node);
    } else {
      need_worker();
      ensure_parsed(*statement);
      if (statement->node != nullptr && is_session_statement(*statement->node) && statement->text.size() < 200) {
        instance_.plan_cache().texts.put(statement->text, statement->parsed);
      }
    }
    check_not_failed(statement->node);
    if (statement->is_query) {
      ensure_transaction();
      plan_statement(*statement);
    } else if (!message.types.empty()) {
      statement->parameter_types = statement->declared_types;
    }
  }
  statements_[statement->name] = statement;
  protocol::append_message(output_, '1');
}

void Session::Core::bind_values(Portal& portal, const protocol::BindMessage& message) {
  const Statement& statement = *portal.statement;
  if (message.values.size() != statement.parameter_types.size()) {
    throw SqlError(Sqlstate::ProtocolViolation,
                   fmt::format("bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
                               message.values.size(), statement.name, statement.parameter_types.size()));
  }
  for (size_t i = 0; i < message.values.size(); ++i) {
    if (!message.values[i]) {
      portal.parameters.push_back(Value::null());
      continue;
    }
    Type type = statement.parameter_types[i];
    const types::TypeInfo* info = types::find_type(type.oid);
    if (info == nullptr) throw_not_supported(fmt::format("a parameter of the type with OID {}", type.oid));
    int16_t format = message.formats.empty() ? int16_t{0} : message.formats.size() == 1 ? message.formats[0] : message.formats[i];
    std::string_view bytes = *message.values[i];
    if (format == 0) {
      if (types::utf8_find_invalid(bytes) != std::string_view::npos) {
        throw SqlError(Sqlstate::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\" in a parameter");
      }
      portal.parameters.push_back(info->input(types_, portal.arena.copy(bytes), {type.oid, -1}, portal.arena));
    } else if (format == 1) {
      if (info->receive == nullptr) {
        throw SqlError(Sqlstate::UndefinedFunction,
                       fmt::format("no binary input function available for type {}", types::format_type({type.oid, -1})));
      }
      portal.parameters.push_back(info->receive(types_, portal.arena.copy(bytes), {type.oid, -1}, portal.arena));
    } else {
      throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("unsupported format code: {}", format));
    }
  }
}

void Session::Core::handle_bind(const protocol::BindMessage& message) {
  StatementPtr statement = find_statement(message.statement);
  current_text_ = statement->text;
  enter_statement(statement->text);
  if (failed_) {
    if (statement->is_query) check_not_failed(nullptr);
    check_not_failed(statement->node);
  }
  if (!message.portal.empty() && portals_.find(message.portal) != portals_.end()) {
    throw SqlError(Sqlstate::DuplicateCursor, fmt::format("cursor \"{}\" already exists", message.portal));
  }
  auto portal = std::make_shared<Portal>();
  portal->name = message.portal;
  portal->statement = statement;
  portal->result_formats = message.result_formats;
  portal->source = statement->text;
  portal->savepoint_depth = savepoints_.size();
  portal->created_at = statement_time_;
  if (statement->is_query) {
    ensure_transaction();
    portal->plan = plan_statement(*statement);
    if (portal->plan->plan->returns_rows) portal->columns = portal->plan->plan->output;
  } else {
    portal->columns = statement->node == nullptr ? std::vector<plan::OutputColumn>() : output_of(*statement);
  }
  size_t formats = message.result_formats.size();
  if (formats > 1 && formats != portal->columns.size()) {
    throw SqlError(Sqlstate::ProtocolViolation, fmt::format("bind message has {} result formats but query has {} columns",
                                                            formats, portal->columns.size()));
  }
  bind_values(*portal, message);
  portals_[portal->name] = portal;
  protocol::append_message(output_, '2');
}

void Session::Core::handle_describe(const protocol::TargetMessage& message) {
  if (message.kind == 'S') {
    StatementPtr statement = find_statement(message.name);
    if (failed_ && (statement->is_query || statement->node == nullptr || !ast::is_node<ast::TransactionStmt>(statement->node))) {
      check_not_failed(nullptr);
    }
    std::vector<plan::OutputColumn> columns = statement->is_query || statement->node != nullptr
                                                  ? output_of(*statement)
                                                  : std::vector<plan::OutputColumn>();
    std::vector<Oid> types;
    for (const Type& type : statement->parameter_types) types.push_back(type.oid);
    protocol::append_parameter_description(output_, types);
    if (columns.empty() && !(statement->is_query && statement->plan->plan->returns_rows)) {
      return protocol::append_message(output_, 'n');
    }
    return describe_columns(columns, {});
  }
  if (message.kind != 'P') {
    throw SqlError(Sqlstate::ProtocolViolation, fmt::format("invalid DESCRIBE message subtype {}", static_cast<int>(message.kind)));
  }
  std::shared_ptr<Portal> portal = find_portal(message.name);
  bool returns_rows = portal->plan != nullptr ? portal->plan->plan->returns_rows : !portal->columns.empty();
  if (!returns_rows) return protocol::append_message(output_, 'n');
  describe_columns(portal->columns, portal->result_formats);
}

void Session::Core::handle_execute(const protocol::ExecuteMessage& message) {
  std::shared_ptr<Portal> portal = find_portal(message.portal);
  current_text_ = portal->source;
  uint64_t limit = message.max_rows > 0 ? static_cast<uint64_t>(message.max_rows) : 0;
  if (portal->statement != nullptr && !portal->statement->is_query && portal->statement->node == nullptr) {
    return protocol::append_message(output_, 'I');
  }
  enter_statement(portal->source);
  if (failed_) check_not_failed(portal->statement->is_query ? nullptr : portal->statement->node);
  bool finished = false;
  if (portal->plan != nullptr) {
    if (portal->done) {
      // As PostgreSQL: a finished portal gives no more rows.
      portal->tag = portal->tag.substr(0, portal->tag.rfind(' ')) + " 0";
      finished = true;
    } else {
      if (portal->started || !portal->plan->is_short) need_worker();
      begin_statement_mark();
      uint64_t before = portal->position;
      try {
        if (!portal->started) start_portal(*portal);
        finished = run_portal(*portal, limit, true);
        if (finished && portal->plan->plan->command == plan::CommandKind::Select) {
          portal->tag = fmt::format("SELECT {}", portal->position - before);
        }
      } catch (...) {
        portal->execution.reset();
        portal->snapshot.release();
        portal->chunk = nullptr;
        portal->started = portal->done = false;
        portal->position = 0;
        throw;
      }
      if (statement_savepoint_) transaction_->release(*statement_savepoint_);
      statement_savepoint_.reset();
    }
  } else {
    if (!portal->started) {
      try {
        start_utility(*portal);
      } catch (...) {
        // A worker does it again.
        portal->started = portal->done = false;
        throw;
      }
    }
    finished = run_portal(*portal, limit, true);
  }
  if (!finished) return protocol::append_message(output_, 's');
  if (!portal->tag.empty()) protocol::append_message(commit_ != nullptr ? pending_ : output_, 'C', portal->tag);
}

void Session::Core::handle_close(const protocol::TargetMessage& message) {
  if (message.kind == 'S') {
    auto at = statements_.find(message.name);
    if (at != statements_.end()) statements_.erase(at);
  } else if (message.kind == 'P') {
    auto at = portals_.find(message.name);
    if (at != portals_.end()) portals_.erase(at);
  } else {
    throw SqlError(Sqlstate::ProtocolViolation, fmt::format("invalid CLOSE message subtype {}", static_cast<int>(message.kind)));
  }
  protocol::append_message(output_, '3');
}

void Session::Core::handle_sync() {
  skip_to_sync_ = false;
  extended_ = false;
  // Ready follows when the commit is done.
  query_.emplace();
  query_->ending = true;
  if (in_block_ || transaction_ == nullptr) return;
  try {
    start_commit();
  } catch (const NeedWorker&) {
    query_.reset();
    throw;
  }
}

}  // namespace aegis::session
