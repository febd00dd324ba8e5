#include "write/bulk_insert.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <optional>

#include "aegis/base/error.h"

namespace aegis::executor {
namespace {

// A part is no longer than this, unless it has too few rows then to be one.
constexpr size_t kMaxPartBytes = 64 << 20;
// A rest of fewer than one row in so many of a part goes the ordinary way.
constexpr size_t kMinPartShare = 64;

}  // namespace

struct BulkInsert::Task {
  enum class State : uint8_t { Waiting, Running, Done };
  std::mutex mutex;
  std::condition_variable changed;
  State state = State::Waiting;
  Make make;
  RowId first;
  std::unique_ptr<storage::BulkLoad::Part> part;
  std::exception_ptr error;
  std::optional<size_t> failed_row;  // of the part: its keys can't be computed

  bool claim() {
    std::lock_guard guard(mutex);
    if (state != State::Waiting) return false;
    state = State::Running;
    return true;
  }
  void run(const storage::BulkLoad& load) {
    std::vector<Chunk> rows;
    try {
      make(rows);
    } catch (...) {
      error = std::current_exception();
    }
    try {
      if (!error) part = load.encode(first, rows);
    } catch (const SqlError&) {
      error = std::current_exception();
      failed_row = find_failing(load, rows);
    } catch (...) {
      error = std::current_exception();
    }
    make = nullptr;
    std::lock_guard guard(mutex);
    state = State::Done;
    changed.notify_all();
  }
  bool fails(const storage::BulkLoad& load, std::span<const Chunk> rows) {
    try {
      load.encode(first, rows);
      return false;
    } catch (const SqlError&) {
      error = std::current_exception();
      return true;
    }
  }
  // The first row of a part that fails, and its error.
  size_t find_failing(const storage::BulkLoad& load, std::span<const Chunk> rows) {
    size_t before = 0, chunk = 0;
    for (; chunk + 1 < rows.size() && !fails(load, rows.subspan(chunk, 1)); ++chunk) before += rows[chunk].size();
    size_t low = 0, high = rows[chunk].size();
    while (high - low > 1) {
      size_t middle = (low + high) / 2;
      Chunk some;
      for (size_t c = 0; c < rows[chunk].column_count(); ++c) some.add_column(rows[chunk].column(c).type(), rows[chunk].column(c).physical());
      std::vector<uint32_t> selection(middle - low);
      std::iota(selection.begin(), selection.end(), static_cast<uint32_t>(low));
      some.slice_of(rows[chunk], selection.data(), selection.size());
      (fails(load, std::span(&some, 1)) ? high : low) = middle;
    }
    return before + low;
  }
  void wait() {
    std::unique_lock guard(mutex);
    if (state == State::Done) return;
    os::ThreadPool::BlockingScope blocking;
    changed.wait(guard, [&] { return state == State::Done; });
  }
};

BulkInsert::BulkInsert(std::unique_ptr<storage::BulkLoad> load, const ExecutionContext& context)
    : load_(std::move(load)), context_(context), bound_(context.workers == nullptr ? 0 : context.workers->worker_count() + 1) {}

BulkInsert::~BulkInsert() {
  for (auto& task : tasks_) {
    if (!task->claim()) task->wait();
  }
}

void BulkInsert::submit(Make make, uint64_t tag) {
  while (!tasks_.empty() && tasks_.size() >= bound_) take_oldest();
  auto task = std::make_shared<Task>();
  task->make = std::move(make);
  task->first = load_->reserve();
  tags_.emplace_back(task->first.value, tag);
  tasks_.push_back(task);
  if (context_.workers == nullptr) return take_oldest();
  context_.workers->submit([task, load = load_.get()] {
    if (task->claim()) task->run(*load);
  });
}

void BulkInsert::take_oldest() {
  auto task = tasks_.front();
  if (task->claim()) {
    task->run(*load_);
  } else {
    task->wait();
  }
  tasks_.pop_front();
  if (task->error) {
    if (task->failed_row) failed_number_ = number_of(RowId(task->first.value + *task->failed_row));
    std::rethrow_exception(task->error);
  }
  load_->add(std::move(task->part));
}

void BulkInsert::append(const Chunk& rows) {
  for (size_t from = 0; from < rows.size();) {
    if (pending_rows_ == part_rows()) submit_pending();
    if (pending_.empty() || pending_.back().size() == vector::kMaxChunkRows) {
      Chunk& fresh = pending_.emplace_back();
      for (size_t c = 0; c < rows.column_count(); ++c) fresh.add_column(rows.column(c).type(), rows.column(c).physical());
      fresh.reset();
    }
    size_t before = pending_.back().size();
    from += pending_.back().append(rows, from);
    pending_rows_ += pending_.back().size() - before;
    if (pending_.back().size() < vector::kMaxChunkRows) continue;
    for (size_t c = 0; c < rows.column_count(); ++c) pending_bytes_ += pending_.back().column(c).heap().allocated_bytes();
    if (pending_bytes_ > kMaxPartBytes && pending_rows_ * kMinPartShare >= part_rows()) submit_pending();
  }
}

void BulkInsert::submit_pending() {
  auto rows = std::make_shared<std::vector<Chunk>>(std::move(pending_));
  pending_.clear();
  pending_rows_ = pending_bytes_ = 0;
  submit([rows](std::vector<Chunk>& out) { out = std::move(*rows); }, 0);
}

std::vector<Chunk> BulkInsert::take_rest() {
  if (pending_rows_ * kMinPartShare >= part_rows()) submit_pending();
  pending_rows_ = pending_bytes_ = 0;
  return std::move(pending_);
}

void BulkInsert::finish(const storage::BulkLoad::Suspect& suspect) {
  while (!tasks_.empty()) take_oldest();
  load_->finish(suspect);
}

uint64_t BulkInsert::number_of(RowId row) const {
  auto part = std::find_if(tags_.rbegin(), tags_.rend(), [&](const auto& tag) { return tag.first <= row.value; });
  return part == tags_.rend() || part->second == 0 ? 0 : part->second + (row.value - part->first);
}

}  // namespace aegis::executor
