#include "registry.h"

#include <span>
#include <unistd.h>

#include "aegis/os/random.h"

namespace aegis::session {

int Registry::add(RegisteredSession& session, int32_t& secret) {
  os::fill_random(std::as_writable_bytes(std::span(&secret, 1)));
  std::lock_guard lock(mutex_);
  if (next_pid_ == 0) next_pid_ = static_cast<int>(getpid());
  do {
    next_pid_ = next_pid_ >= 0x3fffffff ? 1 : next_pid_ + 1;
  } while (sessions_.count(next_pid_) != 0);
  Entry& entry = sessions_[next_pid_];
  entry.session = &session;
  entry.secret = secret;
  entry.activity.pid = next_pid_;
  return next_pid_;
}

void Registry::remove(int pid) {
  std::lock_guard lock(mutex_);
  sessions_.erase(pid);
}

bool Registry::cancel(int pid, int32_t secret) {
  std::lock_guard lock(mutex_);
  auto at = sessions_.find(pid);
  if (at == sessions_.end() || at->second.secret != secret) return false;
  at->second.session->cancel();
  return true;
}

bool Registry::cancel_by_pid(int pid) {
  std::lock_guard lock(mutex_);
  auto at = sessions_.find(pid);
  if (at == sessions_.end()) return false;
  at->second.session->cancel();
  return true;
}

bool Registry::terminate(int pid) {
  std::lock_guard lock(mutex_);
  auto at = sessions_.find(pid);
  if (at == sessions_.end()) return false;
  at->second.session->end_by_administrator();
  return true;
}

void Registry::terminate_all() {
  std::lock_guard lock(mutex_);
  for (auto& [pid, entry] : sessions_) entry.session->end_by_administrator();
}

size_t Registry::count() const {
  std::lock_guard lock(mutex_);
  return sessions_.size();
}

void Registry::listen(int pid, const std::string& channel) {
  std::lock_guard lock(mutex_);
  sessions_.at(pid).channels.insert(channel);
}

void Registry::unlisten(int pid, const std::string& channel) {
  std::lock_guard lock(mutex_);
  sessions_.at(pid).channels.erase(channel);
}

void Registry::unlisten_all(int pid) {
  std::lock_guard lock(mutex_);
  sessions_.at(pid).channels.clear();
}

std::vector<std::string> Registry::channels_of(int pid) const {
  std::lock_guard lock(mutex_);
  const auto& channels = sessions_.at(pid).channels;
  return {channels.begin(), channels.end()};
}

void Registry::notify(const std::vector<Notification>& notifications) {
  std::lock_guard lock(mutex_);
  for (auto& [pid, entry] : sessions_) {
    for (const Notification& notification : notifications) {
      if (entry.channels.count(notification.channel) != 0) entry.session->deliver(notification);
    }
  }
}

std::shared_ptr<Registry::DatabaseEnds> Registry::transaction_ends(Oid database) {
  std::lock_guard guard(mutex_);
  auto& ends = ends_[database];
  if (ends == nullptr) ends = std::make_shared<DatabaseEnds>();
  return ends;
}

void Registry::note_transaction_end(uint64_t transaction, bool committed) {
  constexpr size_t kKept = 100'000;
  std::lock_guard lock(mutex_);
  transaction_ends_[transaction] = committed;
  if (transaction_ends_.size() > kKept) transaction_ends_.erase(transaction_ends_.begin());
}

std::optional<bool> Registry::transaction_committed(uint64_t transaction) const {
  std::lock_guard lock(mutex_);
  auto found = transaction_ends_.find(transaction);
  return found == transaction_ends_.end() ? std::nullopt : std::optional<bool>(found->second);
}

void Registry::set_activity(int pid, const std::function<void(Activity&)>& edit) {
  std::lock_guard lock(mutex_);
  auto at = sessions_.find(pid);
  if (at != sessions_.end()) edit(at->second.activity);
}

std::vector<Activity> Registry::activities() const {
  std::lock_guard lock(mutex_);
  std::vector<Activity> result;
  for (const auto& [pid, entry] : sessions_) result.push_back(entry.activity);
  return result;
}

}  // namespace aegis::session
