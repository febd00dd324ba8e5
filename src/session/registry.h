// Sessions by their number: cancel requests, termination, LISTEN and NOTIFY.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "aegis/base/ids.h"

#include "function_counts.h"

namespace aegis::session {

struct Notification {
  int pid;
  std::string channel;
  std::string payload;
};

// What the registry may ask of a session, from any thread.
class RegisteredSession {
 public:
  virtual ~RegisteredSession() = default;
  virtual void cancel() = 0;
  virtual void end_by_administrator() = 0;
  virtual void deliver(const Notification& notification) = 0;
};

// For pg_stat_activity.
struct Activity {
  int pid = 0;
  Oid database = 0;
  Oid role = 0;
  std::string database_name;
  std::string role_name;
  std::string application_name;
  std::string client_address;
  int client_port = -1;
  int64_t backend_start = 0;  // microseconds since 2000-01-01, 0 none
  int64_t transaction_start = 0;
  int64_t query_start = 0;
  int64_t state_change = 0;
  std::string state;
  std::string query;
};

class Registry {
 public:
  // A new number and a secret for it.
  int add(RegisteredSession& session, int32_t& secret);
  void remove(int pid);
  bool cancel(int pid, int32_t secret);
  bool cancel_by_pid(int pid);
  bool terminate(int pid);
  void terminate_all();
  size_t count() const;

  void listen(int pid, const std::string& channel);
  void unlisten(int pid, const std::string& channel);
  void unlisten_all(int pid);
  std::vector<std::string> channels_of(int pid) const;
  void notify(const std::vector<Notification>& notifications);

  // Counts of a database, for pg_stat_database.
  struct DatabaseEnds {
    std::atomic<uint64_t> committed{0};
    std::atomic<uint64_t> rolled_back{0};
    std::atomic<uint64_t> sessions{0};
  };
  std::shared_ptr<DatabaseEnds> transaction_ends(Oid database);

  // How transactions ended whose numbers were given out; the last hundred thousand of them.
  void note_transaction_end(uint64_t transaction, bool committed);
  std::optional<bool> transaction_committed(uint64_t transaction) const;

  void set_activity(int pid, const std::function<void(Activity&)>& edit);
  std::vector<Activity> activities() const;
  FunctionCounts& function_counts() { return function_counts_; }

 private:
  struct Entry {
    RegisteredSession* session;
    int32_t secret;
    Activity activity;
    std::set<std::string> channels;
  };
  mutable std::mutex mutex_;
  std::map<int, Entry> sessions_;
  std::map<Oid, std::shared_ptr<DatabaseEnds>> ends_;
  std::map<uint64_t, bool> transaction_ends_;
  int next_pid_ = 0;
  FunctionCounts function_counts_;
};

}  // namespace aegis::session
