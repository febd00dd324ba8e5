#include <algorithm>
#include <cctype>
#include <iterator>

#include "datetime_text.h"

namespace aegis::types {

namespace {

struct Entry {
  std::string_view word;
  TokenKind kind;
  int value;
};

constexpr int word(Word w) { return static_cast<int>(w); }
constexpr int unit(Unit u) { return static_cast<int>(u); }

// Words count by their first ten letters.
constexpr size_t kWordLetters = 10;

constexpr Entry kTokens[] = {
    {"-infinity", TokenKind::Reserved, word(Word::MinusInfinity)},
    {"ad", TokenKind::Era, 0},
    {"allballs", TokenKind::Reserved, word(Word::Allballs)},
    {"am", TokenKind::Meridian, 0},
    {"apr", TokenKind::Month, 4},
    {"april", TokenKind::Month, 4},
    {"at", TokenKind::Ignore, 0},
    {"aug", TokenKind::Month, 8},
    {"august", TokenKind::Month, 8},
    {"bc", TokenKind::Era, 1},
    {"d", TokenKind::Units, unit(Unit::Day)},
    {"dec", TokenKind::Month, 12},
    {"december", TokenKind::Month, 12},
    {"dow", TokenKind::Units, unit(Unit::Dow)},
    {"doy", TokenKind::Units, unit(Unit::Doy)},
    {"dst", TokenKind::ZoneModifier, 3600},
    {"epoch", TokenKind::Reserved, word(Word::Epoch)},
    {"feb", TokenKind::Month, 2},
    {"february", TokenKind::Month, 2},
    {"fri", TokenKind::Weekday, 5},
    {"friday", TokenKind::Weekday, 5},
    {"h", TokenKind::Units, unit(Unit::Hour)},
    {"infinity", TokenKind::Reserved, word(Word::Infinity)},
    {"isodow", TokenKind::Units, unit(Unit::Isodow)},
    {"isoyear", TokenKind::Units, unit(Unit::Isoyear)},
    {"j", TokenKind::Units, unit(Unit::Julian)},
    {"jan", TokenKind::Month, 1},
    {"january", TokenKind::Month, 1},
    {"jd", TokenKind::Units, unit(Unit::Julian)},
    {"jul", TokenKind::Month, 7},
    {"julian", TokenKind::Units, unit(Unit::Julian)},
    {"july", TokenKind::Month, 7},
    {"jun", TokenKind::Month, 6},
    {"june", TokenKind::Month, 6},
    {"m", TokenKind::Units, unit(Unit::Month)},
    {"mar", TokenKind::Month, 3},
    {"march", TokenKind::Month, 3},
    {"may", TokenKind::Month, 5},
    {"mm", TokenKind::Units, unit(Unit::Minute)},
    {"mon", TokenKind::Weekday, 1},
    {"monday", TokenKind::Weekday, 1},
    {"nov", TokenKind::Month, 11},
    {"november", TokenKind::Month, 11},
    {"now", TokenKind::Reserved, word(Word::Now)},
    {"oct", TokenKind::Month, 10},
    {"october", TokenKind::Month, 10},
    {"on", TokenKind::Ignore, 0},
    {"pm", TokenKind::Meridian, 1},
    {"s", TokenKind::Units, unit(Unit::Second)},
    {"sat", TokenKind::Weekday, 6},
    {"saturday", TokenKind::Weekday, 6},
    {"sep", TokenKind::Month, 9},
    {"sept", TokenKind::Month, 9},
    {"september", TokenKind::Month, 9},
    {"sun", TokenKind::Weekday, 0},
    {"sunday", TokenKind::Weekday, 0},
    {"t", TokenKind::IsoTime, 0},
    {"thu", TokenKind::Weekday, 4},
    {"thur", TokenKind::Weekday, 4},
    {"thurs", TokenKind::Weekday, 4},
    {"thursday", TokenKind::Weekday, 4},
    {"today", TokenKind::Reserved, word(Word::Today)},
    {"tomorrow", TokenKind::Reserved, word(Word::Tomorrow)},
    {"tue", TokenKind::Weekday, 2},
    {"tues", TokenKind::Weekday, 2},
    {"tuesday", TokenKind::Weekday, 2},
    {"wed", TokenKind::Weekday, 3},
    {"wednesday", TokenKind::Weekday, 3},
    {"weds", TokenKind::Weekday, 3},
    {"y", TokenKind::Units, unit(Unit::Year)},
    {"yesterday", TokenKind::Reserved, word(Word::Yesterday)},
};

constexpr Entry kUnits[] = {
    {"@", TokenKind::Ignore, 0},
    {"ago", TokenKind::Ago, 0},
    {"c", TokenKind::Units, unit(Unit::Century)},
    {"cent", TokenKind::Units, unit(Unit::Century)},
    {"centuries", TokenKind::Units, unit(Unit::Century)},
    {"century", TokenKind::Units, unit(Unit::Century)},
    {"d", TokenKind::Units, unit(Unit::Day)},
    {"day", TokenKind::Units, unit(Unit::Day)},
    {"days", TokenKind::Units, unit(Unit::Day)},
    {"dec", TokenKind::Units, unit(Unit::Decade)},
    {"decade", TokenKind::Units, unit(Unit::Decade)},
    {"decades", TokenKind::Units, unit(Unit::Decade)},
    {"decs", TokenKind::Units, unit(Unit::Decade)},
    {"h", TokenKind::Units, unit(Unit::Hour)},
    {"hour", TokenKind::Units, unit(Unit::Hour)},
    {"hours", TokenKind::Units, unit(Unit::Hour)},
    {"hr", TokenKind::Units, unit(Unit::Hour)},
    {"hrs", TokenKind::Units, unit(Unit::Hour)},
    {"m", TokenKind::Units, unit(Unit::Minute)},
    {"microsecon", TokenKind::Units, unit(Unit::Microsecond)},
    {"mil", TokenKind::Units, unit(Unit::Millennium)},
    {"millennia", TokenKind::Units, unit(Unit::Millennium)},
    {"millennium", TokenKind::Units, unit(Unit::Millennium)},
    {"millisecon", TokenKind::Units, unit(Unit::Millisecond)},
    {"mils", TokenKind::Units, unit(Unit::Millennium)},
    {"min", TokenKind::Units, unit(Unit::Minute)},
    {"mins", TokenKind::Units, unit(Unit::Minute)},
    {"minute", TokenKind::Units, unit(Unit::Minute)},
    {"minutes", TokenKind::Units, unit(Unit::Minute)},
    {"mon", TokenKind::Units, unit(Unit::Month)},
    {"mons", TokenKind::Units, unit(Unit::Month)},
    {"month", TokenKind::Units, unit(Unit::Month)},
    {"months", TokenKind::Units, unit(Unit::Month)},
    {"ms", TokenKind::Units, unit(Unit::Millisecond)},
    {"msec", TokenKind::Units, unit(Unit::Millisecond)},
    {"msecond", TokenKind::Units, unit(Unit::Millisecond)},
    {"mseconds", TokenKind::Units, unit(Unit::Millisecond)},
    {"msecs", TokenKind::Units, unit(Unit::Millisecond)},
    {"qtr", TokenKind::Units, unit(Unit::Quarter)},
    {"quarter", TokenKind::Units, unit(Unit::Quarter)},
    {"s", TokenKind::Units, unit(Unit::Second)},
    {"sec", TokenKind::Units, unit(Unit::Second)},
    {"second", TokenKind::Units, unit(Unit::Second)},
    {"seconds", TokenKind::Units, unit(Unit::Second)},
    {"secs", TokenKind::Units, unit(Unit::Second)},
    {"timezone", TokenKind::Units, unit(Unit::Timezone)},
    {"timezone_h", TokenKind::Units, unit(Unit::TimezoneHour)},
    {"timezone_m", TokenKind::Units, unit(Unit::TimezoneMinute)},
    {"us", TokenKind::Units, unit(Unit::Microsecond)},
    {"usec", TokenKind::Units, unit(Unit::Microsecond)},
    {"usecond", TokenKind::Units, unit(Unit::Microsecond)},
    {"useconds", TokenKind::Units, unit(Unit::Microsecond)},
    {"usecs", TokenKind::Units, unit(Unit::Microsecond)},
    {"w", TokenKind::Units, unit(Unit::Week)},
    {"week", TokenKind::Units, unit(Unit::Week)},
    {"weeks", TokenKind::Units, unit(Unit::Week)},
    {"y", TokenKind::Units, unit(Unit::Year)},
    {"year", TokenKind::Units, unit(Unit::Year)},
    {"years", TokenKind::Units, unit(Unit::Year)},
    {"yr", TokenKind::Units, unit(Unit::Year)},
    {"yrs", TokenKind::Units, unit(Unit::Year)},
};

template <size_t N>
Token search(const Entry (&table)[N], std::string_view text) {
  text = text.substr(0, kWordLetters);
  auto found = std::lower_bound(std::begin(table), std::end(table), text,
                                [](const Entry& a, std::string_view b) { return a.word < b; });
  if (found == std::end(table) || found->word != text) return {};
  return {found->kind, found->value};
}

}  // namespace

Token find_token(std::string_view text) { return search(kTokens, text); }
Token find_unit_token(std::string_view text) { return search(kUnits, text); }

Unit find_length_unit(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  Token token = find_unit_token(lower);
  return token.kind == TokenKind::Units ? static_cast<Unit>(token.value) : Unit::Unknown;
}

Unit find_unit(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  Token token = find_unit_token(lower);
  if (token.kind == TokenKind::Unknown) token = find_token(lower);
  if (token.kind == TokenKind::Units) return static_cast<Unit>(token.value);
  if (token.kind == TokenKind::Reserved && token.value == word(Word::Epoch)) return Unit::Epoch;
  return Unit::Unknown;
}

bool split_fields(std::string_view text, std::vector<Field>& fields) {
  constexpr size_t kMaxFields = 25;
  size_t at = 0;
  auto peek = [&]() -> char { return at < text.size() ? text[at] : '\0'; };
  auto digit = [&] { return std::isdigit(static_cast<unsigned char>(peek())) != 0; };
  auto alpha = [&] { return std::isalpha(static_cast<unsigned char>(peek())) != 0; };
  auto alnum = [&] { return std::isalnum(static_cast<unsigned char>(peek())) != 0; };
  while (at < text.size()) {
    if (std::isspace(static_cast<unsigned char>(peek()))) {
      ++at;
      continue;
    }
    if (fields.size() >= kMaxFields) return false;
    Field field{FieldKind::Number, {}};
    auto take = [&] { field.text += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at++]))); };
    auto take_digits = [&] {
      while (digit()) take();
    };
    if (digit()) {
      take_digits();
      if (peek() == ':') {
        field.kind = FieldKind::Time;
        while (digit() || peek() == ':' || peek() == '.') take();
      } else if (peek() == '-' || peek() == '/' || peek() == '.') {
        char delimiter = peek();
        take();
        if (digit()) {
          field.kind = delimiter == '.' ? FieldKind::Number : FieldKind::Date;
          take_digits();
          if (peek() == delimiter) {
            field.kind = FieldKind::Date;
            take();
            while (digit() || peek() == delimiter) take();
          }
        } else {
          field.kind = FieldKind::Date;
          while (alnum() || peek() == delimiter) take();
        }
      }
    } else if (peek() == '.') {
      take();
      take_digits();
    } else if (alpha()) {
      field.kind = FieldKind::String;
      while (alpha()) take();
      bool is_date = peek() == '-' || peek() == '/' || peek() == '.';
      if (peek() == '+' || digit()) is_date = find_token(field.text).kind == TokenKind::Unknown;
      if (is_date) {
        field.kind = FieldKind::Date;
        auto within = [&] {
          char c = peek();
          return c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':' || alnum();
        };
        do take();
        while (within());
      }
    } else if (peek() == '+' || peek() == '-') {
      take();
      while (at < text.size() && std::isspace(static_cast<unsigned char>(peek()))) ++at;
      if (digit()) {
        field.kind = FieldKind::Zone;
        while (digit() || peek() == ':' || peek() == '.' || peek() == '-') take();
      } else if (alpha()) {
        field.kind = FieldKind::Special;
        while (alpha()) take();
      } else {
        return false;
      }
    } else if (std::ispunct(static_cast<unsigned char>(peek()))) {
      ++at;
      continue;
    } else {
      return false;
    }
    fields.push_back(std::move(field));
  }
  return true;
}

}  // namespace aegis::types
