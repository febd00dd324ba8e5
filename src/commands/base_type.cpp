#include "base_type.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "definition_options.h"
#include "names.h"
#include "objects.h"
#include "type.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;
using ast::DefElem;

[[noreturn]] void invalid(std::string message) { throw SqlError(Sqlstate::InvalidObjectDefinition, std::move(message)); }

std::shared_ptr<catalog::UserType> new_shell(CommandContext& context, const NewTypeName& name) {
  auto type = std::make_shared<catalog::UserType>();
  type->typtype = 'p';
  type->oid = context.catalog().allocate_oid();
  type->database = context.database();
  type->schema = name.schema;
  type->name = name.name;
  type->owner = context.current_role();
  return type;
}

catalog::UserTypePtr find_shell(CommandContext& context, Oid schema, std::string_view name) {
  auto version = context.catalog_version();
  auto type = version->user_type(version->find_type(schema, name, context.database()));
  return type != nullptr && type->typtype == 'p' ? type : nullptr;
}

class BaseTypeMaker {
 public:
  BaseTypeMaker(const ast::DefineStmt& statement, CommandContext& context, catalog::UserType& type)
      : statement_(statement), context_(context), version_(context.catalog_version()), type_(type) {}

  void make() {
    read_options();
    if (input_ == nullptr) invalid("type input function must be specified");
    if (output_ == nullptr) invalid("type output function must be specified");
    const auto& input = function(*input_, {oid::kCstring}, {oid::kCstring, oid::kOid, oid::kInt4}, type_.oid, "input");
    const auto& output = function(*output_, {type_.oid}, {}, oid::kCstring, "output");
    type_.input = input.oid;
    type_.output = output.oid;
    if (receive_ != nullptr) type_.receive = function(*receive_, {oid::kInternal}, {oid::kInternal, oid::kOid, oid::kInt4}, type_.oid, "receive").oid;
    if (send_ != nullptr) type_.send = function(*send_, {type_.oid}, {}, oid::kBytea, "send").oid;
    auto routine = version_->routine(input.oid);
    type_.representation = routine == nullptr ? std::string(input.symbol) : routine->body;
    if (!types::is_native_input(type_.representation)) {
      throw_not_supported("a base type with input function " + type_.representation);
    }
    for (Oid part : {type_.input, type_.output, type_.receive, type_.send}) {
      if (version_->routine(part) != nullptr) type_.dependencies.push_back({part, 0, 'n'});
    }
  }

 private:
  void read_options() {
    const DefElem* like = find("like");
    if (like != nullptr) copy_traits(option_type(context_, *like).oid);
    for (const auto* option : statement_.definition) read(*option);
  }

  const DefElem* find(std::string_view name) const {
    for (const auto* option : statement_.definition) {
      if (option->defname == name) return option;
    }
    return nullptr;
  }

  void copy_traits(Oid like) {
    const auto& info = types::type_info(like);
    type_.length = info.length;
    type_.by_value = info.by_value;
    type_.alignment = info.alignment;
    type_.storage = info.storage;
  }

  void read(const DefElem& option) {
    std::string_view name = option.defname;
    if (name == "like") return;
    for (const auto* other : statement_.definition) {
      if (other != &option && other->defname == name && other->location < option.location) {
        throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context_, option));
      }
    }
    if (name == "input") input_ = &option;
    else if (name == "output") output_ = &option;
    else if (name == "receive") receive_ = &option;
    else if (name == "send") send_ = &option;
    else if (name == "internallength") type_.length = length_of(option);
    else if (name == "passedbyvalue") type_.by_value = option_bool(option);
    else if (name == "alignment") type_.alignment = alignment_of(option);
    else if (name == "storage") type_.storage = storage_of(option);
    else if (name == "category") type_.category = category_of(option);
    else if (name == "preferred") type_.preferred = option_bool(option);
    else if (name == "collatable") type_.collation = option_bool(option) ? catalog::kDefaultCollation : kInvalidOid;
    else if (name == "default") type_.default_sql = option_text(option);
    else if (name == "delimiter") type_.delimiter = option_text(option).c_str()[0];
    else if (name == "typmod_in" || name == "typmod_out" || name == "analyze" || name == "subscript" || name == "element") {
      throw_not_supported("the " + std::string(name) + " attribute of a base type", position_of(context_, option));
    } else {
      ErrorFields fields;
      fields.severity = "WARNING";
      fields.sqlstate = Sqlstate::SyntaxError;
      fields.message = "type attribute \"" + std::string(name) + "\" not recognized";
      fields.position = position_of(context_, option);
      context_.notice(std::move(fields));
    }
  }

  static int32_t length_of(const DefElem& option) {
    if (ast::is_node<ast::Integer>(option.arg)) return option_integer(option);
    if (option_text(option) == "variable") return -1;
    throw SqlError(Sqlstate::SyntaxError, "invalid argument for " + std::string(option.defname) + ": \"" + option_text(option) + "\"");
  }
  static char alignment_of(const DefElem& option) {
    std::string word = option_text(option);
    std::transform(word.begin(), word.end(), word.begin(), ::tolower);
    if (word == "double" || word == "float8" || word == "double precision") return 'd';
    if (word == "int4" || word == "integer") return 'i';
    if (word == "int2" || word == "smallint") return 's';
    if (word == "char" || word == "bpchar" || word == "character") return 'c';
    throw SqlError(Sqlstate::InvalidParameterValue, "alignment \"" + word + "\" not recognized");
  }
  static char storage_of(const DefElem& option) {
    std::string word = option_text(option);
    std::transform(word.begin(), word.end(), word.begin(), ::tolower);
    if (word == "plain") return 'p';
    if (word == "external") return 'e';
    if (word == "extended") return 'x';
    if (word == "main") return 'm';
    throw SqlError(Sqlstate::InvalidParameterValue, "storage \"" + word + "\" not recognized");
  }
  static char category_of(const DefElem& option) {
    std::string word = option_text(option);
    if (word.empty() || word[0] < 32 || word[0] > 126) {
      throw SqlError(Sqlstate::InvalidParameterValue, "invalid type category \"" + word + "\": must be simple ASCII");
    }
    return word[0];
  }

  const functions::Function& function(const DefElem& option, std::vector<Oid> arguments, std::vector<Oid> longer, Oid result, const char* role) {
    auto names = option_name(option);
    auto analysis = context_.analyzer_context(*version_);
    const auto* found = analyzer::find_exact_function(analysis, names, arguments);
    if (found == nullptr && !longer.empty()) found = analyzer::find_exact_function(analysis, names, longer);
    if (found == nullptr) {
      std::string list;
      for (Oid type : arguments) list += (list.empty() ? "" : ", ") + types::format_type({type}, context_.types().names);
      throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(names) + "(" + list + ") does not exist");
    }
    if (found->result != result) {
      invalid("type " + std::string(role) + " function " + dotted(names) + " must return type " +
              (result == type_.oid ? type_.name : types::format_type({result}, context_.types().names)));
    }
    return *found;
  }

  const ast::DefineStmt& statement_;
  CommandContext& context_;
  catalog::VersionPtr version_;
  catalog::UserType& type_;
  const DefElem *input_ = nullptr, *output_ = nullptr, *receive_ = nullptr, *send_ = nullptr;
};

}  // namespace

Oid shell_type(CommandContext& context, ast::NameList names, bool create) {
  auto version = context.catalog_version();
  Oid known = analyzer::find_user_type(context.analyzer_context(*version), names);
  auto type = known == kInvalidOid ? nullptr : version->user_type(known);
  if (type != nullptr) return type->typtype == 'p' ? type->oid : kInvalidOid;
  if (!create || known != kInvalidOid) return kInvalidOid;
  auto shell = new_shell(context, new_type_name(context, names));
  context.catalog_changes().put(shell);
  return shell->oid;
}

CommandResult create_base_type(const ast::DefineStmt& statement, CommandContext& context) {
  require_superuser(context, "must be superuser to create a base type");
  NewName made = creation_name(context, range_var(context, statement.defnames));
  auto shell = find_shell(context, made.schema, made.name);
  if (statement.definition.empty()) {
    context.catalog_changes().put(new_shell(context, new_type_name(context, statement.defnames)));
    return {"CREATE TYPE", {}, {}};
  }
  if (shell == nullptr) {
    new_type_name(context, statement.defnames);
    throw SqlError(Sqlstate::UndefinedObject, "type \"" + made.name + "\" does not exist")
        .hint("Create the type as a shell type, then create its I/O functions, then do a full CREATE TYPE.");
  }
  auto type = copy_of(shell);
  BaseTypeMaker(statement, context, *type).make();
  type->typtype = 'b';
  type->array_type = context.catalog().allocate_oid();
  context.catalog_changes().put(type);
  return {"CREATE TYPE", {}, {}};
}

}  // namespace aegis::commands
