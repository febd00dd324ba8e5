// Keys of values that cover something, for GiST and SP-GiST over ordered keys.
//
// Ranges, as a relational interval tree (Kriegel, Pötke, Seidl 2000): bounds are mapped to 64-bit numbers by a function that
// keeps order, and an interval [a, b] belongs to the node n with the most trailing zeros in it. Two keys a range: l, n, a and
// u, n, b. Whoever meets [x, y] has its node in [x, y], or is one of the 64 nodes that begin as x does and b >= x, or one of
// the 64 that begin as y does and a <= y. Distinct bounds may have one number: rows are checked again.
// Shapes, by their bounding boxes: coordinates are the upper 32 bits of doubles in an order that is theirs, so cells are of
// any size and need no bounds of the data. A box is covered by the at most four cells of the smallest size that do; a key
// is c, the cell's corner in Z-order, its level. What a box meets is inside one of its cells (one run of keys), or has one of
// the cells above them.
// Networks: family, network, length, address. What a network contains is one run of keys, what contains it is one of its
// at most 128 prefixes.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "aegis/types/geometry.h"
#include "aegis/types/network.h"
#include "aegis/types/numeric.h"
#include "aegis/types/range.h"
#include "inverted_keys.h"

namespace aegis::functions {

namespace oid = types::oid;
using types::PhysicalType;
using types::Value;
using Kind = InvertedQuery::Kind;

namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;

uint64_t ordered_double(double value) {
  if (std::isnan(value)) return ~uint64_t{0};
  if (value == 0) value = 0;
  uint64_t bits = std::bit_cast<uint64_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

uint64_t leading_bytes(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0);
  return number;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_unsigned(Oid type) {
  return type == oid::kOid || type == oid::kXid || type == oid::kCid || type == oid::kPgLsn || (type >= oid::kRegproc && type < oid::kText);
}

constexpr int64_t kDayMicroseconds = 86400000000;

}  // namespace

uint64_t ordered_number(const Value& value, Oid declared) {
  Oid type = types::base_type(declared);
  switch (types::physical_type(type)) {
    case PhysicalType::Bool: return value.boolean ? 1 : 0;
    case PhysicalType::Int8: return static_cast<uint8_t>(value.i8);
    case PhysicalType::Int16: return static_cast<uint64_t>(int64_t{value.i16}) ^ kSign;
    case PhysicalType::Int32:
      if (is_unsigned(type)) return static_cast<uint32_t>(value.i32);
      return static_cast<uint64_t>(int64_t{value.i32}) ^ kSign;
    case PhysicalType::Int64: return is_unsigned(type) ? static_cast<uint64_t>(value.i64) : static_cast<uint64_t>(value.i64) ^ kSign;
    case PhysicalType::Float32: return ordered_double(static_cast<double>(value.f32));
    case PhysicalType::Float64: return ordered_double(value.f64);
    case PhysicalType::TimeTz: return static_cast<uint64_t>(value.timetz.microseconds + value.timetz.zone * int64_t{1000000}) ^ kSign;
    case PhysicalType::Interval: {
      const auto& v = value.interval;
      return ordered_double(static_cast<double>((__int128{v.months} * 30 + v.days) * kDayMicroseconds + v.microseconds));
    }
    case PhysicalType::Uuid: return leading_bytes({reinterpret_cast<const char*>(value.uuid.bytes), 16});
    case PhysicalType::Numeric: return ordered_double(types::numeric::to_double(value.numeric));
    case PhysicalType::String: break;
  }
  const auto* info = types::find_type(type);
  if (info != nullptr && info->sort_key != nullptr) {
    std::string bytes;
    info->sort_key(value, type, bytes);
    return leading_bytes(bytes);
  }
  switch (type) {
    case oid::kText:
    case oid::kVarchar:
    case oid::kName:
    case oid::kBytea:
    case oid::kMacaddr:
    case oid::kMacaddr8: return leading_bytes(value.text());
    case oid::kBpchar: return leading_bytes(without_blanks(value.text()));
    default: return 0;
  }
}

namespace {

// --- Ranges ---

struct Interval64 {
  uint64_t from = 0, to = ~uint64_t{0};
};

Interval64 interval_of(const types::Range& range, Oid subtype) {
  Interval64 result;
  if (!range.lower.infinite) result.from = ordered_number(range.lower.value, subtype);
  if (!range.upper.infinite) result.to = ordered_number(range.upper.value, subtype);
  if (result.to < result.from) std::swap(result.from, result.to);
  return result;
}

uint64_t node_of(const Interval64& interval) {
  uint64_t differ = interval.from ^ interval.to;
  if (differ == 0) return interval.to;
  int level = 63 - std::countl_zero(differ);
  return interval.to >> level << level;
}

std::string bound_key(char letter, uint64_t node, uint64_t bound) {
  std::string key(1, letter);
  append_big_endian(key, node);
  append_big_endian(key, bound);
  return key;
}
// Behind every key of the node with this bound.
std::string behind(std::string key) { return key + '\0'; }

std::vector<types::Range> ranges_of(const Value& value, Oid type) {
  if (types::type_info(type).kind == 'm') return types::read_multirange(value.text());
  std::vector<types::Range> one{types::read_range(value.text())};
  if (one[0].empty) one.clear();
  return one;
}

Oid subtype_of(Oid type) {
  const auto& info = types::type_info(type);
  return info.kind == 'm' ? types::type_info(info.base).base : info.base;
}

// More ranges than this are covered by one.
constexpr size_t kMaxParts = 16;

void range_keys(const Value& value, Oid type, std::vector<std::string>& keys) {
  auto ranges = ranges_of(value, type);
  if (ranges.empty()) return;
  Oid subtype = subtype_of(type);
  if (ranges.size() > kMaxParts) {
    ranges.front().upper = ranges.back().upper;
    ranges.resize(1);
  }
  for (const auto& range : ranges) {
    Interval64 interval = interval_of(range, subtype);
    uint64_t node = node_of(interval);
    keys.push_back(bound_key('l', node, interval.from));
    keys.push_back(bound_key('u', node, interval.to));
  }
}

// Of nodes from `first` to `last`.
InvertedQuery whole_nodes(uint64_t first, uint64_t last) { return ask_range(bound_key('l', first, 0), behind(bound_key('l', last, ~uint64_t{0}))); }

InvertedQuery meets(const Interval64& asked) {
  std::vector<InvertedQuery> parts;
  parts.push_back(whole_nodes(asked.from, asked.to));
  std::set<uint64_t> seen;
  for (int k = 0; k < 64; ++k) {
    uint64_t node = asked.from >> k << k;
    if (node >= asked.from || !seen.insert(node).second) continue;
    parts.push_back(ask_range(bound_key('u', node, asked.from), behind(bound_key('u', node, ~uint64_t{0}))));
  }
  for (int k = 0; k < 64; ++k) {
    if ((asked.to >> k & 1) != 0) continue;
    uint64_t node = (asked.to >> k | 1) << k;
    parts.push_back(ask_range(bound_key('l', node, 0), behind(bound_key('l', node, asked.to))));
  }
  return ask_join(Kind::Any, std::move(parts));
}

bool range_answers(std::string_view op, Oid query, Oid key) {
  constexpr std::string_view kBetween[] = {"&&", "@>", "<@", "=", "<<", ">>", "-|-", "&<", "&>"};
  const auto* info = types::find_type(query);
  if (info == nullptr) return false;
  if (info->kind != 'r' && info->kind != 'm') return op == "@>" && query == types::base_type(subtype_of(key));
  return std::find(std::begin(kBetween), std::end(kBetween), op) != std::end(kBetween);
}

InvertedQuery range_query(std::string_view op, Oid query_type, Oid, const Value& query) {
  const auto& info = types::type_info(query_type);
  if (info.kind != 'r' && info.kind != 'm') {
    uint64_t at = ordered_number(query, query_type);
    return meets({at, at});
  }
  auto ranges = ranges_of(query, query_type);
  if (ranges.empty()) {
    if (op == "@>") return ask_every();
    return op == "=" || op == "<@" ? ask_key(empty_key()) : InvertedQuery();
  }
  Oid subtype = subtype_of(query_type);
  ranges.front().upper = ranges.back().upper;
  Interval64 asked = interval_of(ranges.front(), subtype);
  if (op == "&&") return meets(asked);
  if (op == "<@") {
    std::vector<InvertedQuery> parts;
    parts.push_back(meets(asked));
    parts.push_back(ask_key(empty_key()));
    return ask_join(Kind::Any, std::move(parts));
  }
  // A row's range contains the query's end, or is the same.
  if (op == "@>" || op == "=") return meets({asked.from, asked.from});
  if (op == "-|-") {
    std::vector<InvertedQuery> parts;
    parts.push_back(meets({asked.from, asked.from}));
    parts.push_back(meets({asked.to, asked.to}));
    return ask_join(Kind::Any, std::move(parts));
  }
  constexpr uint64_t kLast = ~uint64_t{0};
  if (op == "<<") return whole_nodes(0, asked.from);
  if (op == "&<") return whole_nodes(0, asked.to);
  if (op == ">>") return whole_nodes(asked.to, kLast);
  return whole_nodes(asked.from, kLast);
}

// --- Shapes ---

struct Bounds {
  double low[2], high[2];
  bool is_number() const { return !std::isnan(low[0]) && !std::isnan(low[1]) && !std::isnan(high[0]) && !std::isnan(high[1]); }
};

Bounds bounds_of(const Value& value, Oid type) {
  switch (type) {
    case oid::kPoint: {
      auto p = types::read_shape<types::Point>(value.text());
      return {{p.x, p.y}, {p.x, p.y}};
    }
    case oid::kCircle: {
      auto c = types::read_shape<types::Circle>(value.text());
      return {{c.center.x - c.radius, c.center.y - c.radius}, {c.center.x + c.radius, c.center.y + c.radius}};
    }
    case oid::kPolygon: {
      constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
      auto points = types::read_shape<types::Polygon>(value.text()).points;
      for (const auto& p : points) {
        if (std::isnan(p.x) || std::isnan(p.y)) return {{kNone, kNone}, {kNone, kNone}};
      }
      auto box = types::bounding_box(points);
      return {{box.low.x, box.low.y}, {box.high.x, box.high.y}};
    }
    default: break;
  }
  auto box = types::read_shape<types::Box>(value.text());
  return {{box.low.x, box.low.y}, {box.high.x, box.high.y}};
}

struct Square {
  uint64_t low[2], high[2];  // 32 bits each
};

Square square_of(const Bounds& bounds) {
  Square s;
  for (int i = 0; i < 2; ++i) {
    s.low[i] = ordered_double(bounds.low[i]) >> 32;
    s.high[i] = std::max(s.low[i], ordered_double(bounds.high[i]) >> 32);
  }
  return s;
}

struct Cell {
  uint64_t corner;  // Z-order
  int level;        // 2^level wide
};

uint64_t spread(uint64_t x) {
  x = (x | x << 16) & 0x0000FFFF0000FFFF;
  x = (x | x << 8) & 0x00FF00FF00FF00FF;
  x = (x | x << 4) & 0x0F0F0F0F0F0F0F0F;
  x = (x | x << 2) & 0x3333333333333333;
  return (x | x << 1) & 0x5555555555555555;
}

// Cells of one level that cover a square, at most (across + 1)² of them.
std::vector<Cell> cover(const Square& s, uint64_t across) {
  int level = 0;
  while ((s.high[0] >> level) - (s.low[0] >> level) > across || (s.high[1] >> level) - (s.low[1] >> level) > across) ++level;
  std::vector<Cell> cells;
  for (uint64_t x = s.low[0] >> level; x <= s.high[0] >> level; ++x) {
    for (uint64_t y = s.low[1] >> level; y <= s.high[1] >> level; ++y) {
      cells.push_back({spread(x << level) | spread(y << level) << 1, level});
    }
  }
  return cells;
}

uint64_t corner_at(uint64_t corner, int level) { return level >= 32 ? 0 : corner >> (2 * level) << (2 * level); }

std::string cell_key(uint64_t corner, int level) {
  std::string key(1, 'c');
  append_big_endian(key, corner);
  key += static_cast<char>(level);
  return key;
}
const std::string kNoNumber = "n";

void shape_keys(const Value& value, Oid type, std::vector<std::string>& keys) {
  Bounds bounds = bounds_of(value, type);
  if (!bounds.is_number()) return keys.push_back(kNoNumber);
  for (const Cell& cell : cover(square_of(bounds), 1)) keys.push_back(cell_key(cell.corner, cell.level));
}

InvertedQuery meets(Bounds bounds) {
  // As much as PostgreSQL's comparisons forgive, and more.
  for (int i = 0; i < 2; ++i) {
    bounds.low[i] -= 2 * types::kGeometryEpsilon;
    bounds.high[i] += 2 * types::kGeometryEpsilon;
  }
  std::vector<Cell> cells = cover(square_of(bounds), 7);
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.corner < b.corner; });
  std::vector<InvertedQuery> parts;
  parts.push_back(ask_key(kNoNumber));
  std::set<std::pair<uint64_t, int>> above;
  for (size_t i = 0; i < cells.size();) {
    int level = cells[i].level;
    uint64_t from = cells[i].corner, last = from;
    uint64_t step = level >= 32 ? 0 : uint64_t{1} << (2 * level);
    size_t next = i + 1;
    while (next < cells.size() && cells[next].corner == last + step) last = cells[next++].corner;
    uint64_t end = last + (step - 1);
    parts.push_back(ask_range(cell_key(from, 0), cell_key(end, 64)));
    for (; i < next; ++i) {
      for (int up = level + 1; up <= 32; ++up) above.insert({corner_at(cells[i].corner, up), up});
    }
  }
  for (auto [corner, level] : above) parts.push_back(ask_key(cell_key(corner, level)));
  return ask_join(Kind::Any, std::move(parts));
}

bool shape_answers(std::string_view op, Oid query, Oid key) {
  if (key == oid::kPoint) {
    if (op == "<@") return query == oid::kBox || query == oid::kPolygon || query == oid::kCircle;
    for (std::string_view known : {"<<", ">>", "<<|", "|>>", "<^", ">^", "~="}) {
      if (op == known) return query == oid::kPoint;
    }
    return false;
  }
  for (std::string_view known : {"<<", "&<", "&&", "&>", ">>", "~=", "@>", "<@", "&<|", "<<|", "|>>", "|&>"}) {
    if (op == known) return query == key;
  }
  return false;
}

InvertedQuery shape_query(std::string_view op, Oid query_type, Oid, const Value& query) {
  Bounds asked = bounds_of(query, query_type);
  if (!asked.is_number()) return ask_every();
  constexpr double kFar = std::numeric_limits<double>::infinity();
  if (op == "&&" || op == "<@") return meets(asked);
  if (op == "@>" || op == "~=") return meets({{asked.low[0], asked.low[1]}, {asked.low[0], asked.low[1]}});
  int axis = op.find('|') != std::string_view::npos || op.find('^') != std::string_view::npos ? 1 : 0;
  Bounds half{{-kFar, -kFar}, {kFar, kFar}};
  if (op == "<<" || op == "<<|" || op == "<^") half.high[axis] = asked.low[axis];
  else if (op == "&<" || op == "&<|") half.high[axis] = asked.high[axis];
  else if (op == ">>" || op == "|>>" || op == ">^") half.low[axis] = asked.high[axis];
  else half.low[axis] = asked.low[axis];
  return meets(half);
}

// --- Networks ---

std::string network_start(const types::NetworkAddress& network) {
  std::string key = "i";
  key += network.v6 ? '\1' : '\0';
  key.append(reinterpret_cast<const char*>(network.bytes), static_cast<size_t>(network.size()));
  return key;
}
std::string network_prefix(const types::NetworkAddress& network) { return network_start(network) + static_cast<char>(network.bits); }

void network_keys(const Value& value, Oid, std::vector<std::string>& keys) {
  auto address = types::read_address(value.text());
  std::string key = network_prefix(types::network_of(address));
  key.append(reinterpret_cast<const char*>(address.bytes), static_cast<size_t>(address.size()));
  keys.push_back(std::move(key));
}

InvertedQuery networks_inside(const types::NetworkAddress& network) {
  types::NetworkAddress last = network;
  for (int bit = network.bits; bit < network.max_bits(); ++bit) last.bytes[bit / 8] |= static_cast<uint8_t>(0x80 >> (bit % 8));
  return ask_range(network_start(network), network_start(last) + std::string(20, '\xff'));
}

InvertedQuery networks_around(const types::NetworkAddress& address) {
  std::vector<InvertedQuery> parts;
  for (int bits = 0; bits <= address.bits; ++bits) {
    types::NetworkAddress wider = address;
    wider.bits = bits;
    parts.push_back(ask_prefix(network_prefix(types::network_of(wider))));
  }
  return ask_join(Kind::Any, std::move(parts));
}

bool network_answers(std::string_view op, Oid query, Oid) {
  if (query != oid::kInet && query != oid::kCidr) return false;
  for (std::string_view known : {"&&", "=", "<>", "<", "<=", ">", ">=", "<<", "<<=", ">>", ">>="}) {
    if (op == known) return true;
  }
  return false;
}

InvertedQuery network_query(std::string_view op, Oid, Oid, const Value& query) {
  auto address = types::read_address(query.text());
  auto network = types::network_of(address);
  if (op == "<>") return ask_every();
  if (op == "<<" || op == "<<=") return networks_inside(network);
  if (op == ">>" || op == ">>=") return networks_around(address);
  if (op == "&&") {
    std::vector<InvertedQuery> parts;
    parts.push_back(networks_inside(network));
    parts.push_back(networks_around(address));
    return ask_join(Kind::Any, std::move(parts));
  }
  std::vector<std::string> own;
  network_keys(query, oid::kInet, own);
  if (op == "=") return ask_key(own[0]);
  return op[0] == '<' ? ask_range("i", behind(own[0])) : ask_range(own[0], "j");
}

// --- Values in order ---

bool is_text(Oid type) { return type == oid::kText || type == oid::kVarchar; }

std::string scalar_key(const Value& value, Oid type, bool open) {
  auto bytes = [&](std::string_view text) { return open ? open_key('s', text) : make_key('s', text); };
  if (types::physical_type(type) == PhysicalType::String) {
    const auto* info = types::find_type(type);
    if (info != nullptr && info->sort_key != nullptr) {
      std::string order;
      info->sort_key(value, type, order);
      return bytes(order);
    }
    if (is_text(type) || type == oid::kBytea) return bytes(value.text());
    if (type == oid::kBpchar) return bytes(without_blanks(value.text()));
  }
  std::string key = "s";
  append_big_endian(key, ordered_number(value, type));
  return key;
}

void scalar_keys(const Value& value, Oid type, std::vector<std::string>& keys) {
  if (type == oid::kInet || type == oid::kCidr) return network_keys(value, type, keys);
  keys.push_back(scalar_key(value, type, false));
}

bool scalar_answers(std::string_view op, Oid query, Oid key) {
  bool same = query == key || (is_text(query) && is_text(key)) || ((query == oid::kInet || query == oid::kCidr) && (key == oid::kInet || key == oid::kCidr));
  if (!same) return false;
  for (std::string_view known : {"=", "<>", "<", "<=", ">", ">="}) {
    if (op == known) return true;
  }
  return false;
}

InvertedQuery scalar_query(std::string_view op, Oid query_type, Oid type, const Value& query) {
  if (type == oid::kInet || type == oid::kCidr) return network_query(op, query_type, type, query);
  if (op == "<>") return ask_every();
  if (op == "=") return ask_key(scalar_key(query, type, false));
  return op[0] == '<' ? ask_range("s", behind(scalar_key(query, type, false))) : ask_range(scalar_key(query, type, true), "t");
}

bool text_answers(std::string_view op, Oid query, Oid) {
  if (!is_text(query)) return false;
  for (std::string_view known : {"=", "<", "<=", ">", ">=", "~<~", "~<=~", "~>~", "~>=~", "^@"}) {
    if (op == known) return true;
  }
  return false;
}

InvertedQuery text_query(std::string_view op, Oid query_type, Oid type, const Value& query) {
  if (op == "^@") return ask_prefix(open_key('s', query.text()));
  if (op[0] == '~') op = op.substr(1, op.size() - 2);
  return scalar_query(op, query_type, type, query);
}

}  // namespace

const InvertedStrategy kRangeStrategy{"", range_keys, range_answers, range_query};
const InvertedStrategy kShapeStrategy{"", shape_keys, shape_answers, shape_query};
const InvertedStrategy kNetworkStrategy{"", network_keys, network_answers, network_query};
const InvertedStrategy kScalarStrategy{"btree_scalar", scalar_keys, scalar_answers, scalar_query};
const InvertedStrategy kTextStrategy{"", scalar_keys, text_answers, text_query};

}  // namespace aegis::functions
