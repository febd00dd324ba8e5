// DECLARE, FETCH, MOVE, CLOSE. A cursor that may move back, or that outlives its transaction, keeps its rows.
#include <algorithm>

#include <fmt/format.h>

#include "command_context.h"
#include "core.h"

namespace aegis::session {

namespace {

std::unique_ptr<vector::Chunk> empty_like(const vector::Chunk& chunk, size_t columns) {
  auto copy = std::make_unique<vector::Chunk>();
  for (size_t i = 0; i < columns; ++i) copy->add_column(chunk.column(i).type(), chunk.column(i).physical());
  copy->reset();
  return copy;
}

void copy_rows(const vector::Chunk& from, size_t at, size_t count, size_t columns,
               std::vector<std::unique_ptr<vector::Chunk>>& out) {
  while (count > 0) {
    if (out.empty() || out.back()->size() == vector::kMaxChunkRows) out.push_back(empty_like(from, columns));
    vector::Chunk& target = *out.back();
    size_t fits = std::min(count, vector::kMaxChunkRows - target.size());
    std::vector<uint32_t> selection(fits);
    for (size_t i = 0; i < fits; ++i) selection[i] = static_cast<uint32_t>(at + i);
    for (size_t c = 0; c < columns; ++c) target.column(c).copy(from.column(c), selection.data(), fits, target.size());
    target.set_size(target.size() + fits);
    at += fits;
    count -= fits;
  }
}

// Row `row` (0-based) of kept rows.
void copy_kept_row(const Portal& cursor, uint64_t row, std::vector<std::unique_ptr<vector::Chunk>>& out) {
  uint64_t chunk = row / vector::kMaxChunkRows;
  copy_rows(*cursor.rows[chunk], row % vector::kMaxChunkRows, 1, cursor.columns.size(), out);
}

[[noreturn]] void throw_forward_only() {
  throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cursor can only scan forward")
      .hint("Declare it with SCROLL option to enable backward scan.");
}

}  // namespace

void Session::Core::declare_cursor(const ast::DeclareCursorStmt& statement, Portal& outer) {
  bool hold = (statement.options & ast::kCursorHold) != 0;
  if (!hold && !in_block_ && !implicit_block_) {
    throw SqlError(Sqlstate::NoActiveSqlTransaction, "DECLARE CURSOR can only be used in transaction blocks");
  }
  if (portals_.find(statement.portalname) != portals_.end()) {
    throw SqlError(Sqlstate::DuplicateCursor, fmt::format("cursor \"{}\" already exists", statement.portalname));
  }
  need_worker();
  auto cursor = std::make_shared<Portal>();
  cursor->name = statement.portalname;
  cursor->statement = std::make_shared<Statement>();
  cursor->statement->parsed = outer.statement->parsed;
  cursor->statement->node = statement.query;
  cursor->statement->is_query = true;
  cursor->source = outer.statement->parsed->text;
  cursor->is_cursor = true;
  cursor->holdable = hold;
  cursor->scrollable = (statement.options & ast::kCursorScroll) != 0;
  cursor->no_scroll = (statement.options & ast::kCursorNoScroll) != 0;
  cursor->binary = (statement.options & ast::kCursorBinary) != 0;
  cursor->savepoint_depth = savepoints_.size();
  cursor->created_at = statement_time_;
  const std::vector<Type>& given = outer.statement->parameter_types;
  std::vector<Type> types = given;
  cursor->plan = build_plan(*statement.query, statement_text_, types);
  for (size_t i = 0; i < types.size(); ++i) {
    // The values came in as the types that Parse announced.
    if (i >= outer.parameters.size() || i >= given.size() || types[i].oid != given[i].oid) {
      throw SqlError(Sqlstate::IndeterminateDatatype, fmt::format("could not determine data type of parameter ${}", i + 1));
    }
    const Value& value = outer.parameters[i];
    cursor->parameters.push_back(value.is_null ? Value::null() : types::copy_value(types::physical_type(types[i].oid), value, cursor->arena));
  }
  cursor->columns = cursor->plan->plan->output;
  start_portal(*cursor);
  portals_[cursor->name] = cursor;
  outer.tag = "DECLARE CURSOR";
}

// Pulls rows until `until` of them are kept; false when there are not so many.
bool Session::Core::keep_more_rows(Portal& cursor, uint64_t until) {
  while (!cursor.complete && cursor.row_count < until) {
    const vector::Chunk* chunk = cursor.execution == nullptr ? nullptr : next_chunk(cursor);
    if (chunk == nullptr) {
      cursor.complete = true;
      if (cursor.execution != nullptr) cursor.execution->finish();
      cursor.execution.reset();
      cursor.snapshot.release();
      break;
    }
    copy_rows(*chunk, 0, chunk->size(), cursor.columns.size(), cursor.rows);
    cursor.row_count += chunk->size();
  }
  return cursor.row_count >= until;
}

void Session::Core::keep_all_rows(Portal& cursor) { keep_more_rows(cursor, UINT64_MAX); }

void Session::Core::hold_cursor(Portal& cursor) {
  need_worker();
  if (!cursor.scrollable) {
    // The rows given so far are gone; what is kept begins behind them.
    if (cursor.chunk != nullptr && cursor.chunk_at < cursor.chunk->size()) {
      size_t left = cursor.chunk->size() - cursor.chunk_at;
      copy_rows(*cursor.chunk, cursor.chunk_at, left, cursor.columns.size(), cursor.rows);
      cursor.row_count += left;
    }
    cursor.chunk = nullptr;
    cursor.base = cursor.position;
  }
  keep_all_rows(cursor);
  cursor.held = true;
}

void Session::Core::fetch_cursor(Portal& out, const ast::FetchStmt& statement) {
  auto at = portals_.find(statement.portalname);
  if (at == portals_.end()) {
    throw SqlError(Sqlstate::UndefinedCursor, fmt::format("cursor \"{}\" does not exist", statement.portalname));
  }
  need_worker();
  std::shared_ptr<Portal> keep_alive = at->second;
  Portal& cursor = *keep_alive;
  if (cursor.plan == nullptr) throw_not_supported("FETCH from this portal");
  out.columns = statement.ismove ? std::vector<plan::OutputColumn>() : cursor.columns;
  if (cursor.binary) out.result_formats = {1};
  out.keeps_rows = true;
  out.done = true;

  // Positions: 0 before the first row, k on row k, behind the last one `end`.
  auto position = static_cast<int64_t>(cursor.position);
  int64_t from = position;
  int64_t count = 0;  // rows to give; negative: backwards
  int64_t n = statement.how_many;
  bool one = false;   // ABSOLUTE and RELATIVE give the row they go to
  bool kept = cursor.scrollable || cursor.held;
  switch (statement.direction) {
    case ast::FetchDirection::Forward: count = n; break;
    case ast::FetchDirection::Backward: count = n == ast::kFetchAll ? -ast::kFetchAll : -n; break;
    case ast::FetchDirection::Absolute:
      if (n < 0) {
        if (!kept) throw_forward_only();
        keep_all_rows(cursor);
        n = std::max<int64_t>(static_cast<int64_t>(cursor.base + cursor.row_count) + 1 + n, 0);
      }
      from = n;
      one = true;
      break;
    case ast::FetchDirection::Relative:
      from = std::max<int64_t>(position + n, 0);
      one = true;
      break;
  }
  if (count == 0 && !one) {  // the current row again
    one = true;
    from = position;
  }
  uint64_t given = 0;
  if (!kept) {
    // Rows only pass by.
    if (count < 0 || (one && from <= position && !(from == 0 && position == 0))) throw_forward_only();
    uint64_t skip = one && from > position ? static_cast<uint64_t>(from - position) - 1 : 0;
    uint64_t want = one ? (from > position ? 1 : 0) : static_cast<uint64_t>(count);
    while (skip + want > 0 && !cursor.complete) {
      if (cursor.chunk == nullptr || cursor.chunk_at >= cursor.chunk->size()) {
        backend_->check_interrupts();
        cursor.chunk = next_chunk(cursor);
        cursor.chunk_at = 0;
        if (cursor.chunk == nullptr) {
          cursor.complete = true;
          cursor.execution->finish();
        }
        continue;
      }
      uint64_t here = cursor.chunk->size() - cursor.chunk_at;
      uint64_t step = std::min(here, skip > 0 ? skip : want);
      if (skip > 0) {
        skip -= step;
      } else {
        if (!statement.ismove) copy_rows(*cursor.chunk, cursor.chunk_at, step, cursor.columns.size(), out.rows);
        want -= step;
        given += step;
      }
      cursor.chunk_at += step;
      cursor.position += step;
    }
    if (cursor.complete && (skip + want) > 0) {
      cursor.position += cursor.at_end ? 0 : 1;
      cursor.at_end = true;
    }
  } else {
    auto have = [&](int64_t row) {  // 1-based
      return row > static_cast<int64_t>(cursor.base) && keep_more_rows(cursor, static_cast<uint64_t>(row) - cursor.base);
    };
    auto end = [&] { return static_cast<int64_t>(cursor.base + cursor.row_count) + 1; };
    auto give = [&](int64_t row) {
      if (!statement.ismove) copy_kept_row(cursor, static_cast<uint64_t>(row) - 1 - cursor.base, out.rows);
      ++given;
    };
    if (cursor.held && !cursor.scrollable && (count < 0 || (one && from < position))) throw_forward_only();
    if (one) {
      if (from > 0 && have(from)) {
        give(from);
        position = from;
      } else {
        position = from > 0 ? end() : 0;
      }
    } else if (count > 0) {
      int64_t left = count;
      while (left > 0 && have(position + 1)) {
        give(++position);
        if (left != ast::kFetchAll) --left;
      }
      if (left > 0) position = end();
    } else {
      int64_t left = -count;
      while (left > 0 && position - 1 > static_cast<int64_t>(cursor.base)) {
        give(--position);
        if (left != ast::kFetchAll) --left;
      }
      if (left > 0) position = 0;
    }
    cursor.position = static_cast<uint64_t>(position);
  }
  out.tag = fmt::format("{} {}", statement.ismove ? "MOVE" : "FETCH", given);
}

std::string Session::Core::close_cursor(std::string_view name) {
  if (!ast::is_given(name) || name.empty()) {
    for (auto at = portals_.begin(); at != portals_.end();) at = at->second->is_cursor ? portals_.erase(at) : std::next(at);
    return "CLOSE CURSOR ALL";
  }
  auto at = portals_.find(name);
  if (at == portals_.end()) throw SqlError(Sqlstate::UndefinedCursor, fmt::format("cursor \"{}\" does not exist", name));
  portals_.erase(at);
  return "CLOSE CURSOR";
}

}  // namespace aegis::session
