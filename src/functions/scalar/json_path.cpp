// jsonb_path_*: jsonpath evaluated over jsonb, after the SQL/JSON standard as PostgreSQL has it.
#include "aegis/types/json_path.h"

#include <cmath>
#include <limits>

#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "aegis/types/json.h"
#include "aegis/types/numeric.h"
#include "datetime_format.h"
#include "binding.h"
#include "json_convert.h"
#include "regex.h"
#include "table/list_scan.h"

namespace aegis::functions {

using types::JsonPath;
using types::JsonPathKind;
using types::JsonPathNode;
namespace numeric = types::numeric;
namespace oid = types::oid;

namespace {

// An item of a sequence: jsonb, or a date or time that .datetime() made (then `view` is its text).
struct Item {
  JsonbView view;
  Oid datetime = kInvalidOid;
  Value value;

  JsonKind kind() const { return view.kind(); }
  bool is_number() const { return datetime == kInvalidOid && view.kind() == JsonKind::Number; }
  bool is_string() const { return datetime == kInvalidOid && view.kind() == JsonKind::String; }
  bool is_array() const { return view.kind() == JsonKind::Array; }
  bool is_object() const { return view.kind() == JsonKind::Object; }
};
using Sequence = std::vector<Item>;

enum class Outcome : uint8_t { Ok, NotFound, Error };
enum class Truth : uint8_t { False, True, Unknown };

class PathRun {
 public:
  PathRun(const JsonPath& path, JsonbView root, JsonbView variables, bool throws, bool use_zone, const TypeContext& types, Arena& arena)
      : path_(path), variables_(variables), throws_(throws), use_zone_(use_zone), ignores_structure_(path.lax), types_(types), arena_(arena) {
    root_.view = root;
    current_ = root_;
    if (variables.kind() != JsonKind::Object) {
      throw SqlError(Sqlstate::InvalidParameterValue, "\"vars\" argument is not an object")
          .detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.");
    }
  }

  // `found` null: only whether there is anything.
  Outcome run(Sequence* found) {
    if (!path_.lax && found == nullptr) {
      Sequence all;
      Outcome outcome = execute(*path_.root, root_, &all);
      if (outcome == Outcome::Error) return outcome;
      return all.empty() ? Outcome::NotFound : Outcome::Ok;
    }
    return execute(*path_.root, root_, found);
  }

 private:
  bool unwraps() const { return path_.lax; }

  Outcome fail(Sqlstate state, std::string message, const char* hint = nullptr) {
    if (!throws_) return Outcome::Error;
    SqlError error(state, std::move(message));
    if (hint != nullptr) error.hint(hint);
    throw error;
  }

  Item scalar(const JsonNode& node) {
    Item item;
    std::string bytes = types::encode_jsonb(node);
    item.view = JsonbView(arena_.copy(std::string_view(bytes)));
    return item;
  }
  Item child(JsonbView view) {
    Item item;
    item.view = view;
    return item;
  }
  Item number(Numeric value) { return scalar(JsonNode::of_number(value)); }

  Outcome next(const JsonPathNode& node, const Item& item, Sequence* found) {
    if (node.next != nullptr) return execute(*node.next, item, found);
    if (found != nullptr) found->push_back(item);
    return Outcome::Ok;
  }

  Outcome execute(const JsonPathNode& node, const Item& item, Sequence* found) { return execute(node, item, found, unwraps()); }

  Outcome execute(const JsonPathNode& node, const Item& item, Sequence* found, bool unwrap) {
    using K = JsonPathKind;
    switch (node.kind) {
      case K::And:
      case K::Or:
      case K::Not:
      case K::IsUnknown:
      case K::Equal:
      case K::NotEqual:
      case K::Less:
      case K::Greater:
      case K::LessOrEqual:
      case K::GreaterOrEqual:
      case K::StartsWith:
      case K::LikeRegex:
      case K::Exists: return append_truth(node, found, test(node, item));
      case K::Null:
      case K::String:
      case K::Number:
      case K::Bool:
      case K::Variable:
        if (node.next == nullptr && found == nullptr) return Outcome::Ok;
        return next(node, literal(node), found);
      case K::Root: return next(node, root_, found);
      case K::Current: return next(node, current_, found);
      case K::Last: return next(node, number(Numeric::of(innermost_size_ - 1)), found);
      case K::Key: return member(node, item, found, unwrap);
      case K::AnyKey:
        if (item.is_object()) return any(node.next.get(), item.view, found, 1, 1, 1, false, unwraps());
        if (unwrap && item.is_array()) return unwrap_array(&node, item, found, false);
        if (ignores_structure_) return Outcome::NotFound;
        return fail(Sqlstate::SqlJsonObjectNotFound, "jsonpath wildcard member accessor can only be applied to an object");
      case K::AnyArray:
        if (item.is_array()) return any(node.next.get(), item.view, found, 1, 1, 1, false, unwraps());
        if (unwraps()) return next(node, item, found);
        if (ignores_structure_) return Outcome::NotFound;
        return fail(Sqlstate::SqlJsonArrayNotFound, "jsonpath wildcard array accessor can only be applied to an array");
      case K::IndexArray: return subscript(node, item, found);
      case K::Any: return descend(node, item, found);
      case K::Filter: {
        if (unwrap && item.is_array()) return unwrap_array(&node, item, found, false);
        return nested_test(*node.left, item) == Truth::True ? next(node, item, found) : Outcome::NotFound;
      }
      case K::Add:
      case K::Subtract:
      case K::Multiply:
      case K::Divide:
      case K::Modulo: return arithmetic(node, item, found);
      case K::Plus:
      case K::Minus: return sign(node, item, found);
      case K::Type: return next(node, scalar(JsonNode::of_text(type_name(item))), found);
      case K::Size:
        if (!item.is_array() && !unwraps()) {
          if (ignores_structure_) return Outcome::NotFound;
          return fail(Sqlstate::SqlJsonArrayNotFound, "jsonpath item method .size() can only be applied to an array");
        }
        return next(node, number(Numeric::of(item.is_array() ? item.view.size() : 1)), found);
      case K::Abs:
      case K::Floor:
      case K::Ceiling: return numeric_method(node, item, found, unwrap);
      case K::Double: return to_double(node, item, found, unwrap);
      case K::Datetime:
        if (unwrap && item.is_array()) return unwrap_array(&node, item, found, false);
        return to_datetime(node, item, found);
      case K::KeyValue: return key_values(node, item, found, unwrap);
    }
    return Outcome::NotFound;
  }

  Item literal(const JsonPathNode& node) {
    switch (node.kind) {
      case JsonPathKind::String: return scalar(JsonNode::of_text(node.text));
      case JsonPathKind::Number: {
        JsonNode number;
        number.kind = JsonKind::Number;
        number.text = node.text;
        return scalar(number);
      }
      case JsonPathKind::Bool: return scalar(JsonNode::of_bool(node.boolean));
      case JsonPathKind::Variable: {
        int at = variables_.find(node.text);
        if (at < 0) throw SqlError(Sqlstate::UndefinedObject, "could not find jsonpath variable \"" + node.text + "\"");
        return child(variables_.value(static_cast<uint32_t>(at)));
      }
      default: return scalar(JsonNode());
    }
  }

  Outcome append_truth(const JsonPathNode& node, Sequence* found, Truth truth) {
    if (node.next == nullptr && found == nullptr) return Outcome::Ok;
    return next(node, scalar(truth == Truth::Unknown ? JsonNode() : JsonNode::of_bool(truth == Truth::True)), found);
  }

  // --- Accessors ---

  Outcome member(const JsonPathNode& node, const Item& item, Sequence* found, bool unwrap) {
    if (item.is_object()) {
      int at = item.view.find(node.text);
      if (at >= 0) return next(node, child(item.view.value(static_cast<uint32_t>(at))), found);
      if (ignores_structure_) return Outcome::NotFound;
      return fail(Sqlstate::SqlJsonMemberNotFound, "JSON object does not contain key \"" + node.text + "\"");
    }
    if (unwrap && item.is_array()) return unwrap_array(&node, item, found, false);
    if (ignores_structure_) return Outcome::NotFound;
    return fail(Sqlstate::SqlJsonMemberNotFound, "jsonpath member accessor can only be applied to an object");
  }

  Outcome unwrap_array(const JsonPathNode* node, const Item& item, Sequence* found, bool unwrap_elements) {
    return any(node, item.view, found, 1, 1, 1, false, unwrap_elements);
  }

  // The children of a container at the levels [first, last]; `node` null: they are the result.
  Outcome any(const JsonPathNode* node, JsonbView container, Sequence* found, uint32_t level, uint32_t first, uint32_t last,
              bool ignore_structure, bool unwrap_next) {
    if (level > last) return Outcome::NotFound;
    Outcome outcome = Outcome::NotFound;
    for (uint32_t i = 0; i < container.size(); ++i) {
      JsonbView view = container.kind() == JsonKind::Object ? container.value(i) : container.element(i);
      bool leaf_wanted = first == types::kLastLevel && last == types::kLastLevel && !view.is_container();
      if (level >= first || leaf_wanted) {
        if (node != nullptr) {
          bool saved = ignores_structure_;
          if (ignore_structure) ignores_structure_ = true;
          outcome = execute(*node, child(view), found, unwrap_next);
          ignores_structure_ = saved;
          if (outcome == Outcome::Error || (outcome == Outcome::Ok && found == nullptr)) return outcome;
        } else if (found != nullptr) {
          found->push_back(child(view));
          outcome = Outcome::Ok;
        } else {
          return Outcome::Ok;
        }
      }
      if (level < last && view.is_container()) {
        outcome = any(node, view, found, level + 1, first, last, ignore_structure, unwrap_next);
        if (outcome == Outcome::Error || (outcome == Outcome::Ok && found == nullptr)) return outcome;
      }
    }
    return outcome;
  }

  Outcome descend(const JsonPathNode& node, const Item& item, Sequence* found) {
    Outcome outcome = Outcome::NotFound;
    if (node.first == 0) {
      bool saved = ignores_structure_;
      ignores_structure_ = true;
      outcome = next(node, item, found);
      ignores_structure_ = saved;
      if (outcome == Outcome::Error || (outcome == Outcome::Ok && found == nullptr)) return outcome;
    }
    if (item.view.is_container()) return any(node.next.get(), item.view, found, 1, node.first, node.last, true, unwraps());
    return outcome;
  }

  Outcome array_index(const JsonPathNode& node, const Item& item, int32_t& index) {
    Sequence values;
    Outcome outcome = execute(node, item, &values);
    if (outcome == Outcome::Error) return outcome;
    if (values.size() != 1 || !values[0].is_number()) {
      return fail(Sqlstate::InvalidSqlJsonSubscript, "jsonpath array subscript is not a single numeric value");
    }
    int64_t whole;
    if (!numeric::exact_int64(numeric::truncate(values[0].view.number(), 0, arena_), whole) || whole > INT32_MAX || whole < INT32_MIN) {
      return fail(Sqlstate::InvalidSqlJsonSubscript, "jsonpath array subscript is out of integer range");
    }
    index = static_cast<int32_t>(whole);
    return Outcome::Ok;
  }

  Outcome subscript(const JsonPathNode& node, const Item& item, Sequence* found) {
    if (!item.is_array() && !unwraps()) {
      if (ignores_structure_) return Outcome::NotFound;
      return fail(Sqlstate::SqlJsonArrayNotFound, "jsonpath array accessor can only be applied to an array");
    }
    int64_t saved = innermost_size_;
    bool single = !item.is_array();
    int64_t size = single ? 1 : item.view.size();
    innermost_size_ = size;
    Outcome outcome = Outcome::NotFound;
    for (const auto& [from_node, to_node] : node.subscripts) {
      int32_t from = 0, to = 0;
      outcome = array_index(*from_node, item, from);
      if (outcome == Outcome::Error) break;
      to = from;
      if (to_node != nullptr) {
        outcome = array_index(*to_node, item, to);
        if (outcome == Outcome::Error) break;
      }
      if (!ignores_structure_ && (from < 0 || from > to || to >= size)) {
        outcome = fail(Sqlstate::InvalidSqlJsonSubscript, "jsonpath array subscript is out of bounds");
        break;
      }
      from = std::max(from, 0);
      to = static_cast<int32_t>(std::min<int64_t>(to, size - 1));
      outcome = Outcome::NotFound;
      for (int32_t i = from; i <= to; ++i) {
        if (node.next == nullptr && found == nullptr) {
          innermost_size_ = saved;
          return Outcome::Ok;
        }
        outcome = next(node, single ? item : child(item.view.element(static_cast<uint32_t>(i))), found);
        if (outcome == Outcome::Error || (outcome == Outcome::Ok && found == nullptr)) break;
      }
      if (outcome == Outcome::Error || (outcome == Outcome::Ok && found == nullptr)) break;
    }
    innermost_size_ = saved;
    return outcome;
  }

  // --- Predicates ---

  // An operand's items, with arrays taken apart in lax mode.
  Outcome operand(const JsonPathNode& node, const Item& item, bool unwrap, Sequence* found) {
    if (!unwrap || !unwraps()) return execute(node, item, found);
    Sequence values;
    Outcome outcome = execute(node, item, &values);
    if (outcome == Outcome::Error) return outcome;
    for (const Item& value : values) {
      if (value.is_array()) {
        unwrap_array(nullptr, value, found, false);
      } else {
        found->push_back(value);
      }
    }
    return Outcome::Ok;
  }
  Outcome quiet_operand(const JsonPathNode& node, const Item& item, bool unwrap, Sequence* found) {
    bool saved = throws_;
    throws_ = false;
    Outcome outcome = operand(node, item, unwrap, found);
    throws_ = saved;
    return outcome;
  }

  Truth nested_test(const JsonPathNode& node, const Item& item) {
    Item saved = current_;
    current_ = item;
    Truth truth = test(node, item);
    current_ = saved;
    return truth;
  }

  Truth test(const JsonPathNode& node, const Item& item) {
    using K = JsonPathKind;
    switch (node.kind) {
      case K::And: {
        Truth left = test(*node.left, item);
        if (left == Truth::False) return left;
        Truth right = test(*node.right, item);
        return right == Truth::True ? left : right;
      }
      case K::Or: {
        Truth left = test(*node.left, item);
        if (left == Truth::True) return left;
        Truth right = test(*node.right, item);
        return right == Truth::False ? left : right;
      }
      case K::Not: {
        Truth truth = test(*node.left, item);
        return truth == Truth::Unknown ? truth : truth == Truth::True ? Truth::False : Truth::True;
      }
      case K::IsUnknown: return test(*node.left, item) == Truth::Unknown ? Truth::True : Truth::False;
      case K::Exists: return exists(*node.left, item);
      case K::StartsWith: return predicate(node, node.right.get(), item, false);
      case K::LikeRegex: return predicate(node, nullptr, item, false);
      default: return predicate(node, node.right.get(), item, true);
    }
  }

  Truth exists(const JsonPathNode& node, const Item& item) {
    if (!path_.lax) {
      Sequence values;
      if (quiet_operand(node, item, false, &values) == Outcome::Error) return Truth::Unknown;
      return values.empty() ? Truth::False : Truth::True;
    }
    Outcome outcome = quiet_operand(node, item, false, nullptr);
    return outcome == Outcome::Error ? Truth::Unknown : outcome == Outcome::Ok ? Truth::True : Truth::False;
  }

  Truth predicate(const JsonPathNode& node, const JsonPathNode* right, const Item& item, bool unwrap_right) {
    Sequence lefts, rights;
    if (quiet_operand(*node.left, item, true, &lefts) == Outcome::Error) return Truth::Unknown;
    if (right != nullptr && quiet_operand(*right, item, unwrap_right, &rights) == Outcome::Error) return Truth::Unknown;
    if (right == nullptr) rights.emplace_back();
    bool error = false, found = false;
    for (const Item& l : lefts) {
      for (const Item& r : rights) {
        Truth truth = right == nullptr ? matches(node, l) : node.kind == JsonPathKind::StartsWith ? starts_with(l, r) : compare(node.kind, l, r);
        if (truth == Truth::Unknown) {
          if (!path_.lax) return truth;
          error = true;
        } else if (truth == Truth::True) {
          if (path_.lax) return truth;
          found = true;
        }
      }
    }
    return found ? Truth::True : error ? Truth::Unknown : Truth::False;
  }

  static Truth truth_of(bool value) { return value ? Truth::True : Truth::False; }

  Truth starts_with(const Item& whole, const Item& start) {
    if (!whole.is_string() || !start.is_string()) return Truth::Unknown;
    return truth_of(whole.view.text().starts_with(start.view.text()));
  }

  Truth matches(const JsonPathNode& node, const Item& item) {
    if (!item.is_string()) return Truth::Unknown;
    auto has = [&](char flag) { return node.flags.find(flag) != std::string::npos; };
    RegexFlags flags;
    flags.ignore_case = has('i');
    flags.literal = has('q');
    flags.newline_stops_dot = !has('s') && !has('q');
    flags.newline_anchors = has('m') && !has('q');
    return truth_of(Regex(node.text, flags).matches(item.view.text()));
  }

  static Truth ordered(JsonPathKind kind, int order) {
    switch (kind) {
      case JsonPathKind::Equal: return truth_of(order == 0);
      case JsonPathKind::NotEqual: return truth_of(order != 0);
      case JsonPathKind::Less: return truth_of(order < 0);
      case JsonPathKind::Greater: return truth_of(order > 0);
      case JsonPathKind::LessOrEqual: return truth_of(order <= 0);
      default: return truth_of(order >= 0);
    }
  }

  Truth compare(JsonPathKind kind, const Item& a, const Item& b) {
    if (a.datetime != kInvalidOid && b.datetime != kInvalidOid) return compare_datetimes(kind, a, b);
    auto class_of = [](const Item& item) {
      if (item.datetime != kInvalidOid) return 10;
      return item.kind() == JsonKind::False ? static_cast<int>(JsonKind::True) : static_cast<int>(item.kind());
    };
    if (class_of(a) != class_of(b)) {
      if (a.kind() == JsonKind::Null || b.kind() == JsonKind::Null) return truth_of(kind == JsonPathKind::NotEqual);
      return Truth::Unknown;
    }
    switch (a.kind()) {
      case JsonKind::Null: return ordered(kind, 0);
      case JsonKind::False:
      case JsonKind::True: return ordered(kind, static_cast<int>(a.kind()) - static_cast<int>(b.kind()));
      case JsonKind::Number: return ordered(kind, numeric::compare(a.view.number(), b.view.number()));
      case JsonKind::String: return ordered(kind, a.view.text().compare(b.view.text()));
      case JsonKind::Array:
      case JsonKind::Object: break;
    }
    return Truth::Unknown;
  }

  // --- Numbers ---

  Outcome arithmetic(const JsonPathNode& node, const Item& item, Sequence* found) {
    Sequence lefts, rights;
    if (operand(*node.left, item, true, &lefts) == Outcome::Error) return Outcome::Error;
    if (operand(*node.right, item, true, &rights) == Outcome::Error) return Outcome::Error;
    std::string op = types::json_path_operator(node.kind);
    auto single = [](const Sequence& s) { return s.size() == 1 && s[0].is_number(); };
    if (!single(lefts)) return fail(Sqlstate::SingletonSqlJsonItemRequired, "left operand of jsonpath operator " + op + " is not a single numeric value");
    if (!single(rights)) return fail(Sqlstate::SingletonSqlJsonItemRequired, "right operand of jsonpath operator " + op + " is not a single numeric value");
    Numeric a = lefts[0].view.number(), b = rights[0].view.number(), result = Numeric::of(0);
    bool divides = node.kind == JsonPathKind::Divide || node.kind == JsonPathKind::Modulo;
    if (divides && numeric::is_zero(b)) return fail(Sqlstate::DivisionByZero, "division by zero");
    switch (node.kind) {
      case JsonPathKind::Add: result = numeric::add(a, b, arena_); break;
      case JsonPathKind::Subtract: result = numeric::subtract(a, b, arena_); break;
      case JsonPathKind::Multiply: result = numeric::multiply(a, b, arena_); break;
      case JsonPathKind::Divide: result = numeric::divide(a, b, arena_); break;
      default: result = numeric::modulo(a, b, arena_); break;
    }
    if (node.next == nullptr && found == nullptr) return Outcome::Ok;
    return next(node, number(result), found);
  }

  Outcome sign(const JsonPathNode& node, const Item& item, Sequence* found) {
    Sequence values;
    if (operand(*node.left, item, true, &values) == Outcome::Error) return Outcome::Error;
    Outcome outcome = Outcome::NotFound;
    bool only_exists = found == nullptr && node.next == nullptr;
    for (const Item& value : values) {
      if (!value.is_number()) {
        if (only_exists) continue;
        return fail(Sqlstate::SqlJsonNumberNotFound, std::string("operand of unary jsonpath operator ") + types::json_path_operator(node.kind) +
                                                         " is not a numeric value");
      }
      if (only_exists) return Outcome::Ok;
      Numeric result = value.view.number();
      if (node.kind == JsonPathKind::Minus) result = numeric::negate(result, arena_);
      Outcome one = next(node, number(result), found);
      if (one == Outcome::Error) return one;
      if (one == Outcome::Ok) {
        if (found == nullptr) return one;
        outcome = one;
      }
    }
    return outcome;
  }

  Outcome numeric_method(const JsonPathNode& node, const Item& item, Sequence* found, bool unwrap) {
    if (unwrap && item.is_array()) return unwrap_array(&node, item, found, false);
    if (!item.is_number()) {
      return fail(Sqlstate::NonNumericSqlJsonItem,
                  std::string("jsonpath item method .") + types::json_path_operator(node.kind) + "() can only be applied to a numeric value");
    }
    Numeric value = item.view.number();
    if (node.kind == JsonPathKind::Abs) {
      value = numeric::absolute(value, arena_);
    } else {
      value = node.kind == JsonPathKind::Floor ? numeric::floor(value, arena_) : numeric::ceil(value, arena_);
    }
    return next(node, number(value), found);
  }

  Outcome to_double(const JsonPathNode& node, const Item& item, Sequence* found, bool unwrap) {
    if (unwrap && item.is_array()) return unwrap_array(&node, item, found, false);
    double value = 0;
    try {
      if (item.is_number()) {
        value = types::parse_double(numeric::to_string(item.view.number()));
      } else if (item.is_string()) {
        value = types::parse_double(item.view.text());
      } else {
        return fail(Sqlstate::NonNumericSqlJsonItem, "jsonpath item method .double() can only be applied to a string or numeric value");
      }
    } catch (const SqlError& error) {
      if (error.fields().sqlstate == Sqlstate::NonNumericSqlJsonItem) throw;
      return fail(Sqlstate::NonNumericSqlJsonItem, item.is_number() ? "numeric argument of jsonpath item method .double() is out of range for type double precision"
                                                                    : "string argument of jsonpath item method .double() is not a valid representation of a double precision number");
    }
    if (!std::isfinite(value)) return fail(Sqlstate::NonNumericSqlJsonItem, "string argument of jsonpath item method .double() is not a valid representation of a double precision number");
    return next(node, number(numeric::from_double(value, arena_)), found);
  }

  // --- Other methods ---

  static std::string type_name(const Item& item) {
    switch (item.datetime) {
      case oid::kDate: return "date";
      case oid::kTime: return "time without time zone";
      case oid::kTimetz: return "time with time zone";
      case oid::kTimestamp: return "timestamp without time zone";
      case oid::kTimestamptz: return "timestamp with time zone";
      default: return types::json_kind_name(item.kind());
    }
  }

  Outcome key_values(const JsonPathNode& node, const Item& item, Sequence* found, bool unwrap) {
    if (unwrap && item.is_array()) return unwrap_array(&node, item, found, false);
    if (!item.is_object()) {
      return fail(Sqlstate::SqlJsonObjectNotFound, "jsonpath item method .keyvalue() can only be applied to an object");
    }
    if (item.view.size() == 0) return Outcome::NotFound;
    if (node.next == nullptr && found == nullptr) return Outcome::Ok;
    Outcome outcome = Outcome::NotFound;
    // Objects are told apart by where they stand in the root.
    const char* root = root_.view.bytes().data();
    const char* here = item.view.bytes().data();
    int64_t id = here >= root && here < root + root_.view.bytes().size() ? here - root : 0;
    for (uint32_t i = 0; i < item.view.size(); ++i) {
      JsonNode object;
      object.kind = JsonKind::Object;
      object.add("key", JsonNode::of_text(item.view.key(i)));
      object.add("value", JsonNode::of_jsonb(item.view.value(i)));
      object.add("id", JsonNode::of_number(Numeric::of(id)));
      outcome = next(node, scalar(object), found);
      if (outcome == Outcome::Error || (outcome == Outcome::Ok && found == nullptr)) return outcome;
    }
    return outcome;
  }

  // The type a text without a template is of, by its shape; 0 if it has none.
  static Oid datetime_shape(Text text) {
    size_t at = 0;
    auto digits = [&](size_t least, size_t most) {
      size_t count = 0;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9' && count < most) {
        ++at;
        ++count;
      }
      return count >= least;
    };
    auto take = [&](char c) {
      if (at >= text.size() || text[at] != c) return false;
      ++at;
      return true;
    };
    auto zone = [&] {
      if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        ++at;
        if (!digits(1, 2)) return false;
        if (take(':') && !digits(2, 2)) return false;
        return at == text.size();
      }
      return false;
    };
    auto clock = [&](Oid plain, Oid zoned) -> Oid {
      if (!digits(1, 2) || !take(':') || !digits(2, 2) || !take(':') || !digits(2, 2)) return kInvalidOid;
      if (take('.') && !digits(1, 6)) return kInvalidOid;
      if (at == text.size()) return plain;
      size_t mark = at;
      if (zone()) return zoned;
      at = mark;
      return take(' ') && zone() ? zoned : kInvalidOid;
    };
    size_t colon = text.find(':');
    size_t dash = text.find('-');
    if (dash == Text::npos || (colon != Text::npos && colon < dash)) return clock(oid::kTime, oid::kTimetz);
    if (!digits(4, 4) || !take('-') || !digits(1, 2) || !take('-') || !digits(1, 2)) return kInvalidOid;
    if (at == text.size()) return oid::kDate;
    if (!take(' ') && !take('T')) return kInvalidOid;
    return clock(oid::kTimestamp, oid::kTimestamptz);
  }

  Outcome to_datetime(const JsonPathNode& node, const Item& item, Sequence* found) {
    if (!item.is_string()) {
      return fail(Sqlstate::InvalidArgumentForSqlJsonDatetimeFunction, "jsonpath item method .datetime() can only be applied to a string");
    }
    Text text = item.view.text();
    std::string iso;
    Oid type = kInvalidOid;
    if (node.has_text) {
      try {
        type = read_datetime_template(text, node.text, iso);
      } catch (const SqlError&) {
        if (throws_) throw;
        return Outcome::Error;
      }
      text = iso;
    } else {
      type = datetime_shape(text);
    }
    Item made;
    try {
      if (type != kInvalidOid) {
        made.value = types::type_info(type).input(types_, text, {type, -1}, arena_);
        made.datetime = type;
      }
    } catch (const SqlError&) {
      type = kInvalidOid;
    }
    if (type == kInvalidOid) {
      return fail(Sqlstate::InvalidArgumentForSqlJsonDatetimeFunction, "datetime format is not recognized: \"" + std::string(text) + "\"",
                  "Use a datetime template argument to specify the input data format.");
    }
    // A time keeps the zone it was written with; a timestamp shows it too.
    std::string shown;
    TypeContext own = types_;
    append_json(own, type, made.value, {}, shown);
    made.view = JsonbView(arena_.copy(std::string_view(types::encode_jsonb(types::parse_json(shown, types::JsonStrings::Decode)))));
    if (type == oid::kTimestamptz) {
      std::string kept(text);
      if (size_t blank = kept.find(' '); blank != std::string::npos) kept[blank] = 'T';
      std::erase(kept, ' ');
      size_t sign = kept.find_last_of("+-");
      if (kept.size() - sign == 3) kept += ":00";
      if (kept.size() - sign == 2) kept.insert(sign + 1, "0"), kept += ":00";
      made.view = JsonbView(arena_.copy(std::string_view(types::encode_jsonb(JsonNode::of_text(kept)))));
    }
    return next(node, made, found);
  }

  static bool is_time(Oid type) { return type == oid::kTime || type == oid::kTimetz; }
  static bool is_zoned(Oid type) { return type == oid::kTimetz || type == oid::kTimestamptz; }
  static const char* short_name(Oid type) {
    switch (type) {
      case oid::kDate: return "date";
      case oid::kTime: return "time";
      case oid::kTimetz: return "timetz";
      case oid::kTimestamp: return "timestamp";
      default: return "timestamptz";
    }
  }

  Value convert(const Item& item, Oid type) {
    if (item.datetime == type) return item.value;
    std::string text;
    TypeContext iso = types_;
    iso.date_style = types::DateStyle::Iso;
    types::type_info(item.datetime).output(iso, item.value, item.datetime, text);
    return types::type_info(type).input(iso, text, {type, -1}, arena_);
  }

  Truth compare_datetimes(JsonPathKind kind, const Item& a, const Item& b) {
    if (is_time(a.datetime) != is_time(b.datetime)) return Truth::Unknown;
    Oid type = a.datetime;
    if (a.datetime != b.datetime) {
      bool zoned = is_zoned(a.datetime) || is_zoned(b.datetime);
      if (zoned && !use_zone_) {
        // A comparison that needs the zone is an error even where others are quiet.
        const Item& plain = is_zoned(a.datetime) ? b : a;
        throw SqlError(Sqlstate::FeatureNotSupported, std::string("cannot convert value from ") + short_name(plain.datetime) + " to " +
                                                          short_name(is_time(plain.datetime) ? oid::kTimetz : oid::kTimestamptz) + " without time zone usage")
            .hint("Use *_tz() function for time zone support.");
      }
      type = is_time(type) ? oid::kTimetz : zoned ? oid::kTimestamptz : oid::kTimestamp;
    }
    return ordered(kind, types::type_info(type).compare(convert(a, type), convert(b, type), type));
  }

  const JsonPath& path_;
  JsonbView variables_;
  bool throws_;
  bool use_zone_;
  bool ignores_structure_;
  const TypeContext& types_;
  Arena& arena_;
  Item root_;
  Item current_;
  int64_t innermost_size_ = -1;
};

struct CachedPath {
  std::string text;
  JsonPath path;
};

const JsonPath& path_of(std::shared_ptr<void>& cache, Text text) {
  auto* known = static_cast<CachedPath*>(cache.get());
  if (known == nullptr || known->text != text) {
    auto made = std::make_shared<CachedPath>();
    made->text = text;
    made->path = types::parse_json_path(text);
    cache = made;
    known = made.get();
  }
  return known->path;
}

constexpr std::string_view kEmptyObject("\x06\0\0\0\0", 5);

struct PathCall {
  JsonbView target;
  JsonbView variables{kEmptyObject};
  bool silent = true;
};
PathCall arguments_of(std::span<const Value> row) {
  PathCall call;
  call.target = JsonbView(row[0].text());
  if (row.size() > 2) call.variables = JsonbView(row[2].text());
  if (row.size() > 3) call.silent = row[3].boolean;
  return call;
}

template <bool use_zone>
Value path_exists(Call& call, std::span<const Value> row) {
  PathCall given = arguments_of(row);
  PathRun run(path_of(call.context.cache, row[1].text()), given.target, given.variables, !given.silent, use_zone, call.types(), call.arena());
  Outcome outcome = run.run(nullptr);
  return outcome == Outcome::Error ? Value::null() : Value::of_bool(outcome == Outcome::Ok);
}

template <bool use_zone>
Value path_match(Call& call, std::span<const Value> row) {
  PathCall given = arguments_of(row);
  PathRun run(path_of(call.context.cache, row[1].text()), given.target, given.variables, !given.silent, use_zone, call.types(), call.arena());
  Sequence found;
  run.run(&found);
  if (found.size() == 1 && found[0].datetime == kInvalidOid) {
    if (found[0].view.is_bool()) return Value::of_bool(found[0].kind() == JsonKind::True);
    if (found[0].kind() == JsonKind::Null) return Value::null();
  }
  if (!given.silent) throw SqlError(Sqlstate::SingletonSqlJsonItemRequired, "single boolean result is expected");
  return Value::null();
}

template <bool use_zone>
Sequence query(std::shared_ptr<void>& cache, const TypeContext& types, std::span<const Value> row, Arena& arena) {
  PathCall given = arguments_of(row);
  PathRun run(path_of(cache, row[1].text()), given.target, given.variables, !given.silent, use_zone, types, arena);
  Sequence found;
  if (run.run(&found) == Outcome::Error) found.clear();
  return found;
}

template <bool use_zone>
Value query_array(Call& call, std::span<const Value> row) {
  JsonNode array;
  array.kind = JsonKind::Array;
  for (const Item& item : query<use_zone>(call.context.cache, call.types(), row, call.arena())) array.items.push_back(JsonNode::of_jsonb(item.view));
  return types::jsonb_value(array, call.arena());
}
template <bool use_zone>
Value query_first(Call& call, std::span<const Value> row) {
  Sequence found = query<use_zone>(call.context.cache, call.types(), row, call.arena());
  return found.empty() ? Value::null() : types::string_value(found[0].view.bytes(), call.arena());
}
template <bool use_zone>
std::unique_ptr<SetScan> query_set(CallContext& context, std::span<const Value> arguments) {
  auto scan = std::make_unique<ListScan>();
  for (const Item& item : query<use_zone>(context.cache, context.types, arguments, scan->arena())) {
    scan->add({types::string_value(item.view.bytes(), scan->arena())});
  }
  return scan;
}

constexpr ScalarBinding kBindings[] = {
    {"jsonb_path_exists", strict_value_kernel<path_exists<false>>},
    {"jsonb_path_exists_tz", strict_value_kernel<path_exists<true>>},
    {"jsonb_path_exists_opr", strict_value_kernel<path_exists<false>>},
    {"jsonb_path_match", strict_value_kernel<path_match<false>>},
    {"jsonb_path_match_tz", strict_value_kernel<path_match<true>>},
    {"jsonb_path_match_opr", strict_value_kernel<path_match<false>>},
    {"jsonb_path_query_array", strict_value_kernel<query_array<false>>},
    {"jsonb_path_query_array_tz", strict_value_kernel<query_array<true>>},
    {"jsonb_path_query_first", strict_value_kernel<query_first<false>>},
    {"jsonb_path_query_first_tz", strict_value_kernel<query_first<true>>},
};
constexpr SetBinding kSets[] = {
    {"jsonb_path_query", query_set<false>},
    {"jsonb_path_query_tz", query_set<true>},
};

}  // namespace

std::span<const ScalarBinding> json_path_bindings() { return kBindings; }
std::span<const SetBinding> json_path_set_bindings() { return kSets; }

}  // namespace aegis::functions
