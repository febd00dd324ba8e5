#include "aegis/os/temporary_files.h"

namespace aegis::os {

TemporaryFiles::TemporaryFiles(FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {
  for (const auto& name : files_.list(directory_)) files_.remove(directory_ + "/" + name);
}

std::unique_ptr<TemporaryFiles::Handle> TemporaryFiles::create() {
  uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
  if (number == 0) files_.create_directories(directory_);
  return std::make_unique<Handle>(*this, directory_ + "/" + std::to_string(number));
}

TemporaryFiles::Handle::Handle(TemporaryFiles& owner, std::string path)
    : owner_(owner), path_(std::move(path)), file_(owner.files_.open(path_, OpenMode::Truncate)) {}

TemporaryFiles::Handle::~Handle() {
  file_.reset();
  try {
    owner_.files_.remove(path_);
  } catch (const std::exception&) {
    // Left for the next start to remove.
  }
}

void TemporaryFiles::Handle::append(std::string_view data) {
  file_->append(data);
  owner_.bytes_.fetch_add(data.size(), std::memory_order_relaxed);
}

}  // namespace aegis::os
