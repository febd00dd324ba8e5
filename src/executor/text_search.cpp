#include "aegis/executor/text_search.h"

#include <fmt/format.h>

#include "aegis/os/file_system.h"
#include "aegis/base/error.h"
#include "aegis/types/encoding.h"

namespace aegis::executor {

namespace text_search = functions::text_search;

namespace {

// Files of the server's own, of the package, and those that Debian's dictionary packages make for PostgreSQL.
std::vector<std::string> data_directories(const std::string& data_directory) {
  return {data_directory + "/tsearch_data", "/usr/share/aegisdb/tsearch_data", "/usr/share/postgresql/15/tsearch_data"};
}

const char* file_kind(std::string_view extension) {
  if (extension == "stop") return "stop-word";
  if (extension == "syn") return "synonym";
  if (extension == "ths") return "thesaurus";
  return extension == "affix" ? "affix" : "dictionary";
}

std::string read_whole(os::FileSystem& files, const std::string& path) {
  auto file = files.open(path, os::OpenMode::Read);
  std::string content(file->size(), '\0');
  content.resize(file->read_at(0, content));
  return content;
}

}  // namespace

std::shared_ptr<const text_search::Configuration> TextSearchObjects::configuration(Oid oid) {
  std::lock_guard lock(mutex_);
  auto object = version_()->find(oid);
  if (object == nullptr || object->kind != catalog::ObjectKind::TsConfiguration) {
    throw InternalError(fmt::format("cache lookup failed for text search configuration {}", oid));
  }
  auto& loaded = configurations_[oid];
  if (loaded.object == object) return loaded.value;
  auto configuration = std::make_shared<text_search::Configuration>();
  for (const auto& mapping : static_cast<const catalog::TsConfiguration&>(*object).mappings) {
    configuration->dictionaries.at(static_cast<size_t>(mapping.token)) = mapping.dictionaries;
  }
  loaded = {object, std::move(configuration)};
  return loaded.value;
}

std::shared_ptr<const text_search::Dictionary> TextSearchObjects::dictionary(Oid oid) {
  std::lock_guard lock(mutex_);
  auto object = version_()->find(oid);
  if (object == nullptr || object->kind != catalog::ObjectKind::TsDictionary) {
    throw InternalError(fmt::format("cache lookup failed for text search dictionary {}", oid));
  }
  if (auto known = dictionaries_.find(oid); known != dictionaries_.end() && known->second.object == object) return known->second.value;
  const auto& definition = static_cast<const catalog::TsDictionary&>(*object);
  std::vector<text_search::DictionaryOption> options;
  for (size_t i = 0; i < definition.option_names.size(); ++i) options.push_back({definition.option_names[i], definition.option_values[i]});
  auto loaded = text_search::load_dictionary(definition.template_oid, options, *this);
  dictionaries_[oid] = {object, loaded};
  return loaded;
}

std::shared_ptr<const text_search::Dictionary> TextSearchObjects::dictionary(std::string_view name) {
  Oid oid = find_dictionary_(name);
  if (oid == kInvalidOid) {
    throw SqlError(Sqlstate::UndefinedObject, fmt::format("text search dictionary \"{}\" does not exist", name));
  }
  return dictionary(oid);
}

std::string TextSearchObjects::read_file(std::string_view name, std::string_view extension) {
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string_view::npos) {
    throw SqlError(Sqlstate::InvalidParameterValue, fmt::format("invalid text search configuration file name \"{}\"", name));
  }
  auto files = os::make_local_file_system();
  std::string first;
  for (const std::string& directory : data_directories(directory_)) {
    std::string path = fmt::format("{}/{}.{}", directory, name, extension);
    if (first.empty()) first = path;
    if (!files->exists(path)) continue;
    std::string content = read_whole(*files, path);
    if (types::utf8_find_invalid(content) != std::string::npos) {
      throw SqlError(Sqlstate::CharacterNotInRepertoire, fmt::format("text search file \"{}\" is not valid UTF-8", path));
    }
    return content;
  }
  throw SqlError(Sqlstate::ConfigFileError, fmt::format("could not open {} file \"{}\": No such file or directory", file_kind(extension), first));
}

}  // namespace aegis::executor
