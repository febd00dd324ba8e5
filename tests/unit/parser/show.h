// Writes an expression with every operator in parentheses, for tests of precedence and structure.
#pragma once

#include <string>

#include "aegis/parser/ast.h"

namespace aegis::ast {

inline std::string show(const Node* node);

inline std::string show_all(NodeList items) {
  std::string out;
  for (const Node* item : items) out += (out.empty() ? "" : ", ") + show(item);
  return out;
}

inline std::string dotted(NameList names) {
  std::string out;
  for (std::string_view name : names) out += (out.empty() ? "" : ".") + std::string(name);
  return out;
}

inline std::string show_constant(const AConst* constant) {
  switch (constant->kind) {
    case ConstKind::Integer:
      return std::to_string(constant->ival);
    case ConstKind::Float:
      return std::string(constant->text);
    case ConstKind::String:
      return "'" + std::string(constant->text) + "'";
    case ConstKind::BitString:
      return "bits:" + std::string(constant->text);
    case ConstKind::Boolean:
      return constant->boolval ? "true" : "false";
    case ConstKind::Null:
      return "null";
  }
  return "?";
}

inline std::string show_operator(const AExpr* expr) {
  std::string name = dotted(expr->name);
  std::string right = show(expr->rexpr);
  switch (expr->kind) {
    case AExprKind::Distinct:
      name = "distinct";
      break;
    case AExprKind::NotDistinct:
      name = "not distinct";
      break;
    case AExprKind::OpAny:
      right = "any(" + right + ")";
      break;
    case AExprKind::OpAll:
      right = "all(" + right + ")";
      break;
    case AExprKind::NullIf:
      return "nullif(" + show(expr->lexpr) + ", " + right + ")";
    default:
      break;
  }
  if (expr->lexpr == nullptr) return "(" + name + " " + right + ")";
  return "(" + show(expr->lexpr) + " " + name + " " + right + ")";
}

inline std::string show_type(const TypeName* type) {
  std::string out = (type->setof ? "setof " : "") + dotted(type->names) + (type->pct_type ? "%type" : "");
  if (!type->typmods.empty()) out += "(" + show_all(type->typmods) + ")";
  for (int bound : type->array_bounds) out += "[" + (bound < 0 ? "" : std::to_string(bound)) + "]";
  return out;
}

inline std::string show_call(const FuncCall* call) {
  std::string args = call->agg_star ? "*" : show_all(call->args);
  if (call->agg_distinct) args = "distinct " + args;
  for (const SortBy* sort : call->agg_order) args += " order by " + show(sort->node);
  std::string out = dotted(call->funcname) + "(" + args + ")";
  if (call->agg_filter != nullptr) out += " filter " + show(call->agg_filter);
  if (call->over != nullptr) out += " over " + std::string(call->over->name);
  return out;
}

inline std::string show(const Node* node) {
  if (node == nullptr) return "nothing";
  switch (node->tag) {
    case NodeTag::AConst:
      return show_constant(static_cast<const AConst*>(node));
    case NodeTag::AExpr:
      return show_operator(static_cast<const AExpr*>(node));
    case NodeTag::FuncCall:
      return show_call(static_cast<const FuncCall*>(node));
    case NodeTag::TypeName:
      return show_type(static_cast<const TypeName*>(node));
    case NodeTag::String:
      return std::string(static_cast<const String*>(node)->sval);
    case NodeTag::AStar:
      return "*";
    case NodeTag::ListNode:
      return "[" + show_all(static_cast<const ListNode*>(node)->items) + "]";
    case NodeTag::ParamRef:
      return "$" + std::to_string(static_cast<const ParamRef*>(node)->number);
    case NodeTag::ColumnRef: {
      auto* column = static_cast<const ColumnRef*>(node);
      std::string out = dotted(column->fields);
      return column->star ? out + (out.empty() ? "*" : ".*") : out;
    }
    case NodeTag::BoolExpr: {
      auto* expr = static_cast<const BoolExpr*>(node);
      const char* op = expr->boolop == BoolExprType::And  ? "and"
                       : expr->boolop == BoolExprType::Or ? "or"
                                                          : "not";
      return std::string(op) + "(" + show_all(expr->args) + ")";
    }
    case NodeTag::TypeCast: {
      auto* cast = static_cast<const TypeCast*>(node);
      return show(cast->arg) + "::" + show_type(cast->type_name);
    }
    case NodeTag::CollateClause: {
      auto* collate = static_cast<const CollateClause*>(node);
      return "(" + show(collate->arg) + " collate " + dotted(collate->collname) + ")";
    }
    case NodeTag::NullTest: {
      auto* test = static_cast<const NullTest*>(node);
      return "(" + show(test->arg) +
             (test->nulltesttype == NullTestType::IsNull ? " is null)" : " is not null)");
    }
    case NodeTag::BooleanTest:
      return "(" + show(static_cast<const BooleanTest*>(node)->arg) + " is bool)";
    case NodeTag::RowExpr:
      return "row(" + show_all(static_cast<const RowExpr*>(node)->args) + ")";
    case NodeTag::AArrayExpr:
      return "array[" + show_all(static_cast<const AArrayExpr*>(node)->elements) + "]";
    case NodeTag::CoalesceExpr:
      return "coalesce(" + show_all(static_cast<const CoalesceExpr*>(node)->args) + ")";
    case NodeTag::AIndirection: {
      auto* indirection = static_cast<const AIndirection*>(node);
      return "(" + show(indirection->arg) + ")->" + show_all(indirection->indirection);
    }
    case NodeTag::AIndices: {
      auto* indices = static_cast<const AIndices*>(node);
      return "[" + (indices->is_slice ? show(indices->lidx) + ":" : std::string()) + show(indices->uidx) +
             "]";
    }
    case NodeTag::NamedArgExpr: {
      auto* arg = static_cast<const NamedArgExpr*>(node);
      return std::string(arg->name) + " => " + show(arg->arg);
    }
    case NodeTag::SubLink: {
      auto* link = static_cast<const SubLink*>(node);
      static constexpr const char* kKinds[] = {"exists", "all",   "any",   "rowcompare",
                                               "expr",   "multi", "array", "cte"};
      return std::string(kKinds[static_cast<int>(link->sub_link_type)]) + "-sublink";
    }
    default:
      return std::string(node_tag_name(node->tag));
  }
}

}  // namespace aegis::ast
