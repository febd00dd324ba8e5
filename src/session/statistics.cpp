#include "statistics.h"

#include <algorithm>
#include <cmath>

#include "aegis/base/hash.h"
#include "aegis/storage/engine.h"
#include "aegis/types/numeric.h"
#include "aegis/vector/vector.h"

namespace aegis::session {

namespace {

constexpr uint64_t kSampleRows = 10000;
constexpr uint64_t kSampleRanges = 20;

using types::PhysicalType;
using types::Value;

bool as_number(PhysicalType physical, Oid type, const Value& value, double& number) {
  switch (physical) {
    case PhysicalType::Int16: number = value.i16; return true;
    case PhysicalType::Int32: number = type == types::oid::kOid ? value.oid() : value.i32; return true;
    case PhysicalType::Int64: number = static_cast<double>(value.i64); return true;
    case PhysicalType::Float32: number = value.f32; return std::isfinite(value.f32);
    case PhysicalType::Float64: number = value.f64; return std::isfinite(value.f64);
    case PhysicalType::Numeric:
      if (!value.numeric.is_small()) return false;
      number = static_cast<double>(value.numeric.small) / std::pow(10.0, value.numeric.scale);
      return true;
    default: return false;
  }
}

// Haas and Stokes' estimator Duj1 (1998), as PostgreSQL's ANALYZE uses it.
double estimate_distinct(std::vector<uint64_t>& hashes, double total_rows, double sampled_rows) {
  std::sort(hashes.begin(), hashes.end());
  double distinct = 0;
  double once = 0;
  for (size_t i = 0; i < hashes.size();) {
    size_t j = i;
    while (j < hashes.size() && hashes[j] == hashes[i]) ++j;
    ++distinct;
    if (j - i == 1) ++once;
    i = j;
  }
  double n = static_cast<double>(hashes.size());
  double total = total_rows * n / std::max(sampled_rows, 1.0);
  if (n == 0) return 0;
  if (once == 0 || total <= n) return distinct;
  if (once == n) return total;
  double estimate = n * distinct / (n - once + once * n / total);
  return std::clamp(estimate, distinct, total);
}

struct ColumnSample {
  std::vector<uint64_t> hashes;
  uint64_t nulls = 0;
  std::optional<double> minimum;
  std::optional<double> maximum;

  void add(const vector::Vector& vector, size_t count) {
    std::vector<uint64_t> row_hashes(count);
    vector::hash_vector(vector, count, vector::HashMode::Set, row_hashes.data());
    for (size_t i = 0; i < count; ++i) {
      Value value = vector.get(i);
      if (value.is_null) {
        ++nulls;
        continue;
      }
      hashes.push_back(row_hashes[i]);
      double number = 0;
      if (as_number(vector.physical(), vector.type(), value, number)) {
        minimum = std::min(minimum.value_or(number), number);
        maximum = std::max(maximum.value_or(number), number);
      }
    }
  }
};

}  // namespace

double TableStatistics::row_count(const catalog::Relation& table) {
  auto stored = transactions_.engine().table(table.storage);
  return stored == nullptr ? 0 : static_cast<double>(stored->statistics().row_count);
}

std::shared_ptr<const TableStatistics::Sample> TableStatistics::take_sample(const catalog::Relation& table, uint64_t rows) {
  auto sample = std::make_shared<Sample>();
  sample->row_count = rows;
  sample->column_count = table.columns.size();
  sample->columns.resize(table.columns.size());
  auto stored = transactions_.engine().table(table.storage);
  if (stored == nullptr) return sample;

  txn::Backend backend(transactions_, 0);
  auto transaction = transactions_.begin(backend);
  {
    auto snapshot = transaction->take_snapshot();
    std::vector<uint32_t> positions;
    std::vector<size_t> numbers;
    vector::Chunk chunk;
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].dropped || types::find_type(table.columns[i].type.oid) == nullptr) continue;
      positions.push_back(static_cast<uint32_t>(i));
      numbers.push_back(i);
      chunk.add_column(table.columns[i].type.oid);
    }
    std::vector<ColumnSample> columns(positions.size());
    std::vector<RowId> row_ids;
    uint64_t end = stored->end_row().value;
    uint64_t ranges = end > kSampleRows ? kSampleRanges : 1;
    uint64_t sampled = 0;
    for (uint64_t r = 0; r < ranges; ++r) {
      uint64_t from = 1 + (end - 1) * r / ranges;
      uint64_t until = ranges == 1 ? end : std::min(end, from + kSampleRows / kSampleRanges);
      storage::ScanState state{RowId(from), RowId(until)};
      while (stored->scan(*snapshot, positions, state, chunk, row_ids)) {
        for (size_t c = 0; c < columns.size(); ++c) columns[c].add(chunk.column(c), chunk.size());
        sampled += chunk.size();
        if (sampled > 4 * kSampleRows) break;
      }
    }
    for (size_t c = 0; c < columns.size(); ++c) {
      planner::ColumnStatistics& out = sample->columns[numbers[c]];
      out.null_fraction = sampled == 0 ? 0 : static_cast<double>(columns[c].nulls) / static_cast<double>(sampled);
      out.minimum = columns[c].minimum;
      out.maximum = columns[c].maximum;
      out.distinct = estimate_distinct(columns[c].hashes, static_cast<double>(rows), static_cast<double>(sampled));
    }
  }
  transactions_.rollback(std::move(transaction));
  return sample;
}

const planner::ColumnStatistics* TableStatistics::column(const catalog::Relation& table, int column) {
  static thread_local std::shared_ptr<const Sample> held;
  if (!table.is_table() || column < 0) return nullptr;
  auto rows = static_cast<uint64_t>(row_count(table));
  {
    std::lock_guard lock(mutex_);
    auto at = samples_.find(table.storage.value);
    held = at == samples_.end() ? nullptr : at->second;
  }
  bool outdated = held == nullptr || held->column_count != table.columns.size() ||
                  (rows > held->row_count ? rows - held->row_count : held->row_count - rows) * 5 > held->row_count;
  if (outdated) {
    held = take_sample(table, rows);
    std::lock_guard lock(mutex_);
    samples_[table.storage.value] = held;
  }
  if (static_cast<size_t>(column) >= held->columns.size()) return nullptr;
  const planner::ColumnStatistics& found = held->columns[static_cast<size_t>(column)];
  return found.distinct == 0 && found.null_fraction == 0 ? nullptr : &found;
}

}  // namespace aegis::session
