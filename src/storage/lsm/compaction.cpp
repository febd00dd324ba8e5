// Which files are merged, and how. Leveled: all of level 0 into level 1, then from a level that is too large one file
// at a time, in turn, into the next. Tiered: a level with too many runs becomes one run of the next level. Flexible: as
// tiered, but what comes into the last level is merged with it.
#include <algorithm>

#include "lsm/sst_tree.h"

namespace aegis::storage::lsm {

struct SstTree::Task {
  std::vector<Run> inputs;  // newest first; the last may be part of a run
  uint32_t level = 0;       // of the output
  Target target = Target::MergeInto;
  bool bottom = false;      // nothing older is known of the keys
  bool rewrite = false;     // even if files could stay as they are
  bool covered = false;
  std::string smallest;
  std::string largest;

  void cover(const Run& run, KeyOrder order) {
    for (const auto& file : run.files) {
      if (!covered || order.less(file->meta().smallest, smallest)) smallest = file->meta().smallest;
      if (!covered || order.less(largest, file->meta().largest)) largest = file->meta().largest;
      covered = true;
    }
  }
  bool overlaps(const SstFile& file, KeyOrder order) const {
    return !order.less(file.meta().largest, smallest) && !order.less(largest, file.meta().smallest);
  }
  bool has(const SstFile* file) const {
    for (const Run& run : inputs) {
      for (const auto& input : run.files) {
        if (input.get() == file) return true;
      }
    }
    return false;
  }
};

uint64_t SstTree::level_bound(uint32_t level, const TreeOptions& options) const {
  uint64_t bound = options.level_1_bytes;
  for (uint32_t i = 1; i < level; ++i) bound *= options.level_ratio;
  return bound;
}

// The files of the output's level that the task's keys overlap come along.
void SstTree::add_overlapping(const Version& version, Task& task) const {
  for (const Run& run : version.runs) {
    if (run.level != task.level) continue;
    Run part{run.level, {}};
    for (const auto& file : run.files) {
      if (task.overlaps(*file, order())) part.files.push_back(file);
    }
    if (!part.files.empty()) task.inputs.push_back(std::move(part));
  }
}

std::unique_ptr<SstTree::Task> SstTree::pick_runs(const Version& version, uint32_t level,
                                                  const TreeOptions& options) const {
  auto task = std::make_unique<Task>();
  task->level = level + 1;
  for (const Run& run : version.runs) {
    if (run.level != level) continue;
    task->inputs.push_back(run);
    task->cover(run, order());
  }
  uint32_t last_level = version.runs.back().level;
  bool merge = options.style == CompactionStyle::Leveled ||
               (options.style == CompactionStyle::Flexible && task->level >= last_level);
  task->target = merge ? Target::MergeInto : Target::NewRun;
  if (merge) add_overlapping(version, *task);
  return task;
}

std::unique_ptr<SstTree::Task> SstTree::pick_file(const Version& version, size_t run, const TreeOptions&) {
  const auto& files = version.runs[run].files;
  uint32_t level = version.runs[run].level;
  std::string& next_key = next_keys_[level];
  auto file = files.begin();
  if (!next_key.empty()) {
    file = std::find_if(files.begin(), files.end(), [&](const auto& f) { return order().less(next_key, f->meta().smallest); });
    if (file == files.end()) file = files.begin();
  }
  next_key = (*file)->meta().smallest;
  auto task = std::make_unique<Task>();
  task->level = level + 1;
  task->inputs.push_back({level, {*file}});
  task->cover(task->inputs.back(), order());
  add_overlapping(version, *task);
  return task;
}

std::unique_ptr<SstTree::Task> SstTree::pick(const Version& version) {
  TreeOptions options = current_options();
  std::map<uint32_t, uint32_t> run_counts;
  for (const Run& run : version.runs) ++run_counts[run.level];
  std::unique_ptr<Task> task;
  for (auto [level, count] : run_counts) {
    uint32_t bound = level == 0 ? options.runs_at_level_0 : options.level_ratio;
    // A tree whose style was changed may have several runs where there should be one.
    if (level > 0 && options.style == CompactionStyle::Leveled) bound = 2;
    if (count < std::max<uint32_t>(bound, level == 0 ? 1 : 2)) continue;
    task = pick_runs(version, level, options);
    break;
  }
  if (!task && options.style != CompactionStyle::Tiered) {
    for (size_t i = 0; i < version.runs.size() && !task; ++i) {
      const Run& run = version.runs[i];
      bool last = i + 1 == version.runs.size();
      // The last level of a flexible tree moves down as it grows.
      if (run.level == 0 || run.size_bytes() <= level_bound(run.level, options)) continue;
      if (options.style == CompactionStyle::Leveled) {
        task = pick_file(version, i, options);
      } else if (last && run_counts[run.level] == 1) {
        task = pick_runs(version, run.level, options);
      }
    }
  }
  if (!task) return nullptr;
  task->bottom = true;
  for (const Run& run : version.runs) {
    if (run.level < task->level) continue;
    for (const auto& file : run.files) {
      if (!task->has(file.get()) && task->overlaps(*file, order())) task->bottom = false;
    }
  }
  return task;
}

bool SstTree::needs_compaction() const {
  auto version = this->version();
  TreeOptions options = current_options();
  std::map<uint32_t, uint32_t> counts;
  for (const Run& run : version->runs) {
    uint32_t count = ++counts[run.level];
    uint32_t bound = run.level == 0 ? std::max<uint32_t>(1, options.runs_at_level_0)
                     : options.style == CompactionStyle::Leveled ? 2
                                                                 : std::max<uint32_t>(2, options.level_ratio);
    if (count >= bound) return true;
    if (run.level > 0 && options.style == CompactionStyle::Leveled &&
        run.size_bytes() > level_bound(run.level, options)) {
      return true;
    }
  }
  if (options.style != CompactionStyle::Flexible || version->runs.empty()) return false;
  const Run& last = version->runs.back();
  return last.level > 0 && counts[last.level] == 1 && last.size_bytes() > level_bound(last.level, options);
}

bool SstTree::compact_once(uint64_t oldest_sequence) {
  std::lock_guard one_at_a_time(compaction_mutex_);
  auto version = this->version();
  adapt(*version);
  auto task = pick(*version);
  if (!task) return false;
  run(*task, oldest_sequence);
  return true;
}

void SstTree::compact_all(uint64_t oldest_sequence) {
  std::lock_guard one_at_a_time(compaction_mutex_);
  auto version = this->version();
  if (version->runs.empty()) return;
  Task task;
  task.level = std::max<uint32_t>(1, version->runs.back().level);
  task.bottom = true;
  task.rewrite = true;
  for (const Run& run : version->runs) {
    task.inputs.push_back(run);
    task.cover(run, order());
  }
  run(task, oldest_sequence);
}

void SstTree::run(Task& task, uint64_t oldest_sequence) {
  // A file that overlaps nothing needs no rewriting to be one level deeper.
  bool may_move = !task.rewrite && task.inputs.size() == 1 && task.inputs[0].level > 0 && task.target == Target::MergeInto;
  if (may_move && task.bottom) {
    for (const auto& file : task.inputs[0].files) may_move &= file->meta().tombstones == 0;
  }
  if (may_move) {
    replace(task, task.inputs[0].files);
    ++compactions_;
    return;
  }
  RunWriter out(*this, true);
  merge(task, oldest_sequence, out);
  std::vector<std::shared_ptr<SstFile>> outputs;
  for (FileMeta& meta : out.finish()) outputs.push_back(make_file(std::move(meta)));
  if (current_options().sync && !outputs.empty()) files_.sync_directory(directory_);
  replace(task, outputs);
  out.disown();
  for (const Run& input : task.inputs) {
    compaction_read_bytes_ += input.size_bytes();
    for (const auto& file : input.files) file->mark_obsolete();
  }
  for (const auto& file : outputs) compaction_written_bytes_ += file->meta().size_bytes;
  ++compactions_;
}

void SstTree::merge(Task& task, uint64_t oldest_sequence, RunWriter& out) {
  std::vector<std::unique_ptr<EntryCursor>> sources;
  for (const Run& input : task.inputs) {
    sources.push_back(std::make_unique<RunCursor>(input.files, order(), Direction::Forward));
  }
  MergeCursor merge(std::move(sources), order(), Direction::Forward);
  Survivors survivors(oldest_sequence, task.bottom);
  for (merge.seek(nullptr); merge.valid(); merge.advance()) {
    if (survivors.keep(merge.entry())) {
      out.add(merge.entry());
    } else if (on_drop) {
      on_drop(merge.entry());
    }
  }
}

bool Survivors::keep(const Entry& entry) {
  bool same = have_key_ && entry.key == key_;
  // Whoever could see this one sees the newer one instead.
  if (same && (last_sequence_ <= oldest_ || entry.sequence == last_sequence_)) return false;
  if (!same) key_.assign(entry.key);
  have_key_ = true;
  last_sequence_ = entry.sequence;
  return !(entry.kind == EntryKind::Delete && bottom_ && entry.sequence <= oldest_);
}

void SstTree::replace(const Task& task, std::vector<std::shared_ptr<SstFile>> outputs) {
  std::lock_guard guard(version_mutex_);
  auto next = std::make_shared<Version>();
  for (const Run& run : version_->runs) {
    Run kept{run.level, {}};
    for (const auto& file : run.files) {
      if (!task.has(file.get())) kept.files.push_back(file);
    }
    if (!kept.files.empty()) next->runs.push_back(std::move(kept));
  }
  if (!outputs.empty()) insert_run(*next, {task.level, std::move(outputs)}, task.target, order());
  version_ = std::move(next);
}

}  // namespace aegis::storage::lsm
