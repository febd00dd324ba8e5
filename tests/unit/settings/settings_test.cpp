#include <doctest/doctest.h>

#include "aegis/base/error.h"
#include "aegis/settings/settings.h"

using namespace aegis;
using namespace aegis::settings;

namespace {

struct NoHooks : Hooks {
  std::string check(Id, std::string value, Source) override { return value; }
  void changed(Id, const std::string&) override { ++changes; }
  int changes = 0;
};

TEST_CASE("values that would be promises are refused") {
  ServerValues values;
  for (auto [name, value] : {std::pair("zero_damaged_pages", "on"), std::pair("wal_compression", "lz4"), std::pair("wal_level", "logical"),
                             std::pair("session_replication_role", "replica"), std::pair("temp_file_limit", "1GB"),
                             std::pair("synchronous_standby_names", "a"), std::pair("max_prepared_transactions", "1")}) {
    CAPTURE(name);
    try {
      values.set(name, value, Source::File);
      FAIL("accepted");
    } catch (const SqlError& error) {
      CHECK(error.fields().sqlstate == Sqlstate::FeatureNotSupported);
    }
  }
  values.set("zero_damaged_pages", "off", Source::File);
  values.set("session_replication_role", "local", Source::File);
  values.set("temp_file_limit", "-1", Source::File);
  values.set("synchronous_standby_names", "", Source::File);
}

}  // namespace

TEST_CASE("values are read and shown with units") {
  const Definition& work_mem = definition(Id::work_mem);
  CHECK(parse_value(work_mem, "64MB") == "65536");
  CHECK(parse_value(work_mem, "100") == "100");
  CHECK(display_value(work_mem, "65536") == "64MB");
  CHECK(display_value(work_mem, "100") == "100kB");
  CHECK(display_value(definition(Id::statement_timeout), "90000") == "90s");
  CHECK(display_value(definition(Id::shared_buffers), "16384") == "128MB");
  CHECK_THROWS_AS(parse_value(work_mem, "1"), SqlError);
  CHECK_THROWS_AS(parse_value(work_mem, "lots"), SqlError);
  CHECK(parse_value(definition(Id::enable_seqscan), "f") == "off");
  CHECK(parse_value(definition(Id::synchronous_commit), "true") == "on");
}

TEST_CASE("SET and SET LOCAL are undone with their transaction") {
  NoHooks hooks;
  SessionValues values(std::make_shared<ServerValues>(), hooks);
  values.set("work_mem", "8MB", false, false);
  values.commit();
  CHECK(*values.show("work_mem") == "8MB");
  values.set("work_mem", "16MB", false, false);
  size_t savepoint = values.savepoint();
  values.set("work_mem", "1MB", true, false);
  CHECK(*values.show("work_mem") == "1MB");
  values.rollback_to(savepoint);
  CHECK(*values.show("work_mem") == "16MB");
  values.set("work_mem", "2MB", true, false);
  values.commit();
  CHECK(*values.show("work_mem") == "16MB");
  values.set("work_mem", "32MB", false, false);
  values.rollback();
  CHECK(*values.show("work_mem") == "16MB");
  values.reset_all();
  values.commit();
  CHECK(*values.show("work_mem") == "4MB");
}

TEST_CASE("names and rights") {
  NoHooks hooks;
  SessionValues values(std::make_shared<ServerValues>(), hooks);
  CHECK(find("datestyle") == Id::DateStyle);
  CHECK_FALSE(find("nosuch").has_value());
  CHECK_THROWS_AS(values.set("nosuch", "1", false, true), SqlError);
  values.set("my.setting", "x", false, false);
  CHECK(*values.show("my.setting") == "x");
  CHECK_THROWS_AS(values.set("fsync", "off", false, true), SqlError);
  CHECK_THROWS_AS(values.set("log_statement", "all", false, false), SqlError);
  CHECK_THROWS_AS(values.set("block_size", "1", false, true), SqlError);
}
