#include "operator_class.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/operator_classes.h"
#include "aegis/functions/function.h"
#include "aegis/functions/inverted.h"
#include "names.h"
#include "objects.h"
#include "role.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;
using catalog::FamilyMember;
using Item = ast::CreateOpClassItem;
using ItemType = Item::ItemType;

[[noreturn]] void fail(std::string message) { throw SqlError(Sqlstate::InvalidObjectDefinition, std::move(message)); }

struct Method {
  std::string name;
  int operators, functions;  // numbers there are; 0: any
  bool orders_by, stores;
};

Method find_method(std::string_view name) {
  if (name == "btree") return {"btree", 5, 5, false, false};
  if (name == "hash") return {"hash", 1, 3, false, false};
  if (name == "gist") return {"gist", 0, 11, true, true};
  if (name == "gin") return {"gin", 0, 7, false, true};
  if (name == "spgist") return {"spgist", 0, 7, true, true};
  if (name == "brin") throw_not_supported("access method \"brin\"");
  throw SqlError(Sqlstate::UndefinedObject, "access method \"" + std::string(name) + "\" does not exist");
}

std::string type_text(CommandContext& context, Oid type) { return types::format_type({type}, context.types().names); }

std::string pair_text(CommandContext& context, const FamilyMember& member) {
  return "(" + type_text(context, member.left) + "," + type_text(context, member.right) + ")";
}

// A family by its name; a built-in one has no object: only its OID.
struct FoundFamily {
  catalog::OperatorFamilyPtr made;
  Oid oid = kInvalidOid;
};

FoundFamily find_family(CommandContext& context, const std::string& method, ast::NameList name, bool missing_ok) {
  auto version = context.catalog_version();
  ast::RangeVar written = range_var(context, name);
  std::vector<Oid> path;
  if (written.schemaname.empty()) {
    path = context.analyzer_context(*version).search_path;
  } else {
    Oid schema = find_schema(context, written.schemaname, missing_ok);
    if (schema != kInvalidOid) path = {schema};
  }
  if (std::find(path.begin(), path.end(), catalog::kPgCatalogSchema) == path.end() && written.schemaname.empty()) path.insert(path.begin(), catalog::kPgCatalogSchema);
  for (Oid schema : path) {
    if (schema == catalog::kPgCatalogSchema) {
      Oid built_in = catalog::built_in_opfamily(catalog::access_method(method), written.relname);
      if (built_in != kInvalidOid) return {nullptr, built_in};
      continue;
    }
    if (auto found = version->find_operator_family(method, schema, written.relname, context.database())) return {found, found->oid};
  }
  if (missing_ok) return {};
  throw SqlError(Sqlstate::UndefinedObject, "operator family \"" + dotted(name) + "\" does not exist for access method \"" + method + "\"");
}

class Members {
 public:
  Members(CommandContext& context, const Method& method) : context_(context), method_(method) {}

  std::vector<FamilyMember> operators, functions;

  void add_operator(const Item& item, Oid type) {
    check_number("operator", item.number, method_.operators);
    auto version = context_.catalog_version();
    auto analysis = context_.analyzer_context(*version);
    Oid left = type, right = type;
    if (!item.name->objargs.empty()) {
      left = operand(item.name->objargs[0]);
      right = item.name->objargs.size() > 1 ? operand(item.name->objargs[1]) : kInvalidOid;
    } else if (type == kInvalidOid) {
      throw SqlError(Sqlstate::SyntaxError, "operator argument types must be specified in ALTER OPERATOR FAMILY");
    }
    const auto* op = analyzer::find_exact_operator(analysis, item.name->objname, left, right);
    if (op == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + type_text(context_, left) + " " + dotted(item.name->objname) + " " + type_text(context_, right));
    }
    FamilyMember member;
    if (!item.order_family.empty()) {
      member.sort_family = find_family(context_, "btree", item.order_family, false).oid;
      if (!method_.orders_by) fail("access method \"" + method_.name + "\" does not support ordering operators");
    } else if (op->result != oid::kBool) {
      fail("index search operators must return boolean");
    }
    if (op->left == kInvalidOid || op->right == kInvalidOid) fail("index operators must be binary");
    member.left = op->left;
    member.right = op->right;
    member.number = item.number;
    member.object = op->oid;
    add(operators, member, "operator");
  }

  void add_function(const Item& item, Oid type) {
    check_number("function", item.number, method_.functions);
    FamilyMember member;
    if (!item.class_args.empty()) read_types(item.class_args, member);
    auto version = context_.catalog_version();
    auto analysis = context_.analyzer_context(*version);
    std::vector<Oid> arguments;
    for (const auto* argument : item.name->objargs) arguments.push_back(analyzer::resolve_type(analysis, *argument).oid);
    if (item.name->args_unspecified) {
      throw SqlError(Sqlstate::SyntaxError, "argument types of function " + dotted(item.name->objname) + " must be specified");
    }
    const auto* function = analyzer::find_exact_function(analysis, item.name->objname, arguments);
    if (function == nullptr) {
      std::string list;
      for (Oid argument : arguments) list += (list.empty() ? "" : ", ") + type_text(context_, argument);
      throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(item.name->objname) + "(" + list + ") does not exist");
    }
    member.number = item.number;
    member.object = function->oid;
    check_function(*function, member);
    if (member.left == kInvalidOid) member.left = type;
    if (member.right == kInvalidOid) member.right = type;
    if (member.left == kInvalidOid || member.right == kInvalidOid) fail("associated data types must be specified for index support function");
    add(functions, member, "function");
  }

  void read_types(ast::List<ast::TypeName> types, FamilyMember& member) {
    if (types.size() > 2) throw SqlError(Sqlstate::SyntaxError, "one or two argument types must be specified");
    member.left = operand(types[0]);
    member.right = types.size() > 1 ? operand(types[1]) : member.left;
  }

  void check_number(const char* what, int number, int limit) {
    int most = limit == 0 ? 32767 : limit;
    if (number >= 1 && number <= most) return;
    fail(std::string("invalid ") + what + " number " + std::to_string(number) + ", must be between 1 and " + std::to_string(most));
  }

 private:
  Oid operand(const ast::TypeName* type) {
    if (type == nullptr) fail("index operators must be binary");
    auto version = context_.catalog_version();
    return analyzer::resolve_type(context_.analyzer_context(*version), *type).oid;
  }

  void check_function(const functions::Function& function, FamilyMember& member) {
    const auto& arguments = function.arguments;
    auto take = [&](size_t count) {
      if (member.left == kInvalidOid) member.left = arguments[0];
      if (member.right == kInvalidOid) member.right = arguments[count - 1];
    };
    auto require = [](bool holds, const char* text) {
      if (!holds) fail(text);
    };
    if (method_.name == "btree") {
      switch (member.number) {
        case 1:
          require(arguments.size() == 2, "btree comparison functions must have two arguments");
          require(function.result == oid::kInt4, "btree comparison functions must return integer");
          return take(2);
        case 2:
          require(arguments.size() == 1 && arguments[0] == oid::kInternal, "btree sort support functions must accept type \"internal\"");
          require(function.result == oid::kVoid, "btree sort support functions must return void");
          return;
        case 3:
          require(arguments.size() == 5, "btree in_range functions must have five arguments");
          require(function.result == oid::kBool, "btree in_range functions must return boolean");
          if (member.left == kInvalidOid) member.left = arguments[0];
          if (member.right == kInvalidOid) member.right = arguments[2];
          return;
        case 4:
          require(arguments.size() == 1, "btree equal image functions must have one argument");
          require(function.result == oid::kBool, "btree equal image functions must return boolean");
          if (member.left != member.right) fail("btree equal image functions must not be cross-type");
          return;
        default: return;
      }
    }
    if (method_.name == "hash") {
      if (member.number == 1) {
        require(arguments.size() == 1, "hash function 1 must have one argument");
        require(function.result == oid::kInt4, "hash function 1 must return integer");
        return take(1);
      }
      if (member.number == 2) {
        require(arguments.size() == 2, "hash function 2 must have two arguments");
        require(function.result == oid::kInt8, "hash function 2 must return bigint");
        return take(1);
      }
    }
  }

  void add(std::vector<FamilyMember>& list, FamilyMember member, const char* what) {
    for (const auto& other : list) {
      if (other.number != member.number || other.left != member.left || other.right != member.right) continue;
      fail(std::string(what) + " number " + std::to_string(member.number) + " for " + pair_text(context_, member) + " appears more than once");
    }
    member.oid = context_.catalog().allocate_oid();
    list.push_back(member);
  }

  CommandContext& context_;
  const Method& method_;
};

// The operator or function itself.
std::string member_text(CommandContext& context, const FamilyMember& member, bool is_operator) {
  if (is_operator) {
    auto made = context.catalog_version()->find_operator(member.object);
    const auto* op = made != nullptr ? &made->record() : functions::find_operator(member.object);
    return op == nullptr ? "" : std::string(op->name) + "(" + type_text(context, op->left) + "," + type_text(context, op->right) + ")";
  }
  auto made = context.catalog_version()->routine(member.object);
  const auto* function = made != nullptr ? &made->function() : functions::find_function(member.object);
  if (function == nullptr) return {};
  std::string list;
  for (Oid type : function->arguments) list += (list.empty() ? "" : ",") + type_text(context, type);
  return std::string(function->name) + "(" + list + ")";
}

// What a family's members need.
void refresh_dependencies(CommandContext& context, catalog::OperatorFamily& family) {
  auto version = context.catalog_version();
  std::erase_if(family.dependencies, [](const auto& d) { return d.kind == 'n'; });
  auto need = [&](Oid object) {
    catalog::Dependency dependency{object, 0, 'n'};
    if (object >= kFirstNormalOid && std::find(family.dependencies.begin(), family.dependencies.end(), dependency) == family.dependencies.end()) {
      family.dependencies.push_back(dependency);
    }
  };
  for (const auto& member : family.operators) need(member.object);
  for (const auto& member : family.functions) need(member.object);
}

std::shared_ptr<catalog::OperatorFamily> new_family(CommandContext& context, const std::string& method, Oid schema, std::string_view name) {
  if (context.catalog_version()->find_operator_family(method, schema, name, context.database()) != nullptr) {
    throw SqlError(Sqlstate::DuplicateObject, "operator family \"" + std::string(name) + "\" for access method \"" + method + "\" already exists");
  }
  auto family = std::make_shared<catalog::OperatorFamily>();
  family->oid = context.catalog().allocate_oid();
  family->database = context.database();
  family->schema = schema;
  family->name = name;
  family->owner = context.current_role();
  family->method = method;
  return family;
}

// Of btree and hash: what a class of the family has its operands from belongs to it.
Oid class_of(CommandContext& context, const catalog::OperatorFamily& family, const FamilyMember& member) {
  if (member.left != member.right || (family.method != "btree" && family.method != "hash")) return kInvalidOid;
  for (const auto& object : context.catalog_version()->objects(context.database())) {
    if (object->kind != catalog::ObjectKind::OperatorClass) continue;
    const auto& made = static_cast<const catalog::OperatorClass&>(*object);
    if (made.family == family.oid && made.input == member.left) return made.oid;
  }
  return kInvalidOid;
}

void merge(CommandContext& context, catalog::OperatorFamily& family, const Members& members, Oid opclass) {
  auto add = [&](std::vector<FamilyMember>& to, const std::vector<FamilyMember>& from, const char* what) {
    for (auto member : from) {
      for (const auto& other : to) {
        if (other.number != member.number || other.left != member.left || other.right != member.right) continue;
        throw SqlError(Sqlstate::DuplicateObject, std::string(what) + " " + std::to_string(member.number) + pair_text(context, member) +
                                                      " already exists in operator family \"" + visible_name(context, family) + "\"");
      }
      member.opclass = opclass != kInvalidOid ? opclass : class_of(context, family, member);
      to.push_back(member);
    }
  };
  add(family.operators, members.operators, "operator");
  add(family.functions, members.functions, "function");
  refresh_dependencies(context, family);
}

// Of methods that keep several keys a row: the function that says how they are made.
std::string key_symbol(CommandContext& context, const Method& method, const Members& members) {
  if (!functions::is_inverted_method(method.name)) return {};
  for (const auto& member : members.functions) {
    auto routine = context.catalog_version()->routine(member.object);
    if (routine != nullptr && routine->language == "internal" && functions::find_inverted_strategy(routine->body) != nullptr) return routine->body;
  }
  return {};
}

}  // namespace

CommandResult create_operator_class(const ast::CreateOpClassStmt& statement, CommandContext& context) {
  Method method = find_method(statement.amname);
  ast::RangeVar written = range_var(context, statement.opclassname);
  Oid schema = written.schemaname.empty() ? context.creation_schema() : find_schema(context, written.schemaname, false);
  check_may_create(context, schema, 0);
  require_superuser(context, "must be superuser to create an operator class");
  auto version = context.catalog_version();
  Oid type = analyzer::resolve_type(context.analyzer_context(*version), *statement.datatype).oid;
  std::string name(written.relname);
  std::shared_ptr<catalog::OperatorFamily> family;
  Oid built_in_family = kInvalidOid;
  if (!statement.opfamilyname.empty()) {
    auto found = find_family(context, method.name, statement.opfamilyname, false);
    if (found.made != nullptr) family = copy_of(found.made);
    else built_in_family = found.oid;
  } else if (auto same = version->find_operator_family(method.name, schema, name, context.database())) {
    family = copy_of(same);
  } else {
    family = new_family(context, method.name, schema, name);
  }
  if (built_in_family != kInvalidOid) throw_not_supported("an operator class in a built-in operator family");
  Members members(context, method);
  Oid stored = kInvalidOid;
  for (const auto* item : statement.items) {
    switch (item->itemtype) {
      case ItemType::Operator: members.add_operator(*item, type); break;
      case ItemType::Function: members.add_function(*item, type); break;
      case ItemType::StorageType:
        if (stored != kInvalidOid) fail("storage type specified more than once");
        stored = analyzer::resolve_type(context.analyzer_context(*version), *item->storedtype).oid;
        break;
    }
  }
  if (stored == type) stored = kInvalidOid;
  if (stored != kInvalidOid && !method.stores) fail("storage type cannot be different from data type for access method \"" + method.name + "\"");
  lock_name(context, catalog::kPgOpclassOid, schema, method.name + " " + name);
  if (version->find_operator_class(method.name, schema, name, context.database()) != nullptr) {
    throw SqlError(Sqlstate::DuplicateObject, "operator class \"" + name + "\" for access method \"" + method.name + "\" already exists");
  }
  if (statement.is_default) {
    auto other = version->default_operator_class(method.name, type, context.database());
    Oid built_in = other == nullptr ? catalog::built_in_default_opclass(catalog::access_method(method.name), type) : kInvalidOid;
    if (other != nullptr || built_in != kInvalidOid) {
      std::string known = other != nullptr ? other->name : std::string(catalog::built_in_opclass_name(built_in));
      throw SqlError(Sqlstate::DuplicateObject, "could not make operator class \"" + name + "\" be default for type " + dotted(statement.datatype->names))
          .detail("Operator class \"" + known + "\" already is the default.");
    }
  }
  auto made = std::make_shared<catalog::OperatorClass>();
  made->oid = context.catalog().allocate_oid();
  made->database = context.database();
  made->schema = schema;
  made->name = name;
  made->owner = context.current_role();
  made->method = method.name;
  made->family = family->oid;
  made->input = type;
  made->key = stored;
  made->is_default = statement.is_default;
  made->keys = key_symbol(context, method, members);
  made->dependencies.push_back({family->oid, 0, 'a'});
  for (Oid used : {type, stored}) {
    if (auto owner = used == kInvalidOid ? nullptr : version->type_owner(used)) made->dependencies.push_back({owner->oid, 0, 'n'});
  }
  for (const auto& member : members.operators) {
    if (member.object >= kFirstNormalOid) made->dependencies.push_back({member.object, 0, 'n'});
  }
  for (const auto& member : members.functions) {
    if (member.object >= kFirstNormalOid) made->dependencies.push_back({member.object, 0, 'n'});
  }
  merge(context, *family, members, made->oid);
  context.catalog_changes().put(family);
  context.catalog_changes().put(made);
  return {"CREATE OPERATOR CLASS", {}, {}};
}

CommandResult create_operator_family(const ast::CreateOpFamilyStmt& statement, CommandContext& context) {
  ast::RangeVar written = range_var(context, statement.opfamilyname);
  Oid schema = written.schemaname.empty() ? context.creation_schema() : find_schema(context, written.schemaname, false);
  check_may_create(context, schema, 0);
  Method method = find_method(statement.amname);
  require_superuser(context, "must be superuser to create an operator family");
  lock_name(context, catalog::kPgOpfamilyOid, schema, method.name + " " + std::string(written.relname));
  context.catalog_changes().put(new_family(context, method.name, schema, written.relname));
  return {"CREATE OPERATOR FAMILY", {}, {}};
}

CommandResult alter_operator_family(const ast::AlterOpFamilyStmt& statement, CommandContext& context) {
  Method method = find_method(statement.amname);
  auto found = find_family(context, method.name, statement.opfamilyname, false);
  require_superuser(context, "must be superuser to alter an operator family");
  if (found.made == nullptr) throw_not_supported("ALTER OPERATOR FAMILY of a built-in family");
  auto family = copy_of(found.made);
  Members members(context, method);
  for (const auto* item : statement.items) {
    if (item->itemtype == ItemType::StorageType) throw SqlError(Sqlstate::SyntaxError, "STORAGE cannot be specified in ALTER OPERATOR FAMILY");
    bool of_operators = item->itemtype == ItemType::Operator;
    if (!statement.is_drop) {
      if (of_operators) members.add_operator(*item, kInvalidOid);
      else members.add_function(*item, kInvalidOid);
      continue;
    }
    const char* what = of_operators ? "operator" : "function";
    members.check_number(what, item->number, of_operators ? method.operators : method.functions);
    FamilyMember wanted;
    wanted.number = item->number;
    members.read_types(item->class_args, wanted);
    auto& list = of_operators ? family->operators : family->functions;
    auto at = std::find_if(list.begin(), list.end(), [&](const auto& m) { return m.number == wanted.number && m.left == wanted.left && m.right == wanted.right; });
    if (at == list.end()) {
      throw SqlError(Sqlstate::UndefinedObject, std::string(what) + " " + std::to_string(wanted.number) + pair_text(context, wanted) +
                                                    " does not exist in operator family \"" + visible_name(context, *family) + "\"");
    }
    if (at->opclass != kInvalidOid && context.catalog_version()->operator_class(at->opclass) != nullptr) {
      auto opclass = context.catalog_version()->operator_class(at->opclass);
      std::string member = std::string(what) + " " + std::to_string(wanted.number) + " (" + type_text(context, wanted.left) + ", " +
                           type_text(context, wanted.right) + ") of operator family " + family->name + " for access method " + method.name + ": " +
                           member_text(context, *at, of_operators);
      std::string owner = "operator class " + opclass->name + " for access method " + method.name;
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop " + member + " because " + owner + " requires it").hint("You can drop " + owner + " instead.");
    }
    list.erase(at);
  }
  merge(context, *family, members, kInvalidOid);
  context.catalog_changes().put(family);
  return {"ALTER OPERATOR FAMILY", {}, {}};
}

catalog::ObjectPtr find_operator_class(CommandContext& context, ast::ObjectType type, const ast::Node& object, bool missing_ok) {
  bool is_class = type == ast::ObjectType::Opclass;
  const auto& list = *ast::node_cast<ast::ListNode>(&object);
  std::string method(ast::node_cast<ast::String>(list.items[0])->sval);
  auto names = names_of(*list.items[1]);
  if (catalog::access_method(method) == kInvalidOid) {
    std::string text = "access method \"" + method + "\" does not exist";
    if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
    notice(context, text + ", skipping");
    return nullptr;
  }
  auto version = context.catalog_version();
  ast::RangeVar written = range_var(context, names);
  std::vector<Oid> path = context.analyzer_context(*version).search_path;
  if (!written.schemaname.empty()) {
    Oid schema = find_schema(context, written.schemaname, true);
    if (schema == kInvalidOid) {
      if (!missing_ok) find_schema(context, written.schemaname, false);
      notice(context, "schema \"" + std::string(written.schemaname) + "\" does not exist, skipping");
      return nullptr;
    }
    path = {schema};
  }
  for (Oid schema : path) {
    catalog::ObjectPtr found;
    if (is_class) found = version->find_operator_class(method, schema, written.relname, context.database());
    else found = version->find_operator_family(method, schema, written.relname, context.database());
    if (found != nullptr) return found;
  }
  std::string what = is_class ? "operator class" : "operator family";
  Oid am = catalog::access_method(method);
  bool built_in = is_class ? catalog::find_built_in_opclass(am, written.relname, kInvalidOid) != kInvalidOid : catalog::built_in_opfamily(am, written.relname) != kInvalidOid;
  if (built_in) {
    throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop " + what + " " + std::string(written.relname) + " for access method " + method +
                                                             " because it is required by the database system");
  }
  std::string text = what + " \"" + dotted(names) + "\" does not exist for access method \"" + method + "\"";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

void check_operator_class_name(CommandContext& context, const catalog::Object& object, Oid schema, std::string_view name) {
  auto version = context.catalog_version();
  bool is_class = object.kind == catalog::ObjectKind::OperatorClass;
  std::string method = is_class ? static_cast<const catalog::OperatorClass&>(object).method : static_cast<const catalog::OperatorFamily&>(object).method;
  catalog::ObjectPtr found;
  if (is_class) found = version->find_operator_class(method, schema, name, context.database());
  else found = version->find_operator_family(method, schema, name, context.database());
  if (found == nullptr) return;
  auto in = version->schema(schema);
  throw SqlError(Sqlstate::DuplicateObject, std::string(is_class ? "operator class" : "operator family") + " \"" + std::string(name) + "\" for access method \"" + method +
                                                "\" already exists in schema \"" + (in == nullptr ? "" : in->name) + "\"");
}

}  // namespace aegis::commands
