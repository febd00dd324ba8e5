// The templates simple, snowball and synonym.
#include "text_search/dictionary.h"

#include <libstemmer.h>

#include <algorithm>
#include <unordered_map>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "unicode.h"

namespace aegis::functions::text_search {

namespace {

struct StopWords {
  const char* language;
  const char* words;
};
constexpr StopWords kStopWords[] = {
#define AEGIS_STOP_WORDS(language, words) {language, words},
#include "text_search/stop_words.def"
#undef AEGIS_STOP_WORDS
};

constexpr size_t kMaxStemmedBytes = 1000;  // longer ones are no words

std::string_view next_word(std::string_view& line) {
  line = types::trim_space(line);
  size_t end = 0;
  while (end < line.size() && !types::is_space(line[end])) ++end;
  std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

}  // namespace

StopList::StopList(std::string_view name, DictionarySource& source) {
  for (const auto& [language, words] : kStopWords) {
    if (name != language) continue;
    std::string_view rest = words;
    for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) words_.emplace(word);
    return;
  }
  std::string content = source.read_file(name, "stop");
  for_each_line(content, [&](std::string_view line) {
    std::string_view word = next_word(line);
    if (!word.empty()) words_.insert(lower(word));
  });
}

bool parse_boolean(std::string_view option, std::string_view value) {
  auto is = [&](std::string_view wanted) {
    return value.size() == wanted.size() &&
           std::equal(value.begin(), value.end(), wanted.begin(), [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  if (is("true") || is("on") || is("1")) return true;
  if (is("false") || is("off") || is("0")) return false;
  throw SqlError(Sqlstate::SyntaxError, std::string(option) + " requires a Boolean value");
}

namespace {

[[noreturn]] void throw_parameter(std::string message) { throw SqlError(Sqlstate::InvalidParameterValue, std::move(message)); }

class SimpleDictionary : public Dictionary {
 public:
  SimpleDictionary(std::span<const DictionaryOption> options, DictionarySource& source) {
    bool stops_given = false, accept_given = false;
    for (const auto& [name, value] : options) {
      if (name == "stopwords") {
        if (stops_given) throw_parameter("multiple StopWords parameters");
        stops_given = true;
        stops_ = StopList(value, source);
      } else if (name == "accept") {
        if (accept_given) throw_parameter("multiple Accept parameters");
        accept_given = true;
        accept_ = parse_boolean(name, value);
      } else {
        throw_parameter("unrecognized simple dictionary parameter: \"" + name + "\"");
      }
    }
  }
  std::optional<Lexemes> lexize(std::string_view word, LexizeState&) const override {
    std::string text = lower(word);
    if (text.empty() || stops_.contains(text)) return Lexemes();
    if (!accept_) return std::nullopt;
    return Lexemes{{std::move(text)}};
  }

 private:
  StopList stops_;
  bool accept_ = true;
};

class SnowballDictionary : public Dictionary {
 public:
  SnowballDictionary(std::span<const DictionaryOption> options, DictionarySource& source) {
    bool stops_given = false;
    for (const auto& [name, value] : options) {
      if (name == "stopwords") {
        if (stops_given) throw_parameter("multiple StopWords parameters");
        stops_given = true;
        stops_ = StopList(value, source);
      } else if (name == "language") {
        if (!language_.empty()) throw_parameter("multiple Language parameters");
        language_ = value;
      } else {
        throw_parameter("unrecognized Snowball parameter: \"" + name + "\"");
      }
    }
    if (language_.empty()) throw_parameter("missing Language parameter");
    std::string algorithm = lower(language_);
    sb_stemmer* stemmer = sb_stemmer_new(algorithm.c_str(), "UTF_8");
    if (stemmer == nullptr) {
      throw SqlError(Sqlstate::UndefinedObject, "no Snowball stemmer available for language \"" + language_ + "\" and encoding \"UTF8\"");
    }
    sb_stemmer_delete(stemmer);
    language_ = std::move(algorithm);
  }
  std::optional<Lexemes> lexize(std::string_view word, LexizeState&) const override {
    std::string text = lower(word);
    if (word.size() > kMaxStemmedBytes) return Lexemes{{std::move(text)}};
    if (text.empty() || stops_.contains(text)) return Lexemes();
    const sb_symbol* stem = nullptr;
    sb_stemmer* stemmer = thread_stemmer();
    stem = sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(text.data()), static_cast<int>(text.size()));
    if (stem == nullptr) throw SqlError(Sqlstate::OutOfMemory, "out of memory");
    return Lexemes{{std::string(reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer)))}};
  }

 private:
  // Stemmers have state, so each thread has its own.
  sb_stemmer* thread_stemmer() const {
    struct Stemmers {
      std::unordered_map<std::string, sb_stemmer*> by_language;
      ~Stemmers() {
        for (auto& [language, stemmer] : by_language) sb_stemmer_delete(stemmer);
      }
    };
    static thread_local Stemmers stemmers;
    sb_stemmer*& stemmer = stemmers.by_language[language_];
    if (stemmer == nullptr) stemmer = sb_stemmer_new(language_.c_str(), "UTF_8");
    if (stemmer == nullptr) throw SqlError(Sqlstate::OutOfMemory, "out of memory");
    return stemmer;
  }

  StopList stops_;
  std::string language_;
};

class SynonymDictionary : public Dictionary {
 public:
  SynonymDictionary(std::span<const DictionaryOption> options, DictionarySource& source) {
    std::string file;
    bool given = false;
    for (const auto& [name, value] : options) {
      if (name == "synonyms") {
        file = value;
        given = true;
      } else if (name == "casesensitive") {
        case_sensitive_ = parse_boolean(name, value);
      } else {
        throw_parameter("unrecognized synonym parameter: \"" + name + "\"");
      }
    }
    if (!given) throw_parameter("missing Synonyms parameter");
    std::string content = source.read_file(file, "syn");
    for_each_line(content, [&](std::string_view line) {
      std::string_view word = next_word(line);
      std::string_view synonym = next_word(line);
      if (word.empty() || synonym.empty()) return;
      bool prefix = synonym.size() > 1 && synonym.back() == '*';
      if (prefix) synonym.remove_suffix(1);
      words_.try_emplace(fold(word), Lexeme{fold(synonym), 0, false, prefix, false});
    });
  }
  std::optional<Lexemes> lexize(std::string_view word, LexizeState&) const override {
    auto found = words_.find(fold(word));
    if (word.empty() || found == words_.end()) return std::nullopt;
    return Lexemes{found->second};
  }

 private:
  std::string fold(std::string_view text) const { return case_sensitive_ ? std::string(text) : lower(text); }
  bool case_sensitive_ = false;
  std::unordered_map<std::string, Lexeme> words_;
};

}  // namespace

std::shared_ptr<const Dictionary> load_dictionary(Oid template_oid, std::span<const DictionaryOption> options, DictionarySource& source) {
  switch (template_oid) {
    case kSimpleTemplate: return std::make_shared<SimpleDictionary>(options, source);
    case kSnowballTemplate: return std::make_shared<SnowballDictionary>(options, source);
    case kSynonymTemplate: return std::make_shared<SynonymDictionary>(options, source);
    case kThesaurusTemplate: return load_thesaurus(options, source);
    case kIspellTemplate: return load_ispell(options, source);
    default: throw InternalError("cache lookup failed for text search template " + std::to_string(template_oid));
  }
}

}  // namespace aegis::functions::text_search
