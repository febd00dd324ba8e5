#include "write/partition/multi_write.h"

#include <map>

#include "aegis/base/error.h"
#include "write/partition/leaf_plan.h"
#include "write/partition/routed_writer.h"

namespace aegis::executor {
namespace {

std::unique_ptr<WriteOperator> make_leaf(const plan::PhysicalInsert& plan, QueryState& query, const LeafOf& leaf) { return make_leaf_insert(plan, query, leaf); }
std::unique_ptr<WriteOperator> make_leaf(const plan::PhysicalUpdate& plan, QueryState& query, const LeafOf& leaf) { return make_leaf_update(plan, query, leaf); }
std::unique_ptr<WriteOperator> make_leaf(const plan::PhysicalDelete& plan, QueryState& query, const LeafOf& leaf) { return make_leaf_delete(plan, query, leaf); }
std::unique_ptr<WriteOperator> make_leaf(const plan::PhysicalMerge& plan, QueryState& query, const LeafOf& leaf) { return make_leaf_merge(plan, query, leaf); }

std::vector<int16_t> events_of(const plan::PhysicalInsert& plan) {
  if (plan.conflict == plan::ConflictAction::Update) return {catalog::kTriggerInsert, catalog::kTriggerUpdate};
  return {catalog::kTriggerInsert};
}
std::vector<int16_t> events_of(const plan::PhysicalUpdate&) { return {catalog::kTriggerUpdate}; }
std::vector<int16_t> events_of(const plan::PhysicalDelete&) { return {catalog::kTriggerDelete}; }
std::vector<int16_t> events_of(const plan::PhysicalMerge& plan) { return merge_events(plan); }

// Rows of one table, next to each other in a chunk (INSERT: all of them, when nothing can tell).
struct Group {
  Oid table = kInvalidOid;
  uint32_t leaf = 0;  // INSERT: the router's number
  std::vector<uint32_t> rows;
};

template <typename Plan>
class MultiWrite : public WriteOperator {
 public:
  MultiWrite(const Plan& plan, QueryState& query) : WriteOperator(plan, query), plan_of_root_(plan) {
    if (plan.relation->is_partitioned()) {
      routed_ = std::make_unique<RoutedWriter>(plan.relation, query.context);
      routed_->collect_in(writer_.triggers());
    }
    if constexpr (std::is_same_v<Plan, plan::PhysicalUpdate>) {
      for (int column : plan.set_columns) columns_.push_back(static_cast<uint32_t>(column));
    }
  }

  struct State : WriteOperator::State {
    using WriteOperator::State::State;
    std::vector<Group> groups;
    size_t next_group = 0;
    Chunk part;
  };
  StatePtr make_state() override { return std::make_unique<State>(*children_[0]); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    out.set_size(0);
    while (true) {
      while (state.next_group < state.groups.size()) {
        Group& group = state.groups[state.next_group++];
        Member& member = member_of(group);
        prepare_part(state, group, member);
        if (member.writer->write_rows(state.part, out)) return true;
        out.set_size(0);
      }
      if (state.finished) return false;
      query_.check_interrupts();
      if (!children_[0]->pull(*state.child, state.input)) {
        state.finished = true;
        finish_all();
        return false;
      }
      if (state.input.size() == 0) continue;
      state.groups.clear();
      state.next_group = 0;
      divide(state.input, state.groups);
    }
  }

 protected:
  std::vector<int16_t> trigger_events() const override { return events_of(plan_of_root_); }
  const std::vector<uint32_t>* trigger_columns() const override { return std::is_same_v<Plan, plan::PhysicalUpdate> ? &columns_ : nullptr; }
  bool write(Chunk&, Chunk&) override { return false; }

 private:
  struct Member {
    std::unique_ptr<Plan> plan;
    std::vector<plan::ColumnInfo> input;
    std::unique_ptr<LeafOf> leaf;
    std::unique_ptr<WriteOperator> writer;
  };

  static constexpr bool kInserts = std::is_same_v<Plan, plan::PhysicalInsert>;

  void divide(const Chunk& input, std::vector<Group>& groups) {
    if constexpr (kInserts) {
      if (router_ == nullptr) router_ = std::make_unique<PartitionRouter>(plan_of_root_.relation, query_.context);
      router_->route(input, leaves_);
      // RETURNING and triggers see rows in their order.
      bool ordered = !plan_of_root_.returning.empty() || plan_of_root_.conflict != plan::ConflictAction::None;
      std::vector<int> at(router_->leaf_count(), -1);
      for (uint32_t row = 0; row < leaves_.size(); ++row) {
        uint32_t leaf = leaves_[row];
        bool same = ordered ? !groups.empty() && groups.back().leaf == leaf : at[leaf] >= 0;
        if (!same) {
          at[leaf] = static_cast<int>(groups.size());
          groups.push_back({router_->leaf(leaf).table->oid, leaf, {}});
        }
        groups[ordered ? groups.size() - 1 : static_cast<size_t>(at[leaf])].rows.push_back(row);
      }
    } else {
      VectorView tables = input.column(static_cast<size_t>(plan_of_root_.table_oid_column)).view();
      for (uint32_t row = 0; row < input.size(); ++row) {
        // MERGE: a row without a match belongs to no table yet.
        Oid table = tables.valid(row) ? static_cast<Oid>(tables.at<int32_t>(row)) : kInvalidOid;
        if (groups.empty() || groups.back().table != table) groups.push_back({table, 0, {}});
        groups.back().rows.push_back(row);
      }
    }
  }

  Member& member_of(const Group& group) {
    Member& member = members_[group.table];
    if (member.writer != nullptr) return member;
    Oid table = group.table == kInvalidOid ? plan_of_root_.relation->oid : group.table;
    auto relation = query_.context.catalog->relation(table);
    if (relation == nullptr) throw SqlError(Sqlstate::UndefinedTable, "relation with OID " + std::to_string(table) + " does not exist");
    member.plan = leaf_plan(plan_of_root_, *plan_of_root_.relation, relation, *query_.context.catalog);
    if constexpr (kInserts) {
      for (const auto& column : relation->columns) member.input.push_back({column.name, column.type, column.collation});
    } else {
      member.input = children_[0]->plan().output;
    }
    member.leaf = std::make_unique<LeafOf>(LeafOf{member.input, plan_of_root_.relation, routed_.get()});
    member.writer = make_leaf(*member.plan, query_, *member.leaf);
    member.writer->writer().triggers().collect_in(writer_.triggers());
    return member;
  }

  void prepare_part(State& state, const Group& group, Member& member) {
    const Chunk& input = state.input;
    state.part = Chunk();
    if constexpr (kInserts) {
      for (const auto& column : member.input) state.part.add_column(column.type.oid);
      PartitionRouter::convert(router_->leaf(group.leaf), input, group.rows, state.part);
    } else {
      for (size_t c = 0; c < input.column_count(); ++c) {
        state.part.add_column(input.column(c).type(), input.column(c).physical());
        if (group.rows.size() == input.size()) state.part.column(c).reference(input.column(c));
        else state.part.column(c).slice(input.column(c), group.rows.data(), group.rows.size());
      }
      state.part.set_size(group.rows.size());
    }
  }

  void finish_all() {
    for (auto& [table, member] : members_) {
      if (member.writer != nullptr) member.writer->writer().finish();
    }
    if (routed_) routed_->finish();
    writer_.finish();
  }

  const Plan& plan_of_root_;
  std::unique_ptr<RoutedWriter> routed_;
  std::unique_ptr<PartitionRouter> router_;
  std::map<Oid, Member> members_;
  std::vector<uint32_t> leaves_;
  std::vector<uint32_t> columns_;  // that an UPDATE assigns
};

}  // namespace

Operator* build_multi_insert(const plan::PhysicalInsert& plan, QueryState& query) {
  return add_operator(query, std::make_unique<MultiWrite<plan::PhysicalInsert>>(plan, query));
}
Operator* build_multi_update(const plan::PhysicalUpdate& plan, QueryState& query) {
  return add_operator(query, std::make_unique<MultiWrite<plan::PhysicalUpdate>>(plan, query));
}
Operator* build_multi_delete(const plan::PhysicalDelete& plan, QueryState& query) {
  return add_operator(query, std::make_unique<MultiWrite<plan::PhysicalDelete>>(plan, query));
}
Operator* build_multi_merge(const plan::PhysicalMerge& plan, QueryState& query) {
  return add_operator(query, std::make_unique<MultiWrite<plan::PhysicalMerge>>(plan, query));
}

}  // namespace aegis::executor
