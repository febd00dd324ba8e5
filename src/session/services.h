// What SQL functions may ask of the session.
#pragma once

#include "aegis/executor/text_search.h"
#include "aegis/functions/function.h"
#include "aegis/os/random.h"
#include "core.h"

namespace aegis::session {

class Services final : public functions::Services {
 public:
  explicit Services(Session::Core& session) : session_(session), random_(os::random_seed()) {}
  std::string current_user() override;
  std::string session_user() override;
  std::string current_database() override;
  std::vector<std::string> current_schemas(bool include_implicit) override;
  int backend_pid() override;
  int64_t transaction_timestamp() override;
  int64_t statement_timestamp() override;
  int64_t clock_timestamp() override;
  uint64_t current_transaction_id() override;
  const std::string* setting(std::string_view name, bool missing_ok) override;
  std::string set_setting(std::string_view name, std::string_view value, bool local) override;
  int64_t next_value(Oid sequence) override;
  int64_t current_value(Oid sequence) override;
  int64_t last_value() override;
  int64_t set_value(Oid sequence, int64_t value, bool is_called) override;
  bool catalog_function(std::string_view name, std::span<const types::Value> arguments, Arena& arena,
                        types::Value& result) override;
  void check_interrupts() override;
  void sleep(int64_t microseconds) override;
  void notice(ErrorFields fields) override;
  types::Value call_routine(const functions::CallContext& call, std::span<const types::Value> arguments, Arena& arena) override;
  std::unique_ptr<functions::SetScan> scan_routine(const functions::CallContext& call, std::span<const types::Value> arguments) override;
  double random() override;
  void seed_random(double seed) override;
  std::shared_ptr<const functions::text_search::Configuration> text_search_configuration(Oid oid) override;
  std::shared_ptr<const functions::text_search::Dictionary> text_search_dictionary(Oid oid) override;
  void run_query(std::string_view sql, functions::RowReceiver& receiver) override;

 private:
  executor::TextSearchObjects& text_search();
  void check_sequence(const catalog::Relation& sequence, std::string_view enough);
  catalog::RelationPtr sequence(Oid oid);
  bool advisory_function(std::string_view name, std::span<const types::Value> arguments, types::Value& result);
  bool transaction_function(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result);
  types::Value hash_partition_value(std::span<const types::Value> arguments, Arena& arena);
  types::Value current_tid(std::string_view name, const types::Value& tid, Arena& arena);
  bool count_function(std::string_view name, std::span<const types::Value> arguments, types::Value& result);
  void write_pg_class(std::span<const Value> row);
  bool rule_definition(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result);
  bool view_definition(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result);
  // pg_event_trigger_…: sets are given as arrays of rows.
  bool event_function(std::string_view name, Arena& arena, types::Value& result);
  bool file_function(std::string_view name, std::span<const types::Value> arguments, Arena& arena, types::Value& result);
  bool session_function(std::string_view name, std::span<const types::Value> arguments, Arena& arena, types::Value& result);
  Session::Core& session_;
  os::Random random_;
  std::mutex mutex_;  // parallel workers of one statement
  std::map<std::string, std::string, std::less<>> shown_;
  std::unique_ptr<executor::TextSearchObjects> text_search_;
};

}  // namespace aegis::session
