#include <algorithm>
#include <mutex>

#include "aegis/base/error.h"
#include "aegis/storage/transaction.h"

namespace aegis::storage {
namespace {

constexpr uint64_t kEndedBit = uint64_t{1} << 63;
constexpr uint64_t kReserved = uint64_t{1} << 62;
constexpr uint64_t kIdMask = kReserved - 1;
constexpr Timestamp kAbortedTs = ~uint64_t{0};
constexpr Timestamp kOnwards = ~uint64_t{0};

}  // namespace

// `owner` is the TxnId that has or last had the slot: with kEndedBit once it is over, kReserved while the next one
// moves in.
struct alignas(64) TransactionTable::Slot {
  std::atomic<uint64_t> owner{kEndedBit};
  std::atomic<Timestamp> commit_ts{0};
  std::atomic<Timestamp> snapshot{0};  // the oldest
  std::atomic<Timestamp> newest{0};    // since there is an oldest one, or kOnwards; valid when that is set
};

const LiveSnapshots::Span* LiveSnapshots::who_sees(Timestamp begin, Timestamp end) const {
  auto behind = std::partition_point(spans.begin(), spans.end(), [&](const Span& span) { return span.oldest < end; });
  if (behind == spans.begin()) return nullptr;
  const Span& last = *(behind - 1);
  return last.newest >= begin ? &last : nullptr;
}

struct TransactionTable::Horizon {
  std::mutex mutex;
  Timestamp last = 0;
  std::atomic<uint64_t> oldest_hint{0};  // every TxnId below has ended
};

TransactionTable::TransactionTable() : slots_(new Slot[kSlots]), scan_(std::make_unique<Horizon>()) {}
TransactionTable::~TransactionTable() = default;

TransactionTable::Slot& TransactionTable::slot(TxnId txn) const { return slots_[txn.value % kSlots]; }

TxnId TransactionTable::begin() {
  for (size_t attempt = 0; attempt < 2 * kSlots; ++attempt) {
    TxnId txn(next_id_.fetch_add(1, std::memory_order_relaxed));
    Slot& s = slot(txn);
    uint64_t owner = s.owner.load(std::memory_order_relaxed);
    if ((owner & kEndedBit) == 0) continue;
    if (!s.owner.compare_exchange_strong(owner, kReserved, std::memory_order_acquire)) continue;
    s.commit_ts.store(0, std::memory_order_relaxed);
    s.snapshot.store(0, std::memory_order_relaxed);
    s.owner.store(txn.value, std::memory_order_seq_cst);
    return txn;
  }
  throw SqlError(Sqlstate::TooManyConnections, "sorry, too many transactions already");
}

TxnStatus TransactionTable::status(TxnId txn, Timestamp* commit_ts) const {
  Slot& s = slot(txn);
  if (s.owner.load(std::memory_order_acquire) != txn.value) return TxnStatus::Ended;
  Timestamp ts = s.commit_ts.load(std::memory_order_acquire);
  if (s.owner.load(std::memory_order_acquire) != txn.value) return TxnStatus::Ended;
  if (ts == 0) return TxnStatus::InProgress;
  if (ts == kAbortedTs) return TxnStatus::Aborted;
  if (commit_ts != nullptr) *commit_ts = ts;
  return TxnStatus::Committed;
}

void TransactionTable::set_oldest_snapshot(TxnId txn, Timestamp ts) {
  slot(txn).snapshot.store(ts, std::memory_order_seq_cst);
}

// Whoever computes the live snapshots publishes their bound before it looks at the slots: either it sees a registration,
// or that one sees the bound and takes a newer timestamp.
Timestamp TransactionTable::register_snapshot(TxnId txn, SnapshotHold hold) {
  Slot& s = slot(txn);
  for (;;) {
    Timestamp ts = visible_ts_.load(std::memory_order_seq_cst);
    // First, so that who sees the oldest one sees this.
    s.newest.store(hold == SnapshotHold::Onwards ? kOnwards : ts, std::memory_order_relaxed);
    s.snapshot.store(ts, std::memory_order_seq_cst);
    if (bound_.load(std::memory_order_seq_cst) <= ts) return ts;
  }
}

Timestamp TransactionTable::extend_snapshot(TxnId txn, SnapshotHold hold) {
  Slot& s = slot(txn);
  for (;;) {
    Timestamp ts = visible_ts_.load(std::memory_order_seq_cst);
    const Timestamp before = s.newest.load(std::memory_order_relaxed);
    s.newest.store(hold == SnapshotHold::Onwards ? kOnwards : std::max(before, ts), std::memory_order_seq_cst);
    if (bound_.load(std::memory_order_seq_cst) <= ts) return ts;
  }
}

void TransactionTable::find_spans(LiveSnapshots& live) const {
  uint64_t end = next_id_.load(std::memory_order_seq_cst);
  uint64_t from = scan_->oldest_hint.load(std::memory_order_relaxed);
  const Timestamp now = live.present;
  const Timestamp young = young_.load(std::memory_order_relaxed);
  auto look = [&](const Slot& s) {
    Timestamp oldest = s.snapshot.load(std::memory_order_seq_cst);
    if (oldest == 0 || oldest >= now) return;
    Timestamp newest = s.newest.load(std::memory_order_seq_cst);
    live.horizon = std::min(live.horizon, oldest);
    if (newest == kOnwards) live.onwards = std::min(live.onwards, oldest);
    if (newest == kOnwards || oldest + young > now) {
      live.present = std::min(live.present, oldest);
    } else {
      live.spans.push_back({oldest, newest});
    }
  };
  if (end - from >= kSlots) {
    for (size_t i = 0; i < kSlots; ++i) look(slots_[i]);
  } else {
    for (uint64_t id = from; id < end; ++id) look(slot(TxnId(id)));
  }
}

void TransactionTable::advance_hint() {
  uint64_t end = next_id_.load(std::memory_order_seq_cst);
  uint64_t id = scan_->oldest_hint.load(std::memory_order_relaxed);
  for (; id < end; ++id) {
    uint64_t owner = slot(TxnId(id)).owner.load(std::memory_order_seq_cst);
    if (owner == kReserved) break;
    bool over = (owner & kIdMask) > id || owner == (id | kEndedBit);
    // The id was passed over when an older transaction had its slot: nobody will have it.
    bool skipped = (owner & kIdMask) < id && end - id > kSlots;
    if (!over && !skipped) break;
  }
  scan_->oldest_hint.store(id, std::memory_order_relaxed);
}

LiveSnapshots TransactionTable::live_snapshots() {
  std::lock_guard guard(scan_->mutex);
  advance_hint();
  LiveSnapshots live = LiveSnapshots::from(visible_ts_.load(std::memory_order_seq_cst));
  bound_.store(live.present, std::memory_order_seq_cst);
  find_spans(live);
  // Somebody may be about to take a newer timestamp.
  live.horizon = scan_->last = std::max(scan_->last, live.horizon);
  std::erase_if(live.spans, [&](const LiveSnapshots::Span& span) { return span.oldest >= live.present; });
  std::sort(live.spans.begin(), live.spans.end(), [](const auto& a, const auto& b) { return a.oldest < b.oldest; });
  size_t count = 0;
  for (const LiveSnapshots::Span& span : live.spans) {
    if (count > 0 && span.oldest <= live.spans[count - 1].newest) {
      live.spans[count - 1].newest = std::max(live.spans[count - 1].newest, span.newest);
    } else {
      live.spans[count++] = span;
    }
  }
  live.spans.resize(count);
  return live;
}

TxnId TransactionTable::next_id() const { return TxnId(next_id_.load(std::memory_order_relaxed)); }

TxnId TransactionTable::oldest_running() const {
  uint64_t end = next_id_.load(std::memory_order_seq_cst);
  uint64_t oldest = end;
  for (size_t i = 0; i < kSlots; ++i) {
    uint64_t owner = slots_[i].owner.load(std::memory_order_acquire);
    if ((owner & (kEndedBit | kReserved)) == 0) oldest = std::min(oldest, owner);
  }
  return TxnId(oldest);
}

Timestamp TransactionTable::publish(TxnId txn) {
  Timestamp ts = visible_ts_.load(std::memory_order_relaxed) + 1;
  slot(txn).commit_ts.store(ts, std::memory_order_release);
  visible_ts_.store(ts, std::memory_order_seq_cst);
  return ts;
}

void TransactionTable::tick() {
  visible_ts_.store(visible_ts_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
}

void TransactionTable::abort(TxnId txn) { slot(txn).commit_ts.store(kAbortedTs, std::memory_order_release); }

void TransactionTable::release(TxnId txn) {
  Slot& s = slot(txn);
  s.snapshot.store(0, std::memory_order_release);
  s.owner.store(txn.value | kEndedBit, std::memory_order_seq_cst);
}

void TransactionTable::restart_from(TxnId next, Timestamp visible) {
  next_id_ = next.value;
  visible_ts_ = visible;
  scan_->oldest_hint = next.value;
}

}  // namespace aegis::storage
