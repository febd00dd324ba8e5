// pg_foreign_data_wrapper, pg_foreign_server, pg_user_mapping and pg_foreign_table.
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {

using namespace columns;  // NOLINT: the column numbers are what this file is about

void generate_pg_foreign_data_wrapper(const SystemContext& context, RowSink& sink) {
  Row row(pg_foreign_data_wrapper::kTable, sink);
  for (const auto& object : context.version.kept(ObjectKind::ForeignDataWrapper, context.database)) {
    const auto& wrapper = static_cast<const ForeignDataWrapper&>(*object);
    row.set(pg_foreign_data_wrapper::oid, wrapper.oid)
        .set(pg_foreign_data_wrapper::fdwname, wrapper.name)
        .set(pg_foreign_data_wrapper::fdwowner, wrapper.owner)
        .set(pg_foreign_data_wrapper::fdwhandler, wrapper.handler)
        .set(pg_foreign_data_wrapper::fdwvalidator, wrapper.validator)
        .set_acl(pg_foreign_data_wrapper::fdwacl, wrapper.acl)
        .set_texts(pg_foreign_data_wrapper::fdwoptions, wrapper.options)
        .emit();
  }
}

void generate_pg_foreign_server(const SystemContext& context, RowSink& sink) {
  Row row(pg_foreign_server::kTable, sink);
  for (const auto& object : context.version.kept(ObjectKind::ForeignServer, context.database)) {
    const auto& server = static_cast<const ForeignServer&>(*object);
    row.set(pg_foreign_server::oid, server.oid)
        .set(pg_foreign_server::srvname, server.name)
        .set(pg_foreign_server::srvowner, server.owner)
        .set(pg_foreign_server::srvfdw, server.wrapper)
        .set_text_or_null(pg_foreign_server::srvtype, server.type)
        .set_text_or_null(pg_foreign_server::srvversion, server.version)
        .set_acl(pg_foreign_server::srvacl, server.acl)
        .set_texts(pg_foreign_server::srvoptions, server.options)
        .emit();
  }
}

void generate_pg_user_mapping(const SystemContext& context, RowSink& sink) {
  Row row(pg_user_mapping::kTable, sink);
  for (const auto& object : context.version.kept(ObjectKind::UserMapping, context.database)) {
    const auto& mapping = static_cast<const UserMapping&>(*object);
    row.set(pg_user_mapping::oid, mapping.oid)
        .set(pg_user_mapping::umuser, mapping.user)
        .set(pg_user_mapping::umserver, mapping.server)
        .set_texts(pg_user_mapping::umoptions, mapping.options)
        .emit();
  }
}

void generate_pg_foreign_table(const SystemContext& context, RowSink& sink) {
  Row row(pg_foreign_table::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    const auto& table = static_cast<const Relation&>(*object);
    if (!table.is_foreign()) continue;
    row.set(pg_foreign_table::ftrelid, table.oid)
        .set(pg_foreign_table::ftserver, table.server)
        .set_texts(pg_foreign_table::ftoptions, table.foreign_options)
        .emit();
  }
}

}  // namespace aegis::catalog
