// Dialogues of libpq with a server.
#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <string>
#include <thread>

#include "server_process.h"

namespace {

ServerProcess& shared_server() {
  static ServerProcess server;
  return server;
}

Connection open(const std::string& more = "") {
  Connection connection(PQconnectdb(shared_server().connection_string(more).c_str()));
  REQUIRE_MESSAGE(PQstatus(connection.get()) == CONNECTION_OK, PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

Result run(const Connection& connection, const std::string& sql) { return Result(PQexec(connection.get(), sql.c_str())); }

std::string value(const Result& result, int row = 0, int column = 0) {
  REQUIRE_MESSAGE(PQresultStatus(result.get()) == PGRES_TUPLES_OK, PQresultErrorMessage(result.get()));
  REQUIRE(PQntuples(result.get()) > row);
  return PQgetvalue(result.get(), row, column);
}

std::string field(const Result& result, int code) {
  const char* text = PQresultErrorField(result.get(), code);
  return text == nullptr ? "" : text;
}

}  // namespace

TEST_CASE("simple queries") {
  Connection c = open();
  CHECK(value(run(c, "select 1 + 1")) == "2");
  CHECK(PQserverVersion(c.get()) / 10000 == 15);
  CHECK(PQresultStatus(run(c, "").get()) == PGRES_EMPTY_QUERY);
  CHECK(value(run(c, "select 1; select 'last'")) == "last");
  for (int i = 0; i < 3; ++i) CHECK(value(run(c, "select " + std::to_string(i) + "::text")) == std::to_string(i));
}

TEST_CASE("errors say where and what") {
  Connection c = open();
  Result syntax = run(c, "select from where");
  CHECK(field(syntax, PG_DIAG_SQLSTATE) == "42601");
  CHECK(field(syntax, PG_DIAG_STATEMENT_POSITION) == "13");
  Result missing = run(c, "select nosuch");
  CHECK(field(missing, PG_DIAG_SQLSTATE) == "42703");
  CHECK(field(missing, PG_DIAG_STATEMENT_POSITION) == "8");
  CHECK(field(missing, PG_DIAG_SEVERITY_NONLOCALIZED) == "ERROR");
  CHECK(value(run(c, "select 1")) == "1");
}

TEST_CASE("several statements in one message are one transaction") {
  Connection c = open();
  run(c, "create table multi(i int)");
  run(c, "insert into multi values (1); insert into multi values (1/0)");
  CHECK(value(run(c, "select count(*) from multi")) == "0");
}

TEST_CASE("transaction blocks") {
  Connection c = open();
  run(c, "create table tx(i int primary key)");
  run(c, "begin");
  CHECK(PQtransactionStatus(c.get()) == PQTRANS_INTRANS);
  run(c, "insert into tx values (1)");
  run(c, "savepoint s");
  CHECK(field(run(c, "insert into tx values (1)"), PG_DIAG_SQLSTATE) == "23505");
  CHECK(PQtransactionStatus(c.get()) == PQTRANS_INERROR);
  CHECK(field(run(c, "select 1"), PG_DIAG_SQLSTATE) == "25P02");
  run(c, "rollback to s");
  run(c, "insert into tx values (2)");
  run(c, "commit");
  CHECK(value(run(c, "select count(*) from tx")) == "2");
  run(c, "begin; insert into tx values (3); rollback");
  CHECK(value(run(c, "select count(*) from tx")) == "2");
  run(c, "begin; set local work_mem = '1MB'");
  CHECK(value(run(c, "show work_mem")) == "1MB");
  run(c, "commit");
  CHECK(value(run(c, "show work_mem")) != "1MB");
}

TEST_CASE("the extended protocol: parameters, binary results, statements") {
  Connection c = open();
  const char* values[] = {"20", "22"};
  Result sum(PQexecParams(c.get(), "select $1::int4 + $2::int4", 2, nullptr, values, nullptr, nullptr, 1));
  REQUIRE(PQresultStatus(sum.get()) == PGRES_TUPLES_OK);
  CHECK(PQfformat(sum.get(), 0) == 1);
  REQUIRE(PQgetlength(sum.get(), 0, 0) == 4);
  CHECK(static_cast<int>(PQgetvalue(sum.get(), 0, 0)[3]) == 42);
  Result prepared(PQprepare(c.get(), "p", "select $1::text || 'x'", 0, nullptr));
  CHECK(PQresultStatus(prepared.get()) == PGRES_COMMAND_OK);
  Result described(PQdescribePrepared(c.get(), "p"));
  CHECK(PQnparams(described.get()) == 1);
  CHECK(PQparamtype(described.get(), 0) == 25);
  CHECK(PQftype(described.get(), 0) == 25);
  for (int i = 0; i < 3; ++i) {
    const char* one[] = {"a"};
    CHECK(value(Result(PQexecPrepared(c.get(), "p", 1, one, nullptr, nullptr, 0))) == "ax");
  }
  Result unknown(PQexecPrepared(c.get(), "nosuch", 0, nullptr, nullptr, nullptr, 0));
  CHECK(field(unknown, PG_DIAG_SQLSTATE) == "26000");
}

TEST_CASE("a pipeline skips to the next sync after an error") {
  Connection c = open();
  REQUIRE(PQenterPipelineMode(c.get()) == 1);
  PQsendQueryParams(c.get(), "select 1", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQsendQueryParams(c.get(), "select 1/0", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQsendQueryParams(c.get(), "select 3", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQpipelineSync(c.get());
  PQsendQueryParams(c.get(), "select 4", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQpipelineSync(c.get());
  std::string seen;
  for (int syncs = 0; syncs < 2;) {
    Result result(PQgetResult(c.get()));
    if (result == nullptr) continue;
    switch (PQresultStatus(result.get())) {
      case PGRES_TUPLES_OK: seen += PQgetvalue(result.get(), 0, 0); break;
      case PGRES_FATAL_ERROR: seen += "E"; break;
      case PGRES_PIPELINE_ABORTED: seen += "A"; break;
      case PGRES_PIPELINE_SYNC: seen += "S"; ++syncs; break;
      default: seen += "?";
    }
  }
  CHECK(seen == "1EAS4S");
}

TEST_CASE("cursors") {
  Connection c = open();
  run(c, "begin");
  run(c, "declare k scroll cursor for select generate_series(1, 10)");
  CHECK(PQntuples(run(c, "fetch 3 from k").get()) == 3);
  CHECK(value(run(c, "fetch next from k")) == "4");
  CHECK(value(run(c, "fetch prior from k")) == "3");
  CHECK(value(run(c, "fetch last from k")) == "10");
  run(c, "commit");
  CHECK(field(run(c, "fetch next from k"), PG_DIAG_SQLSTATE) == "34000");
}

TEST_CASE("copy in and out") {
  Connection c = open();
  run(c, "create table cp(i int, t text)");
  REQUIRE(PQresultStatus(run(c, "copy cp from stdin").get()) == PGRES_COPY_IN);
  const char data[] = "1\tone\n2\t\\N\n";
  PQputCopyData(c.get(), data, static_cast<int>(std::strlen(data)));
  PQputCopyEnd(c.get(), nullptr);
  CHECK(std::string(PQcmdTuples(Result(PQgetResult(c.get())).get())) == "2");
  while (Result(PQgetResult(c.get())) != nullptr) {
  }
  REQUIRE(PQresultStatus(run(c, "copy cp to stdout").get()) == PGRES_COPY_OUT);
  std::string all;
  char* buffer = nullptr;
  for (int size = 0; (size = PQgetCopyData(c.get(), &buffer, 0)) > 0;) {
    all.append(buffer, static_cast<size_t>(size));
    PQfreemem(buffer);
  }
  while (Result(PQgetResult(c.get())) != nullptr) {
  }
  CHECK(all == data);
  REQUIRE(PQresultStatus(run(c, "copy cp from stdin").get()) == PGRES_COPY_IN);
  PQputCopyEnd(c.get(), "changed my mind");
  Result failed(PQgetResult(c.get()));
  CHECK(field(failed, PG_DIAG_SQLSTATE) == "57014");
  while (Result(PQgetResult(c.get())) != nullptr) {
  }
  CHECK(value(run(c, "select count(*) from cp")) == "2");
}

TEST_CASE("cancel and statement_timeout") {
  Connection c = open();
  PQsendQuery(c.get(), "select pg_sleep(30)");
  char message[256];
  PGcancel* cancel = PQgetCancel(c.get());
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  REQUIRE(PQcancel(cancel, message, sizeof message) == 1);
  PQfreeCancel(cancel);
  Result cancelled(PQgetResult(c.get()));
  CHECK(field(cancelled, PG_DIAG_SQLSTATE) == "57014");
  while (Result(PQgetResult(c.get())) != nullptr) {
  }
  run(c, "set statement_timeout = 50");
  CHECK(field(run(c, "select pg_sleep(30)"), PG_DIAG_SQLSTATE) == "57014");
}

TEST_CASE("a client that does not read can be ended, and does not keep the server from stopping") {
  ServerProcess server;
  auto deaf = [&] {
    Connection c(PQconnectdb(server.connection_string().c_str()));
    REQUIRE(PQsendQuery(c.get(), "select repeat('x', 1000) from generate_series(1, 10000000)") == 1);
    return c;
  };
  Connection first = deaf();
  Connection c(PQconnectdb(server.connection_string().c_str()));
  std::string others = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
  auto left = [&](const char* wanted) {
    for (int i = 0; i < 100 && value(run(c, others)) != wanted; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return value(run(c, others));
  };
  CHECK(left("1") == "1");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(value(run(c, "select pg_terminate_backend(" + std::to_string(PQbackendPID(first.get())) + ")")) == "t");
  CHECK(left("0") == "0");
  Connection second = deaf();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  server.restart(false);
  Connection again(PQconnectdb(server.connection_string().c_str()));
  CHECK(value(run(again, "select 1")) == "1");
}

TEST_CASE("a writer waits for another and sees its change") {
  Connection a = open();
  Connection b = open();
  run(a, "create table w(i int); insert into w values (0)");
  run(a, "begin; update w set i = i + 1");
  PQsendQuery(b.get(), "update w set i = i + 1");
  run(a, "commit");
  while (Result(PQgetResult(b.get())) != nullptr) {
  }
  CHECK(value(run(a, "select i from w")) == "2");
}

TEST_CASE("writers of one row wait for each other in the extended protocol") {
  run(open(), "create table contended(i int, n int); insert into contended values (1, 0)");
  std::array<std::thread, 4> writers;
  std::array<int, 4> failed{};
  for (size_t t = 0; t < writers.size(); ++t) {
    writers[t] = std::thread([&failed, t] {
      Connection c(PQconnectdb(shared_server().connection_string("").c_str()));
      Result prepared(PQprepare(c.get(), "add", "update contended set n = n + 1 where i = 1", 0, nullptr));
      for (int k = 0; k < 100; ++k) {
        run(c, "begin");
        Result added(PQexecPrepared(c.get(), "add", 0, nullptr, nullptr, nullptr, 0));
        if (PQresultStatus(added.get()) != PGRES_COMMAND_OK) ++failed[t];
        run(c, "commit");
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (int count : failed) CHECK(count == 0);
  CHECK(value(run(open(), "select n from contended")) == "400");
}

TEST_CASE("statements count in a session whose commits empty temporary tables") {
  Connection c = open();
  run(c, "create table kept(i int); create temp table gone(i int) on commit delete rows");
  run(c, "set application_name = 'kept'");
  CHECK(value(run(c, "show application_name")) == "kept");
  run(c, "insert into kept values (1)");
  run(c, "insert into kept values (2); insert into kept values (3)");
  Result by_parameter(PQexecParams(c.get(), "insert into kept values ($1)", 1, nullptr, std::array<const char*, 1>{"4"}.data(), nullptr, nullptr, 0));
  CHECK(PQresultStatus(by_parameter.get()) == PGRES_COMMAND_OK);
  run(c, "insert into gone values (1)");
  CHECK(value(run(c, "select count(*) || ' ' || sum(i) from kept")) == "4 10");
  CHECK(value(run(c, "select count(*) from gone")) == "0");
  run(c, "drop table kept, gone");
}

TEST_CASE("the planner knows how many rows pass a range of dates") {
  Connection c = open();
  run(c, "create table days(d date, n int)");
  run(c, "insert into days select date '2020-01-01' + i % 1000, i from generate_series(0, 19999) i");
  // A date compared with a timestamp; true for 100 days of 1000. The two bounds are not independent.
  Result plan = run(c, "explain select * from days where d >= date '2020-02-01' and d < date '2020-02-01' + interval '100 days'");
  std::string line = PQgetvalue(plan.get(), 0, 0);
  auto at = line.find(" rows=");
  REQUIRE(at != std::string::npos);
  int rows = std::stoi(line.substr(at + 6));
  CHECK(rows > 1300);
  CHECK(rows < 3000);
  run(c, "drop table days");
}

TEST_CASE("views show files of values, and whose blocks are in memory") {
  Connection c = open();
  auto value = [&](const char* sql) { return std::string(PQgetvalue(run(c, sql).get(), 0, 0)); };
  run(c, "create table documents(id int primary key, n int, body text)");
  run(c, "insert into documents select i, 0, repeat(md5(i::text), 200) from generate_series(1, 5000) i");
  run(c, "checkpoint");
  CHECK(value("select sum(length(body)) from documents") == "32000000");
  CHECK(value("select count(*) > 0 and bool_and(file like 'vlog/%') and sum(live_bytes) > 100000 and sum(size_bytes) >= sum(live_bytes) from aegis.value_log_files") == "t");
  CHECK(value("select count(*) > 0 and bool_and(not isdirty) and bool_and(pinning_backends >= 0) from pg_buffercache where relfilenode = pg_relation_filenode('documents')") == "t");
  // An update of another column takes no value along.
  std::string before = value("select pg_current_wal_lsn()");
  run(c, "update documents set n = 1");
  CHECK(value(("select pg_current_wal_lsn() - '" + before + "'::pg_lsn < 1000000").c_str()) == "t");
  CHECK(value("select sum(length(body)) + sum(n) from documents") == "32005000");
  run(c, "drop table documents");
  // The table's files go once nobody can read it any more, which is found out in the background.
  for (int i = 0; i < 100 && value("select count(*) from aegis.value_log_files") != "0"; ++i) {
    run(c, "checkpoint");
    run(c, "select pg_sleep(0.1)");
  }
  CHECK(value("select count(*) from aegis.value_log_files") == "0");
}

TEST_CASE("notifications reach listeners") {
  Connection a = open();
  Connection b = open();
  run(a, "listen news");
  run(b, "notify news, 'hello'");
  run(a, "select 1");
  PGnotify* notify = nullptr;
  for (int i = 0; i < 100 && notify == nullptr; ++i) {
    PQconsumeInput(a.get());
    notify = PQnotifies(a.get());
    if (notify == nullptr) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  REQUIRE(notify != nullptr);
  CHECK(std::string(notify->relname) == "news");
  CHECK(std::string(notify->extra) == "hello");
  PQfreemem(notify);
}

TEST_CASE("indexes have in memory what they are told to") {
  Connection c = open();
  run(c, "create table kinds (id int primary key, t text)");
  run(c, "create index kinds_art on kinds (t) with (memtable = art)");
  run(c, "create index kinds_skip on kinds (t desc, id) with (memtable = 'skiplist')");
  auto structures = [&] {
    return value(run(c, "select string_agg(relname || ' ' || structure, ', ' order by relname) from aegis.memtables where kind = 'index' and relname like 'kinds%'"));
  };
  CHECK(structures() == "kinds_art art, kinds_pkey btree, kinds_skip skiplist");
  run(c, "insert into kinds select g, md5(g::text) from generate_series(1, 5000) g");
  run(c, "update kinds set t = 'changed ' || id where id % 7 = 0");
  run(c, "delete from kinds where id % 11 = 0");
  run(c, "set enable_seqscan = off; set enable_sort = off");
  std::string same = "select count(*) = 4546 and count(*) filter (where t >= last) = 4545 from (select t, lag(t) over () as last from (select t from kinds order by t) o) p";
  CHECK(value(run(c, same)) == "t");
  CHECK(value(run(c, "select count(*) = 4546 and bool_and(t <= last) is not false from (select t, lag(t) over () as last from (select t from kinds order by t desc, id) o) p")) == "t");
  CHECK(value(run(c, "select id::text from kinds where t = md5('33') union all select id::text from kinds where t = 'changed 14'")) == "14");
  CHECK(value(run(c, "select id from kinds where t = md5('32')")) == "32");
  run(c, "checkpoint");
  CHECK(value(run(c, same)) == "t");
  run(c, "alter index kinds_art set (memtable = btree)");
  run(c, "alter index kinds_skip reset (memtable)");
  run(c, "insert into kinds select g, md5(g::text) from generate_series(10001, 10100) g");
  run(c, "checkpoint");
  CHECK(value(run(c, "select count(*) from kinds where t = md5('10050')")) == "1");
  for (const char* wrong : {"create index on kinds (t) with (memtable = heap)", "alter index kinds_art set (memtable = '')"}) {
    Result refused = run(c, wrong);
    CHECK(field(refused, PG_DIAG_SQLSTATE) == "22023");
    CHECK(field(refused, PG_DIAG_MESSAGE_DETAIL) == "Valid values are \"skiplist\", \"art\", and \"btree\".");
  }
  CHECK(field(run(c, "create table other (a int) with (memtable = art)"), PG_DIAG_SQLSTATE) == "22023");
}

TEST_CASE("unique indexes over functions of users hold after a restart") {
  ServerProcess server;
  for (bool killed : {false, true}) {
    Connection c(PQconnectdb(server.connection_string().c_str()));
    if (!killed) {
      run(c, "create function half(int) returns int language sql immutable as 'select $1 / 2'");
      run(c, "create table halves (id int primary key, n int)");
      run(c, "create unique index halves_n on halves (half(n))");
      run(c, "insert into halves select g, g * 2 from generate_series(1, 1000) g");
      run(c, "create table apart (n int, exclude using btree (half(n) with =))");
      run(c, "insert into apart values (1), (2)");
    }
    run(c, "begin; insert into halves values (5000, 9999); rollback");
    server.restart(killed);
    c.reset(PQconnectdb(server.connection_string().c_str()));
    CHECK(field(run(c, "insert into halves values (0, 1501)"), PG_DIAG_SQLSTATE) == "23505");
    CHECK(field(run(c, "update halves set n = 9 where id = 77"), PG_DIAG_SQLSTATE) == "23505");
    CHECK(field(run(c, "insert into apart values (3)"), PG_DIAG_SQLSTATE) == "23P01");
    CHECK(PQresultStatus(run(c, "insert into halves values (5000 + " + std::to_string(killed) + ", 9999 + 10 * " + std::to_string(killed) + ")").get()) == PGRES_COMMAND_OK);
    CHECK(value(run(c, "select count(*) from halves where half(n) = 750")) == "1");
  }
}

TEST_CASE("passwords and pg_hba.conf") {
  ServerProcess server("local all postgres scram-sha-256\nlocal all nobody reject\n", "secret");
  Connection good(PQconnectdb(server.connection_string("password=secret").c_str()));
  CHECK(PQstatus(good.get()) == CONNECTION_OK);
  Connection bad(PQconnectdb(server.connection_string("password=wrong").c_str()));
  CHECK(std::string(PQerrorMessage(bad.get())).find("password authentication failed for user \"postgres\"") != std::string::npos);
  Connection rejected(PQconnectdb(server.connection_string("user=nobody").c_str()));
  CHECK(std::string(PQerrorMessage(rejected.get())).find("pg_hba.conf rejects connection") != std::string::npos);
  Connection unknown(PQconnectdb(server.connection_string("user=somebody").c_str()));
  CHECK(std::string(PQerrorMessage(unknown.get())).find("no pg_hba.conf entry for host \"[local]\"") != std::string::npos);
  Connection database(PQconnectdb(server.connection_string("password=secret dbname=nosuch").c_str()));
  CHECK(std::string(PQerrorMessage(database.get())).find("database \"nosuch\" does not exist") != std::string::npos);
}
