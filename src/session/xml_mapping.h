// table_to_xml, query_to_xml, cursor_to_xml, schema_to_xml, database_to_xml and their schemas (PostgreSQL's xml.c).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/arena.h"
#include "core.h"

namespace aegis::session {

class XmlMapping {
 public:
  explicit XmlMapping(Session::Core& session) : session_(session) {}
  static bool knows(std::string_view name) { return name.find("_to_xml") != std::string_view::npos; }
  types::Value call(std::string_view name, std::span<const types::Value> arguments, Arena& arena);

 private:
  types::Value make(std::string_view name, std::span<const types::Value> arguments, Arena& arena);
  struct Options {
    bool nulls;
    bool forest;
    std::string target;  // the namespace
  };
  struct Column {
    std::string name;
    types::Type type;
  };
  struct Source {
    const catalog::Relation* table = nullptr;  // null: a query
    std::vector<Column> columns;
  };

  std::string query_rows(const std::string& sql, const std::string* table, const std::string* schema, const Options& options, bool top);
  std::string cursor_rows(std::string_view name, int32_t count, const Options& options);
  std::vector<Column> query_columns(const std::string& sql);
  std::string table_rows(const catalog::Relation& table, const std::string* schema, const Options& options, bool top);
  std::string table_schema(const Source& source, const Options& options);
  std::string schema_rows(const catalog::Schema& schema, const std::string* text, const Options& options, bool top);
  std::string schema_schema(const std::vector<catalog::ObjectPtr>& schemas, bool database, const Options& options);
  std::string database_rows(const std::string* text, const Options& options);

  std::string start_root(const std::string& name, bool with_schema, const Options& options, bool top) const;
  void add_row(std::string& out, const std::vector<Column>& columns, const vector::Chunk& chunk, size_t row, const std::string& element,
               const Options& options, bool top);
  std::string type_name(types::Type type);
  std::string type_definition(types::Type type);
  std::string type_definitions(const std::vector<Column>& columns);
  std::string qualified(std::string_view kind, std::string_view schema, std::string_view name) const;
  std::vector<Column> columns_of(const catalog::Relation& table) const;
  // Those that the current role may read, by name.
  std::vector<catalog::RelationPtr> visible_tables(Oid schema);
  std::vector<catalog::ObjectPtr> visible_schemas();
  catalog::RelationPtr open_table(Oid oid);

  Session::Core& session_;
};

}  // namespace aegis::session
