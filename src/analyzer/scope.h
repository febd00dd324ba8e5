// Name spaces while a query is bound. A Scope is one query level; its items are what FROM has made visible so far.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/plan/logical.h"

namespace aegis::analyzer {

enum class Clause : uint8_t;

struct RangeColumn {
  std::string name;
  types::Type type;
  Oid collation = kInvalidOid;
  plan::ColumnBinding binding;
  std::shared_ptr<plan::Expr> merged;  // a USING column of a FULL JOIN: COALESCE(left, right)
  Oid table_oid = kInvalidOid;         // where it comes from, for RowDescription
  int16_t attribute_number = 0;
};

// PostgreSQL's ParseNamespaceItem.
struct RangeItem {
  std::string alias;
  std::string schema;  // empty when an alias was given
  std::vector<RangeColumn> columns;
  catalog::RelationPtr relation;  // of a base table
  uint32_t table = 0;
  plan::Get* get = nullptr;       // its operator, to ask for a RowId
  int table_oid_at = -1;          // of a written row: its column that has the table's OID
  bool relation_visible = true;   // alias.column works
  bool columns_visible = true;    // column works
  bool nullable = false;          // an outer join may give a row of nulls in its place
  bool lateral_only = false;      // visible, but not allowed here (a hint tells)
  const char* unlockable = nullptr;  // what FOR UPDATE cannot be applied to: "a function"
  Oid view_of = kInvalidOid;      // the view it is
  size_t star_columns = SIZE_MAX; // how many columns * stands for
};

struct CteEntry {
  std::string name;
  uint32_t cte = 0;
  std::vector<plan::ColumnInfo> columns;
  plan::With::Cte* record = nullptr;
  bool is_work_table = false;  // inside the recursive term
  bool modifies_data = false;
  bool returns_rows = true;
  uint32_t* work_references = nullptr;
  size_t star_columns = SIZE_MAX;  // how many of them * stands for
};

struct Scope {
  Scope* parent = nullptr;
  std::vector<RangeItem> items;
  std::vector<CteEntry> ctes;
  std::vector<plan::ColumnBinding> correlated;  // of outer scopes, used here or below
  // Aggregates and windows met in this level's expressions.
  bool has_aggregates = false;
  int aggregate_location = -1;
  bool reads_work_table = false;  // the recursive term's
  bool has_windows = false;
  Clause inner_clause{};  // of this level, where the subquery stands that is being bound
};

}  // namespace aegis::analyzer
