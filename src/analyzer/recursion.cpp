// What WITH RECURSIVE may say (parse_cte.c): the order of its queries, and where a query may name itself.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/parser/walk.h"
#include "query_analyzer.h"

namespace aegis::analyzer {

namespace {

using ast::NodeTag;

// Calls `found` for each name in FROM that means none of the inner WITH queries.
class References {
 public:
  explicit References(std::function<void(const ast::RangeVar&)> found) : found_(std::move(found)) {}

  void walk(const ast::Node& node) {
    if (node.tag == NodeTag::RangeVar) {
      const auto& range = static_cast<const ast::RangeVar&>(node);
      bool hidden = std::find(inner_.begin(), inner_.end(), range.relname) != inner_.end();
      if (range.schemaname.empty() && !hidden) found_(range);
      return;
    }
    const ast::WithClause* with = with_of(node);
    size_t before = inner_.size();
    if (with != nullptr) {
      if (with->recursive) {
        for (const auto* cte : with->ctes) inner_.push_back(cte->ctename);
      }
      for (const auto* cte : with->ctes) {
        walk(*cte->ctequery);
        if (!with->recursive) inner_.push_back(cte->ctename);
      }
    }
    ast::for_each_child(node, [&](const ast::Node& child) {
      if (&child != with) walk(child);
    });
    inner_.resize(before);
  }

  static const ast::WithClause* with_of(const ast::Node& node) {
    switch (node.tag) {
      case NodeTag::SelectStmt: return static_cast<const ast::SelectStmt&>(node).with_clause;
      case NodeTag::InsertStmt: return static_cast<const ast::InsertStmt&>(node).with_clause;
      case NodeTag::UpdateStmt: return static_cast<const ast::UpdateStmt&>(node).with_clause;
      case NodeTag::DeleteStmt: return static_cast<const ast::DeleteStmt&>(node).with_clause;
      case NodeTag::MergeStmt: return static_cast<const ast::MergeStmt&>(node).with_clause;
      default: return nullptr;
    }
  }

 private:
  std::function<void(const ast::RangeVar&)> found_;
  std::vector<std::string_view> inner_;
};

// Looks at the places where a query names itself.
class RecursionChecker {
 public:
  enum class Place : uint8_t { Allowed, NonRecursiveTerm, Subquery, OuterJoin, Intersect, Except };
  RecursionChecker(std::string_view name, std::function<int(int)> position) : name_(name), position_(std::move(position)) {}

  void walk(const ast::Node* node, Place place) {
    if (node == nullptr) return;
    switch (node->tag) {
      case NodeTag::RangeVar: return reference(static_cast<const ast::RangeVar&>(*node), place);
      case NodeTag::SelectStmt: return select(static_cast<const ast::SelectStmt&>(*node), place);
      case NodeTag::JoinExpr: {
        const auto& join = static_cast<const ast::JoinExpr&>(*node);
        bool left_outer = join.jointype == ast::JoinType::Full || join.jointype == ast::JoinType::Right;
        bool right_outer = join.jointype == ast::JoinType::Full || join.jointype == ast::JoinType::Left;
        walk(join.larg, left_outer && place == Place::Allowed ? Place::OuterJoin : place);
        walk(join.rarg, right_outer && place == Place::Allowed ? Place::OuterJoin : place);
        return walk(join.quals, place);
      }
      case NodeTag::SubLink:
        walk(static_cast<const ast::SubLink&>(*node).subselect, Place::Subquery);
        return walk(static_cast<const ast::SubLink&>(*node).testexpr, place);
      default: break;
    }
    ast::for_each_child(*node, [&](const ast::Node& child) { walk(&child, place); });
  }
  int count() const { return count_; }

 private:
  void reference(const ast::RangeVar& range, Place place) {
    if (!range.schemaname.empty() || range.relname != name_) return;
    if (std::find(inner_.begin(), inner_.end(), name_) != inner_.end()) return;
    const char* where = nullptr;
    switch (place) {
      case Place::Allowed: break;
      case Place::NonRecursiveTerm: where = "its non-recursive term"; break;
      case Place::Subquery: where = "a subquery"; break;
      case Place::OuterJoin: where = "an outer join"; break;
      case Place::Intersect: where = "INTERSECT"; break;
      case Place::Except: where = "EXCEPT"; break;
    }
    std::string text = "recursive reference to query \"" + std::string(name_) + "\" must not appear ";
    if (where != nullptr) throw SqlError(Sqlstate::InvalidRecursion, text + "within " + where).position(position_(range.location));
    if (++count_ > 1) throw SqlError(Sqlstate::InvalidRecursion, text + "more than once").position(position_(range.location));
  }

  void select(const ast::SelectStmt& select, Place place) {
    size_t before = inner_.size();
    if (select.with_clause != nullptr) {
      if (select.with_clause->recursive) {
        for (const auto* cte : select.with_clause->ctes) inner_.push_back(cte->ctename);
      }
      for (const auto* cte : select.with_clause->ctes) {
        walk(cte->ctequery, place);
        if (!select.with_clause->recursive) inner_.push_back(cte->ctename);
      }
    }
    bool excepts = select.op == ast::SetOperation::Except;
    Place left = place, right = place;
    if (place == Place::Allowed && select.all && select.op == ast::SetOperation::Intersect) left = right = Place::Intersect;
    if (place == Place::Allowed && excepts) {
      if (select.all) left = Place::Except;
      right = Place::Except;
    }
    ast::for_each_child(select, [&](const ast::Node& child) {
      if (&child == select.with_clause) return;
      walk(&child, &child == select.larg ? left : &child == select.rarg ? right : place);
    });
    inner_.resize(before);
  }

  std::string_view name_;
  std::function<int(int)> position_;
  std::vector<std::string_view> inner_;
  int count_ = 0;
};

}  // namespace

bool QueryAnalyzer::names_itself(const ast::CommonTableExpr& cte) {
  bool found = false;
  References([&](const ast::RangeVar& range) { found = found || range.relname == cte.ctename; }).walk(*cte.ctequery);
  return found;
}

std::vector<const ast::CommonTableExpr*> QueryAnalyzer::ordered_ctes(const ast::WithClause& with) {
  std::vector<const ast::CommonTableExpr*> given(with.ctes.begin(), with.ctes.end());
  if (!with.recursive) return given;
  std::vector<std::vector<size_t>> needs(given.size());
  for (size_t i = 0; i < given.size(); ++i) {
    References([&](const ast::RangeVar& range) {
      for (size_t k = 0; k < given.size(); ++k) {
        if (k != i && given[k]->ctename == range.relname) needs[i].push_back(k);
      }
    }).walk(*given[i]->ctequery);
  }
  std::vector<const ast::CommonTableExpr*> ordered;
  std::vector<bool> done(given.size());
  while (ordered.size() < given.size()) {
    size_t next = given.size();
    for (size_t i = 0; i < given.size() && next == given.size(); ++i) {
      if (!done[i] && std::all_of(needs[i].begin(), needs[i].end(), [&](size_t k) { return done[k]; })) next = i;
    }
    if (next == given.size()) {
      size_t first = static_cast<size_t>(std::find(done.begin(), done.end(), false) - done.begin());
      throw SqlError(Sqlstate::FeatureNotSupported, "mutual recursion between WITH items is not implemented").position(position(given[first]->location));
    }
    done[next] = true;
    ordered.push_back(given[next]);
  }
  return ordered;
}

void QueryAnalyzer::check_recursion(const ast::CommonTableExpr& cte) {
  std::string name(cte.ctename);
  auto fail = [&](std::string text) { throw SqlError(Sqlstate::InvalidRecursion, std::move(text)).position(position(cte.location)); };
  auto* select = ast::node_cast<ast::SelectStmt>(cte.ctequery);
  if (select == nullptr) fail("recursive query \"" + name + "\" must not contain data-modifying statements");
  if (select->op != ast::SetOperation::Union) {
    fail("recursive query \"" + name + "\" does not have the form non-recursive-term UNION [ALL] recursive-term");
  }
  using Place = RecursionChecker::Place;
  RecursionChecker checker(cte.ctename, [this](int location) { return position(location); });
  if (select->with_clause != nullptr) {
    for (const auto* inner : select->with_clause->ctes) checker.walk(inner->ctequery, Place::Subquery);
  }
  checker.walk(select->larg, Place::NonRecursiveTerm);
  checker.walk(select->rarg, Place::Allowed);
  auto refuse = [&](const char* what, const ast::Node& at) {
    throw SqlError(Sqlstate::FeatureNotSupported, std::string(what) + " in a recursive query is not implemented").position(position(at.location));
  };
  if (!select->sort_clause.empty()) refuse("ORDER BY", *select->sort_clause[0]->node);
  if (select->limit_offset != nullptr) refuse("OFFSET", *select->limit_offset);
  if (select->limit_count != nullptr) refuse("LIMIT", *select->limit_count);
  if (!select->locking_clause.empty()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "FOR UPDATE/SHARE in a recursive query is not implemented");
  }
}

}  // namespace aegis::analyzer
