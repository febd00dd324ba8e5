// Sizes of a relation that a superuser wrote into pg_class: they hold until the next VACUUM or ANALYZE, or until the relation is
// rewritten. Kept as an annotation of the relation, so they are part of the transaction that wrote them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "aegis/catalog/catalog.h"

namespace aegis::catalog {

struct ToldFigures {
  float tuples = -1;
  int32_t pages = 0;
  int32_t all_visible = 0;
  // What the relation really was then, of which the planner scales the figures.
  double rows_then = 0;
  double pages_then = 0;

  // The rows to plan with when there really are `rows`.
  double estimate(double rows) const;
};

// `storage` is the relation's or index's, whose figures they must be.
std::optional<ToldFigures> told_figures(const Version& version, Oid database, Oid relation, uint32_t storage);
std::shared_ptr<Annotation> make_told_figures(Catalog& catalog, const Version& version, Oid database, Oid relation, uint32_t storage, const ToldFigures& figures);

// ALTER INDEX … ALTER COLUMN n SET STATISTICS: targets by column number. Kept the same way.
std::map<int, int> index_statistics_targets(const Version& version, Oid database, Oid index);
std::shared_ptr<Annotation> make_index_statistics_targets(Catalog& catalog, const Version& version, Oid database, Oid index, const std::map<int, int>& targets);

}  // namespace aegis::catalog
