// Rows as values: a String value whose bytes are a u32 count of fields, then for each field
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
  explicit RecordView(std::string_view bytes) : bytes_(bytes) { std::memcpy(&count_, bytes.data(), 4); }
  size_t size() const { return count_; }
  Oid type(size_t i) const;
  // Borrows the record's bytes.
  Value get(size_t i) const;

 private:
  std::string_view bytes_;
  uint32_t count_;
};

class RecordBuilder {
 public:
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
  std::vector<Field> fields_;
};

void append_record(const TypeContext& context, std::string_view record, std::string& out);
// Field by field; throws 42804 when the fields' types differ.
int compare_records(std::string_view a, std::string_view b);
uint64_t hash_record(std::string_view record);

}  // namespace aegis::types
