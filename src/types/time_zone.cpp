#include "aegis/types/time_zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>

namespace aegis::types {

namespace {

constexpr std::string_view kZoneNames[] = {
#define AEGIS_ZONE(name) name,
#include "time_zone_names.def"
#undef AEGIS_ZONE
};

constexpr ZoneAbbreviation kAbbreviations[] = {
#define AEGIS_ZONE_ABBREVIATION(name, offset, is_dst) {name, offset, is_dst, {}},
#define AEGIS_ZONE_NAME(name, zone) {name, 0, false, zone},
#include "time_zone_abbreviations.def"
#undef AEGIS_ZONE_ABBREVIATION
#undef AEGIS_ZONE_NAME
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

using Seconds = std::chrono::time_point<std::chrono::system_clock, cctz::seconds>;
Seconds point(int64_t unix_seconds) { return Seconds(cctz::seconds(unix_seconds)); }
const cctz::civil_second kEpoch(1970, 1, 1, 0, 0, 0);

class DatabaseZone : public TimeZone {
 public:
  DatabaseZone(std::string name, cctz::time_zone zone) : TimeZone(std::move(name)), zone_(zone) {}

  Local at(int64_t unix_seconds) const override {
    auto found = zone_.lookup(point(unix_seconds));
    return {found.offset, found.is_dst, found.abbr};
  }
  int offset_of_local(int64_t local_seconds) const override {
    auto found = zone_.lookup(kEpoch + local_seconds);
    auto chosen = found.kind == cctz::time_zone::civil_lookup::REPEATED ? found.post : found.pre;
    return static_cast<int>(local_seconds - chosen.time_since_epoch().count());
  }
  bool is_constant(int& offset) const override {
    cctz::time_zone::civil_transition transition;
    if (zone_.prev_transition(Seconds::max(), &transition)) return false;
    offset = at(0).offset;
    return true;
  }
  bool interpret(std::string_view abbreviation, int64_t unix_seconds, int& offset, bool& is_dst) const override {
    auto take = [&](Seconds when) {
      auto found = zone_.lookup(when);
      if (lower(found.abbr) != abbreviation) return false;
      offset = found.offset;
      is_dst = found.is_dst;
      return true;
    };
    Seconds when = point(unix_seconds);
    if (take(when)) return true;
    cctz::time_zone::civil_transition transition;
    // Each transition's instant minus one second is the last moment of the rules before it.
    for (Seconds at = when; zone_.prev_transition(at, &transition);) {
      Seconds instant = zone_.lookup(transition.to).trans;
      if (zone_.lookup(transition.to).kind == cctz::time_zone::civil_lookup::UNIQUE) instant = zone_.lookup(transition.to).pre;
      if (instant >= at) break;
      at = instant;
      if (take(at - cctz::seconds(1))) return true;
    }
    for (Seconds at = when; zone_.next_transition(at, &transition);) {
      Seconds instant = zone_.lookup(transition.to).trans;
      if (zone_.lookup(transition.to).kind == cctz::time_zone::civil_lookup::UNIQUE) instant = zone_.lookup(transition.to).pre;
      if (instant <= at) break;
      at = instant;
      if (take(at)) return true;
    }
    return false;
  }

 private:
  cctz::time_zone zone_;
};

class FixedZone : public TimeZone {
 public:
  FixedZone(std::string name, std::string abbreviation, int offset)
      : TimeZone(std::move(name)), abbreviation_(std::move(abbreviation)), offset_(offset) {}
  Local at(int64_t) const override { return {offset_, false, abbreviation_}; }
  int offset_of_local(int64_t) const override { return offset_; }
  bool is_constant(int& offset) const override {
    offset = offset_;
    return true;
  }

 private:
  std::string abbreviation_;
  int offset_;
};

// A day a POSIX rule names: Mm.w.d (a weekday of a month), Jn (day of a year without leap days) or n.
struct RuleDay {
  char kind = 'M';
  int month = 0, week = 0, day = 0;
  int time = 7200;

  // Seconds from the year's start in local time.
  int64_t seconds_in(cctz::year_t year) const {
    cctz::civil_day first(year, 1, 1);
    cctz::civil_day at = first;
    if (kind == 'J') {
      bool leap = cctz::civil_day(year, 2, 28) + 1 != cctz::civil_day(year, 3, 1);
      at = first + (day - 1 + (leap && day >= 60));
    } else if (kind == 'n') {
      at = first + day;
    } else {
      cctz::civil_day start(year, month, 1);
      int weekday = (static_cast<int>(cctz::get_weekday(start)) + 1) % 7;  // Sunday is 0
      at = start + ((day - weekday + 7) % 7 + (week - 1) * 7);
      while (cctz::civil_month(at) != cctz::civil_month(start)) at -= 7;
    }
    return (at - first) * 86400 + time;
  }
};

class RuleZone : public TimeZone {
 public:
  struct Rules {
    std::string standard, daylight;
    int standard_offset = 0, daylight_offset = 0;
    RuleDay start, end;
  };
  RuleZone(std::string name, Rules rules) : TimeZone(std::move(name)), rules_(std::move(rules)) {}

  Local at(int64_t unix_seconds) const override {
    bool dst = is_dst(unix_seconds + rules_.standard_offset, unix_seconds + rules_.daylight_offset);
    return dst ? Local{rules_.daylight_offset, true, rules_.daylight} : Local{rules_.standard_offset, false, rules_.standard};
  }
  int offset_of_local(int64_t local_seconds) const override {
    int first = at(local_seconds - rules_.standard_offset).offset;
    int second = at(local_seconds - rules_.daylight_offset).offset;
    if (first == second) return first;
    // Skipped or repeated: both cases take standard time for rules that move forward in spring.
    return rules_.standard_offset;
  }

  bool is_constant(int&) const override { return false; }

 private:
  // The start is in standard time, the end in daylight time.
  bool is_dst(int64_t standard_local, int64_t daylight_local) const {
    cctz::civil_second now = kEpoch + standard_local;
    cctz::civil_second year_start(now.year(), 1, 1, 0, 0, 0);
    int64_t since = now - year_start;
    int64_t since_daylight = since + (daylight_local - standard_local);
    int64_t start = rules_.start.seconds_in(now.year());
    int64_t end = rules_.end.seconds_in(now.year());
    if (start < end) return since >= start && since_daylight < end;
    return since >= start || since_daylight < end;
  }
  Rules rules_;
};

class PosixParser {
 public:
  explicit PosixParser(std::string_view text) : text_(text) {}

  std::unique_ptr<TimeZone> parse() {
    RuleZone::Rules rules;
    if (!name(rules.standard) || !offset(rules.standard_offset)) return nullptr;
    if (at_ == text_.size()) return std::make_unique<FixedZone>(std::string(text_), rules.standard, rules.standard_offset);
    if (!name(rules.daylight)) return nullptr;
    rules.daylight_offset = rules.standard_offset + 3600;
    if (at_ < text_.size() && text_[at_] != ',' && !offset(rules.daylight_offset)) return nullptr;
    if (at_ == text_.size()) {
      rules.start = {'M', 3, 2, 0};
      rules.end = {'M', 11, 1, 0};
    } else if (!take(',') || !day(rules.start) || !take(',') || !day(rules.end) || at_ != text_.size()) {
      return nullptr;
    }
    return std::make_unique<RuleZone>(std::string(text_), std::move(rules));
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool name(std::string& out) {
    size_t start = at_;
    if (take('<')) {
      size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return false;
      out = text_.substr(at_, end - at_);
      at_ = end + 1;
      return !out.empty();
    }
    while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_]))) ++at_;
    out = text_.substr(start, at_ - start);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return true;
  }
  bool number(int& out) {
    size_t start = at_;
    out = 0;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) && at_ - start < 4) {
      out = out * 10 + (text_[at_++] - '0');
    }
    return at_ > start;
  }
  bool clock(int& seconds) {
    int hours;
    int minutes = 0;
    int rest = 0;
    bool negative = false;
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) negative = text_[at_++] == '-';
    if (!number(hours) || hours > 167) return false;
    if (take(':') && !number(minutes)) return false;
    if (take(':') && !number(rest)) return false;
    if (minutes > 59 || rest > 59) return false;
    seconds = hours * 3600 + minutes * 60 + rest;
    if (negative) seconds = -seconds;
    return true;
  }
  // POSIX counts west of Greenwich as positive.
  bool offset(int& east) {
    int west;
    if (!clock(west)) return false;
    east = -west;
    return true;
  }
  bool day(RuleDay& rule) {
    if (take('M')) {
      rule.kind = 'M';
      if (!number(rule.month) || !take('.') || !number(rule.week) || !take('.') || !number(rule.day)) return false;
      if (rule.month < 1 || rule.month > 12 || rule.week < 1 || rule.week > 5 || rule.day > 6) return false;
    } else {
      rule.kind = take('J') ? 'J' : 'n';
      if (!number(rule.day) || rule.day > 365) return false;
    }
    return !take('/') || clock(rule.time);
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Zones once made are kept: sessions and plans point at them.
class Cache {
 public:
  const TimeZone* find(const std::string& key) {
    std::lock_guard lock(mutex_);
    auto found = zones_.find(key);
    if (found == zones_.end()) found = zones_.emplace(key, load(key)).first;
    return found->second.get();
  }
  const TimeZone* keep(const std::string& key, std::unique_ptr<TimeZone> zone) {
    std::lock_guard lock(mutex_);
    return zones_.try_emplace(key, std::move(zone)).first->second.get();
  }

 private:
  static std::unique_ptr<TimeZone> load(const std::string& key) {
    if (key == "utc") return std::make_unique<FixedZone>("UTC", "UTC", 0);
    for (std::string_view name : kZoneNames) {
      if (name.size() != key.size() || lower(name) != key) continue;
      cctz::time_zone zone;
      if (cctz::load_time_zone(std::string(name), &zone)) return std::make_unique<DatabaseZone>(std::string(name), zone);
    }
    std::string upper = key;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return PosixParser(upper).parse();
  }

  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<TimeZone>> zones_;
};

Cache& cache() {
  static Cache instance;
  return instance;
}

}  // namespace

bool TimeZone::interpret(std::string_view abbreviation, int64_t unix_seconds, int& offset, bool& is_dst) const {
  Local local = at(unix_seconds);
  if (lower(local.abbreviation) != abbreviation) return false;
  offset = local.offset;
  is_dst = local.is_dst;
  return true;
}

const TimeZone* TimeZone::find(std::string_view name) {
  if (name.empty() || name.size() > 255) return nullptr;
  return cache().find(lower(name));
}

const TimeZone* TimeZone::utc() {
  static const TimeZone* const zone = find("UTC");
  return zone;
}

const TimeZone* TimeZone::fixed(int seconds_east) {
  auto text = [](int seconds) {
    int magnitude = std::abs(seconds);
    char buffer[24];
    const char* format = magnitude % 3600 == 0 ? "%c%02d" : magnitude % 60 == 0 ? "%c%02d:%02d" : "%c%02d:%02d:%02d";
    std::snprintf(buffer, sizeof buffer, format, seconds < 0 ? '-' : '+', magnitude / 3600, magnitude / 60 % 60, magnitude % 60);
    return std::string(buffer);
  };
  std::string abbreviation = text(seconds_east);
  std::string name = "<" + abbreviation + ">" + text(-seconds_east);
  return cache().keep("fixed " + name, std::make_unique<FixedZone>(name, abbreviation, seconds_east));
}

int time_zone_name_count() { return static_cast<int>(std::size(kZoneNames)); }
std::string_view time_zone_name(int i) { return kZoneNames[i]; }
int zone_abbreviation_count() { return static_cast<int>(std::size(kAbbreviations)); }
const ZoneAbbreviation& zone_abbreviation(int i) { return kAbbreviations[i]; }

const ZoneAbbreviation* find_zone_abbreviation(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  auto found = std::lower_bound(std::begin(kAbbreviations), std::end(kAbbreviations), upper,
                                [](const ZoneAbbreviation& a, const std::string& b) { return a.name < b; });
  return found != std::end(kAbbreviations) && found->name == upper ? found : nullptr;
}

}  // namespace aegis::types
