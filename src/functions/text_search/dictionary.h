// What the templates of dictionaries share.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "aegis/functions/text_search.h"

namespace aegis::functions::text_search {

// Words that are dropped: a language's built-in list, or a file's.
class StopList {
 public:
  StopList() = default;
  StopList(std::string_view name, DictionarySource& source);
  bool contains(const std::string& word) const { return words_.count(word) != 0; }

 private:
  std::unordered_set<std::string> words_;
};

bool parse_boolean(std::string_view option, std::string_view value);

template <typename F>
void for_each_line(std::string_view text, F&& line) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::shared_ptr<const Dictionary> load_thesaurus(std::span<const DictionaryOption> options, DictionarySource& source);
std::shared_ptr<const Dictionary> load_ispell(std::span<const DictionaryOption> options, DictionarySource& source);

}  // namespace aegis::functions::text_search
