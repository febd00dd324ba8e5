#include "write/published.h"

#include <algorithm>
#include <set>

#include "aegis/catalog/foreign.h"
#include "aegis/catalog/publication.h"

namespace aegis::executor {
namespace {

void collect_scanned(const plan::PhysicalOp& op, std::set<Oid>& scanned) {
  switch (op.kind) {
    case plan::PhysicalKind::TableScan: scanned.insert(static_cast<const plan::TableScan&>(op).relation->oid); break;
    case plan::PhysicalKind::IndexScan: scanned.insert(static_cast<const plan::IndexScan&>(op).relation->oid); break;
    case plan::PhysicalKind::IndexJoin: {
      // One table stands for all that it reads.
      scanned.insert(static_cast<const plan::IndexJoin&>(op).relation->oid);
      break;
    }
    default: break;
  }
  for (const auto& child : op.children) collect_scanned(*child, scanned);
}

}  // namespace

void check_published(const plan::PhysicalWrite& plan, QueryState& query) {
  const auto& catalog = *query.context.catalog;
  if (plan.relation->relkind == 'v' || plan.relation->oid == catalog::kPgClassOid) return;
  bool published = !catalog.kept(catalog::ObjectKind::Publication, query.context.database).empty();
  if (!published && !catalog.has_children(plan.relation->oid)) return;
  bool updates = plan.kind == plan::PhysicalKind::Update, deletes = plan.kind == plan::PhysicalKind::Delete;
  if (plan.kind == plan::PhysicalKind::Insert) updates = static_cast<const plan::PhysicalInsert&>(plan).conflict == plan::ConflictAction::Update;
  if (plan.kind == plan::PhysicalKind::Merge) {
    for (const auto& when : static_cast<const plan::PhysicalMerge&>(plan).whens) {
      updates = updates || when.action == plan::Merge::Action::Update;
      deletes = deletes || when.action == plan::Merge::Action::Delete;
    }
  }
  if (!updates && !deletes) return;
  std::set<Oid> scanned;
  if (plan.kind == plan::PhysicalKind::Insert) scanned.insert(plan.relation->oid);
  else for (const auto& child : plan.children) collect_scanned(*child, scanned);
  for (const auto& table : catalog.family(plan.relation->oid)) {
    if (scanned.count(table->oid) == 0) continue;
    if (table->is_foreign()) catalog::refuse_foreign_write(catalog, *table, updates ? "update" : "delete from");
    if (!published) continue;
    if (updates) catalog::check_replica_identity(catalog, *table, true);
    if (deletes) catalog::check_replica_identity(catalog, *table, false);
  }
}

}  // namespace aegis::executor
