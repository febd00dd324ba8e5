// A segment: immutable file of row groups, columns apart.
//
//   magic | blocks, column by column, row group by row group | footer | footer size, footer crc, magic
//
// A row group has the rows of one range of RowIds, [number * group_rows, (number + 1) * group_rows); a row's position in
// it is its RowId less the first of the range, so RowIds cost nothing. Positions without a row repeat the value before,
// and a bitmap says which they are. A chunk is a column of a row group, in blocks of block_rows positions; every block
// carries a CRC-32C. A chunk may have a filter behind its blocks. Columns the table got later have no chunk: their rows have
// the column's missing value.
//
// Long strings are apart (vlog/value_store.h): the block has empty ones in their places, a bit of its first byte, and behind it,
// by position,
//   position (2), file (8), offset (8), length (4), size (4), hash (8), zone key (8); at the end how many there are (4)
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "aegis/os/file_system.h"
#include "cache/buffer_pool.h"
#include "column/block.h"
#include "column/zone.h"
#include "vlog/value_store.h"

namespace aegis::storage {

struct ChunkInfo {
  PhysicalType type{};
  uint16_t scale = 0;          // of numeric zone keys
  bool has_zones = false;
  bool has_references = false;
  uint32_t null_count = 0;     // rows there with a null
  uint64_t offset = 0;
  std::vector<uint32_t> ends;  // of the blocks, from offset; empty: all rows are null
  Zone zone;
  std::vector<Zone> block_zones;
  uint64_t filter_offset = 0;  // a block with a filter over all values (column/value_filter.h)
  uint32_t filter_bytes = 0;   // 0: none

  uint64_t size_bytes() const { return (ends.empty() ? 0 : ends.back()) + filter_bytes; }
};

struct GroupInfo {
  uint64_t number = 0;
  uint32_t first = 0;  // positions [first, end) may have rows
  uint32_t end = 0;
  uint32_t row_count = 0;
  std::vector<uint64_t> present;  // bit by position; empty: all in [first, end)
  std::vector<ChunkInfo> chunks;
  // By number: files of values it refers to, and bytes there.
  std::map<uint64_t, uint64_t> value_files;

  bool has(size_t position) const {
    if (position < first || position >= end) return false;
    return present.empty() || ((present[position >> 6] >> (position & 63)) & 1) != 0;
  }
};

struct SegmentFooter {
  uint32_t table = 0;
  uint32_t group_rows = 0;
  uint32_t block_rows = 0;
  std::vector<GroupInfo> groups;
};

// How rows are cut and written. group_rows and block_rows hold for all the life of a data directory.
struct SegmentOptions {
  uint32_t group_rows = 65536;
  uint32_t block_rows = 2048;  // a divisor of group_rows, at most vector::kMaxChunkRows
  // A range of RowIds becomes a row group when it has this many rows and no more of it can be inserted.
  uint32_t flush_min_rows = 1;
  uint32_t merge_min_files = 8;  // so many small files of a table become one
  ColumnCompression compression = ColumnCompression::Auto;  // of columns that leave it to the engine
  ValueStore* values = nullptr;  // none: all values are in segments
};

// A value that is apart, by its slot in a vector or its position in a block.
struct ApartValue {
  uint32_t at = 0;
  ValueReference reference;
};

// The references behind a block.
class ReferenceList {
 public:
  // Cuts them off the payload; false when they are malformed.
  bool open(std::string_view& payload);
  size_t size() const { return bytes_.size() / kEntryBytes; }
  // The first at `position` or behind it.
  size_t find(size_t position) const;
  size_t position(size_t i) const;
  // With the number of the file, which is not resolved.
  ValueReference get(size_t i, uint64_t& number) const;
  std::string_view bytes() const { return bytes_; }
  // They are there already.
  void set_bytes(std::string_view bytes) { bytes_ = bytes; }

 private:
  static constexpr size_t kEntryBytes = 2 + 8 + 8 + 4 + 4 + 8 + 8;
  std::string_view bytes_;
};
// Behind a block that starts at `start`.
void append_references(std::string& out, size_t start, std::span<const ApartValue> apart);

[[noreturn]] void throw_corrupted_segment(const std::string& path, uint64_t offset);

class SegmentFile {
 public:
  // Reads the footer only. Throws StorageError XX001 for damage.
  static std::shared_ptr<SegmentFile> open(os::FileSystem& files, BufferPool& pool, const std::string& path,
                                           ValueStore* values = nullptr);
  ~SegmentFile();

  const std::string& path() const { return path_; }
  const SegmentFooter& footer() const { return footer_; }
  uint64_t size_bytes() const { return size_bytes_; }
  ValueStore* values() const { return values_; }
  BlockRef read(const ChunkInfo& chunk, size_t block) const;
  BlockRef read_filter(const ChunkInfo& chunk) const;
  uint64_t block_offset(const ChunkInfo& chunk, size_t block) const {
    return chunk.offset + (block == 0 ? 0 : chunk.ends[block - 1]);
  }

 private:
  SegmentFile(BufferPool& pool, std::string path) : pool_(pool), path_(std::move(path)) {}

  BufferPool& pool_;
  std::string path_;
  std::unique_ptr<BlockFile> file_;
  SegmentFooter footer_;
  uint64_t size_bytes_ = 0;
  ValueStore* values_ = nullptr;
};

// A row group as it goes to a file; chunks' offsets are from the first byte.
struct EncodedGroup {
  GroupInfo info;
  std::string bytes;
};

// Encodes a row group: its columns in order, of each its blocks in order.
class GroupEncoder {
 public:
  // `group` without chunks. The options must outlive the encoder, as must `values`, which gets long strings.
  GroupEncoder(GroupInfo group, const SegmentOptions& options, ValueWriter* values = nullptr);
  const GroupInfo& info() const { return group_.info; }
  void begin_chunk(PhysicalType type, ColumnCompression compression = ColumnCompression::Auto);
  // `apart`, by position: values that are apart already; their slots are not looked at.
  void add_block(const vector::Vector& values, size_t count, std::span<const ApartValue> apart = {});
  // A column without values: dropped, or all null.
  void add_null_chunk(PhysicalType type);
  EncodedGroup take();

 private:
  void finish_chunk();
  // Writes those over the threshold, and returns all that are apart.
  std::vector<ApartValue> take_apart(const vector::Vector& values, size_t count, size_t position, std::span<const ApartValue> apart);
  void write_block(const vector::VectorView& view, size_t count, std::span<const ApartValue> apart);
  const SegmentOptions& options_;
  ValueWriter* values_;
  EncodedGroup group_;
  ColumnCompression compression_ = ColumnCompression::Auto;
  std::vector<uint64_t> hashes_;  // of the chunk's values, as long as a filter over them may be worth it
  uint64_t text_bytes_ = 0;
  bool hashing_ = false;
};

class SegmentWriter {
 public:
  SegmentWriter(os::FileSystem& files, std::string path, uint32_t table, const SegmentOptions& options,
                lsm::IoBudget* budget = nullptr);
  void add_group(EncodedGroup group);
  // Writes the footer and, if asked to, waits until the file is on disk.
  void finish(bool sync);
  const std::string& path() const { return path_; }
  uint64_t size_bytes() const { return offset_ + buffer_.size(); }
  size_t group_count() const { return footer_.groups.size(); }

 private:
  void write_out(size_t threshold);

  std::string path_;
  std::unique_ptr<os::File> file_;
  lsm::IoBudget* budget_;
  SegmentFooter footer_;
  std::string buffer_;
  uint64_t offset_ = 0;
};

}  // namespace aegis::storage
