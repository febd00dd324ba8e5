// An ordered map from encoded keys to RowIds. Entries are (key, RowId) without versions: a reader fetches the row
// with its snapshot and, where the key may have changed, checks the key again. An entry lives as long as any version
// of the row has its key, and may outlive a crash that the row did not: so the row always has the last word. Reads
// need a registered snapshot, take no lock, and throw StorageError when a file can't be read; all functions are thread
// safe.
#pragma once

#include <cstdint>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/fwd.h"
#include "aegis/storage/key_encoding.h"
#include "aegis/storage/status.h"
#include "aegis/storage/transaction.h"

namespace aegis::storage {

// How an index keeps what does not fit in memory. Files written before a change stay as they are.
struct IndexFileOptions {
  enum class Filter : uint8_t { None, Bloom, Ribbon };
  enum class Compaction : uint8_t { Leveled, Tiered, Flexible, Adaptive };
  enum class Memtable : uint8_t { SkipList, Art, BTree };
  Filter filter = Filter::Bloom;
  bool learned_index = true;
  Compaction compaction = Compaction::Leveled;
  bool compress = false;
  Memtable memtable = Memtable::BTree;  // of what is on disk; other indexes have a B-tree
  friend bool operator==(const IndexFileOptions&, const IndexFileOptions&) = default;
};

// What one index has otherwise.
struct IndexFileOverrides {
  std::optional<IndexFileOptions::Filter> filter;
  std::optional<bool> learned_index;
  std::optional<IndexFileOptions::Compaction> compaction;
  std::optional<bool> compress;
  std::optional<IndexFileOptions::Memtable> memtable;
};

// Rows whose keys could not be computed, and so have no entries: an index with any is of no use to readers.
struct KeyFailures {
  std::atomic<uint64_t> count{0};
  std::mutex mutex;
  std::exception_ptr last;

  void note(std::exception_ptr error) {
    std::lock_guard guard(mutex);
    last = std::move(error);
    count.fetch_add(1, std::memory_order_release);
  }
};

// Of an index whose keys only a session can compute, as they call routines of users; `compute` gives none then. Whoever is
// going to write to the table fills it, once after a start, and enters the keys of what it writes.
struct SessionKeys {
  std::mutex mutex;
  std::atomic<bool> filled{false};
  std::shared_ptr<const void> computation;  // the executor's
};

struct IndexDefinition {
  IndexId id;
  TableId table;
  // Plain columns: the key is these, by position in the table.
  std::vector<KeyColumn> columns;
  // Expressions or a predicate: computes keys from a chunk that has the columns at `inputs`, in that order. Called by
  // any thread, also after errors, and must not throw; a row it can't compute is skipped.
  std::vector<uint32_t> inputs;
  std::function<void(const vector::Chunk& rows, KeyBatch& out)> compute;
  // The same for writers of new rows: throws the user's error, and leaves `failures` alone then.
  std::function<void(const vector::Chunk& rows, KeyBatch& out)> compute_or_throw;
  std::shared_ptr<KeyFailures> failures;
  std::shared_ptr<SessionKeys> session;
  bool inverted = false;  // a row has any number of keys: `compute` fills KeyBatch::rows
  IndexFileOverrides files;
  std::string directory;  // as TableSchema::directory
};

struct IndexEntry {
  std::string_view key;  // valid until the cursor is asked again
  RowId row;
};

enum class ScanDirection : uint8_t { Forward, Backward };

// Bounds of a scan; an absent bound is open.
struct KeyRange {
  std::optional<std::string> lower;
  std::optional<std::string> upper;
  bool lower_inclusive = true;
  bool upper_inclusive = true;
};

class IndexCursor {
 public:
  virtual ~IndexCursor() = default;
  // Fills `out` from its start with the next entries in (key, RowId) order (or the reverse); 0 at the end. Entries
  // inserted meanwhile are met if they lie ahead.
  virtual size_t next(std::span<IndexEntry> out) = 0;
};

enum class UniqueOutcome : uint8_t {
  Ok,
  Conflict,  // `row` has the key
  Wait,      // `holder`, still running, inserted or is removing the key: wait for it and try again
};

struct UniqueResult {
  UniqueOutcome outcome = UniqueOutcome::Ok;
  RowId row{};
  TxnId holder{};
  explicit operator bool() const { return outcome == UniqueOutcome::Ok; }
};

class Index {
 public:
  virtual ~Index() = default;
  virtual const IndexDefinition& definition() const = 0;

  virtual std::unique_ptr<IndexCursor> scan(KeyRange range, ScanDirection direction) const = 0;
  // Appends the rows that have exactly this key.
  virtual void lookup(std::string_view key, std::vector<RowId>& rows) const = 0;

  // The row's version must be in the table before its entry is inserted. An entry that is there stays once.
  virtual void insert(std::string_view key, RowId row) = 0;
  // Inserts unless another row of the latest state has the key: of two racing inserts one gets Wait.
  virtual UniqueResult insert_unique(const TxnContext& txn, std::string_view key, RowId row) = 0;
  // The same question without inserting (deferred constraints; ON CONFLICT looks before it writes).
  virtual UniqueResult check_unique(const TxnContext& txn, std::string_view key, RowId row) const = 0;
  // Version collection calls this; writers need not.
  virtual void erase(std::string_view key, RowId row) = 0;

  virtual uint64_t entry_count() const = 0;
  virtual uint64_t size_bytes() const = 0;

  // For files written from now on.
  virtual void set_file_options(const IndexFileOverrides& overrides) = 0;

  IndexActivity& activity() const { return activity_; }

 private:
  mutable IndexActivity activity_;
};

}  // namespace aegis::storage
