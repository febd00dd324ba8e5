// The bytes of large objects: pages of 2048 bytes, rows of one table of the engine that all databases share. A page that is
// absent, or the part behind a short page's end, reads as zeros.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "aegis/catalog/catalog.h"
#include "aegis/storage/table.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::commands {

inline constexpr int64_t kLargeObjectPage = 2048;
inline constexpr int64_t kMaxLargeObject = int64_t{INT32_MAX} * kLargeObjectPage;

// Makes the table and its index where they are not there yet. At a start, before anybody uses them.
void prepare_large_objects(storage::Engine& engine, txn::TransactionManager& transactions);

// Null when absent.
std::shared_ptr<const catalog::LargeObject> find_large_object(const catalog::Version& version, Oid database, Oid number);
// 42704 when absent.
std::shared_ptr<const catalog::LargeObject> require_large_object(const catalog::Version& version, Oid database, Oid number);

// The pages of one object (by its own OID) as a snapshot sees them. Writers have locked it (lock_large_object) and look
// with the transaction's latest snapshot.
class LargeObjectPages {
 public:
  LargeObjectPages(storage::Engine& engine, Oid object, const storage::Snapshot& snapshot);
  int64_t size() const;
  // Fewer than `count` bytes only at the end.
  std::string read(int64_t offset, int64_t count) const;
  void for_each(const std::function<void(int32_t page, std::string_view bytes)>& visit) const;

  void write(txn::TransactionManager& transactions, txn::Transaction& transaction, int64_t offset, std::string_view bytes);
  void truncate(txn::TransactionManager& transactions, txn::Transaction& transaction, int64_t size);
  void remove(txn::TransactionManager& transactions, txn::Transaction& transaction) { remove_from(transactions, transaction, 0); }

 private:
  struct Page {
    RowId row;
    int32_t number;
    std::string bytes;
  };
  // False from `visit` ends it.
  void scan(int32_t first, int32_t last, bool backward, const std::function<bool(Page&&)>& visit) const;
  void put(txn::TransactionManager& transactions, txn::Transaction& transaction, const Page* before, int32_t number, std::string_view bytes);
  void remove_from(txn::TransactionManager& transactions, txn::Transaction& transaction, int32_t first);

  std::shared_ptr<storage::Table> table_;
  std::shared_ptr<storage::Index> index_;
  Oid object_;
  storage::Snapshot snapshot_;
};

// Until the transaction ends, nobody else writes to the object or removes it.
void lock_large_object(txn::TransactionManager& transactions, txn::Transaction& transaction, Oid object);
// Its pages; the object itself is the caller's.
void remove_large_object_pages(storage::Engine& engine, txn::TransactionManager& transactions, txn::Transaction& transaction, Oid object);

}  // namespace aegis::commands
