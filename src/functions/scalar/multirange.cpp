// Multiranges, and operators between them and ranges.
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "compare.h"
#include "range_set.h"

namespace aegis::functions {

using types::compare_bounds;

namespace {

// A range or a multirange with the type of its ranges. Multiranges know their own type, so `multi` says which it is.
struct Operand {
  Oid type;
  RangeList list;
  bool empty_range = false;  // the empty range, which is unlike the empty multirange in some tests
};
Operand read(Text bytes, bool multi) {
  Oid type = types::range_type_of(bytes);
  if (multi) return {types::type_info(type).base, types::read_multirange(bytes), false};
  Range range = types::read_range(bytes);
  return {type, list_of(range), range.empty};
}

bool overlaps(const Operand& a, const Operand& b) {
  for (const Range& x : a.list) {
    for (const Range& y : b.list) {
      if (ranges_overlap(a.type, x, y)) return true;
    }
  }
  return false;
}
bool contains(const Operand& a, const Operand& b) {
  for (const Range& y : b.list) {
    bool found = false;
    for (const Range& x : a.list) found = found || range_contains(a.type, x, y);
    if (!found) return false;
  }
  return true;
}
bool contained(const Operand& a, const Operand& b) { return contains(b, a); }
bool adjacent(const Operand& a, const Operand& b) {
  if (a.list.empty() || b.list.empty()) return false;
  return types::bounds_adjacent(a.type, a.list.back().upper, b.list.front().lower) ||
         types::bounds_adjacent(a.type, b.list.back().upper, a.list.front().lower);
}
bool before(const Operand& a, const Operand& b) {
  return !a.list.empty() && !b.list.empty() && compare_bounds(a.type, a.list.back().upper, b.list.front().lower) < 0;
}
bool after(const Operand& a, const Operand& b) { return before(b, a); }
bool overleft(const Operand& a, const Operand& b) {
  return !a.list.empty() && !b.list.empty() && compare_bounds(a.type, a.list.back().upper, b.list.back().upper) <= 0;
}
bool overright(const Operand& a, const Operand& b) {
  return !a.list.empty() && !b.list.empty() && compare_bounds(a.type, a.list.front().lower, b.list.front().lower) >= 0;
}

// r range, m multirange
template <auto Test, bool first_multi, bool second_multi>
bool tested(Text a, Text b) {
  return Test(read(a, first_multi), read(b, second_multi));
}

Value contains_value(const Value& multirange, const Value& value) {
  Operand operand = read(multirange.text(), true);
  for (const Range& range : operand.list) {
    if (range_contains_value(operand.type, range, value)) return Value::of_bool(true);
  }
  return Value::of_bool(false);
}

Value make(Oid type, RangeList list, Arena& arena) { return types::multirange_value(type, std::move(list), arena); }

Value construct(Call& call, std::span<const Value> row) {
  RangeList list;
  // The elements' bytes stay in the argument.
  if (!row.empty()) {
    const types::TypeInfo& info = types::type_info(call.argument_type(0));
    if (info.kind == 'r') {
      list.push_back(types::read_range(row[0].text()));
    } else {
      types::ArrayView array(row[0].text());
      if (array.dimensions() > 1) {
        throw SqlError(Sqlstate::CardinalityViolation, "multiranges cannot be constructed from multidimensional arrays");
      }
      for (size_t i = 0; i < array.size(); ++i) {
        if (array.is_null(i)) throw SqlError(Sqlstate::NullValueNotAllowed, "multirange values cannot contain null members");
        Value element = array.get(i);
        list.push_back(types::read_range(call.arena().copy(element.text())));
      }
    }
  }
  return make(call.result_type(), std::move(list), call.arena());
}

Value bound_value(Call& call, Text bytes, bool lower) {
  RangeList list = types::read_multirange(bytes);
  if (list.empty()) return Value::null();
  const RangeBound& bound = lower ? list.front().lower : list.back().upper;
  if (bound.infinite) return Value::null();
  return types::copy_value(types::physical_type(call.result_type()), bound.value, call.arena());
}

template <bool lower, bool infinite>
bool bound_flag(Text bytes) {
  RangeList list = types::read_multirange(bytes);
  if (list.empty()) return false;
  const RangeBound& bound = lower ? list.front().lower : list.back().upper;
  return infinite ? bound.infinite : bound.inclusive;
}

Value unite(Call& call, std::span<const Value> row) {
  RangeList list = types::read_multirange(row[0].text());
  for (const Range& range : types::read_multirange(row[1].text())) list.push_back(range);
  return make(types::range_type_of(row[0].text()), std::move(list), call.arena());
}
Value intersect(Call& call, std::span<const Value> row) {
  Operand a = read(row[0].text(), true), b = read(row[1].text(), true);
  return make(types::range_type_of(row[0].text()), intersect_lists(a.type, a.list, b.list), call.arena());
}
Value subtract(Call& call, std::span<const Value> row) {
  Operand a = read(row[0].text(), true), b = read(row[1].text(), true);
  RangeList left = a.list;
  for (const Range& y : b.list) {
    RangeList next;
    for (const Range& x : left) subtract_range(a.type, x, y, next);
    left = std::move(next);
  }
  return make(types::range_type_of(row[0].text()), std::move(left), call.arena());
}
Value merge(Call& call, std::span<const Value> row) {
  Operand a = read(row[0].text(), true);
  Range range;
  range.empty = a.list.empty();
  if (!range.empty) range = types::make_range(a.type, a.list.front().lower, a.list.back().upper);
  return types::range_value(a.type, range, call.arena());
}

int order(const StringView& a, const StringView& b) {
  Oid type = types::range_type_of(a.view());
  return types::type_info(type).compare(Value::of_string(a.view()), Value::of_string(b.view()), type);
}
using Order = Ordered<order, StringView>;

constexpr ScalarBinding kBindings[] = {
    {"multirange_constructor0", value_kernel<construct>},
    {"multirange_constructor1", strict_value_kernel<construct>},
    {"multirange_constructor2", strict_value_kernel<construct>},
    {"multirange_lower", strict_value_kernel<[](Call& c, std::span<const Value> row) { return bound_value(c, row[0].text(), true); }>},
    {"multirange_upper", strict_value_kernel<[](Call& c, std::span<const Value> row) { return bound_value(c, row[0].text(), false); }>},
    {"multirange_empty", kernel<[](Text a) { return types::read_multirange(a).empty(); }>},
    {"multirange_lower_inc", kernel<bound_flag<true, false>>},
    {"multirange_upper_inc", kernel<bound_flag<false, false>>},
    {"multirange_lower_inf", kernel<bound_flag<true, true>>},
    {"multirange_upper_inf", kernel<bound_flag<false, true>>},
    {"multirange_eq", kernel<Order::equal>},
    {"multirange_ne", kernel<Order::unequal>},
    {"multirange_lt", kernel<Order::less>},
    {"multirange_le", kernel<Order::less_or_equal>},
    {"multirange_gt", kernel<Order::greater>},
    {"multirange_ge", kernel<Order::greater_or_equal>},
    {"multirange_cmp", kernel<Order::order>},
    {"range_overlaps_multirange", kernel<tested<overlaps, false, true>>},
    {"multirange_overlaps_range", kernel<tested<overlaps, true, false>>},
    {"multirange_overlaps_multirange", kernel<tested<overlaps, true, true>>},
    {"range_contains_multirange", kernel<tested<contains, false, true>>},
    {"multirange_contains_range", kernel<tested<contains, true, false>>},
    {"multirange_contains_multirange", kernel<tested<contains, true, true>>},
    {"range_contained_by_multirange", kernel<tested<contained, false, true>>},
    {"multirange_contained_by_range", kernel<tested<contained, true, false>>},
    {"multirange_contained_by_multirange", kernel<tested<contained, true, true>>},
    {"range_adjacent_multirange", kernel<tested<adjacent, false, true>>},
    {"multirange_adjacent_range", kernel<tested<adjacent, true, false>>},
    {"multirange_adjacent_multirange", kernel<tested<adjacent, true, true>>},
    {"range_before_multirange", kernel<tested<before, false, true>>},
    {"multirange_before_range", kernel<tested<before, true, false>>},
    {"multirange_before_multirange", kernel<tested<before, true, true>>},
    {"range_after_multirange", kernel<tested<after, false, true>>},
    {"multirange_after_range", kernel<tested<after, true, false>>},
    {"multirange_after_multirange", kernel<tested<after, true, true>>},
    {"range_overleft_multirange", kernel<tested<overleft, false, true>>},
    {"multirange_overleft_range", kernel<tested<overleft, true, false>>},
    {"multirange_overleft_multirange", kernel<tested<overleft, true, true>>},
    {"range_overright_multirange", kernel<tested<overright, false, true>>},
    {"multirange_overright_range", kernel<tested<overright, true, false>>},
    {"multirange_overright_multirange", kernel<tested<overright, true, true>>},
    {"multirange_contains_elem", strict_value_kernel<[](Call&, std::span<const Value> row) { return contains_value(row[0], row[1]); }>},
    {"elem_contained_by_multirange", strict_value_kernel<[](Call&, std::span<const Value> row) { return contains_value(row[1], row[0]); }>},
    {"multirange_union", strict_value_kernel<unite>},
    {"multirange_intersect", strict_value_kernel<intersect>},
    {"multirange_minus", strict_value_kernel<subtract>},
    {"range_merge_from_multirange", strict_value_kernel<merge>},
};

}  // namespace

std::span<const ScalarBinding> multirange_bindings() { return kBindings; }

}  // namespace aegis::functions
