// A server of our own in a temporary directory, reached by a Unix socket there.
#pragma once

#include <memory>
#include <string>

#include <libpq-fe.h>

class ServerProcess {
 public:
  // `hba` replaces pg_hba.conf unless it is empty; `password` is the superuser's.
  explicit ServerProcess(const std::string& hba = "", const std::string& password = "");
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  std::string connection_string(const std::string& more = "") const;
  // Ends the server, in order or by SIGKILL, and starts it again on the same data.
  void restart(bool killed = false);
  std::string socket_path() const { return directory_ + "/.s.PGSQL.5432"; }

 private:
  void start();
  std::string directory_;
  int pid_ = -1;
};

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Result = std::unique_ptr<PGresult, Finish>;
