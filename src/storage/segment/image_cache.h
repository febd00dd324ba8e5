// Blocks kept open for those who read whole rows of one block one after another (a large UPDATE). A block is kept from the
// second row on that a thread asks of it, and holds no page of the buffer pool.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "segment/row_group.h"

namespace aegis::storage {

class ImageCache {
 public:
  // One value, to slot 0 of a flat vector, or to `apart` if it is that.
  void read(const std::shared_ptr<RowGroup>& group, size_t column, size_t position, vector::Vector& out, std::vector<ApartValue>& apart);
  // Drops what it holds of a table's row groups.
  void clear();

 private:
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<RowGroup> group;
    size_t block = 0;
    std::vector<std::unique_ptr<ColumnBlock>> columns;  // null: asked for once, or not yet
    std::vector<bool> asked;
  };
  std::array<Slot, 4> slots_;
};

}  // namespace aegis::storage
