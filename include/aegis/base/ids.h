// Strong identifiers: two kinds of number that must not be mixed up are two types.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace aegis {

// PostgreSQL's object identifier. A plain integer, since users compute with it.
using Oid = uint32_t;
inline constexpr Oid kInvalidOid = 0;
// PostgreSQL's FirstNormalObjectId: objects made by users start here.
inline constexpr Oid kFirstNormalOid = 16384;

template <typename Tag, typename Rep>
struct StrongId {
  Rep value{};
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

using TableId = StrongId<struct TableIdTag, uint32_t>;
using IndexId = StrongId<struct IndexIdTag, uint32_t>;
// Stable for a row's life, unique in its table, allocated in increasing order from 1.
using RowId = StrongId<struct RowIdTag, uint64_t>;
// A byte position in the write-ahead log.
using Lsn = StrongId<struct LsnTag, uint64_t>;
using TxnId = StrongId<struct TxnIdTag, uint64_t>;

}  // namespace aegis

template <typename Tag, typename Rep>
struct std::hash<aegis::StrongId<Tag, Rep>> {
  size_t operator()(aegis::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>()(id.value); }
};
