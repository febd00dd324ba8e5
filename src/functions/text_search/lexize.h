// Turns a text into lexemes with places, by a configuration.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/functions/function.h"
#include "aegis/functions/text_search.h"
#include "text_search/parser.h"

namespace aegis::functions::text_search {

// A token as the parser found it; type 0 marks the end of the text.
struct ParsedToken {
  int type = 0;
  std::string_view text;
};

// Gives tokens to the dictionaries of their type until one knows them.
class Lexizer {
 public:
  Lexizer(const Configuration& configuration, Services& services) : configuration_(configuration), services_(services) {}
  void add(const ParsedToken& token) { waiting_.push_back(token); }
  // The lexemes of the next word that is ready; nothing when more tokens are needed. `used`: the tokens that are done.
  std::optional<Lexemes> next(std::vector<ParsedToken>* used = nullptr);

 private:
  std::optional<Lexemes> next_single();
  std::optional<Lexemes> next_of_phrase();
  std::shared_ptr<const Dictionary> dictionary(Oid oid);
  void use(size_t count);

  const Configuration& configuration_;
  Services& services_;
  std::vector<std::pair<Oid, std::shared_ptr<const Dictionary>>> known_;
  std::deque<ParsedToken> waiting_;
  std::vector<ParsedToken> used_;
  // A dictionary that reads a phrase: it has seen the waiting tokens in front of `ahead_`.
  Oid reader_ = kInvalidOid;
  size_t first_dictionary_ = 0;
  size_t ahead_ = 0;
  LexizeState state_;
  std::optional<Lexemes> candidate_;  // its best answer so far
  size_t candidate_tokens_ = 0;       // which the waiting tokens up to here are
};

struct PlacedLexeme {
  std::string text;
  int place;
  int variant;
  bool prefix;
};
// Places are counted from `place`, which moves on.
std::vector<PlacedLexeme> lexize_text(const Configuration& configuration, Services& services, std::string_view text, int& place);
// Words longer than a lexeme may be are left out with a notice.
bool is_indexable(Services& services, std::string_view token);

}  // namespace aegis::functions::text_search
