#include "aegis/vector/vector.h"

#include <atomic>
#include <numeric>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"

namespace aegis::vector {
namespace {

std::atomic<size_t> rows_per_chunk{kMaxChunkRows};

// What a constant vector's selection points at.
const uint32_t kZeroSelection[kMaxChunkRows] = {};

void copy_slots(PhysicalType physical, std::byte* target, const std::byte* source, const uint32_t* index, size_t count) {
  auto gather = [&]<typename T>(T) {
    T* out = reinterpret_cast<T*>(target);
    const T* in = reinterpret_cast<const T*>(source);
    for (size_t i = 0; i < count; ++i) out[i] = in[index[i]];
  };
  struct Sixteen {
    uint64_t a, b;
  };
  switch (types::physical_size(physical)) {
    case 1: return gather(uint8_t{});
    case 2: return gather(uint16_t{});
    case 4: return gather(uint32_t{});
    case 8: return gather(uint64_t{});
    default: return gather(Sixteen{});
  }
}

}  // namespace

namespace {

// Buffers kept for reuse, by size in 256-byte powers of two. A buffer given back after its thread's pool has gone is freed.
class BufferPool {
 public:
  static constexpr size_t kClasses = 8;
  static constexpr size_t kKept = 64;
  ~BufferPool();
  std::vector<std::byte*> free[kClasses];
};

thread_local BufferPool* current_pool = nullptr;
thread_local bool pool_gone = false;

BufferPool::~BufferPool() {
  current_pool = nullptr;
  pool_gone = true;
  for (auto& list : free) {
    for (auto* data : list) delete[] data;
  }
}

BufferPool* pool() {
#if defined(__SANITIZE_ADDRESS__)
  return nullptr;  // so that a use after free is seen
#else
  if (current_pool == nullptr && !pool_gone) {
    thread_local BufferPool own;
    current_pool = &own;
  }
  return current_pool;
#endif
}

size_t size_class(size_t bytes) {
  size_t number = 0;
  while ((size_t{256} << number) < bytes) ++number;
  return number;
}

}  // namespace

Buffer make_buffer(size_t bytes) {
  size_t number = size_class(bytes);
  size_t rounded = size_t{256} << number;
  BufferPool* buffers = number < BufferPool::kClasses ? pool() : nullptr;
  if (buffers != nullptr && !buffers->free[number].empty()) {
    std::byte* data = buffers->free[number].back();
    buffers->free[number].pop_back();
    return Buffer(data, BufferDeleter{rounded});
  }
  return Buffer(new std::byte[rounded], BufferDeleter{rounded});
}

void BufferDeleter::operator()(std::byte* data) const {
  size_t number = size_class(bytes);
  BufferPool* buffers = number < BufferPool::kClasses ? pool() : nullptr;
  if (buffers != nullptr && buffers->free[number].size() < BufferPool::kKept) {
    buffers->free[number].push_back(data);
  } else {
    delete[] data;
  }
}

size_t chunk_rows() { return rows_per_chunk.load(std::memory_order_relaxed); }

void set_chunk_rows(size_t rows) {
  AEGIS_CHECK(rows >= 1 && rows <= kMaxChunkRows);
  rows_per_chunk = rows;
}

Vector::Vector(Oid type) : Vector(type, types::physical_type(type)) {}

Vector::Vector(Oid type, PhysicalType physical) : type_(type), physical_(physical) {}

std::byte* Vector::own_slots() {
  if (!slot_buffer_) {
    slot_buffer_ = make_buffer(kMaxChunkRows * types::physical_size(physical_));
  }
  data_ = slot_buffer_.get();
  return slot_buffer_.get();
}

void Vector::reset() {
  form_ = Form::Flat;
  validity_ = nullptr;
  selection_ = nullptr;
  heap_.reset();
  own_slots();
}

uint64_t* Vector::own_validity() {
  if (validity_ == nullptr || validity_ != validity_words()) {
    if (!validity_buffer_) validity_buffer_ = make_buffer(kValidityWords * sizeof(uint64_t));
    std::memset(validity_buffer_.get(), 0xff, kValidityWords * sizeof(uint64_t));
    validity_ = validity_words();
  }
  return validity_words();
}

void Vector::set_null(size_t i) {
  own_validity()[i >> 6] &= ~(uint64_t{1} << (i & 63));
  // A defined slot, so that kernels may compute on it without harm.
  std::memset(slot_buffer_.get() + i * types::physical_size(physical_), 0, types::physical_size(physical_));
}

void Vector::set_valid(size_t i) {
  if (validity_ != nullptr) own_validity()[i >> 6] |= uint64_t{1} << (i & 63);
}

void Vector::set_constant(const Value& value) {
  // `value` may live in this vector's own heap.
  Arena keep;
  Value copy = types::copy_value(physical_, value, keep);
  reset();
  set(0, copy);
  form_ = Form::Constant;
  selection_ = kZeroSelection;
}

void Vector::set(size_t i, const Value& value) {
  if (value.is_null) return set_null(i);
  set_valid(i);
  if (!slot_buffer_) own_slots();  // never reset before
  Value copy = types::copy_value(physical_, value, heap_);
  types::store_slot(physical_, copy, slot_buffer_.get() + i * types::physical_size(physical_));
}

void Vector::copy(const Vector& source, const uint32_t* selection, size_t count, size_t offset) {
  AEGIS_CHECK(physical_ == source.physical_ && offset + count <= kMaxChunkRows);
  size_t width = types::physical_size(physical_);
  VectorView from = source.view();
  std::byte* target = slot_buffer_.get() + offset * width;
  if (selection == nullptr && from.selection == nullptr) {
    std::memcpy(target, from.bytes, count * width);
  } else {
    uint32_t index[kMaxChunkRows];
    for (size_t i = 0; i < count; ++i) index[i] = from.index(selection == nullptr ? i : selection[i]);
    copy_slots(physical_, target, from.bytes, index, count);
  }
  for (size_t i = 0; i < count; ++i) {
    size_t row = selection == nullptr ? i : selection[i];
    if (from.validity != nullptr && !from.valid(row)) {
      set_null(offset + i);
    } else if (validity_ != nullptr) {
      set_valid(offset + i);
    }
  }
  if (physical_ != PhysicalType::String && physical_ != PhysicalType::Numeric) return;
  for (size_t i = 0; i < count; ++i) {
    std::byte* slot = target + i * width;
    if (!valid_at(validity_, offset + i)) continue;
    if (auto bytes = types::out_of_line(physical_, slot); !bytes.empty()) {
      types::set_out_of_line(physical_, slot, heap_.copy(bytes));
    }
  }
}

void Vector::reference(const Vector& other) {
  form_ = other.form_;
  data_ = other.data_;
  validity_ = other.validity_;
  selection_ = other.selection_;
}

void Vector::slice(const Vector& other, const uint32_t* selection, size_t count) {
  if (other.form_ == Form::Constant) return reference(other);
  if (!selection_buffer_) selection_buffer_ = make_buffer(kMaxChunkRows * sizeof(uint32_t));
  // `other` may be this vector: compose forward, since selection is read at or after the write position only
  // through a copy.
  if (other.selection_ == nullptr) {
    std::memcpy(selection_buffer_.get(), selection, count * sizeof(uint32_t));
  } else {
    uint32_t composed[kMaxChunkRows];
    for (size_t i = 0; i < count; ++i) composed[i] = other.selection_[selection[i]];
    std::memcpy(selection_buffer_.get(), composed, count * sizeof(uint32_t));
  }
  data_ = other.data_;
  validity_ = other.validity_;
  form_ = Form::Dictionary;
  selection_ = selection_rows();
}

void Vector::borrow(const std::byte* slots, const uint64_t* validity) {
  form_ = Form::Flat;
  data_ = slots;
  validity_ = validity;
  selection_ = nullptr;
}

void Vector::flatten(size_t count) {
  if (form_ == Form::Flat && data_ == slot_buffer_.get()) return;
  Vector flat(type_, physical_);
  flat.reset();
  flat.copy(*this, nullptr, count, 0);
  // The bytes of borrowed strings were copied to flat's heap; ours may be what they were borrowed from.
  std::swap(*this, flat);
}

VectorView Vector::view() const { return {data_, selection_, validity_}; }

Value Vector::get(size_t i) const {
  VectorView v = view();
  if (!v.valid(i)) return Value::null();
  return types::load_slot(physical_, data_ + v.index(i) * types::physical_size(physical_));
}

Chunk::Chunk(std::span<const Oid> types) {
  columns_.reserve(types.size());
  for (Oid type : types) columns_.emplace_back(type);
}

Chunk::Chunk(std::span<const types::Type> types) {
  columns_.reserve(types.size());
  for (const auto& type : types) columns_.emplace_back(type.oid);
}

void Chunk::reset() {
  for (auto& column : columns_) column.reset();
  size_ = 0;
}

void Chunk::slice(const uint32_t* selection, size_t count) {
  for (auto& column : columns_) column.slice(column, selection, count);
  size_ = count;
}

void Chunk::reference(const Chunk& other) {
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].reference(other.columns_[i]);
  size_ = other.size_;
}

void Chunk::slice_of(const Chunk& other, const uint32_t* selection, size_t count) {
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].slice(other.columns_[i], selection, count);
  size_ = count;
}

size_t Chunk::append(const Chunk& other, size_t from) {
  size_t count = std::min(other.size_ - from, kMaxChunkRows - size_);
  uint32_t rows[kMaxChunkRows];
  std::iota(rows, rows + count, static_cast<uint32_t>(from));
  for (size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].copy(other.columns_[i], from == 0 ? nullptr : rows, count, size_);
  }
  size_ += count;
  return count;
}

namespace {

constexpr uint64_t kNullHash = 0x9ae16a3b2f90404fULL;

template <typename F>
void hash_each(const VectorView& view, size_t count, HashMode mode, uint64_t* hashes, F hash_slot) {
  for (size_t i = 0; i < count; ++i) {
    size_t at = view.index(i);
    uint64_t hash = valid_at(view.validity, at) ? hash_slot(at) : kNullHash;
    hashes[i] = mode == HashMode::Set ? hash : hash_combine(hashes[i], hash);
  }
}

}  // namespace

void hash_vector(const Vector& vector, size_t count, HashMode mode, uint64_t* hashes) {
  VectorView view = vector.view();
  switch (vector.physical()) {
    case PhysicalType::Bool:
    case PhysicalType::Int8:
      return hash_each(view, count, mode, hashes, [&](size_t at) { return hash_int(view.data<int8_t>()[at]); });
    // Integers of every width hash alike, so that int4 = int8 joins can use hashes of either side.
    case PhysicalType::Int16:
      return hash_each(view, count, mode, hashes, [&](size_t at) { return hash_int(view.data<int16_t>()[at]); });
    case PhysicalType::Int32:
      return hash_each(view, count, mode, hashes, [&](size_t at) { return hash_int(view.data<int32_t>()[at]); });
    case PhysicalType::Int64:
      return hash_each(view, count, mode, hashes, [&](size_t at) { return hash_int(view.data<int64_t>()[at]); });
    default: break;
  }
  const types::TypeInfo* info = types::find_type(vector.type());
  Oid type = vector.type();
  if (info == nullptr || info->hash == nullptr) {
    throw SqlError(Sqlstate::UndefinedFunction, "could not identify a hash function for type " + types::format_type({type}));
  }
  size_t width = types::physical_size(vector.physical());
  hash_each(view, count, mode, hashes, [&](size_t at) {
    return info->hash(types::load_slot(vector.physical(), view.bytes + at * width), type);
  });
}

}  // namespace aegis::vector
