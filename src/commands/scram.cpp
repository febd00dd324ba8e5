#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <span>

#include "aegis/base/error.h"
#include "aegis/os/random.h"
#include "role.h"

namespace aegis::commands {
namespace {

constexpr int kIterations = 4096;
constexpr size_t kSaltBytes = 16;
using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

std::string base64(std::span<const unsigned char> bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

Digest keyed(const Digest& key, std::string_view text) {
  Digest out;
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size) == nullptr) {
    throw InternalError("HMAC failed");
  }
  return out;
}

}  // namespace

std::string scram_verifier(std::string_view password) {
  if (password.starts_with("SCRAM-SHA-256$")) return std::string(password);
  std::array<unsigned char, kSaltBytes> salt;
  os::fill_random(std::as_writable_bytes(std::span(salt)));
  Digest salted;
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(), salt.size(), kIterations, EVP_sha256(),
                        static_cast<int>(salted.size()), salted.data()) != 1) {
    throw InternalError("PBKDF2 failed");
  }
  Digest client = keyed(salted, "Client Key");
  Digest server = keyed(salted, "Server Key");
  Digest stored;
  SHA256(client.data(), client.size(), stored.data());
  return "SCRAM-SHA-256$" + std::to_string(kIterations) + ":" + base64(salt) + "$" + base64(stored) + ":" + base64(server);
}

}  // namespace aegis::commands
