#include "checkpoint/manifest.h"

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "coding.h"
#include "column/compression.h"
#include "engine/redo.h"

namespace aegis::storage {
namespace {

constexpr uint32_t kManifestMagic = 0x464d4741;  // "AGMF"
constexpr uint32_t kFormatVersion = 4;
constexpr uint32_t kWithoutDirectories = 3;  // the format before
constexpr size_t kBlockBytes = 1 << 20;
constexpr uint64_t kMaxBlockBytes = uint64_t{1} << 31;

enum class TableBlock : uint8_t { End = 0, Rows = 1, Present = 2 };

[[noreturn]] void throw_corrupted(const std::string& path, uint64_t offset) {
  throw StorageError(Sqlstate::DataCorrupted, fmt::format("invalid data in file \"{}\" at offset {}", path, offset));
}

bool decode_segments(std::string_view& in, std::vector<ManifestSegment>& segments) {
  uint64_t count, groups;
  if (!get_varint(in, count) || count > in.size()) return false;
  segments.resize(count);
  for (ManifestSegment& segment : segments) {
    std::string_view file;
    if (!get_bytes(in, file) || !get_varint(in, groups) || groups > in.size()) return false;
    segment.file = file;
    segment.groups.resize(groups);
    for (uint64_t& group : segment.groups) {
      if (!get_varint(in, group)) return false;
    }
  }
  return true;
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
  return decode_segments(in, table.segments);
}

bool decode_indexes(std::string_view& in, std::vector<ManifestIndex>& indexes) {
  uint64_t count, id, table;
  if (!get_varint(in, count) || count > in.size()) return false;
  indexes.resize(count);
  for (ManifestIndex& index : indexes) {
    std::string_view fingerprint, files;
    if (!get_varint(in, id) || !get_varint(in, table) || !get_bytes(in, fingerprint) || !get_bytes(in, files)) return false;
    index = {IndexId(static_cast<uint32_t>(id)), TableId(static_cast<uint32_t>(table)), std::string(fingerprint),
             std::string(files)};
  }
  return true;
}

// Of the tables and the indexes that have one, by their position.
bool decode_directories(std::string_view& in, Manifest& manifest) {
  auto decode = [&](auto& items, auto&& place) {
    uint64_t count, at;
    if (!get_varint(in, count) || count > items.size()) return false;
    for (uint64_t i = 0; i < count; ++i) {
      std::string_view directory;
      if (!get_varint(in, at) || at >= items.size() || !get_bytes(in, directory)) return false;
      place(items[at]) = directory;
    }
    return true;
  };
  return decode(manifest.tables, [](ManifestTable& table) -> std::string& { return table.schema.directory; }) &&
         decode(manifest.indexes, [](ManifestIndex& index) -> std::string& { return index.directory; });
}

void encode_directories(std::string& out, const Manifest& manifest) {
  auto encode = [&](const auto& items, auto&& place) {
    uint64_t count = 0;
    for (const auto& item : items) count += place(item).empty() ? 0 : 1;
    put_varint(out, count);
    for (size_t i = 0; i < items.size(); ++i) {
      if (place(items[i]).empty()) continue;
      put_varint(out, i);
      put_bytes(out, place(items[i]));
    }
  };
  encode(manifest.tables, [](const ManifestTable& table) -> const std::string& { return table.schema.directory; });
  encode(manifest.indexes, [](const ManifestIndex& index) -> const std::string& { return index.directory; });
}

bool decode_body(std::string_view in, Manifest& manifest) {
  uint32_t magic, version;
  uint64_t next_txn, items, tables;
  if (!get_fixed(in, magic) || magic != kManifestMagic || !get_fixed(in, version)) return false;
  if (version != kFormatVersion && version != kWithoutDirectories) {
    // Not damaged: the checksum is right.
    throw SqlError(Sqlstate::ConfigFileError, "database files are incompatible with server")
        .detail(fmt::format("The manifest has format {}, this server reads format {}.", version, kFormatVersion));
  }
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
  if (!decode_indexes(in, manifest.indexes)) return false;
  if (version != kWithoutDirectories && !decode_directories(in, manifest)) return false;
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
    put_varint(out, table.segments.size());
    for (const ManifestSegment& segment : table.segments) {
      put_bytes(out, segment.file);
      put_varint(out, segment.groups.size());
      for (uint64_t group : segment.groups) put_varint(out, group);
    }
  }
  put_varint(out, manifest.indexes.size());
  for (const ManifestIndex& index : manifest.indexes) {
    put_varint(out, index.id.value);
    put_varint(out, index.table.value);
    put_bytes(out, index.fingerprint);
    put_bytes(out, index.files);
  }
  encode_directories(out, manifest);
  put_fixed(out, crc32c(out.data(), out.size()));
  return out;
}

std::string encode_current(const std::string& manifest_name) {
  return fmt::format("{} {:08x}\n", manifest_name, crc32c(manifest_name.data(), manifest_name.size()));
}

std::string decode_current(std::string_view bytes, const std::string& path) {
  std::string name(bytes.substr(0, bytes.find(' ')));
  if (encode_current(name) != bytes) throw_corrupted(path, 0);
  return name;
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

std::vector<ManifestSegment> segments_of(const MemoryTable& table, const Snapshot& snapshot, const std::string& directory) {
  std::map<const SegmentFile*, ManifestSegment> files;
  for (const auto& group : table.groups().groups) {
    // A load that commits later is in the log.
    if (!group || table.visible_group(snapshot, group->info().number) == nullptr) continue;
    ManifestSegment& segment = files[&group->file()];
    segment.file = group->file().path().substr(directory.size() + 1);
    segment.groups.push_back(group->index());
  }
  std::vector<ManifestSegment> result;
  for (auto& [file, segment] : files) result.push_back(std::move(segment));
  return result;
}

// --- Files of rows -----------------------------------------------------------------------------------------

namespace {

class TableFileWriter {
 public:
  TableFileWriter(os::FileSystem& files, const std::string& path) : file_(files.open(path, os::OpenMode::Truncate)) {}

  void write(TableBlock kind, std::string_view bytes) {
    std::string body;
    body.push_back(static_cast<char>(kind));
    size_t start = body.size();
    put_varint(body, bytes.size());
    if (bytes.size() < 64 || !compress(BlockCompression::Lz4, bytes, bytes.size() * 9 / 10, CompressionEffort::Fast, body)) {
      body.resize(start);
      put_varint(body, 0);
      body += bytes;
    }
    std::string head;
    put_fixed(head, static_cast<uint32_t>(body.size()));
    put_fixed(head, crc32c(body.data(), body.size()));
    file_->write_at(offset_, head);
    file_->write_at(offset_ + head.size(), body);
    offset_ += head.size() + body.size();
  }
  void sync() { file_->sync(); }

 private:
  std::unique_ptr<os::File> file_;
  uint64_t offset_ = 0;
};

// Which rows of each row group the snapshot sees deleted, by versions that are in memory.
using Deletions = std::map<uint64_t, std::vector<uint64_t>>;

uint64_t write_rows(TableFileWriter& writer, MemoryTable& table, const Snapshot& snapshot, Deletions& deletions) {
  const Layout& layout = table.layout();
  const RowDirectory& directory = table.directory();
  const uint64_t group_rows = table.segment_options().group_rows;
  uint64_t end = table.end_row().value;
  uint64_t rows = 0;
  uint64_t last_row = 0;
  std::string block;
  for (uint64_t row = 1; row < end; ++row) {
    const RowSlot* slot = directory.find(RowId(row));
    if (slot == nullptr) {
      row |= directory.block_rows() - 1;
      continue;
    }
    const Version* head = head_of(*slot);
    if (head == nullptr) continue;
    const Version* version = table.visible_from(snapshot, head);
    if (version == MemoryTable::kInSegment) continue;
    if (version == nullptr) {
      if (table.in_segment(RowId(row))) deletions[row / group_rows].push_back(row % group_rows);
      continue;
    }
    put_varint(block, row - last_row);
    encode_tuple(block, layout, *version);
    last_row = row;
    ++rows;
    if (block.size() < kBlockBytes) continue;
    writer.write(TableBlock::Rows, block);
    block.clear();
    last_row = 0;
  }
  if (!block.empty()) writer.write(TableBlock::Rows, block);
  return rows;
}

// After write_rows: a row that was collected since then had its deletion noted there.
bool write_present(TableFileWriter& writer, const MemoryTable& table, const Snapshot& snapshot, const Deletions& deletions) {
  bool any = false;
  for (const auto& group : table.groups().groups) {
    if (!group || table.visible_group(snapshot, group->info().number) == nullptr) continue;
    auto found = deletions.find(group->info().number);
    if (found == deletions.end() && !group->changed()) continue;
    std::string bits = group->encode_present();
    if (found != deletions.end()) {
      for (uint64_t position : found->second) bits[position >> 3] = static_cast<char>(bits[position >> 3] & ~(1 << (position & 7)));
    }
    std::string block;
    put_varint(block, group->info().number);
    block += bits;
    writer.write(TableBlock::Present, block);
    any = true;
  }
  return any;
}

bool read_rows(std::string_view in, MemoryTable& table, uint64_t& rows) {
  const Layout& layout = table.layout();
  for (uint64_t row = 0; !in.empty(); ++rows) {
    uint64_t delta;
    Version* version = get_varint(in, delta) ? decode_tuple(in, layout, table.segment_options().values) : nullptr;
    if (version == nullptr) return false;
    row += delta;
    table.restore(RowId(row), version);
  }
  return true;
}

bool read_present(std::string_view in, MemoryTable& table) {
  uint64_t number;
  return get_varint(in, number) && table.restore_present(number, in);
}

}  // namespace

bool write_table_file(os::FileSystem& files, const std::string& path, MemoryTable& table, const Snapshot& snapshot,
                      bool sync) {
  TableFileWriter writer(files, path);
  Deletions deletions;
  uint64_t rows = write_rows(writer, table, snapshot, deletions);
  bool any = write_present(writer, table, snapshot, deletions) || rows > 0;
  std::string tail;
  put_fixed(tail, rows);
  writer.write(TableBlock::End, tail);
  if (sync) writer.sync();
  return any;
}

void read_table_file(os::FileSystem& files, const std::string& path, MemoryTable& table) {
  auto file = files.open(path, os::OpenMode::Read);
  const uint64_t file_size = file->size();
  uint64_t offset = 0;
  uint64_t rows = 0;
  std::string head(8, '\0');
  std::string body;
  std::string raw;
  for (;;) {
    if (file->read_at(offset, head) != head.size()) throw_corrupted(path, offset);
    std::string_view in = head;
    uint32_t size, crc;
    get_fixed(in, size);
    get_fixed(in, crc);
    if (size > file_size - offset) throw_corrupted(path, offset);
    body.resize(size);
    if (file->read_at(offset + head.size(), body) != body.size() || crc32c(body.data(), body.size()) != crc) {
      throw_corrupted(path, offset);
    }
    in = body;
    uint8_t kind;
    uint64_t raw_size;
    if (!get_fixed(in, kind) || !get_varint(in, raw_size) || raw_size > kMaxBlockBytes) throw_corrupted(path, offset);
    if (raw_size > 0) {
      raw.resize(raw_size);
      if (!decompress(BlockCompression::Lz4, in, raw.data(), raw.size())) throw_corrupted(path, offset);
      in = raw;
    }
    switch (static_cast<TableBlock>(kind)) {
      case TableBlock::Rows:
        if (!read_rows(in, table, rows)) throw_corrupted(path, offset);
        break;
      case TableBlock::Present:
        if (!read_present(in, table)) throw_corrupted(path, offset);
        break;
      case TableBlock::End: {
        uint64_t expected;
        if (!get_fixed(in, expected) || expected != rows) throw_corrupted(path, offset);
        return;
      }
      default: throw_corrupted(path, offset);
    }
    offset += head.size() + body.size();
  }
}

}  // namespace aegis::storage
