#include "operators/late_columns.h"

#include <algorithm>
#include <numeric>

#include "aegis/base/error.h"
#include "aegis/plan/physical.h"
#include "aegis/storage/values_apart.h"
#include "expression/evaluation.h"

namespace aegis::executor {

ColumnMap::ColumnMap(const std::vector<int>& columns, const std::vector<bool>& late) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!late.empty() && late[i]) continue;
    if (columns[i] >= 0) {
      stored.push_back(static_cast<uint32_t>(columns[i]));
      stored_at.push_back(i);
    } else {
      made.emplace_back(i, columns[i]);
    }
  }
}

void ColumnMap::emit(Chunk& read, const std::vector<RowId>& rows, Oid table, Chunk& out) const {
  for (size_t i = 0; i < stored.size(); ++i) out.column(stored_at[i]).reference(read.column(i));
  for (auto [at, which] : made) {
    if (which == plan::kRowIdColumn) {
      int64_t* ids = out.column(at).start<int64_t>();
      for (size_t i = 0; i < rows.size(); ++i) ids[i] = static_cast<int64_t>(rows[i].value);
    } else {
      out.column(at).set_constant(Value::of_oid(table));
    }
  }
  out.set_size(read.size());
}

Chunk ColumnMap::make_read_chunk(const catalog::Relation& relation) const {
  Chunk chunk;
  for (uint32_t column : stored) chunk.add_column(relation.columns[column].type.oid);
  return chunk;
}

std::vector<bool> late_columns(const std::vector<int>& columns, const plan::ExprList& filters, const storage::Table& table,
                               const std::vector<uint32_t>& read) {
  std::vector<bool> filtered(columns.size(), false);
  for (const auto& filter : filters) {
    for (uint32_t column : input_columns(*filter)) filtered[column] = true;
  }
  std::vector<bool> late(columns.size(), false);
  bool any = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] < 0 || filtered[i]) continue;
    auto column = static_cast<uint32_t>(columns[i]);
    if (std::find(read.begin(), read.end(), column) != read.end() || !storage::has_values_apart(table, column)) continue;
    late[i] = any = true;
  }
  if (!any) late.clear();
  return late;
}

LateColumns::LateColumns(const std::vector<bool>& late, const std::vector<int>& columns, const catalog::Relation& relation, Chunk rows)
    : late_(late), rows_(std::move(rows)) {
  for (size_t i = 0; i < late.size(); ++i) {
    if (!late[i]) continue;
    stored_.push_back(static_cast<uint32_t>(columns[i]));
    stored_at_.push_back(i);
    read_.add_column(relation.columns[columns[i]].type.oid);
    rows_.column(i).set_constant_null();
  }
}

size_t LateColumns::filter(FilterEvaluator& filters, const std::vector<RowId>& ids) {
  size_t count = rows_.size();
  if (filters.empty()) {
    std::iota(selection_, selection_ + count, 0u);
  } else {
    count = filters.select(rows_, selection_);
  }
  ids_.clear();
  for (size_t i = 0; i < count; ++i) ids_.push_back(ids[selection_[i]]);
  next_ = 0;
  return count;
}

void LateColumns::take(const storage::Table& table, const storage::Snapshot& snapshot, Chunk& out) {
  size_t count = std::min(at_once_, ids_.size() - next_);
  at_once_ = std::min(at_once_ * 2, kMostAtOnce);
  table.fetch(snapshot, std::span(ids_).subspan(next_, count), stored_, read_, found_);
  AEGIS_CHECK(found_.size() == count);
  for (size_t i = 0; i < rows_.column_count(); ++i) {
    if (!late_[i]) out.column(i).slice(rows_.column(i), selection_ + next_, count);
  }
  for (size_t i = 0; i < stored_.size(); ++i) out.column(stored_at_[i]).reference(read_.column(i));
  out.set_size(count);
  next_ += count;
}

}  // namespace aegis::executor
