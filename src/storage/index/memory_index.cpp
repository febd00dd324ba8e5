#include "index/memory_index.h"

#include <algorithm>
#include <thread>

#include "aegis/base/arena.h"
#include "aegis/base/hash.h"
#include "index/index_read.h"
#include "table/memory_table.h"

namespace aegis::storage {
bool MemoryIndex::depends_on(std::span<const uint32_t> columns) const {
  auto changed = [&](uint32_t column) { return std::find(columns.begin(), columns.end(), column) != columns.end(); };
  if (definition_.compute) return std::any_of(definition_.inputs.begin(), definition_.inputs.end(), changed);
  return std::any_of(definition_.columns.begin(), definition_.columns.end(),
                     [&](const KeyColumn& key) { return changed(key.column); });
}

bool MemoryIndex::key_of(const Layout& layout, const Version& version, std::string& key, bool* has_null) const {
  key.clear();
  if (has_null != nullptr) *has_null = false;
  const ValueStore* values = table_.segment_options().values;
  if (!definition_.compute) {
    Arena apart;
    for (const KeyColumn& column : definition_.columns) {
      types::Value value;
      if (is_reference(layout, version, column.column)) {
        value.is_null = false;
        types::StringView text = values->read(reference_of(layout, version, column.column), apart);
        std::memcpy(value.slot, &text, sizeof text);
      } else if (!is_null(layout, version, column.column)) {
        value = types::load_slot(column.type, slot_of(layout, version, column.column));
      } else if (has_null != nullptr) {
        *has_null = true;
      }
      append_key(key, column, value);
    }
    return true;
  }
  KeyBatch batch;
  compute(layout, version, batch);
  if (batch.keys.empty() || (!batch.skipped.empty() && batch.skipped[0] != 0)) return false;
  if (has_null != nullptr) *has_null = !batch.has_null.empty() && batch.has_null[0] != 0;
  key = batch.keys[0];
  return true;
}

void MemoryIndex::for_each_segment_key(const std::vector<uint64_t>* numbers,
                                       const std::function<void(std::string_view, RowId)>& visit) const {
  KeyBatch keys;
  if (definition_.compute) {
    table_.for_each_segment_row(definition_.inputs, numbers, [&](const vector::Chunk& chunk, std::span<const RowId> rows) {
      keys.clear();
      definition_.compute(chunk, keys);
      for (size_t i = 0; i < keys.keys.size(); ++i) {
        if (keys.skipped.empty() || keys.skipped[i] == 0) visit(keys.keys[i], rows[keys.rows.empty() ? i : keys.rows[i]]);
      }
    });
    return;
  }
  std::vector<KeyColumn> columns = definition_.columns;
  std::vector<uint32_t> positions;
  for (size_t i = 0; i < columns.size(); ++i) {
    positions.push_back(columns[i].column);
    columns[i].column = static_cast<uint32_t>(i);
  }
  table_.for_each_segment_row(positions, numbers, [&](const vector::Chunk& chunk, std::span<const RowId> rows) {
    keys.clear();
    encode_keys(chunk, columns, keys);
    for (size_t i = 0; i < rows.size(); ++i) visit(keys.keys[i], rows[i]);
  });
}

void MemoryIndex::keys_of(const Layout& layout, const Version& version, std::vector<std::string>& keys) const {
  if (!definition_.inverted) {
    std::string key;
    if (key_of(layout, version, key)) keys.push_back(std::move(key));
    return;
  }
  KeyBatch batch;
  compute(layout, version, batch);
  for (std::string_view key : batch.keys) keys.emplace_back(key);
}

void MemoryIndex::compute(const Layout& layout, const Version& version, KeyBatch& batch) const {
  vector::Chunk row;
  for (uint32_t input : definition_.inputs) row.add_column(kInvalidOid, layout.columns[input].type);
  const Version* one = &version;
  for (size_t i = 0; i < definition_.inputs.size(); ++i) {
    gather_column(layout, definition_.inputs[i], &one, 1, false, table_.segment_options().values, row.column(i));
  }
  row.set_size(1);
  definition_.compute(row, batch);
}

std::mutex& MemoryIndex::key_latch(std::string_view key) {
  return key_latches_[hash_bytes(key) % key_latches_.size()];
}

// What another row's newest state means for `key`.
UniqueResult MemoryIndex::judge(const TxnContext& txn, std::string_view key, RowId candidate) const {
  const Layout& layout = table_.layout();
  std::string other;
  auto has_key = [&](const Version& v) { return !v.is_tombstone() && key_of(layout, v, other) && other == key; };
  auto segment_has_key = [&] {
    RowImage image = table_.segment_image(candidate, read_columns());
    return image && has_key(*image);
  };
  // Of a row that has only its segment.
  auto judge_group = [&]() -> UniqueResult {
    const RowGroup* group = table_.groups().find(candidate.value / table_.segment_options().group_rows);
    if (group == nullptr) return {};
    auto creator = table_.running_creator(group->begin.load(std::memory_order_acquire));
    bool others = creator && *creator != txn.id;
    if (!creator && table_.commit_time(group->begin) == MemoryTable::kNotCommitted) return {};
    if (!segment_has_key()) return {};
    return others ? UniqueResult{UniqueOutcome::Wait, candidate, *creator} : UniqueResult{UniqueOutcome::Conflict, candidate, {}};
  };
  const Version* head;
  for (;;) {
    head = table_.head(candidate);
    if (head == nullptr) return judge_group();
    if (head->begin.load(std::memory_order_acquire) == (kTxnBit | txn.id.value)) break;
    if (auto creator = table_.running_creator(*head)) {
      const Version* committed = head;
      const Version* oldest = head;
      while (committed != nullptr && table_.commit_time(*committed) == MemoryTable::kNotCommitted) {
        oldest = committed;
        committed = committed->older.load(std::memory_order_acquire);
      }
      bool matters = has_key(*head) || (committed != nullptr && has_key(*committed));
      if (!matters && committed == nullptr && (oldest->flags & Version::kInsert) == 0) matters = segment_has_key();
      return matters ? UniqueResult{UniqueOutcome::Wait, candidate, *creator} : UniqueResult{};
    }
    // A version of a transaction that has just been rolled back is about to be unlinked: look again.
    if (table_.commit_time(*head) != MemoryTable::kNotCommitted) break;
    std::this_thread::yield();
  }
  return has_key(*head) ? UniqueResult{UniqueOutcome::Conflict, candidate, {}} : UniqueResult{};
}

UniqueResult MemoryIndex::check_unique(const TxnContext& txn, std::string_view key, RowId row) const {
  Reclaimer::Pin pin(reclaimer_);
  UniqueResult result;
  for_each_row(key, [&](RowId candidate) {
    if (candidate == row) return true;
    UniqueResult one = judge(txn, key, candidate);
    if (!one) result = one;
    return one.outcome != UniqueOutcome::Conflict;
  });
  return result;
}

UniqueResult MemoryIndex::insert_unique(const TxnContext& txn, std::string_view key, RowId row) {
  std::lock_guard guard(key_latch(key));
  UniqueResult result = check_unique(txn, key, row);
  if (result) insert(key, row);
  return result;
}

}  // namespace aegis::storage
