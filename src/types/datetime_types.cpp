#include <vector>

#include "aegis/base/hash.h"
#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "datetime_numbers.h"
#include "datetime_text.h"
#include "families.h"

namespace aegis::types {

namespace {

DateTimeText parse_datetime(const TypeContext& context, std::string_view text, const char* type_name) {
  std::vector<Field> fields;
  DateTimeText parsed;
  Failure failure = split_fields(text, fields) ? decode_datetime(context, fields, parsed) : Failure::BadFormat;
  if (failure != Failure::None) throw_datetime_failure(failure, text, type_name);
  return parsed;
}

DateTimeText parse_time(const TypeContext& context, std::string_view text, const char* type_name) {
  std::vector<Field> fields;
  DateTimeText parsed;
  Failure failure = split_fields(text, fields) ? decode_time_only(context, fields, parsed) : Failure::BadFormat;
  if (failure != Failure::None) throw_datetime_failure(failure, text, type_name);
  return parsed;
}

[[noreturn]] void throw_text_out_of_range(const char* what, std::string_view text) {
  throw SqlError(Sqlstate::DatetimeValueOutOfRange, std::string(what) + " out of range: \"" + std::string(text) + "\"");
}

int64_t time_of(const DateTime& f) {
  return ((f.hour * int64_t{60} + f.minute) * 60 + f.second) * kMicrosecondsPerSecond + f.microsecond;
}

int32_t precision_typmod(std::span<const std::string_view> arguments, const char* name, const char* suffix) {
  int32_t precision = single_typmod(arguments);
  if (precision < 0) {
    throw SqlError(Sqlstate::InvalidParameterValue,
                   std::string(name) + "(" + std::to_string(precision) + ")" + suffix + " precision must not be negative");
  }
  return precision > 6 ? 6 : precision;
}
std::string precision_text(int32_t typmod, const char* suffix) {
  return typmod < 0 ? suffix : "(" + std::to_string(typmod) + ")" + suffix;
}

// --- date -------------------------------------------------------------------------------------------------

// Four digits, two, two with hyphens: nearly every date there is.
bool parse_plain_date(std::string_view text, int32_t& date) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int number[8];
  int n = 0;
  for (int i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    unsigned digit = static_cast<unsigned char>(text[static_cast<size_t>(i)]) - '0';
    if (digit > 9) return false;
    number[n++] = static_cast<int>(digit);
  }
  int year = number[0] * 1000 + number[1] * 100 + number[2] * 10 + number[3];
  int month = number[4] * 10 + number[5];
  int day = number[6] * 10 + number[7];
  if (year == 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  date = julian_of(year, month, day) - kPostgresEpochJulian;
  return true;
}

Value date_input(const TypeContext& context, std::string_view text, Type, Arena&) {
  int32_t plain;
  if (parse_plain_date(text, plain)) return Value::of_i32(plain);
  DateTimeText parsed = parse_datetime(context, text, "date");
  switch (parsed.result) {
    case DateTimeText::Result::Epoch: return Value::of_i32(kUnixEpochJulian - kPostgresEpochJulian);
    case DateTimeText::Result::Infinity: return Value::of_i32(kDateInfinity);
    case DateTimeText::Result::MinusInfinity: return Value::of_i32(kDateMinusInfinity);
    case DateTimeText::Result::Plain: break;
  }
  const DateTime& f = parsed.fields;
  bool valid_julian = (f.year > -4713 || (f.year == -4713 && f.month >= 11)) && f.year < 5874898;
  int64_t date = valid_julian ? int64_t{julian_of(f.year, f.month, f.day)} - kPostgresEpochJulian : INT32_MAX;
  if (!is_valid_date(date)) throw_text_out_of_range("date", text);
  return Value::of_i32(static_cast<int32_t>(date));
}
void date_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_date(context, value.i32, out);
}
Value date_receive(const TypeContext&, std::string_view bytes, Type, Arena&) {
  int32_t date = BinaryReader(bytes).int32();
  if (is_finite_date(date) && !is_valid_date(date)) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "date out of range");
  return Value::of_i32(date);
}

// --- timestamp and timestamptz ----------------------------------------------------------------------------

template <bool with_zone>
Value timestamp_input(const TypeContext& context, std::string_view text, Type type, Arena&) {
  DateTimeText parsed = parse_datetime(context, text, with_zone ? "timestamp with time zone" : "timestamp");
  int64_t timestamp = 0;
  switch (parsed.result) {
    case DateTimeText::Result::Epoch: timestamp = kUnixEpochMicroseconds; break;
    case DateTimeText::Result::Infinity: timestamp = kTimestampInfinity; break;
    case DateTimeText::Result::MinusInfinity: timestamp = kTimestampMinusInfinity; break;
    case DateTimeText::Result::Plain:
      if (!join_timestamp(parsed.fields, timestamp)) throw_text_out_of_range("timestamp", text);
      if (with_zone && __builtin_sub_overflow(timestamp, parsed.fields.zone * kMicrosecondsPerSecond, &timestamp)) {
        throw_text_out_of_range("timestamp", text);
      }
      if (!is_valid_timestamp(timestamp)) throw_text_out_of_range("timestamp", text);
      break;
  }
  return Value::of_i64(round_timestamp(timestamp, type.typmod));
}
void timestamp_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_timestamp(context, value.i64, out);
}
void timestamptz_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_timestamptz(context, value.i64, out);
}
Value timestamp_receive(const TypeContext&, std::string_view bytes, Type type, Arena&) {
  int64_t timestamp = BinaryReader(bytes).int64();
  if (is_finite_timestamp(timestamp) && !is_valid_timestamp(timestamp)) throw_timestamp_out_of_range();
  return Value::of_i64(round_timestamp(timestamp, type.typmod));
}
int32_t timestamp_typmod(std::span<const std::string_view> arguments) { return precision_typmod(arguments, "TIMESTAMP", ""); }
int32_t timestamptz_typmod(std::span<const std::string_view> arguments) {
  return precision_typmod(arguments, "TIMESTAMP", " WITH TIME ZONE");
}
std::string without_zone(int32_t typmod) { return precision_text(typmod, " without time zone"); }
std::string with_zone(int32_t typmod) { return precision_text(typmod, " with time zone"); }

// --- time and timetz --------------------------------------------------------------------------------------

Value time_input(const TypeContext& context, std::string_view text, Type type, Arena&) {
  return Value::of_i64(round_time(time_of(parse_time(context, text, "time").fields), type.typmod));
}
void time_output(const TypeContext&, const Value& value, Oid, std::string& out) { append_time(value.i64, out); }
Value time_receive(const TypeContext&, std::string_view bytes, Type type, Arena&) {
  int64_t time = BinaryReader(bytes).int64();
  if (time < 0 || time > kMicrosecondsPerDay) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "time out of range");
  return Value::of_i64(round_time(time, type.typmod));
}
int32_t time_typmod(std::span<const std::string_view> arguments) { return precision_typmod(arguments, "TIME", ""); }

Value timetz_input(const TypeContext& context, std::string_view text, Type type, Arena&) {
  DateTimeText parsed = parse_time(context, text, "time with time zone");
  return Value::of_timetz({round_time(time_of(parsed.fields), type.typmod), -parsed.fields.zone, 0});
}
void timetz_output(const TypeContext&, const Value& value, Oid, std::string& out) {
  append_time(value.timetz.microseconds, out);
  append_zone_offset(-value.timetz.zone, out);
}
Value timetz_receive(const TypeContext&, std::string_view bytes, Type type, Arena&) {
  BinaryReader reader(bytes);
  int64_t time = reader.int64();
  int32_t zone = reader.int32();
  if (time < 0 || time > kMicrosecondsPerDay) throw SqlError(Sqlstate::DatetimeValueOutOfRange, "time out of range");
  if (zone <= -16 * 3600 || zone >= 16 * 3600) {
    throw SqlError(Sqlstate::InvalidTimeZoneDisplacementValue, "time zone displacement out of range");
  }
  return Value::of_timetz({round_time(time, type.typmod), zone, 0});
}
void timetz_send(const TypeContext&, const Value& value, Oid, std::string& out) {
  append_int64(out, value.timetz.microseconds);
  append_int32(out, value.timetz.zone);
}
int timetz_compare(const Value& a, const Value& b, Oid) { return compare_timetz(a.timetz, b.timetz); }
uint64_t timetz_hash(const Value& value, Oid) {
  return hash_combine(hash_int(static_cast<uint64_t>(value.timetz.microseconds)), static_cast<uint32_t>(value.timetz.zone));
}
int32_t timetz_typmod(std::span<const std::string_view> arguments) {
  return precision_typmod(arguments, "TIME", " WITH TIME ZONE");
}

// --- interval ---------------------------------------------------------------------------------------------

constexpr int kFullPrecision = 0xFFFF;
int range_of(int32_t typmod) { return typmod < 0 ? kIntervalFullRange : (typmod >> 16) & 0x7FFF; }
int precision_of(int32_t typmod) { return typmod < 0 ? kFullPrecision : typmod & 0xFFFF; }

Value interval_input(const TypeContext& context, std::string_view text, Type type, Arena&) {
  std::vector<Field> fields;
  IntervalText parsed;
  Failure failure = split_fields(text, fields) ? decode_interval(context, fields, range_of(type.typmod), parsed) : Failure::BadFormat;
  if (failure == Failure::BadFormat) {
    parsed = IntervalText();
    failure = decode_iso_interval(text, parsed);
  }
  if (failure == Failure::FieldOverflow) failure = Failure::IntervalOverflow;
  if (failure != Failure::None) throw_datetime_failure(failure, text, "interval");
  int64_t months = int64_t{parsed.years} * 12 + parsed.months;
  if (months > INT32_MAX || months < INT32_MIN) throw_interval_out_of_range();
  return Value::of_interval(
      fit_interval({parsed.microseconds, parsed.days, static_cast<int32_t>(months)}, type.typmod));
}
void interval_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_interval(context, value.interval, out);
}
Value interval_receive(const TypeContext&, std::string_view bytes, Type type, Arena&) {
  BinaryReader reader(bytes);
  Interval interval;
  interval.microseconds = reader.int64();
  interval.days = reader.int32();
  interval.months = reader.int32();
  return Value::of_interval(fit_interval(interval, type.typmod));
}
void interval_send(const TypeContext&, const Value& value, Oid, std::string& out) {
  append_int64(out, value.interval.microseconds);
  append_int32(out, value.interval.days);
  append_int32(out, value.interval.months);
}
int interval_compare(const Value& a, const Value& b, Oid) { return compare_intervals(a.interval, b.interval); }
uint64_t interval_hash(const Value& value, Oid) {
  __int128 span = interval_span(value.interval);
  return hash_combine(hash_int(static_cast<uint64_t>(span)), static_cast<uint64_t>(span >> 64));
}
int32_t interval_typmod(std::span<const std::string_view> arguments) {
  if (arguments.empty() || arguments.size() > 2) {
    throw SqlError(Sqlstate::InvalidParameterValue, "invalid INTERVAL type modifier");
  }
  int32_t range = parse_typmod(arguments[0]);
  if (arguments.size() == 1) return range == kIntervalFullRange ? -1 : (range << 16) | kFullPrecision;
  int32_t precision = parse_typmod(arguments[1]);
  if (precision < 0) {
    throw SqlError(Sqlstate::InvalidParameterValue,
                   "INTERVAL(" + std::to_string(precision) + ") precision must not be negative");
  }
  return (range << 16) | (precision > 6 ? 6 : precision);
}
const char* range_text(int range) {
  constexpr int kY = kIntervalYear, kMo = kIntervalMonth, kD = kIntervalDay, kH = kIntervalHour, kM = kIntervalMinute,
                kS = kIntervalSecond;
  switch (range) {
    case kY: return " year";
    case kMo: return " month";
    case kD: return " day";
    case kH: return " hour";
    case kM: return " minute";
    case kS: return " second";
    case kY | kMo: return " year to month";
    case kD | kH: return " day to hour";
    case kD | kH | kM: return " day to minute";
    case kD | kH | kM | kS: return " day to second";
    case kH | kM: return " hour to minute";
    case kH | kM | kS: return " hour to second";
    case kM | kS: return " minute to second";
    default: return "";
  }
}
std::string interval_typmod_out(int32_t typmod) {
  if (typmod < 0) return "";
  std::string text = range_text(range_of(typmod));
  if (precision_of(typmod) != kFullPrecision) text += "(" + std::to_string(precision_of(typmod)) + ")";
  return text;
}

// --- shared by types that are one integer -----------------------------------------------------------------

int compare32(const Value& a, const Value& b, Oid) { return a.i32 < b.i32 ? -1 : a.i32 > b.i32; }
int compare64(const Value& a, const Value& b, Oid) { return a.i64 < b.i64 ? -1 : a.i64 > b.i64; }
uint64_t hash32(const Value& value, Oid) { return hash_int(static_cast<uint64_t>(int64_t{value.i32})); }
uint64_t hash64(const Value& value, Oid) { return hash_int(static_cast<uint64_t>(value.i64)); }
void send32(const TypeContext&, const Value& value, Oid, std::string& out) { append_int32(out, value.i32); }
void send64(const TypeContext&, const Value& value, Oid, std::string& out) { append_int64(out, value.i64); }

}  // namespace

Interval fit_interval(const Interval& interval, int32_t typmod) {
  if (typmod < 0) return interval;
  Interval result = interval;
  int range = range_of(typmod);
  if (range == kIntervalYear) {
    result.months = result.months / 12 * 12;
    result.days = 0;
    result.microseconds = 0;
  } else if (range == kIntervalMonth || range == (kIntervalYear | kIntervalMonth)) {
    result.days = 0;
    result.microseconds = 0;
  } else if (range == kIntervalDay) {
    result.microseconds = 0;
  } else if (range == kIntervalHour || range == (kIntervalDay | kIntervalHour)) {
    result.microseconds = result.microseconds / kMicrosecondsPerHour * kMicrosecondsPerHour;
  } else if (range != kIntervalFullRange && (range & kIntervalMinute) != 0 && (range & kIntervalSecond) == 0) {
    result.microseconds = result.microseconds / kMicrosecondsPerMinute * kMicrosecondsPerMinute;
  }
  int precision = precision_of(typmod);
  if (precision == kFullPrecision || precision >= 6) return result;
  int64_t unit = 1;
  for (int i = precision; i < 6; ++i) unit *= 10;
  int64_t half = unit / 2;
  int64_t shifted;
  bool overflow = result.microseconds >= 0 ? __builtin_add_overflow(result.microseconds, half, &shifted)
                                           : __builtin_sub_overflow(result.microseconds, half, &shifted);
  if (overflow) throw_interval_out_of_range();
  result.microseconds = shifted - shifted % unit;
  return result;
}

const Family kDateFamily = {date_input, date_output, date_receive, send32, compare32, hash32};
const Family kTimestampFamily = {timestamp_input<false>, timestamp_output, timestamp_receive, send64,
                                 compare64,              hash64,           timestamp_typmod,  without_zone};
const Family kTimestamptzFamily = {timestamp_input<true>, timestamptz_output, timestamp_receive,  send64,
                                   compare64,             hash64,             timestamptz_typmod, with_zone};
const Family kTimeFamily = {time_input, time_output, time_receive, send64, compare64, hash64, time_typmod, without_zone};
const Family kTimetzFamily = {timetz_input,   timetz_output, timetz_receive, timetz_send,
                              timetz_compare, timetz_hash,   timetz_typmod,  with_zone};
const Family kIntervalFamily = {interval_input,   interval_output, interval_receive, interval_send,
                                interval_compare, interval_hash,   interval_typmod,  interval_typmod_out};

}  // namespace aegis::types
