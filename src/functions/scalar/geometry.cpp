// Points, segments, lines, boxes, paths, polygons and circles. Comparisons have PostgreSQL's tolerance.
#include "aegis/types/geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

using types::Box;
using types::Circle;
using types::Line;
using types::near_equal;
using types::near_greater;
using types::near_greater_equal;
using types::near_less;
using types::near_less_equal;
using types::near_zero;
using types::Path;
using types::Point;
using types::Polygon;
using types::same_point;
using types::Segment;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A result that is infinite though nothing it was made from is.
double checked(double value, std::initializer_list<double> inputs) {
  if (std::isinf(value) && std::none_of(inputs.begin(), inputs.end(), [](double v) { return std::isinf(v); })) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: overflow");
  }
  return value;
}
double product(double a, double b) {
  double value = checked(a * b, {a, b});
  if (value == 0 && a != 0 && b != 0) throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: underflow");
  return value;
}
double quotient(double a, double b) {
  if (b == 0 && !std::isnan(a)) throw_division_by_zero();
  double value = checked(a / b, {a});
  if (value == 0 && a != 0 && !std::isinf(b)) throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: underflow");
  return value;
}
double sum(double a, double b) { return checked(a + b, {a, b}); }
double difference(double a, double b) { return checked(a - b, {a, b}); }
double length(double x, double y) {
  if (std::isinf(x) || std::isinf(y)) return kInfinity;
  return checked(std::hypot(x, y), {x, y});
}

Point add(Point a, Point b) { return {sum(a.x, b.x), sum(a.y, b.y)}; }
Point subtract(Point a, Point b) { return {difference(a.x, b.x), difference(a.y, b.y)}; }
Point multiply(Point a, Point b) {
  return {difference(product(a.x, b.x), product(a.y, b.y)), sum(product(a.x, b.y), product(a.y, b.x))};
}
Point divide(Point a, Point b) {
  double divisor = sum(product(b.x, b.x), product(b.y, b.y));
  return {quotient(sum(product(a.x, b.x), product(a.y, b.y)), divisor), quotient(difference(product(a.y, b.x), product(a.x, b.y)), divisor)};
}
double distance(Point a, Point b) { return length(difference(a.x, b.x), difference(a.y, b.y)); }
double inverse_slope(Point a, Point b) {
  if (near_equal(a.x, b.x)) return 0;
  if (near_equal(a.y, b.y)) return kInfinity;
  return (a.x - b.x) / (b.y - a.y);
}
double slope(const Segment& s) { return types::point_slope(s.p[0], s.p[1]); }
double slope(const Line& l) { return near_zero(l.a) ? 0 : near_zero(l.b) ? kInfinity : l.a / -l.b; }
double inverse_slope(const Line& l) { return near_zero(l.a) ? kInfinity : near_zero(l.b) ? 0 : l.b / l.a; }
double inverse_slope(const Segment& s) { return inverse_slope(s.p[0], s.p[1]); }

// --- Lines ---

std::optional<Point> crossing(const Line& a, const Line& b) {
  Point at;
  if (!near_zero(a.b)) {
    if (near_equal(b.a, a.a * (b.b / a.b))) return std::nullopt;
    at.x = (a.b * b.c - b.b * a.c) / (a.a * b.b - b.a * a.b);
    at.y = -(a.a * at.x + a.c) / a.b;
  } else if (!near_zero(b.b)) {
    if (near_equal(a.a, b.a * (a.b / b.b))) return std::nullopt;
    at.x = (b.b * a.c - a.b * b.c) / (b.a * a.b - a.a * b.b);
    at.y = -(b.a * at.x + b.c) / b.b;
  } else {
    return std::nullopt;
  }
  if (at.x == 0) at.x = 0;
  if (at.y == 0) at.y = 0;
  return at;
}
bool equal_lines(const Line& a, const Line& b) {
  auto same = [](double p, double q) { return p == q || (std::isnan(p) && std::isnan(q)); };
  if (std::isnan(a.a + a.b + a.c) || std::isnan(b.a + b.b + b.c)) return same(a.a, b.a) && same(a.b, b.b) && same(a.c, b.c);
  double ratio = !near_zero(b.a) ? a.a / b.a : !near_zero(b.b) ? a.b / b.b : !near_zero(b.c) ? a.c / b.c : 1;
  return near_equal(a.a, ratio * b.a) && near_equal(a.b, ratio * b.b) && near_equal(a.c, ratio * b.c);
}
bool perpendicular(const Line& a, const Line& b) {
  if (near_zero(a.a)) return near_zero(b.b);
  if (near_zero(b.a)) return near_zero(a.b);
  if (near_zero(a.b)) return near_zero(b.a);
  if (near_zero(b.b)) return near_zero(a.a);
  return near_equal((a.a * b.a) / (a.b * b.b), -1);
}
double distance(const Line& a, const Line& b) {
  if (crossing(a, b)) return 0;
  double ratio = !near_zero(a.a) && !std::isnan(a.a) && !near_zero(b.a) && !std::isnan(b.a)   ? a.a / b.a
                 : !near_zero(a.b) && !std::isnan(a.b) && !near_zero(b.b) && !std::isnan(b.b) ? a.b / b.b
                                                                                              : 1;
  return std::fabs(a.c - ratio * b.c) / std::hypot(a.a, a.b);
}
bool contains(const Line& line, Point p) { return near_zero(line.a * p.x + line.b * p.y + line.c); }
double closest(const Line& line, Point p, Point* out) {
  auto at = crossing(types::make_line(p, inverse_slope(line)), line);
  if (!at) {
    if (out != nullptr) *out = p;
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (out != nullptr) *out = *at;
  return distance(*at, p);
}

// --- Segments ---

bool contains(const Segment& s, Point p) { return near_equal(distance(p, s.p[0]) + distance(p, s.p[1]), distance(s.p[0], s.p[1])); }
std::optional<Point> crossing(const Segment& s, const Line& line) {
  auto at = crossing(types::make_line(s.p[0], slope(s)), line);
  if (!at || !contains(s, *at)) return std::nullopt;
  for (Point end : s.p) {
    if (same_point(end, *at)) return end;
  }
  return at;
}
std::optional<Point> crossing(const Segment& a, const Segment& b) {
  auto at = crossing(a, types::make_line(b.p[0], slope(b)));
  if (!at || !contains(b, *at)) return std::nullopt;
  return at;
}
double closest(const Segment& s, const Line& line, Point* out) {
  if (auto at = crossing(s, line)) {
    if (out != nullptr) *out = *at;
    return 0;
  }
  double first = closest(line, s.p[0], nullptr), second = closest(line, s.p[1], nullptr);
  if (out != nullptr) *out = first < second ? s.p[0] : s.p[1];
  return std::min(first, second);
}
double closest(const Segment& s, Point p, Point* out) {
  Point at;
  closest(s, types::make_line(p, inverse_slope(s)), &at);
  if (out != nullptr) *out = at;
  return distance(at, p);
}
double closest(const Segment& on, const Segment& to, Point* out) {
  if (auto at = crossing(on, to)) {
    if (out != nullptr) *out = *at;
    return 0;
  }
  Point best, at;
  double least = closest(on, to.p[0], &best);
  if (double d = closest(on, to.p[1], &at); d < least) least = d, best = at;
  for (Point end : on.p) {
    if (double d = closest(to, end, nullptr); d < least) least = d, best = end;
  }
  if (out != nullptr) *out = best;
  return least;
}

// --- Boxes ---

bool contains(const Box& box, Point p) { return box.high.x >= p.x && box.low.x <= p.x && box.high.y >= p.y && box.low.y <= p.y; }
bool contains(const Box& a, const Box& b) {
  return near_greater_equal(a.high.x, b.high.x) && near_less_equal(a.low.x, b.low.x) && near_greater_equal(a.high.y, b.high.y) &&
         near_less_equal(a.low.y, b.low.y);
}
bool overlap(const Box& a, const Box& b) {
  return near_less_equal(a.low.x, b.high.x) && near_less_equal(b.low.x, a.high.x) && near_less_equal(a.low.y, b.high.y) &&
         near_less_equal(b.low.y, a.high.y);
}
double width(const Box& box) { return difference(box.high.x, box.low.x); }
double height(const Box& box) { return difference(box.high.y, box.low.y); }
double area(const Box& box) { return product(width(box), height(box)); }
Point center(const Box& box) { return {sum(box.high.x, box.low.x) / 2, sum(box.high.y, box.low.y) / 2}; }
std::array<Segment, 4> sides(const Box& box) {
  Point left_top{box.low.x, box.high.y}, right_bottom{box.high.x, box.low.y};
  return {Segment{{box.low, left_top}}, Segment{{box.high, left_top}}, Segment{{box.low, right_bottom}}, Segment{{box.high, right_bottom}}};
}
double closest(const Box& box, Point p, Point* out) {
  if (contains(box, p)) {
    if (out != nullptr) *out = p;
    return 0;
  }
  double least = kInfinity;
  bool first = true;
  for (const Segment& side : sides(box)) {
    Point at;
    double d = closest(side, p, &at);
    if (first || d < least) {
      least = d;
      if (out != nullptr) *out = at;
    }
    first = false;
  }
  return least;
}
bool crosses(const Box& box, const Segment& s, Point* out) {
  if (!overlap(box, types::make_box(s.p[0], s.p[1]))) return false;
  if (out != nullptr) closest(s, center(box), out);
  if (contains(box, s.p[0]) || contains(box, s.p[1])) return true;
  for (const Segment& side : sides(box)) {
    if (crossing(side, s)) return true;
  }
  return false;
}
double closest(const Box& box, const Segment& s, Point* out) {
  if (crosses(box, s, out)) return 0;
  double least = kInfinity;
  bool first = true;
  for (const Segment& side : sides(box)) {
    Point at;
    double d = closest(side, s, &at);
    if (first || d < least) {
      least = d;
      if (out != nullptr) *out = at;
    }
    first = false;
  }
  return least;
}

// --- Paths and polygons ---

template <typename F>
void for_each_side(const std::vector<Point>& points, bool closed, F&& visit) {
  for (size_t i = 0; i < points.size(); ++i) {
    if (i == 0 && !closed) continue;
    visit(Segment{{points[i == 0 ? points.size() - 1 : i - 1], points[i]}});
  }
}

constexpr int kOnPolygon = std::numeric_limits<int>::max();
int crossing_sign(double x, double y, double previous_x, double previous_y) {
  if (near_zero(y)) {
    if (near_zero(x)) return kOnPolygon;
    if (near_greater(x, 0)) {
      if (near_zero(previous_y)) return near_greater(previous_x, 0) ? 0 : kOnPolygon;
      return near_less(previous_y, 0) ? 1 : -1;
    }
    if (near_zero(previous_y)) return near_less(previous_x, 0) ? 0 : kOnPolygon;
    return 0;
  }
  int sign = near_greater(y, 0) ? 1 : -1;
  if (near_zero(previous_y)) return near_less(previous_x, 0) ? 0 : sign;
  if ((sign < 0 && near_less(previous_y, 0)) || (sign > 0 && near_greater(previous_y, 0))) return 0;
  if (near_greater_equal(x, 0) && near_greater(previous_x, 0)) return 2 * sign;
  if (near_less(x, 0) && near_less_equal(previous_x, 0)) return 0;
  double z = (x - previous_x) * y - (y - previous_y) * x;
  if (near_zero(z)) return kOnPolygon;
  if ((sign < 0 && near_less(z, 0)) || (sign > 0 && near_greater(z, 0))) return 0;
  return 2 * sign;
}
// 0 outside, 1 inside, 2 on a side.
int inside(Point p, const std::vector<Point>& points) {
  if (points.empty()) return 0;
  double x0 = points[0].x - p.x, y0 = points[0].y - p.y;
  double previous_x = x0, previous_y = y0;
  int total = 0;
  for (size_t i = 1; i <= points.size(); ++i) {
    double x = i == points.size() ? x0 : points[i].x - p.x;
    double y = i == points.size() ? y0 : points[i].y - p.y;
    int crosses = crossing_sign(x, y, previous_x, previous_y);
    if (crosses == kOnPolygon) return 2;
    total += crosses;
    previous_x = x;
    previous_y = y;
  }
  return total != 0 ? 1 : 0;
}

bool segment_inside(Point a, Point b, const std::vector<Point>& points, size_t start);
bool touched_segment_inside(Point a, Point b, const Segment& side, const std::vector<Point>& points, size_t start) {
  Segment t{{a, b}};
  if (same_point(a, side.p[0])) return !contains(t, side.p[1]) || segment_inside(b, side.p[1], points, start);
  if (same_point(a, side.p[1])) return !contains(t, side.p[0]) || segment_inside(b, side.p[0], points, start);
  if (contains(t, side.p[0])) return segment_inside(b, side.p[0], points, start);
  if (contains(t, side.p[1])) return segment_inside(b, side.p[1], points, start);
  return true;
}
bool segment_inside(Point a, Point b, const std::vector<Point>& points, size_t start) {
  Segment t{{a, b}};
  bool result = true, crossed = false;
  Point from = points[start == 0 ? points.size() - 1 : start - 1];
  for (size_t i = start; i < points.size() && result; ++i) {
    Segment side{{from, points[i]}};
    if (contains(side, a)) {
      if (contains(side, b)) return true;
      result = touched_segment_inside(a, b, side, points, i + 1);
    } else if (contains(side, b)) {
      result = touched_segment_inside(b, a, side, points, i + 1);
    } else if (auto at = crossing(t, side)) {
      crossed = true;
      result = segment_inside(a, *at, points, i + 1) && segment_inside(b, *at, points, i + 1);
    }
    from = points[i];
  }
  if (result && !crossed) result = inside({(a.x + b.x) / 2, (a.y + b.y) / 2}, points) != 0;
  return result;
}
bool contains(const Polygon& a, const Polygon& b) {
  if (a.points.empty() || b.points.empty() || !contains(types::bounding_box(a.points), types::bounding_box(b.points))) return false;
  bool all = true;
  for_each_side(b.points, true, [&](const Segment& side) { all = all && segment_inside(side.p[0], side.p[1], a.points, 0); });
  return all;
}
bool overlap(const Polygon& a, const Polygon& b) {
  if (a.points.empty() || b.points.empty() || !overlap(types::bounding_box(a.points), types::bounding_box(b.points))) return false;
  bool found = false;
  for_each_side(a.points, true, [&](const Segment& x) {
    for_each_side(b.points, true, [&](const Segment& y) { found = found || crossing(x, y).has_value(); });
  });
  return found || inside(a.points[0], b.points) != 0 || inside(b.points[0], a.points) != 0;
}
double distance(const Polygon& polygon, Point p) {
  if (inside(p, polygon.points) != 0) return 0;
  double least = kInfinity;
  for_each_side(polygon.points, true, [&](const Segment& side) { least = std::min(least, closest(side, p, nullptr)); });
  return least;
}
double distance(const Polygon& a, const Polygon& b) {
  if (overlap(a, b)) return 0;
  double least = kInfinity;
  for_each_side(a.points, true, [&](const Segment& x) {
    for_each_side(b.points, true, [&](const Segment& y) { least = std::min(least, closest(x, y, nullptr)); });
  });
  return least;
}
bool same_points(const std::vector<Point>& a, const std::vector<Point>& b) {
  size_t n = a.size();
  if (n != b.size()) return false;
  for (size_t i = 0; i < n; ++i) {
    if (!same_point(b[i], a[0])) continue;
    size_t forward = 1, backward = 1;
    while (forward < n && same_point(a[forward], b[(i + forward) % n])) ++forward;
    if (forward == n) return true;
    while (backward < n && same_point(a[backward], b[(i + n - backward) % n])) ++backward;
    if (backward == n) return true;
  }
  return n == 0;
}
Circle circle_of(const Polygon& polygon) {
  Circle circle{{0, 0}, 0};
  auto count = static_cast<double>(polygon.points.size());
  for (Point p : polygon.points) circle.center = add(circle.center, p);
  circle.center = {circle.center.x / count, circle.center.y / count};
  for (Point p : polygon.points) circle.radius += distance(p, circle.center);
  circle.radius /= count;
  return circle;
}
std::optional<double> area(const Path& path) {
  if (!path.closed) return std::nullopt;
  double total = 0;
  for (size_t i = 0; i < path.points.size(); ++i) {
    Point a = path.points[i], b = path.points[(i + 1) % path.points.size()];
    total = sum(total, product(a.x, b.y));
    total = difference(total, product(a.y, b.x));
  }
  return std::fabs(total) / 2;
}
double length(const Path& path) {
  double total = 0;
  for_each_side(path.points, path.closed, [&](const Segment& s) { total = sum(total, distance(s.p[0], s.p[1])); });
  return total;
}
bool contains(const Path& path, Point p) {
  if (path.closed) return inside(p, path.points) != 0;
  for (size_t i = 0; i + 1 < path.points.size(); ++i) {
    double a = distance(p, path.points[i]), b = distance(p, path.points[i + 1]);
    if (near_equal(a + b, distance(path.points[i], path.points[i + 1]))) return true;
  }
  return false;
}
bool overlap(const Path& a, const Path& b) {
  if (!overlap(types::bounding_box(a.points), types::bounding_box(b.points))) return false;
  bool found = false;
  for_each_side(a.points, a.closed, [&](const Segment& x) {
    for_each_side(b.points, b.closed, [&](const Segment& y) { found = found || crossing(x, y).has_value(); });
  });
  return found;
}
std::optional<double> distance(const Path& a, const Path& b) {
  std::optional<double> least;
  for_each_side(a.points, a.closed, [&](const Segment& x) {
    for_each_side(b.points, b.closed, [&](const Segment& y) {
      double d = closest(x, y, nullptr);
      if (!least || d < *least) least = d;
    });
  });
  return least;
}
double distance(const Path& path, Point p) {
  if (path.points.size() == 1) return distance(path.points[0], p);
  double least = kInfinity;
  for_each_side(path.points, path.closed, [&](const Segment& side) { least = std::min(least, closest(side, p, nullptr)); });
  return least;
}
template <Point (*change)(Point, Point)>
Path moved(Path path, Point by) {
  for (Point& p : path.points) p = change(p, by);
  return path;
}

// --- Circles ---

double area(const Circle& c) { return product(product(c.radius, c.radius), M_PI); }
Polygon polygon_of(int32_t count, const Circle& circle) {
  if (near_zero(circle.radius)) throw SqlError(Sqlstate::FeatureNotSupported, "cannot convert circle with radius zero to polygon");
  if (count < 2) throw SqlError(Sqlstate::InvalidParameterValue, "must request at least 2 points");
  constexpr int32_t kMaxPoints = (int32_t{1} << 30) / static_cast<int32_t>(sizeof(Point));   // a value is at most 1 GB
  if (count > kMaxPoints) throw SqlError(Sqlstate::ProgramLimitExceeded, "too many points requested");
  Polygon polygon;
  polygon.points.reserve(static_cast<size_t>(count));
  double step = 2 * M_PI / count;
  for (int32_t i = 0; i < count; ++i) {
    double angle = step * i;
    polygon.points.push_back({circle.center.x - circle.radius * std::cos(angle), circle.center.y + circle.radius * std::sin(angle)});
  }
  return polygon;
}

// --- Kernels ---

template <typename T>
struct ShapeArgument {
  using Given = Text;
  static T read(Text bytes) { return types::read_shape<T>(bytes); }
};
template <>
struct ShapeArgument<double> {
  using Given = double;
  static double read(double value) { return value; }
};
template <>
struct ShapeArgument<int32_t> {
  using Given = int32_t;
  static int32_t read(int32_t value) { return value; }
};
template <typename T>
auto give(const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double> || std::is_same_v<T, int32_t> || std::is_same_v<T, std::optional<double>>) {
    return value;
  } else {
    return types::shape_bytes(value);
  }
}
template <typename T>
std::optional<std::string> give(const std::optional<T>& value)
  requires(!std::is_same_v<T, double>)
{
  if (!value) return std::nullopt;
  return types::shape_bytes(*value);
}

template <typename T>
using ReadAs = std::remove_cvref_t<T>;
template <auto F, typename Sig>
struct Adapter;
template <auto F, typename R, typename... A>
struct Adapter<F, R (*)(A...)> {
  static auto call(typename ShapeArgument<ReadAs<A>>::Given... given) { return give(F(ShapeArgument<ReadAs<A>>::read(given)...)); }
};
template <auto F, typename L>
struct LambdaAdapter;
template <auto F, typename C, typename R, typename... A>
struct LambdaAdapter<F, R (C::*)(A...) const> {
  static auto call(typename ShapeArgument<ReadAs<A>>::Given... given) { return give(F(ShapeArgument<ReadAs<A>>::read(given)...)); }
};

// A kernel of a lambda over shapes and numbers.
template <auto F>
constexpr ScalarKernel shape() {
  return kernel<&LambdaAdapter<F, decltype(&std::remove_cv_t<decltype(F)>::operator())>::call>;
}

std::optional<Point> known(double result, Point at) { return std::isnan(result) ? std::nullopt : std::optional<Point>(at); }
Box bounds(const Polygon& p) { return types::bounding_box(p.points); }
using OptionalBox = std::optional<Box>;

const ScalarBinding kBindings[] = {
    {"point_left", shape<[](Point a, Point b) { return near_less(a.x, b.x); }>()},
    {"point_right", shape<[](Point a, Point b) { return near_greater(a.x, b.x); }>()},
    {"point_above", shape<[](Point a, Point b) { return near_greater(a.y, b.y); }>()},
    {"point_below", shape<[](Point a, Point b) { return near_less(a.y, b.y); }>()},
    {"point_eq", shape<[](Point a, Point b) { return same_point(a, b); }>()},
    {"point_ne", shape<[](Point a, Point b) { return !same_point(a, b); }>()},
    {"point_vert", shape<[](Point a, Point b) { return near_equal(a.x, b.x); }>()},
    {"point_horiz", shape<[](Point a, Point b) { return near_equal(a.y, b.y); }>()},
    {"point_distance", shape<[](Point a, Point b) { return distance(a, b); }>()},
    {"point_slope", shape<[](Point a, Point b) { return types::point_slope(a, b); }>()},
    {"point_add", shape<[](Point a, Point b) { return add(a, b); }>()},
    {"point_sub", shape<[](Point a, Point b) { return subtract(a, b); }>()},
    {"point_mul", shape<[](Point a, Point b) { return multiply(a, b); }>()},
    {"point_div", shape<[](Point a, Point b) { return divide(a, b); }>()},
    {"construct_point", shape<[](double x, double y) { return Point{x, y}; }>()},
    {"point_box", shape<[](Point a) { return Box{a, a}; }>()},

    {"lseg_construct", shape<[](Point a, Point b) { return Segment{{a, b}}; }>()},
    {"lseg_intersect", shape<[](Segment a, Segment b) { return crossing(a, b).has_value(); }>()},
    {"lseg_interpt", shape<[](Segment a, Segment b) { return crossing(a, b); }>()},
    {"lseg_parallel", shape<[](Segment a, Segment b) { return near_equal(slope(a), slope(b)); }>()},
    {"lseg_perp", shape<[](Segment a, Segment b) { return near_equal(slope(a), inverse_slope(b)); }>()},
    {"lseg_vertical", shape<[](Segment a) { return near_equal(a.p[0].x, a.p[1].x); }>()},
    {"lseg_horizontal", shape<[](Segment a) { return near_equal(a.p[0].y, a.p[1].y); }>()},
    {"lseg_eq", shape<[](Segment a, Segment b) { return same_point(a.p[0], b.p[0]) && same_point(a.p[1], b.p[1]); }>()},
    {"lseg_ne", shape<[](Segment a, Segment b) { return !same_point(a.p[0], b.p[0]) || !same_point(a.p[1], b.p[1]); }>()},
    {"lseg_lt", shape<[](Segment a, Segment b) { return near_less(distance(a.p[0], a.p[1]), distance(b.p[0], b.p[1])); }>()},
    {"lseg_le", shape<[](Segment a, Segment b) { return near_less_equal(distance(a.p[0], a.p[1]), distance(b.p[0], b.p[1])); }>()},
    {"lseg_gt", shape<[](Segment a, Segment b) { return near_greater(distance(a.p[0], a.p[1]), distance(b.p[0], b.p[1])); }>()},
    {"lseg_ge", shape<[](Segment a, Segment b) { return near_greater_equal(distance(a.p[0], a.p[1]), distance(b.p[0], b.p[1])); }>()},
    {"lseg_length", shape<[](Segment a) { return distance(a.p[0], a.p[1]); }>()},
    {"lseg_center", shape<[](Segment a) { return Point{sum(a.p[0].x, a.p[1].x) / 2, sum(a.p[0].y, a.p[1].y) / 2}; }>()},
    {"lseg_distance", shape<[](Segment a, Segment b) { return closest(a, b, nullptr); }>()},

    {"line_construct_pp", shape<[](Point a, Point b) {
       if (same_point(a, b)) throw SqlError(Sqlstate::InvalidParameterValue, "invalid line specification: must be two distinct points");
       return types::make_line(a, types::point_slope(a, b));
     }>()},
    {"line_eq", shape<[](Line a, Line b) { return equal_lines(a, b); }>()},
    {"line_interpt", shape<[](Line a, Line b) { return crossing(a, b); }>()},
    {"line_intersect", shape<[](Line a, Line b) { return crossing(a, b).has_value(); }>()},
    {"line_parallel", shape<[](Line a, Line b) { return !crossing(a, b).has_value(); }>()},
    {"line_perp", shape<[](Line a, Line b) { return perpendicular(a, b); }>()},
    {"line_vertical", shape<[](Line a) { return near_zero(a.b); }>()},
    {"line_horizontal", shape<[](Line a) { return near_zero(a.a); }>()},
    {"line_distance", shape<[](Line a, Line b) { return distance(a, b); }>()},

    {"points_box", shape<[](Point a, Point b) { return types::make_box(a, b); }>()},
    {"box_same", shape<[](Box a, Box b) { return same_point(a.high, b.high) && same_point(a.low, b.low); }>()},
    {"box_overlap", shape<[](Box a, Box b) { return overlap(a, b); }>()},
    {"box_left", shape<[](Box a, Box b) { return near_less(a.high.x, b.low.x); }>()},
    {"box_overleft", shape<[](Box a, Box b) { return near_less_equal(a.high.x, b.high.x); }>()},
    {"box_right", shape<[](Box a, Box b) { return near_greater(a.low.x, b.high.x); }>()},
    {"box_overright", shape<[](Box a, Box b) { return near_greater_equal(a.low.x, b.low.x); }>()},
    {"box_below", shape<[](Box a, Box b) { return near_less(a.high.y, b.low.y); }>()},
    {"box_overbelow", shape<[](Box a, Box b) { return near_less_equal(a.high.y, b.high.y); }>()},
    {"box_above", shape<[](Box a, Box b) { return near_greater(a.low.y, b.high.y); }>()},
    {"box_overabove", shape<[](Box a, Box b) { return near_greater_equal(a.low.y, b.low.y); }>()},
    {"box_below_eq", shape<[](Box a, Box b) { return near_less_equal(a.high.y, b.low.y); }>()},
    {"box_above_eq", shape<[](Box a, Box b) { return near_greater_equal(a.low.y, b.high.y); }>()},
    {"box_contain", shape<[](Box a, Box b) { return contains(a, b); }>()},
    {"box_contained", shape<[](Box a, Box b) { return contains(b, a); }>()},
    {"box_contain_pt", shape<[](Box a, Point p) { return contains(a, p); }>()},
    {"box_lt", shape<[](Box a, Box b) { return near_less(area(a), area(b)); }>()},
    {"box_gt", shape<[](Box a, Box b) { return near_greater(area(a), area(b)); }>()},
    {"box_eq", shape<[](Box a, Box b) { return near_equal(area(a), area(b)); }>()},
    {"box_le", shape<[](Box a, Box b) { return near_less_equal(area(a), area(b)); }>()},
    {"box_ge", shape<[](Box a, Box b) { return near_greater_equal(area(a), area(b)); }>()},
    {"box_area", shape<[](Box a) { return area(a); }>()},
    {"box_width", shape<[](Box a) { return width(a); }>()},
    {"box_height", shape<[](Box a) { return height(a); }>()},
    {"box_center", shape<[](Box a) { return center(a); }>()},
    {"box_distance", shape<[](Box a, Box b) { return distance(center(a), center(b)); }>()},
    {"box_diagonal", shape<[](Box a) { return Segment{{a.high, a.low}}; }>()},
    {"box_intersect", shape<[](Box a, Box b) -> OptionalBox {
       if (!overlap(a, b)) return std::nullopt;
       return Box{{std::min(a.high.x, b.high.x), std::min(a.high.y, b.high.y)}, {std::max(a.low.x, b.low.x), std::max(a.low.y, b.low.y)}};
     }>()},
    {"boxes_bound_box", shape<[](Box a, Box b) {
       return Box{{std::max(a.high.x, b.high.x), std::max(a.high.y, b.high.y)}, {std::min(a.low.x, b.low.x), std::min(a.low.y, b.low.y)}};
     }>()},
    {"box_add", shape<[](Box a, Point p) { return Box{add(a.high, p), add(a.low, p)}; }>()},
    {"box_sub", shape<[](Box a, Point p) { return Box{subtract(a.high, p), subtract(a.low, p)}; }>()},
    {"box_mul", shape<[](Box a, Point p) { return types::make_box(multiply(a.high, p), multiply(a.low, p)); }>()},
    {"box_div", shape<[](Box a, Point p) { return types::make_box(divide(a.high, p), divide(a.low, p)); }>()},
    {"box_poly", shape<[](Box a) { return Polygon{{a.low, {a.low.x, a.high.y}, a.high, {a.high.x, a.low.y}}}; }>()},
    {"box_circle", shape<[](Box a) { return Circle{center(a), distance(center(a), a.high)}; }>()},

    {"on_pb", shape<[](Point p, Box b) { return contains(b, p); }>()},
    {"on_ps", shape<[](Point p, Segment s) { return contains(s, p); }>()},
    {"on_pl", shape<[](Point p, Line l) { return contains(l, p); }>()},
    {"on_ppath", shape<[](Point p, Path a) { return contains(a, p); }>()},
    {"on_sl", shape<[](Segment s, Line l) { return contains(l, s.p[0]) && contains(l, s.p[1]); }>()},
    {"on_sb", shape<[](Segment s, Box b) { return contains(b, s.p[0]) && contains(b, s.p[1]); }>()},
    {"inter_sl", shape<[](Segment s, Line l) { return crossing(s, l).has_value(); }>()},
    {"inter_sb", shape<[](Segment s, Box b) { return crosses(b, s, nullptr); }>()},
    {"inter_lb", shape<[](Line l, Box b) {
       for (const Segment& side : sides(b)) {
         if (crossing(side, l)) return true;
       }
       return false;
     }>()},
    {"dist_pl", shape<[](Point p, Line l) { return closest(l, p, nullptr); }>()},
    {"dist_lp", shape<[](Line l, Point p) { return closest(l, p, nullptr); }>()},
    {"dist_ps", shape<[](Point p, Segment s) { return closest(s, p, nullptr); }>()},
    {"dist_sp", shape<[](Segment s, Point p) { return closest(s, p, nullptr); }>()},
    {"dist_pb", shape<[](Point p, Box b) { return closest(b, p, nullptr); }>()},
    {"dist_bp", shape<[](Box b, Point p) { return closest(b, p, nullptr); }>()},
    {"dist_sl", shape<[](Segment s, Line l) { return closest(s, l, nullptr); }>()},
    {"dist_ls", shape<[](Line l, Segment s) { return closest(s, l, nullptr); }>()},
    {"dist_sb", shape<[](Segment s, Box b) { return closest(b, s, nullptr); }>()},
    {"dist_bs", shape<[](Box b, Segment s) { return closest(b, s, nullptr); }>()},
    {"dist_ppath", shape<[](Point p, Path a) { return distance(a, p); }>()},
    {"dist_pathp", shape<[](Path a, Point p) { return distance(a, p); }>()},
    {"dist_ppoly", shape<[](Point p, Polygon a) { return distance(a, p); }>()},
    {"dist_polyp", shape<[](Polygon a, Point p) { return distance(a, p); }>()},
    {"dist_pc", shape<[](Point p, Circle c) { return std::max(distance(p, c.center) - c.radius, 0.0); }>()},
    {"dist_cpoint", shape<[](Circle c, Point p) { return std::max(distance(p, c.center) - c.radius, 0.0); }>()},
    {"dist_cpoly", shape<[](Circle c, Polygon a) { return std::max(distance(a, c.center) - c.radius, 0.0); }>()},
    {"dist_polyc", shape<[](Polygon a, Circle c) { return std::max(distance(a, c.center) - c.radius, 0.0); }>()},
    {"close_pl", shape<[](Point p, Line l) {
       Point at;
       double d = closest(l, p, &at);
       return known(d, at);
     }>()},
    {"close_ps", shape<[](Point p, Segment s) {
       Point at;
       double d = closest(s, p, &at);
       return known(d, at);
     }>()},
    {"close_pb", shape<[](Point p, Box b) {
       Point at{};
       double d = closest(b, p, &at);
       return known(d, at);
     }>()},
    {"close_ls", shape<[](Line l, Segment s) -> std::optional<Point> {
       if (slope(s) == slope(l)) return std::nullopt;
       Point at;
       double d = closest(s, l, &at);
       return known(d, at);
     }>()},
    {"close_lseg", shape<[](Segment a, Segment b) -> std::optional<Point> {
       if (slope(a) == slope(b)) return std::nullopt;
       Point at;
       double d = closest(b, a, &at);
       return known(d, at);
     }>()},
    {"close_sb", shape<[](Segment s, Box b) {
       Point at{};
       double d = closest(b, s, &at);
       return known(d, at);
     }>()},

    {"path_area", shape<[](Path a) { return area(a); }>()},
    {"path_length", shape<[](Path a) { return length(a); }>()},
    {"path_isclosed", shape<[](Path a) { return a.closed; }>()},
    {"path_isopen", shape<[](Path a) { return !a.closed; }>()},
    {"path_npoints", shape<[](Path a) { return static_cast<int32_t>(a.points.size()); }>()},
    {"path_close", shape<[](Path a) { return Path{true, a.points}; }>()},
    {"path_open", shape<[](Path a) { return Path{false, a.points}; }>()},
    {"path_inter", shape<[](Path a, Path b) { return overlap(a, b); }>()},
    {"path_distance", shape<[](Path a, Path b) { return distance(a, b); }>()},
    {"path_n_lt", shape<[](Path a, Path b) { return a.points.size() < b.points.size(); }>()},
    {"path_n_gt", shape<[](Path a, Path b) { return (a.points.size() > b.points.size()); }>()},
    {"path_n_eq", shape<[](Path a, Path b) { return a.points.size() == b.points.size(); }>()},
    {"path_n_le", shape<[](Path a, Path b) { return a.points.size() <= b.points.size(); }>()},
    {"path_n_ge", shape<[](Path a, Path b) { return a.points.size() >= b.points.size(); }>()},
    {"path_add", shape<[](Path a, Path b) -> std::optional<Path> {
       if (a.closed || b.closed) return std::nullopt;
       a.points.insert(a.points.end(), b.points.begin(), b.points.end());
       return a;
     }>()},
    {"path_add_pt", shape<[](Path a, Point p) { return moved<add>(a, p); }>()},
    {"path_sub_pt", shape<[](Path a, Point p) { return moved<subtract>(a, p); }>()},
    {"path_mul_pt", shape<[](Path a, Point p) { return moved<multiply>(a, p); }>()},
    {"path_div_pt", shape<[](Path a, Point p) { return moved<divide>(a, p); }>()},
    {"path_contain_pt(path,point)", shape<[](Path a, Point p) { return contains(a, p); }>()},
    {"path_poly", shape<[](Path a) {
       if (!a.closed) throw SqlError(Sqlstate::InvalidParameterValue, "open path cannot be converted to polygon");
       return Polygon{a.points};
     }>()},

    {"poly_same", shape<[](Polygon a, Polygon b) { return same_points(a.points, b.points); }>()},
    {"poly_left", shape<[](Polygon a, Polygon b) { return bounds(a).high.x < bounds(b).low.x; }>()},
    {"poly_overleft", shape<[](Polygon a, Polygon b) { return bounds(a).high.x <= bounds(b).high.x; }>()},
    {"poly_right", shape<[](Polygon a, Polygon b) { return (bounds(a).low.x > bounds(b).high.x); }>()},
    {"poly_overright", shape<[](Polygon a, Polygon b) { return bounds(a).low.x >= bounds(b).low.x; }>()},
    {"poly_below", shape<[](Polygon a, Polygon b) { return bounds(a).high.y < bounds(b).low.y; }>()},
    {"poly_overbelow", shape<[](Polygon a, Polygon b) { return bounds(a).high.y <= bounds(b).high.y; }>()},
    {"poly_above", shape<[](Polygon a, Polygon b) { return (bounds(a).low.y > bounds(b).high.y); }>()},
    {"poly_overabove", shape<[](Polygon a, Polygon b) { return bounds(a).low.y >= bounds(b).low.y; }>()},
    {"poly_contain", shape<[](Polygon a, Polygon b) { return contains(a, b); }>()},
    {"poly_contained", shape<[](Polygon a, Polygon b) { return contains(b, a); }>()},
    {"poly_overlap", shape<[](Polygon a, Polygon b) { return overlap(a, b); }>()},
    {"poly_distance", shape<[](Polygon a, Polygon b) { return distance(a, b); }>()},
    {"poly_contain_pt", shape<[](Polygon a, Point p) { return inside(p, a.points) != 0; }>()},
    {"pt_contained_poly", shape<[](Point p, Polygon a) { return inside(p, a.points) != 0; }>()},
    {"poly_npoints", shape<[](Polygon a) { return static_cast<int32_t>(a.points.size()); }>()},
    {"poly_center", shape<[](Polygon a) { return circle_of(a).center; }>()},
    {"poly_box", shape<[](Polygon a) { return bounds(a); }>()},
    {"poly_path", shape<[](Polygon a) { return Path{true, a.points}; }>()},
    {"poly_circle", shape<[](Polygon a) { return circle_of(a); }>()},

    {"cr_circle", shape<[](Point p, double radius) { return Circle{p, radius}; }>()},
    {"circle_same", shape<[](Circle a, Circle b) {
       return ((std::isnan(a.radius) && std::isnan(b.radius)) || near_equal(a.radius, b.radius)) && same_point(a.center, b.center);
     }>()},
    {"circle_overlap", shape<[](Circle a, Circle b) { return near_less_equal(distance(a.center, b.center), sum(a.radius, b.radius)); }>()},
    {"circle_overleft", shape<[](Circle a, Circle b) { return near_less_equal(a.center.x + a.radius, b.center.x + b.radius); }>()},
    {"circle_left", shape<[](Circle a, Circle b) { return near_less(a.center.x + a.radius, b.center.x - b.radius); }>()},
    {"circle_right", shape<[](Circle a, Circle b) { return near_greater(a.center.x - a.radius, b.center.x + b.radius); }>()},
    {"circle_overright", shape<[](Circle a, Circle b) { return near_greater_equal(a.center.x - a.radius, b.center.x - b.radius); }>()},
    {"circle_contained", shape<[](Circle a, Circle b) { return near_less_equal(distance(a.center, b.center), b.radius - a.radius); }>()},
    {"circle_contain", shape<[](Circle a, Circle b) { return near_less_equal(distance(a.center, b.center), a.radius - b.radius); }>()},
    {"circle_below", shape<[](Circle a, Circle b) { return near_less(a.center.y + a.radius, b.center.y - b.radius); }>()},
    {"circle_above", shape<[](Circle a, Circle b) { return near_greater(a.center.y - a.radius, b.center.y + b.radius); }>()},
    {"circle_overbelow", shape<[](Circle a, Circle b) { return near_less_equal(a.center.y + a.radius, b.center.y + b.radius); }>()},
    {"circle_overabove", shape<[](Circle a, Circle b) { return near_greater_equal(a.center.y - a.radius, b.center.y - b.radius); }>()},
    {"circle_eq", shape<[](Circle a, Circle b) { return near_equal(area(a), area(b)); }>()},
    {"circle_ne", shape<[](Circle a, Circle b) { return !near_equal(area(a), area(b)); }>()},
    {"circle_lt", shape<[](Circle a, Circle b) { return near_less(area(a), area(b)); }>()},
    {"circle_gt", shape<[](Circle a, Circle b) { return near_greater(area(a), area(b)); }>()},
    {"circle_le", shape<[](Circle a, Circle b) { return near_less_equal(area(a), area(b)); }>()},
    {"circle_ge", shape<[](Circle a, Circle b) { return near_greater_equal(area(a), area(b)); }>()},
    {"circle_add_pt", shape<[](Circle c, Point p) { return Circle{add(c.center, p), c.radius}; }>()},
    {"circle_sub_pt", shape<[](Circle c, Point p) { return Circle{subtract(c.center, p), c.radius}; }>()},
    {"circle_mul_pt", shape<[](Circle c, Point p) { return Circle{multiply(c.center, p), product(c.radius, length(p.x, p.y))}; }>()},
    {"circle_div_pt", shape<[](Circle c, Point p) { return Circle{divide(c.center, p), quotient(c.radius, length(p.x, p.y))}; }>()},
    {"circle_area", shape<[](Circle c) { return area(c); }>()},
    {"circle_diameter", shape<[](Circle c) { return product(c.radius, 2); }>()},
    {"circle_radius", shape<[](Circle c) { return c.radius; }>()},
    {"circle_center", shape<[](Circle c) { return c.center; }>()},
    {"circle_distance", shape<[](Circle a, Circle b) { return std::max(distance(a.center, b.center) - (a.radius + b.radius), 0.0); }>()},
    {"circle_contain_pt", shape<[](Circle c, Point p) { return distance(c.center, p) <= c.radius; }>()},
    {"pt_contained_circle", shape<[](Point p, Circle c) { return distance(c.center, p) <= c.radius; }>()},
    {"circle_box", shape<[](Circle c) {
       double delta = c.radius / M_SQRT2;
       return Box{{sum(c.center.x, delta), sum(c.center.y, delta)}, {difference(c.center.x, delta), difference(c.center.y, delta)}};
     }>()},
    {"circle_poly", shape<[](int32_t count, Circle c) { return polygon_of(count, c); }>()},
    {"polygon(circle)", shape<[](Circle c) { return polygon_of(12, c); }>()},
};

}  // namespace

std::span<const ScalarBinding> geometry_bindings() { return kBindings; }

}  // namespace aegis::functions
