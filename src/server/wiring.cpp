#include "wiring.h"

#include <algorithm>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/catalog/tablespace.h"
#include "aegis/commands/command.h"
#include "aegis/executor/executor.h"
#include "aegis/net/server.h"
#include "aegis/os/file_system.h"
#include "aegis/os/memory_budget.h"
#include "aegis/os/temporary_files.h"
#include "aegis/os/thread_pool.h"
#include "aegis/session/instance.h"
#include "aegis/storage/engine.h"
#include "aegis/txn/transaction_manager.h"
#include "aegis/vector/vector.h"
#include "config_file.h"
#include "data_directory.h"
#include "system_objects.h"

namespace aegis::server {

namespace {

using settings::Id;
using settings::ServerValues;
using settings::Source;

bool is_writable_directory(const char* path) { return access(path, W_OK | X_OK) == 0; }

std::string default_socket_directory() {
  return is_writable_directory("/var/run/postgresql") ? "/var/run/postgresql" : "/tmp";
}

std::shared_ptr<const ServerValues> load_settings(os::FileSystem& files, const ServeOptions& options) {
  auto values = std::make_shared<ServerValues>();
  values->set("unix_socket_directories", default_socket_directory(), Source::Default);
  std::string path = options.directory + "/aegis.conf";
  if (files.exists(path)) {
    for (const auto& [name, value] : parse_config(files.read_file(path))) values->set(name, value, Source::File);
  }
  // Of ALTER SYSTEM.
  path = options.directory + "/aegis.auto.conf";
  if (files.exists(path)) {
    for (const auto& [name, value] : parse_config(files.read_file(path))) values->set(name, value, Source::File);
  }
  for (const auto& [name, value] : options.settings) values->set(name, value, Source::CommandLine);
  values->set("data_directory", options.directory, values->source(Id::data_directory));
  return values;
}

std::shared_ptr<const session::Hba> load_hba(os::FileSystem& files, const std::string& directory) {
  return std::make_shared<session::Hba>(session::Hba::parse(files.read_file(directory + "/pg_hba.conf")));
}

storage::EngineOptions engine_options(const ServerValues& values) {
  storage::EngineOptions options;
  options.wal_segment_bytes = static_cast<uint64_t>(values.integer(Id::wal_segment_size));
  options.fsync = values.boolean(Id::fsync);
  options.max_wal_size_bytes = static_cast<uint64_t>(values.integer(Id::max_wal_size)) << 20;
  options.checkpoint_timeout_us = static_cast<uint64_t>(values.integer(Id::checkpoint_timeout)) * 1'000'000;
  options.wal_writer_delay_us = static_cast<uint64_t>(values.integer(Id::wal_writer_delay)) * 1000;
  options.commit_delay_us = static_cast<uint64_t>(values.integer(Id::commit_delay));
  options.commit_siblings = static_cast<uint32_t>(values.integer(Id::commit_siblings));
  options.min_wal_size_bytes = static_cast<uint64_t>(values.integer(Id::min_wal_size)) << 20;
  options.buffer_pool_bytes = static_cast<uint64_t>(values.integer(Id::shared_buffers)) * 8192;
  using storage::EngineOptions;
  using storage::IndexFileOptions;
  const std::string& policy = values.value(Id::buffer_policy);
  options.buffer_policy = policy == "lru"   ? EngineOptions::BufferPolicy::Lru
                          : policy == "arc" ? EngineOptions::BufferPolicy::Arc
                                            : EngineOptions::BufferPolicy::TinyLfu;
  const std::string& compaction = values.value(Id::index_compaction);
  options.index_files.compaction = compaction == "tiered"     ? IndexFileOptions::Compaction::Tiered
                                   : compaction == "flexible" ? IndexFileOptions::Compaction::Flexible
                                   : compaction == "adaptive" ? IndexFileOptions::Compaction::Adaptive
                                                              : IndexFileOptions::Compaction::Leveled;
  const std::string& filter = values.value(Id::index_filter);
  options.index_files.filter = filter == "none"     ? IndexFileOptions::Filter::None
                               : filter == "ribbon" ? IndexFileOptions::Filter::Ribbon
                                                    : IndexFileOptions::Filter::Bloom;
  options.index_files.learned_index = values.boolean(Id::index_learned);
  options.index_files.compress = values.boolean(Id::index_compress);
  options.index_io_bytes_per_second = static_cast<uint64_t>(values.integer(Id::index_io_limit)) << 10;
  options.checkpoint_io_bytes_per_second = static_cast<uint64_t>(values.integer(Id::checkpoint_io_limit)) << 10;
  options.value_separation_threshold = static_cast<uint64_t>(values.integer(Id::value_separation_threshold));
  auto transaction_memory = static_cast<uint64_t>(values.integer(Id::max_transaction_memory)) << 20;
  options.transaction_memory_bytes = transaction_memory > 0 ? transaction_memory : os::physical_memory() / 8;
  options.index_memtable_bytes = static_cast<uint64_t>(values.integer(Id::index_memory)) << 10;
  return options;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items;
  std::string item;
  for (char c : text + ",") {
    if (c == ',') {
      if (!item.empty()) items.push_back(item);
      item.clear();
    } else if (!isspace(static_cast<unsigned char>(c)) && c != '"') {
      item.push_back(c);
    }
  }
  return items;
}

LogLevel log_level_of(const std::string& name) {
  if (name.starts_with("debug")) return LogLevel::Debug;
  if (name == "info") return LogLevel::Info;
  if (name == "notice") return LogLevel::Notice;
  if (name == "warning") return LogLevel::Warning;
  if (name == "error") return LogLevel::Error;
  if (name == "log") return LogLevel::Log;
  if (name == "fatal") return LogLevel::Fatal;
  return LogLevel::Panic;
}

// Schemas of sessions that a crash has ended.
void drop_temporary_schemas(txn::TransactionManager& transactions, catalog::Catalog& catalog) {
  auto version = catalog.current();
  txn::Backend backend(transactions, 0);
  auto transaction = transactions.begin(backend);
  catalog::CatalogTransaction changes(catalog, *transaction);
  std::vector<Oid> databases;
  for (const catalog::ObjectPtr& object : version->objects(kInvalidOid)) {
    if (object->kind == catalog::ObjectKind::Database) databases.push_back(object->oid);
  }
  for (Oid database : databases) {
    for (const catalog::ObjectPtr& object : version->objects(database)) {
      auto schema = version->schema(object->kind == catalog::ObjectKind::Schema ? object->oid : object->schema);
      if (schema == nullptr || !schema->name.starts_with("pg_temp_")) continue;
      if (object->kind == catalog::ObjectKind::Relation) {
        const auto& relation = static_cast<const catalog::Relation&>(*object);
        if (catalog.engine().table(relation.storage) != nullptr && relation.is_table()) {
          catalog.engine().drop_table(transaction->context(), relation.storage);
        }
      }
      changes.remove(object->oid);
    }
  }
  if (changes.has_changes()) {
    transactions.commit(std::move(transaction));
  } else {
    transactions.rollback(std::move(transaction));
  }
}

// Links to tablespaces as the catalog has them: a crash may have left one without a tablespace, or taken one that stays.
void repair_tablespace_links(os::FileSystem& files, const std::string& directory, const catalog::Version& version) {
  using Kind = os::FileSystem::PathKind;
  if (files.is_volatile()) return;
  std::string root = directory + "/pg_tblspc";
  files.create_directories(root);
  for (const std::string& name : files.list(root)) {
    bool number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos && name.size() < 10;
    auto object = number ? version.find(static_cast<Oid>(std::stoul(name))) : nullptr;
    if (!number || (object != nullptr && object->kind == catalog::ObjectKind::Tablespace)) continue;
    std::string folder = directory + "/" + catalog::tablespace_folder(static_cast<Oid>(std::stoul(name)));
    for (const std::string& file : files.list(folder)) files.remove(folder + "/" + file);
    files.remove_directory(folder);
    files.remove_directory(root + "/" + name);
  }
  for (const catalog::ObjectPtr& object : version.objects(kInvalidOid)) {
    if (object->kind != catalog::ObjectKind::Tablespace) continue;
    const auto& space = static_cast<const catalog::Tablespace&>(*object);
    std::string link = directory + "/" + catalog::tablespace_link(space.oid);
    if (files.kind_of(link) == Kind::Absent) {
      if (space.location.empty()) files.create_directories(link);
      else files.create_link(space.location, link);
    }
    if (!space.location.empty() && files.kind_of(space.location) == Kind::Absent) {
      log_line(LogLevel::Warning, fmt::format("the location of tablespace \"{}\", \"{}\", does not exist", space.name, space.location));
      continue;
    }
    files.create_directories(directory + "/" + catalog::tablespace_folder(space.oid));
  }
  files.sync_directory(root);
}

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

int run_server(os::FileSystem& uncounted, const ServeOptions& options, std::shared_ptr<const session::Hba> hba) {
  os::CountingFileSystem files(uncounted, options.directory);
  std::shared_ptr<const ServerValues> values = load_settings(files, options);
  set_log_level(log_level_of(values->value(Id::log_min_messages)));
  vector::set_chunk_rows(static_cast<size_t>(values->integer(Id::debug_chunk_rows)));
  log_line(LogLevel::Log, fmt::format("starting AegisDB {} (PostgreSQL 15 compatible)", kVersion));
  auto engine = storage::Engine::open(files, options.directory, engine_options(*values));
  // Behind the engine only in its life: whoever listens to it goes first.
  auto listener = std::make_unique<txn::TransactionManager>(*engine);
  txn::TransactionManager& transactions = *listener;
  catalog::Catalog catalog(*engine, "postgres");
  install_system_objects(catalog);
  drop_temporary_schemas(transactions, catalog);
  repair_tablespace_links(files, options.directory, *catalog.current());
  rebuild_indexes(*engine, *catalog.current());

  os::TemporaryFiles temporary_files(files, options.directory + "/tmp");
  size_t cores = std::max(2u, std::thread::hardware_concurrency());
  {
    session::Instance* shared = nullptr;
    os::ThreadPool workers({cores, 512});
    session::Instance instance(*engine, transactions, catalog, workers, values, hba);
    instance.data_directory = options.directory;
    instance.temporary_files = &temporary_files;
    instance.io_counts = &files;
    instance.files = &files;
    install_catalog_functions(instance);
    shared = &instance;
    net::ListenOptions listen;
    listen.addresses = split_list(values->value(Id::listen_addresses));
    for (std::string& address : listen.addresses) {
      if (address == "localhost") address = "127.0.0.1";
    }
    listen.port = static_cast<uint16_t>(values->integer(Id::port));
    listen.socket_directories = split_list(values->value(Id::unix_socket_directories));
    listen.reactors = cores;
    net::Server server(instance, workers, listen);
    server.handle_signals([&] {
      try {
        auto fresh = load_settings(files, options);
        auto rules = files.exists(options.directory + "/pg_hba.conf") ? load_hba(files, options.directory) : shared->hba();
        set_log_level(log_level_of(fresh->value(Id::log_min_messages)));
        shared->reload(fresh, rules);
        engine->set_options(engine_options(*fresh));
        log_line(LogLevel::Log, "received SIGHUP, reloaded configuration files");
      } catch (const std::exception& error) {
        log_line(LogLevel::Log, fmt::format("configuration files contain errors; no changes were applied: {}", error.what()));
      }
    });
    log_line(LogLevel::Log, "database system is ready to accept connections");
    server.run();
  }
  log_line(LogLevel::Log, "shutting down");
  engine->checkpoint();
  listener.reset();
  engine.reset();
  log_line(LogLevel::Log, "database system is shut down");
  return 0;
}

}  // namespace

void rebuild_indexes(storage::Engine& engine, const catalog::Version& version) {
  types::TypeContext types;
  std::vector<catalog::IndexPtr> indexes;
  std::vector<Oid> databases = {kInvalidOid};
  for (const catalog::ObjectPtr& object : version.objects(kInvalidOid)) {
    if (object->kind == catalog::ObjectKind::Database) databases.push_back(object->oid);
  }
  for (Oid database : databases) {
    for (const catalog::ObjectPtr& object : version.objects(database)) {
      if (object->kind == catalog::ObjectKind::Index && (database == kInvalidOid || object->database == database)) {
        indexes.push_back(std::static_pointer_cast<const catalog::Index>(object));
      }
    }
  }
  for (const catalog::IndexPtr& index : indexes) {
    auto table = version.relation(index->table);
    if (table == nullptr || engine.table(table->storage) == nullptr || engine.index(index->storage) != nullptr || index->method == "brin") continue;
    engine.build_index(nullptr, executor::make_index_definition(*index, *table, version, types));
  }
}

int serve(const ServeOptions& options) {
  raise_file_limit();
  if (options.directory == ":memory:") {
    auto files = os::make_memory_file_system();
    InitOptions init;
    init.auth = "trust";
    return run_server(*files, options, std::make_shared<session::Hba>(session::Hba::parse(default_hba(init))));
  }
  auto files = os::make_local_file_system();
  if (!is_initialised(*files, options.directory)) {
    InitOptions init;
    initialise(*files, options.directory, init);
  }
  check_version(*files, options.directory);
  return run_server(*files, options, load_hba(*files, options.directory));
}

}  // namespace aegis::server
