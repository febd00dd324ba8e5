#include "write/partition/router.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/catalog/catalog_functions.h"
#include "aegis/storage/table.h"

namespace aegis::executor {

namespace {

void append_value(const Value& value, Oid type, const types::TypeContext& types, std::string& out) {
  if (value.is_null) out += "null";
  else types::type_info(type).output(types, value, type, out);
}

}  // namespace

Chunk row_chunk(const catalog::Relation& table) {
  Chunk chunk;
  for (const auto& column : table.columns) chunk.add_column(column.type.oid);
  chunk.reset();
  return chunk;
}

uint64_t PartitionKeyReader::Hasher::hash(Oid function, const Value& value) {
  Value arguments[] = {Value::of_oid(function), value}, hash;
  if (!services_.catalog_function("hash_partition_value", arguments, arena_, hash)) throw InternalError("a partition key's hash function is not known");
  arena_.reset();
  return static_cast<uint64_t>(hash.i64);
}

PartitionKeyReader::PartitionKeyReader(const catalog::Relation& parent, const catalog::Relation& rows_of, const ExecutionContext& context)
    : hasher_(context.services) {
  EvaluationContext evaluation{context.types, context.services, &context.parameters, nullptr};
  for (const auto& key : parent.partition_key.columns) {
    plan::ExprPtr expr;
    int column = -1;
    if (key.column >= 0) {
      column = parent.oid == rows_of.oid ? key.column : rows_of.find_column(parent.columns[static_cast<size_t>(key.column)].name);
      AEGIS_CHECK(column >= 0);
      used_.push_back(static_cast<uint32_t>(column));
    } else {
      // Columns have the same names in all tables of the family.
      analyzer::AnalyzerContext analysis{*context.catalog, context.database, context.search_path, kInvalidOid, context.types, {}, context.temp_schema};
      expr = analyzer::analyze_definition_sql(analysis, key.sql, &rows_of, {}, analyzer::DefinitionKind::PartitionKey);
      plan::walk(*expr, [&](const plan::Expr& part) {
        if (part.kind == plan::ExprKind::Input) used_.push_back(part.index);
        return true;
      });
    }
    columns_.push_back(column);
    evaluators_.push_back(expr == nullptr ? nullptr : std::make_unique<ExpressionEvaluator>(*expr, evaluation));
    exprs_.push_back(std::move(expr));
  }
  computed_.resize(columns_.size());
  values_.resize(columns_.size());
}

bool PartitionKeyReader::uses(const std::vector<uint32_t>& columns) const {
  return std::any_of(used_.begin(), used_.end(), [&](uint32_t column) { return std::find(columns.begin(), columns.end(), column) != columns.end(); });
}

void PartitionKeyReader::start(const Chunk& rows) {
  started_ = &rows;
  for (size_t i = 0; i < columns_.size(); ++i) computed_[i] = nullptr;
}

std::span<const Value> PartitionKeyReader::read(const Chunk& rows, size_t row) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] >= 0) {
      values_[i] = rows.column(static_cast<size_t>(columns_[i])).get(row);
      continue;
    }
    if (computed_[i] == nullptr) computed_[i] = &evaluators_[i]->evaluate(rows);
    values_[i] = computed_[i]->get(row);
  }
  return values_;
}

PartitionMembership::PartitionMembership(const catalog::Relation& partition, const ExecutionContext& context, Oid root) {
  Oid child = partition.oid;
  for (auto at = context.catalog->relation(partition.oid); at != nullptr && at->is_partition() && !at->parents.empty();) {
    auto parent = context.catalog->relation(at->parents[0].relation);
    if (parent == nullptr) break;
    auto map = context.catalog->partitions(*parent);
    const auto& parts = map->parts();
    auto found = std::find_if(parts.begin(), parts.end(), [&](const auto& part) { return part->oid == child; });
    if (found == parts.end()) break;
    auto level = std::make_unique<Level>(Level{map, static_cast<int>(found - parts.begin()), PartitionKeyReader(*parent, partition, context)});
    levels_.push_back(std::move(level));
    if (child == root) break;
    child = parent->oid;
    at = parent;
  }
}

void PartitionMembership::start(const Chunk& rows) {
  for (auto& level : levels_) level->key.start(rows);
}

bool PartitionMembership::belongs(const Chunk& rows, size_t row) {
  return std::all_of(levels_.begin(), levels_.end(), [&](auto& level) { return level->key.route(*level->map, rows, row) == level->part; });
}

bool PartitionMembership::concerns(const std::vector<uint32_t>& columns) const {
  return std::any_of(levels_.begin(), levels_.end(), [&](const auto& level) { return level->key.uses(columns); });
}

struct PartitionRouter::Level {
  Level(catalog::RelationPtr t, const catalog::Relation& root, const ExecutionContext& context)
      : table(std::move(t)), map(context.catalog->partitions(*table)), key(*table, root, context), targets(map->parts().size(), kUnknown) {}
  static constexpr int kUnknown = INT32_MIN;
  catalog::RelationPtr table;
  std::shared_ptr<const catalog::PartitionMap> map;
  PartitionKeyReader key;
  std::vector<int> targets;  // by part: a leaf's number, or -1 - a level's number
};

PartitionRouter::PartitionRouter(catalog::RelationPtr root, const ExecutionContext& context) : root_(std::move(root)), context_(context) {
  levels_.push_back(std::make_unique<Level>(root_, *root_, context_));
  if (root_->is_partition()) own_ = std::make_unique<PartitionMembership>(*root_, context_);
}

PartitionRouter::~PartitionRouter() = default;

uint32_t PartitionRouter::leaf_of(const catalog::RelationPtr& table) {
  auto leaf = std::make_unique<Leaf>();
  leaf->table = table;
  leaf->same = catalog::same_columns(*root_, *table);
  leaf->from_root = catalog::match_columns(*table, *root_);
  leaves_.push_back(std::move(leaf));
  return static_cast<uint32_t>(leaves_.size() - 1);
}

void PartitionRouter::route(const Chunk& rows, std::vector<uint32_t>& leaves) {
  leaves.clear();
  for (auto& level : levels_) level->key.start(rows);
  if (own_) own_->start(rows);
  for (size_t row = 0; row < rows.size(); ++row) {
    if (own_ && !own_->belongs(rows, row)) {
      std::string values;
      for (size_t i = 0; i < root_->columns.size(); ++i) {
        if (root_->columns[i].dropped) continue;
        if (!values.empty()) values += ", ";
        append_value(rows.column(i).get(row), root_->columns[i].type.oid, context_.types, values);
      }
      throw SqlError(Sqlstate::CheckViolation, "new row for relation \"" + root_->name + "\" violates partition constraint")
          .detail("Failing row contains (" + values + ").");
    }
    size_t at = 0;
    while (true) {
      Level& level = *levels_[at];
      int part = level.key.route(*level.map, rows, row);
      if (part < 0) throw_no_partition(level, rows, row);
      int& target = level.targets[static_cast<size_t>(part)];
      if (target == Level::kUnknown) {
        const auto& table = level.map->parts()[static_cast<size_t>(part)];
        auto newest = context_.catalog->relation(table->oid);
        if (newest == nullptr) newest = table;
        if (newest->is_partitioned()) {
          int number = -1 - static_cast<int>(levels_.size());
          target = number;
          levels_.push_back(std::make_unique<Level>(newest, *root_, context_));
          levels_.back()->key.start(rows);
          at = static_cast<size_t>(-1 - number);
          continue;
        }
        target = static_cast<int>(leaf_of(newest));
      }
      if (target >= 0) {
        leaves.push_back(static_cast<uint32_t>(target));
        break;
      }
      at = static_cast<size_t>(-1 - target);
    }
  }
}

void PartitionRouter::throw_no_partition(Level& level, const Chunk& rows, size_t row) {
  auto key = level.key.read(rows, row);
  std::string values;
  for (size_t i = 0; i < key.size(); ++i) {
    if (i > 0) values += ", ";
    append_value(key[i], level.table->partition_key.columns[i].type.oid, context_.types, values);
  }
  auto schema = context_.catalog->schema(level.table->schema);
  throw SqlError(Sqlstate::CheckViolation, "no partition of relation \"" + level.table->name + "\" found for row")
      .detail("Partition key of the failing row contains " + 
              catalog::visible_sql(*context_.catalog, context_.database, context_.search_path, catalog::partition_key_text(*level.table, true)) + " = (" + values + ").")
      .schema(schema == nullptr ? "" : schema->name)
      .table(level.table->name);
}

void PartitionRouter::convert(const Leaf& leaf, const Chunk& rows, const std::vector<uint32_t>& selection, Chunk& out) {
  bool all = selection.size() == rows.size();
  for (size_t i = 0; i < leaf.from_root.size(); ++i) {
    int from = leaf.same ? static_cast<int>(i) : leaf.from_root[i];
    if (from < 0) out.column(i).set_constant_null();
    else if (all) out.column(i).reference(rows.column(static_cast<size_t>(from)));
    else out.column(i).slice(rows.column(static_cast<size_t>(from)), selection.data(), selection.size());
  }
  out.set_size(selection.size());
}

bool has_misplaced_row(const std::shared_ptr<const catalog::Relation>& table, const ExecutionContext& context, Oid root) {
  auto stored = context.engine.table(table->storage);
  if (stored == nullptr) return false;
  PartitionMembership membership(*table, context);
  (void)root;
  std::vector<uint32_t> all;
  for (size_t i = 0; i < table->columns.size(); ++i) all.push_back(static_cast<uint32_t>(i));
  Chunk rows = row_chunk(*table);
  std::vector<RowId> ids;
  storage::ScanState state{RowId(1), stored->end_row()};
  while (stored->scan(context.snapshot, all, state, rows, ids)) {
    context.transaction.backend().check_interrupts();
    membership.start(rows);
    for (size_t row = 0; row < rows.size(); ++row) {
      if (!membership.belongs(rows, row)) return true;
    }
  }
  return false;
}

}  // namespace aegis::executor
