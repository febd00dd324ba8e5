// Text search objects: pg_ts_config, pg_ts_config_map, pg_ts_dict, and the fixed pg_ts_parser and pg_ts_template.
#include "aegis/functions/quoting.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {

using namespace columns;  // NOLINT: the column numbers are what this file is about

std::string ts_option_text(const TsDictionary& dictionary) {
  std::string text;
  for (size_t i = 0; i < dictionary.option_names.size(); ++i) {
    const std::string& value = dictionary.option_values[i];
    bool number = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
    if (i > 0) text += ", ";
    text += functions::quote_identifier(dictionary.option_names[i]) + " = " + (number ? value : functions::quote_literal(value));
  }
  return text;
}

void generate_pg_ts_config(const SystemContext& context, RowSink& sink) {
  Row row(pg_ts_config::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::TsConfiguration) continue;
    row.set(pg_ts_config::oid, object->oid)
        .set(pg_ts_config::cfgname, object->name)
        .set(pg_ts_config::cfgnamespace, object->schema)
        .set(pg_ts_config::cfgowner, object->owner)
        .set(pg_ts_config::cfgparser, kTsDefaultParser)
        .emit();
  }
}

void generate_pg_ts_config_map(const SystemContext& context, RowSink& sink) {
  Row row(pg_ts_config_map::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::TsConfiguration) continue;
    for (const auto& mapping : static_cast<const TsConfiguration&>(*object).mappings) {
      int number = 0;
      for (Oid dictionary : mapping.dictionaries) {
        row.set(pg_ts_config_map::mapcfg, object->oid)
            .set(pg_ts_config_map::maptokentype, mapping.token)
            .set(pg_ts_config_map::mapseqno, ++number)
            .set(pg_ts_config_map::mapdict, dictionary)
            .emit();
      }
    }
  }
}

void generate_pg_ts_dict(const SystemContext& context, RowSink& sink) {
  Row row(pg_ts_dict::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::TsDictionary) continue;
    const auto& dictionary = static_cast<const TsDictionary&>(*object);
    std::string options = ts_option_text(dictionary);
    row.set(pg_ts_dict::oid, object->oid)
        .set(pg_ts_dict::dictname, object->name)
        .set(pg_ts_dict::dictnamespace, object->schema)
        .set(pg_ts_dict::dictowner, object->owner)
        .set(pg_ts_dict::dicttemplate, dictionary.template_oid)
        .set_text_or_null(pg_ts_dict::dictinitoption, options)
        .emit();
  }
}

void generate_pg_ts_parser(const SystemContext&, RowSink& sink) {
  Row row(pg_ts_parser::kTable, sink);
  row.set(pg_ts_parser::oid, kTsDefaultParser)
      .set(pg_ts_parser::prsname, "default")
      .set(pg_ts_parser::prsnamespace, kPgCatalogSchema)
      .set(pg_ts_parser::prsstart, 3717)
      .set(pg_ts_parser::prstoken, 3718)
      .set(pg_ts_parser::prsend, 3719)
      .set(pg_ts_parser::prsheadline, 3720)
      .set(pg_ts_parser::prslextype, 3721)
      .emit();
}

void generate_pg_ts_template(const SystemContext&, RowSink& sink) {
  struct Template {
    Oid oid;
    const char* name;
    Oid init, lexize;
  };
  Row row(pg_ts_template::kTable, sink);
  for (auto [oid, name, init, lexize] : {Template{3727, "simple", 3725, 3726}, {3730, "synonym", 3728, 3729}, {3733, "ispell", 3731, 3732},
                                         {3742, "thesaurus", 3740, 3741}, {13150, "snowball", 13148, 13149}}) {
    row.set(pg_ts_template::oid, oid)
        .set(pg_ts_template::tmplname, name)
        .set(pg_ts_template::tmplnamespace, kPgCatalogSchema)
        .set(pg_ts_template::tmplinit, init)
        .set(pg_ts_template::tmpllexize, lexize)
        .emit();
  }
}

}  // namespace aegis::catalog
