// Rows in memory.
//
// A version is a header, the columns' slots at fixed offsets, a bitmap of nulls (bit set = null; present when
// kHasNulls) and the out-of-line bytes its slots point to. A string's slot may lead to a ValueReference instead
// (kHasReferences): a second bitmap says which do, and the references are the allocation's end, behind them their number.
// The version holds a use of their files. Versions are immutable once linked, but for `begin`, `older` and `cut`. Columns behind column_count were added later and have the layout's missing value.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/table.h"
#include "aegis/types/value.h"
#include "aegis/vector/vector.h"
#include "vlog/value_store.h"

namespace aegis::storage {

inline constexpr uint64_t kTxnBit = uint64_t{1} << 63;
inline constexpr uint64_t kAbortedBegin = ~uint64_t{0};

struct Version {
  static constexpr uint8_t kTombstone = 1;      // the row is deleted; no slots
  static constexpr uint8_t kHasNulls = 2;
  static constexpr uint8_t kSameKeys = 4;       // every index key equals the older version's
  static constexpr uint8_t kKeyUpdate = 8;      // made under RowLockMode::Update
  static constexpr uint8_t kInsert = 16;        // the row's first version
  static constexpr uint8_t kHasReferences = 32; // some strings are apart
  // In `cut`, by collection:
  static constexpr uint8_t kSegmentCut = 1;  // nobody sees the segment's row below, and its index entries are gone
  static constexpr uint8_t kKeysCut = 2;     // versions between this and the older one had other keys

  std::atomic<uint64_t> begin;      // commit timestamp, or kTxnBit | TxnId
  std::atomic<Version*> older;
  uint32_t size_bytes;              // of the allocation
  uint32_t slab_units;              // distance from its slab in 16-byte units, 0: allocated alone
  uint32_t command;
  uint16_t column_count;
  uint8_t flags;
  std::atomic<uint8_t> cut;         // changed under the row's latch

  bool is_tombstone() const { return (flags & kTombstone) != 0; }
  bool has_keys_of_older() const { return (flags & kSameKeys) != 0 && (cut.load(std::memory_order_relaxed) & kKeysCut) == 0; }
  // As the oldest of its chain: there may be a segment's row below that somebody sees.
  bool may_cover_segment() const {
    return (flags & kInsert) == 0 && (cut.load(std::memory_order_relaxed) & kSegmentCut) == 0;
  }
  std::byte* slots() { return reinterpret_cast<std::byte*>(this + 1); }
  const std::byte* slots() const { return reinterpret_cast<const std::byte*>(this + 1); }
};
static_assert(sizeof(Version) == 32);

// Where columns lie. Adding columns at the end never moves earlier ones.
struct Layout {
  struct Column {
    PhysicalType type;
    bool dropped;
    bool missing_null;
    ColumnCompression compression;
    uint32_t offset;
    uint32_t end;                       // of the slots when this is the last column
    alignas(8) std::byte missing[16];
  };
  std::vector<Column> columns;
  std::vector<uint32_t> variable;       // columns that may have out-of-line bytes
  std::vector<std::shared_ptr<std::string>> missing_bytes;

  size_t column_count() const { return columns.size(); }
  uint32_t slots_end(size_t count) const { return count == 0 ? 0 : columns[count - 1].end; }
  void add(const ColumnSchema& column);
  static std::unique_ptr<Layout> of(const TableSchema& schema);
  TableSchema schema(bool logged) const;
};

inline size_t null_bytes(size_t columns) { return (columns + 7) / 8; }

inline bool is_null(const Layout& layout, const Version& v, size_t column) {
  if (column >= v.column_count) return layout.columns[column].missing_null;
  if ((v.flags & Version::kHasNulls) == 0) return false;
  auto* bits = reinterpret_cast<const uint8_t*>(v.slots() + layout.slots_end(v.column_count));
  return (bits[column >> 3] >> (column & 7)) & 1;
}

inline const std::byte* slot_of(const Layout& layout, const Version& v, size_t column) {
  return column < v.column_count ? v.slots() + layout.columns[column].offset : layout.columns[column].missing;
}

inline bool is_reference(const Layout& layout, const Version& v, size_t column) {
  if ((v.flags & Version::kHasReferences) == 0 || column >= v.column_count) return false;
  auto* bits = reinterpret_cast<const uint8_t*>(v.slots() + layout.slots_end(v.column_count) + null_bytes(v.column_count));
  return (bits[column >> 3] >> (column & 7)) & 1;
}
// Of a column that is one.
ValueReference reference_of(const Layout& layout, const Version& v, size_t column);
// All of them.
std::vector<ValueReference> references_of(const Version& v);

// A block of memory shared by the versions of one batch insert; freed with its last version.
struct Slab {
  std::atomic<uint32_t> live;
  uint32_t unused[3];
};
static_assert(sizeof(Slab) == 16);

Version* allocate_version(size_t payload_bytes);
void free_version(Version* version);
Version* make_tombstone();

// One version for each row of the chunk, with `columns[i]` the position of chunk column i; others are null.
void make_versions(const Layout& layout, std::span<const uint32_t> columns, const vector::Chunk& chunk,
                   std::vector<Version*>& out);
// `base` with some columns replaced by those of a chunk's row.
Version* make_updated(const Layout& layout, const Version& base, std::span<const uint32_t> columns,
                      const vector::Chunk& chunk, size_t chunk_row);

// `base` with references in place of some strings.
struct ColumnReference {
  uint32_t column;
  ValueReference reference;
};
Version* make_apart(const Layout& layout, const Version& base, std::span<const ColumnReference> references);

// Copies column `column` of the versions to the vector's slots [0, count), or, with `at`, to slots at[i] of a vector that has
// other values already. `plain`: there are neither nulls nor references. `values` reads those that are apart.
void gather_column(const Layout& layout, size_t column, const Version* const* versions, size_t count, bool plain,
                   const ValueStore* values, vector::Vector& out, const uint16_t* at = nullptr);
// One value, to slot `at`, read if it is apart.
void put_value(const Layout& layout, size_t column, const Version& version, const ValueStore* values, vector::Vector& out, size_t at);

// The form of a row in the log and in checkpoints: column count, null bits, values. Explicitly little-endian and
// independent of the layout above. Values that are apart are written as references, after a bitmap of them and where the
// column count says so.
void encode_tuple(std::string& out, const Layout& layout, const Version& version);
// Advances `in`; null when it is malformed. `values` has the files of references.
Version* decode_tuple(std::string_view& in, const Layout& layout, ValueStore* values);

void encode_value(std::string& out, PhysicalType type, const std::byte* slot);
// The slot may point into what `in` viewed. False when it is malformed.
bool decode_value(std::string_view& in, PhysicalType type, std::byte* slot);

}  // namespace aegis::storage
