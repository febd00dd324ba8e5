// Settings ("configuration parameters", GUCs): their definitions, and the values a server and its sessions have.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace aegis::settings {

enum class Type : uint8_t { Bool, Int, Real, String, Enum };
// Who may change a setting and when; PostgreSQL's GucContext.
enum class Context : uint8_t { Internal, Postmaster, Sighup, SuperuserBackend, Backend, Superuser, User };
// Where a value comes from, weakest first.
enum class Source : uint8_t { Default, File, CommandLine, Database, Role, DatabaseRole, Client, Session };

inline constexpr int kHidden = 1;      // not in SHOW ALL
inline constexpr int kNoResetAll = 2;
inline constexpr int kExplain = 4;

struct Definition {
  std::string_view name;
  Type type;
  std::string_view boot;   // in the base unit
  std::string_view least;  // empty: no bound
  std::string_view greatest;
  std::string_view unit;        // "kB", "8kB", "MB", "B", "ms", "s", "min" or empty
  std::string_view enum_values; // comma separated
  Context context;
  int flags;
  std::string_view category;
  std::string_view description;
  std::string_view more;
};

enum class Id : uint16_t {
#define AEGIS_SETTING(name, type, boot, least, greatest, unit, values, context, flags, category, description, more) name,
#include "aegis/settings/settings.def"
#undef AEGIS_SETTING
  kCount
};
inline constexpr size_t kSettingCount = static_cast<size_t>(Id::kCount);

std::span<const Definition> definitions();
const Definition& definition(Id id);
// In any case; nothing when there is none.
std::optional<Id> find(std::string_view name);
std::string_view context_name(Context context);
std::string_view type_name(Type type);
std::string_view source_name(Source source);

// Checks a value and turns it into its canonical form: on/off, a number in the base unit, an enum value as listed. Throws
// SqlError 22023.
std::string parse_value(const Definition& definition, std::string_view value);
// The canonical form as SHOW has it, e.g. 4096 (kB) as "4MB".
std::string display_value(const Definition& definition, const std::string& canonical);
bool parse_bool(std::string_view text, bool& value);
// Throws 42602 unless the name has the form of a custom parameter.
void check_custom_name(std::string_view name);

// The server's values: the defaults, the file and the command line. Immutable once it is shared.
class ServerValues {
 public:
  ServerValues();
  // A custom name (with a dot) is kept as it is.
  void set(std::string_view name, std::string_view value, Source source);
  const std::string& value(Id id) const { return values_[static_cast<size_t>(id)]; }
  Source source(Id id) const { return sources_[static_cast<size_t>(id)]; }
  const std::map<std::string, std::string, std::less<>>& custom() const { return custom_; }
  int64_t integer(Id id) const;
  bool boolean(Id id) const { return value(id) == "on"; }

 private:
  std::vector<std::string> values_;
  std::vector<Source> sources_;
  std::map<std::string, std::string, std::less<>> custom_;
};

// What a session does about settings with a meaning beyond their type.
class Hooks {
 public:
  virtual ~Hooks() = default;
  // May refuse (SqlError) or rewrite a canonical value.
  virtual std::string check(Id id, std::string value, Source source) = 0;
  // The value in force is now another.
  virtual void changed(Id id, const std::string& value) = 0;
};

// A session's values. SET is undone when its transaction (or the savepoint it came after) is rolled back, SET LOCAL also
// at the end of the transaction.
class SessionValues {
 public:
  SessionValues(std::shared_ptr<const ServerValues> server, Hooks& hooks);

  const std::string& value(Id id) const;
  bool boolean(Id id) const { return value(id) == "on"; }
  int64_t integer(Id id) const;
  double real(Id id) const;
  Source source(Id id) const;
  const std::string& reset_value(Id id) const;

  // As SHOW has it; nothing when there is no such setting.
  std::optional<std::string> show(std::string_view name) const;

  // Values of the database, the role and the startup packet: what RESET goes back to.
  void set_initial(std::string_view name, std::string_view value, Source source, bool superuser);
  // SET. Throws 42704 for an unknown name, 42501, 55P02, 22023.
  void set(std::string_view name, std::string_view value, bool local, bool superuser);
  // RESET and SET … TO DEFAULT.
  void reset(std::string_view name, bool local, bool superuser);
  void reset_all();
  // By the server itself (is_superuser, transaction_isolation, …); no rights are asked for, never undone.
  void force(Id id, std::string_view value);
  // The value for the rest of the transaction.
  void set_transaction_local(Id id, std::string_view value);

  // The file was read again.
  void set_server(std::shared_ptr<const ServerValues> server);

  size_t savepoint() const { return undo_.size(); }
  void rollback_to(size_t savepoint);
  void commit();
  void rollback() { rollback_to(0); }

  struct CustomValue {
    std::string name;
    std::string value;
  };
  std::vector<CustomValue> custom_values() const;

 private:
  struct Entry {
    std::optional<std::string> initial;
    Source initial_source = Source::Default;
    std::optional<std::string> session;
    std::optional<std::string> local;
  };
  struct Undo {
    bool is_custom;
    Id id{};
    std::string custom;
    Entry before;
    bool existed;
  };
  void check_allowed(const Definition& definition, bool superuser, bool at_start) const;
  const std::string& server_value(Id id) const { return server_->value(id); }
  void change(Id id, std::optional<std::string> value, bool local);
  void change_custom(std::string_view name, std::optional<std::string> value, bool local);
  void notify(Id id, const std::string& before);

  std::shared_ptr<const ServerValues> server_;
  Hooks& hooks_;
  std::unordered_map<uint16_t, Entry> entries_;
  std::map<std::string, Entry, std::less<>> custom_;
  std::vector<Undo> undo_;
};

}  // namespace aegis::settings
