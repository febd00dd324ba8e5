// The FunctionCall message, which libpq's PQfn sends: one call of a function by its OID, run as a SELECT of it.
#include <fmt/format.h>

#include "aegis/functions/quoting.h"
#include "command_context.h"
#include "core.h"
#include "services.h"

namespace aegis::session {
namespace {

struct Callee {
  std::string name;
  std::vector<Oid> arguments;
};

Callee find_callee(const catalog::Version& version, Oid oid) {
  if (auto routine = version.routine(oid)) {
    if (routine->routine_kind != 'f') throw SqlError(Sqlstate::UndefinedFunction, fmt::format("function \"{}\" cannot be called via fastpath interface", routine->name));
    auto schema = version.schema(routine->schema);
    return {(schema == nullptr ? "" : functions::quote_identifier(schema->name) + ".") + functions::quote_identifier(routine->name), routine->input_types()};
  }
  const functions::Function* function = functions::find_function(oid);
  if (function == nullptr) throw SqlError(Sqlstate::UndefinedFunction, fmt::format("function with OID {} does not exist", oid));
  return {"pg_catalog." + functions::quote_identifier(function->name), {function->arguments.begin(), function->arguments.end()}};
}

}  // namespace

void Session::Core::handle_function_call(const protocol::FunctionCallMessage& message) {
  enter_statement("<fastpath function call>");
  current_text_ = "<fastpath function call>";
  check_not_failed(nullptr);
  need_worker();
  ensure_transaction();
  Callee callee = find_callee(*version(), message.function);
  if (message.values.size() != callee.arguments.size()) {
    throw SqlError(Sqlstate::ProtocolViolation, fmt::format("function call message contains {} arguments but function requires {}",
                                                            message.values.size(), callee.arguments.size()));
  }
  auto statement = std::make_shared<Statement>();
  statement->text = "SELECT " + callee.name + "(";
  for (size_t i = 0; i < callee.arguments.size(); ++i) {
    statement->text += fmt::format("{}${}", i > 0 ? ", " : "", i + 1);
    statement->declared_types.push_back({callee.arguments[i], -1});
  }
  statement->text += ")";
  statement->cacheable = false;
  statement->prepared_at = timestamp_now();
  ensure_parsed(*statement);
  Portal portal;
  portal.statement = statement;
  portal.source = statement->text;
  portal.result_formats = {message.result_format};
  portal.created_at = statement_time_;
  portal.plan = plan_statement(*statement);
  portal.columns = portal.plan->plan->output;
  protocol::BindMessage bind;
  bind.formats = message.formats;
  bind.values = message.values;
  bind_values(portal, bind);
  start_portal(portal);
  make_encoder(portal);
  const vector::Chunk* chunk = next_chunk(portal);
  while (chunk != nullptr && chunk->empty()) chunk = next_chunk(portal);
  std::string row;
  if (chunk != nullptr) portal.encoder->encode(*chunk, 0, 1, types_, row);
  while (chunk != nullptr) chunk = next_chunk(portal);
  finish_portal(portal);
  // The row's only field, its length before it.
  constexpr size_t kBeforeField = 7;
  protocol::MessageWriter out(output_, 'V');
  if (row.size() <= kBeforeField) {
    out.int32(-1);
  } else {
    out.bytes(std::string_view(row).substr(kBeforeField));
  }
  out.finish();
  maybe_flush();
  query_.emplace();
  query_->ending = true;
  if (!in_block_) start_commit();
}

}  // namespace aegis::session
