#include <algorithm>
#include <cmath>

#include "aegis/base/error.h"
#include "aegis/types/datetime.h"
#include "aegis/types/time_zone.h"

namespace aegis::types {

int julian_of(int year, int month, int day) {
  // Months are counted from March, so that the leap day ends the year.
  int64_t y = year;
  int64_t m = month;
  if (m > 2) {
    m += 1;
    y += 4800;
  } else {
    m += 13;
    y += 4799;
  }
  int64_t century = y / 100;
  int64_t julian = y * 365 - 32167;
  julian += y / 4 - century + century / 4;
  julian += 7834 * m / 256 + day;
  return static_cast<int>(julian);
}

void date_of_julian(int julian_day, int& year, int& month, int& day) {
  uint32_t julian = static_cast<uint32_t>(julian_day);
  julian += 32044;
  uint32_t quad = julian / 146097;
  uint32_t extra = (julian - quad * 146097) * 4 + 3;
  julian += 60 + quad * 3 + extra / 146097;
  quad = julian / 1461;
  julian -= quad * 1461;
  int32_t y = static_cast<int32_t>(julian * 4 / 1461);
  julian = (y != 0 ? (julian + 305) % 365 : (julian + 306) % 366) + 123;
  y += static_cast<int32_t>(quad * 4);
  year = y - 4800;
  quad = julian * 2141 / 65536;
  day = static_cast<int>(julian - 7834 * quad / 256);
  month = static_cast<int>((quad + 10) % 12) + 1;
}

int days_in_month(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

void throw_timestamp_out_of_range() { throw SqlError(Sqlstate::DatetimeValueOutOfRange, "timestamp out of range"); }
void throw_interval_out_of_range() { throw SqlError(Sqlstate::DatetimeValueOutOfRange, "interval out of range"); }
void throw_date_out_of_range() { throw SqlError(Sqlstate::DatetimeValueOutOfRange, "date out of range for timestamp"); }

namespace {

void split_time(int64_t time, DateTime& fields) {
  fields.hour = static_cast<int>(time / kMicrosecondsPerHour);
  time %= kMicrosecondsPerHour;
  fields.minute = static_cast<int>(time / kMicrosecondsPerMinute);
  time %= kMicrosecondsPerMinute;
  fields.second = static_cast<int>(time / kMicrosecondsPerSecond);
  fields.microsecond = static_cast<int>(time % kMicrosecondsPerSecond);
}

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

// Whole seconds first: the last timestamps are too late to be counted in microseconds since 1970.
int64_t unix_seconds(int64_t timestamp) { return floor_divide(timestamp, kMicrosecondsPerSecond) - kUnixEpochMicroseconds / kMicrosecondsPerSecond; }

}  // namespace

DateTime split_timestamp(int64_t timestamp) {
  DateTime fields;
  int64_t days = floor_divide(timestamp, kMicrosecondsPerDay);
  split_time(timestamp - days * kMicrosecondsPerDay, fields);
  date_of_julian(static_cast<int>(days + kPostgresEpochJulian), fields.year, fields.month, fields.day);
  return fields;
}

DateTime split_timestamptz(int64_t timestamp, const TimeZone* zone) {
  if (zone == nullptr) zone = TimeZone::utc();
  auto local = zone->at(unix_seconds(timestamp));
  DateTime fields = split_timestamp(timestamp + local.offset * kMicrosecondsPerSecond);
  fields.zone = local.offset;
  fields.is_dst = local.is_dst;
  fields.abbreviation = local.abbreviation;
  return fields;
}

bool join_timestamp(const DateTime& f, int64_t& timestamp) {
  bool valid_julian = (f.year > -4713 || (f.year == -4713 && f.month >= 11)) && (f.year < 5874898);
  if (!valid_julian) return false;
  int64_t days = int64_t{julian_of(f.year, f.month, f.day)} - kPostgresEpochJulian;
  int64_t time = ((f.hour * int64_t{60} + f.minute) * 60 + f.second) * kMicrosecondsPerSecond + f.microsecond;
  if (__builtin_mul_overflow(days, kMicrosecondsPerDay, &timestamp) ||
      __builtin_add_overflow(timestamp, time, &timestamp)) {
    return false;
  }
  return true;
}

int64_t timestamp_to_timestamptz(int64_t local, const TimeZone* zone) {
  if (!is_finite_timestamp(local)) return local;
  if (zone == nullptr) zone = TimeZone::utc();
  int offset = zone->offset_of_local(unix_seconds(local));
  int64_t result = local - offset * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(result)) throw_timestamp_out_of_range();
  return result;
}

int64_t timestamptz_to_timestamp(int64_t timestamp, const TimeZone* zone) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  if (zone == nullptr) zone = TimeZone::utc();
  auto local = zone->at(unix_seconds(timestamp));
  int64_t result = timestamp + local.offset * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(result)) throw_timestamp_out_of_range();
  return result;
}

int64_t date_to_timestamp(int32_t date) {
  if (date == kDateInfinity) return kTimestampInfinity;
  if (date == kDateMinusInfinity) return kTimestampMinusInfinity;
  if (date >= 109203528 - kPostgresEpochJulian) throw_date_out_of_range();
  int64_t timestamp = int64_t{date} * kMicrosecondsPerDay;
  if (!is_valid_timestamp(timestamp)) throw_date_out_of_range();
  return timestamp;
}

int64_t date_to_timestamptz(int32_t date, const TimeZone* zone) {
  int64_t local = date_to_timestamp(date);
  if (!is_finite_timestamp(local)) return local;
  if (zone == nullptr) zone = TimeZone::utc();
  int offset = zone->offset_of_local(unix_seconds(local));
  int64_t result = local - offset * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(result)) throw_date_out_of_range();
  return result;
}

int32_t timestamp_to_date(int64_t timestamp) {
  if (timestamp == kTimestampInfinity) return kDateInfinity;
  if (timestamp == kTimestampMinusInfinity) return kDateMinusInfinity;
  return static_cast<int32_t>(floor_divide(timestamp, kMicrosecondsPerDay));
}

int32_t timestamptz_to_date(int64_t timestamp, const TimeZone* zone) {
  if (!is_finite_timestamp(timestamp)) return timestamp_to_date(timestamp);
  if (zone == nullptr) zone = TimeZone::utc();
  auto local = zone->at(unix_seconds(timestamp));
  return timestamp_to_date(timestamp + local.offset * kMicrosecondsPerSecond);
}

namespace {

// Adds months to local fields, keeping the day within the month.
void add_months(DateTime& fields, int32_t months) {
  int64_t month = int64_t{fields.month} - 1 + months;
  int64_t year = fields.year + floor_divide(month, 12);
  if (year > INT32_MAX || year < INT32_MIN) throw_timestamp_out_of_range();
  fields.year = static_cast<int>(year);
  fields.month = static_cast<int>(month - floor_divide(month, 12) * 12) + 1;
  fields.day = std::min(fields.day, days_in_month(fields.year, fields.month));
}

void add_days(DateTime& fields, int32_t days) {
  int64_t julian = int64_t{julian_of(fields.year, fields.month, fields.day)} + days;
  if (julian < 0 || julian > INT32_MAX) throw_timestamp_out_of_range();
  date_of_julian(static_cast<int>(julian), fields.year, fields.month, fields.day);
}

int64_t joined(const DateTime& fields) {
  int64_t timestamp;
  if (!join_timestamp(fields, timestamp)) throw_timestamp_out_of_range();
  return timestamp;
}

int64_t add_microseconds(int64_t timestamp, int64_t microseconds) {
  int64_t result;
  if (__builtin_add_overflow(timestamp, microseconds, &result) || !is_valid_timestamp(result)) {
    throw_timestamp_out_of_range();
  }
  return result;
}

}  // namespace

int64_t add_interval(int64_t timestamp, const Interval& interval) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  if (interval.months != 0) {
    DateTime fields = split_timestamp(timestamp);
    add_months(fields, interval.months);
    timestamp = joined(fields);
  }
  if (interval.days != 0) {
    DateTime fields = split_timestamp(timestamp);
    add_days(fields, interval.days);
    timestamp = joined(fields);
  }
  return add_microseconds(timestamp, interval.microseconds);
}

int64_t add_interval_tz(int64_t timestamp, const Interval& interval, const TimeZone* zone) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  if (interval.months != 0) {
    DateTime fields = split_timestamptz(timestamp, zone);
    add_months(fields, interval.months);
    timestamp = timestamp_to_timestamptz(joined(fields), zone);
  }
  if (interval.days != 0) {
    DateTime fields = split_timestamptz(timestamp, zone);
    add_days(fields, interval.days);
    timestamp = timestamp_to_timestamptz(joined(fields), zone);
  }
  return add_microseconds(timestamp, interval.microseconds);
}

__int128 interval_span(const Interval& interval) {
  __int128 days = __int128{interval.months} * 30 + interval.days;
  return days * kMicrosecondsPerDay + interval.microseconds;
}

int64_t round_time(int64_t time, int32_t typmod) {
  if (typmod < 0 || typmod >= 6) return time;
  int64_t unit = 1;
  for (int i = typmod; i < 6; ++i) unit *= 10;
  return (time + unit / 2) / unit * unit;
}

int64_t round_timestamp(int64_t timestamp, int32_t typmod) {
  if (typmod < 0 || typmod >= 6 || !is_finite_timestamp(timestamp)) return timestamp;
  int64_t unit = 1;
  for (int i = typmod; i < 6; ++i) unit *= 10;
  if (timestamp >= 0) return (timestamp + unit / 2) / unit * unit;
  return -((-timestamp + unit / 2) / unit * unit);
}

int iso_week_to_julian(int year, int week) {
  int fourth = julian_of(year, 1, 4);
  int day = (day_of_week(fourth) + 6) % 7;
  return (week - 1) * 7 + (fourth - day);
}

namespace {

// Monday of the ISO year's first week.
int iso_year_start(int year) { return iso_week_to_julian(year, 1); }

}  // namespace

int iso_year(int year, int month, int day) {
  int julian = julian_of(year, month, day);
  if (julian < iso_year_start(year)) return year - 1;
  if (julian >= iso_year_start(year + 1)) return year + 1;
  return year;
}

int iso_week(int year, int month, int day) {
  int julian = julian_of(year, month, day);
  return (julian - iso_year_start(iso_year(year, month, day))) / 7 + 1;
}

std::string_view month_name(int month) {
  static constexpr std::string_view kNames[] = {"January", "February", "March",     "April",   "May",      "June",
                                                "July",    "August",   "September", "October", "November", "December"};
  return kNames[month - 1];
}

std::string_view weekday_name(int weekday) {
  static constexpr std::string_view kNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
  return kNames[weekday];
}

}  // namespace aegis::types
