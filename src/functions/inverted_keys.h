// What strategies of inverted indexes build keys and questions of.
#pragma once

#include "aegis/functions/inverted.h"

namespace aegis::functions {

// A letter, bytes cut to a length (zero bytes escaped), an end mark; keys of one letter order as their bytes do.
std::string open_key(char letter, std::string_view bytes);
std::string make_key(char letter, std::string_view bytes);
std::string hash_key(char letter, uint64_t hash);
// Of a value that has nothing to be found by.
const std::string& empty_key();
void append_big_endian(std::string& out, uint64_t number);

InvertedQuery ask_every();
InvertedQuery ask_key(std::string key);
InvertedQuery ask_prefix(std::string key);
InvertedQuery ask_range(std::string from, std::string to);
InvertedQuery ask_join(InvertedQuery::Kind kind, std::vector<InvertedQuery> parts);
InvertedQuery ask_keys(InvertedQuery::Kind kind, const std::vector<std::string>& keys);

// A number that does not decrease where the type's order does not; 0 for types that have none such.
uint64_t ordered_number(const types::Value& value, Oid type);

extern const InvertedStrategy kRangeStrategy;
extern const InvertedStrategy kShapeStrategy;
extern const InvertedStrategy kNetworkStrategy;
extern const InvertedStrategy kScalarStrategy;
extern const InvertedStrategy kTextStrategy;
extern const InvertedStrategy kVectorStrategy;
extern const InvertedStrategy kQueryStrategy;

}  // namespace aegis::functions
