#include "rewrite.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "definition.h"
#include "index.h"
#include "objects.h"
#include "sql_scan.h"
#include "view.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

// Fills a table that has no indexes yet: the first rows one by one, the rest straight into segments, so that memory does
// not grow with the table.
class Refill {
 public:
  Refill(CommandContext& context, std::shared_ptr<storage::Table> table) : context_(context), table_(std::move(table)) {}

  void append(const vector::Chunk& rows) {
    rows_ += rows.size();
    if (rows_ > kLoadFromRows && !asked_) begin_load();
    if (!load_) {
      table_->insert(context_.transaction().context(), {}, rows);
      return;
    }
    for (size_t from = 0; from < rows.size();) {
      if (pending_rows_ == load_->part_rows()) flush();
      if (pending_.empty() || pending_.back().size() == vector::kMaxChunkRows) {
        vector::Chunk& fresh = pending_.emplace_back();
        for (size_t c = 0; c < rows.column_count(); ++c) fresh.add_column(rows.column(c).type(), rows.column(c).physical());
        fresh.reset();
      }
      size_t before = pending_.back().size();
      from += pending_.back().append(rows, from);
      pending_rows_ += pending_.back().size() - before;
    }
  }
  void finish() {
    if (!load_) return;
    flush();
    load_->finish([](size_t, std::string_view, RowId) {});
  }

 private:
  static constexpr size_t kLoadFromRows = 20'000;

  void begin_load() {
    asked_ = true;
    load_ = context_.engine().begin_load(context_.transaction().context(), table_->id(), {});
  }
  void flush() {
    if (pending_rows_ > 0) load_->add(load_->encode(load_->reserve(), pending_));
    pending_.clear();
    pending_rows_ = 0;
  }

  CommandContext& context_;
  std::shared_ptr<storage::Table> table_;
  std::unique_ptr<storage::BulkLoad> load_;
  bool asked_ = false;
  uint64_t rows_ = 0;
  std::vector<vector::Chunk> pending_;
  size_t pending_rows_ = 0;
};

// The rows of a table, as stored or as an index has them.
class RowSource {
 public:
  RowSource(CommandContext& context, const catalog::Relation& table, const catalog::Index* order)
      : table_(context.engine().table(table.storage)), snapshot_(context.transaction().take_latest_snapshot()), state_{RowId(1), table_->end_row()} {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      columns_.push_back(static_cast<uint32_t>(i));
      fetched_.add_column(table.columns[i].type.oid);
    }
    auto index = order == nullptr ? nullptr : context.engine().index(order->storage);
    if (index == nullptr) return;
    definition_ = index->definition();
    cursor_ = index->scan({}, storage::ScanDirection::Forward);
  }

  bool next(vector::Chunk& rows) {
    if (cursor_ == nullptr) return table_->scan(*snapshot_, columns_, state_, rows, ids_);
    std::vector<storage::IndexEntry> entries(vector::kMaxChunkRows);
    size_t count = cursor_->next(entries);
    if (count == 0) return false;
    ids_.clear();
    for (size_t i = 0; i < count; ++i) ids_.push_back(entries[i].row);
    std::vector<uint32_t> found;
    table_->fetch(*snapshot_, ids_, columns_, fetched_, found);
    compute_keys(fetched_);
    // A row has an entry for each key that it had; the present one counts.
    present_.clear();
    for (size_t i = 0; i < fetched_.size(); ++i) {
      if (keys_.keys[i] == entries[found[i]].key) present_.push_back(static_cast<uint32_t>(i));
    }
    rows.slice_of(fetched_, present_.data(), present_.size());
    return true;
  }

 private:
  void compute_keys(const vector::Chunk& rows) {
    keys_.clear();
    if (!definition_.compute) return storage::encode_keys(rows, definition_.columns, keys_);
    vector::Chunk inputs;
    for (uint32_t column : definition_.inputs) {
      inputs.add_column(rows.column(column).type(), rows.column(column).physical());
      inputs.column(inputs.column_count() - 1).reference(rows.column(column));
    }
    inputs.set_size(rows.size());
    definition_.compute(inputs, keys_);
  }

  std::shared_ptr<storage::Table> table_;
  txn::SnapshotHandle snapshot_;
  storage::ScanState state_;
  std::vector<uint32_t> columns_;
  std::vector<RowId> ids_;
  storage::IndexDefinition definition_;
  std::unique_ptr<storage::IndexCursor> cursor_;
  storage::KeyBatch keys_;
  vector::Chunk fetched_;
  std::vector<uint32_t> present_;
};

}  // namespace

void rewrite_table(CommandContext& context, const catalog::Relation& old_table, const std::shared_ptr<catalog::Relation>& new_table,
                   std::vector<plan::ExprPtr> computed, const catalog::Index* order) {
  if (new_table->is_partitioned()) return context.catalog_changes().put(std::make_shared<catalog::Relation>(*new_table));
  auto& txn = context.transaction().context();
  auto& engine = context.engine();
  new_table->storage = TableId(context.catalog().allocate_oid());
  auto target = engine.create_table(txn, new_table->storage, storage_schema(*new_table, *context.catalog_version()));
  computed.resize(new_table->columns.size());
  std::vector<std::unique_ptr<executor::RowEvaluator>> evaluators;
  for (const auto& expr : computed) {
    evaluators.push_back(expr ? std::make_unique<executor::RowEvaluator>(*expr, context.types(), context.services()) : nullptr);
  }
  Refill refill(context, target);
  vector::Chunk rows, out;
  for (const auto& column : old_table.columns) rows.add_column(column.type.oid);
  for (const auto& column : new_table->columns) out.add_column(column.type.oid);
  RowSource source(context, old_table, order);
  while (source.next(rows)) {
    if (rows.empty()) continue;
    context.transaction().backend().check_interrupts();
    for (size_t i = 0; i < out.column_count(); ++i) {
      if (evaluators[i] != nullptr) {
        out.column(i).reference(evaluators[i]->evaluate(rows));
      } else if (i < rows.column_count() && !new_table->columns[i].dropped) {
        out.column(i).reference(rows.column(i));
      } else {
        out.column(i).set_constant_null();
      }
    }
    out.set_size(rows.size());
    refill.append(out);
  }
  refill.finish();
  engine.drop_table(txn, old_table.storage);
  context.catalog_changes().put(std::make_shared<catalog::Relation>(*new_table));
  auto version = context.catalog_version();
  for (const auto& index : version->indexes_of(*new_table)) rebuild_index(context, *new_table, *index);
}

// ---- Views ----
namespace {

plan::BoundQuery bind_view(CommandContext& context, const catalog::Relation& view, const std::string& sql, const catalog::Version& version) {
  auto base = context.analyzer_context(version);
  analyzer::AnalyzerContext analysis{base.catalog, base.database, view.view_search_path, base.role, base.types, sql, base.temp_schema};
  auto parsed = parser::parse(sql);
  std::vector<types::Type> parameters;
  return analyzer::analyze(analysis, *parsed.statements.at(0).stmt, parameters);
}

bool same_meaning(const plan::BoundQuery& a, const plan::BoundQuery& b) {
  bool same = std::equal(a.output.begin(), a.output.end(), b.output.begin(), b.output.end(), [](const auto& x, const auto& y) {
    return x.type == y.type && x.table_oid == y.table_oid && x.attribute_number == y.attribute_number;
  });
  if (!same) return false;
  auto sorted = [](const plan::BoundQuery& query) {
    auto list = analyzer::dependencies_of(query);
    std::sort(list.begin(), list.end(), [](const auto& x, const auto& y) { return std::pair(x.object, x.column) < std::pair(y.object, y.column); });
    return list;
  };
  return sorted(a) == sorted(b);
}

struct Edit {
  size_t start, stop;
  std::string text;
};

std::string apply_edits(const std::string& sql, const std::vector<Edit>& edits) {
  std::string out;
  size_t at = 0;
  for (const auto& edit : edits) {
    out += sql.substr(at, edit.start - at) + edit.text;
    at = edit.stop;
  }
  return out + sql.substr(at);
}

// A relation named in FROM: its name changes and the old one becomes its alias.
void edit_relation(const std::vector<SqlWord>& words, size_t i, const ViewKeeper::Renaming& renaming, std::vector<Edit>& edits) {
  size_t first = i;
  if (i >= 2 && words[i - 1].is(".")) {
    if (!words[i - 2].is_name() || words[i - 2].text != renaming.old_schema) return;
    first = i - 2;
  }
  if (first == 0) return;
  const auto& before = words[first - 1];
  bool in_from = before.is("from") || before.is("join") || before.is("only");
  if (before.is(",")) {
    // A list in FROM, or one of expressions: the nearest clause word at this depth tells.
    for (size_t k = first - 1; k-- > 0;) {
      if (words[k].depth < before.depth) break;
      if (words[k].depth > before.depth || words[k].kind != SqlWord::Kind::Word) continue;
      if (words[k].is("from")) in_from = true;
      if (words[k].is("from") || words[k].is("select") || words[k].is("by") || words[k].is("where")) break;
    }
  }
  if (before.is("(") && first >= 2) in_from = in_from || words[first - 2].is("from") || words[first - 2].is("join");
  if (!in_from) return;
  static constexpr std::string_view kNoAlias[] = {"where", "join", "left", "right", "full", "inner", "cross", "natural", "on", "using",
                                                  "group", "order", "having", "limit", "offset", "union", "intersect", "except", "window",
                                                  "for", "fetch", "tablesample"};
  bool alias = i + 1 < words.size() && words[i + 1].is_name() &&
               (words[i + 1].kind == SqlWord::Kind::Quoted || std::find(std::begin(kNoAlias), std::end(kNoAlias), words[i + 1].text) == std::end(kNoAlias));
  edits.push_back({words[first].start, words[i].stop, renaming.to + (alias ? "" : " AS " + functions::quote_identifier(renaming.from))});
}

std::string rewritten(const std::string& sql, const ViewKeeper::Renaming& renaming) {
  auto words = scan_sql(sql);
  std::vector<Edit> edits;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words[i].is_name() || words[i].text != renaming.from) continue;
    bool called = i + 1 < words.size() && words[i + 1].is("(");
    switch (renaming.kind) {
      case ViewKeeper::Renaming::Kind::Relation: edit_relation(words, i, renaming, edits); break;
      case ViewKeeper::Renaming::Kind::Column:
        if (!called && !(i > 0 && words[i - 1].is("as"))) edits.push_back({words[i].start, words[i].stop, renaming.to});
        break;
      case ViewKeeper::Renaming::Kind::Schema:
        if (i + 1 < words.size() && words[i + 1].is(".")) edits.push_back({words[i].start, words[i].stop, renaming.to});
        break;
    }
  }
  return apply_edits(sql, edits);
}

}  // namespace

void ViewKeeper::remember(Oid relation) {
  auto version = context_.catalog_version();
  for (const auto& dependent : version->dependents(relation)) {
    auto view = version->relation(dependent.object->oid);
    if (view == nullptr || !view->is_view()) continue;
    auto same = [&](const View& other) { return other.view->oid == view->oid; };
    if (std::any_of(views_.begin(), views_.end(), same)) continue;
    context_.lock_relation(view->oid, txn::LockMode::AccessExclusive);
    auto context = context_.analyzer_context(*version);
    context.search_path = view->view_search_path;
    views_.push_back({view, bind_view(context_, *view, view->view_sql, *version), analyzer::view_text(context, *view, false)});
  }
}

// Gives the view that text if it means the same.
bool ViewKeeper::keeps(const View& view, const std::string& sql) {
  auto version = context_.catalog_version();
  try {
    if (!same_meaning(bind_view(context_, *view.view, sql, *version), view.bound)) return false;
  } catch (const SqlError&) {
    return false;
  }
  auto changed = copy_of(version->relation(view.view->oid));
  changed->view_sql = sql;
  context_.catalog_changes().put(changed);
  return true;
}

void ViewKeeper::update_for_column() {
  for (const auto& view : views_) {
    if (!has_star(view.view->view_sql) && keeps(view, view.view->view_sql)) continue;
    if (keeps(view, view.full)) continue;
    throw_not_supported("adding a column to a table that view \"" + view.view->name + "\" reads as it does");
  }
}

void ViewKeeper::update(const Renaming& renaming) {
  for (const auto& view : views_) {
    const std::string& sql = view.view->view_sql;
    if (keeps(view, sql) || keeps(view, rewritten(sql, renaming)) || keeps(view, rewritten(view.full, renaming))) continue;
    throw_not_supported("renaming what view \"" + view.view->name + "\" uses");
  }
}

// ---- Texts of tables ----

void DefinitionKeeper::remember(const catalog::Relation& table) {
  using analyzer::DefinitionKind;
  using Part = Text::Part;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    if (column.dropped || column.default_sql.empty()) continue;
    auto kind = column.generated ? DefinitionKind::Generated : DefinitionKind::Default;
    texts_.push_back({table.oid, Part::Default, i, define_sql(context_, column.default_sql, &table, {}, kind).expr});
    // A bare literal takes its type from the column.
    auto typed = define_sql(context_, column.default_sql, &table, column.type, kind);
    if (typed.expr->kind == plan::ExprKind::Constant) texts_.back().expr = std::move(typed.expr);
  }
  for (size_t i = 0; i < table.constraints.size(); ++i) {
    if (table.constraints[i].kind != 'c') continue;
    texts_.push_back({table.oid, Part::Check, i, define_sql(context_, table.constraints[i].check_sql, &table, {oid::kBool}, DefinitionKind::Check).expr});
  }
  for (size_t i = 0; i < table.partition_key.columns.size(); ++i) {
    const auto& key = table.partition_key.columns[i];
    if (key.column < 0) texts_.push_back({table.oid, Part::PartitionKey, i, define_sql(context_, key.sql, &table, {}, DefinitionKind::PartitionKey).expr});
  }
  auto version = context_.catalog_version();
  for (const auto& dependent : version->dependents(table.oid)) {
    bool seen = std::any_of(texts_.begin(), texts_.end(), [&](const Text& text) { return text.object == dependent.object->oid; });
    if (dependent.object->kind == catalog::ObjectKind::PublicationTable && !seen) {
      const auto& member = static_cast<const catalog::PublicationTable&>(*dependent.object);
      if (!member.where_sql.empty()) texts_.push_back({member.oid, Part::Check, 0, define_sql(context_, member.where_sql, &table, {oid::kBool}, DefinitionKind::Check).expr});
      continue;
    }
    if (dependent.object->kind != catalog::ObjectKind::Statistics || seen) continue;
    const auto& statistics = static_cast<const catalog::Statistics&>(*dependent.object);
    for (size_t i = 0; i < statistics.expressions.size(); ++i) {
      texts_.push_back({statistics.oid, Part::Statistics, i, define_sql(context_, statistics.expressions[i], &table, {}, DefinitionKind::Statistics).expr});
    }
  }
  for (const auto& index : version->indexes_of(table)) {
    for (size_t i = 0; i < index->columns.size(); ++i) {
      if (index->columns[i].column >= 0) continue;
      texts_.push_back({index->oid, Part::IndexKey, i, define_sql(context_, index->columns[i].sql, &table, {}, DefinitionKind::IndexExpression).expr});
    }
    if (index->predicate_sql.empty()) continue;
    texts_.push_back({index->oid, Part::IndexPredicate, 0,
                      define_sql(context_, index->predicate_sql, &table, {oid::kBool}, DefinitionKind::IndexPredicate).expr});
  }
}

void DefinitionKeeper::update() {
  using Part = Text::Part;
  for (const auto& text : texts_) {
    auto version = context_.catalog_version();
    auto changed = clone_object(*version->find(text.object));
    if (auto* statistics = dynamic_cast<catalog::Statistics*>(changed.get())) {
      statistics->expressions[text.number] = definition_text(context_, *text.expr, version->relation(statistics->table).get());
    } else if (auto* member = dynamic_cast<catalog::PublicationTable*>(changed.get())) {
      member->where_sql = definition_text(context_, *text.expr, version->relation(member->table).get());
    } else if (auto* index = dynamic_cast<catalog::Index*>(changed.get())) {
      auto table = version->relation(index->table);
      std::string sql = definition_text(context_, *text.expr, table.get());
      (text.part == Part::IndexKey ? index->columns[text.number].sql : index->predicate_sql) = sql;
    } else {
      auto& table = static_cast<catalog::Relation&>(*changed);
      std::string sql = definition_text(context_, *text.expr, &table);
      (text.part == Part::Default        ? table.columns[text.number].default_sql
       : text.part == Part::PartitionKey ? table.partition_key.columns[text.number].sql
                                         : table.constraints[text.number].check_sql) = sql;
    }
    context_.catalog_changes().put(changed);
  }
}

}  // namespace aegis::commands
