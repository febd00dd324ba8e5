#include "wal/log_reader.h"

#include <fmt/format.h>

#include <cstring>
#include <deque>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"

namespace aegis::storage {

LogReader::LogReader(os::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {
  for (const std::string& name : files_.list(directory_)) {
    Lsn start;
    if (parse_segment_name(name, start)) names_[start.value] = name;
  }
}

bool LogReader::load(Lsn start) {
  auto found = names_.find(start.value);
  if (found == names_.end()) return false;
  segment_ = {start, files_.read_file(directory_ + "/" + found->second)};
  return true;
}

bool LogReader::load_containing(Lsn lsn) {
  auto found = names_.upper_bound(lsn.value);
  if (found == names_.begin()) return false;
  --found;
  return load(Lsn(found->first));
}

const RecordHeader* LogReader::record_at(Lsn lsn, RecordHeader& header, std::string_view& payload) const {
  uint64_t offset = lsn.value - segment_.start.value;
  if (offset + sizeof header > segment_.bytes.size()) return nullptr;
  std::memcpy(&header, segment_.bytes.data() + offset, sizeof header);
  if (header.lsn != lsn.value || header.header_crc != header_crc(header)) return nullptr;
  if (offset + sizeof header + header.size > segment_.bytes.size()) return nullptr;
  payload = std::string_view(segment_.bytes).substr(offset + sizeof header, header.size);
  return crc32c(payload.data(), payload.size()) == header.payload_crc ? &header : nullptr;
}

// The record at `lsn` is not valid. It was durable if a later record says so, or if a later file was begun (files are
// synced before the next one is).
void LogReader::check_for_damage(Lsn lsn) const {
  uint64_t offset = lsn.value - segment_.start.value;
  bool damaged = names_.upper_bound(std::max(lsn.value, segment_.start.value)) != names_.end();
  for (uint64_t at = offset + kRecordAlignment; !damaged && at + sizeof(RecordHeader) <= segment_.bytes.size();
       at += kRecordAlignment) {
    RecordHeader header;
    std::memcpy(&header, segment_.bytes.data() + at, sizeof header);
    damaged = header.lsn == segment_.start.value + at && header.header_crc == header_crc(header) &&
              header.durable > lsn.value;
  }
  if (!damaged) return;
  throw StorageError(Sqlstate::DataCorrupted, fmt::format("invalid write-ahead log record in file \"{}/{}\" at offset {}",
                                                          directory_, segment_name(segment_.start), offset));
}

Lsn LogReader::read(Lsn start, const std::function<void(const std::vector<std::string_view>&)>& apply) {
  Lsn at = start;
  Lsn end = start;
  if (!load_containing(at)) {
    if (names_.empty()) return end;
    throw StorageError(Sqlstate::DataCorrupted,
                       fmt::format("write-ahead log file with position {:X} is missing in \"{}\"", start.value, directory_));
  }
  std::deque<std::string> copies;
  std::vector<std::string_view> batch;
  for (;;) {
    // A file that begins here goes before what the present one has: that may be the rest of a batch cut off by a crash.
    if (at > segment_.start) load(at);
    RecordHeader header;
    std::string_view payload;
    if (record_at(at, header, payload) == nullptr) {
      check_for_damage(at);
      return end;
    }
    // A batch may go on in the next file.
    copies.emplace_back(payload);
    batch.push_back(copies.back());
    at.value += (sizeof header + header.size + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
    if ((header.flags & kLastOfBatch) == 0) continue;
    apply(batch);
    end = at;
    batch.clear();
    copies.clear();
  }
}

}  // namespace aegis::storage
