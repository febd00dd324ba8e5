// Quicksort with three-way partitioning (Bentley and McIlroy, "Engineering a Sort Function", 1993): equal elements are put
// together at once, and an input in order is noticed. It is not stable; with the pivots chosen as PostgreSQL chooses them,
// rows of equal keys come out in the order that PostgreSQL gives them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

namespace aegis::executor {

// `compare(x, y)` is negative, zero or positive.
template <typename T, typename Compare>
class Quicksort {
 public:
  explicit Quicksort(Compare compare) : compare_(std::move(compare)) {}

  void sort(T* first, size_t count) {
    constexpr size_t kInsertionBelow = 7;
    constexpr size_t kNinthsAbove = 40;
    while (count > 1) {
      if (in_order(first, count)) return;
      if (count < kInsertionBelow) return insertion_sort(first, count);
      T* middle = first + count / 2;
      if (count > kInsertionBelow) {
        T* left = first;
        T* right = first + count - 1;
        if (count > kNinthsAbove) {
          size_t step = count / 8;
          left = median(left, left + step, left + 2 * step);
          middle = median(middle - step, middle, middle + step);
          right = median(right - 2 * step, right - step, right);
        }
        middle = median(left, middle, right);
      }
      std::swap(*first, *middle);
      // Equal ones are gathered at both ends, then brought to the middle.
      T* equal_left = first + 1;
      T* low = first + 1;
      T* high = first + count - 1;
      T* equal_right = high;
      for (;;) {
        for (int order; low <= high && (order = compare_(*low, *first)) <= 0; ++low) {
          if (order == 0) std::swap(*equal_left++, *low);
        }
        for (int order; low <= high && (order = compare_(*high, *first)) >= 0; --high) {
          if (order == 0) std::swap(*high, *equal_right--);
        }
        if (low > high) break;
        std::swap(*low++, *high--);
      }
      T* end = first + count;
      exchange(first, low, std::min(equal_left - first, low - equal_left));
      exchange(low, end, std::min(equal_right - high, end - equal_right - 1));
      auto less = static_cast<size_t>(low - equal_left);
      auto more = static_cast<size_t>(equal_right - high);
      // The smaller part by recursion, so that its depth stays small.
      if (less <= more) {
        sort(first, less);
        first = end - more;
        count = more;
      } else {
        sort(end - more, more);
        count = less;
      }
    }
  }

 private:
  bool in_order(const T* first, size_t count) {
    for (size_t i = 1; i < count; ++i) {
      if (compare_(first[i - 1], first[i]) > 0) return false;
    }
    return true;
  }
  void insertion_sort(T* first, size_t count) {
    for (T* next = first + 1; next < first + count; ++next) {
      for (T* at = next; at > first && compare_(at[-1], *at) > 0; --at) std::swap(at[-1], *at);
    }
  }
  T* median(T* a, T* b, T* c) {
    if (compare_(*a, *b) < 0) return compare_(*b, *c) < 0 ? b : compare_(*a, *c) < 0 ? c : a;
    return compare_(*b, *c) > 0 ? b : compare_(*a, *c) < 0 ? a : c;
  }
  // The first `count` from `first` with the last `count` before `end`.
  static void exchange(T* first, T* end, ptrdiff_t count) { std::swap_ranges(first, first + count, end - count); }

  Compare compare_;
};

}  // namespace aegis::executor
