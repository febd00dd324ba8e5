#pragma once

#include <array>
#include <string_view>

#include "aegis/types/text_search.h"

namespace aegis::functions::text_search {

// Of D, C, B and A.
using RankWeights = std::array<float, 4>;
inline constexpr RankWeights kRankWeights = {0.1f, 0.2f, 0.4f, 1.0f};

// `method`: bits that say what the result is divided by.
float rank(const RankWeights& weights, std::string_view vector, const types::TsNode* query, int method);
float rank_by_covers(const RankWeights& weights, std::string_view vector, const types::TsNode* query, int method);

}  // namespace aegis::functions::text_search
