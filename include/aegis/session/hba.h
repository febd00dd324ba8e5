// pg_hba.conf: who may connect from where, and how they prove who they are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aegis::session {

// Where a client comes from.
struct ClientAddress {
  bool is_local = false;      // Unix socket
  std::string text;           // "127.0.0.1"; "[local]" for a Unix socket
  int port = -1;
  bool is_v6 = false;
  uint8_t bytes[16] = {};     // 4 or 16 of them
  std::string peer_user;      // of a Unix socket: the operating system's name of the client's user
  bool peer_is_owner = false;  // and whether that is the user the server runs as
};

enum class HbaMethod : uint8_t { Trust, Reject, Peer, Scram, Password };

struct HbaRule {
  enum class Connection : uint8_t { Local, Host, HostSsl, HostNoSsl, HostGssEnc, HostNoGssEnc };
  Connection connection = Connection::Local;
  std::vector<std::string> databases;  // "all", "sameuser", "samerole", "replication", or names; quoted ones begin with "="
  std::vector<std::string> users;      // "all", "+role", or names; quoted ones begin with "="
  bool any_address = false;
  bool same_host = false;
  bool is_v6 = false;
  uint8_t address[16] = {};
  uint8_t mask[16] = {};
  HbaMethod method = HbaMethod::Reject;
};

class Hba {
 public:
  // Throws SqlError F0000 naming the line.
  static Hba parse(std::string_view text);
  // The first rule that fits, or null. `roles` are the user's roles besides itself, for "+role" and "samerole".
  const HbaRule* find(const ClientAddress& client, std::string_view database, std::string_view user,
                      std::span<const std::string> roles) const;
  const std::vector<HbaRule>& rules() const { return rules_; }

 private:
  std::vector<HbaRule> rules_;
};

}  // namespace aegis::session
