#include "definition_options.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "names.h"

namespace aegis::commands {
namespace {

[[noreturn]] void throw_value(const ast::DefElem& option, const char* wanted) {
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires " + wanted);
}

}  // namespace

std::vector<std::string_view> option_name(const ast::DefElem& option) {
  if (auto* type = ast::node_cast<ast::TypeName>(option.arg)) {
    // The grammar reads a plain name as a type, and gives the standard's type names their schema.
    return {type->names.begin(), type->names.end()};
  }
  if (option.arg == nullptr) throw_value(option, "a parameter");
  if (ast::is_node<ast::String>(option.arg) || ast::is_node<ast::QualifiedName>(option.arg)) return names_of(*option.arg);
  throw_value(option, "a name");
}

types::Type option_type(CommandContext& context, const ast::DefElem& option) {
  if (option.arg == nullptr) throw_value(option, "a parameter");
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  if (auto* type = ast::node_cast<ast::TypeName>(option.arg)) {
    if (type->setof) throw_value(option, "a type name");
    return analyzer::resolve_type(analysis, *type);
  }
  if (auto* text = ast::node_cast<ast::String>(option.arg)) {
    ast::TypeName name;
    std::string_view word = text->sval;
    name.names = ast::NameList(&word, 1);
    return analyzer::resolve_type(analysis, name);
  }
  throw_value(option, "a type name");
}

bool option_bool(const ast::DefElem& option) {
  if (option.arg == nullptr) return true;
  if (auto* flag = ast::node_cast<ast::Boolean>(option.arg)) return flag->boolval;
  if (auto* number = ast::node_cast<ast::Integer>(option.arg); number != nullptr && (number->ival == 0 || number->ival == 1)) return number->ival == 1;
  std::string text = option_text(option);
  if (text == "true" || text == "on") return true;
  if (text == "false" || text == "off") return false;
  throw_value(option, "a Boolean value");
}

int32_t option_integer(const ast::DefElem& option) {
  if (auto* number = ast::node_cast<ast::Integer>(option.arg)) return number->ival;
  if (option.arg == nullptr) throw_value(option, "an integer value");
  throw_value(option, "an integer value");
}

std::string option_text(const ast::DefElem& option) {
  if (option.arg == nullptr) throw_value(option, "a parameter");
  if (auto* text = ast::node_cast<ast::String>(option.arg)) return std::string(text->sval);
  if (auto* number = ast::node_cast<ast::Integer>(option.arg)) return std::to_string(number->ival);
  if (auto* number = ast::node_cast<ast::Float>(option.arg)) return std::string(number->fval);
  if (auto* flag = ast::node_cast<ast::Boolean>(option.arg)) return flag->boolval ? "true" : "false";
  if (auto* type = ast::node_cast<ast::TypeName>(option.arg)) {
    std::string text = dotted(type->names);
    return text.starts_with("pg_catalog.") ? text.substr(11) : text;
  }
  if (ast::is_node<ast::QualifiedName>(option.arg)) {
    auto names = names_of(*option.arg);
    return dotted(names);
  }
  throw_value(option, "a parameter");
}

}  // namespace aegis::commands
