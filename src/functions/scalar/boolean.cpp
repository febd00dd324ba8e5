#include "binding.h"
#include "compare.h"

namespace aegis::functions {

namespace {

constexpr ScalarBinding kBindings[] = {
    {"booleq", kernel<is_equal<bool, bool>>},
    {"boolne", kernel<is_unequal<bool, bool>>},
    {"boollt", kernel<is_less<bool, bool>>},
    {"boolle", kernel<is_less_or_equal<bool, bool>>},
    {"boolgt", kernel<is_greater<bool, bool>>},
    {"boolge", kernel<is_greater_or_equal<bool, bool>>},
    {"btboolcmp", kernel<order_of<bool, bool>>},
    {"booland_statefunc", kernel<[](bool a, bool b) { return a && b; }>},
    {"boolor_statefunc", kernel<[](bool a, bool b) { return a || b; }>},
    {"bool_int4", kernel<[](bool a) { return int32_t{a}; }>},
    {"int4_bool", kernel<[](int32_t a) { return a != 0; }>},
    {"booltext", kernel<[](bool a) { return a ? Text("true") : Text("false"); }>},
};

}  // namespace

std::span<const ScalarBinding> boolean_bindings() { return kBindings; }

}  // namespace aegis::functions
