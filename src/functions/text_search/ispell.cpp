#include "aegis/base/error.h"
#include "text_search/dictionary.h"

namespace aegis::functions::text_search {

std::shared_ptr<const Dictionary> load_ispell(std::span<const DictionaryOption>, DictionarySource&) {
  throw_not_supported("text search dictionaries of template ispell");
}

}  // namespace aegis::functions::text_search
