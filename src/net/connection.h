// One client: a coroutine on its reactor, and the session it feeds.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "aegis/os/thread_pool.h"
#include "aegis/session/session.h"

namespace aegis::net {

using Socket = boost::asio::generic::stream_protocol::socket;

class Connection : public session::ClientLink, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, session::Instance& instance, os::ThreadPool& workers, session::ClientAddress address);
  ~Connection() override;
  boost::asio::awaitable<void> serve();

  // ClientLink, from a worker.
  void flush(std::string& output) override;
  void wait_input(std::string& output, std::string& input) override;

 private:
  boost::asio::awaitable<bool> send(std::string& bytes);
  boost::asio::awaitable<bool> receive(std::string& bytes);
  boost::asio::awaitable<void> run_on_worker(session::RunStatus& status);
  boost::asio::awaitable<void> wait_for_signal();
  void signal();       // from any thread
  void signal_here();  // on the reactor
  [[noreturn]] static void throw_gone();

  boost::asio::io_context& reactor_;
  Socket socket_;
  os::ThreadPool& workers_;
  boost::asio::steady_timer event_;
  bool signalled_ = false;
  bool reading_ = false;
  bool sending_ = false;

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
