// Builds rows of a system catalog column by column.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "aegis/catalog/system.h"
#include "aegis/types/array.h"

namespace aegis::catalog {

class Row {
 public:
  Row(Oid table, RowSink& sink);

  // Numbers take the column's physical type; text is borrowed until emit().
  template <typename T>
  Row& set(int column, const T& value) {
    if constexpr (std::is_same_v<T, types::Value>) {
      values_[column] = value;
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      values_[column] = types::Value::of_string(std::string_view(value));
    } else {
      set_number(column, static_cast<int64_t>(value));
    }
    return *this;
  }
  Row& set_real(int column, double value);
  // Null when empty, for columns that PostgreSQL leaves null then.
  Row& set_texts(int column, const std::vector<std::string>& texts);
  Row& set_oids(int column, const std::vector<Oid>& oids);
  Row& set_acl(int column, const std::vector<std::string>& items);
  Row& set_text_or_null(int column, std::string_view text);

  Arena& arena() { return sink_.arena(); }
  // Gives the row out; every column is back at its default: zero, empty, or null where it may be null.
  void emit();

 private:
  void set_number(int column, int64_t value);

  const SystemTable& table_;
  RowSink& sink_;
  std::vector<types::Value> defaults_;
  std::vector<types::Value> values_;
};

types::Value int2_array(Arena& arena, std::span<const int> numbers);
types::Value oid_array(Arena& arena, std::span<const Oid> oids);
types::Value int2vector(Arena& arena, std::span<const int> numbers);
types::Value oidvector(Arena& arena, std::span<const Oid> oids);

}  // namespace aegis::catalog
