#include "text_search/options.h"

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"

namespace aegis::functions::text_search {

namespace {

class OptionReader {
 public:
  explicit OptionReader(std::string_view text) : text_(text) {}

  std::vector<DictionaryOption> read() {
    std::vector<DictionaryOption> options;
    while (true) {
      while (!at_end() && (types::is_space(peek()) || peek() == ',')) ++at_;
      if (at_end()) return options;
      DictionaryOption option;
      option.name = name();
      skip_space();
      if (at_end() || peek() != '=') fail();
      ++at_;
      skip_space();
      if (at_end()) fail();
      option.value = value();
      options.push_back(std::move(option));
      skip_space();
      if (!at_end() && peek() != ',') fail();
    }
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return text_[at_]; }
  void skip_space() {
    while (!at_end() && types::is_space(peek())) ++at_;
  }
  [[noreturn]] void fail() const {
    throw SqlError(Sqlstate::SyntaxError, "invalid parameter list format: \"" + std::string(text_) + "\"");
  }

  // As it is written, or in double quotes.
  std::string name() {
    std::string out;
    if (peek() == '"') {
      for (++at_;; out += text_[at_++]) {
        if (at_end()) fail();
        if (peek() != '"') continue;
        ++at_;
        if (at_end() || peek() != '"') return out;
      }
    }
    while (!at_end() && peek() != '=' && !types::is_space(peek())) {
      out += text_[at_++];
    }
    return out;
  }

  std::string value() {
    std::string out;
    if (peek() == '"') return name();
    bool escapes = (peek() == 'E' || peek() == 'e') && at_ + 1 < text_.size() && text_[at_ + 1] == '\'';
    if (escapes) ++at_;
    if (peek() == '\'') {
      for (++at_;; out += text_[at_++]) {
        if (at_end()) fail();
        if (peek() == '\'') {
          ++at_;
          if (at_end() || peek() != '\'') return out;
        } else if (peek() == '\\' && (escapes || (at_ + 1 < text_.size() && (text_[at_ + 1] == '\\' || text_[at_ + 1] == '\'')))) {
          if (++at_ >= text_.size()) fail();
        }
      }
    }
    while (!at_end() && peek() != ',' && !types::is_space(peek())) out += text_[at_++];
    return out;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<DictionaryOption> parse_options(std::string_view text) { return OptionReader(text).read(); }

}  // namespace aegis::functions::text_search
