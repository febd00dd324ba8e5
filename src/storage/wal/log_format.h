// The write-ahead log on disk.
//
// An LSN is a byte position in one endless log, cut into files wal/<lsn of the first byte, 16 hex digits>.wal. Records
// start at multiples of 8 and never straddle files: a file ends where a record at its LSN is not valid and the next
// file begins at exactly that LSN. What lies behind the last valid record is zeros, a torn write, or records of
// a former life of the file, which the LSN in their headers gives away.
//
// A batch (one transaction's operations) is a run of records, the last of which has kLastOfBatch; batches do not mix. A
// batch without its last record was never acknowledged. `durable` is how far the log was synced when the record was
// written: a valid record behind an invalid one whose position it calls durable proves corruption, not a torn tail.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aegis/base/ids.h"

namespace aegis::storage {

struct RecordHeader {
  uint32_t size;         // of the payload
  uint32_t payload_crc;
  uint64_t lsn;
  uint64_t durable;
  uint32_t flags;
  uint32_t header_crc;   // of the fields above
};
static_assert(sizeof(RecordHeader) == 32);

inline constexpr uint32_t kLastOfBatch = 1;
inline constexpr size_t kRecordAlignment = 8;
// Batches are cut into records of about this size.
inline constexpr size_t kRecordBytes = 1 << 20;

std::string segment_name(Lsn start);
// False if the name is not a segment's.
bool parse_segment_name(const std::string& name, Lsn& start);

uint32_t header_crc(const RecordHeader& header);

// Builds a batch's records. Each string has room for its header in front; positions are filled in when it is logged.
class BatchBuilder {
 public:
  // The payload to append to; a new record is begun when the present one is full.
  std::string& next();
  bool empty() const { return records_.empty(); }
  // Pads and checksums; the builder is empty afterwards.
  std::vector<std::string> finish();

 private:
  std::vector<std::string> records_;
};

}  // namespace aegis::storage
