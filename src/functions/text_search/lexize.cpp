#include "text_search/lexize.h"

#include <algorithm>

#include "aegis/types/text_search.h"

namespace aegis::functions::text_search {

std::shared_ptr<const Dictionary> Lexizer::dictionary(Oid oid) {
  for (const auto& [known, dictionary] : known_) {
    if (known == oid) return dictionary;
  }
  return known_.emplace_back(oid, services_.text_search_dictionary(oid)).second;
}

void Lexizer::use(size_t count) {
  for (; count > 0; --count) {
    used_.push_back(waiting_.front());
    waiting_.pop_front();
  }
  first_dictionary_ = 0;
}

std::optional<Lexemes> Lexizer::next(std::vector<ParsedToken>* used) {
  std::optional<Lexemes> result;
  while (true) {
    bool reads_phrase = reader_ != kInvalidOid;
    result = reads_phrase ? next_of_phrase() : next_single();
    bool changed_mode = reads_phrase != (reader_ != kInvalidOid);
    if (result || !changed_mode) break;
  }
  if (used != nullptr) *used = std::move(used_);
  used_.clear();
  return result;
}

std::optional<Lexemes> Lexizer::next_single() {
  while (!waiting_.empty()) {
    const ParsedToken& token = waiting_.front();
    const auto& list = configuration_.dictionaries[static_cast<size_t>(token.type)];
    std::string word(token.text);
    for (size_t i = first_dictionary_; token.type != 0 && i < list.size(); ++i) {
      state_ = LexizeState();
      std::optional<Lexemes> result = dictionary(list[i])->lexize(word, state_);
      if (state_.wants_next) {
        reader_ = list[i];
        first_dictionary_ = i + 1;
        ahead_ = 1;
        candidate_tokens_ = 1;
        candidate_ = std::move(result);
        return std::nullopt;
      }
      if (!result) continue;
      if (!result->empty() && result->front().filtered) {
        word = result->front().text;
        continue;
      }
      use(1);
      return result;
    }
    use(1);
  }
  return std::nullopt;
}

std::optional<Lexemes> Lexizer::next_of_phrase() {
  auto reader = dictionary(reader_);
  for (; ahead_ < waiting_.size(); ++ahead_) {
    const ParsedToken& token = waiting_[ahead_];
    if (token.type != 0) {
      const auto& list = configuration_.dictionaries[static_cast<size_t>(token.type)];
      if (list.empty()) continue;
      if (std::find(list.begin(), list.end(), reader_) == list.end()) break;  // such a word cannot belong to a phrase
    }
    state_.is_end = token.type == 0;
    state_.wants_next = false;
    std::optional<Lexemes> result = reader->lexize(token.text, state_);
    if (state_.wants_next) {
      if (result) {
        candidate_ = std::move(result);
        candidate_tokens_ = ahead_ + 1;
      }
      continue;
    }
    if (!result && !candidate_) break;
    reader_ = kInvalidOid;
    if (result) {
      use(ahead_ + 1);
    } else {
      result = std::move(candidate_);
      use(candidate_tokens_);
    }
    candidate_.reset();
    return result;
  }
  if (ahead_ < waiting_.size()) reader_ = kInvalidOid;  // the other dictionaries get the words
  return std::nullopt;
}

bool is_indexable(Services& services, std::string_view token) {
  if (token.size() <= types::kTsMaxLexemeBytes) return true;
  ErrorFields fields;
  fields.severity = "NOTICE";
  fields.sqlstate = Sqlstate::ProgramLimitExceeded;
  fields.message = "word is too long to be indexed";
  fields.detail = "Words longer than " + std::to_string(types::kTsMaxLexemeBytes + 1) + " characters are ignored.";
  services.notice(std::move(fields));
  return false;
}

std::vector<PlacedLexeme> lexize_text(const Configuration& configuration, Services& services, std::string_view text, int& place) {
  std::vector<PlacedLexeme> lexemes;
  TextParser parser(text);
  Lexizer lexizer(configuration, services);
  ParsedToken parsed;
  do {
    Token type = kNoToken;
    parsed = {};
    if (parser.next(type, parsed.text)) {
      parsed.type = type;
      if (!is_indexable(services, parsed.text)) continue;
    }
    lexizer.add(parsed);
    while (auto found = lexizer.next()) {
      ++place;
      for (Lexeme& lexeme : *found) {
        if (lexeme.adds_position) ++place;
        lexemes.push_back({std::move(lexeme.text), std::min(place, types::kTsMaxPosition), lexeme.variant, lexeme.prefix});
      }
    }
  } while (parsed.type != 0);
  return lexemes;
}

}  // namespace aegis::functions::text_search
