// Comparisons and case mapping of texts by collations that are not the order of bytes.
#include <unordered_map>

#include "aegis/base/error.h"
#include "aegis/types/collation.h"
#include "call.h"
#include "pattern.h"
#include "text_order.h"

namespace aegis::functions {
namespace {

enum class Padding : uint8_t { Text, Blanks };

template <Padding padding>
int order(Call& call, Text a, Text b) {
  if constexpr (padding == Padding::Blanks) {
    a = types::trim_trailing_blanks(a);
    b = types::trim_trailing_blanks(b);
  }
  const types::Collator* collator = types::collator(call.context.site.collation, call.types());
  return collator == nullptr ? order_bytes(a, b) : collator->compare(a, b);
}

template <Padding padding>
struct Comparisons {
  static bool less(Call& call, Text a, Text b) { return order<padding>(call, a, b) < 0; }
  static bool less_or_equal(Call& call, Text a, Text b) { return order<padding>(call, a, b) <= 0; }
  static bool greater(Call& call, Text a, Text b) { return order<padding>(call, a, b) > 0; }
  static bool greater_or_equal(Call& call, Text a, Text b) { return order<padding>(call, a, b) >= 0; }
  static bool equal(Call& call, Text a, Text b) { return order<padding>(call, a, b) == 0; }
  static bool unequal(Call& call, Text a, Text b) { return order<padding>(call, a, b) != 0; }
  static int32_t compare(Call& call, Text a, Text b) { return order<padding>(call, a, b); }
  static Text larger(Call& call, Text a, Text b) { return order<padding>(call, a, b) > 0 ? a : b; }
  static Text smaller(Call& call, Text a, Text b) { return order<padding>(call, a, b) < 0 ? a : b; }
};
using Plain = Comparisons<Padding::Text>;
using Padded = Comparisons<Padding::Blanks>;

[[noreturn]] void throw_indeterminate(const char* function) {
  throw SqlError(Sqlstate::IndeterminateCollation, std::string("could not determine which collation to use for ") + function + " function")
      .hint("Use the COLLATE clause to set the collation explicitly.");
}

enum class Case : uint8_t { Lower, Upper, Capital };

template <Case which>
std::string change_case(Call& call, Text text) {
  Oid collation = call.context.site.collation;
  if (collation == types::kIndeterminateCollation) {
    throw_indeterminate(which == Case::Lower ? "lower()" : which == Case::Upper ? "upper()" : "initcap()");
  }
  if (const types::Collator* collator = types::collator(collation, call.types())) {
    return which == Case::Lower ? collator->lower(text) : which == Case::Upper ? collator->upper(text) : collator->capitalize(text);
  }
  // "C" and "POSIX" know the case of ASCII letters only.
  std::string out(text);
  bool in_word = false;
  for (char& c : out) {
    bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
    bool to_upper = which == Case::Upper || (which == Case::Capital && !in_word);
    in_word = lower || upper || (c >= '0' && c <= '9');
    if (to_upper && lower) c = static_cast<char>(c - 32);
    if (!to_upper && upper) c = static_cast<char>(c + 32);
  }
  return out;
}

// In a locale's own case.
template <bool negated>
bool ilike(Call& call, Text text, Text pattern) {
  const types::Collator* collator = types::collator(call.context.site.collation, call.types());
  std::string lowered = collator != nullptr ? collator->lower(pattern) : std::string(pattern);
  return LikePattern(lowered).matches(collator != nullptr ? collator->lower(text) : std::string(text)) != negated;
}

bool changes_case(std::string_view symbol) {
  return symbol == "lower" || symbol == "upper" || symbol == "initcap";
}

struct Collated {
  ScalarKernel kernel;
  bool equality = false;  // of a deterministic collation that of the bytes
};

const std::unordered_map<std::string_view, Collated>& collated_kernels() {
  static const auto& all = *new std::unordered_map<std::string_view, Collated>{
      {"texteq", {kernel<Plain::equal>, true}},
      {"textne", {kernel<Plain::unequal>, true}},
      {"nameeqtext", {kernel<Plain::equal>, true}},
      {"namenetext", {kernel<Plain::unequal>, true}},
      {"texteqname", {kernel<Plain::equal>, true}},
      {"textnename", {kernel<Plain::unequal>, true}},
      {"bpchareq", {kernel<Padded::equal>, true}},
      {"bpcharne", {kernel<Padded::unequal>, true}},
      {"text_lt", {kernel<Plain::less>}},
      {"text_le", {kernel<Plain::less_or_equal>}},
      {"text_gt", {kernel<Plain::greater>}},
      {"text_ge", {kernel<Plain::greater_or_equal>}},
      {"namelt", {kernel<Plain::less>}},
      {"namele", {kernel<Plain::less_or_equal>}},
      {"namegt", {kernel<Plain::greater>}},
      {"namege", {kernel<Plain::greater_or_equal>}},
      {"namelttext", {kernel<Plain::less>}},
      {"nameletext", {kernel<Plain::less_or_equal>}},
      {"namegttext", {kernel<Plain::greater>}},
      {"namegetext", {kernel<Plain::greater_or_equal>}},
      {"textltname", {kernel<Plain::less>}},
      {"textlename", {kernel<Plain::less_or_equal>}},
      {"textgtname", {kernel<Plain::greater>}},
      {"textgename", {kernel<Plain::greater_or_equal>}},
      {"bpcharlt", {kernel<Padded::less>}},
      {"bpcharle", {kernel<Padded::less_or_equal>}},
      {"bpchargt", {kernel<Padded::greater>}},
      {"bpcharge", {kernel<Padded::greater_or_equal>}},
      {"bttextcmp", {kernel<Plain::compare>}},
      {"btnamecmp", {kernel<Plain::compare>}},
      {"btnametextcmp", {kernel<Plain::compare>}},
      {"bttextnamecmp", {kernel<Plain::compare>}},
      {"bpcharcmp", {kernel<Padded::compare>}},
      {"text_larger", {kernel<Plain::larger>}},
      {"text_smaller", {kernel<Plain::smaller>}},
      {"bpchar_larger", {kernel<Padded::larger>}},
      {"bpchar_smaller", {kernel<Padded::smaller>}},
      {"texticlike", {kernel<ilike<false>>}},
      {"texticnlike", {kernel<ilike<true>>}},
      {"nameiclike", {kernel<ilike<false>>}},
      {"nameicnlike", {kernel<ilike<true>>}},
      {"lower", {kernel<change_case<Case::Lower>>}},
      {"upper", {kernel<change_case<Case::Upper>>}},
      {"initcap", {kernel<change_case<Case::Capital>>}},
  };
  return all;
}

// Patterns compare bytes, which a collation that calls different bytes equal cannot do.
void reject_patterns(const Function& function) {
  std::string_view symbol = function.symbol;
  bool like = symbol == "textlike" || symbol == "textnlike" || symbol == "bpcharlike" || symbol == "bpcharnlike" || symbol == "namelike" || symbol == "namenlike";
  bool ilike = symbol == "texticlike" || symbol == "texticnlike" || symbol == "bpchariclike" || symbol == "bpcharicnlike" || symbol == "nameiclike" ||
               symbol == "nameicnlike";
  if (like) throw SqlError(Sqlstate::FeatureNotSupported, "nondeterministic collations are not supported for LIKE");
  if (ilike) throw SqlError(Sqlstate::FeatureNotSupported, "nondeterministic collations are not supported for ILIKE");
  if (symbol.starts_with("textregex") || symbol.starts_with("texticregex") || symbol.starts_with("regexp_")) {
    throw SqlError(Sqlstate::FeatureNotSupported, "nondeterministic collations are not supported for regular expressions");
  }
  if (symbol == "textpos" || symbol == "replace_text" || symbol == "split_part" || symbol == "text_starts_with") {
    throw SqlError(Sqlstate::FeatureNotSupported, "nondeterministic collations are not supported for substring searches");
  }
}

}  // namespace

ScalarKernel collated_kernel(const Function& function, Oid collation, const types::TypeContext& types) {
  if (function.user_defined || collation == kInvalidOid) return function.kernel;
  if (collation == types::kDefaultCollation && types.database_collation == kInvalidOid) return function.kernel;
  bool deterministic = types::is_deterministic(collation);
  if (!deterministic) reject_patterns(function);
  auto found = collated_kernels().find(function.symbol);
  if (found == collated_kernels().end()) return function.kernel;
  if (changes_case(function.symbol)) {
    bool own = collation == types::kIndeterminateCollation || types::is_ascii_only(collation, types) || !types::orders_by_bytes(collation, types);
    return own ? found->second.kernel : function.kernel;
  }
  if (types::orders_by_bytes(collation, types)) return function.kernel;
  if (found->second.equality && deterministic && collation != types::kIndeterminateCollation) return function.kernel;
  return found->second.kernel;
}

}  // namespace aegis::functions
