#include "statistics.h"

#include <algorithm>
#include <cstdlib>
#include <cmath>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
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
    try {
      vector::hash_vector(vector, count, vector::HashMode::Set, row_hashes.data());
    } catch (const SqlError& error) {
      // A type without a hash: nothing can be said of its distinct values.
      if (error.fields().sqlstate != Sqlstate::UndefinedFunction) throw;
      return;
    }
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
  for (size_t i = 0; i < count; ++i) rows.push_back(RowId(1 + random.below(end - 1)));
  std::sort(rows.begin(), rows.end(), [](RowId a, RowId b) { return a.value < b.value; });
  rows.erase(std::unique(rows.begin(), rows.end(), [](RowId a, RowId b) { return a.value == b.value; }), rows.end());
  return rows;
}

// Writes the values found to the rows they belong to; rows that have gone since they were chosen are null.
void place(const vector::Vector& values, const std::vector<uint32_t>& found, size_t rows, vector::Vector& target) {
  target.reset();
  target.slots<std::byte>();
  std::vector<bool> present(rows);
  for (size_t k = 0; k < found.size(); ++k) {
    present[found[k]] = true;
    if (!values.is_null(k)) target.set(found[k], values.get(k));
    if (values.is_null(k)) target.set_null(found[k]);
  }
  for (size_t i = 0; i < rows; ++i) {
    if (!present[i]) target.set_null(i);
  }
}

}  // namespace

// A guess by the size of the file that a foreign table reads.
static double foreign_rows(const catalog::Relation& table) {
  constexpr double kUnknownRows = 1000, kBytesPerRow = 40;
  constexpr std::string_view kFile = "filename=";
  for (const auto& option : table.foreign_options) {
    if (!option.starts_with(kFile)) continue;
    auto files = os::make_local_file_system();
    std::string path = option.substr(kFile.size());
    if (!files->exists(path)) break;
    return std::max(10.0, static_cast<double>(files->open(path, os::OpenMode::Read)->size()) / kBytesPerRow);
  }
  return kUnknownRows;
}

double TableStatistics::row_count(const catalog::Relation& table) {
  if (table.is_foreign()) return foreign_rows(table);
  auto stored = transactions_.engine().table(table.storage);
  return stored == nullptr ? 0 : static_cast<double>(stored->statistics().row_count);
}

std::shared_ptr<TableStatistics::Sample> TableStatistics::choose_rows(const catalog::Relation& table) {
  auto sample = std::make_shared<Sample>();
  sample->row_count = row_count(table);
  sample->columns.resize(table.columns.size());
  sample->loaded.resize(table.columns.size());
  auto stored = transactions_.engine().table(table.storage);
  if (stored == nullptr) return sample;
  os::Random random(os::random_seed());
  uint64_t end = stored->end_row().value;
  // Each chunk is a sample of the whole table, or, of a small one, the next part of it. No row is in two of them: it would look like
  // a value that repeats.
  bool whole = end - 1 <= kSampleChunks * vector::kMaxChunkRows;
  std::vector<RowId> drawn;
  if (!whole) drawn = random_rows(random, end, kSampleChunks * vector::kMaxChunkRows);
  for (size_t pass = 0; pass < kSampleChunks; ++pass) {
    std::vector<RowId> rows;
    if (whole) {
      for (uint64_t row = 1 + pass * vector::kMaxChunkRows; row < end && rows.size() < vector::kMaxChunkRows; ++row) rows.push_back(RowId(row));
    } else {
      for (size_t k = pass; k < drawn.size(); k += kSampleChunks) rows.push_back(drawn[k]);
    }
    if (rows.empty()) break;
    sample->chosen.push_back(std::move(rows));
  }
  keep_visible(*stored, *sample);
  // Of a small table all is kept: its parts may differ from each other.
  sample->rows.resize(whole ? sample->chosen.size() : kKeptChunks);
  return sample;
}

void TableStatistics::keep_visible(const storage::Table& stored, Sample& sample) {
  txn::Backend backend(transactions_, 0);
  auto transaction = transactions_.begin(backend);
  {
    auto snapshot = transaction->take_snapshot();
    for (auto& rows : sample.chosen) {
      vector::Chunk none;
      std::vector<uint32_t> found;
      stored.fetch(*snapshot, rows, {}, none, found);
      for (size_t k = 0; k < found.size(); ++k) rows[k] = rows[found[k]];
      rows.resize(found.size());
    }
  }
  transactions_.rollback(std::move(transaction));
}

void TableStatistics::load(const catalog::Relation& table, Sample& sample, std::span<const int> columns) {
  std::lock_guard lock(sample.mutex);
  std::vector<uint32_t> positions;
  vector::Chunk chunk;
  for (int column : columns) {
    if (column < 0 || static_cast<size_t>(column) >= sample.loaded.size() || sample.loaded[static_cast<size_t>(column)]) continue;
    sample.loaded[static_cast<size_t>(column)] = true;
    if (table.columns[static_cast<size_t>(column)].dropped || types::find_type(table.columns[static_cast<size_t>(column)].type.oid) == nullptr) continue;
    positions.push_back(static_cast<uint32_t>(column));
    chunk.add_column(table.columns[static_cast<size_t>(column)].type.oid);
  }
  auto stored = transactions_.engine().table(table.storage);
  if (positions.empty() || stored == nullptr || stored->schema().columns.size() < table.columns.size()) return;

  txn::Backend backend(transactions_, 0);
  auto transaction = transactions_.begin(backend);
  {
    auto snapshot = transaction->take_snapshot();
    std::vector<ColumnSample> found_values(positions.size());
    sample.sampled = 0;
    for (size_t pass = 0; pass < sample.chosen.size(); ++pass) {
      const auto& rows = sample.chosen[pass];
      std::vector<uint32_t> found;
      stored->fetch(*snapshot, rows, positions, chunk, found);
      for (size_t c = 0; c < positions.size(); ++c) found_values[c].add(chunk.column(c), chunk.size());
      sample.sampled += chunk.size();
      if (pass >= sample.rows.size()) continue;
      vector::Chunk& kept = sample.rows[pass];
      if (kept.column_count() == 0) {
        for (const auto& column : table.columns) {
          bool known = !column.dropped && types::find_type(column.type.oid) != nullptr;
          kept.add_column(known ? column.type.oid : types::oid::kInt4);
          kept.column(kept.column_count() - 1).set_constant_null();
        }
        kept.set_size(rows.size());
      }
      for (size_t c = 0; c < positions.size(); ++c) place(chunk.column(c), found, rows.size(), kept.column(positions[c]));
    }
    for (size_t c = 0; c < positions.size(); ++c) {
      planner::ColumnStatistics& out = sample.columns[positions[c]];
      const auto& values = found_values[c];
      auto sampled = static_cast<double>(sample.sampled);
      out.null_fraction = sampled == 0 ? 0 : static_cast<double>(values.nulls) / sampled;
      out.average_width = values.hashes.empty() ? 0 : values.bytes / static_cast<double>(values.hashes.size());
      out.distinct = estimate_distinct(found_values[c].hashes, sample.row_count, sampled);
      for (const auto& option : table.columns[positions[c]].options) {
        if (!option.starts_with("n_distinct=")) continue;
        double told = std::strtod(option.c_str() + 11, nullptr);  // negative: a share of the rows
        if (told != 0) out.distinct = told > 0 ? told : -told * sample.row_count;
      }
    }
  }
  transactions_.rollback(std::move(transaction));
}

std::shared_ptr<const planner::TableSample> TableStatistics::sample(const catalog::Relation& table, std::span<const int> columns) {
  if (!table.is_table() || table.is_foreign()) return nullptr;
  double rows = row_count(table);
  std::shared_ptr<Sample> held;
  {
    std::lock_guard lock(mutex_);
    auto at = samples_.find(table.storage.value);
    if (at != samples_.end()) held = at->second;
  }
  if (held == nullptr || held->columns.size() != table.columns.size() || std::abs(rows - held->row_count) * 5 > held->row_count) {
    held = choose_rows(table);
    std::lock_guard lock(mutex_);
    samples_[table.storage.value] = held;
  }
  load(table, *held, columns);
  return held;
}

void TableStatistics::refresh(const catalog::Relation& table) {
  if (!table.is_table() || table.is_foreign()) return;
  auto taken = choose_rows(table);
  std::vector<int> all;
  for (size_t i = 0; i < table.columns.size(); ++i) all.push_back(static_cast<int>(i));
  load(table, *taken, all);
  std::lock_guard lock(mutex_);
  analyzed_[table.storage.value] = taken;
  samples_[table.storage.value] = std::move(taken);
}

std::shared_ptr<const planner::TableSample> TableStatistics::analyzed(const catalog::Relation& table) {
  std::lock_guard lock(mutex_);
  auto found = analyzed_.find(table.storage.value);
  return found == analyzed_.end() ? nullptr : found->second;
}

}  // namespace aegis::session
