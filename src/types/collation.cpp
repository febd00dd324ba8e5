#include "aegis/types/collation.h"

#include <locale.h>
#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/ucol.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "aegis/base/error.h"

namespace aegis::types {
namespace {

constexpr Oid kFirstImported = 12342;  // PostgreSQL's initdb gives numbers from here on

int order_of_bytes(std::string_view a, std::string_view b) {
  int order = a.compare(b);
  return order < 0 ? -1 : order > 0;
}

[[noreturn]] void no_locale(const std::string& locale, UErrorCode status) {
  throw SqlError(Sqlstate::InvalidParameterValue, "could not open collator for locale \"" + locale + "\": " + u_errorName(status));
}

std::u16string to_utf16(std::string_view text) {
  std::u16string wide(text.size(), u'\0');  // never longer than the bytes
  int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strFromUTF8WithSub(wide.data(), static_cast<int32_t>(wide.size()), &length, text.data(), static_cast<int32_t>(text.size()), 0xfffd, nullptr, &status);
  wide.resize(static_cast<size_t>(length));
  return wide;
}

class IcuCollator : public Collator {
 public:
  explicit IcuCollator(const CollationInfo& info) : Collator(info.deterministic) {
    UErrorCode status = U_ZERO_ERROR;
    // A language that ICU does not know falls back to the root; what is no locale at all is an error.
    collator_.reset(ucol_open(info.icu_locale.c_str(), &status));
    if (U_FAILURE(status)) no_locale(info.icu_locale, status);
    status = U_ZERO_ERROR;
    cases_.reset(ucasemap_open(info.icu_locale.c_str(), 0, &status));
    if (U_FAILURE(status)) no_locale(info.icu_locale, status);
  }

  int compare(std::string_view a, std::string_view b) const override {
    UErrorCode status = U_ZERO_ERROR;
    int order = ucol_strcollUTF8(collator_.get(), a.data(), static_cast<int32_t>(a.size()), b.data(), static_cast<int32_t>(b.size()), &status);
    return order != 0 || !deterministic() ? order : order_of_bytes(a, b);
  }

  void append_sort_key(std::string_view text, std::string& out) const override {
    std::u16string wide = to_utf16(text);
    size_t start = out.size();
    out.resize(start + text.size() * 2 + 16);
    auto fill = [&] {
      return ucol_getSortKey(collator_.get(), wide.data(), static_cast<int32_t>(wide.size()), reinterpret_cast<uint8_t*>(out.data() + start),
                             static_cast<int32_t>(out.size() - start));
    };
    int32_t length = fill();
    if (start + static_cast<size_t>(length) > out.size()) {
      out.resize(start + static_cast<size_t>(length));
      fill();
    }
    out.resize(start + static_cast<size_t>(length));  // ends in a zero byte, and has no other
    if (deterministic()) out += text;
  }

  std::string lower(std::string_view text) const override { return map(text, ucasemap_utf8ToLower); }
  std::string upper(std::string_view text) const override { return map(text, ucasemap_utf8ToUpper); }
  std::string capitalize(std::string_view text) const override {
    // Titlecasing keeps state in the map, so each call has its own.
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<UCaseMap, CloseCases> own(ucasemap_open(ucasemap_getLocale(cases_.get()), 0, &status));
    return map(text, [&](const UCaseMap*, char* out, int32_t room, const char* in, int32_t length, UErrorCode* result) {
      return ucasemap_utf8ToTitle(own.get(), out, room, in, length, result);
    });
  }

  std::string version() const override {
    UVersionInfo version;
    char text[U_MAX_VERSION_STRING_LENGTH];
    ucol_getVersion(collator_.get(), version);
    u_versionToString(version, text);
    return text;
  }

 private:
  struct CloseCollator {
    void operator()(UCollator* c) const { ucol_close(c); }
  };
  struct CloseCases {
    void operator()(UCaseMap* c) const { ucasemap_close(c); }
  };

  template <typename F>
  std::string map(std::string_view text, F&& function) const {
    std::string out(text.size() + 16, '\0');
    for (;;) {
      UErrorCode status = U_ZERO_ERROR;
      int32_t length = function(cases_.get(), out.data(), static_cast<int32_t>(out.size()), text.data(), static_cast<int32_t>(text.size()), &status);
      bool fits = static_cast<size_t>(length) <= out.size();
      out.resize(static_cast<size_t>(length));
      if (fits) return out;
    }
  }

  std::unique_ptr<UCollator, CloseCollator> collator_;
  std::unique_ptr<UCaseMap, CloseCases> cases_;
};

class LibraryCollator : public Collator {
 public:
  explicit LibraryCollator(const CollationInfo& info) : Collator(true) {
    locale_ = newlocale(LC_COLLATE_MASK, info.collate.c_str(), nullptr);
    if (locale_ != nullptr) locale_ = newlocale(LC_CTYPE_MASK, info.ctype.c_str(), locale_);
    if (locale_ == nullptr) {
      throw SqlError(Sqlstate::UndefinedFile, "could not create locale \"" + info.collate + "\": " + strerror(ENOENT))
          .detail("The operating system could not find any locale data for the locale name \"" + info.collate + "\".");
    }
    // The letters' case follows the locale's language, which ICU knows by the same name.
    CollationInfo cases = info;
    cases.icu_locale = info.ctype.substr(0, info.ctype.find('.'));
    cases_ = std::make_unique<IcuCollator>(cases);
  }
  ~LibraryCollator() override {
    if (locale_ != nullptr) freelocale(locale_);
  }

  int compare(std::string_view a, std::string_view b) const override {
    int order = strcoll_l(std::string(a).c_str(), std::string(b).c_str(), locale_);
    return order != 0 ? (order < 0 ? -1 : 1) : order_of_bytes(a, b);
  }
  void append_sort_key(std::string_view text, std::string& out) const override {
    std::string copy(text);
    size_t start = out.size();
    size_t length = strxfrm_l(nullptr, copy.c_str(), 0, locale_);
    out.resize(start + length + 1);
    strxfrm_l(out.data() + start, copy.c_str(), length + 1, locale_);
    out += text;
  }
  std::string lower(std::string_view text) const override { return cases_->lower(text); }
  std::string upper(std::string_view text) const override { return cases_->upper(text); }
  std::string capitalize(std::string_view text) const override { return cases_->capitalize(text); }
  std::string version() const override { return {}; }

 private:
  locale_t locale_ = nullptr;
  std::unique_ptr<IcuCollator> cases_;
};

bool is_byte_locale(std::string_view name) { return name == "C" || name == "POSIX" || name == "C.UTF-8" || name == "C.utf8"; }

bool orders_bytes(const CollationInfo& info) { return info.provider == 'c' && is_byte_locale(info.collate); }

std::vector<CollationInfo> import_collations() {
  std::vector<CollationInfo> all{{kDefaultCollation, "default", 'd', true, -1, "", "", ""},
                                 {kCCollation, "C", 'c', true, -1, "C", "C", ""},
                                 {kPosixCollation, "POSIX", 'c', true, -1, "POSIX", "POSIX", ""},
                                 {12340, "ucs_basic", 'c', true, 6, "C", "C", ""},
                                 {12341, "C.utf8", 'c', true, 6, "C.utf8", "C.utf8", ""}};
  Oid next = kFirstImported;
  auto add = [&](const char* locale) {
    char tag[ULOC_FULLNAME_CAPACITY];
    UErrorCode status = U_ZERO_ERROR;
    uloc_toLanguageTag(locale, tag, sizeof tag, true, &status);
    if (U_FAILURE(status)) return;
    all.push_back({next++, std::string(tag) + "-x-icu", 'i', true, -1, "", "", tag});
  };
  add("");
  for (int32_t i = 0; i < uloc_countAvailable(); ++i) add(uloc_getAvailable(i));
  return all;
}

struct Entry {
  CollationInfo info;
  std::once_flag opened;
  std::shared_ptr<const Collator> collator;
};

struct Registry {
  std::shared_mutex mutex;
  std::unordered_map<Oid, std::unique_ptr<Entry>> entries;
  std::map<std::string, Oid> databases;  // by provider and locale
  Oid next_database = 2;                 // numbers that no object has

  Registry() {
    for (const auto& info : built_in_collations()) add(info);
  }
  void add(const CollationInfo& info) {
    auto& entry = entries[info.oid];
    entry = std::make_unique<Entry>();
    entry->info = info;
  }
};

Registry& registry() {
  static Registry& one = *new Registry;
  return one;
}

Entry* find_entry(Oid collation) {
  Registry& all = registry();
  std::shared_lock lock(all.mutex);
  auto found = all.entries.find(collation);
  return found == all.entries.end() ? nullptr : found->second.get();
}

// The collation that `collation` stands for.
Oid resolve(Oid collation, const TypeContext& context) { return collation == kDefaultCollation ? context.database_collation : collation; }

}  // namespace

const std::vector<CollationInfo>& built_in_collations() {
  static const std::vector<CollationInfo>& all = *new std::vector<CollationInfo>(import_collations());
  return all;
}

const CollationInfo* find_collation(Oid collation) {
  Entry* entry = find_entry(collation);
  return entry == nullptr ? nullptr : &entry->info;
}

void register_collation(const CollationInfo& collation) {
  Registry& all = registry();
  std::unique_lock lock(all.mutex);
  if (!all.entries.contains(collation.oid)) all.add(collation);
}

std::shared_ptr<const Collator> open_collator(const CollationInfo& collation) {
  if (orders_bytes(collation)) return nullptr;
  if (collation.provider == 'i') return std::make_shared<IcuCollator>(collation);
  return std::make_shared<LibraryCollator>(collation);
}

const Collator* collator(Oid collation, const TypeContext& context) {
  collation = resolve(collation, context);
  if (collation == kInvalidOid || collation == kCCollation) return nullptr;
  if (collation == kIndeterminateCollation) {
    throw SqlError(Sqlstate::IndeterminateCollation, "could not determine which collation to use for string comparison")
        .hint("Use the COLLATE clause to set the collation explicitly.");
  }
  Entry* entry = find_entry(collation);
  if (entry == nullptr) return nullptr;
  std::call_once(entry->opened, [&] { entry->collator = open_collator(entry->info); });
  return entry->collator.get();
}

bool orders_by_bytes(Oid collation, const TypeContext& context) {
  collation = resolve(collation, context);
  if (collation == kInvalidOid || collation == kCCollation) return true;
  if (collation == kIndeterminateCollation) return false;
  Entry* entry = find_entry(collation);
  return entry == nullptr || orders_bytes(entry->info);
}

bool is_deterministic(Oid collation) {
  if (collation == kInvalidOid || collation == kDefaultCollation || collation == kCCollation) return true;
  const CollationInfo* info = find_collation(collation);
  return info == nullptr || info->deterministic;
}

bool is_ascii_only(Oid collation, const TypeContext& context) {
  collation = resolve(collation, context);
  if (collation == kInvalidOid) return false;
  const CollationInfo* info = find_collation(collation);
  return info != nullptr && info->provider == 'c' && (info->ctype == "C" || info->ctype == "POSIX");
}

Oid database_collation(char provider, const std::string& collate, const std::string& icu_locale) {
  if (provider != 'i' && (collate == "C.UTF-8" || collate == "C.utf8")) return kInvalidOid;
  if (provider != 'i' && (collate == "C" || collate == "POSIX")) return kCCollation;
  Registry& all = registry();
  std::unique_lock lock(all.mutex);
  Oid& known = all.databases[provider + (provider == 'i' ? icu_locale : collate)];
  if (known == kInvalidOid) {
    known = all.next_database++;
    CollationInfo info{known, "default", provider, true, -1, collate, collate, icu_locale};
    all.add(info);
  }
  return known;
}

}  // namespace aegis::types
