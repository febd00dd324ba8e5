#include "binding.h"
#include "compare.h"
#include "text_order.h"

namespace aegis::functions {

namespace {

using Order = Ordered<order_strings, StringView>;
using Padded = Ordered<order_blank_padded, StringView>;

bool same(const StringView& a, const StringView& b) { return a == b; }
bool different(const StringView& a, const StringView& b) { return !(a == b); }

constexpr ScalarBinding kBindings[] = {
    {"nameeq", kernel<same>},
    {"namene", kernel<different>},
    {"namelt", kernel<Order::less>},
    {"namele", kernel<Order::less_or_equal>},
    {"namegt", kernel<Order::greater>},
    {"namege", kernel<Order::greater_or_equal>},
    {"byteaeq", kernel<same>},
    {"byteane", kernel<different>},
    {"bytealt", kernel<Order::less>},
    {"byteale", kernel<Order::less_or_equal>},
    {"byteagt", kernel<Order::greater>},
    {"byteage", kernel<Order::greater_or_equal>},
    {"nameeqtext", kernel<same>},
    {"namenetext", kernel<different>},
    {"namelttext", kernel<Order::less>},
    {"nameletext", kernel<Order::less_or_equal>},
    {"namegttext", kernel<Order::greater>},
    {"namegetext", kernel<Order::greater_or_equal>},
    {"texteqname", kernel<same>},
    {"textnename", kernel<different>},
    {"textltname", kernel<Order::less>},
    {"textlename", kernel<Order::less_or_equal>},
    {"textgtname", kernel<Order::greater>},
    {"textgename", kernel<Order::greater_or_equal>},
    {"texteq", kernel<same>},
    {"textne", kernel<different>},
    {"text_lt", kernel<Order::less>},
    {"text_pattern_lt", kernel<Order::less>},
    {"text_le", kernel<Order::less_or_equal>},
    {"text_pattern_le", kernel<Order::less_or_equal>},
    {"text_gt", kernel<Order::greater>},
    {"text_pattern_gt", kernel<Order::greater>},
    {"text_ge", kernel<Order::greater_or_equal>},
    {"text_pattern_ge", kernel<Order::greater_or_equal>},
    {"bpchareq", kernel<Padded::equal>},
    {"bpcharne", kernel<Padded::unequal>},
    {"bpcharlt", kernel<Padded::less>},
    {"bpcharle", kernel<Padded::less_or_equal>},
    {"bpchargt", kernel<Padded::greater>},
    {"bpcharge", kernel<Padded::greater_or_equal>},
    {"bpchar_larger", kernel<Padded::larger>},
    {"bpchar_smaller", kernel<Padded::smaller>},
    {"bpchar_pattern_lt", kernel<Padded::less>},
    {"bpchar_pattern_le", kernel<Padded::less_or_equal>},
    {"bpchar_pattern_gt", kernel<Padded::greater>},
    {"bpchar_pattern_ge", kernel<Padded::greater_or_equal>},
    {"bttextcmp", kernel<Order::order>},
    {"btnamecmp", kernel<Order::order>},
    {"btnametextcmp", kernel<Order::order>},
    {"bttextnamecmp", kernel<Order::order>},
    {"byteacmp", kernel<Order::order>},
    {"bttext_pattern_cmp", kernel<Order::order>},
    {"bpcharcmp", kernel<Padded::order>},
    {"btbpchar_pattern_cmp", kernel<Padded::order>},
    {"text_larger", kernel<Order::larger>},
    {"text_smaller", kernel<Order::smaller>},
};

}  // namespace

std::span<const ScalarBinding> text_comparison_bindings() { return kBindings; }

}  // namespace aegis::functions
