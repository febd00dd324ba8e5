#include "data_directory.h"

#include <pwd.h>
#include <unistd.h>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/catalog/catalog.h"
#include "aegis/protocol/scram.h"
#include "aegis/storage/engine.h"
#include "aegis/txn/transaction_manager.h"

namespace aegis::server {

namespace {

constexpr const char* kFormat = "1\n";

constexpr const char* kConfig = R"(# Settings of AegisDB, in the form of postgresql.conf. SIGHUP reads this file again; what needs a restart says so.
#
#listen_addresses = '127.0.0.1'
#port = 5432
#unix_socket_directories = '/var/run/postgresql'
#max_connections = 100
#work_mem = 4MB                 # per sort or hash table; not set: a 32nd of the memory
#fsync = on
#synchronous_commit = on
#max_wal_size = 1GB
#checkpoint_timeout = 5min
#wal_writer_delay = 200ms       # how long a commit with synchronous_commit = off may stay unwritten
#commit_delay = 0               # microseconds; waits for more commits when commit_siblings others run
#buffer_policy = tinylfu        # lru, arc or tinylfu
#index_memory = 32MB            # of one index, before it writes a file
#index_compaction = leveled     # leveled, tiered, flexible or adaptive; also CREATE INDEX … WITH (compaction = …)
#index_filter = bloom           # none, bloom or ribbon; also WITH (filter = …)
#index_learned = on             # also WITH (learned_index = …)
#index_compress = off           # also WITH (compress = …)
#index_io_limit = 0             # of compaction, in a second; 0 is none
#checkpoint_io_limit = 0        # of background checkpoints, in a second; 0 is none
#value_separation_threshold = 2kB  # values of at least this size are stored apart from segments; 0 is none
)";

void set_password(storage::Engine& engine, const std::string& user, const std::string& password) {
  txn::TransactionManager transactions(engine);
  catalog::Catalog catalog(engine, user);
  if (password.empty()) return;
  txn::Backend backend(transactions, 0);
  auto transaction = transactions.begin(backend);
  catalog::CatalogTransaction changes(catalog, *transaction);
  auto version = changes.version();
  auto role = std::make_shared<catalog::Role>(*version->role(version->find_role(user)));
  role->password = protocol::make_scram_verifier(password);
  changes.put(role);
  transactions.commit(std::move(transaction));
}

}  // namespace

std::string os_user() {
  const passwd* entry = getpwuid(geteuid());
  return entry == nullptr ? "" : entry->pw_name;
}

std::string default_hba(const InitOptions& options) {
  std::string local = options.auth.empty() ? "peer" : options.auth;
  std::string host = options.auth.empty() || options.auth == "peer" ? "scram-sha-256" : options.auth;
  std::string text = "# Who may connect: type, database, user, address, method (trust, peer, scram-sha-256, password, reject).\n";
  text += fmt::format("local   all   all                  {}\n", local);
  text += fmt::format("host    all   all   127.0.0.1/32   {}\n", host);
  text += fmt::format("host    all   all   ::1/128        {}\n", host);
  return text;
}

bool is_initialised(os::FileSystem& files, const std::string& directory) { return files.exists(directory + "/VERSION"); }

bool is_empty(os::FileSystem& files, const std::string& directory) {
  for (const std::string& name : files.list(directory)) {
    if (name != "." && name != ".." && name != "lost+found") return false;
  }
  return true;
}

void initialise(os::FileSystem& files, const std::string& directory, const InitOptions& options) {
  if (!is_empty(files, directory)) {
    throw SqlError(Sqlstate::DuplicateFile, fmt::format("directory \"{}\" exists but is not empty", directory));
  }
  files.create_directories(directory);
  files.write_file_atomically(directory + "/aegis.conf", kConfig);
  files.write_file_atomically(directory + "/pg_hba.conf", default_hba(options));
  {
    auto engine = storage::Engine::open(files, directory, {});
    set_password(*engine, options.user, options.password);
    engine->checkpoint();
  }
  files.write_file_atomically(directory + "/VERSION", kFormat);
}

void check_version(os::FileSystem& files, const std::string& directory) {
  std::string found = files.read_file(directory + "/VERSION");
  if (found != kFormat) {
    throw SqlError(Sqlstate::ConfigFileError, "database files are incompatible with server")
        .detail(fmt::format("The data directory has format {}, this server reads format {}.", found, kFormat));
  }
}

}  // namespace aegis::server
