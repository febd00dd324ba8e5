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

constexpr Oid kArrayOps = 10064;
constexpr Oid kTsvectorOps = 10073;
constexpr Oid kJsonbOps = 10090;
constexpr Oid kJsonbPathOps = 10091;
constexpr InvertedClass kClasses[] = {{kArrayOps, "array_ops", oid::kAnyarray, true},
                                      {kTsvectorOps, "tsvector_ops", oid::kTsvector, true},
                                      {kJsonbOps, "jsonb_ops", oid::kJsonb, true},
                                      {kJsonbPathOps, "jsonb_path_ops", oid::kJsonb, false}};

// Longer texts are found by how they begin.
constexpr size_t kMaxKeyBytes = 256;

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

InvertedQuery every() { return {Kind::Every, {}, {}}; }
InvertedQuery one(std::string key) { return {Kind::Key, std::move(key), {}}; }
InvertedQuery join(Kind kind, std::vector<InvertedQuery> parts) { return {kind, {}, std::move(parts)}; }

InvertedQuery of_keys(Kind kind, const std::vector<std::string>& keys) {
  InvertedQuery query{kind, {}, {}};
  for (const std::string& key : keys) query.parts.push_back(one(key));
  return query;
}

// --- tsvector ---

void vector_keys(std::string_view bytes, std::vector<std::string>& keys) {
  types::TsVectorView vector(bytes);
  for (uint32_t i = 0; i < vector.size(); ++i) keys.push_back(make_key('t', vector.lexeme(i)));
}

InvertedQuery words_query(const TsNode& node) {
  switch (node.kind) {
    case TsNodeKind::Word:
      if (node.prefix) return {Kind::Prefix, open_key('t', node.text), {}};
      return one(make_key('t', node.text));
    case TsNodeKind::Stop:
    case TsNodeKind::Not: return every();
    case TsNodeKind::And:
    case TsNodeKind::Phrase:
    case TsNodeKind::Or: break;
  }
  std::vector<InvertedQuery> parts;
  parts.push_back(words_query(*node.left));
  parts.push_back(words_query(*node.right));
  return join(node.kind == TsNodeKind::Or ? Kind::Any : Kind::All, std::move(parts));
}

// --- Arrays ---

void element_keys(std::string_view bytes, std::vector<std::string>& keys, bool* has_null = nullptr) {
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

InvertedQuery array_query(std::string_view op, std::string_view bytes) {
  std::vector<std::string> keys;
  bool has_null = false;
  element_keys(bytes, keys, &has_null);
  if (op == "&&") return of_keys(Kind::Any, keys);
  if (op == "<@") {
    keys.push_back(empty_key());
    return of_keys(Kind::Any, keys);
  }
  if (op == "@>") return has_null ? InvertedQuery() : keys.empty() ? every() : of_keys(Kind::All, keys);
  // Equality, where nulls are equal too. Arrays without any other element have the mark of such values.
  return keys.empty() ? one(empty_key()) : of_keys(Kind::All, keys);
}

// --- jsonb ---

std::string number_key(const JsonbView& view) { return hash_key('n', types::numeric::hash(view.number())); }
std::string literal_key(const JsonbView& view) {
  return make_key('l', view.kind() == JsonKind::Null ? "n" : view.kind() == JsonKind::True ? "t" : "f");
}

void jsonb_keys(const JsonbView& view, bool in_object, std::vector<std::string>& keys) {
  switch (view.kind()) {
    case JsonKind::String: keys.push_back(make_key(in_object ? 's' : 'k', view.text())); return;
    case JsonKind::Number: keys.push_back(number_key(view)); return;
    case JsonKind::Null:
    case JsonKind::True:
    case JsonKind::False: keys.push_back(literal_key(view)); return;
    case JsonKind::Array:
      for (uint32_t i = 0; i < view.size(); ++i) jsonb_keys(view.element(i), false, keys);
      return;
    case JsonKind::Object: break;
  }
  for (uint32_t i = 0; i < view.size(); ++i) {
    keys.push_back(make_key('k', view.key(i)));
    jsonb_keys(view.value(i), true, keys);
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

InvertedQuery jsonb_query(std::string_view op, const Value& query) {
  std::vector<std::string> keys;
  if (op == "@>") {
    jsonb_keys(JsonbView(query.text()), false, keys);
    return keys.empty() ? every() : of_keys(Kind::All, keys);
  }
  if (op == "?") return one(make_key('k', query.text()));
  ArrayView array(query.text());
  for (size_t i = 0; i < array.size(); ++i) {
    if (!array.is_null(i)) keys.push_back(make_key('k', array.get(i).string.str()));
  }
  if (op == "?|") return of_keys(Kind::Any, keys);
  return keys.empty() ? every() : of_keys(Kind::All, keys);
}

bool hashes(Oid array_type) {
  const types::TypeInfo* info = types::find_type(array_type);
  if (info == nullptr || info->element == kInvalidOid) return false;
  const types::TypeInfo* element = types::find_type(info->element);
  return element != nullptr && element->hash != nullptr && element->compare != nullptr;
}

}  // namespace

std::span<const InvertedClass> inverted_classes() { return kClasses; }

const InvertedClass* find_inverted_class(Oid oid) {
  for (const auto& known : kClasses) {
    if (known.oid == oid) return &known;
  }
  return nullptr;
}

const InvertedClass* default_inverted_class(Oid type) {
  Oid base = types::base_type(type);
  bool array = types::is_array(base) && hashes(base);
  for (const auto& known : kClasses) {
    if (known.is_default && (known.input == base || (array && known.input == oid::kAnyarray))) return &known;
  }
  return nullptr;
}

void inverted_keys(Oid opclass, const Value& value, std::vector<std::string>& keys) {
  size_t before = keys.size();
  switch (opclass) {
    case kTsvectorOps: vector_keys(value.text(), keys); break;
    case kArrayOps: element_keys(value.text(), keys); break;
    case kJsonbOps: jsonb_keys(JsonbView(value.text()), false, keys); break;
    default: path_keys(JsonbView(value.text()), 0, keys); break;
  }
  if (keys.size() == before) keys.push_back(empty_key());
  auto from = keys.begin() + static_cast<ptrdiff_t>(before);
  std::sort(from, keys.end());
  keys.erase(std::unique(from, keys.end()), keys.end());
}

bool is_invertible(Oid opclass, std::string_view op, Oid query_type) {
  switch (opclass) {
    case kTsvectorOps: return (op == "@@" || op == "@@@") && query_type == oid::kTsquery;
    case kArrayOps: return (op == "&&" || op == "@>" || op == "<@" || op == "=") && types::is_array(query_type) && hashes(query_type);
    case kJsonbOps:
      if (op == "@>") return query_type == oid::kJsonb;
      if (op == "?") return query_type == oid::kText;
      return (op == "?|" || op == "?&") && query_type == oid::kTextArray;
    case kJsonbPathOps: return op == "@>" && query_type == oid::kJsonb;
    default: return false;
  }
}

InvertedQuery inverted_query(Oid opclass, std::string_view op, Oid, const Value& query) {
  switch (opclass) {
    case kTsvectorOps: {
      auto root = types::read_tsquery(query.text());
      return root == nullptr ? InvertedQuery() : words_query(*root);
    }
    case kArrayOps: return array_query(op, query.text());
    case kJsonbOps: return jsonb_query(op, query);
    default: break;
  }
  std::vector<std::string> keys;
  path_keys(JsonbView(query.text()), 0, keys);
  return keys.empty() ? every() : of_keys(Kind::All, keys);
}

}  // namespace aegis::functions
