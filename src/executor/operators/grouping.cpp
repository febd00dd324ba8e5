#include "operators/grouping.h"

#include <cstring>

#include "aegis/base/error.h"

namespace aegis::executor {

namespace {

std::vector<PhysicalType> physical_types(const std::vector<Oid>& types) {
  std::vector<PhysicalType> physical;
  for (Oid type : types) physical.push_back(types::physical_type(type));
  return physical;
}

}  // namespace

GroupTable::GroupTable(const std::vector<Oid>& key_types, size_t payload_bytes)
    : layout_(key_types, physical_types(key_types), sizeof(uint64_t)), payload_at_(layout_.row_bytes()), total_bytes_(payload_at_ + payload_bytes) {
  for (size_t i = 0; i < key_types.size(); ++i) equalities_.push_back(slot_equality(key_types[i], layout_.physical(i), layout_.physical(i)));
  slots_.resize(1024);
}

uint64_t GroupTable::hash_of(const std::byte* row) const {
  uint64_t hash;
  std::memcpy(&hash, row, sizeof hash);
  return hash;
}

bool GroupTable::same_keys(const std::vector<VectorView>& views, size_t i, const std::byte* row) const {
  for (size_t k = 0; k < views.size(); ++k) {
    size_t at = views[k].index(i);
    bool null = !vector::valid_at(views[k].validity, at);
    if (null != layout_.is_null(row, k)) return false;
    if (!null && !equalities_[k](views[k], at, layout_.slot(row, k), layout_.type(k))) return false;
  }
  return true;
}

std::byte* GroupTable::insert_at(size_t slot, uint64_t hash) {
  auto* row = static_cast<std::byte*>(arena_.allocate(total_bytes_, 16));
  std::memset(row, 0, total_bytes_);
  std::memcpy(row, &hash, sizeof hash);
  slots_[slot] = {hash, row};
  rows_.push_back(row);
  return row;
}

void GroupTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.row == nullptr) continue;
    size_t at = slot.hash & mask;
    while (slots_[at].row != nullptr) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

// A table beyond the caches is looked up in two rounds before it is used, so that the misses overlap.
void GroupTable::prefetch(size_t count) const {
  constexpr size_t kCachedSlots = 16384;
  if (slots_.size() <= kCachedSlots) return;
  size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < count; ++i) __builtin_prefetch(&slots_[hashes_[i] & mask]);
  for (size_t i = 0; i < count; ++i) {
    const Slot& slot = slots_[hashes_[i] & mask];
    if (slot.row != nullptr) __builtin_prefetch(slot.row);
  }
}

void GroupTable::find_or_insert(const std::vector<const Vector*>& keys, size_t count, std::byte** rows, bool* is_new) {
  hashes_.assign(count, 0x2545f4914f6cdd1dULL);
  std::vector<VectorView> views;
  for (size_t k = 0; k < keys.size(); ++k) {
    vector::hash_vector(*keys[k], count, k == 0 ? vector::HashMode::Set : vector::HashMode::Combine, hashes_.data());
    views.push_back(keys[k]->view());
  }
  while ((rows_.size() + count) * 2 > slots_.size()) grow();
  prefetch(count);
  size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < count; ++i) {
    uint64_t hash = hashes_[i];
    size_t at = hash & mask;
    std::byte* found = nullptr;
    while (slots_[at].row != nullptr) {
      if (slots_[at].hash == hash && same_keys(views, i, slots_[at].row)) {
        found = slots_[at].row;
        break;
      }
      at = (at + 1) & mask;
    }
    if (is_new != nullptr) is_new[i] = found == nullptr;
    if (found == nullptr) {
      found = insert_at(at, hash);
      for (size_t k = 0; k < views.size(); ++k) layout_.store(found, k, views[k], i, arena_);
    }
    rows[i] = found;
  }
}

void GroupTable::find(const std::vector<const Vector*>& keys, size_t count, std::byte** rows) {
  hashes_.assign(count, 0x2545f4914f6cdd1dULL);
  std::vector<VectorView> views;
  for (size_t k = 0; k < keys.size(); ++k) {
    vector::hash_vector(*keys[k], count, k == 0 ? vector::HashMode::Set : vector::HashMode::Combine, hashes_.data());
    views.push_back(keys[k]->view());
  }
  prefetch(count);
  size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < count; ++i) {
    rows[i] = nullptr;
    for (size_t at = hashes_[i] & mask; slots_[at].row != nullptr; at = (at + 1) & mask) {
      if (slots_[at].hash == hashes_[i] && same_keys(views, i, slots_[at].row)) {
        rows[i] = slots_[at].row;
        break;
      }
    }
  }
}

bool GroupTable::same_rows(const std::byte* a, const std::byte* b) const {
  for (size_t k = 0; k < layout_.column_count(); ++k) {
    bool null = layout_.is_null(a, k);
    if (null != layout_.is_null(b, k)) return false;
    if (null) continue;
    VectorView view{layout_.slot(a, k), nullptr, nullptr};
    if (!equalities_[k](view, 0, layout_.slot(b, k), layout_.type(k))) return false;
  }
  return true;
}

std::byte* GroupTable::find_or_insert_row(const std::byte* row, bool* is_new) {
  if ((rows_.size() + 1) * 2 > slots_.size()) grow();
  size_t mask = slots_.size() - 1;
  uint64_t hash = hash_of(row);
  size_t at = hash & mask;
  while (slots_[at].row != nullptr) {
    if (slots_[at].hash == hash && same_rows(row, slots_[at].row)) {
      *is_new = false;
      return slots_[at].row;
    }
    at = (at + 1) & mask;
  }
  *is_new = true;
  std::byte* made = insert_at(at, hash);
  std::memcpy(made, row, layout_.row_bytes());
  for (size_t k = 0; k < layout_.column_count(); ++k) {
    std::byte* slot = layout_.slot(made, k);
    if (layout_.is_null(made, k)) continue;
    if (auto bytes = types::out_of_line(layout_.physical(k), slot); !bytes.empty()) {
      types::set_out_of_line(layout_.physical(k), slot, arena_.copy(bytes));
    }
  }
  return made;
}

}  // namespace aegis::executor
