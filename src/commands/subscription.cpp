#include "subscription.h"

#include <algorithm>
#include <optional>

#include "aegis/base/error.h"
#include "definition_options.h"
#include "dependency.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;

enum Option : unsigned {
  kConnect = 1 << 0, kEnabled = 1 << 1, kCreateSlot = 1 << 2, kSlotName = 1 << 3, kCopyData = 1 << 4, kSynchronousCommit = 1 << 5,
  kRefresh = 1 << 6, kBinary = 1 << 7, kStreaming = 1 << 8, kTwoPhase = 1 << 9, kDisableOnError = 1 << 10, kLsn = 1 << 11
};
struct Known {
  std::string_view name;
  Option option;
};
constexpr Known kKnown[] = {{"connect", kConnect}, {"enabled", kEnabled}, {"create_slot", kCreateSlot}, {"slot_name", kSlotName},
                            {"copy_data", kCopyData}, {"synchronous_commit", kSynchronousCommit}, {"refresh", kRefresh}, {"binary", kBinary},
                            {"streaming", kStreaming}, {"two_phase", kTwoPhase}, {"disable_on_error", kDisableOnError}, {"lsn", kLsn}};

struct Options {
  unsigned given = 0;
  bool connect = true, enabled = true, create_slot = true, copy_data = true, refresh = true;
  bool binary = false, streaming = false, two_phase = false, disable_on_error = false;
  std::optional<std::string> slot;  // not set: NONE, or not given
  std::string synchronous_commit;
  int64_t lsn = 0;
  bool has(Option option) const { return (given & option) != 0; }
};

std::string slot_name(const std::string& name) {
  std::string what = "replication slot name \"" + name + "\"";
  if (name.empty()) throw SqlError(Sqlstate::InvalidName, what + " is too short");
  constexpr size_t kMaxName = 63;
  if (name.size() > kMaxName) throw SqlError(Sqlstate::NameTooLong, what + " is too long");
  for (char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') continue;
    throw SqlError(Sqlstate::InvalidName, what + " contains invalid character")
        .hint("Replication slot names may only contain lower case letters, numbers, and the underscore character.");
  }
  return name;
}

std::string commit_mode(const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (std::string_view known : {"local", "remote_write", "remote_apply", "on", "off", "true", "false", "yes", "no", "1", "0"}) {
    if (lower == known) return text;
  }
  throw SqlError(Sqlstate::InvalidParameterValue, "invalid value for parameter \"synchronous_commit\": \"" + text + "\"")
      .hint("Available values: local, remote_write, remote_apply, on, off.");
}

int64_t location(CommandContext& context, const std::string& text) {
  if (text == "none") return 0;
  constexpr Oid kPgLsn = 3220;
  Arena arena;
  int64_t value = types::type_info(kPgLsn).input(context.types(), text, {kPgLsn}, arena).i64;
  if (value == 0) throw SqlError(Sqlstate::InvalidParameterValue, "invalid WAL location (LSN): " + text);
  return value;
}

void exclude(const char* one, const char* other) {
  throw SqlError(Sqlstate::SyntaxError, std::string(one) + " and " + other + " are mutually exclusive options");
}

void check_combinations(Options& options) {
  if (options.has(kConnect) && !options.connect) {
    if (options.has(kEnabled) && options.enabled) exclude("connect = false", "enabled = true");
    if (options.has(kCreateSlot) && options.create_slot) exclude("connect = false", "create_slot = true");
    if (options.has(kCopyData) && options.copy_data) exclude("connect = false", "copy_data = true");
    options.enabled = options.create_slot = options.copy_data = false;
  }
  if (!options.has(kSlotName) || options.slot) return;
  auto require = [](const char* what) {
    throw SqlError(Sqlstate::SyntaxError, std::string("subscription with slot_name = NONE must also set ") + what);
  };
  if (options.enabled && options.has(kEnabled)) exclude("slot_name = NONE", "enabled = true");
  if (options.create_slot && options.has(kCreateSlot)) exclude("slot_name = NONE", "create_slot = true");
  if (options.enabled) require("enabled = false");
  if (options.create_slot) require("create_slot = false");
}

Options read_options(CommandContext& context, ast::List<ast::DefElem> list, unsigned supported) {
  Options out;
  for (const auto* option : list) {
    const Known* known = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const auto& k) { return k.name == option->defname && (supported & k.option) != 0; });
    if (known == std::end(kKnown)) throw SqlError(Sqlstate::SyntaxError, "unrecognized subscription parameter: \"" + std::string(option->defname) + "\"");
    if (out.has(known->option)) throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, *option));
    out.given |= known->option;
    switch (known->option) {
      case kConnect: out.connect = option_bool(*option); break;
      case kEnabled: out.enabled = option_bool(*option); break;
      case kCreateSlot: out.create_slot = option_bool(*option); break;
      case kSlotName:
        if (std::string name = option_text(*option); name != "none") out.slot = slot_name(name);
        break;
      case kCopyData: out.copy_data = option_bool(*option); break;
      case kSynchronousCommit: out.synchronous_commit = commit_mode(option_text(*option)); break;
      case kRefresh: out.refresh = option_bool(*option); break;
      case kBinary: out.binary = option_bool(*option); break;
      case kStreaming: out.streaming = option_bool(*option); break;
      case kTwoPhase: out.two_phase = option_bool(*option); break;
      case kDisableOnError: out.disable_on_error = option_bool(*option); break;
      case kLsn: out.lsn = location(context, option_text(*option)); break;
    }
  }
  if ((supported & kConnect) != 0) check_combinations(out);
  return out;
}

// ---- Connection strings, as libpq reads them ----

constexpr std::string_view kConnectionOptions[] = {
    "authtype", "service", "user", "password", "connect_timeout", "dbname", "host", "hostaddr", "port", "client_encoding", "options", "application_name",
    "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "sslmode", "sslcompression",
    "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "requirepeer", "ssl_min_protocol_version",
    "ssl_max_protocol_version", "gssencmode", "krbsrvname", "gsslib", "replication", "target_session_attrs", "passfile", "channel_binding"};

void check_connection(std::string_view text) {
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) return;
  auto fail = [](std::string why) { throw SqlError(Sqlstate::SyntaxError, "invalid connection string syntax: " + std::move(why) + "\n"); };
  size_t at = 0;
  auto is_space = [&](size_t i) { return std::isspace(static_cast<unsigned char>(text[i])) != 0; };
  auto skip = [&] {
    while (at < text.size() && is_space(at)) ++at;
  };
  for (skip(); at < text.size(); skip()) {
    size_t start = at;
    while (at < text.size() && text[at] != '=' && !is_space(at)) ++at;
    std::string name(text.substr(start, at - start));
    skip();
    if (at >= text.size() || text[at] != '=') fail("missing \"=\" after \"" + name + "\" in connection info string");
    ++at;
    skip();
    bool quoted = at < text.size() && text[at] == '\'';
    if (quoted) ++at;
    bool closed = !quoted;
    while (at < text.size() && (quoted || !is_space(at))) {
      if (quoted && text[at] == '\'') {
        ++at;
        closed = true;
        break;
      }
      at += text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
    }
    if (!closed) fail("unterminated quoted string in connection info string");
    if (std::find(std::begin(kConnectionOptions), std::end(kConnectionOptions), name) == std::end(kConnectionOptions)) fail("invalid connection option \"" + name + "\"");
  }
}

// ---- Publications ----

std::vector<std::string> publication_names(ast::NameList names) {
  std::vector<std::string> out;
  for (auto name : names) {
    if (std::find(out.begin(), out.end(), name) != out.end()) {
      throw SqlError(Sqlstate::DuplicateObject, "publication name \"" + std::string(name) + "\" used more than once");
    }
    out.emplace_back(name);
  }
  return out;
}

void merge_publications(catalog::Subscription& subscription, const std::vector<std::string>& names, bool add) {
  auto& list = subscription.publications;
  for (const auto& name : names) {
    auto at = std::find(list.begin(), list.end(), name);
    bool found = at != list.end();
    std::string what = "publication \"" + name + "\" is ";
    if (add && found) throw SqlError(Sqlstate::DuplicateObject, what + "already in subscription \"" + subscription.name + "\"");
    if (!add && !found) throw SqlError(Sqlstate::SyntaxError, what + "not in subscription \"" + subscription.name + "\"");
    if (add) list.push_back(name);
    else list.erase(at);
  }
  if (list.empty()) throw SqlError(Sqlstate::SyntaxError, "cannot drop all the publications from a subscription");
}

// None is ever enabled here.
[[noreturn]] void refuse_refresh(ast::AlterSubscriptionType kind) {
  SqlError error(Sqlstate::ObjectNotInPrerequisiteState, "ALTER SUBSCRIPTION with refresh is not allowed for disabled subscriptions");
  if (kind == ast::AlterSubscriptionType::SetPublication) throw error.hint("Use ALTER SUBSCRIPTION ... SET PUBLICATION ... WITH (refresh = false).");
  throw error.hint(std::string("Use ALTER SUBSCRIPTION ... ") + (kind == ast::AlterSubscriptionType::AddPublication ? "ADD" : "DROP") +
                   " PUBLICATION ... WITH (refresh = false) instead.");
}

void change_publications(const ast::AlterSubscriptionStmt& statement, CommandContext& context, catalog::Subscription& subscription) {
  using Type = ast::AlterSubscriptionType;
  bool drop = statement.kind == Type::DropPublication;
  Options options = read_options(context, statement.options, drop ? kRefresh : kRefresh | kCopyData);
  auto names = publication_names(statement.publication);
  if (statement.kind == Type::SetPublication) subscription.publications = names;
  else merge_publications(subscription, names, !drop);
  if (options.refresh) refuse_refresh(statement.kind);
}

}  // namespace

std::shared_ptr<const catalog::Subscription> find_subscription(CommandContext& context, std::string_view name, bool missing_ok) {
  auto version = context.catalog_version();
  Oid found = version->find_named(ObjectKind::Subscription, context.database(), name);
  if (found != kInvalidOid) return std::static_pointer_cast<const catalog::Subscription>(version->find(found));
  std::string text = "subscription \"" + std::string(name) + "\" does not exist";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

void check_subscription_owner(CommandContext& context, const catalog::Subscription& subscription, Oid owner) {
  auto role = context.catalog_version()->role(owner);
  if (role != nullptr && role->superuser) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to change owner of subscription \"" + subscription.name + "\"")
      .hint("The owner of a subscription must be a superuser.");
}

CommandResult create_subscription(const ast::CreateSubscriptionStmt& statement, CommandContext& context) {
  Options options = read_options(context, statement.options,
                                 kConnect | kEnabled | kCreateSlot | kSlotName | kCopyData | kSynchronousCommit | kBinary | kStreaming | kTwoPhase | kDisableOnError);
  if (options.create_slot) context.prevent_in_transaction_block("CREATE SUBSCRIPTION ... WITH (create_slot = true)");
  require_superuser(context, "must be superuser to create subscriptions");
  std::string name(statement.subname);
  lock_name(context, catalog::kPgSubscriptionOid, 0, name);
  if (context.catalog_version()->find_named(ObjectKind::Subscription, context.database(), name) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "subscription \"" + name + "\" already exists");
  }
  check_connection(statement.conninfo);
  auto subscription = std::make_shared<catalog::Subscription>();
  subscription->publications = publication_names(statement.publication);
  if (options.connect) throw_not_supported("logical replication: connecting to a publisher (connect = true)");
  subscription->oid = context.catalog().allocate_oid();
  subscription->database = context.database();
  subscription->name = name;
  subscription->owner = context.current_role();
  subscription->connection = statement.conninfo;
  subscription->slot = options.has(kSlotName) ? options.slot.value_or("") : name;
  subscription->binary = options.binary;
  subscription->stream = options.streaming;
  subscription->two_phase = options.two_phase ? 'p' : 'd';
  subscription->disable_on_error = options.disable_on_error;
  if (!options.synchronous_commit.empty()) subscription->synchronous_commit = options.synchronous_commit;
  context.catalog_changes().put(subscription);
  warning(context, "tables were not subscribed, you will have to run ALTER SUBSCRIPTION ... REFRESH PUBLICATION to subscribe the tables",
          Sqlstate::ObjectNotInPrerequisiteState);
  return {"CREATE SUBSCRIPTION", {}, {}};
}

CommandResult alter_subscription(const ast::AlterSubscriptionStmt& statement, CommandContext& context) {
  using Type = ast::AlterSubscriptionType;
  auto subscription = copy_of(find_subscription(context, statement.subname));
  check_owner(context, *subscription);
  switch (statement.kind) {
    case Type::Options: {
      Options options = read_options(context, statement.options, kSlotName | kSynchronousCommit | kBinary | kStreaming | kDisableOnError);
      if (options.has(kSlotName)) subscription->slot = options.slot.value_or("");
      if (options.has(kSynchronousCommit)) subscription->synchronous_commit = options.synchronous_commit;
      if (options.has(kBinary)) subscription->binary = options.binary;
      if (options.has(kStreaming)) subscription->stream = options.streaming;
      if (options.has(kDisableOnError)) subscription->disable_on_error = options.disable_on_error;
      break;
    }
    case Type::Enabled: {
      Options options = read_options(context, statement.options, kEnabled);
      if (!options.enabled) break;
      if (subscription->slot.empty()) {
        throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot enable subscription that does not have a slot name");
      }
      throw_not_supported("logical replication: enabling a subscription");
    }
    case Type::Connection:
      check_connection(statement.conninfo);
      subscription->connection = statement.conninfo;
      break;
    case Type::SetPublication:
    case Type::AddPublication:
    case Type::DropPublication: change_publications(statement, context, *subscription); break;
    case Type::Refresh:
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "ALTER SUBSCRIPTION ... REFRESH is not allowed for disabled subscriptions");
    case Type::Skip: {
      Options options = read_options(context, statement.options, kLsn);
      require_superuser(context, "must be superuser to skip transaction");
      subscription->skip_lsn = options.lsn;
      break;
    }
  }
  context.catalog_changes().put(subscription);
  return {"ALTER SUBSCRIPTION", {}, {}};
}

CommandResult drop_subscription(const ast::DropSubscriptionStmt& statement, CommandContext& context) {
  auto subscription = find_subscription(context, statement.subname, statement.missing_ok);
  if (subscription == nullptr) return {"DROP SUBSCRIPTION", {}, {}};
  check_owner(context, *subscription);
  if (!subscription->slot.empty()) {
    context.prevent_in_transaction_block("DROP SUBSCRIPTION");
    throw SqlError(Sqlstate::FeatureNotSupported, "logical replication is not supported: replication slot \"" + subscription->slot +
                                                      "\" cannot be dropped at the publisher")
        .hint("Use ALTER SUBSCRIPTION ... SET (slot_name = NONE) to disassociate the subscription from the slot.");
  }
  drop_targets(context, {{DropTarget::Part::Whole, subscription->oid, 0}}, statement.behavior);
  return {"DROP SUBSCRIPTION", {}, {}};
}

}  // namespace aegis::commands
