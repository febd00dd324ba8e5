#include <fmt/format.h>

#include <charconv>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "coding.h"
#include "lsm/sst.h"
#include "lsm/sst_format.h"

namespace aegis::storage::lsm {

void FileMeta::encode(std::string& out) const {
  for (uint64_t n : {number, size_bytes, entries, tombstones, max_sequence}) put_varint(out, n);
  put_bytes(out, smallest);
  put_bytes(out, largest);
}

bool FileMeta::decode(std::string_view& in) {
  for (uint64_t* n : {&number, &size_bytes, &entries, &tombstones, &max_sequence}) {
    if (!get_varint(in, *n)) return false;
  }
  std::string_view from, to;
  if (!get_bytes(in, from) || !get_bytes(in, to)) return false;
  smallest = from;
  largest = to;
  return true;
}

std::string sst_path(const std::string& directory, uint64_t number) {
  return fmt::format("{}/{:08}.sst", directory, number);
}

bool parse_sst_name(std::string_view name, uint64_t& number) {
  if (!name.ends_with(".sst")) return false;
  name.remove_suffix(4);
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size();
}

SstWriter::SstWriter(os::FileSystem& files, const std::string& directory, uint64_t number, const TreeOptions& options,
                     IoBudget* budget)
    : files_(files), path_(sst_path(directory, number)), options_(options), order_{options.key_suffix}, budget_(budget),
      file_(files.open(path_, os::OpenMode::Truncate)), block_(options.key_suffix) {
  AEGIS_CHECK(options.key_suffix == 0 || options.key_suffix == sizeof(uint64_t));
  meta_.number = number;
}

SstWriter::~SstWriter() {
  if (finished_) return;
  file_.reset();
  try {
    files_.remove(path_);
  } catch (const std::exception& error) {
    log_line(LogLevel::Warning, fmt::format("could not remove file \"{}\": {}", path_, error.what()));
  }
}

void SstWriter::add(const Entry& entry) {
  if (meta_.entries == 0) meta_.smallest = entry.key;
  std::string_view filter_key = order_.filter_key(entry.key);
  if (hashes_.empty() || filter_key != last_filter_key_) {
    hashes_.push_back(filter_hash(filter_key));
    last_filter_key_ = filter_key;
  }
  block_.add(entry);
  ++meta_.entries;
  if (entry.kind == EntryKind::Delete) ++meta_.tombstones;
  meta_.max_sequence = std::max(meta_.max_sequence, entry.sequence);
  if (block_.size_bytes() >= options_.block_bytes) finish_block();
}

SstWriter::BlockPlace SstWriter::write_block(std::string payload) {
  BlockPlace place{offset_ + buffer_.size(), static_cast<uint32_t>(payload.size() + kBlockTrailerBytes), {}};
  size_t from = buffer_.size();
  buffer_ += payload;
  seal_block(buffer_, from);
  if (buffer_.size() >= kWriteBytes) write_out();
  return place;
}

void SstWriter::write_out() {
  if (budget_ != nullptr) budget_->spend(buffer_.size());
  file_->append(buffer_);
  offset_ += buffer_.size();
  buffer_.clear();
}

void SstWriter::finish_block() {
  if (block_.empty()) return;
  std::string last_key = block_.last_key();
  meta_.largest = last_key;
  BlockPlace place = write_block(block_.finish(options_.compress));
  if (options_.learned_index) last_keys_.push_back(last_key);
  place.last_key = std::move(last_key);
  blocks_.push_back(std::move(place));
  if (blocks_.size() >= kPartitionBlocks) finish_partition();
}

void SstWriter::finish_partition() {
  if (blocks_.empty()) return;
  std::string payload;
  put_fixed(payload, static_cast<uint32_t>(blocks_.size()));
  uint32_t key_end = 0;
  for (const BlockPlace& block : blocks_) {
    key_end += static_cast<uint32_t>(block.last_key.size());
    put_fixed(payload, block.offset);
    put_fixed(payload, block.length);
    put_fixed(payload, key_end);
  }
  for (const BlockPlace& block : blocks_) payload += block.last_key;
  BlockPlace index = write_block(std::move(payload));
  std::string filter = build_filter(options_.filter, hashes_);
  uint32_t filter_length = 0;
  if (!filter.empty()) filter_length = write_block(std::move(filter)).length;
  put_varint(partitions_, block_count_);
  put_varint(partitions_, index.offset);
  put_varint(partitions_, index.length);
  put_varint(partitions_, filter_length);
  put_bytes(partitions_, blocks_.back().last_key);
  ++partition_count_;
  block_count_ += blocks_.size();
  blocks_.clear();
  hashes_.clear();
}

void SstWriter::write_meta() {
  std::string meta;
  meta_.encode(meta);
  put_varint(meta, options_.key_suffix);
  put_varint(meta, block_count_);
  put_varint(meta, partition_count_);
  meta += partitions_;
  size_t skip = 0;
  LearnedIndex learned;
  if (!last_keys_.empty()) {
    const std::string& first = last_keys_.front();
    const std::string& last = last_keys_.back();
    size_t bound = std::min(first.size(), last.size());
    while (skip < bound && first[skip] == last[skip]) ++skip;
    std::vector<uint64_t> numbers;
    for (const std::string& key : last_keys_) numbers.push_back(number_of(key, skip));
    // With a suffix, the order of keys need not be that of their bytes.
    if (std::is_sorted(numbers.begin(), numbers.end())) learned = LearnedIndex::train(numbers);
    if (learned.segment_count() * 8 > block_count_) learned = {};  // no better than the keys themselves
  }
  put_varint(meta, skip);
  learned.encode(meta);
  BlockPlace place = write_block(std::move(meta));
  std::string footer;
  put_fixed(footer, kSstMagic);
  put_fixed(footer, kSstVersion);
  put_fixed(footer, place.length);
  put_fixed(footer, place.offset);
  seal_block(footer);
  buffer_ += footer;
}

FileMeta SstWriter::finish() {
  AEGIS_CHECK(meta_.entries > 0);
  finish_block();
  finish_partition();
  write_meta();
  write_out();
  meta_.size_bytes = offset_;
  if (options_.sync) file_->sync();
  file_.reset();
  finished_ = true;
  return meta_;
}

}  // namespace aegis::storage::lsm
