#include <cstdio>
#include <cstdlib>

#include "aegis/types/datetime.h"
#include "datetime_text.h"

namespace aegis::types {

namespace {

void append_number(int64_t value, int width, std::string& out) {
  char buffer[32];
  out.append(buffer, static_cast<size_t>(std::snprintf(buffer, sizeof buffer, "%0*lld", width, static_cast<long long>(value))));
}

void append_two(int value, std::string& out) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

void append_fraction(int microsecond, std::string& out) {
  if (microsecond == 0) return;
  out += '.';
  int digits = 6;
  while (microsecond % 10 == 0) {
    microsecond /= 10;
    --digits;
  }
  append_number(microsecond, digits, out);
}

void append_clock(const DateTime& f, std::string& out) {
  append_two(f.hour, out);
  out += ':';
  append_two(f.minute, out);
  out += ':';
  append_two(f.second, out);
  append_fraction(f.microsecond, out);
}

int displayed_year(int year) { return year > 0 ? year : 1 - year; }

void append_year(int year, std::string& out) { append_number(displayed_year(year), 4, out); }

void append_calendar_date(const TypeContext& context, const DateTime& f, std::string& out) {
  bool day_first = context.date_order == DateOrder::Dmy;
  auto pair = [&](char separator, bool day_before_month) {
    append_two(day_before_month ? f.day : f.month, out);
    out += separator;
    append_two(day_before_month ? f.month : f.day, out);
    out += separator;
    append_year(f.year, out);
  };
  switch (context.date_style) {
    case DateStyle::Iso:
      append_year(f.year, out);
      out += '-';
      append_two(f.month, out);
      out += '-';
      append_two(f.day, out);
      break;
    case DateStyle::Sql: pair('/', day_first); break;
    case DateStyle::German: pair('.', true); break;
    case DateStyle::Postgres: pair('-', day_first); break;
  }
}

void append_datetime(const TypeContext& context, const DateTime& f, bool with_zone, std::string& out) {
  if (context.date_style != DateStyle::Postgres) {
    append_calendar_date(context, f, out);
    out += ' ';
    append_clock(f, out);
    if (with_zone) {
      if (context.date_style == DateStyle::Iso) {
        append_zone_offset(f.zone, out);
      } else {
        out += ' ';
        out += f.abbreviation;
      }
    }
  } else {
    out += weekday_name(day_of_week(julian_of(f.year, f.month, f.day))).substr(0, 3);
    out += ' ';
    if (context.date_order == DateOrder::Dmy) {
      append_two(f.day, out);
      out += ' ';
      out += month_name(f.month).substr(0, 3);
    } else {
      out += month_name(f.month).substr(0, 3);
      out += ' ';
      append_two(f.day, out);
    }
    out += ' ';
    append_clock(f, out);
    out += ' ';
    append_year(f.year, out);
    if (with_zone) {
      out += ' ';
      out += f.abbreviation;
    }
  }
  if (f.year <= 0) out += " BC";
}

bool append_infinity(bool positive, bool negative, std::string& out) {
  if (positive) out += "infinity";
  if (negative) out += "-infinity";
  return positive || negative;
}

}  // namespace

void append_zone_offset(int east, std::string& out) {
  out += east < 0 ? '-' : '+';
  int seconds = std::abs(east);
  append_number(seconds / 3600, 2, out);
  if (seconds % 3600 == 0) return;
  out += ':';
  append_two(seconds / 60 % 60, out);
  if (seconds % 60 == 0) return;
  out += ':';
  append_two(seconds % 60, out);
}

void append_date(const TypeContext& context, int32_t date, std::string& out) {
  if (append_infinity(date == kDateInfinity, date == kDateMinusInfinity, out)) return;
  DateTime f;
  date_of_julian(date + kPostgresEpochJulian, f.year, f.month, f.day);
  append_calendar_date(context, f, out);
  if (f.year <= 0) out += " BC";
}

void append_timestamp(const TypeContext& context, int64_t timestamp, std::string& out) {
  if (append_infinity(timestamp == kTimestampInfinity, timestamp == kTimestampMinusInfinity, out)) return;
  append_datetime(context, split_timestamp(timestamp), false, out);
}

void append_timestamptz(const TypeContext& context, int64_t timestamp, std::string& out) {
  if (append_infinity(timestamp == kTimestampInfinity, timestamp == kTimestampMinusInfinity, out)) return;
  append_datetime(context, split_timestamptz(timestamp, context.time_zone), true, out);
}

void append_time(int64_t time, std::string& out) {
  DateTime f;
  f.hour = static_cast<int>(time / kMicrosecondsPerHour);
  f.minute = static_cast<int>(time / kMicrosecondsPerMinute % 60);
  f.second = static_cast<int>(time / kMicrosecondsPerSecond % 60);
  f.microsecond = static_cast<int>(time % kMicrosecondsPerSecond);
  append_clock(f, out);
}

namespace {

struct IntervalFields {
  int64_t year, month, day, hour, minute, second, microsecond;

  explicit IntervalFields(const Interval& i)
      : year(i.months / 12),
        month(i.months % 12),
        day(i.days),
        hour(i.microseconds / kMicrosecondsPerHour),
        minute(i.microseconds / kMicrosecondsPerMinute % 60),
        second(i.microseconds / kMicrosecondsPerSecond % 60),
        microsecond(i.microseconds % kMicrosecondsPerSecond) {}
  bool has_time() const { return hour != 0 || minute != 0 || second != 0 || microsecond != 0; }
  bool negative_time() const { return hour < 0 || minute < 0 || second < 0 || microsecond < 0; }
};

enum class Fill { TwoDigits, AsIs };

void append_seconds(const IntervalFields& f, Fill fill, std::string& out) {
  append_number(std::llabs(f.second), fill == Fill::TwoDigits ? 2 : 0, out);
  append_fraction(static_cast<int>(std::llabs(f.microsecond)), out);
}

void append_postgres(const IntervalFields& f, std::string& out) {
  bool is_zero = true;
  bool is_before = false;
  auto part = [&](int64_t value, const char* unit) {
    if (value == 0) return;
    if (!is_zero) out += ' ';
    if (is_before && value > 0) out += '+';
    append_number(value, 0, out);
    out += ' ';
    out += unit;
    if (value != 1) out += 's';
    is_before = value < 0;
    is_zero = false;
  };
  part(f.year, "year");
  part(f.month, "mon");
  part(f.day, "day");
  if (!is_zero && !f.has_time()) return;
  if (!is_zero) out += ' ';
  if (f.negative_time()) {
    out += '-';
  } else if (is_before) {
    out += '+';
  }
  append_number(std::llabs(f.hour), 2, out);
  out += ':';
  append_number(std::llabs(f.minute), 2, out);
  out += ':';
  append_seconds(f, Fill::TwoDigits, out);
}

void append_verbose(const IntervalFields& f, std::string& out) {
  bool is_zero = true;
  bool is_before = false;
  out += '@';
  auto part = [&](int64_t value, const char* unit) {
    if (value == 0) return;
    if (is_zero) {
      is_before = value < 0;
      value = std::llabs(value);
    } else if (is_before) {
      value = -value;
    }
    out += ' ';
    append_number(value, 0, out);
    out += ' ';
    out += unit;
    if (value != 1) out += 's';
    is_zero = false;
  };
  part(f.year, "year");
  part(f.month, "mon");
  part(f.day, "day");
  part(f.hour, "hour");
  part(f.minute, "min");
  if (f.second != 0 || f.microsecond != 0) {
    out += ' ';
    if (f.second < 0 || f.microsecond < 0) {
      if (is_zero) {
        is_before = true;
      } else if (!is_before) {
        out += '-';
      }
    } else if (is_before) {
      out += '-';
    }
    append_seconds(f, Fill::AsIs, out);
    out += " sec";
    if (std::llabs(f.second) != 1 || f.microsecond != 0) out += 's';
    is_zero = false;
  }
  if (is_zero) out += " 0";
  if (is_before) out += " ago";
}

void append_sql_standard(IntervalFields f, std::string& out) {
  bool has_negative = f.year < 0 || f.month < 0 || f.day < 0 || f.negative_time();
  bool has_positive = f.year > 0 || f.month > 0 || f.day > 0 || f.hour > 0 || f.minute > 0 || f.second > 0 || f.microsecond > 0;
  bool has_year_month = f.year != 0 || f.month != 0;
  bool has_day_time = f.day != 0 || f.has_time();
  if (!has_negative && !has_positive) {
    out += '0';
    return;
  }
  auto number = [&](int64_t value) { append_number(std::llabs(value), 0, out); };
  auto clock = [&] {
    number(f.hour);
    out += ':';
    append_number(std::llabs(f.minute), 2, out);
    out += ':';
    append_seconds(f, Fill::TwoDigits, out);
  };
  if ((has_negative && has_positive) || (has_year_month && has_day_time)) {
    out += f.year < 0 || f.month < 0 ? '-' : '+';
    number(f.year);
    out += '-';
    number(f.month);
    out += f.day < 0 ? " -" : " +";
    number(f.day);
    out += f.negative_time() ? " -" : " +";
    clock();
    return;
  }
  if (has_negative) out += '-';
  if (has_year_month) {
    number(f.year);
    out += '-';
    number(f.month);
    return;
  }
  if (f.day != 0) {
    number(f.day);
    out += ' ';
  }
  clock();
}

void append_iso(const IntervalFields& f, std::string& out) {
  bool has_date = f.year != 0 || f.month != 0 || f.day != 0;
  if (!has_date && !f.has_time()) {
    out += "PT0S";
    return;
  }
  auto part = [&](int64_t value, char unit) {
    if (value == 0) return;
    append_number(value, 0, out);
    out += unit;
  };
  out += 'P';
  part(f.year, 'Y');
  part(f.month, 'M');
  part(f.day, 'D');
  if (!f.has_time()) return;
  out += 'T';
  part(f.hour, 'H');
  part(f.minute, 'M');
  if (f.second == 0 && f.microsecond == 0) return;
  if (f.second < 0 || f.microsecond < 0) out += '-';
  append_seconds(f, Fill::AsIs, out);
  out += 'S';
}

}  // namespace

void append_interval(const TypeContext& context, const Interval& interval, std::string& out) {
  IntervalFields fields(interval);
  switch (context.interval_style) {
    case IntervalStyle::Postgres: return append_postgres(fields, out);
    case IntervalStyle::PostgresVerbose: return append_verbose(fields, out);
    case IntervalStyle::SqlStandard: return append_sql_standard(fields, out);
    case IntervalStyle::Iso8601: return append_iso(fields, out);
  }
}

}  // namespace aegis::types
