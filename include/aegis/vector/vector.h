// Vectors and chunks: what flows between operators.
//
// A Vector is a column of up to `capacity` values in one of three forms: flat (value i is slot i), constant
// (every value is slot 0) and dictionary (value i is slot selection[i] of another vector's data). Kernels read
// any form through a VectorView and write flat or constant results.
//
// Ownership: a vector owns a slot buffer, a validity mask and a heap for out-of-line bytes, all reused from
// chunk to chunk. reference() and slice() borrow another vector's memory: they are valid until that vector is
// written again. Whoever keeps rows past the next chunk copies them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aegis/base/arena.h"
#include "aegis/types/type.h"
#include "aegis/types/value.h"

namespace aegis::vector {

using types::PhysicalType;
using types::Value;

// The most rows a chunk may have; buffers are of this size.
inline constexpr size_t kMaxChunkRows = 2048;
// Rows per chunk that sources produce: kMaxChunkRows, or fewer to test boundaries (set once at start).
size_t chunk_rows();
void set_chunk_rows(size_t rows);

// Bit i set means value i is not null. A null pointer means no nulls.
inline bool valid_at(const uint64_t* validity, size_t i) {
  return validity == nullptr || ((validity[i >> 6] >> (i & 63)) & 1) != 0;
}
inline constexpr size_t kValidityWords = kMaxChunkRows / 64;

using Selection = std::vector<uint32_t>;

// Uniform read access to a vector: value i is slot index(i) of data.
struct VectorView {
  const std::byte* bytes;
  const uint32_t* selection;  // null: identity
  const uint64_t* validity;   // by slot, null: no nulls

  size_t index(size_t i) const { return selection == nullptr ? i : selection[i]; }
  bool valid(size_t i) const { return valid_at(validity, index(i)); }
  template <typename T>
  const T* data() const { return reinterpret_cast<const T*>(bytes); }
  template <typename T>
  const T& at(size_t i) const { return data<T>()[index(i)]; }
};

// Memory of a vector, taken from and given back to a pool of the thread: vectors come and go with every statement.
struct BufferDeleter {
  size_t bytes = 0;
  void operator()(std::byte* data) const;
};
using Buffer = std::unique_ptr<std::byte[], BufferDeleter>;
Buffer make_buffer(size_t bytes);

class Vector {
 public:
  enum class Form : uint8_t { Flat, Constant, Dictionary };

  explicit Vector(Oid type);
  // For types whose physical type the registry does not know (user-defined ones).
  Vector(Oid type, PhysicalType physical);
  Vector(Vector&&) noexcept = default;
  Vector& operator=(Vector&&) noexcept = default;

  Oid type() const { return type_; }
  PhysicalType physical() const { return physical_; }
  Form form() const { return form_; }
  bool is_constant() const { return form_ == Form::Constant; }

  // --- Writing -------------------------------------------------------------------------------------------
  // Makes the vector flat, without nulls and with an empty heap, and returns its slots to fill.
  template <typename T>
  T* start() {
    reset();
    return reinterpret_cast<T*>(own_slots());
  }
  void reset();
  // The slots of a flat vector that owns its data.
  template <typename T>
  T* slots() { return reinterpret_cast<T*>(own_slots()); }
  // Mark value i null (flat) or not null.
  void set_null(size_t i);
  void set_valid(size_t i);
  // The mask to write (allocated all-valid when absent).
  uint64_t* own_validity();
  void set_constant(const Value& value);
  void set_constant_null() { set_constant(Value::null()); }
  // Writes value i of a flat vector, copying out-of-line bytes to the heap.
  void set(size_t i, const Value& value);
  // Out-of-line bytes written by a kernel go here; freed by reset().
  Arena& heap() { return heap_; }
  // Copies `text` to the heap unless it fits inline.
  types::StringView store(std::string_view text) {
    return types::StringView(text.size() <= types::StringView::kInlineBytes ? text : heap_.copy(text));
  }
  // Copies values [0, count) of source, by `selection` if not null, to slots [offset, offset + count).
  void copy(const Vector& source, const uint32_t* selection, size_t count, size_t offset);

  // --- Borrowing -----------------------------------------------------------------------------------------
  void reference(const Vector& other);
  // Value i becomes other's value selection[i]. The selection is copied or composed.
  void slice(const Vector& other, const uint32_t* selection, size_t count);
  // Borrow foreign flat memory (a column chunk in the buffer pool, say).
  void borrow(const std::byte* slots, const uint64_t* validity);
  void flatten(size_t count);

  // --- Reading -------------------------------------------------------------------------------------------
  VectorView view() const;
  bool has_nulls() const { return validity_ != nullptr; }
  bool is_null(size_t i) const { return !view().valid(i); }
  // Borrows out-of-line bytes.
  Value get(size_t i) const;

 private:
  std::byte* own_slots();

  Oid type_;
  PhysicalType physical_;
  Form form_ = Form::Flat;
  const std::byte* data_ = nullptr;
  const uint64_t* validity_ = nullptr;
  const uint32_t* selection_ = nullptr;
  uint64_t* validity_words() const { return reinterpret_cast<uint64_t*>(validity_buffer_.get()); }
  uint32_t* selection_rows() const { return reinterpret_cast<uint32_t*>(selection_buffer_.get()); }

  Buffer slot_buffer_;
  Buffer validity_buffer_;
  Buffer selection_buffer_;
  Arena heap_;
};

// Columns of equal length.
class Chunk {
 public:
  Chunk() = default;
  explicit Chunk(std::span<const Oid> types);
  explicit Chunk(std::span<const types::Type> types);

  void add_column(Oid type) { columns_.emplace_back(type); }
  void add_column(Oid type, PhysicalType physical) { columns_.emplace_back(type, physical); }
  size_t column_count() const { return columns_.size(); }
  Vector& column(size_t i) { return columns_[i]; }
  const Vector& column(size_t i) const { return columns_[i]; }
  size_t size() const { return size_; }
  void set_size(size_t size) { size_ = size; }
  bool empty() const { return size_ == 0; }
  // Empties every column for the next rows.
  void reset();
  // Keeps only the selected rows (dictionary form; nothing is copied).
  void slice(const uint32_t* selection, size_t count);
  // Becomes a view of `other`'s rows.
  void reference(const Chunk& other);
  void slice_of(const Chunk& other, const uint32_t* selection, size_t count);
  // Copies rows of other behind the rows here; returns how many fitted.
  size_t append(const Chunk& other, size_t from = 0);

 private:
  std::vector<Vector> columns_;
  size_t size_ = 0;
};

// hashes[i] = hash of value i (combined into the earlier hashes[i] when `combine`). Null hashes to a constant.
// Equal by the type's default equality means equal hash.
enum class HashMode : uint8_t { Set, Combine };
void hash_vector(const Vector& vector, size_t count, HashMode mode, uint64_t* hashes);

}  // namespace aegis::vector
