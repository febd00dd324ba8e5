#include "aegis/plan/deparse.h"

#include <string_view>

#include "aegis/functions/function.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/collation.h"
#include "aegis/types/encoding.h"

namespace aegis::plan {
namespace {

namespace oid = types::oid;

class Deparser {
 public:
  explicit Deparser(const DeparseContext& context) : context_(context) {}

  std::string text(const Expr& e) {
    switch (e.kind) {
      case ExprKind::Constant: return constant(e.value.get(), e.type);
      case ExprKind::Column:
      case ExprKind::Input: return context_.column ? context_.column(e) : functions::quote_identifier(e.name);
      case ExprKind::Param: return "$" + std::to_string(e.index + 1);
      case ExprKind::ExecParam: return context_.subquery ? context_.subquery(e) : "$" + std::to_string(e.index);
      case ExprKind::Call:
        if (e.function->symbol == "domain_check" && e.function->oid == kInvalidOid) return cast(*e.args[0], e.type);
        // These are no functions in SQL.
        if (e.args.empty() && e.function->name == "current_user") return "CURRENT_USER";
        if (e.args.empty() && e.function->name == "session_user") return "SESSION_USER";
        if (e.args.empty() && e.function->name == "current_date") return "CURRENT_DATE";
        if (e.function->oid == kInvalidOid && e.function->name.starts_with("xml")) return xml(e);
        return call(e);
      case ExprKind::And:
      case ExprKind::Or: {
        std::string out;
        for (const auto& arg : e.args) out += (out.empty() ? "" : e.kind == ExprKind::And ? " AND " : " OR ") + child(*arg, e);
        return wrap(out);
      }
      case ExprKind::Not: return wrap("NOT " + child(*e.args[0], e));
      case ExprKind::NullTest: return wrap(child(*e.args[0], e) + (e.negated ? " IS NOT NULL" : " IS NULL"));
      case ExprKind::BoolTest: return wrap(child(*e.args[0], e) + bool_test(e.bool_test));
      case ExprKind::Distinct:
        if (context_.marks_lines && e.negated) return wrap("NOT " + wrap(child(*e.args[0], e) + " IS DISTINCT FROM " + child(*e.args[1], e)));
        return wrap(child(*e.args[0], e) + (e.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ") + child(*e.args[1], e));
      case ExprKind::NullIf: return "NULLIF(" + list(e.args) + ")";
      case ExprKind::Case: return e.row_test ? text(*e.args[2]) : case_text(e);
      case ExprKind::Coalesce:
        // A column that FULL JOIN … USING merges.
        if (context_.marks_lines && !e.name.empty()) return functions::quote_identifier(e.name);
        return "COALESCE(" + list(e.args) + ")";
      case ExprKind::Greatest: return "GREATEST(" + list(e.args) + ")";
      case ExprKind::Least: return "LEAST(" + list(e.args) + ")";
      case ExprKind::ArrayCompare:
        return wrap(child(*e.args[0], e) + " " + operator_of(e) + (e.use_or ? " ANY (" : " ALL (") + child(*e.args[1], e) + ")");
      case ExprKind::InList: return in_list(e);
      case ExprKind::Array: return array(e);
      case ExprKind::Row:
        if (context_.marks_lines && e.row_test && e.args.size() > 0 && context_.column) {
          if (std::string whole = context_.column(e); !whole.empty()) return whole;
        }
        return "ROW(" + list(e.args) + ")";
      case ExprKind::Field:
        return "(" + text(*e.args[0]) + ")." + (e.name.empty() ? "f" + std::to_string(e.index + 1) : functions::quote_identifier(e.name));
      case ExprKind::Subscript: return subscript(e);
      case ExprKind::Relabel:
        if (is_collate(e)) return wrap(child(*e.args[0], e) + " COLLATE " + collation_name(e.collation));
        [[fallthrough]];
      case ExprKind::CastIo:
      case ExprKind::ArrayCast: return cast(*e.args[0], e.type);
      case ExprKind::Typmod: return typmod(e);
      case ExprKind::Subquery: return context_.subquery ? context_.subquery(e) : "(SubPlan)";
      case ExprKind::Aggregate: return aggregate(e);
      case ExprKind::Window: return aggregate(e) + " OVER " + (context_.window ? context_.window(e) : "(?)");
      case ExprKind::Grouping: return e.args.empty() ? "GROUPING(...)" : "GROUPING(" + list(e.args) + ")";
      case ExprKind::Default: return "DEFAULT";
    }
    return {};
  }

  std::string constant(const Value& value, Type type) {
    std::string type_text = "::" + type_name(type);
    if (value.is_null) return type.oid == oid::kUnknown ? "NULL" : "NULL" + type_text;
    if (type.oid == oid::kBool) return value.boolean ? "true" : "false";
    std::string body;
    if (type.oid == oid::kRegclass && context_.relation_name) {
      body = context_.relation_name(value.oid());
    } else {
      types::type_info(type.oid).output(context_.types, value, type.oid, body);
    }
    if (type.oid == oid::kInt4) return body[0] == '-' ? "'" + body + "'" + type_text : body;
    if (type.oid == oid::kNumeric && body[0] >= '0' && body[0] <= '9' && body.find_first_of("eE.") != std::string::npos) {
      return type.typmod >= 0 ? body + type_text : body;
    }
    std::string quoted = functions::quote_literal(body);
    return type.oid == oid::kUnknown ? quoted : quoted + type_text;
  }

  // XMLELEMENT and its kin, as they are written.
  std::string xml(const Expr& e) {
    std::string_view name = e.function->name;
    auto sql_name = [](const Expr& constant) {
      std::string sql;
      std::string_view text = constant.value.get().text();
      for (size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text.size() - i >= 7 && sscanf(std::string(text.substr(i, 7)).c_str(), "_x%4X_", &code) == 1 && text[i + 6] == '_') {
          types::utf8_append(code, sql);
          i += 6;
        } else {
          sql += text[i];
        }
      }
      return functions::quote_identifier(sql);
    };
    auto pairs = [&](size_t from, size_t to) {
      std::string out;
      for (size_t i = from; i < to; i += 2) out += (i > from ? ", " : "") + text(*e.args[i + 1]) + " AS " + sql_name(*e.args[i]);
      return out;
    };
    auto flag = [&](size_t i) { return e.args[i]->value.get().boolean; };
    if (name == "xmlconcat") return "XMLCONCAT(" + list(e.args) + ")";
    if (name == "xmlforest") return "XMLFOREST(" + pairs(0, e.args.size()) + ")";
    if (name == "xmlelement") {
      auto count = static_cast<size_t>(e.args[1]->value.get().i32);
      std::string out = "XMLELEMENT(NAME " + sql_name(*e.args[0]);
      if (count > 0) out += ", XMLATTRIBUTES(" + pairs(2, 2 + 2 * count) + ")";
      if (e.args.size() > 2 + 2 * count) out += ", " + list(e.args, 2 + 2 * count);
      return out + ")";
    }
    if (name == "xmlparse") return std::string("XMLPARSE(") + (flag(2) ? "DOCUMENT " : "CONTENT ") + text(*e.args[0]) + (flag(1) ? " PRESERVE" : " STRIP") + " WHITESPACE)";
    if (name == "xmlpi") return "XMLPI(NAME " + sql_name(*e.args[0]) + (e.args.size() > 1 ? ", " + text(*e.args[1]) : "") + ")";
    if (name == "xmlroot") {
      bool versioned = e.args[1]->kind != ExprKind::Constant || !e.args[1]->value.get().is_null;
      constexpr const char* kStandalone[] = {", STANDALONE YES", ", STANDALONE NO", ", STANDALONE NO VALUE", ""};
      return "XMLROOT(" + text(*e.args[0]) + ", VERSION " + (versioned ? text(*e.args[1]) : "NO VALUE") + kStandalone[e.args[2]->value.get().i32 & 3] + ")";
    }
    if (name == "xmlserialize") return std::string("XMLSERIALIZE(") + (flag(1) ? "DOCUMENT " : "CONTENT ") + text(*e.args[0]) + " AS text)";
    if (name == "xml_is_document") return wrap(child(*e.args[0], e) + " IS DOCUMENT");
    return call(e);
  }

 private:
  std::string collation_name(Oid collation) {
    std::string name;
    if (context_.types.names == nullptr || !context_.types.names->name_of(oid::kRegcollation, collation, name)) {
      name = functions::quote_identifier(types::find_collation(collation)->name);
    }
    return name;
  }

  std::string type_name(Type type) {
    // Plain bit would mean bit(1).
    if (type.oid == oid::kBit && type.typmod < 0) return "\"bit\"";
    // And plain character character(1).
    if (type.oid == oid::kBpchar && type.typmod < 0) return "bpchar";
    if (const auto* info = types::find_type(type.oid); info != nullptr && types::is_array(type.oid) && info->element == oid::kBpchar && type.typmod < 0) {
      return "bpchar[]";
    }
    return types::format_type(type, context_.types.names);
  }

  std::string list(const ExprList& args, size_t from = 0, const char* separator = ", ") {
    std::string out;
    for (size_t i = from; i < args.size(); ++i) {
      if (i > from) out += separator;
      out += text(*args[i]);
    }
    return out;
  }

  std::string cast(const Expr& arg, Type type) {
    if (!context_.pretty) return "(" + text(arg) + ")::" + type_name(type);
    bool atom = is_atom(arg) || is_cast_like(arg);
    return (atom ? text(arg) : "(" + text(arg) + ")") + "::" + type_name(type);
  }

  // An operator's own parentheses; the pretty form leaves them to what it stands in.
  std::string wrap(std::string text) { return context_.pretty ? text : "(" + text + ")"; }
  std::string child(const Expr& e, const Expr& parent) { return context_.pretty && !is_simple(e, parent) ? "(" + text(e) + ")" : text(e); }

  static bool is_collate(const Expr& e) { return e.kind == ExprKind::Relabel && e.explicit_collation && e.type.oid == e.args[0]->type.oid; }

  bool is_cast_like(const Expr& e) {
    if (is_collate(e)) return false;
    return e.kind == ExprKind::CastIo || e.kind == ExprKind::Relabel || e.kind == ExprKind::ArrayCast || e.kind == ExprKind::Typmod ||
           (e.kind == ExprKind::Call && is_cast(e));
  }
  // Looks like one word to its surroundings.
  bool is_atom(const Expr& e) {
    switch (e.kind) {
      case ExprKind::And: case ExprKind::Or: case ExprKind::Not: case ExprKind::NullTest: case ExprKind::BoolTest: case ExprKind::Distinct:
      case ExprKind::ArrayCompare: case ExprKind::InList: return false;
      case ExprKind::Call: return e.op == nullptr && !is_cast(e);
      case ExprKind::CastIo: case ExprKind::Relabel: case ExprKind::ArrayCast: case ExprKind::Typmod: return false;
      default: return true;
    }
  }
  static char arithmetic(const Expr& e) {
    if (e.kind != ExprKind::Call || e.op == nullptr || e.args.size() != 2 || e.op->name.size() != 1) return 0;
    char c = e.op->name[0];
    return c == '+' || c == '-' ? 'l' : c == '*' || c == '/' || c == '%' ? 'h' : 0;
  }
  bool is_simple(const Expr& e, const Expr& parent) {
    if (is_atom(e)) return true;
    if (is_cast_like(e)) {
      const Expr& arg = *e.args[0];
      return is_atom(arg) || is_cast_like(arg) ? is_atom(arg) || is_simple(arg, e) : true;
    }
    switch (parent.kind) {
      case ExprKind::And:
      case ExprKind::Or:
      case ExprKind::Not:
        if (e.kind == ExprKind::And || e.kind == ExprKind::Not) return parent.kind != ExprKind::Not;
        if (e.kind == ExprKind::Or) return parent.kind == ExprKind::Or;
        return true;
      case ExprKind::Call: {
        char own = arithmetic(e), outer = arithmetic(parent);
        if (own == 0 || outer == 0) return false;
        if (own != outer) return own == 'h';
        return parent.args[0].get() == &e;
      }
      default: return false;
    }
  }

  static const char* bool_test(BoolTestKind kind) {
    switch (kind) {
      case BoolTestKind::IsTrue: return " IS TRUE";
      case BoolTestKind::IsNotTrue: return " IS NOT TRUE";
      case BoolTestKind::IsFalse: return " IS FALSE";
      case BoolTestKind::IsNotFalse: return " IS NOT FALSE";
      case BoolTestKind::IsUnknown: return " IS UNKNOWN";
      case BoolTestKind::IsNotUnknown: return " IS NOT UNKNOWN";
    }
    return "";
  }

  std::string operator_of(const Expr& e) {
    if (e.op != nullptr) return name_of(*e.op);
    if (e.function != nullptr) {
      for (const auto* op : functions::all_operators()) {
        if (op->function == e.function->oid) return std::string(op->name);
      }
    }
    return "=";
  }

  std::string name_of(const functions::Operator& op) const {
    std::string name = op.user_defined && context_.operator_name ? context_.operator_name(op.oid) : std::string();
    return name.empty() ? std::string(op.name) : name;
  }

  bool is_cast(const Expr& e) {
    if (e.args.empty() || e.op != nullptr || e.function == nullptr) return false;
    const auto* found = functions::find_cast(e.args[0]->type.oid, e.type.oid);
    return found != nullptr && found->method == functions::CastMethod::Function && found->function == e.function->oid;
  }

  std::string call(const Expr& e) {
    if (e.op != nullptr) {
      std::string name = name_of(*e.op);
      if (e.args.size() == 1) return wrap(name + " " + child(*e.args[0], e));
      return wrap(child(*e.args[0], e) + " " + name + " " + child(*e.args[1], e));
    }
    if (is_cast(e)) return cast(*e.args[0], {e.type.oid, e.type.typmod});
    std::string_view name = e.function->name;
    if (name == "timezone" && e.args.size() == 2) return "(" + text(*e.args[1]) + " AT TIME ZONE " + text(*e.args[0]) + ")";
    if (e.function->oid == 1299) return "now()";
    if (name == "extract" && e.args.size() == 2 && e.args[0]->kind == ExprKind::Constant && !e.args[0]->value.get().is_null) {
      return "EXTRACT(" + e.args[0]->value.get().string.str() + " FROM " + text(*e.args[1]) + ")";
    }
    std::string out = e.function->user_defined && context_.function_name ? context_.function_name(e.function->oid) : std::string();
    if (out.empty()) out = functions::quote_identifier(name);
    out += "(";
    for (size_t i = 0; i < e.args.size(); ++i) {
      if (i > 0) out += ", ";
      if (e.variadic_array && i + 1 == e.args.size()) out += "VARIADIC ";
      out += text(*e.args[i]);
    }
    return out + ")";
  }

  std::string case_text(const Expr& e) {
    if (context_.marks_lines) return case_lines(e);
    std::string out = "CASE";
    size_t i = 0;
    for (; i + 1 < e.args.size(); i += 2) out += " WHEN " + text(*e.args[i]) + " THEN " + text(*e.args[i + 1]);
    out += " ELSE " + (i < e.args.size() ? text(*e.args[i]) : "NULL::" + type_name(e.type));
    return out + " END";
  }

  std::string case_lines(const Expr& e) {
    // A simple CASE was made of comparisons with the same left side.
    bool simple = e.negated;
    for (size_t k = 0; k + 1 < e.args.size(); k += 2) simple = simple && e.args[k]->kind == ExprKind::Call && e.args[k]->args.size() == 2;
    std::string out = "\3CASE";
    if (simple) out += " " + text(*e.args[0]->args[0]);
    size_t i = 0;
    for (; i + 1 < e.args.size(); i += 2) out += "\4WHEN " + text(simple ? *e.args[i]->args[1] : *e.args[i]) + " THEN " + text(*e.args[i + 1]);
    out += "\4ELSE " + (i < e.args.size() ? text(*e.args[i]) : "NULL::" + type_name(e.type));
    return out + "\5END";
  }

  std::string in_list(const Expr& e) {
    Type element = e.args.size() > 1 ? e.args[1]->type : e.args[0]->type;
    bool constants = true;
    for (size_t i = 1; i < e.args.size(); ++i) constants = constants && e.args[i]->kind == ExprKind::Constant;
    const auto* info = types::find_type(element.oid);
    std::string compare = e.negated ? " <> ALL (" : " = ANY (";
    std::string left = (context_.pretty ? "" : "(") + child(*e.args[0], e) + compare;
    if (context_.pretty) return left + "ARRAY[" + list(e.args, 1) + "])";
    if (!context_.fold_lists || !constants || info == nullptr || info->array == kInvalidOid) return left + "ARRAY[" + list(e.args, 1) + "]))";
    std::string elements = "{";
    for (size_t i = 1; i < e.args.size(); ++i) {
      if (i > 1) elements += ",";
      const Value value = e.args[i]->value.get();
      if (value.is_null) {
        elements += "NULL";
        continue;
      }
      std::string item;
      info->output(context_.types, value, element.oid, item);
      elements += array_item(item);
    }
    return left + functions::quote_literal(elements + "}") + "::" + type_name({info->array}) + "))";
  }

  static std::string array_item(const std::string& item) {
    bool plain = !item.empty() && item.find_first_of("{},\"\\ \t\n\r\v\f") == std::string::npos;
    bool is_null = item.size() == 4 && (item[0] | 32) == 'n' && (item[1] | 32) == 'u' && (item[2] | 32) == 'l' && (item[3] | 32) == 'l';
    if (plain && !is_null) return item;
    std::string out = "\"";
    for (char c : item) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  }

  std::string array(const Expr& e) {
    std::string out = "ARRAY[" + list(e.args) + "]";
    return e.args.empty() ? out + "::" + type_name(e.type) : out;
  }

  std::string subscript(const Expr& e) {
    std::string out = text(*e.args[0]);
    if (e.args[0]->kind != ExprKind::Column && e.args[0]->kind != ExprKind::Input) out = "(" + out + ")";
    for (size_t i = 1; i < e.args.size(); ++i) {
      if (!e.is_slice) {
        out += "[" + text(*e.args[i]) + "]";
      } else if (i + 1 < e.args.size()) {
        out += "[" + (e.args[i] ? text(*e.args[i]) : "") + ":" + (e.args[i + 1] ? text(*e.args[i + 1]) : "") + "]";
        ++i;
      }
    }
    return out;
  }

  std::string typmod(const Expr& e) {
    const Expr& inner = *e.args[0];
    bool converts = (inner.kind == ExprKind::Relabel && !is_collate(inner)) || inner.kind == ExprKind::CastIo || inner.kind == ExprKind::ArrayCast ||
                    (inner.kind == ExprKind::Call && is_cast(inner));
    if (converts && inner.type.oid == e.type.oid) return cast(*inner.args[0], e.type);
    if (inner.kind == ExprKind::Constant && inner.type.oid == e.type.oid) return "(" + text(inner) + ")::" + type_name(e.type);
    return cast(inner, e.type);
  }

  std::string aggregate(const Expr& e) {
    std::string out = e.function == nullptr ? e.name : functions::quote_identifier(e.function->name);
    out += "(";
    const AggregateSpec* spec = e.aggregate.get();
    bool within_group = spec != nullptr && e.function != nullptr && e.function->aggregate_kind != 'n';
    if (spec != nullptr && spec->star) {
      out += "*";
    } else {
      if (spec != nullptr && spec->distinct) out += "DISTINCT ";
      if (within_group) {
        for (size_t i = 0; i < spec->direct_arguments; ++i) out += (i > 0 ? ", " : "") + text(*e.args[i]);
      } else {
        out += list(e.args);
      }
    }
    if (spec != nullptr && !spec->order.empty()) {
      out += within_group ? ") WITHIN GROUP (ORDER BY " : " ORDER BY ";
      for (size_t i = 0; i < spec->order.size(); ++i) out += (i > 0 ? ", " : "") + deparse_sort_key(spec->order[i], context_);
    }
    out += ")";
    if (spec != nullptr && spec->filter) out += " FILTER (WHERE " + text(*spec->filter) + ")";
    return out;
  }

  const DeparseContext& context_;
};

}  // namespace

std::string deparse(const Expr& expr, const DeparseContext& context) { return Deparser(context).text(expr); }

std::string deparse_constant(const Value& value, Type type, const DeparseContext& context) {
  return Deparser(context).constant(value, type);
}

std::string deparse_window(const WindowSpec& window, const DeparseContext& context, const std::string& base) {
  std::string out = base;
  auto add = [&](const std::string& part) { out += (out.empty() ? "" : " ") + part; };
  if (base.empty() && !window.partition.empty()) {
    std::string keys;
    for (const auto& key : window.partition) keys += (keys.empty() ? "" : ", ") + deparse(*key, context);
    add("PARTITION BY " + keys);
  }
  if (!window.order.empty()) {
    std::string keys;
    for (const auto& key : window.order) keys += (keys.empty() ? "" : ", ") + deparse_sort_key(key, context);
    add("ORDER BY " + keys);
  }
  bool plain = window.mode == FrameMode::Range && window.start == FrameBound::UnboundedPreceding && window.end == FrameBound::CurrentRow &&
               window.exclusion == FrameExclusion::None;
  if (plain) return out;
  auto bound = [&](FrameBound kind, const ExprPtr& offset) -> std::string {
    switch (kind) {
      case FrameBound::UnboundedPreceding: return "UNBOUNDED PRECEDING";
      case FrameBound::Preceding: return deparse(*offset, context) + " PRECEDING";
      case FrameBound::CurrentRow: return "CURRENT ROW";
      case FrameBound::Following: return deparse(*offset, context) + " FOLLOWING";
      case FrameBound::UnboundedFollowing: return "UNBOUNDED FOLLOWING";
    }
    return {};
  };
  const char* mode = window.mode == FrameMode::Range ? "RANGE" : window.mode == FrameMode::Rows ? "ROWS" : "GROUPS";
  add(std::string(mode) + " BETWEEN " + bound(window.start, window.start_offset) + " AND " + bound(window.end, window.end_offset));
  switch (window.exclusion) {
    case FrameExclusion::None: break;
    case FrameExclusion::CurrentRow: add("EXCLUDE CURRENT ROW"); break;
    case FrameExclusion::Group: add("EXCLUDE GROUP"); break;
    case FrameExclusion::Ties: add("EXCLUDE TIES"); break;
  }
  return out;
}

std::string deparse_sort_key(const SortKey& key, const DeparseContext& context) {
  std::string out = deparse(*key.expr, context);
  if (key.descending) out += " DESC";
  if (key.nulls_first != key.descending) out += key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  return out;
}

}  // namespace aegis::plan
