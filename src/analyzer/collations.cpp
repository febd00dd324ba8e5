// Which collation an expression has (PostgreSQL's parse_collate rules): an explicit one beats those of columns, and of those one
// that is not the default beats the default.
#include <map>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "query_analyzer.h"

namespace aegis::analyzer {
namespace {

enum class Strength : uint8_t { None, Implicit, Conflict, Explicit };

Strength strength_of(const Expr& expr) {
  if (type_collation(expr.type.oid) == kInvalidOid || expr.collation == kInvalidOid) return Strength::None;
  if (expr.collation == types::kIndeterminateCollation) return Strength::Conflict;
  return expr.explicit_collation ? Strength::Explicit : Strength::Implicit;
}

// The two implicit collations that meet below a conflict; where the second comes from.
struct Conflict {
  Oid first = kInvalidOid, second = kInvalidOid;
  int location = -1;
};

void find_conflict(const Expr& expr, Conflict& found) {
  if (strength_of(expr) == Strength::None && type_collation(expr.type.oid) == kInvalidOid) return;
  if (strength_of(expr) == Strength::Implicit) {
    if (expr.collation == types::kDefaultCollation || found.second != kInvalidOid) return;
    if (found.first == kInvalidOid) {
      found.first = expr.collation;
    } else if (found.first != expr.collation) {
      found.second = expr.collation;
      found.location = expr.location;
    }
    return;
  }
  for (const auto& arg : expr.args) find_conflict(*arg, found);
}

}  // namespace

std::string QueryAnalyzer::collation_name(Oid collation) const {
  return catalog::collation_name(context_.catalog, collation);
}

void QueryAnalyzer::derive_collation(Expr& expr, std::span<const Expr* const> operands) {
  Oid collation = kInvalidOid;
  Strength strength = Strength::None;
  for (const Expr* operand : operands) {
    Strength other = strength_of(*operand);
    if (other > strength) {
      strength = other;
      collation = operand->collation;
    } else if (other == strength && operand->collation != collation && other != Strength::None && other != Strength::Conflict) {
      if (other == Strength::Explicit) {
        throw SqlError(Sqlstate::CollationMismatch, "collation mismatch between explicit collations \"" + collation_name(collation) + "\" and \"" +
                                                        collation_name(operand->collation) + "\"")
            .position(position(operand->location));
      }
      if (collation == types::kDefaultCollation) {
        collation = operand->collation;
      } else if (operand->collation != types::kDefaultCollation) {
        strength = Strength::Conflict;
        collation = types::kIndeterminateCollation;
      }
    }
  }
  Oid own = type_collation(expr.type.oid);
  expr.collation = strength == Strength::None ? own : collation;
  expr.explicit_collation = own != kInvalidOid && strength == Strength::Explicit;
}

void QueryAnalyzer::derive_collation(Expr& expr) {
  std::vector<const Expr*> operands;
  for (const auto& arg : expr.args) operands.push_back(arg.get());
  derive_collation(expr, operands);
}

void QueryAnalyzer::require_collation(const Expr& expr) {
  if (expr.collation != types::kIndeterminateCollation || type_collation(expr.type.oid) == kInvalidOid) return;
  Conflict conflict;
  find_conflict(expr, conflict);
  throw SqlError(Sqlstate::CollationMismatch, "collation mismatch between implicit collations \"" + collation_name(conflict.first) + "\" and \"" +
                                                  collation_name(conflict.second) + "\"")
      .hint("You can choose the collation by applying the COLLATE clause to one or both expressions.")
      .position(position(conflict.location));
}

void QueryAnalyzer::require_deterministic(const Expr& expr, const char* construct) {
  if (type_collation(expr.type.oid) != kInvalidOid && !types::is_deterministic(expr.collation)) {
    throw_not_supported(std::string(construct) + " of a nondeterministic collation", position(expr.location));
  }
}

ExprPtr QueryAnalyzer::collation_for(const Expr& expr) {
  Oid type = expr.type.oid;
  bool unknown = type == oid::kUnknown;
  if (!unknown && type_collation(type) == kInvalidOid) {
    throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + types::format_type({type}, context_.types.names));
  }
  Oid collation = expr.collation == kInvalidOid ? types::kDefaultCollation : expr.collation;
  auto value = types::Value::null();
  std::string name = functions::quote_identifier(collation_name(collation));
  if (!unknown && collation != types::kIndeterminateCollation) value = types::Value::of_string(name);
  auto constant = plan::make_constant({oid::kText}, value);
  constant->collation = types::kDefaultCollation;
  constant->location = expr.location;
  return constant;
}

ExprPtr QueryAnalyzer::bind_collate(const ast::CollateClause& collate, Scope& scope, Clause clause) {
  ExprPtr expr = bind(*collate.arg, scope, clause);
  resolve_unknown(expr);
  if (type_collation(expr->type.oid) == kInvalidOid) {
    throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + types::format_type({expr->type.oid}, context_.types.names))
        .position(position(collate.location));
  }
  auto made = std::make_unique<Expr>(ExprKind::Relabel, expr->type);
  made->collation = find_collation(context_, collate.collname, position(collate.location));
  made->explicit_collation = true;
  made->location = collate.location;
  made->args.push_back(std::move(expr));
  return made;
}

Oid find_collation(const AnalyzerContext& context, ast::NameList name, int position) {
  std::vector<std::string_view> parts(name.begin(), name.end());
  Oid found = catalog::find_collation(context.catalog, context.database, context.search_path, parts);
  if (found != kInvalidOid) return found;
  if (parts.size() > 1 && context.catalog.find_schema(context.database, parts[parts.size() - 2]) == kInvalidOid) {
    throw SqlError(Sqlstate::InvalidSchemaName, "schema \"" + std::string(parts[parts.size() - 2]) + "\" does not exist").position(position);
  }
  std::string text;
  for (auto part : parts) text += (text.empty() ? "" : ".") + std::string(part);
  throw SqlError(Sqlstate::UndefinedObject, "collation \"" + text + "\" for encoding \"UTF8\" does not exist").position(position);
}

}  // namespace aegis::analyzer
