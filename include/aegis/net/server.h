// Listens, accepts, and moves bytes between sockets and sessions. The only module that knows Boost.Asio.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aegis/os/thread_pool.h"
#include "aegis/session/instance.h"

namespace aegis::net {

struct ListenOptions {
  std::vector<std::string> addresses;           // "127.0.0.1", "::1", "localhost", "*"; empty: no TCP
  uint16_t port = 5432;                         // 0: any; see Server::port()
  std::vector<std::string> socket_directories;  // of Unix sockets
  size_t reactors = 2;
};

class Server {
 public:
  // Binds; throws SqlError naming an address that can't be had.
  Server(session::Instance& instance, os::ThreadPool& workers, ListenOptions options);
  ~Server();
  // Serves until stop() (from any thread or the handlers of run_signals) and all connections are closed.
  void run();
  void stop();
  uint16_t port() const;
  // SIGINT and SIGTERM stop the server; SIGHUP calls `reload`.
  void handle_signals(std::function<void()> reload);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace aegis::net
