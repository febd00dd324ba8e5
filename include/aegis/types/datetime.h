// Calendar arithmetic and the text forms of date, time and interval types.
//
// Dates are days and timestamps microseconds since 2000-01-01 (timestamptz in UTC). The extreme values of each
// type are -infinity and infinity. The calendar is the proleptic Gregorian one; year 0 is 1 BC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aegis/types/type.h"

namespace aegis::types {

inline constexpr int64_t kMicrosecondsPerSecond = 1000000;
inline constexpr int64_t kMicrosecondsPerMinute = 60 * kMicrosecondsPerSecond;
inline constexpr int64_t kMicrosecondsPerHour = 60 * kMicrosecondsPerMinute;
inline constexpr int64_t kMicrosecondsPerDay = 24 * kMicrosecondsPerHour;
inline constexpr int kPostgresEpochJulian = 2451545;  // 2000-01-01
inline constexpr int kUnixEpochJulian = 2440588;      // 1970-01-01
inline constexpr int64_t kUnixEpochMicroseconds = (int64_t{kUnixEpochJulian} - kPostgresEpochJulian) * kMicrosecondsPerDay;

inline constexpr int32_t kDateInfinity = INT32_MAX;
inline constexpr int32_t kDateMinusInfinity = INT32_MIN;
inline constexpr int64_t kTimestampInfinity = INT64_MAX;
inline constexpr int64_t kTimestampMinusInfinity = INT64_MIN;
inline constexpr int64_t kTimestampLeast = -211813488000000000;  // 4714-11-24 BC
inline constexpr int64_t kTimestampEnd = 9223371331200000000;    // 294277-01-01, not included
inline constexpr int32_t kDateLeast = -kPostgresEpochJulian;
inline constexpr int32_t kDateEnd = 2147483494 - kPostgresEpochJulian;  // 5874898-01-01, not included

constexpr bool is_finite_date(int32_t date) { return date != kDateInfinity && date != kDateMinusInfinity; }
constexpr bool is_finite_timestamp(int64_t ts) { return ts != kTimestampInfinity && ts != kTimestampMinusInfinity; }
constexpr bool is_valid_timestamp(int64_t ts) { return ts >= kTimestampLeast && ts < kTimestampEnd; }
constexpr bool is_valid_date(int64_t date) { return date >= kDateLeast && date < kDateEnd; }

int julian_of(int year, int month, int day);
void date_of_julian(int julian, int& year, int& month, int& day);
constexpr bool is_leap_year(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
int days_in_month(int year, int month);

// A point in time taken apart. Before 1 AD `year` is 0 or less.
struct DateTime {
  int year = 2000, month = 1, day = 1;
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  int zone = 0;  // seconds east of UTC
  bool is_dst = false;
  std::string abbreviation;  // of the zone
};

// A local (without time zone) timestamp, finite.
DateTime split_timestamp(int64_t timestamp);
// In `zone` (null: UTC); fills the zone's fields.
DateTime split_timestamptz(int64_t timestamp, const TimeZone* zone);
// Local fields to a local timestamp; false when out of range.
bool join_timestamp(const DateTime& fields, int64_t& timestamp);
// Between local time and UTC by a zone's rules. Local times that a transition skips or repeats are read as
// PostgreSQL does. Out of range: 22008.
int64_t timestamp_to_timestamptz(int64_t local, const TimeZone* zone);
int64_t timestamptz_to_timestamp(int64_t timestamp, const TimeZone* zone);
int64_t date_to_timestamp(int32_t date);                              // 22008 when out of range
int64_t date_to_timestamptz(int32_t date, const TimeZone* zone);
int32_t timestamp_to_date(int64_t timestamp);
int32_t timestamptz_to_date(int64_t timestamp, const TimeZone* zone);

[[noreturn]] void throw_timestamp_out_of_range();
[[noreturn]] void throw_interval_out_of_range();
[[noreturn]] void throw_date_out_of_range();

// timestamp + interval, months first, then days, then the rest; in a zone for timestamptz.
int64_t add_interval(int64_t timestamp, const Interval& interval);
int64_t add_interval_tz(int64_t timestamp, const Interval& interval, const TimeZone* zone);

// An interval as 128-bit microseconds of 24-hour days and 30-day months, which orders it.
__int128 interval_span(const Interval& interval);
inline int compare_intervals(const Interval& a, const Interval& b) {
  __int128 x = interval_span(a);
  __int128 y = interval_span(b);
  return x < y ? -1 : x > y;
}
inline int compare_timetz(const TimeTz& a, const TimeTz& b) {
  int64_t x = a.microseconds + a.zone * kMicrosecondsPerSecond;
  int64_t y = b.microseconds + b.zone * kMicrosecondsPerSecond;
  if (x != y) return x < y ? -1 : 1;
  return a.zone < b.zone ? -1 : a.zone > b.zone;
}

// Typmods.
int64_t round_time(int64_t time, int32_t typmod);
int64_t round_timestamp(int64_t timestamp, int32_t typmod);
Interval fit_interval(const Interval& interval, int32_t typmod);

void append_date(const TypeContext& context, int32_t date, std::string& out);
void append_timestamp(const TypeContext& context, int64_t timestamp, std::string& out);
void append_timestamptz(const TypeContext& context, int64_t timestamp, std::string& out);
void append_time(int64_t time, std::string& out);
void append_interval(const TypeContext& context, const Interval& interval, std::string& out);

// What date_part, date_trunc and extract call their first argument.
enum class Unit : uint8_t {
  Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Quarter, Year, Decade, Century, Millennium,
  Dow, Isodow, Doy, Isoyear, Julian, Epoch, Timezone, TimezoneHour, TimezoneMinute, Unknown
};
Unit find_unit(std::string_view name);
// Only the units that lengths of time have too (not dow, epoch, …).
Unit find_length_unit(std::string_view name);

// "+07", "-0730", "+07:30:15" to seconds east; throws 22007 or 22009.
int parse_zone_offset(std::string_view text);

// ISO 8601 weeks.
int iso_week(int year, int month, int day);
int iso_year(int year, int month, int day);
int iso_week_to_julian(int year, int week);  // its Monday
inline int day_of_week(int julian) {         // 0 is Sunday
  int day = (julian + 1) % 7;
  return day < 0 ? day + 7 : day;
}
std::string_view month_name(int month);      // "January", …, from 1
std::string_view weekday_name(int weekday);  // "Sunday", …, from 0

}  // namespace aegis::types
