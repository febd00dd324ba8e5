// Memory that was unlinked but may still be read: freed once every snapshot registered at the time is gone.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "aegis/storage/transaction.h"
#include "table/tuple.h"

namespace aegis::storage {

class Reclaimer {
 public:
  explicit Reclaimer(const TransactionTable& transactions) : transactions_(transactions) {}
  ~Reclaimer() { collect(~Timestamp{0}); }

  void retire(Version* version) { retire(version, [](void* p) { free_version(static_cast<Version*>(p)); }); }
  void retire(std::shared_ptr<void> object);
  void retire(void* object, void (*destroy)(void*));
  // Frees what was retired before every snapshot from `horizon` on; true if something is left.
  bool collect(Timestamp horizon);

 private:
  struct Item {
    Timestamp ts;
    void* object;
    void (*destroy)(void*);
  };
  const TransactionTable& transactions_;
  std::mutex mutex_;
  std::deque<Item> items_;
};

}  // namespace aegis::storage
