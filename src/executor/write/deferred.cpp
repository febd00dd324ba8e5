#include "aegis/executor/deferred.h"

#include <map>
#include <optional>

#include "aegis/executor/executor.h"
#include "write/references.h"
#include "write/triggers.h"
#include "write/writer.h"

namespace aegis::executor {

struct DeferredWork::State {
  struct Entry {
    std::shared_ptr<const Item> item;
    bool done = false;
  };
  std::vector<Entry> entries;
  std::optional<bool> all;
  std::map<Oid, bool> modes;
};

DeferredWork::DeferredWork() : state_(std::make_shared<State>()) {}
DeferredWork::~DeferredWork() = default;

bool DeferredWork::is_deferred(const Constraint& constraint) const {
  if (!constraint.deferrable) return false;
  auto found = state_->modes.find(constraint.oid);
  if (found != state_->modes.end()) return found->second;
  return state_->all.value_or(constraint.initially_deferred);
}

void DeferredWork::add(txn::Transaction& transaction, Item item) {
  size_t before = state_->entries.size();
  state_->entries.push_back({std::make_shared<const Item>(std::move(item)), false});
  transaction.on_abort([state = state_, before] {
    if (state->entries.size() > before) state->entries.resize(before);
  });
}

void DeferredWork::set(txn::Transaction& transaction, std::span<const Oid> constraints, bool deferred) {
  transaction.on_abort([state = state_, all = state_->all, modes = state_->modes] {
    state->all = all;
    state->modes = modes;
  });
  if (constraints.empty()) {
    state_->all = deferred;
    state_->modes.clear();
  }
  for (Oid oid : constraints) state_->modes[oid] = deferred;
}

bool DeferredWork::is_due(bool at_end) const {
  for (const auto& entry : state_->entries) {
    if (!entry.done && (at_end || !is_deferred(entry.item->constraint))) return true;
  }
  return false;
}

bool DeferredWork::concerns(Oid relation) const {
  for (const auto& entry : state_->entries) {
    if (!entry.done && entry.item->relation == relation) return true;
  }
  return false;
}

void DeferredWork::run(const ExecutionContext& context, bool at_end) {
  std::vector<size_t> due;
  for (size_t i = 0; i < state_->entries.size(); ++i) {
    const auto& entry = state_->entries[i];
    if (!entry.done && (at_end || !is_deferred(entry.item->constraint))) due.push_back(i);
  }
  if (due.empty()) return;
  for (size_t i : due) state_->entries[i].done = true;
  context.transaction.on_abort([state = state_, due] {
    for (size_t i : due) {
      if (i < state->entries.size()) state->entries[i].done = false;
    }
  });
  for (size_t i : due) {
    // What runs may add to the list, or end the work altogether.
    if (i >= state_->entries.size()) return;
    std::shared_ptr<const Item> item = state_->entries[i].item;
    context.transaction.backend().check_interrupts();
    auto relation = context.catalog->relation(item->relation);
    if (relation == nullptr) continue;
    switch (item->kind) {
      case Kind::UniqueKeys: {
        RowWriter writer(relation, context, nullptr);
        writer.check_unique_again(item->index, item->ids);
        break;
      }
      case Kind::ReferringRows:
      case Kind::ReferredRows: ReferenceChecks(relation, context).check_deferred(*item); break;
      case Kind::Trigger: {
        Triggers triggers(relation, context);
        triggers.fire_deferred(*item);
        break;
      }
    }
  }
}

void DeferredWork::clear() { state_ = std::make_shared<State>(); }

}  // namespace aegis::executor
