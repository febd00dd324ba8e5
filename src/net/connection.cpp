#include "connection.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "aegis/base/error.h"
#include "aegis/base/log.h"

namespace aegis::net {

namespace asio = boost::asio;
using session::RunStatus;

namespace {

// A worker that fills results waits while more than this is unsent.
constexpr size_t kMaxUnsentBytes = 1 << 20;
constexpr size_t kSmallReadBytes = 4096;
constexpr size_t kLargeReadBytes = 256 << 10;

}  // namespace

Connection::Connection(Socket socket, session::Instance& instance, os::ThreadPool& workers, session::ClientAddress address)
    : reactor_(static_cast<asio::io_context&>(socket.get_executor().context())),
      socket_(std::move(socket)),
      workers_(workers),
      event_(reactor_, Timer::time_point::max()) {
  session_ = std::make_unique<session::Session>(instance, std::move(address), *this, [this] { signal(); });
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
}

Connection::~Connection() = default;

void Connection::throw_gone() {
  throw SqlError(Sqlstate::ConnectionFailure, "connection to client lost").severity("FATAL");
}

void Connection::signal() {
  asio::post(reactor_, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->signal_here();
  });
}

void Connection::signal_here() {
  signalled_ = true;
  event_.cancel();
  // A session that waits for its client hears of its end or of a notification at once.
  if (reading_ || (sending_ && session_->is_ending())) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
}

Awaitable<void> Connection::wait_for_signal() {
  if (!signalled_) {
    boost::system::error_code cancelled;
    co_await event_.async_wait(asio::redirect_error(use_awaitable, cancelled));
  }
  signalled_ = false;
}

Awaitable<bool> Connection::send(std::string& bytes) {
  if (bytes.empty()) co_return true;
  boost::system::error_code error;
  size_t sent = socket_.write_some(asio::buffer(bytes), error);
  if (error == asio::error::would_block) error.clear();
  if (!error && sent < bytes.size()) {
    // An ending session waits for nobody: what its client does not take at once is lost, as in PostgreSQL.
    if (session_->is_ending()) co_return false;
    sending_ = true;
    co_await asio::async_write(socket_, asio::buffer(bytes) + sent, asio::redirect_error(use_awaitable, error));
    sending_ = false;
  }
  bytes.clear();
  if (bytes.capacity() > kSmallReadBytes * 4) bytes.shrink_to_fit();
  co_return !error;
}

// Appends what has come; false at the end. A signal ends the wait with nothing read.
Awaitable<bool> Connection::receive(std::string& bytes) {
  // Each reactor has one: an idle connection holds none.
  static thread_local std::vector<char> buffer(kLargeReadBytes);
  boost::system::error_code error;
  if (signalled_) {
    signalled_ = false;
    co_return true;
  }
  size_t count = 0;
  if (streaming_) count = socket_.read_some(asio::buffer(buffer), error);
  if (!streaming_ || error == asio::error::would_block) {
    if (bytes.empty() && bytes.capacity() > kSmallReadBytes) bytes = std::string();
    reading_ = true;
    co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(use_awaitable, error));
    reading_ = false;
    if (error == asio::error::operation_aborted) {
      signalled_ = false;
      co_return true;
    }
    if (error) co_return false;
    count = socket_.read_some(asio::buffer(buffer), error);
    if (error == asio::error::would_block) co_return true;
  }
  streaming_ = count >= kSmallReadBytes;
  bytes.append(buffer.data(), count);
  co_return !error;
}

void Connection::flush(std::string& output) {
  std::unique_lock lock(mutex_);
  if (gone_) throw_gone();
  if (outgoing_.empty()) {
    outgoing_.swap(output);
  } else {
    outgoing_ += output;
  }
  output.clear();
  signal();
  if (outgoing_.size() < kMaxUnsentBytes) return;
  os::ThreadPool::BlockingScope blocking;
  changed_.wait(lock, [&] { return gone_ || outgoing_.size() < kMaxUnsentBytes; });
  if (gone_) throw_gone();
}

void Connection::wait_input(std::string& output, std::string& input) {
  std::unique_lock lock(mutex_);
  if (gone_) throw_gone();
  outgoing_ += output;
  output.clear();
  wants_input_ = true;
  signal();
  os::ThreadPool::BlockingScope blocking;
  // Comes back now and then without input, so that the caller can look for a cancel.
  changed_.wait_for(lock, std::chrono::milliseconds(100), [&] { return gone_ || !incoming_.empty(); });
  if (incoming_.empty() && gone_) throw_gone();
  input += incoming_;
  incoming_.clear();
}

// The coroutine serves the worker: it sends what the worker puts out and reads what it asks for.
Awaitable<void> Connection::run_on_worker(RunStatus& status) {
  worker_done_ = false;
  workers_.submit([self = shared_from_this()] {
    RunStatus result = self->session_->run(true);
    {
      std::lock_guard lock(self->mutex_);
      self->worker_status_ = result;
      self->worker_done_ = true;
      self->wants_input_ = false;
    }
    self->signal();
  });
  std::string bytes;
  while (true) {
    bool done = false;
    bool wants_input = false;
    {
      std::lock_guard lock(mutex_);
      bytes.swap(outgoing_);
      done = worker_done_;
      wants_input = wants_input_;
    }
    changed_.notify_all();
    if (!bytes.empty()) {
      bool sent = co_await send(bytes);
      if (!sent) {
        std::lock_guard lock(mutex_);
        gone_ = true;
      }
      changed_.notify_all();
      continue;
    }
    if (done) break;
    if (wants_input) {
      std::string input;
      bool alive = co_await receive(input);
      {
        std::lock_guard lock(mutex_);
        incoming_ += input;
        if (!alive) gone_ = true;
        if (!alive || !input.empty()) wants_input_ = false;
      }
      changed_.notify_all();
      continue;
    }
    co_await wait_for_signal();
  }
  status = worker_status_;
}

Awaitable<void> Connection::serve() {
  bool alive = true;
  while (true) {
    RunStatus status = session_->run(false);
    if (status == RunStatus::NeedWorker) {
      while (status == RunStatus::NeedWorker) co_await run_on_worker(status);
      // The signal of what it waits for may have been taken for one of the worker's: look again before waiting.
      if (status == RunStatus::Waiting) continue;
    }
    {
      std::lock_guard lock(mutex_);
      if (gone_) alive = false;
    }
    if (status == RunStatus::Waiting) {
      co_await wait_for_signal();
      continue;
    }
    if (alive) alive = co_await send(session_->output());
    if (status == RunStatus::Closed) break;
    if (alive) alive = co_await receive(session_->input());
    if (!alive) session_->client_gone();
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace aegis::net
