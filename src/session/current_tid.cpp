// currtid2(relation, tid): where a row's newest version is. Rows keep their place here.
#include <fmt/format.h>

#include "aegis/functions/quoting.h"
#include "services.h"

namespace aegis::session {

namespace oid = types::oid;

namespace {

class OneValue : public functions::RowReceiver {
 public:
  explicit OneValue(Arena& arena) : arena_(arena) {}
  void columns(std::span<const types::Type>) override {}
  bool row(std::span<const types::Value> values) override {
    value = types::copy_value(types::physical_type(oid::kTid), values[0], arena_);
    return false;
  }
  std::optional<types::Value> value;

 private:
  Arena& arena_;
};

[[noreturn]] void refuse(Sqlstate state, const std::string& text) { throw SqlError(state, text); }

}  // namespace

types::Value Services::current_tid(std::string_view name, const types::Value& tid, Arena& arena) {
  auto version = session_.version();
  Oid found = kInvalidOid;
  if (!session_.types_.names->lookup(oid::kRegclass, name, found)) refuse(Sqlstate::UndefinedTable, fmt::format("relation \"{}\" does not exist", name));
  std::string shown;
  types::type_info(oid::kTid).output(session_.types_, tid, oid::kTid, shown);
  if (auto index = version->index(found)) refuse(Sqlstate::WrongObjectType, fmt::format("\"{}\" is an index", index->name));
  auto relation = version->relation(found);
  if (relation == nullptr) refuse(Sqlstate::UndefinedTable, fmt::format("relation \"{}\" does not exist", name));
  auto schema = version->schema(relation->schema);
  auto base = relation;
  if (relation->relkind == 'c') refuse(Sqlstate::WrongObjectType, fmt::format("\"{}\" is a composite type", relation->name));
  if (relation->relkind == 'S') {
    if (shown == "(0,1)") return tid;
    refuse(Sqlstate::InvalidParameterValue, fmt::format("tid {} is not valid for relation \"{}\"", shown.replace(shown.find(','), 1, ", "), relation->name));
  }
  if (relation->relkind == 'v') {
    int column = relation->find_column("ctid");
    if (column < 0) refuse(Sqlstate::UndefinedColumn, "currtid cannot handle views with no CTID");
    if (relation->columns[static_cast<size_t>(column)].type.oid != oid::kTid) refuse(Sqlstate::DatatypeMismatch, "ctid isn't of type TID");
    for (const auto& dependency : relation->dependencies) {
      if (auto below = version->relation(dependency.object)) {
        base = below;
        break;
      }
    }
  } else if (!relation->is_table() || relation->is_foreign()) {
    refuse(Sqlstate::FeatureNotSupported, fmt::format("cannot look at latest visible tid for relation \"{}.{}\"", schema->name, relation->name));
  }
  OneValue row(arena);
  std::string only = relation->relkind == 'v' ? "" : "ONLY ";
  run_query(fmt::format("SELECT ctid FROM {}{}.{} WHERE ctid = '{}'", only, functions::quote_identifier(schema->name), functions::quote_identifier(relation->name), shown), row);
  if (row.value) return *row.value;
  refuse(Sqlstate::InvalidParameterValue, fmt::format("tid {} is not valid for relation \"{}\"", shown.replace(shown.find(','), 1, ", "), base->name));
}

}  // namespace aegis::session
