#pragma once

#include <memory>

#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "aegis/txn/transaction_manager.h"
#include "aegis/vector/vector.h"

namespace aegis::txn {

struct Fixture {
  std::unique_ptr<os::FileSystem> files = os::make_memory_file_system();
  std::unique_ptr<storage::Engine> engine = storage::Engine::open(*files, "data", {});
  TransactionManager manager{*engine};
};

// A chunk of one int8 column.
inline vector::Chunk numbers(std::initializer_list<int64_t> values) {
  vector::Chunk chunk;
  chunk.add_column(kInvalidOid, types::PhysicalType::Int64);
  chunk.reset();
  size_t i = 0;
  for (int64_t value : values) chunk.column(0).set(i++, types::Value::of_i64(value));
  chunk.set_size(i);
  return chunk;
}

}  // namespace aegis::txn
