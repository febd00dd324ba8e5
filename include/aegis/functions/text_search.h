// Full text search: configurations, dictionaries and the default parser, which sessions make of the catalog's objects.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"

namespace aegis::functions {
class Services;
}

namespace aegis::functions::text_search {

// PostgreSQL's token types are numbered from 1.
inline constexpr int kTokenTypes = 23;
struct TokenType {
  const char* alias;
  const char* description;
};
const TokenType& token_type(int type);
// 0 when there is none.
int find_token_type(std::string_view alias);

struct Lexeme {
  std::string text;
  int variant = 0;            // lexemes of one variant stand together; another variant is an alternative
  bool adds_position = false;  // it comes a place behind the one before
  bool prefix = false;
  bool filtered = false;      // goes on to the next dictionary in the word's place
};
using Lexemes = std::vector<Lexeme>;

// Of one pass over a text, for dictionaries that look at several words.
struct LexizeState {
  bool is_end = false;     // in: there is no further word
  bool wants_next = false;  // out: asks for the next word before it answers
  std::shared_ptr<void> memory;
};

// Immutable once loaded; used by any number of threads.
class Dictionary {
 public:
  virtual ~Dictionary() = default;
  // Nothing for a word that it does not know; no lexemes for one that is to be dropped.
  virtual std::optional<Lexemes> lexize(std::string_view word, LexizeState& state) const = 0;
};

struct Configuration {
  std::array<std::vector<Oid>, kTokenTypes + 1> dictionaries;
};

// The tsvector of texts that stand one behind the other.
std::string document_vector(const Configuration& configuration, Services& services, std::span<const std::string_view> texts);

// Templates have PostgreSQL's OIDs.
inline constexpr Oid kSimpleTemplate = 3727;
inline constexpr Oid kSynonymTemplate = 3730;
inline constexpr Oid kIspellTemplate = 3733;
inline constexpr Oid kThesaurusTemplate = 3742;
inline constexpr Oid kSnowballTemplate = 13150;

struct DictionaryOption {
  std::string name;
  std::string value;
};
// What loading a dictionary needs from around it.
class DictionarySource {
 public:
  virtual ~DictionarySource() = default;
  // The content of a file of the text search data, by base name and extension.
  virtual std::string read_file(std::string_view name, std::string_view extension) = 0;
  virtual std::shared_ptr<const Dictionary> dictionary(std::string_view name) = 0;
};
// Throws for options that the template does not have or that are wrong.
std::shared_ptr<const Dictionary> load_dictionary(Oid template_oid, std::span<const DictionaryOption> options, DictionarySource& source);

}  // namespace aegis::functions::text_search
