// Inverted indexes (GIN): the keys of a value, and what an operator asks of them. Answers may hold too many rows, never
// too few: each row is checked again.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::functions {

// Operator classes have PostgreSQL's OIDs.
struct InvertedClass {
  Oid oid;
  std::string_view name;
  Oid input;  // anyarray for arrays
  bool is_default;
};
std::span<const InvertedClass> inverted_classes();
const InvertedClass* find_inverted_class(Oid oid);
// Null when `type` has none.
const InvertedClass* default_inverted_class(Oid type);

// Appends the keys of a value that is not null: at least one. No key is a prefix of another.
void inverted_keys(Oid opclass, const types::Value& value, std::vector<std::string>& keys);

struct InvertedQuery {
  enum class Kind : uint8_t {
    None,     // no row
    Every,    // any row
    Key,
    Prefix,   // any key that begins so
    All, Any  // of `parts`
  };
  Kind kind = Kind::None;
  std::string key;
  std::vector<InvertedQuery> parts;
};
// Whether the class answers "key operator value-of-type".
bool is_invertible(Oid opclass, std::string_view operator_name, Oid query_type);
// `query` is not null.
InvertedQuery inverted_query(Oid opclass, std::string_view operator_name, Oid query_type, const types::Value& query);

}  // namespace aegis::functions
