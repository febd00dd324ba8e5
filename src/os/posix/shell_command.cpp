#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/os/process.h"

extern char** environ;  // NOLINT

namespace aegis::os {
namespace {

constexpr int kWaitMilliseconds = 50;

[[noreturn]] void fail(const char* what) { throw StorageError(Sqlstate::IoError, std::string(what) + ": " + std::strerror(errno)); }

bool ready(int descriptor, short events) {
  pollfd wanted{descriptor, events, 0};
  int count = poll(&wanted, 1, kWaitMilliseconds);
  if (count < 0 && errno != EINTR) fail("could not wait for a program");
  return count > 0;
}

std::string describe(int status) {
  if (WIFSIGNALED(status)) {
    return "child process was terminated by signal " + std::to_string(WTERMSIG(status)) + ": " + strsignal(WTERMSIG(status));
  }
  if (!WIFEXITED(status)) return "child process exited with unrecognized status " + std::to_string(status);
  int code = WEXITSTATUS(status);
  if (code == 0) return "";
  if (code == 126) return "command not executable";
  if (code == 127) return "command not found";
  return "child process exited with exit code " + std::to_string(code);
}

}  // namespace

ShellCommand::ShellCommand(const std::string& command, const std::string& directory, Direction direction) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("could not make a pipe");
  bool reads = direction == Direction::Read;
  int theirs = reads ? ends[1] : ends[0];
  pipe_ = reads ? ends[0] : ends[1];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs, reads ? STDOUT_FILENO : STDIN_FILENO);
  if (reads) posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  else posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const char* arguments[] = {"sh", "-c", command.c_str(), nullptr};
  pid_t process = -1;
  int error = posix_spawn(&process, "/bin/sh", &actions, &attributes, const_cast<char**>(arguments), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(theirs);
  if (error != 0) {
    close(pipe_);
    errno = error;
    fail("could not start a program");
  }
  process_ = process;
  fcntl(pipe_, F_SETFL, fcntl(pipe_, F_GETFL) | O_NONBLOCK);
}

ShellCommand::~ShellCommand() {
  if (pipe_ >= 0) close(pipe_);
  if (process_ < 0) return;
  kill(-process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<size_t> ShellCommand::read(std::span<char> bytes) {
  if (!ready(pipe_, POLLIN)) return std::nullopt;
  ssize_t count = ::read(pipe_, bytes.data(), bytes.size());
  if (count >= 0) return static_cast<size_t>(count);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  fail("could not read from COPY program");
}

std::optional<size_t> ShellCommand::write(std::string_view bytes) {
  if (!ready(pipe_, POLLOUT)) return std::nullopt;
  ssize_t count = ::write(pipe_, bytes.data(), bytes.size());
  if (count >= 0) return static_cast<size_t>(count);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  fail("could not write to COPY program");
}

std::string ShellCommand::finish(bool may_break) {
  close(pipe_);
  pipe_ = -1;
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  bool broken = (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) || (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE);
  return may_break && broken ? "" : describe(status);
}

}  // namespace aegis::os
