// Utility statements: everything that is not SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE. One statement a file in
// src/commands/, each a function `execute_x(const ast::X&, CommandContext&)`, dispatched by execute_command().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/analyzer/analyzer.h"
#include "aegis/catalog/catalog.h"
#include "aegis/commands/event_state.h"
#include "aegis/executor/executor.h"
#include "aegis/os/fwd.h"
#include "aegis/parser/parser.h"
#include "aegis/plan/physical.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::ast {
struct ExecuteStmt;
}

namespace aegis::commands {

// The client's side of COPY. Calls may block; they throw SqlError (57014, 08P01, …).
class CopyStream {
 public:
  virtual ~CopyStream() = default;
  // COPY … TO STDOUT. `formats`: one code (0 text, 1 binary) a column.
  virtual void begin_out(bool binary, size_t column_count) = 0;
  virtual void write(std::string_view bytes) = 0;  // one CopyData message
  virtual void end_out() = 0;
  // COPY … FROM STDIN. read() gives the next message's bytes, valid until the next call; false at CopyDone.
  virtual void begin_in(bool binary, size_t column_count) = 0;
  virtual bool read(std::string_view& bytes) = 0;
};

struct CommandResult {
  std::string tag;                        // "CREATE TABLE"
  std::vector<plan::ColumnInfo> columns;  // of a result set (EXPLAIN, SHOW); empty: none
  std::vector<std::unique_ptr<vector::Chunk>> rows;
};

// A prepared statement with the values that EXECUTE gives it.
struct PreparedQuery {
  std::shared_ptr<const void> keep;  // what `node` and `text` are parts of
  const ast::Node* node = nullptr;
  std::string_view text;
  std::vector<types::Type> types;
  std::vector<types::Value> values;
  std::shared_ptr<Arena> arena;  // the values' bytes
};

// What a command may use of the session that runs it. Implemented by session.
class CommandContext {
 public:
  virtual ~CommandContext() = default;

  // --- The statement and its transaction (always one: implicit ones are begun before) ---
  virtual std::string_view sql() const = 0;  // the text that AST locations refer to
  virtual txn::TransactionManager& transactions() = 0;
  virtual txn::Transaction& transaction() = 0;
  virtual catalog::Catalog& catalog() = 0;
  virtual catalog::CatalogTransaction& catalog_changes() = 0;
  virtual catalog::VersionPtr catalog_version() = 0;  // with this transaction's changes
  virtual storage::Engine& engine() = 0;
  virtual os::FileSystem& files() = 0;  // the server's
  virtual const std::string& data_directory() = 0;
  virtual bool in_transaction_block() const = 0;  // explicit BEGIN, or several statements in one message
  // Throws 25001 "X cannot run inside a transaction block".
  virtual void prevent_in_transaction_block(const char* statement) = 0;

  // --- Names and privileges ---
  virtual Oid database() const = 0;
  virtual Oid current_role() const = 0;
  virtual bool is_superuser() const = 0;
  virtual std::vector<Oid> search_path() = 0;
  // The schema for new objects without one: the first of the path; 3F000 when there is none.
  virtual Oid creation_schema() = 0;
  // Looked into first and created in while CREATE SCHEMA makes its elements; kInvalidOid ends that.
  virtual void set_inner_schema(Oid schema) = 0;
  // This session's temporary schema, made when first asked for with `create`.
  virtual Oid temp_schema(bool create) = 0;
  virtual analyzer::AnalyzerContext analyzer_context(const catalog::Version& version) = 0;

  // --- Running queries ---
  virtual const types::TypeContext& types() = 0;
  virtual functions::Services& services() = 0;
  virtual std::shared_ptr<const plan::PhysicalPlan> plan(plan::BoundQuery query, const catalog::Version& version) = 0;
  virtual executor::ExecutionContext execution_context(const storage::Snapshot& snapshot, catalog::VersionPtr version) = 0;
  virtual executor::DeferredWork& deferred() = 0;
  // Whether a running statement or an open cursor of this session has the relation.
  virtual bool relation_in_use(Oid relation) const = 0;
  virtual PreparedQuery prepared_query(const ast::ExecuteStmt& statement) = 0;
  virtual void lock_relation(Oid relation, txn::LockMode mode) = 0;

  // --- Talking to the client ---
  // Takes the planner's sample of the table anew.
  virtual void refresh_statistics(const catalog::Relation& table) = 0;
  virtual void notice(ErrorFields fields) = 0;  // severity NOTICE, WARNING, INFO, …
  virtual CopyStream& copy_stream() = 0;

  // --- Routines ---
  // Raises what is wrong with a new routine's body.
  virtual void validate_routine(const catalog::Routine& routine) = 0;
  virtual void run_block(std::string_view code) = 0;  // DO
  // Of the commands that run, the innermost last; null where nothing is collected.
  virtual std::vector<EventState*>& event_states() = 0;
  virtual void fire_event_trigger(Oid function, std::string_view event, std::string_view tag) = 0;
  virtual CommandResult call_procedure(const ast::FuncCall& call) = 0;

  // --- Settings ---
  virtual std::string setting(std::string_view name) = 0;
  // A sequence's state was written as metadata (CREATE, ALTER … RESTART): nextval goes on from there.
  virtual void sequence_changed(Oid sequence, int64_t last_value, bool is_called) = 0;
  // A temporary table must be emptied or dropped when the transaction commits.
  virtual void on_commit_action(Oid relation, char action) = 0;
};

// The columns a utility statement will return, for Describe; empty when it returns no rows.
std::vector<plan::ColumnInfo> describe_command(const ast::Node& statement, CommandContext& context);

// Runs DDL, COPY, EXPLAIN, VACUUM, ANALYZE, CHECKPOINT, LOCK, TRUNCATE, COMMENT, GRANT, …. Statements about the session
// itself (BEGIN, SET, SHOW, PREPARE, DECLARE, DISCARD, …) are the session's own and not known here. Raises 0A000 naming a
// statement that is not supported.
CommandResult execute_command(const ast::Node& statement, CommandContext& context);

// The tag a statement will complete with, e.g. "CREATE TABLE"; PostgreSQL's CreateCommandTag.
std::string command_tag(const ast::Node& statement);

}  // namespace aegis::commands
