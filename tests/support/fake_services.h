// Services for tests without a session.
#pragma once

#include <functional>

#include "aegis/functions/function.h"

namespace aegis::test {

class FakeServices : public functions::Services {
 public:
  std::string current_user() override { return "postgres"; }
  std::string session_user() override { return "postgres"; }
  std::string current_database() override { return "test"; }
  std::vector<std::string> current_schemas(bool implicit) override {
    return implicit ? std::vector<std::string>{"pg_catalog", "public"} : std::vector<std::string>{"public"};
  }
  int backend_pid() override { return 1; }
  int64_t transaction_timestamp() override { return now; }
  int64_t statement_timestamp() override { return now; }
  int64_t clock_timestamp() override { return now; }
  uint64_t current_transaction_id() override { return 1; }
  const std::string* setting(std::string_view, bool) override { return nullptr; }
  std::string set_setting(std::string_view, std::string_view value, bool) override { return std::string(value); }
  int64_t next_value(Oid) override { return ++sequence; }
  int64_t current_value(Oid) override { return sequence; }
  int64_t last_value() override { return sequence; }
  int64_t set_value(Oid, int64_t value, bool) override { return sequence = value; }
  bool catalog_function(std::string_view symbol, std::span<const types::Value> arguments, Arena& arena, types::Value& result) override {
    return answer_catalog && answer_catalog(symbol, arguments, arena, result);
  }
  void check_interrupts() override {}
  void sleep(int64_t) override {}
  void notice(ErrorFields) override {}
  types::Value call_routine(const functions::CallContext&, std::span<const types::Value>, Arena&) override { return types::Value::null(); }
  std::unique_ptr<functions::SetScan> scan_routine(const functions::CallContext&, std::span<const types::Value>) override { return nullptr; }
  double random() override { return 0.5; }
  void seed_random(double) override {}
  std::shared_ptr<const functions::text_search::Configuration> text_search_configuration(Oid) override { return nullptr; }
  std::shared_ptr<const functions::text_search::Dictionary> text_search_dictionary(Oid) override { return nullptr; }
  void run_query(std::string_view, functions::RowReceiver&) override {}

  std::function<bool(std::string_view, std::span<const types::Value>, Arena&, types::Value&)> answer_catalog;
  int64_t now = 0;
  int64_t sequence = 0;
};

}  // namespace aegis::test
