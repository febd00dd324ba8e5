// range_agg and range_intersect_agg.
#include "range_set.h"
#include "state.h"

namespace aegis::functions {

namespace {

struct Inputs {
  ArenaList<Value> values;
  void add(AggregateContext& context, const VectorView* a, size_t row) {
    values.add(argument_value(context, a[0], row, context.site.arguments[0].oid), context.arena);
  }
};

template <bool multi>
struct Union : Inputs {
  static constexpr bool kStrict = true;
  void step(AggregateContext& context, const VectorView* a, size_t row) { add(context, a, row); }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0) return result.set(row, Value::null());
    RangeList list;
    for (uint32_t i = 0; i < values.size; ++i) {
      if (multi) {
        for (const Range& range : types::read_multirange(values.items[i].text())) list.push_back(range);
      } else {
        list.push_back(types::read_range(values.items[i].text()));
      }
    }
    result.set(row, types::multirange_value(context.site.result.oid, std::move(list), context.arena));
  }
};

template <bool multi>
struct Intersection : Inputs {
  static constexpr bool kStrict = true;
  void step(AggregateContext& context, const VectorView* a, size_t row) { add(context, a, row); }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0) return result.set(row, Value::null());
    Oid type = context.site.result.oid;
    if (multi) {
      RangeList list = types::read_multirange(values.items[0].text());
      Oid range_type = types::type_info(type).base;
      for (uint32_t i = 1; i < values.size; ++i) {
        list = intersect_lists(range_type, list, types::read_multirange(values.items[i].text()));
      }
      return result.set(row, types::multirange_value(type, std::move(list), context.arena));
    }
    Range range = types::read_range(values.items[0].text());
    for (uint32_t i = 1; i < values.size; ++i) range = intersect_ranges(type, range, types::read_range(values.items[i].text()));
    result.set(row, types::range_value(type, range, context.arena));
  }
};

constexpr AggregateBinding kBindings[] = {
    {"range_agg(anyrange)", &kAggregate<Union<false>>},
    {"range_agg(anymultirange)", &kAggregate<Union<true>>},
    {"range_intersect_agg(anyrange)", &kAggregate<Intersection<false>>},
    {"range_intersect_agg(anymultirange)", &kAggregate<Intersection<true>>},
};

}  // namespace

std::span<const AggregateBinding> range_aggregate_bindings() { return kBindings; }

}  // namespace aegis::functions
