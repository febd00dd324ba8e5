#include <fmt/format.h>

#include <cstring>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "coding.h"
#include "lsm/sst.h"
#include "lsm/sst_format.h"

namespace aegis::storage::lsm {

// Looks into an index block.
class SstFile::IndexBlock {
 public:
  bool open(std::string_view payload, uint32_t expected) {
    if (payload.size() < sizeof count_) return false;
    std::memcpy(&count_, payload.data(), sizeof count_);
    places_ = payload.data() + sizeof count_;
    if (count_ != expected || payload.size() < sizeof count_ + size_t{count_} * kPlaceBytes) return false;
    keys_ = payload.substr(sizeof count_ + size_t{count_} * kPlaceBytes);
    return count_ > 0 && key_end(count_ - 1) <= keys_.size();
  }
  std::string_view last_key(uint32_t i) const {
    uint32_t begin = i == 0 ? 0 : key_end(i - 1);
    return keys_.substr(std::min<size_t>(begin, keys_.size()), key_end(i) - begin);
  }
  uint64_t offset(uint32_t i) const { return field<uint64_t>(i, 0); }
  uint32_t length(uint32_t i) const { return field<uint32_t>(i, 8); }
  // The first block in [low, high] whose last key is not below `key`; high if none before is.
  uint32_t find(const KeyOrder& order, std::string_view key, uint32_t low, uint32_t high) const {
    while (low < high) {
      uint32_t middle = (low + high) / 2;
      if (order.less(last_key(middle), key)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

 private:
  static constexpr size_t kPlaceBytes = 16;
  template <typename T>
  T field(uint32_t i, size_t at) const {
    T value;
    std::memcpy(&value, places_ + size_t{i} * kPlaceBytes + at, sizeof value);
    return value;
  }
  uint32_t key_end(uint32_t i) const { return field<uint32_t>(i, 12); }

  uint32_t count_ = 0;
  const char* places_ = nullptr;
  std::string_view keys_;
};

SstFile::SstFile(os::FileSystem& files, BufferPool& pool, const std::string& directory, FileMeta meta,
                 const TreeOptions& options, ReadCounts& counts)
    : files_(files), pool_(pool), path_(sst_path(directory, meta.number)), meta_(std::move(meta)),
      order_{options.key_suffix}, counts_(counts) {}

SstFile::~SstFile() {
  std::unique_ptr<const Loaded> loaded(loaded_.load());
  bool obsolete = obsolete_.load(std::memory_order_acquire);
  if (loaded) {
    for (size_t i = 0; i < loaded->partitions.size(); ++i) {
      std::unique_ptr<const Kept> kept(loaded->kept[i].load(std::memory_order_acquire));
      if (kept) pool_.release_for_keeps(kept->bytes);
    }
    pool_.drop(*loaded->file);
  }
  loaded.reset();
  if (!obsolete) return;
  try {
    files_.remove(path_);
  } catch (const std::exception& error) {
    log_line(LogLevel::Warning, fmt::format("could not remove file \"{}\": {}", path_, error.what()));
  }
}

void SstFile::throw_corrupted(uint64_t offset) const { throw_corrupted_block(path_, offset); }

// --- Opening -----------------------------------------------------------------------------------------------

const SstFile::Loaded& SstFile::open() const {
  std::lock_guard guard(open_mutex_);
  if (const Loaded* there = loaded_.load(std::memory_order_acquire)) return *there;
  const Loaded* fresh = load().release();
  loaded_.store(fresh, std::memory_order_release);
  return *fresh;
}

std::unique_ptr<SstFile::Loaded> SstFile::load() const {
  auto result = std::make_unique<Loaded>();
  result->file = pool_.open(files_, path_);
  os::File& file = result->file->file();
  if (meta_.size_bytes < kFooterBytes || file.size() != meta_.size_bytes) throw_corrupted(file.size());
  uint64_t footer_offset = meta_.size_bytes - kFooterBytes;
  std::string footer(kFooterBytes, '\0');
  if (file.read_at(footer_offset, footer) != kFooterBytes) throw_corrupted(footer_offset);
  std::string_view in = footer;
  uint64_t magic = 0, meta_offset = 0;
  uint32_t version = 0, meta_length = 0, crc = 0;
  get_fixed(in, magic);
  get_fixed(in, version);
  get_fixed(in, meta_length);
  get_fixed(in, meta_offset);
  get_fixed(in, crc);
  if (magic != kSstMagic || version != kSstVersion || crc != crc32c(footer.data(), kFooterBytes - sizeof crc) ||
      meta_offset + meta_length != footer_offset || meta_length <= kBlockTrailerBytes) {
    throw_corrupted(footer_offset);
  }
  std::string meta(meta_length, '\0');
  if (file.read_at(meta_offset, meta) != meta_length) throw_corrupted(meta_offset);
  std::memcpy(&crc, meta.data() + meta_length - sizeof crc, sizeof crc);
  if (crc != crc32c(meta.data(), meta_length - sizeof crc)) throw_corrupted(meta_offset);
  in = std::string_view(meta).substr(0, meta_length - sizeof crc);
  FileMeta written;
  uint64_t suffix = 0, blocks = 0, partitions = 0, skip = 0;
  bool good = written.decode(in) && get_varint(in, suffix) && get_varint(in, blocks) && get_varint(in, partitions) &&
              written.number == meta_.number && written.entries == meta_.entries && suffix == order_.suffix;
  result->block_count = static_cast<uint32_t>(blocks);
  for (uint64_t i = 0; good && i < partitions; ++i) {
    uint64_t first, offset, index_length, filter_length;
    std::string_view last_key;
    good = get_varint(in, first) && get_varint(in, offset) && get_varint(in, index_length) &&
           get_varint(in, filter_length) && get_bytes(in, last_key) && last_key.size() >= suffix;
    if (!good) break;
    result->partitions.push_back({static_cast<uint32_t>(first), static_cast<uint32_t>(index_length),
                                  static_cast<uint32_t>(filter_length), offset, std::string(last_key)});
  }
  good = good && get_varint(in, skip) && result->learned.decode(in) && !result->partitions.empty();
  if (!good) throw_corrupted(meta_offset);
  result->number_skip = skip;
  result->kept = std::make_unique<std::atomic<const Kept*>[]>(result->partitions.size());
  return result;
}

FileMeta read_file_meta(os::FileSystem& files, const std::string& path) {
  auto file = files.open(path, os::OpenMode::Read);
  uint64_t size = file->size();
  if (size < kFooterBytes) throw_corrupted_block(path, 0);
  std::string footer(kFooterBytes, '\0');
  file->read_at(size - kFooterBytes, footer);
  std::string_view in = footer;
  uint64_t magic = 0, meta_offset = 0;
  uint32_t version = 0, meta_length = 0, crc = 0;
  get_fixed(in, magic);
  get_fixed(in, version);
  get_fixed(in, meta_length);
  get_fixed(in, meta_offset);
  get_fixed(in, crc);
  if (magic != kSstMagic || crc != crc32c(footer.data(), kFooterBytes - sizeof crc) || meta_offset + meta_length > size) {
    throw_corrupted_block(path, size - kFooterBytes);
  }
  std::string bytes(meta_length, '\0');
  FileMeta meta;
  in = bytes;
  if (file->read_at(meta_offset, bytes) != meta_length || !meta.decode(in)) throw_corrupted_block(path, meta_offset);
  meta.size_bytes = size;
  return meta;
}

size_t SstFile::resident_bytes() const {
  const Loaded* at = loaded_.load(std::memory_order_acquire);
  size_t bytes = sizeof(SstFile) + meta_.smallest.size() + meta_.largest.size();
  if (at == nullptr) return bytes;
  for (const Partition& partition : at->partitions) bytes += sizeof partition + partition.last_key.size();
  return bytes + at->learned.size_bytes();
}

// --- Finding -----------------------------------------------------------------------------------------------

size_t SstFile::partition_of_key(std::string_view key) const {
  const auto& partitions = loaded().partitions;
  size_t low = 0, high = partitions.size();
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (order_.less(partitions[middle].last_key, key)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

uint32_t SstFile::partition_end(size_t partition) const {
  const Loaded& at = loaded();
  return partition + 1 < at.partitions.size() ? at.partitions[partition + 1].first_block : at.block_count;
}

BlockRef SstFile::index_block(size_t partition, IndexBlock& index) const {
  const Loaded& at = loaded();
  const Partition& part = at.partitions[partition];
  BlockRef block;
  std::string_view payload;
  if (const Kept* kept = this->kept(partition)) {
    payload = kept->index.payload();
  } else {
    block = pool_.read(*at.file, part.index_offset, part.index_length);
    payload = block.payload();
  }
  if (!index.open(payload, partition_end(partition) - part.first_block)) throw_corrupted(part.index_offset);
  return block;
}

const SstFile::Kept* SstFile::kept(size_t partition) const {
  const Loaded& at = loaded();
  if (const Kept* kept = at.kept[partition].load(std::memory_order_acquire)) return kept;
  const Partition& part = at.partitions[partition];
  size_t bytes = size_t{part.index_length} + part.filter_length;
  if (!pool_.reserve_for_keeps(bytes)) return nullptr;
  auto fresh = std::make_unique<Kept>();
  try {
    fresh->index = pool_.read(*at.file, part.index_offset, part.index_length);
    if (part.filter_length != 0) fresh->filter = pool_.read(*at.file, part.filter_offset(), part.filter_length);
  } catch (...) {
    pool_.release_for_keeps(bytes);
    throw;
  }
  fresh->bytes = bytes;
  const Kept* there = nullptr;
  if (at.kept[partition].compare_exchange_strong(there, fresh.get(), std::memory_order_acq_rel)) return fresh.release();
  pool_.release_for_keeps(bytes);
  return there;
}

bool SstFile::filter_allows(uint32_t block_number, uint64_t hash) const {
  const Loaded& at = loaded();
  const Partition& part = at.partitions[block_number / kPartitionBlocks];
  if (part.filter_length == 0) return true;
  BlockRef block;
  std::string_view filter;
  if (const Kept* kept = this->kept(block_number / kPartitionBlocks)) {
    filter = kept->filter.payload();
  } else {
    block = pool_.read(*at.file, part.filter_offset(), part.filter_length);
    filter = block.payload();
  }
  if (filter_may_contain(filter, hash)) return true;
  counts_.add(ReadCounts::Filtered);
  return false;
}

// The learned index names a few blocks; what it says holds if the key lies within their keys.
bool SstFile::find_learned(const Loaded& at, std::string_view key, BlockPlace& place) const {
  if (at.learned.empty()) return false;
  std::string_view reference = at.partitions.back().last_key;
  if (key.size() < at.number_skip || key.compare(0, at.number_skip, reference, 0, at.number_skip) != 0) return false;
  uint32_t low = at.learned.predict(number_of(key, at.number_skip));
  if (low >= at.block_count) low = at.block_count - 1;
  uint32_t high = std::min(low + 2 * LearnedIndex::kMaxError + 1, at.block_count - 1);
  size_t partition = low / kPartitionBlocks;
  // Rarely the blocks lie in two partitions.
  if (high / kPartitionBlocks != partition) {
    if (order_.less(at.partitions[partition].last_key, key)) {
      low = static_cast<uint32_t>(++partition * kPartitionBlocks);
    } else {
      high = static_cast<uint32_t>((partition + 1) * kPartitionBlocks - 1);
    }
  }
  uint32_t base = at.partitions[partition].first_block;
  IndexBlock index;
  BlockRef keep = index_block(partition, index);
  uint32_t found = index.find(order_, key, low - base, high - base);
  if (order_.less(index.last_key(found), key)) return false;
  if (found == low - base) {
    bool above = found > 0 ? order_.less(index.last_key(found - 1), key)
                           : partition == 0 || order_.less(at.partitions[partition - 1].last_key, key);
    if (!above) return false;
  }
  place = place_in(index, base, found);
  return true;
}

SstFile::BlockPlace SstFile::place_in(const IndexBlock& index, uint32_t base, uint32_t i) const {
  return {base + i, index.offset(i), index.length(i)};
}

SstFile::BlockPlace SstFile::find_block(std::string_view key) const {
  const Loaded& at = loaded();
  BlockPlace place;
  if (find_learned(at, key, place)) {
    counts_.add(ReadCounts::LearnedHits);
    return place;
  }
  if (!at.learned.empty()) counts_.add(ReadCounts::LearnedMisses);
  size_t partition = partition_of_key(key);
  if (partition == at.partitions.size()) return {at.block_count, 0, 0};
  IndexBlock index;
  BlockRef keep = index_block(partition, index);
  uint32_t base = at.partitions[partition].first_block;
  return place_in(index, base, index.find(order_, key, 0, partition_end(partition) - base - 1));
}

SstFile::BlockPlace SstFile::place_of(uint32_t number) const {
  size_t partition = number / kPartitionBlocks;
  IndexBlock index;
  BlockRef keep = index_block(partition, index);
  uint32_t base = loaded().partitions[partition].first_block;
  return place_in(index, base, number - base);
}

BlockRef SstFile::read_block(const BlockPlace& place, DataBlockReader& reader) const {
  BlockRef block = pool_.read(*loaded().file, place.offset, place.length);
  if (!reader.open(block.payload(), order_.suffix)) throw_corrupted(place.offset);
  return block;
}

void SstFile::prefetch_block(uint32_t number) const {
  if (number >= block_count()) return;
  BlockPlace place = place_of(number);
  pool_.prefetch(*loaded().file, place.offset, place.length);
}

std::optional<SstFile::Found> SstFile::get(std::string_view key, uint64_t hash, uint64_t sequence,
                                           DataBlockReader& reader, BlockRef& block) const {
  if (order_.less(key, meta_.smallest) || order_.less(meta_.largest, key)) return std::nullopt;
  counts_.add(ReadCounts::FilesAsked);
  BlockPlace place = find_block(key);
  if (place.number >= block_count()) return std::nullopt;
  if (!filter_allows(place.number, hash)) return std::nullopt;
  block = read_block(place, reader);
  if (!reader.seek(order_, key)) throw_corrupted(place.offset);
  for (;;) {
    // A key's entries may go on in the next block.
    while (reader.at_end()) {
      if (place.number + 1 >= block_count()) return std::nullopt;
      place = place_of(place.number + 1);
      block = read_block(place, reader);
      if (!reader.seek_first()) throw_corrupted(place.offset);
    }
    const Entry& entry = reader.entry();
    if (entry.key != key) return std::nullopt;
    if (entry.sequence <= sequence) return Found{entry.kind, entry.sequence, entry.value};
    if (!reader.next()) throw_corrupted(place.offset);
  }
}

void SstFile::verify() const {
  uint64_t entries = 0;
  std::string last_key;
  uint64_t last_sequence = 0;
  for (uint32_t number = 0; number < block_count(); ++number) {
    DataBlockReader reader;
    BlockPlace place = place_of(number);
    BlockRef block = read_block(place, reader);
    if (!reader.seek_first()) throw_corrupted(place.offset);
    while (!reader.at_end()) {
      const Entry& entry = reader.entry();
      int order = entries == 0 ? -1 : order_.compare(last_key, entry.key);
      bool sorted = order < 0 || (order == 0 && last_sequence > entry.sequence);
      if (!sorted || !filter_allows(number, filter_hash(order_.filter_key(entry.key)))) {
        throw_corrupted(place.offset);
      }
      last_key = entry.key;
      last_sequence = entry.sequence;
      ++entries;
      if (!reader.next()) throw_corrupted(place.offset);
    }
  }
  if (entries != meta_.entries) throw_corrupted(0);
}

}  // namespace aegis::storage::lsm
