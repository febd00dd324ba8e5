// Version collection: remembers what committed transactions superseded and unlinks it once nobody can see it.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

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
  TransactionTable& transactions_;
  Reclaimer& reclaimer_;
  std::mutex run_mutex_;
  std::mutex mutex_;
  std::deque<Item> items_;
};

}  // namespace aegis::storage
