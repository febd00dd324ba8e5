// citext: comparisons of text without regard to case.
#include "call.h"
#include "extension/bindings.h"
#include "unicode.h"

namespace aegis::functions {
namespace {

int compare(Text a, Text b) { return lower(a).compare(lower(b)); }

constexpr ScalarBinding kBindings[] = {
    {"citextin", kernel<[](Text a) { return a; }>},
    {"citextout", kernel<[](Text a) { return a; }>},
    {"citext_eq", kernel<[](Text a, Text b) { return compare(a, b) == 0; }>},
    {"citext_ne", kernel<[](Text a, Text b) { return compare(a, b) != 0; }>},
    {"citext_lt", kernel<[](Text a, Text b) { return compare(a, b) < 0; }>},
    {"citext_le", kernel<[](Text a, Text b) { return compare(a, b) <= 0; }>},
    {"citext_gt", kernel<[](Text a, Text b) { return (compare(a, b) > 0); }>},
    {"citext_ge", kernel<[](Text a, Text b) { return (compare(a, b) >= 0); }>},
    {"citext_cmp", kernel<[](Text a, Text b) {
       int order = compare(a, b);
       return static_cast<int32_t>(order < 0 ? -1 : (order > 0 ? 1 : 0));
     }>},
    {"citext_smaller", kernel<[](Text a, Text b) { return compare(a, b) < 0 ? a : b; }>},
    {"citext_larger", kernel<[](Text a, Text b) { return (compare(a, b) > 0) ? a : b; }>},
};

}  // namespace

std::span<const ScalarBinding> citext_bindings() { return kBindings; }

}  // namespace aegis::functions
