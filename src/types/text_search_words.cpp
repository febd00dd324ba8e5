#include "text_search_words.h"

#include "aegis/types/encoding.h"

namespace aegis::types {

void append_ts_quoted(std::string_view text, std::string& out) {
  out += '\'';
  for (char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  out += '\'';
}

bool is_ts_space(std::string_view text, size_t at) {
  if (at >= text.size()) return false;
  if (static_cast<unsigned char>(text[at]) < 0x80) return is_space(text[at]);
  size_t from = at;
  char32_t c = utf8_decode(text, from);
  // What the C library calls space: no-break spaces are not.
  return c == 0x1680 || (c >= 0x2000 && c <= 0x200a && c != 0x2007) || c == 0x2028 || c == 0x2029 || c == 0x205f || c == 0x3000;
}

void TsWordReader::fail() const {
  throw SqlError(Sqlstate::SyntaxError,
                 std::string("syntax error in ") + (mode_ == Mode::Vector ? "tsvector" : "tsquery") + ": \"" + std::string(text_) + "\"");
}

bool TsWordReader::at_space() const { return is_ts_space(text_, at_); }

bool TsWordReader::ends_word() const {
  if (at_end()) return false;
  if (mode_ == Mode::Web && peek() == '"') return true;
  return mode_ != Mode::Vector && std::string_view("!&|()<").find(peek()) != std::string_view::npos;
}

void TsWordReader::copy_character(std::string& out) {
  size_t size = utf8_bytes(text_[at_]);
  out += text_.substr(at_, size);
  at_ += size;
}

void TsWordReader::read_quoted(std::string& out) {
  for (++at_;; copy_character(out)) {
    if (at_end()) fail();
    if (peek() == '\'') {
      ++at_;
      if (peek() != '\'') return;
    } else if (peek() == '\\') {
      ++at_;
      if (at_end()) throw SqlError(Sqlstate::SyntaxError, "there is no escaped character: \"" + std::string(text_) + "\"");
    }
  }
}

void TsWordReader::read_plain(std::string& out) {
  bool first = true;
  for (;; first = false, copy_character(out)) {
    if (mode_ != Mode::Web && peek() == '\\') {
      ++at_;
      if (at_end()) throw SqlError(Sqlstate::SyntaxError, "there is no escaped character: \"" + std::string(text_) + "\"");
      continue;
    }
    if (first && !at_end()) continue;
    if (at_end() || at_space() || ends_word() || peek() == ':') return;
  }
}

void TsWordReader::read_positions(TsLexeme& word) {
  while (true) {
    ++at_;  // the colon or comma
    if (peek() < '0' || peek() > '9') fail();
    int place = 0;
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      if (place <= kTsMaxPosition) place = 10 * place + (peek() - '0');
    }
    if (place == 0) throw SqlError(Sqlstate::SyntaxError, "wrong position info in tsvector: \"" + std::string(text_) + "\"");
    int weight = 0;
    for (; !at_end() && !at_space() && peek() != ','; ++at_) {
      int wanted;
      switch (peek()) {
        case 'a':
        case 'A':
        case '*': wanted = 3; break;
        case 'b':
        case 'B': wanted = 2; break;
        case 'c':
        case 'C': wanted = 1; break;
        case 'd':
        case 'D': wanted = 0; break;
        default:
          if (peek() < '0' || peek() > '9') fail();
          continue;
      }
      if (weight != 0) fail();
      weight = wanted;
    }
    word.positions.push_back(ts_position(place, weight));
    if (peek() != ',' || at_end()) return;
  }
}

bool TsWordReader::next(TsLexeme& word) {
  word.text.clear();
  word.positions.clear();
  while (!at_end() && at_space()) at_ += utf8_bytes(peek());
  if (at_end()) return false;
  bool quoted = mode_ != Mode::Web && peek() == '\'';
  if (quoted) {
    read_quoted(word.text);
    if (word.text.empty()) fail();
  } else {
    if (ends_word()) fail();
    read_plain(word.text);
  }
  if (mode_ == Mode::Vector && peek() == ':' && !at_end()) read_positions(word);
  return true;
}

}  // namespace aegis::types
