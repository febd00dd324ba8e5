// Arrays: a String value whose bytes are
//
//   0   u32  element type's OID
//   4   u8   element's PhysicalType
//   5   u8   dimensions, 0 (empty array) to 6
//   6   u8   1 when there is a null bitmap
//   7   u8   zero
//   8   i32 length and i32 lower bound of each dimension
//   …   null bitmap, (count + 7) / 8 bytes, bit set means not null
//   …   fixed-size elements: count slots (a null's slot is zero)
//       String: count + 1 u32 offsets into the bytes that follow them
//       Numeric: count slots, whose `big` is the offset of the magnitude in the array
//
// Numbers are little endian and unaligned. int2vector and oidvector are arrays with lower bound 0.
#pragma once

#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

inline constexpr int kMaxArrayDimensions = 6;
inline constexpr size_t kMaxArrayElements = 134217727;

class ArrayView {
 public:
  explicit ArrayView(std::string_view bytes);

  Oid element_type() const { return element_; }
  PhysicalType physical() const { return physical_; }
  int dimensions() const { return dimensions_; }
  int32_t length(int dimension) const { return load<int32_t>(8 + 8 * dimension); }
  int32_t lower(int dimension) const { return load<int32_t>(12 + 8 * dimension); }
  size_t size() const { return count_; }
  bool has_nulls() const { return bitmap_ != nullptr; }
  bool is_null(size_t i) const { return bitmap_ != nullptr && ((bitmap_[i >> 3] >> (i & 7)) & 1) == 0; }
  // Borrows the array's bytes.
  Value get(size_t i) const;

 private:
  template <typename T>
  T load(size_t at) const {
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof(T));
    return value;
  }

  std::string_view bytes_;
  Oid element_;
  PhysicalType physical_;
  int dimensions_;
  size_t count_ = 1;
  const uint8_t* bitmap_ = nullptr;
  size_t elements_at_ = 0;
  uint32_t slot_size_ = 0;
};

// Collects elements (borrowing their out-of-line bytes until finish()).
class ArrayBuilder {
 public:
  explicit ArrayBuilder(Oid element_type);
  ArrayBuilder(Oid element_type, PhysicalType physical) : element_(element_type), physical_(physical) {}

  void reserve(size_t count) { values_.reserve(count); }
  void add(const Value& value) { values_.push_back(value); }
  size_t size() const { return values_.size(); }
  // One-dimensional with lower bound 1 unless told; no elements make the empty array.
  void set_dimensions(std::vector<int32_t> lengths, std::vector<int32_t> lowers);
  void set_lower(int32_t lower) { lowers_.assign(1, lower); }
  // A view of bytes in `arena`.
  std::string_view finish(Arena& arena) const;
  Value value(Arena& arena) const { return string_value_of(finish(arena)); }

 private:
  static Value string_value_of(std::string_view bytes) { return Value::of_string(bytes); }

  Oid element_;
  PhysicalType physical_;
  std::vector<Value> values_;
  std::vector<int32_t> lengths_;
  std::vector<int32_t> lowers_;
};

// Elements cast one by one: out = array_in's grammar, PostgreSQL's quoting. `delimiter` is typdelim.
Value parse_array(const TypeContext& context, std::string_view text, Type element, Arena& arena);
void append_array(const TypeContext& context, std::string_view array, std::string& out);
// The default order of arrays.
int compare_arrays(std::string_view a, std::string_view b);
uint64_t hash_array(std::string_view array);

}  // namespace aegis::types
