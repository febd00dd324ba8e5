// Keys: a letter, bytes cut to a length (zero bytes escaped), an end mark. The letters: t a lexeme, e an array's element,
// k a key of jsonb or a string in an array, s any other string, n a number, l true, false and null, p the hash of a path
// with its value, z a value that has nothing to be found by.
#include "aegis/functions/inverted.h"

#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/array.h"
#include "aegis/types/json.h"
#include "aegis/types/numeric.h"
#include "aegis/types/text_search.h"
#include "extension/strategies.h"
#include "inverted_keys.h"

namespace aegis::functions {

namespace oid = types::oid;
using types::ArrayView;
using types::JsonbView;
using types::JsonKind;
using types::TsNode;
using types::TsNodeKind;
using types::Value;
using Kind = InvertedQuery::Kind;

namespace {

// Longer texts are found by how they begin.
constexpr size_t kMaxKeyBytes = 256;

}  // namespace

std::string open_key(char letter, std::string_view bytes) {
  std::string key(1, letter);
  for (char c : bytes.substr(0, kMaxKeyBytes)) {
    key += c;
    if (c == '\0') key += '\xff';
  }
  return key;
}
std::string make_key(char letter, std::string_view bytes) { return open_key(letter, bytes) + std::string("\0\1", 2); }
std::string hash_key(char letter, uint64_t hash) { return make_key(letter, std::string_view(reinterpret_cast<const char*>(&hash), 8)); }
const std::string& empty_key() {
  static const std::string key = make_key('z', "");
  return key;
}
void append_big_endian(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

InvertedQuery ask_every() { return {Kind::Every, {}}; }
InvertedQuery ask_key(std::string key) { return {Kind::Key, std::move(key)}; }
InvertedQuery ask_prefix(std::string key) { return {Kind::Prefix, std::move(key)}; }
InvertedQuery ask_range(std::string from, std::string to) { return {Kind::Range, std::move(from), std::move(to)}; }
InvertedQuery ask_join(Kind kind, std::vector<InvertedQuery> parts) { return {kind, {}, {}, std::move(parts)}; }
InvertedQuery ask_keys(Kind kind, const std::vector<std::string>& keys) {
  InvertedQuery query{kind, {}};
  for (const std::string& key : keys) query.parts.push_back(ask_key(key));
  return query;
}

namespace {

// --- tsvector ---

void vector_keys(const Value& value, Oid, std::vector<std::string>& keys) {
  types::TsVectorView vector(value.text());
  for (uint32_t i = 0; i < vector.size(); ++i) keys.push_back(make_key('t', vector.lexeme(i)));
}

InvertedQuery words_query(const TsNode& node) {
  switch (node.kind) {
    case TsNodeKind::Word:
      if (node.prefix) return ask_prefix(open_key('t', node.text));
      return ask_key(make_key('t', node.text));
    case TsNodeKind::Stop:
    case TsNodeKind::Not: return ask_every();
    case TsNodeKind::And:
    case TsNodeKind::Phrase:
    case TsNodeKind::Or: break;
  }
  std::vector<InvertedQuery> parts;
  parts.push_back(words_query(*node.left));
  parts.push_back(words_query(*node.right));
  return ask_join(node.kind == TsNodeKind::Or ? Kind::Any : Kind::All, std::move(parts));
}

// --- Arrays ---

void element_keys(std::string_view bytes, std::vector<std::string>& keys, bool* has_null) {
  ArrayView array(bytes);
  const types::TypeInfo& element = types::type_info(array.element_type());
  for (size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      if (has_null != nullptr) *has_null = true;
      continue;
    }
    Value value = array.get(i);
    keys.push_back(hash_key('e', element.hash(value, element.oid)));
  }
}

void array_keys(const Value& value, Oid, std::vector<std::string>& keys) { element_keys(value.text(), keys, nullptr); }

InvertedQuery array_query(std::string_view op, Oid, Oid, const Value& query) {
  std::string_view bytes = query.text();
  std::vector<std::string> keys;
  bool has_null = false;
  element_keys(bytes, keys, &has_null);
  if (op == "&&") return ask_keys(Kind::Any, keys);
  if (op == "<@") {
    keys.push_back(empty_key());
    return ask_keys(Kind::Any, keys);
  }
  if (op == "@>") return has_null ? InvertedQuery() : keys.empty() ? ask_every() : ask_keys(Kind::All, keys);
  // Equality, where nulls are equal too. Arrays without any other element have the mark of such values.
  return keys.empty() ? ask_key(empty_key()) : ask_keys(Kind::All, keys);
}

// --- jsonb ---

std::string number_key(const JsonbView& view) { return hash_key('n', types::numeric::hash(view.number())); }
std::string literal_key(const JsonbView& view) {
  return make_key('l', view.kind() == JsonKind::Null ? "n" : view.kind() == JsonKind::True ? "t" : "f");
}

void add_jsonb_keys(const JsonbView& view, bool in_object, std::vector<std::string>& keys) {
  switch (view.kind()) {
    case JsonKind::String: keys.push_back(make_key(in_object ? 's' : 'k', view.text())); return;
    case JsonKind::Number: keys.push_back(number_key(view)); return;
    case JsonKind::Null:
    case JsonKind::True:
    case JsonKind::False: keys.push_back(literal_key(view)); return;
    case JsonKind::Array:
      for (uint32_t i = 0; i < view.size(); ++i) add_jsonb_keys(view.element(i), false, keys);
      return;
    case JsonKind::Object: break;
  }
  for (uint32_t i = 0; i < view.size(); ++i) {
    keys.push_back(make_key('k', view.key(i)));
    add_jsonb_keys(view.value(i), true, keys);
  }
}

// A value and the keys of objects on the way to it.
void path_keys(const JsonbView& view, uint64_t path, std::vector<std::string>& keys) {
  auto add = [&](uint64_t hash) { keys.push_back(hash_key('p', hash_combine(path, hash))); };
  switch (view.kind()) {
    case JsonKind::String: return add(hash_combine(1, hash_bytes(view.text())));
    case JsonKind::Number: return add(hash_combine(2, types::numeric::hash(view.number())));
    case JsonKind::Null: return add(3);
    case JsonKind::True: return add(4);
    case JsonKind::False: return add(5);
    case JsonKind::Array:
      for (uint32_t i = 0; i < view.size(); ++i) path_keys(view.element(i), path, keys);
      return;
    case JsonKind::Object: break;
  }
  for (uint32_t i = 0; i < view.size(); ++i) path_keys(view.value(i), hash_combine(path, hash_bytes(view.key(i))), keys);
}

void jsonb_keys(const Value& value, Oid, std::vector<std::string>& keys) { add_jsonb_keys(JsonbView(value.text()), false, keys); }

InvertedQuery jsonb_query(std::string_view op, Oid, Oid, const Value& query) {
  std::vector<std::string> keys;
  if (op == "@>") {
    add_jsonb_keys(JsonbView(query.text()), false, keys);
    return keys.empty() ? ask_every() : ask_keys(Kind::All, keys);
  }
  if (op == "?") return ask_key(make_key('k', query.text()));
  ArrayView array(query.text());
  for (size_t i = 0; i < array.size(); ++i) {
    if (!array.is_null(i)) keys.push_back(make_key('k', array.get(i).string.str()));
  }
  if (op == "?|") return ask_keys(Kind::Any, keys);
  return keys.empty() ? ask_every() : ask_keys(Kind::All, keys);
}

bool hashes(Oid array_type) {
  const types::TypeInfo* info = types::find_type(array_type);
  if (info == nullptr || info->element == kInvalidOid) return false;
  const types::TypeInfo* element = types::find_type(info->element);
  return element != nullptr && element->hash != nullptr && element->compare != nullptr;
}

InvertedQuery vector_query(std::string_view, Oid, Oid, const Value& query) {
  auto root = types::read_tsquery(query.text());
  return root == nullptr ? InvertedQuery() : words_query(*root);
}
bool vector_answers(std::string_view op, Oid query, Oid) { return (op == "@@" || op == "@@@") && query == oid::kTsquery; }

// --- tsquery: its words ---

void add_words(const TsNode& node, std::vector<std::string>& keys) {
  if (node.kind == TsNodeKind::Word) keys.push_back(make_key('t', node.text));
  if (node.left != nullptr) add_words(*node.left, keys);
  if (node.right != nullptr) add_words(*node.right, keys);
}
void query_keys(const Value& value, Oid, std::vector<std::string>& keys) {
  auto root = types::read_tsquery(value.text());
  if (root != nullptr) add_words(*root, keys);
}
InvertedQuery query_query(std::string_view op, Oid, Oid, const Value& query) {
  std::vector<std::string> keys;
  query_keys(query, oid::kTsquery, keys);
  if (op == "@>") return keys.empty() ? ask_every() : ask_keys(Kind::All, keys);
  keys.push_back(empty_key());
  return ask_keys(Kind::Any, keys);
}
bool query_answers(std::string_view op, Oid query, Oid) { return (op == "@>" || op == "<@") && query == oid::kTsquery; }

bool array_answers(std::string_view op, Oid query, Oid) {
  return (op == "&&" || op == "@>" || op == "<@" || op == "=") && types::is_array(query) && hashes(query);
}
bool jsonb_answers(std::string_view op, Oid query, Oid) {
  if (op == "@>") return query == oid::kJsonb;
  if (op == "?") return query == oid::kText;
  return (op == "?|" || op == "?&") && query == oid::kTextArray;
}

void jsonb_path_keys(const Value& value, Oid, std::vector<std::string>& keys) { path_keys(JsonbView(value.text()), 0, keys); }
InvertedQuery jsonb_path_query(std::string_view, Oid, Oid, const Value& query) {
  std::vector<std::string> keys;
  path_keys(JsonbView(query.text()), 0, keys);
  return keys.empty() ? ask_every() : ask_keys(Kind::All, keys);
}
bool jsonb_path_answers(std::string_view op, Oid query, Oid) { return op == "@>" && query == oid::kJsonb; }

constexpr InvertedStrategy kArrayStrategy{"", array_keys, array_answers, array_query};
constexpr InvertedStrategy kJsonbStrategy{"", jsonb_keys, jsonb_answers, jsonb_query};
constexpr InvertedStrategy kJsonbPathStrategy{"", jsonb_path_keys, jsonb_path_answers, jsonb_path_query};

}  // namespace

const InvertedStrategy kVectorStrategy{"", vector_keys, vector_answers, vector_query};
const InvertedStrategy kQueryStrategy{"", query_keys, query_answers, query_query};

namespace {

const InvertedClass kClasses[] = {{10064, "gin", "array_ops", oid::kAnyarray, true, &kArrayStrategy},
                                  {10073, "gin", "tsvector_ops", oid::kTsvector, true, &kVectorStrategy},
                                  {10090, "gin", "jsonb_ops", oid::kJsonb, true, &kJsonbStrategy},
                                  {10091, "gin", "jsonb_path_ops", oid::kJsonb, false, &kJsonbPathStrategy},
                                  {10060, "gist", "box_ops", oid::kBox, true, &kShapeStrategy},
                                  {10061, "gist", "point_ops", oid::kPoint, true, &kShapeStrategy},
                                  {10062, "gist", "poly_ops", oid::kPolygon, true, &kShapeStrategy},
                                  {10063, "gist", "circle_ops", oid::kCircle, true, &kShapeStrategy},
                                  {10017, "gist", "inet_ops", oid::kInet, false, &kNetworkStrategy},
                                  {10078, "gist", "range_ops", oid::kAnyrange, true, &kRangeStrategy},
                                  {10082, "gist", "multirange_ops", oid::kAnymultirange, true, &kRangeStrategy},
                                  {10072, "gist", "tsvector_ops", oid::kTsvector, true, &kVectorStrategy},
                                  {10075, "gist", "tsquery_ops", oid::kTsquery, true, &kQueryStrategy},
                                  {10083, "spgist", "box_ops", oid::kBox, true, &kShapeStrategy},
                                  {10084, "spgist", "quad_point_ops", oid::kPoint, true, &kShapeStrategy},
                                  {10085, "spgist", "kd_point_ops", oid::kPoint, false, &kShapeStrategy},
                                  {10087, "spgist", "poly_ops", oid::kPolygon, true, &kShapeStrategy},
                                  {10018, "spgist", "inet_ops", oid::kInet, true, &kNetworkStrategy},
                                  {10079, "spgist", "range_ops", oid::kAnyrange, true, &kRangeStrategy},
                                  {10086, "spgist", "text_ops", oid::kText, true, &kTextStrategy}};

}  // namespace

std::span<const InvertedClass> inverted_classes() { return kClasses; }

const InvertedClass* find_inverted_class(Oid oid) {
  for (const auto& known : kClasses) {
    if (known.oid == oid) return &known;
  }
  return nullptr;
}

bool accepts(const InvertedClass& known, Oid type) {
  Oid base = types::base_type(type);
  const types::TypeInfo* info = types::find_type(base);
  switch (known.input) {
    case oid::kAnyarray: return types::is_array(base) && hashes(base);
    case oid::kAnyrange: return info != nullptr && info->kind == 'r';
    case oid::kAnymultirange: return info != nullptr && info->kind == 'm';
    case oid::kText: return base == oid::kText || base == oid::kVarchar;
    case oid::kInet: return base == oid::kInet || base == oid::kCidr;
    default: return known.input == base;
  }
}

const InvertedClass* default_inverted_class(std::string_view method, Oid type) {
  for (const auto& known : kClasses) {
    if (known.is_default && known.method == method && accepts(known, type)) return &known;
  }
  return nullptr;
}

const InvertedStrategy* find_inverted_strategy(std::string_view symbol) {
  for (const InvertedStrategy* known : extension_strategies()) {
    if (known->symbol == symbol) return known;
  }
  return nullptr;
}

bool is_inverted_method(std::string_view method) { return method == "gin" || method == "gist" || method == "spgist"; }

void inverted_keys(const InvertedStrategy& strategy, const Value& value, Oid type, std::vector<std::string>& keys) {
  size_t before = keys.size();
  strategy.keys(value, type, keys);
  if (keys.size() == before) keys.push_back(empty_key());
  auto from = keys.begin() + static_cast<ptrdiff_t>(before);
  std::sort(from, keys.end());
  keys.erase(std::unique(from, keys.end()), keys.end());
}

}  // namespace aegis::functions
