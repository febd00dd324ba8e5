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

// As many rows a cursor without SCROLL can go back over; PostgreSQL's can where the plan runs backwards as well.
constexpr uint64_t kRememberedRows = 65536;

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
  if (auto* select = ast::node_cast<ast::SelectStmt>(statement.query); select != nullptr && !select->locking_clause.empty()) {
    bool scroll = (statement.options & ast::kCursorScroll) != 0;
    if (scroll || hold) {
      const char* strength = select->locking_clause[0]->strength == ast::LockClauseStrength::ForShare         ? "FOR SHARE"
                             : select->locking_clause[0]->strength == ast::LockClauseStrength::ForKeyShare    ? "FOR KEY SHARE"
                             : select->locking_clause[0]->strength == ast::LockClauseStrength::ForNoKeyUpdate ? "FOR NO KEY UPDATE"
                                                                                                              : "FOR UPDATE";
      throw SqlError(Sqlstate::FeatureNotSupported, fmt::format("DECLARE {} ... {} is not supported", hold ? "CURSOR WITH HOLD" : "SCROLL CURSOR", strength))
          .detail(hold ? "Holdable cursors must be READ ONLY." : "Scrollable cursors must be READ ONLY.");
    }
  }
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
  cursor->remembers = !cursor->scrollable && !cursor->no_scroll;
  cursor->binary = (statement.options & ast::kCursorBinary) != 0;
  cursor->savepoint_depth = savepoints_.size();
  cursor->created_at = statement_time_;
  const std::vector<Type>& given = outer.statement->parameter_types;
  std::vector<Type> types = given;
  if (auto* select = ast::node_cast<ast::SelectStmt>(statement.query)) {
    if (const ast::SelectStmt* extended = with_row_ids(*select, *cursor)) {
      std::vector<Type> extended_types = types;
      try {
        cursor->plan = build_plan(*extended, statement_text_, extended_types);
        types = std::move(extended_types);
      } catch (const SqlError&) {
        cursor->sources.clear();
      }
    }
  }
  if (cursor->plan == nullptr) cursor->plan = build_plan(*statement.query, statement_text_, types);
  for (size_t i = 0; i < types.size(); ++i) {
    // The values came in as the types that Parse announced.
    if (i >= outer.parameters.size() || i >= given.size() || types[i].oid != given[i].oid) {
      throw SqlError(Sqlstate::IndeterminateDatatype, fmt::format("could not determine data type of parameter ${}", i + 1));
    }
    const Value& value = outer.parameters[i];
    cursor->parameters.push_back(value.is_null ? Value::null() : types::copy_value(types::physical_type(types[i].oid), value, cursor->arena));
  }
  cursor->columns = cursor->plan->plan->output;
  cursor->columns.resize(cursor->columns.size() - 2 * cursor->sources.size());
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
    copy_rows(*chunk, 0, chunk->size(), cursor.kept_width(), cursor.rows);
    cursor.row_count += chunk->size();
    cursor.chunk = chunk;
  }
  return cursor.row_count >= until;
}

// From here on rows only pass by.
void Session::Core::forget_rows(Portal& cursor) {
  uint64_t ahead = cursor.row_count - cursor.position;
  if (cursor.complete || cursor.row_count < kRememberedRows || cursor.position > cursor.row_count || ahead > cursor.chunk->size()) return;
  cursor.chunk_at = cursor.chunk->size() - ahead;
  cursor.remembers = false;
  cursor.rows.clear();
  cursor.row_count = 0;
}

void Session::Core::keep_all_rows(Portal& cursor) { keep_more_rows(cursor, UINT64_MAX); }

void Session::Core::hold_cursor(Portal& cursor) {
  need_worker();
  if (cursor.remembers) {
    cursor.remembers = false;
    cursor.scrollable = true;
  }
  if (!cursor.scrollable) {
    // The rows given so far are gone; what is kept begins behind them.
    if (cursor.chunk != nullptr && cursor.chunk_at < cursor.chunk->size()) {
      size_t left = cursor.chunk->size() - cursor.chunk_at;
      copy_rows(*cursor.chunk, cursor.chunk_at, left, cursor.kept_width(), cursor.rows);
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
  bool kept = cursor.scrollable || cursor.held || cursor.remembers;
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
      note_current(cursor, *cursor.chunk, cursor.chunk_at + step - 1);
      cursor.chunk_at += step;
      cursor.position += step;
    }
    if (cursor.complete && (skip + want) > 0) {
      cursor.current.clear();
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
    if (cursor.held && !cursor.scrollable && (count < 0 || (one && from <= position && position > 0))) throw_forward_only();
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
    cursor.current.clear();
    if (position > static_cast<int64_t>(cursor.base) && position < end()) {
      uint64_t row = static_cast<uint64_t>(position) - 1 - cursor.base;
      note_current(cursor, *cursor.rows[row / vector::kMaxChunkRows], row % vector::kMaxChunkRows);
    }
    if (cursor.remembers) forget_rows(cursor);
  }
  out.tag = fmt::format("{} {}", statement.ismove ? "MOVE" : "FETCH", given);
}

// The query with the identity of its tables' rows behind its columns; null where it has none.
const ast::SelectStmt* Session::Core::with_row_ids(const ast::SelectStmt& select, Portal& cursor) {
  bool plain = select.op == ast::SetOperation::None && select.values_lists.empty() && !select.distinct && select.group_clause.empty() &&
               select.having_clause == nullptr && select.into_clause == nullptr && select.window_clause.empty();
  if (!plain || select.from_clause.empty()) return nullptr;
  catalog::VersionPtr now = version();
  analyzer::AnalyzerContext context = analyzer_context(*now, {});
  auto names_cte = [&](std::string_view name) {
    if (select.with_clause == nullptr) return false;
    const auto& ctes = select.with_clause->ctes;
    return std::any_of(ctes.begin(), ctes.end(), [&](const auto* cte) { return cte->ctename == name; });
  };
  Arena& arena = cursor.arena;
  std::vector<ast::ResTarget*> targets(select.target_list.begin(), select.target_list.end());
  auto add = [&](std::string_view alias, std::string_view column) {
    auto* ref = arena.make<ast::ColumnRef>();
    std::string_view fields[] = {arena.copy(alias), column};
    ref->fields = arena.copy(std::span<const std::string_view>(fields));
    auto* target = arena.make<ast::ResTarget>();
    target->val = ref;
    targets.push_back(target);
  };
  for (const ast::Node* node : select.from_clause) {
    auto* range = ast::node_cast<ast::RangeVar>(node);
    if (range == nullptr || (range->schemaname.empty() && names_cte(range->relname))) continue;
    auto relation = now->relation(analyzer::find_relation(context, *range, true));
    if (relation == nullptr || (relation->relkind != 'r' && relation->relkind != 'p') || relation->oid < kFirstNormalOid) continue;
    std::string_view alias = range->alias != nullptr ? range->alias->aliasname : range->relname;
    bool locked = false;
    for (const auto* lock : select.locking_clause) {
      const auto& named = lock->locked_rels;
      locked = locked || named.empty() || std::any_of(named.begin(), named.end(), [&](const auto* name) { return name->relname == alias; });
    }
    cursor.sources.push_back({relation->oid, 0, 0, locked});
    add(alias, "ctid");
    add(alias, "tableoid");
  }
  if (cursor.sources.empty()) return nullptr;
  cursor.simple_scan = select.from_clause.size() == 1 && select.sort_clause.empty();
  auto* extended = arena.make<ast::SelectStmt>(select);
  extended->target_list = arena.copy(std::span<ast::ResTarget* const>(targets));
  return extended;
}

void Session::Core::note_current(Portal& cursor, const vector::Chunk& chunk, size_t row) {
  cursor.current.clear();
  size_t first = cursor.columns.size();
  for (size_t i = 0; i < cursor.sources.size(); ++i) {
    Value id = chunk.column(first + 2 * i).get(row);
    Value table = chunk.column(first + 2 * i + 1).get(row);
    cursor.current.emplace_back(table.is_null ? kInvalidOid : table.oid(), id.is_null ? 0 : static_cast<uint64_t>(id.i64));
  }
}

// The row (or its table) that WHERE CURRENT OF means; for a row of no table null.
Value Session::Core::current_of(std::string_view name, Oid relation, bool table) {
  auto at = portals_.find(name);
  if (at == portals_.end()) throw SqlError(Sqlstate::UndefinedCursor, fmt::format("cursor \"{}\" does not exist", name));
  const Portal& cursor = *at->second;
  auto fail = [&](std::string text) { throw SqlError(Sqlstate::InvalidCursorState, fmt::format("cursor \"{}\" {}", name, text)); };
  if (!cursor.is_cursor || cursor.plan == nullptr) fail("is not a SELECT query");
  if (cursor.held) fail("is held from a previous transaction");
  auto found = version()->relation(relation);
  std::string table_name = found == nullptr ? std::string() : found->name;
  bool locks = std::any_of(cursor.sources.begin(), cursor.sources.end(), [](const auto& source) { return source.locked; });
  size_t source = cursor.sources.size(), matches = 0;
  for (size_t i = 0; i < cursor.sources.size(); ++i) {
    if (cursor.sources[i].relation != relation || (locks && !cursor.sources[i].locked)) continue;
    source = i;
    ++matches;
  }
  if (locks && matches == 0) fail(fmt::format("does not have a FOR UPDATE/SHARE reference to table \"{}\"", table_name));
  if (locks && matches > 1) fail(fmt::format("has multiple FOR UPDATE/SHARE references to table \"{}\"", table_name));
  if (matches != 1 || (!locks && !cursor.simple_scan)) fail(fmt::format("is not a simply updatable scan of table \"{}\"", table_name));
  if (cursor.current.size() != cursor.sources.size()) fail("is not positioned on a row");
  auto [current_table, row] = cursor.current[source];
  if (current_table == kInvalidOid || row == 0) return Value::null();
  return table ? Value::of_oid(current_table) : Value::of_i64(static_cast<int64_t>(row));
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
