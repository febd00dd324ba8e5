#include "report_functions.h"

#include <optional>
#include <unordered_map>
#include <vector>

#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"

namespace aegis::session {
namespace {

namespace oid = types::oid;
using types::Value;

// One value; one row as a record; rows as an array of records; values as an array; void.
enum class Shape : uint8_t { Value, Row, Rows, List, Nothing };

struct Report {
  std::string_view symbol;
  Shape shape;
  std::string_view sql;
};

constexpr Report kReports[] = {
#include "report_functions.def"
};

const Report* find_report(std::string_view symbol) {
  static const auto* map = [] {
    auto* made = new std::unordered_map<std::string_view, const Report*>();
    for (const Report& report : kReports) (*made)[report.symbol] = &report;
    return made;
  }();
  auto found = map->find(symbol);
  return found == map->end() ? nullptr : found->second;
}

std::string literal(const functions::Function& function, size_t argument, const Value& value, const types::TypeContext& context) {
  Oid type = function.arguments[argument];
  std::string sql = "NULL";
  if (!value.is_null) {
    std::string text;
    types::type_info(type).output(context, value, type, text);
    sql = functions::quote_literal(text);
  }
  return "CAST(" + sql + " AS " + types::format_type({type}) + ")";
}

std::string with_arguments(std::string_view symbol, std::string_view sql, std::span<const Value> arguments, const types::TypeContext& context) {
  if (arguments.empty()) return std::string(sql);
  const functions::Function* function = nullptr;
  for (const functions::Function* candidate : functions::all_functions()) {
    if (candidate->symbol == symbol) function = candidate;
  }
  std::string out;
  for (size_t i = 0; i < sql.size(); ++i) {
    bool parameter = sql[i] == '$' && i + 1 < sql.size() && sql[i + 1] >= '1' && sql[i + 1] <= '9';
    if (!parameter) {
      out += sql[i];
      continue;
    }
    size_t argument = static_cast<size_t>(sql[++i] - '1');
    out += literal(*function, argument, arguments[argument], context);
  }
  return out;
}

class Collector : public functions::RowReceiver {
 public:
  Collector(Shape shape, Arena& arena) : shape_(shape), arena_(arena), records_(oid::kRecord) {}
  void columns(std::span<const types::Type> types) override {
    types_.assign(types.begin(), types.end());
    if (shape_ == Shape::List) values_.emplace(types_[0].oid);
  }
  bool row(std::span<const Value> values) override {
    switch (shape_) {
      case Shape::Value:
        result_ = types::copy_value(types::physical_type(types_[0].oid), values[0], arena_);
        return false;
      case Shape::List: values_->add(values[0]); return true;
      case Shape::Row: result_ = record(values); return false;
      case Shape::Rows: records_.add(record(values)); return true;
      case Shape::Nothing: break;
    }
    return false;
  }
  Value result() {
    if (shape_ == Shape::List) return values_->value(arena_);
    return shape_ == Shape::Rows ? records_.value(arena_) : result_;
  }

 private:
  Value record(std::span<const Value> values) {
    types::RecordBuilder builder;
    for (size_t i = 0; i < values.size(); ++i) builder.add(types_[i].oid, values[i]);
    return Value::of_string(builder.finish(arena_));
  }
  Shape shape_;
  Arena& arena_;
  std::vector<types::Type> types_;
  types::ArrayBuilder records_;
  std::optional<types::ArrayBuilder> values_;
  Value result_ = Value::null();
};

}  // namespace

bool is_report_function(std::string_view symbol) { return find_report(symbol) != nullptr; }

Value report_function(functions::Services& services, const types::TypeContext& context, std::string_view symbol,
                      std::span<const Value> arguments, Arena& arena) {
  const Report& report = *find_report(symbol);
  if (report.shape == Shape::Nothing) return Value::of_string("");
  Collector collector(report.shape, arena);
  services.run_query(with_arguments(symbol, report.sql, arguments, context), collector);
  return collector.result();
}

}  // namespace aegis::session
