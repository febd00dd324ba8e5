// Weak modes (AccessShare, RowShare, RowExclusive) do not conflict with one another, so a relation that nobody locks
// strongly needs no shared entry: the backend notes the lock in its own list. Whoever wants a strong lock first raises
// the count of its partition, which sends new weak lockers to the shared table, and then moves the noted ones there.
#include "aegis/txn/lock_manager.h"

#include <algorithm>
#include <array>
#include <deque>
#include <unordered_map>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/os/thread_pool.h"
#include "aegis/txn/transaction_manager.h"
#include "wait_graph.h"

namespace aegis::txn {
namespace {

constexpr uint16_t bit(LockMode mode) { return static_cast<uint16_t>(1u << static_cast<unsigned>(mode)); }

using enum LockMode;

// PostgreSQL's conflict table.
constexpr uint16_t kConflicts[9] = {
    0,
    bit(AccessExclusive),
    static_cast<uint16_t>(bit(Exclusive) | bit(AccessExclusive)),
    static_cast<uint16_t>(bit(Share) | bit(ShareRowExclusive) | bit(Exclusive) | bit(AccessExclusive)),
    static_cast<uint16_t>(bit(ShareUpdateExclusive) | bit(Share) | bit(ShareRowExclusive) | bit(Exclusive) |
                          bit(AccessExclusive)),
    static_cast<uint16_t>(bit(RowExclusive) | bit(ShareUpdateExclusive) | bit(ShareRowExclusive) | bit(Exclusive) |
                          bit(AccessExclusive)),
    static_cast<uint16_t>(bit(RowExclusive) | bit(ShareUpdateExclusive) | bit(Share) | bit(ShareRowExclusive) |
                          bit(Exclusive) | bit(AccessExclusive)),
    static_cast<uint16_t>(bit(RowShare) | bit(RowExclusive) | bit(ShareUpdateExclusive) | bit(Share) |
                          bit(ShareRowExclusive) | bit(Exclusive) | bit(AccessExclusive)),
    static_cast<uint16_t>(bit(AccessShare) | bit(RowShare) | bit(RowExclusive) | bit(ShareUpdateExclusive) | bit(Share) |
                          bit(ShareRowExclusive) | bit(Exclusive) | bit(AccessExclusive)),
};

bool conflicts_with(LockMode mode, uint16_t modes) { return (kConflicts[static_cast<size_t>(mode)] & modes) != 0; }

bool is_weak(const LockTag& tag, LockMode mode) { return tag.kind == LockClass::Relation && mode <= RowExclusive; }

// Only these conflict with a weak mode.
bool is_strong(const LockTag& tag, LockMode mode) { return tag.kind == LockClass::Relation && mode >= Share; }

struct TagHash {
  size_t operator()(const LockTag& tag) const {
    uint64_t hash = hash_int(tag.object_a ^ (uint64_t{tag.database} << 32) ^ static_cast<uint64_t>(tag.kind));
    return hash_combine(hash, (uint64_t{tag.object_b} << 32) | tag.object_c);
  }
};

struct Granted {
  Backend* backend;
  LockMode mode;
  uint32_t transaction = 0;  // how often, by owner
  uint32_t session = 0;
};

struct Entry {
  std::vector<Granted> granted;
  std::deque<LockWaiter*> queue;

  // Modes held by others than `backend`.
  uint16_t held_by_others(const Backend& backend) const {
    uint16_t modes = 0;
    for (const Granted& g : granted) {
      if (g.backend != &backend) modes |= bit(g.mode);
    }
    return modes;
  }
  uint16_t held_by(const Backend& backend) const {
    uint16_t modes = 0;
    for (const Granted& g : granted) {
      if (g.backend == &backend) modes |= bit(g.mode);
    }
    return modes;
  }
  void grant(Backend& backend, LockMode mode, LockOwner owner) {
    auto found = std::find_if(granted.begin(), granted.end(),
                              [&](const Granted& g) { return g.backend == &backend && g.mode == mode; });
    if (found == granted.end()) {
      granted.push_back({&backend, mode});
      found = granted.end() - 1;
    }
    ++(owner == LockOwner::Session ? found->session : found->transaction);
  }
};

bool contains(const std::vector<HeldLock>& locks, const LockTag& tag, LockMode mode) {
  return std::any_of(locks.begin(), locks.end(),
                     [&](const HeldLock& lock) { return lock.mode == mode && lock.tag == tag; });
}

// More than this many weak locks go to the shared table.
constexpr size_t kMaxFastLocks = 64;
constexpr size_t kPartitions = 1024;

}  // namespace

const char* lock_mode_name(LockMode mode) {
  switch (mode) {
    case AccessShare: return "AccessShareLock";
    case RowShare: return "RowShareLock";
    case RowExclusive: return "RowExclusiveLock";
    case ShareUpdateExclusive: return "ShareUpdateExclusiveLock";
    case Share: return "ShareLock";
    case ShareRowExclusive: return "ShareRowExclusiveLock";
    case Exclusive: return "ExclusiveLock";
    case AccessExclusive: return "AccessExclusiveLock";
  }
  return "";
}

bool lock_modes_conflict(LockMode a, LockMode b) { return conflicts_with(a, bit(b)); }

// Guarded by the wait graph's mutex, but for strong_counts.
struct LockManager::State {
  explicit State(WaitGraph& g) : graph(g) {}

  WaitGraph& graph;
  std::unordered_map<LockTag, Entry, TagHash> entries;
  std::array<std::atomic<uint32_t>, kPartitions> strong_counts{};

  std::atomic<uint32_t>& strong_count(const LockTag& tag) { return strong_counts[TagHash()(tag) % kPartitions]; }

  bool lock_fast(Backend& backend, const LockTag& tag, LockMode mode);
  bool unlock_fast(Backend& backend, const LockTag& tag, LockMode mode);
  void collect_fast(const LockTag& tag);
  bool lock_shared(Backend& backend, const LockTag& tag, LockMode mode, LockWait wait, LockOwner owner);
  void wait(LockWaiter& waiter, Entry& entry, std::unique_lock<std::mutex>& guard);
  void unlock(Backend& backend, const LockTag& tag, LockMode mode, LockOwner owner);
  void serve_queue(Entry& entry);
  std::vector<Backend*> blockers(const LockWaiter& waiter) const;
};

bool LockManager::State::lock_fast(Backend& backend, const LockTag& tag, LockMode mode) {
  Backend::State& mine = *backend.state_;
  std::lock_guard guard(mine.fast_mutex);
  if (strong_count(tag).load(std::memory_order_seq_cst) != 0 || mine.fast_locks.size() >= kMaxFastLocks) return false;
  mine.fast_locks.push_back({tag, mode});
  return true;
}

bool LockManager::State::unlock_fast(Backend& backend, const LockTag& tag, LockMode mode) {
  Backend::State& mine = *backend.state_;
  std::lock_guard guard(mine.fast_mutex);
  auto found = std::find_if(mine.fast_locks.begin(), mine.fast_locks.end(),
                            [&](const HeldLock& lock) { return lock.mode == mode && lock.tag == tag; });
  if (found == mine.fast_locks.end()) return false;
  *found = mine.fast_locks.back();
  mine.fast_locks.pop_back();
  return true;
}

// Moves every backend's noted locks on `tag` to the shared table.
void LockManager::State::collect_fast(const LockTag& tag) {
  for (Backend* backend : graph.backends) {
    std::lock_guard guard(backend->state_->fast_mutex);
    std::erase_if(backend->state_->fast_locks, [&](const HeldLock& lock) {
      if (!(lock.tag == tag)) return false;
      entries[tag].grant(*backend, lock.mode, LockOwner::Transaction);
      return true;
    });
  }
}

bool LockManager::State::lock_shared(Backend& backend, const LockTag& tag, LockMode mode, LockWait wait_mode,
                                     LockOwner owner) {
  std::unique_lock guard(graph.mutex);
  bool strong = is_strong(tag, mode);
  if (strong) {
    strong_count(tag).fetch_add(1, std::memory_order_seq_cst);
    collect_fast(tag);
  }
  Entry& entry = entries[tag];
  bool free = !conflicts_with(mode, entry.held_by_others(backend));
  // Those who came first go first, unless they wait for this backend anyway.
  auto place = entry.queue.begin();
  uint16_t mine = entry.held_by(backend);
  for (; place != entry.queue.end(); ++place) {
    if (conflicts_with((*place)->mode, mine)) break;
    if (conflicts_with(mode, bit((*place)->mode))) free = false;
  }
  if (free) {
    entry.grant(backend, mode, owner);
    return true;
  }
  auto give_up = [&] {
    if (strong) strong_count(tag).fetch_sub(1, std::memory_order_seq_cst);
    if (entry.granted.empty() && entry.queue.empty()) entries.erase(tag);
  };
  if (wait_mode == LockWait::NoWait) {
    give_up();
    return false;
  }
  LockWaiter waiter{&backend, tag, mode, owner};
  entry.queue.insert(place, &waiter);
  try {
    wait(waiter, entry, guard);
  } catch (...) {
    if (waiter.granted) {
      // Granted in the moment of the interrupt: the lock is not wanted any more.
      guard.unlock();
      unlock(backend, tag, mode, owner);
      throw;
    }
    std::erase(entry.queue, &waiter);
    serve_queue(entry);
    give_up();
    throw;
  }
  return true;
}

void LockManager::State::wait(LockWaiter& waiter, Entry& entry, std::unique_lock<std::mutex>& guard) {
  Backend& backend = *waiter.backend;
  if (!backend.may_block()) throw WouldBlock();
  Backend::State& state = *backend.state_;
  state.waits_on = &waiter;
  state.waiting = true;
  struct Leave {
    Backend::State& state;
    ~Leave() {
      state.waits_on = nullptr;
      state.waiting = false;
    }
  } leave{state};
  graph.check_deadlock(backend);
  os::ThreadPool::BlockingScope blocking;
  auto deadline = WaitGraph::deadline_of(backend);
  while (!waiter.granted) graph.sleep(backend, guard, deadline);
}

// Grants what can be granted, in order.
void LockManager::State::serve_queue(Entry& entry) {
  uint16_t ahead = 0;
  for (auto it = entry.queue.begin(); it != entry.queue.end();) {
    LockWaiter& waiter = **it;
    if (conflicts_with(waiter.mode, ahead) || conflicts_with(waiter.mode, entry.held_by_others(*waiter.backend))) {
      ahead |= bit(waiter.mode);
      ++it;
      continue;
    }
    entry.grant(*waiter.backend, waiter.mode, waiter.owner);
    waiter.granted = true;
    waiter.backend->state_->wake.notify_all();
    it = entry.queue.erase(it);
  }
}

void LockManager::State::unlock(Backend& backend, const LockTag& tag, LockMode mode, LockOwner owner) {
  std::lock_guard guard(graph.mutex);
  auto found = entries.find(tag);
  if (found == entries.end()) return;
  Entry& entry = found->second;
  auto granted = std::find_if(entry.granted.begin(), entry.granted.end(),
                              [&](const Granted& g) { return g.backend == &backend && g.mode == mode; });
  if (granted == entry.granted.end()) return;
  --(owner == LockOwner::Session ? granted->session : granted->transaction);
  if (is_strong(tag, mode)) strong_count(tag).fetch_sub(1, std::memory_order_seq_cst);
  if (granted->session + granted->transaction > 0) return;
  entry.granted.erase(granted);
  serve_queue(entry);
  if (entry.granted.empty() && entry.queue.empty()) entries.erase(found);
}

std::vector<Backend*> LockManager::State::blockers(const LockWaiter& waiter) const {
  std::vector<Backend*> result;
  if (waiter.granted) return result;  // it has not woken up yet
  auto found = entries.find(waiter.tag);
  if (found == entries.end()) return result;
  for (const Granted& g : found->second.granted) {
    if (g.backend != waiter.backend && lock_modes_conflict(waiter.mode, g.mode)) result.push_back(g.backend);
  }
  for (const LockWaiter* other : found->second.queue) {
    if (other == &waiter) break;
    if (lock_modes_conflict(waiter.mode, other->mode)) result.push_back(other->backend);
  }
  return result;
}

LockManager::LockManager(TransactionManager& manager)
    : manager_(manager), state_(std::make_unique<State>(*manager.graph_)) {
  manager.graph_->lock_manager = state_.get();
  manager.graph_->lock_blockers = [](const void* state, const LockWaiter& waiter) {
    return static_cast<const State*>(state)->blockers(waiter);
  };
}

LockManager::~LockManager() = default;

bool LockManager::lock(Backend& backend, const LockTag& tag, LockMode mode, LockWait wait, LockOwner owner) {
  Backend::State& mine = *backend.state_;
  if (owner == LockOwner::Session) {
    if (!state_->lock_shared(backend, tag, mode, wait, owner)) return false;
    mine.session_locks.push_back({tag, mode});
    return true;
  }
  if (contains(mine.transaction_locks, tag, mode)) return true;
  if (!is_weak(tag, mode) || !state_->lock_fast(backend, tag, mode)) {
    if (!state_->lock_shared(backend, tag, mode, wait, owner)) return false;
  }
  mine.transaction_locks.push_back({tag, mode});
  return true;
}

bool LockManager::unlock(Backend& backend, const LockTag& tag, LockMode mode) {
  auto& locks = backend.state_->session_locks;
  auto found = std::find_if(locks.begin(), locks.end(),
                            [&](const HeldLock& lock) { return lock.mode == mode && lock.tag == tag; });
  if (found == locks.end()) return false;
  locks.erase(found);
  state_->unlock(backend, tag, mode, LockOwner::Session);
  return true;
}

void LockManager::unlock_all_advisory(Backend& backend) {
  std::erase_if(backend.state_->session_locks, [&](const HeldLock& lock) {
    if (lock.tag.kind != LockClass::Advisory) return false;
    state_->unlock(backend, lock.tag, lock.mode, LockOwner::Session);
    return true;
  });
}

bool LockManager::holds(const Backend& backend, const LockTag& tag, LockMode mode) const {
  auto implies = [&](const HeldLock& lock) {
    if (!(lock.tag == tag)) return false;
    uint16_t wanted = kConflicts[static_cast<size_t>(mode)];
    return (kConflicts[static_cast<size_t>(lock.mode)] & wanted) == wanted;
  };
  const Backend::State& mine = *backend.state_;
  return std::any_of(mine.transaction_locks.begin(), mine.transaction_locks.end(), implies) ||
         std::any_of(mine.session_locks.begin(), mine.session_locks.end(), implies);
}

std::vector<LockInfo> LockManager::list() const {
  std::vector<LockInfo> result;
  std::lock_guard guard(state_->graph.mutex);
  auto add = [&](const LockTag& tag, LockMode mode, const Backend& backend, bool granted, bool fast) {
    result.push_back({tag, mode, backend.pid(), TxnId(backend.state_->running_txn.load()), granted, fast});
  };
  for (const auto& [tag, entry] : state_->entries) {
    for (const Granted& g : entry.granted) add(tag, g.mode, *g.backend, true, false);
    for (const LockWaiter* waiter : entry.queue) add(tag, waiter->mode, *waiter->backend, false, false);
  }
  for (const Backend* backend : state_->graph.backends) {
    std::lock_guard fast(backend->state_->fast_mutex);
    for (const HeldLock& lock : backend->state_->fast_locks) add(lock.tag, lock.mode, *backend, true, true);
  }
  return result;
}

// Not among the transaction's locks: it goes before the statement does.
void LockManager::lock_row_turn(Backend& backend, const LockTag& tag) {
  state_->lock_shared(backend, tag, AccessExclusive, LockWait::Wait, LockOwner::Transaction);
}

void LockManager::unlock_row_turn(Backend& backend, const LockTag& tag) {
  state_->unlock(backend, tag, AccessExclusive, LockOwner::Transaction);
}

void LockManager::release_transaction(Backend& backend, size_t down_to) {
  auto& locks = backend.state_->transaction_locks;
  while (locks.size() > down_to) {
    HeldLock lock = locks.back();
    locks.pop_back();
    if (is_weak(lock.tag, lock.mode) && state_->unlock_fast(backend, lock.tag, lock.mode)) continue;
    state_->unlock(backend, lock.tag, lock.mode, LockOwner::Transaction);
  }
}

void LockManager::release_session(Backend& backend) {
  release_transaction(backend, 0);
  auto& locks = backend.state_->session_locks;
  while (!locks.empty()) {
    HeldLock lock = locks.back();
    locks.pop_back();
    state_->unlock(backend, lock.tag, lock.mode, LockOwner::Session);
  }
}

}  // namespace aegis::txn
