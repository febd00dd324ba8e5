// The loop over messages, and the one place where errors become messages.
#include <fmt/format.h>

#include "aegis/base/log.h"
#include "aegis/os/clock.h"
#include "aegis/types/datetime.h"
#include "command_context.h"
#include "large_objects.h"
#include "core.h"
#include "routine_runner.h"
#include "services.h"

namespace aegis::session {

namespace {

constexpr size_t kFlushBytes = 64 << 10;

bool is_extended_message(char type) {
  return type == 'P' || type == 'B' || type == 'D' || type == 'E' || type == 'C' || type == 'H';
}

}  // namespace

int64_t timestamp_now() { return os::system_clock().wall_us() + types::kUnixEpochMicroseconds; }

Session::Session(Instance& instance, ClientAddress address, ClientLink& link, std::function<void()> wake)
    : core_(std::make_unique<Core>(instance, std::move(address), link, std::move(wake))) {}
Session::~Session() = default;
std::string& Session::input() { return core_->input_; }
std::string& Session::output() { return core_->output_; }
RunStatus Session::run(bool may_block) { return core_->run(may_block); }
bool Session::is_ending() const { return core_->is_ending(); }
void Session::client_gone() { core_->client_gone(); }

Session::Core::Core(Instance& instance, ClientAddress address, ClientLink& link, std::function<void()> wake)
    : instance_(instance),
      address_(std::move(address)),
      link_(link),
      wake_(std::move(wake)),
      settings_(instance.settings(), *this),
      names_([this] { return ObjectNames::View{version(), database_, search_path(*version())}; }) {
  settings_generation_ = instance_.settings_generation();
  types_.names = &names_;
  names_.set_domain_check([this](Oid domain, const Value& value) {
    ObjectNames::View seen = names_.view();
    analyzer::AnalyzerContext context{*seen.version, seen.database, seen.path, role_, types_, {}, temp_schema_};
    domains_.check(domain, value, *seen.version, context, *services_);
  });
}

Session::Core::~Core() {
  if (registered_) instance_.registry().remove(pid_);
  if (timeout_ != 0) instance_.timeouts().cancel(timeout_);
  portals_.clear();
  try {
    rollback_transaction();
  } catch (const std::exception& error) {
    log_line(LogLevel::Warning, error.what());
  }
  routines_.reset();
  commands_.reset();
  services_.reset();
  backend_.reset();
}

void Session::Core::cancel() {
  if (!idle_.load() && backend_ != nullptr) {
    backend_->interrupt(SqlError(Sqlstate::QueryCanceled, "canceling statement due to user request"));
  }
}

void Session::Core::request_termination() {
  terminate_ = true;
  if (backend_ != nullptr) {
    backend_->interrupt(
        SqlError(Sqlstate::AdminShutdown, "terminating connection due to administrator command").severity("FATAL"));
  }
  wake_();
}

// What must not outlive the session. False: only a worker can do it.
bool Session::Core::clean_up() {
  query_.reset();
  if (temp_schema_ == kInvalidOid && transaction_ == nullptr) return true;
  try {
    rollback_transaction();
    if (temp_schema_ == kInvalidOid) return true;
    if (!may_block_) return false;
    backend_->clear_interrupt();
    settings_.reset("default_transaction_read_only", false, true);
    drop_temporary_objects();
    catalog_changes_.reset();
    os::ThreadPool::BlockingScope blocking;
    instance_.transactions.commit(std::move(transaction_), false);
  } catch (const std::exception& error) {
    log_line(LogLevel::Warning, error.what());
  }
  temp_schema_ = kInvalidOid;
  return true;
}

void Session::Core::deliver(const Notification& notification) {
  {
    std::lock_guard lock(inbox_mutex_);
    inbox_.push_back(notification);
  }
  wake_();
}

void Session::Core::send_pending() {
  std::vector<Notification> received;
  {
    std::lock_guard lock(inbox_mutex_);
    received.swap(inbox_);
  }
  for (const Notification& n : received) protocol::append_notification(output_, n.pid, n.channel, n.payload);
}

RunStatus Session::Core::run(bool may_block) {
  may_block_ = may_block;
  if (backend_ != nullptr) backend_->set_may_block(may_block);
  idle_ = false;
  if (input_at_ > 0) {
    input_.erase(0, input_at_);
    input_at_ = 0;
  }
  while (true) {
    if (closed_ && commit_ == nullptr) {
      if (!clean_up()) return RunStatus::NeedWorker;
      return RunStatus::Closed;
    }
    size_t input_mark = input_at_;
    output_mark_ = output_.size();
    statement_began_transaction_ = transaction_ == nullptr;
    statement_savepoint_.reset();
    try {
      if (commit_ != nullptr) {
        int expected = 0;
        if (!commit_->state.compare_exchange_strong(expected, 2) && expected == 1) {
          finish_commit();
          continue;
        }
        return RunStatus::Waiting;
      }
      if (terminate_ && query_ == std::nullopt) {
        throw SqlError(Sqlstate::AdminShutdown, "terminating connection due to administrator command").severity("FATAL");
      }
      if (query_) {
        step_query();
        continue;
      }
      std::string_view rest = std::string_view(input_).substr(input_at_);
      auto frame = phase_ == Phase::Startup
                       ? protocol::next_startup_frame(rest)
                       : protocol::next_frame(rest, phase_ == Phase::Ready ? protocol::kMaxMessageBytes : 65536);
      if (!frame) {
        if (phase_ == Phase::Ready && transaction_ == nullptr) send_pending();
        idle_ = true;
        return RunStatus::NeedInput;
      }
      input_at_ += frame->size;
      handle(*frame);
    } catch (const NeedWorker&) {
      undo_statement();
      input_at_ = input_mark;
      return RunStatus::NeedWorker;
    } catch (const txn::WouldBlock&) {
      undo_statement();
      input_at_ = input_mark;
      return RunStatus::NeedWorker;
    } catch (const std::exception& error) {
      handle_error(error);
    }
  }
}

// The client's earlier bytes stay: only what this statement has produced goes.
void Session::Core::undo_statement() {
  output_.resize(std::min(output_mark_, output_.size()));
  if (statement_savepoint_ && transaction_ != nullptr) {
    transaction_->rollback_to(*statement_savepoint_);
    transaction_->release(*statement_savepoint_);
    settings_.rollback_to(statement_settings_);
  } else if (statement_began_transaction_ && transaction_ != nullptr && !in_block_) {
    rollback_transaction();
  }
  statement_savepoint_.reset();
}

void Session::Core::begin_statement_mark() {
  if (may_block_ || statement_began_transaction_ || transaction_ == nullptr) return;
  statement_savepoint_ = transaction_->savepoint();
  statement_settings_ = settings_.savepoint();
}

void Session::Core::enter_statement(std::string_view text) {
  statement_time_ = timestamp_now();
  take_new_settings();
  if (registered_) {
    instance_.registry().set_activity(pid_, [&](Activity& activity) {
      activity.state = "active";
      activity.query.assign(text.substr(0, 1024));
      activity.query_start = statement_time_;
      activity.state_change = statement_time_;
      activity.transaction_start = types_.transaction_timestamp;
    });
  }
  int64_t limit = settings_.integer(Id::statement_timeout);
  if (limit > 0 && timeout_ == 0) {
    timeout_ = instance_.timeouts().schedule(limit, [this] {
      backend_->interrupt(SqlError(Sqlstate::QueryCanceled, "canceling statement due to statement timeout"));
    });
  }
}

void Session::Core::leave_statement() {
  if (commands_ != nullptr) commands_->statement_done();
  if (timeout_ != 0) {
    instance_.timeouts().cancel(timeout_);
    timeout_ = 0;
  }
  if (backend_ != nullptr) backend_->clear_interrupt();
}

void Session::Core::take_new_settings() {
  uint64_t generation = instance_.settings_generation();
  if (generation == settings_generation_) return;
  settings_generation_ = generation;
  settings_.set_server(instance_.settings());
}

void Session::Core::maybe_flush() {
  if (may_block_ && output_.size() > kFlushBytes) link_.flush(output_);
}

void Session::Core::send_ready() {
  leave_statement();
  extended_ = false;
  skip_to_sync_ = false;
  if (transaction_ == nullptr) send_pending();
  protocol::append_ready(output_, failed_ ? 'E' : in_block_ ? 'T' : 'I');
  if (registered_) {
    instance_.registry().set_activity(pid_, [&](Activity& activity) {
      activity.state = failed_ ? "idle in transaction (aborted)" : in_block_ ? "idle in transaction" : "idle";
      activity.state_change = timestamp_now();
    });
  }
}

void Session::Core::report(const ErrorFields& fields) { protocol::append_error(output_, fields); }

void Session::Core::handle_error(const std::exception& error) {
  ErrorFields fields = error_fields_of(error);
  if (fields.severity == "FATAL") {
    report(fields);
    closed_ = true;
    try {
      rollback_transaction();
    } catch (const std::exception& second) {
      log_line(LogLevel::Warning, second.what());
    }
    return;
  }
  if (phase_ != Phase::Ready) {
    fields.severity = "FATAL";
    report(fields);
    closed_ = true;
    return;
  }
  if (fields.sqlstate == Sqlstate::InternalError) {
    log_line(LogLevel::Error, fields.message);
    log_line(LogLevel::Error, fmt::format("statement: {}", current_text_));
  }
  pending_.clear();
  chain_ = false;
  report(fields);
  bool simple = query_.has_value() || !extended_;
  query_.reset();
  try {
    abort_for_error();
  } catch (const std::exception& second) {
    ErrorFields fatal = error_fields_of(second);
    fatal.severity = "FATAL";
    report(fatal);
    closed_ = true;
    return;
  }
  if (simple) {
    send_ready();
  } else {
    leave_statement();
    skip_to_sync_ = true;
  }
}

void Session::Core::handle(const protocol::Frame& frame) {
  switch (phase_) {
    case Phase::Startup: return handle_startup(frame);
    case Phase::Sasl:
    case Phase::SaslFinal:
    case Phase::CleartextPassword: return handle_sasl(frame);
    case Phase::Ready: break;
  }
  if (skip_to_sync_ && frame.type != 'S' && frame.type != 'X') return;
  if (is_extended_message(frame.type)) extended_ = true;
  switch (frame.type) {
    case 'Q': return start_query(protocol::parse_string(frame.body));
    case 'P': return handle_parse(protocol::parse_parse(frame.body));
    case 'B': return handle_bind(protocol::parse_bind(frame.body));
    case 'D': return handle_describe(protocol::parse_target(frame.body));
    case 'E': return handle_execute(protocol::parse_execute(frame.body));
    case 'C': return handle_close(protocol::parse_target(frame.body));
    case 'H': return;  // what there is goes out when the input is used up
    case 'S': return handle_sync();
    case 'X': closed_ = true; return rollback_transaction();
    case 'd':
    case 'c':
    case 'f': return;  // left over from a COPY that failed
    case 'F': return handle_function_call(protocol::parse_function_call(frame.body));
    default:
      throw SqlError(Sqlstate::ProtocolViolation, fmt::format("invalid frontend message type {}", static_cast<int>(frame.type)))
          .severity("FATAL");
  }
}

}  // namespace aegis::session
