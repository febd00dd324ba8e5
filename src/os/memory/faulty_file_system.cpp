#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/os/random.h"

namespace aegis::os {
namespace {

struct PendingWrite {
  uint64_t offset;
  std::string data;
  bool truncate;  // to `offset`
};

void apply_change(std::string& bytes, const PendingWrite& write) {
  if (write.truncate) {
    bytes.resize(write.offset);
    return;
  }
  if (bytes.size() < write.offset + write.data.size()) bytes.resize(write.offset + write.data.size());
  std::memcpy(bytes.data() + write.offset, write.data.data(), write.data.size());
}

struct Node {
  std::string current;
  std::string durable;
  std::vector<PendingWrite> pending;
};

using NameMap = std::map<std::string, std::shared_ptr<Node>>;

struct NameChange {
  std::string path;
  std::shared_ptr<Node> node;  // null: removed
  std::string removed;         // a rename's source, gone in the same step
};

void apply_change(NameMap& names, const NameChange& change) {
  if (change.node) {
    names[change.path] = change.node;
    if (!change.removed.empty()) names.erase(change.removed);
  } else {
    names.erase(change.path);
  }
}

}  // namespace

struct FaultyFileSystem::State {
  explicit State(uint64_t seed) : random(seed) {}

  std::mutex mutex;
  Random random;
  NameMap current;
  NameMap durable;
  std::vector<NameChange> pending;
  std::set<std::string> locked;
  uint64_t calls = 0;
  uint64_t crash_at = 0;
  uint64_t io_error_at = 0;
  uint64_t no_space_at = 0;
  uint64_t generation = 0;
  bool crashed = false;

  void check_alive(uint64_t of_generation) {
    if (crashed || of_generation != generation) throw StorageError(Sqlstate::IoError, "the machine has crashed");
  }

  // Called with the mutex held before every change.
  void count(std::string_view path, bool needs_space) {
    check_alive(generation);
    ++calls;
    if (crash_at != 0 && calls >= crash_at) {
      crashed = true;
      throw StorageError(Sqlstate::IoError, "the machine has crashed");
    }
    if (io_error_at != 0 && calls >= io_error_at) {
      io_error_at = 0;
      throw StorageError(Sqlstate::IoError, fmt::format("could not write to file \"{}\": Input/output error", path));
    }
    if (needs_space && no_space_at != 0 && calls >= no_space_at) {
      throw StorageError(Sqlstate::DiskFull,
                         fmt::format("could not write to file \"{}\": No space left on device", path));
    }
  }

  void change_name(NameChange change) {
    apply_change(current, change);
    pending.push_back(std::move(change));
  }
};

namespace {

template <typename State>
class FaultyFile : public File {
 public:
  FaultyFile(std::shared_ptr<State> state, std::shared_ptr<Node> node, std::string path)
      : state_(std::move(state)), node_(std::move(node)), path_(std::move(path)), generation_(state_->generation) {}

  size_t read_at(uint64_t offset, std::span<char> out) override {
    std::lock_guard guard(state_->mutex);
    state_->check_alive(generation_);
    if (offset >= node_->current.size()) return 0;
    size_t count = std::min<size_t>(out.size(), node_->current.size() - offset);
    std::memcpy(out.data(), node_->current.data() + offset, count);
    return count;
  }

  void write_at(uint64_t offset, std::string_view data) override {
    std::lock_guard guard(state_->mutex);
    write({offset, std::string(data), false});
  }

  void append(std::string_view data) override {
    std::lock_guard guard(state_->mutex);
    write({node_->current.size(), std::string(data), false});
  }

  void truncate(uint64_t size) override {
    std::lock_guard guard(state_->mutex);
    write({size, {}, true});
  }

  void sync() override {
    std::lock_guard guard(state_->mutex);
    state_->check_alive(generation_);
    state_->count(path_, false);
    node_->durable = node_->current;
    node_->pending.clear();
  }

  uint64_t size() override {
    std::lock_guard guard(state_->mutex);
    state_->check_alive(generation_);
    return node_->current.size();
  }

 private:
  void write(PendingWrite write) {
    state_->check_alive(generation_);
    try {
      state_->count(path_, !write.truncate && write.offset + write.data.size() > node_->current.size());
    } catch (...) {
      // The machine may die, or the disk fail, in the middle of a write.
      if (!write.truncate && !write.data.empty()) {
        write.data.resize(state_->random.below(write.data.size() + 1));
        apply_change(node_->current, write);
        node_->pending.push_back(std::move(write));
      }
      throw;
    }
    apply_change(node_->current, write);
    node_->pending.push_back(std::move(write));
  }

  std::shared_ptr<State> state_;
  std::shared_ptr<Node> node_;
  std::string path_;
  uint64_t generation_;
};

template <typename State>
class FaultyLock : public FileLock {
 public:
  FaultyLock(std::shared_ptr<State> state, std::string path)
      : state_(std::move(state)), path_(std::move(path)), generation_(state_->generation) {}
  ~FaultyLock() override {
    std::lock_guard guard(state_->mutex);
    if (state_->generation == generation_) state_->locked.erase(path_);
  }

 private:
  std::shared_ptr<State> state_;
  std::string path_;
  uint64_t generation_;
};

}  // namespace

FaultyFileSystem::FaultyFileSystem(uint64_t seed) : state_(std::make_shared<State>(seed)) {}
FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::crash_after(uint64_t calls) {
  std::lock_guard guard(state_->mutex);
  state_->crash_at = state_->calls + calls;
}
void FaultyFileSystem::fail_io_after(uint64_t calls) {
  std::lock_guard guard(state_->mutex);
  state_->io_error_at = state_->calls + calls;
}
void FaultyFileSystem::fail_space_after(uint64_t calls) {
  std::lock_guard guard(state_->mutex);
  state_->no_space_at = state_->calls + calls;
}
void FaultyFileSystem::restore_space() {
  std::lock_guard guard(state_->mutex);
  state_->no_space_at = 0;
}
bool FaultyFileSystem::crashed() const {
  std::lock_guard guard(state_->mutex);
  return state_->crashed;
}
uint64_t FaultyFileSystem::call_count() const {
  std::lock_guard guard(state_->mutex);
  return state_->calls;
}

void FaultyFileSystem::restart() {
  std::lock_guard guard(state_->mutex);
  State& s = *state_;
  // Journaling file systems keep the order of name changes: a prefix of the unsynced ones survives.
  size_t kept_names = s.random.below(s.pending.size() + 1);
  for (size_t i = 0; i < kept_names; ++i) apply_change(s.durable, s.pending[i]);
  s.pending.clear();
  s.current = s.durable;
  for (auto& [path, node] : s.current) {
    for (PendingWrite& write : node->pending) {
      uint64_t choice = s.random.below(4);
      if (choice == 0) continue;
      if (choice == 1 && !write.truncate) write.data.resize(s.random.below(write.data.size() + 1));
      apply_change(node->durable, write);
    }
    node->pending.clear();
    node->current = node->durable;
  }
  s.locked.clear();
  s.crashed = false;
  s.crash_at = s.io_error_at = s.no_space_at = 0;
  ++s.generation;
}

void FaultyFileSystem::flip_bit(const std::string& path, uint64_t bit) {
  std::lock_guard guard(state_->mutex);
  Node& node = *state_->current.at(path);
  for (std::string* bytes : {&node.current, &node.durable}) {
    if (bit / 8 < bytes->size()) (*bytes)[bit / 8] = static_cast<char>((*bytes)[bit / 8] ^ (1 << bit % 8));
  }
}

std::unique_ptr<FaultyFileSystem> FaultyFileSystem::copy() const {
  auto result = std::make_unique<FaultyFileSystem>(1);
  std::lock_guard guard(state_->mutex);
  for (const auto& [path, node] : state_->current) {
    auto same = std::make_shared<Node>();
    same->current = same->durable = node->current;
    result->state_->current[path] = same;
    result->state_->durable[path] = same;
  }
  return result;
}

std::unique_ptr<File> FaultyFileSystem::open(const std::string& path, OpenMode mode) {
  std::lock_guard guard(state_->mutex);
  state_->check_alive(state_->generation);
  auto found = state_->current.find(path);
  std::shared_ptr<Node> node;
  if (found != state_->current.end()) {
    node = found->second;
    if (mode == OpenMode::Truncate) {
      state_->count(path, false);
      node->current.clear();
      node->pending.push_back({0, {}, true});
    }
  } else {
    if (mode == OpenMode::Read || mode == OpenMode::ReadWrite) {
      throw StorageError(Sqlstate::IoError, fmt::format("could not open file \"{}\": No such file or directory", path));
    }
    state_->count(path, true);
    node = std::make_shared<Node>();
    state_->change_name({path, node, {}});
  }
  return std::make_unique<FaultyFile<State>>(state_, node, path);
}

bool FaultyFileSystem::exists(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  state_->check_alive(state_->generation);
  if (state_->current.contains(path)) return true;
  auto next = state_->current.lower_bound(path + "/");
  return next != state_->current.end() && next->first.starts_with(path + "/");
}

void FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  std::lock_guard guard(state_->mutex);
  state_->count(from, false);
  auto found = state_->current.find(from);
  if (found == state_->current.end()) {
    throw StorageError(Sqlstate::IoError, fmt::format("could not rename file \"{}\": No such file or directory", from));
  }
  state_->change_name({to, found->second, from});
}

void FaultyFileSystem::remove(const std::string& path) {
  std::lock_guard guard(state_->mutex);
  state_->count(path, false);
  if (state_->current.contains(path)) state_->change_name({path, nullptr, {}});
}

std::vector<std::string> FaultyFileSystem::list(const std::string& directory) {
  std::lock_guard guard(state_->mutex);
  state_->check_alive(state_->generation);
  std::set<std::string> names;
  std::string prefix = directory + "/";
  for (auto it = state_->current.lower_bound(prefix); it != state_->current.end() && it->first.starts_with(prefix);
       ++it) {
    std::string rest = it->first.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('/')));
  }
  return {names.begin(), names.end()};
}

void FaultyFileSystem::create_directories(const std::string&) {}

void FaultyFileSystem::sync_directory(const std::string& directory) {
  std::lock_guard guard(state_->mutex);
  state_->count(directory, false);
  // Syncing one directory commits the journal, and with it every earlier name change.
  for (const NameChange& change : state_->pending) apply_change(state_->durable, change);
  state_->pending.clear();
}

std::unique_ptr<FileLock> FaultyFileSystem::lock(const std::string& path, std::string_view) {
  std::lock_guard guard(state_->mutex);
  state_->check_alive(state_->generation);
  if (!state_->locked.insert(path).second) return nullptr;
  return std::make_unique<FaultyLock<State>>(state_, path);
}

}  // namespace aegis::os
