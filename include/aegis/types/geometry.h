// Geometric types as values: strings of doubles in the machine's order.
//   point x y; lseg 2 points; box high, low; line A B C; circle x y radius;
//   path u32 is_closed, u32 count, points; polygon u32 0, u32 count, points
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/value.h"

namespace aegis::types {

struct Point {
  double x, y;
};
struct Segment {
  Point p[2];
};
struct Box {
  Point high, low;
};
struct Line {
  double a, b, c;
};
struct Circle {
  Point center;
  double radius;
};
struct Path {
  bool closed = true;
  std::vector<Point> points;
};
struct Polygon {
  std::vector<Point> points;
};

template <typename T>
T read_shape(std::string_view bytes) {
  T shape;
  std::memcpy(&shape, bytes.data(), sizeof shape);
  return shape;
}
template <typename T>
std::string shape_bytes(const T& shape) {
  return std::string(reinterpret_cast<const char*>(&shape), sizeof shape);
}
template <>
Path read_shape<Path>(std::string_view bytes);
template <>
Polygon read_shape<Polygon>(std::string_view bytes);
template <>
std::string shape_bytes<Path>(const Path& path);
template <>
std::string shape_bytes<Polygon>(const Polygon& polygon);

// With its corners in order.
Box make_box(Point a, Point b);
Box bounding_box(const std::vector<Point>& points);
// Through a point, with a slope (infinite: vertical).
Line make_line(Point point, double slope);
double point_slope(Point a, Point b);

// Comparisons with PostgreSQL's tolerance.
inline constexpr double kGeometryEpsilon = 1.0E-06;
inline bool near_zero(double a) { return (a < 0 ? -a : a) <= kGeometryEpsilon; }
inline bool near_equal(double a, double b) { return a == b || near_zero(a - b); }
inline bool near_less(double a, double b) { return a + kGeometryEpsilon < b; }
inline bool near_less_equal(double a, double b) { return a <= b + kGeometryEpsilon; }
inline bool near_greater(double a, double b) { return a > b + kGeometryEpsilon; }
inline bool near_greater_equal(double a, double b) { return a + kGeometryEpsilon >= b; }
bool same_point(Point a, Point b);

}  // namespace aegis::types
