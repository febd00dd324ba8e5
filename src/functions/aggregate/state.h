// Makes an AggregateKernel of a state type S with
//   static constexpr bool kStrict            rows with a null argument are skipped
//   void step(AggregateContext&, const VectorView* arguments, size_t row)
//   void merge(AggregateContext&, const S&)   optional: it can run in parallel
//   void finish(AggregateContext&, Vector& result, size_t row)
// S is zeroed by its default constructor and trivially relocatable.
#pragma once

#include <new>

#include "binding.h"
#include "call.h"

namespace aegis::functions {

template <typename S>
concept Mergeable = requires(S s, AggregateContext& context) { s.merge(context, s); };

namespace detail {

constexpr size_t kMaxAggregateArguments = 16;

template <typename S>
void init_state(std::byte* state) {
  new (state) S();
}

template <typename S>
struct Views {
  VectorView views[kMaxAggregateArguments];
  size_t count;
  bool nulls = false;

  explicit Views(Arguments arguments) : count(arguments.size()) {
    for (size_t i = 0; i < count; ++i) {
      views[i] = arguments[i]->view();
      nulls |= views[i].validity != nullptr;
    }
  }
  bool takes(size_t row) const {
    if (!S::kStrict || !nulls) return true;
    for (size_t i = 0; i < count; ++i) {
      if (!views[i].valid(row)) return false;
    }
    return true;
  }
};

template <typename S>
void update_states(AggregateContext& context, Arguments arguments, size_t count, std::byte* const* states) {
  Views<S> views(arguments);
  for (size_t i = 0; i < count; ++i) {
    if (views.takes(i)) reinterpret_cast<S*>(states[i])->step(context, views.views, i);
  }
}

template <typename S>
void update_one_state(AggregateContext& context, Arguments arguments, size_t count, std::byte* state) {
  Views<S> views(arguments);
  S& s = *reinterpret_cast<S*>(state);
  for (size_t i = 0; i < count; ++i) {
    if (views.takes(i)) s.step(context, views.views, i);
  }
}

template <typename S>
void combine_states(AggregateContext& context, const std::byte* source, std::byte* target) {
  reinterpret_cast<S*>(target)->merge(context, *reinterpret_cast<const S*>(source));
}

template <typename S>
void finish_states(AggregateContext& context, std::byte* const* states, size_t count, Vector& result) {
  result.reset();
  for (size_t i = 0; i < count; ++i) reinterpret_cast<S*>(states[i])->finish(context, result, i);
}

}  // namespace detail

template <typename S>
constexpr AggregateKernel make_aggregate() {
  void (*combine)(AggregateContext&, const std::byte*, std::byte*) = nullptr;
  if constexpr (Mergeable<S>) combine = detail::combine_states<S>;
  return {(sizeof(S) + 15) / 16 * 16,  detail::init_state<S>, detail::update_states<S>,
          detail::update_one_state<S>, combine,               detail::finish_states<S>};
}

template <typename S>
inline constexpr AggregateKernel kAggregate = make_aggregate<S>();

// A growing array in an arena.
template <typename T>
struct ArenaList {
  T* items = nullptr;
  uint32_t size = 0;
  uint32_t capacity = 0;

  void add(const T& item, Arena& arena) {
    if (size == capacity) {
      uint32_t larger = capacity == 0 ? 8 : capacity * 2;
      T* moved = arena.allocate_array<T>(larger);
      if (size > 0) std::memcpy(static_cast<void*>(moved), items, size * sizeof(T));
      items = moved;
      capacity = larger;
    }
    std::memcpy(static_cast<void*>(&items[size++]), &item, sizeof(T));
  }
};

// One value of an argument, copied into the arena.
inline Value argument_value(AggregateContext& context, const VectorView& view, size_t row, Oid type) {
  if (!view.valid(row)) return Value::null();
  types::PhysicalType physical = types::physical_type(type);
  const std::byte* slot = view.bytes + view.index(row) * types::physical_size(physical);
  return types::copy_value(physical, types::load_slot(physical, slot), context.arena);
}

}  // namespace aegis::functions
