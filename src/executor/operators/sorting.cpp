#include "operators/sorting.h"

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/catalog/objects.h"
#include "operators/quicksort.h"
#include "operators/scans.h"

namespace aegis::executor {

storage::KeyColumn index_key_column(const catalog::Index& index, const catalog::Relation& table, size_t i) {
  const auto& key = index.columns[i];
  storage::KeyColumn column;
  column.column = key.column >= 0 ? static_cast<uint32_t>(key.column) : static_cast<uint32_t>(i);
  Oid type = key.column >= 0 ? table.columns[key.column].type.oid : key.type.oid;
  if (!storage::set_key_type(column, type)) throw_not_supported("an index on type " + types::format_type({type}));
  column.descending = key.descending;
  column.nulls_first = key.nulls_first;
  return column;
}

namespace {

void collate(const types::Collator& collator, const Vector& texts, size_t count, Vector& keys) {
  keys.reset();
  std::string key;
  for (size_t i = 0; i < count; ++i) {
    auto value = texts.get(i);
    if (value.is_null) {
      keys.set(i, value);
      continue;
    }
    key.clear();
    collator.append_sort_key(value.text(), key);
    keys.set(i, types::Value::of_string(key));
  }
}

}  // namespace

SortRun::SortRun(const std::vector<plan::SortKey>& keys, const std::vector<plan::ColumnInfo>& columns, const EvaluationContext& context)
    : keys_(keys), column_count_(columns.size()) {
  std::vector<Oid> types;
  std::vector<PhysicalType> physical;
  for (const auto& column : columns) types.push_back(column.type.oid);
  for (size_t k = 0; k < keys.size(); ++k) {
    evaluators_.emplace_back(*keys[k].expr, context);
    collators_.push_back(types::collator(keys[k].expr->collation, context.types));
    Oid type = collators_.back() != nullptr ? types::oid::kBytea : keys[k].expr->type.oid;
    key_types_.push_back(type);
    key_chunk_.add_column(type);
    storage::KeyColumn column;
    column.column = static_cast<uint32_t>(k);
    column.descending = keys[k].descending;
    column.nulls_first = keys[k].nulls_first;
    if (!storage::set_key_type(column, type)) by_value_ = true;
    const auto* info = types::find_type(type);
    if (by_value_ && (info == nullptr || info->compare == nullptr)) {
      throw SqlError(Sqlstate::UndefinedFunction, "could not identify an ordering operator for type " + types::format_type({type}))
          .hint("Use an explicit ordering operator or modify the query.");
    }
    key_columns_.push_back(column);
  }
  if (by_value_) {
    types.insert(types.end(), key_types_.begin(), key_types_.end());
  }
  for (Oid type : types) physical.push_back(types::physical_type(type));
  layout_ = RowLayout(std::move(types), std::move(physical), 0);
}

void SortRun::add(const Chunk& rows) {
  size_t count = rows.size();
  if (count == 0) return;
  for (size_t k = 0; k < evaluators_.size(); ++k) {
    const Vector& values = evaluators_[k].evaluate(rows);
    if (collators_[k] == nullptr) {
      key_chunk_.column(k).reference(values);
    } else {
      collate(*collators_[k], values, count, key_chunk_.column(k));
    }
  }
  key_chunk_.set_size(count);
  std::byte* pointers[vector::kMaxChunkRows];
  auto* block = static_cast<std::byte*>(arena_.allocate(std::max<size_t>(layout_.row_bytes(), 16) * count, 16));
  for (size_t i = 0; i < count; ++i) pointers[i] = block + i * layout_.row_bytes();
  for (size_t c = 0; c < column_count_; ++c) layout_.store_column(pointers, count, c, rows.column(c), nullptr, arena_);
  if (by_value_) {
    for (size_t k = 0; k < keys_.size(); ++k) layout_.store_column(pointers, count, column_count_ + k, key_chunk_.column(k), nullptr, arena_);
    for (size_t i = 0; i < count; ++i) add_entry({}, pointers[i]);
    return;
  }
  storage::encode_keys(key_chunk_, key_columns_, batch_);
  for (size_t i = 0; i < count; ++i) add_entry(batch_.keys[i], pointers[i]);
}

void SortRun::add_entry(std::string_view bytes, std::byte* row) {
  std::string_view key = bytes.empty() ? bytes : arena_.copy(bytes);
  uint64_t prefix = 0;
  if (!key.empty()) std::memcpy(&prefix, key.data(), std::min<size_t>(8, key.size()));
  entries_.push_back({__builtin_bswap64(prefix), key.data(), static_cast<uint32_t>(key.size()), row});
}

int SortRun::compare(const Entry& a, const SortRun& other, const Entry& b) const {
  if (!by_value_) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix ? -1 : 1;
    int order = std::memcmp(a.key, b.key, std::min(a.key_size, b.key_size));
    if (order != 0) return order;
    return a.key_size == b.key_size ? 0 : a.key_size < b.key_size ? -1 : 1;
  }
  for (size_t k = 0; k < keys_.size(); ++k) {
    auto left = layout_.get(a.row, column_count_ + k);
    auto right = other.layout_.get(b.row, column_count_ + k);
    if (left.is_null || right.is_null) {
      if (left.is_null && right.is_null) continue;
      return left.is_null == keys_[k].nulls_first ? -1 : 1;
    }
    Oid type = key_types_[k];
    int order = types::type_info(type).compare(left, right, type);
    if (order != 0) return keys_[k].descending ? -order : order;
  }
  return 0;
}

void SortRun::sort() {
  // Few rows are likely to be read by a person, who knows PostgreSQL's order of ties.
  constexpr size_t kFew = 50'000;
  if (entries_.size() <= kFew) {
    auto order = [&](const Entry& a, const Entry& b) { return compare(a, *this, b); };
    return Quicksort<Entry, decltype(order)>(order).sort(entries_.data(), entries_.size());
  }
  std::stable_sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) { return compare(a, *this, b) < 0; });
}

void SortRun::truncate(size_t count) {
  if (entries_.size() <= count) return;
  // Rows dropped still take arena memory: once they outnumber the kept ones by far, move those that stay.
  entries_.resize(count);
}

Chunk SortRun::make_spill_chunk() const {
  Chunk chunk;
  for (size_t c = 0; c < layout_.column_count(); ++c) chunk.add_column(layout_.type(c), layout_.physical(c));
  if (!by_value_) chunk.add_column(types::oid::kBytea);
  return chunk;
}

void SortRun::write(SpillFile& file) const {
  Chunk chunk = make_spill_chunk();
  const std::byte* rows[vector::kMaxChunkRows];
  for (size_t at = 0; at < entries_.size(); at += vector::kMaxChunkRows) {
    size_t count = std::min(vector::kMaxChunkRows, entries_.size() - at);
    for (size_t i = 0; i < count; ++i) rows[i] = entries_[at + i].row;
    for (size_t c = 0; c < layout_.column_count(); ++c) layout_.gather(rows, count, c, chunk.column(c));
    if (!by_value_) {
      auto* keys = chunk.column(layout_.column_count()).start<types::StringView>();
      for (size_t i = 0; i < count; ++i) keys[i] = types::StringView(entries_[at + i].key, entries_[at + i].key_size);
    }
    chunk.set_size(count);
    file.append(chunk);
  }
}

void SortRun::load(const Chunk& spilled) {
  entries_.clear();
  arena_ = Arena(1 << 16);
  size_t count = spilled.size();
  std::byte* rows[vector::kMaxChunkRows];
  auto* block = static_cast<std::byte*>(arena_.allocate(std::max<size_t>(layout_.row_bytes(), 16) * count, 16));
  for (size_t i = 0; i < count; ++i) rows[i] = block + i * layout_.row_bytes();
  for (size_t c = 0; c < layout_.column_count(); ++c) layout_.store_column(rows, count, c, spilled.column(c), nullptr, arena_);
  VectorView keys = by_value_ ? VectorView{} : spilled.column(layout_.column_count()).view();
  for (size_t i = 0; i < count; ++i) add_entry(by_value_ ? std::string_view() : keys.at<types::StringView>(i).view(), rows[i]);
}

void SortMerge::start(std::vector<std::unique_ptr<SortRun>>* runs) {
  sources_.clear();
  for (auto& run : *runs) sources_.push_back({run.get(), 0, nullptr, nullptr, {}});
}

void SortMerge::add_file(const SpillFile& file, std::unique_ptr<SortRun> empty_run) {
  Source source{empty_run.get(), 0, nullptr, std::make_unique<SpillFile::Reader>(file), empty_run->make_spill_chunk()};
  source.block = std::move(empty_run);
  sources_.push_back(std::move(source));
}

void SortMerge::refill() {
  for (auto& source : sources_) {
    if (source.reader == nullptr || source.at < source.run->size()) continue;
    if (!source.reader->next(source.chunk)) {
      source.reader = nullptr;
      continue;
    }
    source.block->load(source.chunk);
    source.at = 0;
  }
}

bool SortMerge::next(Chunk& out, size_t limit) {
  refill();
  const std::byte* rows[vector::kMaxChunkRows];
  size_t count = 0;
  while (count < limit) {
    Source* best = nullptr;
    for (auto& source : sources_) {
      if (source.at >= source.run->size()) continue;
      if (best == nullptr || source.run->less(source.at, *best->run, best->at)) best = &source;
    }
    if (best == nullptr) break;
    rows[count++] = best->run->row(best->at++);
    // What is gathered lies in this chunk: it can't be replaced before `out` is filled.
    if (best->reader != nullptr && best->at == best->run->size()) break;
  }
  if (count == 0) {
    out.set_size(0);
    return false;
  }
  const RowLayout& layout = sources_[0].run->layout();
  for (size_t c = 0; c < out.column_count(); ++c) layout.gather(rows, count, c, out.column(c));
  out.set_size(count);
  return true;
}

}  // namespace aegis::executor
