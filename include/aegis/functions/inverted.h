// Indexes whose rows have any number of keys (GIN, GiST, SP-GiST): the keys of a value, and what an operator asks of
// them. Answers may hold too many rows, never too few: each row is checked again.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::functions {

struct InvertedQuery {
  enum class Kind : uint8_t {
    None,     // no row
    Every,    // any row
    Key,
    Prefix,   // any key that begins so
    Range,    // any key from `key` on and before `upper`
    All, Any  // of `parts`
  };
  Kind kind = Kind::None;
  std::string key;
  std::string upper = {};
  std::vector<InvertedQuery> parts = {};
};

// How the keys of a kind of values are made. Types are those below domains.
struct InvertedStrategy {
  std::string_view symbol;  // of the support function that stands for it in operator classes of extensions
  // Appends keys of a value that is not null; none is a prefix of another. Without any the value gets one of its own.
  void (*keys)(const types::Value& value, Oid type, std::vector<std::string>& keys);
  // Whether "key operator value-of-type" is answered.
  bool (*answers)(std::string_view operator_name, Oid query_type, Oid key_type);
  // `query` is not null.
  InvertedQuery (*query)(std::string_view operator_name, Oid query_type, Oid key_type, const types::Value& query);
};

// Built-in operator classes, with PostgreSQL's OIDs.
struct InvertedClass {
  Oid oid;
  std::string_view method;
  std::string_view name;
  Oid input;  // anyarray for arrays, anyrange and anymultirange
  bool is_default;
  const InvertedStrategy* strategy;
};
std::span<const InvertedClass> inverted_classes();
const InvertedClass* find_inverted_class(Oid oid);
// Whether the class is for values of the type.
bool accepts(const InvertedClass& known, Oid type);
// Null when `type` has none.
const InvertedClass* default_inverted_class(std::string_view method, Oid type);
// By its symbol; null if there is none.
const InvertedStrategy* find_inverted_strategy(std::string_view symbol);

bool is_inverted_method(std::string_view method);

// Appends the sorted keys of a value that is not null: at least one.
void inverted_keys(const InvertedStrategy& strategy, const types::Value& value, Oid type, std::vector<std::string>& keys);

}  // namespace aegis::functions
