// Rules: a statement that writes to a relation with rules becomes other statements (rewriteHandler.c).
//
// What OLD and NEW are is put in front of an action's FROM as a subquery that computes the rows which the statement would
// write, so an action runs over those rows. Actions stay text in the catalog and are parsed each time.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/functions/quoting.h"
#include "aegis/parser/ast_ddl.h"
#include "aegis/parser/ast_utility.h"
#include "aegis/parser/parser.h"
#include "aegis/parser/walk.h"
#include "aegis/plan/walk.h"
#include "query_analyzer.h"
#include "query_recorder.h"
#include "rule_rows.h"

namespace aegis::analyzer {

using ast::node_cast;
using functions::quote_identifier;

namespace {

constexpr std::string_view kSource = "*RULE*";

char event_of(const ast::Node& statement) {
  switch (statement.tag) {
    case ast::NodeTag::InsertStmt: return '3';
    case ast::NodeTag::UpdateStmt: return '2';
    case ast::NodeTag::DeleteStmt: return '4';
    default: return 0;
  }
}

const char* event_name(char event) { return event == '3' ? "INSERT" : event == '2' ? "UPDATE" : "DELETE"; }

const ast::RangeVar* target_of(const ast::Node& statement) {
  switch (statement.tag) {
    case ast::NodeTag::InsertStmt: return static_cast<const ast::InsertStmt&>(statement).relation;
    case ast::NodeTag::UpdateStmt: return static_cast<const ast::UpdateStmt&>(statement).relation;
    case ast::NodeTag::DeleteStmt: return static_cast<const ast::DeleteStmt&>(statement).relation;
    default: return nullptr;
  }
}

class Rewriter {
 public:
  Rewriter(const AnalyzerContext& context, catalog::RelationPtr relation, const ast::Node& statement)
      : context_(context), relation_(std::move(relation)), statement_(statement), event_(event_of(statement)), store_(std::make_shared<Store>()) {
    for (size_t i = 0; i < relation_->columns.size(); ++i) {
      if (!relation_->columns[i].dropped) columns_.push_back(static_cast<int>(i));
    }
  }

  Rewriting run(const std::vector<const catalog::Rule*>& rules) {
    Rewriting out;
    out.keep = store_;
    out.relation = relation_;
    out.privilege = event_ == '3' ? 'a' : event_ == '2' ? 'w' : 'd';
    refuse_unsupported();
    bool replaced = std::any_of(rules.begin(), rules.end(), [](const auto* rule) { return rule->instead && rule->where_sql.empty(); });
    std::vector<RewrittenStatement> actions;
    std::vector<ast::Node*> excluded;
    const ast::List<ast::ResTarget> returning = returning_of(statement_);
    bool returns = false;
    for (const auto* rule : rules) {
      for (Oid schema : rule->search_path) {
        if (std::find(out.rule_path.begin(), out.rule_path.end(), schema) == out.rule_path.end()) out.rule_path.push_back(schema);
      }
      if (rule->instead && !rule->where_sql.empty()) excluded.push_back(condition(*rule));
      for (const auto& text : rule->actions) {
        ast::Node* action = parse(text);
        RewrittenStatement made;
        made.by_owner = true;
        if (auto* notify = node_cast<ast::NotifyStmt>(action)) {
          made.channel = notify->conditionname;
          made.payload = notify->payload;
          actions.push_back(std::move(made));
          continue;
        }
        bool answers = rule->instead && rule->where_sql.empty() && !returning_of(*action).empty() && !returning.empty() && event_of(*action) == event_;
        attach(action, rule->where_sql.empty() ? nullptr : condition(*rule), answers ? returning : ast::List<ast::ResTarget>());
        returns = returns || answers;
        made.node = action;
        actions.push_back(std::move(made));
      }
    }
    if (replaced) {
      if (!returning.empty() && !returns) {
        std::string event = event_name(event_);
        throw SqlError(Sqlstate::FeatureNotSupported, "cannot perform " + event + " RETURNING on relation \"" + relation_->name + "\"")
            .hint("You need an unconditional ON " + event + " DO INSTEAD rule with a RETURNING clause.");
      }
      // The last action of the statement's own kind gives its rows and its tag.
      for (size_t i = actions.size(); i-- > 0;) {
        if (actions[i].node == nullptr || event_of(*actions[i].node) != event_) continue;
        actions[i].main = true;
        break;
      }
      out.statements = std::move(actions);
      out.source = source_query();
      return out;
    }
    RewrittenStatement original;
    original.node = original_without(excluded);
    original.main = true;
    if (event_ == '3') {
      out.statements.push_back(std::move(original));
      for (auto& action : actions) out.statements.push_back(std::move(action));
    } else {
      out.statements = std::move(actions);
      out.statements.push_back(std::move(original));
    }
    out.source = source_query();
    return out;
  }

 private:
  struct Store {
    std::vector<std::unique_ptr<parser::ParseResult>> texts;
    Arena arena;
  };

  ast::Node* parse(const std::string& sql) {
    store_->texts.push_back(std::make_unique<parser::ParseResult>(parser::parse(sql)));
    return store_->texts.back()->statements.at(0).stmt;
  }
  template <typename T>
  T* parse_as(const std::string& sql) {
    return static_cast<T*>(parse(sql));
  }
  Arena& arena() { return store_->arena; }
  ast::NodeList joined(ast::NodeList front, ast::NodeList back) {
    std::vector<ast::Node*> all(front.begin(), front.end());
    all.insert(all.end(), back.begin(), back.end());
    return arena().copy(std::span<ast::Node* const>(all));
  }
  ast::Node* both(ast::Node* a, ast::Node* b) {
    if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
    auto* made = arena().make<ast::BoolExpr>();
    ast::Node* args[] = {a, b};
    made->args = arena().copy(std::span<ast::Node* const>(args));
    return made;
  }
  ast::Node* condition(const catalog::Rule& rule) { return parse_as<ast::SelectStmt>("SELECT 1 WHERE (" + rule.where_sql + ")")->where_clause; }

  static ast::List<ast::ResTarget> returning_of(const ast::Node& node) {
    switch (node.tag) {
      case ast::NodeTag::InsertStmt: return static_cast<const ast::InsertStmt&>(node).returning_list;
      case ast::NodeTag::UpdateStmt: return static_cast<const ast::UpdateStmt&>(node).returning_list;
      case ast::NodeTag::DeleteStmt: return static_cast<const ast::DeleteStmt&>(node).returning_list;
      default: return {};
    }
  }

  void refuse_unsupported() {
    const ast::WithClause* with = nullptr;
    if (auto* insert = node_cast<ast::InsertStmt>(&statement_)) {
      with = insert->with_clause;
      if (insert->on_conflict_clause != nullptr) {
        throw SqlError(Sqlstate::FeatureNotSupported, "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules");
      }
    }
    if (auto* update = node_cast<ast::UpdateStmt>(&statement_)) with = update->with_clause;
    if (auto* remove = node_cast<ast::DeleteStmt>(&statement_)) with = remove->with_clause;
    if (with != nullptr) throw_not_supported("WITH in a statement that rules rewrite");
  }

  std::string type_text(int column) { return types::format_type({relation_->columns[column].type.oid, -1}, context_.types.names); }
  std::string name_of(int column) { return quote_identifier(relation_->columns[column].name); }
  std::string names() {
    std::string list;
    for (int column : columns_) list += (list.empty() ? "" : ", ") + name_of(column);
    return list;
  }
  std::string default_text(int column) {
    const auto& info = relation_->columns[column];
    if (info.identity != 0) return "nextval(" + std::to_string(info.identity_sequence) + "::regclass)";
    return info.default_sql.empty() || info.generated != 0 ? "NULL" : "(" + info.default_sql + ")";
  }

  // --- The rows that the statement would write ---
  // FROM items with the aliases "old" and "new" (as far as the event has them), made anew for each use.
  ast::NodeList sources() {
    ast::NodeList items = event_ == '3' ? insert_source() : event_ == '2' ? update_source() : delete_source();
    for (auto* item : items) static_cast<ast::RangeSubselect*>(item)->alias->location = kRuleRowsLocation;
    return items;
  }

  // The rows of VALUES with the columns' defaults where they say DEFAULT.
  const ast::SelectStmt* with_defaults(const ast::SelectStmt& select, const std::vector<int>& given) {
    auto any_default = [](const auto* row) { return std::any_of(row->items.begin(), row->items.end(), [](const auto* item) { return ast::is_node<ast::SetToDefault>(item); }); };
    if (std::none_of(select.values_lists.begin(), select.values_lists.end(), any_default)) return &select;
    std::string sql;
    for (const auto* row : select.values_lists) {
      sql += sql.empty() ? "VALUES (" : ", (";
      for (size_t i = 0; i < row->items.size(); ++i) {
        bool is_default = ast::is_node<ast::SetToDefault>(row->items[i]) && i < given.size();
        sql += (i > 0 ? ", CAST(" : "CAST(") + (is_default ? default_text(given[i]) : std::string("NULL")) + " AS " + (i < given.size() ? type_text(given[i]) : "text") + ")";
      }
      sql += ")";
    }
    auto* made = parse_as<ast::SelectStmt>(sql);
    for (size_t r = 0; r < select.values_lists.size(); ++r) {
      const auto& items = select.values_lists[r]->items;
      for (size_t i = 0; i < items.size(); ++i) {
        if (!ast::is_node<ast::SetToDefault>(items[i])) static_cast<ast::TypeCast*>(made->values_lists[r]->items[i])->arg = items[i];
      }
    }
    return made;
  }

  ast::NodeList insert_source() {
    const auto& insert = static_cast<const ast::InsertStmt&>(statement_);
    std::vector<int> given;
    for (const auto* target : insert.cols) {
      if (!target->indirection.empty()) throw_not_supported("assignment to a part of a column where rules apply");
      int column = relation_->find_column(target->name);
      if (column < 0) {
        throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(target->name) + "\" of relation \"" + relation_->name + "\" does not exist");
      }
      given.push_back(column);
    }
    const ast::SelectStmt* select = node_cast<ast::SelectStmt>(insert.select_stmt);
    bool values = select != nullptr && !select->values_lists.empty() && select->sort_clause.empty() && select->limit_count == nullptr;
    bool one_row = values && select->values_lists.size() == 1;
    size_t width = select == nullptr ? 0 : !select->values_lists.empty() ? select->values_lists[0]->items.size() : given.size();
    if (given.empty()) {
      given = columns_;
      if (select != nullptr && !values) {
        std::vector<Type> types;
        width = analyze(context_, *select, types).output.size();
      }
      if (select != nullptr && width < given.size()) given.resize(width);
    }
    if (one_row && width != given.size()) {
      throw SqlError(Sqlstate::SyntaxError, width > given.size() ? "INSERT has more expressions than target columns" : "INSERT has more target columns than expressions");
    }
    if (values && !one_row) select = with_defaults(*select, given);
    std::string list, inner;
    std::vector<std::pair<size_t, ast::Node*>> slots;
    for (size_t i = 0; i < columns_.size(); ++i) {
      int column = columns_[i];
      size_t at = static_cast<size_t>(std::find(given.begin(), given.end(), column) - given.begin());
      ast::Node* value = at < given.size() && one_row ? select->values_lists[0]->items[at] : nullptr;
      bool computed = at < given.size() && select != nullptr && (!one_row || !ast::is_node<ast::SetToDefault>(value));
      if (computed && one_row) slots.emplace_back(i, value);
      std::string text = !computed ? default_text(column) : one_row ? "NULL" : "s.k" + std::to_string(at);
      list += (i > 0 ? ", CAST(" : "CAST(") + text + " AS " + type_text(column) + ")";
    }
    bool reads = select != nullptr && !one_row;
    if (reads) {
      for (size_t i = 0; i < given.size(); ++i) inner += (i > 0 ? ", k" : "k") + std::to_string(i);
      inner = " FROM (SELECT 1) s(" + inner + ")";
    }
    auto* made = parse_as<ast::SelectStmt>("SELECT 1 FROM (SELECT " + list + inner + ") \"new\"(" + names() + ")");
    auto* source = static_cast<ast::SelectStmt*>(static_cast<ast::RangeSubselect*>(made->from_clause[0])->subquery);
    for (auto& [at, value] : slots) static_cast<ast::TypeCast*>(source->target_list[at]->val)->arg = value;
    if (reads) static_cast<ast::RangeSubselect*>(source->from_clause[0])->subquery = const_cast<ast::SelectStmt*>(select);
    return made->from_clause;
  }

  ast::NodeList update_source() {
    const auto& update = static_cast<const ast::UpdateStmt&>(statement_);
    std::string alias = quote_identifier(update.relation->alias != nullptr ? update.relation->alias->aliasname : update.relation->relname);
    std::string list, old_list, new_list;
    std::vector<std::pair<size_t, ast::Node*>> slots;
    for (size_t i = 0; i < columns_.size(); ++i) {
      std::string number = std::to_string(i);
      list += (i > 0 ? ", " : "") + alias + "." + name_of(columns_[i]) + " AS o" + number;
      old_list += (i > 0 ? ", " : "") + quote_identifier(kSource) + ".o" + number + " AS " + name_of(columns_[i]);
      new_list += (i > 0 ? ", " : "") + quote_identifier(kSource) + ".n" + number + " AS " + name_of(columns_[i]);
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      ast::Node* value = assigned(update, columns_[i]);
      bool set_default = ast::is_node<ast::SetToDefault>(value);
      if (value != nullptr && !set_default) slots.emplace_back(columns_.size() + i, value);
      std::string text = value == nullptr ? alias + "." + name_of(columns_[i]) : set_default ? default_text(columns_[i]) : "NULL";
      list += ", CAST(" + text + " AS " + type_text(columns_[i]) + ") AS n" + std::to_string(i);
    }
    auto* made = parse_as<ast::SelectStmt>("SELECT 1 FROM (SELECT " + list + " FROM t) " + quote_identifier(kSource) + ", LATERAL (SELECT " + old_list +
                                           ") \"old\", LATERAL (SELECT " + new_list + ") \"new\"");
    auto* source = static_cast<ast::SelectStmt*>(static_cast<ast::RangeSubselect*>(made->from_clause[0])->subquery);
    for (auto& [at, value] : slots) static_cast<ast::TypeCast*>(source->target_list[at]->val)->arg = value;
    ast::Node* target[] = {update.relation};
    source->from_clause = joined(ast::NodeList(target, 1), update.from_clause);
    source->where_clause = update.where_clause;
    return made->from_clause;
  }

  // What the UPDATE gives a column; null: nothing.
  ast::Node* assigned(const ast::UpdateStmt& update, int column) {
    for (const auto* target : update.target_list) {
      if (relation_->find_column(target->name) != column) continue;
      if (!target->indirection.empty()) throw_not_supported("assignment to a part of a column where rules apply");
      if (auto* part = node_cast<ast::MultiAssignRef>(target->val)) {
        auto* row = node_cast<ast::RowExpr>(part->source);
        if (row == nullptr || static_cast<size_t>(part->colno) > row->args.size()) throw_not_supported("assignment from a subquery where rules apply");
        return row->args[static_cast<size_t>(part->colno) - 1];
      }
      return target->val;
    }
    return nullptr;
  }

  ast::NodeList delete_source() {
    const auto& remove = static_cast<const ast::DeleteStmt&>(statement_);
    std::string alias = quote_identifier(remove.relation->alias != nullptr ? remove.relation->alias->aliasname : remove.relation->relname);
    std::string list;
    for (int column : columns_) list += (list.empty() ? "" : ", ") + alias + "." + name_of(column);
    auto* made = parse_as<ast::SelectStmt>("SELECT 1 FROM (SELECT " + list + " FROM t) \"old\"(" + names() + ")");
    auto* source = static_cast<ast::SelectStmt*>(static_cast<ast::RangeSubselect*>(made->from_clause[0])->subquery);
    ast::Node* target[] = {remove.relation};
    source->from_clause = joined(ast::NodeList(target, 1), remove.using_clause);
    source->where_clause = remove.where_clause;
    return made->from_clause;
  }

  const ast::SelectStmt* source_query() {
    auto* made = arena().make<ast::SelectStmt>();
    made->from_clause = sources();
    auto* one = parse_as<ast::SelectStmt>("SELECT 1");
    made->target_list = one->target_list;
    return made;
  }

  // --- Actions ---
  static void see_sides(ast::NodeList from) {
    for (auto* node : from) {
      if (auto* sub = node_cast<ast::RangeSubselect>(node)) sub->lateral = true;
      if (auto* function = node_cast<ast::RangeFunction>(node)) function->lateral = true;
    }
  }

  void attach(ast::Node* action, ast::Node* extra, ast::List<ast::ResTarget> returning) {
    switch (action->tag) {
      case ast::NodeTag::InsertStmt: {
        auto& insert = static_cast<ast::InsertStmt&>(*action);
        insert.returning_list = answer(insert.returning_list, returning, insert.relation);
        auto* select = node_cast<ast::SelectStmt>(insert.select_stmt);
        if (select == nullptr) throw_not_supported("DEFAULT VALUES in a rule's action");
        if (!select->values_lists.empty()) {
          if (select->values_lists.size() > 1) throw_not_supported("several rows in a rule's action");
          values_to_select(insert, *select);
        }
        if (select->op != ast::SetOperation::None) throw_not_supported("a set operation in a rule's action");
        see_sides(select->from_clause);
        select->from_clause = joined(sources(), select->from_clause);
        select->where_clause = both(select->where_clause, extra);
        return;
      }
      case ast::NodeTag::UpdateStmt: {
        auto& update = static_cast<ast::UpdateStmt&>(*action);
        update.returning_list = answer(update.returning_list, returning, update.relation);
        see_sides(update.from_clause);
        update.from_clause = joined(sources(), update.from_clause);
        update.where_clause = both(update.where_clause, extra);
        return;
      }
      case ast::NodeTag::DeleteStmt: {
        auto& remove = static_cast<ast::DeleteStmt&>(*action);
        remove.returning_list = answer(remove.returning_list, returning, remove.relation);
        see_sides(remove.using_clause);
        remove.using_clause = joined(sources(), remove.using_clause);
        remove.where_clause = both(remove.where_clause, extra);
        return;
      }
      default: throw_not_supported("this action of a rule");
    }
  }

  // VALUES (…) as a SELECT; columns with DEFAULT are left out.
  void values_to_select(ast::InsertStmt& insert, ast::SelectStmt& select) {
    std::vector<ast::ResTarget*> targets, columns;
    const auto& items = select.values_lists[0]->items;
    bool has_default = std::any_of(items.begin(), items.end(), [](const auto* item) { return ast::is_node<ast::SetToDefault>(item); });
    if (has_default && insert.cols.empty()) throw_not_supported("DEFAULT in a rule's action without a list of columns");
    for (size_t i = 0; i < items.size(); ++i) {
      if (ast::is_node<ast::SetToDefault>(items[i])) continue;
      auto* target = arena().make<ast::ResTarget>();
      target->val = items[i];
      targets.push_back(target);
      if (i < insert.cols.size()) columns.push_back(insert.cols[i]);
    }
    select.values_lists = {};
    select.target_list = arena().copy(std::span<ast::ResTarget* const>(targets));
    if (has_default) insert.cols = arena().copy(std::span<ast::ResTarget* const>(columns));
  }

  // The statement's RETURNING list in terms of the action's, which stands for the relation's columns.
  ast::List<ast::ResTarget> answer(ast::List<ast::ResTarget> given, ast::List<ast::ResTarget> asked, const ast::RangeVar* target) {
    if (asked.empty()) return {};
    std::vector<ast::Node*> columns;
    for (auto* item : given) {
      auto* ref = node_cast<ast::ColumnRef>(item->val);
      if (ref == nullptr || !ref->star) {
        columns.push_back(item->val);
        continue;
      }
      std::string_view of = ref->fields.empty() ? std::string_view() : ref->fields.back();
      bool of_rule = of == "new" || of == "old";
      auto relation = of_rule ? relation_ : context_.catalog.relation(find_relation(context_, *target, false));
      for (const auto& column : relation->columns) {
        if (column.dropped) continue;
        auto* made = arena().make<ast::ColumnRef>();
        std::vector<std::string_view> fields;
        if (!of.empty()) fields.push_back(of);
        fields.push_back(arena().copy(std::string_view(column.name)));
        made->fields = arena().copy(std::span<const std::string_view>(fields));
        columns.push_back(made);
      }
    }
    std::vector<ast::ResTarget*> out;
    auto add = [&](size_t at) {
      if (at >= columns.size()) throw SqlError(Sqlstate::InvalidObjectDefinition, "RETURNING list has too few entries");
      auto* made = arena().make<ast::ResTarget>();
      made->name = relation_->columns[columns_[at]].name;
      made->val = columns[at];
      out.push_back(made);
    };
    for (const auto* item : asked) {
      auto* ref = node_cast<ast::ColumnRef>(item->val);
      if (ref == nullptr) throw_not_supported("an expression in RETURNING where rules apply");
      if (ref->star) {
        for (size_t i = 0; i < columns_.size(); ++i) add(i);
        continue;
      }
      int column = relation_->find_column(ref->fields.back());
      if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(ref->fields.back()) + "\" does not exist");
      add(static_cast<size_t>(std::find(columns_.begin(), columns_.end(), column) - columns_.begin()));
      if (ast::is_given(item->name) && !item->name.empty()) out.back()->name = item->name;
    }
    return arena().copy(std::span<ast::ResTarget* const>(out));
  }

  // --- The statement itself, for rows that no conditional INSTEAD rule takes ---
  ast::Node* original_without(const std::vector<ast::Node*>& conditions) {
    if (conditions.empty()) return const_cast<ast::Node*>(&statement_);
    ast::Node* rest = nullptr;
    for (auto* condition : conditions) {
      auto* test = arena().make<ast::BooleanTest>();
      test->arg = condition;
      test->booltesttype = ast::BoolTestType::IsNotTrue;
      rest = both(rest, test);
    }
    if (relation_->relkind == 'v') {
      std::string event = event_name(event_);
      std::string verb = event_ == '3' ? "insert into" : event_ == '2' ? "update" : "delete from";
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot " + verb + " view \"" + relation_->name + "\"")
          .detail("Views with conditional DO INSTEAD rules are not automatically updatable.")
          .hint("To enable " + std::string(event_ == '3' ? "inserting into" : event_ == '2' ? "updating" : "deleting from") +
                " the view, provide an INSTEAD OF " + event + " trigger or an unconditional ON " + event + " DO INSTEAD rule.");
    }
    if (auto* insert = node_cast<ast::InsertStmt>(&statement_)) {
      std::string list, columns;
      for (int column : columns_) {
        if (relation_->columns[column].generated != 0) continue;
        list += (list.empty() ? "\"new\"." : ", \"new\".") + name_of(column);
        columns += (columns.empty() ? "" : ", ") + name_of(column);
      }
      auto* made = parse_as<ast::InsertStmt>("INSERT INTO t (" + columns + ") OVERRIDING SYSTEM VALUE SELECT " + list);
      made->relation = insert->relation;
      made->returning_list = insert->returning_list;
      auto* select = static_cast<ast::SelectStmt*>(made->select_stmt);
      select->from_clause = sources();
      select->where_clause = rest;
      return made;
    }
    for (auto* condition : conditions) requalify(*condition);
    if (auto* update = node_cast<ast::UpdateStmt>(&statement_)) {
      auto* made = arena().make<ast::UpdateStmt>(*update);
      made->where_clause = both(update->where_clause, rest);
      return made;
    }
    auto* made = arena().make<ast::DeleteStmt>(static_cast<const ast::DeleteStmt&>(statement_));
    made->where_clause = both(made->where_clause, rest);
    return made;
  }

  // OLD's and NEW's columns in a condition as those of the written table.
  void requalify(const ast::Node& node) {
    if (node.tag == ast::NodeTag::ColumnRef) {
      auto& ref = const_cast<ast::ColumnRef&>(static_cast<const ast::ColumnRef&>(node));
      if (ref.fields.size() != 2 || (ref.fields[0] != "old" && ref.fields[0] != "new")) return;
      if (ref.fields[0] == "new") {
        auto* update = node_cast<ast::UpdateStmt>(&statement_);
        int column = relation_->find_column(ref.fields[1]);
        if (update != nullptr && assigned(*update, column) != nullptr) throw_not_supported("a rule's condition on a column that the UPDATE assigns");
      }
      const auto* target = target_of(statement_);
      std::string_view fields[] = {target->alias != nullptr ? target->alias->aliasname : target->relname, ref.fields[1]};
      ref.fields = arena().copy(std::span<const std::string_view>(fields));
      return;
    }
    ast::for_each_child(node, [&](const ast::Node& child) { requalify(child); });
  }

  const AnalyzerContext& context_;
  catalog::RelationPtr relation_;
  const ast::Node& statement_;
  char event_;
  std::shared_ptr<Store> store_;
  std::vector<int> columns_;
};

}  // namespace

std::optional<Rewriting> rewrite_by_rules(const AnalyzerContext& context, const ast::Node& statement) {
  const ast::RangeVar* target = target_of(statement);
  if (target == nullptr || context.rules_applied) return std::nullopt;
  auto relation = context.catalog.relation(find_relation(context, *target, true));
  if (relation == nullptr || relation->rules.empty()) return std::nullopt;
  std::vector<const catalog::Rule*> rules;
  for (const auto& rule : relation->rules) {
    if (rule.event == event_of(statement) && rule.enabled != 'D' && rule.enabled != 'R') rules.push_back(&rule);
  }
  if (rules.empty()) return std::nullopt;
  return Rewriter(context, relation, statement).run(rules);
}

// --- New rules, and their text ---

void QueryAnalyzer::bind_rule(const catalog::Relation& relation, const ast::Node* condition, std::span<const ast::Node* const> actions,
                              const ast::Node& old_node, const ast::Node& new_node, std::string* condition_text,
                              std::vector<catalog::Dependency>* used) {
  Scope rows;
  auto add = [&](catalog::Dependency dependency) {
    if (std::find(used->begin(), used->end(), dependency) == used->end()) used->push_back(dependency);
  };
  auto note = [&](LogicalPtr op) {
    if (used == nullptr || op == nullptr) return;
    for (const auto& row : rows.items) {
      plan::rewrite(*op, [&](ExprPtr& part) {
        if (part->kind != ExprKind::Column) return;
        for (const auto& column : row.columns) {
          if (column.binding == part->binding && column.attribute_number > 0) add({relation.oid, column.attribute_number, 'n'});
        }
      });
    }
    plan::BoundQuery query;
    query.root = std::move(op);
    for (const auto& dependency : dependencies_of(query)) add(dependency);
  };
  for (const auto* node : {&old_node, &new_node}) {
    RangeItem item = row_item(relation, node == &old_node ? "old" : "new", new_table());
    item.columns_visible = false;
    recorder_->add_item(*node, item, true);
    rows.items.push_back(std::move(item));
  }
  if (condition != nullptr) {
    ExprPtr expr = bind_boolean(*condition, rows, Clause::Where, "WHERE");
    if (condition_text != nullptr) *condition_text = recorder_->text(*expr).sql;
    auto filter = std::make_unique<plan::Filter>();
    filter->predicates.push_back(std::move(expr));
    note(std::move(filter));
  }
  for (const auto* action : actions) {
    if (action->tag != ast::NodeTag::NotifyStmt) note(std::move(bind_query(*action, &rows).op));
  }
  if (used == nullptr) return;
  for (const auto& permission : permissions_) {
    for (const auto* columns : {&permission.inserted, &permission.updated}) {
      for (int column : *columns) add({permission.object, column + 1, 'n'});
    }
  }
}

namespace {

struct RowNodes {
  ast::RangeVar old_node, new_node;
  RowNodes() {
    old_node.relname = "old";
    new_node.relname = "new";
  }
};

}  // namespace

std::vector<catalog::Dependency> check_rule(const AnalyzerContext& outer, const catalog::Relation& relation, char event, const ast::Node* condition,
                                            std::span<const ast::Node* const> actions) {
  AnalyzerContext context = outer;
  context.rules_applied = true;
  QueryRecorder recorder(context, false);
  std::vector<Type> parameters;
  QueryAnalyzer analyzer(context, &parameters);
  analyzer.record_in(recorder);
  RowNodes rows;
  std::vector<catalog::Dependency> all;
  analyzer.bind_rule(relation, condition, actions, rows.old_node, rows.new_node, nullptr, &all);
  for (const auto& reference : recorder.references) {
    if (event == '3' && reference.range == &rows.old_node) throw SqlError(Sqlstate::InvalidObjectDefinition, "ON INSERT rule cannot use OLD");
    if (event == '4' && reference.range == &rows.new_node) throw SqlError(Sqlstate::InvalidObjectDefinition, "ON DELETE rule cannot use NEW");
  }
  std::vector<catalog::Dependency> found;
  for (const auto& [node, range] : recorder.ranges) {
    Oid used = range.relation == nullptr ? kInvalidOid : range.relation->oid;
    if (used < kFirstNormalOid || used == relation.oid) continue;
    if (std::none_of(found.begin(), found.end(), [&](const auto& d) { return d.object == used; })) found.push_back({used, 0, 'n'});
  }
  // Of relations those that the rule names: a view brings its own.
  for (const auto& dependency : all) {
    bool relation_part = outer.catalog.relation(dependency.object) != nullptr;
    bool named = dependency.object == relation.oid || std::any_of(found.begin(), found.end(), [&](const auto& d) { return d.object == dependency.object; });
    if (!relation_part || (dependency.column > 0 && named)) found.push_back(dependency);
  }
  return found;
}

std::string rule_text(const AnalyzerContext& outer, const catalog::Relation& relation, const catalog::Rule& rule, bool pretty) {
  AnalyzerContext context{outer.catalog, outer.database, rule.search_path, outer.role, outer.types, {}, outer.temp_schema};
  context.rules_applied = true;
  std::vector<parser::ParseResult> parsed;
  std::vector<const ast::Node*> actions;
  for (const auto& text : rule.actions) parsed.push_back(parser::parse(text));
  for (const auto& text : parsed) actions.push_back(text.statements.at(0).stmt);
  parser::ParseResult where;
  const ast::Node* condition = nullptr;
  if (!rule.where_sql.empty()) {
    where = parser::parse("SELECT 1 WHERE (" + rule.where_sql + ")");
    condition = static_cast<const ast::SelectStmt*>(where.statements.at(0).stmt)->where_clause;
  }
  QueryRecorder recorder(outer, pretty);
  std::vector<Type> parameters;
  QueryAnalyzer analyzer(context, &parameters);
  analyzer.record_in(recorder);
  RowNodes rows;
  std::string condition_text;
  analyzer.bind_rule(relation, condition, actions, rows.old_node, rows.new_node, &condition_text);
  auto schema = outer.catalog.schema(relation.schema);
  bool visible = false;
  for (Oid at : outer.search_path) {
    Oid seen = outer.catalog.find_relation(at, relation.name, outer.database);
    visible = seen == relation.oid;
    if (seen != kInvalidOid) break;
  }
  std::string table = (visible && pretty ? "" : quote_identifier(schema == nullptr ? "" : schema->name) + ".") + quote_identifier(relation.name);
  std::string out = "CREATE RULE " + quote_identifier(rule.name) + " AS\n    ON " + event_name(rule.event) + " TO " + table;
  if (condition != nullptr) {
    std::string text = write_expression(recorder, condition_text);
    out += "\n   WHERE " + (pretty ? text : text.starts_with("(") ? text : "(" + text + ")");
  }
  out += " DO ";
  if (rule.instead) out += "INSTEAD ";
  if (actions.empty()) return out + "NOTHING;";
  bool several = actions.size() > 1;
  if (several) out += "(";
  for (const auto* action : actions) {
    if (auto* notify = node_cast<ast::NotifyStmt>(action)) {
      out += "\n NOTIFY " + quote_identifier(notify->conditionname);
      if (ast::is_given(notify->payload) && !notify->payload.empty()) out += ", " + functions::quote_literal(notify->payload);
    } else {
      out += write_statement(recorder, *action);
    }
    if (several) out += ";\n";
  }
  return out + (several ? ");" : ";");
}

}  // namespace aegis::analyzer
