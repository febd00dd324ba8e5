#include "aegis/storage/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "cache/buffer_pool.h"
#include "checkpoint/manifest.h"
#include "column/value_filter.h"
#include "engine/redo.h"
#include "index/memory_index.h"
#include "index/tree_cursor.h"
#include "lsm/filter.h"
#include "lsm/sst_tree.h"
#include "reclaimer.h"
#include "segment/segment_file.h"
#include "table/memory_table.h"
#include "wal/log_format.h"
#include "wal/log_reader.h"

namespace aegis::storage {
namespace {

constexpr size_t kPoolBytes = 16 << 20;
// Of one index; more are counted only.
constexpr size_t kMaxProblems = 20;
constexpr size_t kCommonKeyRows = 200;

class Verifier {
 public:
  Verifier(os::FileSystem& files, std::string directory)
      : files_(files), directory_(std::move(directory)), pool_({.capacity_bytes = kPoolBytes}), values_(files, pool_, path("vlog")) {}

  VerifyReport take() { return std::move(report_); }
  void check_segment_of(const SegmentStatus& segment) {
    ++report_.segments;
    attempt([&] { check_segment(path(segment.file), segment.table, {}); });
  }

  VerifyReport run() {
    Manifest manifest;
    bool good = attempt([&] {
      std::string name = decode_current(files_.read_file(path("CURRENT")), path("CURRENT"));
      manifest = decode_manifest(files_.read_file(path(name)), path(name));
    });
    if (!good) return std::move(report_);
    for (const ManifestTable& table : manifest.tables) check_table(table);
    for (const ManifestIndex& index : manifest.indexes) check_index(index);
    check_log(manifest.redo);
    return std::move(report_);
  }

 private:
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  // False if it found a problem.
  template <typename F>
  bool attempt(F&& check) {
    try {
      check();
      return true;
    } catch (const std::exception& error) {
      ErrorFields fields = error_fields_of(error);
      report_.problems.push_back(fields.detail.empty() ? fields.message : fields.message + ": " + fields.detail);
      return false;
    }
  }

  void check_table(const ManifestTable& item) {
    ++report_.tables;
    SegmentOptions options;
    options.values = &values_;
    for (const ManifestSegment& segment : item.segments) {
      ++report_.segments;
      report_.segment_files.push_back(segment.file);
      attempt([&] { options = check_segment(path(segment.file), item.id, segment.groups); });
    }
    if (item.file.empty()) return;
    ++report_.row_files;
    attempt([&] {
      TransactionTable transactions;
      Reclaimer reclaimer(transactions);
      auto table = std::make_shared<MemoryTable>(item.id, item.schema, transactions, reclaimer, options);
      std::vector<std::shared_ptr<RowGroup>> groups;
      for (const ManifestSegment& segment : item.segments) {
        auto file = SegmentFile::open(files_, pool_, path(segment.file), &values_);
        for (uint64_t index : segment.groups) groups.push_back(std::make_shared<RowGroup>(file, index));
      }
      table->adopt_groups(groups);
      read_table_file(files_, path(item.file), *table);
      values_.open_all();
      table->for_each_version([&](RowId, const Version& version) {
        for (const ValueReference& reference : references_of(version)) check_value(reference);
      });
    });
  }

  void check_value(const ValueReference& reference) {
    std::string value(reference.size_bytes, '\0');
    values_.read(reference, value.data());
    if (hash_bytes(value) != reference.hash || string_zone_key(value) != reference.zone_key) {
      throw_corrupted_segment(reference.file->path(), reference.offset);
    }
    ++report_.values;
    report_.value_bytes += reference.length;
  }

  SegmentOptions check_segment(const std::string& file_path, TableId table, const std::vector<uint64_t>& groups) {
    auto file = SegmentFile::open(files_, pool_, file_path, &values_);
    const SegmentFooter& footer = file->footer();
    SegmentOptions options;
    options.group_rows = footer.group_rows;
    options.block_rows = footer.block_rows;
    options.values = &values_;
    if (footer.table != table.value) throw_corrupted_segment(file_path, 0);
    for (uint64_t index : groups) {
      if (index >= footer.groups.size()) throw_corrupted_segment(file_path, 0);
    }
    check_head(file_path);
    for (uint64_t index = 0; index < footer.groups.size(); ++index) {
      bool wanted = std::find(groups.begin(), groups.end(), index) != groups.end();
      // One that is not in use any more may refer to what is gone.
      if (!wanted && !has_value_files(footer.groups[index])) continue;
      RowGroup group(file, index);
      values_.open_all();
      for (size_t c = 0; c < group.info().chunks.size(); ++c) check_chunk(group, c);
    }
    return options;
  }

  bool has_value_files(const GroupInfo& group) {
    return std::all_of(group.value_files.begin(), group.value_files.end(),
                       [&](const auto& item) { return files_.exists(values_.path_of(item.first)); });
  }

  // Both ends have the same magic number; nobody else reads the first.
  void check_head(const std::string& file_path) {
    std::string head(sizeof(uint64_t), '\0'), tail(sizeof(uint64_t), '\0');
    auto file = files_.open(file_path, os::OpenMode::Read);
    file->read_at(0, head);
    file->read_at(file->size() - tail.size(), tail);
    if (head != tail) throw_corrupted_segment(file_path, 0);
  }

  void check_filter(const SegmentFile& file, const GroupInfo& group, const ChunkInfo& chunk, size_t first, size_t count,
                    const vector::Vector& values, std::span<const ApartValue> apart) {
    BlockRef filter = file.read_filter(chunk);
    vector::VectorView view = values.view();
    for (size_t i = 0; i < count; ++i) {
      if (!group.has(first + i) || !view.valid(i)) continue;
      if (std::any_of(apart.begin(), apart.end(), [&](const ApartValue& value) { return value.at == i; })) continue;
      const std::byte* slot = view.bytes + i * types::physical_size(chunk.type);
      if (lsm::filter_may_contain(filter.payload(), value_hash(chunk.type, slot))) continue;
      throw_corrupted_segment(file.path(), chunk.filter_offset);
    }
  }

  void check_apart(const RowGroup& group, const ChunkInfo& chunk, std::span<const ApartValue> apart) {
    for (const ApartValue& value : apart) {
      check_value(value.reference);
      if (chunk.filter_bytes == 0 || lsm::filter_may_contain(group.file().read_filter(chunk).payload(), value.reference.hash)) continue;
      throw_corrupted_segment(group.file().path(), chunk.filter_offset);
    }
  }

  void check_chunk(const RowGroup& row_group, size_t column) {
    const SegmentFile& file = row_group.file();
    const SegmentFooter& footer = file.footer();
    const GroupInfo& group = row_group.info();
    const ChunkInfo& chunk = group.chunks[column];
    for (size_t b = 0; b < chunk.ends.size(); ++b) {
      ++report_.segment_blocks;
      attempt([&] {
        size_t count = std::min<size_t>(footer.block_rows, group.end - b * footer.block_rows);
        vector::Vector values(kInvalidOid, chunk.type);
        std::vector<ApartValue> apart;
        row_group.read(column, b * footer.block_rows, count, values, 0, &apart);
        if (chunk.filter_bytes > 0) check_filter(file, group, chunk, b * footer.block_rows, count, values, apart);
        check_apart(row_group, chunk, apart);
      });
    }
  }

  void check_index(const ManifestIndex& item) {
    ++report_.indexes;
    std::vector<lsm::FileMeta> metas;
    if (!attempt([&] { metas = lsm::SstTree::decode_files(item.files, path("CURRENT")); })) return;
    for (const lsm::FileMeta& meta : metas) {
      ++report_.index_files;
      attempt([&] {
        lsm::TreeOptions options;
        options.key_suffix = kRowSuffix;
        lsm::ReadCounts counts;
        lsm::SstFile file(files_, pool_, path(item.directory.empty() ? "idx" : item.directory), meta, options, counts);
        file.verify();
        report_.index_entries += meta.entries;
      });
    }
  }

  void check_log(Lsn redo) {
    Lsn first = redo;
    for (const std::string& name : files_.list(path("wal"))) {
      Lsn start;
      if (!parse_segment_name(name, start)) continue;
      ++report_.log_files;
      // A file that a checkpoint has left behind is read from its beginning, as far as there are no gaps.
      if (start < first && start < redo) first = start;
    }
    Lsn end = first;
    attempt([&] {
      LogReader reader(files_, path("wal"));
      end = reader.read(first, [&](const std::vector<std::string_view>&) { ++report_.log_batches; });
      if (end < redo) {
        throw StorageError(Sqlstate::DataCorrupted, fmt::format("the write-ahead log in \"{}\" ends at offset {:X}, before {:X} where "
                                                                "recovery begins", path("wal"), end.value, redo.value));
      }
    });
    report_.log_bytes = end.value - first.value;
  }

  os::FileSystem& files_;
  std::string directory_;
  BufferPool pool_;
  ValueStore values_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify_files(os::FileSystem& files, const std::string& directory) { return Verifier(files, directory).run(); }

void verify_other_segments(os::FileSystem& files, const std::string& directory, const Engine& engine, VerifyReport& report) {
  Verifier verifier(files, directory);
  for (const SegmentStatus& segment : engine.segments()) {
    bool known = std::find(report.segment_files.begin(), report.segment_files.end(), segment.file) != report.segment_files.end();
    if (!known) verifier.check_segment_of(segment);
  }
  VerifyReport others = verifier.take();
  report.segments += others.segments;
  report.segment_blocks += others.segment_blocks;
  report.problems.insert(report.problems.end(), others.problems.begin(), others.problems.end());
}

namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes.substr(0, 40)) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return bytes.size() > 40 ? text + "…" : text;
}

class IndexVerifier {
 public:
  IndexVerifier(const MemoryIndex& index, const Snapshot& snapshot, bool unique)
      : index_(index), table_(index.table()), snapshot_(snapshot), unique_(unique), entries_(table_.end_row().value) {}

  IndexReport run() {
    read_entries();
    check_rows();
    return std::move(report_);
  }

 private:
  void problem(const std::string& text) {
    if (report_.problems.size() < kMaxProblems) report_.problems.push_back(text);
  }

  // Entries that lead to rows: one a row and key, in order, and of unique keys one in all.
  void read_entries() {
    auto cursor = index_.scan({}, ScanDirection::Forward);
    std::vector<IndexEntry> batch(1024);
    std::string last, key, last_match;
    RowId last_row;
    bool begun = false, matched = false;
    const Layout& layout = table_.layout();
    while (size_t n = cursor->next(batch)) {
      for (size_t i = 0; i < n; ++i) {
        const IndexEntry& entry = batch[i];
        if (begun && (entry.key < last || (entry.key == last && entry.row <= last_row))) problem("entries are out of order");
        begun = true;
        last.assign(entry.key);
        last_row = entry.row;
        RowImage row = table_.visible(snapshot_, entry.row, index_.read_columns());
        bool has_null = false;
        if (!row || !has_key(layout, *row, entry.key, key, has_null)) {
          ++report_.stale_entries;
          continue;
        }
        ++report_.entries;
        ++entries_[entry.row.value];
        if (unique_ && !has_null && matched && last_match == key) problem(fmt::format("two rows have the key {}", hex(key)));
        matched = !has_null;
        if (matched) last_match = key;
      }
    }
  }

  bool has_key(const Layout& layout, const Version& row, std::string_view wanted, std::string& key, bool& has_null) const {
    if (!index_.definition().inverted) return index_.key_of(layout, row, key, &has_null) && key == wanted;
    std::vector<std::string> keys;
    index_.keys_of(layout, row, keys);
    return std::find(keys.begin(), keys.end(), wanted) != keys.end();
  }

  void check_rows() {
    std::vector<std::string> keys;
    std::vector<RowId> rows;
    uint64_t keyed = 0;
    std::set<std::string> common_keys;
    const Layout& layout = table_.layout();
    for (uint64_t id = 1; id < table_.end_row().value; ++id) {
      RowImage row = table_.visible(snapshot_, RowId(id), index_.read_columns());
      if (!row) continue;
      ++report_.rows;
      keys.clear();
      index_.keys_of(layout, *row, keys);
      keyed += keys.size();
      if (entries_[id] != keys.size()) {
        problem(fmt::format("row {} has {} entries with its {} keys", id, entries_[id], keys.size()));
        continue;
      }
      for (const std::string& key : keys) {
        // A key that many rows have is looked up once.
        if (common_keys.contains(key)) continue;
        rows.clear();
        index_.lookup(key, rows);
        auto count = std::count(rows.begin(), rows.end(), RowId(id));
        if (count != 1) problem(fmt::format("row {} is found {} times by its key {}", id, count, hex(key)));
        if (rows.size() > kCommonKeyRows) common_keys.insert(key);
      }
    }
    if (keyed != report_.entries) problem(fmt::format("{} rows have a key, {} entries lead to them", keyed, report_.entries));
  }

  const MemoryIndex& index_;
  const MemoryTable& table_;
  const Snapshot snapshot_;
  const bool unique_;
  std::vector<uint32_t> entries_;  // that lead to each row
  IndexReport report_;
};

}  // namespace

IndexReport verify_index(const Engine&, const Index& index, const Snapshot& snapshot, bool unique) {
  return IndexVerifier(static_cast<const MemoryIndex&>(index), snapshot, unique).run();
}

}  // namespace aegis::storage
