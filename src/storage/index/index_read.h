// How the rows of one key are found, for the two files that do it.
#pragma once

#include "index/memory_index.h"
#include "index/tree_cursor.h"

namespace aegis::storage {

// Visits a tree's entries, deletions too, that have exactly `key`, until `visit` returns false.
template <typename F>
void visit_key(const BTree& tree, std::string_view key, F&& visit) {
  const TreeEntry* batch[64];
  TreeProbe probe(key, 0);
  for (;;) {
    const TreeEntry* more = nullptr;
    size_t n = tree.read_forward(probe, batch, more);
    for (size_t i = 0; i < n; ++i) {
      if (batch[i]->key() != key) return;
      if (!visit(*batch[i])) return;
    }
    if (more == nullptr) return;
    // A fence may lie behind entries that are gone; it is a place, not an entry.
    probe = n > 0 && more == batch[n - 1] ? TreeProbe(more->key(), more->row + 1) : TreeProbe(more->key(), more->row);
    if (more->key() > key) return;
  }
}

// The same of any memtable; `visit` is given the row and whether it is a deletion.
template <typename F>
void visit_rows(const IndexMemtable& table, std::string_view key, F&& visit) {
  if (const BTree* tree = table.btree()) {
    return visit_key(*tree, key, [&](const TreeEntry& entry) { return visit(entry.row, entry.deleted); });
  }
  std::string bound(key);
  append_row(bound, 0);
  std::string_view from = bound;
  auto cursor = table.cursor(lsm::Direction::Forward);
  for (cursor->seek(&from); cursor->valid() && kIndexOrder.filter_key(cursor->entry().key) == key; cursor->advance()) {
    if (!visit(row_of(cursor->entry().key), cursor->entry().kind == lsm::EntryKind::Delete)) return;
  }
}

template <typename F>
void MemoryIndex::for_each_row(std::string_view key, F&& visit) const {
  UseGate::Scope scope(gate_);
  Reclaimer::Pin pin(reclaimer_);
  const State& state = this->state();
  if (state.is_single()) {
    visit_key(*state.active->btree(), key, [&](const TreeEntry& entry) { return entry.deleted || visit(RowId(entry.row)); });
    return;
  }
  std::vector<RowId> rows;
  collect_rows(state, key, rows);
  for (RowId row : rows) {
    if (!visit(row)) return;
  }
}

}  // namespace aegis::storage
