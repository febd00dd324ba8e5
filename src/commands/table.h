// CREATE TABLE and what ALTER TABLE and CREATE TABLE AS share with it.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"
#include "names.h"

namespace aegis::commands {

CommandResult create_table(const ast::CreateStmt& statement, CommandContext& context);
CommandResult create_table_as(const ast::CreateTableAsStmt& statement, CommandContext& context);
// SELECT … INTO.
CommandResult select_into(const ast::SelectStmt& statement, CommandContext& context);

// Column and table constraints that are made once the table is in the catalog.
struct PendingConstraints {
  struct Item {
    ast::Constraint node;
    std::vector<std::string> columns;  // of a column constraint
  };
  std::deque<Item> checks;
  std::deque<Item> keys;
  std::deque<Item> foreign_keys;
};

// A column being defined: what cannot be done before all columns are known.
struct PendingColumn {
  int column = 0;
  const ast::Node* default_node = nullptr;
  const ast::Node* generated_node = nullptr;
  std::shared_ptr<catalog::Relation> sequence;  // of serial and identity columns
  char sequence_kind = 'a';
};

// Adds the column and collects the rest; sequences are made at once.
PendingColumn add_column_definition(CommandContext& context, catalog::Relation& table, const ast::ColumnDef& definition,
                                    PendingConstraints& constraints);
// The same for a column that the table has from its parents already: what is written here is merged into it. Without a type
// (PARTITION OF), the column must be there.
PendingColumn merge_column_definition(CommandContext& context, catalog::Relation& table, const ast::ColumnDef& definition,
                                      PendingConstraints& constraints, bool as_partition);
// Fills in defaults and generation expressions.
void finish_column(CommandContext& context, catalog::Relation& table, const PendingColumn& pending);
void sort_constraint(CommandContext& context, const ast::Constraint& node, std::vector<std::string> columns, PendingConstraints& out);

// `name.schema` and `name.name` are free and locked; null when IF NOT EXISTS found it taken (and has said so).
std::shared_ptr<catalog::Relation> begin_relation(CommandContext& context, const ast::RangeVar& name, char relkind, bool if_not_exists);
// Columns for what a query gives, under other names where given.
// The collation of a table's or view's column made from a query's. 42P22 when none was derived.
Oid result_collation(const plan::OutputColumn& column, const std::string& name);
void add_result_columns(catalog::Relation& table, const plan::BoundQuery& query, ast::NameList names);
// Allocates storage and puts the relation.
void put_new_table(CommandContext& context, const std::shared_ptr<catalog::Relation>& table);

// WITH (…), SET (…) and RESET (…) as pg_class.reloptions has them, checked.
enum class OptionUse : uint8_t { Set, Reset };
std::vector<std::string> table_options(ast::List<ast::DefElem> options, OptionUse use = OptionUse::Set);
std::vector<std::string> view_options(ast::List<ast::DefElem> options, OptionUse use = OptionUse::Set);
std::vector<std::string> index_options(ast::List<ast::DefElem> options, OptionUse use = OptionUse::Set);
std::vector<std::string> tablespace_options(ast::List<ast::DefElem> options, OptionUse use = OptionUse::Set);
std::vector<std::string> column_options(ast::List<ast::DefElem> options, OptionUse use);
// pg_attribute.attcompression for COMPRESSION `method` (empty: none was given).
char column_compression_method(types::Type type, std::string_view method);
// STORAGE as pg_attribute has it; 0: the type's own. 22023 when there is no such, 0A000 when the type cannot have it.
char column_storage(types::Type type, std::string_view written);
const char* storage_name(types::Type type, char storage);
// Tells storage after the table's or a column's compression changed.
void apply_compression(CommandContext& context, const catalog::Relation& table);

void set_default(CommandContext& context, catalog::Relation& table, int column, const ast::Node& expression);
// Dependencies on sequences named in defaults.
void refresh_default_dependencies(CommandContext& context, catalog::Relation& table);

// LIKE source INCLUDING …: columns now, the rest when the table exists.
struct LikeClause {
  catalog::RelationPtr source;
  unsigned options;
  std::vector<int> columns;  // source column → new column, -1: dropped
};
LikeClause copy_columns(CommandContext& context, catalog::Relation& table, const ast::TableLikeClause& like,
                        std::vector<PendingColumn>& pending);
void copy_definitions(CommandContext& context, catalog::Relation& table, const LikeClause& like);

}  // namespace aegis::commands
