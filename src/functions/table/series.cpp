// generate_series() and generate_subscripts().
#include <cstdlib>

#include "aegis/types/array.h"
#include "aegis/types/datetime.h"
#include "aegis/types/numeric.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

[[noreturn]] void throw_zero_step() {
  throw SqlError(Sqlstate::InvalidParameterValue, "step size cannot equal zero");
}

bool any_null(std::span<const Value> arguments) {
  for (const Value& value : arguments) {
    if (value.is_null) return true;
  }
  return false;
}

template <typename T>
class IntegerSeries : public SetScan {
 public:
  IntegerSeries(T first, T last, T step, Services& services) : next_(first), last_(last), step_(step), services_(services) {}

  bool next(Chunk& out) override {
    services_.check_interrupts();
    T* slots = out.column(0).start<T>();
    size_t count = 0;
    size_t limit = vector::chunk_rows();
    while (!done_ && count < limit && (step_ > 0 ? next_ <= last_ : next_ >= last_)) {
      slots[count++] = next_;
      done_ = __builtin_add_overflow(next_, step_, &next_);
    }
    out.set_size(count);
    return count > 0;
  }

 private:
  T next_, last_, step_;
  Services& services_;
  bool done_ = false;
};

template <typename T>
T get(const Value& value) {
  if constexpr (sizeof(T) == 4) return value.i32;
  return static_cast<T>(value.i64);
}

template <typename T>
std::unique_ptr<SetScan> integer_series(CallContext& context, std::span<const Value> arguments) {
  if (any_null(arguments)) return nullptr;
  T step = arguments.size() > 2 ? get<T>(arguments[2]) : T{1};
  if (step == 0) throw_zero_step();
  return std::make_unique<IntegerSeries<T>>(get<T>(arguments[0]), get<T>(arguments[1]), step, context.services);
}

class NumericSeries : public SetScan {
 public:
  NumericSeries(const Numeric& first, const Numeric& last, const Numeric& step, Services& services)
      : services_(services), last_(last), step_(step) {
    next_ = keep(first, current_);
  }

  bool next(Chunk& out) override {
    services_.check_interrupts();
    Vector& column = out.column(0);
    column.reset();
    size_t count = 0;
    while (count < vector::chunk_rows()) {
      int order = numeric::compare(next_, last_);
      if (numeric::sign(step_) > 0 ? order > 0 : order < 0) break;
      column.set(count++, Value::of_numeric(next_));
      Arena sum_arena(64);
      Numeric sum = numeric::add(next_, step_, sum_arena);
      Arena kept(64);
      next_ = keep(sum, kept);
      current_ = std::move(kept);
    }
    out.set_size(count);
    return count > 0;
  }

 private:
  static Numeric keep(const Numeric& value, Arena& arena) {
    return types::copy_value(types::PhysicalType::Numeric, Value::of_numeric(value), arena).numeric;
  }
  Services& services_;
  Numeric next_, last_, step_;
  Arena current_{64};
};

std::unique_ptr<SetScan> numeric_series(CallContext& context, std::span<const Value> arguments) {
  if (any_null(arguments)) return nullptr;
  static constexpr const char* kNames[] = {"start", "stop", "step size"};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Numeric& n = arguments[i].numeric;
    if (n.is_finite()) continue;
    throw SqlError(Sqlstate::InvalidParameterValue, std::string(kNames[i]) + " value cannot be " +
                                                        (n.kind == Numeric::Kind::NaN ? "NaN" : "infinity"));
  }
  Numeric step = arguments.size() > 2 ? arguments[2].numeric : Numeric::of(1);
  if (numeric::is_zero(step)) throw_zero_step();
  return std::make_unique<NumericSeries>(arguments[0].numeric, arguments[1].numeric, step, context.services);
}

class TimestampSeries : public SetScan {
 public:
  TimestampSeries(int64_t first, int64_t last, const types::Interval& step, const types::TimeZone* zone, bool with_zone,
                  Services& services)
      : next_(first), last_(last), step_(step), zone_(zone), with_zone_(with_zone), services_(services),
        ascending_(types::compare_intervals(step, {0, 0, 0}) > 0) {}

  bool next(Chunk& out) override {
    services_.check_interrupts();
    auto* slots = out.column(0).start<int64_t>();
    size_t count = 0;
    while (count < vector::chunk_rows() && (ascending_ ? next_ <= last_ : next_ >= last_)) {
      slots[count++] = next_;
      next_ = with_zone_ ? types::add_interval_tz(next_, step_, zone_) : types::add_interval(next_, step_);
    }
    out.set_size(count);
    return count > 0;
  }

 private:
  int64_t next_, last_;
  types::Interval step_;
  const types::TimeZone* zone_;
  bool with_zone_;
  Services& services_;
  bool ascending_;
};

template <bool with_zone>
std::unique_ptr<SetScan> timestamp_series(CallContext& context, std::span<const Value> arguments) {
  if (any_null(arguments)) return nullptr;
  if (types::compare_intervals(arguments[2].interval, {0, 0, 0}) == 0) throw_zero_step();
  return std::make_unique<TimestampSeries>(arguments[0].i64, arguments[1].i64, arguments[2].interval,
                                           context.types.time_zone, with_zone, context.services);
}

// Index values of one dimension, backwards when the third argument says so.
std::unique_ptr<SetScan> subscripts(CallContext& context, std::span<const Value> arguments) {
  if (any_null(arguments)) return nullptr;
  types::ArrayView array(arguments[0].text());
  int32_t dimension = arguments[1].i32;
  if (dimension < 1 || dimension > array.dimensions()) return nullptr;
  int32_t lower = array.lower(dimension - 1);
  int32_t upper = lower + array.length(dimension - 1) - 1;
  bool reverse = arguments.size() > 2 && arguments[2].boolean;
  return std::make_unique<IntegerSeries<int32_t>>(reverse ? upper : lower, reverse ? lower : upper, reverse ? -1 : 1,
                                                  context.services);
}

constexpr SetBinding kBindings[] = {
    {"generate_series_int4", integer_series<int32_t>},
    {"generate_series_step_int4", integer_series<int32_t>},
    {"generate_series_int8", integer_series<int64_t>},
    {"generate_series_step_int8", integer_series<int64_t>},
    {"generate_series_numeric", numeric_series},
    {"generate_series_step_numeric", numeric_series},
    {"generate_series_timestamp", timestamp_series<false>},
    {"generate_series_timestamptz", timestamp_series<true>},
    {"generate_subscripts", subscripts},
    {"generate_subscripts_nodir", subscripts},
};

}  // namespace

std::span<const SetBinding> series_bindings() { return kBindings; }

}  // namespace aegis::functions
