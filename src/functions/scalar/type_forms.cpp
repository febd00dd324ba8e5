// Input and output functions of types, called by name: int4in('1'), textout('a'). And small functions that no topic has.
#include <netinet/in.h>

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "aegis/types/bit.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {
namespace {

namespace oid = types::oid;
namespace numeric = types::numeric;

Value text_form(Call& call, std::span<const Value> row) {
  Oid type = call.argument_type(0);
  std::string text;
  types::type_info(type).output(call.types(), row[0], type, text);
  return types::string_value(text, call.arena());
}

// in(cstring), or in(cstring, oid, typmod): the OID is the element's, or of types that are known by it alone.
Value from_text_form(Call& call, std::span<const Value> row) {
  types::Type type{call.result_type()};
  if (row.size() == 3) type.typmod = row[2].i32;
  return types::type_info(type.oid).input(call.types(), row[0].text(), type, call.arena());
}

// --- States of sums, for aggregates that users make of them ---

Value sum_state(Call& call, std::span<const Value> row, int64_t added) {
  (void)call;
  if (row[0].is_null) return row[1].is_null ? Value::null() : Value::of_i64(added);
  if (row[1].is_null) return row[0];
  int64_t sum;
  if (__builtin_add_overflow(row[0].i64, added, &sum)) throw SqlError(Sqlstate::NumericValueOutOfRange, "bigint out of range");
  return Value::of_i64(sum);
}
Value int2_sum(Call& call, std::span<const Value> row) { return sum_state(call, row, row[1].is_null ? 0 : row[1].i16); }
Value int4_sum(Call& call, std::span<const Value> row) { return sum_state(call, row, row[1].is_null ? 0 : row[1].i32); }
Value int8_sum(Call& call, std::span<const Value> row) {
  if (row[1].is_null) return row[0];
  Numeric added = Numeric::of(row[1].i64);
  if (row[0].is_null) return Value::of_numeric(added);
  return Value::of_numeric(numeric::add(row[0].numeric, added, call.arena()));
}

// {count, sum}
Value average_state(Call& call, Text state, int64_t count, int64_t sum) {
  types::ArrayView array(state);
  if (array.size() != 2 || array.get(0).is_null || array.get(1).is_null) throw SqlError(Sqlstate::InternalError, "expected 2-element int8 array");
  types::ArrayBuilder made(oid::kInt8);
  made.add(Value::of_i64(array.get(0).i64 + count));
  made.add(Value::of_i64(array.get(1).i64 + sum));
  return made.value(call.arena());
}
template <int sign>
Value int2_average(Call& call, std::span<const Value> row) { return average_state(call, row[0].text(), sign, sign * int64_t{row[1].i16}); }
template <int sign>
Value int4_average(Call& call, std::span<const Value> row) { return average_state(call, row[0].text(), sign, sign * int64_t{row[1].i32}); }
Value int8_average_of(Call& call, std::span<const Value> row) {
  types::ArrayView array(row[0].text());
  if (array.size() != 2 || array.get(0).is_null || array.get(1).is_null) throw SqlError(Sqlstate::InternalError, "expected 2-element int8 array");
  if (array.get(0).i64 == 0) return Value::null();
  return Value::of_numeric(numeric::divide(Numeric::of(array.get(1).i64), Numeric::of(array.get(0).i64), call.arena()));
}
Value int2int4_sum_of(Call& call, std::span<const Value> row) {
  (void)call;
  types::ArrayView array(row[0].text());
  if (array.size() != 2 || array.get(0).is_null || array.get(1).is_null) throw SqlError(Sqlstate::InternalError, "expected 2-element int8 array");
  return array.get(0).i64 == 0 ? Value::null() : array.get(1);
}

// --- The rest ---

int64_t lsn_of_numeric(Call& call, const Numeric& value) {
  if (value.kind == Numeric::Kind::NaN) throw SqlError(Sqlstate::FeatureNotSupported, "cannot convert NaN to pg_lsn");
  if (!value.is_finite()) throw SqlError(Sqlstate::FeatureNotSupported, "cannot convert infinity to pg_lsn");
  Numeric rounded = numeric::round(value, 0, call.arena());
  Numeric most = numeric::from_int128(static_cast<__int128>(UINT64_MAX), 0, call.arena());
  if (numeric::sign(rounded) < 0 || numeric::compare(rounded, most) > 0) throw SqlError(Sqlstate::NumericValueOutOfRange, "pg_lsn out of range");
  return static_cast<int64_t>(std::stoull(numeric::to_string(rounded)));
}

// The database is UTF-8, which none of its tables is for.
Text to_ascii(Text) { throw SqlError(Sqlstate::FeatureNotSupported, "encoding conversion from UTF8 to ASCII not supported"); }

Value no_column_compression(Call&, std::span<const Value>) { return Value::null(); }

constexpr ScalarBinding kBindings[] = {
    {"bit_length(bit)", kernel<[](Text a) { return static_cast<int32_t>(types::read_bits(a).count); }>},
    {"int2_sum", value_kernel<int2_sum>},
    {"int4_sum", value_kernel<int4_sum>},
    {"int8_sum", value_kernel<int8_sum>},
    {"int2_avg_accum", strict_value_kernel<int2_average<1>>},
    {"int4_avg_accum", strict_value_kernel<int4_average<1>>},
    {"int2_avg_accum_inv", strict_value_kernel<int2_average<-1>>},
    {"int4_avg_accum_inv", strict_value_kernel<int4_average<-1>>},
    {"int8_avg", strict_value_kernel<int8_average_of>},
    {"int2int4_sum", strict_value_kernel<int2int4_sum_of>},
    {"int8inc_any", strict_value_kernel<[](Call&, std::span<const Value> row) {
       int64_t next;
       if (__builtin_add_overflow(row[0].i64, int64_t{1}, &next)) throw SqlError(Sqlstate::NumericValueOutOfRange, "bigint out of range");
       return Value::of_i64(next);
     }>},
    {"int8inc_float8_float8", strict_value_kernel<[](Call&, std::span<const Value> row) { return Value::of_i64(row[0].i64 + 1); }>},
    {"int8dec_any", strict_value_kernel<[](Call&, std::span<const Value> row) { return Value::of_i64(row[0].i64 - 1); }>},
    {"numeric_pg_lsn", kernel<lsn_of_numeric>},
    {"to_ascii_default", kernel<to_ascii>},
    {"pg_column_compression", value_kernel<no_column_compression>},
    {"numrange_subdiff", kernel<[](Call& call, const Numeric& a, const Numeric& b) {
       return numeric::to_double(numeric::subtract(a, b, call.arena()));
     }>},
    {"btequalimage", kernel<[](uint32_t) { return true; }>},
    {"xmlvalidate", kernel<[](Text, Text) -> bool { throw SqlError(Sqlstate::FeatureNotSupported, "xmlvalidate is not implemented"); }>},
    {"aclinsert", value_kernel<[](Call&, std::span<const Value>) -> Value {
       throw SqlError(Sqlstate::FeatureNotSupported, "aclinsert is no longer supported");
     }>},
    {"aclremove", value_kernel<[](Call&, std::span<const Value>) -> Value {
       throw SqlError(Sqlstate::FeatureNotSupported, "aclremove is no longer supported");
     }>},
};

}  // namespace

std::span<const ScalarBinding> type_form_bindings() { return kBindings; }

ScalarKernel form_kernel(const Function& function) {
  std::string_view symbol = function.symbol;
  if (function.arguments.empty()) return nullptr;
  if (function.result == oid::kCstring && function.arguments.size() == 1 && symbol.ends_with("out") && !symbol.ends_with("typmodout")) {
    return strict_value_kernel<text_form>;
  }
  bool reads = function.arguments[0] == oid::kCstring && (function.arguments.size() == 1 || function.arguments.size() == 3);
  const types::TypeInfo* made = types::find_type(function.result);
  if (reads && symbol.ends_with("in") && made != nullptr && made->input != nullptr) return strict_value_kernel<from_text_form>;
  return nullptr;
}

}  // namespace aegis::functions
