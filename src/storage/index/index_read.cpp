// Lookups and scans of an index.
#include <algorithm>

#include "index/index_read.h"
#include "index/tree_cursor.h"

namespace aegis::storage {

// --- Lookups -----------------------------------------------------------------------------------------------

namespace {

// What one source says of a row; sources are numbered from the newest.
struct Claim {
  uint64_t row;
  uint32_t source;
  bool deleted;
};

void collect_claims(const lsm::Run& run, uint32_t source, std::string_view key, std::string_view from, uint64_t hash,
                    lsm::DataBlockReader& reader, std::vector<Claim>& claims) {
  auto file = std::partition_point(run.files.begin(), run.files.end(), [&](const auto& f) {
    return kIndexOrder.less(f->meta().largest, from);
  });
  // A key's rows may go on in the next file.
  for (; file != run.files.end(); ++file) {
    std::string_view smallest = (*file)->meta().smallest;
    if (kIndexOrder.filter_key(smallest) > key) return;
    (*file)->visit_key(key, from, hash, reader, [&](const lsm::Entry& entry) {
      claims.push_back({row_of(entry.key), source, entry.kind == lsm::EntryKind::Delete});
      return true;
    });
  }
}

}  // namespace

void MemoryIndex::collect_rows(const State& state, std::string_view key, std::vector<RowId>& rows) const {
  thread_local std::vector<Claim> claims;  // keeps its memory
  claims.clear();
  uint32_t source = 0;
  auto collect_memtable = [&](const IndexMemtable& table) {
    if (!table.empty()) visit_rows(table, key, [&](uint64_t row, bool deleted) {
      claims.push_back({row, source, deleted});
      return true;
    });
    ++source;
  };
  collect_memtable(*state.active);
  for (const auto& table : state.frozen) collect_memtable(*table);
  if (state.has_files()) {
    tree_->read_counts().add(lsm::ReadCounts::Gets);
    thread_local std::string from;
    from.assign(key);
    append_row(from, 0);
    uint64_t hash = lsm::filter_hash(key);
    thread_local lsm::DataBlockReader reader;
    for (const lsm::Run& run : state.files->runs) collect_claims(run, source++, key, from, hash, reader, claims);
  }
  if (claims.size() > 1) std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
    return a.row != b.row ? a.row < b.row : a.source < b.source;
  });
  for (size_t i = 0; i < claims.size(); ++i) {
    if (i > 0 && claims[i].row == claims[i - 1].row) continue;
    if (!claims[i].deleted) rows.push_back(RowId(claims[i].row));
  }
}

void MemoryIndex::lookup(std::string_view key, std::vector<RowId>& rows) const {
  for_each_row(key, [&](RowId row) {
    rows.push_back(row);
    return true;
  });
}

// --- Scans -------------------------------------------------------------------------------------------------

namespace {

// Whether a scan's far bound lets the key pass.
bool is_inside(const KeyRange& range, ScanDirection direction, std::string_view key) {
  if (direction == ScanDirection::Forward) {
    if (!range.upper) return true;
    int order = key.compare(*range.upper);
    return order < 0 || (order == 0 && range.upper_inclusive);
  }
  if (!range.lower) return true;
  int order = key.compare(*range.lower);
  return order > 0 || (order == 0 && range.lower_inclusive);
}

}  // namespace

// Over an index that is one tree in memory.
class MemoryIndex::Cursor final : public IndexCursor {
 public:
  Cursor(std::shared_ptr<const BTree> tree, KeyRange range, ScanDirection direction)
      : tree_(std::move(tree)), range_(std::move(range)), direction_(direction) {
    bool forward = direction == ScanDirection::Forward;
    const auto& start = forward ? range_.lower : range_.upper;
    bool inclusive = forward ? range_.lower_inclusive : range_.upper_inclusive;
    if (!start) {
      from_end_ = !forward;
    } else {
      key_ = *start;
      // Places before or behind all rows of the key.
      row_ = inclusive == forward ? 0 : ~uint64_t{0};
    }
  }

  size_t next(std::span<IndexEntry> out) override {
    Reclaimer::Pin pin(tree_->reclaimer());
    size_t count = 0;
    bytes_.clear();
    while (!done_ && count < out.size()) {
      const TreeEntry* batch[64];
      std::span<const TreeEntry*> part(batch, std::min<size_t>(64, out.size() - count));
      const TreeEntry* more = nullptr;
      TreeProbe probe = from_end_ ? TreeProbe::behind_all() : TreeProbe(key_, row_);
      size_t n = direction_ == ScanDirection::Forward ? tree_->read_forward(probe, part, more)
                                                      : tree_->read_backward(probe, part, more);
      for (size_t i = 0; i < n; ++i) {
        if (!is_inside(range_, direction_, batch[i]->key())) {
          done_ = true;
          break;
        }
        if (batch[i]->deleted) continue;
        bytes_.append(batch[i]->key());
        out[count++] = {{nullptr, batch[i]->size}, RowId(batch[i]->row)};
      }
      if (!done_) advance(more, n > 0 && more == batch[n - 1]);
    }
    const char* at = bytes_.data();
    for (size_t i = 0; i < count; at += out[i++].key.size()) out[i].key = {at, out[i].key.size()};
    return count;
  }

 private:
  void advance(const TreeEntry* more, bool is_last_entry) {
    if (more == nullptr) {
      done_ = true;
      return;
    }
    from_end_ = false;
    key_ = more->key();
    row_ = more->row;
    if (is_last_entry && direction_ == ScanDirection::Forward) ++row_;
    if (!is_last_entry && direction_ == ScanDirection::Forward && !is_inside(range_, direction_, key_)) done_ = true;
  }

  std::shared_ptr<const BTree> tree_;
  KeyRange range_;
  ScanDirection direction_;
  std::string key_;  // where to go on: forward from here, backward before here
  uint64_t row_ = 0;
  bool from_end_ = false;
  bool done_ = false;
  std::string bytes_;  // of the keys handed out last: entries may go meanwhile
};

// Over several trees and files: of each (key, row) the newest word counts.
class MemoryIndex::MergedCursor final : public IndexCursor {
 public:
  MergedCursor(const State& state, KeyRange range, ScanDirection direction)
      : state_(state), range_(std::move(range)), direction_(direction),
        merge_(sources_of(state_, walk()), kIndexOrder, walk()) {}

  size_t next(std::span<IndexEntry> out) override {
    if (!started_) start();
    bytes_.clear();
    ends_.clear();
    while (merge_.valid() && ends_.size() < out.size()) {
      const lsm::Entry& entry = merge_.entry();
      std::string_view key = kIndexOrder.filter_key(entry.key);
      if (!is_inside(range_, direction_, key)) break;
      last_.assign(entry.key);
      if (entry.kind != lsm::EntryKind::Delete) {
        bytes_.append(key);
        out[ends_.size()].row = RowId(row_of(entry.key));
        ends_.push_back(bytes_.size());
      }
      do {
        merge_.advance();
      } while (merge_.valid() && merge_.entry().key == last_);
    }
    for (size_t i = 0; i < ends_.size(); ++i) {
      size_t from = i == 0 ? 0 : ends_[i - 1];
      out[i].key = {bytes_.data() + from, ends_[i] - from};
    }
    return ends_.size();
  }

 private:
  lsm::Direction walk() const {
    return direction_ == ScanDirection::Forward ? lsm::Direction::Forward : lsm::Direction::Backward;
  }
  void start() {
    started_ = true;
    bool forward = direction_ == ScanDirection::Forward;
    const auto& from = forward ? range_.lower : range_.upper;
    if (!from) return merge_.seek(nullptr);
    bool inclusive = forward ? range_.lower_inclusive : range_.upper_inclusive;
    std::string bound = *from;
    append_row(bound, inclusive == forward ? 0 : ~uint64_t{0});
    std::string_view view = bound;
    merge_.seek(&view);
  }

  const State state_;  // keeps files and trees
  KeyRange range_;
  ScanDirection direction_;
  lsm::MergeCursor merge_;
  bool started_ = false;
  std::string last_;
  std::string bytes_;  // of the keys handed out last
  std::vector<size_t> ends_;
};

std::vector<std::unique_ptr<lsm::EntryCursor>> MemoryIndex::sources_of(const State& state, lsm::Direction direction) {
  std::vector<std::unique_ptr<lsm::EntryCursor>> all;
  all.push_back(state.active->cursor(direction));
  for (const auto& table : state.frozen) all.push_back(table->cursor(direction));
  if (state.has_files()) {
    for (const lsm::Run& run : state.files->runs) {
      all.push_back(std::make_unique<lsm::RunCursor>(run.files, kIndexOrder, direction));
    }
  }
  return all;
}

std::unique_ptr<lsm::MergeCursor> MemoryIndex::Others::cursor() const {
  return std::make_unique<lsm::MergeCursor>(sources_of(state, lsm::Direction::Forward), kIndexOrder,
                                            lsm::Direction::Forward);
}

std::unique_ptr<IndexCursor> MemoryIndex::scan(KeyRange range, ScanDirection direction) const {
  UseGate::Scope scope(gate_);
  const State& state = this->state();
  if (state.is_single()) return std::make_unique<Cursor>(std::shared_ptr<const BTree>(state.active, state.active->btree()), std::move(range), direction);
  return std::make_unique<MergedCursor>(state, std::move(range), direction);
}

}  // namespace aegis::storage
