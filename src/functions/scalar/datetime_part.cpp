// extract() (exact) and date_part() (double precision).
#include <cmath>

#include "aegis/types/numeric.h"
#include "binding.h"
#include "datetime_unit.h"
#include "datetime_zone.h"

namespace aegis::functions {

using namespace types;  // NOLINT: this file is all about them

namespace {

// A part before it becomes a numeric or a double: value / 10^scale, or null, or an infinity.
struct Part {
  enum class Kind : uint8_t { Value, Null, PositiveInfinity, NegativeInfinity, Julian };
  Kind kind = Kind::Value;
  __int128 value = 0;
  int scale = 0;
  int64_t time = 0;  // of Julian: microseconds of the day

  static Part of(__int128 value, int scale = 0) { return {Kind::Value, value, scale, 0}; }
};

int decade(int year) { return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10); }
int century(int year) { return year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100); }
int millennium(int year) { return year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000); }
int without_zero(int year) { return year > 0 ? year : year - 1; }

int64_t time_of(const DateTime& f) {
  return ((f.hour * int64_t{60} + f.minute) * 60 + f.second) * kMicrosecondsPerSecond + f.microsecond;
}

// Parts that dates and timestamps share; false when `unit` is none of them.
bool calendar_part(Unit unit, const DateTime& f, Part& part) {
  int julian = julian_of(f.year, f.month, f.day);
  switch (unit) {
    case Unit::Day: part = Part::of(f.day); return true;
    case Unit::Month: part = Part::of(f.month); return true;
    case Unit::Quarter: part = Part::of((f.month - 1) / 3 + 1); return true;
    case Unit::Week: part = Part::of(iso_week(f.year, f.month, f.day)); return true;
    case Unit::Year: part = Part::of(without_zero(f.year)); return true;
    case Unit::Decade: part = Part::of(decade(f.year)); return true;
    case Unit::Century: part = Part::of(century(f.year)); return true;
    case Unit::Millennium: part = Part::of(millennium(f.year)); return true;
    case Unit::Isoyear: part = Part::of(without_zero(iso_year(f.year, f.month, f.day))); return true;
    case Unit::Dow: part = Part::of(day_of_week(julian)); return true;
    case Unit::Isodow: part = Part::of(day_of_week(julian) == 0 ? 7 : day_of_week(julian)); return true;
    case Unit::Doy: part = Part::of(julian - julian_of(f.year, 1, 1) + 1); return true;
    default: return false;
  }
}

bool clock_part(Unit unit, int64_t second_microseconds, int64_t minute, int64_t hour, Part& part) {
  switch (unit) {
    case Unit::Microsecond: part = Part::of(second_microseconds); return true;
    case Unit::Millisecond: part = Part::of(second_microseconds, 3); return true;
    case Unit::Second: part = Part::of(second_microseconds, 6); return true;
    case Unit::Minute: part = Part::of(minute); return true;
    case Unit::Hour: part = Part::of(hour); return true;
    default: return false;
  }
}

bool zone_part(Unit unit, int east, Part& part) {
  switch (unit) {
    case Unit::Timezone: part = Part::of(east); return true;
    case Unit::TimezoneMinute: part = Part::of(east / 60 % 60); return true;
    case Unit::TimezoneHour: part = Part::of(east / 3600); return true;
    default: return false;
  }
}

// Of infinite values: units that grow without end are infinite, the others unknown.
Part infinite_part(Unit unit, bool positive, Text name, Oid type) {
  switch (unit) {
    case Unit::Year:
    case Unit::Decade:
    case Unit::Century:
    case Unit::Millennium:
    case Unit::Julian:
    case Unit::Isoyear:
    case Unit::Epoch:
      return {positive ? Part::Kind::PositiveInfinity : Part::Kind::NegativeInfinity, 0, 0, 0};
    case Unit::Unknown: throw_unit_not_supported(name, type);
    case Unit::Timezone:
    case Unit::TimezoneHour:
    case Unit::TimezoneMinute:
      if (type != oid::kTimestamptz) throw_unit_not_supported(name, type);
      break;
    case Unit::Microsecond:
    case Unit::Millisecond:
    case Unit::Second:
    case Unit::Minute:
    case Unit::Hour:
      if (type == oid::kDate) throw_unit_not_supported(name, type);
      break;
    default: break;
  }
  return {Part::Kind::Null, 0, 0, 0};
}

Part timestamp_part(Text name, int64_t timestamp, Oid type, const TimeZone* zone) {
  Unit unit = find_unit(name);
  if (!is_finite_timestamp(timestamp)) return infinite_part(unit, timestamp > 0, name, type);
  if (unit == Unit::Epoch) return Part::of(__int128{timestamp} - kUnixEpochMicroseconds, 6);
  bool with_zone = type == oid::kTimestamptz;
  DateTime f = with_zone ? split_timestamptz(timestamp, zone) : split_timestamp(timestamp);
  Part part;
  if (calendar_part(unit, f, part) ||
      clock_part(unit, f.second * kMicrosecondsPerSecond + f.microsecond, f.minute, f.hour, part)) {
    return part;
  }
  if (unit == Unit::Julian) return {Part::Kind::Julian, julian_of(f.year, f.month, f.day), 0, time_of(f)};
  if (with_zone && zone_part(unit, f.zone, part)) return part;
  throw_unit_not_supported(name, type);
}

Part date_part(Text name, int32_t date) {
  Unit unit = find_unit(name);
  if (!is_finite_date(date)) return infinite_part(unit, date > 0, name, oid::kDate);
  DateTime f;
  date_of_julian(date + kPostgresEpochJulian, f.year, f.month, f.day);
  Part part;
  if (calendar_part(unit, f, part)) return part;
  if (unit == Unit::Julian) return Part::of(int64_t{date} + kPostgresEpochJulian);
  if (unit == Unit::Epoch) return Part::of((int64_t{date} + kPostgresEpochJulian - kUnixEpochJulian) * 86400);
  throw_unit_not_supported(name, oid::kDate);
}

Part time_part(Text name, int64_t time, Oid type, int zone_west) {
  Unit unit = find_unit(name);
  Part part;
  if (clock_part(unit, time % kMicrosecondsPerMinute, time / kMicrosecondsPerMinute % 60, time / kMicrosecondsPerHour, part)) {
    return part;
  }
  if (unit == Unit::Epoch) return Part::of(time + zone_west * kMicrosecondsPerSecond, 6);
  if (type == oid::kTimetz && zone_part(unit, -zone_west, part)) return part;
  throw_unit_not_supported(name, type);
}

Part interval_part(Text name, const Interval& i) {
  Unit unit = find_unit(name);
  int year = i.months / 12;
  Part part;
  if (clock_part(unit, i.microseconds % kMicrosecondsPerMinute, i.microseconds / kMicrosecondsPerMinute % 60,
                 i.microseconds / kMicrosecondsPerHour, part)) {
    return part;
  }
  switch (unit) {
    case Unit::Day: return Part::of(i.days);
    case Unit::Month: return Part::of(i.months % 12);
    case Unit::Quarter: return Part::of(i.months % 12 / 3 + 1);
    case Unit::Year: return Part::of(year);
    case Unit::Decade: return Part::of(year / 10);
    case Unit::Century: return Part::of(year / 100);
    case Unit::Millennium: return Part::of(year / 1000);
    case Unit::Epoch: {
      // Years of 365.25 days, in quarter days to stay exact.
      __int128 quarter_days = __int128{1461} * year + 120 * (i.months % 12) + __int128{4} * i.days;
      return Part::of(quarter_days * (kMicrosecondsPerDay / 4) + i.microseconds, 6);
    }
    default: throw_unit_not_supported(name, oid::kInterval);
  }
}

std::optional<Numeric> exact(Call& call, const Part& part) {
  switch (part.kind) {
    case Part::Kind::Null: return std::nullopt;
    case Part::Kind::PositiveInfinity: return numeric::special(Numeric::Kind::PositiveInfinity);
    case Part::Kind::NegativeInfinity: return numeric::special(Numeric::Kind::NegativeInfinity);
    case Part::Kind::Julian:
      return numeric::add(Numeric::of(static_cast<int64_t>(part.value)),
                          numeric::divide(Numeric::of(part.time), Numeric::of(kMicrosecondsPerDay), call.arena()),
                          call.arena());
    case Part::Kind::Value: break;
  }
  return numeric::from_int128(part.value, static_cast<uint16_t>(part.scale), call.arena());
}

std::optional<double> approximate(const Part& part) {
  switch (part.kind) {
    case Part::Kind::Null: return std::nullopt;
    case Part::Kind::PositiveInfinity: return HUGE_VAL;
    case Part::Kind::NegativeInfinity: return -HUGE_VAL;
    case Part::Kind::Julian:
      return static_cast<double>(part.value) + static_cast<double>(part.time) / static_cast<double>(kMicrosecondsPerDay);
    case Part::Kind::Value: break;
  }
  double divisor = part.scale == 6 ? 1e6 : part.scale == 3 ? 1e3 : 1;
  return static_cast<double>(part.value) / divisor;
}

Part of_timestamp(Call&, Text unit, int64_t a) { return timestamp_part(unit, a, oid::kTimestamp, nullptr); }
Part of_timestamptz(Call& c, Text unit, int64_t a) { return timestamp_part(unit, a, oid::kTimestamptz, session_zone(c)); }
Part of_timetz(Text unit, const TimeTz& a) { return time_part(unit, a.microseconds, oid::kTimetz, a.zone); }

constexpr ScalarBinding kBindings[] = {
    {"extract_date", kernel<[](Call& c, Text u, int32_t a) { return exact(c, date_part(u, a)); }>},
    {"extract_timestamp", kernel<[](Call& c, Text u, int64_t a) { return exact(c, of_timestamp(c, u, a)); }>},
    {"extract_timestamptz", kernel<[](Call& c, Text u, int64_t a) { return exact(c, of_timestamptz(c, u, a)); }>},
    {"extract_time", kernel<[](Call& c, Text u, int64_t a) { return exact(c, time_part(u, a, oid::kTime, 0)); }>},
    {"extract_timetz", kernel<[](Call& c, Text u, const TimeTz& a) { return exact(c, of_timetz(u, a)); }>},
    {"extract_interval", kernel<[](Call& c, Text u, const Interval& a) { return exact(c, interval_part(u, a)); }>},
    {"date_part(text,date)",
     kernel<[](Call& c, Text u, int32_t a) { return approximate(of_timestamp(c, u, date_to_timestamp(a))); }>},
    {"timestamp_part", kernel<[](Call& c, Text u, int64_t a) { return approximate(of_timestamp(c, u, a)); }>},
    {"timestamptz_part", kernel<[](Call& c, Text u, int64_t a) { return approximate(of_timestamptz(c, u, a)); }>},
    {"time_part", kernel<[](Text u, int64_t a) { return approximate(time_part(u, a, oid::kTime, 0)); }>},
    {"timetz_part", kernel<[](Text u, const TimeTz& a) { return approximate(of_timetz(u, a)); }>},
    {"interval_part", kernel<[](Text u, const Interval& a) { return approximate(interval_part(u, a)); }>},
};

}  // namespace

std::span<const ScalarBinding> datetime_part_bindings() { return kBindings; }

}  // namespace aegis::functions
