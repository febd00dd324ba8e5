#include "config_file.h"

#include <fmt/format.h>

#include "aegis/base/error.h"

namespace aegis::server {

std::vector<std::pair<std::string, std::string>> parse_config(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> settings;
  int line_number = 0;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    size_t at = 0;
    auto skip = [&] {
      while (at < line.size() && isspace(static_cast<unsigned char>(line[at]))) ++at;
    };
    auto fail = [&] { throw SqlError(Sqlstate::ConfigFileError, fmt::format("syntax error in aegis.conf line {}", line_number)); };
    skip();
    if (at >= line.size() || line[at] == '#') continue;
    std::string name;
    while (at < line.size() && (isalnum(static_cast<unsigned char>(line[at])) || line[at] == '_' || line[at] == '.')) {
      name.push_back(line[at++]);
    }
    skip();
    if (at < line.size() && line[at] == '=') ++at;
    skip();
    std::string value;
    if (at < line.size() && line[at] == '\'') {
      for (++at;; ++at) {
        if (at >= line.size()) fail();
        if (line[at] == '\'') {
          if (at + 1 >= line.size() || line[at + 1] != '\'') break;
          ++at;
        }
        value.push_back(line[at]);
      }
      ++at;
    } else {
      while (at < line.size() && line[at] != '#' && !isspace(static_cast<unsigned char>(line[at]))) value.push_back(line[at++]);
    }
    skip();
    if (name.empty() || (at < line.size() && line[at] != '#')) fail();
    settings.emplace_back(std::move(name), std::move(value));
  }
  return settings;
}

}  // namespace aegis::server
