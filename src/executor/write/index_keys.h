#pragma once

#include "aegis/executor/executor.h"
#include "aegis/storage/index.h"

namespace aegis::executor {

// Keys of rows given with all of the table's columns.
void index_keys(const storage::IndexDefinition& definition, const Chunk& rows, const ExecutionContext& context, storage::KeyBatch& out);
// Of rows that are to be written: an expression that fails is the user's error.
void new_index_keys(const storage::IndexDefinition& definition, const Chunk& rows, const ExecutionContext& context, storage::KeyBatch& out);

}  // namespace aegis::executor
