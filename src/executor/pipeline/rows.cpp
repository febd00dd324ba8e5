#include "pipeline/rows.h"

#include <cstring>

#include "aegis/base/error.h"

namespace aegis::executor {

using types::physical_size;
using vector::valid_at;

RowLayout::RowLayout(std::vector<Oid> types, std::vector<PhysicalType> physical, size_t header_bytes)
    : types_(std::move(types)), physical_(std::move(physical)), null_at_(header_bytes) {
  size_t at = (header_bytes + types_.size() + 7) / 8 * 8;
  for (PhysicalType type : physical_) {
    size_t size = physical_size(type);
    size_t alignment = std::min<size_t>(size, 8);
    at = (at + alignment - 1) / alignment * alignment;
    offsets_.push_back(at);
    at += size;
  }
  row_bytes_ = (at + 15) / 16 * 16;
}

void RowLayout::store(std::byte* row, size_t column, const VectorView& source, size_t i, Arena& arena) const {
  size_t at = source.index(i);
  std::byte* target = slot(row, column);
  size_t size = physical_size(physical_[column]);
  if (!valid_at(source.validity, at)) {
    set_null(row, column, true);
    std::memset(target, 0, size);
    return;
  }
  set_null(row, column, false);
  std::memcpy(target, source.bytes + at * size, size);
  if (physical_[column] == PhysicalType::String || physical_[column] == PhysicalType::Numeric) {
    if (auto bytes = types::out_of_line(physical_[column], target); !bytes.empty()) {
      types::set_out_of_line(physical_[column], target, arena.copy(bytes));
    }
  }
}

namespace {

struct Sixteen {
  uint64_t a, b;
};

template <typename F>
void by_width(PhysicalType type, F&& f) {
  switch (physical_size(type)) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    case 8: return f(uint64_t{});
    default: return f(Sixteen{});
  }
}

}  // namespace

void RowLayout::store_column(std::byte* const* rows, size_t count, size_t column, const Vector& source, const uint32_t* selection, Arena& arena) const {
  VectorView view = source.view();
  bool has_bytes = physical_[column] == PhysicalType::String || physical_[column] == PhysicalType::Numeric;
  if (has_bytes || view.validity != nullptr) {
    for (size_t i = 0; i < count; ++i) store(rows[i], column, view, selection == nullptr ? i : selection[i], arena);
    return;
  }
  size_t offset = offsets_[column];
  by_width(physical_[column], [&]<typename T>(T) {
    for (size_t i = 0; i < count; ++i) {
      rows[i][null_at_ + column] = std::byte{0};
      std::memcpy(rows[i] + offset, &view.data<T>()[view.index(selection == nullptr ? i : selection[i])], sizeof(T));
    }
  });
}

void RowLayout::gather(const std::byte* const* rows, size_t count, size_t column, Vector& target) const {
  size_t offset = offsets_[column];
  by_width(physical_[column], [&]<typename T>(T) {
    T* out = target.start<T>();
    for (size_t i = 0; i < count; ++i) {
      if (rows[i] == nullptr || is_null(rows[i], column)) {
        target.set_null(i);
      } else {
        std::memcpy(&out[i], rows[i] + offset, sizeof(T));
      }
    }
  });
}

namespace {

template <typename A, typename B>
bool integers_equal(const VectorView& values, size_t i, const std::byte* slot, Oid) {
  B stored;
  std::memcpy(&stored, slot, sizeof stored);
  return static_cast<int64_t>(values.data<A>()[i]) == static_cast<int64_t>(stored);
}

bool strings_equal(const VectorView& values, size_t i, const std::byte* slot, Oid) {
  return values.data<types::StringView>()[i] == *reinterpret_cast<const types::StringView*>(slot);
}

template <PhysicalType kPhysical>
bool values_equal(const VectorView& values, size_t i, const std::byte* slot, Oid type) {
  static thread_local Oid cached_type = kInvalidOid;
  static thread_local const types::TypeInfo* info = nullptr;
  if (cached_type != type) {
    info = &types::type_info(type);
    cached_type = type;
    if (info->compare == nullptr) {
      cached_type = kInvalidOid;
      throw SqlError(Sqlstate::UndefinedFunction, "could not identify an equality operator for type " + types::format_type({type}));
    }
  }
  auto left = types::load_slot(kPhysical, values.bytes + i * physical_size(kPhysical));
  return info->compare(left, types::load_slot(kPhysical, slot), type) == 0;
}

bool numerics_equal(const VectorView& values, size_t i, const std::byte* slot, Oid type) {
  const auto& a = values.data<types::Numeric>()[i];
  const auto& b = *reinterpret_cast<const types::Numeric*>(slot);
  if (a.is_small() && b.is_small() && a.scale == b.scale) return a.small == b.small;
  return values_equal<PhysicalType::Numeric>(values, i, slot, type);
}

template <typename A>
SlotEquality integer_equality(PhysicalType stored) {
  switch (stored) {
    case PhysicalType::Int16: return integers_equal<A, int16_t>;
    case PhysicalType::Int32: return integers_equal<A, int32_t>;
    default: return integers_equal<A, int64_t>;
  }
}

}  // namespace

SlotEquality slot_equality(Oid type, PhysicalType probe, PhysicalType stored) {
  switch (probe) {
    case PhysicalType::Bool:
    case PhysicalType::Int8: return integers_equal<int8_t, int8_t>;
    case PhysicalType::Int16: return integer_equality<int16_t>(stored);
    case PhysicalType::Int32: return integer_equality<int32_t>(stored);
    case PhysicalType::Int64: return integer_equality<int64_t>(stored);
    case PhysicalType::Float32: return values_equal<PhysicalType::Float32>;
    case PhysicalType::Float64: return values_equal<PhysicalType::Float64>;
    case PhysicalType::TimeTz: return values_equal<PhysicalType::TimeTz>;
    case PhysicalType::Interval: return values_equal<PhysicalType::Interval>;
    case PhysicalType::Uuid: return values_equal<PhysicalType::Uuid>;
    case PhysicalType::Numeric: return numerics_equal;
    case PhysicalType::String: break;
  }
  switch (type) {
    case types::oid::kText:
    case types::oid::kVarchar:
    case types::oid::kName:
    case types::oid::kBytea: return strings_equal;
    default: return values_equal<PhysicalType::String>;
  }
}

void ChunkList::append(const Chunk& chunk) {
  size_t from = 0;
  rows_ += chunk.size();
  if (chunk.column_count() == 0) {
    if (chunk.size() == 0) return;
    chunks_.push_back(std::make_unique<Chunk>());
    chunks_.back()->set_size(chunk.size());
    return;
  }
  while (from < chunk.size()) {
    if (chunks_.empty() || chunks_.back()->size() == vector::kMaxChunkRows) {
      auto fresh = std::make_unique<Chunk>();
      for (size_t i = 0; i < chunk.column_count(); ++i) fresh->add_column(chunk.column(i).type(), chunk.column(i).physical());
      fresh->reset();
      chunks_.push_back(std::move(fresh));
    }
    from += chunks_.back()->append(chunk, from);
  }
}

void ChunkList::clear() {
  chunks_.clear();
  rows_ = 0;
}

void ChunkList::take(ChunkList& other) {
  for (auto& chunk : other.chunks_) chunks_.push_back(std::move(chunk));
  rows_ += other.rows_;
  other.clear();
}

}  // namespace aegis::executor
