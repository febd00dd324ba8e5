#include "aegis/net/server.h"

#include <atomic>
#include <utility>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "connection.h"

namespace aegis::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

namespace {

std::string user_name_of(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) != 0 || found == nullptr) return "";
  return found->pw_name;
}

template <typename S>
session::ClientAddress tcp_address(const S& socket) {
  session::ClientAddress client;
  boost::system::error_code error;
  tcp::endpoint endpoint = socket.remote_endpoint(error);
  if (error) return client;
  asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  client.text = address.to_string();
  client.port = endpoint.port();
  client.is_v6 = address.is_v6();
  if (client.is_v6) {
    auto bytes = address.to_v6().to_bytes();
    std::memcpy(client.bytes, bytes.data(), bytes.size());
  } else {
    auto bytes = address.to_v4().to_bytes();
    std::memcpy(client.bytes, bytes.data(), bytes.size());
  }
  return client;
}

template <typename S>
session::ClientAddress local_address(S& socket) {
  session::ClientAddress client;
  client.is_local = true;
  client.text = "[local]";
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    client.peer_user = user_name_of(credentials.uid);
    client.peer_is_owner = credentials.uid == geteuid();
  }
  return client;
}

}  // namespace

class Server::Impl {
 public:
  Impl(session::Instance& instance, os::ThreadPool& workers, ListenOptions options)
      : instance_(instance), workers_(workers), options_(std::move(options)) {
    for (size_t i = 0; i < std::max<size_t>(options_.reactors, 1); ++i) {
      reactors_.push_back(std::make_unique<asio::io_context>(1));
    }
    for (const std::string& address : options_.addresses) listen_tcp(address);
    for (const std::string& directory : options_.socket_directories) listen_local(directory);
    if (tcp_.empty() && local_.empty()) {
      throw SqlError(Sqlstate::ConfigFileError, "could not create any socket to listen on");
    }
  }

  ~Impl() {
    for (const std::string& path : socket_paths_) {
      unlink(path.c_str());
      unlink((path + ".lock").c_str());
    }
  }

  uint16_t port() const { return options_.port; }

  void run() {
    for (auto& acceptor : tcp_) asio::co_spawn(main(), accept(*acceptor), asio::detached);
    for (auto& acceptor : local_) asio::co_spawn(main(), accept(*acceptor), asio::detached);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < reactors_.size(); ++i) guards_.push_back(asio::make_work_guard(*reactors_[i]));
    for (size_t i = 1; i < reactors_.size(); ++i) threads.emplace_back([this, i] { reactors_[i]->run(); });
    reactors_[0]->run();
    for (std::thread& thread : threads) thread.join();
    // A worker may still hold the last reference to a connection, and with it a session.
    workers_.wait_until_idle();
  }

  void stop() {
    asio::post(main(), [this] {
      if (stopping_.exchange(true)) return;
      boost::system::error_code ignored;
      for (auto& acceptor : tcp_) acceptor->close(ignored);
      for (auto& acceptor : local_) acceptor->close(ignored);
      if (signals_) signals_->cancel(ignored);
      instance_.terminate_all();
      finish_if_empty();
    });
  }

  void handle_signals(std::function<void()> reload) {
    reload_ = std::move(reload);
    signals_ = std::make_unique<asio::signal_set>(main(), SIGINT, SIGTERM, SIGHUP);
    std::signal(SIGPIPE, SIG_IGN);
    wait_signal();
  }

 private:
  asio::io_context& main() { return *reactors_[0]; }

  void wait_signal() {
    signals_->async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      if (number == SIGHUP) {
        reload_();
        return wait_signal();
      }
      log_line(LogLevel::Log, "received shutdown request");
      stop();
    });
  }

  void listen_tcp(const std::string& name) {
    std::vector<tcp::endpoint> endpoints;
    boost::system::error_code error;
    if (name == "*") {
      endpoints = {tcp::endpoint(tcp::v6(), options_.port), tcp::endpoint(tcp::v4(), options_.port)};
    } else if (auto address = asio::ip::make_address(name, error); !error) {
      endpoints = {tcp::endpoint(address, options_.port)};
    } else {
      tcp::resolver resolver(main());
      for (const auto& entry : resolver.resolve(name, std::to_string(options_.port), error)) endpoints.push_back(entry.endpoint());
      if (error) throw SqlError(Sqlstate::ConfigFileError, fmt::format("could not translate host name \"{}\" to address", name));
    }
    bool bound = false;
    std::string reason;
    for (tcp::endpoint endpoint : endpoints) {
      endpoint.port(options_.port);
      auto acceptor = std::make_unique<tcp::acceptor>(main());
      acceptor->open(endpoint.protocol(), error);
      if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
      if (!error && endpoint.address().is_v6()) acceptor->set_option(asio::ip::v6_only(true), error);
      if (!error) acceptor->bind(endpoint, error);
      if (!error) acceptor->listen(1024, error);
      if (error) {
        reason = error.message();
        continue;
      }
      if (options_.port == 0) options_.port = acceptor->local_endpoint().port();
      log_line(LogLevel::Log, fmt::format("listening on IP address \"{}\", port {}", endpoint.address().to_string(), options_.port));
      tcp_.push_back(std::move(acceptor));
      bound = true;
    }
    if (!bound) {
      throw SqlError(Sqlstate::ConfigFileError, fmt::format("could not bind to address \"{}\", port {}: {}", name, options_.port, reason))
          .hint("Is another server already running on that port?");
    }
  }

  // The lock file says who has the socket, as PostgreSQL's does.
  bool lock_socket(const std::string& path) {
    std::string lock_path = path + ".lock";
    std::ifstream existing(lock_path);
    pid_t pid = 0;
    if (existing >> pid && pid != getpid() && kill(pid, 0) == 0) return false;
    std::ofstream lock(lock_path, std::ios::trunc);
    lock << getpid() << "\n" << instance_.data_directory << "\n" << options_.port << "\n";
    return true;
  }

  void listen_local(const std::string& directory) {
    std::string path = fmt::format("{}/.s.PGSQL.{}", directory, options_.port);
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
      throw SqlError(Sqlstate::ConfigFileError, fmt::format("Unix-domain socket path \"{}\" is too long", path));
    }
    if (!lock_socket(path)) {
      throw SqlError(Sqlstate::LockFileExists, fmt::format("lock file \"{}.lock\" already exists", path))
          .hint("Is another server using this socket?");
    }
    unlink(path.c_str());
    boost::system::error_code error;
    auto acceptor = std::make_unique<Local::acceptor>(main());
    acceptor->open(Local(), error);
    if (!error) acceptor->bind(Local::endpoint(path), error);
    if (!error) acceptor->listen(1024, error);
    if (error) throw SqlError(Sqlstate::ConfigFileError, fmt::format("could not bind Unix address \"{}\": {}", path, error.message()));
    chmod(path.c_str(), 0777);
    socket_paths_.push_back(path);
    log_line(LogLevel::Log, fmt::format("listening on Unix socket \"{}\"", path));
    local_.push_back(std::move(acceptor));
  }

  asio::io_context& next_reactor() { return *reactors_[next_++ % reactors_.size()]; }

  template <typename Acceptor>
  asio::awaitable<void> accept(Acceptor& acceptor) {
    while (!stopping_) {
      boost::system::error_code error;
      asio::io_context& reactor = next_reactor();
      auto socket = co_await acceptor.async_accept(reactor, asio::redirect_error(asio::use_awaitable, error));
      if (error) {
        if (stopping_ || error == asio::error::operation_aborted) co_return;
        // Out of file descriptors, most likely: others will be given back.
        asio::steady_timer pause(main(), std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      session::ClientAddress address;
      if constexpr (std::is_same_v<Acceptor, tcp::acceptor>) {
        socket.set_option(tcp::no_delay(true), error);
        address = tcp_address(socket);
      } else {
        address = local_address(socket);
      }
      ++connection_count_;
      auto connection = std::make_shared<Connection>(Socket(std::move(socket)), instance_, workers_, std::move(address));
      asio::co_spawn(reactor, serve(std::move(connection)), asio::detached);
    }
  }

  Awaitable<void> serve(std::shared_ptr<Connection> connection) {
    try {
      co_await connection->serve();
    } catch (const std::exception& error) {
      log_line(LogLevel::Error, fmt::format("connection ended by an error: {}", error.what()));
    }
    connection.reset();
    --connection_count_;
    if (stopping_) asio::post(main(), [this] { finish_if_empty(); });
  }

  void finish_if_empty() {
    if (connection_count_ == 0) release();
  }

  void release() {
    guards_.clear();
    for (auto& reactor : reactors_) reactor->stop();
  }

  session::Instance& instance_;
  os::ThreadPool& workers_;
  ListenOptions options_;
  std::vector<std::unique_ptr<asio::io_context>> reactors_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::vector<std::unique_ptr<tcp::acceptor>> tcp_;
  std::vector<std::unique_ptr<Local::acceptor>> local_;
  std::vector<std::string> socket_paths_;
  std::unique_ptr<asio::signal_set> signals_;
  std::function<void()> reload_;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> connection_count_{0};
  std::atomic<bool> stopping_{false};
};

Server::Server(session::Instance& instance, os::ThreadPool& workers, ListenOptions options)
    : impl_(std::make_unique<Impl>(instance, workers, std::move(options))) {}
Server::~Server() = default;
void Server::run() { impl_->run(); }
void Server::stop() { impl_->stop(); }
uint16_t Server::port() const { return impl_->port(); }
void Server::handle_signals(std::function<void()> reload) { impl_->handle_signals(std::move(reload)); }

}  // namespace aegis::net
