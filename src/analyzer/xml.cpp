// SQL/XML's syntax: XMLELEMENT and its kin become calls, XMLTABLE a function in FROM with a projection that gives its columns
// their types.
#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "aegis/functions/xml.h"
#include "aegis/types/xml.h"
#include "query_analyzer.h"
#include "query_recorder.h"

namespace aegis::analyzer {

using ast::node_cast;

namespace {

ExprPtr text_constant(std::string_view text) {
  auto constant = plan::make_constant({oid::kText}, types::Value::of_string(text));
  constant->collation = types::kDefaultCollation;
  return constant;
}

}  // namespace

// Names and values of XMLATTRIBUTES or XMLFOREST.
void QueryAnalyzer::bind_named_values(ast::List<ast::ResTarget> targets, const char* what, Scope& scope, Clause clause, ExprList& args) {
  std::vector<std::string> names;
  for (const auto* target : targets) {
    std::string name;
    if (ast::is_given(target->name)) {
      name = types::xml::name_of(target->name, false);
    } else if (node_cast<ast::ColumnRef>(target->val) != nullptr) {
      name = types::xml::name_of(figure_column_name(*target->val), true);
    } else {
      throw SqlError(Sqlstate::SyntaxError, std::string("unnamed XML ") + what + " value must be a column reference").position(position(target->location));
    }
    for (const auto& other : names) {
      if (what[0] == 'a' && other == name) {
        throw SqlError(Sqlstate::SyntaxError, "XML attribute name \"" + name + "\" appears more than once").position(position(target->location));
      }
    }
    ExprPtr value = bind(*target->val, scope, clause);
    args.push_back(text_constant(name));
    args.push_back(std::move(value));
    names.push_back(std::move(name));
  }
}

ExprPtr QueryAnalyzer::bind_xml(const ast::XmlExpr& expr, Scope& scope, Clause clause) {
  ExprList args;
  auto call = [&](const functions::Function& function, Oid result) {
    ExprPtr made = plan::make_call(function, {result}, std::move(args));
    made->location = expr.location;
    return made;
  };
  auto bind_as = [&](const ast::Node& node, Oid type, const char* construct) {
    ExprPtr value = bind(node, scope, clause);
    Oid from = value->type.oid;
    int at = value->location;
    value = coercion_.coerce(std::move(value), {type}, CastContext::Assignment, position(at));
    if (value == nullptr) {
      throw SqlError(Sqlstate::DatatypeMismatch, std::string("argument of ") + construct + " must be type " + types::format_type({type}) + ", not type " +
                                                     types::format_type({from}, context_.types.names))
          .position(position(at));
    }
    return value;
  };
  switch (expr.op) {
    case ast::XmlExprOp::Concat:
      for (auto* arg : expr.args) args.push_back(bind_as(*arg, oid::kXml, "XMLCONCAT"));
      return call(functions::xml_concat_function(), oid::kXml);
    case ast::XmlExprOp::Element: {
      args.push_back(text_constant(types::xml::name_of(expr.name, false)));
      args.push_back(plan::make_constant({oid::kInt4}, types::Value::of_i32(static_cast<int32_t>(expr.named_args.size()))));
      bind_named_values(expr.named_args, "attribute", scope, clause, args);
      for (auto* arg : expr.args) {
        args.push_back(bind(*arg, scope, clause));
      }
      return call(functions::xml_element_function(), oid::kXml);
    }
    case ast::XmlExprOp::Forest:
      bind_named_values(expr.named_args, "element", scope, clause, args);
      return call(functions::xml_forest_function(), oid::kXml);
    case ast::XmlExprOp::Parse:
      args.push_back(bind_as(*expr.args[0], oid::kText, "XMLPARSE"));
      args.push_back(bind_as(*expr.args[1], oid::kBool, "XMLPARSE"));
      args.push_back(plan::make_bool(expr.xmloption == ast::XmlOptionType::Document));
      return call(functions::xml_parse_function(), oid::kXml);
    case ast::XmlExprOp::Pi:
      args.push_back(text_constant(types::xml::name_of(expr.name, false)));
      if (!expr.args.empty()) args.push_back(bind_as(*expr.args[0], oid::kText, "XMLPI"));
      return call(functions::xml_pi_function(), oid::kXml);
    case ast::XmlExprOp::Root:
      args.push_back(bind_as(*expr.args[0], oid::kXml, "XMLROOT"));
      args.push_back(bind_as(*expr.args[1], oid::kText, "XMLROOT"));
      args.push_back(bind_as(*expr.args[2], oid::kInt4, "XMLROOT"));
      return call(functions::xml_root_function(), oid::kXml);
    case ast::XmlExprOp::Document:
      args.push_back(bind_as(*expr.args[0], oid::kXml, "IS DOCUMENT"));
      return call(functions::xml_is_document_function(), oid::kBool);
    case ast::XmlExprOp::Serialize: break;
  }
  throw_not_supported("this form of XML", position(expr.location));
}

ExprPtr QueryAnalyzer::bind_xml_serialize(const ast::XmlSerialize& serialize, Scope& scope, Clause clause) {
  ExprList args;
  args.push_back(coerce_or_throw(bind(*serialize.expr, scope, clause), {oid::kXml}, CastContext::Implicit, "XMLSERIALIZE"));
  args.push_back(plan::make_bool(serialize.xmloption == ast::XmlOptionType::Document));
  ExprPtr text = plan::make_call(functions::xml_serialize_function(), {oid::kText}, std::move(args));
  text->location = serialize.location;
  text->collation = types::kDefaultCollation;
  Type target = resolve_type(context_, *serialize.type_name);
  ExprPtr result = coercion_.coerce(std::move(text), target, CastContext::Implicit, position(serialize.location));
  if (result == nullptr) {
    throw SqlError(Sqlstate::CannotCoerce, "cannot cast XMLSERIALIZE result to " + types::format_type(target, context_.types.names)).position(position(serialize.location));
  }
  return result;
}

LogicalPtr QueryAnalyzer::bind_xml_table(const ast::RangeTableFunc& table, Scope& scope, std::vector<RangeItem>& items) {
  auto bind_as = [&](const ast::Node& node, Oid type) {
    ExprPtr expr = bind(node, scope, Clause::FromFunction);
    return coerce_or_throw(std::move(expr), {type}, CastContext::Assignment, "XMLTABLE");
  };
  auto record = [&](const Expr& expr) { return recorder_ == nullptr ? std::string() : "(" + recorder_->text(expr).sql + ")"; };
  ExprList args;
  args.push_back(bind_as(*table.docexpr, oid::kXml));
  args.push_back(bind_as(*table.rowexpr, oid::kText));
  std::string written = record(*args[1]) + " PASSING " + record(*args[0]) + " COLUMNS ";
  args.push_back(nullptr);  // the number of columns

  struct Column {
    std::string name;
    Type type;
    bool ordinality = false, not_null = false;
    ExprPtr fallback;
    uint32_t number = 0;  // of the function's column
  };
  std::vector<Column> columns;
  uint32_t found = 0;
  for (const auto* definition : table.columns) {
    Column column;
    column.name = definition->colname;
    for (const auto& other : columns) {
      if (other.name == column.name) throw SqlError(Sqlstate::SyntaxError, "column name \"" + column.name + "\" is not unique").position(position(definition->location));
    }
    if (!columns.empty()) written += ", ";
    written += functions::quote_identifier(column.name);
    if (definition->for_ordinality) {
      for (const auto& other : columns) {
        if (other.ordinality) throw SqlError(Sqlstate::SyntaxError, "only one FOR ORDINALITY column is allowed").position(position(definition->location));
      }
      column.type = {oid::kInt4};
      column.ordinality = true;
      written += " FOR ORDINALITY";
      columns.push_back(std::move(column));
      continue;
    }
    column.type = resolve_type(context_, *definition->type_name);
    column.not_null = definition->is_not_null;
    column.number = ++found;
    written += " " + types::format_type(column.type, context_.types.names);
    if (definition->coldefexpr != nullptr) {
      column.fallback = coerce_or_throw(bind(*definition->coldefexpr, scope, Clause::FromFunction), column.type, CastContext::Assignment, "XMLTABLE");
      written += " DEFAULT " + record(*column.fallback);
    }
    Oid base = types::base_type(column.type.oid);
    if (definition->colexpr != nullptr) {
      args.push_back(bind_as(*definition->colexpr, oid::kText));
      written += " PATH " + record(*args.back());
    } else {
      args.push_back(text_constant(column.name));
    }
    if (column.not_null) written += " NOT NULL";
    args.push_back(text_constant(column.name));
    args.push_back(text_constant(base == oid::kXml ? "x" : type_category(base) == 'N' ? "n" : "t"));
    columns.push_back(std::move(column));
  }
  args[2] = plan::make_constant({oid::kInt4}, types::Value::of_i32(static_cast<int32_t>(found)));
  std::string spaces;
  for (const auto* space : table.namespaces) {
    if (!ast::is_given(space->name)) throw SqlError(Sqlstate::FeatureNotSupported, "DEFAULT namespace is not supported");
    args.push_back(text_constant(space->name));
    args.push_back(bind_as(*space->val, oid::kText));
    spaces += (spaces.empty() ? "" : ", ") + (recorder_ == nullptr ? std::string() : recorder_->text(*args.back()).sql) + " AS " + functions::quote_identifier(space->name);
  }

  auto get = std::make_unique<plan::FunctionGet>();
  get->table = new_table();
  get->columns.push_back({"ordinality", {oid::kInt8}});
  // At least one: a single column would be the record itself.
  uint32_t values = std::max<uint32_t>(found, 1);
  for (uint32_t i = 0; i < values; ++i) get->columns.push_back({"value", {oid::kText}, types::kDefaultCollation});
  get->column_counts.push_back(values + 1);
  ExprPtr call = plan::make_call(functions::xml_table_function(), {oid::kRecord}, std::move(args));
  call->location = table.location;
  get->calls.push_back(std::move(call));

  RangeItem item;
  item.unlockable = "a table function";
  item.alias = "xmltable";
  auto project = std::make_unique<plan::Project>();
  project->table = item.table = new_table();
  for (auto& column : columns) {
    auto value_of = [&] {
      auto value = plan::make_column({get->table, column.number}, {column.ordinality ? oid::kInt8 : oid::kText}, column.name);
      value->collation = type_collation(value->type.oid);
      return value;
    };
    ExprPtr value;
    if (column.ordinality) {
      value = coercion_.coerce(value_of(), {oid::kInt4}, CastContext::Assignment, 0);
    } else {
      value = std::make_unique<Expr>(ExprKind::CastIo, Type{column.type.oid, -1});
      value->args.push_back(value_of());
      value->collation = type_collation(column.type.oid);
      Type base = types::base_type(column.type);
      if (base.oid != column.type.oid) {
        value->type = {base.oid, -1};
        value = coerce_or_throw(std::move(value), column.type, CastContext::Assignment, "XMLTABLE");
      } else if (column.type.typmod != -1) {
        auto length = std::make_unique<Expr>(ExprKind::Typmod, column.type);
        length->negated = true;
        length->collation = value->collation;
        length->args.push_back(std::move(value));
        value = std::move(length);
      }
      if (column.fallback) {
        auto choose = std::make_unique<Expr>(ExprKind::Case, column.type);
        auto missing = std::make_unique<Expr>(ExprKind::NullTest, Type{oid::kBool});
        missing->args.push_back(value_of());
        choose->collation = value->collation;
        choose->args.push_back(std::move(missing));
        choose->args.push_back(std::move(column.fallback));
        choose->args.push_back(std::move(value));
        value = std::move(choose);
      }
      if (column.not_null) {
        ExprList checked;
        checked.push_back(std::move(value));
        checked.push_back(text_constant(column.name));
        value = plan::make_call(functions::xml_not_null_function(), column.type, std::move(checked));
        value->collation = type_collation(column.type.oid);
      }
    }
    auto number = static_cast<uint32_t>(project->exprs.size());
    item.columns.push_back({column.name, value->type, type_collation(value->type.oid), {item.table, number}});
    project->names.push_back(column.name);
    project->exprs.push_back(std::move(value));
  }
  project->children.push_back(std::move(get));
  apply_alias(item, table.alias);
  project->alias = item.alias;
  if (recorder_ != nullptr) {
    auto& range = recorder_->ranges[&table];
    range.written = "XMLTABLE(" + (spaces.empty() ? std::string() : "XMLNAMESPACES (" + spaces + "), ") + written + ")";
  }
  items.push_back(std::move(item));
  return project;
}

}  // namespace aegis::analyzer
