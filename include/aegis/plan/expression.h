// Bound expressions: every name resolved, every coercion explicit, every type known.
//
// Before lowering, a Column names a column of a logical operator by (table, column); table numbers are unique in
// a statement, so a reference to a table that the operator's input does not produce is a correlated one. After
// lowering, only Input (a column of the input chunk) and Param remain.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::functions {
struct Function;
struct Operator;
struct UserAggregate;
}  // namespace aegis::functions

namespace aegis::plan {

using types::Type;
using types::Value;

struct Expr;
struct LogicalOp;
struct PhysicalOp;
using ExprPtr = std::unique_ptr<Expr>;
using ExprList = std::vector<ExprPtr>;

// A value that owns its out-of-line bytes.
class OwnedValue {
 public:
  OwnedValue() = default;
  OwnedValue(types::PhysicalType physical, const Value& value);
  OwnedValue(const OwnedValue& other) : OwnedValue(other.physical_, other.value_) {}
  OwnedValue& operator=(const OwnedValue& other) { return *this = OwnedValue(other); }
  OwnedValue(OwnedValue&&) noexcept = default;
  OwnedValue& operator=(OwnedValue&&) noexcept = default;
  const Value& get() const { return value_; }

 private:
  types::PhysicalType physical_ = types::PhysicalType::Bool;
  Value value_;
  std::unique_ptr<char[]> bytes_;
};

struct ColumnBinding {
  uint32_t table = 0;
  uint32_t column = 0;
  friend auto operator<=>(const ColumnBinding&, const ColumnBinding&) = default;
};

enum class ExprKind : uint8_t {
  Constant,     // value
  Column,       // binding; logical only
  Input,        // index: column of the input chunk; physical only
  Param,        // index: 0-based number of a statement parameter ($1 is 0)
  ExecParam,    // index: slot set by an InitPlan or an Apply while running
  Call,         // function(args); op is set when written as an operator. May return a set (only as a root of a
                // ProjectSet or FunctionScan)
  And, Or,      // args: two or more, three-valued
  Not,          // args[0]
  NullTest,     // args[0] IS [NOT] NULL (negated); for a row type the row rule applies (flag row_test)
  BoolTest,     // args[0] IS [NOT] TRUE | FALSE | UNKNOWN (bool_test)
  Distinct,     // args[0] IS [NOT] DISTINCT FROM args[1] (negated); function is the type's equality
  NullIf,       // NULLIF(args[0], args[1]); function is the equality
  Case,         // args: when1, then1, when2, then2, …, [else]; a simple CASE was turned into comparisons
  Coalesce, Greatest, Least,  // args
  ArrayCompare,  // args[0] op ANY|ALL (args[1] array); function is the element operator's; use_or = ANY
  InList,       // args[0] IN (args[1..] constants); function is the equality; negated for NOT IN
  Array,        // ARRAY[args] of element type; multidimensional when args are arrays
  Row,          // ROW(args) of type record or a composite
  Field,        // field number `index` (0-based) of composite args[0]
  Subscript,    // args[0][args[1]]...: `index` = number of dimensions; slices have lower/upper pairs (is_slice)
  CastIo,       // through text: output of args[0], input of type
  Relabel,      // binary-coercible: args[0] seen as type; of the same type: args[0] COLLATE collation
  ArrayCast,    // args[0] array, element by element: args[1] is an expression over Input 0 of the element
  Typmod,       // args[0] coerced to type.typmod; negated = implicit (assignment raises 22001), else explicit
  Subquery,     // subquery; logical only
  Aggregate,    // aggregate call, below an Aggregate operator only
  Window,       // window call, below a Window operator only
  Grouping,     // GROUPING(...): args resolved to group numbers in `numbers`; logical only
  Default,      // DEFAULT in VALUES or SET, replaced by the analyzer
};

enum class BoolTestKind : uint8_t { IsTrue, IsNotTrue, IsFalse, IsNotFalse, IsUnknown, IsNotUnknown };
enum class SubqueryKind : uint8_t { Scalar, Exists, Any, All, Array, Row };

// One key of an ORDER BY. `less` is the type's order unless USING named an operator.
struct SortKey {
  ExprPtr expr;
  bool descending = false;
  bool nulls_first = false;
  SortKey clone() const;
};

struct SubquerySpec {
  SubqueryKind kind = SubqueryKind::Scalar;
  std::unique_ptr<LogicalOp> plan;
  // Any/All: the comparison of the left-hand row (Expr::args) with the subquery's columns, over Columns of both;
  // true for a match.
  ExprPtr comparison;
  // Columns of outer queries used inside, directly or deeper.
  std::vector<ColumnBinding> correlated;

  SubquerySpec();
  ~SubquerySpec();
};

enum class FrameMode : uint8_t { Range, Rows, Groups };
enum class FrameBound : uint8_t { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing };
enum class FrameExclusion : uint8_t { None, CurrentRow, Group, Ties };

struct WindowSpec {
  ExprList partition;
  std::vector<SortKey> order;
  FrameMode mode = FrameMode::Range;
  FrameBound start = FrameBound::UnboundedPreceding;
  FrameBound end = FrameBound::CurrentRow;
  ExprPtr start_offset;
  ExprPtr end_offset;
  // RANGE with offsets: in_range(value, base, offset, subtract, less) of the column and the offset, for either end.
  const functions::Function* start_in_range = nullptr;
  const functions::Function* end_in_range = nullptr;
  FrameExclusion exclusion = FrameExclusion::None;
  std::unique_ptr<WindowSpec> clone() const;
};

// What an Aggregate or Window call has besides its arguments.
struct AggregateSpec {
  bool distinct = false;
  bool star = false;  // count(*)
  ExprPtr filter;
  std::vector<SortKey> order;      // ORDER BY inside the call, or WITHIN GROUP's (then also arguments)
  size_t direct_arguments = 0;     // ordered-set aggregates: the first so many args are direct
  std::shared_ptr<const functions::UserAggregate> user;  // of CREATE AGGREGATE
  std::unique_ptr<AggregateSpec> clone() const;
};

struct Expr {
  ExprKind kind;
  Type type;
  // Of the value; of an expression whose type has none (a comparison): of its operands. kIndeterminateCollation: they differ.
  Oid collation = kInvalidOid;
  bool explicit_collation = false;  // by COLLATE, here or in an operand
  int location = -1;  // byte offset in the statement, for errors
  ExprList args;

  OwnedValue value;
  ColumnBinding binding;
  uint32_t index = 0;
  bool negated = false;
  bool use_or = false;
  bool row_test = false;
  bool security = false;  // of row-level security: before anything that might tell of rows it hides
  bool is_slice = false;
  bool variadic_array = false;  // Call: written f(…, VARIADIC array) for a VARIADIC "any" function
  BoolTestKind bool_test = BoolTestKind::IsTrue;
  const functions::Function* function = nullptr;
  std::shared_ptr<const functions::Function> function_owner;  // of user-defined functions
  const functions::Operator* op = nullptr;
  std::vector<uint32_t> numbers;
  std::unique_ptr<SubquerySpec> subquery;
  std::unique_ptr<AggregateSpec> aggregate;
  std::unique_ptr<WindowSpec> window;
  std::string name;  // Column: its name, for EXPLAIN and deparsing

  Expr(ExprKind k, Type t);
  Expr(const Expr&) = delete;
  ~Expr();
  // A deep copy; a Subquery cannot be cloned (the analyzer binds it twice instead).
  ExprPtr clone() const;
};

ExprPtr make_constant(Type type, const Value& value);
ExprPtr make_bool(bool value);
ExprPtr make_column(ColumnBinding binding, Type type, std::string name = {});
ExprPtr make_input(uint32_t index, Type type, std::string name = {});
ExprPtr make_call(const functions::Function& function, Type result, ExprList args);

// Structural equality (location and names do not count) and a hash consistent with it. Volatile calls and
// subqueries are never equal.
bool equal(const Expr& a, const Expr& b);
uint64_t hash(const Expr& expr);

// Calls `visit` for the expression and everything below it, parents first; subquery plans are not entered.
// Returning false skips the children.
template <typename F>
void walk(const Expr& expr, F&& visit) {
  if (!visit(expr)) return;
  for (const auto& arg : expr.args) walk(*arg, visit);
  if (expr.aggregate) {
    if (expr.aggregate->filter) walk(*expr.aggregate->filter, visit);
    for (const auto& key : expr.aggregate->order) walk(*key.expr, visit);
  }
  if (expr.window) {
    for (const auto& key : expr.window->partition) walk(*key, visit);
    for (const auto& key : expr.window->order) walk(*key.expr, visit);
    if (expr.window->start_offset) walk(*expr.window->start_offset, visit);
    if (expr.window->end_offset) walk(*expr.window->end_offset, visit);
  }
  if (expr.subquery && expr.subquery->comparison) walk(*expr.subquery->comparison, visit);
}

// Calls `edit(ExprPtr&)` for each direct child slot; the building block of rewriters.
template <typename F>
void for_each_child(Expr& expr, F&& edit) {
  for (auto& arg : expr.args) edit(arg);
  if (expr.aggregate) {
    if (expr.aggregate->filter) edit(expr.aggregate->filter);
    for (auto& key : expr.aggregate->order) edit(key.expr);
  }
  if (expr.window) {
    for (auto& key : expr.window->partition) edit(key);
    for (auto& key : expr.window->order) edit(key.expr);
    if (expr.window->start_offset) edit(expr.window->start_offset);
    if (expr.window->end_offset) edit(expr.window->end_offset);
  }
  if (expr.subquery && expr.subquery->comparison) edit(expr.subquery->comparison);
}

bool contains(const Expr& expr, ExprKind kind);
bool is_volatile(const Expr& expr);
bool returns_set(const Expr& expr);  // anywhere inside

}  // namespace aegis::plan
