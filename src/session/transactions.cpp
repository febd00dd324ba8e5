// Transactions as statements and errors move them.
#include <algorithm>

#include <fmt/format.h>

#include "aegis/functions/quoting.h"
#include "command_context.h"
#include "core.h"
#include "routine_runner.h"
#include "services.h"

namespace aegis::session {

catalog::VersionPtr Session::Core::version() {
  return catalog_changes_ != nullptr ? catalog_changes_->version() : instance_.catalog.current();
}

void Session::Core::ensure_transaction() {
  if (transaction_ != nullptr) return;
  if (statement_time_ == 0) statement_time_ = timestamp_now();
  transaction_ = instance_.transactions.begin(*backend_, txn::Isolation::ReadCommitted);
  catalog_changes_ = std::make_unique<catalog::CatalogTransaction>(instance_.catalog, *transaction_);
  types_.transaction_timestamp = statement_time_;
  read_only_ = false;
  const std::string& isolation = settings_.value(Id::default_transaction_isolation);
  if (isolation != settings_.value(Id::transaction_isolation)) {
    settings_.set_transaction_local(Id::transaction_isolation, isolation);
  }
  if (settings_.boolean(Id::default_transaction_read_only)) {
    settings_.set_transaction_local(Id::transaction_read_only, "on");
    read_only_ = true;
  }
}

// A failed transaction block only takes statements that end it.
void Session::Core::check_not_failed(const ast::Node* node) {
  if (!failed_) return;
  if (const auto* statement = ast::node_cast<ast::TransactionStmt>(node)) {
    switch (statement->kind) {
      case ast::TransactionStmtKind::Commit:
      case ast::TransactionStmtKind::Rollback:
      case ast::TransactionStmtKind::RollbackTo:
      case ast::TransactionStmtKind::Prepare: return;
      default: break;
    }
  }
  throw SqlError(Sqlstate::InFailedSqlTransaction,
                 "current transaction is aborted, commands ignored until end of transaction block");
}

void Session::Core::drop_portals(bool keep_held) {
  for (auto at = portals_.begin(); at != portals_.end();) {
    if (keep_held && at->second->held) {
      ++at;
    } else {
      at = portals_.erase(at);
    }
  }
}

void Session::Core::rollback_transaction() {
  drop_portals(true);
  if (routines_ != nullptr) routines_->publish_called();
  if (transaction_ != nullptr) {
    if (exposed_transaction_ == transaction_->id().value) instance_.registry().note_transaction_end(exposed_transaction_, false);
    // Its abort hooks reach into the catalog's changes.
    instance_.transactions.rollback(std::move(transaction_));
    if (ends_) ends_->rolled_back.fetch_add(1, std::memory_order_relaxed);
    catalog_changes_.reset();
    transaction_ = nullptr;
  }
  settings_.rollback();
  deferred_.clear();
  savepoints_.clear();
  notifications_.clear();
  listens_.clear();
  in_block_ = false;
  failed_ = false;
  implicit_block_ = false;
  read_only_ = false;
  path_version_ = 0;
}

void Session::Core::abort_for_error() {
  statement_savepoint_.reset();
  if (commit_ != nullptr) return;
  if (!in_block_) return rollback_transaction();
  if (failed_) return;
  if (savepoints_.empty() || transaction_ == nullptr) {
    rollback_transaction();
    in_block_ = true;
    failed_ = true;
    return;
  }
  for (auto at = portals_.begin(); at != portals_.end();) {
    bool inside = !at->second->held && at->second->savepoint_depth >= savepoints_.size();
    at = inside ? portals_.erase(at) : std::next(at);
  }
  transaction_->rollback_to(savepoints_.back().id);
  settings_.rollback_to(savepoints_.back().settings);
  path_version_ = 0;
  failed_ = true;
}

void Session::Core::set_transaction_options(ast::List<ast::DefElem> options, bool session_defaults) {
  for (const ast::DefElem* option : options) {
    std::string name((session_defaults ? "default_" : "") + std::string(option->defname));
    const auto* value = ast::node_cast<ast::AConst>(option->arg);
    std::string text;
    if (value != nullptr && value->kind == ast::ConstKind::String) {
      text = value->text;
    } else if (value != nullptr) {
      text = (value->kind == ast::ConstKind::Boolean ? value->boolval : value->ival != 0) ? "on" : "off";
    }
    if (!session_defaults && option->defname == "transaction_isolation" && text == "serializable") {
      throw_not_supported("SERIALIZABLE isolation");
    }
    settings_.set(name, text, !session_defaults, superuser_);
  }
}

void Session::Core::begin_block(ast::List<ast::DefElem> options) {
  if (in_block_) {
    ErrorFields fields;
    fields.severity = "WARNING";
    fields.sqlstate = Sqlstate::ActiveSqlTransaction;
    fields.message = "there is already a transaction in progress";
    commands_->notice(fields);
  }
  ensure_transaction();
  in_block_ = true;
  set_transaction_options(options, false);
}

size_t Session::Core::find_savepoint(std::string_view name) {
  for (size_t i = savepoints_.size(); i > 0; --i) {
    if (savepoints_[i - 1].name == name) return i - 1;
  }
  throw SqlError(Sqlstate::SEInvalidSpecification, fmt::format("savepoint \"{}\" does not exist", name));
}

void Session::Core::define_savepoint(std::string_view name) {
  ensure_transaction();
  savepoints_.push_back({std::string(name), transaction_->savepoint(), settings_.savepoint()});
}

void Session::Core::release_savepoint(std::string_view name) {
  size_t found = find_savepoint(name);
  transaction_->release(savepoints_[found].id);
  savepoints_.resize(found);
  for (auto& [portal_name, portal] : portals_) portal->savepoint_depth = std::min(portal->savepoint_depth, found);
}

void Session::Core::rollback_to_savepoint(std::string_view name) {
  size_t found = find_savepoint(name);
  for (auto at = portals_.begin(); at != portals_.end();) {
    bool inside = !at->second->held && at->second->savepoint_depth > found;
    at = inside ? portals_.erase(at) : std::next(at);
  }
  transaction_->rollback_to(savepoints_[found].id);
  settings_.rollback_to(savepoints_[found].settings);
  savepoints_.resize(found + 1);
  failed_ = false;
  path_version_ = 0;
}

namespace {

void require_block(bool in_block, const char* statement) {
  if (in_block) return;
  throw SqlError(Sqlstate::NoActiveSqlTransaction, fmt::format("{} can only be used in transaction blocks", statement));
}

}  // namespace

std::string Session::Core::run_transaction_statement(const ast::TransactionStmt& statement) {
  auto warn_no_transaction = [&] {
    ErrorFields fields;
    fields.severity = "WARNING";
    fields.sqlstate = Sqlstate::NoActiveSqlTransaction;
    fields.message = "there is no transaction in progress";
    commands_->notice(fields);
  };
  auto remember_chain = [&] {
    chain_ = statement.chain;
    if (!chain_) return;
    chain_read_only_ = read_only_;
    chain_isolation_ = transaction_ != nullptr ? transaction_->isolation() : txn::Isolation::ReadCommitted;
  };
  switch (statement.kind) {
    case ast::TransactionStmtKind::Begin:
    case ast::TransactionStmtKind::Start:
      begin_block(statement.options);
      return statement.kind == ast::TransactionStmtKind::Begin ? "BEGIN" : "START TRANSACTION";
    case ast::TransactionStmtKind::Commit:
      if (statement.chain) require_block(in_block_, "COMMIT AND CHAIN");
      if (failed_) {
        remember_chain();
        rollback_transaction();
        if (chain_) begin_chained_block();
        return "ROLLBACK";
      }
      if (!in_block_) warn_no_transaction();
      remember_chain();
      start_commit();
      return "COMMIT";
    case ast::TransactionStmtKind::Rollback:
      if (statement.chain) require_block(in_block_, "ROLLBACK AND CHAIN");
      if (!in_block_) warn_no_transaction();
      remember_chain();
      rollback_transaction();
      if (chain_) begin_chained_block();
      return "ROLLBACK";
    case ast::TransactionStmtKind::Savepoint:
      require_block(in_block_, "SAVEPOINT");
      define_savepoint(statement.savepoint_name);
      return "SAVEPOINT";
    case ast::TransactionStmtKind::Release:
      require_block(in_block_, "RELEASE SAVEPOINT");
      release_savepoint(statement.savepoint_name);
      return "RELEASE";
    case ast::TransactionStmtKind::RollbackTo:
      require_block(in_block_, "ROLLBACK TO SAVEPOINT");
      rollback_to_savepoint(statement.savepoint_name);
      return "ROLLBACK";
    case ast::TransactionStmtKind::Prepare:
      // One that can't be prepared is over.
      chain_ = false;
      rollback_transaction();
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "prepared transactions are disabled")
          .hint("Set max_prepared_transactions to a nonzero value.");
    case ast::TransactionStmtKind::CommitPrepared:
    case ast::TransactionStmtKind::RollbackPrepared:
      throw SqlError(Sqlstate::UndefinedObject,
                     fmt::format("prepared transaction with identifier \"{}\" does not exist", statement.gid));
  }
  return "";
}

// Each run may add to what is to be done.
void Session::Core::run_deferred(bool at_end) {
  while (deferred_.is_due(at_end)) {
    need_worker();
    txn::SnapshotHandle snapshot = transaction_->take_snapshot();
    executor::ExecutionContext context = execution_context(*snapshot, version(), nullptr);
    deferred_.run(context, at_end);
  }
}

std::vector<Oid> Session::Core::find_constraints(const ast::RangeVar& name) {
  catalog::VersionPtr now = version();
  std::vector<Oid> schemas;
  if (!name.schemaname.empty()) {
    Oid schema = now->find_schema(database_, name.schemaname);
    if (schema == kInvalidOid) throw SqlError(Sqlstate::InvalidSchemaName, fmt::format("schema \"{}\" does not exist", name.schemaname));
    schemas = {schema};
  } else {
    schemas = search_path(*now);
  }
  for (Oid schema : schemas) {
    std::vector<Oid> found;
    bool any = false;
    auto note = [&](Oid oid, bool deferrable) {
      any = true;
      if (deferrable) found.push_back(oid);
    };
    for (const auto& object : now->objects(database_)) {
      if (object->schema != schema) continue;
      if (object->kind == catalog::ObjectKind::Trigger) {
        const auto& trigger = static_cast<const catalog::Trigger&>(*object);
        if (trigger.is_constraint && trigger.name == name.relname) note(trigger.oid, trigger.deferrable);
      }
      if (object->kind != catalog::ObjectKind::Relation) continue;
      for (const auto& constraint : static_cast<const catalog::Relation&>(*object).constraints) {
        if (constraint.name == name.relname) note(constraint.oid, constraint.deferrable);
      }
    }
    if (!any) continue;
    if (found.empty()) throw SqlError(Sqlstate::WrongObjectType, fmt::format("constraint \"{}\" is not deferrable", name.relname));
    // Those that partitions have of them.
    for (size_t i = 0; i < found.size(); ++i) {
      for (const auto& object : now->objects(database_)) {
        if (object->kind == catalog::ObjectKind::Trigger && static_cast<const catalog::Trigger&>(*object).parent == found[i]) found.push_back(object->oid);
        if (object->kind != catalog::ObjectKind::Relation) continue;
        for (const auto& constraint : static_cast<const catalog::Relation&>(*object).constraints) {
          if (constraint.parent == found[i]) found.push_back(constraint.oid);
        }
      }
    }
    return found;
  }
  throw SqlError(Sqlstate::UndefinedObject, fmt::format("constraint \"{}\" does not exist", name.relname));
}

void Session::Core::set_constraints(const ast::ConstraintsSetStmt& statement) {
  if (!in_block_ && !implicit_block_) {
    ErrorFields fields;
    fields.severity = "WARNING";
    fields.sqlstate = Sqlstate::NoActiveSqlTransaction;
    fields.message = "SET CONSTRAINTS can only be used in transaction blocks";
    commands_->notice(fields);
  }
  ensure_transaction();
  std::vector<Oid> constraints;
  for (const ast::RangeVar* name : statement.constraints) {
    if (!name->catalogname.empty() && name->catalogname != instance_.catalog.current()->database(database_)->name) {
      throw SqlError(Sqlstate::SyntaxError, fmt::format("cross-database references are not implemented: {}.{}.{}", name->catalogname, name->schemaname, name->relname));
    }
    auto found = find_constraints(*name);
    constraints.insert(constraints.end(), found.begin(), found.end());
  }
  if (!statement.deferred) need_worker();
  deferred_.set(*transaction_, constraints, statement.deferred);
  if (!statement.deferred) run_deferred(false);
}

void Session::Core::prepare_for_commit() {
  run_deferred(true);
  for (auto& [name, portal] : portals_) {
    if (portal->holdable && !portal->held) hold_cursor(*portal);
  }
  if (on_commit_actions_.empty()) return;
  need_worker();
  // Only what this transaction may have touched needs work, but an empty table costs little.
  std::vector<std::pair<Oid, char>> actions = std::move(on_commit_actions_);
  on_commit_actions_.clear();
  auto now = version();
  auto has = [&](Oid relation, char action) { return std::find(actions.begin(), actions.end(), std::pair{relation, action}) != actions.end(); };
  std::string emptied, dropped;
  std::vector<std::string> statements;
  bool has_rows = false;
  auto named = [&](const catalog::Relation& relation) {
    auto schema = now->schema(relation.schema);
    return (schema == nullptr ? "" : functions::quote_identifier(schema->name) + ".") + functions::quote_identifier(relation.name);
  };
  for (auto [relation, action] : actions) {
    auto found = now->relation(relation);
    if (found == nullptr) continue;
    if (action != 'D') on_commit_actions_.emplace_back(relation, action);
    auto rows = instance_.engine.table(found->storage);
    std::string& list = action == 'D' ? dropped : emptied;
    if (action == 'D') list += (list.empty() ? "" : ", ") + named(*found);
    else if (rows != nullptr) list += (list.empty() ? "only " : ", only ") + named(*found);
    has_rows = has_rows || (action != 'D' && rows != nullptr && rows->statistics().row_count > 0);
    for (const auto& reference : now->referencing(relation)) {
      if (has(reference.table->oid, action)) continue;
      if (action != 'D') {
        throw SqlError(Sqlstate::FeatureNotSupported, "unsupported ON COMMIT and foreign key combination")
            .detail(fmt::format("Table \"{}\" references \"{}\", but they do not have the same ON COMMIT setting.", reference.table->name, found->name));
      }
      // Gone without a word, unlike what CASCADE does.
      statements.push_back("alter table " + named(*reference.table) + " drop constraint " + functions::quote_identifier(reference.constraint->name));
    }
  }
  if (has_rows) statements.push_back("truncate " + emptied);
  if (!dropped.empty()) statements.push_back("drop table " + dropped + " cascade");
  for (const std::string& text : statements) {
    parser::ParseResult parsed = parser::parse(text);
    std::string_view before = statement_text_;
    statement_text_ = text;
    commands::execute_command(*parsed.statements[0].stmt, *commands_);
    statement_text_ = before;
  }
}

void Session::Core::start_commit() {
  if (transaction_ == nullptr) {
    rollback_transaction();
    return;
  }
  bool was_block = in_block_;
  in_block_ = false;
  try {
    prepare_for_commit();
  } catch (const NeedWorker&) {
    in_block_ = was_block;
    throw;
  }
  drop_portals(true);
  deferred_.clear();
  savepoints_.clear();
  statement_savepoint_.reset();
  implicit_block_ = false;
  bool synchronous = settings_.value(Id::synchronous_commit) != "off";
  catalog_changes_.reset();
  read_only_ = false;
  auto wait = std::make_shared<CommitWait>();
  commit_ = wait;
  instance_.transactions.commit_async(std::move(transaction_), synchronous, [wait, wake = wake_](const StorageError* error) {
    if (error != nullptr) wait->error.emplace(*error);
    if (wait->state.exchange(1) == 2) wake();
  });
  transaction_ = nullptr;
  if (wait->state.load() == 1) finish_commit();
}

void Session::Core::finish_commit() {
  if (routines_ != nullptr) routines_->publish_called();
  std::shared_ptr<CommitWait> wait = std::move(commit_);
  commit_ = nullptr;
  std::vector<Notification> notifications = std::move(notifications_);
  notifications_.clear();
  std::vector<std::function<void()>> listens = std::move(listens_);
  listens_.clear();
  if (ends_) (wait->error ? ends_->rolled_back : ends_->committed).fetch_add(1, std::memory_order_relaxed);
  if (wait->error) {
    settings_.rollback();
    path_version_ = 0;
    chain_ = false;
    pending_.clear();
    throw StorageError(*wait->error);
  }
  settings_.commit();
  for (auto& listen : listens) listen();
  if (!notifications.empty()) instance_.registry().notify(notifications);
  output_ += pending_;
  pending_.clear();
  if (chain_) begin_chained_block();
}

void Session::Core::begin_chained_block() {
  chain_ = false;
  statement_time_ = timestamp_now();
  ensure_transaction();
  in_block_ = true;
  if (chain_isolation_ == txn::Isolation::RepeatableRead) {
    settings_.set_transaction_local(Id::transaction_isolation, "repeatable read");
  }
  if (chain_read_only_) settings_.set_transaction_local(Id::transaction_read_only, "on");
}

}  // namespace aegis::session
