// Every physical type in every shape of data: what a block gives back is what went in, whole, in parts and one by one.
#include "column/block.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "aegis/os/random.h"

namespace aegis::storage {
namespace {

using types::Value;

enum class Shape { Constant, Sequence, Small, Clustered, FewDistinct, Runs, Wide, Extremes, kCount };

class Source {
 public:
  Source(os::Random& random, Shape shape) : random_(random), shape_(shape), base_(random.next() >> (random.below(60))) {
    for (auto& value : few_) value = static_cast<int64_t>(random.next() >> random.below(64));
    step_ = static_cast<int64_t>(1 + random.below(1000));
  }
  int64_t next() {
    ++n_;
    switch (shape_) {
      case Shape::Constant: return static_cast<int64_t>(base_);
      case Shape::Sequence: return static_cast<int64_t>(base_ + static_cast<uint64_t>(n_ * step_) + random_.below(4));
      case Shape::Small: return static_cast<int64_t>(random_.below(100)) * step_;
      case Shape::Clustered: return static_cast<int64_t>(base_ + random_.below(1 << 20));
      case Shape::FewDistinct: return few_[random_.below(20)];
      case Shape::Runs:
        if (random_.one_in(30)) run_ = static_cast<int64_t>(random_.next());
        return run_;
      case Shape::Wide: return static_cast<int64_t>(random_.next());
      case Shape::Extremes: return random_.one_in(2) ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
      case Shape::kCount: break;
    }
    return 0;
  }

 private:
  os::Random& random_;
  Shape shape_;
  uint64_t base_;
  int64_t few_[20];
  int64_t step_;
  int64_t run_ = 0;
  int64_t n_ = 0;
};

std::string text_of(os::Random& random, Shape shape, int64_t number) {
  static const char* const kWords[] = {"carefully", "final", "deposits", "sleep", "quickly", "the", "regular", "requests"};
  std::string text;
  switch (shape) {
    case Shape::Constant: return "always the same, and rather long";
    case Shape::FewDistinct: return "value " + std::to_string(number % 20);
    case Shape::Runs:
    case Shape::Small: return std::to_string(number);
    case Shape::Sequence: return "Customer#" + std::to_string(100000000 + number);
    case Shape::Extremes: return random.one_in(3) ? std::string() : std::string(random.below(300), static_cast<char>(random.below(256)));
    default:
      for (size_t i = random.below(12); i > 0; --i) text += std::string(kWords[random.below(8)]) + " ";
      return text;
  }
}

Value value_of(os::Random& random, PhysicalType type, Shape shape, Source& source, Arena& arena) {
  int64_t n = source.next();
  switch (type) {
    case PhysicalType::Bool: return Value::of_bool((n & 1) != 0);
    case PhysicalType::Int8: return Value::of_i8(static_cast<int8_t>(n));
    case PhysicalType::Int16: return Value::of_i16(static_cast<int16_t>(n));
    case PhysicalType::Int32: return Value::of_i32(static_cast<int32_t>(n));
    case PhysicalType::Int64: return Value::of_i64(n);
    case PhysicalType::Float32:
      return Value::of_f32(random.one_in(50) ? std::nanf("") : static_cast<float>(n % 100000) / (shape == Shape::Wide ? 7.0f : 100.0f));
    case PhysicalType::Float64:
      if (random.one_in(80)) return Value::of_f64(random.one_in(2) ? -0.0 : std::numeric_limits<double>::infinity());
      return Value::of_f64(shape == Shape::Wide ? static_cast<double>(n) / 7 : static_cast<double>(n % 1000000) / 100);
    case PhysicalType::TimeTz: return Value::of_timetz({n, static_cast<int32_t>(n % 7) * 3600, 0});
    case PhysicalType::Interval: return Value::of_interval({n, static_cast<int32_t>(n), static_cast<int32_t>(n % 12)});
    case PhysicalType::Uuid: {
      types::Uuid uuid;
      for (auto& byte : uuid.bytes) byte = static_cast<uint8_t>(random.below(256));
      return Value::of_uuid(uuid);
    }
    case PhysicalType::Numeric: {
      types::Numeric numeric = types::Numeric::of(n, shape == Shape::Wide ? static_cast<uint16_t>(random.below(5)) : 2);
      if (shape == Shape::Extremes && random.one_in(3)) {
        numeric.kind = random.one_in(2) ? types::Numeric::Kind::NaN : types::Numeric::Kind::Big;
        numeric.small = 0;
        if (numeric.kind == types::Numeric::Kind::Big) {
          std::string_view bytes = arena.copy(std::string(8 + random.below(20), 'x'));
          numeric.negative = random.one_in(2);
          numeric.size = static_cast<uint32_t>(bytes.size());
          numeric.big = reinterpret_cast<const uint8_t*>(bytes.data());
        }
      }
      return Value::of_numeric(numeric);
    }
    case PhysicalType::String: return Value::of_string(arena.copy(text_of(random, shape, n)));
  }
  return Value();
}

bool same(PhysicalType type, const Value& a, const Value& b) {
  if (a.is_null || b.is_null) return a.is_null == b.is_null;
  if (type == PhysicalType::String) return a.text() == b.text();
  if (type == PhysicalType::Numeric && a.numeric.kind == types::Numeric::Kind::Big) {
    return b.numeric.kind == a.numeric.kind && a.numeric.negative == b.numeric.negative && a.numeric.scale == b.numeric.scale &&
           types::out_of_line(type, a.slot) == types::out_of_line(type, b.slot);
  }
  return std::memcmp(a.slot, b.slot, types::physical_size(type)) == 0;
}

void check_block(uint64_t seed) {
  os::Random random(seed);
  auto type = static_cast<PhysicalType>(random.below(static_cast<uint64_t>(PhysicalType::String) + 1));
  auto shape = static_cast<Shape>(random.below(static_cast<uint64_t>(Shape::kCount)));
  size_t count = random.one_in(4) ? 1 + random.below(20) : 1 + random.below(vector::kMaxChunkRows);
  uint64_t nulls = random.below(4);
  Arena arena;
  Source source(random, shape);
  vector::Vector in(kInvalidOid, type);
  in.reset();
  std::vector<Value> values;
  for (size_t i = 0; i < count; ++i) {
    Value value = value_of(random, type, shape, source, arena);
    if (nulls == 1 && random.one_in(5)) value = Value::null();
    if (nulls == 2 && !random.one_in(20)) value = Value::null();
    values.push_back(value);
    in.set(i, value);
  }
  vector::VectorView view = in.view();
  std::string payload;
  encode_block(type, view.bytes, view.validity, count, static_cast<ColumnCompression>(random.below(4)), payload);

  BlockReader reader;
  vector::Vector out(kInvalidOid, type);
  auto check = [&](size_t from, size_t n, size_t at) {
    out.reset();
    REQUIRE(reader.read(from, n, out, at));
    for (size_t i = 0; i < n; ++i) REQUIRE(same(type, out.get(at + i), values[from + i]));
  };
  REQUIRE(reader.open(type, payload, count));
  // Parts of what was not read yet, or all of it first.
  if (random.one_in(2)) check(0, count, 0);
  for (int i = 0; i < 20; ++i) {
    size_t from = random.below(count);
    check(from, 1, random.below(vector::kMaxChunkRows));
    size_t n = 1 + random.below(count - from);
    check(from, n, random.below(vector::kMaxChunkRows - n + 1));
  }
  // Damage must not crash: the checksum is there to catch it, this is for what slips through.
  for (int i = 0; i < 10; ++i) {
    std::string damaged = payload.substr(0, random.below(payload.size() + 1));
    if (!damaged.empty() && random.one_in(2)) damaged[random.below(std::min<size_t>(damaged.size(), 16))] ^= static_cast<char>(1 + random.below(255));
    BlockReader other;
    if (!other.open(type, damaged, count)) continue;
    out.reset();
    (void)other.read(count / 2, 1, out, 0);
  }
}

TEST_CASE("blocks of random values read back as they were") {
  const char* given = std::getenv("AEGIS_TEST_SEED");
  uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  uint64_t count = given != nullptr ? 1 : 1500;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    INFO("seed " << seed << " (AEGIS_TEST_SEED repeats it)");
    check_block(seed);
  }
}

TEST_CASE("a long block of texts is read in parts") {
  os::Random random(11);
  std::vector<std::string> texts;
  vector::Vector in(kInvalidOid, PhysicalType::String);
  in.reset();
  for (size_t i = 0; i < 2048; ++i) {
    std::string text;
    for (size_t words = 3 + random.below(20); words > 0; --words) text += "word" + std::to_string(random.below(300)) + " ";
    texts.push_back(text);
    in.set(i, Value::of_string(text));
  }
  vector::VectorView view = in.view();
  for (auto method : {ColumnCompression::Auto, ColumnCompression::Zstd}) {
    std::string payload;
    encode_block(PhysicalType::String, view.bytes, view.validity, texts.size(), method, payload);
    CHECK(static_cast<BlockCompression>(payload[0] >> 1) == BlockCompression::ZstdFrames);
    for (auto bytes : {BlockReader::Bytes::Borrow, BlockReader::Bytes::Own}) {
      BlockReader reader;
      vector::Vector out(kInvalidOid, PhysicalType::String);
      for (int i = 0; i < 300; ++i) {
        if (i % 10 == 0) REQUIRE(reader.open(PhysicalType::String, payload, texts.size(), bytes));
        size_t from = random.below(2048), count = 1 + random.below(std::min<size_t>(2048 - from, random.one_in(9) ? 2000 : 3));
        out.reset();
        REQUIRE(reader.read(from, count, out, 0));
        for (size_t k = 0; k < count; ++k) REQUIRE(out.get(k).text() == texts[from + k]);
      }
    }
  }
}

size_t encoded_bytes(const std::vector<int64_t>& values) {
  std::string out;
  encode_integers(values.data(), values.size(), out);
  return out.size();
}

TEST_CASE("integers take the encoding that suits them") {
  std::vector<int64_t> constant(2048, 77), sequence, stepped, runs, few;
  for (int64_t i = 0; i < 2048; ++i) {
    sequence.push_back(1'000'000'000 + i);
    stepped.push_back((i * 37 % 50) * 100);
    runs.push_back((i / 256) * 1'000'003);
    few.push_back((i * 31 % 5) * 1'000'000'007 + (i % 5));
  }
  CHECK(encoded_bytes(constant) < 8);
  CHECK(encoded_bytes(sequence) < 16);
  CHECK(encoded_bytes(stepped) < 2048 * 6 / 8 + 16);
  CHECK(encoded_bytes(runs) < 64);
  CHECK(encoded_bytes(few) < 2048 * 6 / 8);
}

}  // namespace
}  // namespace aegis::storage
