// Ranges: constructors, parts, tests and set operations.
#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "compare.h"
#include "range_set.h"

namespace aegis::functions {

using types::compare_bounds;

bool ranges_overlap(Oid type, const Range& a, const Range& b) {
  if (a.empty || b.empty) return false;
  return compare_bounds(type, a.lower, b.upper) <= 0 && compare_bounds(type, b.lower, a.upper) <= 0;
}

bool range_contains(Oid type, const Range& a, const Range& b) {
  if (b.empty) return true;
  if (a.empty) return false;
  return compare_bounds(type, a.lower, b.lower) <= 0 && compare_bounds(type, a.upper, b.upper) >= 0;
}

bool range_contains_value(Oid type, const Range& range, const Value& value) {
  if (range.empty) return false;
  Oid subtype = types::type_info(type).base;
  const types::TypeInfo& info = types::type_info(subtype);
  if (!range.lower.infinite) {
    int order = info.compare(range.lower.value, value, subtype);
    if (order > 0 || (order == 0 && !range.lower.inclusive)) return false;
  }
  if (!range.upper.infinite) {
    int order = info.compare(range.upper.value, value, subtype);
    if (order < 0 || (order == 0 && !range.upper.inclusive)) return false;
  }
  return true;
}

bool ranges_adjacent(Oid type, const Range& a, const Range& b) {
  if (a.empty || b.empty) return false;
  return types::bounds_adjacent(type, a.upper, b.lower) || types::bounds_adjacent(type, b.upper, a.lower);
}

Range intersect_ranges(Oid type, const Range& a, const Range& b) {
  Range none;
  none.empty = true;
  if (!ranges_overlap(type, a, b)) return none;
  const RangeBound& lower = compare_bounds(type, a.lower, b.lower) >= 0 ? a.lower : b.lower;
  const RangeBound& upper = compare_bounds(type, a.upper, b.upper) <= 0 ? a.upper : b.upper;
  return types::make_range(type, lower, upper);
}

void subtract_range(Oid type, const Range& a, const Range& b, RangeList& out) {
  if (a.empty) return;
  if (!ranges_overlap(type, a, b)) {
    out.push_back(a);
    return;
  }
  if (compare_bounds(type, a.lower, b.lower) < 0) {
    RangeBound upper = b.lower;
    upper.inclusive = !upper.inclusive;
    out.push_back(types::make_range(type, a.lower, upper));
  }
  if (compare_bounds(type, a.upper, b.upper) > 0) {
    RangeBound lower = b.upper;
    lower.inclusive = !lower.inclusive;
    out.push_back(types::make_range(type, lower, a.upper));
  }
}

RangeList intersect_lists(Oid type, const RangeList& a, const RangeList& b) {
  RangeList out;
  for (const Range& x : a) {
    for (const Range& y : b) {
      Range both = intersect_ranges(type, x, y);
      if (!both.empty) out.push_back(both);
    }
  }
  return out;
}

RangeList list_of(const Range& range) { return range.empty ? RangeList() : RangeList{range}; }

namespace {

struct Pair {
  Oid type;
  Range a, b;
};
Pair pair_of(Text a, Text b) {
  Pair pair{types::range_type_of(a), types::read_range(a), types::read_range(b)};
  if (pair.type != types::range_type_of(b)) throw InternalError("range types do not match");
  return pair;
}

Value construct(Call& call, std::span<const Value> row) {
  Oid type = call.result_type();
  RangeBound lower, upper;
  lower.value = row[0];
  lower.infinite = row[0].is_null;
  lower.inclusive = true;
  upper.value = row[1];
  upper.infinite = row[1].is_null;
  if (row.size() > 2) {
    if (row[2].is_null) throw SqlError(Sqlstate::DataException, "range constructor flags argument must not be null");
    Text flags = row[2].text();
    bool valid = flags.size() == 2 && (flags[0] == '[' || flags[0] == '(') && (flags[1] == ']' || flags[1] == ')');
    if (!valid) {
      throw SqlError(Sqlstate::SyntaxError, "invalid range bound flags").hint("Valid values are \"[]\", \"[)\", \"(]\", and \"()\".");
    }
    lower.inclusive = flags[0] == '[';
    upper.inclusive = flags[1] == ']';
  }
  return types::range_value(type, types::make_range(type, lower, upper), call.arena());
}

Value bound_value(Call& call, const Range& range, bool lower) {
  const RangeBound& bound = lower ? range.lower : range.upper;
  if (range.empty || bound.infinite) return Value::null();
  return types::copy_value(types::physical_type(call.result_type()), bound.value, call.arena());
}

Value unite(Call& call, std::span<const Value> row) {
  auto [type, a, b] = pair_of(row[0].text(), row[1].text());
  if (a.empty) return row[1];
  if (b.empty) return row[0];
  if (!ranges_overlap(type, a, b) && !ranges_adjacent(type, a, b)) {
    throw SqlError(Sqlstate::DataException, "result of range union would not be contiguous");
  }
  const RangeBound& lower = compare_bounds(type, a.lower, b.lower) < 0 ? a.lower : b.lower;
  const RangeBound& upper = compare_bounds(type, a.upper, b.upper) > 0 ? a.upper : b.upper;
  return types::range_value(type, types::make_range(type, lower, upper), call.arena());
}
Value merge(Call& call, std::span<const Value> row) {
  auto [type, a, b] = pair_of(row[0].text(), row[1].text());
  if (a.empty) return row[1];
  if (b.empty) return row[0];
  const RangeBound& lower = compare_bounds(type, a.lower, b.lower) < 0 ? a.lower : b.lower;
  const RangeBound& upper = compare_bounds(type, a.upper, b.upper) > 0 ? a.upper : b.upper;
  return types::range_value(type, types::make_range(type, lower, upper), call.arena());
}
Value intersect(Call& call, std::span<const Value> row) {
  auto [type, a, b] = pair_of(row[0].text(), row[1].text());
  return types::range_value(type, intersect_ranges(type, a, b), call.arena());
}
Value subtract(Call& call, std::span<const Value> row) {
  auto [type, a, b] = pair_of(row[0].text(), row[1].text());
  if (a.empty || b.empty) return row[0];
  RangeList left;
  subtract_range(type, a, b, left);
  if (left.size() > 1) throw SqlError(Sqlstate::DataException, "result of range difference would not be contiguous");
  Range none;
  none.empty = true;
  return types::range_value(type, left.empty() ? none : left[0], call.arena());
}

int order(const StringView& x, const StringView& y) {
  auto [type, a, b] = pair_of(x.view(), y.view());
  return types::compare_ranges(type, a, b);
}
using Order = Ordered<order, StringView>;

template <auto Test>
bool tested(Text x, Text y) {
  auto [type, a, b] = pair_of(x, y);
  return Test(type, a, b);
}
bool before(Oid type, const Range& a, const Range& b) { return !a.empty && !b.empty && compare_bounds(type, a.upper, b.lower) < 0; }
bool after(Oid type, const Range& a, const Range& b) { return !a.empty && !b.empty && compare_bounds(type, a.lower, b.upper) > 0; }
bool overleft(Oid type, const Range& a, const Range& b) { return !a.empty && !b.empty && compare_bounds(type, a.upper, b.upper) <= 0; }
bool overright(Oid type, const Range& a, const Range& b) { return !a.empty && !b.empty && compare_bounds(type, a.lower, b.lower) >= 0; }
bool contained(Oid type, const Range& a, const Range& b) { return range_contains(type, b, a); }

constexpr ScalarBinding kBindings[] = {
    {"range_constructor2", value_kernel<construct>},
    {"range_constructor3", value_kernel<construct>},
    {"range_lower", strict_value_kernel<[](Call& c, std::span<const Value> row) { return bound_value(c, types::read_range(row[0].text()), true); }>},
    {"range_upper", strict_value_kernel<[](Call& c, std::span<const Value> row) { return bound_value(c, types::read_range(row[0].text()), false); }>},
    {"range_empty", kernel<[](Text a) { return types::read_range(a).empty; }>},
    {"range_lower_inc", kernel<[](Text a) { return types::read_range(a).lower.inclusive; }>},
    {"range_upper_inc", kernel<[](Text a) { return types::read_range(a).upper.inclusive; }>},
    {"range_lower_inf", kernel<[](Text a) {
       Range range = types::read_range(a);
       return !range.empty && range.lower.infinite;
     }>},
    {"range_upper_inf", kernel<[](Text a) {
       Range range = types::read_range(a);
       return !range.empty && range.upper.infinite;
     }>},
    {"range_eq", kernel<Order::equal>},
    {"range_ne", kernel<Order::unequal>},
    {"range_lt", kernel<Order::less>},
    {"range_le", kernel<Order::less_or_equal>},
    {"range_gt", kernel<Order::greater>},
    {"range_ge", kernel<Order::greater_or_equal>},
    {"range_cmp", kernel<Order::order>},
    {"range_overlaps", kernel<tested<ranges_overlap>>},
    {"range_contains", kernel<tested<range_contains>>},
    {"range_contained_by", kernel<tested<contained>>},
    {"range_adjacent", kernel<tested<ranges_adjacent>>},
    {"range_before", kernel<tested<before>>},
    {"range_after", kernel<tested<after>>},
    {"range_overleft", kernel<tested<overleft>>},
    {"range_overright", kernel<tested<overright>>},
    {"range_contains_elem", strict_value_kernel<[](Call&, std::span<const Value> row) {
       return Value::of_bool(range_contains_value(types::range_type_of(row[0].text()), types::read_range(row[0].text()), row[1]));
     }>},
    {"elem_contained_by_range", strict_value_kernel<[](Call&, std::span<const Value> row) {
       return Value::of_bool(range_contains_value(types::range_type_of(row[1].text()), types::read_range(row[1].text()), row[0]));
     }>},
    {"range_union", strict_value_kernel<unite>},
    {"range_merge", strict_value_kernel<merge>},
    {"range_intersect", strict_value_kernel<intersect>},
    {"range_minus", strict_value_kernel<subtract>},
    {"int4range_canonical", kernel<[](Text a) { return a; }>},
    {"int8range_canonical", kernel<[](Text a) { return a; }>},
    {"daterange_canonical", kernel<[](Text a) { return a; }>},
    {"int4range_subdiff", kernel<[](int32_t a, int32_t b) { return static_cast<double>(a) - b; }>},
    {"int8range_subdiff", kernel<[](int64_t a, int64_t b) { return static_cast<double>(a) - static_cast<double>(b); }>},
    {"daterange_subdiff", kernel<[](int32_t a, int32_t b) { return static_cast<double>(a) - b; }>},
    {"tsrange_subdiff", kernel<[](int64_t a, int64_t b) { return static_cast<double>(a - b) / 1000000.0; }>},
    {"tstzrange_subdiff", kernel<[](int64_t a, int64_t b) { return static_cast<double>(a - b) / 1000000.0; }>},
};

}  // namespace

std::span<const ScalarBinding> range_bindings() { return kBindings; }

}  // namespace aegis::functions
