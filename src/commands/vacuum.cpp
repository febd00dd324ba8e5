#include "vacuum.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/os/clock.h"
#include "aegis/storage/table.h"
#include "names.h"
#include "objects.h"
#include "rewrite.h"
#include "statistics.h"

namespace aegis::commands {
namespace {

constexpr int64_t kMicrosecondsTo2000 = 946684800LL * 1000000;
constexpr int kMostParallelWorkers = 1024;

struct Options {
  bool vacuum = true;
  bool analyze = false;
  bool full = false;
  bool skip_locked = false;
  bool disable_page_skipping = false;
  bool process_toast = true;
  int parallel = -1;  // as asked for; workers are chosen by the engine
  const char* verb() const { return vacuum ? "vacuum" : "analyze"; }
};

bool flag(const ast::DefElem& option) {
  if (option.arg == nullptr) return true;
  if (auto* number = ast::node_cast<ast::Integer>(option.arg); number != nullptr && (number->ival == 0 || number->ival == 1)) return number->ival == 1;
  if (auto* value = ast::node_cast<ast::Boolean>(option.arg)) return value->boolval;
  std::string_view text;
  if (auto* string = ast::node_cast<ast::String>(option.arg)) text = string->sval;
  if (auto* word = ast::node_cast<ast::TypeName>(option.arg)) text = word->names.back();
  if (text == "true" || text == "on") return true;
  if (text == "false" || text == "off") return false;
  if (option.defname == "index_cleanup" && text == "auto") return true;
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a Boolean value");
}

Options read_options(const ast::VacuumStmt& statement, CommandContext& context) {
  Options options;
  options.vacuum = statement.is_vacuumcmd;
  options.analyze = !statement.is_vacuumcmd;
  for (const auto* option : statement.options) {
    std::string_view name = option->defname;
    int position = position_of(context, *option);
    if (name == "verbose") flag(*option);
    else if (name == "skip_locked") options.skip_locked = flag(*option);
    else if (options.vacuum && name == "full") options.full = flag(*option);
    else if (options.vacuum && name == "analyze") options.analyze = flag(*option);
    else if (options.vacuum && (name == "freeze" || name == "index_cleanup" || name == "truncate")) flag(*option);
    else if (options.vacuum && name == "disable_page_skipping") options.disable_page_skipping = flag(*option);
    else if (options.vacuum && name == "process_toast") options.process_toast = flag(*option);
    else if (options.vacuum && name == "parallel") {
      auto* number = ast::node_cast<ast::Integer>(option->arg);
      if (number == nullptr) {
        throw SqlError(Sqlstate::SyntaxError, "parallel option requires a value between 0 and " + std::to_string(kMostParallelWorkers)).position(position);
      }
      if (number->ival < 0 || number->ival > kMostParallelWorkers) {
        throw SqlError(Sqlstate::SyntaxError, "parallel workers for vacuum must be between 0 and " + std::to_string(kMostParallelWorkers)).position(position);
      }
      options.parallel = static_cast<int>(number->ival);
    } else {
      throw SqlError(Sqlstate::SyntaxError, std::string("unrecognized ") + (options.vacuum ? "VACUUM" : "ANALYZE") + " option \"" + std::string(name) + "\"").position(position);
    }
  }
  auto refuse = [](const char* what) { throw SqlError(Sqlstate::FeatureNotSupported, what); };
  if (options.full && options.parallel > 0) refuse("VACUUM FULL cannot be performed in parallel");
  for (const auto* target : statement.rels) {
    if (!options.analyze && !target->va_cols.empty()) refuse("ANALYZE option must be specified when a column list is provided");
  }
  if (options.full && options.disable_page_skipping) refuse("VACUUM option DISABLE_PAGE_SKIPPING cannot be used with FULL");
  if (options.full && !options.process_toast) refuse("PROCESS_TOAST required with VACUUM FULL");
  return options;
}

class Vacuum {
 public:
  Vacuum(const Options& options, CommandContext& context) : options_(options), context_(context) {}

  void named(const ast::VacuumRelation& target) {
    auto version = context_.catalog_version();
    ast::RangeVar name = *target.relation;
    name.location = -1;  // PostgreSQL's error has no position
    Oid oid = analyzer::find_relation(context_.analyzer_context(*version), name, false);
    auto relation = version->relation(oid);
    if (relation == nullptr) return skip_kind(std::string(target.relation->relname));
    std::vector<int> columns;
    for (auto name : target.va_cols) {
      int column = require_column(*relation, name);
      if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
        throw SqlError(Sqlstate::DuplicateColumn, "column \"" + std::string(name) + "\" of relation \"" + relation->name + "\" appears more than once");
      }
      columns.push_back(column);
    }
    bool allowed = may_tend(*relation);
    std::vector<Oid> family;
    if (relation->is_partitioned()) {
      for (const auto& member : version->family(oid)) family.push_back(member->oid);
    }
    if (allowed) tend(oid, columns);
    for (Oid member : family) {
      if (member != oid) tend(member, columns);
    }
  }

  void everything() {
    std::vector<Oid> all;
    for (const auto& object : context_.catalog_version()->objects(context_.database())) {
      auto table = std::dynamic_pointer_cast<const catalog::Relation>(object);
      if (table != nullptr && (table->relkind == 'r' || table->relkind == 'm') && may_tend(*table)) all.push_back(table->oid);
    }
    for (Oid oid : all) tend(oid, {});
  }

 private:
  // As PostgreSQL's vacuum_is_relation_owner, with its warning.
  bool may_tend(const catalog::Relation& relation) {
    auto version = context_.catalog_version();
    Oid role = context_.current_role();
    auto owned_by_role = [&](Oid owner) { return catalog::is_member(*version, role, owner, true); };
    auto database = version->database(context_.database());
    bool shared = catalog::is_shared_catalog(relation.oid);
    if (context_.is_superuser() || owned_by_role(relation.owner) || (database != nullptr && owned_by_role(database->owner) && !shared)) return true;
    const char* who = shared ? "superuser" : relation.schema == catalog::kPgCatalogSchema ? "superuser or database owner" : "table or database owner";
    warning(context_, "skipping \"" + relation.name + "\" --- only " + who + " can " + options_.verb() + " it", Sqlstate::Warning);
    return false;
  }

  void skip_kind(const std::string& name) {
    warning(context_, "skipping \"" + name + "\" --- cannot " + options_.verb() + " non-tables or special system tables", Sqlstate::Warning);
  }

  bool take_lock(const catalog::Relation& relation) {
    auto mode = options_.full ? txn::LockMode::AccessExclusive : txn::LockMode::ShareUpdateExclusive;
    if (!options_.skip_locked) {
      context_.lock_relation(relation.oid, mode);
      return true;
    }
    auto tag = txn::LockTag::relation(context_.database(), relation.oid);
    if (context_.transactions().locks().lock(context_.transaction().backend(), tag, mode, txn::LockWait::NoWait)) return true;
    warning(context_, std::string("skipping ") + options_.verb() + " of \"" + relation.name + "\" --- lock not available", Sqlstate::LockNotAvailable);
    return false;
  }

  void tend(Oid oid, const std::vector<int>& columns) {
    auto relation = context_.catalog_version()->relation(oid);
    if (relation == nullptr || !take_lock(*relation)) return;
    relation = context_.catalog_version()->relation(oid);
    if (relation == nullptr || !may_tend(*relation)) return;
    bool plain = relation->relkind == 'r' || relation->relkind == 'm';
    if (!plain && !relation->is_partitioned()) return skip_kind(relation->name);
    auto stored = plain ? context_.engine().table(relation->storage) : nullptr;
    if (options_.vacuum && options_.parallel > 0 && relation->persistence == 't') {
      warning(context_, "disabling parallel option of vacuum on \"" + relation->name + "\" --- cannot vacuum temporary tables in parallel", Sqlstate::Warning);
    }
    if (options_.full && stored != nullptr) {
      check_not_in_use(context_, *relation, "VACUUM");
      rewrite_table(context_, *relation, copy_of(relation), {});
      relation = context_.catalog_version()->relation(oid);
      stored = context_.engine().table(relation->storage);
    }
    if (options_.analyze) {
      context_.refresh_statistics(*relation);
      build_statistics(context_, *relation, columns);
    }
    if (stored != nullptr) note_activity(stored->activity());
    forget_figures(*relation);
  }

  // What was written into pg_class is overwritten.
  void forget_figures(const catalog::Relation& relation) {
    auto version = context_.catalog_version();
    auto forget = [&](Oid oid) {
      auto note = version->annotation(context_.database(), catalog::kPgClassOid, oid);
      if (note != nullptr) context_.catalog_changes().remove(note->oid);
    };
    forget(relation.oid);
    for (Oid index : relation.indexes) forget(index);
  }

  // For pg_stat_all_tables.
  void note_activity(storage::TableActivity& activity) {
    int64_t now = os::system_clock().wall_us() - kMicrosecondsTo2000;
    if (options_.analyze) {
      ++activity.analyzes;
      activity.analyzed_at = now;
      activity.changes_analyzed = activity.changes();
    }
    if (!options_.vacuum || options_.full) return;
    ++activity.vacuums;
    activity.vacuumed_at = now;
    activity.insertions_vacuumed = activity.inserted.load();
  }

  const Options& options_;
  CommandContext& context_;
};

}  // namespace

CommandResult vacuum(const ast::VacuumStmt& statement, CommandContext& context) {
  Options options = read_options(statement, context);
  if (options.vacuum) context.prevent_in_transaction_block("VACUUM");
  Vacuum work(options, context);
  for (const auto* target : statement.rels) work.named(*target);
  if (statement.rels.empty()) work.everything();
  if (options.vacuum) context.engine().collect_versions();
  return {options.vacuum ? "VACUUM" : "ANALYZE", {}, {}};
}

}  // namespace aegis::commands
