// Plans shared by all sessions: least recently used ones go first.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aegis/parser/parser.h"
#include "aegis/plan/physical.h"
#include "aegis/storage/fwd.h"

namespace aegis::session {

// A text and its tree. Immutable.
struct ParsedText {
  std::string text;
  parser::ParseResult result;
};

struct CachedPlan {
  std::shared_ptr<const plan::PhysicalPlan> plan;  // null: the statement is better planned with its literals
  uint64_t catalog_version = 0;
  Oid role = kInvalidOid;  // whose privileges were checked
  // It touches few rows, so it may run on a reactor.
  bool is_short = false;
  // What rules made of the statement besides `plan`: run before and after it, with its parameters.
  std::vector<std::shared_ptr<const CachedPlan>> before, after;
  std::vector<std::pair<std::string, std::string>> notifications;
  std::string unpopulated;  // a materialized view that it reads and that has no rows yet
  // How many rows its tables had.
  struct TableSize {
    TableId table;
    uint64_t rows;
  };
  std::vector<TableSize> sizes;
  mutable std::atomic<int64_t> checked_us{0};
  mutable std::atomic<bool> stale{false};
};
using CachedPlanPtr = std::shared_ptr<const CachedPlan>;

// True when a table has grown or shrunk so much that another plan may be better. Looks at most every 100 ms.
bool is_outgrown(const CachedPlan& plan, const storage::Engine& engine);
void record_sizes(CachedPlan& plan, const storage::Engine& engine);
// Whether a plan touches few rows whatever its parameters are.
bool is_short_plan(const plan::PhysicalPlan& plan, const storage::Engine& engine);

template <typename Item>
class LruMap {
 public:
  explicit LruMap(size_t capacity) : capacity_(capacity) {}
  Item find(std::string_view key) {
    std::lock_guard lock(mutex_);
    auto at = map_.find(key);
    if (at == map_.end()) return nullptr;
    order_.splice(order_.begin(), order_, at->second);
    return at->second->second;
  }
  void put(std::string_view key, Item item) {
    std::lock_guard lock(mutex_);
    auto at = map_.find(key);
    if (at != map_.end()) {
      at->second->second = std::move(item);
      order_.splice(order_.begin(), order_, at->second);
      return;
    }
    order_.emplace_front(std::string(key), std::move(item));
    map_.emplace(order_.front().first, order_.begin());
    if (map_.size() > capacity_) {
      map_.erase(order_.back().first);
      order_.pop_back();
    }
  }
  void clear() {
    std::lock_guard lock(mutex_);
    map_.clear();
    order_.clear();
  }

 private:
  size_t capacity_;
  std::mutex mutex_;
  std::list<std::pair<std::string, Item>> order_;
  std::unordered_map<std::string_view, typename std::list<std::pair<std::string, Item>>::iterator> map_;
};

class PlanCache {
 public:
  LruMap<CachedPlanPtr> plans{1024};
  // Statements about the session ("BEGIN", "COMMIT", "SHOW x"), by their text.
  LruMap<std::shared_ptr<const ParsedText>> texts{256};
};

}  // namespace aegis::session
