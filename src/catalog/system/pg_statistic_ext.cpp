// pg_statistic_ext and pg_statistic_ext_data.
#include "aegis/types/record.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {

using namespace columns;  // NOLINT: the column numbers are what this file is about

namespace {

namespace oid = types::oid;
using types::Value;

template <typename F>
void for_each_statistics(const SystemContext& context, F visit) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Statistics) visit(static_cast<const Statistics&>(*object));
  }
}

// The list as pg_mcv_list_items gives it: an array of rows.
Value most_common_list(const std::vector<StatisticsItem>& items, Arena& arena) {
  types::ArrayBuilder rows(oid::kRecord, types::PhysicalType::String);
  int index = 0;
  for (const auto& item : items) {
    types::ArrayBuilder values(oid::kText), nulls(oid::kBool);
    for (size_t i = 0; i < item.values.size(); ++i) {
      values.add(item.nulls[i] ? Value::null() : Value::of_string(item.values[i]));
      nulls.add(Value::of_bool(item.nulls[i] != 0));
    }
    types::RecordBuilder row;
    row.add(oid::kInt4, Value::of_i32(index++));
    row.add(types::type_info(oid::kText).array, values.value(arena));
    row.add(types::type_info(oid::kBool).array, nulls.value(arena));
    row.add(oid::kFloat8, Value::of_f64(item.frequency));
    row.add(oid::kFloat8, Value::of_f64(item.base_frequency));
    rows.add(Value::of_string(row.finish(arena)));
  }
  return rows.value(arena);
}

std::string number(double value) {
  std::string out;
  Arena arena;
  types::TypeContext context{};
  types::type_info(oid::kFloat4).output(context, Value::of_f32(static_cast<float>(value)), oid::kFloat4, out);
  return out;
}

std::string array_text(const std::vector<std::string>& items) {
  std::string out = "{";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "}";
}

// What the view pg_stats_ext_exprs shows of an expression, as an array of texts in the order of its columns.
std::string expression_text(const ExpressionStatistics& found) {
  std::vector<std::string> frequencies;
  for (double frequency : found.frequencies) frequencies.push_back(number(frequency));
  std::string out = number(found.null_fraction) + ";" + std::to_string(static_cast<int>(found.average_width + 0.5)) + ";" + number(found.distinct) + ";" +
                    (frequencies.empty() ? std::string() : array_text(frequencies)) + ";" + (found.values.empty() ? std::string() : array_text(found.values));
  return out;
}

}  // namespace

void generate_pg_statistic_ext(const SystemContext& context, RowSink& sink) {
  Row row(pg_statistic_ext::kTable, sink);
  for_each_statistics(context, [&](const Statistics& statistics) {
    std::vector<int> keys;
    for (int column : statistics.columns) keys.push_back(column + 1);
    types::ArrayBuilder kinds(oid::kChar);
    for (char kind : statistics.kinds) kinds.add(Value::of_i8(static_cast<int8_t>(kind)));
    std::string expressions;
    for (const auto& expression : statistics.expressions) expressions += (expressions.empty() ? "" : ", ") + expression;
    row.set(pg_statistic_ext::oid, statistics.oid)
        .set(pg_statistic_ext::stxrelid, statistics.table)
        .set(pg_statistic_ext::stxname, statistics.name)
        .set(pg_statistic_ext::stxnamespace, statistics.schema)
        .set(pg_statistic_ext::stxowner, statistics.owner)
        .set(pg_statistic_ext::stxstattarget, statistics.target)
        .set(pg_statistic_ext::stxkeys, int2vector(row.arena(), keys))
        .set(pg_statistic_ext::stxkind, kinds.value(row.arena()))
        .set_text_or_null(pg_statistic_ext::stxexprs, expressions)
        .emit();
  });
}

void generate_pg_statistic_ext_data(const SystemContext& context, RowSink& sink) {
  Row row(pg_statistic_ext_data::kTable, sink);
  for_each_statistics(context, [&](const Statistics& statistics) {
    for (const auto& built : statistics.built) {
      row.set(pg_statistic_ext_data::stxoid, statistics.oid)
          .set(pg_statistic_ext_data::stxdinherit, built.inherited)
          .set_text_or_null(pg_statistic_ext_data::stxdndistinct, built.ndistinct)
          .set_text_or_null(pg_statistic_ext_data::stxddependencies, built.dependencies);
      if (!built.most_common.empty()) row.set(pg_statistic_ext_data::stxdmcv, most_common_list(built.most_common, row.arena()));
      std::vector<std::string> expressions;
      for (const auto& expression : built.expressions) expressions.push_back(expression_text(expression));
      if (!expressions.empty()) row.set_texts(pg_statistic_ext_data::stxdexpr, expressions);
      row.emit();
    }
  });
}

}  // namespace aegis::catalog
