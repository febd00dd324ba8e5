// Makes a ScalarKernel of a plain function of single values: `kernel<[](int32_t a, int32_t b) { return a < b; }>`.
//
// Argument types name slots: bool, int8_t, int16_t, int32_t, uint32_t, int64_t, float, double, Numeric, Interval,
// TimeTz, Uuid; Text (std::string_view) reads a string slot, Span a string as it is stored. A first parameter of
// type Call& gives the context. The result may be any of these, std::string (copied), or std::optional of one
// (nullopt is null). The kernel is strict.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "aegis/functions/function.h"
#include "aegis/types/encoding.h"
#include "aegis/vector/kernel.h"

namespace aegis::functions {

using types::Interval;
using types::Numeric;
using types::StringView;
using types::TimeTz;
using types::TypeContext;
using types::Uuid;
using vector::VectorView;
using Text = std::string_view;
using Arguments = std::span<const Vector* const>;

struct Call {
  CallContext& context;
  Vector& result;

  Arena& arena() { return result.heap(); }
  const TypeContext& types() const { return context.types; }
  Services& services() const { return context.services; }
  Oid argument_type(size_t i) const { return context.site.arguments[i].oid; }
  Oid result_type() const { return context.site.result.oid; }
  // An object kept with the call; T is built by make() the first time.
  template <typename T, typename Make>
  T& cached(Make&& make) {
    if (context.cache == nullptr) context.cache = std::make_shared<T>(make());
    return *static_cast<T*>(context.cache.get());
  }
};

namespace detail {

template <typename T>
struct SlotOf {
  using Type = T;
};
template <>
struct SlotOf<bool> {
  using Type = uint8_t;
};
template <>
struct SlotOf<Text> {
  using Type = StringView;
};
template <>
struct SlotOf<std::string> {
  using Type = StringView;
};
template <typename T>
struct SlotOf<std::optional<T>> : SlotOf<T> {};

template <typename T>
using Slot = typename SlotOf<std::remove_cvref_t<T>>::Type;

template <typename T>
decltype(auto) read(const VectorView& view, size_t slot) {
  using Plain = std::remove_cvref_t<T>;
  const auto& stored = view.data<Slot<T>>()[slot];
  if constexpr (std::is_same_v<Plain, Text>) {
    return stored.view();
  } else if constexpr (std::is_same_v<Plain, bool>) {
    return stored != 0;
  } else {
    return stored;
  }
}

template <typename T>
struct Signature;
template <typename R, typename... A>
struct Signature<R (*)(A...)> {
  using Result = R;
  using Parameters = std::tuple<A...>;
};
template <typename C, typename R, typename... A>
struct Signature<R (C::*)(A...) const> : Signature<R (*)(A...)> {};
template <typename T>
  requires std::is_class_v<T>
struct Signature<T> : Signature<decltype(&T::operator())> {};

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <typename R>
inline void write(Vector& result, Slot<R>* out, size_t i, R&& value) {
  using Plain = std::remove_cvref_t<R>;
  if constexpr (kIsOptional<Plain>) {
    if (value.has_value()) {
      write<typename Plain::value_type>(result, out, i, std::move(*value));
    } else {
      out[i] = Slot<R>{};
      result.set_null(i);
    }
  } else if constexpr (std::is_same_v<Plain, std::string> || std::is_same_v<Plain, Text>) {
    out[i] = result.store(value);
  } else {
    out[i] = static_cast<Slot<R>>(value);
  }
}

template <auto F, bool with_call, typename R, typename Tuple, size_t... I>
void run(CallContext& context, Arguments arguments, size_t count, Vector& result, std::index_sequence<I...>) {
  constexpr size_t kSkip = with_call ? 1 : 0;
  VectorView views[sizeof...(I) + 1] = {arguments[I]->view()..., {}};
  Call call{context, result};
  auto compute = [&](auto... slots) -> R {
    if constexpr (with_call) {
      return F(call, read<std::tuple_element_t<I + kSkip, Tuple>>(views[I], slots)...);
    } else {
      return F(read<std::tuple_element_t<I + kSkip, Tuple>>(views[I], slots)...);
    }
  };
  bool any_null_constant = ((arguments[I]->is_constant() && !views[I].valid(0)) || ... || false);
  if (any_null_constant) return result.set_constant_null();
  auto* out = result.start<Slot<R>>();
  bool all_constant = (arguments[I]->is_constant() && ... && (sizeof...(I) > 0));
  if (all_constant && count > 0) {
    write<R>(result, out, 0, compute(views[I].index(0)...));
    bool null = result.is_null(0);
    for (size_t i = 1; i < count; ++i) {
      if (null) result.set_null(i);
      out[i] = out[0];
    }
    return;
  }
  bool nulls = ((views[I].validity != nullptr) || ... || false);
  bool flat = ((views[I].selection == nullptr) && ... && true);
  if (!nulls && flat) {
    for (size_t i = 0; i < count; ++i) write<R>(result, out, i, compute((static_cast<void>(I), i)...));
    return;
  }
  if constexpr (sizeof...(I) == 2) {
    if (!nulls && views[0].selection == nullptr && arguments[1]->is_constant()) {
      size_t constant = views[1].index(0);
      for (size_t i = 0; i < count; ++i) write<R>(result, out, i, compute(i, constant));
      return;
    }
  }
  if (!nulls) {
    for (size_t i = 0; i < count; ++i) write<R>(result, out, i, compute(views[I].index(i)...));
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    if ((views[I].valid(i) && ... && true)) {
      write<R>(result, out, i, compute(views[I].index(i)...));
    } else {
      out[i] = Slot<R>{};
      result.set_null(i);
    }
  }
}

template <typename Tuple>
inline constexpr bool kWithCall = false;
template <typename... T>
inline constexpr bool kWithCall<std::tuple<Call&, T...>> = true;

}  // namespace detail

template <auto F>
void kernel(CallContext& context, Arguments arguments, size_t count, Vector& result) {
  using Sig = detail::Signature<std::remove_cv_t<decltype(F)>>;
  using Parameters = typename Sig::Parameters;
  constexpr bool kCall = detail::kWithCall<Parameters>;
  constexpr size_t kArity = std::tuple_size_v<Parameters> - (kCall ? 1 : 0);
  detail::run<F, kCall, typename Sig::Result, Parameters>(context, arguments, count, result,
                                                          std::make_index_sequence<kArity>());
}

// For functions that see nulls, or any type: F(Call&, std::span<const Value>) → Value, row by row. Bytes of the
// result that are not arguments' or static live in call.arena() or are copied.
template <auto F>
void value_kernel(CallContext& context, Arguments arguments, size_t count, Vector& result) {
  result.reset();
  Call call{context, result};
  std::vector<Value> row(arguments.size());
  bool constant = true;
  for (const Vector* argument : arguments) constant &= argument->is_constant();
  for (size_t i = 0; i < count; ++i) {
    for (size_t a = 0; a < arguments.size(); ++a) row[a] = arguments[a]->get(i);
    result.set(i, F(call, std::span<const Value>(row)));
    if (constant && !arguments.empty()) {
      Value first = result.get(0);
      for (size_t k = 1; k < count; ++k) result.set(k, first);
      return;
    }
  }
}

// The same, where a null argument gives null.
template <auto F>
void strict_value_kernel(CallContext& context, Arguments arguments, size_t count, Vector& result) {
  value_kernel<[](Call& call, std::span<const Value> row) -> Value {
    for (const Value& value : row) {
      if (value.is_null) return Value::null();
    }
    return F(call, row);
  }>(context, arguments, count, result);
}

// The arguments of a VARIADIC "any" call one by one, also when they were given as an array.
class VariadicArguments {
 public:
  VariadicArguments(Call& call, std::span<const Value> row);
  std::span<const Value> values() const { return values_; }
  Oid type(size_t i) const { return types_[i]; }
  // VARIADIC NULL was given.
  bool is_null_array() const { return null_array_; }

 private:
  std::vector<Value> values_;
  std::vector<Oid> types_;
  bool null_array_ = false;
};

// interval * factor and interval / divisor, as the operators have them.
Interval multiply_interval(const Interval& interval, double factor);
Interval divide_interval(const Interval& interval, double divisor);

// string_to_array's pieces of a text; a null delimiter splits it into characters.
std::vector<Text> split_text(Text text, const Value* delimiter);

[[noreturn]] inline void throw_out_of_range(const char* type_name) {
  throw SqlError(Sqlstate::NumericValueOutOfRange, std::string(type_name) + " out of range");
}
[[noreturn]] inline void throw_division_by_zero() { throw SqlError(Sqlstate::DivisionByZero, "division by zero"); }

}  // namespace aegis::functions
