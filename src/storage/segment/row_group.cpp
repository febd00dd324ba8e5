#include "segment/row_group.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "aegis/base/error.h"

namespace aegis::storage {

RowGroup::RowGroup(std::shared_ptr<const SegmentFile> file, size_t index)
    : file_(std::move(file)), index_(index), info_(&file_->footer().groups[index]), row_count_(info_->row_count) {
  use_value_files();
  if (info_->present.empty()) return;
  auto* bits = own_bits();
  for (size_t w = 0; w < words(); ++w) bits[w].store(info_->present[w], std::memory_order_relaxed);
}

RowGroup::RowGroup(std::shared_ptr<const SegmentFile> file, size_t index, uint64_t creator, uint32_t command)
    : begin(creator), command(command), file_(std::move(file)), index_(index), info_(&file_->footer().groups[index]),
      row_count_(info_->row_count) {
  AEGIS_CHECK(info_->present.empty());
  use_value_files();
}

RowGroup::~RowGroup() {
  delete[] present_.load(std::memory_order_relaxed);
  for (ValueFile* file : value_files_) file->release();
}

void RowGroup::use_value_files() {
  if (info_->value_files.empty()) return;
  AEGIS_CHECK(file_->values() != nullptr);
  for (const auto& [number, bytes] : info_->value_files) value_files_.push_back(file_->values()->acquire(number));
}

ValueFile* RowGroup::value_file(uint64_t number) const {
  auto found = std::lower_bound(value_files_.begin(), value_files_.end(), number,
                                [](const ValueFile* file, uint64_t wanted) { return file->number() < wanted; });
  return found == value_files_.end() || (*found)->number() != number ? nullptr : *found;
}

uint64_t RowGroup::value_bytes() const {
  uint64_t sum = 0;
  for (const auto& [number, bytes] : info_->value_files) sum += bytes;
  return sum;
}

std::atomic<uint64_t>* RowGroup::own_bits() {
  auto* bits = present_.load(std::memory_order_relaxed);
  if (bits != nullptr) return bits;
  bits = new std::atomic<uint64_t>[words()];
  for (size_t w = 0; w < words(); ++w) bits[w].store(~uint64_t{0}, std::memory_order_relaxed);
  present_.store(bits, std::memory_order_release);
  return bits;
}

uint64_t RowGroup::size_bytes() const {
  uint64_t bytes = 0;
  for (const ChunkInfo& chunk : info_->chunks) bytes += chunk.size_bytes();
  return bytes;
}

bool RowGroup::has_all(size_t from, size_t to) const {
  if (from < info_->first || to > info_->end) return false;
  auto* bits = present_.load(std::memory_order_acquire);
  if (bits == nullptr) return true;
  for (size_t i = from; i < to;) {
    if ((i & 63) == 0 && i + 64 <= to) {
      if (bits[i >> 6].load(std::memory_order_relaxed) != ~uint64_t{0}) return false;
      i += 64;
    } else {
      if (!has(i)) return false;
      ++i;
    }
  }
  return true;
}

bool RowGroup::remove(size_t position) {
  if (!has(position)) return false;
  own_bits()[position >> 6].fetch_and(~(uint64_t{1} << (position & 63)), std::memory_order_release);
  row_count_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void RowGroup::clear_as(const RowGroup& other) {
  for (size_t i = info_->first; i < info_->end; ++i) {
    if (!other.has(i)) remove(i);
  }
}

std::string RowGroup::encode_present() const {
  std::string out((info_->end + size_t{7}) / 8, '\0');
  for (size_t i = info_->first; i < info_->end; ++i) {
    if (has(i)) out[i >> 3] = static_cast<char>(out[i >> 3] | (1 << (i & 7)));
  }
  return out;
}

bool RowGroup::decode_present(std::string_view bytes) {
  if (bytes.size() != (info_->end + size_t{7}) / 8) return false;
  for (size_t i = info_->first; i < info_->end; ++i) {
    if ((bytes[i >> 3] >> (i & 7) & 1) == 0) remove(i);
  }
  return true;
}

void RowGroup::open_block(const ChunkInfo& chunk, size_t block, ColumnBlock& out, BlockReader::Bytes bytes) const {
  out.group_ = nullptr;
  out.ref_ = file_->read(chunk, block);
  size_t rows = std::min<size_t>(block_rows(), info_->end - block * block_rows());
  std::string_view payload = out.ref_.payload();
  if (!out.references_.open(payload) || !out.reader_.open(chunk.type, payload, rows, bytes)) {
    throw_corrupted_segment(file_->path(), file_->block_offset(chunk, block));
  }
  if (bytes == BlockReader::Bytes::Own) {
    out.own_references_ = out.references_.bytes();
    out.references_.set_bytes(out.own_references_);
    out.ref_.release();
  }
  out.group_ = this;
  out.chunk_ = &chunk;
  out.block_ = block;
}

std::unique_ptr<ColumnBlock> RowGroup::open_owned(size_t column, size_t block) const {
  auto out = std::make_unique<ColumnBlock>();
  open_block(info_->chunks[column], block, *out, BlockReader::Bytes::Own);
  return out;
}

void ColumnBlock::read(size_t from, size_t count, vector::Vector& out, size_t at, std::vector<ApartValue>* apart) {
  const SegmentFile& file = group_->file();
  auto corrupted = [&] { throw_corrupted_segment(file.path(), file.block_offset(*chunk_, block_)); };
  if (!reader_.read(from, count, out, at)) corrupted();
  for (size_t i = references_.find(from); i < references_.size() && references_.position(i) < from + count; ++i) {
    uint64_t number;
    ValueReference reference = references_.get(i, number);
    reference.file = group_->value_file(number);
    if (reference.file == nullptr) corrupted();
    auto slot = static_cast<uint32_t>(at + references_.position(i) - from);
    if (apart != nullptr) {
      apart->push_back({slot, reference});
    } else {
      out.slots<types::StringView>()[slot] = file.values()->read(reference, out.heap());
    }
  }
}

void RowGroup::read(size_t column, size_t from, size_t count, vector::Vector& out, size_t at, std::vector<ApartValue>* apart) const {
  const ChunkInfo& chunk = info_->chunks[column];
  AEGIS_CHECK(out.physical() == chunk.type);
  if (chunk.ends.empty()) {
    for (size_t i = 0; i < count; ++i) out.set_null(at + i);
    return;
  }
  size_t block = from / block_rows();
  ColumnBlock open;
  open_block(chunk, block, open, BlockReader::Bytes::Borrow);
  open.read(from - block * block_rows(), count, out, at, apart);
}

std::vector<ApartValue> RowGroup::references(size_t column, size_t block) const {
  std::vector<ApartValue> result;
  const ChunkInfo& chunk = info_->chunks[column];
  BlockRef ref = file_->read(chunk, block);
  std::string_view payload = ref.payload();
  ReferenceList list;
  bool good = list.open(payload);
  for (size_t i = 0; good && i < list.size(); ++i) {
    uint64_t number;
    ApartValue& value = result.emplace_back();
    value.at = static_cast<uint32_t>(list.position(i));
    value.reference = list.get(i, number);
    value.reference.file = value_file(number);
    good = value.reference.file != nullptr && value.at < block_rows();
  }
  if (!good) throw_corrupted_segment(file_->path(), file_->block_offset(chunk, block));
  return result;
}

size_t RowGroup::rows_of_bytes(std::span<const uint32_t> columns, size_t position, size_t count, uint64_t bytes) const {
  const size_t block = position / block_rows();
  std::vector<std::pair<uint32_t, uint64_t>> sizes;
  for (uint32_t column : columns) {
    if (!has_column(column) || !info_->chunks[column].has_references || block >= info_->chunks[column].ends.size()) continue;
    for (const ApartValue& value : references(column, block)) {
      if (value.at >= position % block_rows()) sizes.emplace_back(value.at, value.reference.size_bytes);
    }
  }
  std::sort(sizes.begin(), sizes.end());
  uint64_t sum = 0;
  for (auto [at, size] : sizes) {
    size_t before = at - position % block_rows();
    sum += size;
    if (sum > bytes && before > 0) return std::min(count, before);
  }
  return count;
}

void RowGroupCursor::read(const RowGroup& group, size_t column, size_t position, vector::Vector& out, size_t at) {
  const ChunkInfo& chunk = group.info().chunks[column];
  AEGIS_CHECK(out.physical() == chunk.type);
  if (chunk.ends.empty()) return out.set_null(at);
  size_t block = position / group.block_rows();
  if (open_.group_ != &group || open_.block_ != block) group.open_block(chunk, block, open_, BlockReader::Bytes::Borrow);
  open_.read(position - block * group.block_rows(), 1, out, at);
}

}  // namespace aegis::storage
