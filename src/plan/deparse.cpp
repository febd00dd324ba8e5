#include "aegis/plan/deparse.h"

#include <string_view>

#include "aegis/functions/function.h"
#include "aegis/functions/quoting.h"

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
        return call(e);
      case ExprKind::And: return "(" + list(e.args, 0, " AND ") + ")";
      case ExprKind::Or: return "(" + list(e.args, 0, " OR ") + ")";
      case ExprKind::Not: return "(NOT " + text(*e.args[0]) + ")";
      case ExprKind::NullTest: return "(" + text(*e.args[0]) + (e.negated ? " IS NOT NULL)" : " IS NULL)");
      case ExprKind::BoolTest: return "(" + text(*e.args[0]) + bool_test(e.bool_test) + ")";
      case ExprKind::Distinct:
        return "(" + text(*e.args[0]) + (e.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ") + text(*e.args[1]) + ")";
      case ExprKind::NullIf: return "NULLIF(" + list(e.args) + ")";
      case ExprKind::Case: return case_text(e);
      case ExprKind::Coalesce: return "COALESCE(" + list(e.args) + ")";
      case ExprKind::Greatest: return "GREATEST(" + list(e.args) + ")";
      case ExprKind::Least: return "LEAST(" + list(e.args) + ")";
      case ExprKind::ArrayCompare:
        return "(" + text(*e.args[0]) + " " + operator_of(e) + (e.use_or ? " ANY (" : " ALL (") + text(*e.args[1]) + "))";
      case ExprKind::InList: return in_list(e);
      case ExprKind::Array: return array(e);
      case ExprKind::Row: return "ROW(" + list(e.args) + ")";
      case ExprKind::Field:
        return "(" + text(*e.args[0]) + ")." + (e.name.empty() ? "f" + std::to_string(e.index + 1) : functions::quote_identifier(e.name));
      case ExprKind::Subscript: return subscript(e);
      case ExprKind::CastIo:
      case ExprKind::Relabel:
      case ExprKind::ArrayCast: return cast(*e.args[0], e.type);
      case ExprKind::Typmod: return typmod(e);
      case ExprKind::Subquery: return context_.subquery ? context_.subquery(e) : "(SubPlan)";
      case ExprKind::Aggregate: return aggregate(e);
      case ExprKind::Window: return aggregate(e) + " OVER (?)";
      case ExprKind::Grouping: return "GROUPING(...)";
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

 private:
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

  std::string cast(const Expr& arg, Type type) { return "(" + text(arg) + ")::" + type_name(type); }

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

  static std::string operator_of(const Expr& e) {
    if (e.op != nullptr) return std::string(e.op->name);
    if (e.function != nullptr) {
      for (const auto* op : functions::all_operators()) {
        if (op->function == e.function->oid) return std::string(op->name);
      }
    }
    return "=";
  }

  bool is_cast(const Expr& e) {
    if (e.args.empty() || e.op != nullptr || e.function == nullptr) return false;
    const auto* found = functions::find_cast(e.args[0]->type.oid, e.type.oid);
    return found != nullptr && found->method == functions::CastMethod::Function && found->function == e.function->oid;
  }

  std::string call(const Expr& e) {
    if (e.op != nullptr) {
      std::string name(e.op->name);
      if (e.args.size() == 1) return "(" + name + " " + text(*e.args[0]) + ")";
      return "(" + text(*e.args[0]) + " " + name + " " + text(*e.args[1]) + ")";
    }
    if (is_cast(e)) return cast(*e.args[0], {e.type.oid, e.type.typmod});
    std::string_view name = e.function->name;
    if (name == "timezone" && e.args.size() == 2) return "(" + text(*e.args[1]) + " AT TIME ZONE " + text(*e.args[0]) + ")";
    if (e.function->oid == 1299) return "now()";
    if (name == "extract" && e.args.size() == 2 && e.args[0]->kind == ExprKind::Constant && !e.args[0]->value.get().is_null) {
      return "EXTRACT(" + e.args[0]->value.get().string.str() + " FROM " + text(*e.args[1]) + ")";
    }
    std::string out = functions::quote_identifier(name) + "(";
    for (size_t i = 0; i < e.args.size(); ++i) {
      if (i > 0) out += ", ";
      if (e.variadic_array && i + 1 == e.args.size()) out += "VARIADIC ";
      out += text(*e.args[i]);
    }
    return out + ")";
  }

  std::string case_text(const Expr& e) {
    std::string out = "CASE";
    size_t i = 0;
    for (; i + 1 < e.args.size(); i += 2) out += " WHEN " + text(*e.args[i]) + " THEN " + text(*e.args[i + 1]);
    out += " ELSE " + (i < e.args.size() ? text(*e.args[i]) : "NULL::" + type_name(e.type));
    return out + " END";
  }

  std::string in_list(const Expr& e) {
    Type element = e.args.size() > 1 ? e.args[1]->type : e.args[0]->type;
    bool constants = true;
    for (size_t i = 1; i < e.args.size(); ++i) constants = constants && e.args[i]->kind == ExprKind::Constant;
    const auto* info = types::find_type(element.oid);
    std::string compare = e.negated ? " <> ALL (" : " = ANY (";
    std::string left = "(" + text(*e.args[0]) + compare;
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
    bool converts = inner.kind == ExprKind::Relabel || inner.kind == ExprKind::CastIo || inner.kind == ExprKind::ArrayCast ||
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

std::string deparse_sort_key(const SortKey& key, const DeparseContext& context) {
  std::string out = deparse(*key.expr, context);
  if (key.descending) out += " DESC";
  if (key.nulls_first != key.descending) out += key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  return out;
}

}  // namespace aegis::plan
