// hstore: sets of keys with values, and how GIN and GiST find them.
#include "aegis/types/hstore.h"

#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/array.h"
#include "aegis/types/json.h"
#include "aegis/types/numeric.h"
#include "aegis/types/record.h"
#include "call.h"
#include "extension/bindings.h"
#include "inverted_keys.h"
#include "json_convert.h"
#include "table/list_scan.h"

namespace aegis::functions {
namespace {

namespace oid = types::oid;
using types::ArrayBuilder;
using types::ArrayView;
using types::HstorePair;
using types::find_pair;
using types::hstore_bytes;
using types::read_hstore;
using Pairs = std::vector<HstorePair>;
using Kind = InvertedQuery::Kind;

Value text_value(std::optional<std::string_view> text) { return text ? Value::of_string(*text) : Value::null(); }
Value made(Call& call, Pairs pairs) { return types::string_value(hstore_bytes(std::move(pairs)), call.arena()); }

Value fetch(Call&, std::span<const Value> a) {
  auto pairs = read_hstore(a[0].text());
  const auto* pair = find_pair(pairs, a[1].text());
  return pair == nullptr ? Value::null() : text_value(pair->value);
}

std::vector<int32_t> lengths_of(const ArrayView& array) {
  std::vector<int32_t> lengths;
  for (int d = 0; d < array.dimensions(); ++d) lengths.push_back(array.length(d));
  return lengths;
}
std::vector<int32_t> lowers_of(const ArrayView& array) {
  std::vector<int32_t> lowers;
  for (int d = 0; d < array.dimensions(); ++d) lowers.push_back(array.lower(d));
  return lowers;
}

Value slice_array(Call& call, std::span<const Value> a) {
  auto pairs = read_hstore(a[0].text());
  ArrayView keys(a[1].text());
  ArrayBuilder builder(oid::kText);
  for (size_t i = 0; i < keys.size(); ++i) {
    Value key = keys.is_null(i) ? Value::null() : keys.get(i);
    const auto* pair = key.is_null ? nullptr : find_pair(pairs, key.text());
    builder.add(pair == nullptr ? Value::null() : text_value(pair->value));
  }
  if (keys.dimensions() > 0) builder.set_dimensions(lengths_of(keys), lowers_of(keys));
  return builder.value(call.arena());
}

// The texts of an array that are not null.
std::vector<std::string> texts_of(std::string_view bytes) {
  ArrayView array(bytes);
  std::vector<std::string> texts;
  for (size_t i = 0; i < array.size(); ++i) {
    if (!array.is_null(i)) texts.push_back(array.get(i).string.str());
  }
  return texts;
}

Value slice(Call& call, std::span<const Value> a) {
  auto pairs = read_hstore(a[0].text());
  Pairs kept;
  for (const auto& key : texts_of(a[1].text())) {
    if (const auto* pair = find_pair(pairs, key)) kept.push_back(*pair);
  }
  return made(call, std::move(kept));
}

bool exists(Text bytes, Text key) {
  auto pairs = read_hstore(bytes);
  return find_pair(pairs, key) != nullptr;
}
bool exists_any(Text bytes, Text array) {
  auto pairs = read_hstore(bytes);
  auto keys = texts_of(array);
  return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return find_pair(pairs, key) != nullptr; });
}
bool exists_all(Text bytes, Text array) {
  auto pairs = read_hstore(bytes);
  auto keys = texts_of(array);
  return std::all_of(keys.begin(), keys.end(), [&](const auto& key) { return find_pair(pairs, key) != nullptr; });
}
bool defined(Text bytes, Text key) {
  auto pairs = read_hstore(bytes);
  const auto* pair = find_pair(pairs, key);
  return pair != nullptr && pair->value.has_value();
}

Value delete_key(Call& call, std::span<const Value> a) {
  auto pairs = read_hstore(a[0].text());
  std::erase_if(pairs, [&](const auto& pair) { return pair.key == a[1].text(); });
  return made(call, std::move(pairs));
}
Value delete_keys(Call& call, std::span<const Value> a) {
  auto pairs = read_hstore(a[0].text());
  auto keys = texts_of(a[1].text());
  std::erase_if(pairs, [&](const auto& pair) { return std::find(keys.begin(), keys.end(), pair.key) != keys.end(); });
  return made(call, std::move(pairs));
}
Value delete_pairs(Call& call, std::span<const Value> a) {
  auto pairs = read_hstore(a[0].text()), others = read_hstore(a[1].text());
  std::erase_if(pairs, [&](const auto& pair) {
    const auto* other = find_pair(others, pair.key);
    return other != nullptr && other->value == pair.value;
  });
  return made(call, std::move(pairs));
}

Value concatenate(Call& call, std::span<const Value> a) {
  auto pairs = read_hstore(a[1].text());  // these win
  for (const auto& pair : read_hstore(a[0].text())) pairs.push_back(pair);
  return made(call, std::move(pairs));
}

bool contains(Text container, Text wanted) {
  auto pairs = read_hstore(container), others = read_hstore(wanted);
  return std::all_of(others.begin(), others.end(), [&](const auto& other) {
    const auto* pair = find_pair(pairs, other.key);
    return pair != nullptr && pair->value == other.value;
  });
}

Value from_text(Call& call, std::span<const Value> a) {
  if (a[0].is_null) return Value::null();
  HstorePair pair{a[0].text(), std::nullopt};
  if (!a[1].is_null) pair.value = a[1].text();
  return made(call, {pair});
}

[[noreturn]] void refuse(const char* text, Sqlstate state = Sqlstate::ArraySubscriptError) { throw SqlError(state, text); }

// Keys and values out of arrays, kept until they are encoded.
class PairList {
 public:
  void add(const ArrayView& keys, size_t key, const ArrayView* values, size_t value) {
    if (keys.is_null(key)) refuse("null value not allowed for hstore key", Sqlstate::NullValueNotAllowed);
    keys_.push_back(keys.get(key).string.str());
    if (values == nullptr || values->is_null(value)) values_.emplace_back();
    else values_.emplace_back(values->get(value).string.str());
  }
  Value value(Call& call) const {
    Pairs pairs;
    for (size_t i = 0; i < keys_.size(); ++i) {
      HstorePair pair{keys_[i], std::nullopt};
      if (values_[i]) pair.value = *values_[i];
      pairs.push_back(pair);
    }
    return made(call, std::move(pairs));
  }

 private:
  std::vector<std::string> keys_;
  std::vector<std::optional<std::string>> values_;
};

Value from_arrays(Call& call, std::span<const Value> a) {
  if (a[0].is_null) return Value::null();
  ArrayView keys(a[0].text());
  if (keys.dimensions() > 1) refuse("wrong number of array subscripts");
  PairList list;
  if (a[1].is_null) {
    for (size_t i = 0; i < keys.size(); ++i) list.add(keys, i, nullptr, 0);
    return list.value(call);
  }
  ArrayView values(a[1].text());
  if (values.dimensions() > 1) refuse("wrong number of array subscripts");
  bool same = keys.dimensions() == values.dimensions() && (keys.dimensions() == 0 || (keys.length(0) == values.length(0) && keys.lower(0) == values.lower(0)));
  if ((keys.dimensions() > 0 || values.dimensions() > 0) && !same) refuse("arrays must have same bounds");
  for (size_t i = 0; i < keys.size(); ++i) list.add(keys, i, &values, i);
  return list.value(call);
}

Value from_array(Call& call, std::span<const Value> a) {
  ArrayView array(a[0].text());
  if (array.dimensions() == 1 && array.length(0) % 2 != 0) refuse("array must have even number of elements");
  if (array.dimensions() == 2 && array.length(1) != 2) refuse("array must have two columns");
  if (array.dimensions() > 2) refuse("wrong number of array subscripts");
  PairList list;
  for (size_t i = 0; i + 1 < array.size(); i += 2) list.add(array, i, &array, i + 1);
  return list.value(call);
}

Value from_record(Call& call, std::span<const Value> a) {
  std::vector<JsonPopulation::Field> fields = JsonPopulation(call.types(), call.arena()).fields_of(call.argument_type(0), a[0]);
  if (a[0].is_null && fields.empty()) return Value::null();
  std::vector<std::string> texts(fields.size());
  Pairs pairs;
  std::optional<types::RecordView> record;
  if (!a[0].is_null) record.emplace(a[0].text());
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].dropped) continue;
    HstorePair pair{fields[i].name, std::nullopt};
    Value value = record && i < record->size() ? record->get(i) : Value::null();
    if (!value.is_null) {
      types::type_info(fields[i].type.oid).output(call.types(), value, fields[i].type.oid, texts[i]);
      pair.value = texts[i];
    }
    pairs.push_back(pair);
  }
  return made(call, std::move(pairs));
}

// What JSON takes for a number.
bool is_number(std::string_view text) {
  size_t at = 0;
  auto digits = [&] {
    size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') ++at;
  else if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size() && at > 0;
}

template <bool loose>
std::string to_json(Text bytes) {
  std::string out = "{";
  for (const auto& pair : read_hstore(bytes)) {
    if (out.size() > 1) out += ", ";
    types::append_json_string(pair.key, out);
    out += ": ";
    if (!pair.value) out += "null";
    else if (loose && *pair.value == "t") out += "true";
    else if (loose && *pair.value == "f") out += "false";
    else if (loose && is_number(*pair.value)) out += *pair.value;
    else types::append_json_string(*pair.value, out);
  }
  return out + "}";
}
template <bool loose>
Value to_jsonb(Call& call, std::span<const Value> a) { return types::parse_jsonb(to_json<loose>(a[0].text()), call.arena()); }

template <bool matrix>
Value to_array(Call& call, std::span<const Value> a) {
  ArrayBuilder builder(oid::kText);
  auto pairs = read_hstore(a[0].text());
  for (const auto& pair : pairs) {
    builder.add(Value::of_string(pair.key));
    builder.add(text_value(pair.value));
  }
  if (matrix && !pairs.empty()) builder.set_dimensions({static_cast<int32_t>(pairs.size()), 2}, {1, 1});
  return builder.value(call.arena());
}
template <bool keys>
Value half_array(Call& call, std::span<const Value> a) {
  ArrayBuilder builder(oid::kText);
  for (const auto& pair : read_hstore(a[0].text())) builder.add(keys ? Value::of_string(pair.key) : text_value(pair.value));
  return builder.value(call.arena());
}

Value populate(Call& call, std::span<const Value> a) {
  Oid type = call.argument_type(0);
  const types::TypeInfo& info = types::type_info(types::base_type(type));
  if (info.kind != 'c' && info.oid != oid::kRecord) throw SqlError(Sqlstate::DatatypeMismatch, "first argument must be a rowtype");
  auto fields = JsonPopulation(call.types(), call.arena()).fields_of(type, a[0]);
  if (fields.empty() && info.oid == oid::kRecord) throw SqlError(Sqlstate::DatatypeMismatch, "could not determine row type");
  if (a[1].is_null) return a[0];
  auto pairs = read_hstore(a[1].text());
  if (!a[0].is_null && pairs.empty()) return a[0];
  std::optional<types::RecordView> base;
  if (!a[0].is_null) base.emplace(a[0].text());
  types::RecordBuilder builder(base ? base->shape() : 0);
  for (size_t i = 0; i < fields.size(); ++i) {
    const auto& field = fields[i];
    Value value = base && i < base->size() ? base->get(i) : Value::null();
    const auto* pair = field.dropped ? nullptr : find_pair(pairs, field.name);
    if (pair != nullptr && !pair->value) value = Value::null();
    if (pair != nullptr && pair->value) {
      value = types::type_info(field.type.oid).input(call.types(), *pair->value, field.type, call.arena());
    }
    if (types::type_info(field.type.oid).kind == 'd' && call.types().names != nullptr) call.types().names->check_domain(field.type.oid, value);
    builder.add(field.type.oid, value);
  }
  return Value::of_string(builder.finish(call.arena()));
}

std::unique_ptr<SetScan> pairs_scan(std::span<const Value> a, bool keys, bool values) {
  if (a[0].is_null) return nullptr;
  auto scan = std::make_unique<ListScan>();
  for (const auto& pair : read_hstore(a[0].text())) {
    ListScan::Row row;
    if (keys) row.push_back(types::string_value(pair.key, scan->arena()));
    if (values) row.push_back(pair.value ? types::string_value(*pair.value, scan->arena()) : Value::null());
    scan->add(std::move(row));
  }
  return scan;
}
std::unique_ptr<SetScan> key_set(CallContext&, std::span<const Value> a) { return pairs_scan(a, true, false); }
std::unique_ptr<SetScan> value_set(CallContext&, std::span<const Value> a) { return pairs_scan(a, false, true); }
std::unique_ptr<SetScan> pair_set(CallContext&, std::span<const Value> a) { return pairs_scan(a, true, true); }

Value input(Call& call, std::span<const Value> a) {
  Oid type = call.result_type();
  return types::type_info(type).input(call.types(), a[0].text(), {type, -1}, call.arena());
}
Value output(Call& call, std::span<const Value> a) {
  std::string text;
  types::type_info(call.argument_type(0)).output(call.types(), a[0], call.argument_type(0), text);
  return types::string_value(text, call.arena());
}
Value send(Call& call, std::span<const Value> a) {
  std::string bytes;
  types::type_info(call.argument_type(0)).send(call.types(), a[0], call.argument_type(0), bytes);
  return types::string_value(bytes, call.arena());
}
[[noreturn]] bool not_called() { throw SqlError(Sqlstate::FeatureNotSupported, "a support function of a type cannot be called"); }

constexpr ScalarBinding kBindings[] = {
    {"hstore_in", strict_value_kernel<input>},
    {"hstore_out", strict_value_kernel<output>},
    {"hstore_recv", kernel<not_called>},
    {"hstore_send", strict_value_kernel<send>},
    {"gin_hstore", kernel<not_called>},
    {"hstore_fetchval", strict_value_kernel<fetch>},
    {"hstore_slice_to_array", strict_value_kernel<slice_array>},
    {"hstore_slice_to_hstore", strict_value_kernel<slice>},
    {"hstore_exists", kernel<exists>},
    {"hstore_exists_any", kernel<exists_any>},
    {"hstore_exists_all", kernel<exists_all>},
    {"hstore_defined", kernel<defined>},
    {"hstore_delete", strict_value_kernel<delete_key>},
    {"hstore_delete_array", strict_value_kernel<delete_keys>},
    {"hstore_delete_hstore", strict_value_kernel<delete_pairs>},
    {"hstore_concat", strict_value_kernel<concatenate>},
    {"hstore_contains", kernel<contains>},
    {"hstore_contained", kernel<[](Text a, Text b) { return contains(b, a); }>},
    {"hstore_from_text", value_kernel<from_text>},
    {"hstore_from_arrays", value_kernel<from_arrays>},
    {"hstore_from_array", strict_value_kernel<from_array>},
    {"hstore_from_record", value_kernel<from_record>},
    {"hstore_to_json", kernel<to_json<false>>},
    {"hstore_to_json_loose", kernel<to_json<true>>},
    {"hstore_to_jsonb", strict_value_kernel<to_jsonb<false>>},
    {"hstore_to_jsonb_loose", strict_value_kernel<to_jsonb<true>>},
    {"hstore_to_array", strict_value_kernel<to_array<false>>},
    {"hstore_to_matrix", strict_value_kernel<to_array<true>>},
    {"hstore_akeys", strict_value_kernel<half_array<true>>},
    {"hstore_avals", strict_value_kernel<half_array<false>>},
    {"hstore_populate_record", value_kernel<populate>},
    {"hstore_eq", kernel<[](Text a, Text b) { return types::compare_hstore(a, b) == 0; }>},
    {"hstore_ne", kernel<[](Text a, Text b) { return types::compare_hstore(a, b) != 0; }>},
    {"hstore_lt", kernel<[](Text a, Text b) { return types::compare_hstore(a, b) < 0; }>},
    {"hstore_le", kernel<[](Text a, Text b) { return types::compare_hstore(a, b) <= 0; }>},
    {"hstore_gt", kernel<[](Text a, Text b) { return types::compare_hstore(b, a) < 0; }>},
    {"hstore_ge", kernel<[](Text a, Text b) { return types::compare_hstore(b, a) <= 0; }>},
    {"hstore_cmp", kernel<[](Text a, Text b) { return static_cast<int32_t>(types::compare_hstore(a, b)); }>},
    {"hstore_hash", kernel<[](Text a) { return static_cast<int32_t>(hash_bytes(a)); }>},
    {"hstore_hash_extended", kernel<[](Text a, int64_t seed) { return static_cast<int64_t>(hash_combine(static_cast<uint64_t>(seed), hash_bytes(a))); }>},
};
constexpr SetBinding kSets[] = {{"hstore_skeys", key_set}, {"hstore_svals", value_set}, {"hstore_each", pair_set}};

// --- Indexes: a key each for a pair's key and for the pair ---

std::string pair_key(const HstorePair& pair) {
  uint64_t hash = hash_combine(hash_bytes(pair.key), pair.value ? hash_bytes(*pair.value) : 7);
  return hash_key('p', hash);
}

void index_keys(const Value& value, Oid, std::vector<std::string>& keys) {
  for (const auto& pair : read_hstore(value.text())) {
    keys.push_back(make_key('k', pair.key));
    keys.push_back(pair_key(pair));
  }
}
bool index_answers(std::string_view op, Oid query, Oid key) {
  if (op == "@>") return query == key;
  if (op == "?") return query == oid::kText;
  return (op == "?|" || op == "?&") && query == oid::kTextArray;
}
InvertedQuery index_query(std::string_view op, Oid, Oid, const Value& query) {
  std::vector<std::string> keys;
  if (op == "?") return ask_key(make_key('k', query.text()));
  if (op == "@>") {
    for (const auto& pair : read_hstore(query.text())) keys.push_back(pair_key(pair));
  } else {
    for (const auto& text : texts_of(query.text())) keys.push_back(make_key('k', text));
  }
  if (op == "?|") return ask_keys(Kind::Any, keys);
  return keys.empty() ? ask_every() : ask_keys(Kind::All, keys);
}

}  // namespace

extern const InvertedStrategy kHstoreStrategy;
const InvertedStrategy kHstoreStrategy{"gin_hstore", index_keys, index_answers, index_query};

std::span<const ScalarBinding> hstore_bindings() { return kBindings; }
std::span<const SetBinding> hstore_set_bindings() { return kSets; }

}  // namespace aegis::functions
