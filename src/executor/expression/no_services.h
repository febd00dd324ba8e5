#pragma once

#include <exception>

#include "aegis/functions/function.h"

namespace aegis::executor {

// For immutable expressions evaluated without a session (constant folding, index keys): asking for one throws.
class NoServices : public functions::Services {
 public:
  struct Needed : std::exception {};
  std::string current_user() override { throw Needed(); }
  std::string session_user() override { throw Needed(); }
  std::string current_database() override { throw Needed(); }
  std::vector<std::string> current_schemas(bool) override { throw Needed(); }
  int backend_pid() override { throw Needed(); }
  int64_t transaction_timestamp() override { throw Needed(); }
  int64_t statement_timestamp() override { throw Needed(); }
  int64_t clock_timestamp() override { throw Needed(); }
  uint64_t current_transaction_id() override { throw Needed(); }
  const std::string* setting(std::string_view, bool) override { throw Needed(); }
  std::string set_setting(std::string_view, std::string_view, bool) override { throw Needed(); }
  int64_t next_value(Oid) override { throw Needed(); }
  int64_t current_value(Oid) override { throw Needed(); }
  int64_t last_value() override { throw Needed(); }
  int64_t set_value(Oid, int64_t, bool) override { throw Needed(); }
  bool catalog_function(std::string_view, std::span<const types::Value>, Arena&, types::Value&) override { throw Needed(); }
  void check_interrupts() override {}
  void sleep(int64_t) override { throw Needed(); }
  void notice(ErrorFields) override { throw Needed(); }
  types::Value call_routine(const functions::CallContext&, std::span<const types::Value>, Arena&) override { throw Needed(); }
  std::unique_ptr<functions::SetScan> scan_routine(const functions::CallContext&, std::span<const types::Value>) override { throw Needed(); }
  double random() override { throw Needed(); }
  void seed_random(double) override { throw Needed(); }
  std::shared_ptr<const functions::text_search::Configuration> text_search_configuration(Oid) override { throw Needed(); }
  std::shared_ptr<const functions::text_search::Dictionary> text_search_dictionary(Oid) override { throw Needed(); }
  void run_query(std::string_view, functions::RowReceiver&) override { throw Needed(); }
};

}  // namespace aegis::executor
