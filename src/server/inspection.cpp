#include "inspection.h"

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/catalog/catalog.h"
#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/verify.h"
#include "aegis/txn/transaction_manager.h"
#include "data_directory.h"
#include "system_objects.h"
#include "wiring.h"

namespace aegis::server {
namespace {

struct Totals {
  uint64_t tables = 0, indexes = 0, entries = 0, stale = 0, problems = 0;
};

void print_problem(const std::string& text) { fmt::print("PROBLEM: {}\n", text); }

// Recovers the database over the files, which stay as they are, and compares tables with their indexes.
Totals verify_objects(os::FileSystem& files, const std::string& directory, storage::VerifyReport& files_report) {
  Totals totals;
  auto overlay = os::make_overlay_file_system(files);
  storage::EngineOptions options;
  options.background = false;
  options.fsync = false;
  auto engine = storage::Engine::open(*overlay, directory, options);
  size_t known = files_report.problems.size();
  storage::verify_other_segments(*overlay, directory, *engine, files_report);
  for (size_t i = known; i < files_report.problems.size(); ++i) print_problem(files_report.problems[i]);
  totals.problems = files_report.problems.size() - known;
  {
    txn::TransactionManager transactions(*engine);
    catalog::Catalog catalog(*engine, "postgres");
    install_system_objects(catalog);
    auto version = catalog.current();
    rebuild_indexes(*engine, *version);
    txn::Backend backend(transactions, 0);
    auto transaction = transactions.begin(backend);
    auto snapshot = transaction->take_latest_snapshot();
    for (const catalog::ObjectPtr& database : version->objects(kInvalidOid)) {
      if (database->kind != catalog::ObjectKind::Database) continue;
      for (const catalog::ObjectPtr& object : version->objects(database->oid)) {
        if (object->kind != catalog::ObjectKind::Relation || object->database != database->oid) continue;
        const auto& relation = static_cast<const catalog::Relation&>(*object);
        if (!relation.is_table() || relation.oid < kFirstNormalOid) continue;
        ++totals.tables;
        if (engine->table(relation.storage) == nullptr) {
          print_problem(fmt::format("table \"{}\".\"{}\" has no storage", database->name, relation.name));
          ++totals.problems;
          continue;
        }
        for (const auto& index : version->indexes_of(relation)) {
          ++totals.indexes;
          if (index->method == "brin") continue;  // has no entries
          auto stored = engine->index(index->storage);
          std::string name = fmt::format("index \"{}\" of table \"{}\".\"{}\"", index->name, database->name, relation.name);
          storage::IndexReport report;
          if (stored == nullptr) {
            report.problems.push_back("it has no storage");
          } else {
            try {
              bool unique = index->unique && index->valid && !index->nulls_not_distinct;
              report = storage::verify_index(*engine, *stored, *snapshot, unique);
            } catch (const StorageError& error) {
              report.problems.push_back(error.what());
            }
          }
          totals.entries += report.entries;
          totals.stale += report.stale_entries;
          totals.problems += report.problems.size();
          for (const std::string& problem : report.problems) print_problem(name + ": " + problem);
        }
      }
    }
    snapshot.release();
    transactions.rollback(std::move(transaction));
  }
  return totals;
}

}  // namespace

int verify(const std::string& directory) {
  auto files = os::make_local_file_system();
  if (!is_initialised(*files, directory)) throw SqlError(Sqlstate::UndefinedFile, fmt::format("\"{}\" is not a data directory", directory));
  check_version(*files, directory);
  auto lock = files->lock(directory + "/aegis.pid", "verify\n");
  if (lock == nullptr) {
    throw SqlError(Sqlstate::LockFileExists, fmt::format("a server uses data directory \"{}\"", directory)).hint("Stop it first.");
  }
  storage::VerifyReport report = storage::verify_files(*files, directory);
  for (const std::string& problem : report.problems) print_problem(problem);
  uint64_t problems = report.problems.size();
  try {
    Totals totals = verify_objects(*files, directory, report);
    problems += totals.problems;
    fmt::print("objects: {} tables and {} indexes, {} entries lead to rows, {} to none any more\n", totals.tables, totals.indexes, totals.entries, totals.stale);
  } catch (const std::exception& error) {
    print_problem(fmt::format("the database can't be recovered: {}", error_fields_of(error).message));
    ++problems;
  }
  fmt::print("files: {} tables in {} row files and {} segments with {} blocks\n", report.tables, report.row_files, report.segments, report.segment_blocks);
  fmt::print("files: {} values apart from segments, {} bytes\n", report.values, report.value_bytes);
  fmt::print("files: {} indexes in {} files with {} entries\n", report.indexes, report.index_files, report.index_entries);
  fmt::print("log: {} files, {} batches in {} bytes\n", report.log_files, report.log_batches, report.log_bytes);
  fmt::print("{}\n", problems == 0 ? "no problems found" : fmt::format("{} problems found", problems));
  return problems == 0 ? 0 : 1;
}

int inspect(const std::string& kind, const std::string& file) {
  auto files = os::make_local_file_system();
  std::vector<std::string> lines;
  if (kind == "wal") {
    lines = storage::inspect_log_file(*files, file);
  } else if (kind == "segment") {
    lines = storage::inspect_segment(*files, file);
  } else if (kind == "sst") {
    lines = storage::inspect_index_file(*files, file);
  } else if (kind == "manifest") {
    lines = storage::inspect_manifest(*files, file);
  } else {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("unknown kind of file \"{}\"", kind)).hint("Kinds are wal, segment, sst and manifest.");
  }
  for (const std::string& line : lines) fmt::print("{}\n", line);
  return 0;
}

}  // namespace aegis::server
