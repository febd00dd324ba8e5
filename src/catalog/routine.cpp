// User-defined functions in the form that the analyzer and the executor know built-in ones by.
#include "aegis/catalog/objects.h"
#include "aegis/functions/function.h"

namespace aegis::catalog {

struct Routine::Record {
  functions::Function function;
  std::string name;
  std::vector<Oid> arguments;
  std::vector<std::string> argument_texts;
  std::vector<std::string_view> argument_names;
  std::vector<Oid> out_types;
  std::vector<std::string> out_texts;
  std::vector<std::string_view> out_names;
  std::string defaults;
};

std::vector<Oid> Routine::input_types() const {
  std::vector<Oid> types;
  for (const auto& argument : arguments) {
    if (argument.is_input()) types.push_back(argument.type.oid);
  }
  return types;
}

namespace {

// States of type "internal" are known to built-in aggregates alone.
const functions::AggregateKernel* aggregate_kernel(const AggregateInfo& aggregate) {
  if (aggregate.state.oid != types::oid::kInternal) return &functions::user_aggregate_kernel();
  const auto* transition = functions::find_function(aggregate.transition);
  return transition == nullptr ? nullptr : functions::find_aggregate_kernel(*transition, functions::find_function(aggregate.final));
}

struct NamedOperator {
  std::string name;
  functions::Operator op;
};

}  // namespace

const functions::Operator& Operator::record() const {
  std::call_once(record_.once, [&] {
    auto named = std::make_shared<NamedOperator>();
    named->name = name;
    named->op = {oid, named->name, left, right, result, function, commutator, negator, can_hash, can_merge, true, orders};
    record_.record = std::shared_ptr<const functions::Operator>(named, &named->op);
  });
  return *record_.record;
}

const functions::Function& Routine::function() const {
  std::call_once(record_.once, [&] {
    auto record = std::make_shared<Record>();
    auto& f = record->function;
    record->name = name;
    bool named = false;
    for (const auto& argument : arguments) {
      if (argument.is_input()) {
        record->arguments.push_back(argument.type.oid);
        record->argument_texts.push_back(argument.name);
        named = named || !argument.name.empty();
        if (argument.mode == 'v') {
          const auto* info = types::find_type(argument.type.oid);
          f.variadic = argument.type.oid == types::oid::kAny      ? types::oid::kAny
                       : argument.type.oid == types::oid::kAnyarray ? types::oid::kAnyelement
                       : info != nullptr                            ? info->element
                                                                    : kInvalidOid;
        }
        if (!argument.default_sql.empty()) {
          ++f.default_count;
          if (!record->defaults.empty()) record->defaults += ", ";
          record->defaults += argument.default_sql;
        }
      }
      if (argument.mode == 'o' || argument.mode == 'b' || argument.mode == 't') {
        record->out_types.push_back(argument.type.oid);
        record->out_texts.push_back(argument.name.empty() ? "column" + std::to_string(record->out_types.size()) : argument.name);
      }
    }
    for (const auto& column : result_columns) {
      record->out_types.push_back(column.type.oid);
      record->out_texts.push_back(column.name);
    }
    for (const auto& text : record->argument_texts) record->argument_names.push_back(text);
    for (const auto& text : record->out_texts) record->out_names.push_back(text);
    f.oid = oid;
    f.name = record->name;
    f.arguments = record->arguments;
    f.result = result.oid;
    f.kind = routine_kind == 'p'   ? functions::Kind::Procedure
             : routine_kind == 'a' ? functions::Kind::Aggregate
                                   : functions::Kind::Function;
    f.volatility = static_cast<functions::Volatility>(volatility);
    f.strict = strict;
    f.returns_set = returns_set;
    f.defaults = record->defaults;
    if (named) f.argument_names = record->argument_names;
    if (result.oid == types::oid::kRecord && !record->out_types.empty()) {
      f.out_types = record->out_types;
      f.out_names = record->out_names;
    }
    f.symbol = record->name;
    f.user_defined = true;
    if (routine_kind == 'a') {
      f.aggregate_kind = aggregate.kind;
      f.direct_argument_count = static_cast<uint8_t>(aggregate.direct_arguments);
      f.aggregate = aggregate_kernel(aggregate);
    } else {
      f.kernel = functions::call_routine_kernel;
      f.set = functions::scan_routine_kernel;
      if (language == "internal") {
        functions::NativeFunction native = functions::find_native(body);
        if (native.kernel != nullptr) f.kernel = native.kernel;
        if (native.set != nullptr) f.set = native.set;
      }
    }
    f.self = std::shared_ptr<const functions::Function>(record, &f);
    record_.record = std::move(record);
  });
  return record_.record->function;
}

}  // namespace aegis::catalog
