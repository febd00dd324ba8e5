#include "server_process.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

int spawn(const std::vector<std::string>& words) {
  int pid = fork();
  if (pid != 0) return pid;
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

ServerProcess::ServerProcess(const std::string& hba, const std::string& password) {
  char pattern[] = "/tmp/aegis_wire_XXXXXX";
  directory_ = mkdtemp(pattern);
  const char* binary = std::getenv("AEGIS_BINARY");
  if (binary == nullptr) throw std::runtime_error("AEGIS_BINARY is not set");
  std::string data = directory_ + "/data";
  std::vector<std::string> init = {binary, "init", "-D", data, "--auth", "trust"};
  if (!password.empty()) {
    std::ofstream(directory_ + "/password") << password << "\n";
    init.insert(init.end(), {"--pwfile", directory_ + "/password"});
  }
  int status = 0;
  waitpid(spawn(init), &status, 0);
  if (status != 0) throw std::runtime_error("aegis init failed");
  if (!hba.empty()) std::ofstream(data + "/pg_hba.conf") << hba;
  start();
}

void ServerProcess::restart(bool killed) {
  kill(pid_, killed ? SIGKILL : SIGTERM);
  waitpid(pid_, nullptr, 0);
  start();
}

void ServerProcess::start() {
  const char* binary = std::getenv("AEGIS_BINARY");
  std::string data = directory_ + "/data";
  pid_ = spawn({binary, "serve", "-D", data, "-h", "", "-k", directory_});
  for (int i = 0; i < 600; ++i) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path().copy(address.sun_path, sizeof address.sun_path - 1);
    bool up = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    if (up) return;
    usleep(50'000);
  }
  throw std::runtime_error("the server did not start");
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string ServerProcess::connection_string(const std::string& more) const {
  return "host=" + directory_ + " port=5432 user=postgres dbname=postgres " + more;
}
