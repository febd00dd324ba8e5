// Rows as values: a String value whose bytes are a u32 count of fields, a u32 shape (what the fields of an anonymous
// record are called, 0 when they have no names), then for each field
//   u32 type OID, u8 PhysicalType, u8 1 when null, u16 zero, u32 offset, u32 size
// and then the fields' bytes: a slot for fixed-size types, the text for String, for Numeric a slot followed by
// the magnitude. Numbers are little endian and unaligned.
#pragma once

#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

class RecordView {
 public:
  explicit RecordView(std::string_view bytes) : bytes_(bytes) {
    std::memcpy(&count_, bytes.data(), 4);
    std::memcpy(&shape_, bytes.data() + 4, 4);
  }
  size_t size() const { return count_; }
  uint32_t shape() const { return shape_; }
  Oid type(size_t i) const;
  // Borrows the record's bytes.
  Value get(size_t i) const;

 private:
  std::string_view bytes_;
  uint32_t count_;
  uint32_t shape_;
};

// Names of the fields of anonymous records, known to the whole process by a number.
uint32_t record_shape(const std::vector<std::string>& names);
// Null for shape 0.
const std::vector<std::string>* shape_names(uint32_t shape);

// What one field of a record is called; "" for a dropped field of a named composite.
std::vector<std::string> record_field_names(const TypeContext& context, Oid type, const RecordView& record);

class RecordBuilder {
 public:
  explicit RecordBuilder(uint32_t shape = 0) : shape_(shape) {}
  void add(Oid type, const Value& value);
  void add(Oid type, PhysicalType physical, const Value& value);
  // A view of bytes in `arena`.
  std::string_view finish(Arena& arena) const;

 private:
  struct Field {
    Oid type;
    PhysicalType physical;
    Value value;
  };
  uint32_t shape_;
  std::vector<Field> fields_;
};

// record_in for fields of these types.
Value parse_record(const TypeContext& context, std::string_view text, const UserType& type, Arena& arena);
// `type`: a composite whose dropped fields are left out, or any other.
void append_record(const TypeContext& context, std::string_view record, std::string& out, const UserType* type = nullptr);
// Field by field; throws 42804 when the fields' types differ.
int compare_records(std::string_view a, std::string_view b);
uint64_t hash_record(std::string_view record);

}  // namespace aegis::types
