// date_trunc() and date_bin().
#include "binding.h"
#include "datetime_unit.h"
#include "datetime_zone.h"

namespace aegis::functions {

using namespace types;  // NOLINT: this file is all about them

namespace {

[[noreturn]] void throw_truncation_unit(Text unit, Oid type) {
  if (find_length_unit(unit) == Unit::Unknown) throw_unit("recognized", Sqlstate::InvalidParameterValue, unit, type);
  throw_unit("supported", Sqlstate::FeatureNotSupported, unit, type);
}

int truncated_year(Unit unit, int year) {
  switch (unit) {
    case Unit::Millennium: return year > 0 ? ((year + 999) / 1000) * 1000 - 999 : -((999 - (year - 1)) / 1000) * 1000 + 1;
    case Unit::Century: return year > 0 ? ((year + 99) / 100) * 100 - 99 : -((99 - (year - 1)) / 100) * 100 + 1;
    default: return year > 0 ? (year / 10) * 10 : -((8 - (year - 1)) / 10) * 10;
  }
}

void truncate_to_week(DateTime& f) {
  int week = iso_week(f.year, f.month, f.day);
  // Weeks at the ends of a year may belong to the next or the previous one.
  if (week >= 52 && f.month == 1) --f.year;
  if (week <= 1 && f.month == 12) ++f.year;
  date_of_julian(iso_week_to_julian(f.year, week), f.year, f.month, f.day);
}

// Clears what is smaller than `unit`; false for units that cannot be truncated to.
bool truncate(Unit unit, DateTime& f, bool& zone_may_change) {
  zone_may_change = true;
  switch (unit) {
    case Unit::Week: truncate_to_week(f); break;
    case Unit::Millennium:
    case Unit::Century:
    case Unit::Decade:
      f.year = truncated_year(unit, f.year);
      f.month = f.day = 1;
      break;
    case Unit::Year: f.month = f.day = 1; break;
    case Unit::Quarter:
      f.month = 3 * ((f.month - 1) / 3) + 1;
      f.day = 1;
      break;
    case Unit::Month: f.day = 1; break;
    case Unit::Day: break;
    default:
      zone_may_change = false;
      switch (unit) {
        case Unit::Hour: f.minute = f.second = f.microsecond = 0; return true;
        case Unit::Minute: f.second = f.microsecond = 0; return true;
        case Unit::Second: f.microsecond = 0; return true;
        case Unit::Millisecond: f.microsecond = f.microsecond / 1000 * 1000; return true;
        case Unit::Microsecond: return true;
        default: return false;
      }
  }
  f.hour = f.minute = f.second = f.microsecond = 0;
  return true;
}

int64_t joined(const DateTime& f) {
  int64_t timestamp;
  if (!join_timestamp(f, timestamp)) throw_timestamp_out_of_range();
  return timestamp;
}

int64_t trunc_timestamp(Text name, int64_t timestamp) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  DateTime f = split_timestamp(timestamp);
  bool unused;
  if (!truncate(find_length_unit(name), f, unused)) throw_truncation_unit(name, oid::kTimestamp);
  return joined(f);
}

int64_t trunc_timestamptz(Text name, int64_t timestamp, const TimeZone* zone) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  DateTime f = split_timestamptz(timestamp, zone);
  bool zone_may_change;
  if (!truncate(find_length_unit(name), f, zone_may_change)) throw_truncation_unit(name, oid::kTimestamptz);
  if (zone_may_change) return timestamp_to_timestamptz(joined(f), zone);
  int64_t result = joined(f) - f.zone * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(result)) throw_timestamp_out_of_range();
  return result;
}

Interval trunc_interval(Text name, const Interval& interval) {
  Interval i = interval;
  auto years = [&](int count) {
    i.months = i.months / (12 * count) * (12 * count);
    i.days = 0;
    i.microseconds = 0;
  };
  auto months = [&](int count) {
    i.months = i.months / count * count;
    i.days = 0;
    i.microseconds = 0;
  };
  switch (find_length_unit(name)) {
    case Unit::Millennium: years(1000); break;
    case Unit::Century: years(100); break;
    case Unit::Decade: years(10); break;
    case Unit::Year: years(1); break;
    case Unit::Quarter: months(3); break;
    case Unit::Month: months(1); break;
    case Unit::Day: i.microseconds = 0; break;
    case Unit::Hour: i.microseconds -= i.microseconds % kMicrosecondsPerHour; break;
    case Unit::Minute: i.microseconds -= i.microseconds % kMicrosecondsPerMinute; break;
    case Unit::Second: i.microseconds -= i.microseconds % kMicrosecondsPerSecond; break;
    case Unit::Millisecond: i.microseconds -= i.microseconds % 1000; break;
    case Unit::Microsecond: break;
    case Unit::Week:
      throw SqlError(Sqlstate::FeatureNotSupported, "unit \"week\" not supported for type interval")
          .detail("Months usually have fractional weeks.");
    default: throw_truncation_unit(name, oid::kInterval);
  }
  return i;
}

int64_t bin(const Interval& stride, int64_t timestamp, int64_t origin) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  if (!is_finite_timestamp(origin)) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "origin out of range");
  if (stride.months != 0) {
    throw SqlError(Sqlstate::FeatureNotSupported,
                   "timestamps cannot be binned into intervals containing months or years");
  }
  __int128 step = __int128{stride.days} * kMicrosecondsPerDay + stride.microseconds;
  if (step > INT64_MAX || step < INT64_MIN) throw_interval_out_of_range();
  if (step <= 0) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "stride must be greater than zero");
  __int128 difference = __int128{timestamp} - origin;
  if (difference > INT64_MAX || difference < INT64_MIN) throw_interval_out_of_range();
  __int128 rest = difference % step;
  __int128 result = origin + difference - rest - (rest < 0 ? step : 0);
  if (result < kTimestampLeast || result >= kTimestampEnd) throw_timestamp_out_of_range();
  return static_cast<int64_t>(result);
}

int64_t trunc_in_zone(Text name, int64_t timestamp, Text zone_name) {
  ZoneName zone(zone_name);
  if (zone.zone() != nullptr) return trunc_timestamptz(name, timestamp, zone.zone());
  return trunc_timestamptz(name, timestamp, TimeZone::fixed(zone.offset_at(0)));
}

constexpr ScalarBinding kBindings[] = {
    {"timestamp_trunc", kernel<trunc_timestamp>},
    {"timestamptz_trunc", kernel<[](Call& c, Text u, int64_t a) { return trunc_timestamptz(u, a, session_zone(c)); }>},
    {"timestamptz_trunc_zone", kernel<trunc_in_zone>},
    {"interval_trunc", kernel<trunc_interval>},
    {"timestamp_bin", kernel<bin>},
    {"timestamptz_bin", kernel<bin>},
};

}  // namespace

std::span<const ScalarBinding> datetime_truncation_bindings() { return kBindings; }

}  // namespace aegis::functions
