// Ranges and multiranges as values. A range is a String value of these bytes:
//
//   0  u32  the range type's OID
//   4  u8   flags: 1 empty, 2 lower inclusive, 4 upper inclusive, 8 lower infinite, 16 upper infinite
//   5  …    the lower, then the upper bound, each when finite and the range not empty: u32 size, then a slot for
//           fixed-size subtypes, the text for String, for Numeric a slot followed by the magnitude
//
// A multirange is the multirange type's OID, a u32 count, and for each range u32 size and bytes; the ranges are not
// empty, in order, and neither overlap nor touch. Numbers are little endian and unaligned. Ranges of discrete
// subtypes are kept in the form [ ).
#pragma once

#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

struct RangeBound {
  Value value;
  bool infinite = true;
  bool inclusive = false;
  bool lower = true;
};

// Borrows the bytes it was read from.
struct Range {
  bool empty = false;
  RangeBound lower;
  RangeBound upper;
};

Range read_range(std::string_view bytes);
Oid range_type_of(std::string_view bytes);
// Checks the order of the bounds (22000) and brings discrete ranges to their canonical form.
Range make_range(Oid range_type, RangeBound lower, RangeBound upper);
Value range_value(Oid range_type, const Range& range, Arena& arena);

int compare_bounds(Oid range_type, const RangeBound& a, const RangeBound& b);
// By value alone, ignoring inclusiveness.
int compare_bound_values(Oid range_type, const RangeBound& a, const RangeBound& b);
int compare_ranges(Oid range_type, const Range& a, const Range& b);
// Whether upper bound `a` and lower bound `b` touch without a gap and without sharing a value.
bool bounds_adjacent(Oid range_type, const RangeBound& a, const RangeBound& b);

std::vector<Range> read_multirange(std::string_view bytes);
// Sorts and merges.
Value multirange_value(Oid multirange_type, std::vector<Range> ranges, Arena& arena);

}  // namespace aegis::types
