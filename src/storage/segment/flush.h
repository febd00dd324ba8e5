// Moves a table's settled rows from memory to segments, during a checkpoint.
//
// A range of RowIds all given out becomes a row group, and the last one does when a good part of it is; a row group of which much was updated or deleted is written anew.
// What is written of a row is the version that every snapshot sees, so the segment's row may lie under a chain that goes
// on. Row groups are installed before slots are emptied; a slot is emptied only if it still has just the version written.
// A row that is collected meanwhile is remembered by the table and cleared in the new row group. Afterwards row groups of many
// small files, and of files that are hardly in use, are copied to common ones. Values over the threshold go to files of their
// own on the way; a row group that is written anew refers to what is there, and files of values that are hardly in use are
// given up: what is left of them moves.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
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
    bool eager = false;                      // to write row groups anew that have few rows changed: memory is short, or scans are many
    lsm::IoBudget* budget = nullptr;         // for what is written
  };
  // `layout` is the committed one. The caller holds a registered snapshot.
  TableFlush(MemoryTable& table, const Layout& layout, Environment environment);
  // False when nothing was written. Throws what files throw; then the table is as before.
  bool run();

 private:
  struct Survey {
    uint64_t settled = 0;   // rows with a version in memory that everybody sees, with nothing newer
    uint64_t moving = 0;    // rows with something newer, or not seen by all
    bool given_up = false;  // settled ones that refer to such files
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
  // `apart`: what is referred to, by slot.
  void fill_block(const RowGroup* old, uint32_t column, size_t from, size_t count,
                  const std::vector<const Version*>& images, vector::Vector& out, std::vector<ApartValue>& apart);
  // merge.cpp: files of values to give up, and references to them.
  struct ValueFileUse {
    uint64_t bytes = 0;
    uint64_t size = 0;
  };
  std::set<uint64_t> wasteful_value_files() const;
  void add_values_in_memory(std::map<uint64_t, ValueFileUse>& files) const;
  bool is_given_up(const ValueReference& reference) const { return given_up_.contains(reference.file->number()); }
  bool refers_to_given_up(const Version& version) const;
  ValueReference keep(const ValueReference& reference);
  EncodedGroup copy_group(const RowGroup& group);
  void copy_references(const RowGroup& group, size_t column, size_t block, std::string& out, size_t start, GroupInfo& info);
  void empty_slots();
  void retire_blocks(uint64_t groups);

  MemoryTable& table_;
  const Layout& layout_;
  Environment environment_;
  const SegmentOptions& options_;
  std::vector<Candidate> candidates_;
  std::set<uint64_t> given_up_;          // files of values
  std::unique_ptr<ValueWriter> values_;  // of the segment that is being written
};

}  // namespace aegis::storage
