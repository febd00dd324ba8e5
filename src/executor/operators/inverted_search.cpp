#include "operators/inverted_search.h"

#include <algorithm>

#include "aegis/functions/function.h"

namespace aegis::executor {

namespace {

using functions::InvertedQuery;
using Kind = InvertedQuery::Kind;

std::vector<uint64_t> in_order(std::vector<uint64_t> rows) {
  if (!std::is_sorted(rows.begin(), rows.end())) std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

RowSet unite(std::vector<RowSet> parts) {
  std::vector<uint64_t> rows;
  for (const RowSet& part : parts) rows.insert(rows.end(), part.rows.begin(), part.rows.end());
  return {false, in_order(std::move(rows))};
}

}  // namespace

std::string inverted_prefix(size_t column) { return std::string(1, static_cast<char>(column + 1)); }

RowSet InvertedSearch::find(const InvertedQuery& query, const std::string& prefix) const {
  switch (query.kind) {
    case Kind::None: return {};
    case Kind::Every: return {true, {}};
    case Kind::Key: return {false, lookup(prefix + query.key)};
    case Kind::Prefix: return {false, scan_prefix(prefix + query.key)};
    case Kind::Range: {
      storage::KeyRange range;
      range.lower = prefix + query.key;
      range.upper = prefix + query.upper;
      range.upper_inclusive = false;
      return {false, scan(std::move(range))};
    }
    case Kind::All:
    case Kind::Any: break;
  }
  std::vector<RowSet> parts;
  for (const auto& part : query.parts) {
    parts.push_back(find(part, prefix));
    bool decided = query.kind == Kind::All ? !parts.back().every && parts.back().rows.empty() : parts.back().every;
    if (decided) return std::move(parts.back());
  }
  return query.kind == Kind::All ? intersect(std::move(parts)) : unite(std::move(parts));
}

RowSet InvertedSearch::intersect(std::vector<RowSet> parts) {
  std::erase_if(parts, [](const RowSet& part) { return part.every; });
  if (parts.empty()) return {true, {}};
  std::sort(parts.begin(), parts.end(), [](const RowSet& a, const RowSet& b) { return a.rows.size() < b.rows.size(); });
  std::vector<uint64_t> rows = std::move(parts[0].rows);
  for (size_t i = 1; i < parts.size(); ++i) {
    std::vector<uint64_t> both;
    std::set_intersection(rows.begin(), rows.end(), parts[i].rows.begin(), parts[i].rows.end(), std::back_inserter(both));
    rows = std::move(both);
  }
  return {false, std::move(rows)};
}

std::vector<uint64_t> InvertedSearch::all(size_t column) const { return scan_prefix(inverted_prefix(column)); }

std::vector<uint64_t> InvertedSearch::lookup(const std::string& key) const {
  std::vector<RowId> ids;
  index_.lookup(key, ids);
  std::vector<uint64_t> rows;
  rows.reserve(ids.size());
  for (RowId id : ids) rows.push_back(id.value);
  return in_order(std::move(rows));
}

std::vector<uint64_t> InvertedSearch::scan_prefix(std::string prefix) const {
  storage::KeyRange range;
  range.lower = prefix;
  if (storage::prefix_successor(prefix)) {
    range.upper = prefix;
    range.upper_inclusive = false;
  }
  return scan(std::move(range));
}

std::vector<uint64_t> InvertedSearch::scan(storage::KeyRange range) const {
  auto cursor = index_.scan(std::move(range), storage::ScanDirection::Forward);
  std::vector<storage::IndexEntry> entries(1024);
  std::vector<uint64_t> rows;
  while (size_t count = cursor->next(entries)) {
    services_.check_interrupts();
    for (size_t i = 0; i < count; ++i) rows.push_back(entries[i].row.value);
  }
  return in_order(std::move(rows));
}

}  // namespace aegis::executor
