// Statements about the session itself: SET, SHOW, PREPARE, EXECUTE, DISCARD, LISTEN, ….
#include <algorithm>

#include <fmt/format.h>

#include "aegis/functions/quoting.h"
#include "aegis/types/datetime.h"
#include "command_context.h"
#include "core.h"
#include "services.h"

namespace aegis::session {

using ast::NodeTag;

bool Session::Core::is_session_statement(const ast::Node& node) const {
  switch (node.tag) {
    case NodeTag::TransactionStmt:
    case NodeTag::VariableSetStmt:
    case NodeTag::VariableShowStmt:
    case NodeTag::PrepareStmt:
    case NodeTag::ExecuteStmt:
    case NodeTag::DeallocateStmt:
    case NodeTag::DeclareCursorStmt:
    case NodeTag::FetchStmt:
    case NodeTag::ClosePortalStmt:
    case NodeTag::DiscardStmt:
    case NodeTag::ListenStmt:
    case NodeTag::UnlistenStmt:
    case NodeTag::NotifyStmt:
    case NodeTag::ConstraintsSetStmt:
    case NodeTag::LoadStmt: return true;
    default: return false;
  }
}

namespace {

bool is_show_all(std::string_view name) { return name == "all" || name == "ALL"; }

std::string canonical_name(std::string_view name) {
  std::optional<Id> id = settings::find(name);
  return id ? std::string(settings::definition(*id).name) : std::string(name);
}

plan::OutputColumn text_column(std::string name) { return {std::move(name), {types::oid::kText, -1}}; }

// Settings whose value is a list of names, which SET quotes.
bool is_name_list(Id id) {
  switch (id) {
    case Id::search_path:
    case Id::temp_tablespaces:
    case Id::local_preload_libraries:
    case Id::session_preload_libraries:
    case Id::shared_preload_libraries:
    case Id::unix_socket_directories: return true;
    default: return false;
  }
}

bool is_list(Id id) {
  switch (id) {
    case Id::DateStyle:
    case Id::listen_addresses:
    case Id::synchronous_standby_names:
    case Id::log_destination:
    case Id::wal_consistency_checking:
    case Id::restrict_nonsystem_relation_kind: return true;
    default: return is_name_list(id);
  }
}

}  // namespace

std::vector<std::string> split_identifier_list(std::string_view text) {
  std::vector<std::string> names;
  size_t at = 0;
  while (true) {
    while (at < text.size() && isspace(static_cast<unsigned char>(text[at]))) ++at;
    if (at >= text.size()) return names;
    std::string name;
    if (text[at] == '"') {
      for (++at; at < text.size(); ++at) {
        if (text[at] == '"') {
          if (at + 1 >= text.size() || text[at + 1] != '"') break;
          ++at;
        }
        name.push_back(text[at]);
      }
      ++at;
    } else {
      while (at < text.size() && text[at] != ',' && !isspace(static_cast<unsigned char>(text[at]))) {
        name.push_back(static_cast<char>(tolower(static_cast<unsigned char>(text[at++]))));
      }
    }
    if (!name.empty()) names.push_back(std::move(name));
    while (at < text.size() && text[at] != ',') ++at;
    ++at;
  }
}

std::string Session::Core::flatten_setting(std::string_view name, const ast::NodeList& args) {
  std::optional<Id> id = settings::find(name);
  if (args.size() > 1 && (!id || !is_list(*id))) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("SET {} takes only one argument", canonical_name(name)));
  }
  std::string text;
  for (const ast::Node* arg : args) {
    if (!text.empty()) text += ", ";
    if (const auto* cast = ast::node_cast<ast::TypeCast>(arg)) {
      // SET TIME ZONE INTERVAL '…'
      const auto* constant = ast::node_cast<ast::AConst>(cast->arg);
      const types::TypeInfo& interval = types::type_info(types::oid::kInterval);
      Arena arena;
      Value value = interval.input(types_, constant == nullptr ? "" : constant->text, {types::oid::kInterval, -1}, arena);
      if (value.interval.months != 0 || value.interval.days != 0) {
        throw SqlError(Sqlstate::InvalidParameterValue, "invalid value for parameter \"TimeZone\"")
            .detail("Cannot specify months or days in time zone interval.");
      }
      text += fmt::format("{}", static_cast<double>(value.interval.microseconds) / 3600e6);
      continue;
    }
    const auto* constant = ast::node_cast<ast::AConst>(arg);
    if (constant == nullptr) throw_not_supported("this form of SET");
    switch (constant->kind) {
      case ast::ConstKind::Integer: text += std::to_string(constant->ival); break;
      case ast::ConstKind::Boolean: text += constant->boolval ? "true" : "false"; break;
      case ast::ConstKind::String:
        text += id && is_name_list(*id) ? functions::quote_identifier(constant->text) : std::string(constant->text);
        break;
      default: text += constant->text;
    }
  }
  return text;
}

std::string Session::Core::set_variable(const ast::VariableSetStmt& statement) {
  using ast::VariableSetKind;
  if (statement.is_local && !in_block_ && !implicit_block_) {
    ErrorFields fields;
    fields.severity = "WARNING";
    fields.sqlstate = Sqlstate::NoActiveSqlTransaction;
    fields.message = "SET LOCAL can only be used in transaction blocks";
    commands_->notice(fields);
  }
  // A new session authorization ends SET ROLE, for as long as it lasts itself.
  if (statement.name == "session_authorization" && auth_role_ != kInvalidOid) {
    std::string role = settings_.value(Id::role);
    if (role != "none") {
      size_t mark = settings_.savepoint();
      settings_.set("role", "none", statement.is_local, superuser_);
      try {
        return change_variable(statement);
      } catch (...) {
        settings_.rollback_to(mark);
        throw;
      }
    }
  }
  return change_variable(statement);
}

std::string Session::Core::change_variable(const ast::VariableSetStmt& statement) {
  using ast::VariableSetKind;
  switch (statement.kind) {
    case VariableSetKind::SetValue:
      settings_.set(statement.name, flatten_setting(statement.name, statement.args), statement.is_local, may_set(statement.name));
      return "SET";
    case VariableSetKind::SetCurrent: {
      std::optional<std::string> value = settings_.show(statement.name);
      if (!value) {
        throw SqlError(Sqlstate::UndefinedObject, fmt::format("unrecognized configuration parameter \"{}\"", statement.name));
      }
      settings_.set(statement.name, *value, statement.is_local, may_set(statement.name));
      return "SET";
    }
    case VariableSetKind::SetMulti: {
      if (statement.name == "TRANSACTION SNAPSHOT") throw_not_supported("SET TRANSACTION SNAPSHOT");
      bool session_defaults = statement.name == "SESSION CHARACTERISTICS";
      if (!session_defaults && !in_block_ && !implicit_block_) {
        ErrorFields fields;
        fields.severity = "WARNING";
        fields.sqlstate = Sqlstate::NoActiveSqlTransaction;
        fields.message = "SET TRANSACTION can only be used in transaction blocks";
        commands_->notice(fields);
      }
      std::vector<ast::DefElem*> options;
      for (ast::Node* arg : statement.args) {
        if (auto* option = ast::node_cast<ast::DefElem>(arg)) options.push_back(option);
      }
      set_transaction_options(options, session_defaults);
      return "SET";
    }
    case VariableSetKind::SetDefault:
      settings_.reset(statement.name, statement.is_local, superuser_);
      return "SET";
    case VariableSetKind::Reset:
      settings_.reset(statement.name, statement.is_local, superuser_);
      return "RESET";
    case VariableSetKind::ResetAll: settings_.reset_all(); return "RESET";
  }
  return "SET";
}

void Session::Core::set_rows(Portal& portal, const std::vector<plan::ColumnInfo>& columns,
                             const std::vector<std::vector<std::string>>& rows) {
  portal.columns.clear();
  for (const plan::ColumnInfo& column : columns) portal.columns.push_back({column.name, column.type});
  for (const auto& row : rows) {
    if (portal.rows.empty() || portal.rows.back()->size() == vector::kMaxChunkRows) {
      portal.rows.push_back(std::make_unique<vector::Chunk>());
      for (const plan::ColumnInfo& column : columns) portal.rows.back()->add_column(column.type.oid);
      portal.rows.back()->reset();
    }
    vector::Chunk& chunk = *portal.rows.back();
    for (size_t i = 0; i < columns.size(); ++i) chunk.column(i).set(chunk.size(), Value::of_string(row[i]));
    chunk.set_size(chunk.size() + 1);
  }
  portal.keeps_rows = true;
}

void Session::Core::show_variable(Portal& portal, std::string_view name) {
  auto column = [](std::string column_name) { return plan::ColumnInfo{std::move(column_name), {types::oid::kText, -1}}; };
  portal.tag = "SHOW";
  if (is_show_all(name)) {
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 0; i < settings::kSettingCount; ++i) {
      const settings::Definition& d = settings::definition(static_cast<Id>(i));
      if ((d.flags & settings::kHidden) != 0) continue;
      rows.push_back({std::string(d.name), settings::display_value(d, settings_.value(static_cast<Id>(i))), std::string(d.description)});
    }
    for (const auto& custom : settings_.custom_values()) rows.push_back({custom.name, custom.value, ""});
    return set_rows(portal, {column("name"), column("setting"), column("description")}, rows);
  }
  std::optional<std::string> value = settings_.show(name);
  if (!value) throw SqlError(Sqlstate::UndefinedObject, fmt::format("unrecognized configuration parameter \"{}\"", name));
  set_rows(portal, {column(canonical_name(name))}, {{*value}});
}

std::vector<plan::OutputColumn> Session::Core::session_statement_columns(const ast::Node& node) {
  if (const auto* show = ast::node_cast<ast::VariableShowStmt>(&node)) {
    if (is_show_all(show->name)) return {text_column("name"), text_column("setting"), text_column("description")};
    return {text_column(canonical_name(show->name))};
  }
  if (const auto* execute = ast::node_cast<ast::ExecuteStmt>(&node)) {
    auto at = statements_.find(execute->name);
    return at == statements_.end() ? std::vector<plan::OutputColumn>() : output_of(*at->second);
  }
  if (const auto* fetch = ast::node_cast<ast::FetchStmt>(&node); fetch != nullptr && !fetch->ismove) {
    auto at = portals_.find(fetch->portalname);
    return at == portals_.end() ? std::vector<plan::OutputColumn>() : at->second->columns;
  }
  return {};
}

void Session::Core::execute_prepared(Portal& portal, const ast::ExecuteStmt& ast_statement) {
  need_worker();
  auto at = statements_.find(ast_statement.name);
  if (at == statements_.end()) {
    throw SqlError(Sqlstate::UndefinedPstatement, fmt::format("prepared statement \"{}\" does not exist", ast_statement.name));
  }
  StatementPtr statement = at->second;
  ensure_transaction();
  if (!statement->is_query) {
    if (statement->node == nullptr) return;
    StatementPtr outer = portal.statement;
    portal.statement = statement;
    start_utility(portal);
    portal.statement = outer;
    return;
  }
  CachedPlanPtr plan = plan_statement(*statement);
  if (ast_statement.params.size() != statement->parameter_types.size()) {
    throw SqlError(Sqlstate::SyntaxError,
                   fmt::format("wrong number of parameters for prepared statement \"{}\"", ast_statement.name))
        .detail(fmt::format("Expected {} parameters but got {}.", statement->parameter_types.size(), ast_statement.params.size()));
  }
  catalog::VersionPtr now = version();
  for (size_t i = 0; i < ast_statement.params.size(); ++i) {
    plan::ExprPtr expr = analyzer::analyze_standalone(analyzer_context(*now, statement_text_), *ast_statement.params[i],
                                                      statement->parameter_types[i]);
    portal.parameters.push_back(executor::evaluate_constant(*expr, types_, *services_, portal.arena));
  }
  portal.plan = plan;
  if (plan->plan->returns_rows) portal.columns = plan->plan->output;
  start_portal(portal);
}

commands::PreparedQuery Session::Core::prepared_query(const ast::ExecuteStmt& execute) {
  auto at = statements_.find(execute.name);
  if (at == statements_.end()) {
    throw SqlError(Sqlstate::UndefinedPstatement, fmt::format("prepared statement \"{}\" does not exist", execute.name));
  }
  StatementPtr statement = at->second;
  ensure_parsed(*statement);
  if (!statement->is_query) throw_not_supported("EXPLAIN EXECUTE of a utility statement");
  plan_statement(*statement);
  if (execute.params.size() != statement->parameter_types.size()) {
    throw SqlError(Sqlstate::SyntaxError, fmt::format("wrong number of parameters for prepared statement \"{}\"", execute.name))
        .detail(fmt::format("Expected {} parameters but got {}.", statement->parameter_types.size(), execute.params.size()));
  }
  commands::PreparedQuery query{statement->parsed, statement->node, statement->parsed->text, statement->parameter_types, {}, std::make_shared<Arena>()};
  catalog::VersionPtr now = version();
  for (size_t i = 0; i < execute.params.size(); ++i) {
    plan::ExprPtr expr = analyzer::analyze_standalone(analyzer_context(*now, statement_text_), *execute.params[i], query.types[i]);
    query.values.push_back(executor::evaluate_constant(*expr, types_, *services_, *query.arena));
  }
  return query;
}

std::string Session::Core::deallocate(std::string_view name) {
  if (!ast::is_given(name)) {
    statements_.clear();
    return "DEALLOCATE ALL";
  }
  auto at = statements_.find(name);
  if (at == statements_.end()) {
    throw SqlError(Sqlstate::UndefinedPstatement, fmt::format("prepared statement \"{}\" does not exist", name));
  }
  statements_.erase(at);
  return "DEALLOCATE";
}

void Session::Core::drop_temporary_objects() {
  if (temp_schema_ == kInvalidOid) return;
  ensure_transaction();
  auto schema = version()->schema(temp_schema_);
  if (schema == nullptr) return;
  std::string text = fmt::format("drop schema {} cascade", functions::quote_identifier(schema->name));
  parser::ParseResult parsed = parser::parse(text);
  std::string_view before = statement_text_;
  statement_text_ = text;
  commands_->quiet = true;
  commands::execute_command(*parsed.statements[0].stmt, *commands_);
  commands_->quiet = false;
  statement_text_ = before;
  temp_schema_ = kInvalidOid;
  path_version_ = 0;
}

std::string Session::Core::discard(ast::DiscardMode mode) {
  switch (mode) {
    case ast::DiscardMode::Plans: return "DISCARD PLANS";
    case ast::DiscardMode::Sequences:
      sequence_values_.clear();
      last_sequence_ = kInvalidOid;
      return "DISCARD SEQUENCES";
    case ast::DiscardMode::Temp:
      if (temp_schema_ != kInvalidOid) need_worker();
      drop_temporary_objects();
      return "DISCARD TEMP";
    case ast::DiscardMode::All: break;
  }
  commands_->prevent_in_transaction_block("DISCARD ALL");
  if (temp_schema_ != kInvalidOid) need_worker();
  portals_.clear();
  settings_.reset("session_authorization", false, superuser_);
  settings_.reset("role", false, superuser_);
  settings_.reset_all();
  statements_.clear();
  instance_.registry().unlisten_all(pid_);
  instance_.transactions.locks().unlock_all_advisory(*backend_);
  sequence_values_.clear();
  last_sequence_ = kInvalidOid;
  drop_temporary_objects();
  return "DISCARD ALL";
}

void Session::Core::run_session_statement(Portal& portal, const ast::Node& node) {
  portal.done = true;
  portal.keeps_rows = true;
  if (node.tag != NodeTag::TransactionStmt) ensure_transaction();
  switch (node.tag) {
    case NodeTag::TransactionStmt:
      portal.tag = run_transaction_statement(static_cast<const ast::TransactionStmt&>(node));
      return;
    case NodeTag::VariableSetStmt: portal.tag = set_variable(static_cast<const ast::VariableSetStmt&>(node)); return;
    case NodeTag::VariableShowStmt: return show_variable(portal, static_cast<const ast::VariableShowStmt&>(node).name);
    case NodeTag::PrepareStmt: {
      const auto& prepare = static_cast<const ast::PrepareStmt&>(node);
      if (statements_.find(prepare.name) != statements_.end()) {
        throw SqlError(Sqlstate::DuplicatePstatement, fmt::format("prepared statement \"{}\" already exists", prepare.name));
      }
      need_worker();
      if (!is_query_node(*prepare.query)) throw_not_supported("PREPARE of this statement");
      auto statement = std::make_shared<Statement>();
      statement->name = prepare.name;
      statement->parsed = portal.statement->parsed;
      statement->text = statement->parsed->text;
      statement->node = prepare.query;
      statement->is_query = true;
      statement->from_sql = true;
      statement->prepared_at = timestamp_now();
      statement->cache_key = fmt::format("{}\x05{}", statement->text, prepare.query->location);
      catalog::VersionPtr now = version();
      for (const ast::TypeName* type : prepare.argtypes) {
        statement->declared_types.push_back(analyzer::resolve_type(analyzer_context(*now, statement_text_), *type));
      }
      plan_statement(*statement);
      statements_[statement->name] = statement;
      portal.tag = "PREPARE";
      return;
    }
    case NodeTag::ExecuteStmt:
      portal.done = false;
      portal.keeps_rows = false;
      return execute_prepared(portal, static_cast<const ast::ExecuteStmt&>(node));
    case NodeTag::DeallocateStmt: portal.tag = deallocate(static_cast<const ast::DeallocateStmt&>(node).name); return;
    case NodeTag::DeclareCursorStmt: return declare_cursor(static_cast<const ast::DeclareCursorStmt&>(node), portal);
    case NodeTag::FetchStmt: return fetch_cursor(portal, static_cast<const ast::FetchStmt&>(node));
    case NodeTag::ClosePortalStmt: portal.tag = close_cursor(static_cast<const ast::ClosePortalStmt&>(node).portalname); return;
    case NodeTag::DiscardStmt: portal.tag = discard(static_cast<const ast::DiscardStmt&>(node).target); return;
    case NodeTag::ListenStmt:
      listens_.push_back([this, channel = std::string(static_cast<const ast::ListenStmt&>(node).conditionname)] {
        instance_.registry().listen(pid_, channel);
      });
      portal.tag = "LISTEN";
      return;
    case NodeTag::UnlistenStmt: {
      std::string_view name = static_cast<const ast::UnlistenStmt&>(node).conditionname;
      bool all = !ast::is_given(name) || name.empty();
      listens_.push_back([this, all, channel = std::string(name)] {
        if (all) {
          instance_.registry().unlisten_all(pid_);
        } else {
          instance_.registry().unlisten(pid_, channel);
        }
      });
      portal.tag = "UNLISTEN";
      return;
    }
    case NodeTag::NotifyStmt: {
      const auto& notify = static_cast<const ast::NotifyStmt&>(node);
      notifications_.push_back({pid_, std::string(notify.conditionname), std::string(notify.payload)});
      portal.tag = "NOTIFY";
      return;
    }
    case NodeTag::ConstraintsSetStmt:
      set_constraints(static_cast<const ast::ConstraintsSetStmt&>(node));
      portal.tag = "SET CONSTRAINTS";
      return;
    case NodeTag::LoadStmt: throw_not_supported("LOAD");
    default: throw_not_supported("this statement");
  }
}

}  // namespace aegis::session
