// The Index over a BTree, and the rules of uniqueness.
#pragma once

#include <array>
#include <mutex>
#include <string>

#include "aegis/storage/index.h"
#include "index/btree.h"
#include "table/tuple.h"

namespace aegis::storage {

class MemoryTable;

class MemoryIndex final : public Index {
 public:
  MemoryIndex(const IndexDefinition& definition, MemoryTable& table, Reclaimer& reclaimer);

  const IndexDefinition& definition() const override { return definition_; }
  std::unique_ptr<IndexCursor> scan(KeyRange range, ScanDirection direction) const override;
  void lookup(std::string_view key, std::vector<RowId>& rows) const override;
  void insert(std::string_view key, RowId row) override { tree_.insert(key, row.value); }
  UniqueResult insert_unique(const TxnContext& txn, std::string_view key, RowId row) override;
  UniqueResult check_unique(const TxnContext& txn, std::string_view key, RowId row) const override;
  void erase(std::string_view key, RowId row) override { tree_.erase(key, row.value); }
  uint64_t entry_count() const override { return tree_.entry_count(); }
  uint64_t size_bytes() const override { return tree_.size_bytes(); }

  // --- For tables and the engine.
  MemoryTable& table() const { return table_; }
  bool depends_on(std::span<const uint32_t> columns) const;
  // Columns that keys are made of.
  std::span<const uint32_t> read_columns() const { return read_columns_; }
  // The key of a version; false if it has none. `has_null` tells whether a column of it is null.
  bool key_of(const Layout& layout, const Version& version, std::string& key, bool* has_null = nullptr) const;

 private:
  UniqueResult judge(const TxnContext& txn, std::string_view key, RowId candidate) const;
  // Insertions of one key take turns.
  std::mutex& key_latch(std::string_view key);

  IndexDefinition definition_;
  MemoryTable& table_;
  BTree tree_;
  std::vector<uint32_t> read_columns_;
  std::array<std::mutex, 64> key_latches_;
};

}  // namespace aegis::storage
