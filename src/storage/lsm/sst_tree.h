// The part of an LSM tree that is on disk: sorted runs of files, newest first, and their compaction.
//
// A Version is immutable; flushes and compactions replace it in one store, under version_mutex_. Readers keep the
// version they began with. A file goes from the disk when it is in no version any more: not in the present one, not
// in a reader's, not in the one that the last durable manifest has (`pinned`).
//
// Invariants: a run's files do not overlap and are in order of keys; runs are in order of level, and whatever two runs
// know of a key, the earlier run's is newer. One flush and one compaction run at a time, beside each other.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lsm/adaptive_policy.h"
#include "lsm/cursors.h"
#include "lsm/sst.h"

namespace aegis::storage::lsm {

struct Run {
  uint32_t level = 0;
  std::vector<std::shared_ptr<SstFile>> files;
  uint64_t size_bytes() const;
};

struct Version {
  std::vector<Run> runs;
  uint64_t size_bytes() const;
  uint64_t file_count() const;
  uint64_t entry_count() const;      // deletions are not counted, what they delete is
  uint64_t tombstone_count() const;
  uint64_t max_sequence() const;
};

struct LevelStats {
  uint32_t level = 0;
  uint64_t runs = 0;
  uint64_t files = 0;
  uint64_t size_bytes = 0;
};

struct TreeStats {
  std::vector<LevelStats> levels;
  uint64_t flushed_bytes = 0;
  uint64_t compaction_read_bytes = 0;
  uint64_t compaction_written_bytes = 0;
  uint64_t flushes = 0;
  uint64_t compactions = 0;
  uint64_t gets = 0;
  uint64_t files_asked = 0;
  uint64_t filtered = 0;
  uint64_t learned_hits = 0;
  uint64_t learned_misses = 0;
};

// Which of a key's entries, newest first, are still of use: the newest, and older ones that some reader from `oldest`
// on may see instead. With `bottom`, nothing older is known elsewhere and deletions have done their work.
class Survivors {
 public:
  Survivors(uint64_t oldest, bool bottom) : oldest_(oldest), bottom_(bottom) {}
  bool keep(const Entry& entry);

 private:
  uint64_t oldest_;
  bool bottom_;
  bool have_key_ = false;
  std::string key_;
  uint64_t last_sequence_ = 0;
};

class SstTree;

// Writes a sorted run as files of the wished size. What is not handed to SstTree::add_run is removed again.
class RunWriter {
 public:
  RunWriter(SstTree& tree, bool budgeted);
  ~RunWriter();
  RunWriter(const RunWriter&) = delete;
  RunWriter& operator=(const RunWriter&) = delete;

  void add(const Entry& entry);
  uint64_t size_bytes() const { return done_bytes_; }
  // Writes the last file out, so that add_run has little left to do.
  void finish_file();

 private:
  friend class SstTree;
  std::vector<FileMeta> finish();
  void disown() { files_.clear(); }

  SstTree& tree_;
  const TreeOptions options_;
  bool budgeted_;
  std::unique_ptr<SstWriter> writer_;
  std::string last_key_;
  std::vector<FileMeta> files_;
  uint64_t done_bytes_ = 0;
};

class SstTree {
 public:
  // File numbers come from `numbers`, which several trees may share. `budget` may be null.
  SstTree(os::FileSystem& files, BufferPool& pool, std::string directory, const TreeOptions& options,
          std::atomic<uint64_t>& numbers, IoBudget* budget);
  ~SstTree();

  // A version as a manifest stores it. open() throws StorageError XX001 naming `source` when the bytes are damaged; the
  // opened version counts as pinned.
  static std::string encode(const Version& version);
  void open(std::string_view bytes, const std::string& source);
  // Removes files in the directory that no version has.
  void remove_strangers();
  // Files of the present and the pinned version; those an encoded version names.
  void add_file_numbers(std::set<uint64_t>& numbers) const;
  static void add_file_numbers(std::string_view bytes, std::set<uint64_t>& numbers);
  // All files of an encoded version.
  static std::vector<FileMeta> decode_files(std::string_view bytes, const std::string& source);

  std::shared_ptr<const Version> version() const;
  // A manifest that has `version` is durable: files of the one before may go.
  void pin(std::shared_ptr<const Version> version);

  // No manifest counts any more: all files go with the tree and its readers.
  void abandon();

  // Adds what the writer wrote as the newest run, at level 0, or for a bulk load at the level it is large enough for.
  // Returns its files.
  std::vector<std::shared_ptr<SstFile>> add_run(RunWriter& writer, bool bulk = false);
  // Takes those of the files away that no compaction has merged with others.
  void remove_files(const std::vector<std::shared_ptr<SstFile>>& files);
  // Does one compaction if one is due. Of entries that no reader from `oldest_sequence` on can tell apart the newest is
  // kept. When it throws, nothing has changed.
  bool compact_once(uint64_t oldest_sequence = kMaxSequence);
  bool needs_compaction() const;
  // Called, by the compacting thread, with entries that a compaction leaves out. Set before the first one.
  std::function<void(const Entry&)> on_drop;
  // Merges everything into one run.
  void compact_all(uint64_t oldest_sequence = kMaxSequence);

  const TreeOptions& options() const { return options_; }
  // Of an adaptive tree, what it has chosen.
  CompactionStyle style() const { return current_options().style; }
  void set_options(const TreeOptions& options);
  KeyOrder order() const { return {options_.key_suffix}; }
  const std::string& directory() const { return directory_; }
  ReadCounts& read_counts() const { return reads_; }
  TreeStats stats() const;

 private:
  friend class RunWriter;
  struct Task;
  enum class Target : uint8_t { MergeInto, NewRun };

  std::unique_ptr<Task> pick(const Version& version);
  std::unique_ptr<Task> pick_runs(const Version& version, uint32_t level, const TreeOptions& options) const;
  std::unique_ptr<Task> pick_file(const Version& version, size_t run, const TreeOptions& options);
  void add_overlapping(const Version& version, Task& task) const;
  uint64_t level_bound(uint32_t level, const TreeOptions& options) const;
  void run(Task& task, uint64_t oldest_sequence);
  void merge(Task& task, uint64_t oldest_sequence, RunWriter& out);
  std::shared_ptr<SstFile> make_file(FileMeta meta) const;
  void replace(const Task& task, std::vector<std::shared_ptr<SstFile>> outputs);
  static void insert_run(Version& version, Run run, Target target, KeyOrder order);
  // With the style an adaptive tree has chosen.
  TreeOptions current_options() const;
  void adapt(const Version& version);

  os::FileSystem& files_;
  BufferPool& pool_;
  const std::string directory_;
  TreeOptions options_;  // guarded by version_mutex_, but for key_suffix
  std::atomic<uint64_t>& numbers_;
  IoBudget* budget_;

  mutable std::mutex version_mutex_;
  std::shared_ptr<const Version> version_;
  std::shared_ptr<const Version> pinned_;
  bool abandoned_ = false;
  std::mutex compaction_mutex_;
  AdaptivePolicy policy_;  // guarded by version_mutex_
  std::map<uint32_t, std::string> next_keys_;  // by level: where the next compaction of one file goes on

  mutable ReadCounts reads_;
  std::atomic<uint64_t> flushed_bytes_{0};
  std::atomic<uint64_t> compaction_read_bytes_{0};
  std::atomic<uint64_t> compaction_written_bytes_{0};
  std::atomic<uint64_t> flushes_{0};
  std::atomic<uint64_t> compactions_{0};
};

}  // namespace aegis::storage::lsm
