// Rows of chunks as DataRow messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aegis/types/type.h"
#include "aegis/vector/vector.h"

namespace aegis::protocol {

class RowEncoder {
 public:
  // `formats`: one code (0 text, 1 binary) a column. Chunks may have more columns; those behind are not sent.
  RowEncoder(std::vector<types::Type> types, std::vector<int16_t> formats);
  // Appends rows [from, from + count) of the chunk.
  void encode(const vector::Chunk& chunk, size_t from, size_t count, const types::TypeContext& context, std::string& out) const;
  size_t column_count() const { return columns_.size(); }

 private:
  enum class Way : uint8_t { TextInt16, TextInt32, TextInt64, Raw, Bool, Output, Send };
  struct Column {
    types::Type type;
    const types::TypeInfo* info;
    Way way;
  };
  static Way choose(const types::TypeInfo* info, Oid type, int16_t format);
  std::vector<Column> columns_;
};

}  // namespace aegis::protocol
