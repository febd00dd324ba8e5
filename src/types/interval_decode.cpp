#include <cctype>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "datetime_numbers.h"
#include "datetime_text.h"

namespace aegis::types {

bool parse_int64(const char* text, const char*& end, int64_t& value) {
  char* stop;
  errno = 0;
  value = std::strtoll(text, &stop, 10);
  end = stop;
  return errno != ERANGE;
}

bool parse_int(const char* text, const char*& end, int& value) {
  int64_t wide;
  if (!parse_int64(text, end, wide) || wide > INT_MAX || wide < INT_MIN) return false;
  value = static_cast<int>(wide);
  return true;
}

bool parse_fraction(const char* text, double& fraction) {
  fraction = 0;
  if (text[1] == '\0') return true;
  char* end;
  errno = 0;
  fraction = std::strtod(text, &end);
  return *end == '\0' && errno == 0;
}

bool parse_fractional_second(const char* text, int& microsecond) {
  double fraction;
  if (!parse_fraction(text, fraction)) return false;
  microsecond = static_cast<int>(std::rint(fraction * 1000000));
  return true;
}

Failure parse_clock(const std::string& text, int range, ClockText& out) {
  const char* end;
  if (!parse_int64(text.c_str(), end, out.hour)) return Failure::FieldOverflow;
  if (*end != ':') return Failure::BadFormat;
  if (!parse_int(end + 1, end, out.minute)) return Failure::FieldOverflow;
  auto minutes_and_seconds = [&] {
    if (out.hour > INT_MAX || out.hour < INT_MIN) return false;
    out.second = out.minute;
    out.minute = static_cast<int>(out.hour);
    out.hour = 0;
    return true;
  };
  if (*end == '\0') {
    if (range == (kIntervalMinute | kIntervalSecond) && !minutes_and_seconds()) return Failure::FieldOverflow;
  } else if (*end == '.') {
    if (!parse_fractional_second(end, out.microsecond)) return Failure::BadFormat;
    if (!minutes_and_seconds()) return Failure::FieldOverflow;
  } else if (*end == ':') {
    if (!parse_int(end + 1, end, out.second)) return Failure::FieldOverflow;
    if (*end == '.') {
      if (!parse_fractional_second(end, out.microsecond)) return Failure::BadFormat;
    } else if (*end != '\0') {
      return Failure::BadFormat;
    }
  } else {
    return Failure::BadFormat;
  }
  bool in_range = out.hour >= 0 && out.minute >= 0 && out.minute <= 59 && out.second >= 0 && out.second <= 60 &&
                  out.microsecond >= 0 && out.microsecond <= 1000000;
  return in_range ? Failure::None : Failure::FieldOverflow;
}

namespace {

// Sums an interval's parts with overflow checks; each add_* is false when the sum does not fit.
class IntervalSum {
 public:
  explicit IntervalSum(IntervalText& out) : out_(out) {}

  bool add_microseconds(int64_t value, double fraction, int64_t scale) {
    int64_t product;
    if (__builtin_mul_overflow(value, scale, &product) ||
        __builtin_add_overflow(out_.microseconds, product, &out_.microseconds)) {
      return false;
    }
    return add_fraction(fraction, scale);
  }
  bool add_fraction(double fraction, int64_t scale) {
    if (fraction == 0) return true;
    fraction *= static_cast<double>(scale);
    auto whole = static_cast<int64_t>(fraction);
    if (__builtin_add_overflow(out_.microseconds, whole, &out_.microseconds)) return false;
    fraction -= static_cast<double>(whole);
    if (fraction > 0.5) return !__builtin_add_overflow(out_.microseconds, 1, &out_.microseconds);
    if (fraction < -0.5) return !__builtin_sub_overflow(out_.microseconds, 1, &out_.microseconds);
    return true;
  }
  bool add_days(int64_t value, int scale) {
    int32_t days;
    if (value < INT_MIN || value > INT_MAX) return false;
    return !__builtin_mul_overflow(static_cast<int32_t>(value), scale, &days) &&
           !__builtin_add_overflow(out_.days, days, &out_.days);
  }
  bool add_fractional_days(double fraction, int scale) {
    if (fraction == 0) return true;
    fraction *= scale;
    auto whole = static_cast<int>(fraction);
    if (__builtin_add_overflow(out_.days, whole, &out_.days)) return false;
    return add_fraction(fraction - whole, kMicrosecondsPerDay);
  }
  bool add_months(int64_t value) {
    if (value < INT_MIN || value > INT_MAX) return false;
    return !__builtin_add_overflow(out_.months, static_cast<int32_t>(value), &out_.months);
  }
  bool add_years(int64_t value, double fraction, int scale) {
    int64_t years;
    if (__builtin_mul_overflow(value, int64_t{scale}, &years) || years < INT_MIN || years > INT_MAX ||
        __builtin_add_overflow(out_.years, static_cast<int32_t>(years), &out_.years)) {
      return false;
    }
    return add_months(static_cast<int64_t>(std::rint(fraction * scale * 12)));
  }

 private:
  IntervalText& out_;
};

// What the rightmost number without a unit is, by INTERVAL's qualifier.
Unit default_unit(int range) {
  switch (range) {
    case kIntervalYear: return Unit::Year;
    case kIntervalMonth:
    case kIntervalYear | kIntervalMonth: return Unit::Month;
    case kIntervalDay: return Unit::Day;
    case kIntervalHour:
    case kIntervalDay | kIntervalHour: return Unit::Hour;
    case kIntervalMinute:
    case kIntervalHour | kIntervalMinute:
    case kIntervalDay | kIntervalHour | kIntervalMinute: return Unit::Minute;
    default: return Unit::Second;
  }
}

constexpr uint32_t bit(Unit unit) { return 1U << static_cast<int>(unit); }
constexpr uint32_t kAllSeconds = bit(Unit::Second) | bit(Unit::Millisecond) | bit(Unit::Microsecond);
constexpr uint32_t kTimeUnits = bit(Unit::Hour) | bit(Unit::Minute) | kAllSeconds;

class IntervalDecoder {
 public:
  IntervalDecoder(std::vector<Field>& fields, int range, bool negative, IntervalText& out)
      : fields_(fields), range_(range), force_negative_(negative), out_(out), sum_(out) {}

  // Right to left, so that units are known before their numbers.
  Failure decode() {
    for (size_t i = fields_.size(); i-- > 0;) {
      now_ = 0;
      const std::string& text = fields_[i].text;
      Failure failure = Failure::None;
      switch (fields_[i].kind) {
        case FieldKind::Time: failure = time(text, false); break;
        case FieldKind::Zone:
          if (text.find(':') != std::string::npos && time(text.substr(1), text[0] == '-') == Failure::None) break;
          now_ = 0;
          failure = number(text);
          break;
        case FieldKind::Date:
        case FieldKind::Number: failure = number(text); break;
        case FieldKind::String:
        case FieldKind::Special: failure = word(text); break;
      }
      if (failure != Failure::None) return failure;
      if (seen_ & now_) return Failure::BadFormat;
      seen_ |= now_;
    }
    if (seen_ == 0) return Failure::BadFormat;
    if (is_before_) {
      if (out_.microseconds == INT64_MIN || out_.days == INT_MIN || out_.months == INT_MIN ||
          out_.years == INT_MIN) {
        return Failure::FieldOverflow;
      }
      out_.microseconds = -out_.microseconds;
      out_.days = -out_.days;
      out_.months = -out_.months;
      out_.years = -out_.years;
    }
    return Failure::None;
  }

 private:
  Failure time(const std::string& text, bool negative) {
    ClockText clock;
    if (Failure failure = parse_clock(text, range_, clock); failure != Failure::None) return failure;
    int64_t microseconds;
    int64_t rest = (clock.minute * int64_t{60} + clock.second) * kMicrosecondsPerSecond + clock.microsecond;
    if (__builtin_mul_overflow(clock.hour, kMicrosecondsPerHour, &microseconds) ||
        __builtin_add_overflow(microseconds, rest, &microseconds)) {
      return Failure::FieldOverflow;
    }
    out_.microseconds = microseconds;
    if (negative) out_.microseconds = -out_.microseconds;
    if (force_negative_ && out_.microseconds > 0) out_.microseconds = -out_.microseconds;
    now_ = kTimeUnits;
    set_unit(Unit::Day);
    return Failure::None;
  }

  Failure number(const std::string& text) {
    if (!has_unit_) set_unit(default_unit(range_));
    const char* end;
    int64_t value;
    double fraction = 0;
    if (!parse_int64(text.c_str(), end, value)) return Failure::FieldOverflow;
    if (*end == '-') {
      // Years-months.
      int months;
      if (!parse_int(end + 1, end, months) || months < 0 || months >= 12) return Failure::FieldOverflow;
      if (*end != '\0') return Failure::BadFormat;
      unit_ = Unit::Month;
      if (text[0] == '-') months = -months;
      if (__builtin_mul_overflow(value, int64_t{12}, &value) || __builtin_add_overflow(value, int64_t{months}, &value)) {
        return Failure::FieldOverflow;
      }
    } else if (*end == '.') {
      if (!parse_fraction(end, fraction)) return Failure::BadFormat;
      if (text[0] == '-') fraction = -fraction;
    } else if (*end != '\0') {
      return Failure::BadFormat;
    }
    if (force_negative_) {
      value = value > 0 ? -value : value;
      fraction = fraction > 0 ? -fraction : fraction;
    }
    now_ = bit(unit_);
    return add(value, fraction) ? Failure::None : bad_unit_ ? Failure::BadFormat : Failure::FieldOverflow;
  }

  bool add(int64_t value, double fraction) {
    switch (unit_) {
      case Unit::Microsecond: return sum_.add_microseconds(value, fraction, 1);
      case Unit::Millisecond: return sum_.add_microseconds(value, fraction, 1000);
      case Unit::Second:
        if (fraction != 0) now_ = kAllSeconds;
        return sum_.add_microseconds(value, fraction, kMicrosecondsPerSecond);
      case Unit::Minute: return sum_.add_microseconds(value, fraction, kMicrosecondsPerMinute);
      case Unit::Hour:
        set_unit(Unit::Day);
        now_ = bit(Unit::Hour);
        return sum_.add_microseconds(value, fraction, kMicrosecondsPerHour);
      case Unit::Day: return sum_.add_days(value, 1) && sum_.add_fraction(fraction, kMicrosecondsPerDay);
      case Unit::Week: return sum_.add_days(value, 7) && sum_.add_fractional_days(fraction, 7);
      case Unit::Month: return sum_.add_months(value) && sum_.add_fractional_days(fraction, 30);
      case Unit::Year: return sum_.add_years(value, fraction, 1);
      case Unit::Decade: return sum_.add_years(value, fraction, 10);
      case Unit::Century: return sum_.add_years(value, fraction, 100);
      case Unit::Millennium: return sum_.add_years(value, fraction, 1000);
      default: bad_unit_ = true; return false;
    }
  }

  Failure word(const std::string& text) {
    Token token = find_unit_token(text);
    switch (token.kind) {
      case TokenKind::Ignore: return Failure::None;
      case TokenKind::Units: set_unit(static_cast<Unit>(token.value)); return Failure::None;
      case TokenKind::Ago:
        is_before_ = true;
        set_unit(Unit::Unknown);
        return Failure::None;
      default: return Failure::BadFormat;
    }
  }

  void set_unit(Unit unit) {
    unit_ = unit;
    has_unit_ = true;
  }

  std::vector<Field>& fields_;
  int range_;
  bool force_negative_;
  IntervalText& out_;
  IntervalSum sum_;
  uint32_t seen_ = 0;
  uint32_t now_ = 0;
  Unit unit_ = Unit::Second;
  bool has_unit_ = false;
  bool is_before_ = false;
  bool bad_unit_ = false;
};

// A number of an ISO 8601 duration: integer part and signed fraction.
Failure iso_number(const char* text, const char*& end, int64_t& value, double& fraction) {
  if (!std::isdigit(static_cast<unsigned char>(*text)) && *text != '-' && *text != '.') return Failure::BadFormat;
  char* stop;
  errno = 0;
  double number = std::strtod(text, &stop);
  if (stop == text || errno != 0) return Failure::BadFormat;
  end = stop;
  if (std::isnan(number) || number < -1.0e15 || number > 1.0e15) return Failure::FieldOverflow;
  value = static_cast<int64_t>(number >= 0 ? std::floor(number) : -std::floor(-number));
  fraction = number - static_cast<double>(value);
  return Failure::None;
}

size_t digits_before_end(const char* text) {
  while (*text != '\0' && *text != 'T' && *text == '-') ++text;
  size_t count = 0;
  while (std::isdigit(static_cast<unsigned char>(text[count]))) ++count;
  return count;
}

}  // namespace

Failure decode_interval(const TypeContext& context, std::vector<Field>& fields, int range, IntervalText& out) {
  bool negative = false;
  if (context.interval_style == IntervalStyle::SqlStandard && !fields.empty() && fields[0].text[0] == '-') {
    negative = true;
    for (size_t i = 1; i < fields.size(); ++i) {
      if (fields[i].text[0] == '-' || fields[i].text[0] == '+') negative = false;
    }
  }
  return IntervalDecoder(fields, range, negative, out).decode();
}

Failure decode_iso_interval(std::string_view view, IntervalText& out) {
  std::string text(view);
  const char* at = text.c_str();
  IntervalSum sum(out);
  bool date_part = true;
  bool have_field = false;
  if (text.size() < 2 || *at != 'P') return Failure::BadFormat;
  ++at;
  while (*at != '\0') {
    if (*at == 'T') {
      date_part = false;
      have_field = false;
      ++at;
      continue;
    }
    const char* start = at;
    int64_t value;
    double fraction;
    if (Failure failure = iso_number(at, at, value, fraction); failure != Failure::None) return failure;
    char unit = *at;
    if (unit != '\0') ++at;
    auto check = [](bool fits) { return fits ? Failure::None : Failure::FieldOverflow; };
    Failure failure = Failure::None;
    if (date_part) {
      switch (unit) {
        case 'Y': failure = check(sum.add_years(value, fraction, 1)); break;
        case 'M': failure = check(sum.add_months(value) && sum.add_fractional_days(fraction, 30)); break;
        case 'W': failure = check(sum.add_days(value, 7) && sum.add_fractional_days(fraction, 7)); break;
        case 'D': failure = check(sum.add_days(value, 1) && sum.add_fraction(fraction, kMicrosecondsPerDay)); break;
        case 'T':
        case '\0':
          if (digits_before_end(start) == 8 && !have_field) {
            bool fits = sum.add_years(value / 10000, 0, 1) && sum.add_months(value / 100 % 100) &&
                        sum.add_days(value % 100, 1) && sum.add_fraction(fraction, kMicrosecondsPerDay);
            if (!fits) return Failure::FieldOverflow;
            if (unit == '\0') return Failure::None;
            date_part = false;
            have_field = false;
            continue;
          }
          [[fallthrough]];
        case '-': {
          if (have_field) return Failure::BadFormat;
          if (!sum.add_years(value, fraction, 1)) return Failure::FieldOverflow;
          if (unit == '\0') return Failure::None;
          if (unit == 'T') {
            date_part = false;
            have_field = false;
            continue;
          }
          if (Failure f = iso_number(at, at, value, fraction); f != Failure::None) return f;
          if (!sum.add_months(value) || !sum.add_fractional_days(fraction, 30)) return Failure::FieldOverflow;
          if (*at == '\0') return Failure::None;
          if (*at == 'T') {
            date_part = false;
            have_field = false;
            continue;
          }
          if (*at != '-') return Failure::BadFormat;
          ++at;
          if (Failure f = iso_number(at, at, value, fraction); f != Failure::None) return f;
          if (!sum.add_days(value, 1) || !sum.add_fraction(fraction, kMicrosecondsPerDay)) return Failure::FieldOverflow;
          if (*at == '\0') return Failure::None;
          if (*at != 'T') return Failure::BadFormat;
          date_part = false;
          have_field = false;
          continue;
        }
        default: return Failure::BadFormat;
      }
    } else {
      switch (unit) {
        case 'H': failure = check(sum.add_microseconds(value, fraction, kMicrosecondsPerHour)); break;
        case 'M': failure = check(sum.add_microseconds(value, fraction, kMicrosecondsPerMinute)); break;
        case 'S': failure = check(sum.add_microseconds(value, fraction, kMicrosecondsPerSecond)); break;
        case '\0':
          if (digits_before_end(start) == 6 && !have_field) {
            bool fits = sum.add_microseconds(value / 10000, 0, kMicrosecondsPerHour) &&
                        sum.add_microseconds(value / 100 % 100, 0, kMicrosecondsPerMinute) &&
                        sum.add_microseconds(value % 100, 0, kMicrosecondsPerSecond) && sum.add_fraction(fraction, 1);
            return check(fits);
          }
          [[fallthrough]];
        case ':': {
          if (have_field) return Failure::BadFormat;
          if (!sum.add_microseconds(value, fraction, kMicrosecondsPerHour)) return Failure::FieldOverflow;
          if (unit == '\0') return Failure::None;
          if (Failure f = iso_number(at, at, value, fraction); f != Failure::None) return f;
          if (!sum.add_microseconds(value, fraction, kMicrosecondsPerMinute)) return Failure::FieldOverflow;
          if (*at == '\0') return Failure::None;
          if (*at != ':') return Failure::BadFormat;
          ++at;
          if (Failure f = iso_number(at, at, value, fraction); f != Failure::None) return f;
          if (!sum.add_microseconds(value, fraction, kMicrosecondsPerSecond)) return Failure::FieldOverflow;
          return *at == '\0' ? Failure::None : Failure::BadFormat;
        }
        default: return Failure::BadFormat;
      }
    }
    if (failure != Failure::None) return failure;
    have_field = true;
  }
  return Failure::None;
}

}  // namespace aegis::types
