#include "command_context.h"

#include <fmt/format.h>

#include "routine_runner.h"
#include "services.h"

namespace aegis::session {

void Commands::prevent_in_transaction_block(const char* statement) {
  bool inside = session_.routines_ != nullptr && session_.routines_->is_running();
  if (session_.in_block_ || (session_.implicit_block_ && !inside)) {
    throw SqlError(Sqlstate::ActiveSqlTransaction, fmt::format("{} cannot run inside a transaction block", statement));
  }
  if (inside) throw SqlError(Sqlstate::ActiveSqlTransaction, fmt::format("{} cannot be executed from a function", statement));
}

void Commands::set_inner_schema(Oid schema) {
  session_.inner_schema_ = schema;
  session_.path_version_ = 0;
  session_.environment_known_ = false;
}

Oid Commands::creation_schema() {
  if (session_.inner_schema_ != kInvalidOid) return session_.inner_schema_;
  catalog::VersionPtr version = session_.version();
  bool explicit_catalog = session_.settings_.value(Id::search_path).find("pg_catalog") != std::string::npos;
  for (Oid schema : session_.search_path(*version)) {
    if (schema == session_.temp_schema_) continue;
    if (schema == catalog::kPgCatalogSchema && !explicit_catalog) continue;
    return schema;
  }
  throw SqlError(Sqlstate::UndefinedSchema, "no schema has been selected to create in");
}

Oid Commands::temp_schema(bool create) {
  if (session_.temp_schema_ != kInvalidOid || !create) return session_.temp_schema_;
  auto schema = std::make_shared<catalog::Schema>();
  schema->oid = session_.instance_.catalog.allocate_oid();
  schema->database = session_.database_;
  schema->name = fmt::format("pg_temp_{}", session_.pid_);
  schema->owner = catalog::kBootstrapRole;
  session_.catalog_changes_->put(schema);
  session_.temp_schema_ = schema->oid;
  session_.path_version_ = 0;
  session_.environment_known_ = false;
  session_.transaction_->on_abort([&session = session_] {
    session.temp_schema_ = kInvalidOid;
    session.path_version_ = 0;
    session.environment_known_ = false;
  });
  return session_.temp_schema_;
}

analyzer::AnalyzerContext Commands::analyzer_context(const catalog::Version& version) {
  return session_.analyzer_context(version, session_.statement_text_);
}

functions::Services& Commands::services() { return *session_.services_; }

std::shared_ptr<const plan::PhysicalPlan> Commands::plan(plan::BoundQuery query, const catalog::Version& version) {
  return session_.make_plan(std::move(query), version);
}

executor::ExecutionContext Commands::execution_context(const storage::Snapshot& snapshot, catalog::VersionPtr version) {
  systems_.push_back(session_.system_context(version));
  return session_.execution_context(snapshot, std::move(version), systems_.back().get());
}

void Commands::refresh_statistics(const catalog::Relation& table) { session_.instance_.statistics().refresh(table); }

void Commands::lock_relation(Oid relation, txn::LockMode mode) {
  session_.instance_.transactions.locks().lock(*session_.backend_, txn::LockTag::relation(session_.database_, relation), mode);
}

namespace {

// PostgreSQL's order of client_min_messages.
int level_of(std::string_view severity) {
  constexpr std::string_view kLevels[] = {"debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"};
  std::string folded;
  for (char c : severity) folded.push_back(static_cast<char>(tolower(c)));
  if (folded == "debug") folded = "debug2";
  for (int i = 0; i < 9; ++i) {
    if (kLevels[i] == folded) return i;
  }
  return 8;
}

}  // namespace

void Commands::notice(ErrorFields fields) {
  if (quiet) return;
  if (fields.severity == "ERROR") fields.severity = "NOTICE";
  bool always = fields.severity == "INFO";
  if (!always && level_of(fields.severity) < level_of(session_.settings_.value(Id::client_min_messages))) return;
  if (fields.sqlstate == Sqlstate::InternalError) {
    fields.sqlstate = fields.severity == "WARNING" ? Sqlstate::Warning : Sqlstate::SuccessfulCompletion;
  }
  protocol::append_notice(session_.output_, fields);
}

std::string Commands::setting(std::string_view name) {
  std::optional<Id> id = settings::find(name);
  if (id) return session_.settings_.value(*id);
  return session_.settings_.show(name).value_or("");
}

void Commands::sequence_changed(Oid sequence, int64_t last_value, bool is_called) {
  SequenceStore& store = session_.instance_.sequences();
  SequenceStore::State before = store.replace(sequence, {last_value, is_called, 0});
  session_.transaction_->on_abort([&store, sequence, before] { store.replace(sequence, before); });
}

void Commands::validate_routine(const catalog::Routine& routine) { session_.routines_->validate(routine); }
void Commands::fire_event_trigger(Oid function, std::string_view event, std::string_view tag) {
  auto text = session_.statement_text_;
  session_.routines_->fire_event(function, {event, tag});
  session_.statement_text_ = text;
}

void Commands::run_block(std::string_view code) { session_.routines_->run_block(code); }
commands::CommandResult Commands::call_procedure(const ast::FuncCall& call) { return session_.routines_->call_procedure(call); }

void Commands::begin_out(bool binary, size_t column_count) {
  protocol::append_copy_response(session_.output_, 'H', binary, column_count);
}

void Commands::write(std::string_view bytes) {
  protocol::MessageWriter(session_.output_, 'd').bytes(bytes).finish();
  session_.maybe_flush();
}

void Commands::end_out() { protocol::append_message(session_.output_, 'c'); }

void Commands::begin_in(bool binary, size_t column_count) {
  session_.need_worker();
  protocol::append_copy_response(session_.output_, 'G', binary, column_count);
  copying_in = true;
  session_.link_.flush(session_.output_);
}

bool Commands::read(std::string_view& bytes) {
  if (!copying_in) return false;
  while (true) {
    session_.backend_->check_interrupts();
    auto frame = protocol::next_frame(std::string_view(session_.input_).substr(session_.input_at_), protocol::kMaxMessageBytes);
    if (!frame) {
      session_.input_.erase(0, session_.input_at_);
      session_.input_at_ = 0;
      session_.link_.wait_input(session_.output_, session_.input_);
      continue;
    }
    session_.input_at_ += frame->size;
    switch (frame->type) {
      case 'd': bytes = frame->body; return true;
      case 'c': copying_in = false; return false;
      case 'f':
        copying_in = false;
        throw SqlError(Sqlstate::QueryCanceled,
                       fmt::format("COPY from stdin failed: {}", protocol::parse_string(frame->body)));
      case 'H':
      case 'S': break;  // may come early
      case 'X':
        throw SqlError(Sqlstate::ConnectionFailure, "unexpected EOF on client connection with an open transaction")
            .severity("FATAL");
      default:
        copying_in = false;
        throw SqlError(Sqlstate::ProtocolViolation,
                       fmt::format("unexpected message type 0x{:02X} during COPY from stdin", frame->type));
    }
  }
}

}  // namespace aegis::session
