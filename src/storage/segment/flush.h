// Moves a table's settled rows from memory to segments, during a checkpoint.
//
// A range of RowIds all given out becomes a row group, and the last one does when a good part of it is; a row group of which much was updated or deleted is written anew.
// What is written of a row is the version that every snapshot sees, so the segment's row may lie under a chain that goes
// on. Row groups are installed before slots are emptied; a slot is emptied only if it still has just the version written.
// A row that is collected meanwhile is remembered by the table and cleared in the new row group. Afterwards row groups of many
// small files, and of files that are hardly in use, are copied to common ones.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "segment/segment_file.h"
#include "table/memory_table.h"

namespace aegis::storage {

class TableFlush {
 public:
  struct Environment {
    os::FileSystem& files;
    BufferPool& pool;
    std::string data_directory;
    std::function<std::string()> next_file;  // within the data directory
    Timestamp horizon;                       // every snapshot sees what was committed up to here
    bool sync;
    // A row group is written anew when one row in so many was updated or deleted.
    uint64_t rewrite_share = 8;
  };
  // `layout` is the committed one. The caller holds a registered snapshot.
  TableFlush(MemoryTable& table, const Layout& layout, Environment environment);
  // False when nothing was written. Throws what files throw; then the table is as before.
  bool run();

 private:
  struct Survey {
    uint64_t settled = 0;   // rows with a version in memory that everybody sees, with nothing newer
    uint64_t moving = 0;    // rows with something newer, or not seen by all
    uint64_t deleted = 0;   // deletions everybody sees
  };
  struct Candidate {
    RowId row;
    Version* version;
  };
  Survey survey(uint64_t number) const;
  bool is_due(uint64_t number, bool growing);
  void write_groups(const std::vector<uint64_t>& numbers);
  void write_file(const std::function<void(SegmentWriter&, std::vector<MemoryTable::GroupChange>&)>& fill);
  // merge.cpp
  std::vector<uint64_t> groups_to_merge() const;
  bool merge_files();
  void copy_groups(const std::vector<uint64_t>& numbers);
  // What the new row group has at each position; fills `info`.
  std::vector<const Version*> collect(uint64_t number, GroupInfo& info);
  const Version* settled_version(RowId row, bool& alone);
  void write_column(GroupEncoder& encoder, const RowGroup* old, const GroupInfo& info, uint32_t column,
                    const std::vector<const Version*>& images);
  void fill_block(const RowGroup* old, uint32_t column, size_t from, size_t count,
                  const std::vector<const Version*>& images, vector::Vector& out) const;
  void empty_slots();
  void retire_blocks(uint64_t groups);

  MemoryTable& table_;
  const Layout& layout_;
  Environment environment_;
  const SegmentOptions& options_;
  std::vector<Candidate> candidates_;
};

}  // namespace aegis::storage
