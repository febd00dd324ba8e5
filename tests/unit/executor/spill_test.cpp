#include <doctest/doctest.h>

#include <algorithm>

#include "database.h"

using aegis::test::Database;
namespace oid = aegis::types::oid;

namespace {

// The same statement in memory and with next to none of it; unordered results are compared sorted.
void compare(Database& db, const std::string& sql, bool ordered = false) {
  CAPTURE(sql);
  db.set_memory(0);
  auto expected = db.run(sql);
  db.set_memory(64 << 10);
  uint64_t before = db.spilled_bytes();
  auto spilled = db.run(sql);
  CHECK(db.spilled_bytes() > before);
  db.set_memory(0);
  if (!ordered) {
    std::sort(expected.begin(), expected.end());
    std::sort(spilled.begin(), spilled.end());
  }
  CHECK(expected.size() == spilled.size());
  CHECK(expected == spilled);
}

void fill(Database& db) {
  db.create_table("l", {{"k", oid::kInt4}, {"s", oid::kText}, {"n", oid::kNumeric}});
  db.create_table("r", {{"k", oid::kInt4}, {"s", oid::kText}});
  // Keys repeat, miss on either side and are null; strings are short, long and null; numbers small and large.
  db.run("insert into l select case when i % 97 = 0 then null else i % 7001 end, case when i % 11 = 0 then null else repeat('x', i % 40) || i end,"
         " case when i % 5 = 0 then i::numeric * 12345678901234567890 else i / 4.0 end from generate_series(1, 20000) i");
  db.run("insert into r select case when i % 89 = 0 then null else i + 2000 end, 'right side number ' || i from generate_series(1, 9000) i");
}

}  // namespace

TEST_CASE("joins give the same rows from temporary files") {
  for (size_t threads : {1, 3}) {
    CAPTURE(threads);
    Database db(threads);
    fill(db);
    for (const char* kind : {"join", "left join", "right join", "full join"}) {
      compare(db, std::string("select l.k, l.s, n, r.k, r.s from l ") + kind + " r on l.k = r.k");
    }
    compare(db, "select l.s from l left join r on l.k = r.k and length(l.s) > length(r.s)");
    compare(db, "select s from l where exists (select 1 from r where r.k = l.k)");
    compare(db, "select s from l where not exists (select 1 from r where r.k = l.k)");
    compare(db, "select s, k in (select k from r) from l");
    compare(db, "select s from l where k not in (select k from r where k is not null)");
  }
}

TEST_CASE("grouping gives the same rows from temporary files") {
  for (size_t threads : {1, 3}) {
    CAPTURE(threads);
    Database db(threads);
    fill(db);
    compare(db, "select k, count(*), sum(n), min(s), max(s), avg(n), count(*) filter (where s is null) from l group by k");
    compare(db, "select s, count(*) from l group by s");
    compare(db, "select distinct n from l group by n, s");
    compare(db, "select k, s, variance(n), bool_and(n > 5) from l group by k, s");
  }
}

TEST_CASE("sorting gives the same rows from temporary files") {
  for (size_t threads : {1, 3}) {
    CAPTURE(threads);
    Database db(threads);
    fill(db);
    compare(db, "select s, n, k from l order by s desc nulls last, n, k", true);
    compare(db, "select n, s from l order by n, s collate \"C\"", true);
    compare(db, "select array[k, length(s)] a, s, n from l order by a, s, n", true);
  }
}
