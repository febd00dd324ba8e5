// This process, as others see it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aegis::os {

int process_id();
// As SIGHUP does: the server reads its configuration files again.
void ask_for_reload();

// A command of the shell, in `directory`, with its output or its input here. The rest of its descriptors are the server's log.
// One thread's. Throws StorageError when it cannot be started.
class ShellCommand {
 public:
  enum class Direction { Read, Write };
  ShellCommand(const std::string& command, const std::string& directory, Direction direction);
  // Ends it, unless it was waited for.
  ~ShellCommand();
  ShellCommand(const ShellCommand&) = delete;
  ShellCommand& operator=(const ShellCommand&) = delete;

  // 0 at the end of its output; nothing when none came for a while.
  std::optional<size_t> read(std::span<char> bytes);
  // How much was taken; nothing for a while when it is busy. Its end is a StorageError.
  std::optional<size_t> write(std::string_view bytes);
  // Closes the pipe and waits for its end. "" when it succeeded, or when it was stopped by our closing the pipe.
  std::string finish(bool may_break);

 private:
  int pipe_ = -1;
  int process_ = -1;
};

}  // namespace aegis::os
