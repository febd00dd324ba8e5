// How tables are read: scans go through row groups block by block and through memory row by row.
#include <algorithm>

#include "aegis/storage/running_writer.h"
#include "aegis/base/error.h"
#include "aegis/storage/values_apart.h"
#include "column/value_filter.h"
#include "table/memory_table.h"

namespace aegis::storage {
namespace {

const Version kInSegmentMark{};
// A scan gives fewer rows at a time where more than this is apart.
constexpr uint64_t kScanBytes = 8 << 20;

// Versions are anywhere in memory: a scan asks so many ahead for what it will read of them.
constexpr size_t kPrefetchVersions = 12;

void prefetch_version(const Version* version) {
  __builtin_prefetch(version);
  __builtin_prefetch(reinterpret_cast<const char*>(version) + 64);
}

struct Sixteen {
  uint64_t a, b;
};

template <typename T>
void keep_slots(T* slots, const uint16_t* kept, size_t count) {
  for (size_t i = 0; i < count; ++i) slots[i] = slots[kept[i]];
}

// Moves values kept[i] >= i of a flat vector to slots i.
void compact(vector::Vector& column, const uint16_t* kept, size_t count) {
  std::byte* slots = column.slots<std::byte>();
  switch (types::physical_size(column.physical())) {
    case 1: keep_slots(reinterpret_cast<uint8_t*>(slots), kept, count); break;
    case 2: keep_slots(reinterpret_cast<uint16_t*>(slots), kept, count); break;
    case 4: keep_slots(reinterpret_cast<uint32_t*>(slots), kept, count); break;
    case 8: keep_slots(reinterpret_cast<uint64_t*>(slots), kept, count); break;
    default: keep_slots(reinterpret_cast<Sixteen*>(slots), kept, count); break;
  }
  if (!column.has_nulls()) return;
  uint64_t* validity = column.own_validity();
  for (size_t i = 0; i < count; ++i) {
    uint64_t valid = (validity[kept[i] >> 6] >> (kept[i] & 63)) & 1;
    uint64_t& word = validity[i >> 6];
    word = (word & ~(uint64_t{1} << (i & 63))) | valid << (i & 63);
  }
}

// Versions of rows, and where in a chunk they go.
struct RowVersions {
  const Version* const* versions;
  const uint16_t* places;  // ascending
  size_t count;

  bool covers(size_t place) const { return std::binary_search(places, places + count, place); }
};

// Columns before this one have neither nulls nor references in any of the versions.
size_t plain_columns(const Layout& layout, const Version* const* versions, size_t count) {
  bool plain = true;
  size_t narrowest = layout.column_count();
  for (size_t i = 0; i < count; ++i) {
    plain = plain && (versions[i]->flags & (Version::kHasNulls | Version::kHasReferences)) == 0;
    narrowest = std::min<size_t>(narrowest, versions[i]->column_count);
  }
  return plain ? narrowest : 0;
}

// The value of rows older than the column.
void put_missing(const Layout::Column& column, size_t from, size_t count, vector::Vector& out) {
  size_t size = types::physical_size(column.type);
  for (size_t i = from; i < from + count; ++i) {
    if (column.missing_null) {
      out.set_null(i);
    } else {
      std::memcpy(out.slots<std::byte>() + i * size, column.missing, size);
    }
  }
}

// A chunk of one row with all columns, this thread's. Making one anew for each row would take longer than reading it.
vector::Chunk& row_scratch(const Layout& layout) {
  thread_local vector::Chunk chunk;
  bool fits = chunk.column_count() == layout.column_count();
  for (size_t c = 0; fits && c < layout.column_count(); ++c) fits = chunk.column(c).physical() == layout.columns[c].type;
  if (!fits) {
    chunk = vector::Chunk();
    for (const Layout::Column& column : layout.columns) chunk.add_column(kInvalidOid, column.type);
  }
  return chunk;
}

}  // namespace

const Version* const MemoryTable::kInSegment = &kInSegmentMark;

// --- Single rows -------------------------------------------------------------------------------------------

const Version* MemoryTable::visible_from(const Snapshot& snapshot, const Version* v) const {
  if (v == nullptr) return kInSegment;
  while (!sees(snapshot, *v)) {
    const Version* older = v->older.load(std::memory_order_acquire);
    if (older == nullptr) return (v->flags & Version::kInsert) != 0 ? nullptr : kInSegment;
    v = older;
  }
  return v->is_tombstone() ? nullptr : v;
}

Version* MemoryTable::head(RowId row) const {
  RowSlot* slot = directory_.find(row);
  return slot == nullptr ? nullptr : head_of(*slot);
}

bool MemoryTable::in_segment(RowId row) const {
  const RowGroup* group = groups().find(row.value / segments_.group_rows);
  return group != nullptr && group->has(position_of(row));
}

RowGroup* MemoryTable::visible_group(const Snapshot& snapshot, uint64_t number) const {
  RowGroup* group = groups().find(number);
  return group != nullptr && sees(snapshot, group->begin, group->command) ? group : nullptr;
}

RowImage MemoryTable::visible(const Snapshot& snapshot, RowId row, std::span<const uint32_t> columns) const {
  const Version* v = visible_from(snapshot, head(row));
  if (v != kInSegment) return RowImage(v);
  return visible_group(snapshot, row.value / segments_.group_rows) != nullptr ? segment_image(row, columns) : RowImage();
}

RowImage MemoryTable::segment_image(RowId row, std::span<const uint32_t> columns) const {
  const GroupMap& map = groups();
  uint64_t number = row.value / segments_.group_rows;
  const RowGroup* group = map.find(number);
  if (group == nullptr || !group->has(position_of(row))) return {};
  return make_image(map.groups[number], position_of(row), columns);
}

RowImage MemoryTable::make_image(const std::shared_ptr<RowGroup>& group, size_t position, std::span<const uint32_t> columns) const {
  const Layout& layout = this->layout();
  vector::Chunk& chunk = row_scratch(layout);
  std::vector<ColumnReference> references;
  std::vector<ApartValue> apart;
  for (uint32_t c = 0; c < layout.column_count(); ++c) {
    vector::Vector& out = chunk.column(c);
    out.reset();
    bool wanted = columns.empty() || std::find(columns.begin(), columns.end(), c) != columns.end();
    if (!wanted || layout.columns[c].dropped) {
      out.set_null(0);
    } else if (group->has_column(c)) {
      image_cache_.read(group, c, position, out, apart);
      if (!apart.empty()) references.push_back({c, apart[0].reference});
      apart.clear();
    } else {
      put_missing(layout.columns[c], 0, 1, out);
    }
  }
  chunk.set_size(1);
  std::vector<Version*> versions;
  make_versions(layout, {}, chunk, versions);
  std::unique_ptr<Version, FreeVersion> image(versions[0]);
  if (!references.empty()) image.reset(make_apart(layout, *image, references));
  image->begin.store(1, std::memory_order_relaxed);
  return RowImage(std::move(image));
}

bool MemoryTable::is_visible(const Snapshot& snapshot, RowId row) const {
  Reclaimer::Pin pin(reclaimer_);
  const Version* v = visible_from(snapshot, head(row));
  if (v != kInSegment) return v != nullptr;
  const RowGroup* group = visible_group(snapshot, row.value / segments_.group_rows);
  return group != nullptr && group->has(position_of(row));
}

std::optional<TxnId> running_writer(const Table& table, RowId row) {
  const auto& memory = static_cast<const MemoryTable&>(table);
  if (const Version* newest = memory.head(row)) return memory.running_creator(*newest);
  const RowGroup* group = memory.groups().find(row.value / memory.segment_options().group_rows);
  if (group == nullptr) return std::nullopt;
  return memory.running_creator(group->begin.load(std::memory_order_acquire));
}

// --- Many rows ---------------------------------------------------------------------------------------------

void MemoryTable::fill(const Layout& layout, std::span<const uint32_t> columns, const Version* const* versions,
                       size_t count, vector::Chunk& chunk) const {
  const size_t plain = plain_columns(layout, versions, count);
  for (size_t c = 0; c < columns.size(); ++c) {
    gather_column(layout, columns[c], versions, count, columns[c] < plain, segments_.values, chunk.column(c));
  }
  chunk.set_size(count);
}

// Those of rows [first, first + size), all of one block, that are visible. False if none is.
bool MemoryTable::scan_segment(std::span<const uint32_t> columns, const RowGroup* group, uint64_t first, size_t size,
                               const RowsInMemory& memory, ScanState& state, vector::Chunk& chunk, std::vector<RowId>& rows) const {
  const Layout& layout = this->layout();
  const size_t position = first % segments_.group_rows;
  uint16_t kept[vector::kMaxChunkRows];
  size_t count = 0;
  // The part of the block that is decoded, and what lies over it.
  size_t from = size, to = 0;
  const Version* versions[vector::kMaxChunkRows];
  uint16_t places[vector::kMaxChunkRows];
  size_t in_memory = 0;
  const bool all = !memory.some_invisible && group->has_all(position, position + size);
  if (all) {
    count = to = size;
    from = 0;
    rows.resize(count);
    for (size_t i = 0; i < count; ++i) rows[i] = RowId(first + i);
  } else {
    const Version* const* version = memory.versions;
    const uint16_t* place = memory.places;
    const uint16_t* const places_end = place + memory.count;
    for (size_t i = 0; i < size; ++i) {
      if (place < places_end && *place == i) {
        ++place;
        const Version* v = *version++;
        if (v == nullptr) continue;
        versions[in_memory] = v;
        places[in_memory++] = static_cast<uint16_t>(i);
      } else {
        if (!group->has(position + i)) continue;
        from = std::min(from, i);
        to = i + 1;
      }
      kept[count++] = static_cast<uint16_t>(i);
    }
    rows.resize(count);
    for (size_t i = 0; i < count; ++i) rows[i] = RowId(first + kept[i]);
  }
  chunk.set_size(count);
  if (count == 0) return false;
  const RowVersions over = all ? RowVersions{memory.versions, memory.places, memory.count} : RowVersions{versions, places, in_memory};
  state.rows_in_memory += over.count;
  const size_t plain = plain_columns(layout, over.versions, over.count);
  std::vector<ApartValue> apart;
  for (size_t c = 0; c < columns.size(); ++c) {
    vector::Vector& out = chunk.column(c);
    out.reset();
    if (from < to) {
      if (group->has_column(columns[c])) {
        apart.clear();
        group->read(columns[c], position + from, to - from, out, from, &apart);
        for (const ApartValue& value : apart) {
          if (over.covers(value.at) || !group->has(position + value.at)) continue;
          out.slots<types::StringView>()[value.at] = segments_.values->read(value.reference, out.heap());
        }
      } else {
        put_missing(layout.columns[columns[c]], from, to - from, out);
      }
    }
    if (over.count > 0) {
      gather_column(layout, columns[c], over.versions, over.count, columns[c] < plain, segments_.values, out, over.places);
    }
    if (!all && kept[count - 1] != count - 1) compact(out, kept, count);
  }
  return true;
}

bool MemoryTable::may_match(const RowGroup& group, std::span<const ScanBound> bounds) {
  for (const ScanBound& bound : bounds) {
    if (!group.has_column(bound.column)) continue;
    const ChunkInfo& chunk = group.info().chunks[bound.column];
    if (chunk.ends.empty()) return false;  // all null
    if (chunk.has_zones && !zone_may_match(chunk.zone, chunk.type, chunk.scale, bound)) return false;
  }
  for (const ScanBound& bound : bounds) {
    if (bound.op != ScanBound::Op::Equal || !group.has_column(bound.column)) continue;
    const ChunkInfo& chunk = group.info().chunks[bound.column];
    if (chunk.filter_bytes == 0) continue;
    BlockRef filter = group.file().read_filter(chunk);
    if (!value_filter_may_match(filter.payload(), chunk.type, bound)) return false;
  }
  return true;
}

bool MemoryTable::block_may_match(const RowGroup& group, size_t position, std::span<const ScanBound> bounds) const {
  size_t block = position / segments_.block_rows;
  for (const ScanBound& bound : bounds) {
    if (!group.has_column(bound.column)) continue;
    const ChunkInfo& chunk = group.info().chunks[bound.column];
    // Behind the group's last block are rows of the same numbers' range that are in memory only.
    if (!chunk.has_zones || block >= chunk.block_zones.size()) continue;
    if (!zone_may_match(chunk.block_zones[block], chunk.type, chunk.scale, bound)) return false;
  }
  return true;
}

const RowGroup* MemoryTable::matching_group(const RowGroup* group, uint64_t row, ScanState& state) const {
  if (group == nullptr) return nullptr;
  uint64_t number = row / segments_.group_rows;
  if (state.group_number != number || state.group != group) {
    bool skipped = !state.bounds.empty() && !may_match(*group, state.bounds);
    if (state.group_number != number) {
      ++state.row_groups;
      state.row_groups_skipped += skipped;
    }
    state.group_number = number;
    state.group = group;
    state.group_skipped = skipped;
  }
  if (state.group_skipped) return nullptr;
  if (state.bounds.empty() || block_may_match(*group, row % segments_.group_rows, state.bounds)) return group;
  state.blocks_skipped += row % segments_.block_rows == 0;
  return nullptr;
}

namespace {

// Adds what a thread asked of the buffer pool meanwhile.
class BlockCounter {
 public:
  explicit BlockCounter(TableActivity& activity) : activity_(activity), before_(thread_buffer_counts()) {}
  ~BlockCounter() {
    const BufferCounts& now = thread_buffer_counts();
    if (now.hits != before_.hits) activity_.blocks_hit.fetch_add(now.hits - before_.hits, std::memory_order_relaxed);
    if (now.reads != before_.reads) activity_.blocks_read.fetch_add(now.reads - before_.reads, std::memory_order_relaxed);
  }

 private:
  TableActivity& activity_;
  BufferCounts before_;
};

}  // namespace

bool MemoryTable::scan(const Snapshot& snapshot, std::span<const uint32_t> columns, ScanState& state,
                       vector::Chunk& chunk, std::vector<RowId>& rows) const {
  BlockCounter blocks(activity());
  Reclaimer::Pin pin(reclaimer_);
  const uint64_t in_memory = state.rows_in_memory;
  bool more = scan_rows(snapshot, columns, state, chunk, rows);
  activity().scanned_rows.fetch_add(rows.size(), std::memory_order_relaxed);
  activity().scanned_in_memory.fetch_add(state.rows_in_memory - in_memory, std::memory_order_relaxed);
  return more;
}

void MemoryTable::find_versions(const Snapshot& snapshot, uint64_t from, uint64_t to, RowsInMemory& found) const {
  constexpr size_t kStep = 8;
  // The rows in memory are few as a rule: their versions are listed first, so that several can be asked for at a time.
  size_t count = 0;
  for (uint64_t row = from; row < to;) {
    const uint64_t slots_end = std::min(to, (directory_.block_of(row) + 1) * directory_.block_rows());
    const RowSlot* slots = directory_.find_block(directory_.block_of(row));
    if (slots == nullptr) {
      row = slots_end;
      continue;
    }
    // The next ones may be on a page the machine does not look ahead to.
    const RowSlot* next_block = directory_.find_block(directory_.block_of(row) + 1);
    const RowSlot* ahead = (next_block != nullptr ? next_block : slots) + directory_.index_in_block(row);
    slots += directory_.index_in_block(row);
    for (; row < slots_end; row += std::min<uint64_t>(kStep, slots_end - row), slots += kStep, ahead += kStep) {
      __builtin_prefetch(ahead);
      const size_t step = std::min<uint64_t>(kStep, slots_end - row);
      if (step == kStep) {
        uint64_t any = 0;
        for (size_t i = 0; i < kStep; ++i) any |= slots[i].load(std::memory_order_acquire);
        if (any == 0) continue;
      }
      for (size_t i = 0; i < step; ++i) {
        const Version* head = head_of(slots[i]);
        found.versions[count] = head;
        found.places[count] = static_cast<uint16_t>(row + i - from);
        count += head != nullptr;
      }
    }
  }
  found.count = 0;
  found.some_invisible = false;
  for (size_t i = 0; i < std::min(count, kPrefetchVersions); ++i) prefetch_version(found.versions[i]);
  for (size_t i = 0; i < count; ++i) {
    if (i + kPrefetchVersions < count) prefetch_version(found.versions[i + kPrefetchVersions]);
    const Version* v = found.versions[i];
    if (v->begin.load(std::memory_order_acquire) <= snapshot.read_ts) {
      v = v->is_tombstone() ? nullptr : v;
    } else {
      v = visible_from(snapshot, v);
      if (v == kInSegment) continue;
    }
    found.some_invisible = found.some_invisible || v == nullptr;
    found.versions[found.count] = v;
    found.places[found.count++] = found.places[i];
  }
}

bool MemoryTable::scan_rows(const Snapshot& snapshot, std::span<const uint32_t> columns, ScanState& state,
                            vector::Chunk& chunk, std::vector<RowId>& rows) const {
  const Layout& layout = this->layout();
  const size_t wanted = vector::chunk_rows();
  RowsInMemory memory;
  uint64_t end = end_row().value;
  if (state.end.value != 0) end = std::min(end, state.end.value);
  uint64_t row = state.next.value;
  // What is in memory only is gathered across pieces.
  const Version* versions[vector::kMaxChunkRows];
  size_t count = 0;
  rows.resize(wanted);
  while (row < end && count < wanted) {
    // A piece of one directory block and one block of a row group.
    uint64_t piece_end = std::min(end, (row / segments_.block_rows + 1) * segments_.block_rows);
    if (directory_.find_block(directory_.block_of(row)) == nullptr && groups().find(row / segments_.group_rows) == nullptr) {
      row = std::min(piece_end, (directory_.block_of(row) + 1) * directory_.block_rows());
      continue;
    }
    piece_end = std::min(piece_end, row + (wanted - count));
    find_versions(snapshot, row, piece_end, memory);
    const bool in_segment = memory.count < piece_end - row;
    // Without one only the rows in memory count.
    const RowGroup* group = in_segment ? matching_group(visible_group(snapshot, row / segments_.group_rows), row, state) : nullptr;
    if (group != nullptr) {
      if (count > 0) break;  // these go first
      if (!group->info().value_files.empty()) {
        piece_end = row + group->rows_of_bytes(columns, row % segments_.group_rows, piece_end - row, kScanBytes);
        while (memory.count > 0 && row + memory.places[memory.count - 1] >= piece_end) --memory.count;
      }
      state.next = RowId(piece_end);
      if (scan_segment(columns, group, row, piece_end - row, memory, state, chunk, rows)) return true;
      row = piece_end;
      rows.resize(wanted);
      continue;
    }
    for (size_t i = 0; i < memory.count; ++i) {
      if (memory.versions[i] == nullptr) continue;
      versions[count] = memory.versions[i];
      rows[count++] = RowId(row + memory.places[i]);
    }
    row = piece_end;
  }
  state.next = RowId(row);
  state.rows_in_memory += count;
  rows.resize(count);
  fill(layout, columns, versions, count, chunk);
  return count > 0;
}

void MemoryTable::fetch(const Snapshot& snapshot, std::span<const RowId> rows, std::span<const uint32_t> columns,
                        vector::Chunk& chunk, std::vector<uint32_t>& found) const {
  AEGIS_CHECK(rows.size() <= vector::kMaxChunkRows);
  BlockCounter blocks(activity());
  Reclaimer::Pin pin(reclaimer_);
  const Layout& layout = this->layout();
  const Version* versions[vector::kMaxChunkRows];
  const RowGroup* groups[vector::kMaxChunkRows];
  bool in_segments = false;
  found.clear();
  for (size_t i = 0; i < rows.size(); ++i) {
    const Version* v = visible_from(snapshot, head(rows[i]));
    if (v == nullptr) continue;
    const RowGroup* group = nullptr;
    if (v == kInSegment) {
      group = visible_group(snapshot, rows[i].value / segments_.group_rows);
      if (group == nullptr || !group->has(position_of(rows[i]))) continue;
      in_segments = true;
    }
    versions[found.size()] = v;
    groups[found.size()] = group;
    found.push_back(static_cast<uint32_t>(i));
  }
  size_t count = found.size();
  if (!in_segments) return fill(layout, columns, versions, count, chunk);
  // By RowId, so that every block is opened once.
  uint16_t order[vector::kMaxChunkRows];
  for (size_t k = 0; k < count; ++k) order[k] = static_cast<uint16_t>(k);
  auto before = [&](uint16_t a, uint16_t b) { return rows[found[a]] < rows[found[b]]; };
  if (!std::is_sorted(order, order + count, before)) std::sort(order, order + count, before);
  for (size_t c = 0; c < columns.size(); ++c) {
    vector::Vector& out = chunk.column(c);
    out.reset();
    RowGroupCursor cursor;
    for (size_t i = 0; i < count; ++i) {
      const size_t k = order[i];
      if (groups[k] == nullptr) {
        put_value(layout, columns[c], *versions[k], segments_.values, out, k);
      } else if (groups[k]->has_column(columns[c])) {
        cursor.read(*groups[k], columns[c], position_of(rows[found[k]]), out, k);
      } else {
        put_missing(layout.columns[columns[c]], k, 1, out);
      }
    }
  }
  chunk.set_size(count);
}

bool has_values_apart(const Table& table, uint32_t column) {
  const auto& groups = static_cast<const MemoryTable&>(table).groups().groups;
  return std::any_of(groups.begin(), groups.end(), [&](const auto& group) {
    return group && group->has_column(column) && group->info().chunks[column].has_references;
  });
}

}  // namespace aegis::storage
