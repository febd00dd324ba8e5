// Conditions on which row of a table it is: WHERE CURRENT OF and TABLESAMPLE. Both become calls of functions that SQL does not
// know, over the row's ctid and tableoid.
#include <cmath>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "query_analyzer.h"
#include "query_recorder.h"

namespace aegis::analyzer {

using types::Value;
using vector::Vector;

namespace {

template <bool table>
void current_of_kernel(functions::CallContext& context, std::span<const Vector* const> arguments, size_t count, Vector& result) {
  Arena arena;
  for (size_t i = 0; i < count; ++i) {
    Value row[] = {arguments[0]->get(i), arguments[1]->get(i)};
    if (row[0].is_null) throw SqlError(Sqlstate::InvalidCursorName, "cursor variable is null");
    Value value;
    context.services.catalog_function(table ? "current_of_table" : "current_of_row", row, arena, value);
    result.set(i, value);
  }
}

const functions::Function& current_of_function(bool table) {
  static constexpr Oid kArguments[] = {oid::kText, oid::kOid};
  static const functions::Function* const made = [] {
    static functions::Function both[2];
    for (int i = 0; i < 2; ++i) {
      both[i].name = both[i].symbol = i == 1 ? "current_of_table" : "current_of_row";
      both[i].arguments = kArguments;
      both[i].result = i == 1 ? oid::kOid : oid::kTid;
      both[i].volatility = functions::Volatility::Volatile;
      both[i].strict = false;
      both[i].kernel = i == 1 ? current_of_kernel<true> : current_of_kernel<false>;
    }
    return both;
  }();
  return made[table ? 1 : 0];
}

// Rows that SYSTEM takes or leaves together.
constexpr uint64_t kSampleBlockRows = 64;

struct SampleSeed {
  uint64_t value;
};

void sample_kernel(functions::CallContext& context, std::span<const Vector* const> arguments, size_t count, Vector& result) {
  for (size_t i = 0; i < count; ++i) {
    Value percent = arguments[1]->get(i), seed = arguments[2]->get(i);
    if (percent.is_null) throw SqlError(Sqlstate::InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null");
    if (!(percent.f32 >= 0 && percent.f32 <= 100)) {
      throw SqlError(Sqlstate::InvalidTablesampleArgument, "sample percentage must be between 0 and 100");
    }
    bool repeatable = arguments[3]->get(i).boolean;
    if (repeatable && seed.is_null) throw SqlError(Sqlstate::InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null");
    uint64_t number = 0;
    if (repeatable) {
      double given = seed.f64 == 0 ? 0 : seed.f64;  // -0 is 0
      number = hash_bytes(std::string_view(reinterpret_cast<const char*>(&given), sizeof given));
    } else {
      if (context.cache == nullptr) {
        context.cache = std::make_shared<SampleSeed>(SampleSeed{static_cast<uint64_t>(context.services.random() * 9007199254740992.0)});
      }
      number = static_cast<const SampleSeed*>(context.cache.get())->value;
    }
    bool blocks = arguments[0]->get(i).boolean;
    uint64_t id = static_cast<uint64_t>(arguments[4]->get(i).i64);
    if (blocks) id /= kSampleBlockRows;
    uint64_t hash = hash_combine(hash_combine(number, id), arguments[5]->get(i).oid());
    // The upper bits as a number below 1.
    double draw = static_cast<double>(hash >> 11) / 9007199254740992.0;
    result.set(i, Value::of_bool(draw < static_cast<double>(percent.f32) / 100.0));
  }
}

const functions::Function& sample_function() {
  static constexpr Oid kArguments[] = {oid::kBool, oid::kFloat4, oid::kFloat8, oid::kBool, oid::kTid, oid::kOid};
  static const functions::Function* const made = [] {
    static functions::Function function;
    function.name = function.symbol = "tablesample";
    function.arguments = kArguments;
    function.result = oid::kBool;
    function.volatility = functions::Volatility::Volatile;
    function.strict = false;
    function.kernel = sample_kernel;
    return &function;
  }();
  return *made;
}

}  // namespace

ExprPtr QueryAnalyzer::bind_current_of(const ast::CurrentOfExpr& current, Scope& scope) {
  if (scope.items.empty() || scope.items[0].relation == nullptr || scope.items[0].get == nullptr) {
    throw SqlError(Sqlstate::FeatureNotSupported, "WHERE CURRENT OF on a view is not implemented").position(position(current.location));
  }
  RangeItem item = scope.items[0];
  // A cursor variable of a routine has the cursor's name.
  auto name = [&]() -> ExprPtr {
    if (context_.variables != nullptr) {
      std::string_view names[] = {current.cursor_name};
      if (auto variable = context_.variables->find(names); variable && (variable->type.oid == oid::kRefcursor || variable->type.oid == oid::kText)) {
        ExprPtr value = make_variable(*variable, current.location);
        return coerce_or_throw(std::move(value), {oid::kText}, CastContext::Explicit, "CURRENT OF");
      }
    }
    return plan::make_constant({oid::kText}, Value::of_string(current.cursor_name));
  };
  auto ask = [&](bool table) {
    ExprList args;
    args.push_back(name());
    args.push_back(plan::make_constant({oid::kOid}, Value::of_oid(item.relation->oid)));
    const auto& function = current_of_function(table);
    return plan::make_call(function, {function.result}, std::move(args));
  };
  std::string_view equal = "=";
  ast::NameList op(&equal, 1);
  auto both = std::make_unique<Expr>(ExprKind::And, Type{oid::kBool});
  both->location = current.location;
  both->args.push_back(bind_operator(op, system_column(item, "ctid", scope, scope, current.location), ask(false), current.location));
  both->args.push_back(bind_operator(op, system_column(item, "tableoid", scope, scope, current.location), ask(true), current.location));
  return both;
}

LogicalPtr QueryAnalyzer::bind_sample(const ast::RangeTableSample& sample, Scope& scope, std::vector<RangeItem>& items) {
  auto* range = ast::node_cast<ast::RangeVar>(sample.relation);
  auto refuse = [&] {
    throw SqlError(Sqlstate::WrongObjectType, "TABLESAMPLE clause can only be applied to tables and materialized views")
        .position(position(sample.relation->location));
  };
  if (range == nullptr) refuse();
  LogicalPtr op = bind_from_item(*sample.relation, scope, items);
  RangeItem item = items.back();
  if (item.get == nullptr || item.relation == nullptr) refuse();
  std::string method(sample.method.back());
  if (method != "bernoulli" && method != "system") {
    throw SqlError(Sqlstate::UndefinedObject, "tablesample method " + method + " does not exist").position(position(sample.location));
  }
  if (sample.args.size() != 1) {
    throw SqlError(Sqlstate::InvalidTablesampleArgument,
                   "tablesample method " + method + " requires 1 argument, not " + std::to_string(sample.args.size()))
        .position(position(sample.location));
  }
  auto argument = [&](const ast::Node& node, Oid type, const char* construct) {
    ExprPtr expr = bind(node, scope, Clause::FromFunction);
    if (recorder_ != nullptr) {
      auto& record = recorder_->ranges[&sample];
      if (type == oid::kFloat4) record.calls.push_back(recorder_->text(*expr));
      else record.quals = recorder_->text(*expr);
    }
    return coerce_or_throw(std::move(expr), {type}, CastContext::Assignment, construct);
  };
  ExprList args;
  args.push_back(plan::make_bool(method == "system"));
  args.push_back(argument(*sample.args[0], oid::kFloat4, "TABLESAMPLE"));
  args.push_back(sample.repeatable == nullptr ? plan::make_constant({oid::kFloat8}, Value::null()) : argument(*sample.repeatable, oid::kFloat8, "REPEATABLE"));
  args.push_back(plan::make_bool(sample.repeatable != nullptr));
  args.push_back(system_column(item, "ctid", scope, scope, sample.location));
  args.push_back(system_column(item, "tableoid", scope, scope, sample.location));
  auto filter = std::make_unique<plan::Filter>();
  filter->predicates.push_back(plan::make_call(sample_function(), {oid::kBool}, std::move(args)));
  filter->children.push_back(std::move(op));
  return filter;
}

}  // namespace aegis::analyzer
