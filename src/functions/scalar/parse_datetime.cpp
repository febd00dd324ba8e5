// to_timestamp() and to_date() by a format.
#include <cctype>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdlib>

#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "datetime_format.h"
#include "datetime_zone.h"

namespace aegis::functions {

using namespace types;  // NOLINT: this file is all about them

namespace {

bool is_separator(char c) {
  auto u = static_cast<unsigned char>(c);
  return u > 0x20 && u < 0x7f && std::isalnum(u) == 0;
}
bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

[[noreturn]] void throw_format(const std::string& message) { throw SqlError(Sqlstate::InvalidDatetimeFormat, message); }

constexpr std::string_view kRoman[] = {"XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"};

// What the text gave, before it becomes a point in time.
struct Given {
  enum class Mode : uint8_t { None, Gregorian, IsoWeek };
  Mode mode = Mode::None;
  int hour = 0, afternoon = 0, minute = 0, second = 0, second_of_day = 0;
  int day_of_week = 0, day = 0, day_of_year = 0, month = 0, year = 0, bc = 0, week = 0, week_of_month = 0, century = 0;
  int julian = 0, year_digits = 0, millisecond = 0, microsecond = 0, fraction_digits = 0;
  bool clock12 = false;
  int zone_sign = 0, zone_hour = 0, zone_minute = 0;
};

class DateReader {
 public:
  DateReader(Text text, Text format, bool strict = false)
      : text_(text), copy_(text), nodes_(parse_date_format(format, strict)), exact_(strict), strict_(strict) {}
  const std::vector<DateNode>& nodes() const { return nodes_; }

  Given run() {
    int extra_skip = 0;
    size_t n = 0;
    for (; n < nodes_.size() && at_ < copy_.size(); ++n) {
      const DateNode& node = nodes_[n];
      bool action = node.kind == DateNode::Kind::Action;
      if (!exact_ && (action || n == 0)) {
        while (is_blank(peek())) {
          ++at_;
          ++extra_skip;
        }
      }
      if (node.kind == DateNode::Kind::Space || node.kind == DateNode::Kind::Separator) {
        if (strict_) {
          if (peek() != node.text[0]) throw_format("unmatched format separator \"" + node.text + "\"");
          ++at_;
        } else if (exact_) {
          at_ += types::utf8_bytes(peek());
        } else {
          --extra_skip;
          if (is_blank(peek()) || is_separator(peek())) {
            ++at_;
            ++extra_skip;
          }
        }
        continue;
      }
      if (!action) {
        if (!exact_ && extra_skip > 0) {
          --extra_skip;
        } else {
          if (strict_ && copy_.compare(at_, node.text.size(), node.text) != 0) throw_format("unmatched format character \"" + node.text + "\"");
          at_ += types::utf8_bytes(peek());
        }
        continue;
      }
      read(n);
      if (!exact_) {
        extra_skip = 0;
        while (is_blank(peek())) {
          ++at_;
          ++extra_skip;
        }
      }
    }
    if (strict_) {
      if (n < nodes_.size()) throw_format("input string is too short for datetime format");
      while (is_blank(peek())) ++at_;
      if (at_ < copy_.size()) throw_format("trailing characters remain in input string after datetime format");
    }
    return given_;
  }

 private:
  char peek() const { return at_ < copy_.size() ? copy_[at_] : '\0'; }

  // Whether what follows in the format cannot be a digit, so that a number ends by itself.
  bool number_ends(size_t n) const {
    if (nodes_[n].ordinal) return true;
    if (n + 1 >= nodes_.size()) return true;
    const DateNode& next = nodes_[n + 1];
    if (next.kind == DateNode::Kind::Action) return !next.is_digit;
    return !(next.text.size() == 1 && std::isdigit(static_cast<unsigned char>(next.text[0])));
  }

  // Reads a number of `length` digits into `target` (if not null); returns how many characters it took.
  int number(size_t n, int* target, int length) {
    const DateNode& node = nodes_[n];
    std::string quoted = "\"" + node.text + "\"";
    size_t start = at_;
    while (is_blank(peek())) ++at_;
    std::string piece = copy_.substr(at_, static_cast<size_t>(length));
    const char* from = copy_.c_str() + at_;
    char* end;
    long value;
    errno = 0;
    if (node.fill || number_ends(n)) {
      value = std::strtol(from, &end, 10);
      at_ += static_cast<size_t>(end - from);
    } else {
      auto have = static_cast<int>(piece.size());
      if (have < length) {
        throw SqlError(Sqlstate::InvalidDatetimeFormat, "source string too short for " + quoted + " formatting field")
            .detail("Field requires " + std::to_string(length) + " characters, but only " + std::to_string(have) + " remain.")
            .hint("If your source string is not fixed-width, try using the \"FM\" modifier.");
      }
      value = std::strtol(piece.c_str(), &end, 10);
      auto used = static_cast<int>(end - piece.c_str());
      if (used > 0 && used < length) {
        throw SqlError(Sqlstate::InvalidDatetimeFormat, "invalid value \"" + piece + "\" for " + quoted)
            .detail("Field requires " + std::to_string(length) + " characters, but only " + std::to_string(used) +
                    " could be parsed.")
            .hint("If your source string is not fixed-width, try using the \"FM\" modifier.");
      }
      at_ += static_cast<size_t>(used);
    }
    if (at_ == start) {
      throw SqlError(Sqlstate::InvalidDatetimeFormat, "invalid value \"" + piece + "\" for " + quoted)
          .detail("Value must be an integer.");
    }
    if (errno == ERANGE || value < INT_MIN || value > INT_MAX) {
      throw SqlError(Sqlstate::DatetimeValueOutOfRange, "value for " + quoted + " in source string is out of range")
          .detail("Value must be in the range -2147483648 to 2147483647.");
    }
    if (target != nullptr) set(node, *target, static_cast<int>(value));
    return static_cast<int>(at_ - start);
  }

  void set(const DateNode& node, int& target, int value) {
    if (target != 0 && target != value) {
      throw SqlError(Sqlstate::InvalidDatetimeFormat,
                     "conflicting values for \"" + node.text + "\" field in formatting string")
          .detail("This value contradicts a previous setting for the same field type.");
    }
    target = value;
  }

  void set_mode(Given::Mode mode) {
    if (given_.mode == Given::Mode::None) {
      given_.mode = mode;
    } else if (given_.mode != mode) {
      throw SqlError(Sqlstate::InvalidDatetimeFormat, "invalid combination of date conventions")
          .hint("Do not mix Gregorian and ISO week date conventions in a formatting template.");
    }
  }

  // One of `names`, in any letter case, by its first `length` letters (0: all); its index.
  int name(const DateNode& node, const std::string_view* names, int count, size_t length) {
    for (int i = 0; i < count; ++i) {
      std::string_view candidate = length > 0 ? names[i].substr(0, length) : names[i];
      if (copy_.size() - at_ < candidate.size()) continue;
      bool same = true;
      for (size_t k = 0; k < candidate.size() && same; ++k) {
        same = std::tolower(static_cast<unsigned char>(copy_[at_ + k])) == std::tolower(static_cast<unsigned char>(candidate[k]));
      }
      if (same) {
        at_ += candidate.size();
        return i;
      }
    }
    std::string piece = copy_.substr(at_);
    if (size_t blank = piece.find_first_of(" \t\n"); blank != std::string::npos) piece.resize(blank);
    throw SqlError(Sqlstate::InvalidDatetimeFormat, "invalid value \"" + piece + "\" for \"" + node.text + "\"")
        .detail("The given value did not match any of the allowed values for this field.");
  }

  void skip_ordinal(const DateNode& node) {
    if (node.ordinal) at_ = std::min(at_ + 2, copy_.size());
  }

  void year(size_t n, int digits) {
    int used = number(n, &given_.year, digits);
    given_.year_digits = digits;
    if (digits < 4 && used < 4) given_.year = complete_year(given_.year);
    skip_ordinal(nodes_[n]);
  }

  void zone(size_t n) {
    const DateNode& node = nodes_[n];
    if (node.key == DateKey::ZoneHour) {
      // The sign may have been taken for a separator.
      if (peek() == '+' || peek() == '-' || peek() == ' ') {
        given_.zone_sign = peek() == '-' ? -1 : 1;
        ++at_;
      } else {
        given_.zone_sign = at_ > 0 && copy_[at_ - 1] == '-' ? -1 : 1;
      }
      number(n, &given_.zone_hour, 2);
    } else {
      if (given_.zone_sign == 0) given_.zone_sign = 1;
      number(n, &given_.zone_minute, 2);
    }
  }

  void read(size_t n);
  void read_fraction(size_t n, int digits);
  void read_date(size_t n);

  Text text_;
  std::string copy_;
  std::vector<DateNode> nodes_;
  size_t at_ = 0;
  bool exact_;
  bool strict_;
  Given given_;
};

constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

void DateReader::read_fraction(size_t n, int digits) {
  const DateNode& node = nodes_[n];
  if (node.key == DateKey::Millisecond) {
    int used = number(n, &given_.millisecond, 3);
    given_.millisecond *= used == 1 ? 100 : used == 2 ? 10 : 1;
  } else {
    int used = number(n, &given_.microsecond, digits);
    for (int i = used; i < 6; ++i) given_.microsecond *= 10;
  }
  skip_ordinal(node);
}

void DateReader::read(size_t n) {
  const DateNode& node = nodes_[n];
  static constexpr std::string_view kDotted[] = {"a.m.", "p.m."};
  static constexpr std::string_view kPlain[] = {"am", "pm"};
  switch (node.key) {
    case DateKey::Exact: exact_ = true; return;
    case DateKey::AmDots:
    case DateKey::Am: {
      int index = name(node, node.key == DateKey::Am ? kPlain : kDotted, 2, 0);
      set(node, given_.afternoon, index);
      given_.clock12 = true;
      return;
    }
    case DateKey::Hour12:
      number(n, &given_.hour, 2);
      given_.clock12 = true;
      return skip_ordinal(node);
    case DateKey::Hour24: number(n, &given_.hour, 2); return skip_ordinal(node);
    case DateKey::Minute: number(n, &given_.minute, 2); return skip_ordinal(node);
    case DateKey::Second: number(n, &given_.second, 2); return skip_ordinal(node);
    case DateKey::Millisecond: return read_fraction(n, 3);
    case DateKey::Microsecond: return read_fraction(n, 6);
    case DateKey::Fraction:
      given_.fraction_digits = node.digits;
      return read_fraction(n, node.digits);
    case DateKey::SecondOfDay:
      number(n, &given_.second_of_day, static_cast<int>(node.text.size()));
      return skip_ordinal(node);
    case DateKey::Zone:
    case DateKey::Offset:
      throw SqlError(Sqlstate::FeatureNotSupported,
                     "formatting field \"" + node.text + "\" is only supported in to_char");
    case DateKey::ZoneHour:
    case DateKey::ZoneMinute: return zone(n);
    default: return read_date(n);
  }
}

void DateReader::read_date(size_t n) {
  const DateNode& node = nodes_[n];
  static constexpr std::string_view kDotted[] = {"a.d.", "b.c."};
  static constexpr std::string_view kPlain[] = {"ad", "bc"};
  switch (node.key) {
    case DateKey::IsoDayOfYear:
    case DateKey::IsoDay:
    case DateKey::IsoWeek:
    case DateKey::IsoYear4:
    case DateKey::IsoYear3:
    case DateKey::IsoYear2:
    case DateKey::IsoYear1: set_mode(Given::Mode::IsoWeek); break;
    case DateKey::AdDots:
    case DateKey::Ad: break;
    default: set_mode(Given::Mode::Gregorian); break;
  }
  switch (node.key) {
    case DateKey::AdDots:
    case DateKey::Ad: set(node, given_.bc, name(node, node.key == DateKey::Ad ? kPlain : kDotted, 2, 0)); return;
    case DateKey::MonthName: set(node, given_.month, name(node, kMonths, 12, 0) + 1); return;
    case DateKey::MonthShort: set(node, given_.month, name(node, kMonths, 12, 3) + 1); return;
    case DateKey::Month: number(n, &given_.month, 2); return skip_ordinal(node);
    case DateKey::DayName: set(node, given_.day_of_week, name(node, kDays, 7, 0) + 1); return;
    case DateKey::DayShort: set(node, given_.day_of_week, name(node, kDays, 7, 3) + 1); return;
    case DateKey::DayOfYear:
    case DateKey::IsoDayOfYear: number(n, &given_.day_of_year, 3); return skip_ordinal(node);
    case DateKey::DayOfMonth: number(n, &given_.day, 2); return skip_ordinal(node);
    case DateKey::DayOfWeek: number(n, &given_.day_of_week, 1); return skip_ordinal(node);
    case DateKey::IsoDay:
      number(n, &given_.day_of_week, 1);
      if (++given_.day_of_week > 7) given_.day_of_week = 1;
      return skip_ordinal(node);
    case DateKey::Week:
    case DateKey::IsoWeek: number(n, &given_.week, 2); return skip_ordinal(node);
    case DateKey::Quarter: number(n, nullptr, 1); return skip_ordinal(node);
    case DateKey::Cc: number(n, &given_.century, 2); return skip_ordinal(node);
    case DateKey::YearComma: {
      int thousands = 0;
      int rest = 0;
      int used = 0;
      if (std::sscanf(copy_.c_str() + at_, "%d,%03d%n", &thousands, &rest, &used) < 2) {
        throw_format("invalid input string for \"Y,YYY\"");
      }
      set(node, given_.year, rest + thousands * 1000);
      given_.year_digits = 4;
      at_ += static_cast<size_t>(used);
      return skip_ordinal(node);
    }
    case DateKey::Year4:
    case DateKey::IsoYear4: return year(n, 4);
    case DateKey::Year3:
    case DateKey::IsoYear3: return year(n, 3);
    case DateKey::Year2:
    case DateKey::IsoYear2: return year(n, 2);
    case DateKey::Year1:
    case DateKey::IsoYear1: return year(n, 1);
    case DateKey::RomanMonth: set(node, given_.month, 12 - name(node, kRoman, 12, 0)); return;
    case DateKey::WeekOfMonth: number(n, &given_.week_of_month, 1); return skip_ordinal(node);
    case DateKey::Julian: number(n, &given_.julian, 1); return skip_ordinal(node);
    default: return;
  }
}

[[noreturn]] void throw_field_range(Text text) {
  throw SqlError(Sqlstate::DatetimeFieldOverflow, "date/time field value out of range: \"" + std::string(text) + "\"");
}

bool year_of(const Given& given, int& year) {
  if (given.year != 0) {
    if (given.century != 0 && given.year_digits <= 2) {
      int century = given.bc ? -given.century : given.century;
      year = given.year % 100;
      if (year != 0) {
        year = century >= 0 ? year + (century - 1) * 100 : (century + 1) * 100 - year + 1;
      } else {
        year = century * 100 + (century >= 0 ? 0 : 1);
      }
    } else {
      year = given.bc ? -given.year : given.year;
      if (year < 0) ++year;
    }
    return true;
  }
  if (given.century == 0) return false;
  int century = given.bc ? -given.century : given.century;
  year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
  return true;
}

void resolve_time(const Given& given, DateTime& f) {
  if (given.second_of_day != 0) {
    f.hour = given.second_of_day / 3600;
    f.minute = given.second_of_day / 60 % 60;
    f.second = given.second_of_day % 60;
  }
  if (given.second != 0) f.second = given.second;
  if (given.minute != 0) f.minute = given.minute;
  if (given.hour != 0) f.hour = given.hour;
  if (!given.clock12) return;
  if (f.hour < 1 || f.hour > 12) {
    throw SqlError(Sqlstate::InvalidDatetimeFormat,
                   "hour \"" + std::to_string(f.hour) + "\" is invalid for the 12-hour clock")
        .hint("Use the 24-hour clock, or give an hour between 1 and 12.");
  }
  if (given.afternoon && f.hour < 12) f.hour += 12;
  if (!given.afternoon && f.hour == 12) f.hour = 0;
}

DateTime resolve(Given given, Text text) {
  DateTime f;
  f.year = 0;
  f.month = f.day = 1;
  resolve_time(given, f);
  bool has_year = year_of(given, f.year);
  bool has_month = false;
  bool has_day = false;
  if (given.julian != 0) {
    date_of_julian(given.julian, f.year, f.month, f.day);
    has_year = has_month = has_day = true;
  }
  if (given.week != 0) {
    if (given.mode == Given::Mode::IsoWeek) {
      int julian = iso_week_to_julian(f.year, given.week);
      if (given.day_of_week != 0) julian += given.day_of_week > 1 ? given.day_of_week - 2 : 6;
      date_of_julian(julian, f.year, f.month, f.day);
      has_year = has_month = has_day = true;
    } else {
      given.day_of_year = (given.week - 1) * 7 + 1;
    }
  }
  if (given.week_of_month != 0) given.day = (given.week_of_month - 1) * 7 + 1;
  if (given.day != 0) {
    f.day = given.day;
    has_day = true;
  }
  if (given.month != 0) {
    f.month = given.month;
    has_month = true;
  }
  if (given.day_of_year != 0 && (f.month <= 1 || f.day <= 1)) {
    if (f.year == 0 && !given.bc) throw_format("cannot calculate day of year without year information");
    if (given.mode == Given::Mode::IsoWeek) {
      date_of_julian(iso_week_to_julian(f.year, 1) - 1 + given.day_of_year, f.year, f.month, f.day);
      has_year = has_month = has_day = true;
    } else {
      int month = 1;
      int before = 0;
      while (month < 12 && given.day_of_year > before + days_in_month(f.year, month)) before += days_in_month(f.year, month++);
      if (given.day_of_year > before + days_in_month(f.year, month)) {
        before += days_in_month(f.year, month);
        ++month;
      }
      if (f.month <= 1) f.month = month;
      if (f.day <= 1) f.day = given.day_of_year - before;
      has_month = has_day = true;
    }
  }
  f.microsecond = given.millisecond * 1000 + given.microsecond;
  bool bad_date = (has_month && (f.month < 1 || f.month > 12)) || (has_day && (f.day < 1 || f.day > 31));
  if (!bad_date && has_year && has_month && has_day) bad_date = f.day > days_in_month(f.year, f.month);
  bool bad_time = f.hour < 0 || f.hour >= 24 || f.minute < 0 || f.minute >= 60 || f.second < 0 || f.second >= 60 ||
                  f.microsecond < 0 || f.microsecond >= 1000000;
  if (bad_date || bad_time) throw_field_range(text);
  return f;
}

int64_t to_timestamp(Call& call, Text text, Text format) {
  Given given = DateReader(text, format).run();
  DateTime f = resolve(given, text);
  int64_t timestamp;
  if (!join_timestamp(f, timestamp)) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "timestamp out of range");
  if (given.fraction_digits != 0) timestamp = round_timestamp(timestamp, given.fraction_digits);
  if (given.zone_sign == 0) return timestamp_to_timestamptz(timestamp, session_zone(call));
  int minutes = given.zone_hour * 60 + given.zone_minute;
  if (given.zone_hour < 0 || given.zone_hour > 15 || given.zone_minute < 0 || given.zone_minute >= 60) throw_field_range(text);
  int64_t result = timestamp - given.zone_sign * minutes * kMicrosecondsPerMinute;
  if (!is_valid_timestamp(result)) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "timestamp out of range");
  return result;
}

int32_t to_date(Text text, Text format) {
  DateTime f = resolve(DateReader(text, format).run(), text);
  bool valid_julian = (f.year > -4713 || (f.year == -4713 && f.month >= 11)) && f.year < 5874898;
  int64_t date = valid_julian ? int64_t{julian_of(f.year, f.month, f.day)} - kPostgresEpochJulian : INT64_MAX;
  if (!is_valid_date(date)) {
    throw SqlError(Sqlstate::DatetimeValueOutOfRange, "date out of range: \"" + std::string(text) + "\"");
  }
  return static_cast<int32_t>(date);
}

// What a template's fields make of it.
void classify(const std::vector<DateNode>& nodes, bool& dated, bool& timed, bool& zoned) {
  for (const DateNode& node : nodes) {
    if (node.kind != DateNode::Kind::Action) continue;
    switch (node.key) {
      case DateKey::Exact: break;
      case DateKey::AmDots:
      case DateKey::Am:
      case DateKey::Hour24:
      case DateKey::Hour12:
      case DateKey::Minute:
      case DateKey::Second:
      case DateKey::SecondOfDay:
      case DateKey::Millisecond:
      case DateKey::Microsecond:
      case DateKey::Fraction: timed = true; break;
      case DateKey::Zone:
      case DateKey::Offset:
      case DateKey::ZoneHour:
      case DateKey::ZoneMinute: zoned = true; break;
      default: dated = true; break;
    }
  }
}

std::string padded(int value, size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::string clock_text(const DateTime& f, int fraction_digits) {
  std::string out = padded(f.hour, 2) + ":" + padded(f.minute, 2) + ":" + padded(f.second, 2);
  std::string fraction = padded(static_cast<int>(f.microsecond), 6);
  if (fraction_digits > 0) fraction.resize(static_cast<size_t>(fraction_digits));
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fraction.empty() ? out : out + "." + fraction;
}

constexpr ScalarBinding kBindings[] = {
    {"to_timestamp", kernel<to_timestamp>},
    {"to_date", kernel<to_date>},
};

}  // namespace

Oid read_datetime_template(std::string_view text, std::string_view format, std::string& iso) {
  DateReader reader(text, format, true);
  Given given = reader.run();
  DateTime f = resolve(given, text);
  bool dated = false, timed = false, zoned = false;
  classify(reader.nodes(), dated, timed, zoned);
  if (!dated && !timed) throw_format("datetime format is not dated and not timed");
  if (dated && zoned && !timed) throw_format("datetime format is zoned but not timed");
  if (zoned && given.zone_sign == 0) {
    throw_format(std::string("missing time zone in input string for type ") + (dated ? "timestamptz" : "timetz"));
  }
  if (given.zone_hour < 0 || given.zone_hour > 15 || given.zone_minute < 0 || given.zone_minute >= 60) throw_field_range(text);
  iso.clear();
  bool bc = f.year <= 0;
  if (dated) iso = padded(bc ? 1 - f.year : f.year, 4) + "-" + padded(f.month, 2) + "-" + padded(f.day, 2);
  if (timed) iso += (dated ? " " : "") + clock_text(f, given.fraction_digits);
  if (zoned) iso += std::string(given.zone_sign < 0 ? "-" : "+") + padded(given.zone_hour, 2) + ":" + padded(given.zone_minute, 2);
  if (dated && bc) iso += " BC";
  if (!timed) return oid::kDate;
  return dated ? (zoned ? oid::kTimestamptz : oid::kTimestamp) : (zoned ? oid::kTimetz : oid::kTime);
}

std::span<const ScalarBinding> parse_datetime_bindings() { return kBindings; }

}  // namespace aegis::functions
