#include <cmath>

#include "aegis/types/datetime.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace {

constexpr double kPi = 3.14159265358979323846;

[[noreturn]] void throw_overflow() {
  throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: overflow");
}
[[noreturn]] void throw_underflow() {
  throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: underflow");
}
[[noreturn]] void throw_input_range() { throw SqlError(Sqlstate::NumericValueOutOfRange, "input is out of range"); }

double check_overflow(double result) {
  if (std::isinf(result)) throw_overflow();
  return result;
}

double square_root(double a) {
  if (a < 0) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
  }
  return std::sqrt(a);
}

double power(double a, double b) {
  if (std::isnan(a)) return std::isnan(b) || b != 0 ? a : 1;
  if (std::isnan(b)) return a == 1 ? 1 : b;
  if (a == 0 && b < 0) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
  }
  if (a < 0 && std::floor(b) != b && !std::isinf(b)) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  double result = std::pow(a, b);
  if (std::isinf(a) || std::isinf(b)) return result;
  if (std::isinf(result)) throw_overflow();
  if (result == 0 && a != 0) throw_underflow();
  return result;
}

double exponential(double a) {
  if (std::isnan(a) || std::isinf(a)) return std::exp(a);
  double result = std::exp(a);
  if (std::isinf(result)) throw_overflow();
  if (result == 0) throw_underflow();
  return result;
}

void check_logarithm(double a) {
  if (a == 0) throw SqlError(Sqlstate::InvalidArgumentForLog, "cannot take logarithm of zero");
  if (a < 0) throw SqlError(Sqlstate::InvalidArgumentForLog, "cannot take logarithm of a negative number");
}

template <auto F>
double finite_argument(double a) {
  if (std::isinf(a)) throw_input_range();
  return F(a);
}
template <auto F>
double unit_argument(double a) {
  if (a < -1 || a > 1) throw_input_range();
  return F(a);
}

// Trigonometry in degrees: exact at the multiples of 30 and 45 where the mathematical result is.
double sine_quadrant(double degrees) {
  static const double kSine30 = std::sin(30 * (kPi / 180));
  if (degrees <= 30) return std::sin(degrees * (kPi / 180)) / kSine30 / 2;
  static const double kOneMinusCosine60 = 1 - std::cos(60 * (kPi / 180));
  double rest = 90 - degrees;
  return 1 - (1 - std::cos(rest * (kPi / 180))) / kOneMinusCosine60 / 2;
}
double cosine_quadrant(double degrees) {
  static const double kOneMinusCosine60 = 1 - std::cos(60 * (kPi / 180));
  if (degrees <= 60) return 1 - (1 - std::cos(degrees * (kPi / 180))) / kOneMinusCosine60 / 2;
  static const double kSine30 = std::sin(30 * (kPi / 180));
  return std::sin((90 - degrees) * (kPi / 180)) / kSine30 / 2;
}

double sine_degrees(double a) {
  if (std::isnan(a)) return a;
  if (std::isinf(a)) throw_input_range();
  double sign = 1;
  a = std::fmod(a, 360);
  if (a < 0) {
    a = -a;
    sign = -sign;
  }
  if (a > 180) {
    a = 360 - a;
    sign = -sign;
  }
  if (a > 90) a = 180 - a;
  return sign * sine_quadrant(a);
}
double cosine_degrees(double a) {
  if (std::isnan(a)) return a;
  if (std::isinf(a)) throw_input_range();
  double sign = 1;
  a = std::fabs(std::fmod(a, 360));
  if (a > 180) a = 360 - a;
  if (a > 90) {
    a = 180 - a;
    sign = -sign;
  }
  return sign * cosine_quadrant(a);
}
double tangent_degrees(double a) {
  if (std::isnan(a)) return a;
  if (std::isinf(a)) throw_input_range();
  double sign = 1;
  a = std::fmod(a, 360);
  if (a < 0) {
    a = -a;
    sign = -sign;
  }
  if (a > 180) {
    a = 360 - a;
    sign = -sign;
  }
  if (a > 90) {
    a = 180 - a;
    sign = -sign;
  }
  static const double kTangent45 = sine_quadrant(45) / cosine_quadrant(45);
  double result = sign * ((sine_quadrant(a) / cosine_quadrant(a)) / kTangent45);
  return result == 0 ? 0 : result;
}
double cotangent_degrees(double a) {
  if (std::isnan(a)) return a;
  if (std::isinf(a)) throw_input_range();
  double sign = 1;
  a = std::fmod(a, 360);
  if (a < 0) {
    a = -a;
    sign = -sign;
  }
  if (a > 180) {
    a = 360 - a;
    sign = -sign;
  }
  if (a > 90) {
    a = 180 - a;
    sign = -sign;
  }
  static const double kCotangent45 = cosine_quadrant(45) / sine_quadrant(45);
  double result = sign * ((cosine_quadrant(a) / sine_quadrant(a)) / kCotangent45);
  return result == 0 ? 0 : result;
}
double arcsine_quadrant(double a) {
  static const double kArcsineHalf = std::asin(0.5);
  if (a <= 0.5) return (std::asin(a) / kArcsineHalf) * 30;
  static const double kArccosineHalf = std::acos(0.5);
  return 90 - (std::acos(a) / kArccosineHalf) * 60;
}
double arccosine_quadrant(double a) {
  static const double kArcsineHalf = std::asin(0.5);
  if (a <= 0.5) return 90 - (std::asin(a) / kArcsineHalf) * 30;
  static const double kArccosineHalf = std::acos(0.5);
  return (std::acos(a) / kArccosineHalf) * 60;
}
double arcsine_degrees(double a) {
  if (std::isnan(a)) return a;
  if (a < -1 || a > 1) throw_input_range();
  return a >= 0 ? arcsine_quadrant(a) : -arcsine_quadrant(-a);
}
double arccosine_degrees(double a) {
  if (std::isnan(a)) return a;
  if (a < -1 || a > 1) throw_input_range();
  return a >= 0 ? arccosine_quadrant(a) : 90 + arcsine_quadrant(-a);
}
double arctangent_degrees(double a) {
  static const double kArctangentOne = std::atan(1.0);
  return (std::atan(a) / kArctangentOne) * 45;
}
double arctangent2_degrees(double a, double b) {
  static const double kArctangentOne = std::atan(1.0);
  return (std::atan2(a, b) / kArctangentOne) * 45;
}

int32_t width_bucket(double operand, double low, double high, int32_t count) {
  if (count <= 0) {
    throw SqlError(Sqlstate::InvalidArgumentForWidthBucketFunction, "count must be greater than zero");
  }
  if (std::isnan(operand) || std::isnan(low) || std::isnan(high)) {
    throw SqlError(Sqlstate::InvalidArgumentForWidthBucketFunction,
                   "operand, lower bound, and upper bound cannot be NaN");
  }
  if (std::isinf(low) || std::isinf(high)) {
    throw SqlError(Sqlstate::InvalidArgumentForWidthBucketFunction, "lower and upper bounds must be finite");
  }
  if (low == high) {
    throw SqlError(Sqlstate::InvalidArgumentForWidthBucketFunction, "lower bound cannot equal upper bound");
  }
  auto past_end = [&] {
    if (count == INT32_MAX) throw_out_of_range("integer");
    return count + 1;
  };
  if (low < high) {
    if (operand < low) return 0;
    if (operand >= high) return past_end();
    double position = std::isinf(high - low) ? count * ((operand / 2 - low / 2) / (high / 2 - low / 2))
                                             : count * ((operand - low) / (high - low));
    return std::min(static_cast<int32_t>(position), count - 1) + 1;
  }
  if (operand > low) return 0;
  if (operand <= high) return past_end();
  double position = std::isinf(low - high) ? count * ((low / 2 - operand / 2) / (low / 2 - high / 2))
                                           : count * ((low - operand) / (low - high));
  return std::min(static_cast<int32_t>(position), count - 1) + 1;
}

double arccosh(double a) {
  if (a < 1) throw_input_range();
  return std::acosh(a);
}
double arctanh(double a) {
  if (a < -1 || a > 1) throw_input_range();
  if (a == -1) return -HUGE_VAL;
  if (a == 1) return HUGE_VAL;
  return std::atanh(a);
}

double sign(double a) { return a > 0 ? 1.0 : a < 0 ? -1.0 : std::isnan(a) ? a : 0.0; }

constexpr ScalarBinding kBindings[] = {
    {"dround", kernel<[](double a) { return std::rint(a); }>},
    {"dceil", kernel<[](double a) { return std::ceil(a); }>},
    {"dfloor", kernel<[](double a) { return std::floor(a); }>},
    {"dtrunc", kernel<[](double a) { return std::trunc(a); }>},
    {"dsign", kernel<sign>},
    {"dsqrt", kernel<square_root>},
    {"dcbrt", kernel<[](double a) { return std::cbrt(a); }>},
    {"dpow", kernel<power>},
    {"dexp", kernel<exponential>},
    {"dlog1", kernel<[](double a) { return check_logarithm(a), std::log(a); }>},
    {"dlog10", kernel<[](double a) { return check_logarithm(a), std::log10(a); }>},
    {"dsin", kernel<finite_argument<[](double a) { return std::sin(a); }>>},
    {"dcos", kernel<finite_argument<[](double a) { return std::cos(a); }>>},
    {"dtan", kernel<finite_argument<[](double a) { return std::tan(a); }>>},
    {"dcot", kernel<finite_argument<[](double a) { return 1 / std::tan(a); }>>},
    {"dasin", kernel<unit_argument<[](double a) { return std::asin(a); }>>},
    {"dacos", kernel<unit_argument<[](double a) { return std::acos(a); }>>},
    {"datan", kernel<[](double a) { return std::atan(a); }>},
    {"datan2", kernel<[](double a, double b) { return std::atan2(a, b); }>},
    {"dsind", kernel<sine_degrees>},
    {"dcosd", kernel<cosine_degrees>},
    {"dtand", kernel<tangent_degrees>},
    {"dcotd", kernel<cotangent_degrees>},
    {"dasind", kernel<arcsine_degrees>},
    {"dacosd", kernel<arccosine_degrees>},
    {"datand", kernel<arctangent_degrees>},
    {"datan2d", kernel<arctangent2_degrees>},
    {"dsinh", kernel<[](double a) { return std::sinh(a); }>},
    {"dcosh", kernel<[](double a) { return std::cosh(a); }>},
    {"dtanh", kernel<[](double a) { return std::tanh(a); }>},
    {"dasinh", kernel<[](double a) { return std::asinh(a); }>},
    {"dacosh", kernel<arccosh>},
    {"datanh", kernel<arctanh>},
    {"degrees", kernel<[](double a) { return std::isinf(a) ? a : check_overflow(a / (kPi / 180)); }>},
    {"radians", kernel<[](double a) { return a * (kPi / 180); }>},
    {"dpi", kernel<[] { return kPi; }>},
    {"width_bucket_float8", kernel<width_bucket>},
};

}  // namespace

std::span<const ScalarBinding> floating_math_bindings() { return kBindings; }

}  // namespace aegis::functions
