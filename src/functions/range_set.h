// Ranges and multiranges as lists of ranges: what their operators share.
#pragma once

#include "aegis/types/range.h"
#include "call.h"

namespace aegis::functions {

using types::Range;
using types::RangeBound;
using RangeList = std::vector<Range>;

bool ranges_overlap(Oid type, const Range& a, const Range& b);
bool range_contains(Oid type, const Range& a, const Range& b);
bool range_contains_value(Oid type, const Range& range, const Value& value);
bool ranges_adjacent(Oid type, const Range& a, const Range& b);
Range intersect_ranges(Oid type, const Range& a, const Range& b);
// Appends what is left of `a` without `b`.
void subtract_range(Oid type, const Range& a, const Range& b, RangeList& out);
RangeList intersect_lists(Oid type, const RangeList& a, const RangeList& b);

// A range as a list of itself, an empty one as the empty list.
RangeList list_of(const Range& range);

}  // namespace aegis::functions
