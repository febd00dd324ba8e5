// What full text search asks of the session.
#include "routine_runner.h"
#include "services.h"

namespace aegis::session {

namespace text_search = functions::text_search;

executor::TextSearchObjects& Services::text_search() {
  std::lock_guard lock(mutex_);
  if (text_search_ == nullptr) {
    auto find = [this](std::string_view name) {
      Oid oid = kInvalidOid;
      session_.types_.names->lookup(types::oid::kRegdictionary, name, oid);
      return oid;
    };
    text_search_ = std::make_unique<executor::TextSearchObjects>([this] { return session_.version(); }, find, session_.instance_.data_directory);
  }
  return *text_search_;
}

std::shared_ptr<const text_search::Configuration> Services::text_search_configuration(Oid oid) { return text_search().configuration(oid); }
std::shared_ptr<const text_search::Dictionary> Services::text_search_dictionary(Oid oid) { return text_search().dictionary(oid); }

void Services::run_query(std::string_view sql, functions::RowReceiver& receiver) {
  RoutineRunner& runner = *session_.routines_;
  auto statements = runner.parse(sql, nullptr);
  if (statements.size() != 1 || statements[0]->kind() != routines::StatementKind::Select) {
    throw SqlError(Sqlstate::FeatureNotSupported, "only a single SELECT is allowed here");
  }
  auto rows = runner.open(statements[0], true);
  std::vector<types::Type> types;
  for (const auto& column : rows->columns()) types.push_back(column.type);
  receiver.columns(types);
  std::vector<types::Value> values(types.size());
  while (const vector::Chunk* chunk = rows->next()) {
    for (size_t row = 0; row < chunk->size(); ++row) {
      for (size_t c = 0; c < values.size(); ++c) values[c] = chunk->column(c).get(row);
      if (!receiver.row(values)) return;
    }
  }
}

}  // namespace aegis::session
