#include "spill/spill_file.h"

#include <lz4.h>

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/types/value.h"

namespace aegis::executor {

namespace {

using types::PhysicalType;
using vector::kMaxChunkRows;
using vector::VectorView;

// In front of every block.
struct BlockHeader {
  uint32_t raw_bytes;
  uint32_t stored_bytes;
};

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Validity (one byte a row, only when there are nulls), slots, then the out-of-line bytes of the slots in order.
void write_column(std::string& out, const Vector& column, size_t begin, size_t end) {
  VectorView view = column.view();
  size_t width = types::physical_size(column.physical());
  bool nulls = view.validity != nullptr;
  put<uint8_t>(out, nulls);
  if (nulls) {
    for (size_t i = begin; i < end; ++i) put<uint8_t>(out, view.valid(i));
  }
  size_t slots = out.size();
  out.resize(slots + (end - begin) * width);
  for (size_t i = begin; i < end; ++i) std::memcpy(out.data() + slots + (i - begin) * width, view.bytes + view.index(i) * width, width);
  if (column.physical() != PhysicalType::String && column.physical() != PhysicalType::Numeric) return;
  for (size_t i = begin; i < end; ++i) {
    if (!view.valid(i)) continue;
    auto bytes = types::out_of_line(column.physical(), view.bytes + view.index(i) * width);
    if (bytes.empty()) continue;
    put<uint32_t>(out, static_cast<uint32_t>(bytes.size()));
    out.append(bytes);
  }
}

// Of rows [begin, end).
size_t out_of_line_bytes(const Chunk& chunk, size_t begin, size_t end) {
  size_t bytes = 0;
  for (size_t c = 0; c < chunk.column_count(); ++c) {
    const Vector& column = chunk.column(c);
    if (column.physical() != PhysicalType::String && column.physical() != PhysicalType::Numeric) continue;
    VectorView view = column.view();
    size_t width = types::physical_size(column.physical());
    for (size_t i = begin; i < end; ++i) {
      if (view.valid(i)) bytes += types::out_of_line(column.physical(), view.bytes + view.index(i) * width).size();
    }
  }
  return bytes;
}

const char* read_column(const char* in, Vector& column, size_t count) {
  size_t width = types::physical_size(column.physical());
  auto* slots = reinterpret_cast<char*>(column.start<std::byte>());
  bool nulls = *in++ != 0;
  if (nulls) {
    for (size_t i = 0; i < count; ++i) {
      if (in[i] == 0) column.set_null(i);
    }
    in += count;
  }
  std::memcpy(slots, in, count * width);
  in += count * width;
  if (column.physical() != PhysicalType::String && column.physical() != PhysicalType::Numeric) return in;
  for (size_t i = 0; i < count; ++i) {
    char* slot = slots + i * width;
    if (nulls && column.is_null(i)) {
      std::memset(slot, 0, width);
      continue;
    }
    // The pointer in the slot is another run's; only its being out of line matters.
    if (types::out_of_line(column.physical(), slot).empty()) continue;
    uint32_t size;
    std::memcpy(&size, in, sizeof size);
    in += sizeof size;
    types::set_out_of_line(column.physical(), slot, column.heap().copy({in, size}));
    in += size;
  }
  return in;
}

}  // namespace

void SpillFile::append(const Chunk& chunk) {
  if (chunk.size() > 0) append(chunk, 0, chunk.size());
}

void SpillFile::append(const Chunk& chunk, size_t begin, size_t end) {
  // A block's size fits LZ4's 2 GB though a chunk of long values may not.
  constexpr size_t kMaxBlockBytes = size_t{256} << 20;
  if (end - begin > 1 && out_of_line_bytes(chunk, begin, end) > kMaxBlockBytes) {
    size_t middle = begin + (end - begin) / 2;
    append(chunk, begin, middle);
    return append(chunk, middle, end);
  }
  std::string raw;
  put<uint32_t>(raw, static_cast<uint32_t>(end - begin));
  for (size_t c = 0; c < chunk.column_count(); ++c) write_column(raw, chunk.column(c), begin, end);
  if (raw.size() > static_cast<size_t>(LZ4_MAX_INPUT_SIZE)) {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "a row of " + std::to_string(raw.size()) + " bytes is too large for a temporary file");
  }
  std::string block(sizeof(BlockHeader) + static_cast<size_t>(LZ4_compressBound(static_cast<int>(raw.size()))), '\0');
  int stored = LZ4_compress_default(raw.data(), block.data() + sizeof(BlockHeader), static_cast<int>(raw.size()),
                                    static_cast<int>(block.size() - sizeof(BlockHeader)));
  AEGIS_CHECK(stored > 0);
  BlockHeader header{static_cast<uint32_t>(raw.size()), static_cast<uint32_t>(stored)};
  std::memcpy(block.data(), &header, sizeof header);
  block.resize(sizeof header + static_cast<size_t>(stored));

  std::lock_guard lock(mutex_);
  if (handle_ == nullptr) handle_ = files_.create();
  handle_->append(block);
  rows_ += end - begin;
  bytes_ += block.size();
  raw_bytes_ += raw.size();
}

bool SpillFile::Reader::next(Chunk& out) {
  if (offset_ >= file_.bytes_) {
    out.set_size(0);
    return false;
  }
  BlockHeader header;
  auto read = [&](char* to, size_t size) {
    if (file_.handle_->read_at(offset_, {to, size}) != size) throw StorageError(Sqlstate::IoError, "could not read a temporary file: it is too short");
    offset_ += size;
  };
  read(reinterpret_cast<char*>(&header), sizeof header);
  compressed_.resize(header.stored_bytes);
  read(compressed_.data(), compressed_.size());
  block_.resize(header.raw_bytes);
  int raw = LZ4_decompress_safe(compressed_.data(), block_.data(), static_cast<int>(compressed_.size()), static_cast<int>(block_.size()));
  if (raw != static_cast<int>(header.raw_bytes)) throw StorageError(Sqlstate::DataCorrupted, "a temporary file is damaged");
  const char* in = block_.data();
  uint32_t count;
  std::memcpy(&count, in, sizeof count);
  in += sizeof count;
  for (size_t c = 0; c < out.column_count(); ++c) in = read_column(in, out.column(c), count);
  out.set_size(count);
  return true;
}

SpillPartitions::SpillPartitions(os::TemporaryFiles& files, size_t workers, int level) : level_(level), buffers_(workers) {
  for (size_t p = 0; p < kCount; ++p) files_.push_back(std::make_unique<SpillFile>(files));
  for (auto& worker : buffers_) worker.resize(kCount);
}

void SpillPartitions::add(size_t worker, const Chunk& rows, const uint64_t* hashes, const uint32_t* chosen, size_t count) {
  uint32_t selections[kCount][kMaxChunkRows];
  size_t sizes[kCount] = {};
  for (size_t k = 0; k < count; ++k) {
    uint32_t i = chosen == nullptr ? static_cast<uint32_t>(k) : chosen[k];
    size_t p = of(hashes[i], level_);
    selections[p][sizes[p]++] = i;
  }
  for (size_t p = 0; p < kCount; ++p) {
    auto& buffer = buffers_[worker][p];
    for (size_t done = 0; done < sizes[p];) {
      if (buffer == nullptr) {
        buffer = std::make_unique<Chunk>();
        for (size_t c = 0; c < rows.column_count(); ++c) {
          buffer->add_column(rows.column(c).type(), rows.column(c).physical());
        }
        buffer->reset();
      }
      size_t at = buffer->size();
      size_t fit = std::min(sizes[p] - done, kMaxChunkRows - at);
      for (size_t c = 0; c < rows.column_count(); ++c) buffer->column(c).copy(rows.column(c), selections[p] + done, fit, at);
      buffer->set_size(at + fit);
      done += fit;
      if (buffer->size() == kMaxChunkRows) {
        files_[p]->append(*buffer);
        buffer->reset();
      }
    }
  }
}

void SpillPartitions::finish() {
  for (auto& worker : buffers_) {
    for (size_t p = 0; p < kCount; ++p) {
      if (worker[p] != nullptr) files_[p]->append(*worker[p]);
      worker[p] = nullptr;
    }
  }
}

bool SpillPartitions::in_one_part() const {
  return std::count_if(files_.begin(), files_.end(), [](const auto& file) { return file->row_count() > 0; }) == 1;
}

uint64_t SpillPartitions::bytes() const {
  uint64_t all = 0;
  for (const auto& file : files_) all += file->bytes();
  return all;
}

}  // namespace aegis::executor
