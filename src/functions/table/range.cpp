#include "aegis/types/range.h"

#include "binding.h"
#include "table/list_scan.h"

namespace aegis::functions {

namespace {

std::unique_ptr<SetScan> unnest_multirange(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  auto scan = std::make_unique<ListScan>();
  Oid range_type = types::type_info(types::range_type_of(arguments[0].text())).base;
  for (const types::Range& range : types::read_multirange(arguments[0].text())) {
    scan->add({types::range_value(range_type, range, scan->arena())});
  }
  return scan;
}

constexpr SetBinding kBindings[] = {{"multirange_unnest", unnest_multirange}};

}  // namespace

std::span<const SetBinding> range_set_bindings() { return kBindings; }

}  // namespace aegis::functions
