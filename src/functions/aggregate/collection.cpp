// string_agg and array_agg.
#include "aegis/types/array.h"
#include "state.h"

namespace aegis::functions {

namespace {

struct Concatenation {
  static constexpr bool kStrict = false;
  ArenaList<char> bytes;
  bool any = false;

  void append(AggregateContext& context, std::string_view text) {
    size_t needed = bytes.size + text.size();
    if (needed > 0x3fffffff) throw SqlError(Sqlstate::ProgramLimitExceeded, "string buffer exceeds maximum allowed length (1073741823 bytes)");
    if (needed > bytes.capacity) {
      auto larger = static_cast<uint32_t>(std::max<size_t>(needed, bytes.capacity * 2UL + 32));
      char* moved = static_cast<char*>(context.arena.allocate(larger, 1));
      if (bytes.size > 0) std::memcpy(moved, bytes.items, bytes.size);
      bytes.items = moved;
      bytes.capacity = larger;
    }
    if (!text.empty()) std::memcpy(bytes.items + bytes.size, text.data(), text.size());
    bytes.size = static_cast<uint32_t>(needed);
  }
  void step(AggregateContext& context, const VectorView* a, size_t row) {
    if (!a[0].valid(row)) return;
    if (any && a[1].valid(row)) append(context, a[1].at<StringView>(row).view());
    append(context, a[0].at<StringView>(row).view());
    any = true;
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    result.set(row, any ? Value::of_string({bytes.items, bytes.size}) : Value::null());
  }
};

struct Collection {
  static constexpr bool kStrict = false;
  ArenaList<Value> values;

  void step(AggregateContext& context, const VectorView* a, size_t row) {
    values.add(argument_value(context, a[0], row, context.site.arguments[0].oid), context.arena);
  }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0) return result.set(row, Value::null());
    types::ArrayBuilder builder(context.site.arguments[0].oid);
    for (uint32_t i = 0; i < values.size; ++i) builder.add(values.items[i]);
    result.set(row, builder.value(context.arena));
  }
};

// Arrays of one shape become an array of one dimension more.
struct ArrayCollection : Collection {
  void step(AggregateContext& context, const VectorView* a, size_t row) {
    if (!a[0].valid(row)) throw SqlError(Sqlstate::NullValueNotAllowed, "cannot accumulate null arrays");
    types::ArrayView array(a[0].at<StringView>(row).view());
    if (array.dimensions() == 0) throw SqlError(Sqlstate::ArraySubscriptError, "cannot accumulate empty arrays");
    if (values.size > 0) {
      types::ArrayView first(values.items[0].text());
      bool same = first.dimensions() == array.dimensions();
      for (int d = 0; same && d < array.dimensions(); ++d) same = first.length(d) == array.length(d);
      if (!same) throw SqlError(Sqlstate::ArraySubscriptError, "cannot accumulate arrays of different dimensionality");
    }
    Collection::step(context, a, row);
  }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0) return result.set(row, Value::null());
    types::ArrayView first(values.items[0].text());
    if (first.dimensions() >= types::kMaxArrayDimensions) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "number of array dimensions (7) exceeds the maximum allowed (6)");
    }
    std::vector<int32_t> lengths{static_cast<int32_t>(values.size)};
    std::vector<int32_t> lowers{1};
    for (int d = 0; d < first.dimensions(); ++d) {
      lengths.push_back(first.length(d));
      lowers.push_back(first.lower(d));
    }
    types::ArrayBuilder builder(first.element_type(), first.physical());
    for (uint32_t i = 0; i < values.size; ++i) {
      types::ArrayView array(values.items[i].text());
      for (size_t k = 0; k < array.size(); ++k) {
        builder.add(types::copy_value(array.physical(), array.get(k), context.arena));
      }
    }
    builder.set_dimensions(std::move(lengths), std::move(lowers));
    result.set(row, builder.value(context.arena));
  }
};

constexpr AggregateBinding kBindings[] = {
    {"string_agg(text,text)", &kAggregate<Concatenation>},
    {"string_agg(bytea,bytea)", &kAggregate<Concatenation>},
    {"array_agg(anynonarray)", &kAggregate<Collection>},
    {"array_agg(anyarray)", &kAggregate<ArrayCollection>},
};

}  // namespace

std::span<const AggregateBinding> collection_bindings() { return kBindings; }

}  // namespace aegis::functions
