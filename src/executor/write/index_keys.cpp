// Index keys from rows: plain columns, expressions and partial indexes alike.
#include "write/index_keys.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "expression/evaluation.h"
#include "expression/no_services.h"
#include "operators/scans.h"

namespace aegis::executor {
namespace {

// What computing keys of an expression index needs; shared by all who compute them.
struct Computation {
  types::TypeContext types;
  std::vector<plan::ExprPtr> exprs;        // one a key column, over the inputs
  plan::ExprPtr predicate;                 // may be null
  std::vector<storage::KeyColumn> columns;  // over the computed chunk
  std::vector<Oid> input_types;
};

void rebase_inputs(plan::Expr& expr, std::vector<uint32_t>& inputs) {
  if (expr.kind == plan::ExprKind::Input) {
    auto at = std::find(inputs.begin(), inputs.end(), expr.index);
    if (at == inputs.end()) at = inputs.insert(at, expr.index);
    expr.index = static_cast<uint32_t>(at - inputs.begin());
  }
  size_t count = expr.kind == plan::ExprKind::ArrayCast ? 1 : expr.args.size();
  for (size_t i = 0; i < count; ++i) rebase_inputs(*expr.args[i], inputs);
}

void compute_keys(const Computation& computation, const Chunk& rows, storage::KeyBatch& out) {
  NoServices services;
  std::vector<Value> none;
  EvaluationContext context{computation.types, services, &none, &none};
  Chunk keys;
  std::vector<ExpressionEvaluator> evaluators;
  for (const auto& expr : computation.exprs) {
    evaluators.emplace_back(*expr, context);
    keys.add_column(expr->type.oid);
  }
  for (size_t i = 0; i < evaluators.size(); ++i) keys.column(i).reference(evaluators[i].evaluate(rows));
  keys.set_size(rows.size());
  storage::encode_keys(keys, computation.columns, out);
  if (computation.predicate == nullptr) return;
  ExpressionEvaluator predicate(*computation.predicate, context);
  VectorView view = predicate.evaluate(rows).view();
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!view.valid(i) || view.at<uint8_t>(i) == 0) out.skipped[i] = 1;
  }
}

}  // namespace

namespace {

bool boolean_option(std::string_view name, std::string_view value) {
  for (std::string_view yes : {"true", "on", "yes", "1"}) {
    if (value == yes) return true;
  }
  for (std::string_view no : {"false", "off", "no", "0"}) {
    if (value == no) return false;
  }
  throw SqlError(Sqlstate::InvalidParameterValue, "invalid value for boolean option \"" + std::string(name) + "\": " + std::string(value));
}

template <size_t N>
size_t choice_option(std::string_view name, std::string_view value, const char* const (&choices)[N]) {
  std::string valid;
  for (size_t i = 0; i < N; ++i) {
    if (value == choices[i]) return i;
    valid += std::string(i == 0 ? "" : i + 1 == N ? ", and " : ", ") + "\"" + choices[i] + "\"";
  }
  throw SqlError(Sqlstate::InvalidParameterValue, "invalid value for enum option \"" + std::string(name) + "\": " + std::string(value))
      .detail("Valid values are " + valid + ".");
}

}  // namespace

storage::IndexFileOverrides index_file_options(const std::vector<std::string>& options) {
  using storage::IndexFileOptions;
  storage::IndexFileOverrides overrides;
  for (const std::string& option : options) {
    size_t equals = option.find('=');
    std::string_view name = std::string_view(option).substr(0, equals);
    std::string_view value = equals == std::string::npos ? "true" : std::string_view(option).substr(equals + 1);
    if (name == "filter") {
      overrides.filter = static_cast<IndexFileOptions::Filter>(choice_option(name, value, {"none", "bloom", "ribbon"}));
    } else if (name == "compaction") {
      overrides.compaction = static_cast<IndexFileOptions::Compaction>(choice_option(name, value, {"leveled", "tiered", "flexible", "adaptive"}));
    } else if (name == "learned_index") {
      overrides.learned_index = boolean_option(name, value);
    } else if (name == "compress") {
      overrides.compress = boolean_option(name, value);
    }
  }
  return overrides;
}

storage::IndexDefinition make_index_definition(const catalog::Index& index, const catalog::Relation& table, const catalog::Version& catalog,
                                               const types::TypeContext& types) {
  storage::IndexDefinition definition;
  definition.id = index.storage;
  definition.table = table.storage;
  definition.files = index_file_options(index.options);
  bool plain = index.predicate_sql.empty();
  for (const auto& key : index.columns) plain = plain && key.column >= 0;
  if (plain) {
    for (size_t i = 0; i < index.columns.size(); ++i) definition.columns.push_back(index_key_column(index, table, i));
    return definition;
  }
  auto computation = std::make_shared<Computation>();
  computation->types = types;
  computation->types.names = nullptr;
  std::vector<Oid> path{catalog::kPgCatalogSchema, index.schema};
  analyzer::AnalyzerContext context{catalog, index.database, path, catalog::kBootstrapRole, computation->types, {}, kInvalidOid};
  for (size_t i = 0; i < index.columns.size(); ++i) {
    const auto& key = index.columns[i];
    if (key.column >= 0) {
      const auto& column = table.columns[key.column];
      computation->exprs.push_back(plan::make_input(static_cast<uint32_t>(key.column), column.type, column.name));
    } else {
      computation->exprs.push_back(
          analyzer::analyze_definition_sql(context, key.sql, &table, {}, analyzer::DefinitionKind::IndexExpression));
    }
    auto column = index_key_column(index, table, i);
    column.column = static_cast<uint32_t>(i);
    computation->columns.push_back(column);
  }
  if (!index.predicate_sql.empty()) {
    computation->predicate = analyzer::analyze_definition_sql(context, index.predicate_sql, &table, {types::oid::kBool},
                                                              analyzer::DefinitionKind::IndexPredicate);
  }
  for (auto& expr : computation->exprs) rebase_inputs(*expr, definition.inputs);
  if (computation->predicate) rebase_inputs(*computation->predicate, definition.inputs);
  definition.compute = [computation](const Chunk& rows, storage::KeyBatch& out) {
    try {
      compute_keys(*computation, rows, out);
    } catch (const std::exception&) {
      // One row spoils the batch: compute the others one by one, and leave out those that fail.
      out.clear();
      for (size_t i = 0; i < rows.size(); ++i) {
        storage::KeyBatch one;
        Chunk row;
        for (size_t c = 0; c < rows.column_count(); ++c) row.add_column(rows.column(c).type(), rows.column(c).physical());
        uint32_t selection = static_cast<uint32_t>(i);
        row.slice_of(rows, &selection, 1);
        try {
          compute_keys(*computation, row, one);
          out.keys.push_back(out.arena.copy(one.keys[0]));
          out.skipped.push_back(one.skipped[0]);
          out.has_null.push_back(one.has_null[0]);
        } catch (const std::exception&) {
          out.keys.emplace_back();
          out.skipped.push_back(1);
          out.has_null.push_back(1);
        }
      }
    }
  };
  return definition;
}

void index_keys(const storage::IndexDefinition& definition, const Chunk& rows, storage::KeyBatch& out) {
  if (!definition.compute) return storage::encode_keys(rows, definition.columns, out);
  Chunk inputs;
  for (uint32_t column : definition.inputs) inputs.add_column(rows.column(column).type(), rows.column(column).physical());
  for (size_t i = 0; i < definition.inputs.size(); ++i) inputs.column(i).reference(rows.column(definition.inputs[i]));
  inputs.set_size(rows.size());
  definition.compute(inputs, out);
}

}  // namespace aegis::executor
