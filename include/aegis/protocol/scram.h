// SCRAM-SHA-256 (RFC 5802, 7677), the server's side, and the verifiers kept for roles.
#pragma once

#include <string>
#include <string_view>

namespace aegis::protocol {

// "SCRAM-SHA-256$4096:salt$StoredKey:ServerKey" for a password.
std::string make_scram_verifier(std::string_view password, int iterations = 4096);
bool is_scram_verifier(std::string_view text);
// Whether the password is the one a verifier was made of.
bool check_password(std::string_view verifier, std::string_view password);

// One exchange. An empty or unreadable verifier makes one that goes the whole way and fails, so that a client can't
// find out which roles exist.
class ScramExchange {
 public:
  ScramExchange(std::string_view verifier, std::string_view mock_seed);
  // The server's first message. Throws 08P01 for a malformed one.
  std::string first(std::string_view client_first);
  // True, and the server's last message, when the client has the password.
  bool final(std::string_view client_final, std::string& server_final);

 private:
  bool doomed_ = false;
  int iterations_ = 4096;
  std::string salt_;        // base64
  std::string stored_key_;  // bytes
  std::string server_key_;
  std::string client_first_bare_;
  std::string server_first_;
  std::string nonce_;
  std::string gs2_header_;
};

}  // namespace aegis::protocol
