#include "aegis/types/array.h"
#include "aegis/types/bit.h"
#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "character.h"

namespace aegis::types {

Value apply_typmod(const Value& value, Type type, CastKind kind, Arena& arena) {
  if (value.is_null || type.typmod < 0) return value;
  switch (type.oid) {
    case oid::kVarchar: {
      std::string_view text = value.text();
      std::string_view fitted = fit_varchar(text, type.typmod, kind);
      return fitted.size() == text.size() ? value : string_value(fitted, arena);
    }
    case oid::kBpchar: return fit_bpchar(value.text(), type.typmod, kind, arena);
    case oid::kBit:
    case oid::kVarbit:
      if (type.typmod == 0) return value;
      return fit_bits(value.text(), type.typmod, type.oid == oid::kVarbit, kind, arena);
    case oid::kNumeric: return Value::of_numeric(numeric::apply_typmod(value.numeric, type.typmod, arena));
    case oid::kTime: return Value::of_i64(round_time(value.i64, type.typmod));
    case oid::kTimetz: {
      TimeTz time = value.timetz;
      time.microseconds = round_time(time.microseconds, type.typmod);
      return Value::of_timetz(time);
    }
    case oid::kTimestamp:
    case oid::kTimestamptz: return Value::of_i64(round_timestamp(value.i64, type.typmod));
    case oid::kInterval: return Value::of_interval(fit_interval(value.interval, type.typmod));
    default: break;
  }
  const TypeInfo* info = find_type(type.oid);
  if (info == nullptr || info->category != 'A' || info->element == kInvalidOid || info->typmod_in == nullptr) return value;
  ArrayView array(value.text());
  ArrayBuilder builder(array.element_type());
  std::vector<int32_t> lengths;
  std::vector<int32_t> lowers;
  for (int d = 0; d < array.dimensions(); ++d) {
    lengths.push_back(array.length(d));
    lowers.push_back(array.lower(d));
  }
  for (size_t i = 0; i < array.size(); ++i) {
    builder.add(apply_typmod(array.get(i), {array.element_type(), type.typmod}, kind, arena));
  }
  builder.set_dimensions(std::move(lengths), std::move(lowers));
  return builder.value(arena);
}

}  // namespace aegis::types
