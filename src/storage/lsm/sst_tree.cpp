#include "lsm/sst_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "coding.h"

namespace aegis::storage::lsm {

uint64_t Run::size_bytes() const {
  uint64_t sum = 0;
  for (const auto& file : files) sum += file->meta().size_bytes;
  return sum;
}

namespace {

template <typename F>
uint64_t sum_of(const Version& version, F&& of) {
  uint64_t sum = 0;
  for (const Run& run : version.runs) {
    for (const auto& file : run.files) sum += of(file->meta());
  }
  return sum;
}

}  // namespace

uint64_t Version::size_bytes() const {
  return sum_of(*this, [](const FileMeta& meta) { return meta.size_bytes; });
}
uint64_t Version::file_count() const {
  return sum_of(*this, [](const FileMeta&) { return 1; });
}
uint64_t Version::entry_count() const {
  return sum_of(*this, [](const FileMeta& meta) { return meta.entries - meta.tombstones; });
}
uint64_t Version::tombstone_count() const {
  return sum_of(*this, [](const FileMeta& meta) { return meta.tombstones; });
}
uint64_t Version::max_sequence() const {
  uint64_t most = 0;
  for (const Run& run : runs) {
    for (const auto& file : run.files) most = std::max(most, file->meta().max_sequence);
  }
  return most;
}

// --- RunWriter ---------------------------------------------------------------------------------------------

RunWriter::RunWriter(SstTree& tree, bool budgeted)
    : tree_(tree), options_(tree.current_options()), budgeted_(budgeted) {}

RunWriter::~RunWriter() {
  writer_.reset();
  for (const FileMeta& meta : files_) {
    std::string path = sst_path(tree_.directory_, meta.number);
    try {
      tree_.files_.remove(path);
    } catch (const std::exception& error) {
      log_line(LogLevel::Warning, fmt::format("could not remove file \"{}\": {}", path, error.what()));
    }
  }
}

void RunWriter::add(const Entry& entry) {
  // All entries of a key are in one file, so that files do not overlap.
  if (writer_ && writer_->size_bytes() >= options_.file_bytes && entry.key != last_key_) finish_file();
  if (!writer_) {
    writer_ = std::make_unique<SstWriter>(tree_.files_, tree_.directory_, tree_.numbers_++, options_,
                                          budgeted_ ? tree_.budget_ : nullptr);
  }
  writer_->add(entry);
  last_key_.assign(entry.key);
}

void RunWriter::finish_file() {
  if (!writer_) return;
  files_.push_back(writer_->finish());
  done_bytes_ += files_.back().size_bytes;
  writer_.reset();
}

std::vector<FileMeta> RunWriter::finish() {
  finish_file();
  return files_;
}

// --- SstTree -----------------------------------------------------------------------------------------------

SstTree::SstTree(os::FileSystem& files, BufferPool& pool, std::string directory, const TreeOptions& options,
                 std::atomic<uint64_t>& numbers, IoBudget* budget)
    : files_(files), pool_(pool), directory_(std::move(directory)), options_(options), numbers_(numbers),
      budget_(budget), version_(std::make_shared<Version>()), pinned_(version_) {
  files_.create_directories(directory_);
}

// What the manifest has stays on disk.
SstTree::~SstTree() {
  if (abandoned_) {
    abandon();
    return;
  }
  for (const Run& run : pinned_->runs) {
    for (const auto& file : run.files) file->keep();
  }
}

TreeOptions SstTree::current_options() const {
  std::lock_guard guard(version_mutex_);
  TreeOptions options = options_;
  if (options.style == CompactionStyle::Adaptive) options.style = policy_.style();
  return options;
}

void SstTree::adapt(const Version& version) {
  if (options().style != CompactionStyle::Adaptive) return;
  TreeTotals totals;
  totals.flushes = flushes_;
  totals.flushed_bytes = flushed_bytes_;
  totals.compaction_bytes = compaction_read_bytes_ + compaction_written_bytes_;
  totals.gets = reads_.total(ReadCounts::Gets);
  totals.blocks_read = reads_.total(ReadCounts::FilesAsked) - reads_.total(ReadCounts::Filtered);
  totals.size_bytes = version.size_bytes();
  if (!version.runs.empty()) totals.last_level_bytes = version.runs.back().size_bytes();
  std::lock_guard guard(version_mutex_);
  policy_.observe(totals);
}

void SstTree::set_options(const TreeOptions& options) {
  std::lock_guard guard(version_mutex_);
  size_t suffix = options_.key_suffix;
  options_ = options;
  options_.key_suffix = suffix;
}

std::shared_ptr<SstFile> SstTree::make_file(FileMeta meta) const {
  return std::make_shared<SstFile>(files_, pool_, directory_, std::move(meta), options_, reads_);
}

std::string SstTree::encode(const Version& version) {
  std::string out;
  put_varint(out, version.runs.size());
  for (const Run& run : version.runs) {
    put_varint(out, run.level);
    put_varint(out, run.files.size());
    for (const auto& file : run.files) file->meta().encode(out);
  }
  return out;
}

void SstTree::open(std::string_view bytes, const std::string& source) {
  auto version = std::make_shared<Version>();
  uint64_t runs = 0;
  bool good = get_varint(bytes, runs);
  uint64_t last_number = 0;
  for (uint64_t i = 0; good && i < runs; ++i) {
    uint64_t level, count;
    good = get_varint(bytes, level) && get_varint(bytes, count);
    if (!good) break;
    Run& run = version->runs.emplace_back();
    run.level = static_cast<uint32_t>(level);
    for (uint64_t k = 0; good && k < count; ++k) {
      FileMeta meta;
      good = meta.decode(bytes) && meta.smallest.size() >= options_.key_suffix &&
             meta.largest.size() >= options_.key_suffix;
      if (!good) break;
      last_number = std::max(last_number, meta.number);
      run.files.push_back(make_file(std::move(meta)));
    }
  }
  if (!good || !bytes.empty()) throw_corrupted_block(source, 0);
  uint64_t next = numbers_;
  while (next <= last_number && !numbers_.compare_exchange_weak(next, last_number + 1)) {
  }
  std::lock_guard guard(version_mutex_);
  version_ = version;
  pinned_ = version;
}

std::vector<FileMeta> SstTree::decode_files(std::string_view bytes, const std::string& source) {
  std::vector<FileMeta> metas;
  uint64_t runs = 0;
  bool good = get_varint(bytes, runs);
  for (uint64_t i = 0; good && i < runs; ++i) {
    uint64_t level, count;
    good = get_varint(bytes, level) && get_varint(bytes, count);
    for (uint64_t k = 0; good && k < count; ++k) good = metas.emplace_back().decode(bytes);
  }
  if (!good || !bytes.empty()) throw_corrupted_block(source, 0);
  return metas;
}

void SstTree::remove_strangers() {
  std::set<uint64_t> known;
  auto version = this->version();
  for (const Run& run : version->runs) {
    for (const auto& file : run.files) known.insert(file->meta().number);
  }
  for (const std::string& name : files_.list(directory_)) {
    uint64_t number;
    if (parse_sst_name(name, number) && !known.contains(number)) files_.remove(directory_ + "/" + name);
  }
}

std::shared_ptr<const Version> SstTree::version() const {
  std::lock_guard guard(version_mutex_);
  return version_;
}

void SstTree::pin(std::shared_ptr<const Version> version) {
  std::lock_guard guard(version_mutex_);
  pinned_.swap(version);
  // The one before goes with `version`, after the lock.
}

void SstTree::abandon() {
  std::lock_guard guard(version_mutex_);
  for (const auto* version : {version_.get(), pinned_.get()}) {
    for (const Run& run : version->runs) {
      for (const auto& file : run.files) file->mark_obsolete();
    }
  }
  pinned_ = std::make_shared<Version>();
  abandoned_ = true;
}

void SstTree::add_file_numbers(std::set<uint64_t>& numbers) const {
  std::lock_guard guard(version_mutex_);
  for (const auto* version : {version_.get(), pinned_.get()}) {
    for (const Run& run : version->runs) {
      for (const auto& file : run.files) numbers.insert(file->meta().number);
    }
  }
}

void SstTree::add_file_numbers(std::string_view bytes, std::set<uint64_t>& numbers) {
  uint64_t runs = 0, level, count;
  get_varint(bytes, runs);
  for (uint64_t i = 0; i < runs && get_varint(bytes, level) && get_varint(bytes, count); ++i) {
    FileMeta meta;
    for (uint64_t k = 0; k < count && meta.decode(bytes); ++k) numbers.insert(meta.number);
  }
}

std::vector<std::shared_ptr<SstFile>> SstTree::add_run(RunWriter& writer, bool bulk) {
  std::vector<FileMeta> metas = writer.finish();
  if (metas.empty()) return {};
  Run run;
  for (FileMeta& meta : metas) run.files.push_back(make_file(std::move(meta)));
  TreeOptions options = current_options();
  if (options.sync) files_.sync_directory(directory_);
  uint64_t bytes = run.size_bytes();
  auto files = run.files;
  if (bulk) {
    run.level = 1;
    while (bytes > level_bound(run.level, options)) ++run.level;
  }
  {
    std::lock_guard guard(version_mutex_);
    auto next = std::make_shared<Version>(*version_);
    // Only an empty tree has nothing newer at lower levels.
    if (bulk && !next->runs.empty()) run.level = 0;
    insert_run(*next, std::move(run), Target::NewRun, order());
    version_ = std::move(next);
  }
  writer.disown();
  flushed_bytes_ += bytes;
  ++flushes_;
  return files;
}

void SstTree::remove_files(const std::vector<std::shared_ptr<SstFile>>& files) {
  std::lock_guard one_at_a_time(compaction_mutex_);
  std::lock_guard guard(version_mutex_);
  auto next = std::make_shared<Version>();
  for (const Run& run : version_->runs) {
    Run kept{run.level, {}};
    for (const auto& file : run.files) {
      if (std::find(files.begin(), files.end(), file) == files.end()) {
        kept.files.push_back(file);
      } else {
        file->mark_obsolete();
      }
    }
    if (!kept.files.empty()) next->runs.push_back(std::move(kept));
  }
  version_ = std::move(next);
}

void SstTree::insert_run(Version& version, Run run, Target target, KeyOrder order) {
  auto& runs = version.runs;
  auto at = std::find_if(runs.begin(), runs.end(), [&](const Run& other) { return other.level >= run.level; });
  if (target == Target::NewRun || at == runs.end() || at->level != run.level) {
    runs.insert(at, std::move(run));
    return;
  }
  at->files.insert(at->files.end(), run.files.begin(), run.files.end());
  std::sort(at->files.begin(), at->files.end(), [&](const auto& a, const auto& b) {
    return order.less(a->meta().smallest, b->meta().smallest);
  });
}

TreeStats SstTree::stats() const {
  TreeStats stats;
  auto version = this->version();
  for (const Run& run : version->runs) {
    if (stats.levels.empty() || stats.levels.back().level != run.level) stats.levels.push_back({run.level, 0, 0, 0});
    LevelStats& level = stats.levels.back();
    ++level.runs;
    level.files += run.files.size();
    level.size_bytes += run.size_bytes();
  }
  stats.flushed_bytes = flushed_bytes_;
  stats.compaction_read_bytes = compaction_read_bytes_;
  stats.compaction_written_bytes = compaction_written_bytes_;
  stats.flushes = flushes_;
  stats.compactions = compactions_;
  stats.gets = reads_.total(ReadCounts::Gets);
  stats.files_asked = reads_.total(ReadCounts::FilesAsked);
  stats.filtered = reads_.total(ReadCounts::Filtered);
  stats.learned_hits = reads_.total(ReadCounts::LearnedHits);
  stats.learned_misses = reads_.total(ReadCounts::LearnedMisses);
  return stats;
}

}  // namespace aegis::storage::lsm
