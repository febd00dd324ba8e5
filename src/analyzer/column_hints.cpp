// What a name that is no column may have been meant for (parse_relation.c's errorMissingColumn).
#include <algorithm>

#include "aegis/base/error.h"
#include "query_analyzer.h"

namespace aegis::analyzer {
namespace {

constexpr size_t kMaxDistance = 3;

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

struct Match {
  const RangeItem* item = nullptr;
  const RangeColumn* column = nullptr;
};

struct Search {
  size_t distance = kMaxDistance + 1;
  Match first, second;
  const RangeItem* hidden = nullptr;  // has the very column

  void consider(const RangeItem& item, const RangeColumn& column, size_t penalty, std::string_view name) {
    if (penalty > distance || column.name.empty()) return;
    size_t found = edit_distance(column.name, name);
    if (found > name.size() / 2 || found > distance + 1) return;
    found += penalty;
    if (found < distance) {
      distance = found;
      first = {&item, &column};
      second = {};
    } else if (found == distance) {
      if (second.column != nullptr) {
        first = second = {};
      } else if (first.column != nullptr) {
        second = {&item, &column};
      } else if (distance <= kMaxDistance) {
        first = {&item, &column};
      }
    }
  }
};

std::string quoted(const Match& match) { return "\"" + match.item->alias + "." + match.column->name + "\""; }

}  // namespace

void QueryAnalyzer::hint_column(SqlError& error, std::string_view table, std::string_view name, const Scope& scope) {
  Search search;
  for (const Scope* level = &scope; level != nullptr && search.hidden == nullptr; level = level->parent) {
    for (const auto& item : level->items) {
      size_t penalty = table.empty() ? 0 : edit_distance(table, item.alias);
      if (penalty > kMaxDistance) penalty = kMaxDistance + 1;
      for (const auto& column : item.columns) {
        if (column.name == name && penalty == 0) search.hidden = &item;
        search.consider(item, column, penalty, name);
      }
      if (search.hidden != nullptr) break;
    }
  }
  if (search.hidden != nullptr) {
    error.hint("There is a column named \"" + std::string(name) + "\" in table \"" + search.hidden->alias + "\", but it cannot be referenced from this part of the query.");
  } else if (search.first.column != nullptr && search.second.column != nullptr) {
    error.hint("Perhaps you meant to reference the column " + quoted(search.first) + " or the column " + quoted(search.second) + ".");
  } else if (search.first.column != nullptr) {
    error.hint("Perhaps you meant to reference the column " + quoted(search.first) + ".");
  }
}

}  // namespace aegis::analyzer
