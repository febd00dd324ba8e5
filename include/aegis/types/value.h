// The physical representation of SQL values: what a slot of a Vector, a row or a Value holds.
//
// Every type maps to one PhysicalType of fixed size. Variable-length data is a 16-byte view whose bytes live
// elsewhere (an arena, a row's tail); whoever holds the view keeps the bytes alive. A type without a
// PhysicalType of its own (bytea, name, arrays, records, …) is String with an encoding of its own inside.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "aegis/base/arena.h"
#include "aegis/base/ids.h"

namespace aegis::types {

enum class PhysicalType : uint8_t {
  Bool,     // uint8_t 0 or 1
  Int8,     // "char"
  Int16,    // int2
  Int32,    // int4, date (days since 2000-01-01), oid and reg* (the bits of a uint32_t), xid, cid
  Int64,    // int8, time, timestamp, timestamptz (microseconds since 2000-01-01), money, pg_lsn
  Float32,  // float4
  Float64,  // float8
  TimeTz,
  Interval,
  Uuid,
  Numeric,
  String,  // text, varchar, bpchar (padded), name, bytea, arrays, records, everything else
};

// Bytes of a slot.
constexpr size_t physical_size(PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool:
    case PhysicalType::Int8: return 1;
    case PhysicalType::Int16: return 2;
    case PhysicalType::Int32:
    case PhysicalType::Float32: return 4;
    case PhysicalType::Int64:
    case PhysicalType::Float64: return 8;
    case PhysicalType::TimeTz:
    case PhysicalType::Interval:
    case PhysicalType::Uuid:
    case PhysicalType::Numeric:
    case PhysicalType::String: return 16;
  }
  return 0;
}

// A string of bytes: up to 12 inline, otherwise a 4-byte prefix and a pointer (Umbra, CIDR 2020). Unused
// inline bytes are zero, so equal short strings are equal 16-byte words.
class StringView {
 public:
  static constexpr uint32_t kInlineBytes = 12;

  constexpr StringView() : size_(0), inlined_{} {}
  StringView(const char* data, size_t size) : size_(static_cast<uint32_t>(size)), inlined_{} {
    if (size <= kInlineBytes) {
      if (size > 0) std::memcpy(inlined_, data, size);
    } else {
      std::memcpy(pointer_.prefix, data, 4);
      pointer_.data = data;
    }
  }
  StringView(std::string_view text) : StringView(text.data(), text.size()) {}  // NOLINT: a view of a view

  uint32_t size() const { return size_; }
  bool is_inlined() const { return size_ <= kInlineBytes; }
  const char* data() const { return is_inlined() ? inlined_ : pointer_.data; }
  std::string_view view() const { return {data(), size_}; }
  std::string str() const { return std::string(view()); }

  // The first four bytes and the length as one word: different words mean different strings.
  uint64_t head() const {
    uint64_t word;
    std::memcpy(&word, this, 8);
    return word;
  }

  friend bool operator==(const StringView& a, const StringView& b) {
    if (a.head() != b.head()) return false;
    if (a.is_inlined()) return std::memcmp(a.inlined_ + 4, b.inlined_ + 4, 8) == 0;
    return a.pointer_.data == b.pointer_.data || std::memcmp(a.pointer_.data, b.pointer_.data, a.size_) == 0;
  }

 private:
  uint32_t size_;
  union {
    char inlined_[kInlineBytes];
    struct __attribute__((packed)) {
      char prefix[4];
      const char* data;
    } pointer_;
  };
};
static_assert(sizeof(StringView) == 16);

// PostgreSQL's interval: three fields that are kept apart.
struct Interval {
  int64_t microseconds;
  int32_t days;
  int32_t months;
};
static_assert(sizeof(Interval) == 16);

// `zone` is seconds WEST of UTC, as PostgreSQL stores it.
struct TimeTz {
  int64_t microseconds;
  int32_t zone;
  int32_t unused;
};
static_assert(sizeof(TimeTz) == 16);

struct Uuid {
  uint8_t bytes[16];
};

// An exact decimal: coefficient * 10^-scale, or NaN or an infinity. A coefficient that fits 64 bits is inline
// (the fast path of every kernel); a larger one is out of line as `size` bytes of little-endian magnitude.
// A value is always in the smallest form.
struct Numeric {
  enum class Kind : uint8_t { Small, Big, NaN, PositiveInfinity, NegativeInfinity };

  Kind kind;
  bool negative;   // Big only
  uint16_t scale;  // digits shown after the point (PostgreSQL's dscale)
  uint32_t size;   // Big only: bytes of magnitude
  union {
    int64_t small;
    const uint8_t* big;
  };

  static Numeric of(int64_t coefficient, uint16_t scale = 0) {
    Numeric n;
    n.kind = Kind::Small;
    n.negative = false;
    n.scale = scale;
    n.size = 0;
    n.small = coefficient;
    return n;
  }
  bool is_small() const { return kind == Kind::Small; }
  bool is_finite() const { return kind == Kind::Small || kind == Kind::Big; }
};
static_assert(sizeof(Numeric) == 16);

// One value of any type; the type is known from elsewhere. Out-of-line bytes are not owned.
struct Value {
  bool is_null = true;
  union {
    bool boolean;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    TimeTz timetz;
    Interval interval;
    Uuid uuid;
    Numeric numeric;
    StringView string;
    std::byte slot[16];
  };

  Value() { std::memset(slot, 0, sizeof slot); }
  static Value null() { return Value(); }
  static Value of_bool(bool v) { return with([&](Value& r) { r.boolean = v; }); }
  static Value of_i8(int8_t v) { return with([&](Value& r) { r.i8 = v; }); }
  static Value of_i16(int16_t v) { return with([&](Value& r) { r.i16 = v; }); }
  static Value of_i32(int32_t v) { return with([&](Value& r) { r.i32 = v; }); }
  static Value of_oid(Oid v) { return of_i32(static_cast<int32_t>(v)); }
  static Value of_i64(int64_t v) { return with([&](Value& r) { r.i64 = v; }); }
  static Value of_f32(float v) { return with([&](Value& r) { r.f32 = v; }); }
  static Value of_f64(double v) { return with([&](Value& r) { r.f64 = v; }); }
  static Value of_string(std::string_view v) { return with([&](Value& r) { r.string = StringView(v); }); }
  static Value of_numeric(Numeric v) { return with([&](Value& r) { r.numeric = v; }); }
  static Value of_interval(Interval v) { return with([&](Value& r) { r.interval = v; }); }
  static Value of_timetz(TimeTz v) { return with([&](Value& r) { r.timetz = v; }); }
  static Value of_uuid(Uuid v) { return with([&](Value& r) { r.uuid = v; }); }

  Oid oid() const { return static_cast<Oid>(i32); }
  // The view of an inline string points into this Value.
  std::string_view text() const { return string.view(); }

 private:
  template <typename Set>
  static Value with(Set set) {
    Value value;
    value.is_null = false;
    set(value);
    return value;
  }
};

// Reads or writes one slot of the given physical type.
inline Value load_slot(PhysicalType type, const void* slot) {
  Value value;
  value.is_null = false;
  std::memcpy(value.slot, slot, physical_size(type));
  return value;
}
inline void store_slot(PhysicalType type, const Value& value, void* slot) {
  std::memcpy(slot, value.slot, physical_size(type));
}

// Bytes that `slot` refers to outside itself; empty for an inline value.
inline std::string_view out_of_line(PhysicalType type, const void* slot) {
  if (type == PhysicalType::String) {
    auto* s = static_cast<const StringView*>(slot);
    return s->is_inlined() ? std::string_view() : s->view();
  }
  if (type == PhysicalType::Numeric) {
    auto* n = static_cast<const Numeric*>(slot);
    if (n->kind == Numeric::Kind::Big) return {reinterpret_cast<const char*>(n->big), n->size};
  }
  return {};
}

// Makes `slot` refer to `bytes` (a copy of what out_of_line returned) instead.
inline void set_out_of_line(PhysicalType type, void* slot, std::string_view bytes) {
  if (type == PhysicalType::String) {
    *static_cast<StringView*>(slot) = StringView(bytes);
  } else if (type == PhysicalType::Numeric) {
    static_cast<Numeric*>(slot)->big = reinterpret_cast<const uint8_t*>(bytes.data());
  }
}

// A copy of `value` whose out-of-line bytes live in `arena`.
inline Value copy_value(PhysicalType type, const Value& value, Arena& arena) {
  Value copy = value;
  if (value.is_null) return copy;
  if (auto bytes = out_of_line(type, value.slot); !bytes.empty()) set_out_of_line(type, copy.slot, arena.copy(bytes));
  return copy;
}

}  // namespace aegis::types
