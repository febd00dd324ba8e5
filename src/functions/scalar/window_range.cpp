// in_range(value, base, offset, subtract, less): the comparisons behind RANGE frames of windows.
#include <cmath>

#include "aegis/types/datetime.h"
#include "aegis/types/numeric.h"
#include "binding.h"
#include "compare.h"
#include "datetime_zone.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

[[noreturn]] void throw_offset() {
  throw SqlError(Sqlstate::InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function");
}

template <typename V, typename O>
bool integers(V value, V base, O offset, bool subtract, bool less) {
  if (offset < 0) throw_offset();
  __int128 bound = subtract ? __int128{base} - offset : __int128{base} + offset;
  return less ? value <= bound : value >= bound;
}

template <typename V>
bool floats(V value, V base, double offset, bool subtract, bool less) {
  if (std::isnan(offset) || offset < 0) throw_offset();
  if (std::isnan(value)) return std::isnan(base) || !less;
  if (std::isnan(base)) return less;
  if (std::isinf(offset) && std::isinf(base) && (subtract ? base > 0 : base < 0)) return true;
  double bound = subtract ? base - offset : base + offset;
  return less ? value <= bound : value >= bound;
}

bool numerics(Call& call, const Numeric& value, const Numeric& base, const Numeric& offset, bool subtract, bool less) {
  using Kind = Numeric::Kind;
  if (offset.kind == Kind::NaN || numeric::sign(offset) < 0) throw_offset();
  if (value.kind == Kind::NaN) return base.kind == Kind::NaN || !less;
  if (base.kind == Kind::NaN) return less;
  if (offset.kind == Kind::PositiveInfinity &&
      base.kind == (subtract ? Kind::PositiveInfinity : Kind::NegativeInfinity)) {
    return true;
  }
  Numeric bound = subtract ? numeric::subtract(base, offset, call.arena()) : numeric::add(base, offset, call.arena());
  int order = numeric::compare(value, bound);
  return less ? order <= 0 : order >= 0;
}

void check_interval(const Interval& offset) {
  if (types::compare_intervals(offset, {0, 0, 0}) < 0) throw_offset();
}
Interval signed_offset(const Interval& offset, bool subtract) {
  return subtract ? Interval{-offset.microseconds, -offset.days, -offset.months} : offset;
}
bool compared(int64_t value, int64_t bound, bool less) { return less ? value <= bound : value >= bound; }

bool timestamps(int64_t value, int64_t base, const Interval& offset, bool subtract, bool less) {
  check_interval(offset);
  return compared(value, types::add_interval(base, signed_offset(offset, subtract)), less);
}
bool timestamptzs(Call& call, int64_t value, int64_t base, const Interval& offset, bool subtract, bool less) {
  check_interval(offset);
  return compared(value, types::add_interval_tz(base, signed_offset(offset, subtract), session_zone(call)), less);
}
bool dates(int32_t value, int32_t base, const Interval& offset, bool subtract, bool less) {
  return timestamps(types::date_to_timestamp(value), types::date_to_timestamp(base), offset, subtract, less);
}
// Only the time of the offset counts, and there is no wrapping at midnight.
bool times(int64_t value, int64_t base, const Interval& offset, bool subtract, bool less) {
  if (offset.microseconds < 0) throw_offset();
  __int128 bound = subtract ? __int128{base} - offset.microseconds : __int128{base} + offset.microseconds;
  return less ? value <= bound : value >= bound;
}
bool intervals(const Interval& value, const Interval& base, const Interval& offset, bool subtract, bool less) {
  check_interval(offset);
  Interval shift = signed_offset(offset, subtract);
  Interval bound;
  if (__builtin_add_overflow(base.microseconds, shift.microseconds, &bound.microseconds) ||
      __builtin_add_overflow(base.days, shift.days, &bound.days) ||
      __builtin_add_overflow(base.months, shift.months, &bound.months)) {
    types::throw_interval_out_of_range();
  }
  int order = types::compare_intervals(value, bound);
  return less ? order <= 0 : order >= 0;
}
bool timetzs(const TimeTz& value, const TimeTz& base, const Interval& offset, bool subtract, bool less) {
  if (offset.microseconds < 0) throw_offset();
  TimeTz bound = base;
  int64_t shift = subtract ? -offset.microseconds : offset.microseconds;
  if (__builtin_add_overflow(base.microseconds, shift, &bound.microseconds)) return subtract != less;
  int order = types::compare_timetz(value, bound);
  return less ? order <= 0 : order >= 0;
}

constexpr ScalarBinding kBindings[] = {
    {"in_range_int2_int2", kernel<integers<int16_t, int16_t>>},
    {"in_range_int2_int4", kernel<integers<int16_t, int32_t>>},
    {"in_range_int2_int8", kernel<integers<int16_t, int64_t>>},
    {"in_range_int4_int2", kernel<integers<int32_t, int16_t>>},
    {"in_range_int4_int4", kernel<integers<int32_t, int32_t>>},
    {"in_range_int4_int8", kernel<integers<int32_t, int64_t>>},
    {"in_range_int8_int8", kernel<integers<int64_t, int64_t>>},
    {"in_range_float4_float8", kernel<floats<float>>},
    {"in_range_float8_float8", kernel<floats<double>>},
    {"in_range_numeric_numeric", kernel<numerics>},
    {"in_range_date_interval", kernel<dates>},
    {"in_range_timestamp_interval", kernel<timestamps>},
    {"in_range_timestamptz_interval", kernel<timestamptzs>},
    {"in_range_time_interval", kernel<times>},
    {"in_range_timetz_interval", kernel<timetzs>},
    {"in_range_interval_interval", kernel<intervals>},
};

}  // namespace

std::span<const ScalarBinding> window_range_bindings() { return kBindings; }

}  // namespace aegis::functions
