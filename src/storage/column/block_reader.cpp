#include <algorithm>
#include <cstring>

#include "coding.h"
#include "column/block.h"
#include "column/compression.h"
#include "table/tuple.h"

namespace aegis::storage {
namespace {

constexpr double kPowersOf10[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr size_t kMaxBlockValues = 1 << 16;
constexpr uint64_t kMaxRawBytes = uint64_t{1} << 31;

bool valid_bit(const char* bitmap, size_t i) { return ((static_cast<uint8_t>(bitmap[i >> 3]) >> (i & 7)) & 1) != 0; }

}  // namespace

bool BlockReader::open(PhysicalType type, std::string_view payload, size_t count, Bytes bytes) {
  uint8_t flags;
  type_ = type;
  count_ = count;
  if (count > kMaxBlockValues || !get_fixed(payload, flags)) return false;
  auto method = static_cast<BlockCompression>((flags & ~kHasReferences) >> 1);
  frames_.close();
  malformed_ = false;
  if (method != BlockCompression::None) {
    uint64_t size;
    if (!get_varint(payload, size) || size > kMaxRawBytes) return false;
    if (size > raw_capacity_) {
      raw_.reset(new char[size]);
      raw_capacity_ = size;
    }
    if (method == BlockCompression::ZstdFrames) {
      if (!frames_.open(payload, raw_.get(), size)) return false;
      if (bytes == Bytes::Own && !frames_.need(0, size)) return false;
    } else if (!decompress(method, payload, raw_.get(), size)) {
      return false;
    }
    payload = {raw_.get(), size};
  } else if (bytes == Bytes::Own) {
    raw_.reset(new char[payload.size()]);
    raw_capacity_ = payload.size();
    std::memcpy(raw_.get(), payload.data(), payload.size());
    payload = {raw_.get(), payload.size()};
  }
  validity_ = nullptr;
  if ((flags & 1) != 0) {
    size_t bytes = (count + 7) / 8;
    if (payload.size() < bytes) return false;
    validity_ = payload.data();
    payload.remove_prefix(bytes);
  }
  return parse(payload);
}

bool BlockReader::parse(std::string_view in) {
  size_t n = count_;
  switch (type_) {
    case PhysicalType::Bool:
    case PhysicalType::Int8:
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: return streams_[0].parse(in, n);
    case PhysicalType::TimeTz: return streams_[0].parse(in, n) && streams_[1].parse(in, n);
    case PhysicalType::Interval: return streams_[0].parse(in, n) && streams_[1].parse(in, n) && streams_[2].parse(in, n);
    case PhysicalType::Uuid: plain_ = in; return in.size() >= n * 16;
    case PhysicalType::String: return parse_strings(in);
    case PhysicalType::Numeric:
      if (!get_fixed(in, encoding_)) return false;
      if (static_cast<NumericEncoding>(encoding_) == NumericEncoding::Scaled) return streams_[0].parse(in, n) && streams_[1].parse(in, n);
      return static_cast<NumericEncoding>(encoding_) == NumericEncoding::Bytes && parse_strings(in);
    case PhysicalType::Float32:
    case PhysicalType::Float64: break;
  }
  if (!get_fixed(in, encoding_)) return false;
  size_t width = types::physical_size(type_);
  switch (static_cast<FloatEncoding>(encoding_)) {
    case FloatEncoding::Decimal: {
      uint64_t exceptions;
      if (!get_fixed(in, exponent_) || exponent_ > 15 || !get_varint(in, exceptions) || exceptions > n) return false;
      exceptions_.clear();
      for (uint64_t i = 0; i < exceptions; ++i) {
        uint64_t at, bits = 0;
        if (!get_varint(in, at) || in.size() < width) return false;
        std::memcpy(&bits, in.data(), width);
        in.remove_prefix(width);
        exceptions_.emplace_back(static_cast<uint32_t>(at), bits);
      }
      return streams_[0].parse(in, n);
    }
    case FloatEncoding::Bits: return streams_[0].parse(in, n);
    case FloatEncoding::Plain: plain_ = in; return in.size() >= n * width;
  }
  return false;
}

bool BlockReader::parse_plain_strings(std::string_view& in, size_t count) {
  uint64_t total;
  if (!get_bytes(in, strings_.prefix) || !strings_.lengths.parse(in, count) || !get_varint(in, total) || total > in.size()) return false;
  strings_.bytes = in.substr(0, total);
  // What lies before them has been decompressed.
  if (frames_.is_open() && strings_.bytes.data() > raw_.get() + kFrameHeadBytes) return false;
  in.remove_prefix(total);
  uint64_t sum = 0;
  strings_.lengths.read(0, count, [&](size_t, int64_t length) { sum += static_cast<uint64_t>(length); });
  return sum == total;
}

void BlockReader::fill_offsets(size_t count) {
  if (!strings_.offsets.empty()) return;
  strings_.offsets.resize(count + 1);
  uint32_t offset = 0;
  strings_.lengths.read(0, count, [&](size_t k, int64_t length) {
    strings_.offsets[k] = offset;
    offset += static_cast<uint32_t>(length);
  });
  strings_.offsets[count] = offset;
}

bool BlockReader::parse_strings(std::string_view& in) {
  uint8_t encoding, width;
  if (!get_fixed(in, encoding)) return false;
  strings_.offsets.clear();
  strings_.views.clear();
  strings_.has_dictionary = static_cast<StringEncoding>(encoding) == StringEncoding::Dictionary;
  if (!strings_.has_dictionary) {
    return static_cast<StringEncoding>(encoding) == StringEncoding::Plain && parse_plain_strings(in, count_);
  }
  uint64_t distinct;
  if (!get_varint(in, distinct) || distinct > count_ || !parse_plain_strings(in, distinct) || !get_fixed(in, width)) return false;
  if (width > 16 || in.size() < packed_bytes(count_, width)) return false;
  strings_.codes = {in.data(), packed_bytes(count_, width), width};
  fill_offsets(distinct);
  return distinct > 0 || count_ == 0;
}

void BlockReader::need_bytes(size_t from, size_t to) {
  if (!frames_.is_open()) return;
  auto base = static_cast<size_t>(strings_.bytes.data() - raw_.get());
  if (!frames_.need(base + from, base + to)) malformed_ = true;
}

types::StringView BlockReader::string_at(size_t i, Arena& heap) {
  uint32_t start = strings_.offsets[i];
  need_bytes(start, strings_.offsets[i + 1]);
  std::string_view suffix = strings_.bytes.substr(start, strings_.offsets[i + 1] - start);
  size_t size = strings_.prefix.size() + suffix.size();
  char inlined[types::StringView::kInlineBytes];
  char* text = size <= sizeof inlined ? inlined : static_cast<char*>(heap.allocate(size, 1));
  std::memcpy(text, strings_.prefix.data(), strings_.prefix.size());
  std::memcpy(text + strings_.prefix.size(), suffix.data(), suffix.size());
  return types::StringView(text, size);
}

void BlockReader::read_plain_strings(size_t from, size_t count, types::StringView* out, Arena& heap) {
  if (count < count_ / 16 || !strings_.prefix.empty()) {
    fill_offsets(count_);
    for (size_t k = 0; k < count; ++k) out[k] = string_at(from + k, heap);
    return;
  }
  uint64_t start = 0;
  if (from > 0) strings_.lengths.read(0, from, [&](size_t, int64_t length) { start += static_cast<uint64_t>(length); });
  uint64_t size = 0;
  strings_.lengths.read(from, count, [&](size_t, int64_t length) { size += static_cast<uint64_t>(length); });
  need_bytes(start, start + size);
  const char* text = heap.copy(strings_.bytes.substr(start, size)).data();
  strings_.lengths.read(from, count, [&](size_t k, int64_t length) {
    out[k] = types::StringView(text, static_cast<size_t>(length));
    text += length;
  });
}

void BlockReader::read_strings(size_t from, size_t count, types::StringView* out, Arena& heap) {
  if (!strings_.has_dictionary) return read_plain_strings(from, count, out, heap);
  size_t distinct = strings_.offsets.size() - 1;
  if (count < 4 || count < distinct / 4) {
    for (size_t k = 0; k < count; ++k) out[k] = string_at(std::min<size_t>(strings_.codes.at(from + k), distinct - 1), heap);
    return;
  }
  // Any code has a view.
  strings_.views.assign(size_t{1} << strings_.codes.width, types::StringView());
  for (size_t i = 0; i < distinct && i < strings_.views.size(); ++i) strings_.views[i] = string_at(i, heap);
  const types::StringView* views = strings_.views.data();
  strings_.codes.unpack(from, count, [&](size_t k, uint64_t code) { out[k] = views[code]; });
}

void BlockReader::read_integers(size_t from, size_t count, std::byte* out) {
  auto write = [&]<typename T>(T*) {
    T* slots = reinterpret_cast<T*>(out);
    streams_[0].read(from, count, [slots](size_t k, int64_t value) { slots[k] = static_cast<T>(value); });
  };
  switch (types::physical_size(type_)) {
    case 1: return write(static_cast<int8_t*>(nullptr));
    case 2: return write(static_cast<int16_t*>(nullptr));
    case 4: return write(static_cast<int32_t*>(nullptr));
    default: return write(static_cast<int64_t*>(nullptr));
  }
}

void BlockReader::read_floats(size_t from, size_t count, std::byte* out) {
  size_t width = types::physical_size(type_);
  switch (static_cast<FloatEncoding>(encoding_)) {
    case FloatEncoding::Plain: std::memcpy(out, plain_.data() + from * width, count * width); return;
    case FloatEncoding::Bits: return read_integers(from, count, out);
    case FloatEncoding::Decimal: break;
  }
  double power = kPowersOf10[exponent_];
  if (width == 8) {
    auto* slots = reinterpret_cast<double*>(out);
    streams_[0].read(from, count, [=](size_t k, int64_t digits) { slots[k] = static_cast<double>(digits) / power; });
  } else {
    auto* slots = reinterpret_cast<float*>(out);
    streams_[0].read(from, count, [=](size_t k, int64_t digits) {
      slots[k] = static_cast<float>(static_cast<double>(digits) / power);
    });
  }
  for (auto [at, bits] : exceptions_) {
    if (at >= from && at < from + count) std::memcpy(out + (at - from) * width, &bits, width);
  }
}

bool BlockReader::read_numerics(size_t from, size_t count, types::Numeric* out, Arena& heap) {
  if (static_cast<NumericEncoding>(encoding_) == NumericEncoding::Scaled) {
    if (streams_[0].is_constant()) {
      const types::Numeric zero = types::Numeric::of(0, static_cast<uint16_t>(streams_[0].at(0)));
      streams_[1].read(from, count, [&](size_t k, int64_t value) {
        out[k] = zero;
        out[k].small = value;
      });
      return true;
    }
    streams_[1].read(from, count, [&](size_t k, int64_t value) { out[k] = types::Numeric::of(value); });
    streams_[0].read(from, count, [&](size_t k, int64_t scale) { out[k].scale = static_cast<uint16_t>(scale); });
    return true;
  }
  std::vector<types::StringView> views(count);
  // Values point into their bytes, which must not be inline.
  read_strings(from, count, views.data(), heap);
  for (size_t k = 0; k < count; ++k) {
    std::string_view bytes = views[k].view();
    if (views[k].is_inlined()) bytes = heap.copy(bytes);
    if (!decode_value(bytes, PhysicalType::Numeric, reinterpret_cast<std::byte*>(out + k))) return false;
  }
  return true;
}

bool BlockReader::read(size_t from, size_t count, vector::Vector& out, size_t at) {
  size_t width = types::physical_size(type_);
  std::byte* slots = out.slots<std::byte>() + at * width;
  switch (type_) {
    case PhysicalType::Bool:
    case PhysicalType::Int8:
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: read_integers(from, count, slots); break;
    case PhysicalType::Float32:
    case PhysicalType::Float64: read_floats(from, count, slots); break;
    case PhysicalType::TimeTz: {
      auto* values = reinterpret_cast<types::TimeTz*>(slots);
      streams_[0].read(from, count, [=](size_t k, int64_t v) { values[k] = {v, 0, 0}; });
      streams_[1].read(from, count, [=](size_t k, int64_t v) { values[k].zone = static_cast<int32_t>(v); });
      break;
    }
    case PhysicalType::Interval: {
      auto* values = reinterpret_cast<types::Interval*>(slots);
      streams_[0].read(from, count, [=](size_t k, int64_t v) { values[k].microseconds = v; });
      streams_[1].read(from, count, [=](size_t k, int64_t v) { values[k].days = static_cast<int32_t>(v); });
      streams_[2].read(from, count, [=](size_t k, int64_t v) { values[k].months = static_cast<int32_t>(v); });
      break;
    }
    case PhysicalType::Uuid: std::memcpy(slots, plain_.data() + from * 16, count * 16); break;
    case PhysicalType::Numeric:
      if (!read_numerics(from, count, reinterpret_cast<types::Numeric*>(slots), out.heap())) return false;
      break;
    case PhysicalType::String: read_strings(from, count, reinterpret_cast<types::StringView*>(slots), out.heap()); break;
  }
  if (malformed_) return false;
  if (validity_ == nullptr) return true;
  for (size_t k = 0; k < count; ++k) {
    if (!valid_bit(validity_, from + k)) out.set_null(at + k);
  }
  return true;
}

}  // namespace aegis::storage
