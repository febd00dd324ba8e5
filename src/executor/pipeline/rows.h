// Rows kept by operators (hash tables, sorts): fixed-offset slots behind a header, strings in an arena.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "aegis/base/arena.h"
#include "aegis/vector/vector.h"

namespace aegis::executor {

using types::PhysicalType;
using vector::Chunk;
using vector::Vector;
using vector::VectorView;

// Offsets of a row: `header` bytes for the owner, one null byte a column, then the slots.
class RowLayout {
 public:
  RowLayout() = default;
  RowLayout(std::vector<Oid> types, std::vector<PhysicalType> physical, size_t header_bytes);

  size_t column_count() const { return types_.size(); }
  size_t row_bytes() const { return row_bytes_; }
  size_t offset(size_t column) const { return offsets_[column]; }
  Oid type(size_t column) const { return types_[column]; }
  PhysicalType physical(size_t column) const { return physical_[column]; }
  bool is_null(const std::byte* row, size_t column) const { return row[null_at_ + column] != std::byte{0}; }
  void set_null(std::byte* row, size_t column, bool null) const { row[null_at_ + column] = std::byte{null}; }
  std::byte* slot(std::byte* row, size_t column) const { return row + offsets_[column]; }
  const std::byte* slot(const std::byte* row, size_t column) const { return row + offsets_[column]; }
  types::Value get(const std::byte* row, size_t column) const {
    return is_null(row, column) ? types::Value::null() : types::load_slot(physical_[column], slot(row, column));
  }

  // Writes value i of `source` to the row's column, bytes to `arena`.
  void store(std::byte* row, size_t column, const VectorView& source, size_t i, Arena& arena) const;
  // Writes a whole column for many rows.
  void store_column(std::byte* const* rows, size_t count, size_t column, const Vector& source, const uint32_t* selection, Arena& arena) const;
  // Reads a column of many rows; a null row pointer gives null. Bytes are borrowed.
  void gather(const std::byte* const* rows, size_t count, size_t column, Vector& target) const;

 private:
  std::vector<Oid> types_;
  std::vector<PhysicalType> physical_;
  std::vector<size_t> offsets_;
  size_t null_at_ = 0;
  size_t row_bytes_ = 0;
};

// Is value i of a vector equal to a row's column, both not null?
using SlotEquality = bool (*)(const VectorView& values, size_t i, const std::byte* slot, Oid type);
// For values of `type` (physical `probe`) against slots of physical type `stored`; integers may differ in width.
SlotEquality slot_equality(Oid type, PhysicalType probe, PhysicalType stored);

// An append-only list of chunks, to be read again any number of times.
class ChunkList {
 public:
  void append(const Chunk& chunk);
  size_t row_count() const { return rows_; }
  size_t chunk_count() const { return chunks_.size(); }
  const Chunk& chunk(size_t i) const { return *chunks_[i]; }
  void clear();
  void take(ChunkList& other);  // appends other's chunks without copying

 private:
  std::vector<std::unique_ptr<Chunk>> chunks_;
  size_t rows_ = 0;
};

}  // namespace aegis::executor
