// Aggregates made by CREATE AGGREGATE: one call of the transition function a row, one of the final function a group.
#include <cstring>
#include <new>
#include <optional>

#include "binding.h"
#include "call.h"

namespace aegis::functions {
namespace {

struct State {
  Value value;
  char* buffer;     // the value's out-of-line bytes
  size_t capacity;  // grows by doubling, so that a long aggregate over strings takes no more than a few of its states
  bool initialized;
  bool started;  // has a value: the initial one, or the first input
};

void keep(State& state, Arena& arena, types::PhysicalType physical, const Value& given) {
  Value value = given;
  if (!given.is_null) {
    std::string_view bytes = types::out_of_line(physical, given.slot);
    if (!bytes.empty()) {
      if (bytes.size() > state.capacity) {
        state.capacity = bytes.size() * 2;
        state.buffer = static_cast<char*>(arena.allocate(state.capacity));
      }
      std::memmove(state.buffer, bytes.data(), bytes.size());
      types::set_out_of_line(physical, value.slot, {state.buffer, bytes.size()});
    }
  }
  state.value = value;
  state.started = true;
}

// One function with vectors of one row for its arguments and its result.
class Caller {
 public:
  Caller(AggregateContext& context, const Function& function, const std::vector<Type>& types, Type result, std::shared_ptr<void>& cache)
      : function_(function), result_(result.oid) {
    site_.arguments = types;
    site_.result = result;
    site_.collation = context.site.collation;
    context_.emplace(CallContext{context.types, context.services, site_, cache, &function});
    for (const Type& type : types) arguments_.emplace_back(type.oid);
    for (auto& argument : arguments_) {
      argument.reset();
      pointers_.push_back(&argument);
    }
  }

  Vector& argument(size_t i) { return arguments_[i]; }
  size_t count() const { return arguments_.size(); }
  void set(size_t i, const Value& value) {
    arguments_[i].reset();
    arguments_[i].set(0, value);
  }
  Value call() {
    if (function_.strict) {
      for (const auto& argument : arguments_) {
        if (argument.is_null(0)) return Value::null();
      }
    }
    result_.reset();
    if (function_.kernel == nullptr) throw_absent(function_);
    function_.kernel(*context_, pointers_, 1, result_);
    return result_.get(0);
  }

 private:
  const Function& function_;
  CallSite site_;
  std::optional<CallContext> context_;
  std::vector<Vector> arguments_;
  std::vector<const Vector*> pointers_;
  Vector result_;
};

void begin(AggregateContext& context, State& state) {
  state.initialized = true;
  const UserAggregate& aggregate = *context.site.aggregate;
  if (!aggregate.has_initial) return;
  Arena arena;
  Value value = types::type_info(aggregate.state.oid).input(context.types, aggregate.initial, aggregate.state, arena);
  keep(state, context.arena, types::physical_type(aggregate.state.oid), value);
}

void add(AggregateContext& context, Caller& caller, Arguments arguments, size_t row, State& state) {
  const UserAggregate& aggregate = *context.site.aggregate;
  if (!state.initialized) begin(context, state);
  auto physical = types::physical_type(aggregate.state.oid);
  if (aggregate.transition->strict) {
    for (const Vector* argument : arguments) {
      if (argument->is_null(row)) return;
    }
    // Without an initial value the first input is the state.
    if (!state.started) {
      keep(state, context.arena, physical, arguments.empty() ? Value::null() : arguments[0]->get(row));
      return;
    }
    if (state.value.is_null) return;
  }
  caller.set(0, state.started ? state.value : Value::null());
  for (size_t i = 0; i < arguments.size(); ++i) caller.set(i + 1, arguments[i]->get(row));
  keep(state, context.arena, physical, caller.call());
}

Caller transition_caller(AggregateContext& context) {
  const UserAggregate& aggregate = *context.site.aggregate;
  return Caller(context, *aggregate.transition, aggregate.transition_types, aggregate.state, context.caches[0]);
}

void init(std::byte* state) { new (state) State(); }

void update(AggregateContext& context, Arguments arguments, size_t count, std::byte* const* states) {
  Caller caller = transition_caller(context);
  for (size_t row = 0; row < count; ++row) add(context, caller, arguments, row, *reinterpret_cast<State*>(states[row]));
}

void update_one(AggregateContext& context, Arguments arguments, size_t count, std::byte* state) {
  Caller caller = transition_caller(context);
  for (size_t row = 0; row < count; ++row) add(context, caller, arguments, row, *reinterpret_cast<State*>(state));
}

void finalize(AggregateContext& context, std::byte* const* states, size_t count, Vector& result) {
  const UserAggregate& aggregate = *context.site.aggregate;
  std::optional<Caller> caller;
  if (aggregate.final != nullptr) caller.emplace(context, *aggregate.final, aggregate.final_types, context.site.result, context.caches[1]);
  result.reset();
  for (size_t i = 0; i < count; ++i) {
    State& state = *reinterpret_cast<State*>(states[i]);
    if (!state.initialized) begin(context, state);
    Value value = state.started ? state.value : Value::null();
    if (caller) {
      caller->set(0, value);
      for (size_t extra = 1; extra < caller->count(); ++extra) caller->set(extra, Value::null());
      value = caller->call();
    }
    if (value.is_null) {
      result.set_null(i);
    } else {
      result.set(i, value);
    }
  }
}

constexpr AggregateKernel kUserAggregate{sizeof(State), init, update, update_one, nullptr, finalize};

}  // namespace

const AggregateKernel& user_aggregate_kernel() { return kUserAggregate; }

}  // namespace aegis::functions
