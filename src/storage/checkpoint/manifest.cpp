#include "checkpoint/manifest.h"

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "coding.h"
#include "engine/redo.h"

namespace aegis::storage {
namespace {

constexpr uint32_t kManifestMagic = 0x464d4741;  // "AGMF"
constexpr uint32_t kFormatVersion = 1;
constexpr size_t kBlockBytes = 1 << 20;

[[noreturn]] void throw_corrupted(const std::string& path, uint64_t offset) {
  throw StorageError(Sqlstate::DataCorrupted, fmt::format("invalid data in file \"{}\" at offset {}", path, offset));
}

bool decode_table(std::string_view& in, ManifestTable& table) {
  uint64_t id, columns;
  std::string_view file;
  if (!get_varint(in, id) || !get_varint(in, table.next_row) || !get_bytes(in, file) || !get_varint(in, columns)) {
    return false;
  }
  table.id = TableId(static_cast<uint32_t>(id));
  table.file = file;
  TableSchema schema;
  for (uint64_t i = 0; i < columns; ++i) {
    if (!decode_column(in, schema.columns.emplace_back())) return false;
  }
  // A layout owns the bytes of its missing values, the input does not last.
  table.layout = Layout::of(schema);
  table.schema = table.layout->schema(true);
  return true;
}

bool decode_body(std::string_view in, Manifest& manifest) {
  uint32_t magic, version;
  uint64_t next_txn, items, tables;
  if (!get_fixed(in, magic) || magic != kManifestMagic || !get_fixed(in, version) || version != kFormatVersion) return false;
  if (!get_varint(in, manifest.number) || !get_varint(in, manifest.redo.value) || !get_varint(in, next_txn)) return false;
  manifest.next_txn = TxnId(next_txn);
  if (!get_varint(in, items)) return false;
  for (uint64_t i = 0; i < items; ++i) {
    uint64_t kind;
    std::string_view key, bytes;
    if (!get_varint(in, kind) || !get_bytes(in, key) || !get_bytes(in, bytes)) return false;
    manifest.metadata[{static_cast<uint32_t>(kind), std::string(key)}] = bytes;
  }
  if (!get_varint(in, tables)) return false;
  for (uint64_t i = 0; i < tables; ++i) {
    if (!decode_table(in, manifest.tables.emplace_back())) return false;
  }
  return in.empty();
}

}  // namespace

std::string encode_manifest(const Manifest& manifest) {
  std::string out;
  put_fixed(out, kManifestMagic);
  put_fixed(out, kFormatVersion);
  put_varint(out, manifest.number);
  put_varint(out, manifest.redo.value);
  put_varint(out, manifest.next_txn.value);
  put_varint(out, manifest.metadata.size());
  for (const auto& [key, bytes] : manifest.metadata) {
    put_varint(out, key.kind);
    put_bytes(out, key.key);
    put_bytes(out, bytes);
  }
  put_varint(out, manifest.tables.size());
  for (const ManifestTable& table : manifest.tables) {
    put_varint(out, table.id.value);
    put_varint(out, table.next_row);
    put_bytes(out, table.file);
    put_varint(out, table.schema.columns.size());
    for (const ColumnSchema& column : table.schema.columns) encode_column(out, column);
  }
  put_fixed(out, crc32c(out.data(), out.size()));
  return out;
}

Manifest decode_manifest(std::string_view bytes, const std::string& path) {
  Manifest manifest;
  if (bytes.size() < sizeof(uint32_t)) throw_corrupted(path, 0);
  std::string_view tail = bytes.substr(bytes.size() - sizeof(uint32_t));
  bytes.remove_suffix(sizeof(uint32_t));
  uint32_t crc;
  get_fixed(tail, crc);
  if (crc != crc32c(bytes.data(), bytes.size()) || !decode_body(bytes, manifest)) throw_corrupted(path, 0);
  return manifest;
}

uint64_t write_table_file(os::FileSystem& files, const std::string& path, const MemoryTable& table,
                          const Snapshot& snapshot, bool sync) {
  auto file = files.open(path, os::OpenMode::Truncate);
  const Layout& layout = table.layout();
  uint64_t end = table.end_row().value;
  uint64_t rows = 0;
  uint64_t offset = 0;
  uint64_t last_row = 0;
  std::string block;
  std::string tuple;
  auto write_block = [&] {
    std::string head;
    put_fixed(head, static_cast<uint32_t>(block.size()));
    put_fixed(head, crc32c(block.data(), block.size()));
    file->write_at(offset, head);
    file->write_at(offset + head.size(), block);
    offset += head.size() + block.size();
    block.clear();
    last_row = 0;
  };
  for (uint64_t row = 1; row < end; ++row) {
    const Version* version = table.visible(snapshot, RowId(row));
    if (version == nullptr) continue;
    put_varint(block, row - last_row);
    encode_tuple(block, layout, *version);
    last_row = row;
    ++rows;
    if (block.size() >= kBlockBytes) write_block();
  }
  if (!block.empty()) write_block();
  std::string tail;
  put_fixed(tail, uint32_t{0});
  put_fixed(tail, crc32c(&rows, sizeof rows));
  put_fixed(tail, rows);
  file->write_at(offset, tail);
  if (sync) file->sync();
  return rows;
}

void read_table_file(os::FileSystem& files, const std::string& path, MemoryTable& table) {
  auto file = files.open(path, os::OpenMode::Read);
  const Layout& layout = table.layout();
  uint64_t offset = 0;
  uint64_t rows = 0;
  std::string head(8, '\0');
  std::string block;
  for (;;) {
    if (file->read_at(offset, head) != head.size()) throw_corrupted(path, offset);
    std::string_view in = head;
    uint32_t size, crc;
    get_fixed(in, size);
    get_fixed(in, crc);
    block.resize(size == 0 ? sizeof rows : size);
    if (file->read_at(offset + head.size(), block) != block.size() || crc32c(block.data(), block.size()) != crc) {
      throw_corrupted(path, offset);
    }
    in = block;
    if (size == 0) {
      uint64_t expected;
      get_fixed(in, expected);
      if (expected != rows) throw_corrupted(path, offset);
      return;
    }
    for (uint64_t row = 0; !in.empty(); ++rows) {
      uint64_t delta;
      Version* version = get_varint(in, delta) ? decode_tuple(in, layout) : nullptr;
      if (version == nullptr) throw_corrupted(path, offset);
      row += delta;
      table.restore(RowId(row), version);
    }
    offset += head.size() + block.size();
  }
}

}  // namespace aegis::storage
