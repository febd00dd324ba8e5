// Comparison kernels of one pair of slot types, by operators of the values or by a three-way function.
#pragma once

#include "call.h"

namespace aegis::functions {

template <typename A, typename B>
bool is_equal(A a, B b) {
  return a == b;
}
template <typename A, typename B>
bool is_unequal(A a, B b) {
  return a != b;
}
template <typename A, typename B>
bool is_less(A a, B b) {
  return a < b;
}
template <typename A, typename B>
bool is_less_or_equal(A a, B b) {
  return a <= b;
}
template <typename A, typename B>
bool is_greater(A a, B b) {
  return a > b;
}
template <typename A, typename B>
bool is_greater_or_equal(A a, B b) {
  return a >= b;
}
template <typename A, typename B>
int32_t order_of(A a, B b) {
  return a < b ? -1 : a > b;
}
template <typename A>
A larger(A a, A b) {
  return a > b ? a : b;
}
template <typename A>
A smaller(A a, A b) {
  return a < b ? a : b;
}

// By a function int(const A&, const B&) that orders.
template <auto Order, typename A, typename B = A>
struct Ordered {
  static bool equal(const A& a, const B& b) { return Order(a, b) == 0; }
  static bool unequal(const A& a, const B& b) { return Order(a, b) != 0; }
  static bool less(const A& a, const B& b) { return Order(a, b) < 0; }
  static bool less_or_equal(const A& a, const B& b) { return Order(a, b) <= 0; }
  static bool greater(const A& a, const B& b) { return Order(a, b) > 0; }
  static bool greater_or_equal(const A& a, const B& b) { return Order(a, b) >= 0; }
  static int32_t order(const A& a, const B& b) {
    int result = Order(a, b);
    return result < 0 ? -1 : result > 0;
  }
  static A larger(const A& a, const A& b) { return Order(a, b) >= 0 ? a : b; }
  static A smaller(const A& a, const A& b) { return Order(a, b) <= 0 ? a : b; }
};

// NaN is equal to itself and greater than every number.
inline int order_doubles(const double& a, const double& b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  return int{a != a} - int{b != b};
}

}  // namespace aegis::functions
