// Calls of user-defined functions: row by row, through Services.
#include "aegis/functions/function.h"

namespace aegis::functions {

void call_routine_kernel(CallContext& context, std::span<const Vector* const> arguments, size_t count, Vector& result) {
  result.reset();
  std::vector<Value> values(arguments.size());
  Arena arena;
  for (size_t row = 0; row < count; ++row) {
    bool null = false;
    for (size_t i = 0; i < arguments.size(); ++i) {
      values[i] = arguments[i]->get(row);
      null = null || values[i].is_null;
    }
    if (null && context.function->strict) {
      result.set_null(row);
      continue;
    }
    arena.reset();
    result.set(row, context.services.call_routine(context, values, arena));
  }
}

std::unique_ptr<SetScan> scan_routine_kernel(CallContext& context, std::span<const Value> arguments) {
  return context.services.scan_routine(context, arguments);
}

}  // namespace aegis::functions
