#include "engine/redo.h"

#include <unordered_set>

#include "aegis/base/error.h"
#include "coding.h"
#include "table/memory_table.h"

namespace aegis::storage {
namespace {

void put_op(std::string& out, RedoOp op) { out.push_back(static_cast<char>(op)); }

class RowEncoder {
 public:
  RowEncoder(TxnId txn, BatchBuilder& out) : tag_(kTxnBit | txn.value), out_(out) {}

  void encode(const WriteEntry& entry) {
    MemoryTable& table = *entry.table;
    switch (entry.kind) {
      case WriteKind::Insert:
        for (uint64_t row = entry.row; row < entry.row + entry.count; ++row) put_head(table, row);
        break;
      case WriteKind::Update:
      case WriteKind::Delete:
        // A later entry of the same row logs it.
        if (table.head(RowId(entry.row)) == entry.version) put_head(table, entry.row);
        break;
      default: break;
    }
  }

 private:
  // The row's final state, of which nobody but this transaction can be the maker.
  void put_head(MemoryTable& table, uint64_t row) {
    const Version* head = table.head(RowId(row));
    if (head == nullptr || head->begin.load(std::memory_order_relaxed) != tag_) return;
    std::string& out = out_.next();
    if (table_ != &table) {
      put_op(out, RedoOp::Table);
      put_varint(out, table.id().value);
      table_ = &table;
    }
    put_op(out, head->is_tombstone() ? RedoOp::Remove : RedoOp::Put);
    put_varint(out, zigzag(static_cast<int64_t>(row - last_row_)));
    last_row_ = row;
    if (head->is_tombstone()) return;
    tuple_.clear();
    encode_tuple(tuple_, table.layout(), *head);
    put_bytes(out, tuple_);
  }

  uint64_t tag_;
  BatchBuilder& out_;
  const MemoryTable* table_ = nullptr;
  uint64_t last_row_ = 0;
  std::string tuple_;
};

ColumnSchema column_schema(const Layout::Column& column) {
  ColumnSchema schema;
  schema.type = column.type;
  schema.dropped = column.dropped;
  schema.compression = column.compression;
  if (!column.missing_null) schema.missing = types::load_slot(column.type, column.missing);
  return schema;
}

void encode_object(const WriteEntry& entry, const WriteSet& writes, BatchBuilder& out) {
  switch (entry.kind) {
    case WriteKind::CreateTable: {
      std::string& record = out.next();
      if (entry.table->folder().empty()) {
        put_op(record, RedoOp::CreateTable);
      } else {
        put_op(record, RedoOp::CreateTableIn);
        put_bytes(record, entry.table->folder());
      }
      put_varint(record, entry.table->id().value);
      put_varint(record, entry.layout->column_count());
      for (const auto& column : entry.layout->columns) encode_column(record, column_schema(column));
      break;
    }
    case WriteKind::DropTable:
      put_op(out.next(), RedoOp::DropTable);
      put_varint(out.next(), entry.table->id().value);
      break;
    case WriteKind::AddColumn: {
      std::string& record = out.next();
      put_op(record, RedoOp::AddColumn);
      put_varint(record, entry.table->id().value);
      put_varint(record, entry.row);
      encode_column(record, column_schema(entry.table->layout().columns[entry.row]));
      break;
    }
    case WriteKind::DropColumn: {
      std::string& record = out.next();
      put_op(record, RedoOp::DropColumn);
      put_varint(record, entry.table->id().value);
      put_varint(record, entry.row);
      break;
    }
    case WriteKind::SetCompression: {
      const auto& columns = entry.table->layout().columns;
      std::string& record = out.next();
      put_op(record, RedoOp::SetCompression);
      put_varint(record, entry.table->id().value);
      put_varint(record, columns.size());
      for (const auto& column : columns) record.push_back(static_cast<char>(column.compression));
      break;
    }
    case WriteKind::PutMetadata: {
      const WriteSet::Metadata& item = writes.metadata[entry.object];
      encode_put_metadata(out.next(), item.kind, item.key, item.bytes);
      break;
    }
    case WriteKind::RemoveMetadata: {
      const WriteSet::Metadata& item = writes.metadata[entry.object];
      std::string& record = out.next();
      put_op(record, RedoOp::RemoveMetadata);
      put_varint(record, item.kind);
      put_bytes(record, item.key);
      break;
    }
    default: break;
  }
}

// Row groups of one file go into one operation.
class LoadEncoder {
 public:
  LoadEncoder(const std::string& directory, BatchBuilder& out) : directory_(directory), out_(out) {}
  ~LoadEncoder() { finish(); }

  void encode(const WriteEntry& entry) {
    const RowGroup* group = entry.table->groups().find(entry.row);
    AEGIS_CHECK(group != nullptr);
    if (file_ != &group->file()) finish();
    file_ = &group->file();
    table_ = entry.table->id();
    groups_.push_back(group->index());
  }

 private:
  void finish() {
    if (file_ == nullptr) return;
    std::string& record = out_.next();
    put_op(record, RedoOp::Load);
    put_varint(record, table_.value);
    put_bytes(record, std::string_view(file_->path()).substr(directory_.size() + 1));
    put_varint(record, groups_.size());
    for (uint64_t group : groups_) put_varint(record, group);
    groups_.clear();
    file_ = nullptr;
  }

  const std::string& directory_;
  BatchBuilder& out_;
  const SegmentFile* file_ = nullptr;
  TableId table_;
  std::vector<uint64_t> groups_;
};

bool is_metadata(WriteKind kind) { return kind == WriteKind::PutMetadata || kind == WriteKind::RemoveMetadata; }

}  // namespace

void encode_column(std::string& out, const ColumnSchema& column) {
  out.push_back(static_cast<char>(column.type));
  out.push_back(static_cast<char>((column.dropped ? 1 : 0) | (column.missing.is_null ? 0 : 2) |
                                  static_cast<int>(column.compression) << 2));
  if (!column.missing.is_null) encode_value(out, column.type, column.missing.slot);
}

bool decode_column(std::string_view& in, ColumnSchema& column) {
  uint8_t type, flags;
  if (!get_fixed(in, type) || !get_fixed(in, flags)) return false;
  if (type > static_cast<uint8_t>(PhysicalType::String)) return false;
  column.type = static_cast<PhysicalType>(type);
  column.dropped = (flags & 1) != 0;
  column.compression = static_cast<ColumnCompression>(flags >> 2 & 3);
  column.missing = types::Value();
  if ((flags & 2) == 0) return true;
  column.missing.is_null = false;
  return decode_value(in, column.type, column.missing.slot);
}

void encode_put_metadata(std::string& out, uint32_t kind, std::string_view key, std::string_view bytes) {
  put_op(out, RedoOp::PutMetadata);
  put_varint(out, kind);
  put_bytes(out, key);
  put_bytes(out, bytes);
}

void encode_redo(TxnId txn, WriteSet& writes, const std::string& directory, BatchBuilder& out) {
  std::unordered_set<const MemoryTable*> dropped;
  bool logged = false;
  bool rows = false;
  for (const WriteEntry& entry : writes.entries) {
    if (entry.kind == WriteKind::DropTable) dropped.insert(entry.table);
    if (is_metadata(entry.kind)) {
      logged = true;
    } else if (entry.table != nullptr && entry.kind != WriteKind::Lock && entry.table->logged()) {
      logged = true;
      rows = true;
    }
  }
  if (!logged) return;
  put_op(out.next(), RedoOp::Begin);
  put_varint(out.next(), txn.value);
  auto wanted = [&](const WriteEntry& entry) { return entry.table == nullptr || entry.table->logged(); };
  for (const WriteEntry& entry : writes.entries) {
    if (wanted(entry)) encode_object(entry, writes, out);
  }
  if (!rows) return;
  auto has_rows = [&](const WriteEntry& entry) {
    return wanted(entry) && entry.table != nullptr && !dropped.contains(entry.table);
  };
  {
    LoadEncoder loads(directory, out);
    for (const WriteEntry& entry : writes.entries) {
      if (entry.kind == WriteKind::Load && has_rows(entry)) loads.encode(entry);
    }
  }
  RowEncoder encoder(txn, out);
  for (const WriteEntry& entry : writes.entries) {
    if (has_rows(entry)) encoder.encode(entry);
  }
}

namespace {

class RedoReader {
 public:
  explicit RedoReader(RedoTarget& target) : target_(target) {}

  bool apply(std::string_view in) {
    while (!in.empty()) {
      uint8_t op;
      if (!get_fixed(in, op) || !apply_one(static_cast<RedoOp>(op), in)) return false;
    }
    return true;
  }

 private:
  bool apply_one(RedoOp op, std::string_view& in) {
    uint64_t id;
    switch (op) {
      case RedoOp::Begin:
        if (!get_varint(in, id)) return false;
        target_.on_transaction(TxnId(id));
        return true;
      case RedoOp::Table:
        if (!get_varint(in, id)) return false;
        table_ = target_.find_table(TableId(static_cast<uint32_t>(id)));
        return true;
      case RedoOp::Put: return put_row(in);
      case RedoOp::Remove:
        if (!next_row(in)) return false;
        if (table_ != nullptr) table_->restore(RowId(row_), nullptr);
        return true;
      case RedoOp::CreateTable: return create_table(in, {});
      case RedoOp::CreateTableIn: {
        std::string_view directory;
        return get_bytes(in, directory) && create_table(in, directory);
      }
      case RedoOp::DropTable:
        if (!get_varint(in, id)) return false;
        target_.drop_table(TableId(static_cast<uint32_t>(id)));
        return true;
      case RedoOp::AddColumn:
      case RedoOp::DropColumn: return change_column(op, in);
      case RedoOp::SetCompression: return set_compression(in);
      case RedoOp::PutMetadata:
      case RedoOp::RemoveMetadata: return change_metadata(op, in);
      case RedoOp::Load: return load(in);
    }
    return false;
  }

  bool next_row(std::string_view& in) {
    uint64_t delta;
    if (!get_varint(in, delta)) return false;
    row_ += static_cast<uint64_t>(unzigzag(delta));
    return true;
  }

  bool put_row(std::string_view& in) {
    std::string_view tuple;
    if (!next_row(in) || !get_bytes(in, tuple)) return false;
    if (table_ == nullptr) return true;
    Version* version = decode_tuple(tuple, table_->layout(), table_->segment_options().values);
    if (version == nullptr) return false;
    table_->restore(RowId(row_), version);
    target_.on_row(*table_, RowId(row_));
    return true;
  }

  bool create_table(std::string_view& in, std::string_view directory) {
    uint64_t id, count;
    if (!get_varint(in, id) || !get_varint(in, count)) return false;
    TableSchema schema;
    schema.directory = directory;
    for (uint64_t i = 0; i < count; ++i) {
      if (!decode_column(in, schema.columns.emplace_back())) return false;
    }
    TableId table(static_cast<uint32_t>(id));
    if (target_.find_table(table) == nullptr) target_.create_table(table, schema);
    return true;
  }

  bool change_column(RedoOp op, std::string_view& in) {
    uint64_t id, position;
    if (!get_varint(in, id) || !get_varint(in, position)) return false;
    ColumnSchema column;
    if (op == RedoOp::AddColumn && !decode_column(in, column)) return false;
    MemoryTable* table = target_.find_table(TableId(static_cast<uint32_t>(id)));
    if (table == nullptr) return true;
    size_t count = table->layout().column_count();
    if (op == RedoOp::AddColumn && position == count) table->add_column(column);
    if (op == RedoOp::DropColumn && position < count) table->drop_column(static_cast<uint32_t>(position));
    return true;
  }

  bool set_compression(std::string_view& in) {
    uint64_t id, count;
    if (!get_varint(in, id) || !get_varint(in, count) || count > in.size()) return false;
    std::vector<ColumnCompression> columns(count);
    for (ColumnCompression& column : columns) {
      uint8_t method;
      if (!get_fixed(in, method) || method > static_cast<uint8_t>(ColumnCompression::Zstd)) return false;
      column = static_cast<ColumnCompression>(method);
    }
    if (MemoryTable* table = target_.find_table(TableId(static_cast<uint32_t>(id)))) table->set_compression(columns);
    return true;
  }

  bool load(std::string_view& in) {
    uint64_t id, count;
    std::string_view file;
    if (!get_varint(in, id) || !get_bytes(in, file) || !get_varint(in, count) || count > in.size()) return false;
    std::vector<uint64_t> groups(count);
    for (uint64_t& group : groups) {
      if (!get_varint(in, group)) return false;
    }
    TableId table(static_cast<uint32_t>(id));
    if (target_.find_table(table) != nullptr) target_.load(table, file, groups);
    return true;
  }

  bool change_metadata(RedoOp op, std::string_view& in) {
    uint64_t kind;
    std::string_view key, bytes;
    if (!get_varint(in, kind) || !get_bytes(in, key)) return false;
    MetadataKey name{static_cast<uint32_t>(kind), std::string(key)};
    if (op == RedoOp::RemoveMetadata) {
      target_.metadata().erase(name);
      return true;
    }
    if (!get_bytes(in, bytes)) return false;
    target_.metadata()[name] = bytes;
    return true;
  }

  RedoTarget& target_;
  MemoryTable* table_ = nullptr;
  uint64_t row_ = 0;
};

}  // namespace

bool apply_redo(const std::vector<std::string_view>& payloads, RedoTarget& target) {
  RedoReader reader(target);
  for (std::string_view payload : payloads) {
    if (!reader.apply(payload)) return false;
  }
  return true;
}

}  // namespace aegis::storage
