// A session's state and its parts, which are functions of one class in several files: startup.cpp (authentication),
// simple_query.cpp, extended_query.cpp, execute.cpp (planning and running), transactions.cpp, utility.cpp (SET, PREPARE,
// …), cursors.cpp, settings_hooks.cpp; services.cpp and command_context.cpp are what functions and commands see of it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/commands/command.h"
#include "aegis/executor/deferred.h"
#include "aegis/executor/in_use.h"
#include "aegis/executor/executor.h"
#include "aegis/functions/function.h"
#include "aegis/parser/ast_utility.h"
#include "aegis/parser/parser.h"
#include "aegis/planner/planner.h"
#include "aegis/protocol/messages.h"
#include "aegis/protocol/scram.h"
#include "aegis/session/session.h"
#include "aegis/settings/settings.h"
#include "aegis/txn/transaction_manager.h"
#include "domains.h"
#include "object_names.h"
#include "plan_cache.h"
#include "portal.h"
#include "registry.h"
#include "sequences.h"
#include "statistics.h"
#include "timeouts.h"

namespace aegis::session {

using settings::Id;

// Thrown to leave the reactor: nothing has been done yet that can't be done again.
struct NeedWorker {};

int64_t timestamp_now();  // microseconds since 2000-01-01
// SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE (but not SELECT INTO).
bool is_query_node(const ast::Node& node);
// Whether a text may have a literal such as 'now', which means another value each time: its plan can't be kept.
bool has_moving_literal(std::string_view text);
// The names in a list such as search_path's: unquoted ones are folded to lower case.
std::vector<std::string> split_identifier_list(std::string_view text);

class Services;
class Commands;
class RoutineRunner;
class LargeObjects;
class XmlMapping;

class Session::Core final : public settings::Hooks, public RegisteredSession {
 public:
  Core(Instance& instance, ClientAddress address, ClientLink& link, std::function<void()> wake);
  ~Core() override;

  RunStatus run(bool may_block);
  void request_termination();
  bool is_ending() const { return terminate_.load(); }
  void client_gone() { closed_ = true; }

  // RegisteredSession, from any thread.
  void cancel() override;
  void end_by_administrator() override { request_termination(); }
  void deliver(const Notification& notification) override;

  // Hooks.
  std::string check(Id id, std::string value, settings::Source source) override;
  void changed(Id id, const std::string& value) override;

  std::string input_;
  std::string output_;

 private:
  friend class Services;
  friend class Commands;
  friend class RoutineRunner;
  friend class LargeObjects;
  friend class XmlMapping;

  enum class Phase : uint8_t { Startup, Sasl, SaslFinal, CleartextPassword, Ready };
  struct Savepoint {
    std::string name;
    size_t id;
    size_t settings;
  };
  // A transaction's end that is being made durable.
  struct CommitWait {
    std::atomic<int> state{0};  // 1 done, 2 somebody waits for the wake
    std::optional<StorageError> error;
  };
  // A Query message on its way.
  struct QueryRun {
    std::string text;
    std::shared_ptr<const ParsedText> parsed;  // null: the fast path below
    size_t next = 0;
    CachedPlanPtr plan;  // with the literals as parameters
    std::shared_ptr<Arena> arena;
    std::vector<Value> values;
    bool ending = false;  // only the end of the transaction is left
  };

  // --- run.cpp
  void step();
  void handle(const protocol::Frame& frame);
  void handle_error(const std::exception& error);
  void report(const ErrorFields& fields);
  void need_worker() const {
    if (!may_block_) throw NeedWorker();
  }
  void maybe_flush();
  void send_ready();
  void send_pending();
  void undo_statement();
  void begin_statement_mark();
  void enter_statement(std::string_view text);
  void leave_statement();
  void take_new_settings();
  bool clean_up();

  // --- startup.cpp
  void handle_startup(const protocol::Frame& frame);
  void begin_authentication();
  void handle_sasl(const protocol::Frame& frame);
  void finish_authentication();
  [[noreturn]] void fail_authentication();
  void apply_startup_settings(bool superuser);
  std::string check_role(Id id, std::string value);
  std::string check_text_search(Id id, const std::string& value);
  // As a superuser, or by GRANT SET ON PARAMETER.
  bool may_set(std::string_view name);
  std::string check_object_setting(Id id, const std::string& value);
  void update_role();

  // --- simple_query.cpp
  void start_query(std::string_view text);
  bool try_fast_query(std::string_view text);
  void step_query();
  void run_simple_statement(const ast::Node& node, const ParsedText& parsed, const ast::RawStmt& raw);
  void send_portal(Portal& portal, bool describe);

  // --- extended_query.cpp
  void handle_parse(const protocol::ParseMessage& message);
  void handle_bind(const protocol::BindMessage& message);
  void handle_describe(const protocol::TargetMessage& message);
  void handle_execute(const protocol::ExecuteMessage& message);
  void handle_close(const protocol::TargetMessage& message);
  void handle_sync();
  void handle_function_call(const protocol::FunctionCallMessage& message);
  void ensure_parsed(Statement& statement);
  StatementPtr find_statement(std::string_view name);
  std::shared_ptr<Portal> find_portal(std::string_view name);
  void bind_values(Portal& portal, const protocol::BindMessage& message);

  // --- execute.cpp
  std::string environment_key();
  analyzer::AnalyzerContext analyzer_context(const catalog::Version& version, std::string_view sql);
  const std::vector<Oid>& search_path(const catalog::Version& version);
  std::shared_ptr<const plan::PhysicalPlan> make_plan(plan::BoundQuery query, const catalog::Version& version);
  parser::LexerSettings lexer_settings() const;
  // Analyzes, locks and plans; `types` as in analyzer::analyze.
  CachedPlanPtr build_plan(const ast::Node& node, std::string_view text, std::vector<Type>& types, analyzer::VariableScope* variables = nullptr,
                           const std::vector<Oid>* path = nullptr);
  CachedPlanPtr build_rewritten(const analyzer::Rewriting& rewriting, const analyzer::AnalyzerContext& caller, const ast::Node& node,
                                std::vector<Type>& types);
  CachedPlanPtr build_bound(const analyzer::AnalyzerContext& context, const ast::Node& node, std::vector<Type>& types);
  void run_rule_plans(const std::vector<std::shared_ptr<const CachedPlan>>& plans, const std::vector<Value>& parameters);
  // The cached plan if it is still good, with its relations locked; null otherwise.
  CachedPlanPtr validate(CachedPlanPtr plan);
  void lock_relations(const std::vector<plan::BoundQuery::LockedRelation>& relations);
  CachedPlanPtr plan_statement(Statement& statement);
  executor::ExecutionContext execution_context(const storage::Snapshot& snapshot, catalog::VersionPtr version,
                                               const catalog::SystemContext* system);
  std::shared_ptr<catalog::SystemContext> system_context(catalog::VersionPtr version);
  void start_portal(Portal& portal);
  void check_writable(const plan::PhysicalPlan& plan);
  static void check_populated(const CachedPlan& plan);
  // Sends up to `limit` rows (0: all); true when the portal is at its end.
  bool run_portal(Portal& portal, uint64_t limit, bool send);
  const vector::Chunk* next_chunk(Portal& portal);
  void start_utility(Portal& portal);
  void make_encoder(Portal& portal);
  void describe_columns(const std::vector<plan::OutputColumn>& columns, const std::vector<int16_t>& formats);
  std::vector<plan::OutputColumn> output_of(Statement& statement);
  void finish_portal(Portal& portal);
  void rows_of(std::string_view table, catalog::RowSink& sink, const catalog::Version& version);

  // --- transactions.cpp
  void ensure_transaction();
  catalog::VersionPtr version();
  void check_not_failed(const ast::Node* node);
  std::string run_transaction_statement(const ast::TransactionStmt& statement);
  void begin_block(ast::List<ast::DefElem> options);
  void set_transaction_options(ast::List<ast::DefElem> options, bool session_defaults);
  void start_commit();
  void finish_commit();
  void begin_chained_block();
  void rollback_transaction();
  void abort_for_error();
  void forget_rows(Portal& cursor);
  void drop_portals(bool keep_held);
  void define_savepoint(std::string_view name);
  void release_savepoint(std::string_view name);
  void rollback_to_savepoint(std::string_view name);
  size_t find_savepoint(std::string_view name);
  void prepare_for_commit();
  commands::PreparedQuery prepared_query(const ast::ExecuteStmt& statement);
  const ast::SelectStmt* with_row_ids(const ast::SelectStmt& select, Portal& cursor);
  void note_current(Portal& cursor, const vector::Chunk& chunk, size_t row);
  Value current_of(std::string_view cursor, Oid relation, bool table);
  void run_deferred(bool at_end);
  void set_constraints(const ast::ConstraintsSetStmt& statement);
  std::vector<Oid> find_constraints(const ast::RangeVar& name);

  // --- utility.cpp
  bool is_session_statement(const ast::Node& node) const;
  void run_session_statement(Portal& portal, const ast::Node& node);
  std::string set_variable(const ast::VariableSetStmt& statement);
  std::string change_variable(const ast::VariableSetStmt& statement);
  std::string flatten_setting(std::string_view name, const ast::NodeList& args);
  void show_variable(Portal& portal, std::string_view name);
  void drop_temporary_objects();
  void execute_prepared(Portal& portal, const ast::ExecuteStmt& statement);
  std::string deallocate(std::string_view name);
  std::string discard(ast::DiscardMode mode);
  void set_rows(Portal& portal, const std::vector<plan::ColumnInfo>& columns, const std::vector<std::vector<std::string>>& rows);
  std::vector<plan::OutputColumn> session_statement_columns(const ast::Node& node);

  // --- cursors.cpp
  void declare_cursor(const ast::DeclareCursorStmt& statement, Portal& outer);
  void fetch_cursor(Portal& out, const ast::FetchStmt& statement);
  std::string close_cursor(std::string_view name);
  void keep_all_rows(Portal& portal);
  bool keep_more_rows(Portal& portal, uint64_t until);
  void hold_cursor(Portal& portal);

  Instance& instance_;
  ClientAddress address_;
  ClientLink& link_;
  std::function<void()> wake_;

  Phase phase_ = Phase::Startup;
  bool closed_ = false;
  bool may_block_ = false;
  std::atomic<bool> idle_{true};
  std::atomic<bool> terminate_{false};
  size_t input_at_ = 0;      // what of input_ has been read
  bool skip_to_sync_ = false;
  bool extended_ = false;    // the message being handled belongs to the extended protocol
  std::string pending_;      // what follows when a commit has succeeded
  std::optional<QueryRun> query_;
  size_t output_mark_ = 0;

  // Startup.
  std::map<std::string, std::string> startup_;
  std::string user_;
  std::string database_name_;
  std::unique_ptr<protocol::ScramExchange> scram_;

  Oid database_ = kInvalidOid;
  std::shared_ptr<Registry::DatabaseEnds> ends_;  // of the database
  Oid inner_schema_ = kInvalidOid;  // of a CREATE SCHEMA that makes its elements
  Oid auth_role_ = kInvalidOid;     // who logged in
  Oid session_role_ = kInvalidOid;  // SET SESSION AUTHORIZATION
  Oid role_ = kInvalidOid;
  bool superuser_ = false;          // of the current role
  bool session_superuser_ = false;  // of auth_role_

  int pid_ = 0;
  int32_t secret_ = 0;
  bool registered_ = false;
  std::unique_ptr<txn::Backend> backend_;
  settings::SessionValues settings_;
  uint64_t settings_generation_ = 0;
  bool reporting_ = false;  // ParameterStatus is sent for changes
  types::TypeContext types_;
  ObjectNames names_;
  DomainChecks domains_;
  std::string environment_;  // settings that plans depend on
  bool environment_known_ = false;

  // The search path, resolved against one catalog version.
  std::vector<Oid> path_;
  uint64_t path_version_ = 0;
  Oid temp_schema_ = kInvalidOid;
  std::string temp_schema_name_;

  uint64_t exposed_transaction_ = 0;  // whose number somebody was told

  // The transaction.
  std::unique_ptr<txn::Transaction> transaction_;
  std::unique_ptr<catalog::CatalogTransaction> catalog_changes_;
  bool in_block_ = false;
  bool failed_ = false;
  bool implicit_block_ = false;  // several statements in one message
  bool read_only_ = false;
  std::vector<Savepoint> savepoints_;
  executor::DeferredWork deferred_;
  executor::RelationsInUse in_use_;
  std::vector<commands::EventState*> event_states_;  // of the commands that run
  int rule_depth_ = 0;
  std::vector<analyzer::TransitionName> transitions_;  // of the trigger whose function runs
  std::shared_ptr<CommitWait> commit_;
  bool chain_ = false;
  bool chain_read_only_ = false;
  txn::Isolation chain_isolation_ = txn::Isolation::ReadCommitted;
  std::vector<std::pair<Oid, char>> on_commit_actions_;  // of temporary tables; those that are gone go at the next commit
  std::vector<Notification> notifications_;      // of this transaction
  std::vector<std::function<void()>> listens_;   // LISTEN and UNLISTEN of this transaction
  std::mutex inbox_mutex_;
  std::vector<Notification> inbox_;

  // The statement that runs inline, to be undone if it would block.
  bool statement_began_transaction_ = false;
  std::optional<size_t> statement_savepoint_;
  size_t statement_settings_ = 0;

  std::map<std::string, StatementPtr, std::less<>> statements_;
  std::map<std::string, std::shared_ptr<Portal>, std::less<>> portals_;

  std::unordered_map<Oid, int64_t> sequence_values_;
  Oid last_sequence_ = kInvalidOid;
  int64_t statement_time_ = 0;
  std::string_view statement_text_;
  std::string current_text_;
  uint64_t timeout_ = 0;

  std::unique_ptr<Services> services_;
  std::unique_ptr<Commands> commands_;
  std::unique_ptr<RoutineRunner> routines_;
  std::unique_ptr<executor::ForeignTables> foreign_tables_;
  std::unique_ptr<LargeObjects> large_objects_;
  // The query whose rows are being made: what a function that may not write sees.
  const txn::SnapshotHandle* active_snapshot_ = nullptr;
};

}  // namespace aegis::session
