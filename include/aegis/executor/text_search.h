// Text search objects loaded from the catalog.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/functions/text_search.h"

namespace aegis::executor {

// Thread safe. An object is loaded anew when it has changed in the catalog.
class TextSearchObjects : private functions::text_search::DictionarySource {
 public:
  // What the catalog is now; where names of dictionaries lead (0: nowhere); and where files are, besides the places of
  // packages.
  TextSearchObjects(std::function<catalog::VersionPtr()> version, std::function<Oid(std::string_view)> find_dictionary, std::string directory)
      : version_(std::move(version)), find_dictionary_(std::move(find_dictionary)), directory_(std::move(directory)) {}

  // Throw XX000 for an OID that is none.
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
  std::function<catalog::VersionPtr()> version_;
  std::function<Oid(std::string_view)> find_dictionary_;
  std::string directory_;
  std::recursive_mutex mutex_;  // a thesaurus loads the dictionary below it
  std::map<Oid, Loaded<functions::text_search::Configuration>> configurations_;
  std::map<Oid, Loaded<functions::text_search::Dictionary>> dictionaries_;
};

}  // namespace aegis::executor
