// Row groups move from files that are small, or of which little is in use, to common ones: as they are, block by block.
#include <algorithm>
#include <map>

#include "segment/flush.h"

namespace aegis::storage {
namespace {

constexpr uint64_t kSmallFileBytes = 1 << 20;
constexpr uint64_t kMergedFileBytes = 16 << 20;
// A file is given up when less than one in so many of its bytes is in use.
constexpr uint64_t kLeastUse = 2;

// A file of values is given up when less than one in so many of its bytes is referred to, by row groups.
constexpr uint64_t kLeastValueUse = 2;

}  // namespace

// --- Values that are apart ---------------------------------------------------------------------------------

// Files that no row group refers to, but rows in memory do.
void TableFlush::add_values_in_memory(std::map<uint64_t, ValueFileUse>& files) const {
  if (options_.values == nullptr || options_.values->empty()) return;
  std::map<uint64_t, ValueFileUse> more;
  const RowDirectory& directory = table_.directory();
  for (uint64_t row = 0; row < table_.end_row().value; row += directory.block_rows()) {
    const RowSlot* slots = directory.find_block(directory.block_of(row));
    for (uint64_t i = 0; slots != nullptr && i < directory.block_rows(); ++i) {
      const Version* v = head_of(slots[i]);
      if (v == nullptr || (v->flags & Version::kHasReferences) == 0) continue;
      for (const ValueReference& reference : references_of(*v)) {
        if (files.contains(reference.file->number())) continue;
        ValueFileUse& use = more[reference.file->number()];
        use.bytes += reference.length;
        use.size = reference.file->size_bytes();
      }
    }
  }
  files.merge(more);
}

std::set<uint64_t> TableFlush::wasteful_value_files() const {
  std::map<uint64_t, ValueFileUse> files;
  for (const auto& group : table_.groups().groups) {
    if (!group) continue;
    bool settled = table_.commit_time(group->begin) <= environment_.horizon;
    for (auto [number, bytes] : group->info().value_files) {
      ValueFileUse& use = files[number];
      // A load's row groups can't be copied yet.
      use.bytes += settled ? bytes : ~uint32_t{0};
      use.size = group->value_file(number)->size_bytes();
    }
  }
  add_values_in_memory(files);
  size_t small = std::count_if(files.begin(), files.end(), [](const auto& item) { return item.second.size < kSmallFileBytes; });
  const bool small_ones = small >= options_.merge_min_files;
  std::set<uint64_t> result;
  for (const auto& [number, use] : files) {
    bool wasteful = use.bytes * kLeastValueUse < use.size;
    if (wasteful || (small_ones && use.size < kSmallFileBytes && use.bytes <= use.size)) result.insert(number);
  }
  return result;
}

bool TableFlush::refers_to_given_up(const Version& version) const {
  if (given_up_.empty()) return false;
  auto references = references_of(version);
  return std::any_of(references.begin(), references.end(), [&](const ValueReference& reference) { return is_given_up(reference); });
}

ValueReference TableFlush::keep(const ValueReference& reference) {
  return is_given_up(reference) ? values_->move(reference) : reference;
}

void TableFlush::copy_references(const RowGroup& group, size_t column, size_t block, std::string& out, size_t start, GroupInfo& info) {
  std::vector<ApartValue> kept;
  for (ApartValue& value : group.references(column, block)) {
    // A row that is cleared is nobody's any more.
    if (!group.has(block * group.block_rows() + value.at)) continue;
    value.reference = keep(value.reference);
    info.value_files[value.reference.file->number()] += value.reference.length;
    kept.push_back(value);
  }
  append_references(out, start, kept);
}

EncodedGroup TableFlush::copy_group(const RowGroup& group) {
  EncodedGroup out;
  out.info = group.info();
  out.info.value_files.clear();
  for (size_t column = 0; column < out.info.chunks.size(); ++column) {
    ChunkInfo& chunk = out.info.chunks[column];
    const ChunkInfo from = chunk;
    chunk.offset = out.bytes.size();
    for (size_t b = 0; b < from.ends.size(); ++b) {
      size_t start = out.bytes.size();
      BlockRef block = group.file().read(from, b);
      std::string_view payload = block.payload();
      const bool refers = !payload.empty() && (static_cast<uint8_t>(payload[0]) & kHasReferences) != 0;
      ReferenceList references;
      if (!references.open(payload)) throw_corrupted_segment(group.file().path(), group.file().block_offset(from, b));
      out.bytes += payload;
      if (refers) copy_references(group, column, b, out.bytes, start, out.info);
      seal_block(out.bytes, start);
      chunk.ends[b] = static_cast<uint32_t>(out.bytes.size() - chunk.offset);
    }
    if (from.filter_bytes == 0) continue;
    chunk.filter_offset = out.bytes.size();
    size_t start = out.bytes.size();
    out.bytes += group.file().read_filter(from).payload();
    seal_block(out.bytes, start);
  }
  return out;
}

// --- Files of row groups -----------------------------------------------------------------------------------

std::vector<uint64_t> TableFlush::groups_to_merge() const {
  struct Use {
    uint64_t bytes = 0;
    std::vector<uint64_t> groups;
  };
  std::map<const SegmentFile*, Use> files;
  std::vector<uint64_t> result, small;
  const GroupMap& map = table_.groups();
  for (uint64_t number = 0; number < map.groups.size(); ++number) {
    const RowGroup* group = map.find(number);
    if (group == nullptr) continue;
    auto is_given_up = [&](const auto& item) { return given_up_.contains(item.first); };
    if (std::any_of(group->info().value_files.begin(), group->info().value_files.end(), is_given_up)) result.push_back(number);
    Use& use = files[&group->file()];
    use.bytes += group->size_bytes();
    use.groups.push_back(number);
  }
  size_t small_files = 0;
  for (const auto& [file, use] : files) {
    // Those of a load that is not seen by all yet stay where they are.
    bool settled = std::all_of(use.groups.begin(), use.groups.end(), [&](uint64_t number) {
      return table_.commit_time(map.find(number)->begin) <= environment_.horizon;
    });
    if (!settled) continue;
    bool wasteful = use.groups.size() < file->footer().groups.size() && use.bytes * kLeastUse < file->size_bytes();
    bool is_small = file->size_bytes() < kSmallFileBytes;
    small_files += is_small;
    if (wasteful || is_small) {
      auto& list = wasteful ? result : small;
      list.insert(list.end(), use.groups.begin(), use.groups.end());
    }
  }
  if (small_files >= options_.merge_min_files) result.insert(result.end(), small.begin(), small.end());
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

bool TableFlush::merge_files() {
  std::vector<uint64_t> numbers = groups_to_merge();
  size_t from = 0;
  while (from < numbers.size()) {
    size_t to = from;
    uint64_t bytes = 0;
    for (; to < numbers.size() && bytes < kMergedFileBytes; ++to) bytes += table_.groups().find(numbers[to])->size_bytes();
    copy_groups({numbers.begin() + static_cast<ptrdiff_t>(from), numbers.begin() + static_cast<ptrdiff_t>(to)});
    from = to;
  }
  return !numbers.empty();
}

void TableFlush::copy_groups(const std::vector<uint64_t>& numbers) {
  candidates_.clear();
  write_file([&](SegmentWriter& writer, std::vector<MemoryTable::GroupChange>& changes) {
    for (uint64_t number : numbers) {
      changes.push_back({number, nullptr, true});
      writer.add_group(copy_group(*table_.groups().find(number)));
    }
  });
}

}  // namespace aegis::storage
