// Reads the words of a tsvector's or tsquery's text, one after the other.
#pragma once

#include <string>
#include <string_view>

#include "aegis/types/text_search.h"

namespace aegis::types {

class TsWordReader {
 public:
  enum class Mode : uint8_t {
    Vector,  // words with positions
    Query,   // operators end words
    Web      // no quoting by ' and \, and " ends words
  };
  TsWordReader(std::string_view text, Mode mode) : text_(text), mode_(mode) {}

  // False at the end of the text. Throws 42601.
  bool next(TsLexeme& word);
  size_t at() const { return at_; }
  void move_to(size_t at) { at_ = at; }
  [[noreturn]] void fail() const;

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  bool at_space() const;
  bool ends_word() const;
  void copy_character(std::string& out);
  void read_quoted(std::string& out);
  void read_plain(std::string& out);
  void read_positions(TsLexeme& word);

  std::string_view text_;
  Mode mode_;
  size_t at_ = 0;
};

// In quotes, with quotes and backslashes doubled.
void append_ts_quoted(std::string_view text, std::string& out);
// Whitespace of any script.
bool is_ts_space(std::string_view text, size_t at);

}  // namespace aegis::types
