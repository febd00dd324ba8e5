#include "datetime_format.h"

#include <cctype>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"

namespace aegis::functions {

namespace {

struct Keyword {
  std::string_view name;
  DateKey key;
  LetterCase letter_case;
  bool is_digit;
};

constexpr LetterCase kUpper = LetterCase::Upper;
constexpr LetterCase kLower = LetterCase::Lower;

// In order of matching: of keywords that begin alike the longer first.
constexpr Keyword kKeywords[] = {
    {"A.D.", DateKey::AdDots, kUpper, false},   {"A.M.", DateKey::AmDots, kUpper, false},
    {"AD", DateKey::Ad, kUpper, false},         {"AM", DateKey::Am, kUpper, false},
    {"B.C.", DateKey::AdDots, kUpper, false},   {"BC", DateKey::Ad, kUpper, false},
    {"CC", DateKey::Cc, kUpper, true},          {"DAY", DateKey::DayName, kUpper, false},
    {"DDD", DateKey::DayOfYear, kUpper, true},  {"DD", DateKey::DayOfMonth, kUpper, true},
    {"DY", DateKey::DayShort, kUpper, false},   {"Day", DateKey::DayName, LetterCase::Capitalized, false},
    {"Dy", DateKey::DayShort, LetterCase::Capitalized, false},
    {"D", DateKey::DayOfWeek, kUpper, true},    {"FX", DateKey::Exact, kUpper, false},
    {"HH24", DateKey::Hour24, kUpper, true},    {"HH12", DateKey::Hour12, kUpper, true},
    {"HH", DateKey::Hour12, kUpper, true},      {"IDDD", DateKey::IsoDayOfYear, kUpper, true},
    {"ID", DateKey::IsoDay, kUpper, true},      {"IW", DateKey::IsoWeek, kUpper, true},
    {"IYYY", DateKey::IsoYear4, kUpper, true},  {"IYY", DateKey::IsoYear3, kUpper, true},
    {"IY", DateKey::IsoYear2, kUpper, true},    {"I", DateKey::IsoYear1, kUpper, true},
    {"J", DateKey::Julian, kUpper, true},       {"MI", DateKey::Minute, kUpper, true},
    {"MM", DateKey::Month, kUpper, true},       {"MONTH", DateKey::MonthName, kUpper, false},
    {"MON", DateKey::MonthShort, kUpper, false}, {"MS", DateKey::Millisecond, kUpper, true},
    {"Month", DateKey::MonthName, LetterCase::Capitalized, false},
    {"Mon", DateKey::MonthShort, LetterCase::Capitalized, false},
    {"OF", DateKey::Offset, kUpper, false},     {"P.M.", DateKey::AmDots, kUpper, false},
    {"PM", DateKey::Am, kUpper, false},         {"Q", DateKey::Quarter, kUpper, true},
    {"RM", DateKey::RomanMonth, kUpper, false}, {"SSSSS", DateKey::SecondOfDay, kUpper, true},
    {"SSSS", DateKey::SecondOfDay, kUpper, true}, {"SS", DateKey::Second, kUpper, true},
    {"TZH", DateKey::ZoneHour, kUpper, false},  {"TZM", DateKey::ZoneMinute, kUpper, true},
    {"TZ", DateKey::Zone, kUpper, false},       {"US", DateKey::Microsecond, kUpper, true},
    {"WW", DateKey::Week, kUpper, true},        {"W", DateKey::WeekOfMonth, kUpper, true},
    {"Y,YYY", DateKey::YearComma, kUpper, true}, {"YYYY", DateKey::Year4, kUpper, true},
    {"YYY", DateKey::Year3, kUpper, true},      {"YY", DateKey::Year2, kUpper, true},
    {"Y", DateKey::Year1, kUpper, true},        {"a.d.", DateKey::AdDots, kLower, false},
    {"a.m.", DateKey::AmDots, kLower, false},   {"ad", DateKey::Ad, kLower, false},
    {"am", DateKey::Am, kLower, false},         {"b.c.", DateKey::AdDots, kLower, false},
    {"bc", DateKey::Ad, kLower, false},         {"cc", DateKey::Cc, kUpper, true},
    {"day", DateKey::DayName, kLower, false},   {"ddd", DateKey::DayOfYear, kUpper, true},
    {"dd", DateKey::DayOfMonth, kUpper, true},  {"dy", DateKey::DayShort, kLower, false},
    {"d", DateKey::DayOfWeek, kUpper, true},    {"fx", DateKey::Exact, kUpper, false},
    {"hh24", DateKey::Hour24, kUpper, true},    {"hh12", DateKey::Hour12, kUpper, true},
    {"hh", DateKey::Hour12, kUpper, true},      {"iddd", DateKey::IsoDayOfYear, kUpper, true},
    {"id", DateKey::IsoDay, kUpper, true},      {"iw", DateKey::IsoWeek, kUpper, true},
    {"iyyy", DateKey::IsoYear4, kUpper, true},  {"iyy", DateKey::IsoYear3, kUpper, true},
    {"iy", DateKey::IsoYear2, kUpper, true},    {"i", DateKey::IsoYear1, kUpper, true},
    {"j", DateKey::Julian, kUpper, true},       {"mi", DateKey::Minute, kUpper, true},
    {"mm", DateKey::Month, kUpper, true},       {"month", DateKey::MonthName, kLower, false},
    {"mon", DateKey::MonthShort, kLower, false}, {"ms", DateKey::Millisecond, kUpper, true},
    {"of", DateKey::Offset, kUpper, false},     {"p.m.", DateKey::AmDots, kLower, false},
    {"pm", DateKey::Am, kLower, false},         {"q", DateKey::Quarter, kUpper, true},
    {"rm", DateKey::RomanMonth, kLower, false}, {"sssss", DateKey::SecondOfDay, kUpper, true},
    {"ssss", DateKey::SecondOfDay, kUpper, true}, {"ss", DateKey::Second, kUpper, true},
    {"tzh", DateKey::ZoneHour, kUpper, false},  {"tzm", DateKey::ZoneMinute, kUpper, true},
    {"tz", DateKey::Zone, kLower, false},       {"us", DateKey::Microsecond, kUpper, true},
    {"ww", DateKey::Week, kUpper, true},        {"w", DateKey::WeekOfMonth, kUpper, true},
    {"y,yyy", DateKey::YearComma, kUpper, true}, {"yyyy", DateKey::Year4, kUpper, true},
    {"yyy", DateKey::Year3, kUpper, true},      {"yy", DateKey::Year2, kUpper, true},
    {"y", DateKey::Year1, kUpper, true},
};

class Parser {
 public:
  Parser(std::string_view format, bool strict) : text_(format), strict_(strict) {}

  std::vector<DateNode> run() {
    while (at_ < text_.size()) {
      bool fill = false;
      bool localized = false;
      if (starts("FM") || starts("fm")) {
        fill = true;
        at_ += 2;
      } else if (starts("TM") || starts("tm")) {
        localized = true;
        at_ += 2;
      }
      if (at_ < text_.size() && keyword(fill, localized)) continue;
      if (at_ >= text_.size()) break;
      if (text_[at_] == '"') {
        quoted();
      } else if (strict_) {
        separator();
      } else {
        character();
      }
    }
    return std::move(nodes_);
  }

 private:
  bool starts(std::string_view word) const { return text_.substr(at_, word.size()) == word; }

  bool keyword(bool fill, bool localized) {
    DateNode node;
    node.kind = DateNode::Kind::Action;
    node.fill = fill;
    node.localized = localized;
    if ((starts("FF") || starts("ff")) && at_ + 2 < text_.size() && text_[at_ + 2] >= '1' && text_[at_ + 2] <= '6') {
      node.key = DateKey::Fraction;
      node.digits = text_[at_ + 2] - '0';
      node.is_digit = true;
      node.text = text_.substr(at_, 3);
    } else {
      const Keyword* found = nullptr;
      for (const Keyword& candidate : kKeywords) {
        if (starts(candidate.name)) {
          found = &candidate;
          break;
        }
      }
      if (found == nullptr) return false;
      node.key = found->key;
      node.letter_case = found->letter_case;
      node.is_digit = found->is_digit;
      node.text = found->name;
    }
    at_ += node.text.size();
    if (starts("TH") || starts("th")) {
      node.ordinal = true;
      node.ordinal_upper = text_[at_] == 'T';
      at_ += 2;
    } else if (starts("SP") || starts("sp")) {
      at_ += 2;
    }
    nodes_.push_back(std::move(node));
    return true;
  }

  void quoted() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      add_character(DateNode::Kind::Text);
    }
    ++at_;
  }

  void separator() {
    if (std::string_view("-./,':; ").find(text_[at_]) == std::string_view::npos) {
      throw SqlError(Sqlstate::InvalidDatetimeFormat,
                     "invalid datetime format separator: \"" + std::string(text_.substr(at_, types::utf8_bytes(text_[at_]))) + "\"");
    }
    add_character(text_[at_] == ' ' ? DateNode::Kind::Space : DateNode::Kind::Separator);
  }

  void character() {
    if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') ++at_;
    unsigned char c = static_cast<unsigned char>(text_[at_]);
    bool separator = c > 0x20 && c < 0x7f && std::isalnum(c) == 0;
    add_character(std::isspace(c) ? DateNode::Kind::Space : separator ? DateNode::Kind::Separator : DateNode::Kind::Text);
  }

  void add_character(DateNode::Kind kind) {
    DateNode node;
    node.kind = kind;
    size_t size = types::utf8_bytes(text_[at_]);
    node.text = text_.substr(at_, size);
    at_ += size;
    nodes_.push_back(std::move(node));
  }

  std::string_view text_;
  bool strict_;
  size_t at_ = 0;
  std::vector<DateNode> nodes_;
};

}  // namespace

std::vector<DateNode> parse_date_format(std::string_view format, bool strict) { return Parser(format, strict).run(); }

int complete_year(int year) {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  if (year < 1000) return year + 1000;
  return year;
}

std::string date_ordinal_suffix(const std::string& number, bool upper) {
  char last = number.empty() ? '0' : number.back();
  bool teen = number.size() > 1 && number[number.size() - 2] == '1';
  const char* suffix = upper ? "TH" : "th";
  if (!teen && last == '1') suffix = upper ? "ST" : "st";
  if (!teen && last == '2') suffix = upper ? "ND" : "nd";
  if (!teen && last == '3') suffix = upper ? "RD" : "rd";
  return suffix;
}

}  // namespace aegis::functions
