// LIKE patterns, compiled: the pieces between % signs are searched for as plain strings where they can be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aegis::functions {

class LikePattern {
 public:
  // Throws 22025 when the pattern ends in the escape character '\'.
  explicit LikePattern(std::string_view pattern);
  bool matches(std::string_view text) const;

 private:
  struct Piece {
    std::string bytes;         // '_' and literals alike
    std::vector<bool> any;     // any[i]: byte i stands for one character; empty: none does
  };
  static bool matches_at(const Piece& piece, std::string_view text, size_t at, size_t& end);
  static bool find(const Piece& piece, std::string_view text, size_t from, size_t& end);
  static bool matches_end(const Piece& piece, std::string_view text, size_t from);

  std::vector<Piece> pieces_;  // between % signs; the first is at the start, the last at the end
};

// Rewrites a LIKE pattern with another escape character to one with '\'.
std::string like_with_escape(std::string_view pattern, std::string_view escape);

}  // namespace aegis::functions
