// min, max, and the logical and bitwise aggregates.
#include "aegis/types/array.h"
#include "aegis/types/collation.h"
#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "aegis/types/network.h"
#include "aegis/types/numeric.h"
#include "compare.h"
#include "state.h"
#include "text_order.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

template <typename T>
int order_plain(const T& a, const T& b) {
  return a < b ? -1 : a > b;
}
int order_floats(const float& a, const float& b) { return order_doubles(a, b); }
int order_unsigned(const int64_t& a, const int64_t& b) {
  return order_plain(static_cast<uint64_t>(a), static_cast<uint64_t>(b));
}
int order_addresses(const StringView& a, const StringView& b) {
  return types::compare_addresses(types::read_address(a.view()), types::read_address(b.view()));
}
int order_arrays(const StringView& a, const StringView& b) { return types::compare_arrays(a.view(), b.view()); }

// In the order of the call's collation.
int order_texts(AggregateContext& context, std::string_view a, std::string_view b) {
  const types::Collator* collator = types::collator(context.site.collation, context.types);
  return collator == nullptr ? order_plain(a.compare(b), 0) : collator->compare(a, b);
}
int order_collated(AggregateContext& context, const StringView& a, const StringView& b) { return order_texts(context, a.view(), b.view()); }
int order_collated_padded(AggregateContext& context, const StringView& a, const StringView& b) {
  return order_texts(context, types::trim_trailing_blanks(a.view()), types::trim_trailing_blanks(b.view()));
}

template <typename T>
constexpr types::PhysicalType kPhysical = std::is_same_v<T, StringView> ? types::PhysicalType::String
                                          : std::is_same_v<T, Numeric>  ? types::PhysicalType::Numeric
                                                                        : types::PhysicalType::Bool;

template <typename T, auto Order, int sign>
struct Extreme {
  static constexpr bool kStrict = true;
  T best;
  bool any;
  Extreme() : best(), any(false) {}

  void take(AggregateContext& context, const T& value) {
    if (any && compare(context, value) * sign <= 0) return;
    any = true;
    best = value;
    if constexpr (std::is_same_v<T, StringView> || std::is_same_v<T, Numeric>) {
      std::string_view bytes = types::out_of_line(kPhysical<T>, &value);
      if (!bytes.empty()) types::set_out_of_line(kPhysical<T>, &best, context.arena.copy(bytes));
    }
  }
  int compare(AggregateContext& context, const T& value) const {
    if constexpr (std::is_invocable_v<decltype(Order), AggregateContext&, const T&, const T&>) {
      return Order(context, value, best);
    } else {
      return Order(value, best);
    }
  }
  void step(AggregateContext& context, const VectorView* a, size_t row) { take(context, a[0].at<T>(row)); }
  void merge(AggregateContext& context, const Extreme& other) {
    if (other.any) take(context, other.best);
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    if (!any) return result.set(row, Value::null());
    Value value;
    value.is_null = false;
    std::memcpy(value.slot, &best, sizeof best);
    result.set(row, value);
  }
};

template <bool conjunction>
struct Logical {
  static constexpr bool kStrict = true;
  bool result = conjunction;
  bool any = false;
  void add(bool value) {
    any = true;
    result = conjunction ? result && value : result || value;
  }
  void step(AggregateContext&, const VectorView* a, size_t row) { add(a[0].at<uint8_t>(row) != 0); }
  void merge(AggregateContext&, const Logical& other) {
    if (other.any) add(other.result);
  }
  void finish(AggregateContext&, Vector& out, size_t row) { out.set(row, any ? Value::of_bool(result) : Value::null()); }
};

enum class Bits : uint8_t { And, Or, Xor };

template <typename T, Bits op>
struct Bitwise {
  static constexpr bool kStrict = true;
  T bits = 0;
  bool any = false;
  void add(T value) {
    if (!any) {
      bits = value;
    } else {
      bits = static_cast<T>(op == Bits::And ? bits & value : op == Bits::Or ? bits | value : bits ^ value);
    }
    any = true;
  }
  void step(AggregateContext&, const VectorView* a, size_t row) { add(a[0].at<T>(row)); }
  void merge(AggregateContext&, const Bitwise& other) {
    if (other.any) add(other.bits);
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    if (!any) return result.set(row, Value::null());
    Value value;
    value.is_null = false;
    std::memcpy(value.slot, &bits, sizeof bits);
    result.set(row, value);
  }
};

template <typename T, auto Order>
constexpr const AggregateKernel* kMin = &kAggregate<Extreme<T, Order, -1>>;
template <typename T, auto Order>
constexpr const AggregateKernel* kMax = &kAggregate<Extreme<T, Order, 1>>;

constexpr AggregateBinding kBindings[] = {
    {"min(int2)", kMin<int16_t, order_plain<int16_t>>},
    {"max(int2)", kMax<int16_t, order_plain<int16_t>>},
    {"min(int4)", kMin<int32_t, order_plain<int32_t>>},
    {"max(int4)", kMax<int32_t, order_plain<int32_t>>},
    {"min(int8)", kMin<int64_t, order_plain<int64_t>>},
    {"max(int8)", kMax<int64_t, order_plain<int64_t>>},
    {"min(oid)", kMin<uint32_t, order_plain<uint32_t>>},
    {"max(oid)", kMax<uint32_t, order_plain<uint32_t>>},
    {"min(float4)", kMin<float, order_floats>},
    {"max(float4)", kMax<float, order_floats>},
    {"min(float8)", kMin<double, order_doubles>},
    {"max(float8)", kMax<double, order_doubles>},
    {"min(date)", kMin<int32_t, order_plain<int32_t>>},
    {"max(date)", kMax<int32_t, order_plain<int32_t>>},
    {"min(time)", kMin<int64_t, order_plain<int64_t>>},
    {"max(time)", kMax<int64_t, order_plain<int64_t>>},
    {"min(timetz)", kMin<TimeTz, types::compare_timetz>},
    {"max(timetz)", kMax<TimeTz, types::compare_timetz>},
    {"min(timestamp)", kMin<int64_t, order_plain<int64_t>>},
    {"max(timestamp)", kMax<int64_t, order_plain<int64_t>>},
    {"min(timestamptz)", kMin<int64_t, order_plain<int64_t>>},
    {"max(timestamptz)", kMax<int64_t, order_plain<int64_t>>},
    {"min(interval)", kMin<Interval, types::compare_intervals>},
    {"max(interval)", kMax<Interval, types::compare_intervals>},
    {"min(text)", kMin<StringView, order_strings>},
    {"max(text)", kMax<StringView, order_strings>},
    {"min(bpchar)", kMin<StringView, order_blank_padded>},
    {"max(bpchar)", kMax<StringView, order_blank_padded>},
    {"min(numeric)", kMin<Numeric, numeric::compare>},
    {"max(numeric)", kMax<Numeric, numeric::compare>},
    {"min(anyarray)", kMin<StringView, order_arrays>},
    {"max(anyarray)", kMax<StringView, order_arrays>},
    {"min(money)", kMin<int64_t, order_plain<int64_t>>},
    {"max(money)", kMax<int64_t, order_plain<int64_t>>},
    {"min(inet)", kMin<StringView, order_addresses>},
    {"max(inet)", kMax<StringView, order_addresses>},
    {"min(anyenum)", kMin<int64_t, order_plain<int64_t>>},
    {"max(anyenum)", kMax<int64_t, order_plain<int64_t>>},
    {"min(tid)", kMin<int64_t, order_unsigned>},
    {"max(tid)", kMax<int64_t, order_unsigned>},
    {"min(pg_lsn)", kMin<int64_t, order_unsigned>},
    {"max(pg_lsn)", kMax<int64_t, order_unsigned>},
    {"min(xid8)", kMin<int64_t, order_unsigned>},
    {"max(xid8)", kMax<int64_t, order_unsigned>},
    {"bool_and(bool)", &kAggregate<Logical<true>>},
    {"every(bool)", &kAggregate<Logical<true>>},
    {"bool_or(bool)", &kAggregate<Logical<false>>},
    {"bit_and(int2)", &kAggregate<Bitwise<int16_t, Bits::And>>},
    {"bit_and(int4)", &kAggregate<Bitwise<int32_t, Bits::And>>},
    {"bit_and(int8)", &kAggregate<Bitwise<int64_t, Bits::And>>},
    {"bit_or(int2)", &kAggregate<Bitwise<int16_t, Bits::Or>>},
    {"bit_or(int4)", &kAggregate<Bitwise<int32_t, Bits::Or>>},
    {"bit_or(int8)", &kAggregate<Bitwise<int64_t, Bits::Or>>},
    {"bit_xor(int2)", &kAggregate<Bitwise<int16_t, Bits::Xor>>},
    {"bit_xor(int4)", &kAggregate<Bitwise<int32_t, Bits::Xor>>},
    {"bit_xor(int8)", &kAggregate<Bitwise<int64_t, Bits::Xor>>},
};

}  // namespace

std::span<const AggregateBinding> extreme_bindings() { return kBindings; }

const AggregateKernel* collated_aggregate(const Function& function, Oid collation, const types::TypeContext& types) {
  if (types::orders_by_bytes(collation, types)) return function.aggregate;
  if (function.aggregate == kMin<StringView, order_strings>) return kMin<StringView, order_collated>;
  if (function.aggregate == kMax<StringView, order_strings>) return kMax<StringView, order_collated>;
  if (function.aggregate == kMin<StringView, order_blank_padded>) return kMin<StringView, order_collated_padded>;
  if (function.aggregate == kMax<StringView, order_blank_padded>) return kMax<StringView, order_collated_padded>;
  return function.aggregate;
}

}  // namespace aegis::functions
