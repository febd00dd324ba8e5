#include "aegis/os/file_system.h"

#include <algorithm>

namespace aegis::os {

void File::reserve(uint64_t size) {
  std::string zeros(1 << 20, '\0');
  for (uint64_t at = this->size(); at < size;) {
    uint64_t count = std::min<uint64_t>(size - at, zeros.size());
    write_at(at, std::string_view(zeros).substr(0, count));
    at += count;
  }
}

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
