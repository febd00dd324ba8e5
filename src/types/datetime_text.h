// Reading date and time texts in two steps, as PostgreSQL does: split into typed fields, then give them meaning.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/datetime.h"
#include "aegis/types/time_zone.h"

namespace aegis::types {

enum class FieldKind : uint8_t { Number, String, Date, Time, Zone, Special };
struct Field {
  FieldKind kind;
  std::string text;  // lower case
};

enum class Failure : uint8_t { None, BadFormat, FieldOverflow, MonthDayOverflow, IntervalOverflow, ZoneOverflow, Incomplete };

// False when a character does not fit anywhere.
bool split_fields(std::string_view text, std::vector<Field>& fields);

// What one word means.
enum class TokenKind : uint8_t {
  Unknown, Month, Weekday, Era, Meridian, Zone, DaylightZone, ZoneModifier, DynamicZone, Reserved, Units, IsoTime,
  Ignore, Ago
};
enum class Word : int { Now, Today, Tomorrow, Yesterday, Epoch, Infinity, MinusInfinity, Zulu, Allballs };
struct Token {
  TokenKind kind = TokenKind::Unknown;
  int value = 0;
};
Token find_token(std::string_view word);            // of dates and times
Token find_unit_token(std::string_view word);       // of intervals: value is a Unit

struct DateTimeText {
  enum class Result : uint8_t { Plain, Epoch, Infinity, MinusInfinity };
  Result result = Result::Plain;
  DateTime fields;
  bool has_zone = false;  // the text said so; otherwise the session's zone was applied
};

// `accept_zone` is false for types whose text may not have one (it is then read and ignored, as PostgreSQL does).
Failure decode_datetime(const TypeContext& context, std::vector<Field>& fields, DateTimeText& out);
Failure decode_time_only(const TypeContext& context, std::vector<Field>& fields, DateTimeText& out);

struct IntervalText {
  int64_t microseconds = 0;
  int32_t days = 0;
  int32_t months = 0;
  int32_t years = 0;
};
Failure decode_interval(const TypeContext& context, std::vector<Field>& fields, int range, IntervalText& out);
Failure decode_iso_interval(std::string_view text, IntervalText& out);

// "+07", "-0730", "+07:30:15" to seconds east.
Failure decode_zone_offset(std::string_view text, int& east);
[[noreturn]] void throw_datetime_failure(Failure failure, std::string_view text, const char* type_name);
void append_zone_offset(int east, std::string& out);

}  // namespace aegis::types
