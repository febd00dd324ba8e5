#include <algorithm>
#include <cstring>
#include <deque>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "aegis/types/json.h"
#include "aegis/types/numeric.h"
#include "families.h"

namespace aegis::types {

namespace {

constexpr size_t kMaxStringBytes = 0x0FFFFFFF;

void append_u32(std::string& out, uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); }
void put_u32(std::string& out, size_t at, uint32_t value) { std::memcpy(out.data() + at, &value, 4); }

void encode(const JsonNode& node, std::string& out, Arena& arena);

void encode_number(const JsonNode& node, std::string& out, Arena& arena) {
  Numeric number = node.number;
  if (!node.text.empty()) {
    static const TypeContext kContext;
    number = type_info(oid::kNumeric).input(kContext, node.text, {oid::kNumeric}, arena).numeric;
  }
  out += static_cast<char>(JsonKind::Number);
  Value value = Value::of_numeric(number);
  std::string_view tail = out_of_line(PhysicalType::Numeric, value.slot);
  out.append(reinterpret_cast<const char*>(value.slot), sizeof(Numeric));
  out += tail;
}

void encode_array(const JsonNode& node, std::string& out, Arena& arena) {
  out += static_cast<char>(JsonKind::Array);
  append_u32(out, static_cast<uint32_t>(node.items.size()));
  size_t ends = out.size();
  out.resize(out.size() + 4 * node.items.size());
  size_t start = out.size();
  for (size_t i = 0; i < node.items.size(); ++i) {
    encode(node.items[i], out, arena);
    put_u32(out, ends + 4 * i, static_cast<uint32_t>(out.size() - start));
  }
}

void encode_object(const JsonNode& node, std::string& out, Arena& arena) {
  std::vector<uint32_t> order(node.keys.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return compare_json_keys(node.keys[a], node.keys[b]) < 0; });
  // Of equal keys the last stays.
  std::vector<uint32_t> kept;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i + 1 < order.size() && node.keys[order[i]] == node.keys[order[i + 1]]) continue;
    kept.push_back(order[i]);
  }
  out += static_cast<char>(JsonKind::Object);
  append_u32(out, static_cast<uint32_t>(kept.size()));
  size_t ends = out.size();
  out.resize(out.size() + 8 * kept.size());
  size_t start = out.size();
  for (size_t i = 0; i < kept.size(); ++i) {
    const std::string& key = node.keys[kept[i]];
    if (key.size() > kMaxStringBytes) throw SqlError(Sqlstate::ProgramLimitExceeded, "string too long to represent as jsonb string");
    out += key;
    put_u32(out, ends + 4 * i, static_cast<uint32_t>(out.size() - start));
  }
  start = out.size();
  for (size_t i = 0; i < kept.size(); ++i) {
    encode(node.items[kept[i]], out, arena);
    put_u32(out, ends + 4 * (kept.size() + i), static_cast<uint32_t>(out.size() - start));
  }
}

void encode(const JsonNode& node, std::string& out, Arena& arena) {
  if (!node.jsonb.empty()) {
    out += node.jsonb;
    return;
  }
  switch (node.kind) {
    case JsonKind::Null:
    case JsonKind::False:
    case JsonKind::True: out += static_cast<char>(node.kind); return;
    case JsonKind::String:
      out += static_cast<char>(JsonKind::String);
      out += node.text;
      return;
    case JsonKind::Number: return encode_number(node, out, arena);
    case JsonKind::Array: return encode_array(node, out, arena);
    case JsonKind::Object: return encode_object(node, out, arena);
  }
}

int rank_of(JsonbView view) {
  switch (view.kind()) {
    case JsonKind::Null: return 0;
    case JsonKind::String: return 1;
    case JsonKind::Number: return 2;
    case JsonKind::False:
    case JsonKind::True: return 3;
    case JsonKind::Array: return 4;
    case JsonKind::Object: return 5;
  }
  return 0;
}
int sign(int value) { return value < 0 ? -1 : value > 0; }

int compare_nested(JsonbView a, JsonbView b) {
  int rank = rank_of(a) - rank_of(b);
  if (rank != 0) return sign(rank);
  switch (a.kind()) {
    case JsonKind::Null: return 0;
    case JsonKind::False:
    case JsonKind::True: return static_cast<int>(a.kind()) - static_cast<int>(b.kind());
    case JsonKind::String: return sign(a.text().compare(b.text()));
    case JsonKind::Number: return numeric::compare(a.number(), b.number());
    case JsonKind::Array:
    case JsonKind::Object: break;
  }
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  for (uint32_t i = 0; i < a.size(); ++i) {
    if (a.kind() == JsonKind::Object) {
      if (int order = a.key(i).compare(b.key(i)); order != 0) return sign(order);
    }
    int order = a.kind() == JsonKind::Object ? compare_nested(a.value(i), b.value(i)) : compare_nested(a.element(i), b.element(i));
    if (order != 0) return order;
  }
  return 0;
}

uint64_t hash_view(JsonbView view) {
  auto kind = static_cast<uint64_t>(view.kind());
  switch (view.kind()) {
    case JsonKind::Null:
    case JsonKind::False:
    case JsonKind::True: return hash_int(kind);
    case JsonKind::String: return hash_combine(kind, hash_bytes(view.text()));
    case JsonKind::Number: return hash_combine(kind, type_info(oid::kNumeric).hash(Value::of_numeric(view.number()), oid::kNumeric));
    case JsonKind::Array:
    case JsonKind::Object: break;
  }
  uint64_t hash = hash_combine(kind, view.size());
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (view.kind() == JsonKind::Object) hash = hash_combine(hash, hash_bytes(view.key(i)));
    hash = hash_combine(hash, hash_view(view.kind() == JsonKind::Object ? view.value(i) : view.element(i)));
  }
  return hash;
}

void append_number(JsonbView view, std::string& out) {
  static const TypeContext kContext;
  type_info(oid::kNumeric).output(kContext, Value::of_numeric(view.number()), oid::kNumeric, out);
}

// Scalars; false for containers.
bool append_scalar(JsonbView view, std::string& out) {
  switch (view.kind()) {
    case JsonKind::Null: out += "null"; return true;
    case JsonKind::False: out += "false"; return true;
    case JsonKind::True: out += "true"; return true;
    case JsonKind::String: append_json_string(view.text(), out); return true;
    case JsonKind::Number: append_number(view, out); return true;
    case JsonKind::Array:
    case JsonKind::Object: break;
  }
  return false;
}

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) { return parse_jsonb(text, arena); }
void output(const TypeContext&, const Value& value, Oid, std::string& out) { append_jsonb(JsonbView(value.text()), out); }
Value receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  BinaryReader reader(bytes);
  int version = reader.int8();
  if (version != 1) throw SqlError(Sqlstate::FeatureNotSupported, "unsupported jsonb version number " + std::to_string(version));
  return parse_jsonb(reader.rest(), arena);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  out += '\1';
  append_jsonb(JsonbView(value.text()), out);
}
int compare(const Value& a, const Value& b, Oid) { return compare_jsonb(JsonbView(a.text()), JsonbView(b.text())); }
uint64_t hash(const Value& value, Oid) { return hash_view(JsonbView(value.text())); }

}  // namespace

Numeric JsonbView::number() const {
  Numeric number;
  std::memcpy(static_cast<void*>(&number), bytes_.data() + 1, sizeof number);
  if (number.kind == Numeric::Kind::Big) number.big = reinterpret_cast<const uint8_t*>(bytes_.data()) + 1 + sizeof number;
  return number;
}

JsonbView JsonbView::element(uint32_t i) const {
  size_t data = 5 + 4 * size_t{size()};
  uint32_t begin = i == 0 ? 0 : load(5 + 4 * (i - 1));
  return JsonbView(bytes_.substr(data + begin, load(5 + 4 * i) - begin));
}
std::string_view JsonbView::key(uint32_t i) const {
  size_t data = 5 + 8 * size_t{size()};
  uint32_t begin = i == 0 ? 0 : load(5 + 4 * (i - 1));
  return bytes_.substr(data + begin, load(5 + 4 * i) - begin);
}
JsonbView JsonbView::value(uint32_t i) const {
  uint32_t count = size();
  size_t data = 5 + 8 * size_t{count} + (count == 0 ? 0 : load(5 + 4 * (count - 1)));
  uint32_t begin = i == 0 ? 0 : load(5 + 4 * (count + i - 1));
  return JsonbView(bytes_.substr(data + begin, load(5 + 4 * (count + i)) - begin));
}
int JsonbView::find(std::string_view wanted) const {
  uint32_t low = 0, high = size();
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    int order = compare_json_keys(key(middle), wanted);
    if (order == 0) return static_cast<int>(middle);
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return -1;
}

JsonNode JsonNode::of_text(std::string_view text) {
  JsonNode node;
  node.kind = JsonKind::String;
  node.text = text;
  return node;
}
JsonNode JsonNode::of_bool(bool value) {
  JsonNode node;
  node.kind = value ? JsonKind::True : JsonKind::False;
  return node;
}
JsonNode JsonNode::of_number(Numeric number) {
  JsonNode node;
  node.kind = JsonKind::Number;
  node.number = number;
  return node;
}
JsonNode JsonNode::of_jsonb(JsonbView view) {
  JsonNode node;
  node.kind = view.kind();
  node.jsonb = view.bytes();
  return node;
}

int compare_json_keys(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.empty() ? 0 : std::memcmp(a.data(), b.data(), a.size());
}

std::string encode_jsonb(const JsonNode& node) {
  std::string bytes;
  Arena arena;
  encode(node, bytes, arena);
  return bytes;
}
Value jsonb_value(const JsonNode& node, Arena& arena) { return string_value(encode_jsonb(node), arena); }
Value parse_jsonb(std::string_view text, Arena& arena) { return jsonb_value(parse_json(text, JsonStrings::Decode), arena); }

void append_jsonb(JsonbView view, std::string& out) {
  if (append_scalar(view, out)) return;
  bool object = view.kind() == JsonKind::Object;
  out += object ? '{' : '[';
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (i > 0) out += ", ";
    if (object) {
      append_json_string(view.key(i), out);
      out += ": ";
    }
    append_jsonb(object ? view.value(i) : view.element(i), out);
  }
  out += object ? '}' : ']';
}

void append_jsonb_pretty(JsonbView view, int level, std::string& out) {
  if (append_scalar(view, out)) return;
  bool object = view.kind() == JsonKind::Object;
  auto new_line = [&](int depth) {
    out += '\n';
    out.append(static_cast<size_t>(depth) * 4, ' ');
  };
  out += object ? '{' : '[';
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (i > 0) out += ',';
    new_line(level + 1);
    if (object) {
      append_json_string(view.key(i), out);
      out += ": ";
    }
    append_jsonb_pretty(object ? view.value(i) : view.element(i), level + 1, out);
  }
  new_line(level);
  out += object ? '}' : ']';
}

int compare_jsonb(JsonbView a, JsonbView b) {
  // Beside an array, a scalar at the root counts as an array of one element.
  bool a_array = a.kind() == JsonKind::Array;
  bool b_array = b.kind() == JsonKind::Array;
  if (a_array && !b.is_container()) return a.size() == 0 ? -1 : 1;
  if (b_array && !a.is_container()) return b.size() == 0 ? 1 : -1;
  return compare_nested(a, b);
}

bool jsonb_contains(JsonbView container, JsonbView wanted) {
  if (container.kind() == JsonKind::Object && wanted.kind() == JsonKind::Object) {
    if (wanted.size() > container.size()) return false;
    for (uint32_t i = 0; i < wanted.size(); ++i) {
      int at = container.find(wanted.key(i));
      if (at < 0) return false;
      JsonbView left = container.value(static_cast<uint32_t>(at));
      JsonbView right = wanted.value(i);
      if (right.is_container() ? left.kind() != right.kind() || !jsonb_contains(left, right) : compare_nested(left, right) != 0) return false;
    }
    return true;
  }
  if (container.kind() == JsonKind::Array && wanted.kind() == JsonKind::Array) {
    for (uint32_t i = 0; i < wanted.size(); ++i) {
      JsonbView right = wanted.element(i);
      bool found = false;
      for (uint32_t k = 0; k < container.size() && !found; ++k) {
        JsonbView left = container.element(k);
        found = right.is_container() ? left.kind() == right.kind() && jsonb_contains(left, right) : compare_nested(left, right) == 0;
      }
      if (!found) return false;
    }
    return true;
  }
  if (!container.is_container() && !wanted.is_container()) return compare_nested(container, wanted) == 0;
  return false;
}

const char* json_kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::Null: return "null";
    case JsonKind::String: return "string";
    case JsonKind::Number: return "number";
    case JsonKind::False:
    case JsonKind::True: return "boolean";
    case JsonKind::Array: return "array";
    case JsonKind::Object: return "object";
  }
  return "unknown";
}

const Family kJsonbFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
