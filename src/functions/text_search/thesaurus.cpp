// Phrases and what stands for them: "a b c : d e".
#include <algorithm>
#include <map>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "text_search/dictionary.h"

namespace aegis::functions::text_search {

namespace {

[[noreturn]] void throw_config(std::string message) { throw SqlError(Sqlstate::ConfigFileError, std::move(message)); }

struct Rule {
  // The alternatives of each place; an empty one is a stop word, which any stop word takes the place of.
  std::vector<std::vector<std::string>> words;
  Lexemes result;
};

// How far the rules have come with the words seen so far.
struct Progress {
  std::vector<std::pair<size_t, size_t>> open;  // rule, words matched
};

class Thesaurus : public Dictionary {
 public:
  Thesaurus(std::span<const DictionaryOption> options, DictionarySource& source) {
    std::string file, subdictionary;
    for (const auto& [name, value] : options) {
      auto once = [&](std::string& target, const char* what) {
        if (!target.empty()) throw SqlError(Sqlstate::InvalidParameterValue, std::string("multiple ") + what + " parameters");
        target = value;
      };
      if (name == "dictfile") {
        once(file, "DictFile");
      } else if (name == "dictionary") {
        once(subdictionary, "Dictionary");
      } else {
        throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized Thesaurus parameter: \"" + name + "\"");
      }
    }
    if (file.empty()) throw SqlError(Sqlstate::InvalidParameterValue, "missing DictFile parameter");
    if (subdictionary.empty()) throw SqlError(Sqlstate::InvalidParameterValue, "missing Dictionary parameter");
    subdictionary_ = source.dictionary(subdictionary);
    for_each_line(source.read_file(file, "ths"), [&](std::string_view line) { read_rule(line); });
  }

  std::optional<Lexemes> lexize(std::string_view word, LexizeState& state) const override {
    state.wants_next = false;
    if (state.is_end) return std::nullopt;
    bool first = state.memory == nullptr;
    auto forms = reduce(word);
    if (!forms) return std::nullopt;
    auto progress = std::make_shared<Progress>();
    if (first) {
      for (size_t rule = 0; rule < rules_.size(); ++rule) advance(rule, 0, *forms, *progress);
    } else {
      for (auto [rule, matched] : static_cast<const Progress*>(state.memory.get())->open) advance(rule, matched, *forms, *progress);
    }
    std::optional<Lexemes> result;
    bool more = false;
    for (auto [rule, matched] : progress->open) {
      if (matched == rules_[rule].words.size()) {
        if (!result) result = rules_[rule].result;
      } else {
        more = true;
      }
    }
    state.memory = progress;
    state.wants_next = more;
    return result;
  }

 private:
  // A word's lexemes by the other dictionary; empty for a stop word, nothing when it is not known.
  std::optional<std::vector<std::string>> reduce(std::string_view word) const {
    LexizeState state;
    auto lexemes = subdictionary_->lexize(word, state);
    if (!lexemes) return std::nullopt;
    std::vector<std::string> forms;
    for (const Lexeme& lexeme : *lexemes) forms.push_back(lexeme.text);
    return forms;
  }

  void advance(size_t rule, size_t matched, const std::vector<std::string>& forms, Progress& progress) const {
    const auto& words = rules_[rule].words;
    if (matched >= words.size()) return;
    const auto& wanted = words[matched];
    bool fits = wanted.empty() ? forms.empty() : std::any_of(wanted.begin(), wanted.end(), [&](const std::string& form) {
      return std::find(forms.begin(), forms.end(), form) != forms.end();
    });
    if (fits) progress.open.emplace_back(rule, matched + 1);
  }

  static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    while (!(text = types::trim_space(text)).empty()) {
      size_t end = 0;
      while (end < text.size() && !types::is_space(text[end])) ++end;
      words.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    }
    return words;
  }

  void read_rule(std::string_view line) {
    line = types::trim_space(line);
    if (line.empty() || line[0] == '#') return;
    size_t colon = line.find(" :");
    if (colon == std::string_view::npos) throw_config("unexpected delimiter");
    auto words = split(line.substr(0, colon));
    auto results = split(line.substr(colon + 2));
    if (words.empty()) throw_config("unexpected delimiter");
    if (results.empty()) throw_config("unexpected end of line");
    Rule rule;
    for (const std::string& word : words) rule.words.push_back(sample_forms(word, rules_.size() + 1));
    for (size_t i = 0; i < results.size(); ++i) add_result(results[i], i, rule);
    rules_.push_back(std::move(rule));
  }

  std::vector<std::string> sample_forms(const std::string& word, size_t number) const {
    if (word == "?") return {};
    auto forms = reduce(word);
    if (!forms) {
      throw_config("thesaurus sample word \"" + word + "\" isn't recognized by subdictionary (rule " + std::to_string(number) + ")");
    }
    if (forms->empty()) {
      throw SqlError(Sqlstate::ConfigFileError, "thesaurus sample word \"" + word + "\" is a stop word (rule " + std::to_string(number) + ")")
          .hint("Use \"?\" to represent a stop word within a sample phrase.");
    }
    return *forms;
  }

  // A word behind * is taken as it is.
  void add_result(std::string word, size_t i, Rule& rule) const {
    std::string number = std::to_string(rules_.size() + 1);
    std::vector<std::string> forms;
    if (word[0] == '*') {
      forms.push_back(word.substr(1));
    } else {
      auto reduced = reduce(word);
      if (!reduced) throw_config("thesaurus substitute word \"" + word + "\" isn't recognized by subdictionary (rule " + number + ")");
      if (reduced->empty()) throw_config("thesaurus substitute word \"" + word + "\" is a stop word (rule " + number + ")");
      forms = *reduced;
    }
    for (std::string& form : forms) {
      Lexeme lexeme;
      lexeme.text = std::move(form);
      lexeme.adds_position = i > 0 && &form == &forms.front();
      lexeme.variant = static_cast<int>(i) + 1;
      rule.result.push_back(std::move(lexeme));
    }
  }

  std::shared_ptr<const Dictionary> subdictionary_;
  std::vector<Rule> rules_;
};

}  // namespace

std::shared_ptr<const Dictionary> load_thesaurus(std::span<const DictionaryOption> options, DictionarySource& source) {
  return std::make_shared<Thesaurus>(options, source);
}

}  // namespace aegis::functions::text_search
