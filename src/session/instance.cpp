#include "aegis/session/instance.h"

#include "aegis/commands/large_object.h"
#include "core.h"
#include "plan_cache.h"
#include "registry.h"
#include "sequences.h"
#include "statistics.h"
#include "timeouts.h"

namespace aegis::session {

Instance::Instance(storage::Engine& engine_, txn::TransactionManager& transactions_, catalog::Catalog& catalog_,
                   os::ThreadPool& workers_, std::shared_ptr<const settings::ServerValues> settings, std::shared_ptr<const Hba> hba)
    : engine(engine_),
      transactions(transactions_),
      catalog(catalog_),
      workers(workers_),
      settings_(std::move(settings)),
      hba_(std::move(hba)),
      started_at_(timestamp_now()),
      loaded_at_(started_at_),
      plan_cache_(std::make_unique<PlanCache>()),
      registry_(std::make_unique<Registry>()),
      sequences_(std::make_unique<SequenceStore>(engine_)),
      statistics_(std::make_unique<TableStatistics>(transactions_)),
      timeouts_(std::make_unique<Timeouts>()) {
  commands::prepare_large_objects(engine, transactions);
}

Instance::~Instance() = default;

std::shared_ptr<const settings::ServerValues> Instance::settings() const {
  std::lock_guard lock(mutex_);
  return settings_;
}

std::shared_ptr<const Hba> Instance::hba() const {
  std::lock_guard lock(mutex_);
  return hba_;
}

void Instance::reload(std::shared_ptr<const settings::ServerValues> settings, std::shared_ptr<const Hba> hba) {
  {
    std::lock_guard lock(mutex_);
    settings_ = std::move(settings);
    hba_ = std::move(hba);
  }
  loaded_at_.store(timestamp_now(), std::memory_order_relaxed);
  generation_.fetch_add(1);
}

void Instance::terminate_all() { registry_->terminate_all(); }
size_t Instance::session_count() const { return registry_->count(); }

}  // namespace aegis::session
