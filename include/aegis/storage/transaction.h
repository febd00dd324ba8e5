// What storage knows of transactions: who is running, what a snapshot sees, what a transaction has written.
//
// Commit timestamps count published transactions. A version carries its creator's TxnId until that transaction
// has been published and the timestamp afterwards; publishing is one store, so all of a transaction's versions
// become visible at once. Memory that a registered snapshot may see is not freed while it is registered: the
// out-of-line bytes of scanned chunks stay valid that long. What no registered snapshot sees goes, also when older ones
// are registered.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/fwd.h"

namespace aegis::storage {

using Timestamp = uint64_t;
// A snapshot with this timestamp sees whatever is committed at the time of each look.
inline constexpr Timestamp kLatest = (uint64_t{1} << 63) - 1;
inline constexpr uint32_t kEveryCommand = ~uint32_t{0};

// What a statement sees: transactions published up to read_ts, and of its own transaction the commands before
// `command` (so that a statement does not meet the rows it is writing).
struct Snapshot {
  Timestamp read_ts = 0;
  TxnId txn{};
  uint32_t command = 0;
};

enum class TxnStatus : uint8_t {
  InProgress,
  Committed,
  Aborted,
  Ended,  // committed or aborted, and all its versions say which
};

// What a registered snapshot keeps: what was visible at some time from its timestamp to the transaction's newest one,
// or whatever is visible from then on (whoever reads with kLatest, or remembers pointers).
enum class SnapshotHold : uint8_t { Seen, Onwards };

// Which versions somebody sees, or may come to see.
struct LiveSnapshots {
  struct Span {
    Timestamp oldest;
    Timestamp newest;
  };
  Timestamp horizon = 0;    // no registered snapshot is older
  Timestamp present = 0;    // whatever is not in `spans` is not older; whatever registers later neither
  Timestamp onwards = 0;    // no snapshot registered with SnapshotHold::Onwards is older, nor will be
  std::vector<Span> spans;  // disjoint, ascending, all begin before `present`

  // Nothing but what is not older than `horizon`.
  static LiveSnapshots from(Timestamp horizon) { return {horizon, horizon, horizon, {}}; }
  // Who may see a version visible from `begin` to before `end`: the last such span, null if there is none. `end` is
  // not behind `present`.
  const Span* who_sees(Timestamp begin, Timestamp end) const;
};

// Every running transaction has a slot, found from its TxnId without a search. Lock free.
class TransactionTable {
 public:
  TransactionTable();
  ~TransactionTable();
  TransactionTable(const TransactionTable&) = delete;
  TransactionTable& operator=(const TransactionTable&) = delete;

  // TxnIds increase. Throws SqlError 53300 when too many run.
  TxnId begin();
  TxnStatus status(TxnId txn, Timestamp* commit_ts = nullptr) const;
  // The oldest snapshot `txn` holds, 0 for none; while set, nothing it sees is freed.
  void set_oldest_snapshot(TxnId txn, Timestamp ts);
  // Registers and returns the newest timestamp as the oldest snapshot of `txn`, which must hold none.
  Timestamp register_snapshot(TxnId txn, SnapshotHold hold = SnapshotHold::Onwards);
  // The same beside an older one, which stays the oldest.
  Timestamp extend_snapshot(TxnId txn, SnapshotHold hold);
  Timestamp visible_ts() const { return visible_ts_.load(std::memory_order_acquire); }
  // No registered snapshot is older, and none ever will be.
  Timestamp horizon() { return live_snapshots().horizon; }
  LiveSnapshots live_snapshots();
  TxnId next_id() const;
  // The lowest TxnId still running, or next_id().
  TxnId oldest_running() const;

  // For the engine. publish() makes `txn` visible under the next timestamp (callers are serialized by the
  // engine), abort() marks it; release() frees the slot once no version carries the TxnId any more.
  Timestamp publish(TxnId txn);
  void abort(TxnId txn);
  void release(TxnId txn);
  // Lets the horizon pass snapshots of the present; callers are serialized as for publish().
  void tick();
  void restart_from(TxnId next, Timestamp visible);
  // See EngineOptions::young_snapshot_commits.
  void set_young(Timestamp transactions) { young_.store(transactions, std::memory_order_relaxed); }

 private:
  struct Slot;
  struct Horizon;
  Slot& slot(TxnId txn) const;
  void find_spans(LiveSnapshots& live) const;
  void advance_hint();

  static constexpr size_t kSlots = 16384;
  std::unique_ptr<Slot[]> slots_;
  std::atomic<uint64_t> next_id_{3};
  std::atomic<Timestamp> visible_ts_{1};
  std::atomic<Timestamp> young_{64};
  std::atomic<Timestamp> bound_{0};  // nobody registers an older timestamp any more
  std::unique_ptr<Horizon> scan_;
};

// A running transaction as tables see it. `command` is the number under which it writes now: raise it between
// statements (and take the statement's Snapshot with the raised number). Threads of one statement may share it.
struct TxnContext {
  TxnContext();
  ~TxnContext();
  TxnContext(TxnContext&&) noexcept;
  TxnContext& operator=(TxnContext&&) noexcept;

  TxnId id{};
  uint32_t command = 0;
  std::unique_ptr<WriteSet> writes;
};

}  // namespace aegis::storage
