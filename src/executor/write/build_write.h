#pragma once

#include "operator.h"

namespace aegis::executor {

Operator* build_insert(const plan::PhysicalInsert& plan, QueryState& query);
Operator* build_update(const plan::PhysicalUpdate& plan, QueryState& query);
Operator* build_delete(const plan::PhysicalDelete& plan, QueryState& query);
Operator* build_merge(const plan::PhysicalMerge& plan, QueryState& query);
Operator* build_lock_rows(const plan::PhysicalLockRows& plan, QueryState& query);

}  // namespace aegis::executor
