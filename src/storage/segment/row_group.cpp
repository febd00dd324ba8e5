#include "segment/row_group.h"

#include <bit>
#include <cstring>

#include "aegis/base/error.h"

namespace aegis::storage {

RowGroup::RowGroup(std::shared_ptr<const SegmentFile> file, size_t index)
    : file_(std::move(file)), index_(index), info_(&file_->footer().groups[index]), row_count_(info_->row_count) {
  if (info_->present.empty()) return;
  auto* bits = own_bits();
  for (size_t w = 0; w < words(); ++w) bits[w].store(info_->present[w], std::memory_order_relaxed);
}

RowGroup::RowGroup(std::shared_ptr<const SegmentFile> file, size_t index, uint64_t creator, uint32_t command)
    : begin(creator), command(command), file_(std::move(file)), index_(index), info_(&file_->footer().groups[index]),
      row_count_(info_->row_count) {
  AEGIS_CHECK(info_->present.empty());
}

RowGroup::~RowGroup() { delete[] present_.load(std::memory_order_relaxed); }

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

void RowGroup::open_block(const ChunkInfo& chunk, size_t block, BlockRef& ref, BlockReader& reader,
                          BlockReader::Bytes bytes) const {
  ref = file_->read(chunk, block);
  size_t rows = std::min<size_t>(block_rows(), info_->end - block * block_rows());
  if (!reader.open(chunk.type, ref.payload(), rows, bytes)) throw_corrupted_segment(file_->path(), file_->block_offset(chunk, block));
}

std::unique_ptr<BlockReader> RowGroup::open_owned(size_t column, size_t block) const {
  auto reader = std::make_unique<BlockReader>();
  BlockRef ref;
  open_block(info_->chunks[column], block, ref, *reader, BlockReader::Bytes::Own);
  return reader;
}

void RowGroup::read(size_t column, size_t from, size_t count, vector::Vector& out, size_t at) const {
  const ChunkInfo& chunk = info_->chunks[column];
  AEGIS_CHECK(out.physical() == chunk.type);
  if (chunk.ends.empty()) {
    for (size_t i = 0; i < count; ++i) out.set_null(at + i);
    return;
  }
  size_t block = from / block_rows();
  BlockRef ref;
  BlockReader reader;
  open_block(chunk, block, ref, reader, BlockReader::Bytes::Borrow);
  if (!reader.read(from - block * block_rows(), count, out, at)) {
    throw_corrupted_segment(file_->path(), file_->block_offset(chunk, block));
  }
}

void RowGroupCursor::read(const RowGroup& group, size_t column, size_t position, vector::Vector& out, size_t at) {
  const ChunkInfo& chunk = group.info().chunks[column];
  AEGIS_CHECK(out.physical() == chunk.type);
  if (chunk.ends.empty()) return out.set_null(at);
  size_t block = position / group.block_rows();
  if (group_ != &group || block_ != block) {
    group_ = nullptr;
    group.open_block(chunk, block, ref_, reader_, BlockReader::Bytes::Borrow);
    group_ = &group;
    block_ = block;
  }
  if (!reader_.read(position - block * group.block_rows(), 1, out, at)) {
    throw_corrupted_segment(group.file().path(), group.file().block_offset(chunk, block));
  }
}

}  // namespace aegis::storage
