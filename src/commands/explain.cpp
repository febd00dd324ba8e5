#include "explain.h"

#include "aegis/base/error.h"
#include "aegis/os/clock.h"
#include "aegis/plan/explain.h"
#include "aegis/plan/walk.h"
#include "names.h"
#include "objects.h"
#include "explain_forms.h"

namespace aegis::commands {
namespace {

bool flag_of(const ast::DefElem& option) {
  if (option.arg == nullptr) return true;
  std::string text;
  if (auto* word = ast::node_cast<ast::String>(option.arg)) text = word->sval;
  if (auto* number = ast::node_cast<ast::Integer>(option.arg)) text = std::to_string(number->ival);
  if (auto* value = ast::node_cast<ast::Boolean>(option.arg)) text = value->boolval ? "true" : "false";
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (text == "true" || text == "on" || text == "1") return true;
  if (text == "false" || text == "off" || text == "0") return false;
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a Boolean value");
}

struct Options : plan::ExplainOptions {
  ExplainForm form = ExplainForm::Text;
  bool settings = false;

  Oid type() const {
    switch (form) {
      case ExplainForm::Json: return types::oid::kJson;
      case ExplainForm::Xml: return types::oid::kXml;
      case ExplainForm::Text:
      case ExplainForm::Yaml: break;
    }
    return types::oid::kText;
  }
};

Options options_of(const ast::ExplainStmt& statement, CommandContext& context) {
  Options out;
  bool timing_given = false, summary_given = false, wal = false;
  for (const auto* option : statement.options) {
    std::string_view name = option->defname;
    if (name == "analyze") {
      out.analyze = flag_of(*option);
    } else if (name == "verbose") {
      out.verbose = flag_of(*option);
    } else if (name == "costs") {
      out.costs = flag_of(*option);
    } else if (name == "timing") {
      timing_given = true;
      out.timing = flag_of(*option);
    } else if (name == "summary") {
      summary_given = true;
      out.summary = flag_of(*option);
    } else if (name == "buffers") {
      out.buffers = flag_of(*option);
    } else if (name == "wal") {
      wal = flag_of(*option);
    } else if (name == "settings") {
      out.settings = flag_of(*option);
    } else if (name == "format") {
      auto* word = ast::node_cast<ast::String>(option->arg);
      std::string format(word == nullptr ? std::string_view() : word->sval);
      if (format == "json") {
        out.form = ExplainForm::Json;
      } else if (format == "xml") {
        out.form = ExplainForm::Xml;
      } else if (format == "yaml") {
        out.form = ExplainForm::Yaml;
      } else if (format == "text") {
        out.form = ExplainForm::Text;
      } else {
        throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized value for EXPLAIN option \"format\": \"" + format + "\"")
            .position(position_of(context, *option));
      }
    } else {
      throw SqlError(Sqlstate::SyntaxError, "unrecognized EXPLAIN option \"" + std::string(name) + "\"").position(position_of(context, *option));
    }
  }
  if (wal && !out.analyze) throw SqlError(Sqlstate::InvalidParameterValue, "EXPLAIN option WAL requires ANALYZE");
  if (timing_given && out.timing && !out.analyze) throw SqlError(Sqlstate::InvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE");
  if (!timing_given) out.timing = out.analyze;
  if (!summary_given) out.summary = out.analyze;
  out.json = out.form != ExplainForm::Text;
  return out;
}

double milliseconds_since(int64_t start) { return static_cast<double>(os::system_clock().monotonic_us() - start) / 1000.0; }

CommandResult result_of(const std::vector<std::string>& lines, Oid type) {
  CommandResult result;
  result.tag = "EXPLAIN";
  result.columns.push_back({"QUERY PLAN", {type}, types::type_info(type).collation});
  for (size_t from = 0; from < lines.size(); from += vector::kMaxChunkRows) {
    auto chunk = std::make_unique<vector::Chunk>();
    chunk->add_column(type);
    chunk->reset();
    size_t count = std::min(lines.size() - from, vector::kMaxChunkRows);
    for (size_t i = 0; i < count; ++i) chunk->column(0).set(i, types::Value::of_string(lines[from + i]));
    chunk->set_size(count);
    result.rows.push_back(std::move(chunk));
  }
  return result;
}

// CREATE … AS of a name that is there already.
bool is_taken(const ast::CreateTableAsStmt& create, CommandContext& context) {
  ast::RangeVar name = *create.into->rel;
  if (create.into->rel->relpersistence == ast::RelPersistence::Temp) return false;
  NewName made = creation_name(context, name);
  if (context.catalog_version()->find_relation(made.schema, made.name, context.database()) == kInvalidOid) return false;
  if (!create.if_not_exists) throw SqlError(Sqlstate::DuplicateTable, "relation \"" + made.name + "\" already exists");
  notice(context, "relation \"" + made.name + "\" already exists, skipping", Sqlstate::DuplicateTable);
  return true;
}

}  // namespace

std::vector<plan::ColumnInfo> describe_explain(const ast::ExplainStmt& statement, CommandContext& context) {
  Oid type = options_of(statement, context).type();
  return {{"QUERY PLAN", {type}, types::type_info(type).collation}};
}

CommandResult explain(const ast::ExplainStmt& statement, CommandContext& context) {
  Options options = options_of(statement, context);
  const ast::Node* query = statement.query;
  PreparedQuery prepared;
  if (auto* create = ast::node_cast<ast::CreateTableAsStmt>(query)) {
    if (is_taken(*create, context)) return result_of({}, options.type());
    query = create->query;
  }
  if (ast::is_node<ast::RefreshMatViewStmt>(query)) {
    if (options.form == ExplainForm::Text) return result_of({"Utility statements have no plan structure"}, options.type());
    return result_of({explain_form("[\n  \"Utility Statement\"\n]", options.form)}, options.type());
  }
  if (auto* cursor = ast::node_cast<ast::DeclareCursorStmt>(query)) query = cursor->query;
  if (auto* execute = ast::node_cast<ast::ExecuteStmt>(query)) {
    prepared = context.prepared_query(*execute);
    query = prepared.node;
  }
  ast::SelectStmt without_into;
  if (auto* select = ast::node_cast<ast::SelectStmt>(query); select != nullptr && select->into_clause != nullptr) {
    without_into = *select;
    without_into.into_clause = nullptr;
    query = &without_into;
  }
  switch (query->tag) {
    case ast::NodeTag::SelectStmt:
    case ast::NodeTag::InsertStmt:
    case ast::NodeTag::UpdateStmt:
    case ast::NodeTag::DeleteStmt:
    case ast::NodeTag::MergeStmt: break;
    default: throw_not_supported("EXPLAIN of " + command_tag(*statement.query));
  }
  auto version = context.catalog_version();
  std::vector<types::Type> parameters = prepared.types;
  auto analysis = context.analyzer_context(*version);
  if (prepared.node != nullptr) analysis.sql = prepared.text;
  if (analyzer::rewrite_by_rules(analysis, *query)) throw_not_supported("EXPLAIN of a statement that rules rewrite");
  auto bound = analyzer::analyze(analysis, *query, parameters);
  if (!prepared.values.empty()) {
    // As a plan for these values would be.
    plan::rewrite(*bound.root, [&](plan::ExprPtr& expr) {
      if (expr->kind != plan::ExprKind::Param || expr->index >= prepared.values.size()) return;
      plan::ExprPtr value = plan::make_constant(expr->type, prepared.values[expr->index]);
      value->collation = expr->collation;
      expr = std::move(value);
    });
    bound.parameter_types.clear();
  }
  for (const auto& locked : bound.relations) context.lock_relation(locked.relation, static_cast<txn::LockMode>(locked.lock_mode));
  analyzer::check_permissions(*version, bound);
  int64_t start = os::system_clock().monotonic_us();
  auto plan = context.plan(std::move(bound), *version);
  plan::ExplainInput input{*plan, *version, context.types(), options, {}, milliseconds_since(start), 0, options.settings, {}};
  if (options.settings) input.settings = explain_settings(context);
  auto shown = [&] {
    std::vector<std::string> lines = plan::explain(input);
    if (options.json) lines[0] = explain_form(lines[0], options.form);
    return result_of(lines, options.type());
  };
  if (!options.analyze) return shown();
  auto snapshot = context.transaction().take_snapshot();
  start = os::system_clock().monotonic_us();
  executor::Execution execution(plan, context.execution_context(*snapshot, version), true);
  while (execution.next() != nullptr) {
  }
  execution.finish();
  input.execution_ms = milliseconds_since(start);
  input.counters = [&](uint32_t id) {
    const auto& c = execution.counters(id);
    plan::ExplainCounters out;
    out.rows = static_cast<double>(c.rows.load());
    out.loops = static_cast<double>(std::max<uint64_t>(c.loops, c.threads > 0 ? 1 : 0));
    // Several threads of one loop work at the same time.
    double threads = std::max(1.0, static_cast<double>(c.threads) / std::max(1.0, out.loops));
    out.time_ms = (static_cast<double>(c.open_ns) + static_cast<double>(c.pull_ns) / threads) / 1e6;
    out.startup_ms = c.rows > 0 ? std::min(static_cast<double>(c.startup_ns) / 1e6, out.time_ms) : out.time_ms;
    out.memory_bytes = static_cast<double>(c.memory_bytes.load());
    out.spilled_bytes = static_cast<double>(c.spilled_bytes.load());
    out.batches = static_cast<double>(c.batches.load());
    out.blocks_hit = static_cast<double>(c.blocks_hit.load());
    out.blocks_read = static_cast<double>(c.blocks_read.load());
    out.row_groups = static_cast<double>(c.row_groups.load());
    out.row_groups_skipped = static_cast<double>(c.row_groups_skipped.load());
    out.blocks_skipped = static_cast<double>(c.blocks_skipped.load());
    out.rows_removed = static_cast<double>(c.rows_removed.load());
    return out;
  };
  return shown();
}

}  // namespace aegis::commands
