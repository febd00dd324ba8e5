// Number pieces of date and time texts.
#pragma once

#include <cstdint>
#include <string>

#include "datetime_text.h"

namespace aegis::types {

// Bits of an interval typmod's range (a field's number as PostgreSQL counts them).
inline constexpr int kIntervalFullRange = 0x7FFF;
inline constexpr int kIntervalYear = 1 << 2;
inline constexpr int kIntervalMonth = 1 << 1;
inline constexpr int kIntervalDay = 1 << 3;
inline constexpr int kIntervalHour = 1 << 10;
inline constexpr int kIntervalMinute = 1 << 11;
inline constexpr int kIntervalSecond = 1 << 12;

// strtol()'s reading; false when the number does not fit an int.
bool parse_int(const char* text, const char*& end, int& value);
bool parse_int64(const char* text, const char*& end, int64_t& value);
// ".5" to 0.5; false on anything behind it.
bool parse_fraction(const char* text, double& fraction);
bool parse_fractional_second(const char* text, int& microsecond);

struct ClockText {
  int64_t hour = 0;
  int minute = 0, second = 0, microsecond = 0;
};
// hh:mm[:ss[.f]] or mm:ss.f; the caller checks the hour.
Failure parse_clock(const std::string& text, int range, ClockText& out);

}  // namespace aegis::types
