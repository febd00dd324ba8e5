// to_char() of timestamps and intervals.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "aegis/types/datetime.h"
#include "binding.h"
#include "call.h"
#include "datetime_format.h"
#include "datetime_zone.h"

namespace aegis::functions {

using namespace types;  // NOLINT: this file is all about them

namespace {

struct Fields {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;
  int day_of_year = 0;
  int weekday = 0;
  int zone = 0;
  std::string zone_name;
  bool has_zone = false;
  bool is_interval = false;
};

constexpr const char* kRomanMonths[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};

class DateWriter {
 public:
  DateWriter(const Fields& fields, Text format) : f_(fields), nodes_(parse_date_format(format)) {}

  std::string run() {
    for (const DateNode& node : nodes_) {
      if (node.kind == DateNode::Kind::Action) {
        action(node);
      } else {
        out_ += node.text;
      }
    }
    return std::move(out_);
  }

 private:
  // A number padded to `width` (a sign included) unless FM, then TH.
  void number(const DateNode& node, int64_t value, int width) {
    char buffer[32];
    int digits = node.fill ? 0 : width;
    std::snprintf(buffer, sizeof buffer, "%0*lld", digits, static_cast<long long>(value));
    std::string text = buffer;
    out_ += text;
    if (node.ordinal) out_ += date_ordinal_suffix(text, node.ordinal_upper);
  }
  // Some fields have room for a sign besides their digits.
  void signed_number(const DateNode& node, int64_t value, int width) { number(node, value, value < 0 ? width + 1 : width); }
  // The last digits of a year; the calendar year's sign decides the width, also of ISO years.
  void short_year(const DateNode& node, int64_t year, int digits) {
    int64_t modulus = digits == 4 ? INT64_MAX : digits == 3 ? 1000 : digits == 2 ? 100 : 10;
    number(node, year % modulus, shown_year(f_.year) < 0 ? digits + 1 : digits);
  }
  void name(const DateNode& node, std::string_view text, size_t width) {
    std::string cased(text);
    for (char& c : cased) {
      if (node.letter_case == LetterCase::Upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      if (node.letter_case == LetterCase::Lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    out_ += cased;
    if (!node.fill && !node.localized && cased.size() < width) out_.append(width - cased.size(), ' ');
  }
  void calendar_only() {
    if (!f_.is_interval) return;
    throw SqlError(Sqlstate::InvalidDatetimeFormat, "invalid format specification for an interval value")
        .hint("Intervals are not tied to specific calendar dates.");
  }
  int64_t shown_year(int64_t year) const { return f_.is_interval ? year : year <= 0 ? 1 - year : year; }
  int64_t iso() const { return iso_year(static_cast<int>(f_.year), static_cast<int>(f_.month), static_cast<int>(f_.day)); }
  int week() const { return iso_week(static_cast<int>(f_.year), static_cast<int>(f_.month), static_cast<int>(f_.day)); }
  int julian() const { return julian_of(static_cast<int>(f_.year), static_cast<int>(f_.month), static_cast<int>(f_.day)); }

  void fraction(const DateNode& node, int digits) {
    int64_t value = f_.microsecond;
    for (int i = digits; i < 6; ++i) value /= 10;
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%0*lld", digits, static_cast<long long>(value));
    out_ += buffer;
    if (node.ordinal) out_ += date_ordinal_suffix(buffer, node.ordinal_upper);
  }

  void action(const DateNode& node) {
    bool lower = node.letter_case == LetterCase::Lower;
    bool afternoon = std::llabs(f_.hour) % 24 >= 12 && f_.hour >= 0;
    switch (node.key) {
      case DateKey::AmDots: out_ += afternoon ? (lower ? "p.m." : "P.M.") : (lower ? "a.m." : "A.M."); return;
      case DateKey::Am: out_ += afternoon ? (lower ? "pm" : "PM") : (lower ? "am" : "AM"); return;
      case DateKey::Hour12: return signed_number(node, f_.hour % 12 == 0 ? 12 : f_.hour % 12, 2);
      case DateKey::Hour24: return signed_number(node, f_.hour, 2);
      case DateKey::Minute: return signed_number(node, f_.minute, 2);
      case DateKey::Second: return signed_number(node, f_.second, 2);
      case DateKey::Fraction: return fraction(node, node.digits);
      case DateKey::Millisecond: return fraction(node, 3);
      case DateKey::Microsecond: return fraction(node, 6);
      case DateKey::SecondOfDay: {
        std::string text = std::to_string(f_.hour * 3600 + f_.minute * 60 + f_.second);
        out_ += text;
        if (node.ordinal) out_ += date_ordinal_suffix(text, node.ordinal_upper);
        return;
      }
      case DateKey::Zone:
        calendar_only();
        return name(node, f_.zone_name, 0);
      case DateKey::ZoneHour:
      case DateKey::ZoneMinute:
      case DateKey::Offset: return zone(node);
      default: return date_action(node, lower);
    }
  }

  void zone(const DateNode& node) {
    calendar_only();
    char buffer[32];
    int magnitude = std::abs(f_.zone);
    char sign = f_.zone >= 0 ? '+' : '-';
    if (node.key == DateKey::ZoneHour) {
      std::snprintf(buffer, sizeof buffer, "%c%02d", sign, magnitude / 3600);
    } else if (node.key == DateKey::ZoneMinute) {
      std::snprintf(buffer, sizeof buffer, "%02d", magnitude % 3600 / 60);
    } else {
      int size = std::snprintf(buffer, sizeof buffer, "%c%0*d", sign, node.fill ? 0 : 2, magnitude / 3600);
      if (magnitude % 3600 / 60 != 0) {
        std::snprintf(buffer + size, sizeof buffer - static_cast<size_t>(size), ":%02d", magnitude % 3600 / 60);
      }
    }
    out_ += buffer;
  }

  void date_action(const DateNode& node, bool lower) {
    switch (node.key) {
      case DateKey::AdDots:
        calendar_only();
        out_ += f_.year <= 0 ? (lower ? "b.c." : "B.C.") : (lower ? "a.d." : "A.D.");
        return;
      case DateKey::Ad:
        calendar_only();
        out_ += f_.year <= 0 ? (lower ? "bc" : "BC") : (lower ? "ad" : "AD");
        return;
      case DateKey::MonthName:
        calendar_only();
        if (f_.month != 0) name(node, month_name(static_cast<int>(f_.month)), 9);
        return;
      case DateKey::MonthShort:
        calendar_only();
        if (f_.month != 0) name(node, month_name(static_cast<int>(f_.month)).substr(0, 3), 0);
        return;
      case DateKey::Month: return signed_number(node, f_.month, 2);
      case DateKey::DayName: calendar_only(); return name(node, weekday_name(f_.weekday), 9);
      case DateKey::DayShort: calendar_only(); return name(node, weekday_name(f_.weekday).substr(0, 3), 0);
      case DateKey::DayOfYear: return number(node, f_.day_of_year, 3);
      case DateKey::IsoDayOfYear:
        return number(node, julian() - iso_week_to_julian(static_cast<int>(iso()), 1) + 1, 3);
      case DateKey::DayOfMonth: return number(node, f_.day, 2);
      case DateKey::DayOfWeek: calendar_only(); return number(node, f_.weekday + 1, 0);
      case DateKey::IsoDay: calendar_only(); return number(node, f_.weekday == 0 ? 7 : f_.weekday, 0);
      case DateKey::Week: return number(node, (f_.day_of_year - 1) / 7 + 1, 2);
      case DateKey::IsoWeek: return number(node, week(), 2);
      case DateKey::Quarter:
        if (f_.month != 0) number(node, (f_.month - 1) / 3 + 1, 0);
        return;
      case DateKey::Cc: {
        int64_t century = f_.is_interval ? f_.year / 100 : f_.year > 0 ? (f_.year - 1) / 100 + 1 : f_.year / 100 - 1;
        return signed_number(node, century, century <= 99 && century >= -99 ? 2 : 0);
      }
      case DateKey::YearComma: {
        int64_t year = shown_year(f_.year);
        char buffer[40];
        std::snprintf(buffer, sizeof buffer, "%lld,%03lld", static_cast<long long>(year / 1000), static_cast<long long>(year % 1000));
        out_ += buffer;
        if (node.ordinal) out_ += date_ordinal_suffix(buffer, node.ordinal_upper);
        return;
      }
      case DateKey::Year4: return short_year(node, shown_year(f_.year), 4);
      case DateKey::Year3: return short_year(node, shown_year(f_.year), 3);
      case DateKey::Year2: return short_year(node, shown_year(f_.year), 2);
      case DateKey::Year1: return short_year(node, shown_year(f_.year), 1);
      case DateKey::IsoYear4: return short_year(node, shown_year(iso()), 4);
      case DateKey::IsoYear3: return short_year(node, shown_year(iso()), 3);
      case DateKey::IsoYear2: return short_year(node, shown_year(iso()), 2);
      case DateKey::IsoYear1: return short_year(node, shown_year(iso()), 1);
      case DateKey::RomanMonth: return roman_month(node);
      case DateKey::WeekOfMonth: return number(node, (f_.day - 1) / 7 + 1, 0);
      case DateKey::Julian: return number(node, julian(), 0);
      default: return;
    }
  }

  void roman_month(const DateNode& node) {
    int64_t month = f_.month;
    if (month == 0) {
      // Of an interval of whole years, or none.
      if (f_.year == 0) return;
      month = f_.year >= 0 ? 12 : 12;
    } else if (month < 0) {
      month = 13 + month;
    }
    std::string text = kRomanMonths[month - 1];
    if (node.letter_case == LetterCase::Lower) {
      for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    out_ += text;
    if (!node.fill && text.size() < 4) out_.append(4 - text.size(), ' ');
  }

  const Fields& f_;
  std::vector<DateNode> nodes_;
  std::string out_;
};

Fields fields_of(const DateTime& d) {
  Fields f;
  f.year = d.year;
  f.month = d.month;
  f.day = d.day;
  f.hour = d.hour;
  f.minute = d.minute;
  f.second = d.second;
  f.microsecond = d.microsecond;
  int julian = julian_of(d.year, d.month, d.day);
  f.day_of_year = julian - julian_of(d.year, 1, 1) + 1;
  f.weekday = day_of_week(julian);
  f.zone = d.zone;
  f.zone_name = d.abbreviation;
  return f;
}

std::optional<std::string> timestamp_to_char(int64_t timestamp, Text format) {
  if (format.empty() || !is_finite_timestamp(timestamp)) return std::nullopt;
  return DateWriter(fields_of(split_timestamp(timestamp)), format).run();
}
std::optional<std::string> timestamptz_to_char(Call& call, int64_t timestamp, Text format) {
  if (format.empty() || !is_finite_timestamp(timestamp)) return std::nullopt;
  return DateWriter(fields_of(split_timestamptz(timestamp, session_zone(call))), format).run();
}
std::optional<std::string> interval_to_char(const Interval& i, Text format) {
  if (format.empty()) return std::nullopt;
  Fields f;
  f.is_interval = true;
  f.year = i.months / 12;
  f.month = i.months % 12;
  f.day = i.days;
  f.hour = i.microseconds / kMicrosecondsPerHour;
  f.minute = i.microseconds / kMicrosecondsPerMinute % 60;
  f.second = i.microseconds / kMicrosecondsPerSecond % 60;
  f.microsecond = i.microseconds % kMicrosecondsPerSecond;
  f.day_of_year = static_cast<int>((f.year * 12 + f.month) * 30 + f.day);
  return DateWriter(f, format).run();
}

constexpr ScalarBinding kBindings[] = {
    {"timestamp_to_char", kernel<timestamp_to_char>},
    {"timestamptz_to_char", kernel<timestamptz_to_char>},
    {"interval_to_char", kernel<interval_to_char>},
};

}  // namespace

std::span<const ScalarBinding> format_datetime_bindings() { return kBindings; }

}  // namespace aegis::functions
