#include "aegis/types/range.h"

#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

constexpr uint8_t kEmpty = 1;
constexpr uint8_t kLowerInclusive = 2;
constexpr uint8_t kUpperInclusive = 4;
constexpr uint8_t kLowerInfinite = 8;
constexpr uint8_t kUpperInfinite = 16;

uint32_t load_u32(std::string_view bytes, size_t at) {
  uint32_t value;
  std::memcpy(&value, bytes.data() + at, 4);
  return value;
}
void append_u32(std::string& out, uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); }

Value read_value(PhysicalType physical, std::string_view bytes) {
  if (physical == PhysicalType::String) return Value::of_string(bytes);
  Value value = load_slot(physical, bytes.data());
  if (physical == PhysicalType::Numeric && value.numeric.kind == Numeric::Kind::Big) {
    value.numeric.big = reinterpret_cast<const uint8_t*>(bytes.data()) + 16;
  }
  return value;
}
void append_value(PhysicalType physical, const Value& value, std::string& out) {
  if (physical == PhysicalType::String) {
    append_u32(out, value.string.size());
    out += value.text();
    return;
  }
  std::string_view tail = out_of_line(physical, value.slot);
  append_u32(out, static_cast<uint32_t>(physical_size(physical) + tail.size()));
  out.append(reinterpret_cast<const char*>(value.slot), physical_size(physical));
  out += tail;
}

Oid subtype_of(Oid range_type) { return type_info(range_type).base; }

std::string range_bytes(Oid range_type, const Range& range) {
  std::string bytes;
  append_u32(bytes, range_type);
  if (range.empty) {
    bytes += static_cast<char>(kEmpty);
    return bytes;
  }
  uint8_t flags = 0;
  if (range.lower.infinite) flags |= kLowerInfinite;
  if (range.upper.infinite) flags |= kUpperInfinite;
  if (range.lower.inclusive && !range.lower.infinite) flags |= kLowerInclusive;
  if (range.upper.inclusive && !range.upper.infinite) flags |= kUpperInclusive;
  bytes += static_cast<char>(flags);
  PhysicalType physical = physical_type(subtype_of(range_type));
  if (!range.lower.infinite) append_value(physical, range.lower.value, bytes);
  if (!range.upper.infinite) append_value(physical, range.upper.value, bytes);
  return bytes;
}

// Adds one to a discrete bound; false when it is infinite in its own right.
bool step_up(Oid subtype, Value& value) {
  switch (subtype) {
    case oid::kInt4:
      if (value.i32 == INT32_MAX) throw SqlError(Sqlstate::NumericValueOutOfRange, "integer out of range");
      ++value.i32;
      return true;
    case oid::kInt8:
      if (value.i64 == INT64_MAX) throw SqlError(Sqlstate::NumericValueOutOfRange, "bigint out of range");
      ++value.i64;
      return true;
    case oid::kDate: {
      if (value.i32 == INT32_MAX || value.i32 == INT32_MIN) return false;
      constexpr int32_t kLastDate = 2145031948 + 730;  // 5874897-12-31, and what cannot be dates is kept out below
      if (value.i32 >= kLastDate) throw SqlError(Sqlstate::DatetimeFieldOverflow, "date out of range");
      ++value.i32;
      return true;
    }
    default: return false;
  }
}

void canonicalize(Oid range_type, Range& range) {
  const TypeInfo& info = type_info(range_type);
  if (!info.discrete || range.empty) return;
  if (!range.lower.infinite && !range.lower.inclusive && step_up(info.base, range.lower.value)) range.lower.inclusive = true;
  if (!range.upper.infinite && range.upper.inclusive && step_up(info.base, range.upper.value)) range.upper.inclusive = false;
  if (range.lower.infinite || range.upper.infinite) return;
  int order = compare_bound_values(range_type, range.lower, range.upper);
  if (order > 0 || (order == 0 && !(range.lower.inclusive && range.upper.inclusive))) range.empty = true;
}

}  // namespace

Oid range_type_of(std::string_view bytes) { return load_u32(bytes, 0); }

Range read_range(std::string_view bytes) {
  Range range;
  auto flags = static_cast<uint8_t>(bytes[4]);
  range.upper.lower = false;
  range.empty = (flags & kEmpty) != 0;
  if (range.empty) return range;
  range.lower.infinite = (flags & kLowerInfinite) != 0;
  range.upper.infinite = (flags & kUpperInfinite) != 0;
  range.lower.inclusive = (flags & kLowerInclusive) != 0;
  range.upper.inclusive = (flags & kUpperInclusive) != 0;
  PhysicalType physical = physical_type(subtype_of(range_type_of(bytes)));
  size_t at = 5;
  for (RangeBound* bound : {&range.lower, &range.upper}) {
    if (bound->infinite) continue;
    uint32_t size = load_u32(bytes, at);
    bound->value = read_value(physical, bytes.substr(at + 4, size));
    at += 4 + size;
  }
  return range;
}

int compare_bound_values(Oid range_type, const RangeBound& a, const RangeBound& b) {
  if (a.infinite && b.infinite) return a.lower == b.lower ? 0 : a.lower ? -1 : 1;
  if (a.infinite) return a.lower ? -1 : 1;
  if (b.infinite) return b.lower ? 1 : -1;
  Oid subtype = subtype_of(range_type);
  const TypeInfo& info = type_info(subtype);
  if (info.compare == nullptr) throw_not_supported("ranges of type " + std::string(info.sql_name));
  return info.compare(a.value, b.value, subtype);
}

int compare_bounds(Oid range_type, const RangeBound& a, const RangeBound& b) {
  int order = compare_bound_values(range_type, a, b);
  if (order != 0 || a.infinite || b.infinite) return order;
  if (!a.inclusive && !b.inclusive) return a.lower == b.lower ? 0 : a.lower ? 1 : -1;
  if (!a.inclusive) return a.lower ? 1 : -1;
  if (!b.inclusive) return b.lower ? -1 : 1;
  return 0;
}

int compare_ranges(Oid range_type, const Range& a, const Range& b) {
  if (a.empty || b.empty) return a.empty && b.empty ? 0 : a.empty ? -1 : 1;
  int order = compare_bounds(range_type, a.lower, b.lower);
  return order != 0 ? order : compare_bounds(range_type, a.upper, b.upper);
}

bool bounds_adjacent(Oid range_type, const RangeBound& a, const RangeBound& b) {
  int order = compare_bound_values(range_type, a, b);
  if (order == 0) return a.inclusive != b.inclusive;
  if (order > 0) return false;
  if (!type_info(range_type).discrete) return false;
  // The gap between them, in canonical form, is empty when they touch.
  RangeBound lower = a;
  RangeBound upper = b;
  lower.inclusive = !a.inclusive;
  lower.lower = true;
  upper.inclusive = !b.inclusive;
  upper.lower = false;
  return make_range(range_type, lower, upper).empty;
}

Range make_range(Oid range_type, RangeBound lower, RangeBound upper) {
  Range range;
  lower.lower = true;
  upper.lower = false;
  if (lower.infinite) lower.inclusive = false;
  if (upper.infinite) upper.inclusive = false;
  range.lower = lower;
  range.upper = upper;
  int order = compare_bound_values(range_type, lower, upper);
  if (order > 0) {
    throw SqlError(Sqlstate::DataException, "range lower bound must be less than or equal to range upper bound");
  }
  if (order == 0 && !(lower.inclusive && upper.inclusive)) range.empty = true;
  canonicalize(range_type, range);
  return range;
}

Value range_value(Oid range_type, const Range& range, Arena& arena) {
  return Value::of_string(arena.copy(std::string_view(range_bytes(range_type, range))));
}

std::vector<Range> read_multirange(std::string_view bytes) {
  std::vector<Range> ranges;
  uint32_t count = load_u32(bytes, 4);
  size_t at = 8;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t size = load_u32(bytes, at);
    ranges.push_back(read_range(bytes.substr(at + 4, size)));
    at += 4 + size;
  }
  return ranges;
}

Value multirange_value(Oid multirange_type, std::vector<Range> ranges, Arena& arena) {
  Oid range_type = type_info(multirange_type).base;
  std::erase_if(ranges, [](const Range& r) { return r.empty; });
  std::sort(ranges.begin(), ranges.end(), [&](const Range& a, const Range& b) { return compare_ranges(range_type, a, b) < 0; });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty()) {
      Range& last = merged.back();
      RangeBound lower = range.lower;
      bool overlap = compare_bounds(range_type, last.upper, lower) >= 0;
      if (overlap || bounds_adjacent(range_type, last.upper, lower)) {
        if (compare_bounds(range_type, range.upper, last.upper) > 0) last.upper = range.upper;
        continue;
      }
    }
    merged.push_back(range);
  }
  std::string bytes;
  append_u32(bytes, multirange_type);
  append_u32(bytes, static_cast<uint32_t>(merged.size()));
  for (const Range& range : merged) {
    std::string one = range_bytes(range_type, range);
    append_u32(bytes, static_cast<uint32_t>(one.size()));
    bytes += one;
  }
  return Value::of_string(arena.copy(std::string_view(bytes)));
}

namespace {

// Reads "[a,b)" from `at` on; for multiranges it stops behind the range.
class RangeReader {
 public:
  RangeReader(const TypeContext& context, std::string_view text, Oid range_type, Arena& arena, const char* what)
      : context_(context), text_(text), type_(range_type), arena_(arena), what_(what) {}

  size_t at = 0;

  void skip_space() {
    while (at < text_.size() && is_space(text_[at])) ++at;
  }
  [[noreturn]] void fail(const char* detail) {
    throw SqlError(Sqlstate::InvalidTextRepresentation, std::string("malformed ") + what_ + " literal: \"" + std::string(text_) + "\"").detail(detail);
  }
  bool take_empty() {
    std::string_view rest = text_.substr(at);
    if (rest.size() < 5) return false;
    constexpr std::string_view kWord = "empty";
    for (size_t i = 0; i < 5; ++i) {
      if ((rest[i] | 0x20) != kWord[i]) return false;
    }
    at += 5;
    return true;
  }

  Range read_bounds() {
    RangeBound lower, upper;
    if (at < text_.size() && (text_[at] == '[' || text_[at] == '(')) {
      lower.inclusive = text_[at++] == '[';
    } else {
      fail("Missing left parenthesis or bracket.");
    }
    read_bound(lower);
    if (at < text_.size() && text_[at] == ',') {
      ++at;
    } else {
      fail("Missing comma after lower bound.");
    }
    read_bound(upper);
    if (at < text_.size() && (text_[at] == ']' || text_[at] == ')')) {
      upper.inclusive = text_[at++] == ']';
    } else {
      fail("Too many commas.");
    }
    convert(lower);
    convert(upper);
    return make_range(type_, lower, upper);
  }

 private:
  std::string lower_text_, upper_text_;
  int next_ = 0;

  void read_bound(RangeBound& bound) {
    std::string& out = next_++ % 2 == 0 ? lower_text_ : upper_text_;
    out.clear();
    if (at >= text_.size() || std::string_view(",)]").find(text_[at]) != std::string_view::npos) {
      if (at >= text_.size()) fail("Unexpected end of input.");
      bound.infinite = true;
      return;
    }
    bound.infinite = false;
    bool quoted = false;
    while (quoted || at >= text_.size() || std::string_view(",)]([").find(text_[at]) == std::string_view::npos ||
           text_[at] == '(' || text_[at] == '[') {
      if (at >= text_.size()) fail("Unexpected end of input.");
      char c = text_[at++];
      if (c == '\\') {
        if (at >= text_.size()) fail("Unexpected end of input.");
        out += text_[at++];
      } else if (c == '"') {
        if (!quoted) {
          quoted = true;
        } else if (at < text_.size() && text_[at] == '"') {
          out += '"';
          ++at;
        } else {
          quoted = false;
        }
      } else {
        out += c;
      }
    }
  }
  int converted_ = 0;
  void convert(RangeBound& bound) {
    const std::string& text = converted_++ % 2 == 0 ? lower_text_ : upper_text_;
    if (bound.infinite) return;
    Oid subtype = subtype_of(type_);
    bound.value = copy_value(physical_type(subtype), type_info(subtype).input(context_, text, {subtype, -1}, arena_), arena_);
  }

  const TypeContext& context_;
  std::string_view text_;
  Oid type_;
  Arena& arena_;
  const char* what_;
};

Value range_input(const TypeContext& context, std::string_view text, Type type, Arena& arena) {
  RangeReader reader(context, text, type.oid, arena, "range");
  reader.skip_space();
  Range range;
  if (reader.take_empty()) {
    range.empty = true;
    reader.skip_space();
    if (reader.at < text.size()) reader.fail("Junk after \"empty\" key word.");
  } else {
    range = reader.read_bounds();
    reader.skip_space();
    if (reader.at < text.size()) reader.fail("Junk after right parenthesis or bracket.");
  }
  return range_value(type.oid, range, arena);
}

void append_bound(const TypeContext& context, Oid subtype, const Value& value, std::string& out) {
  std::string text;
  type_info(subtype).output(context, value, subtype, text);
  bool quote = text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || c == '(' || c == ')' || c == '[' || c == ']' || c == ',' || is_space(c);
  });
  if (!quote) {
    out += text;
    return;
  }
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') out += c;
    out += c;
  }
  out += '"';
}

void append_range(const TypeContext& context, Oid range_type, const Range& range, std::string& out) {
  if (range.empty) {
    out += "empty";
    return;
  }
  Oid subtype = subtype_of(range_type);
  out += range.lower.inclusive ? '[' : '(';
  if (!range.lower.infinite) append_bound(context, subtype, range.lower.value, out);
  out += ',';
  if (!range.upper.infinite) append_bound(context, subtype, range.upper.value, out);
  out += range.upper.inclusive ? ']' : ')';
}

void range_output(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  append_range(context, type, read_range(value.text()), out);
}

void send_range(const TypeContext& context, Oid range_type, const Range& range, std::string& out) {
  uint8_t flags = 0;
  if (range.empty) flags |= kEmpty;
  if (!range.empty) {
    if (range.lower.infinite) flags |= kLowerInfinite;
    if (range.upper.infinite) flags |= kUpperInfinite;
    if (range.lower.inclusive) flags |= kLowerInclusive;
    if (range.upper.inclusive) flags |= kUpperInclusive;
  }
  out += static_cast<char>(flags);
  if (range.empty) return;
  Oid subtype = subtype_of(range_type);
  for (const RangeBound* bound : {&range.lower, &range.upper}) {
    if (bound->infinite) continue;
    std::string bytes;
    type_info(subtype).send(context, bound->value, subtype, bytes);
    append_int32(out, static_cast<int32_t>(bytes.size()));
    out += bytes;
  }
}
void range_send(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  send_range(context, type, read_range(value.text()), out);
}

Range receive_range(const TypeContext& context, BinaryReader& reader, Oid range_type, Arena& arena) {
  auto flags = static_cast<uint8_t>(reader.int8());
  RangeBound lower, upper;
  Range range;
  if ((flags & kEmpty) != 0) {
    range.empty = true;
    return range;
  }
  lower.infinite = (flags & kLowerInfinite) != 0;
  upper.infinite = (flags & kUpperInfinite) != 0;
  lower.inclusive = (flags & kLowerInclusive) != 0;
  upper.inclusive = (flags & kUpperInclusive) != 0;
  Oid subtype = subtype_of(range_type);
  for (RangeBound* bound : {&lower, &upper}) {
    if (bound->infinite) continue;
    int32_t size = reader.int32();
    if (size < 0) throw SqlError(Sqlstate::ProtocolViolation, "invalid length in range");
    bound->value = type_info(subtype).receive(context, reader.take(static_cast<size_t>(size)), {subtype, -1}, arena);
  }
  return make_range(range_type, lower, upper);
}
Value range_receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  BinaryReader reader(bytes);
  return range_value(type.oid, receive_range(context, reader, type.oid, arena), arena);
}
int range_compare(const Value& a, const Value& b, Oid type) {
  return compare_ranges(type, read_range(a.text()), read_range(b.text()));
}
uint64_t hash_range(Oid range_type, const Range& range) {
  if (range.empty) return 1;
  Oid subtype = subtype_of(range_type);
  const TypeInfo& info = type_info(subtype);
  uint64_t hash = (range.lower.inclusive ? 2u : 0u) | (range.upper.inclusive ? 4u : 0u) | (range.lower.infinite ? 8u : 0u) |
                  (range.upper.infinite ? 16u : 0u);
  for (const RangeBound* bound : {&range.lower, &range.upper}) {
    hash = hash_combine(hash, bound->infinite ? 0 : info.hash(bound->value, subtype));
  }
  return hash;
}
uint64_t range_hash(const Value& value, Oid type) { return hash_range(type, read_range(value.text())); }

Value multirange_input(const TypeContext& context, std::string_view text, Type type, Arena& arena) {
  Oid range_type = type_info(type.oid).base;
  RangeReader reader(context, text, range_type, arena, "multirange");
  std::vector<Range> ranges;
  reader.skip_space();
  if (reader.at >= text.size() || text[reader.at] != '{') reader.fail("Missing left brace.");
  ++reader.at;
  reader.skip_space();
  bool expect_range = true;
  bool first = true;
  while (true) {
    reader.skip_space();
    if (reader.at >= text.size()) reader.fail("Unexpected end of input.");
    char c = text[reader.at];
    if (c == '}' && (first || !expect_range)) {
      ++reader.at;
      break;
    }
    if (expect_range) {
      if (reader.take_empty()) {
        Range none;
        none.empty = true;
        ranges.push_back(none);
      } else if (c == '[' || c == '(') {
        // The range's own text is what its errors name.
        size_t start = reader.at;
        bool quoted = false;
        size_t end = start + 1;
        for (; end < text.size(); ++end) {
          if (text[end] == '\\' && end + 1 < text.size()) {
            ++end;
          } else if (text[end] == '"') {
            quoted = !quoted;
          } else if (!quoted && (text[end] == ']' || text[end] == ')')) {
            break;
          }
        }
        if (end >= text.size()) reader.fail("Unexpected end of input.");
        std::string_view one = text.substr(start, end + 1 - start);
        RangeReader inner(context, one, range_type, arena, "range");
        ranges.push_back(inner.read_bounds());
        inner.skip_space();
        if (inner.at < one.size()) inner.fail("Junk after right parenthesis or bracket.");
        reader.at = end + 1;
      } else {
        reader.fail("Expected range start.");
      }
      expect_range = false;
      first = false;
    } else {
      if (c != ',') reader.fail("Expected comma or end of multirange.");
      ++reader.at;
      expect_range = true;
    }
  }
  reader.skip_space();
  if (reader.at < text.size()) reader.fail("Junk after closing right brace.");
  return multirange_value(type.oid, std::move(ranges), arena);
}
void multirange_output(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  Oid range_type = type_info(type).base;
  out += '{';
  bool first = true;
  for (const Range& range : read_multirange(value.text())) {
    if (!first) out += ',';
    first = false;
    append_range(context, range_type, range, out);
  }
  out += '}';
}
void multirange_send(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  Oid range_type = type_info(type).base;
  auto ranges = read_multirange(value.text());
  append_int32(out, static_cast<int32_t>(ranges.size()));
  for (const Range& range : ranges) {
    std::string bytes;
    send_range(context, range_type, range, bytes);
    append_int32(out, static_cast<int32_t>(bytes.size()));
    out += bytes;
  }
}
Value multirange_receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  BinaryReader reader(bytes);
  Oid range_type = type_info(type.oid).base;
  std::vector<Range> ranges;
  for (int32_t count = reader.int32(); count > 0; --count) {
    reader.int32();
    ranges.push_back(receive_range(context, reader, range_type, arena));
  }
  return multirange_value(type.oid, std::move(ranges), arena);
}
int multirange_compare(const Value& a, const Value& b, Oid type) {
  Oid range_type = type_info(type).base;
  auto x = read_multirange(a.text());
  auto y = read_multirange(b.text());
  for (size_t i = 0; i < x.size() && i < y.size(); ++i) {
    if (int order = compare_ranges(range_type, x[i], y[i]); order != 0) return order;
  }
  return x.size() < y.size() ? -1 : x.size() > y.size();
}
uint64_t multirange_hash(const Value& value, Oid type) {
  Oid range_type = type_info(type).base;
  uint64_t hash = 1;
  for (const Range& range : read_multirange(value.text())) hash = hash_combine(hash, hash_range(range_type, range));
  return hash;
}

}  // namespace

const Family kRangeFamily = {range_input, range_output, range_receive, range_send, range_compare, range_hash};
const Family kMultirangeFamily = {multirange_input, multirange_output, multirange_receive, multirange_send, multirange_compare, multirange_hash};

}  // namespace aegis::types
