#include "aegis/catalog/told_figures.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace aegis::catalog {

double ToldFigures::estimate(double rows) const {
  if (tuples < 0) return rows;
  double told = tuples;
  if (pages > 0 && pages_then > 0) told *= pages_then / pages;
  return rows_then > 0 ? told * rows / rows_then : told;
}

std::optional<ToldFigures> told_figures(const Version& version, Oid database, Oid relation, uint32_t storage) {
  auto note = version.annotation(database, kPgClassOid, relation);
  if (note == nullptr) return std::nullopt;
  ToldFigures told;
  unsigned of = 0;
  int read = std::sscanf(note->name.c_str(), "%u %f %d %d %lf %lf", &of, &told.tuples, &told.pages, &told.all_visible, &told.rows_then, &told.pages_then);
  if (read != 6 || of != storage) return std::nullopt;
  return told;
}

namespace {

std::shared_ptr<Annotation> annotate(Catalog& catalog, const Version& version, Oid database, Oid class_oid, Oid target) {
  if (auto before = version.annotation(database, class_oid, target)) return std::make_shared<Annotation>(*before);
  auto made = std::make_shared<Annotation>();
  made->oid = catalog.allocate_oid();
  made->database = database;
  made->class_oid = class_oid;
  made->target = target;
  return made;
}

}  // namespace

std::shared_ptr<Annotation> make_told_figures(Catalog& catalog, const Version& version, Oid database, Oid relation, uint32_t storage, const ToldFigures& figures) {
  auto made = annotate(catalog, version, database, kPgClassOid, relation);
  made->name = fmt::format("{} {} {} {} {} {}", storage, figures.tuples, figures.pages, figures.all_visible, figures.rows_then, figures.pages_then);
  return made;
}

std::map<int, int> index_statistics_targets(const Version& version, Oid database, Oid index) {
  std::map<int, int> targets;
  auto note = version.annotation(database, kPgAttributeOid, index);
  if (note == nullptr) return targets;
  int column = 0, target = 0, length = 0;
  for (const char* at = note->name.c_str(); std::sscanf(at, "%d=%d %n", &column, &target, &length) == 2; at += length) targets[column] = target;
  return targets;
}

std::shared_ptr<Annotation> make_index_statistics_targets(Catalog& catalog, const Version& version, Oid database, Oid index, const std::map<int, int>& targets) {
  auto made = annotate(catalog, version, database, kPgAttributeOid, index);
  made->name.clear();
  for (auto [column, target] : targets) made->name += fmt::format("{}={} ", column, target);
  return made;
}

}  // namespace aegis::catalog
