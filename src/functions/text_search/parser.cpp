#include "text_search/parser.h"

#include <unicode/uchar.h>

#include <cstring>
#include <strings.h>
#include <vector>

#include "aegis/functions/text_search.h"
#include "aegis/types/encoding.h"

namespace aegis::functions::text_search {

namespace {

constexpr TokenType kTypes[] = {{"asciiword", "Word, all ASCII"},
                                {"word", "Word, all letters"},
                                {"numword", "Word, letters and digits"},
                                {"email", "Email address"},
                                {"url", "URL"},
                                {"host", "Host"},
                                {"sfloat", "Scientific notation"},
                                {"version", "Version number"},
                                {"hword_numpart", "Hyphenated word part, letters and digits"},
                                {"hword_part", "Hyphenated word part, all letters"},
                                {"hword_asciipart", "Hyphenated word part, all ASCII"},
                                {"blank", "Space symbols"},
                                {"tag", "XML tag"},
                                {"protocol", "Protocol head"},
                                {"numhword", "Hyphenated word, letters and digits"},
                                {"asciihword", "Hyphenated word, all ASCII"},
                                {"hword", "Hyphenated word, all letters"},
                                {"url_path", "URL path"},
                                {"file", "File or path name"},
                                {"float", "Decimal notation"},
                                {"int", "Signed integer"},
                                {"uint", "Unsigned integer"},
                                {"entity", "XML entity"}};

enum State : uint8_t {
  Same,  // stay in the state
  Base, NumWord, AsciiWord, Word, Unsigned, SignedFirst, Signed, Space, UDecimalFirst, UDecimal, DecimalFirst, Decimal,
  VersionBack, VersionSign, VersionFirst, Version, MantissaFirst, MantissaSign, Mantissa,
  EntityFirst, Entity, EntityNumberFirst, EntityNumber, EntityHexFirst, EntityHex, EntityEnd,
  TagFirst, XmlBegin, TagCloseFirst, TagName, TagBeginEnd, Tag, TagQuote, TagDoubleQuote, TagBackslash, TagEnd,
  CommentFirst, CommentSecond, Comment, CommentClose, CommentCloseLast, CommentEnd,
  HostDomainFirst, HostDomainSecond, HostDomain, PortFirst, Port, HostFirst, Host, Email,
  FileFirst, FileTwiddle, PathFirst, PathFirstFirst, PathSecond, File, FileNext,
  UrlPathFirst, UrlPathStart, UrlPath, Url, ProtocolFirst, ProtocolSecond, ProtocolEnd,
  HyphenAsciiFirst, HyphenAscii, HyphenWordFirst, HyphenWord, HyphenNumFirst, HyphenNum, HyphenDigits,
  ParseHyphen, ParseHyphenHyphen, PartWord, PartAscii, PartNum, PartUnsigned,
  kStates
};

// What a rule asks of the character (or of what was read).
enum Test : uint8_t {
  Any, End, Is, Ignore, AsciiLetter, Letter, Digit, HexDigit, LetterOrDigit, NotLetterOrDigit, Blank, Special, UrlCharacter,
  StopsHost, HostFollows, PathFollows
};
enum Action : uint8_t { Next = 0, Found = 1, Pop = 2, Push = 4, Rerun = 8, Clear = 16, Merge = 32, ClearAll = 64 };
enum Effect : uint8_t { None, Tags, BackForUrl, BackForHyphen, BackForVersion };

struct Rule {
  Test test;
  char c;
  int action;
  State to;
  Token type = kNoToken;
  Effect effect = None;
};

constexpr Rule found(Token type, int more = 0, State to = Base, Effect effect = None) { return {Any, 0, Found | more, to, type, effect}; }
constexpr Rule end_found(Token type, int more = 0, State to = Base, Effect effect = None) { return {End, 0, Found | more, to, type, effect}; }
constexpr Rule is(char c, State to, int action = Next, Effect effect = None) { return {Is, c, action, to, kNoToken, effect}; }
constexpr Rule on(Test test, State to, int action = Next) { return {test, 0, action, to}; }
constexpr Rule kEndPop = {End, 0, Pop, Same};
constexpr Rule kPop = {Any, 0, Pop, Same};

// The rules of each state; the last one takes anything.
constexpr Rule kBase[] = {on(End, Same), is('<', TagFirst, Push), on(Ignore, Space), on(AsciiLetter, AsciiWord), on(Letter, Word),
                          on(Digit, Unsigned), is('-', SignedFirst, Push), is('+', SignedFirst, Push), is('&', EntityFirst, Push),
                          is('~', FileTwiddle, Push), is('/', FileFirst, Push), is('.', PathFirstFirst, Push), on(Any, Space)};
constexpr Rule kNumWordRules[] = {end_found(kNumWord), on(LetterOrDigit, NumWord), on(Special, NumWord), is('@', Email, Push),
                                  is('/', FileFirst, Push), is('.', FileNext, Push), is('-', HyphenNumFirst, Push), found(kNumWord)};
constexpr Rule kAsciiWordRules[] = {end_found(kAsciiWord), on(AsciiLetter, Same), is('.', HostDomainFirst, Push), is('.', FileNext, Push),
                                    is('-', HostFirst, Push), is('-', HyphenAsciiFirst, Push), is('_', HostFirst, Push),
                                    is('@', Email, Push), is(':', ProtocolFirst, Push), is('/', FileFirst, Push),
                                    on(Digit, Host, Push), on(Digit, NumWord), on(Letter, Word), on(Special, Word), found(kAsciiWord)};
constexpr Rule kWordRules[] = {end_found(kWord), on(Letter, Same), on(Special, Same), on(Digit, NumWord), is('-', HyphenWordFirst, Push), found(kWord)};
constexpr Rule kUnsignedRules[] = {end_found(kUint), on(Digit, Same), is('.', HostDomainFirst, Push), is('.', UDecimalFirst, Push),
                                   is('e', MantissaFirst, Push), is('E', MantissaFirst, Push), is('-', HostFirst, Push),
                                   is('_', HostFirst, Push), is('@', Email, Push), on(AsciiLetter, Host, Push), on(Letter, NumWord),
                                   on(Special, NumWord), is('/', FileFirst, Push), found(kUint)};
constexpr Rule kSignedFirstRules[] = {kEndPop, on(Digit, Signed, Clear), kPop};
constexpr Rule kSignedRules[] = {end_found(kInt), on(Digit, Same), is('.', DecimalFirst, Push), is('e', MantissaFirst, Push),
                                 is('E', MantissaFirst, Push), found(kInt)};
constexpr Rule kSpaceRules[] = {end_found(kBlank), {Is, '<', Found, Base, kBlank}, on(Ignore, Same), {Is, '-', Found, Base, kBlank},
                                {Is, '+', Found, Base, kBlank}, {Is, '&', Found, Base, kBlank}, {Is, '/', Found, Base, kBlank},
                                on(NotLetterOrDigit, Space), found(kBlank)};
constexpr Rule kUDecimalFirstRules[] = {kEndPop, on(Digit, UDecimal, Clear), kPop};
constexpr Rule kUDecimalRules[] = {end_found(kFloat), on(Digit, UDecimal), is('.', VersionFirst, Push), is('e', MantissaFirst, Push),
                                   is('E', MantissaFirst, Push), found(kFloat)};
constexpr Rule kDecimalFirstRules[] = {kEndPop, on(Digit, Decimal, Clear), kPop};
constexpr Rule kDecimalRules[] = {end_found(kFloat), on(Digit, Decimal), is('.', VersionBack, Push), is('e', MantissaFirst, Push),
                                  is('E', MantissaFirst, Push), found(kFloat)};
constexpr Rule kVersionBackRules[] = {kEndPop, {Digit, 0, Rerun, VersionSign, kNoToken, BackForVersion}, kPop};
constexpr Rule kVersionSignRules[] = {kEndPop, {Digit, 0, Found | ClearAll, Unsigned, kBlank}, on(Any, Same)};
constexpr Rule kVersionFirstRules[] = {kEndPop, on(Digit, Version, Clear), kPop};
constexpr Rule kVersionRules[] = {end_found(kVersion), on(Digit, Version), is('.', VersionFirst, Push), found(kVersion)};
constexpr Rule kMantissaFirstRules[] = {kEndPop, on(Digit, Mantissa, Clear), is('+', MantissaSign), is('-', MantissaSign), kPop};
constexpr Rule kMantissaSignRules[] = {kEndPop, on(Digit, Mantissa, Clear), kPop};
constexpr Rule kMantissaRules[] = {end_found(kScientific), on(Digit, Mantissa), found(kScientific)};
constexpr Rule kEntityFirstRules[] = {kEndPop, is('#', EntityNumberFirst), on(AsciiLetter, Entity), is(':', Entity), is('_', Entity), kPop};
constexpr Rule kEntityRules[] = {kEndPop, on(LetterOrDigit, Entity), is(':', Entity), is('_', Entity), is('.', Entity), is('-', Entity),
                                 is(';', EntityEnd), kPop};
constexpr Rule kEntityNumberFirstRules[] = {kEndPop, is('x', EntityHexFirst), is('X', EntityHexFirst), on(Digit, EntityNumber), kPop};
constexpr Rule kEntityHexFirstRules[] = {kEndPop, on(HexDigit, EntityHex), kPop};
constexpr Rule kEntityNumberRules[] = {kEndPop, on(Digit, EntityNumber), is(';', EntityEnd), kPop};
constexpr Rule kEntityHexRules[] = {kEndPop, on(HexDigit, EntityHex), is(';', EntityEnd), kPop};
constexpr Rule kEntityEndRules[] = {found(kEntity, Clear)};
constexpr Rule kTagFirstRules[] = {kEndPop, is('/', TagCloseFirst, Push), is('!', CommentFirst, Push), is('?', XmlBegin, Push),
                                   on(AsciiLetter, TagName, Push), is(':', TagName, Push), is('_', TagName, Push), kPop};
constexpr Rule kXmlBeginRules[] = {kEndPop, is('x', Tag), is('X', Tag), kPop};
constexpr Rule kTagCloseFirstRules[] = {kEndPop, on(AsciiLetter, TagName), kPop};
constexpr Rule kTagNameRules[] = {kEndPop, is('/', TagBeginEnd), is('>', TagEnd, Next, Tags), {Blank, 0, Next, Tag, kNoToken, Tags},
                                  on(LetterOrDigit, Same), is(':', Same), is('_', Same), is('.', Same), is('-', Same), kPop};
constexpr Rule kTagBeginEndRules[] = {kEndPop, is('>', TagEnd), kPop};
constexpr Rule kTagRules[] = {kEndPop, is('>', TagEnd, Next, Tags), is('\'', TagQuote), is('"', TagDoubleQuote), on(AsciiLetter, Same),
                              on(Digit, Same), is('=', Same), is('-', Same), is('_', Same), is('#', Same), is('/', Same), is(':', Same),
                              is('.', Same), is('&', Same), is('?', Same), is('%', Same), is('~', Same),
                              {Blank, 0, Next, Same, kNoToken, Tags}, kPop};
constexpr Rule kTagQuoteRules[] = {kEndPop, is('\\', TagBackslash, Push), is('\'', Tag), on(Any, TagQuote)};
constexpr Rule kTagDoubleQuoteRules[] = {kEndPop, is('\\', TagBackslash, Push), is('"', Tag), on(Any, TagDoubleQuote)};
constexpr Rule kTagBackslashRules[] = {kEndPop, on(Any, Same, Merge)};
constexpr Rule kTagEndRules[] = {found(kTag, ClearAll)};
constexpr Rule kCommentFirstRules[] = {kEndPop, is('-', CommentSecond), is('D', Tag), is('d', Tag), kPop};
constexpr Rule kCommentSecondRules[] = {kEndPop, is('-', Comment), kPop};
constexpr Rule kCommentRules[] = {kEndPop, is('-', CommentClose), on(Any, Same)};
constexpr Rule kCommentCloseRules[] = {kEndPop, is('-', CommentCloseLast), on(Any, Comment)};
constexpr Rule kCommentCloseLastRules[] = {kEndPop, is('-', Same), is('>', CommentEnd), on(Any, Comment)};
constexpr Rule kCommentEndRules[] = {found(kTag, ClearAll)};
constexpr Rule kHostDomainFirstRules[] = {kEndPop, on(AsciiLetter, HostDomainSecond), on(Digit, Host), kPop};
constexpr Rule kHostDomainSecondRules[] = {kEndPop, on(AsciiLetter, HostDomain), on(Digit, Host, Push), is('-', HostFirst, Push),
                                           is('_', HostFirst, Push), is('.', HostDomainFirst, Push), is('@', Email, Push), kPop};
constexpr Rule kHostDomainRules[] = {end_found(kHost, ClearAll), on(AsciiLetter, HostDomain), on(Digit, Host, Push), is(':', PortFirst, Push),
                                     is('-', HostFirst, Push), is('_', HostFirst, Push), is('.', HostDomainFirst, Push),
                                     is('@', Email, Push), on(Digit, Same, Pop), {StopsHost, 0, Found | ClearAll, UrlPathStart, kHost},
                                     is('/', Url, Push), found(kHost, ClearAll)};
constexpr Rule kPortFirstRules[] = {kEndPop, on(Digit, Port), kPop};
constexpr Rule kPortRules[] = {end_found(kHost, ClearAll), on(Digit, Port), {StopsHost, 0, Found | ClearAll, UrlPathStart, kHost},
                               is('/', Url, Push), found(kHost, ClearAll)};
constexpr Rule kHostFirstRules[] = {kEndPop, on(Digit, Host), on(AsciiLetter, Host), kPop};
constexpr Rule kHostRules[] = {kEndPop, on(Digit, Host), on(AsciiLetter, Host), is('@', Email, Push), is('.', HostDomainFirst, Push),
                               is('-', HostFirst, Push), is('_', HostFirst, Push), kPop};
constexpr Rule kEmailRules[] = {on(StopsHost, Same, Pop), {HostFollows, 0, Found | ClearAll, Base, kEmail}, kPop};
constexpr Rule kFileFirstRules[] = {kEndPop, on(AsciiLetter, File), on(Digit, File), is('.', PathFirst), is('_', File), is('~', FileTwiddle), kPop};
constexpr Rule kFileTwiddleRules[] = {kEndPop, on(AsciiLetter, File), on(Digit, File), is('_', File), is('/', FileFirst), kPop};
constexpr Rule kPathFirstRules[] = {kEndPop, on(AsciiLetter, File), on(Digit, File), is('_', File), is('.', PathSecond), is('/', FileFirst), kPop};
constexpr Rule kPathFirstFirstRules[] = {kEndPop, is('.', PathSecond), is('/', FileFirst), kPop};
constexpr Rule kPathSecondRules[] = {end_found(kFile, Clear), is('/', FileFirst, Push), {Is, '/', Found | Clear, Base, kFile},
                                     {Blank, 0, Found | Clear, Base, kFile}, kPop};
constexpr Rule kFileRules[] = {end_found(kFile), on(AsciiLetter, File), on(Digit, File), is('.', FileNext, Push), is('_', File),
                               is('-', File), is('/', FileFirst, Push), found(kFile)};
constexpr Rule kFileNextRules[] = {kEndPop, on(AsciiLetter, File, Clear), on(Digit, File, Clear), is('_', File, Clear), kPop};
constexpr Rule kUrlPathFirstRules[] = {kEndPop, on(UrlCharacter, UrlPath), kPop};
constexpr Rule kUrlPathStartRules[] = {on(Any, UrlPath)};
constexpr Rule kUrlPathRules[] = {end_found(kUrlPath), on(UrlCharacter, UrlPath), found(kUrlPath)};
constexpr Rule kUrlRules[] = {kEndPop, {PathFollows, 0, Found | ClearAll, Base, kUrl, BackForUrl}, kPop};
constexpr Rule kProtocolFirstRules[] = {kEndPop, is('/', ProtocolSecond), kPop};
constexpr Rule kProtocolSecondRules[] = {kEndPop, is('/', ProtocolEnd), kPop};
constexpr Rule kProtocolEndRules[] = {found(kProtocol, ClearAll)};
constexpr Rule kHyphenAsciiFirstRules[] = {kEndPop, on(AsciiLetter, HyphenAscii), on(Letter, HyphenWord), on(Digit, HyphenDigits), kPop};
constexpr Rule kHyphenAsciiRules[] = {end_found(kAsciiHword, ClearAll, ParseHyphen, BackForHyphen), on(AsciiLetter, HyphenAscii),
                                      on(Letter, HyphenWord), on(Special, HyphenWord), on(Digit, HyphenNum),
                                      is('-', HyphenAsciiFirst, Push), found(kAsciiHword, ClearAll, ParseHyphen, BackForHyphen)};
constexpr Rule kHyphenWordFirstRules[] = {kEndPop, on(Letter, HyphenWord), on(Digit, HyphenDigits), kPop};
constexpr Rule kHyphenWordRules[] = {end_found(kHword, ClearAll, ParseHyphen, BackForHyphen), on(Letter, HyphenWord), on(Special, HyphenWord),
                                     on(Digit, HyphenNum), is('-', HyphenWordFirst, Push),
                                     found(kHword, ClearAll, ParseHyphen, BackForHyphen)};
constexpr Rule kHyphenNumFirstRules[] = {kEndPop, on(Letter, HyphenNum), on(Digit, HyphenDigits), kPop};
constexpr Rule kHyphenNumRules[] = {end_found(kNumHword, ClearAll, ParseHyphen, BackForHyphen), on(LetterOrDigit, HyphenNum),
                                    on(Special, HyphenNum), is('-', HyphenNumFirst, Push),
                                    found(kNumHword, ClearAll, ParseHyphen, BackForHyphen)};
constexpr Rule kHyphenDigitsRules[] = {kEndPop, on(Digit, HyphenDigits), on(Letter, HyphenNum), on(Special, HyphenNum), kPop};
constexpr Rule kParseHyphenRules[] = {on(End, Base, Rerun), on(AsciiLetter, PartAscii), on(Letter, PartWord), on(Digit, PartUnsigned, Push),
                                      is('-', ParseHyphenHyphen, Push), on(Any, Base, Rerun)};
constexpr Rule kParseHyphenHyphenRules[] = {kEndPop, {LetterOrDigit, 0, Found | Clear, ParseHyphen, kBlank},
                                            {Special, 0, Found | Clear, ParseHyphen, kBlank}, kPop};
constexpr Rule kPartWordRules[] = {end_found(kPartHword), on(Letter, PartWord), on(Special, PartWord), on(Digit, PartNum),
                                   found(kPartHword, 0, ParseHyphen)};
constexpr Rule kPartAsciiRules[] = {end_found(kAsciiPartHword), on(AsciiLetter, Same), on(Letter, PartWord), on(Special, PartWord),
                                    on(Digit, PartNum), found(kAsciiPartHword, 0, ParseHyphen)};
constexpr Rule kPartNumRules[] = {end_found(kNumPartHword), on(LetterOrDigit, Same), on(Special, Same), found(kNumPartHword, 0, ParseHyphen)};
constexpr Rule kPartUnsignedRules[] = {kEndPop, on(Digit, Same), on(Letter, PartNum, Clear), on(Special, PartNum, Clear), kPop};

constexpr const Rule* kRules[kStates] = {
    nullptr, kBase, kNumWordRules, kAsciiWordRules, kWordRules, kUnsignedRules, kSignedFirstRules, kSignedRules, kSpaceRules,
    kUDecimalFirstRules, kUDecimalRules, kDecimalFirstRules, kDecimalRules, kVersionBackRules, kVersionSignRules, kVersionFirstRules,
    kVersionRules, kMantissaFirstRules, kMantissaSignRules, kMantissaRules, kEntityFirstRules, kEntityRules, kEntityNumberFirstRules,
    kEntityNumberRules, kEntityHexFirstRules, kEntityHexRules, kEntityEndRules, kTagFirstRules, kXmlBeginRules, kTagCloseFirstRules,
    kTagNameRules, kTagBeginEndRules, kTagRules, kTagQuoteRules, kTagDoubleQuoteRules, kTagBackslashRules, kTagEndRules,
    kCommentFirstRules, kCommentSecondRules, kCommentRules, kCommentCloseRules, kCommentCloseLastRules, kCommentEndRules,
    kHostDomainFirstRules, kHostDomainSecondRules, kHostDomainRules, kPortFirstRules, kPortRules, kHostFirstRules, kHostRules, kEmailRules,
    kFileFirstRules, kFileTwiddleRules, kPathFirstRules, kPathFirstFirstRules, kPathSecondRules, kFileRules, kFileNextRules,
    kUrlPathFirstRules, kUrlPathStartRules, kUrlPathRules, kUrlRules, kProtocolFirstRules, kProtocolSecondRules, kProtocolEndRules,
    kHyphenAsciiFirstRules, kHyphenAsciiRules, kHyphenWordFirstRules, kHyphenWordRules, kHyphenNumFirstRules, kHyphenNumRules,
    kHyphenDigitsRules, kParseHyphenRules, kParseHyphenHyphenRules, kPartWordRules, kPartAsciiRules, kPartNumRules, kPartUnsignedRules};

// Combining characters of no width of their own, and the spacing marks: parts of words that are not letters.
bool is_special(char32_t c) {
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_COMBINING_SPACING_MARK: return true;
    case U_FORMAT_CHAR: return c != 0xad;
    default: return false;
  }
}

}  // namespace

const TokenType& token_type(int type) { return kTypes[type - 1]; }

int find_token_type(std::string_view alias) {
  for (int type = 1; type <= kTokenTypes; ++type) {
    if (alias == token_type(type).alias) return type;
  }
  return 0;
}

class TextParser::Machine {
 public:
  explicit Machine(std::string_view text) : text_(text) { places_.push_back({}); }

  bool next() {
    if (here().at >= text_.size()) return false;
    token_at_ = here().at;
    here().resume = nullptr;
    const Rule* rule = nullptr;
    while (here().at <= text_.size()) {
      here().size = here().at == text_.size() ? 0 : types::utf8_bytes(text_[here().at]);
      rule = here().resume != nullptr ? here().resume + 1 : kRules[here().state];
      while (!holds(*rule)) ++rule;
      here().resume = nullptr;
      apply(rule->effect);
      if ((rule->action & Found) != 0) {
        type_ = rule->type;
        token_size_ = here().token_size;
        token_characters_ = here().token_characters;
        here().token_size = here().token_characters = 0;
      }
      move_stack(*rule);
      if (rule->to != Same) here().state = rule->to;
      if ((rule->action & Found) != 0 || (here().at >= text_.size() && (rule->action & Rerun) == 0)) break;
      if ((rule->action & (Rerun | Pop)) != 0) continue;
      here().at += here().size;
      here().token_size += here().size;
      if (here().size > 0) ++here().token_characters;
    }
    return rule != nullptr && (rule->action & Found) != 0;
  }
  Token type() const { return type_; }
  std::string_view token() const { return text_.substr(token_at_, token_size_); }

 private:
  struct Place {
    size_t at = 0;
    size_t size = 0;  // of the character there
    size_t token_size = 0;
    size_t token_characters = 0;
    State state = Base;
    const Rule* resume = nullptr;  // the rule that left this place
  };
  Place& here() { return places_.back(); }

  bool holds(const Rule& rule) {
    const Place& place = here();
    bool ascii = place.size == 1;
    auto byte = static_cast<unsigned char>(ascii ? text_[place.at] : 0);
    switch (rule.test) {
      case Any: return true;
      case End: return place.size == 0;
      case Is: return ascii && text_[place.at] == rule.c;
      case Ignore: return ignore_;
      case AsciiLetter: return ascii && isalpha(byte);
      case Letter: return ascii ? isalpha(byte) != 0 : place.size > 0 && is_letter();
      case Digit: return ascii && isdigit(byte);
      case HexDigit: return ascii && isxdigit(byte);
      case LetterOrDigit: return ascii ? isalnum(byte) != 0 : place.size > 0 && is_letter();
      case NotLetterOrDigit: return ascii ? isalnum(byte) == 0 : place.size > 0 && !is_letter();
      case Blank: return ascii ? isspace(byte) != 0 : place.size > 0 && is_blank();
      case Special: return place.size > 1 && is_special(decode());
      case UrlCharacter: return ascii && byte > 0x20 && byte < 0x7f && std::strchr("\"<>\\^`{|}", byte) == nullptr;
      case StopsHost: {
        bool wanted = wants_host_;
        wants_host_ = false;
        return wanted;
      }
      case HostFollows: return follows(kHost, Base, true);
      case PathFollows: return follows(kUrlPath, UrlPathFirst, false);
    }
    return false;
  }

  char32_t decode() {
    size_t at = here().at;
    return types::utf8_decode(text_, at);
  }
  bool is_letter() {
    auto c = static_cast<UChar32>(decode());
    // The C library's idea of letters: what has no case and is no digit of ASCII is a letter too, when it is a number.
    return u_isalpha(c) || u_charType(c) == U_LETTER_NUMBER || u_charType(c) == U_DECIMAL_DIGIT_NUMBER;
  }
  bool is_blank() {
    char32_t c = decode();
    return c == 0x1680 || (c >= 0x2000 && c <= 0x200a && c != 0x2007) || c == 0x2028 || c == 0x2029 || c == 0x205f || c == 0x3000;
  }

  // Reads on with a machine of its own, and goes behind what it found.
  bool follows(Token wanted, State from, bool wants_host) {
    if (depth_ > 200) return false;
    Machine ahead(text_.substr(here().at));
    ahead.depth_ = depth_ + 1;
    ahead.here().state = from;
    if (from != Base) ahead.places_.insert(ahead.places_.begin(), Place());
    ahead.wants_host_ = wants_host;
    if (!ahead.next() || ahead.type_ != wanted) return false;
    Place& place = here();
    place.at += ahead.token_size_;
    place.token_size += ahead.token_size_;
    place.token_characters += ahead.token_characters_;
    place.size = ahead.here().size;
    return true;
  }

  void apply(Effect effect) {
    switch (effect) {
      case None: return;
      case Tags: return follow_tag();
      case BackForUrl:
        wants_host_ = true;
        here().at -= here().token_size;
        return;
      case BackForHyphen: here().at -= here().token_size; return;
      case BackForVersion:
        here().at -= here().token_size;
        here().token_size = here().token_characters = 0;
        return;
    }
  }

  // What stands between <script> and </script>, <style> and </style> is not text.
  void follow_tag() {
    auto is = [&](const char* name) {
      size_t size = std::strlen(name);
      return here().token_characters == size && strncasecmp(text_.data() + token_at_, name, size) == 0;
    };
    if (is("</script") || is("</style")) ignore_ = false;
    if (is("<script") || is("<style")) ignore_ = true;
  }

  void move_stack(const Rule& rule) {
    if ((rule.action & Pop) != 0) {
      places_.pop_back();
    } else if ((rule.action & Push) != 0) {
      here().resume = &rule;
      places_.push_back(here());
      here().resume = nullptr;
    } else if ((rule.action & Clear) != 0) {
      places_.erase(places_.end() - 2);
    } else if ((rule.action & ClearAll) != 0) {
      places_.erase(places_.begin(), places_.end() - 1);
    } else if ((rule.action & Merge) != 0) {
      Place last = here();
      places_.pop_back();
      here().at = last.at;
      here().size = last.size;
      here().token_size = last.token_size;
      here().token_characters = last.token_characters;
    }
  }

  std::string_view text_;
  std::vector<Place> places_;
  bool ignore_ = false;
  bool wants_host_ = false;
  int depth_ = 0;
  size_t token_at_ = 0;
  size_t token_size_ = 0;
  size_t token_characters_ = 0;
  Token type_ = kNoToken;
};

TextParser::TextParser(std::string_view text) : machine_(std::make_unique<Machine>(text)) {}
TextParser::~TextParser() = default;

bool TextParser::next(Token& type, std::string_view& token) {
  if (!machine_->next()) return false;
  type = machine_->type();
  token = machine_->token();
  return true;
}

}  // namespace aegis::functions::text_search
