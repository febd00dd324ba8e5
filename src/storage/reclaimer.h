// Memory that was unlinked but may still be read. What some registered snapshot may see is freed once every snapshot
// registered at the time is gone: retire(). What none sees any more can be met only by a reader that was on its way when it
// was unlinked: retire_unseen(). Such readers hold a Pin while they follow pointers, and keep none behind it; or they have
// registered their snapshot with SnapshotHold::Onwards.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "aegis/storage/transaction.h"
#include "use_gate.h"
#include "table/tuple.h"

namespace aegis::storage {

class Reclaimer {
 public:
  explicit Reclaimer(const TransactionTable& transactions) : transactions_(transactions) {}
  ~Reclaimer() { collect(LiveSnapshots::from(~Timestamp{0})); }

  class Pin {
   public:
    explicit Pin(Reclaimer& reclaimer) : scope_(reclaimer.gate_) {}

   private:
    UseGate::Scope scope_;
  };

  void retire(Version* version) { retire(version, destroy_version); }
  void retire(std::shared_ptr<void> object);
  void retire(void* object, void (*destroy)(void*));
  void retire_unseen(Version* version) { retire_unseen(version, destroy_version); }
  void retire_unseen(void* object, void (*destroy)(void*));
  // Frees what nobody needs; true if something is left.
  bool collect(const LiveSnapshots& live);

 private:
  struct Item {
    Timestamp ts;
    void* object;
    void (*destroy)(void*);
  };
  static void destroy_version(void* p) { free_version(static_cast<Version*>(p)); }
  void add(std::deque<Item>& items, void* object, void (*destroy)(void*));
  void take(std::deque<Item>& items, Timestamp before, std::vector<Item>& batch);
  bool collect_unseen(Timestamp before);

  const TransactionTable& transactions_;
  UseGate gate_;
  std::mutex mutex_;
  std::deque<Item> items_;
  std::deque<Item> unseen_;
  std::vector<Item> leaving_;  // of them, taken by collect(); nobody who comes now meets them
};

}  // namespace aegis::storage
