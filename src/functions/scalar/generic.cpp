// Functions of any type: records, nulls, types of values.
#include "aegis/types/record.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "compare.h"

namespace aegis::functions {

namespace {

int order(const StringView& a, const StringView& b) { return types::compare_records(a.view(), b.view()); }
using Order = Ordered<order, StringView>;

// Equality by fields, where a null field makes the whole unknown only to the row comparison the analyzer expands;
// as values, nulls are equal.
int image_order(const StringView& a, const StringView& b) {
  int result = a.view().compare(b.view());
  return result;
}
using ImageOrder = Ordered<image_order, StringView>;

Value count_nulls(Call& call, std::span<const Value> row, bool wanted) {
  VariadicArguments arguments(call, row);
  if (arguments.is_null_array()) return Value::null();
  int32_t count = 0;
  for (const Value& value : arguments.values()) count += value.is_null == wanted;
  return Value::of_i32(count);
}

Value format_type(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  Oid type = row[0].oid();
  int32_t typmod = row[1].is_null ? -1 : row[1].i32;
  std::string text = types::format_type({type, typmod}, call.types().names);
  if (!row[1].is_null && typmod < 0 && type == types::oid::kBpchar) text = "bpchar";
  return types::string_value(text, call.arena());
}

void pg_typeof(CallContext& context, Arguments, size_t, Vector& result) {
  result.set_constant(Value::of_oid(context.site.arguments[0].oid));
}

int32_t size_of(const types::PhysicalType physical, const Value& value) {
  if (physical == types::PhysicalType::String) return static_cast<int32_t>(value.string.size()) + (value.string.size() < 127 ? 1 : 4);
  return static_cast<int32_t>(types::physical_size(physical) + types::out_of_line(physical, value.slot).size());
}

constexpr ScalarBinding kBindings[] = {
    {"record_eq", kernel<Order::equal>},
    {"record_ne", kernel<Order::unequal>},
    {"record_lt", kernel<Order::less>},
    {"record_le", kernel<Order::less_or_equal>},
    {"record_gt", kernel<Order::greater>},
    {"record_ge", kernel<Order::greater_or_equal>},
    {"btrecordcmp", kernel<Order::order>},
    {"record_image_eq", kernel<ImageOrder::equal>},
    {"record_image_ne", kernel<ImageOrder::unequal>},
    {"btrecordimagecmp", kernel<ImageOrder::order>},
    {"pg_num_nulls", value_kernel<[](Call& c, std::span<const Value> row) { return count_nulls(c, row, true); }>},
    {"pg_num_nonnulls", value_kernel<[](Call& c, std::span<const Value> row) { return count_nulls(c, row, false); }>},
    {"format_type", value_kernel<format_type>},
    {"pg_typeof", pg_typeof},
    {"pg_column_size", strict_value_kernel<[](Call& c, std::span<const Value> row) {
       return Value::of_i32(size_of(types::physical_type(c.argument_type(0)), row[0]));
     }>},
};

}  // namespace

std::span<const ScalarBinding> generic_bindings() { return kBindings; }

}  // namespace aegis::functions
