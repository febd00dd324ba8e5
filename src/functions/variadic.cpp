#include "aegis/types/array.h"
#include "call.h"

namespace aegis::functions {

VariadicArguments::VariadicArguments(Call& call, std::span<const Value> row) {
  bool expand = call.context.site.variadic_array && !row.empty();
  size_t plain = expand ? row.size() - 1 : row.size();
  for (size_t i = 0; i < plain; ++i) {
    values_.push_back(row[i]);
    types_.push_back(call.argument_type(i));
  }
  if (!expand) return;
  if (row.back().is_null) {
    null_array_ = true;
    return;
  }
  types::ArrayView array(row.back().text());
  for (size_t i = 0; i < array.size(); ++i) {
    Value element = array.get(i);
    // The view may point into a short array held inside the argument itself.
    values_.push_back(types::copy_value(array.physical(), element, call.arena()));
    types_.push_back(array.element_type());
  }
}

}  // namespace aegis::functions
