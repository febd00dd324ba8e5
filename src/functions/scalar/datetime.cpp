// Conversions, constructors and comparisons of dates and times.
#include <cmath>
#include <cstdio>

#include "aegis/types/datetime.h"
#include "binding.h"
#include "compare.h"
#include "datetime_zone.h"

namespace aegis::functions {

using namespace types;  // NOLINT: this file is all about them

namespace {

using TimetzOrder = Ordered<compare_timetz, TimeTz>;
using IntervalOrder = Ordered<compare_intervals, Interval>;
int order_uuids(const Uuid& a, const Uuid& b) { return std::memcmp(a.bytes, b.bytes, sizeof a.bytes); }
using UuidOrder = Ordered<order_uuids, Uuid>;

// Dates beyond the range of timestamps are greater than all of these.
int64_t saturated_timestamp(int32_t date) {
  if (!is_finite_date(date)) return date == kDateInfinity ? kTimestampInfinity : kTimestampMinusInfinity;
  __int128 timestamp = __int128{date} * kMicrosecondsPerDay;
  return timestamp >= kTimestampEnd ? kTimestampInfinity - 1 : static_cast<int64_t>(timestamp);
}
int order(int64_t a, int64_t b) { return a < b ? -1 : a > b; }
int order_date_timestamp(Call&, int32_t a, int64_t b) { return order(saturated_timestamp(a), b); }
int order_timestamp_date(Call&, int64_t a, int32_t b) { return order(a, saturated_timestamp(b)); }
int64_t saturated_timestamptz(Call& call, int32_t date) {
  int64_t local = saturated_timestamp(date);
  if (!is_finite_timestamp(local) || local >= kTimestampEnd) return local;
  return date_to_timestamptz(date, session_zone(call));
}
int order_date_timestamptz(Call& call, int32_t a, int64_t b) { return order(saturated_timestamptz(call, a), b); }
int order_timestamptz_date(Call& call, int64_t a, int32_t b) { return order(a, saturated_timestamptz(call, b)); }
int order_timestamp_timestamptz(Call& call, int64_t a, int64_t b) {
  return order(timestamp_to_timestamptz(a, session_zone(call)), b);
}
int order_timestamptz_timestamp(Call& call, int64_t a, int64_t b) {
  return order(a, timestamp_to_timestamptz(b, session_zone(call)));
}

int64_t time_of_timestamp(int64_t timestamp) {
  int64_t rest = timestamp % kMicrosecondsPerDay;
  return rest < 0 ? rest + kMicrosecondsPerDay : rest;
}
std::optional<int64_t> timestamp_time(int64_t timestamp) {
  if (!is_finite_timestamp(timestamp)) return std::nullopt;
  return time_of_timestamp(timestamp);
}
std::optional<int64_t> timestamptz_time(Call& call, int64_t timestamp) {
  if (!is_finite_timestamp(timestamp)) return std::nullopt;
  return time_of_timestamp(timestamptz_to_timestamp(timestamp, session_zone(call)));
}
std::optional<TimeTz> timestamptz_timetz(Call& call, int64_t timestamp) {
  if (!is_finite_timestamp(timestamp)) return std::nullopt;
  DateTime f = split_timestamptz(timestamp, session_zone(call));
  return TimeTz{time_of_timestamp(timestamp + f.zone * kMicrosecondsPerSecond), -f.zone, 0};
}
TimeTz time_timetz(Call& call, int64_t time) {
  DateTime today = split_timestamptz(call.services().transaction_timestamp(), session_zone(call));
  int64_t local = (int64_t{julian_of(today.year, today.month, today.day)} - kUnixEpochJulian) * 86400 + time / kMicrosecondsPerSecond;
  return {time, -session_zone(call)->offset_of_local(local), 0};
}
int64_t interval_time(const Interval& interval) {
  int64_t rest = interval.microseconds % kMicrosecondsPerDay;
  return rest < 0 ? rest + kMicrosecondsPerDay : rest;
}

int64_t checked_timestamp(__int128 timestamp) {
  if (timestamp < kTimestampLeast || timestamp >= kTimestampEnd) throw_timestamp_out_of_range();
  return static_cast<int64_t>(timestamp);
}
int64_t date_and_time(int32_t date, int64_t time) {
  int64_t timestamp = date_to_timestamp(date);
  return is_finite_timestamp(timestamp) ? checked_timestamp(__int128{timestamp} + time) : timestamp;
}
int64_t date_and_timetz(int32_t date, const TimeTz& time) {
  int64_t timestamp = date_to_timestamp(date);
  if (!is_finite_timestamp(timestamp)) return timestamp;
  return checked_timestamp(__int128{timestamp} + time.microseconds + time.zone * kMicrosecondsPerSecond);
}

std::string time_text(int hour, int minute, double second) {
  char buffer[96];
  std::snprintf(buffer, sizeof buffer, "%d:%02d:", hour, minute);
  std::string text = buffer;
  if (std::isfinite(second)) {
    std::snprintf(buffer, sizeof buffer, "%02g", second);
    return text + buffer;
  }
  append_double(second, 1, text);
  return text;
}
[[noreturn]] void throw_field(const std::string& what) { throw SqlError(Sqlstate::DatetimeFieldOverflow, what); }

int32_t make_date(int32_t year, int32_t month, int32_t day) {
  auto fail = [&] {
    char buffer[96];
    std::snprintf(buffer, sizeof buffer, "date field value out of range: %d-%02d-%02d", year, month, day);
    throw_field(buffer);
  };
  int y = year < 0 ? year + 1 : year;
  if (year == 0 || month < 1 || month > 12 || day < 1 || y > 5874897 || y < -4713 || day > days_in_month(y, month)) fail();
  int64_t date = int64_t{julian_of(y, month, day)} - kPostgresEpochJulian;
  if (!is_valid_date(date)) fail();
  return static_cast<int32_t>(date);
}
int64_t make_time(int32_t hour, int32_t minute, double second) {
  bool valid = hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 && !std::isnan(second) && second >= 0 && second <= 60;
  int64_t time = 0;
  if (valid) {
    time = (hour * int64_t{60} + minute) * kMicrosecondsPerMinute + static_cast<int64_t>(std::rint(second * 1000000));
    valid = time <= kMicrosecondsPerDay;
  }
  if (!valid) throw_field("time field value out of range: " + time_text(hour, minute, second));
  return time;
}
int64_t make_timestamp(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second) {
  int32_t date = make_date(year, month, day);
  __int128 timestamp = __int128{date} * kMicrosecondsPerDay + make_time(hour, minute, second);
  if (timestamp < kTimestampLeast || timestamp >= kTimestampEnd) {
    char buffer[128];
    std::snprintf(buffer, sizeof buffer, "timestamp out of range: %d-%02d-%02d %d:%02d:%02g", year, month, day, hour, minute, second);
    throw SqlError(Sqlstate::DatetimeValueOutOfRange, buffer);
  }
  return static_cast<int64_t>(timestamp);
}
// "+05:30", "-8" or a zone's name.
int64_t make_timestamptz_at(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second, Text zone) {
  int64_t local = make_timestamp(year, month, day, hour, minute, second);
  if (!zone.empty() && zone[0] >= '0' && zone[0] <= '9') {
    throw SqlError(Sqlstate::InvalidParameterValue, "invalid input syntax for type numeric time zone: \"" + std::string(zone) + "\"")
        .hint("Numeric time zones must have \"-\" or \"+\" as first character.");
  }
  if (!zone.empty() && (zone[0] == '+' || zone[0] == '-')) {
    int east = parse_zone_offset(zone);
    return checked_timestamp(__int128{local} - east * kMicrosecondsPerSecond);
  }
  return ZoneName(zone).to_utc(local);
}
Interval make_interval(int32_t years, int32_t months, int32_t weeks, int32_t days, int32_t hours, int32_t minutes, double seconds) {
  if (std::isinf(seconds) || std::isnan(seconds)) throw_interval_out_of_range();
  __int128 total_months = __int128{years} * 12 + months;
  __int128 total_days = __int128{weeks} * 7 + days;
  double rounded = std::rint(seconds * 1000000);
  if (std::fabs(rounded) > 9.2e18) throw_interval_out_of_range();
  __int128 time = __int128{hours} * kMicrosecondsPerHour + __int128{minutes} * kMicrosecondsPerMinute + static_cast<int64_t>(rounded);
  if (total_months > INT32_MAX || total_months < INT32_MIN || total_days > INT32_MAX || total_days < INT32_MIN ||
      time > INT64_MAX || time < INT64_MIN) {
    throw_interval_out_of_range();
  }
  return {static_cast<int64_t>(time), static_cast<int32_t>(total_days), static_cast<int32_t>(total_months)};
}
int64_t timestamp_of_epoch(double seconds) {
  auto fail = [&] {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "timestamp out of range: \"%g\"", seconds);
    throw SqlError(Sqlstate::DatetimeValueOutOfRange, buffer);
  };
  if (std::isnan(seconds)) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "timestamp cannot be NaN");
  if (std::isinf(seconds)) return seconds > 0 ? kTimestampInfinity : kTimestampMinusInfinity;
  if (seconds < -210866803200.0 || seconds >= 9224318016000.0) fail();
  double since_2000 = std::rint((seconds - 946684800.0) * 1000000);
  auto timestamp = static_cast<int64_t>(since_2000);
  if (!is_valid_timestamp(timestamp)) fail();
  return timestamp;
}

TimeTz timetz_in_zone(const TimeTz& time, int east) {
  int64_t shifted = time.microseconds + (time.zone + east) * kMicrosecondsPerSecond;
  shifted %= kMicrosecondsPerDay;
  if (shifted < 0) shifted += kMicrosecondsPerDay;
  return {shifted, -east, 0};
}
int offset_of_interval(const Interval& zone) {
  if (zone.months != 0 || zone.days != 0) {
    std::string text;
    append_interval({}, zone, text);
    throw SqlError(Sqlstate::InvalidParameterValue,
                   "interval time zone \"" + text + "\" must not include months or days");
  }
  return static_cast<int>(zone.microseconds / kMicrosecondsPerSecond);
}

std::string timeofday(Call& call) {
  DateTime f = split_timestamptz(call.services().clock_timestamp(), session_zone(call));
  char buffer[96];
  std::string weekday(weekday_name(day_of_week(julian_of(f.year, f.month, f.day))).substr(0, 3));
  std::string month(month_name(f.month).substr(0, 3));
  std::snprintf(buffer, sizeof buffer, "%s %s %02d %02d:%02d:%02d.%06d %d %s", weekday.c_str(), month.c_str(), f.day, f.hour,
                f.minute, f.second, f.microsecond, f.year, f.abbreviation.c_str());
  return buffer;
}

constexpr ScalarBinding kBindings[] = {
    {"timetz_eq", kernel<TimetzOrder::equal>},
    {"timetz_ne", kernel<TimetzOrder::unequal>},
    {"timetz_lt", kernel<TimetzOrder::less>},
    {"timetz_le", kernel<TimetzOrder::less_or_equal>},
    {"timetz_gt", kernel<TimetzOrder::greater>},
    {"timetz_ge", kernel<TimetzOrder::greater_or_equal>},
    {"timetz_cmp", kernel<TimetzOrder::order>},
    {"timetz_larger", kernel<TimetzOrder::larger>},
    {"timetz_smaller", kernel<TimetzOrder::smaller>},
    {"interval_eq", kernel<IntervalOrder::equal>},
    {"interval_ne", kernel<IntervalOrder::unequal>},
    {"interval_lt", kernel<IntervalOrder::less>},
    {"interval_le", kernel<IntervalOrder::less_or_equal>},
    {"interval_gt", kernel<IntervalOrder::greater>},
    {"interval_ge", kernel<IntervalOrder::greater_or_equal>},
    {"interval_cmp", kernel<IntervalOrder::order>},
    {"interval_larger", kernel<IntervalOrder::larger>},
    {"interval_smaller", kernel<IntervalOrder::smaller>},
    {"uuid_eq", kernel<UuidOrder::equal>},
    {"uuid_ne", kernel<UuidOrder::unequal>},
    {"uuid_lt", kernel<UuidOrder::less>},
    {"uuid_le", kernel<UuidOrder::less_or_equal>},
    {"uuid_gt", kernel<UuidOrder::greater>},
    {"uuid_ge", kernel<UuidOrder::greater_or_equal>},
    {"uuid_cmp", kernel<UuidOrder::order>},
    {"date_eq_timestamp", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamp(c, a, b) == 0; }>},
    {"date_ne_timestamp", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamp(c, a, b) != 0; }>},
    {"date_lt_timestamp", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamp(c, a, b) < 0; }>},
    {"date_le_timestamp", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamp(c, a, b) <= 0; }>},
    {"date_gt_timestamp", kernel<[](Call& c, int32_t a, int64_t b) { return 0 < order_date_timestamp(c, a, b); }>},
    {"date_ge_timestamp", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamp(c, a, b) >= 0; }>},
    {"date_cmp_timestamp", kernel<order_date_timestamp>},
    {"date_eq_timestamptz", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamptz(c, a, b) == 0; }>},
    {"date_ne_timestamptz", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamptz(c, a, b) != 0; }>},
    {"date_lt_timestamptz", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamptz(c, a, b) < 0; }>},
    {"date_le_timestamptz", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamptz(c, a, b) <= 0; }>},
    {"date_gt_timestamptz", kernel<[](Call& c, int32_t a, int64_t b) { return 0 < order_date_timestamptz(c, a, b); }>},
    {"date_ge_timestamptz", kernel<[](Call& c, int32_t a, int64_t b) { return order_date_timestamptz(c, a, b) >= 0; }>},
    {"date_cmp_timestamptz", kernel<order_date_timestamptz>},
    {"timestamp_eq_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamp_date(c, a, b) == 0; }>},
    {"timestamp_ne_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamp_date(c, a, b) != 0; }>},
    {"timestamp_lt_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamp_date(c, a, b) < 0; }>},
    {"timestamp_le_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamp_date(c, a, b) <= 0; }>},
    {"timestamp_gt_date", kernel<[](Call& c, int64_t a, int32_t b) { return 0 < order_timestamp_date(c, a, b); }>},
    {"timestamp_ge_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamp_date(c, a, b) >= 0; }>},
    {"timestamp_cmp_date", kernel<order_timestamp_date>},
    {"timestamptz_eq_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamptz_date(c, a, b) == 0; }>},
    {"timestamptz_ne_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamptz_date(c, a, b) != 0; }>},
    {"timestamptz_lt_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamptz_date(c, a, b) < 0; }>},
    {"timestamptz_le_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamptz_date(c, a, b) <= 0; }>},
    {"timestamptz_gt_date", kernel<[](Call& c, int64_t a, int32_t b) { return 0 < order_timestamptz_date(c, a, b); }>},
    {"timestamptz_ge_date", kernel<[](Call& c, int64_t a, int32_t b) { return order_timestamptz_date(c, a, b) >= 0; }>},
    {"timestamptz_cmp_date", kernel<order_timestamptz_date>},
    {"timestamp_eq_timestamptz", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamp_timestamptz(c, a, b) == 0; }>},
    {"timestamp_ne_timestamptz", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamp_timestamptz(c, a, b) != 0; }>},
    {"timestamp_lt_timestamptz", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamp_timestamptz(c, a, b) < 0; }>},
    {"timestamp_le_timestamptz", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamp_timestamptz(c, a, b) <= 0; }>},
    {"timestamp_gt_timestamptz", kernel<[](Call& c, int64_t a, int64_t b) { return 0 < order_timestamp_timestamptz(c, a, b); }>},
    {"timestamp_ge_timestamptz", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamp_timestamptz(c, a, b) >= 0; }>},
    {"timestamp_cmp_timestamptz", kernel<order_timestamp_timestamptz>},
    {"timestamptz_eq_timestamp", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamptz_timestamp(c, a, b) == 0; }>},
    {"timestamptz_ne_timestamp", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamptz_timestamp(c, a, b) != 0; }>},
    {"timestamptz_lt_timestamp", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamptz_timestamp(c, a, b) < 0; }>},
    {"timestamptz_le_timestamp", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamptz_timestamp(c, a, b) <= 0; }>},
    {"timestamptz_gt_timestamp", kernel<[](Call& c, int64_t a, int64_t b) { return 0 < order_timestamptz_timestamp(c, a, b); }>},
    {"timestamptz_ge_timestamp", kernel<[](Call& c, int64_t a, int64_t b) { return order_timestamptz_timestamp(c, a, b) >= 0; }>},
    {"timestamptz_cmp_timestamp", kernel<order_timestamptz_timestamp>},
    {"date_finite", kernel<[](int32_t a) { return is_finite_date(a); }>},
    {"timestamp_finite", kernel<[](int64_t a) { return is_finite_timestamp(a); }>},
    {"interval_finite", kernel<[](const Interval&) { return true; }>},
    {"date_timestamp", kernel<date_to_timestamp>},
    {"date_timestamptz", kernel<[](Call& c, int32_t a) { return date_to_timestamptz(a, session_zone(c)); }>},
    {"timestamp_date", kernel<timestamp_to_date>},
    {"timestamptz_date", kernel<[](Call& c, int64_t a) { return timestamptz_to_date(a, session_zone(c)); }>},
    {"timestamp_timestamptz", kernel<[](Call& c, int64_t a) { return timestamp_to_timestamptz(a, session_zone(c)); }>},
    {"timestamptz_timestamp", kernel<[](Call& c, int64_t a) { return timestamptz_to_timestamp(a, session_zone(c)); }>},
    {"timestamp_time", kernel<timestamp_time>},
    {"timestamptz_time", kernel<timestamptz_time>},
    {"timestamptz_timetz", kernel<timestamptz_timetz>},
    {"time_timetz", kernel<time_timetz>},
    {"timetz_time", kernel<[](const TimeTz& a) { return a.microseconds; }>},
    {"time_interval", kernel<[](int64_t a) { return Interval{a, 0, 0}; }>},
    {"interval_time", kernel<interval_time>},
    {"datetime_timestamp", kernel<date_and_time>},
    {"timedate_pl(time,date)", kernel<[](int64_t t, int32_t d) { return date_and_time(d, t); }>},
    {"datetimetz_timestamptz", kernel<date_and_timetz>},
    {"timetzdate_pl(timetz,date)", kernel<[](const TimeTz& t, int32_t d) { return date_and_timetz(d, t); }>},
    {"timestamptz(date,time)", kernel<[](Call& c, int32_t d, int64_t t) {
       return timestamp_to_timestamptz(date_and_time(d, t), session_zone(c));
     }>},
    {"timestamp_scale", kernel<[](int64_t a, int32_t typmod) { return round_timestamp(a, typmod); }>},
    {"timestamptz_scale", kernel<[](int64_t a, int32_t typmod) { return round_timestamp(a, typmod); }>},
    {"time_scale", kernel<[](int64_t a, int32_t typmod) { return round_time(a, typmod); }>},
    {"timetz_scale", kernel<[](const TimeTz& a, int32_t typmod) {
       return TimeTz{round_time(a.microseconds, typmod), a.zone, 0};
     }>},
    {"interval_scale", kernel<[](const Interval& a, int32_t typmod) { return fit_interval(a, typmod); }>},
    {"make_date", kernel<make_date>},
    {"make_time", kernel<make_time>},
    {"make_timestamp", kernel<make_timestamp>},
    {"make_timestamptz", kernel<[](Call& c, int32_t y, int32_t m, int32_t d, int32_t h, int32_t min, double s) {
       return timestamp_to_timestamptz(make_timestamp(y, m, d, h, min, s), session_zone(c));
     }>},
    {"make_timestamptz_at_timezone", kernel<make_timestamptz_at>},
    {"make_interval", kernel<make_interval>},
    {"float8_timestamptz", kernel<timestamp_of_epoch>},
    {"timestamp_zone", kernel<[](Text zone, int64_t a) { return ZoneName(zone).to_utc(a); }>},
    {"timestamptz_zone", kernel<[](Text zone, int64_t a) { return ZoneName(zone).to_local(a); }>},
    {"timetz_zone", kernel<[](Call& c, Text zone, const TimeTz& a) {
       return timetz_in_zone(a, ZoneName(zone).offset_at(c.services().transaction_timestamp()));
     }>},
    {"timestamp_izone", kernel<[](const Interval& zone, int64_t a) {
       int offset = offset_of_interval(zone);
       return is_finite_timestamp(a) ? checked_timestamp(__int128{a} - offset * kMicrosecondsPerSecond) : a;
     }>},
    {"timestamptz_izone", kernel<[](const Interval& zone, int64_t a) {
       int offset = offset_of_interval(zone);
       return is_finite_timestamp(a) ? checked_timestamp(__int128{a} + offset * kMicrosecondsPerSecond) : a;
     }>},
    {"timetz_izone",
     kernel<[](const Interval& zone, const TimeTz& a) { return timetz_in_zone(a, offset_of_interval(zone)); }>},
    {"now", kernel<[](Call& c) { return c.services().transaction_timestamp(); }>},
    {"statement_timestamp", kernel<[](Call& c) { return c.services().statement_timestamp(); }>},
    {"clock_timestamp", kernel<[](Call& c) { return c.services().clock_timestamp(); }>},
    {"timeofday", kernel<timeofday>},
};

}  // namespace

std::span<const ScalarBinding> datetime_bindings() { return kBindings; }

}  // namespace aegis::functions
