#include "access_method.h"

#include "aegis/base/error.h"
#include "aegis/catalog/operator_classes.h"
#include "aegis/functions/function.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;

// A built-in function of one argument of type internal that gives a handler of that kind.
Oid find_handler(CommandContext&, ast::NameList name, char type) {
  Oid wanted = type == 't' ? types::oid::kTableAmHandler : types::oid::kIndexAmHandler;
  const char* word = type == 't' ? "table_am_handler" : "index_am_handler";
  for (const auto* function : functions::find_functions(name.back())) {
    if (function->arguments.size() != 1 || function->arguments[0] != types::oid::kInternal) continue;
    if (function->result == wanted) return function->oid;
    throw SqlError(Sqlstate::WrongObjectType, "function " + dotted(name) + " must return type " + word);
  }
  throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(name) + "(internal) does not exist");
}

}  // namespace

CommandResult create_access_method(const ast::CreateAmStmt& statement, CommandContext& context) {
  std::string name(statement.amname);
  if (!context.is_superuser()) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to create access method \"" + name + "\"")
        .hint("Must be superuser to create an access method.");
  }
  lock_name(context, catalog::kPgAmOid, 0, name);
  bool taken = catalog::access_method(name) != kInvalidOid || name == "heap" ||
               context.catalog_version()->named_object(ObjectKind::AccessMethod, context.database(), kInvalidOid, name) != nullptr;
  if (taken) throw SqlError(Sqlstate::DuplicateObject, "access method \"" + name + "\" already exists");
  Oid handler = find_handler(context, statement.handler_name, statement.amtype);
  if (statement.amtype != 't') throw_not_supported("CREATE ACCESS METHOD … TYPE INDEX");
  auto made = std::make_shared<catalog::AccessMethod>();
  made->oid = context.catalog().allocate_oid();
  made->database = context.database();
  made->name = name;
  made->owner = context.current_role();
  made->amtype = statement.amtype;
  made->handler = handler;
  context.catalog_changes().put(std::move(made));
  return {"CREATE ACCESS METHOD", {}, {}};
}

Oid table_access_method(CommandContext& context, std::string_view written) {
  std::string name(written);
  if (name.empty()) name = context.setting("default_table_access_method");
  if (name == "heap" || name.empty()) return kInvalidOid;
  auto found = context.catalog_version()->named_object(ObjectKind::AccessMethod, context.database(), kInvalidOid, name);
  if (found != nullptr && static_cast<const catalog::AccessMethod&>(*found).amtype == 't') return found->oid;
  if (found != nullptr || catalog::access_method(name) != kInvalidOid) {
    throw SqlError(Sqlstate::WrongObjectType, "access method \"" + name + "\" is not of type TABLE");
  }
  throw SqlError(Sqlstate::UndefinedObject, "access method \"" + name + "\" does not exist");
}

}  // namespace aegis::commands
