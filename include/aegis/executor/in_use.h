// What a session's running statements and open cursors read and write: their tables keep their form until they end.
//
// One a session, used by its thread.
#pragma once

#include <vector>

#include "aegis/base/ids.h"
#include "aegis/plan/physical.h"

namespace aegis::executor {

class RelationsInUse {
 public:
  // For as long as it lives. `plan` or `relation` outlive it.
  class Use {
   public:
    Use() = default;
    Use(RelationsInUse* all, const plan::PhysicalPlan& plan) : all_(all), plan_(&plan) { enter(); }
    Use(RelationsInUse* all, Oid relation) : all_(all), relation_(relation) { enter(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      if (all_ != nullptr) std::erase(all_->uses_, this);
    }
    bool has(Oid relation) const {
      if (plan_ == nullptr) return relation_ == relation;
      for (const auto& locked : plan_->relations) {
        if (locked.relation == relation) return true;
      }
      return false;
    }

   private:
    void enter() {
      if (all_ != nullptr) all_->uses_.push_back(this);
    }
    RelationsInUse* all_ = nullptr;
    const plan::PhysicalPlan* plan_ = nullptr;
    Oid relation_ = kInvalidOid;
  };

  bool has(Oid relation) const {
    for (const Use* use : uses_) {
      if (use->has(relation)) return true;
    }
    return false;
  }

 private:
  std::vector<const Use*> uses_;
};

}  // namespace aegis::executor
