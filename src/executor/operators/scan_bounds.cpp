#include "operators/scan_bounds.h"

#include <limits>
#include <optional>

#include "aegis/types/collation.h"
#include "aegis/functions/function.h"

namespace aegis::executor {
namespace {

using plan::Expr;
using plan::ExprKind;
using storage::ScanBound;
using types::Value;
namespace oid = types::oid;

constexpr Oid kFirstUserOid = 16384;

std::optional<ScanBound::Op> bound_op(std::string_view name) {
  if (name == "<") return ScanBound::Op::Less;
  if (name == "<=") return ScanBound::Op::LessEqual;
  if (name == "=") return ScanBound::Op::Equal;
  if (name == ">=") return ScanBound::Op::GreaterEqual;
  if (name == ">") return ScanBound::Op::Greater;
  return std::nullopt;
}

ScanBound::Op mirrored(ScanBound::Op op) {
  switch (op) {
    case ScanBound::Op::Less: return ScanBound::Op::Greater;
    case ScanBound::Op::LessEqual: return ScanBound::Op::GreaterEqual;
    case ScanBound::Op::Equal: return op;
    case ScanBound::Op::GreaterEqual: return ScanBound::Op::LessEqual;
    case ScanBound::Op::Greater: return ScanBound::Op::Less;
  }
  return op;
}

bool is_integer(Oid type) { return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8; }

int64_t integer_of(Oid type, const Value& value) {
  return type == oid::kInt2 ? value.i16 : type == oid::kInt4 ? value.i32 : value.i64;
}

// Types whose SQL order is that of their physical type.
bool orders_physically(Oid type) {
  return is_integer(type) || type == oid::kDate || type == oid::kTime || type == oid::kTimestamp || type == oid::kTimestamptz ||
         type == oid::kFloat4 || type == oid::kFloat8 || type == oid::kNumeric;
}

bool is_text(Oid type) { return type == oid::kText || type == oid::kVarchar; }

// The constant as a value of the column's type.
bool convert(Oid column, Oid type, Value& value) {
  if (column == type || (is_text(column) && is_text(type))) return true;
  if (!is_integer(column) || !is_integer(type)) return false;
  int64_t number = integer_of(type, value);
  if (column == oid::kInt8) {
    value = Value::of_i64(number);
  } else if (column == oid::kInt4 && number >= std::numeric_limits<int32_t>::min() && number <= std::numeric_limits<int32_t>::max()) {
    value = Value::of_i32(static_cast<int32_t>(number));
  } else if (column == oid::kInt2 && number >= std::numeric_limits<int16_t>::min() && number <= std::numeric_limits<int16_t>::max()) {
    value = Value::of_i16(static_cast<int16_t>(number));
  } else {
    return false;
  }
  return true;
}

const Expr& without_relabel(const Expr& expr) {
  return expr.kind == ExprKind::Relabel && is_text(expr.type.oid) && is_text(expr.args[0]->type.oid) ? *expr.args[0] : expr;
}

std::optional<Value> constant_of(const Expr& expr, const std::vector<Value>& parameters) {
  if (expr.kind == ExprKind::Constant) return expr.value.get();
  if (expr.kind == ExprKind::Param && expr.index < parameters.size()) return parameters[expr.index];
  return std::nullopt;
}

void collect(const Expr& filter, const std::vector<int>& columns, const std::vector<Value>& parameters, std::vector<ScanBound>& out) {
  if (filter.kind == ExprKind::And) {
    for (const auto& arg : filter.args) collect(*arg, columns, parameters, out);
    return;
  }
  if (filter.kind != ExprKind::Call || filter.op == nullptr || filter.args.size() != 2 || filter.op->oid >= kFirstUserOid) return;
  auto op = bound_op(filter.op->standard_name());
  if (!op) return;
  const Expr* column = &without_relabel(*filter.args[0]);
  const Expr* other = &without_relabel(*filter.args[1]);
  if (column->kind != ExprKind::Input) {
    std::swap(column, other);
    op = mirrored(*op);
  }
  if (column->kind != ExprKind::Input || column->index >= columns.size() || columns[column->index] < 0) return;
  Oid type = column->type.oid;
  bool equal_only = is_text(type) || type == oid::kUuid;
  if (!types::is_deterministic(filter.collation)) return;
  if (!orders_physically(type) && !(equal_only && *op == ScanBound::Op::Equal)) return;
  auto value = constant_of(*other, parameters);
  if (!value || value->is_null || !convert(type, other->type.oid, *value)) return;
  out.push_back({static_cast<uint32_t>(columns[column->index]), *op, *value});
}

}  // namespace

std::vector<ScanBound> scan_bounds(const plan::ExprList& filters, const std::vector<int>& columns, const std::vector<Value>& parameters) {
  std::vector<ScanBound> bounds;
  for (const auto& filter : filters) collect(*filter, columns, parameters, bounds);
  return bounds;
}

}  // namespace aegis::executor
