// Reads the log from a position to its end, batch by batch.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/os/file_system.h"
#include "wal/log_format.h"

namespace aegis::storage {

class LogReader {
 public:
  LogReader(os::FileSystem& files, std::string directory);

  // Calls `apply` with the payloads of every whole batch from `start` on; returns where the last one ends. Throws
  // StorageError XX001 when the log is damaged before its end.
  Lsn read(Lsn start, const std::function<void(const std::vector<std::string_view>& payloads)>& apply);

 private:
  struct Segment {
    Lsn start;
    std::string bytes;
  };
  bool load(Lsn start);
  bool load_containing(Lsn lsn);
  // Null when there is no valid record at `lsn` in the loaded segment.
  const RecordHeader* record_at(Lsn lsn, RecordHeader& header, std::string_view& payload) const;
  void check_for_damage(Lsn lsn) const;

  os::FileSystem& files_;
  std::string directory_;
  std::map<uint64_t, std::string> names_;  // by start
  Segment segment_;
};

}  // namespace aegis::storage
