// Building an index while others write to its table.
#pragma once

#include "aegis/storage/fwd.h"

namespace aegis::storage {

struct IndexDefinition;
struct TxnContext;

// As Engine::build_index, but the caller's lock lets writers of the table go on. What they write gets its entries from the
// table, as they don't know the index, until every transaction has ended that ran when `txn` commits. Keys are not checked
// for uniqueness on that way: whoever builds a unique index has to see the writers off before it checks.
void build_index_beside_writers(Engine& engine, TxnContext& txn, const IndexDefinition& definition);

}  // namespace aegis::storage
