// What INSERT, UPDATE, DELETE and MERGE write to: a table, or a view through which a table's rows are written (PostgreSQL's
// automatically updatable views), or a view with INSTEAD OF triggers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scope.h"

namespace aegis::analyzer {

struct WriteTarget {
  // A column of the view, over whatever the caller bound the table's columns to.
  struct ViewColumn {
    RangeColumn range;
    int column = -1;      // of the table; -1: can't be assigned
    const char* why = ""; // why not
  };
  // WITH CHECK OPTION of one of the views the row goes through, the innermost first.
  struct ViewCheck {
    std::string view;
    plan::ExprList conditions;
  };

  catalog::RelationPtr relation;  // whose rows are written: a table, or a view with INSTEAD OF triggers
  catalog::RelationPtr named;     // as the statement knows it: the view's name and its columns' names, at the table's positions
  catalog::RelationPtr view;      // null: a table
  bool instead = false;           // triggers do the writing
  std::vector<ViewColumn> view_columns;  // in the view's order
  RangeItem base;                 // the columns of the written row as they can be read where a value is computed
  const char* verb = "";

  std::string_view name() const { return view != nullptr ? view->name : relation->name; }
};

}  // namespace aegis::analyzer
