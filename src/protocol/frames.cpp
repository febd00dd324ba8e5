// Reading messages of clients.
#include <cstring>

#include <fmt/format.h>

#include "aegis/protocol/messages.h"

namespace aegis::protocol {

namespace {

uint32_t load32(const char* at) {
  uint32_t value;
  std::memcpy(&value, at, 4);
  return __builtin_bswap32(value);
}

[[noreturn]] void throw_malformed() { throw SqlError(Sqlstate::ProtocolViolation, "invalid message format"); }

class BodyReader {
 public:
  explicit BodyReader(std::string_view body) : body_(body) {}
  std::string_view take(size_t count) {
    if (count > body_.size()) throw SqlError(Sqlstate::ProtocolViolation, "insufficient data left in message");
    std::string_view taken = body_.substr(0, count);
    body_.remove_prefix(count);
    return taken;
  }
  char byte() { return take(1)[0]; }
  int16_t int16() {
    uint16_t value;
    std::memcpy(&value, take(2).data(), 2);
    return static_cast<int16_t>(__builtin_bswap16(value));
  }
  int32_t int32() { return static_cast<int32_t>(load32(take(4).data())); }
  std::string_view text() {
    size_t end = body_.find('\0');
    if (end == std::string_view::npos) throw SqlError(Sqlstate::ProtocolViolation, "invalid string in message");
    std::string_view taken = body_.substr(0, end);
    body_.remove_prefix(end + 1);
    return taken;
  }
  size_t left() const { return body_.size(); }
  std::string_view rest() { return take(body_.size()); }
  void end() const {
    if (!body_.empty()) throw_malformed();
  }
  // A count of things that take at least `bytes` each.
  size_t count(size_t bytes) {
    auto n = static_cast<uint16_t>(int16());
    if (n * bytes > body_.size()) throw SqlError(Sqlstate::ProtocolViolation, "insufficient data left in message");
    return n;
  }

 private:
  std::string_view body_;
};

}  // namespace

std::optional<Frame> next_frame(std::string_view input, uint32_t max_bytes) {
  if (input.size() < 5) return std::nullopt;
  uint32_t length = load32(input.data() + 1);
  if (length < 4 || length > max_bytes) {
    throw SqlError(Sqlstate::ProtocolViolation, "invalid message length").severity("FATAL");
  }
  if (input.size() < size_t{length} + 1) return std::nullopt;
  return Frame{input[0], input.substr(5, length - 4), size_t{length} + 1};
}

std::optional<Frame> next_startup_frame(std::string_view input) {
  if (input.size() < 4) return std::nullopt;
  uint32_t length = load32(input.data());
  if (length < 8 || length > kMaxStartupBytes) {
    throw SqlError(Sqlstate::ProtocolViolation, "invalid length of startup packet").severity("FATAL");
  }
  if (input.size() < length) return std::nullopt;
  return Frame{0, input.substr(4, length - 4), length};
}

StartupPacket parse_startup(std::string_view body) {
  BodyReader reader(body);
  StartupPacket packet;
  packet.version = static_cast<uint32_t>(reader.int32());
  if (packet.version == kCancelRequest) {
    packet.cancel_pid = reader.int32();
    packet.cancel_key = reader.int32();
    return packet;
  }
  if (packet.version == kSslRequest || packet.version == kGssEncRequest) return packet;
  if ((packet.version >> 16) != 3) return packet;
  while (reader.left() > 0) {
    std::string_view name = reader.text();
    if (name.empty()) break;
    std::string_view value = reader.text();
    packet.parameters.emplace_back(name, value);
  }
  if (reader.left() > 0) {
    throw SqlError(Sqlstate::ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
        .severity("FATAL");
  }
  return packet;
}

ParseMessage parse_parse(std::string_view body) {
  BodyReader reader(body);
  ParseMessage message;
  message.statement = reader.text();
  message.query = reader.text();
  size_t count = reader.count(4);
  for (size_t i = 0; i < count; ++i) message.types.push_back(static_cast<Oid>(reader.int32()));
  reader.end();
  return message;
}

BindMessage parse_bind(std::string_view body) {
  BodyReader reader(body);
  BindMessage message;
  message.portal = reader.text();
  message.statement = reader.text();
  size_t format_count = reader.count(2);
  for (size_t i = 0; i < format_count; ++i) message.formats.push_back(reader.int16());
  size_t value_count = reader.count(4);
  if (format_count > 1 && format_count != value_count) {
    throw SqlError(Sqlstate::ProtocolViolation,
                   fmt::format("bind message has {} parameter formats but {} parameters", format_count, value_count));
  }
  for (size_t i = 0; i < value_count; ++i) {
    int32_t length = reader.int32();
    if (length < -1) throw_malformed();
    if (length == -1) {
      message.values.emplace_back(std::nullopt);
    } else {
      message.values.emplace_back(reader.take(static_cast<size_t>(length)));
    }
  }
  size_t result_count = reader.count(2);
  for (size_t i = 0; i < result_count; ++i) message.result_formats.push_back(reader.int16());
  reader.end();
  return message;
}

FunctionCallMessage parse_function_call(std::string_view body) {
  BodyReader reader(body);
  FunctionCallMessage message;
  message.function = static_cast<Oid>(reader.int32());
  size_t format_count = reader.count(2);
  for (size_t i = 0; i < format_count; ++i) message.formats.push_back(reader.int16());
  size_t value_count = reader.count(4);
  if (format_count > 1 && format_count != value_count) {
    throw SqlError(Sqlstate::ProtocolViolation, fmt::format("function call message contains {} argument formats but {} arguments", format_count, value_count));
  }
  for (size_t i = 0; i < value_count; ++i) {
    int32_t length = reader.int32();
    if (length < -1) throw_malformed();
    if (length == -1) {
      message.values.emplace_back(std::nullopt);
    } else {
      message.values.emplace_back(reader.take(static_cast<size_t>(length)));
    }
  }
  message.result_format = reader.int16();
  reader.end();
  return message;
}

TargetMessage parse_target(std::string_view body) {
  BodyReader reader(body);
  TargetMessage message;
  message.kind = reader.byte();
  message.name = reader.text();
  reader.end();
  return message;
}

ExecuteMessage parse_execute(std::string_view body) {
  BodyReader reader(body);
  ExecuteMessage message;
  message.portal = reader.text();
  message.max_rows = reader.int32();
  reader.end();
  return message;
}

std::string_view parse_string(std::string_view body) {
  BodyReader reader(body);
  std::string_view text = reader.text();
  reader.end();
  return text;
}

SaslInitial parse_sasl_initial(std::string_view body) {
  BodyReader reader(body);
  SaslInitial message;
  message.mechanism = reader.text();
  int32_t length = reader.int32();
  if (length >= 0) message.data = reader.take(static_cast<size_t>(length));
  reader.end();
  return message;
}

}  // namespace aegis::protocol
