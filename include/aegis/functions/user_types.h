// Functions that SQL reaches through its syntax alone: checks of domains, and values with one part replaced. The
// analyzer makes calls of them; pg_proc does not list them.
#pragma once

#include "aegis/functions/function.h"

namespace aegis::functions {

// domain_check(value): the value itself, of the call's result type, once the domain allows it.
const Function& domain_check_function();
// nextval() of an identity column's sequence, which asks for no right of its own.
const Function& identity_value_function();
// array_assign(array, value, given int4, bounds…): bit 2d of `given` says that dimension d has a lower bound, bit 2d + 1
// an upper one, bit 30 that it is a slice; two bounds a dimension, of a plain subscript only the second counts.
const Function& array_assign_function();
// The type of what point[0], box[1], line[2] … give; kInvalidOid of types that are no array of fixed length.
Oid fixed_array_element(Oid type);
// record_assign(record, value, field int4).
const Function& record_assign_function();
// jsonb_fetch(jsonb, path text…) and jsonb_assign(jsonb, value jsonb, path text…).
const Function& jsonb_fetch_function();
const Function& jsonb_assign_function();

}  // namespace aegis::functions
