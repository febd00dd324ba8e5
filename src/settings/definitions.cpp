// The table of settings, and the text forms of their values.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <strings.h>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/settings/settings.h"

namespace aegis::settings {

namespace {

using enum Type;
using enum Context;

constexpr Definition kDefinitions[] = {
#define AEGIS_SETTING(name, type, boot, least, greatest, unit, values, context, flags, category, description, more) \
  {#name, type, boot, least, greatest, unit, values, context, flags, category, description, more},
#include "aegis/settings/settings.def"
#undef AEGIS_SETTING
};

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

int compare_names(std::string_view a, std::string_view b) {
  int order = strncasecmp(a.data(), b.data(), std::min(a.size(), b.size()));
  return order != 0 ? order : (a.size() < b.size() ? -1 : a.size() > b.size());
}

struct Unit {
  std::string_view name;
  double factor;  // in bytes or microseconds
};
constexpr Unit kMemoryUnits[] = {
    {"TB", 1024.0 * 1024 * 1024 * 1024}, {"GB", 1024.0 * 1024 * 1024}, {"MB", 1024.0 * 1024}, {"kB", 1024}, {"B", 1}};
constexpr Unit kTimeUnits[] = {{"d", 86400e6}, {"h", 3600e6}, {"min", 60e6}, {"s", 1e6}, {"ms", 1e3}, {"us", 1}};

bool is_memory_unit(std::string_view unit) { return !unit.empty() && unit.back() == 'B'; }
std::span<const Unit> units_like(std::string_view unit) {
  if (is_memory_unit(unit)) return kMemoryUnits;
  return kTimeUnits;
}
double base_factor(std::string_view unit) {
  if (unit == "8kB") return 8192;
  for (const Unit& u : units_like(unit)) {
    if (u.name == unit) return u.factor;
  }
  return 1;
}

[[noreturn]] void throw_invalid(const Definition& d, std::string_view value, std::string hint = "") {
  SqlError error(Sqlstate::InvalidParameterValue, fmt::format("invalid value for parameter \"{}\": \"{}\"", d.name, value));
  if (!hint.empty()) error.hint(std::move(hint));
  throw error;
}

std::string units_hint(const Definition& d) {
  if (d.unit.empty()) return "";
  return is_memory_unit(d.unit) ? "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"."
                                : "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";
}

// A number with an optional unit, in the setting's base unit.
double parse_number(const Definition& d, std::string_view value) {
  std::string text(value);
  const char* at = text.c_str();
  char* end = nullptr;
  while (isspace(static_cast<unsigned char>(*at))) ++at;
  bool hex_or_octal = d.type == Int && at[0] == '0' && (at[1] == 'x' || at[1] == 'X' || isdigit(at[1]));
  double number = hex_or_octal ? static_cast<double>(std::strtoll(at, &end, 0)) : std::strtod(at, &end);
  if (end == at || std::isnan(number)) throw_invalid(d, value, "");
  while (isspace(static_cast<unsigned char>(*end))) ++end;
  std::string_view rest(end);
  while (!rest.empty() && isspace(static_cast<unsigned char>(rest.back()))) rest.remove_suffix(1);
  if (rest.empty()) return number;
  if (d.unit.empty()) throw_invalid(d, value);
  for (const Unit& unit : units_like(d.unit)) {
    if (unit.name == rest) return number * unit.factor / base_factor(d.unit);
  }
  throw_invalid(d, value, units_hint(d));
}

std::string format_real(double value) { return fmt::format("{}", fmt::format("{:g}", value)); }

void check_range(const Definition& d, double number, const std::string& shown) {
  double least = d.least.empty() ? -HUGE_VAL : std::strtod(std::string(d.least).c_str(), nullptr);
  double greatest = d.greatest.empty() ? HUGE_VAL : std::strtod(std::string(d.greatest).c_str(), nullptr);
  if (number >= least && number <= greatest) return;
  throw SqlError(Sqlstate::InvalidParameterValue,
                 fmt::format("{}{}{} is outside the valid range for parameter \"{}\" ({} .. {})", shown, d.unit.empty() ? "" : " ",
                             d.unit, d.name, d.least, d.greatest));
}

std::string parse_enum(const Definition& d, std::string_view value) {
  std::vector<std::string_view> values;
  std::string_view rest = d.enum_values;
  while (true) {
    size_t comma = rest.find(',');
    values.push_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  for (std::string_view v : values) {
    if (same(v, value)) return std::string(v);
  }
  auto listed = [&](std::string_view v) { return std::find(values.begin(), values.end(), v) != values.end(); };
  bool on = false;
  if (listed("on") && listed("off") && parse_bool(value, on) && value.size() > 0) return on ? "on" : "off";
  if (same(value, "debug") && listed("debug2")) return "debug2";
  if (same(value, "info") && d.name == "client_min_messages") return "info";
  std::string hint;
  for (std::string_view v : values) hint += (hint.empty() ? "Available values: " : ", ") + std::string(v);
  throw_invalid(d, value, hint + ".");
}

}  // namespace

std::span<const Definition> definitions() { return kDefinitions; }
const Definition& definition(Id id) { return kDefinitions[static_cast<size_t>(id)]; }

std::optional<Id> find(std::string_view name) {
  static const std::vector<uint16_t> sorted = [] {
    std::vector<uint16_t> order(kSettingCount);
    for (size_t i = 0; i < kSettingCount; ++i) order[i] = static_cast<uint16_t>(i);
    std::sort(order.begin(), order.end(),
              [](uint16_t a, uint16_t b) { return compare_names(kDefinitions[a].name, kDefinitions[b].name) < 0; });
    return order;
  }();
  auto at = std::lower_bound(sorted.begin(), sorted.end(), name, [](uint16_t i, std::string_view n) {
    return compare_names(kDefinitions[i].name, n) < 0;
  });
  if (at == sorted.end() || !same(kDefinitions[*at].name, name)) {
    if (same(name, "time zone")) return Id::TimeZone;
    if (same(name, "sort_mem")) return Id::work_mem;
    return std::nullopt;
  }
  return static_cast<Id>(*at);
}

std::string_view context_name(Context context) {
  switch (context) {
    case Internal: return "internal";
    case Postmaster: return "postmaster";
    case Sighup: return "sighup";
    case SuperuserBackend: return "superuser-backend";
    case Backend: return "backend";
    case Superuser: return "superuser";
    case User: return "user";
  }
  return "";
}

std::string_view type_name(Type type) {
  switch (type) {
    case Bool: return "bool";
    case Int: return "integer";
    case Real: return "real";
    case String: return "string";
    case Enum: return "enum";
  }
  return "";
}

std::string_view source_name(Source source) {
  switch (source) {
    case Source::Default: return "default";
    case Source::File: return "configuration file";
    case Source::CommandLine: return "command line";
    case Source::Database: return "database";
    case Source::Role: return "user";
    case Source::DatabaseRole: return "database user";
    case Source::Client: return "client";
    case Source::Session: return "session";
  }
  return "";
}

bool parse_bool(std::string_view text, bool& value) {
  auto prefix_of = [&](std::string_view word, size_t least) {
    return text.size() >= least && text.size() <= word.size() && same(text, word.substr(0, text.size()));
  };
  if (prefix_of("true", 1) || prefix_of("yes", 1) || prefix_of("on", 2) || text == "1") {
    value = true;
    return true;
  }
  if (prefix_of("false", 1) || prefix_of("no", 1) || prefix_of("off", 2) || text == "0") {
    value = false;
    return true;
  }
  return false;
}

namespace {

// Settings that PostgreSQL has and whose other values would be promises this server does not keep.
struct Supported {
  Id id;
  std::string_view values;  // comma separated; "" is the empty string
};

constexpr Supported kSupported[] = {
    {Id::archive_mode, "off"},
    {Id::data_sync_retry, "off"},
    {Id::ignore_checksum_failure, "off"},
    {Id::ignore_invalid_pages, "off"},
    {Id::max_prepared_transactions, "0"},
    {Id::old_snapshot_threshold, "-1"},
    {Id::primary_conninfo, ""},
    {Id::recovery_target, ""},
    {Id::recovery_target_lsn, ""},
    {Id::recovery_target_name, ""},
    {Id::recovery_target_time, ""},
    {Id::recovery_target_xid, ""},
    {Id::restore_command, ""},
    {Id::session_replication_role, "origin,local"},
    {Id::synchronous_standby_names, ""},
    {Id::temp_file_limit, "-1"},
    {Id::track_commit_timestamp, "off"},
    {Id::wal_compression, "off"},
    {Id::wal_init_zero, "on"},
    {Id::wal_keep_size, "0"},
    {Id::wal_level, "minimal,replica"},
    {Id::wal_log_hints, "off"},
    {Id::wal_recycle, "on"},
    {Id::wal_sync_method, "fdatasync"},
    {Id::zero_damaged_pages, "off"},
};

void check_supported(const Definition& d, std::string_view value) {
  for (const Supported& supported : kSupported) {
    if (definition(supported.id).name != d.name) continue;
    std::string_view rest = supported.values;
    for (;;) {
      size_t comma = rest.find(',');
      if (rest.substr(0, comma) == value) return;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    throw SqlError(Sqlstate::FeatureNotSupported, fmt::format("parameter \"{}\" cannot be \"{}\" on this server", d.name, value));
  }
}

std::string canonical_value(const Definition& d, std::string_view value) {
  switch (d.type) {
    case Bool: {
      bool on = false;
      if (!parse_bool(value, on)) {
        throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("parameter \"{}\" requires a Boolean value", d.name));
      }
      return on ? "on" : "off";
    }
    case Int: {
      double number = std::rint(parse_number(d, value));
      if (number > 2147483647.0 || number < -2147483648.0) throw_invalid(d, value, "Value exceeds integer range.");
      auto integer = static_cast<int64_t>(number);
      check_range(d, number, std::to_string(integer));
      return std::to_string(integer);
    }
    case Real: {
      double number = parse_number(d, value);
      check_range(d, number, format_real(number));
      return format_real(number);
    }
    case String: return std::string(value);
    case Enum: return parse_enum(d, value);
  }
  return std::string(value);
}

}  // namespace

std::string parse_value(const Definition& d, std::string_view value) {
  std::string canonical = canonical_value(d, value);
  check_supported(d, canonical);
  return canonical;
}

std::string display_value(const Definition& d, const std::string& canonical) {
  if (d.unit.empty() || (d.type != Int && d.type != Real)) return canonical;
  double number = std::strtod(canonical.c_str(), nullptr);
  if (number <= 0) return canonical;
  double base = number * base_factor(d.unit);
  for (const Unit& unit : units_like(d.unit)) {
    double shown = base / unit.factor;
    bool whole = d.type == Int ? shown == std::floor(shown) : std::abs(std::rint(shown) / shown - 1.0) <= 1e-8;
    if (shown >= 1 && whole) return fmt::format("{}{}", static_cast<int64_t>(std::rint(shown)), unit.name);
  }
  return canonical + std::string(d.unit);
}

void check_custom_name(std::string_view name) {
  constexpr std::string_view kReserved = "plpgsql.";
  if (name.size() >= kReserved.size() && strncasecmp(name.data(), kReserved.data(), kReserved.size()) == 0) {
    constexpr std::string_view kKnown[] = {"variable_conflict", "print_strict_params", "check_asserts", "extra_warnings", "extra_errors"};
    std::string_view own = name.substr(kReserved.size());
    bool known = std::any_of(std::begin(kKnown), std::end(kKnown), [&](auto one) { return one.size() == own.size() && strncasecmp(one.data(), own.data(), own.size()) == 0; });
    if (!known) {
      throw SqlError(Sqlstate::InvalidName, fmt::format("invalid configuration parameter name \"{}\"", name)).detail("\"plpgsql\" is a reserved prefix.");
    }
  }
  bool dotted = false;
  bool start = true;
  bool valid = !name.empty();
  for (char c : name) {
    auto u = static_cast<unsigned char>(c);
    if (c == '.') {
      if (start) valid = false;
      dotted = true;
      start = true;
    } else if (isalpha(u) || c == '_' || u >= 0x80) {
      start = false;
    } else if (start || !(isdigit(u) || c == '$')) {
      valid = false;
    }
  }
  if (!dotted) {
    throw SqlError(Sqlstate::UndefinedObject, fmt::format("unrecognized configuration parameter \"{}\"", name));
  }
  if (!valid || start) {
    throw SqlError(Sqlstate::InvalidName, fmt::format("invalid configuration parameter name \"{}\"", name))
        .detail("Custom parameter names must be two or more simple identifiers separated by dots.");
  }
}

}  // namespace aegis::settings
