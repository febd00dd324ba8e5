#include "database.h"

#include "aegis/catalog/catalog_functions.h"
#include "aegis/commands/system_catalog.h"

namespace aegis::test {

namespace {
constexpr Oid kDatabase = 5;
constexpr Oid kPublic = 2202;
}  // namespace

Database::Database(size_t threads) : files_(os::make_memory_file_system()), temporary_files_(*files_, "tmp"), threads_(threads) {
  storage::EngineOptions options;
  options.background = false;
  engine_ = storage::Engine::open(*files_, "data", options);
  transactions_ = std::make_unique<txn::TransactionManager>(*engine_);
  catalog_ = std::make_unique<catalog::Catalog>(*engine_, "postgres");
  commands::install_system_catalog(*catalog_, types_);
  backend_ = std::make_unique<txn::Backend>(*transactions_, 1);
  if (threads > 1) pool_ = std::make_unique<os::ThreadPool>(os::ThreadPool::Options{threads, 16});
}

Database::~Database() = default;

void Database::create_table(const std::string& name, const std::vector<Column>& columns, const std::vector<int>& key) {
  auto transaction = transactions_->begin(*backend_);
  catalog::CatalogTransaction changes(*catalog_, *transaction);
  auto table = std::make_shared<catalog::Relation>();
  table->oid = catalog_->allocate_oid();
  table->database = kDatabase;
  table->schema = kPublic;
  table->name = name;
  table->storage = TableId(catalog_->allocate_oid());
  storage::TableSchema schema;
  for (const auto& column : columns) {
    catalog::Column definition;
    definition.name = column.name;
    definition.type = {column.type};
    definition.not_null = column.not_null;
    table->columns.push_back(definition);
    schema.columns.push_back({types::physical_type(column.type)});
  }
  engine_->create_table(transaction->context(), table->storage, schema);
  if (!key.empty()) {
    auto index = std::make_shared<catalog::Index>();
    index->oid = catalog_->allocate_oid();
    index->storage = IndexId(index->oid);
    index->database = kDatabase;
    index->schema = kPublic;
    index->name = name + "_pkey";
    index->table = table->oid;
    index->unique = index->primary = true;
    for (int column : key) index->columns.push_back({column, "", table->columns[column].type});
    table->indexes.push_back(index->oid);
    catalog::Constraint constraint;
    constraint.oid = catalog_->allocate_oid();
    constraint.name = index->name;
    constraint.kind = 'p';
    constraint.columns = key;
    constraint.index = index->oid;
    table->constraints.push_back(constraint);
    changes.put(index);
    changes.put(table);
    engine_->build_index(&transaction->context(), executor::make_index_definition(*index, *table, *changes.version(), types_));
  } else {
    changes.put(table);
  }
  transactions_->commit(std::move(transaction));
}

std::vector<std::string> Database::run(const std::string& sql, const std::vector<std::string>& parameters) {
  auto parsed = parser::parse(sql);
  auto version = catalog_->current();
  analyzer::AnalyzerContext context{*version, kDatabase, {catalog::kPgCatalogSchema, kPublic}, 10, types_, sql, kInvalidOid};
  std::vector<types::Type> parameter_types;
  auto bound = analyzer::analyze(context, *parsed.statements.at(0).stmt, parameter_types);
  TestStatistics statistics(*engine_);
  planner::PlannerContext planning{*version, statistics, types_, {}, [&](const plan::Expr& expr) { return executor::fold_expression(expr, types_); }, {}};
  auto plan = std::make_shared<plan::PhysicalPlan>(planner::plan_query(planning, std::move(bound)));

  auto transaction = transactions_->begin(*backend_);
  std::vector<std::string> rows;
  {
    auto snapshot = transaction->take_snapshot();
    executor::ExecutionContext execution{*transactions_, *transaction, *snapshot, *engine_, version, kDatabase,
                                         {catalog::kPgCatalogSchema, kPublic}, kInvalidOid, types_, services_};
    catalog::SystemContext system{*version, kDatabase, kInvalidOid, {}};
    system.search_path = {catalog::kPgCatalogSchema, kPublic};
    system.engine = engine_.get();
    execution.system = &system;
    services_.answer_catalog = [&](std::string_view symbol, std::span<const types::Value> arguments, Arena& result_arena, types::Value& result) {
      return catalog::call_catalog_function(system, types_, symbol, arguments, result_arena, result);
    };
    Arena arena;
    for (size_t i = 0; i < parameters.size(); ++i) {
      const auto& type = plan->parameter_types[i];
      execution.parameters.push_back(types::type_info(type.oid).input(types_, parameters[i], type, arena));
    }
    execution.workers = pool_.get();
    execution.parallelism = threads_;
    if (memory_ > 0) {
      execution.work_mem_bytes = memory_;
      execution.hash_mem_bytes = memory_;
      execution.temporary_files = &temporary_files_;
    }
    executor::Execution run(plan, execution);
    while (const auto* chunk = run.next()) {
      for (size_t row = 0; row < chunk->size(); ++row) {
        std::string text;
        for (size_t column = 0; column < plan->output.size(); ++column) {
          if (column > 0) text += "|";
          auto value = chunk->column(column).get(row);
          Oid type = chunk->column(column).type();
          if (value.is_null) {
            text += "NULL";
          } else {
            types::type_info(type).output(types_, value, type, text);
          }
        }
        rows.push_back(std::move(text));
      }
    }
    run.finish();
    if (!plan->returns_rows) rows.push_back(std::to_string(run.affected_rows()));
  }
  transactions_->commit(std::move(transaction));
  return rows;
}

void Database::set_memory(size_t bytes) { memory_ = bytes; }

std::string Database::query(const std::string& sql, const char* separator) {
  std::string all;
  for (const auto& row : run(sql)) all += (all.empty() ? "" : separator) + row;
  return all;
}

std::string Database::error(const std::string& sql) {
  try {
    run(sql);
    return {};
  } catch (const std::exception& exception) {
    auto fields = error_fields_of(exception);
    return std::string(sqlstate_code(fields.sqlstate)) + " " + fields.message;
  }
}

}  // namespace aegis::test
