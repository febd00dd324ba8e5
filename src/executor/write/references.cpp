#include "write/references.h"

#include <algorithm>
#include <unordered_map>

#include "aegis/functions/collation_key.h"
#include "aegis/types/collation.h"
#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "aegis/functions/inverted.h"
#include "operators/scans.h"
#include "write/partition/routed_writer.h"
#include "write/triggers.h"
#include "write/writer.h"

namespace aegis::executor {
namespace {

// The key of a row as bytes that are equal for equal values, on either side of the foreign key: integers of every width
// are written as int8. Empty when a part is null.
// `collations`, if given, are the referenced columns': keys of what is not deterministic are collation keys.
std::string reference_key(const catalog::Relation& relation, const std::vector<int>& columns, const Chunk& rows, size_t row,
                          const std::vector<Oid>* collations = nullptr, const types::TypeContext* types = nullptr) {
  std::string key;
  for (size_t i = 0; i < columns.size(); ++i) {
    int column = columns[i];
    Value value = rows.column(column).get(row);
    if (value.is_null) return {};
    storage::KeyColumn how;
    if (collations != nullptr && !types::is_deterministic((*collations)[i])) {
      std::string bytes = functions::collation_key(value, relation.columns[column].type, (*collations)[i], *types);
      storage::set_key_type(how, types::oid::kBytea);
      storage::append_key(key, how, Value::of_string(bytes));
      continue;
    }
    Oid type = relation.columns[column].type.oid;
    if (!storage::set_key_type(how, type)) throw_not_supported("a foreign key on type " + types::format_type({type}));
    if (how.kind == storage::KeyKind::Signed) {
      if (how.type == types::PhysicalType::Int16) value = Value::of_i64(value.i16);
      if (how.type == types::PhysicalType::Int32) value = Value::of_i64(value.i32);
      how.type = types::PhysicalType::Int64;
    }
    storage::append_key(key, how, value);
  }
  return key;
}

bool has_null(const std::vector<int>& columns, const Chunk& rows, size_t row, bool* all) {
  bool any = false;
  *all = true;
  for (int column : columns) {
    bool null = rows.column(column).is_null(row);
    any = any || null;
    *all = *all && null;
  }
  return any;
}

std::vector<Oid> collations_of(const catalog::Relation& relation, const std::vector<int>& columns) {
  std::vector<Oid> collations;
  for (int column : columns) collations.push_back(relation.columns[static_cast<size_t>(column)].collation);
  return collations;
}

// Finds rows of a table by the values of some columns: by an index that begins with them, or by a scan.
class RowFinder {
 public:
  // `collations`: the referenced columns'.
  RowFinder(const catalog::Relation& relation, const std::vector<int>& columns, const ExecutionContext& context, std::vector<Oid> collations)
      : relation_(relation), columns_(columns), context_(context), table_(context.engine.table(relation.storage)), collations_(std::move(collations)) {
    if (!std::all_of(collations_.begin(), collations_.end(), types::is_deterministic)) return;
    for (const auto& index : context.catalog->indexes_of(relation)) {
      if (!index->predicate_sql.empty() || functions::is_inverted_method(index->method) || index->method == "brin" || index->columns.size() < columns.size()) continue;
      std::vector<int> order;
      for (size_t i = 0; i < columns.size(); ++i) {
        auto at = std::find(columns.begin(), columns.end(), index->columns[i].column);
        if (at == columns.end()) break;
        order.push_back(static_cast<int>(at - columns.begin()));
      }
      bool by_bytes = std::all_of(index->columns.begin(), index->columns.end(), [](const auto& key) { return types::is_deterministic(key.collation); });
      if (order.size() != columns.size() || !by_bytes) continue;
      index_ = index;
      order_ = order;
      break;
    }
  }

  // Rows whose columns equal those of `key_columns` in row `row` of `keys` (of relation `key_relation`), as `snapshot`
  // sees them now.
  std::vector<RowId> find(const storage::Snapshot& snapshot, const catalog::Relation& key_relation, const std::vector<int>& key_columns, const Chunk& keys,
                          size_t row) {
    std::string wanted = reference_key(key_relation, key_columns, keys, row, &collations_, &context_.types);
    if (wanted.empty()) return {};
    std::vector<RowId> candidates;
    if (index_ != nullptr && index_candidates(keys, key_relation, key_columns, row, candidates)) return matching(snapshot, candidates, wanted);
    return scan(snapshot, wanted);
  }

 private:
  bool index_candidates(const Chunk& keys, const catalog::Relation& key_relation, const std::vector<int>& key_columns, size_t row, std::vector<RowId>& out) {
    auto index = context_.engine.index(index_->storage);
    if (index == nullptr) return false;
    std::string prefix;
    for (size_t i = 0; i < order_.size(); ++i) {
      auto how = index_key_column(*index_, relation_, i);
      Value value = keys.column(key_columns[order_[i]]).get(row);
      Oid from = key_relation.columns[key_columns[order_[i]]].type.oid;
      if (!convert(value, types::physical_type(from), how.type)) return false;
      storage::append_key(prefix, how, value);
    }
    storage::KeyRange range;
    range.lower = prefix;
    std::string end = prefix;
    if (storage::prefix_successor(end)) {
      range.upper = end;
      range.upper_inclusive = false;
    }
    auto cursor = index->scan(std::move(range), storage::ScanDirection::Forward);
    std::vector<storage::IndexEntry> entries(256);
    while (size_t count = cursor->next(entries)) {
      for (size_t i = 0; i < count; ++i) out.push_back(entries[i].row);
    }
    return true;
  }

  // Integers change their width if they fit; a value that does not fit is found by no index entry.
  static bool convert(Value& value, types::PhysicalType from, types::PhysicalType to) {
    using P = types::PhysicalType;
    if (from == to) return true;
    auto is_integer = [](P type) { return type == P::Int16 || type == P::Int32 || type == P::Int64; };
    if (!is_integer(from) || !is_integer(to)) return false;
    int64_t number = from == P::Int16 ? value.i16 : from == P::Int32 ? value.i32 : value.i64;
    if (to == P::Int16) {
      if (number != static_cast<int16_t>(number)) return false;
      value = Value::of_i16(static_cast<int16_t>(number));
    } else if (to == P::Int32) {
      if (number != static_cast<int32_t>(number)) return false;
      value = Value::of_i32(static_cast<int32_t>(number));
    } else {
      value = Value::of_i64(number);
    }
    return true;
  }

  Chunk make_chunk() const {
    Chunk chunk;
    for (const auto& column : relation_.columns) chunk.add_column(column.type.oid);
    return chunk;
  }

  std::vector<RowId> matching(const storage::Snapshot& snapshot, const std::vector<RowId>& candidates, const std::string& wanted) {
    std::vector<RowId> result;
    std::vector<uint32_t> all;
    for (size_t i = 0; i < relation_.columns.size(); ++i) all.push_back(static_cast<uint32_t>(i));
    Chunk rows = make_chunk();
    std::vector<uint32_t> found;
    for (size_t from = 0; from < candidates.size(); from += vector::kMaxChunkRows) {
      size_t count = std::min(vector::kMaxChunkRows, candidates.size() - from);
      table_->fetch(snapshot, std::span(candidates).subspan(from, count), all, rows, found);
      for (size_t i = 0; i < rows.size(); ++i) {
        RowId id = candidates[from + found[i]];
        if (reference_key(relation_, columns_, rows, i, &collations_, &context_.types) == wanted && std::find(result.begin(), result.end(), id) == result.end()) result.push_back(id);
      }
    }
    return result;
  }

  std::vector<RowId> scan(const storage::Snapshot& snapshot, const std::string& wanted) {
    // One pass over the table serves all the keys of a statement.
    if (!scanned_) {
      scanned_ = true;
      std::vector<uint32_t> all;
      for (size_t i = 0; i < relation_.columns.size(); ++i) all.push_back(static_cast<uint32_t>(i));
      Chunk rows = make_chunk();
      std::vector<RowId> ids;
      storage::ScanState state{RowId(1), table_->end_row()};
      while (table_->scan(snapshot, all, state, rows, ids)) {
        context_.transaction.backend().check_interrupts();
        for (size_t i = 0; i < rows.size(); ++i) {
          std::string key = reference_key(relation_, columns_, rows, i, &collations_, &context_.types);
          if (!key.empty()) by_key_[key].push_back(ids[i]);
        }
      }
    }
    auto found = by_key_.find(wanted);
    if (found == by_key_.end()) return {};
    return matching(snapshot, found->second, wanted);
  }

  const catalog::Relation& relation_;
  const std::vector<int>& columns_;
  const ExecutionContext& context_;
  std::shared_ptr<storage::Table> table_;
  std::vector<Oid> collations_;
  catalog::IndexPtr index_;
  std::vector<int> order_;  // index column i is columns_[order_[i]]
  bool scanned_ = false;
  std::unordered_map<std::string, std::vector<RowId>> by_key_;
};

// The tables with the rows of a table that may be partitioned, each with what finds rows by some of its columns.
class FamilyFinder {
 public:
  FamilyFinder(const catalog::RelationPtr& table, const std::vector<int>& columns, const ExecutionContext& context) {
    if (!table->is_partitioned()) {
      add(table, columns, context);
      return;
    }
    for (const auto& part : context.catalog->family(table->oid)) {
      if (!part->is_table()) continue;
      std::vector<int> map = catalog::match_columns(*table, *part);
      std::vector<int> own;
      for (int column : columns) own.push_back(map[static_cast<size_t>(column)]);
      add(part, own, context);
    }
  }
  struct Member {
    catalog::RelationPtr table;
    std::vector<int> columns;
    std::unique_ptr<RowFinder> finder;
    std::unique_ptr<RowWriter> writer;  // made when rows are to be locked
  };
  std::vector<std::unique_ptr<Member>>& members() { return members_; }
  bool finds(const storage::Snapshot& snapshot, const catalog::Relation& key_relation, const std::vector<int>& key_columns, const Chunk& keys, size_t row) {
    return std::any_of(members_.begin(), members_.end(),
                       [&](auto& member) { return !member->finder->find(snapshot, key_relation, key_columns, keys, row).empty(); });
  }

 private:
  void add(const catalog::RelationPtr& table, const std::vector<int>& columns, const ExecutionContext& context) {
    auto member = std::make_unique<Member>();
    member->table = table;
    member->columns = columns;
    member->finder = std::make_unique<RowFinder>(*member->table, member->columns, context, collations_of(*table, columns));
    members_.push_back(std::move(member));
  }
  std::vector<std::unique_ptr<Member>> members_;
};

// Past this a statement forgets which keys it has seen.
constexpr size_t kMaxSeenBytes = 32 << 20;

constexpr int kMaxActionDepth = 100;
thread_local int action_depth = 0;

struct DepthGuard {
  DepthGuard() {
    if (++action_depth > kMaxActionDepth) {
      --action_depth;
      throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded").hint("Foreign key actions form a chain that is too long.");
    }
  }
  ~DepthGuard() { --action_depth; }
};

// Where a key of a partition was declared: its topmost table.
struct Declared {
  catalog::RelationPtr table;
  const catalog::Constraint* constraint;
};

Declared declared_of(const catalog::Version& version, catalog::RelationPtr table, const catalog::Constraint& constraint) {
  Declared found{std::move(table), &constraint};
  for (bool climbed = true; climbed && found.constraint->parent != kInvalidOid;) {
    climbed = false;
    for (const auto& parent : found.table->parents) {
      auto above = version.relation(parent.relation);
      if (above == nullptr) continue;
      for (const auto& candidate : above->constraints) {
        if (candidate.oid != found.constraint->parent) continue;
        found = {above, &candidate};
        climbed = true;
        break;
      }
      if (climbed) break;
    }
  }
  return found;
}

}  // namespace

ReferenceChecks::ReferenceChecks(catalog::RelationPtr relation, const ExecutionContext& context) : relation_(std::move(relation)), context_(context) {
  for (const auto& constraint : relation_->constraints) {
    if (constraint.kind == 'f') outgoing_.push_back({.constraint = &constraint, .rows = {}});
  }
  // Keys that refer to a partitioned table above concern its partitions' rows.
  for (auto at = relation_; at != nullptr;) {
    std::vector<int> map = catalog::match_columns(*at, *relation_);
    for (auto& reference : context.catalog->referencing(at->oid)) {
      if (reference.table->is_partitioned()) continue;  // its partitions have the key as well
      std::vector<int> columns;
      for (int column : reference.constraint->foreign_key.referenced_columns) columns.push_back(map[static_cast<size_t>(column)]);
      incoming_.push_back({reference.table, reference.constraint, at, std::move(columns), {}, {}, {}});
    }
    at = at->is_partition() && !at->parents.empty() ? context.catalog->relation(at->parents[0].relation) : nullptr;
  }
}

bool ReferenceChecks::concerns(const std::vector<uint32_t>& columns) const {
  auto changed = [&](int column) { return std::find(columns.begin(), columns.end(), static_cast<uint32_t>(column)) != columns.end(); };
  for (const auto& outgoing : outgoing_) {
    if (std::any_of(outgoing.constraint->columns.begin(), outgoing.constraint->columns.end(), changed)) return true;
  }
  for (const auto& incoming : incoming_) {
    const auto& referenced = incoming.referenced_columns;
    if (std::any_of(referenced.begin(), referenced.end(), changed)) return true;
  }
  return false;
}

void ReferenceChecks::note_columns(std::vector<bool>& columns) const {
  for (const auto& outgoing : outgoing_) {
    for (int column : outgoing.constraint->columns) columns[static_cast<size_t>(column)] = true;
  }
  for (const auto& incoming : incoming_) {
    for (int column : incoming.referenced_columns) columns[static_cast<size_t>(column)] = true;
  }
}

void ReferenceChecks::inserted(const Chunk& rows) {
  for (auto& outgoing : outgoing_) add(outgoing, rows);
}

// Whether a key is there is asked of keys, not of rows (still_there, too), so equal ones are asked for once.
void ReferenceChecks::add(Outgoing& outgoing, const Chunk& rows) {
  const auto& constraint = *outgoing.constraint;
  uint32_t selection[vector::kMaxChunkRows];
  size_t count = 0;
  for (size_t row = 0; row < rows.size(); ++row) {
    std::string key = reference_key(*relation_, constraint.columns, rows, row);
    bool wanted = constraint.foreign_key.match == 'f';
    if (!key.empty()) {
      size_t size = key.size();
      wanted = outgoing.seen.insert(std::move(key)).second;
      if (wanted) outgoing.seen_bytes += size + 64;
    }
    if (wanted) selection[count++] = static_cast<uint32_t>(row);
  }
  if (outgoing.seen_bytes > kMaxSeenBytes) {
    outgoing.seen.clear();
    outgoing.seen_bytes = 0;
  }
  if (count == 0) return;
  if (count == rows.size()) return outgoing.rows.append(rows);
  Chunk some;
  for (size_t c = 0; c < rows.column_count(); ++c) some.add_column(rows.column(c).type(), rows.column(c).physical());
  some.slice_of(rows, selection, count);
  outgoing.rows.append(some);
}

void ReferenceChecks::deleted(const Chunk& old_row) {
  for (auto& incoming : incoming_) incoming.deleted.append(old_row);
}

void ReferenceChecks::updated(const Chunk& old_row, const Chunk& new_row, const std::vector<uint32_t>&) {
  for (auto& outgoing : outgoing_) {
    const auto& columns = outgoing.constraint->columns;
    if (reference_key(*relation_, columns, old_row, 0) != reference_key(*relation_, columns, new_row, 0)) outgoing.rows.append(new_row);
  }
  for (auto& incoming : incoming_) {
    const auto& columns = incoming.referenced_columns;
    if (reference_key(*relation_, columns, old_row, 0) == reference_key(*relation_, columns, new_row, 0)) continue;
    incoming.updated_old.append(old_row);
    incoming.updated_new.append(new_row);
  }
}

void ReferenceChecks::moved(const Chunk& old_row, const Chunk& new_row) {
  for (auto& incoming : incoming_) {
    const auto& columns = incoming.referenced_columns;
    if (incoming.referenced->oid == relation_->oid) {
      incoming.deleted.append(old_row);
    } else if (reference_key(*relation_, columns, old_row, 0) != reference_key(*relation_, columns, new_row, 0)) {
      incoming.updated_old.append(old_row);
      incoming.updated_new.append(new_row);
    }
  }
}

void ReferenceChecks::finish() {
  DepthGuard guard;
  for (auto& incoming : incoming_) {
    const auto& key = incoming.constraint->foreign_key;
    bool deferred = is_deferred(*incoming.constraint);
    if (deferred && key.on_delete == 'a') defer(DeferredWork::Kind::ReferredRows, *incoming.constraint, incoming.deleted);
    if (deferred && key.on_update == 'a') {
      defer(DeferredWork::Kind::ReferredRows, *incoming.constraint, incoming.updated_old);
      incoming.updated_new.clear();
    }
    if (incoming.deleted.row_count() > 0) act(incoming, incoming.deleted, nullptr, key.on_delete);
    if (incoming.updated_old.row_count() > 0) act(incoming, incoming.updated_old, &incoming.updated_new, key.on_update);
    incoming.deleted.clear();
    incoming.updated_old.clear();
    incoming.updated_new.clear();
  }
  for (auto& outgoing : outgoing_) {
    if (is_deferred(*outgoing.constraint)) defer(DeferredWork::Kind::ReferringRows, *outgoing.constraint, outgoing.rows);
    check_outgoing(outgoing);
  }
}

bool ReferenceChecks::is_deferred(const catalog::Constraint& constraint) const {
  return constraint.deferrable && context_.deferred != nullptr &&
         context_.deferred->is_deferred({constraint.oid, constraint.deferrable, constraint.initially_deferred});
}

void ReferenceChecks::defer(DeferredWork::Kind kind, const catalog::Constraint& constraint, ChunkList& rows) {
  if (rows.row_count() == 0) return;
  DeferredWork::Item item{kind, {constraint.oid, constraint.deferrable, constraint.initially_deferred}, relation_->oid, kInvalidOid, {}, {}, 0, nullptr, nullptr};
  for (size_t i = 0; i < rows.chunk_count(); ++i) {
    auto copy = std::make_shared<Chunk>();
    for (size_t c = 0; c < rows.chunk(i).column_count(); ++c) copy->add_column(rows.chunk(i).column(c).type(), rows.chunk(i).column(c).physical());
    copy->reset();
    copy->append(rows.chunk(i));
    item.rows.push_back(std::move(copy));
  }
  context_.deferred->add(context_.transaction, std::move(item));
  rows.clear();
}

void ReferenceChecks::check_deferred(const DeferredWork::Item& item) {
  DepthGuard guard;
  for (auto& outgoing : outgoing_) {
    if (item.kind != DeferredWork::Kind::ReferringRows || outgoing.constraint->oid != item.constraint.oid) continue;
    for (const auto& rows : item.rows) outgoing.rows.append(*rows);
    check_outgoing(outgoing);
  }
  for (auto& incoming : incoming_) {
    if (item.kind != DeferredWork::Kind::ReferredRows || incoming.constraint->oid != item.constraint.oid) continue;
    for (const auto& rows : item.rows) incoming.deleted.append(*rows);
    act(incoming, incoming.deleted, nullptr, 'a');
    incoming.deleted.clear();
  }
}

bool ReferenceChecks::still_there(const catalog::Constraint& constraint, const Chunk& rows, size_t row) {
  auto snapshot = context_.transaction.take_latest_snapshot();
  bool all_null = false;
  if (!has_null(constraint.columns, rows, row, &all_null)) {
    return !RowFinder(*relation_, constraint.columns, context_, collations_of(*relation_, constraint.columns)).find(*snapshot, *relation_, constraint.columns, rows, row).empty();
  }
  auto table = context_.engine.table(relation_->storage);
  std::vector<uint32_t> all;
  Chunk found;
  for (size_t i = 0; i < relation_->columns.size(); ++i) {
    all.push_back(static_cast<uint32_t>(i));
    found.add_column(relation_->columns[i].type.oid);
  }
  std::vector<RowId> ids;
  storage::ScanState state{RowId(1), table->end_row()};
  while (table->scan(*snapshot, all, state, found, ids)) {
    for (size_t i = 0; i < found.size(); ++i) {
      if (has_null(constraint.columns, found, i, &all_null) && !all_null) return true;
    }
  }
  return false;
}

void ReferenceChecks::check_outgoing(Outgoing& outgoing) {
  if (outgoing.rows.row_count() == 0) return;
  const auto& constraint = *outgoing.constraint;
  const auto& key = constraint.foreign_key;
  auto referenced = context_.catalog->relation(key.referenced);
  if (referenced == nullptr) return;
  FamilyFinder family(referenced, key.referenced_columns, context_);
  for (size_t c = 0; c < outgoing.rows.chunk_count(); ++c) {
    const Chunk& rows = outgoing.rows.chunk(c);
    for (size_t row = 0; row < rows.size(); ++row) {
      context_.transaction.backend().check_interrupts();
      bool all_null = false;
      if (has_null(constraint.columns, rows, row, &all_null)) {
        if (key.match == 'f' && !all_null && still_there(constraint, rows, row)) {
          throw SqlError(Sqlstate::ForeignKeyViolation, "insert or update on table \"" + relation_->name + "\" violates foreign key constraint \"" +
                                                            constraint.name + "\"")
              .detail("MATCH FULL does not allow mixing of null and nonnull key values.")
              .table(relation_->name)
              .constraint(constraint.name);
        }
        continue;
      }
      bool found = false;
      for (int attempt = 0; attempt < 3 && !found; ++attempt) {
        auto snapshot = context_.transaction.take_latest_snapshot();
        for (auto& member : family.members()) {
          if (found) break;
          for (RowId id : member->finder->find(*snapshot, *relation_, constraint.columns, rows, row)) {
            // The row must stay until we commit. One that was deleted or changed meanwhile is looked for anew.
            bool skipped;
            if (member->writer == nullptr) member->writer = std::make_unique<RowWriter>(member->table, context_, nullptr);
            auto outcome = member->writer->lock(*snapshot, id, storage::RowLockMode::KeyShare, plan::LockWait::Block, &skipped);
            found = found || outcome == RowWriter::Outcome::Done || outcome == RowWriter::Outcome::Own;
          }
        }
      }
      // Triggers may have changed the row since.
      if (found || !still_there(constraint, rows, row)) continue;
      auto schema = context_.catalog->schema(relation_->schema);
      throw SqlError(Sqlstate::ForeignKeyViolation, "insert or update on table \"" + relation_->name + "\" violates foreign key constraint \"" +
                                                        constraint.name + "\"")
          .detail(key_text(*relation_, constraint.columns, rows, row, context_.types) + " is not present in table \"" + referenced->name + "\".")
          .schema(schema == nullptr ? std::string() : schema->name)
          .table(relation_->name)
          .constraint(constraint.name);
    }
  }
  outgoing.rows.clear();
  outgoing.seen.clear();
  outgoing.seen_bytes = 0;
}

void ReferenceChecks::set_converted(Vector& target, const Vector& source, size_t row) {
  using P = types::PhysicalType;
  Value value = source.get(row);
  if (target.physical() == source.physical() || value.is_null) return target.set(0, value);
  int64_t number = source.physical() == P::Int16 ? value.i16 : source.physical() == P::Int32 ? value.i32 : value.i64;
  bool fits = target.physical() == P::Int64 || (target.physical() == P::Int32 && number == static_cast<int32_t>(number)) ||
              (target.physical() == P::Int16 && number == static_cast<int16_t>(number));
  if (!fits) throw SqlError(Sqlstate::NumericValueOutOfRange, target.physical() == P::Int16 ? "smallint out of range" : "integer out of range");
  if (target.physical() == P::Int64) return target.set(0, Value::of_i64(number));
  if (target.physical() == P::Int32) return target.set(0, Value::of_i32(static_cast<int32_t>(number)));
  target.set(0, Value::of_i16(static_cast<int16_t>(number)));
}

Value ReferenceChecks::default_value(const catalog::Relation& relation, int number, Arena& arena) const {
  const auto& column = relation.columns[number];
  if (column.default_sql.empty()) return Value::null();
  analyzer::AnalyzerContext analysis{*context_.catalog, context_.database, context_.search_path, kInvalidOid, context_.types, {}, context_.temp_schema};
  auto expr = analyzer::analyze_definition_sql(analysis, column.default_sql, nullptr, column.type, analyzer::DefinitionKind::Default);
  return evaluate_constant(*expr, context_.types, context_.services, arena);
}

void ReferenceChecks::act(Incoming& incoming, const ChunkList& old_rows, const ChunkList* new_rows, char action) {
  const auto& constraint = *incoming.constraint;
  const auto& key = constraint.foreign_key;
  const auto& referenced = incoming.referenced_columns;
  RowFinder finder(*incoming.table, constraint.columns, context_, collations_of(*incoming.referenced, key.referenced_columns));
  FamilyFinder replacement(incoming.referenced, key.referenced_columns, context_);
  RowWriter writer(incoming.table, context_, nullptr);
  // Rows of partitions may have to move.
  std::unique_ptr<RoutedWriter> routed;
  catalog::RelationPtr root = incoming.table;
  while (root->is_partition() && !root->parents.empty()) root = context_.catalog->relation(root->parents[0].relation);
  if (root->oid != incoming.table->oid) {
    routed = std::make_unique<RoutedWriter>(root, context_);
    writer.set_routed(root);
  }
  Declared declared = declared_of(*context_.catalog, incoming.table, constraint);
  bool writes = action == 'c' || action == 'n' || action == 'd';
  if (writes) writer.triggers().before_statement(action == 'c' && new_rows == nullptr ? catalog::kTriggerDelete : catalog::kTriggerUpdate);
  for (size_t c = 0; c < old_rows.chunk_count(); ++c) {
    const Chunk& rows = old_rows.chunk(c);
    for (size_t row = 0; row < rows.size(); ++row) {
      context_.transaction.backend().check_interrupts();
      auto snapshot = context_.transaction.take_latest_snapshot();
      auto ids = finder.find(*snapshot, *relation_, referenced, rows, row);
      if (ids.empty()) continue;
      if (action == 'a' || action == 'r') {
        // NO ACTION is content when another row has the key by now.
        if (action == 'a' && replacement.finds(*snapshot, *relation_, referenced, rows, row)) continue;
        auto schema = context_.catalog->schema(declared.table->schema);
        throw SqlError(Sqlstate::ForeignKeyViolation, "update or delete on table \"" + relation_->name + "\" violates foreign key constraint \"" +
                                                          declared.constraint->name + "\" on table \"" + declared.table->name + "\"")
            .detail(key_text(*relation_, referenced, rows, row, context_.types) + " is still referenced from table \"" + declared.table->name + "\".")
            .schema(schema == nullptr ? std::string() : schema->name)
            .table(declared.table->name)
            .constraint(declared.constraint->name);
      }
      for (RowId id : ids) {
        Chunk old_row;
        if (!writer.fetch_latest(id, old_row)) continue;
        auto latest = context_.transaction.take_latest_snapshot();
        if (action == 'c' && new_rows == nullptr) {
          if (writer.triggers().before_delete(old_row)) writer.remove(*latest, id, old_row, 0);
          continue;
        }
        Chunk new_row = writer.make_row_chunk();
        new_row.append(old_row);
        std::vector<uint32_t> changed;
        for (size_t k = 0; k < constraint.columns.size(); ++k) {
          int column = constraint.columns[k];
          bool listed = key.delete_set_columns.empty() || new_rows != nullptr ||
                        std::find(key.delete_set_columns.begin(), key.delete_set_columns.end(), column) != key.delete_set_columns.end();
          if (!listed) continue;
          changed.push_back(static_cast<uint32_t>(column));
          if (action == 'c') {
            set_converted(new_row.column(column), new_rows->chunk(c).column(referenced[k]), row);
          } else if (action == 'n') {
            new_row.column(column).set_null(0);
          } else {
            int same = declared.table->find_column(incoming.table->columns[column].name);
            new_row.column(column).set(0, default_value(*declared.table, same, new_row.column(column).heap()));
          }
        }
        std::vector<uint32_t> assigned = changed;
        if (!writer.triggers().before_update(old_row, new_row, assigned, changed)) continue;
        if (!writer.stays(new_row)) {
          if (!writer.triggers().before_delete(old_row)) continue;
          if (writer.move_out(*latest, id, old_row, new_row) == RowWriter::Outcome::Done) routed->insert_row(*incoming.table, new_row);
          continue;
        }
        writer.check(new_row);
        writer.update(*latest, id, old_row, new_row, 0, changed);
      }
    }
  }
  if (routed) routed->finish();
  writer.finish();
  // A default that is the old key leaves the row as it is, so nothing has looked for the key.
  if (action == 'd') act(incoming, old_rows, nullptr, 'a');
}

}  // namespace aegis::executor
