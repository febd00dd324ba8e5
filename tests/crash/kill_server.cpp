// Kills a real server with SIGKILL at random moments under a write load, starts it again, and checks that every
// acknowledged commit is there and that no transaction is there in part.
//
//   kill_server AEGIS_BINARY [ROUNDS] [SEED]
//
// Each of several clients repeats: BEGIN; insert n into `left_side`; insert n into `right_side`; move an amount between two accounts; COMMIT.
// A client remembers the last n whose COMMIT was acknowledged. After each restart, for every client: both tables hold
// exactly 1 … m without gaps, acknowledged <= m <= acknowledged + 1, and the balances still add up to nothing.
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
    for (int i = 0; i < 600; ++i) {
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
    must(setup.get(), "insert into account select i, 0 from generate_series(0, " + std::to_string(kAccounts - 1) + ") i");
  }
  std::vector<std::atomic<long>> acknowledged(kClients);
  long lost = 0, torn = 0, commits = 0;
  for (int round = 0; round < rounds; ++round) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int c = 0; c < kClients; ++c) {
      clients.emplace_back([&, c, client_seed = random()] { work(server, c, client_seed, acknowledged[c], stop); });
    }
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
  }
  for (auto& count : acknowledged) commits += count;
  server.stop();
  bool good = lost == 0 && torn == 0 && commits > 0;
  printf("seed %llu: %d rounds, %ld commits, %ld acknowledged commits lost, %ld checks failed\n", static_cast<unsigned long long>(seed), rounds, commits, lost, torn);
  if (good) {
    std::string remove = std::string("rm -rf ") + directory;
    if (system(remove.c_str()) != 0) return 1;
  } else {
    printf("kept: %s\n", directory);
  }
  return good ? 0 : 1;
}
