#include "aegis/types/geometry.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

template <>
Path read_shape<Path>(std::string_view bytes) {
  uint32_t header[2];
  std::memcpy(header, bytes.data(), 8);
  Path path;
  path.closed = header[0] != 0;
  path.points.resize(header[1]);
  std::memcpy(static_cast<void*>(path.points.data()), bytes.data() + 8, header[1] * sizeof(Point));
  return path;
}
template <>
Polygon read_shape<Polygon>(std::string_view bytes) {
  return {read_shape<Path>(bytes).points};
}
template <>
std::string shape_bytes<Path>(const Path& path) {
  uint32_t header[2] = {path.closed, static_cast<uint32_t>(path.points.size())};
  std::string out(reinterpret_cast<const char*>(header), 8);
  out.append(reinterpret_cast<const char*>(path.points.data()), path.points.size() * sizeof(Point));
  return out;
}
template <>
std::string shape_bytes<Polygon>(const Polygon& polygon) {
  return shape_bytes(Path{false, polygon.points});
}

bool same_point(Point a, Point b) {
  auto same = [](double p, double q) { return p == q || (std::isnan(p) && std::isnan(q)); };
  if (std::isnan(a.x) || std::isnan(a.y) || std::isnan(b.x) || std::isnan(b.y)) return same(a.x, b.x) && same(a.y, b.y);
  return near_equal(a.x, b.x) && near_equal(a.y, b.y);
}

Box make_box(Point a, Point b) {
  auto greater = [](double p, double q) { return !std::isnan(q) && (std::isnan(p) || p > q); };
  Box box;
  bool x = greater(a.x, b.x), y = greater(a.y, b.y);
  box.high = {x ? a.x : b.x, y ? a.y : b.y};
  box.low = {x ? b.x : a.x, y ? b.y : a.y};
  return box;
}
Box bounding_box(const std::vector<Point>& points) {
  Box box{points[0], points[0]};
  for (Point p : points) {
    box.low = {std::min(box.low.x, p.x), std::min(box.low.y, p.y)};
    box.high = {std::max(box.high.x, p.x), std::max(box.high.y, p.y)};
  }
  return box;
}

double point_slope(Point a, Point b) {
  if (near_equal(a.x, b.x)) return std::numeric_limits<double>::infinity();
  if (near_equal(a.y, b.y)) return 0;
  return (a.y - b.y) / (a.x - b.x);
}
Line make_line(Point point, double slope) {
  if (std::isinf(slope)) return {-1, 0, point.x};
  if (slope == 0) return {0, -1, point.y};
  Line line{slope, -1, point.y - slope * point.x};
  if (line.c == 0) line.c = 0;
  return line;
}

namespace {

class ShapeReader {
 public:
  ShapeReader(std::string_view text, const char* type) : copy_(text), at_(copy_.c_str()), type_(type) {}

  [[noreturn]] void fail() { throw_invalid_text(type_, copy_); }
  void skip() {
    while (is_space(*at_)) ++at_;
  }
  bool take(char c) {
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  char peek() const { return *at_; }
  bool last_parenthesis() const { return std::strrchr(at_, '(') == at_; }
  void end() {
    skip();
    if (*at_ != '\0') fail();
  }

  double number() {
    skip();
    errno = 0;
    char* stop = nullptr;
    double value = std::strtod(at_, &stop);
    if (stop == at_ || (stop - at_ > 1 && (at_[0] == '0' || at_[1] == '0') && std::strpbrk(std::string(at_, static_cast<size_t>(stop - at_)).c_str(), "xX") != nullptr)) fail();
    if (errno == ERANGE && (value == 0 || std::isinf(value))) {
      throw SqlError(Sqlstate::NumericValueOutOfRange, "\"" + std::string(at_, static_cast<size_t>(stop - at_)) + "\" is out of range for type double precision");
    }
    at_ = stop;
    skip();
    return value;
  }
  // x,y with or without parentheses
  Point pair() {
    skip();
    bool enclosed = take('(');
    Point point;
    point.x = number();
    if (!take(',')) fail();
    point.y = number();
    if (enclosed) {
      if (!take(')')) fail();
      skip();
    }
    return point;
  }

  std::vector<Point> points(size_t count, bool may_open, bool& open) {
    int depth = 0;
    skip();
    open = peek() == '[';
    if (open) {
      if (!may_open) fail();
      ++depth;
      ++at_;
    } else if (peek() == '(') {
      const char* inner = at_ + 1;
      while (is_space(*inner)) ++inner;
      if (*inner == '(' || last_parenthesis()) {
        ++depth;
        at_ = inner;
      }
    }
    std::vector<Point> list;
    for (size_t i = 0; i < count; ++i) {
      list.push_back(pair());
      take(',');
    }
    while (depth > 0) {
      if (!take(')') && !(open && depth == 1 && take(']'))) fail();
      --depth;
      skip();
    }
    return list;
  }
  // Half the commas, rounded up; 0 when they don't make pairs.
  size_t pair_count() const {
    size_t commas = static_cast<size_t>(std::count(copy_.begin(), copy_.end(), ','));
    return commas % 2 == 1 ? (commas + 1) / 2 : 0;
  }

 private:
  std::string copy_;
  const char* at_;
  const char* type_;
};

template <typename T>
Value shape_value(const T& shape, Arena& arena) {
  return string_value(shape_bytes(shape), arena);
}
void append_number(const TypeContext& context, double value, std::string& out) { append_double(value, context.extra_float_digits, out); }
void append_pair(const TypeContext& context, Point p, std::string& out) {
  append_number(context, p.x, out);
  out += ',';
  append_number(context, p.y, out);
}
void append_point(const TypeContext& context, Point p, std::string& out) {
  out += '(';
  append_pair(context, p, out);
  out += ')';
}
void append_points(const TypeContext& context, const std::vector<Point>& points, std::string& out) {
  for (size_t i = 0; i < points.size(); ++i) {
    if (i > 0) out += ',';
    append_point(context, points[i], out);
  }
}

void send_double(double value, std::string& out) {
  int64_t bits;
  std::memcpy(&bits, &value, 8);
  append_int64(out, bits);
}
double receive_double(BinaryReader& reader) {
  int64_t bits = reader.int64();
  double value;
  std::memcpy(&value, &bits, 8);
  return value;
}
void send_doubles(const TypeContext&, const Value& value, Oid, std::string& out) {
  for (size_t at = 0; at < value.text().size(); at += 8) send_double(read_shape<double>(value.text().substr(at, 8)), out);
}
template <size_t count>
std::array<double, count> receive_doubles(std::string_view bytes) {
  BinaryReader reader(bytes);
  std::array<double, count> values;
  for (double& value : values) value = receive_double(reader);
  return values;
}

Value point_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  ShapeReader reader(text, "point");
  Point point = reader.pair();
  reader.end();
  return shape_value(point, arena);
}
void point_output(const TypeContext& context, const Value& value, Oid, std::string& out) { append_point(context, read_shape<Point>(value.text()), out); }
Value point_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) { return shape_value(receive_doubles<2>(bytes), arena); }

Value lseg_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  ShapeReader reader(text, "lseg");
  bool open = false;
  auto points = reader.points(2, true, open);
  reader.end();
  return shape_value(Segment{{points[0], points[1]}}, arena);
}
void lseg_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  auto segment = read_shape<Segment>(value.text());
  out += '[';
  append_points(context, {segment.p[0], segment.p[1]}, out);
  out += ']';
}
Value lseg_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) { return shape_value(receive_doubles<4>(bytes), arena); }

Value box_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  ShapeReader reader(text, "box");
  bool open = false;
  auto points = reader.points(2, false, open);
  reader.end();
  return shape_value(make_box(points[0], points[1]), arena);
}
void box_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  auto box = read_shape<Box>(value.text());
  append_points(context, {box.high, box.low}, out);
}
Value box_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  auto v = receive_doubles<4>(bytes);
  return shape_value(make_box({v[0], v[1]}, {v[2], v[3]}), arena);
}

Value line_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  ShapeReader reader(text, "line");
  reader.skip();
  Line line;
  if (reader.take('{')) {
    line.a = reader.number();
    if (!reader.take(',')) reader.fail();
    line.b = reader.number();
    if (!reader.take(',')) reader.fail();
    line.c = reader.number();
    if (!reader.take('}')) reader.fail();
    reader.end();
    if (near_zero(line.a) && near_zero(line.b)) {
      throw SqlError(Sqlstate::InvalidTextRepresentation, "invalid line specification: A and B cannot both be zero");
    }
    return shape_value(line, arena);
  }
  bool open = false;
  auto points = reader.points(2, true, open);
  reader.end();
  if (same_point(points[0], points[1])) {
    throw SqlError(Sqlstate::InvalidTextRepresentation, "invalid line specification: must be two distinct points");
  }
  return shape_value(make_line(points[0], point_slope(points[0], points[1])), arena);
}
void line_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  auto line = read_shape<Line>(value.text());
  out += '{';
  append_number(context, line.a, out);
  out += ',';
  append_number(context, line.b, out);
  out += ',';
  append_number(context, line.c, out);
  out += '}';
}
Value line_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  auto v = receive_doubles<3>(bytes);
  if (near_zero(v[0]) && near_zero(v[1])) {
    throw SqlError(Sqlstate::InvalidBinaryRepresentation, "invalid line specification: A and B cannot both be zero");
  }
  return shape_value(v, arena);
}

Value path_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  ShapeReader reader(text, "path");
  size_t count = reader.pair_count();
  if (count == 0) reader.fail();
  reader.skip();
  bool enclosed = reader.peek() == '(' && reader.last_parenthesis() && reader.take('(');
  Path path;
  bool open = false;
  path.points = reader.points(count, true, open);
  path.closed = !open;
  if (enclosed && !reader.take(')')) reader.fail();
  reader.end();
  return shape_value(path, arena);
}
void path_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  Path path = read_shape<Path>(value.text());
  out += path.closed ? '(' : '[';
  append_points(context, path.points, out);
  out += path.closed ? ')' : ']';
}
void send_points(const std::vector<Point>& points, std::string& out) {
  append_int32(out, static_cast<int32_t>(points.size()));
  for (Point p : points) {
    send_double(p.x, out);
    send_double(p.y, out);
  }
}
std::vector<Point> receive_points(BinaryReader& reader, const char* type) {
  int32_t count = reader.int32();
  if (count <= 0 || static_cast<size_t>(count) > reader.left() / 16) {
    throw SqlError(Sqlstate::InvalidBinaryRepresentation, std::string("invalid number of points in external \"") + type + "\" value");
  }
  std::vector<Point> points;
  for (int32_t i = 0; i < count; ++i) {
    double x = receive_double(reader);
    points.push_back({x, receive_double(reader)});
  }
  return points;
}
void path_send(const TypeContext&, const Value& value, Oid, std::string& out) {
  Path path = read_shape<Path>(value.text());
  out += path.closed ? '\1' : '\0';
  send_points(path.points, out);
}
Value path_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  BinaryReader reader(bytes);
  Path path;
  path.closed = reader.int8() != 0;
  path.points = receive_points(reader, "path");
  return shape_value(path, arena);
}

Value polygon_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  ShapeReader reader(text, "polygon");
  size_t count = reader.pair_count();
  if (count == 0) reader.fail();
  bool open = false;
  Polygon polygon{reader.points(count, false, open)};
  reader.end();
  return shape_value(polygon, arena);
}
void polygon_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  out += '(';
  append_points(context, read_shape<Polygon>(value.text()).points, out);
  out += ')';
}
void polygon_send(const TypeContext&, const Value& value, Oid, std::string& out) { send_points(read_shape<Polygon>(value.text()).points, out); }
Value polygon_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  BinaryReader reader(bytes);
  return shape_value(Polygon{receive_points(reader, "polygon")}, arena);
}

Value circle_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  ShapeReader reader(text, "circle");
  reader.skip();
  // <(x,y),r>, ((x,y),r), (x,y),r or x,y,r
  std::string_view rest = trim_space(text);
  bool angle = reader.take('<');
  bool round = false;
  if (!angle && rest.size() > 1 && rest[0] == '(') {
    size_t next = 1;
    while (next < rest.size() && is_space(rest[next])) ++next;
    if (next < rest.size() && rest[next] == '(') round = reader.take('(');
  }
  Circle circle;
  circle.center = reader.pair();
  reader.take(',');
  circle.radius = reader.number();
  if (circle.radius < 0) reader.fail();
  if (angle && !reader.take('>') && !reader.take(')')) reader.fail();
  if (round && !reader.take(')')) reader.fail();
  reader.end();
  return shape_value(circle, arena);
}
void circle_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  auto circle = read_shape<Circle>(value.text());
  out += '<';
  append_point(context, circle.center, out);
  out += ',';
  append_number(context, circle.radius, out);
  out += '>';
}
Value circle_receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  auto v = receive_doubles<3>(bytes);
  if (v[2] < 0) throw SqlError(Sqlstate::InvalidBinaryRepresentation, "invalid radius in external \"circle\" value");
  return shape_value(v, arena);
}

}  // namespace

const Family kPointFamily = {point_input, point_output, point_receive, send_doubles};
const Family kLsegFamily = {lseg_input, lseg_output, lseg_receive, send_doubles};
const Family kBoxFamily = {box_input, box_output, box_receive, send_doubles};
const Family kLineFamily = {line_input, line_output, line_receive, send_doubles};
const Family kPathFamily = {path_input, path_output, path_receive, path_send};
const Family kPolygonFamily = {polygon_input, polygon_output, polygon_receive, polygon_send};
const Family kCircleFamily = {circle_input, circle_output, circle_receive, send_doubles};

}  // namespace aegis::types
