#include "parameter.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/functions/quoting.h"
#include "aegis/os/file_system.h"
#include "aegis/settings/settings.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

constexpr const char* kFile = "/aegis.auto.conf";

std::string folded(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string value_text(const ast::Node& node) {
  auto* constant = ast::node_cast<ast::AConst>(&node);
  if (constant == nullptr) throw_not_supported("this value of a setting");
  if (constant->kind == ast::ConstKind::Integer) return std::to_string(constant->ival);
  if (constant->kind == ast::ConstKind::Boolean) return constant->boolval ? "on" : "off";
  return std::string(constant->text);
}

bool is_name_list(std::string_view name) {
  constexpr std::string_view kLists[] = {"search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries", "shared_preload_libraries",
                                         "unix_socket_directories"};
  return std::find(std::begin(kLists), std::end(kLists), name) != std::end(kLists);
}

// name = 'value' lines, as they were written here.
std::map<std::string, std::string> read_file(CommandContext& context) {
  std::map<std::string, std::string> values;
  std::string path = context.data_directory() + kFile;
  if (!context.files().exists(path)) return values;
  std::string text = context.files().read_file(path);
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    size_t equals = line.find(" = '");
    if (line.starts_with("#") || equals == std::string::npos) continue;
    values[line.substr(0, equals)] = line.substr(equals + 4, line.size() - equals - 5);
  }
  return values;
}

void write_file(CommandContext& context, const std::map<std::string, std::string>& values) {
  std::string text = "# Written by ALTER SYSTEM.\n";
  for (const auto& [name, value] : values) text += name + " = '" + value + "'\n";
  context.files().write_file_atomically(context.data_directory() + kFile, text);
}

}  // namespace

std::shared_ptr<const catalog::ParameterAcl> parameter_to_grant(CommandContext& context, std::string_view written) {
  std::string name = folded(written);
  lock_name(context, catalog::kPgParameterAclOid, 0, name);
  auto found = context.catalog_version()->named_object(catalog::ObjectKind::ParameterAcl, kInvalidOid, kInvalidOid, name);
  if (found != nullptr) return std::static_pointer_cast<const catalog::ParameterAcl>(found);
  if (!settings::find(name)) {
    if (name.find('.') == std::string::npos) throw SqlError(Sqlstate::UndefinedObject, "unrecognized configuration parameter \"" + std::string(written) + "\"");
    settings::check_custom_name(name);
  }
  auto made = std::make_shared<catalog::ParameterAcl>();
  made->oid = context.catalog().allocate_oid();
  made->name = name;
  return made;
}

CommandResult alter_system(const ast::AlterSystemStmt& statement, CommandContext& context) {
  const ast::VariableSetStmt& set = *statement.setstmt;
  context.prevent_in_transaction_block("ALTER SYSTEM");
  std::string name = folded(set.name);
  bool all = set.kind == ast::VariableSetKind::ResetAll;
  if (!context.is_superuser()) {
    if (all) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to perform ALTER SYSTEM RESET ALL");
    auto version = context.catalog_version();
    auto acl = version->named_object(catalog::ObjectKind::ParameterAcl, kInvalidOid, kInvalidOid, name);
    if (acl == nullptr || !catalog::has_privilege(*version, context.current_role(), *acl, 'A')) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to set parameter \"" + std::string(set.name) + "\"");
    }
  }
  std::map<std::string, std::string> values = all ? std::map<std::string, std::string>() : read_file(context);
  if (!all) {
    auto id = settings::find(name);
    if (!id && name.find('.') == std::string::npos) {
      throw SqlError(Sqlstate::UndefinedObject, "unrecognized configuration parameter \"" + std::string(set.name) + "\"");
    }
    if (id && (settings::definition(*id).context == settings::Context::Internal || name == "data_directory")) {
      throw SqlError(Sqlstate::CantChangeRuntimeParam, "parameter \"" + std::string(set.name) + "\" cannot be changed");
    }
    if (set.kind == ast::VariableSetKind::SetValue) {
      std::string value;
      for (const auto* part : set.args) {
        std::string text = value_text(*part);
        value += (value.empty() ? "" : ", ") + (is_name_list(name) ? functions::quote_identifier(text) : text);
      }
      if (value.find('\n') != std::string::npos) {
        throw SqlError(Sqlstate::InvalidParameterValue, "parameter value for ALTER SYSTEM must not contain a newline");
      }
      if (id) settings::parse_value(settings::definition(*id), value);
      std::string escaped;
      for (char c : value) escaped += c == '\'' ? "''" : std::string(1, c);
      values[name] = escaped;
    } else {
      values.erase(name);
    }
  }
  write_file(context, values);
  return {"ALTER SYSTEM", {}, {}};
}

}  // namespace aegis::commands
