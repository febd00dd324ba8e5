#include "column/integers.h"

#include <numeric>

#include "coding.h"

namespace aegis::storage {
namespace {

constexpr size_t kMaxDictionary = 256;
constexpr int kMaxDepth = 2;

// Distinct values in order of appearance, given up past kMaxDictionary.
class Distinct {
 public:
  Distinct() : table_(kSlots, -1) {}
  // The value's code, or -1 when there are too many.
  int code(int64_t value) {
    uint64_t h = static_cast<uint64_t>(value) * 0x9e3779b97f4a7c15ULL;
    for (size_t at = h >> 54;; at = (at + 1) % kSlots) {
      int found = table_[at];
      if (found < 0) {
        if (values.size() == kMaxDictionary) return -1;
        table_[at] = static_cast<int16_t>(values.size());
        values.push_back(value);
        return table_[at];
      }
      if (values[static_cast<size_t>(found)] == value) return found;
    }
  }
  std::vector<int64_t> values;

 private:
  static constexpr size_t kSlots = 1024;
  std::vector<int16_t> table_;
};

struct Survey {
  int64_t low, high;
  uint64_t step = 0;  // greatest common divisor of the distances from `low`
  int64_t delta_low = 0, delta_high = 0;
  bool deltas_overflow = false;
  size_t runs = 1;

  Survey(const int64_t* values, size_t count) : low(values[0]), high(values[0]) {
    bool first = true;
    for (size_t i = 1; i < count; ++i) {
      low = std::min(low, values[i]);
      high = std::max(high, values[i]);
      runs += values[i] != values[i - 1];
      int64_t delta;
      if (__builtin_sub_overflow(values[i], values[i - 1], &delta)) deltas_overflow = true;
      delta_low = first ? delta : std::min(delta_low, delta);
      delta_high = first ? delta : std::max(delta_high, delta);
      first = false;
    }
    for (size_t i = 0; i < count && step != 1; ++i) {
      uint64_t distance = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(low);
      if (distance != 0) step = std::gcd(step, distance);
    }
    if (step == 0) step = 1;
  }
  uint64_t range() const { return static_cast<uint64_t>(high) - static_cast<uint64_t>(low); }
  uint64_t delta_range() const { return static_cast<uint64_t>(delta_high) - static_cast<uint64_t>(delta_low); }
};

void put_encoding(std::string& out, IntegerEncoding encoding) { out.push_back(static_cast<char>(encoding)); }
void put_signed(std::string& out, uint64_t value) { put_varint(out, zigzag(static_cast<int64_t>(value))); }

void put_bits(std::string& out, const std::vector<uint64_t>& values, uint64_t largest) {
  unsigned width = packed_width(largest);
  out.push_back(static_cast<char>(width));
  pack_bits(values.data(), values.size(), width, out);
}

void encode_frame(const int64_t* values, size_t count, const Survey& survey, std::string& out) {
  put_encoding(out, IntegerEncoding::Frame);
  put_signed(out, static_cast<uint64_t>(survey.low));
  put_varint(out, survey.step);
  std::vector<uint64_t> offsets(count);
  auto low = static_cast<uint64_t>(survey.low);
  if (survey.step == 1) {
    for (size_t i = 0; i < count; ++i) offsets[i] = static_cast<uint64_t>(values[i]) - low;
  } else {
    for (size_t i = 0; i < count; ++i) offsets[i] = (static_cast<uint64_t>(values[i]) - low) / survey.step;
  }
  put_bits(out, offsets, survey.range() / survey.step);
}

void encode_delta(const int64_t* values, size_t count, const Survey& survey, std::string& out) {
  put_encoding(out, IntegerEncoding::Delta);
  put_signed(out, static_cast<uint64_t>(values[0]));
  put_signed(out, static_cast<uint64_t>(survey.delta_low));
  std::vector<uint64_t> deltas(count - 1);
  for (size_t i = 1; i < count; ++i) {
    deltas[i - 1] = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]) - static_cast<uint64_t>(survey.delta_low);
  }
  put_bits(out, deltas, survey.delta_range());
}

void encode_runs(const int64_t* values, size_t count, std::string& out, int depth) {
  std::vector<int64_t> heads, lengths;
  for (size_t i = 0; i < count; ++i) {
    if (i == 0 || values[i] != values[i - 1]) {
      heads.push_back(values[i]);
      lengths.push_back(0);
    }
    ++lengths.back();
  }
  put_encoding(out, IntegerEncoding::RunLength);
  put_varint(out, heads.size());
  encode_integers(heads.data(), heads.size(), out, depth + 1);
  encode_integers(lengths.data(), lengths.size(), out, depth + 1);
}

bool encode_dictionary(const int64_t* values, size_t count, std::string& out, int depth) {
  Distinct distinct;
  std::vector<uint64_t> codes(count);
  for (size_t i = 0; i < count; ++i) {
    int code = distinct.code(values[i]);
    if (code < 0) return false;
    codes[i] = static_cast<uint64_t>(code);
  }
  put_encoding(out, IntegerEncoding::Dictionary);
  put_varint(out, distinct.values.size());
  encode_integers(distinct.values.data(), distinct.values.size(), out, depth + 1);
  put_bits(out, codes, distinct.values.size() - 1);
  return true;
}

}  // namespace

void encode_integers(const int64_t* values, size_t count, std::string& out, int depth) {
  if (count == 0) {
    put_encoding(out, IntegerEncoding::Constant);
    put_signed(out, 0);
    return;
  }
  Survey survey(values, count);
  if (survey.low == survey.high) {
    put_encoding(out, IntegerEncoding::Constant);
    put_signed(out, static_cast<uint64_t>(survey.low));
    return;
  }
  unsigned frame_width = packed_width(survey.range() / survey.step);
  size_t frame_bytes = packed_bytes(count, frame_width) + 6;
  // What reads slower than a frame must save something.
  size_t limit = frame_bytes - frame_bytes / 16;
  size_t delta_bytes = survey.deltas_overflow ? limit : packed_bytes(count, packed_width(survey.delta_range())) + 8;
  const size_t start = out.size();
  // A run takes a byte, about.
  if (depth < kMaxDepth && survey.runs * 2 <= count && survey.runs < std::min(limit, delta_bytes)) {
    encode_runs(values, count, out, depth);
    if (out.size() - start < std::min(limit, delta_bytes)) return;
    out.resize(start);
  }
  if (delta_bytes < limit) return encode_delta(values, count, survey, out);
  if (depth < kMaxDepth && frame_width > 8 && count > 64) {
    if (encode_dictionary(values, count, out, depth) && out.size() - start < limit) return;
    out.resize(start);
  }
  encode_frame(values, count, survey, out);
}

bool IntegerStream::parse_bits(std::string_view& in, size_t count) {
  uint8_t width;
  if (!get_fixed(in, width) || (width > kMaxPackedWidth && width != 64)) return false;
  size_t bytes = packed_bytes(count, width);
  if (in.size() < bytes) return false;
  bits_ = {in.data(), bytes, width};
  in.remove_prefix(bytes);
  return true;
}

bool IntegerStream::parse_runs(std::string_view& in, int depth) {
  uint64_t runs;
  IntegerStream heads, lengths;
  if (!get_varint(in, runs) || runs > count_) return false;
  if (!heads.parse(in, runs, depth + 1) || !lengths.parse(in, runs, depth + 1)) return false;
  values_.resize(runs);
  ends_.resize(runs);
  heads.read(0, runs, [&](size_t k, int64_t value) { values_[k] = value; });
  uint64_t end = 0;
  lengths.read(0, runs, [&](size_t k, int64_t length) {
    end += static_cast<uint64_t>(length);
    ends_[k] = end;
  });
  return end == count_;
}

bool IntegerStream::parse_dictionary(std::string_view& in, int depth) {
  uint64_t size;
  IntegerStream values;
  if (!get_varint(in, size) || size == 0 || size > kMaxDictionary || !values.parse(in, size, depth + 1)) return false;
  if (!parse_bits(in, count_) || bits_.width > 8) return false;
  // Any code has a value.
  values_.assign(size_t{1} << bits_.width, 0);
  if (values_.size() < size) return false;
  values.read(0, size, [&](size_t k, int64_t value) { values_[k] = value; });
  return true;
}

bool IntegerStream::parse(std::string_view& in, size_t count, int depth) {
  uint8_t encoding;
  uint64_t value, delta;
  count_ = count;
  if (depth > kMaxDepth + 1 || !get_fixed(in, encoding)) return false;
  encoding_ = static_cast<IntegerEncoding>(encoding);
  switch (encoding_) {
    case IntegerEncoding::Constant:
      if (!get_varint(in, value)) return false;
      base_ = static_cast<uint64_t>(unzigzag(value));
      return true;
    case IntegerEncoding::Frame:
      if (!get_varint(in, value) || !get_varint(in, step_)) return false;
      base_ = static_cast<uint64_t>(unzigzag(value));
      return parse_bits(in, count);
    case IntegerEncoding::Delta:
      if (count == 0 || !get_varint(in, value) || !get_varint(in, delta)) return false;
      step_ = static_cast<uint64_t>(unzigzag(value));
      base_ = static_cast<uint64_t>(unzigzag(delta));
      return parse_bits(in, count - 1);
    case IntegerEncoding::RunLength: return parse_runs(in, depth);
    case IntegerEncoding::Dictionary: return parse_dictionary(in, depth);
  }
  return false;
}

int64_t IntegerStream::at(size_t i) const {
  switch (encoding_) {
    case IntegerEncoding::Constant: return static_cast<int64_t>(base_);
    case IntegerEncoding::Frame: return static_cast<int64_t>(base_ + step_ * bits_.at(i));
    case IntegerEncoding::Delta: {
      uint64_t value = step_ + base_ * i;
      bits_.unpack(0, i, [&](size_t, uint64_t v) { value += v; });
      return static_cast<int64_t>(value);
    }
    case IntegerEncoding::RunLength: return values_[run_of(i)];
    case IntegerEncoding::Dictionary: return values_[bits_.at(i)];
  }
  return 0;
}

}  // namespace aegis::storage
