// PostgreSQL's type coercion rules (parse_coerce.c, "Type Conversion" in its manual).
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/functions/function.h"
#include "aegis/plan/expression.h"

namespace aegis::analyzer {

using functions::CastContext;
using types::Type;

enum class CoercionPath : uint8_t { None, Relabel, Function, InOut, Array };

// The casts there are: PostgreSQL's own, and those that CREATE CAST made in a database.
struct Casts {
  const catalog::Version* catalog = nullptr;  // null: the built-in ones alone
  Oid database = kInvalidOid;

  std::optional<functions::Cast> find(Oid source, Oid target) const;
  // Built in or user-defined.
  const functions::Function* function(Oid oid) const;
};

// How to get from one type to another in a context; None when it can't be had.
CoercionPath find_path(const Casts& casts, Oid source, Oid target, CastContext context, const functions::Function** function);

bool can_coerce(const Casts& casts, std::span<const Oid> sources, std::span<const Oid> targets, CastContext context);

// Element type of a true array, 0 otherwise.
Oid element_type(Oid type);
// Array type of an element type, 0 if it has none.
Oid array_type(Oid type);
bool is_polymorphic(Oid type);
char type_category(Oid type);
// pg_type.typtype: b base, c composite, d domain, e enum, m multirange, p pseudo, r range.
char type_kind(Oid type);
bool is_preferred(Oid type);
// Same bytes, so that no conversion is needed: equal types and binary-coercible casts.
bool is_binary_coercible(const Casts& casts, Oid source, Oid target);
// Default collation of a type, 0 if it has none.
Oid type_collation(Oid type);
// A conversion's collation is its operand's, where both types have one.
void inherit_collation(plan::Expr& expr, const plan::Expr& operand);

class Coercion {
 public:
  Coercion(const types::TypeContext& types, Casts casts, std::vector<Type>* parameter_types)
      : types_(types), casts_(casts), parameter_types_(parameter_types) {}

  // Null when there is no way. Unknown literals are read as the target, unknown parameters become it.
  // `position`: for errors of reading literals, 1-based characters.
  plan::ExprPtr coerce(plan::ExprPtr expr, Type target, CastContext context, int position);

  // The type UNION, CASE, VALUES, … take for these; oid 0 if they don't go together (`conflict` is then the index of
  // the first that doesn't fit).
  Oid common_type(std::span<const plan::ExprPtr> exprs, size_t* conflict) const;
  Oid common_type(std::span<const Oid> types, size_t* conflict) const;
  static int32_t common_typmod(std::span<const plan::ExprPtr> exprs, Oid type);

  const types::TypeContext& types() const { return types_; }
  const Casts& casts() const { return casts_; }

 private:
  plan::ExprPtr coerce_constant(plan::ExprPtr expr, Type target, CastContext context, int position);
  plan::ExprPtr coerce_to_domain(plan::ExprPtr expr, Type target, CastContext context, int position);
  plan::ExprPtr coerce_row(plan::ExprPtr expr, Type target, CastContext context, int position);
  plan::ExprPtr apply_length(plan::ExprPtr expr, Type target, CastContext context);

  const types::TypeContext& types_;
  Casts casts_;
  std::vector<Type>* parameter_types_;
};

// --- Overload resolution (parse_func.c) ---

// The row inside what whole_row() makes of a table that an outer join may leave without one: whose fields are null then.
inline void strip_nullable_row(plan::ExprPtr& expr) {
  if (expr->kind != plan::ExprKind::Case || !expr->row_test) return;
  plan::ExprPtr row = std::move(expr->args[2]);
  expr = std::move(row);
}

struct Candidate {
  const functions::Function* function = nullptr;
  const functions::Operator* op = nullptr;
  std::vector<Oid> arguments;   // one per actual argument, variadic expanded, defaults dropped
  bool variadic = false;        // the tail is to be gathered into an array
  size_t default_count = 0;     // arguments to take from defaults
  std::vector<int> order;       // named notation: actual argument of each parameter (-1: default)
};

// Index of the best candidate; -1 none, -2 ambiguous.
int select_candidate(const Casts& casts, std::span<const Oid> actual, std::vector<Candidate>& candidates);

// Makes polymorphic parameters consistent with the actual types: fills in real types and the result. False if they
// can't be.
bool resolve_polymorphic(const Casts& casts, std::span<const Oid> actual, std::vector<Oid>& declared, Oid& result);

}  // namespace aegis::analyzer
