#include "operator_family.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/functions/function.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;
using ast::CreateOpClassItem;
using catalog::Definition;
using catalog::FamilyMember;

struct Method {
  std::string_view name;
  Oid oid;
  int operators, functions, options_function;  // how many kinds of each; which function takes a class's options
};
constexpr Method kMethods[] = {{"btree", 403, 5, 5, 5}, {"hash", 405, 1, 3, 3}, {"gin", 2742, 32767, 7, 7}};

const Method& find_method(std::string_view name) {
  for (const auto& method : kMethods) {
    if (method.name == name) return method;
  }
  if (name == "gist" || name == "spgist" || name == "brin") throw_not_supported("access method \"" + std::string(name) + "\"");
  throw SqlError(Sqlstate::UndefinedObject, "access method \"" + std::string(name) + "\" does not exist");
}

[[noreturn]] void fail(std::string message) { throw SqlError(Sqlstate::InvalidObjectDefinition, std::move(message)); }

std::string type_text(CommandContext& context, Oid type) { return types::format_type({type}, context.types().names); }
std::string pair_text(CommandContext& context, const FamilyMember& member) {
  return "(" + type_text(context, member.left) + "," + type_text(context, member.right) + ")";
}

Oid resolve(CommandContext& context, const ast::TypeName& name) {
  auto version = context.catalog_version();
  return analyzer::resolve_type(context.analyzer_context(*version), name).oid;
}

// The schemas in which a written name may be.
std::vector<Oid> schemas_of(CommandContext& context, const ast::RangeVar& name) {
  if (name.schemaname.empty()) return context.search_path();
  Oid schema = find_schema(context, name.schemaname, false);
  auto object = context.catalog_version()->find(schema);
  catalog::check_privilege(*context.catalog_version(), context.current_role(), *object, 'U');
  return {schema};
}

DefinitionPtr find(CommandContext& context, Oid class_oid, const Method& method, ast::NameList names, bool missing_ok) {
  ast::RangeVar name = range_var(context, names);
  for (Oid schema : schemas_of(context, name)) {
    auto found = context.catalog_version()->find_definition(context.database(), class_oid, schema, method.oid, name.relname);
    if (found != nullptr) return found;
  }
  std::string text = std::string(class_oid == catalog::kPgOpclassOid ? "operator class" : "operator family") + " \"" + dotted(names) +
                     "\" does not exist for access method \"" + std::string(method.name) + "\"";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

std::shared_ptr<Definition> begin(CommandContext& context, Oid class_oid, const Method& method, ast::NameList names) {
  ast::RangeVar name = range_var(context, names);
  Oid schema = name.schemaname.empty() ? context.creation_schema() : find_schema(context, name.schemaname, false);
  check_may_create(context, schema, 0);
  auto made = std::make_shared<Definition>();
  made->class_oid = class_oid;
  made->method = method.oid;
  made->schema = schema;
  made->name = name.relname;
  made->database = context.database();
  made->owner = context.current_role();
  return made;
}

void check_new(CommandContext& context, const Definition& made, const Method& method) {
  if (context.catalog_version()->find_definition(context.database(), made.class_oid, made.schema, made.method, made.name) == nullptr) return;
  throw SqlError(Sqlstate::DuplicateObject, std::string(catalog::definition_kind(made)) + " \"" + made.name + "\" for access method \"" +
                                                std::string(method.name) + "\" already exists");
}

class Members {
 public:
  // `input`: the class's type; none for ALTER OPERATOR FAMILY.
  Members(CommandContext& context, const Method& method, Oid input) : context_(context), method_(method), input_(input) {}

  void add(const CreateOpClassItem& item) {
    FamilyMember member;
    member.number = item.number;
    member.is_function = item.itemtype == CreateOpClassItem::ItemType::Function;
    check_number(member);
    if (member.is_function) resolve_function(item, member);
    else resolve_operator(item, member);
    for (const auto& other : members_) {
      if (!same_slot(other, member)) continue;
      fail(std::string(member.is_function ? "function" : "operator") + " number " + std::to_string(member.number) + " for " + pair_text(context_, member) +
           " appears more than once");
    }
    member.oid = context_.catalog().allocate_oid();
    members_.push_back(member);
  }

  void check_number(const FamilyMember& member) const {
    int most = member.is_function ? method_.functions : method_.operators;
    if (member.number >= 1 && member.number <= most) return;
    fail(std::string("invalid ") + (member.is_function ? "function" : "operator") + " number " + std::to_string(member.number) + ", must be between 1 and " +
         std::to_string(most));
  }

  static bool same_slot(const FamilyMember& a, const FamilyMember& b) {
    return a.is_function == b.is_function && a.number == b.number && a.left == b.left && a.right == b.right;
  }
  const std::vector<FamilyMember>& list() const { return members_; }

 private:
  void resolve_operator(const CreateOpClassItem& item, FamilyMember& member) {
    auto version = context_.catalog_version();
    Oid left = input_, right = input_;
    if (!item.name->objargs.empty()) {
      left = item.name->objargs[0] == nullptr ? kInvalidOid : resolve(context_, *item.name->objargs[0]);
      right = item.name->objargs.size() < 2 || item.name->objargs[1] == nullptr ? kInvalidOid : resolve(context_, *item.name->objargs[1]);
    } else if (input_ == kInvalidOid) {
      throw SqlError(Sqlstate::SyntaxError, "operator argument types must be specified in ALTER OPERATOR FAMILY");
    }
    const auto* op = analyzer::find_exact_operator(context_.analyzer_context(*version), item.name->objname, left, right);
    if (op == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + type_text(context_, left) + " " + dotted(item.name->objname) + " " +
                                                      type_text(context_, right));
    }
    if (op->left == kInvalidOid) fail("index operators must be binary");
    if (!item.order_family.empty()) fail("access method \"" + std::string(method_.name) + "\" does not support ordering operators");
    if (op->result != oid::kBool) fail("index search operators must return boolean");
    member.object = op->oid;
    member.left = left;
    member.right = right;
  }

  void resolve_function(const CreateOpClassItem& item, FamilyMember& member) {
    if (!item.class_args.empty()) types_of(context_, item.class_args, member);
    auto version = context_.catalog_version();
    std::vector<Oid> arguments;
    std::string list;
    for (const auto* type : item.name->objargs) {
      arguments.push_back(resolve(context_, *type));
      list += (list.empty() ? "" : ", ") + type_text(context_, arguments.back());
    }
    const auto* function = analyzer::find_exact_function(context_.analyzer_context(*version), item.name->objname, arguments);
    if (function == nullptr) throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(item.name->objname) + "(" + list + ") does not exist");
    member.object = function->oid;
    check_function(*function, arguments, member);
  }

  void check_function(const functions::Function& function, const std::vector<Oid>& arguments, FamilyMember& member) {
    bool left_given = member.left != kInvalidOid, right_given = member.right != kInvalidOid;
    auto take = [&](Oid left, Oid right) {
      if (!left_given) member.left = left;
      if (!right_given) member.right = right;
    };
    if (member.number == method_.options_function) {
      if (input_ != kInvalidOid) {
        if ((left_given && member.left != input_) || (right_given && member.right != input_)) {
          fail("associated data types for operator class options parsing functions must match opclass input type");
        }
      } else if (member.left != member.right) {
        fail("left and right associated data types for operator class options parsing functions must match");
      }
      if (function.result != oid::kVoid || arguments.size() != 1 || arguments[0] != oid::kInternal) {
        throw SqlError(Sqlstate::InvalidObjectDefinition, "invalid operator class options parsing function")
            .hint("Valid signature of operator class options parsing function is (internal) RETURNS void.");
      }
    } else if (method_.name == "btree") {
      if (member.number == 1) {
        if (arguments.size() != 2) fail("btree comparison functions must have two arguments");
        if (function.result != oid::kInt4) fail("btree comparison functions must return integer");
        take(arguments[0], arguments[1]);
      } else if (member.number == 2) {
        if (arguments.size() != 1 || arguments[0] != oid::kInternal) fail("btree sort support functions must accept type \"internal\"");
        if (function.result != oid::kVoid) fail("btree sort support functions must return void");
      } else if (member.number == 3) {
        if (arguments.size() != 5) fail("btree in_range functions must have five arguments");
        if (function.result != oid::kBool) fail("btree in_range functions must return boolean");
        take(arguments[0], arguments[2]);
      } else if (member.number == 4) {
        if (arguments.size() != 1) fail("btree equal image functions must have one argument");
        if (function.result != oid::kBool) fail("btree equal image functions must return boolean");
        if (member.left != member.right) fail("btree equal image functions must not be cross-type");
      }
    } else if (method_.name == "hash") {
      if (member.number == 1) {
        if (arguments.size() != 1) fail("hash function 1 must have one argument");
        if (function.result != oid::kInt4) fail("hash function 1 must return integer");
        take(arguments[0], arguments[0]);
      } else if (member.number == 2) {
        if (arguments.size() != 2) fail("hash function 2 must have two arguments");
        if (function.result != oid::kInt8) fail("hash function 2 must return bigint");
        take(arguments[0], arguments[0]);
      }
    }
    if (member.left == kInvalidOid) member.left = input_;
    if (member.right == kInvalidOid) member.right = input_;
    if (member.left == kInvalidOid || member.right == kInvalidOid) fail("associated data types must be specified for index support function");
  }

 public:
  static void types_of(CommandContext& context, ast::List<ast::TypeName> names, FamilyMember& member) {
    if (names.empty() || names.size() > 2) throw SqlError(Sqlstate::SyntaxError, "one or two argument types must be specified");
    member.left = resolve(context, *names[0]);
    member.right = names.size() == 1 ? member.left : resolve(context, *names[1]);
  }

 private:
  CommandContext& context_;
  const Method& method_;
  Oid input_;
  std::vector<FamilyMember> members_;
};

// A definition needs the users' objects that it names.
void add_dependencies(CommandContext& context, Definition& definition, const std::vector<FamilyMember>& members) {
  auto version = context.catalog_version();
  auto add = [&](Oid object, char kind) {
    catalog::Dependency dependency{object, 0, kind};
    bool known = std::find(definition.dependencies.begin(), definition.dependencies.end(), dependency) != definition.dependencies.end();
    if (object >= kFirstNormalOid && !known) definition.dependencies.push_back(dependency);
  };
  for (const auto& member : members) add(member.object, 'n');
  for (Oid type : {definition.type, definition.storage_type}) {
    if (auto owner = version->type_owner(type)) add(owner->oid, 'n');
  }
  if (definition.family != kInvalidOid) add(definition.family, 'a');
}

void add_to_family(CommandContext& context, Definition& family, const std::vector<FamilyMember>& members, Oid op_class, const std::string& name) {
  for (const auto& member : members) {
    for (const auto& other : family.members) {
      if (!Members::same_slot(other, member)) continue;
      throw SqlError(Sqlstate::DuplicateObject, std::string(member.is_function ? "function " : "operator ") + std::to_string(member.number) +
                                                    pair_text(context, member) + " already exists in operator family \"" + name + "\"");
    }
    family.members.push_back(member);
    family.members.back().op_class = op_class;
  }
}

}  // namespace

std::string access_method_name(Oid oid) {
  for (const auto& method : kMethods) {
    if (method.oid == oid) return std::string(method.name);
  }
  return {};
}

CommandResult create_operator_family(const ast::CreateOpFamilyStmt& statement, CommandContext& context) {
  const Method& method = find_method(statement.amname);
  auto made = begin(context, catalog::kPgOpfamilyOid, method, statement.opfamilyname);
  require_superuser(context, "must be superuser to create an operator family");
  check_new(context, *made, method);
  made->oid = context.catalog().allocate_oid();
  context.catalog_changes().put(made);
  return {"CREATE OPERATOR FAMILY", {}, {}};
}

CommandResult alter_operator_family(const ast::AlterOpFamilyStmt& statement, CommandContext& context) {
  const Method& method = find_method(statement.amname);
  auto changed = copy_of(find(context, catalog::kPgOpfamilyOid, method, statement.opfamilyname, false));
  require_superuser(context, "must be superuser to alter an operator family");
  Members members(context, method, kInvalidOid);
  if (!statement.is_drop) {
    for (const auto* item : statement.items) {
      if (item->itemtype == CreateOpClassItem::ItemType::StorageType) {
        throw SqlError(Sqlstate::SyntaxError, "STORAGE cannot be specified in ALTER OPERATOR FAMILY");
      }
      members.add(*item);
    }
    add_to_family(context, *changed, members.list(), kInvalidOid, dotted(statement.opfamilyname));
    add_dependencies(context, *changed, members.list());
  }
  for (const auto* item : statement.items) {
    if (!statement.is_drop) break;
    FamilyMember member;
    member.number = item->number;
    member.is_function = item->itemtype == CreateOpClassItem::ItemType::Function;
    members.check_number(member);
    Members::types_of(context, item->class_args, member);
    auto at = std::find_if(changed->members.begin(), changed->members.end(), [&](const auto& other) { return Members::same_slot(other, member); });
    if (at == changed->members.end()) {
      throw SqlError(Sqlstate::UndefinedObject, std::string(member.is_function ? "function " : "operator ") + std::to_string(member.number) +
                                                    pair_text(context, member) + " does not exist in operator family \"" + dotted(statement.opfamilyname) + "\"");
    }
    Oid object = at->object;
    changed->members.erase(at);
    bool used = std::any_of(changed->members.begin(), changed->members.end(), [&](const auto& other) { return other.object == object; });
    if (!used) std::erase_if(changed->dependencies, [&](const auto& dependency) { return dependency.object == object; });
  }
  context.catalog_changes().put(changed);
  return {"ALTER OPERATOR FAMILY", {}, {}};
}

CommandResult create_operator_class(const ast::CreateOpClassStmt& statement, CommandContext& context) {
  const Method& method = find_method(statement.amname);
  auto made = begin(context, catalog::kPgOpclassOid, method, statement.opclassname);
  require_superuser(context, "must be superuser to create an operator class");
  made->type = resolve(context, *statement.datatype);
  if (statement.is_default) throw_not_supported("CREATE OPERATOR CLASS … DEFAULT");
  std::shared_ptr<Definition> family;
  if (!statement.opfamilyname.empty()) {
    family = copy_of(find(context, catalog::kPgOpfamilyOid, method, statement.opfamilyname, false));
  } else if (auto same = context.catalog_version()->find_definition(context.database(), catalog::kPgOpfamilyOid, made->schema, method.oid, made->name)) {
    family = copy_of(same);
  } else {
    family = begin(context, catalog::kPgOpfamilyOid, method, statement.opclassname);
    family->oid = context.catalog().allocate_oid();
  }
  made->oid = context.catalog().allocate_oid();
  Members members(context, method, made->type);
  for (const auto* item : statement.items) {
    if (item->itemtype != CreateOpClassItem::ItemType::StorageType) {
      members.add(*item);
      continue;
    }
    if (made->storage_type != kInvalidOid) fail("storage type specified more than once");
    made->storage_type = resolve(context, *item->storedtype);
  }
  if (made->storage_type == made->type) made->storage_type = kInvalidOid;
  if (made->storage_type != kInvalidOid && method.name != "gin") {
    fail("storage type cannot be different from data type for access method \"" + std::string(method.name) + "\"");
  }
  if (context.catalog_version()->find_definition(context.database(), made->class_oid, made->schema, made->method, made->name) != nullptr) check_new(context, *made, method);
  made->family = family->oid;
  add_to_family(context, *family, members.list(), made->oid, family->name);
  add_dependencies(context, *made, members.list());
  context.catalog_changes().put(family);
  context.catalog_changes().put(made);
  return {"CREATE OPERATOR CLASS", {}, {}};
}

DefinitionPtr find_family_or_class(CommandContext& context, const ast::Node& object, bool is_class, bool missing_ok) {
  const auto& list = static_cast<const ast::ListNode&>(object);
  const Method& method = find_method(static_cast<const ast::String*>(list.items[0])->sval);
  auto names = static_cast<const ast::QualifiedName*>(list.items[1])->names;
  return find(context, is_class ? catalog::kPgOpclassOid : catalog::kPgOpfamilyOid, method, names, missing_ok);
}

void check_family_name(CommandContext& context, const Definition& definition, Oid schema, std::string_view name) {
  auto version = context.catalog_version();
  if (version->find_definition(context.database(), definition.class_oid, schema, definition.method, name) == nullptr) return;
  throw SqlError(Sqlstate::DuplicateObject, std::string(catalog::definition_kind(definition)) + " \"" + std::string(name) + "\" for access method \"" +
                                                access_method_name(definition.method) + "\" already exists in schema \"" + version->schema(schema)->name + "\"");
}

}  // namespace aegis::commands
