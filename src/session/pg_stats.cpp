// pg_stats: what the last ANALYZE found, worked out of the sample it took. As PostgreSQL's compute_scalar_stats: the most common
// values are those that occur clearly more often than the average, the histogram has the others.
#include <algorithm>
#include <cmath>

#include "aegis/types/array.h"
#include "rows.h"
#include "statistics.h"

namespace aegis::session {

using catalog::Relation;

namespace {

constexpr size_t kTarget = 100;  // default_statistics_target
constexpr double kManyDistinct = 0.1;

struct Group {
  size_t first;  // in the sorted values
  size_t count;
};

// A column's values in the sample, sorted, and where each was.
struct Values {
  std::vector<std::pair<Value, size_t>> sorted;
  std::vector<Group> groups;
  size_t rows = 0;

  Values(const std::vector<vector::Chunk>& chunks, size_t column, const types::TypeInfo& type, Oid oid) {
    for (const vector::Chunk& chunk : chunks) {
      if (column >= chunk.column_count()) continue;
      for (size_t i = 0; i < chunk.size(); ++i, ++rows) {
        if (!chunk.column(column).is_null(i)) sorted.emplace_back(chunk.column(column).get(i), rows);
      }
    }
    if (type.compare == nullptr) return;
    std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return type.compare(a.first, b.first, oid) < 0; });
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (groups.empty() || type.compare(sorted[groups.back().first].first, sorted[i].first, oid) != 0) groups.push_back({i, 0});
      ++groups.back().count;
    }
  }

  // Groups of the most common values, most common first.
  std::vector<Group> most_common() const {
    double average = groups.empty() ? 0 : static_cast<double>(sorted.size()) / static_cast<double>(groups.size());
    double least = std::max(2.0, average * 1.25);
    // Few values are all common, if each came more than once.
    bool all = groups.size() <= kTarget && std::all_of(groups.begin(), groups.end(), [](const Group& g) { return g.count > 1; });
    least = std::min(least, std::max(2.0, static_cast<double>(sorted.size()) / static_cast<double>(kTarget)));
    std::vector<Group> common;
    for (const Group& group : groups) {
      if (all || static_cast<double>(group.count) >= least) common.push_back(group);
    }
    std::stable_sort(common.begin(), common.end(), [](const Group& a, const Group& b) { return a.count > b.count; });
    if (common.size() > kTarget) common.resize(kTarget);
    return common;
  }

  // Of positions in the table and in the order of values.
  double correlation() const {
    auto n = static_cast<double>(sorted.size());
    double sum_x = n * (n - 1) / 2, sum_x2 = (n - 1) * n * (2 * n - 1) / 6, sum_y = 0, sum_y2 = 0, sum_xy = 0;
    for (size_t i = 0; i < sorted.size(); ++i) {
      auto y = static_cast<double>(sorted[i].second);
      sum_y += y;
      sum_y2 += y * y;
      sum_xy += y * static_cast<double>(i);
    }
    double spread = (n * sum_x2 - sum_x * sum_x) * (n * sum_y2 - sum_y * sum_y);
    return spread <= 0 ? 1 : (n * sum_xy - sum_x * sum_y) / std::sqrt(spread);
  }
};

Value real4(double value) { return Value::of_f32(static_cast<float>(value)); }

void add_common(Row& row, const Values& values, const std::vector<Group>& common, Oid type, Arena& arena) {
  if (common.empty()) {
    row.null().null();
    return;
  }
  types::ArrayBuilder elements(type), frequencies(types::oid::kFloat4);
  for (const Group& group : common) {
    elements.add(values.sorted[group.first].first);
    frequencies.add(real4(static_cast<double>(group.count) / static_cast<double>(values.rows)));
  }
  row.value(elements.value(arena)).value(frequencies.value(arena));
}

void add_histogram(Row& row, const Values& values, const std::vector<Group>& common, Oid type, Arena& arena) {
  std::vector<const Value*> rest;
  size_t distinct = 0;
  for (const Group& group : values.groups) {
    if (std::any_of(common.begin(), common.end(), [&](const Group& c) { return c.first == group.first; })) continue;
    ++distinct;
    for (size_t i = 0; i < group.count; ++i) rest.push_back(&values.sorted[group.first + i].first);
  }
  if (distinct < 2) {
    row.null();
    return;
  }
  size_t bounds = std::min(distinct, kTarget + 1);
  types::ArrayBuilder elements(type);
  for (size_t i = 0; i < bounds; ++i) elements.add(*rest[i * (rest.size() - 1) / (bounds - 1)]);
  row.value(elements.value(arena));
}

}  // namespace

void StorageRows::add_statistics() {
  for (const catalog::RelationPtr& relation : tables_of(database_)) {
    if (!reader_.superuser && relation->owner != reader_.role) continue;
    auto sample = instance_.statistics().analyzed(*relation);
    if (sample == nullptr || sample->sampled == 0 || sample->columns.size() != relation->columns.size()) continue;
    for (size_t c = 0; c < relation->columns.size(); ++c) {
      const auto& column = relation->columns[c];
      const types::TypeInfo* type = column.dropped ? nullptr : types::find_type(column.type.oid);
      if (type == nullptr) continue;
      const planner::ColumnStatistics& known = sample->columns[c];
      Values values(sample->rows, c, *type, column.type.oid);
      std::vector<Group> common = values.most_common();
      bool variable = type->physical == types::PhysicalType::String;
      double present = sample->row_count * (1 - known.null_fraction);
      bool grows = known.distinct > kManyDistinct * sample->row_count;
      Row row = this->row();
      row.text(schema_name(*relation)).text(relation->name).text(column.name).boolean(false).value(real4(known.null_fraction));
      row.int4(static_cast<int32_t>(std::lround(known.average_width + (variable ? 1 : 0))));
      row.value(real4(grows ? -std::min(known.distinct, present) / sample->row_count : std::round(known.distinct)));
      add_common(row, values, common, column.type.oid, sink_.arena());
      add_histogram(row, values, common, column.type.oid, sink_.arena());
      row.value(type->compare == nullptr || values.sorted.empty() ? Value::null() : real4(values.correlation()));
      row.null().null().null().add();
    }
  }
}

}  // namespace aegis::session
