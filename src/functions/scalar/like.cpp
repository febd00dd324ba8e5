#include <cstring>

#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "pattern.h"
#include "unicode.h"

namespace aegis::functions {

LikePattern::LikePattern(std::string_view pattern) {
  pieces_.emplace_back();
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '%') {
      pieces_.emplace_back();
      continue;
    }
    Piece& piece = pieces_.back();
    bool any = c == '_';
    if (c == '\\') {
      if (++i >= pattern.size()) {
        throw SqlError(Sqlstate::InvalidEscapeSequence, "LIKE pattern must not end with escape character");
      }
      c = pattern[i];
    }
    if (any || !piece.any.empty()) {
      piece.any.resize(piece.bytes.size(), false);
      piece.any.push_back(any);
    }
    piece.bytes += c;
  }
}

bool LikePattern::matches_at(const Piece& piece, std::string_view text, size_t at, size_t& end) {
  if (piece.any.empty()) {
    end = at + piece.bytes.size();
    return end <= text.size() && std::memcmp(text.data() + at, piece.bytes.data(), piece.bytes.size()) == 0;
  }
  for (size_t i = 0; i < piece.bytes.size(); ++i) {
    if (at >= text.size()) return false;
    if (piece.any[i]) {
      at += types::utf8_bytes(text[at]);
    } else if (text[at++] != piece.bytes[i]) {
      return false;
    }
  }
  end = at;
  return at <= text.size();
}

bool LikePattern::find(const Piece& piece, std::string_view text, size_t from, size_t& end) {
  if (piece.any.empty()) {
    if (piece.bytes.empty()) {
      end = from;
      return true;
    }
    const void* found = memmem(text.data() + from, text.size() - from, piece.bytes.data(), piece.bytes.size());
    if (found == nullptr) return false;
    end = static_cast<size_t>(static_cast<const char*>(found) - text.data()) + piece.bytes.size();
    return true;
  }
  for (size_t at = from; at < text.size(); at += types::utf8_bytes(text[at])) {
    if (matches_at(piece, text, at, end)) return true;
  }
  return false;
}

bool LikePattern::matches_end(const Piece& piece, std::string_view text, size_t from) {
  size_t end;
  if (piece.any.empty()) {
    return text.size() >= from + piece.bytes.size() && text.substr(text.size() - piece.bytes.size()) == piece.bytes;
  }
  // Step back as many characters as the piece has.
  size_t at = text.size();
  for (size_t i = 0; i < piece.bytes.size(); ++i) {
    if (!piece.any[i] && (static_cast<unsigned char>(piece.bytes[i]) & 0xc0) == 0x80) continue;
    if (at == 0) return false;
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  }
  return at >= from && matches_at(piece, text, at, end) && end == text.size();
}

bool LikePattern::matches(std::string_view text) const {
  size_t at = 0;
  if (pieces_.size() == 1) return matches_at(pieces_[0], text, 0, at) && at == text.size();
  if (!matches_at(pieces_[0], text, 0, at)) return false;
  for (size_t i = 1; i + 1 < pieces_.size(); ++i) {
    if (!find(pieces_[i], text, at, at)) return false;
  }
  return matches_end(pieces_.back(), text, at);
}

std::string like_with_escape(std::string_view pattern, std::string_view escape) {
  std::string out;
  if (escape.empty()) {
    // No escape character: backslashes stand for themselves.
    for (char c : pattern) {
      if (c == '\\') out += '\\';
      out += c;
    }
    return out;
  }
  if (types::utf8_length(escape) != 1) {
    throw SqlError(Sqlstate::InvalidEscapeSequence, "invalid escape string").hint("Escape string must be empty or one character.");
  }
  if (escape == "\\") return std::string(pattern);
  bool after_escape = false;
  for (size_t i = 0; i < pattern.size();) {
    size_t size = types::utf8_bytes(pattern[i]);
    std::string_view c = pattern.substr(i, size);
    i += size;
    if (c == escape && !after_escape) {
      out += '\\';
      after_escape = true;
    } else if (c == "\\") {
      out += "\\";
      if (!after_escape) out += "\\";
      after_escape = false;
    } else {
      out += c;
      after_escape = false;
    }
  }
  return out;
}

namespace {

struct Compiled {
  std::string text;
  LikePattern pattern;
};

const LikePattern& compiled(Call& call, Text pattern) {
  auto* cached = static_cast<Compiled*>(call.context.cache.get());
  if (cached != nullptr && cached->text == pattern) return cached->pattern;
  auto made = std::make_shared<Compiled>(Compiled{std::string(pattern), LikePattern(pattern)});
  call.context.cache = made;
  return made->pattern;
}

bool like(Call& call, Text text, Text pattern) { return compiled(call, pattern).matches(text); }
bool ilike(Call& call, Text text, Text pattern) { return compiled(call, lower(pattern)).matches(lower(text)); }

constexpr auto kLike = kernel<like>;
constexpr auto kNotLike = kernel<[](Call& c, Text a, Text b) { return !like(c, a, b); }>;
constexpr auto kIlike = kernel<ilike>;
constexpr auto kNotIlike = kernel<[](Call& c, Text a, Text b) { return !ilike(c, a, b); }>;

constexpr ScalarBinding kBindings[] = {
    {"textlike", kLike},         {"textnlike", kNotLike},
    {"namelike", kLike},         {"namenlike", kNotLike},
    {"bpcharlike", kLike},       {"bpcharnlike", kNotLike},
    {"texticlike", kIlike},      {"texticnlike", kNotIlike},
    {"nameiclike", kIlike},      {"nameicnlike", kNotIlike},
    {"bytealike", kLike},        {"byteanlike", kNotLike},
    {"like_escape", kernel<[](Text a, Text b) { return like_with_escape(a, b); }>},
    {"like_escape_bytea", kernel<[](Text a, Text b) { return like_with_escape(a, b); }>},
};

}  // namespace

std::span<const ScalarBinding> like_bindings() { return kBindings; }

}  // namespace aegis::functions
