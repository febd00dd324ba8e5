// Functions and operators of tsvector.
#include <algorithm>

#include "aegis/types/array.h"
#include "aegis/types/text_search.h"
#include "binding.h"
#include "call.h"
#include "table/list_scan.h"
#include "text_search/match.h"
#include "text_search/query_cache.h"
#include "text_search/rank.h"

namespace aegis::functions {

using types::ArrayView;
using types::TsLexeme;
using types::TsPosition;
using types::TsVector;
using types::TsVectorView;

namespace {

int weight_of(char letter) {
  switch (letter) {
    case 'a':
    case 'A': return 3;
    case 'b':
    case 'B': return 2;
    case 'c':
    case 'C': return 1;
    case 'd':
    case 'D': return 0;
    default: return -1;
  }
}
int require_weight(int8_t letter) {
  int weight = weight_of(static_cast<char>(letter));
  if (weight < 0) throw InternalError("unrecognized weight: " + std::to_string(letter));
  return weight;
}

Value stored(const TsVector& vector, Arena& arena) { return types::string_value(types::tsvector_bytes(vector), arena); }

std::string strip(Text bytes) {
  TsVector vector = types::read_tsvector(bytes);
  for (TsLexeme& lexeme : vector) lexeme.positions.clear();
  return types::tsvector_bytes(vector);
}

void set_weight(TsLexeme& lexeme, int weight) {
  for (TsPosition& position : lexeme.positions) position = types::ts_position(types::ts_place(position), weight);
}
std::string set_weights(Text bytes, int8_t letter) {
  int weight = require_weight(letter);
  TsVector vector = types::read_tsvector(bytes);
  for (TsLexeme& lexeme : vector) set_weight(lexeme, weight);
  return types::tsvector_bytes(vector);
}

std::vector<std::string> texts_of(Text array) {
  ArrayView view(array);
  std::vector<std::string> texts;
  for (size_t i = 0; i < view.size(); ++i) {
    if (!view.is_null(i)) texts.emplace_back(view.get(i).text());
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::string set_weights_of(Text bytes, int8_t letter, Text lexemes) {
  int weight = require_weight(letter);
  TsVector vector = types::read_tsvector(bytes);
  auto wanted = texts_of(lexemes);
  for (TsLexeme& lexeme : vector) {
    if (std::binary_search(wanted.begin(), wanted.end(), lexeme.text)) set_weight(lexeme, weight);
  }
  return types::tsvector_bytes(vector);
}

std::string without(Text bytes, const std::vector<std::string>& unwanted) {
  TsVector vector = types::read_tsvector(bytes);
  std::erase_if(vector, [&](const TsLexeme& lexeme) { return std::binary_search(unwanted.begin(), unwanted.end(), lexeme.text); });
  return types::tsvector_bytes(vector);
}

// The second document stands behind the first.
std::string concatenate(Text a, Text b) {
  TsVector vector = types::read_tsvector(a);
  int last = 0;
  for (const TsLexeme& lexeme : vector) {
    for (TsPosition position : lexeme.positions) last = std::max(last, types::ts_place(position));
  }
  TsVector second = types::read_tsvector(b);
  for (TsLexeme& lexeme : second) {
    for (TsPosition& position : lexeme.positions) position = types::ts_position(types::ts_place(position) + last, types::ts_weight(position));
    vector.push_back(std::move(lexeme));
  }
  types::normalize_tsvector(vector);
  return types::tsvector_bytes(vector);
}

std::string filter(Text bytes, Text letters) {
  ArrayView view(letters);
  bool wanted[4] = {};
  for (size_t i = 0; i < view.size(); ++i) {
    if (view.is_null(i)) throw SqlError(Sqlstate::NullValueNotAllowed, "weight array may not contain nulls");
    char letter = static_cast<char>(view.get(i).i8);
    int weight = weight_of(letter);
    if (weight < 0) throw SqlError(Sqlstate::InvalidParameterValue, std::string("unrecognized weight: \"") + letter + "\"");
    wanted[weight] = true;
  }
  TsVector vector = types::read_tsvector(bytes);
  for (TsLexeme& lexeme : vector) {
    std::erase_if(lexeme.positions, [&](TsPosition position) { return !wanted[types::ts_weight(position)]; });
  }
  std::erase_if(vector, [](const TsLexeme& lexeme) { return lexeme.positions.empty(); });
  return types::tsvector_bytes(vector);
}

std::string from_array(Text array) {
  ArrayView view(array);
  TsVector vector;
  for (size_t i = 0; i < view.size(); ++i) {
    if (view.is_null(i)) throw SqlError(Sqlstate::NullValueNotAllowed, "lexeme array may not contain nulls");
    vector.push_back({view.get(i).string.str(), {}});
    if (vector.back().text.empty()) throw SqlError(Sqlstate::ZeroLengthCharacterString, "lexeme array may not contain empty strings");
  }
  types::normalize_tsvector(vector);
  return types::tsvector_bytes(vector);
}

Value to_array(Call& call, std::span<const Value> row) {
  TsVectorView view(row[0].text());
  types::ArrayBuilder builder(types::oid::kText);
  for (uint32_t i = 0; i < view.size(); ++i) builder.add(Value::of_string(view.lexeme(i)));
  return builder.value(call.arena());
}

std::unique_ptr<SetScan> unnest(CallContext&, std::span<const Value> arguments) {
  std::string bytes(arguments[0].text());
  TsVectorView view(bytes);
  auto scan = std::make_unique<ListScan>();
  Arena& arena = scan->arena();
  for (uint32_t i = 0; i < view.size(); ++i) {
    types::ArrayBuilder places(types::oid::kInt2), weights(types::oid::kText);
    for (uint32_t k = 0; k < view.position_count(i); ++k) {
      places.add(Value::of_i16(static_cast<int16_t>(types::ts_place(view.position(i, k)))));
      weights.add(Value::of_string(std::string_view("DCBA").substr(static_cast<size_t>(types::ts_weight(view.position(i, k))), 1)));
    }
    bool placed = view.position_count(i) > 0;
    scan->add({types::string_value(view.lexeme(i), arena), placed ? places.value(arena) : Value::null(),
               placed ? weights.value(arena) : Value::null()});
  }
  return scan;
}

template <int low, int high>
bool ordered(Text a, Text b) {
  int order = types::compare_tsvectors(a, b);
  return order >= low && order <= high;
}

bool matches(Call& call, Text vector, Text query) {
  const types::TsNode* root = cached_query(call, query);
  if (root == nullptr) return false;
  text_search::VectorSource source{TsVectorView(vector)};
  return text_search::match(*root, source) != text_search::Match::No;
}

text_search::RankWeights weights_of(Text array) {
  ArrayView view(array);
  if (view.dimensions() != 1) throw SqlError(Sqlstate::ArraySubscriptError, "array of weight must be one-dimensional");
  if (view.size() < 4) throw SqlError(Sqlstate::ArraySubscriptError, "array of weight is too short");
  if (view.has_nulls()) throw SqlError(Sqlstate::NullValueNotAllowed, "array of weight must not contain nulls");
  text_search::RankWeights weights = text_search::kRankWeights;
  for (size_t i = 0; i < 4; ++i) {
    float given = view.get(i).f32;
    if (given >= 0) weights[i] = given;
    if (weights[i] > 1.0f) throw SqlError(Sqlstate::InvalidParameterValue, "weight out of range");
  }
  return weights;
}

using Ranking = float (*)(const text_search::RankWeights&, std::string_view, const types::TsNode*, int);
template <Ranking F>
float ranked(Call& call, Text vector, Text query) {
  return F(text_search::kRankWeights, vector, cached_query(call, query), 0);
}
template <Ranking F>
float ranked_method(Call& call, Text vector, Text query, int32_t method) {
  return F(text_search::kRankWeights, vector, cached_query(call, query), method);
}
template <Ranking F>
float ranked_weights(Call& call, Text weights, Text vector, Text query) {
  return F(weights_of(weights), vector, cached_query(call, query), 0);
}
template <Ranking F>
float ranked_both(Call& call, Text weights, Text vector, Text query, int32_t method) {
  return F(weights_of(weights), vector, cached_query(call, query), method);
}

constexpr ScalarBinding kBindings[] = {
    {"tsvector_lt", kernel<ordered<-1, -1>>},
    {"tsvector_le", kernel<ordered<-1, 0>>},
    {"tsvector_eq", kernel<ordered<0, 0>>},
    {"tsvector_ge", kernel<ordered<0, 1>>},
    {"tsvector_gt", kernel<ordered<1, 1>>},
    {"tsvector_ne", kernel<[](Text a, Text b) { return types::compare_tsvectors(a, b) != 0; }>},
    {"tsvector_cmp", kernel<[](Text a, Text b) { return int32_t{types::compare_tsvectors(a, b)}; }>},
    {"tsvector_strip", kernel<strip>},
    {"tsvector_setweight", kernel<set_weights>},
    {"tsvector_setweight_by_filter", kernel<set_weights_of>},
    {"tsvector_concat", kernel<concatenate>},
    {"tsvector_length", kernel<[](Text a) { return static_cast<int32_t>(TsVectorView(a).size()); }>},
    {"tsvector_delete_str", kernel<[](Text a, Text lexeme) { return without(a, {std::string(lexeme)}); }>},
    {"tsvector_delete_arr", kernel<[](Text a, Text lexemes) { return without(a, texts_of(lexemes)); }>},
    {"tsvector_filter", kernel<filter>},
    {"array_to_tsvector", kernel<from_array>},
    {"tsvector_to_array", strict_value_kernel<to_array>},
    {"ts_match_vq", kernel<matches>},
    {"ts_match_qv", kernel<[](Call& call, Text query, Text vector) { return matches(call, vector, query); }>},
    {"ts_rank_tt", kernel<ranked<text_search::rank>>},
    {"ts_rank_ttf", kernel<ranked_method<text_search::rank>>},
    {"ts_rank_wtt", kernel<ranked_weights<text_search::rank>>},
    {"ts_rank_wttf", kernel<ranked_both<text_search::rank>>},
    {"ts_rankcd_tt", kernel<ranked<text_search::rank_by_covers>>},
    {"ts_rankcd_ttf", kernel<ranked_method<text_search::rank_by_covers>>},
    {"ts_rankcd_wtt", kernel<ranked_weights<text_search::rank_by_covers>>},
    {"ts_rankcd_wttf", kernel<ranked_both<text_search::rank_by_covers>>},
};
constexpr SetBinding kSets[] = {{"tsvector_unnest", unnest}};

}  // namespace

const types::TsNode* cached_query(Call& call, Text query) {
  struct Cached {
    std::string bytes;
    types::TsNodePtr root;
  };
  auto& cached = call.cached<Cached>([] { return Cached(); });
  if (cached.bytes != query) {
    cached.root = types::read_tsquery(query);
    cached.bytes = query;
  }
  return cached.root.get();
}

std::span<const ScalarBinding> tsvector_bindings() { return kBindings; }
std::span<const SetBinding> tsvector_set_bindings() { return kSets; }

}  // namespace aegis::functions
