// From the first byte to the first ReadyForQuery: startup packets, pg_hba.conf, passwords, initial settings.
#include <algorithm>

#include <fmt/format.h>

#include "aegis/catalog/role_settings.h"
#include "aegis/commands/foreign_tables.h"
#include "aegis/base/log.h"
#include "command_context.h"
#include "core.h"
#include "routine_runner.h"
#include "services.h"

namespace aegis::session {

namespace {

SqlError fatal(Sqlstate state, std::string message) {
  SqlError error(state, std::move(message));
  error.severity("FATAL");
  return error;
}

// The words of the startup packet's "options", as a command line has them.
std::vector<std::string> split_options(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      word.push_back(text[++i]);
      in_word = true;
    } else if (isspace(static_cast<unsigned char>(text[i]))) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word.push_back(text[i]);
      in_word = true;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

// "-c name=value", "-cname=value" and "--name=value".
std::vector<std::pair<std::string, std::string>> parse_options(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> words = split_options(text);
  for (size_t i = 0; i < words.size(); ++i) {
    std::string assignment;
    if (words[i] == "-c" && i + 1 < words.size()) {
      assignment = words[++i];
    } else if (words[i].starts_with("-c")) {
      assignment = words[i].substr(2);
    } else if (words[i].starts_with("--")) {
      assignment = words[i].substr(2);
      std::replace(assignment.begin(), assignment.begin() + static_cast<long>(std::min(assignment.find('='), assignment.size())),
                   '-', '_');
    } else {
      throw fatal(Sqlstate::SyntaxError, fmt::format("invalid command-line argument for server process: {}", words[i]));
    }
    size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      throw fatal(Sqlstate::SyntaxError, fmt::format("-c {} requires a value", assignment));
    }
    settings.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return settings;
}

void collect_roles(const catalog::Version& version, const catalog::Role& role, std::vector<std::string>& names) {
  for (Oid oid : role.member_of) {
    auto parent = version.role(oid);
    if (parent == nullptr || std::find(names.begin(), names.end(), parent->name) != names.end()) continue;
    names.push_back(parent->name);
    collect_roles(version, *parent, names);
  }
}

constexpr Id kReported[] = {
    Id::application_name, Id::client_encoding, Id::DateStyle, Id::default_transaction_read_only, Id::in_hot_standby,
    Id::integer_datetimes, Id::IntervalStyle, Id::is_superuser, Id::server_encoding, Id::server_version,
    Id::session_authorization, Id::standard_conforming_strings, Id::TimeZone};

}  // namespace

void Session::Core::handle_startup(const protocol::Frame& frame) {
  protocol::StartupPacket packet = protocol::parse_startup(frame.body);
  if (packet.version == protocol::kSslRequest || packet.version == protocol::kGssEncRequest) {
    output_.push_back('N');
    return;
  }
  if (packet.version == protocol::kCancelRequest) {
    instance_.registry().cancel(packet.cancel_pid, packet.cancel_key);
    closed_ = true;
    return;
  }
  if ((packet.version >> 16) != 3) {
    throw fatal(Sqlstate::FeatureNotSupported,
                fmt::format("unsupported frontend protocol {}.{}: server supports 3.0 to 3.0", packet.version >> 16,
                            packet.version & 0xffff));
  }
  std::vector<std::string> unknown;
  for (auto& [name, value] : packet.parameters) {
    if (name.starts_with("_pq_.")) {
      unknown.push_back(name);
    } else {
      startup_[name] = std::move(value);
    }
  }
  if (packet.version != protocol::kProtocolVersion || !unknown.empty()) protocol::append_negotiate_version(output_, unknown);
  user_ = startup_["user"];
  if (user_.empty()) {
    throw fatal(Sqlstate::InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet");
  }
  database_name_ = startup_["database"].empty() ? user_ : startup_["database"];
  if (startup_.count("replication") != 0 && startup_["replication"] != "false" && startup_["replication"] != "off") {
    throw fatal(Sqlstate::FeatureNotSupported, "replication connections are not supported");
  }
  begin_authentication();
}

void Session::Core::begin_authentication() {
  catalog::VersionPtr version = instance_.catalog.current();
  auto role = version->role(version->find_role(user_));
  std::vector<std::string> roles;
  if (role != nullptr) collect_roles(*version, *role, roles);
  std::shared_ptr<const Hba> hba = instance_.hba();
  const HbaRule* rule = hba->find(address_, database_name_, user_, roles);
  if (rule == nullptr || rule->method == HbaMethod::Reject) {
    throw fatal(Sqlstate::InvalidAuthorizationSpecification,
                fmt::format("{} host \"{}\", user \"{}\", database \"{}\", no encryption",
                            rule == nullptr ? "no pg_hba.conf entry for" : "pg_hba.conf rejects connection for", address_.text,
                            user_, database_name_));
  }
  switch (rule->method) {
    case HbaMethod::Reject:
    case HbaMethod::Trust: return finish_authentication();
    case HbaMethod::Peer: {
      // Whoever runs the server may be its superuser.
      bool owner = address_.peer_is_owner && role != nullptr && role->oid == catalog::kBootstrapRole;
      if (!owner && (address_.peer_user.empty() || address_.peer_user != user_)) {
        throw fatal(Sqlstate::InvalidAuthorizationSpecification,
                    fmt::format("Peer authentication failed for user \"{}\"", user_));
      }
      return finish_authentication();
    }
    case HbaMethod::Scram:
      scram_ = std::make_unique<protocol::ScramExchange>(role == nullptr ? "" : role->password, user_ + instance_.data_directory);
      protocol::append_sasl_mechanisms(output_);
      phase_ = Phase::Sasl;
      return;
    case HbaMethod::Password:
      protocol::append_authentication(output_, 3);
      phase_ = Phase::CleartextPassword;
      return;
  }
}

void Session::Core::fail_authentication() {
  throw fatal(Sqlstate::InvalidPassword, fmt::format("password authentication failed for user \"{}\"", user_));
}

void Session::Core::handle_sasl(const protocol::Frame& frame) {
  if (frame.type == 'X') {
    closed_ = true;
    return;
  }
  if (frame.type != 'p') {
    throw fatal(Sqlstate::ProtocolViolation, fmt::format("expected SASL response, got message type {}", static_cast<int>(frame.type)));
  }
  if (phase_ == Phase::CleartextPassword) {
    catalog::VersionPtr version = instance_.catalog.current();
    auto role = version->role(version->find_role(user_));
    if (role == nullptr || !protocol::check_password(role->password, protocol::parse_string(frame.body))) fail_authentication();
    return finish_authentication();
  }
  if (phase_ == Phase::Sasl) {
    protocol::SaslInitial initial = protocol::parse_sasl_initial(frame.body);
    if (initial.mechanism != "SCRAM-SHA-256") {
      throw fatal(Sqlstate::ProtocolViolation, "client selected an invalid SASL authentication mechanism");
    }
    protocol::append_authentication(output_, 11, scram_->first(initial.data));
    phase_ = Phase::SaslFinal;
    return;
  }
  std::string server_final;
  if (!scram_->final(frame.body, server_final)) fail_authentication();
  scram_.reset();
  protocol::append_authentication(output_, 12, server_final);
  finish_authentication();
}

void Session::Core::finish_authentication() {
  catalog::VersionPtr version = instance_.catalog.current();
  auto role = version->role(version->find_role(user_));
  if (role == nullptr) {
    throw fatal(Sqlstate::InvalidAuthorizationSpecification, fmt::format("role \"{}\" does not exist", user_));
  }
  if (!role->can_login) {
    throw fatal(Sqlstate::InvalidAuthorizationSpecification, fmt::format("role \"{}\" is not permitted to log in", user_));
  }
  auto database = version->database(version->find_database(database_name_));
  if (database == nullptr) {
    throw fatal(Sqlstate::InvalidCatalogName, fmt::format("database \"{}\" does not exist", database_name_));
  }
  if (!database->allow_connections) {
    throw fatal(Sqlstate::ObjectNotInPrerequisiteState,
                fmt::format("database \"{}\" is not currently accepting connections", database_name_));
  }
  size_t limit = static_cast<size_t>(instance_.settings()->integer(Id::max_connections));
  if (instance_.session_count() >= limit) throw fatal(Sqlstate::TooManyConnections, "sorry, too many clients already");
  database_ = database->oid;
  types_.database_collation = types::database_collation(database->locale_provider, database->collate, database->icu_locale);
  session_role_ = role_ = role->oid;
  superuser_ = session_superuser_ = role->superuser;

  pid_ = instance_.registry().add(*this, secret_);
  ends_ = instance_.registry().transaction_ends(database_);
  ++ends_->sessions;
  registered_ = true;
  backend_ = std::make_unique<txn::Backend>(instance_.transactions, pid_);
  backend_->set_may_block(may_block_);
  services_ = std::make_unique<Services>(*this);
  commands_ = std::make_unique<Commands>(*this);
  routines_ = std::make_unique<RoutineRunner>(*this);
  foreign_tables_ = commands::make_foreign_tables(*commands_);
  for (size_t i = 0; i < settings::kSettingCount; ++i) changed(static_cast<Id>(i), settings_.value(static_cast<Id>(i)));
  settings_.force(Id::is_superuser, superuser_ ? "on" : "off");
  settings_.force(Id::session_authorization, user_);
  // The later ones win. One that cannot be had is said and left out, or nobody could log in to mend it.
  auto apply = [&](const std::vector<std::string>& list, settings::Source source) {
    for (const std::string& setting : list) {
      size_t equals = setting.find('=');
      try {
        settings_.set_initial(setting.substr(0, equals), setting.substr(equals + 1), source, true);
      } catch (const SqlError& error) {
        ErrorFields fields = error.fields();
        fields.severity = "WARNING";
        commands_->notice(std::move(fields));
      }
    }
  };
  if (auto bootstrap = version->role(catalog::kBootstrapRole)) {
    apply(catalog::settings_of_role(bootstrap->settings, kInvalidOid), settings::Source::Database);
  }
  apply(catalog::own_settings(database->settings), settings::Source::Database);
  apply(catalog::own_settings(role->settings), settings::Source::Role);
  apply(catalog::settings_of_role(database->settings, role->oid), settings::Source::Role);
  auth_role_ = role->oid;
  apply_startup_settings(superuser_);
  phase_ = Phase::Ready;

  protocol::append_authentication(output_, 0);
  for (Id id : kReported) {
    protocol::append_parameter_status(output_, settings::definition(id).name, settings_.value(id));
  }
  reporting_ = true;
  protocol::append_backend_key(output_, pid_, secret_);
  instance_.registry().set_activity(pid_, [&](Activity& activity) {
    activity.database = database_;
    activity.role = role_;
    activity.database_name = database_name_;
    activity.role_name = user_;
    activity.application_name = settings_.value(Id::application_name);
    activity.client_address = address_.is_local ? "" : address_.text;
    activity.client_port = address_.port;
    activity.backend_start = timestamp_now();
  });
  send_ready();
}

void Session::Core::apply_startup_settings(bool superuser) {
  if (auto options = startup_.find("options"); options != startup_.end()) {
    for (const auto& [name, value] : parse_options(options->second)) {
      settings_.set_initial(name, value, settings::Source::Client, superuser);
    }
  }
  for (const auto& [name, value] : startup_) {
    if (name == "user" || name == "database" || name == "options" || name == "replication") continue;
    settings_.set_initial(name, value, settings::Source::Client, superuser);
  }
  startup_.clear();
}

}  // namespace aegis::session
