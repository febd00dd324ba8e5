// convert() and its kin. The C library converts, in steps over UTF-8 as PostgreSQL's functions do.
#include "aegis/functions/conversion.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace {

constexpr Encoding kEncodings[] = {
    {0, "SQL_ASCII", nullptr},         {1, "EUC_JP", "EUC-JP"},          {2, "EUC_CN", "GB2312"},
    {3, "EUC_KR", "EUC-KR"},           {4, "EUC_TW", "EUC-TW"},          {5, "EUC_JIS_2004", "EUC-JISX0213"},
    {6, "UTF8", "UTF-8"},              {7, "MULE_INTERNAL", nullptr},    {8, "LATIN1", "ISO-8859-1"},
    {9, "LATIN2", "ISO-8859-2"},       {10, "LATIN3", "ISO-8859-3"},     {11, "LATIN4", "ISO-8859-4"},
    {12, "LATIN5", "ISO-8859-9"},      {13, "LATIN6", "ISO-8859-10"},    {14, "LATIN7", "ISO-8859-13"},
    {15, "LATIN8", "ISO-8859-14"},     {16, "LATIN9", "ISO-8859-15"},    {17, "LATIN10", "ISO-8859-16"},
    {18, "WIN1256", "CP1256"},         {19, "WIN1258", "CP1258"},        {20, "WIN866", "CP866"},
    {21, "WIN874", "CP874"},           {22, "KOI8R", "KOI8-R"},          {23, "WIN1251", "CP1251"},
    {24, "WIN1252", "CP1252"},         {25, "ISO_8859_5", "ISO-8859-5"}, {26, "ISO_8859_6", "ISO-8859-6"},
    {27, "ISO_8859_7", "ISO-8859-7"},  {28, "ISO_8859_8", "ISO-8859-8"}, {29, "WIN1250", "CP1250"},
    {30, "WIN1253", "CP1253"},         {31, "WIN1254", "CP1254"},        {32, "WIN1255", "CP1255"},
    {33, "WIN1257", "CP1257"},         {34, "KOI8U", "KOI8-U"},          {35, "SJIS", "CP932"},
    {36, "BIG5", "BIG5"},              {37, "GBK", "GBK"},               {38, "UHC", "UHC"},
    {39, "GB18030", "GB18030"},        {40, "JOHAB", "JOHAB"},           {41, "SHIFT_JIS_2004", "SHIFT_JISX0213"},
};

struct Spelling {
  std::string_view name;
  int32_t number;
};
// Without punctuation and in lower case, besides the names themselves.
constexpr Spelling kSpellings[] = {
    {"unicode", 6},   {"abc", 19},      {"alt", 20},      {"win", 23},       {"tcvn", 19},     {"tcvn5712", 19}, {"vscii", 19},   {"koi8", 22},
    {"iso88591", 8},  {"iso88592", 9},  {"iso88593", 10}, {"iso88594", 11},  {"iso88599", 12}, {"iso885910", 13}, {"iso885913", 14},
    {"iso885914", 15}, {"iso885915", 16}, {"iso885916", 17}, {"mskanji", 35}, {"shiftjis", 35}, {"windows932", 35}, {"win932", 35},
    {"win950", 36},   {"windows950", 36}, {"win936", 37}, {"windows936", 37}, {"win949", 38},  {"windows949", 38}, {"windows1250", 29},
    {"windows1251", 23}, {"windows1252", 24}, {"windows1253", 30}, {"windows1254", 31}, {"windows1255", 32}, {"windows1256", 18},
    {"windows1257", 33}, {"windows1258", 19}, {"windows866", 20}, {"windows874", 21},
};

constexpr Conversion kConversions[] = {
#define AEGIS_CONVERSION(oid, name, source, target, function) {oid, name, source, target, function},
#include "conversions.def"
#undef AEGIS_CONVERSION
};

std::string plain(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c))) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (char c : bytes) text += fmt::format("{}0x{:02x}", text.empty() ? "" : " ", static_cast<unsigned char>(c));
  return text;
}

// How many bytes a character has by its first one.
size_t length_of(const Encoding& encoding, std::string_view bytes) {
  auto first = static_cast<unsigned char>(bytes[0]);
  switch (encoding.number) {
    case 6: return types::utf8_bytes(bytes[0]);
    case 1:
    case 5: return first == 0x8e ? 2 : first == 0x8f ? 3 : first >= 0x80 ? 2 : 1;
    case 4: return first == 0x8e ? 4 : first == 0x8f ? 3 : first >= 0x80 ? 2 : 1;
    case 2:
    case 3:
    case 36:
    case 37:
    case 38:
    case 40: return first >= 0x80 ? 2 : 1;
    case 35:
    case 41: return first < 0x80 || (first >= 0xa1 && first <= 0xdf) ? 1 : 2;
    case 39: {
      if (first < 0x80) return 1;
      auto second = bytes.size() > 1 ? static_cast<unsigned char>(bytes[1]) : 0;
      return second >= 0x30 && second <= 0x39 ? 4 : 2;
    }
    default: return 1;
  }
}

[[noreturn]] void throw_invalid(const Encoding& encoding, std::string_view rest) {
  size_t count = std::min(rest.size(), std::max<size_t>(1, length_of(encoding, rest)));
  throw SqlError(Sqlstate::CharacterNotInRepertoire, fmt::format("invalid byte sequence for encoding \"{}\": {}", encoding.name, hex_of(rest.substr(0, count))));
}

[[noreturn]] void throw_untranslatable(const Encoding& source, const Encoding& target, std::string_view rest) {
  size_t count = std::min(rest.size(), std::max<size_t>(1, length_of(source, rest)));
  throw SqlError(Sqlstate::UntranslatableCharacter,
                 fmt::format("character with byte sequence {} in encoding \"{}\" has no equivalent in encoding \"{}\"", hex_of(rest.substr(0, count)),
                             source.name, target.name));
}

struct Closer {
  void operator()(void* handle) const { iconv_close(static_cast<iconv_t>(handle)); }
};

std::string run(const Encoding& source, const Encoding& target, std::string_view bytes) {
  iconv_t raw = iconv_open(target.converter, source.converter);
  if (raw == reinterpret_cast<iconv_t>(-1)) throw_not_supported(fmt::format("conversion between {} and {}", source.name, target.name));
  std::unique_ptr<void, Closer> handle(raw);
  std::string out(bytes.size() * 2 + 16, '\0');
  size_t used = 0;
  char* in = const_cast<char*>(bytes.data());
  size_t left = bytes.size();
  while (true) {
    char* to = out.data() + used;
    size_t room = out.size() - used;
    size_t result = iconv(raw, left > 0 ? &in : nullptr, &left, &to, &room);
    used = static_cast<size_t>(to - out.data());
    if (result != static_cast<size_t>(-1)) {
      if (left == 0) break;
      continue;
    }
    if (errno == E2BIG) {
      out.resize(out.size() * 2);
      continue;
    }
    throw_untranslatable(source, target, {in, left});
  }
  // The end of a stateful text.
  char* to = out.data() + used;
  size_t room = out.size() - used;
  if (room < 8) {
    out.resize(out.size() + 16);
    to = out.data() + used;
    room = out.size() - used;
  }
  iconv(raw, nullptr, nullptr, &to, &room);
  out.resize(static_cast<size_t>(to - out.data()));
  return out;
}

bool is_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<signed char>(c) > 0; });
}

}  // namespace

const Encoding* find_encoding(std::string_view name) {
  std::string wanted = plain(name);
  for (const Encoding& encoding : kEncodings) {
    if (plain(encoding.name) == wanted) return &encoding;
  }
  for (const Spelling& spelling : kSpellings) {
    if (spelling.name == wanted) return &kEncodings[spelling.number];
  }
  return nullptr;
}

const Encoding* find_encoding(int32_t number) {
  return number < 0 || static_cast<size_t>(number) >= std::size(kEncodings) ? nullptr : &kEncodings[number];
}

std::span<const Conversion> built_in_conversions() { return kConversions; }

const Conversion* find_conversion(std::string_view name) {
  auto found = std::find_if(std::begin(kConversions), std::end(kConversions), [&](const auto& c) { return c.name == name; });
  return found == std::end(kConversions) ? nullptr : found;
}

bool converts(Oid function, int32_t source, int32_t target) {
  bool known = false;
  for (const Conversion& conversion : kConversions) {
    if (conversion.function != function) continue;
    known = true;
    if (conversion.source == source && conversion.target == target) return true;
  }
  return !known && function >= kFirstNormalOid;
}

void verify_encoding(const Encoding& encoding, std::string_view bytes) {
  if (encoding.number == kUtf8Encoding) {
    size_t bad = std::min(types::utf8_find_invalid(bytes), bytes.find('\0'));
    if (bad != std::string_view::npos) throw_invalid(encoding, bytes.substr(bad));
    return;
  }
  for (size_t at = 0; at < bytes.size();) {
    std::string_view rest = bytes.substr(at);
    if (rest[0] == '\0') throw_invalid(encoding, rest);
    size_t count = length_of(encoding, rest);
    bool good = count <= rest.size();
    auto first = static_cast<unsigned char>(rest[0]);
    bool euc = encoding.number >= 1 && encoding.number <= 5;
    if (good && euc && first >= 0x80) {
      good = first == 0x8e || first == 0x8f || (first >= 0xa1 && first <= 0xfe);
      for (size_t i = 1; good && i < count; ++i) good = static_cast<unsigned char>(rest[i]) >= 0xa1 && static_cast<unsigned char>(rest[i]) <= 0xfe;
      if (first == 0x8e && encoding.number == 4) good = good && true;
    } else {
      for (size_t i = 1; good && i < count; ++i) good = rest[i] != '\0';
    }
    if (!good) throw_invalid(encoding, rest);
    at += count;
  }
}

std::string convert_encoding(const Encoding& source, const Encoding& target, std::string_view bytes) {
  verify_encoding(source, bytes);
  if (source.number == target.number || is_ascii(bytes)) return std::string(bytes);
  if (source.number == 0 || target.number == 0) {
    // Bytes of any kind; what they are is checked as the other one.
    if (target.number != 0) verify_encoding(target, bytes);
    return std::string(bytes);
  }
  bool known = std::any_of(std::begin(kConversions), std::end(kConversions), [&](const auto& c) { return c.source == source.number && c.target == target.number; });
  if (!known) {
    throw SqlError(Sqlstate::UndefinedFunction,
                   fmt::format("default conversion function for encoding \"{}\" to \"{}\" does not exist", source.name, target.name));
  }
  if (source.converter == nullptr || target.converter == nullptr) {
    throw_not_supported(fmt::format("conversion between {} and {}", source.name, target.name));
  }
  return run(source, target, bytes);
}

namespace {

const Encoding& named(Text name, const char* which) {
  const Encoding* found = find_encoding(name);
  if (found == nullptr) throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid {} encoding name \"{}\"", which, name));
  return *found;
}

const Encoding& utf8() { return kEncodings[kUtf8Encoding]; }

std::string convert_from(Call&, Text bytes, Text name) { return convert_encoding(named(name, "source"), utf8(), bytes); }

std::string convert_to(Call&, Text text, Text name) { return convert_encoding(utf8(), named(name, "destination"), text); }

std::string convert(Call&, Text bytes, Text from, Text to) {
  const Encoding& source = named(from, "source");
  return convert_encoding(source, named(to, "destination"), bytes);
}

int32_t length_in(Call&, Text bytes, Text name) {
  const Encoding* encoding = find_encoding(name);
  if (encoding == nullptr) throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid encoding name \"{}\"", name));
  verify_encoding(*encoding, bytes);
  int32_t count = 0;
  for (size_t at = 0; at < bytes.size(); at += length_of(*encoding, bytes.substr(at))) ++count;
  return count;
}

constexpr ScalarBinding kBindings[] = {
    {"pg_convert", kernel<convert>},
    {"pg_convert_to", kernel<convert_to>},
    {"pg_convert_from", kernel<convert_from>},
    {"length_in_encoding", kernel<length_in>},
};

}  // namespace

std::span<const ScalarBinding> conversion_bindings() { return kBindings; }

}  // namespace aegis::functions
