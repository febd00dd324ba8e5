// Numeric as a GMP integer and a scale: the slow path of every operation.
#pragma once

#include <gmpxx.h>

#include "aegis/types/numeric.h"

namespace aegis::types::numeric {

struct Big {
  mpz_class coefficient;
  int scale = 0;
};

mpz_class power_of_10(unsigned long exponent);
mpz_class coefficient_of(const Numeric& value);
inline Big big_of(const Numeric& value) { return {coefficient_of(value), value.scale}; }
// Checks PostgreSQL's limits ("value overflows numeric format") and takes the smallest form.
Numeric from_big(const mpz_class& coefficient, int scale, Arena& arena);
// coefficient * 10^-from as a coefficient at scale `to`, half away from zero.
mpz_class rescale(const mpz_class& coefficient, int from, int to);
// Decimal digits of |coefficient| (1 for zero).
int digit_count(const mpz_class& coefficient);
// Exponent of the most significant decimal digit: 10^e <= |value| < 10^(e+1). The value is not zero.
int decimal_exponent(const Big& value);
// Base-10000 weight and first digit, as PostgreSQL stores the value; 0 and 0 for zero.
struct BaseDigits {
  int weight;
  int first;
};
BaseDigits base_digits(const Big& value);
[[noreturn]] void throw_overflow();

}  // namespace aegis::types::numeric
