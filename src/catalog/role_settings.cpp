#include "aegis/catalog/role_settings.h"

#include <algorithm>
#include <charconv>

namespace aegis::catalog {
namespace {

std::string mark(Oid role) { return "@" + std::to_string(role) + ":"; }

}  // namespace

std::vector<std::string> own_settings(const std::vector<std::string>& kept) {
  std::vector<std::string> own;
  for (const auto& setting : kept) {
    if (!setting.starts_with('@')) own.push_back(setting);
  }
  return own;
}

std::vector<std::string> settings_of_role(const std::vector<std::string>& kept, Oid role) {
  std::vector<std::string> found;
  std::string before = mark(role);
  for (const auto& setting : kept) {
    if (setting.starts_with(before)) found.push_back(setting.substr(before.size()));
  }
  return found;
}

void set_own_settings(std::vector<std::string>& kept, const std::vector<std::string>& settings) {
  std::erase_if(kept, [](const auto& setting) { return !setting.starts_with('@'); });
  kept.insert(kept.end(), settings.begin(), settings.end());
}

void set_settings_of_role(std::vector<std::string>& kept, Oid role, const std::vector<std::string>& settings) {
  std::string before = mark(role);
  std::erase_if(kept, [&](const auto& setting) { return setting.starts_with(before); });
  for (const auto& setting : settings) kept.push_back(before + setting);
}

std::vector<Oid> roles_with_settings(const std::vector<std::string>& kept) {
  std::vector<Oid> roles;
  for (const auto& setting : kept) {
    if (!setting.starts_with('@')) continue;
    Oid role = kInvalidOid;
    std::from_chars(setting.data() + 1, setting.data() + setting.size(), role);
    if (role != kInvalidOid && std::find(roles.begin(), roles.end(), role) == roles.end()) roles.push_back(role);
  }
  return roles;
}

}  // namespace aegis::catalog
