// btree_gist: distances of values that have an order.
#include <cmath>

#include "aegis/types/datetime.h"
#include "call.h"
#include "extension/bindings.h"

namespace aegis::functions {
namespace {

template <typename T>
T distance(T a, T b, const char* type) {
  T result;
  if (__builtin_sub_overflow(a, b, &result) || result == std::numeric_limits<T>::min()) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, std::string(type) + " out of range");
  }
  return static_cast<T>(result < 0 ? -result : result);
}

template <typename T>
T float_distance(T a, T b) {
  T result = a - b;
  if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: overflow");
  return std::fabs(result);
}

Interval absolute(Interval v) {
  __int128 days = __int128{v.months} * 30 + v.days;
  bool negative = days * 86400000000 + v.microseconds < 0;
  return negative ? Interval{-v.microseconds, -v.days, -v.months} : v;
}

Interval interval_distance(Interval a, Interval b) { return absolute({a.microseconds - b.microseconds, a.days - b.days, a.months - b.months}); }
Interval time_distance(int64_t a, int64_t b) { return {a < b ? b - a : a - b, 0, 0}; }

bool is_finite(int64_t timestamp) { return timestamp != std::numeric_limits<int64_t>::min() && timestamp != std::numeric_limits<int64_t>::max(); }
Interval timestamp_distance(int64_t a, int64_t b) {
  if (!is_finite(a) || !is_finite(b)) return {std::numeric_limits<int64_t>::max(), std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::max()};
  int64_t difference = distance(a, b, "interval");
  constexpr int64_t kDay = 86400000000;
  return {difference % kDay, static_cast<int32_t>(difference / kDay), 0};
}

[[noreturn]] bool not_called() { throw SqlError(Sqlstate::FeatureNotSupported, "a support function of an index cannot be called"); }

constexpr ScalarBinding kBindings[] = {
    {"btree_scalar", kernel<not_called>},
    {"gist_cash_dist", kernel<[](int64_t a, int64_t b) { return distance(a, b, "money"); }>},
    {"gist_date_dist", kernel<[](int32_t a, int32_t b) { return a < b ? b - a : a - b; }>},
    {"gist_float4_dist", kernel<float_distance<float>>},
    {"gist_float8_dist", kernel<float_distance<double>>},
    {"gist_int2_dist", kernel<[](int16_t a, int16_t b) { return distance(a, b, "smallint"); }>},
    {"gist_int4_dist", kernel<[](int32_t a, int32_t b) { return distance(a, b, "integer"); }>},
    {"gist_int8_dist", kernel<[](int64_t a, int64_t b) { return distance(a, b, "bigint"); }>},
    {"gist_interval_dist", kernel<interval_distance>},
    {"gist_oid_dist", kernel<[](uint32_t a, uint32_t b) { return a < b ? b - a : a - b; }>},
    {"gist_time_dist", kernel<time_distance>},
    {"gist_ts_dist", kernel<timestamp_distance>},
    {"gist_tstz_dist", kernel<timestamp_distance>},
};

}  // namespace

std::span<const ScalarBinding> btree_gist_bindings() { return kBindings; }

}  // namespace aegis::functions
