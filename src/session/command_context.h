// What commands may use of the session, and the client's side of COPY.
#pragma once

#include "aegis/commands/command.h"
#include "core.h"

namespace aegis::session {

class Commands final : public commands::CommandContext, public commands::CopyStream {
 public:
  explicit Commands(Session::Core& session) : session_(session) {}

  std::string_view sql() const override { return session_.statement_text_; }
  txn::TransactionManager& transactions() override { return session_.instance_.transactions; }
  txn::Transaction& transaction() override { return *session_.transaction_; }
  catalog::Catalog& catalog() override { return session_.instance_.catalog; }
  catalog::CatalogTransaction& catalog_changes() override { return *session_.catalog_changes_; }
  catalog::VersionPtr catalog_version() override { return session_.version(); }
  storage::Engine& engine() override { return session_.instance_.engine; }
  os::FileSystem& files() override { return *session_.instance_.files; }
  const std::string& data_directory() override { return session_.instance_.data_directory; }
  bool in_transaction_block() const override { return session_.in_block_ || session_.implicit_block_; }
  void prevent_in_transaction_block(const char* statement) override;

  Oid database() const override { return session_.database_; }
  Oid current_role() const override { return session_.role_; }
  // Asked of the catalog: the role may have changed since it was set.
  bool is_superuser() const override {
    auto role = session_.version()->role(session_.role_);
    return role != nullptr && role->superuser;
  }
  std::vector<Oid> search_path() override { return session_.search_path(*session_.version()); }
  Oid creation_schema() override;
  void set_inner_schema(Oid schema) override;
  Oid temp_schema(bool create) override;
  analyzer::AnalyzerContext analyzer_context(const catalog::Version& version) override;

  const types::TypeContext& types() override { return session_.types_; }
  functions::Services& services() override;
  std::shared_ptr<const plan::PhysicalPlan> plan(plan::BoundQuery query, const catalog::Version& version) override;
  executor::ExecutionContext execution_context(const storage::Snapshot& snapshot, catalog::VersionPtr version) override;
  void lock_relation(Oid relation, txn::LockMode mode) override;

  void refresh_statistics(const catalog::Relation& table) override;
  void notice(ErrorFields fields) override;
  executor::DeferredWork& deferred() override { return session_.deferred_; }
  bool relation_in_use(Oid relation) const override { return session_.in_use_.has(relation); }
  commands::PreparedQuery prepared_query(const ast::ExecuteStmt& statement) override { return session_.prepared_query(statement); }
  commands::CopyStream& copy_stream() override { return *this; }
  std::string setting(std::string_view name) override;
  void sequence_changed(Oid sequence, int64_t last_value, bool is_called) override;
  void on_commit_action(Oid relation, char action) override { session_.on_commit_actions_.emplace_back(relation, action); }

  void validate_routine(const catalog::Routine& routine) override;
  void run_block(std::string_view code) override;
  std::vector<commands::EventState*>& event_states() override { return session_.event_states_; }
  void fire_event_trigger(Oid function, std::string_view event, std::string_view tag) override;
  commands::CommandResult call_procedure(const ast::FuncCall& call) override;

  // CopyStream
  void begin_out(bool binary, size_t column_count) override;
  void write(std::string_view bytes) override;
  void end_out() override;
  void begin_in(bool binary, size_t column_count) override;
  bool read(std::string_view& bytes) override;
  bool copying_in = false;
  bool quiet = false;  // no notices
  void statement_done() { systems_.clear(); }

 private:
  Session::Core& session_;
  // Of the statements that run, inner ones included.
  std::vector<std::shared_ptr<catalog::SystemContext>> systems_;
};

}  // namespace aegis::session
