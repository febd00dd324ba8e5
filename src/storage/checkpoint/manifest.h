// What a checkpoint consists of.
//
//   CURRENT          the name of the valid manifest, replaced atomically
//   MANIFEST-n       one checksummed record: counters, metadata, the tables with their schemas and row files
//   tbl/<id>-n.rows  a table's rows at the checkpoint at which it last had changed: blocks of (size, crc, rows), then an
//                    empty block that carries the number of rows
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "table/memory_table.h"

namespace aegis::storage {

struct ManifestTable {
  TableId id;
  TableSchema schema;
  std::string file;         // within the data directory; empty: no rows
  uint64_t next_row = 1;
  // Holds what schema.columns[].missing point to.
  std::shared_ptr<const Layout> layout;
};

struct Manifest {
  uint64_t number = 0;
  Lsn redo;
  TxnId next_txn;
  Metadata metadata;
  std::vector<ManifestTable> tables;
};

std::string encode_manifest(const Manifest& manifest);
// Throws StorageError XX001 naming `path`.
Manifest decode_manifest(std::string_view bytes, const std::string& path);

// Writes the rows the snapshot sees; returns how many.
uint64_t write_table_file(os::FileSystem& files, const std::string& path, const MemoryTable& table,
                          const Snapshot& snapshot, bool sync);
void read_table_file(os::FileSystem& files, const std::string& path, MemoryTable& table);

}  // namespace aegis::storage
