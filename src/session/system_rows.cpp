// Rows of catalog tables that only a session knows.
#include <fmt/format.h>

#include "core.h"

namespace aegis::session {

namespace {

Value text(catalog::RowSink& sink, std::string_view value) {
  return Value::of_string(value.size() <= types::StringView::kInlineBytes ? value : sink.arena().copy(value));
}

}  // namespace

void Session::Core::rows_of(std::string_view table, catalog::RowSink& sink, const catalog::Version&) {
  auto optional = [&](std::string_view value) { return value.empty() ? Value::null() : text(sink, value); };
  throw_not_supported(fmt::format("the catalog table \"{}\"", table));
  (void)optional;
}

}  // namespace aegis::session
