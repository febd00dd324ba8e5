#include "publication_filter.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/parser/walk.h"
#include "names.h"

namespace aegis::commands {
namespace {

[[noreturn]] void refuse(int position, const char* detail) {
  SqlError error(Sqlstate::FeatureNotSupported, "invalid publication WHERE expression");
  error.detail(detail);
  if (position > 0) error.position(position);
  throw error;
}

constexpr const char* kNotSimple =
    "Only columns, constants, built-in operators, built-in data types, built-in collations, and immutable built-in functions are allowed.";

void check_syntax(CommandContext& context, const ast::Node& node, const catalog::Relation& table) {
  if (node.tag == ast::NodeTag::SubLink) {
    // PostgreSQL points at what stands left of IN.
    const ast::Node* at = &node;
    bool first = true;
    ast::for_each_child(node, [&](const ast::Node& child) {
      if (first && child.tag != ast::NodeTag::SelectStmt) at = &child;
      first = false;
    });
    refuse(position_of(context, *at), kNotSimple);
  }
  if (auto* column = ast::node_cast<ast::ColumnRef>(&node)) {
    std::string_view name = column->fields.empty() ? std::string_view() : column->fields.back();
    for (std::string_view system : {"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"}) {
      if (name == system && table.find_column(system) < 0) refuse(position_of(context, node), "System columns are not allowed.");
    }
  }
  ast::for_each_child(node, [&](const ast::Node& child) { check_syntax(context, child, table); });
}

// Where an expression begins.
int first_location(const ast::Node& node) {
  int first = node.location;
  ast::for_each_child(node, [&](const ast::Node& child) {
    int below = first_location(child);
    if (below >= 0 && (first < 0 || below < first)) first = below;
  });
  return first;
}

// What stands at a location, or the first column of that name.
const ast::Node* find_node(const ast::Node& node, int location, std::string_view column) {
  if (location >= 0 ? node.location == location && node.tag != ast::NodeTag::ColumnRef : false) return &node;
  auto* reference = ast::node_cast<ast::ColumnRef>(&node);
  if (location < 0 && reference != nullptr && !reference->fields.empty() && reference->fields.back() == column) return &node;
  const ast::Node* found = nullptr;
  ast::for_each_child(node, [&](const ast::Node& child) {
    if (found == nullptr) found = find_node(child, location, column);
  });
  return found;
}

class Checker {
 public:
  Checker(CommandContext& context, const ast::Node& clause) : context_(context), clause_(clause) {}

  void check(const plan::Expr& expr) {
    if (expr.kind == plan::ExprKind::Call && expr.op != nullptr) {
      if (expr.op->oid >= kFirstNormalOid) refuse_at(expr, "User-defined operators are not allowed.");
    }
    if (expr.type.oid >= kFirstNormalOid) refuse_at(expr, "User-defined types are not allowed.");
    if (expr.function != nullptr) {
      bool fixed = expr.function->oid < kFirstNormalOid && expr.function->volatility == functions::Volatility::Immutable;
      if (!fixed) refuse_at(expr, "User-defined or built-in mutable functions are not allowed.");
    }
    // An operator's operands may have the collation, too.
    if (expr.collation >= kFirstNormalOid || std::any_of(expr.args.begin(), expr.args.end(), [](const auto& arg) { return arg->collation >= kFirstNormalOid; })) {
      refuse_at(expr, "User-defined collations are not allowed.");
    }
    for (const auto& arg : expr.args) check(*arg);
  }

 private:
  [[noreturn]] void refuse_at(const plan::Expr& expr, const char* detail) {
    int location = expr.location;
    if (expr.op != nullptr || location < 0) {
      const ast::Node* node = find_node(clause_, location, expr.name);
      if (node != nullptr) location = first_location(*node);
    }
    refuse(location < 0 ? 0 : parser::character_position(context_.sql(), location), detail);
  }

  CommandContext& context_;
  const ast::Node& clause_;
};

void replace(std::string& text, std::string_view from, std::string_view to) {
  if (size_t at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

Definition define_row_filter(CommandContext& context, const ast::Node& clause, const catalog::Relation& table) {
  check_syntax(context, clause, table);
  Definition made;
  try {
    auto version = context.catalog_version();
    auto bound = analyzer::analyze_definition(context.analyzer_context(*version), clause, &table, {}, analyzer::DefinitionKind::Check);
    bool boolean = bound->type.oid == types::oid::kBool || bound->type.oid == types::oid::kUnknown;
    if (!boolean) {
      throw SqlError(Sqlstate::DatatypeMismatch, "argument of PUBLICATION WHERE must be type boolean, not type " +
                                                     types::format_type({bound->type.oid}, context.types().names))
          .position(bound->location < 0 ? position_of(context, clause) : parser::character_position(context.sql(), bound->location));
    }
    Checker(context, clause).check(*bound);
    made = define(context, clause, &table, {types::oid::kBool}, analyzer::DefinitionKind::Check);
  } catch (SqlError& error) {
    std::string text = error.fields().message;
    replace(text, "in check constraints", "in WHERE");
    if (text == error.fields().message) throw;
    SqlError other(error.fields().sqlstate, text);
    other.detail(error.fields().detail).hint(error.fields().hint).position(error.fields().position);
    throw other;
  }
  return made;
}

}  // namespace aegis::commands
