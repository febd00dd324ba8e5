#include "reclaimer.h"

namespace aegis::storage {
namespace {

constexpr size_t kBatch = 1024;

}  // namespace

void Reclaimer::add(std::deque<Item>& items, void* object, void (*destroy)(void*)) {
  std::lock_guard guard(mutex_);
  // Under the mutex, so that the queue is in order of time.
  items.push_back({transactions_.visible_ts(), object, destroy});
}

void Reclaimer::retire(void* object, void (*destroy)(void*)) { add(items_, object, destroy); }

void Reclaimer::retire_unseen(void* object, void (*destroy)(void*)) { add(unseen_, object, destroy); }

void Reclaimer::retire(std::shared_ptr<void> object) {
  retire(new std::shared_ptr<void>(std::move(object)), [](void* p) { delete static_cast<std::shared_ptr<void>*>(p); });
}

void Reclaimer::take(std::deque<Item>& items, Timestamp before, std::vector<Item>& batch) {
  std::lock_guard guard(mutex_);
  while (!items.empty() && items.front().ts < before && batch.size() < kBatch) {
    batch.push_back(items.front());
    items.pop_front();
  }
}

bool Reclaimer::collect_unseen(Timestamp before) {
  for (;;) {
    // Those of the last time had readers still.
    if (leaving_.empty()) take(unseen_, before, leaving_);
    if (leaving_.empty()) return false;
    if (!gate_.try_wait()) return true;
    for (const Item& item : leaving_) item.destroy(item.object);
    leaving_.clear();
  }
}

bool Reclaimer::collect(const LiveSnapshots& live) {
  bool left = collect_unseen(live.onwards);
  std::vector<Item> batch;
  for (;;) {
    batch.clear();
    take(items_, live.horizon, batch);
    if (batch.empty()) break;
    for (const Item& item : batch) item.destroy(item.object);
  }
  std::lock_guard guard(mutex_);
  return left || !items_.empty() || !unseen_.empty();
}

}  // namespace aegis::storage
