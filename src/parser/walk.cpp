#include "aegis/parser/walk.h"

#include "aegis/parser/ast_ddl.h"
#include "aegis/parser/ast_queries.h"
#include "aegis/parser/ast_tables.h"

namespace aegis::ast {
namespace {

class Children {
 public:
  explicit Children(const std::function<void(const Node&)>& visit) : visit_(visit) {}

  void one(const Node* node) {
    if (node != nullptr) visit_(*node);
  }
  template <typename T>
  void all(const T& list) {
    for (const auto* node : list) one(node);
  }
  template <typename T>
  static const T& as(const Node& node) {
    return static_cast<const T&>(node);
  }

  void query(const Node& node) {
    switch (node.tag) {
      case NodeTag::SelectStmt: return select(as<SelectStmt>(node));
      case NodeTag::InsertStmt: {
        const auto& insert = as<InsertStmt>(node);
        one(insert.with_clause);
        one(insert.relation);
        all(insert.cols);
        one(insert.select_stmt);
        one(insert.on_conflict_clause);
        return all(insert.returning_list);
      }
      case NodeTag::OnConflictClause: {
        const auto& conflict = as<OnConflictClause>(node);
        one(conflict.infer);
        all(conflict.target_list);
        return one(conflict.where_clause);
      }
      case NodeTag::InferClause: {
        const auto& infer = as<InferClause>(node);
        for (const auto* element : infer.index_elems) one(element->expr);
        return one(infer.where_clause);
      }
      case NodeTag::UpdateStmt: {
        const auto& update = as<UpdateStmt>(node);
        one(update.with_clause);
        one(update.relation);
        all(update.target_list);
        all(update.from_clause);
        one(update.where_clause);
        return all(update.returning_list);
      }
      case NodeTag::DeleteStmt: {
        const auto& remove = as<DeleteStmt>(node);
        one(remove.with_clause);
        one(remove.relation);
        all(remove.using_clause);
        one(remove.where_clause);
        return all(remove.returning_list);
      }
      case NodeTag::MergeStmt: {
        const auto& merge = as<MergeStmt>(node);
        one(merge.with_clause);
        one(merge.relation);
        one(merge.source_relation);
        one(merge.join_condition);
        for (const auto* when : merge.merge_when_clauses) {
          one(when->condition);
          all(when->target_list);
          all(when->values);
        }
        return;
      }
      default: return from(node);
    }
  }

 private:
  void select(const SelectStmt& select) {
    one(select.with_clause);
    one(select.larg);
    one(select.rarg);
    all(select.distinct_clause);
    all(select.target_list);
    all(select.from_clause);
    one(select.where_clause);
    all(select.group_clause);
    one(select.having_clause);
    all(select.window_clause);
    all(select.values_lists);
    all(select.sort_clause);
    one(select.limit_offset);
    one(select.limit_count);
    all(select.locking_clause);
  }

  void from(const Node& node) {
    switch (node.tag) {
      case NodeTag::WithClause: return all(as<WithClause>(node).ctes);
      case NodeTag::CommonTableExpr: return one(as<CommonTableExpr>(node).ctequery);
      case NodeTag::RangeSubselect: return one(as<RangeSubselect>(node).subquery);
      case NodeTag::RangeFunction:
        for (const auto* item : as<RangeFunction>(node).functions) one(item->func);
        return;
      case NodeTag::RangeTableSample:
        one(as<RangeTableSample>(node).relation);
        all(as<RangeTableSample>(node).args);
        return one(as<RangeTableSample>(node).repeatable);
      case NodeTag::JoinExpr:
        one(as<JoinExpr>(node).larg);
        one(as<JoinExpr>(node).rarg);
        return one(as<JoinExpr>(node).quals);
      case NodeTag::ResTarget:
        all(as<ResTarget>(node).indirection);
        return one(as<ResTarget>(node).val);
      case NodeTag::MultiAssignRef: return one(as<MultiAssignRef>(node).source);
      case NodeTag::GroupingSet: return all(as<GroupingSet>(node).content);
      case NodeTag::WindowDef:
        all(as<WindowDef>(node).partition_clause);
        all(as<WindowDef>(node).order_clause);
        one(as<WindowDef>(node).start_offset);
        return one(as<WindowDef>(node).end_offset);
      case NodeTag::SortBy: return one(as<SortBy>(node).node);
      case NodeTag::ListNode: return all(as<ListNode>(node).items);
      default: return expression(node);
    }
  }

  void expression(const Node& node) {
    switch (node.tag) {
      case NodeTag::AExpr:
        one(as<AExpr>(node).lexpr);
        return one(as<AExpr>(node).rexpr);
      case NodeTag::BoolExpr: return all(as<BoolExpr>(node).args);
      case NodeTag::FuncCall: {
        const auto& call = as<FuncCall>(node);
        all(call.args);
        all(call.agg_order);
        one(call.agg_filter);
        return one(call.over);
      }
      case NodeTag::NamedArgExpr: return one(as<NamedArgExpr>(node).arg);
      case NodeTag::TypeCast: return one(as<TypeCast>(node).arg);
      case NodeTag::CollateClause: return one(as<CollateClause>(node).arg);
      case NodeTag::SubLink:
        one(as<SubLink>(node).testexpr);
        return one(as<SubLink>(node).subselect);
      case NodeTag::CaseExpr:
        one(as<CaseExpr>(node).arg);
        for (const auto* when : as<CaseExpr>(node).args) {
          one(when->expr);
          one(when->result);
        }
        return one(as<CaseExpr>(node).defresult);
      case NodeTag::CoalesceExpr: return all(as<CoalesceExpr>(node).args);
      case NodeTag::MinMaxExpr: return all(as<MinMaxExpr>(node).args);
      case NodeTag::NullTest: return one(as<NullTest>(node).arg);
      case NodeTag::BooleanTest: return one(as<BooleanTest>(node).arg);
      case NodeTag::RowExpr: return all(as<RowExpr>(node).args);
      case NodeTag::AArrayExpr: return all(as<AArrayExpr>(node).elements);
      case NodeTag::AIndices:
        one(as<AIndices>(node).lidx);
        return one(as<AIndices>(node).uidx);
      case NodeTag::AIndirection:
        one(as<AIndirection>(node).arg);
        return all(as<AIndirection>(node).indirection);
      case NodeTag::GroupingFunc: return all(as<GroupingFunc>(node).args);
      case NodeTag::XmlExpr:
        for (const auto* argument : as<XmlExpr>(node).named_args) one(argument);
        return all(as<XmlExpr>(node).args);
      case NodeTag::XmlSerialize: return one(as<XmlSerialize>(node).expr);
      default: return;
    }
  }

  const std::function<void(const Node&)>& visit_;
};

}  // namespace

void for_each_child(const Node& node, const std::function<void(const Node&)>& visit) { Children(visit).query(node); }

}  // namespace aegis::ast
