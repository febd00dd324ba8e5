// What all sessions of a server share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/os/fwd.h"
#include "aegis/os/temporary_files.h"
#include "aegis/os/thread_pool.h"
#include "aegis/session/hba.h"
#include "aegis/settings/settings.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::session {

class PlanCache;
class Registry;
class SequenceStore;
class TableStatistics;
class Timeouts;

// Answers functions about catalog objects (pg_get_viewdef, has_table_privilege, …); see functions::Services.
using CatalogFunctions = bool (*)(const catalog::SystemContext& context, const types::TypeContext& types,
                                  std::string_view name, std::span<const types::Value> arguments, Arena& arena,
                                  types::Value& result);

class Instance {
 public:
  Instance(storage::Engine& engine, txn::TransactionManager& transactions, catalog::Catalog& catalog, os::ThreadPool& workers,
           std::shared_ptr<const settings::ServerValues> settings, std::shared_ptr<const Hba> hba);
  ~Instance();

  storage::Engine& engine;
  txn::TransactionManager& transactions;
  catalog::Catalog& catalog;
  os::ThreadPool& workers;

  std::shared_ptr<const settings::ServerValues> settings() const;
  std::shared_ptr<const Hba> hba() const;
  // SIGHUP: sessions take the new values with their next statement.
  void reload(std::shared_ptr<const settings::ServerValues> settings, std::shared_ptr<const Hba> hba);
  uint64_t settings_generation() const { return generation_.load(std::memory_order_relaxed); }
  // Microseconds since 2000-01-01: of the server's start, and of when its files were last read.
  int64_t started_at() const { return started_at_; }
  int64_t loaded_at() const { return loaded_at_.load(std::memory_order_relaxed); }

  PlanCache& plan_cache() { return *plan_cache_; }
  Registry& registry() { return *registry_; }
  SequenceStore& sequences() { return *sequences_; }
  TableStatistics& statistics() { return *statistics_; }
  Timeouts& timeouts() { return *timeouts_; }

  // Ends every session with 57P01.
  void terminate_all();
  // Sessions that have come past authentication.
  size_t session_count() const;

  CatalogFunctions catalog_functions = nullptr;
  std::string data_directory;
  os::FileSystem* files = nullptr;
  os::CountingFileSystem* io_counts = nullptr;    // null: nobody counts
  os::TemporaryFiles* temporary_files = nullptr;  // null: queries keep everything in memory

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const settings::ServerValues> settings_;
  std::shared_ptr<const Hba> hba_;
  std::atomic<uint64_t> generation_{1};
  int64_t started_at_;
  std::atomic<int64_t> loaded_at_;
  std::unique_ptr<PlanCache> plan_cache_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<SequenceStore> sequences_;
  std::unique_ptr<TableStatistics> statistics_;
  std::unique_ptr<Timeouts> timeouts_;
};

}  // namespace aegis::session
