// xmlagg: XMLCONCAT of a group's values.
#include "aegis/types/xml.h"
#include "state.h"

namespace aegis::functions {
namespace {

struct Concatenation {
  static constexpr bool kStrict = true;
  ArenaList<StringView> values;

  void step(AggregateContext& context, const VectorView* a, size_t row) {
    const auto& value = a[0].at<StringView>(row);
    values.add(StringView(context.arena.copy(value.view())), context.arena);
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    if (values.size == 0) return result.set(row, Value::null());
    std::vector<std::string_view> parts;
    for (uint32_t i = 0; i < values.size; ++i) parts.push_back(values.items[i].view());
    std::string text = types::xml::concat(parts);
    result.set(row, Value::of_string(text));
  }
};

constexpr AggregateBinding kBindings[] = {
    {"xmlagg(xml)", &kAggregate<Concatenation>},
};

}  // namespace

std::span<const AggregateBinding> xml_aggregate_bindings() { return kBindings; }

}  // namespace aegis::functions
