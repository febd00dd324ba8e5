// Recorded queries as text, in the layout of pg_get_viewdef: a clause a line, indented, every column with its table.
#include <algorithm>
#include <set>

#include "aegis/functions/quoting.h"
#include "query_recorder.h"

namespace aegis::analyzer {

namespace {

using functions::quote_identifier;
using Recorder = QueryRecorder;
using Text = QueryRecorder::Text;

constexpr int kStep = 8;
constexpr int kJoinStep = 4;
constexpr int kItemStep = 4;
constexpr int kMaxIndent = 40;

class Writer {
 public:
  explicit Writer(Recorder& recorder) : recorder_(recorder) { levels_.push_back({{}, {"old", "new"}}); }

  void query(const ast::SelectStmt& select, const std::vector<std::string>* names, bool names_shown) {
    int before = indent_;
    open_level(select.from_clause);
    if (select.with_clause != nullptr) with(*select.with_clause);
    if (select.op != ast::SetOperation::None) {
      set_operation(select, names, names_shown);
    } else {
      indent_ += kStep;
      out_ += ' ';
      if (!select.values_lists.empty()) values(select);
      else basic(select, names, names_shown);
    }
    ending(select);
    levels_.pop_back();
    indent_ = before;
  }

  void statement(const ast::Node& node) {
    switch (node.tag) {
      case ast::NodeTag::SelectStmt: return query(static_cast<const ast::SelectStmt&>(node), nullptr, true);
      case ast::NodeTag::InsertStmt: return insert(static_cast<const ast::InsertStmt&>(node));
      case ast::NodeTag::UpdateStmt: return update(static_cast<const ast::UpdateStmt&>(node));
      case ast::NodeTag::DeleteStmt: return remove(static_cast<const ast::DeleteStmt&>(node));
      default: return;
    }
  }

  void expression(std::string_view text) { put(text); }

  std::string take() { return std::move(out_); }

 private:
  struct Level {
    std::map<const ast::Node*, std::string> names;
    std::set<std::string> reserved;
  };

  // --- Names of tables ---
  void open_level(ast::NodeList from) {
    levels_.emplace_back();
    for (const auto* node : from) name_ranges(*node);
  }
  bool is_used(const std::string& name) const {
    for (const auto& level : levels_) {
      if (level.reserved.count(name) != 0) return true;
      for (const auto& [node, used] : level.names) {
        if (used == name) return true;
      }
    }
    return false;
  }
  void name_range(const ast::Node& node, const std::string& wanted) {
    std::string name = wanted;
    for (int i = 1; is_used(name); ++i) name = wanted + "_" + std::to_string(i);
    levels_.back().names[&node] = name;
  }
  void name_ranges(const ast::Node& node) {
    if (node.tag == ast::NodeTag::RangeTableSample) return name_ranges(*static_cast<const ast::RangeTableSample&>(node).relation);
    if (node.tag != ast::NodeTag::JoinExpr) return name_range(node, recorder_.ranges[&node].alias);
    const auto& join = static_cast<const ast::JoinExpr&>(node);
    name_ranges(*join.larg);
    name_ranges(*join.rarg);
    if (join.alias != nullptr) name_range(node, std::string(join.alias->aliasname));
  }
  std::string name_of(const ast::Node* node) const {
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      if (auto found = level->names.find(node); found != level->names.end()) return found->second;
    }
    return recorder_.ranges[node].alias;
  }

  // --- Lines ---
  void line(std::string_view text, int before, int after, int plus) {
    indent_ += before;
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
    int amount = std::max(indent_, 0);
    if (amount >= kMaxIndent) amount = (kMaxIndent + (indent_ - kMaxIndent) / (kStep / 2)) % kMaxIndent;
    out_.append(static_cast<size_t>(amount + plus), ' ');
    out_ += text;
    indent_ = std::max(indent_ + after, 0);
  }
  void clause(std::string_view text, int plus) { line(text, -kStep, kStep, plus); }

  // Appends a recorded text, with names and subqueries in place of its marks.
  void put(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
      char c = text[i];
      if (c == '\1' || c == '\6') {
        size_t end = text.find(static_cast<char>(c + 1), i);
        size_t number = std::stoul(std::string(text.substr(i + 1, end - i - 1)));
        i = end;
        if (c == '\6') sub_link(number);
        else reference(recorder_.references[number]);
      } else if (c == '\3') {
        line("", 0, kItemStep, 0);
      } else if (c == '\4') {
        line("", 0, 0, 0);
      } else if (c == '\5') {
        line("", -kItemStep, 0, 0);
      } else {
        out_ += c;
      }
    }
  }
  void reference(const Recorder::Reference& reference) {
    std::string name = name_of(reference.range);
    if (!name.empty()) out_ += quote_identifier(name) + ".";
    out_ += reference.column == "*" ? "*" : quote_identifier(reference.column);
  }
  void put(const Text& text) { put(text.sql); }

  void sub_link(size_t number) {
    const auto& record = recorder_.links[number];
    const auto& link = *record.link;
    out_ += link.sub_link_type == ast::SubLinkType::Array ? "ARRAY(" : "(";
    std::string op = link.oper_name.empty() ? "=" : std::string(link.oper_name.back());
    bool inner = true;
    put(record.left);
    switch (link.sub_link_type) {
      case ast::SubLinkType::Exists: out_ += "EXISTS "; break;
      case ast::SubLinkType::Any: out_ += op == "=" ? " IN " : " " + op + " ANY "; break;
      case ast::SubLinkType::All: out_ += " " + op + " ALL "; break;
      case ast::SubLinkType::RowCompare: out_ += " " + op + " "; break;
      default: inner = false; break;
    }
    if (inner) out_ += '(';
    if (auto* select = ast::node_cast<ast::SelectStmt>(link.subselect)) query(*select, nullptr, false);
    out_ += inner ? "))" : ")";
  }

  // --- Clauses ---
  void with(const ast::WithClause& with) {
    indent_ += kStep;
    out_ += ' ';
    const char* separator = with.recursive ? "WITH RECURSIVE " : "WITH ";
    for (const auto* cte : with.ctes) {
      out_ += separator + quote_identifier(cte->ctename);
      if (!cte->aliascolnames.empty()) {
        out_ += "(";
        for (size_t i = 0; i < cte->aliascolnames.size(); ++i) out_ += (i > 0 ? ", " : "") + quote_identifier(cte->aliascolnames[i]);
        out_ += ")";
      }
      out_ += " AS ";
      if (cte->ctematerialized == ast::CTEMaterialize::Always) out_ += "MATERIALIZED ";
      if (cte->ctematerialized == ast::CTEMaterialize::Never) out_ += "NOT MATERIALIZED ";
      out_ += '(';
      line("", 0, 0, 0);
      statement(*cte->ctequery);
      line("", 0, 0, 0);
      out_ += ')';
      search_and_cycle(*cte);
      separator = ", ";
    }
    indent_ -= kStep;
    line("", 0, 0, 0);
  }

  void search_and_cycle(const ast::CommonTableExpr& cte) {
    auto names = [&](ast::NameList list) {
      for (size_t i = 0; i < list.size(); ++i) out_ += (i > 0 ? ", " : "") + quote_identifier(list[i]);
    };
    if (const auto* search = cte.search_clause; search != nullptr) {
      out_ += search->search_breadth_first ? " SEARCH BREADTH FIRST BY " : " SEARCH DEPTH FIRST BY ";
      names(search->search_col_list);
      out_ += " SET " + quote_identifier(search->search_seq_column);
    }
    const auto* cycle = cte.cycle_clause;
    if (cycle == nullptr) return;
    out_ += " CYCLE ";
    names(cycle->cycle_col_list);
    out_ += " SET " + quote_identifier(cycle->cycle_mark_column);
    const auto& value = recorder_.texts.at(cycle->cycle_mark_value);
    const auto& otherwise = recorder_.texts.at(cycle->cycle_mark_default);
    if (value.sql != "true" || otherwise.sql != "false") {
      out_ += " TO ";
      put(value);
      out_ += " DEFAULT ";
      put(otherwise);
    }
    out_ += " USING " + quote_identifier(cycle->cycle_path_column);
  }

  void targets(const std::vector<Recorder::Target>& targets, const std::vector<std::string>* names, bool names_shown) {
    for (size_t i = 0; i < targets.size(); ++i) {
      out_ += i == 0 ? " " : ", ";
      std::string before = std::move(out_);
      out_.clear();
      const auto& target = targets[i];
      put(target.text);
      std::string name = names != nullptr && i < names->size() ? (*names)[i] : target.name;
      bool as_is = target.text.kind == Text::Kind::Column ? target.text.name == name : !names_shown && name == "?column?";
      if (!as_is) out_ += " AS " + quote_identifier(name);
      std::string field = std::move(out_);
      out_ = std::move(before);
      bool begins_line = !field.empty() && field[0] == '\n';
      if (begins_line) {
        while (!out_.empty() && out_.back() == ' ') out_.pop_back();
      } else if (i > 0) {
        line("", -kStep, kStep, kItemStep);
      }
      out_ += field;
    }
  }

  void basic(const ast::SelectStmt& select, const std::vector<std::string>* names, bool names_shown) {
    auto& record = recorder_.query(select);
    out_ += "SELECT";
    if (select.distinct) {
      out_ += " DISTINCT";
      if (!record.distinct_on.empty()) {
        out_ += " ON (";
        for (size_t i = 0; i < record.distinct_on.size(); ++i) {
          if (i > 0) out_ += ", ";
          key(record.distinct_on[i]);
        }
        out_ += ")";
      }
    }
    targets(record.targets, names, names_shown);
    from(select.from_clause, " FROM ");
    if (record.where.given) {
      clause(" WHERE ", 1);
      put(record.where);
    }
    if (!select.group_clause.empty()) {
      clause(" GROUP BY ", 1);
      if (select.group_distinct) out_ += "DISTINCT ";
      for (size_t i = 0; i < select.group_clause.size(); ++i) {
        if (i > 0) out_ += ", ";
        grouping(*select.group_clause[i], true);
      }
    }
    if (record.having.given) {
      clause(" HAVING ", 0);
      put(record.having);
    }
    for (size_t i = 0; i < select.window_clause.size() && i < record.windows.size(); ++i) {
      if (i == 0) clause(" WINDOW ", 1);
      else out_ += ", ";
      out_ += quote_identifier(select.window_clause[i]->name) + " AS (";
      put(record.windows[i]);
      out_ += ")";
    }
  }

  void grouping(const ast::Node& node, bool top) {
    auto* set = ast::node_cast<ast::GroupingSet>(&node);
    if (set == nullptr) {
      auto* row = ast::node_cast<ast::RowExpr>(&node);
      if (row != nullptr && row->row_format == ast::CoercionForm::ImplicitCast) {
        if (!top) out_ += "(";
        for (size_t i = 0; i < row->args.size(); ++i) {
          if (i > 0) out_ += ", ";
          key(recorder_.texts[row->args[i]]);
        }
        if (!top) out_ += ")";
        return;
      }
      return key(recorder_.texts[&node]);
    }
    const char* word = "";
    switch (set->kind) {
      case ast::GroupingSetKind::Empty: out_ += "()"; return;
      case ast::GroupingSetKind::Simple: break;
      case ast::GroupingSetKind::Rollup: word = "ROLLUP"; break;
      case ast::GroupingSetKind::Cube: word = "CUBE"; break;
      case ast::GroupingSetKind::Sets: word = "GROUPING SETS "; break;
    }
    out_ += word;
    out_ += "(";
    for (size_t i = 0; i < set->content.size(); ++i) {
      if (i > 0) out_ += ", ";
      grouping(*set->content[i], false);
    }
    out_ += ")";
  }

  // An expression of ORDER BY, GROUP BY or DISTINCT ON.
  void key(const Text& text) {
    bool plain = text.kind == Text::Kind::Column || text.kind == Text::Kind::Constant;
    bool wrapped = !plain && (recorder_.pretty() || text.kind == Text::Kind::Call);
    if (wrapped) out_ += '(';
    put(text);
    if (wrapped) out_ += ')';
  }

  void ending(const ast::SelectStmt& select) {
    auto& record = recorder_.query(select);
    for (size_t i = 0; i < select.sort_clause.size() && i < record.order.size(); ++i) {
      const auto& sort = *select.sort_clause[i];
      if (i == 0) clause(" ORDER BY ", 1);
      else out_ += ", ";
      key(record.order[i]);
      bool descending = sort.sortby_dir == ast::SortByDir::Desc;
      if (sort.sortby_dir == ast::SortByDir::Using) descending = sort.use_op.back() == ">";
      if (descending) out_ += " DESC";
      if (sort.sortby_nulls == ast::SortByNulls::First && !descending) out_ += " NULLS FIRST";
      if (sort.sortby_nulls == ast::SortByNulls::Last && descending) out_ += " NULLS LAST";
    }
    if (record.offset.given) {
      clause(" OFFSET ", 0);
      put(record.offset);
    }
    if (record.limit.given) {
      bool ties = select.limit_option == ast::LimitOption::WithTies;
      clause(ties ? " FETCH FIRST " : " LIMIT ", 0);
      if (ties) out_ += "(";
      if (record.limit.sql.starts_with("NULL")) out_ += "ALL";
      else put(record.limit);
      if (ties) out_ += ")";
      if (ties) out_ += " ROWS WITH TIES";
    }
    for (const auto* lock : select.locking_clause) {
      switch (lock->strength) {
        case ast::LockClauseStrength::ForKeyShare: clause(" FOR KEY SHARE", 0); break;
        case ast::LockClauseStrength::ForShare: clause(" FOR SHARE", 0); break;
        case ast::LockClauseStrength::ForNoKeyUpdate: clause(" FOR NO KEY UPDATE", 0); break;
        case ast::LockClauseStrength::None:
        case ast::LockClauseStrength::ForUpdate: clause(" FOR UPDATE", 0); break;
      }
      for (size_t i = 0; i < lock->locked_rels.size(); ++i) out_ += (i == 0 ? " OF " : ", ") + quote_identifier(lock->locked_rels[i]->relname);
      if (lock->wait_policy == ast::LockWaitPolicy::Error) out_ += " NOWAIT";
      if (lock->wait_policy == ast::LockWaitPolicy::Skip) out_ += " SKIP LOCKED";
    }
  }

  void values(const ast::SelectStmt& select) {
    out_ += "VALUES ";
    const auto& rows = recorder_.query(select).rows;
    for (size_t i = 0; i < rows.size(); ++i) {
      out_ += i == 0 ? "(" : ", (";
      for (size_t k = 0; k < rows[i].size(); ++k) {
        if (k > 0) out_ += ", ";
        put(rows[i][k]);
      }
      out_ += ")";
    }
  }

  // --- Set operations ---
  static bool is_leaf(const ast::SelectStmt& select) {
    return select.op == ast::SetOperation::None || !select.sort_clause.empty() || select.limit_count != nullptr || select.limit_offset != nullptr ||
           !select.locking_clause.empty() || select.with_clause != nullptr;
  }
  void operand(const ast::SelectStmt& select, const std::vector<std::string>* names, bool names_shown) {
    if (!is_leaf(select)) return set_operation(select, names, names_shown);
    bool parentheses = select.with_clause != nullptr || !select.sort_clause.empty() || !select.locking_clause.empty() || select.limit_count != nullptr ||
                       select.limit_offset != nullptr;
    if (parentheses) out_ += '(';
    query(select, names, names_shown);
    if (parentheses) out_ += ')';
  }
  void set_operation(const ast::SelectStmt& select, const std::vector<std::string>* names, bool names_shown) {
    bool left_leaf = is_leaf(*select.larg);
    bool same = select.larg->op == select.op && select.larg->all == select.all;
    bool wrapped = !left_leaf && !same;
    int inner = wrapped ? kStep : 0;
    if (wrapped) {
      out_ += '(';
      line("", inner, 0, 0);
    }
    operand(*select.larg, names, names_shown);
    line(wrapped ? ") " : "", -inner, 0, 0);
    switch (select.op) {
      case ast::SetOperation::Union: out_ += "UNION "; break;
      case ast::SetOperation::Intersect: out_ += "INTERSECT "; break;
      case ast::SetOperation::Except: out_ += "EXCEPT "; break;
      case ast::SetOperation::None: break;
    }
    if (select.all) out_ += "ALL ";
    wrapped = !is_leaf(*select.rarg);
    inner = wrapped ? kStep : 0;
    if (wrapped) out_ += '(';
    line("", inner, 0, 0);
    operand(*select.rarg, nullptr, false);
    indent_ -= inner;
    if (wrapped) line(")", 0, 0, 0);
  }

  // --- FROM ---
  void from(ast::NodeList list, std::string_view word, const ast::Node* skip = nullptr) {
    bool first = true;
    for (const auto* node : list) {
      if (node == skip) continue;
      if (first) {
        clause(word, 2);
        item(*node);
        first = false;
        continue;
      }
      out_ += ", ";
      std::string before = std::move(out_);
      out_.clear();
      item(*node);
      std::string text = std::move(out_);
      out_ = std::move(before);
      if (!text.empty() && text[0] == '\n') {
        while (!out_.empty() && out_.back() == ' ') out_.pop_back();
      } else {
        line("", -kStep, kStep, kItemStep);
      }
      out_ += text;
    }
  }

  void item(const ast::Node& node) {
    switch (node.tag) {
      case ast::NodeTag::JoinExpr: return join(static_cast<const ast::JoinExpr&>(node));
      case ast::NodeTag::RangeVar: return table(static_cast<const ast::RangeVar&>(node));
      case ast::NodeTag::RangeSubselect: {
        const auto& sub = static_cast<const ast::RangeSubselect&>(node);
        if (sub.lateral) out_ += "LATERAL ";
        out_ += '(';
        query(static_cast<const ast::SelectStmt&>(*sub.subquery), nullptr, true);
        out_ += ')';
        out_ += " " + quote_identifier(name_of(&node));
        if (sub.alias != nullptr && !sub.alias->colnames.empty()) columns(recorder_.ranges[&node].columns);
        return;
      }
      case ast::NodeTag::RangeFunction: return function(static_cast<const ast::RangeFunction&>(node));
      case ast::NodeTag::RangeTableFunc: return xml_table(static_cast<const ast::RangeTableFunc&>(node));
      case ast::NodeTag::RangeTableSample: return sample(static_cast<const ast::RangeTableSample&>(node));
      default: return;
    }
  }

  void columns(const std::vector<std::string>& names) {
    out_ += "(";
    for (size_t i = 0; i < names.size(); ++i) out_ += (i > 0 ? ", " : "") + quote_identifier(names[i]);
    out_ += ")";
  }

  std::string relation_text(const catalog::Relation& relation) {
    const auto& context = recorder_.context();
    for (Oid schema : context.search_path) {
      Oid seen = context.catalog.find_relation(schema, relation.name, context.database);
      if (seen == relation.oid) return quote_identifier(relation.name);
      if (seen != kInvalidOid) break;
    }
    auto schema = context.catalog.schema(relation.schema);
    return (schema == nullptr ? std::string() : quote_identifier(schema->name) + ".") + quote_identifier(relation.name);
  }

  void table(const ast::RangeVar& range) {
    const auto& record = recorder_.ranges[&range];
    std::string name = name_of(&range);
    std::string own(range.relname);
    if (record.relation != nullptr) {
      if (!range.inh) out_ += "ONLY ";
      out_ += relation_text(*record.relation);
      own = record.relation->name;
    } else {
      out_ += quote_identifier(own);
    }
    if (record.aliased || name != own) out_ += " " + quote_identifier(name);
    if (range.alias != nullptr && !range.alias->colnames.empty()) columns(record.columns);
  }

  void function(const ast::RangeFunction& function) {
    const auto& record = recorder_.ranges[&function];
    if (function.lateral) out_ += "LATERAL ";
    bool several = record.calls.size() != 1;
    constexpr std::string_view kUnnest = "unnest(";
    bool unnests = several && record.real_columns.empty() && !record.calls.empty();
    for (const auto& call : record.calls) unnests = unnests && call.sql.starts_with(kUnnest) && call.sql.ends_with(')');
    if (several) out_ += unnests ? "UNNEST(" : "ROWS FROM(";
    for (size_t i = 0; i < record.calls.size(); ++i) {
      if (i > 0) out_ += ", ";
      std::string_view text = record.calls[i].sql;
      put(unnests ? text.substr(kUnnest.size(), text.size() - kUnnest.size() - 1) : text);
    }
    if (several) out_ += ")";
    if (function.ordinality) out_ += " WITH ORDINALITY";
    out_ += " " + quote_identifier(name_of(&function));
    if (!function.coldeflist.empty() && !record.real_columns.empty()) {
      out_ += "(";
      for (size_t i = 0; i < record.real_columns.size(); ++i) out_ += (i > 0 ? ", " : "") + record.real_columns[i];
      out_ += ")";
      return;
    }
    columns(record.columns);
  }

  void xml_table(const ast::RangeTableFunc& table) {
    const auto& record = recorder_.ranges[&table];
    if (table.lateral) out_ += "LATERAL ";
    put(std::string_view(record.written));
    if (table.alias == nullptr) return;
    out_ += " " + quote_identifier(name_of(&table));
    if (!table.alias->colnames.empty()) columns(record.columns);
  }

  void sample(const ast::RangeTableSample& sample) {
    item(*sample.relation);
    const auto& record = recorder_.ranges[&sample];
    out_ += " TABLESAMPLE " + quote_identifier(sample.method.back()) + " (";
    for (size_t i = 0; i < record.calls.size(); ++i) {
      if (i > 0) out_ += ", ";
      put(record.calls[i]);
    }
    out_ += ")";
    if (record.quals.given) {
      out_ += " REPEATABLE (";
      put(record.quals);
      out_ += ")";
    }
  }

  void join(const ast::JoinExpr& join) {
    const auto& record = recorder_.ranges[&join];
    bool wrapped = !recorder_.pretty() || join.alias != nullptr;
    auto* right_join = ast::node_cast<ast::JoinExpr>(join.rarg);
    bool right_wrapped = recorder_.pretty() && right_join != nullptr && right_join->alias == nullptr;
    if (wrapped) out_ += '(';
    item(*join.larg);
    bool has_condition = record.quals.given || !record.using_names.empty();
    const char* word = "";
    switch (join.jointype) {
      case ast::JoinType::Inner: word = has_condition ? " JOIN " : " CROSS JOIN "; break;
      case ast::JoinType::Left: word = " LEFT JOIN "; break;
      case ast::JoinType::Full: word = " FULL JOIN "; break;
      case ast::JoinType::Right: word = " RIGHT JOIN "; break;
    }
    line(word, -kStep, kStep, kJoinStep);
    if (right_wrapped) out_ += '(';
    item(*join.rarg);
    if (right_wrapped) out_ += ')';
    if (!record.using_names.empty()) {
      out_ += " USING ";
      columns(record.using_names);
      if (join.join_using_alias != nullptr) out_ += " AS " + quote_identifier(join.join_using_alias->aliasname);
    } else if (record.quals.given) {
      out_ += " ON ";
      if (!recorder_.pretty()) out_ += '(';
      put(record.quals);
      if (!recorder_.pretty()) out_ += ')';
    } else if (join.jointype != ast::JoinType::Inner) {
      out_ += " ON TRUE";
    }
    if (wrapped) out_ += ')';
    if (join.alias == nullptr) return;
    out_ += " " + quote_identifier(name_of(&join));
    if (!join.alias->colnames.empty()) columns(record.columns);
  }

  // --- Writing statements ---
  void returning(const ast::Node& node) {
    auto& record = recorder_.query(node);
    if (record.returning.empty()) return;
    line(" RETURNING", -kStep, kStep, 1);
    targets(record.returning, nullptr, true);
  }
  void written(const ast::RangeVar& range) {
    const auto& record = recorder_.ranges[&range];
    if (!range.inh) out_ += "ONLY ";
    if (record.relation != nullptr) out_ += relation_text(*record.relation);
  }

  void insert(const ast::InsertStmt& insert) {
    int before = indent_;
    levels_.emplace_back();
    name_range(*insert.relation, recorder_.ranges[insert.relation].alias);
    if (insert.with_clause != nullptr) with(*insert.with_clause);
    auto& record = recorder_.query(insert);
    indent_ += kStep;
    out_ += " INSERT INTO ";
    written(*insert.relation);
    if (recorder_.ranges[insert.relation].aliased) out_ += " AS " + quote_identifier(name_of(insert.relation));
    out_ += " ";
    if (!record.columns.empty()) {
      columns(record.columns);
      out_ += " ";
    }
    auto* source = ast::node_cast<ast::SelectStmt>(insert.select_stmt);
    if (source == nullptr) {
      line("DEFAULT VALUES", -kStep, kStep, kItemStep);
      out_ += " ";
    } else if (source->values_lists.size() == 1 && !record.values.empty() && source->with_clause == nullptr) {
      line("VALUES (", -kStep, kStep, 2);
      for (size_t i = 0; i < record.values.size(); ++i) {
        if (i > 0) out_ += ", ";
        put(record.values[i]);
      }
      out_ += ")";
    } else if (!source->values_lists.empty() && source->with_clause == nullptr && source->sort_clause.empty()) {
      line("", -kStep, kStep, 2);
      levels_.emplace_back();
      values(*source);
      levels_.pop_back();
    } else {
      query(*source, nullptr, false);
    }
    if (insert.on_conflict_clause != nullptr) {
      out_ += " ON CONFLICT";
      out_ += insert.on_conflict_clause->action == ast::OnConflictAction::Nothing ? " DO NOTHING" : "";
    }
    returning(insert);
    levels_.pop_back();
    indent_ = before;
  }

  void update(const ast::UpdateStmt& update) {
    int before = indent_;
    levels_.emplace_back();
    name_range(*update.relation, recorder_.ranges[update.relation].alias);
    for (const auto* node : update.from_clause) name_ranges(*node);
    if (update.with_clause != nullptr) with(*update.with_clause);
    auto& record = recorder_.query(update);
    indent_ += kStep;
    out_ += " UPDATE ";
    written(*update.relation);
    std::string name = name_of(update.relation);
    const auto& range = recorder_.ranges[update.relation];
    if (range.aliased || (range.relation != nullptr && range.relation->name != name)) out_ += " " + quote_identifier(name);
    out_ += " SET ";
    for (size_t i = 0; i < record.columns.size(); ++i) {
      if (i > 0) out_ += ", ";
      out_ += quote_identifier(record.columns[i]) + " = ";
      put(record.values[i]);
    }
    from(update.from_clause, " FROM ");
    if (record.where.given) {
      clause(" WHERE ", 1);
      put(record.where);
    }
    returning(update);
    levels_.pop_back();
    indent_ = before;
  }

  void remove(const ast::DeleteStmt& remove) {
    int before = indent_;
    levels_.emplace_back();
    name_range(*remove.relation, recorder_.ranges[remove.relation].alias);
    for (const auto* node : remove.using_clause) name_ranges(*node);
    if (remove.with_clause != nullptr) with(*remove.with_clause);
    auto& record = recorder_.query(remove);
    indent_ += kStep;
    out_ += " DELETE FROM ";
    written(*remove.relation);
    std::string name = name_of(remove.relation);
    const auto& range = recorder_.ranges[remove.relation];
    if (range.aliased || (range.relation != nullptr && range.relation->name != name)) out_ += " " + quote_identifier(name);
    from(remove.using_clause, " USING ");
    if (record.where.given) {
      clause(" WHERE ", 1);
      put(record.where);
    }
    returning(remove);
    levels_.pop_back();
    indent_ = before;
  }

  Recorder& recorder_;
  std::string out_;
  int indent_ = 0;
  std::vector<Level> levels_;
};

}  // namespace

std::string write_query(QueryRecorder& recorder, const ast::SelectStmt& select, const std::vector<std::string>* names) {
  Writer writer(recorder);
  writer.query(select, names, true);
  return writer.take();
}

std::string write_expression(QueryRecorder& recorder, std::string_view text) {
  Writer writer(recorder);
  writer.expression(text);
  return writer.take();
}

std::string write_statement(QueryRecorder& recorder, const ast::Node& statement) {
  Writer writer(recorder);
  writer.statement(statement);
  return writer.take();
}

}  // namespace aegis::analyzer
