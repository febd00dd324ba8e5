#pragma once

#include <string>
#include <string_view>

#include "aegis/functions/function.h"
#include "aegis/functions/text_search.h"
#include "aegis/types/text_search.h"

namespace aegis::functions::text_search {

struct HeadlineOptions {
  int max_words = 35;
  int min_words = 15;
  int short_word = 3;
  int max_fragments = 0;
  bool highlight_all = false;
  std::string start = "<b>";
  std::string stop = "</b>";
  std::string delimiter = " ... ";
};
// From "Name=value, Name = 'value', …". Throws 22023.
HeadlineOptions parse_headline_options(std::string_view text);

// The part of a text that answers the query best, with the words asked for marked.
std::string headline(const Configuration& configuration, Services& services, std::string_view text, const types::TsNode* query,
                     const HeadlineOptions& options);

}  // namespace aegis::functions::text_search
