#include "aegis/types/array.h"

#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

ArrayView::ArrayView(std::string_view bytes) : bytes_(bytes) {
  element_ = load<uint32_t>(0);
  physical_ = static_cast<PhysicalType>(load<uint8_t>(4));
  dimensions_ = load<uint8_t>(5);
  if (dimensions_ == 0) {
    count_ = 0;
    return;
  }
  for (int d = 0; d < dimensions_; ++d) count_ *= static_cast<size_t>(length(d));
  elements_at_ = 8 + 8 * static_cast<size_t>(dimensions_);
  if (load<uint8_t>(6) != 0) {
    bitmap_ = reinterpret_cast<const uint8_t*>(bytes_.data()) + elements_at_;
    elements_at_ += (count_ + 7) / 8;
  }
  slot_size_ = physical_ == PhysicalType::String ? 4 : static_cast<uint32_t>(physical_size(physical_));
}

Value ArrayView::get(size_t i) const {
  if (is_null(i)) return Value::null();
  size_t at = elements_at_ + i * slot_size_;
  if (physical_ == PhysicalType::String) {
    uint32_t begin = load<uint32_t>(at);
    uint32_t end = load<uint32_t>(at + 4);
    return Value::of_string(bytes_.substr(elements_at_ + (count_ + 1) * 4 + begin, end - begin));
  }
  Value value = load_slot(physical_, bytes_.data() + at);
  if (physical_ == PhysicalType::Numeric && value.numeric.kind == Numeric::Kind::Big) {
    value.numeric.big = reinterpret_cast<const uint8_t*>(bytes_.data()) + reinterpret_cast<uintptr_t>(value.numeric.big);
  }
  return value;
}

ArrayBuilder::ArrayBuilder(Oid element_type) : element_(element_type), physical_(physical_type(element_type)) {}

void ArrayBuilder::set_dimensions(std::vector<int32_t> lengths, std::vector<int32_t> lowers) {
  lengths_ = std::move(lengths);
  lowers_ = std::move(lowers);
}

std::string_view ArrayBuilder::finish(Arena& arena) const {
  size_t count = values_.size();
  if (count > kMaxArrayElements) {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "array size exceeds the maximum allowed (134217727)");
  }
  bool nulls = std::any_of(values_.begin(), values_.end(), [](const Value& v) { return v.is_null; });
  size_t dimensions = count == 0 ? 0 : std::max<size_t>(lengths_.size(), 1);
  size_t header = 8 + 8 * dimensions + (nulls ? (count + 7) / 8 : 0);
  bool strings = physical_ == PhysicalType::String;
  size_t slot = strings ? 4 : physical_size(physical_);
  size_t tail = 0;
  for (const Value& v : values_) {
    if (v.is_null) continue;
    tail += strings ? v.string.size() : out_of_line(physical_, v.slot).size();
  }
  size_t total = count == 0 ? 8 : header + count * slot + (strings ? 4 : 0) + tail;
  if (total > 0x3fffffff) throw SqlError(Sqlstate::ProgramLimitExceeded, "array size exceeds the maximum allowed (1073741823)");
  char* out = static_cast<char*>(arena.allocate(total, 8));
  std::memset(out, 0, total);
  std::memcpy(out, &element_, 4);
  out[4] = static_cast<char>(physical_);
  out[5] = static_cast<char>(dimensions);
  out[6] = static_cast<char>(nulls);
  if (count == 0) return {out, total};
  for (size_t d = 0; d < dimensions; ++d) {
    int32_t length = lengths_.empty() ? static_cast<int32_t>(count) : lengths_[d];
    int32_t lower = d < lowers_.size() ? lowers_[d] : 1;
    std::memcpy(out + 8 + 8 * d, &length, 4);
    std::memcpy(out + 12 + 8 * d, &lower, 4);
  }
  char* bitmap = out + 8 + 8 * dimensions;
  char* slots = out + header;
  char* data = slots + count * slot + (strings ? 4 : 0);
  uint32_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    const Value& v = values_[i];
    if (strings) std::memcpy(slots + i * 4, &at, 4);
    if (v.is_null) continue;
    if (nulls) bitmap[i >> 3] = static_cast<char>(bitmap[i >> 3] | (1 << (i & 7)));
    if (strings) {
      std::memcpy(data + at, v.string.data(), v.string.size());
      at += v.string.size();
      continue;
    }
    std::string_view bytes = out_of_line(physical_, v.slot);
    std::memcpy(slots + i * slot, v.slot, slot);
    if (!bytes.empty()) {
      Numeric n = v.numeric;
      n.big = reinterpret_cast<const uint8_t*>(static_cast<uintptr_t>(data + at - out));
      std::memcpy(slots + i * slot, &n, slot);
      std::memcpy(data + at, bytes.data(), bytes.size());
      at += static_cast<uint32_t>(bytes.size());
    }
  }
  if (strings) std::memcpy(slots + count * 4, &at, 4);
  return {out, total};
}

int compare_arrays(std::string_view a, std::string_view b) {
  ArrayView x(a);
  ArrayView y(b);
  const TypeInfo& info = type_info(x.element_type());
  // Relabelled elements (varchar[] as text[]) keep their own type and compare alike.
  if (type_info(y.element_type()).compare != info.compare) {
    throw SqlError(Sqlstate::DatatypeMismatch, "cannot compare arrays of different element types");
  }
  if (info.compare == nullptr) {
    throw SqlError(Sqlstate::UndefinedFunction,
                   "could not identify a comparison function for type " + std::string(info.sql_name));
  }
  size_t count = std::min(x.size(), y.size());
  for (size_t i = 0; i < count; ++i) {
    bool nx = x.is_null(i);
    bool ny = y.is_null(i);
    if (nx || ny) {
      if (nx && ny) continue;
      return nx ? 1 : -1;
    }
    if (int order = info.compare(x.get(i), y.get(i), x.element_type()); order != 0) return order;
  }
  if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
  if (x.dimensions() != y.dimensions()) return x.dimensions() < y.dimensions() ? -1 : 1;
  for (int d = 0; d < x.dimensions(); ++d) {
    if (x.length(d) != y.length(d)) return x.length(d) < y.length(d) ? -1 : 1;
  }
  for (int d = 0; d < x.dimensions(); ++d) {
    if (x.lower(d) != y.lower(d)) return x.lower(d) < y.lower(d) ? -1 : 1;
  }
  return 0;
}

uint64_t hash_array(std::string_view array) {
  ArrayView view(array);
  const TypeInfo& info = type_info(view.element_type());
  if (info.hash == nullptr) {
    throw SqlError(Sqlstate::UndefinedFunction,
                   "could not identify a hash function for type " + std::string(info.sql_name));
  }
  uint64_t hash = view.size();
  for (size_t i = 0; i < view.size(); ++i) {
    hash = hash_combine(hash, view.is_null(i) ? 0 : info.hash(view.get(i), view.element_type()));
  }
  return hash;
}

namespace {

// Reads array_in's grammar: optional bounds, then nested braces.
class ArrayParser {
 public:
  ArrayParser(const TypeContext& context, std::string_view text, Type element, char delimiter, Arena& arena)
      : context_(context), text_(text), element_(element), info_(type_info(element.oid)), delimiter_(delimiter),
        arena_(arena), builder_(element.oid) {}

  Value parse() {
    skip_space();
    bool bounds = at_ < text_.size() && text_[at_] == '[';
    if (bounds) read_bounds();
    if (at_ >= text_.size() || text_[at_] != '{') {
      fail(bounds ? "Array contents must start with \"{\"."
                  : "Array value must start with \"{\" or dimension information.");
    }
    read_level(0);
    skip_space();
    if (at_ < text_.size()) fail("Junk after closing right brace.");
    for (const Item& item : items_) {
      builder_.add(item.is_null ? Value::null() : info_.input(context_, item.text, element_, arena_));
    }
    if (items_.empty()) return builder_.value(arena_);
    std::vector<int32_t> lengths(lengths_, lengths_ + depth_);
    std::vector<int32_t> lowers(lengths.size(), 1);
    if (bounds) {
      if (bound_lengths_ != lengths) fail("Specified array dimensions do not match array contents.");
      lowers = bound_lowers_;
    }
    builder_.set_dimensions(std::move(lengths), std::move(lowers));
    return builder_.value(arena_);
  }

 private:
  struct Item {
    std::string text;
    bool is_null;
  };
  [[noreturn]] void fail(std::string detail) {
    throw SqlError(Sqlstate::InvalidTextRepresentation, "malformed array literal: \"" + std::string(text_) + "\"")
        .detail(std::move(detail));
  }
  [[noreturn]] void fail_unexpected(char c) { fail(std::string("Unexpected \"") + c + "\" character."); }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  int32_t read_bound() {
    size_t start = at_;
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    std::string_view digits = text_.substr(start, at_ - start);
    if (digits.empty() || digits == "-" || digits == "+") fail("Missing array dimension value.");
    return static_cast<int32_t>(parse_integer(digits, INT32_MIN, INT32_MAX, "integer"));
  }

  void read_bounds() {
    while (at_ < text_.size() && text_[at_] == '[') {
      ++at_;
      if (bound_lengths_.size() >= kMaxArrayDimensions) {
        throw SqlError(Sqlstate::ProgramLimitExceeded, "number of array dimensions (7) exceeds the maximum allowed (6)");
      }
      int32_t lower = 1;
      int32_t upper = read_bound();
      if (at_ < text_.size() && text_[at_] == ':') {
        ++at_;
        lower = upper;
        upper = read_bound();
      }
      if (at_ >= text_.size() || text_[at_] != ']') fail("Missing \"]\" after array dimensions.");
      ++at_;
      if (upper < lower) throw SqlError(Sqlstate::ArraySubscriptError, "upper bound cannot be less than lower bound");
      bound_lowers_.push_back(lower);
      bound_lengths_.push_back(upper - lower + 1);
      skip_space();
    }
    if (at_ >= text_.size() || text_[at_] != '=') fail("Missing \"=\" after array dimensions.");
    ++at_;
    skip_space();
  }

  // At '{' of nesting `level`; counts its items and compares with its siblings.
  void read_level(int level) {
    if (level >= kMaxArrayDimensions) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "number of array dimensions (7) exceeds the maximum allowed (6)");
    }
    ++at_;
    int32_t count = 0;
    skip_space();
    if (at_ < text_.size() && text_[at_] == '}') {
      if (level > 0) fail_unexpected('}');
      ++at_;
      finish_level(level, 0);
      return;
    }
    for (;;) {
      skip_space();
      if (at_ >= text_.size()) fail("Unexpected end of input.");
      if (text_[at_] == '{') {
        if (depth_known_ && level + 1 >= depth_) fail_unexpected('{');
        read_level(level + 1);
      } else {
        if (depth_known_ && level + 1 != depth_) fail("Multidimensional arrays must have sub-arrays with matching dimensions.");
        depth_ = level + 1;
        depth_known_ = true;
        read_element();
      }
      ++count;
      skip_space();
      if (at_ >= text_.size()) fail("Unexpected end of input.");
      if (text_[at_] == delimiter_) {
        ++at_;
        continue;
      }
      if (text_[at_] != '}') fail("Unexpected array element.");
      ++at_;
      finish_level(level, count);
      return;
    }
  }

  void finish_level(int level, int32_t count) {
    if (!seen_[level]) {
      seen_[level] = true;
      lengths_[level] = count;
    } else if (lengths_[level] != count) {
      fail("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }
    if (!depth_known_ && level + 1 > depth_) depth_ = level + 1;
  }

  void read_element() {
    std::string item;
    bool quoted = false;
    bool escaped = false;
    size_t keep = 0;  // trailing blanks up to here are part of the item
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        if (quoted || !item.empty()) fail("Unexpected array element.");
        quoted = true;
        read_quoted(item);
        keep = item.size();
      } else if (c == '\\') {
        if (quoted) fail("Unexpected array element.");
        if (++at_ >= text_.size()) fail("Unexpected end of input.");
        item += text_[at_++];
        escaped = true;
        keep = item.size();
      } else if (c == delimiter_ || c == '}') {
        break;
      } else if (c == '{') {
        fail_unexpected('{');
      } else if (is_space(c)) {
        if (!quoted) item += c;
        ++at_;
      } else {
        if (quoted) fail("Unexpected array element.");
        item += c;
        ++at_;
        keep = item.size();
      }
    }
    if (at_ >= text_.size()) fail("Unexpected end of input.");
    item.resize(keep);
    if (!quoted && !escaped) {
      if (item.empty()) fail_unexpected(text_[at_]);
      if (item.size() == 4 && strncasecmp(item.c_str(), "null", 4) == 0) {
        items_.push_back({{}, true});
        return;
      }
    }
    items_.push_back({std::move(item), false});
  }

  void read_quoted(std::string& item) {
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '\\' && ++at_ >= text_.size()) break;
      item += text_[at_];
    }
    fail("Unexpected end of input.");
  }

  const TypeContext& context_;
  std::string_view text_;
  Type element_;
  const TypeInfo& info_;
  char delimiter_;
  Arena& arena_;
  ArrayBuilder builder_;
  std::vector<Item> items_;
  size_t at_ = 0;
  int depth_ = 0;
  bool depth_known_ = false;
  bool seen_[kMaxArrayDimensions] = {};
  int32_t lengths_[kMaxArrayDimensions] = {};
  std::vector<int32_t> bound_lengths_;
  std::vector<int32_t> bound_lowers_;
};

char delimiter_of(Oid element) { return element == oid::kBox ? ';' : ','; }

bool needs_quotes(std::string_view text, char delimiter) {
  if (text.empty() || (text.size() == 4 && strncasecmp(text.data(), "null", 4) == 0)) return true;
  return std::any_of(text.begin(), text.end(), [&](char c) {
    return c == '"' || c == '\\' || c == '{' || c == '}' || c == delimiter || is_space(c);
  });
}

class ArrayPrinter {
 public:
  ArrayPrinter(const TypeContext& context, const ArrayView& array, std::string& out)
      : context_(context), array_(array), info_(type_info(array.element_type())), delimiter_(delimiter_of(array.element_type())), out_(out) {}

  void print() {
    if (array_.dimensions() == 0) {
      out_ += "{}";
      return;
    }
    bool bounds = false;
    for (int d = 0; d < array_.dimensions(); ++d) bounds |= array_.lower(d) != 1;
    if (bounds) {
      for (int d = 0; d < array_.dimensions(); ++d) {
        out_ += '[';
        append_integer(array_.lower(d), out_);
        out_ += ':';
        append_integer(int64_t{array_.lower(d)} + array_.length(d) - 1, out_);
        out_ += ']';
      }
      out_ += '=';
    }
    print_level(0);
  }

 private:
  void print_level(int level) {
    out_ += '{';
    for (int32_t i = 0; i < array_.length(level); ++i) {
      if (i > 0) out_ += delimiter_;
      if (level + 1 < array_.dimensions()) {
        print_level(level + 1);
      } else {
        print_element(next_++);
      }
    }
    out_ += '}';
  }

  void print_element(size_t i) {
    if (array_.is_null(i)) {
      out_ += "NULL";
      return;
    }
    scratch_.clear();
    info_.output(context_, array_.get(i), array_.element_type(), scratch_);
    if (!needs_quotes(scratch_, delimiter_)) {
      out_ += scratch_;
      return;
    }
    out_ += '"';
    for (char c : scratch_) {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
  }

  const TypeContext& context_;
  const ArrayView& array_;
  const TypeInfo& info_;
  char delimiter_;
  std::string& out_;
  std::string scratch_;
  size_t next_ = 0;
};

Value array_input(const TypeContext& context, std::string_view text, Type type, Arena& arena) {
  return parse_array(context, text, {type_info(type.oid).element, type.typmod}, arena);
}
void array_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_array(context, value.text(), out);
}

Value array_receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  BinaryReader reader(bytes);
  int dimensions = reader.int32();
  if (dimensions < 0 || dimensions > kMaxArrayDimensions) {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "number of array dimensions (" + std::to_string(dimensions) +
                                                       ") exceeds the maximum allowed (6)");
  }
  int flags = reader.int32();
  if (flags != 0 && flags != 1) throw SqlError(Sqlstate::InvalidBinaryRepresentation, "invalid array flags");
  Oid element = static_cast<Oid>(reader.int32());
  Oid declared = type_info(type.oid).element;
  if (element != declared) {
    throw SqlError(Sqlstate::DatatypeMismatch, "binary data has array element type " + std::to_string(element) + " (" +
                                                   format_type({element, -1}) + ") instead of expected " +
                                                   std::to_string(declared) + " (" + format_type({declared, -1}) + ")");
  }
  std::vector<int32_t> lengths;
  std::vector<int32_t> lowers;
  size_t count = dimensions == 0 ? 0 : 1;
  for (int d = 0; d < dimensions; ++d) {
    lengths.push_back(reader.int32());
    lowers.push_back(reader.int32());
    if (lengths.back() < 0) throw SqlError(Sqlstate::InvalidBinaryRepresentation, "invalid array dimension");
    count *= static_cast<size_t>(lengths.back());
    if (count > kMaxArrayElements) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "array size exceeds the maximum allowed (134217727)");
    }
  }
  ArrayBuilder builder(element);
  const TypeInfo& info = type_info(element);
  for (size_t i = 0; i < count; ++i) {
    int32_t length = reader.int32();
    builder.add(length < 0 ? Value::null() : info.receive(context, reader.take(static_cast<size_t>(length)), {element, type.typmod}, arena));
  }
  if (reader.left() != 0) throw SqlError(Sqlstate::InvalidBinaryRepresentation, "incorrect binary data format");
  if (count > 0) builder.set_dimensions(std::move(lengths), std::move(lowers));
  return builder.value(arena);
}

void array_send(const TypeContext& context, const Value& value, Oid, std::string& out) {
  ArrayView array(value.text());
  append_int32(out, array.dimensions());
  append_int32(out, array.has_nulls());
  append_int32(out, static_cast<int32_t>(array.element_type()));
  for (int d = 0; d < array.dimensions(); ++d) {
    append_int32(out, array.length(d));
    append_int32(out, array.lower(d));
  }
  const TypeInfo& info = type_info(array.element_type());
  for (size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      append_int32(out, -1);
      continue;
    }
    size_t at = out.size();
    append_int32(out, 0);
    info.send(context, array.get(i), array.element_type(), out);
    uint32_t length = __builtin_bswap32(static_cast<uint32_t>(out.size() - at - 4));
    std::memcpy(out.data() + at, &length, 4);
  }
}

int array_compare(const Value& a, const Value& b, Oid) { return compare_arrays(a.text(), b.text()); }
uint64_t array_hash(const Value& value, Oid) { return hash_array(value.text()); }

// int2vector and oidvector: numbers separated by blanks.
Value vector_input(const TypeContext& context, std::string_view text, Type type, Arena& arena) {
  Oid element = type_info(type.oid).element;
  const TypeInfo& info = type_info(element);
  ArrayBuilder builder(element);
  builder.set_lower(0);
  size_t at = 0;
  for (;;) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (at >= text.size()) break;
    size_t end = at;
    while (end < text.size() && !is_space(text[end])) ++end;
    builder.add(info.input(context, text.substr(at, end - at), {element, -1}, arena));
    at = end;
  }
  return builder.value(arena);
}
void vector_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  ArrayView array(value.text());
  const TypeInfo& info = type_info(array.element_type());
  for (size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ' ';
    info.output(context, array.get(i), array.element_type(), out);
  }
}
int vector_compare(const Value& a, const Value& b, Oid) {
  ArrayView x(a.text());
  ArrayView y(b.text());
  if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
  return compare_arrays(a.text(), b.text());
}

}  // namespace

Value parse_array(const TypeContext& context, std::string_view text, Type element, Arena& arena) {
  return ArrayParser(context, text, element, delimiter_of(element.oid), arena).parse();
}
void append_array(const TypeContext& context, std::string_view array, std::string& out) {
  ArrayView view(array);
  ArrayPrinter(context, view, out).print();
}

const Family kArrayFamily = {array_input, array_output, array_receive, array_send, array_compare, array_hash};
const Family kVectorFamily = {vector_input, vector_output, array_receive, array_send, vector_compare, array_hash};

}  // namespace aegis::types
