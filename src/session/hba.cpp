#include "aegis/session/hba.h"

#include <arpa/inet.h>
#include <cstring>
#include <strings.h>

#include <fmt/format.h>

#include "aegis/base/error.h"

namespace aegis::session {

namespace {

[[noreturn]] void throw_line(int line, std::string_view what) {
  throw SqlError(Sqlstate::ConfigFileError, fmt::format("pg_hba.conf, line {}: {}", line, what));
}

// Fields of a line; each a list of comma separated words. A quoted word begins with "=", so that it is no keyword.
std::vector<std::vector<std::string>> split_line(std::string_view line) {
  std::vector<std::vector<std::string>> fields;
  size_t at = 0;
  bool continues = false;
  while (at < line.size()) {
    if (isspace(static_cast<unsigned char>(line[at]))) {
      ++at;
      continue;
    }
    if (line[at] == '#') break;
    if (line[at] == ',') {
      continues = true;
      ++at;
      continue;
    }
    std::string word;
    if (line[at] == '"') {
      word = "=";
      for (++at; at < line.size() && line[at] != '"'; ++at) word.push_back(line[at]);
      ++at;
    } else {
      while (at < line.size() && !isspace(static_cast<unsigned char>(line[at])) && line[at] != ',' && line[at] != '#') {
        word.push_back(line[at++]);
      }
    }
    if (continues && !fields.empty()) {
      fields.back().push_back(word);
    } else {
      fields.push_back({word});
    }
    continues = false;
  }
  return fields;
}

bool parse_address(const std::string& text, bool& is_v6, uint8_t* bytes) {
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
    is_v6 = false;
    return true;
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) {
    is_v6 = true;
    return true;
  }
  return false;
}

void set_mask(HbaRule& rule, int bits) {
  for (int i = 0; i < (rule.is_v6 ? 128 : 32); ++i) {
    if (i < bits) rule.mask[i / 8] = static_cast<uint8_t>(rule.mask[i / 8] | (0x80 >> (i % 8)));
  }
}

// Returns how many fields the address took.
size_t read_address(HbaRule& rule, const std::vector<std::vector<std::string>>& fields, int line) {
  const std::string& text = fields[3][0];
  if (text == "all") {
    rule.any_address = true;
    return 1;
  }
  if (text == "samehost" || text == "samenet") {
    rule.same_host = true;
    return 1;
  }
  size_t slash = text.find('/');
  if (!parse_address(text.substr(0, slash), rule.is_v6, rule.address)) {
    throw_line(line, fmt::format("invalid IP address \"{}\": host names are not supported", text));
  }
  if (slash != std::string::npos) {
    char* end = nullptr;
    long bits = std::strtol(text.c_str() + slash + 1, &end, 10);
    if (end == text.c_str() + slash + 1 || *end != 0 || bits < 0 || bits > (rule.is_v6 ? 128 : 32)) {
      throw_line(line, fmt::format("invalid CIDR mask in address \"{}\"", text));
    }
    set_mask(rule, static_cast<int>(bits));
    return 1;
  }
  bool mask_v6 = false;
  if (fields.size() < 6 || !parse_address(fields[4][0], mask_v6, rule.mask) || mask_v6 != rule.is_v6) {
    throw_line(line, "IP address without a valid mask");
  }
  return 2;
}

HbaRule::Connection connection_of(const std::string& word, int line) {
  using enum HbaRule::Connection;
  if (word == "local") return Local;
  if (word == "host") return Host;
  if (word == "hostssl") return HostSsl;
  if (word == "hostnossl") return HostNoSsl;
  if (word == "hostgssenc") return HostGssEnc;
  if (word == "hostnogssenc") return HostNoGssEnc;
  throw_line(line, fmt::format("invalid connection type \"{}\"", word));
}

HbaMethod method_of(const HbaRule& rule, const std::string& word, int line) {
  if (word == "trust") return HbaMethod::Trust;
  if (word == "reject") return HbaMethod::Reject;
  if (word == "scram-sha-256" || word == "md5") return HbaMethod::Scram;
  if (word == "password") return HbaMethod::Password;
  if (word == "peer") {
    if (rule.connection != HbaRule::Connection::Local) throw_line(line, "peer authentication is only supported on local sockets");
    return HbaMethod::Peer;
  }
  throw_line(line, fmt::format("invalid authentication method \"{}\"", word));
}

bool contains(std::span<const std::string> list, std::string_view name) {
  for (const std::string& item : list) {
    if (item == name) return true;
  }
  return false;
}

bool database_fits(const HbaRule& rule, std::string_view database, std::string_view user, std::span<const std::string> roles) {
  for (const std::string& word : rule.databases) {
    if (word == "all" || (word == "sameuser" && database == user)) return true;
    if ((word == "samerole" || word == "samegroup") && (database == user || contains(roles, database))) return true;
    if (word == "replication") continue;
    if (word.starts_with('=') ? word.substr(1) == database : word == database) return true;
  }
  return false;
}

bool user_fits(const HbaRule& rule, std::string_view user, std::span<const std::string> roles) {
  for (const std::string& word : rule.users) {
    if (word == "all") return true;
    if (word.starts_with('+')) {
      if (word.substr(1) == user || contains(roles, word.substr(1))) return true;
    } else if (word.starts_with('=') ? word.substr(1) == user : word == user) {
      return true;
    }
  }
  return false;
}

bool address_fits(const HbaRule& rule, const ClientAddress& client) {
  if (rule.any_address) return true;
  if (rule.same_host) return client.text.starts_with("127.") || client.text == "::1";
  if (rule.is_v6 != client.is_v6) return false;
  for (int i = 0; i < (rule.is_v6 ? 16 : 4); ++i) {
    if ((rule.address[i] & rule.mask[i]) != (client.bytes[i] & rule.mask[i])) return false;
  }
  return true;
}

}  // namespace

Hba Hba::parse(std::string_view text) {
  Hba hba;
  int line_number = 0;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    auto fields = split_line(line);
    if (fields.empty()) continue;
    HbaRule rule;
    rule.connection = connection_of(fields[0][0], line_number);
    bool local = rule.connection == HbaRule::Connection::Local;
    if (fields.size() < (local ? 4u : 5u)) throw_line(line_number, "end-of-line before authentication method");
    rule.databases = fields[1];
    rule.users = fields[2];
    size_t method_at = local ? 3 : 3 + read_address(rule, fields, line_number);
    if (fields.size() <= method_at) throw_line(line_number, "end-of-line before authentication method");
    rule.method = method_of(rule, fields[method_at][0], line_number);
    hba.rules_.push_back(std::move(rule));
  }
  return hba;
}

const HbaRule* Hba::find(const ClientAddress& client, std::string_view database, std::string_view user,
                         std::span<const std::string> roles) const {
  for (const HbaRule& rule : rules_) {
    using enum HbaRule::Connection;
    if ((rule.connection == Local) != client.is_local) continue;
    if (rule.connection == HostSsl || rule.connection == HostGssEnc) continue;
    if (!client.is_local && !address_fits(rule, client)) continue;
    if (database_fits(rule, database, user, roles) && user_fits(rule, user, roles)) return &rule;
  }
  return nullptr;
}

}  // namespace aegis::session
