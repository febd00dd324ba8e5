// Lines of COPY FROM to rows of a chunk. Every thread that parses has a parser of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"
#include "aegis/vector/vector.h"
#include "copy.h"

namespace aegis {
class SqlError;
}

namespace aegis::commands {

struct CopyTarget {
  int column;
  const types::TypeInfo* info;
  types::Type type;
  size_t size;
  std::string name;
};

// What all parsers of a command share.
struct CopyRowFormat {
  const CopyOptions& options;
  const types::TypeContext& types;
  std::string table;
  std::vector<CopyTarget> targets;
  std::vector<bool> force_not_null;
  std::vector<bool> force_null;
  // Whether values can be parsed by any thread: no type's input looks at the catalog.
  bool is_context_free() const;
};

class CopyRowParser {
 public:
  enum class Bytes : uint8_t { Copy, Borrow };  // Borrow: values may point into lines
  CopyRowParser(const CopyRowFormat& format, Bytes bytes) : format_(format), bytes_(bytes) {}

  uint64_t line = 0;  // of the present one, counted from 1
  // The chunk to fill from its start.
  void start(vector::Chunk& chunk);
  void match_header(std::string_view text);
  // The line as row `row`. Errors have their context.
  void parse(std::string_view text, size_t row);

  std::string where() const;
  [[noreturn]] void throw_in_line(SqlError error, std::string_view raw) const;

 private:
  void check_encoding(std::string_view text) const;
  void split(std::string_view text);
  void set_field(size_t i, const CopyField& field, size_t row);
  bool set_fast(const CopyTarget& target, std::string_view text, vector::Vector& column, void* slot, bool stable);
  [[noreturn]] void throw_in_field(SqlError error, const CopyTarget& target, const CopyField& field) const;

  const CopyRowFormat& format_;
  const Bytes bytes_;
  vector::Chunk* chunk_ = nullptr;
  std::vector<std::byte*> slots_;
  std::string scratch_;
  std::vector<CopyField> fields_;
};

}  // namespace aegis::commands
