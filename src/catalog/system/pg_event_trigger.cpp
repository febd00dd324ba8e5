// pg_event_trigger.
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {

using namespace columns;  // NOLINT: the column numbers are what this file is about

void generate_pg_event_trigger(const SystemContext& context, RowSink& sink) {
  Row row(pg_event_trigger::kTable, sink);
  for (const auto& trigger : context.version.event_triggers(context.database)) {
    row.set(pg_event_trigger::oid, trigger->oid)
        .set(pg_event_trigger::evtname, trigger->name)
        .set(pg_event_trigger::evtevent, trigger->event)
        .set(pg_event_trigger::evtowner, trigger->owner)
        .set(pg_event_trigger::evtfoid, trigger->function)
        .set(pg_event_trigger::evtenabled, trigger->enabled)
        .set_texts(pg_event_trigger::evttags, trigger->tags)
        .emit();
  }
}

}  // namespace aegis::catalog
