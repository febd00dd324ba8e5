// ltree: paths of labels, and what matches them.
#include "aegis/types/ltree.h"

#include <algorithm>

#include "aegis/types/array.h"
#include "call.h"
#include "extension/bindings.h"
#include "inverted_keys.h"

namespace aegis::functions {
namespace {

using types::ArrayView;
using types::ltree_labels;
using Labels = std::vector<std::string_view>;
using Kind = InvertedQuery::Kind;

[[noreturn]] void bad_positions() { throw SqlError(Sqlstate::InvalidParameterValue, "invalid positions"); }

std::string join(const Labels& labels, size_t from, size_t to) {
  std::string path;
  for (size_t i = from; i < to; ++i) {
    if (i > from) path += '.';
    path += labels[i];
  }
  return path;
}

std::string part(Text path, int32_t start, int32_t end) {
  Labels labels = ltree_labels(path);
  auto count = static_cast<int32_t>(labels.size());
  if (start < 0 || end < 0 || start >= count || start > end) bad_positions();
  return join(labels, static_cast<size_t>(start), static_cast<size_t>(std::min(end, count)));
}

std::string subpath(Text path, int32_t start, int32_t length, bool has_length) {
  auto count = static_cast<int32_t>(ltree_labels(path).size());
  if (start < 0) start += count;
  if (start < 0) start += count;
  int64_t end = int64_t{start} + length;
  if (length < 0) end = count + int64_t{length};
  else if (length == 0) end = has_length ? start : 0xffff;
  return part(path, start, static_cast<int32_t>(std::min<int64_t>(end, 0x7fffffff)));
}

int32_t index_of(Text path, Text wanted, int32_t start) {
  Labels a = ltree_labels(path), b = ltree_labels(wanted);
  auto count = static_cast<int32_t>(a.size()), length = static_cast<int32_t>(b.size());
  if (start < 0) start = -int64_t{start} >= count ? 0 : count + start;
  if (count == 0 || length == 0) return -1;
  for (int32_t i = start; i + length <= count; ++i) {
    if (std::equal(b.begin(), b.end(), a.begin() + i)) return i;
  }
  return -1;
}

// Whether `above` is the path or an ancestor of it.
bool is_above(Text above, Text path) {
  return above.empty() || (path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '.'));
}

std::string add(Text a, Text b) {
  if (a.empty() || b.empty()) return std::string(a.empty() ? b : a);
  return std::string(a) + "." + std::string(b);
}
std::string checked(Call& call, Text text) {
  // The type's own input checks it.
  return types::type_info(call.result_type()).input(call.types(), text, {call.result_type(), -1}, call.arena()).string.str();
}

std::optional<std::string> common(const std::vector<std::string>& paths) {
  if (paths.empty()) return std::nullopt;
  Labels first = ltree_labels(paths[0]);
  if (first.empty()) return std::nullopt;
  size_t count = first.size() - 1;
  for (size_t p = 1; p < paths.size(); ++p) {
    Labels other = ltree_labels(paths[p]);
    if (other.empty()) return std::nullopt;
    size_t most = std::min(count, other.size() - 1);
    count = 0;
    while (count < most && first[count] == other[count]) ++count;
  }
  return join(first, 0, count);
}

std::vector<std::string> paths_of(Text bytes) {
  ArrayView array(bytes);
  if (array.dimensions() > 1) throw SqlError(Sqlstate::ArraySubscriptError, "array must be one-dimensional");
  std::vector<std::string> paths;
  for (size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) throw SqlError(Sqlstate::NullValueNotAllowed, "array must not contain nulls");
    paths.push_back(array.get(i).string.str());
  }
  return paths;
}

Value lca(Call& call, std::span<const Value> a) {
  std::vector<std::string> paths;
  for (const Value& value : a) paths.push_back(value.string.str());
  auto found = common(paths);
  return found ? types::string_value(*found, call.arena()) : Value::null();
}
std::optional<std::string> lca_array(Text array) { return common(paths_of(array)); }

bool lquery(Text path, Text query) { return types::lquery_matches(types::read_lquery(query), ltree_labels(path)); }
bool lqueries(Text path, Text array) {
  auto queries = paths_of(array);
  return std::any_of(queries.begin(), queries.end(), [&](const auto& query) { return lquery(path, query); });
}
bool ltxtquery(Text path, Text query) { return types::ltxtquery_matches(*types::read_ltxtquery(query), ltree_labels(path)); }

// Of an array, the first path for which it holds.
template <auto F>
std::optional<std::string> first(Text array, Text query) {
  for (auto& path : paths_of(array)) {
    if (F(path, query)) return path;
  }
  return std::nullopt;
}
template <auto F>
bool any(Text array, Text query) {
  return first<F>(array, query).has_value();
}
bool is_below(Text path, Text above) { return is_above(above, path); }

Value output(Call& call, std::span<const Value> a) { return types::string_value(a[0].text(), call.arena()); }
Value send(Call& call, std::span<const Value> a) { return types::string_value("\1" + std::string(a[0].text()), call.arena()); }
[[noreturn]] bool not_called() { throw SqlError(Sqlstate::FeatureNotSupported, "a support function of a type cannot be called"); }

constexpr ScalarBinding kBindings[] = {
    {"ltree_in", kernel<checked>},
    {"ltree_out", strict_value_kernel<output>},
    {"ltree_recv", kernel<not_called>},
    {"ltree_send", strict_value_kernel<send>},
    {"lquery_in", kernel<checked>},
    {"lquery_out", strict_value_kernel<output>},
    {"lquery_recv", kernel<not_called>},
    {"lquery_send", strict_value_kernel<send>},
    {"ltxtq_in", kernel<checked>},
    {"ltxtq_out", strict_value_kernel<output>},
    {"ltxtq_recv", kernel<not_called>},
    {"ltxtq_send", strict_value_kernel<send>},
    {"ltree_keys", kernel<not_called>},
    {"ltree_cmp", kernel<[](Text a, Text b) {
       int order = a.compare(b);
       return static_cast<int32_t>(order < 0 ? -1 : order > 0 ? 1 : 0);
     }>},
    {"ltree_lt", kernel<[](Text a, Text b) { return a < b; }>},
    {"ltree_le", kernel<[](Text a, Text b) { return a <= b; }>},
    {"ltree_eq", kernel<[](Text a, Text b) { return a == b; }>},
    {"ltree_ge", kernel<[](Text a, Text b) { return b <= a; }>},
    {"ltree_gt", kernel<[](Text a, Text b) { return b < a; }>},
    {"ltree_ne", kernel<[](Text a, Text b) { return a != b; }>},
    {"subltree", kernel<part>},
    {"ltree_subpath", kernel<[](Text a, int32_t start, int32_t length) { return subpath(a, start, length, true); }>},
    {"ltree_subpath_rest", kernel<[](Text a, int32_t start) { return subpath(a, start, 0, false); }>},
    {"ltree_index", kernel<[](Text a, Text b) { return index_of(a, b, 0); }>},
    {"ltree_index_from", kernel<[](Text a, Text b, int32_t start) { return index_of(a, b, start); }>},
    {"nlevel", kernel<[](Text a) { return static_cast<int32_t>(ltree_labels(a).size()); }>},
    {"ltree2text", kernel<[](Text a) { return a; }>},
    {"text2ltree", kernel<checked>},
    {"_lca", kernel<lca_array>},
    {"lca", strict_value_kernel<lca>},
    {"ltree_isparent", kernel<is_above>},
    {"ltree_risparent", kernel<is_below>},
    {"ltree_addltree", kernel<add>},
    {"ltree_addtext", kernel<[](Call& call, Text a, Text b) { return add(a, checked(call, b)); }>},
    {"ltree_textadd", kernel<[](Call& call, Text a, Text b) { return add(checked(call, a), b); }>},
    {"ltq_regex", kernel<lquery>},
    {"ltq_rregex", kernel<[](Text query, Text path) { return lquery(path, query); }>},
    {"lt_q_regex", kernel<lqueries>},
    {"lt_q_rregex", kernel<[](Text queries, Text path) { return lqueries(path, queries); }>},
    {"ltxtq_exec", kernel<ltxtquery>},
    {"ltxtq_rexec", kernel<[](Text query, Text path) { return ltxtquery(path, query); }>},
    {"_ltree_isparent", kernel<any<is_above>>},
    {"_ltree_r_isparent", kernel<[](Text path, Text array) { return any<is_above>(array, path); }>},
    {"_ltree_risparent", kernel<any<is_below>>},
    {"_ltree_r_risparent", kernel<[](Text path, Text array) { return any<is_below>(array, path); }>},
    {"_ltq_regex", kernel<any<lquery>>},
    {"_ltq_rregex", kernel<[](Text query, Text array) { return any<lquery>(array, query); }>},
    {"_lt_q_regex", kernel<any<lqueries>>},
    {"_lt_q_rregex", kernel<[](Text queries, Text array) { return any<lqueries>(array, queries); }>},
    {"_ltxtq_exec", kernel<any<ltxtquery>>},
    {"_ltxtq_rexec", kernel<[](Text query, Text array) { return any<ltxtquery>(array, query); }>},
    {"_ltree_extract_isparent", kernel<first<is_above>>},
    {"_ltree_extract_risparent", kernel<first<is_below>>},
    {"_ltq_extract_regex", kernel<first<lquery>>},
    {"_ltxtq_extract_exec", kernel<first<ltxtquery>>},
};

// --- Indexes: the paths themselves, which begin as those above them do ---

std::string path_key(Text path) { return make_key('l', path); }

void index_keys(const Value& value, Oid type, std::vector<std::string>& keys) {
  if (!types::is_array(type)) return keys.push_back(path_key(value.text()));
  ArrayView array(value.text());
  for (size_t i = 0; i < array.size(); ++i) {
    if (!array.is_null(i)) keys.push_back(path_key(array.get(i).text()));
  }
}

bool index_answers(std::string_view op, Oid query, Oid key) {
  const auto* type = types::find_type(query);
  if (type == nullptr) return false;
  if (op == "~") return type->name == "lquery";
  bool path = type->name == "ltree";
  if (op == "@>" || op == "<@") return path;
  return path && query == key && (op == "=" || op == "<" || op == "<=" || op == ">" || op == ">=");
}

InvertedQuery below(Text path) {
  if (path.empty()) return ask_every();
  std::vector<InvertedQuery> parts;
  parts.push_back(ask_key(path_key(path)));
  parts.push_back(ask_prefix(open_key('l', std::string(path) + ".")));
  return ask_join(Kind::Any, std::move(parts));
}
InvertedQuery above(Text path) {
  std::vector<InvertedQuery> parts;
  parts.push_back(ask_key(path_key("")));
  for (size_t at = 0; !path.empty() && at != std::string_view::npos;) {
    at = path.find('.', at + 1);
    parts.push_back(ask_key(path_key(path.substr(0, at))));
  }
  return ask_join(Kind::Any, std::move(parts));
}
// The labels that a query begins with are the path's.
InvertedQuery matching(Text query) {
  std::string prefix;
  for (const auto& level : types::read_lquery(query)) {
    bool plain = level.variants.size() == 1 && !level.negated && level.low == 1 && level.high == 1;
    const auto* variant = plain ? &level.variants[0] : nullptr;
    if (variant == nullptr || variant->prefix || variant->any_case || variant->words) break;
    prefix = add(prefix, variant->text);
  }
  return below(prefix);
}

InvertedQuery index_query(std::string_view op, Oid, Oid, const Value& query) {
  std::string_view path = query.text();
  if (op == "~") return matching(path);
  if (op == "<@") return below(path);
  if (op == "@>") return above(path);
  if (op == "=") return ask_key(path_key(path));
  return op[0] == '<' ? ask_range("l", path_key(path) + '\0') : ask_range(open_key('l', path), "m");
}

}  // namespace

extern const InvertedStrategy kLtreeStrategy;
const InvertedStrategy kLtreeStrategy{"ltree_keys", index_keys, index_answers, index_query};

std::span<const ScalarBinding> ltree_bindings() { return kBindings; }

}  // namespace aegis::functions
