// pgcrypto but for OpenPGP (pgcrypto_openpgp.cpp): digests, password hashing (libcrypt), raw encryption and random bytes (OpenSSL).
#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <cstring>
#include <memory>

#include "aegis/base/error.h"
#include "call.h"
#include "extension/bindings.h"
#include "unicode.h"

namespace aegis::functions {
namespace {

[[noreturn]] void throw_parameter(std::string message) { throw SqlError(Sqlstate::InvalidParameterValue, std::move(message)); }

const EVP_MD* hash_algorithm(Text name) {
  std::string wanted(name);
  for (char& c : wanted) c = static_cast<char>(tolower(static_cast<unsigned char>(c)));
  const EVP_MD* found = EVP_get_digestbyname(wanted.c_str());
  if (found == nullptr) throw_parameter("Cannot use \"" + wanted + "\": No such hash algorithm");
  return found;
}

std::string digest(Text data, Text algorithm) {
  unsigned char buffer[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), buffer, &size, hash_algorithm(algorithm), nullptr);
  return std::string(reinterpret_cast<char*>(buffer), size);
}

std::string keyed_digest(Text data, Text key, Text algorithm) {
  unsigned char buffer[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(hash_algorithm(algorithm), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()), data.size(), buffer, &size);
  return std::string(reinterpret_cast<char*>(buffer), size);
}

std::string random_bytes(int32_t size) {
  if (size < 1 || size > 1024) throw SqlError(Sqlstate::ExternalRoutineInvocationException, "Length not in range");
  std::string bytes(static_cast<size_t>(size), '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), size) != 1) throw SqlError(Sqlstate::InternalError, "could not generate random values");
  return bytes;
}

// --- Passwords ---

struct SaltKind {
  std::string_view name;
  const char* prefix;
  int default_rounds, least, most;
};
constexpr SaltKind kSalts[] = {{"des", "", 0, 0, 0}, {"md5", "$1$", 0, 0, 0}, {"xdes", "_", 29 * 25, 1, 0xffffff}, {"bf", "$2a$", 6, 4, 31}};

std::string make_salt(Text name, int32_t rounds) {
  std::string wanted(name);
  for (char& c : wanted) c = static_cast<char>(tolower(static_cast<unsigned char>(c)));
  for (const SaltKind& kind : kSalts) {
    if (kind.name != wanted) continue;
    if (rounds == 0) rounds = kind.default_rounds;
    if (kind.most == 0 ? rounds != 0 && !(wanted == "des" ? rounds == 25 : rounds == 1000) : rounds < kind.least || rounds > kind.most) {
      throw_parameter("gen_salt: Incorrect number of rounds");
    }
    if (wanted == "xdes" && rounds % 2 == 0) throw_parameter("gen_salt: Incorrect number of rounds");
    if (kind.most == 0) rounds = 0;
    std::string random = random_bytes(32);
    char output[CRYPT_GENSALT_OUTPUT_SIZE];
    const char* salt = crypt_gensalt_rn(kind.prefix, static_cast<unsigned long>(rounds), random.data(), 32, output, sizeof output);
    if (salt == nullptr) throw_parameter("gen_salt: Unknown salt algorithm");
    return salt;
  }
  throw_parameter("gen_salt: Unknown salt algorithm");
}

std::string crypt_password(Text password, Text salt) {
  auto data = std::make_unique<crypt_data>();
  std::string p(password), s(salt);
  const char* result = crypt_r(p.c_str(), s.c_str(), data.get());
  if (result == nullptr || result[0] == '*') throw_parameter("invalid salt");
  return result;
}

// --- Raw encryption: "aes-cbc/pad:pkcs" and the like ---

struct Cipher {
  const EVP_CIPHER* cipher;
  std::string key;
  bool padded;
};

void load_legacy() {
  static const bool loaded = [] {
    OSSL_PROVIDER_load(nullptr, "default");
    OSSL_PROVIDER_load(nullptr, "legacy");
    return true;
  }();
  (void)loaded;
}

Cipher find_cipher(Text type, Text key) {
  std::string text(type);
  for (char& c : text) c = static_cast<char>(tolower(static_cast<unsigned char>(c)));
  std::string padding = "pkcs", mode = "cbc", whole = text;
  if (size_t at = text.find("/pad:"); at != std::string::npos) {
    padding = text.substr(at + 5);
    text.resize(at);
  }
  if (size_t at = text.find('-'); at != std::string::npos) {
    mode = text.substr(at + 1);
    text.resize(at);
  }
  auto refuse = [&]() -> Cipher { throw_parameter("Cannot use \"" + whole + "\": No such cipher algorithm"); };
  if ((mode != "cbc" && mode != "ecb") || (padding != "pkcs" && padding != "none")) refuse();
  bool cbc = mode == "cbc";
  std::string bytes(key);
  auto sized = [&](size_t most) {
    if (bytes.size() > most) throw_parameter("encrypt error: Key was too big");
    bytes.resize(most);
  };
  const EVP_CIPHER* cipher = nullptr;
  if (text == "aes" || text == "rijndael") {
    size_t size = bytes.size() <= 16 ? 16 : bytes.size() <= 24 ? 24 : 32;
    sized(size);
    cipher = size == 16 ? (cbc ? EVP_aes_128_cbc() : EVP_aes_128_ecb()) : size == 24 ? (cbc ? EVP_aes_192_cbc() : EVP_aes_192_ecb())
                                                                                     : (cbc ? EVP_aes_256_cbc() : EVP_aes_256_ecb());
  } else if (text == "3des" || text == "des3") {
    sized(24);
    cipher = cbc ? EVP_des_ede3_cbc() : EVP_des_ede3_ecb();
  } else if (text == "des") {
    load_legacy();
    sized(8);
    cipher = cbc ? EVP_des_cbc() : EVP_des_ecb();
  } else if (text == "bf" || text == "blowfish") {
    load_legacy();
    cipher = cbc ? EVP_bf_cbc() : EVP_bf_ecb();
    if (bytes.size() > 56) throw_parameter("encrypt error: Key was too big");
  } else if (text == "cast5") {
    load_legacy();
    cipher = cbc ? EVP_cast5_cbc() : EVP_cast5_ecb();
    if (bytes.size() > 16) throw_parameter("encrypt error: Key was too big");
  } else {
    return refuse();
  }
  return {cipher, std::move(bytes), padding == "pkcs"};
}

std::string run_cipher(Text data, Text key, Text vector, Text type, bool encrypt) {
  const char* what = encrypt ? "encrypt" : "decrypt";
  auto fail = [&](const char* why) {
    throw SqlError(Sqlstate::ExternalRoutineInvocationException, std::string(what) + " error: " + why);
  };
  Cipher cipher = find_cipher(type, key);
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  auto block = static_cast<size_t>(EVP_CIPHER_get_block_size(cipher.cipher));
  unsigned char iv[EVP_MAX_IV_LENGTH] = {};
  std::memcpy(iv, vector.data(), std::min<size_t>(vector.size(), block));
  if (EVP_CipherInit_ex(context.get(), cipher.cipher, nullptr, nullptr, nullptr, encrypt) != 1) fail("Cannot use this cipher");
  EVP_CIPHER_CTX_set_key_length(context.get(), static_cast<int>(cipher.key.size()));
  EVP_CIPHER_CTX_set_padding(context.get(), cipher.padded ? 1 : 0);
  if (!cipher.padded && data.size() % block != 0) fail("Data not a multiple of block size");
  if (!encrypt && cipher.padded && (data.empty() || data.size() % block != 0)) fail("Decryption failed");
  if (EVP_CipherInit_ex(context.get(), nullptr, nullptr, reinterpret_cast<const unsigned char*>(cipher.key.data()), iv, encrypt) != 1) fail("Key was rejected");
  std::string out(data.size() + block, '\0');
  int size = 0, rest = 0;
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  if (EVP_CipherUpdate(context.get(), to, &size, reinterpret_cast<const unsigned char*>(data.data()), static_cast<int>(data.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), to + size, &rest) != 1) {
    fail(encrypt ? "Encryption failed" : "Decryption failed");
  }
  out.resize(static_cast<size_t>(size + rest));
  return out;
}

constexpr ScalarBinding kBindings[] = {
    {"pgcrypto_digest", kernel<[](Text data, Text algorithm) { return digest(data, algorithm); }>},
    {"pgcrypto_hmac", kernel<[](Text data, Text key, Text algorithm) { return keyed_digest(data, key, algorithm); }>},
    {"pgcrypto_crypt", kernel<[](Text password, Text salt) { return crypt_password(password, salt); }>},
    {"pgcrypto_gen_salt", kernel<[](Text kind) { return make_salt(kind, 0); }>},
    {"pgcrypto_gen_salt_rounds", kernel<[](Text kind, int32_t rounds) { return make_salt(kind, rounds); }>},
    {"pgcrypto_encrypt", kernel<[](Text data, Text key, Text type) { return run_cipher(data, key, "", type, true); }>},
    {"pgcrypto_decrypt", kernel<[](Text data, Text key, Text type) { return run_cipher(data, key, "", type, false); }>},
    {"pgcrypto_encrypt_iv", kernel<[](Text data, Text key, Text iv, Text type) { return run_cipher(data, key, iv, type, true); }>},
    {"pgcrypto_decrypt_iv", kernel<[](Text data, Text key, Text iv, Text type) { return run_cipher(data, key, iv, type, false); }>},
    {"pgcrypto_random_bytes", kernel<[](int32_t size) { return random_bytes(size); }>},
};

}  // namespace

std::span<const ScalarBinding> pgcrypto_bindings() { return kBindings; }

}  // namespace aegis::functions
