#include "table/tuple.h"

#include <cstdlib>
#include <new>

#include "aegis/base/error.h"
#include "coding.h"

namespace aegis::storage {
namespace {

constexpr size_t kSlabBytes = 64 * 1024;

size_t round_up(size_t size, size_t to) { return (size + to - 1) / to * to; }

bool is_variable(PhysicalType type) { return type == PhysicalType::String || type == PhysicalType::Numeric; }

void* allocate(size_t bytes) {
  void* memory = std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void init_version(Version* v, size_t bytes, uint32_t slab_units) {
  new (&v->begin) std::atomic<uint64_t>(0);
  new (&v->older) std::atomic<Version*>(nullptr);
  v->size_bytes = static_cast<uint32_t>(bytes);
  v->slab_units = slab_units;
  v->command = 0;
  v->column_count = 0;
  v->flags = 0;
  v->cut = 0;
}

// Copies the bytes the slot points to behind `tail` and points it there.
void relocate(PhysicalType type, std::byte* slot, char*& tail) {
  std::string_view bytes = types::out_of_line(type, slot);
  if (bytes.empty()) return;
  std::memcpy(tail, bytes.data(), bytes.size());
  types::set_out_of_line(type, slot, {tail, bytes.size()});
  tail += bytes.size();
}

// Hands out versions from slabs of about kSlabBytes.
class SlabAllocator {
 public:
  // `total` is an estimate of what is still to come.
  Version* allocate(size_t bytes, size_t total) {
    bytes = round_up(bytes, 16);
    if (slab_ == nullptr || used_ + bytes > size_) open(bytes, total);
    auto* v = reinterpret_cast<Version*>(reinterpret_cast<char*>(slab_) + used_);
    init_version(v, bytes, static_cast<uint32_t>(used_ / 16));
    used_ += bytes;
    slab_->live.store(slab_->live.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return v;
  }

 private:
  void open(size_t bytes, size_t total) {
    size_ = std::max(bytes, std::min(total, kSlabBytes)) + sizeof(Slab);
    slab_ = new (storage::allocate(size_)) Slab{};
    used_ = sizeof(Slab);
  }

  Slab* slab_ = nullptr;
  size_t used_ = 0;
  size_t size_ = 0;
};

template <typename T>
void scatter(const vector::VectorView& in, size_t count, uint32_t offset, Version* const* out) {
  if (in.selection == nullptr) {
    const T* data = in.data<T>();
    for (size_t i = 0; i < count; ++i) *reinterpret_cast<T*>(out[i]->slots() + offset) = data[i];
  } else {
    for (size_t i = 0; i < count; ++i) *reinterpret_cast<T*>(out[i]->slots() + offset) = in.at<T>(i);
  }
}

struct Sixteen {
  uint64_t a, b;
};

void scatter_column(PhysicalType type, const vector::VectorView& in, size_t count, uint32_t offset, Version* const* out) {
  switch (types::physical_size(type)) {
    case 1: return scatter<uint8_t>(in, count, offset, out);
    case 2: return scatter<uint16_t>(in, count, offset, out);
    case 4: return scatter<uint32_t>(in, count, offset, out);
    case 8: return scatter<uint64_t>(in, count, offset, out);
    default: return scatter<Sixteen>(in, count, offset, out);
  }
}

uint8_t* null_bits(const Layout& layout, Version* v) {
  return reinterpret_cast<uint8_t*>(v->slots() + layout.slots_end(v->column_count));
}

void mark_null(const Layout& layout, Version* v, size_t column) {
  v->flags |= Version::kHasNulls;
  null_bits(layout, v)[column >> 3] |= static_cast<uint8_t>(1u << (column & 7));
  // A defined slot: kernels may compute on it.
  std::memset(v->slots() + layout.columns[column].offset, 0, types::physical_size(layout.columns[column].type));
}

// Bytes of a version before its out-of-line bytes.
size_t fixed_bytes(const Layout& layout) {
  return sizeof(Version) + layout.slots_end(layout.column_count()) + null_bytes(layout.column_count());
}

}  // namespace

void Layout::add(const ColumnSchema& schema) {
  Column column{};
  column.type = schema.type;
  column.dropped = schema.dropped;
  column.missing_null = schema.missing.is_null;
  column.compression = schema.compression;
  size_t size = types::physical_size(schema.type);
  column.offset = static_cast<uint32_t>(round_up(slots_end(columns.size()), std::min<size_t>(size, 8)));
  column.end = column.offset + static_cast<uint32_t>(size);
  if (!schema.missing.is_null) {
    types::store_slot(schema.type, schema.missing, column.missing);
    if (auto bytes = types::out_of_line(schema.type, column.missing); !bytes.empty()) {
      missing_bytes.push_back(std::make_shared<std::string>(bytes));
      types::set_out_of_line(schema.type, column.missing, *missing_bytes.back());
    }
  }
  if (is_variable(schema.type)) variable.push_back(static_cast<uint32_t>(columns.size()));
  columns.push_back(column);
}

std::unique_ptr<Layout> Layout::of(const TableSchema& schema) {
  auto layout = std::make_unique<Layout>();
  for (const ColumnSchema& column : schema.columns) layout->add(column);
  return layout;
}

TableSchema Layout::schema(bool logged) const {
  TableSchema schema;
  schema.logged = logged;
  for (const Column& column : columns) {
    ColumnSchema& out = schema.columns.emplace_back();
    out.type = column.type;
    out.dropped = column.dropped;
    out.compression = column.compression;
    if (!column.missing_null) out.missing = types::load_slot(column.type, column.missing);
  }
  return schema;
}

Version* allocate_version(size_t payload_bytes) {
  size_t bytes = sizeof(Version) + payload_bytes;
  auto* v = static_cast<Version*>(allocate(bytes));
  init_version(v, bytes, 0);
  return v;
}

void free_version(Version* version) {
  if ((version->flags & Version::kHasReferences) != 0) {
    for (const ValueReference& reference : references_of(*version)) reference.file->release();
  }
  if (version->slab_units == 0) {
    std::free(version);
    return;
  }
  auto* slab = reinterpret_cast<Slab*>(reinterpret_cast<char*>(version) - size_t{version->slab_units} * 16);
  if (slab->live.fetch_sub(1, std::memory_order_acq_rel) == 1) std::free(slab);
}

Version* make_tombstone() {
  Version* v = allocate_version(0);
  v->flags = Version::kTombstone;
  return v;
}

void make_versions(const Layout& layout, std::span<const uint32_t> columns, const vector::Chunk& chunk,
                   std::vector<Version*>& out) {
  size_t count = chunk.size();
  size_t width = layout.column_count();
  size_t fixed = fixed_bytes(layout);
  auto position = [&](size_t i) { return columns.empty() ? i : columns[i]; };

  // Bytes each row needs out of line.
  uint32_t tails[vector::kMaxChunkRows] = {};
  size_t total = count * round_up(fixed, 16);
  for (size_t c = 0; c < chunk.column_count(); ++c) {
    PhysicalType type = layout.columns[position(c)].type;
    AEGIS_CHECK(chunk.column(c).physical() == type);
    if (!is_variable(type)) continue;
    vector::VectorView view = chunk.column(c).view();
    for (size_t i = 0; i < count; ++i) {
      if (!view.valid(i)) continue;
      size_t bytes = types::out_of_line(type, view.bytes + view.index(i) * 16).size();
      tails[i] += static_cast<uint32_t>(bytes);
      total += bytes;
    }
  }

  out.resize(count);
  SlabAllocator slabs;
  for (size_t i = 0; i < count; ++i) {
    size_t bytes = fixed + tails[i];
    if (count < 16) {
      out[i] = allocate_version(bytes - sizeof(Version));
    } else {
      out[i] = slabs.allocate(bytes, total + 16 * (count - i));
      total -= std::min<size_t>(total, out[i]->size_bytes);
    }
    out[i]->column_count = static_cast<uint16_t>(width);
    out[i]->flags = Version::kInsert;
    std::memset(out[i]->slots() + layout.slots_end(width), 0, null_bytes(width));
  }

  std::vector<bool> given(width, false);
  for (size_t c = 0; c < chunk.column_count(); ++c) {
    size_t at = position(c);
    given[at] = true;
    vector::VectorView view = chunk.column(c).view();
    scatter_column(layout.columns[at].type, view, count, layout.columns[at].offset, out.data());
    if (view.validity == nullptr) continue;
    for (size_t i = 0; i < count; ++i) {
      if (!view.valid(i)) mark_null(layout, out[i], at);
    }
  }
  for (size_t at = 0; at < width; ++at) {
    if (given[at]) continue;
    for (size_t i = 0; i < count; ++i) mark_null(layout, out[i], at);
  }
  for (size_t i = 0; i < count; ++i) {
    if (tails[i] == 0) continue;
    char* tail = reinterpret_cast<char*>(out[i]) + fixed;
    for (uint32_t at : layout.variable) {
      if (!is_null(layout, *out[i], at)) relocate(layout.columns[at].type, out[i]->slots() + layout.columns[at].offset, tail);
    }
  }
}

namespace {

constexpr size_t kReferenceBytes = sizeof(ValueReference);
static_assert(kReferenceBytes > types::StringView::kInlineBytes);
// In a tuple's column count.
constexpr uint64_t kReferencesInTuple = uint64_t{1} << 20;

// What a version will have: slots and bits that still point anywhere.
class Draft {
 public:
  Draft(const Layout& layout, size_t width) : layout_(layout), width_(width), slots_end_(layout.slots_end(width)) {
    size_t bytes = slots_end_ + 2 * null_bytes(width);
    if (bytes > sizeof stack_) heap_.reset(new std::byte[bytes]);
    slots_ = heap_ ? heap_.get() : stack_;
    std::memset(slots_ + slots_end_, 0, 2 * null_bytes(width));
  }

  std::byte* slots() { return slots_; }
  std::byte* slot(size_t column) { return slots_ + layout_.columns[column].offset; }
  uint8_t* nulls() { return reinterpret_cast<uint8_t*>(slots_ + slots_end_); }
  uint8_t* references() { return nulls() + null_bytes(width_); }
  static void set(uint8_t* bits, size_t column, bool value) {
    auto bit = static_cast<uint8_t>(1u << (column & 7));
    bits[column >> 3] = static_cast<uint8_t>(value ? bits[column >> 3] | bit : bits[column >> 3] & ~bit);
  }
  static bool get(const uint8_t* bits, size_t column) { return ((bits[column >> 3] >> (column & 7)) & 1) != 0; }
  // `reference` must live until make().
  void refer(size_t column, const ValueReference& reference) {
    types::StringView view(reinterpret_cast<const char*>(&reference), kReferenceBytes);
    std::memcpy(slot(column), &view, sizeof view);
    set(references(), column, true);
    set(nulls(), column, false);
  }

  Version* make() {
    size_t tail_bytes = 0;
    uint32_t count = 0;
    for (uint32_t at : layout_.variable) {
      if (at >= width_) continue;
      if (get(references(), at)) {
        ++count;
      } else {
        tail_bytes += types::out_of_line(layout_.columns[at].type, slot(at)).size();
      }
    }
    size_t fixed = slots_end_ + (count > 0 ? 2 : 1) * null_bytes(width_);
    size_t end_bytes = count > 0 ? count * kReferenceBytes + sizeof count : 0;
    Version* v = allocate_version(fixed + tail_bytes + end_bytes);
    v->column_count = static_cast<uint16_t>(width_);
    std::memcpy(v->slots(), slots_, fixed);
    for (size_t i = 0; i < null_bytes(width_); ++i) {
      if (nulls()[i] != 0) v->flags |= Version::kHasNulls;
    }
    char* tail = reinterpret_cast<char*>(v->slots()) + fixed;
    char* end = tail + tail_bytes;
    if (count > 0) {
      v->flags |= Version::kHasReferences;
      std::memcpy(end + count * kReferenceBytes, &count, sizeof count);
    }
    for (uint32_t at : layout_.variable) {
      if (at >= width_) continue;
      bool apart = get(references(), at);
      relocate(layout_.columns[at].type, v->slots() + layout_.columns[at].offset, apart ? end : tail);
      if (apart) reference_of(layout_, *v, at).file->use();
    }
    return v;
  }

 private:
  const Layout& layout_;
  const size_t width_;
  const size_t slots_end_;
  alignas(16) std::byte stack_[1024];
  std::unique_ptr<std::byte[]> heap_;
  std::byte* slots_;
};

// Columns behind those of `base` get their missing values.
void copy_to(Draft& draft, const Layout& layout, const Version& base, size_t width) {
  const size_t count = base.column_count;
  std::memcpy(draft.slots(), base.slots(), layout.slots_end(count));
  const std::byte* bits = base.slots() + layout.slots_end(count);
  if ((base.flags & Version::kHasNulls) != 0) std::memcpy(draft.nulls(), bits, null_bytes(count));
  if ((base.flags & Version::kHasReferences) != 0) std::memcpy(draft.references(), bits + null_bytes(count), null_bytes(count));
  for (size_t at = count; at < width; ++at) {
    const Layout::Column& column = layout.columns[at];
    std::memcpy(draft.slot(at), column.missing, types::physical_size(column.type));
    if (column.missing_null) Draft::set(draft.nulls(), at, true);
  }
}

}  // namespace

ValueReference reference_of(const Layout& layout, const Version& v, size_t column) {
  ValueReference reference;
  types::StringView view;
  std::memcpy(&view, v.slots() + layout.columns[column].offset, sizeof view);
  std::memcpy(&reference, view.data(), sizeof reference);
  return reference;
}

std::vector<ValueReference> references_of(const Version& v) {
  if ((v.flags & Version::kHasReferences) == 0) return {};
  const char* end = reinterpret_cast<const char*>(&v) + v.size_bytes;
  uint32_t count;
  std::memcpy(&count, end - sizeof count, sizeof count);
  std::vector<ValueReference> result(count);
  std::memcpy(result.data(), end - sizeof count - count * kReferenceBytes, count * kReferenceBytes);
  return result;
}

Version* make_apart(const Layout& layout, const Version& base, std::span<const ColumnReference> references) {
  Draft draft(layout, base.column_count);
  copy_to(draft, layout, base, base.column_count);
  for (const ColumnReference& item : references) draft.refer(item.column, item.reference);
  Version* v = draft.make();
  v->flags |= base.flags & Version::kInsert;
  return v;
}

Version* make_updated(const Layout& layout, const Version& base, std::span<const uint32_t> columns,
                      const vector::Chunk& chunk, size_t chunk_row) {
  size_t width = layout.column_count();
  Draft draft(layout, width);
  copy_to(draft, layout, base, width);
  for (size_t c = 0; c < columns.size(); ++c) {
    const Layout::Column& column = layout.columns[columns[c]];
    size_t size = types::physical_size(column.type);
    AEGIS_CHECK(chunk.column(c).physical() == column.type);
    vector::VectorView view = chunk.column(c).view();
    bool valid = view.valid(chunk_row);
    if (valid) {
      std::memcpy(draft.slot(columns[c]), view.bytes + view.index(chunk_row) * size, size);
    } else {
      std::memset(draft.slot(columns[c]), 0, size);
    }
    Draft::set(draft.nulls(), columns[c], !valid);
    Draft::set(draft.references(), columns[c], false);
  }
  return draft.make();
}

namespace {

// At slots at[i], or i when `at` is null.
template <typename T>
void gather(const Version* const* versions, size_t count, uint32_t offset, T* out, const uint16_t* at) {
  if (at == nullptr) {
    for (size_t i = 0; i < count; ++i) out[i] = *reinterpret_cast<const T*>(versions[i]->slots() + offset);
  } else {
    for (size_t i = 0; i < count; ++i) out[at[i]] = *reinterpret_cast<const T*>(versions[i]->slots() + offset);
  }
}

// Whoever wants strings reads their bytes soon, which lie as far apart as the versions do.
void gather_strings(const Version* const* versions, size_t count, uint32_t offset, types::StringView* out, const uint16_t* at) {
  for (size_t i = 0; i < count; ++i) {
    types::StringView& slot = out[at == nullptr ? i : at[i]];
    std::memcpy(&slot, versions[i]->slots() + offset, sizeof slot);
    if (slot.is_inlined()) continue;
    __builtin_prefetch(slot.data());
    __builtin_prefetch(slot.data() + std::min<size_t>(slot.size() - 1, 64));
  }
}

}  // namespace

void put_value(const Layout& layout, size_t column, const Version& version, const ValueStore* values, vector::Vector& out, size_t at) {
  if (is_null(layout, version, column)) return out.set_null(at);
  out.set_valid(at);
  size_t size = types::physical_size(layout.columns[column].type);
  std::byte* slot = out.slots<std::byte>() + at * size;
  if (!is_reference(layout, version, column)) {
    std::memcpy(slot, slot_of(layout, version, column), size);
    return;
  }
  types::StringView value = values->read(reference_of(layout, version, column), out.heap());
  std::memcpy(slot, &value, sizeof value);
}

void gather_column(const Layout& layout, size_t column, const Version* const* versions, size_t count, bool plain,
                   const ValueStore* values, vector::Vector& out, const uint16_t* at) {
  const Layout::Column& info = layout.columns[column];
  AEGIS_CHECK(out.physical() == info.type);
  if (at == nullptr) out.start<std::byte>();
  if (!plain) {
    for (size_t i = 0; i < count; ++i) put_value(layout, column, *versions[i], values, out, at == nullptr ? i : at[i]);
    return;
  }
  if (at != nullptr && out.has_nulls()) {
    for (size_t i = 0; i < count; ++i) out.set_valid(at[i]);
  }
  if (info.type == PhysicalType::String) return gather_strings(versions, count, info.offset, out.slots<types::StringView>(), at);
  switch (types::physical_size(info.type)) {
    case 1: return gather(versions, count, info.offset, out.slots<uint8_t>(), at);
    case 2: return gather(versions, count, info.offset, out.slots<uint16_t>(), at);
    case 4: return gather(versions, count, info.offset, out.slots<uint32_t>(), at);
    case 8: return gather(versions, count, info.offset, out.slots<uint64_t>(), at);
    default: return gather(versions, count, info.offset, out.slots<Sixteen>(), at);
  }
}

void encode_value(std::string& out, PhysicalType type, const std::byte* slot) {
  if (type == PhysicalType::String) {
    put_bytes(out, reinterpret_cast<const types::StringView*>(slot)->view());
  } else if (type == PhysicalType::Numeric) {
    const auto& n = *reinterpret_cast<const types::Numeric*>(slot);
    out.push_back(static_cast<char>(static_cast<uint8_t>(n.kind) | (n.negative ? 0x80 : 0)));
    put_varint(out, n.scale);
    if (n.kind == types::Numeric::Kind::Small) put_varint(out, zigzag(n.small));
    if (n.kind == types::Numeric::Kind::Big) put_bytes(out, {reinterpret_cast<const char*>(n.big), n.size});
  } else {
    out.append(reinterpret_cast<const char*>(slot), types::physical_size(type));
  }
}

// Fills the slot, which may point into `in`.
bool decode_value(std::string_view& in, PhysicalType type, std::byte* slot) {
  size_t size = types::physical_size(type);
  if (type == PhysicalType::String) {
    std::string_view bytes;
    if (!get_bytes(in, bytes)) return false;
    types::StringView view(bytes);
    std::memcpy(slot, &view, sizeof view);
    return true;
  }
  if (type == PhysicalType::Numeric) {
    types::Numeric n = types::Numeric::of(0);
    uint8_t head;
    uint64_t scale, small;
    if (!get_fixed(in, head) || !get_varint(in, scale)) return false;
    n.kind = static_cast<types::Numeric::Kind>(head & 0x7f);
    n.negative = (head & 0x80) != 0;
    n.scale = static_cast<uint16_t>(scale);
    if (n.kind == types::Numeric::Kind::Small) {
      if (!get_varint(in, small)) return false;
      n.small = unzigzag(small);
    } else if (n.kind == types::Numeric::Kind::Big) {
      std::string_view bytes;
      if (!get_bytes(in, bytes)) return false;
      n.size = static_cast<uint32_t>(bytes.size());
      n.big = reinterpret_cast<const uint8_t*>(bytes.data());
    }
    std::memcpy(slot, &n, sizeof n);
    return true;
  }
  if (in.size() < size) return false;
  std::memcpy(slot, in.data(), size);
  in.remove_prefix(size);
  return true;
}

namespace {

void encode_reference(std::string& out, const ValueReference& reference) {
  put_varint(out, reference.file->number());
  put_varint(out, reference.offset);
  put_varint(out, reference.length);
  put_varint(out, reference.size_bytes);
  put_fixed(out, reference.hash);
  put_fixed(out, reference.zone_key);
}

bool decode_reference(std::string_view& in, uint64_t& number, ValueReference& reference) {
  uint64_t length, size;
  if (!get_varint(in, number) || !get_varint(in, reference.offset) || !get_varint(in, length) || !get_varint(in, size)) return false;
  reference.length = static_cast<uint32_t>(length);
  reference.size_bytes = static_cast<uint32_t>(size);
  return length <= ~uint32_t{0} && size <= ~uint32_t{0} && get_fixed(in, reference.hash) && get_fixed(in, reference.zone_key);
}

}  // namespace

void encode_tuple(std::string& out, const Layout& layout, const Version& version) {
  size_t count = version.column_count;
  bool apart = (version.flags & Version::kHasReferences) != 0;
  put_varint(out, count | (apart ? kReferencesInTuple : 0));
  size_t bits_at = out.size();
  out.append((apart ? 2 : 1) * null_bytes(count), '\0');
  const std::byte* bits = version.slots() + layout.slots_end(count);
  if ((version.flags & Version::kHasNulls) != 0) std::memcpy(out.data() + bits_at, bits, null_bytes(count));
  if (apart) std::memcpy(out.data() + bits_at + null_bytes(count), bits + null_bytes(count), null_bytes(count));
  for (size_t c = 0; c < count; ++c) {
    if ((out[bits_at + (c >> 3)] >> (c & 7) & 1) != 0) continue;
    if (is_reference(layout, version, c)) {
      encode_reference(out, reference_of(layout, version, c));
    } else {
      encode_value(out, layout.columns[c].type, version.slots() + layout.columns[c].offset);
    }
  }
}

Version* decode_tuple(std::string_view& in, const Layout& layout, ValueStore* values) {
  uint64_t count;
  if (!get_varint(in, count)) return nullptr;
  bool apart = (count & kReferencesInTuple) != 0;
  count &= ~kReferencesInTuple;
  size_t bits_bytes = (apart ? 2 : 1) * null_bytes(count);
  if (count > layout.column_count() || in.size() < bits_bytes || (apart && values == nullptr)) return nullptr;
  Draft draft(layout, count);
  std::memset(draft.slots(), 0, layout.slots_end(count));
  std::memcpy(draft.nulls(), in.data(), bits_bytes);
  in.remove_prefix(bits_bytes);
  std::vector<ValueReference> references;  // slots point into it
  if (apart) references.reserve(count);
  auto release = [&] {
    for (const ValueReference& reference : references) {
      if (reference.file != nullptr) reference.file->release();
    }
  };
  for (size_t c = 0; c < count; ++c) {
    if (Draft::get(draft.nulls(), c)) {
      Draft::set(draft.references(), c, false);
      continue;
    }
    const Layout::Column& column = layout.columns[c];
    bool good;
    if (!Draft::get(draft.references(), c)) {
      good = decode_value(in, column.type, draft.slot(c));
    } else {
      uint64_t number;
      good = column.type == PhysicalType::String && decode_reference(in, number, references.emplace_back());
      if (good) {
        references.back().file = values->acquire(number);
        draft.refer(c, references.back());
      }
    }
    if (good) continue;
    release();
    return nullptr;
  }
  Version* v = draft.make();
  v->flags |= Version::kInsert;
  release();
  return v;
}

}  // namespace aegis::storage
