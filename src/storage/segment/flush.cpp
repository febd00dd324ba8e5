#include "segment/flush.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "aegis/base/error.h"
#include "aegis/os/clock.h"
#include "aegis/os/memory_allocator.h"

namespace aegis::storage {
namespace {

constexpr size_t kGroupsPerFile = 16;
// A range of RowIds that is still being filled is worth a row group with so large a part of its rows.
constexpr uint32_t kGrowingShare = 16;
// A row group is written anew when more than one row in so many was updated or deleted; the others stay in memory.
constexpr uint64_t kRewriteShare = 8;
constexpr uint64_t kEagerRewriteShare = 64;
constexpr size_t kTrimAfterRows = 100'000;
constexpr int64_t kWaitForInsertsUs = 100'000;

void copy_slot(vector::Vector& out, size_t from, size_t to) {
  if (out.is_null(from)) return out.set_null(to);
  out.set_valid(to);
  size_t size = types::physical_size(out.physical());
  std::memcpy(out.slots<std::byte>() + to * size, out.slots<std::byte>() + from * size, size);
}

}  // namespace

TableFlush::TableFlush(MemoryTable& table, const Layout& layout, Environment environment)
    : table_(table), layout_(layout), environment_(std::move(environment)), options_(table.segment_options()) {}

bool TableFlush::run() {
  const uint64_t whole = table_.end_row().value / options_.group_rows;
  // The last range is still being filled: its rows become a row group that is written anew as it grows.
  const uint64_t groups = whole + 1;
  table_.wants_flush = false;
  // Whoever has been given RowIds of these groups must have stored the rows.
  int64_t start = os::system_clock().monotonic_us();
  while (!table_.inserts_are_complete()) {
    if (os::system_clock().monotonic_us() - start > kWaitForInsertsUs) {
      table_.wants_flush = true;
      return false;
    }
    std::this_thread::yield();
  }
  given_up_ = wasteful_value_files();
  std::vector<uint64_t> due;
  bool written = false;
  for (uint64_t number = 0; number < groups; ++number) {
    if (is_due(number, number == whole)) due.push_back(number);
    if (due.size() == kGroupsPerFile || (number + 1 == groups && !due.empty())) {
      write_groups(due);
      due.clear();
      written = true;
    }
  }
  retire_blocks(whole);
  written = merge_files() || written;
  if (!wasteful_value_files().empty()) table_.wants_flush = true;
  return written;
}

TableFlush::Survey TableFlush::survey(uint64_t number) const {
  Survey result;
  const RowDirectory& directory = table_.directory();
  uint64_t first = number * options_.group_rows;
  for (uint64_t row = first; row < first + options_.group_rows; row += directory.block_rows()) {
    const RowSlot* slots = directory.find_block(directory.block_of(row));
    for (uint64_t i = 0; slots != nullptr && i < directory.block_rows(); ++i) {
      const Version* v = head_of(slots[i]);
      if (v == nullptr) continue;
      if (table_.commit_time(*v) > environment_.horizon) {
        ++result.moving;
      } else {
        ++(v->is_tombstone() ? result.deleted : result.settled);
        result.given_up = result.given_up || refers_to_given_up(*v);
      }
    }
  }
  return result;
}

bool TableFlush::is_due(uint64_t number, bool growing) {
  Survey rows = survey(number);
  const RowGroup* old = table_.groups().find(number);
  if (old != nullptr && table_.commit_time(old->begin) > environment_.horizon) {
    // Loaded a moment ago.
    if (rows.settled + rows.moving + rows.deleted > 0) table_.wants_flush = true;
    return false;
  }
  if (old == nullptr) {
    uint64_t least = growing ? std::max(options_.flush_min_rows, options_.group_rows / kGrowingShare) : options_.flush_min_rows;
    if (rows.settled + rows.moving < least) return false;
    bool due = rows.settled > 0 && rows.moving * 4 <= rows.settled;
    if (!due && rows.moving > 0) table_.wants_flush = true;
    return due;
  }
  uint64_t cleared = old->info().row_count - old->row_count();
  uint64_t changed = rows.settled + rows.deleted + cleared;
  if (growing && !environment_.eager) return rows.given_up || (changed > old->info().row_count && rows.moving * 4 <= rows.settled);
  const uint64_t share = environment_.eager ? kEagerRewriteShare : kRewriteShare;
  bool due = changed * share > old->info().row_count || rows.given_up;
  if (!due && (changed + rows.moving) * share > old->info().row_count) table_.wants_flush = true;
  return due;
}

const Version* TableFlush::settled_version(RowId row, bool& alone) {
  alone = false;
  for (bool pruned = false;; pruned = true) {
    const Version* head = table_.head(row);
    const Version* oldest = head;
    const Version* v = head;
    while (v != nullptr && table_.commit_time(*v) > environment_.horizon) {
      oldest = v;
      v = v->older.load(std::memory_order_acquire);
    }
    if (v == nullptr) return oldest == nullptr || (oldest->flags & Version::kInsert) == 0 ? MemoryTable::kInSegment : nullptr;
    bool below = v->older.load(std::memory_order_acquire) != nullptr || v->may_cover_segment();
    // Index entries of what lies below must go while it can still be read.
    if (!pruned && (below || v->is_tombstone())) {
      table_.prune(row, LiveSnapshots::from(environment_.horizon));
      continue;
    }
    if (v->is_tombstone()) return nullptr;
    alone = v == head;
    return v;
  }
}

std::vector<const Version*> TableFlush::collect(uint64_t number, GroupInfo& info) {
  const RowGroup* old = table_.groups().find(number);
  std::vector<const Version*> images(options_.group_rows, nullptr);
  uint64_t base = number * options_.group_rows;
  info.number = number;
  info.first = options_.group_rows;
  for (uint32_t position = 0; position < options_.group_rows; ++position) {
    RowId row(base + position);
    bool alone;
    const Version* image = settled_version(row, alone);
    if (image == nullptr) continue;
    if (image == MemoryTable::kInSegment && (old == nullptr || !old->has(position))) continue;
    if (alone) candidates_.push_back({row, const_cast<Version*>(image)});
    images[position] = image;
    info.first = std::min(info.first, position);
    info.end = position + 1;
    ++info.row_count;
  }
  if (info.row_count == 0) {
    info.first = info.end = 0;
  } else if (info.row_count != info.end - info.first) {
    info.present.resize((info.end + size_t{63}) / 64);
    for (size_t i = info.first; i < info.end; ++i) {
      if (images[i] != nullptr) info.present[i >> 6] |= uint64_t{1} << (i & 63);
    }
  }
  return images;
}

void TableFlush::fill_block(const RowGroup* old, uint32_t column, size_t from, size_t count,
                            const std::vector<const Version*>& images, vector::Vector& out,
                            std::vector<ApartValue>& apart) {
  const Layout::Column& info = layout_.columns[column];
  size_t size = types::physical_size(info.type);
  out.reset();
  apart.clear();
  std::memset(out.slots<std::byte>(), 0, count * size);
  size_t low = count, high = 0;  // what comes from the old row group
  for (size_t i = 0; i < count; ++i) {
    if (images[from + i] != MemoryTable::kInSegment) continue;
    low = std::min(low, i);
    high = i + 1;
  }
  if (low < high) {
    if (old->has_column(column)) {
      old->read(column, from + low, high - low, out, low, &apart);
      std::erase_if(apart, [&](const ApartValue& value) { return images[from + value.at] != MemoryTable::kInSegment; });
    } else {
      for (size_t i = low; i < high; ++i) {
        if (info.missing_null) {
          out.set_null(i);
        } else {
          std::memcpy(out.slots<std::byte>() + i * size, info.missing, size);
        }
      }
    }
  }
  size_t last = count;
  for (size_t i = 0; i < count; ++i) {
    const Version* image = images[from + i];
    if (image == nullptr) {
      if (last < count) copy_slot(out, last, i);
      continue;
    }
    if (image != MemoryTable::kInSegment) {
      if (is_reference(layout_, *image, column)) {
        out.set_valid(i);
        out.slots<types::StringView>()[i] = types::StringView();
        apart.push_back({static_cast<uint32_t>(i), reference_of(layout_, *image, column)});
      } else {
        put_value(layout_, column, *image, nullptr, out, i);
      }
    }
    if (last == count) {
      for (size_t k = 0; k < i; ++k) copy_slot(out, i, k);
    }
    last = i;
  }
  std::sort(apart.begin(), apart.end(), [](const ApartValue& a, const ApartValue& b) { return a.at < b.at; });
  for (ApartValue& value : apart) value.reference = keep(value.reference);
}

void TableFlush::write_column(GroupEncoder& encoder, const RowGroup* old, const GroupInfo& info, uint32_t column,
                              const std::vector<const Version*>& images) {
  PhysicalType type = layout_.columns[column].type;
  if (layout_.columns[column].dropped) return encoder.add_null_chunk(type);
  encoder.begin_chunk(type, layout_.columns[column].compression);
  vector::Vector values(kInvalidOid, type);
  std::vector<ApartValue> apart;
  for (size_t from = 0; from < info.end; from += options_.block_rows) {
    size_t count = std::min<size_t>(options_.block_rows, info.end - from);
    fill_block(old, column, from, count, images, values, apart);
    encoder.add_block(values, count, apart);
  }
}

void TableFlush::write_groups(const std::vector<uint64_t>& numbers) {
  candidates_.clear();
  write_file([&](SegmentWriter& writer, std::vector<MemoryTable::GroupChange>& changes) {
    for (uint64_t number : numbers) {
      GroupInfo info;
      std::vector<const Version*> images = collect(number, info);
      changes.push_back({number, nullptr, false});
      if (info.row_count == 0) continue;
      GroupEncoder encoder(info, options_, values_.get());
      for (uint32_t c = 0; c < layout_.column_count(); ++c) write_column(encoder, table_.groups().find(number), info, c, images);
      writer.add_group(encoder.take());
    }
  });
  empty_slots();
}

void TableFlush::write_file(const std::function<void(SegmentWriter&, std::vector<MemoryTable::GroupChange>&)>& fill) {
  table_.begin_flush();
  // Holds the files until row groups do.
  if (options_.values != nullptr) values_ = std::make_unique<ValueWriter>(*options_.values, environment_.budget);
  std::string path = environment_.data_directory + "/" + environment_.next_file();
  std::vector<MemoryTable::GroupChange> changes;
  try {
    SegmentWriter writer(environment_.files, path, table_.id().value, options_, environment_.budget);
    fill(writer, changes);
    if (writer.group_count() > 0) {
      if (values_) values_->flush(environment_.sync);
      writer.finish(environment_.sync);
      auto file = SegmentFile::open(environment_.files, environment_.pool, path, options_.values);
      for (size_t i = 0; i < file->footer().groups.size(); ++i) {
        uint64_t number = file->footer().groups[i].number;
        auto change = std::find_if(changes.begin(), changes.end(), [&](const auto& c) { return c.number == number; });
        change->group = std::make_shared<RowGroup>(file, i);
      }
    } else {
      environment_.files.remove(path);
    }
  } catch (...) {
    table_.abandon_flush();
    values_.reset();
    try {
      environment_.files.remove(path);
    } catch (const StorageError&) {
      // The next checkpoint removes what no manifest names.
    }
    throw;
  }
  table_.install_groups(changes);
  values_.reset();
}

void TableFlush::empty_slots() {
  auto gone = std::make_unique<std::vector<Version*>>();
  int64_t bytes = 0;
  for (const Candidate& candidate : candidates_) {
    if (!table_.detach_version(candidate.row, candidate.version)) continue;
    bytes += candidate.version->size_bytes;
    gone->push_back(candidate.version);
  }
  table_.forget_memory(bytes);
  candidates_.clear();
  table_.reclaimer().retire(gone.release(), [](void* p) {
    auto* versions = static_cast<std::vector<Version*>*>(p);
    for (Version* version : *versions) free_version(version);
    if (versions->size() >= kTrimAfterRows) os::trim_memory();
    delete versions;
  });
}

void TableFlush::retire_blocks(uint64_t groups) {
  RowDirectory& directory = table_.directory();
  for (uint64_t row = 0; row < groups * options_.group_rows; row += directory.block_rows()) {
    void* memory = directory.retire_block(directory.block_of(row));
    if (memory != nullptr) table_.reclaimer().retire(memory, [](void* p) { std::free(p); });
  }
}

}  // namespace aegis::storage
