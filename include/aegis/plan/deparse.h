// Expressions as SQL text in the style of PostgreSQL's ruleutils: operators in parentheses, constants with their type.
#pragma once

#include <functional>
#include <string>

#include "aegis/plan/expression.h"
#include "aegis/types/type.h"

namespace aegis::plan {

struct DeparseContext {
  const types::TypeContext& types;
  // The text of an Input or Column; absent: its own name.
  std::function<std::string(const Expr&)> column;
  // The text of a Subquery or ExecParam; absent: "(SubPlan)" and "$n".
  std::function<std::string(const Expr&)> subquery;
  // The text of a regclass constant inside the quotes; absent: the type's output.
  std::function<std::string(Oid)> relation_name;
  // IN lists of constants as one array constant, as in plans; else ARRAY[…], as in definitions.
  bool fold_lists = false;
  // Parentheses only where PostgreSQL's pretty form has them.
  bool pretty = false;
  // CASE with marks where a line begins: \3 before CASE, \4 before WHEN and ELSE, \5 before END.
  bool marks_lines = false;
  // The name of a user-defined function (first) or operator, as it is to be written; absent: the bare one.
  std::function<std::string(Oid)> function_name;
  std::function<std::string(Oid)> operator_name;
  // The name or the definition that follows OVER; absent: "(?)".
  std::function<std::string(const Expr&)> window;
};

// "PARTITION BY a ORDER BY b ROWS …" of a window, without what it has from the window `base` (then its name comes first).
std::string deparse_window(const WindowSpec& window, const DeparseContext& context, const std::string& base = {});

// Parses again to an equal expression where it holds no Subquery, ExecParam, Aggregate or Window.
std::string deparse(const Expr& expr, const DeparseContext& context);
// A constant as PostgreSQL shows it: 1, 'x'::text, '-1'::integer, NULL::integer.
std::string deparse_constant(const Value& value, Type type, const DeparseContext& context);
// "a, b DESC" of sort keys.
std::string deparse_sort_key(const SortKey& key, const DeparseContext& context);

}  // namespace aegis::plan
