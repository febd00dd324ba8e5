#include "segment/segment_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "coding.h"
#include "column/value_filter.h"
#include "lsm/io_budget.h"

namespace aegis::storage {
namespace {

constexpr uint64_t kMagic = 0x3130474553474541;  // "AEGSEG01"
constexpr size_t kTailBytes = 4 + 4 + 8;
constexpr size_t kWriteBytes = 1 << 20;
constexpr uint8_t kZonesBit = 1;
constexpr uint8_t kFilterBit = 2;
constexpr uint8_t kReferencesBit = 4;
// Filters are for chunks of at least so many blocks.
constexpr size_t kFilterMinBlocks = 4;

void put_zone(std::string& out, const Zone& zone) {
  put_varint(out, zigzag(zone.low));
  put_varint(out, static_cast<uint64_t>(zone.high) - static_cast<uint64_t>(zone.low));
}

bool get_zone(std::string_view& in, Zone& zone) {
  uint64_t low, range;
  if (!get_varint(in, low) || !get_varint(in, range)) return false;
  zone.low = unzigzag(low);
  zone.high = static_cast<int64_t>(static_cast<uint64_t>(zone.low) + range);
  return true;
}

void encode_chunk(const ChunkInfo& chunk, std::string& out) {
  out.push_back(static_cast<char>(chunk.type));
  out.push_back(static_cast<char>((chunk.has_zones ? kZonesBit : 0) | (chunk.filter_bytes > 0 ? kFilterBit : 0) |
                                  (chunk.has_references ? kReferencesBit : 0)));
  put_varint(out, chunk.scale);
  put_varint(out, chunk.null_count);
  put_varint(out, chunk.offset);
  put_varint(out, chunk.ends.size());
  for (size_t b = 0; b < chunk.ends.size(); ++b) {
    put_varint(out, chunk.ends[b] - (b == 0 ? 0 : chunk.ends[b - 1]));
    if (chunk.has_zones) put_zone(out, chunk.block_zones[b]);
  }
  if (chunk.filter_bytes > 0) {
    put_varint(out, chunk.filter_offset);
    put_varint(out, chunk.filter_bytes);
  }
}

bool decode_chunk(std::string_view& in, ChunkInfo& chunk) {
  uint8_t type, flags;
  uint64_t scale, nulls, blocks;
  if (!get_fixed(in, type) || type > static_cast<uint8_t>(PhysicalType::String) || !get_fixed(in, flags)) return false;
  if (!get_varint(in, scale) || !get_varint(in, nulls) || !get_varint(in, chunk.offset) || !get_varint(in, blocks)) return false;
  if (blocks > in.size()) return false;
  chunk.type = static_cast<PhysicalType>(type);
  chunk.has_zones = (flags & kZonesBit) != 0;
  chunk.has_references = (flags & kReferencesBit) != 0;
  chunk.scale = static_cast<uint16_t>(scale);
  chunk.null_count = static_cast<uint32_t>(nulls);
  uint64_t end = 0;
  for (uint64_t b = 0; b < blocks; ++b) {
    uint64_t size;
    if (!get_varint(in, size)) return false;
    chunk.ends.push_back(static_cast<uint32_t>(end += size));
    if (!chunk.has_zones) continue;
    if (!get_zone(in, chunk.block_zones.emplace_back())) return false;
    chunk.zone.add(chunk.block_zones.back());
  }
  if ((flags & kFilterBit) == 0) return true;
  uint64_t bytes;
  if (!get_varint(in, chunk.filter_offset) || !get_varint(in, bytes)) return false;
  chunk.filter_bytes = static_cast<uint32_t>(bytes);
  return true;
}

void encode_footer(const SegmentFooter& footer, std::string& out) {
  put_varint(out, footer.table);
  put_varint(out, footer.group_rows);
  put_varint(out, footer.block_rows);
  put_varint(out, footer.groups.size());
  for (const GroupInfo& group : footer.groups) {
    put_varint(out, group.number);
    put_varint(out, group.first);
    put_varint(out, group.end);
    put_varint(out, group.row_count);
    put_varint(out, group.present.size());
    for (uint64_t word : group.present) put_fixed(out, word);
    put_varint(out, group.chunks.size());
    for (const ChunkInfo& chunk : group.chunks) encode_chunk(chunk, out);
    bool apart = std::any_of(group.chunks.begin(), group.chunks.end(), [](const ChunkInfo& chunk) { return chunk.has_references; });
    if (!apart) continue;
    put_varint(out, group.value_files.size());
    for (auto [number, bytes] : group.value_files) {
      put_varint(out, number);
      put_varint(out, bytes);
    }
  }
}

bool decode_group(std::string_view& in, GroupInfo& group, uint32_t group_rows) {
  uint64_t first, end, rows, words, chunks;
  if (!get_varint(in, group.number) || !get_varint(in, first) || !get_varint(in, end) || !get_varint(in, rows)) return false;
  if (!get_varint(in, words) || words > in.size() || end > group_rows || first > end) return false;
  group.first = static_cast<uint32_t>(first);
  group.end = static_cast<uint32_t>(end);
  group.row_count = static_cast<uint32_t>(rows);
  group.present.resize(words);
  for (uint64_t& word : group.present) {
    if (!get_fixed(in, word)) return false;
  }
  if (words != 0 && words * 64 < end) return false;
  if (!get_varint(in, chunks) || chunks > in.size()) return false;
  group.chunks.resize(chunks);
  bool apart = false;
  for (ChunkInfo& chunk : group.chunks) {
    if (!decode_chunk(in, chunk)) return false;
    apart = apart || chunk.has_references;
  }
  uint64_t files = 0, number, bytes;
  if (apart && (!get_varint(in, files) || files > in.size())) return false;
  for (uint64_t i = 0; i < files; ++i) {
    if (!get_varint(in, number) || !get_varint(in, bytes)) return false;
    group.value_files[number] = bytes;
  }
  return true;
}

bool decode_footer(std::string_view in, SegmentFooter& footer) {
  uint64_t table, group_rows, block_rows, groups;
  if (!get_varint(in, table) || !get_varint(in, group_rows) || !get_varint(in, block_rows) || !get_varint(in, groups)) return false;
  if (block_rows == 0 || group_rows % block_rows != 0 || block_rows > vector::kMaxChunkRows || groups > in.size()) return false;
  footer.table = static_cast<uint32_t>(table);
  footer.group_rows = static_cast<uint32_t>(group_rows);
  footer.block_rows = static_cast<uint32_t>(block_rows);
  footer.groups.resize(groups);
  for (GroupInfo& group : footer.groups) {
    if (!decode_group(in, group, footer.group_rows)) return false;
    for (const ChunkInfo& chunk : group.chunks) {
      if (!chunk.ends.empty() && chunk.ends.size() * block_rows < group.end) return false;
    }
  }
  return in.empty();
}

}  // namespace

void throw_corrupted_segment(const std::string& path, uint64_t offset) {
  throw StorageError(Sqlstate::DataCorrupted, fmt::format("invalid data in file \"{}\" at offset {}", path, offset));
}

// --- Values that are apart ---------------------------------------------------------------------------------

bool ReferenceList::open(std::string_view& payload) {
  bytes_ = {};
  if (payload.empty() || (static_cast<uint8_t>(payload[0]) & kHasReferences) == 0) return true;
  uint32_t count;
  if (payload.size() < sizeof count) return false;
  std::memcpy(&count, payload.data() + payload.size() - sizeof count, sizeof count);
  if (uint64_t{count} * kEntryBytes > payload.size() - sizeof count) return false;
  size_t from = payload.size() - sizeof count - count * kEntryBytes;
  bytes_ = payload.substr(from, count * kEntryBytes);
  payload.remove_suffix(payload.size() - from);
  return true;
}

size_t ReferenceList::position(size_t i) const {
  uint16_t position;
  std::memcpy(&position, bytes_.data() + i * kEntryBytes, sizeof position);
  return position;
}

size_t ReferenceList::find(size_t wanted) const {
  size_t low = 0, high = size();
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (position(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

ValueReference ReferenceList::get(size_t i, uint64_t& number) const {
  std::string_view in = bytes_.substr(i * kEntryBytes, kEntryBytes);
  uint16_t position;
  ValueReference reference;
  get_fixed(in, position);
  get_fixed(in, number);
  get_fixed(in, reference.offset);
  get_fixed(in, reference.length);
  get_fixed(in, reference.size_bytes);
  get_fixed(in, reference.hash);
  get_fixed(in, reference.zone_key);
  return reference;
}

void append_references(std::string& out, size_t start, std::span<const ApartValue> apart) {
  out[start] = static_cast<char>(static_cast<uint8_t>(out[start]) | kHasReferences);
  for (const ApartValue& value : apart) {
    put_fixed(out, static_cast<uint16_t>(value.at));
    put_fixed(out, value.reference.file->number());
    put_fixed(out, value.reference.offset);
    put_fixed(out, value.reference.length);
    put_fixed(out, value.reference.size_bytes);
    put_fixed(out, value.reference.hash);
    put_fixed(out, value.reference.zone_key);
  }
  put_fixed(out, static_cast<uint32_t>(apart.size()));
}

// --- Files -------------------------------------------------------------------------------------------------

std::shared_ptr<SegmentFile> SegmentFile::open(os::FileSystem& files, BufferPool& pool, const std::string& path,
                                               ValueStore* values) {
  std::shared_ptr<SegmentFile> segment(new SegmentFile(pool, path));
  segment->values_ = values;
  segment->file_ = pool.open(files, path);
  os::File& file = segment->file_->file();
  uint64_t size = file.size();
  if (size < 8 + kTailBytes) throw_corrupted_segment(path, 0);
  std::string tail(kTailBytes, '\0');
  if (file.read_at(size - kTailBytes, tail) != tail.size()) throw_corrupted_segment(path, size - kTailBytes);
  std::string_view in = tail;
  uint32_t footer_size, crc;
  uint64_t magic;
  get_fixed(in, footer_size);
  get_fixed(in, crc);
  get_fixed(in, magic);
  if (magic != kMagic || footer_size > size - kTailBytes) throw_corrupted_segment(path, size - kTailBytes);
  uint64_t at = size - kTailBytes - footer_size;
  std::string footer(footer_size, '\0');
  if (file.read_at(at, footer) != footer.size() || crc32c(footer.data(), footer.size()) != crc ||
      !decode_footer(footer, segment->footer_)) {
    throw_corrupted_segment(path, at);
  }
  segment->size_bytes_ = size;
  return segment;
}

SegmentFile::~SegmentFile() {
  if (file_) pool_.drop(*file_);
}

BlockRef SegmentFile::read(const ChunkInfo& chunk, size_t block) const {
  uint32_t start = block == 0 ? 0 : chunk.ends[block - 1];
  return pool_.read(*file_, chunk.offset + start, chunk.ends[block] - start);
}

BlockRef SegmentFile::read_filter(const ChunkInfo& chunk) const {
  return pool_.read(*file_, chunk.filter_offset, chunk.filter_bytes);
}

SegmentWriter::SegmentWriter(os::FileSystem& files, std::string path, uint32_t table, const SegmentOptions& options,
                             lsm::IoBudget* budget)
    : path_(std::move(path)), file_(files.open(path_, os::OpenMode::Truncate)), budget_(budget) {
  footer_.table = table;
  footer_.group_rows = options.group_rows;
  footer_.block_rows = options.block_rows;
  put_fixed(buffer_, kMagic);
}

GroupEncoder::GroupEncoder(GroupInfo group, const SegmentOptions& options, ValueWriter* values)
    : options_(options), values_(values) {
  group_.info = std::move(group);
}

void GroupEncoder::begin_chunk(PhysicalType type, ColumnCompression compression) {
  finish_chunk();
  compression_ = compression == ColumnCompression::Auto ? options_.compression : compression;
  hashing_ = can_filter(type) && group_.info.end >= kFilterMinBlocks * options_.block_rows;
  ChunkInfo& chunk = group_.info.chunks.emplace_back();
  chunk.type = type;
  chunk.offset = group_.bytes.size();
  chunk.has_zones = type != PhysicalType::TimeTz && type != PhysicalType::Interval && type != PhysicalType::Uuid;
}

void GroupEncoder::finish_chunk() {
  if (!hashing_) return;
  hashing_ = false;
  ChunkInfo& chunk = group_.info.chunks.back();
  std::string filter = build_value_filter({chunk.type, chunk.size_bytes(), text_bytes_, chunk.zone, chunk.block_zones}, hashes_);
  hashes_.clear();
  text_bytes_ = 0;
  if (filter.empty()) return;
  std::string& out = group_.bytes;
  size_t start = out.size();
  out += filter;
  seal_block(out, start);
  chunk.filter_offset = start;
  chunk.filter_bytes = static_cast<uint32_t>(out.size() - start);
}

EncodedGroup GroupEncoder::take() {
  finish_chunk();
  return std::move(group_);
}

void GroupEncoder::add_null_chunk(PhysicalType type) {
  finish_chunk();
  ChunkInfo& chunk = group_.info.chunks.emplace_back();
  chunk.type = type;
  chunk.null_count = group_.info.row_count;
}

std::vector<ApartValue> GroupEncoder::take_apart(const vector::Vector& values, size_t count, size_t position,
                                                  std::span<const ApartValue> apart) {
  std::vector<ApartValue> result;
  const size_t threshold = values_ != nullptr ? values_->threshold() : 0;
  vector::VectorView view = values.view();
  auto next = apart.begin();
  for (size_t i = 0; i < count; ++i) {
    if (next != apart.end() && next->at == i) {
      result.push_back(*next++);
      continue;
    }
    if (threshold == 0 || !view.valid(i) || !group_.info.has(position + i)) continue;
    std::string_view value = view.at<types::StringView>(i).view();
    if (value.size() < std::max<size_t>(threshold, types::StringView::kInlineBytes)) continue;
    result.push_back({static_cast<uint32_t>(i), values_->add(value, compression_)});
  }
  return result;
}

void GroupEncoder::add_block(const vector::Vector& values, size_t count, std::span<const ApartValue> carried) {
  ChunkInfo& chunk = group_.info.chunks.back();
  vector::VectorView view = values.view();
  AEGIS_CHECK(view.selection == nullptr && values.physical() == chunk.type);
  const GroupInfo& group = group_.info;
  size_t position = chunk.ends.size() * options_.block_rows;
  std::vector<ApartValue> apart;
  if (chunk.type == PhysicalType::String) apart = take_apart(values, count, position, carried);
  auto next = apart.begin();
  Zone zone;
  size_t width = types::physical_size(chunk.type);
  for (size_t i = 0; i < count; ++i) {
    if (next != apart.end() && next->at == i) {
      const ValueReference& reference = next++->reference;
      if (hashing_) {
        hashes_.push_back(reference.hash);
        text_bytes_ += reference.size_bytes;
      }
      zone.add(reference.zone_key);
      continue;
    }
    if (!group.has(position + i)) continue;
    if (!view.valid(i)) {
      ++chunk.null_count;
      continue;
    }
    if (hashing_) {
      uint64_t hash = value_hash(chunk.type, view.bytes + i * width);
      if (hashes_.empty() || hashes_.back() != hash) hashes_.push_back(hash);
      if (chunk.type == PhysicalType::String) text_bytes_ += reinterpret_cast<const types::StringView*>(view.bytes + i * width)->size();
    }
    if (!chunk.has_zones) continue;
    const std::byte* slot = view.bytes + i * width;
    if (chunk.type == PhysicalType::Numeric && zone.empty() && chunk.zone.empty()) {
      chunk.scale = reinterpret_cast<const types::Numeric*>(slot)->scale;
    }
    int64_t key;
    if (zone_key(chunk.type, slot, chunk.scale, key)) {
      zone.add(key);
    } else {
      chunk.has_zones = false;
    }
  }
  chunk.zone.add(zone);
  chunk.block_zones.push_back(zone);
  write_block(view, count, apart);
}

void GroupEncoder::write_block(const vector::VectorView& view, size_t count, std::span<const ApartValue> apart) {
  ChunkInfo& chunk = group_.info.chunks.back();
  const size_t position = chunk.ends.size() * options_.block_rows;
  std::string& out = group_.bytes;
  size_t start = out.size();
  if (apart.empty()) {
    encode_block(chunk.type, view.bytes, view.validity, count, compression_, out);
  } else {
    const auto* strings = view.data<types::StringView>();
    std::vector<types::StringView> rest(strings, strings + count);
    for (const ApartValue& value : apart) rest[value.at] = types::StringView();
    for (size_t i = 0; i < count; ++i) {
      // They repeat others, long ones too, which nobody reads.
      if (!group_.info.has(position + i)) rest[i] = types::StringView();
    }
    encode_block(chunk.type, reinterpret_cast<const std::byte*>(rest.data()), view.validity, count, compression_, out);
    append_references(out, start, apart);
    chunk.has_references = true;
    for (const ApartValue& value : apart) group_.info.value_files[value.reference.file->number()] += value.reference.length;
  }
  seal_block(out, start);
  chunk.ends.push_back(static_cast<uint32_t>(out.size() - chunk.offset));
}

void SegmentWriter::add_group(EncodedGroup group) {
  for (ChunkInfo& chunk : group.info.chunks) {
    if (!chunk.ends.empty()) chunk.offset += size_bytes();
    if (chunk.filter_bytes > 0) chunk.filter_offset += size_bytes();
  }
  buffer_ += group.bytes;
  footer_.groups.push_back(std::move(group.info));
  write_out(kWriteBytes);
}

void SegmentWriter::write_out(size_t threshold) {
  if (buffer_.size() < threshold) return;
  if (budget_ != nullptr) budget_->spend(buffer_.size());
  file_->write_at(offset_, buffer_);
  offset_ += buffer_.size();
  buffer_.clear();
}

void SegmentWriter::finish(bool sync) {
  std::string footer;
  encode_footer(footer_, footer);
  put_fixed(footer, static_cast<uint32_t>(footer.size()));
  put_fixed(footer, crc32c(footer.data(), footer.size() - sizeof(uint32_t)));
  put_fixed(footer, kMagic);
  buffer_ += footer;
  write_out(1);
  if (sync) file_->sync();
}

}  // namespace aegis::storage
