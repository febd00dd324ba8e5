// Variance, deviation and regression: exact for integers and numeric, by Youngs and Cramer's updates for floats.
#include <cmath>

#include "aegis/types/numeric.h"
#include "state.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

enum class Statistic : uint8_t { VariancePopulation, VarianceSample, DeviationPopulation, DeviationSample };
constexpr bool is_sample(Statistic s) { return s == Statistic::VarianceSample || s == Statistic::DeviationSample; }
constexpr bool is_deviation(Statistic s) {
  return s == Statistic::DeviationPopulation || s == Statistic::DeviationSample;
}

[[noreturn]] void throw_overflow() {
  throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: overflow");
}

template <typename T, Statistic statistic>
struct FloatVariance {
  static constexpr bool kStrict = true;
  double n = 0, sum = 0, squares = 0;

  void step(AggregateContext&, const VectorView* a, size_t row) {
    double value = a[0].at<T>(row);
    double before_n = n;
    double before_sum = sum;
    n += 1;
    sum += value;
    if (before_n > 0) {
      double difference = value * n - sum;
      squares += difference * difference / (n * before_n);
      if (std::isinf(sum) || std::isinf(squares)) {
        if (!std::isinf(before_sum) && !std::isinf(value)) throw_overflow();
        squares = std::nan("");
      }
    } else if (std::isnan(value) || std::isinf(value)) {
      squares = std::nan("");
    }
  }
  void merge(AggregateContext&, const FloatVariance& other) {
    if (other.n == 0) return;
    if (n == 0) {
      *this = other;
      return;
    }
    double total = n + other.n;
    double difference = sum / n - other.sum / other.n;
    double both = squares + other.squares + n * other.n * difference * difference / total;
    sum += other.sum;
    if (std::isinf(both) && !std::isinf(squares) && !std::isinf(other.squares)) throw_overflow();
    squares = both;
    n = total;
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    double divisor = is_sample(statistic) ? n - 1 : n;
    if (divisor <= 0) return result.set(row, Value::null());
    double variance = squares / divisor;
    result.set(row, Value::of_f64(is_deviation(statistic) ? std::sqrt(variance) : variance));
  }
};

template <typename T, Statistic statistic>
struct ExactVariance {
  static constexpr bool kStrict = true;
  numeric::Sum sum;
  numeric::Sum squares;
  ExactVariance() {
    sum.init();
    squares.init();
  }
  void step(AggregateContext& context, const VectorView* a, size_t row) {
    Numeric value;
    if constexpr (std::is_same_v<T, Numeric>) {
      value = a[0].at<Numeric>(row);
    } else {
      value = Numeric::of(a[0].at<T>(row));
    }
    sum.add(value, context.arena);
    squares.add(value.is_finite() ? numeric::multiply(value, value, context.arena) : value, context.arena);
  }
  void merge(AggregateContext& context, const ExactVariance& other) {
    sum.merge(other.sum, context.arena);
    squares.merge(other.squares, context.arena);
  }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    Arena& arena = context.arena;
    int64_t count = sum.count;
    if (count == 0 || (is_sample(statistic) && count <= 1)) return result.set(row, Value::null());
    Numeric total = sum.total(arena);
    if (!total.is_finite()) return result.set(row, Value::of_numeric(numeric::special(Numeric::Kind::NaN)));
    Numeric n = Numeric::of(count);
    Numeric numerator = numeric::subtract(numeric::multiply(n, squares.total(arena), arena),
                                          numeric::multiply(total, total, arena), arena);
    if (numeric::sign(numerator) <= 0) return result.set(row, Value::of_numeric(Numeric::of(0)));
    Numeric divisor = numeric::multiply(n, Numeric::of(is_sample(statistic) ? count - 1 : count), arena);
    Numeric variance = numeric::divide(numerator, divisor, arena);
    if (is_deviation(statistic)) variance = numeric::sqrt_at(variance, variance.scale, arena);
    result.set(row, Value::of_numeric(variance));
  }
};

// Arguments are (Y, X).
struct Moments {
  double n = 0, sx = 0, sxx = 0, sy = 0, syy = 0, sxy = 0;

  void add(double y, double x) {
    double before = n;
    double before_sx = sx;
    double before_sy = sy;
    n += 1;
    sx += x;
    sy += y;
    if (before > 0) {
      double dx = x * n - sx;
      double dy = y * n - sy;
      double scale = 1.0 / (n * before);
      sxx += dx * dx * scale;
      syy += dy * dy * scale;
      sxy += dx * dy * scale;
      if (std::isinf(sx) || std::isinf(sxx) || std::isinf(sy) || std::isinf(syy) || std::isinf(sxy)) {
        bool x_overflow = (std::isinf(sx) || std::isinf(sxx)) && !std::isinf(before_sx) && !std::isinf(x);
        bool y_overflow = (std::isinf(sy) || std::isinf(syy)) && !std::isinf(before_sy) && !std::isinf(y);
        bool xy_overflow = std::isinf(sxy) && !std::isinf(before_sx) && !std::isinf(x) && !std::isinf(before_sy) && !std::isinf(y);
        if (x_overflow || y_overflow || xy_overflow) throw_overflow();
        if (std::isinf(sxx)) sxx = std::nan("");
        if (std::isinf(syy)) syy = std::nan("");
        if (std::isinf(sxy)) sxy = std::nan("");
      }
    } else {
      if (std::isnan(x) || std::isinf(x)) sxx = sxy = std::nan("");
      if (std::isnan(y) || std::isinf(y)) syy = sxy = std::nan("");
    }
  }
  void merge(const Moments& o) {
    if (o.n == 0) return;
    if (n == 0) {
      *this = o;
      return;
    }
    double total = n + o.n;
    double dx = sx / n - o.sx / o.n;
    double dy = sy / n - o.sy / o.n;
    sxx += o.sxx + n * o.n * dx * dx / total;
    syy += o.syy + n * o.n * dy * dy / total;
    sxy += o.sxy + n * o.n * dx * dy / total;
    sx += o.sx;
    sy += o.sy;
    n = total;
  }
};

using Moment = std::optional<double> (*)(const Moments&);

template <Moment result_of>
struct Regression {
  static constexpr bool kStrict = true;
  Moments moments;
  void step(AggregateContext&, const VectorView* a, size_t row) { moments.add(a[0].at<double>(row), a[1].at<double>(row)); }
  void merge(AggregateContext&, const Regression& other) { moments.merge(other.moments); }
  void finish(AggregateContext&, Vector& result, size_t row) {
    std::optional<double> value = moments.n < 1 ? std::nullopt : result_of(moments);
    result.set(row, value ? Value::of_f64(*value) : Value::null());
  }
};

using Result = std::optional<double>;
Result correlation(const Moments& m) {
  if (m.sxx == 0 || m.syy == 0) return std::nullopt;
  return m.sxy / std::sqrt(m.sxx * m.syy);
}
Result determination(const Moments& m) {
  if (m.sxx == 0) return std::nullopt;
  if (m.syy == 0) return 1.0;
  return (m.sxy * m.sxy) / (m.sxx * m.syy);
}
Result slope(const Moments& m) { return m.sxx == 0 ? std::nullopt : Result(m.sxy / m.sxx); }
Result intercept(const Moments& m) { return m.sxx == 0 ? std::nullopt : Result((m.sy - m.sx * m.sxy / m.sxx) / m.n); }
Result covariance_sample(const Moments& m) { return m.n < 2 ? std::nullopt : Result(m.sxy / (m.n - 1)); }
Result covariance_population(const Moments& m) { return m.sxy / m.n; }
Result average_x(const Moments& m) { return m.sx / m.n; }
Result average_y(const Moments& m) { return m.sy / m.n; }
Result squares_x(const Moments& m) { return m.sxx; }
Result squares_y(const Moments& m) { return m.syy; }
Result products(const Moments& m) { return m.sxy; }

constexpr AggregateBinding kBindings[] = {
    {"var_pop(int2)", &kAggregate<ExactVariance<int16_t, Statistic::VariancePopulation>>},
    {"var_pop(int4)", &kAggregate<ExactVariance<int32_t, Statistic::VariancePopulation>>},
    {"var_pop(int8)", &kAggregate<ExactVariance<int64_t, Statistic::VariancePopulation>>},
    {"var_pop(numeric)", &kAggregate<ExactVariance<Numeric, Statistic::VariancePopulation>>},
    {"var_pop(float4)", &kAggregate<FloatVariance<float, Statistic::VariancePopulation>>},
    {"var_pop(float8)", &kAggregate<FloatVariance<double, Statistic::VariancePopulation>>},
    {"var_samp(int2)", &kAggregate<ExactVariance<int16_t, Statistic::VarianceSample>>},
    {"var_samp(int4)", &kAggregate<ExactVariance<int32_t, Statistic::VarianceSample>>},
    {"var_samp(int8)", &kAggregate<ExactVariance<int64_t, Statistic::VarianceSample>>},
    {"var_samp(numeric)", &kAggregate<ExactVariance<Numeric, Statistic::VarianceSample>>},
    {"var_samp(float4)", &kAggregate<FloatVariance<float, Statistic::VarianceSample>>},
    {"var_samp(float8)", &kAggregate<FloatVariance<double, Statistic::VarianceSample>>},
    {"variance(int2)", &kAggregate<ExactVariance<int16_t, Statistic::VarianceSample>>},
    {"variance(int4)", &kAggregate<ExactVariance<int32_t, Statistic::VarianceSample>>},
    {"variance(int8)", &kAggregate<ExactVariance<int64_t, Statistic::VarianceSample>>},
    {"variance(numeric)", &kAggregate<ExactVariance<Numeric, Statistic::VarianceSample>>},
    {"variance(float4)", &kAggregate<FloatVariance<float, Statistic::VarianceSample>>},
    {"variance(float8)", &kAggregate<FloatVariance<double, Statistic::VarianceSample>>},
    {"stddev_pop(int2)", &kAggregate<ExactVariance<int16_t, Statistic::DeviationPopulation>>},
    {"stddev_pop(int4)", &kAggregate<ExactVariance<int32_t, Statistic::DeviationPopulation>>},
    {"stddev_pop(int8)", &kAggregate<ExactVariance<int64_t, Statistic::DeviationPopulation>>},
    {"stddev_pop(numeric)", &kAggregate<ExactVariance<Numeric, Statistic::DeviationPopulation>>},
    {"stddev_pop(float4)", &kAggregate<FloatVariance<float, Statistic::DeviationPopulation>>},
    {"stddev_pop(float8)", &kAggregate<FloatVariance<double, Statistic::DeviationPopulation>>},
    {"stddev_samp(int2)", &kAggregate<ExactVariance<int16_t, Statistic::DeviationSample>>},
    {"stddev_samp(int4)", &kAggregate<ExactVariance<int32_t, Statistic::DeviationSample>>},
    {"stddev_samp(int8)", &kAggregate<ExactVariance<int64_t, Statistic::DeviationSample>>},
    {"stddev_samp(numeric)", &kAggregate<ExactVariance<Numeric, Statistic::DeviationSample>>},
    {"stddev_samp(float4)", &kAggregate<FloatVariance<float, Statistic::DeviationSample>>},
    {"stddev_samp(float8)", &kAggregate<FloatVariance<double, Statistic::DeviationSample>>},
    {"stddev(int2)", &kAggregate<ExactVariance<int16_t, Statistic::DeviationSample>>},
    {"stddev(int4)", &kAggregate<ExactVariance<int32_t, Statistic::DeviationSample>>},
    {"stddev(int8)", &kAggregate<ExactVariance<int64_t, Statistic::DeviationSample>>},
    {"stddev(numeric)", &kAggregate<ExactVariance<Numeric, Statistic::DeviationSample>>},
    {"stddev(float4)", &kAggregate<FloatVariance<float, Statistic::DeviationSample>>},
    {"stddev(float8)", &kAggregate<FloatVariance<double, Statistic::DeviationSample>>},
    {"corr(float8,float8)", &kAggregate<Regression<correlation>>},
    {"regr_r2(float8,float8)", &kAggregate<Regression<determination>>},
    {"regr_slope(float8,float8)", &kAggregate<Regression<slope>>},
    {"regr_intercept(float8,float8)", &kAggregate<Regression<intercept>>},
    {"covar_samp(float8,float8)", &kAggregate<Regression<covariance_sample>>},
    {"covar_pop(float8,float8)", &kAggregate<Regression<covariance_population>>},
    {"regr_avgx(float8,float8)", &kAggregate<Regression<average_x>>},
    {"regr_avgy(float8,float8)", &kAggregate<Regression<average_y>>},
    {"regr_sxx(float8,float8)", &kAggregate<Regression<squares_x>>},
    {"regr_syy(float8,float8)", &kAggregate<Regression<squares_y>>},
    {"regr_sxy(float8,float8)", &kAggregate<Regression<products>>},
};

}  // namespace

std::span<const AggregateBinding> statistics_bindings() { return kBindings; }

}  // namespace aegis::functions
