#include "aegis/os/file_system.h"

namespace aegis::os {

std::string FileSystem::read_file(const std::string& path) {
  auto file = open(path, OpenMode::Read);
  std::string content(file->size(), '\0');
  content.resize(file->read_at(0, content));
  return content;
}

void FileSystem::write_file_atomically(const std::string& path, std::string_view content) {
  std::string temporary = path + ".tmp";
  {
    auto file = open(temporary, OpenMode::Truncate);
    file->write_at(0, content);
    file->sync();
  }
  rename(temporary, path);
  size_t slash = path.rfind('/');
  sync_directory(slash == std::string::npos ? "." : path.substr(0, slash));
}

}  // namespace aegis::os
