// One client: a coroutine on its reactor, and the session it feeds.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "aegis/os/thread_pool.h"
#include "aegis/session/session.h"

namespace aegis::net {

// All with the reactor's own executor: the one of any type, Asio's default, costs several percent of a short query.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, Executor>;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <typename T>
using Awaitable = boost::asio::awaitable<T, Executor>;
inline constexpr boost::asio::use_awaitable_t<Executor> use_awaitable;

class Connection : public session::ClientLink, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, session::Instance& instance, os::ThreadPool& workers, session::ClientAddress address);
  ~Connection() override;
  Awaitable<void> serve();

  // ClientLink, from a worker.
  void flush(std::string& output) override;
  void wait_input(std::string& output, std::string& input) override;

 private:
  Awaitable<bool> send(std::string& bytes);
  Awaitable<bool> receive(std::string& bytes);
  Awaitable<void> run_on_worker(session::RunStatus& status);
  Awaitable<void> wait_for_signal();
  void signal();       // from any thread
  void signal_here();  // on the reactor
  [[noreturn]] static void throw_gone();

  boost::asio::io_context& reactor_;
  Socket socket_;
  os::ThreadPool& workers_;
  Timer event_;
  bool signalled_ = false;
  bool reading_ = false;
  bool sending_ = false;
  bool streaming_ = false;  // the last read brought much: there may be more

  // Between a worker and the reactor.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string outgoing_;
  std::string incoming_;
  bool wants_input_ = false;
  bool gone_ = false;
  bool worker_done_ = false;
  session::RunStatus worker_status_ = session::RunStatus::NeedInput;

  std::unique_ptr<session::Session> session_;
};

}  // namespace aegis::net
