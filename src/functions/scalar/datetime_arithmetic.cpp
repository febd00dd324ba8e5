#include <cmath>

#include "aegis/types/datetime.h"
#include "binding.h"
#include "call.h"
#include "datetime_zone.h"

namespace aegis::functions {

using namespace types;  // NOLINT: this file is all about them

namespace {

template <typename T>
T checked_interval_sum(T a, T b) {
  T result;
  if (__builtin_add_overflow(a, b, &result)) throw_interval_out_of_range();
  return result;
}
Interval negate(const Interval& a) {
  if (a.microseconds == INT64_MIN || a.days == INT32_MIN || a.months == INT32_MIN) throw_interval_out_of_range();
  return {-a.microseconds, -a.days, -a.months};
}
Interval add(const Interval& a, const Interval& b) {
  return {checked_interval_sum(a.microseconds, b.microseconds), checked_interval_sum(a.days, b.days),
          checked_interval_sum(a.months, b.months)};
}
Interval subtract(const Interval& a, const Interval& b) {
  Interval result;
  if (__builtin_sub_overflow(a.microseconds, b.microseconds, &result.microseconds) ||
      __builtin_sub_overflow(a.days, b.days, &result.days) || __builtin_sub_overflow(a.months, b.months, &result.months)) {
    throw_interval_out_of_range();
  }
  return result;
}

double round_to_microseconds(double seconds) { return std::rint(seconds * 1000000) / 1000000; }

// Scales an interval whose exact (fractional) fields are given; fractions cascade from months to days to time.
Interval scaled(double months, double days, double microseconds) {
  constexpr double kSecondsPerDay = 86400;
  auto to_int32 = [](double value) {
    if (std::isnan(value) || value < -2147483648.0 || value > 2147483647.0) throw_interval_out_of_range();
    return static_cast<int32_t>(value);
  };
  Interval result;
  result.months = to_int32(months);
  result.days = to_int32(days);
  double month_days = round_to_microseconds((months - result.months) * 30);
  double seconds = (days - result.days + month_days - static_cast<int>(month_days)) * kSecondsPerDay;
  seconds = round_to_microseconds(seconds);
  if (std::fabs(seconds) >= kSecondsPerDay) {
    int extra = static_cast<int>(seconds / kSecondsPerDay);
    result.days = checked_interval_sum(result.days, static_cast<int32_t>(extra));
    seconds -= extra * kSecondsPerDay;
  }
  result.days = checked_interval_sum(result.days, static_cast<int32_t>(month_days));
  double time = std::rint(microseconds + seconds * 1000000);
  if (std::isnan(time) || time < -9223372036854775808.0 || time >= 9223372036854775808.0) throw_interval_out_of_range();
  result.microseconds = static_cast<int64_t>(time);
  return result;
}
Interval multiply(const Interval& a, double factor) {
  return scaled(a.months * factor, a.days * factor, static_cast<double>(a.microseconds) * factor);
}
Interval divide(const Interval& a, double divisor) {
  if (divisor == 0) throw_division_by_zero();
  return scaled(a.months / divisor, a.days / divisor, static_cast<double>(a.microseconds) / divisor);
}

void settle_days(Interval& i) {
  if (i.days > 0 && i.microseconds < 0) {
    i.microseconds += kMicrosecondsPerDay;
    --i.days;
  } else if (i.days < 0 && i.microseconds > 0) {
    i.microseconds -= kMicrosecondsPerDay;
    ++i.days;
  }
}
Interval justify_hours(const Interval& a) {
  Interval i = a;
  i.days = checked_interval_sum(i.days, static_cast<int32_t>(i.microseconds / kMicrosecondsPerDay));
  i.microseconds %= kMicrosecondsPerDay;
  settle_days(i);
  return i;
}
Interval justify_days(const Interval& a) {
  Interval i = a;
  i.months = checked_interval_sum(i.months, i.days / 30);
  i.days %= 30;
  if (i.months > 0 && i.days < 0) {
    i.days += 30;
    --i.months;
  } else if (i.months < 0 && i.days > 0) {
    i.days -= 30;
    ++i.months;
  }
  return i;
}
Interval justify_interval(const Interval& a) {
  Interval i = a;
  if ((i.days > 0 && i.microseconds > 0) || (i.days < 0 && i.microseconds < 0)) {
    i.months = checked_interval_sum(i.months, i.days / 30);
    i.days %= 30;
  }
  i.days = checked_interval_sum(i.days, static_cast<int32_t>(i.microseconds / kMicrosecondsPerDay));
  i.microseconds %= kMicrosecondsPerDay;
  i.months = checked_interval_sum(i.months, i.days / 30);
  i.days %= 30;
  if (i.months > 0 && (i.days < 0 || (i.days == 0 && i.microseconds < 0))) {
    i.days += 30;
    --i.months;
  } else if (i.months < 0 && (i.days > 0 || (i.days == 0 && i.microseconds > 0))) {
    i.days -= 30;
    ++i.months;
  }
  settle_days(i);
  return i;
}

Interval subtract_timestamps(int64_t a, int64_t b) {
  int64_t difference;
  if (!is_finite_timestamp(a) || !is_finite_timestamp(b)) {
    throw SqlError(Sqlstate::DatetimeValueOutOfRange, "cannot subtract infinite timestamps");
  }
  if (__builtin_sub_overflow(a, b, &difference)) throw_interval_out_of_range();
  return justify_hours({difference, 0, 0});
}

// Years, months, days and time between two local timestamps, as a calendar counts them.
Interval age(const DateTime& first, const DateTime& second, bool earlier_first) {
  const DateTime& later = earlier_first ? second : first;
  const DateTime& earlier = earlier_first ? first : second;
  int64_t microsecond = later.microsecond - earlier.microsecond;
  int64_t second_of = later.second - earlier.second;
  int64_t minute = later.minute - earlier.minute;
  int64_t hour = later.hour - earlier.hour;
  int64_t day = later.day - earlier.day;
  int64_t month = later.month - earlier.month;
  int64_t year = int64_t{later.year} - earlier.year;
  auto borrow = [](int64_t& low, int64_t size, int64_t& high) {
    while (low < 0) {
      low += size;
      --high;
    }
  };
  borrow(microsecond, 1000000, second_of);
  borrow(second_of, 60, minute);
  borrow(minute, 60, hour);
  borrow(hour, 24, day);
  while (day < 0) {
    day += days_in_month(earlier.year, earlier.month);
    --month;
  }
  borrow(month, 12, year);
  Interval result{((hour * 60 + minute) * 60 + second_of) * kMicrosecondsPerSecond + microsecond, static_cast<int32_t>(day),
                  static_cast<int32_t>(year * 12 + month)};
  return earlier_first ? negate(result) : result;
}
Interval timestamp_age(int64_t a, int64_t b) {
  if (!is_finite_timestamp(a) || !is_finite_timestamp(b)) throw_timestamp_out_of_range();
  return age(split_timestamp(a), split_timestamp(b), a < b);
}
Interval timestamptz_age(Call& call, int64_t a, int64_t b) {
  if (!is_finite_timestamp(a) || !is_finite_timestamp(b)) throw_timestamp_out_of_range();
  return age(split_timestamptz(a, session_zone(call)), split_timestamptz(b, session_zone(call)), a < b);
}
int64_t midnight_today(Call& call) {
  return date_to_timestamp(timestamptz_to_date(call.services().transaction_timestamp(), session_zone(call)));
}

[[noreturn]] void throw_date_range() { throw SqlError(Sqlstate::DatetimeValueOutOfRange, "date out of range"); }
int32_t add_days(int32_t date, int64_t days) {
  if (!is_finite_date(date)) return date;
  int64_t result = date + days;
  if (!is_valid_date(result)) throw_date_range();
  return static_cast<int32_t>(result);
}
int32_t subtract_dates(int32_t a, int32_t b) {
  if (!is_finite_date(a) || !is_finite_date(b)) {
    throw SqlError(Sqlstate::DatetimeValueOutOfRange, "cannot subtract infinite dates");
  }
  return a - b;
}

int64_t wrap_day(int64_t time) {
  time %= kMicrosecondsPerDay;
  return time < 0 ? time + kMicrosecondsPerDay : time;
}
int64_t time_plus(int64_t time, const Interval& i) { return wrap_day(time + i.microseconds % kMicrosecondsPerDay); }
int64_t time_minus(int64_t time, const Interval& i) { return wrap_day(time - i.microseconds % kMicrosecondsPerDay); }

int64_t plus(int64_t a, const Interval& i) { return add_interval(a, i); }
int64_t minus(int64_t a, const Interval& i) { return add_interval(a, negate(i)); }
int64_t plus_tz(Call& c, int64_t a, const Interval& i) { return add_interval_tz(a, i, session_zone(c)); }
int64_t minus_tz(Call& c, int64_t a, const Interval& i) { return add_interval_tz(a, negate(i), session_zone(c)); }
int64_t date_plus(int32_t a, const Interval& i) { return add_interval(date_to_timestamp(a), i); }

// SQL's OVERLAPS on two pairs of ends, where a null end is unknown.
template <typename T, auto Order>
std::optional<bool> overlaps(std::optional<T> start1, std::optional<T> end1, std::optional<T> start2, std::optional<T> end2) {
  auto arrange = [](std::optional<T>& start, std::optional<T>& end) {
    if (!start) {
      std::swap(start, end);
    } else if (end && Order(*start, *end) > 0) {
      std::swap(start, end);
    }
    return start.has_value();
  };
  if (!arrange(start1, end1) || !arrange(start2, end2)) return std::nullopt;
  int order = Order(*start1, *start2);
  if (order == 0) return end1 && end2 ? std::optional<bool>(true) : std::nullopt;
  const std::optional<T>& later = order > 0 ? start1 : start2;
  const std::optional<T>& end_of_later = order > 0 ? end1 : end2;
  const std::optional<T>& end_of_earlier = order > 0 ? end2 : end1;
  if (!end_of_earlier) return std::nullopt;
  if (Order(*later, *end_of_earlier) < 0) return true;
  if (!end_of_later) return std::nullopt;
  return false;
}

int order_int64(const int64_t& a, const int64_t& b) { return a < b ? -1 : a > b; }

enum class Base : uint8_t { Time, Timestamp, Timestamptz };

// The second and fourth arguments are ends, or intervals from the starts.
template <Base base, bool interval1, bool interval2>
Value overlaps_values(Call& call, std::span<const Value> row) {
  auto start = [](const Value& v) { return v.is_null ? std::nullopt : std::optional<int64_t>(v.i64); };
  auto end = [&](const Value& from, const Value& v, bool is_interval) -> std::optional<int64_t> {
    if (v.is_null || (is_interval && from.is_null)) return std::nullopt;
    if (!is_interval) return v.i64;
    switch (base) {
      case Base::Time: return time_plus(from.i64, v.interval);
      case Base::Timestamp: return add_interval(from.i64, v.interval);
      case Base::Timestamptz: return add_interval_tz(from.i64, v.interval, session_zone(call));
    }
    return std::nullopt;
  };
  auto result = overlaps<int64_t, order_int64>(start(row[0]), end(row[0], row[1], interval1), start(row[2]),
                                               end(row[2], row[3], interval2));
  return result ? Value::of_bool(*result) : Value::null();
}
Value overlaps_timetz(Call&, std::span<const Value> row) {
  auto get = [](const Value& v) { return v.is_null ? std::nullopt : std::optional<TimeTz>(v.timetz); };
  auto result = overlaps<TimeTz, compare_timetz>(get(row[0]), get(row[1]), get(row[2]), get(row[3]));
  return result ? Value::of_bool(*result) : Value::null();
}

constexpr ScalarBinding kBindings[] = {
    {"date_pli", kernel<[](int32_t a, int32_t b) { return add_days(a, b); }>},
    {"date_mii", kernel<[](int32_t a, int32_t b) { return add_days(a, -int64_t{b}); }>},
    {"integer_pl_date(int4,date)", kernel<[](int32_t a, int32_t b) { return add_days(b, a); }>},
    {"date_mi", kernel<subtract_dates>},
    {"date_pl_interval", kernel<date_plus>},
    {"date_mi_interval", kernel<[](int32_t a, const Interval& i) { return date_plus(a, negate(i)); }>},
    {"interval_pl_date(interval,date)", kernel<[](const Interval& i, int32_t a) { return date_plus(a, i); }>},
    {"timestamp_pl_interval", kernel<plus>},
    {"timestamp_mi_interval", kernel<minus>},
    {"interval_pl_timestamp(interval,timestamp)", kernel<[](const Interval& i, int64_t a) { return plus(a, i); }>},
    {"timestamptz_pl_interval", kernel<plus_tz>},
    {"timestamptz_mi_interval", kernel<minus_tz>},
    {"interval_pl_timestamptz(interval,timestamptz)",
     kernel<[](Call& c, const Interval& i, int64_t a) { return plus_tz(c, a, i); }>},
    {"timestamp_mi", kernel<subtract_timestamps>},
    {"timestamp_age", kernel<timestamp_age>},
    {"timestamptz_age", kernel<timestamptz_age>},
    {"age(timestamp)", kernel<[](Call& c, int64_t a) { return timestamp_age(midnight_today(c), a); }>},
    {"age(timestamptz)", kernel<[](Call& c, int64_t a) {
       return timestamptz_age(c, timestamp_to_timestamptz(midnight_today(c), session_zone(c)), a);
     }>},
    {"time_pl_interval", kernel<time_plus>},
    {"time_mi_interval", kernel<time_minus>},
    {"interval_pl_time(interval,time)", kernel<[](const Interval& i, int64_t a) { return time_plus(a, i); }>},
    {"timetz_pl_interval",
     kernel<[](const TimeTz& a, const Interval& i) { return TimeTz{time_plus(a.microseconds, i), a.zone, 0}; }>},
    {"timetz_mi_interval",
     kernel<[](const TimeTz& a, const Interval& i) { return TimeTz{time_minus(a.microseconds, i), a.zone, 0}; }>},
    {"interval_pl_timetz(interval,timetz)",
     kernel<[](const Interval& i, const TimeTz& a) { return TimeTz{time_plus(a.microseconds, i), a.zone, 0}; }>},
    {"time_mi_time", kernel<[](int64_t a, int64_t b) { return Interval{a - b, 0, 0}; }>},
    {"interval_um", kernel<negate>},
    {"interval_pl", kernel<add>},
    {"interval_mi", kernel<subtract>},
    {"interval_mul", kernel<multiply>},
    {"mul_d_interval", kernel<[](double factor, const Interval& a) { return multiply(a, factor); }>},
    {"interval_div", kernel<divide>},
    {"interval_justify_hours", kernel<justify_hours>},
    {"interval_justify_days", kernel<justify_days>},
    {"interval_justify_interval", kernel<justify_interval>},
    {"overlaps_time", value_kernel<overlaps_values<Base::Time, false, false>>},
    {"overlaps_timestamp", value_kernel<overlaps_values<Base::Timestamp, false, false>>},
    {"overlaps_timetz", value_kernel<overlaps_timetz>},
    {"overlaps(time,interval,time,interval)", value_kernel<overlaps_values<Base::Time, true, true>>},
    {"overlaps(time,time,time,interval)", value_kernel<overlaps_values<Base::Time, false, true>>},
    {"overlaps(time,interval,time,time)", value_kernel<overlaps_values<Base::Time, true, false>>},
    {"overlaps(timestamp,interval,timestamp,interval)", value_kernel<overlaps_values<Base::Timestamp, true, true>>},
    {"overlaps(timestamp,timestamp,timestamp,interval)", value_kernel<overlaps_values<Base::Timestamp, false, true>>},
    {"overlaps(timestamp,interval,timestamp,timestamp)", value_kernel<overlaps_values<Base::Timestamp, true, false>>},
    {"overlaps(timestamptz,interval,timestamptz,interval)", value_kernel<overlaps_values<Base::Timestamptz, true, true>>},
    {"overlaps(timestamptz,timestamptz,timestamptz,interval)",
     value_kernel<overlaps_values<Base::Timestamptz, false, true>>},
    {"overlaps(timestamptz,interval,timestamptz,timestamptz)",
     value_kernel<overlaps_values<Base::Timestamptz, true, false>>},
};

}  // namespace

Interval multiply_interval(const Interval& interval, double factor) { return multiply(interval, factor); }
Interval divide_interval(const Interval& interval, double divisor) { return divide(interval, divisor); }

std::span<const ScalarBinding> datetime_arithmetic_bindings() { return kBindings; }

}  // namespace aegis::functions
