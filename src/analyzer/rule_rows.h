// How FROM knows the rows of OLD and NEW that rules.cpp puts there: their columns are only seen with the table's name. It is
// said by the location of their alias, which no written one has.
#pragma once

namespace aegis::analyzer {

inline constexpr int kRuleRowsLocation = -7001;

}  // namespace aegis::analyzer
