// The plan of a writer for one of the tables below its target: the same, in that table's columns.
#pragma once

#include <memory>

#include "aegis/executor/executor.h"

namespace aegis::executor {

// `input_width`: of the rows the leaf's operator is given.
std::unique_ptr<plan::PhysicalInsert> leaf_plan(const plan::PhysicalInsert& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                                const catalog::Version& version);
std::unique_ptr<plan::PhysicalUpdate> leaf_plan(const plan::PhysicalUpdate& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                                const catalog::Version& version);
std::unique_ptr<plan::PhysicalDelete> leaf_plan(const plan::PhysicalDelete& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                                const catalog::Version& version);
std::unique_ptr<plan::PhysicalMerge> leaf_plan(const plan::PhysicalMerge& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                               const catalog::Version& version);

plan::PhysicalLockRows::Recheck leaf_recheck(const plan::PhysicalLockRows::Recheck& recheck, const catalog::Relation& root, const catalog::Relation& leaf);

}  // namespace aegis::executor
