// Documents and queries from texts: to_tsvector, to_tsquery and its kin, ts_headline, and what shows how they work.
#include <algorithm>
#include <map>

#include "aegis/types/array.h"
#include "aegis/types/json.h"
#include "aegis/types/text_search.h"
#include "binding.h"
#include "json_convert.h"
#include "table/list_scan.h"
#include "text_search/headline.h"
#include "text_search/lexize.h"
#include "text_search/match.h"

namespace aegis::functions {

using text_search::Configuration;
using text_search::Lexeme;
using text_search::Lexemes;
using text_search::LexizeState;
using text_search::PlacedLexeme;
using types::TsNode;
using types::TsNodeKind;
using types::TsNodePtr;
using types::TsVector;

namespace {

namespace oid = types::oid;
using ConfigurationPtr = std::shared_ptr<const Configuration>;

Oid named(const TypeContext& types, Oid kind, std::string_view name) {
  Arena arena;
  return types::type_info(kind).input(types, name, {kind, -1}, arena).oid();
}
Oid current_configuration(const TypeContext& types, Services& services) {
  std::string name = *services.setting("default_text_search_config", false);
  return named(types, oid::kRegconfig, name);
}
ConfigurationPtr current(Call& call) {
  return call.services().text_search_configuration(current_configuration(call.types(), call.services()));
}
ConfigurationPtr by_id(Call& call, uint32_t configuration) { return call.services().text_search_configuration(configuration); }

// --- Documents ---

void add_text(const Configuration& configuration, Services& services, std::string_view text, int& place, TsVector& vector) {
  for (PlacedLexeme& lexeme : text_search::lexize_text(configuration, services, text, place)) {
    vector.push_back({std::move(lexeme.text), {types::ts_position(lexeme.place, 0)}});
  }
}

std::string to_vector(const Configuration& configuration, Services& services, Text text) {
  TsVector vector;
  int place = 0;
  add_text(configuration, services, text, place, vector);
  types::normalize_tsvector(vector);
  return types::tsvector_bytes(vector);
}

enum JsonParts : int { kStrings = 1, kNumbers = 2, kBooleans = 4, kKeys = 8, kAllParts = 15 };

class JsonDocument {
 public:
  JsonDocument(const Configuration& configuration, Services& services, int parts)
      : configuration_(configuration), services_(services), parts_(parts) {}
  void add(const JsonSource& source) {
    switch (source.kind()) {
      case JsonKind::Null: return;
      case JsonKind::String: return add_part(kStrings, source.plain_text());
      case JsonKind::Number: return add_part(kNumbers, source.plain_text());
      case JsonKind::False: return add_part(kBooleans, "false");
      case JsonKind::True: return add_part(kBooleans, "true");
      case JsonKind::Object:
      case JsonKind::Array: break;
    }
    for (size_t i = 0; i < source.size(); ++i) {
      if (source.kind() == JsonKind::Object) add_part(kKeys, source.key(i));
      add(source.item(i));
    }
  }
  std::string vector() {
    types::normalize_tsvector(vector_);
    return types::tsvector_bytes(vector_);
  }

 private:
  void add_part(int part, std::string_view text) {
    if ((parts_ & part) == 0) return;
    size_t before = vector_.size();
    add_text(configuration_, services_, text, place_, vector_);
    if (vector_.size() > before) ++place_;  // no phrase goes over from one value to the next
  }
  const Configuration& configuration_;
  Services& services_;
  int parts_;
  int place_ = 0;
  TsVector vector_;
};

int json_parts(Text flags) {
  JsonbView view(flags);
  constexpr const char* kHint = R"(Possible values are: "string", "numeric", "boolean", "key", and "all".)";
  auto part = [&](JsonbView flag) {
    if (flag.kind() != JsonKind::String) {
      throw SqlError(Sqlstate::InvalidParameterValue, "flag array element is not a string").hint(kHint);
    }
    std::string name(flag.text());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (name == "all") return int{kAllParts};
    if (name == "key") return int{kKeys};
    if (name == "string") return int{kStrings};
    if (name == "numeric") return int{kNumbers};
    if (name == "boolean") return int{kBooleans};
    throw SqlError(Sqlstate::InvalidParameterValue, "wrong flag in flag array: \"" + std::string(flag.text()) + "\"").hint(kHint);
  };
  if (view.kind() == JsonKind::Object) {
    throw SqlError(Sqlstate::InvalidParameterValue, "wrong flag type, only arrays and scalars are allowed");
  }
  if (view.kind() != JsonKind::Array) return part(view);
  int parts = 0;
  for (uint32_t i = 0; i < view.size(); ++i) parts |= part(view.element(i));
  return parts;
}

template <bool binary>
std::string json_vector(const ConfigurationPtr& configuration, Services& services, Text json, int parts) {
  JsonDocument document(*configuration, services, parts);
  if (binary) {
    document.add(source_of(JsonbView(json)));
  } else {
    JsonNode node = types::parse_json(json, types::JsonStrings::Decode);
    document.add(source_of(node, json));
  }
  return document.vector();
}

// --- Queries ---

void notice(Services& services, std::string message) {
  ErrorFields fields;
  fields.severity = "NOTICE";
  fields.sqlstate = Sqlstate::SuccessfulCompletion;
  fields.message = std::move(message);
  services.notice(std::move(fields));
}

// Operands that are texts themselves: their lexemes, joined.
class TextOperands : public types::TsOperands {
 public:
  TextOperands(const Configuration& configuration, Services& services, TsNodeKind joined)
      : configuration_(configuration), services_(services), joined_(joined) {}

  TsNodePtr operand(std::string_view text, int weights, bool prefix) override {
    int last = 0;
    auto lexemes = text_search::lexize_text(configuration_, services_, text, last);
    TsNodePtr all;
    int place = 0;
    for (size_t i = 0; i < lexemes.size();) {
      // A stop word leaves its place.
      for (; place > 0 && place + 1 < lexemes[i].place; ++place) append(all, stop());
      place = lexemes[i].place;
      append(all, alternatives(lexemes, i, weights, prefix));
    }
    return all;
  }

 private:
  static TsNodePtr stop() {
    auto node = std::make_unique<TsNode>();
    node->kind = TsNodeKind::Stop;
    return node;
  }
  void append(TsNodePtr& all, TsNodePtr next) const {
    all = all == nullptr ? std::move(next) : types::make_ts_operator(joined_, std::move(all), std::move(next), 1);
  }
  // All lexemes of one place: variants joined by |, the lexemes of a variant by &.
  static TsNodePtr alternatives(const std::vector<PlacedLexeme>& lexemes, size_t& i, int weights, bool prefix) {
    int place = lexemes[i].place;
    TsNodePtr result;
    while (i < lexemes.size() && lexemes[i].place == place) {
      int variant = lexemes[i].variant;
      TsNodePtr together;
      for (; i < lexemes.size() && lexemes[i].place == place && lexemes[i].variant == variant; ++i) {
        TsNodePtr word = types::make_ts_word(lexemes[i].text, weights, prefix || lexemes[i].prefix);
        together = together == nullptr ? std::move(word) : types::make_ts_operator(TsNodeKind::And, std::move(together), std::move(word));
      }
      result = result == nullptr ? std::move(together) : types::make_ts_operator(TsNodeKind::Or, std::move(result), std::move(together));
    }
    return result;
  }
  const Configuration& configuration_;
  Services& services_;
  TsNodeKind joined_;
};

// Takes stop words out. A phrase keeps the distances between the words that stay: `left` and `right` are what a removed
// part adds to the distances beside it.
TsNodePtr without_stop_words(TsNodePtr node, int& left, int& right) {
  left = right = 0;
  if (node->kind == TsNodeKind::Word) return node;
  if (node->kind == TsNodeKind::Stop) return nullptr;
  if (node->kind == TsNodeKind::Not) {
    node->right = without_stop_words(std::move(node->right), left, right);
    return node->right == nullptr ? nullptr : std::move(node);
  }
  int ll, lr, rl, rr;
  node->left = without_stop_words(std::move(node->left), ll, lr);
  node->right = without_stop_words(std::move(node->right), rl, rr);
  bool is_phrase = node->kind == TsNodeKind::Phrase;
  int distance = is_phrase ? node->distance : 0;
  if (node->left == nullptr && node->right == nullptr) {
    left = right = is_phrase ? ll + distance + rl : std::max(ll, rl);
    return nullptr;
  }
  if (node->left == nullptr) {
    left = is_phrase ? ll + distance + rl : rl;
    right = rr;
    return std::move(node->right);
  }
  if (node->right == nullptr) {
    left = ll;
    right = is_phrase ? lr + distance + rr : lr;
    return std::move(node->left);
  }
  if (is_phrase) {
    node->distance += lr + rl;
    left = ll;
    right = rr;
  }
  return node;
}

template <types::TsSyntax syntax, TsNodeKind joined>
std::string to_query(const ConfigurationPtr& configuration, Services& services, Text text) {
  TextOperands operands(*configuration, services, joined);
  TsNodePtr root = types::parse_tsquery(text, syntax, operands);
  if (root == nullptr) {
    notice(services, "text-search query doesn't contain lexemes: \"" + std::string(text) + "\"");
    return types::tsquery_bytes(nullptr);
  }
  int left, right;
  root = without_stop_words(std::move(root), left, right);
  if (root == nullptr) notice(services, "text-search query contains only stop words or doesn't contain lexemes, ignored");
  return types::tsquery_bytes(root.get());
}

template <types::TsSyntax syntax, TsNodeKind joined>
std::string query(Call& call, Text text) {
  return to_query<syntax, joined>(current(call), call.services(), text);
}
template <types::TsSyntax syntax, TsNodeKind joined>
std::string query_by_id(Call& call, uint32_t configuration, Text text) {
  return to_query<syntax, joined>(by_id(call, configuration), call.services(), text);
}

bool matches(Text vector, const std::string& query) {
  TsNodePtr root = types::read_tsquery(query);
  if (root == nullptr) return false;
  text_search::VectorSource source{types::TsVectorView(vector)};
  return text_search::match(*root, source) != text_search::Match::No;
}
bool text_matches_query(Call& call, Text text, Text query) {
  return matches(to_vector(*current(call), call.services(), text), std::string(query));
}
bool text_matches_text(Call& call, Text text, Text words) {
  auto configuration = current(call);
  return matches(to_vector(*configuration, call.services(), text),
                 to_query<types::TsSyntax::Plain, TsNodeKind::And>(configuration, call.services(), words));
}

// --- Headlines ---

std::string make_headline(Call& call, const ConfigurationPtr& configuration, Text text, Text query, Text options) {
  TsNodePtr root = types::read_tsquery(query);
  return text_search::headline(*configuration, call.services(), text, root.get(), text_search::parse_headline_options(options));
}

JsonNode with_headlines(const JsonSource& source, const std::function<std::string(const std::string&)>& headline) {
  JsonNode node;
  switch (source.kind()) {
    case JsonKind::String: return JsonNode::of_text(headline(source.plain_text()));
    case JsonKind::Array:
    case JsonKind::Object:
      node.kind = source.kind();
      for (size_t i = 0; i < source.size(); ++i) {
        if (source.kind() == JsonKind::Object) node.keys.emplace_back(source.key(i));
        node.items.push_back(with_headlines(source.item(i), headline));
      }
      return node;
    default: return JsonNode::of_jsonb(source.view);
  }
}
void append_with_headlines(const JsonSource& source, const std::function<std::string(const std::string&)>& headline, std::string& out) {
  bool object = source.kind() == JsonKind::Object;
  if (source.kind() == JsonKind::String) return types::append_json_string(headline(source.plain_text()), out);
  if (!object && source.kind() != JsonKind::Array) {
    out += source.json_text();
    return;
  }
  out += object ? '{' : '[';
  for (size_t i = 0; i < source.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      types::append_json_string(source.key(i), out);
      out += ':';
    }
    append_with_headlines(source.item(i), headline, out);
  }
  out += object ? '}' : ']';
}

template <bool binary>
std::string json_headline(Call& call, const ConfigurationPtr& configuration, Text json, Text query, Text options) {
  TsNodePtr root = types::read_tsquery(query);
  auto parsed = text_search::parse_headline_options(options);
  auto headline = [&](const std::string& text) {
    return text_search::headline(*configuration, call.services(), text, root.get(), parsed);
  };
  if (binary) return types::encode_jsonb(with_headlines(source_of(JsonbView(json)), headline));
  JsonNode node = types::parse_json(json, types::JsonStrings::Decode);
  std::string out;
  append_with_headlines(source_of(node, json), headline, out);
  return out;
}

// --- What shows how a text is read ---

Value texts(const Lexemes& lexemes, Arena& arena) {
  types::ArrayBuilder builder(oid::kText);
  std::vector<std::string_view> kept;
  for (const Lexeme& lexeme : lexemes) builder.add(Value::of_string(lexeme.text.size() > StringView::kInlineBytes ? arena.copy(lexeme.text) : std::string_view(lexeme.text)));
  return builder.value(arena);
}

std::optional<Lexemes> lexize(Services& services, Oid dictionary, Text word) {
  auto loaded = services.text_search_dictionary(dictionary);
  LexizeState state;
  auto result = loaded->lexize(word, state);
  if (state.wants_next) {
    state.is_end = true;
    state.wants_next = false;
    if (auto more = loaded->lexize("", state)) result = std::move(more);
  }
  return result;
}
Value lexize_value(Call& call, std::span<const Value> row) {
  auto result = lexize(call.services(), row[0].oid(), row[1].text());
  return result ? texts(*result, call.arena()) : Value::null();
}

void check_parser(Oid parser) {
  if (parser != 3722) throw InternalError("cache lookup failed for text search parser " + std::to_string(parser));
}
void check_parser_name(Text name) {
  std::string_view bare = name.starts_with("pg_catalog.") ? name.substr(11) : name;
  if (bare == "\"default\"") bare = "default";
  if (bare != "default") {
    throw SqlError(Sqlstate::UndefinedObject, "text search parser \"" + std::string(name) + "\" does not exist");
  }
}

std::unique_ptr<SetScan> token_types() {
  auto scan = std::make_unique<ListScan>();
  for (int type = 1; type <= text_search::kTokenTypes; ++type) {
    scan->add({Value::of_i32(type), types::string_value(text_search::token_type(type).alias, scan->arena()),
               types::string_value(text_search::token_type(type).description, scan->arena())});
  }
  return scan;
}
std::unique_ptr<SetScan> parse(Text text) {
  auto scan = std::make_unique<ListScan>();
  text_search::TextParser parser(text);
  text_search::Token type;
  std::string_view token;
  while (parser.next(type, token)) scan->add({Value::of_i32(type), types::string_value(token, scan->arena())});
  return scan;
}

std::unique_ptr<SetScan> debug(CallContext& context, Oid configuration_oid, Text text) {
  auto configuration = context.services.text_search_configuration(configuration_oid);
  auto scan = std::make_unique<ListScan>();
  Arena& arena = scan->arena();
  text_search::TextParser parser(text);
  text_search::Token type;
  std::string_view token;
  while (parser.next(type, token)) {
    const auto& dictionaries = configuration->dictionaries[type];
    types::ArrayBuilder list(oid::kRegdictionary);
    Value dictionary, lexemes;
    for (Oid candidate : dictionaries) {
      list.add(Value::of_oid(candidate));
      if (!lexemes.is_null) continue;
      if (auto result = lexize(context.services, candidate, token)) {
        dictionary = Value::of_oid(candidate);
        lexemes = texts(*result, arena);
      }
    }
    if (lexemes.is_null && !dictionaries.empty()) dictionary = Value::of_oid(dictionaries[0]);
    scan->add({types::string_value(text_search::token_type(type).alias, arena),
               types::string_value(text_search::token_type(type).description, arena), types::string_value(token, arena),
               list.value(arena), dictionary, lexemes});
  }
  return scan;
}

class Statistics : public RowReceiver {
 public:
  struct Entry {
    int32_t documents = 0;
    int32_t entries = 0;
  };
  explicit Statistics(int weights) : weights_(weights) {}
  void columns(std::span<const Type> given) override {
    if (given.size() != 1 || given[0].oid != oid::kTsvector) {
      throw SqlError(Sqlstate::InvalidParameterValue, "ts_stat query must return one tsvector column");
    }
  }
  bool row(std::span<const Value> values) override {
    if (values[0].is_null) return true;
    std::string bytes(values[0].text());
    types::TsVectorView vector(bytes);
    for (uint32_t i = 0; i < vector.size(); ++i) {
      int32_t count = weights_ == 0 && vector.position_count(i) == 0 ? 1 : 0;
      for (uint32_t k = 0; k < vector.position_count(i); ++k) {
        count += weights_ == 0 || (weights_ & (1 << types::ts_weight(vector.position(i, k)))) != 0;
      }
      if (count == 0) continue;
      Entry& entry = words_[std::string(vector.lexeme(i))];
      ++entry.documents;
      entry.entries += count;
    }
    return true;
  }
  std::unique_ptr<SetScan> scan() const {
    auto scan = std::make_unique<ListScan>();
    for (const auto& [word, entry] : words_) {
      scan->add({types::string_value(word, scan->arena()), Value::of_i32(entry.documents), Value::of_i32(entry.entries)});
    }
    return scan;
  }

 private:
  int weights_;
  std::map<std::string, Entry> words_;
};

std::unique_ptr<SetScan> statistics(CallContext& context, std::span<const Value> arguments) {
  int weights = 0;
  if (arguments.size() > 1) {
    for (char c : std::string(arguments[1].text())) {
      size_t weight = std::string_view("DCBA").find(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
      if (weight != std::string_view::npos) weights |= 1 << weight;
    }
  }
  Statistics words(weights);
  context.services.run_query(std::string(arguments[0].text()), words);
  return words.scan();
}

using Syntax = types::TsSyntax;

constexpr ScalarBinding kBindings[] = {
    {"get_current_ts_config", kernel<[](Call& call) { return uint32_t{current_configuration(call.types(), call.services())}; }>},
    {"to_tsvector", kernel<[](Call& call, Text text) { return to_vector(*current(call), call.services(), text); }>},
    {"to_tsvector_byid", kernel<[](Call& call, uint32_t id, Text text) { return to_vector(*by_id(call, id), call.services(), text); }>},
    {"jsonb_string_to_tsvector", kernel<[](Call& call, Text json) { return json_vector<true>(current(call), call.services(), json, kStrings); }>},
    {"json_string_to_tsvector", kernel<[](Call& call, Text json) { return json_vector<false>(current(call), call.services(), json, kStrings); }>},
    {"jsonb_string_to_tsvector_byid",
     kernel<[](Call& call, uint32_t id, Text json) { return json_vector<true>(by_id(call, id), call.services(), json, kStrings); }>},
    {"json_string_to_tsvector_byid",
     kernel<[](Call& call, uint32_t id, Text json) { return json_vector<false>(by_id(call, id), call.services(), json, kStrings); }>},
    {"jsonb_to_tsvector",
     kernel<[](Call& call, Text json, Text flags) { return json_vector<true>(current(call), call.services(), json, json_parts(flags)); }>},
    {"json_to_tsvector",
     kernel<[](Call& call, Text json, Text flags) { return json_vector<false>(current(call), call.services(), json, json_parts(flags)); }>},
    {"jsonb_to_tsvector_byid", kernel<[](Call& call, uint32_t id, Text json, Text flags) {
       return json_vector<true>(by_id(call, id), call.services(), json, json_parts(flags));
     }>},
    {"json_to_tsvector_byid", kernel<[](Call& call, uint32_t id, Text json, Text flags) {
       return json_vector<false>(by_id(call, id), call.services(), json, json_parts(flags));
     }>},
    {"to_tsquery", kernel<query<Syntax::Standard, TsNodeKind::Phrase>>},
    {"to_tsquery_byid", kernel<query_by_id<Syntax::Standard, TsNodeKind::Phrase>>},
    {"plainto_tsquery", kernel<query<Syntax::Plain, TsNodeKind::And>>},
    {"plainto_tsquery_byid", kernel<query_by_id<Syntax::Plain, TsNodeKind::And>>},
    {"phraseto_tsquery", kernel<query<Syntax::Plain, TsNodeKind::Phrase>>},
    {"phraseto_tsquery_byid", kernel<query_by_id<Syntax::Plain, TsNodeKind::Phrase>>},
    {"websearch_to_tsquery", kernel<query<Syntax::Web, TsNodeKind::Phrase>>},
    {"websearch_to_tsquery_byid", kernel<query_by_id<Syntax::Web, TsNodeKind::Phrase>>},
    {"ts_match_tq", kernel<text_matches_query>},
    {"ts_match_tt", kernel<text_matches_text>},
    {"ts_lexize", strict_value_kernel<lexize_value>},
    {"ts_headline", kernel<[](Call& call, Text text, Text query) { return make_headline(call, current(call), text, query, ""); }>},
    {"ts_headline_opt",
     kernel<[](Call& call, Text text, Text query, Text options) { return make_headline(call, current(call), text, query, options); }>},
    {"ts_headline_byid",
     kernel<[](Call& call, uint32_t id, Text text, Text query) { return make_headline(call, by_id(call, id), text, query, ""); }>},
    {"ts_headline_byid_opt", kernel<[](Call& call, uint32_t id, Text text, Text query, Text options) {
       return make_headline(call, by_id(call, id), text, query, options);
     }>},
    {"ts_headline_jsonb", kernel<[](Call& call, Text json, Text query) { return json_headline<true>(call, current(call), json, query, ""); }>},
    {"ts_headline_jsonb_opt",
     kernel<[](Call& call, Text json, Text query, Text options) { return json_headline<true>(call, current(call), json, query, options); }>},
    {"ts_headline_jsonb_byid",
     kernel<[](Call& call, uint32_t id, Text json, Text query) { return json_headline<true>(call, by_id(call, id), json, query, ""); }>},
    {"ts_headline_jsonb_byid_opt", kernel<[](Call& call, uint32_t id, Text json, Text query, Text options) {
       return json_headline<true>(call, by_id(call, id), json, query, options);
     }>},
    {"ts_headline_json", kernel<[](Call& call, Text json, Text query) { return json_headline<false>(call, current(call), json, query, ""); }>},
    {"ts_headline_json_opt",
     kernel<[](Call& call, Text json, Text query, Text options) { return json_headline<false>(call, current(call), json, query, options); }>},
    {"ts_headline_json_byid",
     kernel<[](Call& call, uint32_t id, Text json, Text query) { return json_headline<false>(call, by_id(call, id), json, query, ""); }>},
    {"ts_headline_json_byid_opt", kernel<[](Call& call, uint32_t id, Text json, Text query, Text options) {
       return json_headline<false>(call, by_id(call, id), json, query, options);
     }>},
};

constexpr SetBinding kSets[] = {
    {"ts_token_type_byid", [](CallContext&, std::span<const Value> arguments) { return check_parser(arguments[0].oid()), token_types(); }},
    {"ts_token_type_byname", [](CallContext&, std::span<const Value> arguments) { return check_parser_name(arguments[0].text()), token_types(); }},
    {"ts_parse_byid",
     [](CallContext&, std::span<const Value> arguments) { return check_parser(arguments[0].oid()), parse(arguments[1].text()); }},
    {"ts_parse_byname",
     [](CallContext&, std::span<const Value> arguments) { return check_parser_name(arguments[0].text()), parse(arguments[1].text()); }},
    {"ts_debug(regconfig,text)",
     [](CallContext& context, std::span<const Value> arguments) { return debug(context, arguments[0].oid(), arguments[1].text()); }},
    {"ts_debug(text)",
     [](CallContext& context, std::span<const Value> arguments) {
       return debug(context, current_configuration(context.types, context.services), arguments[0].text());
     }},
    {"ts_stat1", statistics},
    {"ts_stat2", statistics},
};

}  // namespace

std::string text_search::document_vector(const Configuration& configuration, Services& services, std::span<const std::string_view> texts) {
  TsVector vector;
  int place = 0;
  for (std::string_view text : texts) add_text(configuration, services, text, place, vector);
  types::normalize_tsvector(vector);
  return types::tsvector_bytes(vector);
}

std::span<const ScalarBinding> text_search_bindings() { return kBindings; }
std::span<const SetBinding> text_search_set_bindings() { return kSets; }

}  // namespace aegis::functions
