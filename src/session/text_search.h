// The text search objects a session has used, loaded from the catalog.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "aegis/catalog/catalog.h"
#include "aegis/functions/text_search.h"
#include "core.h"

namespace aegis::session {

// Thread safe. An object is loaded anew when it has changed in the catalog.
class TextSearchObjects : private functions::text_search::DictionarySource {
 public:
  explicit TextSearchObjects(Session::Core& session) : session_(session) {}
  std::shared_ptr<const functions::text_search::Configuration> configuration(Oid oid);
  std::shared_ptr<const functions::text_search::Dictionary> dictionary(Oid oid);

 private:
  std::string read_file(std::string_view name, std::string_view extension) override;
  std::shared_ptr<const functions::text_search::Dictionary> dictionary(std::string_view name) override;

  template <typename T>
  struct Loaded {
    catalog::ObjectPtr object;
    std::shared_ptr<const T> value;
  };
  Session::Core& session_;
  std::recursive_mutex mutex_;  // a thesaurus loads the dictionary below it
  std::map<Oid, Loaded<functions::text_search::Configuration>> configurations_;
  std::map<Oid, Loaded<functions::text_search::Dictionary>> dictionaries_;
};

}  // namespace aegis::session
