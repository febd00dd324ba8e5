// What is in a file, for people.
#include <fmt/format.h>

#include <cstring>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/storage/verify.h"
#include "cache/buffer_pool.h"
#include "checkpoint/manifest.h"
#include "coding.h"
#include "engine/redo.h"
#include "index/tree_cursor.h"
#include "lsm/sst_tree.h"
#include "segment/segment_file.h"
#include "wal/log_format.h"

namespace aegis::storage {
namespace {

using Lines = std::vector<std::string>;

const char* show_type(PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool: return "bool";
    case PhysicalType::Int8: return "int8";
    case PhysicalType::Int16: return "int16";
    case PhysicalType::Int32: return "int32";
    case PhysicalType::Int64: return "int64";
    case PhysicalType::Float32: return "float32";
    case PhysicalType::Float64: return "float64";
    case PhysicalType::TimeTz: return "timetz";
    case PhysicalType::Interval: return "interval";
    case PhysicalType::Uuid: return "uuid";
    case PhysicalType::Numeric: return "numeric";
    case PhysicalType::String: return "string";
  }
  return "unknown";
}

std::string show_bytes(std::string_view bytes) {
  std::string text;
  for (char c : bytes.substr(0, 32)) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return bytes.size() > 32 ? text + "…" : text;
}

std::string position(uint64_t lsn) { return fmt::format("{:X}/{:X}", lsn >> 32, lsn & 0xffffffff); }

// --- The log -----------------------------------------------------------------------------------------------

// Shows the operations of a batch, whose records are given one after the other.
class RedoLines {
 public:
  explicit RedoLines(Lines& lines) : lines_(lines) {}

  void begin() {
    table_ = row_ = 0;
  }
  // False when the operations are malformed.
  bool show(std::string_view in) {
    while (!in.empty()) {
      uint8_t op;
      if (!get_fixed(in, op) || !show_one(static_cast<RedoOp>(op), in)) return false;
    }
    return true;
  }

 private:
  void line(std::string text) { lines_.push_back("    " + std::move(text)); }

  bool show_one(RedoOp op, std::string_view& in) {
    uint64_t id, count, delta;
    std::string_view bytes;
    switch (op) {
      case RedoOp::Begin:
        if (!get_varint(in, id)) return false;
        return line(fmt::format("transaction {}", id)), true;
      case RedoOp::Table: return get_varint(in, table_);
      case RedoOp::Put:
        if (!get_varint(in, delta) || !get_bytes(in, bytes)) return false;
        row_ += static_cast<uint64_t>(unzigzag(delta));
        return line(fmt::format("put table {} row {}, {} bytes: {}", table_, row_, bytes.size(), show_bytes(bytes))), true;
      case RedoOp::Remove:
        if (!get_varint(in, delta)) return false;
        row_ += static_cast<uint64_t>(unzigzag(delta));
        return line(fmt::format("remove table {} row {}", table_, row_)), true;
      case RedoOp::CreateTable: {
        if (!get_varint(in, id) || !get_varint(in, count)) return false;
        std::string columns;
        for (uint64_t i = 0; i < count; ++i) {
          ColumnSchema column;
          if (!decode_column(in, column)) return false;
          columns += std::string(i > 0 ? ", " : "") + show_type(column.type);
        }
        return line(fmt::format("create table {} ({})", id, columns)), true;
      }
      case RedoOp::DropTable:
        if (!get_varint(in, id)) return false;
        return line(fmt::format("drop table {}", id)), true;
      case RedoOp::AddColumn:
      case RedoOp::DropColumn: {
        ColumnSchema column;
        if (!get_varint(in, id) || !get_varint(in, count)) return false;
        bool add = op == RedoOp::AddColumn;
        if (add && !decode_column(in, column)) return false;
        return line(fmt::format("{} column {} of table {}", add ? "add" : "drop", count, id)), true;
      }
      case RedoOp::SetCompression:
        if (!get_varint(in, id) || !get_varint(in, count) || count > in.size()) return false;
        in.remove_prefix(count);
        return line(fmt::format("set compression of {} columns of table {}", count, id)), true;
      case RedoOp::PutMetadata: {
        std::string_view key;
        if (!get_varint(in, id) || !get_bytes(in, key) || !get_bytes(in, bytes)) return false;
        return line(fmt::format("put metadata {} {}, {} bytes", id, show_bytes(key), bytes.size())), true;
      }
      case RedoOp::RemoveMetadata:
        if (!get_varint(in, id) || !get_bytes(in, bytes)) return false;
        return line(fmt::format("remove metadata {} {}", id, show_bytes(bytes))), true;
      case RedoOp::Load: {
        uint64_t group;
        if (!get_varint(in, id) || !get_bytes(in, bytes) || !get_varint(in, count)) return false;
        for (uint64_t i = 0; i < count; ++i) {
          if (!get_varint(in, group)) return false;
        }
        return line(fmt::format("load {} row groups of {} into table {}", count, bytes, id)), true;
      }
    }
    return false;
  }

  Lines& lines_;
  uint64_t table_ = 0;
  uint64_t row_ = 0;
};

}  // namespace

Lines inspect_log_file(os::FileSystem& files, const std::string& path) {
  Lines lines;
  Lsn start;
  std::string name = path.substr(path.rfind('/') + 1);
  std::string bytes = files.read_file(path);
  if (!parse_segment_name(name, start)) {
    lines.push_back(fmt::format("{}: {} bytes, not (or not yet) a part of the log", path, bytes.size()));
    return lines;
  }
  lines.push_back(fmt::format("log file {}, from {}, {} bytes", path, position(start.value), bytes.size()));
  RedoLines redo(lines);
  redo.begin();
  uint64_t at = 0, records = 0;
  for (;;) {
    RecordHeader header;
    if (at + sizeof header > bytes.size()) break;
    std::memcpy(&header, bytes.data() + at, sizeof header);
    if (header.lsn != start.value + at || header.header_crc != header_crc(header) || header.size > bytes.size() - at - sizeof header) break;
    std::string_view payload = std::string_view(bytes).substr(at + sizeof header, header.size);
    bool good = crc32c(payload.data(), payload.size()) == header.payload_crc;
    bool last = (header.flags & kLastOfBatch) != 0;
    lines.push_back(fmt::format("{} offset {}: record of {} bytes, log durable up to {}{}{}", position(header.lsn), at, header.size,
                                position(header.durable), last ? ", end of batch" : "", good ? "" : ", WRONG CHECKSUM"));
    if (!good) break;
    if (!redo.show(payload)) lines.push_back("    malformed operations");
    if (last) redo.begin();
    at += (sizeof header + header.size + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
    ++records;
  }
  lines.push_back(fmt::format("{} records, which end at {} (offset {}); {} bytes are left", records, position(start.value + at), at, bytes.size() - at));
  return lines;
}

// --- Segments ----------------------------------------------------------------------------------------------

Lines inspect_segment(os::FileSystem& files, const std::string& path) {
  BufferPool pool({.capacity_bytes = 4 << 20});
  auto file = SegmentFile::open(files, pool, path, nullptr);
  const SegmentFooter& footer = file->footer();
  Lines lines;
  lines.push_back(fmt::format("segment {} of table {}, {} bytes, {} row groups of {} RowIds in blocks of {}", path, footer.table,
                              file->size_bytes(), footer.groups.size(), footer.group_rows, footer.block_rows));
  for (const GroupInfo& group : footer.groups) {
    uint64_t first = group.number * footer.group_rows;
    lines.push_back(fmt::format("row group {}: {} rows in RowIds [{}, {})", group.number, group.row_count, first + group.first, first + group.end));
    for (size_t c = 0; c < group.chunks.size(); ++c) {
      const ChunkInfo& chunk = group.chunks[c];
      std::string text = fmt::format("  column {}: {}, {} bytes at offset {} in {} blocks, {} nulls", c, show_type(chunk.type), chunk.size_bytes(),
                                     chunk.offset, chunk.ends.size(), chunk.null_count);
      if (chunk.has_zones) text += fmt::format(", zone [{}, {}]", chunk.zone.low, chunk.zone.high);
      size_t methods[4] = {};
      for (size_t b = 0; b < chunk.ends.size(); ++b) ++methods[file->read(chunk, b).payload().at(0) >> 1 & 3];
      if (methods[1] > 0) text += fmt::format(", {} blocks by LZ4", methods[1]);
      if (methods[2] + methods[3] > 0) text += fmt::format(", {} blocks by Zstd", methods[2] + methods[3]);
      if (chunk.has_references) text += ", some values apart";
      if (chunk.filter_bytes > 0) text += fmt::format(", a filter of {} bytes", chunk.filter_bytes);
      lines.push_back(std::move(text));
    }
    for (auto [number, bytes] : group.value_files) lines.push_back(fmt::format("  values in {:08}.vlog: {} bytes", number, bytes));
  }
  return lines;
}

// --- Index files -------------------------------------------------------------------------------------------

Lines inspect_index_file(os::FileSystem& files, const std::string& path) {
  BufferPool pool({.capacity_bytes = 4 << 20});
  lsm::FileMeta meta = lsm::read_file_meta(files, path);
  lsm::TreeOptions options;
  options.key_suffix = kRowSuffix;
  lsm::ReadCounts counts;
  size_t slash = path.rfind('/');
  lsm::SstFile file(files, pool, slash == std::string::npos ? "." : path.substr(0, slash), meta, options, counts);
  Lines lines;
  lines.push_back(fmt::format("index file {}: number {}, {} bytes, {} entries, {} of them deletions, {} blocks", path, meta.number, meta.size_bytes,
                              meta.entries, meta.tombstones, file.block_count()));
  lines.push_back(fmt::format("keys {} to {}; learned index of {} segments", show_bytes(meta.smallest), show_bytes(meta.largest), file.learned_segments()));
  for (uint32_t number = 0; number < file.block_count(); ++number) {
    lsm::DataBlockReader reader;
    auto place = file.place_of(number);
    BlockRef block = file.read_block(place, reader);
    size_t entries = 0;
    std::string first, last;
    for (bool more = reader.seek_first(); more && !reader.at_end(); more = reader.next()) {
      if (entries++ == 0) first.assign(reader.entry().key);
      last.assign(reader.entry().key);
    }
    lines.push_back(fmt::format("block {}: offset {}, {} bytes, {} entries, {} to {}", number, place.offset, place.length, entries, show_bytes(first), show_bytes(last)));
  }
  file.verify();
  return lines;
}

// --- Manifests ---------------------------------------------------------------------------------------------

Lines inspect_manifest(os::FileSystem& files, const std::string& path) {
  std::string bytes = files.read_file(path);
  Manifest manifest = decode_manifest(bytes, path);
  Lines lines;
  lines.push_back(fmt::format("manifest {}: number {}, {} bytes, recovery begins at {}, next transaction {}", path, manifest.number, bytes.size(),
                              position(manifest.redo.value), manifest.next_txn.value));
  for (const ManifestTable& table : manifest.tables) {
    std::string columns;
    for (const ColumnSchema& column : table.schema.columns) columns += std::string(columns.empty() ? "" : ", ") + (column.dropped ? "dropped" : show_type(column.type));
    lines.push_back(fmt::format("table {} ({}): next row {}, rows in memory {}", table.id.value, columns, table.next_row, table.file.empty() ? "none" : table.file));
    for (const ManifestSegment& segment : table.segments) lines.push_back(fmt::format("  segment {}: {} row groups in use", segment.file, segment.groups.size()));
  }
  for (const ManifestIndex& index : manifest.indexes) {
    lines.push_back(fmt::format("index {} of table {}:", index.id.value, index.table.value));
    for (const lsm::FileMeta& meta : lsm::SstTree::decode_files(index.files, path)) {
      lines.push_back(fmt::format("  idx/{:08}.sst: {} bytes, {} entries", meta.number, meta.size_bytes, meta.entries));
    }
  }
  std::map<uint32_t, std::pair<size_t, size_t>> kinds;
  for (const auto& [key, value] : manifest.metadata) {
    ++kinds[key.kind].first;
    kinds[key.kind].second += value.size();
  }
  for (const auto& [kind, sums] : kinds) lines.push_back(fmt::format("metadata {}: {} items, {} bytes", kind, sums.first, sums.second));
  return lines;
}

}  // namespace aegis::storage
