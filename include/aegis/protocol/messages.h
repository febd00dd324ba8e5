// The messages of PostgreSQL's protocol 3: framing, reading what a client sends, writing what a server sends. No state,
// no sockets. Numbers are big endian; a message is a type byte, a length that counts itself, and a body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/base/ids.h"

namespace aegis::protocol {

inline constexpr uint32_t kProtocolVersion = 3 << 16;
inline constexpr uint32_t kCancelRequest = (1234 << 16) | 5678;
inline constexpr uint32_t kSslRequest = (1234 << 16) | 5679;
inline constexpr uint32_t kGssEncRequest = (1234 << 16) | 5680;

// Bytes a message may have at most: 1 GiB as in PostgreSQL, little before the client has proven who it is.
inline constexpr uint32_t kMaxMessageBytes = 0x3fffffff;
inline constexpr uint32_t kMaxStartupBytes = 10000;

struct Frame {
  char type = 0;  // 0: a startup packet, which has no type byte
  std::string_view body;
  size_t size = 0;  // bytes of the whole message
};
// The first message in `input`; nothing when it is not all there. Throws 08P01 for an impossible length.
std::optional<Frame> next_frame(std::string_view input, uint32_t max_bytes);
std::optional<Frame> next_startup_frame(std::string_view input);

struct StartupPacket {
  uint32_t version = 0;  // or one of the request codes
  std::vector<std::pair<std::string, std::string>> parameters;
  int32_t cancel_pid = 0;
  int32_t cancel_key = 0;
};
StartupPacket parse_startup(std::string_view body);

// Views into the frame's body. All throw 08P01 for a malformed message.
struct ParseMessage {
  std::string_view statement;
  std::string_view query;
  std::vector<Oid> types;
};
ParseMessage parse_parse(std::string_view body);

struct BindMessage {
  std::string_view portal;
  std::string_view statement;
  std::vector<int16_t> formats;
  std::vector<std::optional<std::string_view>> values;
  std::vector<int16_t> result_formats;
};
BindMessage parse_bind(std::string_view body);

// Describe and Close: S a statement, P a portal.
struct TargetMessage {
  char kind = 'S';
  std::string_view name;
};
TargetMessage parse_target(std::string_view body);

struct ExecuteMessage {
  std::string_view portal;
  int32_t max_rows = 0;
};
ExecuteMessage parse_execute(std::string_view body);

struct FunctionCallMessage {
  Oid function = 0;
  std::vector<int16_t> formats;
  std::vector<std::optional<std::string_view>> values;
  int16_t result_format = 0;
};
FunctionCallMessage parse_function_call(std::string_view body);

// The only field of Query, PasswordMessage and CopyFail.
std::string_view parse_string(std::string_view body);

struct SaslInitial {
  std::string_view mechanism;
  std::string_view data;
};
SaslInitial parse_sasl_initial(std::string_view body);

// Writes one message at the end of `out`; finish() fills in the length.
class MessageWriter {
 public:
  MessageWriter(std::string& out, char type);
  MessageWriter& byte(char value);
  MessageWriter& int16(int16_t value);
  MessageWriter& int32(int32_t value);
  MessageWriter& bytes(std::string_view value);
  MessageWriter& text(std::string_view value);  // with a zero behind
  void finish();

 private:
  std::string& out_;
  size_t start_;
};

// A message without a body, or with one string.
void append_message(std::string& out, char type);
void append_message(std::string& out, char type, std::string_view text);
void append_authentication(std::string& out, int32_t code, std::string_view data = {});
void append_sasl_mechanisms(std::string& out);
void append_parameter_status(std::string& out, std::string_view name, std::string_view value);
void append_backend_key(std::string& out, int32_t pid, int32_t key);
void append_ready(std::string& out, char transaction_status);
void append_negotiate_version(std::string& out, const std::vector<std::string>& unknown_options);
void append_error(std::string& out, const ErrorFields& fields);
void append_notice(std::string& out, const ErrorFields& fields);
void append_notification(std::string& out, int32_t pid, std::string_view channel, std::string_view payload);
void append_parameter_description(std::string& out, const std::vector<Oid>& types);
// CopyInResponse 'G' or CopyOutResponse 'H'.
void append_copy_response(std::string& out, char type, bool binary, size_t column_count);

struct FieldDescription {
  std::string_view name;
  Oid table = kInvalidOid;
  int16_t attribute = 0;
  Oid type = kInvalidOid;
  int16_t length = -1;
  int32_t typmod = -1;
  int16_t format = 0;
};
void append_row_description(std::string& out, const std::vector<FieldDescription>& fields);

}  // namespace aegis::protocol
