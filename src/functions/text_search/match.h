// Whether a document has what a tsquery asks for.
//
// Answers have three values: Maybe where a phrase cannot be decided without places.
#pragma once

#include <vector>

#include "aegis/types/text_search.h"

namespace aegis::functions::text_search {

enum class Match : uint8_t { No, Yes, Maybe };

// Where something matches: places of its last word, and how many places it is wide besides. `negated`: everywhere but
// there.
struct Places {
  std::vector<int> at;
  bool negated = false;
  int width = 0;
};

class MatchSource {
 public:
  virtual ~MatchSource() = default;
  // Whether the word is there. `places` is null where they do not matter; Maybe when they do and are not known.
  virtual Match word(const types::TsNode& node, Places* places) = 0;
};

// `without_places`: phrases that cannot be decided are Maybe, otherwise No.
Match match(const types::TsNode& query, MatchSource& source, bool without_places = false);

class VectorSource : public MatchSource {
 public:
  explicit VectorSource(types::TsVectorView vector) : vector_(vector) {}
  Match word(const types::TsNode& node, Places* places) override;

 private:
  Match entry(uint32_t i, const types::TsNode& node, Places* places) const;
  types::TsVectorView vector_;
};

}  // namespace aegis::functions::text_search
