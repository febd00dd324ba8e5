// What ANALYZE finds for extended statistics, as PostgreSQL's mvdistinct.c, dependencies.c and mcv.c do.
#include <algorithm>
#include <cmath>
#include <map>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "definition.h"
#include "names.h"
#include "objects.h"
#include "statistics.h"

#include <fmt/format.h>

namespace aegis::commands {
namespace {

using catalog::Statistics;

constexpr size_t kSampleRows = 30000;
constexpr int kDefaultTarget = 100;

// The sample's values as numbers: equal values of a dimension have one.
struct Sample {
  double total_rows = 0;
  size_t rows = 0;
  std::vector<std::vector<uint32_t>> codes;          // by dimension, then row
  std::vector<std::vector<std::string>> texts;       // by dimension and code
  std::vector<std::vector<bool>> nulls;
};

class Reader {
 public:
  Reader(CommandContext& context, const catalog::Relation& table, const Statistics& statistics, bool inherited)
      : context_(context), table_(table), statistics_(statistics), inherited_(inherited) {}

  Sample read() {
    Sample sample;
    size_t width = statistics_.columns.size() + statistics_.expressions.size();
    sample.codes.resize(width);
    sample.texts.resize(width);
    sample.nulls.resize(width);
    std::vector<std::map<std::string, uint32_t>> known(width);
    sample.total_rows = count_rows();
    run_sql(context_, query(sample.total_rows), [&](const vector::Chunk& chunk) {
      for (size_t c = 0; c < width; ++c) {
        const auto& column = chunk.column(c);
        for (size_t i = 0; i < chunk.size(); ++i) {
          auto value = column.get(i);
          std::string key(1, value.is_null ? 'n' : 'v');
          if (!value.is_null) types::type_info(column.type()).output(context_.types(), value, column.type(), key);
          auto [at, added] = known[c].try_emplace(key, static_cast<uint32_t>(known[c].size()));
          if (added) {
            sample.texts[c].push_back(key.substr(1));
            sample.nulls[c].push_back(value.is_null);
          }
          sample.codes[c].push_back(at->second);
        }
      }
      sample.rows += chunk.size();
    });
    return sample;
  }

 private:
  std::string source() { return std::string(inherited_ ? "" : "ONLY ") + sql_name(*context_.catalog_version(), table_); }
  double count_rows() {
    double rows = 0;
    run_sql(context_, "SELECT pg_catalog.count(*) FROM " + source(), [&](const vector::Chunk& chunk) {
      if (chunk.size() > 0) rows = static_cast<double>(chunk.column(0).get(0).i64);
    });
    return rows;
  }
  std::string query(double rows) {
    std::string list;
    for (int column : statistics_.columns) list += (list.empty() ? "" : ", ") + functions::quote_identifier(table_.columns[column].name);
    for (const auto& expression : statistics_.expressions) list += (list.empty() ? "(" : ", (") + expression + ")";
    std::string text = "SELECT " + list + " FROM " + source();
    if (rows > kSampleRows) text += fmt::format(" TABLESAMPLE BERNOULLI ({})", 100.0 * kSampleRows / rows);
    return text;
  }

  CommandContext& context_;
  const catalog::Relation& table_;
  const Statistics& statistics_;
  bool inherited_;
};

// Rows by their values in some dimensions: the number of each row's group.
std::vector<uint32_t> group_rows(const Sample& sample, const std::vector<size_t>& dimensions, std::vector<uint32_t>& counts) {
  std::map<std::vector<uint32_t>, uint32_t> known;
  std::vector<uint32_t> groups(sample.rows);
  counts.clear();
  std::vector<uint32_t> key(dimensions.size());
  for (size_t row = 0; row < sample.rows; ++row) {
    for (size_t d = 0; d < dimensions.size(); ++d) key[d] = sample.codes[dimensions[d]][row];
    auto [at, added] = known.try_emplace(key, static_cast<uint32_t>(counts.size()));
    if (added) counts.push_back(0);
    ++counts[at->second];
    groups[row] = at->second;
  }
  return groups;
}

class Builder {
 public:
  Builder(const Statistics& statistics, const Sample& sample) : statistics_(statistics), sample_(sample), width_(sample.codes.size()) {}

  // As PostgreSQL numbers them: columns by attribute number, expressions from -1 down.
  std::string number(size_t dimension) const {
    size_t columns = statistics_.columns.size();
    return dimension < columns ? std::to_string(statistics_.columns[dimension] + 1) : std::to_string(-static_cast<int>(dimension - columns) - 1);
  }

  std::string ndistinct() {
    std::string out;
    for (size_t k = 2; k <= width_; ++k) {
      for_each_combination(k, [&](const std::vector<size_t>& dimensions) {
        std::vector<uint32_t> counts;
        group_rows(sample_, dimensions, counts);
        auto distinct = static_cast<double>(counts.size());
        auto once = static_cast<double>(std::count(counts.begin(), counts.end(), 1u));
        auto rows = static_cast<double>(sample_.rows);
        double denominator = (rows - once) + once * rows / sample_.total_rows;
        double estimate = std::clamp(rows * distinct / denominator, distinct, sample_.total_rows);
        std::string names;
        for (size_t d : dimensions) names += (names.empty() ? "" : ", ") + number(d);
        out += (out.empty() ? "{\"" : ", \"") + names + "\": " + std::to_string(static_cast<int64_t>(std::floor(estimate + 0.5)));
      });
    }
    return out + "}";
  }

  std::string dependencies() {
    std::string out;
    for (size_t k = 2; k <= width_; ++k) {
      for_each_combination(k - 1, [&](const std::vector<size_t>& determining) {
        for (size_t implied = 0; implied < width_; ++implied) {
          if (std::find(determining.begin(), determining.end(), implied) != determining.end()) continue;
          double degree = dependency_degree(determining, implied);
          if (degree == 0) continue;
          std::string names;
          for (size_t d : determining) names += (names.empty() ? "" : ", ") + number(d);
          out += (out.empty() ? "{\"" : ", \"") + names + " => " + number(implied) + "\": " + fmt::format("{:.6f}", degree);
        }
      });
    }
    return out.empty() ? out : out + "}";
  }

  std::vector<catalog::StatisticsItem> most_common(size_t target) {
    std::vector<size_t> all;
    for (size_t d = 0; d < width_; ++d) all.push_back(d);
    std::vector<uint32_t> counts;
    auto groups = group_rows(sample_, all, counts);
    std::vector<size_t> example(counts.size());
    for (size_t row = sample_.rows; row-- > 0;) example[groups[row]] = row;
    std::vector<uint32_t> order(counts.size());
    for (uint32_t g = 0; g < order.size(); ++g) order[g] = g;
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return counts[a] > counts[b]; });
    if (order.size() > target) order.resize(target);
    auto n = static_cast<double>(sample_.rows);
    double total = sample_.total_rows;
    double denominator = total - n + 0.04 * n * (total - 1);
    double least = denominator == 0 ? 0 : n * (total - n) / denominator;
    std::vector<std::vector<uint32_t>> single(width_);
    for (size_t d = 0; d < width_; ++d) {
      single[d].resize(sample_.texts[d].size());
      for (uint32_t code : sample_.codes[d]) ++single[d][code];
    }
    std::vector<catalog::StatisticsItem> items;
    for (uint32_t g : order) {
      if (counts[g] < least) break;
      catalog::StatisticsItem item;
      item.base_frequency = 1;
      for (size_t d = 0; d < width_; ++d) {
        uint32_t code = sample_.codes[d][example[g]];
        item.values.push_back(sample_.texts[d][code]);
        item.nulls.push_back(sample_.nulls[d][code] ? 1 : 0);
        item.base_frequency *= single[d][code] / n;
      }
      item.frequency = counts[g] / n;
      items.push_back(std::move(item));
    }
    return items;
  }

  // Of one expression: the share of nulls, distinct values, and the most common values with their shares.
  catalog::ExpressionStatistics of_expression(size_t dimension, size_t target) {
    catalog::ExpressionStatistics out;
    std::vector<uint32_t> counts(sample_.texts[dimension].size());
    for (uint32_t code : sample_.codes[dimension]) ++counts[code];
    auto rows = static_cast<double>(sample_.rows);
    std::vector<std::pair<uint32_t, size_t>> common;
    double width = 0, present = 0;
    size_t repeated = 0;
    for (size_t code = 0; code < counts.size(); ++code) {
      if (sample_.nulls[dimension][code]) {
        out.null_fraction = counts[code] / rows;
        continue;
      }
      common.emplace_back(counts[code], code);
      if (counts[code] > 1) ++repeated;
      width += static_cast<double>(sample_.texts[dimension][code].size()) * counts[code];
      present += counts[code];
    }
    out.average_width = present == 0 ? 0 : width / present;
    auto distinct = static_cast<double>(common.size());
    out.distinct = repeated == 0 && distinct > 0 ? -distinct / rows : distinct > 0.1 * sample_.total_rows ? -distinct / rows : distinct;
    std::stable_sort(common.begin(), common.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    bool all = common.size() <= target && repeated == common.size();
    double average = common.empty() ? 0 : present / distinct;
    for (const auto& [count, code] : common) {
      if (out.values.size() >= target || count < 2 || (!all && count < average * 1.25)) break;
      out.values.push_back(sample_.texts[dimension][code]);
      out.frequencies.push_back(count / rows);
    }
    return out;
  }

 private:
  template <typename F>
  void for_each_combination(size_t k, F visit) {
    std::vector<size_t> chosen;
    combine(k, 0, chosen, visit);
  }
  template <typename F>
  void combine(size_t k, size_t from, std::vector<size_t>& chosen, F& visit) {
    if (chosen.size() == k) return visit(chosen);
    for (size_t d = from; d < width_; ++d) {
      chosen.push_back(d);
      combine(k, d + 1, chosen, visit);
      chosen.pop_back();
    }
  }

  double dependency_degree(const std::vector<size_t>& determining, size_t implied) {
    std::vector<uint32_t> counts;
    auto groups = group_rows(sample_, determining, counts);
    constexpr uint32_t kNone = UINT32_MAX, kSeveral = UINT32_MAX - 1;
    std::vector<uint32_t> value(counts.size(), kNone);
    for (size_t row = 0; row < sample_.rows; ++row) {
      uint32_t code = sample_.codes[implied][row];
      uint32_t& seen = value[groups[row]];
      seen = seen == kNone || seen == code ? code : kSeveral;
    }
    double supporting = 0;
    for (size_t g = 0; g < counts.size(); ++g) supporting += value[g] == kSeveral ? 0 : counts[g];
    return sample_.rows == 0 ? 0 : supporting / static_cast<double>(sample_.rows);
  }

  const Statistics& statistics_;
  const Sample& sample_;
  size_t width_;
};

// How many values to keep; 0: none.
int target_of(const catalog::Relation& table, const Statistics& statistics) {
  if (statistics.target >= 0) return statistics.target;
  int target = -1;
  for (int column : statistics.columns) target = std::max(target, table.columns[column].statistics_target);
  return target < 0 ? kDefaultTarget : target;
}

bool can_be_built(const catalog::Relation& table, const Statistics& statistics, const std::vector<int>& columns) {
  for (int column : statistics.columns) {
    if (table.columns[column].statistics_target == 0) return false;
    if (!columns.empty() && std::find(columns.begin(), columns.end(), column) == columns.end()) return false;
  }
  return columns.empty() || statistics.expressions.empty();
}

}  // namespace

void build_statistics(CommandContext& context, const catalog::Relation& table, const std::vector<int>& columns) {
  auto version = context.catalog_version();
  std::vector<Oid> seen;
  for (const auto& dependent : version->dependents(table.oid)) {
    if (dependent.object->kind != catalog::ObjectKind::Statistics) continue;
    // It depends on several columns.
    if (std::find(seen.begin(), seen.end(), dependent.object->oid) != seen.end()) continue;
    seen.push_back(dependent.object->oid);
    auto now = std::static_pointer_cast<const Statistics>(dependent.object);
    if (now->table != table.oid) continue;
    bool inherited = table.is_partitioned() || version->has_children(table.oid);
    if (now->target == 0) continue;
    if (!can_be_built(table, *now, columns)) {
      warning(context, "statistics object \"" + version->schema(now->schema)->name + "." + now->name + "\" could not be computed for relation \"" +
                           version->schema(table.schema)->name + "." + table.name + "\"", Sqlstate::InvalidObjectDefinition);
      continue;
    }
    auto changed = copy_of(now);
    changed->built.clear();
    for (bool whole : {false, true}) {
      if (whole ? !inherited : table.is_partitioned()) continue;
      Sample sample = Reader(context, table, *now, whole).read();
      if (sample.rows == 0) continue;
      Builder builder(*now, sample);
      catalog::BuiltStatistics built;
      built.inherited = whole;
      if (now->kinds.find('d') != std::string::npos) built.ndistinct = builder.ndistinct();
      if (now->kinds.find('f') != std::string::npos) built.dependencies = builder.dependencies();
      auto target = static_cast<size_t>(target_of(table, *now));
      if (now->kinds.find('m') != std::string::npos) built.most_common = builder.most_common(target);
      for (size_t e = 0; e < now->expressions.size(); ++e) built.expressions.push_back(builder.of_expression(now->columns.size() + e, target));
      changed->built.push_back(std::move(built));
    }
    context.catalog_changes().put(changed);
  }
}

}  // namespace aegis::commands
