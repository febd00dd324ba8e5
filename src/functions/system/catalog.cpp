// Functions answered above, through Services::catalog_function.
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace {

template <size_t N>
struct Symbol {
  char text[N];
  constexpr Symbol(const char (&literal)[N]) {  // NOLINT: a literal becomes a template argument
    for (size_t i = 0; i < N; ++i) text[i] = literal[i];
  }
  constexpr Text view() const { return {text, N - 1}; }
};

template <Symbol symbol>
Value ask(Call& call, std::span<const Value> row) {
  Value result;
  if (!call.services().catalog_function(symbol.view(), row, call.arena(), result)) {
    throw_not_supported("function " + std::string(symbol.view()));
  }
  return result;
}

constexpr ScalarBinding kBindings[] = {
#define AEGIS_CATALOG_FUNCTION(symbol) {symbol, strict_value_kernel<ask<symbol>>},
#include "catalog_functions.def"
#undef AEGIS_CATALOG_FUNCTION
};

}  // namespace

std::span<const ScalarBinding> catalog_bindings() { return kBindings; }

}  // namespace aegis::functions
