// Aggregates with WITHIN GROUP. Arguments are the direct ones, then the aggregated ones; rows come in order.
#include <cmath>

#include "aegis/types/array.h"
#include "aegis/types/datetime.h"
#include "state.h"

namespace aegis::functions {

namespace {

struct Sorted {
  static constexpr bool kStrict = false;
  ArenaList<Value> values;
  Value fraction;
  bool has_fraction = false;

  // Null values do not count; the fraction is the same in every row.
  void step(AggregateContext& context, const VectorView* a, size_t row) {
    if (!has_fraction) {
      fraction = argument_value(context, a[0], row, context.site.arguments[0].oid);
      has_fraction = true;
    }
    if (!a[1].valid(row)) return;
    values.add(argument_value(context, a[1], row, context.site.arguments[1].oid), context.arena);
  }
};

void check_fraction(double fraction) {
  if (std::isnan(fraction) || fraction < 0 || fraction > 1) {
    std::string text;
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "percentile value %g is not between 0 and 1", fraction);
    throw SqlError(Sqlstate::NumericValueOutOfRange, buffer);
  }
}

Value discrete(const Sorted& s, double fraction, Oid) {
  check_fraction(fraction);
  auto position = static_cast<int64_t>(std::ceil(fraction * s.values.size));
  return s.values.items[position <= 1 ? 0 : position - 1];
}

Value interpolated(const Value& low, const Value& high, double share, Oid type) {
  if (type == types::oid::kInterval) {
    Interval difference{high.interval.microseconds - low.interval.microseconds, high.interval.days - low.interval.days,
                        high.interval.months - low.interval.months};
    Interval part = multiply_interval(difference, share);
    return Value::of_interval({low.interval.microseconds + part.microseconds, low.interval.days + part.days,
                               low.interval.months + part.months});
  }
  return Value::of_f64(low.f64 + share * (high.f64 - low.f64));
}

Value continuous(const Sorted& s, double fraction, Oid type) {
  check_fraction(fraction);
  double at = fraction * (s.values.size - 1);
  auto first = static_cast<int64_t>(std::floor(at));
  auto second = static_cast<int64_t>(std::ceil(at));
  if (first == second) return s.values.items[first];
  return interpolated(s.values.items[first], s.values.items[second], at - static_cast<double>(first), type);
}

template <auto percentile>
struct Percentile : Sorted {
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0 || fraction.is_null) return result.set(row, Value::null());
    result.set(row, percentile(*this, fraction.f64, context.site.arguments[1].oid));
  }
};

// An array of fractions gives an array of its shape.
template <auto percentile>
struct Percentiles : Sorted {
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0 || fraction.is_null) return result.set(row, Value::null());
    types::ArrayView fractions(fraction.text());
    Oid type = context.site.arguments[1].oid;
    types::ArrayBuilder builder(type);
    for (size_t i = 0; i < fractions.size(); ++i) {
      Value f = fractions.get(i);
      builder.add(f.is_null ? Value::null() : percentile(*this, f.f64, type));
    }
    std::vector<int32_t> lengths;
    std::vector<int32_t> lowers;
    for (int d = 0; d < fractions.dimensions(); ++d) {
      lengths.push_back(fractions.length(d));
      lowers.push_back(fractions.lower(d));
    }
    if (builder.size() > 0) builder.set_dimensions(std::move(lengths), std::move(lowers));
    result.set(row, builder.value(context.arena));
  }
};

struct Mode {
  static constexpr bool kStrict = true;
  Value best;
  Value current;
  int64_t best_count = 0;
  int64_t current_count = 0;

  void step(AggregateContext& context, const VectorView* a, size_t row) {
    Oid type = context.site.arguments[0].oid;
    Value value = argument_value(context, a[0], row, type);
    const types::TypeInfo& info = types::type_info(type);
    if (current_count > 0 && info.compare(value, current, type) == 0) {
      ++current_count;
    } else {
      current = value;
      current_count = 1;
    }
    if (current_count > best_count) {
      best = current;
      best_count = current_count;
    }
  }
  void finish(AggregateContext&, Vector& result, size_t row) { result.set(row, best_count == 0 ? Value::null() : best); }
};

// Where the direct arguments would stand among the rows.
struct Hypothetical {
  static constexpr bool kStrict = false;
  int64_t rows = 0;
  int64_t before = 0;
  int64_t equal = 0;
  int64_t groups_before = 0;
  ArenaList<Value> last;

  static int order(const AggregateContext& context, size_t i, size_t n, const Value& a, const Value& b) {
    CallSite::Order how = i < context.site.within_group.size() ? context.site.within_group[i] : CallSite::Order();
    if (a.is_null || b.is_null) {
      if (a.is_null == b.is_null) return 0;
      return a.is_null == how.nulls_first ? -1 : 1;
    }
    Oid type = context.site.arguments[n + i].oid;
    int result = types::type_info(type).compare(a, b, type);
    return how.descending ? -result : result;
  }
  void step(AggregateContext& context, const VectorView* a, size_t row) {
    size_t n = context.site.arguments.size() / 2;
    int against_direct = 0;
    int against_last = last.size == 0 ? 1 : 0;
    for (size_t i = 0; i < n; ++i) {
      Oid type = context.site.arguments[n + i].oid;
      Value value = argument_value(context, a[n + i], row, type);
      if (against_direct == 0) {
        against_direct = order(context, i, n, value, argument_value(context, a[i], row, type));
      }
      if (last.size > i && against_last == 0) against_last = order(context, i, n, value, last.items[i]);
      if (last.size > i) {
        last.items[i] = value;
      } else {
        last.add(value, context.arena);
      }
    }
    ++rows;
    before += against_direct < 0;
    equal += against_direct == 0;
    groups_before += against_direct < 0 && against_last != 0;
  }
};

struct HypotheticalRank : Hypothetical {
  void finish(AggregateContext&, Vector& result, size_t row) { result.set(row, Value::of_i64(before + 1)); }
};
struct HypotheticalDenseRank : Hypothetical {
  void finish(AggregateContext&, Vector& result, size_t row) { result.set(row, Value::of_i64(groups_before + 1)); }
};
struct HypotheticalPercentRank : Hypothetical {
  void finish(AggregateContext&, Vector& result, size_t row) {
    result.set(row, Value::of_f64(rows == 0 ? 0 : static_cast<double>(before) / static_cast<double>(rows)));
  }
};
struct HypotheticalCumulative : Hypothetical {
  void finish(AggregateContext&, Vector& result, size_t row) {
    result.set(row, Value::of_f64(static_cast<double>(before + equal + 1) / static_cast<double>(rows + 1)));
  }
};

constexpr AggregateBinding kBindings[] = {
    {"percentile_disc(float8,anyelement)", &kAggregate<Percentile<discrete>>},
    {"percentile_cont(float8,float8)", &kAggregate<Percentile<continuous>>},
    {"percentile_cont(float8,interval)", &kAggregate<Percentile<continuous>>},
    {"percentile_disc(_float8,anyelement)", &kAggregate<Percentiles<discrete>>},
    {"percentile_cont(_float8,float8)", &kAggregate<Percentiles<continuous>>},
    {"percentile_cont(_float8,interval)", &kAggregate<Percentiles<continuous>>},
    {"mode(anyelement)", &kAggregate<Mode>},
    {"rank(any)", &kAggregate<HypotheticalRank>},
    {"dense_rank(any)", &kAggregate<HypotheticalDenseRank>},
    {"percent_rank(any)", &kAggregate<HypotheticalPercentRank>},
    {"cume_dist(any)", &kAggregate<HypotheticalCumulative>},
};

}  // namespace

std::span<const AggregateBinding> ordered_set_bindings() { return kBindings; }

}  // namespace aegis::functions
