// What a checkpoint consists of.
//
//   CURRENT          the name of the valid manifest and the CRC-32C of the name, replaced atomically
//   MANIFEST-n       one checksummed record: counters, metadata, the tables with their schemas and row files
//   tbl/<id>-n.rows  what a table had in memory at the checkpoint at which it last had changed, in blocks of
//                    (size, crc, kind, raw size, bytes): rows; for row groups that lost rows, which are left; the
//                    number of rows, at the end
//   idx/<n>.sst      files of indexes (lsm/sst.h)
//   (those of a table or an index in a tablespace are in pg_tblspc/<oid>/… instead)
//   seg/<id>-n.seg   row groups (segment/segment_file.h); of a file the table may use some only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "table/memory_table.h"

namespace aegis::storage {

struct ManifestSegment {
  std::string file;              // within the data directory
  std::vector<uint64_t> groups;  // positions in the file of the row groups in use
};

struct ManifestTable {
  TableId id;
  TableSchema schema;
  std::string file;         // within the data directory; empty: no rows
  uint64_t next_row = 1;
  std::vector<ManifestSegment> segments;
  // Holds what schema.columns[].missing point to.
  std::shared_ptr<const Layout> layout;
};

// An index's files, so that it need not be built anew.
struct ManifestIndex {
  IndexId id;
  TableId table;
  std::string fingerprint;  // MemoryIndex::fingerprint
  std::string files;        // lsm::SstTree::encode
  std::string directory = {};  // IndexDefinition::directory
};

struct Manifest {
  uint64_t number = 0;
  Lsn redo;
  TxnId next_txn;
  Metadata metadata;
  std::vector<ManifestTable> tables;
  std::vector<ManifestIndex> indexes;
};

std::string encode_current(const std::string& manifest_name);
std::string decode_current(std::string_view bytes, const std::string& path);
std::string encode_manifest(const Manifest& manifest);
// Throws StorageError XX001 naming `path`, or F0000 when another format wrote it.
Manifest decode_manifest(std::string_view bytes, const std::string& path);

// The segments of a table whose rows the snapshot sees; `directory` is what their paths begin with.
std::vector<ManifestSegment> segments_of(const MemoryTable& table, const Snapshot& snapshot, const std::string& directory);

// Writes the rows in memory that the snapshot sees and the row groups' deletions; false if there was nothing to write.
bool write_table_file(os::FileSystem& files, const std::string& path, MemoryTable& table, const Snapshot& snapshot,
                      bool sync);
// The table has its row groups.
void read_table_file(os::FileSystem& files, const std::string& path, MemoryTable& table);

}  // namespace aegis::storage
