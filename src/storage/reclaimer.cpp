#include "reclaimer.h"

#include <vector>

namespace aegis::storage {

void Reclaimer::retire(void* object, void (*destroy)(void*)) {
  std::lock_guard guard(mutex_);
  // Under the mutex, so that the queue is in order of time.
  items_.push_back({transactions_.visible_ts(), object, destroy});
}

void Reclaimer::retire(std::shared_ptr<void> object) {
  retire(new std::shared_ptr<void>(std::move(object)), [](void* p) { delete static_cast<std::shared_ptr<void>*>(p); });
}

bool Reclaimer::collect(Timestamp horizon) {
  std::vector<Item> batch;
  for (;;) {
    batch.clear();
    bool left;
    {
      std::lock_guard guard(mutex_);
      while (!items_.empty() && items_.front().ts < horizon && batch.size() < 1024) {
        batch.push_back(items_.front());
        items_.pop_front();
      }
      left = !items_.empty();
    }
    if (batch.empty()) return left;
    for (const Item& item : batch) item.destroy(item.object);
  }
}

}  // namespace aegis::storage
