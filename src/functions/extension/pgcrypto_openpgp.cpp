// pgcrypto's OpenPGP messages under a password (RFC 4880): pgp_sym_encrypt and pgp_sym_decrypt.
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "aegis/base/error.h"
#include "call.h"
#include "extension/bindings.h"

namespace aegis::functions {
namespace {

[[noreturn]] void fail(const char* message) { throw SqlError(Sqlstate::ExternalRoutineInvocationException, message); }
[[noreturn]] void throw_wrong_key() { fail("Wrong key or corrupt data"); }
[[noreturn]] void throw_corrupt() { fail("Wrong key or corrupt data"); }

// --- Algorithms and their numbers ---

struct Cipher {
  int number;
  std::string_view name;
  const EVP_CIPHER* (*cipher)();
  size_t key_size;
};
constexpr Cipher kCiphers[] = {
    {2, "3des", EVP_des_ede3_cfb64, 24},     {3, "cast5", EVP_cast5_cfb64, 16},    {4, "bf", EVP_bf_cfb64, 16},
    {4, "blowfish", EVP_bf_cfb64, 16},       {7, "aes", EVP_aes_128_cfb128, 16},   {7, "aes128", EVP_aes_128_cfb128, 16},
    {8, "aes192", EVP_aes_192_cfb128, 24},   {9, "aes256", EVP_aes_256_cfb128, 32},
};
struct Digest {
  int number;
  std::string_view name;
  const EVP_MD* (*digest)();
};
constexpr Digest kDigests[] = {{1, "md5", EVP_md5},       {2, "sha1", EVP_sha1},     {2, "sha-1", EVP_sha1},
                               {8, "sha256", EVP_sha256}, {9, "sha384", EVP_sha384}, {10, "sha512", EVP_sha512}};

template <typename T, size_t N>
const T* by_number(const T (&list)[N], int number) {
  auto found = std::find_if(std::begin(list), std::end(list), [&](const T& item) { return item.number == number; });
  return found == std::end(list) ? nullptr : &*found;
}
template <typename T, size_t N>
const T* by_name(const T (&list)[N], std::string_view name) {
  auto found = std::find_if(std::begin(list), std::end(list), [&](const T& item) { return item.name == name; });
  return found == std::end(list) ? nullptr : &*found;
}

void load_legacy() {
  static const bool loaded = [] {
    OSSL_PROVIDER_load(nullptr, "default");
    OSSL_PROVIDER_load(nullptr, "legacy");
    return true;
  }();
  (void)loaded;
}

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw SqlError(Sqlstate::InternalError, "could not generate random values");
  }
  return bytes;
}

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// CFB over whole blocks of the message; `vector` is the first block, zeros when it is empty.
std::string run_cipher(const Cipher& cipher, std::string_view key, std::string_view vector, std::string_view data, bool encrypt) {
  load_legacy();
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  unsigned char iv[EVP_MAX_IV_LENGTH] = {};
  std::memcpy(iv, vector.data(), std::min<size_t>(vector.size(), sizeof iv));
  std::string out(data.size() + EVP_MAX_BLOCK_LENGTH, '\0');
  int size = 0;
  bool done = EVP_CipherInit_ex(context.get(), cipher.cipher(), nullptr, nullptr, nullptr, encrypt) == 1 &&
              EVP_CIPHER_CTX_set_key_length(context.get(), static_cast<int>(cipher.key_size)) == 1 &&
              EVP_CipherInit_ex(context.get(), nullptr, nullptr, raw(key), iv, encrypt) == 1 &&
              EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, raw(data), static_cast<int>(data.size())) == 1;
  if (!done) fail("Unsupported cipher algorithm");
  out.resize(static_cast<size_t>(size));
  return out;
}
size_t block_size(const Cipher& cipher) { return static_cast<size_t>(EVP_CIPHER_get_iv_length(cipher.cipher())); }

std::string sha1(std::string_view data) {
  unsigned char buffer[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), buffer, &size, EVP_sha1(), nullptr);
  return std::string(reinterpret_cast<char*>(buffer), size);
}

// --- Keys of passwords ---

struct StringToKey {
  int mode = 3;
  const Digest* digest = by_number(kDigests, 2);
  std::string salt;
  uint8_t count = 0;

  size_t bytes() const { return static_cast<size_t>(16 + (count & 15)) << ((count >> 4) + 6); }
  std::string key(std::string_view password, size_t size) const {
    std::string input = (mode == 0 ? "" : salt) + std::string(password);
    size_t total = mode == 3 ? std::max(bytes(), input.size()) : input.size();
    std::string key;
    for (size_t zeros = 0; key.size() < size; ++zeros) {
      std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
      EVP_DigestInit_ex(context.get(), digest->digest(), nullptr);
      std::string before(zeros, '\0');
      EVP_DigestUpdate(context.get(), before.data(), before.size());
      for (size_t left = total; left > 0;) {
        size_t part = std::min(left, input.size());
        EVP_DigestUpdate(context.get(), input.data(), part);
        left -= part;
      }
      unsigned char buffer[EVP_MAX_MD_SIZE];
      unsigned made = 0;
      EVP_DigestFinal_ex(context.get(), buffer, &made);
      key.append(reinterpret_cast<char*>(buffer), made);
    }
    key.resize(size);
    return key;
  }
};

// --- Packets ---

enum Tag : int { kSessionKey = 3, kCompressed = 8, kEncrypted = 9, kMarker = 10, kLiteral = 11, kProtected = 18, kCheck = 19 };

std::string packet(Tag tag, std::string_view body) {
  std::string out(1, static_cast<char>(0xc0 | tag));
  size_t size = body.size();
  if (size < 192) {
    out += static_cast<char>(size);
  } else if (size < 8384) {
    out += static_cast<char>(((size - 192) >> 8) + 192);
    out += static_cast<char>((size - 192) & 255);
  } else {
    out += '\xff';
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  }
  return out.append(body);
}

class Packets {
 public:
  explicit Packets(std::string_view bytes) : bytes_(bytes) {}
  bool next(int& tag, std::string& body) {
    if (at_ >= bytes_.size()) return false;
    uint8_t header = byte();
    if ((header & 0x80) == 0) throw_corrupt();
    body.clear();
    if ((header & 0x40) == 0) {
      tag = (header >> 2) & 15;
      int kind = header & 3;
      size_t size = kind == 3 ? bytes_.size() - at_ : number(kind == 0 ? 1 : kind == 1 ? 2 : 4);
      take(size, body);
      return true;
    }
    tag = header & 63;
    for (bool more = true; more;) {
      uint8_t first = byte();
      more = first >= 224 && first < 255;
      size_t size = first < 192 ? first : first < 224 ? (static_cast<size_t>(first - 192) << 8) + byte() + 192 : first == 255 ? number(4) : size_t{1} << (first & 31);
      take(size, body);
    }
    return true;
  }

 private:
  uint8_t byte() {
    if (at_ >= bytes_.size()) throw_corrupt();
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  size_t number(int count) {
    size_t value = 0;
    while (count-- > 0) value = value << 8 | byte();
    return value;
  }
  void take(size_t size, std::string& body) {
    if (size > bytes_.size() - at_) throw_corrupt();
    body.append(bytes_.substr(at_, size));
    at_ += size;
  }
  std::string_view bytes_;
  size_t at_ = 0;
};

// --- Options: "cipher-algo=aes256, compress-algo=0" ---

struct Options {
  const Cipher* cipher = by_number(kCiphers, 7);
  const Cipher* key_cipher = nullptr;
  StringToKey to_key;
  std::optional<int> count;
  bool session_key = false, convert_crlf = false, unicode = false;

  explicit Options(Text text) {
    for (size_t at = 0; at < text.size();) {
      size_t end = std::min(text.find(',', at), text.size());
      Text part = types::trim_space(text.substr(at, end - at));
      at = end + 1;
      if (part.empty()) continue;
      size_t equals = part.find('=');
      if (equals == Text::npos) fail("Illegal argument to function");
      set(types::trim_space(part.substr(0, equals)), std::string(types::trim_space(part.substr(equals + 1))));
    }
    if (key_cipher == nullptr) key_cipher = cipher;
  }

 private:
  static int integer(const std::string& value) {
    if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos || value.size() > 9) fail("Illegal argument to function");
    return std::stoi(value);
  }
  static const Cipher* cipher_of(const std::string& value) {
    const Cipher* found = by_name(kCiphers, value);
    if (found == nullptr) fail("Unsupported cipher algorithm");
    return found;
  }
  void set(Text name, const std::string& value) {
    if (name == "cipher-algo") cipher = cipher_of(value);
    else if (name == "s2k-cipher-algo") key_cipher = cipher_of(value);
    else if (name == "s2k-digest-algo") {
      to_key.digest = by_name(kDigests, value);
      if (to_key.digest == nullptr) fail("Unsupported digest algorithm");
    } else if (name == "s2k-mode") {
      to_key.mode = integer(value);
      if (to_key.mode != 0 && to_key.mode != 1 && to_key.mode != 3) fail("Illegal argument to function");
    } else if (name == "s2k-count") {
      count = integer(value);
      if (*count < 1024 || *count > 65011712) fail("Illegal argument to function");
    } else if (name == "sess-key") session_key = integer(value) != 0;
    else if (name == "convert-crlf") convert_crlf = integer(value) != 0;
    else if (name == "unicode-mode") unicode = integer(value) != 0;
    else if (name == "compress-algo") {
      if (integer(value) != 0) throw_not_supported("compression of OpenPGP messages");
    } else if (name == "disable-mdc") {
      if (integer(value) != 0) throw_not_supported("OpenPGP messages without integrity protection");
    } else if (name == "compress-level") {
      if (integer(value) > 9) fail("Illegal argument to function");
    } else fail("Illegal argument to function");
  }
};

std::string with_crlf(Text text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  return out;
}
std::string without_crlf(Text text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 >= text.size() || text[i + 1] != '\n') out += text[i];
  }
  return out;
}

std::string encrypt(Text data, Text password, Text arguments, bool is_text) {
  Options options(arguments);
  StringToKey& to_key = options.to_key;
  if (to_key.mode != 0) to_key.salt = random_bytes(8);
  if (to_key.mode == 3) {
    // The least that is as much as was asked for, or something between 65,536 and 253,952.
    to_key.count = options.count ? 0 : static_cast<uint8_t>(96 + static_cast<uint8_t>(random_bytes(1)[0]) % 32);
    while (options.count && to_key.bytes() < static_cast<size_t>(*options.count)) ++to_key.count;
  }
  std::string session{'\4', static_cast<char>(options.key_cipher->number), static_cast<char>(to_key.mode), static_cast<char>(to_key.digest->number)};
  session += to_key.salt;
  if (to_key.mode == 3) session += static_cast<char>(to_key.count);
  std::string key = to_key.key(password, options.session_key ? options.key_cipher->key_size : options.cipher->key_size);
  const Cipher* cipher = options.session_key ? options.cipher : options.key_cipher;
  if (options.session_key) {
    std::string own = random_bytes(options.cipher->key_size);
    session += run_cipher(*options.key_cipher, key, "", static_cast<char>(options.cipher->number) + own, true);
    key = own;
  } else {
    key = to_key.key(password, cipher->key_size);
  }
  std::string literal(1, !is_text ? 'b' : options.unicode ? 'u' : 't');
  literal += std::string(5, '\0');
  literal += is_text && options.convert_crlf ? with_crlf(data) : std::string(data);
  std::string plain = random_bytes(block_size(*cipher));
  plain += plain.substr(plain.size() - 2);
  plain += packet(kLiteral, literal);
  plain += "\xd3\x14";
  plain += sha1(plain);
  return packet(kSessionKey, session) + packet(kProtected, "\1" + run_cipher(*cipher, key, "", plain, true));
}

struct Message {
  char mode = 'b';
  std::string data;
};

Message read_literal(std::string_view packets) {
  int tag = 0;
  std::string body;
  Packets inside(packets);
  while (inside.next(tag, body)) {
    if (tag == kMarker) continue;
    if (tag == kCompressed) throw_not_supported("compressed OpenPGP messages");
    if (tag != kLiteral || body.size() < 6) throw_corrupt();
    size_t name = static_cast<uint8_t>(body[1]);
    if (body.size() < 6 + name) throw_corrupt();
    return {body[0], body.substr(6 + name)};
  }
  throw_corrupt();
}

class Decryption {
 public:
  explicit Decryption(Text password) : password_(password) {}

  Message run(Text message) {
    int tag = 0;
    std::string body;
    Packets packets(message);
    while (packets.next(tag, body)) {
      if (tag == kMarker) continue;
      if (tag == kSessionKey) read_session_key(body);
      else if (tag == kProtected) return read_protected(body);
      else if (tag == kEncrypted) return read_unprotected(body);
      else throw_corrupt();
    }
    throw_corrupt();
  }

 private:
  void read_session_key(const std::string& body) {
    if (cipher_ != nullptr) return;  // the first one counts
    if (body.size() < 4 || body[0] != 4) throw_corrupt();
    cipher_ = by_number(kCiphers, body[1]);
    StringToKey to_key;
    to_key.mode = body[2];
    to_key.digest = by_number(kDigests, body[3]);
    if (cipher_ == nullptr) fail("Unsupported cipher algorithm");
    if (to_key.digest == nullptr) fail("Unsupported digest algorithm");
    size_t at = 4;
    if (to_key.mode == 1 || to_key.mode == 3) {
      if (body.size() < at + 8) throw_corrupt();
      to_key.salt = body.substr(at, 8);
      at += 8;
    } else if (to_key.mode != 0) {
      throw_corrupt();
    }
    if (to_key.mode == 3) {
      if (body.size() <= at) throw_corrupt();
      to_key.count = static_cast<uint8_t>(body[at++]);
    }
    key_ = to_key.key(password_, cipher_->key_size);
    if (at == body.size()) return;
    std::string own = run_cipher(*cipher_, key_, "", std::string_view(body).substr(at), false);
    cipher_ = by_number(kCiphers, own[0]);
    if (cipher_ == nullptr || own.size() != cipher_->key_size + 1) throw_wrong_key();
    key_ = own.substr(1);
  }
  // The prefix: a block, and its last two bytes again.
  void check_prefix(std::string_view plain, size_t block) const {
    if (plain.size() < block + 2 || plain.substr(block - 2, 2) != plain.substr(block, 2)) throw_wrong_key();
  }
  Message read_protected(const std::string& body) {
    constexpr size_t kCheckBytes = 22;
    if (cipher_ == nullptr || body.empty() || body[0] != 1) throw_corrupt();
    size_t block = block_size(*cipher_);
    std::string plain = run_cipher(*cipher_, key_, "", std::string_view(body).substr(1), false);
    check_prefix(plain, block);
    if (plain.size() < block + 2 + kCheckBytes) throw_corrupt();
    std::string_view checked = std::string_view(plain).substr(0, plain.size() - 20);
    if (!checked.ends_with("\xd3\x14") || sha1(checked) != plain.substr(plain.size() - 20)) throw_corrupt();
    return read_literal(std::string_view(plain).substr(block + 2, plain.size() - block - 2 - kCheckBytes));
  }
  // The cipher starts anew behind the prefix.
  Message read_unprotected(const std::string& body) {
    if (cipher_ == nullptr) throw_corrupt();
    size_t block = block_size(*cipher_);
    if (body.size() < block + 2) throw_corrupt();
    check_prefix(run_cipher(*cipher_, key_, "", std::string_view(body).substr(0, block + 2), false), block);
    return read_literal(run_cipher(*cipher_, key_, std::string_view(body).substr(2, block), std::string_view(body).substr(block + 2), false));
  }

  Text password_;
  const Cipher* cipher_ = nullptr;
  std::string key_;
};

std::string decrypt(Text message, Text password, Text arguments, bool is_text) {
  Options options(arguments);
  Message found = Decryption(password).run(message);
  if (!is_text) return found.data;
  if (found.mode == 'b') fail("Not text data");
  if (options.convert_crlf) found.data = without_crlf(found.data);
  if (types::utf8_find_invalid(found.data) != std::string::npos || found.data.find('\0') != std::string::npos) {
    throw SqlError(Sqlstate::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");
  }
  return found.data;
}

constexpr ScalarBinding kBindings[] = {
    {"pgp_sym_encrypt_text", kernel<[](Text data, Text key) { return encrypt(data, key, "", true); }>},
    {"pgp_sym_encrypt_text_options", kernel<[](Text data, Text key, Text options) { return encrypt(data, key, options, true); }>},
    {"pgp_sym_encrypt_bytea", kernel<[](Text data, Text key) { return encrypt(data, key, "", false); }>},
    {"pgp_sym_encrypt_bytea_options", kernel<[](Text data, Text key, Text options) { return encrypt(data, key, options, false); }>},
    {"pgp_sym_decrypt_text", kernel<[](Text data, Text key) { return decrypt(data, key, "", true); }>},
    {"pgp_sym_decrypt_text_options", kernel<[](Text data, Text key, Text options) { return decrypt(data, key, options, true); }>},
    {"pgp_sym_decrypt_bytea", kernel<[](Text data, Text key) { return decrypt(data, key, "", false); }>},
    {"pgp_sym_decrypt_bytea_options", kernel<[](Text data, Text key, Text options) { return decrypt(data, key, options, false); }>},
};

}  // namespace

std::span<const ScalarBinding> openpgp_bindings() { return kBindings; }

}  // namespace aegis::functions
