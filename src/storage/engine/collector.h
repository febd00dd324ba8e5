// Version collection: remembers what committed transactions superseded and unlinks it once nobody can see it. Of rows that
// have something which only snapshots see that stay for long, the row is remembered until those are gone.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "aegis/storage/transaction.h"
#include "reclaimer.h"
#include "write_set.h"

namespace aegis::storage {

class Collector {
 public:
  Collector(TransactionTable& transactions, Reclaimer& reclaimer) : transactions_(transactions), reclaimer_(reclaimer) {}

  // A published transaction whose versions are stamped.
  void add(std::unique_ptr<WriteSet> writes, Timestamp ts);
  // Returns how many versions went; `left` tells whether something waits for snapshots to end.
  uint64_t run(bool& left);

 private:
  struct Item {
    Timestamp ts;
    std::unique_ptr<WriteSet> writes;
  };
  using Rows = std::unordered_map<std::shared_ptr<MemoryTable>, std::unordered_set<uint64_t>>;
  struct Batch {
    std::vector<Item> items;
    std::vector<std::pair<MemoryTable*, uint64_t>> rows;  // tables of the items
  };
  // Takes some of what was superseded at or before `ts`; false if there is none.
  bool take(Timestamp ts, Batch& batch);
  uint64_t prune(MemoryTable& table, uint64_t row, const LiveSnapshots& live);
  uint64_t look_again(const LiveSnapshots& live);

  TransactionTable& transactions_;
  Reclaimer& reclaimer_;
  std::mutex run_mutex_;  // guards kept_, too
  std::map<Timestamp, Rows> kept_;  // by the oldest snapshots of the spans they are kept for
  std::vector<Timestamp> kept_for_;
  std::mutex mutex_;
  std::deque<Item> items_;
};

}  // namespace aegis::storage
