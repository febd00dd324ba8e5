// Index keys from rows: plain columns, expressions and partial indexes alike.
#include "write/index_keys.h"

#include <algorithm>
#include <map>

#include "aegis/catalog/tablespace.h"
#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/executor/text_search.h"
#include "aegis/functions/collation_key.h"
#include "aegis/functions/inverted.h"
#include "aegis/types/collation.h"
#include "expression/evaluation.h"
#include "expression/no_services.h"
#include "operators/inverted_search.h"
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
  // Of an inverted index.
  std::vector<const functions::InvertedStrategy*> strategies;
  std::vector<Oid> key_types;
  // What text search functions need, as it was when the definition was made.
  std::map<Oid, std::shared_ptr<const functions::text_search::Configuration>> configurations;
  std::map<Oid, std::shared_ptr<const functions::text_search::Dictionary>> dictionaries;
};

class IndexServices : public NoServices {
 public:
  explicit IndexServices(const Computation& computation) : computation_(computation) {}
  std::shared_ptr<const functions::text_search::Configuration> text_search_configuration(Oid oid) override {
    return find(computation_.configurations, oid);
  }
  std::shared_ptr<const functions::text_search::Dictionary> text_search_dictionary(Oid oid) override {
    return find(computation_.dictionaries, oid);
  }
  void notice(ErrorFields) override {}  // a word too long is told to who inserts the row

 private:
  template <typename T>
  static T find(const std::map<Oid, T>& known, Oid oid) {
    auto found = known.find(oid);
    if (found == known.end()) throw Needed();
    return found->second;
  }
  const Computation& computation_;
};

// Names of text search objects in definitions.
class DefinitionNames : public types::ObjectNames {
 public:
  DefinitionNames(const catalog::Version& catalog, Oid database, const std::vector<Oid>& path) : catalog_(catalog), database_(database), path_(path) {}
  bool lookup(Oid kind, std::string_view name, Oid& object) override {
    if (kind != types::oid::kRegconfig && kind != types::oid::kRegdictionary) return false;
    auto kind_of = kind == types::oid::kRegconfig ? catalog::ObjectKind::TsConfiguration : catalog::ObjectKind::TsDictionary;
    std::string text(name);
    std::erase(text, '"');
    std::vector<Oid> path = path_;
    if (size_t dot = text.find('.'); dot != std::string::npos) {
      path = {catalog_.find_schema(database_, text.substr(0, dot))};
      text.erase(0, dot + 1);
    }
    for (Oid schema : path) {
      auto found = catalog_.find_text_search(kind_of, schema, text, database_);
      if (found == nullptr) continue;
      object = found->oid;
      return true;
    }
    return false;
  }
  bool name_of(Oid, Oid, std::string&) override { return false; }
  bool type_name(Oid, std::string&) override { return false; }

 private:
  const catalog::Version& catalog_;
  Oid database_;
  std::vector<Oid> path_;
};

// Configurations that the expressions name, with their dictionaries.
void load_text_search(const catalog::Version& catalog, const plan::Expr& expr, Computation& computation) {
  TextSearchObjects objects([&] { return catalog::VersionPtr(catalog::VersionPtr(), &catalog); }, [](std::string_view) { return kInvalidOid; }, "");
  plan::walk(expr, [&](const plan::Expr& part) {
    if (part.kind != plan::ExprKind::Constant || part.type.oid != types::oid::kRegconfig || part.value.get().is_null) return true;
    try {
      Oid oid = part.value.get().oid();
      auto configuration = objects.configuration(oid);
      computation.configurations[oid] = configuration;
      for (const auto& dictionaries : configuration->dictionaries) {
        for (Oid dictionary : dictionaries) computation.dictionaries[dictionary] = objects.dictionary(dictionary);
      }
    } catch (const SqlError&) {
      // Its rows have no entries, as those whose keys fail.
    }
    return true;
  });
}

void rebase_inputs(plan::Expr& expr, std::vector<uint32_t>& inputs) {
  if (expr.kind == plan::ExprKind::Input) {
    auto at = std::find(inputs.begin(), inputs.end(), expr.index);
    if (at == inputs.end()) at = inputs.insert(at, expr.index);
    expr.index = static_cast<uint32_t>(at - inputs.begin());
  }
  size_t count = expr.kind == plan::ExprKind::ArrayCast ? 1 : expr.args.size();
  for (size_t i = 0; i < count; ++i) rebase_inputs(*expr.args[i], inputs);
}

// The keys of each row, each behind the number of its column.
void add_inverted_keys(const Computation& computation, const Chunk& keys, const VectorView* predicate, storage::KeyBatch& out) {
  out.clear();
  std::vector<std::string> found;
  for (size_t row = 0; row < keys.size(); ++row) {
    if (predicate != nullptr && (!predicate->valid(row) || predicate->at<uint8_t>(row) == 0)) continue;
    for (size_t column = 0; column < keys.column_count(); ++column) {
      Value value = keys.column(column).get(row);
      if (value.is_null) continue;
      found.clear();
      functions::inverted_keys(*computation.strategies[column], value, computation.key_types[column], found);
      for (const std::string& key : found) {
        out.keys.push_back(out.arena.copy(inverted_prefix(column) + key));
        out.skipped.push_back(0);
        out.has_null.push_back(0);
        out.rows.push_back(static_cast<uint32_t>(row));
      }
    }
  }
}

// Values of the key columns of some rows.
class EvaluatedKeys {
 public:
  EvaluatedKeys(const Computation& computation, const Chunk& rows, const EvaluationContext& context) {
    for (const auto& expr : computation.exprs) {
      evaluators_.emplace_back(*expr, context);
      chunk.add_column(expr->type.oid);
    }
    for (size_t i = 0; i < evaluators_.size(); ++i) chunk.column(i).reference(evaluators_[i].evaluate(rows));
    chunk.set_size(rows.size());
  }
  Chunk chunk;

 private:
  std::vector<ExpressionEvaluator> evaluators_;
};

// The keys of rows `selection`, made behind each other, move to their places among `count` rows.
void spread_keys(const std::vector<uint32_t>& selection, size_t count, storage::KeyBatch& out) {
  std::vector<std::string_view> keys(count);
  std::vector<uint8_t> skipped(count, 1), has_null(count, 0);
  for (size_t i = 0; i < selection.size(); ++i) {
    keys[selection[i]] = out.keys[i];
    skipped[selection[i]] = 0;
    has_null[selection[i]] = out.has_null[i];
  }
  out.keys.swap(keys);
  out.skipped.swap(skipped);
  out.has_null.swap(has_null);
}

void compute_keys(const Computation& computation, const Chunk& rows, const EvaluationContext& context, storage::KeyBatch& out) {
  out.clear();
  if (!computation.strategies.empty()) {
    EvaluatedKeys keys(computation, rows, context);
    if (computation.predicate == nullptr) return add_inverted_keys(computation, keys.chunk, nullptr, out);
    ExpressionEvaluator predicate(*computation.predicate, context);
    VectorView view = predicate.evaluate(rows).view();
    return add_inverted_keys(computation, keys.chunk, &view, out);
  }
  if (computation.predicate == nullptr) return storage::encode_keys(EvaluatedKeys(computation, rows, context).chunk, computation.columns, out);
  // Keys of rows that are not in the index need not exist.
  ExpressionEvaluator predicate(*computation.predicate, context);
  VectorView view = predicate.evaluate(rows).view();
  std::vector<uint32_t> selection;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (view.valid(i) && view.at<uint8_t>(i) != 0) selection.push_back(static_cast<uint32_t>(i));
  }
  if (!selection.empty()) {
    Chunk passing;
    for (size_t c = 0; c < rows.column_count(); ++c) passing.add_column(rows.column(c).type(), rows.column(c).physical());
    passing.slice_of(rows, selection.data(), selection.size());
    storage::encode_keys(EvaluatedKeys(computation, passing, context).chunk, computation.columns, out);
  }
  spread_keys(selection, rows.size(), out);
}

// Without a session.
void compute_keys(const Computation& computation, const Chunk& rows, storage::KeyBatch& out) {
  IndexServices services(computation);
  std::vector<Value> none;
  compute_keys(computation, rows, {computation.types, services, &none, &none}, out);
}

bool calls_routines(const plan::Expr& expr) {
  bool found = false;
  plan::walk(expr, [&](const plan::Expr& part) {
    found = found || (part.function != nullptr && part.function->kernel == functions::call_routine_kernel);
    return !found;
  });
  return found;
}

// Keys that must be there, and cannot be had without a session.
void leave_to_sessions(std::shared_ptr<Computation> computation, storage::IndexDefinition& definition) {
  definition.session = std::make_shared<storage::SessionKeys>();
  definition.session->computation = std::move(computation);
  definition.failures = std::make_shared<storage::KeyFailures>();
  definition.failures->count = 1;  // no plan reads it
  definition.compute = [inverted = definition.inverted](const Chunk& rows, storage::KeyBatch& out) {
    out.clear();
    if (inverted) return;
    out.keys.resize(rows.size());
    out.skipped.assign(rows.size(), 1);
    out.has_null.assign(rows.size(), 1);
  };
  definition.compute_or_throw = definition.compute;
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
    } else if (name == "memtable") {
      overrides.memtable = static_cast<IndexFileOptions::Memtable>(choice_option(name, value, {"skiplist", "art", "btree"}));
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
  definition.directory = catalog::tablespace_directory(catalog, index.database, index.tablespace);
  definition.inverted = functions::is_inverted_method(index.method);
  bool plain = index.predicate_sql.empty() && !definition.inverted;
  for (const auto& key : index.columns) plain = plain && key.column >= 0 && types::is_deterministic(key.collation);
  if (plain) {
    for (size_t i = 0; i < index.columns.size(); ++i) definition.columns.push_back(index_key_column(index, table, i));
    return definition;
  }
  auto computation = std::make_shared<Computation>();
  computation->types = types;
  std::vector<Oid> path{catalog::kPgCatalogSchema, index.schema};
  DefinitionNames names(catalog, index.database, path);
  computation->types.names = &names;
  analyzer::AnalyzerContext context{catalog, index.database, path, catalog::kBootstrapRole, computation->types, {}, kInvalidOid};
  for (size_t i = 0; i < index.columns.size(); ++i) {
    const auto& key = index.columns[i];
    if (key.column >= 0) {
      const auto& column = table.columns[key.column];
      computation->exprs.push_back(plan::make_input(static_cast<uint32_t>(key.column), column.type, column.name));
      if (!definition.inverted && !types::is_deterministic(key.collation)) {
        plan::ExprList texts;
        texts.push_back(std::move(computation->exprs.back()));
        computation->exprs.back() = plan::make_call(functions::collation_key_function(), {types::oid::kBytea}, std::move(texts));
        computation->exprs.back()->collation = key.collation;
      }
    } else {
      computation->exprs.push_back(
          analyzer::analyze_definition_sql(context, key.sql, &table, {}, analyzer::DefinitionKind::IndexExpression));
    }
    if (definition.inverted) {
      const auto* strategy = catalog.inverted_strategy(key.opclass);
      if (strategy == nullptr) throw_not_supported("operator class " + std::to_string(key.opclass));
      computation->strategies.push_back(strategy);
      computation->key_types.push_back(types::base_type(key.type.oid));
      continue;
    }
    auto column = index_key_column(index, table, i);
    column.column = static_cast<uint32_t>(i);
    if (!types::is_deterministic(key.collation)) storage::set_key_type(column, types::oid::kBytea);
    computation->columns.push_back(column);
  }
  if (!index.predicate_sql.empty()) {
    computation->predicate = analyzer::analyze_definition_sql(context, index.predicate_sql, &table, {types::oid::kBool},
                                                              analyzer::DefinitionKind::IndexPredicate);
  }
  for (const auto& expr : computation->exprs) load_text_search(catalog, *expr, *computation);
  if (computation->predicate) load_text_search(catalog, *computation->predicate, *computation);
  computation->types.names = nullptr;
  for (auto& expr : computation->exprs) rebase_inputs(*expr, definition.inputs);
  if (computation->predicate) rebase_inputs(*computation->predicate, definition.inputs);
  bool routines = computation->predicate != nullptr && calls_routines(*computation->predicate);
  for (const auto& expr : computation->exprs) routines = routines || calls_routines(*expr);
  if (routines && (index.unique || !index.exclusion.empty())) {
    leave_to_sessions(std::move(computation), definition);
    return definition;
  }
  definition.failures = std::make_shared<storage::KeyFailures>();
  if (routines) definition.failures->count = 1;  // rows will be missed: no plan reads it, nor one that was made before them
  definition.compute = [computation, failures = definition.failures](const Chunk& rows, storage::KeyBatch& out) {
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
          if (!computation->strategies.empty()) {
            for (std::string_view key : one.keys) {
              out.keys.push_back(out.arena.copy(key));
              out.skipped.push_back(0);
              out.has_null.push_back(0);
              out.rows.push_back(selection);
            }
            continue;
          }
          out.keys.push_back(out.arena.copy(one.keys[0]));
          out.skipped.push_back(one.skipped[0]);
          out.has_null.push_back(one.has_null[0]);
        } catch (const std::exception&) {
          failures->note(std::current_exception());
          if (!computation->strategies.empty()) continue;
          out.keys.emplace_back();
          out.skipped.push_back(1);
          out.has_null.push_back(1);
        }
      }
    }
  };
  definition.compute_or_throw = [computation, lenient = definition.compute](const Chunk& rows, storage::KeyBatch& out) {
    try {
      compute_keys(*computation, rows, out);
    } catch (const SqlError&) {
      throw;
    } catch (const std::exception&) {
      // What can't be had here, as routines of users.
      out.clear();
      lenient(rows, out);
    }
  };
  return definition;
}

namespace {

void compute_session_keys(const storage::IndexDefinition& definition, const Chunk& inputs, const ExecutionContext& context, storage::KeyBatch& out) {
  std::vector<Value> none;
  compute_keys(*static_cast<const Computation*>(definition.session->computation.get()), inputs, {context.types, context.services, &none, &none}, out);
}

void make_index_keys(const storage::IndexDefinition& definition, const Chunk& rows, const ExecutionContext& context, bool is_new, storage::KeyBatch& out) {
  if (!definition.compute) return storage::encode_keys(rows, definition.columns, out);
  out.clear();
  Chunk inputs;
  for (uint32_t column : definition.inputs) inputs.add_column(rows.column(column).type(), rows.column(column).physical());
  for (size_t i = 0; i < definition.inputs.size(); ++i) inputs.column(i).reference(rows.column(definition.inputs[i]));
  inputs.set_size(rows.size());
  if (definition.session) return compute_session_keys(definition, inputs, context, out);
  (is_new ? definition.compute_or_throw : definition.compute)(inputs, out);
}

void enter(storage::Index& index, const storage::KeyBatch& keys, const std::vector<RowId>& rows) {
  for (size_t i = 0; i < keys.keys.size(); ++i) {
    if (keys.skipped[i] == 0) index.insert(keys.keys[i], rows[keys.rows.empty() ? i : keys.rows[i]]);
  }
}

// Those of the rows that can be computed.
void enter_one_by_one(storage::Index& index, const Chunk& inputs, const std::vector<RowId>& rows, const ExecutionContext& context) {
  for (size_t i = 0; i < rows.size(); ++i) {
    Chunk one;
    for (size_t c = 0; c < inputs.column_count(); ++c) one.add_column(inputs.column(c).type(), inputs.column(c).physical());
    auto selection = static_cast<uint32_t>(i);
    one.slice_of(inputs, &selection, 1);
    storage::KeyBatch keys;
    try {
      compute_session_keys(index.definition(), one, context, keys);
    } catch (const SqlError&) {
      continue;  // a routine that has changed since
    }
    enter(index, keys, {rows[i]});
  }
}

}  // namespace

void index_keys(const storage::IndexDefinition& definition, const Chunk& rows, const ExecutionContext& context, storage::KeyBatch& out) {
  make_index_keys(definition, rows, context, false, out);
}

void new_index_keys(const storage::IndexDefinition& definition, const Chunk& rows, const ExecutionContext& context, storage::KeyBatch& out) {
  make_index_keys(definition, rows, context, true, out);
}

void fill_session_index(const catalog::Relation& relation, storage::Index& index, const ExecutionContext& context, bool strict) {
  const storage::IndexDefinition& definition = index.definition();
  storage::SessionKeys& session = *definition.session;
  if (session.filled.load(std::memory_order_acquire)) return;
  std::lock_guard guard(session.mutex);
  if (session.filled.load(std::memory_order_acquire)) return;
  auto table = context.engine.table(relation.storage);
  Chunk inputs;
  for (uint32_t column : definition.inputs) inputs.add_column(relation.columns[column].type.oid);
  storage::Snapshot latest{storage::kLatest, context.transaction.id(), storage::kEveryCommand};
  storage::ScanState state{RowId(1), table->end_row()};
  std::vector<RowId> rows;
  storage::KeyBatch keys;
  while (table->scan(latest, definition.inputs, state, inputs, rows)) {
    context.services.check_interrupts();
    try {
      compute_session_keys(definition, inputs, context, keys);
    } catch (const SqlError& error) {
      if (strict || error.fields().sqlstate == Sqlstate::QueryCanceled) throw;
      enter_one_by_one(index, inputs, rows, context);
      continue;
    }
    enter(index, keys, rows);
  }
  session.filled.store(true, std::memory_order_release);
}

}  // namespace aegis::executor
