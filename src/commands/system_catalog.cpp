#include "aegis/commands/system_catalog.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/parser/parser.h"

namespace aegis::commands {
namespace {

using catalog::Relation;

constexpr Oid kToastSchema = 99;

std::shared_ptr<catalog::Schema> make_schema(Oid oid, const char* name, const char* comment) {
  auto schema = std::make_shared<catalog::Schema>();
  schema->oid = oid;
  schema->name = name;
  schema->comment = comment;
  return schema;
}

std::shared_ptr<Relation> make_table(const catalog::SystemTable& table) {
  auto relation = std::make_shared<Relation>();
  relation->oid = table.oid;
  relation->schema = table.oid < catalog::kAegisSchema ? catalog::kPgCatalogSchema : catalog::kAegisSchema;
  relation->name = table.name;
  for (const auto& column : table.columns) {
    catalog::Column definition;
    definition.name = column.name;
    definition.type = {column.type};
    definition.collation = types::type_info(column.type).collation;
    definition.not_null = column.not_null && table.oid < 12000;
    relation->columns.push_back(std::move(definition));
  }
  return relation;
}

// PostgreSQL's predefined roles.
void add_roles(std::vector<catalog::ObjectPtr>& objects) {
  constexpr Oid kMonitor = 3373;
  constexpr Oid kReadAllSettings = 3374;
  constexpr Oid kReadAllStats = 3375;
  constexpr Oid kStatScanTables = 3377;
  struct Predefined {
    Oid oid;
    const char* name;
  };
  for (auto [oid, name] : {Predefined{catalog::kDatabaseOwnerRole, "pg_database_owner"}, {6181, "pg_read_all_data"}, {6182, "pg_write_all_data"},
                           {kMonitor, "pg_monitor"}, {kReadAllSettings, "pg_read_all_settings"}, {kReadAllStats, "pg_read_all_stats"},
                           {kStatScanTables, "pg_stat_scan_tables"}, {4569, "pg_read_server_files"}, {4570, "pg_write_server_files"},
                           {4571, "pg_execute_server_program"}, {4200, "pg_signal_backend"}, {4544, "pg_checkpoint"}}) {
    auto role = std::make_shared<catalog::Role>();
    role->oid = oid;
    role->name = name;
    if (oid == kMonitor) role->member_of = {kReadAllSettings, kReadAllStats, kStatScanTables};
    objects.push_back(std::move(role));
  }
}

// Text search configurations and dictionaries, with PostgreSQL's numbers.
class TextSearchObjects {
 public:
  explicit TextSearchObjects(std::vector<catalog::ObjectPtr>& objects) : objects_(objects) {}

  void add() {
    add_dictionary(kSimple, "simple", kSimpleTemplate, "simple dictionary: just lower case and check for stopword", {}, {});
    add_configuration(3748, "simple", kSimple, kSimple, "simple configuration");
    struct Language {
      const char* name;
      bool has_stop_words;
      bool is_latin;  // words of ASCII are its own
    };
    Oid next = 13151;
    for (auto [name, has_stop_words, is_latin] :
         {Language{"arabic", false, true}, {"armenian", false, true}, {"basque", false, true}, {"catalan", false, true}, {"danish", true, true},
          {"dutch", true, true}, {"english", true, true}, {"finnish", true, true}, {"french", true, true}, {"german", true, true},
          {"greek", false, true}, {"hindi", false, false}, {"hungarian", true, true}, {"indonesian", false, true}, {"irish", false, true},
          {"italian", true, true}, {"lithuanian", false, true}, {"nepali", true, true}, {"norwegian", true, true}, {"portuguese", true, true},
          {"romanian", false, true}, {"russian", true, false}, {"serbian", false, true}, {"spanish", true, true}, {"swedish", true, true},
          {"tamil", false, true}, {"turkish", true, true}, {"yiddish", false, true}}) {
      std::string language = name;
      std::vector<std::string> names{"language"}, values{language};
      if (has_stop_words) {
        names.push_back("stopwords");
        values.push_back(language);
      }
      add_dictionary(next, language + "_stem", kSnowballTemplate, "snowball stemmer for " + language + " language", names, values);
      add_configuration(next + 1, language, next, is_latin ? next : kEnglishStem, "configuration for " + language + " language");
      next += 2;
    }
  }

 private:
  static constexpr Oid kSimple = 3765;
  static constexpr Oid kEnglishStem = 13163;
  static constexpr Oid kSimpleTemplate = 3727;
  static constexpr Oid kSnowballTemplate = 13150;

  void add_dictionary(Oid oid, std::string name, Oid template_oid, std::string comment, std::vector<std::string> names,
                      std::vector<std::string> values) {
    auto dictionary = std::make_shared<catalog::TsDictionary>();
    dictionary->oid = oid;
    dictionary->schema = catalog::kPgCatalogSchema;
    dictionary->name = std::move(name);
    dictionary->template_oid = template_oid;
    dictionary->comment = std::move(comment);
    dictionary->option_names = std::move(names);
    dictionary->option_values = std::move(values);
    objects_.push_back(std::move(dictionary));
  }

  // Numbers of token types: 1, 11 and 16 are words of ASCII, 2, 10 and 17 other words; 12 to 14 and 23 are not indexed.
  void add_configuration(Oid oid, std::string name, Oid words, Oid ascii_words, std::string comment) {
    auto configuration = std::make_shared<catalog::TsConfiguration>();
    configuration->oid = oid;
    configuration->schema = catalog::kPgCatalogSchema;
    configuration->name = std::move(name);
    configuration->comment = std::move(comment);
    for (int token = 1; token <= 22; ++token) {
      if (token >= 12 && token <= 14) continue;
      bool ascii = token == 1 || token == 11 || token == 16;
      bool word = token == 2 || token == 10 || token == 17;
      configuration->mappings.push_back({token, {ascii ? ascii_words : word ? words : kSimple}});
    }
    objects_.push_back(std::move(configuration));
  }

  std::vector<catalog::ObjectPtr>& objects_;
};

class ViewInstaller {
 public:
  ViewInstaller(catalog::Catalog& catalog, const types::TypeContext& types) : catalog_(catalog), types_(types) {}

  // Views come in the order of their dependencies: each is analyzed when those before it are there.
  void add(const catalog::SystemView& view) {
    auto relation = std::make_shared<Relation>();
    relation->oid = view.oid;
    relation->schema = view.schema == "pg_catalog" ? catalog::kPgCatalogSchema : catalog::kInformationSchema;
    relation->name = view.name;
    relation->relkind = 'v';
    relation->view_sql = view.sql;
    relation->view_search_path = {catalog::kPgCatalogSchema};
    auto version = catalog_.current();
    analyzer::AnalyzerContext context{*version, kInvalidOid, relation->view_search_path, catalog::kBootstrapRole, types_, view.sql, kInvalidOid};
    auto parsed = parser::parse(view.sql);
    std::vector<types::Type> parameters;
    auto query = analyzer::analyze(context, *parsed.statements.at(0).stmt, parameters);
    for (const auto& output : query.output) {
      catalog::Column column;
      column.name = output.name;
      column.type = output.type;
      const auto* info = types::find_type(output.type.oid);
      column.collation = info == nullptr ? kInvalidOid : info->collation;
      relation->columns.push_back(std::move(column));
    }
    catalog_.install_system_objects({relation});
  }

 private:
  catalog::Catalog& catalog_;
  const types::TypeContext& types_;
};

}  // namespace

void install_system_catalog(catalog::Catalog& catalog, const types::TypeContext& types) {
  std::vector<catalog::ObjectPtr> objects{make_schema(catalog::kPgCatalogSchema, "pg_catalog", "system catalog schema"),
                                          make_schema(catalog::kInformationSchema, "information_schema", ""),
                                          make_schema(catalog::kAegisSchema, "aegis", "what the storage engine says of itself"),
                                          make_schema(kToastSchema, "pg_toast", "reserved schema for TOAST tables")};
  add_roles(objects);
  TextSearchObjects(objects).add();
  for (const auto* table : catalog::system_tables()) objects.push_back(make_table(*table));
  catalog.install_system_objects(std::move(objects));
  ViewInstaller installer(catalog, types);
  for (const auto& view : catalog::system_views()) installer.add(view);
}

}  // namespace aegis::commands
