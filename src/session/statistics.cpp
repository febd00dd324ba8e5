#include "statistics.h"

#include <algorithm>
#include <cmath>

#include "aegis/os/random.h"
#include "aegis/storage/engine.h"
#include "aegis/types/type.h"

namespace aegis::session {

namespace {

// A sample of n rows tells shares down to about 1/n; distinct values need more of them than predicates do.
constexpr size_t kSampleChunks = 5;
constexpr size_t kKeptChunks = 2;

using types::Value;

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
  double bytes = 0;

  void add(const vector::Vector& vector, size_t count) {
    std::vector<uint64_t> row_hashes(count);
    vector::hash_vector(vector, count, vector::HashMode::Set, row_hashes.data());
    size_t fixed = types::physical_size(vector.physical());
    bool variable = vector.physical() == types::PhysicalType::String;
    for (size_t i = 0; i < count; ++i) {
      if (vector.is_null(i)) {
        ++nulls;
        continue;
      }
      hashes.push_back(row_hashes[i]);
      bytes += variable ? static_cast<double>(vector.get(i).text().size()) : static_cast<double>(fixed);
    }
  }
};

// Distinct RowIds below `end` in increasing order.
std::vector<RowId> random_rows(os::Random& random, uint64_t end, size_t count) {
  std::vector<RowId> rows;
  if (end - 1 <= count) {
    for (uint64_t row = 1; row < end; ++row) rows.push_back(RowId(row));
    return rows;
  }
  for (size_t i = 0; i < count; ++i) rows.push_back(RowId(1 + random.below(end - 1)));
  std::sort(rows.begin(), rows.end(), [](RowId a, RowId b) { return a.value < b.value; });
  rows.erase(std::unique(rows.begin(), rows.end(), [](RowId a, RowId b) { return a.value == b.value; }), rows.end());
  return rows;
}

}  // namespace

double TableStatistics::row_count(const catalog::Relation& table) {
  auto stored = transactions_.engine().table(table.storage);
  return stored == nullptr ? 0 : static_cast<double>(stored->statistics().row_count);
}

std::shared_ptr<const planner::TableSample> TableStatistics::take_sample(const catalog::Relation& table, double rows) {
  auto sample = std::make_shared<planner::TableSample>();
  sample->row_count = rows;
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
    os::Random random(os::random_seed());
    uint64_t end = stored->end_row().value;
    size_t all = 0;
    // Each pass is a sample of the whole table, or, of a small one, the next part of it.
    bool whole = end - 1 <= kSampleChunks * vector::kMaxChunkRows;
    for (size_t pass = 0; pass < kSampleChunks; ++pass) {
      std::vector<RowId> chosen;
      if (whole) {
        for (uint64_t row = 1 + pass * vector::kMaxChunkRows; row < end && chosen.size() < vector::kMaxChunkRows; ++row) chosen.push_back(RowId(row));
      } else {
        chosen = random_rows(random, end, vector::kMaxChunkRows);
      }
      if (chosen.empty()) break;
      std::vector<uint32_t> found;
      stored->fetch(*snapshot, chosen, positions, chunk, found);
      for (size_t c = 0; c < columns.size(); ++c) columns[c].add(chunk.column(c), chunk.size());
      all += chunk.size();
      // Of a small table all is kept: its parts may differ from each other.
      if (chunk.size() == 0 || (pass >= kKeptChunks && !whole)) continue;
      vector::Chunk kept;
      for (size_t i = 0, c = 0; i < table.columns.size(); ++i) {
        bool present = c < numbers.size() && numbers[c] == i;
        kept.add_column(present ? table.columns[i].type.oid : types::oid::kInt4);
        if (present) {
          kept.column(i).reset();
          kept.column(i).copy(chunk.column(c++), nullptr, chunk.size(), 0);
        } else {
          kept.column(i).set_constant_null();
        }
      }
      kept.set_size(chunk.size());
      sample->rows.push_back(std::move(kept));
    }
    sample->sampled = all;
    for (size_t c = 0; c < columns.size(); ++c) {
      planner::ColumnStatistics& out = sample->columns[numbers[c]];
      auto sampled = static_cast<double>(all);
      out.null_fraction = all == 0 ? 0 : static_cast<double>(columns[c].nulls) / sampled;
      out.average_width = columns[c].hashes.empty() ? 0 : columns[c].bytes / static_cast<double>(columns[c].hashes.size());
      out.distinct = estimate_distinct(columns[c].hashes, rows, sampled);
    }
  }
  transactions_.rollback(std::move(transaction));
  return sample;
}

std::shared_ptr<const planner::TableSample> TableStatistics::sample(const catalog::Relation& table) {
  if (!table.is_table()) return nullptr;
  double rows = row_count(table);
  std::shared_ptr<const planner::TableSample> held;
  {
    std::lock_guard lock(mutex_);
    auto at = samples_.find(table.storage.value);
    if (at != samples_.end()) held = at->second;
  }
  if (held != nullptr && held->columns.size() == table.columns.size() && std::abs(rows - held->row_count) * 5 <= held->row_count) return held;
  held = take_sample(table, rows);
  std::lock_guard lock(mutex_);
  samples_[table.storage.value] = held;
  return held;
}

void TableStatistics::refresh(const catalog::Relation& table) {
  if (!table.is_table()) return;
  auto taken = take_sample(table, row_count(table));
  std::lock_guard lock(mutex_);
  samples_[table.storage.value] = std::move(taken);
}

}  // namespace aegis::session
