// pg_publication, what belongs to publications, and pg_subscription.
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {

using namespace columns;  // NOLINT: the column numbers are what this file is about

void generate_pg_publication(const SystemContext& context, RowSink& sink) {
  Row row(pg_publication::kTable, sink);
  for (const auto& object : context.version.kept(ObjectKind::Publication, context.database)) {
    const auto& publication = static_cast<const Publication&>(*object);
    row.set(pg_publication::oid, publication.oid)
        .set(pg_publication::pubname, publication.name)
        .set(pg_publication::pubowner, publication.owner)
        .set(pg_publication::puballtables, publication.all_tables)
        .set(pg_publication::pubinsert, publication.inserts)
        .set(pg_publication::pubupdate, publication.updates)
        .set(pg_publication::pubdelete, publication.deletes)
        .set(pg_publication::pubtruncate, publication.truncates)
        .set(pg_publication::pubviaroot, publication.via_root)
        .emit();
  }
}

void generate_pg_publication_rel(const SystemContext& context, RowSink& sink) {
  Row row(pg_publication_rel::kTable, sink);
  for (const auto& object : context.version.kept(ObjectKind::PublicationTable, context.database)) {
    const auto& member = static_cast<const PublicationTable&>(*object);
    row.set(pg_publication_rel::oid, member.oid)
        .set(pg_publication_rel::prpubid, member.publication)
        .set(pg_publication_rel::prrelid, member.table)
        .set_text_or_null(pg_publication_rel::prqual, member.where_sql);
    std::vector<int> numbers;
    for (int column : member.columns) numbers.push_back(column + 1);
    if (!numbers.empty()) row.set(pg_publication_rel::prattrs, int2vector(row.arena(), numbers));
    row.emit();
  }
}

void generate_pg_publication_namespace(const SystemContext& context, RowSink& sink) {
  Row row(pg_publication_namespace::kTable, sink);
  for (const auto& object : context.version.kept(ObjectKind::PublicationSchema, context.database)) {
    const auto& member = static_cast<const PublicationSchema&>(*object);
    row.set(pg_publication_namespace::oid, member.oid)
        .set(pg_publication_namespace::pnpubid, member.publication)
        .set(pg_publication_namespace::pnnspid, member.published)
        .emit();
  }
}

void generate_pg_subscription(const SystemContext& context, RowSink& sink) {
  Row row(pg_subscription::kTable, sink);
  for (const auto& object : context.version.kept(ObjectKind::Subscription, context.database)) {
    const auto& subscription = static_cast<const Subscription&>(*object);
    row.set(pg_subscription::oid, subscription.oid)
        .set(pg_subscription::subdbid, subscription.database)
        .set(pg_subscription::subskiplsn, subscription.skip_lsn)
        .set(pg_subscription::subname, subscription.name)
        .set(pg_subscription::subowner, subscription.owner)
        .set(pg_subscription::subenabled, subscription.enabled)
        .set(pg_subscription::subbinary, subscription.binary)
        .set(pg_subscription::substream, subscription.stream)
        .set(pg_subscription::subtwophasestate, subscription.two_phase)
        .set(pg_subscription::subdisableonerr, subscription.disable_on_error)
        .set(pg_subscription::subconninfo, subscription.connection)
        .set_text_or_null(pg_subscription::subslotname, subscription.slot)
        .set(pg_subscription::subsynccommit, subscription.synchronous_commit)
        .set_texts(pg_subscription::subpublications, subscription.publications)
        .emit();
  }
}

}  // namespace aegis::catalog
