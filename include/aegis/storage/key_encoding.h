// Keys as byte strings whose memcmp order is the index order.
//
// A column is a marker byte (null, or a value) and the value's bytes; descending columns have the value's bytes
// inverted. Values that compare equal in SQL have equal bytes (1.0 and 1.00, -0 and 0, one month and 30 days), so keys
// serve hashing too; values can't be had back from a key. No encoded column is a proper prefix of another.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/arena.h"
#include "aegis/types/value.h"

namespace aegis::vector {
class Chunk;
}

namespace aegis::storage {

// How a physical value orders.
enum class KeyKind : uint8_t {
  Bool,
  Signed,     // Int8..Int64
  Unsigned,   // Int32 holding an oid, Int64 holding a pg_lsn, Int8 holding a "char"
  Float,      // PostgreSQL's order: NaN is greatest and equals itself
  TimeTz,
  Interval,
  Uuid,
  Numeric,
  Bytes,      // memcmp: text in the C collation, bytea
  PaddedText, // char(n): trailing spaces do not count
  Custom,     // bytes that KeyColumn::sort_key makes
};
KeyKind default_key_kind(types::PhysicalType type);

struct KeyColumn {
  uint32_t column = 0;  // position in the table, or in the chunk being encoded
  types::PhysicalType type{};
  KeyKind kind{};
  bool descending = false;
  bool nulls_first = false;  // as the index stores them: PostgreSQL's default is !descending ? false : true
  // Of Custom: appends bytes whose order is the values'.
  void (*sort_key)(const types::Value& value, Oid type, std::string& out) = nullptr;
  Oid sql_type = kInvalidOid;
};
// Sets how keys of a type are made (type, kind and what Custom needs); false when its order has no such form.
bool set_key_type(KeyColumn& column, Oid type);

void append_key(std::string& out, const KeyColumn& column, const types::Value& value);

// The keys of a chunk's rows.
struct KeyBatch {
  std::vector<std::string_view> keys;  // bytes in `arena`
  std::vector<uint8_t> skipped;        // 1: the row has no entry (a partial index's predicate is not true)
  std::vector<uint8_t> has_null;       // 1: a key column is null (never conflicts, unless NULLS NOT DISTINCT)
  // Of an inverted index, whose rows have any number of keys: the row of each key, ascending. Empty: key i is row i's.
  std::vector<uint32_t> rows;
  Arena arena;
  void clear();
};

// columns[i].column is a position in `chunk`.
void encode_keys(const vector::Chunk& chunk, std::span<const KeyColumn> columns, KeyBatch& out);

// Makes `key` the least string greater than every string it is a prefix of; false when there is none (all 0xff).
bool prefix_successor(std::string& key);

}  // namespace aegis::storage
