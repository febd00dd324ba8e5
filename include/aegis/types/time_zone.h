// Time zones: the tz database's, POSIX specifications and fixed offsets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aegis::types {

// Immutable, interned for the life of the process: compare by address. Thread safe.
class TimeZone {
 public:
  struct Local {
    int offset;  // seconds east of UTC
    bool is_dst;
    std::string_view abbreviation;
  };

  virtual ~TimeZone() = default;
  std::string_view name() const { return name_; }
  // `unix_seconds` is UTC.
  virtual Local at(int64_t unix_seconds) const = 0;
  // The offset that applies to a local time (seconds since 1970 as if it were UTC). A skipped time takes the
  // offset before the transition, a repeated one the offset after it.
  virtual int offset_of_local(int64_t local_seconds) const = 0;

  // The meaning of an abbreviation this zone used, at a time: of its latest use until then, else of its first.
  virtual bool interpret(std::string_view abbreviation, int64_t unix_seconds, int& offset, bool& is_dst) const;

  // Whether the zone has had one offset only.
  virtual bool is_constant(int& offset) const = 0;

  // By name in any case ("america/new_york"), POSIX specification ("EST5EDT", "<+03>-3"), or null.
  static const TimeZone* find(std::string_view name);
  // SET TIME ZONE -7.5 and the like; named "<-07:30>+07:30".
  static const TimeZone* fixed(int seconds_east);
  static const TimeZone* utc();

 protected:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

// The names that find() knows from the tz database, sorted.
int time_zone_name_count();
std::string_view time_zone_name(int i);

// An abbreviation of timezone_abbreviations = 'Default': a fixed offset, or a zone whose history decides.
struct ZoneAbbreviation {
  std::string_view name;   // upper case
  int offset;              // seconds east of UTC
  bool is_dst;
  std::string_view zone;   // not empty: the offset depends on the date
};
const ZoneAbbreviation* find_zone_abbreviation(std::string_view name);  // any case
int zone_abbreviation_count();
const ZoneAbbreviation& zone_abbreviation(int i);

}  // namespace aegis::types
