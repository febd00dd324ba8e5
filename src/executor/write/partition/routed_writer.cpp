#include "write/partition/routed_writer.h"

#include "write/triggers.h"
#include "write/write_operator.h"

namespace aegis::executor {

RoutedWriter::RoutedWriter(catalog::RelationPtr root, const ExecutionContext& context) : root_(root), context_(context), router_(std::move(root), context) {}
RoutedWriter::~RoutedWriter() = default;

RowWriter& RoutedWriter::writer(uint32_t leaf) {
  if (writers_.size() <= leaf) writers_.resize(leaf + 1);
  if (writers_[leaf] == nullptr) {
    writers_[leaf] = std::make_unique<RowWriter>(router_.leaf(leaf).table, context_, nullptr);
    writers_[leaf]->set_routed(root_);
    if (collector_ != nullptr) writers_[leaf]->triggers().collect_in(*collector_);
  }
  return *writers_[leaf];
}

bool RoutedWriter::insert_one(uint32_t leaf, Chunk& row, bool moved) {
  RowWriter& target = writer(leaf);
  if (target.triggers().has(catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerInsert)) {
    if (!target.triggers().before_insert(row)) return false;
    target.check_still_here(row);
  }
  target.check(row);
  target.insert(row, moved);
  return true;
}

void RoutedWriter::insert(const Chunk& rows) {
  router_.route(rows, leaves_);
  // Rows of one partition together, unless triggers could tell.
  std::vector<std::vector<uint32_t>> groups(router_.leaf_count());
  for (uint32_t row = 0; row < leaves_.size(); ++row) groups[leaves_[row]].push_back(row);
  for (uint32_t leaf = 0; leaf < groups.size(); ++leaf) {
    if (groups[leaf].empty()) continue;
    RowWriter& target = writer(leaf);
    Chunk converted = target.make_row_chunk();
    PartitionRouter::convert(router_.leaf(leaf), rows, groups[leaf], converted);
    if (target.triggers().has(catalog::kTriggerRow | catalog::kTriggerBefore | catalog::kTriggerInsert)) {
      for (size_t row = 0; row < converted.size(); ++row) {
        Chunk one = copy_row(converted, row);
        insert_one(leaf, one);
      }
      continue;
    }
    target.check(converted);
    target.insert_many(converted);
  }
}

Oid RoutedWriter::insert_row(const catalog::Relation& from, Chunk& row, bool moved) {
  std::vector<uint32_t> only{0};
  Chunk in_root = row_chunk(*root_);
  std::vector<int> of_root = catalog::match_columns(*root_, from);
  for (size_t i = 0; i < of_root.size(); ++i) {
    if (of_root[i] < 0) in_root.column(i).set_constant_null();
    else in_root.column(i).reference(row.column(static_cast<size_t>(of_root[i])));
  }
  in_root.set_size(1);
  router_.route(in_root, leaves_);
  uint32_t leaf = leaves_[0];
  Chunk converted = writer(leaf).make_row_chunk();
  PartitionRouter::convert(router_.leaf(leaf), in_root, only, converted);
  Chunk one = copy_row(converted, 0);
  if (!insert_one(leaf, one, moved)) return kInvalidOid;
  const auto& target = *router_.leaf(leaf).table;
  std::vector<int> back = catalog::match_columns(from, target);
  Chunk written = row_chunk(from);
  for (size_t i = 0; i < back.size(); ++i) written.column(i).set(0, back[i] < 0 ? Value::null() : one.column(static_cast<size_t>(back[i])).get(0));
  written.set_size(1);
  row = std::move(written);
  return target.oid;
}

void RoutedWriter::finish() {
  for (auto& writer : writers_) {
    if (writer) writer->finish();
  }
}

}  // namespace aegis::executor
