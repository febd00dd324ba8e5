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

FileSystem::PathKind FileSystem::kind_of(const std::string& path) {
  if (!list(path).empty()) return PathKind::Directory;
  return exists(path) ? PathKind::File : PathKind::Absent;
}

void FileSystem::create_link(const std::string&, const std::string& path) { create_directories(path); }

std::string FileSystem::read_link(const std::string&) { return {}; }

void FileSystem::remove_directory(const std::string&) {}

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
