// Kills a real server with SIGKILL at random moments under a write load, starts it again, and checks that every
// acknowledged commit is there and that no transaction is there in part.
//
//   kill_server AEGIS_BINARY [ROUNDS] [SEED]
//
// Each of several clients repeats: BEGIN; insert n into `left_side`; insert n into `right_side`; move an amount between two accounts; COMMIT.
// A client remembers the last n whose COMMIT was acknowledged. After each restart, for every client: both tables hold
// exactly 1 … m without gaps, acknowledged <= m <= acknowledged + 1, and the balances still add up to nothing.
//
// Beside them one client loads batches of rows by COPY, each in a transaction that also says so in a table, and one makes,
// indexes, changes and drops tables, each step in a transaction that also says how far it is. After a restart every batch
// is there whole or not at all, as said, and the tables are as said, found by their indexes too.
#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kClients = 4;
constexpr int kAccounts = 50;
constexpr int kBatchRows = 400;
constexpr int kSteps = 6;  // of a table's life

struct Close {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Close>;
using Result = std::unique_ptr<PGresult, Close>;

class Server {
 public:
  Server(std::string binary, std::string directory) : binary_(std::move(binary)), directory_(std::move(directory)) {}

  void start() {
    pid_ = fork();
    if (pid_ == 0) {
      freopen((directory_ + "/log").c_str(), "a", stderr);
      std::string data = directory_ + "/data";
      // Only the Unix socket: no port to choose.
      execl(binary_.c_str(), binary_.c_str(), "serve", "-D", data.c_str(), "-k", directory_.c_str(), "-h", "", static_cast<char*>(nullptr));
      _exit(127);
    }
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void stop() {
    ::kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  // Null when the server is not (or no longer) there.
  Connection connect() const {
    Connection connection(PQconnectdb(("host=" + directory_ + " user=postgres dbname=postgres connect_timeout=5").c_str()));
    if (PQstatus(connection.get()) != CONNECTION_OK) return nullptr;
    return connection;
  }
  Connection wait() const {
    for (int i = 0; i < 3600; ++i) {
      if (auto connection = connect()) return connection;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    fprintf(stderr, "the server did not start; see %s/log\n", directory_.c_str());
    exit(1);
  }

 private:
  std::string binary_;
  std::string directory_;
  pid_t pid_ = -1;
};

bool execute(PGconn* connection, const std::string& sql) {
  Result result(PQexec(connection, sql.c_str()));
  auto status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

void must(PGconn* connection, const std::string& sql) {
  if (execute(connection, sql)) return;
  fprintf(stderr, "%s: %s", sql.c_str(), PQerrorMessage(connection));
  exit(1);
}

long number(PGconn* connection, const std::string& sql) {
  Result result(PQexec(connection, sql.c_str()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    fprintf(stderr, "%s: %s", sql.c_str(), PQerrorMessage(connection));
    exit(1);
  }
  return atol(PQgetvalue(result.get(), 0, 0));
}

void work(const Server& server, int client, uint64_t seed, std::atomic<long>& acknowledged, const std::atomic<bool>& stop) {
  std::mt19937_64 random(seed);
  auto connection = server.connect();
  if (connection == nullptr) return;
  std::string who = std::to_string(client);
  while (!stop) {
    long n = acknowledged + 1;
    long amount = static_cast<long>(random() % 100);
    std::string pair = "(" + who + ", " + std::to_string(n) + ", repeat('x', " + std::to_string(random() % 300) + "))";
    long from = static_cast<long>(random() % kAccounts), to = static_cast<long>(random() % kAccounts);
    // In one order, so that clients wait for each other but do not deadlock.
    if (from > to) std::swap(from, to);
    bool done = execute(connection.get(), "begin") && execute(connection.get(), "insert into left_side values " + pair) &&
                execute(connection.get(), "insert into right_side values " + pair) &&
                execute(connection.get(), "update account set balance = balance - " + std::to_string(amount) + " where id = " + std::to_string(from)) &&
                execute(connection.get(), "update account set balance = balance + " + std::to_string(amount) + " where id = " + std::to_string(to)) &&
                execute(connection.get(), "commit");
    if (!done) return;  // the server is gone
    acknowledged = n;
  }
}

// Batch n: rows (n, 0 … kBatchRows - 1), and n in `batch`.
bool copy_batch(PGconn* connection, long n) {
  std::string number = std::to_string(n);
  if (!execute(connection, "begin") || !execute(connection, "insert into batch values (" + number + ")")) return false;
  Result copy(PQexec(connection, "copy loaded from stdin"));
  if (PQresultStatus(copy.get()) != PGRES_COPY_IN) return false;
  std::string rows;
  for (int i = 0; i < kBatchRows; ++i) rows += number + "\t" + std::to_string(i) + "\tsome text of row " + std::to_string(i * n) + "\n";
  if (PQputCopyData(connection, rows.data(), static_cast<int>(rows.size())) != 1 || PQputCopyEnd(connection, nullptr) != 1) return false;
  bool good = true;
  while (PGresult* result = PQgetResult(connection)) {
    good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
  }
  return good && execute(connection, "commit");
}

void load(const Server& server, std::atomic<long>& acknowledged, const std::atomic<bool>& stop) {
  auto connection = server.connect();
  if (connection == nullptr) return;
  while (!stop) {
    if (!copy_batch(connection.get(), acknowledged + 1)) return;
    ++acknowledged;
  }
}

// Step n of the one who changes objects: table n / kSteps comes, gets an index, a column, a constraint, and goes.
std::vector<std::string> step_of(long n) {
  std::string table = "made_" + std::to_string(n / kSteps);
  switch (n % kSteps) {
    case 0: return {"create table " + table + " (i int, s text)", "insert into " + table + " select i, 'row ' || i from generate_series(1, 100) i"};
    case 1: return {"create unique index " + table + "_i on " + table + " (i)"};
    case 2: return {"alter table " + table + " add column more int default 7", "update " + table + " set s = 'changed' where i <= 10"};
    case 3: return {"alter table " + table + " add constraint big check (i > 0)", "delete from " + table + " where i > 90"};
    case 4: return {"alter table " + table + " drop column s", "create index " + table + "_more on " + table + " (more)"};
    default: return {"drop table " + table};
  }
}

void change_objects(const Server& server, std::atomic<long>& acknowledged, const std::atomic<bool>& stop) {
  auto connection = server.connect();
  if (connection == nullptr) return;
  while (!stop) {
    long n = acknowledged;
    if (!execute(connection.get(), "begin")) return;
    for (const std::string& sql : step_of(n)) {
      if (!execute(connection.get(), sql)) return;
    }
    if (!execute(connection.get(), "update progress set step = " + std::to_string(n + 1)) || !execute(connection.get(), "commit")) return;
    acknowledged = n + 1;
  }
}

long check_batches(PGconn* connection, std::atomic<long>& acknowledged, long& lost) {
  long count = number(connection, "select count(*) from batch");
  long highest = number(connection, "select coalesce(max(n), 0) from batch");
  long rows = number(connection, "select count(*) from loaded");
  long odd = number(connection, "select count(*) from (select n from loaded group by n having count(*) <> " + std::to_string(kBatchRows) +
                                    " or max(i) <> " + std::to_string(kBatchRows - 1) + ") odd");
  long by_index = number(connection, "select count(*) from loaded where n = " + std::to_string(highest));
  if (highest < acknowledged) lost += acknowledged - highest;
  bool good = count == highest && rows == highest * kBatchRows && odd == 0 && highest <= acknowledged + 1 &&
              by_index == (highest > 0 ? kBatchRows : 0);
  acknowledged = highest;
  return good ? 0 : 1;
}

long check_objects(PGconn* connection, std::atomic<long>& acknowledged, long& lost) {
  long step = number(connection, "select step from progress");
  if (step < acknowledged) lost += acknowledged - step;
  bool good = step <= acknowledged + 1;
  acknowledged = step;
  long tables = number(connection, "select count(*) from pg_class where relname like 'made%' and relkind = 'r'");
  long at = step % kSteps;
  if (tables != (at == 0 ? 0 : 1)) return 1;
  if (at == 0) return good ? 0 : 1;
  std::string table = "made_" + std::to_string(step / kSteps);
  long rows = number(connection, "select count(*) from " + table);
  good = good && rows == (at >= 4 ? 90 : 100);
  good = good && number(connection, "select count(*) from " + table + " where i = 17") == 1;
  long indexes = number(connection, "select count(*) from pg_index where indrelid = '" + table + "'::regclass");
  good = good && indexes == (at >= 5 ? 2 : at >= 2 ? 1 : 0);
  if (at >= 3) good = good && number(connection, "select coalesce(sum(more), 0) from " + table) == rows * 7;
  if (at == 3 || at == 4) good = good && number(connection, "select count(*) from " + table + " where s = 'changed'") == 10;
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s AEGIS_BINARY [ROUNDS] [SEED]\n", argv[0]);
    return 2;
  }
  int rounds = argc > 2 ? atoi(argv[2]) : 5;
  uint64_t seed = argc > 3 ? strtoull(argv[3], nullptr, 10) : std::random_device()();
  std::mt19937_64 random(seed);
  char directory[] = "/tmp/aegis-kill-XXXXXX";
  if (mkdtemp(directory) == nullptr) return 1;
  Server server(argv[1], directory);
  server.start();
  {
    auto setup = server.wait();
    must(setup.get(), "create table left_side (client int, n int, filler text, primary key (client, n))");
    must(setup.get(), "create table right_side (client int, n int, filler text, primary key (client, n))");
    must(setup.get(), "create table account (id int primary key, balance bigint not null)");
    must(setup.get(), "create table batch (n int primary key)");
    must(setup.get(), "create table loaded (n int, i int, s text)");
    must(setup.get(), "create index on loaded (n)");
    must(setup.get(), "create table progress (step bigint)");
    must(setup.get(), "insert into progress values (0)");
    must(setup.get(), "insert into account select i, 0 from generate_series(0, " + std::to_string(kAccounts - 1) + ") i");
  }
  std::vector<std::atomic<long>> acknowledged(kClients);
  std::atomic<long> batches{0}, steps{0};
  long lost = 0, torn = 0, commits = 0;
  for (int round = 0; round < rounds; ++round) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int c = 0; c < kClients; ++c) {
      clients.emplace_back([&, c, client_seed = random()] { work(server, c, client_seed, acknowledged[c], stop); });
    }
    clients.emplace_back([&] { load(server, batches, stop); });
    clients.emplace_back([&] { change_objects(server, steps, stop); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 700));
    if (random() % 4 == 0) {
      if (auto connection = server.connect()) execute(connection.get(), "checkpoint");
    }
    server.kill();
    stop = true;
    for (auto& client : clients) client.join();
    server.start();
    auto check = server.wait();
    for (int c = 0; c < kClients; ++c) {
      std::string where = " where client = " + std::to_string(c);
      long count = number(check.get(), "select count(*) from left_side" + where);
      long highest = number(check.get(), "select coalesce(max(n), 0) from left_side" + where);
      long other = number(check.get(), "select count(*) from right_side" + where);
      long same = number(check.get(), "select count(*) from left_side l join right_side r using (client, n)" + where);
      if (highest < acknowledged[c]) lost += acknowledged[c] - highest;
      if (count != highest || other != count || same != count || highest > acknowledged[c] + 1) ++torn;
      acknowledged[c] = highest;
    }
    if (number(check.get(), "select sum(balance) from account") != 0) ++torn;
    torn += check_batches(check.get(), batches, lost);
    torn += check_objects(check.get(), steps, lost);
  }
  for (auto& count : acknowledged) commits += count;
  server.stop();
  bool good = lost == 0 && torn == 0 && commits > 0;
  printf("seed %llu: %d rounds, %ld commits, %ld batches of COPY, %ld changes of objects, %ld acknowledged commits lost, %ld checks failed\n",
         static_cast<unsigned long long>(seed), rounds, commits, batches.load(), steps.load(), lost, torn);
  if (good) {
    std::string remove = std::string("rm -rf ") + directory;
    if (system(remove.c_str()) != 0) return 1;
  } else {
    printf("kept: %s\n", directory);
  }
  return good ? 0 : 1;
}
