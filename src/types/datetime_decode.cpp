#include <cctype>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdlib>

#include "aegis/base/error.h"
#include "datetime_numbers.h"
#include "datetime_text.h"

namespace aegis::types {

namespace {

// Which fields a text has given so far.
enum Seen : uint32_t {
  kReserved = 1 << 0,
  kMonth = 1 << 1,
  kYear = 1 << 2,
  kDay = 1 << 3,
  kZone = 1 << 5,
  kDaylightZone = 1 << 6,
  kMeridian = 1 << 9,
  kHour = 1 << 10,
  kMinute = 1 << 11,
  kSecond = 1 << 12,
  kDayOfYear = 1 << 15,
  kWeekday = 1 << 16,
  kEra = 1 << 18,
  kZoneModifier = 1 << 28,
  kDate = kYear | kMonth | kDay,
  kTime = kHour | kMinute | kSecond,
};

enum class Prefix : uint8_t { None, Julian, IsoTime, Year, Month, Day, Hour, Minute, Second, Other };
enum class Meridian : uint8_t { None, Am, Pm };

// Gives meaning to the fields of one text. Names and order of decisions follow PostgreSQL's documented rules
// (manual, appendix B.1).
class Decoder {
 public:
  Decoder(const TypeContext& context, std::vector<Field>& fields, DateTimeText& out)
      : context_(context), fields_(fields), out_(out), f_(out.fields) {}

  Failure decode_datetime();
  Failure decode_time();

 private:
  Failure date_field(size_t i);
  Failure time_date_field(size_t i);
  Failure number_field(size_t i);
  Failure time_number_field(size_t i);
  Failure labeled_number(const std::string& text);
  Failure word_field(size_t i, bool time_only);
  Failure reserved_word(Word word, bool time_only);
  Failure calendar_date(const std::string& text);
  Failure single_number(const std::string& text, bool text_month, uint32_t seen);
  Failure joined_number(std::string text, uint32_t seen);
  Failure clock(const std::string& text);
  Failure joined_time_with_zone(const std::string& text, uint32_t seen);
  Failure validate();
  Failure meridian();
  bool time_overflows() const;
  int64_t local_seconds(const DateTime& f) const;
  Failure zone_of_date(bool complete_date);

  const TypeContext& context_;
  std::vector<Field>& fields_;
  DateTimeText& out_;
  DateTime& f_;
  uint32_t seen_ = 0;
  uint32_t now_ = 0;  // what the current field gives
  Prefix prefix_ = Prefix::None;
  Meridian meridian_ = Meridian::None;
  bool text_month_ = false;
  bool is_julian_ = false;
  bool two_digit_year_ = false;
  bool bc_ = false;
  int day_of_year_ = 0;
  const TimeZone* named_zone_ = nullptr;
  const ZoneAbbreviation* dynamic_zone_ = nullptr;
};

void set_time(int64_t time, DateTime& f) {
  f.hour = static_cast<int>(time / kMicrosecondsPerHour);
  f.minute = static_cast<int>(time / kMicrosecondsPerMinute % 60);
  f.second = static_cast<int>(time / kMicrosecondsPerSecond % 60);
  f.microsecond = static_cast<int>(time % kMicrosecondsPerSecond);
}

Prefix prefix_of(Unit unit) {
  switch (unit) {
    case Unit::Julian: return Prefix::Julian;
    case Unit::Year: return Prefix::Year;
    case Unit::Month: return Prefix::Month;
    case Unit::Day: return Prefix::Day;
    case Unit::Hour: return Prefix::Hour;
    case Unit::Minute: return Prefix::Minute;
    case Unit::Second: return Prefix::Second;
    default: return Prefix::Other;
  }
}

bool starts_with_digit(const std::string& text) { return std::isdigit(static_cast<unsigned char>(text[0])) != 0; }

[[noreturn]] void throw_unknown_zone(const std::string& name) {
  throw SqlError(Sqlstate::InvalidParameterValue, "time zone \"" + name + "\" not recognized");
}

int64_t Decoder::local_seconds(const DateTime& f) const {
  int64_t days = int64_t{julian_of(f.year, f.month, f.day)} - kUnixEpochJulian;
  return ((days * 24 + f.hour) * 60 + f.minute) * 60 + f.second;
}

bool Decoder::time_overflows() const {
  if (f_.hour < 0 || f_.hour > 24 || f_.minute < 0 || f_.minute > 59 || f_.second < 0 || f_.second > 60 ||
      f_.microsecond < 0 || f_.microsecond > 1000000) {
    return true;
  }
  return ((f_.hour * int64_t{60} + f_.minute) * 60 + f_.second) * kMicrosecondsPerSecond + f_.microsecond >
         kMicrosecondsPerDay;
}

Failure Decoder::clock(const std::string& text) {
  ClockText parsed;
  if (Failure failure = parse_clock(text, kIntervalFullRange, parsed); failure != Failure::None) return failure;
  if (parsed.hour > INT_MAX) return Failure::FieldOverflow;
  f_.hour = static_cast<int>(parsed.hour);
  f_.minute = parsed.minute;
  f_.second = parsed.second;
  f_.microsecond = parsed.microsecond;
  now_ = kTime;
  return Failure::None;
}

// Digits run together: [y…]yymmdd, hhmmss, hhmm, each perhaps with a fraction of a second.
Failure Decoder::joined_number(std::string text, uint32_t seen) {
  if (size_t point = text.find('.'); point != std::string::npos) {
    double fraction = text.size() == point + 1 ? 0 : std::strtod(text.c_str() + point, nullptr);
    f_.microsecond = static_cast<int>(std::rint(fraction * 1000000));
    text.resize(point);
  } else if ((seen & kDate) != kDate && text.size() >= 6) {
    size_t size = text.size();
    now_ = kDate;
    f_.day = std::atoi(text.substr(size - 2).c_str());
    f_.month = std::atoi(text.substr(size - 4, 2).c_str());
    errno = 0;
    long year = std::strtol(text.substr(0, size - 4).c_str(), nullptr, 10);
    f_.year = year > INT_MAX ? -1 : static_cast<int>(year);
    if (size - 4 == 2) two_digit_year_ = true;
    return Failure::None;
  }
  if ((seen & kTime) != kTime && (text.size() == 6 || text.size() == 4)) {
    now_ = kTime;
    f_.hour = std::atoi(text.substr(0, 2).c_str());
    f_.minute = std::atoi(text.substr(2, 2).c_str());
    f_.second = text.size() == 6 ? std::atoi(text.substr(4, 2).c_str()) : 0;
    return Failure::None;
  }
  return Failure::BadFormat;
}

Failure Decoder::single_number(const std::string& text, bool text_month, uint32_t seen) {
  now_ = 0;
  const char* end;
  int value;
  if (!parse_int(text.c_str(), end, value)) return Failure::FieldOverflow;
  if (end == text.c_str()) return Failure::BadFormat;
  if (*end == '.') {
    if (end - text.c_str() > 2) return joined_number(text, seen | kDate);
    if (!parse_fractional_second(end, f_.microsecond)) return Failure::BadFormat;
  } else if (*end != '\0') {
    return Failure::BadFormat;
  }
  size_t length = text.size();
  if (length == 3 && (seen & kDate) == kYear && value >= 1 && value <= 366) {
    now_ = kDayOfYear | kMonth | kDay;
    day_of_year_ = value;
    return Failure::None;
  }
  auto set = [&](uint32_t which, int& target) {
    now_ = which;
    target = value;
  };
  bool year_first = length >= 3 || context_.date_order == DateOrder::Ymd;
  switch (seen & kDate) {
    case 0:
      if (year_first) {
        set(kYear, f_.year);
      } else if (context_.date_order == DateOrder::Dmy) {
        set(kDay, f_.day);
      } else {
        set(kMonth, f_.month);
      }
      break;
    case kYear: set(kMonth, f_.month); break;
    case kMonth:
      if (text_month && year_first) {
        set(kYear, f_.year);
      } else {
        set(kDay, f_.day);
      }
      break;
    case kYear | kMonth:
      if (text_month && length >= 3 && two_digit_year_) {
        // The first number was taken for a year, but it was the day.
        now_ = kDay;
        f_.day = f_.year;
        f_.year = value;
        two_digit_year_ = false;
      } else {
        set(kDay, f_.day);
      }
      break;
    case kDay: set(kMonth, f_.month); break;
    case kMonth | kDay: set(kYear, f_.year); break;
    case kDate: return joined_number(text, seen);
    default: return Failure::BadFormat;
  }
  if (now_ == kYear) two_digit_year_ = length <= 2;
  return Failure::None;
}

// A date with separators, perhaps with the month as a word.
Failure Decoder::calendar_date(const std::string& text) {
  std::vector<std::string> parts;
  size_t at = 0;
  auto is = [&](int (*test)(int)) { return at < text.size() && test(static_cast<unsigned char>(text[at])) != 0; };
  while (at < text.size()) {
    while (at < text.size() && !is(std::isalnum)) ++at;
    if (at >= text.size()) return Failure::BadFormat;
    size_t start = at;
    if (is(std::isdigit)) {
      while (is(std::isdigit)) ++at;
    } else {
      while (is(std::isalpha)) ++at;
    }
    parts.push_back(text.substr(start, at - start));
    if (at < text.size()) ++at;
  }
  uint32_t seen = seen_;
  uint32_t given = 0;
  bool text_month = false;
  for (std::string& part : parts) {
    if (part.empty() || starts_with_digit(part)) continue;
    Token token = find_token(part);
    if (token.kind == TokenKind::Ignore) continue;
    if (token.kind != TokenKind::Month || (seen & kMonth) != 0) return Failure::BadFormat;
    f_.month = token.value;
    text_month = true;
    seen |= kMonth;
    given |= kMonth;
    part.clear();
  }
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (Failure failure = single_number(part, text_month, seen); failure != Failure::None) return failure;
    if (seen & now_) return Failure::BadFormat;
    seen |= now_;
    given |= now_;
  }
  now_ = given;
  return (seen & ~(kDayOfYear | kZone)) == kDate ? Failure::None : Failure::BadFormat;
}

// "hhmmss-zz".
Failure Decoder::joined_time_with_zone(const std::string& text, uint32_t seen) {
  if ((seen_ & kTime) == kTime) return Failure::BadFormat;
  size_t sign = text.find('-');
  if (sign == std::string::npos) return Failure::BadFormat;
  if (Failure failure = decode_zone_offset(std::string_view(text).substr(sign), f_.zone); failure != Failure::None) return failure;
  if (Failure failure = joined_number(text.substr(0, sign), seen); failure != Failure::None) return failure;
  now_ |= kZone;
  return Failure::None;
}

Failure Decoder::date_field(size_t i) {
  const std::string& text = fields_[i].text;
  if (prefix_ == Prefix::Julian) {
    const char* end;
    int julian;
    if (!parse_int(text.c_str(), end, julian) || julian < 0) return Failure::FieldOverflow;
    date_of_julian(julian, f_.year, f_.month, f_.day);
    is_julian_ = true;
    if (Failure failure = decode_zone_offset(end, f_.zone); failure != Failure::None) return failure;
    now_ = kDate | kTime | kZone;
    prefix_ = Prefix::None;
    return Failure::None;
  }
  if (prefix_ == Prefix::None && (seen_ & (kMonth | kDay)) != (kMonth | kDay)) return calendar_date(text);
  // There is a date: a zone's name with punctuation, or a time run together with a zone.
  if (starts_with_digit(text) || prefix_ != Prefix::None) {
    if (prefix_ != Prefix::None && prefix_ != Prefix::IsoTime) return Failure::BadFormat;
    prefix_ = Prefix::None;
    return joined_time_with_zone(text, seen_);
  }
  named_zone_ = TimeZone::find(text);
  if (named_zone_ == nullptr) throw_unknown_zone(text);
  now_ = kZone;
  return Failure::None;
}

Failure Decoder::labeled_number(const std::string& text) {
  const char* end;
  int value;
  if (!parse_int(text.c_str(), end, value)) return Failure::FieldOverflow;
  if (*end != '.' && *end != '\0') return Failure::BadFormat;
  if (prefix_ == Prefix::Julian) {
    if (value < 0) return Failure::FieldOverflow;
    now_ = kDate;
    date_of_julian(value, f_.year, f_.month, f_.day);
    is_julian_ = true;
    if (*end == '.') {
      double fraction;
      if (!parse_fraction(end, fraction)) return Failure::BadFormat;
      set_time(static_cast<int64_t>(fraction * static_cast<double>(kMicrosecondsPerDay)), f_);
      now_ |= kTime;
    }
  } else if (prefix_ == Prefix::IsoTime) {
    if (Failure failure = joined_number(text, seen_ | kDate); failure != Failure::None) return failure;
    if (now_ != kTime) return Failure::BadFormat;
  } else {
    auto set = [&](uint32_t which, int& target) {
      now_ = which;
      target = value;
    };
    switch (prefix_) {
      case Prefix::Year: set(kYear, f_.year); break;
      // After a month and an hour an M is minutes.
      case Prefix::Month:
        if ((seen_ & kMonth) != 0 && (seen_ & kHour) != 0) {
          set(kMinute, f_.minute);
        } else {
          set(kMonth, f_.month);
        }
        break;
      case Prefix::Day: set(kDay, f_.day); break;
      case Prefix::Hour: set(kHour, f_.hour); break;
      case Prefix::Minute: set(kMinute, f_.minute); break;
      case Prefix::Second:
        set(kSecond, f_.second);
        if (*end == '.' && !parse_fractional_second(end, f_.microsecond)) return Failure::BadFormat;
        break;
      default: return Failure::BadFormat;
    }
  }
  prefix_ = Prefix::None;
  return Failure::None;
}

Failure Decoder::number_field(size_t i) {
  const std::string& text = fields_[i].text;
  if (prefix_ != Prefix::None) return labeled_number(text);
  size_t point = text.find('.');
  if (point != std::string::npos && (seen_ & kDate) == 0) return calendar_date(text);
  if (point != std::string::npos && point > 2) return joined_number(text, seen_);
  // Six digits or more are a date or a time unless both are complete; five are a year.
  if (text.size() >= 6 && ((seen_ & kDate) == 0 || (seen_ & kTime) == 0)) return joined_number(text, seen_);
  return single_number(text, text_month_, seen_);
}

Failure Decoder::reserved_word(Word word, bool time_only) {
  int64_t now_local = context_.transaction_timestamp;
  DateTime now = split_timestamptz(now_local, context_.time_zone);
  auto take_date = [&](int days) {
    now_ = kDate;
    date_of_julian(julian_of(now.year, now.month, now.day) + days, f_.year, f_.month, f_.day);
    return Failure::None;
  };
  switch (word) {
    case Word::Now:
      if (time_only) {
        now_ = kTime;
        f_.hour = now.hour;
        f_.minute = now.minute;
        f_.second = now.second;
        f_.microsecond = now.microsecond;
      } else {
        now_ = kDate | kTime | kZone;
        f_ = now;
      }
      return Failure::None;
    case Word::Zulu:
    case Word::Allballs:
      now_ = kTime | kZone;
      f_.hour = f_.minute = f_.second = f_.zone = 0;
      return Failure::None;
    case Word::Today: return time_only ? Failure::BadFormat : take_date(0);
    case Word::Tomorrow: return time_only ? Failure::BadFormat : take_date(1);
    case Word::Yesterday: return time_only ? Failure::BadFormat : take_date(-1);
    case Word::Epoch: out_.result = DateTimeText::Result::Epoch; break;
    case Word::Infinity: out_.result = DateTimeText::Result::Infinity; break;
    case Word::MinusInfinity: out_.result = DateTimeText::Result::MinusInfinity; break;
  }
  now_ = kReserved;
  return time_only ? Failure::BadFormat : Failure::None;
}

Failure Decoder::word_field(size_t i, bool time_only) {
  const std::string& text = fields_[i].text;
  if (const ZoneAbbreviation* zone = find_zone_abbreviation(text); zone != nullptr) {
    now_ = kZone;
    if (!zone->zone.empty()) {
      dynamic_zone_ = zone;
    } else {
      f_.zone = zone->offset;
      if (zone->is_dst) now_ |= kDaylightZone;
    }
    return Failure::None;
  }
  Token token = find_token(text);
  switch (token.kind) {
    case TokenKind::Ignore: now_ = 0; return Failure::None;
    case TokenKind::Reserved: return reserved_word(static_cast<Word>(token.value), time_only);
    case TokenKind::Month:
      if (time_only) return Failure::BadFormat;
      now_ = kMonth;
      // A number before it was taken for the month, but it was the day.
      if ((seen_ & kMonth) != 0 && !text_month_ && (seen_ & kDay) == 0 && f_.month >= 1 && f_.month <= 31) {
        f_.day = f_.month;
        now_ = kDay;
      }
      text_month_ = true;
      f_.month = token.value;
      return Failure::None;
    case TokenKind::ZoneModifier:
      now_ = kZoneModifier | kDaylightZone;
      f_.zone += token.value;
      return Failure::None;
    case TokenKind::Meridian:
      now_ = kMeridian;
      meridian_ = token.value == 0 ? Meridian::Am : Meridian::Pm;
      return Failure::None;
    case TokenKind::Era:
      now_ = kEra;
      bc_ = token.value == 1;
      return Failure::None;
    case TokenKind::Weekday:
      if (time_only) return Failure::BadFormat;
      now_ = kWeekday;
      return Failure::None;
    case TokenKind::Units:
      now_ = 0;
      if (prefix_ != Prefix::None) return Failure::BadFormat;
      prefix_ = prefix_of(static_cast<Unit>(token.value));
      return Failure::None;
    case TokenKind::IsoTime: {
      now_ = 0;
      if (!time_only && (seen_ & kDate) != kDate) return Failure::BadFormat;
      if (i + 1 >= fields_.size()) return Failure::BadFormat;
      FieldKind next = fields_[i + 1].kind;
      if (next != FieldKind::Number && next != FieldKind::Time && next != FieldKind::Date) return Failure::BadFormat;
      if (prefix_ != Prefix::None && !time_only) return Failure::BadFormat;
      prefix_ = Prefix::IsoTime;
      return Failure::None;
    }
    default:
      named_zone_ = TimeZone::find(text);
      if (named_zone_ == nullptr) return Failure::BadFormat;
      now_ = kZone;
      return Failure::None;
  }
}

Failure Decoder::validate() {
  if (seen_ & kYear) {
    if (is_julian_) {
    } else if (bc_) {
      if (f_.year <= 0) return Failure::FieldOverflow;
      f_.year = 1 - f_.year;
    } else if (two_digit_year_) {
      if (f_.year < 0) return Failure::FieldOverflow;
      if (f_.year < 70) {
        f_.year += 2000;
      } else if (f_.year < 100) {
        f_.year += 1900;
      }
    } else if (f_.year <= 0) {
      return Failure::FieldOverflow;
    }
  }
  if (seen_ & kDayOfYear) {
    date_of_julian(julian_of(f_.year, 1, 1) + day_of_year_ - 1, f_.year, f_.month, f_.day);
  }
  if ((seen_ & kMonth) && (f_.month < 1 || f_.month > 12)) return Failure::MonthDayOverflow;
  if ((seen_ & kDay) && (f_.day < 1 || f_.day > 31)) return Failure::MonthDayOverflow;
  if ((seen_ & kDate) == kDate && f_.day > days_in_month(f_.year, f_.month)) return Failure::FieldOverflow;
  return Failure::None;
}

Failure Decoder::meridian() {
  if (meridian_ == Meridian::None) return Failure::None;
  if (f_.hour > 12) return Failure::FieldOverflow;
  if (meridian_ == Meridian::Am && f_.hour == 12) {
    f_.hour = 0;
  } else if (meridian_ == Meridian::Pm && f_.hour != 12) {
    f_.hour += 12;
  }
  return Failure::None;
}

// The zone that was named, or the session's, at the date that was given.
Failure Decoder::zone_of_date(bool complete_date) {
  DateTime at = f_;
  if (!complete_date) {
    bool needs_date = dynamic_zone_ != nullptr || (seen_ & kZone) == 0;
    if (needs_date && (seen_ & kDate) != 0) return Failure::BadFormat;
    DateTime today = split_timestamptz(context_.transaction_timestamp, context_.time_zone);
    at.year = today.year;
    at.month = today.month;
    at.day = today.day;
  }
  if (named_zone_ != nullptr) {
    if (seen_ & kZoneModifier) return Failure::BadFormat;
    f_.zone = named_zone_->offset_of_local(local_seconds(at));
  }
  if (dynamic_zone_ != nullptr) {
    if (seen_ & kZoneModifier) return Failure::BadFormat;
    const TimeZone* zone = TimeZone::find(dynamic_zone_->zone);
    if (zone == nullptr) throw_unknown_zone(std::string(dynamic_zone_->zone));
    int64_t local = local_seconds(at);
    int offset = zone->offset_of_local(local);
    std::string lower;
    for (char c : dynamic_zone_->name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    bool is_dst;
    zone->interpret(lower, local - offset, offset, is_dst);
    f_.zone = offset;
  }
  out_.has_zone = (seen_ & kZone) != 0;
  if (!out_.has_zone) {
    if (seen_ & kZoneModifier) return Failure::BadFormat;
    const TimeZone* zone = context_.time_zone == nullptr ? TimeZone::utc() : context_.time_zone;
    f_.zone = zone->offset_of_local(local_seconds(at));
  }
  return Failure::None;
}

Failure Decoder::decode_datetime() {
  for (size_t i = 0; i < fields_.size(); ++i) {
    now_ = 0;
    Failure failure = Failure::None;
    switch (fields_[i].kind) {
      case FieldKind::Date: failure = date_field(i); break;
      case FieldKind::Time:
        if (prefix_ != Prefix::None && prefix_ != Prefix::IsoTime) return Failure::BadFormat;
        prefix_ = Prefix::None;
        failure = clock(fields_[i].text);
        if (failure == Failure::None && time_overflows()) failure = Failure::FieldOverflow;
        break;
      case FieldKind::Zone:
        failure = decode_zone_offset(fields_[i].text, f_.zone);
        now_ = kZone;
        break;
      case FieldKind::Number: failure = number_field(i); break;
      case FieldKind::String:
      case FieldKind::Special: failure = word_field(i, false); break;
    }
    if (failure != Failure::None) return failure;
    if (seen_ & now_) return Failure::BadFormat;
    seen_ |= now_;
  }
  if (Failure failure = validate(); failure != Failure::None) return failure;
  if (Failure failure = meridian(); failure != Failure::None) return failure;
  if (out_.result != DateTimeText::Result::Plain) return Failure::None;
  if ((seen_ & kDate) != kDate) return (seen_ & kTime) == kTime ? Failure::Incomplete : Failure::BadFormat;
  return zone_of_date(true);
}

Failure Decoder::time_date_field(size_t i) {
  const std::string& text = fields_[i].text;
  size_t count = fields_.size();
  if (i == 0 && count >= 2 && (fields_[count - 1].kind == FieldKind::Date || fields_[1].kind == FieldKind::Time)) {
    return calendar_date(text);
  }
  if (starts_with_digit(text)) return joined_time_with_zone(text, seen_ | kDate);
  named_zone_ = TimeZone::find(text);
  if (named_zone_ == nullptr) throw_unknown_zone(text);
  now_ = kZone;
  return Failure::None;
}

Failure Decoder::time_number_field(size_t i) {
  const std::string& text = fields_[i].text;
  if (prefix_ != Prefix::None) return labeled_number(text);
  size_t point = text.find('.');
  if (point != std::string::npos) {
    if (i == 0 && fields_.size() >= 2 && fields_.back().kind == FieldKind::Date) return calendar_date(text);
    if (point > 2) return joined_number(text, seen_ | kDate);
    return Failure::BadFormat;
  }
  if (text.size() > 4) return joined_number(text, seen_ | kDate);
  return single_number(text, false, seen_ | kDate);
}

Failure Decoder::decode_time() {
  for (size_t i = 0; i < fields_.size(); ++i) {
    now_ = 0;
    Failure failure = Failure::None;
    switch (fields_[i].kind) {
      case FieldKind::Date: failure = time_date_field(i); break;
      case FieldKind::Time:
        if (prefix_ != Prefix::None && prefix_ != Prefix::IsoTime) return Failure::BadFormat;
        prefix_ = Prefix::None;
        failure = clock(fields_[i].text);
        break;
      case FieldKind::Zone:
        failure = decode_zone_offset(fields_[i].text, f_.zone);
        now_ = kZone;
        break;
      case FieldKind::Number: failure = time_number_field(i); break;
      case FieldKind::String:
      case FieldKind::Special: failure = word_field(i, true); break;
    }
    if (failure != Failure::None) return failure;
    if (seen_ & now_) return Failure::BadFormat;
    seen_ |= now_;
  }
  if (Failure failure = validate(); failure != Failure::None) return failure;
  if (Failure failure = meridian(); failure != Failure::None) return failure;
  if (time_overflows()) return Failure::FieldOverflow;
  if ((seen_ & kTime) != kTime) return Failure::BadFormat;
  bool complete_date = (seen_ & kDate) == kDate;
  int constant;
  if (named_zone_ != nullptr && !complete_date && !named_zone_->is_constant(constant)) return Failure::BadFormat;
  return zone_of_date(complete_date);
}

}  // namespace

Failure decode_datetime(const TypeContext& context, std::vector<Field>& fields, DateTimeText& out) {
  return Decoder(context, fields, out).decode_datetime();
}

Failure decode_time_only(const TypeContext& context, std::vector<Field>& fields, DateTimeText& out) {
  return Decoder(context, fields, out).decode_time();
}

Failure decode_zone_offset(std::string_view view, int& east) {
  std::string text(view);
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return Failure::BadFormat;
  const char* end;
  int hours;
  int minutes = 0;
  int seconds = 0;
  if (!parse_int(text.c_str() + 1, end, hours)) return Failure::ZoneOverflow;
  if (*end == ':') {
    if (!parse_int(end + 1, end, minutes)) return Failure::ZoneOverflow;
    if (*end == ':' && !parse_int(end + 1, end, seconds)) return Failure::ZoneOverflow;
  } else if (*end == '\0' && text.size() > 3) {
    minutes = hours % 100;
    hours /= 100;
  }
  if (hours < 0 || hours > 15 || minutes < 0 || minutes >= 60 || seconds < 0 || seconds >= 60) return Failure::ZoneOverflow;
  east = (hours * 60 + minutes) * 60 + seconds;
  if (text[0] == '-') east = -east;
  return *end == '\0' ? Failure::None : Failure::BadFormat;
}

int parse_zone_offset(std::string_view text) {
  int east = 0;
  Failure failure = decode_zone_offset(text, east);
  if (failure == Failure::ZoneOverflow) {
    throw SqlError(Sqlstate::InvalidParameterValue, "numeric time zone \"" + std::string(text) + "\" out of range");
  }
  if (failure != Failure::None) {
    throw SqlError(Sqlstate::InvalidParameterValue, "time zone \"" + std::string(text) + "\" not recognized");
  }
  return east;
}

void throw_datetime_failure(Failure failure, std::string_view text, const char* type_name) {
  std::string quoted = ": \"" + std::string(text) + "\"";
  switch (failure) {
    case Failure::FieldOverflow:
      throw SqlError(Sqlstate::DatetimeFieldOverflow, "date/time field value out of range" + quoted);
    case Failure::MonthDayOverflow:
      throw SqlError(Sqlstate::DatetimeFieldOverflow, "date/time field value out of range" + quoted)
          .hint("Perhaps you need a different \"datestyle\" setting.");
    case Failure::IntervalOverflow:
      throw SqlError(Sqlstate::IntervalFieldOverflow, "interval field value out of range" + quoted);
    case Failure::ZoneOverflow:
      throw SqlError(Sqlstate::InvalidTimeZoneDisplacementValue, "time zone displacement out of range" + quoted);
    case Failure::None:
    case Failure::BadFormat:
    case Failure::Incomplete: break;
  }
  throw SqlError(Sqlstate::InvalidDatetimeFormat,
                 "invalid input syntax for type " + std::string(type_name) + quoted);
}

}  // namespace aegis::types
