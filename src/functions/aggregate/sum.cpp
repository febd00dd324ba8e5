// count, sum and avg.
#include <cmath>

#include "aegis/types/datetime.h"
#include "aegis/types/numeric.h"
#include "state.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

struct Count {
  static constexpr bool kStrict = true;
  int64_t count = 0;
  void step(AggregateContext&, const VectorView*, size_t) { ++count; }
  void merge(AggregateContext&, const Count& other) { count += other.count; }
  void finish(AggregateContext&, Vector& result, size_t row) { result.set(row, Value::of_i64(count)); }
};

// sum(int2), sum(int4): a bigint.
template <typename T>
struct IntegerSum {
  static constexpr bool kStrict = true;
  int64_t sum = 0;
  bool any = false;
  void step(AggregateContext&, const VectorView* a, size_t row) { add(a[0].at<T>(row)); }
  void add(int64_t value) {
    if (__builtin_add_overflow(sum, value, &sum)) throw_out_of_range("bigint");
    any = true;
  }
  void merge(AggregateContext&, const IntegerSum& other) {
    if (other.any) add(other.sum);
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    result.set(row, any ? Value::of_i64(sum) : Value::null());
  }
};

// Integers summed in 128 bits: sum(int8), avg of integers.
template <typename T, bool average>
struct WideSum {
  static constexpr bool kStrict = true;
  __int128 sum = 0;
  int64_t count = 0;
  void step(AggregateContext&, const VectorView* a, size_t row) {
    sum += a[0].at<T>(row);
    ++count;
  }
  void merge(AggregateContext&, const WideSum& other) {
    sum += other.sum;
    count += other.count;
  }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (count == 0) return result.set(row, Value::null());
    Numeric total = numeric::from_int128(sum, 0, context.arena);
    if (average) total = numeric::divide(total, Numeric::of(count), context.arena);
    result.set(row, Value::of_numeric(total));
  }
};

template <bool average>
struct NumericSum {
  static constexpr bool kStrict = true;
  numeric::Sum sum;
  NumericSum() { sum.init(); }
  void step(AggregateContext& context, const VectorView* a, size_t row) { sum.add(a[0].at<Numeric>(row), context.arena); }
  void merge(AggregateContext& context, const NumericSum& other) { sum.merge(other.sum, context.arena); }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (sum.count == 0) return result.set(row, Value::null());
    result.set(row, Value::of_numeric(average ? sum.average(context.arena) : sum.total(context.arena)));
  }
};

[[noreturn]] void throw_overflow() {
  throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: overflow");
}

template <typename T>
struct FloatSum {
  static constexpr bool kStrict = true;
  T sum = 0;
  bool any = false;
  void step(AggregateContext&, const VectorView* a, size_t row) { add(a[0].at<T>(row)); }
  void add(T value) {
    T before = sum;
    sum = any ? sum + value : value;
    any = true;
    if (__builtin_expect(std::isinf(sum), 0) && !std::isinf(value) && !std::isinf(before)) throw_overflow();
  }
  void merge(AggregateContext&, const FloatSum& other) {
    if (other.any) add(other.sum);
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    if (!any) return result.set(row, Value::null());
    if constexpr (sizeof(T) == 4) {
      result.set(row, Value::of_f32(sum));
    } else {
      result.set(row, Value::of_f64(sum));
    }
  }
};

template <typename T>
struct FloatAverage {
  static constexpr bool kStrict = true;
  double sum = 0;
  double count = 0;
  void step(AggregateContext&, const VectorView* a, size_t row) { add(a[0].at<T>(row), 1); }
  void add(double value, double values) {
    double before = sum;
    sum += value;
    count += values;
    if (__builtin_expect(std::isinf(sum), 0) && !std::isinf(value) && !std::isinf(before)) throw_overflow();
  }
  void merge(AggregateContext&, const FloatAverage& other) { add(other.sum, other.count); }
  void finish(AggregateContext&, Vector& result, size_t row) {
    result.set(row, count == 0 ? Value::null() : Value::of_f64(sum / count));
  }
};

template <bool average>
struct IntervalSum {
  static constexpr bool kStrict = true;
  Interval sum{0, 0, 0};
  int64_t count = 0;
  void step(AggregateContext&, const VectorView* a, size_t row) { add(a[0].at<Interval>(row), 1); }
  void add(const Interval& value, int64_t values) {
    if (__builtin_add_overflow(sum.microseconds, value.microseconds, &sum.microseconds) ||
        __builtin_add_overflow(sum.days, value.days, &sum.days) ||
        __builtin_add_overflow(sum.months, value.months, &sum.months)) {
      types::throw_interval_out_of_range();
    }
    count += values;
  }
  void merge(AggregateContext&, const IntervalSum& other) { add(other.sum, other.count); }
  void finish(AggregateContext&, Vector& result, size_t row) {
    if (count == 0) return result.set(row, Value::null());
    result.set(row, Value::of_interval(average ? divide_interval(sum, static_cast<double>(count)) : sum));
  }
};

struct MoneySum {
  static constexpr bool kStrict = true;
  int64_t total = 0;
  bool any = false;

  void add(int64_t cents) {
    if (__builtin_add_overflow(total, cents, &total)) throw_out_of_range("money");
    any = true;
  }
  void step(AggregateContext&, const VectorView* a, size_t row) { add(a[0].at<int64_t>(row)); }
  void merge(AggregateContext&, const MoneySum& other) {
    if (other.any) add(other.total);
  }
  void finish(AggregateContext&, Vector& result, size_t row) { result.set(row, any ? Value::of_i64(total) : Value::null()); }
};

constexpr AggregateBinding kBindings[] = {
    {"count()", &kAggregate<Count>},
    {"count(any)", &kAggregate<Count>},
    {"regr_count(float8,float8)", &kAggregate<Count>},
    {"sum(int2)", &kAggregate<IntegerSum<int16_t>>},
    {"sum(int4)", &kAggregate<IntegerSum<int32_t>>},
    {"sum(int8)", &kAggregate<WideSum<int64_t, false>>},
    {"sum(float4)", &kAggregate<FloatSum<float>>},
    {"sum(float8)", &kAggregate<FloatSum<double>>},
    {"sum(numeric)", &kAggregate<NumericSum<false>>},
    {"sum(money)", &kAggregate<MoneySum>},
    {"sum(interval)", &kAggregate<IntervalSum<false>>},
    {"avg(int2)", &kAggregate<WideSum<int16_t, true>>},
    {"avg(int4)", &kAggregate<WideSum<int32_t, true>>},
    {"avg(int8)", &kAggregate<WideSum<int64_t, true>>},
    {"avg(float4)", &kAggregate<FloatAverage<float>>},
    {"avg(float8)", &kAggregate<FloatAverage<double>>},
    {"avg(numeric)", &kAggregate<NumericSum<true>>},
    {"avg(interval)", &kAggregate<IntervalSum<true>>},
};

}  // namespace

std::span<const AggregateBinding> sum_bindings() { return kBindings; }

}  // namespace aegis::functions
