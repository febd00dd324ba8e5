#include "engine/segment_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/base/log.h"

namespace aegis::storage {
namespace {

constexpr size_t kGroupsPerFile = 16;

bool is_all_null(std::span<const vector::Chunk> chunks, size_t column) {
  return std::all_of(chunks.begin(), chunks.end(), [&](const vector::Chunk& chunk) {
    return chunk.column(column).is_constant() && chunk.column(column).is_null(0);
  });
}

// Gives a column of chunks of any size as blocks of one size.
class BlockCutter {
 public:
  BlockCutter(GroupEncoder& encoder, PhysicalType type, size_t block_rows)
      : encoder_(encoder), block_rows_(block_rows), block_(kInvalidOid, type) {
    block_.reset();
  }

  void add(const vector::Vector& values, size_t count) {
    if (filled_ == 0 && count == block_rows_ && values.form() == vector::Vector::Form::Flat) {
      return encoder_.add_block(values, count);
    }
    std::vector<uint32_t> selection;
    for (size_t from = 0; from < count;) {
      size_t part = std::min(count - from, block_rows_ - filled_);
      selection.clear();
      for (size_t i = 0; i < part; ++i) selection.push_back(static_cast<uint32_t>(from + i));
      block_.copy(values, selection.data(), part, filled_);
      filled_ += part;
      from += part;
      if (filled_ == block_rows_) flush();
    }
  }
  void flush() {
    if (filled_ == 0) return;
    encoder_.add_block(block_, filled_);
    block_.reset();
    filled_ = 0;
  }

 private:
  GroupEncoder& encoder_;
  const size_t block_rows_;
  vector::Vector block_;
  size_t filled_ = 0;
};

}  // namespace

SegmentLoad::SegmentLoad(MemoryEngine& engine, TxnContext& txn, std::shared_ptr<MemoryTable> table,
                         std::vector<LoadIndex> indexes)
    : engine_(engine), txn_(txn), table_(std::move(table)), options_(table_->segment_options()),
      layout_(table_->layout()), sync_(engine.option(&EngineOptions::fsync)) {
  if (options_.values != nullptr) values_ = std::make_unique<ValueWriter>(*options_.values);
  for (const LoadIndex& how : indexes) {
    auto index = std::static_pointer_cast<MemoryIndex>(how.index);
    size_t budget = index->sort_bytes() / indexes.size();
    indexes_.push_back(std::make_unique<IndexLoad>(std::move(index), how, budget));
  }
}

SegmentLoad::~SegmentLoad() {
  if (writer_ == nullptr) return;
  writer_.reset();
  try {
    engine_.files_.remove(engine_.path(file_));
  } catch (const StorageError& error) {
    log_line(LogLevel::Warning, error.what());  // the next checkpoint removes it
  }
  forget_file();
}

std::unique_ptr<BulkLoad::Part> SegmentLoad::encode(RowId first, std::span<const vector::Chunk> rows) const {
  auto part = std::make_unique<EncodedPart>();
  GroupInfo info;
  info.number = first.value / options_.group_rows;
  for (const vector::Chunk& chunk : rows) info.row_count += static_cast<uint32_t>(chunk.size());
  info.end = info.row_count;
  AEGIS_CHECK(info.end <= options_.group_rows);
  GroupEncoder encoder(info, options_, values_.get());
  for (size_t c = 0; c < layout_.column_count(); ++c) {
    PhysicalType type = layout_.columns[c].type;
    if (layout_.columns[c].dropped || is_all_null(rows, c)) {
      encoder.add_null_chunk(type);
      continue;
    }
    encoder.begin_chunk(type, layout_.columns[c].compression);
    BlockCutter cutter(encoder, type, options_.block_rows);
    for (const vector::Chunk& chunk : rows) cutter.add(chunk.column(c), chunk.size());
    cutter.flush();
  }
  part->group = encoder.take();
  for (const auto& index : indexes_) part->keys.push_back(index->make(first.value, rows));
  return part;
}

void SegmentLoad::begin_file() {
  {
    std::lock_guard guard(engine_.loading_mutex_);
    file_ = fmt::format("{}/{}-{}.seg", table_->folder("seg"), table_->id().value, engine_.next_segment_.fetch_add(1));
    engine_.loading_files_.insert(file_);
  }
  try {
    writer_ = std::make_unique<SegmentWriter>(engine_.files_, engine_.path(file_), table_->id().value, options_);
  } catch (...) {
    forget_file();
    throw;
  }
}

void SegmentLoad::forget_file() {
  std::lock_guard guard(engine_.loading_mutex_);
  engine_.loading_files_.erase(file_);
}

void SegmentLoad::add(std::unique_ptr<Part> base) {
  auto& part = static_cast<EncodedPart&>(*base);
  if (part.group.info.row_count == 0) return;
  any_ = true;
  if (writer_ == nullptr) begin_file();
  writer_->add_group(std::move(part.group));
  for (size_t i = 0; i < indexes_.size(); ++i) indexes_[i]->add(std::move(part.keys[i]));
  if (writer_->group_count() == kGroupsPerFile) finish_file();
}

void SegmentLoad::finish_file() {
  if (writer_ == nullptr) return;
  // Those of parts that come later, too; nothing refers to them yet.
  if (values_) values_->flush(sync_);
  writer_->finish(sync_);
  auto file = SegmentFile::open(engine_.files_, engine_.pool_, engine_.path(file_), options_.values);
  std::vector<std::shared_ptr<RowGroup>> groups;
  for (size_t i = 0; i < file->footer().groups.size(); ++i) {
    groups.push_back(std::make_shared<RowGroup>(file, i, kTxnBit | txn_.id.value, txn_.command));
  }
  table_->add_loaded(txn_, groups);
  writer_.reset();
  forget_file();
}

void SegmentLoad::finish(const Suspect& suspect) {
  finish_file();
  if (!any_) return;
  if (sync_) engine_.files_.sync_directory(engine_.path(table_->folder("seg")));
  // All indexes have the entries before any is looked at.
  for (auto& index : indexes_) {
    index->finish();
    if (!index->has_entries()) continue;
    WriteEntry entry{.kind = WriteKind::LoadIndex};
    entry.object = txn_.writes->index_files.size();
    txn_.writes->index_files.push_back({index->index(), index->publish()});
    txn_.writes->add(entry, nullptr);
  }
  for (size_t i = 0; i < indexes_.size(); ++i) {
    indexes_[i]->find_suspects([&](std::string_view key, RowId row) { suspect(i, key, row); });
  }
}

std::unique_ptr<BulkLoad> MemoryEngine::begin_load(TxnContext& txn, TableId id, std::vector<LoadIndex> indexes) {
  auto table = memory_table(id);
  AEGIS_CHECK(table != nullptr);
  if (!logging_ || !table->logged()) return nullptr;
  bool on_disk = std::all_of(indexes.begin(), indexes.end(), [](const LoadIndex& how) {
    return static_cast<const MemoryIndex&>(*how.index).on_disk();
  });
  if (!on_disk) return nullptr;
  return std::make_unique<SegmentLoad>(*this, txn, std::move(table), std::move(indexes));
}

void MemoryEngine::undo_load(MemoryTable& table, uint64_t number) {
  bool last = false;
  std::string name;
  {
    auto group = table.groups().find(number);
    if (group == nullptr) return;
    name = group->file().path().substr(directory_.size() + 1);
  }
  {
    std::lock_guard guard(loading_mutex_);
    loading_files_.insert(name);
  }
  table.remove_loaded(number, last);
  // With a broken log the commit may be on disk all the same, and recovery will want the file.
  if (last && !log_->is_broken()) {
    try {
      files_.remove(path(name));
    } catch (const StorageError& error) {
      log_line(LogLevel::Warning, error.what());  // the next checkpoint removes it
    }
  }
  std::lock_guard guard(loading_mutex_);
  loading_files_.erase(name);
}

}  // namespace aegis::storage
