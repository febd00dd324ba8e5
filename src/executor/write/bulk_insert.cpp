#include "write/bulk_insert.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

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

  bool claim() {
    std::lock_guard guard(mutex);
    if (state != State::Waiting) return false;
    state = State::Running;
    return true;
  }
  void run(const storage::BulkLoad& load) {
    try {
      std::vector<Chunk> rows;
      make(rows);
      part = load.encode(first, rows);
    } catch (...) {
      error = std::current_exception();
    }
    make = nullptr;
    std::lock_guard guard(mutex);
    state = State::Done;
    changed.notify_all();
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
  if (task->error) std::rethrow_exception(task->error);
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
