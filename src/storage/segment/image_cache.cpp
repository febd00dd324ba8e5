#include "segment/image_cache.h"

#include <functional>
#include <thread>

namespace aegis::storage {

void ImageCache::read(const std::shared_ptr<RowGroup>& group, size_t column, size_t position, vector::Vector& out,
                      std::vector<ApartValue>& apart) {
  Slot& slot = slots_[std::hash<std::thread::id>()(std::this_thread::get_id()) % slots_.size()];
  std::unique_lock guard(slot.mutex, std::try_to_lock);
  if (!guard.owns_lock()) return group->read(column, position, 1, out, 0, &apart);
  size_t block = position / group->block_rows();
  if (slot.group != group || slot.block != block) {
    slot.group = group;
    slot.block = block;
    slot.columns.clear();
    slot.asked.clear();
  }
  if (slot.asked.size() <= column) {
    slot.asked.resize(column + 1);
    slot.columns.resize(column + 1);
  }
  if (!slot.columns[column]) {
    if (!slot.asked[column] || group->info().chunks[column].ends.empty()) {
      slot.asked[column] = true;
      return group->read(column, position, 1, out, 0, &apart);
    }
    slot.columns[column] = group->open_owned(column, block);
  }
  slot.columns[column]->read(position - block * group->block_rows(), 1, out, 0, &apart);
}

void ImageCache::clear() {
  for (Slot& slot : slots_) {
    std::lock_guard guard(slot.mutex);
    slot.group.reset();
    slot.columns.clear();
    slot.asked.clear();
  }
}

}  // namespace aegis::storage
