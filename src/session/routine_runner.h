// What routines see of the session that runs them.
#pragma once

#include <map>

#include "aegis/routines/routines.h"
#include "command_context.h"
#include "core.h"
#include "function_counts.h"

namespace aegis::session {

class RoutineRunner final : public routines::Runner, public executor::TriggerRunner {
 public:
  explicit RoutineRunner(Session::Core& session) : session_(session), routines_(*this) {}

  std::vector<routines::StatementPtr> parse(std::string_view sql, routines::Names* names) override;
  routines::StatementPtr parse_expression(std::string_view text, routines::Names* names) override;
  std::vector<routines::StatementPtr> parse_body(std::string_view text, routines::Names* names, std::vector<Oid> search_path) override;
  void bind(routines::Statement& statement) override;
  std::unique_ptr<routines::Rows> open(const routines::StatementPtr& statement, bool read_only) override;
  std::unique_ptr<routines::Rows> open(const routines::StatementPtr& statement, std::vector<Value> parameters, bool read_only) override;
  Value evaluate(const routines::StatementPtr& expression, bool read_only, Arena& arena, Type& type) override;
  bool is_simple(const routines::StatementPtr& statement) override;
  Value convert(const Value& value, Type from, Type to, bool through_text, Arena& arena) override;

  const types::TypeContext& types() override { return session_.types_; }
  functions::Services& services() override;
  catalog::VersionPtr catalog() override { return session_.version(); }
  Oid database() override { return session_.database_; }
  analyzer::AnalyzerContext analyzer_context(const catalog::Version& version) override { return session_.analyzer_context(version, {}); }
  void check_interrupts() override { session_.backend_->check_interrupts(); }
  void notice(ErrorFields fields) override { session_.commands_->notice(std::move(fields)); }
  std::string setting(std::string_view name) override { return session_.commands_->setting(name); }

  size_t begin_subtransaction() override;
  void release_subtransaction(size_t id) override;
  void rollback_subtransaction(size_t id) override;
  void end_transaction(bool commit, bool chain) override;

  std::string open_cursor(std::string name, const routines::StatementPtr& query, bool scroll, bool no_scroll, bool read_only) override;
  uint64_t fetch_cursor(const std::string& name, const std::string& direction, bool move, std::vector<routines::Column>& columns,
                        const std::function<void(const vector::Chunk&, size_t row)>& row) override;
  void close_cursor(const std::string& name) override;

  // --- What the session asks of routines ---
  Value call_routine(const functions::CallContext& call, std::span<const Value> arguments, Arena& arena);
  std::unique_ptr<functions::SetScan> scan_routine(const functions::CallContext& call, std::span<const Value> arguments);
  // `names`: the variables its arguments may use; `outputs`: BoundCall::outputs.
  commands::CommandResult call_procedure(const ast::FuncCall& call, routines::Names* names = nullptr, std::vector<int>* outputs = nullptr);
  void run_block(std::string_view code);
  void validate(const catalog::Routine& routine) { routines_.validate(routine); }
  bool fire(const executor::TriggerEvent& event, std::vector<Value>& row, Arena& arena) override;
  void fire_event(Oid function, const routines::EventCall& call);
  // tsvector_update_trigger and tsvector_update_trigger_column (text_search.cpp).
  bool fire_text_search(const executor::TriggerEvent& event, std::vector<Value>& row, Arena& arena);
  bool fire_suppress_redundant(const executor::TriggerEvent& event, std::vector<Value>& row);
  bool fire_lo_manage(const executor::TriggerEvent& event, std::vector<Value>& row);
  std::unique_ptr<functions::SetScan> scan_transition(size_t number);
  int trigger_depth() const { return trigger_depth_; }
  // Of this transaction.
  const std::map<Oid, FunctionCount>& called() const { return called_; }
  // At a transaction's end, whatever becomes of it.
  void publish_called();
  bool is_running() const { return depth_ > 0; }

 private:
  class BoundStatement;
  class QueryRows;
  class KeptRows;
  class Depth;
  class Surroundings;
  class Transitions;
  class Tracked;
  routines::StatementPtr make_statement(std::shared_ptr<const ParsedText> parsed, const ast::Node& node, std::string text, routines::Names* names);
  std::unique_ptr<routines::Rows> run_utility(BoundStatement& statement, bool read_only);
  void start(Portal& portal, bool read_only);

  struct Cast {
    plan::ExprPtr expr;
    std::unique_ptr<executor::ParameterEvaluator> evaluator;
    bool through_text = false;
  };
  struct CastKey {
    Oid from;
    Oid to;
    int32_t typmod;
    auto operator<=>(const CastKey&) const = default;
  };

  Session::Core& session_;
  routines::Routines routines_;
  std::map<CastKey, Cast> casts_;
  size_t depth_ = 0;
  int trigger_depth_ = 0;
  std::map<Oid, FunctionCount> called_;
  double called_ms_ = 0;  // in routines that the running one called
  std::vector<executor::TransitionTable> transitions_;  // of the trigger that is fired
  bool atomic_ = true;  // COMMIT is not allowed
  // While it stays, statements bound in it need no look at the catalog, the settings or their locks.
  uint64_t epoch_ = 1;
  TxnId epoch_transaction_{};
  uint64_t epoch_version_ = 0;
  std::string epoch_environment_;
  void enter();
  uint64_t cursor_number_ = 0;
};

}  // namespace aegis::session
