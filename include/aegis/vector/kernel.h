// Adaptors that turn a function of single values into a loop over vectors. Each handles nulls (strict: a null
// argument gives null), constants and dictionaries; the common flat and no-null case is a plain loop.
#pragma once

#include "aegis/vector/vector.h"

namespace aegis::vector {

// result[i] = function(a[i]).
template <typename A, typename R, typename F>
void unary(const Vector& a, size_t count, Vector& result, F&& function) {
  VectorView va = a.view();
  if (a.is_constant()) {
    if (!va.valid(0)) return result.set_constant_null();
    R* out = result.start<R>();
    out[0] = function(va.at<A>(0));
    for (size_t i = 1; i < count; ++i) out[i] = out[0];
    return;
  }
  R* out = result.start<R>();
  if (va.validity == nullptr && va.selection == nullptr) {
    const A* in = va.data<A>();
    for (size_t i = 0; i < count; ++i) out[i] = function(in[i]);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    if (va.valid(i)) {
      out[i] = function(va.at<A>(i));
    } else {
      result.set_null(i);
    }
  }
}

// result[i] = function(a[i], b[i]).
template <typename A, typename B, typename R, typename F>
void binary(const Vector& a, const Vector& b, size_t count, Vector& result, F&& function) {
  VectorView va = a.view();
  VectorView vb = b.view();
  if ((a.is_constant() && !va.valid(0)) || (b.is_constant() && !vb.valid(0))) return result.set_constant_null();
  R* out = result.start<R>();
  if (va.validity == nullptr && vb.validity == nullptr) {
    const A* da = va.data<A>();
    const B* db = vb.data<B>();
    if (va.selection == nullptr && vb.selection == nullptr) {
      for (size_t i = 0; i < count; ++i) out[i] = function(da[i], db[i]);
    } else if (va.selection == nullptr && b.is_constant()) {
      const B constant = db[0];
      for (size_t i = 0; i < count; ++i) out[i] = function(da[i], constant);
    } else if (a.is_constant() && vb.selection == nullptr) {
      const A constant = da[0];
      for (size_t i = 0; i < count; ++i) out[i] = function(constant, db[i]);
    } else {
      for (size_t i = 0; i < count; ++i) out[i] = function(da[va.index(i)], db[vb.index(i)]);
    }
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    if (va.valid(i) && vb.valid(i)) {
      out[i] = function(va.at<A>(i), vb.at<B>(i));
    } else {
      result.set_null(i);
    }
  }
}

// result[i] = function(a[i], b[i], c[i]).
template <typename A, typename B, typename C, typename R, typename F>
void ternary(const Vector& a, const Vector& b, const Vector& c, size_t count, Vector& result, F&& function) {
  VectorView va = a.view();
  VectorView vb = b.view();
  VectorView vc = c.view();
  R* out = result.start<R>();
  for (size_t i = 0; i < count; ++i) {
    if (va.valid(i) && vb.valid(i) && vc.valid(i)) {
      out[i] = function(va.at<A>(i), vb.at<B>(i), vc.at<C>(i));
    } else {
      result.set_null(i);
    }
  }
}

}  // namespace aegis::vector
