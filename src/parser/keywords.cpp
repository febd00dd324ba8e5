#include "aegis/parser/keywords.h"

#include <array>

namespace aegis::parser {
namespace {

constexpr Keyword kKeywords[] = {
#define AEGIS_KEYWORD(token, word, category, bare) {word, KeywordCategory::category, bare},
#include "aegis/base/keywords.def"
#undef AEGIS_KEYWORD
};
constexpr size_t kKeywordCount = std::size(kKeywords);
constexpr size_t kSlotCount = 2048;
constexpr size_t kLongestKeyword = 32;

constexpr uint32_t hash_word(std::string_view word) {
  uint32_t h = 2166136261u;
  for (char c : word) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h ^ (h >> 15);
}

// Open addressing; a slot holds the keyword's position plus one.
constexpr std::array<uint16_t, kSlotCount> make_slots() {
  std::array<uint16_t, kSlotCount> slots{};
  for (size_t i = 0; i < kKeywordCount; ++i) {
    size_t at = hash_word(kKeywords[i].word) % kSlotCount;
    while (slots[at] != 0) at = (at + 1) % kSlotCount;
    slots[at] = static_cast<uint16_t>(i + 1);
  }
  return slots;
}
constexpr std::array<uint16_t, kSlotCount> kSlots = make_slots();

bool is_plain_identifier(std::string_view name) {
  if (name.empty()) return false;
  if (!((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_')) return false;
  for (char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return true;
}

}  // namespace

std::span<const Keyword> keywords() { return kKeywords; }

const Keyword* find_keyword(std::string_view word) {
  if (word.empty() || word.size() > kLongestKeyword) return nullptr;
  for (size_t at = hash_word(word) % kSlotCount; kSlots[at] != 0; at = (at + 1) % kSlotCount) {
    const Keyword& keyword = kKeywords[kSlots[at] - 1];
    if (keyword.word == word) return &keyword;
  }
  return nullptr;
}

std::string quote_identifier(std::string_view identifier) {
  if (is_plain_identifier(identifier)) {
    const Keyword* keyword = find_keyword(identifier);
    if (keyword == nullptr || keyword->category == KeywordCategory::Unreserved)
      return std::string(identifier);
  }
  std::string quoted = "\"";
  for (char c : identifier) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  quoted += '"';
  return quoted;
}

}  // namespace aegis::parser
