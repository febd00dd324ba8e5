// Time zones as functions name them.
#pragma once

#include <cstdint>
#include <string_view>

#include "aegis/types/time_zone.h"
#include "call.h"

namespace aegis::functions {

// An abbreviation or a zone's name; throws 22023 when it is neither.
class ZoneName {
 public:
  explicit ZoneName(std::string_view name);
  int64_t to_utc(int64_t local) const;
  int64_t to_local(int64_t utc) const;
  // Seconds east of UTC at an instant (microseconds since 2000).
  int offset_at(int64_t utc) const;
  // Null when the name was an abbreviation of a fixed offset.
  const types::TimeZone* zone() const { return zone_; }

 private:
  const types::TimeZone* zone_ = nullptr;
  int offset_ = 0;
  std::string abbreviation_;  // of a zone whose history decides what it means
};

// The session's zone, never null.
inline const types::TimeZone* session_zone(const Call& call) {
  return call.types().time_zone == nullptr ? types::TimeZone::utc() : call.types().time_zone;
}

}  // namespace aegis::functions
