// The default parser: a text's tokens, as PostgreSQL's parser of that name finds them.
//
// A state machine over characters with a stack of places to go back to: a state's rules are tried in order, and when
// a path turns out wrong, the text is read again from where it began with the rule after the one that led there.
#pragma once

#include <memory>
#include <string_view>

namespace aegis::functions::text_search {

enum Token : uint8_t {
  kNoToken, kAsciiWord, kWord, kNumWord, kEmail, kUrl, kHost, kScientific, kVersion, kNumPartHword, kPartHword, kAsciiPartHword,
  kBlank, kTag, kProtocol, kNumHword, kAsciiHword, kHword, kUrlPath, kFile, kFloat, kInt, kUint, kEntity
};

class TextParser {
 public:
  explicit TextParser(std::string_view text);
  ~TextParser();
  // False at the end.
  bool next(Token& type, std::string_view& token);

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace aegis::functions::text_search
