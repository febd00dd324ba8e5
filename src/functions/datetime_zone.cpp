#include "datetime_zone.h"

#include "aegis/types/datetime.h"
#include "unicode.h"

namespace aegis::functions {

using types::kMicrosecondsPerSecond;

namespace {

int64_t unix_seconds(int64_t timestamp) {
  int64_t microseconds = timestamp - types::kUnixEpochMicroseconds;
  return microseconds / kMicrosecondsPerSecond - (microseconds % kMicrosecondsPerSecond < 0);
}

int64_t checked(int64_t timestamp) {
  if (!types::is_valid_timestamp(timestamp)) types::throw_timestamp_out_of_range();
  return timestamp;
}

}  // namespace

ZoneName::ZoneName(std::string_view name) {
  if (const auto* abbreviation = types::find_zone_abbreviation(name)) {
    if (abbreviation->zone.empty()) {
      offset_ = abbreviation->offset;
      return;
    }
    zone_ = types::TimeZone::find(abbreviation->zone);
    abbreviation_ = lower(name);
  } else {
    zone_ = types::TimeZone::find(name);
  }
  if (zone_ == nullptr) {
    throw SqlError(Sqlstate::InvalidParameterValue, "time zone \"" + std::string(name) + "\" not recognized");
  }
}

int ZoneName::offset_at(int64_t utc) const {
  if (zone_ == nullptr) return offset_;
  int64_t seconds = unix_seconds(utc);
  int offset = zone_->at(seconds).offset;
  bool is_dst;
  if (!abbreviation_.empty()) zone_->interpret(abbreviation_, seconds, offset, is_dst);
  return offset;
}

int64_t ZoneName::to_utc(int64_t local) const {
  if (!types::is_finite_timestamp(local)) return local;
  if (zone_ != nullptr && abbreviation_.empty()) return types::timestamp_to_timestamptz(local, zone_);
  return checked(local - offset_at(local) * kMicrosecondsPerSecond);
}

int64_t ZoneName::to_local(int64_t utc) const {
  if (!types::is_finite_timestamp(utc)) return utc;
  return checked(utc + offset_at(utc) * kMicrosecondsPerSecond);
}

}  // namespace aegis::functions
