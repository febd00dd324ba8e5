// Writing messages to clients.
#include "aegis/protocol/messages.h"

#include <cstring>

namespace aegis::protocol {

MessageWriter::MessageWriter(std::string& out, char type) : out_(out), start_(out.size() + 1) {
  out_.push_back(type);
  out_.append(4, '\0');
}
MessageWriter& MessageWriter::byte(char value) {
  out_.push_back(value);
  return *this;
}
MessageWriter& MessageWriter::int16(int16_t value) {
  uint16_t swapped = __builtin_bswap16(static_cast<uint16_t>(value));
  out_.append(reinterpret_cast<const char*>(&swapped), 2);
  return *this;
}
MessageWriter& MessageWriter::int32(int32_t value) {
  uint32_t swapped = __builtin_bswap32(static_cast<uint32_t>(value));
  out_.append(reinterpret_cast<const char*>(&swapped), 4);
  return *this;
}
MessageWriter& MessageWriter::bytes(std::string_view value) {
  out_.append(value);
  return *this;
}
MessageWriter& MessageWriter::text(std::string_view value) {
  out_.append(value);
  out_.push_back('\0');
  return *this;
}
void MessageWriter::finish() {
  uint32_t length = __builtin_bswap32(static_cast<uint32_t>(out_.size() - start_));
  std::memcpy(out_.data() + start_, &length, 4);
}

void append_message(std::string& out, char type) { MessageWriter(out, type).finish(); }
void append_message(std::string& out, char type, std::string_view text) { MessageWriter(out, type).text(text).finish(); }

void append_authentication(std::string& out, int32_t code, std::string_view data) {
  MessageWriter(out, 'R').int32(code).bytes(data).finish();
}

void append_sasl_mechanisms(std::string& out) { MessageWriter(out, 'R').int32(10).text("SCRAM-SHA-256").byte(0).finish(); }

void append_parameter_status(std::string& out, std::string_view name, std::string_view value) {
  MessageWriter(out, 'S').text(name).text(value).finish();
}

void append_backend_key(std::string& out, int32_t pid, int32_t key) { MessageWriter(out, 'K').int32(pid).int32(key).finish(); }

void append_ready(std::string& out, char transaction_status) { MessageWriter(out, 'Z').byte(transaction_status).finish(); }

void append_negotiate_version(std::string& out, const std::vector<std::string>& unknown_options) {
  MessageWriter writer(out, 'v');
  writer.int32(kProtocolVersion).int32(static_cast<int32_t>(unknown_options.size()));
  for (const std::string& option : unknown_options) writer.text(option);
  writer.finish();
}

namespace {

void append_fields(std::string& out, char type, const ErrorFields& fields) {
  MessageWriter writer(out, type);
  auto field = [&](char code, std::string_view value) {
    if (!value.empty()) writer.byte(code).text(value);
  };
  field('S', fields.severity);
  field('V', fields.severity);
  field('C', error_code(fields));
  writer.byte('M').text(fields.message);
  field('D', fields.detail);
  field('H', fields.hint);
  if (fields.position > 0) field('P', std::to_string(fields.position));
  if (fields.internal_position > 0) field('p', std::to_string(fields.internal_position));
  field('q', fields.internal_query);
  field('W', fields.context);
  field('s', fields.schema);
  field('t', fields.table);
  field('c', fields.column);
  field('d', fields.datatype);
  field('n', fields.constraint);
  writer.byte(0).finish();
}

}  // namespace

void append_error(std::string& out, const ErrorFields& fields) { append_fields(out, 'E', fields); }
void append_notice(std::string& out, const ErrorFields& fields) { append_fields(out, 'N', fields); }

void append_notification(std::string& out, int32_t pid, std::string_view channel, std::string_view payload) {
  MessageWriter(out, 'A').int32(pid).text(channel).text(payload).finish();
}

void append_parameter_description(std::string& out, const std::vector<Oid>& types) {
  MessageWriter writer(out, 't');
  writer.int16(static_cast<int16_t>(types.size()));
  for (Oid type : types) writer.int32(static_cast<int32_t>(type));
  writer.finish();
}

void append_copy_response(std::string& out, char type, bool binary, size_t column_count) {
  MessageWriter writer(out, type);
  writer.byte(binary ? 1 : 0).int16(static_cast<int16_t>(column_count));
  for (size_t i = 0; i < column_count; ++i) writer.int16(binary ? 1 : 0);
  writer.finish();
}

void append_row_description(std::string& out, const std::vector<FieldDescription>& fields) {
  MessageWriter writer(out, 'T');
  writer.int16(static_cast<int16_t>(fields.size()));
  for (const FieldDescription& field : fields) {
    writer.text(field.name).int32(static_cast<int32_t>(field.table)).int16(field.attribute);
    writer.int32(static_cast<int32_t>(field.type)).int16(field.length).int32(field.typmod).int16(field.format);
  }
  writer.finish();
}

}  // namespace aegis::protocol
