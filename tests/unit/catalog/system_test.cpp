#include <doctest/doctest.h>

#include "aegis/catalog/system.h"
#include "database.h"

using aegis::test::Database;
namespace oid = aegis::types::oid;

TEST_CASE("the system catalogs describe a table") {
  Database db;
  db.create_table("t", {{"a", oid::kInt4, true}, {"b", oid::kText}}, {0});
  CHECK(db.query("select relname, relkind, relnatts, relhasindex from pg_class where relname in ('t', 't_pkey') order by 1") ==
        "t|r|2|t t_pkey|i|1|f");
  CHECK(db.query("select attname, attnum, atttypid, attnotnull from pg_attribute where attrelid = (select oid from pg_class where relname = 't') "
                 "and attnum > 0 order by attnum") == "a|1|23|t b|2|25|f");
  CHECK(db.query("select indkey[0], indisprimary, indclass, indkey from pg_index") == "1|t|1978|1");
  CHECK(db.query("select conname, contype, conkey from pg_constraint") == "t_pkey|p|{1}");
}

TEST_CASE("every system relation can be read") {
  Database db;
  for (const auto* table : aegis::catalog::system_tables()) {
    CAPTURE(table->name);
    CHECK(db.error("select * from " + std::string(table->schema) + "." + std::string(table->name)) == "");
  }
  for (const auto& view : aegis::catalog::system_views()) {
    CAPTURE(view.name);
    if (std::string_view(view.name).ends_with("user_functions")) continue;  // only a session has counted calls; see regress/sql/activity_functions.sql
    CHECK(db.error("select * from " + std::string(view.schema) + "." + std::string(view.name)) == "");
  }
}

TEST_CASE("facts of the built-ins") {
  Database db;
  CHECK(db.query("select typname, typlen, typarray, typelem from pg_type where oid in (23, 1007) order by oid") == "int4|4|1007|0 _int4|-1|0|23");
  CHECK(db.query("select count(*) > 3000, count(*) = count(distinct oid) from pg_proc") == "t|t");
  CHECK(db.query("select proargtypes, provolatile from pg_proc where proname = 'lower' and prorettype = 25") == "25|i");
  CHECK(db.query("select oprname, oprkind from pg_operator where oid = 96") == "=|b");
  CHECK(db.query("select castcontext from pg_cast where castsource = 23 and casttarget = 20") == "i");
}

TEST_CASE("text of definitions") {
  Database db;
  db.create_table("t", {{"a", oid::kInt4, true}, {"B", oid::kText}}, {0, 1});
  CHECK(db.query("select pg_get_indexdef(indexrelid) from pg_index") == "CREATE UNIQUE INDEX t_pkey ON public.t USING btree (a, \"B\")");
  CHECK(db.query("select pg_get_indexdef(indexrelid, 2, false) from pg_index") == "\"B\"");
  CHECK(db.query("select pg_get_constraintdef(oid) from pg_constraint") == "PRIMARY KEY (a, \"B\")");
  CHECK(db.query("select pg_get_function_arguments(936), pg_get_function_result(936)") == "text, integer, integer|text");
  CHECK(db.query("select has_schema_privilege('public', 'usage'), has_schema_privilege('pg_catalog', 'create')") == "t|t");
  CHECK(db.query("select pg_get_userbyid(10), pg_get_userbyid(99)") == "postgres|unknown (OID=99)");
  CHECK(db.query("select pg_table_is_visible(oid) from pg_class where relname = 't'") == "t");
  CHECK(db.query("select table_name, column_name, data_type, is_nullable from information_schema.columns where table_name = 't' order by ordinal_position", ",") ==
        "t|a|integer|NO,t|B|text|YES");
  CHECK(db.query("select ordinal_position, column_name from information_schema.key_column_usage where table_name = 't' order by 1", ",") == "1|a,2|B");
}
