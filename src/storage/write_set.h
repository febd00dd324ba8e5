// What a transaction has done, in order: the undo list while it runs, the redo source when it commits, and the list of
// versions to prune when nobody can see the older ones any more.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/engine.h"
#include "table/tuple.h"

namespace aegis::storage {

class MemoryIndex;
class MemoryTable;
namespace lsm {
class SstFile;
}

enum class WriteKind : uint8_t {
  Insert,       // rows [row, row + count)
  Update,
  Delete,
  Lock,         // `mode`
  Load,         // the row group of number `row`
  LoadIndex,    // files of an index
  CreateTable,  // this and what follows are changes of objects
  DropTable,
  AddColumn,    // `layout` is the one before
  DropColumn,   // `layout` is the one before
  SetCompression,  // `layout` is the one before
  CreateIndex,
  DropIndex,
  PutMetadata,
  RemoveMetadata,
};

struct WriteEntry {
  WriteKind kind;
  RowLockMode mode = RowLockMode::Update;
  uint16_t unused = 0;
  uint32_t count = 1;
  uint64_t row = 0;
  MemoryTable* table = nullptr;    // for rows and columns
  union {
    Version* version = nullptr;    // Update, Delete
    const Layout* layout;
    size_t object;                 // index into objects or metadata
  };
};

// What changes of running transactions take in memory, together; `limit` 0: no bound.
struct ChangeMemory {
  std::atomic<uint64_t> limit{0};
  std::atomic<uint64_t> used{0};
};

class WriteSet {
 public:
  explicit WriteSet(ChangeMemory* memory = nullptr) : memory_(memory) {}
  ~WriteSet() { release_memory(); }
  // Counts bytes of changes that were made. Throws SqlError 53200 when there are too many, and this transaction has a good
  // part of them; it can only be rolled back then.
  void charge(uint64_t bytes);
  void discharge(uint64_t bytes);
  // Commit: they are the tables' from now on.
  void release_memory();

  struct Metadata {
    uint32_t kind;
    std::string key;
    std::string bytes;
  };

  void add(WriteEntry entry, const std::shared_ptr<MemoryTable>& table);

  std::mutex mutex;
  std::vector<WriteEntry> entries;
  std::vector<std::shared_ptr<MemoryTable>> tables;  // kept alive, each once
  std::vector<std::shared_ptr<MemoryIndex>> indexes;
  std::vector<Metadata> metadata;
  struct IndexFiles {
    std::shared_ptr<MemoryIndex> index;
    std::vector<std::shared_ptr<lsm::SstFile>> files;
  };
  std::vector<IndexFiles> index_files;
  bool changes_objects = false;  // anything but rows

 private:
  ChangeMemory* memory_;
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> counted_{0};  // of them, in memory_
};

}  // namespace aegis::storage
