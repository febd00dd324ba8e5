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

EncodedGroup copy_group(const RowGroup& group) {
  EncodedGroup out;
  out.info = group.info();
  for (ChunkInfo& chunk : out.info.chunks) {
    const ChunkInfo from = chunk;
    chunk.offset = out.bytes.size();
    auto append = [&](const BlockRef& block) {
      size_t start = out.bytes.size();
      out.bytes += block.payload();
      seal_block(out.bytes, start);
    };
    for (size_t b = 0; b < from.ends.size(); ++b) append(group.file().read(from, b));
    if (from.filter_bytes == 0) continue;
    chunk.filter_offset = out.bytes.size();
    append(group.file().read_filter(from));
  }
  return out;
}

}  // namespace

std::vector<uint64_t> TableFlush::groups_to_merge() const {
  struct Use {
    uint64_t bytes = 0;
    std::vector<uint64_t> groups;
  };
  std::map<const SegmentFile*, Use> files;
  const GroupMap& map = table_.groups();
  for (uint64_t number = 0; number < map.groups.size(); ++number) {
    const RowGroup* group = map.find(number);
    if (group == nullptr) continue;
    Use& use = files[&group->file()];
    use.bytes += group->size_bytes();
    use.groups.push_back(number);
  }
  std::vector<uint64_t> result, small;
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
