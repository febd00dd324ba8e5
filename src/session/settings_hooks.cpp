// What changes of settings mean to a session.
#include <algorithm>
#include <strings.h>

#include <fmt/format.h>

#include "aegis/catalog/operator_classes.h"
#include "aegis/catalog/privileges.h"
#include "aegis/catalog/tablespace.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/time_zone.h"
#include "core.h"

namespace aegis::session {

namespace {

[[noreturn]] void throw_invalid(Id id, std::string_view value, std::string detail = "") {
  SqlError error(Sqlstate::InvalidParameterValue,
                 fmt::format("invalid value for parameter \"{}\": \"{}\"", settings::definition(id).name, value));
  if (!detail.empty()) error.detail(std::move(detail));
  throw error;
}

std::string canonical_setting(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool starts_with_word(std::string_view text, const char* word, size_t length) {
  return text.size() >= length && strncasecmp(text.data(), word, length) == 0;
}

struct ParsedDateStyle {
  types::DateStyle style;
  types::DateOrder order;
};

// PostgreSQL's check_datestyle: words in any order, the rest is kept.
ParsedDateStyle parse_date_style(std::string_view text, ParsedDateStyle current) {
  using types::DateOrder;
  using types::DateStyle;
  bool have_style = false;
  bool have_order = false;
  bool conflict = false;
  ParsedDateStyle out = current;
  auto style = [&](DateStyle value) {
    conflict |= have_style && out.style != value;
    out.style = value;
    have_style = true;
  };
  auto order = [&](DateOrder value) {
    conflict |= have_order && out.order != value;
    out.order = value;
    have_order = true;
  };
  std::string_view rest = text;
  while (true) {
    size_t comma = rest.find(',');
    std::string_view word = rest.substr(0, comma);
    while (!word.empty() && isspace(static_cast<unsigned char>(word.front()))) word.remove_prefix(1);
    while (!word.empty() && isspace(static_cast<unsigned char>(word.back()))) word.remove_suffix(1);
    auto is = [&](const char* name) { return strcasecmp(std::string(word).c_str(), name) == 0; };
    if (is("ISO")) {
      style(DateStyle::Iso);
    } else if (is("SQL")) {
      style(DateStyle::Sql);
    } else if (starts_with_word(word, "POSTGRES", 8)) {
      style(DateStyle::Postgres);
    } else if (is("GERMAN")) {
      style(DateStyle::German);
      if (!have_order) out.order = DateOrder::Dmy;
    } else if (is("YMD")) {
      order(DateOrder::Ymd);
    } else if (is("DMY") || starts_with_word(word, "EURO", 4)) {
      order(DateOrder::Dmy);
    } else if (is("MDY") || is("US") || starts_with_word(word, "NONEURO", 7)) {
      order(DateOrder::Mdy);
    } else if (is("DEFAULT")) {
      if (!have_style) out.style = DateStyle::Iso;
      if (!have_order) out.order = DateOrder::Mdy;
    } else {
      throw_invalid(Id::DateStyle, text, fmt::format("Unrecognized key word: \"{}\".", word));
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (conflict) throw_invalid(Id::DateStyle, text, "Conflicting \"datestyle\" specifications.");
  return out;
}

std::string date_style_text(const ParsedDateStyle& style) {
  constexpr const char* kStyles[] = {"ISO", "SQL", "Postgres", "German"};
  constexpr const char* kOrders[] = {"MDY", "DMY", "YMD"};
  return fmt::format("{}, {}", kStyles[static_cast<int>(style.style)], kOrders[static_cast<int>(style.order)]);
}

const types::TimeZone* find_zone(std::string_view text) {
  std::string value(text);
  if (strncasecmp(value.c_str(), "interval", 8) == 0) return nullptr;
  char* end = nullptr;
  double hours = std::strtod(value.c_str(), &end);
  if (end != value.c_str() && *end == 0) {
    return hours < -168 || hours > 168 ? nullptr : types::TimeZone::fixed(static_cast<int>(hours * 3600));
  }
  return types::TimeZone::find(value);
}

bool is_utf8_name(std::string_view value) {
  std::string folded;
  for (char c : value) {
    if (isalnum(static_cast<unsigned char>(c))) folded.push_back(static_cast<char>(tolower(c)));
  }
  return folded == "utf8" || folded == "unicode";
}

}  // namespace

std::string Session::Core::check(Id id, std::string value, settings::Source source) {
  switch (id) {
    case Id::DateStyle: return date_style_text(parse_date_style(value, {types_.date_style, types_.date_order}));
    case Id::TimeZone:
    case Id::log_timezone: {
      const types::TimeZone* zone = find_zone(value);
      if (zone == nullptr) throw_invalid(id, value);
      return std::string(zone->name());
    }
    case Id::default_text_search_config: return check_text_search(id, value);
    case Id::default_tablespace:
    case Id::temp_tablespaces:
    case Id::default_table_access_method:
      return source == settings::Source::Session ? check_object_setting(id, value) : value;
    case Id::client_encoding:
      if (is_utf8_name(value)) return "UTF8";
      if (strcasecmp(value.c_str(), "sql_ascii") == 0) return "SQL_ASCII";
      throw_invalid(id, value);
    case Id::transaction_isolation:
      if (transaction_ != nullptr && transaction_->has_snapshot() && value != this->settings_.value(id)) {
        throw SqlError(Sqlstate::ActiveSqlTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query");
      }
      if (value == "serializable") throw_not_supported("SERIALIZABLE isolation");
      return value;
    case Id::transaction_read_only:
      if (value == "off" && read_only_ && transaction_ != nullptr && transaction_->has_snapshot()) {
        throw SqlError(Sqlstate::ActiveSqlTransaction, "transaction read-write mode must be set before any query");
      }
      return value;
    case Id::role:
    case Id::session_authorization:
      if (source != settings::Source::Session && value != "none" && !value.empty()) throw_not_supported("this way of setting a role");
      return check_role(id, std::move(value));
    case Id::application_name: {
      for (char& c : value) {
        if (c < 32 || c > 126) c = '?';
      }
      return value.substr(0, 63);
    }
    case Id::standard_conforming_strings: return value;
    default: return value;
  }
}

bool Session::Core::may_set(std::string_view name) {
  if (superuser_) return true;
  auto id = settings::find(name);
  if (!id || settings::definition(*id).context != settings::Context::Superuser) return false;
  auto seen = version();
  auto acl = seen->named_object(catalog::ObjectKind::ParameterAcl, kInvalidOid, kInvalidOid, canonical_setting(name));
  return acl != nullptr && catalog::has_privilege(*seen, role_, *acl, 's');
}

// What is named has to be there.
std::string Session::Core::check_object_setting(Id id, const std::string& value) {
  auto seen = version();
  if (id == Id::default_tablespace) {
    if (!value.empty() && catalog::find_tablespace(*seen, value) == kInvalidOid) {
      throw_invalid(id, value, fmt::format("Tablespace \"{}\" does not exist.", value));
    }
    return value;
  }
  if (id == Id::temp_tablespaces) {
    for (const std::string& name : split_identifier_list(value)) {
      if (!name.empty() && catalog::find_tablespace(*seen, name) == kInvalidOid) {
        throw SqlError(Sqlstate::UndefinedObject, fmt::format("tablespace \"{}\" does not exist", name));
      }
    }
    return value;
  }
  if (value.empty()) throw_invalid(id, value, "default_table_access_method cannot be empty.");
  auto made = seen->named_object(catalog::ObjectKind::AccessMethod, database_, kInvalidOid, value);
  if (value == "heap" || (made != nullptr && static_cast<const catalog::AccessMethod&>(*made).amtype == 't')) return value;
  if (made != nullptr || catalog::access_method(value) != kInvalidOid) {
    throw SqlError(Sqlstate::WrongObjectType, fmt::format("access method \"{}\" is not of type TABLE", value));
  }
  throw_invalid(id, value, fmt::format("Table access method \"{}\" does not exist.", value));
}

// With its schema.
std::string Session::Core::check_text_search(Id id, const std::string& value) {
  if (auth_role_ == kInvalidOid) return value;
  Oid oid = kInvalidOid;
  bool known = false;
  try {
    known = types_.names->lookup(types::oid::kRegconfig, value, oid);
  } catch (const SqlError&) {
    // A name that can't be one is no configuration's.
  }
  catalog::ObjectPtr object = known ? version()->find(oid) : nullptr;
  auto schema = object == nullptr ? nullptr : version()->schema(object->schema);
  if (schema == nullptr) throw_invalid(id, value);
  return functions::quote_identifier(schema->name) + "." + functions::quote_identifier(object->name);
}

std::string Session::Core::check_role(Id id, std::string value) {
  if (auth_role_ == kInvalidOid) return value;
  bool is_default = id == Id::role ? value == "none" : value == "default" || value.empty();
  if (is_default) return id == Id::role ? value : user_;
  catalog::VersionPtr now = version();
  Oid role = now->find_role(value);
  if (role == kInvalidOid) throw SqlError(Sqlstate::UndefinedObject, fmt::format("role \"{}\" does not exist", value));
  if (id == Id::session_authorization) {
    if (role != auth_role_ && !session_superuser_) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to set session authorization");
  } else {
    auto session = now->role(session_role_);
    bool super = session != nullptr && session->superuser;
    if (!super && !catalog::is_member(*now, session_role_, role, false)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, fmt::format("permission denied to set role \"{}\"", value));
    }
  }
  return value;
}

// Puts the roles that the settings say.
void Session::Core::update_role() {
  if (auth_role_ == kInvalidOid) return;
  catalog::VersionPtr now = version();
  Oid session = now->find_role(settings_.value(Id::session_authorization));
  session_role_ = session == kInvalidOid ? auth_role_ : session;
  Oid role = settings_.value(Id::role) == "none" ? kInvalidOid : now->find_role(settings_.value(Id::role));
  role_ = role == kInvalidOid ? session_role_ : role;
  auto current = now->role(role_);
  superuser_ = current != nullptr && current->superuser;
  path_version_ = 0;
  environment_known_ = false;
  settings_.force(Id::is_superuser, superuser_ ? "on" : "off");
}

void Session::Core::changed(Id id, const std::string& value) {
  switch (id) {
    case Id::DateStyle: {
      ParsedDateStyle style = parse_date_style(value, {types_.date_style, types_.date_order});
      types_.date_style = style.style;
      types_.date_order = style.order;
      environment_known_ = false;
      break;
    }
    case Id::IntervalStyle:
      types_.interval_style = value == "postgres"           ? types::IntervalStyle::Postgres
                              : value == "postgres_verbose" ? types::IntervalStyle::PostgresVerbose
                              : value == "sql_standard"     ? types::IntervalStyle::SqlStandard
                                                            : types::IntervalStyle::Iso8601;
      environment_known_ = false;
      break;
    case Id::TimeZone:
      types_.time_zone = find_zone(value);
      environment_known_ = false;
      break;
    case Id::extra_float_digits:
      types_.extra_float_digits = static_cast<int>(settings_.integer(id));
      environment_known_ = false;
      break;
    case Id::xmloption:
      types_.xml_document = value == "document";
      environment_known_ = false;
      break;
    case Id::xmlbinary:
      types_.xml_binary_hex = value == "hex";
      environment_known_ = false;
      break;
    case Id::bytea_output:
      types_.bytea_hex = value == "hex";
      environment_known_ = false;
      break;
    case Id::search_path:
      path_version_ = 0;
      environment_known_ = false;
      break;
    case Id::lock_timeout:
      if (backend_ != nullptr) backend_->set_lock_timeout_ms(settings_.integer(id));
      break;
    case Id::transaction_isolation:
      if (transaction_ != nullptr && !transaction_->has_snapshot()) {
        transaction_->set_isolation(value == "repeatable read" || value == "serializable" ? txn::Isolation::RepeatableRead
                                                                                          : txn::Isolation::ReadCommitted);
      }
      break;
    case Id::transaction_read_only: read_only_ = value == "on"; break;
    case Id::enable_hashjoin:
    case Id::enable_nestloop:
    case Id::enable_indexscan:
    case Id::enable_bitmapscan:
    case Id::enable_seqscan:
    case Id::enable_sort:
    case Id::enable_hashagg:
    case Id::enable_partition_pruning:
    case Id::join_collapse_limit:
    case Id::standard_conforming_strings:
    case Id::row_security: environment_known_ = false; break;
    case Id::role:
    case Id::session_authorization: update_role(); break;
    case Id::application_name:
      if (registered_) {
        instance_.registry().set_activity(pid_, [&](Activity& activity) { activity.application_name = value; });
      }
      break;
    default: break;
  }
  if (!reporting_) return;
  switch (id) {
    case Id::application_name:
    case Id::client_encoding:
    case Id::DateStyle:
    case Id::default_transaction_read_only:
    case Id::in_hot_standby:
    case Id::IntervalStyle:
    case Id::is_superuser:
    case Id::session_authorization:
    case Id::standard_conforming_strings:
    case Id::TimeZone:
      protocol::append_parameter_status(output_, settings::definition(id).name, value);
      break;
    default: break;
  }
}

}  // namespace aegis::session
