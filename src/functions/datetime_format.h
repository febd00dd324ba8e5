// Formats of to_char(), to_timestamp() and to_date(), parsed into nodes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"

namespace aegis::functions {

enum class DateKey : uint8_t {
  AdDots, AmDots, Ad, Am, Cc, DayName, DayOfYear, DayOfMonth, DayShort, DayOfWeek, Fraction, Exact, Hour24, Hour12,
  IsoDayOfYear, IsoDay, IsoWeek, IsoYear4, IsoYear3, IsoYear2, IsoYear1, Julian, Minute, Month, MonthName, MonthShort,
  Millisecond, Offset, Quarter, RomanMonth, SecondOfDay, Second, ZoneHour, ZoneMinute, Zone, Microsecond, Week,
  WeekOfMonth, YearComma, Year4, Year3, Year2, Year1
};

enum class LetterCase : uint8_t { Upper, Capitalized, Lower };

struct DateNode {
  enum class Kind : uint8_t { Action, Text, Space, Separator };
  Kind kind = Kind::Text;
  std::string text;  // a character of Text; the keyword of an Action
  DateKey key = DateKey::Exact;
  LetterCase letter_case = LetterCase::Upper;
  int digits = 0;         // of Fraction
  bool is_digit = false;  // the field is a number
  bool fill = false;      // FM
  bool ordinal = false;   // TH or th
  bool ordinal_upper = false;
  bool localized = false;  // TM
};

// `strict`: as the SQL standard's templates, where only some separators may stand between fields.
std::vector<DateNode> parse_date_format(std::string_view format, bool strict = false);
// A text read by a template of SQL/JSON's datetime(): its type (by the template's fields), and the value in ISO form.
Oid read_datetime_template(std::string_view text, std::string_view format, std::string& iso);
// The year 2020 rule of to_date for years of fewer than four digits.
int complete_year(int year);
std::string date_ordinal_suffix(const std::string& number, bool upper);

}  // namespace aegis::functions
