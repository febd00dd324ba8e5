#include "column/block.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "coding.h"
#include "column/compression.h"
#include "table/tuple.h"

namespace aegis::storage {
namespace {

constexpr double kPowersOf10[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr uint8_t kHasNulls = 1;
constexpr size_t kMaxDistinctStrings = 4096;
// Blocks of long texts are rarely read for one value: Zstd makes them a fifth smaller, and in a third of LZ4's time at
// the effort that comes near.
constexpr size_t kZstdFromBytes = 40'000;
// A block so long is cheaper to read in parts.
constexpr size_t kFramesFromBytes = kFrameHeadBytes + kFrameBytes;

// The values a block writes: for each its slot, nulls replaced by the value before.
std::vector<const std::byte*> solid_slots(PhysicalType type, const std::byte* slots, const uint64_t* validity, size_t count) {
  alignas(16) static const std::byte kZero[16] = {};
  size_t width = types::physical_size(type);
  std::vector<const std::byte*> result(count);
  const std::byte* last = nullptr;
  for (size_t i = 0; i < count && last == nullptr; ++i) {
    if (vector::valid_at(validity, i)) last = slots + i * width;
  }
  if (last == nullptr) last = kZero;
  for (size_t i = 0; i < count; ++i) {
    if (vector::valid_at(validity, i)) last = slots + i * width;
    result[i] = last;
  }
  return result;
}

using Slots = std::vector<const std::byte*>;

template <typename T>
T load(const std::byte* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

template <typename F>
void encode_stream(const Slots& slots, std::string& out, F&& value_of) {
  std::vector<int64_t> values(slots.size());
  for (size_t i = 0; i < slots.size(); ++i) values[i] = value_of(slots[i]);
  encode_integers(values.data(), values.size(), out);
}

// --- Floats: value = integer / 10^exponent, where that gives the same bits back.
template <typename T>
bool as_decimal(T value, int exponent, int64_t& digits) {
  double scaled = static_cast<double>(value) * kPowersOf10[exponent];
  if (!(std::fabs(scaled) < 9e15)) return false;
  digits = static_cast<int64_t>(std::llround(scaled));
  T back = static_cast<T>(static_cast<double>(digits) / kPowersOf10[exponent]);
  return std::memcmp(&back, &value, sizeof value) == 0;
}

template <typename T>
int best_exponent(const Slots& slots, size_t& failures) {
  int best = -1;
  failures = slots.size();
  for (int exponent = 0; exponent <= 15; ++exponent) {
    size_t failed = 0;
    size_t sampled = 0;
    for (size_t i = 0; i < slots.size(); i += std::max<size_t>(1, slots.size() / 64)) {
      int64_t digits;
      ++sampled;
      failed += !as_decimal(load<T>(slots[i]), exponent, digits);
    }
    if (best < 0 || failed < failures) {
      best = exponent;
      failures = failed;
    }
    if (failed == 0 || sampled == 0) break;
  }
  return best;
}

template <typename T, typename Bits>
void encode_floats(const Slots& slots, std::string& out) {
  size_t sampled_failures;
  int exponent = best_exponent<T>(slots, sampled_failures);
  if (exponent >= 0 && sampled_failures <= 6) {
    std::vector<int64_t> digits(slots.size());
    std::string exceptions;
    size_t count = 0;
    int64_t last = 0;
    for (size_t i = 0; i < slots.size(); ++i) {
      if (as_decimal(load<T>(slots[i]), exponent, digits[i])) {
        last = digits[i];
        continue;
      }
      digits[i] = last;
      put_varint(exceptions, i);
      put_fixed(exceptions, load<Bits>(slots[i]));
      ++count;
    }
    std::string body;
    encode_integers(digits.data(), digits.size(), body);
    if (body.size() + exceptions.size() < slots.size() * sizeof(T) * 9 / 10) {
      out.push_back(static_cast<char>(FloatEncoding::Decimal));
      out.push_back(static_cast<char>(exponent));
      put_varint(out, count);
      out += exceptions;
      out += body;
      return;
    }
  }
  std::string bits;
  encode_stream(slots, bits, [](const std::byte* slot) { return static_cast<int64_t>(load<Bits>(slot)); });
  if (bits.size() < slots.size() * sizeof(T) * 9 / 10) {
    out.push_back(static_cast<char>(FloatEncoding::Bits));
    out += bits;
    return;
  }
  out.push_back(static_cast<char>(FloatEncoding::Plain));
  for (const std::byte* slot : slots) out.append(reinterpret_cast<const char*>(slot), sizeof(T));
}

// --- Strings
size_t encode_plain_strings(const std::vector<std::string_view>& strings, std::string& out) {
  std::string_view prefix = strings.empty() ? std::string_view() : strings[0];
  for (std::string_view s : strings) {
    size_t common = 0;
    size_t limit = std::min(prefix.size(), s.size());
    while (common < limit && prefix[common] == s[common]) ++common;
    prefix = prefix.substr(0, common);
  }
  put_bytes(out, prefix);
  std::vector<int64_t> lengths;
  lengths.reserve(strings.size());
  size_t total = 0;
  for (std::string_view s : strings) {
    lengths.push_back(static_cast<int64_t>(s.size() - prefix.size()));
    total += s.size() - prefix.size();
  }
  encode_integers(lengths.data(), lengths.size(), out);
  put_varint(out, total);
  for (std::string_view s : strings) out += s.substr(prefix.size());
  return total;
}

// Returns how many bytes of strings stand at the end as they are.
size_t encode_strings(const std::vector<std::string_view>& strings, std::string& out) {
  std::unordered_map<std::string_view, uint32_t> codes_of;
  std::vector<std::string_view> distinct;
  std::vector<uint64_t> codes;
  codes.reserve(strings.size());
  size_t distinct_bytes = 0, total_bytes = 0;
  bool dictionary = true;
  const size_t most = std::min(kMaxDistinctStrings, strings.size() / 2 + 1);
  for (std::string_view s : strings) total_bytes += s.size() + 1;
  for (std::string_view s : strings) {
    auto [place, fresh] = codes_of.emplace(s, distinct.size());
    if (fresh) {
      if (distinct.size() == most) {
        dictionary = false;
        break;
      }
      distinct.push_back(s);
      distinct_bytes += s.size() + 1;
    }
    codes.push_back(place->second);
  }
  unsigned width = packed_width(distinct.empty() ? 0 : distinct.size() - 1);
  if (dictionary && distinct_bytes + packed_bytes(strings.size(), width) < total_bytes * 3 / 4) {
    out.push_back(static_cast<char>(StringEncoding::Dictionary));
    put_varint(out, distinct.size());
    encode_plain_strings(distinct, out);
    out.push_back(static_cast<char>(width));
    pack_bits(codes.data(), codes.size(), width, out);
    return 0;
  }
  out.push_back(static_cast<char>(StringEncoding::Plain));
  return encode_plain_strings(strings, out);
}

void encode_numerics(const Slots& slots, std::string& out) {
  bool small = true;
  for (const std::byte* slot : slots) small = small && reinterpret_cast<const types::Numeric*>(slot)->is_small();
  if (small) {
    out.push_back(static_cast<char>(NumericEncoding::Scaled));
    encode_stream(slots, out, [](const std::byte* s) { return int64_t{reinterpret_cast<const types::Numeric*>(s)->scale}; });
    encode_stream(slots, out, [](const std::byte* s) { return reinterpret_cast<const types::Numeric*>(s)->small; });
    return;
  }
  out.push_back(static_cast<char>(NumericEncoding::Bytes));
  std::string bytes;
  std::vector<size_t> ends;
  for (const std::byte* slot : slots) {
    encode_value(bytes, PhysicalType::Numeric, slot);
    ends.push_back(bytes.size());
  }
  std::vector<std::string_view> strings;
  size_t start = 0;
  for (size_t end : ends) {
    strings.push_back(std::string_view(bytes).substr(start, end - start));
    start = end;
  }
  encode_strings(strings, out);
}

void encode_values(PhysicalType type, const Slots& slots, std::string& out, size_t& plain_bytes) {
  switch (type) {
    case PhysicalType::Bool: return encode_stream(slots, out, [](const std::byte* s) { return int64_t{load<uint8_t>(s)}; });
    case PhysicalType::Int8: return encode_stream(slots, out, [](const std::byte* s) { return int64_t{load<int8_t>(s)}; });
    case PhysicalType::Int16: return encode_stream(slots, out, [](const std::byte* s) { return int64_t{load<int16_t>(s)}; });
    case PhysicalType::Int32: return encode_stream(slots, out, [](const std::byte* s) { return int64_t{load<int32_t>(s)}; });
    case PhysicalType::Int64: return encode_stream(slots, out, [](const std::byte* s) { return load<int64_t>(s); });
    case PhysicalType::Float32: return encode_floats<float, uint32_t>(slots, out);
    case PhysicalType::Float64: return encode_floats<double, uint64_t>(slots, out);
    case PhysicalType::TimeTz:
      encode_stream(slots, out, [](const std::byte* s) { return reinterpret_cast<const types::TimeTz*>(s)->microseconds; });
      return encode_stream(slots, out, [](const std::byte* s) { return int64_t{reinterpret_cast<const types::TimeTz*>(s)->zone}; });
    case PhysicalType::Interval:
      encode_stream(slots, out, [](const std::byte* s) { return reinterpret_cast<const types::Interval*>(s)->microseconds; });
      encode_stream(slots, out, [](const std::byte* s) { return int64_t{reinterpret_cast<const types::Interval*>(s)->days}; });
      return encode_stream(slots, out, [](const std::byte* s) { return int64_t{reinterpret_cast<const types::Interval*>(s)->months}; });
    case PhysicalType::Uuid:
      for (const std::byte* slot : slots) out.append(reinterpret_cast<const char*>(slot), 16);
      return;
    case PhysicalType::Numeric: return encode_numerics(slots, out);
    case PhysicalType::String: {
      std::vector<std::string_view> strings;
      strings.reserve(slots.size());
      for (const std::byte* slot : slots) strings.push_back(reinterpret_cast<const types::StringView*>(slot)->view());
      plain_bytes = encode_strings(strings, out);
      return;
    }
  }
}

bool has_null(const uint64_t* validity, size_t count) {
  for (size_t i = 0; validity != nullptr && i < count; ++i) {
    if (!vector::valid_at(validity, i)) return true;
  }
  return false;
}

// Appends the whole block by Zstd, in frames where that is of use; false, with nothing appended, if it takes `limit`.
bool append_by_zstd(const std::string& body, uint8_t flags, bool in_frames, size_t limit, std::string& out) {
  size_t start = out.size();
  for (auto method : {BlockCompression::ZstdFrames, BlockCompression::Zstd}) {
    if (method == BlockCompression::ZstdFrames && !in_frames) continue;
    out.push_back(static_cast<char>(flags | static_cast<uint8_t>(method) << 1));
    put_varint(out, body.size());
    size_t head = out.size() - start;
    bool done = head < limit && (method == BlockCompression::Zstd ? compress(method, body, limit - head, CompressionEffort::Thorough, out)
                                                                   : compress_frames(body, limit - head, out));
    if (done) return true;
    out.resize(start);
  }
  return false;
}

}  // namespace

void encode_block(PhysicalType type, const std::byte* slots, const uint64_t* validity, size_t count,
                  ColumnCompression compression, std::string& out) {
  std::string body;
  bool nulls = has_null(validity, count);
  if (nulls) body.append(reinterpret_cast<const char*>(validity), (count + 7) / 8);
  size_t plain_bytes = 0;
  encode_values(type, solid_slots(type, slots, validity, count), body, plain_bytes);
  auto flags = static_cast<uint8_t>(nulls ? kHasNulls : 0);
  if (compression != ColumnCompression::None && body.size() > 64) {
    // Bytes gain from it often; packed bits rarely do, and must be worth the time.
    bool bytes = type == PhysicalType::String || type == PhysicalType::Uuid;
    bool long_texts = compression == ColumnCompression::Auto && bytes && body.size() >= kZstdFromBytes;
    auto method = compression == ColumnCompression::Zstd || long_texts ? BlockCompression::Zstd : BlockCompression::Lz4;
    size_t start = out.size();
    size_t limit = bytes ? body.size() * 9 / 10 : body.size() * 3 / 4;
    bool long_strings = body.size() >= kFramesFromBytes && plain_bytes > 0 && body.size() - plain_bytes <= kFrameHeadBytes;
    if (method == BlockCompression::Zstd && long_strings && append_by_zstd(body, flags, true, limit, out)) return;
    out.push_back(static_cast<char>(flags | static_cast<uint8_t>(method) << 1));
    put_varint(out, body.size());
    if (compress(method, body, limit, bytes ? CompressionEffort::Thorough : CompressionEffort::Fast, out)) {
      // Digits and the like repeat no words, but take few bits each.
      bool poor = compression == ColumnCompression::Auto && bytes && method == BlockCompression::Lz4 && out.size() - start > body.size() / 2;
      std::string other;
      if (!poor || !append_by_zstd(body, flags, long_strings, (out.size() - start) * 3 / 4, other)) return;
      out.resize(start);
      out += other;
      return;
    }
    out.resize(start);
    bool other_way = compression == ColumnCompression::Auto && bytes && method == BlockCompression::Lz4;
    if (other_way && append_by_zstd(body, flags, long_strings, body.size() * 3 / 4, out)) return;
  }
  out.push_back(static_cast<char>(flags));
  out += body;
}

}  // namespace aegis::storage
