#include "routine_runner.h"

#include <algorithm>

#include <fmt/format.h>

#include "aegis/catalog/privileges.h"
#include "aegis/functions/quoting.h"
#include "services.h"

namespace aegis::session {

using routines::Column;
using routines::StatementKind;

namespace oid = types::oid;

// --- Statements ---------------------------------------------------------------------------------------------

class RoutineRunner::BoundStatement final : public routines::Statement {
 public:
  StatementKind kind() const override { return kind_; }
  bool returns_rows() const override { return is_query ? plan != nullptr && plan->plan->returns_rows : returns_utility_rows; }
  const std::vector<Column>& columns() const override { return columns_; }
  const std::string& text() const override { return text_; }
  const std::vector<int>& output_arguments() const override { return outputs; }

  std::shared_ptr<const ParsedText> parsed;
  const ast::Node* node = nullptr;
  routines::Names* names = nullptr;
  bool is_query = false;
  bool returns_utility_rows = false;
  bool is_expression = false;  // "SELECT " stands in front of the text
  bool has_path = false;
  std::vector<Oid> path;
  CachedPlanPtr plan;
  std::string environment;
  std::vector<Column> columns_;
  StatementKind kind_ = StatementKind::Utility;
  std::string text_;
  std::vector<int> outputs;  // of CALL
  // A plan without a table: its one expression is evaluated directly.
  const plan::Expr* simple = nullptr;
  std::shared_ptr<executor::ParameterEvaluator> evaluator;  // shared with a call that is under way
  bool evaluating = false;
  uint64_t epoch = 0;  // in which it was bound or found good
};

namespace {

StatementKind kind_of(const ast::Node& node) {
  switch (node.tag) {
    case ast::NodeTag::SelectStmt: return is_query_node(node) ? StatementKind::Select : StatementKind::Utility;
    case ast::NodeTag::InsertStmt: return StatementKind::Insert;
    case ast::NodeTag::UpdateStmt: return StatementKind::Update;
    case ast::NodeTag::DeleteStmt: return StatementKind::Delete;
    case ast::NodeTag::MergeStmt: return StatementKind::Merge;
    default: return StatementKind::Utility;
  }
}

const char* write_name(plan::CommandKind kind) {
  switch (kind) {
    case plan::CommandKind::Insert: return "INSERT";
    case plan::CommandKind::Update: return "UPDATE";
    case plan::CommandKind::Delete: return "DELETE";
    case plan::CommandKind::Merge: return "MERGE";
    default: return "SELECT";
  }
}

// The expression of a plan that reads nothing.
const plan::Expr* simple_expression(const plan::PhysicalPlan& plan) {
  if (!plan.ctes.empty() || !plan.init_plans.empty() || plan.output.size() != 1) return nullptr;
  const plan::Expr* expr = nullptr;
  if (plan.root->kind == plan::PhysicalKind::Values) {
    const auto& values = static_cast<const plan::ValuesScan&>(*plan.root);
    if (values.rows.size() == 1 && values.rows[0].size() == 1) expr = values.rows[0][0].get();
  } else if (plan.root->kind == plan::PhysicalKind::Project && plan.root->children[0]->kind == plan::PhysicalKind::Values) {
    const auto& project = static_cast<const plan::PhysicalProject&>(*plan.root);
    const auto& values = static_cast<const plan::ValuesScan&>(*plan.root->children[0]);
    if (values.rows.size() == 1 && values.rows[0].empty() && project.exprs.size() == 1) expr = project.exprs[0].get();
  }
  if (expr == nullptr || plan::returns_set(*expr)) return nullptr;
  bool plain = true;
  plan::walk(*expr, [&](const plan::Expr& part) {
    plain = plain && part.kind != plan::ExprKind::Input && part.kind != plan::ExprKind::ExecParam;
    return part.kind != plan::ExprKind::ArrayCast;
  });
  return plain ? expr : nullptr;
}

}  // namespace

routines::StatementPtr RoutineRunner::make_statement(std::shared_ptr<const ParsedText> parsed, const ast::Node& node, std::string text, routines::Names* names) {
  auto statement = std::make_shared<BoundStatement>();
  statement->parsed = std::move(parsed);
  statement->node = &node;
  statement->names = names;
  statement->is_query = is_query_node(node);
  statement->kind_ = kind_of(node);
  statement->text_ = std::move(text);
  return statement;
}

std::vector<routines::StatementPtr> RoutineRunner::parse(std::string_view sql, routines::Names* names) {
  auto parsed = std::make_shared<ParsedText>();
  parsed->text = sql;
  parsed->result = parser::parse(parsed->text, session_.lexer_settings());
  std::vector<routines::StatementPtr> statements;
  for (const ast::RawStmt& raw : parsed->result.statements) statements.push_back(make_statement(parsed, *raw.stmt, parsed->text, names));
  return statements;
}

routines::StatementPtr RoutineRunner::parse_expression(std::string_view text, routines::Names* names) {
  auto parsed = std::make_shared<ParsedText>();
  parsed->text = "SELECT " + std::string(text);
  try {
    parsed->result = parser::parse(parsed->text, session_.lexer_settings());
  } catch (SqlError& error) {
    error.fields().position = std::max(0, error.fields().position - 7);
    throw;
  }
  if (parsed->result.statements.size() != 1) throw SqlError(Sqlstate::SyntaxError, "syntax error at end of input");
  auto statement = make_statement(parsed, *parsed->result.statements[0].stmt, std::string(text), names);
  static_cast<BoundStatement&>(*statement).is_expression = true;
  return statement;
}

std::vector<routines::StatementPtr> RoutineRunner::parse_body(std::string_view text, routines::Names* names, std::vector<Oid> search_path) {
  // The parser knows such a body as part of CREATE FUNCTION.
  auto parsed = std::make_shared<ParsedText>();
  parsed->text = "CREATE FUNCTION f() RETURNS void LANGUAGE sql " + std::string(text);
  parsed->result = parser::parse(parsed->text);
  const auto& create = static_cast<const ast::CreateFunctionStmt&>(*parsed->result.statements.at(0).stmt);
  std::vector<const ast::Node*> nodes;
  if (ast::is_node<ast::ReturnStmt>(create.sql_body)) {
    nodes.push_back(create.sql_body);
  } else {
    const auto& outer = static_cast<const ast::ListNode&>(*create.sql_body);
    for (const auto* item : static_cast<const ast::ListNode&>(*outer.items[0]).items) nodes.push_back(item);
  }
  std::vector<routines::StatementPtr> statements;
  for (const ast::Node* node : nodes) {
    const ast::Node* query = node;
    if (const auto* result = ast::node_cast<ast::ReturnStmt>(node)) {
      auto& arena = const_cast<ParsedText&>(*parsed).result.arena;
      auto* target = arena.make<ast::ResTarget>();
      target->val = result->returnval;
      auto* select = arena.make<ast::SelectStmt>();
      ast::ResTarget* targets[] = {target};
      select->target_list = arena.copy(std::span<ast::ResTarget* const>(targets));
      query = select;
    }
    auto statement = make_statement(parsed, *query, parsed->text, names);
    auto& bound = static_cast<BoundStatement&>(*statement);
    bound.has_path = true;
    bound.path = search_path;
    statements.push_back(std::move(statement));
  }
  return statements;
}

void RoutineRunner::bind(routines::Statement& base) {
  auto& statement = static_cast<BoundStatement&>(base);
  if (!statement.is_query) return;
  bool same_types = statement.names == nullptr || !statement.names->types_changed();
  if (statement.epoch == epoch_ && statement.plan != nullptr && same_types) return;
  uint64_t epoch = epoch_;
  std::string environment = session_.environment_key();
  bool usable = statement.plan != nullptr && statement.environment == environment && same_types;
  if (usable && session_.validate(statement.plan) != nullptr) {
    statement.epoch = epoch;
    return;
  }
  statement.simple = nullptr;
  statement.evaluator.reset();
  std::vector<Type> types;
  if (statement.names != nullptr) statement.names->begin();
  try {
    statement.plan = session_.build_plan(*statement.node, statement.parsed->text, types, statement.names, statement.has_path ? &statement.path : nullptr);
  } catch (SqlError& error) {
    statement.plan = nullptr;
    if (statement.is_expression && error.fields().position > 0) error.fields().position = std::max(1, error.fields().position - 7);
    throw;
  }
  statement.environment = std::move(environment);
  statement.columns_.clear();
  for (const auto& column : statement.plan->plan->output) statement.columns_.push_back({column.name, column.type});
  statement.simple = simple_expression(*statement.plan->plan);
  statement.epoch = epoch;
}

// --- Running ------------------------------------------------------------------------------------------------

class RoutineRunner::QueryRows final : public routines::Rows {
 public:
  QueryRows(Session::Core& session, CachedPlanPtr plan, std::vector<Column> columns) : session_(session), columns_(std::move(columns)) { portal.plan = std::move(plan); }
  const std::vector<Column>& columns() const override { return columns_; }
  const vector::Chunk* next() override {
    if (portal.execution == nullptr) return nullptr;
    session_.backend_->check_interrupts();
    const vector::Chunk* chunk = session_.next_chunk(portal);
    if (chunk != nullptr) {
      given_ += chunk->size();
      return chunk;
    }
    portal.execution->finish();
    if (portal.plan->plan->command != plan::CommandKind::Select) given_ = portal.execution->affected_rows();
    portal.execution.reset();
    portal.snapshot.release();
    if (!portal.plan->after.empty()) session_.run_rule_plans(portal.plan->after, portal.parameters);
    for (const auto& [channel, payload] : portal.plan->notifications) session_.notifications_.push_back({session_.pid_, channel, payload});
    return nullptr;
  }
  uint64_t affected() const override { return given_; }

  Portal portal;

 private:
  Session::Core& session_;
  std::vector<Column> columns_;
  uint64_t given_ = 0;
};

// What a utility statement gave.
class RoutineRunner::KeptRows final : public routines::Rows {
 public:
  KeptRows(std::vector<Column> columns, std::vector<std::unique_ptr<vector::Chunk>> chunks, uint64_t affected)
      : columns_(std::move(columns)), chunks_(std::move(chunks)), affected_(affected) {}
  const std::vector<Column>& columns() const override { return columns_; }
  const vector::Chunk* next() override { return at_ < chunks_.size() ? chunks_[at_++].get() : nullptr; }
  uint64_t affected() const override { return affected_; }

 private:
  std::vector<Column> columns_;
  std::vector<std::unique_ptr<vector::Chunk>> chunks_;
  uint64_t affected_;
  size_t at_ = 0;
};

void RoutineRunner::start(Portal& portal, bool read_only) {
  const plan::PhysicalPlan& plan = *portal.plan->plan;
  if (read_only && !plan.reads_only) {
    throw SqlError(Sqlstate::FeatureNotSupported, fmt::format("{} is not allowed in a non-volatile function", write_name(plan.command)));
  }
  portal.started = true;
  Session::Core::check_populated(*portal.plan);
  if (!portal.plan->before.empty()) session_.run_rule_plans(portal.plan->before, portal.parameters);
  session_.check_writable(plan);
  catalog::VersionPtr now = session_.version();
  bool shared = read_only && session_.active_snapshot_ != nullptr && *session_.active_snapshot_;
  portal.snapshot = shared ? session_.transaction_->copy_snapshot(*session_.active_snapshot_) : session_.transaction_->take_snapshot();
  portal.system = session_.system_context(now);
  executor::ExecutionContext context = session_.execution_context(*portal.snapshot, now, portal.system.get());
  context.parameters = portal.parameters;
  portal.execution = std::make_unique<executor::Execution>(portal.plan->plan, std::move(context));
}

std::unique_ptr<routines::Rows> RoutineRunner::open(const routines::StatementPtr& base, bool read_only) {
  auto& statement = static_cast<BoundStatement&>(*base);
  bind(statement);
  std::vector<Value> parameters;
  if (statement.is_query && statement.names != nullptr) statement.names->values(parameters);
  return open(base, std::move(parameters), read_only);
}

std::unique_ptr<routines::Rows> RoutineRunner::open(const routines::StatementPtr& base, std::vector<Value> parameters, bool read_only) {
  auto& statement = static_cast<BoundStatement&>(*base);
  check_interrupts();
  if (!statement.is_query) return run_utility(statement, read_only);
  bind(statement);
  auto rows = std::make_unique<QueryRows>(session_, statement.plan, statement.columns_);
  const auto& types = statement.plan->plan->parameter_types;
  for (size_t i = 0; i < types.size(); ++i) {
    rows->portal.parameters.push_back(types::copy_value(types::physical_type(types[i].oid), parameters.at(i), rows->portal.arena));
  }
  start(rows->portal, read_only);
  if (!statement.plan->plan->returns_rows) {
    while (rows->next() != nullptr) {}
  }
  return rows;
}

std::unique_ptr<routines::Rows> RoutineRunner::run_utility(BoundStatement& statement, bool read_only) {
  ++epoch_;
  const ast::Node& node = *statement.node;
  std::string tag = commands::command_tag(node);
  if (read_only && !ast::is_node<ast::ExplainStmt>(&node) && !ast::is_node<ast::VariableShowStmt>(&node) && !ast::is_node<ast::FetchStmt>(&node)) {
    throw SqlError(Sqlstate::FeatureNotSupported, fmt::format("{} is not allowed in a non-volatile function", tag));
  }
  if (const auto* copy = ast::node_cast<ast::CopyStmt>(&node); copy != nullptr && !ast::is_given(copy->filename)) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot COPY to/from client in PL/pgSQL");
  }
  if (ast::is_node<ast::TransactionStmt>(&node)) {
    throw SqlError(Sqlstate::FeatureNotSupported, "unsupported transaction command in PL/pgSQL");
  }
  struct Restore {
    explicit Restore(Session::Core& core) : core_(core), text_(core.statement_text_), block_(core.implicit_block_) { core.implicit_block_ = true; }
    ~Restore() {
      core_.statement_text_ = text_;
      core_.implicit_block_ = block_;
    }
    Session::Core& core_;
    std::string_view text_;
    bool block_;
  } restore(session_);
  session_.statement_text_ = statement.parsed->text;
  Portal portal;
  if (session_.is_session_statement(node)) {
    auto inner = std::make_shared<session::Statement>();
    inner->parsed = statement.parsed;
    inner->node = &node;
    portal.statement = inner;
    session_.run_session_statement(portal, node);
  } else {
    const auto* call = ast::node_cast<ast::CallStmt>(&node);
    commands::CommandResult result = call != nullptr ? call_procedure(*call->funccall, statement.names, &statement.outputs)
                                                     : commands::execute_command(node, *session_.commands_);
    for (const plan::ColumnInfo& info : result.columns) portal.columns.push_back({info.name, info.type});
    portal.rows = std::move(result.rows);
    portal.tag = std::move(result.tag);
  }
  ++epoch_;
  statement.columns_.clear();
  for (const auto& column : portal.columns) statement.columns_.push_back({column.name, column.type});
  statement.returns_utility_rows = !portal.columns.empty();
  uint64_t affected = 0;
  size_t space = portal.tag.rfind(' ');
  if (space != std::string::npos && space + 1 < portal.tag.size() && isdigit(static_cast<unsigned char>(portal.tag[space + 1]))) {
    affected = std::stoull(portal.tag.substr(space + 1));
  }
  return std::make_unique<KeptRows>(statement.columns_, std::move(portal.rows), affected);
}

Value RoutineRunner::evaluate(const routines::StatementPtr& expression, bool read_only, Arena& arena, Type& type) {
  auto& statement = static_cast<BoundStatement&>(*expression);
  bind(statement);
  if (statement.columns_.size() != 1) {
    throw SqlError(Sqlstate::SyntaxError, fmt::format("query \"{}\" returned {} columns", statement.text_, statement.columns_.size()));
  }
  type = statement.columns_[0].type;
  if (statement.simple != nullptr && !statement.evaluating) {
    std::vector<Value> parameters;
    if (statement.names != nullptr) statement.names->values(parameters);
    if (statement.evaluator == nullptr) {
      statement.evaluator = std::make_shared<executor::ParameterEvaluator>(*statement.simple, session_.types_, *session_.services_);
    }
    // A function that is called from here sees what this routine has written.
    struct Evaluating {
      Evaluating(Session::Core& core, bool& flag, bool keep) : core_(core), flag_(flag), before_(core.active_snapshot_) {
        flag_ = true;
        if (!keep) core_.active_snapshot_ = nullptr;
      }
      ~Evaluating() {
        flag_ = false;
        core_.active_snapshot_ = before_;
      }
      Session::Core& core_;
      bool& flag_;
      const txn::SnapshotHandle* before_;
    } evaluating(session_, statement.evaluating, read_only);
    routines::StatementPtr keep = expression;
    CachedPlanPtr keep_plan = statement.plan;
    auto evaluator = statement.evaluator;
    return evaluator->evaluate(parameters, arena);
  }
  auto rows = open(expression, read_only);
  Value value = Value::null();
  bool any = false;
  while (const vector::Chunk* chunk = rows->next()) {
    if (chunk->size() == 0) continue;
    if (any || chunk->size() > 1) {
      throw SqlError(Sqlstate::CardinalityViolation, "query returned more than one row").context(fmt::format("query: {}", statement.text_));
    }
    any = true;
    value = types::copy_value(types::physical_type(type.oid), chunk->column(0).get(0), arena);
  }
  return value;
}

bool RoutineRunner::is_simple(const routines::StatementPtr& base) {
  auto& statement = static_cast<BoundStatement&>(*base);
  bind(statement);
  return statement.simple != nullptr;
}

Value RoutineRunner::convert(const Value& value, Type from, Type to, bool through_text, Arena& arena) {
  types::PhysicalType physical = types::physical_type(to.oid);
  if (from.oid == to.oid && (to.typmod == -1 || to.typmod == from.typmod)) return types::copy_value(physical, value, arena);
  if (value.is_null) {
    if (types::type_info(to.oid).kind == 'd') session_.types_.names->check_domain(to.oid, value);  // which may not allow it
    return value;
  }
  CastKey key{from.oid, to.oid, to.typmod};
  auto found = casts_.find(key);
  if (found == casts_.end()) {
    Cast cast;
    cast.expr = analyzer::make_cast(session_.types_, from, to, functions::CastContext::Assignment);
    cast.through_text = cast.expr == nullptr;
    if (cast.expr != nullptr) cast.evaluator = std::make_unique<executor::ParameterEvaluator>(*cast.expr, session_.types_, *session_.services_);
    found = casts_.emplace(key, std::move(cast)).first;
  }
  Cast& cast = found->second;
  if (!cast.through_text) return cast.evaluator->evaluate(std::span(&value, 1), arena);
  if (!through_text) {
    throw SqlError(Sqlstate::DatatypeMismatch, fmt::format("cannot cast type {} to {}", types::format_type(from, session_.types_.names),
                                                           types::format_type(to, session_.types_.names)));
  }
  std::string text;
  types::type_info(from.oid).output(session_.types_, value, from.oid, text);
  return types::type_info(to.oid).input(session_.types_, text, to, arena);
}

functions::Services& RoutineRunner::services() { return *session_.services_; }

// --- Transactions -------------------------------------------------------------------------------------------

size_t RoutineRunner::begin_subtransaction() {
  session_.savepoints_.push_back({"", session_.transaction_->savepoint(), session_.settings_.savepoint()});
  return session_.savepoints_.size() - 1;
}

void RoutineRunner::release_subtransaction(size_t id) {
  session_.transaction_->release(session_.savepoints_[id].id);
  session_.savepoints_.resize(id);
  for (auto& [name, portal] : session_.portals_) portal->savepoint_depth = std::min(portal->savepoint_depth, id);
}

void RoutineRunner::rollback_subtransaction(size_t id) {
  ++epoch_;
  auto& savepoint = session_.savepoints_[id];
  for (auto at = session_.portals_.begin(); at != session_.portals_.end();) {
    bool inside = !at->second->held && at->second->savepoint_depth > id;
    at = inside ? session_.portals_.erase(at) : std::next(at);
  }
  session_.transaction_->rollback_to(savepoint.id);
  session_.transaction_->release(savepoint.id);
  session_.settings_.rollback_to(savepoint.settings);
  session_.savepoints_.resize(id);
  session_.path_version_ = 0;
  session_.environment_known_ = false;
}

void RoutineRunner::end_transaction(bool commit, bool chain) {
  if (atomic_ || session_.in_block_ || session_.implicit_block_) {
    throw SqlError(Sqlstate::InvalidTransactionTermination, "invalid transaction termination");
  }
  ++epoch_;
  auto isolation = session_.transaction_->isolation();
  bool read_only = session_.read_only_;
  if (commit) {
    session_.prepare_for_commit();
    session_.drop_portals(true);
    bool synchronous = session_.settings_.value(Id::synchronous_commit) != "off";
    auto transaction = std::move(session_.transaction_);
    session_.transaction_ = nullptr;
    try {
      session_.instance_.transactions.commit(std::move(transaction), synchronous);
    } catch (const StorageError&) {
      session_.settings_.rollback();
      throw;
    }
    session_.catalog_changes_.reset();
    session_.settings_.commit();
    auto notifications = std::move(session_.notifications_);
    session_.notifications_.clear();
    for (auto& listen : session_.listens_) listen();
    session_.listens_.clear();
    if (!notifications.empty()) session_.instance_.registry().notify(notifications);
    session_.read_only_ = false;
  } else {
    session_.rollback_transaction();
  }
  session_.path_version_ = 0;
  session_.ensure_transaction();
  if (chain && isolation == txn::Isolation::RepeatableRead) {
    session_.settings_.set_transaction_local(Id::transaction_isolation, "repeatable read");
  }
  if (chain && read_only) session_.settings_.set_transaction_local(Id::transaction_read_only, "on");
}

// --- Cursors ------------------------------------------------------------------------------------------------

std::string RoutineRunner::open_cursor(std::string name, const routines::StatementPtr& base, bool scroll, bool no_scroll, bool read_only) {
  auto& statement = static_cast<BoundStatement&>(*base);
  if (name.empty()) {
    do {
      name = fmt::format("<unnamed portal {}>", ++cursor_number_);
    } while (session_.portals_.find(name) != session_.portals_.end());
  } else if (session_.portals_.find(name) != session_.portals_.end()) {
    throw SqlError(Sqlstate::DuplicateCursor, fmt::format("cursor \"{}\" already in use", name));
  }
  bind(statement);
  auto cursor = std::make_shared<Portal>();
  cursor->name = name;
  cursor->statement = std::make_shared<session::Statement>();
  cursor->statement->parsed = statement.parsed;
  cursor->statement->node = statement.node;
  cursor->statement->is_query = true;
  cursor->source = statement.text_;
  cursor->is_cursor = true;
  cursor->scrollable = scroll;
  cursor->no_scroll = no_scroll;
  cursor->remembers = !scroll && !no_scroll;
  cursor->savepoint_depth = session_.savepoints_.size();
  cursor->created_at = session_.statement_time_;
  cursor->plan = statement.plan;
  auto* select = ast::node_cast<ast::SelectStmt>(statement.node);
  const ast::SelectStmt* extended = select == nullptr ? nullptr : session_.with_row_ids(*select, *cursor);
  if (extended != nullptr) {
    try {
      if (statement.names != nullptr) statement.names->begin();
      std::vector<Type> found;
      cursor->plan = session_.build_plan(*extended, statement.parsed->text, found, statement.names, statement.has_path ? &statement.path : nullptr);
    } catch (const SqlError&) {
      cursor->sources.clear();
      cursor->plan = statement.plan;
    }
  }
  std::vector<Value> parameters;
  if (statement.names != nullptr) statement.names->values(parameters);
  const auto& types = cursor->plan->plan->parameter_types;
  for (size_t i = 0; i < types.size(); ++i) {
    cursor->parameters.push_back(types::copy_value(types::physical_type(types[i].oid), parameters.at(i), cursor->arena));
  }
  cursor->columns = cursor->plan->plan->output;
  cursor->columns.resize(cursor->columns.size() - 2 * cursor->sources.size());
  start(*cursor, read_only);
  session_.portals_[name] = cursor;
  return name;
}

uint64_t RoutineRunner::fetch_cursor(const std::string& name, const std::string& direction, bool move, std::vector<Column>& columns,
                                     const std::function<void(const vector::Chunk&, size_t row)>& row) {
  auto at = session_.portals_.find(name);
  if (at == session_.portals_.end()) throw SqlError(Sqlstate::UndefinedCursor, fmt::format("cursor \"{}\" does not exist", name));
  columns.clear();
  for (const auto& column : at->second->columns) columns.push_back({column.name, column.type});
  std::string text = fmt::format("{} {} FROM {}", move ? "MOVE" : "FETCH", direction, functions::quote_identifier(name));
  parser::ParseResult parsed = parser::parse(text);
  Portal out;
  session_.fetch_cursor(out, static_cast<const ast::FetchStmt&>(*parsed.statements.at(0).stmt));
  uint64_t count = 0;
  for (const auto& chunk : out.rows) {
    for (size_t i = 0; i < chunk->size(); ++i) row(*chunk, i);
    count += chunk->size();
  }
  return move ? std::stoull(out.tag.substr(out.tag.rfind(' ') + 1)) : count;
}

void RoutineRunner::close_cursor(const std::string& name) { session_.close_cursor(name); }

// --- Calls --------------------------------------------------------------------------------------------------

class RoutineRunner::Depth {
 public:
  explicit Depth(size_t& depth) : depth_(depth) {
    // A worker's stack is 8 MiB; one level of calls takes some kilobytes of it.
    constexpr size_t kMaxDepth = 400;
    if (depth >= kMaxDepth) {
      throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded")
          .hint("Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.");
    }
    ++depth_;
  }
  ~Depth() { --depth_; }

 private:
  size_t& depth_;
};

// A call from outside begins a new epoch unless everything is as it was in the last one.
void RoutineRunner::enter() {
  if (depth_ != 1) return;
  uint64_t version = session_.version()->number();
  std::string environment = session_.environment_key();
  TxnId transaction = session_.transaction_->id();
  if (version == epoch_version_ && transaction == epoch_transaction_ && environment == epoch_environment_) return;
  ++epoch_;
  epoch_version_ = version;
  epoch_transaction_ = transaction;
  epoch_environment_ = std::move(environment);
}

// What a routine's attributes change while it runs: settings of SET, the role of SECURITY DEFINER.
class RoutineRunner::Surroundings {
 public:
  Surroundings(Session::Core& session, const catalog::Routine* routine, uint64_t& epoch) : session_(session), epoch_(epoch) {
    if (routine == nullptr) return;
    if (!routine->settings.empty()) {
      changes_settings_ = true;
      mark_ = session_.settings_.savepoint();
      for (const auto& setting : routine->settings) {
        size_t equal = setting.find('=');
        session_.settings_.set(setting.substr(0, equal), setting.substr(equal + 1), true, session_.superuser_);
      }
      refresh();
    }
    if (routine->security_definer && routine->owner != session_.role_) {
      changes_role_ = true;
      role_ = session_.role_;
      superuser_ = session_.superuser_;
      session_.role_ = routine->owner;
      auto role = session_.version()->role(routine->owner);
      session_.superuser_ = role != nullptr && role->superuser;
      refresh();
    }
  }
  ~Surroundings() {
    if (changes_settings_) session_.settings_.rollback_to(mark_);
    if (changes_role_) {
      session_.role_ = role_;
      session_.superuser_ = superuser_;
    }
    if (changes_settings_ || changes_role_) refresh();
  }

 private:
  void refresh() {
    ++epoch_;
    session_.path_version_ = 0;
    session_.environment_known_ = false;
  }
  Session::Core& session_;
  uint64_t& epoch_;
  bool changes_settings_ = false;
  bool changes_role_ = false;
  size_t mark_ = 0;
  Oid role_ = kInvalidOid;
  bool superuser_ = false;
};

namespace {

class WithValue {
 public:
  WithValue(bool& flag, bool value) : flag_(flag), before_(flag) { flag = value; }
  ~WithValue() { flag_ = before_; }

 private:
  bool& flag_;
  bool before_;
};

}  // namespace

// One call of a routine whose calls are counted.
class RoutineRunner::Tracked {
 public:
  Tracked(RoutineRunner& runner, const catalog::Routine* routine) : runner_(runner) {
    const std::string& setting = runner.session_.settings_.value(Id::track_functions);
    if (setting == "none" || routine == nullptr || (setting == "pl" && (routine->language == "sql" || routine->language == "internal"))) return;
    function_ = routine->oid;
    if (runner.called_.try_emplace(function_).second) runner.session_.instance_.registry().function_counts().add(function_, {});
    before_ms_ = std::exchange(runner.called_ms_, 0);
    started_ = timestamp_now();
  }
  ~Tracked() {
    if (function_ == kInvalidOid) return;
    double ms = static_cast<double>(timestamp_now() - started_) / 1000;
    FunctionCount& count = runner_.called_[function_];
    ++count.calls;
    count.total_ms += ms;
    count.self_ms += ms - runner_.called_ms_;
    runner_.called_ms_ = before_ms_ + ms;
  }

 private:
  RoutineRunner& runner_;
  Oid function_ = kInvalidOid;
  double before_ms_ = 0;
  int64_t started_ = 0;
};

void RoutineRunner::publish_called() {
  for (const auto& [function, count] : called_) session_.instance_.registry().function_counts().add(function, count);
  called_.clear();
  called_ms_ = 0;
}

Value RoutineRunner::call_routine(const functions::CallContext& call, std::span<const Value> arguments, Arena& arena) {
  Depth depth(depth_);
  enter();
  WithValue atomic(atomic_, true);
  auto routine = session_.version()->routine(call.function->oid);
  Tracked tracked(*this, routine.get());
  Surroundings surroundings(session_, routine.get(), epoch_);
  return routines_.call(call, arguments, arena);
}

std::unique_ptr<functions::SetScan> RoutineRunner::scan_routine(const functions::CallContext& call, std::span<const Value> arguments) {
  Depth depth(depth_);
  enter();
  WithValue atomic(atomic_, true);
  auto routine = session_.version()->routine(call.function->oid);
  Tracked tracked(*this, routine.get());
  Surroundings surroundings(session_, routine.get(), epoch_);
  return routines_.scan(call, arguments);
}

namespace {

class TransitionScan final : public functions::SetScan {
 public:
  explicit TransitionScan(std::shared_ptr<const executor::TransitionRows> rows) : rows_(std::move(rows)) {}
  bool next(vector::Chunk& out) override {
    if (rows_ == nullptr || at_ >= rows_->chunk_count()) return false;
    const vector::Chunk& chunk = rows_->chunk(at_++);
    for (size_t c = 0; c < chunk.column_count(); ++c) out.column(c).reference(chunk.column(c));
    out.set_size(chunk.size());
    return true;
  }

 private:
  std::shared_ptr<const executor::TransitionRows> rows_;
  size_t at_ = 0;
};

}  // namespace

std::unique_ptr<functions::SetScan> RoutineRunner::scan_transition(size_t number) {
  if (number >= transitions_.size()) return nullptr;
  return std::make_unique<TransitionScan>(transitions_[number].rows);
}

// The tables that a trigger's function sees besides those of the catalog.
class RoutineRunner::Transitions {
 public:
  Transitions(RoutineRunner& runner, const std::vector<executor::TransitionTable>& given) : runner_(runner), before_(std::move(runner.transitions_)), names_(std::move(runner.session_.transitions_)) {
    runner_.transitions_ = given;
    runner_.session_.transitions_.clear();
    for (const auto& table : given) runner_.session_.transitions_.push_back({table.name, table.table});
    changes_ = !given.empty() || !before_.empty();
    ++runner_.trigger_depth_;
    refresh();
  }
  ~Transitions() {
    --runner_.trigger_depth_;
    runner_.transitions_ = std::move(before_);
    runner_.session_.transitions_ = std::move(names_);
    refresh();
  }

 private:
  void refresh() {
    if (!changes_) return;
    ++runner_.epoch_;
    runner_.session_.environment_known_ = false;
  }
  RoutineRunner& runner_;
  std::vector<executor::TransitionTable> before_;
  std::vector<analyzer::TransitionName> names_;
  bool changes_ = false;
};

void RoutineRunner::fire_event(Oid function, const routines::EventCall& call) {
  Depth depth(depth_);
  enter();
  ++epoch_;  // the command changed the catalog
  WithValue atomic(atomic_, true);
  auto routine = session_.version()->routine(function);
  Surroundings surroundings(session_, routine.get(), epoch_);
  routines_.fire(function, call);
}

// Gives no row when the new one has the old one's values, to the letter.
bool RoutineRunner::fire_suppress_redundant(const executor::TriggerEvent& event, std::vector<Value>& row) {
  constexpr const char* kName = "suppress_redundant_updates_trigger";
  auto refuse = [&](const char* what) { throw SqlError(Sqlstate::ERIETriggerProtocolViolated, std::string(kName) + ": must be called " + what); };
  if (event.operation != "UPDATE") refuse("on update");
  if (event.when != "BEFORE") refuse("before update");
  if (event.level != "ROW") refuse("for each row");
  row = *event.new_row;
  for (size_t i = 0; i < event.table->columns.size(); ++i) {
    const auto& column = event.table->columns[i];
    if (column.dropped || column.generated != 0) continue;
    const Value &before = (*event.old_row)[i], &after = (*event.new_row)[i];
    if (before.is_null != after.is_null) return true;
    if (after.is_null) continue;
    std::string texts[2];
    types::type_info(column.type.oid).output(session_.types_, before, column.type.oid, texts[0]);
    types::type_info(column.type.oid).output(session_.types_, after, column.type.oid, texts[1]);
    if (texts[0] != texts[1]) return true;
  }
  return false;
}

bool RoutineRunner::fire(const executor::TriggerEvent& event, std::vector<Value>& row, Arena& arena) {
  constexpr Oid kSuppressRedundantUpdates = 1291;
  if (event.trigger->function == kSuppressRedundantUpdates) return fire_suppress_redundant(event, row);
  if (event.trigger->function < kFirstNormalOid) return fire_text_search(event, row, arena);
  Depth depth(depth_);
  enter();
  Transitions transitions(*this, event.transitions);
  WithValue atomic(atomic_, true);
  auto routine = session_.version()->routine(event.trigger->function);
  if (routine != nullptr && routine->language == "internal" && routine->body == "lo_manage") return fire_lo_manage(event, row);
  Tracked tracked(*this, routine.get());
  Surroundings surroundings(session_, routine.get(), epoch_);
  return routines_.fire({event.trigger, event.table, event.when, event.level, event.operation, event.old_row, event.new_row}, row, arena);
}

commands::CommandResult RoutineRunner::call_procedure(const ast::FuncCall& call, routines::Names* names, std::vector<int>* outputs) {
  Depth depth(depth_);
  enter();
  auto version = session_.version();
  analyzer::AnalyzerContext context = session_.analyzer_context(*version, session_.statement_text_);
  context.variables = names;
  if (names != nullptr) names->begin();
  analyzer::BoundCall bound = analyzer::analyze_call(context, call);
  catalog::check_privilege(*version, session_.role_, *bound.procedure, 'X');
  if (outputs != nullptr) *outputs = bound.outputs;
  Arena arena;
  std::vector<Value> arguments;
  std::vector<Value> parameters;
  if (names != nullptr) names->values(parameters);
  for (const auto& argument : bound.arguments) {
    executor::ParameterEvaluator evaluator(*argument, session_.types_, *session_.services_);
    arguments.push_back(evaluator.evaluate(parameters, arena));
  }
  // A procedure called from the client outside of a block may end transactions; so may one called from such a procedure.
  bool outermost = depth_ == 1 && !session_.in_block_ && !session_.implicit_block_;
  WithValue atomic(atomic_, !(outermost || (depth_ > 1 && !atomic_)) || !bound.procedure->settings.empty());
  Surroundings surroundings(session_, bound.procedure.get(), epoch_);
  std::vector<Column> columns;
  std::vector<types::Type> types;
  for (const auto& argument : bound.arguments) types.push_back(argument->type);
  std::vector<Value> values = routines_.call_procedure(bound.procedure, types, arguments, columns, arena);
  commands::CommandResult result;
  result.tag = "CALL";
  if (columns.empty()) return result;
  auto chunk = std::make_unique<vector::Chunk>();
  for (const auto& column : columns) {
    result.columns.push_back({column.name, column.type});
    chunk->add_column(column.type.oid);
  }
  chunk->reset();
  for (size_t i = 0; i < columns.size(); ++i) chunk->column(i).set(0, values[i]);
  chunk->set_size(1);
  result.rows.push_back(std::move(chunk));
  return result;
}

void RoutineRunner::run_block(std::string_view code) {
  Depth depth(depth_);
  enter();
  bool outermost = depth_ == 1 && !session_.in_block_ && !session_.implicit_block_;
  WithValue atomic(atomic_, !(outermost || (depth_ > 1 && !atomic_)));
  routines_.run_block(code);
}

}  // namespace aegis::session
