// Functions of any type: records, nulls, types of values.
#include "aegis/types/record.h"
#include "aegis/types/encoding.h"
#include "aegis/base/error.h"
#include "aegis/functions/partition_hash.h"
#include "aegis/types/array.h"
#include "binding.h"
#include "compare.h"

namespace aegis::functions {

namespace {

int order(const StringView& a, const StringView& b) { return types::compare_records(a.view(), b.view()); }
using Order = Ordered<order, StringView>;

// By the fields' bytes: numbers that pass by value as unsigned ones, everything else as memory.
int image_order(const StringView& a, const StringView& b) {
  types::RecordView x(a.view()), y(b.view());
  for (size_t i = 0; i < x.size() && i < y.size(); ++i) {
    if (x.type(i) != y.type(i)) {
      throw SqlError(Sqlstate::DatatypeMismatch, "cannot compare dissimilar column types " + types::format_type({x.type(i), -1}) + " and " +
                                                     types::format_type({y.type(i), -1}) + " at record column " + std::to_string(i + 1));
    }
    Value p = x.get(i), q = y.get(i);
    if (p.is_null || q.is_null) {
      if (p.is_null && q.is_null) continue;
      return p.is_null ? 1 : -1;
    }
    types::PhysicalType physical = types::physical_type(x.type(i));
    int order = 0;
    auto unsigned_order = [&](int64_t m, int64_t n) {
      auto u = static_cast<uint64_t>(m), v = static_cast<uint64_t>(n);
      order = u < v ? -1 : u > v;
    };
    switch (physical) {
      case types::PhysicalType::Bool: unsigned_order(p.boolean, q.boolean); break;
      case types::PhysicalType::Int8: unsigned_order(p.i8, q.i8); break;
      case types::PhysicalType::Int16: unsigned_order(p.i16, q.i16); break;
      case types::PhysicalType::Int32:
      case types::PhysicalType::Float32: unsigned_order(p.i32, q.i32); break;
      case types::PhysicalType::Int64:
      case types::PhysicalType::Float64: unsigned_order(p.i64, q.i64); break;
      case types::PhysicalType::String: order = p.text().compare(q.text()); break;
      case types::PhysicalType::TimeTz:
      case types::PhysicalType::Interval:
      case types::PhysicalType::Uuid: order = std::memcmp(p.slot, q.slot, 16); break;
      case types::PhysicalType::Numeric: {
        order = std::memcmp(p.slot, q.slot, 8);
        auto m = types::out_of_line(physical, p.slot), n = types::out_of_line(physical, q.slot);
        if (order == 0) order = m.empty() && n.empty() ? std::memcmp(p.slot + 8, q.slot + 8, 8) : m.compare(n);
        break;
      }
    }
    if (order != 0) return order;
  }
  if (x.size() != y.size()) {
    throw SqlError(Sqlstate::DatatypeMismatch, "cannot compare record types with different numbers of columns");
  }
  return 0;
}
using ImageOrder = Ordered<image_order, StringView>;

Value count_nulls(Call& call, std::span<const Value> row, bool wanted) {
  VariadicArguments arguments(call, row);
  if (arguments.is_null_array()) return Value::null();
  int32_t count = 0;
  for (const Value& value : arguments.values()) count += value.is_null == wanted;
  return Value::of_i32(count);
}

// The catalog says the partition key's types, and raises what is wrong with the table.
Value satisfies_hash_partition(Call& call, std::span<const Value> row) {
  for (size_t i = 0; i < 3; ++i) {
    if (row[i].is_null) return Value::null();
  }
  auto fail = [](const char* text) { throw SqlError(Sqlstate::InvalidParameterValue, text); };
  int32_t modulus = row[1].i32, remainder = row[2].i32;
  if (modulus <= 0) fail("modulus for hash partition must be an integer value greater than zero");
  if (remainder < 0) fail("remainder for hash partition must be an integer value greater than or equal to zero");
  if (remainder >= modulus) fail("remainder for hash partition must be less than modulus");
  Value list;
  if (!call.services().catalog_function("hash_partition_key_types", row.first(1), call.arena(), list)) return Value::null();
  types::ArrayView wanted(list.text());
  std::vector<types::Type> key_types;
  std::vector<Value> key;
  bool as_array = row.size() == 4 && types::is_array(call.argument_type(3)) && wanted.size() > 0 && call.argument_type(3) != wanted.get(0).oid();
  if (as_array) {
    if (row[3].is_null) return Value::of_bool(false);
    types::ArrayView values(row[3].text());
    for (size_t i = 0; i < values.size(); ++i) {
      key.push_back(values.is_null(i) ? Value::null() : values.get(i));
      key_types.push_back({values.element_type()});
    }
  } else {
    for (size_t i = 3; i < row.size(); ++i) {
      key.push_back(row[i]);
      key_types.push_back({call.argument_type(i)});
    }
  }
  if (key.size() != wanted.size()) {
    throw SqlError(Sqlstate::InvalidParameterValue, "number of partitioning columns (" + std::to_string(wanted.size()) +
                                                        ") does not match number of partition keys provided (" + std::to_string(key.size()) + ")");
  }
  for (size_t i = 0; i < key.size(); ++i) {
    Oid type = wanted.get(i).oid();
    if (key_types[i].oid == type) continue;
    throw SqlError(Sqlstate::InvalidParameterValue, "column " + std::to_string(i + 1) + " of the partition key has type " +
                                                        types::format_type({type}, call.types().names) + ", but supplied value is of type " +
                                                        types::format_type({key_types[i].oid}, call.types().names));
  }
  std::vector<std::optional<uint64_t>> own(key.size());
  Value functions;
  if (call.services().catalog_function("hash_partition_key_functions", row.first(1), call.arena(), functions) && !functions.is_null) {
    types::ArrayView view(functions.text());
    for (size_t i = 0; i < own.size() && i < view.size(); ++i) {
      Value pair[] = {view.get(i), key[i]}, hash;
      if (pair[0].oid() == kInvalidOid || key[i].is_null) continue;
      if (!call.services().catalog_function("hash_partition_value", pair, call.arena(), hash)) throw InternalError("a partition key's hash function is not known");
      own[i] = static_cast<uint64_t>(hash.i64);
    }
  }
  return Value::of_bool(partition_hash(key_types, key, own) % static_cast<uint64_t>(modulus) == static_cast<uint64_t>(remainder));
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
    {"record_image_lt", kernel<ImageOrder::less>},
    {"record_image_le", kernel<ImageOrder::less_or_equal>},
    {"record_image_gt", kernel<ImageOrder::greater>},
    {"record_image_ge", kernel<ImageOrder::greater_or_equal>},
    {"btrecordimagecmp", kernel<ImageOrder::order>},
    {"pg_num_nulls", value_kernel<[](Call& c, std::span<const Value> row) { return count_nulls(c, row, true); }>},
    {"pg_num_nonnulls", value_kernel<[](Call& c, std::span<const Value> row) { return count_nulls(c, row, false); }>},
    {"format_type", value_kernel<format_type>},
    {"satisfies_hash_partition", value_kernel<satisfies_hash_partition>},
    {"pg_typeof", pg_typeof},
    {"pg_column_size", strict_value_kernel<[](Call& c, std::span<const Value> row) {
       return Value::of_i32(size_of(types::physical_type(c.argument_type(0)), row[0]));
     }>},
};

}  // namespace

std::span<const ScalarBinding> generic_bindings() { return kBindings; }

}  // namespace aegis::functions
