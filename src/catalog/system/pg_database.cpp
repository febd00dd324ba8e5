// Databases, roles, schemas and tablespaces.
#include "aegis/catalog/role_settings.h"
#include "aegis/functions/conversion.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about

template <typename T, typename F>
void each(const SystemContext& context, ObjectKind kind, F visit) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == kind) visit(static_cast<const T&>(*object));
  }
}

}  // namespace

void generate_pg_database(const SystemContext& context, RowSink& sink) {
  Row row(pg_database::kTable, sink);
  each<Database>(context, ObjectKind::Database, [&](const Database& database) {
    row.set(pg_database::oid, database.oid)
        .set(pg_database::datname, database.name)
        .set(pg_database::datdba, database.owner)
        .set(pg_database::encoding, 6)
        .set(pg_database::datlocprovider, database.locale_provider)
        .set(pg_database::datistemplate, database.is_template)
        .set(pg_database::datallowconn, database.allow_connections)
        .set(pg_database::datconnlimit, database.connection_limit)
        .set(pg_database::dattablespace, database.tablespace)
        .set(pg_database::datcollate, database.collate)
        .set(pg_database::datctype, database.ctype)
        .set_text_or_null(pg_database::daticulocale, database.icu_locale)
        .set_acl(pg_database::datacl, database.acl)
        .emit();
  });
}

void generate_pg_authid(const SystemContext& context, RowSink& sink) {
  Row row(pg_authid::kTable, sink);
  each<Role>(context, ObjectKind::Role, [&](const Role& role) {
    row.set(pg_authid::oid, role.oid)
        .set(pg_authid::rolname, role.name)
        .set(pg_authid::rolsuper, role.superuser)
        .set(pg_authid::rolinherit, role.inherit)
        .set(pg_authid::rolcreaterole, role.create_role)
        .set(pg_authid::rolcreatedb, role.create_database)
        .set(pg_authid::rolcanlogin, role.can_login)
        .set(pg_authid::rolreplication, role.replication)
        .set(pg_authid::rolbypassrls, role.bypass_rls)
        .set(pg_authid::rolconnlimit, role.connection_limit)
        .set_text_or_null(pg_authid::rolpassword, role.password);
    if (!role.valid_until.empty()) {
      types::Type type{types::oid::kTimestamptz};
      row.set(pg_authid::rolvaliduntil, types::type_info(type.oid).input({}, role.valid_until, type, sink.arena()));
    }
    row.emit();
  });
}

void generate_pg_auth_members(const SystemContext& context, RowSink& sink) {
  Row row(pg_auth_members::kTable, sink);
  each<Role>(context, ObjectKind::Role, [&](const Role& role) {
    for (Oid group : role.member_of) {
      bool admin = false;
      for (Oid other : role.admin_of) admin = admin || other == group;
      row.set(pg_auth_members::roleid, group)
          .set(pg_auth_members::member, role.oid)
          .set(pg_auth_members::grantor, kBootstrapRole)
          .set(pg_auth_members::admin_option, admin)
          .emit();
    }
  });
}

void generate_pg_db_role_setting(const SystemContext& context, RowSink& sink) {
  Row row(pg_db_role_setting::kTable, sink);
  auto add = [&](Oid database, Oid role, const std::vector<std::string>& settings) {
    if (settings.empty()) return;
    row.set(pg_db_role_setting::setdatabase, database)
        .set(pg_db_role_setting::setrole, role)
        .set_texts(pg_db_role_setting::setconfig, settings)
        .emit();
  };
  each<Database>(context, ObjectKind::Database, [&](const Database& database) {
    add(database.oid, kInvalidOid, own_settings(database.settings));
    for (Oid role : roles_with_settings(database.settings)) add(database.oid, role, settings_of_role(database.settings, role));
  });
  each<Role>(context, ObjectKind::Role, [&](const Role& role) {
    add(kInvalidOid, role.oid, own_settings(role.settings));
    add(kInvalidOid, kInvalidOid, settings_of_role(role.settings, kInvalidOid));
  });
}

void generate_pg_namespace(const SystemContext& context, RowSink& sink) {
  Row row(pg_namespace::kTable, sink);
  each<Schema>(context, ObjectKind::Schema, [&](const Schema& schema) {
    row.set(pg_namespace::oid, schema.oid)
        .set(pg_namespace::nspname, schema.name)
        .set(pg_namespace::nspowner, schema.owner)
        .set_acl(pg_namespace::nspacl, schema.acl)
        .emit();
  });
}

void generate_pg_tablespace(const SystemContext& context, RowSink& sink) {
  Row row(pg_tablespace::kTable, sink);
  for (auto [oid, name] : {std::pair{kDefaultTablespace, "pg_default"}, {Oid{1664}, "pg_global"}}) {
    row.set(pg_tablespace::oid, oid).set(pg_tablespace::spcname, name).set(pg_tablespace::spcowner, kBootstrapRole).emit();
  }
  each<Tablespace>(context, ObjectKind::Tablespace, [&](const Tablespace& space) {
    row.set(pg_tablespace::oid, space.oid)
        .set(pg_tablespace::spcname, space.name)
        .set(pg_tablespace::spcowner, space.owner)
        .set_acl(pg_tablespace::spcacl, space.acl)
        .set_texts(pg_tablespace::spcoptions, space.options)
        .emit();
  });
}

void generate_pg_parameter_acl(const SystemContext& context, RowSink& sink) {
  Row row(pg_parameter_acl::kTable, sink);
  each<ParameterAcl>(context, ObjectKind::ParameterAcl, [&](const ParameterAcl& parameter) {
    row.set(pg_parameter_acl::oid, parameter.oid).set(pg_parameter_acl::parname, parameter.name).set_acl(pg_parameter_acl::paracl, parameter.acl).emit();
  });
}

void generate_pg_largeobject_metadata(const SystemContext& context, RowSink& sink) {
  Row row(pg_largeobject_metadata::kTable, sink);
  each<LargeObject>(context, ObjectKind::LargeObject, [&](const LargeObject& object) {
    row.set(pg_largeobject_metadata::oid, object.number)
        .set(pg_largeobject_metadata::lomowner, object.owner)
        .set_acl(pg_largeobject_metadata::lomacl, object.acl)
        .emit();
  });
}

void generate_pg_conversion(const SystemContext& context, RowSink& sink) {
  Row row(pg_conversion::kTable, sink);
  for (const auto& known : functions::built_in_conversions()) {
    row.set(pg_conversion::oid, known.oid)
        .set(pg_conversion::conname, known.name)
        .set(pg_conversion::connamespace, kPgCatalogSchema)
        .set(pg_conversion::conowner, kBootstrapRole)
        .set(pg_conversion::conforencoding, known.source)
        .set(pg_conversion::contoencoding, known.target)
        .set(pg_conversion::conproc, known.function)
        .set(pg_conversion::condefault, true)
        .emit();
  }
  each<Conversion>(context, ObjectKind::Conversion, [&](const Conversion& made) {
    row.set(pg_conversion::oid, made.oid)
        .set(pg_conversion::conname, made.name)
        .set(pg_conversion::connamespace, made.schema)
        .set(pg_conversion::conowner, made.owner)
        .set(pg_conversion::conforencoding, functions::find_encoding(made.source)->number)
        .set(pg_conversion::contoencoding, functions::find_encoding(made.target)->number)
        .set(pg_conversion::conproc, made.function)
        .set(pg_conversion::condefault, made.is_default)
        .emit();
  });
}

}  // namespace aegis::catalog
