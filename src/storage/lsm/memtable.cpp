#include "lsm/memtable.h"

#include <cstring>

namespace aegis::storage::lsm {

std::unique_ptr<Memtable> Memtable::make(MemtableKind kind) {
  switch (kind) {
    case MemtableKind::SkipList: return make_skip_list();
    case MemtableKind::AdaptiveRadixTree: return make_adaptive_radix_tree();
    case MemtableKind::BTree: return make_btree_memtable();
  }
  return nullptr;
}

Entry Memtable::copy_entry(const Entry& entry, char* to) {
  Entry copy = entry;
  if (!entry.key.empty()) std::memcpy(to, entry.key.data(), entry.key.size());
  copy.key = {to, entry.key.size()};
  to += entry.key.size();
  if (!entry.value.empty()) std::memcpy(to, entry.value.data(), entry.value.size());
  copy.value = {to, entry.value.size()};
  return copy;
}

}  // namespace aegis::storage::lsm
