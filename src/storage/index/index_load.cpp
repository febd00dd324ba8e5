#include "index/index_load.h"

#include <algorithm>

#include "aegis/vector/vector.h"
#include "index/tree_cursor.h"
#include "lsm/learned_index.h"

namespace aegis::storage {
namespace {

// So many duplicates are reported; more would only cost time before the same error.
constexpr size_t kMaxDuplicates = 10'000;
// A cursor that has to go further than this seeks.
constexpr int kStepsBeforeSeek = 8;

}  // namespace

void SortedKeys::add(const KeyBatch& batch, size_t rows, bool unique, bool nulls_conflict) {
  for (size_t i = 0; i < batch.keys.size(); ++i) {
    uint32_t position = rows_ + (batch.rows.empty() ? static_cast<uint32_t>(i) : batch.rows[i]);
    if (!batch.skipped.empty() && batch.skipped[i] != 0) continue;
    std::string_view key = batch.keys[i];
    items_.push_back({lsm::number_of(key, 0), static_cast<uint32_t>(raw_.size()), static_cast<uint32_t>(key.size()), position});
    raw_.append(key);
    if (unique && !nulls_conflict && !batch.has_null.empty() && batch.has_null[i] != 0) {
      if (free_.size() <= position) free_.resize(position + 1);
      free_[position] = true;
    }
  }
  rows_ += static_cast<uint32_t>(rows);
}

void SortedKeys::sort() {
  auto less = [&](const Item& a, const Item& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    int order = std::string_view(raw_).substr(a.from, a.size).compare(std::string_view(raw_).substr(b.from, b.size));
    return order != 0 ? order < 0 : a.position < b.position;
  };
  if (!std::is_sorted(items_.begin(), items_.end(), less)) std::sort(items_.begin(), items_.end(), less);
  bytes_.reserve(raw_.size());
  ends_.reserve(items_.size());
  positions_.reserve(items_.size());
  for (const Item& item : items_) {
    bytes_.append(raw_, item.from, item.size);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
    positions_.push_back(item.position);
  }
  raw_ = {};
  items_ = {};
}

IndexLoad::IndexLoad(std::shared_ptr<MemoryIndex> index, const LoadIndex& how, size_t budget_bytes)
    : index_(std::move(index)), unique_(how.unique), nulls_conflict_(how.nulls_conflict), budget_(budget_bytes) {}

std::unique_ptr<SortedKeys> IndexLoad::make(uint64_t first_row, std::span<const vector::Chunk> rows) const {
  auto keys = std::make_unique<SortedKeys>(first_row);
  const IndexDefinition& definition = index_->definition();
  KeyBatch batch;
  for (const vector::Chunk& chunk : rows) {
    batch.clear();
    if (definition.compute) {
      vector::Chunk inputs;
      for (uint32_t column : definition.inputs) {
        inputs.add_column(chunk.column(column).type(), chunk.column(column).physical());
      }
      for (size_t i = 0; i < definition.inputs.size(); ++i) {
        inputs.column(i).reference(chunk.column(definition.inputs[i]));
      }
      inputs.set_size(chunk.size());
      definition.compute_or_throw(inputs, batch);
    } else {
      encode_keys(chunk, definition.columns, batch);
    }
    keys->add(batch, chunk.size(), unique_, nulls_conflict_);
  }
  keys->sort();
  return keys;
}

void IndexLoad::add(std::unique_ptr<SortedKeys> keys) {
  if (!keys->free_rows().empty()) free_rows_[keys->first_row()] = keys->free_rows();
  if (keys->size() == 0) return;
  std::string limit(keys->key(0));
  pending_ += keys->size();
  pending_bytes_ += keys->size_bytes();
  sources_.push_back({std::move(keys), 0});
  // What lies before the newest part is complete if parts come in order.
  bool in_order = !run_open_ || std::string_view(last_entry_).substr(0, last_key_size_) < limit;
  std::string_view bound = limit;
  if (in_order && count_below(bound) * 2 > pending_ - sources_.back().keys->size()) write(&bound);
  if (pending_bytes_ > budget_) {
    write(nullptr);
    run_open_ = false;
  }
}

size_t IndexLoad::count_below(std::string_view limit) const {
  size_t count = 0;
  for (const Source& source : sources_) {
    size_t low = source.at, high = source.keys->size();
    while (low < high) {
      size_t middle = (low + high) / 2;
      if (source.keys->key(middle) < limit) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    count += low - source.at;
  }
  return count;
}

void IndexLoad::write(const std::string_view* limit) {
  auto later = [](const Source* a, const Source* b) {
    int order = a->keys->key(a->at).compare(b->keys->key(b->at));
    return order != 0 ? order > 0 : a->keys->row(a->at) > b->keys->row(b->at);
  };
  std::vector<Source*> heap;
  for (Source& source : sources_) {
    if (source.at < source.keys->size()) heap.push_back(&source);
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    Source* source = heap.back();
    // Goes on with one source while it is ahead of the others.
    const Source* next = heap.size() > 1 ? heap.front() : nullptr;
    bool done = false;
    do {
      std::string_view key = source->keys->key(source->at);
      done = limit != nullptr && key >= *limit;
      if (done) break;
      write_entry(key, source->keys->row(source->at));
      --pending_;
      ++source->at;
    } while (source->at < source->keys->size() && (next == nullptr || !later(source, next)));
    if (done) break;
    if (source->at == source->keys->size()) {
      heap.pop_back();
    } else {
      std::push_heap(heap.begin(), heap.end(), later);
    }
  }
  std::erase_if(sources_, [&](const Source& source) {
    bool empty = source.at == source.keys->size();
    if (empty) pending_bytes_ -= source.keys->size_bytes();
    return empty;
  });
}

void IndexLoad::write_entry(std::string_view key, uint64_t row) {
  entry_.assign(key);
  append_row(entry_, row);
  if (run_open_ && !kIndexOrder.less(last_entry_, entry_)) run_open_ = false;
  if (run_open_) {
    bool same = unique_ && std::string_view(last_entry_).substr(0, last_key_size_) == key;
    if (same && duplicates_.size() < kMaxDuplicates && !is_free(row)) duplicates_.emplace_back(key, row);
  } else {
    if (!runs_.empty()) runs_.back()->finish_file();
    runs_.push_back(std::make_unique<lsm::RunWriter>(*index_->tree(), false));
    run_open_ = true;
  }
  runs_.back()->add({entry_, 0, lsm::EntryKind::Put, {}});
  last_entry_.swap(entry_);
  last_key_size_ = key.size();
}

void IndexLoad::finish() {
  write(nullptr);
  if (!runs_.empty()) runs_.back()->finish_file();
}

std::vector<std::shared_ptr<lsm::SstFile>> IndexLoad::publish() {
  std::vector<std::shared_ptr<lsm::SstFile>> files = index_->publish(runs_, own_files_, others_);
  runs_.clear();
  return files;
}

bool IndexLoad::is_free(uint64_t row) const {
  auto part = free_rows_.upper_bound(row);
  if (part == free_rows_.begin()) return false;
  --part;
  uint64_t position = row - part->first;
  return position < part->second.size() && part->second[position];
}

std::unique_ptr<lsm::MergeCursor> IndexLoad::own_cursor() const {
  std::vector<std::unique_ptr<lsm::EntryCursor>> sources;
  for (const auto& files : own_files_) {
    sources.push_back(std::make_unique<lsm::RunCursor>(files, kIndexOrder, lsm::Direction::Forward));
  }
  return std::make_unique<lsm::MergeCursor>(std::move(sources), kIndexOrder, lsm::Direction::Forward);
}

void IndexLoad::find_suspects(const std::function<void(std::string_view key, RowId row)>& suspect) {
  if (!unique_) return;
  for (const auto& [key, row] : duplicates_) suspect(key, RowId(row));
  if (!duplicates_.empty() || (own_files_.size() < 2 && others_->empty())) return;
  auto own = own_cursor();
  auto others = others_->cursor();
  own->seek(nullptr);
  std::string last, target;
  bool have_last = false, started = false;
  while (own->valid()) {
    std::string_view key = kIndexOrder.filter_key(own->entry().key);
    uint64_t row = row_of(own->entry().key);
    bool same = have_last && key == last;
    // Brings the other cursor to the first entry not below the key.
    for (int steps = 0; !started || (others->valid() && kIndexOrder.filter_key(others->entry().key) < key); ++steps) {
      if (started && steps < kStepsBeforeSeek) {
        others->advance();
        continue;
      }
      target.assign(key);
      append_row(target, 0);
      std::string_view bound = target;
      others->seek(&bound);
      started = true;
    }
    same = same || (others->valid() && kIndexOrder.filter_key(others->entry().key) == key);
    if (same && !is_free(row)) suspect(key, RowId(row));
    last.assign(key);
    have_last = true;
    // Without an entry of others ahead, and with one run, no more suspects can come.
    if (!others->valid() && own_files_.size() < 2) return;
    own->advance();
  }
}

}  // namespace aegis::storage
