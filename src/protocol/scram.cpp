#include "aegis/protocol/scram.h"

#include <charconv>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "aegis/base/error.h"

namespace aegis::protocol {

namespace {

constexpr size_t kKeyBytes = 32;
constexpr std::string_view kPrefix = "SCRAM-SHA-256$";

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hmac(std::string_view key, std::string_view text) {
  std::string out(kKeyBytes, '\0');
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

std::string sha256(std::string_view text) {
  std::string out(kKeyBytes, '\0');
  SHA256(bytes_of(text), text.size(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(length));
  return out;
}

bool unbase64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0 || text.empty()) return false;
  out.assign(text.size() / 4 * 3, '\0');
  int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), static_cast<int>(text.size()));
  if (length < 0) return false;
  size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  out.resize(static_cast<size_t>(length) - padding);
  return true;
}

std::string salted_password(std::string_view password, std::string_view salt, int iterations) {
  std::string out(kKeyBytes, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt), static_cast<int>(salt.size()),
                    iterations, EVP_sha256(), kKeyBytes, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw SqlError(Sqlstate::InternalError, "could not generate random nonce");
  }
  return out;
}

struct Verifier {
  int iterations = 0;
  std::string salt;  // bytes
  std::string stored_key;
  std::string server_key;
};

bool parse_verifier(std::string_view text, Verifier& out) {
  if (!text.starts_with(kPrefix)) return false;
  text.remove_prefix(kPrefix.size());
  size_t colon = text.find(':');
  size_t dollar = text.find('$');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || colon > dollar) return false;
  auto number = std::from_chars(text.data(), text.data() + colon, out.iterations);
  if (number.ec != std::errc() || number.ptr != text.data() + colon || out.iterations <= 0) return false;
  if (!unbase64(text.substr(colon + 1, dollar - colon - 1), out.salt)) return false;
  std::string_view keys = text.substr(dollar + 1);
  size_t split = keys.find(':');
  if (split == std::string_view::npos) return false;
  return unbase64(keys.substr(0, split), out.stored_key) && unbase64(keys.substr(split + 1), out.server_key) &&
         out.stored_key.size() == kKeyBytes && out.server_key.size() == kKeyBytes;
}

[[noreturn]] void throw_malformed(const char* detail) {
  throw SqlError(Sqlstate::ProtocolViolation, "malformed SCRAM message").severity("FATAL").detail(detail);
}

// The value of "x=value" at the start of `text`, which is moved behind it.
std::string_view attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') throw_malformed("An attribute is missing.");
  size_t comma = text.find(',');
  std::string_view value = text.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  return value;
}

}  // namespace

std::string make_scram_verifier(std::string_view password, int iterations) {
  std::string salt = random_bytes(16);
  std::string salted = salted_password(password, salt, iterations);
  return std::string(kPrefix) + std::to_string(iterations) + ":" + base64(salt) + "$" +
         base64(sha256(hmac(salted, "Client Key"))) + ":" + base64(hmac(salted, "Server Key"));
}

bool is_scram_verifier(std::string_view text) {
  Verifier verifier;
  return parse_verifier(text, verifier);
}

bool check_password(std::string_view text, std::string_view password) {
  Verifier verifier;
  if (!parse_verifier(text, verifier)) return false;
  std::string salted = salted_password(password, verifier.salt, verifier.iterations);
  std::string stored = sha256(hmac(salted, "Client Key"));
  return CRYPTO_memcmp(stored.data(), verifier.stored_key.data(), kKeyBytes) == 0;
}

ScramExchange::ScramExchange(std::string_view text, std::string_view mock_seed) {
  Verifier verifier;
  if (parse_verifier(text, verifier)) {
    iterations_ = verifier.iterations;
    salt_ = base64(verifier.salt);
    stored_key_ = verifier.stored_key;
    server_key_ = verifier.server_key;
    return;
  }
  doomed_ = true;
  salt_ = base64(sha256(mock_seed).substr(0, 16));
  stored_key_.assign(kKeyBytes, '\0');
  server_key_.assign(kKeyBytes, '\0');
}

std::string ScramExchange::first(std::string_view message) {
  std::string_view rest = message;
  if (rest.empty() || (rest[0] != 'n' && rest[0] != 'y')) {
    if (!rest.empty() && rest[0] == 'p') {
      throw SqlError(Sqlstate::ProtocolViolation,
                     "client requires SCRAM channel binding, but it is not supported")
          .severity("FATAL");
    }
    throw_malformed("The channel binding flag is not known.");
  }
  size_t comma = rest.find(',');
  size_t second = comma == std::string_view::npos ? comma : rest.find(',', comma + 1);
  if (second == std::string_view::npos) throw_malformed("The header is incomplete.");
  if (second != comma + 1) {
    throw SqlError(Sqlstate::FeatureNotSupported, "client uses authorization identity, but it is not supported")
        .severity("FATAL");
  }
  gs2_header_ = rest.substr(0, second + 1);
  rest.remove_prefix(second + 1);
  client_first_bare_ = rest;
  attribute(rest, 'n');
  std::string_view client_nonce = attribute(rest, 'r');
  nonce_ = std::string(client_nonce) + base64(random_bytes(18));
  server_first_ = "r=" + nonce_ + ",s=" + salt_ + ",i=" + std::to_string(iterations_);
  return server_first_;
}

bool ScramExchange::final(std::string_view message, std::string& server_final) {
  size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) throw_malformed("The proof is missing.");
  std::string_view without_proof = message.substr(0, proof_at);
  std::string_view rest = without_proof;
  if (attribute(rest, 'c') != base64(gs2_header_)) {
    throw SqlError(Sqlstate::ProtocolViolation, "unexpected SCRAM channel-binding attribute in client-final-message")
        .severity("FATAL");
  }
  if (attribute(rest, 'r') != nonce_) {
    throw SqlError(Sqlstate::ProtocolViolation, "invalid SCRAM response").severity("FATAL").detail("Nonce does not match.");
  }
  std::string proof;
  if (!unbase64(message.substr(proof_at + 3), proof) || proof.size() != kKeyBytes) throw_malformed("The proof is malformed.");
  std::string auth = client_first_bare_ + "," + server_first_ + "," + std::string(without_proof);
  std::string signature = hmac(stored_key_, auth);
  for (size_t i = 0; i < kKeyBytes; ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  std::string stored = sha256(proof);
  bool same = CRYPTO_memcmp(stored.data(), stored_key_.data(), kKeyBytes) == 0;
  if (!same || doomed_) return false;
  server_final = "v=" + base64(hmac(server_key_, auth));
  return true;
}

}  // namespace aegis::protocol
