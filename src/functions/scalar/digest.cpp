// Digests, and text encodings of bytes.
#include <openssl/evp.h>

#include <algorithm>

#include "aegis/types/bytea.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "unicode.h"

namespace aegis::functions {

namespace {

std::string digest(const EVP_MD* algorithm, Text data) {
  unsigned char buffer[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), buffer, &size, algorithm, nullptr);
  return std::string(reinterpret_cast<char*>(buffer), size);
}

std::string md5_hex(Text data) {
  std::string out;
  types::append_hex(digest(EVP_md5(), data), out);
  return out;
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Lines of 76 characters, as PostgreSQL's.
std::string base64_encode(Text data) {
  std::string out;
  size_t line = 0;
  for (size_t i = 0; i < data.size(); i += 3) {
    uint32_t word = 0;
    size_t have = std::min<size_t>(3, data.size() - i);
    for (size_t k = 0; k < 3; ++k) word = (word << 8) | (k < have ? static_cast<unsigned char>(data[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) out += k <= have ? kBase64[(word >> (18 - 6 * k)) & 63] : '=';
    line += 4;
    if (line >= 76 && i + 3 <= data.size()) {
      out += '\n';
      line = 0;
    }
  }
  return out;
}

std::string base64_decode(Text text) {
  std::string out;
  uint32_t word = 0;
  int position = 0;
  int end = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    int value = 0;
    if (c == '=') {
      if (end == 0) {
        if (position == 2) {
          end = 1;
        } else if (position == 3) {
          end = 2;
        } else {
          throw SqlError(Sqlstate::InvalidParameterValue, "unexpected \"=\" while decoding base64 sequence");
        }
      }
    } else {
      const char* found = std::find(kBase64, kBase64 + 64, c);
      if (found == kBase64 + 64) {
        throw SqlError(Sqlstate::InvalidParameterValue,
                       "invalid symbol \"" + std::string(text.substr(i, types::utf8_bytes(c))) +
                           "\" found while decoding base64 sequence");
      }
      value = static_cast<int>(found - kBase64);
    }
    word = (word << 6) | static_cast<uint32_t>(value);
    if (++position == 4) {
      out += static_cast<char>(word >> 16);
      if (end == 0 || end > 1) out += static_cast<char>(word >> 8);
      if (end == 0) out += static_cast<char>(word);
      word = 0;
      position = 0;
    }
  }
  if (position != 0) {
    throw SqlError(Sqlstate::InvalidParameterValue, "invalid base64 end sequence")
        .hint("Input data is missing padding, is truncated, or is otherwise corrupted.");
  }
  return out;
}

// Only bytes that are not ASCII and backslashes are escaped.
std::string escape_encode(Text data) {
  std::string out;
  for (unsigned char c : data) {
    if (c == 0 || c >= 0x80) {
      out += '\\';
      out += static_cast<char>('0' + (c >> 6));
      out += static_cast<char>('0' + ((c >> 3) & 7));
      out += static_cast<char>('0' + (c & 7));
    } else {
      if (c == '\\') out += '\\';
      out += static_cast<char>(c);
    }
  }
  return out;
}

[[noreturn]] void throw_encoding(Text name) {
  throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized encoding: \"" + std::string(name) + "\"");
}

std::string encode(Text data, Text name) {
  std::string which = lower(name);
  if (which == "hex") {
    std::string out;
    types::append_hex(data, out);
    return out;
  }
  if (which == "base64") return base64_encode(data);
  if (which == "escape") return escape_encode(data);
  throw_encoding(name);
}

std::string decode(Text text, Text name) {
  std::string which = lower(name);
  if (which == "hex") return types::parse_hex(text);
  if (which == "base64") return base64_decode(text);
  if (which == "escape") return text.starts_with("\\x") ? types::parse_bytea("\\\\" + std::string(text.substr(1))) : types::parse_bytea(text);
  throw_encoding(name);
}

constexpr ScalarBinding kBindings[] = {
    {"md5_text", kernel<[](Text a) { return md5_hex(a); }>},
    {"md5_bytea", kernel<[](Text a) { return md5_hex(a); }>},
    {"sha224_bytea", kernel<[](Text a) { return digest(EVP_sha224(), a); }>},
    {"sha256_bytea", kernel<[](Text a) { return digest(EVP_sha256(), a); }>},
    {"sha384_bytea", kernel<[](Text a) { return digest(EVP_sha384(), a); }>},
    {"sha512_bytea", kernel<[](Text a) { return digest(EVP_sha512(), a); }>},
    {"binary_encode", kernel<encode>},
    {"binary_decode", kernel<decode>},
};

}  // namespace

std::span<const ScalarBinding> digest_bindings() { return kBindings; }

}  // namespace aegis::functions
