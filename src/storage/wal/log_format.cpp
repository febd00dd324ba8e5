#include "wal/log_format.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "aegis/base/hash.h"

namespace aegis::storage {

std::string segment_name(Lsn start) { return fmt::format("{:016x}.wal", start.value); }

bool parse_segment_name(const std::string& name, Lsn& start) {
  if (name.size() != 20 || !name.ends_with(".wal")) return false;
  char* end = nullptr;
  start = Lsn(std::strtoull(name.c_str(), &end, 16));
  return end == name.c_str() + 16;
}

uint32_t header_crc(const RecordHeader& header) { return crc32c(&header, offsetof(RecordHeader, header_crc)); }

std::string& BatchBuilder::next() {
  if (records_.empty() || records_.back().size() >= kRecordBytes) {
    records_.emplace_back();
    records_.back().assign(sizeof(RecordHeader), '\0');
  }
  return records_.back();
}

std::vector<std::string> BatchBuilder::finish() {
  for (std::string& record : records_) {
    RecordHeader header{};
    header.size = static_cast<uint32_t>(record.size() - sizeof header);
    header.payload_crc = crc32c(record.data() + sizeof header, header.size);
    header.flags = &record == &records_.back() ? kLastOfBatch : 0;
    std::memcpy(record.data(), &header, sizeof header);
    record.resize((record.size() + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment, '\0');
  }
  return std::move(records_);
}

}  // namespace aegis::storage
