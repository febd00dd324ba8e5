// Planning statements and running portals.
#include <algorithm>

#include <fmt/format.h>

#include "aegis/catalog/privileges.h"
#include "aegis/catalog/told_figures.h"
#include "aegis/functions/quoting.h"
#include "aegis/os/memory_budget.h"
#include "aegis/plan/walk.h"
#include "command_context.h"
#include "core.h"
#include "routine_runner.h"
#include "services.h"

namespace aegis::session {

bool is_query_node(const ast::Node& node) {
  switch (node.tag) {
    case ast::NodeTag::SelectStmt: {
      const auto* select = static_cast<const ast::SelectStmt*>(&node);
      while (select->larg != nullptr) select = select->larg;
      return select->into_clause == nullptr;
    }
    case ast::NodeTag::InsertStmt:
    case ast::NodeTag::UpdateStmt:
    case ast::NodeTag::DeleteStmt:
    case ast::NodeTag::MergeStmt: return true;
    default: return false;
  }
}

// --- What planning depends on -------------------------------------------------------------------------------

const std::vector<Oid>& Session::Core::search_path(const catalog::Version& version) {
  if (path_version_ == version.number() && path_version_ != 0) return path_;
  std::vector<Oid> path;
  bool has_catalog = false;
  bool has_temp = false;
  for (const std::string& name : split_identifier_list(settings_.value(Id::search_path))) {
    Oid schema = kInvalidOid;
    if (name == "$user") {
      auto role = version.role(role_);
      if (role != nullptr) schema = version.find_schema(database_, role->name);
    } else if (name == "pg_temp") {
      schema = temp_schema_;
      has_temp = true;
    } else {
      schema = version.find_schema(database_, name);
    }
    if (schema != kInvalidOid && !superuser_ && !catalog::has_privilege(version, role_, *version.schema(schema), 'U')) continue;
    if (schema == kInvalidOid || std::find(path.begin(), path.end(), schema) != path.end()) continue;
    if (schema == catalog::kPgCatalogSchema) has_catalog = true;
    path.push_back(schema);
  }
  if (inner_schema_ != kInvalidOid) path.insert(path.begin(), inner_schema_);
  if (!has_catalog) path.insert(path.begin(), catalog::kPgCatalogSchema);
  if (!has_temp && temp_schema_ != kInvalidOid) path.insert(path.begin(), temp_schema_);
  path_version_ = version.number();
  if (path != path_) environment_known_ = false;
  path_ = std::move(path);
  return path_;
}

std::string Session::Core::environment_key() {
  catalog::VersionPtr now = version();
  const std::vector<Oid>& path = search_path(*now);
  if (environment_known_) return environment_;
  std::string key = fmt::format("\x01{};{};", database_, role_);
  for (Oid oid : path) key += fmt::format("{},", oid);
  for (Id id : {Id::DateStyle, Id::IntervalStyle, Id::TimeZone, Id::extra_float_digits, Id::bytea_output, Id::xmloption, Id::xmlbinary, Id::enable_hashjoin,
                Id::enable_nestloop, Id::enable_indexscan, Id::enable_bitmapscan, Id::enable_seqscan, Id::enable_sort, Id::enable_hashagg,
                Id::enable_partition_pruning, Id::join_collapse_limit, Id::standard_conforming_strings, Id::row_security}) {
    key += settings_.value(id);
    key += ';';
  }
  for (const auto& transition : transitions_) key += fmt::format("{}={};", transition.name, transition.table->oid);
  environment_ = std::move(key);
  environment_known_ = true;
  return environment_;
}

analyzer::AnalyzerContext Session::Core::analyzer_context(const catalog::Version& version, std::string_view sql) {
  analyzer::AnalyzerContext context{version, database_, search_path(version), role_, types_, sql, temp_schema_};
  context.row_security = settings_.boolean(Id::row_security);
  if (!transitions_.empty()) context.transitions = &transitions_;
  return context;
}

// Writing to it may run functions of triggers or index keys, its own or those of tables that a foreign key's action writes to.
static bool runs_functions(const catalog::Version& version, const storage::Engine& engine, Oid table) {
  auto runs = [&](Oid oid) {
    if (!version.triggers(oid).empty()) return true;
    auto relation = version.relation(oid);
    if (relation == nullptr) return false;
    for (const auto& info : version.indexes_of(*relation)) {
      auto index = engine.index(info->storage);
      if (index != nullptr && index->definition().session) return true;
    }
    return false;
  };
  if (runs(table)) return true;
  for (const auto& reference : version.referencing(table)) {
    if (runs(reference.table->oid)) return true;
  }
  return false;
}

namespace {

// The tables' own statistics, but where pg_class has been told others.
class ToldStatistics final : public planner::Statistics {
 public:
  ToldStatistics(planner::Statistics& own, const catalog::Version& version, Oid database) : own_(own), version_(version), database_(database) {}
  double row_count(const catalog::Relation& table) override {
    double rows = own_.row_count(table);
    auto told = catalog::told_figures(version_, database_, table.oid, table.storage.value);
    return told ? told->estimate(rows) : rows;
  }
  std::shared_ptr<const planner::TableSample> sample(const catalog::Relation& table, std::span<const int> columns) override { return own_.sample(table, columns); }

 private:
  planner::Statistics& own_;
  const catalog::Version& version_;
  Oid database_;
};

}  // namespace

std::shared_ptr<const plan::PhysicalPlan> Session::Core::make_plan(plan::BoundQuery query, const catalog::Version& version) {
  ToldStatistics statistics(instance_.statistics(), version, database_);
  planner::PlannerContext context{version, statistics, types_, {}, {}, {}};
  context.options.enable_hashjoin = settings_.boolean(Id::enable_hashjoin);
  context.options.enable_nestloop = settings_.boolean(Id::enable_nestloop);
  context.options.enable_indexscan = settings_.boolean(Id::enable_indexscan);
  context.options.enable_bitmapscan = settings_.boolean(Id::enable_bitmapscan);
  context.options.enable_seqscan = settings_.boolean(Id::enable_seqscan);
  context.options.enable_sort = settings_.boolean(Id::enable_sort);
  context.options.enable_hashagg = settings_.boolean(Id::enable_hashagg);
  context.options.enable_partition_pruning = settings_.boolean(Id::enable_partition_pruning);
  context.index_is_whole = [this](const catalog::Index& index) {
    auto stored = instance_.engine.index(index.storage);
    return stored != nullptr && (!stored->definition().failures || stored->definition().failures->count.load(std::memory_order_acquire) == 0);
  };
  context.bind_definition = [&](const catalog::Relation& relation, std::string_view sql) {
    return analyzer::analyze_definition_sql(analyzer_context(version, sql), sql, &relation, {}, analyzer::DefinitionKind::PartitionKey);
  };
  context.fold = [this](const plan::Expr& expr) { return executor::fold_expression(expr, types_); };
  context.count_matches = [this](const plan::ExprList& predicates, const vector::Chunk& rows) {
    return executor::count_matches(predicates, rows, types_);
  };
  bool calls_routines = false;
  plan::rewrite(*query.root, [&](plan::ExprPtr& part) { calls_routines = calls_routines || (part->function != nullptr && part->function->user_defined); });
  for (const auto& relation : query.relations) {
    if (relation.lock_mode >= 3) calls_routines = calls_routines || runs_functions(version, instance_.engine, relation.relation);
  }
  auto plan = std::make_shared<plan::PhysicalPlan>(planner::plan_query(context, std::move(query)));
  plan->calls_routines = calls_routines;
  return plan;
}

void Session::Core::lock_relations(const std::vector<plan::BoundQuery::LockedRelation>& relations) {
  for (const auto& relation : relations) {
    instance_.transactions.locks().lock(*backend_, txn::LockTag::relation(database_, relation.relation),
                                        static_cast<txn::LockMode>(relation.lock_mode));
  }
}

CachedPlanPtr Session::Core::build_plan(const ast::Node& node, std::string_view text, std::vector<Type>& types, analyzer::VariableScope* variables,
                                        const std::vector<Oid>* path) {
  ensure_transaction();
  while (true) {
    catalog::VersionPtr seen = version();
    std::vector<Type> found = types;
    analyzer::AnalyzerContext context = analyzer_context(*seen, text);
    context.variables = variables;
    if (path != nullptr) context.search_path = *path;
    if (auto rewriting = analyzer::rewrite_by_rules(context, node)) {
      CachedPlanPtr made = build_rewritten(*rewriting, context, node, types);
      if (version()->number() != seen->number()) continue;
      return made;
    }
    plan::BoundQuery bound = analyzer::analyze(context, node, found);
    lock_relations(bound.relations);
    std::string unpopulated;
    for (const auto& used : bound.relations) {
      auto relation = seen->relation(used.relation);
      if (relation != nullptr && relation->relkind == 'm' && !relation->populated) unpopulated = relation->name;
    }
    if (version()->number() != seen->number()) continue;  // somebody changed the catalog before the locks were there
    analyzer::check_permissions(*seen, bound);
    auto cached = std::make_shared<CachedPlan>();
    cached->role = role_;
    cached->unpopulated = std::move(unpopulated);
    cached->plan = make_plan(std::move(bound), *seen);
    cached->catalog_version = seen->number();
    cached->is_short = is_short_plan(*cached->plan, instance_.engine);
    record_sizes(*cached, instance_.engine);
    types = std::move(found);
    return cached;
  }
}

// The plans of a statement that rules rewrite. The main one is made last: its parameters are those of all.
CachedPlanPtr Session::Core::build_rewritten(const analyzer::Rewriting& rewriting, const analyzer::AnalyzerContext& caller, const ast::Node& node,
                                             std::vector<Type>& types) {
  struct Depth {
    explicit Depth(int& level) : level_(level) { ++level_; }
    ~Depth() { --level_; }
    int& level_;
  } depth(rule_depth_);
  if (rule_depth_ > 20) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, fmt::format("infinite recursion detected in rules for relation \"{}\"", rewriting.relation->name));
  }
  catalog::VersionPtr seen = version();
  if (rewriting.source != nullptr) {
    std::vector<Type> found = types;
    analyzer::AnalyzerContext reading = caller;
    plan::BoundQuery bound = analyzer::analyze(reading, *rewriting.source, found);
    analyzer::check_permissions(*seen, bound);
    types = std::move(found);
  }
  Oid user = caller.role;
  catalog::check_privilege(*seen, user, *rewriting.relation, rewriting.privilege);
  std::vector<Oid> path = caller.search_path;
  for (Oid schema : rewriting.rule_path) {
    if (std::find(path.begin(), path.end(), schema) == path.end()) path.push_back(schema);
  }
  auto build = [&](const analyzer::RewrittenStatement& statement) {
    if (!statement.by_owner) {
      analyzer::AnalyzerContext context = caller;
      context.rules_applied = true;
      context.search_path = path;
      return build_bound(context, *statement.node, types);
    }
    analyzer::AnalyzerContext context = caller;
    context.search_path = path;
    context.role = rewriting.relation->owner;
    context.sql = {};
    if (auto inner = analyzer::rewrite_by_rules(context, *statement.node)) return build_rewritten(*inner, context, *statement.node, types);
    return build_bound(context, *statement.node, types);
  };
  auto made = std::make_shared<CachedPlan>();
  const analyzer::RewrittenStatement* main = nullptr;
  std::vector<std::shared_ptr<const CachedPlan>> before, after;
  for (const auto& statement : rewriting.statements) {
    if (statement.main) {
      main = &statement;
    } else if (statement.node == nullptr) {
      made->notifications.emplace_back(statement.channel, statement.payload);
    } else {
      (main == nullptr ? before : after).push_back(build(statement));
    }
  }
  if (main != nullptr) {
    auto inner = std::const_pointer_cast<CachedPlan>(std::static_pointer_cast<const CachedPlan>(build(*main)));
    made->plan = inner->plan;
    made->unpopulated = inner->unpopulated;
    before.insert(before.end(), inner->before.begin(), inner->before.end());
    after.insert(after.begin(), inner->after.begin(), inner->after.end());
    made->notifications.insert(made->notifications.end(), inner->notifications.begin(), inner->notifications.end());
  } else {
    // Nothing of the statement's own kind is left: its tag says no rows.
    parser::ParseResult nothing = parser::parse("SELECT WHERE false");
    analyzer::AnalyzerContext context = caller;
    context.sql = {};
    context.variables = nullptr;
    std::vector<Type> none;
    auto plan = std::const_pointer_cast<plan::PhysicalPlan>(make_plan(analyzer::analyze(context, *nothing.statements.at(0).stmt, none), *seen));
    plan->command = node.tag == ast::NodeTag::InsertStmt ? plan::CommandKind::Insert
                    : node.tag == ast::NodeTag::UpdateStmt ? plan::CommandKind::Update : plan::CommandKind::Delete;
    plan->returns_rows = false;
    plan->output.clear();
    plan->parameter_types = types;
    made->plan = plan;
  }
  made->before = std::move(before);
  made->after = std::move(after);
  made->role = role_;
  made->catalog_version = seen->number();
  made->is_short = false;
  return made;
}

CachedPlanPtr Session::Core::build_bound(const analyzer::AnalyzerContext& context, const ast::Node& node, std::vector<Type>& types) {
  catalog::VersionPtr seen = version();
  std::vector<Type> found = types;
  plan::BoundQuery bound = analyzer::analyze(context, node, found);
  lock_relations(bound.relations);
  analyzer::check_permissions(*seen, bound);
  auto cached = std::make_shared<CachedPlan>();
  cached->role = role_;
  for (const auto& used : bound.relations) {
    auto relation = seen->relation(used.relation);
    if (relation != nullptr && relation->relkind == 'm' && !relation->populated) cached->unpopulated = relation->name;
  }
  cached->plan = make_plan(std::move(bound), *seen);
  cached->catalog_version = seen->number();
  record_sizes(*cached, instance_.engine);
  types = std::move(found);
  return cached;
}

// What rules put before or behind a statement; each sees what those before it have done.
void Session::Core::run_rule_plans(const std::vector<std::shared_ptr<const CachedPlan>>& plans, const std::vector<Value>& parameters) {
  for (const auto& cached : plans) {
    run_rule_plans(cached->before, parameters);
    check_populated(*cached);
    lock_relations(cached->plan->relations);
    check_writable(*cached->plan);
    catalog::VersionPtr now = version();
    txn::SnapshotHandle snapshot = transaction_->take_snapshot();
    auto system = system_context(now);
    executor::ExecutionContext context = execution_context(*snapshot, now, system.get());
    context.parameters = parameters;
    {
      executor::Execution execution(cached->plan, std::move(context));
      while (execution.next() != nullptr) backend_->check_interrupts();
      execution.finish();
    }
    for (const auto& [channel, payload] : cached->notifications) notifications_.push_back({pid_, channel, payload});
    run_rule_plans(cached->after, parameters);
  }
}

CachedPlanPtr Session::Core::validate(CachedPlanPtr cached) {
  if (cached == nullptr || cached->plan == nullptr) return nullptr;
  ensure_transaction();
  if (cached->catalog_version != version()->number() || cached->role != role_ || is_outgrown(*cached, instance_.engine)) return nullptr;
  lock_relations(cached->plan->relations);
  return cached->catalog_version == version()->number() ? cached : nullptr;
}

CachedPlanPtr Session::Core::plan_statement(Statement& statement) {
  ensure_transaction();
  if (CachedPlanPtr good = validate(statement.plan)) return good;
  bool cacheable = statement.cacheable && !catalog_changes_->has_changes();
  std::string key = cacheable ? statement.cache_key + environment_key() : "";
  if (cacheable) {
    if (CachedPlanPtr good = validate(instance_.plan_cache().plans.find(key))) {
      statement.plan = good;
      statement.parameter_types = good->plan->parameter_types;
      return good;
    }
  }
  need_worker();
  ensure_parsed(statement);
  std::vector<Type> types = statement.declared_types;
  CachedPlanPtr made = build_plan(*statement.node, statement.parsed->text, types);
  if (statement.plan != nullptr && statement.plan->plan->output.size() != made->plan->output.size()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cached plan must not change result type");
  }
  statement.plan = made;
  statement.parameter_types = types;
  if (cacheable) instance_.plan_cache().plans.put(key, made);
  return made;
}

// --- Running ------------------------------------------------------------------------------------------------

namespace {

struct SystemView : catalog::SystemContext {
  catalog::VersionPtr keep;
};

const char* command_name(plan::CommandKind kind) {
  switch (kind) {
    case plan::CommandKind::Select: return "SELECT";
    case plan::CommandKind::Insert: return "INSERT";
    case plan::CommandKind::Update: return "UPDATE";
    case plan::CommandKind::Delete: return "DELETE";
    case plan::CommandKind::Merge: return "MERGE";
  }
  return "";
}

}  // namespace

std::shared_ptr<catalog::SystemContext> Session::Core::system_context(catalog::VersionPtr version) {
  const catalog::Version& reference = *version;
  auto context = std::make_shared<SystemView>(SystemView{{reference, database_, temp_schema_, {}}, version});
  context->role = role_;
  context->search_path = search_path(reference);
  context->engine = &instance_.engine;
  context->rows_of = [this, &reference](std::string_view table, catalog::RowSink& sink) { rows_of(table, sink, reference); };
  context->role = role_;
  context->search_path = search_path(reference);
  context->engine = &instance_.engine;
  return context;
}

// PostgreSQL's 4 MB would have analytics wait for the disk: unless work_mem is set, one operator may use a part of the machine.
static size_t default_work_mem() {
  static const size_t bytes = std::max<size_t>(size_t{64} << 20, os::physical_memory() / 32);
  return bytes;
}

executor::ExecutionContext Session::Core::execution_context(const storage::Snapshot& snapshot, catalog::VersionPtr version,
                                                            const catalog::SystemContext* system) {
  executor::ExecutionContext context{instance_.transactions, *transaction_, snapshot, instance_.engine, version,
                                     database_, search_path(*version), temp_schema_, types_, *services_};
  context.system = system;
  context.work_mem_bytes = static_cast<size_t>(settings_.integer(Id::work_mem)) * 1024;
  if (settings_.source(Id::work_mem) == settings::Source::Default) context.work_mem_bytes = default_work_mem();
  context.hash_mem_bytes = static_cast<size_t>(static_cast<double>(context.work_mem_bytes) * settings_.real(Id::hash_mem_multiplier));
  context.temporary_files = instance_.temporary_files;
  context.triggers = routines_.get();
  context.foreign = foreign_tables_.get();
  context.deferred = &deferred_;
  context.in_use = &in_use_;
  if (may_block_) {
    context.workers = &instance_.workers;
    context.parallelism = std::min(instance_.workers.worker_count(),
                                   static_cast<size_t>(settings_.integer(Id::max_parallel_workers_per_gather)) + 1);
  }
  return context;
}

void Session::Core::check_writable(const plan::PhysicalPlan& plan) {
  if (settings_.value(Id::transaction_isolation) == "serializable") throw_not_supported("SERIALIZABLE isolation");
  if (!read_only_ || plan.reads_only) return;
  bool only_temporary = temp_schema_ != kInvalidOid;
  for (const auto& relation : plan.relations) {
    auto found = version()->relation(relation.relation);
    if (relation.lock_mode >= 3 && found != nullptr && found->persistence != 't') only_temporary = false;
  }
  if (only_temporary) return;
  throw SqlError(Sqlstate::ReadOnlySqlTransaction,
                 fmt::format("cannot execute {} in a read-only transaction", command_name(plan.command)));
}

void Session::Core::check_populated(const CachedPlan& plan) {
  if (plan.unpopulated.empty()) return;
  throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, fmt::format("materialized view \"{}\" has not been populated", plan.unpopulated))
      .hint("Use the REFRESH MATERIALIZED VIEW command.");
}

void Session::Core::start_portal(Portal& portal) {
  portal.started = true;
  check_populated(*portal.plan);
  if (!portal.plan->before.empty()) run_rule_plans(portal.plan->before, portal.parameters);
  check_writable(*portal.plan->plan);
  catalog::VersionPtr now = version();
  portal.snapshot = transaction_->take_snapshot();
  portal.system = system_context(now);
  executor::ExecutionContext context = execution_context(*portal.snapshot, now, portal.system.get());
  context.parameters = portal.parameters;
  portal.execution = std::make_unique<executor::Execution>(portal.plan->plan, std::move(context));
}

void Session::Core::finish_portal(Portal& portal) {
  plan::CommandKind kind = portal.plan->plan->command;
  uint64_t count = portal.position;
  if (portal.execution != nullptr) {
    portal.execution->finish();
    if (kind != plan::CommandKind::Select) count = portal.execution->affected_rows();
    portal.execution.reset();
  }
  portal.chunk = nullptr;
  portal.snapshot.release();
  portal.done = true;
  if (!portal.plan->after.empty()) run_rule_plans(portal.plan->after, portal.parameters);
  for (const auto& [channel, payload] : portal.plan->notifications) notifications_.push_back({pid_, channel, payload});
  portal.tag = fmt::format("{} {}{}", command_name(kind), kind == plan::CommandKind::Insert ? "0 " : "", count);
}

bool Session::Core::run_portal(Portal& portal, uint64_t limit, bool send) {
  if (portal.done && portal.rows.empty()) return true;
  if (portal.encoder == nullptr) make_encoder(portal);
  uint64_t given = 0;
  if (portal.keeps_rows) {
    // Rows of a utility statement.
    uint64_t before = 0;
    for (const auto& chunk : portal.rows) {
      uint64_t end = before + chunk->size();
      while (portal.position < end && (limit == 0 || given < limit)) {
        uint64_t count = std::min(end - portal.position, limit == 0 ? UINT64_MAX : limit - given);
        if (send) portal.encoder->encode(*chunk, portal.position - before, count, types_, output_);
        portal.position += count;
        given += count;
        maybe_flush();
      }
      before = end;
    }
    return portal.position >= before;
  }
  while (limit == 0 || given < limit) {
    if (portal.chunk == nullptr || portal.chunk_at >= portal.chunk->size()) {
      backend_->check_interrupts();
      portal.chunk = next_chunk(portal);
      portal.chunk_at = 0;
      if (portal.chunk == nullptr) {
        finish_portal(portal);
        return true;
      }
      continue;
    }
    uint64_t count = std::min<uint64_t>(portal.chunk->size() - portal.chunk_at, limit == 0 ? UINT64_MAX : limit - given);
    if (send) portal.encoder->encode(*portal.chunk, portal.chunk_at, count, types_, output_);
    portal.chunk_at += count;
    portal.position += count;
    given += count;
    maybe_flush();
  }
  return false;
}

const vector::Chunk* Session::Core::next_chunk(Portal& portal) {
  struct Active {
    Active(Core& core, const txn::SnapshotHandle& snapshot) : core_(core), before_(core.active_snapshot_) { core.active_snapshot_ = &snapshot; }
    ~Active() { core_.active_snapshot_ = before_; }
    Core& core_;
    const txn::SnapshotHandle* before_;
  } active(*this, portal.snapshot);
  if (portal.failed) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, fmt::format("portal \"{}\" cannot be run", portal.name));
  }
  try {
    return portal.execution->next();
  } catch (const txn::WouldBlock&) {
    throw;  // done again on a worker
  } catch (...) {
    portal.failed = true;
    throw;
  }
}

void Session::Core::make_encoder(Portal& portal) {
  std::vector<Type> types;
  std::vector<int16_t> formats;
  for (size_t i = 0; i < portal.columns.size(); ++i) {
    types.push_back(portal.columns[i].type);
    const auto& asked = portal.result_formats;
    formats.push_back(asked.empty() ? int16_t{0} : asked.size() == 1 ? asked[0] : i < asked.size() ? asked[i] : int16_t{0});
  }
  portal.encoder = std::make_unique<protocol::RowEncoder>(std::move(types), std::move(formats));
}

void Session::Core::describe_columns(const std::vector<plan::OutputColumn>& columns, const std::vector<int16_t>& formats) {
  std::vector<protocol::FieldDescription> fields;
  for (size_t i = 0; i < columns.size(); ++i) {
    const plan::OutputColumn& column = columns[i];
    // Clients are told the type below a domain.
    Type type = types::base_type(column.type);
    const types::TypeInfo* info = types::find_type(type.oid);
    int16_t format = formats.empty() ? int16_t{0} : formats.size() == 1 ? formats[0] : i < formats.size() ? formats[i] : int16_t{0};
    fields.push_back({column.name, column.table_oid, column.attribute_number, type.oid,
                      info == nullptr ? int16_t{-1} : info->length, type.typmod, format});
  }
  protocol::append_row_description(output_, fields);
}

std::vector<plan::OutputColumn> Session::Core::output_of(Statement& statement) {
  if (statement.is_query) {
    CachedPlanPtr plan = plan_statement(statement);
    return plan->plan->returns_rows ? plan->plan->output : std::vector<plan::OutputColumn>();
  }
  if (statement.node == nullptr) return {};
  if (is_session_statement(*statement.node)) return session_statement_columns(*statement.node);
  ensure_transaction();
  need_worker();
  statement_text_ = statement.parsed->text;
  std::vector<plan::OutputColumn> columns;
  for (const plan::ColumnInfo& info : commands::describe_command(*statement.node, *commands_)) {
    columns.push_back({info.name, info.type});
  }
  return columns;
}

void Session::Core::start_utility(Portal& portal) {
  const ast::Node& node = *portal.statement->node;
  portal.started = true;
  statement_text_ = portal.statement->parsed->text;
  if (is_session_statement(node)) return run_session_statement(portal, node);
  need_worker();
  ensure_transaction();
  std::string tag = commands::command_tag(node);
  if (read_only_ && (tag.starts_with("CREATE") || tag.starts_with("DROP") || tag.starts_with("ALTER") || tag == "TRUNCATE TABLE" ||
                     tag == "GRANT" || tag == "REVOKE" || tag == "COMMENT" || tag == "REINDEX")) {
    throw SqlError(Sqlstate::ReadOnlySqlTransaction, fmt::format("cannot execute {} in a read-only transaction", tag));
  }
  commands::CommandResult result = commands::execute_command(node, *commands_);
  portal.columns.clear();
  for (const plan::ColumnInfo& info : result.columns) portal.columns.push_back({info.name, info.type});
  portal.rows = std::move(result.rows);
  portal.keeps_rows = true;
  portal.done = true;
  portal.tag = std::move(result.tag);
}

}  // namespace aegis::session
