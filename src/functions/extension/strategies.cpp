#include "extension/strategies.h"

#include "inverted_keys.h"

namespace aegis::functions {

extern const InvertedStrategy kHstoreStrategy;
extern const InvertedStrategy kLtreeStrategy;
extern const InvertedStrategy kTrigramStrategy;

std::span<const InvertedStrategy* const> extension_strategies() {
  static const InvertedStrategy* const kKnown[] = {&kScalarStrategy, &kHstoreStrategy, &kLtreeStrategy, &kTrigramStrategy};
  return kKnown;
}

}  // namespace aegis::functions
