// hashX and hashXextended of every type that has them, with PostgreSQL's results: the opclasses' support functions 1 and 2.
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "aegis/types/json.h"
#include "aegis/types/range.h"
#include "aegis/types/record.h"
#include "binding.h"
#include "call.h"
#include "scalar/lookup3.h"

namespace aegis::functions {
namespace {

namespace oid = types::oid;

// Of 32 bits, or of 64 with a seed.
struct Plain {
  using Hash = uint32_t;
  static constexpr bool kExtended = false;
  uint64_t seed = 0;
};
struct Extended {
  using Hash = uint64_t;
  static constexpr bool kExtended = true;
  uint64_t seed;
};

template <typename M>
typename M::Hash finish(Lookup3& state) {
  state.finish();
  if constexpr (M::kExtended) return (static_cast<uint64_t>(state.b) << 32) | state.c;
  else return state.c;
}

template <typename M>
Lookup3 start(uint32_t length, M mode) {
  Lookup3 state(length);
  if (M::kExtended && mode.seed != 0) {
    state.a += static_cast<uint32_t>(mode.seed >> 32);
    state.b += static_cast<uint32_t>(mode.seed);
    state.mix();
  }
  return state;
}

template <typename M>
typename M::Hash of_bytes(std::string_view bytes, M mode) {
  Lookup3 state = start(static_cast<uint32_t>(bytes.size()), mode);
  state.add(bytes);
  return finish<M>(state);
}

template <typename M>
typename M::Hash of_uint32(uint32_t value, M mode) {
  Lookup3 state = start(4, mode);
  state.a += value;
  return finish<M>(state);
}

template <typename M>
typename M::Hash of_int64(int64_t value, M mode) {
  auto low = static_cast<uint32_t>(value);
  auto high = static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32);
  return of_uint32(low ^ (value >= 0 ? high : ~high), mode);
}

template <typename M>
typename M::Hash of_double(double value, M mode) {
  if (value == 0) return static_cast<typename M::Hash>(mode.seed);
  if (std::isnan(value)) value = std::nan("");
  return of_bytes({reinterpret_cast<const char*>(&value), sizeof value}, mode);
}

// The digits of base 10000 without zeros on either side, and the weight of the first.
template <typename M>
typename M::Hash of_numeric(const Value& value, M mode) {
  using Hash = typename M::Hash;
  std::string text;
  types::type_info(oid::kNumeric).output({}, value, oid::kNumeric, text);
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") return static_cast<Hash>(mode.seed);
  if (text[0] == '-') text.erase(0, 1);
  size_t point = text.find('.');
  std::string whole = text.substr(0, point), fraction = point == std::string::npos ? "" : text.substr(point + 1);
  whole.insert(0, (4 - whole.size() % 4) % 4, '0');
  fraction.append((4 - fraction.size() % 4) % 4, '0');
  std::vector<int16_t> digits;
  std::string all = whole + fraction;
  for (size_t i = 0; i < all.size(); i += 4) digits.push_back(static_cast<int16_t>(std::stoi(all.substr(i, 4))));
  int weight = static_cast<int>(whole.size() / 4) - 1;
  size_t first = 0;
  while (first < digits.size() && digits[first] == 0) {
    ++first;
    --weight;
  }
  if (first == digits.size()) return static_cast<Hash>(mode.seed - 1);
  while (digits.back() == 0) digits.pop_back();
  Hash hash = of_bytes({reinterpret_cast<const char*>(digits.data() + first), (digits.size() - first) * sizeof(int16_t)}, mode);
  return hash ^ static_cast<Hash>(static_cast<int64_t>(weight));
}

template <typename M>
typename M::Hash rotate(typename M::Hash hash) {
  if constexpr (M::kExtended) {
    // Each half by itself.
    return ((hash << 1) & 0xfffffffefffffffeull) | ((hash >> 31) & 0x100000001ull);
  } else {
    return Lookup3::rotate(hash, 1);
  }
}

template <typename M>
class Hasher {
 public:
  using Hash = typename M::Hash;
  Hasher(const TypeContext& context, M mode) : context_(context), mode_(mode) {}

  Hash of(const Value& value, Oid type) {
    types::Type base = types::base_type(types::Type{type, -1});
    const types::TypeInfo& info = types::type_info(base.oid);
    switch (base.oid) {
      case oid::kBool: return of_uint32(value.boolean ? 1 : 0, mode_);
      case oid::kNumeric: return of_numeric(value, mode_);
      case oid::kInterval: return of_int64(span_of(value.interval), mode_);
      case oid::kTimetz: return of_int64(value.timetz.microseconds, mode_) ^ of_uint32(static_cast<uint32_t>(value.timetz.zone), mode_);
      case oid::kJsonb: return of_jsonb(value.text());
      case oid::kBpchar: return of_bytes(types::trim_trailing_blanks(value.text()), mode_);
      case oid::kText:
      case oid::kVarchar:
      case oid::kName:
      case oid::kBytea: return of_bytes(value.text(), mode_);
      case oid::kInet:
      case oid::kCidr: return of_bytes(network_bytes(value, base.oid), mode_);
      case oid::kMacaddr:
      case oid::kMacaddr8: return of_bytes(sent(value, info), mode_);
      case oid::kTid: return of_bytes(tid_bytes(value, info), mode_);
      case oid::kOidvector: return of_vector(value.text());
      case oid::kUuid: return of_bytes({reinterpret_cast<const char*>(value.uuid.bytes), sizeof value.uuid.bytes}, mode_);
      default: break;
    }
    if (types::is_array(base.oid)) return of_array(value.text(), info.element);
    if (info.kind == 'r') return of_range(types::read_range(value.text()), info.base);
    if (info.kind == 'm') return of_multirange(value.text(), types::type_info(info.base).base);
    if (info.kind == 'c' || base.oid == oid::kRecord) return of_record(value.text());
    if (info.kind == 'e') return of_label(value, base.oid);
    if (info.hash == nullptr || base.oid == oid::kMoney) throw_no_hash(base);
    switch (info.physical) {
      case types::PhysicalType::Int8: return of_uint32(static_cast<uint32_t>(int32_t{value.i8}), mode_);
      case types::PhysicalType::Int16: return of_uint32(static_cast<uint32_t>(int32_t{value.i16}), mode_);
      case types::PhysicalType::Int32: return of_uint32(static_cast<uint32_t>(value.i32), mode_);
      case types::PhysicalType::Int64: return of_int64(value.i64, mode_);
      case types::PhysicalType::Float32: return of_double(double{value.f32}, mode_);
      case types::PhysicalType::Float64: return of_double(value.f64, mode_);
      case types::PhysicalType::Bool:
      case types::PhysicalType::Uuid:
      case types::PhysicalType::Numeric:
      case types::PhysicalType::String:
      case types::PhysicalType::TimeTz:
      case types::PhysicalType::Interval: break;
    }
    throw_not_supported("PostgreSQL's hash of type " + types::format_type(base, context_.names));
  }

 private:
  [[noreturn]] void throw_no_hash(types::Type type) {
    throw SqlError(Sqlstate::UndefinedFunction,
                   std::string("could not identify a") + (M::kExtended ? "n extended" : "") + " hash function for type " +
                       types::format_type(type, context_.names));
  }
  static int64_t span_of(const Interval& interval) {
    __int128 days = static_cast<__int128>(interval.months) * 30 + interval.days;
    return static_cast<int64_t>(days * 86400000000 + interval.microseconds);
  }
  static std::string sent(const Value& value, const types::TypeInfo& info) {
    std::string bytes;
    info.send({}, value, info.oid, bytes);
    return bytes;
  }
  // Family, bits and address; the form on the wire has two bytes more between them.
  static std::string network_bytes(const Value& value, Oid type) {
    std::string bytes = sent(value, types::type_info(type));
    bytes.erase(2, 2);
    return bytes;
  }
  // The block's high half, its low half and the place, each in the machine's order.
  static std::string tid_bytes(const Value& value, const types::TypeInfo& info) {
    std::string wire = sent(value, info);
    for (size_t i = 0; i + 1 < wire.size(); i += 2) std::swap(wire[i], wire[i + 1]);
    return wire;
  }
  Hash of_vector(std::string_view bytes) {
    types::ArrayView list(bytes);
    std::string packed;
    for (size_t i = 0; i < list.size(); ++i) {
      Oid item = list.get(i).oid();
      packed.append(reinterpret_cast<const char*>(&item), sizeof item);
    }
    return of_bytes(packed, mode_);
  }
  Hash of_array(std::string_view bytes, Oid element) {
    types::ArrayView array(bytes);
    Oid base = types::base_type(element);
    if (types::type_info(base).hash == nullptr || base == oid::kMoney) throw_no_hash({element});
    Hash result = 1;
    for (size_t i = 0; i < array.size(); ++i) {
      Value item = array.get(i);
      result = (result << 5) - result + (item.is_null ? 0 : of(item, element));
    }
    return result;
  }
  Hash of_range(const types::Range& range, Oid subtype) {
    uint32_t flags = range.empty ? 1 : 0;
    if (!range.empty) {
      flags |= (range.lower.infinite ? 8 : range.lower.inclusive ? 2 : 0) | (range.upper.infinite ? 16 : range.upper.inclusive ? 4 : 0);
    }
    Hash result = of_uint32(flags, mode_);
    result ^= range.empty || range.lower.infinite ? 0 : of(range.lower.value, subtype);
    result = rotate<M>(result);
    return result ^ (range.empty || range.upper.infinite ? 0 : of(range.upper.value, subtype));
  }
  Hash of_multirange(std::string_view bytes, Oid subtype) {
    Hash result = 1;
    for (const types::Range& range : types::read_multirange(bytes)) result = (result << 5) - result + of_range(range, subtype);
    return result;
  }
  Hash of_record(std::string_view bytes) {
    types::RecordView record(bytes);
    Hash result = 0;
    for (size_t i = 0; i < record.size(); ++i) {
      Value field = record.get(i);
      result = (result << 5) - result + (field.is_null ? 0 : of(field, record.type(i)));
    }
    return result;
  }
  Hash of_label(const Value& value, Oid type) {
    auto user = context_.names == nullptr ? nullptr : context_.names->user_type(type);
    const auto* label = user == nullptr ? nullptr : user->find_label(value.i64);
    return of_uint32(label == nullptr ? 0 : label->oid, mode_);
  }

  // --- jsonb: what its iterator gives ---
  static constexpr uint32_t kArrayFlag = 0x40000000, kObjectFlag = 0x20000000;
  static Hash container(uint32_t flag) {
    if constexpr (M::kExtended) return (static_cast<uint64_t>(flag) << 32) | flag;
    else return flag;
  }
  Hash of_jsonb(std::string_view bytes) {
    Hash hash = 0;
    types::JsonbView root(bytes);
    if (root.is_container() && root.size() == 0) return static_cast<Hash>(mode_.seed);
    if (!root.is_container()) hash ^= container(kArrayFlag);
    add_json(root, hash);
    return hash;
  }
  void add_json(const types::JsonbView& view, Hash& hash) {
    if (view.kind() == types::JsonKind::Array) {
      hash ^= container(kArrayFlag);
      for (uint32_t i = 0; i < view.size(); ++i) add_json(view.element(i), hash);
    } else if (view.kind() == types::JsonKind::Object) {
      hash ^= container(kObjectFlag);
      for (uint32_t i = 0; i < view.size(); ++i) {
        hash = rotate<M>(hash) ^ of_bytes(view.key(i), mode_);
        add_json(view.value(i), hash);
      }
    } else {
      hash = rotate<M>(hash) ^ scalar(view);
    }
  }
  Hash scalar(const types::JsonbView& view) {
    switch (view.kind()) {
      case types::JsonKind::Null: return static_cast<Hash>(mode_.seed + 1);
      case types::JsonKind::String: return of_bytes(view.text(), mode_);
      case types::JsonKind::Number: return of_numeric(Value::of_numeric(view.number()), mode_);
      case types::JsonKind::True:
      case types::JsonKind::False: {
        bool value = view.kind() == types::JsonKind::True;
        if (M::kExtended && mode_.seed != 0) return of_uint32(value ? 1 : 0, mode_);
        return value ? 2 : 4;
      }
      case types::JsonKind::Array:
      case types::JsonKind::Object: break;
    }
    return 0;
  }

  const TypeContext& context_;
  M mode_;
};

Value hash_plain(Call& call, std::span<const Value> row) {
  return Value::of_i32(static_cast<int32_t>(Hasher<Plain>(call.types(), {}).of(row[0], call.argument_type(0))));
}
Value hash_extended(Call& call, std::span<const Value> row) {
  Extended mode{static_cast<uint64_t>(row[1].i64)};
  return Value::of_i64(static_cast<int64_t>(Hasher<Extended>(call.types(), mode).of(row[0], call.argument_type(0))));
}
// jsonb's texts as GIN orders them.
int32_t compare_bytes(Text a, Text b) {
  int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

constexpr auto kPlain = strict_value_kernel<hash_plain>;
constexpr auto kExtended = strict_value_kernel<hash_extended>;

constexpr ScalarBinding kBindings[] = {
    {"hashinet", kPlain},           {"hashinetextended", kExtended},
    {"hashmacaddr", kPlain},        {"hashmacaddrextended", kExtended},
    {"hashmacaddr8", kPlain},       {"hashmacaddr8extended", kExtended},
    {"hash_numeric", kPlain},       {"hash_numeric_extended", kExtended},
    {"hashoidvector", kPlain},      {"hashoidvectorextended", kExtended},
    {"hash_array", kPlain},         {"hash_array_extended", kExtended},
    {"timetz_hash", kPlain},        {"timetz_hash_extended", kExtended},
    {"interval_hash", kPlain},      {"interval_hash_extended", kExtended},
    {"hashtid", kPlain},            {"hashtidextended", kExtended},
    {"pg_lsn_hash", kPlain},        {"pg_lsn_hash_extended", kExtended},
    {"hash_range", kPlain},         {"hash_range_extended", kExtended},
    {"hash_multirange", kPlain},    {"hash_multirange_extended", kExtended},
    {"jsonb_hash", kPlain},         {"jsonb_hash_extended", kExtended},
    {"hash_record", kPlain},        {"hash_record_extended", kExtended},
    {"hashenum", kPlain},           {"hashenumextended", kExtended},
    {"hashint2extended", kExtended}, {"hashint4extended", kExtended},
    {"hashint8extended", kExtended}, {"hashfloat4extended", kExtended},
    {"hashfloat8extended", kExtended}, {"hashoidextended", kExtended},
    {"hashcharextended", kExtended}, {"hashnameextended", kExtended},
    {"hashtextextended", kExtended}, {"hashbpcharextended", kExtended},
    {"hashvarlenaextended", kExtended}, {"time_hash_extended", kExtended},
    {"timestamp_hash_extended", kExtended}, {"uuid_hash_extended", kExtended},
    {"gin_compare_jsonb", kernel<compare_bytes>},
    {"gin_cmp_tslexeme", kernel<compare_bytes>},
};

}  // namespace

std::span<const ScalarBinding> value_hash_bindings() { return kBindings; }

}  // namespace aegis::functions
