// unaccent: letters without their accents, by ICU's transliterator.
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <memory>

#include "aegis/base/error.h"
#include "call.h"
#include "extension/bindings.h"

namespace aegis::functions {
namespace {

std::string unaccent(Text text) {
  static thread_local std::unique_ptr<icu::Transliterator> transliterator;
  if (transliterator == nullptr) {
    UErrorCode status = U_ZERO_ERROR;
    transliterator.reset(icu::Transliterator::createInstance("NFD; [:Nonspacing Mark:] Remove; NFC; Latin-ASCII", UTRANS_FORWARD, status));
    if (U_FAILURE(status)) throw SqlError(Sqlstate::InternalError, "ICU has no transliterator for accents");
  }
  auto characters = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  transliterator->transliterate(characters);
  std::string out;
  characters.toUTF8String(out);
  return out;
}

constexpr ScalarBinding kBindings[] = {{"unaccent_text", kernel<unaccent>}};

}  // namespace

std::span<const ScalarBinding> unaccent_bindings() { return kBindings; }

}  // namespace aegis::functions
