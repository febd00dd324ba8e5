// pg_snapshot and txid_snapshot: xmin:xmax:xip,…, kept as their canonical text.
#include <charconv>
#include <vector>

#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {
namespace {

// Transaction numbers are below 2^63.
bool read_number(std::string_view text, size_t& at, uint64_t& value) {
  if (at >= text.size() || text[at] < '0' || text[at] > '9') return false;
  auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  at = static_cast<size_t>(end - text.data());
  return error == std::errc() && value <= static_cast<uint64_t>(INT64_MAX);
}

bool read_snapshot(std::string_view text, std::vector<uint64_t>& numbers) {
  size_t at = 0;
  uint64_t least = 0, end = 0;
  if (!read_number(text, at, least) || at >= text.size() || text[at++] != ':') return false;
  if (!read_number(text, at, end) || at >= text.size() || text[at++] != ':') return false;
  if (least == 0 || end < least) return false;
  numbers = {least, end};
  uint64_t last = 0;
  while (at < text.size()) {
    uint64_t number = 0;
    if (!read_number(text, at, number) || number < least || number >= end || number < last) return false;
    if (number != last) numbers.push_back(number);
    last = number;
    if (at < text.size() && text[at++] != ',') return false;
  }
  return true;
}

std::string snapshot_text(const std::vector<uint64_t>& numbers) {
  std::string out = std::to_string(numbers[0]) + ":" + std::to_string(numbers[1]) + ":";
  for (size_t i = 2; i < numbers.size(); ++i) out += (i > 2 ? "," : "") + std::to_string(numbers[i]);
  return out;
}

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  std::vector<uint64_t> numbers;
  if (!read_snapshot(text, numbers)) throw_invalid_text("pg_snapshot", text);
  return string_value(snapshot_text(numbers), arena);
}
void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }

Value receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  BinaryReader reader(bytes);
  int32_t count = reader.int32();
  std::vector<uint64_t> numbers{static_cast<uint64_t>(reader.int64()), static_cast<uint64_t>(reader.int64())};
  for (int32_t i = 0; i < count; ++i) numbers.push_back(static_cast<uint64_t>(reader.int64()));
  std::vector<uint64_t> checked;
  if (count < 0 || !read_snapshot(snapshot_text(numbers), checked)) {
    throw SqlError(Sqlstate::InvalidBinaryRepresentation, "invalid external pg_snapshot data");
  }
  return string_value(snapshot_text(checked), arena);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  std::vector<uint64_t> numbers;
  read_snapshot(value.text(), numbers);
  append_int32(out, static_cast<int32_t>(numbers.size() - 2));
  for (uint64_t number : numbers) append_int64(out, static_cast<int64_t>(number));
}

}  // namespace

const Family kSnapshotFamily = {input, output, receive, send};

}  // namespace aegis::types
