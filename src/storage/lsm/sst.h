// Sorted files. Every block is a payload and its CRC-32C:
//
//   for each partition (up to kPartitionBlocks data blocks): data blocks | index block | filter block
//   meta block | footer
//
//   index block   count, then for each data block: offset (8 bytes), length (4), end of its key (4); then the last keys
//                 of the blocks, one after the other
//   filter block  see filter.h; over the keys of the partition, without the suffix that KeyOrder sets apart
//   meta block    counts, bounds, the partitions with their last keys, the learned index; read when the file is opened
//                 and kept in memory, as everything else is not
//   footer        magic (8), format version (4), meta length (4), meta offset (8), CRC-32C of these (4)
//
// A file is written once, read through the buffer pool, and deleted when the last SstFile that stands for it and was
// marked obsolete goes.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aegis/os/file_system.h"
#include "cache/buffer_pool.h"
#include "lsm/data_block.h"
#include "lsm/io_budget.h"
#include "lsm/learned_index.h"
#include "lsm/options.h"
#include "thread_slot.h"

namespace aegis::storage::lsm {

// What a manifest knows of a file.
struct FileMeta {
  uint64_t number = 0;
  uint64_t size_bytes = 0;
  uint64_t entries = 0;
  uint64_t tombstones = 0;
  uint64_t max_sequence = 0;
  std::string smallest;  // keys
  std::string largest;

  void encode(std::string& out) const;
  bool decode(std::string_view& in);
};

std::string sst_path(const std::string& directory, uint64_t number);
// False if the name is not an SST's.
bool parse_sst_name(std::string_view name, uint64_t& number);

// Writes one file. An object that is destroyed before finish() removes it.
class SstWriter {
 public:
  SstWriter(os::FileSystem& files, const std::string& directory, uint64_t number, const TreeOptions& options,
            IoBudget* budget);
  ~SstWriter();
  SstWriter(const SstWriter&) = delete;
  SstWriter& operator=(const SstWriter&) = delete;

  // In order.
  void add(const Entry& entry);
  uint64_t size_bytes() const { return offset_ + buffer_.size(); }
  const FileMeta& meta() const { return meta_; }
  FileMeta finish();

 private:
  struct BlockPlace {
    uint64_t offset;
    uint32_t length;
    std::string last_key;
  };
  BlockPlace write_block(std::string payload);
  void finish_block();
  void finish_partition();
  void write_meta();
  void write_out();

  os::FileSystem& files_;
  std::string path_;
  TreeOptions options_;
  KeyOrder order_;
  IoBudget* budget_;
  std::unique_ptr<os::File> file_;
  FileMeta meta_;
  std::string buffer_;  // not yet written
  uint64_t offset_ = 0;
  DataBlockBuilder block_;
  std::vector<BlockPlace> blocks_;  // of the partition
  std::vector<uint64_t> hashes_;    // of the partition's keys
  std::string last_filter_key_;
  std::string partitions_;          // encoded
  uint64_t partition_count_ = 0;
  uint64_t block_count_ = 0;
  // What the learned index is trained on; as many bytes of each block's last key as may be needed.
  std::vector<std::string> last_keys_;
  bool finished_ = false;
};

// Counts of one tree, shared by its files; each thread has its own share of them.
class ReadCounts {
 public:
  enum Kind : uint8_t {
    Gets,
    FilesAsked,  // by gets, filters passed or not
    Filtered,    // gets that a filter answered
    LearnedHits,
    LearnedMisses,
  };
  void add(Kind kind) { shares_[thread_slot() % kShares].counts[kind].fetch_add(1, std::memory_order_relaxed); }
  uint64_t total(Kind kind) const {
    uint64_t sum = 0;
    for (const Share& share : shares_) sum += share.counts[kind].load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr size_t kShares = 8;
  struct alignas(64) Share {
    std::atomic<uint64_t> counts[5] = {};
  };
  Share shares_[kShares];
};

// What the file says of itself. Throws StorageError XX001.
FileMeta read_file_meta(os::FileSystem& files, const std::string& path);

class SstFile {
 public:
  SstFile(os::FileSystem& files, BufferPool& pool, const std::string& directory, FileMeta meta,
          const TreeOptions& options, ReadCounts& counts);
  ~SstFile();
  SstFile(const SstFile&) = delete;
  SstFile& operator=(const SstFile&) = delete;

  const FileMeta& meta() const { return meta_; }
  const std::string& path() const { return path_; }
  void mark_obsolete() { obsolete_.store(true, std::memory_order_release); }
  void keep() { obsolete_.store(false, std::memory_order_release); }

  // The newest entry of `key` not newer than `sequence`. `block` keeps its bytes; `value` has them if the block was
  // compressed.
  struct Found {
    EntryKind kind;
    uint64_t sequence;
    std::string_view value;
  };
  // Calls back with the entries whose key without suffix is `filter_key`, in order, until it returns false; `from` is
  // the least such key. False if the callback did.
  template <typename F>
  bool visit_key(std::string_view filter_key, std::string_view from, uint64_t hash, DataBlockReader& reader,
                 F&& visit) const;
  std::optional<Found> get(std::string_view key, uint64_t hash, uint64_t sequence, DataBlockReader& reader,
                           BlockRef& block) const;
  // For cursors.
  uint32_t block_count() const { return loaded().block_count; }
  struct BlockPlace {
    uint32_t number;
    uint64_t offset;
    uint32_t length;
  };
  // The first block that may have entries not below `key`; its number is block_count() if there is none.
  BlockPlace find_block(std::string_view key) const;
  BlockPlace place_of(uint32_t number) const;
  BlockRef read_block(const BlockPlace& place, DataBlockReader& reader) const;
  void prefetch_block(uint32_t number) const;
  [[noreturn]] void throw_corrupted(uint64_t offset) const;

  // Reads every block and compares counts and order; throws on the first damage.
  void verify() const;
  size_t resident_bytes() const;
  size_t learned_segments() const { return loaded().learned.segment_count(); }

 private:
  struct Partition {
    uint32_t first_block;
    uint32_t index_length;
    uint32_t filter_length;
    uint64_t index_offset;
    std::string last_key;
    uint64_t filter_offset() const { return index_offset + index_length; }
  };
  // A partition's index and filter, if the pool had space for keeping them.
  struct Kept {
    BlockRef index;
    BlockRef filter;
    size_t bytes = 0;
  };
  struct Loaded {
    std::unique_ptr<BlockFile> file;
    std::unique_ptr<std::atomic<const Kept*>[]> kept;  // by partition
    uint32_t block_count = 0;
    std::vector<Partition> partitions;
    LearnedIndex learned;
    size_t number_skip = 0;
  };
  class IndexBlock;

  const Loaded& loaded() const {
    const Loaded* there = loaded_.load(std::memory_order_acquire);
    return there != nullptr ? *there : open();
  }
  const Loaded& open() const;
  std::unique_ptr<Loaded> load() const;
  size_t partition_of_key(std::string_view key) const;
  uint32_t partition_end(size_t partition) const;
  BlockRef index_block(size_t partition, IndexBlock& index) const;
  // Null if it has to be read.
  const Kept* kept(size_t partition) const;
  BlockPlace place_in(const IndexBlock& index, uint32_t base, uint32_t i) const;
  // By the filter of the partition that has the block.
  bool filter_allows(uint32_t block_number, uint64_t hash) const;
  bool find_learned(const Loaded& at, std::string_view key, BlockPlace& place) const;

  os::FileSystem& files_;
  BufferPool& pool_;
  std::string path_;
  FileMeta meta_;
  KeyOrder order_;
  ReadCounts& counts_;
  std::atomic<bool> obsolete_{false};
  mutable std::atomic<const Loaded*> loaded_{nullptr};
  mutable std::mutex open_mutex_;
};

template <typename F>
bool SstFile::visit_key(std::string_view filter_key, std::string_view from, uint64_t hash, DataBlockReader& reader,
                        F&& visit) const {
  counts_.add(ReadCounts::FilesAsked);
  BlockPlace place = find_block(from);
  if (place.number >= block_count()) return true;
  if (!filter_allows(place.number, hash)) return true;
  BlockRef block = read_block(place, reader);
  if (!reader.seek(order_, from)) throw_corrupted(place.offset);
  for (;;) {
    while (reader.at_end()) {
      if (place.number + 1 >= block_count()) return true;
      place = place_of(place.number + 1);
      block = read_block(place, reader);
      if (!reader.seek_first()) throw_corrupted(place.offset);
    }
    const Entry& entry = reader.entry();
    if (order_.filter_key(entry.key) != filter_key) return true;
    if (!visit(entry)) return false;
    if (!reader.next()) throw_corrupted(place.offset);
  }
}

}  // namespace aegis::storage::lsm
